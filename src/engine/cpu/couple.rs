//! Graded synapses: for every target the sum over its edges of a function of both ends, from the states at the start of
//! the step.

use std::ops::Range;
use std::sync::Arc;

use pulp::Arch;

use super::block::{self, Columns, Source};
use super::gather::{Between, EndValues, Ending, Exports, add_up};
use super::operation::{Program, Scalar};
use super::program::{Roots, Shape, lower};
use super::real::Real;
use super::share::PartShare;
use super::worker::Part;
use crate::model::rule::{Node, NodeId};
use crate::plan::{EdgeColumn, Plan};

/// Couplings of one projection as a worker sees them, in any instance: they go over the same edges, so that what their
/// functions have in common is evaluated once.
pub struct CoupleShare<T: Real> {
    /// The first of them.
    coupling: usize,
    group: usize,
    /// By coupling; no two are the same, so that every input is summed edge by edge.
    inputs: Vec<u32>,
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

impl<T: Real> CoupleShare<T> {
    /// Of all couplings.
    pub fn all(plan: &Plan, parts: &[Arc<PartShare<T>>]) -> Vec<Arc<CoupleShare<T>>> {
        let mut all: Vec<Range<usize>> = Vec::new();
        for (number, coupling) in plan.couplings.iter().enumerate() {
            let joins = all.last().is_some_and(|last| {
                let mates = &plan.couplings[last.clone()];
                Arc::ptr_eq(&mates[0].edges, &coupling.edges) && mates.iter().all(|c| c.input != coupling.input)
            });
            match all.last_mut().filter(|_| joins) {
                Some(last) => last.end = number + 1,
                None => all.push(number..number + 1),
            }
        }
        all.into_iter().filter_map(|numbers| CoupleShare::new(plan, numbers, parts)).map(Arc::new).collect()
    }

    fn new(plan: &Plan, numbers: Range<usize>, parts: &[Arc<PartShare<T>>]) -> Option<CoupleShare<T>> {
        let couplings = &plan.couplings[numbers.clone()];
        let coupling = couplings.first()?;
        let ending = Ending::new(plan, &coupling.edges, coupling.target, parts)?;
        let (source, target, names) = (coupling.source, coupling.target, &coupling.model.ends[..]);
        let between = Between { plan, source, target, names, params: &coupling.params };
        let values: Vec<NodeId> = couplings.iter().map(|c| c.model.graded[c.addition].value).collect();
        let shape = Shape { param_varies: &between.varies(), derived_varies: &[], held_varies: &[], port_used: &[] };
        // an edge program knows the step as a number
        let mut graph = coupling.model.graph.clone();
        graph.nodes.iter_mut().filter(|n| **n == Node::Dt).for_each(|n| *n = Node::Constant(plan.dt.to_bits()));
        let program = lower(&graph, &Roots { next: &[], spike: None, results: &values }, &shape);
        let ends = program.columns.iter().map(|source| between.values(&ending, source)).collect();
        let (group, inputs, edges) = (plan.place(target).group, couplings.iter().map(|c| c.input).collect(), ending.len());
        Some(CoupleShare { coupling: numbers.start, group, inputs, program, targets: ending.targets, ends, edges })
    }
}

impl<T: Real> Couple<T> {
    pub fn new(plan: &Plan, instance: u32, share: &Arc<CoupleShare<T>>) -> Couple<T> {
        let columns = Columns { read_only: share.ends.iter().map(EndValues::column).collect(), ..Columns::default() };
        let mut couple = Couple { share: share.clone(), columns };
        couple.take_parameters(plan, instance);
        couple
    }

    /// Fills scalars and parameters of the ends.
    pub fn take_parameters(&mut self, plan: &Plan, instance: u32) {
        let share = &self.share;
        let coupling = &plan.couplings[share.coupling];
        let own = |k: usize| plan.coupling_param(instance, share.coupling, k);
        self.columns.scalars = scalars(&share.program, &coupling.params, &own);
        for (column, end) in self.columns.read_only.iter_mut().zip(&share.ends) {
            end.take_parameters(plan, instance, column);
        }
    }

    /// Adds the sums of this step to the inputs of the worker's rows.
    pub fn sum(&mut self, arch: Arch, exports: &Exports<T>, step: u64, parts: &mut [Part<T>], registers: &mut Vec<Vec<T>>) {
        let share = &*self.share;
        let held = &mut parts[share.group].held;
        set_time(&share.program, &mut self.columns, step, held.dt());
        for (column, end) in self.columns.read_only.iter_mut().zip(&share.ends) {
            end.read(exports, column);
        }
        super::worker::lend(&mut self.columns, registers, share.program.registers);
        let mut target = 0;
        for first in (0..share.edges).step_by(T::BLOCK) {
            let rows = T::BLOCK.min(share.edges - first);
            block::run(arch, &mut self.columns, &share.program, &Nothing, first, rows);
            let mut last = target;
            for (input, result) in share.inputs.iter().zip(&share.program.results) {
                let (graded, terms) = held.graded(*input);
                last = add_up(&self.columns, *result, first, rows, &share.targets, target, graded, terms);
            }
            target = last;
        }
        std::mem::swap(&mut self.columns.registers, registers);
    }
}

/// The scalars of a program of edges, given what an instance has instead of shared parameters.
pub fn scalars<T: Real>(program: &Program, params: &[EdgeColumn], own: &dyn Fn(usize) -> Option<f64>) -> Vec<T> {
    let scalar = |s: &Scalar| match s {
        Scalar::Constant(bits) => f64::from_bits(*bits),
        Scalar::Param(k) => match (own(*k as usize), &params[*k as usize]) {
            (Some(own), _) => own,
            (None, EdgeColumn::Shared(x)) => *x,
            (None, EdgeColumn::PerEdge(_)) => f64::NAN,
        },
        _ => 0.0,
    };
    program.scalars.iter().map(|s| T::from_f64(scalar(s))).collect()
}

/// Time at the start of the step.
pub fn set_time<T: Real>(program: &Program, columns: &mut Columns<T>, step: u64, dt: f64) {
    let time = T::from_f64(step as f64 * dt);
    for (scalar, value) in program.scalars.iter().zip(&mut columns.scalars) {
        if *scalar == Scalar::Time {
            *value = time;
        }
    }
}

/// Programs of graded synapses read columns alone.
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
