//! Steps that exponential Euler takes without a word, and that are too long for what it follows.

use super::short;
use crate::model::NeuronModel;
use crate::model::integrate::stability::Explicit;
use crate::model::rule::{Graph, Node, NodeId};
use crate::network::checked::Column;

/// A step of so many time constants of a gate is too long: Hodgkin-Huxley at 0.5 ms, 2.1 of them, fires at 65 instead of 70 Hz.
const TOO_LONG: f64 = 1.5;

/// What is to be said of the state that decays fastest at the start of the run, by the parameters of the first neuron.
pub(super) fn long_step(explicit: &Explicit, model: &NeuronModel, params: &[Column], dt: f64) -> Option<String> {
    // what decays at one pace whatever the neuron's other states are is solved exactly at any step, with what arrives held
    let moves = |factor: NodeId| explicit.graph.leaves(factor).iter().any(|leaf| matches!(leaf, Node::State(_)));
    let rates = explicit.followed.iter().filter(|(_, factor)| moves(*factor)).filter_map(|(state, factor)| {
        let rate = -value(&explicit.graph, *factor, model, params, 0)?;
        (rate.is_finite() && rate * dt > TOO_LONG).then_some((*state, rate))
    });
    let (state, rate) = rates.max_by(|a, b| a.1.total_cmp(&b.1))?;
    let name = &model.states[state as usize].name;
    let (times, tau) = (three(rate * dt), three(1.0 / rate));
    Some(format!(
        "a step of {dt} ms is {times} times the time constant of `{name}` at rest, {tau} ms: exponential Euler stays stable there, and \
         rates and times of spikes are off by per cents; use dt below {tau} ms"
    ))
}

/// A number at the start of the run, with inputs of 0. `None`: it hangs on what is not known then.
fn value(graph: &Graph, node: NodeId, model: &NeuronModel, params: &[Column], depth: usize) -> Option<f64> {
    graph
        .evaluate_with(node, &mut |leaf| match leaf {
            Node::Param(k) => params.get(k as usize).map(|column| column.get(0)),
            // no chain of initial values is longer than there are states
            Node::State(k) if depth <= model.states.len() => {
                value(&model.graph, model.states.get(k as usize)?.initial, model, params, depth + 1)
            }
            Node::Held(_) | Node::Time => Some(0.0),
            _ => None,
        })
        .ok()
}

fn three(x: f64) -> f64 {
    let digits = 10f64.powf((2.0 - x.abs().log10().floor()).clamp(0.0, 12.0));
    short((x * digits).round() / digits)
}
