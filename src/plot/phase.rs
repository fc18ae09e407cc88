//! The phase plane of a model with two variables: where each stands still, where the other takes it, and where it went.
//!
//! In: the derivatives as a function, and ways through the plane. Out: a [`Figure`]. Not here: the equations, which a model has.

use super::frame::{Frame, Heading, Key, in_lines, lines_height, value_ticks};
use super::layout::{self, Axis, Colour, Panel, with_unit};
use super::lines;
use super::{Figure, PlotError, Size, clipped};
use std::fmt::Write as _;

/// What is drawn of a phase plane.
pub struct PhasePlane<'f> {
    /// Name and unit of the variable to the right.
    pub x: (String, String),
    /// Name and unit of the variable upwards.
    pub y: (String, String),
    /// The derivatives of both at a place, in units of each per ms; `None`: there are none.
    pub field: &'f dyn Fn(f64, f64) -> Option<[f64; 2]>,
    /// Ways of neurons through the plane, sample by sample: a name, and x and y of each.
    pub ways: Vec<(String, Vec<(f64, f64)>)>,
    /// What is shown of x; `None`: where the ways lead, and some room.
    pub x_range: Option<(f64, f64)>,
    /// What is shown of y; `None`: where the ways lead, and some room.
    pub y_range: Option<(f64, f64)>,
}

/// Cells of the grid on which nullclines are looked for.
const GRID: [usize; 2] = [240, 180];
/// Arrows of the field.
const ARROWS: [usize; 2] = [24, 18];
const HEIGHT: i32 = 420;

/// Draws nullclines, the field as arrows of one length, and the ways.
///
/// ```
/// use synfire::plot::{PhasePlane, phase_plane};
/// // FitzHugh and Nagumo
/// let field = |v: f64, w: f64| Some([v - v.powi(3) / 3.0 - w + 0.5, 0.08 * (v + 0.7 - 0.8 * w)]);
/// let (x, y) = (("v".to_string(), String::new()), ("w".to_string(), String::new()));
/// let plane = PhasePlane { x, y, field: &field, ways: vec![], x_range: Some((-2.5, 2.5)), y_range: Some((-1.0, 2.0)) };
/// assert!(phase_plane(&plane, None, 600)?.svg.contains("dw/dt = 0"));
/// # Ok::<(), synfire::plot::PlotError>(())
/// ```
///
/// **Errors** a width out of bounds; no range and no way to find one.
pub fn phase_plane(plane: &PhasePlane, title: Option<&str>, size: impl Into<Size>) -> Result<Figure, PlotError> {
    let size = size.into().checked()?;
    let width = size.width;
    let all = |of: fn(&(f64, f64)) -> f64| plane.ways.iter().flat_map(move |(_, way)| way.iter().map(of)).filter(|v| v.is_finite());
    if all(|p| p.0).next().is_none() && (plane.x_range.is_none() || plane.y_range.is_none()) {
        return Err(PlotError::Nothing);
    }
    let given = |range: Option<(f64, f64)>, of: fn(&(f64, f64)) -> f64| match range {
        Some((low, high)) if low < high => Axis { low, high },
        _ => Axis::around(all(of), 0.25),
    };
    let (x, y) = (given(plane.x_range, |p| p.0), given(plane.y_range, |p| p.1));
    let mut legend: Vec<Key> = [(&plane.x.0, 1), (&plane.y.0, 2)]
        .into_iter()
        .map(|(name, colour)| (format!("d{}/dt = 0", layout::plain(name, 10)), Some(Colour(colour))))
        .chain(plane.ways.iter().take(6).enumerate().map(|(n, (name, _))| (layout::plain(name, 22), Some(way_colour(n)))))
        .collect();
    legend.extend(plane.ways.len().checked_sub(7).map(|more| (format!("and {} more", more + 1), None)));
    let heading = Heading::of(title, width);
    let mut frame = Frame::new(width);
    frame.fit_left(value_ticks(y).into_iter().map(|(_, label)| label));
    let beside = frame.fit_names(legend.iter().map(|(name, _)| name.clone()), 0, false);
    let above = in_lines(if beside { &[] } else { &legend }, frame.right - frame.left - 4);
    let top = heading.height() + lines_height(above.len());
    let high = size.panel(HEIGHT.min(width as i32 * 4 / 5), top + layout::BELOW)?;
    let panel = Panel { left: frame.left, right: frame.right, top, bottom: top + high };
    let height = panel.bottom + layout::BELOW;
    let mut layers = format!(
        "<clipPath id=\"p0\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>",
        panel.left,
        panel.top,
        panel.right - panel.left,
        panel.bottom - panel.top
    );
    let body = frame.draw(height as u32, |pen| {
        clipped(&mut layers, 0, |layer| {
            arrows(layer, plane, &panel, x, y);
            for (n, (_, way)) in plane.ways.iter().enumerate().rev() {
                path(layer, way, &panel, [x, y], way_colour(n));
            }
            for part in [0, 1] {
                nullcline(layer, plane, &panel, [x, y], part);
            }
        });
        pen.edges(&panel)?;
        for (value, label) in value_ticks(y) {
            pen.tick(&panel, panel.y(y, value).round() as i32, &label)?;
        }
        pen.name(&with_unit(&plane.y.0, &plane.y.1), &panel)?;
        pen.axis_below(&panel, x, &with_unit(&plane.x.0, &plane.x.1))?;
        if beside {
            lines::legend(pen, &panel, &legend)?;
        }
        pen.names_above(&panel, &above)?;
        pen.heading(&heading)
    })?;
    Ok(Figure { svg: super::page(width, height, &layers, &body) })
}

/// Orange and green are those of the nullclines.
fn way_colour(n: usize) -> Colour {
    Colour([0, 3, 4, 5, 6, 7][n % 6])
}

fn path(layer: &mut String, way: &[(f64, f64)], panel: &Panel, [x, y]: [Axis; 2], colour: Colour) {
    let mut line = String::new();
    let mut before: Option<(f64, f64)> = None;
    for &(a, b) in way {
        if !(a.is_finite() && b.is_finite()) {
            before = None;
            continue;
        }
        // a reset is a jump, no way
        let near = before.is_some_and(|(c, d)| (a - c).abs() < 0.2 * x.range() && (b - d).abs() < 0.2 * y.range());
        let _ = write!(line, "{}{:.1} {:.1}", if near { "L" } else { "M" }, panel.x(x, a), panel.y(y, b));
        before = Some((a, b));
    }
    if !line.is_empty() {
        let _ = write!(layer, "<path fill=\"none\" stroke=\"{}\" stroke-width=\"1.2\" d=\"{line}\"/>", colour.hex());
    }
}

fn arrows(layer: &mut String, plane: &PhasePlane, panel: &Panel, x: Axis, y: Axis) {
    let mut line = String::new();
    let (across, up) = (f64::from(panel.right - panel.left), f64::from(panel.bottom - panel.top));
    for i in 0..ARROWS[0] {
        for j in 0..ARROWS[1] {
            let (a, b) = ((i as f64 + 0.5) / ARROWS[0] as f64, (j as f64 + 0.5) / ARROWS[1] as f64);
            let Some([da, db]) = (plane.field)(x.low + a * x.range(), y.low + b * y.range()) else { continue };
            // in pixels, so that an arrow points along the way that is drawn
            let (dx, dy) = (da / x.range() * across, -db / y.range() * up);
            let length = dx.hypot(dy);
            if !(length > 0.0 && length.is_finite()) {
                continue;
            }
            let (dx, dy) = (dx / length * 5.0, dy / length * 5.0);
            let (px, py) = (f64::from(panel.left) + a * across, f64::from(panel.bottom) - b * up);
            let (hx, hy) = (px + dx, py + dy);
            let _ = write!(line, "M{:.1} {:.1}L{hx:.1} {hy:.1}", px - dx, py - dy);
            let _ = write!(line, "L{:.1} {:.1}", hx - 0.6 * dx - 0.35 * dy, hy - 0.6 * dy + 0.35 * dx);
            let _ = write!(line, "M{hx:.1} {hy:.1}L{:.1} {:.1}", hx - 0.6 * dx + 0.35 * dy, hy - 0.6 * dy - 0.35 * dx);
        }
    }
    let _ = write!(layer, "<path fill=\"none\" stroke=\"#b8b8b8\" stroke-width=\".8\" d=\"{line}\"/>");
}

/// Where one derivative changes its sign: a segment through each cell of a grid whose corners do not agree.
fn nullcline(layer: &mut String, plane: &PhasePlane, panel: &Panel, [x, y]: [Axis; 2], part: usize) {
    let [columns, rows] = GRID;
    let at = |i: usize, j: usize| (x.low + i as f64 / columns as f64 * x.range(), y.low + j as f64 / rows as f64 * y.range());
    let value = |i: usize, j: usize| {
        let (a, b) = at(i, j);
        (plane.field)(a, b).map_or(f64::NAN, |both| both[part])
    };
    let mut low: Vec<f64> = (0..=columns).map(|i| value(i, 0)).collect();
    let mut line = String::new();
    for j in 0..rows {
        let high: Vec<f64> = (0..=columns).map(|i| value(i, j + 1)).collect();
        for i in 0..columns {
            let corners = [(i, j, low[i]), (i + 1, j, low[i + 1]), (i + 1, j + 1, high[i + 1]), (i, j + 1, high[i])];
            let mut crossings = Vec::new();
            for k in 0..4 {
                let ((i0, j0, v0), (i1, j1, v1)) = (corners[k], corners[(k + 1) % 4]);
                if v0.is_finite() && v1.is_finite() && (v0 > 0.0) != (v1 > 0.0) {
                    let share = v0 / (v0 - v1);
                    let ((x0, y0), (x1, y1)) = (at(i0, j0), at(i1, j1));
                    crossings.push((panel.x(x, x0 + share * (x1 - x0)), panel.y(y, y0 + share * (y1 - y0))));
                }
            }
            for pair in crossings.chunks_exact(2) {
                let _ = write!(line, "M{:.1} {:.1}L{:.1} {:.1}", pair[0].0, pair[0].1, pair[1].0, pair[1].1);
            }
        }
        low = high;
    }
    if !line.is_empty() {
        let colour = Colour(part + 1).hex();
        let _ =
            write!(layer, "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\" stroke-linecap=\"round\" d=\"{line}\"/>");
    }
}
