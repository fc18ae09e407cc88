//! Which states form closed linear systems, and which method the others ask for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Advance, MethodError};
use crate::model::rule::{Binary, Graph, Node, NodeId, Unary};
use crate::model::{Action, Method, NeuronModel};

/// An expression as a sum of variables times factors, plus a rest.
#[derive(Clone, Debug)]
pub(crate) struct Affine {
    pub factors: BTreeMap<u32, NodeId>,
    pub rest: NodeId,
}

/// Decomposes an expression into variables (chosen among its leaves) times factors plus a rest, if it is such a sum.
pub(crate) fn affine(graph: &mut Graph, root: NodeId, variable: impl Fn(Node) -> Option<u32>) -> Option<Affine> {
    let below = graph.below(root, |_| false);
    let mut parts = Parts { left: vec![0; below.len()], known: Vec::with_capacity(below.len()), below };
    for id in &parts.below {
        for operand in Graph::operands(graph.node(*id)) {
            if let Ok(k) = parts.below.binary_search(&operand) {
                parts.left[k] += 1;
            }
        }
    }
    for k in 0..parts.below.len() {
        let id = parts.below[k];
        let node = graph.node(id);
        let part = match node {
            leaf if variable(leaf).is_some() => {
                let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
                variable(leaf).map(|v| Affine { factors: BTreeMap::from([(v, one)]), rest: zero })
            }
            _ if Graph::operands(node).all(|o| parts.is_plain(o)) => Some(Affine { factors: BTreeMap::new(), rest: id }),
            Node::Unary(Unary::Negate, x) => parts.take(x).map(|a| map(graph, &a, |g, n| g.unary(Unary::Negate, n))),
            Node::Binary(operator @ (Binary::Add | Binary::Subtract), a, b) => {
                parts.both(a, b).map(|(a, b)| merge(graph, a, b, operator))
            }
            Node::Binary(Binary::Multiply, a, b) => {
                parts.both(a, b).and_then(|(a, b)| match (a.factors.is_empty(), b.factors.is_empty()) {
                    (true, _) => Some(map(graph, &b, |g, n| g.times(a.rest, n))),
                    (_, true) => Some(map(graph, &a, |g, n| g.times(n, b.rest))),
                    _ => None,
                })
            }
            Node::Binary(Binary::Divide, a, b) => {
                parts.both(a, b).filter(|(_, b)| b.factors.is_empty()).map(|(a, b)| map(graph, &a, |g, n| g.over(n, b.rest)))
            }
            Node::Select { condition, then, otherwise } if parts.is_plain(condition) => {
                parts.both(then, otherwise).map(|(a, b)| choose(graph, condition, &a, &b))
            }
            _ => None,
        };
        parts.known.push(part);
    }
    parts.known.pop().flatten()
}

/// The parts of what stands below a root.
struct Parts {
    below: Vec<NodeId>,
    known: Vec<Option<Affine>>,
    /// Users of each node that have not taken its parts yet: the last one need not copy them.
    left: Vec<u32>,
}

impl Parts {
    /// Is the node free of variables?
    fn is_plain(&self, id: NodeId) -> bool {
        let part = self.known.get(self.place(id)).and_then(Option::as_ref);
        part.is_some_and(|p| p.factors.is_empty())
    }

    /// Operands stand among what is below.
    fn place(&self, id: NodeId) -> usize {
        self.below.partition_point(|known| *known < id)
    }

    fn take(&mut self, id: NodeId) -> Option<Affine> {
        let k = self.place(id);
        self.left[k] = self.left[k].saturating_sub(1);
        if self.left[k] == 0 { self.known.get_mut(k)?.take() } else { self.known.get(k)?.clone() }
    }

    fn both(&mut self, a: NodeId, b: NodeId) -> Option<(Affine, Affine)> {
        let (a, b) = (self.take(a), self.take(b));
        Some((a?, b?))
    }
}

fn map(graph: &mut Graph, a: &Affine, mut f: impl FnMut(&mut Graph, NodeId) -> NodeId) -> Affine {
    let zero = graph.constant(0.0);
    Affine {
        factors: a.factors.iter().map(|(k, n)| (*k, f(graph, *n))).collect(),
        rest: if a.rest == zero { zero } else { f(graph, a.rest) },
    }
}

/// Sums and differences: what stands in one of the two alone is not touched, so that a long sum costs no more than its terms.
fn merge(graph: &mut Graph, a: Affine, b: Affine, operator: Binary) -> Affine {
    let zero = graph.constant(0.0);
    let Affine { mut factors, rest } = a;
    let (shared, own): (Vec<_>, Vec<_>) = b.factors.into_iter().partition(|(k, _)| factors.contains_key(k));
    for (k, y) in shared.into_iter().chain(own) {
        let x = factors.get(&k).copied().unwrap_or(zero);
        factors.insert(k, graph.binary(operator, x, y));
    }
    Affine { factors, rest: graph.binary(operator, rest, b.rest) }
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
    let linear = if systems { closed_linear(&mut graph, &equations, &excluded) } else { BTreeMap::new() };
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
        Some(method) if noisy && !matches!(method, Method::EulerMaruyama | Method::Milstein) => {
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
