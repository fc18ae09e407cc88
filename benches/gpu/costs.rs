//! The constants of the cost model (src/plan/schedule/cost.rs), from networks that never spike: what differs between two sizes is
//! what the larger has more of.

use synfire::network::Connector;
use synfire::plan::schedule::{Costs, Schedule, Settings, row_instructions};
use synfire::{Choice, Network, Options};

use crate::device::{AS_THE_ENGINE, Device};
use crate::{Arguments, Outcome, Section};

pub fn measure(device: &Device, arguments: &Arguments) -> Outcome<Section> {
    let mut section =
        Section::new("What schedules are weighed by", &["network", "schedule", "rows", "instructions of a row", "µs per step"]);
    let (steps, small, large): (u64, u64, u64) = if arguments.small { (100, 64, 512) } else { (4000, 256, 4096) };
    let mut time = |model: &str, schedule: Schedule, rows: u64, joined: bool| -> Outcome<(f64, f64, f64)> {
        let network = silent(model, rows, joined);
        let each = row_instructions(&network.plan(&Options::default())?, 0);
        let (us, threads) = us_per_step(&network, schedule, steps, device)?;
        let what = if joined { format!("{model}, joined") } else { model.to_owned() };
        section.row([what, schedule.name().into(), rows.to_string(), format!("{each:.0}"), format!("{us:.3}")]);
        Ok((us, each, threads))
    };
    let (few, each, threads) = time("lif_psc_exp", Schedule::Resident, small, false)?;
    let (many, _, _) = time("lif_psc_exp", Schedule::Resident, large, false)?;
    let rounds = |rows: u64| (rows as f64 / threads).ceil();
    let instruction_us = (many - few) / ((rounds(large) - rounds(small)).max(1.0) * each);
    let (alone, each_alone, _) = time("lif_psc_exp", Schedule::Fused, large, true)?;
    let crowded = if arguments.small { 4 * large } else { 8 * large };
    let (crowd, _, threads) = time("lif_psc_exp", Schedule::Fused, crowded, true)?;
    // a word of 32 rows, four to a thread, as the engine takes them
    let looks = |rows: u64| (rows as f64 / 32.0 / (4.0 * threads)).ceil();
    let wide = if arguments.small { 4 * large } else { 1 << 18 };
    let (heavy, each_heavy, _) = time("hodgkin_huxley", Schedule::TwoPass, wide, false)?;
    let bytes_per_us = bytes_per_us(device, arguments)?;
    let c = Costs::LARGE;
    let kernel_us = (alone - c.dispatch_us - each_alone * instruction_us) / 2.0;
    // all else is done meanwhile
    let left = (heavy - c.dispatch_us - kernel_us).max(1e-3);
    let from = "networks that never spike";
    section.constants = vec![
        ("kernel_us", kernel_us, format!("{from}: {large} rows, fused")),
        ("step_us", few - rounds(small) * each * instruction_us, format!("{from}: {small} rows in one workgroup")),
        ("instruction_us", instruction_us, format!("{from}: {small} and {large} rows in one workgroup")),
        (
            "list_us",
            (crowd - alone) / (looks(crowded) - looks(large)).max(1.0),
            format!("{from}: {large} and {crowded} rows, fused"),
        ),
        ("instructions_per_us", wide as f64 * each_heavy / left, format!("{from}: {wide} rows of hodgkin_huxley")),
        ("bytes_per_us", bytes_per_us, "words that are read and written".into()),
    ];
    Ok(section)
}

/// µs of a step, and the threads of a workgroup under that schedule where they are the engine's choice for many rows.
fn us_per_step(network: &Network, schedule: Schedule, steps: u64, device: &Device) -> Outcome<(f64, f64)> {
    let threads = if schedule == Schedule::Resident { 256 } else { 128 };
    let settings = Settings::default().schedule(schedule).workgroup(threads);
    let options = Options::default().engine(Choice::Adapter(device.info.name.clone())).schedule(settings);
    let mut simulation = network.compile(&options)?;
    simulation.run_steps(steps / 10)?;
    let before = simulation.timings().run_s;
    simulation.run_steps(steps)?;
    Ok(((simulation.timings().run_s - before) * 1e6 / steps as f64, f64::from(threads)))
}

/// Neurons at rest; joined by synapses that take a step, as many as the fused schedule asks for where there are many neurons.
fn silent(model: &str, rows: u64, joined: bool) -> Network {
    let mut net = Network::new("silent");
    net.dt("0.1 ms").population("p", model, rows);
    if joined {
        net.project("p", "p", "i_exc", Connector::outdegree(64)).weight("1 pA").delay("0.1 ms");
    }
    net
}

/// Of a buffer that is far larger than a cache.
fn bytes_per_us(device: &Device, arguments: &Arguments) -> Outcome<f64> {
    let words: u32 = if arguments.small { 1 << 16 } else { 1 << 25 };
    let text = format!(
        "@group(0) @binding(0) var<storage, read_write> words: array<u32>;\n\
         @compute @workgroup_size(256) fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) n: vec3<u32>) {{\n\
         for (var k = id.x; k < {words}u; k += n.x * 256u) {{ words[k] = words[k] * 3u + 1u; }}\n}}\n"
    );
    let buffer = device.buffer(u64::from(words) * 4);
    let groups = if arguments.small { 16 } else { 2048 };
    let seconds = device.time(&device.kernel(&text, &[&buffer], AS_THE_ENGINE), if arguments.small { 2 } else { 20 }, groups)?;
    Ok(f64::from(words) * 8.0 / seconds / 1e6)
}
