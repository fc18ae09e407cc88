//! Recordings as NumPy archives: `spikes.npz`, `traces.npz` and `positions.npz`, read by `numpy.load` without anything of ours.
//!
//! In: a [`Recording`], or a run that goes on, or a file. Out: a file, or a `Recording` as far as the file holds it. Not here: spikes as text
//! ([`csv`](super::csv), [`nest`](super::nest)).
//!
//! | file | array | type, shape | what |
//! | --- | --- | --- | --- |
//! | both | `dt_ms` | f64 | one step |
//! | both | `first_step`, `steps` | u64 | the span recorded: steps after the first, and how many |
//! | both | `about` | u8 `[bytes]` | JSON: names and units as they were said, sizes (`bytes(z["about"]).decode()`) |
//! | spikes | `POP_step`, `POP_neuron`, `POP_time_ms` | u64, u32, f64 `[spike]` | sorted by step, then neuron |
//! | spikes | `POP_rows` | u32 `[row]` | the recorded neurons, if not all |
//! | traces | `POP_VAR` | f64 `[sample, row]` | in the unit that `about` names |
//! | traces | `POP_VAR_time_ms`, `POP_VAR_rows` | f64 `[sample]`, u32 `[row]` | |
//! | traces | `PROJ_VAR_mean`, `_mean_sd`, `_mean_time_ms` | f64 `[sample]` | of all values of a sample |
//! | traces | `PROJ_VAR_sum`, `_sum_time_ms` | f64 `[sample]` | |
//! | traces | `PROJ_VAR_histogram`, `_histogram_beyond` | u64 `[sample, bin]`, `[sample, 2]` | values in each bin; below the first, above the last |
//! | traces | `PROJ_VAR_histogram_edges`, `_histogram_time_ms` | f64 `[bin + 1]`, `[sample]` | in the unit that `about` names |
//! | traces | `PROJ_VAR_mean_rows` and so on | u32 `[row]` | the synapses of the sample, if not all |
//! | traces | `PROJ_VAR_at_spikes`, `_at_spikes_step`, `_at_spikes_synapse`, `_at_spikes_time_ms` | f64, u64, u32, f64 `[spike]` | by step, then synapse |
//! | positions | `POP_x_um`, `POP_y_um`, `POP_z_um` | f64 `[neuron]` | of all populations that have some |
//! | traces | `POP_rate_count`, `POP_rate_hz`, `POP_rate_time_ms` | u64, f64, f64 `[bin]` | time is the middle of the bin; the last bin ends with the recording |
//!
//! `POP` and `VAR` are the names as they were said; all but letters, digits and `_ + - .` is written `%` and two digits for
//! each byte, as in addresses: `a/b` is `a%2Fb`. Spaces become `_`, the arrow `to`, `#` is left out (`exc -> inh #2` is `exc_to_inh_2`)
//! where no other array has that name, else `exc 1` is `exc%201`. Where two arrays would get one name, both are written with `%.` and
//! `%_` in place of the `_` between their parts: the trace `c` of `a_b` is `a_b%.c` beside `b_c` of `a`, and spikes of a
//! population called `first` are `first%_step`, since `first_step` is the span's. So a name never leads to something else.
//! Numbers are little-endian and stored, not deflated: ten times faster, and spike times hardly shrink.

mod about;
pub(crate) mod archive;
mod names;
mod positions;
mod summaries;

use super::file::{Disk, FileError, write_whole};
use super::native::Stored;
use super::sink::{Committed, Ended, Header, Sink, SinkError};
use super::source::{FromChunks, Source};
use super::{Rate, Recording, SpikeTrain, Trace};
use about::{About, AboutRate, AboutSpikes, AboutTrace};
use archive::{Archive, ArchiveWriter};
pub(super) use names::escaped;
use names::{Part, array};
pub use positions::{read_positions, write_positions};
use std::io;
use std::path::{Path, PathBuf};

/// The files that are written into a folder: spikes; traces and rates, positions, if any.
pub const FILES: [&str; 3] = ["spikes.npz", "traces.npz", "positions.npz"];

/// Writes `spikes.npz`, `traces.npz` if there are traces, rates or summaries, and `positions.npz` if neurons are somewhere, into a
/// folder.
pub fn write(recording: &Recording, folder: impl AsRef<Path>) -> Result<(), FileError> {
    write_each(recording, folder.as_ref()).into_iter().collect()
}

/// The same files, each whatever became of the others: a disk that has no room for the traces may have some for the spikes. Gives those
/// that could not be written.
pub fn unwritten(recording: &Recording, folder: impl AsRef<Path>) -> Vec<FileError> {
    write_each(recording, folder.as_ref()).into_iter().filter_map(Result::err).collect()
}

/// The same files from one of chunks, of which a piece at a time is in memory, and what was counted in bins.
///
/// **Errors** as [`write()`]; a chunk that is damaged; an ensemble; one that was cut off, which [`Stored::cut`] tells, is none.
pub fn write_stored(stored: &Stored, folder: impl AsRef<Path>) -> Result<(), FileError> {
    stored.alone()?;
    write_each(&FromChunks::new(stored, 0)?, folder.as_ref()).into_iter().collect()
}

/// Each file that is to be, written or not.
fn write_each(source: &impl Source, folder: &Path) -> Vec<Result<(), FileError>> {
    let recording = source.frame();
    let mut done = vec![spikes(source, &folder.join(FILES[0]))];
    if !(recording.traces.is_empty()
        && recording.rates.is_empty()
        && recording.summaries.is_empty()
        && recording.at_spikes.is_empty())
    {
        done.push(traces(source, &folder.join(FILES[1])));
    }
    if !recording.positions.is_empty() {
        done.push(write_positions(recording, folder.join(FILES[2])));
    }
    done
}

/// Holds what a run gives, and writes it into a folder as [`write()`] does when the run is over, whole or not. After no step at
/// all there is nothing to write. One network, no ensemble.
pub struct Npz {
    folder: PathBuf,
    recording: Recording,
}

impl Npz {
    /// Archives in this folder, which must be there.
    pub fn new(folder: impl AsRef<Path>) -> Npz {
        Npz { folder: folder.as_ref().to_owned(), recording: Recording::default() }
    }

    /// What it holds of the last run.
    pub fn into_recording(self) -> Recording {
        self.recording
    }
}

impl Sink for Npz {
    fn begin(&mut self, header: &Header) -> Result<(), SinkError> {
        self.recording.begin(header)
    }

    fn batch(&mut self, batch: &Committed<'_>) -> Result<(), SinkError> {
        self.recording.batch(batch)
    }

    fn end(&mut self, ended: &Ended<'_>) -> Result<(), SinkError> {
        self.recording.end(ended)?;
        if self.recording.steps == 0 {
            return Ok(());
        }
        let failed = unwritten(&self.recording, &self.folder);
        if failed.is_empty() { Ok(()) } else { Err(SinkError::Files(failed)) }
    }

    fn held(&self) -> Option<&[Recording]> {
        self.recording.held()
    }
}

/// Writes columns of numbers as an archive that `numpy.load` opens, each under its name.
///
/// **Errors** as [`write_whole`].
pub fn write_columns(path: &Path, columns: &[(String, Vec<f64>)]) -> Result<(), FileError> {
    write_whole(path, |out| {
        let mut archive = ArchiveWriter::new(out);
        columns.iter().try_for_each(|(name, values)| archive.vector(name, values.iter().copied()))?;
        archive.finish()
    })
}

/// Reads what [`write()`] wrote; a missing `traces.npz` means no traces, a missing `positions.npz` no positions.
pub fn read(folder: impl AsRef<Path>) -> Result<Recording, FileError> {
    let folder = folder.as_ref();
    let mut recording = read_spikes(folder.join(FILES[0]))?;
    let traces = folder.join(FILES[1]);
    if traces.exists() {
        let Recording { traces, rates, summaries, at_spikes, .. } = read_traces(traces)?;
        recording.at_spikes = at_spikes;
        (recording.traces, recording.rates, recording.summaries) = (traces, rates, summaries);
    }
    let positions = folder.join(FILES[2]);
    if positions.exists() {
        recording.positions = read_positions(positions)?.positions;
    }
    Ok(recording)
}

/// Writes the spikes of all populations.
pub fn write_spikes(recording: &Recording, path: impl AsRef<Path>) -> Result<(), FileError> {
    spikes(recording, path.as_ref())
}

fn spikes(source: &impl Source, path: &Path) -> Result<(), FileError> {
    let recording = source.frame();
    let parts = recording.spikes.iter();
    let parts = parts.map(|train| Part { words: vec![&train.population], endings: &["_step", "_neuron", "_time_ms", "_rows"] });
    let names = names::of(&parts.collect::<Vec<_>>());
    let mut about = About::of(recording);
    let named = recording.spikes.iter().zip(names);
    let named = named.map(|(train, array)| AboutSpikes { array, population: train.population.clone(), size: train.size });
    about.spikes = named.collect();
    write_archive(path, &about, |archive| {
        for (k, (train, AboutSpikes { array: name, .. })) in recording.spikes.iter().zip(&about.spikes).enumerate() {
            archive.vector(&array(name, "_step"), source.steps(k))?;
            archive.vector(&array(name, "_neuron"), source.neurons(k))?;
            archive.vector(&array(name, "_time_ms"), source.steps(k).map(|step| step as f64 * recording.dt))?;
            if let Some(rows) = &train.rows {
                archive.vector(&array(name, "_rows"), rows.iter().copied())?;
            }
        }
        source.failed()
    })
}

/// Writes the traces, the counted rates and the summaries.
pub fn write_traces(recording: &Recording, path: impl AsRef<Path>) -> Result<(), FileError> {
    traces(recording, path.as_ref())
}

fn traces(source: &impl Source, path: &Path) -> Result<(), FileError> {
    let recording = source.frame();
    let dt = recording.dt;
    let traces = recording.traces.iter();
    let traces = traces.map(|trace| Part { words: vec![&trace.population, &trace.variable], endings: &["", "_time_ms", "_rows"] });
    let rates = recording.rates.iter();
    let rates = rates.map(|rate| Part { words: vec![&rate.population], endings: &["_rate_hz", "_rate_time_ms", "_rate_count"] });
    let parts = traces.chain(rates).chain(recording.summaries.iter().map(summaries::part));
    let parts = parts.chain(recording.at_spikes.iter().map(summaries::part_at_spikes));
    let mut names = names::of(&parts.collect::<Vec<_>>()).into_iter();
    let mut about = About::of(recording);
    about.traces.extend(recording.traces.iter().zip(names.by_ref()).map(|(trace, array)| AboutTrace {
        array,
        population: trace.population.clone(),
        synapses: trace.synapses,
        variable: trace.variable.clone(),
        unit: trace.unit.clone(),
        first_step: trace.first_step,
        every: trace.every,
    }));
    about.rates.extend(recording.rates.iter().zip(names.by_ref()).map(|(rate, array)| AboutRate {
        array,
        population: rate.population.clone(),
        neurons: rate.neurons,
        first_step: rate.first_step,
        bin: rate.bin,
    }));
    about.summaries.extend(recording.summaries.iter().zip(names.by_ref()).map(|(summary, array)| summaries::about(summary, array)));
    about.at_spikes.extend(recording.at_spikes.iter().zip(names).map(|(own, array)| summaries::about_at_spikes(own, array)));
    write_archive(path, &about, |archive| {
        for (k, (trace, AboutTrace { array: name, .. })) in recording.traces.iter().zip(&about.traces).enumerate() {
            let (values, rows) = (source.values(k), trace.rows.len());
            let samples = values.len().checked_div(rows).unwrap_or(0);
            let times = (0..samples).map(|k| trace.first_step.saturating_add(trace.every.saturating_mul(k as u64)) as f64 * dt);
            archive.array(name, &[samples, rows], values.take(samples * rows))?;
            archive.vector(&array(name, "_time_ms"), times)?;
            archive.vector(&array(name, "_rows"), trace.rows.iter().copied())?;
        }
        for (rate, AboutRate { array: name, .. }) in recording.rates.iter().zip(&about.rates) {
            // step s is the span from (s - 1)·dt to s·dt
            let start = rate.first_step.saturating_sub(1) as f64 * dt;
            let middle = |span: std::ops::Range<u64>| start + (span.start as f64 + span.end as f64) / 2.0 * dt;
            archive.vector(&array(name, "_rate_hz"), rate.hz(dt))?;
            archive.vector(&array(name, "_rate_time_ms"), rate.spans().map(middle))?;
            archive.vector(&array(name, "_rate_count"), rate.count.iter().copied())?;
        }
        for (k, about) in about.summaries.iter().enumerate() {
            summaries::write(archive, source, k, &about.array)?;
        }
        for (k, about) in about.at_spikes.iter().enumerate() {
            summaries::write_at_spikes(archive, source, k, &about.array)?;
        }
        source.failed()
    })
}

/// Reads a `spikes.npz`.
///
/// A file without `about` (another program's) is read by its arrays: every `NAME_step` with its `NAME_neuron` is a
/// population, by name; its size is the largest number seen plus one.
///
/// **Errors**: no archive, a missing `dt_ms`, arrays of other types or unequal lengths, a neuron beyond its population.
pub fn read_spikes(path: impl AsRef<Path>) -> Result<Recording, FileError> {
    let mut archive = Archive::open(path.as_ref())?;
    let (mut recording, about) = opening(&mut archive)?;
    let entries = match about {
        Some(about) => about.spikes.into_iter().map(|entry| (entry.array, entry.population, Some(entry.size))).collect(),
        None => {
            let mut names: Vec<String> =
                archive.names()?.iter().filter_map(|name| Some(name.strip_suffix("_step")?.to_owned())).collect();
            names.retain(|name| archive.has(&format!("{name}_neuron")));
            names.sort_unstable();
            names.into_iter().map(|name| (name.clone(), name, None)).collect::<Vec<_>>()
        }
    };
    for (name, population, size) in entries {
        let step: Vec<u64> = archive.vector(&array(&name, "_step"))?;
        let neuron: Vec<u32> = archive.vector(&array(&name, "_neuron"))?;
        let rows = array(&name, "_rows");
        let rows = if archive.has(&rows) { Some(archive.vector(&rows)?) } else { None };
        if step.len() != neuron.len() {
            return Err(archive.wrong(format!("`{name}` has {} steps and {} neurons", step.len(), neuron.len())));
        }
        let seen = neuron.iter().max().map_or(0, |&largest| largest.saturating_add(1));
        let size = size.unwrap_or(seen);
        if seen > size {
            return Err(archive.wrong(format!("`{name}` has a spike of neuron {}, but {size} neurons", seen - 1)));
        }
        recording.spikes.push(SpikeTrain { population, size, rows, step, neuron });
    }
    Ok(recording)
}

/// Reads a `traces.npz` of ours: units and steps are in its `about`.
///
/// **Errors**: no archive, no `about`, a missing array, one of another type or shape.
pub fn read_traces(path: impl AsRef<Path>) -> Result<Recording, FileError> {
    let mut archive = Archive::open(path.as_ref())?;
    let (mut recording, about) = opening(&mut archive)?;
    let about = about.ok_or_else(|| archive.wrong("no array `about`, which names the units of the traces".into()))?;
    for AboutTrace { array: name, population, synapses, variable, unit, first_step, every } in about.traces {
        let rows: Vec<u32> = archive.vector(&array(&name, "_rows"))?;
        let (shape, values) = archive.array::<f64>(&name)?;
        if shape.len() != 2 || shape[1] != rows.len() as u64 {
            return Err(archive.wrong(format!("`{name}` has shape {shape:?}, expected [samples, {}]", rows.len())));
        }
        recording.traces.push(Trace { population, synapses, variable, unit, rows, first_step, every, values });
    }
    for AboutRate { array: name, population, neurons, first_step, bin } in about.rates {
        // counted up to the end of the recording
        let steps = recording.first_step.saturating_add(recording.steps).saturating_add(1).saturating_sub(first_step);
        let count: Vec<u64> = archive.vector(&array(&name, "_rate_count"))?;
        recording.rates.push(Rate { population, neurons, first_step, bin, steps, count });
    }
    for about in about.summaries {
        recording.summaries.push(summaries::read(&mut archive, about)?);
    }
    for about in about.at_spikes {
        recording.at_spikes.push(summaries::read_at_spikes(&mut archive, about)?);
    }
    Ok(recording)
}

fn write_archive<'f>(
    path: &Path,
    about: &About,
    arrays: impl FnOnce(&mut ArchiveWriter<&'_ mut io::BufWriter<Disk>>) -> io::Result<()> + 'f,
) -> Result<(), FileError> {
    let json = serde_json::to_vec(about).map_err(|e| FileError::content(path, e.to_string()))?;
    write_whole(path, |out| {
        let mut archive = ArchiveWriter::new(out);
        archive.array("dt_ms", &[], [about.dt].into_iter())?;
        archive.array("first_step", &[], [about.first_step].into_iter())?;
        archive.array("steps", &[], [about.steps].into_iter())?;
        archive.vector("about", json.into_iter())?;
        arrays(&mut archive)?;
        archive.finish()
    })
}

/// The scalars and `about`.
fn opening(archive: &mut Archive) -> Result<(Recording, Option<About>), FileError> {
    let dt = archive.scalar("dt_ms")?;
    if !(dt > 0.0 && f64::is_finite(dt)) {
        return Err(archive.wrong(format!("`dt_ms` is {dt}, expected a step in ms")));
    }
    let mut recording = Recording { dt, ..Recording::default() };
    if archive.has("first_step") && archive.has("steps") {
        recording.first_step = archive.scalar("first_step")?;
        recording.steps = archive.scalar("steps")?;
    }
    if !archive.has("about") {
        return Ok((recording, None));
    }
    let about: Vec<u8> = archive.vector("about")?;
    let about = serde_json::from_slice(&about).map_err(|e| archive.wrong(format!("`about`: {e}")))?;
    Ok((recording, Some(about)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Reduction;
    use crate::recording::{AtSpikes, Sites, Summary};
    use crate::whole::tests::each_call_fails;

    #[test]
    fn every_call_of_the_disk_that_fails_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut long = recording();
        long.spikes.push(SpikeTrain::long());
        let file = |name: &str| folder.path().join(name);
        let spikes = |path: &Path| write_spikes(&long, path).map_err(|e| e.to_string());
        assert!(each_call_fails(&file("spikes.npz"), &spikes) > 10);
        let traces = |path: &Path| write_traces(&long, path).map_err(|e| e.to_string());
        assert!(each_call_fails(&file("traces.npz"), &traces) > 5);
    }

    fn recording() -> Recording {
        let train = |population: &str, rows, step: Vec<u64>, neuron| SpikeTrain {
            population: population.into(),
            size: 100,
            rows,
            step,
            neuron,
        };
        let trace = |population: &str, variable: &str, rows: Vec<u32>, values| Trace {
            population: population.into(),
            synapses: false,
            variable: variable.into(),
            unit: "mV".into(),
            rows,
            first_step: 10,
            every: 5,
            values,
        };
        let summary = |variable: &str, rows, reduction, values| Summary {
            projection: "a -> b".into(),
            variable: variable.into(),
            unit: "nS".into(),
            of_neurons: variable == "x",
            size: 10,
            rows,
            reduction,
            first_step: 20,
            every: 10,
            values,
        };
        Recording {
            dt: 0.1,
            first_step: 10,
            steps: 1000,
            spikes: vec![
                train("exc 1", None, vec![11, 11, 900], vec![0, 99, 3]),
                train("exc_1", Some(vec![5, 2]), vec![], vec![]),
                train("../é", None, vec![u64::MAX], vec![7]),
                train("first", None, vec![12], vec![1]),
            ],
            traces: vec![
                trace("a", "b_c", vec![3, 1], vec![-65.0, -64.5, f64::NAN, 0.1 + 0.2, 1e300, -0.0]),
                trace("a_b", "c", vec![], vec![]),
            ],
            rates: vec![Rate { population: "a".into(), neurons: 3, first_step: 11, bin: 600, steps: 1000, count: vec![0, 7] }],
            summaries: vec![
                summary("w", None, Reduction::Mean, vec![0.5, 0.25, 1.5, 0.125]),
                summary("w", Some(vec![1, 7]), Reduction::Mean, vec![0.5, 0.25]),
                summary("w", Some(vec![1, 7]), Reduction::Sum, vec![-1.0, 2.0, 3.5]),
                summary("w", None, Reduction::bins(0.0, 1.0, 3), vec![1.0, 2.0, 3.0, 0.0, 4.0, 5.0, 4.0, 1.0, 0.0, 0.0]),
                summary("x", None, Reduction::Sum, vec![]),
            ],
            positions: vec![Sites {
                population: "a b".into(),
                um: std::sync::Arc::new(vec![[0.5, -1.0, 0.0], [1e6, 2.0, 1.0 / 3.0]]),
            }],
            at_spikes: vec![AtSpikes {
                projection: "a -> b".into(),
                variable: "w".into(),
                unit: "nS".into(),
                size: 10,
                rows: Some(vec![1, 7]),
                step: vec![11, 11, 400],
                synapse: vec![1, 7, 7],
                value: vec![0.5, 0.25, 1.0],
            }],
        }
    }

    #[test]
    fn a_recording_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut written = recording();
        write(&written, folder.path()).unwrap();
        let mut back = read(folder.path()).unwrap();
        // NaN is not equal to itself
        assert!(back.traces[0].values[2].is_nan());
        back.traces[0].values[2] = 0.0;
        written.traces[0].values[2] = 0.0;
        assert_eq!(back, written);
    }

    #[test]
    fn names_stay_apart() {
        let folder = tempfile::tempdir().unwrap();
        write(&recording(), folder.path()).unwrap();
        let names = |file: &str| Archive::open(&folder.path().join(file)).unwrap().names().unwrap().join(" ");
        let spikes = names("spikes.npz");
        for name in ["exc_1_step", "exc%201_step", "exc_1_rows", "..%2Fé_time_ms", "first%_step", "first_step", "dt_ms"] {
            assert!(spikes.split(' ').any(|found| found == name), "{name} in {spikes}");
        }
        let traces = names("traces.npz");
        for name in ["a%.b_c", "a%.b_c%_rows", "a_b%.c%_time_ms", "a_rate_hz"] {
            assert!(traces.split(' ').any(|found| found == name), "{name} in {traces}");
        }
    }

    #[test]
    fn broken_files_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spikes.npz");
        assert!(matches!(read_spikes(&path), Err(FileError::Read { .. })));
        write_spikes(&recording(), &path).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for end in (0..whole.len()).step_by(37) {
            std::fs::write(&path, &whole[..end]).unwrap();
            assert!(read_spikes(&path).is_err());
        }
        // any byte may be wrong: an error or other numbers, but no panic
        for place in 0..whole.len() {
            let mut broken = whole.clone();
            broken[place] ^= 0x55;
            std::fs::write(&path, &broken).unwrap();
            let _ = read_spikes(&path);
        }
    }
}
