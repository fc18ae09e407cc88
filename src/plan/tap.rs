//! What is copied out while a network runs.
//!
//! In: a checked probe, and the synapses that were drawn. Out: a [`Tap`]. Not here: who takes what it copies (`recording`).

use super::interval::Interval;
use super::{Plan, PlanError, PopulationId, RowSet};
use crate::model::rule::{Node, StateColumn};
use crate::network::checked::{CheckedNetwork, CheckedProbe, CheckedReduce, CheckedSynapse, Record};

pub use crate::network::{Reducing, Reduction};

/// What is copied out.
#[derive(Clone, Debug, PartialEq)]
pub enum Tap {
    /// Every spike.
    Spikes {
        /// Of which population.
        population: PopulationId,
        /// Of which rows.
        rows: RowSet,
    },
    /// Spikes counted in bins.
    Rate {
        /// Of which population.
        population: PopulationId,
        /// Of which rows.
        rows: RowSet,
        /// Steps of a bin.
        bin: u64,
    },
    /// A state of synapses after every so many steps.
    Synapses {
        /// Of the projection.
        name: String,
        /// The state of its model.
        state: StateColumn,
        /// Synapses, by source, then target.
        rows: RowSet,
        /// Steps from sample to sample.
        every: u64,
    },
    /// The same of many synapses together.
    Reduced {
        /// Of the projection.
        name: String,
        /// The state of its model.
        state: StateColumn,
        /// Synapses, by source, then target.
        rows: RowSet,
        /// Synapses that there are, chosen or not.
        size: u32,
        /// Steps from sample to sample.
        every: u64,
        /// What is kept of a sample.
        reduction: Reduction,
    },
    /// A state of synapses after each step in which a spike of their source is at them.
    AtSpikes {
        /// Of the projection.
        name: String,
        /// The state of its model.
        state: StateColumn,
        /// Synapses, by source, then target.
        rows: RowSet,
        /// Synapses that there are, chosen or not.
        size: u32,
    },
    /// A state column (of the group's rule) after every so many steps.
    State {
        /// Of which population.
        population: PopulationId,
        /// By place in the states of its rule.
        column: u32,
        /// Of which rows.
        rows: RowSet,
        /// Steps from sample to sample.
        every: u64,
    },
}

impl Tap {
    /// Numbers of a sample of each instance, and the steps from one to the next; `None`: it takes no samples.
    pub fn sampled(&self) -> Option<(usize, u64)> {
        match self {
            Tap::State { rows, every, .. } | Tap::Synapses { rows, every, .. } => Some((rows.len(), *every)),
            Tap::Reduced { reduction, every, .. } => Some((reduction.width(), *every)),
            Tap::Spikes { .. } | Tap::Rate { .. } | Tap::AtSpikes { .. } => None,
        }
    }
}

impl Plan {
    pub(super) fn tap(&self, network: &CheckedNetwork, probe: &CheckedProbe) -> Result<Tap, PlanError> {
        let (population, rows) = (probe.population, probe.rows.clone());
        Ok(match &probe.record {
            Record::Spikes => Tap::Spikes { population, rows },
            Record::Rate { bin } => Tap::Rate { population, rows, bin: (*bin).max(1) },
            Record::State { state, every } => Tap::State { population, column: *state, rows, every: (*every).max(1) },
            Record::Synapse { projection, state, .. } | Record::AtSpikes { projection, state } => {
                let projection = &network.projections[*projection as usize];
                let name = projection.name.clone();
                let missing = |what: String| PlanError::Missing { projection: name.clone(), what };
                let CheckedSynapse::Model { synapse, .. } = &projection.synapse else {
                    return Err(missing("a synapse model".into()));
                };
                let of = &synapse.model.states[*state as usize];
                let keeping = self.keeping();
                let edges = keeping.iter().find(|k| k.name == name).map(|k| k.edges.count());
                // the plan has counted synapses of states to be fewer than 2^32
                let size = edges.ok_or_else(|| missing("synapses that keep states".into()))? as u32;
                let rows = match rows {
                    RowSet::Range(r) if r == (0..u32::MAX) => RowSet::Range(0..size),
                    rows => rows,
                };
                if let Some(synapse) = rows.iter().max().filter(|last| *last >= size) {
                    return Err(PlanError::Probe { projection: name, synapse, count: size });
                }
                let state = StateColumn { name: of.name.clone(), dimension: of.dimension };
                let Record::Synapse { every, reduce, .. } = &probe.record else {
                    return Ok(Tap::AtSpikes { name, state, rows, size });
                };
                let every = (*every).max(1);
                let reduction = match reduce {
                    None => return Ok(Tap::Synapses { name, state, rows, every }),
                    Some(CheckedReduce::Settled(reduction)) => reduction.clone(),
                    Some(CheckedReduce::OverRange(bins)) => {
                        let learning = self.learning.iter().position(|l| l.name == name);
                        let range = learning.and_then(|number| self.range_of(number, &of.name));
                        let Some(Interval { low, high }) =
                            range.filter(|r| r.low < r.high && r.low.is_finite() && r.high.is_finite())
                        else {
                            return Err(PlanError::NoBins { projection: name, state: state.name });
                        };
                        Reduction::bins(low, high, *bins)
                    }
                };
                Tap::Reduced { name, state, rows, size, every, reduction }
            }
        })
    }

    /// Between which numbers the model keeps a state of its synapses, over all of them and all instances.
    fn range_of(&self, number: usize, state: &str) -> Option<Interval> {
        let learning = &self.learning[number];
        let column = learning.rule.states.iter().position(|s| s.name == state)?;
        let [low, high] = learning.rule.ranges[column];
        let over = |instance: u32| {
            let leaf = |node: Node| match node {
                Node::Param(k) => self
                    .learned_param(instance, number, k as usize)
                    .map_or_else(|| Interval::of_column(&learning.params[k as usize]), Interval::point),
                _ => Interval::ALL,
            };
            let end = |node| Interval::of(&learning.rule.graph, node, &leaf);
            Some((end(low?), end(high?)))
        };
        let ends = (0..self.instances.max(1)).map(over).collect::<Option<Vec<_>>>()?;
        let least = ends.iter().fold(f64::INFINITY, |least, (low, _)| least.min(low.low));
        let most = ends.iter().fold(f64::NEG_INFINITY, |most, (_, high)| most.max(high.high));
        Some(Interval { low: least, high: most })
    }
}
