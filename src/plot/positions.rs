//! Where neurons are: a map of x and y, and, where populations have depth, of x and z below it.
//!
//! In: the positions in a [`Recording`]. Out: a [`Figure`]. Lengths are as long along one axis as along the other.

use super::frame::{Frame, Heading, Key, in_lines, lines_height};
use super::layout::{self, Axis, Colour, Panel, grouped, plain};
use super::paper::too_low;
use super::{Figure, PlotError, Size, clipped, lines, page};
use crate::recording::{Recording, Sites, Wiring};
use std::fmt::Write as _;

/// How positions are drawn.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PositionOptions {
    /// Above the picture; `None`: nothing.
    pub title: Option<String>,
    /// Pixels at scale 1, 240 to 4000.
    pub width: u32,
    /// Pixels from top to bottom; `None`: as many as make lengths alike along both axes.
    pub height: Option<u32>,
    /// Drawn in colour, all others in grey, with a ring around where they come from; `None`: all are in colour.
    pub reached: Option<Reached>,
    /// Of a population of more neurons only every k-th is drawn, and the picture says so.
    pub max_marks: usize,
}

impl Default for PositionOptions {
    fn default() -> PositionOptions {
        PositionOptions { title: None, width: 700, height: None, reached: None, max_marks: 10_000 }
    }
}

setters! {
    PositionOptions {
        width: u32,
        height: impl Into<Option<u32>>,
        reached: impl Into<Option<Reached>>,
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

/// Whom a neuron reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Of the neuron.
    pub population: String,
    /// Its number within the population.
    pub neuron: u32,
    /// Of each population its neurons that have a synapse from it, each once.
    pub targets: Vec<(String, Vec<u32>)>,
}

impl Reached {
    /// By all projections. `None`: there is no such neuron.
    pub fn of(wiring: &Wiring, population: &str, neuron: u32) -> Option<Reached> {
        let place = wiring.populations.iter().position(|(name, size)| name == population && neuron < *size)?;
        let mut targets: Vec<Vec<u32>> = vec![Vec::new(); wiring.populations.len()];
        for one in wiring.projections.iter().filter(|one| one.source == place) {
            one.synapses.each(|source, target, _| {
                if source == neuron {
                    targets[one.target].push(target);
                }
            });
        }
        let named = wiring.populations.iter().zip(targets).filter(|(_, own)| !own.is_empty());
        let targets = named.map(|((name, _), mut own)| {
            own.sort_unstable();
            own.dedup();
            (name.clone(), own)
        });
        Some(Reached { population: population.to_owned(), neuron, targets: targets.collect() })
    }

    fn among<'s>(&'s self, sites: &Sites) -> &'s [u32] {
        self.targets.iter().find(|(name, _)| *name == sites.population).map_or(&[], |(_, own)| own)
    }
}

/// Pixels of a panel from top to bottom, at most and at least.
const TALLEST: f64 = 560.0;
const LOWEST: f64 = 60.0;

/// Draws where the neurons of all populations with positions are: the populations with the fewest neurons on top, with the smallest marks.
///
/// **Errors**: no positions, a size out of bounds.
pub fn positions(recording: &Recording, options: &PositionOptions) -> Result<Figure, PlotError> {
    let size = Size { width: options.width, height: options.height }.checked()?;
    // colours as they are listed; the few lie on top of the many
    let mut all: Vec<(usize, &Sites)> = recording.positions.iter().enumerate().filter(|(_, sites)| !sites.um.is_empty()).collect();
    if all.is_empty() {
        return Err(PlotError::NoPositions);
    }
    let legend = legend(&all, options);
    all.sort_by_key(|(k, sites)| (std::cmp::Reverse(sites.um.len()), *k));
    let along = |axis: usize| all.iter().flat_map(move |(_, sites)| sites.um.iter().map(move |place| place[axis]));
    let span: Vec<Axis> = (0..3).map(|axis| Axis::around(along(axis), 0.04)).collect();
    let flat = |axis: usize| {
        let mut numbers = along(axis);
        numbers.next().is_none_or(|first| numbers.all(|x| x == first))
    };
    let views: Vec<[usize; 2]> = if flat(2) { vec![[0, 1]] } else { vec![[0, 1], [0, 2]] };
    let longest = (0..3).filter(|axis| !flat(*axis)).map(|axis| span[axis].range()).fold(0.0, f64::max);
    let (unit, scale) = if longest >= 2000.0 { ("mm", 1e-3) } else { ("\u{b5}m", 1.0) };

    let heading = Heading::of(options.title.as_deref(), size.width);
    let mut frame = Frame::new(size.width);
    let shown = |axis: usize| Axis { low: span[axis].low * scale, high: span[axis].high * scale };
    frame.fit_left(views.iter().flat_map(|view| shown(view[1]).ticks(5)).map(|(_, label)| label));
    let beside = frame.fit_names(legend.iter().map(|(text, _)| text.clone()), 0, false);
    let above = in_lines(if beside { &[] } else { &legend }, frame.right - frame.left - 4);
    let mut top = heading.height() + lines_height(above.len());
    let wide = f64::from(frame.right - frame.left);
    // a height that is given is shared by the views
    let count = views.len() as i32;
    let around = top + count * layout::BELOW + (count - 1) * layout::GAP;
    let tallest = match size.height {
        None => TALLEST.max(0.75 * f64::from(size.width)),
        Some(height) if f64::from(height as i32 - around) < LOWEST * f64::from(count) => {
            return Err(too_low(around + LOWEST as i32 * count, size.height));
        }
        Some(height) => f64::from(height as i32 - around),
    };
    let share = |up: usize| span[up].range() / span[0].range();
    let highest = match size.height {
        None => views.iter().map(|v| tallest / share(v[1])).fold(f64::INFINITY, f64::min),
        Some(_) => tallest / views.iter().map(|v| share(v[1])).sum::<f64>(),
    };
    // as many pixels for a length along both axes, unless one of them is hardly any
    let pixels = if flat(0) { wide.min(tallest) } else { wide.min(highest).max(LOWEST) };
    let right = frame.left + pixels.round() as i32;
    let each = tallest / f64::from(count);
    let mut panels = Vec::new();
    for [_, up] in &views {
        let height = match (flat(*up), flat(0)) {
            (true, _) => LOWEST,
            (false, true) => each.min(TALLEST / 2.0),
            (false, false) => pixels * share(*up),
        };
        let bottom = top + height.clamp(LOWEST, tallest.max(LOWEST)).round() as i32;
        panels.push(Panel { left: frame.left, right, top, bottom });
        top = bottom + layout::BELOW + layout::GAP;
    }
    let height = (top - layout::GAP).max(size.height.unwrap_or(0) as i32);

    let mut layers = String::new();
    for (number, Panel { left, right, top, bottom }) in panels.iter().enumerate() {
        let (w, h) = (right - left, bottom - top);
        let _ =
            write!(layers, "<clipPath id=\"p{number}\"><rect x=\"{left}\" y=\"{top}\" width=\"{w}\" height=\"{h}\"/></clipPath>");
    }
    let body = frame.draw(height as u32, |pen| {
        for (number, (panel, [_, up])) in panels.iter().zip(&views).enumerate() {
            let map = Map { panel, span: [span[0], span[*up]], up: *up };
            clipped(&mut layers, number, |layer| map.draw(layer, &all, options));
            pen.value_axis(panel, shown(*up), &format!("{} ({unit})", ["x", "y", "z"][*up]))?;
            pen.axis_below(panel, shown(0), &format!("x ({unit})"))?;
        }
        if beside {
            lines::legend(pen, &panels[0], &legend)?;
        }
        pen.names_above(&panels[0], &above)?;
        pen.heading(&heading)
    })?;
    Ok(Figure { svg: page(size.width, height, &layers, &body) })
}

fn legend(all: &[(usize, &Sites)], options: &PositionOptions) -> Vec<Key> {
    let name = |sites: &Sites| plain(&sites.population, 20);
    let count = |n: usize| grouped(n as u64);
    let of = |(k, sites): &(usize, &Sites)| {
        let every = sites.um.len().div_ceil(options.max_marks.max(1));
        let every = if every > 1 { format!(" (1 in {every})") } else { String::new() };
        let text = match &options.reached {
            None => format!("{}: {}{every}", name(sites), count(sites.um.len())),
            Some(reached) => format!("{}: {} of {}{every}", name(sites), count(reached.among(sites).len()), count(sites.um.len())),
        };
        (text, Some(Colour(*k)))
    };
    let source =
        options.reached.iter().map(|own| (format!("targets of {} {} (ring)", plain(&own.population, 20), own.neuron), None));
    source.chain(all.iter().map(of)).collect()
}

/// One view.
struct Map<'p> {
    panel: &'p Panel,
    span: [Axis; 2],
    /// The axis upwards.
    up: usize,
}

impl Map<'_> {
    fn draw(&self, layer: &mut String, all: &[(usize, &Sites)], options: &PositionOptions) {
        let Panel { left, right, top, bottom } = self.panel;
        let every = |sites: &Sites| sites.um.len().div_ceil(options.max_marks.max(1)).max(1);
        let marks: usize = all.iter().map(|(_, sites)| sites.um.len().div_ceil(every(sites))).sum();
        // by density: a mark and the next leave room between them
        let area = f64::from((right - left) * (bottom - top));
        let radius = (0.3 * (area / marks.max(1) as f64).sqrt()).clamp(0.8, 3.2);
        // what lies above is smaller, so that neurons at one place are seen
        let width = |turn: usize| (2.0 * radius * 0.7f64.powi(turn as i32)).max(1.2);
        let grey = all.iter().filter(|_| options.reached.is_some());
        for (turn, (_, sites)) in grey.enumerate() {
            self.marks(layer, sites.um.iter().step_by(every(sites)), "#ddd", 0.6 * width(turn));
        }
        for (turn, (colour, sites)) in all.iter().enumerate() {
            let colour = Colour(*colour).hex();
            match &options.reached {
                None => self.marks(layer, sites.um.iter().step_by(every(sites)), &colour, width(turn)),
                Some(reached) => {
                    let targets = reached.among(sites).iter().filter_map(|n| sites.um.get(*n as usize));
                    self.marks(layer, targets, &colour, width(turn));
                }
            }
        }
        let Some(reached) = &options.reached else { return };
        let source = all.iter().find(|(_, sites)| sites.population == reached.population);
        if let Some(place) = source.and_then(|(_, sites)| sites.um.get(reached.neuron as usize)) {
            let (x, y) = self.at(place);
            let ring = 2.0 * radius + 2.0;
            let _ = write!(
                layer,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{ring:.1}\" fill=\"none\" stroke=\"#000\" stroke-width=\"1.5\"/>"
            );
        }
    }

    fn at(&self, place: &[f64; 3]) -> (f64, f64) {
        (self.panel.x(self.span[0], place[0]), self.panel.y(self.span[1], place[self.up]))
    }

    /// A dot for each neuron, in one path.
    fn marks<'s>(&self, layer: &mut String, places: impl Iterator<Item = &'s [f64; 3]>, colour: &str, width: f64) {
        let _ = write!(layer, "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width:.1}\" stroke-linecap=\"round\" d=\"");
        for place in places {
            let (x, y) = self.at(place);
            let _ = write!(layer, "M{x:.1} {y:.1}h0");
        }
        layer.push_str("\"/>");
    }
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
    fn few_neurons_lie_on_top_of_many_with_smaller_marks() {
        let svg = positions(&recording(0.0), &PositionOptions::default()).unwrap().svg;
        let widths: Vec<(f64, usize)> = svg
            .split("<path fill=\"none\" stroke=\"#")
            .skip(1)
            .map(|path| {
                let width = path.split("stroke-width=\"").nth(1).unwrap().split('"').next().unwrap();
                (width.parse().unwrap(), path.split("/>").next().unwrap().matches("h0").count())
            })
            .filter(|(_, marks)| *marks > 0)
            .collect();
        let [(wide, 1600), (narrow, 40)] = widths[..] else { panic!("{widths:?}") };
        // 40 of them along 560 pixels and less: they do not touch, and those above leave a rim of those below
        assert!(wide < 12.0 && narrow + 1.0 <= wide, "{widths:?}");
    }

    #[test]
    fn targets_stand_out() {
        let reached = Reached { population: "exc".into(), neuron: 12, targets: vec![("exc".into(), vec![3, 4, 52])] };
        let svg = positions(&recording(0.0), &PositionOptions::default().reached(reached)).unwrap().svg;
        assert!(svg.contains("exc: 3 of 1,600") && svg.contains("inh &lt;&amp;&gt;: 0 of 40") && svg.contains("targets of exc 12"));
        assert_eq!(svg.matches("h0").count(), 1640 + 3);
        assert_eq!(svg.matches("<circle").count(), 1);
    }

    #[test]
    fn a_map_obeys_its_size() {
        for (width, height) in [(386, None), (386, Some(300)), (771, Some(400))] {
            for depth in [0.0, 0.5] {
                let options = PositionOptions::default().width(width).height(height).title("a map");
                let svg = positions(&recording(depth), &options).unwrap().svg;
                assert!(
                    svg.starts_with(&format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\"")),
                    "{}",
                    &svg[..120]
                );
                if let Some(height) = height {
                    assert!(svg[..200].contains(&format!("height=\"{height}\"")), "{}", &svg[..200]);
                }
            }
        }
        assert!(matches!(positions(&recording(0.5), &PositionOptions::default().height(150)), Err(PlotError::Size { .. })));
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
