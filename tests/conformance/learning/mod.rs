//! Synapses that learn.
//!
//! [`oracle`]: one synapse, event by event in f64, apart from everything in the crate. [`rules`]: each rule for the oracle, and as a
//! text of ours. [`nest`]: the cases of `net-det/1` with plastic synapses; first the oracle is held to NEST's weights, then we.
//! [`pairs`]: the cases of `snn-reference/1` of one synapse.

pub mod nest;
mod oracle;
mod pairs;
mod rules;
