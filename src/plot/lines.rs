//! Rates of populations over time, and the lines and legends that all curves share.

use super::PlotError;
use super::frame::{Key, Pen, value_ticks};
use super::layout::{Axis, Colour, Panel, grouped, plain};
use super::part::Part;
use crate::analysis::{RateHistogram, Window, population_rate};
use crate::recording::Recording;
use std::fmt::Write;

const HEIGHT: i32 = 110;
/// Of each of several panels.
const LOW: i32 = 64;
/// With fewer neurons a bin holds a spike or none, and the curve would dwarf all others to say what the raster says.
pub const FEWEST: usize = 10;
/// Pixels from one line of a legend to the next.
pub const LEADING: i32 = 15;
/// Populations whose rates hide each other get a panel each, up to so many.
const MOST_APART: usize = 4;

/// A population, and from when to when its spikes were recorded, ms.
pub type Heard = (String, (f64, f64));

/// The rates of populations in one panel.
pub struct Rates {
    lines: Vec<(String, Colour, RateHistogram)>,
    axis: Axis,
    notes: Vec<String>,
    /// Says who has which colour; beneath a raster its names serve for both.
    named: bool,
    height: i32,
}

/// From the spikes; of populations that a probe counts in bins from these, which keep their bins unless a width is given. None if there
/// are neither. In one panel, or in one each where a rate would hide another.
///
/// Without a width given, populations of fewer than [`FEWEST`] neurons that nobody counts are left out. `heard`: from when to when spikes of
/// populations were recorded, ms; there is no rate outside, not one of 0.
pub fn rates(
    recording: &Recording,
    (window, heard): (Window, &[Heard]),
    given: Option<f64>,
    usual: f64,
    named: bool,
) -> Vec<Rates> {
    let dt = recording.dt;
    let inside = |name: &str| {
        let own = heard.iter().find(|(of, _)| of == name).map(|(_, (from, to))| Window::from_ms(*from, *to, dt));
        own.map_or(window, |own| Window { after: own.after.max(window.after), last: own.last.min(window.last) })
    };
    // many curves cross less when each is calmer
    let usual = if recording.spikes.len() > 4 { 4.0 * usual } else { usual };
    let (bin_ms, fewest) = given.map_or((usual, FEWEST), |given| (given, 0));
    let bin = ((bin_ms / dt).round() as u64).clamp(1, window.steps().max(1));
    let counted = |name: &str| recording.rates.iter().any(|rate| rate.population == name);
    let mut lines = Vec::new();
    let mut bins = Vec::new();
    let mut partly = Vec::new();
    for (n, train) in recording.spikes.iter().enumerate() {
        let neurons = train.rows.as_ref().map_or(train.size as usize, Vec::len);
        let window = inside(&train.population);
        if window.after < window.last && neurons >= fewest && (given.is_some() || !counted(&train.population)) {
            let name = plain(&train.population, 22);
            partly.extend(part_of(&name, neurons as u64, train.size.into()));
            lines.push((name, Colour(n), population_rate(train, window, bin, dt)));
            bins.push(bin);
        }
    }
    let trains = recording.spikes.len();
    for (n, rate) in recording.rates.iter().enumerate() {
        let of_spikes = recording.spikes.iter().position(|train| train.population == rate.population);
        if of_spikes.is_none() || given.is_none() {
            let colour = Colour(of_spikes.unwrap_or(trains + n));
            let name = plain(&rate.population, 22);
            let size = of_spikes.map_or(0, |n| u64::from(recording.spikes[n].size));
            partly.extend(part_of(&name, rate.neurons.into(), size));
            lines.push((name, colour, RateHistogram::from((rate, dt))));
            bins.push(rate.bin);
        }
    }
    if lines.is_empty() {
        return Vec::new();
    }
    let highest = lines.iter().flat_map(|(.., rate)| rate.hz.iter().copied()).filter(|hz| hz.is_finite()).fold(0.0, f64::max);
    let axis = Axis { low: 0.0, high: if highest > 0.0 { 1.05 * highest } else { 1.0 } };
    let alike = bins.windows(2).all(|pair| pair[0] == pair[1]);
    let told = |bin: u64| format!("bins of {} ms", round_off(bin as f64 * dt));
    if !alike {
        // each curve says its own
        lines.iter_mut().zip(&bins).for_each(|((name, ..), bin)| *name = format!("{name}: {}", told(*bin)));
    }
    let named = named || !alike;
    let notes: Vec<String> = bins.first().filter(|_| alike).map(|bin| told(*bin)).into_iter().chain(partly).collect();
    if (2..=MOST_APART).contains(&lines.len()) && hides(&lines, axis) {
        let alone = |(n, line)| Rates {
            lines: vec![line],
            axis,
            notes: if n == 0 { notes.clone() } else { Vec::new() },
            named: true,
            height: LOW,
        };
        return lines.into_iter().enumerate().map(alone).collect();
    }
    vec![Rates { lines, axis, notes, named, height: HEIGHT }]
}

/// What is to be said where a rate is not of the whole population.
fn part_of(name: &str, neurons: u64, size: u64) -> Option<String> {
    (neurons < size).then(|| format!("{name}: {} of {} neurons", grouped(neurons), grouped(size)))
}

/// Does a curve lie over most of another? By what is drawn from bin to bin, a line of a pixel or two.
fn hides(lines: &[(String, Colour, RateHistogram)], axis: Axis) -> bool {
    let line = 1.5 * axis.range() / f64::from(HEIGHT);
    let drawn = |rate: &RateHistogram, k: usize| {
        let (a, b) = (rate.hz[k], *rate.hz.get(k + 1).unwrap_or(&rate.hz[k]));
        (a.min(b) - line / 2.0, a.max(b) + line / 2.0)
    };
    let covered = |below: &RateHistogram, above: &RateHistogram| {
        let bins = below.hz.len().min(above.hz.len());
        let (mut all, mut over) = (0.0, 0.0);
        // where nothing happens in both there is nothing to see
        for k in (0..bins).filter(|&k| below.hz[k] > 0.0 || above.hz[k] > 0.0) {
            let (own, other) = (drawn(below, k), drawn(above, k));
            all += own.1 - own.0;
            over += (own.1.min(other.1) - own.0.max(other.0)).max(0.0);
        }
        all > 0.0 && over > 0.6 * all
    };
    (0..lines.len()).any(|k| (0..k).any(|n| covered(&lines[n].2, &lines[k].2)))
}

impl Part for Rates {
    fn height(&self, _beside: bool, _width: u32) -> i32 {
        self.height
    }

    fn key(&self) -> Vec<Key> {
        self.lines.iter().filter(|_| self.named).map(|(name, colour, _)| (name.clone(), Some(*colour))).collect()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn labels(&self) -> Vec<String> {
        value_ticks(self.axis).into_iter().map(|(_, label)| label).collect()
    }

    /// Steps: a rate holds for its whole bin.
    fn paths(&self, layer: &mut String, panel: &Panel, span: Axis) {
        // the first one, which is read first, lies on top
        for (_, colour, rate) in self.lines.iter().rev() {
            let mut path = Path::default();
            for (k, &hz) in rate.hz.iter().enumerate() {
                let y = panel.y(self.axis, hz);
                path.to(panel.x(span, rate.start + k as f64 * rate.bin), y);
                path.to(panel.x(span, (rate.start + (k + 1) as f64 * rate.bin).min(rate.end)), y);
            }
            path.write(layer, *colour, 1.1);
        }
    }

    fn axes(&self, pen: &Pen, panel: &Panel, _span: Axis, beside: bool) -> Result<(), PlotError> {
        pen.value_axis(panel, self.axis, "rate (Hz)")?;
        legend(pen, panel, &if beside { self.key() } else { Vec::new() })
    }
}

/// A width on the grid without the dust of binary fractions: 50 · 0.1 ms is 5 ms.
fn round_off(ms: f64) -> f64 {
    (ms * 1e6).round() / 1e6
}

/// Names beside a panel.
pub fn legend(pen: &Pen, panel: &Panel, lines: &[Key]) -> Result<(), PlotError> {
    for (n, (text, colour)) in (0..).zip(lines) {
        if panel.top + 8 + LEADING * n > panel.bottom {
            break;
        }
        let place = (panel.right + 8, panel.top + 8 + LEADING * n);
        match colour {
            Some(colour) => pen.coloured(text, place, *colour)?,
            None => pen.text(text, place, super::frame::Hang::Left)?,
        }
    }
    Ok(())
}

/// A line that keeps no more points than a picture can show: of all in one half pixel the first, lowest, highest, last.
#[derive(Default)]
pub struct Path {
    text: String,
    column: Vec<(f64, f64)>,
    drawing: bool,
}

impl Path {
    pub fn to(&mut self, x: f64, y: f64) {
        if self.column.first().is_some_and(|first| (first.0 * 2.0).floor() != (x * 2.0).floor()) {
            self.flush();
        }
        self.column.push((x, y));
    }

    /// The next point begins a new line.
    pub fn lift(&mut self) {
        self.flush();
        self.drawing = false;
    }

    fn flush(&mut self) {
        let column = std::mem::take(&mut self.column);
        let last = column.len().saturating_sub(1);
        let by_height = |a: &usize, b: &usize| column[*a].1.total_cmp(&column[*b].1);
        let extremes = [(0..column.len()).min_by(by_height), (0..column.len()).max_by(by_height)];
        let mut kept: Vec<usize> = extremes.into_iter().flatten().chain([0, last]).filter(|&n| n < column.len()).collect();
        kept.sort_unstable();
        kept.dedup();
        for n in kept {
            let (x, y) = column[n];
            let _ = write!(self.text, "{}{x:.1} {y:.1}", if self.drawing { "L" } else { "M" });
            self.drawing = true;
        }
    }

    pub fn write(mut self, layer: &mut String, colour: Colour, width: f64) {
        self.flush();
        if !self.text.is_empty() {
            let colour = colour.hex();
            let _ = write!(
                layer,
                "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-linejoin=\"round\" d=\"{}\"/>",
                self.text
            );
        }
    }
}
