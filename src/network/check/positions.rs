//! Positions of populations and the spaces that distances are taken in.

use std::sync::Arc;

use glam::DVec3;

use super::Checker;
use super::values::population_stream;
use super::words::quantity;
use crate::diagnostic::Diagnostic;
use crate::network::space::metric::{Bounds, Metric};
use crate::network::space::{Order, Positions, Space, lay};
use crate::network::{Population, Value};
use crate::random::Key;
use crate::units::{Dimension, Unit, scaled};

/// The stream of positions among those of a population; initial values lie below.
const PLACES: u32 = 1023;

/// A space in numbers, and what its target's positions go through.
#[derive(Clone, Debug, Default)]
pub(super) struct Settled {
    pub metric: Metric,
    pub offset: DVec3,
    pub scale: f64,
}

impl Checker<'_> {
    /// `None`: wrong. `Some(None)`: none were given.
    pub(super) fn positions(
        &mut self,
        part: &str,
        place: u32,
        given: &Population,
        shape: Option<&[u32]>,
    ) -> Option<Option<Arc<Vec<DVec3>>>> {
        let Some(positions) = &given.positions else { return Some(None) };
        let shape = shape?;
        let size: u32 = shape.iter().product();
        let (key, tag) = (Key { seed: self.seed }, population_stream(place, PLACES));
        let all = self.within("positions", |c| {
            c.hold(part, "positions", 3 * u64::from(size))?;
            c.laid(part, positions, shape, size, (key, tag))
        })?;
        Some(Some(Arc::new(all)))
    }

    fn laid(&mut self, part: &str, positions: &Positions, shape: &[u32], size: u32, stream: (Key, u32)) -> Option<Vec<DVec3>> {
        let (key, tag) = stream;
        match positions {
            Positions::Line { spacing, origin } => {
                let (spacing, origin) = (self.positive(part, "spacing", spacing), self.point(part, "origin", origin));
                Some(lay::line(size, spacing?, origin?))
            }
            Positions::Grid { spacing, counts, order, origin, centre } => {
                let counts = self.along_axes(part, counts, *order, shape, size);
                let spacing = match spacing {
                    Value::List(list) => self.lengths(part, "spacing", list, counts.map_or(3, |(_, axes)| axes)),
                    one => self.positive(part, "spacing", one).map(DVec3::splat),
                };
                let (counts, spacing) = (counts?.0, spacing?);
                let size = spacing * DVec3::from_array(counts.map(|n| f64::from(n - 1)));
                let origin = self.corner(part, origin, centre, size)?;
                Some(lay::grid(counts, spacing, origin, *order, key, tag))
            }
            Positions::Box { size: sides, origin, centre } => {
                let sides = self.lengths(part, "size", sides, sides.len().clamp(1, 3))?;
                let origin = self.corner(part, origin, centre, sides)?;
                Some(lay::in_box(size, sides, origin, key, tag))
            }
            Positions::Ball { radius, centre } => {
                let (radius, centre) = (self.positive(part, "radius", radius), self.point(part, "centre", centre));
                Some(lay::in_ball(size, radius?, centre?, key, tag))
            }
            Positions::Disc { radius, centre } => {
                let (radius, centre) = (self.positive(part, "radius", radius), self.point(part, "centre", centre));
                Some(lay::in_disc(size, radius?, centre?, key, tag))
            }
            Positions::List { at, unit } => {
                let unit = self.length_unit(part, unit)?;
                if at.len() as u64 != u64::from(size) {
                    let message = format!("{part}: {} positions for {size} neurons", at.len());
                    self.say(Diagnostic::new("E033", message).value_of("at"));
                    return None;
                }
                if let Some((k, list)) = at.iter().enumerate().find(|(_, list)| !(1..=3).contains(&list.len())) {
                    let message = format!("{part}: the position of neuron {k} has {} numbers, expected one to three", list.len());
                    self.say(Diagnostic::new("E085", message).value_of(&format!("at[{k}]")));
                    return None;
                }
                let number = |list: &[f64], axis: usize| list.get(axis).map_or(0.0, |x| scaled(*x, unit.scale));
                let all: Vec<DVec3> = at.iter().map(|p| DVec3::new(number(p, 0), number(p, 1), number(p, 2))).collect();
                let finite = all.iter().position(|p| !p.is_finite());
                if let Some(k) = finite {
                    let message = format!("{part}: the position of neuron {k} is not finite");
                    self.say(Diagnostic::new("E032", message).value_of(&format!("at[{k}]")));
                    return None;
                }
                Some(all)
            }
            Positions::Table { file, columns, unit } => {
                let unit = self.length_unit(part, unit)?;
                if !(1..=3).contains(&columns.len()) {
                    let message = format!("{part}: positions are one to three columns, here are {}", columns.len());
                    self.say(Diagnostic::new("E085", message).value_of("columns"));
                    return None;
                }
                let table = self.table(part, file)?;
                if table.rows as u64 != u64::from(size) {
                    let message = format!("{part}: `{}` has {} lines for {size} neurons", file.display(), table.rows);
                    self.say(Diagnostic::new("E033", message).value_of("file"));
                    return None;
                }
                let mut all = vec![DVec3::ZERO; size as usize];
                for (axis, column) in columns.iter().enumerate() {
                    let numbers = self.numbers(part, &table, column)?;
                    for (k, (place, x)) in all.iter_mut().zip(numbers).enumerate() {
                        place[axis] = scaled(*x, unit.scale);
                        if !place[axis].is_finite() {
                            let message = format!("{part}: {}: column `{column}` is {x}", table.place(k));
                            self.say(Diagnostic::new("E032", message).value_of("columns"));
                            return None;
                        }
                    }
                }
                Some(all)
            }
        }
    }

    /// Sites along x, y and z, and how many axes there are.
    fn along_axes(&mut self, part: &str, counts: &[u64], order: Order, shape: &[u32], size: u32) -> Option<([u32; 3], usize)> {
        let wrong = |text: String| Diagnostic::new("E085", format!("{part}: {text}"));
        let by_shape: Vec<u64> = match order {
            Order::Columns => shape.iter().map(|n| u64::from(*n)).collect(),
            Order::Rows | Order::Pixels | Order::Random => shape.iter().rev().map(|n| u64::from(*n)).collect(),
        };
        let along = match counts {
            [] if shape.len() == 1 => {
                let d = wrong(format!("a grid of {size} neurons does not say how many there are along each axis"));
                self.say(d.help("write `shape = [rows, columns]` instead of `size`, or `counts = [COLUMNS, ROWS]` in the grid"));
                return None;
            }
            [] => by_shape,
            counts if !(2..=3).contains(&counts.len()) => {
                self.say(wrong(format!("a grid has two or three axes, `counts` names {}", counts.len())).value_of("counts"));
                return None;
            }
            counts => {
                let product = counts.iter().try_fold(1u64, |product, n| product.checked_mul(*n));
                if product != Some(u64::from(size)) {
                    let times: Vec<String> = counts.iter().map(u64::to_string).collect();
                    let d = wrong(format!("a grid of {} sites for {size} neurons", times.join(" x ")));
                    self.say(d.value_of("counts"));
                    return None;
                }
                if shape.len() > 1 && counts != by_shape {
                    let d = wrong(format!("the shape says {by_shape:?} along x, y, ..., and `counts` {counts:?}"));
                    self.say(d.value_of("counts").help("leave `counts` out, or give the population a size instead of a shape"));
                    return None;
                }
                counts.to_vec()
            }
        };
        // their product is a size, so each of them fits
        let at = |axis: usize| along.get(axis).map_or(1, |n| *n as u32);
        Some(([at(0), at(1), at(2)], along.len()))
    }

    /// The corner of what is so large, from itself or from its middle.
    fn corner(&mut self, part: &str, origin: &[Value], centre: &[Value], size: DVec3) -> Option<DVec3> {
        if !origin.is_empty() && !centre.is_empty() {
            let d = Diagnostic::new("E085", format!("{part}: `origin` and `centre` are both given"));
            self.say(d.key_of("centre").help("keep one of them"));
            return None;
        }
        match centre {
            [] => self.point(part, "origin", origin),
            centre => self.point(part, "centre", centre).map(|middle| middle - size * 0.5),
        }
    }

    /// A length larger than 0.
    fn positive(&mut self, part: &str, key: &str, value: &Value) -> Option<f64> {
        let x = self.scalar(part, key, value, Dimension::LENGTH)?;
        if x > 0.0 {
            return Some(x);
        }
        let message = format!("{part}: `{key}` is a length above 0, got {value}");
        self.say(Diagnostic::new("E085", message).value_of(key));
        None
    }

    /// Lengths above 0 along x, y, z; 0 along axes that are not named.
    fn lengths(&mut self, part: &str, key: &str, list: &[Value], axes: usize) -> Option<DVec3> {
        if list.len() != axes || !(1..=3).contains(&list.len()) {
            let expected = if (1..=3).contains(&list.len()) { format!("{axes} for as many axes") } else { "one to three".into() };
            let message = format!("{part}: `{key}` is a list of {}, expected {expected}", list.len());
            self.say(Diagnostic::new("E085", message).value_of(key));
            return None;
        }
        let mut out = DVec3::ZERO;
        for (axis, value) in list.iter().enumerate() {
            out[axis] = self.within(key, |c| c.positive(part, key, value))?;
        }
        Some(out)
    }

    /// One to three coordinates; the others, and all where none are given, are 0.
    fn point(&mut self, part: &str, key: &str, list: &[Value]) -> Option<DVec3> {
        if list.len() > 3 {
            let message = format!("{part}: `{key}` is a point of one to three coordinates, got {}", list.len());
            self.say(Diagnostic::new("E085", message).value_of(key));
            return None;
        }
        let mut out = DVec3::ZERO;
        for (axis, value) in list.iter().enumerate() {
            out[axis] = self.scalar(part, key, value, Dimension::LENGTH)?;
        }
        Some(out)
    }

    fn length_unit(&mut self, part: &str, unit: &str) -> Option<Unit> {
        let found = self.unit(part, "unit", Some(unit))?;
        if found.dimension == Dimension::LENGTH {
            return Some(found);
        }
        let d = Diagnostic::new("E030", format!("{part}: `unit` is one of length, got `{}`", unit.escape_debug()));
        self.say(d.value_of("unit").help("write for example `unit = \"um\"`"));
        None
    }

    /// A space in numbers; without one it is open, and every axis counts.
    pub(super) fn space(&mut self, part: &str, space: Option<&Space>) -> Option<Settled> {
        let open = Settled { scale: 1.0, ..Settled::default() };
        let Some(space) = space else { return Some(open) };
        let mut settled = open;
        for (axis, (name, length)) in
            [("x", &space.periodic.x), ("y", &space.periodic.y), ("z", &space.periodic.z)].into_iter().enumerate()
        {
            let Some(length) = length else { continue };
            settled.metric.period[axis] = Some(self.within("periodic", |c| c.positive(part, name, length))?);
        }
        if !space.axes.is_empty() {
            let named = |name: char| space.axes.chars().filter(|c| *c == name).count();
            if space.axes.chars().any(|c| !"xyz".contains(c)) || "xyz".chars().any(|name| named(name) > 1) {
                let message = format!("{part}: `axes` names axes once each, such as `xy`, got `{}`", space.axes.escape_debug());
                self.say(Diagnostic::new("E086", message).value_of("axes"));
                return None;
            }
            settled.metric.counts = ['x', 'y', 'z'].map(|name| named(name) == 1);
            if let Some(axis) = (0..3).find(|k| settled.metric.period[*k].is_some() && !settled.metric.counts[*k]) {
                let name = ["x", "y", "z"][axis];
                let message = format!("{part}: {name} closes and does not count");
                self.say(
                    Diagnostic::new("E086", message)
                        .value_of("axes")
                        .help(format!("leave it out of `periodic`, or name {name} in `axes`")),
                );
                return None;
            }
        }
        settled.offset = self.point(part, "offset", &space.offset)?;
        if let Some(scale) = space.scale {
            if !scale.is_finite() || scale == 0.0 {
                self.say(
                    Diagnostic::new("E086", format!("{part}: `scale` is a finite number other than 0, got {scale}"))
                        .value_of("scale"),
                );
                return None;
            }
            settled.scale = scale;
        }
        Some(settled)
    }

    /// Do all positions lie within one turn of each axis that closes?
    pub(super) fn within_a_turn(&mut self, part: &str, metric: &Metric, ends: [&[DVec3]; 2]) -> Option<()> {
        let all = ends.map(|list| Bounds::around(list.iter().copied()));
        let span = all[0].with(all[1]);
        for (axis, name) in ["x", "y", "z"].into_iter().enumerate() {
            let Some(period) = metric.period[axis] else { continue };
            let long = span.high[axis] - span.low[axis];
            let of = |x: f64| quantity(x, Dimension::LENGTH);
            if long > period * (1.0 + 1e-9) {
                let message = format!("{part}: {name} closes after {}, and positions along it span {}", of(period), of(long));
                let d = Diagnostic::new("E086", message).value_of("space");
                self.say(d.help("a sheet of n sites closes after n spacings: make it longer, or the axis open"));
                return None;
            }
            if long > period * (1.0 - 1e-9) {
                let message = format!(
                    "{name} closes after {}, which is how far positions along it span: the first and the last are one place",
                    of(period)
                );
                self.remarks.at("space", "space", part, message);
            }
        }
        Some(())
    }
}
