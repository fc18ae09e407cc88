//! What many synapses are together, over time: a mean and its spread, a sum, a histogram as a density; and values at spikes.

use super::PlotError;
use super::cells::{Bar, Cells, shade};
use super::frame::{Key, Pen, value_ticks};
use super::layout::{Axis, Colour, Panel, grouped, plain, with_unit};
use super::lines::{LEADING, Path, legend};
use super::part::Part;
use crate::recording::{AtSpikes, Reduction, Summary};
use std::fmt::Write as _;

const HEIGHT: i32 = 120;
/// Width of the bar of colours.
const BAR: i32 = 10;

/// One summary: a panel.
pub struct Summed<'r> {
    summary: &'r Summary,
    dt: f64,
    /// Of the axis.
    name: String,
    legends: Vec<String>,
    axis: Axis,
    /// The largest share of the synapses in a bin, of those shown.
    most: f64,
}

impl<'r> Summed<'r> {
    pub fn plan(summary: &'r Summary, dt: f64, span: Axis) -> Summed<'r> {
        let shown = |k: &usize| {
            let time = summary.step(*k) as f64 * dt;
            span.low <= time && time <= span.high
        };
        let samples = || (0..summary.samples()).filter(shown);
        let word = if matches!(summary.reduction, Reduction::Sum) { "sum of " } else { "" };
        let name = format!("{word}{}", with_unit(&summary.variable, &summary.unit));
        let of = summary.rows.as_ref().map_or(u64::from(summary.size), |rows| rows.len() as u64);
        let (one, s) = (if summary.of_neurons { "neuron" } else { "synapse" }, if of == 1 { "" } else { "s" });
        let mut legends = vec![plain(&summary.projection, 22), format!("{} {one}{s}", grouped(of))];
        let mut most = 0.0f64;
        let axis = match &summary.reduction {
            Reduction::Mean => {
                legends.push("mean ± sd".into());
                let values = samples().filter_map(|k| summary.sample(k)).flat_map(|s| [s[0] - s[1], s[0] + s[1]]);
                Axis::around(values, 0.06)
            }
            Reduction::Sum => Axis::around(samples().filter_map(|k| summary.sample(k)).map(|s| s[0]), 0.06),
            Reduction::Histogram { edges } => {
                let beyond = samples().map(|k| summary.beyond(k)).fold([0.0f64; 2], |all, [a, b]| [all[0].max(a), all[1].max(b)]);
                for (count, side) in beyond.iter().zip(["below", "above"]).filter(|(count, _)| **count > 0.0) {
                    legends.push(format!("up to {} {side}", grouped(*count as u64)));
                }
                legends.push("colour: % in a bin".into());
                most = samples().flat_map(|k| summary.counts(k)).fold(0.0, |most: f64, n| most.max(*n)) / (of.max(1) as f64);
                Axis { low: edges.first().copied().unwrap_or(0.0), high: edges.last().copied().unwrap_or(1.0) }
            }
        };
        Summed { summary, dt, name, legends, axis, most }
    }

    fn bars(&self) -> bool {
        matches!(self.summary.reduction, Reduction::Histogram { .. })
    }

    /// A column of cells for each sample, as wide as the time to the next; samples narrower than a pixel are summed up, and so are
    /// bins lower than one.
    fn density(&self, layer: &mut String, panel: &Panel, span: Axis) {
        let (summary, edges) = (self.summary, self.summary.edges());
        let every = summary.every as f64 * self.dt;
        let pixels = |ms: f64| ms / span.range() * f64::from(panel.right - panel.left);
        let together = (1.0 / pixels(every).max(1e-9)).ceil().clamp(1.0, 1e6) as usize;
        let groups = summary.samples().div_ceil(together);
        let bins = edges.len().saturating_sub(1);
        let high = bins.div_ceil((panel.bottom - panel.top).max(1) as usize).max(1);
        let of = summary.rows.as_ref().map_or(f64::from(summary.size), |rows| rows.len() as f64).max(1.0);
        // a sample stands in the middle of its cell
        let at = |group: usize| panel.x(span, (summary.step(group * together) as f64 * self.dt) - every / 2.0);
        let mut cells = Cells::new(shade);
        for bin in (0..bins).step_by(high) {
            let last = (bin + high).min(bins);
            let ends = [panel.y(self.axis, edges[last]), panel.y(self.axis, edges[bin])];
            let share = |group: usize| {
                let samples = group * together..((group + 1) * together).min(summary.samples());
                let taken = samples.len().max(1) as f64;
                let sum: f64 = samples.flat_map(|k| &summary.counts(k)[bin..last]).sum();
                (sum > 0.0).then(|| self.scaled(sum / taken / of))
            };
            cells.row(ends, at, (0..groups).map(share));
        }
        cells.write(layer);
    }

    /// How dark a share of the synapses is: by its root, so that few are seen beside many.
    fn scaled(&self, share: f64) -> f64 {
        (share / self.most.max(1e-12)).sqrt()
    }

    fn bar(&self, panel: &Panel, beside: bool) -> Bar {
        let names = if beside { LEADING * self.legends.len() as i32 } else { 0 };
        let top = panel.top + names + 12;
        let mut ticks = Vec::new();
        // whole tenths of the largest, as far apart as letters are high
        for share in [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0] {
            let (place, percent) = (self.scaled(share), share * 100.0);
            let far =
                ticks.last().is_none_or(|(last, _): &(f64, String)| (place - last) * f64::from(panel.bottom - 4 - top) > 13.0);
            if place <= 1.0 && far {
                ticks.push((place, format!("{percent} %")));
            }
        }
        Bar {
            panel: Panel { left: panel.right + 8, right: panel.right + 8 + BAR, top, bottom: panel.bottom - 4 },
            ticks,
            colours: shade,
        }
    }
}

impl Part for Summed<'_> {
    fn height(&self, beside: bool, _width: u32) -> i32 {
        // beside a histogram the bar of colours stands below the names
        let names = if beside { LEADING * self.legends.len() as i32 } else { 0 };
        if self.bars() { HEIGHT.max(names + 80) } else { HEIGHT }
    }

    fn key(&self) -> Vec<Key> {
        self.legends.iter().map(|text| (text.clone(), None)).collect()
    }

    fn aside(&self) -> Option<String> {
        self.bars().then(|| "     100 %".to_string())
    }

    fn labels(&self) -> Vec<String> {
        value_ticks(self.axis).into_iter().map(|(_, label)| label).collect()
    }

    fn paths(&self, layer: &mut String, panel: &Panel, span: Axis) {
        let time = |k: usize| self.summary.step(k) as f64 * self.dt;
        let columns: &[(f64, f64)] = match &self.summary.reduction {
            Reduction::Mean => &[(0.0, 1.1), (-1.0, 0.5), (1.0, 0.5)],
            Reduction::Sum => &[(0.0, 1.1)],
            Reduction::Histogram { .. } => return self.density(layer, panel, span),
        };
        for (deviations, width) in columns {
            let mut path = Path::default();
            for (k, sample) in (0..self.summary.samples()).filter_map(|k| Some((k, self.summary.sample(k)?))) {
                let value = sample[0] + if *deviations == 0.0 { 0.0 } else { deviations * sample[1] };
                if value.is_finite() {
                    path.to(panel.x(span, time(k)), panel.y(self.axis, value));
                } else {
                    path.lift();
                }
            }
            path.write(layer, Colour(0), *width);
        }
    }

    /// What the colours mean, beside the panel.
    fn outside(&self, layers: &mut String, panel: &Panel, beside: bool) {
        if self.bars() {
            self.bar(panel, beside).paths(layers);
        }
    }

    fn axes(&self, pen: &Pen, panel: &Panel, _span: Axis, beside: bool) -> Result<(), PlotError> {
        pen.value_axis(panel, self.axis, &self.name)?;
        legend(pen, panel, &if beside { self.key() } else { Vec::new() })?;
        if self.bars() { self.bar(panel, beside).labels(pen) } else { Ok(()) }
    }
}

/// Values of synapses at spikes: a panel with a line for each of the first synapses.
pub struct Spiked<'r> {
    own: &'r AtSpikes,
    dt: f64,
    /// Of the axis.
    name: String,
    projection: String,
    /// By number.
    synapses: Vec<u32>,
    /// Synapses that are not drawn.
    more: usize,
    axis: Axis,
}

impl<'r> Spiked<'r> {
    pub fn plan(own: &'r AtSpikes, dt: f64, span: Axis, most: usize) -> Spiked<'r> {
        let mut synapses: Vec<u32> = own.synapse.clone();
        synapses.sort_unstable();
        synapses.dedup();
        let more = synapses.len().saturating_sub(most);
        synapses.truncate(most);
        let shown = own.step.iter().zip(&own.synapse).zip(&own.value).filter(|((step, synapse), _)| {
            let time = **step as f64 * dt;
            span.low <= time && time <= span.high && synapses.contains(synapse)
        });
        let axis = Axis::around(shown.map(|(_, value)| *value), 0.06);
        let name = with_unit(&own.variable, &own.unit);
        Spiked { own, dt, name, projection: plain(&own.projection, 22), synapses, more, axis }
    }
}

impl Part for Spiked<'_> {
    fn height(&self, beside: bool, _width: u32) -> i32 {
        if beside { (LEADING * (self.synapses.len() as i32 + 3)).max(HEIGHT) } else { HEIGHT }
    }

    fn key(&self) -> Vec<Key> {
        let heads = [(self.projection.clone(), None), ("at source spikes".to_string(), None)];
        let own = self.synapses.iter().enumerate().map(|(n, synapse)| (format!("synapse {synapse}"), Some(Colour(n))));
        let more = (self.more > 0).then(|| (format!("{} more not shown", grouped(self.more as u64)), None));
        heads.into_iter().chain(own).chain(more).collect()
    }

    fn labels(&self) -> Vec<String> {
        value_ticks(self.axis).into_iter().map(|(_, label)| label).collect()
    }

    fn paths(&self, layer: &mut String, panel: &Panel, span: Axis) {
        // the first one, which is read first, lies on top
        for (n, synapse) in self.synapses.iter().enumerate().rev() {
            let (mut path, mut marks) = (Path::default(), String::new());
            let all = self.own.step.iter().zip(&self.own.synapse).zip(&self.own.value);
            for ((step, _), value) in all.filter(|((_, of), _)| *of == synapse) {
                let (x, y) = (panel.x(span, *step as f64 * self.dt), panel.y(self.axis, *value));
                path.to(x, y);
                let _ = write!(marks, "M{:.1} {y:.1}h3", x - 1.5);
            }
            path.write(layer, Colour(n), 0.6);
            let _ = write!(layer, "<path stroke=\"{}\" stroke-width=\"3\" d=\"{marks}\"/>", Colour(n).hex());
        }
    }

    fn axes(&self, pen: &Pen, panel: &Panel, _span: Axis, beside: bool) -> Result<(), PlotError> {
        pen.value_axis(panel, self.axis, &self.name)?;
        legend(pen, panel, &if beside { self.key() } else { Vec::new() })
    }
}
