//! A network as a person describes it: populations, projections, stimuli, probes, in words and quantities.
//!
//! In: builder calls, or a file (`file`). Out: [`Network`], which `check` turns into a [`CheckedNetwork`]: the same with
//! every word settled and every value a number. Not here: edges (`connector`), layout (`plan`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod address;
mod build;
mod change;
pub mod check;
pub mod checked;
pub mod connector;
mod constants;
pub mod course;
mod diagram;
pub mod draw;
mod edge_storage;
mod edge_value;
mod effect;
mod electrical;
mod ensemble;
mod equations;
pub mod events;
pub mod expression;
mod field;
pub mod file;
mod form;
mod form_joined;
mod form_values;
pub mod frames;
mod include;
mod inside;
pub mod kernel;
mod keys;
mod meaning;
mod modulator;
mod origin;
pub mod pair;
mod places;
pub mod preset;
mod reduction;
mod row_set;
mod schema;
mod section;
pub(crate) mod set;
mod shorthand;
mod signal;
mod slot;
pub mod sonata;
pub mod space;
mod spike_times;
pub mod value;
mod which;
mod words;

pub(crate) use address::parted;
pub use address::{Address, Kind};
pub use change::Change;
pub use check::{ModelSet, check, check_ensemble, check_variants, check_within};
pub use checked::CheckedNetwork;
pub use connector::{Border, Connector, End};
pub use diagram::{Arrow, Diagram, Head, Item, Shape};
pub use edge_storage::EdgeStorage;
pub use ensemble::Variant;
pub use events::{Camera, EventFile, EventFormat, Polarity};
pub use frames::Frames;
pub use keys::keys;
pub use origin::Origin;
pub use reduction::{Reducing, Reduction};
pub use schema::schema;
pub use signal::{Input, Output};
pub use space::{Order, Positions, Space};
pub use spike_times::SpikeTimes;
pub use value::{Distribution, Exception, Value};
pub use which::{Spans, Which, WhichError};

/// The description of a network. Nothing in it has been checked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// What it is called, in records and pictures.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it is and where its numbers come from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The step, `0.1 ms` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dt: Option<Value>,
    /// How long `synfire run` runs it, if the command does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<Value>,
    /// The seed of everything drawn; 0 if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Numbers by name, for expressions in every value: `g = 5`, `J_i = "-g*J_e"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub constants: BTreeMap<String, Value>,
    /// Neuron and synapse models of its own, in the equation language.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub equations: String,
    /// In which distances are taken, where a projection does not say its own; open, if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<Space>,
    /// Neurons.
    #[serde(default, rename = "population", skip_serializing_if = "Vec::is_empty")]
    pub populations: Vec<Population>,
    /// Synapses.
    #[serde(default, rename = "projection", skip_serializing_if = "Vec::is_empty")]
    pub projections: Vec<Projection>,
    /// Input from outside.
    #[serde(default, rename = "stimulus", skip_serializing_if = "Vec::is_empty")]
    pub stimuli: Vec<Stimulus>,
    /// What is recorded.
    #[serde(default, rename = "probe", skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<Probe>,
    /// Numbers that a program gives in every step.
    #[serde(default, rename = "input", skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// Numbers that a program reads after every step.
    #[serde(default, rename = "output", skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Output>,
    /// Where it was read, for messages; no part of what it says.
    #[serde(skip)]
    pub origin: Origin,
}

/// Neurons of one model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[doc(alias = "NeuronGroup", alias = "layer")]
pub struct Population {
    /// By which all else names it.
    pub name: String,
    /// A ready model or one of [`Network::equations`].
    pub model: String,
    /// Number of neurons: this or `shape`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Rows, columns, ...: neuron k of a 2-D population sits at (k div columns, k mod columns).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shape: Vec<u64>,
    /// Integration method instead of the one chosen: `exact`, `exponential_euler`, `euler`, `heun`, `rk2`, `ralston`, `rk3`, `rk4`,
    /// `rk4_38`, `euler_maruyama`, `milstein`, `heun_stratonovich`, `milstein_stratonovich`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Of its model, by name; the model's default where there is none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Value>,
    /// Initial values of states.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub initial: BTreeMap<String, Value>,
    /// For `spike_times`: the times of each neuron.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spike_times: Option<SpikeTimes>,
    /// Where its neurons are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positions: Option<Positions>,
    /// In diagrams: an SVG colour name, or `#` and hexadecimal digits.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub colour: String,
}

/// Synapses from one population to another by one rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[doc(alias = "Synapses", alias = "connection")]
pub struct Projection {
    /// By which it is addressed; `source -> target` if not given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The population that spikes come from.
    pub source: String,
    /// The population that they arrive at.
    pub target: String,
    /// Which neurons of the source, which the connector then counts from 0; all if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[doc(alias = "PopulationView", alias = "subgroup")]
    pub source_rows: Option<Rows>,
    /// Which neurons of the target, which the connector then counts from 0; all if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_rows: Option<Rows>,
    /// The port of the target that weights are added to (not with a `synapse` model, which names its ports itself).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// A ready synapse model or one of [`Network::equations`], instead of `port` and `weight`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synapse: Option<String>,
    /// Who is connected to whom.
    pub connector: Connector,
    /// What a spike adds, in the unit of the port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<Value>,
    /// At least one step, which is what it is if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<Value>,
    /// Parameters of the synapse model.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Value>,
    /// Where the modulators of the synapse model come from, by name: `POPULATION.STATE` of a population of one neuron, or of as many
    /// as targets, then each target's own; or the name of an [`Input`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[doc(alias = "third factor", alias = "volume transmitter")]
    pub modulators: BTreeMap<String, String>,
    /// `weight`, or a parameter of the synapse model: its value is that of all synapses of a target together, so each of them gets
    /// it divided by the number of sources (connector `all_to_all`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalise: Option<String>,
    /// Each synapse acts both ways with one set of parameters, from target to source too: a junction. Within one population a pair
    /// of neurons is joined once.
    #[serde(default, skip_serializing_if = "is_false")]
    #[doc(alias = "gap junction", alias = "bidirectional")]
    pub both_ways: bool,
    /// Whether its synapses are kept in memory or drawn again for each spike; as memory allows if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connectivity: Option<EdgeStorage>,
    /// In which its distances are taken, instead of that of the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<Space>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// Input from outside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[doc(alias = "generator", alias = "input")]
pub struct Stimulus {
    /// By which it is addressed; what it drives if not given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The population that it drives.
    pub target: String,
    /// A continuous input of the target, or a port for `poisson`; with `clamp` a state.
    pub input: String,
    /// The waveform is the level at which the state named by `input` is held while the stimulus is on: a clamp. A neuron whose state
    /// is held does not spike.
    #[serde(default, skip_serializing_if = "is_false")]
    #[doc(alias = "voltage clamp")]
    pub clamp: bool,
    /// Which neurons; all if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Rows>,
    /// From this time on; 0 ms if not given. A list: from each of these times on, as many as `stop` has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Value>,
    /// Up to, not at, this time; for ever if not given. A list: of each window its end, before the next one begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Value>,
    /// What it does while it is on.
    pub waveform: Waveform,
}

/// What a stimulus does while it is on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Waveform {
    /// `amplitude`, the same or per neuron.
    Constant {
        /// In the unit of the input.
        amplitude: Value,
    },
    /// `amplitudes[k]` from `times[k]` on; 0 before the first.
    Steps {
        /// Ascending.
        times: Vec<Value>,
        /// As many as times.
        amplitudes: Vec<Value>,
    },
    /// `offset + amplitude·sin(2π·frequency·(t - start) + phase)`, phase in radians; `start`: of the window.
    Sine {
        /// In the unit of the input.
        amplitude: Value,
        /// Such as `10 Hz`.
        frequency: Value,
        /// **Units** radians.
        #[serde(default)]
        phase: f64,
        /// Added to the sine; 0 if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offset: Option<Value>,
    },
    /// From `from` to `to` in a straight line over a time, then `to`.
    Ramp {
        /// Where it begins; 0 if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Value>,
        /// Where it ends.
        to: Value,
        /// How long it takes, from the start of the window on.
        over: Value,
    },
    /// Rectangular pulses: `offset + amplitude` for `width` from each multiple of `interval` after the start of the window on, else
    /// `offset`.
    #[doc(alias = "pulse train", alias = "square wave")]
    Pulses {
        /// In the unit of the input.
        amplitude: Value,
        /// How long a pulse lasts.
        width: Value,
        /// From the beginning of one pulse to that of the next; there is one pulse if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        interval: Option<Value>,
        /// How many pulses a window has; as many as fit if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        count: Option<u64>,
        /// What there is between pulses, too; 0 if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offset: Option<Value>,
    },
    /// An expression of the time `t` of the run, the same for all neurons: `"200 pA*exp(-t/(50 ms))"`.
    Expression {
        /// In the unit of the input.
        value: String,
    },
    /// A normal draw per neuron, held for `interval` (one step if not given).
    Noise {
        /// In the unit of the input.
        mean: Value,
        /// Standard deviation, in the unit of the input.
        sd: Value,
        /// How long a draw is held.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        interval: Option<Value>,
    },
    /// Noise with a memory of `tau` around `mean`, of a standard deviation `sd`, for each neuron its own; each step moves it on
    /// exactly, and it begins with a draw of its law.
    #[doc(alias = "coloured noise")]
    OrnsteinUhlenbeck {
        /// In the unit of the input.
        mean: Value,
        /// Standard deviation, in the unit of the input.
        sd: Value,
        /// After so long it is correlated with itself by 1/e.
        tau: Value,
    },
    /// Per neuron the sum of `sources` independent Poisson processes of `rate`, each event adding `weight` to the port.
    Poisson {
        /// Of each source, such as `8000 Hz`; it may follow the time `t` of the run: `"20 Hz*(1 + sin(2*pi*4 Hz*t))"`.
        rate: Value,
        /// What an event adds.
        weight: Value,
        /// 1 if not given.
        #[serde(default = "one")]
        sources: u64,
    },
    /// Poisson events whose rate is a sample: k (of a row per sample: one number for all, or one per neuron) from the step nearest
    /// to k·`interval` on, none after the last.
    #[doc(alias = "inhomogeneous Poisson")]
    PoissonArray {
        /// A row per sample.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        values: Vec<Vec<f64>>,
        /// The same in a file: CSV with a line of names, or .npy of one axis or two.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<std::path::PathBuf>,
        /// From sample to sample.
        interval: Value,
        /// Of the values; `Hz` if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
        /// What an event adds.
        weight: Value,
        /// 1 if not given.
        #[serde(default = "one")]
        sources: u64,
    },
    /// Sample k (of a row per sample: one number for all, or one per neuron) from the step nearest to k·`interval` on.
    Array {
        /// A row per sample.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        values: Vec<Vec<f64>>,
        /// The same in a file: CSV with a line of names, or .npy of one axis or two.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<std::path::PathBuf>,
        /// From sample to sample.
        interval: Value,
        /// Of the values; that of the input if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
    },
    /// As bright as the pixels of an image or a movie, a neuron for each.
    Frames(Box<Frames>),
    /// Set from outside at every `step` call, in this unit.
    External {
        /// Of the numbers given; that of the input if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
    },
}

impl Default for Waveform {
    fn default() -> Self {
        Waveform::External { unit: None }
    }
}

fn one() -> u64 {
    1
}

/// Some of the neurons of a population.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Rows {
    /// From the first number up to, not including, the second.
    Range(u64, u64),
    /// By number.
    List(Vec<u64>),
    /// The neurons whose line in a table (line k for neuron k) has this text in this column.
    Where {
        /// The table.
        file: std::path::PathBuf,
        /// One of its columns.
        column: String,
        /// The text.
        equals: String,
    },
}

/// What is recorded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[doc(alias = "monitor", alias = "recorder")]
pub struct Probe {
    /// Of which population; empty: of a projection.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub population: String,
    /// Of the synapses of which projection, by name; empty: of a population.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub projection: String,
    /// `spikes`, `rate`, or the name of a state; of a population also of a named subexpression (of the states after the step, and
    /// of what inputs held in it) or of a continuous input (what it held in the step).
    pub record: String,
    /// Which neurons, or which synapses (by source, then target); all if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Rows>,
    /// Time between samples of a state, or width of the bins of a rate; one step, 1 ms for rates, if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Value>,
    /// From this time on; from the first step if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Value>,
    /// Up to, not at, this time; to the end if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Value>,
    /// Samples are taken at this time and multiples of `every` from it; 0 ms if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<Value>,
    /// What is kept of each sample, of all neurons or synapses together; every value if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduce: Option<Reduce>,
    /// When a state of synapses is looked at; after every `every` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<At>,
    /// Of a histogram: bins of one width, from the first edge to the last, or over the range that the model gives the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bins: Option<u64>,
    /// Of a histogram: where bins begin, ascending, and where the last one ends; with `bins`: the first and the last of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<Value>,
}

/// When a state of synapses is looked at, if not after so many steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum At {
    /// After each step in which a spike of the synapse's source is at the synapse: where the delay lies before it, so much later.
    #[serde(rename = "source spikes")]
    SourceSpikes,
}

/// What is kept of a sample, for all of its values together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[doc(alias = "aggregate")]
pub enum Reduce {
    /// The mean, and the standard deviation beside it.
    Mean,
    /// The sum.
    Sum,
    /// How many values lie in each bin.
    Histogram,
}
