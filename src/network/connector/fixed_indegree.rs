//! Each target has n sources, all choices as likely. Drawn by target, then turned into rows by source.

use super::choice::{Seen, choose, degree};
use super::{ConnectorError, Ends, Expected, Rows, Rule, row_starts, zeros};
use crate::diagnostic::Diagnostic;
use crate::threads;

pub(super) fn check(ends: Ends, n: u64, autapses: bool, multapses: bool) -> Result<(), Diagnostic> {
    degree(n, ends.sources.saturating_sub(u32::from(ends.apart(autapses))), "sources", multapses)
}

pub(super) fn expected(ends: Ends, n: u64, _: bool, _: bool) -> Expected {
    Expected { synapses: u64::from(ends.targets).saturating_mul(n), drawing: 4 }
}

pub(super) fn rows(rule: Rule, n: u64, autapses: bool, multapses: bool) -> Result<Rows, ConnectorError> {
    let Ok(n) = u32::try_from(n) else {
        let rule = "fixed indegree";
        return Err(ConnectorError::Impossible { rule, row: "target", n, possible: u32::MAX.into(), distinct: false });
    };
    let apart = rule.ends.apart(autapses);
    let choices = rule.ends.sources.saturating_sub(u32::from(apart));
    let possible = if multapses && choices > 0 { u32::MAX } else { choices };
    if n > possible && rule.ends.targets > 0 {
        let (n, possible) = (n.into(), possible.into());
        let rule = "fixed indegree";
        return Err(ConnectorError::Impossible { rule, row: "target", n, possible, distinct: choices > 0 });
    }
    let edges = u64::from(rule.ends.targets) * u64::from(n);
    // the sources by target beside the targets by source
    rule.room.check(u128::from(edges), 4)?;
    let mut source: Vec<u32> = zeros(edges)?;
    threads::pieces(&mut source, n.max(1) as usize, Seen::default, |seen, target, row| {
        let target = target as u32;
        let own = apart.then_some(target);
        choose(&mut rule.key.draws(rule.tag, target, 0), row, choices, own, multapses, seen);
    });

    // a counting sort; targets come in ascending order, so every row has them ascending
    let row_start = row_starts(rule.ends.sources, source.iter().copied())?;
    let mut next = row_start.clone();
    let mut target = zeros(edges)?;
    for (row, t) in source.chunks(n.max(1) as usize).zip(0..) {
        for s in row {
            let place = &mut next[*s as usize];
            target[*place as usize] = t;
            *place += 1;
        }
    }
    Ok(Rows { row_start, target, order: None })
}
