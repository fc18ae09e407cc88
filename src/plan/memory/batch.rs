//! What samples take on their way from a batch into recordings, and how long batches may be for it.

use super::{Kind, Memory, Terms};

/// Steps of a batch at most.
pub(crate) const LONGEST_BATCH: u32 = 20_000;

/// Bytes of the samples of a batch at most.
const LARGEST_BATCH: u64 = 1_600_000_000;

/// Bytes that the samples of a batch of more than a step may take on their way into recordings, where so many are left beside these.
pub(crate) fn batch_bytes(left: u64) -> u64 {
    (left / 16).min(LARGEST_BATCH)
}

/// Bytes of a sample on its way into a recording: as the engine has it, in double precision as it hands it over, and, where there are
/// several instances, sorted by them.
pub(crate) fn sample_bytes(number: u64, instances: u64) -> u64 {
    number + if instances > 1 { 16 } else { 8 }
}

impl Memory {
    /// The same with nothing recorded for long.
    pub(crate) fn without_recordings(mut self) -> Memory {
        self.parts.retain(|part| part.kind != Kind::Recording);
        self
    }

    /// Bytes of everything where a budget keeps batches short.
    pub(in crate::plan) fn need(&self, budget: u64) -> u64 {
        let without = self.bytes() - self.batch;
        without.saturating_add(self.batch.min(batch_bytes(budget.saturating_sub(without)).max(self.one_step)))
    }

    /// The samples of a state, of neurons or synapses, in the longest batch.
    pub(super) fn add_batch(&mut self, every: u64, rows: u64, terms: Terms) {
        let steps = terms.steps.min(LONGEST_BATCH.into());
        let samples = (steps / every.max(1)).saturating_mul(rows).saturating_mul(terms.instances);
        let each = sample_bytes(terms.number, terms.instances);
        self.batch = self.batch.saturating_add(samples.saturating_mul(each)).min(LARGEST_BATCH);
        self.one_step = self.one_step.saturating_add(rows.saturating_mul(terms.instances).saturating_mul(each));
    }
}
