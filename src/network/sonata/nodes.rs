//! Nodes as populations: who is of which model, and with which parameters.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use serde_json::{Map, Value as Json};

use super::cells::{self, Cell};
use super::config::{Both, Config};
use super::elements::{Attribute, Elements, Types};
use super::error::SonataError;
use super::hdf5::Hdf5;
use super::{Circuit, quantity};
use crate::network::{Distribution, Positions, Value};

type Outcome<T> = Result<T, SonataError>;

/// All nodes of a circuit.
pub struct Nodes {
    pub populations: Vec<NodePopulation>,
    /// The populations that come of them here.
    pub groups: Vec<Group>,
}

/// Nodes of a population of SONATA.
pub struct NodePopulation {
    pub name: String,
    pub elements: Elements,
    /// Of each node: the population here, the neuron in it.
    pub places: Vec<(usize, u64)>,
}

/// Nodes of one model: a population here.
pub struct Group {
    pub name: String,
    /// Its nodes, by number in a population of SONATA.
    pub population: usize,
    pub nodes: Vec<usize>,
    /// `None`: virtual, they spike at given times.
    pub cell: Option<&'static Cell>,
    /// Receptors of cells that have a port for each.
    pub receptors: usize,
    /// Neuron and time in ms, of virtual nodes.
    pub spikes: Vec<(u64, f64)>,
}

impl Group {
    /// What it is called here; `spike_times` of virtual nodes.
    fn model(&self) -> String {
        match self.cell {
            None => "spike_times".into(),
            Some(cell) if cell.receptors => format!("{}_{}", cell.model, self.receptors),
            Some(cell) => cell.model.into(),
        }
    }

    /// The equations of a model that is not of the library.
    fn equations(&self) -> Option<String> {
        match self.cell? {
            cell if cell.receptors => Some(cells::glif_equations(self.receptors)),
            cell if cell.model == "intfire1" => Some(cells::INTFIRE1_EQUATIONS.into()),
            _ => None,
        }
    }
}

impl Nodes {
    pub fn read(both: &Both) -> Outcome<Nodes> {
        let mut all = Nodes { populations: Vec::new(), groups: Vec::new() };
        for files in both.circuit.files("nodes")? {
            let file = Hdf5::open(&files.arrays)?;
            for name in file.groups("nodes")? {
                if all.populations.iter().any(|other| other.name == name) {
                    return Err(file.wrong(&format!("nodes/{name}"), "there are nodes of this name in another file"));
                }
                let at = format!("nodes/{name}");
                let elements = Elements::read(&file, &at, "node", Types::read(&files, "node")?)?;
                if file.datasets(&at)?.iter().any(|name| name == "node_id") {
                    let at = format!("{at}/node_id");
                    let ids = file.of_length(&at, file.whole(&at)?, elements.count(), "node_type_id")?;
                    if let Some(k) = (0..ids.len()).find(|k| ids[*k] != *k as u64) {
                        return Err(
                            file.wrong(&at, format!("node {k} has the number {}, expected nodes in order from 0 on", ids[k]))
                        );
                    }
                }
                all.add(name, elements)?;
            }
        }
        if all.populations.is_empty() {
            return Err(both.circuit.wrong("networks.nodes", "expected files of nodes, found none"));
        }
        Ok(all)
    }

    fn add(&mut self, name: String, elements: Elements) -> Outcome<()> {
        // by model, in the order in which they come
        let mut models: Vec<(Option<&'static Cell>, Vec<usize>)> = Vec::new();
        let mut of_type: BTreeMap<u64, Option<&'static Cell>> = BTreeMap::new();
        let own = elements.names("").iter().any(|name| name == "model_type" || name == "model_template");
        for node in 0..elements.count() {
            let cell = match of_type.get(&elements.type_of(node)).filter(|_| !own) {
                Some(cell) => *cell,
                None => cell_of(&elements, node)?,
            };
            of_type.insert(elements.type_of(node), cell);
            let same = |other: &Option<&'static Cell>| other.map(|cell| cell.template) == cell.map(|cell| cell.template);
            match models.iter_mut().find(|(other, _)| same(other)) {
                Some((_, nodes)) => nodes.push(node),
                None => models.push((cell, vec![node])),
            }
        }
        let mut places = vec![(0, 0); elements.count()];
        let single = models.len() == 1;
        for (cell, nodes) in models {
            nodes.iter().enumerate().for_each(|(neuron, node)| places[*node] = (self.groups.len(), neuron as u64));
            let model = cell.map_or("virtual", |cell| cell.model);
            let name = if single { name.clone() } else { format!("{name}_{model}") };
            self.groups.push(Group { name, population: self.populations.len(), nodes, cell, receptors: 0, spikes: Vec::new() });
        }
        self.populations.push(NodePopulation { name, elements, places });
        Ok(())
    }

    /// Nodes of a set: the name of one, or of a population, or what is said of them; by population of SONATA.
    ///
    /// **Errors** a name that nothing has; what is no set.
    pub fn set(&self, both: &Both, config: &Config, place: &str, said: Option<&Json>) -> Outcome<Vec<(usize, Vec<usize>)>> {
        let all = |p: usize| (p, (0..self.populations[p].elements.count()).collect::<Vec<usize>>());
        match said {
            None | Some(Json::Null) => Ok((0..self.populations.len()).map(all).collect()),
            Some(Json::String(name)) => {
                if let Some((sets, set)) = both.node_sets.as_ref().and_then(|sets| Some((sets, sets.json.get(name)?))) {
                    if set.as_str() == Some(name) {
                        return Err(sets.wrong(name, "a set of nodes that is itself"));
                    }
                    return match set {
                        // a set by the name of another may lead in a circle
                        Json::Object(_) => self.matching(sets, name, set),
                        Json::Array(names) => {
                            let mut found = Vec::new();
                            for one in names {
                                let one = one.as_str().and_then(|one| sets.json.get(one)).filter(|set| set.is_object());
                                let Some(one) = one else {
                                    return Err(sets.wrong(name, "expected names of sets that say what is said of their nodes"));
                                };
                                found.extend(self.matching(sets, name, one)?);
                            }
                            Ok(found)
                        }
                        _ => Err(sets.wrong(name, "expected what is said of nodes, such as {\"population\": \"v1\"}")),
                    };
                }
                if let Some(p) = self.populations.iter().position(|population| population.name == *name) {
                    return Ok(vec![all(p)]);
                }
                if name == "all" {
                    return Ok((0..self.populations.len()).map(all).collect());
                }
                let names = self.populations.iter().map(|p| format!("`{}`", p.name)).collect::<Vec<_>>().join(", ");
                let message = format!("no set of nodes and no population is called `{name}`; populations are {names}");
                Err(config.wrong(place, message))
            }
            Some(set @ Json::Object(_)) => self.matching(config, place, set),
            Some(other) => Err(config.wrong(place, format!("expected a set of nodes, found {other}"))),
        }
    }

    /// Nodes of which everything holds that a set says.
    fn matching(&self, config: &Config, place: &str, set: &Json) -> Outcome<Vec<(usize, Vec<usize>)>> {
        let empty = Map::new();
        let set = set.as_object().unwrap_or(&empty);
        let one_of = |value: &Json, is: &dyn Fn(&Json) -> bool| match value {
            Json::Array(list) => list.iter().any(is),
            one => is(one),
        };
        if let Some((key, _)) = set.iter().find(|(_, value)| value.is_object()) {
            return Err(config.wrong(format!("{place}.{key}"), "expected a value or a list of values; conditions are not read"));
        }
        let mut found = Vec::new();
        for (p, population) in self.populations.iter().enumerate() {
            let named = |value: &Json| value.as_str() == Some(&population.name);
            if set.get("population").is_some_and(|value| !one_of(value, &named)) {
                continue;
            }
            let elements = &population.elements;
            let holds = |node: usize, key: &str, value: &Json| match key {
                "population" => true,
                "node_id" | "node_ids" => one_of(value, &|one| one.as_u64() == Some(node as u64)),
                "node_type_id" => one_of(value, &|one| one.as_u64() == Some(elements.type_of(node))),
                key => match elements.said(node, key) {
                    None => false,
                    Some(Attribute::Number(x)) => one_of(value, &|one| one.as_f64() == Some(x)),
                    Some(Attribute::Text(text)) => one_of(value, &|one| one.as_str() == Some(&text)),
                },
            };
            let nodes: Vec<usize> =
                (0..elements.count()).filter(|node| set.iter().all(|(key, value)| holds(*node, key, value))).collect();
            if !nodes.is_empty() {
                found.push((p, nodes));
            }
        }
        Ok(found)
    }

    /// Neurons of populations here, of nodes by population of SONATA.
    pub fn neurons(&self, nodes: &[(usize, Vec<usize>)]) -> BTreeMap<usize, Vec<u64>> {
        let mut neurons: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for (p, nodes) in nodes {
            for node in nodes {
                let (group, neuron) = self.populations[*p].places[*node];
                neurons.entry(group).or_default().push(neuron);
            }
        }
        neurons.values_mut().for_each(|list| {
            list.sort_unstable();
            list.dedup();
        });
        neurons
    }

    /// Adds the populations to a network, with their parameters and places.
    pub fn populate(&mut self, both: &Both, circuit: &mut Circuit) -> Outcome<()> {
        let mut said = BTreeMap::new();
        for group in &mut self.groups {
            let elements = &self.populations[group.population].elements;
            let mut table = Table::default();
            let (mut parameters, mut initial) = (Vec::new(), Vec::new());
            if let Some(cell) = group.cell {
                for own in parameters_of(both, elements, group, cell, &mut said)? {
                    let start = own.there == "V_m" || own.there.starts_with("asc_init");
                    let value = table.value(&own.here, own.unit, own.values);
                    if start { initial.push((own.here, value)) } else { parameters.push((own.here, value)) }
                }
                let model = format!("neuron {}\n", group.model());
                if let Some(text) = group.equations().filter(|_| !circuit.network.equations.contains(&model)) {
                    circuit.network.equations(&text);
                }
            }
            let axes = table.positions(elements, &group.nodes)?;
            let tables = circuit.table(&format!("{}_nodes", group.name), table.text(group.nodes.len()));
            // a table without a column is none
            if table.columns.is_empty() {
                circuit.tables.pop();
            }
            let spikes =
                (group.cell.is_none()).then(|| circuit.table(&format!("{}_spikes", group.name), spikes_text(&group.spikes)));
            let population = circuit.network.population(&group.name, group.model(), group.nodes.len() as u64);
            let named = |value: Value| match value {
                Value::Distribution(law) => match *law {
                    Distribution::Column { column, unit, .. } => {
                        Value::from(Distribution::Column { file: Some(PathBuf::from(&tables)), column, unit })
                    }
                    other => Value::from(other),
                },
                value => value,
            };
            for (name, value) in parameters {
                population.parameter(name, named(value));
            }
            for (name, value) in initial {
                population.initial(name, named(value));
            }
            if !axes.is_empty() {
                population.positions = Some(Positions::table(&tables, axes, "um"));
            }
            if let Some(name) = spikes {
                population.spike_file(name);
            }
            if group.cell.is_some() {
                circuit.network.probe(&group.name, "spikes");
            }
        }
        let v_init = both.simulation.table("conditions")?.contains_key("v_init");
        if v_init && self.groups.iter().any(|group| group.cell.is_some_and(|cell| cell.start.is_some())) {
            let remark = "`conditions.v_init` is not used: cells of NEST begin at V_m, -70 mV if it is not given";
            circuit.remarks.push(remark.to_string());
        }
        for population in &self.populations {
            let parts = self.groups.iter().filter(|group| self.populations[group.population].name == population.name);
            let names: Vec<&str> = parts.map(|group| group.name.as_str()).collect();
            if names.len() > 1 {
                let names = names.join(", ");
                circuit.remarks.push(format!(
                    "nodes of `{}` are of several models, and neurons of {names} are counted on their own",
                    population.name
                ));
            }
        }
        Ok(())
    }
}

/// The model of a node.
fn cell_of(elements: &Elements, node: usize) -> Outcome<Option<&'static Cell>> {
    let kind = elements.text(node, "model_type").unwrap_or_default();
    if kind == "virtual" {
        return Ok(None);
    }
    if !matches!(kind.as_str(), "point_process" | "point_neuron") {
        let message = format!("it is `{kind}`, expected `virtual`, `point_process` or `point_neuron`");
        return Err(elements.wrong(node, "model_type", message).help("cells with a morphology are not read"));
    }
    let template = elements.text(node, "model_template").unwrap_or_default();
    cells::of(&template).map(Some).ok_or_else(|| {
        let message = format!("it is `{template}`, expected one of {}", cells::known());
        elements.wrong(node, "model_template", message)
    })
}

/// A parameter of the cells of a group: its name there and here, a value each.
struct Own {
    there: String,
    here: String,
    unit: &'static str,
    times: f64,
    default: f64,
    values: Vec<f64>,
}

/// Parameters of the cells of a group, and where they start.
fn parameters_of(
    both: &Both,
    elements: &Elements,
    group: &mut Group,
    cell: &'static Cell,
    said: &mut BTreeMap<PathBuf, Map<String, Json>>,
) -> Outcome<Vec<Own>> {
    let own = |there: &str, here: &str, unit, times, default| {
        let (there, here) = (there.to_string(), here.to_string());
        Own { there, here, unit, times, default, values: Vec::new() }
    };
    let mut all: Vec<Own> = cell.parameters.iter().map(|p| own(p.there, p.here, p.unit, p.times, p.default)).collect();
    all.extend(cell.start.map(|start| own("V_m", "v", "mV", 1.0, start)));
    let mut files = Vec::new();
    for node in &group.nodes {
        let path = match elements.text(*node, "dynamics_params") {
            Some(name) => Some(component(both, elements, *node, &name, "point_neuron_models_dir")?),
            None => None,
        };
        if let Some(path) = path.as_ref().filter(|path| !said.contains_key(*path)) {
            said.insert(path.clone(), flat(Config::read(path)?.json));
        }
        files.push(path);
    }
    let table = |path: &Option<PathBuf>| path.as_ref().and_then(|path| said.get(path));
    if cell.receptors {
        let count = |path: &Option<PathBuf>| {
            let keys = table(path).into_iter().flat_map(Map::keys).filter(|key| key.starts_with("tau_syn["));
            keys.count().max(1)
        };
        group.receptors = files.iter().map(count).max().unwrap_or(1);
        if let Some(k) = files.iter().position(|path| count(path) != group.receptors) {
            let message =
                format!("{} time constants, and other cells of `{}` have {}", count(&files[k]), group.name, group.receptors);
            return Err(SonataError::new(&files[k].clone().unwrap_or_default(), "tau_syn", message));
        }
        all.extend((1..group.receptors).map(|k| own(&format!("tau_syn[{k}]"), &format!("tau_{}", k + 1), "ms", 1.0, 2.0)));
    }
    let known = |name: &str| all.iter().any(|own| own.there == name);
    let expected = || {
        let names: Vec<String> = all.iter().map(|own| format!("`{}`", own.there)).collect();
        format!("`{}` has no such parameter here; it has {}", cell.template, names.join(", "))
    };
    let in_arrays = elements.names("dynamics_params/");
    if let Some(unknown) = in_arrays.iter().find(|name| !known(name)) {
        return Err(elements.wrong(group.nodes[0], &format!("dynamics_params/{unknown}"), expected()));
    }
    for path in said.keys().filter(|path| files.iter().any(|file| file.as_ref() == Some(*path))) {
        if let Some((key, _)) = said[path].iter().find(|(key, _)| !known(key) && *key != "type") {
            return Err(SonataError::new(path, key, expected()));
        }
    }
    for (node, path) in group.nodes.iter().zip(&files) {
        for own in &mut all {
            let dataset = format!("dynamics_params/{}", own.there);
            let value = match (elements.own(*node, &dataset), table(path).and_then(|table| table.get(&own.there))) {
                (Some(Attribute::Number(x)), _) if x.is_finite() => Some(x),
                (Some(other), _) => return Err(elements.wrong(*node, &dataset, format!("expected a number, found `{other}`"))),
                (None, Some(value)) => match value.as_f64().filter(|x| x.is_finite()) {
                    Some(x) => Some(x),
                    None => {
                        let file = path.clone().unwrap_or_default();
                        return Err(SonataError::new(&file, &own.there, format!("expected a number, found {value}")));
                    }
                },
                (None, None) => None,
            };
            own.values.push(value.unwrap_or(own.default) * own.times);
        }
    }
    if cell.receptors {
        for row in 0..group.nodes.len() {
            let mut values: Vec<(&str, f64)> = all.iter().map(|own| (own.there.as_str(), own.values[row])).collect();
            cells::glif(&mut values);
            let values: Vec<f64> = values.into_iter().map(|(_, value)| value).collect();
            all.iter_mut().zip(values).for_each(|(own, value)| own.values[row] = value);
        }
    }
    // what has no name here has done its work in others
    all.retain(|own| !own.here.is_empty());
    Ok(all)
}

/// Lists as `KEY[k]`, switches as 0 and 1.
fn flat(table: Map<String, Json>) -> Map<String, Json> {
    let mut out = Map::new();
    for (key, value) in table {
        match value {
            Json::Array(list) => list.into_iter().enumerate().for_each(|(k, value)| drop(out.insert(format!("{key}[{k}]"), value))),
            Json::Bool(on) => drop(out.insert(key, u8::from(on).into())),
            value => drop(out.insert(key, value)),
        }
    }
    out
}

/// The file of parameters that a node or an edge names.
pub fn component(both: &Both, elements: &Elements, k: usize, name: &str, key: &str) -> Outcome<PathBuf> {
    for config in [&both.circuit, &both.simulation] {
        if let Some(folder) = config.path_of(&config.table("components")?, key)? {
            return Ok(folder.join(name));
        }
    }
    let message = format!("it names `{name}`, and no configuration has `components.{key}`");
    Err(elements.wrong(k, "dynamics_params", message))
}

/// Columns with a line for each neuron.
#[derive(Default)]
struct Table {
    columns: Vec<(String, Vec<f64>)>,
}

impl Table {
    /// One value where all are the same, else a column.
    fn value(&mut self, name: &str, unit: &str, values: Vec<f64>) -> Value {
        match values.as_slice() {
            [first, rest @ ..] if rest.iter().all(|x| x.to_bits() == first.to_bits()) => quantity(*first, unit),
            [] => quantity(0.0, unit),
            _ => {
                self.columns.push((name.to_string(), values));
                let unit = Some(unit.to_string()).filter(|unit| !unit.is_empty());
                Distribution::Column { file: None, column: name.to_string(), unit }.into()
            }
        }
    }

    /// Columns of the places, if every node has one; their names.
    fn positions(&mut self, elements: &Elements, nodes: &[usize]) -> Outcome<Vec<&'static str>> {
        let mut axes = Vec::new();
        for axis in ["x", "y", "z"] {
            let values: Outcome<Option<Vec<f64>>> = nodes.iter().map(|node| elements.number(*node, axis)).collect();
            let Some(values) = values?.filter(|values| !values.is_empty()) else { break };
            self.columns.push((axis.to_string(), values));
            axes.push(axis);
        }
        Ok(axes)
    }

    fn text(&self, rows: usize) -> String {
        let mut text = self.columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(",") + "\n";
        for row in 0..rows {
            let line: Vec<String> = self.columns.iter().map(|(_, values)| values[row].to_string()).collect();
            text += &line.join(",");
            text.push('\n');
        }
        text
    }
}

fn spikes_text(spikes: &[(u64, f64)]) -> String {
    let mut text = String::from("neuron,time_ms\n");
    for (neuron, time) in spikes {
        // writing into a text does not fail
        let _ = writeln!(text, "{neuron},{time}");
    }
    text
}
