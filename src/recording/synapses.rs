//! A state of all synapses of a projection at one time, with their ends.

use std::sync::Arc;

use crate::plan::Connectivity;

/// A state of all synapses of a projection at one time.
#[derive(Clone, Debug)]
pub struct Synapses {
    /// Of which projection.
    pub projection: String,
    /// The state.
    pub variable: String,
    /// The unit that the values count, such as `nS`.
    pub unit: String,
    /// Time, ms.
    pub time: f64,
    /// A number per synapse, by source, then target.
    pub values: Vec<f64>,
    /// Who is joined to whom.
    pub(crate) edges: Arc<Connectivity>,
}

impl Synapses {
    /// Neurons that synapses may start from, and those that they may end at.
    pub fn size(&self) -> [u32; 2] {
        [self.edges.sources(), self.edges.targets()]
    }

    /// The delay of a synapse, by its number. **Units** steps; 0 where synapses have none, as those that are read in every step.
    pub fn delay(&self, synapse: usize) -> u32 {
        self.edges.delay_of(synapse as u64)
    }

    /// Calls with each synapse: source, target, value.
    pub fn each(&self, mut call: impl FnMut(u32, u32, f64)) {
        self.edges.each(0..self.edges.count(), |edge, source, target| call(source, target, self.values[edge as usize]));
    }
}
