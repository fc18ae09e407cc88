//! Expressions that are sums of variables times factors, plus a rest.

use std::collections::BTreeMap;

use super::{Binary, Graph, Node, NodeId, Unary};

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

/// The rate of a state as a factor of the state and a rest, both of parameters alone: then it has a closed form. They stand in the
/// graph that is given back; `None`: it has none.
pub(crate) fn closed_form(graph: &Graph, rate: NodeId, state: u32) -> Option<(Graph, [NodeId; 2])> {
    let mut graph = graph.clone();
    let sum = affine(&mut graph, rate, |node| (node == Node::State(state)).then_some(0))?;
    let zero = graph.constant(0.0);
    let parts = [sum.factors.get(&0).copied().unwrap_or(zero), sum.rest];
    let plain = |n: Node| matches!(n, Node::Constant(_) | Node::Param(_) | Node::Dt) || Graph::operands(n).next().is_some();
    parts.iter().all(|part| !graph.any_leaf(*part, |n| !plain(n))).then_some((graph, parts))
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
