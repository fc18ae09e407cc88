//! What is copied out while a network runs.
//!
//! In: a checked probe, and the synapses that were drawn. Out: a [`Tap`]. Not here: who takes what it copies (`recording`).

use super::interval::Interval;
use super::{Plan, PlanError, PopulationId, RowSet};
use crate::model::rule::{Node, StateColumn};
use crate::network::checked::{CheckedNetwork, CheckedProbe, CheckedReduce, CheckedSynapse, Record, Sampling};

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
        /// The first step whose spikes are kept.
        first: u64,
        /// Up to, not at, this step.
        end: u64,
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
        /// After which steps.
        times: Sampling,
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
        /// After which steps.
        times: Sampling,
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
        /// After which steps.
        times: Sampling,
        /// What is kept of a sample, worked out on the host of what the engine gives; `None`: each value.
        reduction: Option<Reduction>,
    },
}

impl Tap {
    /// Numbers of each instance that an engine or the host takes for a sample, before anything is made of them.
    pub fn taken(&self) -> usize {
        match self {
            Tap::State { rows, .. } => rows.len(),
            _ => self.sampled().map_or(0, |(numbers, _)| numbers),
        }
    }

    /// Numbers of a sample of each instance, and the steps after which there is one; `None`: it takes no samples.
    pub fn sampled(&self) -> Option<(usize, Sampling)> {
        match self {
            Tap::State { reduction: Some(reduction), times, .. } | Tap::Reduced { reduction, times, .. } => {
                Some((reduction.width(), *times))
            }
            Tap::State { rows, times, .. } | Tap::Synapses { rows, times, .. } => Some((rows.len(), *times)),
            Tap::Spikes { .. } | Tap::Rate { .. } | Tap::AtSpikes { .. } => None,
        }
    }
}

impl Plan {
    pub(super) fn tap(&self, network: &CheckedNetwork, probe: &CheckedProbe) -> Result<Tap, PlanError> {
        let (population, rows) = (probe.population, probe.rows.clone());
        Ok(match &probe.record {
            Record::Spikes { first, end } => Tap::Spikes { population, rows, first: *first, end: *end },
            Record::Rate { bin } => Tap::Rate { population, rows, bin: (*bin).max(1) },
            Record::State { state, times, reduce } => {
                Tap::State { population, column: *state, rows, times: *times, reduction: reduce.clone() }
            }
            Record::Watched { watched, times, reduce } => {
                let group = self.group_of(population);
                let column = watched.column(&group.model);
                let column = group.rule.states.iter().position(|state| *state == column);
                let missing =
                    || PlanError::Missing { projection: self.place(population).name.clone(), what: "what is watched".into() };
                let column = column.ok_or_else(missing)? as u32;
                Tap::State { population, column, rows, times: *times, reduction: reduce.clone() }
            }
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
                let Record::Synapse { times, reduce, .. } = &probe.record else {
                    return Ok(Tap::AtSpikes { name, state, rows, size });
                };
                let times = *times;
                let reduction = match reduce {
                    None => return Ok(Tap::Synapses { name, state, rows, times }),
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
                Tap::Reduced { name, state, rows, size, times, reduction }
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
