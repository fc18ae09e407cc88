//! The same bits whatever threads, batches, pieces and workgroups, and through a snapshot in the middle.

use synfire::network::Network;
use synfire::plan::schedule::Schedule;
use synfire::simulation::{Options, Simulation};

use super::trains::{Trial, trials};
use crate::engines::Which;

/// Larger than what is compared with the oracle: more rows than a thread or a workgroup takes.
fn networks() -> Vec<Network> {
    let chosen = [
        "pair_hard axonal",
        "pair_hard dendritic own",
        "tm dendritic",
        "triplet axonal own",
        "eligibility dendritic",
        "third_factor axonal",
        "modulated axonal own",
        "modulated dendritic",
    ];
    let trials = trials();
    let large = |name: &&str| {
        let trial = trials.iter().find(|t| t.name() == *name).unwrap_or_else(|| panic!("no trial {name}"));
        let trial =
            Trial { rule: trial.rule.clone(), numbers: trial.numbers.clone(), sources: 37, targets: 70, steps: 200, ..*trial };
        trial.network()
    };
    chosen.iter().map(large).collect()
}

const STEPS: u64 = 200;

/// All that can be known of a state, and of what was recorded.
fn bits(simulation: &mut Simulation) -> Vec<u64> {
    let snapshot = simulation.snapshot().unwrap_or_else(failed);
    let numbers = [&snapshot.states, &snapshot.rings, &snapshot.edge_states].into_iter().flatten().flatten().flatten();
    let recording = simulation.recording();
    let traces = recording.traces.iter().flat_map(|t| &t.values);
    let spikes = recording.spikes.iter().flat_map(|train| train.pairs()).flat_map(|(step, neuron)| [step, u64::from(neuron)]);
    let past = snapshot.spike_history.iter().flat_map(|(step, row)| [*step, u64::from(*row)]);
    numbers.chain(traces).map(|x| x.to_bits()).chain(spikes).chain(past).collect()
}

fn failed<T>(error: synfire::Error) -> T {
    panic!("{error}")
}

/// A run in pieces.
fn run(network: &Network, options: &Options, pieces: &[u64]) -> Vec<u64> {
    let mut simulation = network.compile(options).unwrap_or_else(failed);
    pieces.iter().for_each(|steps| simulation.run_steps(*steps).unwrap_or_else(failed));
    bits(&mut simulation)
}

/// From a snapshot in the middle, by another simulation that has run elsewhere before.
fn through_a_snapshot(network: &Network, options: &Options, at: u64) -> Vec<u64> {
    let mut first = network.compile(options).unwrap_or_else(failed);
    first.run_steps(at).unwrap_or_else(failed);
    let snapshot = first.snapshot().unwrap_or_else(failed);
    let mut second = network.compile(options).unwrap_or_else(failed);
    second.run_steps(STEPS).unwrap_or_else(failed);
    second.restore(&snapshot).unwrap_or_else(failed);
    assert!(second.snapshot().unwrap_or_else(failed) == snapshot, "a snapshot is what it was taken from");
    first.run_steps(STEPS - at).unwrap_or_else(failed);
    second.run_steps(STEPS - at).unwrap_or_else(failed);
    let (one, two) = (first.snapshot().unwrap_or_else(failed), second.snapshot().unwrap_or_else(failed));
    assert!(one == two, "the run goes on as it would have");
    bits(&mut first)
}

#[test]
fn threads_batches_pieces_and_snapshots_on_the_cpu() {
    for network in networks() {
        for which in [Which::F32, Which::F64] {
            let options = which.options().rows_per_thread(16);
            let one = run(&network, &options, &[STEPS]);
            for threads in [1, 2, 3] {
                let options = options.clone().threads(threads);
                for batch in [None, Some(1), Some(7)] {
                    let options = options.clone().batch(batch);
                    let what = format!("{}, {}, {threads} threads, batch {batch:?}", network.name, which.name());
                    assert!(run(&network, &options, &[STEPS]) == one, "{what}");
                }
                let what = format!("{}, {}, {threads} threads", network.name, which.name());
                assert!(run(&network, &options, &[1, 38, 2, 41, 118]) == one, "{what}, in pieces");
                assert!(through_a_snapshot(&network, &options, 83) == one, "{what}, through a snapshot");
            }
        }
    }
}

#[test]
fn schedules_workgroups_batches_and_snapshots_on_the_gpu() {
    for network in networks() {
        let of = |schedule, workgroup: u32, batch: Option<u32>| {
            let options = Which::Gpu(schedule).options();
            let settings = options.schedule.workgroup(workgroup).batch(batch);
            options.schedule(settings)
        };
        let one = run(&network, &of(Schedule::TwoPass, 64, None), &[STEPS]);
        for (schedule, workgroup, batch) in [
            (Schedule::TwoPass, 64, None),
            (Schedule::TwoPass, 128, Some(7)),
            (Schedule::Fused, 128, None),
            (Schedule::Fused, 32, Some(13)),
            (Schedule::Resident, 256, None),
            (Schedule::Resident, 64, Some(5)),
        ] {
            let what = format!("{}, {} of {workgroup} threads, batch {batch:?}", network.name, schedule.name());
            assert!(run(&network, &of(schedule, workgroup, batch), &[STEPS]) == one, "{what}");
        }
        let options = of(Schedule::Fused, 64, None);
        assert!(run(&network, &options, &[1, 38, 2, 41, 118]) == one, "{}: in pieces", network.name);
        assert!(through_a_snapshot(&network, &options, 83) == one, "{}: through a snapshot", network.name);
    }
}
