//! Where what is recorded goes, batch after batch, while a run goes on.
//!
//! In: the taps of a network before the first batch ([`Header`]), what they took in each ([`Committed`]), how the run ended
//! ([`Ended`]). Out: whatever the sink makes of it: a [`Recording`] in memory, a file, a few sums. A batch
//! that is handed over is committed: it is never taken back. Not here: what is recorded (`network::Probe`), who hands it over
//! ([`Simulation::run_into`](crate::Simulation::run_into)).
//!
//! The numbers are the same whatever the length of batches, and so is their order; where one batch ends and the next begins
//! means nothing.

use std::sync::Arc;

use super::file::FileError;
use super::lines::{Train, in_time};
use super::{Recording, Sites};
use crate::plan::memory::bytes;
use crate::plan::{Limit, PlacedPopulation, Plan, Reduction, RowSet, Sampling, Tap};

/// Takes what is recorded. The [guide](crate::guide::sinks) has one written from scratch.
///
/// The calls are one `begin`, any number of `batch`, one `end`; a sink that gave an error is called no more. All may begin
/// again after `end`.
pub trait Sink {
    /// What will come, before the first step.
    ///
    /// **Errors** whatever speaks against it: the run is not begun.
    fn begin(&mut self, header: &Header) -> Result<(), SinkError>;

    /// What the taps took in the steps that were just committed.
    ///
    /// **Errors** whatever went wrong: the run stops at these steps, and its state is that after them.
    fn batch(&mut self, batch: &Committed<'_>) -> Result<(), SinkError>;

    /// The run is over, whole or not: what was computed until then has been handed over.
    ///
    /// **Errors** whatever went wrong; the state of the run stays.
    fn end(&mut self, ended: &Ended<'_>) -> Result<(), SinkError>;

    /// The recordings that it holds in memory, an instance each, which are counted against the budget of memory before a run
    /// and while it goes on. `None`: what it gets is written or summed up at once, so that it need not be.
    fn held(&self) -> Option<&[Recording]> {
        None
    }

    /// Bytes that it takes for itself while a run goes on, however long that is. They are counted against the budget of memory.
    fn takes(&self) -> u64 {
        0
    }
}

/// What a run will record.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Header {
    /// The name of the network.
    pub network: String,
    /// SHA-256 of its description.
    pub network_hash: String,
    /// Of the network.
    pub seed: u64,
    /// ms
    pub dt: f64,
    /// The step at which it begins: what is recorded lies after it (time = step·dt).
    pub first_step: u64,
    /// Steps that are to be done. A run that is stopped does fewer.
    pub steps: u64,
    /// Copies of the network that run side by side; 1 unless it is an ensemble.
    pub instances: usize,
    /// The taps of each instance. What a batch holds of them stands in the same order.
    pub taps: Vec<TapHeader>,
    /// Where neurons are, of populations that have positions.
    pub positions: Vec<Sites>,
}

/// What one tap takes. Neurons are numbers within their population.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TapHeader {
    /// Spikes as they come.
    Spikes {
        /// Of which population.
        population: String,
        /// Neurons in the population, recorded or not.
        size: u32,
        /// The recorded ones; `None`: all.
        rows: Option<Vec<u32>>,
    },
    /// Spikes that are to be counted in bins. They are handed over as they come: who takes them counts.
    Rate {
        /// Of which population.
        population: String,
        /// Neurons whose spikes are counted.
        neurons: u32,
        /// Steps. Bin k holds steps `first_step + 1 + k·bin` up to, not at, `first_step + 1 + (k + 1)·bin`.
        bin: u64,
    },
    /// A state of synapses after every so many steps.
    Synapses {
        /// Of which projection.
        projection: String,
        /// The state.
        variable: String,
        /// The unit that the values count, such as `nS`.
        unit: String,
        /// The recorded synapses, by source, then target.
        rows: Vec<u32>,
        /// After which steps.
        times: Sampling,
    },
    /// A state of synapses after each step in which a spike of their source is at them. A batch has steps and synapses as it has
    /// those of spikes ([`Committed::spikes`]), and as many values ([`Committed::samples`]).
    AtSpikes {
        /// Of which projection.
        projection: String,
        /// The state.
        variable: String,
        /// The unit that the values count, such as `nS`.
        unit: String,
        /// Synapses of the projection, chosen or not.
        size: u32,
        /// The chosen ones, by source, then target; `None`: all.
        rows: Option<Vec<u32>>,
    },
    /// What is kept of a state of many synapses or neurons together, after every so many steps.
    Reduced {
        /// Of which projection, or population.
        projection: String,
        /// The state.
        variable: String,
        /// The unit that the values count, such as `nS`.
        unit: String,
        /// Is it a population, whose neurons are meant, and no projection?
        of_neurons: bool,
        /// Synapses of the projection or neurons of the population, chosen or not.
        size: u32,
        /// The chosen ones, by source, then target; `None`: all.
        rows: Option<Vec<u32>>,
        /// After which steps.
        times: Sampling,
        /// What a sample is: so many numbers as it says.
        reduction: Reduction,
    },
    /// A state, or a number that follows from states and inputs, after every so many steps.
    State {
        /// Of which population.
        population: String,
        /// The state.
        variable: String,
        /// The unit that the values count, such as `mV`.
        unit: String,
        /// The recorded neurons.
        rows: Vec<u32>,
        /// After which steps.
        times: Sampling,
    },
}

/// Spikes of one tap in one batch, by step, then neuron.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spikes {
    /// Time of spike k is `steps[k]·dt`.
    pub steps: Vec<u64>,
    /// Number within the population.
    pub neurons: Vec<u32>,
}

/// What the taps took in some steps. Everything is borrowed: what shall stay is copied.
#[derive(Clone, Copy, Debug)]
pub struct Committed<'a> {
    header: &'a Header,
    first: u64,
    steps: u32,
    spikes: &'a [Spikes],
    samples: &'a [Vec<f64>],
}

/// How a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended<'a> {
    /// Steps that were done and handed over since `begin`.
    pub steps: u64,
    /// Whether it reached its end.
    pub how: How<'a>,
    /// What there is to say of the network as it ran, a sentence each.
    pub remarks: &'a [String],
}

/// Whether a run reached its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum How<'a> {
    /// All steps were done.
    Whole,
    /// It was asked to stop.
    Stopped,
    /// It could not go on, and why: a fault of the network or the device, another sink that failed.
    Failed(&'a str),
}

/// Why a sink takes no more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// Files that could not be written; others of the same sink may be whole.
    #[error("{}", lines(.0))]
    Files(Vec<FileError>),
    /// The machine does not give the memory that it asked for.
    #[error(transparent)]
    Memory(#[from] NoRoom),
    /// Anything else.
    #[error("{0}")]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

/// The machine gives no memory for a recording.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the recording of {population}.{variable} needs {}, more than this machine gives\n  help: {REMEDY}",
    bytes(*.need)
)]
pub struct NoRoom {
    /// Whose state is recorded.
    pub population: String,
    /// The state.
    pub variable: String,
    /// Bytes of its samples.
    pub need: u64,
}

const REMEDY: &str = "record less often (`every`), fewer neurons (`rows`), or a shorter time";

impl NoRoom {
    /// What is too much of what.
    pub fn limit(&self) -> Limit {
        let part = format!("the recording of {}.{}", self.population, self.variable);
        Limit { part, unit: "bytes", need: self.need, limit: None, remedy: REMEDY }
    }
}

impl From<FileError> for SinkError {
    fn from(error: FileError) -> SinkError {
        SinkError::Files(vec![error])
    }
}

impl From<String> for SinkError {
    fn from(message: String) -> SinkError {
        SinkError::Other(message.into())
    }
}

impl From<&str> for SinkError {
    fn from(message: &str) -> SinkError {
        SinkError::Other(message.into())
    }
}

fn lines(errors: &[FileError]) -> String {
    errors.iter().map(FileError::to_string).collect::<Vec<_>>().join("\n")
}

impl Header {
    /// What a plan's taps take in so many steps from a step on.
    pub fn new(plan: &Plan, first_step: u64, steps: u64) -> Header {
        let taps = plan.taps.iter().map(|tap| match tap {
            Tap::Spikes { population, rows, .. } => {
                let place = plan.place(*population);
                let all = rows.len() == place.size as usize;
                TapHeader::Spikes { population: place.name.clone(), size: place.size, rows: (!all).then(|| listed(rows)) }
            }
            Tap::Rate { population, rows, bin } => {
                TapHeader::Rate { population: plan.place(*population).name.clone(), neurons: rows.len() as u32, bin: *bin }
            }
            Tap::Synapses { name, state, rows, times } => {
                let (variable, unit) = (state.name.clone(), state.dimension.unit());
                TapHeader::Synapses { projection: name.clone(), variable, unit, rows: listed(rows), times: *times }
            }
            Tap::AtSpikes { name, state, rows, size } => {
                let rows = (rows.len() < *size as usize).then(|| listed(rows));
                let (projection, variable, unit) = (name.clone(), state.name.clone(), state.dimension.unit());
                TapHeader::AtSpikes { projection, variable, unit, size: *size, rows }
            }
            Tap::Reduced { name, state, rows, size, times, reduction } => {
                let (variable, unit) = (state.name.clone(), state.dimension.unit());
                let rows = (rows.len() < *size as usize).then(|| listed(rows));
                let (projection, reduction) = (name.clone(), reduction.clone());
                let (of_neurons, size, times) = (false, *size, *times);
                TapHeader::Reduced { projection, variable, unit, of_neurons, size, rows, times, reduction }
            }
            Tap::State { population, column, rows, times, reduction } => {
                let place = plan.place(*population);
                let state = &plan.groups[place.group].rule.states[*column as usize];
                let (variable, unit) = (state.name.trim_start().to_owned(), state.dimension.unit());
                if let Some(reduction) = reduction.clone() {
                    let (projection, of_neurons, size, times) = (place.name.clone(), true, place.size, *times);
                    let rows = (rows.len() < size as usize).then(|| listed(rows));
                    return TapHeader::Reduced { projection, variable, unit, of_neurons, size, rows, times, reduction };
                }
                TapHeader::State { population: place.name.clone(), variable, unit, rows: listed(rows), times: *times }
            }
        });
        Header {
            network: plan.name.clone(),
            network_hash: plan.network_hash.clone(),
            seed: plan.seed,
            dt: plan.dt,
            first_step,
            steps,
            instances: plan.instances as usize,
            taps: taps.collect(),
            positions: plan.populations.iter().filter_map(sites).collect(),
        }
    }

    /// Refuses an ensemble, where a sink takes one network alone.
    ///
    /// **Errors** several instances.
    pub fn alone(&self) -> Result<(), SinkError> {
        match self.instances {
            1 => Ok(()),
            n => Err(format!("this sink takes one network, and an ensemble of {n} was run into it").into()),
        }
    }
}

impl<'a> Ended<'a> {
    /// An end, for who hands batches over and for tests of a sink.
    pub fn new(steps: u64, how: How<'a>, remarks: &'a [String]) -> Ended<'a> {
        Ended { steps, how, remarks }
    }
}

/// Where the neurons of a population are, if anywhere.
fn sites(place: &PlacedPopulation) -> Option<Sites> {
    Some(Sites { population: place.name.clone(), um: Arc::new(place.positions_um()?) })
}

fn listed(rows: &RowSet) -> Vec<u32> {
    rows.iter().collect()
}

impl TapHeader {
    /// The name of the population or projection that it looks at.
    pub fn population(&self) -> &str {
        match self {
            TapHeader::Synapses { projection, .. }
            | TapHeader::Reduced { projection, .. }
            | TapHeader::AtSpikes { projection, .. } => projection,
            TapHeader::Spikes { population, .. } | TapHeader::Rate { population, .. } | TapHeader::State { population, .. } => {
                population
            }
        }
    }
}

impl<'a> Committed<'a> {
    /// A batch, for who hands it over and for tests of a sink.
    ///
    /// **Shape** `spikes` and `samples`: a place for each tap, instance after instance; empty where the tap takes no such
    /// thing. Samples: sample by sample a number per row.
    pub fn new(header: &'a Header, first: u64, steps: u32, spikes: &'a [Spikes], samples: &'a [Vec<f64>]) -> Committed<'a> {
        Committed { header, first, steps, spikes, samples }
    }

    /// What `begin` was told.
    pub fn header(&self) -> &'a Header {
        self.header
    }

    /// The steps of the batch, each named by its end: the first that may hold a spike, up to and with the last.
    pub fn steps(&self) -> std::ops::RangeInclusive<u64> {
        self.first + 1..=self.first + u64::from(self.steps)
    }

    /// Spikes of a tap (spikes or rate) of an instance: their steps and neurons, by step, then neuron.
    pub fn spikes(&self, instance: usize, tap: usize) -> (&'a [u64], &'a [u32]) {
        self.spikes.get(instance * self.header.taps.len() + tap).map_or((&[], &[]), |s| (&s.steps, &s.neurons))
    }

    /// Samples of a tap of a state of an instance: sample by sample a number per row, or what is kept of all rows together.
    pub fn samples(&self, instance: usize, tap: usize) -> &'a [f64] {
        self.samples.get(instance * self.header.taps.len() + tap).map_or(&[], Vec::as_slice)
    }

    /// The spikes of an instance that taps keep, all together: calls for each step and tap that has any, by step, then tap, with the neurons
    /// in order.
    pub fn in_time(&self, instance: usize, each: impl FnMut(u64, usize, &[u32])) {
        in_time(&self.trains(instance), each);
    }

    /// By tap: the spikes of an instance, where it keeps them.
    pub(super) fn trains(&self, instance: usize) -> Vec<Train<'a>> {
        let keeps = |tap: usize| matches!(self.header.taps[tap], TapHeader::Spikes { .. });
        let empty: Train<'a> = (&[], &[]);
        (0..self.header.taps.len()).map(|tap| if keeps(tap) { self.spikes(instance, tap) } else { empty }).collect()
    }

    /// The steps of the samples of a tap that takes them at these times.
    pub fn sampled(&self, times: Sampling) -> impl Iterator<Item = u64> + use<> {
        let (before, end) = (self.first, *self.steps().end());
        std::iter::successors(times.next(before), move |step| times.next(*step)).take_while(move |step| *step <= end)
    }
}
