//! Sums over sources that all targets share (`plan::Total`): added up once, then a row per target.
//!
//! The sum goes through the sources in ascending order, one after the other, in double precision: it is the same whatever the number
//! of workers, each of which finds it for itself. Where a neuron does not hear itself, the sum of those before it and the sum of
//! those behind it are added: nothing is taken away, so that nothing cancels.

use std::sync::Arc;

use pulp::Arch;

use super::alike::Alike;
use super::stage::Stage;
use super::step::blocks;
use super::{EdgeShare, Sources, Sums, Wiring};
use crate::engine::cpu::block::{self, Source, Table};
use crate::engine::cpu::drive::HeldInputs;
use crate::engine::cpu::ends::Exports;
use crate::engine::cpu::lanes::NONE;
use crate::engine::cpu::part::{Part, PartShare, lend};
use crate::engine::cpu::real::Real;
use crate::model::rule::NoValue;
use crate::plan::reach::Split;
use crate::plan::{Bundle, Plan, Total};

/// The targets in a worker's rows.
pub struct TotalShare<T> {
    /// Of the part.
    rows: Vec<u32>,
    /// Where a neuron does not hear itself: of each target, its place among the sources; [`NONE`]: it is none.
    own: Option<Vec<u32>>,
    /// By result: the term whose sum flows as it is, else the place among the results of the stage.
    flows: Vec<Flow>,
    /// What a target makes of the sums; `None`: they flow as they are.
    stage: Option<Stage<T>>,
}

#[derive(Clone, Copy)]
enum Flow {
    Sum(usize),
    Result(usize),
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
        total: &Total,
        parts: &[Arc<PartShare<T>>],
        alike: &mut Alike,
    ) -> Result<Option<EdgeShare<T>>, NoValue> {
        let first = bundle.first(plan);
        let wiring = Wiring { graph: &total.graph, ..Wiring::new(plan, bundle, true) };
        let (group, inputs) = (wiring.between.target, first.synapse.inputs.clone());
        let (from, to) = (plan.place(first.source).first_row, plan.place(first.target).first_row);
        let part = &parts[group];
        let within = part.first..part.first + part.rows as u32;
        let here: Vec<u32> = total.targets.iter().copied().filter(|t| within.contains(&(to + t))).collect();
        if here.is_empty() {
            return Ok(None);
        }
        let rows: Vec<u32> = here.iter().map(|t| to + t - part.first).collect();
        alike.hear(group, &inputs, &rows);
        let place = |t: &u32| total.sources.binary_search(t).map_or(NONE, |k| k as u32);
        let own = total.others.then(|| here.iter().map(place).collect());
        let results: Vec<_> = (0..inputs.len()).filter(|k| total.bare(*k).is_none()).collect();
        let flow = |k: usize| match total.bare(k) {
            Some(term) => Flow::Sum(term),
            None => Flow::Result(results.partition_point(|known| *known < k)),
        };
        let flows = (0..inputs.len()).map(flow).collect();
        let stage = if results.is_empty() {
            None
        } else {
            let of_group = |_: bool| here.iter().map(|t| to + t).collect::<Vec<u32>>();
            let roots: Vec<_> = results.iter().map(|k| total.results[*k]).collect();
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
        let sources: Vec<u32> = total.sources.iter().map(|s| from + s).collect();
        let by_source = Stage::by_source(&wiring, &split, &sources)?;
        let base = plan.groups[wiring.between.source].base;
        let sources =
            Sources { rows: sources.iter().map(|r| base + r).collect(), delay: wiring.delay.unwrap_or(1), stage: by_source };
        let sums = Sums::Total(Box::new(TotalShare { rows, own, flows, stage }));
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

    /// Reads what changes from step to step.
    pub fn begin(&self, columns: &mut Table<T>, exports: &Exports<T>, parts: &[Part<T>], time: f64) {
        if let Some(stage) = &self.stage {
            stage.begin(columns, exports, parts, time);
        }
    }

    /// Adds the numbers of the sources up, term by term.
    pub fn add_up(&self, numbers: &[Vec<T>], totals: &mut [Vec<f64>]) {
        for (numbers, sums) in numbers.iter().zip(totals) {
            sums.clear();
            let add = |sum: &mut f64, x: &T| {
                let before = *sum;
                *sum += x.to_f64();
                Some(before)
            };
            if self.own.is_none() {
                sums.push(numbers.iter().fold(0.0, |sum, x| sum + x.to_f64()));
                continue;
            }
            // of those before each, then of all; then of those behind each
            sums.extend(numbers.iter().scan(0.0, add));
            let last = sums.last().zip(numbers.last()).map_or(0.0, |(sum, x)| sum + x.to_f64());
            let mut behind = 0.0;
            for (sum, x) in sums.iter_mut().zip(numbers).rev() {
                *sum += behind;
                behind += x.to_f64();
            }
            sums.push(last);
        }
    }

    /// Adds what flows to the inputs of the targets.
    pub fn flow(
        &self,
        arch: Arch,
        columns: &mut Table<T>,
        totals: &[Vec<f64>],
        inputs: &[u32],
        held: &mut HeldInputs,
        registers: &mut Vec<Vec<T>>,
    ) {
        for (flow, input) in self.flows.iter().zip(inputs) {
            let Flow::Sum(term) = flow else { continue };
            let (sums, _) = held.graded(*input);
            for (k, row) in self.rows.iter().enumerate() {
                sums[*row as usize] += self.total(&totals[*term], k);
            }
        }
        let Some(stage) = &self.stage else { return };
        lend(columns, registers, stage.program.registers);
        let heard = Heard { rows: self, totals };
        let mut spare = Vec::new();
        blocks::<T>(self.rows.len(), |first, count| {
            block::run(arch, columns, &stage.program, &heard, first, count);
            for (flow, input) in self.flows.iter().zip(inputs) {
                let Flow::Result(k) = flow else { continue };
                let list = columns.each(stage.results()[*k], first, count, &mut spare);
                let (sums, _) = held.graded(*input);
                let rows = &self.rows[first..first + count];
                rows.iter().zip(list).for_each(|(row, x)| sums[*row as usize] += x.to_f64());
            }
        });
        std::mem::swap(&mut columns.registers, registers);
    }

    /// What a target hears of a term.
    #[inline(always)]
    fn total(&self, sums: &[f64], target: usize) -> f64 {
        match &self.own {
            None => sums[0],
            Some(own) => sums[(own[target] as usize).min(sums.len() - 1)],
        }
    }
}

/// What the program of targets asks besides columns: sums over their sources.
struct Heard<'a, T> {
    rows: &'a TotalShare<T>,
    totals: &'a [Vec<f64>],
}

impl<T: Real> Source<T> for Heard<'_, T> {
    #[inline(always)]
    fn arrived(&self, port: usize, first: usize, out: &mut [T]) {
        let sums = &self.totals[port - 1];
        out.iter_mut().enumerate().for_each(|(k, x)| *x = T::from_f64(self.rows.total(sums, first + k)));
    }
}
