//! Whether potentials move together.

use super::{Window, mean, sd};
use crate::recording::Trace;

/// Synchrony of potentials, χ²: the variance over time of the mean of all neurons, over the mean of their own variances.
///
/// 1 where all move as one, 1/n of n independent neurons. NaN without a sample or where nothing moves.
///
/// **Source**: Golomb and Rinzel (1993), Phys. Rev. E 48:4810, equation 4; Golomb (2007), Scholarpedia 2(1):1347, whose χ is its
/// root.
#[doc(alias = "voltage_fluctuation")]
pub fn chi_squared(trace: &Trace) -> f64 {
    let rows = trace.rows.len();
    if trace.samples() == 0 {
        return f64::NAN;
    }
    let together: Vec<f64> = trace.values.chunks_exact(rows).map(mean).collect();
    let own = |row: usize| {
        let values: Vec<f64> = trace.values.chunks_exact(rows).map(|sample| sample[row]).collect();
        sd(&values).powi(2)
    };
    let apart = (0..rows).map(own).sum::<f64>() / rows as f64;
    if apart > 0.0 { sd(&together).powi(2) / apart } else { f64::NAN }
}

/// The same of the samples within a window.
pub(super) fn within(trace: &Trace, window: Window) -> f64 {
    let (rows, every) = (trace.rows.len(), trace.every.max(1));
    // sample k is of step first + k·every
    let before = |step: u64| match step.checked_sub(trace.first_step) {
        Some(gap) => usize::try_from(gap / every + 1).unwrap_or(usize::MAX).min(trace.samples()),
        None => 0,
    };
    let (from, to) = (before(window.after), before(window.last));
    let values = trace.values.get(from * rows..to * rows).unwrap_or_default().to_vec();
    chi_squared(&Trace { rows: trace.rows.clone(), values, ..Trace::default() })
}
