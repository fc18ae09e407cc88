//! Why there are no edges.

use crate::network::Which;
use crate::network::draw::DrawError;
use crate::random::StreamError;

/// Why there are no edges. The caller knows the projection's name.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectorError {
    /// More memory than the budget.
    #[error("{edges} synapses need {bytes} bytes while they are built, and the budget is {budget} bytes")]
    TooLarge {
        /// Synapses.
        edges: u64,
        /// Bytes while they are built.
        bytes: u64,
        /// Bytes that there may be.
        budget: u64,
    },
    /// The machine gives no more memory.
    #[error("{bytes} bytes for synapses are more than this machine gives")]
    NoMemory {
        /// Bytes that were asked for.
        bytes: u64,
    },
    /// One to one, between populations of two sizes.
    #[error("one to one: expected as many sources as targets, found {sources} sources and {targets} targets")]
    Sizes {
        /// Neurons of the source.
        sources: u32,
        /// Neurons of the target.
        targets: u32,
    },
    /// One population with two sizes.
    #[error("within one population: expected as many sources as targets, found {sources} and {targets}")]
    SamePopulation {
        /// As a source.
        sources: u32,
        /// As a target.
        targets: u32,
    },
    /// Asked to be procedural, and cannot be.
    #[error("its rows cannot be drawn again, each by itself")]
    NotByRow,
    /// No probability.
    #[error("probability: expected a number from 0 to 1, found {0}")]
    Probability(f64),
    /// More synapses than pairs.
    #[error("{rule}: n = {n} synapses per {row} were asked for, and {possible} are possible{}", if *.distinct { " without multapses" } else { "" })]
    Impossible {
        /// The connector.
        rule: &'static str,
        /// What has so many synapses: a target, a source, the projection.
        row: &'static str,
        /// Synapses that were asked for.
        n: u64,
        /// Synapses that there can be.
        possible: u64,
        /// Only without multapses.
        distinct: bool,
    },
    /// A neuron that there is not.
    #[error("synapse {edge} of the list: expected a {end} below {size}, found {found}")]
    OutOfRange {
        /// The synapse, by place in the list.
        edge: u64,
        /// `source` or `target`.
        end: &'static str,
        /// The neuron.
        found: u32,
        /// Neurons that there are.
        size: u32,
    },
    /// Lists of two lengths.
    #[error("list of synapses: {sources} sources and {targets} targets; expected as many of both")]
    Uneven {
        /// Sources listed.
        sources: u64,
        /// Targets listed.
        targets: u64,
    },
    /// Values of another number than synapses.
    #[error("value {column} of the synapses: expected {expected} numbers, found {found}")]
    Length {
        /// Which value.
        column: usize,
        /// Synapses.
        expected: u64,
        /// Values.
        found: u64,
    },
    /// Listed values for synapses that are drawn.
    #[error("value {column} of the synapses is a list, which fits a connector that lists its synapses or joins one to one")]
    ListWithoutOrder {
        /// Which value.
        column: usize,
    },
    /// A value that single precision takes for 0.
    #[error(
        "value {column} of the synapses: {value:e} is smaller than the 1.2e-38 that single precision holds\n  help: use 0, or a larger number"
    )]
    Vanishes {
        /// Which value.
        column: usize,
        /// The number.
        value: f64,
    },
    /// A value that cannot be drawn.
    #[error("value {column} of the synapses: {error}")]
    Draw {
        /// Which value.
        column: usize,
        /// Why not.
        error: DrawError,
    },
    /// A synapse that there is not.
    #[error("`{which}` names synapse {found}, and the last is {last}", last = .edges.saturating_sub(1))]
    NoSynapse {
        /// As it was named.
        which: Which,
        /// Its number.
        found: u64,
        /// Synapses that there are.
        edges: u64,
    },
    /// A pair that no synapse joins.
    #[error("`{which}`: there is no synapse from neuron {source_neuron} to neuron {target_neuron}")]
    NoPair {
        /// As it was named.
        which: Which,
        /// The source.
        source_neuron: u64,
        /// The target.
        target_neuron: u64,
    },
    /// An expression that is no probability for some pair.
    #[error(
        "`{text}` is {found} from neuron {source_neuron} to neuron {target_neuron}, and a probability is a number from 0 to 1\n  help: write for example `clip(..., 0, 1)`"
    )]
    PairProbability {
        /// The expression.
        text: String,
        /// The source.
        source_neuron: u32,
        /// The target.
        target_neuron: u32,
        /// What it is for this pair.
        found: f64,
    },
    /// An expression that is no value for some pair.
    #[error("`{text}` is {found} from neuron {source_neuron} to neuron {target_neuron}, {why}")]
    PairValue {
        /// The expression.
        text: String,
        /// The source.
        source_neuron: u32,
        /// The target.
        target_neuron: u32,
        /// What it is for this pair.
        found: String,
        /// Why it cannot be.
        why: String,
    },
    /// A delay that no word holds.
    #[error("delays of the synapses: {steps} steps, and the longest that is kept has 65535")]
    LongDelay {
        /// The delay, in steps.
        steps: u32,
    },
    /// Ours to mend: a rule that lists its synapses came without the list.
    #[error("a bug in synfire: a list of synapses is missing")]
    NoRule,
    /// Exceptions within exceptions.
    #[error("value {column} of the synapses has exceptions within exceptions")]
    Nested {
        /// Which value.
        column: usize,
    },
    /// More projections than random numbers have streams for.
    #[error(transparent)]
    Stream(#[from] StreamError),
}
