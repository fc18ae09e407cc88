//! The GPU engine against a plain evaluation of the same rules. Needs an adapter; a software one will do.

use std::collections::BTreeSet;

use super::*;
use crate::model::rule::Node;
use crate::plan::schedule::Schedule;
use crate::plan::{Column, Course, Drive, DrivePart, EdgeColumn, PopulationId, RowSet, Sampling, Tap, Wave, Windows};
use build::{Dice, add_group, connect, edges, empty, finish};
use oracle::Oracle;

mod build;
mod drawn;
mod failures;
mod faults;
mod kernels;
mod learning;
mod lists;
mod oracle;

fn engine(plan: &Plan) -> GpuEngine {
    GpuEngine::new(plan, &AdapterChoice::Best, &Settings::default()).unwrap_or_else(|e| panic!("{e}"))
}

/// Under every schedule, in workgroups of several sizes.
fn every(plan: &Plan) -> impl Iterator<Item = GpuEngine> + '_ {
    let settings = [
        (Schedule::Resident, 64),
        (Schedule::Resident, 256),
        (Schedule::Fused, 32),
        (Schedule::Fused, 64),
        (Schedule::Fused, 128),
        (Schedule::TwoPass, 64),
        (Schedule::TwoPass, 256),
    ];
    settings.into_iter().map(move |(schedule, workgroup)| {
        let settings = Settings::default().schedule(schedule).workgroup(workgroup);
        GpuEngine::new(plan, &AdapterChoice::Best, &settings).unwrap_or_else(|e| panic!("{schedule:?} {workgroup}: {e}"))
    })
}

fn per_row(dice: &mut Dice, rows: u32, low: f64, high: f64) -> Column {
    Column::PerRow((0..rows).map(|_| f64::from(dice.between(low, high) as f32)).collect())
}

fn per_edge(dice: &mut Dice, count: usize, low: f64, high: f64, whole: bool) -> EdgeColumn {
    let draw = |dice: &mut Dice| dice.between(low, high);
    EdgeColumn::per_edge((0..count).map(|_| if whole { draw(dice).round() } else { draw(dice) } as f32).collect())
}

/// Three groups: two populations of one rule whose border is inside a word, one of another rule, listed sources.
fn network(shortest: f64, longest: f64) -> Plan {
    let mut dice = Dice(7);
    let mut plan = empty(0.1);
    let currents = per_row(&mut dice, 200, 300.0, 600.0);
    add_group(&mut plan, "lif_psc_exp", &[("zebra", 150), ("quokka", 50)], &[("i_e", currents), ("t_ref", Column::Shared(0.5))]);
    add_group(&mut plan, "lif_psc_delta", &[("wombat", 70)], &[]);
    let listed = add_group(&mut plan, "spike_times", &[("clock", 40)], &[]);
    plan.groups[listed].listed =
        (1..400u64).flat_map(|at| [(at, (at % 40) as u32), (at, 39)]).collect::<BTreeSet<_>>().into_iter().collect();
    let join = |plan: &mut Plan, dice: &mut Dice, from: (&str, u32), to: (&str, u32), port: u32, fan: u32, weight: (f64, f64)| {
        let edges = edges(dice, from.1, to.1, fan);
        let count = edges.count() as usize;
        let weights = per_edge(dice, count, weight.0, weight.1, false);
        let delays = per_edge(dice, count, shortest, longest, true);
        connect(plan, from.0, to.0, port, edges, weights, delays);
    };
    join(&mut plan, &mut dice, ("zebra", 150), ("quokka", 50), 0, 12, (0.0, 80.0));
    join(&mut plan, &mut dice, ("zebra", 150), ("zebra", 150), 0, 20, (0.0, 40.0));
    join(&mut plan, &mut dice, ("quokka", 50), ("zebra", 150), 1, 70, (-90.0, 0.0));
    join(&mut plan, &mut dice, ("zebra", 150), ("wombat", 70), 0, 9, (0.0, 2.0));
    let all = edges(&mut dice, 40, 70, 100);
    connect(&mut plan, "clock", "wombat", 0, all, EdgeColumn::Shared(0.5), EdgeColumn::Shared(longest));
    finish(&mut plan);
    plan
}

/// Spikes and all states of two runs are the same bits.
fn assert_same(engine: &mut GpuEngine, spikes: &[(u64, u32)], oracle: &Oracle) {
    assert_eq!(spikes, &oracle.spikes[..]);
    for (group, columns) in oracle.states.iter().enumerate() {
        for (column, expected) in columns.iter().enumerate() {
            let found = engine.state(group, column).unwrap();
            for (row, (a, b)) in found.iter().zip(expected).enumerate() {
                // on an adapter that fuses products and sums this would be a bound instead; the software adapter does not
                assert_eq!((*a as f32).to_bits(), b.to_bits(), "group {group} column {column} row {row}: {a} {b}");
            }
        }
    }
}

#[test]
fn spikes_and_states_are_those_of_the_oracle() {
    for (shortest, longest) in [(1.0, 20.0), (5.0, 20.0)] {
        let plan = network(shortest, longest);
        let mut oracle = Oracle::new(&plan);
        oracle.run(300);
        let kinds: BTreeSet<u32> = oracle.spikes.iter().filter_map(|(_, r)| plan.neuron_at(*r)).map(|(p, _)| p.0).collect();
        assert!(kinds.len() == 4 && oracle.spikes.len() > 1000, "a test of a silent network: {kinds:?}");
        for mut engine in every(&plan) {
            let shape = engine.layout.shape;
            println!("{shape:?}");
            let batch = engine.advance(300).unwrap();
            assert_same(&mut engine, &batch.spikes, &oracle);
            let expected = if shape.schedule == Schedule::TwoPass { 2 } else { 1 };
            assert_eq!(engine.counters().dispatches_per_window, expected);
        }
    }
}

#[test]
fn the_cpu_engine_gives_the_same_bits_and_goes_on_from_there() {
    use crate::engine::cpu::{CpuEngine, CpuOptions};
    let plan = network(2.0, 20.0);
    let mut gpu = engine(&plan);
    let mut cpu = CpuEngine::<f32>::new(Arc::new(plan), CpuOptions::default()).unwrap();
    assert_eq!(gpu.advance(150).unwrap().spikes, cpu.advance(150).unwrap().spikes);
    assert_eq!(gpu.snapshot().unwrap(), cpu.snapshot().unwrap());
    // from one engine to the other
    let expected = gpu.advance(150).unwrap().spikes;
    cpu.advance(50).unwrap();
    gpu.restore(&cpu.snapshot().unwrap()).unwrap();
    let last = gpu.advance(100).unwrap().spikes;
    assert_eq!(last, expected.into_iter().filter(|s| s.0 > 200).collect::<Vec<_>>());
}

#[test]
fn the_length_of_batches_changes_no_bit() {
    let plan = network(5.0, 20.0);
    let mut oracle = Oracle::new(&plan);
    oracle.run(301);
    let mut snapshots = Vec::new();
    for length in [1, 7, 100] {
        let mut engine = engine(&plan);
        let mut spikes = Vec::new();
        while engine.step() < 301 {
            spikes.extend(engine.advance(length.min(301 - engine.step() as u32)).unwrap().spikes);
        }
        assert_same(&mut engine, &spikes, &oracle);
        snapshots.push(engine.snapshot().unwrap());
    }
    assert_eq!(snapshots[0], snapshots[1]);
    assert_eq!(snapshots[0], snapshots[2]);
    // arrivals under way are part of it
    assert!(snapshots[0].rings.iter().flatten().flatten().any(|x| *x != 0.0));
}

#[test]
fn a_snapshot_resumes_to_the_bit() {
    let plan = network(2.0, 20.0);
    let mut first = engine(&plan);
    first.advance(123).unwrap();
    let snapshot = first.snapshot().unwrap();
    let rest = first.advance(100).unwrap();
    let mut second = engine(&plan);
    second.advance(31).unwrap();
    second.restore(&snapshot).unwrap();
    assert_eq!(second.step(), 123);
    assert_eq!(second.snapshot().unwrap(), snapshot);
    assert_eq!(second.advance(100).unwrap(), rest);
    assert_eq!(second.snapshot().unwrap(), first.snapshot().unwrap());
}

#[test]
fn instances_are_copies() {
    let plan = network(3.0, 20.0);
    let alone = engine(&plan).advance(200).unwrap();
    let three = Plan { instances: 3, ..plan.clone() };
    for mut engine in every(&three) {
        let together = engine.advance(200).unwrap();
        for instance in 0..3 {
            let own = |(step, row): &(u64, u32)| (row / plan.rows == instance).then_some((*step, row % plan.rows));
            assert_eq!(together.spikes.iter().filter_map(own).collect::<Vec<_>>(), alone.spikes);
        }
        let v = engine.state(0, 0).unwrap();
        assert_eq!((v.len(), &v[..200]), (600, &v[400..]));
    }
}

#[test]
fn drives_and_probes() {
    let mut plan = network(2.0, 9.0);
    let mut dice = Dice(3);
    let mut drive = |group, rows: RowSet, start, stop, wave| {
        let stream = plan.drives.len() as u32;
        plan.drives.push(Drive {
            name: "d".into(),
            population: PopulationId(0),
            group,
            input: 0,
            rows,
            on: Windows::new([(start, stop)]).unwrap(),
            wave,
            stream,
            part: DrivePart::Level,
        });
    };
    drive(0, RowSet::Range(0..200), 10, u64::MAX, Wave::Constant(Column::Shared(33.3)));
    drive(0, RowSet::List((0..150).step_by(3).collect()), 0, 120, Wave::Constant(per_row(&mut dice, 50, -9.0, 70.0)));
    let sine = Wave::Course {
        amplitude: Column::Shared(90.0),
        course: Course::Sine { frequency: 0.05, phase: 0.3 },
        offset: Column::Shared(20.0),
    };
    drive(0, RowSet::Range(20..170), 33, 222, sine);
    drive(1, RowSet::Range(0..70), 0, u64::MAX, Wave::Steps { steps: vec![5, 50, 90], amplitudes: vec![100.0, 500.0, -20.0] });
    drive(1, RowSet::Range(10..13), 0, u64::MAX, Wave::External { first: 0, scale: 10.0 });
    let wombat = plan.population("wombat").unwrap();
    let quokka = plan.population("quokka").unwrap();
    plan.taps = vec![
        Tap::Spikes { population: wombat, rows: RowSet::Range(0..70), first: 0, end: u64::MAX },
        Tap::State { population: quokka, column: 0, rows: RowSet::Range(5..25), times: Sampling::every(3), reduction: None },
        Tap::State {
            population: wombat,
            column: 0,
            rows: RowSet::List(vec![1, 12, 69]),
            times: Sampling::every(7),
            reduction: None,
        },
    ];
    let mut oracle = Oracle::new(&plan);
    let mut engine = engine(&plan);
    let (mut spikes, mut samples, mut expected) = (Vec::new(), vec![Vec::new(); 3], vec![Vec::new(); 3]);
    for (length, level) in [(50, 0.0), (41, 7.5), (109, 40.0)] {
        oracle.external = vec![level, 2.0 * level, -level];
        engine.set_external(&oracle.external);
        let batch = engine.advance(length).unwrap();
        spikes.extend(batch.spikes);
        samples.iter_mut().zip(batch.samples).for_each(|(to, from)| to.extend(from));
        for step in engine.step() - u64::from(length) + 1..=engine.step() {
            oracle.run(1);
            if step % 3 == 0 {
                expected[1].extend((155..175).map(|r| f64::from(oracle.states[0][0][r])));
            }
            if step % 7 == 0 {
                expected[2].extend([1, 12, 69].map(|r: usize| f64::from(oracle.states[1][0][r])));
            }
        }
    }
    assert_same(&mut engine, &spikes, &oracle);
    assert_eq!(samples, expected);
}

#[test]
fn parameters_change_without_and_with_new_kernels() {
    let plan = network(2.0, 9.0);
    let mut engine = engine(&plan);
    let before = engine.snapshot().unwrap();
    for column in [Column::Shared(700.0), per_row(&mut Dice(5), 70, 400.0, 800.0), Column::Shared(650.0)] {
        let mut changed = plan.clone();
        let place = plan.groups[1].model.params.iter().position(|p| p.name == "i_e").unwrap();
        changed.groups[1].params[place] = column;
        crate::plan::derive_group(&mut changed.groups[1], plan.dt).unwrap();
        engine.restore(&before).unwrap();
        let changed = Arc::new(changed);
        engine.set_parameters(&changed, 1).unwrap();
        let batch = engine.advance(150).unwrap();
        let mut oracle = Oracle::new(&changed);
        oracle.run(150);
        assert_same(&mut engine, &batch.spikes, &oracle);
    }
}

#[test]
fn ready_models() {
    for name in crate::model::library::models().unwrap().keys() {
        let mut plan = empty(0.05);
        add_group(&mut plan, name, &[("target", 64)], &[]);
        // the oracle draws nothing
        if plan.groups[0].rule.graph.nodes.iter().any(|node| matches!(node, Node::Uniform(_) | Node::Normal(_))) {
            continue;
        }
        add_group(&mut plan, "spike_times", &[("clock", 32)], &[]);
        plan.groups[1].listed = (0..300u64).step_by(9).flat_map(|k| (0..32).map(move |r| (k + 1, r))).collect();
        for port in 0..plan.groups[0].ports.len() as u32 {
            let to_all = edges(&mut Dice(u64::from(port)), 32, 64, 20);
            connect(&mut plan, "clock", "target", port, to_all, EdgeColumn::Shared(0.25), EdgeColumn::Shared(2.0));
        }
        finish(&mut plan);
        let mut oracle = Oracle::new(&plan);
        oracle.run(200);
        let mut engine = engine(&plan);
        let batch = engine.advance(200).unwrap();
        assert_eq!(batch.spikes, oracle.spikes, "{name}");
        // WGSL lets a driver regroup sums (Mesa does in a + (b·c + d·a)), so that a step may round otherwise: at most once
        // per node and step, of the largest number that the column holds; what is off decays or grows little in 10 ms
        let nodes = plan.groups[0].rule.graph.nodes.len() as f64;
        for (column, expected) in oracle.states[0].iter().enumerate() {
            let largest = expected.iter().fold(1.0f32, |m, x| m.max(x.abs()));
            let bound = 200.0 * nodes * f64::from(largest) * 2f64.powi(-24);
            for (a, b) in engine.state(0, column).unwrap().iter().zip(expected) {
                assert!((a - f64::from(*b)).abs() <= bound, "{name} column {column}: {a} {b}, bound {bound}");
            }
        }
    }
}

#[test]
fn a_row_longer_than_a_loop_may_be() {
    // 3,000,000 synapses of one neuron are 46,875 turns of 64 lanes; llvmpipe would cut them
    let mut plan = empty(0.1);
    add_group(&mut plan, "lif_psc_delta", &[("few", 10)], &[]);
    add_group(&mut plan, "spike_times", &[("one", 1)], &[]);
    plan.groups[1].listed = vec![(1, 0)];
    let all = edges(&mut Dice(1), 1, 10, 3_000_000);
    let counts = all.indegrees();
    connect(&mut plan, "one", "few", 0, all, EdgeColumn::Shared(0.5), EdgeColumn::Shared(2.0));
    finish(&mut plan);
    let mut engine = engine(&plan);
    assert!(engine.layout.shape.schedule == Schedule::TwoPass && engine.layout.work.len() > 1);
    engine.advance(1).unwrap();
    let snapshot = engine.snapshot().unwrap();
    let arrivals: Vec<f64> = (0..10).map(|t| (0..4).map(|slot| snapshot.rings[0][0][slot * 10 + t]).sum()).collect();
    assert_eq!(arrivals, counts.iter().map(|c| *c as f64 * 0.5).collect::<Vec<_>>());
}
