//! Of a file of chunks what fits in so much memory: for pictures and means of a run that memory does not hold.

use super::{Content, Stored};
use crate::recording::Recording;
use crate::recording::file::FileError;
use crate::recording::native::layout::{Kind, f32s, f64s};
use crate::recording::sink::TapHeader;

/// Rows of a trace that are kept: more than pictures draw.
const ROWS: usize = 8;

impl Stored {
    /// A recording of an instance in about so many bytes at most: the whole, if that fits; else of spikes every so many neurons (named as the
    /// recorded rows), of states the first rows at every so many samples, of values at spikes every so many synapses. What is counted in bins
    /// is there whole. All chunks are read, since a sum is of all of a chunk, and what is drawn is held to it as well.
    ///
    /// **Errors** as [`Stored::recording`].
    pub fn part(&self, instance: usize, bytes: u64) -> Result<Recording, FileError> {
        if self.bytes(instance) <= bytes {
            return self.recording(instance);
        }
        let mut out = self.counted(instance)?;
        let taps = &self.header.taps;
        let share = (bytes / taps.len().max(1) as u64).max(1);
        let (mut trains, mut traces) = (out.spikes.iter_mut(), out.traces.iter_mut());
        let (mut summaries, mut at_spikes) = (out.summaries.iter_mut(), out.at_spikes.iter_mut());
        for (tap, header) in taps.iter().enumerate() {
            let each = |bytes: u64| (self.count(instance, tap) * bytes).div_ceil(share).max(1) as usize;
            match header {
                TapHeader::Spikes { size, .. } => {
                    let Some(to) = trains.next() else { continue };
                    let every = each(12);
                    let kept = some(*size, &to.rows, every);
                    for piece in self.pieces(instance, tap) {
                        let Content::Spikes(spikes) = piece?.content else { continue };
                        let pairs = spikes.steps.into_iter().zip(spikes.neurons).filter(|(_, neuron)| kept.holds(*neuron));
                        pairs.for_each(|(step, neuron)| {
                            to.step.push(step);
                            to.neuron.push(neuron);
                        });
                    }
                    to.rows = kept.rows;
                }
                TapHeader::AtSpikes { size, .. } => {
                    let Some(to) = at_spikes.next() else { continue };
                    let every = each(20);
                    let kept = some(*size, &to.rows, every);
                    for piece in self.pieces(instance, tap) {
                        let Content::AtSpikes(spikes, values) = piece?.content else { continue };
                        for ((step, synapse), value) in spikes.steps.into_iter().zip(spikes.neurons).zip(values) {
                            if kept.holds(synapse) {
                                to.step.push(step);
                                to.synapse.push(synapse);
                                to.value.push(value);
                            }
                        }
                    }
                    to.rows = kept.rows;
                }
                TapHeader::State { rows, .. } | TapHeader::Synapses { rows, .. } => {
                    let Some(to) = traces.next() else { continue };
                    to.rows.truncate(ROWS);
                    let every = self.thinned(instance, tap, [rows.len(), to.rows.len()], share, &mut to.values)?;
                    to.every = to.every.saturating_mul(every);
                }
                TapHeader::Reduced { reduction, .. } => {
                    let Some(to) = summaries.next() else { continue };
                    let every = self.thinned(instance, tap, [reduction.width(); 2], share, &mut to.values)?;
                    to.every = to.every.saturating_mul(every);
                }
                TapHeader::Rate { .. } => {}
            }
        }
        Ok(out)
    }

    /// Of samples of so many numbers the first so many, every so many samples. Gives every how many.
    fn thinned(
        &self,
        instance: usize,
        tap: usize,
        [width, kept]: [usize; 2],
        share: u64,
        to: &mut Vec<f64>,
    ) -> Result<u64, FileError> {
        let Some(samples) = self.numbers(instance, tap).checked_div(width as u64) else { return Ok(1) };
        let every = (samples * kept as u64 * 8).div_ceil(share).max(1);
        let mut sample = 0u64;
        for found in self.found(instance, tap) {
            // of bytes that are passed over no numbers are made
            let bytes = self.read(found)?;
            let single = found.head.kind == Kind::Samples32;
            let size = if single { 4 } else { 8 };
            for all in bytes.chunks_exact(width * size) {
                if sample.is_multiple_of(every) {
                    let own = &all[..kept * size];
                    to.extend(if single { f32s(own) } else { f64s(own) });
                }
                sample += 1;
            }
        }
        Ok(every)
    }
}

/// Some of the rows.
struct Kept {
    /// `None`: all.
    rows: Option<Vec<u32>>,
    every: usize,
    list: bool,
}

impl Kept {
    fn holds(&self, row: u32) -> bool {
        match &self.rows {
            Some(rows) if self.list => rows.binary_search(&row).is_ok(),
            _ => (row as usize).is_multiple_of(self.every),
        }
    }
}

/// Every so many of the recorded rows.
fn some(size: u32, rows: &Option<Vec<u32>>, every: usize) -> Kept {
    match rows {
        None if every == 1 => Kept { rows: None, every, list: false },
        None => Kept { rows: Some((0..size).step_by(every).collect()), every, list: false },
        Some(rows) => Kept { rows: Some(rows.iter().copied().step_by(every).collect()), every, list: true },
    }
}
