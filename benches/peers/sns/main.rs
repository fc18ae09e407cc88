//! SNS-Toolbox's benchmark topologies on the CPU engine, one thread: time to build, time per step, memory, as one line of JSON.
//!
//! `sns --layout sparse|dense --cells non_spiking|spiking --neurons N [--varied] [--precision f64] [--seconds S]`
//!
//! Two times per step, each the median and the minimum: one call of `step_outputs` after the other, with an input and all
//! outputs, as a control loop does; and many steps per call of `run_steps` with an input that is held. `--varied`: a maximal
//! conductance of its own for each synapse (of the dense layout). `compare.py` runs this beside its peers.

use std::time::Instant;

use synfire::network::value::uniform;
use synfire::network::{Connector, Network};
use synfire::{Choice, Options, Precision, Simulation};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What is asked for.
#[derive(Clone, Debug)]
struct Arguments {
    dense: bool,
    spiking: bool,
    neurons: u64,
    varied: bool,
    precision: Precision,
    /// Seconds for each of the two times.
    seconds: f64,
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
    let mut found = Arguments { dense: false, spiking: false, neurons: 0, varied: false, precision: Precision::F32, seconds: 1.0 };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut next = || words.next().ok_or(format!("{word}: a value is missing"));
        match word.as_str() {
            "--layout" => found.dense = chosen(&next()?, "dense", "sparse")?,
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

/// The network of a layout: populations, sizes and parameters as the toolbox's benchmark has them.
fn network(a: &Arguments) -> Network {
    let n = a.neurons;
    let (model, synapse) = if a.spiking { ("spiking_adaptive", "spiking_synapse") } else { ("non_spiking", "graded_synapse") };
    let mut net = Network::new("sns");
    net.dt("0.1 ms");
    let joined = if a.dense { "all" } else { "joined" };
    let sizes = if a.dense {
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
            cells.parameter("m", if a.dense { 0.0 } else { -1.0 });
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
    net.input("in", if a.dense { "all" } else { "ins" }, "i_stim", "1 nA");
    net.output("out", if a.dense { "all" } else { "outs" }, "v");
    net
}

fn measure(a: &Arguments) -> Outcome<serde_json::Value> {
    let options = Options::default().engine(Choice::Cpu).precision(a.precision).threads(1);
    let net = network(a);
    let began = Instant::now();
    let mut simulation = net.compile(&options)?;
    let build_s = began.elapsed().as_secs_f64();
    let joined = if a.dense { "all" } else { "joined" };
    for _ in 0..100 {
        simulation.step_outputs(&[10.0])?;
    }
    let check = simulation.state(joined, if a.spiking { "theta" } else { "v" })?;
    let calls = calls(&mut simulation, a.seconds)?;
    let runs = runs(&mut simulation, a.seconds)?;
    Ok(serde_json::json!({
        "layout": if a.dense { "dense" } else { "sparse" },
        "cells": if a.spiking { "spiking" } else { "non_spiking" },
        "neurons": a.neurons,
        "varied": a.varied,
        "precision": simulation.identity().precision,
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
