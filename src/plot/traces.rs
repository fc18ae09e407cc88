//! Traces of states over time, a line for each row; spikes that are not in them stand in a strip above.

use std::ops::Range;

use super::frame::{Hang, Key, Pen, value_ticks};
use super::layout::{Axis, Colour, Panel, grouped, plain, with_unit};
use super::lines::{LEADING, Path, legend};
use super::part::Part;
use super::{FigureOptions, PlotError, SpikeBars};
use crate::recording::{Recording, Trace};
use std::fmt::Write;

/// Pixels of a row of the strip of spikes.
const STRIP: i32 = 9;
/// With more samples than this to a pixel, on average, lines are thin: each stands for what lies between the lowest and the highest.
const CROWDED: f64 = 8.0;

/// Rows of one trace: a panel with a line for each.
pub struct Traces<'r> {
    trace: &'r Trace,
    dt: f64,
    name: String,
    population: String,
    rows: Vec<Row>,
    axis: Axis,
    bars: Bars,
    /// Pixels.
    width: f64,
    /// Rows drawn of the trace.
    most: usize,
}

/// Where spikes are drawn, if they are.
#[derive(Clone, Copy, PartialEq)]
enum Bars {
    None,
    /// Above the values, a line for each row.
    Strip,
    /// From the value up to this one.
    UpTo(f64),
}

struct Row {
    /// Its place among the rows of the trace.
    place: usize,
    /// Its number, or that of the synapse.
    neuron: u32,
    colour: Colour,
    /// The first row whose line lies over this one, sample by sample.
    alike: Option<u32>,
    /// Steps of the spikes to draw as bars.
    spikes: Vec<u64>,
}

impl<'r> Traces<'r> {
    /// `places`: which rows of the trace.
    pub fn plan(recording: &Recording, trace: &'r Trace, places: Range<usize>, span: Axis, options: &FigureOptions) -> Traces<'r> {
        let dt = recording.dt;
        // a projection may have the name of a population
        let number = recording.spikes.iter().position(|train| !trace.synapses && train.population == trace.population);
        let shown = |k: &usize| {
            let time = at(trace, *k, dt);
            span.low <= time && time <= span.high
        };
        let samples = (0..trace.samples()).filter(shown).count();
        // panels of the same state have one scale
        let scaled = if options.apart { 0..trace.rows.len().min(options.max_rows) } else { places.clone() };
        let values =
            || (0..trace.samples()).filter(shown).flat_map(|k| &trace.values[k * trace.rows.len()..][scaled.clone()]).copied();
        let highest = Axis::around(values(), 0.0).high;
        let wanted = match options.spike_bars {
            SpikeBars::UpTo(top) if trace.unit == "mV" && top.is_finite() => Bars::UpTo(top),
            SpikeBars::Auto if trace.unit == "mV" && highest < 0.0 => Bars::Strip,
            _ => Bars::None,
        };
        let spikes = |neuron: u32| {
            let train = number.filter(|_| wanted != Bars::None).map(|n| &recording.spikes[n]);
            let own = train.into_iter().flat_map(|train| train.pairs()).filter(|&(_, n)| n == neuron);
            let inside = own.filter(|&(step, _)| span.low <= step as f64 * dt && step as f64 * dt <= span.high);
            inside.map(|(step, _)| step).collect::<Vec<_>>()
        };
        let alone = places.len() == 1;
        let rows: Vec<Row> = places
            .clone()
            .map(|place| {
                let neuron = trace.rows[place];
                // a single line has the colour of its population
                let colour = Colour(if alone { number.unwrap_or(0) } else { place });
                let same =
                    |other: &usize| trace.values.chunks_exact(trace.rows.len()).all(|sample| sample[*other] == sample[place]);
                let alike = (places.start..place).find(same).map(|other| trace.rows[other]);
                Row { place, neuron, colour, alike, spikes: spikes(neuron) }
            })
            .collect();
        let bars = if rows.iter().all(|row| row.spikes.is_empty()) { Bars::None } else { wanted };
        let top = if let Bars::UpTo(top) = bars { Some(top) } else { None };
        let axis = Axis::around(values().chain(top), 0.06);
        let name = with_unit(&trace.variable, &trace.unit);
        let pixels = f64::from(options.width).max(1.0) * 0.8;
        let width = if samples as f64 / pixels > CROWDED { 0.8 } else { 1.1 };
        Traces { trace, dt, name, population: plain(&trace.population, 22), rows, axis, bars, width, most: options.max_rows }
    }

    /// Pixels of the strip of spikes.
    fn strip(&self) -> i32 {
        if self.bars == Bars::Strip { STRIP * self.rows.len() as i32 + 4 } else { 0 }
    }

    /// The part of a panel in which values stand.
    fn below(&self, panel: &Panel) -> Panel {
        Panel { top: panel.top + self.strip(), ..*panel }
    }

    fn named(&self, row: &Row) -> String {
        // lines that lie on each other look like one
        let alike = row.alike.map_or_else(String::new, |other| format!(" (as {other})"));
        format!("{} {}{alike}", if self.trace.synapses { "synapse" } else { "neuron" }, row.neuron)
    }
}

impl Part for Traces<'_> {
    fn height(&self, beside: bool, _width: u32) -> i32 {
        let lines = if beside { LEADING * (self.key().len() as i32 + 1) } else { 0 };
        lines.max(110) + self.strip()
    }

    fn key(&self) -> Vec<Key> {
        let rows = self.rows.iter().map(|row| (self.named(row), Some(row.colour)));
        let bars = matches!(self.bars, Bars::UpTo(_)).then(|| ("bars: spikes, as drawn".to_string(), None));
        let all = self.trace.rows.len();
        let more = (all > self.most).then(|| (format!("{} of {} shown", self.most, grouped(all as u64)), None));
        std::iter::once((self.population.clone(), None)).chain(rows).chain(bars).chain(more).collect()
    }

    fn labels(&self) -> Vec<String> {
        let strip = (self.bars == Bars::Strip).then(|| "spikes".to_string());
        value_ticks(self.axis).into_iter().map(|(_, label)| label).chain(strip).collect()
    }

    fn paths(&self, layer: &mut String, panel: &Panel, span: Axis) {
        let below = self.below(panel);
        // the first row, which is read first, lies on top
        for (line, row) in self.rows.iter().enumerate().rev() {
            let width = self.trace.rows.len();
            let reach = self.trace.every as f64 * self.dt;
            let samples = (0..self.trace.samples()).map(|k| (at(self.trace, k, self.dt), self.trace.values[k * width + row.place]));
            let samples = samples.filter(|(time, _)| span.low - reach <= *time && *time <= span.high + reach);
            let mut path = Path::default();
            for (time, value) in samples {
                if value.is_finite() {
                    path.to(panel.x(span, time), below.y(self.axis, value));
                } else {
                    path.lift();
                }
            }
            path.write(layer, row.colour, self.width);
            self.spikes(layer, panel, span, line, row);
        }
    }

    fn axes(&self, pen: &Pen, panel: &Panel, _span: Axis, beside: bool) -> Result<(), PlotError> {
        let below = self.below(panel);
        pen.value_axis(&below, self.axis, &self.name)?;
        if self.bars == Bars::Strip {
            pen.text("spikes", (panel.left - 7, panel.top + (self.strip() - 4) / 2), Hang::Right)?;
        }
        legend(pen, panel, &if beside { self.key() } else { Vec::new() })
    }
}

impl Traces<'_> {
    fn spikes(&self, layer: &mut String, panel: &Panel, span: Axis, line: usize, row: &Row) {
        let below = self.below(panel);
        let mut path = String::new();
        for &step in &row.spikes {
            let x = panel.x(span, step as f64 * self.dt);
            let (from, to) = match self.bars {
                Bars::None => continue,
                Bars::Strip => {
                    let top = f64::from(panel.top + STRIP * line as i32);
                    (top + 1.0, top + f64::from(STRIP) - 1.0)
                }
                Bars::UpTo(top) => {
                    // from the last sample before the reset up to the mark
                    let before = step.saturating_sub(1).saturating_sub(self.trace.first_step) / self.trace.every.max(1);
                    let width = self.trace.rows.len();
                    let value = usize::try_from(before).ok().and_then(|k| self.trace.values.get(k.checked_mul(width)? + row.place));
                    let from = value.copied().filter(|value| value.is_finite()).unwrap_or(self.axis.low);
                    (below.y(self.axis, from), below.y(self.axis, top))
                }
            };
            let _ = write!(path, "M{x:.1} {from:.1}V{to:.1}");
        }
        if !path.is_empty() {
            let _ = write!(layer, "<path fill=\"none\" stroke=\"{}\" stroke-width=\"1.1\" d=\"{path}\"/>", row.colour.hex());
        }
    }
}

/// Time of sample k, in ms.
fn at(trace: &Trace, k: usize, dt: f64) -> f64 {
    trace.first_step.saturating_add(trace.every.saturating_mul(k as u64)) as f64 * dt
}
