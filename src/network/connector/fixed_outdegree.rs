//! Each source has n targets, all choices as likely.

use super::choice::{Seen, choose, degree};
use super::{ConnectorError, Ends, Expected, Rows, Rule, even_starts, zeros};
use crate::diagnostic::Diagnostic;
use crate::threads;

pub(super) fn check(ends: Ends, n: u64, autapses: bool, multapses: bool) -> Result<(), Diagnostic> {
    degree(n, ends.choices(autapses), "targets", multapses)
}

pub(super) fn expected(ends: Ends, n: u64, _: bool, _: bool) -> Expected {
    Expected { synapses: u64::from(ends.sources).saturating_mul(n), drawing: 0 }
}

pub(super) fn rows(rule: Rule, n: u64, autapses: bool, multapses: bool) -> Result<Rows, ConnectorError> {
    let Ok(n) = u32::try_from(n) else {
        let rule = "fixed outdegree";
        return Err(ConnectorError::Impossible { rule, row: "source", n, possible: u32::MAX.into(), distinct: false });
    };
    let choices = rule.ends.choices(autapses);
    let possible = if multapses && choices > 0 { u32::MAX } else { choices };
    if n > possible && rule.ends.sources > 0 {
        let (n, possible) = (n.into(), possible.into());
        let rule = "fixed outdegree";
        return Err(ConnectorError::Impossible { rule, row: "source", n, possible, distinct: choices > 0 });
    }
    let edges = u64::from(rule.ends.sources) * u64::from(n);
    rule.room.check(u128::from(edges), 0)?;
    let mut target: Vec<u32> = zeros(edges)?;
    threads::pieces(&mut target, n.max(1) as usize, Seen::default, |seen, source, row| {
        let source = source as u32;
        let own = rule.ends.apart(autapses).then_some(source);
        choose(&mut rule.key.draws(rule.tag, source, 0), row, choices, own, multapses, seen);
    });
    Ok(Rows { row_start: even_starts(rule.ends.sources, u64::from(n))?, target, order: None })
}
