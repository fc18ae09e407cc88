//! Models: the equation language, what its texts mean, how their equations are integrated, and the ready ones.
//!
//! In: text. Out: [`NeuronModel`] and [`SynapseModel`] (by `parse` and `check`), and from them a [`rule::Rule`] (by
//! `integrate`), which is all that engines know of a model. Not here: values of parameters (`network`), rows (`plan`).

pub mod ast;
mod bound;
pub mod check;
pub mod grammar;
pub mod home;
pub mod integrate;
mod letters;
pub mod library;
mod method;
pub mod parse;
pub mod print;
pub mod rule;
pub mod traced;

pub use bound::{BoundSynapse, End, EndValue};
pub use method::Method;

use crate::units::Dimension;
use rule::{Graph, Input, NodeId};

closed! {
    /// A neuron model whose names, dimensions and shape have been checked: what `check` makes of a `neuron` text.
    ///
    /// The check alone makes one, and nobody changes it:
    /// ```compile_fail,E0616
    /// fn changed(it: &mut synfire::model::NeuronModel) {
    ///     it.threshold = None;
    /// }
    /// ```
    #[derive(Clone, Debug)]
    pub struct NeuronModel {
        /// As written, for `explain`.
        ast: ast::ModelAst => [&ast::ModelAst],
        /// All expressions below, with params, states, inputs, noise and draws as leaves.
        graph: Graph => [&Graph],
        /// White noise symbols, uniform draws and normal draws of one step.
        noises: u32 => [u32],
        /// Uniform draws of one step.
        uniforms: u32 => [u32],
        /// Normal draws of one step.
        normals: u32 => [u32],
        /// In the order of the text.
        params: Vec<Param> => [&[Param]],
        /// In the order of the text.
        states: Vec<State> => [&[State]],
        /// Where spikes arrive, in the order of the text.
        ports: Vec<PortDeclaration> => [&[PortDeclaration]],
        /// Continuous inputs, which stimuli and graded projections drive.
        inputs: Vec<Input> => [&[Input]],
        /// Named subexpressions, which probes may read.
        lets: Vec<Let> => [&[Let]],
        /// Not 0 where the neuron spikes.
        threshold: Option<NodeId> => [Option<NodeId>],
        /// Not 0 where the threshold is armed again (models without reset).
        rearm: Option<NodeId> => [Option<NodeId>],
        /// What a spike does to the states, one statement after the other.
        reset: Vec<Assignment> => [&[Assignment]],
        /// What holds after a spike.
        refractory: Option<Refractory> => [&Option<Refractory>],
        /// The method that the text asks for.
        method: Option<Method> => [Option<Method>],
        /// The order inside the step.
        step: Vec<Action> => [&[Action]],
    }
}

impl NeuronModel {
    /// The dimension of a state or parameter.
    pub fn dimension_of(&self, name: &str) -> Option<Dimension> {
        let state = self.states.iter().find(|s| s.name == name).map(|s| s.dimension);
        state.or_else(|| self.params.iter().find(|p| p.name == name).map(|p| p.dimension))
    }

    /// Names of states and parameters.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.states.iter().map(|s| s.name.as_str()).chain(self.params.iter().map(|p| p.name.as_str()))
    }
}

/// Models by name.
#[derive(Clone, Debug, Default)]
pub struct ModelSet {
    /// Neuron models by name.
    pub neurons: std::collections::BTreeMap<String, std::sync::Arc<NeuronModel>>,
    /// Synapse models by name.
    pub synapses: std::collections::BTreeMap<String, std::sync::Arc<SynapseModel>>,
    /// Models whose text is wrong, which has been said: what names one of them is checked as far as it does not hang on it.
    pub broken: std::collections::BTreeSet<String>,
}

/// A parameter: a number per population, or per neuron.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// As the text names it.
    pub name: String,
    /// Of its values.
    pub dimension: Dimension,
    /// A node of parameters declared before it; `None`: the population must give a value.
    pub default: Option<NodeId>,
    /// What a value may be.
    pub range: Range,
}

/// A number that a synapse reads of neither of its ends: a third factor, whose source a projection names.
#[derive(Clone, Debug, PartialEq)]
pub struct Modulator {
    /// As the text names it.
    pub name: String,
    /// Of its value.
    pub dimension: Dimension,
    /// A node of parameters: what it is where a projection names no source; `None`: it must name one.
    pub default: Option<NodeId>,
}

/// From one number to another, both nodes of parameters. A time may be infinite whatever is said here.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    /// The lower bound; `None`: none.
    pub low: Option<Bound>,
    /// The upper bound; `None`: none.
    pub high: Option<Bound>,
}

/// One end of a [`Range`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// A node of parameters.
    pub value: NodeId,
    /// Whether the value itself may be the bound.
    pub within: bool,
}

/// A state variable.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// As the text names it.
    pub name: String,
    /// Of its values.
    pub dimension: Dimension,
    /// A node of parameters and of states declared before it.
    pub initial: NodeId,
    /// Its differential equation; `None`: statements alone change it, or nothing does.
    pub equation: Option<Equation>,
    /// What its values may be, of a state of a synapse that events change: what leaves it is brought back to its end.
    pub range: Range,
}

/// d(state)/dt.
#[derive(Clone, Debug, PartialEq)]
pub struct Equation {
    /// The derivative: internal units per ms.
    pub rate: NodeId,
    /// Held while the neuron is refractory.
    pub unless_refractory: bool,
}

/// `input i_exc -> a_exc * scale (flags)`
#[derive(Clone, Debug, PartialEq)]
pub struct PortDeclaration {
    /// As the text names it.
    pub name: String,
    /// Of a weight that arrives here.
    pub dimension: Dimension,
    /// The state that arrivals are added to.
    pub into: u32,
    /// What an arrival is multiplied by; a node of parameters.
    pub scale: Option<NodeId>,
    /// Arrivals are added before the state is integrated, else after it.
    pub at_start: bool,
    /// What arrives while the neuron is refractory is lost.
    pub lost_while_refractory: bool,
}

/// A named subexpression.
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    /// As the text names it.
    pub name: String,
    /// Of its value.
    pub dimension: Dimension,
    /// What it stands for.
    pub value: NodeId,
}

/// `state = value`
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// By place among the states.
    pub state: u32,
    /// Its new value.
    pub value: NodeId,
}

/// How long a neuron stays refractory.
#[derive(Clone, Debug, PartialEq)]
pub enum Refractory {
    /// A time in ms, a node of parameters.
    Time(NodeId),
    /// Refractory from a spike on for as long as this holds.
    While(NodeId),
}

/// What a step does, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// What has arrived is added.
    Receive,
    /// The equations are advanced by the method.
    Integrate,
    /// The threshold is tested, a spike emitted, the state reset.
    Spike,
    /// What flows to the target is worked out (synapse models).
    Graded,
    /// A statement of its own.
    Assign(Assignment),
}

closed! {
    /// A synapse model: what a spike adds where it arrives, or a continuous function of both ends; perhaps with states of its own.
    #[derive(Clone, Debug)]
    pub struct SynapseModel {
        /// As written, for `explain`.
        ast: ast::ModelAst => [&ast::ModelAst],
        /// Leaves: `Param` and `State` (of the synapse), `Held` (its modulators) and `End` (states and parameters of source and target).
        graph: Graph => [&Graph],
        /// In the order of the text.
        params: Vec<Param> => [&[Param]],
        /// States of its own, a number per synapse; empty: what the synapse does is folded into its target.
        states: Vec<State> => [&[State]],
        /// On arrival of a spike: what happens to its own states, one after the other.
        arrival: Vec<Assignment> => [&[Assignment]],
        /// Numbers from elsewhere, in the order of the text: `Held` leaves of the graph.
        modulators: Vec<Modulator> => [&[Modulator]],
        /// What spikes of either end do, and what happens at an interval, of a synapse that learns: a line of the text each, in its
        /// order, which is the order in which they run where several run at once. Empty: [`SynapseModel::arrival`] and [`SynapseModel::on_pre`] say it.
        events: Vec<Event> => [&[Event]],
        /// Where its delay lies; asked by [`SynapseModel::events`] alone.
        delay: DelayPlace => [DelayPlace],
        /// The order inside the step, where it has states: `Receive` (the arrival), `Integrate`, `Graded`, assignments.
        step: Vec<Action> => [&[Action]],
        /// The method that the text asks for.
        method: Option<Method> => [Option<Method>],
        /// On arrival of a spike: added to ports of the target.
        on_pre: Vec<PortAddition> => [&[PortAddition]],
        /// In every step: added to continuous inputs of the target.
        graded: Vec<PortAddition> => [&[PortAddition]],
        /// What `incoming(...)` adds up over the synapses of a target, by place in the text; `Arrived` leaves of the graph name the sums.
        totals: Vec<NodeId> => [&[NodeId]],
        /// Uniform draws of one event: places in the text, counted over all lines.
        uniforms: u32 => [u32],
        /// States and parameters of the two ends that the expressions name; [`BoundSynapse`] has their places.
        ends: Vec<EndName> => [&[EndName]],
    }
}

/// `on_pre ...`, `on_post ...` or `every ...`: a line of what changes a synapse that learns.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When it runs.
    pub trigger: Trigger,
    /// One after the other.
    pub statements: Vec<EventStatement>,
}

/// When a line of a synapse that learns runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// On a spike of the source.
    Pre,
    /// On a spike of the target.
    Post,
    /// At all whole multiples of this time, a node of parameters.
    Every(NodeId),
}

impl Trigger {
    /// Does a spike of the target run the line?
    pub fn is_post(self) -> bool {
        self == Trigger::Post
    }

    /// Does it run at an interval?
    pub fn is_interval(self) -> bool {
        matches!(self, Trigger::Every(_))
    }

    /// Does a spike of this end (`true`: the target) run the line?
    pub fn is_of(self, post: bool) -> bool {
        self == if post { Trigger::Post } else { Trigger::Pre }
    }
}

/// What a line of an [`Event`] does.
#[derive(Clone, Debug, PartialEq)]
pub enum EventStatement {
    /// A state of the synapse takes a value, kept within its range.
    Assign(Assignment),
    /// A port of the target receives a value (by place in [`SynapseModel::on_pre`]).
    Send(u32),
}

/// Where the delay of a synapse lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DelayPlace {
    /// Before the synapse: `on_pre` runs where a spike arrives, `on_post` when the target spikes.
    #[default]
    Axonal,
    /// Behind the synapse: `on_pre` runs when the source spikes, and what it sends travels for the delay; a spike of the target
    /// comes to the synapse after the delay.
    Dendritic,
}

/// `port += value`
#[derive(Clone, Debug, PartialEq)]
pub struct PortAddition {
    /// A port or continuous input of the target, by name.
    pub port: String,
    /// What is added.
    pub value: NodeId,
    /// Of the value; `None`: that of the port.
    pub dimension: Option<Dimension>,
}

/// `pre.v`, `post.e_rev`: which end, which name.
#[derive(Clone, Debug, PartialEq)]
pub struct EndName {
    /// The target, else the source.
    pub post: bool,
    /// A state or parameter of that end.
    pub name: String,
}
