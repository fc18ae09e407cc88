//! The room that a simulation may take: what is planned held to the budget, recordings that are held in memory reserved before a
//! run, spikes counted while it goes on, and the threads that all of it is made with.

use std::sync::Arc;

use super::record::Given;
use super::{Error, Network, Options, Simulation, check_whole};
use crate::engine::Fault;
use crate::engine::cpu::CpuOptions;
use crate::network::checked::CheckedVariant;
use crate::network::{CheckedNetwork, Variant};
use crate::plan::memory::{Kind, LONGEST_BATCH, Memory, Terms, batch_bytes, sample_bytes, to_be_had};
use crate::plan::{Plan, PlanOptions, Tap};
use crate::recording::Recording;
use crate::threads::{self, Threads};

/// The network and its variants in numbers, within the budget.
pub(super) fn checked(
    network: &Network,
    variants: &[Variant],
    options: &Options,
) -> Result<(CheckedNetwork, Vec<CheckedVariant>), Error> {
    check_whole(network, variants, &options.folder, options.memory_budget)
}

/// Steps whose recording is planned with the network.
fn steps(dt: f64, options: &Options) -> u64 {
    // a time beyond all counting saturates
    options.recorded.map_or(0, |time| (time / dt).round() as u64)
}

pub(super) fn terms(network: &CheckedNetwork, instances: u64, options: &Options) -> Terms {
    let terms = Terms::default().number(options.precision.bytes()).instances(instances).steps(steps(network.dt, options));
    terms.budget(options.memory_budget).connectivity(options.connectivity).on_device(options.on_device())
}

pub(super) fn limits(network: &CheckedNetwork, options: &Options) -> PlanOptions {
    let limits = PlanOptions::default().budget(options.memory_budget).number(options.precision.bytes());
    limits.steps(steps(network.dt, options)).connectivity(options.connectivity).on_device(options.on_device())
}

pub(super) fn settings(options: &Options) -> CpuOptions {
    let defaults = CpuOptions::default();
    defaults.threads(options.threads.unwrap_or(0)).rows_per_worker(options.rows_per_thread.unwrap_or(defaults.rows_per_worker))
}

/// Synapses or rows that are worth a further thread while a network is built.
const WORK: u64 = 1 << 16;

/// Fewer rows are hardly ever worth a further thread while a network runs.
const ROWS: u64 = 500;

/// The threads of a simulation: as many as were asked for (or cores), as far as building or running gives them work.
pub(super) fn threads(network: &CheckedNetwork, instances: u64, options: &Options) -> Result<Threads, Error> {
    let most = threads::most(options.threads);
    if most == 1 {
        return Ok(Threads::one());
    }
    let rows = network.populations.iter().map(|p| u64::from(p.size)).sum::<u64>().saturating_mul(instances);
    let synapses = Memory::synapses(network);
    let building = 1 + rows.saturating_add(synapses) / WORK;
    // groups are filled up to whole words; where work decides, the engine knows it when the network is built
    let of_worker = match settings(options).rows_per_worker {
        0 => ROWS,
        rows => rows as u64,
    };
    let running = 1 + rows.saturating_add(64 * network.populations.len() as u64) / of_worker;
    let useful = usize::try_from(building.max(running)).unwrap_or(usize::MAX);
    Ok(Threads::new(most.min(useful))?)
}

/// What is left for recordings.
pub(super) struct Room {
    budget: Option<u64>,
    /// Bytes of a number of the engine.
    number: u64,
    /// Bytes of all that is not recorded.
    planned: u64,
    /// Bytes that dense recordings have at the end of the run.
    dense: u64,
    /// Spikes recorded since the recording began.
    kept: u64,
}

/// Without a budget lists of fewer spikes are not held against the machine.
const FEW: u64 = 1 << 20;

/// Bytes of a spike: its step and its neuron.
const SPIKE: u64 = 12;

/// Bytes of a spike on its way into a recording: as the engine hands it over, and sorted by instance and probe.
const SPIKE_OF_BATCH: u64 = 16 + SPIKE;

impl Room {
    pub fn new(plan: &Plan, options: &Options) -> Room {
        let terms = Terms::default().number(options.precision.bytes()).instances(plan.instances.into());
        Room { budget: options.memory_budget, number: terms.number, planned: Memory::of(plan, terms).held(), dense: 0, kept: 0 }
    }

    /// Bytes that recordings may take.
    fn left(&self) -> Option<u64> {
        self.budget.map(|budget| budget.saturating_sub(self.planned))
    }

    /// A recording begins anew.
    pub fn forget(&mut self) {
        self.kept = 0;
    }

    /// The fault of a run whose recordings have no room for so many spikes more, as lists grow to twice their length.
    pub fn full<'r, H: Iterator<Item = &'r Recording> + Clone>(
        &mut self,
        spikes: u64,
        held: impl Iterator<Item = H>,
    ) -> Option<Fault> {
        let before = self.kept;
        self.kept += spikes;
        // lists grow to twice their length, where the machine is asked
        let grows = self.kept > FEW && before.checked_next_power_of_two() != self.kept.checked_next_power_of_two();
        if spikes == 0 || self.budget.is_none() && !grows {
            return None;
        }
        let more = 2 * spikes.saturating_mul(SPIKE);
        let (mut need, mut known) = (spikes.saturating_mul(SPIKE_OF_BATCH), 0u64);
        for recordings in held {
            need = need.saturating_add(recorded(recordings.clone())).saturating_add(more);
            known += recordings.flat_map(|r| &r.spikes).map(|s| s.step.len() as u64).sum::<u64>();
        }
        match self.left() {
            Some(left) => (need > left).then_some(Fault::Memory { spikes: known, need, left }),
            // a list that grows is copied
            None => (!to_be_had(need)).then_some(Fault::NoMemory { spikes: known, need }),
        }
    }

    /// Holds the reference of a verification, which runs beside the engine under test, to what is left.
    ///
    /// **Errors** a reference that passes it.
    pub fn reference(&self, plan: &Plan, number: usize) -> Result<(), Error> {
        let terms = Terms::default().number(number as u64).instances(plan.instances.into());
        let message = |e| format!("the reference that runs beside the engine under test does not fit: {e}");
        Memory::of(plan, terms).within(self.left()).map_err(|e| Error::Call(message(e)))
    }

    /// The most samples that a batch may hold.
    pub fn samples(&self, instances: u64) -> u64 {
        batch_bytes(self.left().map_or(u64::MAX, |left| left.saturating_sub(self.dense))) / sample_bytes(self.number, instances)
    }
}

impl Simulation {
    /// Room for the dense recordings of so many steps, before the first of them.
    ///
    /// **Errors** recordings that pass the budget, or what the machine gives.
    pub(super) fn reserve(&mut self, steps: u64) -> Result<(), Error> {
        self.within(steps, 1, recorded(self.recordings.iter().map(Arc::as_ref)))?;
        let reserved = self.recordings.iter_mut().try_for_each(|own| Arc::make_mut(own).reserve(steps));
        reserved.map_err(|error| Error::Device(error.into()))
    }

    /// Whether what sinks hold after so many steps fits the budget; what they do not hold need not.
    ///
    /// **Errors** recordings that pass it.
    pub(super) fn fits(&mut self, steps: u64, sinks: &Given<'_, '_>) -> Result<(), Error> {
        let held: Vec<u64> = sinks.held().map(|held| recorded(held.iter())).collect();
        self.within(steps, held.len() as u64, held.iter().fold(sinks.take(), |sum, held| sum.saturating_add(*held)))
    }

    /// Holds the dense recordings of so many steps to the budget, each kept so many times, beside what is held already.
    fn within(&mut self, steps: u64, times: u64, held: u64) -> Result<(), Error> {
        let (plan, instances) = (&self.plan, u64::from(self.plan.instances));
        let all = |of: &dyn Fn(&Tap) -> u64| {
            plan.taps.iter().fold(0u64, |sum, tap| sum.saturating_add(of(tap))).saturating_mul(instances)
        };
        let sampled = |steps: u64| {
            all(&|tap| match (tap, tap.sampled()) {
                (_, Some((numbers, times))) => (numbers as u64).saturating_mul(steps / times.every + 1),
                (Tap::Rate { bin, .. }, None) => steps / bin + 1,
                (_, None) => 0,
            })
        };
        // on their way, before a mean or a sum is made of them
        let taken = |steps: u64| {
            all(&|tap| match tap.sampled() {
                Some((_, times)) => (tap.taken() as u64).saturating_mul(steps / times.every + 1),
                None => 0,
            })
        };
        // an upper bound, found without a list of parts: this is asked before every call of a few steps
        let new = sampled(steps).saturating_mul(8);
        self.room.dense = held.saturating_add(new.saturating_mul(times));
        let Some(budget) = self.room.budget else { return Ok(()) };
        let batch = taken(steps.min(LONGEST_BATCH.into())).saturating_mul(sample_bytes(self.room.number, instances));
        let left = budget.saturating_sub(self.room.planned);
        let one_step = taken(1).saturating_mul(sample_bytes(self.room.number, instances));
        let batch = batch.min(batch_bytes(left.saturating_sub(self.room.dense)).max(one_step));
        if self.room.dense.saturating_add(batch) <= left {
            return Ok(());
        }
        let terms = Terms::default().number(self.room.number).instances(plan.instances.into()).steps(steps);
        let memory = Memory::of(plan, terms);
        let dense = memory.of_kind(Kind::Recording);
        // what sinks that hold nothing are handed takes room too
        let more = dense.saturating_mul(times.max(1) - 1);
        let memory = if times == 0 { memory.without_recordings() } else { memory };
        Ok(memory.within(Some(budget.saturating_sub(held).saturating_sub(more)))?)
    }
}

/// Bytes of what has been recorded.
fn recorded<'r>(recordings: impl Iterator<Item = &'r Recording>) -> u64 {
    recordings.map(Recording::bytes).sum()
}
