//! States read and changed between two runs. Not here: parameters (`set`).

use super::{Simulation, device};
use crate::error::Error;

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
        let trailed = self.plan.trailed().iter().position(|known| *known == (place.group, place.column as u32));
        let Some(k) = trailed.filter(|_| self.plan.longest_trail() > 0) else {
            return self.engine.set_state(place.group, place.column, &all).map_err(device);
        };
        // synapses that events change look back to the end of the last step, which is now
        let mut snapshot = self.engine.snapshot().map_err(device)?;
        snapshot.trails[k][..all.len()].copy_from_slice(&all);
        snapshot.states[place.group][place.column] = all;
        self.engine.restore(&snapshot).map_err(device)
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

    pub(super) fn no_population(&self, name: &str) -> Error {
        let known: Vec<&str> = self.plan.populations.iter().map(|p| p.name.as_str()).collect();
        Error::Call(format!("there is no population `{name}`; there are {}", known.join(", ")))
    }
}
