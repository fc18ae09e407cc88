//! Programs of well-known models as loops of their own: where the interpreter (`block`) goes over a block of rows once for each
//! operation, one loop here does all of them row by row, and what lies between stays in registers.
//!
//! In: a [`Program`]. Out: the loop made of the very same operations ([`of`]), where there is one, and its run over a block ([`run`]).
//! The loops (`made`) are written by a test (`write_test`) from the models' own programs, which also holds that they are up to date;
//! a program is recognised by all that it does, so that a loop never runs in place of another program. The bits are those of the
//! interpreter: the same operations in the same order, none of them fused into another.
//!
//! Random numbers and what arrives are written into registers behind the program's own, before the loop reads them.

use std::ops::Range;

use pulp::{Arch, NullaryFnOnce, WithSimd};
use sha2::{Digest, Sha256};

use super::block::{self, Source, Table, drawn, finite};
use super::operation::{Fused, Operand, Operation, Program};
use super::real::Real;

#[rustfmt::skip]
mod made;
#[cfg(test)]
mod cases_test;
#[cfg(test)]
mod write_test;

/// Rows of a block, and the first register of what a source has written.
#[derive(Clone, Copy)]
pub struct Rows {
    pub first: usize,
    pub count: usize,
    pub sources: usize,
}

/// What a loop reads and writes: scalars, read-only columns, states, sources; next states, registers.
type Lent<'a, T, const S: usize, const C: usize, const X: usize, const A: usize, const N: usize, const O: usize> =
    ([T; S], [&'a [T]; C], [&'a [T]; X], [&'a [T]; A], [&'a mut [T]; N], [&'a mut [T]; O]);

/// The loop of a program.
pub fn of(program: &Program) -> Option<Fused> {
    let sources = sources(program)?;
    let form = form(program);
    let number = made::FORMS.iter().position(|known| *known == form)?;
    Some(Fused { number: number as u16, sources })
}

/// Runs a program over rows `first..first + rows`, by its loop if it has one; else as [`block::run`] does, with what that gives.
pub fn run<T: Real, S: Source<T>>(
    arch: Arch,
    columns: &mut Table<T>,
    program: &Program,
    source: &S,
    first: usize,
    rows: usize,
) -> bool {
    let Some(fused) = program.fused.as_ref().filter(|_| !T::BOUNDED && columns.registers.len() >= program.needed()) else {
        return block::run(arch, columns, program, source, first, rows);
    };
    if !fused.sources.is_empty() {
        arch.dispatch(Draw { fused, columns: &mut *columns, source, first, rows, registers: program.registers });
    }
    if !made::run(fused.number, arch, columns, Rows { first, count: rows, sources: program.registers }) {
        return block::run(arch, columns, program, source, first, rows);
    }
    let looked_at = program.checks.undefined.is_some() || !program.checks.every.is_empty();
    !looked_at || arch.dispatch(Finite { columns, program, first, rows })
}

/// Looks at a block that has been run.
struct Finite<'a, T> {
    columns: &'a Table<T>,
    program: &'a Program,
    first: usize,
    rows: usize,
}

impl<T: Real> NullaryFnOnce for Finite<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        finite(self.columns, self.program, self.first, self.rows)
    }
}

/// Writes what a source knows.
struct Draw<'a, T, S> {
    fused: &'a Fused,
    columns: &'a mut Table<T>,
    source: &'a S,
    first: usize,
    rows: usize,
    /// Those of the program.
    registers: usize,
}

impl<T: Real, S: Source<T>> WithSimd for Draw<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<A: pulp::Simd>(self, _: A) {
        let Draw { fused, columns, source, first, rows, registers } = self;
        for (operation, register) in fused.sources.iter().zip(registers..) {
            let mut out = std::mem::take(&mut columns.registers[register]);
            drawn(columns, operation, source, first, rows, &mut out[..rows]);
            columns.registers[register] = out;
        }
    }
}

/// The operations of a program that need its caller, in order; `None`: one of them reads what others work out.
fn sources(program: &Program) -> Option<Vec<Operation>> {
    let mut sources = Vec::new();
    for operation in &program.operations {
        match operation {
            Operation::Chance { p: Operand::Register(_) | Operand::Next(_), .. } => return None,
            Operation::Arrived { .. }
            | Operation::Uniform { .. }
            | Operation::Normal { .. }
            | Operation::Listed { .. }
            | Operation::Chance { .. } => sources.push(operation.clone()),
            _ => {}
        }
    }
    Some(sources)
}

/// All that a program does, as a short text: two programs of one form do the same.
fn form(program: &Program) -> String {
    let Program { operations, changed, spike, results, checks, .. } = program;
    let all = format!("{:?}", (operations, changed, spike, results, &checks.every, &checks.tested, checks.undefined));
    let digest = Sha256::digest(all.as_bytes());
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Rows that are worked out together where functions have a short form for usual arguments.
const PIECE: usize = 64;

/// The rows of a block, piece by piece.
#[inline(always)]
fn pieces(rows: usize) -> impl Iterator<Item = Range<usize>> {
    (0..rows).step_by(PIECE).map(move |first| first..rows.min(first + PIECE))
}

/// Lends a loop what it names; `None`: a column is missing.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one list for each kind of operand")]
fn lend<'a, T: Real, const S: usize, const C: usize, const X: usize, const A: usize, const N: usize, const O: usize>(
    table: &'a mut Table<T>,
    rows: Rows,
    scalars: [usize; S],
    columns: [usize; C],
    states: [usize; X],
    _sources: [(); A],
    next: [usize; N],
    registers: [usize; O],
) -> Option<Lent<'a, T, S, C, X, A, N, O>> {
    let inside = rows.first..rows.first + rows.count;
    let (own, sources) = table.registers.split_at_mut_checked(rows.sources)?;
    let sources = &*sources;
    let all = |lists: &'a [Vec<T>], k: usize| lists.get(k).and_then(|list| list.get(inside.clone()));
    let known = columns.iter().all(|k| all(&table.read_only, *k).is_some())
        && states.iter().all(|k| all(&table.states, *k).is_some())
        && scalars.iter().all(|k| *k < table.scalars.len())
        && sources.len() >= A
        && sources[..A].iter().all(|list| list.len() >= rows.count);
    if !known {
        return None;
    }
    let next = table.next.get_disjoint_mut(next).ok()?;
    let registers = own.get_disjoint_mut(registers).ok()?;
    if next.iter().any(|list| list.len() < inside.end) || registers.iter().any(|list| list.len() < rows.count) {
        return None;
    }
    Some((
        scalars.map(|k| table.scalars[k]),
        columns.map(|k| &table.read_only[k][inside.clone()]),
        states.map(|k| &table.states[k][inside.clone()]),
        std::array::from_fn(|k| &sources[k][..rows.count]),
        next.map(|list| &mut list[inside.clone()]),
        registers.map(|list| &mut list[..rows.count]),
    ))
}
