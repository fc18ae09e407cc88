//! The loops: each operation of a program over one block of rows, in the widest instruction set at hand.
//!
//! In: a [`Program`], columns, registers. Out: new states and the spike mask. Wider instruction sets give the same bits,
//! because nothing here is summed across rows and nothing is fused.

use pulp::{Arch, NullaryFnOnce, Simd, WithSimd};

use super::operation::{Once, Operand, Operation, Program, Target};
use super::real::{Real, all_finite, truth};
use crate::model::rule::{Binary, Unary};

/// Columns of one group (or the part of it that a thread owns).
#[derive(Clone, Debug, Default)]
pub struct Table<T> {
    /// State columns at the start of the step.
    pub states: Vec<Vec<T>>,
    /// State columns after it; empty where the step changes nothing.
    pub next: Vec<Vec<T>>,
    /// By place in [`Program::columns`].
    pub read_only: Vec<Vec<T>>,
    /// By place in [`Program::scalars`].
    pub scalars: Vec<T>,
    pub registers: Vec<Vec<T>>,
}

/// What an operation needs that is no column: filled in by the caller for the rows of the block.
pub trait Source<T: Real> {
    /// Writes what arrived at a port.
    fn arrived(&self, port: usize, first: usize, out: &mut [T]);
    /// Only neurons draw: 0 elsewhere.
    fn uniform(&self, _draw: u32, _first: usize, out: &mut [T]) {
        out.fill(T::ZERO);
    }
    /// As [`Source::uniform`]: not 0 where the draw lies below a probability.
    fn chance(&self, _draw: u32, _p: Argument<'_, T>, _first: usize, out: &mut [T]) {
        out.fill(T::ZERO);
    }
    /// As [`Source::uniform`].
    fn normal(&self, _draw: u32, _first: usize, out: &mut [T]) {
        out.fill(T::ZERO);
    }
    /// Only neurons spike at listed times: 0 elsewhere.
    fn listed(&self, _first: usize, out: &mut [T]) {
        out.fill(T::ZERO);
    }
}

/// An operand of a block: a number per row, or one for all.
#[derive(Clone, Copy)]
pub enum Argument<'a, T> {
    Each(&'a [T]),
    All(T),
}

/// Row access that is resolved before the loop.
trait At<T> {
    fn at(&self, row: usize) -> T;
}

#[derive(Clone, Copy)]
struct Each<'a, T>(&'a [T]);
#[derive(Clone, Copy)]
struct All<T>(T);

impl<T: Real> At<T> for Each<'_, T> {
    #[inline(always)]
    fn at(&self, row: usize) -> T {
        self.0[row]
    }
}

impl<T: Real> At<T> for All<T> {
    #[inline(always)]
    fn at(&self, _: usize) -> T {
        self.0
    }
}

/// Runs a loop for every way in which its operands may vary.
macro_rules! spread {
    ($out:ident; $($x:ident),+ => $body:expr) => { spread!(@ $out [$($x)+] $body) };
    (@ $out:ident [$x:ident $($rest:ident)*] $body:expr) => {
        match $x {
            Argument::Each(s) => {
                let $x = Each(&s[..$out.len()]);
                spread!(@ $out [$($rest)*] $body)
            }
            Argument::All(v) => {
                let $x = All(v);
                spread!(@ $out [$($rest)*] $body)
            }
        }
    };
    (@ $out:ident [] $body:expr) => {
        for row in 0..$out.len() {
            $out[row] = $body(row);
        }
    };
}

impl<T: Real> Table<T> {
    #[inline(always)]
    fn argument(&self, operand: Operand, first: usize, rows: usize) -> Argument<'_, T> {
        match operand {
            Operand::Scalar(k) => Argument::All(self.scalars[k as usize]),
            Operand::Column(k) => Argument::Each(&self.read_only[k as usize][first..first + rows]),
            Operand::State(k) => Argument::Each(&self.states[k as usize][first..first + rows]),
            Operand::Next(k) => Argument::Each(&self.next[k as usize][first..first + rows]),
            Operand::Register(k) => Argument::Each(&self.registers[k as usize][..rows]),
        }
    }

    /// Copies what an operand is in the rows of a block that has been run.
    pub fn copy(&self, operand: Operand, first: usize, out: &mut [T]) {
        match self.argument(operand, first, out.len()) {
            Argument::Each(s) => out.copy_from_slice(s),
            Argument::All(v) => out.fill(v),
        }
    }

    /// The numbers themselves; one for all rows is spread over the spare list.
    pub fn each<'a>(&'a self, operand: Operand, first: usize, rows: usize, spare: &'a mut Vec<T>) -> &'a [T] {
        match self.argument(operand, first, rows) {
            Argument::Each(s) => s,
            Argument::All(v) => {
                spare.clear();
                spare.resize(rows, v);
                spare
            }
        }
    }

    /// The same as a list.
    pub fn list(&self, operand: Operand, first: usize, rows: usize) -> Vec<T> {
        let mut out = vec![T::ZERO; rows];
        self.copy(operand, first, &mut out);
        out
    }

    /// The value of an operand in one row of a block that has been run.
    pub fn value(&self, operand: Operand, first: usize, row: usize) -> T {
        match self.argument(operand, first, row + 1) {
            Argument::Each(s) => s[row],
            Argument::All(v) => v,
        }
    }

    /// Adds the rows of a block where rounding may decide about an operand to a list, as `base + row`.
    pub fn rows_undecided(&self, operand: Operand, first: usize, rows: usize, base: u32, out: &mut Vec<u32>) {
        let undecided = |row: &usize| self.value(operand, first, *row).undecided();
        out.extend((0..rows).filter(undecided).map(|row| base + (first + row) as u32));
    }

    /// Adds the rows of a block where an operand is not 0 to a list, as `base + row`.
    pub fn rows_where(&self, arch: Arch, operand: Operand, first: usize, rows: usize, base: u32, out: &mut Vec<u32>) {
        let base = base + first as u32;
        match self.argument(operand, first, rows) {
            Argument::All(v) if v == T::ZERO => {}
            Argument::All(_) => out.extend((0..rows as u32).map(|r| base + r)),
            Argument::Each(mask) => arch.dispatch(Where { mask, base, out }),
        }
    }
}

/// Is any of these not 0?
#[inline(always)]
fn any<T: Real>(mask: &[T]) -> bool {
    mask.iter().fold(false, |any, m| any | (*m != T::ZERO))
}

/// The rows where a mask is not 0.
struct Where<'a, T> {
    mask: &'a [T],
    base: u32,
    out: &'a mut Vec<u32>,
}

impl<T: Real> NullaryFnOnce for Where<'_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Where { mask, base, out } = self;
        // most rows do not spike: many are passed at once, then fewer
        for (start, part) in (base..).step_by(128).zip(mask.chunks(128)) {
            if any(part) {
                for (start, part) in (start..).step_by(16).zip(part.chunks(16)) {
                    if any(part) {
                        out.extend((start..).zip(part).filter(|(_, m)| **m != T::ZERO).map(|(row, _)| row));
                    }
                }
            }
        }
    }
}

/// Computes scalars that follow from others, each once for all rows.
pub fn compute<T: Real>(scalars: &mut [T], steps: &[(u16, Once)]) {
    for (to, step) in steps {
        let all = |k: u16| Argument::All(scalars[k as usize]);
        let mut out = [T::ZERO];
        match *step {
            Once::Unary(operator, x) => unary(operator, all(x), &mut out),
            Once::Binary(operator, a, b) => binary(operator, all(a), all(b), &mut out),
            Once::Select(c, a, b) => out[0] = scalars[c as usize].pick(scalars[a as usize], scalars[b as usize]),
        }
        scalars[*to as usize] = out[0];
    }
}

/// One block of one program.
struct Run<'a, T, S> {
    columns: &'a mut Table<T>,
    program: &'a Program,
    source: &'a S,
    first: usize,
    rows: usize,
}

/// Runs a program over rows `first..first + rows` (at most [`Real::BLOCK`]). Is finite what must be in every step?
pub fn run<T: Real, S: Source<T>>(
    arch: Arch,
    columns: &mut Table<T>,
    program: &Program,
    source: &S,
    first: usize,
    rows: usize,
) -> bool {
    arch.dispatch(Run { columns, program, source, first, rows })
}

impl<T: Real, S: Source<T>> WithSimd for Run<'_, T, S> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<A: Simd>(self, _: A) -> bool {
        let Run { columns, program, source, first, rows } = self;
        for operation in &program.operations {
            let to = target(operation);
            // the column is lent out, so that the others can be read meanwhile
            let mut taken = std::mem::take(column(columns, to));
            let out = match to {
                Target::Register(_) => &mut taken[..rows],
                Target::Next(_) => &mut taken[first..first + rows],
            };
            apply(columns, operation, source, first, rows, out);
            *column(columns, to) = taken;
        }
        finite(columns, program, first, rows)
    }
}

/// Is finite what must be in every step?
#[inline(always)]
pub fn finite<T: Real>(columns: &Table<T>, program: &Program, first: usize, rows: usize) -> bool {
    let undefined = program.checks.undefined.map(|operand| columns.argument(operand, first, rows));
    let defined = match undefined {
        Some(Argument::Each(s)) => s.iter().fold(true, |none, x| none & (*x == T::ZERO)),
        Some(Argument::All(x)) => x == T::ZERO,
        None => true,
    };
    defined
        & program.checks.every.iter().all(|operand| match columns.argument(*operand, first, rows) {
            Argument::Each(s) => all_finite(s),
            Argument::All(x) => x.is_finite(),
        })
}

#[inline(always)]
fn column<T>(columns: &mut Table<T>, to: Target) -> &mut Vec<T> {
    match to {
        Target::Register(k) => &mut columns.registers[k as usize],
        Target::Next(k) => &mut columns.next[k as usize],
    }
}

#[inline(always)]
pub fn target(operation: &Operation) -> Target {
    match operation {
        Operation::Copy { to, .. }
        | Operation::Unary { to, .. }
        | Operation::Binary { to, .. }
        | Operation::MultiplyAdd { to, .. }
        | Operation::SubtractMultiply { to, .. }
        | Operation::Sum { to, .. }
        | Operation::Select { to, .. }
        | Operation::Raise { to, .. }
        | Operation::Arrived { to, .. }
        | Operation::Uniform { to, .. }
        | Operation::Chance { to, .. }
        | Operation::Normal { to, .. }
        | Operation::Listed { to } => *to,
    }
}

#[inline(always)]
fn apply<T: Real, S: Source<T>>(columns: &Table<T>, operation: &Operation, source: &S, first: usize, rows: usize, out: &mut [T]) {
    let get = |o: &Operand| columns.argument(*o, first, rows);
    match operation {
        Operation::Copy { from, .. } => {
            let x = get(from);
            spread!(out; x => move |r: usize| x.at(r));
        }
        Operation::Unary { operator, x, .. } => unary(*operator, get(x), out),
        Operation::Binary { operator, a, b, .. } => binary(*operator, get(a), get(b), out),
        Operation::MultiplyAdd { a, b, c, .. } => {
            let (a, b, c) = (get(a), get(b), get(c));
            spread!(out; a, b, c => move |r: usize| a.at(r) * b.at(r) + c.at(r));
        }
        Operation::SubtractMultiply { a, b, c, .. } => {
            let (a, b, c) = (get(a), get(b), get(c));
            spread!(out; a, b, c => move |r: usize| (a.at(r) - b.at(r)) * c.at(r));
        }
        Operation::Sum { lead, products, last, .. } => sum(columns, lead, products, last, first, out),
        Operation::Select { condition, then, otherwise, .. } => {
            let (c, a, b) = (get(condition), get(then), get(otherwise));
            spread!(out; c, a, b => move |r: usize| c.at(r).pick(a.at(r), b.at(r)));
        }
        Operation::Raise { condition, x, d, .. } => {
            let (c, x, d) = (get(condition), get(x), get(d));
            spread!(out; c, x, d => move |r: usize| c.at(r).pick(x.at(r) + d.at(r), x.at(r)));
        }
        Operation::Arrived { .. }
        | Operation::Uniform { .. }
        | Operation::Chance { .. }
        | Operation::Normal { .. }
        | Operation::Listed { .. } => drawn(columns, operation, source, first, rows, out),
    }
}

/// What the caller of a program knows.
#[inline(always)]
pub fn drawn<T: Real, S: Source<T>>(
    columns: &Table<T>,
    operation: &Operation,
    source: &S,
    first: usize,
    rows: usize,
    out: &mut [T],
) {
    match operation {
        Operation::Arrived { port, .. } => source.arrived(*port as usize, first, out),
        Operation::Uniform { draw, .. } => source.uniform(*draw, first, out),
        Operation::Chance { draw, p, .. } => source.chance(*draw, columns.argument(*p, first, rows), first, out),
        Operation::Normal { draw, .. } => source.normal(*draw, first, out),
        Operation::Listed { .. } => source.listed(first, out),
        // all others are worked out here
        _ => {}
    }
}

#[inline(always)]
fn unary<T: Real>(operator: Unary, x: Argument<'_, T>, out: &mut [T]) {
    macro_rules! each {
        ($f:expr) => {{
            let f = $f;
            spread!(out; x => move |r: usize| f(x.at(r)))
        }};
    }
    match operator {
        Unary::Negate => each!(|x: T| -x),
        Unary::Not => each!(T::opposite),
        Unary::Abs => each!(T::abs),
        Unary::Exp => each!(T::exp),
        Unary::Log => each!(T::log),
        Unary::Sqrt => each!(T::sqrt),
        Unary::Floor => each!(T::floor),
        Unary::Ceil => each!(T::ceil),
        Unary::Sign => each!(T::sign),
        Unary::Sin => each!(T::sin),
        Unary::Cos => each!(T::cos),
        Unary::Tan => each!(T::tan),
        Unary::Tanh => each!(T::tanh),
        Unary::NotANumber => each!(|x: T| truth::<T>(x.is_nan())),
        Unary::Exprel => {
            // exponential Euler asks for it near 0 nearly always; the bits are the same
            let near = match x {
                Argument::Each(s) => s.iter().fold(true, |near, x| near & (x.abs() < T::NEAR)),
                Argument::All(x) => x.abs() < T::NEAR,
            };
            if near { each!(T::exprel_near) } else { each!(T::exprel) }
        }
    }
}

#[inline(always)]
fn binary<T: Real>(operator: Binary, a: Argument<'_, T>, b: Argument<'_, T>, out: &mut [T]) {
    macro_rules! each {
        ($f:expr) => {{
            let f = $f;
            spread!(out; a, b => move |r: usize| f(a.at(r), b.at(r)))
        }};
    }
    match operator {
        Binary::Add => each!(|a: T, b: T| a + b),
        Binary::Subtract => each!(|a: T, b: T| a - b),
        Binary::Multiply => each!(|a: T, b: T| a * b),
        Binary::Divide => each!(|a: T, b: T| a / b),
        Binary::Power => {
            // nearly always all are; the bits are the same
            let usual = match (a, b) {
                (Argument::Each(a), Argument::All(y)) => a.iter().fold(true, |usual, x| usual & x.is_usual(y)),
                (Argument::All(x), Argument::Each(b)) => b.iter().fold(true, |usual, y| usual & x.is_usual(*y)),
                (Argument::Each(a), Argument::Each(b)) => a.iter().zip(b).fold(true, |usual, (x, y)| usual & x.is_usual(*y)),
                (Argument::All(x), Argument::All(y)) => x.is_usual(y),
            };
            if usual { each!(T::power_usual) } else { each!(T::power) }
        }
        Binary::Min => each!(T::least),
        Binary::Max => each!(T::greatest),
        Binary::Less => each!(T::less),
        Binary::LessEqual => each!(T::less_equal),
        Binary::Equal => each!(T::equal),
        Binary::And => each!(T::both),
        Binary::Or => each!(T::either),
    }
}

/// lead + ((s·x + s·x + ...) + last), for each number of products a loop of its own: only so it vectorises.
#[inline(always)]
fn sum<T: Real>(
    columns: &Table<T>,
    lead: &Option<Operand>,
    products: &[(u16, Operand)],
    last: &Option<Operand>,
    first: usize,
    out: &mut [T],
) {
    let rows = out.len();
    // factors are scalars and the others are not, by the making of a sum
    let part = |k: usize| -> (T, &[T]) {
        let (factor, operand) = products[k];
        match columns.argument(operand, first, rows) {
            Argument::Each(s) => (columns.scalars[factor as usize], s),
            Argument::All(_) => (T::ZERO, &[]),
        }
    };
    let get = |o: &Operand| columns.argument(*o, first, rows);
    macro_rules! summed {
        ($s:ident $x:ident $(, $t:ident $y:ident)*) => {{
            let $x = Each(&$x[..rows]);
            $(let $y = Each(&$y[..rows]);)*
            // written out in each arm: a closure shared by several loops would not be inlined into them
            match (lead, last) {
                (None, None) => spread!(@ out [] move |r: usize| $s * $x.at(r) $(+ $t * $y.at(r))*),
                (None, Some(last)) => {
                    let last = get(last);
                    spread!(out; last => move |r: usize| ($s * $x.at(r) $(+ $t * $y.at(r))*) + last.at(r));
                }
                (Some(lead), None) => {
                    let lead = get(lead);
                    spread!(out; lead => move |r: usize| lead.at(r) + ($s * $x.at(r) $(+ $t * $y.at(r))*));
                }
                (Some(lead), Some(last)) => {
                    let (lead, last) = (get(lead), get(last));
                    spread!(out; lead, last => move |r: usize| lead.at(r) + (($s * $x.at(r) $(+ $t * $y.at(r))*) + last.at(r)));
                }
            }
        }};
    }
    match products.len() {
        1 => {
            let (s, x) = part(0);
            summed!(s x)
        }
        2 => {
            let ((s, x), (t, y)) = (part(0), part(1));
            summed!(s x, t y)
        }
        3 => {
            let ((s, x), (t, y), (u, z)) = (part(0), part(1), part(2));
            summed!(s x, t y, u z)
        }
        _ => {
            let ((s, x), (t, y), (u, z), (v, w)) = (part(0), part(1), part(2), part(3));
            summed!(s x, t y, u z, v w)
        }
    }
}
