//! What the authors of NumpyBrain found wrong in other simulators, done right here; and what would be wrong is caught.
//!
//! Their two complaints: gap junctions between integrate-and-fire neurons whose spikelets lift a neighbour over the threshold, where a
//! simulator that tests before arrivals loses spikes; and the squid axon, where a wrong constant ended repetitive firing (while at
//! 200 uA/cm2 there is none to expect). And what was wrong in NumpyBrain itself: the leak, and the magnesium block upside down.

use synfire::model::library;
use synfire::network::Network;

use super::pairs::pair;
use super::{named, nmda, regimes, spike_steps};
use crate::case::quantity;
use crate::engines::{ALL, Refused, Which};
use crate::lines::Verdict;

/// A ready model under another name with something else in its text.
fn changed(texts: &[(&str, &str)], model: &str, from: &str, to: &str) -> String {
    let (_, text) = texts.iter().find(|(name, _)| *name == model).unwrap_or_else(|| panic!("no model {model}"));
    assert!(text.contains(from), "{model} has no `{from}`");
    text.replace(from, to).replace(&format!(" {model}\n"), &format!(" other_{model}\n"))
}

/// Steps of the spikes of the first cells, or `None` where the schedule is not allowed.
fn spikes(net: &Network, which: Which, steps: u64, cells: u32) -> Option<Vec<Vec<u64>>> {
    match which.run(net, steps) {
        Err(Refused::NotAllowed(_)) => None,
        run => {
            let recording = run.unwrap_or_else(|refused| panic!("{}: {refused:?}", which.name()));
            Some((0..cells).map(|k| spike_steps(&recording, k)).collect())
        }
    }
}

const ORDERS: [(&str, &str); 2] = [
    // thresholds, then synapses: what arrives is tested after another step of decay
    ("Brian2's default", "\n  step\n    integrate\n    spike\n    receive"),
    // kicks, then integration, then the test
    ("NumpyBrain's", "\n  step\n    receive\n    integrate\n    spike"),
];

/// What a wrong variant has otherwise.
type Change<'a> = &'a dyn Fn(&mut Network);

#[test]
fn numpybrain_complaint_gap_junctions_with_spikelets() {
    let own = "(unless refractory)";
    for which in ALL {
        for (name, second) in [("gap_lif_kick_hit", vec![110u64, 1110, 2110]), ("gap_lif_kick_miss", vec![])] {
            let net = pair(&named(name), 0.1, None);
            let Some(found) = spikes(&net, which, 3000, 2) else { continue };
            assert_eq!(found, [vec![100, 1100, 2100], second], "{name} on {}", which.name());
        }
        for (order, block) in ORDERS {
            let text = changed(library::TEXTS, "lif_psc_delta", own, &format!("{own}{block}"));
            let mut net = pair(&named("gap_lif_kick_hit"), 0.1, None);
            net.equations(&text);
            net.populations[0].model = "other_lif_psc_delta".into();
            let Some(found) = spikes(&net, which, 3000, 2) else { continue };
            // lifted over the threshold, and no spike follows
            assert!(found[1].is_empty() && found[0].len() == 3, "the order {order} on {}: {found:?}", which.name());
        }
    }
}

/// Nothing in it is of gap junctions: any jump that ends above the threshold is a spike.
#[test]
fn numpybrain_complaint_jumps_over_the_threshold() {
    let case = named("lif_delta_edge");
    for which in ALL {
        let net = case.network(1, 0.1, None);
        let Some(found) = spikes(&net, which, 3000, 1) else { continue };
        assert_eq!(found[0], [110, 1210, 2410], "{}", which.name());
        for (order, block) in ORDERS {
            let own = "(unless refractory)";
            let mut net = case.network(1, 0.1, None);
            net.equations(&changed(library::TEXTS, "lif_psc_delta", own, &format!("{own}{block}")));
            net.populations[0].model = "other_lif_psc_delta".into();
            let Some(found) = spikes(&net, which, 3000, 1) else { continue };
            // all three are lost
            assert!(found[0].is_empty(), "the order {order} on {}: {found:?}", which.name());
        }
    }
}

#[test]
fn numpybrain_complaint_hodgkin_huxley() {
    let count = |current: f64, change: &dyn Fn(&mut Network)| {
        let case = named("hh_squid_200_block");
        let mut net = case.network(1, 0.025, Some("rk4"));
        // the current of the file is 200
        net.stimuli.clear();
        net.populations[0].parameter("i_e", quantity(current, "uA/cm**2"));
        change(&mut net);
        spikes(&net, Which::F64, 4000, 1).unwrap_or_else(|| panic!("cpu"))[0].len()
    };
    // right: repetitive firing at 10, one spike at 200, which is depolarisation block and no fault
    assert_eq!([count(10.0, &|_| {}), count(200.0, &|_| {})], [7, 1]);
    // 80 for 18 in beta_m: no current makes it fire again
    let wrong = |net: &mut Network| {
        net.equations(&changed(library::TEXTS, "hodgkin_huxley", "/(18 mV)", "/(80 mV)"));
        net.populations[0].model = "other_hodgkin_huxley".into();
    };
    for current in [10.0, 50.0, 100.0, 200.0] {
        assert!(count(current, &wrong) <= 1, "{current}");
    }
    // the table of regimes catches that, and the leak of 0.03 for 0.3, on every engine
    let case = named("hh_squid_fi");
    let leak = |net: &mut Network| {
        net.populations[0].parameter("g_leak", "0.03 mS/cm**2");
    };
    let nothing = |_: &mut Network| {};
    let variants: [(&str, Change<'_>); 3] = [("", &nothing), ("80 for 18", &wrong), ("0.03 for 0.3", &leak)];
    for which in ALL {
        for (fault, change) in variants {
            let verdict = match regimes::judged(&case, which, change) {
                Err(Refused::NotAllowed(_)) => continue,
                judged => judged.unwrap_or_else(|refused| panic!("{}: {refused:?}", which.name())).2,
            };
            let caught = matches!(verdict, Verdict::Fail(_));
            assert_eq!(caught, !fault.is_empty(), "`{fault}` on {}: {verdict:?}", which.name());
        }
    }
}

#[test]
fn numpybrain_magnesium_block_the_right_way_round() {
    let case = named("nmda_mg_rest");
    let wrong = [
        ("multiplied, not divided", "1/(1 + mg/mg_half*exp(-slope*post.v))", "1 + mg/mg_half*exp(-slope*post.v)"),
        ("the sign of v", "exp(-slope*post.v)", "exp(slope*post.v)"),
    ];
    for which in ALL {
        let right = match nmda::table_error(&case, which, "nmda", "") {
            Err(Refused::NotAllowed(_)) => continue,
            right => right.unwrap_or_else(|refused| panic!("{}: {refused:?}", which.name())),
        };
        assert!(right <= nmda::table_allowed(which), "{}: {right}", which.name());
        for (fault, from, to) in wrong {
            let text = changed(library::SYNAPSE_TEXTS, "nmda", from, to);
            let error = nmda::table_error(&case, which, "other_nmda", &text).unwrap_or_else(|refused| panic!("{refused:?}"));
            assert!(error > 0.01, "{fault} on {}: {error}", which.name());
        }
        // 3.75 for 3.57 mM
        let mut swapped = case.clone();
        swapped.params.insert("mg_half".into(), 3.75);
        let error = nmda::table_error(&swapped, which, "nmda", "").unwrap_or_else(|refused| panic!("{refused:?}"));
        assert!(error > 0.01, "3.75 mM on {}: {error}", which.name());
    }
}
