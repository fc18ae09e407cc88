//! Planted faults: each is caught by the comparison that every rule goes through, on every engine.

use std::rc::Rc;

use synfire::network::Network;
use synfire::plan::schedule::Schedule;

use super::oracle::Place;
use super::rules::Rule;
use super::trains::{Trial, compare, trials};
use crate::engines::Which;

fn named(name: &str) -> Trial {
    trials().into_iter().find(|t| t.name() == name).unwrap_or_else(|| panic!("no trial {name}"))
}

/// Both precisions of the CPU engine, and the GPU engine under one schedule, another for another fault.
fn engines(fault: &str) -> [Which; 3] {
    let schedules = [Schedule::Resident, Schedule::Fused, Schedule::TwoPass];
    [Which::F64, Which::F32, Which::Gpu(schedules[fault.len() % 3])]
}

/// The trial's network by a changed text is told from the trial, and the trial's own is not.
fn caught(fault: &str, trial: &Trial, text: &dyn Fn(&str) -> String) {
    let changed = text(&trial.rule.text);
    assert_ne!(changed, trial.rule.text, "{fault}: the text has no such place");
    let rule = &trial.rule;
    let synapse = Box::new(|_: &[f64], _| panic!("the oracle keeps to the rule"));
    let rule = Rule { name: rule.name, text: changed, parameters: rule.parameters, synapse };
    let faulty = Trial { rule: Rc::new(rule), numbers: trial.numbers.clone(), ..*trial };
    for which in engines(fault) {
        differs(fault, trial, which, &faulty.network());
    }
}

fn differs(fault: &str, trial: &Trial, which: Which, network: &Network) {
    let every = if matches!(which, Which::Gpu(_)) { 50 } else { 5 };
    let on = which.name();
    let run = |network| compare(trial, which, network, every).unwrap_or_else(|e| panic!("{fault} on {on}: {e:?}"));
    let own = trial.network();
    let sound = run(&own);
    assert!(sound.first.is_none(), "{fault} on {on}: without it {:?}", sound.first);
    let found = run(network);
    assert!(found.first.is_some(), "{fault} on {on}: not caught, {} of the bound", found.worst);
}

#[test]
fn handlers_swapped() {
    // what a spike of the source does to the weight is done by one of the target
    caught("handlers swapped", &named("pair_hard dendritic"), &|text| {
        text.replace("w -= a_minus*w_max*y", "w += a_plus*w_max*x; w *= 1")
            .replace("on_post w += a_plus*w_max*x", "on_post w -= a_minus*w_max*y")
    });
    // they run in another order
    for name in ["pair_hard dendritic", "pair_hard dendritic own", "eligibility dendritic"] {
        caught("lines in another order", &named(name), &|text| {
            let mut lines: Vec<&str> = text.lines().collect();
            let post = lines.iter().position(|l| l.contains("on_post")).expect("a line");
            lines.swap(post - 1, post);
            lines.join("\n")
        });
    }
}

#[test]
fn a_trace_decayed_once_too_often() {
    for name in ["pair_hard axonal", "pair_hard dendritic", "pair_hard axonal own"] {
        let trial = named(name);
        caught("the target's trace decays a step too much", &trial, &|text| text.replace("y += 1", "y += 0.99610137"));
        caught("the source's trace decays a step too much", &trial, &|text| text.replace("x += 1", "x += 0.99221794"));
    }
}

#[test]
fn a_weight_sent_before_its_change() {
    for name in ["pair_hard axonal", "pair_hard dendritic", "eligibility axonal"] {
        caught("sent before the change", &named(name), &|text| {
            let line = text.lines().find(|l| l.contains("PORT += w")).expect("it sends");
            let first = line.replace("; PORT += w", "").replace("on_pre ", "on_pre PORT += w; ");
            text.replace(line, &first)
        });
    }
    caught("released before the change", &named("tm2 axonal"), &|text| {
        text.replace("r = u*x; x -= r; PORT += w*r", "PORT += w*r; r = u*x; x -= r")
    });
}

#[test]
fn a_bound_ignored() {
    for name in ["additive dendritic", "vogels axonal"] {
        caught("the upper bound ignored", &named(name), &|text| text.replace("to w_max)", "to 16*w_max)"));
        let mut trial = named(name);
        // enough depression that some come to the lower bound
        let alpha = trial.rule.parameters.iter().position(|(name, _)| *name == "alpha").expect("a parameter");
        trial.numbers[alpha] = 6.0;
        caught("the lower bound ignored", &trial, &|text| text.replace("from 0 PORT_UNIT", "from -16*w_max"));
    }
}

#[test]
fn a_delay_on_the_wrong_side() {
    for (name, place) in [("pair_hard axonal", Place::Dendritic), ("pair_hard dendritic", Place::Axonal)] {
        let trial = named(name);
        let other = Trial { rule: trial.rule.clone(), numbers: trial.numbers.clone(), place, ..trial };
        let place = if place == Place::Axonal { Place::Dendritic } else { Place::Axonal };
        let trial = Trial { rule: trial.rule.clone(), numbers: trial.numbers.clone(), place, ..trial };
        for which in engines(name) {
            differs("delay on the wrong side", &trial, which, &other.network());
        }
    }
}

#[test]
fn what_happens_at_intervals_and_in_steps() {
    for name in ["scaled axonal", "scaled dendritic own"] {
        caught("an interval a step too long", &named(name), &|text| text.replace("every period ", "every period + dt "));
        caught("a sum of another state", &named(name), &|text| text.replace("incoming(w*x*(1 + y))", "incoming(w*x)"));
    }
    for name in ["stepped axonal", "stepped dendritic own"] {
        caught("a term of a rate halved", &named(name), &|text| text.replace(" - x*y*w)", " - 0.5*x*y*w)"));
        caught("an equation that stands still", &named(name), &|text| {
            text.replace("(pre.c*post.c - u)", "(pre.c*post.c - pre.c*post.c + 0*u)")
        });
    }
    // a line below the first of the target is another than one above it
    caught("a line of an interval further up", &named("all_kinds axonal"), &|text| {
        let mut lines: Vec<&str> = text.lines().collect();
        let post = lines.iter().position(|l| l.contains("on_post")).expect("a line");
        lines.swap(post, post + 1);
        lines.join("\n")
    });
}

/// One spike of one source is not seen by its synapses; the puppets spike as they should.
#[test]
fn a_lost_update() {
    let trial = named("eligibility dendritic");
    let mut trains = trial.trains();
    let middle = trains[0][0].len() / 2;
    trains[0][0].remove(middle);
    let network = trial.network_of(trains);
    for which in engines("an update lost") {
        differs("an update lost", &trial, which, &network);
    }
}

/// The draw of another line, of another step, or one for all synapses of a source.
#[test]
fn draws_of_something_else() {
    for name in ["random_steps axonal", "random_steps dendritic"] {
        let trial = named(name);
        caught("draws of the place before", &trial, &|text| text.replace("w -= a_minus*w_max*y*rand()", "w -= a_minus*w_max*y"));
        caught("draws of the place behind", &trial, &|text| text.replace("r = rand()", "r = rand()*int(rand() >= 0)"));
    }
    let trial = named("my_tm_multiquantal axonal");
    caught("the other side of a draw", &trial, &|text| text.replacen("rand() >= h", "rand() < 1 - h", 1));
    // another seed is another network
    let trial = named("unreliable axonal");
    let mut network = trial.network();
    network.seed(2);
    for which in engines("another seed") {
        differs("another seed", &trial, which, &network);
    }
}
