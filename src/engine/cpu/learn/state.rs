//! States of synapses in one instance, read, set, kept and taken back.

use std::sync::Arc;

use super::room::Room;
use super::{LearnShare, Row};
use crate::engine::cpu::block;
use crate::engine::cpu::block::Table;
use crate::engine::cpu::operation::Scalar;
use crate::engine::cpu::real::{Real, all_finite};
use crate::engine::fault::first;
use crate::engine::{Broken, Place};
use crate::model::rule::{NoValue, Node};
use crate::plan::{EdgeColumn, Plan};
use crate::random::Key;

/// The synapses of one projection in one instance, as far as they end in a worker's rows.
pub struct Learned<T: Real> {
    pub share: Arc<LearnShare>,
    /// By state of the rule, then synapse.
    pub states: Vec<Vec<T>>,
    /// The lowest 32 bits of the time of the last event of each, in steps; empty: nothing changes between events.
    pub touched: Vec<u32>,
    /// By pass: what it works on.
    pub(super) tables: Vec<Table<T>>,
    /// By pass, then column: a number for all synapses that stands for one of each.
    pub(super) own: Vec<Vec<Option<T>>>,
    /// By number of the sum, then target here.
    pub(super) totals: Vec<Vec<T>>,
    pub(super) key: Key,
    /// Rooms of a block.
    pub(super) room: Room<T>,
}

impl<T: Real> Learned<T> {
    /// **Errors** as [`Learned::take_parameters`].
    pub fn new(plan: &Plan, instance: u32, share: &Arc<LearnShare>) -> Result<Learned<T>, NoValue> {
        let learning = &plan.learning[share.number];
        let initial = plan.learned_initial(instance, share.number);
        let column = |column: &EdgeColumn| match column {
            EdgeColumn::Shared(x) => vec![T::from_f64(*x); share.count()],
            EdgeColumn::PerEdge(_) | EdgeColumn::Drawn(_) => {
                let mut out = Vec::with_capacity(share.count());
                share.spans(|_, here, number| {
                    out.extend((number..number + here.len() as u64).map(|edge| T::from_f64(column.get(edge as usize))));
                });
                out
            }
        };
        let states = initial.iter().map(column).collect();
        let count = if learning.rule.timed { share.count() } else { 0 };
        let mut made = Learned {
            states,
            touched: vec![0; count],
            tables: Vec::new(),
            own: Vec::new(),
            totals: vec![vec![T::ZERO; share.targets.len()]; learning.synapse.model.totals.len()],
            key: Key { seed: plan.seed_of(instance) },
            room: Default::default(),
            share: share.clone(),
        };
        made.take_parameters(plan, instance)?;
        Ok(made)
    }

    /// Fills numbers that all synapses share.
    ///
    /// **Errors** a leaf that is not the same for all synapses, where a program has one number.
    pub fn take_parameters(&mut self, plan: &Plan, instance: u32) -> Result<(), NoValue> {
        let (number, states) = (self.share.number, self.states.len());
        let param = |k: u32| plan.learned_param(instance, number, k as usize);
        let tables = self.share.passes.iter().map(|pass| {
            let program = &pass.program;
            let value = |s: &Scalar| match s {
                Scalar::Constant(bits) => Ok(f64::from_bits(*bits)),
                Scalar::Param(k) => match &plan.learning[number].params[*k as usize] {
                    EdgeColumn::Shared(x) => Ok(param(*k).unwrap_or(*x)),
                    // a scalar stands for what does not vary (`pass_share`)
                    EdgeColumn::PerEdge(_) | EdgeColumn::Drawn(_) => Err(NoValue(Node::Param(*k))),
                },
                _ => Ok(0.0),
            };
            let mut scalars = program.scalars.iter().map(|s| value(s).map(T::from_f64)).collect::<Result<Vec<T>, _>>()?;
            block::compute(&mut scalars, &program.fixed);
            let of = |count: usize| vec![vec![T::ZERO; T::BLOCK]; count];
            Ok(Table {
                states: of(states),
                read_only: of(program.columns.len()),
                scalars,
                registers: of(program.registers),
                ..Table::default()
            })
        });
        self.tables = tables.collect::<Result<_, _>>()?;
        let own = |pass: &super::PassShare| {
            let all = pass.columns().iter().map(|source| match source {
                crate::engine::cpu::operation::ColumnSource::Param(k) => param(*k).map(T::from_f64),
                _ => None,
            });
            all.collect()
        };
        self.own = self.share.passes.iter().map(own).collect();
        Ok(())
    }

    /// Calls with each synapse here: number here, number in the plan.
    pub fn each(&self, mut call: impl FnMut(usize, u64)) {
        self.share.spans(|_, here, number| here.zip(number..).for_each(|(k, edge)| call(k, edge)));
    }

    /// Calls with all that synapses here keep: which, number in the plan, value. `step`: that which comes next.
    pub fn tell(&self, step: u64, call: &mut dyn FnMut(usize, usize, f64)) {
        self.each(|k, edge| {
            self.states.iter().enumerate().for_each(|(state, column)| call(state, edge as usize, column[k].to_f64()));
            if let Some(last) = self.touched.get(k) {
                call(self.states.len(), edge as usize, time_of(*last, step) as f64);
            }
        });
    }

    /// The same of chosen synapses, by place among them.
    pub fn tell_of(&self, step: u64, chosen: &[u32], call: &mut dyn FnMut(usize, usize, f64)) {
        let mut row = Row::default();
        for (place, edge) in chosen.iter().enumerate() {
            // many that follow each other have one source, which is looked for once
            if !row.numbers.contains(&u64::from(*edge)) {
                row = self.share.row_of(u64::from(*edge));
            }
            let Some(k) = row.here(u64::from(*edge)) else { continue };
            self.states.iter().enumerate().for_each(|(state, column)| call(state, place, column[k].to_f64()));
            if let Some(last) = self.touched.get(k) {
                call(self.states.len(), place, time_of(*last, step) as f64);
            }
        }
    }

    /// Takes up what [`Learned::tell`] told, of all instances.
    pub fn restore(&mut self, plan: &Plan, instance: usize, given: &[Vec<f64>], step: u64) {
        let first = instance * plan.learning[self.share.number].edges.count() as usize;
        let share = self.share.clone();
        share.spans(|_, here, number| {
            for (k, edge) in here.zip(number as usize..) {
                let states = self.states.len();
                self.states.iter_mut().zip(given).for_each(|(column, given)| column[k] = T::from_f64(given[first + edge]));
                if let Some(last) = self.touched.get_mut(k) {
                    // a time that has not come cannot have been
                    *last = (given[states][first + edge] as u64).min(step) as u32;
                }
            }
        });
    }

    /// Are all states finite?
    pub fn are_finite(&self) -> bool {
        self.states.iter().all(|column| all_finite(column))
    }

    /// The first state that is not finite.
    #[cold]
    pub fn first_broken(&self, plan: &Plan) -> Option<Broken> {
        let learning = &plan.learning[self.share.number];
        let mut best = None;
        for (state, column) in self.states.iter().enumerate() {
            self.each(|k, edge| {
                if !column[k].is_finite() {
                    let place = Place::Learned { learning: self.share.number, edge, state };
                    let row = plan.first_row(learning.target) + learning.edges.target_of(edge);
                    best = first(best, Some(Broken { row, place, value: column[k].to_f64() }));
                }
            });
        }
        best
    }
}

/// The time of an event of which the lowest 32 bits are kept.
fn time_of(last: u32, step: u64) -> u64 {
    step.saturating_sub(u64::from((step as u32).wrapping_sub(last)))
}
