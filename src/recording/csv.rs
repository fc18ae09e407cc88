//! Spikes as comma-separated values: `population,neuron,time_ms`, a line per spike.
//!
//! In: a recording, or a run that goes on, or a file. Out: a file, or spike trains. Not here: traces (`npz` holds them as
//! matrices).

use super::decimal::{Decimals, whole};
use super::file::{Draft, FileError, write_whole};
use super::lines::{self, Sorted, Train};
use super::sink::{Committed, Ended, Header, Sink, SinkError};
use super::{Recording, SpikeTrain};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const HEADINGS: &str = "population,neuron,time_ms\n";

/// Writes all spikes, population after population, each in order of time.
///
/// **Units**: `time_ms` in ms, rounded to 1e-9 ms, so that step 3 of 0.1 ms reads `0.3`.
pub fn write_spikes(recording: &Recording, path: impl AsRef<Path>) -> Result<(), FileError> {
    write_whole(path, |out| {
        out.write_all(HEADINGS.as_bytes())?;
        for train in &recording.spikes {
            write_lines(out, &[(&train.step, &train.neuron)], &[beginning(&train.population)?], recording.dt)?;
        }
        Ok(())
    })
}

/// Writes the same lines in order of time, then population, then neuron, as [`CsvSpikes`] does.
///
/// **Units** as [`write_spikes`].
pub fn write_spikes_in_time(recording: &Recording, path: impl AsRef<Path>) -> Result<(), FileError> {
    write_whole(path, |out| {
        out.write_all(HEADINGS.as_bytes())?;
        let beginnings = recording.spikes.iter().map(|train| beginning(&train.population)).collect::<io::Result<Vec<_>>>()?;
        write_lines(out, &Sorted::of(&recording.spikes).trains(), &beginnings, recording.dt)
    })
}

/// What a line of a population begins with: its name, quoted where it must be.
fn beginning(population: &str) -> io::Result<Vec<u8>> {
    let mut field = ::csv::Writer::from_writer(Vec::new());
    // a field that stands alone is quoted where it is empty, and then only
    field.write_record([population, ""])?;
    let mut line = field.into_inner().map_err(|e| e.into_error())?;
    line.pop();
    Ok(line)
}

/// A line for each spike of the trains, whose lines begin so.
fn write_lines(out: &mut impl Write, trains: &[Train<'_>], beginnings: &[Vec<u8>], dt: f64) -> io::Result<()> {
    lines::write(out, trains, &Decimals::shortest(dt), |train, neuron, line| {
        line.extend_from_slice(&beginnings[train]);
        whole(neuron.into(), line);
        line.push(b',');
    })
}

/// Writes spikes while a run goes on, and keeps none: a line each in order of time, then population, then neuron.
///
/// The file has its name when the run is over, whole or not; after no step at all there is none. Traces and rates are not in
/// it. One network, no ensemble. **Units** as [`write_spikes`].
pub struct CsvSpikes {
    path: PathBuf,
    draft: Option<Draft>,
    /// By tap: what its lines begin with.
    beginnings: Vec<Vec<u8>>,
}

impl CsvSpikes {
    /// A file of this path; it is there when the run is over.
    pub fn new(path: impl AsRef<Path>) -> CsvSpikes {
        CsvSpikes { path: path.as_ref().to_owned(), draft: None, beginnings: Vec::new() }
    }

    fn failed(&self, error: impl Into<io::Error>) -> SinkError {
        FileError::write(&self.path, error.into()).into()
    }
}

impl Sink for CsvSpikes {
    fn begin(&mut self, header: &Header) -> Result<(), SinkError> {
        header.alone()?;
        let beginnings = header.taps.iter().map(|tap| beginning(tap.population())).collect::<io::Result<_>>();
        self.beginnings = beginnings.map_err(|e| self.failed(e))?;
        let mut draft = Draft::create(&self.path).map_err(|e| self.failed(e))?;
        draft.write_all(HEADINGS.as_bytes()).map_err(|e| self.failed(e))?;
        self.draft = Some(draft);
        Ok(())
    }

    fn batch(&mut self, batch: &Committed<'_>) -> Result<(), SinkError> {
        let Some(draft) = &mut self.draft else { return Ok(()) };
        write_lines(draft, &batch.trains(0), &self.beginnings, batch.header().dt).map_err(|e| self.failed(e))
    }

    fn end(&mut self, ended: &Ended<'_>) -> Result<(), SinkError> {
        let Some(draft) = self.draft.take().filter(|_| ended.steps > 0) else { return Ok(()) };
        draft.publish().map_err(|e| self.failed(e))
    }
}

/// Reads spikes back. Populations keep the order of their first spike; one without spikes is not in the file.
///
/// **Units**: `dt` in ms; each time is taken to the nearest step. **Shape**: `size` is the largest number seen plus one.
///
/// **Errors**: a missing column, a time or number that is none, a time before 0, a `dt` that is not above 0.
pub fn read_spikes(path: impl AsRef<Path>, dt: f64) -> Result<Vec<SpikeTrain>, FileError> {
    let path = path.as_ref();
    if !(dt.is_finite() && dt > 0.0) {
        return Err(FileError::content(path, format!("cannot count steps of {dt} ms")));
    }
    let mut table = ::csv::Reader::from_path(path).map_err(|e| FileError::read(path, e))?;
    let headers = table.headers().map_err(|e| FileError::read(path, e))?.clone();
    let column = |name: &str| {
        let found = headers.iter().position(|header| header.trim() == name);
        found.ok_or_else(|| FileError::content(path, format!("no column `{name}`")))
    };
    let (population, neuron, time) = (column("population")?, column("neuron")?, column("time_ms")?);
    let mut trains: Vec<(SpikeTrain, Vec<(u64, u32)>)> = Vec::new();
    for (line, record) in table.records().enumerate() {
        let record = record.map_err(|e| FileError::read(path, e))?;
        let field = |column: usize| record.get(column).unwrap_or("").trim();
        let wrong =
            |what: &str, text: &str| FileError::content(path, format!("line {}: expected {what}, found `{text}`", line + 2));
        let number: u32 = field(neuron).parse().map_err(|_no_number| wrong("the number of a neuron", field(neuron)))?;
        let ms: f64 = field(time).parse().map_err(|_no_number| wrong("a time in ms", field(time)))?;
        if !(ms.is_finite() && ms >= 0.0) {
            return Err(wrong("a time in ms, 0 or later", field(time)));
        }
        let name = record.get(population).unwrap_or("");
        let place = trains.iter().position(|(train, _)| train.population == name).unwrap_or_else(|| {
            trains.push((SpikeTrain { population: name.to_owned(), ..SpikeTrain::default() }, Vec::new()));
            trains.len() - 1
        });
        trains[place].1.push(((ms / dt).round() as u64, number));
    }
    Ok(trains.into_iter().map(|(train, pairs)| filled(train, pairs)).collect())
}

/// The train with its spikes, sorted.
pub(super) fn filled(mut train: SpikeTrain, mut pairs: Vec<(u64, u32)>) -> SpikeTrain {
    pairs.sort_unstable();
    let largest = pairs.iter().map(|&(_, neuron)| neuron).max();
    train.size = train.size.max(largest.map_or(0, |largest| largest.saturating_add(1)));
    (train.step, train.neuron) = pairs.into_iter().unzip();
    train
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_of_the_disk_that_fails_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let recording = Recording { dt: 0.1, spikes: vec![SpikeTrain::long()], ..Recording::default() };
        let write = |path: &Path| write_spikes(&recording, path).map_err(|e| e.to_string());
        assert!(crate::whole::tests::each_call_fails(&folder.path().join("spikes.csv"), &write) > 6);
    }

    #[test]
    fn spikes_come_back_on_their_steps() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spikes.csv");
        let train = |population: &str, pairs: Vec<(u64, u32)>| {
            filled(SpikeTrain { population: population.into(), ..SpikeTrain::default() }, pairs)
        };
        let spikes = vec![train("E, \"big\"", vec![(3, 1), (3, 4), (123_456_789, 0)]), train("I", vec![(1, 0)])];
        let recording = Recording { dt: 0.1, spikes: spikes.clone(), ..Recording::default() };
        write_spikes(&recording, &path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("population,neuron,time_ms\n\"E, \"\"big\"\"\",1,0.3\n"), "{text}");
        assert_eq!(read_spikes(&path, 0.1).unwrap(), spikes);
        for bad in ["population,neuron\nE,1\n", "population,neuron,time_ms\nE,-1,2\n", "population,neuron,time_ms\nE,1,nan\n"] {
            std::fs::write(&path, bad).unwrap();
            assert!(matches!(read_spikes(&path, 0.1), Err(FileError::Content { .. })), "{bad}");
        }
        assert!(read_spikes(&path, 0.0).is_err());
    }
}
