//! Recordings in chunks, written while a run goes on: memory is bounded however long it is, and what is complete can be read after
//! a kill, a full disk or a fault.
//!
//! In: a run that goes on ([`Chunks`]). Out: a file, and from it ([`Stored`]) chunks, a [`Recording`](super::Recording), other formats
//! (`synfire convert`). Not here: what is recorded (`network::Probe`). The [guide](crate::guide::recordings) reads one in Python.
//!
//! Everything is little-endian. Sums are CRC-32 (that of zlib). The file begins with 16 bytes: `89 53 59 4e 46 49 52 45 0d 0a 1a 0a`,
//! then the version, u32, 1. Chunks follow, each with a head of 48 bytes before its columns:
//!
//! | bytes | what |
//! | --- | --- |
//! | 0..4 | `CHNK` |
//! | 4..8 | kind, u32 |
//! | 8..12 | place, u32: instance · taps + tap; of positions: of which population |
//! | 12..16 | width, u32: numbers of a sample |
//! | 16..24, 24..32 | first, steps, u64: it is about the steps `first + 1` up to and with `first + steps` |
//! | 32..40 | bytes of its columns, u64 |
//! | 40..44, 44..48 | sum of its columns; sum of the 44 bytes before |
//!
//! | kind | columns |
//! | --- | --- |
//! | 1 about | JSON: network, hash, seed, `dt_ms`, taps with names, units, rows and times; the first chunk |
//! | 2 positions | f64 `[neuron, 3]`, um: `steps` neurons from `first` on |
//! | 3 spikes | u64 `[spike]` steps, then u32 `[spike]` neurons: by step, then neuron. Time is step · `dt_ms` |
//! | 4 counts | u64 `[bin]`: spikes of the chunk's steps in each bin that they touch, counted from the start of the run; a bin of two chunks is their sum |
//! | 5, 6 samples | f32 or f64 `[sample, width]`; f32 where each number is exactly such a one |
//! | 7, 8 at spikes | u64 `[spike]` steps, u32 `[spike]` synapses, f32 or f64 `[spike]` values |
//! | 9 complete | nothing: every tap has every chunk up to step `first + steps` |
//! | 10 end | JSON: steps done, `how` (`whole`, `stopped`, `failed`), remarks |
//! | 11 index | of every chunk before it: u64 where it begins, then its head |
//!
//! The last 16 bytes are u64 where the index begins, the sum of these eight bytes, and `FOOT`. The index saves looking through the file;
//! without it, chunk after chunk tells where the next begins. What lies behind the last mark of kind 9 of a file without an end is cut off.

mod about;
mod gather;
mod layout;
mod stored;
#[cfg(test)]
mod test;
mod write;

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::file::{FileError, Growing};
use super::sink::{Committed, Ended, Header, Sink, SinkError};
use about::{About, Ending, MOST_PLACES};
use gather::{Chunk, Gathered, Spare};
use layout::{Column, Kind};
pub use stored::{Content, Cut, Piece, Stored};
use write::{Out, Writer};

/// The file that a run makes.
pub const FILE: &str = "recording.chunks";

/// Bytes that are gathered before they are handed to the disk.
const FULL: usize = 4 << 20;

/// Time after which they are, few as they may be.
const PERIOD: Duration = Duration::from_secs(1);

/// Writes what a run gives while it goes on, and keeps none of it. Ensembles too.
///
/// The file grows under its name with `.part` behind it, and has its name when the run is over, whole or not; after no step at all there
/// is none. What a run that was killed left as `.part` is never overwritten, and can be read up to its last second, or the last
/// thousandth of its time.
///
/// **Memory**: what is gathered, what waits and what is being written: three times 4 MiB and a batch.
pub struct Chunks {
    path: PathBuf,
    full: usize,
    /// On the thread that hands batches over.
    inline: bool,
    /// What the thread that writes does first, in tests.
    #[cfg(test)]
    first: Option<fn()>,
    run: Option<Running>,
    written: write::Written,
}

/// A run that goes on.
struct Running {
    writer: Writer,
    /// Instance after instance.
    gathered: Vec<Gathered>,
    taps: usize,
    /// The step at which it began, the last that was handed on, the last that was taken.
    origin: u64,
    first: u64,
    done: u64,
    began: Instant,
    handed: Instant,
}

impl Chunks {
    /// A file of this path; it is there when the run is over.
    pub fn new(path: impl AsRef<Path>) -> Chunks {
        let path = path.as_ref().to_owned();
        let written = write::Written::default();
        Chunks {
            path,
            full: FULL,
            inline: false,
            #[cfg(test)]
            first: None,
            run: None,
            written,
        }
    }

    /// Seconds that the disk took to confirm the last file.
    pub fn sync_s(&self) -> f64 {
        self.written.sync_s
    }

    /// Seconds that the thread which writes was busy with the last file, while its run went on.
    pub fn busy_s(&self) -> f64 {
        self.written.busy_s
    }

    /// Bytes of the last file.
    pub fn bytes(&self) -> u64 {
        self.written.bytes
    }

    fn failed(&self, error: io::Error) -> SinkError {
        let error = match self.run {
            None => error,
            Some(_) => io::Error::new(error.kind(), format!("{error}; what is complete in it can be read")),
        };
        FileError::write(&Growing::beside(&self.path), error).into()
    }

    /// The file, once everything that was handed on is written.
    fn finish(&mut self) -> Result<Option<Out>, SinkError> {
        let Some(run) = self.run.take() else { return Ok(None) };
        run.writer.finish().map(Some).map_err(|e| {
            let error = io::Error::new(e.kind(), format!("{e}; what is complete in it can be read"));
            FileError::write(&Growing::beside(&self.path), error).into()
        })
    }

    /// Hands on what was gathered.
    fn hand_on(&mut self) -> Result<(), SinkError> {
        let Some(run) = &mut self.run else { return Ok(()) };
        let (first, steps) = (run.first, run.done - run.first);
        let gathered = run.gathered.iter_mut().enumerate();
        let mut group: Vec<Chunk> = gathered.filter_map(|(place, tap)| tap.take(place as u32, first, steps)).collect();
        group.push(complete(run.origin, run.done));
        (run.first, run.handed) = (run.done, Instant::now());
        match run.writer.send(group) {
            Ok(true) => {
                // what is written by now is filled next: so three groups are all that there ever are
                let mut spare = Spare::of(run.writer.written());
                run.gathered.iter_mut().for_each(|tap| tap.refill(&mut spare));
                Ok(())
            }
            Ok(false) => self.finish().map(|_| ()),
            Err(error) => Err(self.failed(error)),
        }
    }
}

fn complete(origin: u64, done: u64) -> Chunk {
    Chunk { kind: Kind::Complete, place: 0, width: 0, first: origin, steps: done - origin, columns: Vec::new() }
}

fn json(kind: Kind, value: &impl serde::Serialize) -> io::Result<Chunk> {
    let text = serde_json::to_vec(value).map_err(io::Error::other)?;
    Ok(Chunk { kind, place: 0, width: 0, first: 0, steps: 0, columns: vec![Column::U8(text)] })
}

/// What stands before everything that a run gives.
fn opening(out: &mut Out, header: &Header) -> io::Result<()> {
    out.put(&json(Kind::About, &About::of(header))?)?;
    for (place, sites) in header.positions.iter().enumerate() {
        for (part, um) in sites.um.chunks(FULL / 24).enumerate() {
            let first = (part * (FULL / 24)) as u64;
            let columns = vec![Column::F64(um.iter().flatten().copied().collect())];
            out.put(&Chunk { kind: Kind::Positions, place: place as u32, width: 3, first, steps: um.len() as u64, columns })?;
        }
    }
    out.put(&complete(header.first_step, header.first_step))
}

impl Sink for Chunks {
    fn begin(&mut self, header: &Header) -> Result<(), SinkError> {
        let places = header.instances as u64 * header.taps.len() as u64;
        if places > MOST_PLACES {
            return Err(
                format!("a file of chunks takes {MOST_PLACES} probes of all instances together, and there are {places}").into()
            );
        }
        let mut out = Out::create(&self.path).map_err(|e| self.failed(e))?;
        if let Err(error) = opening(&mut out, header) {
            // nothing is computed yet, and the error that stopped it is the one to tell
            let _ = out.remove();
            return Err(self.failed(error));
        }
        #[cfg(test)]
        let first = self.first.unwrap_or(|| ());
        #[cfg(not(test))]
        let first = || ();
        let writer = if self.inline { Ok(Writer::Inline(Box::new(out))) } else { Writer::spawn(out, first) };
        let writer = writer.map_err(|e| self.failed(e))?;
        let gathered = (0..header.instances).flat_map(|_| header.taps.iter().map(Gathered::of)).collect();
        let (origin, now) = (header.first_step, Instant::now());
        let taps = header.taps.len();
        self.run = Some(Running { writer, gathered, taps, origin, first: origin, done: origin, began: now, handed: now });
        Ok(())
    }

    fn batch(&mut self, batch: &Committed<'_>) -> Result<(), SinkError> {
        let Some(run) = &mut self.run else { return Ok(()) };
        if run.writer.has_failed() {
            return self.finish().map(|_| ());
        }
        let end = *batch.steps().end();
        let mut bytes = 0;
        for (place, gathered) in run.gathered.iter_mut().enumerate() {
            let (instance, tap) = (place / run.taps, place % run.taps);
            gathered.add(batch.spikes(instance, tap), batch.samples(instance, tap), [run.origin, run.first, end]);
            bytes += gathered.bytes();
        }
        run.done = end;
        // so a run of days has not more than some ten thousand groups for its time alone
        let period = PERIOD.max(run.began.elapsed() / 1000);
        if bytes >= self.full || run.handed.elapsed() >= period { self.hand_on() } else { Ok(()) }
    }

    fn takes(&self) -> u64 {
        // what is gathered, what waits, what is being written; lists that grow have up to twice the room
        6 * self.full as u64
    }

    fn end(&mut self, ended: &Ended<'_>) -> Result<(), SinkError> {
        if self.run.as_ref().is_some_and(|run| run.done > run.first) {
            self.hand_on()?;
        }
        let Some(mut out) = self.finish()? else { return Ok(()) };
        if ended.steps == 0 {
            return out.remove().map_err(|e| self.failed(e));
        }
        let written = json(Kind::End, &Ending::of(ended)).and_then(|end| out.put(&end)).and_then(|()| out.finish());
        self.written = written.map_err(|e| self.failed(e))?;
        Ok(())
    }
}

impl Drop for Chunks {
    /// What was handed on is written, so that nobody finds a file that still grows.
    fn drop(&mut self) {
        // an error has been told in the call that met it; a run that is dropped amid its way has nobody left to tell
        let _ = self.finish();
    }
}
