//! What two neurons do together: counts at each lag, correlation of bins, coincidence within a reach.

use super::{Window, by_neuron};
use crate::recording::SpikeTrain;

/// How often one neuron fires so many bins after another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Correlogram {
    /// Bins from a spike of the first to one of the second: positive where the second follows.
    pub lags: Vec<i64>,
    /// Pairs of spikes at each lag.
    pub counts: Vec<u64>,
    /// The counts as correlation coefficients, at most 1; NaN where a train is empty or the same in all bins.
    pub coefficients: Vec<f64>,
}

/// Cross-correlogram of two neurons, from the steps of their spikes; of one with itself its autocorrelogram.
///
/// Each spike falls into a bin, and pairs of bins are counted, so that lag 0 is of spikes in one bin. Pairs that would lie beyond
/// the window are not made up for.
///
/// **Units**: `bin` in steps, `reach` in bins. **Shape**: 2·reach + 1 lags, from -reach.
///
/// **Source**: Perkel, Gerstein and Moore (1967), Biophys. J. 7:419; the coefficients as Elephant's
/// `cross_correlation_histogram` has them.
#[doc(alias = "cross_correlation_histogram")]
#[doc(alias = "cch")]
pub fn correlogram(first: &[u64], second: &[u64], window: Window, bin: u64, reach: u32) -> Correlogram {
    let bins = window.bins(bin);
    let (a, b) = (filled(first, window, bin, bins), filled(second, window, bin, bins));
    let reach = i64::from(reach);
    let lags: Vec<i64> = (-reach..=reach).collect();
    let mut counts = vec![0; lags.len()];
    for &(place, count) in &a {
        let from = b.partition_point(|&(other, _)| other < place - reach);
        for &(other, also) in b[from..].iter().take_while(|(other, _)| *other <= place + reach) {
            // within the reach on both sides, so it fits
            counts[(other - place + reach) as usize] += count * also;
        }
    }
    let total = |train: &[(i64, u64)]| train.iter().map(|&(_, count)| count as f64).sum::<f64>();
    let squares = |train: &[(i64, u64)]| train.iter().map(|&(_, count)| (count * count) as f64).sum::<f64>();
    let chance = total(&a) * total(&b) / bins as f64;
    let spread = |train: &[(i64, u64)]| squares(train) - total(train).powi(2) / bins as f64;
    let scale = (spread(&a) * spread(&b)).sqrt();
    let scale = if scale > 0.0 { scale } else { f64::NAN };
    let coefficients = counts.iter().map(|&count| (count as f64 - chance) / scale).collect();
    Correlogram { lags, counts, coefficients }
}

/// The bins that hold spikes, and how many.
fn filled(steps: &[u64], window: Window, bin: u64, bins: usize) -> Vec<(i64, u64)> {
    let mut filled: Vec<(i64, u64)> = Vec::new();
    if bins == 0 {
        return filled;
    }
    let mut steps: Vec<u64> = steps.iter().copied().filter(|&step| window.holds(step)).collect();
    steps.sort_unstable();
    for step in steps {
        let place = window.bin(step, bin, bins) as i64;
        match filled.last_mut() {
            Some((last, count)) if *last == place => *count += 1,
            _ => filled.push((place, 1)),
        }
    }
    filled
}

/// Pearson correlation of spike counts of all pairs of recorded neurons.
///
/// **Units**: `bin` in steps. **Shape**: n · n, row by row, symmetric, 1 on its diagonal. A neuron whose count is the same in
/// all bins has NaN with all: its correlation is not defined.
pub fn correlation_matrix(train: &SpikeTrain, window: Window, bin: u64) -> Vec<f64> {
    let bins = window.bins(bin);
    let trains: Vec<_> = by_neuron(train, window).iter().map(|steps| filled(steps, window, bin, bins)).collect();
    let total = |train: &[(i64, u64)]| train.iter().map(|&(_, count)| count as f64).sum::<f64>();
    let totals: Vec<f64> = trains.iter().map(|train| total(train)).collect();
    let covariance = |i: usize, j: usize| shared(&trains[i], &trains[j]) - totals[i] * totals[j] / bins as f64;
    let spread: Vec<f64> = (0..trains.len()).map(|i| covariance(i, i)).collect();
    let n = trains.len();
    let mut matrix = vec![f64::NAN; n * n];
    for i in 0..n {
        for j in i..n {
            // 0 of a train that is the same everywhere, up to the rounding of its own total
            let defined = spread[i] > 1e-9 && spread[j] > 1e-9;
            // rounding may leave 1 by a bit, and NumPy clips as well
            let value = (covariance(i, j) / (spread[i] * spread[j]).sqrt()).clamp(-1.0, 1.0);
            let value = if i == j { 1.0 } else { value };
            let value = if defined { value } else { f64::NAN };
            (matrix[i * n + j], matrix[j * n + i]) = (value, value);
        }
    }
    matrix
}

/// Products of counts in bins that both fill.
fn shared(a: &[(i64, u64)], b: &[(i64, u64)]) -> f64 {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut sum = 0.0;
    while let (Some(&&(at, count)), Some(&&(other, also))) = (a.peek(), b.peek()) {
        if at == other {
            sum += (count * also) as f64;
        }
        if at <= other {
            a.next();
        }
        if other <= at {
            b.next();
        }
    }
    sum
}

/// Spike-time tiling coefficient: how much more often than by chance spikes of two neurons lie within a reach of each other.
///
/// 1 for equal trains, 0 for independent ones, negative where they avoid each other; unlike a correlation it does not depend on
/// the rates. NaN if one is silent.
///
/// **Units**: `reach` in steps; the steps of spikes ascending.
///
/// **Source**: Cutts and Eglen (2014), J. Neurosci. 34:14288.
#[doc(alias = "sttc")]
pub fn spike_time_tiling(first: &[u64], second: &[u64], window: Window, reach: u64) -> f64 {
    let inside = |steps: &[u64]| steps.iter().copied().filter(|&step| window.holds(step)).collect::<Vec<u64>>();
    let (a, b) = (inside(first), inside(second));
    if a.is_empty() || b.is_empty() {
        return f64::NAN;
    }
    let (tiled_a, tiled_b) = (tiled(&a, window, reach), tiled(&b, window, reach));
    let (near_a, near_b) = (share_near(&a, &b, reach), share_near(&b, &a, reach));
    // all of one train lie near the other, which tiles everything: 0/0, and every spike has its partner
    let half = |near: f64, tiled: f64| if near * tiled == 1.0 { 1.0 } else { (near - tiled) / (1.0 - near * tiled) };
    0.5 * half(near_a, tiled_b) + 0.5 * half(near_b, tiled_a)
}

/// The share of the window that lies within the reach of a spike.
fn tiled(steps: &[u64], window: Window, reach: u64) -> f64 {
    let (mut covered, mut until) = (0, window.after);
    for &step in steps {
        let (from, to) = (step.saturating_sub(reach).max(until), step.saturating_add(reach).min(window.last));
        covered += to.saturating_sub(from);
        until = until.max(to);
    }
    covered as f64 / window.steps() as f64
}

/// The share of spikes of one train that have one of the other within the reach.
fn share_near(train: &[u64], other: &[u64], reach: u64) -> f64 {
    let near = |&&step: &&u64| {
        let next = other.partition_point(|&at| at < step);
        let after = other.get(next).is_some_and(|&at| at - step <= reach);
        after || next > 0 && step - other[next - 1] <= reach
    };
    train.iter().filter(near).count() as f64 / train.len() as f64
}
