//! E4: the resident schedule of the engine: conductance-based networks in one workgroup, alone and side by side.

use synfire::network::value::uniform;
use synfire::network::{Connector, Variant, Waveform};
use synfire::plan::schedule::{Schedule, Settings};
use synfire::{Choice, Network, Options};

use crate::device::Device;
use crate::{Arguments, Outcome, Section};

pub fn measure(device: &Device, arguments: &Arguments) -> Outcome<Section> {
    let head = ["neurons", "threads", "instances", "µs per step", "instances × model time / time"];
    let mut section = Section::new("E4: networks in one workgroup (resident)", &head);
    let (sizes, instances, steps): (&[u64], &[usize], u64) =
        if arguments.small { (&[256, 1024], &[1, 4], 200) } else { (&[1000, 256, 512, 2000, 4000], &[1, 132, 264, 528], 2000) };
    let mut best = None;
    // one instance of every size first: building hundreds takes longer than running them
    for count in instances {
        for size in sizes {
            for threads in [64, 256, 1024] {
                if arguments.late() {
                    break;
                }
                let found = us_per_step(*size, threads, *count, steps, device);
                let cell = match &found {
                    Ok(us) => format!("{us:.3}"),
                    Err(why) => format!("- ({})", why.to_string().lines().next().unwrap_or_default()),
                };
                // dt is 0.1 ms
                let rate = found.as_ref().map_or("-".into(), |us| format!("{:.1}", *count as f64 * 100.0 / us));
                section.row([size.to_string(), threads.to_string(), count.to_string(), cell, rate]);
                if let (1000 | 1024, 1, Ok(us)) = (*size, *count, found) {
                    best = Some(us.min(best.unwrap_or(f64::MAX)));
                }
            }
        }
    }
    section.gate("resident, 1000 neurons, the best number of threads, µs per step", best, 2.0);
    Ok(section)
}

fn us_per_step(size: u64, threads: u32, instances: usize, steps: u64, device: &Device) -> Outcome<f64> {
    let schedule = Settings::default().schedule(Schedule::Resident).workgroup(threads);
    let options = Options::default().engine(Choice::Adapter(device.info.name.clone())).schedule(schedule);
    let variants: Vec<Variant> = (0..instances as u64).map(|k| Variant::new().seed(k + 1)).collect();
    let mut simulation = network(size).compile_ensemble(&variants, &options)?;
    simulation.run_steps(steps / 10)?;
    let before = simulation.timings().run_s;
    simulation.run_steps(steps)?;
    Ok((simulation.timings().run_s - before) * 1e6 / steps as f64)
}

/// As COBA, 80 synapses per neuron, with a drive that keeps every size active.
fn network(size: u64) -> Network {
    let mut net = Network::new("resident");
    net.dt("0.1 ms").seed(1);
    for (name, part) in [("exc", size * 4 / 5), ("inh", size - size * 4 / 5)] {
        net.population(name, "lif_cond_exp", part).initial("v", uniform("-60 mV", "-50 mV"));
        net.stimulate(name, "g_exc", Waveform::poisson("300 Hz", "3 nS"));
    }
    for target in ["exc", "inh"] {
        net.project("exc", target, "g_exc", Connector::indegree(64)).weight("6 nS").delay("0.1 ms");
        net.project("inh", target, "g_inh", Connector::indegree(16)).weight("67 nS").delay("0.1 ms");
    }
    net
}
