//! A file of chunks, read: nothing of it is believed that its length or its sums do not bear out.
//!
//! In: a file, whole or cut off. Out: its chunks one by one, or a recording. Not here: bytes of heads (`layout`).

mod check;
mod find;
mod hand_over;
mod part;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::about::{About, Ending};
use super::gather::bins;
use super::layout::{HEAD, Head, Kind, f32s, f64s, u32s, u64s};
use crate::recording::file::FileError;
use crate::recording::sink::{Header, Spikes, TapHeader};
use crate::recording::{Recording, Sites};

/// A recording in chunks on the disk.
#[derive(Debug)]
pub struct Stored {
    path: PathBuf,
    /// Read from its place on: one reader at a time.
    file: Mutex<File>,
    header: Header,
    /// In the order of the file, up to the last that is complete.
    chunks: Vec<Found>,
    steps: u64,
    ending: Option<Ending>,
    cut: Option<Cut>,
}

/// Where a chunk begins, and its head.
#[derive(Clone, Copy, Debug)]
struct Found {
    at: u64,
    head: Head,
}

/// What is missing of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cut {
    /// Where in the file it ends to make sense. **Units** bytes.
    pub offset: u64,
    /// The last step up to which everything is there.
    pub step: u64,
    /// What is wrong there.
    pub why: String,
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cut off: {} (byte {}); everything up to step {} is there", self.why, self.offset, self.step)
    }
}

/// What a tap took in some steps.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Piece {
    /// It is about the steps behind this one.
    pub first: u64,
    /// So many.
    pub steps: u64,
    /// The numbers.
    pub content: Content,
}

/// The numbers of a piece.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// By step, then neuron.
    Spikes(Spikes),
    /// Spikes of these steps in each bin that they touch; a bin of two pieces is their sum.
    Counts {
        /// The first of these bins, counted from the start of the run.
        first_bin: u64,
        /// Spikes.
        counts: Vec<u64>,
    },
    /// Sample by sample, so many numbers each as the tap says.
    Samples(Vec<f64>),
    /// By step, then synapse: a value each.
    AtSpikes(Spikes, Vec<f64>),
}

impl Stored {
    /// Opens a file of chunks. One that was cut off is opened too: [`Stored::cut`] tells.
    ///
    /// **Errors** the system; no such file; a newer one; one whose parts do not fit together, and at which byte.
    pub fn open(path: impl AsRef<Path>) -> Result<Stored, FileError> {
        let path = path.as_ref();
        let mut file = File::open(path).map_err(|e| FileError::read(path, e))?;
        let found = find::all(path, &mut file)?;
        let wrong = |at: u64, what: String| FileError::content(path, format!("byte {at}: {what}"));
        let Some((first, rest)) = found.chunks.split_first().filter(|(first, _)| first.head.kind == Kind::About) else {
            return Err(wrong(super::layout::START, "expected the chunk that tells what is recorded".into()));
        };
        let about = read(path, &mut file, first)?;
        let about: About = serde_json::from_slice(&about).map_err(|e| wrong(first.at, e.to_string()))?;
        let header = about.header().map_err(|e| wrong(first.at, e))?;
        let checked = check::all(&header, &about, rest).map_err(|(at, what)| wrong(at, what))?;
        let mut stored = Stored {
            path: path.to_owned(),
            file: Mutex::new(file),
            header,
            chunks: rest.to_vec(),
            steps: checked.steps,
            ending: None,
            cut: found.cut.map(|(offset, why)| Cut { offset, step: checked.steps, why }),
        };
        stored.cut.iter_mut().for_each(|cut| cut.step += stored.header.first_step);
        stored.header.positions = stored.positions(&about)?;
        if let Some(end) = checked.end {
            let text = stored.read(&end)?;
            let ending: Ending = serde_json::from_slice(&text).map_err(|e| wrong(end.at, e.to_string()))?;
            if ending.steps != stored.steps {
                return Err(wrong(end.at, format!("the run ended after {} steps, and {} are there", ending.steps, stored.steps)));
            }
            stored.ending = Some(ending);
        }
        Ok(stored)
    }

    /// What was to be recorded, positions included.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Steps of which everything is there.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// What is missing; `None`: the file is whole, be the run it or not ([`Stored::how`]).
    pub fn cut(&self) -> Option<&Cut> {
        self.cut.as_ref()
    }

    /// `whole`, `stopped`, or `failed` with the reason; `None`: the file was cut off before.
    pub fn how(&self) -> Option<(&str, Option<&str>)> {
        self.ending.as_ref().map(|ending| (ending.how.as_str(), ending.why.as_deref()))
    }

    /// What there was to say of the network as it ran.
    pub fn remarks(&self) -> &[String] {
        self.ending.as_ref().map_or(&[], |ending| &ending.remarks)
    }

    /// The pieces of a tap of an instance, in order. Each is read when it is asked for.
    pub fn pieces(&self, instance: usize, tap: usize) -> impl Iterator<Item = Result<Piece, FileError>> + '_ {
        self.found(instance, tap).map(|found| self.piece(found))
    }

    /// Spikes, or values at spikes, that a tap of an instance took.
    pub fn count(&self, instance: usize, tap: usize) -> u64 {
        self.found(instance, tap).map(|found| found.head.spikes()).sum()
    }

    /// Bytes of the recording of an instance in memory.
    pub fn bytes(&self, instance: usize) -> u64 {
        let taps = (0..self.header.taps.len()).flat_map(|tap| self.found(instance, tap));
        // what stands in single precision takes twice as much in memory
        taps.map(|found| found.head.bytes * if found.head.kind == Kind::Samples32 { 2 } else { 1 }).sum()
    }

    #[cfg(test)]
    pub(super) fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.chunks.iter().map(|found| found.head.kind)
    }

    /// Everything of an instance in memory.
    ///
    /// **Errors** a chunk that is damaged, and at which byte; more than the machine gives.
    pub fn recording(&self, instance: usize) -> Result<Recording, FileError> {
        let mut out = self.begun(instance)?;
        let (mut trains, mut rates, mut traces) = (out.spikes.iter_mut(), out.rates.iter_mut(), out.traces.iter_mut());
        let (mut summaries, mut at_spikes) = (out.summaries.iter_mut(), out.at_spikes.iter_mut());
        for (tap, header) in self.header.taps.iter().enumerate() {
            let count = self.count(instance, tap) as usize;
            match header {
                TapHeader::Spikes { .. } => {
                    let Some(to) = trains.next() else { continue };
                    self.room(&mut to.step, count)?;
                    self.room(&mut to.neuron, count)?;
                    for piece in self.pieces(instance, tap) {
                        let Content::Spikes(spikes) = piece?.content else { continue };
                        to.step.extend(spikes.steps);
                        to.neuron.extend(spikes.neurons);
                    }
                }
                TapHeader::Rate { .. } => {
                    let Some(to) = rates.next() else { continue };
                    self.count_up(instance, tap, &mut to.count)?;
                }
                TapHeader::State { .. } | TapHeader::Synapses { .. } => {
                    let Some(to) = traces.next() else { continue };
                    self.fill(instance, tap, &mut to.values)?;
                }
                TapHeader::Reduced { .. } => {
                    let Some(to) = summaries.next() else { continue };
                    self.fill(instance, tap, &mut to.values)?;
                }
                TapHeader::AtSpikes { .. } => {
                    let Some(to) = at_spikes.next() else { continue };
                    self.room(&mut to.step, count)?;
                    self.room(&mut to.synapse, count)?;
                    self.room(&mut to.value, count)?;
                    for piece in self.pieces(instance, tap) {
                        let Content::AtSpikes(spikes, values) = piece?.content else { continue };
                        to.step.extend(spikes.steps);
                        to.synapse.extend(spikes.neurons);
                        to.value.extend(values);
                    }
                }
            }
        }
        Ok(out)
    }

    /// The recording of an instance without its numbers, but with what was counted in bins.
    ///
    /// **Errors** there is no such instance; chunks of counts that are damaged.
    pub fn counted(&self, instance: usize) -> Result<Recording, FileError> {
        let mut out = self.begun(instance)?;
        let is_rate = |tap: &usize| matches!(self.header.taps[*tap], TapHeader::Rate { .. });
        for (rate, tap) in out.rates.iter_mut().zip((0..self.header.taps.len()).filter(is_rate)) {
            self.count_up(instance, tap, &mut rate.count)?;
        }
        Ok(out)
    }

    /// **Errors** an ensemble.
    pub(in crate::recording) fn alone(&self) -> Result<(), FileError> {
        match self.header.instances {
            1 => Ok(()),
            n => Err(FileError::content(&self.path, format!("it holds an ensemble of {n}, and this form takes one network"))),
        }
    }

    /// How many numbers of a kind a tap of an instance has: values of samples, or spikes.
    pub(in crate::recording) fn numbers(&self, instance: usize, tap: usize) -> u64 {
        self.found(instance, tap).map(|found| found.head.numbers() + found.head.spikes()).sum()
    }

    /// Whether all samples of a tap stand in single precision.
    pub(in crate::recording) fn single(&self, instance: usize, tap: usize) -> bool {
        self.found(instance, tap).all(|found| found.head.kind == Kind::Samples32)
    }

    fn count_up(&self, instance: usize, tap: usize, to: &mut Vec<u64>) -> Result<(), FileError> {
        for piece in self.pieces(instance, tap) {
            let Content::Counts { first_bin, counts } = piece?.content else { continue };
            // each piece goes on where the one before ends, or in the same bin
            let first = first_bin as usize;
            to.resize(to.len().max(first + counts.len()), 0);
            to.iter_mut().skip(first).zip(&counts).for_each(|(sum, count)| *sum = sum.saturating_add(*count));
        }
        Ok(())
    }

    /// The recording of an instance without its numbers.
    ///
    /// **Errors** there is no such instance.
    fn begun(&self, instance: usize) -> Result<Recording, FileError> {
        if instance >= self.header.instances {
            let message = format!("there is no instance {instance}: it holds {}", self.header.instances);
            return Err(FileError::content(&self.path, message));
        }
        let mut out = Recording::begun(&self.header);
        out.steps = self.steps;
        out.rates.iter_mut().for_each(|rate| rate.steps = self.steps);
        Ok(out)
    }

    /// Samples of a tap into a list.
    fn fill(&self, instance: usize, tap: usize, to: &mut Vec<f64>) -> Result<(), FileError> {
        self.room(to, self.found(instance, tap).map(|found| found.head.numbers() as usize).sum())?;
        for piece in self.pieces(instance, tap) {
            let Content::Samples(values) = piece?.content else { continue };
            to.extend(values);
        }
        Ok(())
    }

    /// Room in a list for so many numbers, which the file is known to hold.
    fn room<T>(&self, list: &mut Vec<T>, count: usize) -> Result<(), FileError> {
        let gave = list.try_reserve_exact(count);
        gave.map_err(|_too_much| FileError::content(&self.path, "it holds more than this machine's memory: read it in pieces"))
    }

    fn found(&self, instance: usize, tap: usize) -> impl Iterator<Item = &Found> + '_ {
        let place = (instance * self.header.taps.len() + tap) as u32;
        let is = instance < self.header.instances && tap < self.header.taps.len();
        self.chunks.iter().filter(move |found| is && found.head.kind.is_of_a_tap() && found.head.place == place)
    }

    fn piece(&self, found: &Found) -> Result<Piece, FileError> {
        let bytes = self.read(found)?;
        let head = found.head;
        let count = head.spikes() as usize;
        let spikes = |bytes: &[u8]| Spikes { steps: u64s(&bytes[..8 * count]), neurons: u32s(&bytes[8 * count..12 * count]) };
        let content = match head.kind {
            Kind::Spikes => Content::Spikes(spikes(&bytes)),
            Kind::Samples32 => Content::Samples(f32s(&bytes)),
            Kind::Samples64 => Content::Samples(f64s(&bytes)),
            Kind::AtSpikes32 => Content::AtSpikes(spikes(&bytes), f32s(&bytes[12 * count..])),
            Kind::AtSpikes64 => Content::AtSpikes(spikes(&bytes), f64s(&bytes[12 * count..])),
            _ => {
                let TapHeader::Rate { bin, .. } = &self.header.taps[head.place as usize % self.header.taps.len()] else {
                    return Err(self.wrong(found, "counts of what is not counted".into()));
                };
                let bins = bins(*bin, self.header.first_step, head.first, head.first + head.steps);
                Content::Counts { first_bin: bins.start, counts: u64s(&bytes) }
            }
        };
        if let Content::Spikes(spikes) | Content::AtSpikes(spikes, _) = &content {
            check::spikes(&self.header, &head, spikes).map_err(|what| self.wrong(found, what))?;
        }
        Ok(Piece { first: head.first, steps: head.steps, content })
    }

    fn positions(&self, about: &About) -> Result<Vec<Sites>, FileError> {
        let mut all = Vec::new();
        for (place, of) in about.positions.iter().enumerate() {
            let mut um = Vec::new();
            for found in self.chunks.iter().filter(|f| f.head.kind == Kind::Positions && f.head.place as usize == place) {
                um.extend(f64s(&self.read(found)?).chunks_exact(3).map(|at| [at[0], at[1], at[2]]));
            }
            all.push(Sites { population: of.population.clone(), um: Arc::new(um) });
        }
        Ok(all)
    }

    fn read(&self, found: &Found) -> Result<Vec<u8>, FileError> {
        // a reader that panicked has left a place in the file, and each sets its own
        read(&self.path, &mut self.file.lock().unwrap_or_else(PoisonError::into_inner), found)
    }

    fn wrong(&self, found: &Found, what: String) -> FileError {
        FileError::content(&self.path, format!("byte {}: {what}", found.at))
    }
}

/// The columns of a chunk, whose length was held to that of the file.
fn read(path: &Path, file: &mut File, found: &Found) -> Result<Vec<u8>, FileError> {
    let wrong = |what: &str| FileError::content(path, format!("byte {}: {what}", found.at));
    let length = usize::try_from(found.head.bytes).map_err(|_too_long| wrong("a chunk longer than this machine's memory"))?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(HEAD + length).map_err(|_too_long| wrong("a chunk longer than this machine's memory"))?;
    file.seek(SeekFrom::Start(found.at)).map_err(|e| FileError::read(path, e))?;
    file.take((HEAD + length) as u64).read_to_end(&mut bytes).map_err(|e| FileError::read(path, e))?;
    if bytes.len() < HEAD + length {
        return Err(wrong("the file ends amid this chunk"));
    }
    let head = Head::from_bytes(&bytes[..HEAD]).map_err(|what| wrong(&what))?;
    if head != found.head {
        return Err(wrong("the head of this chunk is not that of the index"));
    }
    let columns = bytes.split_off(HEAD);
    if crc32fast::hash(&columns) != head.sum {
        return Err(wrong("this chunk is damaged: its sum does not fit"));
    }
    Ok(columns)
}

impl Head {
    /// Bytes of a spike; 0: it holds none.
    fn spike(&self) -> u64 {
        match self.kind {
            Kind::Spikes => 12,
            Kind::AtSpikes32 => 16,
            Kind::AtSpikes64 => 20,
            _ => 0,
        }
    }

    fn spikes(&self) -> u64 {
        self.bytes.checked_div(self.spike()).unwrap_or(0)
    }

    /// Numbers of samples.
    fn numbers(&self) -> u64 {
        match self.kind {
            Kind::Samples32 => self.bytes / 4,
            Kind::Samples64 => self.bytes / 8,
            _ => 0,
        }
    }
}
