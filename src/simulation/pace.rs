//! How long batches are: short enough that a run can be seen and stopped, long enough that saving states takes little of it.

use super::Simulation;
use crate::plan::memory::LONGEST_BATCH;

impl Simulation {
    /// Steps of a batch before more than the first step has been measured.
    pub(super) fn first_batch(&self, batch_s: f64) -> u32 {
        let rows = u64::from(self.plan.rows) * u64::from(self.plan.instances);
        let most = (20_000_000 / rows.max(1)).clamp(8, 200) as u32;
        // the first step is slower than those after it
        let seconds = self.timings.first_step_s;
        if seconds > 0.0 { most.min((batch_s / seconds) as u32).max(1) } else { most }
    }

    /// Seconds that a batch shall take: ten times what it takes to save the state before it, at 4 GB/s; half a second at
    /// most, since a run can end between batches alone, and is to end within a second.
    pub(super) fn batch_s(&self) -> f64 {
        (self.plan.row_bytes() as f64 / 4e8).clamp(0.05, 0.5)
    }

    /// Steps whose samples are a small part of what there is room for.
    pub(super) fn most_steps(&self) -> u32 {
        let samples: u64 =
            self.plan.taps.iter().filter_map(|tap| Some(tap.taken() as u64 * 1000 / tap.sampled()?.1.every)).sum::<u64>()
                * u64::from(self.plan.instances);
        (self.room.samples(self.plan.instances.into()) * 1000 / samples.max(1)).clamp(1, LONGEST_BATCH.into()) as u32
    }
}
