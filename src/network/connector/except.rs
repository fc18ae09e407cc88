//! Synapses that have a number of their own instead of what the others have.

use super::starts::Starts;
use super::{ConnectorError, EdgeColumn};
use crate::network::Which;
use crate::network::draw::DrawError;

/// The column with the exceptions in it, in the order of the edges: by source, then target.
pub(super) fn excepted(
    starts: &Starts,
    ends: &[u32],
    column: usize,
    others: EdgeColumn,
    exceptions: &[(Which, Vec<f64>)],
) -> Result<EdgeColumn, ConnectorError> {
    let edges = starts.count();
    let mut list = super::zeros::<f32>(edges)?;
    let mut places = list.iter_mut();
    others.each(0..edges, |x| places.by_ref().take(1).for_each(|place| *place = x as f32));
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
                    let Some(source) = u32::try_from(source).ok().filter(|s| *s < starts.rows()) else {
                        return Err(none(targets.iter().next().unwrap_or(0)));
                    };
                    let row = starts.first(source) as usize..starts.first(source + 1) as usize;
                    for target in targets.iter() {
                        let found = |t: &u32| u64::from(*t).cmp(&target);
                        let ends = &ends[row.clone()];
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
