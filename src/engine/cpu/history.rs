//! Spikes of the last steps, a bit each: an edge with a state of its own looks back by its delay.

use std::ops::Range;

use crate::plan::Plan;

/// The spikes of one instance, as far as edges may still wait for them.
#[derive(Clone, Default)]
pub struct History {
    /// Rows (in the space of all groups) of the populations that such edges start from, ascending.
    rows: Vec<Range<u32>>,
    /// The first of them, and how many words of bits a step takes from there on.
    first: u32,
    words: usize,
    /// One more than the steps that are kept: the spikes of a step are written while those of the longest delay are there.
    slots: u64,
    /// By slot, then word.
    bits: Vec<u64>,
}

/// The spikes of one step.
#[derive(Clone, Copy)]
pub struct Then<'a> {
    /// The row of the first bit.
    first: u32,
    bits: &'a [u64],
}

impl Then<'_> {
    #[inline(always)]
    pub fn spiked(&self, row: u32) -> bool {
        let bit = (row - self.first) as usize;
        self.bits[bit / 64] >> (bit % 64) & 1 == 1
    }
}

impl History {
    pub fn new(plan: &Plan) -> History {
        // neighbours together: a network may have a population per neuron
        let mut rows: Vec<Range<u32>> = Vec::new();
        for own in plan.awaited() {
            match rows.last_mut().filter(|last| last.end == own.start) {
                Some(last) => last.end = own.end,
                None => rows.push(own),
            }
        }
        let (Some(first), Some(end)) = (rows.first().map(|r| r.start), rows.iter().map(|r| r.end).max()) else {
            return History::default();
        };
        let (words, slots) = (((end - first) as usize).div_ceil(64), u64::from(plan.history) + 1);
        History { rows, first, words, slots, bits: vec![0; words * slots as usize] }
    }

    /// Are there spikes that anything waits for?
    pub fn is_used(&self) -> bool {
        self.slots > 0
    }

    /// Keeps the spikes of a step, in place of those that nothing waits for any more.
    pub fn take(&mut self, step: u64, spikes: &[u32]) {
        if self.slots > 0 {
            let slot = (step % self.slots) as usize;
            self.bits[slot * self.words..(slot + 1) * self.words].fill(0);
            self.keep(step, spikes);
        }
    }

    /// Adds spikes of a step to those that are kept.
    pub fn keep(&mut self, step: u64, spikes: &[u32]) {
        for rows in &self.rows {
            let slot = (step % self.slots) as usize * self.words;
            let (from, to) = (spikes.partition_point(|s| *s < rows.start), spikes.partition_point(|s| *s < rows.end));
            for spike in &spikes[from..to] {
                let bit = (spike - self.first) as usize;
                self.bits[slot + bit / 64] |= 1 << (bit % 64);
            }
        }
    }

    /// The spikes of the step so many steps (at least 1) before this one; `None`: there were none.
    pub fn then(&self, step: u64, delay: u32) -> Option<Then<'_>> {
        let then = step.checked_sub(u64::from(delay))?;
        let bits = &self.bits[(then % self.slots) as usize * self.words..][..self.words];
        bits.iter().any(|word| *word != 0).then_some(Then { first: self.first, bits })
    }

    /// Did a row spike so many steps (at least 1) before this one?
    pub fn spiked(&self, step: u64, delay: u32, row: u32) -> bool {
        let Some(then) = step.checked_sub(u64::from(delay)) else { return false };
        let bit = (row - self.first) as usize;
        self.bits[(then % self.slots) as usize * self.words + bit / 64] >> (bit % 64) & 1 == 1
    }

    /// Calls with the rows of a range that spiked so many steps before this one, ascending.
    pub fn each(&self, step: u64, delay: u32, rows: Range<u32>, mut call: impl FnMut(u32)) {
        let Some(then) = step.checked_sub(u64::from(delay)) else { return };
        let bits = &self.bits[(then % self.slots) as usize * self.words..][..self.words];
        let (first, end) = ((rows.start - self.first) as usize, (rows.end - self.first) as usize);
        for (word, bits) in (first / 64..end.div_ceil(64)).map(|word| (word, bits[word])) {
            let mut left = bits;
            while left != 0 {
                let bit = 64 * word + left.trailing_zeros() as usize;
                left &= left - 1;
                if (first..end).contains(&bit) {
                    call(self.first + bit as u32);
                }
            }
        }
    }

    /// The rows that spiked so many steps before this one, ascending.
    pub fn rows(&self, step: u64, delay: u32) -> Vec<u32> {
        self.rows.iter().cloned().flatten().filter(|row| self.spiked(step, delay, *row)).collect()
    }

    /// The same spikes as another of the same plan.
    pub fn copy_from(&mut self, other: &History) {
        if self.bits.len() == other.bits.len() {
            self.bits.copy_from_slice(&other.bits);
        } else {
            self.clone_from(other);
        }
    }

    pub fn forget(&mut self) {
        self.bits.fill(0);
    }
}
