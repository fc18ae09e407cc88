//! A sheet of 96 x 96 neurons (Morris and Lecar 1981), each coupled to its four neighbours by gap junctions: waves that turn.
//! The potentials are sampled on the GPU every 9 ms, read back and drawn as a moving picture.
//!
//! `cargo run --release --example sheet [FOLDER]`; the engine is the best adapter of the machine, a software one too.

use std::path::PathBuf;

use synfire::engine::gpu::adapters;
use synfire::network::{Connector, Network, Value};
use synfire::plot::gif::{ColourMap, Sheet};
use synfire::{Choice, Options};

const SIDE: usize = 96;
/// Time between frames, ms. The wave turns once in 189 ms: 21 frames that begin again without a jump.
const EVERY: f64 = 9.0;
const FRAMES: usize = 21;

const GAP: &str = "
synapse gap
  param g = 8 mS/cm**2
  graded i_stim += g*(pre.v - post.v)
";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let mut net = Network::new("sheet");
    net.equations(GAP).dt("0.1 ms");
    // the left half is excited, the upper half is refractory: where the two borders cross, the wave has a free end, and curls
    let place = |k: usize| (k % SIDE, k / SIDE);
    let v = (0..SIDE * SIDE).map(|k| if place(k).0 < SIDE / 2 { "10 mV" } else { "-40 mV" });
    let w = (0..SIDE * SIDE).map(|k| if place(k).1 < SIDE / 2 { 0.35 } else { 0.05 });
    net.population("cells", "morris_lecar", (SIDE * SIDE) as u64)
        .parameter("i_e", "75 uA/cm**2")
        .initial("v", Value::List(v.map(Value::from).collect()))
        .initial("w", Value::List(w.map(Value::from).collect()));
    let (source, target) = neighbours().into_iter().unzip();
    net.project_by("cells", "cells", "gap", Connector::List { source, target });
    net.probe("cells", "v").every(format!("{EVERY} ms"));

    let engine = if adapters().is_empty() { Choice::Cpu } else { Choice::Gpu };
    let mut simulation = net.compile(&Options::default().engine(engine))?;
    simulation.run(567.0)?;

    let trace = &simulation.recording().traces[0];
    // the last turn, when the beginning is forgotten
    let first = trace.samples() - FRAMES;
    let values = &trace.values[first * SIDE * SIDE..];
    let sheet = Sheet::of(SIDE, SIDE).cell(3).low(-60.0).high(30.0).colours(ColourMap::Inferno).label("v (mV)");
    let sheet = sheet.first_ms((first + 1) as f64 * EVERY).every_ms(EVERY);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("sheet.gif"), sheet.gif(values)?)?;
    std::fs::write(folder.join("sheet.png"), sheet.png(values, 0)?)?;
    let on = simulation.identity();
    println!("{FRAMES} frames on {} ({}), drawn in {}", on.engine, on.adapter, folder.join("sheet.gif").display());
    Ok(())
}

/// Every neuron and those beside, above and below it.
fn neighbours() -> Vec<(u64, u64)> {
    let number = |x: usize, y: usize| (y * SIDE + x) as u64;
    let mut pairs = Vec::new();
    for (x, y) in (0..SIDE * SIDE).map(|k| (k % SIDE, k / SIDE)) {
        let mut join = |other: u64| pairs.extend([(number(x, y), other), (other, number(x, y))]);
        if x + 1 < SIDE {
            join(number(x + 1, y));
        }
        if y + 1 < SIDE {
            join(number(x, y + 1));
        }
    }
    pairs
}
