//! What taps took since the last chunks, until it is enough for the next.

use super::layout::{Column, Kind};
use crate::recording::sink::TapHeader;

/// A chunk before its sums are made.
#[derive(Debug)]
pub struct Chunk {
    pub kind: Kind,
    pub place: u32,
    pub width: u32,
    pub first: u64,
    pub steps: u64,
    pub columns: Vec<Column>,
}

/// Of one tap of one instance.
pub enum Gathered {
    Spikes { steps: Vec<u64>, neurons: Vec<u32> },
    Counts { bin: u64, counts: Vec<u64> },
    Samples { width: u32, values: Values },
    AtSpikes { steps: Vec<u64>, synapses: Vec<u32>, values: Values },
}

impl Gathered {
    pub fn of(tap: &TapHeader) -> Gathered {
        match tap {
            TapHeader::Spikes { .. } => Gathered::Spikes { steps: Vec::new(), neurons: Vec::new() },
            TapHeader::Rate { bin, .. } => Gathered::Counts { bin: (*bin).max(1), counts: Vec::new() },
            TapHeader::AtSpikes { .. } => Gathered::AtSpikes { steps: Vec::new(), synapses: Vec::new(), values: Values::default() },
            TapHeader::State { .. } | TapHeader::Synapses { .. } | TapHeader::Reduced { .. } => {
                Gathered::Samples { width: width(tap), values: Values::default() }
            }
        }
    }

    /// Takes what a batch gave. Bins count from `origin`, the step at which the run began; `first` is that of the chunk to come,
    /// `end` the last step of the batch.
    pub fn add(&mut self, spikes: (&[u64], &[u32]), samples: &[f64], [origin, first, end]: [u64; 3]) {
        match self {
            Gathered::Spikes { steps, neurons } => {
                steps.extend_from_slice(spikes.0);
                neurons.extend_from_slice(spikes.1);
            }
            Gathered::Counts { bin, counts } => {
                let bins = bins(*bin, origin, first, end);
                counts.resize((bins.end - bins.start) as usize, 0);
                for step in spikes.0 {
                    let place = (step.saturating_sub(origin + 1) / *bin).saturating_sub(bins.start);
                    if let Some(count) = counts.get_mut(place as usize) {
                        *count += 1;
                    }
                }
            }
            Gathered::Samples { values, .. } => values.extend(samples),
            Gathered::AtSpikes { steps, synapses, values } => {
                steps.extend_from_slice(spikes.0);
                synapses.extend_from_slice(spikes.1);
                values.extend(samples);
            }
        }
    }

    pub fn bytes(&self) -> usize {
        match self {
            Gathered::Spikes { steps, .. } => 12 * steps.len(),
            Gathered::Counts { counts, .. } => 8 * counts.len(),
            Gathered::Samples { values, .. } => values.bytes(),
            Gathered::AtSpikes { steps, values, .. } => 12 * steps.len() + values.bytes(),
        }
    }

    /// Lists that were written, where there are none.
    pub fn refill(&mut self, spare: &mut Spare) {
        fn from<T>(lists: &mut Vec<Vec<T>>, list: &mut Vec<T>) {
            if list.capacity() == 0 {
                *list = lists.pop().unwrap_or_default();
            }
        }
        match self {
            Gathered::Spikes { steps, neurons: numbers } => {
                from(&mut spare.u64, steps);
                from(&mut spare.u32, numbers);
            }
            Gathered::AtSpikes { steps, synapses: numbers, values } => {
                from(&mut spare.u64, steps);
                from(&mut spare.u32, numbers);
                values.refill(spare);
            }
            Gathered::Counts { counts, .. } => from(&mut spare.u64, counts),
            Gathered::Samples { values, .. } => values.refill(spare),
        }
    }

    /// The chunk of what was gathered; `None`: that is nothing.
    pub fn take(&mut self, place: u32, first: u64, steps: u64) -> Option<Chunk> {
        if self.bytes() == 0 {
            return None;
        }
        let (kind, width, columns) = match self {
            Gathered::Spikes { steps, neurons } => {
                (Kind::Spikes, 0, vec![Column::U64(std::mem::take(steps)), Column::U32(std::mem::take(neurons))])
            }
            Gathered::Counts { counts, .. } => (Kind::Counts, 0, vec![Column::U64(std::mem::take(counts))]),
            Gathered::Samples { width, values } => {
                let kind = if values.is_single() { Kind::Samples32 } else { Kind::Samples64 };
                (kind, *width, vec![values.take()])
            }
            Gathered::AtSpikes { steps, synapses, values } => {
                let kind = if values.is_single() { Kind::AtSpikes32 } else { Kind::AtSpikes64 };
                (kind, 0, vec![Column::U64(std::mem::take(steps)), Column::U32(std::mem::take(synapses)), values.take()])
            }
        };
        Some(Chunk { kind, place, width, first, steps, columns })
    }
}

/// The bins, counted from the step at which a run began, that the steps behind `first` up to and with `end` touch.
pub fn bins(bin: u64, origin: u64, first: u64, end: u64) -> std::ops::Range<u64> {
    let (first, end) = (first.saturating_sub(origin), end.saturating_sub(origin));
    first / bin..end.div_ceil(bin)
}

/// Numbers of a sample; 0: the tap takes no samples.
pub fn width(tap: &TapHeader) -> u32 {
    let numbers = match tap {
        TapHeader::State { rows, .. } | TapHeader::Synapses { rows, .. } => rows.len(),
        TapHeader::Reduced { reduction, .. } => reduction.width(),
        TapHeader::Spikes { .. } | TapHeader::Rate { .. } | TapHeader::AtSpikes { .. } => 0,
    };
    // rows are numbers of 32 bits, each once
    u32::try_from(numbers).unwrap_or(u32::MAX)
}

/// Lists that were written, and are filled again: memory that is asked for anew costs more than what is written into it.
#[derive(Default)]
pub struct Spare {
    u32: Vec<Vec<u32>>,
    u64: Vec<Vec<u64>>,
    f32: Vec<Vec<f32>>,
}

impl Spare {
    /// Lists of chunks that are written.
    pub fn of(groups: impl Iterator<Item = Vec<Chunk>>) -> Spare {
        let mut spare = Spare::default();
        for column in groups.flatten().flat_map(|chunk| chunk.columns) {
            match column {
                Column::U32(list) => keep(&mut spare.u32, list),
                Column::U64(list) => keep(&mut spare.u64, list),
                Column::F32(list) => keep(&mut spare.f32, list),
                // of few runs, or short
                Column::F64(_) | Column::U8(_) => {}
            }
        }
        spare
    }
}

fn keep<T>(lists: &mut Vec<Vec<T>>, mut list: Vec<T>) {
    list.clear();
    lists.push(list);
}

/// Numbers that are looked at together.
const BLOCK: usize = 1024;

/// Numbers in single precision as long as each of them is exactly such a one.
pub enum Values {
    Single(Vec<f32>),
    Double(Vec<f64>),
}

impl Default for Values {
    fn default() -> Values {
        Values::Single(Vec::new())
    }
}

impl Values {
    fn extend(&mut self, values: &[f64]) {
        let mut left = values;
        if let Values::Single(kept) = self {
            // blocks that stay in the cache: made, and held to what they were made of
            while let Some((block, rest)) = left.split_at_checked(BLOCK.min(left.len())).filter(|(block, _)| !block.is_empty()) {
                let before = kept.len();
                kept.extend(block.iter().map(|x| *x as f32));
                // to the bit, the sign of a zero too; without a branch, so that several are looked at at once
                let apart =
                    block.iter().zip(&kept[before..]).fold(0, |apart, (x, y)| apart | (f64::from(*y).to_bits() ^ x.to_bits()));
                if apart != 0 {
                    kept.truncate(before);
                    break;
                }
                left = rest;
            }
            if left.is_empty() {
                return;
            }
            *self = Values::Double(kept.iter().map(|x| f64::from(*x)).collect());
        }
        if let Values::Double(kept) = self {
            kept.extend_from_slice(left);
        }
    }

    fn is_single(&self) -> bool {
        matches!(self, Values::Single(_))
    }

    fn bytes(&self) -> usize {
        match self {
            Values::Single(x) => 4 * x.len(),
            Values::Double(x) => 8 * x.len(),
        }
    }

    fn refill(&mut self, spare: &mut Spare) {
        if let Values::Single(kept) = self
            && kept.capacity() == 0
        {
            *kept = spare.f32.pop().unwrap_or_default();
        }
    }

    fn take(&mut self) -> Column {
        match std::mem::take(self) {
            Values::Single(x) => Column::F32(x),
            Values::Double(x) => Column::F64(x),
        }
    }
}
