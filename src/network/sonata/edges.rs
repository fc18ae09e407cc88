//! Edges as projections: one for each port that those of a population reach, with a table of a line per edge.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use super::cells::Cell;
use super::config::{Both, Config};
use super::elements::{Elements, Types};
use super::error::SonataError;
use super::hdf5::Hdf5;
use super::nodes::{Nodes, component};
use super::{Circuit, quantity};
use crate::network::{Connector, Distribution, Value};

type Outcome<T> = Result<T, SonataError>;

/// In ms, of an edge that says none: that of NEST, and of NEURON's NetCon.
const DELAY: f64 = 1.0;

/// An edge: source, target, weight, delay in ms.
type Edge = (u64, u64, f64, f64);

/// What edges came to that was not as written.
#[derive(Default)]
struct Taken {
    without_delay: u64,
    short: u64,
}

/// Adds all projections to a network.
pub fn project(both: &Both, nodes: &Nodes, dt: f64, circuit: &mut Circuit) -> Outcome<()> {
    let mut taken = Taken::default();
    for files in both.circuit.files("edges")? {
        let file = Hdf5::open(&files.arrays)?;
        for name in file.groups("edges")? {
            let at = format!("edges/{name}");
            let elements = Elements::read(&file, &at, "edge", Types::read(&files, "edge")?)?;
            let ends = [end(&file, &at, "source", &name, nodes)?, end(&file, &at, "target", &name, nodes)?];
            let parts = parts(both, nodes, &elements, &ends, dt, &mut taken)?;
            let several = parts.len() > 1;
            for ((source, target, port), edges) in parts {
                let (source, target) = (&nodes.groups[source], &nodes.groups[target]);
                let Some(cell) = target.cell else { continue };
                let named = match several {
                    true => format!("{name} {} {} {}", source.name, target.name, port_of(cell, port)),
                    false => name.clone(),
                };
                let of = |pick: fn(&Edge) -> f64| edges.iter().map(pick).collect::<Vec<f64>>();
                let (weights, delays) = (of(|edge| edge.2), of(|edge| edge.3));
                let one = |values: &[f64]| values.iter().all(|x| x.to_bits() == values[0].to_bits());
                let path = circuit.table(&named, table(&edges, !one(&weights), !one(&delays)));
                let connector = Connector::File { path: path.into(), source_column: None, target_column: None };
                let value = |values: &[f64], column: &str, unit: &str| match one(values) {
                    true => quantity(values[0], unit),
                    false => {
                        let unit = Some(unit.to_string()).filter(|unit| !unit.is_empty());
                        Value::from(Distribution::Column { file: None, column: column.into(), unit })
                    }
                };
                let projection = circuit.network.project(&source.name, &target.name, port_of(cell, port), connector);
                projection.named(named).weight(value(&weights, "weight", cell.unit)).delay(value(&delays, "delay", "ms"));
            }
        }
    }
    if taken.without_delay > 0 {
        circuit.remarks.push(format!("{} edges have no `delay`: it is {DELAY} ms, as in NEST and NEURON", taken.without_delay));
    }
    if taken.short > 0 {
        circuit
            .remarks
            .push(format!("{} edges have a delay shorter than a step: it is {dt} ms, which is the shortest", taken.short));
    }
    Ok(())
}

/// The nodes at one end of the edges: their population, the node of each edge.
fn end(file: &Hdf5, at: &str, end: &str, edges: &str, nodes: &Nodes) -> Outcome<(usize, Vec<u64>)> {
    let path = format!("{at}/{end}_node_id");
    let ids = file.whole(&path)?;
    let said = match file.said(&path, "node_population")? {
        Some(said) => said,
        // as the names of edges are made where they are not chosen
        None => {
            let (source, target) = edges.split_once("_to_").unwrap_or_default();
            if end == "source" { source.to_string() } else { target.to_string() }
        }
    };
    let Some(p) = nodes.populations.iter().position(|population| population.name == said) else {
        let names = nodes.populations.iter().map(|p| format!("`{}`", p.name)).collect::<Vec<_>>().join(", ");
        let message = format!("its `node_population` is `{said}`, expected one of {names}");
        return Err(file.wrong(&path, message));
    };
    let count = nodes.populations[p].places.len() as u64;
    if let Some(k) = ids.iter().position(|id| *id >= count) {
        return Err(file.wrong(&path, format!("element {k}: expected a node of `{said}`, 0 to below {count}, found {}", ids[k])));
    }
    Ok((p, ids))
}

/// Edges by source, target and port of the target.
fn parts(
    both: &Both,
    nodes: &Nodes,
    elements: &Elements,
    ends: &[(usize, Vec<u64>); 2],
    dt: f64,
    taken: &mut Taken,
) -> Outcome<BTreeMap<(usize, usize, usize), Vec<Edge>>> {
    let mut parts: BTreeMap<(usize, usize, usize), Vec<Edge>> = BTreeMap::new();
    let mut signs: BTreeMap<u64, (f64, Option<f64>)> = BTreeMap::new();
    let mut files: BTreeMap<PathBuf, (f64, Option<f64>)> = BTreeMap::new();
    for ((_, ids), end) in ends.iter().zip(["source", "target"]) {
        if ids.len() != elements.count() {
            let message = format!("it has {} elements, and `edge_type_id` has {}", ids.len(), elements.count());
            return Err(SonataError::new(&elements.file, format!("{}/{end}_node_id", elements.at), message));
        }
    }
    for k in 0..elements.count() {
        let [(source, from), (target, to)] = [0, 1].map(|end| nodes.populations[ends[end].0].places[ends[end].1[k] as usize]);
        let Some(cell) = nodes.groups[target].cell else {
            let message = format!("edge {k} reaches a virtual node, which only sends spikes");
            return Err(SonataError::new(&elements.file, format!("{}/target_node_id", elements.at), message));
        };
        let (sign, receptor) = match signs.get(&elements.type_of(k)) {
            Some(known) => *known,
            None => {
                let known = checked(both, elements, k, &mut files)?;
                signs.insert(elements.type_of(k), known);
                known
            }
        };
        let Some(weight) = elements.number(k, "syn_weight")? else {
            let message = format!("edge {k} of type {} has no `syn_weight`, of itself or of its type", elements.type_of(k));
            return Err(SonataError::new(&elements.file, &elements.at, message));
        };
        let mut weight = weight * elements.number(k, "nsyns")?.unwrap_or(1.0) * sign;
        let receptors = nodes.groups[target].receptors;
        let port = match receptor {
            _ if !cell.receptors => usize::from(weight < 0.0 && cell.ports[0] != cell.ports[1]),
            Some(number) if number >= 1.0 && number <= receptors as f64 && number.fract() == 0.0 => number as usize - 1,
            None if receptors == 1 => 0,
            other => {
                let found = other.map_or("none".to_string(), |number| number.to_string());
                let message =
                    format!("expected a `receptor_type` of `{}`, 1 to {receptors}, found {found}", nodes.groups[target].name);
                return Err(elements.wrong(k, "dynamics_params", message));
            }
        };
        if weight < 0.0 && cell.magnitudes {
            weight = -weight;
        }
        let mut delay = elements.number(k, "delay")?.unwrap_or_else(|| {
            taken.without_delay += 1;
            DELAY
        });
        if delay < 0.0 {
            return Err(elements.wrong(k, "delay", format!("expected a time in ms from 0 on, found {delay}")));
        }
        if (delay / dt).round() < 1.0 {
            taken.short += 1;
            delay = dt;
        }
        parts.entry((source, target, port)).or_default().push((from, to, weight, delay));
    }
    Ok(parts)
}

/// The port of a cell by its number.
fn port_of(cell: &Cell, port: usize) -> String {
    if cell.receptors { format!("s_{}", port + 1) } else { cell.ports[port].to_string() }
}

/// The sign and the receptor of the edges of a type, of which everything else is checked.
fn checked(
    both: &Both,
    elements: &Elements,
    k: usize,
    files: &mut BTreeMap<PathBuf, (f64, Option<f64>)>,
) -> Outcome<(f64, Option<f64>)> {
    if let Some(law) = elements.text(k, "weight_function").filter(|law| law != "wmax") {
        let message = format!("it is `{law}`, expected `wmax` or none");
        return Err(elements.wrong(k, "weight_function", message).help("write the weights that it gives into `syn_weight`"));
    }
    let template = elements.text(k, "model_template").unwrap_or_default();
    if !matches!(template.trim_start_matches("nest:"), "" | "static_synapse") {
        let message = format!("it is `{template}`, expected `static_synapse` or none");
        return Err(elements.wrong(k, "model_template", message));
    }
    let Some(name) = elements.text(k, "dynamics_params") else { return Ok((1.0, None)) };
    let path = component(both, elements, k, &name, "synaptic_models_dir")?;
    if let Some(known) = files.get(&path) {
        return Ok(*known);
    }
    let config = Config::read(&path)?;
    let unknown = config.json.keys().find(|key| !matches!(key.as_str(), "sign" | "receptor_type" | "level_of_detail"));
    if let Some(unknown) = unknown {
        return Err(
            config.wrong(unknown, "edges of point neurons have no such parameter here: expected `sign`, `receptor_type` or none")
        );
    }
    let sign = config.number_of(&config.json, "sign", "")?.unwrap_or(1.0);
    let known = (sign, config.number_of(&config.json, "receptor_type", "")?);
    files.insert(path, known);
    Ok(known)
}

/// A line per edge; weights and delays where they differ.
fn table(edges: &[Edge], weights: bool, delays: bool) -> String {
    let mut text = String::from("source,target");
    text += if weights { ",weight" } else { "" };
    text += if delays { ",delay\n" } else { "\n" };
    for (source, target, weight, delay) in edges {
        // writing into a text does not fail
        let _ = write!(text, "{source},{target}");
        if weights {
            let _ = write!(text, ",{weight}");
        }
        if delays {
            let _ = write!(text, ",{delay}");
        }
        text.push('\n');
    }
    text
}
