//! Numbers over a number: points, lines, or both, of several that share two axes.
//!
//! In: points by name. Out: a [`Figure`]. Not here: what is over time (`over_time`).

use super::frame::{Frame, Heading, Key, in_lines, lines_height, value_ticks};
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
    let width = size.width;
    let mut curves = curves.to_vec();
    for curve in &mut curves {
        curve.points.retain(|(x, y)| x.is_finite() && y.is_finite());
        curve.points.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    let all = || curves.iter().flat_map(|curve| &curve.points);
    if all().next().is_none() {
        return Err(PlotError::Nothing);
    }
    let (x, y) = (Axis::around(all().map(|p| p.0), 0.04), Axis::around(all().map(|p| p.1), 0.06));
    let named = curves.iter().filter(|curve| !curve.name.is_empty());
    let keys: Vec<Key> = named.map(|curve| (plain(&curve.name, 40), Some(Colour(curve.colour)))).collect();
    let heading = Heading::of(title, width);
    let mut frame = Frame::new(width);
    frame.fit_left(value_ticks(y).into_iter().map(|(_, label)| label));
    let beside = keys.is_empty() || frame.fit_names(keys.iter().map(|(name, _)| name.clone()), 0, false);
    let above = in_lines(if beside { &[] } else { &keys }, frame.right - frame.left - 4);
    let top = heading.height() + lines_height(above.len());
    let high = size.panel(300.min(width as i32 * 62 / 100), top + layout::BELOW)?;
    let panel = Panel { left: frame.left, right: frame.right, top, bottom: top + high };
    let height = panel.bottom + layout::BELOW;
    let mut layers = String::new();
    let body = frame.draw(height as u32, |pen| {
        for curve in &curves {
            draw(&mut layers, curve, &panel, [x, y]);
        }
        pen.value_axis(&panel, y, names.1)?;
        pen.axis_below(&panel, x, names.0)?;
        if beside {
            lines::legend(pen, &panel, &keys)?;
        }
        pen.names_above(&panel, &above)?;
        pen.heading(&heading)
    })?;
    Ok(Figure { svg: super::page(width, height, &layers, &body) })
}

fn draw(layers: &mut String, curve: &Curve, panel: &Panel, [x, y]: [Axis; 2]) {
    let colour = Colour(curve.colour);
    let mut path = Path::default();
    curve.points.iter().for_each(|&(a, b)| path.to(panel.x(x, a), panel.y(y, b)));
    match curve.drawn {
        Drawn::Points => {}
        Drawn::Line => path.write(layers, colour, 1.4),
        Drawn::Both => {
            // the points are what was measured; the line leads the eye, and of noisy data is a zigzag
            layers.push_str("<g stroke-opacity=\".5\">");
            path.write(layers, colour, 0.6);
            layers.push_str("</g>");
        }
    }
    if curve.drawn == Drawn::Line {
        return;
    }
    // as large as leaves them apart
    let radius = (0.25 * f64::from(panel.right - panel.left) / (curve.points.len() as f64).sqrt()).clamp(0.8, 2.4);
    for &(a, b) in &curve.points {
        let (px, py, fill) = (panel.x(x, a), panel.y(y, b), colour.hex());
        let _ = write!(layers, "<circle cx=\"{px:.1}\" cy=\"{py:.1}\" r=\"{radius:.1}\" fill=\"{fill}\"/>");
    }
}
