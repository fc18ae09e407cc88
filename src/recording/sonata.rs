//! Recordings as SONATA files (HDF5): `spikes.h5`, a `report_VARIABLE.h5` for each recorded variable, and `nodes.h5` with positions.
//!
//! In: a [`Recording`], or a file of chunks, of which a piece at a time is in memory. Out: files. Not here: bytes of HDF5 (`hdf5`).
//!
//! | file | dataset | type, shape | what |
//! | --- | --- | --- | --- |
//! | spikes | `/spikes/POP/timestamps` | f64 `[spike]` | ms, attribute `units`; sorted (attribute `sorting`: `by_time`), then by neuron |
//! | spikes | `/spikes/POP/node_ids` | u64 `[spike]` | numbers within the population, from 0 |
//! | spikes | `/spikes/POP/recorded_node_ids` | u64 `[row]` | the recorded neurons, if not all |
//! | report | `/report/POP/data` | f32 or f64 `[sample, element]` | attribute `units`; f64 where a sample is none of f32 |
//! | report | `/report/POP/mapping/node_ids`, `element_ids`, `element_pos` | u64, u32, f32 `[element]` | the neuron of each column; it has one element, 0 |
//! | report | `/report/POP/mapping/index_pointers` | u64 `[element + 1]` | where the columns of a neuron begin |
//! | report | `/report/POP/mapping/time` | f64 `[3]` | ms: first sample, behind the last, from one to the next |
//! | nodes | `/nodes/POP/0/x`, `y`, `z` | f64 `[neuron]` | um |
//! | nodes | `/nodes/POP/node_type_id`, `node_group_id`, `node_group_index` | i64 as u64 `[neuron]` | the number of the population among these; 0; the neuron |
//!
//! The root has the attributes `magic` and `version` of the standard, and ours: `network`, `network_hash`, `seed`, `dt_ms`, `first_step`,
//! `steps`, `synfire_version`; a population its `name` and its `size`. Numbers are stored as they are, not deflated: libsonata
//! knows no filters. What the standard has no place for (rates, summaries, states of synapses) is in none of the files: [`left_out`].
//!
//! A `/` in the name of a population is written `%2F`; what would have the name of another ends in `_2`. Names of files: as those of
//! arrays in [`npz`](super::npz).
//!
//! **Source**: SONATA developer guide (github.com/AllenInstitute/sonata), spikes, reports and nodes; libsonata 0.2.2.

use std::path::Path;

use super::file::{FileError, write_whole};
use super::hdf5::{Dataset, Group, Value};
use super::native::Stored;
use super::npz::escaped;
use super::sink::Header;
use super::source::{FromChunks, Source};
use super::{Recording, Trace};

/// Spikes of all populations.
pub const SPIKES: &str = "spikes.h5";

/// Positions of all populations that have some.
pub const NODES: &str = "nodes.h5";

/// What stands in the first attributes of a file: what it is, and by which edition of the standard.
const MAGIC: u32 = 0x0A7A;
const VERSION: [u32; 2] = [0, 1];

/// Words for the order of spikes.
const SORTING: [&str; 3] = ["none", "by_id", "by_time"];

/// Which network a recording is of, where that is known: a [`Recording`] does not say it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
pub struct Origin {
    /// Its name.
    pub network: Option<String>,
    /// SHA-256 of its description.
    pub network_hash: Option<String>,
    /// Of its random numbers.
    pub seed: Option<u64>,
}

impl Origin {
    /// As a run says it.
    pub fn of(header: &Header) -> Origin {
        let said = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Origin { network: said(&header.network), network_hash: said(&header.network_hash), seed: Some(header.seed) }
    }
}

/// Writes `spikes.h5`, a report for each recorded variable, and `nodes.h5` if neurons are somewhere, into a folder.
///
/// **Errors** files that could not be written; the others are whole.
pub fn write(recording: &Recording, origin: &Origin, folder: impl AsRef<Path>) -> Result<(), Vec<FileError>> {
    write_each(recording, origin, folder.as_ref())
}

/// The same files from one of chunks, of which a piece at a time is in memory.
///
/// **Errors** as [`write()`]; a chunk that is damaged; an ensemble; one that was cut off, which [`Stored::cut`] tells, is none.
pub fn write_stored(stored: &Stored, folder: impl AsRef<Path>) -> Result<(), Vec<FileError>> {
    let one = |error| vec![error];
    stored.alone().map_err(one)?;
    let source = FromChunks::new(stored, 0).map_err(one)?;
    write_each(&source, &Origin::of(stored.header()), folder.as_ref())
}

/// The files that [`write()`] makes of such a recording, of which its numbers are not looked at.
pub fn files(recording: &Recording) -> Vec<String> {
    let mut names = vec![SPIKES.to_string()];
    names.extend(reports(recording).into_iter().map(|report| report.file));
    if !recording.positions.is_empty() {
        names.push(NODES.to_string());
    }
    names
}

/// Whether a file may be one of [`files`].
pub fn is_file(name: &str) -> bool {
    let report = name.strip_prefix("report_").and_then(|rest| rest.strip_suffix(".h5"));
    name == SPIKES || name == NODES || report.is_some_and(|variable| !variable.is_empty())
}

/// What of a recording SONATA has no place for, such as `the rate of exc`.
pub fn left_out(recording: &Recording) -> Vec<String> {
    let rates = recording.rates.iter().map(|rate| format!("the rate of {}", rate.population));
    let synapses = recording.traces.iter().filter(|trace| trace.synapses);
    let synapses = synapses.map(|trace| format!("{} of synapses of {}", trace.variable, trace.population));
    let summaries = recording.summaries.iter();
    let summaries = summaries.map(|own| format!("the {} of {} of {}", own.reduction.word(), own.variable, own.projection));
    let at_spikes = recording.at_spikes.iter().map(|own| format!("{} at spikes of {}", own.variable, own.projection));
    rates.chain(synapses).chain(summaries).chain(at_spikes).collect()
}

fn write_each(source: &impl Source, origin: &Origin, folder: &Path) -> Result<(), Vec<FileError>> {
    let recording = source.frame();
    let mut done = vec![write_spikes(source, origin, &folder.join(SPIKES))];
    done.extend(reports(recording).iter().map(|report| write_report(source, origin, report, &folder.join(&report.file))));
    if !recording.positions.is_empty() {
        done.push(write_nodes(recording, origin, &folder.join(NODES)));
    }
    let failed: Vec<FileError> = done.into_iter().filter_map(Result::err).collect();
    if failed.is_empty() { Ok(()) } else { Err(failed) }
}

fn write_spikes(source: &impl Source, origin: &Origin, path: &Path) -> Result<(), FileError> {
    let recording = source.frame();
    let dt = recording.dt;
    let names = links(recording.spikes.iter().map(|train| train.population.as_str()));
    let mut spikes = Group::default();
    for (k, (train, name)) in recording.spikes.iter().zip(names).enumerate() {
        let mut group = Group::default();
        group.say("sorting", Value::Word(&SORTING, 2));
        group.say("name", Value::Text(train.population.clone()));
        group.say("size", Value::U64(u64::from(train.size)));
        let times = Dataset::list(source.steps(k).map(move |step| step as f64 * dt));
        group.dataset("timestamps", times.said("units", Value::Text("ms".into())));
        group.dataset("node_ids", Dataset::list(source.neurons(k).map(u64::from)));
        if let Some(rows) = &train.rows {
            group.dataset("recorded_node_ids", Dataset::list(rows.iter().map(|row| u64::from(*row))));
        }
        spikes.group(&name, group);
    }
    write_file(source, origin, path, "spikes", spikes)
}

/// The traces of one variable, each of another population.
struct Report {
    file: String,
    variable: String,
    unit: String,
    /// Places in the list of traces.
    traces: Vec<usize>,
}

/// A file has one variable in one unit, and a population stands in it once.
fn reports(recording: &Recording) -> Vec<Report> {
    let mut all: Vec<Report> = Vec::new();
    let traces = || recording.traces.iter().enumerate().filter(|(_, trace)| !trace.synapses);
    for (k, trace) in traces() {
        let has = |report: &Report| report.traces.iter().any(|k| recording.traces[*k].population == trace.population);
        let fits = |report: &&mut Report| report.variable == trace.variable && report.unit == trace.unit && !has(report);
        match all.iter_mut().find(fits) {
            Some(report) => report.traces.push(k),
            None => {
                let (variable, unit) = (trace.variable.clone(), trace.unit.clone());
                let plain = format!("report_{}", escaped(&variable));
                // where `V` and `v` are one name they are two files all the same
                let taken = |file: &String| all.iter().any(|other| other.file.to_lowercase() == file.to_lowercase());
                let numbered = (1..).map(|n| if n == 1 { format!("{plain}.h5") } else { format!("{plain}_{n}.h5") });
                let file = numbered.filter(|file| !taken(file)).take(1).collect();
                all.push(Report { file, variable, unit, traces: vec![k] });
            }
        }
    }
    all
}

fn write_report(source: &impl Source, origin: &Origin, report: &Report, path: &Path) -> Result<(), FileError> {
    let recording = source.frame();
    let traces = || report.traces.iter().map(|k| &recording.traces[*k]);
    let names = links(traces().map(|trace| trace.population.as_str()));
    let mut all = Group::default();
    for ((k, trace), name) in report.traces.iter().copied().zip(traces()).zip(names) {
        let rows = trace.rows.len();
        let values = source.values(k);
        let samples = values.len().checked_div(rows).unwrap_or(0);
        let shape = [samples as u64, rows as u64];
        let values = values.take(samples * rows);
        let data = if source.single(k) {
            Dataset::array(&shape, values.map(|value| value as f32))
        } else {
            Dataset::array(&shape, values)
        };
        let mut group = Group::default();
        group.say("name", Value::Text(trace.population.clone()));
        group.say("variable", Value::Text(report.variable.clone()));
        group.dataset("data", data.said("units", Value::Text(report.unit.clone())));
        group.group("mapping", mapping(trace, samples, recording.dt));
        all.group(&name, group);
    }
    write_file(source, origin, path, "report", all)
}

/// Which neuron each column of a report is of, and when each row was taken.
fn mapping(trace: &Trace, samples: usize, dt: f64) -> Group<'_> {
    let rows = trace.rows.len();
    let mut mapping = Group::default();
    let sorted = trace.rows.is_sorted();
    let ids = Dataset::list(trace.rows.iter().map(|row| u64::from(*row)));
    mapping.dataset("node_ids", ids.said("sorted", Value::U32(sorted.into())));
    mapping.dataset("index_pointers", Dataset::list((0..rows + 1).map(|k| k as u64)));
    mapping.dataset("element_ids", Dataset::list((0..rows).map(|_| 0u32)));
    mapping.dataset("element_pos", Dataset::list((0..rows).map(|_| 0.5f32)));
    let ms = |step: u64| step as f64 * dt;
    let end = trace.first_step.saturating_add(trace.every.saturating_mul(samples as u64));
    let time = Dataset::list([ms(trace.first_step), ms(end), ms(trace.every)].into_iter());
    mapping.dataset("time", time.said("units", Value::Text("ms".into())));
    mapping
}

fn write_nodes(recording: &Recording, origin: &Origin, path: &Path) -> Result<(), FileError> {
    let names = links(recording.positions.iter().map(|sites| sites.population.as_str()));
    let mut nodes = Group::default();
    for (number, (sites, name)) in recording.positions.iter().zip(names).enumerate() {
        let count = sites.um.len();
        let mut group = Group::default();
        group.say("name", Value::Text(sites.population.clone()));
        group.say("size", Value::U64(count as u64));
        group.dataset("node_type_id", Dataset::list((0..count).map(move |_| number as u64)));
        group.dataset("node_group_id", Dataset::list((0..count).map(|_| 0u64)));
        group.dataset("node_group_index", Dataset::list((0..count).map(|k| k as u64)));
        let mut places = Group::default();
        for (axis, name) in ["x", "y", "z"].into_iter().enumerate() {
            let along = Dataset::list(sites.um.iter().map(move |place| place[axis]));
            places.dataset(name, along.said("units", Value::Text("um".into())));
        }
        group.group("0", places);
        nodes.group(&name, group);
    }
    write_file(recording, origin, path, "nodes", nodes)
}

/// A file of the standard with one group, and what it is of.
fn write_file(source: &impl Source, origin: &Origin, path: &Path, name: &str, group: Group) -> Result<(), FileError> {
    let recording = source.frame();
    let mut root = Group::default();
    root.say("magic", Value::U32(MAGIC));
    root.say("version", Value::U32s(VERSION.to_vec()));
    root.say("synfire_version", Value::Text(env!("CARGO_PKG_VERSION").into()));
    let texts = [("network", &origin.network), ("network_hash", &origin.network_hash)];
    let texts = texts.into_iter().filter_map(|(name, text)| Some((name, text.clone()?)));
    texts.for_each(|(name, text)| root.say(name, Value::Text(text)));
    origin.seed.into_iter().for_each(|seed| root.say("seed", Value::U64(seed)));
    root.say("dt_ms", Value::F64(recording.dt));
    root.say("first_step", Value::U64(recording.first_step));
    root.say("steps", Value::U64(recording.steps));
    root.group(name, group);
    write_whole(path, |out| {
        root.write(out)?;
        source.failed()
    })
}

/// Names for members of a group, each another.
fn links<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        let plain = match name {
            "" => "%".to_string(),
            "." => "%2E".to_string(),
            name => name.replace('/', "%2F").replace('\0', "%00"),
        };
        let numbered = (1..).map(|n| if n == 1 { plain.clone() } else { format!("{plain}_{n}") });
        let free = numbered.filter(|name| !all.contains(name)).take(1).collect();
        all.push(free);
    }
    all
}

#[cfg(test)]
mod test;
