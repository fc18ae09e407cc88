//! Synapses that events change on the GPU engine, against the CPU engine in single precision: to the bit, since the software adapter
//! rounds as a processor does, and whole numbers are summed in any order.

use super::build::Dice;
use super::*;
use crate::engine::Snapshot;
use crate::engine::cpu::{CpuEngine, CpuOptions};
use crate::network::value::uniform;
use crate::network::{Connector, Network};
use crate::plan::schedule::WORKGROUPS;

/// Rules of several kinds: traces at both ends, read at any lag; states of a synapse that change between events; a draw; parameters of
/// a synapse and of its ends; what is sent; the order of lines.
const RULES: &str = "
    synapse pair
      param w_max = 60 pA, a_plus = 0.05, a_minus = 0.06
      state w = 30 pA (from 0 pA to w_max)
      state x = 0, y = 0
      dx/dt = -x/(20 ms)
      dy/dt = -y/(30 ms)
      delay PLACE
      on_pre w -= a_minus*w_max*y; i_exc += w
      on_post w += a_plus*w_max*x; y += 1
      on_pre x += 1
    synapse released
      param w = 40 pA, U = 0.4
      state u = 0 (from 0 to 1), x = 1 (from 0 to 1), r = 0 (from 0 to 1)
      du/dt = -u/(50 ms)
      dx/dt = (1 - x)/(80 ms)
      delay PLACE
      on_pre u += U*(1 - u); r = u*x*int(rand() < 0.7); x -= r; i_exc += w*r
    synapse watched
      param w_max = 50 pA, a = 0.02
      state w = 20 pA (from 0 pA to w_max)
      state c = 0 (from 0 to 9)
      dc/dt = -c/(15 ms)
      delay PLACE
      on_pre c += 1 + 0.01*pre.tau_m/(1 ms); i_inh += -w
      on_post w += a*w_max*(c - rand())*(1 + post.i_exc/(100 pA))*(post.tau_m/(9 ms)); c -= 0.5*c
";

const STEPS: u32 = 400;

/// Cells of one group that begin inside a word, and sources of listed spikes; `delays`: of all projections, ms.
fn network(place: &str, delays: Option<(&str, &str)>, seed: u64) -> Network {
    let mut net = Network::new("learning");
    net.dt("0.1 ms").seed(seed).equations(&RULES.replace("PLACE", place));
    let mut dice = Dice(seed);
    let train = |dice: &mut Dice| {
        let mut steps: Vec<u32> = (0..12).map(|_| 1 + dice.below(STEPS)).collect();
        steps.sort_unstable();
        steps.dedup();
        steps.iter().map(|at| f64::from(*at) / 10.0).collect::<Vec<f64>>()
    };
    net.population("in", "spike_times", 45).spike_times((0..45).map(|_| train(&mut dice)).collect());
    net.population("few", "lif_psc_exp", 13).parameter("i_e", "520 pA").parameter("tau_m", uniform("9 ms", "11 ms"));
    net.population("cells", "lif_psc_exp", 70).parameter("i_e", uniform("300 pA", "600 pA")).parameter("t_ref", "0.5 ms");
    for (from, to, model) in [
        ("in", "cells", "pair"),
        ("cells", "few", "pair"),
        ("few", "cells", "watched"),
        ("in", "cells", "released"),
        ("cells", "cells", "released"),
    ] {
        let projection = net.project_by(from, to, model, Connector::probability(0.4));
        match delays {
            None => projection.delay("0.3 ms"),
            Some((least, most)) => projection.delay(uniform(least, most)),
        };
        if model == "pair" && from == "cells" {
            projection.parameter("a_plus", uniform("0.01", "0.09")).parameter("w_max", uniform("50 pA", "70 pA"));
        }
    }
    net.project("few", "cells", "i_exc", Connector::probability(0.2)).weight("20 pA").delay("0.4 ms");
    net
}

fn planned(net: &Network) -> Plan {
    net.plan(&crate::Options::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn engine_with(plan: &Plan, workgroup: u32, batch: u32) -> GpuEngine {
    let settings = Settings::default().workgroup(workgroup).batch(batch);
    GpuEngine::new(plan, &AdapterChoice::Best, &settings).unwrap_or_else(|e| panic!("{workgroup}: {e}"))
}

fn cpu(plan: &Plan) -> CpuEngine<f32> {
    CpuEngine::new(Arc::new(plan.clone()), CpuOptions::default().threads(1)).unwrap()
}

/// What differs, in words; nothing where two snapshots are the same bits.
fn difference(plan: &Plan, found: &Snapshot, expected: &Snapshot) -> Option<String> {
    let differs = |what: String, a: &[f64], b: &[f64]| {
        let at = a.iter().zip(b).position(|(a, b)| (*a as f32).to_bits() != (*b as f32).to_bits());
        let at = at.or((a.len() != b.len()).then_some(0))?;
        Some(format!("{what}[{at}]: {:?} for {:?}, {} for {}", a.get(at), b.get(at), a.len(), b.len()))
    };
    for (keeping, (found, expected)) in plan.keeping().iter().zip(found.edge_states.iter().zip(&expected.edge_states)) {
        for (k, (a, b)) in found.iter().zip(expected).enumerate() {
            let what = keeping.states.get(k).map_or("last event", |s| &s.name);
            if let Some(text) = differs(format!("{} of {}", what, keeping.name), a, b) {
                return Some(text);
            }
        }
    }
    for (place, (a, b)) in found.trails.iter().zip(&expected.trails).enumerate() {
        if let Some(text) = differs(format!("trail {place}"), a, b) {
            return Some(text);
        }
    }
    for (group, (found, expected)) in found.states.iter().zip(&expected.states).enumerate() {
        for (column, (a, b)) in found.iter().zip(expected).enumerate() {
            if let Some(text) = differs(format!("column {column} of group {group}"), a, b) {
                return Some(text);
            }
        }
    }
    (found != expected).then(|| "rings, or spikes that are waited for".into())
}

/// Runs on both engines, and looks at everything on the way.
fn compare(net: &Network) {
    let plan = planned(net);
    assert!(plan.learning.len() == 5 && plan.learning.iter().any(|l| l.rule.timed));
    let mut expected = Vec::new();
    let mut truth = cpu(&plan);
    let mut spikes = Vec::new();
    for _ in 0..4 {
        spikes.extend(truth.advance(STEPS / 4).unwrap().spikes);
        expected.push(truth.snapshot().unwrap());
    }
    let of = |name: &str| {
        let rows = plan.first_row(plan.population(name).unwrap());
        let rows = rows..rows + plan.place(plan.population(name).unwrap()).size;
        spikes.iter().filter(|(_, row)| rows.contains(row)).count()
    };
    assert!(of("in") > 400 && of("few") > 20 && of("cells") > 100, "a test of a silent network: {}", spikes.len());
    let (first, last) = (Snapshot::start(&plan).edge_states, &expected[3].edge_states);
    for (keeping, (a, b)) in plan.keeping().iter().zip(first.iter().zip(last)) {
        assert!(a.iter().zip(b).all(|(a, b)| a != b), "{} does not learn", keeping.name);
    }
    for (workgroup, batch) in WORKGROUPS.into_iter().zip([1024, 7, 64, 1024]) {
        let mut engine = engine_with(&plan, workgroup, batch);
        let mut sent = Vec::new();
        for expected in &expected {
            sent.extend(engine.advance(STEPS / 4).unwrap().spikes);
            let found = engine.snapshot().unwrap();
            if let Some(text) = difference(&plan, &found, expected) {
                panic!("workgroups of {workgroup}, step {}: {text}", found.step);
            }
        }
        assert!(sent == spikes, "workgroups of {workgroup}");
        assert_eq!(engine.counters().dispatches_per_window as usize, 2 + plan.learning_passes() as usize);
    }
}

#[test]
fn one_delay_before_the_synapse() {
    compare(&network("axonal", None, 3));
}

#[test]
fn one_delay_behind_the_synapse() {
    compare(&network("dendritic", None, 4));
}

#[test]
fn delays_of_each_synapse_before_it() {
    compare(&network("axonal", Some(("0.1 ms", "4 ms")), 5));
}

#[test]
fn delays_of_each_synapse_behind_it() {
    compare(&network("dendritic", Some(("0.1 ms", "4 ms")), 6));
}
