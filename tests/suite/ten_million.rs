//! Ten thousand neurons and ten million synapses that all learn, for 20 ms: the same bits by one thread, by two and through a
//! snapshot on the CPU; on the software GPU in lockstep within bounds, and the same bits whatever schedule, workgroups and batches.

use synfire::plan::schedule::{Schedule, Settings};
use synfire::{Choice, Error, Network, Options, Simulation};

const STEPS: u64 = 200;
/// Where the snapshot is taken: in the middle of the spikes of this time.
const EARLY: u64 = 30;

fn network() -> Network {
    let path = super::root().join("tests/reference/learning/ten_million.toml");
    let text = std::fs::read_to_string(&path).expect("the file");
    assert!(text.lines().count() < 40, "{} lines", text.lines().count());
    Network::load(path).unwrap_or_else(|e| panic!("{e}"))
}

fn failed<T>(error: Error) -> T {
    panic!("{error}")
}

/// FNV-1a over what every synapse keeps and every spike.
fn hash(simulation: &mut Simulation) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut eat = |x: u64| hash = (hash ^ x).wrapping_mul(0x0100_0000_01b3);
    let snapshot = simulation.snapshot().unwrap_or_else(failed);
    snapshot.edge_states.iter().chain(&snapshot.states).flatten().flatten().for_each(|x| eat(x.to_bits()));
    for train in &simulation.recording().spikes {
        train.pairs().for_each(|(step, neuron)| eat(step << 32 | u64::from(neuron)));
    }
    hash
}

#[test]
fn on_the_cpu() {
    let network = network();
    let compiled = |threads| {
        let simulation =
            network.compile(&Options::default().engine(Choice::Cpu).threads(threads).rows_per_thread(64)).unwrap_or_else(failed);
        assert_eq!(simulation.identity().threads, threads);
        simulation
    };
    let mut one = compiled(1);
    assert_eq!(one.plan().learning().iter().map(|l| l.edges.count()).sum::<u64>(), 10_000_000);
    one.run_steps(EARLY).unwrap_or_else(failed);
    let middle = one.snapshot().unwrap_or_else(failed);
    one.run_steps(STEPS - EARLY).unwrap_or_else(failed);
    let right = hash(&mut one);
    assert!(one.spike_count() > 1000, "{} spikes teach little", one.spike_count());
    let learned = |simulation: &mut Simulation| {
        let name = simulation.plan().learning()[0].name.clone();
        let weights = simulation.synapse_state(&name, "w").unwrap_or_else(failed);
        weights.iter().filter(|w| **w != 0.5).count()
    };
    assert!(learned(&mut one) > 100_000, "{} weights have changed", learned(&mut one));
    one.reset().unwrap_or_else(failed);
    one.restore(&middle).unwrap_or_else(failed);
    drop(middle);
    one.run_steps(STEPS - EARLY).unwrap_or_else(failed);
    let spikes: Vec<u64> = one.recording().spikes.iter().map(|t| t.step.len() as u64).collect();
    assert!(spikes.iter().sum::<u64>() > 1000, "{spikes:?}");
    let weights = |simulation: &mut Simulation| simulation.snapshot().unwrap_or_else(failed).edge_states;
    let resumed = weights(&mut one);
    drop(one);
    let mut two = compiled(2);
    two.run_steps(STEPS).unwrap_or_else(failed);
    assert!(hash(&mut two) == right, "two threads give what one gives");
    assert!(weights(&mut two) == resumed, "through a snapshot the same weights");
}

#[test]
fn on_the_software_gpu() {
    let network = network();
    let compiled = |settings: Settings| {
        network.compile(&Options::default().engine(Choice::Adapter("llvmpipe".into())).schedule(settings)).unwrap_or_else(failed)
    };
    let mut first = compiled(Settings::default().schedule(Schedule::TwoPass).workgroup(64));
    first.run_steps(STEPS).unwrap_or_else(failed);
    let right = hash(&mut first);
    drop(first);
    let mut second = compiled(Settings::default().schedule(Schedule::Fused).workgroup(256).batch(17));
    second.run_steps(STEPS).unwrap_or_else(failed);
    assert!(hash(&mut second) == right, "another schedule, other workgroups and batches, the same bits");
    second.reset().unwrap_or_else(failed);
    let verification = second.verify(STEPS, None).unwrap_or_else(failed);
    assert!(verification.agrees() && verification.spikes > 1000, "{verification}");
}
