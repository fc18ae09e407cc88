//! A neuron that finds the start of a repeating pattern in noise (Masquelier, Guyonneau and Thorpe 2008); `pattern/detector.rs` says
//! what its inputs are and gives all numbers. Draws pattern.png: the time from the start of the pattern to each spike while it learns, the
//! potential before and after, and where in the pattern the inputs spike that it has kept.
//!
//! `cargo run --release --example pattern [FOLDER [SEED]]`

#[path = "pattern/detector.rs"]
mod detector;

use std::fmt::Write as _;
use std::path::PathBuf;

use detector::{DT, Inputs, LENGTH, MODELS};
use synfire::plot::Figure;
use synfire::{Choice, Options};

/// ms
const DURATION: f64 = 40_000.0;
/// Drawn of the potential before and after, ms.
const SHOWN: f64 = 600.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = arguments.next().map_or_else(|| PathBuf::from("run"), PathBuf::from);
    let seed = arguments.next().map_or(Ok(5), |seed| seed.to_string_lossy().parse())?;
    let inputs = Inputs::new(seed, DURATION);
    let mut net = inputs.network(MODELS);
    net.probe("detector", "v");
    let mut sim = net.compile(&Options::default().engine(Choice::Cpu))?;
    sim.run(DURATION)?;

    let spikes: Vec<f64> = sim.recording().spikes[0].pairs().map(|(step, _)| step as f64 * DT).collect();
    println!("from (s)  spikes/s  hits  false alarms/s  latency (ms)");
    for k in 0..10 {
        let from = f64::from(k) * DURATION / 10.0;
        let score = inputs.score(&spikes, from, from + DURATION / 10.0);
        println!(
            "{:>8.0}{:>10.1}{:>5.0} %{:>16.2}{:>14.1}",
            from / 1000.0,
            score.rate,
            100.0 * score.hits,
            score.false_alarms,
            score.latency
        );
    }
    let outside = spikes.iter().zip(inputs.latencies(&spikes)).rfind(|(_, latency)| latency.is_none());
    println!("last spike outside of a pattern: {:.1} s", outside.map_or(0.0, |(t, _)| t / 1000.0));
    let weights = sim.synapse_state("synapses", "w")?;
    let v = &sim.recording().traces[0].values;
    let shown = (SHOWN / DT) as usize;
    let potentials = [&v[..shown], &v[v.len() - shown..]];
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("pattern.png");
    Figure { svg: picture(&inputs, &spikes, potentials, &weights) }.save(&path)?;
    println!("drawn in {}", path.display());
    Ok(())
}

const INK: &str = "#222";
const BLUE: &str = "#0072B2";
const ORANGE: &str = "#D55E00";
const SHADE: &str = "#F0E0C8";

/// A part of the picture: its corner and size, what its axes go over and are called, and their ticks.
struct Panel {
    corner: [f64; 2],
    size: [f64; 2],
    x: [f64; 2],
    y: [f64; 2],
    names: [&'static str; 2],
    ticks: [Vec<f64>; 2],
}

impl Panel {
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let share = |value: f64, [low, high]: [f64; 2]| (value - low) / (high - low);
        (self.corner[0] + self.size[0] * share(x, self.x), self.corner[1] + self.size[1] * (1.0 - share(y, self.y)))
    }

    /// Frame, ticks and names.
    fn axes(&self, svg: &mut String, title: &str) {
        let ([left, top], [width, height]) = (self.corner, self.size);
        let _ =
            writeln!(svg, "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"none\" stroke=\"{INK}\"/>");
        let mut text = |x: f64, y: f64, anchor: &str, text: &str| {
            let _ =
                writeln!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"12\" fill=\"{INK}\">{text}</text>");
        };
        for tick in &self.ticks[0] {
            text(self.at(*tick, self.y[0]).0, top + height + 15.0, "middle", &tick.to_string());
        }
        for tick in &self.ticks[1] {
            text(left - 5.0, self.at(self.x[0], *tick).1 + 4.0, "end", &tick.to_string());
        }
        text(left + width / 2.0, top + height + 31.0, "middle", self.names[0]);
        text(left - 5.0, top - 7.0, "start", self.names[1]);
        text(left + width, top - 7.0, "end", title);
    }

    fn dot(&self, svg: &mut String, x: f64, y: f64, radius: f64, colour: &str) {
        let (x, y) = self.at(x, y);
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{colour}\" fill-opacity=\"0.7\"/>");
    }

    fn line(&self, svg: &mut String, points: impl Iterator<Item = (f64, f64)>, colour: &str) {
        let path: Vec<String> = points.map(|(x, y)| self.at(x, y)).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(svg, "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1\"/>", path.join(" "));
    }
}

/// Latencies, potentials, weights.
fn picture(inputs: &Inputs, spikes: &[f64], potentials: [&[f64]; 2], weights: &[f64]) -> String {
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"640\" font-family=\"Ubuntu\">\n\
         <rect width=\"900\" height=\"640\" fill=\"white\"/>\n",
    );
    let latencies = Panel {
        corner: [60.0, 30.0],
        size: [820.0, 150.0],
        x: [0.0, DURATION / 1000.0],
        y: [-8.0, LENGTH],
        names: ["time (s)", "from the start of the pattern to a spike (ms)"],
        ticks: [(0..=8).map(|k| f64::from(k) * 5.0).collect(), vec![0.0, 10.0, 20.0, 30.0, 40.0, 50.0]],
    };
    for (t, latency) in spikes.iter().zip(inputs.latencies(spikes)) {
        let colour = if latency.is_some() { BLUE } else { ORANGE };
        latencies.dot(&mut svg, t / 1000.0, latency.unwrap_or(-4.0), 1.5, colour);
    }
    latencies.axes(&mut svg, "below 0: spikes where no pattern is shown");

    for (k, (values, title)) in potentials.into_iter().zip(["before", "after"]).enumerate() {
        let from = if k == 0 { 0.0 } else { DURATION - SHOWN };
        let panel = Panel {
            corner: [60.0 + 445.0 * k as f64, 250.0],
            size: [375.0, 150.0],
            x: [0.0, SHOWN],
            y: [-150.0, 250.0],
            names: ["time (ms)", "potential (weights)"],
            ticks: [vec![0.0, 200.0, 400.0, 600.0], vec![-125.0, 0.0, 125.0, 250.0]],
        };
        for start in inputs.starts.iter().map(|start| start - from).filter(|start| (0.0..SHOWN).contains(start)) {
            let ((left, top), (right, bottom)) = (panel.at(start, 250.0), panel.at((start + LENGTH).min(SHOWN), -150.0));
            let (width, height) = (right - left, bottom - top);
            let _ = writeln!(svg, "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"{SHADE}\"/>");
        }
        panel.line(&mut svg, [(0.0, 125.0), (SHOWN, 125.0)].into_iter(), ORANGE);
        panel.line(&mut svg, values.iter().enumerate().map(|(n, v)| (n as f64 * DT, *v)), BLUE);
        panel.axes(&mut svg, &format!("{title}; shaded: the pattern"));
    }

    let kept = Panel {
        corner: [60.0, 470.0],
        size: [820.0, 120.0],
        x: [0.0, LENGTH],
        y: [-0.05, 1.05],
        names: ["time in the pattern (ms)", "weight in the end"],
        ticks: [(0..=5).map(|k| f64::from(k) * 10.0).collect(), vec![0.0, 0.5, 1.0]],
    };
    for (train, w) in inputs.pattern.iter().zip(weights) {
        train.iter().for_each(|t| kept.dot(&mut svg, *t, *w, 2.0, BLUE));
    }
    kept.axes(&mut svg, "a dot for each spike of each input in the pattern");
    svg.push_str("</svg>\n");
    svg
}
