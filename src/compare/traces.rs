//! Sampled states compared, value by value.

use super::Outcome;
use crate::recording::Trace;

/// How far two traces lie apart, and where most.
#[must_use]
#[derive(Clone, Debug, PartialEq)]
pub struct TraceComparison {
    /// What it comes to.
    pub outcome: Outcome,
    /// Values compared; 0 if the traces do not have the same shape.
    pub compared: usize,
    /// The largest |ours - reference|, in the unit of the traces. NaN if a value is NaN or infinite on either side.
    pub worst: f64,
    /// (step, neuron) of the worst; the first of them.
    pub at: Option<(u64, u32)>,
    /// (step, neuron) of the first error above the tolerance, or that is no number.
    pub first: Option<(u64, u32)>,
}

/// Compares two traces of the same rows at the same steps.
///
/// The error is absolute: a potential of -65 mV has no natural base to divide by. Population and variable may have other
/// names; unit, rows, steps and length may not differ.
///
/// **Units**: tolerance in the unit of the traces; equal to it passes, and NaN or below 0 lets nothing pass.
pub fn compare_traces(ours: &Trace, reference: &Trace, tolerance: f64) -> TraceComparison {
    let nowhere = |outcome| TraceComparison { outcome, compared: 0, worst: f64::NAN, at: None, first: None };
    if ours.values.is_empty() && reference.values.is_empty() {
        return nowhere(Outcome::NothingToCompare);
    }
    if let Some(what) = mismatch(ours, reference) {
        return nowhere(Outcome::Different { what });
    }
    let place = |k: usize| {
        let (sample, row) = (k / ours.rows.len(), k % ours.rows.len());
        (ours.first_step.saturating_add(ours.every.saturating_mul(sample as u64)), ours.rows[row])
    };
    let errors = ours.values.iter().zip(&reference.values).map(|(a, b)| (a - b).abs());
    let (mut worst, mut first) = ((0.0, 0), None);
    for (k, error) in errors.enumerate() {
        if error.is_nan() || error.is_infinite() {
            // nothing is worse, and the first of its kind says most
            if f64::is_finite(worst.0) {
                worst = (f64::NAN, k);
            }
        } else if error > worst.0 {
            worst = (error, k);
        }
        // so written, NaN on either side is above the tolerance
        let passes = error <= tolerance && error.is_finite();
        if !passes && first.is_none() {
            first = Some(k);
        }
    }
    let at = place(worst.1);
    let outcome = match first {
        None => Outcome::Equal,
        Some(k) => {
            let (step, neuron) = place(k);
            let what = format!(
                "`{}` of neuron {neuron} at step {step} is {} {unit}, the reference {} {unit}; \
                 worst error {} {unit} at neuron {} and step {}, tolerance {tolerance} {unit}",
                ours.variable,
                ours.values[k],
                reference.values[k],
                worst.0,
                at.1,
                at.0,
                unit = ours.unit
            );
            Outcome::Different { what }
        }
    };
    TraceComparison { outcome, compared: ours.values.len(), worst: worst.0, at: Some(at), first: first.map(place) }
}

/// Why the values do not stand for the same things.
fn mismatch(ours: &Trace, reference: &Trace) -> Option<String> {
    let (a, b) = (ours, reference);
    if a.unit != b.unit {
        return Some(format!("ours is in `{}`, the reference in `{}`", a.unit, b.unit));
    }
    if a.rows != b.rows {
        return Some(format!("ours has neurons {}, the reference {}", listed(&a.rows), listed(&b.rows)));
    }
    if (a.first_step, a.every) != (b.first_step, b.every) {
        return Some(format!(
            "ours is sampled from step {} every {}, the reference from step {} every {}",
            a.first_step, a.every, b.first_step, b.every
        ));
    }
    if a.values.len() != b.values.len() {
        return Some(format!("ours has {} values, the reference {}", a.values.len(), b.values.len()));
    }
    if a.rows.is_empty() || a.values.len() % a.rows.len() != 0 {
        return Some(format!("{} values do not fill samples of {} neurons", a.values.len(), a.rows.len()));
    }
    None
}

fn listed(rows: &[u32]) -> String {
    match rows {
        [first, .., last] if rows.len() > 6 => format!("{first} to {last} ({} of them)", rows.len()),
        _ => format!("{rows:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(values: &[f64]) -> Trace {
        let (population, variable, unit) = ("E".into(), "v".into(), "mV".into());
        Trace { population, synapses: false, variable, unit, rows: vec![4, 7], first_step: 1, every: 2, values: values.to_vec() }
    }

    const REFERENCE: [f64; 6] = [-65.0, -64.0, -60.0, -63.5, -50.125, -70.0];

    #[test]
    fn equal_within_the_tolerance_and_not_beyond() {
        let reference = trace(&REFERENCE);
        let mut ours = reference.clone();
        assert!(compare_traces(&ours, &reference, 0.0).outcome.is_equal());
        ours.values[4] += 0.125;
        let found = compare_traces(&ours, &reference, 0.125);
        assert!(found.outcome.is_equal());
        assert_eq!((found.worst, found.at, found.first, found.compared), (0.125, Some((5, 4)), None, 6));
        assert_eq!(compare_traces(&ours, &reference, 0.1).first, Some((5, 4)));
        for tolerance in [0.1, f64::NAN, -1.0] {
            assert!(!compare_traces(&ours, &reference, tolerance).outcome.is_equal());
        }
    }

    #[test]
    fn planted_differences_are_found() {
        let reference = trace(&REFERENCE);
        let with = |change: fn(&mut Trace)| {
            let mut ours = reference.clone();
            change(&mut ours);
            ours
        };
        let planted: [(&str, Trace); 11] = [
            ("sign", with(|t| t.values.iter_mut().for_each(|v| *v = -*v))),
            ("one sign", with(|t| t.values[5] = 70.0)),
            ("shifted by a step", with(|t| t.first_step += 1)),
            ("shifted by a sample", with(|t| t.values.rotate_right(2))),
            ("swapped neurons", with(|t| t.values.chunks_mut(2).for_each(|pair| pair.swap(0, 1)))),
            ("swapped rows", with(|t| t.rows.swap(0, 1))),
            ("NaN", with(|t| t.values[3] = f64::NAN)),
            ("infinite", with(|t| t.values[3] = f64::NEG_INFINITY)),
            ("a sample missing", with(|t| t.values.truncate(4))),
            ("all missing", with(|t| t.values.clear())),
            ("another unit", with(|t| t.unit = "V".into())),
        ];
        for (name, ours) in planted {
            for tolerance in [1e-3, 1.0] {
                assert!(!compare_traces(&ours, &reference, tolerance).outcome.is_equal_or_nothing(), "{name}");
                assert!(!compare_traces(&reference, &ours, tolerance).outcome.is_equal_or_nothing(), "{name}");
            }
        }
    }

    #[test]
    fn no_number_is_never_equal() {
        for bad in [f64::NAN, f64::INFINITY] {
            let mut both = trace(&REFERENCE);
            both.values[2] = bad;
            both.values[4] = 1e9;
            let found = compare_traces(&both, &both.clone(), f64::INFINITY);
            assert!(!found.outcome.is_equal());
            assert!(found.worst.is_nan());
            assert_eq!((found.at, found.first), (Some((3, 4)), Some((3, 4))));
        }
        let empty = trace(&[]);
        assert_eq!(compare_traces(&empty, &empty, 1.0).outcome, Outcome::NothingToCompare);
    }
}
