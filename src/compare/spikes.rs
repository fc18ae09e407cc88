//! Spike trains compared, step by step and neuron by neuron.

use super::Outcome;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Everything in which two sets of spikes agree and differ.
#[must_use]
#[derive(Clone, Debug, PartialEq)]
pub struct SpikeComparison {
    /// What it comes to.
    pub outcome: Outcome,
    /// Spikes in both.
    pub equal: usize,
    /// (step, neuron) in the reference only, sorted.
    pub missing: Vec<(u64, u32)>,
    /// (step, neuron) in ours only, sorted.
    pub extra: Vec<(u64, u32)>,
    /// The earliest difference of the network; of one step, that of the lowest neuron. In a recurrent network all others
    /// may follow from it.
    pub first: Option<Difference>,
    /// Neurons whose first difference is a tie, by neuron.
    pub ties: Vec<Tie>,
    /// Neurons whose first difference is none, by neuron.
    pub different: Vec<Difference>,
}

/// A spike that one side lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The step at whose end the spike is.
    pub step: u64,
    /// By number within the population.
    pub neuron: u32,
    /// The spike is ours and the reference lacks it; otherwise the other way round.
    pub ours: bool,
}

/// A difference at threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tie {
    /// The spike.
    pub difference: Difference,
    /// mV, signed as it was told.
    pub distance: f64,
}

impl SpikeComparison {
    /// Whether the earliest difference of the network is a tie, so that the others may be its consequences.
    pub fn begins_with_tie(&self) -> bool {
        self.first.is_some_and(|first| self.ties.iter().any(|tie| tie.difference == first))
    }
}

/// Compares spikes given as (step, neuron) in any order; one that is listed twice counts twice.
///
/// The first differing spike of a neuron is a tie if `distance(neuron, step)`, how far ours was from its threshold at that
/// step before any reset, is at most `bound` either way. Later differences of the same neuron follow from the first and
/// are listed, not judged.
///
/// **Units**: distance and bound in mV. Unknown (`None`) or NaN is no tie, and a bound of NaN or below 0 allows none.
pub fn compare_spikes(
    ours: &[(u64, u32)],
    reference: &[(u64, u32)],
    distance: impl Fn(u32, u64) -> Option<f64>,
    bound: f64,
) -> SpikeComparison {
    let (equal, missing, extra) = sides(&sorted(ours), &sorted(reference));
    let firsts = firsts(&missing, &extra);
    let first = firsts.values().copied().min_by_key(|first| (first.step, first.neuron));
    let (mut ties, mut different) = (Vec::new(), Vec::new());
    for &difference in firsts.values() {
        match distance(difference.neuron, difference.step) {
            Some(distance) if distance.abs() <= bound => ties.push(Tie { difference, distance }),
            _ => different.push(difference),
        }
    }
    let outcome = if ours.is_empty() && reference.is_empty() {
        Outcome::NothingToCompare
    } else if let Some(earliest) = different.iter().min_by_key(|first| (first.step, first.neuron)) {
        let what = told(ours.len(), reference.len(), earliest, missing.len(), extra.len());
        Outcome::Different { what }
    } else if ours.is_empty() || reference.is_empty() {
        // also where every neuron's first spike would pass for a tie
        let side = if ours.is_empty() { "ours" } else { "the reference" };
        Outcome::Different { what: format!("{side} has no spike at all") }
    } else if ties.is_empty() {
        Outcome::Equal
    } else {
        Outcome::Tie { neurons: ties.len() }
    };
    SpikeComparison { outcome, equal, missing, extra, first, ties, different }
}

fn told(ours: usize, reference: usize, earliest: &Difference, missing: usize, extra: usize) -> String {
    let Difference { step, neuron, ours: is_ours } = *earliest;
    let whose = if is_ours { "ours only" } else { "the reference only" };
    format!(
        "{ours} spikes, the reference has {reference}; {missing} missing, {extra} extra; \
         first that is no tie: neuron {neuron} at step {step}, in {whose}"
    )
}

fn sorted(spikes: &[(u64, u32)]) -> Vec<(u64, u32)> {
    let mut spikes = spikes.to_vec();
    spikes.sort_unstable();
    spikes
}

type Spikes = Vec<(u64, u32)>;

/// How many are in both, which are missing in ours, which are extra.
fn sides(ours: &[(u64, u32)], reference: &[(u64, u32)]) -> (usize, Spikes, Spikes) {
    let (mut equal, mut missing, mut extra) = (0, Vec::new(), Vec::new());
    let (mut a, mut b) = (ours.iter().peekable(), reference.iter().peekable());
    loop {
        let order = match (a.peek(), b.peek()) {
            (Some(ours), Some(reference)) => ours.cmp(reference),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return (equal, missing, extra),
        };
        match order {
            Ordering::Less => extra.extend(a.next()),
            Ordering::Greater => missing.extend(b.next()),
            Ordering::Equal => {
                a.next();
                b.next();
                equal += 1;
            }
        }
    }
}

/// The first difference of each neuron that has one.
fn firsts(missing: &[(u64, u32)], extra: &[(u64, u32)]) -> BTreeMap<u32, Difference> {
    let mut firsts = BTreeMap::new();
    for (spikes, ours) in [(missing, false), (extra, true)] {
        for &(step, neuron) in spikes {
            let difference = Difference { step, neuron, ours };
            let first = firsts.entry(neuron).or_insert(difference);
            if step < first.step {
                *first = difference;
            }
        }
    }
    firsts
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: [(u64, u32); 6] = [(10, 0), (10, 3), (12, 1), (20, 0), (25, 3), (30, 2)];

    fn compare(ours: &[(u64, u32)]) -> SpikeComparison {
        compare_spikes(ours, &REFERENCE, |_, _| None, f64::INFINITY)
    }

    #[test]
    fn order_does_not_matter() {
        let mut ours = REFERENCE;
        ours.reverse();
        let found = compare(&ours);
        assert!(found.outcome.is_equal() && found.equal == 6 && found.first.is_none());
    }

    #[test]
    fn planted_differences_are_found() {
        let shifted = REFERENCE.map(|(step, neuron)| (step + 1, neuron));
        let swapped = REFERENCE.map(|(step, neuron)| (step, neuron ^ 1));
        let mut one_late = REFERENCE;
        one_late[3].0 += 1;
        let twice = [&REFERENCE[..], &[(30, 2)]].concat();
        let extra = [&REFERENCE[..], &[(31, 9)]].concat();
        for ours in [&shifted[..], &swapped, &one_late, &twice, &extra, &REFERENCE[1..], &REFERENCE[..5], &[]] {
            let found = compare(ours);
            assert!(matches!(found.outcome, Outcome::Different { .. }), "{ours:?}");
            assert!(!found.outcome.is_equal_or_tie() && !found.outcome.is_equal_or_nothing());
            // the other way round as well
            assert!(!compare_spikes(&REFERENCE, ours, |_, _| None, 1.0).outcome.is_equal_or_tie());
        }
        let found = compare(&one_late);
        assert_eq!((found.equal, &found.missing[..], &found.extra[..]), (5, &[(20, 0)][..], &[(21, 0)][..]));
        assert_eq!(found.first, Some(Difference { step: 20, neuron: 0, ours: false }));
        assert_eq!(compare(&extra).first, Some(Difference { step: 31, neuron: 9, ours: true }));
    }

    #[test]
    fn a_tie_is_named_and_only_near_the_threshold() {
        let ours = [&REFERENCE[..3], &[(21, 0), (25, 3), (30, 2)]].concat();
        let at = |mv: f64| move |neuron, step| (neuron == 0 && step == 20).then_some(mv);
        let found = compare_spikes(&ours, &REFERENCE, at(-1e-6), 1e-5);
        assert_eq!(found.outcome, Outcome::Tie { neurons: 1 });
        assert!(found.begins_with_tie() && !found.outcome.is_equal());
        let difference = Difference { step: 20, neuron: 0, ours: false };
        assert_eq!(found.ties, [Tie { difference, distance: -1e-6 }]);
        for (mv, bound) in [(-1e-4, 1e-5), (1e-4, 1e-5), (f64::NAN, 1e-5), (0.0, f64::NAN), (0.0, -1.0)] {
            let found = compare_spikes(&ours, &REFERENCE, at(mv), bound);
            assert!(matches!(found.outcome, Outcome::Different { .. }), "{mv} {bound}");
        }
        // one neuron ties, another does not
        let found = compare_spikes(&ours[..5], &REFERENCE, at(0.0), 1e-5);
        assert!(matches!(found.outcome, Outcome::Different { .. }));
        assert!(found.begins_with_tie() && found.ties.len() == 1 && found.different.len() == 1);
    }

    #[test]
    fn silence_never_passes_unasked() {
        let always = |_, _| Some(0.0);
        assert!(!compare_spikes(&[], &REFERENCE, always, 1.0).outcome.is_equal_or_tie());
        assert!(!compare_spikes(&REFERENCE, &[], always, 1.0).outcome.is_equal_or_tie());
        let found = compare_spikes(&[], &[], always, 1.0);
        assert_eq!(found.outcome, Outcome::NothingToCompare);
        assert!(!found.outcome.is_equal_or_tie() && found.outcome.is_equal_or_nothing());
    }
}
