//! Numbers in rows, a synapse where one is not 0: what a matrix and a kernel share.

use std::sync::Arc;

use super::rule::{Desk, Grid, Listing};
use super::table::Table;
use crate::diagnostic::Diagnostic;

/// Synapses that a grid of numbers says, in the order of the user's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Laid {
    /// Source neuron of each synapse.
    pub source: Vec<u32>,
    /// Target neuron of each synapse.
    pub target: Vec<u32>,
    /// Which number of the grid each synapse has, counted row by row.
    pub place: Vec<u32>,
}

/// Are they numbers? `what`: as messages call them; `key`: as they stand in a file.
pub(super) fn numbers(desk: &mut dyn Desk, what: &str, key: &str, rows: &[Vec<f64>]) -> Option<()> {
    desk.hold(rows.iter().map(|row| row.len() as u64).sum())?;
    for (i, row) in rows.iter().enumerate() {
        if let Some(j) = row.iter().position(|x| !x.is_finite()) {
            let message = format!("row {i}, column {j} of {what} is {}", row[j]);
            desk.say(Diagnostic::new("E032", message).value_of(&format!("{key}[{i}][{j}]")));
            return None;
        }
    }
    Some(())
}

/// The synapses, with the number that each of them has.
pub(super) fn listing(desk: &mut dyn Desk, rows: &[Vec<f64>], laid: Laid) -> Option<Listing> {
    desk.hold(laid.place.len() as u64)?;
    let columns = rows.first().map_or(0, Vec::len);
    let numbers: Vec<f64> = laid.place.iter().map(|k| rows[*k as usize / columns][*k as usize % columns]).collect();
    let table = Table::of_numbers("value", numbers.clone());
    Some(Listing {
        source: laid.source,
        target: laid.target,
        table: Some(Arc::new(table)),
        grid: Some(Grid { rows: rows.len(), columns, place: laid.place }),
        numbers: Some(numbers),
    })
}
