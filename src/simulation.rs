//! A network that runs: batches of steps on an engine, what they leave, and the state in between.
//!
//! In: [`Network`] and [`Options`]. Out: [`Recording`]. A batch is a transaction: after a fault the state is that before
//! it. An ensemble is the same for many instances. Not here: what a step does (`model`, `engine`), files (`recording`), pictures (`plot`).

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::diagnostic::{Report, Source};
use crate::engine::origin::Origin;
use crate::engine::{Counters, Engine, Fault, Identity, Snapshot};
use crate::error::Error;
use crate::model::{ModelSet, check as model_check, library};
use crate::network::check::rounded_duration;
use crate::network::checked::CheckedVariant;
use crate::network::{CheckedNetwork, Network, Variant, check_within};
use crate::plan::memory::Memory;
use crate::plan::{Plan, PlanError, Wave};
use crate::recording::{Recording, sink::Header};
use crate::threads::Threads;

mod change;
mod choose;
mod options;
mod pace;
mod record;
mod room;
mod sample;
mod sequence;
mod set;
mod signals;
mod snapshot;
mod store;
mod synapses;
pub mod timed;
mod vary;
pub mod verify;

pub use crate::engine::Precision;
pub use options::{Choice, Options};
pub use signals::Channel;
pub use verify::{Deviation, SpikeDeviation, Verification};

/// Wall-clock times, seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timings {
    /// Checking, drawing edges, planning, laying out the engine.
    pub build_s: f64,
    /// The first batch of one step, without what sinks took.
    pub first_step_s: f64,
    /// All steps after it, without what sinks took.
    pub run_s: f64,
    /// What sinks took ([`Simulation::run_into`]) and disks did not.
    pub record_s: f64,
    /// How long they waited for disks to confirm what they wrote.
    pub sync_s: f64,
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
    plan: Arc<Plan>,
    engine: Box<dyn Engine>,
    threads: Threads,
    room: room::Room,
    reason: String,
    /// By instance. Shared with whoever looks at them: they are copied where a run goes on meanwhile.
    recordings: Vec<Arc<Recording>>,
    /// What they hold.
    header: Header,
    sorter: record::Sorter,
    first: Arc<Plan>,
    /// Which network this is, for snapshots.
    origin: Arc<Origin>,
    /// The engine computes in f32.
    narrow: bool,
    timings: Timings,
    batch: u32,
    /// By instance.
    spikes: Vec<u64>,
    interface: signals::Interface,
    /// What external stimuli and inputs give, instance after instance.
    external: Vec<f64>,
    /// Spikes that are on their way to synapses at which a probe looks when they come: step, row.
    before: Vec<(u64, u32)>,
    /// Rows that spiked in the last step, ascending, where an output reads them.
    last_spikes: Vec<u32>,
    /// Remarks on how it was run.
    said: Vec<String>,
    /// Of an ensemble: what other variants are made of.
    family: Option<Box<vary::Family>>,
    described: Box<set::Described>,
}

/// All models that a network may name: the ready ones and its own, which win.
///
/// **Errors** what is wrong with the network's equations.
pub fn models_of(network: &Network) -> Result<ModelSet, Error> {
    match good_models(network)? {
        (set, None) => Ok(set),
        (_, Some(report)) => Err(Error::Model(report)),
    }
}

/// Those of its own that are right beside the ready ones, and what is wrong with the others.
fn good_models(network: &Network) -> Result<(ModelSet, Option<Report>), Error> {
    let mut set = library::all().map_err(|report| Error::Bug(report.to_string()))?;
    if network.equations.trim().is_empty() {
        return Ok((set, None));
    }
    let name = if network.name.is_empty() { "equations".to_string() } else { format!("equations of {}", network.name) };
    let (own, wrong) = model_check::read_good(&Source { name, text: network.equations.clone() });
    set.neurons.retain(|name, _| !own.broken.contains(name));
    set.synapses.retain(|name, _| !own.broken.contains(name));
    set.neurons.extend(own.neurons);
    set.synapses.extend(own.synapses);
    set.broken = own.broken;
    Ok((set, wrong.map(|report| network.placed_equations(report))))
}

/// Checks a network and variants of it with all that its equations and its description have wrong, together; `folder`: of its
/// tables, `budget`: bytes that values of neurons and synapses may take.
///
/// **Errors** everything that is wrong. What hangs on a model that is wrong is not looked at.
pub fn check_whole(
    network: &Network,
    variants: &[Variant],
    folder: &Path,
    budget: Option<u64>,
) -> Result<(CheckedNetwork, Vec<CheckedVariant>), Error> {
    let (models, wrong) = good_models(network)?;
    match (wrong, check_within(network, variants, &models, folder, budget)) {
        (None, checked) => checked.map_err(Error::Network),
        (Some(equations), Ok(_)) => Err(Error::Model(equations)),
        (Some(equations), Err(described)) if described.diagnostics.is_empty() => Err(Error::Model(equations)),
        (Some(equations), Err(described)) => Err(Error::Network(equations.and(described))),
    }
}

/// Why a network cannot be planned, at the place of the part in its file if it has one.
fn unplanned(network: &Network, checked: &CheckedNetwork, error: PlanError) -> Error {
    let place = error.part().and_then(|(section, name, key)| {
        let k = match section {
            "population" => checked.populations.iter().position(|p| p.name == name),
            "stimulus" => checked.stimuli.iter().position(|s| s.name == name),
            _ => checked.projections.iter().position(|p| p.name == name),
        };
        network.placed_part(section, k?, key, "E090", &error.to_string())
    });
    place.map_or(Error::Plan(error), Error::Network)
}

impl Network {
    /// Checks the network, draws its edges and lays it out on an engine.
    ///
    /// **Errors** everything that is wrong with its equations or its description; a method that cannot serve a model; what
    /// does not fit the memory budget or the device.
    pub fn compile(&self, options: &Options) -> Result<Simulation, Error> {
        let began = Instant::now();
        let (plan, interface, threads) = self.planned(options)?;
        let described = set::Described { network: self.clone(), options: options.clone(), variants: Vec::new(), others: false };
        Simulation::new(plan, interface, described, threads, began)
    }

    /// The plan of the network, as `explain` prints it.
    ///
    /// **Errors** as [`Network::compile`].
    pub fn plan(&self, options: &Options) -> Result<Plan, Error> {
        Ok(self.planned(options)?.0)
    }

    /// What the network takes of memory, by part, without drawing an edge; [`Memory::within`] holds it to a budget.
    ///
    /// **Errors** as [`Network::compile`]; values of neurons that the budget does not hold.
    pub fn memory(&self, options: &Options) -> Result<Memory, Error> {
        let checked = room::checked(self, &[], options)?.0;
        Memory::expected(&checked, room::terms(&checked, 1, options)).map_err(|error| unplanned(self, &checked, error))
    }

    fn planned(&self, options: &Options) -> Result<(Plan, signals::Interface, Threads), Error> {
        let checked = room::checked(self, &[], options)?.0;
        let threads = room::threads(&checked, 1, options)?;
        let plan = threads.run(|| Plan::new(&checked, &room::limits(&checked, options)));
        let plan = plan.map_err(|error| unplanned(self, &checked, error))?;
        Ok((plan, signals::Interface::new(&checked), threads))
    }
}

impl Simulation {
    fn new(
        mut plan: Plan,
        interface: signals::Interface,
        described: set::Described,
        threads: Threads,
        began: Instant,
    ) -> Result<Simulation, Error> {
        let options = &described.options;
        if plan.can_be_arranged() && options.on_cpu() {
            let whole = options.precision == Precision::F32;
            threads.run(|| plan.arrange(whole));
        }
        let plan = Arc::new(plan);
        let (engine, reason) = choose::choose(&plan, options, &threads)?;
        let room = room::Room::new(&plan, options);
        let mut simulation = Simulation {
            recordings: Vec::new(),
            header: Header::default(),
            sorter: record::Sorter::new(&plan),
            first: plan.clone(),
            origin: Arc::new(Origin::of(&plan)),
            narrow: engine.identity().precision == Precision::F32,
            spikes: vec![0; plan.instances as usize],
            plan,
            engine,
            threads,
            room,
            reason,
            timings: Timings::default(),
            batch: options.batch.unwrap_or(0),
            interface,
            external: Vec::new(),
            last_spikes: Vec::new(),
            before: Vec::new(),
            family: None,
            said: Vec::new(),
            described: Box::new(described),
        };
        simulation.forget_signals();
        simulation.clear_recording();
        simulation.timings.build_s = began.elapsed().as_secs_f64();
        Ok(simulation)
    }

    /// Runs for a time. **Units** ms; rounded to the nearest step, which is remarked ([`Simulation::remarks`]).
    ///
    /// **Errors** a fault, with population, neuron and step n; state and recording are then those of step n - 1, whatever the
    /// length of batches.
    pub fn run(&mut self, duration: f64) -> Result<(), Error> {
        self.run_with(duration, &mut |_| ControlFlow::Continue(())).map(|_| ())
    }

    /// Runs for some steps.
    ///
    /// **Errors** as [`Simulation::run`].
    pub fn run_steps(&mut self, steps: u64) -> Result<(), Error> {
        self.go(steps, &mut |_| ControlFlow::Continue(()), None).map(|_| ())
    }

    /// Runs for a time, calling back after each batch, the first of one step included; `Break` ends the run early. Batches
    /// take about a twentieth of a second, of large networks half a second. Gives the steps done.
    ///
    /// **Errors** as [`Simulation::run`].
    pub fn run_with(&mut self, duration: f64, report: &mut dyn FnMut(&Progress) -> ControlFlow<()>) -> Result<u64, Error> {
        let steps = self.steps_of(duration)?;
        self.go(steps, report, None)
    }

    /// The whole steps of a time; what is off the grid is remarked.
    fn steps_of(&mut self, duration: f64) -> Result<u64, Error> {
        let steps = duration / self.plan.dt;
        if !(steps.is_finite() && (0.0..9e15).contains(&steps)) {
            return Err(Error::Call(format!("a run of {duration} ms: expected a time from 0 ms to 9e15 steps")));
        }
        if duration > 0.0 && steps.round() == 0.0 {
            let message = format!("a run of {duration} ms is no step: it is less than half of dt, {} ms", self.plan.dt);
            return Err(Error::Call(message));
        }
        if let Some(message) = rounded_duration(duration, self.plan.dt)
            && !self.remarks().any(|known| known.contains(&message))
        {
            self.said.push(message);
        }
        Ok(steps.round() as u64)
    }

    /// What is no error and should be known: of the description, of the variants and of how it was run.
    pub fn remarks(&self) -> impl Iterator<Item = &str> {
        self.plan.remarks.iter().chain(&self.said).map(String::as_str)
    }

    /// One step with this input vector: a number per row of each external stimulus, in their order; of an ensemble:
    /// instance after instance. Declared inputs stand behind them, a number per row; see [`Simulation::step_outputs`].
    ///
    /// **Errors** a vector of the wrong length, or a fault.
    pub fn step(&mut self, input: &[f64]) -> Result<(), Error> {
        self.check_input(input)?;
        self.external.copy_from_slice(input);
        self.engine.set_external(input);
        self.advance(1, None)
    }

    fn check_input(&self, input: &[f64]) -> Result<(), Error> {
        let expected = self.plan.external_inputs() * self.instances();
        if input.len() != expected {
            return Err(Error::Call(format!("the input vector has {} numbers, the network takes {expected}", input.len())));
        }
        let largest = self.plan.drives.iter().fold(1.0, |most: f64, drive| match drive.wave {
            Wave::External { scale, .. } => most.max(scale.abs()),
            _ => most,
        });
        match input.iter().position(|x| !self.holds(*x * largest)) {
            Some(k) => Err(Error::Call(format!("number {k} of the input vector is {}, which this engine cannot hold", input[k]))),
            None => Ok(()),
        }
    }

    /// Runs some steps into these sinks, or into the simulation's own recordings. A sink that fails ends it.
    fn go(
        &mut self,
        steps: u64,
        report: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
        mut sinks: Option<&mut record::Given<'_, '_>>,
    ) -> Result<u64, Error> {
        if sinks.is_none() {
            self.reserve(steps)?;
        }
        let mut done = 0;
        let began = Instant::now();
        let over = |sinks: &Option<&mut record::Given<'_, '_>>| sinks.as_ref().is_some_and(|given| !given.failed.is_empty());
        let taken = |sinks: &Option<&mut record::Given<'_, '_>>| sinks.as_ref().map_or(0.0, |given| given.seconds);
        if steps > 0 && self.engine.step() == 0 {
            let before = taken(&sinks);
            self.advance(1, sinks.as_deref_mut())?;
            self.timings.first_step_s = began.elapsed().as_secs_f64() - (taken(&sinks) - before);
            done = 1;
            if report(&Progress { step: done, steps, spikes: self.spike_count() }).is_break() || over(&sinks) {
                return Ok(done);
            }
        }
        let batch_s = self.batch_s();
        let asked = if self.batch > 0 { self.batch } else { self.first_batch(batch_s) };
        let mut length = asked.min(self.most_steps());
        while done < steps {
            let wanted = u64::from(length).min(steps - done);
            let batch = self.until_sample(wanted) as u32;
            let (start, before) = (Instant::now(), taken(&sinks));
            let outcome = self.advance(batch, sinks.as_deref_mut());
            self.timings.run_s += start.elapsed().as_secs_f64() - (taken(&sinks) - before);
            outcome?;
            done += u64::from(batch);
            if report(&Progress { step: done, steps, spikes: self.spike_count() }).is_break() || over(&sinks) {
                break;
            }
            // batches of about a twentieth of a second keep progress smooth; they are longer where saving states takes long
            if self.batch == 0 && batch == length {
                let seconds = start.elapsed().as_secs_f64().max(1e-6);
                let wanted = f64::from(length) * (batch_s / seconds).clamp(0.5, 2.0);
                length = (wanted as u32).clamp(1, self.most_steps());
            }
        }
        Ok(done)
    }

    fn advance(&mut self, steps: u32, mut sinks: Option<&mut record::Given<'_, '_>>) -> Result<(), Error> {
        match self.engine.advance(steps) {
            Ok(mut batch) => {
                self.remember(&batch);
                if let Err(fault) = self.sample_synapses(&mut batch) {
                    return Err(self.failed(fault));
                }
                let kept = self.record(&batch, sinks);
                self.engine.take_back(batch);
                kept
            }
            Err(fault) => {
                // what came before it is kept, whatever the length of the batch: the engine stands before the batch again
                let good = fault.step().map_or(0, |step| step.saturating_sub(self.engine.step() + 1));
                if good > 0 {
                    self.advance(good as u32, sinks.take())?;
                }
                Err(self.failed(fault))
            }
        }
    }

    fn failed(&self, fault: Fault) -> Error {
        let last_good = self.engine.step();
        let help = match &fault {
            Fault::NotFinite { .. } => {
                "use a smaller dt or another method, or look at the parameters of this population; what shoots up at a spike, as \
                 exponential models do, is held by writing `min(v, v_peak)` for `v` in its equation"
            }
            Fault::Undefined { .. } => {
                "0/0, infinity less infinity, and the logarithm or root of a number below 0 are no numbers: say what holds there \
                 by `if`, or keep the operands away from it by `max`"
            }
            Fault::SynapseNotFinite { .. } => {
                "use a smaller dt or another method, or look at the parameters of this projection; what grows without end is held \
                 by writing `min(x, x_max)` for `x` in its equation"
            }
            Fault::NoMemory { .. } => "record fewer neurons (`rows`) or a shorter time, or let a sink take what is recorded",
            Fault::Memory { .. } => "record fewer neurons (`rows`) or a shorter time, or allow more with `--memory`",
            Fault::Device { .. } => "run `synfire doctor`, or choose `--engine cpu`",
            Fault::Bug { .. } => "please report it with the network file",
        };
        Error::Run { fault, last_good, time: last_good as f64 * self.plan.dt, help }
    }

    /// What was recorded since the start, the last `reset` or `clear_recording`; of an ensemble: its first instance.
    pub fn recording(&self) -> &Recording {
        &self.recordings[0]
    }

    /// What was recorded of each instance.
    ///
    /// A clone of one can be kept without a copy: a run that goes on while it is kept goes on with a copy of its own.
    pub fn recordings(&self) -> &[Arc<Recording>] {
        &self.recordings
    }

    /// What was recorded of an instance; `None`: there is no such instance.
    pub fn recording_of(&self, instance: usize) -> Option<&Recording> {
        self.recordings.get(instance).map(Arc::as_ref)
    }

    /// Hands the recording over and goes on with an empty one; of an ensemble: that of its first instance, all others are
    /// lost (see [`Simulation::take_recordings`]).
    pub fn take_recording(&mut self) -> Recording {
        self.take_recordings().swap_remove(0)
    }

    /// Hands the recordings of all instances over and goes on with empty ones.
    pub fn take_recordings(&mut self) -> Vec<Recording> {
        let taken = std::mem::take(&mut self.recordings);
        self.clear_recording();
        taken.into_iter().map(Arc::unwrap_or_clone).collect()
    }

    /// Back to the initial state at time 0, with an empty recording. The next run gives the same as the first.
    ///
    /// **Errors** a device that fails.
    pub fn reset(&mut self) -> Result<(), Error> {
        let start = Snapshot::start(&self.first);
        self.restore(&start)
    }

    /// Time, in steps.
    pub fn time_steps(&self) -> u64 {
        self.engine.step()
    }

    /// Spikes of all neurons (of all instances) since the start or the last `reset`.
    pub fn spike_count(&self) -> u64 {
        self.spikes.iter().sum()
    }

    /// The same for each instance.
    pub fn spike_counts(&self) -> &[u64] {
        &self.spikes
    }

    /// Instances that run side by side: 1 unless an ensemble was compiled.
    pub fn instances(&self) -> usize {
        self.plan.instances as usize
    }

    /// What runs, in numbers.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Which engine runs this, on what.
    pub fn identity(&self) -> Identity {
        self.engine.identity()
    }

    /// What the engine has done so far; zeros where it does not count.
    pub fn counters(&self) -> Counters {
        self.engine.counters()
    }

    /// Why this engine was chosen.
    pub fn choice_reason(&self) -> &str {
        &self.reason
    }

    /// Wall-clock times so far.
    pub fn timings(&self) -> &Timings {
        &self.timings
    }
}

fn device(fault: Fault) -> Error {
    match fault {
        Fault::Bug { what } => Error::Bug(what),
        fault => Error::Device(fault.into()),
    }
}
