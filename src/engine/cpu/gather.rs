//! Edges gathered by their targets: which of them end in a worker's rows, and what they read of their two ends.
//!
//! Each target sums its edges sources ascending, so that a sum has one order whatever the number of workers.

use std::sync::Arc;

use super::operation::ColumnSource;
use super::real::Real;
use super::share::PartShare;
use super::worker::{Part, Worker};
use crate::model::EndName;
use crate::plan::{Connectivity, EdgeColumn, Plan, PopulationId};

/// The edges of one projection that end in a worker's rows, target by target.
pub struct Ending {
    /// (row of the part, edges)
    pub targets: Vec<(u32, u32)>,
    /// Neuron of the source population.
    pub sources: Vec<u32>,
    /// Place in the connectivity.
    pub numbers: Vec<u64>,
}

impl Ending {
    /// `None`: none ends there.
    pub fn new<T: Real>(plan: &Plan, edges: &Connectivity, target: PopulationId, parts: &[Arc<PartShare<T>>]) -> Option<Ending> {
        let place = plan.place(target);
        let part = &parts[place.group];
        // targets of the population that lie in the part
        let low = part.first.saturating_sub(place.first_row).min(place.size);
        let high = (part.first + part.rows as u32).saturating_sub(place.first_row).min(place.size);
        let inverse = edges.by_target();
        let start = |target: u32| inverse.row_start[target as usize] as usize;
        let targets = (low..high).map(|t| (place.first_row + t - part.first, (start(t + 1) - start(t)) as u32));
        let targets: Vec<(u32, u32)> = targets.filter(|(_, edges)| *edges > 0).collect();
        let range = start(low)..start(high);
        let (sources, numbers) = (inverse.source[range.clone()].to_vec(), inverse.edge[range].to_vec());
        (!targets.is_empty()).then_some(Ending { targets, sources, numbers })
    }
}

/// Where the values of a column come from.
pub enum EndValues<T> {
    /// A state of one end: group, column, and the row of the group.
    State { group: usize, column: usize, rows: Rows },
    /// A parameter of one end.
    Param { group: usize, param: usize, rows: Rows },
    /// A parameter of the synapse.
    Edge(Vec<T>),
}

/// Rows of a group, one after the other.
pub struct Rows {
    list: Vec<u32>,
    /// Do they follow each other without a gap?
    dense: bool,
}

impl Rows {
    pub fn new(list: Vec<u32>) -> Rows {
        let dense = list.windows(2).all(|pair| pair[0] + 1 == pair[1]);
        Rows { list, dense }
    }

    fn copy<T: Copy>(&self, from: &[T], to: &mut [T]) {
        match self.list.first() {
            Some(first) if self.dense => to.copy_from_slice(&from[*first as usize..*first as usize + to.len()]),
            _ => to.iter_mut().zip(&self.list).for_each(|(x, r)| *x = from[*r as usize]),
        }
    }
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

    /// The values of a column of a program of edges or of their sources: `rows` of the group by end (is it the target?),
    /// `edges` by place in the column; `None`: no edge stands there.
    pub fn values<T: Real>(
        &self,
        source: &ColumnSource,
        rows: &dyn Fn(bool) -> Vec<u32>,
        edges: &mut dyn Iterator<Item = Option<usize>>,
    ) -> EndValues<T> {
        match source {
            ColumnSource::End(k) => {
                let end = &self.names[*k as usize];
                let (group, _) = self.place(end.post);
                let rows = Rows::new(rows(end.post));
                match self.state(end) {
                    Some((group, column)) => EndValues::State { group, column, rows },
                    None => {
                        let params = &self.plan.groups[group].model.params;
                        let param = params.iter().position(|p| p.name == end.name).unwrap_or(0);
                        EndValues::Param { group, param, rows }
                    }
                }
            }
            ColumnSource::Param(k) => {
                let column = &self.params[*k as usize];
                EndValues::Edge(edges.map(|e| e.map_or(T::ZERO, |e| T::from_f64(column.get(e)))).collect())
            }
            // nothing else varies from edge to edge
            ColumnSource::Derived(_) | ColumnSource::Held(_) => EndValues::Edge(edges.map(|_| T::ZERO).collect()),
        }
    }
}

impl<T: Real> EndValues<T> {
    /// A column to fill.
    pub fn column(&self) -> Vec<T> {
        match self {
            EndValues::Edge(list) => list.clone(),
            EndValues::State { rows, .. } | EndValues::Param { rows, .. } => vec![T::ZERO; rows.list.len()],
        }
    }

    /// Takes over parameters of the ends.
    pub fn take_parameters(&self, plan: &Plan, instance: u32, column: &mut [T]) {
        if let EndValues::Param { group, param, rows } = self {
            let given = &plan.columns(instance, *group).params[*param];
            column.iter_mut().zip(&rows.list).for_each(|(x, r)| *x = T::from_f64(given.get(*r as usize)));
        }
    }

    /// Reads states of the ends at the start of the step: those exported, or where nothing is, of a worker that has all rows.
    pub fn read(&self, exports: &Exports<T>, parts: &[Part<T>], column: &mut [T]) {
        if let EndValues::State { group, column: c, rows } = self {
            let own = || &parts[*group].columns.states[*c];
            rows.copy(exports.get(*group).map_or_else(own, |columns| &columns[*c]), column);
        }
    }
}

/// State columns of all groups at the start of a step, as far as gathered edges read them; others are empty. No group at all:
/// the worker has all rows itself.
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
