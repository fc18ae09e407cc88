//! Sums over sources that all targets share (`plan::Total`): added up once, then a row per target.
//!
//! The sum goes through the sources in ascending order, one after the other, in double precision: it is the same whatever the number
//! of workers, each of which finds it for itself. Where a neuron does not hear itself, the sum of those before it and the sum of
//! those behind it are added: nothing is taken away, so that nothing cancels.
//!
//! Projections of one kind often share more: all that come from one population sum the same numbers of its neurons, all onto one
//! population have the same factors. The first of them works it out, the others take it over ([`Leads`]).

use std::sync::Arc;

use pulp::Arch;

use super::alike::Alike;
use super::stage::Stage;
use super::step::{Spikes, blocks};
use super::{EdgeShare, Edges, Sources, Sums, Wiring};
use crate::engine::cpu::block::{Source, Table};
use crate::engine::cpu::ends::Exports;
use crate::engine::cpu::fused;
use crate::engine::cpu::history::History;
use crate::engine::cpu::lanes::NONE;
use crate::engine::cpu::operation::Operand;
use crate::engine::cpu::part::{Part, PartShare, lend};
use crate::engine::cpu::real::{Real, Terms};
use crate::model::End;
use crate::model::rule::{Graph, NoValue, Node, NodeId};
use crate::plan::reach::Split;
use crate::plan::{Bundle, Flow, Plan, Total};

/// The targets in a worker's rows.
pub struct TotalShare<T> {
    total: Total,
    next: Vec<NodeId>,
    ends: Vec<End>,
    /// Of the part.
    rows: Vec<u32>,
    /// Where a neuron does not hear itself: of each target, its place among the sources; [`NONE`]: it is none.
    own: Option<Vec<u32>>,
    /// Scales, then factors of the flows that have them; `None`: sums flow as they are.
    stage: Option<Stage<T>>,
    /// How many of the results are scales.
    scales: usize,
}

/// Sums and factors of an instance.
#[derive(Default)]
pub struct Totals<T> {
    /// By term, the sum; where a neuron does not hear itself, what that of each source hears, then the sum of all.
    sums: Vec<Vec<Sum>>,
    /// By flow that has one, then target.
    factors: Vec<Vec<T>>,
    pub leads: Leads,
}

/// A sum, and its terms as far as its rounding depends on them.
#[derive(Clone, Copy, Default)]
struct Sum {
    value: f64,
    terms: Terms,
}

impl Sum {
    #[inline(always)]
    fn plus<T: Real>(mut self, x: T) -> Sum {
        self.value += x.to_f64();
        x.count_into(&mut self.terms);
        self
    }

    #[inline(always)]
    fn and(self, other: Sum) -> Sum {
        let (a, b) = (self.terms, other.terms);
        let terms = Terms { error: a.error + b.error, magnitude: a.magnitude + b.magnitude, count: a.count + b.count };
        Sum { value: self.value + other.value, terms }
    }
}

/// Places of earlier ones among the worker's that work out the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leads {
    /// The states of sources and the sums over them.
    sources: Option<usize>,
    /// The factors of targets.
    targets: Option<usize>,
}

/// The sum that all targets of a bundle share, where it is worth its while. Sums that flow as they are, of all sources, are shared
/// among targets that hear the same in any case. `fold`: may states be kept by source?
pub fn serving(plan: &Plan, bundle: &Bundle, fold: bool) -> Option<Total> {
    let total = if fold { bundle.total(plan) } else { None };
    total.filter(|total| total.others || !total.is_bare())
}

impl<T: Real> EdgeShare<T> {
    /// `None`: no synapse ends here.
    pub(super) fn of_total(
        plan: &Plan,
        bundle: &Bundle,
        total: Total,
        parts: &[Arc<PartShare<T>>],
        alike: &mut Alike,
    ) -> Result<Option<EdgeShare<T>>, NoValue> {
        let first = bundle.first(plan);
        let wiring = Wiring { graph: &total.graph, ..Wiring::new(plan, bundle, true) };
        let (group, inputs) = (wiring.between.target, first.synapse.inputs.clone());
        let (from, to) = (plan.place(first.source).first_row, plan.place(first.target).first_row);
        let part = &parts[group];
        let within = part.first..part.first + part.rows as u32;
        let here: Vec<u32> = total.targets.clone().filter(|t| within.contains(&(to + t))).collect();
        if here.is_empty() {
            return Ok(None);
        }
        let rows: Vec<u32> = here.iter().map(|t| to + t - part.first).collect();
        alike.hear(group, &inputs, &rows);
        let place = |t: &u32| if total.sources.contains(t) { t - total.sources.start } else { NONE };
        let own = total.others.then(|| here.iter().map(place).collect());
        let scales: Vec<NodeId> = total.flows.iter().filter_map(|flow| flow.scale).collect();
        let factors: Vec<NodeId> = total.flows.iter().filter_map(|flow| flow.factor).collect();
        let stage = if factors.is_empty() {
            None
        } else {
            let of_group = |_: bool| here.iter().map(|t| to + t).collect::<Vec<u32>>();
            let roots: Vec<NodeId> = scales.iter().chain(&factors).copied().collect();
            let stage = Stage::new(
                &wiring,
                &total.onto,
                &[],
                |_| false,
                &roots,
                |program| {
                    let of = |source| wiring.between.values(source, &of_group, &mut std::iter::empty());
                    program.columns.iter().map(of).collect()
                },
            );
            Some(stage?)
        };
        let folded = vec![true; first.rule.states.len()];
        let split = Split { folded: folded.clone(), shared: total.terms.clone(), own: None };
        let sources: Vec<u32> = total.sources.clone().map(|s| from + s).collect();
        let by_source = Stage::by_source(&wiring, &split, &sources)?;
        let base = plan.groups[wiring.between.source].base;
        let sources =
            Sources { rows: sources.iter().map(|r| base + r).collect(), delay: wiring.delay.unwrap_or(1), stage: by_source };
        let (next, ends) = (first.rule.next.clone(), first.synapse.ends.clone());
        let share = TotalShare { next, ends, rows, own, stage, scales: scales.len(), total };
        let sums = Sums::Total(Box::new(share));
        Ok(Some(EdgeShare { members: bundle.members.clone(), group, inputs, turns: 1, folded, sources, sums }))
    }
}

impl<T: Real> TotalShare<T> {
    /// Columns of the targets of an instance.
    pub fn columns(&self) -> Table<T> {
        self.stage.as_ref().map_or_else(Table::default, |stage| stage.columns(0))
    }

    /// **Errors** as [`Stage::take_parameters`].
    pub fn take_parameters(&self, plan: &Plan, instance: u32, member: usize, columns: &mut Table<T>) -> Result<(), NoValue> {
        self.stage.as_ref().map_or(Ok(()), |stage| stage.take_parameters(plan, instance, &|_| member, columns))
    }

    /// Nodes of the targets' graph that factors are.
    fn factors(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.total.flows.iter().filter_map(|flow| flow.factor)
    }

    /// Adds the numbers of the sources up, term by term.
    fn add_up(&self, numbers: &[Vec<T>], totals: &mut Vec<Vec<Sum>>) {
        totals.resize_with(numbers.len(), Vec::new);
        for (numbers, sums) in numbers.iter().zip(totals) {
            sums.clear();
            let all = numbers.iter().fold(Sum::default(), |sum, x| sum.plus(*x));
            if self.own.is_some() {
                let before = |sum: &mut Sum, x: &T| Some(std::mem::replace(sum, sum.plus(*x)));
                sums.extend(numbers.iter().scan(Sum::default(), before));
                let mut behind = Sum::default();
                for (sum, x) in sums.iter_mut().zip(numbers).rev() {
                    *sum = sum.and(behind);
                    behind = behind.plus(*x);
                }
            }
            sums.push(all);
        }
    }

    /// What a target hears of a term.
    #[inline(always)]
    fn heard(&self, sums: &[Sum], target: usize) -> Sum {
        match &self.own {
            None => sums[0],
            Some(own) => sums[(own[target] as usize).min(sums.len() - 1)],
        }
    }

    /// Does it sum the same numbers, but for parameters and states?
    fn same_sources(&self, other: &TotalShare<T>) -> bool {
        let (a, b) = (&self.total, &other.total);
        let ends = self.ends.iter().zip(&other.ends).all(|(a, b)| a == b || (a.post && b.post));
        (a.others, &a.terms, &self.next) == (b.others, &b.terms, &other.next) && a.graph.nodes == b.graph.nodes && ends
    }

    /// Has it the same factors, but for parameters?
    fn same_targets(&self, other: &TotalShare<T>) -> bool {
        let settled = |flow: &Flow| flow.scale.is_none_or(|s| !self.total.onto.any_leaf(s, |leaf| leaf == Node::Time));
        let (a, b) = (&self.total, &other.total);
        self.stage.is_some()
            && a.flows.iter().all(settled)
            && (&self.rows, &self.ends) == (&other.rows, &other.ends)
            && a.onto.nodes == b.onto.nodes
            && self.factors().eq(other.factors())
    }
}

impl<T: Real> Edges<T> {
    fn total(&self) -> Option<&TotalShare<T>> {
        match &self.share.sums {
            Sums::Total(rows) => Some(rows),
            _ => None,
        }
    }

    /// Finds who leads whom, among all of a worker: after parameters or states have been set.
    pub fn settle(all: &mut [Edges<T>], plan: &Plan, instance: u32) {
        for k in 0..all.len() {
            let (before, rest) = all.split_at_mut(k);
            let Some(own) = rest[0].total() else { continue };
            let leads = |other: &&Edges<T>, of: fn(&Leads) -> Option<usize>, same: &dyn Fn(&TotalShare<T>, &Edges<T>) -> bool| {
                of(&other.totals.leads).is_none() && other.total().is_some_and(|total| same(total, other))
            };
            let number =
                |edges: &Edges<T>, param: usize| plan.single_param(instance, edges.share.members[0], param).map(f64::to_bits);
            let agree = |other: &Edges<T>, graph: &Graph, nodes: &mut dyn Iterator<Item = NodeId>| {
                Total::params(graph, nodes).all(|param| number(&rest[0], param) == number(other, param))
            };
            let sources = |total: &TotalShare<T>, other: &Edges<T>| {
                let (a, b) = (&rest[0].share.sources, &other.share.sources);
                own.same_sources(total)
                    && (&a.rows, a.delay) == (&b.rows, b.delay)
                    && rest[0].by_source.states == other.by_source.states
                    && agree(other, &own.total.graph, &mut own.next.iter().chain(&own.total.terms).copied())
            };
            let targets = |total: &TotalShare<T>, other: &Edges<T>| {
                rest[0].share.group == other.share.group
                    && own.same_targets(total)
                    && agree(other, &own.total.onto, &mut own.factors())
            };
            let found = Leads {
                sources: before.iter().position(|other| leads(&other, |l| l.sources, &sources)),
                targets: before.iter().position(|other| leads(&other, |l| l.targets, &targets)),
            };
            rest[0].totals.leads = found;
        }
    }

    /// One step of synapses whose targets share their sum; `before`: those that may lead.
    #[allow(clippy::too_many_arguments, reason = "a step, what it reads, and where it works")]
    pub(super) fn step_total(
        &mut self,
        before: &[Edges<T>],
        arch: Arch,
        exports: &Exports<T>,
        history: &History,
        step: u64,
        parts: &mut [Part<T>],
        registers: &mut Vec<Vec<T>>,
    ) -> bool {
        let mut finite = true;
        let share = self.share.clone();
        let Sums::Total(rows) = &share.sums else { return finite };
        let time = step as f64 * parts[share.group].held.dt();
        let leads = self.totals.leads;
        let leader = |place: Option<usize>| place.and_then(|place| before.get(place));
        if let Some(first) = leader(leads.sources) {
            // whoever asks for the states of these synapses finds them here
            let states = self.by_source.states.iter_mut().zip(&first.by_source.states);
            states.for_each(|(own, of)| own.copy_from_slice(of));
        } else {
            finite = self.step_sources(arch, exports, history, step, parts, registers);
            rows.add_up(&self.shared, &mut self.totals.sums);
        }
        let Edges { own, totals, .. } = self;
        if let (Some(stage), None) = (&rows.stage, leads.targets) {
            stage.begin(own, exports, parts, time);
            lend(own, registers, stage.program.needed(), T::BLOCK);
            totals.factors.resize_with(stage.results().len() - rows.scales, Vec::new);
            totals.factors.iter_mut().for_each(|column| column.resize(rows.rows.len(), T::ZERO));
            blocks::<T>(rows.rows.len(), |first, count| {
                fused::run(arch, own, &stage.program, &Alone, first, count);
                for (result, column) in stage.results()[rows.scales..].iter().zip(&mut totals.factors) {
                    own.copy(*result, first, &mut column[first..first + count]);
                }
            });
            std::mem::swap(&mut own.registers, registers);
        }
        let sums = leader(leads.sources).map_or(&totals.sums, |first| &first.totals.sums);
        let factors = leader(leads.targets).map_or(&totals.factors, |first| &first.totals.factors);
        let (mut scales, mut factors) = (0.., factors.iter());
        for (flow, input) in rows.total.flows.iter().zip(&share.inputs) {
            let scale = match (flow.scale, &rows.stage) {
                (Some(_), Some(stage)) => {
                    let result: Operand = stage.results()[scales.next().unwrap_or(0)];
                    Some(own.value(result, 0, 0))
                }
                _ => None,
            };
            let (held, terms) = parts[share.group].held.graded(*input);
            let sums = &sums[flow.term];
            let scaled = |sum: Sum| {
                let sum = T::from_f64(sum.value).summed(&sum.terms);
                scale.map_or(sum, |scale| sum * scale)
            };
            let mut add = |row: u32, x: T| {
                held[row as usize] += x.to_f64();
                if T::BOUNDED {
                    x.count_into(&mut terms[row as usize]);
                }
            };
            match flow.factor.and_then(|_| factors.next()) {
                None => {
                    for (k, row) in rows.rows.iter().enumerate() {
                        let own = Sum { value: held[*row as usize], terms: terms.get(*row as usize).copied().unwrap_or_default() };
                        let both = own.and(rows.heard(sums, k));
                        held[*row as usize] = both.value;
                        if T::BOUNDED {
                            terms[*row as usize] = both.terms;
                        }
                    }
                }
                Some(factors) if rows.own.is_none() => {
                    let sum = scaled(sums[0]);
                    rows.rows.iter().zip(factors).for_each(|(row, factor)| add(*row, sum * *factor));
                }
                Some(factors) => {
                    let each = rows.rows.iter().zip(factors).enumerate();
                    each.for_each(|(k, (row, factor))| add(*row, scaled(rows.heard(sums, k)) * *factor));
                }
            }
        }
        finite
    }

    /// Steps the rows of sources, and leaves what synapses share.
    pub(super) fn step_sources(
        &mut self,
        arch: Arch,
        exports: &Exports<T>,
        history: &History,
        step: u64,
        parts: &[Part<T>],
        registers: &mut Vec<Vec<T>>,
    ) -> bool {
        let mut finite = true;
        let Edges { share, by_source, shared, .. } = self;
        let (sources, stage) = (&share.sources, &share.sources.stage);
        stage.begin(by_source, exports, parts, step as f64 * parts[share.group].held.dt());
        let spikes = Spikes::new(history, step, sources);
        lend(by_source, registers, stage.program.needed(), T::BLOCK);
        blocks::<T>(sources.rows.len(), |first, rows| {
            fused::run(arch, by_source, &stage.program, &spikes, first, rows);
            for (result, column) in stage.results().iter().zip(shared.iter_mut()) {
                by_source.copy(*result, first, &mut column[first..first + rows]);
            }
            finite &= stage.advance(by_source, first, rows);
        });
        std::mem::swap(&mut by_source.registers, registers);
        finite
    }
}

/// Targets ask for nothing but columns.
struct Alone;

impl<T: Real> Source<T> for Alone {
    fn arrived(&self, _: usize, _: usize, out: &mut [T]) {
        out.fill(T::ZERO);
    }
}
