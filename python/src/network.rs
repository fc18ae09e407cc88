//! A network as Python describes it: sections by their keys.

use std::ops::ControlFlow;
use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use synfire::model::library;
use synfire::network::{Address, Connector, Value};
use synfire::plan::explain;
use synfire::simulation::check_whole;
use synfire::{Options, Variant};

use crate::error;
use crate::node::Node;
use crate::running;
use crate::simulation::Simulation;

/// A description; `synfire.Network` gives it keyword arguments.
#[pyclass(subclass, module = "synfire._core")]
pub struct Network {
    pub net: synfire::Network,
    /// Where files lie that it names.
    pub folder: PathBuf,
}

#[pymethods]
impl Network {
    #[new]
    #[pyo3(signature = (_keys, _folder))]
    fn new(py: Python<'_>, _keys: &Bound<'_, PyDict>, _folder: PathBuf) -> PyResult<Network> {
        let node = Node::of(_keys.as_any(), "Network")?;
        let net = synfire::Network::from_tree(node.tree(), "Network", Some(&_folder)).map_err(|e| error::reported(py, e))?;
        Ok(Network { net, folder: _folder })
    }

    /// From the text of a file.
    fn _read(&mut self, py: Python<'_>, text: &str, name: &str, json: bool) -> PyResult<()> {
        let read = if json { synfire::Network::from_json(text, name) } else { synfire::Network::from_toml(text, name) };
        self.net = read.map_err(|e| error::reported(py, e))?;
        Ok(())
    }

    /// From a file, with changes by name.
    fn _load(&mut self, py: Python<'_>, path: PathBuf, changes: Vec<(String, String)>) -> PyResult<()> {
        let changes: Vec<_> = changes.iter().map(|(key, value)| synfire::network::Change::new(key, value)).collect();
        self.net = synfire::Network::load_changed(&path, &changes).map_err(|e| error::reported(py, e))?;
        self.folder = path.parent().map(PathBuf::from).unwrap_or_default();
        Ok(())
    }

    fn _copy_from(&mut self, other: PyRef<'_, Network>) {
        self.net = other.net.clone();
        self.folder = other.folder.clone();
    }

    /// What a section of a network file says.
    fn _add(&mut self, py: Python<'_>, section: &str, keys: &Bound<'_, PyDict>) -> PyResult<()> {
        let mut node = Node::of(keys.as_any(), section)?;
        let (before, listed) = (self.net.projections.len(), if section == "projection" { ends(&mut node) } else { None });
        let added = self.net.add(section, &node, || node.tree(), Some(&self.folder));
        added.map_err(|e| error::reported(py, e))?;
        if let Some((source, target)) = listed {
            for projection in &mut self.net.projections[before..] {
                projection.connector = Connector::List { source: source.clone(), target: target.clone() };
            }
        }
        Ok(())
    }

    fn _include(&mut self, py: Python<'_>, other: PyRef<'_, Network>, rename: &str) -> PyResult<()> {
        self.net.include(&other.net, rename).map_err(|e| error::reported(py, e))?;
        Ok(())
    }

    fn _equations(&mut self, text: &str) {
        self.net.equations(text);
    }

    fn _set(&mut self, py: Python<'_>, address: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let node = Node::of(value, address)?;
        if let ("seed" | "name" | "description", Node::Whole(_) | Node::Text(_)) = (address, &node) {
            match (address, &node) {
                ("seed", Node::Whole(seed)) => self.net.seed = Some(*seed),
                ("name", Node::Text(name)) => self.net.name.clone_from(name),
                ("description", Node::Text(text)) => self.net.description.clone_from(text),
                (_, Node::Text(text)) => self.net.set(address, text).map_err(|e| error::reported(py, e))?,
                _ => return Err(error::call(py, &format!("`{address}` is a str"))),
            }
            return Ok(());
        }
        if let Node::Text(text) = &node {
            // texts may be lists and distributions, as on the command line
            return self.net.set(address, text).map_err(|e| error::reported(py, e));
        }
        let value = value_of(py, &node, address)?;
        let parsed = Address::parse(address, &self.net);
        let set = parsed.map_err(|d| error::call(py, &told(&d))).map(|address| self.net.put(&address, value));
        set?.map_err(|e| error::reported(py, e))
    }

    fn _to_toml(&self, py: Python<'_>) -> PyResult<String> {
        self.net.to_toml().map_err(|e| error::reported(py, e))
    }

    fn _to_json(&self, py: Python<'_>) -> PyResult<String> {
        self.net.to_json().map_err(|e| error::reported(py, e))
    }

    fn _save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        self.net.save(path).map_err(|e| error::reported(py, e))
    }

    #[getter]
    fn _folder(&self) -> PathBuf {
        self.folder.clone()
    }

    /// Names of sections' parts: populations, projections, stimuli, inputs, outputs.
    fn _names(&self) -> [Vec<String>; 5] {
        use synfire::network::Kind;
        [Kind::Population, Kind::Projection, Kind::Stimulus, Kind::Input, Kind::Output].map(|kind| kind.names(&self.net))
    }

    /// Number of parts by section, and what the whole says of itself.
    fn _told(&self) -> (String, [usize; 6]) {
        let n = &self.net;
        let counts = [n.populations.len(), n.projections.len(), n.stimuli.len(), n.probes.len(), n.inputs.len(), n.outputs.len()];
        (n.name.clone(), counts)
    }

    /// Everything that is wrong with it, or its SHA-256 and the remarks on it.
    fn _check(&self, py: Python<'_>) -> PyResult<(String, Vec<String>)> {
        let checked = py.detach(|| check_whole(&self.net, &[], &self.folder, None));
        let (checked, _) = checked.map_err(|e| error::raised(py, e))?;
        Ok((checked.hash().to_string(), checked.remarks().iter().map(ToString::to_string).collect()))
    }

    fn _explain(&self, py: Python<'_>, duration: f64) -> PyResult<String> {
        let told = py.detach(|| {
            let plan = self.net.plan(&Options::default().folder(&self.folder))?;
            let steps = (duration / plan.dt()).round() as u64;
            Ok(format!("{}{}", explain::table_of(&plan, steps), explain::signals(&self.net)))
        });
        told.map_err(|e| error::raised(py, e))
    }

    /// Bytes that it takes in all, without what is recorded.
    fn _memory(&self, py: Python<'_>) -> PyResult<u64> {
        let memory = py.detach(|| self.net.memory(&Options::default().folder(&self.folder)));
        memory.map(|memory| memory.bytes()).map_err(|e| error::raised(py, e))
    }

    /// Boxes and arrows, as SVG or for Graphviz.
    fn _diagram(&self, py: Python<'_>, dot: bool) -> PyResult<String> {
        let diagram = self.net.diagram();
        if dot {
            return Ok(diagram.to_dot());
        }
        synfire::plot::diagram(&diagram).map(|figure| figure.svg).map_err(|e| error::plot(py, e))
    }

    fn _compile(
        &self,
        py: Python<'_>,
        options: &Bound<'_, PyDict>,
        variants: Option<Vec<Bound<'_, PyDict>>>,
    ) -> PyResult<Simulation> {
        let options = running::options(options)?.folder(&self.folder);
        running::alone(py, &options)?;
        let made = match variants {
            None => {
                let compiled = py.detach(|| self.net.compile(&options));
                compiled.map_err(|e| error::raised(py, e))?
            }
            Some(variants) => {
                let variants = variants.iter().map(variant).collect::<PyResult<Vec<_>>>()?;
                let compiled = py.detach(|| self.net.compile_ensemble(&variants, &options));
                compiled.map_err(|e| error::raised(py, e))?
            }
        };
        Ok(Simulation::new(made))
    }
}

/// The two ends of a projection by `list` whose neurons stand in arrays of whole numbers: taken out, since serde would keep each number
/// in a box of its own on the way. Numbers below 0 stay, for the message that they are wrong.
fn ends(projection: &mut Node) -> Option<(Vec<u64>, Vec<u64>)> {
    let Node::Table(keys) = projection else { return None };
    let (_, connector) = keys.iter_mut().find(|(key, _)| key == "connector")?;
    let Node::Table(rule) = connector else { return None };
    if !rule.iter().any(|(key, value)| key == "rule" && matches!(value, Node::Text(text) if text == "list")) {
        return None;
    }
    let place = |wanted: &str| rule.iter().position(|(key, _)| key == wanted);
    let (source, target) = (place("source")?, place("target")?);
    let whole = |place: usize| match &rule[place].1 {
        Node::Wholes(list) => list.iter().map(|n| u64::try_from(*n).ok()).collect::<Option<Vec<u64>>>(),
        _ => None,
    };
    let found = (whole(source)?, whole(target)?);
    for place in [source, target] {
        rule[place].1 = Node::Wholes(Vec::new());
    }
    Some(found)
}

fn told(d: &synfire::diagnostic::Diagnostic) -> String {
    match &d.help {
        Some(help) => format!("{}\n  help: {help}", d.message),
        None => d.message.clone(),
    }
}

/// A value as a description has it.
pub fn value_of(py: Python<'_>, node: &Node, what: &str) -> PyResult<Value> {
    Value::deserialize(node.into_deserializer()).map_err(|e| error::call(py, &format!("`{what}`: {e}")))
}

/// A variant: `seed`, `label`, and values by their addresses.
fn variant(keys: &Bound<'_, PyDict>) -> PyResult<Variant> {
    let py = keys.py();
    let mut made = Variant::new();
    for (key, value) in keys {
        let key: String = key.extract()?;
        made = match key.as_str() {
            "seed" => made.seed(value.extract()?),
            "label" => made.label(value.extract::<String>()?),
            _ => {
                let value = value_of(py, &Node::of(&value, &key)?, &key)?;
                made.set(key, value)
            }
        };
    }
    Ok(made)
}

/// The ready models: names of neurons, names of synapses.
#[pyfunction]
pub fn models() -> (Vec<&'static str>, Vec<&'static str>) {
    let names = |texts: &[(&'static str, &'static str)]| texts.iter().map(|(name, _)| *name).collect();
    (names(library::TEXTS), names(library::SYNAPSE_TEXTS))
}

/// The text of a ready model in the equation language.
#[pyfunction]
pub fn model_text(py: Python<'_>, name: &str) -> PyResult<&'static str> {
    let all = || library::TEXTS.iter().chain(library::SYNAPSE_TEXTS);
    all().find(|(known, _)| *known == name).map(|(_, text)| *text).ok_or_else(|| {
        let near = synfire::units::nearest(name, all().map(|(known, _)| *known));
        let help = near.map_or_else(String::new, |near| format!("\n  help: did you mean `{near}`?"));
        error::call(py, &format!("there is no ready model `{name}`{help}"))
    })
}

/// Signals of Python, and what it does meanwhile: `Break` keeps the exception.
pub struct Listener {
    pub report: Option<Py<PyAny>>,
    pub raised: Option<PyErr>,
}

impl Listener {
    /// Looks whether Python has a signal, and tells it how far it is.
    pub fn hear(&mut self, numbers: (u64, u64, u64)) -> ControlFlow<()> {
        let heard = Python::attach(|py| {
            py.check_signals()?;
            match &self.report {
                Some(report) => report.call1(py, numbers).map(|_| ()),
                None => Ok(()),
            }
        });
        match heard {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.raised = Some(error);
                ControlFlow::Break(())
            }
        }
    }
}
