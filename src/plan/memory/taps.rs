//! What recordings take: samples as they come, and those of the longest batch on their way.

use super::expected::made;
use super::{Memory, Terms};
use crate::network::checked::{CheckedNetwork, CheckedProbe, CheckedReduce, CheckedSynapse, Record};
use crate::plan::{Plan, Tap};

/// Synapses whose values are looked at together, of all instances, where a sample is of more.
pub(crate) const SYNAPSES_AT_ONCE: u64 = 1 << 18;

/// Bytes of what synapses keep while a sample of so many is taken: a number for each state that its model has, and for the time.
fn looked_at(synapses: u64, states: u64, terms: Terms) -> u64 {
    synapses.saturating_mul(terms.instances).min(SYNAPSES_AT_ONCE).saturating_mul(8 * (states + 2))
}

impl Memory {
    /// Of a network whose synapses are not drawn: of all of them as many as their connector is expected to make.
    pub(super) fn add_probe(&mut self, network: &CheckedNetwork, probe: &CheckedProbe, terms: Terms) {
        let population = &network.populations[probe.population.0 as usize];
        let (what, [width, taken], every) = match &probe.record {
            // as they come
            Record::Spikes { .. } | Record::AtSpikes { .. } => return,
            Record::Rate { bin } => (format!("{}.rate", population.name), [1; 2], *bin),
            Record::Synapse { projection, state, times, reduce } => {
                let projection = &network.projections[*projection as usize];
                let sizes = [projection.source, projection.target].map(|id| network.populations[id.0 as usize].size);
                let CheckedSynapse::Model { synapse, .. } = &projection.synapse else { return };
                let states = &synapse.model.states;
                let rows = made(projection, sizes[0], sizes[1]).synapses.min(probe.rows.len() as u64);
                self.looking = self.looking.max(looked_at(rows, states.len() as u64, terms));
                let width = match reduce {
                    None => rows,
                    Some(CheckedReduce::Settled(reduction)) => reduction.width() as u64,
                    Some(CheckedReduce::OverRange(bins)) => bins + 2,
                };
                (format!("{}.{}", projection.name, states[*state as usize].name), [width; 2], times.every)
            }
            Record::State { times, reduce, .. } | Record::Watched { times, reduce, .. } => {
                let name = match &probe.record {
                    Record::State { state, .. } => {
                        population.model.states.get(*state as usize).map_or("", |s| s.name.as_str()).into()
                    }
                    Record::Watched { watched, .. } => watched.column(&population.model).name.trim_start().to_owned(),
                    _ => String::new(),
                };
                let rows = probe.rows.len() as u64;
                let width = reduce.as_ref().map_or(rows, |reduction| reduction.width() as u64);
                (format!("{}.{name}", population.name), [width, rows], times.every)
            }
        };
        if !matches!(probe.record, Record::Rate { .. }) {
            self.add_batch(every, taken, terms);
        }
        self.add_recording(what, dense(terms.steps, every, width), terms);
    }

    /// Of a plan.
    pub(super) fn add_tap(&mut self, plan: &Plan, tap: &Tap, terms: Terms) {
        let what = match tap {
            // as they come
            Tap::Spikes { .. } | Tap::AtSpikes { .. } => return,
            Tap::Rate { population, bin, .. } => {
                let what = format!("{}.rate", plan.place(*population).name);
                return self.add_recording(what, dense(terms.steps, *bin, 1), terms);
            }
            Tap::Synapses { name, state, rows, .. } | Tap::Reduced { name, state, rows, .. } => {
                let states = plan.keeping().iter().find(|k| k.name == name).map_or(0, |k| k.states.len());
                self.looking = self.looking.max(looked_at(rows.len() as u64, states as u64, terms));
                format!("{name}.{}", state.name)
            }
            Tap::State { population, column, .. } => {
                let place = plan.place(*population);
                format!("{}.{}", place.name, plan.groups[place.group].rule.states[*column as usize].name.trim_start())
            }
        };
        let Some((width, times)) = tap.sampled() else { return };
        self.add_batch(times.every, tap.taken() as u64, terms);
        self.add_recording(what, dense(terms.steps, times.every, width as u64), terms);
    }
}

/// Bytes of so many numbers every so many steps.
fn dense(steps: u64, every: u64, numbers: u64) -> u64 {
    (steps / every.max(1)).saturating_mul(numbers).saturating_mul(8)
}
