//! Where samples of states stand, and how long a batch may be.

use super::{BATCH_WORDS, HEADER, Layout, Member, WgslError, word};
use crate::plan::{Plan, Sampling, Tap};

/// A probe of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapLayout {
    /// Place in the plan.
    pub tap: usize,
    pub group: usize,
    pub column: u32,
    /// Rows of the group that are sampled.
    pub member: Member,
    pub rows: u32,
    pub times: Sampling,
    /// Word of a record that holds the number of the sample due, or `NONE`.
    pub due: u32,
    /// First word in `samples`.
    pub place: u32,
    /// Samples for which there is room.
    pub room: u32,
}

impl Layout {
    pub(super) fn place_taps(&mut self, plan: &Plan) -> Result<(), WgslError> {
        for (tap, probe) in plan.taps.iter().enumerate() {
            let Tap::State { population, column, rows, times, .. } = probe else { continue };
            let place = plan.place(*population);
            let member = Member::new(rows, place.first_row, plan.groups[place.group].rows, &mut self.words.tables)?;
            self.taps.push(TapLayout {
                tap,
                group: place.group,
                column: *column,
                member,
                rows: rows.len() as u32,
                times: *times,
                due: word(u64::from(self.record), "inputs")?,
                place: 0,
                room: 0,
            });
            self.record += 1;
        }
        let per_step = u64::from(self.spike_words) * u64::from(self.instances);
        // the longest batch whose records stay below BATCH_WORDS; one step always runs
        loop {
            let batch = u64::from(self.batch);
            let mut samples = 0u64;
            for tap in &mut self.taps {
                tap.place = word(samples, "samples")?;
                tap.room = batch.div_ceil(tap.times.every) as u32;
                samples += u64::from(tap.room) * u64::from(self.instances) * u64::from(tap.rows);
            }
            self.words.samples = samples;
            self.words.spikes = u64::from(HEADER) + batch * per_step;
            self.words.inputs = batch * u64::from(self.record);
            let largest = samples.max(self.words.spikes).max(self.words.inputs);
            if largest <= BATCH_WORDS.min(self.page_words) || self.batch == 1 {
                return Ok(());
            }
            self.batch /= 2;
        }
    }
}
