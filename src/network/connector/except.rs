//! Synapses that have a number of their own instead of what the others have.

use super::{ConnectorError, EdgeColumn, Rows};
use crate::network::Which;
use crate::network::draw::DrawError;

/// The column with the exceptions in it, in the order of the edges: by source, then target.
pub(super) fn excepted(
    rows: &Rows,
    column: usize,
    others: EdgeColumn,
    exceptions: &[(Which, Vec<f64>)],
) -> Result<EdgeColumn, ConnectorError> {
    let edges = rows.target.len() as u64;
    let mut list = super::zeros::<f32>(edges)?;
    list.iter_mut().enumerate().for_each(|(edge, x)| *x = others.get(edge) as f32);
    for (which, numbers) in exceptions {
        let number = |k: usize| {
            let found = numbers.len() as u64;
            let x = numbers.get(if numbers.len() > 1 { k } else { 0 }).copied();
            let x = x.ok_or(ConnectorError::Length { column, expected: k as u64 + 1, found })?;
            if (x as f32).is_finite() { Ok(x as f32) } else { Err(ConnectorError::Draw { column, error: DrawError::NotFinite(x) }) }
        };
        match which {
            Which::All => list.fill(number(0)?),
            Which::Rows(spans) if spans.last() >= edges => {
                return Err(ConnectorError::NoSynapse { which: which.clone(), found: spans.last(), edges });
            }
            Which::Rows(spans) => {
                for (k, edge) in spans.iter().enumerate() {
                    list[edge as usize] = number(k)?;
                }
            }
            Which::Pairs(sources, targets) => {
                let x = number(0)?;
                for source in sources.iter() {
                    let none =
                        |target: u64| ConnectorError::NoPair { which: which.clone(), source_neuron: source, target_neuron: target };
                    let row = usize::try_from(source).ok().and_then(|s| rows.row_start.get(s..s.checked_add(2)?));
                    let Some(&[from, to]) = row else { return Err(none(targets.iter().next().unwrap_or(0))) };
                    let row = from as usize..to as usize;
                    for target in targets.iter() {
                        let found = |t: &u32| u64::from(*t).cmp(&target);
                        let ends = &rows.target[row.clone()];
                        let first = ends.partition_point(|t| found(t).is_lt());
                        let last = ends.partition_point(|t| found(t).is_le());
                        if first == last {
                            return Err(none(target));
                        }
                        list[row.start + first..row.start + last].fill(x);
                    }
                }
            }
        }
    }
    Ok(EdgeColumn::per_edge(list))
}
