//! The edges of one source, and where a reader has them written if they are not kept.

use std::ops::Range;

use super::scratch::Scratch;

/// Where a row is written that is not kept. Each reader has one of its own.
#[derive(Clone, Debug, Default)]
pub struct RowBuffer {
    /// 0, 1, ..., written once.
    counted: Vec<u32>,
    pub(super) drawn: Vec<u32>,
    pub(super) scratch: Scratch,
}

/// The edges of one source.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Number of the first edge: the place of its values in columns.
    pub first: u64,
    /// One per edge, as [`Connectivity`](super::Connectivity) says.
    pub words: &'a [u32],
    pub(super) mask: u32,
}

impl Row<'_> {
    /// Number of edges.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Has the source no edges?
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Targets: ascending, unless rows are by delay.
    pub fn targets(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        self.words.iter().map(|w| w & self.mask)
    }

    /// Numbers of its edges.
    pub fn edges(&self) -> Range<u64> {
        self.first..self.first + self.words.len() as u64
    }

    /// How many of its edges end before a target, where targets ascend.
    pub fn before(&self, target: u32) -> usize {
        self.words.partition_point(|w| w & self.mask < target)
    }
}

impl RowBuffer {
    /// 0, 1, ... so many words. What is written here is never changed, so that it is written once.
    pub(super) fn counted(&mut self, count: usize) -> &[u32] {
        if self.counted.len() < count {
            self.counted.resize(count, 0);
            count_up(&mut self.counted);
        }
        &self.counted[..count]
    }

    /// These words in four bytes each.
    pub(super) fn widened(&mut self, words: &[u16]) -> &[u32] {
        self.drawn.clear();
        self.drawn.extend(words.iter().map(|word| u32::from(*word)));
        &self.drawn
    }
}

fn count_up(words: &mut [u32]) {
    words.iter_mut().zip(0..).for_each(|(word, k)| *word = k);
}
