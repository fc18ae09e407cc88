//! Where the states of a synapse that events change are kept: with each synapse, or once for all synapses of a neuron.
//!
//! In: a synapse model, which of its parameters are the same for all synapses. Out: a [`Home`] for each state. A state that only
//! spikes of one end change, by what all synapses of that end share, has the same course in all of them: a trace of that neuron.

use super::rule::{Graph, Node, closed_form};
use super::{Event, EventStatement, SynapseModel, Trigger};

/// Where a state is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Home {
    /// By source neuron.
    Source,
    /// By target neuron.
    Target,
    /// By synapse.
    Synapse,
}

impl Home {
    /// Is it kept by a neuron: the target's (`true`) or the source's?
    pub fn end(self) -> Option<bool> {
        match self {
            Home::Source => Some(false),
            Home::Target => Some(true),
            Home::Synapse => None,
        }
    }
}

/// The home of each state. `shared`: is a parameter one number for all synapses?
pub fn homes(model: &SynapseModel, shared: impl Fn(u32) -> bool) -> Vec<Home> {
    let changes = |event: &Event, k: usize| {
        let mut all = event.statements.iter();
        all.any(|s| matches!(s, EventStatement::Assign(a) if a.state as usize == k))
    };
    let first = |k: usize| {
        let by = |post: bool| model.events.iter().any(|e| e.trigger.is_of(post) && changes(e, k));
        let at_intervals = model.events.iter().any(|e| matches!(e.trigger, Trigger::Every(_)) && changes(e, k));
        match [by(false), by(true), at_intervals || is_stepped(model, k)] {
            [true, false, false] => Home::Source,
            [false, true, false] => Home::Target,
            _ => Home::Synapse,
        }
    };
    let mut homes: Vec<Home> = (0..model.states.len()).map(first).collect();
    // a state is a neuron's only as long as all that it becomes is
    while let Some(k) = (0..homes.len()).find(|k| homes[*k] != Home::Synapse && !stays(model, &homes, *k, &shared)) {
        homes[k] = Home::Synapse;
    }
    homes
}

/// Is the equation of a state stepped, since it has no closed form?
pub fn is_stepped(model: &SynapseModel, state: usize) -> bool {
    let equation = model.states[state].equation.as_ref();
    equation.is_some_and(|equation| closed_form(&model.graph, equation.rate, state as u32).is_none())
}

fn stays(model: &SynapseModel, homes: &[Home], k: usize, shared: &dyn Fn(u32) -> bool) -> bool {
    let state = &model.states[k];
    let known = |node: Node| match node {
        Node::Constant(_) | Node::Dt => true,
        Node::Param(p) => shared(p),
        Node::State(j) => homes[j as usize] == homes[k],
        _ => leafless(node),
    };
    let assigned = model.events.iter().flat_map(|e| &e.statements).filter_map(|s| match s {
        EventStatement::Assign(a) if a.state as usize == k => Some(a.value),
        _ => None,
    });
    let bounds = state.range.low.iter().chain(&state.range.high).map(|b| b.value);
    let rate = state.equation.iter().map(|e| e.rate);
    let mut roots = assigned.chain(bounds).chain(rate).chain([state.initial]);
    roots.all(|root| !model.graph.any_leaf(root, |n| !known(n)))
}

/// An operation: what it reads is looked at by itself.
fn leafless(node: Node) -> bool {
    Graph::operands(node).next().is_some()
}
