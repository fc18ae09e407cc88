//! Source k to target k. Nothing is drawn.

use super::{ConnectorError, Ends, Expected, Rows, Rule, even_starts, impossible, reserved};
use crate::diagnostic::Diagnostic;

pub(super) fn check(Ends { sources, targets, .. }: Ends) -> Result<(), Diagnostic> {
    if sources == targets {
        return Ok(());
    }
    Err(impossible(format!("one to one needs populations of one size, there are {sources} sources and {targets} targets")))
}

pub(super) fn expected(ends: Ends) -> Expected {
    Expected { synapses: ends.sources.into(), drawing: 0 }
}

pub(super) fn rows(rule: Rule) -> Result<Rows, ConnectorError> {
    let (sources, targets) = (rule.ends.sources, rule.ends.targets);
    if sources != targets {
        return Err(ConnectorError::Sizes { sources, targets });
    }
    rule.room.check(u128::from(sources), 0)?;
    let mut target = reserved(u64::from(sources))?;
    target.extend(0..sources);
    Ok(Rows { row_start: even_starts(sources, 1)?, target, order: None })
}
