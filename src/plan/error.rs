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
    /// A method that cannot serve the model.
    #[error("population {population}: {error}")]
    Method {
        /// The population that asks for it.
        population: String,
        /// Why not.
        error: MethodError,
    },
    /// A method that cannot serve the synapse model.
    #[error("{projection}: {error}")]
    SynapseMethod {
        /// The projection.
        projection: String,
        /// Why not.
        error: MethodError,
    },
    /// An initial value that is no number of single precision.
    #[error("{projection}: the initial value of `{state}` comes out as {value}; it must be a finite number below 3.4e38")]
    SynapseState {
        /// The projection.
        projection: String,
        /// The state of its synapses.
        state: String,
        /// What it comes out as.
        value: f64,
    },
    /// A state of synapses that starts outside of its range.
    #[error(
        "{projection}: `{state}` starts at {value}, outside of its range{}\n  help: give another initial value, or widen the range",
        match (low, high) {
            (Some(low), Some(high)) => format!(" from {low} to {high}"),
            (Some(low), None) => format!(" from {low}"),
            (None, Some(high)) => format!(" to {high}"),
            (None, None) => String::new(),
        }
    )]
    OutOfRange {
        /// The projection.
        projection: String,
        /// The state of its synapses.
        state: String,
        /// What it comes out as.
        value: f64,
        /// The lower end, if there is one.
        low: Option<f64>,
        /// The upper end, if there is one.
        high: Option<f64>,
    },
    /// A line at an interval that is no whole number of steps.
    #[error(
        "{projection}: a line runs every {interval} ms, which is no whole number of steps of {dt} ms, at least one\n  help: {}",
        match near {
            [low, high] if *low > 0.0 => format!("{low} ms or {high} ms"),
            [_, high] => format!("{high} ms is the shortest"),
        }
    )]
    Interval {
        /// The projection.
        projection: String,
        /// The time between two runs, ms.
        interval: f64,
        /// A step, ms.
        dt: f64,
        /// The two nearest that are, ms; the lower may be 0.
        near: [f64; 2],
    },
    /// A line at an interval that is not the same for all synapses.
    #[error(
        "{projection}: `{parameter}` stands in the time of an `every` line, and has a number for each synapse\n  help: give it one for all"
    )]
    IntervalOfEach {
        /// The projection.
        projection: String,
        /// The parameter.
        parameter: String,
    },
    /// A probe of synapses that there are not.
    #[error("probe of {projection}: synapse {synapse} of {count}; the last is {}", count.saturating_sub(1))]
    Probe {
        /// The projection.
        projection: String,
        /// The number that was given.
        synapse: u32,
        /// How many there are.
        count: u32,
    },
    /// A histogram over the range of a state that has none.
    #[error(
        "probe of {projection}: `{state}` has no range from a lower to a higher number, over which there could be bins\n  help: say \
         where they begin and end: `edges = [...]`, the first and the last"
    )]
    NoBins {
        /// The projection.
        projection: String,
        /// The state.
        state: String,
    },
    /// What a synapse may send has no bound.
    #[error(
        "{projection}: what arrives at `{port}` has no bound{}",
        match &state[..] {
            "" => "\n  help: keep it between two numbers with `clip`".to_owned(),
            state => format!("\n  help: say what `{state}` may be: `state {state} = ... (from 0 nS to w_max)`, in its own unit"),
        }
    )]
    Unbounded {
        /// The projection.
        projection: String,
        /// The port of its targets.
        port: String,
        /// A state that may be anything.
        state: String,
    },
    /// An instance with another number where one is worked into traces, or into the time of a line.
    #[error(
        "instance {instance}: `{parameter}` of {projection} shapes traces that neurons keep, or says when an `every` line runs, and is one number for all instances\n  help: run the instances one after the other"
    )]
    Settled {
        /// The instance.
        instance: String,
        /// The projection.
        projection: String,
        /// The parameter.
        parameter: String,
    },
    /// An initial value of neurons that no run can start from.
    #[error(
        "population {population}: the initial value of `{state}`{} comes out as {value}; it must be a finite number below 3.4e38",
        neuron.map_or_else(String::new, |neuron| format!(" of neuron {neuron}"))
    )]
    State {
        /// The population.
        population: String,
        /// The first neuron that has it; `None`: all.
        neuron: Option<u32>,
        /// The state.
        state: String,
        /// What it comes out as.
        value: f64,
    },
    /// Edges that cannot be drawn.
    #[error("{projection}: {error}")]
    Connector {
        /// The projection.
        projection: String,
        /// Why not.
        error: ConnectorError,
    },
    /// A spike that adds what follows from a state.
    #[error(
        "{projection}: `on_pre` of `{synapse}` reads `{end}.{name}`, which is a state; what a spike adds may depend on parameters alone\n  help: use a `graded` line or a parameter; or say `delay axonal`, and `clip({end}.{name}, ..., ...)` is read where a spike arrives"
    )]
    Folding {
        /// The projection.
        projection: String,
        /// Its synapse model.
        synapse: String,
        /// `pre` or `post`.
        end: &'static str,
        /// The state.
        name: String,
    },
    /// A value that needs other states than those that run.
    #[error(
        "population {population}: this value needs other states than those that run{why}\n  help: compile the network anew with it"
    )]
    States {
        /// The population.
        population: String,
        /// What it is about the value.
        why: String,
    },
    /// An exception for synapses that there are not.
    #[error("{projection}: {why}")]
    Exception {
        /// The projection.
        projection: String,
        /// Which they are.
        why: String,
    },
    /// Drawn values that the model does not allow.
    #[error("{projection}: drawn values: {why}\n  help: give the distribution bounds: `min`, `max`")]
    Parameter {
        /// The projection.
        projection: String,
        /// Which, and what is allowed.
        why: String,
    },
    /// A weight that is no number of single precision.
    #[error("{projection}: the weight of synapse {edge} is {value}; weights are finite numbers below 3.4e38")]
    Weight {
        /// The projection.
        projection: String,
        /// The synapse, in the order of its connectivity.
        edge: usize,
        /// What it is.
        value: f64,
    },
    /// A Poisson law that cannot be drawn from.
    #[error("{stimulus}: {error}")]
    Poisson {
        /// The stimulus.
        stimulus: String,
        /// Why not.
        error: PoissonError,
    },
    /// A spike that adds what changes with time.
    #[error(
        "{projection}: `on_pre` of `{synapse}` reads `t` or what arrives; what a spike adds may depend on parameters alone\n  help: use a `graded` line, or a parameter"
    )]
    FoldingTime {
        /// The projection.
        projection: String,
        /// Its synapse model.
        synapse: String,
    },
    /// Ours to mend: something that the check had found is not there.
    #[error("a bug in synfire: {projection}: {what} is missing")]
    Missing {
        /// The projection.
        projection: String,
        /// What it is.
        what: String,
    },
    /// Ours to mend: a number of the host that follows from what the host does not know.
    #[error("a bug in synfire: {part}: a number that is worked out before the run depends on {leaf}")]
    NoValue {
        /// The part.
        part: String,
        /// What it depends on.
        leaf: NoValue,
    },
    /// A refractory time of an instance that one column does not count.
    #[error(
        "instance {instance}: a refractory time of {steps} steps in {label}; an instance may have more than 16,777,216 only where the network has too\n  help: give such a time in the network itself"
    )]
    Refractory {
        /// The instance.
        instance: String,
        /// Its populations.
        label: String,
        /// Steps of the refractory time.
        steps: f64,
    },
    /// A junction that is none, or one that stands twice.
    #[error("{projection}: `both_ways`: {}", junction_told(*.a, *.b))]
    Junction {
        /// The projection.
        projection: String,
        /// One neuron.
        a: u32,
        /// The other.
        b: u32,
    },
    /// More parts than random numbers have streams for.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// Weights of two projections that do not meet in one sum.
    #[error(
        "{weak}: its weights ({weakest} {unit}) and those of {strong} ({strongest} {unit}) are too far apart to meet at port `{port}`: in single precision and on a GPU arrivals are summed as whole numbers, and two scales of them cannot hold both to 1 in 10,000\n  help: let one of them arrive at a port of its own; two `input` lines of a model may feed one state"
    )]
    Scales {
        /// The projection of the smaller weights.
        weak: String,
        /// These weights.
        weakest: String,
        /// The projection of the larger ones.
        strong: String,
        /// These weights.
        strongest: String,
        /// Where they meet.
        port: String,
        /// Of the weights.
        unit: String,
    },
    /// Weights of one projection that do not meet in one sum.
    #[error(
        "{projection}: its weights ({weights} {unit}) are too far apart, or too many onto one neuron, for port `{port}`: in single precision and on a GPU arrivals are summed as whole numbers, and two scales of them cannot hold all to 1 in 10,000\n  help: make it two projections that arrive at ports of their own; two `input` lines of a model may feed one state"
    )]
    Spread {
        /// The projection.
        projection: String,
        /// From the smallest to the largest.
        weights: String,
        /// Where they meet.
        port: String,
        /// Of the weights.
        unit: String,
    },
    /// Weights too small for a sum in single precision.
    #[error(
        "{projection}: its weights ({weights} {unit}) at port `{port}` are smaller than sums in single precision can hold to 1 in 10,000\n  help: use 0, or weights above 1e-34 {unit}"
    )]
    TooSmall {
        /// The projection.
        projection: String,
        /// These weights.
        weights: String,
        /// Where they arrive.
        port: String,
        /// Of the weights.
        unit: String,
    },
    /// Weights or delays of an instance that its port cannot sum beside those of the others.
    #[error(
        "{instance}: what arrives at port `{port}` of {label} cannot differ between instances: {why}\n  help: compile a network for each value"
    )]
    Apart {
        /// The instance.
        instance: String,
        /// The populations whose port it is.
        label: String,
        /// The port.
        port: String,
        /// What stands against it.
        why: &'static str,
    },
    /// A factor of an instance that takes sums out of single precision.
    #[error(
        "{instance}: the factor {factor:e} on what arrives at port `{port}` of {population} takes its sums out of what single precision holds\n  help: use a factor nearer to 1, or 0"
    )]
    Factor {
        /// The instance.
        instance: String,
        /// The population.
        population: String,
        /// Its port.
        port: String,
        /// The factor.
        factor: f64,
    },
    /// More rows than can be counted.
    #[error("the network needs {rows} rows, more than the {most} that can be counted")]
    Rows {
        /// Rows of all groups.
        rows: u64,
        /// Rows that can be counted.
        most: u64,
    },
    /// The machine gives no more memory.
    #[error("{} for the network are more than this machine gives\n  help: make it smaller", bytes::bytes(*.bytes))]
    NoMemory {
        /// Bytes that were asked for.
        bytes: u64,
    },
    /// More memory than the budget.
    #[error("the network needs {} and may use {}: {parts}\n  help: {help}", bytes::bytes(*.need), bytes::bytes(*.budget))]
    Memory {
        /// Bytes that the network takes.
        need: u64,
        /// Bytes that it may take.
        budget: u64,
        /// What takes most.
        parts: String,
        /// What would fit.
        help: String,
    },
    /// Asked to be procedural, and cannot be.
    #[error(
        "{projection}: `connectivity = \"{storage}\"` is not possible: {why}\n  help: leave `connectivity` out, or write \"stored\""
    )]
    Procedural {
        /// The projection.
        projection: String,
        /// What was asked for.
        storage: &'static str,
        /// Why not.
        why: &'static str,
    },
    /// More synapses than targets can gather.
    #[error("{projection}: {synapses} synapses that targets gather are more than the 4,294,967,294 that can be counted")]
    Synapses {
        /// The projection.
        projection: String,
        /// How many there are.
        synapses: u64,
    },
}

impl PlanError {
    /// Whom it is about: the section, the name of the part in it, and the key of the part.
    pub fn part(&self) -> Option<(&'static str, &str, &'static str)> {
        match self {
            PlanError::Method { population, .. } => Some(("population", population, "method")),
            PlanError::SynapseMethod { projection, .. }
            | PlanError::SynapseState { projection, .. }
            | PlanError::OutOfRange { projection, .. }
            | PlanError::Interval { projection, .. }
            | PlanError::IntervalOfEach { projection, .. }
            | PlanError::Unbounded { projection, .. }
            | PlanError::Probe { projection, .. }
            | PlanError::NoBins { projection, .. }
            | PlanError::Settled { projection, .. }
            | PlanError::Folding { projection, .. }
            | PlanError::FoldingTime { projection, .. } => Some(("projection", projection, "synapse")),
            PlanError::Connector { projection, .. }
            | PlanError::Synapses { projection, .. }
            | PlanError::Junction { projection, .. } => Some(("projection", projection, "connector")),
            PlanError::Procedural { projection, .. } => Some(("projection", projection, "connectivity")),
            PlanError::Weight { projection, .. } => Some(("projection", projection, "weight")),
            PlanError::Parameter { projection, .. } | PlanError::Exception { projection, .. } => {
                Some(("projection", projection, "parameters"))
            }
            PlanError::State { population, .. } => Some(("population", population, "initial")),
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
            | PlanError::Apart { .. }
            | PlanError::Rows { .. }
            | PlanError::NoMemory { .. }
            | PlanError::Memory { .. } => None,
        }
    }
}

fn junction_told(a: u32, b: u32) -> String {
    if a == b {
        return format!(
            "neuron {a} would be joined with itself\n  help: leave that synapse out (`autapses = false`, a 0 in the matrix)"
        );
    }
    let help = "name each junction once: one triangle of a matrix, half of a kernel, `all_to_all` or `fixed_probability`";
    format!("neurons {a} and {b} would be joined twice, once from each end\n  help: {help}")
}

/// Names the part whose number could not be worked out.
pub(super) fn of_part(part: &str) -> impl FnOnce(NoValue) -> PlanError {
    move |leaf| PlanError::NoValue { part: part.into(), leaf }
}
