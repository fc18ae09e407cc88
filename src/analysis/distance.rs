//! How far two spike trains lie apart.

/// Van Rossum distance: each spike becomes an exponential, and the traces are compared in the mean square.
///
/// A spike that the other train lacks counts 1, one that is moved by far more than `tau` counts √2; `tau` towards 0 counts
/// spikes that do not coincide, `tau` towards infinity the difference of numbers.
///
/// **Units**: `tau` in steps, as the spikes, which ascend. 0 of two empty trains. NaN where `tau` is not above 0.
///
/// **Source**: van Rossum (2001), Neural Comput. 13:751, in the norm of Houghton and Kreuz (2012), Network 23:48, which
/// Elephant uses; in time linear in the spikes.
pub fn van_rossum(first: &[u64], second: &[u64], tau: f64) -> f64 {
    if tau.is_nan() || tau <= 0.0 {
        return f64::NAN;
    }
    let squared = overlap(first, first, tau) + overlap(second, second, tau) - 2.0 * overlap(first, second, tau);
    // of equal trains it may be a rounding below 0
    squared.max(0.0).sqrt()
}

/// The sum of exp(-|t - u|/tau) over all pairs of spikes.
fn overlap(first: &[u64], second: &[u64], tau: f64) -> f64 {
    // what stands before each spike of the one, itself included where they coincide; then the same from behind without it
    let before = |first: &mut dyn Iterator<Item = u64>, second: &mut dyn Iterator<Item = u64>, ties: bool| {
        let mut second = second.peekable();
        let (mut sum, mut trace, mut at) = (0.0, 0.0, None::<u64>);
        for step in first {
            let faded = |from: Option<u64>, to: u64| from.map_or(0.0, |from| (-(from.abs_diff(to) as f64) / tau).exp());
            while let Some(other) = second.next_if(|&other| other < step || ties && other == step) {
                (trace, at) = (trace * faded(at, other) + 1.0, Some(other));
            }
            sum += trace * faded(at, step);
        }
        sum
    };
    let back = |steps: &[u64]| steps.iter().rev().map(|&step| u64::MAX - step).collect::<Vec<u64>>();
    let (mirrored, other) = (back(first), back(second));
    before(&mut first.iter().copied(), &mut second.iter().copied(), true)
        + before(&mut mirrored.into_iter(), &mut other.into_iter(), false)
}

/// Victor-Purpura distance: what it costs at least to turn one train into the other, where adding or removing a spike costs 1
/// and moving one costs `cost` a step.
///
/// `cost` 0 counts the difference of numbers, a large one the spikes that do not coincide.
///
/// **Units**: `cost` per step; the spikes ascending. NaN where the cost is below 0 or not a number.
///
/// **Source**: Victor and Purpura (1996), J. Neurophysiol. 76:1310. Time and rows of the table: the product and the length of
/// the trains.
pub fn victor_purpura(first: &[u64], second: &[u64], cost: f64) -> f64 {
    if cost.is_nan() || cost < 0.0 {
        return f64::NAN;
    }
    let mut row: Vec<f64> = (0..=second.len()).map(|added| added as f64).collect();
    for (removed, &from) in first.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (removed + 1) as f64;
        for (k, &to) in second.iter().enumerate() {
            let moved = diagonal + cost * from.abs_diff(to) as f64;
            diagonal = row[k + 1];
            row[k + 1] = moved.min(row[k] + 1.0).min(diagonal + 1.0);
        }
    }
    row.last().copied().unwrap_or(0.0)
}
