//! When a stimulus is on, and what it does meanwhile where that follows from time alone: one text for both engines, in f64 on
//! the host.
//!
//! In: a step. Out: whether it lies in a window, how long that has lasted, a number. Not here: amplitudes, draws, numbers of a
//! program (`plan::Wave`).

use std::sync::Arc;

use super::expression::Expression;
use crate::random::POISSON_TABLE_MAX;

/// The times at which a stimulus is on: windows in steps, ascending, each from its first step up to, not at, its last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows(Arc<[(u64, u64)]>);

impl Windows {
    /// These windows; `None`: there is none, one is empty, or one begins before the one before it ends.
    pub fn new(windows: impl Into<Vec<(u64, u64)>>) -> Option<Windows> {
        let windows: Vec<(u64, u64)> = windows.into();
        let apart = windows.windows(2).all(|pair| pair[0].1 <= pair[1].0);
        (!windows.is_empty() && apart && windows.iter().all(|(start, stop)| start < stop)).then(|| Windows(windows.into()))
    }

    /// From the first step on, for ever.
    pub fn always() -> Windows {
        Windows([(0, u64::MAX)].into())
    }

    /// First step and the step after the last, window by window; `u64::MAX`: it never ends.
    pub fn all(&self) -> &[(u64, u64)] {
        &self.0
    }

    /// The first step of all.
    pub fn first(&self) -> u64 {
        self.0[0].0
    }

    /// How many windows have begun, with this step.
    fn begun(&self, step: u64) -> usize {
        // nearly always one
        if self.0.len() == 1 { usize::from(self.0[0].0 <= step) } else { self.0.partition_point(|(start, _)| *start <= step) }
    }

    /// Is it on in this step?
    pub fn is_on(&self, step: u64) -> bool {
        self.begun(step).checked_sub(1).is_some_and(|k| step < self.0[k].1)
    }

    /// Steps since its window began; 0 before the first.
    pub fn since(&self, step: u64) -> u64 {
        self.begun(step).checked_sub(1).map_or(0, |k| step - self.0[k].0)
    }

    /// Does a window begin with this step, or is it the first one after a window?
    pub fn turns(&self, step: u64) -> bool {
        match self.begun(step).checked_sub(1) {
            Some(k) => step == self.0[k].0 || step == self.0[k].1,
            None => false,
        }
    }
}

/// A number that follows from the time since a window began.
#[derive(Clone, Debug, PartialEq)]
pub enum Course {
    /// sin(2π·frequency·t + phase).
    Sine {
        /// **Units** 1/ms.
        frequency: f64,
        /// **Units** radians.
        phase: f64,
    },
    /// From 0 to 1 in so many steps, which need not be whole; then 1.
    Ramp {
        /// At least one.
        steps: f64,
    },
    /// 1 for `width` steps from the step nearest to each multiple of `interval` on, else 0.
    Pulses {
        /// Steps from one beginning to the next; need not be whole.
        interval: f64,
        /// Steps of a pulse, no more than the interval.
        width: u64,
        /// How many there are.
        count: u64,
    },
    /// An expression of the time of the run.
    Formula(Formula),
}

/// An expression of the time `t` of the run, and the numbers of its other names.
#[derive(Clone, Debug)]
pub struct Formula {
    text: String,
    expression: Expression,
    /// By place of the name; that of `t` is overwritten.
    values: Vec<f64>,
    time: usize,
}

impl PartialEq for Formula {
    fn eq(&self, other: &Formula) -> bool {
        let bits = |f: &Formula| f.values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        self.text == other.text && bits(self) == bits(other)
    }
}

impl Formula {
    /// `values`: by place of each name that the expression was read with, `time` the place of `t`.
    pub fn new(text: &str, expression: Expression, values: Vec<f64>, time: usize) -> Formula {
        Formula { text: text.to_owned(), expression, values, time }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its value at a time of the run. **Units** ms; internal.
    pub fn at(&self, t: f64) -> f64 {
        let mut values = self.values.clone();
        if let Some(value) = values.get_mut(self.time) {
            *value = t;
        }
        self.expression.evaluate(&values)
    }
}

/// How the rate of Poisson events changes: each event of a larger rate stays with a probability, a threshold for a word of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Moves {
    /// Of all rows together: so many events a step per unit of the formula.
    Formula {
        /// A rate. **Units** 1/ms.
        rate: Formula,
        /// Sources times ms of a step.
        factor: f64,
        /// Means of the laws that its events are taken from.
        ladder: Vec<f64>,
    },
    /// Sample k from the step nearest to k·`interval` after the start of the window on, none after the last: by sample, by row (one
    /// number where all rows share it) the threshold below the law of the row's largest rate.
    Samples {
        /// Thresholds; the largest number keeps every event.
        samples: Vec<Vec<u32>>,
        /// In steps, 1 or more; need not be whole.
        interval: f64,
    },
}

/// Every event stays.
pub const ALL: u32 = u32::MAX;

/// The threshold for a share of events: a word below it keeps its event.
pub fn threshold(share: f64) -> u32 {
    // a float that is too large becomes the largest whole number
    (share.max(0.0) * 4_294_967_296.0).round() as u32
}

/// Means of the laws that the events of a formula are taken from, up to the first that holds `most` events a step: each step takes
/// the least that is large enough, so that at least half of what is drawn stays.
pub fn ladder(most: f64) -> Vec<f64> {
    let steps = (-10..14).map(|k| libm::exp2(f64::from(k))).chain([POISSON_TABLE_MAX]);
    let mut held = false;
    steps.take_while(|step| !std::mem::replace(&mut held, *step >= most)).collect()
}

impl Moves {
    /// The law and the threshold of a step in which it is on; of samples by row: `None` is every row's own.
    pub fn together(&self, step: u64, dt: f64) -> Option<(usize, u32)> {
        let Moves::Formula { rate, factor, ladder } = self else { return None };
        let mean = rate.at(step as f64 * dt) * factor;
        let law = ladder.partition_point(|step| *step < mean).min(ladder.len() - 1);
        // what is no number, below 0 or above the last law has been refused for the steps that were looked at
        Some((law, threshold(mean / ladder[law])))
    }

    /// The thresholds of a step so long after the start of its window; `None`: no event stays.
    pub fn thresholds(&self, since: u64) -> Option<&[u32]> {
        let Moves::Samples { samples, interval } = self else { return None };
        samples.get(sample_at(since, *interval) as usize).map(Vec::as_slice)
    }
}

impl Course {
    /// What `explain` calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Course::Sine { .. } => "sine",
            Course::Ramp { .. } => "ramp",
            Course::Pulses { .. } => "pulses",
            Course::Formula(_) => "expression",
        }
    }

    /// Its value in a step, so many steps after its window began. **Units** dt in ms.
    pub fn at(&self, step: u64, since: u64, dt: f64) -> f64 {
        match self {
            // counted, not summed
            Course::Formula(formula) => formula.at(step as f64 * dt),
            Course::Sine { frequency, phase } => {
                // whole turns are taken off first, so that the phase stays exact in long runs
                let turns = frequency * (since as f64 * dt);
                libm::sin(std::f64::consts::TAU * (turns - turns.floor()) + phase)
            }
            Course::Ramp { steps } => (since as f64 / steps).min(1.0),
            Course::Pulses { interval, width, count } => {
                let pulse = sample_at(since, *interval);
                let begun = sample_begins(pulse, *interval);
                f64::from(u8::from(pulse < *count && since - begun < *width))
            }
        }
    }

    /// May its value differ from that of the step before?
    pub fn changes(&self, since: u64) -> bool {
        match self {
            Course::Sine { .. } | Course::Formula(_) => true,
            Course::Ramp { steps } => since as f64 <= *steps + 1.0,
            Course::Pulses { interval, width, .. } => {
                let within = since - sample_begins(sample_at(since, *interval), *interval);
                within == 0 || within == *width
            }
        }
    }
}

/// The step at which sample k of a list begins.
fn sample_begins(k: u64, interval: f64) -> u64 {
    (k as f64 * interval).round() as u64
}

/// The sample of a list that holds so many steps after its start: the last k whose round(k·interval) has come.
pub fn sample_at(since: u64, interval: f64) -> u64 {
    // a guess that rounding may put one off
    let mut k = ((since as f64 + 0.5) / interval) as u64;
    while sample_begins(k, interval) > since {
        k -= 1;
    }
    while sample_begins(k + 1, interval) <= since {
        k += 1;
    }
    k
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_on_from_their_first_step_up_to_their_last() {
        let windows = Windows::new([(2, 4), (4, 5), (9, u64::MAX)]).unwrap();
        let on: Vec<u64> = (0..12).filter(|n| windows.is_on(*n)).collect();
        assert_eq!(on, [2, 3, 4, 9, 10, 11]);
        assert_eq!((0..12).map(|n| windows.since(n)).collect::<Vec<_>>(), [0, 0, 0, 1, 0, 1, 2, 3, 4, 0, 1, 2]);
        assert_eq!((0..12).filter(|n| windows.turns(*n)).collect::<Vec<_>>(), [2, 4, 5, 9]);
        assert_eq!(Windows::new([(2, 4), (3, 5)]), None);
        assert_eq!(Windows::new([(2, 2)]), None);
        assert_eq!(Windows::new([]), None);
        assert!(Windows::always().is_on(0));
    }

    #[test]
    fn a_course_says_when_it_changes() {
        let all = [
            Course::Ramp { steps: 7.5 },
            Course::Pulses { interval: 3.5, width: 2, count: 3 },
            Course::Pulses { interval: 2.0, width: 2, count: 4 },
            Course::Pulses { interval: f64::MAX, width: 4, count: 1 },
            Course::Sine { frequency: 0.013, phase: 0.2 },
        ];
        for course in all {
            for since in 1..40 {
                let other = course.at(since, since, 0.1) != course.at(since, since - 1, 0.1);
                assert!(!other || course.changes(since), "{course:?} at {since}");
            }
        }
        let pulses = Course::Pulses { interval: 3.5, width: 2, count: 3 };
        // round half away from zero: 0, 4, 7
        assert_eq!((0..12).map(|n| pulses.at(0, n, 0.1)).collect::<Vec<_>>(), [1., 1., 0., 0., 1., 1., 0., 1., 1., 0., 0., 0.]);
        let ramp = Course::Ramp { steps: 4.0 };
        assert_eq!((0..6).map(|n| ramp.at(0, n, 0.1)).collect::<Vec<_>>(), [0., 0.25, 0.5, 0.75, 1., 1.]);
    }
}
