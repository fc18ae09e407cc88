//! Values of edges by an expression of the pair that each joins.

use std::sync::{Mutex, PoisonError};

use super::starts::Starts;
use super::{CHUNK, ConnectorError, zeros};
use crate::network::edge_value::OfPair;
use crate::network::pair::Room;
use crate::threads;

/// In steps: as long as a delay may be.
const LONGEST: f64 = 65_535.0;

/// A number for every edge. What is nearer to 0 than single precision holds is 0.
///
/// **Errors** what is not finite; a delay shorter than a step or too long; of those the first.
pub(super) fn column(starts: &Starts, target: &[u32], law: &OfPair) -> Result<Vec<f32>, ConnectorError> {
    let mut values = zeros::<f32>(target.len() as u64)?;
    let wrong: Mutex<Option<(u64, u32, f64)>> = Mutex::new(None);
    threads::pieces(
        &mut values,
        CHUNK,
        || (Room::default(), vec![0.0; CHUNK]),
        |(room, numbers), chunk, values| {
            let (first, end) = ((chunk * CHUNK) as u64, (chunk * CHUNK + values.len()) as u64);
            let mut row = starts.row_of(first);
            let mut at = first;
            while at < end {
                let to = starts.first(row + 1).min(end);
                let targets = &target[at as usize..to as usize];
                law.value.fill(row, targets, &mut numbers[..targets.len()], room);
                let own = &mut values[(at - first) as usize..(to - first) as usize];
                for ((edge, value), x) in (at..).zip(own).zip(&*numbers) {
                    let settled = law.grid.map_or(*x, |dt| (x / dt).round());
                    *value = settled as f32;
                    // a delay is as good as a step where rounding alone makes it less
                    let possible = match law.grid {
                        Some(dt) => x / dt >= 1.0 - 1e-6 && settled <= LONGEST,
                        None => value.is_finite(),
                    };
                    if !possible {
                        let mut first = wrong.lock().unwrap_or_else(PoisonError::into_inner);
                        if first.as_ref().is_none_or(|(earliest, ..)| edge < *earliest) {
                            *first = Some((edge, row, *x));
                        }
                        return;
                    }
                }
                (at, row) = (to, row + 1);
            }
        },
    );
    let Some((edge, source, x)) = wrong.into_inner().unwrap_or_else(PoisonError::into_inner) else { return Ok(values) };
    let (found, why) = match law.grid {
        Some(dt) if x.is_finite() && x / dt > 1.0 => {
            (format!("{x} ms"), format!("longer than {LONGEST} steps of {dt} ms; help: use a larger dt"))
        }
        Some(dt) => (format!("{x} ms"), format!("shorter than one step of {dt} ms; help: write for example `max(..., {dt} ms)`")),
        None => (x.to_string(), "which single precision does not hold".into()),
    };
    let (text, target_neuron) = (law.value.text.clone(), target[edge as usize]);
    Err(ConnectorError::PairValue { text, source_neuron: source, target_neuron, found, why })
}
