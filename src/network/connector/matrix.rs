//! A matrix of numbers, a synapse where it is not 0. Nothing is drawn.

use crate::network::End;

/// Synapses that a grid of numbers says, in the order of the user's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Laid {
    /// Source neuron of each synapse.
    pub source: Vec<u32>,
    /// Target neuron of each synapse.
    pub target: Vec<u32>,
    /// Which number of the grid each synapse has, counted row by row.
    pub place: Vec<u32>,
}

/// The pairs of a matrix whose rows are of one length.
pub fn lay(rows: &[Vec<f64>], by: End) -> Laid {
    let mut laid = Laid::default();
    let mut place = 0;
    for (row, numbers) in (0u32..).zip(rows) {
        for (column, number) in (0u32..).zip(numbers) {
            if *number != 0.0 {
                let (source, target) = if by == End::Source { (row, column) } else { (column, row) };
                laid.source.push(source);
                laid.target.push(target);
                laid.place.push(place);
            }
            place += 1;
        }
    }
    laid
}
