//! Ranges that states of synapses are kept within, in numbers: not empty, with the start in them, and not left between spikes.

use super::given::{Given, Refused, places};
use crate::model::rule::{Node, NodeId, affine};
use crate::model::{Bound, State, SynapseModel};

/// What is wrong with the states of a synapse that learns.
pub(super) fn of_states(given: &Given<'_>, model: &SynapseModel) -> Vec<Refused> {
    if model.events.is_empty() {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (k, state) in (0u32..).zip(&model.states) {
        let [low, high] = [(state.range.low, true), (state.range.high, false)];
        if let (Some(a), Some(b)) = (low.0, high.0)
            && let Some(refused) = empty(given, state, a, b)
        {
            out.push(refused);
            continue;
        }
        out.extend([low, high].into_iter().find_map(|(bound, low)| start(given, model, state, bound?, low)));
        out.extend(between(given, k, state));
    }
    out
}

impl Given<'_> {
    /// As the engines hold it.
    fn rounded(&self, x: f64) -> f64 {
        if self.narrow { f64::from(x as f32) } else { x }
    }

    /// The parameter to point at, or the model itself where nothing is given.
    fn key(&self, places: &[u32]) -> String {
        if places.is_empty() { "model".into() } else { self.last(places) }
    }
}

fn empty(given: &Given<'_>, state: &State, low: Bound, high: Bound) -> Option<Refused> {
    let places = both(given, low.value, high.value);
    let count = given.count(&places);
    let (row, a, b) = (0..count).find_map(|row| {
        let (a, b) = (given.evaluate(low.value, row)?, given.evaluate(high.value, row)?);
        (a > b).then_some((row, a, b))
    })?;
    let (a, b) = (given.quantity(a, state.dimension), given.quantity(b, state.dimension));
    let text = format!("`{}`{}: its range is empty, from {a} to {b}", state.name, given.place(count, row));
    Some(Refused { code: "E038", key: given.key(&places), text })
}

/// A value before the first step beyond an end of the range.
fn start(given: &Given<'_>, model: &SynapseModel, state: &State, bound: Bound, low: bool) -> Option<Refused> {
    let places = both(given, state.initial, bound.value);
    let count = given.count(&places);
    let (row, x, limit) = (0..count).find_map(|row| {
        let (x, limit) = (initial(given, model, state.initial, row)?, given.evaluate(bound.value, row)?);
        let over = if low { given.rounded(limit) - given.rounded(x) } else { given.rounded(x) - given.rounded(limit) };
        (over > 0.0).then_some((row, x, limit))
    })?;
    let (x, limit) = (given.quantity(x, state.dimension), given.quantity(limit, state.dimension));
    let must = if low { "at least" } else { "at most" };
    let text = format!("`{}`{} starts at {x}, and its range says {must} {limit}", state.name, given.place(count, row));
    Some(Refused { code: "E038", key: given.key(&places), text })
}

/// An initial value may name other states.
fn initial(given: &Given<'_>, model: &SynapseModel, node: NodeId, row: usize) -> Option<f64> {
    if let Node::Param(k) = given.graph.node(node) {
        return (given.at)(k, row);
    }
    let value = given.graph.evaluate_with(node, &mut |leaf| match leaf {
        Node::Param(k) => (given.at)(k, row),
        Node::State(j) => initial(given, model, model.states.get(j as usize)?.initial, row),
        _ => None,
    });
    value.ok()
}

/// Between spikes a state goes by dx/dt = a·x + b: to -b/a, which must lie in its range, or away from it.
fn between(given: &Given<'_>, k: u32, state: &State) -> Option<Refused> {
    let equation = state.equation.as_ref()?;
    let mut graph = given.graph.clone();
    let parts = affine(&mut graph, equation.rate, |n| (n == Node::State(k)).then_some(k))?;
    let factor = parts.factors.get(&k).copied();
    let places = places(&graph, equation.rate);
    let count = given.count(&places);
    let value = |node: NodeId, row: usize| graph.evaluate(node, &|p| (given.at)(p, row));
    for row in 0..count {
        let a = factor.map_or(Some(0.0), |factor| value(factor, row));
        let (Some(a), Some(b)) = (a, value(parts.rest, row)) else { continue };
        let name = &state.name;
        let place = given.place(count, row);
        if a > 0.0 || a == 0.0 && b != 0.0 {
            let text = format!("`{name}`{place} grows between spikes without end: its equation never brings it back");
            return Some(Refused { code: "E038", key: given.key(&places), text });
        }
        let rest = if a == 0.0 { continue } else { -b / a };
        let ends = [(state.range.low, true), (state.range.high, false)];
        let beyond = ends.into_iter().find_map(|(bound, low)| {
            let limit = given.evaluate(bound?.value, row)?;
            // what rounding takes away is no way out
            let over = if low { limit - rest } else { rest - limit };
            (over > 1e-6 * limit.abs().max(rest.abs())).then_some((limit, low))
        });
        if let Some((limit, low)) = beyond {
            let (rest, limit) = (given.quantity(rest, state.dimension), given.quantity(limit, state.dimension));
            let must = if low { "at least" } else { "at most" };
            let text = format!("`{name}`{place} goes to {rest} between spikes, and its range says {must} {limit}");
            return Some(Refused { code: "E038", key: given.key(&places), text });
        }
    }
    None
}

/// Parameters that either follows from.
fn both(given: &Given<'_>, a: NodeId, b: NodeId) -> Vec<u32> {
    let mut all = places(given.graph, b);
    all.extend(places(given.graph, a));
    all
}
