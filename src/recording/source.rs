//! Where the numbers of a recording come from: from memory, or from a file of chunks of which one piece is held at a time.

use std::cell::RefCell;
use std::io;

use crate::recording::Recording;
use crate::recording::file::FileError;
use crate::recording::native::{Content, Stored};
use crate::recording::sink::TapHeader;

/// The numbers of a recording, table by table, in the order of its lists.
pub trait Source {
    /// Names, units, rows, times, counts and positions.
    fn frame(&self) -> &Recording;
    /// Steps of the spikes of a population.
    fn steps(&self, train: usize) -> impl ExactSizeIterator<Item = u64>;
    /// Their neurons.
    fn neurons(&self, train: usize) -> impl ExactSizeIterator<Item = u32>;
    /// Values of a trace, sample by sample.
    fn values(&self, trace: usize) -> impl ExactSizeIterator<Item = f64>;
    /// Whether single precision holds each of them as it is.
    fn single(&self, trace: usize) -> bool;
    /// Numbers of a summary, sample by sample.
    fn summed(&self, summary: usize) -> impl ExactSizeIterator<Item = f64>;
    /// Of values at spikes: steps.
    fn at_steps(&self, table: usize) -> impl ExactSizeIterator<Item = u64>;
    /// Of values at spikes: synapses.
    fn at_synapses(&self, table: usize) -> impl ExactSizeIterator<Item = u32>;
    /// Of values at spikes: values.
    fn at_values(&self, table: usize) -> impl ExactSizeIterator<Item = f64>;
    /// **Errors** what went wrong while numbers were given: those behind it were none.
    fn failed(&self) -> io::Result<()>;
}

impl Source for Recording {
    fn frame(&self) -> &Recording {
        self
    }

    fn steps(&self, train: usize) -> impl ExactSizeIterator<Item = u64> {
        self.spikes[train].step.iter().copied()
    }

    fn neurons(&self, train: usize) -> impl ExactSizeIterator<Item = u32> {
        self.spikes[train].neuron.iter().copied()
    }

    fn values(&self, trace: usize) -> impl ExactSizeIterator<Item = f64> {
        self.traces[trace].values.iter().copied()
    }

    fn single(&self, trace: usize) -> bool {
        self.traces[trace].values.iter().all(|x| f64::from(*x as f32).to_bits() == x.to_bits())
    }

    fn summed(&self, summary: usize) -> impl ExactSizeIterator<Item = f64> {
        self.summaries[summary].values.iter().copied()
    }

    fn at_steps(&self, table: usize) -> impl ExactSizeIterator<Item = u64> {
        self.at_spikes[table].step.iter().copied()
    }

    fn at_synapses(&self, table: usize) -> impl ExactSizeIterator<Item = u32> {
        self.at_spikes[table].synapse.iter().copied()
    }

    fn at_values(&self, table: usize) -> impl ExactSizeIterator<Item = f64> {
        self.at_spikes[table].value.iter().copied()
    }

    fn failed(&self) -> io::Result<()> {
        Ok(())
    }
}

/// An instance of a file of chunks. Counted rates are held, since they are as long as their bins are many, and of the other taps the last
/// one that is asked for if it is small: of spikes several columns are asked for one after the other.
pub struct FromChunks<'s> {
    stored: &'s Stored,
    instance: usize,
    frame: Recording,
    held: RefCell<Option<(usize, Vec<Content>)>>,
    /// The first error.
    failed: RefCell<Option<FileError>>,
}

impl<'s> FromChunks<'s> {
    /// **Errors** there is no such instance; chunks of counts that are damaged.
    pub fn new(stored: &'s Stored, instance: usize) -> Result<FromChunks<'s>, FileError> {
        let frame = stored.counted(instance)?;
        Ok(FromChunks { stored, instance, frame, held: RefCell::new(None), failed: RefCell::new(None) })
    }

    /// The k-th of the taps that are so.
    fn tap(&self, is: fn(&TapHeader) -> bool, k: usize) -> usize {
        let taps = &self.stored.header().taps;
        (0..taps.len()).filter(|tap| is(&taps[*tap])).nth(k).unwrap_or(taps.len())
    }

    /// The numbers of one kind of a tap: the k-th of those that are so.
    fn flow<T>(
        &self,
        is: fn(&TapHeader) -> bool,
        k: usize,
        pick: fn(Content) -> Vec<T>,
    ) -> Flow<'_, impl Iterator<Item = Result<Content, FileError>>, T> {
        let tap = self.tap(is, k);
        let left = self.stored.numbers(self.instance, tap) as usize;
        let (kept, pieces) = if left <= HELD { (self.kept(tap), None) } else { (Vec::new(), Some(self.pieces(tap))) };
        let pieces = kept.into_iter().chain(pieces.into_iter().flatten());
        Flow { pieces, pick, now: Vec::new().into_iter(), left, failed: &self.failed }
    }

    fn pieces(&self, tap: usize) -> impl Iterator<Item = Result<Content, FileError>> {
        self.stored.pieces(self.instance, tap).map(|piece| piece.map(|piece| piece.content))
    }

    /// A small tap, read once.
    fn kept(&self, tap: usize) -> Vec<Result<Content, FileError>> {
        let mut held = self.held.borrow_mut();
        if held.as_ref().is_none_or(|(known, _)| *known != tap) {
            match self.pieces(tap).collect() {
                Ok(all) => *held = Some((tap, all)),
                Err(error) => return vec![Err(error)],
            }
        }
        held.iter().flat_map(|(_, all)| all).cloned().map(Ok).collect()
    }
}

/// Numbers of a tap that is held, spikes or samples: some MiB, whatever is recorded.
const HELD: usize = 1 << 19;

/// Numbers of one piece after the other.
struct Flow<'f, I, T> {
    pieces: I,
    pick: fn(Content) -> Vec<T>,
    now: std::vec::IntoIter<T>,
    /// How many are to come.
    left: usize,
    failed: &'f RefCell<Option<FileError>>,
}

impl<I: Iterator<Item = Result<Content, FileError>>, T: Default> Iterator for Flow<'_, I, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        loop {
            if let Some(number) = self.now.next() {
                return Some(number);
            }
            match self.pieces.next() {
                Some(Ok(content)) => self.now = (self.pick)(content).into_iter(),
                Some(Err(error)) => {
                    self.failed.borrow_mut().get_or_insert(error);
                    return Some(T::default());
                }
                None => return Some(T::default()),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<I: Iterator<Item = Result<Content, FileError>>, T: Default> ExactSizeIterator for Flow<'_, I, T> {}

fn samples(content: Content) -> Vec<f64> {
    if let Content::Samples(values) = content { values } else { Vec::new() }
}

fn steps(content: Content) -> Vec<u64> {
    if let Content::Spikes(spikes) | Content::AtSpikes(spikes, _) = content { spikes.steps } else { Vec::new() }
}

fn numbers(content: Content) -> Vec<u32> {
    if let Content::Spikes(spikes) | Content::AtSpikes(spikes, _) = content { spikes.neurons } else { Vec::new() }
}

fn is_train(tap: &TapHeader) -> bool {
    matches!(tap, TapHeader::Spikes { .. })
}

fn is_trace(tap: &TapHeader) -> bool {
    matches!(tap, TapHeader::State { .. } | TapHeader::Synapses { .. })
}

fn is_at_spikes(tap: &TapHeader) -> bool {
    matches!(tap, TapHeader::AtSpikes { .. })
}

impl Source for FromChunks<'_> {
    fn frame(&self) -> &Recording {
        &self.frame
    }

    fn steps(&self, train: usize) -> impl ExactSizeIterator<Item = u64> {
        self.flow(is_train, train, steps)
    }

    fn neurons(&self, train: usize) -> impl ExactSizeIterator<Item = u32> {
        self.flow(is_train, train, numbers)
    }

    fn values(&self, trace: usize) -> impl ExactSizeIterator<Item = f64> {
        self.flow(is_trace, trace, samples)
    }

    fn single(&self, trace: usize) -> bool {
        self.stored.single(self.instance, self.tap(is_trace, trace))
    }

    fn summed(&self, summary: usize) -> impl ExactSizeIterator<Item = f64> {
        self.flow(|tap| matches!(tap, TapHeader::Reduced { .. }), summary, samples)
    }

    fn at_steps(&self, table: usize) -> impl ExactSizeIterator<Item = u64> {
        self.flow(is_at_spikes, table, steps)
    }

    fn at_synapses(&self, table: usize) -> impl ExactSizeIterator<Item = u32> {
        self.flow(is_at_spikes, table, numbers)
    }

    fn at_values(&self, table: usize) -> impl ExactSizeIterator<Item = f64> {
        let values = |content| if let Content::AtSpikes(_, values) = content { values } else { Vec::new() };
        self.flow(is_at_spikes, table, values)
    }

    fn failed(&self) -> io::Result<()> {
        self.failed.borrow_mut().take().map_or(Ok(()), |error| Err(io::Error::other(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that cannot be read are told, and nothing of the file is left.
    #[test]
    fn damage_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.chunks");
        let spikes = crate::recording::sink::Spikes { steps: vec![1, 2], neurons: vec![0, 1] };
        let taps = vec![TapHeader::Spikes { population: "p".into(), size: 2, rows: None }];
        let header = crate::recording::sink::Header { dt: 0.1, instances: 1, taps, ..Default::default() };
        let mut sink = crate::recording::native::Chunks::new(&path);
        let batch = [spikes];
        use crate::recording::sink::{Committed, Ended, How, Sink};
        sink.begin(&header).unwrap();
        sink.batch(&Committed::new(&header, 0, 2, &batch, &[Vec::new()])).unwrap();
        sink.end(&Ended::new(2, How::Whole, &[])).unwrap();
        crate::recording::npz::write_stored(&Stored::open(&path).unwrap(), folder.path()).unwrap();
        let written = crate::recording::npz::read(folder.path()).unwrap();
        assert_eq!(written.spikes[0].step, [1, 2]);
        let mut bytes = std::fs::read(&path).unwrap();
        let steps = bytes.windows(16).position(|part| part == [1u64.to_le_bytes(), 2u64.to_le_bytes()].concat()).unwrap();
        bytes[steps] = 0;
        std::fs::write(&path, &bytes).unwrap();
        let before = std::fs::read(folder.path().join("spikes.npz")).unwrap();
        let error = crate::recording::npz::write_stored(&Stored::open(&path).unwrap(), folder.path()).unwrap_err().to_string();
        assert!(error.contains("spikes.npz") && error.contains("this chunk is damaged"), "{error}");
        assert_eq!(std::fs::read(folder.path().join("spikes.npz")).unwrap(), before);
    }
}
