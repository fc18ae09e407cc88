//! A number over one or two values that were swept: a line, a map of cells, or points of colour.
//!
//! In: points, and what their coordinates are. Out: a [`Figure`]. What was measured several times at one place (repetitions, other
//! axes) is drawn as its mean. Not here: what was swept (`sweep`).

use super::cells::{Bar, Cells};
use super::curves::{Layer, Over, over};
use super::frame::{Frame, Hang, Heading, Pen, text_width};
use super::gif::ColourMap;
use super::layout::{Axis, Colour, Panel, plain};
use super::{Figure, PlotError, Size, layout};
use std::fmt::Write as _;

/// What stands along an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// Its name and unit.
    pub name: String,
    /// What each step is called, of values that are steps of equal width; empty: they are numbers.
    pub steps: Vec<String>,
}

/// Where a number was measured, and what it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// The step from 0 on, or the number.
    pub x: f64,
    /// The same of the second axis; of one alone nothing is read.
    pub y: f64,
    /// NaN: it cannot be said.
    pub value: f64,
}

const BAR: i32 = 12;
const LEADING: i32 = 15;
/// Pixels of a map from top to bottom, usually.
const TALL: i32 = 340;

/// Draws a number over what was swept.
///
/// ```
/// use synfire::plot::{Place, Scale, landscape};
/// let steps = |name: &str, n: usize| Scale { name: name.into(), steps: (0..n).map(|k| k.to_string()).collect() };
/// let places: Vec<Place> = (0..12).map(|k| Place { x: f64::from(k % 4), y: f64::from(k / 4), value: f64::from(k) }).collect();
/// let map = landscape(&places, &steps("g (nS)", 4), Some(&steps("w (nS)", 3)), "rate (Hz)", None, 900)?;
/// assert!(map.svg.contains("rate (Hz)"));
/// # Ok::<(), synfire::plot::PlotError>(())
/// ```
///
/// **Errors** no finite number, a size out of bounds.
pub fn landscape(
    places: &[Place],
    x: &Scale,
    y: Option<&Scale>,
    name: &str,
    title: Option<&str>,
    size: impl Into<Size>,
) -> Result<Figure, PlotError> {
    let size = size.into().checked()?;
    let places: Vec<Place> =
        places.iter().copied().filter(|p| p.value.is_finite() && p.x.is_finite() && (y.is_none() || p.y.is_finite())).collect();
    if places.is_empty() {
        return Err(PlotError::Nothing);
    }
    match y {
        None => line(&places, x, name, title, size),
        Some(y) => map(&places, x, y, name, &Heading::of(title, size.width), size),
    }
}

impl Scale {
    fn axis(&self, values: impl Iterator<Item = f64>, margin: f64) -> Axis {
        match self.steps.len() {
            0 => Axis::around(values, margin),
            n => Axis { low: -0.5, high: n as f64 - 0.5 },
        }
    }

    /// As many of its steps as have room, always the first.
    fn ticks(&self, axis: Axis, most: usize) -> Vec<(f64, String)> {
        if self.steps.is_empty() {
            return axis.ticks(most);
        }
        let every = self.steps.len().div_ceil(most.max(1)).max(1);
        let shown = self.steps.iter().enumerate().step_by(every);
        shown.map(|(k, text)| (k as f64, plain(&short(text), 12))).collect()
    }

    fn below(&self, pen: &Pen, panel: &Panel, axis: Axis) -> Result<(), PlotError> {
        if self.steps.is_empty() {
            return pen.axis_below(panel, axis, &self.name);
        }
        let widest = self.steps.iter().map(|text| text_width(&plain(&short(text), 12), 12.0)).max().unwrap_or(0) + 12;
        for (at, label) in self.ticks(axis, ((panel.right - panel.left) / widest.max(1)).max(2) as usize) {
            let x = panel.x(axis, at).round() as i32;
            pen.line((x, panel.bottom), (x, panel.bottom + 4))?;
            pen.text(&label, (x, panel.bottom + 8), Hang::Below)?;
        }
        pen.name_below(panel, &self.name)
    }
}

/// A number with four digits: neighbours on an axis are told apart by fewer.
fn short(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(x) if text.len() > 6 && x.is_finite() && x != 0.0 => {
            let digits = (3.0 - x.abs().log10().floor()).clamp(0.0, 12.0) as usize;
            let shown = format!("{x:.digits$}");
            if shown.contains('.') { shown.trim_end_matches('0').trim_end_matches('.').to_string() } else { shown }
        }
        _ => text.to_string(),
    }
}

/// Means of what was measured at one place.
fn means(sorted: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let alike = sorted.chunk_by(|a, b| a.0 == b.0);
    alike.map(|own| (own[0].0, own.iter().map(|p| p.1).sum::<f64>() / own.len() as f64)).collect()
}

fn line(places: &[Place], x: &Scale, name: &str, title: Option<&str>, size: Size) -> Result<Figure, PlotError> {
    let mut all: Vec<(f64, f64)> = places.iter().map(|p| (p.x, p.value)).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let means = means(&all);
    let across = x.axis(all.iter().map(|p| p.0), 0.04);
    let repeated = means.len() < all.len();
    let colour = Colour(0);
    let each = repeated.then_some(Layer { points: all, colour, line: None, marks: Some((Some(1.6), 0.4)) });
    let layers: Vec<Layer> =
        each.into_iter().chain([Layer { points: means, colour, line: Some((1.4, 1.0)), marks: Some((Some(2.6), 1.0)) }]).collect();
    let below = |pen: &Pen, panel: &Panel| x.below(pen, panel, across);
    let note = repeated.then_some("pale: each point; line: means of what has one place");
    over(&Over { layers: &layers, keys: &[], x: across, below: &below, y: name, note }, title, size)
}

fn map(places: &[Place], x: &Scale, y: &Scale, name: &str, heading: &Heading, size: Size) -> Result<Figure, PlotError> {
    let cells = (!x.steps.is_empty() && !y.steps.is_empty()).then(|| grid(places, x.steps.len(), y.steps.len()));
    let shown: Vec<f64> = match &cells {
        Some(cells) => cells.iter().flatten().copied().collect(),
        None => places.iter().map(|p| p.value).collect(),
    };
    let range = Axis::around(shown.into_iter(), 0.0);
    let (across, up) = (x.axis(places.iter().map(|p| p.x), 0.04), y.axis(places.iter().map(|p| p.y), 0.04));
    let mut frame = Frame::new(size.width);
    let ends = range.ticks(5);
    let bar = ends.iter().map(|(_, label)| text_width(label, 12.0)).max().unwrap_or(0) + BAR + 20;
    frame.right = size.width as i32 - 20 - bar.max(text_width(name, 12.0) / 2 + BAR);
    let top = heading.height() + LEADING;
    let high = size.panel(TALL.min(size.width as i32 * 6 / 10), top + layout::BELOW)?;
    let marks = y.ticks(up, (high / 18).max(2) as usize);
    frame.fit_left(marks.iter().map(|(_, label)| label.clone()));
    let panel = Panel { left: frame.left, right: frame.right, top, bottom: top + high };
    let height = panel.bottom + layout::BELOW;
    let colours = |share: f64| ColourMap::Viridis.rgb(share);
    let scale = Bar {
        panel: Panel { left: panel.right + 14, right: panel.right + 14 + BAR, ..panel },
        ticks: ends.iter().map(|(value, label)| ((value - range.low) / range.range(), label.clone())).collect(),
        colours,
    };
    let mut layers = String::new();
    let body = frame.draw(height as u32, |pen| {
        let share = |value: f64| (value - range.low) / range.range();
        match &cells {
            Some(cells) => {
                let mut drawn = Cells::new(colours);
                for (row, values) in cells.chunks(x.steps.len()).enumerate() {
                    let edges = [panel.y(up, row as f64 + 0.5), panel.y(up, row as f64 - 0.5)];
                    drawn.row(edges, |k| panel.x(across, k as f64 - 0.5), values.iter().map(|value| value.map(share)));
                }
                drawn.write(&mut layers);
            }
            None => {
                for place in places {
                    let [r, g, b] = colours(share(place.value));
                    let (px, py) = (panel.x(across, place.x), panel.y(up, place.y));
                    let _ = write!(layers, "<circle cx=\"{px:.1}\" cy=\"{py:.1}\" r=\"3.4\" fill=\"#{r:02x}{g:02x}{b:02x}\"/>");
                }
            }
        }
        scale.paths(&mut layers);
        scale.labels(pen)?;
        pen.text(name, (size.width as i32 - 12, panel.top - LEADING + 4), Hang::Right)?;
        pen.edges(&panel)?;
        for (at, label) in &marks {
            pen.tick(&panel, panel.y(up, *at).round() as i32, label)?;
        }
        pen.name(&y.name, &panel)?;
        x.below(pen, &panel, across)?;
        pen.heading(heading)
    })?;
    Ok(Figure { svg: super::page(size.width, height, &layers, &body) })
}

/// Row by row from below: the mean of what was measured in a cell.
fn grid(places: &[Place], columns: usize, rows: usize) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0u32); columns * rows];
    for place in places {
        let (column, row) = (place.x as usize, place.y as usize);
        if column < columns && row < rows {
            let cell = &mut sums[row * columns + column];
            *cell = (cell.0 + place.value, cell.1 + 1);
        }
    }
    sums.into_iter().map(|(sum, n)| (n > 0).then(|| sum / f64::from(n))).collect()
}
