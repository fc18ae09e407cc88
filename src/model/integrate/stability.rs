//! How far explicit methods carry: the factors by which states decay, so that a step can be held against them.
//!
//! In: a model and the method asked for. Out: [`Decay`]s, whose factors are nodes to be evaluated with parameters, and of states
//! that are linear in each other the matrix of their rates ([`Coupled`], [`fastest`]). Not here: rates that are not linear in
//! their own state, of which nothing is said.

use super::Advance;
use super::linear::{split, split_apart};
use super::propagator::{product, propagators};
use crate::model::rule::{Affine, Graph, Node, NodeId, affine};
use crate::model::{Action, Method, NeuronModel, SynapseModel};

/// States that a model advances by explicit steps.
#[derive(Clone, Debug)]
pub(crate) struct Explicit {
    /// Of the nodes below: the model's, with what was added to it.
    pub graph: Graph,
    /// The explicit method of its equations; `None`: they go by another, or it has none.
    pub method: Option<Method>,
    pub decays: Vec<Decay>,
    /// States that the method advances and that are linear in each other, where there are several.
    pub coupled: Option<Coupled>,
    /// Of exponential Euler, which is stable whatever the step: the rate by which each state decays, with everything else in it.
    pub followed: Vec<(u32, NodeId)>,
}

/// d(states)/dt = matrix·states + ..., with a matrix of parameters alone once inputs are 0.
#[derive(Clone, Debug)]
pub(crate) struct Coupled {
    pub states: Vec<u32>,
    /// Row-major.
    pub matrix: Vec<NodeId>,
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
        Err(_) => Explicit { graph: model.graph.clone(), method: None, decays: Vec::new(), coupled: None, followed: Vec::new() },
    };
    by_hand(&mut explicit, &model.step);
    explicit
}

/// The same for the states of synapses.
pub(crate) fn of_synapses(model: &SynapseModel) -> Explicit {
    let parted = split_apart(&super::edge::bare(model), model.method);
    let mut explicit = match parted {
        Ok(split) => by_method(split),
        Err(_) => Explicit { graph: model.graph.clone(), method: None, decays: Vec::new(), coupled: None, followed: Vec::new() },
    };
    by_hand(&mut explicit, &model.step);
    explicit
}

fn by_method(split: super::linear::Split) -> Explicit {
    let mut graph = split.graph;
    if matches!(split.method, Method::Exact | Method::ExponentialEuler) {
        let mut followed = Vec::new();
        for advance in &split.others {
            let own = |n: Node| (n == Node::State(advance.state)).then_some(advance.state);
            if let Some(factor) = affine(&mut graph, advance.rate, own).and_then(|p| p.factors.get(&advance.state).copied()) {
                followed.push((advance.state, factor));
            }
        }
        return Explicit { graph, method: None, decays: Vec::new(), coupled: None, followed };
    }
    let mut decays = Vec::new();
    for advance in &split.others {
        if let Some(factor) = own_factor(&mut graph, advance.rate, advance.state) {
            decays.push(Decay { state: advance.state, factor, of_step: false });
        }
    }
    let coupled = coupled(&mut graph, &split.others);
    Explicit { graph, method: Some(split.method), decays, coupled, followed: Vec::new() }
}

/// More states than these are not looked at together: every row of the description would cost their third power.
const MOST_COUPLED: usize = 64;

fn coupled(graph: &mut Graph, equations: &[Advance]) -> Option<Coupled> {
    let mut states: Vec<u32> = equations.iter().map(|e| e.state).collect();
    loop {
        if states.len() < 2 || states.len() > MOST_COUPLED {
            return None;
        }
        let mut rows: Vec<(u32, Affine)> = Vec::new();
        for equation in equations.iter().filter(|e| states.contains(&e.state)) {
            let variable = |n: Node| match n {
                Node::State(k) if states.contains(&k) => Some(k),
                _ => None,
            };
            let Some(row) = affine(graph, equation.rate, variable) else { continue };
            if row.factors.values().all(|factor| is_known(graph, *factor)) {
                rows.push((equation.state, row));
            }
        }
        if rows.len() == states.len() {
            let zero = graph.constant(0.0);
            let of_row =
                |(_, row): &(u32, Affine)| states.iter().map(|k| row.factors.get(k).copied().unwrap_or(zero)).collect::<Vec<_>>();
            let (order, matrix) =
                (rows.iter().map(|(state, _)| *state).collect::<Vec<_>>(), rows.iter().flat_map(of_row).collect());
            // equations come in the order of the list that the states were taken from
            return (order == states).then_some(Coupled { states, matrix });
        }
        states.retain(|k| rows.iter().any(|(state, _)| state == k));
    }
}

/// The fastest rate at which solutions of x' = A x decay: the largest -Re(λ) of the eigenvalues; A row-major, n·n, per ms.
///
/// exp(-A t) grows at that rate in the end; it is squared until nothing else is left of it, and kept near 1 in size.
pub(crate) fn fastest(matrix: &[f64], n: usize) -> f64 {
    const SQUARINGS: u32 = 50;
    let size = norm(matrix, n);
    if size == 0.0 || !size.is_finite() {
        return 0.0;
    }
    let h = 1.0 / size;
    let backwards: Vec<f64> = matrix.iter().map(|x| -x).collect();
    let (mut grown, _) = propagators(&backwards, n, h);
    (0..n).for_each(|i| grown[i * n + i] += 1.0);
    let mut log = 0.0;
    for _ in 0..=SQUARINGS {
        let scale = norm(&grown, n);
        grown.iter_mut().for_each(|x| *x /= scale);
        log += libm::log(scale);
        grown = product(&grown, &grown, n);
        log *= 2.0;
    }
    log / (h * libm::exp2(f64::from(SQUARINGS) + 1.0))
}

/// The largest sum of a row: no eigenvalue is larger.
pub(crate) fn norm(matrix: &[f64], n: usize) -> f64 {
    matrix.chunks_exact(n).map(|row| row.iter().map(|x| x.abs()).sum::<f64>()).fold(0.0, f64::max)
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
    is_known(graph, factor).then_some(factor)
}

/// Does it follow from parameters and dt alone once inputs are 0?
fn is_known(graph: &Graph, factor: NodeId) -> bool {
    let known = |n: Node| matches!(n, Node::Param(_) | Node::Dt | Node::Held(_));
    !graph.any_leaf(factor, |n| Graph::operands(n).next().is_none() && !matches!(n, Node::Constant(_)) && !known(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_decay_is_that_of_the_eigenvalues() {
        // eigenvalues by hand: of a triangle its diagonal; of a rotation a ± ib; of two that couple -1 ± 10; twice -3 in a Jordan block
        let cases: [(&[f64], f64); 6] = [
            (&[-2.0, 5.0, 0.0, -7.0], 7.0),
            (&[-1.0, 100.0, -100.0, -1.0], 1.0),
            (&[-1.0, 10.0, 10.0, -1.0], 11.0),
            (&[-3.0, 1.0, 0.0, -3.0], 3.0),
            (&[2.0, 0.0, 0.0, 3.0], -2.0),
            (&[-1.0, 0.0, 0.0, 0.0, -0.5, 1e3, 0.0, -1e3, -0.5], 1.0),
        ];
        for (matrix, rate) in cases {
            let n = matrix.len().isqrt();
            assert!((fastest(matrix, n) - rate).abs() < 1e-8 * norm(matrix, n), "{matrix:?}: {}", fastest(matrix, n));
        }
        assert_eq!(fastest(&[0.0; 4], 2), 0.0);
    }
}
