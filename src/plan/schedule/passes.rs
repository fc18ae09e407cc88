//! What synapses that events change ask of a schedule.

use super::{Weigh, blocks_of, lanes, listing};
use crate::plan::{EdgeColumn, Plan, Route};

impl Plan {
    /// Routes whose weights are what the plan says: others are sent by the passes that change them.
    pub fn delivered(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().filter(|route| route.learned.is_none())
    }

    /// Passes of a step over synapses that events change.
    pub fn learning_passes(&self) -> u32 {
        self.learning.iter().filter(|l| !l.edges.is_empty()).map(|l| l.rule.passes.len() as u32).sum()
    }
}

impl Weigh<'_> {
    /// Words of synapses that learn, at most: by source, by target with its source, and what differs from one to the next.
    pub(super) fn learned_words(&self) -> u64 {
        let own = |column: &EdgeColumn| matches!(column, EdgeColumn::PerEdge(_));
        let columns = |params: &[EdgeColumn]| params.iter().filter(|p| own(p)).count() as u64 * u64::from(self.plan.instances);
        self.plan.learning.iter().map(|l| l.edges.count() * (3 + columns(&l.params))).sum()
    }

    /// Turns that a thread of a schedule of one dispatch spends on what spikes do to synapses, if everything spikes. `blocks`: a
    /// workgroup has the synapses that end in its rows, else all.
    pub(super) fn pass_turns(&self, workgroup: u32, blocks: bool) -> u64 {
        let mut turns = 0;
        for learning in self.plan.learning.iter().filter(|l| !l.edges.is_empty()) {
            let edges = &learning.edges;
            let (least, largest) = edges.delays();
            for pass in &learning.rule.passes {
                let (neurons, longest) = match pass.is_post() {
                    true if blocks => (u64::from(workgroup), edges.most_by_target()),
                    true => (u64::from(edges.targets()), edges.most_by_target()),
                    // a block has a part of each source's row
                    false if blocks => (u64::from(edges.sources()), self.longest_segment(edges, learning.target, workgroup)),
                    false => (u64::from(edges.sources()), edges.longest_row()),
                };
                if pass.has_totals() {
                    // a lane per target, twice down its row
                    let rounds = if blocks { 1 } else { u64::from(edges.targets().div_ceil(workgroup)) };
                    turns += rounds * (1 + 2 * edges.most_by_target());
                    continue;
                }
                let waits = if learning.rule.delayed(pass) { u64::from(largest - least) + 1 } else { 1 };
                let words = neurons / 32 + 2;
                let (collected, lists) = listing(words, workgroup);
                let listed = collected + words.div_ceil(workgroup.into()) * waits;
                let parts = if blocks && !pass.is_post() { blocks_of(self.plan, learning.target, workgroup) } else { 1 };
                let rows = if pass.is_post() { u64::from(edges.targets()) } else { neurons * parts };
                let lanes = u64::from(lanes(edges.count(), rows, workgroup.min(32)));
                turns += listed + (neurons * lanes).div_ceil(u64::from(workgroup)) * (1 + longest.div_ceil(lanes)) + lists;
            }
        }
        turns
    }
}
