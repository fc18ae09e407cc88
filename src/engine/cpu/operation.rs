//! What a lowered rule is made of: operations over blocks of rows, and where their operands lie.

use super::real::Real;
use crate::model::rule::{Binary, Unary};
use crate::plan::Clock;

/// Where an operand comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// The same number for all rows of this step, by its place in the table of scalars.
    Scalar(u16),
    /// A read-only column (parameter, derived number, held input), a number per row.
    Column(u16),
    /// A state column as it was at the start of the step.
    State(u16),
    /// A state column as it will be after the step, already computed.
    Next(u16),
    /// A block register.
    Register(u16),
}

/// Where a result goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Register(u16),
    /// The new value of a state.
    Next(u16),
}

/// What a scalar of the table is, filled in by the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scalar {
    Constant(u64),
    Param(u32),
    Derived(u32),
    Held(u32),
    Time,
    StepHigh,
    StepLow,
    /// Worked out on the host for each step.
    Clock(u32),
    /// What follows from other scalars.
    Computed(u16),
}

impl Scalar {
    /// Does a step bring it?
    pub fn is_live(self) -> bool {
        matches!(self, Scalar::Held(_) | Scalar::Time | Scalar::StepHigh | Scalar::StepLow | Scalar::Clock(_))
    }
}

/// How a scalar follows from others, by their places in the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Once {
    Unary(Unary, u16),
    Binary(Binary, u16, u16),
    Select(u16, u16, u16),
}

/// What a read-only column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnSource {
    Param(u32),
    Derived(u32),
    Held(u32),
    /// Values of the two ends of an edge, gathered by the caller.
    End(u32),
}

/// At most this many products in one sum.
pub const PRODUCTS: usize = 4;

/// One operation over a block.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    Copy {
        to: Target,
        from: Operand,
    },
    Unary {
        to: Target,
        operator: Unary,
        x: Operand,
    },
    Binary {
        to: Target,
        operator: Binary,
        a: Operand,
        b: Operand,
    },
    /// a·b + c
    MultiplyAdd {
        to: Target,
        a: Operand,
        b: Operand,
        c: Operand,
    },
    /// (a - b)·c
    SubtractMultiply {
        to: Target,
        a: Operand,
        b: Operand,
        c: Operand,
    },
    /// lead + (((scalar·x + scalar·x) + ...) + last); lead and last may be missing
    Sum {
        to: Target,
        lead: Option<Operand>,
        products: Vec<(u16, Operand)>,
        last: Option<Operand>,
    },
    Select {
        to: Target,
        condition: Operand,
        then: Operand,
        otherwise: Operand,
    },
    /// x + d where the condition is not 0, else x: a trace at a spike.
    Raise {
        to: Target,
        condition: Operand,
        x: Operand,
        d: Operand,
    },
    /// What arrived at a port.
    Arrived {
        to: Target,
        port: u16,
    },
    Uniform {
        to: Target,
        draw: u32,
    },
    /// Not 0 where a draw lies below p.
    Chance {
        to: Target,
        draw: u32,
        p: Operand,
    },
    Normal {
        to: Target,
        draw: u32,
    },
    Listed {
        to: Target,
    },
}

/// What of a rule must be finite.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    /// States that are looked at; the others count whole numbers or do not change.
    pub watched: Vec<u16>,
    /// Looked at in every step, in all rows: it may be finite again in the next one.
    pub every: Vec<Operand>,
    /// Values at the spike test that a reset overwrites, looked at in rows that spike.
    pub tested: Vec<(u16, Operand)>,
    /// Not 0 where a comparison met NaN.
    pub undefined: Option<Operand>,
}

/// Rows without states that spike where a draw lies below a probability that they share: nothing need be worked out for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rare {
    pub draw: u32,
    /// Scalar.
    p: u16,
    /// A scalar that must not be 0 for any to spike.
    when: Option<u16>,
    /// A scalar that is not 0 where a comparison met NaN.
    undefined: Option<u16>,
}

impl Rare {
    /// Of a program that is nothing else.
    pub fn of(program: &Program) -> Option<Rare> {
        let scalar = |operand: &Operand| match operand {
            Operand::Scalar(k) => Some(*k),
            _ => None,
        };
        let register =
            |to: &Target, operand: &Operand| matches!((to, operand), (Target::Register(a), Operand::Register(b)) if a == b);
        let (Operation::Chance { to, draw, p }, rest) = program.operations.split_first()? else { return None };
        let spike = program.spike.as_ref()?;
        let when = match rest {
            [] if register(to, spike) => None,
            [Operation::Binary { to: both, operator: Binary::And, a, b }] if register(both, spike) => {
                let (gate, drawn) = if register(to, b) { (a, b) } else { (b, a) };
                Some(register(to, drawn).then(|| scalar(gate))??)
            }
            _ => return None,
        };
        let undefined = program.checks.undefined.as_ref().map(scalar);
        let alone = program.changed.is_empty() && program.results.is_empty() && program.checks.every.is_empty();
        let known = undefined != Some(None) && program.checks.tested.is_empty() && alone;
        known.then_some(Rare { draw: *draw, p: scalar(p)?, when, undefined: undefined.flatten() })
    }

    /// Does nothing that the rows share meet NaN?
    pub fn defined<T: Real>(&self, scalars: &[T]) -> bool {
        self.undefined.is_none_or(|k| scalars[usize::from(k)] == T::ZERO)
    }

    /// Of each row in this step; `None`: no row can spike.
    pub fn probability<T: Real>(&self, scalars: &[T]) -> Option<T> {
        let open = self.when.is_none_or(|k| scalars[usize::from(k)] != T::ZERO);
        open.then(|| scalars[usize::from(self.p)])
    }
}

/// A rule, lowered.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub operations: Vec<Operation>,
    pub registers: usize,
    pub scalars: Vec<Scalar>,
    /// Those that a step brings: time, clocks, inputs held.
    pub live: Vec<u16>,
    /// Scalars that follow from constants and parameters, in the order of computing.
    pub fixed: Vec<(u16, Once)>,
    /// Those that follow from held inputs or time besides, computed in every step.
    pub moving: Vec<(u16, Once)>,
    pub columns: Vec<ColumnSource>,
    /// States that the step changes.
    pub changed: Vec<u16>,
    /// Not 0 where the row spikes.
    pub spike: Option<Operand>,
    /// All that the rows do, where it is no more than this.
    pub rare: Option<Rare>,
    /// Plain results (programs of synapses).
    pub results: Vec<Operand>,
    /// What works out [`Scalar::Clock`].
    pub clock: Clock,
    /// What must be finite.
    pub checks: Checks,
    /// The loop that does all of it at once, where one has been made.
    pub fused: Option<Fused>,
}

impl Program {
    /// Block registers that a run needs.
    pub fn needed(&self) -> usize {
        self.registers + self.fused.as_ref().map_or(0, |fused| fused.sources.len())
    }

    /// Rows that are worked out together: a loop has few registers that could leave the first-level cache.
    pub fn rows_at_once<T: Real>(&self) -> usize {
        if self.fused.is_some() && !T::BOUNDED { 2 * T::BLOCK } else { T::BLOCK }
    }
}

/// A loop made ahead for a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Fused {
    /// Place among the loops that were made.
    pub number: u16,
    /// Operations that need the caller of the program: each writes a register behind those of the program.
    pub sources: Vec<Operation>,
}
