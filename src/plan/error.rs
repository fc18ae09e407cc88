//! Why a checked network cannot be planned, and whom it is about.

use super::bytes;
use crate::model::integrate::MethodError;
use crate::model::rule::NoValue;
use crate::network::connector::ConnectorError;
use crate::random::{PoissonError, StreamError};

/// Why a checked network cannot be planned.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    #[error("population {population}: {error}")]
    Method { population: String, error: MethodError },
    #[error("{projection}: {error}")]
    SynapseMethod { projection: String, error: MethodError },
    #[error("{projection}: the initial value of `{state}` comes out as {value}; it must be a finite number below 3.4e38")]
    SynapseState { projection: String, state: String, value: f64 },
    #[error("{projection}: {error}")]
    Connector { projection: String, error: ConnectorError },
    #[error(
        "{projection}: `on_pre` of `{synapse}` reads `{end}.{name}`, which is a state; what a spike adds may depend on parameters alone\n  help: use a `graded` line, or a parameter"
    )]
    Folding { projection: String, synapse: String, end: &'static str, name: String },
    #[error(
        "population {population}: this value needs other states than those that run{why}\n  help: compile the network anew with it"
    )]
    States { population: String, why: String },
    #[error("{projection}: {why}")]
    Exception { projection: String, why: String },
    #[error("{projection}: drawn values: {why}\n  help: give the distribution bounds: `min`, `max`")]
    Parameter { projection: String, why: String },
    #[error("{projection}: the weight of synapse {edge} is {value}; weights are finite numbers below 3.4e38")]
    Weight { projection: String, edge: usize, value: f64 },
    #[error("{stimulus}: {error}")]
    Poisson { stimulus: String, error: PoissonError },
    #[error(
        "{projection}: `on_pre` of `{synapse}` reads `t` or what arrives; what a spike adds may depend on parameters alone\n  help: use a `graded` line, or a parameter"
    )]
    FoldingTime { projection: String, synapse: String },
    #[error("a bug in synfire: {projection}: {what} is missing")]
    Missing { projection: String, what: String },
    #[error("a bug in synfire: {part}: a number that is worked out before the run depends on {leaf}")]
    NoValue { part: String, leaf: NoValue },
    #[error(
        "instance {instance}: a refractory time of {steps} steps in {label}; an instance may have more than 16,777,216 only where the network has too\n  help: give such a time in the network itself"
    )]
    Refractory { instance: String, label: String, steps: f64 },
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error(
        "{weak}: its weights ({weakest} {unit}) and those of {strong} ({strongest} {unit}) are too far apart to meet at port `{port}`: in single precision and on a GPU arrivals are summed as whole numbers, and two scales of them cannot hold both to 1 in 10,000\n  help: let one of them arrive at a port of its own; two `input` lines of a model may feed one state"
    )]
    Scales { weak: String, weakest: String, strong: String, strongest: String, port: String, unit: String },
    #[error(
        "{projection}: its weights ({weights} {unit}) are too far apart, or too many onto one neuron, for port `{port}`: in single precision and on a GPU arrivals are summed as whole numbers, and two scales of them cannot hold all to 1 in 10,000\n  help: make it two projections that arrive at ports of their own; two `input` lines of a model may feed one state"
    )]
    Spread { projection: String, weights: String, port: String, unit: String },
    #[error(
        "{projection}: its weights ({weights} {unit}) at port `{port}` are smaller than sums in single precision can hold to 1 in 10,000\n  help: use 0, or weights above 1e-34 {unit}"
    )]
    TooSmall { projection: String, weights: String, port: String, unit: String },
    #[error(
        "{instance}: the factor {factor:e} on what arrives at port `{port}` of {population} takes its sums out of what single precision holds\n  help: use a factor nearer to 1, or 0"
    )]
    Factor { instance: String, population: String, port: String, factor: f64 },
    #[error("the network needs {rows} rows, more than the {most} that can be counted")]
    Rows { rows: u64, most: u64 },
    #[error("{} for the network are more than this machine gives\n  help: make it smaller", bytes::bytes(*.bytes))]
    NoMemory { bytes: u64 },
    #[error("the network needs {} and may use {}: {parts}\n  help: {help}", bytes::bytes(*.need), bytes::bytes(*.budget))]
    Memory { need: u64, budget: u64, parts: String, help: String },
    #[error("{projection}: {synapses} synapses that targets gather are more than the 4,294,967,294 that can be counted")]
    Synapses { projection: String, synapses: u64 },
}

impl PlanError {
    /// Whom it is about: the section, the name of the part in it, and the key of the part.
    pub fn part(&self) -> Option<(&'static str, &str, &'static str)> {
        match self {
            PlanError::Method { population, .. } => Some(("population", population, "method")),
            PlanError::SynapseMethod { projection, .. }
            | PlanError::SynapseState { projection, .. }
            | PlanError::Folding { projection, .. }
            | PlanError::FoldingTime { projection, .. } => Some(("projection", projection, "synapse")),
            PlanError::Connector { projection, .. } | PlanError::Synapses { projection, .. } => {
                Some(("projection", projection, "connector"))
            }
            PlanError::Weight { projection, .. } => Some(("projection", projection, "weight")),
            PlanError::Parameter { projection, .. } | PlanError::Exception { projection, .. } => {
                Some(("projection", projection, "parameters"))
            }
            PlanError::States { population, .. } => Some(("population", population, "parameters")),
            PlanError::Scales { weak: projection, .. }
            | PlanError::Spread { projection, .. }
            | PlanError::TooSmall { projection, .. } => Some(("projection", projection, "weight")),
            PlanError::Poisson { stimulus, .. } => Some(("stimulus", stimulus, "waveform.rate")),
            PlanError::Stream(_)
            | PlanError::Missing { .. }
            | PlanError::NoValue { .. }
            | PlanError::Refractory { .. }
            | PlanError::Factor { .. }
            | PlanError::Rows { .. }
            | PlanError::NoMemory { .. }
            | PlanError::Memory { .. } => None,
        }
    }
}

/// Names the part whose number could not be worked out.
pub(super) fn of_part(part: &str) -> impl FnOnce(NoValue) -> PlanError {
    move |leaf| PlanError::NoValue { part: part.into(), leaf }
}
