//! A neuron model with the traces that its synapses keep: states of its own that its spikes change.
//!
//! In: a neuron model, synapse models and which of their states this end keeps ([`Traces`]). Out: the model with a hidden state for
//! each, and for each value that a line of the synapse reads before the spike has had its whole effect another one. What runs
//! neurons then runs traces, and knows nothing of them.

use std::collections::HashMap;

use super::home::Home;
use super::rule::{Graph, Node, NodeId};
use crate::units::Dimension;

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

/// The model with these traces, and for each entry where they stand. Traces that have the same course, of however many
/// projections, stand there once.
pub fn traced(model: &NeuronModel, all: &[Traces<'_>]) -> (NeuronModel, Vec<TraceColumns>) {
    let mut out = model.clone();
    let mut graph = Graph::default();
    let courses: Vec<Course> = all.iter().map(|traces| traces.course(&mut graph)).collect();
    let mut columns = vec![TraceColumns::new(); all.len()];
    for k in 0..all.len() {
        let alike: Vec<usize> = (0..all.len()).filter(|other| courses[*other] == courses[k]).collect();
        if alike[0] != k {
            continue;
        }
        let (label, versions) = shared(all, &alike);
        let of_all = Traces { label: &label, versions, params: all[k].params.clone(), ..all[k] };
        let places = add(&mut out, &of_all);
        for other in alike {
            let named = all[other].own().zip(all[k].own());
            let of = |(theirs, ours): (u32, u32)| {
                let of_state = places.iter().filter(move |((state, _), _)| *state == ours);
                of_state.map(move |((_, version), column)| ((theirs, *version), *column))
            };
            columns[other] = named.flat_map(of).collect();
        }
    }
    (out, columns)
}

/// The names of projections whose traces stand in one place, and the values that any of them reads, by the states of the first.
fn shared(all: &[Traces<'_>], alike: &[usize]) -> (String, Vec<(u32, u32)>) {
    let first: Vec<u32> = all[alike[0]].own().collect();
    let mut versions: Vec<(u32, u32)> = Vec::new();
    for traces in alike.iter().map(|k| &all[*k]) {
        let own: HashMap<u32, u32> = traces.own().zip(first.iter().copied()).collect();
        versions.extend(traces.versions.iter().filter_map(|(state, version)| Some((*own.get(state)?, *version))));
    }
    versions.sort_unstable();
    versions.dedup();
    let labels: Vec<&str> = alike.iter().map(|k| all[*k].label).collect();
    (labels.join(", "), versions)
}

/// What the states of an end become, told by places among them: equal where they have the same course.
#[derive(PartialEq)]
struct Course {
    post: bool,
    lines: usize,
    /// Initial value, rate, dimension.
    states: Vec<(NodeId, Option<NodeId>, Dimension)>,
    /// Line, state, value, bounds.
    changes: Vec<(usize, u32, NodeId, [Option<NodeId>; 2])>,
}

impl Traces<'_> {
    fn home(&self) -> Home {
        if self.post { Home::Target } else { Home::Source }
    }

    /// The states that this end keeps.
    fn own(&self) -> impl Iterator<Item = u32> + '_ {
        (0u32..).zip(self.homes).filter(|(_, home)| **home == self.home()).map(|(k, _)| k)
    }

    /// The lines that spikes of this end run.
    fn lines(&self) -> impl Iterator<Item = &super::Event> {
        self.synapse.events.iter().filter(|e| e.trigger.is_of(self.post))
    }

    /// `graph` holds each expression once, so that equal ones have one node.
    fn course(&self, graph: &mut Graph) -> Course {
        let place: HashMap<u32, u32> = self.own().zip(0..).collect();
        let mut leaf = |graph: &mut Graph, node: Node| match node {
            Node::Param(k) => graph.constant(self.params.get(k as usize).copied().flatten().unwrap_or_default()),
            Node::State(k) => graph.add(Node::State(place.get(&k).copied().unwrap_or(k))),
            node => graph.add(node),
        };
        let mut copy = |root: NodeId| graph.copy_of(&self.synapse.graph, root, &mut leaf);
        let mut states = Vec::new();
        for k in self.own() {
            let state = &self.synapse.states[k as usize];
            states.push((copy(state.initial), state.equation.as_ref().map(|e| copy(e.rate)), state.dimension));
        }
        let mut changes = Vec::new();
        for (number, line) in self.lines().enumerate() {
            for statement in &line.statements {
                let EventStatement::Assign(a) = statement else { continue };
                let Some(state) = place.get(&a.state) else { continue };
                let range = &self.synapse.states[a.state as usize].range;
                let bounds = [range.low, range.high].map(|bound| bound.map(|b| copy(b.value)));
                changes.push((number, *state, copy(a.value), bounds));
            }
        }
        Course { post: self.post, lines: self.lines().count(), states, changes }
    }
}

fn add(model: &mut NeuronModel, traces: &Traces<'_>) -> TraceColumns {
    let synapse = traces.synapse;
    let own: Vec<u32> = traces.own().collect();
    let first = model.states.len() as u32;
    let place: HashMap<u32, u32> = own.iter().copied().zip(first..).collect();
    let mut leaf = |graph: &mut Graph, node: Node| match node {
        Node::Param(k) => graph.constant(traces.params.get(k as usize).copied().flatten().unwrap_or_default()),
        Node::State(k) => graph.add(Node::State(place.get(&k).copied().unwrap_or(k))),
        node => graph.add(node),
    };
    let lines: Vec<&super::Event> = traces.lines().collect();
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

#[cfg(test)]
mod tests {
    use super::super::home::homes;
    use super::*;
    use std::sync::Arc;

    use crate::diagnostic::Source;
    use crate::model::ModelSet;
    use crate::model::check::read;

    const CELL: &str =
        "neuron cell\n  state v = 0 mV\n  input delta -> v\n  dv/dt = -v/(10 ms)\n  threshold v >= 1 mV\n  reset v = 0 mV";
    const PAIR: &str = "synapse pair
  param tau = 20 ms, a = 0.1 mV
  state w = 1 mV (from 0 mV to 2 mV)
  state x = 0 mV, y = 0 mV
  dx/dt = -x/tau
  dy/dt = -y/tau
  on_pre delta += w; x += a; w += y
  on_post y += a; w += x";

    fn checked(text: &str) -> ModelSet {
        read(&Source { name: "model".into(), text: text.into() }).unwrap_or_else(|report| panic!("{report}\n{text}"))
    }

    fn states(given: &[(&str, &str, f64, bool)]) -> (Vec<String>, Vec<TraceColumns>) {
        let cell = checked(CELL).neurons.into_values().next().unwrap();
        let models: Vec<Arc<SynapseModel>> =
            given.iter().map(|(_, text, ..)| checked(text).synapses.into_values().next().unwrap()).collect();
        let kept: Vec<Vec<Home>> = models.iter().map(|model| homes(model, |_| true)).collect();
        let all: Vec<Traces<'_>> = given
            .iter()
            .zip(models.iter().zip(&kept))
            .map(|((label, _, tau, post), (synapse, homes))| Traces {
                label,
                synapse,
                homes,
                post: *post,
                params: vec![Some(*tau), Some(0.1)],
                versions: Vec::new(),
            })
            .collect();
        let (model, columns) = traced(&cell, &all);
        (model.states.iter().skip(1).map(|state| state.name.clone()).collect(), columns)
    }

    #[test]
    fn traces_of_one_course_stand_once() {
        let (names, columns) = states(&[("one", PAIR, 20.0, false), ("two", PAIR, 20.0, false)]);
        assert_eq!(names, [" x of one, two (of the source)"]);
        assert_eq!(columns[0], columns[1]);
        // the same course under other names and with another weight
        let renamed = PAIR.replace("x", "q").replace("w += y", "w += 2*y").replace("state w = 1 mV (", "state w = 2 mV (");
        let (names, columns) = states(&[("one", PAIR, 20.0, false), ("two", &renamed, 20.0, false)]);
        assert_eq!((names.len(), columns[0].len()), (1, 1));
    }

    #[test]
    fn traces_that_differ_in_anything_stand_apart() {
        let other_step = PAIR.replace("x += a", "x = a");
        let other_start = PAIR.replace("x = 0 mV", "x = 0.1 mV");
        let bounded = PAIR.replace("state x = 0 mV, y", "state x = 0 mV (to 1 mV)\n  state y");
        for (name, text, tau, post) in [
            ("tau", PAIR, 21.0, false),
            ("end", PAIR, 20.0, true),
            ("step", &other_step, 20.0, false),
            ("start", &other_start, 20.0, false),
            ("bounds", &bounded, 20.0, false),
        ] {
            let (names, _) = states(&[("one", PAIR, 20.0, false), (name, text, tau, post)]);
            assert_eq!(names.len(), 2, "{name}: {names:?}");
        }
    }
}
