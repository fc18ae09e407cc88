//! A network in which nothing is wrong: every name is a place in a list, every value a number in internal units.
//!
//! Only `check` makes a [`CheckedNetwork`]. Edges are still rules; [`super::connector::build`] draws them.

use std::sync::Arc;

use glam::DVec3;

use super::EdgeStorage;
pub use super::connector::CheckedConnector;
use super::connector::Ends;
pub use super::course::{Course, Moves, Windows};
pub use super::edge_value::{Draw, EdgeValue, Law, OfPair};
pub use super::row_set::RowSet;
use crate::diagnostic::Remark;
pub use crate::model::integrate::Watched;
use crate::model::{BoundSynapse, Method, NeuronModel};
use crate::network::reduction::Reduction;

mod variant;

pub use variant::{CheckedVariant, OwnEdges, OwnStimulus, OwnValues};

/// Which population, in the order of the description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PopulationId(pub u32);

/// A number per row, or one for all rows. Internal units.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// One number for all rows.
    Shared(f64),
    /// A number for each row.
    PerRow(Vec<f64>),
}

impl Column {
    /// The value of a row.
    pub fn get(&self, row: usize) -> f64 {
        match self {
            Column::Shared(x) => *x,
            Column::PerRow(list) => list[row],
        }
    }

    /// Does any of its numbers satisfy this?
    pub fn any(&self, test: impl Fn(f64) -> bool) -> bool {
        match self {
            Column::Shared(x) => test(*x),
            Column::PerRow(list) => list.iter().any(|x| test(*x)),
        }
    }
}

closed! {
    /// The description with every word settled.
    ///
    /// The check alone makes one, and nobody changes it:
    /// ```compile_fail,E0616
    /// fn changed(it: &mut synfire::network::CheckedNetwork) {
    ///     it.dt = 1.0;
    /// }
    /// ```
    #[derive(Clone, Debug)]
    pub struct CheckedNetwork {
        /// As it was given; may be empty.
        name: String => [&str],
        /// ms
        dt: f64 => [f64],
        /// ms
        duration: Option<f64> => [Option<f64>],
        /// Of everything that is drawn.
        seed: u64 => [u64],
        /// SHA-256 of the description (as canonical JSON, tables of files included), as hexadecimal text.
        hash: String => [&str],
        /// In the order of the description, as [`PopulationId`] counts them.
        populations: Vec<CheckedPopulation> => [&[CheckedPopulation]],
        /// In the order of the description.
        projections: Vec<CheckedProjection> => [&[CheckedProjection]],
        /// In the order of the description.
        stimuli: Vec<CheckedStimulus> => [&[CheckedStimulus]],
        /// In the order of the description.
        probes: Vec<CheckedProbe> => [&[CheckedProbe]],
        /// Numbers that a program gives, in the order of the description.
        inputs: Vec<CheckedInput> => [&[CheckedInput]],
        /// Numbers that a program reads, in the order of the description.
        outputs: Vec<CheckedOutput> => [&[CheckedOutput]],
        /// What a user should know though it is no error: delays that were rounded, spike times moved to the grid.
        remarks: Vec<Remark> => [&[Remark]],
        /// Of the remarks the last so many are about variants that were checked with it.
        varied: usize => [usize],
    }
}

/// Neurons of one model, with a number for everything that the model leaves open.
#[derive(Clone, Debug)]
pub struct CheckedPopulation {
    /// As it was given.
    pub name: String,
    /// The model of every neuron.
    pub model: Arc<NeuronModel>,
    /// The method asked for by the population, else by the model text; `None`: chosen by the integrator.
    pub method: Option<Method>,
    /// Number of neurons.
    pub size: u32,
    /// One to three sizes whose product is `size`.
    pub shape: Vec<u32>,
    /// By place in [`NeuronModel::params`]; defaults have been worked out.
    pub params: Vec<Column>,
    /// By place in [`NeuronModel::states`]; `None`: the model's own initial value.
    pub initial: Vec<Option<Column>>,
    /// Steps at which listed sources spike (time = step·dt, at least 1), ascending per neuron.
    pub spike_steps: Option<Vec<Vec<u64>>>,
    /// Where its neurons are; `None`: nowhere.
    pub positions: Option<Arc<Vec<DVec3>>>,
}

/// Synapses from one population to another, as a rule that has not drawn them yet.
#[derive(Clone, Debug)]
pub struct CheckedProjection {
    /// The given name, else `source -> target`.
    pub name: String,
    /// Where spikes come from.
    pub source: PopulationId,
    /// Where they arrive.
    pub target: PopulationId,
    /// The neurons of source and target that the connector counts, where these are not all.
    pub rows: Option<Box<[RowSet; 2]>>,
    /// Who is connected to whom.
    pub connector: CheckedConnector,
    /// In steps, at least 1 (ignored for graded synapses).
    pub delay: EdgeValue,
    /// What each synapse does.
    pub synapse: CheckedSynapse,
    /// The same synapse model from target to source, where each synapse acts both ways.
    pub back: Option<Arc<BoundSynapse>>,
    /// By place in [`SynapseModel::modulators`](crate::model::SynapseModel); `None`: what the model says.
    pub modulators: Vec<Option<ModulatorSource>>,
    /// Steps by which its graded synapses read their source late; 0: as it is at the start of the step.
    pub late: u32,
    /// How its synapses are kept; `None`: as memory allows.
    pub storage: Option<EdgeStorage>,
}

impl CheckedProjection {
    /// The two ends as the connector counts them, of populations of these sizes.
    pub fn ends(&self, sources: u32, targets: u32) -> Ends {
        ends(self.source == self.target, self.rows.as_deref(), sources, targets)
    }
}

/// The same, whether or not they are one population.
pub(super) fn ends(same_population: bool, rows: Option<&[RowSet; 2]>, sources: u32, targets: u32) -> Ends {
    match rows {
        None => Ends { sources, targets, same_population },
        Some([from, to]) => {
            // the same rows in the same order: neuron k of one end is neuron k of the other
            let same_population = same_population && from.iter().eq(to.iter());
            Ends { sources: from.len() as u32, targets: to.len() as u32, same_population }
        }
    }
}

/// Where a modulator of synapses comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModulatorSource {
    /// A state of neurons.
    State {
        /// Whose.
        population: PopulationId,
        /// By place in [`NeuronModel::states`].
        state: u32,
        /// Each target has a neuron of its own there; else there is one for all.
        each: bool,
    },
    /// What a program gives in each step.
    Input {
        /// By place in [`CheckedNetwork::inputs`].
        input: u32,
        /// Each target has a number of its own; else there is one for all.
        each: bool,
    },
}

/// What an edge does.
#[derive(Clone, Debug)]
pub enum CheckedSynapse {
    /// Each spike adds the weight to one port of the target.
    Static {
        /// By place in the target's [`NeuronModel::ports`].
        port: u32,
        /// What a spike adds, in the unit of the port.
        weight: EdgeValue,
    },
    /// A synapse model with its parameters, by place in [`SynapseModel::params`](crate::model::SynapseModel). Projections of one
    /// model between the same models share it.
    Model {
        /// Bound to the models of the two ends.
        synapse: Arc<BoundSynapse>,
        /// In internal units.
        params: Vec<EdgeValue>,
    },
}

/// Input from outside onto some rows of a population.
#[derive(Clone, Debug)]
pub struct CheckedStimulus {
    /// As it was given, or from what it drives.
    pub name: String,
    /// The population that it drives.
    pub target: PopulationId,
    /// Ascending, without repeats.
    pub rows: RowSet,
    /// When it is on.
    pub on: Windows,
    /// It holds a state at the level of its waveform, whose `input` is then the place of the state among the model's.
    pub clamps: bool,
    /// What it does while it is on.
    pub waveform: CheckedWaveform,
}

/// Amplitudes are columns over the rows of the stimulus (not of the population).
#[derive(Clone, Debug, PartialEq)]
pub enum CheckedWaveform {
    /// The same for as long as it is on.
    Constant {
        /// By place in the model's inputs.
        input: u32,
        /// By row.
        amplitude: Column,
    },
    /// `amplitudes[k]` from step `steps[k]` on.
    Steps {
        /// By place in the model's inputs.
        input: u32,
        /// Ascending.
        steps: Vec<u64>,
        /// One for each of the steps.
        amplitudes: Vec<f64>,
    },
    /// `offset + amplitude·course`, time from the start of the window.
    Course {
        /// By place in the model's inputs.
        input: u32,
        /// By row.
        amplitude: Column,
        /// The same for all rows.
        course: Course,
        /// By row.
        offset: Column,
    },
    /// Redrawn every `interval` steps.
    Noise {
        /// By place in the model's inputs.
        input: u32,
        /// By row.
        mean: Column,
        /// Standard deviation, by row.
        sd: Column,
        /// Steps for which a draw is held.
        interval: u64,
    },
    /// Noise with a memory, moved on exactly by each step; it begins with a draw of its law.
    OrnsteinUhlenbeck {
        /// By place in the model's inputs.
        input: u32,
        /// By row.
        mean: Column,
        /// Standard deviation, by row.
        sd: Column,
        /// **Units** ms.
        tau: f64,
    },
    /// `mean` events a step (rate·sources·dt), each adding `weight` to the port.
    Poisson {
        /// By place in [`NeuronModel::ports`].
        port: u32,
        /// Events a step, by row.
        mean: Column,
        /// What an event adds, by row.
        weight: Column,
        /// How the rate changes, where it does; `mean` is then the largest.
        moves: Option<Moves>,
    },
    /// Sample k from the step nearest to k·`interval` after the start of the window on, 0 after the last; one column per sample.
    Array {
        /// By place in the model's inputs.
        input: u32,
        /// A column for each sample.
        samples: Vec<Column>,
        /// In steps, 1 or more; need not be whole.
        interval: f64,
    },
    /// Set by `step(&input)`: one number per row, in the order of the stimuli; times `scale`.
    External {
        /// By place in the model's inputs.
        input: u32,
        /// Internal units in one of the unit that is given.
        scale: f64,
    },
}

impl CheckedWaveform {
    /// The continuous input that it drives, or the state that it holds; `None`: its events arrive at a port.
    pub fn input(&self) -> Option<u32> {
        match self {
            CheckedWaveform::Constant { input, .. }
            | CheckedWaveform::Steps { input, .. }
            | CheckedWaveform::Course { input, .. }
            | CheckedWaveform::Noise { input, .. }
            | CheckedWaveform::OrnsteinUhlenbeck { input, .. }
            | CheckedWaveform::Array { input, .. }
            | CheckedWaveform::External { input, .. } => Some(*input),
            CheckedWaveform::Poisson { .. } => None,
        }
    }
}

/// A number that a program gives: `offset + x·scale` flows into the rows of an external stimulus.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedInput {
    /// As it was given.
    pub name: String,
    /// By place in [`CheckedNetwork::stimuli`].
    pub stimulus: u32,
    /// A number for each row; else one for all.
    pub per_neuron: bool,
    /// Internal units in one of what is given.
    pub scale: f64,
    /// **Units** internal.
    pub offset: f64,
}

/// Numbers that a program reads: `(state - offset)/scale` of each row.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedOutput {
    /// As it was given.
    pub name: String,
    /// Whose rows are read.
    pub population: PopulationId,
    /// What of them.
    pub read: Read,
    /// Which of them.
    pub rows: RowSet,
    /// Internal units in one of what is read.
    pub scale: f64,
    /// **Units** internal.
    pub offset: f64,
}

/// What an output reads of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// By place in [`NeuronModel::states`].
    State(u32),
    /// 1 where the row spiked in the step that has just ended.
    Spikes,
}

/// Something that is recorded of a population.
#[derive(Clone, Debug)]
pub struct CheckedProbe {
    /// Of which.
    pub population: PopulationId,
    /// What of it.
    pub record: Record,
    /// Of which rows.
    pub rows: RowSet,
}

/// The steps after which a probe looks: `first`, `first + every`, ..., all of them before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sampling {
    /// Steps from sample to sample; at least 1.
    pub every: u64,
    /// At least 1: the state before the first step is no sample.
    pub first: u64,
    /// `u64::MAX`: there is none.
    pub end: u64,
}

impl Sampling {
    /// After each step that is a multiple.
    pub fn every(every: u64) -> Sampling {
        Sampling { every: every.max(1), first: every.max(1), end: u64::MAX }
    }

    /// Does it look after so many steps?
    pub fn is_due(&self, step: u64) -> bool {
        step >= self.first && step < self.end && (step - self.first).is_multiple_of(self.every)
    }

    /// How often it has looked after so many steps.
    pub fn until(&self, step: u64) -> u64 {
        step.min(self.end - 1).checked_sub(self.first).map_or(0, |since| since / self.every + 1)
    }

    /// After which step it looks next, once so many are done; `None`: it looks no more.
    pub fn next(&self, step: u64) -> Option<u64> {
        let next = self.until(step).checked_mul(self.every)?.checked_add(self.first)?;
        (next < self.end).then_some(next)
    }
}

/// What is recorded.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// Every spike: its step and its neuron. In the steps that the probe is about.
    Spikes {
        /// The first step whose spikes are recorded.
        first: u64,
        /// Up to, not at, this step.
        end: u64,
    },
    /// Spikes of the chosen rows, counted in bins of so many steps.
    Rate {
        /// Steps of a bin.
        bin: u64,
    },
    /// A state (by place in [`NeuronModel::states`]) after every so many steps.
    State {
        /// Which state.
        state: u32,
        /// After which steps.
        times: Sampling,
        /// What is kept of a sample; `None`: each value.
        reduce: Option<Reduction>,
    },
    /// A number of a neuron that is no state, after every so many steps.
    Watched {
        /// Which.
        watched: Watched,
        /// After which steps.
        times: Sampling,
        /// What is kept of a sample; `None`: each value.
        reduce: Option<Reduction>,
    },
    /// A state of synapses after every so many steps; rows are synapses, by source, then target. Up to `u32::MAX`: all.
    Synapse {
        /// By place in [`CheckedNetwork::projections`].
        projection: u32,
        /// By place in the states of its synapse model.
        state: u32,
        /// After which steps.
        times: Sampling,
        /// What is kept of a sample; `None`: each value.
        reduce: Option<CheckedReduce>,
    },
    /// A state of synapses after each step in which a spike of their source is there; rows as those of [`Record::Synapse`].
    AtSpikes {
        /// By place in [`CheckedNetwork::projections`].
        projection: u32,
        /// By place in the states of its synapse model.
        state: u32,
    },
}

/// What is kept of a sample.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckedReduce {
    /// Settled.
    Settled(Reduction),
    /// A histogram of so many bins over the range that the model gives the state.
    OverRange(u64),
}
