//! What each neuron does: how often and how regularly it fires.

use super::{Window, by_neuron, mean, sd};
use crate::recording::SpikeTrain;

/// Spikes per second of each recorded neuron, the silent ones with 0.
///
/// **Units**: `dt` in ms, rates in Hz. **Shape**: as the recorded neurons.
pub fn rates(train: &SpikeTrain, window: Window, dt: f64) -> Vec<f64> {
    let seconds = window.steps() as f64 * dt * 1e-3;
    by_neuron(train, window).iter().map(|steps| steps.len() as f64 / seconds).collect()
}

/// The intervals between the spikes of each recorded neuron.
///
/// **Units**: steps. **Shape**: as the recorded neurons; one less than the neuron's spikes.
#[doc(alias = "isi")]
pub fn intervals(train: &SpikeTrain, window: Window) -> Vec<Vec<u64>> {
    let gaps = |steps: &Vec<u64>| steps.windows(2).map(|pair| pair[1] - pair[0]).collect();
    by_neuron(train, window).iter().map(gaps).collect()
}

/// Coefficient of variation of the intervals, sd (1/n) over mean, of each neuron with at least three spikes.
///
/// 0 is a clock, 1 a Poisson process. **Shape**: the neurons with fewer spikes are left out.
pub fn cvs(train: &SpikeTrain, window: Window) -> Vec<f64> {
    let cv = |gaps: &Vec<u64>| {
        let gaps: Vec<f64> = gaps.iter().map(|&gap| gap as f64).collect();
        sd(&gaps) / mean(&gaps)
    };
    intervals(train, window).iter().filter(|gaps| gaps.len() >= 2).map(cv).collect()
}
