//! A neuron model with the traces that its synapses keep: states of its own that its spikes change.
//!
//! In: a neuron model, synapse models and which of their states this end keeps ([`Traces`]). Out: the model with a hidden state for
//! each, and for each value that a line of the synapse reads before the spike has had its whole effect another one. What runs
//! neurons then runs traces, and knows nothing of them.

use std::collections::HashMap;

use super::home::Home;
use super::rule::{Graph, Node, NodeId};
use super::{Action, Assignment, Equation, EventStatement, NeuronModel, Range, State, SynapseModel};

/// Traces of one end of one projection.
pub struct Traces<'a> {
    /// Of the projection.
    pub label: &'a str,
    /// Its synapse model.
    pub synapse: &'a SynapseModel,
    /// Of each of its states.
    pub homes: &'a [Home],
    /// Does this neuron receive, else send?
    pub post: bool,
    /// By parameter: the number of those that are one for all synapses; traces name no others.
    pub params: Vec<Option<f64>>,
    /// Values that are read before all lines of a spike have run: state, lines before.
    pub versions: Vec<(u32, u32)>,
}

/// Columns of a state: by state and by lines before.
pub type TraceColumns = HashMap<(u32, u32), u32>;

/// The model with these traces, and for each entry where they stand.
pub fn traced(model: &NeuronModel, all: &[Traces<'_>]) -> (NeuronModel, Vec<TraceColumns>) {
    let mut out = model.clone();
    let places = all.iter().map(|traces| add(&mut out, traces)).collect();
    (out, places)
}

fn add(model: &mut NeuronModel, traces: &Traces<'_>) -> TraceColumns {
    let (synapse, home) = (traces.synapse, if traces.post { Home::Target } else { Home::Source });
    let own: Vec<u32> = (0u32..).zip(traces.homes).filter(|(_, h)| **h == home).map(|(k, _)| k).collect();
    let first = model.states.len() as u32;
    let place: HashMap<u32, u32> = own.iter().copied().zip(first..).collect();
    let mut leaf = |graph: &mut Graph, node: Node| match node {
        Node::Param(k) => graph.constant(traces.params.get(k as usize).copied().flatten().unwrap_or_default()),
        Node::State(k) => graph.add(Node::State(place.get(&k).copied().unwrap_or(k))),
        node => graph.add(node),
    };
    let lines: Vec<&super::Event> = synapse.events.iter().filter(|e| e.trigger.is_of(traces.post)).collect();
    let mut columns = TraceColumns::new();
    let end = if traces.post { "of the target" } else { "of the source" };
    for k in &own {
        let state = &synapse.states[*k as usize];
        let initial = model.graph.copy_of(&synapse.graph, state.initial, &mut leaf);
        let equation = state
            .equation
            .as_ref()
            .map(|e| Equation { rate: model.graph.copy_of(&synapse.graph, e.rate, &mut leaf), unless_refractory: false });
        columns.insert((*k, lines.len() as u32), model.states.len() as u32);
        let name = format!(" {} of {} ({end})", state.name, traces.label);
        model.states.push(State { name, dimension: state.dimension, initial, equation, range: Range::default() });
    }
    // values before all lines have run: held as they are at the test, and where lines come before, as those leave them
    for (k, version) in &traces.versions {
        let state = &synapse.states[*k as usize];
        columns.insert((*k, *version), model.states.len() as u32);
        let (initial, name) = (
            model.states[place[k] as usize].initial,
            format!(" {} of {} ({end}, before line {version})", state.name, traces.label),
        );
        model.states.push(State { name, dimension: state.dimension, initial, equation: None, range: Range::default() });
    }
    let Some(test) = model.step.iter().position(|a| *a == Action::Spike) else { return columns };
    let keep = |model: &mut NeuronModel, k: u32, version: u32| {
        let value = model.graph.add(Node::State(place[&k]));
        Assignment { state: columns[&(k, version)], value }
    };
    let kept: Vec<Action> = traces.versions.iter().map(|(k, v)| Action::Assign(keep(model, *k, *v))).collect();
    model.step.splice(test..test, kept);
    for (version, line) in (0u32..).zip(&lines) {
        if version > 0 {
            for (k, _) in traces.versions.iter().filter(|(_, v)| *v == version) {
                let kept = keep(model, *k, version);
                model.reset.push(kept);
            }
        }
        for statement in &line.statements {
            let EventStatement::Assign(a) = statement else { continue };
            let Some(column) = place.get(&a.state) else { continue };
            let value = model.graph.copy_of(&synapse.graph, a.value, &mut leaf);
            let range = &synapse.states[a.state as usize].range;
            let ends = [range.low, range.high].map(|bound| bound.map(|b| model.graph.copy_of(&synapse.graph, b.value, &mut leaf)));
            let value: NodeId = model.graph.within(value, ends);
            model.reset.push(Assignment { state: *column, value });
        }
    }
    columns
}
