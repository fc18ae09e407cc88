//! Every source to every target, itself included. Nothing is drawn.

use super::{ConnectorError, Ends, Expected, Rows, Rule, even_starts, zeros};
use crate::diagnostic::Diagnostic;
use crate::threads;

pub(super) fn check(_: Ends) -> Result<(), Diagnostic> {
    Ok(())
}

pub(super) fn expected(ends: Ends) -> Expected {
    Expected { synapses: u64::from(ends.sources) * u64::from(ends.targets), drawing: 0 }
}

pub(super) fn rows(rule: Rule) -> Result<Rows, ConnectorError> {
    let (sources, targets) = (rule.ends.sources, rule.ends.targets);
    let edges = u64::from(sources) * u64::from(targets);
    rule.room.check(u128::from(edges), 0)?;
    let mut target: Vec<u32> = zeros(edges)?;
    threads::pieces(&mut target, targets as usize, || (), |(), _, row| row.iter_mut().zip(0..).for_each(|(t, k)| *t = k));
    Ok(Rows { row_start: even_starts(sources, u64::from(targets))?, target, order: None })
}
