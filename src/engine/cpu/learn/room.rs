//! What a pass works on, block after block.

use crate::engine::cpu::real::Real;
use crate::plan::RowBuffer;

/// The synapses of a block. Lists that a pass does not ask for ([`Asked`]) are empty.
#[derive(Default)]
pub struct Room<T: Real> {
    pub count: usize,
    /// Numbers here.
    pub synapse: Vec<u32>,
    /// The same as first numbers and how many follow each, where they stand in rows; empty: they do not.
    pub spans: Vec<(usize, usize)>,
    /// Neurons of the two populations; source, then target.
    pub ends: [Vec<u32>; 2],
    /// What is sent.
    pub sums: Vec<T::Sum>,
    pub values: Vec<T>,
    pub row: RowBuffer,
    /// Neurons that spiked.
    pub rows: Vec<u32>,
}

/// Which lists of a block a pass reads.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Numbers of synapses that stand in rows; others are known by them alone.
    pub numbers: bool,
    /// Source, then target.
    pub ends: [bool; 2],
}

impl<T: Real> Room<T> {
    /// Synapses that stand in a row from a number on, of one source; `targets` in that order.
    pub fn extend_by_row(&mut self, first: usize, count: usize, source: u32, targets: impl Iterator<Item = u32>, asked: Asked) {
        self.spans.push((first, count));
        if asked.numbers {
            self.synapse.extend(first as u32..(first + count) as u32);
        }
        self.extend_ends(count, source, targets, asked);
    }

    /// Any synapses of one source.
    pub fn extend_by_source(&mut self, numbers: &[u32], source: u32, targets: impl Iterator<Item = u32>, asked: Asked) {
        self.synapse.extend_from_slice(numbers);
        self.extend_ends(numbers.len(), source, targets, asked);
    }

    fn extend_ends(&mut self, count: usize, source: u32, targets: impl Iterator<Item = u32>, asked: Asked) {
        self.count += count;
        if asked.ends[0] {
            self.ends[0].resize(self.count, source);
        }
        if asked.ends[1] {
            self.ends[1].extend(targets);
        }
    }

    /// Synapses of one target.
    pub fn extend_by_target(&mut self, numbers: &[u32], sources: &[u32], target: u32, asked: Asked) {
        self.count += numbers.len();
        self.synapse.extend_from_slice(numbers);
        if asked.ends[0] {
            self.ends[0].extend_from_slice(sources);
        }
        if asked.ends[1] {
            self.ends[1].resize(self.count, target);
        }
    }

    /// Makes room for the next block.
    pub fn clear(&mut self) {
        self.count = 0;
        self.synapse.clear();
        self.spans.clear();
        self.ends.iter_mut().for_each(Vec::clear);
    }
}
