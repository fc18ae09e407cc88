//! States of synapses while a network runs: read and set.
//!
//! In: a projection, a state, numbers. Out: numbers per synapse. Not here: samples for probes
//! (`sample`), parameters and fixed weights (`set`).

use super::{Simulation, device};
use crate::engine::Snapshot;
use crate::error::Error;
use crate::model::home::Home;
use crate::model::rule::{Node, NodeId, Read};
use crate::plan::Learning;
use crate::recording::Synapses;

/// Where a state of synapses is.
pub(super) enum Kept {
    /// By place among what synapses keep, and among the states there; which of those that events change.
    Synapse { place: usize, column: usize, learning: Option<usize> },
    /// By neurons of one end: a state of their group.
    Neuron { learning: usize, post: bool, column: u32 },
}

impl Simulation {
    /// A state of the synapses of a projection, a number per synapse, by source, then target; of an ensemble: instance after
    /// instance. A weight that spikes change is such a state. What decays between events is told as it is now. A trace that
    /// follows from the spikes of one end alone is kept once per neuron of that end, and told as it is there, without the delay.
    /// **Units** internal (ms, mV, pA, nS, pF).
    ///
    /// **Errors** a projection whose synapses have no state of this name.
    pub fn synapse_state(&mut self, projection: &str, state: &str) -> Result<Vec<f64>, Error> {
        match self.kept(projection, state)? {
            Kept::Synapse { place, column, learning } => {
                let mut snapshot = self.engine.snapshot().map_err(device)?;
                match learning.filter(|number| moves(&self.plan.learning[*number], column)) {
                    Some(number) => self.now(&snapshot, place, number, column),
                    None => Ok(std::mem::take(&mut snapshot.edge_states[place][column])),
                }
            }
            Kept::Neuron { learning, post, column } => {
                let of = &self.plan.learning[learning];
                let place = self.plan.place(if post { of.target } else { of.source });
                let (group, first) = (place.group, place.first_row as usize);
                let rows = self.plan.groups[group].rows as usize;
                let all = self.engine.state(group, column as usize).map_err(device)?;
                let mut out = Vec::with_capacity(of.edges.count() as usize * self.plan.instances as usize);
                for instance in all.chunks(rows) {
                    of.edges.each(0..of.edges.count(), |_, source, target| {
                        out.push(instance[first + if post { target } else { source } as usize]);
                    });
                }
                Ok(out)
            }
        }
    }

    /// A state of the synapses of a projection of one instance (0 where there is one network alone), with their ends: for pictures
    /// ([`weights`](fn@crate::plot::weights)) and for whatever asks who is joined to whom.
    ///
    /// **Errors** as [`Simulation::synapse_state`]; no such instance.
    pub fn synapses(&mut self, projection: &str, state: &str, instance: usize) -> Result<Synapses, Error> {
        if instance >= self.instances() {
            return Err(Error::Call(format!("there is no instance {instance}; the last is {}", self.instances() - 1)));
        }
        let mut values = self.synapse_state(projection, state)?;
        let count = values.len() / self.instances();
        values.drain(..count * instance);
        values.truncate(count);
        let plan = &self.plan;
        let gathered = plan.gathered.iter().map(|g| (&g.name, &g.synapse, &g.edges));
        let all = plan.learning.iter().map(|l| (&l.name, &l.synapse, &l.edges)).chain(gathered);
        let found = all.filter(|(name, ..)| *name == projection).find_map(|(_, synapse, edges)| {
            let found = synapse.model.states.iter().find(|s| s.name == state)?;
            Some((found.dimension.unit(), edges.clone()))
        });
        let (unit, edges) = found.ok_or_else(|| Error::Bug(format!("`{state}` of `{projection}` is nowhere")))?;
        let time = self.engine.step() as f64 * plan.dt;
        Ok(Synapses { projection: projection.into(), variable: state.into(), unit, time, values, edges })
    }

    /// Sets a state of the synapses of a projection, such as learned weights. **Units** internal. **Shape** one number per synapse,
    /// by source, then target, as [`Simulation::synapse_state`] gives them; of an ensemble: instance after instance.
    ///
    /// **Errors** a projection whose synapses do not keep such a state, a wrong number of values, a value that is not finite or
    /// outside of the range that the model gives the state. All is then as it was.
    pub fn set_synapse_state(&mut self, projection: &str, state: &str, values: &[f64]) -> Result<(), Error> {
        let Kept::Synapse { place, column, learning } = self.kept(projection, state)? else {
            let why =
                "follows from the spikes of one end alone and is kept once per neuron, so it cannot be set synapse by synapse";
            return Err(Error::Call(format!("`{state}` of `{projection}` {why}")));
        };
        let count = self.plan.keeping()[place].edges.count() as usize;
        let instances = self.instances();
        if values.len() != count * instances {
            let synapses = match instances {
                1 => format!("{count} synapses"),
                n => format!("{count} synapses in each of {n} instances"),
            };
            return Err(Error::Call(format!("`{projection}` has {synapses}, and {} values were given", values.len())));
        }
        if let Some(k) = values.iter().position(|x| !self.holds(*x)) {
            return Err(Error::Call(format!("`{state}` of {projection}[{}] cannot be {}", k % count, values[k])));
        }
        if let Some(number) = learning {
            self.within_range(number, column, values)?;
        }
        let mut snapshot = self.engine.snapshot().map_err(device)?;
        if let Some(number) = learning.filter(|number| self.plan.learning[*number].rule.timed) {
            // the others of a synapse go on from now too
            let states = 0..self.plan.learning[number].rule.states.len();
            let now = states.map(|other| self.now(&snapshot, place, number, other)).collect::<Result<Vec<_>, _>>()?;
            let last = vec![snapshot.step as f64; values.len()];
            snapshot.edge_states[place] = now.into_iter().chain([last]).collect();
        }
        snapshot.edge_states[place][column] = values.to_vec();
        self.engine.restore(&snapshot).map_err(device)
    }

    pub(super) fn kept(&self, projection: &str, state: &str) -> Result<Kept, Error> {
        let keeping = self.plan.keeping();
        let Some(place) = keeping.iter().position(|g| g.name == projection) else {
            let known: Vec<&str> = keeping.iter().map(|g| g.name).collect();
            let there = if known.is_empty() { "none has".into() } else { format!("those that have are {}", known.join(", ")) };
            return Err(Error::Call(format!("there is no projection `{projection}` whose synapses have states; {there}")));
        };
        let learning = place.checked_sub(self.plan.stateful().count());
        if let Some(column) = keeping[place].states.iter().position(|s| s.name == state) {
            return Ok(Kept::Synapse { place, column, learning });
        }
        let mut known: Vec<&str> = keeping[place].states.iter().map(|s| s.name.as_str()).collect();
        if let Some(number) = learning {
            let of = &self.plan.learning[number];
            let states = &of.synapse.model.states;
            let found = states.iter().position(|s| s.name == state);
            if let Some((column, home)) = found.and_then(|k| Some((of.traces[k]?, of.homes[k]))) {
                return Ok(Kept::Neuron { learning: number, post: home == Home::Target, column });
            }
            known = states.iter().map(|s| s.name.as_str()).collect();
        }
        Err(Error::Call(format!("`{projection}` has no state `{state}`; it has {}", known.join(", "))))
    }

    /// A state of synapses that events change, as it is at the time of a snapshot.
    fn now(&self, snapshot: &Snapshot, place: usize, number: usize, column: usize) -> Result<Vec<f64>, Error> {
        let of = &self.plan.learning[number];
        let kept = &snapshot.edge_states[place];
        if !moves(of, column) {
            return Ok(kept[column].clone());
        }
        let count = of.edges.count() as usize;
        let value = |k: usize| self.value_now(number, column, snapshot.step, (k / count, k % count), &|state| kept[state][k]);
        (0..count * self.plan.instances as usize).map(value).collect()
    }

    /// A state of one synapse (instance, number) at a time, from what it keeps: states, then the time of its last event.
    pub(super) fn value_now(
        &self,
        number: usize,
        column: usize,
        step: u64,
        (instance, edge): (usize, usize),
        kept: &dyn Fn(usize) -> f64,
    ) -> Result<f64, Error> {
        let of = &self.plan.learning[number];
        let value = of.rule.graph.evaluate_with(of.rule.now[column], &mut |leaf| match leaf {
            Node::State(state) => Some(kept(state as usize)),
            Node::Param(p) => Some(self.param_of(number, instance, edge, p)),
            Node::Held(read) if of.rule.reads[read as usize] == Read::Elapsed => {
                Some((step as f64 - kept(of.rule.states.len())) * self.plan.dt)
            }
            _ => None,
        });
        value.map_err(|leaf| Error::Bug(format!("a state of `{}` reads {leaf}", of.name)))
    }

    /// A parameter of a synapse.
    fn param_of(&self, number: usize, instance: usize, edge: usize, param: u32) -> f64 {
        let own = self.plan.learned_param(instance as u32, number, param as usize);
        own.unwrap_or_else(|| self.plan.learning[number].params[param as usize].get(edge))
    }

    fn within_range(&self, number: usize, column: usize, values: &[f64]) -> Result<(), Error> {
        let of = &self.plan.learning[number];
        let count = (of.edges.count() as usize).max(1);
        let [low, high] = of.rule.ranges[column];
        let end = |k: usize, node: Option<NodeId>| {
            of.rule.graph.evaluate(node?, &|p| Some(self.param_of(number, k / count, k % count, p)))
        };
        for (k, x) in values.iter().enumerate() {
            let (low, high) = (end(k, low), end(k, high));
            if low.is_some_and(|low| *x < low) || high.is_some_and(|high| *x > high) {
                let state = &of.rule.states[column].name;
                let told = |x: Option<f64>, word: &str| x.map_or_else(String::new, |x| format!(" {word} {x}"));
                let range = format!("{}{}", told(low, "from"), told(high, "to"));
                let help = "give a value within it, or widen the range in the model";
                let place = format!("`{state}` of {}[{}]", of.name, k % count);
                return Err(Error::Call(format!("{place} cannot be {x}: its range is{range}\n  help: {help}")));
            }
        }
        Ok(())
    }
}

/// Does a state change between events?
pub(super) fn moves(learning: &Learning, column: usize) -> bool {
    !matches!(learning.rule.graph.node(learning.rule.now[column]), Node::State(_))
}
