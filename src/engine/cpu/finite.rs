//! States that are not finite: where the first one stands.
//!
//! Most are looked at when a batch ends, some in every step (`lasting` says which); a batch that ends badly is gone through
//! again step by step. Not here: how it is named (`engine::fault`).

use super::block::Table;
use super::edge::Edges;
use super::learn::Learned;
use super::operation::{Operand, Program};
use super::part::Part;
use super::real::{Real, all_finite};
use super::worker::Worker;
use crate::engine::fault::first;
use crate::engine::{Broken, Place};
use crate::plan::Plan;

/// Rows that are looked at side by side in the time of one that spikes.
const SPARSE: usize = 8;

impl<T: Real> Table<T> {
    /// Looks at a block that has just been run. `finite`: what is looked at in every step is. `spikes`: its rows that spiked,
    /// counted from `base`, as is the row that is given.
    #[inline(always)]
    pub fn lost(&self, program: &Program, finite: bool, block: usize, rows: usize, base: u32, spikes: &[u32]) -> Option<Broken> {
        let tested = &program.checks.tested;
        let row = |spike: &u32| (spike - base) as usize - block;
        let reset = |spike: &u32| tested.iter().all(|(_, operand)| self.value(*operand, block, row(spike)).is_finite());
        // many spike at once: all rows side by side are sooner looked at than those that spike one by one
        let many = spikes.len() > rows / SPARSE;
        let mut spare = Vec::new();
        let mut whole = || tested.iter().all(|(_, operand)| all_finite(self.each(*operand, block, rows, &mut spare)));
        if finite && (tested.is_empty() || many && whole() || spikes.iter().all(reset)) {
            None
        } else {
            self.first_of_block(program, block, rows, base)
        }
    }

    #[cold]
    fn first_of_block(&self, program: &Program, block: usize, rows: usize, base: u32) -> Option<Broken> {
        let checks = &program.checks;
        let places = checks.watched.iter().flat_map(|k| {
            let tested = checks.tested.iter().find(|(state, _)| state == k).map(|(_, operand)| (*operand, false));
            let next = if program.changed.contains(k) { Operand::Next(*k) } else { Operand::State(*k) };
            let place = |(operand, after)| (operand, Place::State { column: usize::from(*k), after });
            tested.into_iter().chain([(next, true)]).map(place)
        });
        (0..rows).find_map(|row| {
            if checks.undefined.is_some_and(|operand| self.value(operand, block, row) != T::ZERO) {
                return Some(Broken { row: base + (block + row) as u32, place: Place::Comparison, value: f64::NAN });
            }
            let found = |(operand, place)| (self.value(operand, block, row).to_f64(), place);
            let broken = places.clone().map(found).find(|(value, _)| !value.is_finite());
            broken.map(|(value, place)| Broken { row: base + (block + row) as u32, place, value })
        })
    }
}

impl<T: Real> Part<T> {
    /// States as they are now.
    fn columns_watched(&self) -> impl Iterator<Item = (usize, &Vec<T>)> {
        self.program.checks.watched.iter().map(|k| (usize::from(*k), &self.columns.states[usize::from(*k)]))
    }

    fn first_broken(&self) -> Option<Broken> {
        let now = self.columns_watched().filter_map(|(column, values)| {
            let row = values.iter().position(|x| !x.is_finite())?;
            let place = Place::State { column, after: true };
            Some(Broken { row: self.share.base + self.share.first + row as u32, place, value: values[row].to_f64() })
        });
        now.fold(self.broken, |best, broken| first(best, Some(broken)))
    }
}

impl<T: Real> Worker<T> {
    /// Did the batch, or does its end, hold a state that is not finite?
    pub fn is_broken(&self, plan: &Plan) -> bool {
        let rows = |part: &Part<T>| part.broken.is_some() || part.columns_watched().any(|(_, column)| !all_finite(column));
        let synapses = |edges: &Edges<T>| !edges.are_finite() && edges.first_broken(plan).is_some();
        let learned = |own: &Learned<T>| !own.are_finite();
        self.broken_synapse.is_some()
            || self.parts.iter().any(rows)
            || self.edges.iter().any(synapses)
            || self.learned.iter().any(learned)
    }

    /// The first that is not finite; after a single step the one that is named.
    pub fn first_broken(&self, plan: &Plan) -> Option<Broken> {
        let rows = self.parts.iter().map(Part::first_broken);
        let synapses = self.edges.iter().map(|edges| edges.first_broken(plan));
        let learned = self.learned.iter().map(|own| own.first_broken(plan));
        rows.chain(synapses).chain(learned).fold(self.broken_synapse, first)
    }
}

impl<T: Real> Edges<T> {
    /// Are all states finite, those of places where no edge stands among them?
    fn are_finite(&self) -> bool {
        self.states().into_iter().flatten().all(|column| all_finite(column))
    }

    /// The first state that is not finite.
    #[cold]
    pub fn first_broken(&self, plan: &Plan) -> Option<Broken> {
        let mut best = None;
        for number in self.share.members.iter().copied() {
            let (group, first_row) = (&plan.gathered[number], plan.first_row(plan.gathered[number].target));
            for state in 0..group.rule.states.len() {
                self.each_state(plan, number, state, |edge, x| {
                    if !x.is_finite() {
                        let place = Place::Synapse { group: number, edge: edge as u64, state };
                        let row = first_row + group.edges.target_of(edge as u64);
                        best = first(best, Some(Broken { row, place, value: x.to_f64() }));
                    }
                });
            }
        }
        best
    }
}
