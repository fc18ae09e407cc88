//! What synapses that events change take.

use super::{Edges, PROJECTION, Terms, per_edge};
use crate::plan::{Learning, Plan};

/// Bytes of synapses that events change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearnedBytes {
    /// Of each: target and delay, states, numbers of its own, its place among the synapses of its target. The first instance.
    pub each: u64,
    /// Of those: what every instance has.
    pub own: u64,
    /// Kept of each while a batch runs, by every instance.
    pub backup: u64,
}

/// What a synapse takes on an engine whose numbers have so many bytes.
pub fn learned_bytes(learning: &Learning, number: u64) -> LearnedBytes {
    let rule = &learning.rule;
    let own = number * rule.states.len() as u64 + if rule.timed { 4 } else { 0 };
    let values = learning.params.iter().chain(&learning.initial).filter(|c| per_edge(c)).count() as u64;
    // synapse and source, in the order of targets
    let by_target = if rule.passes.iter().any(|p| p.is_post()) { 8 } else { 0 };
    let differ = learning.edges.shared_delay().is_none();
    let by_delay = if differ && rule.passes.iter().any(|p| !p.is_post() && rule.delayed(p)) { 4 } else { 0 };
    LearnedBytes { each: learning.edges.bytes_each() + own + 4 * values + by_target + by_delay, own, backup: own }
}

/// The synapses of a projection, its share of what neurons were some steps ago beside them.
pub(super) fn learned(plan: &Plan, learning: &Learning, terms: Terms) -> Edges {
    let bytes = learned_bytes(learning, terms.number);
    let each = bytes.each + bytes.own * (terms.instances - 1) + bytes.backup * terms.instances;
    let slots = u64::from(plan.longest_trail()) + u64::from(plan.window) + 1;
    let neurons = learning.reads.iter().filter_map(|read| read.neuron());
    let rows = neurons.map(|read| u64::from(plan.place(learning.population(read.of)).size));
    let trail = rows.sum::<u64>() * slots * terms.number * terms.instances * 2;
    let starts = 8 * (u64::from(learning.edges.sources()) + 1) + 4 * u64::from(learning.edges.targets() + learning.edges.sources());
    Edges { name: learning.name.clone(), count: learning.edges.count(), each, fixed: starts + PROJECTION + trail, drawing: 0 }
}
