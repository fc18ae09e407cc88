//! The neurons of a plan by themselves, and how many synapses spikes reach: what a measurement of parts needs.

use super::Plan;

impl Plan {
    /// The same neurons without a synapse and without a record; `events`: with random events from outside.
    pub(crate) fn alone(&self, events: bool) -> Plan {
        let mut alone = self.clone();
        alone.routes.clear();
        alone.gathered.clear();
        alone.learning.clear();
        alone.taps.clear();
        alone.history = 0;
        if !events {
            alone.backgrounds.clear();
        }
        for variant in &mut alone.variants {
            (variant.routes, variant.gathered_initial) = (Vec::new(), Vec::new());
            if !events {
                variant.backgrounds.clear();
            }
        }
        alone
    }

    /// At how many synapses something arrives, given how often each row of an instance spiked.
    pub(crate) fn reached(&self, spikes: &[u64]) -> u64 {
        let routes = self.routes.iter().filter(|route| route.learned.is_none()).map(|route| (route.source, &route.edges));
        let learning = self.learning.iter().map(|learning| (learning.source, &learning.edges));
        let of = |(source, edges): (super::PopulationId, &std::sync::Arc<super::Connectivity>)| -> u64 {
            let rows = spikes[self.first_row(source) as usize..].iter().zip(0..edges.sources());
            rows.filter(|(count, _)| **count > 0).map(|(count, row)| count * (edges.first(row + 1) - edges.first(row))).sum()
        };
        routes.chain(learning).map(of).sum()
    }
}
