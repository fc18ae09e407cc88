//! Source k to target k. Nothing is drawn.

use super::{ConnectorError, Rows, Rule, even_starts, reserved};

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
