//! Rates of populations over time, and the lines and legends that all curves share.

use super::PlotError;
use super::frame::{Pen, value_ticks};
use super::layout::{Axis, Colour, Panel, plain};
use crate::analysis::{RateHistogram, Window, population_rate};
use crate::recording::Recording;
use std::fmt::Write;

pub const RATES_HEIGHT: i32 = 110;
/// With fewer neurons a bin holds a spike or none, and the curve would dwarf all others to say what the raster says.
pub const FEWEST: usize = 10;
/// Pixels from one line of a legend to the next.
pub const LEADING: i32 = 15;

/// The rates of all populations, in one panel.
pub struct Rates {
    lines: Vec<(String, Colour, RateHistogram)>,
    axis: Axis,
    /// The width of the bins, in words; empty where each curve says its own.
    bins: String,
}

/// From the spikes; of populations that a probe counts in bins from these, which keep their bins unless a width is given. None if there
/// are neither.
///
/// Without a width given, populations of fewer than [`FEWEST`] neurons that nobody counts are left out.
pub fn rates(recording: &Recording, window: Window, given: Option<f64>, usual: f64) -> Option<Rates> {
    let dt = recording.dt;
    // many curves cross less when each is calmer
    let usual = if recording.spikes.len() > 4 { 4.0 * usual } else { usual };
    let (bin_ms, fewest) = given.map_or((usual, FEWEST), |given| (given, 0));
    let bin = ((bin_ms / dt).round() as u64).clamp(1, window.steps().max(1));
    let counted = |name: &str| recording.rates.iter().any(|rate| rate.population == name);
    let mut lines = Vec::new();
    let mut bins = Vec::new();
    for (n, train) in recording.spikes.iter().enumerate() {
        let many = train.rows.as_ref().map_or(train.size as usize, Vec::len) >= fewest;
        if many && (given.is_some() || !counted(&train.population)) {
            lines.push((plain(&train.population, 22), Colour(n), population_rate(train, window, bin, dt)));
            bins.push(bin);
        }
    }
    let trains = recording.spikes.len();
    for (n, rate) in recording.rates.iter().enumerate() {
        let of_spikes = recording.spikes.iter().position(|train| train.population == rate.population);
        if of_spikes.is_none() || given.is_none() {
            let colour = Colour(of_spikes.unwrap_or(trains + n));
            lines.push((plain(&rate.population, 22), colour, RateHistogram::from((rate, dt))));
            bins.push(rate.bin);
        }
    }
    let highest = lines.iter().flat_map(|(.., rate)| rate.hz.iter().copied()).filter(|hz| hz.is_finite()).fold(0.0, f64::max);
    let axis = Axis { low: 0.0, high: if highest > 0.0 { 1.05 * highest } else { 1.0 } };
    let alike = bins.windows(2).all(|pair| pair[0] == pair[1]);
    let told = |bin: u64| format!("bins of {} ms", round_off(bin as f64 * dt));
    if !alike {
        // each curve says its own
        lines.iter_mut().zip(&bins).for_each(|((name, ..), bin)| *name = format!("{name}: {}", told(*bin)));
    }
    let bins = bins.first().filter(|_| alike).map_or_else(String::new, |bin| told(*bin));
    (!lines.is_empty()).then_some(Rates { lines, axis, bins })
}

impl Rates {
    pub fn legends(&self) -> impl Iterator<Item = String> + '_ {
        self.lines.iter().map(|(name, ..)| name.clone()).chain([self.bins.clone()])
    }

    pub fn labels(&self) -> impl Iterator<Item = String> + '_ {
        value_ticks(self.axis).into_iter().map(|(_, label)| label)
    }

    /// Steps: a rate holds for its whole bin.
    pub fn paths(&self, layer: &mut String, panel: &Panel, span: Axis) {
        for (_, colour, rate) in &self.lines {
            let mut path = Path::default();
            for (k, &hz) in rate.hz.iter().enumerate() {
                let y = panel.y(self.axis, hz);
                path.to(panel.x(span, rate.start + k as f64 * rate.bin), y);
                path.to(panel.x(span, (rate.start + (k + 1) as f64 * rate.bin).min(rate.end)), y);
            }
            path.write(layer, *colour, 1.1);
        }
    }

    pub fn axes(&self, pen: &Pen, panel: &Panel, named: bool) -> Result<(), PlotError> {
        pen.value_axis(panel, self.axis, "rate (Hz)")?;
        // beneath a raster its names and colours serve for both
        let lines = self.lines.iter().filter(|_| named || self.bins.is_empty());
        let names = lines.map(|(name, colour, _)| (name.as_str(), Some(*colour)));
        legend(pen, panel, names.chain([(self.bins.as_str(), None)]))
    }
}

/// A width on the grid without the dust of binary fractions: 50 · 0.1 ms is 5 ms.
fn round_off(ms: f64) -> f64 {
    (ms * 1e6).round() / 1e6
}

pub fn legend<'t>(pen: &Pen, panel: &Panel, lines: impl Iterator<Item = (&'t str, Option<Colour>)>) -> Result<(), PlotError> {
    for (n, (text, colour)) in lines.enumerate() {
        if panel.top + 8 + LEADING * n as i32 > panel.bottom {
            break;
        }
        let place = (panel.right + 8, panel.top + 8 + LEADING * n as i32);
        match colour {
            Some(colour) => pen.coloured(text, place, colour)?,
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

    /// Where a picture has no room for the samples: a pale band from the lowest to the highest of each pixel, and their mean as a line.
    pub fn band(values: impl Iterator<Item = (f64, f64)>, layer: &mut String, colour: Colour) {
        let mut columns: Vec<(f64, f64, f64, f64, u32)> = Vec::new();
        for (x, y) in values {
            let x = x.floor() + 0.5;
            match columns.last_mut() {
                Some((at, low, high, sum, count)) if *at == x => {
                    (*low, *high, *sum, *count) = (low.min(y), high.max(y), *sum + y, *count + 1);
                }
                _ => columns.push((x, y, y, y, 1)),
            }
        }
        let (mut edge, mut back, mut mean) = (String::new(), String::new(), Path::default());
        for (k, &(x, low, high, sum, count)) in columns.iter().enumerate() {
            let _ = write!(edge, "{}{x:.1} {low:.1}", if k == 0 { "M" } else { "L" });
            back.insert_str(0, &format!("L{x:.1} {high:.1}"));
            mean.to(x, sum / f64::from(count));
        }
        if !edge.is_empty() {
            let _ = write!(layer, "<path fill=\"{}\" fill-opacity=\".3\" stroke=\"none\" d=\"{edge}{back}z\"/>", colour.hex());
        }
        mean.write(layer, colour, 1.0);
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
