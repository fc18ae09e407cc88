//! Spikes as NEST's ASCII recorder writes them: `.dat` (NEST 3: two comment lines, one of names, then `sender time_ms`, tabs between), and
//! `.gdf` (NEST 2: without the line of names, which Neo's `NestIO` takes for numbers).
//!
//! In: a recording, or a run that goes on, or a file. Out: a file, or (sender, time). Not here: NEST's memory and SIONlib recorders.
//!
//! **Source**: NEST 3, `RecordingBackendASCII` version 2; Neo 0.14, `NestIO`.

use super::Recording;
use super::decimal::{Decimals, whole};
use super::file::{Draft, FileError, write_whole};
use super::lines::{self, Sorted, Train};
use super::sink::{Committed, Ended, Header, Sink, SinkError, TapHeader};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes all spikes in order of time, then of sender.
///
/// A sender is NEST's node number: 1 for neuron 0 of the first population, counted on through the populations in the
/// order of the recording, recorded or not.
///
/// **Units**: ms, with as many decimals as the grid of `dt` needs (at least NEST's three).
pub fn write_spikes(recording: &Recording, path: impl AsRef<Path>) -> Result<(), FileError> {
    write(recording, path, Edition::Dat)
}

/// Writes the same senders and times as [`write_spikes`], without the line of names.
pub fn write_gdf(recording: &Recording, path: impl AsRef<Path>) -> Result<(), FileError> {
    write(recording, path, Edition::Gdf)
}

#[derive(Clone, Copy)]
enum Edition {
    Dat,
    Gdf,
}

fn write(recording: &Recording, path: impl AsRef<Path>, edition: Edition) -> Result<(), FileError> {
    let first = senders(recording.spikes.iter().map(|train| train.size));
    write_whole(path, |out| {
        edition.heading(out)?;
        write_lines(out, recording.dt, &Sorted::of(&recording.spikes).trains(), &first)
    })
}

/// By population of so many neurons: the sender of its neuron 0.
fn senders(sizes: impl Iterator<Item = u32>) -> Vec<u64> {
    let counted = sizes.scan(1u64, |next, size| {
        let first = *next;
        *next += u64::from(size);
        Some(first)
    });
    counted.collect()
}

impl Edition {
    fn heading(self, out: &mut impl Write) -> io::Result<()> {
        // a first line without a point makes NestIO take times for whole numbers
        writeln!(out, "# synfire {}, in the format of NEST", env!("CARGO_PKG_VERSION"))?;
        match self {
            Edition::Dat => write!(out, "# RecordingBackendASCII version: 2\nsender\ttime_ms\n"),
            Edition::Gdf => Ok(()),
        }
    }
}

/// A line for each spike of the trains, whose neurons 0 are these senders. Senders count through them: by train and neuron is by sender.
fn write_lines(out: &mut impl Write, dt: f64, trains: &[Train<'_>], first: &[u64]) -> io::Result<()> {
    let times = Decimals::fixed(dt, (3..=9).find(|&n| on_grid(dt, n)).unwrap_or(9));
    lines::write(out, trains, &times, |train, neuron, line| {
        whole(first[train] + u64::from(neuron), line);
        line.push(b'\t');
    })
}

/// Writes the same file as [`write_spikes`] or [`write_gdf`] while a run goes on, and keeps no spike.
///
/// The file has its name when the run is over, whole or not; after no step at all there is none. One network, no ensemble.
pub struct NestSpikes {
    path: PathBuf,
    edition: Edition,
    draft: Option<Draft>,
    /// By tap: the sender of its neuron 0.
    first: Vec<u64>,
}

impl NestSpikes {
    /// A file of this path; it is there when the run is over.
    pub fn new(path: impl AsRef<Path>) -> NestSpikes {
        NestSpikes { path: path.as_ref().to_owned(), edition: Edition::Dat, draft: None, first: Vec::new() }
    }

    /// One as [`write_gdf`] writes it.
    pub fn gdf(path: impl AsRef<Path>) -> NestSpikes {
        NestSpikes { edition: Edition::Gdf, ..NestSpikes::new(path) }
    }

    fn failed(&self, error: io::Error) -> SinkError {
        FileError::write(&self.path, error).into()
    }
}

impl Sink for NestSpikes {
    fn begin(&mut self, header: &Header) -> Result<(), SinkError> {
        header.alone()?;
        let size = |tap: &TapHeader| if let TapHeader::Spikes { size, .. } = tap { *size } else { 0 };
        self.first = senders(header.taps.iter().map(size));
        let mut draft = Draft::create(&self.path).map_err(|e| self.failed(e))?;
        self.edition.heading(&mut draft).map_err(|e| self.failed(e))?;
        self.draft = Some(draft);
        Ok(())
    }

    fn batch(&mut self, batch: &Committed<'_>) -> Result<(), SinkError> {
        let Some(draft) = &mut self.draft else { return Ok(()) };
        write_lines(draft, batch.header().dt, &batch.trains(0), &self.first).map_err(|e| self.failed(e))
    }

    fn end(&mut self, ended: &Ended<'_>) -> Result<(), SinkError> {
        let Some(draft) = self.draft.take().filter(|_| ended.steps > 0) else { return Ok(()) };
        draft.publish().map_err(|e| self.failed(e))
    }
}

/// Reads the spikes of one file as (sender, time in ms), in the order of the file.
///
/// **Errors**: a line that is neither a comment, nor the heading, nor a sender and a time.
pub fn read_spikes(path: impl AsRef<Path>) -> Result<Vec<(u64, f64)>, FileError> {
    let path = path.as_ref();
    let text = std::fs::read_to_string(path).map_err(|e| FileError::read(path, e))?;
    let mut spikes = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line.starts_with("sender") {
            continue;
        }
        let mut words = line.split_whitespace();
        let sender = words.next().and_then(|word| word.parse().ok());
        let time = words.next().and_then(|word| word.parse().ok()).filter(|time: &f64| time.is_finite());
        match (sender, time) {
            (Some(sender), Some(time)) => spikes.push((sender, time)),
            _ => {
                let message = format!("line {}: expected a sender and a time in ms, found `{line}`", number + 1);
                return Err(FileError::content(path, message));
            }
        }
    }
    Ok(spikes)
}

/// Whether so many decimals hold every multiple of dt.
fn on_grid(dt: f64, decimals: u32) -> bool {
    let scaled = dt * 10f64.powi(decimals as i32);
    (scaled - scaled.round()).abs() < 1e-6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::SpikeTrain;

    #[test]
    fn every_call_of_the_disk_that_fails_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let recording = Recording { dt: 0.1, spikes: vec![SpikeTrain::long()], ..Recording::default() };
        let write = |path: &Path| write_spikes(&recording, path).map_err(|e| e.to_string());
        assert!(crate::whole::tests::each_call_fails(&folder.path().join("spikes.dat"), &write) > 6);
    }

    #[test]
    fn senders_count_through_the_populations() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spikes.dat");
        let train = |size, step, neuron| SpikeTrain { size, step, neuron, ..SpikeTrain::default() };
        let spikes = vec![train(10, vec![5, 7], vec![3, 9]), train(2, vec![6], vec![0])];
        let recording = Recording { dt: 0.1, spikes, ..Recording::default() };
        write_spikes(&recording, &path).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().ends_with("sender\ttime_ms\n4\t0.500\n11\t0.600\n10\t0.700\n"));
        assert_eq!(read_spikes(&path).unwrap(), [(4, 0.5), (11, 0.6), (10, 0.7)]);
        let gdf = folder.path().join("spikes.gdf");
        write_gdf(&recording, &gdf).unwrap();
        let text = std::fs::read_to_string(&gdf).unwrap();
        let (first, rest) = text.split_once('\n').unwrap();
        assert!(first.starts_with("# ") && first.contains('.') && rest == "4\t0.500\n11\t0.600\n10\t0.700\n");
        assert_eq!(read_spikes(&gdf).unwrap(), [(4, 0.5), (11, 0.6), (10, 0.7)]);
        std::fs::write(&path, "1\n").unwrap();
        assert!(read_spikes(&path).is_err());
        // 1/32 ms needs five decimals
        write_spikes(&Recording { dt: 1.0 / 32.0, ..recording }, &path).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().contains("4\t0.15625\n"));
    }
}
