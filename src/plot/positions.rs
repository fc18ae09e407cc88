//! Where neurons are: a map of x and y, and, where populations have depth, of x and z below it.
//!
//! In: the positions in a [`Recording`]. Out: a [`Figure`]. Lengths are as long along one axis as along the other.

use super::frame::{Frame, Pen};
use super::layout::{self, Axis, Colour, Panel, grouped, plain};
use super::{Figure, PlotError, clipped, page};
use crate::recording::{Recording, Sites};
use std::fmt::Write as _;

/// How positions are drawn.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PositionOptions {
    /// Above the picture; `None`: nothing.
    pub title: Option<String>,
    /// Pixels at scale 1, 400 to 4000.
    pub width: u32,
    /// Of a population of more neurons only every k-th is drawn, and the picture says so.
    pub max_marks: usize,
}

impl Default for PositionOptions {
    fn default() -> PositionOptions {
        PositionOptions { title: None, width: 700, max_marks: 10_000 }
    }
}

setters! {
    PositionOptions {
        width: u32,
        max_marks: usize,
    }
}

impl PositionOptions {
    /// With this above the picture.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> PositionOptions {
        self.title = Some(title.into());
        self
    }
}

/// Pixels of a panel from top to bottom, at most and at least.
const TALLEST: f64 = 560.0;
const LOWEST: f64 = 60.0;

/// Draws where the neurons of all populations with positions are.
///
/// **Errors**: no positions, a width out of bounds.
pub fn positions(recording: &Recording, options: &PositionOptions) -> Result<Figure, PlotError> {
    if !(400..=4000).contains(&options.width) {
        return Err(PlotError::Size { what: format!("is 400 to 4000 pixels wide, found {}", options.width) });
    }
    // colours as they are listed; those with the most neurons, and so the smallest marks, on top
    let mut all: Vec<(usize, &Sites)> = recording.positions.iter().enumerate().filter(|(_, sites)| !sites.um.is_empty()).collect();
    if all.is_empty() {
        return Err(PlotError::NoPositions);
    }
    let legend: Vec<(String, Colour)> = all.iter().map(|(k, sites)| (legend(sites, options.max_marks), Colour(*k))).collect();
    all.sort_by_key(|(k, sites)| (sites.um.len(), *k));
    let along = |axis: usize| all.iter().flat_map(move |(_, sites)| sites.um.iter().map(move |place| place[axis]));
    let span: Vec<Axis> = (0..3).map(|axis| Axis::around(along(axis), 0.04)).collect();
    let flat = |axis: usize| {
        let mut numbers = along(axis);
        numbers.next().is_none_or(|first| numbers.all(|x| x == first))
    };
    let views: Vec<[usize; 2]> = if flat(2) { vec![[0, 1]] } else { vec![[0, 1], [0, 2]] };
    let longest = (0..3).filter(|axis| !flat(*axis)).map(|axis| span[axis].range()).fold(0.0, f64::max);
    let (unit, scale) = if longest >= 2000.0 { ("mm", 1e-3) } else { ("\u{b5}m", 1.0) };

    let mut frame = Frame::new(options.width);
    let shown = |axis: usize| Axis { low: span[axis].low * scale, high: span[axis].high * scale };
    frame.fit_left(views.iter().flat_map(|view| shown(view[1]).ticks(5)).map(|(_, label)| label));
    frame.fit_right(legend.iter().map(|(text, _)| text.clone()));
    let title = options.title.as_deref().map(|title| plain(title, 90));
    let mut top = if title.is_some() { 38 } else { 14 };
    let wide = f64::from(frame.right - frame.left);
    // as many pixels for a length along both axes, unless one of them is hardly any
    let pixels = wide.min(views.iter().map(|v| TALLEST * span[0].range() / span[v[1]].range()).fold(f64::INFINITY, f64::min));
    let (pixels, span_x) = if flat(0) { (wide.min(TALLEST), span[0]) } else { (pixels.max(LOWEST), span[0]) };
    let right = frame.left + pixels.round() as i32;
    let mut panels = Vec::new();
    for [_, up] in &views {
        let height = if flat(*up) || flat(0) {
            LOWEST.max(if flat(*up) { 0.0 } else { TALLEST / 2.0 })
        } else {
            pixels * span[*up].range() / span_x.range()
        };
        let bottom = top + height.clamp(LOWEST, TALLEST).round() as i32;
        panels.push(Panel { left: frame.left, right, top, bottom });
        top = bottom + layout::BELOW + layout::GAP;
    }
    let height = top - layout::GAP;

    let mut layers = String::new();
    for (number, Panel { left, right, top, bottom }) in panels.iter().enumerate() {
        let (w, h) = (right - left, bottom - top);
        let _ =
            write!(layers, "<clipPath id=\"p{number}\"><rect x=\"{left}\" y=\"{top}\" width=\"{w}\" height=\"{h}\"/></clipPath>");
    }
    let body = frame.draw(height as u32, |pen| {
        for (number, (panel, [_, up])) in panels.iter().zip(&views).enumerate() {
            clipped(&mut layers, number, |layer| {
                for (turn, (k, sites)) in all.iter().enumerate() {
                    marks(layer, sites, *k, turn, panel, [span_x, span[*up]], [0, *up], options.max_marks);
                }
            });
            pen.value_axis(panel, shown(*up), &format!("{} ({unit})", ["x", "y", "z"][*up]))?;
            pen.axis_below(panel, shown(0), &format!("x ({unit})"))?;
        }
        for (line, (text, colour)) in legend.iter().enumerate() {
            pen.coloured(text, (panels[0].right + 8, panels[0].top + 8 + 16 * line as i32), *colour)?;
        }
        titled(pen, title.as_deref())
    })?;
    Ok(Figure { svg: page(options.width, height, &layers, &body) })
}

fn titled(pen: &Pen<'_>, title: Option<&str>) -> Result<(), PlotError> {
    title.map_or(Ok(()), |title| pen.title(title))
}

fn legend(sites: &Sites, most: usize) -> String {
    let every = sites.um.len().div_ceil(most.max(1));
    let note = if every > 1 { format!(" (1 in {every})") } else { String::new() };
    format!("{}: {}{note}", plain(&sites.population, 20), grouped(sites.um.len() as u64))
}

/// A dot for each neuron, in one path.
#[allow(clippy::too_many_arguments, reason = "one picture's worth of numbers")]
fn marks(
    layer: &mut String,
    sites: &Sites,
    colour: usize,
    turn: usize,
    panel: &Panel,
    span: [Axis; 2],
    axes: [usize; 2],
    most: usize,
) {
    let every = sites.um.len().div_ceil(most.max(1)).max(1);
    let area = f64::from((panel.right - panel.left) * (panel.bottom - panel.top));
    let own = 0.4 * (area * every as f64 / sites.um.len() as f64).sqrt();
    // what lies above is smaller, so that neurons at one place are seen
    let width = 2.0 * (own * 0.8f64.powi(turn as i32)).clamp(0.7, 5.0);
    let _ = write!(
        layer,
        "<path fill=\"none\" stroke=\"{}\" stroke-width=\"{width:.1}\" stroke-linecap=\"round\" d=\"",
        Colour(colour).hex()
    );
    for place in sites.um.iter().step_by(every) {
        let (x, y) = (panel.x(span[0], place[axes[0]]), panel.y(span[1], place[axes[1]]));
        let _ = write!(layer, "M{x:.1} {y:.1}h0");
    }
    layer.push_str("\"/>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn recording(depth: f64) -> Recording {
        let at = |k: u32| [f64::from(k % 40) * 25.0, f64::from(k / 40) * 25.0, depth * f64::from(k)];
        let sites = |name: &str, n: u32| Sites { population: name.into(), um: Arc::new((0..n).map(at).collect()) };
        Recording { positions: vec![sites("exc", 1600), sites("inh <&>", 40), sites("none", 0)], ..Recording::default() }
    }

    #[test]
    fn every_neuron_has_its_mark() {
        let flat = positions(&recording(0.0), &PositionOptions::default().title("sheet")).unwrap();
        assert_eq!(flat.svg.matches("h0").count(), 1640);
        assert!(flat.svg.contains("exc: 1,600") && flat.svg.contains("inh &lt;&amp;&gt;: 40"), "{}", flat.svg);
        assert!(flat.png(1.0).is_ok());
        // x and y, and x and z
        let deep = positions(&recording(0.5), &PositionOptions::default().max_marks(100)).unwrap();
        assert_eq!(deep.svg.matches("h0").count(), 2 * (100 + 40));
        assert!(deep.svg.contains("exc: 1,600 (1 in 16)"));
        assert!(matches!(positions(&Recording::default(), &PositionOptions::default()), Err(PlotError::NoPositions)));
    }

    #[test]
    fn a_line_and_a_point_have_pictures() {
        for at in
            [vec![[0.0; 3]], vec![[0.0; 3], [0.0, 4.0, 0.0]], vec![[0.0; 3], [9e5, 0.0, 0.0]], vec![[0.0; 3], [0.0, 0.0, 9.0]]]
        {
            let one = Recording { positions: vec![Sites { population: "a".into(), um: Arc::new(at) }], ..Recording::default() };
            assert!(positions(&one, &PositionOptions::default()).unwrap().png(1.0).is_ok());
        }
    }
}
