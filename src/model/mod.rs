//! Models: the equation language, what its texts mean, how their equations are integrated, and the ready ones.
//!
//! In: text. Out: [`NeuronModel`] and [`SynapseModel`] (by `parse` and `check`), and from them a [`rule::Rule`] (by
//! `integrate`), which is all that engines know of a model. Not here: values of parameters (`network`), rows (`plan`).

pub mod ast;
mod bound;
pub mod check;
pub mod grammar;
pub mod integrate;
mod letters;
pub mod library;
pub mod parse;
pub mod print;
pub mod rule;

pub use bound::{BoundSynapse, End, EndValue};

use crate::units::Dimension;
use rule::{Graph, Input, NodeId};

/// A neuron model whose names, dimensions and shape have been checked: what `check` makes of a `neuron` text.
#[derive(Clone, Debug)]
pub struct NeuronModel {
    /// As written, for `explain`.
    pub ast: ast::ModelAst,
    /// All expressions below, with params, states, inputs, noise and draws as leaves.
    pub graph: Graph,
    /// White noise symbols, uniform draws and normal draws of one step.
    pub noises: u32,
    pub uniforms: u32,
    pub normals: u32,
    pub params: Vec<Param>,
    pub states: Vec<State>,
    pub ports: Vec<PortDeclaration>,
    /// Continuous inputs, which stimuli and graded projections drive.
    pub inputs: Vec<Input>,
    /// Named subexpressions, which probes may read.
    pub lets: Vec<Let>,
    /// Not 0 where the neuron spikes.
    pub threshold: Option<NodeId>,
    /// Not 0 where the threshold is armed again (models without reset).
    pub rearm: Option<NodeId>,
    pub reset: Vec<Assignment>,
    pub refractory: Option<Refractory>,
    /// The method that the text asks for.
    pub method: Option<String>,
    /// The order inside the step.
    pub step: Vec<Action>,
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
    pub neurons: std::collections::BTreeMap<String, std::sync::Arc<NeuronModel>>,
    pub synapses: std::collections::BTreeMap<String, std::sync::Arc<SynapseModel>>,
}

/// A parameter: a number per population, or per neuron.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    pub name: String,
    pub dimension: Dimension,
    /// A node of parameters declared before it; `None`: the population must give a value.
    pub default: Option<NodeId>,
    /// What a value may be.
    pub range: Range,
}

/// From one number to another, both nodes of parameters. A time may be infinite whatever is said here.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    pub low: Option<Bound>,
    pub high: Option<Bound>,
}

/// One end of a [`Range`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    pub value: NodeId,
    /// Whether the value itself may be the bound.
    pub within: bool,
}

/// A state variable.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub name: String,
    pub dimension: Dimension,
    /// A node of parameters and of states declared before it.
    pub initial: NodeId,
    pub equation: Option<Equation>,
}

/// d(state)/dt.
#[derive(Clone, Debug, PartialEq)]
pub struct Equation {
    pub rate: NodeId,
    /// Held while the neuron is refractory.
    pub unless_refractory: bool,
}

/// `input i_exc -> a_exc * scale (flags)`
#[derive(Clone, Debug, PartialEq)]
pub struct PortDeclaration {
    pub name: String,
    /// Of a weight that arrives here.
    pub dimension: Dimension,
    /// The state that arrivals are added to.
    pub into: u32,
    /// What an arrival is multiplied by; a node of parameters.
    pub scale: Option<NodeId>,
    pub at_start: bool,
    pub lost_while_refractory: bool,
}

/// A named subexpression.
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    pub name: String,
    pub dimension: Dimension,
    pub value: NodeId,
}

/// `state = value`
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    pub state: u32,
    pub value: NodeId,
}

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
    Receive,
    Integrate,
    Spike,
    /// What flows to the target is worked out (synapse models).
    Graded,
    Assign(Assignment),
}

/// A synapse model: what a spike adds where it arrives, or a continuous function of both ends; perhaps with states of its own.
#[derive(Clone, Debug)]
pub struct SynapseModel {
    pub ast: ast::ModelAst,
    /// Leaves: `Param` and `State` (of the synapse) and `End` (states and parameters of source and target).
    pub graph: Graph,
    pub params: Vec<Param>,
    /// States of its own, a number per synapse; empty: what the synapse does is folded into its target.
    pub states: Vec<State>,
    /// On arrival of a spike: what happens to its own states, one after the other.
    pub arrival: Vec<Assignment>,
    /// The order inside the step, where it has states: `Receive` (the arrival), `Integrate`, `Graded`, assignments.
    pub step: Vec<Action>,
    /// The method that the text asks for.
    pub method: Option<String>,
    /// On arrival of a spike: added to ports of the target.
    pub on_pre: Vec<PortAddition>,
    /// In every step: added to continuous inputs of the target.
    pub graded: Vec<PortAddition>,
    /// States and parameters of the two ends that the expressions name; [`BoundSynapse`] has their places.
    pub ends: Vec<EndName>,
}

/// `port += value`
#[derive(Clone, Debug, PartialEq)]
pub struct PortAddition {
    pub port: String,
    pub value: NodeId,
    pub dimension: Option<Dimension>,
}

/// `pre.v`, `post.e_rev`: which end, which name.
#[derive(Clone, Debug, PartialEq)]
pub struct EndName {
    pub post: bool,
    pub name: String,
}
