//! Two neurons that are joined both ways keep one of the two synapses: which, a fair coin says that belongs to the pair.

use super::{ConnectorError, Rows, Seeded, sum_up, zeros};

/// Words of a pair's coin lie beyond those of rows: a row draws from step 0 on, this from 2^47.
const COINS: u64 = 1 << 47;

/// Rows within one population, without pairs that are joined both ways; a neuron joined with itself stays.
pub(super) fn one_way(given: Seeded, rows: Rows) -> Result<Rows, ConnectorError> {
    let Rows { row_start, target, .. } = rows;
    let row = |k: u32| &target[row_start[k as usize] as usize..row_start[k as usize + 1] as usize];
    let sources = given.ends.sources;
    let mut start = zeros(u64::from(sources) + 1)?;
    let mut kept = super::reserved(target.len() as u64)?;
    for from in 0..sources {
        let before = kept.len();
        for to in row(from) {
            let (low, high) = (from.min(*to), from.max(*to));
            let both = low != high && row(*to).binary_search(&from).is_ok();
            // 1: the synapse from the smaller number stays
            let coin = || given.key.block(given.tag, low, COINS + u64::from(high), 0)[0] & 1 == 1;
            if !both || coin() == (from == low) {
                kept.push(*to);
            }
        }
        start[from as usize + 1] = (kept.len() - before) as u64;
    }
    sum_up(&mut start);
    Ok(Rows { row_start: start, target: kept, order: None })
}
