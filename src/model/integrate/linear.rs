//! Which states form closed linear systems, and which method the others ask for.

use std::collections::BTreeMap;

use super::{Advance, MethodError};
use crate::model::NeuronModel;
use crate::model::rule::{Binary, Graph, Node, NodeId, Unary};

/// An expression as a sum of variables times factors, plus a rest.
#[derive(Clone, Debug)]
pub(crate) struct Affine {
    pub factors: BTreeMap<u32, NodeId>,
    pub rest: NodeId,
}

/// Decomposes an expression into variables (chosen among its leaves) times factors plus a rest, if it is such a sum.
pub(crate) fn affine(graph: &mut Graph, root: NodeId, variable: impl Fn(Node) -> Option<u32>) -> Option<Affine> {
    let mut parts: Vec<Option<Affine>> = Vec::with_capacity(root.0 as usize + 1);
    for i in 0..=root.0 {
        let id = NodeId(i);
        let node = graph.node(id);
        let part = match node {
            leaf if variable(leaf).is_some() => {
                let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
                variable(leaf).map(|v| Affine { factors: BTreeMap::from([(v, one)]), rest: zero })
            }
            _ if Graph::operands(node).all(|o| parts[o.0 as usize].as_ref().is_some_and(|p| p.factors.is_empty())) => {
                Some(Affine { factors: BTreeMap::new(), rest: id })
            }
            Node::Unary(Unary::Negate, x) => parts[x.0 as usize].clone().map(|a| map(graph, &a, |g, n| g.unary(Unary::Negate, n))),
            Node::Binary(operator @ (Binary::Add | Binary::Subtract), a, b) => {
                both(&parts, a, b).map(|(a, b)| merge(graph, &a, &b, operator))
            }
            Node::Binary(Binary::Multiply, a, b) => {
                both(&parts, a, b).and_then(|(a, b)| match (a.factors.is_empty(), b.factors.is_empty()) {
                    (true, _) => Some(map(graph, &b, |g, n| g.times(a.rest, n))),
                    (_, true) => Some(map(graph, &a, |g, n| g.times(n, b.rest))),
                    _ => None,
                })
            }
            Node::Binary(Binary::Divide, a, b) => {
                both(&parts, a, b).filter(|(_, b)| b.factors.is_empty()).map(|(a, b)| map(graph, &a, |g, n| g.over(n, b.rest)))
            }
            Node::Select { condition, then, otherwise } => both(&parts, then, otherwise)
                .filter(|_| parts[condition.0 as usize].as_ref().is_some_and(|c| c.factors.is_empty()))
                .map(|(a, b)| choose(graph, condition, &a, &b)),
            _ => None,
        };
        parts.push(part);
    }
    parts.pop().flatten()
}

fn both(parts: &[Option<Affine>], a: NodeId, b: NodeId) -> Option<(Affine, Affine)> {
    Some((parts[a.0 as usize].clone()?, parts[b.0 as usize].clone()?))
}

fn map(graph: &mut Graph, a: &Affine, mut f: impl FnMut(&mut Graph, NodeId) -> NodeId) -> Affine {
    let zero = graph.constant(0.0);
    Affine {
        factors: a.factors.iter().map(|(k, n)| (*k, f(graph, *n))).collect(),
        rest: if a.rest == zero { zero } else { f(graph, a.rest) },
    }
}

fn merge(graph: &mut Graph, a: &Affine, b: &Affine, operator: Binary) -> Affine {
    let zero = graph.constant(0.0);
    let mut factors = BTreeMap::new();
    for k in a.factors.keys().chain(b.factors.keys()) {
        let (x, y) = (a.factors.get(k).copied().unwrap_or(zero), b.factors.get(k).copied().unwrap_or(zero));
        factors.insert(*k, graph.binary(operator, x, y));
    }
    Affine { factors, rest: graph.binary(operator, a.rest, b.rest) }
}

fn choose(graph: &mut Graph, condition: NodeId, a: &Affine, b: &Affine) -> Affine {
    let zero = graph.constant(0.0);
    let mut factors = BTreeMap::new();
    for k in a.factors.keys().chain(b.factors.keys()) {
        let (x, y) = (a.factors.get(k).copied().unwrap_or(zero), b.factors.get(k).copied().unwrap_or(zero));
        factors.insert(*k, graph.select(condition, x, y));
    }
    Affine { factors, rest: graph.select(condition, a.rest, b.rest) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Exact,
    ExponentialEuler,
    Euler,
    Heun,
    RungeKutta2,
    RungeKutta4,
    EulerMaruyama,
    Milstein,
}

impl Method {
    fn named(name: &str) -> Result<Method, MethodError> {
        Ok(match name {
            "exact" => Method::Exact,
            "exponential_euler" => Method::ExponentialEuler,
            "euler" => Method::Euler,
            "heun" => Method::Heun,
            "rk2" => Method::RungeKutta2,
            "rk4" => Method::RungeKutta4,
            "euler_maruyama" => Method::EulerMaruyama,
            "milstein" => Method::Milstein,
            other => return Err(MethodError::Unknown(other.to_string())),
        })
    }
}

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
    pub graph: Graph,
}

/// Parts the equations and settles the method.
pub(crate) fn split(model: &NeuronModel, asked: Option<&str>) -> Result<Split, MethodError> {
    settle(model, asked.map(Method::named).transpose()?, true)
}

/// The same without linear systems, whose propagators are numbers of the host: every equation is advanced by itself. `exact`
/// then serves equations that are linear in their own state and name no other that moves.
pub(crate) fn split_apart(model: &NeuronModel, asked: Option<&str>) -> Result<Split, MethodError> {
    let asked = asked.map(Method::named).transpose()?;
    if asked != Some(Method::Exact) {
        return settle(model, asked, false);
    }
    let mut split = settle(model, Some(Method::ExponentialEuler), false)?;
    let moves = |k: u32| model.states[k as usize].equation.is_some();
    let varies =
        |own: u32| move |n: Node| matches!(n, Node::End(_) | Node::Time) || matches!(n, Node::State(k) if k != own && moves(k));
    if let Some(other) = split.others.iter().find(|e| split.graph.any_leaf(e.rate, varies(e.state))) {
        let state = model.states[other.state as usize].name.clone();
        return Err(MethodError::NotLinear { model: model.ast.name.text.clone(), state, instead: "exponential_euler" });
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
    let linear = if systems { closed_linear(&mut graph, &equations, &excluded) } else { BTreeMap::new() };
    let mut rest: Vec<Advance> = Vec::new();
    let mut rows: Vec<(Advance, Affine)> = Vec::new();
    for equation in equations {
        match linear.get(&equation.state) {
            Some(row) => rows.push((equation, row.clone())),
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
                    "euler_maruyama"
                } else if conditional.is_none() {
                    "exponential_euler"
                } else {
                    "rk4"
                };
                return Err(MethodError::NotLinear { model: name(), state: state_name(a.state), instead });
            }
            None => (Method::Exact, "asked for"),
        },
        Some(Method::ExponentialEuler) if conditional.is_some() => {
            let state = state_name(conditional.unwrap_or_default());
            return Err(MethodError::NotConditionallyLinear { model: name(), state });
        }
        Some(method) if noisy && !matches!(method, Method::EulerMaruyama | Method::Milstein) => {
            return Err(MethodError::Noise { model: name(), method: METHOD_NAMES[method as usize].0.to_string() });
        }
        Some(method) => (method, "asked for"),
        None if rest.is_empty() && rows.is_empty() => (Method::Exact, "there are no differential equations"),
        None if rest.is_empty() => (Method::Exact, "every equation is linear with constant coefficients"),
        None if noisy => (Method::EulerMaruyama, "the equations hold white noise"),
        None if conditional.is_none() => (Method::ExponentialEuler, "each equation is linear in its own state"),
        None => (Method::RungeKutta4, "the equations are not linear"),
    };
    let mut explanation = format!("{} ({why})", METHOD_NAMES[method as usize].1);
    if method != Method::Exact && !rows.is_empty() {
        let exact: Vec<String> = rows.iter().map(|(a, _)| state_name(a.state)).collect();
        explanation.push_str(&format!("; {} by exact propagators", exact.join(", ")));
    }
    let systems = components(rows);
    Ok(Split { method, systems, others: rest, explanation, graph })
}

const METHOD_NAMES: [(&str, &str); 8] = [
    ("exact", "exact propagators"),
    ("exponential_euler", "exponential Euler, states one after the other"),
    ("euler", "Euler"),
    ("heun", "Heun"),
    ("rk2", "Runge-Kutta 2 (midpoint)"),
    ("rk4", "Runge-Kutta 4"),
    ("euler_maruyama", "Euler-Maruyama"),
    ("milstein", "Milstein"),
];

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
    let with_equation: Vec<u32> = equations.iter().map(|e| e.state).collect();
    let mut chosen: Vec<u32> =
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

/// Parts the rows into systems that do not touch each other.
fn components(rows: Vec<(Advance, Affine)>) -> Vec<System> {
    let states: Vec<u32> = rows.iter().map(|(a, _)| a.state).collect();
    let mut label: Vec<usize> = (0..rows.len()).collect();
    loop {
        let mut changed = false;
        for (i, (_, row)) in rows.iter().enumerate() {
            for other in row.factors.keys() {
                let Some(j) = states.iter().position(|s| s == other) else { continue };
                let low = label[i].min(label[j]);
                changed |= label[i] != low || label[j] != low;
                (label[i], label[j]) = (low, low);
            }
        }
        if !changed {
            break;
        }
    }
    let mut out: Vec<System> = Vec::new();
    let mut place: BTreeMap<usize, usize> = BTreeMap::new();
    for (i, (advance, row)) in rows.into_iter().enumerate() {
        let k = *place.entry(label[i]).or_insert_with(|| {
            out.push(System { states: Vec::new(), rows: Vec::new(), unless_refractory: Vec::new() });
            out.len() - 1
        });
        out[k].states.push(advance.state);
        out[k].rows.push(row);
        out[k].unless_refractory.push(advance.unless_refractory);
    }
    out
}
