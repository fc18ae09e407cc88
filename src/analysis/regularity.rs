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
    intervals(train, window).iter().filter(|gaps| gaps.len() >= 2).map(|gaps| cv(gaps)).collect()
}

/// Coefficient of variation of intervals, sd (1/n) over mean.
///
/// 0 is a clock, 1 a Poisson process. NaN of fewer than two intervals.
pub fn cv(intervals: &[u64]) -> f64 {
    if intervals.len() < 2 {
        return f64::NAN;
    }
    let gaps: Vec<f64> = intervals.iter().map(|&gap| gap as f64).collect();
    sd(&gaps) / mean(&gaps)
}

/// CV2: how unlike neighbouring intervals are, the mean of 2 |b - a| / (a + b).
///
/// A slow change of the rate, which makes [`cv`] large, leaves it as it is: 0 is a clock, 1 a Poisson process. NaN of fewer than
/// two intervals.
///
/// **Source**: Holt, Softky, Koch and Douglas (1996), J. Neurophysiol. 75:1806.
pub fn cv2(intervals: &[u64]) -> f64 {
    2.0 * of_neighbours(intervals, |a, b| (b - a).abs() / (a + b))
}

/// Local variation LV, the mean of 3 ((b - a) / (a + b))² over neighbouring intervals.
///
/// 0 is a clock, 1 a Poisson process, above 1 bursts. NaN of fewer than two intervals.
///
/// **Source**: Shinomoto, Shima and Tanji (2003), Neural Comput. 15:2823.
pub fn lv(intervals: &[u64]) -> f64 {
    3.0 * of_neighbours(intervals, |a, b| ((b - a) / (a + b)).powi(2))
}

/// Local variation revised for refractoriness, the mean of 3 (1 - 4ab/(a + b)²)(1 + 4R/(a + b)).
///
/// **Units**: `refractory`, R, in steps as the intervals (5 ms in the source). NaN of fewer than two intervals.
///
/// **Source**: Shinomoto et al. (2009), PLoS Comput. Biol. 5:e1000433, equation 3.
pub fn lvr(intervals: &[u64], refractory: f64) -> f64 {
    3.0 * of_neighbours(intervals, |a, b| {
        let both = a + b;
        (1.0 - 4.0 * a * b / (both * both)) * (1.0 + 4.0 * refractory / both)
    })
}

/// The mean of something over neighbouring intervals; NaN where there are none.
fn of_neighbours(intervals: &[u64], something: impl Fn(f64, f64) -> f64) -> f64 {
    let each: Vec<f64> = intervals.windows(2).map(|pair| something(pair[0] as f64, pair[1] as f64)).collect();
    mean(&each)
}
