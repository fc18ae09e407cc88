//! Edges gathered by their targets: which of them end in a worker's rows, and what they read of their two ends.
//!
//! Edges are walked target by target, sources ascending, so that a sum has one order whatever the number of workers.

use std::sync::Arc;

use super::block::Columns;
use super::operation::{ColumnSource, Operand};
use super::real::{Real, Terms};
use super::share::PartShare;
use super::worker::Worker;
use crate::model::EndName;
use crate::plan::{Connectivity, EdgeColumn, Plan, PopulationId, by_target};

/// The edges of one projection that end in a worker's rows, target by target.
pub struct Ending {
    /// (row of the part, first edge, last edge)
    pub targets: Vec<(u32, usize, usize)>,
    /// Neuron of the source population.
    pub sources: Vec<u32>,
    /// Neuron of the target population.
    pub posts: Vec<u32>,
    /// Place in the connectivity.
    pub numbers: Vec<usize>,
}

impl Ending {
    /// `None`: none ends there.
    pub fn new<T: Real>(plan: &Plan, edges: &Connectivity, target: PopulationId, parts: &[Arc<PartShare<T>>]) -> Option<Ending> {
        let place = plan.place(target);
        let part = &parts[place.group];
        let inverse = by_target(edges);
        let mut out = Ending { targets: Vec::new(), sources: Vec::new(), posts: Vec::new(), numbers: Vec::new() };
        for target in 0..place.size {
            let Some(row) = (place.first_row + target).checked_sub(part.first).filter(|r| (*r as usize) < part.rows) else {
                continue;
            };
            let range = inverse.row_start[target as usize] as usize..inverse.row_start[target as usize + 1] as usize;
            if range.is_empty() {
                continue;
            }
            out.targets.push((row, out.sources.len(), out.sources.len() + range.len()));
            for k in range {
                out.sources.push(inverse.source[k]);
                out.posts.push(target);
                out.numbers.push(inverse.edge[k] as usize);
            }
        }
        (!out.targets.is_empty()).then_some(out)
    }

    pub fn len(&self) -> usize {
        self.numbers.len()
    }
}

/// Where the values of a column come from.
pub enum EndValues<T> {
    /// A state of one end: group, column, and the row of the group for each edge.
    State { group: usize, column: usize, rows: Vec<u32> },
    /// A parameter of one end.
    Param { group: usize, param: usize, rows: Vec<u32> },
    /// A parameter of the synapse, per edge.
    Edge(Vec<T>),
}

/// The two ends of a projection, and what its model names of them.
#[derive(Clone, Copy)]
pub struct Between<'a> {
    pub plan: &'a Plan,
    pub source: PopulationId,
    pub target: PopulationId,
    pub names: &'a [EndName],
    pub params: &'a [EdgeColumn],
}

impl Between<'_> {
    /// Group and first row of an end.
    pub fn place(&self, post: bool) -> (usize, u32) {
        let place = self.plan.place(if post { self.target } else { self.source });
        (place.group, place.first_row)
    }

    /// The state that an end's name is: group and column; `None`: it is a parameter.
    pub fn state(&self, end: &EndName) -> Option<(usize, usize)> {
        let (group, _) = self.place(end.post);
        let column = self.plan.groups[group].model.states.iter().position(|s| s.name == end.name)?;
        Some((group, column))
    }

    /// Which parameters of the synapse vary from edge to edge.
    pub fn varies(&self) -> Vec<bool> {
        self.params.iter().map(|p| matches!(p, EdgeColumn::PerEdge(_))).collect()
    }

    /// The values of a column of a program of edges.
    pub fn values<T: Real>(&self, ending: &Ending, source: &ColumnSource) -> EndValues<T> {
        match source {
            ColumnSource::Param(k) => {
                let column = &self.params[*k as usize];
                EndValues::Edge(ending.numbers.iter().map(|e| T::from_f64(column.get(*e))).collect())
            }
            ColumnSource::End(k) => {
                let end = &self.names[*k as usize];
                let (group, first) = self.place(end.post);
                let rows: Vec<u32> = if end.post { &ending.posts } else { &ending.sources }.iter().map(|r| first + r).collect();
                match self.state(end) {
                    Some((group, column)) => EndValues::State { group, column, rows },
                    None => {
                        let params = &self.plan.groups[group].model.params;
                        let param = params.iter().position(|p| p.name == end.name).unwrap_or(0);
                        EndValues::Param { group, param, rows }
                    }
                }
            }
            _ => EndValues::Edge(vec![T::ZERO; ending.len()]),
        }
    }
}

impl<T: Real> EndValues<T> {
    /// A column to fill.
    pub fn column(&self) -> Vec<T> {
        match self {
            EndValues::Edge(list) => list.clone(),
            EndValues::State { rows, .. } | EndValues::Param { rows, .. } => vec![T::ZERO; rows.len()],
        }
    }

    /// Takes over parameters of the ends.
    pub fn take_parameters(&self, plan: &Plan, instance: u32, column: &mut [T]) {
        if let EndValues::Param { group, param, rows } = self {
            let given = &plan.columns(instance, *group).params[*param];
            column.iter_mut().zip(rows).for_each(|(x, r)| *x = T::from_f64(given.get(*r as usize)));
        }
    }

    /// Reads states of the ends at the start of the step.
    pub fn read(&self, exports: &Exports<T>, column: &mut [T]) {
        if let EndValues::State { group, column: c, rows } = self {
            let from = &exports[*group][*c];
            column.iter_mut().zip(rows).for_each(|(x, r)| *x = from[*r as usize]);
        }
    }
}

/// Adds the results of a block of edges to the rows of their targets, edge by edge; `target` is the place in `targets` of the
/// first edge's target, or before it. Gives the place of the last edge's.
#[allow(clippy::too_many_arguments, reason = "a block, its result, and where it goes")]
pub fn add_up<T: Real>(
    columns: &Columns<T>,
    result: Operand,
    first: usize,
    rows: usize,
    targets: &[(u32, usize, usize)],
    mut target: usize,
    graded: &mut [f64],
    terms: &mut [Terms],
) -> usize {
    let end = first + rows;
    loop {
        let (row, from, to) = targets[target];
        let row = row as usize;
        let (from, to) = (from.max(first) - first, to.min(end).saturating_sub(first));
        if from < to {
            let mut sum = graded[row];
            columns.each_of(result, first, from, to, |value| {
                sum += value.to_f64();
                value.count_into(&mut terms[row]);
            });
            graded[row] = sum;
        }
        // the next block may begin with edges of this target
        if targets[target].2 >= end || target + 1 == targets.len() {
            return target;
        }
        target += 1;
    }
}

/// State columns of all groups at the start of a step, as far as gathered edges read them; others are empty.
pub type Exports<T> = Vec<Vec<Vec<T>>>;

/// By group, then state: is it read by an edge?
pub fn exported(plan: &Plan) -> Vec<Vec<bool>> {
    let mut wanted: Vec<Vec<bool>> = plan.groups.iter().map(|g| vec![false; g.rule.states.len()]).collect();
    let couplings = plan.couplings.iter().map(|c| (c.source, c.target, &c.model.ends));
    let stepped = plan.edge_groups.iter().map(|e| (e.source, e.target, &e.model.ends));
    for (source, target, names) in couplings.chain(stepped) {
        let between = Between { plan, source, target, names, params: &[] };
        for (group, column) in names.iter().filter_map(|end| between.state(end)) {
            wanted[group][column] = true;
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
