//! One picture of a run: raster, population rates and traces over one time axis, as a paper would print it.
//!
//! In: a [`Recording`](crate::recording::Recording). Out: SVG, and PNG made from it, the same on every machine: the letters (Ubuntu Light) are built
//! in. For print: [`pixels_of_cm`], [`Figure::printed`]. A sheet of neurons that moves: [`gif`], and one that stands: [`snapshot`](fn@snapshot). Two variables against each other: [`phase_plane`]. And pictures of a network before any
//! run: [`diagram`](fn@diagram), [`connectivity`](fn@connectivity).
//! Not here: measures (`analysis`), live views (`examples`).
//!
//! Axes, ticks and letters are drawn by plotters in whole pixels; spikes, rates and traces are paths of our own beneath
//! them (`raster`, `lines`), one per population, in tenths of a pixel: a mark takes about seven bytes.

mod cells;
mod connectivity;
mod curves;
mod diagram;
mod frame;
pub mod gif;
mod landscape;
mod layout;
mod lines;
mod marks;
mod over_time;
pub mod page;
mod paper;
mod part;
mod phase;
mod png;
mod positions;
mod raster;
mod snapshot;
mod summaries;
mod traces;
mod weights;

use crate::recording::file::{FileError, write_whole};
pub use connectivity::connectivity;
pub use curves::{Curve, Drawn, curve, curves};
pub use diagram::diagram;
pub use landscape::{Place, Scale, landscape};
pub use layout::with_unit as axis_name;
pub use over_time::figure;
pub use paper::{Size, pixels_of_cm};
pub use phase::{PhasePlane, phase_plane};
pub use positions::{PositionOptions, Reached, positions};
pub use snapshot::snapshot;
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
    /// Pixels at scale 1, 240 to 4000; for print see [`pixels_of_cm`].
    pub width: u32,
    /// Pixels from top to bottom, which the panels share; `None`: as many as are usual for them.
    pub height: Option<u32>,
    /// The neurons shown in rasters and traces; `None`: all, and the first `max_rows`. Rates are of all that were recorded.
    pub rows: Option<Vec<u32>>,
    /// Drawn as bars above the panels: names, and from when to when each was on, in ms.
    pub marks: Vec<(String, Vec<(f64, f64)>)>,
    /// From when to when spikes of populations were recorded, in ms, where that was not from the start to the end: there is no rate outside.
    pub heard: Vec<(String, (f64, f64))>,
    /// The span shown, in ms; `None`: from the start, or from where anything was recorded (`heard`), to the end of the recording.
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
            height: None,
            rows: None,
            marks: Vec::new(),
            heard: Vec::new(),
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
        height: impl Into<Option<u32>>,
        rows: impl Into<Option<Vec<u32>>>,
        marks: Vec<(String, Vec<(f64, f64)>)>,
        heard: Vec<(String, (f64, f64))>,
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

/// The document: what is drawn by us beneath axes and letters.
fn page(width: u32, height: i32, layers: &str, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n{layers}\n<g transform=\"translate(.5 .5)\">\n{body}</g>\n</svg>\n"
    )
}

impl Figure {
    /// The picture in pixels, `scale` times the size of the SVG.
    ///
    /// **Errors**: a scale that leaves no picture, or one of more than 100 million pixels.
    pub fn png(&self, scale: f32) -> Result<Vec<u8>, PlotError> {
        png::render(&self.svg, scale)
    }

    /// Saves as SVG or PNG (at twice the size, or, if it is [`printed`](Figure::printed), with 300 pixels to the inch), by the extension of
    /// the name.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        let path = path.as_ref();
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("").to_ascii_lowercase();
        let bytes = match extension.as_str() {
            "svg" => self.svg.clone().into_bytes(),
            "png" => self.saved_png()?,
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

#[cfg(test)]
mod tests;
