//! Measures of spike trains and traces: rates, intervals, regularity, correlation, synchrony, spectra, and how far two
//! trains or two distributions lie apart.
//!
//! In: a [`SpikeTrain`] and a [`Window`] counted in steps, so that no spike falls between
//! two bins. Out: numbers; what cannot be said, of no spikes or no variance, is NaN and never a panic.
//! Not here: recording (`recording`), verdicts (`compare`), pictures (`plot`).
//!
//! What each neuron does: [`rates`], [`intervals`], and of these [`cv`], [`cv2`], [`lv`], [`lvr`]. What two do, of the steps
//! of their spikes ([`spike_steps`]): [`correlogram`], [`spike_time_tiling`], [`van_rossum`], [`victor_purpura`]. What all do:
//! [`population_rate`], [`fano`], [`correlation_matrix`], [`chi_squared`] of their potentials. Of rates and
//! traces alike: [`welch`], their spectrum. A table of all populations, by names of measures: [`measured`], which `synfire analyse` prints; [`Intervals`] makes
//! one while a run goes on, without its spikes.
//!
//! ```
//! use synfire::analysis::{self, Window};
//! use synfire::recording::SpikeTrain;
//!
//! let train = SpikeTrain { population: "E".into(), size: 2, rows: None, step: vec![10, 20, 25, 32], neuron: vec![0, 0, 1, 0] };
//! let window = Window::from_ms(0.0, 5.0, 0.1);
//! assert_eq!(analysis::rates(&train, window, 0.1), [600.0, 200.0]);
//! let gaps = analysis::intervals(&train, window);
//! assert_eq!(gaps[0], [10, 12]);
//! assert!((analysis::cv2(&gaps[0]) - 2.0 * 2.0 / 22.0).abs() < 1e-15);
//! // one spike has no interval
//! assert!(analysis::cv2(&gaps[1]).is_nan());
//! ```
//!
//! **Source**: [`summary`] and what it is of are the definitions of `tests/reference/networks`, section Statistics, and give
//! the numbers of its `statlib.py`; the others those of Elephant, compared on the trains of `tests/reference/measures`.

mod distance;
mod measure;
mod moments;
mod pairs;
mod population;
mod regularity;
mod spectrum;
mod synchrony;

pub use distance::{van_rossum, victor_purpura};
pub use measure::{Measure, Measured, NoMeasure, Number, Terms, measured};
pub use moments::Intervals;
pub use pairs::{Correlogram, correlation_matrix, correlogram, spike_time_tiling};
pub use population::{RateHistogram, correlations, fano, population_counts, population_rate};
pub use regularity::{cv, cv2, cvs, intervals, lv, lvr, rates};
pub use spectrum::{Spectrum, welch};
pub use synchrony::chi_squared;

use crate::recording::{Recording, SpikeTrain};

/// A span of time in steps: spikes at `after < step <= last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The step before the first of it.
    pub after: u64,
    /// Its last step.
    pub last: u64,
}

impl Window {
    /// Everything that was recorded.
    pub fn whole(recording: &Recording) -> Window {
        Window { after: recording.first_step, last: recording.first_step.saturating_add(recording.steps) }
    }

    /// From and to a time, each taken to the nearest step.
    ///
    /// **Units**: ms. What lies before 0 or is not a number counts as 0.
    pub fn from_ms(after: f64, last: f64, dt: f64) -> Window {
        // `as` saturates and takes NaN to 0
        Window { after: (after / dt).round() as u64, last: (last / dt).round() as u64 }
    }

    /// Steps; 0 if it ends before it begins.
    pub fn steps(self) -> u64 {
        self.last.saturating_sub(self.after)
    }

    /// Whether a spike of this step belongs to it.
    pub fn holds(self, step: u64) -> bool {
        self.after < step && step <= self.last
    }

    /// Which bin a step of the window falls into; bins are closed on the right, as the window is.
    fn bin(self, step: u64, width: u64, bins: usize) -> usize {
        let bin = (step - self.after - 1) / width.max(1);
        usize::try_from(bin).unwrap_or(usize::MAX).min(bins.saturating_sub(1))
    }

    /// Bins of a width: as many as fit, rounded to the nearest (half to even). The last takes what is over.
    fn bins(self, width: u64) -> usize {
        (self.steps() as f64 / width.max(1) as f64).round_ties_even() as usize
    }
}

/// The scalars by which networks are compared.
///
/// **Units**: rates in spikes per second, all else without. What cannot be said (no neuron with three spikes, no pair)
/// is NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Mean of the rates of all neurons.
    pub rate_mean: f64,
    /// Their standard deviation.
    pub rate_sd: f64,
    /// Share of neurons without a spike.
    pub silent_fraction: f64,
    /// Mean, over neurons with at least three spikes, of the coefficient of variation of the intervals between spikes.
    pub cv_mean: f64,
    /// The standard deviation of these.
    pub cv_sd: f64,
    /// Neurons with at least three spikes.
    pub cv_neurons: usize,
    /// Mean of the correlations of pairs of neurons, counted in bins.
    pub correlation_mean: f64,
    /// Their standard deviation.
    pub correlation_sd: f64,
    /// Variance over mean of the spikes of all neurons in bins.
    pub fano: f64,
}

/// Neurons whose pairs are correlated in a [`Summary`].
pub const CORRELATED_NEURONS: usize = 200;

/// All scalars of one population.
///
/// **Units**: `dt` in ms. Correlation and Fano factor count in bins of 2 ms, taken to the nearest step.
pub fn summary(train: &SpikeTrain, window: Window, dt: f64) -> Summary {
    let bin = ((2.0 / dt).round() as u64).max(1);
    let rates = rates(train, window, dt);
    let cvs = cvs(train, window);
    let correlations = correlations(train, window, bin, CORRELATED_NEURONS);
    let silent = rates.iter().filter(|&&rate| rate == 0.0).count();
    Summary {
        rate_mean: mean(&rates),
        rate_sd: sd(&rates),
        silent_fraction: silent as f64 / rates.len() as f64,
        cv_mean: mean(&cvs),
        cv_sd: sd(&cvs),
        cv_neurons: cvs.len(),
        correlation_mean: mean(&correlations),
        correlation_sd: sd(&correlations),
        fano: fano(&population_counts(train, window, bin)),
    }
}

/// Mean; NaN of nothing.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Standard deviation with 1/n; NaN of nothing.
pub fn sd(values: &[f64]) -> f64 {
    let centre = mean(values);
    (values.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

/// Two-sample Kolmogorov-Smirnov distance: the largest gap between two empirical distributions.
///
/// NaN if either is empty or holds a NaN: a distance that cannot be said must not pass as small.
pub fn ks_distance(a: &[f64], b: &[f64]) -> f64 {
    if a.is_empty() || b.is_empty() || a.iter().chain(b).any(|value| value.is_nan()) {
        return f64::NAN;
    }
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let (a, b) = (sorted(a), sorted(b));
    let share = |values: &[f64], x: f64| values.partition_point(|&value| value <= x) as f64 / values.len() as f64;
    a.iter().chain(&b).map(|&x| (share(&a, x) - share(&b, x)).abs()).fold(0.0, f64::max)
}

/// Where a neuron stands among the recorded ones.
#[derive(Clone, Debug)]
struct Places {
    /// Each at its number?
    all: bool,
    sorted: Vec<(u32, usize)>,
    len: usize,
}

impl Places {
    fn of(train: &SpikeTrain) -> Places {
        Places::among(train.rows.as_deref(), train.size)
    }

    /// Among these rows of a population of a size, or all of it.
    fn among(rows: Option<&[u32]>, size: u32) -> Places {
        let mut sorted: Vec<(u32, usize)> = rows.unwrap_or(&[]).iter().copied().zip(0..).collect();
        sorted.sort_unstable();
        Places { all: rows.is_none(), sorted, len: rows.map_or(size as usize, <[u32]>::len) }
    }

    /// None for a neuron that was not recorded or does not exist.
    fn place(&self, neuron: u32) -> Option<usize> {
        if self.all {
            return Some(neuron as usize).filter(|&place| place < self.len);
        }
        let found = self.sorted.binary_search_by_key(&neuron, |&(neuron, _)| neuron).ok()?;
        Some(self.sorted[found].1)
    }
}

/// The spikes of recorded neurons within the window: the neuron's place among the recorded, and the step.
fn within(train: &SpikeTrain, window: Window) -> impl Iterator<Item = (usize, u64)> + '_ {
    let places = Places::of(train);
    let inside = train.pairs().filter(move |&(step, _)| window.holds(step));
    inside.filter_map(move |(step, neuron)| Some((places.place(neuron)?, step)))
}

/// Spikes of each recorded neuron within the window.
pub fn spike_counts(train: &SpikeTrain, window: Window) -> Vec<u64> {
    by_neuron(train, window).iter().map(|steps| steps.len() as u64).collect()
}

/// The steps of the spikes of each recorded neuron within the window, ascending.
///
/// **Shape**: as the recorded neurons.
pub fn spike_steps(train: &SpikeTrain, window: Window) -> Vec<Vec<u64>> {
    by_neuron(train, window)
}

fn by_neuron(train: &SpikeTrain, window: Window) -> Vec<Vec<u64>> {
    let mut steps = vec![Vec::new(); Places::of(train).len];
    within(train, window).for_each(|(place, step)| steps[place].push(step));
    steps.iter_mut().for_each(|steps| steps.sort_unstable());
    steps
}

#[cfg(test)]
mod tests;
