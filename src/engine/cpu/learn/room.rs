//! What a pass works on, block after block.

use crate::engine::cpu::real::Real;
use crate::plan::RowBuffer;

/// The synapses of a block.
#[derive(Default)]
pub struct Room<T: Real> {
    /// Numbers here.
    pub synapse: Vec<u32>,
    /// The same as first numbers and how many follow each, where they stand in rows; empty: they do not.
    pub spans: Vec<(usize, usize)>,
    /// Neurons of the two populations; source, then target.
    pub ends: [Vec<u32>; 2],
    /// What is sent.
    pub sums: Vec<T::Sum>,
    pub values: Vec<T>,
    pub row: RowBuffer,
    /// Neurons that spiked.
    pub rows: Vec<u32>,
}
