//! What neurons do together: the population's rate, synchrony, pairwise correlation.

use super::{Window, by_neuron, within};
use crate::recording::{Rate, SpikeTrain};

/// Rate of a population in bins: spikes per second and neuron.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RateHistogram {
    /// Bin k spans `start + k·bin` to `start + (k + 1)·bin`, in ms; the last ends at `end`.
    pub start: f64,
    /// ms
    pub bin: f64,
    /// ms; before the end of the last whole bin where recording ended inside a bin.
    pub end: f64,
    /// Spikes per second and recorded neuron.
    pub hz: Vec<f64>,
}

/// The rate over time, from the spikes.
///
/// **Units**: `bin` in steps, `dt` in ms, the result in Hz. **Shape**: the bins that fit into the window; a rest shorter
/// than a bin is left out, since a rate of it would be another measure.
#[doc(alias = "psth")]
pub fn population_rate(train: &SpikeTrain, window: Window, bin: u64, dt: f64) -> RateHistogram {
    let bin = bin.max(1);
    let whole = Window { last: window.after + window.steps() / bin * bin, ..window };
    let neurons = train.rows.as_ref().map_or(train.size as usize, Vec::len);
    let count = population_counts(train, whole, bin);
    // no neurons, no spikes: a rate of 0, not of 0/0
    let scale = 1e3 / (bin as f64 * dt * neurons.max(1) as f64);
    let hz = count.iter().map(|&count| count as f64 * scale).collect();
    RateHistogram { start: window.after as f64 * dt, bin: bin as f64 * dt, end: whole.last as f64 * dt, hz }
}

impl From<(&Rate, f64)> for RateHistogram {
    /// The rate over time from spikes that were counted while recording; with dt in ms.
    fn from((rate, dt): (&Rate, f64)) -> RateHistogram {
        // a spike of step s happened in the step that ends at s·dt
        let before = rate.first_step.saturating_sub(1);
        let (start, end) = (before as f64 * dt, before.saturating_add(rate.steps) as f64 * dt);
        RateHistogram { start, bin: rate.bin as f64 * dt, end, hz: rate.hz(dt).collect() }
    }
}

/// Spikes of all recorded neurons in bins.
///
/// **Units**: `bin` in steps. **Shape**: window over bin, rounded; the last bin takes what is over.
pub fn population_counts(train: &SpikeTrain, window: Window, bin: u64) -> Vec<u64> {
    let mut count = vec![0; window.bins(bin)];
    let bins = count.len();
    for (_, step) in within(train, window) {
        if let Some(count) = count.get_mut(window.bin(step, bin, bins)) {
            *count += 1;
        }
    }
    count
}

/// Fano factor, variance (1/n) over mean of counts: of bins ([`population_counts`]), of trials, or of neurons
/// ([`spike_counts`](super::spike_counts)); 1 for independent Poisson neurons, more with synchrony.
///
/// NaN without spikes.
pub fn fano(counts: &[u64]) -> f64 {
    let counts: Vec<f64> = counts.iter().map(|&count| count as f64).collect();
    let mean = super::mean(&counts);
    if mean > 0.0 { super::sd(&counts).powi(2) / mean } else { f64::NAN }
}

/// Pearson correlation of spike counts for all pairs among the first neurons that fire in the window.
///
/// **Units**: `bin` in steps. **Shape**: n(n-1)/2 with n up to `neurons`, pair (0,1), (0,2), ... (1,2), ...; none for
/// fewer than three. A neuron whose count is the same in all bins gives NaN: its correlation is not defined.
pub fn correlations(train: &SpikeTrain, window: Window, bin: u64, neurons: usize) -> Vec<f64> {
    let bins = window.bins(bin);
    let active = by_neuron(train, window).into_iter().filter(|steps| !steps.is_empty()).take(neurons);
    let rows: Vec<Vec<f64>> = active.map(|steps| unit(counted(&steps, window, bin, bins))).collect();
    if rows.len() < 3 || bins == 0 {
        return Vec::new();
    }
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let pairs = (0..rows.len()).flat_map(|i| (i + 1..rows.len()).map(move |j| (i, j)));
    // NumPy clips as well: rounding may leave 1 by a bit
    pairs.map(|(i, j)| dot(&rows[i], &rows[j]).clamp(-1.0, 1.0)).collect()
}

fn counted(steps: &[u64], window: Window, bin: u64, bins: usize) -> Vec<f64> {
    let mut count = vec![0.0; bins];
    for &step in steps {
        if let Some(count) = count.get_mut(window.bin(step, bin, bins)) {
            *count += 1.0;
        }
    }
    count
}

/// Centred and of length one; NaN where there is no variance.
fn unit(mut row: Vec<f64>) -> Vec<f64> {
    let mean = super::mean(&row);
    row.iter_mut().for_each(|value| *value -= mean);
    let length = row.iter().map(|value| value * value).sum::<f64>().sqrt();
    row.iter_mut().for_each(|value| *value /= length);
    row
}
