//! Steps as whole numbers: refractory periods counted down, time compared with a parameter.
//!
//! An f32 counts by ones up to 2^24 ([`STEP_PART`]); beyond, a number of steps is two numbers: how often it holds that, and the
//! rest. Parameters become such numbers once, in f64 on the host.

use super::{Builder, Environment, NodeId, STEP_PART};
use crate::model::rule::{Binary, Graph, Node, Unary};

/// The hidden columns of a refractory period.
pub(super) struct Countdown {
    /// Place among the columns.
    pub k: usize,
    /// Steps that are left.
    pub column: NodeId,
    /// The second column of a long one: parts of 2^24 steps that are left besides.
    pub more: Option<(usize, NodeId)>,
}

impl Builder<'_> {
    /// round(time/dt)
    pub(super) fn steps(&mut self, time: NodeId, environment: &Environment) -> NodeId {
        let time = self.instantiate(time, environment);
        let dt = self.graph.constant(self.dt);
        let half = self.graph.constant(0.5);
        let ratio = self.graph.over(time, dt);
        let up = self.graph.plus(ratio, half);
        self.graph.unary(Unary::Floor, up)
    }

    /// What is left after this step: all of it where the row spikes.
    pub(super) fn count_down(&mut self, countdown: &Countdown, spikes: NodeId, steps: NodeId) -> NodeId {
        let one = self.graph.constant(1.0);
        let zero = self.graph.constant(0.0);
        let less = self.graph.minus(countdown.column, one);
        let left = self.graph.binary(Binary::Max, less, zero);
        self.graph.select(spikes, steps, left)
    }

    /// The same in two columns: what is left below 2^24, and the parts of 2^24.
    pub(super) fn count_down_long(&mut self, countdown: &Countdown, spikes: NodeId, steps: NodeId) -> (NodeId, NodeId) {
        let parts = countdown.more.map_or(countdown.column, |(_, column)| column);
        let (high, low) = split(&mut self.graph, steps);
        let graph = &mut self.graph;
        let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
        let last = graph.constant((STEP_PART - 1) as f64);
        let some = graph.binary(Binary::Less, zero, countdown.column);
        let many = graph.binary(Binary::Less, zero, parts);
        // a part is opened where nothing else is left
        let (less, fewer) = (graph.minus(countdown.column, one), graph.minus(parts, one));
        let opened = graph.select(many, last, zero);
        let left = graph.select(some, less, opened);
        let rest = graph.select(many, fewer, zero);
        let kept = graph.select(some, parts, rest);
        (graph.select(spikes, low, left), graph.select(spikes, high, kept))
    }
}

/// A whole number of steps as two that an f32 holds: parts of 2^24, and the rest. Beyond 2^48 it is endless (0.01 ms: 89 years).
fn split(graph: &mut Graph, steps: NodeId) -> (NodeId, NodeId) {
    let part = graph.constant(STEP_PART as f64);
    let inverse = graph.constant(1.0 / STEP_PART as f64);
    let size = graph.unary(Unary::Abs, steps);
    let limit = graph.constant((STEP_PART * STEP_PART) as f64);
    let counts = graph.binary(Binary::Less, size, limit);
    let scaled = graph.times(steps, inverse);
    let parts = graph.unary(Unary::Floor, scaled);
    let whole = graph.times(parts, part);
    let rest = graph.minus(steps, whole);
    let zero = graph.constant(0.0);
    let low = graph.select(counts, rest, zero);
    let below = graph.unary(Unary::Negate, part);
    let least = graph.binary(Binary::Max, parts, below);
    (graph.binary(Binary::Min, least, part), low)
}

/// Time compared with a number that is known before the run, as a comparison of steps.
pub(super) struct Comparison {
    pub operator: Binary,
    /// Does time stand first?
    pub time_first: bool,
}

impl Comparison {
    /// The step whose time the operator compares with `bound` steps (a node of numbers that are known before the run): a bound
    /// within a millionth of a step of a step is that step; between two steps it is where the comparison turns.
    pub fn steps(&self, graph: &mut Graph, bound: NodeId, up: bool) -> (NodeId, NodeId) {
        let half = graph.constant(0.5);
        let shifted = graph.plus(bound, half);
        let nearest = graph.unary(Unary::Floor, shifted);
        let difference = graph.minus(bound, nearest);
        let distance = graph.unary(Unary::Abs, difference);
        // the last digits of a product with 1/dt are not the user's
        let (millionth, relative) = (graph.constant(1e-6), graph.constant(1e-14));
        let size = graph.unary(Unary::Abs, bound);
        let dust = graph.times(size, relative);
        let near = graph.plus(millionth, dust);
        let on_grid = graph.binary(Binary::LessEqual, distance, near);
        let aside = graph.unary(if up { Unary::Ceil } else { Unary::Floor }, bound);
        let step = graph.select(on_grid, nearest, aside);
        split(graph, step)
    }

    /// Which roundings of the bound [`Comparison::build`] takes: up?
    pub fn roundings(&self) -> &'static [bool] {
        match (self.operator, self.time_first) {
            // t < p: before the first step that is not
            (Binary::Less, true) | (Binary::LessEqual, false) => &[true],
            (Binary::Less, false) | (Binary::LessEqual, true) => &[false],
            // no step is equal to what lies between two
            _ => &[true, false],
        }
    }

    /// The comparison of the step with a bound in two parts, in each rounding of [`Comparison::roundings`].
    pub fn build(&self, graph: &mut Graph, bounds: &[(NodeId, NodeId)]) -> NodeId {
        match bounds {
            [up, down] => {
                let not_before = ordered(graph, Binary::LessEqual, true, *up);
                let not_after = ordered(graph, Binary::LessEqual, false, *down);
                graph.binary(Binary::And, not_before, not_after)
            }
            bounds => ordered(graph, self.operator, !self.time_first, bounds[0]),
        }
    }
}

/// `step operator bound`, or with `bound_first` the other way about: by the parts, and where they are equal by the rest.
fn ordered(graph: &mut Graph, operator: Binary, bound_first: bool, (high, low): (NodeId, NodeId)) -> NodeId {
    let (step_high, step_low) = (graph.add(Node::StepHigh), graph.add(Node::StepLow));
    let mut ask = |operator: Binary, step: NodeId, bound: NodeId| {
        if bound_first { graph.binary(operator, bound, step) } else { graph.binary(operator, step, bound) }
    };
    let beyond = ask(Binary::Less, step_high, high);
    let same = ask(Binary::Equal, step_high, high);
    let within = ask(operator, step_low, low);
    let both = graph.binary(Binary::And, same, within);
    graph.binary(Binary::Or, beyond, both)
}
