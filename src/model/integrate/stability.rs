//! How far explicit methods carry: the factors by which states decay, so that a step can be held against them.
//!
//! In: a model and the method asked for. Out: [`Decay`]s, whose factors are nodes to be evaluated with parameters. Not here:
//! coupled decays (the eigenvalues of a matrix), and rates that are not linear in their own state, of which nothing is said.

use super::linear::{affine, split, split_apart};
use crate::model::rule::{Graph, Node, NodeId};
use crate::model::{Action, Method, NeuronModel, SynapseModel};

/// States that a model advances by explicit steps.
#[derive(Clone, Debug)]
pub(crate) struct Explicit {
    /// Of the nodes below: the model's, with what was added to it.
    pub graph: Graph,
    /// The explicit method of its equations; `None`: they go by another, or it has none.
    pub method: Option<Method>,
    pub decays: Vec<Decay>,
}

/// d(state)/dt = rate·state + ..., or in a statement of a step: state = factor·state + ...
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Decay {
    pub state: u32,
    pub factor: NodeId,
    /// The factor is that of a whole step, not a rate.
    pub of_step: bool,
}

/// The decays of a neuron model that its method, or a statement of its step, advances explicitly.
pub(crate) fn of_neurons(model: &NeuronModel, method: Option<Method>) -> Explicit {
    let parted = split(model, method.or(model.method));
    let mut explicit = match parted {
        Ok(split) => by_method(split),
        // what is wrong with the method is said where the rule is made
        Err(_) => Explicit { graph: model.graph.clone(), method: None, decays: Vec::new() },
    };
    by_hand(&mut explicit, &model.step);
    explicit
}

/// The same for the states of synapses.
pub(crate) fn of_synapses(model: &SynapseModel) -> Explicit {
    let parted = split_apart(&super::edge::bare(model), model.method);
    let mut explicit = match parted {
        Ok(split) => by_method(split),
        Err(_) => Explicit { graph: model.graph.clone(), method: None, decays: Vec::new() },
    };
    by_hand(&mut explicit, &model.step);
    explicit
}

fn by_method(split: super::linear::Split) -> Explicit {
    let mut graph = split.graph;
    if matches!(split.method, Method::Exact | Method::ExponentialEuler) {
        return Explicit { graph, method: None, decays: Vec::new() };
    }
    let mut decays = Vec::new();
    for advance in &split.others {
        if let Some(factor) = own_factor(&mut graph, advance.rate, advance.state) {
            decays.push(Decay { state: advance.state, factor, of_step: false });
        }
    }
    Explicit { graph, method: Some(split.method), decays }
}

/// `g *= 1 - dt/tau`
fn by_hand(explicit: &mut Explicit, step: &[Action]) {
    for action in step {
        let Action::Assign(statement) = action else { continue };
        if let Some(factor) = own_factor(&mut explicit.graph, statement.value, statement.state) {
            explicit.decays.push(Decay { state: statement.state, factor, of_step: true });
        }
    }
}

/// What multiplies a state in an expression, if that follows from parameters and dt alone once inputs are 0.
fn own_factor(graph: &mut Graph, root: NodeId, state: u32) -> Option<NodeId> {
    let parts = affine(graph, root, |n| (n == Node::State(state)).then_some(state))?;
    let factor = *parts.factors.get(&state)?;
    let known = |n: Node| matches!(n, Node::Param(_) | Node::Dt | Node::Held(_));
    (!graph.any_leaf(factor, |n| Graph::operands(n).next().is_none() && !matches!(n, Node::Constant(_)) && !known(n)))
        .then_some(factor)
}
