//! The rule of a synapse that its target gathers. With states of its own: the order of its step and the method of its equations,
//! worked in. Without: what flows, as it is written.
//!
//! Nothing is a derived number here: parameters may differ from synapse to synapse, and a column that has to be read costs
//! more than an exponential. An equation that is linear in its own state goes by exponential Euler, which is exact where
//! the rest of the equation is steady over the step (a conductance that decays). What flows reads such a state by its mean over the
//! step ([`mean`]), unless the model states an order of its own.

use super::linear::{Split, split_apart};
use super::{Builder, Environment, Extras, MethodError, mean};
use crate::diagnostic::Span;
use crate::model::ast::Item;
use crate::model::rule::{EdgeRule, Graph, Node, NodeId, StateColumn};
use crate::model::{Action, NeuronModel, SynapseModel};

/// Builds the rule of a synapse model. **Units** dt in ms.
///
/// **Errors** a method that cannot serve the model's equations.
pub fn edge_rule(model: &SynapseModel, dt: f64) -> Result<EdgeRule, MethodError> {
    if model.states.is_empty() {
        return Ok(graded_rule(model, dt));
    }
    let bare = bare(model);
    let split = split_apart(&bare, model.method)?;
    let mut builder = Builder {
        model: &bare,
        source: split.graph.clone(),
        graph: Graph::default(),
        systems: Vec::new(),
        dt,
        held: None,
        driven: &[],
        normals: 0,
        long: false,
        tested: Vec::new(),
        extras: &Extras::default(),
        beside: Default::default(),
    };
    let mut environment = Environment {
        states: (0..model.states.len()).map(|k| builder.graph.add(Node::State(k as u32))).collect(),
        time: builder.graph.add(Node::Time),
    };
    let (initial, initial_order) = builder.initial(model.states.len(), None)?;
    let mut graded = Vec::new();
    let own_order = model.ast.items.iter().any(|item| matches!(item, Item::Step { .. }));
    for action in &model.step {
        match action {
            Action::Receive => receive(&mut builder, model, &mut environment),
            Action::Integrate => builder.integrate(&split, &mut environment)?,
            Action::Graded => {
                let read = if own_order { environment.clone() } else { mean::over_the_step(&mut builder, &split, &environment) };
                graded = model.graded.iter().map(|g| builder.instantiate(g.value, &read)).collect();
            }
            Action::Assign(a) => environment.states[a.state as usize] = builder.instantiate(a.value, &environment),
            // stands in neuron models alone
            Action::Spike => {}
        }
    }
    let states = model.states.iter().map(|s| StateColumn { name: s.name.clone(), dimension: s.dimension }).collect();
    let Split { explanation: method, .. } = split;
    let (mut graph, mut next) = (builder.graph, environment.states);
    super::undefined::poisoned(&mut graph, &mut next);
    super::undefined::poisoned(&mut graph, &mut graded);
    Ok(EdgeRule { graph, states, initial, initial_order, next, graded, method })
}

/// The rule of a synapse without states. It knows the step as a number.
fn graded_rule(model: &SynapseModel, dt: f64) -> EdgeRule {
    let mut graph = model.graph.clone();
    let mut graded: Vec<NodeId> = model.graded.iter().map(|line| line.value).collect();
    super::undefined::poisoned(&mut graph, &mut graded);
    graph.nodes.iter_mut().filter(|n| **n == Node::Dt).for_each(|n| *n = Node::Constant(dt.to_bits()));
    let nothing = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (states, initial, initial_order, next) = nothing;
    EdgeRule { graph, states, initial, initial_order, next, graded, method: String::new() }
}

/// The statements of `on_pre`, one after the other, where a spike arrives.
fn receive(builder: &mut Builder<'_>, model: &SynapseModel, environment: &mut Environment) {
    let mut after = environment.clone();
    for statement in &model.arrival {
        after.states[statement.state as usize] = builder.instantiate(statement.value, &after);
    }
    let changed = |k: usize| model.arrival.iter().any(|s| s.state as usize == k);
    let arrived = builder.graph.add(Node::Arrived(0));
    for (_, (value, new)) in environment.states.iter_mut().zip(after.states).enumerate().filter(|(k, _)| changed(*k)) {
        *value = builder.graph.select(arrived, new, *value);
    }
}

/// What methods of integration look at, of a synapse: its states and equations.
pub(super) fn bare(model: &SynapseModel) -> NeuronModel {
    NeuronModel {
        ast: crate::model::ast::ModelAst { items: Vec::new(), span: Span::default(), ..model.ast.clone() },
        graph: model.graph.clone(),
        noises: 0,
        uniforms: 0,
        normals: 0,
        params: model.params.clone(),
        states: model.states.clone(),
        ports: Vec::new(),
        inputs: Vec::new(),
        lets: Vec::new(),
        threshold: None,
        rearm: None,
        reset: Vec::new(),
        refractory: None,
        method: None,
        step: model.step.clone(),
    }
}
