//! Edges as the user lists them (a list, a matrix, a file), brought into rows; repeats stay in the order of the list.

use super::{ConnectorError, Rows, Seeded, reserved, row_starts, zeros};
use crate::threads;

pub(super) fn rows(given: Seeded, source: &[u32], target: &[u32]) -> Result<Rows, ConnectorError> {
    if source.len() != target.len() {
        return Err(ConnectorError::Uneven { sources: source.len() as u64, targets: target.len() as u64 });
    }
    for (end, list, size) in [("source", source, given.ends.sources), ("target", target, given.ends.targets)] {
        if let Some((edge, found)) = list.iter().enumerate().find(|(_, x)| **x >= size) {
            return Err(ConnectorError::OutOfRange { edge: edge as u64, end, found: *found, size });
        }
    }
    given.room.check(source.len() as u128, 8)?;

    let row_start = row_starts(given.ends.sources, source.iter().copied())?;
    let mut next = row_start.clone();
    let mut order: Vec<u64> = zeros(source.len() as u64)?;
    for (edge, s) in source.iter().enumerate() {
        let place = &mut next[*s as usize];
        order[*place as usize] = edge as u64;
        *place += 1;
    }
    let mut rest = &mut order[..];
    let mut rows = reserved(u64::from(given.ends.sources))?;
    for span in row_start.windows(2) {
        let (row, after) = rest.split_at_mut((span[1] - span[0]) as usize);
        rows.push(row);
        rest = after;
    }
    // stable, so that repeats keep their order
    threads::consume(rows, |row| row.sort_by_key(|edge| target[*edge as usize]));
    let mut sorted = reserved(order.len() as u64)?;
    sorted.extend(order.iter().map(|edge| target[*edge as usize]));
    let target = sorted;
    Ok(Rows { row_start, target, order: Some(order) })
}
