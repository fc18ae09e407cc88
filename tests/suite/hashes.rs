//! The spikes of a network on one adapter do not depend on the schedule, the size of workgroups, the length of batches or on
//! what is recorded, and come again in a second run: one factor varied at a time, a line each.

use std::path::Path;

use synfire::engine::gpu::GpuError;
use synfire::error::DeviceError;
use synfire::network::value::uniform;
use synfire::network::{Connector, Network, Waveform};
use synfire::plan::schedule::{Schedule, Settings};
use synfire::wgsl::WgslError;
use synfire::{Choice, Error, Options};

/// ms
const DURATION: f64 = 100.0;

/// COBA or CUBA of the examples, without its probes.
fn example(name: &str) -> Network {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/networks").join(name);
    let mut network = Network::load(&file).unwrap_or_else(|e| panic!("{e}"));
    network.probes.clear();
    network
}

/// Brunel (2000), J Comput Neurosci 8:183-208, model A, scaled to 2,500 neurons: delta synapses, delay 1.5 ms, inhibition 5 times
/// as strong, external events at twice the rate that reaches the threshold (250 of weight 0.1 mV against 20 mV in 20 ms).
fn brunel() -> Network {
    let mut network = Network::new("brunel_2500");
    network.dt("0.1 ms").seed(3);
    for (name, size) in [("exc", 2000), ("inh", 500)] {
        network
            .population(name, "lif_psc_delta", size)
            .parameter("tau_m", "20 ms")
            .parameter("e_leak", "0 mV")
            .parameter("v_th", "20 mV")
            .parameter("v_reset", "10 mV")
            .parameter("t_ref", "2 ms")
            .initial("v", uniform("0 mV", "19 mV"));
    }
    for target in ["exc", "inh"] {
        network.project("exc", target, "delta", Connector::indegree(200)).weight("0.1 mV").delay("1.5 ms");
        network.project("inh", target, "delta", Connector::indegree(50)).weight("-0.5 mV").delay("1.5 ms");
        network.stimulate(target, "delta", Waveform::poisson("20 kHz", "0.1 mV"));
    }
    network
}

/// What is varied, and the hash of the spikes.
fn hash(network: &Network, settings: Settings, batch: Option<u32>, recorded: bool) -> Result<(u64, usize), Error> {
    let mut network = network.clone();
    for population in ["exc", "inh"] {
        network.probe(population, "spikes");
        if recorded {
            network.probe(population, "v").rows(0..50).every("0.5 ms");
        }
    }
    let adapter = std::env::var("SYNFIRE_ADAPTER").unwrap_or_else(|_| "llvmpipe".to_string());
    let options = Options::default().engine(Choice::Adapter(adapter)).schedule(settings).batch(batch);
    let mut simulation = network.compile(&options)?;
    simulation.run(DURATION)?;
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut eat = |x: u64| x.to_le_bytes().iter().for_each(|b| hash = (hash ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    let mut count = 0;
    for train in &simulation.recording().spikes {
        count += train.step.len();
        train.pairs().for_each(|(step, neuron)| {
            eat(step);
            eat(u64::from(neuron));
        });
    }
    Ok((hash, count))
}

fn compare(network: &Network, least: usize) {
    use Schedule::{Fused, Resident, TwoPass};
    let with = |schedule, workgroup| Settings::default().schedule(schedule).workgroup(workgroup);
    let mut runs: Vec<(String, Settings, Option<u32>, bool)> = Vec::new();
    for schedule in [TwoPass, Fused, Resident] {
        runs.push((format!("schedule {}", schedule.name()), with(schedule, None), None, false));
    }
    for schedule in [TwoPass, Fused, Resident] {
        for workgroup in [32, 64, 128, 256, 1024] {
            runs.push((format!("{} in workgroups of {workgroup}", schedule.name()), with(schedule, Some(workgroup)), None, false));
        }
    }
    for batch in [1, 7, 100, 1000] {
        runs.push((format!("two-pass, batches of {batch}"), with(TwoPass, None), Some(batch), false));
    }
    runs.push(("two-pass, recorded".into(), with(TwoPass, None), None, true));
    runs.push(("resident, recorded".into(), with(Resident, None), None, true));
    runs.push(("two-pass, once more".into(), with(TwoPass, None), None, false));
    let mut first = None;
    let (mut hashes, mut wrong) = (0, Vec::new());
    for (what, settings, batch, recorded) in runs {
        match hash(network, settings, batch, recorded) {
            Ok((hash, count)) => {
                println!("{:<12} {what:<32} {hash:016x} {count} spikes", network.name);
                assert!(count >= least, "a test of a silent network: {count} spikes");
                hashes += 1;
                if *first.get_or_insert(hash) != hash {
                    wrong.push(format!("{}: {what}", network.name));
                }
            }
            // a shape that the adapter has no room for; the schedules themselves must all run
            Err(Error::Device(DeviceError::Gpu(GpuError::Kernel(WgslError::Schedule(why))))) if settings.workgroup.is_some() => {
                println!("{:<12} {what:<32} not allowed: {why}", network.name);
            }
            Err(why) => wrong.push(format!("{}: {what}: {why}", network.name)),
        }
    }
    assert!(wrong.is_empty() && hashes >= 18, "{hashes} hashes; other than the first: {wrong:#?}");
}

#[test]
fn spikes_of_coba_depend_on_nothing_but_the_seed() {
    compare(&example("coba_4000.toml"), 1000);
}

#[test]
fn spikes_of_cuba_depend_on_nothing_but_the_seed() {
    compare(&example("cuba_4000.toml"), 1000);
}

#[test]
fn spikes_of_brunel_depend_on_nothing_but_the_seed() {
    compare(&brunel(), 1000);
}
