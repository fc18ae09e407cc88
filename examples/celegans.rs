//! A touch spreads through the nervous system of C. elegans (Cook et al. 2019): potentials by class of cell over time.
//! The wiring is measured, the cells are assumed: `examples/networks/celegans.toml` says what and why.
//!
//! `cargo run --release --example celegans [FOLDER]`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use synfire::network::Network;
use synfire::plot::Figure;
use synfire::plot::gif::ColourMap;
use synfire::recording::Trace;
use synfire::{Choice, Options};

/// mV
const REST: f64 = -35.0;
/// Depolarisation of the first colour and of the last, mV, with a logarithm between them.
const LOW: f64 = 0.01;
const HIGH: f64 = 50.0;
/// Classes of neurons, in the order in which they are drawn; a mean over its cells each.
const CLASSES: [(&str, &[&str]); 3] = [
    ("touch cells", &["ALM", "AVM", "PLM"]),
    ("command cells", &["PVC", "AVB", "AVD", "AVA", "AVE"]),
    ("motor neurons", &["DB", "VB", "DA", "VA", "AS", "DD", "VD"]),
];
const QUADRANTS: [&str; 4] = ["DL", "DR", "VL", "VR"];
/// Samples, of 1 ms, in one cell of the picture.
const EVERY: usize = 3;

/// A row of the picture: what stands left of it, and a mean depolarisation per cell, mV.
struct Row {
    name: String,
    values: Vec<f64>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/networks");
    let net = Network::load(folder.join("celegans.toml"))?;
    let mut simulation = net.compile(&Options::default().engine(Choice::Cpu).folder(folder.clone()))?;
    simulation.run(900.0)?;

    let [neurons, muscles] = &simulation.recording().traces[..] else { return Err("two populations are recorded".into()) };
    let classes = column(&folder.join("celegans/neurons.csv"), "class")?;
    let quadrants = column(&folder.join("celegans/muscles.csv"), "quadrant")?;
    let mut blocks: Vec<(&str, Vec<Row>)> = Vec::new();
    for (title, names) in CLASSES {
        blocks.push((title, names.iter().map(|name| row(neurons, &classes, name)).collect()));
    }
    blocks.push(("muscles", QUADRANTS.iter().map(|name| row(muscles, &quadrants, name)).collect()));

    std::fs::create_dir_all(&out)?;
    let path = out.join("celegans.png");
    Figure { svg: picture(&blocks) }.save(&path)?;
    for (title, rows) in &blocks {
        for Row { name, values } in rows {
            let peak = values.iter().copied().fold(0.0, f64::max);
            println!("{title:14} {name:8} at most {peak:6.2} mV above rest, at the end {:6.3} mV", values[values.len() - 1]);
        }
    }
    println!("drawn in {}", path.display());
    Ok(())
}

/// A column of a table without quoted fields.
fn column(path: &Path, name: &str) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string(path)?;
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let place = lines.next().and_then(|header| header.iter().position(|h| *h == name)).ok_or("no such column")?;
    Ok(lines.map(|line| line[place].to_string()).collect())
}

/// The mean of the cells of a class.
fn row(trace: &Trace, classes: &[String], class: &str) -> Row {
    let cells: Vec<usize> = (0..classes.len()).filter(|k| classes[*k] == class).collect();
    let width = trace.rows.len();
    let mean = |samples: &[f64]| {
        let all = samples.chunks(width).flat_map(|sample| cells.iter().map(|k| sample[*k] - REST));
        all.sum::<f64>() / (cells.len() * samples.len() / width) as f64
    };
    Row { name: format!("{class} ({})", cells.len()), values: trace.values.chunks(EVERY * width).map(mean).collect() }
}

/// The place of a depolarisation among the colours.
fn share(value: f64) -> f64 {
    ((value.max(LOW) / LOW).ln() / (HIGH / LOW).ln()).min(1.0)
}

/// A map of colours with time along it, touches above it, and a bar of colours beside it.
fn picture(blocks: &[(&str, Vec<Row>)]) -> String {
    const LEFT: f64 = 190.0;
    const TOP: f64 = 62.0;
    const ROW: f64 = 16.0;
    const PER_MS: f64 = 0.75;
    let mut svg = String::new();
    let mut text = |x: f64, y: f64, anchor: &str, more: &str, text: &str| {
        let _ =
            writeln!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"12\" fill=\"#222\" {more}>{text}</text>");
    };
    let width = 900.0 * PER_MS;
    text(LEFT + width / 2.0, 20.0, "middle", "font-weight=\"bold\"", "Two touches spread through the connectome of C. elegans");
    let mut shapes = String::new();
    for (from, to, name) in [(50.0, 150.0, "anterior touch"), (500.0, 600.0, "posterior touch")] {
        let (x, w) = (LEFT + from * PER_MS, (to - from) * PER_MS);
        let _ = writeln!(shapes, "<rect x=\"{x}\" y=\"{}\" width=\"{w}\" height=\"5\" fill=\"#222\"/>", TOP - 12.0);
        text(x + w / 2.0, TOP - 18.0, "middle", "", name);
    }
    let mut y = TOP;
    for (title, rows) in blocks {
        let middle = y + ROW * rows.len() as f64 / 2.0 + 4.0;
        text(100.0, middle, "end", "", title);
        for Row { name, values } in rows {
            text(LEFT - 8.0, y + 12.0, "end", "", name);
            for (k, value) in values.iter().enumerate() {
                let [r, g, b] = ColourMap::Inferno.rgb(share(*value));
                let w = EVERY as f64 * PER_MS;
                // a little wider than it is, so that no gap shows
                let _ = writeln!(
                    shapes,
                    "<rect x=\"{:.2}\" y=\"{y}\" width=\"{:.2}\" height=\"{}\" fill=\"#{r:02x}{g:02x}{b:02x}\"/>",
                    LEFT + k as f64 * w,
                    w.min(width - k as f64 * w) + if k + 1 < values.len() { 0.5 } else { 0.0 },
                    ROW - 1.0
                );
            }
            y += ROW;
        }
        y += 7.0;
    }
    for ms in (0..=900).step_by(100) {
        let x = LEFT + f64::from(ms) * PER_MS;
        let _ = writeln!(shapes, "<path d=\"M{x} {y}v5\" stroke=\"#222\"/>");
        text(x, y + 18.0, "middle", "", &ms.to_string());
    }
    text(LEFT + width / 2.0, y + 38.0, "middle", "", "time (ms)");
    // the bar of colours
    let (bar, height) = (LEFT + width + 24.0, y - TOP - 7.0);
    for k in 0..64 {
        let [r, g, b] = ColourMap::Inferno.rgb(f64::from(k) / 63.0);
        let (h, at) = (height / 64.0, TOP + height - f64::from(k + 1) * height / 64.0);
        let _ = writeln!(
            shapes,
            "<rect x=\"{bar}\" y=\"{at:.2}\" width=\"14\" height=\"{:.2}\" fill=\"#{r:02x}{g:02x}{b:02x}\"/>",
            h + 0.5
        );
    }
    for mv in [0.01, 0.1, 1.0, 10.0] {
        text(bar + 19.0, TOP + height * (1.0 - share(mv)) + 4.0, "start", "", &mv.to_string());
    }
    let (x, middle) = (bar + 66.0, TOP + height / 2.0);
    text(x, middle, "middle", &format!("transform=\"rotate(-90 {x} {middle})\""), "mean depolarisation (mV)");
    let (w, h) = (bar + 84.0, y + 50.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" font-family=\"Ubuntu, sans-serif\">\
         <rect width=\"{w}\" height=\"{h}\" fill=\"#fff\"/>\n{shapes}{svg}</svg>\n"
    )
}
