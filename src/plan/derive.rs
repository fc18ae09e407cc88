//! Derived numbers and initial values of a group, worked out in f64 on the host.

use std::collections::HashMap;

use super::error::of_part;
use super::{Column, Group, PlanError};
use crate::model::integrate::propagator::propagators;
use crate::model::rule::{LinearSystem, NoValue, Node, NodeId, Propagator, Rule, STEP_PART};

/// Works out [`Group::derived`] and [`Group::initial`] from its parameters.
///
/// **Errors** as [`derive()`].
pub fn derive_group(group: &mut Group, dt: f64) -> Result<(), PlanError> {
    let made = derive(&group.rule, &group.params, &group.given_initial, group.rows as usize, dt);
    (group.derived, group.initial) = made.map_err(of_part(&group.label))?;
    Ok(())
}

/// Derived numbers by place in [`Rule::derived`], and initial values by place in [`Rule::states`].
///
/// **Errors** what one of them depends on beside parameters.
pub fn derive(
    rule: &Rule,
    params: &[Column],
    given_initial: &[Option<Column>],
    rows: usize,
    dt: f64,
) -> Result<(Vec<Column>, Vec<Column>), NoValue> {
    let derived = Evaluation::new(rule, params, dt).columns(rows)?;
    let mut initial: Vec<Option<Column>> = vec![None; rule.states.len()];
    for &k in &rule.initial_order {
        let k = k as usize;
        let column = match given_initial.get(k).cloned().flatten() {
            Some(given) => given,
            None => initial_column(rule, params, &initial, rule.initial[k], rows)?,
        };
        initial[k] = Some(column);
    }
    let initial = initial.into_iter().zip(0..).map(|(column, k)| column.ok_or(NoValue(Node::State(k))));
    Ok((derived, initial.collect::<Result<_, _>>()?))
}

/// An initial value that no run can start from, of a state that must be finite: the state, the row (`None`: all), the value.
pub(super) fn unusable(rule: &Rule, initial: &[Column]) -> Option<(usize, Option<usize>, f64)> {
    let bad = |x: f64| !(x as f32).is_finite();
    rule.watched().find_map(|k| match &initial[k] {
        Column::Shared(x) => bad(*x).then_some((k, None, *x)),
        Column::PerRow(list) => list.iter().position(|x| bad(*x)).map(|row| (k, Some(row), list[row])),
    })
}

/// The steps of the longest refractory period, where a rule counts them in one column and the host knows them.
fn longest_refractory(rule: &Rule, params: &[Column], rows: usize, dt: f64) -> Result<Option<f64>, NoValue> {
    let Some(countdown) = rule.countdown else { return Ok(None) };
    let column = match rule.graph.node(countdown) {
        Node::Constant(bits) => Column::Shared(f64::from_bits(bits)),
        Node::Param(k) => params[k as usize].clone(),
        Node::Derived(k) => {
            let (mut evaluation, node) = (Evaluation::new(rule, params, dt), rule.derived[k as usize]);
            if evaluation.varies(node) {
                Column::PerRow((0..rows).map(|row| evaluation.at(node, row)).collect::<Result<_, _>>()?)
            } else {
                Column::Shared(evaluation.at(node, 0)?)
            }
        }
        _ => return Ok(None),
    };
    Ok(match column {
        Column::Shared(x) => Some(x),
        Column::PerRow(list) => list.into_iter().reduce(f64::max),
    })
}

/// The steps of a refractory period that pass what the one column of a rule counts.
///
/// **Errors** as [`derive()`].
pub fn uncounted_refractory(rule: &Rule, params: &[Column], rows: u32, dt: f64) -> Result<Option<f64>, NoValue> {
    Ok(longest_refractory(rule, params, rows as usize, dt)?.filter(|steps| *steps > STEP_PART as f64))
}

fn initial_column(rule: &Rule, params: &[Column], states: &[Option<Column>], node: NodeId, rows: usize) -> Result<Column, NoValue> {
    let varies = |n: Node| match n {
        Node::Param(k) => matches!(params[k as usize], Column::PerRow(_)),
        Node::State(k) => matches!(states[k as usize], Some(Column::PerRow(_))),
        _ => false,
    };
    let at = |row: usize| {
        rule.graph.evaluate_with(node, &mut |n| match n {
            Node::Param(k) => Some(params[k as usize].get(row)),
            Node::State(k) => Some(states[k as usize].as_ref()?.get(row)),
            _ => None,
        })
    };
    Ok(match rule.graph.any_leaf(node, varies) {
        true => Column::PerRow((0..rows).map(at).collect::<Result<_, _>>()?),
        false => Column::Shared(at(0)?),
    })
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
    fn columns(&mut self, rows: usize) -> Result<Vec<Column>, NoValue> {
        let rule = self.rule;
        let mut out: Vec<Column> = Vec::with_capacity(rule.derived.len());
        for node in &rule.derived {
            out.push(if self.varies(*node) {
                Column::PerRow(Vec::with_capacity(rows))
            } else {
                Column::Shared(self.at(*node, 0)?)
            });
        }
        let mut varying: Vec<(NodeId, &mut Vec<f64>)> = (rule.derived.iter().zip(&mut out))
            .filter_map(|(node, column)| match column {
                Column::PerRow(list) => Some((*node, list)),
                Column::Shared(_) => None,
            })
            .collect();
        for row in 0..if varying.is_empty() { 0 } else { rows } {
            for (node, list) in &mut varying {
                list.push(self.at(*node, row)?);
            }
        }
        Ok(out)
    }

    fn varies(&self, node: NodeId) -> bool {
        self.rule.graph.any_leaf(node, |n| match n {
            Node::Propagator { system, .. } => self.varying[system as usize],
            n => matches!(n, Node::Param(k) if matches!(self.params[k as usize], Column::PerRow(_))),
        })
    }

    fn at(&mut self, node: NodeId, row: usize) -> Result<f64, NoValue> {
        let rule = self.rule;
        rule.graph.evaluate_with(node, &mut |n| match n {
            Node::Param(k) => Some(self.params[k as usize].get(row)),
            Node::Propagator { system, kind, row: i, column } => self.propagator(system, kind, i, column, row),
            _ => None,
        })
    }

    /// `None`: its matrix does not follow from parameters.
    fn propagator(&mut self, system: u32, kind: Propagator, i: u32, j: u32, row: usize) -> Option<f64> {
        let n = self.rule.systems[system as usize].size as usize;
        let half = matches!(kind, Propagator::HalfState | Propagator::HalfInput);
        let known = self.last.get(&(system, half)).is_some_and(|p| p.row == row || !self.varying[system as usize]);
        if !known {
            self.work_out(system, half, row)?;
        }
        let known = self.last.get(&(system, half))?;
        let table = if matches!(kind, Propagator::State | Propagator::HalfState) { &known.state } else { &known.input };
        Some(table[i as usize * n + j as usize])
    }

    fn work_out(&mut self, system: u32, half: bool, row: usize) -> Option<()> {
        let (rule, params) = (self.rule, self.params);
        let s = &rule.systems[system as usize];
        let param = |k: u32| Some(params[k as usize].get(row));
        let matrix: Vec<f64> = s.matrix.iter().map(|m| rule.graph.evaluate(*m, &param)).collect::<Option<_>>()?;
        let bits: Vec<u64> = matrix.iter().map(|x| x.to_bits()).collect();
        if let Some(known) = self.last.get_mut(&(system, half))
            && known.bits == bits
        {
            known.row = row;
            return Some(());
        }
        let h = if half { self.dt / 2.0 } else { self.dt };
        let (state, input) = propagators(&matrix, s.size as usize, h);
        self.last.insert((system, half), Propagators { row, bits, state, input });
        Some(())
    }
}
