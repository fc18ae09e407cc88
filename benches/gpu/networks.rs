//! Whole networks under each schedule: time per step, what encoding costs, and whether the spikes are the same.

use synfire::network::value::uniform;
use synfire::network::{Connector, EdgeStorage, Waveform};
use synfire::plan::schedule::{Schedule, Settings};
use synfire::recording::Recording;
use synfire::{Choice, Network, Options};

use crate::device::Device;
use crate::{Arguments, Outcome, Section};

pub fn measure(device: &Device, arguments: &Arguments) -> Outcome<Section> {
    let head = [
        "network",
        "schedule",
        "build s",
        "µs per step",
        "real-time factor",
        "dispatches per step",
        "encode µs per dispatch",
        "spikes",
        "hash",
        "equal",
    ];
    let mut section = Section::new("Networks of 2,500 and 4,000 neurons", &head);
    let duration = if arguments.small { 60.0 } else { 1000.0 };
    let coba = Network::from_toml(include_str!("../../examples/networks/coba_4000.toml"), "coba_4000.toml")?;
    let cuba = Network::from_toml(include_str!("../../examples/networks/cuba_4000.toml"), "cuba_4000.toml")?;
    let (mut unequal, mut fastest) = (Vec::new(), None);
    for (name, network) in [("COBA 4000", coba), ("CUBA 4000", cuba), ("Brunel 2500", brunel())] {
        let mut first = None;
        for schedule in Schedule::ALL {
            if arguments.late() {
                break;
            }
            let found = match run(&network, schedule.into(), duration, device) {
                Ok(found) => found,
                Err(why) => {
                    let why = why.to_string().lines().next().unwrap_or_default().to_string();
                    section.row([name.to_string(), schedule.name().to_string(), why].into_iter().chain(vec!["-".to_string(); 7]));
                    continue;
                }
            };
            let equal = *first.get_or_insert(found.hash) == found.hash;
            if !equal {
                unequal.push(format!("{name} {}", schedule.name()));
            }
            let factor = found.us_per_step / 100.0;
            if name.starts_with("COBA") {
                fastest = Some(factor.min(fastest.unwrap_or(f64::MAX)));
            }
            section.row([
                name.to_string(),
                schedule.name().to_string(),
                format!("{:.3}", found.build_s),
                format!("{:.2}", found.us_per_step),
                format!("{factor:.4}"),
                format!("{:.3}", found.dispatches_per_step),
                format!("{:.2}", found.encode_us),
                found.spikes.to_string(),
                format!("{:016x}", found.hash),
                if equal { "yes" } else { "NO" }.to_string(),
            ]);
        }
    }
    section.gate("COBA 4000, real-time factor of the best schedule", fastest, 0.05);
    let equal = if unequal.is_empty() { Ok("all".to_string()) } else { Err(unequal.join(", ")) };
    section.gates.push(("the same spikes under every schedule".into(), equal));
    Ok(section)
}

/// E5: the whole microcircuit, under the schedules that can take it, its synapses drawn by the device, by the host, or again for each
/// spike; a twentieth of it where sizes are small.
pub fn microcircuit(device: &Device, arguments: &Arguments) -> Outcome<Section> {
    let head = ["schedule", "threads", "drawn by", "build s", "first step s", "µs per step", "real-time factor", "spikes", "hash"];
    let mut section = Section::new("E5: the cortical microcircuit", &head);
    let scale = if arguments.small { "0.05" } else { "1" };
    let text = include_str!("../../examples/networks/microcircuit.toml").replace("scale = 0.1,", &format!("scale = {scale},"));
    let network = Network::from_toml(&text, "microcircuit.toml")?;
    let (mut hashes, mut fastest) = (Vec::new(), None);
    let runs = [
        (Schedule::TwoPass, 64, "device"),
        (Schedule::Fused, 512, "device"),
        (Schedule::Fused, 256, "device"),
        (Schedule::Fused, 128, "device"),
        (Schedule::TwoPass, 64, "host"),
        (Schedule::TwoPass, 64, "each spike"),
    ];
    for (schedule, threads, by) in runs {
        if arguments.late() {
            break;
        }
        let settings = Settings::default().schedule(schedule).workgroup(threads).draw_on_device(by != "host");
        let connectivity = (by == "each spike").then_some(EdgeStorage::Procedural);
        let duration = if arguments.small { 20.0 } else { 1000.0 };
        match run_as(&network, settings, connectivity, duration, device) {
            Ok(found) => {
                let factor = found.us_per_step / 100.0;
                fastest = Some(factor.min(fastest.unwrap_or(f64::MAX)));
                hashes.push(found.hash);
                section.row([
                    schedule.name().to_string(),
                    threads.to_string(),
                    by.to_string(),
                    format!("{:.2}", found.build_s),
                    format!("{:.3}", found.first_step_s),
                    format!("{:.2}", found.us_per_step),
                    format!("{factor:.4}"),
                    found.spikes.to_string(),
                    format!("{:016x}", found.hash),
                ]);
            }
            Err(why) => {
                let why = why.to_string().lines().next().unwrap_or_default().to_string();
                let told = [schedule.name().to_string(), threads.to_string(), by.to_string(), why];
                section.row(told.into_iter().chain(vec!["-".to_string(); 5]));
            }
        }
    }
    for limit in [0.27, 0.1] {
        section.gate("microcircuit, real-time factor of the best schedule", fastest, limit);
    }
    let equal = hashes.windows(2).all(|pair| pair[0] == pair[1]) && !hashes.is_empty();
    section
        .gates
        .push(("the same spikes of the microcircuit in every run".into(), if equal { Ok("all".into()) } else { Err("no".into()) }));
    Ok(section)
}

struct Found {
    build_s: f64,
    /// In which synapses are drawn on the device, and the driver may still compile.
    first_step_s: f64,
    us_per_step: f64,
    dispatches_per_step: f64,
    encode_us: f64,
    spikes: u64,
    hash: u64,
}

fn run(network: &Network, settings: Settings, duration: f64, device: &Device) -> Outcome<Found> {
    run_as(network, settings, None, duration, device)
}

fn run_as(
    network: &Network,
    settings: Settings,
    connectivity: Option<EdgeStorage>,
    duration: f64,
    device: &Device,
) -> Outcome<Found> {
    let options =
        Options::default().engine(Choice::Adapter(device.info.name.clone())).schedule(settings).connectivity(connectivity);
    let mut simulation = network.compile(&options)?;
    simulation.run(duration)?;
    let (timings, counters) = (*simulation.timings(), simulation.counters());
    // the first step, in which the driver may still compile, is timed apart
    let steps = (simulation.time_steps() - 1) as f64;
    Ok(Found {
        build_s: timings.build_s,
        first_step_s: timings.first_step_s,
        us_per_step: timings.run_s * 1e6 / steps,
        dispatches_per_step: counters.dispatches as f64 / counters.steps as f64,
        encode_us: counters.encode_s * 1e6 / counters.dispatches as f64,
        spikes: simulation.spike_count(),
        hash: hash(simulation.recording()),
    })
}

/// FNV-1a over population, step and neuron of every spike.
fn hash(recording: &Recording) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut take = |word: u64| word.to_le_bytes().iter().for_each(|b| hash = (hash ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
    for (number, train) in (0u64..).zip(&recording.spikes) {
        take(number);
        train.pairs().for_each(|(step, neuron)| {
            take(step);
            take(u64::from(neuron));
        });
    }
    hash
}

/// Brunel (2000), 2,500 neurons with delta synapses, delay 1.5 ms: fifteen steps in a window.
fn brunel() -> Network {
    let mut net = Network::new("brunel_2500");
    net.dt("0.1 ms").seed(1);
    for (name, size) in [("exc", 2000), ("inh", 500)] {
        net.population(name, "lif_psc_delta", size)
            .parameter("tau_m", "20 ms")
            .parameter("e_leak", "0 mV")
            .parameter("v_th", "20 mV")
            .parameter("v_reset", "10 mV")
            .initial("v", uniform("0 mV", "20 mV"));
        net.stimulate(name, "delta", Waveform::poisson("4 kHz", "0.5 mV"));
        net.probe(name, "spikes");
    }
    for target in ["exc", "inh"] {
        net.project("exc", target, "delta", Connector::indegree(200)).weight("0.5 mV").delay("1.5 ms");
        net.project("inh", target, "delta", Connector::indegree(50)).weight("-2.5 mV").delay("1.5 ms");
    }
    net
}
