//! Numbers over a number: points, lines, or both, of several that share two axes.
//!
//! In: points by name. Out: a [`Figure`]. Not here: what is over time (`over_time`).

use super::frame::{Frame, Hang, Heading, Key, Pen, in_lines, lines_height, value_ticks};
use super::layout::{self, Axis, Colour, Panel, plain};
use super::lines::{self, Path};
use super::{Figure, PlotError, Size};
use std::fmt::Write as _;

/// One of several curves.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Curve {
    /// In the legend; empty: it stands in none.
    pub name: String,
    /// x and y of each; what is not finite is left out.
    pub points: Vec<(f64, f64)>,
    /// How they are drawn.
    pub drawn: Drawn,
    /// Which of the colours; one that several have tells that they belong together.
    pub colour: usize,
}

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Drawn {
    /// A mark for each point.
    Points,
    /// A line through them, from left to right.
    Line,
    /// Marks, and a thin line to lead the eye.
    Both,
}

impl Curve {
    /// Points of a name.
    pub fn new(name: impl Into<String>, points: impl Into<Vec<(f64, f64)>>, drawn: Drawn, colour: usize) -> Curve {
        Curve { name: name.into(), points: points.into(), drawn, colour }
    }
}

/// Points, with a thin line through them from left to right: such as the rate over the current.
///
/// **Errors** no finite point, a size out of bounds.
pub fn curve(points: &[(f64, f64)], names: (&str, &str), title: Option<&str>, size: impl Into<Size>) -> Result<Figure, PlotError> {
    curves(&[Curve::new("", points, Drawn::Both, 0)], names, title, size)
}

/// Several curves over one pair of axes, with a legend of those that have a name.
///
/// **Errors** no finite point, a size out of bounds.
pub fn curves(curves: &[Curve], names: (&str, &str), title: Option<&str>, size: impl Into<Size>) -> Result<Figure, PlotError> {
    let size = size.into().checked()?;
    let mut curves = curves.to_vec();
    for curve in &mut curves {
        curve.points.retain(|(x, y)| x.is_finite() && y.is_finite());
        curve.points.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    let named = curves.iter().filter(|curve| !curve.name.is_empty());
    let keys: Vec<Key> = named.map(|curve| (plain(&curve.name, 40), Some(Colour(curve.colour)))).collect();
    let layers: Vec<Layer> = curves.iter().map(Curve::layer).collect();
    let x = Axis::around(layers.iter().flat_map(|layer| &layer.points).map(|p| p.0), 0.04);
    let below = |pen: &Pen, panel: &Panel| pen.axis_below(panel, x, names.0);
    over(&Over { layers: &layers, keys: &keys, x, below: &below, y: names.1, note: None }, title, size)
}

/// Layers over one pair of axes.
pub(super) struct Over<'o> {
    /// From below.
    pub layers: &'o [Layer],
    /// The legend.
    pub keys: &'o [Key],
    pub x: Axis,
    /// Draws the axis below.
    pub below: &'o dyn Fn(&Pen, &Panel) -> Result<(), PlotError>,
    /// What the other axis is called.
    pub y: &'o str,
    /// A sentence under everything.
    pub note: Option<&'o str>,
}

/// Points that are drawn alike.
pub(super) struct Layer {
    /// Finite, from left to right.
    pub points: Vec<(f64, f64)>,
    pub colour: Colour,
    /// Of the line through them: pixels, opacity.
    pub line: Option<(f64, f64)>,
    /// Of their marks: radius in pixels (`None`: as large as leaves them apart), opacity.
    pub marks: Option<(Option<f64>, f64)>,
}

/// Draws them.
///
/// **Errors** no point, a picture that is too low.
pub(super) fn over(what: &Over, title: Option<&str>, size: Size) -> Result<Figure, PlotError> {
    let Over { layers, keys, x, below, y: name, note } = *what;
    let heights = || layers.iter().flat_map(|layer| &layer.points).map(|p| p.1);
    if heights().next().is_none() {
        return Err(PlotError::Nothing);
    }
    let (width, y) = (size.width, Axis::around(heights(), 0.06));
    let heading = Heading::of(title, width);
    let mut frame = Frame::new(width);
    frame.fit_left(value_ticks(y).into_iter().map(|(_, label)| label));
    let beside = keys.is_empty() || frame.fit_names(keys.iter().map(|(name, _)| name.clone()), 0, false);
    let above = in_lines(if beside { &[] } else { keys }, frame.right - frame.left - 4);
    let top = heading.height() + lines_height(above.len());
    let under = layout::BELOW + if note.is_some() { layout::NOTE } else { 0 };
    let high = size.panel(300.min(width as i32 * 62 / 100), top + under)?;
    let panel = Panel { left: frame.left, right: frame.right, top, bottom: top + high };
    let height = panel.bottom + under;
    let mut drawn = String::new();
    let body = frame.draw(height as u32, |pen| {
        layers.iter().for_each(|layer| layer.draw(&mut drawn, &panel, [x, y]));
        pen.value_axis(&panel, y, name)?;
        below(pen, &panel)?;
        if beside {
            lines::legend(pen, &panel, keys)?;
        }
        if let Some(note) = note {
            pen.text(note, ((panel.left + panel.right) / 2, height - layout::NOTE - 2), Hang::Below)?;
        }
        pen.names_above(&panel, &above)?;
        pen.heading(&heading)
    })?;
    Ok(Figure { svg: super::page(width, height, &drawn, &body) })
}

impl Curve {
    fn layer(&self) -> Layer {
        let line = match self.drawn {
            Drawn::Points => None,
            Drawn::Line => Some((1.4, 1.0)),
            // the points are what was measured; the line leads the eye, and of noisy data is a zigzag
            Drawn::Both => Some((0.6, 0.5)),
        };
        let marks = (self.drawn != Drawn::Line).then_some((None, 1.0));
        Layer { points: self.points.clone(), colour: Colour(self.colour), line, marks }
    }
}

impl Layer {
    fn draw(&self, out: &mut String, panel: &Panel, [x, y]: [Axis; 2]) {
        let at = |&(a, b): &(f64, f64)| (panel.x(x, a), panel.y(y, b));
        let faint = |what: &str, opacity: f64| if opacity < 1.0 { format!(" {what}-opacity=\"{opacity}\"") } else { String::new() };
        if let Some((width, opacity)) = self.line {
            let mut path = Path::default();
            self.points.iter().map(at).for_each(|(px, py)| path.to(px, py));
            let _ = write!(out, "<g{}>", faint("stroke", opacity));
            path.write(out, self.colour, width);
            out.push_str("</g>");
        }
        if let Some((radius, opacity)) = self.marks {
            let apart = || (0.25 * f64::from(panel.right - panel.left) / (self.points.len() as f64).sqrt()).clamp(0.8, 2.4);
            let radius = radius.unwrap_or_else(apart);
            let _ = write!(out, "<g fill=\"{}\"{}>", self.colour.hex(), faint("fill", opacity));
            for (px, py) in self.points.iter().map(at) {
                let _ = write!(out, "<circle cx=\"{px:.1}\" cy=\"{py:.1}\" r=\"{radius:.1}\"/>");
            }
            out.push_str("</g>");
        }
    }
}
