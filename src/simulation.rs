//! A network that runs: batches of steps on an engine, what they leave, and the state in between.
//!
//! In: [`Network`] and [`Options`]. Out: [`Recording`]. A batch is a transaction: after a fault the state is that before
//! it. Not here: what a step does (`model`, `engine`), files (`recording`), pictures (`plot`).

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crate::diagnostic::Source;
use crate::engine::{Engine, Fault, Identity, Snapshot};
use crate::error::Error;
use crate::model::{ModelSet, check as model_check, library};
use crate::network::{Network, check};
use crate::plan::{Column, Plan, PlanOptions, Tap, derive_group};
use crate::recording::Recording;
use crate::units::Quantity;

mod choose;
mod record;
pub mod verify;

pub use verify::{Deviation, SpikeDeviation, Verification};

/// Which engine runs a network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// A hardware GPU that can run the network, else the CPU engine; the simulation says which and why.
    #[default]
    Auto,
    Cpu,
    /// A GPU, hardware before software.
    Gpu,
    /// The adapter whose name holds this text; software adapters too.
    Adapter(String),
}

/// The numbers that the CPU engine computes with. A GPU computes with f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    #[default]
    F32,
    F64,
}

/// How a network is compiled.
#[derive(Clone, Debug)]
pub struct Options {
    pub engine: Choice,
    pub precision: Precision,
    /// Most threads of the CPU engine; `None`: as many as there are cores. Results do not depend on it.
    pub threads: Option<usize>,
    /// Least rows per thread of the CPU engine. Results do not depend on it.
    pub rows_per_thread: Option<usize>,
    /// Where files that the network names are found; they must lie below it.
    pub folder: PathBuf,
    /// Most bytes for edges, states and rings.
    pub memory_budget: Option<u64>,
    /// Most steps of a batch. Results do not depend on it.
    pub batch: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            engine: Choice::Auto,
            precision: Precision::F32,
            threads: None,
            rows_per_thread: None,
            folder: PathBuf::from("."),
            memory_budget: None,
            batch: None,
        }
    }
}

/// Wall-clock times, seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timings {
    /// Checking, drawing edges, planning, laying out the engine.
    pub build_s: f64,
    /// The first batch of one step.
    pub first_step_s: f64,
    /// All steps after it.
    pub run_s: f64,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Steps done of this run.
    pub step: u64,
    /// Steps of this run.
    pub steps: u64,
    /// Spikes since the simulation began.
    pub spikes: u64,
}

/// A compiled network.
pub struct Simulation {
    plan: Plan,
    engine: Box<dyn Engine>,
    reason: String,
    recording: Recording,
    start: Snapshot,
    timings: Timings,
    batch: u32,
    spikes: u64,
    /// Units of the state columns, by group.
    dimensions: Vec<Vec<String>>,
}

/// All models that a network may name: the ready ones and its own, which win.
///
/// **Errors** what is wrong with the network's equations.
pub fn models_of(network: &Network) -> Result<ModelSet, Error> {
    let mut set = ModelSet { neurons: library::models().clone(), ..ModelSet::default() };
    if !network.equations.trim().is_empty() {
        let name = if network.name.is_empty() { "equations".to_string() } else { format!("equations of {}", network.name) };
        let own = model_check::read(&Source { name, text: network.equations.clone() }).map_err(Error::Model)?;
        set.neurons.extend(own.neurons);
        set.synapses.extend(own.synapses);
    }
    Ok(set)
}

impl Network {
    /// Checks the network, draws its edges and lays it out on an engine.
    ///
    /// **Errors** everything that is wrong with its equations or its description; a method that cannot serve a model; what
    /// does not fit the memory budget or the device.
    pub fn compile(&self, options: &Options) -> Result<Simulation, Error> {
        let began = Instant::now();
        let plan = self.plan(options)?;
        Simulation::new(plan, options, began)
    }

    /// The plan of the network, as `explain` prints it.
    ///
    /// **Errors** as [`Network::compile`].
    pub fn plan(&self, options: &Options) -> Result<Plan, Error> {
        let models = models_of(self)?;
        let checked = check(self, &models, &options.folder).map_err(Error::Network)?;
        Ok(Plan::new(&checked, &PlanOptions { instances: 1, budget: options.memory_budget })?)
    }
}

impl Simulation {
    fn new(plan: Plan, options: &Options, began: Instant) -> Result<Simulation, Error> {
        let shared = Arc::new(plan.clone());
        let (mut engine, reason) = choose::choose(&shared, options)?;
        let start = engine.snapshot().map_err(device)?;
        let dimensions = plan.groups.iter().map(|g| g.rule.states.iter().map(|s| s.dimension.unit()).collect()).collect();
        let mut simulation = Simulation {
            recording: Recording::default(),
            plan,
            engine,
            reason,
            start,
            timings: Timings::default(),
            batch: options.batch.unwrap_or(0),
            spikes: 0,
            dimensions,
        };
        simulation.clear_recording();
        simulation.timings.build_s = began.elapsed().as_secs_f64();
        Ok(simulation)
    }

    /// Runs for a time. **Units** ms; rounded to the nearest step.
    ///
    /// **Errors** a fault, with population, neuron and step; the state and recording are then those of the last good batch.
    pub fn run(&mut self, duration: f64) -> Result<(), Error> {
        self.run_with(duration, &mut |_| ControlFlow::Continue(())).map(|_| ())
    }

    /// Runs for some steps.
    ///
    /// **Errors** as [`Simulation::run`].
    pub fn run_steps(&mut self, steps: u64) -> Result<(), Error> {
        self.go(steps, &mut |_| ControlFlow::Continue(())).map(|_| ())
    }

    /// Runs for a time, calling back after each batch; `Break` ends the run early. Gives the steps done.
    ///
    /// **Errors** as [`Simulation::run`].
    pub fn run_with(&mut self, duration: f64, report: &mut dyn FnMut(&Progress) -> ControlFlow<()>) -> Result<u64, Error> {
        let steps = duration / self.plan.dt;
        if !(steps.is_finite() && (0.0..9e15).contains(&steps)) {
            return Err(Error::Call(format!("a run of {duration} ms: expected a time from 0 ms to 9e15 steps")));
        }
        self.go(steps.round() as u64, report)
    }

    /// One step with this input vector: a number per row of each external stimulus, in their order.
    ///
    /// **Errors** a vector of the wrong length, or a fault.
    pub fn step(&mut self, input: &[f64]) -> Result<(), Error> {
        self.check_input(input)?;
        self.engine.set_external(input);
        self.advance(1)
    }

    fn check_input(&self, input: &[f64]) -> Result<(), Error> {
        let expected = self.plan.external_inputs();
        if input.len() != expected {
            return Err(Error::Call(format!("the input vector has {} numbers, the network takes {expected}", input.len())));
        }
        match input.iter().position(|x| !x.is_finite()) {
            Some(k) => Err(Error::Call(format!("number {k} of the input vector is {}", input[k]))),
            None => Ok(()),
        }
    }

    fn go(&mut self, steps: u64, report: &mut dyn FnMut(&Progress) -> ControlFlow<()>) -> Result<u64, Error> {
        let mut done = 0;
        let began = Instant::now();
        if steps > 0 && self.engine.step() == 0 {
            self.advance(1)?;
            self.timings.first_step_s = began.elapsed().as_secs_f64();
            done = 1;
        }
        let mut length = if self.batch > 0 { self.batch } else { 200.min(self.most_steps()) };
        while done < steps {
            let batch = u64::from(length).min(steps - done) as u32;
            let start = Instant::now();
            let outcome = self.advance(batch);
            self.timings.run_s += start.elapsed().as_secs_f64();
            outcome?;
            done += u64::from(batch);
            if report(&Progress { step: done, steps, spikes: self.spikes }).is_break() {
                break;
            }
            // batches of about a twentieth of a second keep progress smooth and saving states cheap
            if self.batch == 0 && batch == length {
                let seconds = start.elapsed().as_secs_f64().max(1e-6);
                let wanted = f64::from(length) * (0.05 / seconds).clamp(0.5, 2.0);
                length = (wanted as u32).clamp(1, self.most_steps());
            }
        }
        Ok(done)
    }

    /// Steps whose samples stay within a hundred million numbers.
    fn most_steps(&self) -> u32 {
        let samples: u64 = self
            .plan
            .taps
            .iter()
            .map(|t| match t {
                Tap::State { rows, every, .. } => rows.len() as u64 * 1000 / every,
                _ => 0,
            })
            .sum();
        (100_000_000 * 1000 / samples.max(1)).clamp(1, 20_000) as u32
    }

    fn advance(&mut self, steps: u32) -> Result<(), Error> {
        match self.engine.advance(steps) {
            Ok(batch) => {
                self.record(&batch);
                Ok(())
            }
            Err(fault) => Err(self.failed(fault)),
        }
    }

    fn failed(&self, fault: Fault) -> Error {
        let last_good = self.engine.step();
        let help = match &fault {
            Fault::NotFinite { .. } => "use a smaller dt or another method, or look at the parameters of this population",
            Fault::Device { .. } => "run `synfire doctor`, or choose `--engine cpu`",
        };
        Error::Run { fault, last_good, time: last_good as f64 * self.plan.dt, help }
    }

    /// What was recorded since the start, the last `reset` or `clear_recording`.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Hands the recording over and goes on with an empty one.
    pub fn take_recording(&mut self) -> Recording {
        let taken = std::mem::take(&mut self.recording);
        self.clear_recording();
        taken
    }

    /// A state of a population, a number per neuron. **Units** internal (ms, mV, pA, nS, pF).
    ///
    /// **Errors** an unknown population or state.
    pub fn state(&mut self, population: &str, state: &str) -> Result<Vec<f64>, Error> {
        let (group, column, first, size) = self.find(population, state)?;
        let all = self.engine.state(group, column).map_err(device)?;
        Ok(all[first..first + size].to_vec())
    }

    /// Sets a state of a population. **Units** internal. **Shape** one number per neuron.
    ///
    /// **Errors** an unknown population or state, a wrong number of values, a value that is not finite.
    pub fn set_state(&mut self, population: &str, state: &str, values: &[f64]) -> Result<(), Error> {
        let (group, column, first, size) = self.find(population, state)?;
        if values.len() != size {
            return Err(Error::Call(format!("`{population}` has {size} neurons, and {} values were given", values.len())));
        }
        if let Some(k) = values.iter().position(|x| !x.is_finite()) {
            return Err(Error::Call(format!("`{state}` of {population}[{k}] cannot be {}", values[k])));
        }
        let mut all = self.engine.state(group, column).map_err(device)?;
        all[first..first + size].copy_from_slice(values);
        self.engine.set_state(group, column, &all).map_err(device)
    }

    /// Changes a parameter of a population to one value for all its neurons, such as `"-49 mV"`. Propagators and other
    /// derived numbers follow; the state stays.
    ///
    /// **Errors** an unknown population or parameter, a value of another dimension, a population merged with another whose
    /// parameter is shared (give it per neuron when the network is described).
    pub fn set_parameter(&mut self, population: &str, parameter: &str, value: &str) -> Result<(), Error> {
        let id = self.plan.population(population).ok_or_else(|| self.no_population(population))?;
        let place = self.plan.place(id).clone();
        let group = &mut self.plan.groups[place.group];
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
        match &mut group.params[k] {
            Column::Shared(x) if whole => *x = quantity.value,
            Column::Shared(_) => {
                let others = group.label.clone();
                return Err(Error::Call(format!(
                    "`{parameter}` is one number for {others}; to change it for `{population}` alone, give it per neuron in the description"
                )));
            }
            Column::PerRow(list) => list[place.first_row as usize..(place.first_row + place.size) as usize].fill(quantity.value),
        }
        derive_group(group, self.plan.dt);
        self.engine.set_parameters(&self.plan, place.group).map_err(device)
    }

    /// Back to the initial state at time 0, with an empty recording. The next run gives the same as the first.
    ///
    /// **Errors** a device that fails.
    pub fn reset(&mut self) -> Result<(), Error> {
        let start = self.start.clone();
        self.restore(&start)?;
        self.spikes = 0;
        Ok(())
    }

    /// The whole state, spikes under way included.
    ///
    /// **Errors** a device that fails.
    pub fn snapshot(&mut self) -> Result<Snapshot, Error> {
        self.engine.snapshot().map_err(device)
    }

    /// Back to a snapshot, with an empty recording.
    ///
    /// **Errors** a snapshot of another network, a device that fails.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), Error> {
        let fits = snapshot.states.len() == self.plan.groups.len()
            && snapshot.states.iter().zip(&self.plan.groups).all(|(s, g)| {
                s.len() == g.rule.states.len() && s.iter().all(|c| c.len() == (g.rows * self.plan.instances) as usize)
            });
        if !fits {
            return Err(Error::Call("this snapshot is of another network".into()));
        }
        self.engine.restore(snapshot).map_err(device)?;
        self.clear_recording();
        Ok(())
    }

    /// Time, in steps.
    pub fn time_steps(&self) -> u64 {
        self.engine.step()
    }

    /// Spikes of all neurons since the start or the last `reset`.
    pub fn spike_count(&self) -> u64 {
        self.spikes
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Which engine runs this, on what.
    pub fn identity(&self) -> Identity {
        self.engine.identity()
    }

    /// Why this engine was chosen.
    pub fn choice_reason(&self) -> &str {
        &self.reason
    }

    pub fn timings(&self) -> &Timings {
        &self.timings
    }

    fn find(&self, population: &str, state: &str) -> Result<(usize, usize, usize, usize), Error> {
        let id = self.plan.population(population).ok_or_else(|| self.no_population(population))?;
        let place = self.plan.place(id);
        let states = &self.plan.groups[place.group].rule.states;
        let Some(column) = states.iter().position(|s| s.name == state) else {
            let known: Vec<&str> = states.iter().map(|s| s.name.as_str()).filter(|n| !n.starts_with(' ')).collect();
            return Err(Error::Call(format!("`{population}` has no state `{state}`; it has {}", known.join(", "))));
        };
        Ok((place.group, column, place.first_row as usize, place.size as usize))
    }

    fn no_population(&self, name: &str) -> Error {
        let known: Vec<&str> = self.plan.populations.iter().map(|p| p.name.as_str()).collect();
        Error::Call(format!("there is no population `{name}`; there are {}", known.join(", ")))
    }
}

fn device(fault: Fault) -> Error {
    Error::Device(fault.to_string())
}
