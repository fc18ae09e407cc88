//! The room that a simulation may take: what is planned held to the budget, recordings reserved before a run, spikes counted
//! while it goes on, and the threads that all of it is made with.

use super::{Error, Network, Options, Precision, Simulation, models_of};
use crate::engine::Fault;
use crate::engine::cpu::CpuOptions;
use crate::network::checked::CheckedVariant;
use crate::network::{CheckedNetwork, Variant, check_within};
use crate::plan::memory::{Memory, Terms, bytes};
use crate::plan::{Plan, PlanOptions, Tap};
use crate::recording::Recording;
use crate::threads::{self, Threads};

/// The network and its variants in numbers, within the budget.
pub(super) fn checked(
    network: &Network,
    variants: &[Variant],
    options: &Options,
) -> Result<(CheckedNetwork, Vec<CheckedVariant>), Error> {
    let models = models_of(network)?;
    check_within(network, variants, &models, &options.folder, options.memory_budget).map_err(Error::Network)
}

/// Bytes of a number of the engine.
fn number(options: &Options) -> u64 {
    match options.precision {
        Precision::F32 => 4,
        Precision::F64 => 8,
    }
}

/// Steps whose recording is planned with the network.
fn steps(dt: f64, options: &Options) -> u64 {
    // a time beyond all counting saturates
    options.recorded.map_or(0, |time| (time / dt).round() as u64)
}

pub(super) fn terms(network: &CheckedNetwork, instances: u64, options: &Options) -> Terms {
    Terms::default().number(number(options)).instances(instances).steps(steps(network.dt, options))
}

pub(super) fn limits(network: &CheckedNetwork, options: &Options) -> PlanOptions {
    PlanOptions::default().budget(options.memory_budget).number(number(options)).steps(steps(network.dt, options))
}

pub(super) fn settings(options: &Options) -> CpuOptions {
    let defaults = CpuOptions::default();
    defaults.threads(options.threads.unwrap_or(0)).rows_per_worker(options.rows_per_thread.unwrap_or(defaults.rows_per_worker))
}

/// Synapses or rows that are worth a further thread while a network is built.
const WORK: u64 = 1 << 16;

/// The threads of a simulation: as many as were asked for (or cores), as far as building or running gives them work.
pub(super) fn threads(network: &CheckedNetwork, instances: u64, options: &Options) -> Result<Threads, Error> {
    let most = threads::most(options.threads);
    if most == 1 {
        return Ok(Threads::one());
    }
    let rows = network.populations.iter().map(|p| u64::from(p.size)).sum::<u64>().saturating_mul(instances);
    let synapses = Memory::synapses(network);
    let building = 1 + rows.saturating_add(synapses) / WORK;
    // groups are filled up to whole words
    let running = 1 + rows.saturating_add(64 * network.populations.len() as u64) / settings(options).rows_per_worker.max(1) as u64;
    let useful = usize::try_from(building.max(running)).unwrap_or(usize::MAX);
    Threads::new(most.min(useful)).map_err(|e| Error::Device(e.to_string()))
}

/// What is left for recordings.
pub(super) struct Room {
    budget: Option<u64>,
    /// Bytes of a number of the engine.
    number: u64,
    /// Bytes of all that is not recorded.
    planned: u64,
}

/// Bytes of a spike: its step and its neuron.
const SPIKE: u64 = 12;

impl Room {
    pub fn new(plan: &Plan, options: &Options) -> Room {
        let terms = Terms::default().number(number(options)).instances(plan.instances.into());
        Room { budget: options.memory_budget, number: terms.number, planned: Memory::of(plan, terms).bytes() }
    }

    /// Bytes that recordings may take.
    fn left(&self) -> Option<u64> {
        self.budget.map(|budget| budget.saturating_sub(self.planned))
    }

    /// The most samples that a batch may hold, of 16 bytes with those of the engine.
    pub fn samples(&self) -> u64 {
        const MOST: u64 = 100_000_000;
        self.left().map_or(MOST, |left| (left / 256).clamp(1000, MOST))
    }
}

impl Simulation {
    /// Room for the dense recordings of so many steps, before the first of them.
    ///
    /// **Errors** recordings that pass the budget, or what the machine gives.
    pub(super) fn reserve(&mut self, steps: u64) -> Result<(), Error> {
        let plan = self.plan.clone();
        let sampled = |tap: &Tap| match tap {
            Tap::State { rows, every, .. } => (rows.len() as u64).saturating_mul(steps / every + 1),
            Tap::Rate { bin, .. } => steps / bin + 1,
            Tap::Spikes { .. } => 0,
        };
        // an upper bound, found without a list of parts: this is asked before every call of a few steps
        let new =
            plan.taps.iter().fold(0u64, |sum, tap| sum.saturating_add(sampled(tap))).saturating_mul(8 * u64::from(plan.instances));
        if let Some(budget) = self.room.budget
            && self.recorded_bytes().saturating_add(new) > budget.saturating_sub(self.room.planned)
        {
            let terms = Terms::default().number(self.room.number).instances(plan.instances.into()).steps(steps);
            Memory::of(&plan, terms).within(Some(budget.saturating_sub(self.recorded_bytes())))?;
        }
        let states = plan.taps.iter().filter_map(|tap| match tap {
            Tap::State { rows, every, .. } => Some((rows.len() as u64).saturating_mul(steps / every + 1)),
            _ => None,
        });
        for (k, samples) in states.enumerate() {
            for recording in &mut self.recordings {
                let trace = &mut recording.traces[k];
                let asked = usize::try_from(samples).ok();
                // short runs grow as lists do: a run of one step after the other would be copied anew in each
                if samples <= SMALL {
                    continue;
                }
                if asked.is_none_or(|n| trace.values.try_reserve_exact(n).is_err()) {
                    let bytes = bytes(samples.saturating_mul(8));
                    let what = format!("the recording of {}.{} needs {bytes}", trace.population, trace.variable);
                    let help = "record less often (`every`), fewer neurons (`rows`), or a shorter time";
                    return Err(Error::Device(format!("{what}, more than this machine gives\n  help: {help}")));
                }
            }
        }
        Ok(())
    }

    /// Bytes of what has been recorded.
    pub(super) fn recorded_bytes(&self) -> u64 {
        let of = |r: &Recording| {
            let spikes = r.spikes.iter().map(|s| 8 * s.step.capacity() + 4 * s.neuron.capacity()).sum::<usize>();
            let traces = r.traces.iter().map(|t| 8 * t.values.len()).sum::<usize>();
            (spikes + traces + r.rates.iter().map(|r| 8 * r.count.len()).sum::<usize>()) as u64
        };
        self.recordings.iter().map(of).sum()
    }

    /// The fault of a run whose spikes there is no more room for.
    pub(super) fn full(&self, spikes: u64) -> Fault {
        let recorded: usize = self.recordings.iter().flat_map(|r| &r.spikes).map(|s| s.step.len()).sum();
        let need = self.recorded_bytes().saturating_add(2 * spikes * SPIKE);
        Fault::Memory { spikes: recorded as u64, need, left: self.room.left().unwrap_or(u64::MAX) }
    }

    /// Is there room for so many spikes more?
    pub(super) fn has_room(&self, spikes: u64) -> bool {
        let Some(left) = self.room.left() else { return true };
        // lists grow to twice their length
        self.recorded_bytes().saturating_add(2 * spikes.saturating_mul(SPIKE)) <= left
    }
}

/// Samples that are not worth a reservation.
const SMALL: u64 = 1 << 16;
