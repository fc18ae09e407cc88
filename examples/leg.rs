//! A leg that swings in closed loop: half-centres drive two muscles, the joint's angle comes back (`leg/walk.rs` says what is
//! modelled). For four seconds the rhythm runs by itself; then the angle is fed back, and the leg sets the pace.
//!
//! `cargo run --release --example leg [FOLDER]`

#[path = "leg/walk.rs"]
mod walk;

use std::fmt::Write as _;
use std::path::PathBuf;

use synfire::plot::Figure;
use synfire::{Choice, Options};
use walk::{DT, Leg, Moment, SIDES};

/// ms, each with and without feedback.
const HALF: f64 = 4000.0;
/// ms drawn before and after the change.
const SHOWN: f64 = 2400.0;
const COLOURS: [&str; 2] = ["#0072B2", "#D55E00"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let mut simulation = walk::network().compile(&Options::default().engine(Choice::Cpu))?;
    let (mut leg, steps) = (Leg::default(), (HALF / DT) as u64);
    let alone = walk::walk(&mut simulation, &mut leg, steps, false)?;
    let closed = walk::walk(&mut simulation, &mut leg, steps, true)?;
    for (name, moments) in [("by itself", &alone), ("with feedback", &closed)] {
        let settled = &moments[moments.len() / 4..];
        let most = settled.iter().map(|m| m.leg.angle.abs()).fold(0.0, f64::max).to_degrees();
        let period = walk::period(settled).ok_or("no rhythm")?;
        println!("{name}: period {period:.0} ms, angle up to {most:.0} degrees");
    }
    let from = HALF - SHOWN;
    let shown: Vec<Moment> = alone.into_iter().chain(closed).filter(|m| (from..=HALF + SHOWN).contains(&m.time)).collect();
    std::fs::create_dir_all(&out)?;
    let path = out.join("leg.png");
    Figure { svg: picture(&shown, from) }.save(&path)?;
    println!("drawn in {}", path.display());
    Ok(())
}

const LEFT: f64 = 80.0;
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 110.0;
const GAP: f64 = 22.0;
const TOP: f64 = 60.0;

/// What one panel shows: name of the axis, its ends, ticks, and a line per name.
struct Panel {
    axis: &'static str,
    low: f64,
    high: f64,
    ticks: &'static [f64],
    lines: Vec<(&'static str, &'static str, Vec<f64>)>,
}

/// Poses of the leg, and three panels over one time axis.
fn picture(moments: &[Moment], from: f64) -> String {
    let mut svg = String::new();
    let x = |time: f64| LEFT + WIDTH * (time - from) / (2.0 * SHOWN);
    let write = |svg: &mut String, x: f64, y: f64, anchor: &str, more: &str, text: &str| {
        let _ =
            writeln!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"12\" fill=\"#222\" {more}>{text}</text>");
    };
    write(&mut svg, LEFT + WIDTH / 2.0, 20.0, "middle", "font-weight=\"bold\"", "A leg and its half-centres in closed loop");
    let both = |value: &dyn Fn(&Moment, usize) -> f64| {
        [0, 1].map(|side| (SIDES[side], COLOURS[side], moments.iter().map(|m| value(m, side)).collect::<Vec<_>>())).into()
    };
    let angle = moments.iter().map(|m| m.leg.angle.to_degrees()).collect();
    let panels = [
        Panel {
            axis: "half-centres (mV)",
            low: -15.0,
            high: 40.0,
            ticks: &[0.0, 20.0, 40.0],
            lines: both(&|m, side| m.half[side]),
        },
        Panel {
            axis: "muscles (share)",
            low: 0.0,
            high: 1.0,
            ticks: &[0.0, 0.5, 1.0],
            lines: both(&|m, side| m.leg.activation[side]),
        },
        Panel {
            axis: "angle (degrees)",
            low: -75.0,
            high: 75.0,
            ticks: &[-60.0, 0.0, 60.0],
            lines: vec![("joint", "#000", angle)],
        },
    ];
    // poses every 200 ms: the hinge on a line, the rod below it
    let hinge = TOP + 4.0;
    let _ = writeln!(svg, "<path d=\"M{LEFT} {hinge}h{WIDTH}\" stroke=\"#999\"/>");
    for m in moments.iter().filter(|m| m.time.rem_euclid(200.0) < DT / 2.0) {
        let (sin, cos) = m.leg.angle.sin_cos();
        let (x0, length) = (x(m.time), 26.0);
        let (x1, y1) = (x0 + length * sin, hinge + length * cos);
        let _ = writeln!(
            svg,
            "<path d=\"M{x0:.1} {hinge}L{x1:.1} {y1:.1}\" stroke=\"#222\" stroke-width=\"1.6\" stroke-linecap=\"round\"/>\
             <circle cx=\"{x1:.1}\" cy=\"{y1:.1}\" r=\"2\" fill=\"#222\"/>"
        );
    }
    write(&mut svg, LEFT - 12.0, hinge + 18.0, "end", "", "poses");
    let mut top = hinge + 30.0 + GAP;
    for panel in &panels {
        let y = |value: f64| top + HEIGHT * (panel.high - value) / (panel.high - panel.low);
        let _ = writeln!(svg, "<path d=\"M{LEFT} {top}v{HEIGHT}h{WIDTH}\" fill=\"none\" stroke=\"#222\"/>");
        for tick in panel.ticks {
            let _ = writeln!(svg, "<path d=\"M{LEFT} {}h-4\" stroke=\"#222\"/>", y(*tick));
            write(&mut svg, LEFT - 8.0, y(*tick) + 4.0, "end", "", &tick.to_string().replace('-', "\u{2212}"));
        }
        let middle = top + HEIGHT / 2.0;
        write(&mut svg, 22.0, middle, "middle", &format!("transform=\"rotate(-90 22 {middle})\""), panel.axis);
        for (k, (name, colour, values)) in panel.lines.iter().enumerate() {
            let points = moments.iter().zip(values).step_by(4).map(|(m, value)| format!("{:.1},{:.1}", x(m.time), y(*value)));
            let points = points.collect::<Vec<_>>().join(" ");
            let _ = writeln!(svg, "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.3\"/>");
            let at = LEFT + WIDTH + 10.0;
            write(&mut svg, at, top + 12.0 + 16.0 * k as f64, "start", &format!("style=\"fill:{colour}\""), name);
        }
        top += HEIGHT + GAP;
    }
    let bottom = top - GAP;
    let change = x(HALF);
    let _ = writeln!(svg, "<path d=\"M{change} {}V{bottom}\" stroke=\"#888\" stroke-dasharray=\"4 3\"/>", TOP - 10.0);
    write(&mut svg, (LEFT + change) / 2.0, TOP - 16.0, "middle", "", "the rhythm by itself");
    write(&mut svg, (change + LEFT + WIDTH) / 2.0, TOP - 16.0, "middle", "", "the angle fed back");
    for second in 2..=6 {
        let x = x(f64::from(second) * 1000.0);
        let _ = writeln!(svg, "<path d=\"M{x} {bottom}v5\" stroke=\"#222\"/>");
        write(&mut svg, x, bottom + 19.0, "middle", "", &second.to_string());
    }
    write(&mut svg, LEFT + WIDTH / 2.0, bottom + 38.0, "middle", "", "time (s)");
    let (w, h) = (LEFT + WIDTH + 80.0, bottom + 50.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" font-family=\"Ubuntu, sans-serif\">\
         <rect width=\"{w}\" height=\"{h}\" fill=\"#fff\"/>\n{svg}</svg>\n"
    )
}
