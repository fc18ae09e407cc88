//! What a model divides by must not be 0, and a capacitance that it divides by must be larger.
//!
//! Looked at are divisions whose divisor follows from parameters alone, such as `c_m` or `e_hi - e_lo`. What stands behind an
//! `if` is left alone: the condition may be there for that very case.

use super::Checker;
use super::values::described;
use crate::diagnostic::Diagnostic;
use crate::model::rule::{Binary, Graph, Node, NodeId};
use crate::model::{NeuronModel, Param, SynapseModel};
use crate::network::checked::{Column, EdgeValue};
use crate::units::Dimension;

impl Checker<'_> {
    pub(super) fn divisors_of_neurons(&mut self, part: &str, model: &NeuronModel, params: &[Column]) -> Option<()> {
        let mut roots: Vec<NodeId> = model.states.iter().map(|s| s.initial).collect();
        roots.extend(model.states.iter().filter_map(|s| s.equation.as_ref()).map(|e| e.rate));
        roots.extend(model.ports.iter().filter_map(|p| p.scale));
        roots.extend(model.threshold);
        roots.extend(model.reset.iter().map(|a| a.value));
        let at = |k: u32, row: usize| params.get(k as usize).map_or(f64::NAN, |column| column.get(row));
        let rows = |k: u32| match params.get(k as usize) {
            Some(Column::PerRow(list)) => list.len(),
            _ => 1,
        };
        self.divisors(part, "neuron", &model.graph, &model.params, &roots, &at, &rows)
    }

    pub(super) fn divisors_of_synapses(&mut self, part: &str, model: &SynapseModel, params: &[EdgeValue]) -> Option<()> {
        let roots: Vec<NodeId> = model.on_pre.iter().chain(&model.graded).map(|a| a.value).collect();
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
        self.divisors(part, "synapse", &model.graph, &model.params, &roots, &at, &rows)
    }

    #[allow(clippy::too_many_arguments, reason = "neurons and synapses are looked at alike")]
    fn divisors(
        &mut self,
        part: &str,
        one: &str,
        graph: &Graph,
        params: &[Param],
        roots: &[NodeId],
        at: &dyn Fn(u32, usize) -> f64,
        rows: &dyn Fn(u32) -> usize,
    ) -> Option<()> {
        for divisor in divisors(graph, roots) {
            let places: Vec<u32> = graph.leaves(divisor).iter().filter_map(|leaf| place(*leaf)).collect();
            let count = places.iter().map(|k| rows(*k)).max().unwrap_or(1);
            let capacitance = match (graph.node(divisor), &places[..]) {
                (Node::Param(_), [k]) => Some(&params[*k as usize]).filter(|p| is_capacitance(p.dimension)),
                _ => None,
            };
            let bad = |row: &usize| {
                let x = graph.evaluate(divisor, &|k| at(k, *row));
                x == 0.0 || (capacitance.is_some() && x < 0.0)
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
            let (names, d) = (names.join(" and "), |text: String| Diagnostic::new("E037", format!("{part}: {text}")));
            self.say(match capacitance {
                Some(p) => d(format!("{names}{place}: a {} must be larger than 0", described(p.dimension))),
                None if places.len() == 1 => d(format!("{names}{place}: the model divides by it")),
                None => d(format!("{names}{place}: the model divides by a value of these that is 0")),
            });
            return None;
        }
        Some(())
    }
}

fn place(leaf: Node) -> Option<u32> {
    match leaf {
        Node::Param(k) => Some(k),
        _ => None,
    }
}

fn is_capacitance(dimension: Dimension) -> bool {
    let area = Dimension::LENGTH.times(Dimension::LENGTH);
    dimension == Dimension::CAPACITANCE || dimension == Dimension::CAPACITANCE.per(area)
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
            let leaves = graph.leaves(divisor);
            let fixed = !leaves.is_empty() && leaves.iter().all(|leaf| place(*leaf).is_some());
            if fixed && !out.contains(&divisor) {
                out.push(divisor);
            }
        }
        Graph::operands(node).for_each(|operand| reached[operand.0 as usize] = true);
    }
    out
}
