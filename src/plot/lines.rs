//! Rates of populations and traces of states: lines over time.

use super::frame::{Pen, value_ticks};
use super::layout::{Axis, Colour, Panel, plain, with_unit};
use super::{FigureOptions, PlotError, SpikeBars};
use crate::analysis::{RateHistogram, Window, population_rate};
use crate::recording::{Recording, Trace};
use std::fmt::Write;

pub const RATES_HEIGHT: i32 = 110;
/// With fewer neurons a bin holds a spike or none, and the curve would dwarf all others to say what the raster says.
pub const FEWEST: usize = 10;
/// Pixels from one line of a legend to the next.
const LEADING: i32 = 15;

/// The rates of all populations, in one panel.
pub struct Rates {
    lines: Vec<(String, Colour, RateHistogram)>,
    axis: Axis,
    /// The width of the bins, in words.
    bins: String,
}

/// From the spikes, and for populations whose spikes were only counted, from the counts; none if there are neither.
///
/// Without a width given, populations of fewer than [`FEWEST`] neurons are left out.
pub fn rates(recording: &Recording, window: Window, given: Option<f64>, usual: f64) -> Option<Rates> {
    let dt = recording.dt;
    // many curves cross less when each is calmer
    let usual = if recording.spikes.len() > 4 { 4.0 * usual } else { usual };
    let (bin_ms, fewest) = given.map_or((usual, FEWEST), |given| (given, 0));
    let bin = ((bin_ms / dt).round() as u64).clamp(1, window.steps().max(1));
    let mut lines = Vec::new();
    for (n, train) in recording.spikes.iter().enumerate() {
        if train.rows.as_ref().map_or(train.size as usize, Vec::len) >= fewest {
            lines.push((plain(&train.population, 22), Colour(n), population_rate(train, window, bin, dt)));
        }
    }
    // counted rates keep the bins that they were counted in
    let mut bins = if lines.is_empty() { Vec::new() } else { vec![bin] };
    let trains = recording.spikes.len();
    for (n, rate) in recording.rates.iter().enumerate() {
        if recording.spikes.iter().all(|train| train.population != rate.population) {
            lines.push((plain(&rate.population, 22), Colour(trains + n), RateHistogram::from((rate, dt))));
            bins.push(rate.bin);
        }
    }
    let highest = lines.iter().flat_map(|(.., rate)| rate.hz.iter().copied()).filter(|hz| hz.is_finite()).fold(0.0, f64::max);
    let axis = Axis { low: 0.0, high: if highest > 0.0 { 1.05 * highest } else { 1.0 } };
    bins.dedup();
    let bins = match bins[..] {
        [bin] => format!("bins of {} ms", round_off(bin as f64 * dt)),
        _ => String::new(),
    };
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
        let lines = self.lines.iter().filter(|_| named);
        let names = lines.map(|(name, colour, _)| (name.as_str(), Some(*colour)));
        legend(pen, panel, names.chain([(self.bins.as_str(), None)]))
    }
}

/// One trace: a panel with a line for each row.
pub struct Traces<'r> {
    trace: &'r Trace,
    dt: f64,
    name: String,
    population: String,
    rows: Vec<Row>,
    axis: Axis,
}

struct Row {
    /// Its number, or that of the synapse.
    neuron: u32,
    colour: Colour,
    /// Steps of the spikes to draw as bars.
    spikes: Vec<u64>,
    /// Where the bars end.
    top: f64,
}

impl<'r> Traces<'r> {
    pub fn plan(recording: &Recording, trace: &'r Trace, span: Axis, options: &FigureOptions) -> Traces<'r> {
        let dt = recording.dt;
        // a projection may have the name of a population
        let number = recording.spikes.iter().position(|train| !trace.synapses && train.population == trace.population);
        let count = trace.rows.len().min(options.max_rows);
        let shown = |k: &usize| {
            let time = at(trace, *k, dt);
            span.low <= time && time <= span.high
        };
        let values = || (0..trace.samples()).filter(shown).flat_map(|k| &trace.values[k * trace.rows.len()..][..count]).copied();
        let tight = Axis::around(values(), 0.0);
        let top = match options.spike_bars {
            SpikeBars::UpTo(top) if trace.unit == "mV" && top.is_finite() => Some(top),
            // half as high again as the trace, and ten millivolts at least
            SpikeBars::Auto if trace.unit == "mV" && tight.high < 0.0 => Some(tight.high + (0.5 * tight.range()).max(10.0)),
            _ => None,
        };
        let spikes = |neuron: u32| {
            let train = number.filter(|_| top.is_some()).map(|n| &recording.spikes[n]);
            let own = train.into_iter().flat_map(|train| train.pairs()).filter(|&(_, n)| n == neuron);
            let inside = own.filter(|&(step, _)| span.low <= step as f64 * dt && step as f64 * dt <= span.high);
            inside.map(|(step, _)| step).collect::<Vec<_>>()
        };
        let rows: Vec<Row> = (trace.rows.iter().take(count).enumerate())
            .map(|(place, &neuron)| Row {
                neuron,
                // a single line has the colour of its population
                colour: Colour(if count == 1 { number.unwrap_or(0) } else { place }),
                spikes: spikes(neuron),
                top: top.unwrap_or(0.0),
            })
            .collect();
        let bars = top.filter(|_| rows.iter().any(|row| !row.spikes.is_empty()));
        let axis = Axis::around(values().chain(bars), 0.06);
        let name = with_unit(&trace.variable, &trace.unit);
        Traces { trace, dt, name, population: plain(&trace.population, 22), rows, axis }
    }

    pub fn height(&self) -> i32 {
        (LEADING * (self.rows.len() as i32 + 2)).max(110)
    }

    fn named(&self, row: &Row) -> String {
        format!("{} {}", if self.trace.synapses { "synapse" } else { "neuron" }, row.neuron)
    }

    pub fn legends(&self) -> impl Iterator<Item = String> + '_ {
        let rows = self.rows.iter().map(|row| self.named(row));
        rows.chain([self.population.clone()])
    }

    pub fn labels(&self) -> impl Iterator<Item = String> + '_ {
        value_ticks(self.axis).into_iter().map(|(_, label)| label)
    }

    pub fn paths(&self, layer: &mut String, panel: &Panel, span: Axis) {
        // the first row, which is read first, lies on top
        for (place, row) in self.rows.iter().enumerate().rev() {
            let mut path = Path::default();
            let width = self.trace.rows.len();
            for k in 0..self.trace.samples() {
                let time = at(self.trace, k, self.dt);
                if time < span.low - self.trace.every as f64 * self.dt || time > span.high + self.trace.every as f64 * self.dt {
                    continue;
                }
                let value = self.trace.values[k * width + place];
                if value.is_finite() {
                    path.to(panel.x(span, time), panel.y(self.axis, value));
                } else {
                    path.lift();
                }
            }
            for &step in &row.spikes {
                // from the last sample before the reset up to the mark
                let before = step.saturating_sub(1).saturating_sub(self.trace.first_step) / self.trace.every.max(1);
                let value = usize::try_from(before).ok().and_then(|k| self.trace.values.get(k.checked_mul(width)? + place));
                let from = value.copied().filter(|value| value.is_finite()).unwrap_or(self.axis.low);
                let x = panel.x(span, step as f64 * self.dt);
                path.lift();
                path.to(x, panel.y(self.axis, from));
                path.to(x, panel.y(self.axis, row.top));
            }
            path.write(layer, row.colour, 1.1);
        }
    }

    pub fn axes(&self, pen: &Pen, panel: &Panel) -> Result<(), PlotError> {
        pen.value_axis(panel, self.axis, &self.name)?;
        let rows: Vec<_> = self.rows.iter().map(|row| (self.named(row), row.colour)).collect();
        let rows = rows.iter().map(|(name, colour)| (name.as_str(), Some(*colour)));
        legend(pen, panel, std::iter::once((self.population.as_str(), None)).chain(rows))
    }
}

/// A width on the grid without the dust of binary fractions: 50 · 0.1 ms is 5 ms.
fn round_off(ms: f64) -> f64 {
    (ms * 1e6).round() / 1e6
}

/// Time of sample k, in ms.
fn at(trace: &Trace, k: usize, dt: f64) -> f64 {
    trace.first_step.saturating_add(trace.every.saturating_mul(k as u64)) as f64 * dt
}

fn legend<'t>(pen: &Pen, panel: &Panel, lines: impl Iterator<Item = (&'t str, Option<Colour>)>) -> Result<(), PlotError> {
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
