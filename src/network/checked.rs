//! A network in which nothing is wrong: every name is a place in a list, every value a number in internal units.
//!
//! Only `check` makes a [`CheckedNetwork`]. Edges are still rules; [`super::connector::build`] draws them.

use std::sync::Arc;

use super::Which;
use crate::diagnostic::Remark;
use crate::model::{BoundSynapse, NeuronModel};

/// Which population, in the order of the description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PopulationId(pub u32);

/// A number per row, or one for all rows. Internal units.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    Shared(f64),
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
}

/// The description with every word settled.
#[derive(Clone, Debug)]
pub struct CheckedNetwork {
    pub name: String,
    /// ms
    pub dt: f64,
    /// ms
    pub duration: Option<f64>,
    pub seed: u64,
    /// SHA-256 of the description (as canonical JSON, tables of files included), as hexadecimal text.
    pub hash: String,
    pub populations: Vec<CheckedPopulation>,
    pub projections: Vec<CheckedProjection>,
    pub stimuli: Vec<CheckedStimulus>,
    pub probes: Vec<CheckedProbe>,
    pub inputs: Vec<CheckedInput>,
    pub outputs: Vec<CheckedOutput>,
    /// What a user should know though it is no error: delays that were rounded, spike times moved to the grid.
    pub remarks: Vec<Remark>,
}

#[derive(Clone, Debug)]
pub struct CheckedPopulation {
    pub name: String,
    pub model: Arc<NeuronModel>,
    /// The method asked for by the population, else by the model text; `None`: chosen by the integrator.
    pub method: Option<String>,
    pub size: u32,
    /// One to three sizes whose product is `size`.
    pub shape: Vec<u32>,
    /// By place in [`NeuronModel::params`]; defaults have been worked out.
    pub params: Vec<Column>,
    /// By place in [`NeuronModel::states`]; `None`: the model's own initial value.
    pub initial: Vec<Option<Column>>,
    /// Steps at which listed sources spike (time = step·dt, at least 1), ascending per neuron.
    pub spike_steps: Option<Vec<Vec<u64>>>,
}

#[derive(Clone, Debug)]
pub struct CheckedProjection {
    /// The given name, else `source -> target`.
    pub name: String,
    pub source: PopulationId,
    pub target: PopulationId,
    pub connector: CheckedConnector,
    /// In steps, at least 1 (ignored for graded synapses).
    pub delay: EdgeValue,
    pub synapse: CheckedSynapse,
}

/// What an edge does.
#[derive(Clone, Debug)]
pub enum CheckedSynapse {
    /// Each spike adds the weight to one port of the target.
    Static {
        /// By place in the target's [`NeuronModel::ports`].
        port: u32,
        weight: EdgeValue,
    },
    /// A synapse model with its parameters, by place in [`SynapseModel::params`](crate::model::SynapseModel). Projections of one
    /// model between the same models share it.
    Model { synapse: Arc<BoundSynapse>, params: Vec<EdgeValue> },
}

/// A connector whose numbers are possible for the two populations.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckedConnector {
    AllToAll,
    OneToOne,
    FixedProbability {
        p: f64,
        autapses: bool,
    },
    FixedIndegree {
        n: u32,
        autapses: bool,
        multapses: bool,
    },
    FixedOutdegree {
        n: u32,
        autapses: bool,
        multapses: bool,
    },
    FixedTotal {
        n: u64,
        autapses: bool,
        multapses: bool,
    },
    /// From a list, a matrix or a file; synapse k joins `source[k]` to `target[k]`.
    List {
        source: Vec<u32>,
        target: Vec<u32>,
    },
}

/// A value of every edge of a projection.
#[derive(Clone, Debug, PartialEq)]
pub enum EdgeValue {
    Shared(f64),
    /// One per synapse in the order of the list (list, matrix, file), or one per source (one to one).
    List(Vec<f64>),
    /// Drawn per synapse.
    Draw(Draw),
    /// Some synapses have numbers of their own: one for all that are named, or one each; of two for one the last holds.
    Except(Box<EdgeValue>, Vec<(Which, Vec<f64>)>),
}

impl EdgeValue {
    /// Are any of them drawn?
    pub fn drawn(&self) -> bool {
        match self {
            EdgeValue::Draw(_) => true,
            EdgeValue::Except(others, _) => others.drawn(),
            EdgeValue::Shared(_) | EdgeValue::List(_) => false,
        }
    }

    /// The number of a synapse; `None` where it is drawn, or there is none.
    pub(crate) fn known(&self, edge: usize) -> Option<f64> {
        match self {
            EdgeValue::Shared(x) => Some(*x),
            EdgeValue::List(list) => list.get(edge).copied(),
            EdgeValue::Draw(_) | EdgeValue::Except(..) => None,
        }
    }

    /// How many numbers there are to look at.
    pub(crate) fn count(&self) -> usize {
        match self {
            EdgeValue::List(list) => list.len(),
            _ => 1,
        }
    }
}

/// A distribution in internal units.
#[derive(Clone, Debug, PartialEq)]
pub struct Draw {
    pub law: Law,
    pub min: f64,
    pub max: f64,
    pub outside: super::value::Outside,
    /// The draw is divided by this and rounded to the nearest whole number, at least 1 (delays: dt).
    pub grid: Option<f64>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    Uniform {
        low: f64,
        high: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
    },
    /// exp(ln(median) + sigma·N(0, 1)); the median is larger than 0.
    Lognormal {
        median: f64,
        sigma: f64,
    },
    Choice {
        of: Vec<f64>,
        cumulative: Vec<f64>,
    },
}

#[derive(Clone, Debug)]
pub struct CheckedStimulus {
    pub name: String,
    pub target: PopulationId,
    /// Ascending, without repeats.
    pub rows: RowSet,
    /// First step at whose start it is on.
    pub start: u64,
    /// First step at whose start it is off again; `u64::MAX`: never.
    pub stop: u64,
    pub waveform: CheckedWaveform,
}

/// Rows of a population.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowSet {
    Range(std::ops::Range<u32>),
    List(Vec<u32>),
}

impl RowSet {
    pub fn len(&self) -> usize {
        match self {
            RowSet::Range(r) => r.len(),
            RowSet::List(l) => l.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of a row among these.
    pub fn place(&self, row: u64) -> Option<usize> {
        let row = u32::try_from(row).ok()?;
        match self {
            RowSet::Range(r) => r.contains(&row).then(|| (row - r.start) as usize),
            RowSet::List(l) => l.binary_search(&row).ok(),
        }
    }

    pub fn iter(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        match self {
            RowSet::Range(r) => Box::new(r.clone()),
            RowSet::List(l) => Box::new(l.iter().copied()),
        }
    }
}

/// Amplitudes are columns over the rows of the stimulus (not of the population).
#[derive(Clone, Debug, PartialEq)]
pub enum CheckedWaveform {
    Constant {
        input: u32,
        amplitude: Column,
    },
    /// `amplitudes[k]` from step `steps[k]` on.
    Steps {
        input: u32,
        steps: Vec<u64>,
        amplitudes: Vec<f64>,
    },
    /// Frequency in 1/ms; time from the start of the stimulus.
    Sine {
        input: u32,
        amplitude: Column,
        frequency: f64,
        phase: f64,
        offset: f64,
    },
    /// Redrawn every `interval` steps.
    Noise {
        input: u32,
        mean: Column,
        sd: Column,
        interval: u64,
    },
    /// `mean` events a step (rate·sources·dt), each adding `weight` to the port.
    Poisson {
        port: u32,
        mean: Column,
        weight: Column,
    },
    /// Sample k from the step nearest to `start + k·interval` on, 0 after the last; one column per sample.
    Array {
        input: u32,
        samples: Vec<Column>,
        /// In steps, 1 or more; need not be whole.
        interval: f64,
    },
    /// Set by `step(&input)`: one number per row, in the order of the stimuli; times `scale`.
    External {
        input: u32,
        scale: f64,
    },
}

/// What one instance of an ensemble has of its own.
#[derive(Clone, Debug, Default)]
pub struct CheckedVariant {
    pub label: String,
    pub seed: Option<u64>,
    /// Ascending.
    pub populations: Vec<OwnValues>,
    /// By projection, ascending: numbers for parameters of its graded synapse model, by place.
    pub synapses: Vec<(u32, Vec<Option<f64>>)>,
    /// Factors that are not 1 on what arrives: population, port by place in its model.
    pub port_factors: Vec<(PopulationId, u32, f64)>,
    /// Factors that are not 1 on the level of stimuli.
    pub stimulus_factors: Vec<(u32, f64)>,
}

/// All parameters and initial values of a population in one instance.
#[derive(Clone, Debug)]
pub struct OwnValues {
    pub population: PopulationId,
    /// As [`CheckedPopulation::params`].
    pub params: Vec<Column>,
    /// As [`CheckedPopulation::initial`].
    pub initial: Vec<Option<Column>>,
}

/// A number that a program gives: `offset + x·scale` flows into the rows of an external stimulus.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedInput {
    pub name: String,
    /// By place in [`CheckedNetwork::stimuli`].
    pub stimulus: u32,
    /// A number for each row; else one for all.
    pub per_neuron: bool,
    pub scale: f64,
    pub offset: f64,
}

/// Numbers that a program reads: `(state - offset)/scale` of each row.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedOutput {
    pub name: String,
    pub population: PopulationId,
    pub read: Read,
    pub rows: RowSet,
    pub scale: f64,
    pub offset: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// By place in [`NeuronModel::states`].
    State(u32),
    /// 1 where the row spiked in the step that has just ended.
    Spikes,
}

#[derive(Clone, Debug)]
pub struct CheckedProbe {
    pub population: PopulationId,
    pub record: Record,
    pub rows: RowSet,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    Spikes,
    /// Spikes of the chosen rows, counted in bins of so many steps.
    Rate {
        bin: u64,
    },
    /// A state (by place in [`NeuronModel::states`]) after every so many steps.
    State {
        state: u32,
        every: u64,
    },
}
