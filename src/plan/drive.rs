//! What a drive gives over time: one text for both engines, in f64 on the host.

use super::{Drive, Wave};

impl Drive {
    /// Does it give anything in this step?
    pub fn is_on(&self, step: u64) -> bool {
        self.on.is_on(step)
    }

    /// Which of its intervals a step lies in, counted from its first window on; 0 before it is on.
    pub fn interval(&self, step: u64, interval: u64) -> u64 {
        step.saturating_sub(self.on.first()) / interval.max(1)
    }

    /// The level of a step in which it is on: `number` says what a column gives (one row's, or what all rows share), `noise` and
    /// `external` what does not follow from time.
    pub fn level(&self, step: u64, dt: f64, number: &dyn Fn(&super::Column) -> f64, other: &dyn Fn(&Wave) -> f64) -> f64 {
        match &self.wave {
            Wave::Constant(amplitude) => number(amplitude),
            Wave::Steps { steps, amplitudes } => match steps.partition_point(|s| *s <= step) {
                0 => 0.0,
                k => amplitudes[k - 1],
            },
            Wave::Course { amplitude, course, offset } => {
                number(offset) + number(amplitude) * course.at(step, self.on.since(step), dt)
            }
            // after the last sample there is nothing
            Wave::Array { samples, interval } => {
                samples.get(super::sample_at(self.on.since(step), *interval) as usize).map_or(0.0, number)
            }
            wave @ (Wave::Noise { .. } | Wave::External { .. }) => other(wave),
        }
    }
}
