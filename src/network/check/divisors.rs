//! What a model divides by must not be 0, and a capacitance or time that it divides by must be larger.
//!
//! Looked at are divisions whose divisor follows from parameters alone, such as `c_m` or `e_hi - e_lo`. What stands behind an
//! `if` is left alone: the condition may be there for that very case.

use super::Checker;
use super::values::described;
use crate::diagnostic::Diagnostic;
use crate::model::rule::{Binary, Graph, Node, NodeId};
use crate::model::{Action, NeuronModel, Param, State, SynapseModel};
use crate::network::checked::{Column, EdgeValue};
use crate::units::Dimension;

impl Checker<'_> {
    pub(super) fn divisors_of_neurons(&mut self, part: &str, model: &NeuronModel, params: &[Column]) -> Option<()> {
        self.told(part, of_neurons(model, params))
    }

    pub(super) fn divisors_of_synapses(&mut self, part: &str, model: &SynapseModel, params: &[EdgeValue]) -> Option<()> {
        self.told(part, of_synapses(model, params))
    }

    fn told(&mut self, part: &str, problem: Option<String>) -> Option<()> {
        let Some(text) = problem else { return Some(()) };
        self.say(Diagnostic::new("E037", format!("{part}: {text}")));
        None
    }
}

/// What is wrong with parameters that neurons divide by.
pub(crate) fn of_neurons(model: &NeuronModel, params: &[Column]) -> Option<String> {
    let mut roots: Vec<NodeId> = of_states(&model.states);
    roots.extend(model.ports.iter().filter_map(|p| p.scale));
    roots.extend(model.threshold);
    roots.extend(model.reset.iter().map(|a| a.value));
    roots.extend(of_step(&model.step));
    let at = |k: u32, row: usize| params.get(k as usize).map_or(f64::NAN, |column| column.get(row));
    let rows = |k: u32| match params.get(k as usize) {
        Some(Column::PerRow(list)) => list.len(),
        _ => 1,
    };
    problem("neuron", &model.graph, &model.params, &roots, &at, &rows)
}

fn of_synapses(model: &SynapseModel, params: &[EdgeValue]) -> Option<String> {
    let mut roots: Vec<NodeId> = of_states(&model.states);
    roots.extend(model.on_pre.iter().chain(&model.graded).map(|a| a.value));
    roots.extend(model.arrival.iter().map(|a| a.value));
    roots.extend(of_step(&model.step));
    // what is drawn is drawn later
    let at = |k: u32, edge: usize| match params.get(k as usize) {
        Some(EdgeValue::Shared(x)) => *x,
        Some(EdgeValue::List(list)) => list.get(edge).copied().unwrap_or(f64::NAN),
        _ => f64::NAN,
    };
    let rows = |k: u32| match params.get(k as usize) {
        Some(EdgeValue::List(list)) => list.len(),
        _ => 1,
    };
    problem("synapse", &model.graph, &model.params, &roots, &at, &rows)
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

fn problem(
    one: &str,
    graph: &Graph,
    params: &[Param],
    roots: &[NodeId],
    at: &dyn Fn(u32, usize) -> f64,
    rows: &dyn Fn(u32) -> usize,
) -> Option<String> {
    for divisor in divisors(graph, roots) {
        let places: Vec<u32> = graph.leaves(divisor).iter().filter_map(|leaf| place(*leaf)).collect();
        let count = places.iter().map(|k| rows(*k)).max().unwrap_or(1);
        let positive = match (graph.node(divisor), &places[..]) {
            (Node::Param(_), [k]) => Some(&params[*k as usize]).filter(|p| is_positive(p.dimension)),
            _ => None,
        };
        let bad = |row: &usize| {
            let x = graph.evaluate(divisor, &|k| at(k, *row));
            x == 0.0 || (positive.is_some() && x < 0.0)
        };
        let Some(row) = (0..count).find(bad) else { continue };
        let names: Vec<String> = places
            .iter()
            .map(|k| {
                let p = &params[*k as usize];
                let unit = super::values::unit_text(p.dimension);
                format!("`{}` = {} {}", p.name, super::short(at(*k, row)), unit).trim_end().to_string()
            })
            .collect();
        let place = if count > 1 { format!(" of {one} {row}") } else { String::new() };
        let names = names.join(" and ");
        return Some(match positive {
            Some(p) => format!("{names}{place}: a {} must be larger than 0", described(p.dimension)),
            None if places.len() == 1 => format!("{names}{place}: the model divides by it"),
            None => format!("{names}{place}: the model divides by a value of these that is 0"),
        });
    }
    None
}

fn place(leaf: Node) -> Option<u32> {
    match leaf {
        Node::Param(k) => Some(k),
        _ => None,
    }
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

/// The factors of a divisor that follow from parameters alone; the divisor itself if all do.
fn factors(graph: &Graph, divisor: NodeId, out: &mut Vec<NodeId>) {
    let leaves = graph.leaves(divisor);
    if !leaves.is_empty() && leaves.iter().all(|leaf| place(*leaf).is_some()) {
        if !out.contains(&divisor) {
            out.push(divisor);
        }
    } else if let Node::Binary(Binary::Multiply, a, b) = graph.node(divisor) {
        factors(graph, a, out);
        factors(graph, b, out);
    }
}
