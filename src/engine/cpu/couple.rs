//! Graded synapses: for every target the sum over its edges of a function of both ends, from the states at the start of
//! the step. Edges are walked by target, so that a sum has one order whatever the number of workers.

use pulp::Arch;

use super::block::{self, Columns, Source};
use super::operation::{ColumnSource, Program, Scalar};
use super::program::{Roots, Shape, lower};
use super::real::Real;
use super::worker::{Part, Worker};
use crate::model::rule::Node;
use crate::plan::{Column, Coupling, EdgeColumn, Plan, by_target};

/// One coupling as a worker sees it.
pub struct Couple<T: Real> {
    group: usize,
    input: u32,
    program: Program,
    columns: Columns<T>,
    /// Edges of the worker's targets, by target: (row of the part, first edge, last edge).
    targets: Vec<(u32, usize, usize)>,
    ends: Vec<EndValues>,
    edges: usize,
}

/// Where the values of one named end come from.
enum EndValues {
    /// A state: group, column, and the row of the group for each edge.
    State { group: usize, column: usize, rows: Vec<u32> },
    /// A parameter, already in its column.
    Fixed,
}

/// State columns of all groups at the start of a step, as far as couplings read them; others are empty.
pub fn exports<T: Real>(plan: &Plan, workers: &[Worker<T>]) -> Vec<Vec<Vec<T>>> {
    let mut wanted: Vec<Vec<bool>> = plan.groups.iter().map(|g| vec![false; g.rule.states.len()]).collect();
    for coupling in &plan.couplings {
        for end in &coupling.model.ends {
            let (group, _) = end_place(plan, coupling, end.post);
            if let Some(k) = plan.groups[group].model.states.iter().position(|s| s.name == end.name) {
                wanted[group][k] = true;
            }
        }
    }
    let column = |g: usize, c: usize| workers.iter().flat_map(|w| w.parts[g].columns.states[c].iter().copied()).collect();
    wanted
        .iter()
        .enumerate()
        .map(|(g, columns)| columns.iter().enumerate().map(|(c, w)| if *w { column(g, c) } else { Vec::new() }).collect())
        .collect()
}

/// Group and first row of an end of a coupling.
fn end_place(plan: &Plan, coupling: &Coupling, post: bool) -> (usize, u32) {
    let place = plan.place(if post { coupling.target } else { coupling.source });
    (place.group, place.first_row)
}

impl<T: Real> Couple<T> {
    pub fn new(plan: &Plan, coupling: &Coupling, parts: &[Part<T>]) -> Option<Couple<T>> {
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
        let mut ends: Vec<EndValues> = Vec::new();
        let mut read_only = Vec::new();
        for source in &program.columns {
            let (end, column): (EndValues, Vec<T>) = match source {
                ColumnSource::Param(k) => match &coupling.params[*k as usize] {
                    EdgeColumn::PerEdge(list) => {
                        (EndValues::Fixed, numbers.iter().map(|e| T::from_f64(f64::from(list[*e]))).collect())
                    }
                    EdgeColumn::Shared(x) => (EndValues::Fixed, vec![T::from_f64(*x); numbers.len()]),
                },
                ColumnSource::End(k) => {
                    let end = &coupling.model.ends[*k as usize];
                    let (group, first) = end_place(plan, coupling, end.post);
                    let rows: Vec<u32> = if end.post { &posts } else { &sources }.iter().map(|r| first + r).collect();
                    let model = &plan.groups[group].model;
                    match model.states.iter().position(|s| s.name == end.name) {
                        Some(column) => (EndValues::State { group, column, rows }, vec![T::ZERO; numbers.len()]),
                        None => {
                            let k = model.params.iter().position(|p| p.name == end.name).unwrap_or(0);
                            let given: &Column = &plan.groups[group].params[k];
                            (EndValues::Fixed, rows.iter().map(|r| T::from_f64(given.get(*r as usize))).collect())
                        }
                    }
                }
                _ => (EndValues::Fixed, vec![T::ZERO; numbers.len()]),
            };
            ends.push(end);
            read_only.push(column);
        }
        let scalar = |s: &Scalar| match s {
            Scalar::Constant(bits) => f64::from_bits(*bits),
            Scalar::Param(k) => match &coupling.params[*k as usize] {
                EdgeColumn::Shared(x) => *x,
                EdgeColumn::PerEdge(_) => f64::NAN,
            },
            _ => 0.0,
        };
        let columns = Columns {
            states: Vec::new(),
            next: Vec::new(),
            read_only,
            scalars: program.scalars.iter().map(|s| T::from_f64(scalar(s))).collect(),
            registers: vec![vec![T::ZERO; T::BLOCK]; program.registers],
        };
        Some(Couple { group: place.group, input: coupling.input, program, columns, targets, ends, edges: numbers.len() })
    }

    /// Adds the sums of this step to the inputs of the worker's rows.
    pub fn sum(&mut self, arch: Arch, exports: &[Vec<Vec<T>>], step: u64, parts: &mut [Part<T>]) {
        let time = T::from_f64(step as f64 * parts[self.group].held.dt());
        for (scalar, value) in self.program.scalars.iter().zip(&mut self.columns.scalars) {
            if *scalar == Scalar::Time {
                *value = time;
            }
        }
        for (column, end) in self.columns.read_only.iter_mut().zip(&self.ends) {
            if let EndValues::State { group, column: c, rows } = end {
                let from = &exports[*group][*c];
                column.iter_mut().zip(rows).for_each(|(x, r)| *x = from[*r as usize]);
            }
        }
        let Some(result) = self.program.result else { return };
        let (graded, terms) = parts[self.group].held.graded(self.input);
        let mut target = 0;
        for first in (0..self.edges).step_by(T::BLOCK) {
            let rows = T::BLOCK.min(self.edges - first);
            block::run(arch, &mut self.columns, &self.program, &Nothing, first, rows);
            for edge in first..first + rows {
                while self.targets[target].2 <= edge {
                    target += 1;
                }
                let row = self.targets[target].0 as usize;
                let value = self.columns.value(result, first, edge - first);
                graded[row] += value.to_f64();
                value.count_into(&mut terms[row]);
            }
        }
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
