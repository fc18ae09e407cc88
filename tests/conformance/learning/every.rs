//! Every rule on every engine, within what rounding explains; and an ensemble, in which each instance learns by itself.

use synfire::model::library;
use synfire::network::Variant;

use super::oracle::Place;
use super::trains::{Found, Trial, compare, judge, trials};
use crate::engines::{ALL, Refused, Which};
use crate::lines::{Line, Lines, Verdict};

/// A line of a case on an engine.
fn line(trial: &Trial, which: Which, every: u64) -> Line {
    let found = compare(trial, which, &trial.network(), every);
    let (worst, verdict) = match found {
        Err(refused) => (String::new(), Verdict::Fail(format!("{refused:?}"))),
        Ok(Found { first: Some(first), .. }) => (String::new(), Verdict::Fail(first)),
        Ok(found) => (format!("{:.3} of the bound, {} numbers", found.worst, found.compared), Verdict::Pass),
    };
    Line { case: trial.name(), engine: which.name().into(), spikes: 0, ties: 0, worst, verdict }
}

#[test]
fn every_rule_in_double_precision() {
    let mut lines = Lines::default();
    trials().iter().for_each(|trial| lines.add(line(trial, Which::F64, 1)));
    lines.finish();
}

#[test]
fn every_rule_in_single_precision() {
    let mut lines = Lines::default();
    trials().iter().for_each(|trial| lines.add(line(trial, Which::F32, 1)));
    lines.finish();
}

#[test]
fn every_rule_on_the_gpu() {
    let mut lines = Lines::default();
    for (k, trial) in trials().iter().enumerate() {
        // every trial under one schedule, some under each
        for (s, which) in ALL.into_iter().filter(|which| matches!(which, Which::Gpu(_))).enumerate() {
            if k % 3 == s || k % 15 < 2 {
                lines.add(line(trial, which, 23));
            }
        }
    }
    lines.finish();
}

/// Instances whose numbers differ, each with the trial that it is right for.
fn ensemble() -> Vec<(Trial, Variant)> {
    let of = |k: usize| {
        let mut trial = trials().into_iter().find(|t| t.name() == "eligibility axonal").expect("the trial");
        assert_eq!(trial.place, Place::Axonal);
        let [w_max, eta, tau] = [[1.0, 0.9375, 1.125][k], [0.03125, 0.0625, 0.125][k], [64.0, 32.0, 128.0][k]];
        let mut variant = Variant::new();
        for (parameter, number, text) in
            [("w_max", w_max, format!("{w_max}")), ("eta", eta, format!("{eta}")), ("tau_e", tau, format!("{tau} ms"))]
        {
            let place = trial.rule.parameters.iter().position(|(name, _)| *name == parameter).expect("a parameter");
            trial.numbers[place] = number;
            for projection in ["in", "rec"] {
                variant = variant.set(format!("{projection}.{parameter}"), text.clone());
            }
        }
        (trial, variant)
    };
    (0..3).map(of).collect()
}

/// What an ensemble gives, each instance compared with the trial of this place.
fn instances(which: Which, against: [usize; 3]) -> Result<Vec<Found>, Refused> {
    let (trials, variants): (Vec<Trial>, Vec<Variant>) = ensemble().into_iter().unzip();
    let mut simulation = which.compile_ensemble(&trials[0].network(), &variants)?;
    judge(&against.map(|k| &trials[k]), which, &mut simulation, 20).map_err(Refused::Failed)
}

#[test]
fn each_instance_learns_by_itself() {
    for which in ALL {
        let found = instances(which, [0, 1, 2]).unwrap_or_else(|e| panic!("{}: {e:?}", which.name()));
        for (k, found) in found.iter().enumerate() {
            assert!(found.first.is_none(), "instance {k} on {}: {:?}", which.name(), found.first);
        }
        // a weight of another instance is seen
        let found = instances(which, [1, 2, 0]).unwrap_or_else(|e| panic!("{}: {e:?}", which.name()));
        assert!(found.iter().all(|found| found.first.is_some()), "{}: instances are not told apart", which.name());
    }
}

/// Draws are keyed by the seed of the instance, and by nothing else of it.
#[test]
fn each_instance_draws_by_itself() {
    let of = |chance: u64| {
        let mut trial = trials().into_iter().find(|t| t.name() == "random_steps axonal").expect("the trial");
        trial.chance = chance;
        trial
    };
    let trials = [of(7), of(1 << 33), of(7)];
    let variants = trials.each_ref().map(|trial| Variant::new().seed(trial.chance));
    for which in ALL {
        let mut simulation = which.compile_ensemble(&trials[0].network(), &variants).unwrap_or_else(|e| panic!("{e:?}"));
        let found = judge(&[&trials[0], &trials[1], &trials[2]], which, &mut simulation, 40).unwrap_or_else(|e| panic!("{e}"));
        for (k, found) in found.iter().enumerate() {
            assert!(found.first.is_none(), "instance {k} on {}: {:?}", which.name(), found.first);
        }
    }
}

/// A ready model that learns and is not held to the oracle is not ready.
#[test]
fn no_ready_model_is_left_out() {
    let tested: Vec<String> = trials().iter().map(|trial| trial.rule.name.to_string()).collect();
    for (name, model) in library::synapses().expect("they read") {
        assert!(model.events().is_empty() || tested.contains(&format!("my_{name}")), "{name} is not compared with the oracle");
    }
}
