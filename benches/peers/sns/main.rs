//! SNS-Toolbox's benchmark topologies on the CPU engine, one thread: time to build, time per step, memory, as one line of JSON.
//!
//! `sns --layout sparse|dense|neurons|matrix --cells non_spiking|spiking --neurons N [--degree D] [--varied] [--precision f64]
//! [--seconds S]`
//!
//! Two times per step, each the median and the minimum: one call of `step_outputs` after the other, with an input and all
//! outputs, as a control loop does; and many steps per call of `run_steps` with an input that is held. `--varied`: a maximal
//! conductance of its own for each synapse (of the dense layout). `neurons`: a population per neuron and a projection per synapse,
//! as people build such networks by hand, each neuron with so many synapses onto it; `matrix`: the same as one population with one
//! projection. `compare.py` runs this beside its peers.

use std::time::Instant;

use synfire::network::value::uniform;
use synfire::network::{Connector, Network};
use synfire::{Choice, Options, Precision, Simulation};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What is asked for.
#[derive(Clone, Debug)]
struct Arguments {
    layout: Layout,
    spiking: bool,
    neurons: u64,
    varied: bool,
    /// Synapses onto each neuron, of the layouts `neurons` and `matrix`.
    degree: u64,
    precision: Precision,
    /// Seconds for each of the two times.
    seconds: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Sparse,
    Dense,
    Neurons,
    Matrix,
}

impl Layout {
    const ALL: [(&'static str, Layout); 4] =
        [("sparse", Layout::Sparse), ("dense", Layout::Dense), ("neurons", Layout::Neurons), ("matrix", Layout::Matrix)];

    fn named(word: &str) -> Outcome<Layout> {
        let known = Layout::ALL.iter().find(|(name, _)| *name == word);
        Ok(known.ok_or(format!("`{word}`: expected sparse, dense, neurons or matrix"))?.1)
    }

    fn name(self) -> &'static str {
        Layout::ALL.iter().find(|(_, layout)| *layout == self).map_or("", |(name, _)| name)
    }
}

fn main() -> Outcome<()> {
    let Some(arguments) = arguments()? else {
        // so that `cargo bench` and `cargo test --benches` pass by
        println!("nothing measured; give --neurons N (see benches/peers/sns)");
        return Ok(());
    };
    println!("{}", measure(&arguments)?);
    Ok(())
}

fn arguments() -> Outcome<Option<Arguments>> {
    let (layout, precision) = (Layout::Sparse, Precision::F32);
    let mut found = Arguments { layout, spiking: false, neurons: 0, varied: false, degree: 4, precision, seconds: 1.0 };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut next = || words.next().ok_or(format!("{word}: a value is missing"));
        match word.as_str() {
            "--layout" => found.layout = Layout::named(&next()?)?,
            "--degree" => found.degree = next()?.parse()?,
            "--cells" => found.spiking = chosen(&next()?, "spiking", "non_spiking")?,
            "--precision" => found.precision = if chosen(&next()?, "f64", "f32")? { Precision::F64 } else { Precision::F32 },
            "--neurons" => found.neurons = next()?.parse()?,
            "--seconds" => found.seconds = next()?.parse()?,
            "--varied" => found.varied = true,
            // what cargo adds
            "--bench" | "--test" => {}
            other => return Err(format!("`{other}` is not known").into()),
        }
    }
    Ok((found.neurons > 0).then_some(found))
}

/// Is it the first word, or the second?
fn chosen(word: &str, first: &str, second: &str) -> Outcome<bool> {
    match word {
        w if w == first => Ok(true),
        w if w == second => Ok(false),
        other => Err(format!("`{other}`: expected {first} or {second}").into()),
    }
}

/// Neurons that are read in the layouts `neurons` and `matrix`: the last ones.
fn read(n: u64) -> std::ops::Range<u64> {
    n - (0.12 * n as f64) as u64..n
}

/// A network as people build it by hand: each synapse has a conductance and a reversal potential of its own.
fn by_hand(a: &Arguments) -> Network {
    let n = a.neurons;
    let (model, synapse) = if a.spiking { ("spiking_adaptive", "spiking_synapse") } else { ("non_spiking", "graded_synapse") };
    let mut net = Network::new("sns");
    net.dt("0.1 ms");
    // by target, sources ascending
    let sources = |t: u64| {
        let mut list: Vec<u64> = (0..a.degree).map(|k| (t + 1 + 7 * k) % n).collect();
        list.sort_unstable();
        list
    };
    let synapses: Vec<(u64, u64)> = (0..n).flat_map(|t| sources(t).into_iter().map(move |s| (s, t))).collect();
    let g_max = |k: usize| format!("{} nS", if a.spiking { 1000 } else { 500 } / a.degree + k as u64 % 7);
    let e_rev = |k: usize| {
        format!(
            "{} mV",
            if a.spiking {
                194
            } else if k.is_multiple_of(3) {
                -60
            } else {
                40
            }
        )
    };
    let biased = |net: &mut Network, name: &str, size: u64| {
        let cells = net.population(name, model, size);
        cells.parameter("i_e", "10 nA");
        let _ = if a.spiking { cells.parameter("m", -1.0) } else { cells.parameter("c_m", "10 nF") };
    };
    if a.layout == Layout::Matrix {
        biased(&mut net, "all", n);
        let (source, target) = synapses.iter().copied().unzip();
        let projection = net.project_by("all", "all", synapse, Connector::List { source, target });
        projection.parameter("g_max", (0..synapses.len()).map(g_max).collect::<Vec<_>>());
        projection.parameter("e_rev", (0..synapses.len()).map(e_rev).collect::<Vec<_>>());
        if a.spiking {
            projection.parameter("increment", "1 uS").delay("0.1 ms");
        }
        net.input("in", "all", "i_stim", "1 nA").rows(0..1);
        net.output("out", "all", "v").rows(read(n));
        return net;
    }
    (0..n).for_each(|k| biased(&mut net, &format!("n{k}"), 1));
    for (k, (s, t)) in synapses.iter().enumerate() {
        let projection = net.project_by(format!("n{s}"), format!("n{t}"), synapse, Connector::AllToAll);
        projection.parameter("g_max", g_max(k)).parameter("e_rev", e_rev(k)).named(format!("s{k}"));
        if a.spiking {
            projection.parameter("increment", "1 uS").delay("0.1 ms");
        }
    }
    net.input("in", "n0", "i_stim", "1 nA");
    for k in read(n) {
        net.output(format!("out{k}"), format!("n{k}"), "v");
    }
    net
}

/// The network of a layout: populations, sizes and parameters as the toolbox's benchmark has them.
fn network(a: &Arguments) -> Network {
    let (n, dense) = (a.neurons, a.layout == Layout::Dense);
    if matches!(a.layout, Layout::Neurons | Layout::Matrix) {
        return by_hand(a);
    }
    let (model, synapse) = if a.spiking { ("spiking_adaptive", "spiking_synapse") } else { ("non_spiking", "graded_synapse") };
    let mut net = Network::new("sns");
    net.dt("0.1 ms");
    let joined = if dense { "all" } else { "joined" };
    let sizes = if dense {
        vec![("all", n, false)]
    } else {
        let (ins, outs, root) = ((0.08 * n as f64) as u64 + 1, (0.12 * n as f64) as u64, (n as f64).sqrt() as u64);
        vec![("ins", ins, false), ("outs", outs, true), ("joined", root, true), ("rest", n - ins - outs - root, true)]
    };
    for (name, size, biased) in sizes {
        let cells = net.population(name, model, size);
        if biased {
            cells.parameter("i_e", "10 nA");
        }
        if a.spiking {
            cells.parameter("m", if dense { 0.0 } else { -1.0 });
        } else {
            cells.parameter("c_m", "10 nF");
        }
    }
    let projection = net.project_by(joined, joined, synapse, Connector::AllToAll);
    // uS; what all synapses of a target have together
    let g_max = if a.spiking { 1.0 } else { 0.5 };
    if a.varied {
        let each = 1e3 * g_max / n as f64;
        projection.parameter("g_max", uniform(format!("{} nS", 0.8 * each), format!("{} nS", 1.2 * each)));
        if a.spiking {
            projection.parameter("increment", "1 uS");
        }
    } else {
        projection.parameter("g_max", format!("{g_max} uS")).normalise("g_max");
    }
    if a.spiking {
        projection.delay("0.1 ms");
    } else {
        projection.parameter("e_rev", "-60 mV");
    }
    net.input("in", if dense { "all" } else { "ins" }, "i_stim", "1 nA");
    net.output("out", if dense { "all" } else { "outs" }, "v");
    net
}

fn measure(a: &Arguments) -> Outcome<serde_json::Value> {
    let options = Options::default().engine(Choice::Cpu).precision(a.precision).threads(1);
    let net = network(a);
    let began = Instant::now();
    let mut simulation = net.compile(&options)?;
    let build_s = began.elapsed().as_secs_f64();
    let joined: Vec<String> = match a.layout {
        Layout::Dense | Layout::Matrix => vec!["all".into()],
        Layout::Sparse => vec!["joined".into()],
        Layout::Neurons => (0..a.neurons).map(|k| format!("n{k}")).collect(),
    };
    for _ in 0..100 {
        simulation.step_outputs(&[10.0])?;
    }
    let mut check = Vec::new();
    for population in &joined {
        check.extend(simulation.state(population, if a.spiking { "theta" } else { "v" })?);
    }
    let calls = calls(&mut simulation, a.seconds)?;
    let runs = runs(&mut simulation, a.seconds)?;
    Ok(serde_json::json!({
        "layout": a.layout.name(),
        "cells": if a.spiking { "spiking" } else { "non_spiking" },
        "neurons": a.neurons,
        "varied": a.varied,
        "precision": simulation.identity().precision.to_string(),
        "version": env!("CARGO_PKG_VERSION"),
        "instructions": simulation.identity().driver,
        "synapses": simulation.plan().edges() / if a.spiking { 1 } else { 2 },
        "build_s": build_s,
        "call_us": calls.0,
        "call_min_us": calls.1,
        "run_us": runs.0,
        "run_min_us": runs.1,
        "memory_mib": memory(),
        "check": check.iter().sum::<f64>() / check.len() as f64,
        "spikes": simulation.spike_count(),
    }))
}

/// Microseconds of one call that is one step: median and minimum.
fn calls(simulation: &mut Simulation, seconds: f64) -> Outcome<(f64, f64)> {
    let mut times = Vec::new();
    let began = Instant::now();
    let mut sum = 0.0;
    while times.len() < 10 || (times.len() < 100_000 && began.elapsed().as_secs_f64() < seconds) {
        let start = Instant::now();
        let out = simulation.step_outputs(&[10.0])?;
        times.push(start.elapsed().as_secs_f64());
        sum += out.iter().sum::<f64>();
    }
    if !sum.is_finite() {
        return Err("the outputs are not finite".into());
    }
    Ok(spread(times, 1))
}

/// Microseconds of a step among many: median and minimum over calls of about 2 ms.
fn runs(simulation: &mut Simulation, seconds: f64) -> Outcome<(f64, f64)> {
    let start = Instant::now();
    simulation.run_steps(3)?;
    let one = start.elapsed().as_secs_f64() / 3.0;
    let steps = ((2e-3 / one) as u64).clamp(3, 5000);
    let mut times = Vec::new();
    let began = Instant::now();
    while times.len() < 3 || began.elapsed().as_secs_f64() < seconds {
        let start = Instant::now();
        simulation.run_steps(steps)?;
        times.push(start.elapsed().as_secs_f64());
    }
    Ok(spread(times, steps))
}

/// Median and minimum, microseconds per step.
fn spread(mut times: Vec<f64>, steps: u64) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    let us = |t: f64| t * 1e6 / steps as f64;
    (us(times[times.len() / 2]), us(times[0]))
}

/// The most memory that the process ever held, where the system tells it. **Units** MiB.
fn memory() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<f64>().ok().map(|kib| kib / 1024.0)
}
