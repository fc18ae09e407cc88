//! Inputs and reports of a simulation: spikes of virtual nodes, injected currents, what is recorded.

use serde_json::{Map, Value as Json};

use super::config::{Both, Config};
use super::error::SonataError;
use super::nodes::Nodes;
use super::{Circuit, spikes as list};
use crate::network::connector::table::read_table;
use crate::network::{Rows, Waveform};

type Outcome<T> = Result<T, SonataError>;

/// Kinds of inputs that are read.
const KINDS: &str = "`spikes` and `current_clamp`";

/// Gives virtual nodes their spikes.
pub fn spikes(both: &Both, nodes: &mut Nodes, circuit: &mut Circuit) -> Outcome<()> {
    let config = &both.simulation;
    for (name, input) in config.parts("inputs")? {
        let place = format!("inputs.{name}.");
        match config.text_of(&input, "input_type", &place)?.as_deref() {
            Some("spikes") => {}
            Some("current_clamp") => continue,
            other => {
                let found = other.unwrap_or("nothing");
                return Err(config.wrong(format!("{place}input_type"), format!("expected one of {KINDS}, found {found}")));
            }
        }
        let Some(path) = config.path_of(&input, "input_file")? else {
            return Err(config.wrong(format!("{place}input_file"), "expected a file of spikes"));
        };
        let module = config.text_of(&input, "module", &place)?;
        let set = nodes.set(both, config, &format!("{place}node_set"), input.get("node_set"))?;
        for (p, asked) in set {
            let population = &nodes.populations[p];
            let (ids, times) = match module.as_deref() {
                Some("csv") => from_table(&path, &population.name)?,
                None | Some("h5" | "sonata" | "synapse_replay") => list::read(&path, &population.name)?,
                Some(other) => {
                    let message = format!("expected `h5`, `sonata` or `csv`, found `{other}`");
                    return Err(config.wrong(format!("{place}module"), message));
                }
            };
            let count = population.places.len();
            let wanted = |node: u64| asked.len() == count || asked.binary_search(&(node as usize)).is_ok();
            let mut others = 0u64;
            for (id, time) in ids.iter().zip(times) {
                let Some((group, neuron)) = population.places.get(*id as usize).copied() else {
                    others += 1;
                    continue;
                };
                if !wanted(*id) {
                    continue;
                }
                let group = &mut nodes.groups[group];
                if group.cell.is_some() {
                    let message = format!("it gives spikes to nodes of `{}`, which are not virtual", group.name);
                    return Err(config.wrong(format!("{place}node_set"), message));
                }
                group.spikes.push((neuron, time));
            }
            if others > 0 {
                let (name, file) = (&population.name, path.display());
                circuit
                    .remarks
                    .push(format!("{others} spikes of `{file}` are left out: `{name}` has nodes 0 to below {count} alone"));
            }
        }
    }
    Ok(())
}

/// Spikes as bmtk writes them: `timestamps`, `node_ids`, and the population if there are several.
fn from_table(path: &std::path::Path, population: &str) -> Outcome<list::Listed> {
    let wrong = |e: &dyn std::fmt::Display| SonataError::new(path, "", e.to_string());
    let table = read_table(path).map_err(|e| wrong(&e))?;
    let column = |name: &str| table.numbers(name).map_err(|e| wrong(&e));
    let (ids, times) = (column("node_ids")?, column("timestamps")?);
    let whose = match table.find("population").map_err(|e| wrong(&e))? {
        Some(crate::network::connector::table::TableColumn::Texts(texts)) => Some(texts),
        _ => None,
    };
    let (mut out, mut ms) = (Vec::new(), Vec::new());
    for (row, (id, time)) in ids.iter().zip(times).enumerate() {
        if whose.is_some_and(|texts| texts[row] != population) {
            continue;
        }
        if !(*id >= 0.0 && id.fract() == 0.0 && *time >= 0.0) {
            return Err(wrong(&format!("row {row}: expected a node and a time from 0 on, found {id} and {time}")));
        }
        out.push(*id as u64);
        ms.push(*time);
    }
    Ok((out, ms))
}

/// Injected currents as stimuli.
pub fn currents(both: &Both, nodes: &Nodes, circuit: &mut Circuit) -> Outcome<()> {
    let config = &both.simulation;
    for (name, input) in config.parts("inputs")? {
        let place = format!("inputs.{name}.");
        if config.text_of(&input, "input_type", &place)?.as_deref() != Some("current_clamp") {
            continue;
        }
        let number = |key: &str| {
            let found = config.number_of(&input, key, &place)?;
            found.ok_or_else(|| config.wrong(format!("{place}{key}"), "expected a number"))
        };
        let (amp, delay, duration) = (number("amp")?, number("delay")?, number("duration")?);
        let set = nodes.set(both, config, &format!("{place}node_set"), input.get("node_set"))?;
        let neurons = nodes.neurons(&set);
        let several = neurons.len() > 1;
        for (group, rows) in neurons {
            let group = &nodes.groups[group];
            let Some(current) = group.cell.and_then(|cell| cell.current) else {
                let message = format!("it injects a current into `{}`, which takes none", group.name);
                return Err(config.wrong(format!("{place}node_set"), message));
            };
            let all = rows.len() == group.nodes.len();
            let waveform = Waveform::Constant { amplitude: format!("{amp} pA").into() };
            let stimulus = circuit.network.stimulate(&group.name, current, waveform);
            stimulus.named(if several { format!("{name} {}", group.name) } else { name.clone() });
            stimulus.from(format!("{delay} ms")).until(format!("{} ms", delay + duration));
            if !all {
                stimulus.rows(Rows::List(rows));
            }
        }
    }
    Ok(())
}

/// Reports as probes.
pub fn reports(both: &Both, nodes: &Nodes, circuit: &mut Circuit) -> Outcome<()> {
    let config = &both.simulation;
    for (name, report) in config.parts("reports")? {
        let place = format!("reports.{name}.");
        let module = config.text_of(&report, "module", &place)?;
        if !matches!(module.as_deref(), None | Some("membrane_report" | "multimeter_report")) {
            let found = module.unwrap_or_default();
            let message = format!("expected `membrane_report` or `multimeter_report`, found `{found}`");
            return Err(config.wrong(format!("{place}module"), message).help("switch it off: \"enabled\": false"));
        }
        let key = if report.contains_key("cells") { "cells" } else { "node_set" };
        let set = nodes.set(both, config, &format!("{place}{key}"), report.get(key))?;
        let every = config.number_of(&report, "dt", &place)?;
        for variable in variables(config, &report, &place)? {
            for (group, rows) in nodes.neurons(&set) {
                let group = &nodes.groups[group];
                // of virtual nodes there is no variable
                let Some(cell) = group.cell else { continue };
                let here = cell.states.iter().find(|(there, _)| *there == variable).map_or(variable.as_str(), |(_, here)| here);
                let all = rows.len() == group.nodes.len();
                let probe = circuit.network.probe(&group.name, here);
                if !all {
                    probe.rows(Rows::List(rows));
                }
                if let Some(ms) = every {
                    probe.every(format!("{ms} ms"));
                }
            }
        }
    }
    Ok(())
}

/// What a report is of.
fn variables(config: &Config, report: &Map<String, Json>, place: &str) -> Outcome<Vec<String>> {
    let wrong = || config.wrong(format!("{place}variable_name"), "expected the name of a variable, or a list of names");
    match report.get("variable_name") {
        Some(Json::String(name)) => Ok(vec![name.clone()]),
        Some(Json::Array(names)) => names.iter().map(|name| name.as_str().map(String::from).ok_or_else(wrong)).collect(),
        _ => Err(wrong()),
    }
}
