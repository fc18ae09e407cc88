//! Sections of a file that make several parts, or parts of other files: junctions both ways, models with gated channels, presets, other
//! files.
//!
//! In: what stands in these sections, and the network that the rest of the file says. Out: the network with their parts behind its
//! own. Not here: their form (`form`), what they make (`electrical`, `preset`, `include`, `model::library`).
//!
//! | code | what is wrong |
//! | --- | --- |
//! | E088 | a section that makes nothing: a preset that cannot be, a model without a name, a file that is not below the folder |

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde_json::Value as Tree;

use super::Ways;
use crate::diagnostic::{Diagnostic, Key, KeyPath, Report};
use crate::model::library::{Channel, Gate, Pace, gated};
use crate::network::preset::{
    Addition, Cells, Differentiator, Division, Integrator, Modulation, Multiplication, Subtraction, Transmission,
};
use crate::network::{Address, Connector, Network, Value};

/// The sections, in the order in which they are joined.
const SECTIONS: [&str; 4] = ["gated", "electrical", "preset", "include"];

/// How deep files may include files.
const DEEPEST: usize = 16;

/// What stood in these sections, each with its way in the text.
#[derive(Debug, Default)]
pub(in crate::network) struct Sections([Vec<(KeyPath, Tree)>; 4]);

/// Where the file lies, and which files are being read; `None`: other files cannot be read here.
pub(in crate::network) struct Folder<'f> {
    pub path: &'f Path,
    pub open: &'f [PathBuf],
}

/// Why a section makes nothing: a message about it, or what is wrong in another file.
pub(in crate::network) enum Unjoined {
    Here(Box<Diagnostic>),
    There(Report),
}

#[derive(Deserialize)]
struct Electrical {
    source: String,
    target: String,
    connector: Connector,
    conductance: Value,
    #[serde(default)]
    rectified: bool,
}

#[derive(Deserialize)]
struct Gated {
    name: String,
    #[serde(default)]
    channels: Vec<ChannelTable>,
}

#[derive(Deserialize)]
struct ChannelTable {
    #[serde(default)]
    gates: Vec<GateTable>,
    #[serde(default)]
    rectified: bool,
}

#[derive(Deserialize)]
struct GateTable {
    pace: String,
    #[serde(default = "one")]
    power: f64,
}

fn one() -> f64 {
    1.0
}

#[derive(Deserialize)]
struct Include {
    file: PathBuf,
    #[serde(rename = "as", default = "same")]
    rename: String,
    #[serde(default)]
    set: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Preset {
    kind: String,
    #[serde(rename = "as", default = "same")]
    rename: String,
    #[serde(flatten)]
    numbers: BTreeMap<String, Tree>,
}

fn same() -> String {
    "*".into()
}

impl Sections {
    /// Takes the sections out of a description.
    pub fn taken(tree: &mut Tree, ways: &Ways) -> Sections {
        let mut sections = Sections::default();
        for (section, to) in SECTIONS.iter().zip(&mut sections.0) {
            let list = tree.as_object_mut().and_then(|top| top.remove(*section));
            let items = list.and_then(|list| if let Tree::Array(list) = list { Some(list) } else { None }).unwrap_or_default();
            to.extend(items.into_iter().enumerate().map(|(k, item)| (ways.written(&KeyPath::part(section, k)), item)));
        }
        sections
    }

    /// Adds what belongs to the file itself: models and junctions.
    pub fn join_own(&self, net: &mut Network, ways: &mut Ways) -> Result<(), Box<Diagnostic>> {
        for (way, item) in &self.0[0] {
            let Gated { name, channels } = read(way, item)?;
            let letters = name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                && !crate::model::grammar::is_reserved(&name);
            if !letters {
                return Err(at(way, "name", format!("`{name}` cannot be the name of a model: it has letters, digits and `_`")));
            }
            let channels: Vec<Channel> = channels.iter().map(channel).collect();
            net.equations(&gated(&name, &channels));
        }
        for (way, item) in &self.0[1] {
            let Electrical { source, target, connector, conductance, rectified } = read(way, item)?;
            let before = net.projections.len();
            let made = match rectified {
                false => net.electrical(&source, &target, connector, conductance),
                true => net.rectified(&source, &target, connector, conductance),
            };
            made.map_err(|report| moved(way, report))?;
            for k in before..net.projections.len() {
                let plain = KeyPath::part("projection", k);
                ways.0.insert(plain.then(&KeyPath::read("parameters.g")), way.then(&KeyPath::read("conductance")));
                // the way back has its ends the other way round
                if k > before {
                    ways.0.insert(plain.then(&KeyPath::read("source")), way.then(&KeyPath::read("target")));
                    ways.0.insert(plain.then(&KeyPath::read("target")), way.then(&KeyPath::read("source")));
                }
                ways.0.insert(plain, way.clone());
            }
        }
        Ok(())
    }

    /// Adds the parts of presets and of other files.
    pub fn join_others(&self, net: &mut Network, folder: Option<&Folder<'_>>) -> Result<(), Unjoined> {
        for (way, item) in &self.0[2] {
            let Preset { kind, rename, numbers } = read(way, item)?;
            let made = preset(way, &kind, &numbers)?;
            net.include(&made, &rename).map_err(|report| moved(way, report))?;
        }
        for (way, item) in &self.0[3] {
            let include: Include = read(way, item)?;
            let Some(folder) = folder else {
                let d = at(way, "file", "other files are read beside a file, and this is a text alone".into());
                return Err(Unjoined::Here(Box::new(d.help("read it with `Network::load`"))));
            };
            let mut other = folder.network(way, &include.file)?;
            for (key, value) in include.set {
                let here =
                    |report: Report| moved(&way.then(&KeyPath(vec![Key::Name("set".into()), Key::Name(key.clone())])), report);
                let address = Address::parse(&key, &other).map_err(|d| {
                    let path = way.then(&KeyPath(vec![Key::Name("set".into()), Key::Name(key.clone())]));
                    Box::new(Diagnostic { path, ..d })
                })?;
                other.put(&address, value).map_err(here)?;
            }
            net.include(&other, &include.rename).map_err(|report| moved(way, report))?;
        }
        Ok(())
    }
}

impl Folder<'_> {
    /// The network of another file, its tables named as from here.
    fn network(&self, way: &KeyPath, file: &Path) -> Result<Network, Unjoined> {
        let shown = file.display();
        let wrong = |message: String| Unjoined::Here(at(way, "file", message));
        let plain = file.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
        if !plain || file.as_os_str().is_empty() {
            return Err(wrong(format!("`{shown}` does not lie below the folder of the network file")));
        }
        let cannot = |e: std::io::Error| wrong(format!("`{shown}` cannot be read: {e}"));
        let here = if self.path.as_os_str().is_empty() { Path::new(".") } else { self.path };
        let here = here.canonicalize().map_err(cannot)?;
        let full = here.join(file).canonicalize().map_err(cannot)?;
        if !full.starts_with(&here) {
            return Err(wrong(format!("`{shown}` does not lie below the folder of the network file")));
        }
        if self.open.contains(&full) || self.open.len() >= DEEPEST {
            return Err(wrong(format!("`{shown}` includes itself, or files include files more than {DEEPEST} deep")));
        }
        let read = Network::load_within(&full, self.open, &[]).map_err(Unjoined::There)?;
        match file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            None => Ok(read),
            Some(parent) => moved_tables(&read, parent).map_err(|why| wrong(format!("`{shown}` cannot be included: {why}"))),
        }
    }
}

/// The network with its tables named from a folder above.
fn moved_tables(network: &Network, parent: &Path) -> Result<Network, String> {
    fn walk(tree: &mut Tree, key: &str, named: bool, parent: &Path) {
        match tree {
            Tree::Object(map) => {
                let names = matches!(key, "parameters" | "initial" | "constants" | "modulators");
                map.iter_mut().for_each(|(key, value)| walk(value, key, names, parent));
            }
            Tree::Array(list) => list.iter_mut().for_each(|value| walk(value, "", false, parent)),
            Tree::String(path) if !named && matches!(key, "file" | "path") => {
                *path = parent.join(&*path).to_string_lossy().into_owned()
            }
            _ => {}
        }
    }
    let mut tree = serde_json::to_value(network).map_err(|e| e.to_string())?;
    walk(&mut tree, "", false, parent);
    let moved: Network = serde_json::from_value(tree).map_err(|e| e.to_string())?;
    Ok(Network { origin: network.origin.clone(), ..moved })
}

impl From<Box<Diagnostic>> for Unjoined {
    fn from(d: Box<Diagnostic>) -> Unjoined {
        Unjoined::Here(d)
    }
}

fn at(way: &KeyPath, key: &str, message: String) -> Box<Diagnostic> {
    Box::new(Diagnostic { path: way.then(&KeyPath::read(key)), ..Diagnostic::new("E088", message) })
}

/// What another part of the house says of a section, at its place.
fn moved(way: &KeyPath, report: Report) -> Box<Diagnostic> {
    let first = report.diagnostics.into_iter().next().unwrap_or_else(|| Diagnostic::new("E088", "this makes no parts"));
    Box::new(Diagnostic { path: way.clone(), of_key: false, span: None, source: None, ..first })
}

fn read<'d, T: Deserialize<'d>>(way: &KeyPath, item: &'d Tree) -> Result<T, Box<Diagnostic>> {
    T::deserialize(item).map_err(|e| at(way, "", e.to_string()))
}

fn channel(table: &ChannelTable) -> Channel {
    let gate = |gate: &GateTable| {
        let pace = match gate.pace.as_str() {
            "dynamic" => Pace::Dynamic,
            "constant" => Pace::Constant,
            // the form knows no other word
            _ => Pace::Instantaneous,
        };
        Gate { power: gate.power, pace }
    };
    Channel { gates: table.gates.iter().map(gate).collect(), rectified: table.rectified }
}

/// The numbers of a preset that have been asked for: what is left was meant for another.
struct Given<'g> {
    numbers: &'g BTreeMap<String, Tree>,
    asked: Vec<&'static str>,
}

impl Given<'_> {
    fn number(&mut self, key: &'static str, otherwise: f64) -> f64 {
        self.asked.push(key);
        self.numbers.get(key).and_then(Tree::as_f64).unwrap_or(otherwise)
    }

    fn cells(&mut self, key: &'static str, otherwise: Cells) -> Cells {
        self.asked.push(key);
        let Some(table) = self.numbers.get(key) else { return otherwise };
        let number = |key: &str, otherwise: f64| table.get(key).and_then(Tree::as_f64).unwrap_or(otherwise);
        Cells {
            capacitance: number("capacitance", otherwise.capacitance),
            conductance: number("conductance", otherwise.conductance),
            rest: number("rest", otherwise.rest),
            range: number("range", otherwise.range),
        }
    }
}

fn preset(way: &KeyPath, kind: &str, numbers: &BTreeMap<String, Tree>) -> Result<Network, Box<Diagnostic>> {
    let mut g = Given { numbers, asked: Vec::new() };
    let cells = Cells::default();
    let made = match kind {
        "addition" => {
            g.asked.push("gains");
            let gains = numbers.get("gains").and_then(Tree::as_array);
            let gains = gains.map_or(vec![1.0, 1.0], |list| list.iter().filter_map(Tree::as_f64).collect());
            let d = Addition::of(gains);
            let (excitatory, inhibitory) = (g.number("excitatory", d.excitatory), g.number("inhibitory", d.inhibitory));
            Addition { excitatory, inhibitory, cells: g.cells("cells", cells), ..d }.network()
        }
        "subtraction" => {
            let d = Subtraction::default();
            let (gain, excitatory) = (g.number("gain", d.gain), g.number("excitatory", d.excitatory));
            Subtraction { gain, excitatory, inhibitory: g.number("inhibitory", d.inhibitory), cells: g.cells("cells", cells) }
                .network()
        }
        "transmission" => {
            let d = Transmission::default();
            let (gain, reversal) = (g.number("gain", d.gain), g.number("reversal", d.reversal));
            Transmission { gain, reversal, source: g.cells("source", cells), target: g.cells("target", cells) }.network()
        }
        "multiplication" => {
            let d = Multiplication::default();
            let (excitatory, inhibition) = (g.number("excitatory", d.excitatory), g.number("inhibition", d.inhibition));
            Multiplication { excitatory, inhibition, cells: g.cells("cells", cells) }.network()
        }
        "division" => {
            let d = Division::default();
            let (gain, ratio, excitatory) =
                (g.number("gain", d.gain), g.number("ratio", d.ratio), g.number("excitatory", d.excitatory));
            Division { gain, ratio, excitatory, cells: g.cells("cells", cells) }.network()
        }
        "modulation" => {
            let ratio = g.number("ratio", Modulation::default().ratio);
            Modulation { ratio, cells: g.cells("cells", cells) }.network()
        }
        "integrator" => {
            let d = Integrator::default();
            let (gain, reversal, start) = (g.number("gain", d.gain), g.number("reversal", d.reversal), g.number("start", d.start));
            Integrator { gain, reversal, start, cells: g.cells("cells", cells) }.network()
        }
        _ => {
            let d = Differentiator::default();
            let (slew, fast, reversal) = (g.number("slew", d.slew), g.number("fast", d.fast), g.number("reversal", d.reversal));
            Differentiator { slew, fast, reversal, cells: g.cells("cells", cells) }.network()
        }
    };
    if let Some(key) = numbers.keys().find(|key| !g.asked.contains(&key.as_str())) {
        let message = format!("the preset `{kind}` has no `{key}`; it has `{}`", g.asked.join("`, `"));
        return Err(at(way, key, message));
    }
    made.map_err(|error| at(way, "", format!("the preset `{kind}` cannot be: {error}")))
}
