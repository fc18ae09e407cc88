//! States and parameters read and changed between two runs.

use std::sync::Arc;

use super::{Simulation, device};
use crate::error::Error;
use crate::network::check::allowed;
use crate::plan::{Column, GroupColumns, PlacedPopulation, Plan, derive, derive_group, uncounted_refractory};
use crate::units::Quantity;

/// Where the values of one state of a population stand.
struct Place {
    group: usize,
    column: usize,
    /// First row within the group.
    first: usize,
    size: usize,
    /// Rows of the group.
    rows: usize,
}

impl Simulation {
    /// A state of a population, a number per neuron; of an ensemble: instance after instance.
    /// **Units** internal (ms, mV, pA, nS, pF).
    ///
    /// **Errors** an unknown population or state.
    pub fn state(&mut self, population: &str, state: &str) -> Result<Vec<f64>, Error> {
        let place = self.find(population, state)?;
        let all = self.engine.state(place.group, place.column).map_err(device)?;
        Ok(all.chunks(place.rows).flat_map(|rows| &rows[place.first..place.first + place.size]).copied().collect())
    }

    /// A state of a population in one instance of an ensemble, a number per neuron. **Units** internal.
    ///
    /// **Errors** an unknown population, state or instance.
    pub fn state_of(&mut self, instance: usize, population: &str, state: &str) -> Result<Vec<f64>, Error> {
        let instances = self.instances();
        if instance >= instances {
            return Err(Error::Call(format!("there is no instance {instance}; there are {instances}")));
        }
        let place = self.find(population, state)?;
        let all = self.engine.state(place.group, place.column).map_err(device)?;
        Ok(all[instance * place.rows + place.first..][..place.size].to_vec())
    }

    /// A state of the synapses of a projection, a number per synapse, by source, then target; of an ensemble: instance after
    /// instance. **Units** internal (ms, mV, pA, nS, pF).
    ///
    /// **Errors** a projection whose synapses have no state of this name.
    pub fn synapse_state(&mut self, projection: &str, state: &str) -> Result<Vec<f64>, Error> {
        let Some(group) = self.plan.edge_groups.iter().position(|e| e.name == projection) else {
            let known: Vec<&str> = self.plan.edge_groups.iter().map(|e| e.name.as_str()).collect();
            let there = if known.is_empty() { "none has".into() } else { format!("those that have are {}", known.join(", ")) };
            return Err(Error::Call(format!("there is no projection `{projection}` whose synapses have states; {there}")));
        };
        let states = &self.plan.edge_groups[group].rule.states;
        let Some(column) = states.iter().position(|s| s.name == state) else {
            let known: Vec<&str> = states.iter().map(|s| s.name.as_str()).collect();
            return Err(Error::Call(format!("`{projection}` has no state `{state}`; it has {}", known.join(", "))));
        };
        let mut snapshot = self.engine.snapshot().map_err(device)?;
        Ok(std::mem::take(&mut snapshot.edge_states[group][column]))
    }

    /// Sets a state of a population. **Units** internal. **Shape** one number per neuron; of an ensemble: instance after
    /// instance.
    ///
    /// **Errors** an unknown population or state, a wrong number of values, a value that is not finite.
    pub fn set_state(&mut self, population: &str, state: &str, values: &[f64]) -> Result<(), Error> {
        let place = self.find(population, state)?;
        let instances = self.instances();
        if values.len() != place.size * instances {
            let neurons = match instances {
                1 => format!("{} neurons", place.size),
                n => format!("{} neurons in each of {n} instances", place.size),
            };
            return Err(Error::Call(format!("`{population}` has {neurons}, and {} values were given", values.len())));
        }
        if let Some(k) = values.iter().position(|x| !self.holds(*x)) {
            let neuron = k % place.size;
            let of = if instances > 1 { format!(" in instance {}", k / place.size) } else { String::new() };
            return Err(Error::Call(format!("`{state}` of {population}[{neuron}]{of} cannot be {}", values[k])));
        }
        let mut all = self.engine.state(place.group, place.column).map_err(device)?;
        for (rows, values) in all.chunks_mut(place.rows).zip(values.chunks(place.size)) {
            rows[place.first..place.first + place.size].copy_from_slice(values);
        }
        self.engine.set_state(place.group, place.column, &all).map_err(device)
    }

    /// Changes a parameter of a population to one value for all its neurons (in all instances), such as `"-49 mV"`.
    /// Propagators and other derived numbers follow; the state stays.
    ///
    /// **Errors** an unknown population or parameter, a value of another dimension, a population merged with another whose
    /// parameter is shared (give it per neuron when the network is described).
    pub fn set_parameter(&mut self, population: &str, parameter: &str, value: &str) -> Result<(), Error> {
        let id = self.plan.population(population).ok_or_else(|| self.no_population(population))?;
        let place = self.plan.place(id).clone();
        let group = &self.plan.groups[place.group];
        let Some(k) = group.model.params.iter().position(|p| p.name == parameter) else {
            let known: Vec<&str> = group.model.params.iter().map(|p| p.name.as_str()).collect();
            return Err(Error::Call(format!("`{population}` has no parameter `{parameter}`; it has {}", known.join(", "))));
        };
        let quantity = Quantity::parse(value).map_err(|e| Error::Call(format!("`{parameter}`: {e}")))?;
        let expected = group.model.params[k].dimension;
        if quantity.dimension != expected {
            return Err(Error::Call(format!("`{parameter}` counts in {}, and `{value}` does not", expected.unit())));
        }
        let whole = place.size == group.rows;
        let own = self.plan.variants.iter().filter_map(|v| v.groups.get(place.group)?.as_deref());
        let shared = own.map(|own| &own.params[k]).chain([&group.params[k]]).any(|c| matches!(c, Column::Shared(_)));
        if shared && !whole {
            let others = group.label.clone();
            return Err(Error::Call(format!(
                "`{parameter}` is one number for {others}; to change it for `{population}` alone, give it per neuron in the description"
            )));
        }
        let mut columns = group.params.clone();
        columns[k] = Column::Shared(quantity.value);
        if !allowed::is_value(expected, quantity.value) {
            return Err(Error::Call(format!(
                "`{parameter}` of `{population}` cannot be {value}; it must be a finite number below 3.4e38"
            )));
        }
        if let Some(refused) = allowed::of_neurons(&group.model, &columns).first() {
            return Err(Error::Call(format!("`{population}`: {}", refused.text)));
        }
        if let Some(steps) = uncounted_refractory(&group.rule, &columns, group.rows, self.plan.dt) {
            return Err(Error::Call(format!(
                "`{parameter}` of `{population}`: refractory for {steps} steps; more than 16,777,216 only where the description says so"
            )));
        }
        change(Arc::make_mut(&mut self.plan), &place, k, quantity.value);
        self.engine.set_parameters(&self.plan, place.group).map_err(device)
    }

    fn find(&self, population: &str, state: &str) -> Result<Place, Error> {
        let id = self.plan.population(population).ok_or_else(|| self.no_population(population))?;
        let place = self.plan.place(id);
        let group = &self.plan.groups[place.group];
        let states = &group.rule.states;
        let Some(column) = states.iter().position(|s| s.name == state) else {
            let known: Vec<&str> = states.iter().map(|s| s.name.as_str()).filter(|n| !n.starts_with(' ')).collect();
            return Err(Error::Call(format!("`{population}` has no state `{state}`; it has {}", known.join(", "))));
        };
        let (first, size, rows) = (place.first_row as usize, place.size as usize, group.rows as usize);
        Ok(Place { group: place.group, column, first, size, rows })
    }

    fn no_population(&self, name: &str) -> Error {
        let known: Vec<&str> = self.plan.populations.iter().map(|p| p.name.as_str()).collect();
        Error::Call(format!("there is no population `{name}`; there are {}", known.join(", ")))
    }
}

/// Gives a parameter of a population one value in the plan and in all its instances.
fn change(plan: &mut Plan, place: &PlacedPopulation, param: usize, value: f64) {
    let set = |column: &mut Column| match column {
        Column::Shared(x) => *x = value,
        Column::PerRow(list) => list[place.first_row as usize..(place.first_row + place.size) as usize].fill(value),
    };
    let group = &mut plan.groups[place.group];
    set(&mut group.params[param]);
    derive_group(group, plan.dt);
    for variant in &mut plan.variants {
        let Some(Some(own)) = variant.groups.get_mut(place.group) else { continue };
        let own: &mut GroupColumns = Arc::make_mut(own);
        set(&mut own.params[param]);
        // initial values are those before the first step: they stay
        own.derived = derive(&group.rule, &own.params, &group.given_initial, group.rows as usize, plan.dt).0;
    }
}
