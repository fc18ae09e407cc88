//! Which states form closed linear systems, and which method the others ask for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Advance, MethodError};
use crate::model::rule::{Affine, Graph, Node, NodeId, affine};
use crate::model::{Action, Method, NeuronModel};

/// One closed linear system: x_i' = sum of A_ij x_j + b_i, A of parameters alone, b held over a step.
pub(crate) struct System {
    pub states: Vec<u32>,
    /// By row, in the graph of [`Split::graph`].
    pub rows: Vec<Affine>,
    pub unless_refractory: Vec<bool>,
}

/// The equations of a model, parted by how they are advanced. Nodes are in the graph of the model, which stands in
/// `graph` with what the decompositions added.
pub(crate) struct Split {
    pub method: Method,
    pub systems: Vec<System>,
    pub others: Vec<Advance>,
    pub explanation: String,
    /// What a user should know of the choice.
    pub remark: Option<String>,
    pub graph: Graph,
}

/// The most states of one linear system that exact propagators serve unasked: a step costs a product for every pair.
pub(crate) const MOST_COUPLED: usize = 32;

/// Parts the equations and settles the method.
pub(crate) fn split(model: &NeuronModel, asked: Option<Method>) -> Result<Split, MethodError> {
    settle(model, asked, true)
}

/// The same without linear systems, whose propagators are numbers of the host: every equation is advanced by itself. `exact`
/// then serves equations that are linear in their own state and name no other that moves.
pub(crate) fn split_apart(model: &NeuronModel, asked: Option<Method>) -> Result<Split, MethodError> {
    if asked != Some(Method::Exact) {
        return settle(model, asked, false);
    }
    let mut split = settle(model, Some(Method::ExponentialEuler), false)?;
    let moves = |k: u32| model.states[k as usize].equation.is_some();
    let varies =
        |own: u32| move |n: Node| matches!(n, Node::End(_) | Node::Time) || matches!(n, Node::State(k) if k != own && moves(k));
    if let Some(other) = split.others.iter().find(|e| split.graph.any_leaf(e.rate, varies(e.state))) {
        let state = model.states[other.state as usize].name.clone();
        return Err(MethodError::NotLinear { model: model.ast.name.text.clone(), state, instead: Method::ExponentialEuler });
    }
    split.explanation = "exact (asked for)".into();
    Ok(split)
}

fn settle(model: &NeuronModel, asked: Option<Method>, systems: bool) -> Result<Split, MethodError> {
    let mut graph = model.graph.clone();
    let name = || model.ast.name.text.clone();
    let equations = drift_and_noise(model, &mut graph)?;
    let noisy = equations.iter().any(|e| !e.noise.is_empty());
    let tested: Vec<u32> = equations
        .iter()
        .map(|e| e.state)
        .filter(|&s| model.threshold.is_some_and(|t| graph.any_leaf(t, |n| n == Node::State(s))))
        .collect();
    // where a method is asked for, what the threshold tests and what is driven goes by it; the rest decays by itself
    let driven = |e: &Advance| graph.any_leaf(e.rate, |n| matches!(n, Node::Held(_)));
    let excluded: Vec<u32> = match asked {
        None | Some(Method::Exact) => Vec::new(),
        Some(_) => equations.iter().filter(|e| tested.contains(&e.state) || driven(e)).map(|e| e.state).collect(),
    };
    let linear = if systems && !asked.is_some_and(Method::takes_all) {
        closed_linear(&mut graph, &equations, &excluded)
    } else {
        BTreeMap::new()
    };
    let mut linear = linear;
    let coupled = largest(&linear);
    let too_many = asked != Some(Method::Exact) && coupled.len() > MOST_COUPLED;
    while asked != Some(Method::Exact) {
        let states = largest(&linear);
        if states.len() <= MOST_COUPLED {
            break;
        }
        // what is coupled touches nothing else that is linear, so that the others stay exact
        linear.retain(|state, _| !states.contains(state));
    }
    let mut rest: Vec<Advance> = Vec::new();
    let mut rows: Vec<(Advance, Affine)> = Vec::new();
    for equation in equations {
        match linear.remove(&equation.state) {
            Some(row) => rows.push((equation, row)),
            None => rest.push(equation),
        }
    }
    // the state that the threshold tests comes last, and then sees the others' new values
    rest.sort_by_key(|a| tested.contains(&a.state));
    let state_name = |k: u32| model.states[k as usize].name.clone();
    let conditional = rest
        .iter()
        .find(|a| affine(&mut graph, a.rate, |n| (n == Node::State(a.state)).then_some(a.state)).is_none())
        .map(|a| a.state);
    let (method, why) = match asked {
        Some(Method::Exact) => match rest.first() {
            Some(a) => {
                let instead = if noisy {
                    Method::EulerMaruyama
                } else if conditional.is_none() {
                    Method::ExponentialEuler
                } else {
                    Method::RungeKutta4
                };
                return Err(MethodError::NotLinear { model: name(), state: state_name(a.state), instead });
            }
            None => (Method::Exact, "asked for"),
        },
        Some(Method::ExponentialEuler) if conditional.is_some() => {
            let state = state_name(conditional.unwrap_or_default());
            return Err(MethodError::NotConditionallyLinear { model: name(), state });
        }
        Some(method) if noisy && !method.carries_noise() => {
            return Err(MethodError::Noise { model: name(), method });
        }
        Some(method) => (method, "asked for"),
        None if rest.is_empty() && rows.is_empty() => (Method::Exact, ""),
        None if rest.is_empty() => (Method::Exact, "every equation is linear with constant coefficients"),
        None if noisy => (Method::EulerMaruyama, "the equations hold white noise"),
        None if conditional.is_none() => (Method::ExponentialEuler, "each equation is linear in its own state"),
        None => (Method::RungeKutta4, "the equations are not linear"),
    };
    let mut explanation = match why {
        // what its statements do, an Euler step perhaps, is theirs
        "" if model.step.iter().any(|a| matches!(a, Action::Assign(_))) => {
            "the statements of its `step` (there are no differential equations)".into()
        }
        "" => "none (there are no differential equations)".into(),
        why => format!("{} ({why})", method.words()),
    };
    if method != Method::Exact && !rows.is_empty() {
        let exact: Vec<String> = rows.iter().map(|(a, _)| state_name(a.state)).collect();
        explanation.push_str(&format!("; {} by exact propagators", exact.join(", ")));
    }
    let systems = components(rows);
    let remark = too_many.then(|| {
        format!(
            "model {}: {} of its states are coupled linearly; exact propagators are taken unasked up to {MOST_COUPLED}, and these go by {}, whose error falls with dt; \
             `method exact` takes propagators all the same, at a product for every pair in every step",
            name(),
            coupled.len(),
            method.words(),
        )
    });
    Ok(Split { method, systems, others: rest, explanation, remark, graph })
}

fn drift_and_noise(model: &NeuronModel, graph: &mut Graph) -> Result<Vec<Advance>, MethodError> {
    let mut out = Vec::new();
    for (k, state) in model.states.iter().enumerate() {
        let Some(equation) = &state.equation else { continue };
        let parts = affine(graph, equation.rate, |n| match n {
            Node::Noise(k) => Some(k),
            _ => None,
        });
        let Some(parts) = parts else {
            return Err(MethodError::NoiseNotAdditive { model: model.ast.name.text.clone(), state: state.name.clone() });
        };
        let noise: Vec<(u32, NodeId)> = parts.factors.into_iter().collect();
        let rate = if noise.is_empty() { equation.rate } else { parts.rest };
        out.push(Advance { state: k as u32, rate, noise, unless_refractory: equation.unless_refractory });
    }
    Ok(out)
}

/// The largest set of states whose rates are linear in each other with coefficients of parameters alone.
fn closed_linear(graph: &mut Graph, equations: &[Advance], excluded: &[u32]) -> BTreeMap<u32, Affine> {
    let with_equation: BTreeSet<u32> = equations.iter().map(|e| e.state).collect();
    let mut chosen: BTreeSet<u32> =
        equations.iter().filter(|e| e.noise.is_empty() && !excluded.contains(&e.state)).map(|e| e.state).collect();
    loop {
        let mut rows = BTreeMap::new();
        for equation in equations.iter().filter(|e| chosen.contains(&e.state)) {
            let row = affine(graph, equation.rate, |n| match n {
                Node::State(k) if chosen.contains(&k) => Some(k),
                _ => None,
            });
            let Some(row) = row else { continue };
            let constant = |n: Node| matches!(n, Node::State(_) | Node::Held(_) | Node::Time | Node::Noise(_));
            let linear = row.factors.values().all(|f| !graph.any_leaf(*f, constant));
            let steady = !graph.any_leaf(row.rest, |n| match n {
                Node::State(k) => with_equation.contains(&k),
                Node::Time | Node::Noise(_) => true,
                _ => false,
            });
            if linear && steady {
                rows.insert(equation.state, row);
            }
        }
        if rows.len() == chosen.len() {
            return rows;
        }
        chosen.retain(|k| rows.contains_key(k));
    }
}

/// The states of the largest system that is linear in itself.
fn largest(rows: &BTreeMap<u32, Affine>) -> BTreeSet<u32> {
    let mut label = labels(rows.iter().map(|(state, row)| (*state, row)));
    let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
    label.values().for_each(|l| *sizes.entry(*l).or_default() += 1);
    let Some((most, _)) = sizes.into_iter().max_by_key(|(_, size)| *size) else { return BTreeSet::new() };
    label.retain(|_, l| *l == most);
    label.into_keys().collect()
}

/// By state: the first state of the system that it belongs to.
fn labels<'r>(rows: impl Iterator<Item = (u32, &'r Affine)> + Clone) -> BTreeMap<u32, u32> {
    // sets of states, joined where a row names both; a root stands for itself
    let mut above: BTreeMap<u32, u32> = rows.clone().map(|(state, _)| (state, state)).collect();
    fn root(above: &mut BTreeMap<u32, u32>, mut at: u32) -> u32 {
        while let Some(&next) = above.get(&at).filter(|next| **next != at) {
            let further = above.get(&next).copied().unwrap_or(next);
            above.insert(at, further);
            at = further;
        }
        at
    }
    for (state, row) in rows {
        for other in row.factors.keys() {
            if above.contains_key(other) {
                let (a, b) = (root(&mut above, state), root(&mut above, *other));
                above.insert(a.max(b), a.min(b));
            }
        }
    }
    let states: Vec<u32> = above.keys().copied().collect();
    states.into_iter().map(|state| (state, root(&mut above, state))).collect()
}

/// Parts the rows into systems that do not touch each other.
fn components(rows: Vec<(Advance, Affine)>) -> Vec<System> {
    let label = labels(rows.iter().map(|(advance, row)| (advance.state, row)));
    let mut out: Vec<System> = Vec::new();
    let mut place: BTreeMap<u32, usize> = BTreeMap::new();
    for (advance, row) in rows {
        let k = *place.entry(label[&advance.state]).or_insert_with(|| {
            out.push(System { states: Vec::new(), rows: Vec::new(), unless_refractory: Vec::new() });
            out.len() - 1
        });
        out[k].states.push(advance.state);
        out[k].rows.push(row);
        out[k].unless_refractory.push(advance.unless_refractory);
    }
    out
}
