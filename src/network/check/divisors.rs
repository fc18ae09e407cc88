//! What a model divides by must not be 0, and a capacitance or time that it divides by must be larger.
//!
//! Looked at are divisions whose divisor, or a factor of it, follows from constants and parameters alone, such as `c_m`,
//! `e_hi - e_lo` or the 0 of `0*v`. What stands behind an `if` is left alone: the condition may be there for that very case.

use super::given::{Given, Refused, place, places};
use crate::model::rule::{Binary, Graph, Node, NodeId, Unary};
use crate::model::{Action, EventStatement, NeuronModel, State, SynapseModel};
use crate::units::Dimension;

/// What is wrong with parameters that neurons divide by.
pub(super) fn of_neurons(given: &Given<'_>, model: &NeuronModel) -> Vec<Refused> {
    let mut roots: Vec<NodeId> = of_states(&model.states);
    roots.extend(model.ports.iter().filter_map(|p| p.scale));
    roots.extend(model.threshold);
    roots.extend(model.reset.iter().map(|a| a.value));
    roots.extend(of_step(&model.step));
    problems(given, &roots)
}

/// What is wrong with parameters that synapses divide by.
pub(super) fn of_synapses(given: &Given<'_>, model: &SynapseModel) -> Vec<Refused> {
    let mut roots: Vec<NodeId> = of_states(&model.states);
    roots.extend(model.on_pre.iter().chain(&model.graded).map(|a| a.value));
    roots.extend(model.arrival.iter().map(|a| a.value));
    roots.extend(model.events.iter().flat_map(|event| &event.statements).filter_map(|made| match made {
        EventStatement::Assign(assignment) => Some(assignment.value),
        // among what is added to ports
        EventStatement::Send(_) => None,
    }));
    roots.extend(of_step(&model.step));
    problems(given, &roots)
}

fn of_states(states: &[State]) -> Vec<NodeId> {
    let rates = states.iter().filter_map(|s| s.equation.as_ref()).map(|e| e.rate);
    states.iter().map(|s| s.initial).chain(rates).collect()
}

fn of_step(step: &[Action]) -> impl Iterator<Item = NodeId> + '_ {
    step.iter().filter_map(|action| match action {
        Action::Assign(assignment) => Some(assignment.value),
        _ => None,
    })
}

fn problems(given: &Given<'_>, roots: &[NodeId]) -> Vec<Refused> {
    let mut out = Vec::new();
    for divisor in divisors(given.graph, roots) {
        if given.graph.as_constant(divisor) == Some(0.0) {
            out.push(Refused { code: "E037", key: "model".into(), text: "the model divides by 0, or by 0 times a number".into() });
            continue;
        }
        let places = places(given.graph, divisor);
        if !given.asked(&places) {
            continue;
        }
        let count = given.count(&places);
        let positive = match (given.graph.node(divisor), &places[..]) {
            (Node::Param(_), [k]) => Some(*k).filter(|k| is_positive(given.params[*k as usize].dimension)),
            _ => None,
        };
        let bad = |row: &usize| given.evaluate(divisor, *row).is_some_and(|x| x == 0.0 || (positive.is_some() && x < 0.0));
        let Some(row) = (0..count).find(bad) else { continue };
        let (names, place) = (given.names(&places, row), given.place(count, row));
        let text = match positive {
            Some(k) => format!("{names}{place}: a {} must be larger than 0", given.described(k)),
            None if places.len() == 1 => format!("{names}{place}: the model divides by it"),
            None => format!("{names}{place}: the model divides by a value of these that is 0"),
        };
        out.push(Refused { code: "E037", key: given.last(&places), text });
    }
    out
}

/// Capacitances, also of an area, and times.
fn is_positive(dimension: Dimension) -> bool {
    let area = Dimension::LENGTH.times(Dimension::LENGTH);
    [Dimension::CAPACITANCE, Dimension::CAPACITANCE.per(area), Dimension::TIME].contains(&dimension)
}

/// Divisors that follow from parameters alone and are always looked at, each once.
fn divisors(graph: &Graph, roots: &[NodeId]) -> Vec<NodeId> {
    let mut reached = vec![false; graph.nodes.len()];
    roots.iter().for_each(|root| reached[root.0 as usize] = true);
    let mut out = Vec::new();
    for k in (0..graph.nodes.len()).rev() {
        if !reached[k] {
            continue;
        }
        let node = graph.nodes[k];
        if let Node::Select { condition, .. } = node {
            reached[condition.0 as usize] = true;
            continue;
        }
        if let Node::Binary(Binary::Divide, _, divisor) = node {
            factors(graph, divisor, &mut out);
        }
        Graph::operands(node).for_each(|operand| reached[operand.0 as usize] = true);
    }
    out
}

/// The factors of a divisor that follow from constants and parameters alone; the divisor itself if all do.
fn factors(graph: &Graph, divisor: NodeId, out: &mut Vec<NodeId>) {
    let leaves = graph.leaves(divisor);
    if leaves.iter().all(|leaf| place(*leaf).is_some()) {
        if !out.contains(&divisor) {
            out.push(divisor);
        }
        return;
    }
    match graph.node(divisor) {
        Node::Binary(Binary::Multiply, a, b) => {
            factors(graph, a, out);
            factors(graph, b, out);
        }
        Node::Binary(Binary::Divide, a, _) | Node::Unary(Unary::Negate | Unary::Abs, a) => factors(graph, a, out),
        _ => {}
    }
}
