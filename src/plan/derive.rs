//! Derived numbers and initial values of a group, worked out in f64 on the host.

use std::collections::HashMap;

use super::{Column, Group};
use crate::model::integrate::propagator::propagators;
use crate::model::rule::{LinearSystem, Node, NodeId, Propagator, Rule, STEP_PART};

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
    let derived = Evaluation::new(rule, params, dt).columns(rows);
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

/// The steps of the longest refractory period, where a rule counts them in one column and the host knows them.
fn longest_refractory(rule: &Rule, params: &[Column], rows: usize, dt: f64) -> Option<f64> {
    let column = match rule.graph.node(rule.countdown?) {
        Node::Constant(bits) => Column::Shared(f64::from_bits(bits)),
        Node::Param(k) => params[k as usize].clone(),
        Node::Derived(k) => {
            let (mut evaluation, node) = (Evaluation::new(rule, params, dt), rule.derived[k as usize]);
            if evaluation.varies(node) {
                Column::PerRow((0..rows).map(|row| evaluation.at(node, row)).collect())
            } else {
                Column::Shared(evaluation.at(node, 0))
            }
        }
        _ => return None,
    };
    match column {
        Column::Shared(x) => Some(x),
        Column::PerRow(list) => list.into_iter().reduce(f64::max),
    }
}

/// The steps of a refractory period that pass what the one column of a rule counts.
pub fn uncounted_refractory(rule: &Rule, params: &[Column], rows: u32, dt: f64) -> Option<f64> {
    longest_refractory(rule, params, rows as usize, dt).filter(|steps| *steps > STEP_PART as f64)
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

/// Propagators of one matrix.
struct Propagators {
    /// The row whose matrix was worked out last.
    row: usize,
    /// The bits of the matrix: rows often share it.
    bits: Vec<u64>,
    state: Vec<f64>,
    input: Vec<f64>,
}

struct Evaluation<'a> {
    rule: &'a Rule,
    params: &'a [Column],
    dt: f64,
    /// By system: does its matrix vary from row to row?
    varying: Vec<bool>,
    /// Of each system over a whole and over half a step, for the row met last.
    last: HashMap<(u32, bool), Propagators>,
}

impl<'a> Evaluation<'a> {
    fn new(rule: &'a Rule, params: &'a [Column], dt: f64) -> Evaluation<'a> {
        let per_row = |n: Node| matches!(n, Node::Param(k) if matches!(params[k as usize], Column::PerRow(_)));
        let varies = |s: &LinearSystem| s.matrix.iter().any(|m| rule.graph.any_leaf(*m, per_row));
        Evaluation { rule, params, dt, varying: rule.systems.iter().map(varies).collect(), last: HashMap::new() }
    }

    /// All derived numbers. Row after row, so that the matrices of a row are worked out once.
    fn columns(&mut self, rows: usize) -> Vec<Column> {
        let rule = self.rule;
        let mut out: Vec<Column> = Vec::with_capacity(rule.derived.len());
        for node in &rule.derived {
            out.push(if self.varies(*node) { Column::PerRow(Vec::with_capacity(rows)) } else { Column::Shared(self.at(*node, 0)) });
        }
        let mut varying: Vec<(NodeId, &mut Vec<f64>)> = (rule.derived.iter().zip(&mut out))
            .filter_map(|(node, column)| match column {
                Column::PerRow(list) => Some((*node, list)),
                Column::Shared(_) => None,
            })
            .collect();
        for row in 0..if varying.is_empty() { 0 } else { rows } {
            varying.iter_mut().for_each(|(node, list)| list.push(self.at(*node, row)));
        }
        out
    }

    fn varies(&self, node: NodeId) -> bool {
        self.rule.graph.any_leaf(node, |n| match n {
            Node::Propagator { system, .. } => self.varying[system as usize],
            n => matches!(n, Node::Param(k) if matches!(self.params[k as usize], Column::PerRow(_))),
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
        let n = self.rule.systems[system as usize].size as usize;
        let half = matches!(kind, Propagator::HalfState | Propagator::HalfInput);
        let known = self.last.get(&(system, half)).is_some_and(|p| p.row == row || !self.varying[system as usize]);
        if !known {
            self.work_out(system, half, row);
        }
        let Some(known) = self.last.get(&(system, half)) else { return f64::NAN };
        let table = if matches!(kind, Propagator::State | Propagator::HalfState) { &known.state } else { &known.input };
        table[i as usize * n + j as usize]
    }

    fn work_out(&mut self, system: u32, half: bool, row: usize) {
        let (rule, params) = (self.rule, self.params);
        let s = &rule.systems[system as usize];
        let param = |k: u32| params[k as usize].get(row);
        let matrix: Vec<f64> = s.matrix.iter().map(|m| rule.graph.evaluate(*m, &param)).collect();
        let bits: Vec<u64> = matrix.iter().map(|x| x.to_bits()).collect();
        if let Some(known) = self.last.get_mut(&(system, half))
            && known.bits == bits
        {
            known.row = row;
            return;
        }
        let h = if half { self.dt / 2.0 } else { self.dt };
        let (state, input) = propagators(&matrix, s.size as usize, h);
        self.last.insert((system, half), Propagators { row, bits, state, input });
    }
}
