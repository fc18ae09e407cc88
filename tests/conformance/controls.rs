//! Planted faults: the comparisons that the cases go through must catch each of them, and say what is wrong.
//!
//! Each control changes one thing in a real case, runs it, and asks [`net_det::judge`] as a case would. Beside it the case
//! without the fault must pass, so that it is the fault that is caught.

use synfire::compare::Outcome;
use synfire::model::library;
use synfire::network::Network;

use crate::engines::{ALL, Refused, Which};
use crate::lines::{Line, Lines, Verdict};
use crate::net_det::{self, Case, Drive, Judgement, judge, simulate};

/// Runs a network in place of a case's own, and expects the comparison to find it different.
fn caught(fault: &str, case: &Case, which: Which, network: &Network) -> Judgement {
    let sound = simulate(case, which, &case.network(Drive::Own)).unwrap_or_else(|e| panic!("{fault}: {e:?}"));
    let sound = judge(case, which, &sound, None).outcome();
    assert!(sound.is_equal(), "{fault}: the case without the fault is {sound}");
    let run = simulate(case, which, network).unwrap_or_else(|e| panic!("{fault}: {e:?}"));
    let judgement = judge(case, which, &run, None);
    let outcome = judgement.outcome();
    let Outcome::Different { what } = &outcome else { panic!("{fault}: not caught, the comparison says {outcome}") };
    let mut lines = Lines::default();
    lines.add(Line {
        case: format!("control: {fault}"),
        engine: which.name().into(),
        spikes: run.spikes.len(),
        ties: 0,
        worst: what.clone(),
        verdict: Verdict::Pass,
    });
    judgement
}

#[test]
fn a_delay_that_is_off_by_one() {
    for which in ALL {
        let case = net_det::named("psc_exp_200");
        let mut faulty = case.clone();
        faulty.connections.delay_steps.iter_mut().for_each(|d| *d += 1);
        let judgement = caught("delay off by one", &case, which, &faulty.network(Drive::Own));
        // the first neuron that a recurrent spike decides about is named, with its step
        let Outcome::Different { what } = &judgement.spikes.outcome else { panic!("spikes did not part") };
        let first = judgement.spikes.different.iter().min_by_key(|d| (d.step, d.neuron)).expect("a difference");
        assert!(what.contains(&format!("neuron {} at step {}", first.neuron, first.step)), "{what}");
        // one step later for the inputs too is found as well
        let mut faulty = case.clone();
        faulty.input_connections.delay_steps.iter_mut().for_each(|d| *d += 1);
        caught("input delay off by one", &case, which, &faulty.network(Drive::Own));
    }
}

/// Two excitatory synapses onto the neuron whose potential is known: its least and its greatest weight, of sources that
/// spike in the first 100 ms.
fn two_synapses(case: &Case) -> (usize, usize, u32) {
    let traced = case.expected.v_trace.neurons[0];
    let spikes = case.spikes();
    let links = &case.connections;
    let early = |source: u32| spikes.iter().any(|&(step, neuron)| neuron == source && step < 1000);
    let mut chosen: Vec<usize> =
        (0..links.target.len()).filter(|&k| links.target[k] == traced && links.weight[k] > 0.0 && early(links.source[k])).collect();
    chosen.sort_by(|a, b| links.weight[*a].total_cmp(&links.weight[*b]));
    let (least, greatest) = (chosen[0], chosen[chosen.len() - 1]);
    assert!(links.weight[least] < links.weight[greatest] && links.source[least] != links.source[greatest]);
    (least, greatest, traced)
}

#[test]
fn two_weights_swapped() {
    for which in ALL {
        let case = net_det::named("psc_exp_200");
        let mut faulty = case.clone();
        let (a, b, traced) = two_synapses(&case);
        faulty.connections.weight.swap(a, b);
        let judgement = caught("two weights swapped", &case, which, &faulty.network(Drive::Own));
        let v = judgement.v.expect("V is judged");
        let Outcome::Different { what } = &v.outcome else { panic!("V did not part") };
        assert!(what.contains(&format!("`v` of neuron {traced} at step")), "{what}");
    }
}

#[test]
fn a_weight_times_1_001() {
    let case = net_det::named("psc_exp_200");
    // one synapse in f64, where V is known to 1e-9 mV; all of them in f32, which allows 2e-3 mV
    let (_, one, traced) = two_synapses(&case);
    let mut faulty = case.clone();
    faulty.connections.weight[one] *= 1.001;
    let judgement = caught("one weight times 1.001", &case, Which::F64, &faulty.network(Drive::Own));
    let v = judgement.v.expect("V is judged");
    assert_eq!(v.first.map(|(_, neuron)| neuron), Some(traced), "{}", v.outcome);
    let mut faulty = case.clone();
    faulty.connections.weight.iter_mut().for_each(|w| *w *= 1.001);
    for which in ALL.into_iter().filter(|which| *which != Which::F64) {
        caught("all weights times 1.001", &case, which, &faulty.network(Drive::Own));
    }
}

/// The case with a ready model's text changed.
fn with_text(case: &Case, model: &str, change: impl Fn(&str) -> String) -> Network {
    let (_, text) = library::TEXTS.iter().find(|(name, _)| *name == model).expect("a ready model");
    let changed = change(text);
    assert_ne!(&changed, text, "the text has no such place");
    let mut network = case.network(Drive::Own);
    network.equations(&changed.replace(&format!("neuron {model}"), "neuron faulty"));
    network.populations.iter_mut().filter(|p| p.model == model).for_each(|p| p.model = "faulty".into());
    network
}

#[test]
fn a_reset_that_is_skipped() {
    for which in ALL {
        let case = net_det::named("single_psc_exp");
        let network = with_text(&case, "lif_psc_exp", |text| text.replace("reset v = v_reset", "reset v = v"));
        let judgement = caught("reset skipped", &case, which, &network);
        // V parts at the first spike, in the neuron that spiked
        let (step, neuron) = case.spikes()[0];
        assert_eq!(judgement.v.expect("V is judged").first, Some((step, neuron)));
    }
}

#[test]
fn a_sign_error_on_a_negative_potential() {
    for which in ALL {
        for name in ["E_L", "V_reset", "V_th"] {
            let case = net_det::named("single_psc_exp");
            let mut faulty = case.clone();
            *faulty.neuron_params.get_mut(name).expect("a parameter") *= -1.0;
            caught(&format!("{name} positive"), &case, which, &faulty.network(Drive::Own));
        }
        let case = net_det::named("single_psc_exp");
        let mut faulty = case.clone();
        faulty.per_neuron.V_init[2] *= -1.0;
        let judgement = caught("V_init of neuron 2 positive", &case, which, &faulty.network(Drive::Own));
        let first = judgement.spikes.first.expect("a difference");
        assert_eq!((first.neuron, first.step, first.ours), (2, 1, true));
    }
}

#[test]
fn populations_exchanged() {
    for which in ALL {
        let case = net_det::named("psc_exp_200");
        // only the probes keep their names: what is recorded as E is I
        let mut network = case.network(Drive::Own);
        let other = |name: &str| match name {
            "E" => "I".to_string(),
            "I" => "E".to_string(),
            name => name.to_string(),
        };
        network.populations.iter_mut().for_each(|p| p.name = other(&p.name));
        network.projections.iter_mut().for_each(|p| (p.source, p.target) = (other(&p.source), other(&p.target)));
        caught("populations exchanged", &case, which, &network);
    }
}

#[test]
fn a_silent_network() {
    for which in ALL {
        for name in ["psc_exp_200", "psc_delta_200"] {
            let case = net_det::named(name);
            let mut faulty = case.clone();
            faulty.neuron_params.insert("V_th".into(), 1000.0);
            let network = faulty.network(Drive::Own);
            let run = simulate(&case, which, &network).unwrap_or_else(|e| panic!("{e:?}"));
            assert!(run.spikes.is_empty());
            let judgement = caught("silent network", &case, which, &network);
            assert_eq!(judgement.spikes.missing.len(), case.spikes().len());
            // nor does it pass for a lot of ties
            let bound = f64::INFINITY;
            let ties = synfire::compare::compare_spikes(&[], &case.spikes(), |_, _| Some(0.0), bound);
            assert_eq!(ties.outcome, Outcome::Different { what: "ours has no spike at all".into() });
        }
    }
}

/// A tie is no fault, but passing everything as one would be: a threshold that is off by less than rounding may move gives
/// a tie, named and followed by a run in which each neuron is judged alone; off by far more it is a difference.
#[test]
fn a_tie_and_what_is_none() {
    let case = net_det::named("psc_exp_200");
    let which = Which::F32;
    let shifted = |by: f64| {
        net_det::line(&case, which, &|drive| {
            let mut faulty = case.clone();
            *faulty.neuron_params.get_mut("V_th").expect("a threshold") += by;
            faulty.network(drive)
        })
    };
    // the reference comes within 1.9e-4 mV of its threshold (its `checks`), from one side or the other
    let bound = net_det::bound(&case, which);
    let within = [shifted(0.9 * bound), shifted(-0.9 * bound)];
    assert!(within.iter().any(|line| line.ties > 0), "{within:?}");
    let beyond = [shifted(40.0 * bound), shifted(-40.0 * bound)];
    for line in &beyond {
        assert!(matches!(line.verdict, Verdict::Fail(_)), "{line:?}");
    }
    let mut lines = Lines::default();
    within.into_iter().for_each(|mut line| {
        line.case = "control: tie at threshold".into();
        lines.add(line);
    });
    lines.finish();
}

#[test]
fn a_nan_is_named() {
    for which in ALL {
        let case = net_det::named("single_psc_exp");
        // a root of a negative number as soon as V passes -55 mV; euler, since the root is not linear
        let broken = |faulty: bool| {
            let mut network = with_text(&case, "lif_psc_exp", |text| {
                let root = if faulty { "1e-9*sqrt((-55 mV - v)/(1 mV))" } else { "1e-9*abs((-55 mV - v)/(1 mV))" };
                text.replace("dv/dt     = (e_leak - v)/tau_m", &format!("dv/dt = ({root})*(1 mV/ms) + (e_leak - v)/tau_m"))
            });
            network.populations[0].method = Some("euler".into());
            network
        };
        let sound = simulate(&case, which, &broken(false)).unwrap_or_else(|e| panic!("{e:?}"));
        let passes = |step: &u64| (0..case.n_neurons).find(|n| sound.v(*n, *step).is_some_and(|v| v > -55.0));
        let step = (1..case.n_steps).find(|step| passes(step).is_some()).expect("a neuron that comes near its threshold");
        let neuron = passes(&step).expect("it was found");
        let refused = simulate(&case, which, &broken(true)).err().expect("a NaN went unseen");
        let Refused::Failed(why) = refused else { panic!("{refused:?}") };
        for part in [format!("v of all[{neuron}]"), "NaN".into(), format!("step {}", step + 1)] {
            assert!(why.contains(&part), "expected `{part}` in: {why}");
        }
    }
}
