//! Graded synapses: for every target the sum over its edges of a function of both ends, from the states at the start of
//! the step. Edges are walked by target, so that a sum has one order whatever the number of workers.

use std::sync::Arc;

use pulp::Arch;

use super::block::{self, Columns, Source};
use super::operation::{ColumnSource, Program, Scalar};
use super::program::{Roots, Shape, lower};
use super::real::Real;
use super::share::PartShare;
use super::worker::{Part, Worker};
use crate::model::rule::Node;
use crate::plan::{Coupling, EdgeColumn, Plan, by_target};

/// One coupling as a worker sees it, in any instance.
pub struct CoupleShare<T: Real> {
    coupling: usize,
    group: usize,
    input: u32,
    program: Program,
    /// Edges of the worker's targets, by target: (row of the part, first edge, last edge).
    targets: Vec<(u32, usize, usize)>,
    /// By place in [`Program::columns`].
    ends: Vec<EndValues<T>>,
    edges: usize,
}

/// The same in one instance.
pub struct Couple<T: Real> {
    share: Arc<CoupleShare<T>>,
    columns: Columns<T>,
}

/// Where the values of a column come from.
enum EndValues<T> {
    /// A state of one end: group, column, and the row of the group for each edge.
    State { group: usize, column: usize, rows: Vec<u32> },
    /// A parameter of one end.
    Param { group: usize, param: usize, rows: Vec<u32> },
    /// A parameter of the synapse, per edge.
    Edge(Vec<T>),
}

/// State columns of all groups at the start of a step, as far as couplings read them; others are empty.
pub type Exports<T> = Vec<Vec<Vec<T>>>;

/// By group, then state: is it read by a coupling?
pub fn exported(plan: &Plan) -> Vec<Vec<bool>> {
    let mut wanted: Vec<Vec<bool>> = plan.groups.iter().map(|g| vec![false; g.rule.states.len()]).collect();
    for coupling in &plan.couplings {
        for end in &coupling.model.ends {
            let (group, _) = end_place(plan, coupling, end.post);
            if let Some(k) = plan.groups[group].model.states.iter().position(|s| s.name == end.name) {
                wanted[group][k] = true;
            }
        }
    }
    wanted
}

/// Copies the exported columns of the workers of one instance.
pub fn export<'a, T: Real>(wanted: &[Vec<bool>], workers: impl Iterator<Item = &'a Worker<T>>, out: &mut Exports<T>) {
    out.resize_with(wanted.len(), Vec::new);
    for (columns, wanted) in out.iter_mut().zip(wanted) {
        columns.resize_with(wanted.len(), Vec::new);
        columns.iter_mut().for_each(Vec::clear);
    }
    for worker in workers {
        for ((part, columns), wanted) in worker.parts.iter().zip(out.iter_mut()).zip(wanted) {
            for ((state, column), _) in part.columns.states.iter().zip(columns).zip(wanted).filter(|(_, w)| **w) {
                column.extend_from_slice(state);
            }
        }
    }
}

/// Group and first row of an end of a coupling.
fn end_place(plan: &Plan, coupling: &Coupling, post: bool) -> (usize, u32) {
    let place = plan.place(if post { coupling.target } else { coupling.source });
    (place.group, place.first_row)
}

impl<T: Real> CoupleShare<T> {
    pub fn new(plan: &Plan, number: usize, parts: &[Arc<PartShare<T>>]) -> Option<CoupleShare<T>> {
        let coupling = &plan.couplings[number];
        let place = plan.place(coupling.target);
        let part = &parts[place.group];
        let inverse = by_target(&coupling.edges);
        // the worker's edges, target by target
        let (mut sources, mut posts, mut numbers, mut targets) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for target in 0..place.size {
            let Some(row) = (place.first_row + target).checked_sub(part.first).filter(|r| (*r as usize) < part.rows) else {
                continue;
            };
            let range = inverse.row_start[target as usize] as usize..inverse.row_start[target as usize + 1] as usize;
            if range.is_empty() {
                continue;
            }
            targets.push((row, sources.len(), sources.len() + range.len()));
            for k in range {
                sources.push(inverse.source[k]);
                posts.push(target);
                numbers.push(inverse.edge[k] as usize);
            }
        }
        if targets.is_empty() {
            return None;
        }
        let value = coupling.model.graded[coupling.addition].value;
        let varies: Vec<bool> = coupling.params.iter().map(|p| matches!(p, EdgeColumn::PerEdge(_))).collect();
        let shape = Shape { param_varies: &varies, derived_varies: &[], held_varies: &[], port_used: &[] };
        // an edge program knows the step as a number
        let mut graph = coupling.model.graph.clone();
        graph.nodes.iter_mut().filter(|n| **n == Node::Dt).for_each(|n| *n = Node::Constant(plan.dt.to_bits()));
        let program = lower(&graph, &Roots { next: &[], spike: None, result: Some(value) }, &shape);
        let end_values = |source: &ColumnSource| match source {
            ColumnSource::Param(k) => EndValues::Edge(match &coupling.params[*k as usize] {
                EdgeColumn::PerEdge(list) => numbers.iter().map(|e| T::from_f64(f64::from(list[*e]))).collect(),
                EdgeColumn::Shared(x) => vec![T::from_f64(*x); numbers.len()],
            }),
            ColumnSource::End(k) => {
                let end = &coupling.model.ends[*k as usize];
                let (group, first) = end_place(plan, coupling, end.post);
                let rows: Vec<u32> = if end.post { &posts } else { &sources }.iter().map(|r| first + r).collect();
                let model = &plan.groups[group].model;
                match model.states.iter().position(|s| s.name == end.name) {
                    Some(column) => EndValues::State { group, column, rows },
                    None => {
                        let param = model.params.iter().position(|p| p.name == end.name).unwrap_or(0);
                        EndValues::Param { group, param, rows }
                    }
                }
            }
            _ => EndValues::Edge(vec![T::ZERO; numbers.len()]),
        };
        let ends = program.columns.iter().map(end_values).collect();
        let (group, input, edges) = (place.group, coupling.input, numbers.len());
        Some(CoupleShare { coupling: number, group, input, program, targets, ends, edges })
    }
}

impl<T: Real> Couple<T> {
    pub fn new(plan: &Plan, instance: u32, share: &Arc<CoupleShare<T>>) -> Couple<T> {
        let column = |end: &EndValues<T>| match end {
            EndValues::Edge(list) => list.clone(),
            _ => vec![T::ZERO; share.edges],
        };
        let columns = Columns {
            states: Vec::new(),
            next: Vec::new(),
            read_only: share.ends.iter().map(column).collect(),
            scalars: Vec::new(),
            registers: Vec::new(),
        };
        let mut couple = Couple { share: share.clone(), columns };
        couple.take_parameters(plan, instance);
        couple
    }

    /// Fills scalars and parameters of the ends.
    pub fn take_parameters(&mut self, plan: &Plan, instance: u32) {
        let share = &self.share;
        let coupling = &plan.couplings[share.coupling];
        let scalar = |s: &Scalar| match s {
            Scalar::Constant(bits) => f64::from_bits(*bits),
            Scalar::Param(k) => match (plan.coupling_param(instance, share.coupling, *k as usize), &coupling.params[*k as usize]) {
                (Some(own), _) => own,
                (None, EdgeColumn::Shared(x)) => *x,
                (None, EdgeColumn::PerEdge(_)) => f64::NAN,
            },
            _ => 0.0,
        };
        self.columns.scalars = share.program.scalars.iter().map(|s| T::from_f64(scalar(s))).collect();
        for (column, end) in self.columns.read_only.iter_mut().zip(&share.ends) {
            if let EndValues::Param { group, param, rows } = end {
                let given = &plan.columns(instance, *group).params[*param];
                column.iter_mut().zip(rows).for_each(|(x, r)| *x = T::from_f64(given.get(*r as usize)));
            }
        }
    }

    /// Adds the sums of this step to the inputs of the worker's rows.
    pub fn sum(&mut self, arch: Arch, exports: &Exports<T>, step: u64, parts: &mut [Part<T>], registers: &mut Vec<Vec<T>>) {
        let share = &*self.share;
        let held = &mut parts[share.group].held;
        let time = T::from_f64(step as f64 * held.dt());
        for (scalar, value) in share.program.scalars.iter().zip(&mut self.columns.scalars) {
            if *scalar == Scalar::Time {
                *value = time;
            }
        }
        for (column, end) in self.columns.read_only.iter_mut().zip(&share.ends) {
            if let EndValues::State { group, column: c, rows } = end {
                let from = &exports[*group][*c];
                column.iter_mut().zip(rows).for_each(|(x, r)| *x = from[*r as usize]);
            }
        }
        let Some(result) = share.program.result else { return };
        super::worker::lend(&mut self.columns, registers, share.program.registers);
        let (graded, terms) = held.graded(share.input);
        let mut target = 0;
        for first in (0..share.edges).step_by(T::BLOCK) {
            let rows = T::BLOCK.min(share.edges - first);
            block::run(arch, &mut self.columns, &share.program, &Nothing, first, rows);
            for edge in first..first + rows {
                while share.targets[target].2 <= edge {
                    target += 1;
                }
                let row = share.targets[target].0 as usize;
                let value = self.columns.value(result, first, edge - first);
                graded[row] += value.to_f64();
                value.count_into(&mut terms[row]);
            }
        }
        std::mem::swap(&mut self.columns.registers, registers);
    }
}

/// Edge programs read columns alone.
struct Nothing;

impl<T: Real> Source<T> for Nothing {
    fn arrived(&self, _: usize, _: usize, out: &mut [T]) {
        out.fill(T::ZERO);
    }
    fn uniform(&self, _: u32, _: usize, out: &mut [T]) {
        out.fill(T::ZERO);
    }
    fn normal(&self, _: u32, _: usize, out: &mut [T]) {
        out.fill(T::ZERO);
    }
    fn listed(&self, _: usize, out: &mut [T]) {
        out.fill(T::ZERO);
    }
}
