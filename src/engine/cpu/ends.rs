//! Synapses gathered by their targets: which of them end in a worker's rows, and what they read of their two ends.
//!
//! Each target sums its synapses projection by projection, sources ascending, so that a sum has one order whatever the number of
//! workers.

use std::sync::Arc;

use super::operation::ColumnSource;
use super::part::{Part, PartShare};
use super::real::Real;
use crate::model::{End, EndValue};
use crate::plan::{Bundle, EdgeColumn, Plan};

/// The synapses of a bundle that end in a worker's rows, target by target.
pub struct Ending {
    /// (row of the part, synapses)
    pub targets: Vec<(u32, u32)>,
    /// Row of the source's group.
    pub sources: Vec<u32>,
    /// Place among the members of the bundle; empty: there is one.
    pub members: Vec<u32>,
    /// Number among the synapses of its projection.
    pub numbers: Vec<u64>,
}

impl Ending {
    /// `None`: none ends there.
    pub fn new<T: Real>(plan: &Plan, bundle: &Bundle, part: &Arc<PartShare<T>>) -> Option<Ending> {
        let rows = plan.rows_of(bundle);
        let starts = rows.row_start();
        let count = starts.len() as u32 - 1;
        // targets of the list that lie in the part
        let low = part.first.saturating_sub(rows.first_target).min(count);
        let high = (part.first + part.rows as u32).saturating_sub(rows.first_target).min(count);
        let start = |target: u32| starts[target as usize] as usize;
        let targets = (low..high).map(|t| (rows.first_target + t - part.first, (start(t + 1) - start(t)) as u32));
        let targets: Vec<(u32, u32)> = targets.filter(|(_, synapses)| *synapses > 0).collect();
        if targets.is_empty() {
            return None;
        }
        let range = start(low)..start(high);
        let members = if bundle.is_single() { 0..0 } else { range.clone() };
        Some(Ending {
            targets,
            sources: range.clone().map(|k| rows.source(k)).collect(),
            members: members.map(|k| rows.member(k) as u32).collect(),
            numbers: range.map(|k| rows.number(k)).collect(),
        })
    }

    /// Some of the targets: place among them, synapses.
    pub fn only(&self, kept: &[(usize, std::ops::Range<usize>)]) -> Ending {
        let synapses = || kept.iter().flat_map(|(_, range)| range.clone());
        let members = |k: usize| self.members.get(k).copied();
        Ending {
            targets: kept.iter().map(|(target, _)| self.targets[*target]).collect(),
            sources: synapses().map(|k| self.sources[k]).collect(),
            members: synapses().filter_map(members).collect(),
            numbers: synapses().map(|k| self.numbers[k]).collect(),
        }
    }

    /// Place among the members of a synapse's projection.
    pub fn member(&self, synapse: usize) -> usize {
        self.members.get(synapse).map_or(0, |m| *m as usize)
    }
}

/// Where the values of a column come from.
pub enum EndValues<T> {
    /// A state of one end: group, column, and the row of the group.
    State { group: usize, column: usize, rows: Rows },
    /// A parameter of one end.
    Param { group: usize, param: usize, rows: Rows },
    /// A parameter of the synapse, as the plan has it.
    Edge { param: usize, values: Vec<T> },
    /// What has been worked out once.
    Once(usize),
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

/// The two ends of a bundle, and what its model reads of them.
#[derive(Clone, Copy)]
pub struct Between<'a> {
    pub plan: &'a Plan,
    pub bundle: &'a Bundle,
    /// Groups.
    pub source: usize,
    pub target: usize,
    pub ends: &'a [End],
}

impl<'a> Between<'a> {
    pub fn new(plan: &'a Plan, bundle: &'a Bundle) -> Between<'a> {
        let first = bundle.first(plan);
        let (source, target) = (plan.place(first.source).group, plan.place(first.target).group);
        Between { plan, bundle, source, target, ends: &first.synapse.ends }
    }

    fn group(&self, post: bool) -> usize {
        if post { self.target } else { self.source }
    }

    /// The states that its rule reads, of whichever end: group and column.
    fn states(self) -> impl Iterator<Item = (usize, usize)> {
        self.ends.iter().filter_map(move |end| match end.value {
            EndValue::State(column) => Some((self.group(end.post), column as usize)),
            EndValue::Param(_) => None,
        })
    }

    /// The values of a column of a program of synapses or of their sources: `rows` of the group by end (is it the target?),
    /// `edges` by place in the column, member and number; `None`: no synapse stands there.
    pub fn values<T: Real>(
        &self,
        source: &ColumnSource,
        rows: &dyn Fn(bool) -> Vec<u32>,
        edges: &mut dyn Iterator<Item = Option<(usize, usize)>>,
    ) -> EndValues<T> {
        match source {
            ColumnSource::End(k) => {
                let end = &self.ends[*k as usize];
                let (group, rows) = (self.group(end.post), Rows::new(rows(end.post)));
                match end.value {
                    EndValue::State(column) => EndValues::State { group, column: column as usize, rows },
                    EndValue::Param(param) => EndValues::Param { group, param: param as usize, rows },
                }
            }
            ColumnSource::Param(k) => {
                let param = *k as usize;
                let columns: Vec<&EdgeColumn> = self.bundle.members(self.plan).map(|g| &g.params[param]).collect();
                let value = |e: Option<(usize, usize)>| e.map_or(T::ZERO, |(m, e)| T::from_f64(columns[m].get(e)));
                EndValues::Edge { param, values: edges.map(value).collect() }
            }
            ColumnSource::Derived(k) => EndValues::Once(*k as usize),
            // synapses have no inputs
            ColumnSource::Held(k) => EndValues::Edge { param: *k as usize, values: edges.map(|_| T::ZERO).collect() },
        }
    }
}

impl<T: Real> EndValues<T> {
    /// A column to fill.
    pub fn column(&self) -> Vec<T> {
        match self {
            EndValues::Edge { values, .. } => values.clone(),
            EndValues::Once(_) => Vec::new(),
            EndValues::State { rows, .. } | EndValues::Param { rows, .. } => vec![T::ZERO; rows.list.len()],
        }
    }

    /// Takes over parameters of the ends, and what an instance has in place of those of synapses.
    pub fn take_parameters(&self, plan: &Plan, instance: u32, member: &dyn Fn(usize) -> usize, column: &mut [T]) {
        match self {
            EndValues::Param { group, param, rows } => {
                let given = &plan.columns(instance, *group).params[*param];
                column.iter_mut().zip(&rows.list).for_each(|(x, r)| *x = T::from_f64(given.get(*r as usize)));
            }
            EndValues::Edge { param, .. } if plan.variant(instance).is_some_and(|v| !v.gathered_params.is_empty()) => {
                for (place, x) in column.iter_mut().enumerate() {
                    if let Some(own) = plan.shared_param(instance, member(place), *param) {
                        *x = T::from_f64(own);
                    }
                }
            }
            EndValues::Edge { .. } | EndValues::State { .. } | EndValues::Once(_) => {}
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

/// By group, then state: is it read by a synapse?
pub fn exported(plan: &Plan) -> Vec<Vec<bool>> {
    let mut wanted: Vec<Vec<bool>> = plan.groups.iter().map(|g| vec![false; g.rule.states.len()]).collect();
    for bundle in plan.bundles() {
        Between::new(plan, &bundle).states().for_each(|(group, column)| wanted[group][column] = true);
    }
    wanted
}

/// Copies the exported columns of one instance, whose workers have these parts.
pub fn export<'a, T: Real>(wanted: &[Vec<bool>], workers: impl Iterator<Item = &'a [Part<T>]>, out: &mut Exports<T>) {
    out.resize_with(wanted.len(), Vec::new);
    for (columns, wanted) in out.iter_mut().zip(wanted) {
        columns.resize_with(wanted.len(), Vec::new);
        columns.iter_mut().for_each(Vec::clear);
    }
    for parts in workers {
        for ((part, columns), wanted) in parts.iter().zip(out.iter_mut()).zip(wanted) {
            for ((state, column), _) in part.columns.states.iter().zip(columns).zip(wanted).filter(|(_, w)| **w) {
                column.extend_from_slice(state);
            }
        }
    }
}
