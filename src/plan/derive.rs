//! Derived numbers and initial values of a group, worked out in f64 on the host.

use std::collections::HashMap;

use super::{Column, Group};
use crate::model::integrate::propagator::propagators;
use crate::model::rule::{Node, NodeId, Propagator, Rule};

/// Works out [`Group::derived`] and [`Group::initial`] from its parameters.
pub fn derive_group(group: &mut Group, dt: f64) {
    let (derived, initial) = derive(&group.rule, &group.params, &group.given_initial, group.rows as usize, dt);
    (group.derived, group.initial) = (derived, initial);
}

/// Derived numbers by place in [`Rule::derived`], and initial values by place in [`Rule::states`].
pub fn derive(
    rule: &Rule,
    params: &[Column],
    given_initial: &[Option<Column>],
    rows: usize,
    dt: f64,
) -> (Vec<Column>, Vec<Column>) {
    let mut evaluation = Evaluation { rule, params, dt, last: HashMap::new() };
    let derived = rule.derived.iter().map(|node| evaluation.column(*node, rows)).collect();
    let mut initial: Vec<Option<Column>> = vec![None; rule.states.len()];
    for &k in &rule.initial_order {
        let k = k as usize;
        let column = match given_initial.get(k).cloned().flatten() {
            Some(given) => given,
            None => initial_column(rule, params, &initial, rule.initial[k], rows),
        };
        initial[k] = Some(column);
    }
    (derived, initial.into_iter().map(|c| c.unwrap_or(Column::Shared(0.0))).collect())
}

fn initial_column(rule: &Rule, params: &[Column], states: &[Option<Column>], node: NodeId, rows: usize) -> Column {
    let varies = |n: Node| match n {
        Node::Param(k) => matches!(params[k as usize], Column::PerRow(_)),
        Node::State(k) => matches!(states[k as usize], Some(Column::PerRow(_))),
        _ => false,
    };
    let at = |row: usize| {
        rule.graph.evaluate_with(node, &mut |n| match n {
            Node::Param(k) => params[k as usize].get(row),
            Node::State(k) => states[k as usize].as_ref().map_or(0.0, |c| c.get(row)),
            _ => 0.0,
        })
    };
    if rule.graph.any_leaf(node, varies) { Column::PerRow((0..rows).map(at).collect()) } else { Column::Shared(at(0)) }
}

/// The bits of a matrix, and its two propagators.
type Propagators = (Vec<u64>, Vec<f64>, Vec<f64>);

struct Evaluation<'a> {
    rule: &'a Rule,
    params: &'a [Column],
    dt: f64,
    /// Propagators of each system for the matrix last met: rows often share it.
    last: HashMap<(u32, bool), Propagators>,
}

impl Evaluation<'_> {
    fn column(&mut self, node: NodeId, rows: usize) -> Column {
        if self.varies(node) {
            Column::PerRow((0..rows).map(|row| self.at(node, row)).collect())
        } else {
            Column::Shared(self.at(node, 0))
        }
    }

    fn varies(&self, node: NodeId) -> bool {
        let per_row = |n: Node| matches!(n, Node::Param(k) if matches!(self.params[k as usize], Column::PerRow(_)));
        self.rule.graph.any_leaf(node, |n| match n {
            Node::Propagator { system, .. } => {
                self.rule.systems[system as usize].matrix.iter().any(|m| self.rule.graph.any_leaf(*m, per_row))
            }
            n => per_row(n),
        })
    }

    fn at(&mut self, node: NodeId, row: usize) -> f64 {
        let rule = self.rule;
        rule.graph.evaluate_with(node, &mut |n| match n {
            Node::Param(k) => self.params[k as usize].get(row),
            Node::Propagator { system, kind, row: i, column } => self.propagator(system, kind, i, column, row),
            _ => f64::NAN,
        })
    }

    fn propagator(&mut self, system: u32, kind: Propagator, i: u32, j: u32, row: usize) -> f64 {
        let s = &self.rule.systems[system as usize];
        let n = s.size as usize;
        let matrix: Vec<f64> = s
            .matrix
            .iter()
            .map(|m| {
                self.rule.graph.evaluate_with(*m, &mut |n| match n {
                    Node::Param(k) => self.params[k as usize].get(row),
                    _ => f64::NAN,
                })
            })
            .collect();
        let half = matches!(kind, Propagator::HalfState | Propagator::HalfInput);
        let bits: Vec<u64> = matrix.iter().map(|x| x.to_bits()).collect();
        let entry = self.last.entry((system, half)).or_default();
        if entry.0 != bits {
            let h = if half { self.dt / 2.0 } else { self.dt };
            let (state, input) = propagators(&matrix, n, h);
            *entry = (bits, state, input);
        }
        let table = if matches!(kind, Propagator::State | Propagator::HalfState) { &entry.1 } else { &entry.2 };
        table[i as usize * n + j as usize]
    }
}
