//! Synapses that learn on the GPU engine, against the CPU engine in single precision: to the bit, since the software adapter
//! rounds as a processor does, and whole numbers are summed in any order.

use super::build::Dice;
use super::*;
use crate::engine::Snapshot;
use crate::engine::cpu::{CpuEngine, CpuOptions};
use crate::network::value::uniform;
use crate::network::{Connector, Network, Variant};
use crate::plan::schedule::Schedule::{Fused, Resident, TwoPass};
use crate::simulation::verify::lockstep;

/// Rules of several kinds: traces at both ends, read at any lag; states of a synapse that change between events; a draw; parameters of
/// a synapse and of its ends; a third factor; what is sent; the order of lines; what happens at intervals, with sums over a target; what
/// is stepped.
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
    synapse modulated
      state w = 20 pA (from 0 pA to 40 pA)
      state e = 0
      modulator d : mV
      de/dt = -e/(40 ms)
      delay PLACE
      on_pre e -= d/(50 mV); i_exc += w
      on_post w -= 0.3 pA*e*d/(50 mV); e *= 0.5
    synapse kept
      param w_max = 50 pA, total = 150 pA
      state w = 20 pA (from 0 pA to w_max)
      state x = 0, y = 0, c = 0, u = 0
      dx/dt = -x/(20 ms)
      dy/dt = -y/(25 ms)
      dc/dt = -c/(15 ms)
      du/dt = (post.i_exc/(100 pA)*x - u*(1 + y))/(30 ms)
      dw/dt = w_max*u*(c - 0.1)/(40 ms)
      delay PLACE
      every 0.7 ms  w += 0.02*w_max*(rand() - 0.5)*(1 + y)
      on_pre i_exc += w; x += 1; c += 1
      on_post y += 1; c += 0.25*u
      every 2.1 ms  w *= 0.7 + 0.3*total/max(incoming(w*pre.tau_m/(10 ms)), 10 pA)
      every 2.1 ms  u += 0.01*incoming(c)*x
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
    net.population("far", "lif_psc_exp", 1).parameter("i_e", "550 pA");
    for (from, to, model) in [
        ("in", "cells", "pair"),
        ("cells", "few", "pair"),
        ("few", "cells", "watched"),
        ("in", "cells", "released"),
        ("cells", "cells", "released"),
        ("in", "few", "modulated"),
        ("few", "cells", "kept"),
    ] {
        let projection = net.project_by(from, to, model, Connector::probability(0.4)).named(format!("{from} {to} {model}"));
        match delays {
            None => projection.delay("0.3 ms"),
            Some((least, most)) => projection.delay(uniform(least, most)),
        };
        if model == "modulated" {
            projection.modulator("d", "far.v");
        }
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

fn engine_with(plan: &Plan, schedule: Schedule, workgroup: u32, batch: u32) -> GpuEngine {
    let settings = Settings::default().schedule(schedule).workgroup(workgroup).batch(batch);
    GpuEngine::new(plan, &AdapterChoice::Best, &settings).unwrap_or_else(|e| panic!("{schedule:?} {workgroup}: {e}"))
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
    assert!(plan.learning.len() == 7 && plan.learning.iter().any(|l| l.rule.timed));
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
    for (schedule, workgroup, batch) in
        [(TwoPass, 32, 1024), (TwoPass, 256, 7), (Fused, 32, 7), (Fused, 128, 1024), (Resident, 64, 64), (Resident, 256, 1024)]
    {
        let mut engine = engine_with(&plan, schedule, workgroup, batch);
        let mut sent = Vec::new();
        for expected in &expected {
            sent.extend(engine.advance(STEPS / 4).unwrap().spikes);
            let found = engine.snapshot().unwrap();
            if let Some(text) = difference(&plan, &found, expected) {
                panic!("{schedule:?}, workgroups of {workgroup}, step {}: {text}", found.step);
            }
        }
        assert!(sent == spikes, "{schedule:?}, workgroups of {workgroup}");
        let dispatches = if schedule == TwoPass { 2 + plan.learning_passes() } else { 1 };
        assert_eq!(engine.counters().dispatches_per_window, dispatches);
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

#[test]
fn a_snapshot_goes_from_engine_to_engine_and_back() {
    let plan = planned(&network("axonal", Some(("0.1 ms", "2 ms")), 7));
    let mut straight = cpu(&plan);
    let all = straight.advance(STEPS).unwrap().spikes;
    for schedule in Schedule::ALL {
        let mut other = cpu(&plan);
        let mut spikes = other.advance(101).unwrap().spikes;
        let mut gpu = engine_with(&plan, schedule, 64, 50);
        // what it did before does not matter
        gpu.advance(32).unwrap();
        gpu.restore(&other.snapshot().unwrap()).unwrap();
        assert_eq!(difference(&plan, &gpu.snapshot().unwrap(), &other.snapshot().unwrap()), None);
        spikes.extend(gpu.advance(150).unwrap().spikes);
        other.restore(&gpu.snapshot().unwrap()).unwrap();
        spikes.extend(other.advance(STEPS - 251).unwrap().spikes);
        assert!(spikes == all, "{schedule:?}");
        assert_eq!(difference(&plan, &other.snapshot().unwrap(), &straight.snapshot().unwrap()), None, "{schedule:?}");
    }
}

#[test]
fn instances_learn_apart() {
    let net = network("dendritic", Some(("0.1 ms", "2 ms")), 8);
    let variants = [Variant::new(), Variant::new().seed(77), Variant::new().set("cells few pair.a_minus", "0.2")];
    let ensemble = net.plan_ensemble(&variants, &crate::Options::default()).unwrap_or_else(|e| panic!("{e}"));
    let mut truth = cpu(&ensemble);
    let expected = truth.advance(STEPS).unwrap().spikes;
    let last = truth.snapshot().unwrap();
    for schedule in Schedule::ALL {
        let mut gpu = engine_with(&ensemble, schedule, 32, 100);
        assert!(gpu.advance(STEPS).unwrap().spikes == expected, "{schedule:?}");
        assert_eq!(difference(&ensemble, &gpu.snapshot().unwrap(), &last), None, "{schedule:?}");
    }
    // each as it is alone, and none as another
    let states =
        |k: usize| last.edge_states.iter().flatten().map(move |list| list[list.len() / 3 * k..][..list.len() / 3].to_vec());
    for (k, variant) in variants.iter().enumerate() {
        let alone = net.plan_ensemble(std::slice::from_ref(variant), &crate::Options::default()).unwrap();
        let mut alone = engine_with(&alone, Resident, 64, 1024);
        alone.advance(STEPS).unwrap();
        assert!(alone.snapshot().unwrap().edge_states.iter().flatten().cloned().eq(states(k)), "instance {k}");
    }
    assert!(states(0).ne(states(1)) && states(0).ne(states(2)) && states(1).ne(states(2)));
}

#[test]
fn other_parameters_are_taken_over() {
    let net = network("axonal", None, 9);
    let mut other = net.clone();
    other.projections[1].parameter("w_max", "55 pA").parameter("a_plus", "0.03");
    other.populations[1].parameter("tau_m", "10.5 ms");
    let (plan, other) = (planned(&net), Arc::new(planned(&other)));
    let (mut gpu, mut truth) = (engine_with(&plan, TwoPass, 64, 100), cpu(&plan));
    truth.advance(100).unwrap();
    gpu.advance(100).unwrap();
    let state = truth.snapshot().unwrap();
    let mut truth = cpu(&other);
    truth.restore(&state).unwrap();
    assert!(gpu.set_values(&other, &state).unwrap());
    assert!(gpu.advance(200).unwrap().spikes == truth.advance(200).unwrap().spikes);
    assert_eq!(difference(&other, &gpu.snapshot().unwrap(), &truth.snapshot().unwrap()), None);
}

#[test]
fn lockstep_holds_states_and_what_is_sent_within_bounds() {
    let cases = [(TwoPass, "axonal", None, 10), (Fused, "dendritic", Some(("0.1 ms", "1 ms")), 11), (Resident, "axonal", None, 10)];
    for (schedule, place, delays, seed) in cases {
        let plan = planned(&network(place, delays, seed));
        let verification = lockstep(&mut engine_with(&plan, schedule, 64, 100), &plan, 100, None).unwrap();
        assert!(verification.agrees() && verification.spikes > 100, "{verification}");
        let named = |name: &str| verification.worst.iter().filter(|d| d.population == name).count();
        assert!(named("in cells pair") == 1 && named("in cells released") == 3, "{verification}");
    }
}

/// Faults in the text of a pass, which lockstep must find.
#[test]
fn faults_of_passes_are_caught() {
    let plan = planned(&network("axonal", Some(("0.1 ms", "1 ms")), 12));
    let shared = planned(&network("dendritic", None, 13));
    let faults = [
        ("a trace a step too old", &plan, "instance, past - 1u,", "instance, past - 2u,"),
        ("a trace of the wrong neuron", &plan, "u + post));", "u + post + 1u));"),
        ("a delay on the wrong side", &plan, "spiked(instance, past - delay, row)", "spiked(instance, past, row)"),
        ("a delay off by one", &shared, "sent_at(instance, past - 3u,", "sent_at(instance, past - 2u,"),
        ("sent too late", &shared, "arrive(slot + 1u + 3u", "arrive(slot + 2u + 3u"),
        ("a lost update", &plan, " = m0;", " = s0;"),
        ("decayed from the start", &plan, "inputs[record + 1u] + 1u - bitcast", "inputs[record + 1u] + 1u - 0u * bitcast"),
        ("a time that is not kept", &plan, "bitcast<i32>(inputs[record + 1u] + 1u)", "bitcast<i32>(inputs[record + 1u])"),
        ("a synapse left out", &plan, "at < end", "at + 1u < end"),
        ("a sum without its first term", &plan, "u + post]; at <", "u + post] + 1u; at <"),
        ("an interval in other steps", &shared, "u] == 0u) {", "u] != 0u) {"),
        ("another draw", &plan, "synapse, vec2<u32>(inputs", "synapse + 1u, vec2<u32>(inputs"),
    ];
    // each under one schedule, all under one and another
    for ((what, plan, from, to), schedule) in faults.into_iter().zip(Schedule::ALL.into_iter().cycle()) {
        let device = pollster::block_on(GpuDevice::open(&AdapterChoice::Best)).unwrap();
        let settings = Settings::default().schedule(schedule).workgroup(64);
        let mut kernels = wgsl::emit(plan, &device.adapter.machine, &settings).unwrap();
        let (layout, mut found) = (kernels.layout.clone(), 0);
        let rows = (schedule != TwoPass).then_some(&mut kernels.rows);
        for kernel in kernels.passes.iter_mut().chain(rows).filter(|k| k.source().contains(from)) {
            *kernel = kernel.altered(|text| text.replace(from, to), &layout).unwrap_or_else(|e| panic!("{what}: {e}"));
            found += 1;
        }
        assert!(found > 0, "{what}: no kernel has `{from}` under {schedule:?}");
        let mut engine = pollster::block_on(GpuEngine::with(plan, device, kernels, None)).unwrap();
        let verification = lockstep(&mut engine, plan, 80, None).unwrap();
        assert!(!verification.agrees(), "{what} under {schedule:?}: not caught\n{verification}");
    }
}

#[test]
fn a_state_of_a_synapse_that_is_not_finite_is_named_by_both_engines() {
    let mut net = Network::new("broken");
    net.dt("0.1 ms").equations(
        "
        synapse breaks
          state w = 10 pA (from 0 pA to 60 pA), n = 0 (from 0 to 10), q = 1
          on_pre i_exc += w
          on_post w += 0.01 pA*min(q, 2); n -= 0.5; q = 1
          on_pre n += 1; q = 1/(3 - n)
    ",
    );
    net.population("in", "spike_times", 5).spike_times(vec![
        vec![],
        vec![1.0],
        vec![1.0, 2.0, 3.0],
        vec![3.0],
        vec![1.0, 1.5, 2.9],
    ]);
    net.population("cells", "lif_psc_exp", 40).parameter("i_e", "500 pA");
    net.project_by("in", "cells", "breaks", Connector::probability(0.5)).delay("0.4 ms");
    let plan = planned(&net);
    let mut truth = cpu(&plan);
    let expected = truth.advance(100).unwrap_err();
    let Fault::SynapseNotFinite { source_neuron, step, variable, .. } = &expected else { panic!("{expected}") };
    assert_eq!((*source_neuron, *step, variable.as_str()), (4, 33, "q"));
    let spikes = truth.advance(32).unwrap().spikes;
    for schedule in Schedule::ALL {
        let mut gpu = engine_with(&plan, schedule, 64, 100);
        assert_eq!(gpu.advance(100).unwrap_err(), expected, "{schedule:?}");
        // left as before the batch, and able to go on to the step before
        assert_eq!(gpu.step(), 0);
        assert!(gpu.advance(32).unwrap().spikes == spikes);
        assert_eq!(difference(&plan, &gpu.snapshot().unwrap(), &truth.snapshot().unwrap()), None);
    }
}
