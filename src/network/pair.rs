//! A number of a pair of neurons, a source and a target: by an expression of their distance, displacement, numbers and parameters.
//!
//! In: an [`Expression`] with the meaning of each of its names, positions of both ends. Out: its value for a source and some
//! targets, and between which numbers it lies for all targets in a box. Not here: which names there are (`check`), who is joined
//! (`connector`).

use std::fmt;
use std::sync::Arc;

use glam::DVec3;

use super::expression::{Expression, Interval, Scratch, Values};
use super::space::metric::{Bounds, Metric, length};
use super::space::tree::{Cell, Tree};

/// Where the neurons of both ends are, and how far it is from one to another.
#[derive(Debug)]
pub(crate) struct Geometry {
    pub metric: Metric,
    pub source: Arc<Vec<DVec3>>,
    /// As the source sees them: moved and stretched as the space says.
    pub target: Arc<Vec<DVec3>>,
}

/// What a name of an expression of a pair means.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// The same for all pairs.
    One(f64),
    /// The numbers of the neurons.
    SourceNumber,
    TargetNumber,
    /// **Units** internal.
    Distance,
    /// Along an axis, from the source to the target.
    Displacement(usize),
    /// Of one end, for each of its neurons.
    OfSource(Arc<[f64]>),
    OfTarget(Arc<[f64]>),
}

/// A number of a pair.
pub struct PairValue {
    /// As it was written, for messages.
    pub text: String,
    pub(crate) expression: Expression,
    /// By place of its name.
    pub(crate) parts: Vec<Part>,
    /// Where its names need it.
    pub(crate) geometry: Option<Arc<Geometry>>,
}

/// Room for numbers in between, kept by whoever evaluates often.
#[derive(Default)]
pub(crate) struct Room {
    scratch: Scratch,
    columns: Vec<Vec<f64>>,
    intervals: Vec<Interval>,
    names: Vec<Interval>,
}

/// Where the parts of a value lie in each node of a tree over the neurons of one end: those that are its parameters.
#[derive(Debug, Default)]
pub(crate) struct Ranges(Vec<Vec<Interval>>);

/// The neurons in a node of a tree over one end.
#[derive(Clone, Copy)]
pub(crate) struct Side<'t> {
    pub node: usize,
    pub cell: &'t Cell,
    pub ranges: &'t Ranges,
}

impl fmt::Debug for PairValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.text)
    }
}

/// What is said is what is meant: the same text over the same neurons.
impl PartialEq for PairValue {
    fn eq(&self, other: &PairValue) -> bool {
        let same = |a: &Option<Arc<Geometry>>, b: &Option<Arc<Geometry>>| match (a, b) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || (a.metric == b.metric && a.source == b.source && a.target == b.target),
            (a, b) => a.is_none() && b.is_none(),
        };
        self.text == other.text && same(&self.geometry, &other.geometry)
    }
}

impl PairValue {
    /// Its values for a source and these targets, as many as `out`.
    pub(crate) fn fill(&self, source: u32, targets: &[u32], out: &mut [f64], room: &mut Room) {
        let Room { scratch, columns, .. } = room;
        columns.resize(self.parts.len(), Vec::new());
        let from = self.geometry.as_ref().map(|g| (g, g.source[source as usize]));
        for (part, column) in self.parts.iter().zip(columns.iter_mut()) {
            column.clear();
            match (part, from) {
                (Part::TargetNumber, _) => column.extend(targets.iter().map(|j| f64::from(*j))),
                (Part::OfTarget(list), _) => column.extend(targets.iter().map(|j| list[*j as usize])),
                (Part::Distance, Some((g, from))) => {
                    column.extend(targets.iter().map(|j| g.metric.distance(from, g.target[*j as usize])));
                }
                (Part::Displacement(axis), Some((g, from))) => {
                    column.extend(targets.iter().map(|j| g.metric.displacement(from, g.target[*j as usize])[*axis]));
                }
                _ => {}
            }
        }
        let mut values: Vec<Values<'_>> = Vec::with_capacity(self.parts.len());
        values.extend(self.parts.iter().zip(columns.iter()).map(|(part, column)| match part {
            Part::One(x) => Values::One(*x),
            Part::SourceNumber => Values::One(f64::from(source)),
            Part::OfSource(list) => Values::One(list[source as usize]),
            _ => Values::Rows(column),
        }));
        self.expression.fill(&values, out, scratch);
    }

    /// Where parts that are parameters of one end lie in each node of a tree over its neurons.
    pub(crate) fn ranges(&self, tree: &Tree, post: bool) -> Ranges {
        let around = |list: &[f64], cell: &Cell| {
            let none = (f64::INFINITY, f64::NEG_INFINITY);
            tree.neurons(cell).iter().fold(none, |(low, high), k| (low.min(list[*k as usize]), high.max(list[*k as usize])))
        };
        let of = |part: &Part| match part {
            Part::OfTarget(list) if post => tree.nodes.iter().map(|cell| around(list, cell)).collect(),
            Part::OfSource(list) if !post => tree.nodes.iter().map(|cell| around(list, cell)).collect(),
            _ => Vec::new(),
        };
        Ranges(self.parts.iter().map(of).collect())
    }

    /// Where it lies for all pairs between a node of a tree over the sources and one over the targets.
    pub(crate) fn interval(&self, from: Side<'_>, to: Side<'_>, room: &mut Room) -> Interval {
        let moved = self.geometry.as_ref().map(|g| g.metric.displacements(from.cell.bounds, to.cell.bounds));
        let numbers = |cell: &Cell| (f64::from(cell.numbers.0), f64::from(cell.numbers.1));
        let Room { names, intervals, .. } = room;
        names.clear();
        names.extend(self.parts.iter().enumerate().map(|(k, part)| match (part, &moved) {
            (Part::One(x), _) => (*x, *x),
            (Part::SourceNumber, _) => numbers(from.cell),
            (Part::TargetNumber, _) => numbers(to.cell),
            (Part::OfSource(_), _) => from.ranges.0[k][from.node],
            (Part::OfTarget(_), _) => to.ranges.0[k][to.node],
            (Part::Distance, Some(moved)) => lengths(moved),
            (Part::Displacement(axis), Some(moved)) => (moved.low[*axis], moved.high[*axis]),
            (Part::Distance | Part::Displacement(_), None) => (f64::NEG_INFINITY, f64::INFINITY),
        }));
        self.expression.interval(names, intervals)
    }

    /// Where it lies for all pairs of so many neurons.
    pub(crate) fn everywhere(&self, sources: u32, targets: u32) -> Interval {
        let around = |list: &[f64]| list.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
        let moved = self.geometry.as_ref().map(|g| {
            let all = |list: &[DVec3]| Bounds::around(list.iter().copied());
            g.metric.displacements(all(&g.source), all(&g.target))
        });
        let numbers = |n: u32| (0.0, f64::from(n.saturating_sub(1)));
        let names: Vec<Interval> = (self.parts.iter())
            .map(|part| match (part, &moved) {
                (Part::One(x), _) => (*x, *x),
                (Part::SourceNumber, _) => numbers(sources),
                (Part::TargetNumber, _) => numbers(targets),
                (Part::OfSource(list) | Part::OfTarget(list), _) => around(list),
                (Part::Distance, Some(moved)) => lengths(moved),
                (Part::Displacement(axis), Some(moved)) => (moved.low[*axis], moved.high[*axis]),
                (Part::Distance | Part::Displacement(_), None) => (f64::NEG_INFINITY, f64::INFINITY),
            })
            .collect();
        self.expression.interval(&names, &mut Vec::new())
    }
}

/// Lengths of displacements within a box.
pub(crate) fn lengths(moved: &Bounds) -> Interval {
    let least = moved.low.max(-moved.high).max(DVec3::ZERO);
    let most = moved.high.max(-moved.low);
    (length(least), length(most))
}
