//! Synapses with states of their own: a row per edge, stepped block by block in the order of targets, what flows added to
//! the targets' inputs.

use std::sync::Arc;

use pulp::Arch;

use super::block::{self, Columns, Source};
use super::couple::{scalars, set_time};
use super::gather::{Between, EndValues, Ending, Exports, add_up};
use super::operation::Program;
use super::past::Past;
use super::program::{Roots, Shape, lower};
use super::real::{Real, truth};
use super::share::PartShare;
use super::worker::Part;
use crate::plan::{EdgeColumn, Plan};

/// The edges of one edge group that end in a worker's rows, in any instance.
pub struct EdgeShare<T: Real> {
    pub number: usize,
    /// Of the targets.
    group: usize,
    inputs: Vec<u32>,
    program: Program,
    /// By target: (row of the part, first edge, last edge).
    targets: Vec<(u32, usize, usize)>,
    /// By place in [`Program::columns`].
    ends: Vec<EndValues<T>>,
    /// By edge: its place in the connectivity.
    pub numbers: Vec<usize>,
    /// By edge: the row of its source in the space of all groups.
    sources: Vec<u32>,
    delays: Delays,
}

/// In steps.
enum Delays {
    Shared(u32),
    PerEdge(Vec<u16>),
}

/// The same in one instance.
pub struct Edges<T: Real> {
    pub share: Arc<EdgeShare<T>>,
    pub columns: Columns<T>,
}

impl<T: Real> EdgeShare<T> {
    pub fn new(plan: &Plan, number: usize, parts: &[Arc<PartShare<T>>]) -> Option<EdgeShare<T>> {
        let group = &plan.edge_groups[number];
        let ending = Ending::new(plan, &group.edges, group.target, parts)?;
        let (source, target, names) = (group.source, group.target, &group.model.ends[..]);
        let between = Between { plan, source, target, names, params: &group.params };
        let shape = Shape { param_varies: &between.varies(), derived_varies: &[], held_varies: &[], port_used: &[true] };
        let rule = &group.rule;
        let program = lower(&rule.graph, &Roots { next: &rule.next, spike: None, results: &rule.graded }, &shape);
        let ends = program.columns.iter().map(|source| between.values(&ending, source)).collect();
        let first = plan.first_row(source);
        let delays = match &group.delay {
            EdgeColumn::Shared(d) => Delays::Shared(*d as u32),
            EdgeColumn::PerEdge(list) => Delays::PerEdge(ending.numbers.iter().map(|e| list[*e] as u16).collect()),
        };
        Some(EdgeShare {
            number,
            group: plan.place(target).group,
            inputs: group.inputs.clone(),
            program,
            targets: ending.targets,
            ends,
            numbers: ending.numbers,
            sources: ending.sources.iter().map(|s| first + s).collect(),
            delays,
        })
    }
}

impl<T: Real> Edges<T> {
    pub fn new(plan: &Plan, instance: u32, share: &Arc<EdgeShare<T>>) -> Edges<T> {
        let initial = plan.edge_initial(instance, share.number).iter();
        let edges = share.numbers.len();
        let states: Vec<Vec<T>> = initial.map(|c| share.numbers.iter().map(|e| T::from_f64(c.get(*e))).collect()).collect();
        let mut next = vec![Vec::new(); states.len()];
        share.program.changed.iter().for_each(|k| next[*k as usize] = vec![T::ZERO; edges]);
        let read_only = share.ends.iter().map(EndValues::column).collect();
        let columns = Columns { states, next, read_only, ..Columns::default() };
        let mut made = Edges { share: share.clone(), columns };
        made.take_parameters(plan, instance);
        made
    }

    /// Fills scalars and parameters of the ends.
    pub fn take_parameters(&mut self, plan: &Plan, instance: u32) {
        let share = &self.share;
        let own = |k: usize| plan.edge_param(instance, share.number, k);
        self.columns.scalars = scalars(&share.program, &plan.edge_groups[share.number].params, &own);
        for (column, end) in self.columns.read_only.iter_mut().zip(&share.ends) {
            end.take_parameters(plan, instance, column);
        }
    }

    /// One step of these edges; what flows is added to the inputs of the worker's rows.
    pub fn step(
        &mut self,
        arch: Arch,
        exports: &Exports<T>,
        past: &Past,
        step: u64,
        parts: &mut [Part<T>],
        registers: &mut Vec<Vec<T>>,
    ) {
        let share = &*self.share;
        let held = &mut parts[share.group].held;
        set_time(&share.program, &mut self.columns, step, held.dt());
        for (column, end) in self.columns.read_only.iter_mut().zip(&share.ends) {
            end.read(exports, column);
        }
        super::worker::lend(&mut self.columns, registers, share.program.registers);
        let source = Arrivals { past, step, sources: &share.sources, delays: &share.delays };
        let edges = share.numbers.len();
        let mut target = 0;
        for first in (0..edges).step_by(T::BLOCK) {
            let rows = T::BLOCK.min(edges - first);
            block::run(arch, &mut self.columns, &share.program, &source, first, rows);
            let mut last = target;
            for (input, result) in share.inputs.iter().zip(&share.program.results) {
                let (graded, terms) = held.graded(*input);
                last = add_up(&self.columns, *result, first, rows, &share.targets, target, graded, terms);
            }
            target = last;
        }
        std::mem::swap(&mut self.columns.registers, registers);
        for k in &share.program.changed {
            let k = *k as usize;
            std::mem::swap(&mut self.columns.states[k], &mut self.columns.next[k]);
        }
    }
}

/// What the step of an edge asks besides columns: whether a spike arrives.
struct Arrivals<'a> {
    past: &'a Past,
    step: u64,
    sources: &'a [u32],
    delays: &'a Delays,
}

impl<T: Real> Source<T> for Arrivals<'_> {
    fn arrived(&self, _: usize, first: usize, out: &mut [T]) {
        let sources = &self.sources[first..first + out.len()];
        match self.delays {
            Delays::Shared(d) => {
                out.iter_mut().zip(sources).for_each(|(x, row)| *x = truth(self.past.spiked(self.step, *d, *row)));
            }
            Delays::PerEdge(list) => {
                let edges = out.iter_mut().zip(sources).zip(&list[first..]);
                edges.for_each(|((x, row), d)| *x = truth(self.past.spiked(self.step, u32::from(*d), *row)));
            }
        }
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
