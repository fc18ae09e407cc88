//! The steps of a window, sheet by sheet: some rows go through all of them before the next rows do, so that what they are comes from
//! memory once a window.
//!
//! In: a window. Out: rows after it, spikes by step. Not here: a step of a sheet (`part`).

use std::mem;

use pulp::Arch;

use super::Part;
use crate::engine::cpu::operation::{ColumnSource, Program, Scalar};
use crate::engine::cpu::real::Real;

/// Blocks of rows that go through all steps of a window before the next ones do, so that they come from memory once for all of them.
const SHEET: usize = 4;
/// Where there are no more than so many sheets all rows are one: a second-level cache holds them.
const SHEETS: usize = 4;

impl<T: Real> Part<T> {
    /// Shall some rows go through all steps of a window before the others do? They cannot where an input is kept from one step to the
    /// next for all of them.
    fn falls_into_sheets(&self) -> bool {
        let Program { columns, live, scalars, rare, .. } = &*self.program;
        let is_held = live.iter().any(|k| matches!(scalars[usize::from(*k)], Scalar::Held(_)));
        let are_many = self.share.rows > SHEETS * SHEET * T::BLOCK;
        are_many && !T::BOUNDED && rare.is_none() && !is_held && !columns.iter().any(|c| matches!(c, ColumnSource::Held(_)))
    }

    /// The steps of a window. `fresh`: what inputs hold may be of another time than the step before. Spikes: by step, then group.
    pub fn update(
        &mut self,
        arch: Arch,
        (step, window): (u64, usize),
        fresh: bool,
        external: &[f64],
        registers: &mut Vec<Vec<T>>,
        spikes: &mut [Vec<Vec<u32>>],
    ) {
        self.undecided.clear();
        let (group, rows) = (self.share.group, self.share.rows);
        let sheet = if self.falls_into_sheets() { SHEET * T::BLOCK } else { rows.max(1) };
        for (number, first) in (0..rows).step_by(sheet).enumerate() {
            let inside = first..rows.min(first + sheet);
            for (now, spikes) in (step..).zip(&mut spikes[..window]) {
                let rows = (number, inside.clone());
                self.advance(arch, now, fresh && now == step, external, rows, registers, &mut spikes[group]);
            }
            // columns change places as a whole: the next rows begin where these began
            if !window.is_multiple_of(2) && first + sheet < rows {
                self.turn();
            }
        }
    }

    /// What was worked out becomes what is, and the other way round.
    pub(super) fn turn(&mut self) {
        let Part { columns, program, .. } = self;
        for k in program.changed.iter().map(|k| usize::from(*k)) {
            mem::swap(&mut columns.states[k], &mut columns.next[k]);
        }
    }
}
