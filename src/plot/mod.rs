//! One picture of a run: raster, population rates and traces over one time axis, as a paper would print it.
//!
//! In: a [`Recording`]. Out: SVG, and PNG made from it, the same on every machine: the letters (Ubuntu Light) are built
//! in. A sheet of neurons that moves: [`gif`]. Two variables against each other: [`phase_plane`]. And pictures of a network before any
//! run: [`diagram`](fn@diagram), [`connectivity`](fn@connectivity).
//! Not here: measures (`analysis`), live views (`examples`).
//!
//! Axes, ticks and letters are drawn by plotters in whole pixels; spikes, rates and traces are paths of our own beneath
//! them (`raster`, `lines`), one per population, in tenths of a pixel: a mark takes about seven bytes.

mod cells;
mod connectivity;
mod diagram;
mod frame;
pub mod gif;
mod layout;
mod lines;
mod phase;
mod png;
mod positions;
mod raster;
mod summaries;
mod traces;
mod weights;

use crate::analysis::Window;
use crate::recording::Recording;
use crate::recording::file::{FileError, write_whole};
pub use connectivity::connectivity;
pub use diagram::diagram;
use frame::Frame;
use layout::{Axis, Panel, bin_for};
pub use phase::{PhasePlane, curve, phase_plane};
pub use positions::{PositionOptions, positions};
use raster::Raster;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
pub use weights::{WeightOptions, weights};

/// What to draw and how.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FigureOptions {
    /// Above the picture; `None`: nothing.
    pub title: Option<String>,
    /// Pixels at scale 1, 400 to 4000.
    pub width: u32,
    /// The span shown, in ms; `None`: from the start, to the end of the recording.
    pub from_ms: Option<f64>,
    /// Where the span shown ends, in ms; `None`: with the recording.
    pub to_ms: Option<f64>,
    /// With more spikes than this only every k-th neuron is drawn, and the axis says so.
    pub max_marks: usize,
    /// Whether to draw the rates of the populations: those that a probe counts, in its bins, and those of at least 10 recorded neurons;
    /// where `rate_bin_ms` is given all, in these.
    pub rates: bool,
    /// Bins of the rates, in ms; `None`: 5 ms, or more where the bins would be narrower than two pixels.
    pub rate_bin_ms: Option<f64>,
    /// Whether to draw the raster.
    pub raster: bool,
    /// Whether to draw traces of states, and what was kept of synapses.
    pub traces: bool,
    /// Whether each row of a trace has a panel of its own, not all of them one together.
    pub apart: bool,
    /// Rows drawn of each trace.
    pub max_rows: usize,
    /// Traces drawn, a panel each; of how many more there are the picture says.
    pub max_traces: usize,
    /// Whether traces of potentials show where the neuron fired.
    pub spike_bars: SpikeBars,
}

impl Default for FigureOptions {
    fn default() -> FigureOptions {
        FigureOptions {
            title: None,
            width: 900,
            from_ms: None,
            to_ms: None,
            max_marks: 40_000,
            rates: true,
            rate_bin_ms: None,
            raster: true,
            traces: true,
            apart: false,
            max_rows: 5,
            max_traces: 40,
            spike_bars: SpikeBars::Auto,
        }
    }
}

setters! {
    FigureOptions {
        width: u32,
        from_ms: impl Into<Option<f64>>,
        to_ms: impl Into<Option<f64>>,
        max_marks: usize,
        rates: bool,
        rate_bin_ms: impl Into<Option<f64>>,
        raster: bool,
        traces: bool,
        apart: bool,
        max_rows: usize,
        max_traces: usize,
        spike_bars: SpikeBars,
    }
}

impl FigureOptions {
    /// With this above the picture.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> FigureOptions {
        self.title = Some(title.into());
        self
    }
}

/// Bars on a membrane potential where the neuron fired: the spike of an integrate-and-fire model is not in its trace.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum SpikeBars {
    /// Of traces in mV that stay below 0 mV, and so hold no spikes of their own, in a strip above them.
    #[default]
    Auto,
    /// No bars.
    Never,
    /// Up to this value, in the unit of the trace, on traces in mV.
    UpTo(f64),
}

/// A finished picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The picture as SVG.
    pub svg: String,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// Nothing was recorded.
    #[error("nothing was recorded: no spikes, no rates, no traces\nhelp: add a probe before the run")]
    Nothing,
    /// No population has positions.
    #[error("no population has positions to draw\nhelp: give one of them `positions`")]
    NoPositions,
    /// No synapse has a state.
    #[error("there are no synapses to draw")]
    NoSynapses,
    /// The span shown is none.
    #[error("the recording spans no time: dt is {dt} ms, from {from} to {to} ms")]
    NoTime {
        /// Of the recording, ms.
        dt: f64,
        /// Its start, ms.
        from: f64,
        /// Its end, ms.
        to: f64,
    },
    /// A picture of no size, or of too large a one.
    #[error("a picture {what}")]
    Size {
        /// What it may be, and what was asked for.
        what: String,
    },
    /// Samples that are no frames.
    #[error("a moving picture is of frames of {what}")]
    Frames {
        /// What they may be, and what was found.
        what: String,
    },
    /// Colours from a higher to a lower value.
    #[error("colours run from a lower to a higher value, found {low} to {high}")]
    Range {
        /// The value of the first colour.
        low: f64,
        /// The value of the last.
        high: f64,
    },
    /// A name that tells no format.
    #[error("a picture is saved as `.svg` or `.png`, found `{found}`")]
    Extension {
        /// The name.
        found: String,
    },
    /// The file could not be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Ours to mend.
    #[error("bug: the picture could not be drawn: {0}")]
    Drawing(String),
}

/// Draws a recording.
///
/// A raster if spikes were recorded (a silent one says so), rates below, then a panel for each trace, and one for each mean, sum or
/// histogram of synapses, which is a density over time, and for values at spikes.
///
/// **Errors**: nothing recorded, no time, a width out of bounds.
pub fn figure(recording: &Recording, options: &FigureOptions) -> Result<Figure, PlotError> {
    let sampled = recording.traces.len() + recording.rates.len() + recording.summaries.len() + recording.at_spikes.len();
    if recording.spikes.is_empty() && sampled == 0 {
        return Err(PlotError::Nothing);
    }
    if !(400..=4000).contains(&options.width) {
        return Err(PlotError::Size { what: format!("is 400 to 4000 pixels wide, found {}", options.width) });
    }
    let span = span(recording, options)?;
    let window = Window::from_ms(span.low, span.high, recording.dt);
    // every panel says how high it is and how wide its letters are; then all share one left and right edge
    let title = options.title.as_deref().map(|title| layout::plain(title, 90));
    let raster = (options.raster && !recording.spikes.is_empty()).then(|| Raster::plan(recording, window, options.max_marks));
    let given = options.rate_bin_ms.filter(|bin| *bin > 0.0);
    let rates = lines::rates(recording, window, given, bin_for(span, options.width, recording.dt));
    let rates = rates.filter(|_| options.rates);
    // what is asked for of traces: which, and which of their rows together
    let asked = recording.traces.iter().filter(|_| options.traces).flat_map(|trace| {
        let rows = trace.rows.len().min(options.max_rows);
        let together = if options.apart { 1 } else { rows.max(1) };
        let parts = (0..rows.max(1)).step_by(together).map(move |row| row..(row + together).min(rows));
        parts.map(move |rows| (trace, rows))
    });
    let asked: Vec<_> = asked.collect();
    let (summed, at_spikes) =
        if options.traces { (&recording.summaries[..], &recording.at_spikes[..]) } else { (&[][..], &[][..]) };
    let traces = asked.iter().take(options.max_traces);
    let traces: Vec<_> = traces.map(|(trace, rows)| traces::Traces::plan(recording, trace, rows.clone(), span, options)).collect();
    let summaries = summed.iter().take(options.max_traces - traces.len());
    let summaries: Vec<_> = summaries.map(|summary| summaries::Summed::plan(summary, recording.dt, span)).collect();
    let spiked = at_spikes.iter().take(options.max_traces - traces.len() - summaries.len());
    let spiked: Vec<_> = spiked.map(|own| summaries::Spiked::plan(own, recording.dt, span, options.max_rows)).collect();
    let left_out = asked.len() + summed.len() + at_spikes.len() - traces.len() - summaries.len() - spiked.len();
    if raster.is_none() && rates.is_none() && traces.len() + summaries.len() + spiked.len() == 0 {
        return Err(PlotError::Nothing);
    }

    let mut frame = Frame::new(options.width);
    let legends = raster.iter().flat_map(Raster::legends).chain(rates.iter().flat_map(|rates| rates.legends()));
    let legends = legends.chain(traces.iter().flat_map(|traces| traces.legends()));
    let legends = legends.chain(summaries.iter().flat_map(|summed| summed.legends()));
    frame.fit_right(legends.chain(spiked.iter().flat_map(|spiked| spiked.legends())));
    let labels = raster.iter().flat_map(Raster::labels).chain(rates.iter().flat_map(|rates| rates.labels()));
    let labels = labels.chain(traces.iter().flat_map(|traces| traces.labels()));
    let labels = labels.chain(summaries.iter().flat_map(|summed| summed.labels()));
    frame.fit_left(labels.chain(spiked.iter().flat_map(|spiked| spiked.labels())));

    let mut layers = String::new();
    let mut top = if title.is_some() { 38 } else { 14 };
    let heights = raster.as_ref().map(|raster| raster.height()).into_iter();
    let heights = heights.chain(rates.as_ref().map(|_| lines::RATES_HEIGHT));
    let heights = heights.chain(traces.iter().map(|traces| traces.height()));
    let heights = heights.chain(summaries.iter().map(|summed| summed.height()));
    let heights: Vec<i32> = heights.chain(spiked.iter().map(|spiked| spiked.height())).collect();
    let mut panels = Vec::new();
    for height in heights {
        panels.push(Panel { left: frame.left, right: frame.right, top, bottom: top + height });
        top += height + layout::GAP;
    }
    let height = top - layout::GAP + layout::BELOW + if left_out > 0 { layout::NOTE } else { 0 };
    for (number, panel) in panels.iter().enumerate() {
        let Panel { left, top, .. } = panel;
        let (w, h) = (panel.right - left, panel.bottom - top);
        let _ =
            write!(layers, "<clipPath id=\"p{number}\"><rect x=\"{left}\" y=\"{top}\" width=\"{w}\" height=\"{h}\"/></clipPath>");
    }
    let body = frame.draw(height as u32, |pen| {
        let mut next = panels.iter().enumerate();
        if let Some((raster, (number, panel))) = raster.as_ref().and_then(|raster| Some((raster, next.next()?))) {
            clipped(&mut layers, number, |layer| raster.marks(layer, panel, span, recording.dt));
            raster.axes(pen, panel)?;
        }
        if let Some((rates, (number, panel))) = rates.as_ref().and_then(|rates| Some((rates, next.next()?))) {
            clipped(&mut layers, number, |layer| rates.paths(layer, panel, span));
            rates.axes(pen, panel, raster.is_none())?;
        }
        for (traces, (number, panel)) in traces.iter().zip(next.by_ref()) {
            clipped(&mut layers, number, |layer| traces.paths(layer, panel, span));
            traces.axes(pen, panel)?;
        }
        for (summed, (number, panel)) in summaries.iter().zip(next.by_ref()) {
            clipped(&mut layers, number, |layer| summed.paths(layer, panel, span));
            summed.key(&mut layers, panel);
            summed.axes(pen, panel)?;
        }
        for (spiked, (number, panel)) in spiked.iter().zip(next) {
            clipped(&mut layers, number, |layer| spiked.paths(layer, panel, span));
            spiked.axes(pen, panel)?;
        }
        if let Some(title) = &title {
            pen.title(title)?;
        }
        if left_out > 0 {
            let more = if left_out == 1 { "1 more trace is".into() } else { format!("{left_out} more traces are") };
            pen.text(
                &format!("{more} not drawn"),
                ((frame.left + frame.right) / 2, height - layout::NOTE - 2),
                frame::Hang::Below,
            )?;
        }
        pen.time_axis(&panels, span)
    })?;
    Ok(Figure { svg: page(options.width, height, &layers, &body) })
}

/// The document: what is drawn by us beneath axes and letters.
fn page(width: u32, height: i32, layers: &str, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n{layers}\n<g transform=\"translate(.5 .5)\">\n{body}</g>\n</svg>\n"
    )
}

impl Figure {
    /// The same with letters as outlines, so that it looks alike wherever it is shown, without any font. Of a picture with letters the
    /// SVG names Ubuntu, DejaVu Sans and whatever sans-serif there is, in this order.
    ///
    /// **Errors**: a picture that is no SVG.
    pub fn outlined(&self) -> Result<Figure, PlotError> {
        Ok(Figure { svg: png::outlined(&self.svg)? })
    }

    /// The picture in pixels, `scale` times the size of the SVG.
    ///
    /// **Errors**: a scale that leaves no picture, or one of more than 100 million pixels.
    pub fn png(&self, scale: f32) -> Result<Vec<u8>, PlotError> {
        png::render(&self.svg, scale)
    }

    /// Saves as SVG or PNG (at twice the size, which is sharp in print), by the extension of the name.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        let path = path.as_ref();
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("").to_ascii_lowercase();
        let bytes = match extension.as_str() {
            "svg" => self.svg.clone().into_bytes(),
            "png" => self.png(2.0)?,
            _ => return Err(PlotError::Extension { found: path.display().to_string() }),
        };
        Ok(write_whole(path, |out| out.write_all(&bytes))?)
    }
}

fn clipped(layers: &mut String, number: usize, draw: impl FnOnce(&mut String)) {
    let _ = write!(layers, "<g clip-path=\"url(#p{number})\">");
    draw(layers);
    layers.push_str("</g>\n");
}

/// The time shown, in ms.
fn span(recording: &Recording, options: &FigureOptions) -> Result<Axis, PlotError> {
    let dt = recording.dt;
    let whole = Window::whole(recording);
    let mut last = whole.last;
    if recording.steps == 0 {
        // a recording read from another's file may not say how long it is
        let spikes = recording.spikes.iter().flat_map(|train| train.step.iter().copied());
        let traces = recording.traces.iter().filter(|trace| trace.samples() > 0);
        let ends = traces.map(|trace| trace.first_step.saturating_add(trace.every.saturating_mul(trace.samples() as u64)));
        last = spikes.chain(ends).max().unwrap_or(last).max(last);
    }
    let low = options.from_ms.unwrap_or(whole.after as f64 * dt);
    let high = options.to_ms.unwrap_or(last as f64 * dt);
    if dt > 0.0 && low >= 0.0 && high - low > 0.0 && (high - low).is_finite() {
        Ok(Axis { low, high })
    } else {
        Err(PlotError::NoTime { dt, from: low, to: high })
    }
}

#[cfg(test)]
mod tests;
