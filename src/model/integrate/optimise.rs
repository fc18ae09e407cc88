//! What depends on parameters alone is computed once: such parts of the graph become derived numbers.

use std::collections::HashMap;

use super::steps::Comparison;
use crate::model::rule::{Binary, Graph, Node, NodeId, Rule, replace};

/// Rewrites a rule so that step nodes name derived numbers; division by one becomes a product with its inverse.
pub(super) fn hoist(rule: Rule, dt: f64) -> Rule {
    let old = &rule.graph;
    let mut steady = vec![false; old.nodes.len()];
    for (i, node) in old.nodes.iter().enumerate() {
        steady[i] = match node {
            Node::Constant(_) | Node::Param(_) | Node::Propagator { .. } => true,
            Node::Unary(..) | Node::Binary(..) | Node::Select { .. } => Graph::operands(*node).all(|o| steady[o.0 as usize]),
            _ => false,
        };
    }
    let mut hoisting = Hoisting {
        old,
        dt,
        steady,
        graph: Graph::default(),
        derived: Vec::new(),
        made: HashMap::new(),
        copied: HashMap::new(),
        known: HashMap::new(),
    };
    let next = rule.next.iter().map(|n| hoisting.step(*n)).collect();
    let tested = rule.tested.iter().map(|n| hoisting.step(*n)).collect();
    let spike = rule.spike.map(|n| hoisting.step(n));
    let initial = rule.initial.iter().map(|n| hoisting.copy(*n)).collect();
    let systems = rule
        .systems
        .iter()
        .map(|s| crate::model::rule::LinearSystem { size: s.size, matrix: s.matrix.iter().map(|n| hoisting.copy(*n)).collect() })
        .collect();
    let countdown = rule.countdown.map(|n| hoisting.step(n));
    let Hoisting { graph, derived, .. } = hoisting;
    Rule { graph, derived, next, tested, spike, countdown, initial, systems, ..rule }
}

struct Hoisting<'a> {
    old: &'a Graph,
    /// ms
    dt: f64,
    steady: Vec<bool>,
    graph: Graph,
    derived: Vec<NodeId>,
    /// Old node to new node of the step.
    made: HashMap<NodeId, NodeId>,
    /// Old node to new node, as it is.
    copied: HashMap<NodeId, NodeId>,
    /// New node of parameters to its derived leaf.
    known: HashMap<NodeId, NodeId>,
}

impl Hoisting<'_> {
    /// A node as it stands, without derived numbers.
    fn copy(&mut self, root: NodeId) -> NodeId {
        for i in self.old.below(root, |known| self.copied.contains_key(&known)) {
            let node = replace(self.old.node(i), |o| self.copied[&o]);
            let new = self.graph.add(node);
            self.copied.insert(i, new);
        }
        self.copied[&root]
    }

    /// A node of the step, with what is steady in it as derived numbers.
    fn step(&mut self, root: NodeId) -> NodeId {
        for i in self.old.below(root, |known| self.made.contains_key(&known)) {
            let node = self.old.node(i);
            let new = if self.steady[i.0 as usize] {
                match node {
                    Node::Constant(_) | Node::Param(_) => self.graph.add(node),
                    _ => {
                        let copy = self.copy(i);
                        self.derive(copy)
                    }
                }
            } else if let Node::Binary(Binary::Divide, a, b) = node
                && self.steady[b.0 as usize]
            {
                let below = self.copy(b);
                let one = self.graph.constant(1.0);
                let inverse = self.graph.over(one, below);
                let inverse = self.derive(inverse);
                let above = self.made[&a];
                self.scaled(above, inverse)
            } else if let Node::Binary(Binary::Multiply, a, b) = node {
                let (x, y) = (self.made[&a], self.made[&b]);
                if self.steady[a.0 as usize] {
                    self.scaled(y, x)
                } else if self.steady[b.0 as usize] {
                    self.scaled(x, y)
                } else {
                    self.graph.times(x, y)
                }
            } else if let Some(comparison) = self.comparison(node) {
                comparison
            } else {
                let replaced = replace(node, |o| self.made[&o]);
                self.graph.add(replaced)
            };
            self.made.insert(i, new);
        }
        self.made[&root]
    }

    /// Time, perhaps with a steady number added, compared with a steady number: a comparison of steps.
    fn comparison(&mut self, node: Node) -> Option<NodeId> {
        let Node::Binary(operator @ (Binary::Less | Binary::LessEqual | Binary::Equal), a, b) = node else { return None };
        let (time_first, time, bound) = match (self.steady[a.0 as usize], self.steady[b.0 as usize]) {
            (false, true) => (true, a, b),
            (true, false) => (false, b, a),
            _ => return None,
        };
        let shifts = self.shifts(time)?;
        let mut bound = self.copy(bound);
        for (added, shift) in shifts {
            let shift = self.copy(shift);
            bound = if added { self.graph.minus(bound, shift) } else { self.graph.plus(bound, shift) };
        }
        let dt = self.graph.constant(self.dt);
        let steps = self.graph.over(bound, dt);
        let comparison = Comparison { operator, time_first };
        let rounded = comparison.roundings().iter().map(|up| {
            let (high, low) = comparison.steps(&mut self.graph, steps, *up);
            (self.derive(high), self.derive(low))
        });
        let bounds: Vec<(NodeId, NodeId)> = rounded.collect();
        Some(comparison.build(&mut self.graph, &bounds))
    }

    /// The steady numbers that are added to time (or taken from it) in a node; `None` if it is anything else.
    fn shifts(&self, node: NodeId) -> Option<Vec<(bool, NodeId)>> {
        let steady = |id: NodeId| self.steady[id.0 as usize];
        let (rest, shift) = match self.old.node(node) {
            Node::Time => return Some(Vec::new()),
            Node::Binary(Binary::Add, a, b) if steady(b) => (a, (true, b)),
            Node::Binary(Binary::Add, a, b) if steady(a) => (b, (true, a)),
            Node::Binary(Binary::Subtract, a, b) if steady(b) => (a, (false, b)),
            _ => return None,
        };
        let mut shifts = self.shifts(rest)?;
        shifts.push(shift);
        Some(shifts)
    }

    /// x times a steady number; where x is itself such a product, the two numbers become one.
    fn scaled(&mut self, x: NodeId, factor: NodeId) -> NodeId {
        if let Node::Binary(Binary::Multiply, y, inner) = self.graph.node(x) {
            for (rest, steady) in [(y, inner), (inner, y)] {
                let number = |n: NodeId| matches!(self.graph.node(n), Node::Constant(_) | Node::Param(_) | Node::Derived(_));
                if number(steady) && !number(rest) {
                    let (a, b) = (self.undo(steady), self.undo(factor));
                    let both = self.graph.times(a, b);
                    let both = self.derive(both);
                    return self.graph.times(rest, both);
                }
            }
        }
        self.graph.times(x, factor)
    }

    /// What stands behind a derived number.
    fn undo(&self, node: NodeId) -> NodeId {
        match self.graph.node(node) {
            Node::Derived(k) => self.derived[k as usize],
            _ => node,
        }
    }

    fn derive(&mut self, node: NodeId) -> NodeId {
        if let Node::Constant(_) | Node::Param(_) = self.graph.node(node) {
            return node;
        }
        if let Some(&leaf) = self.known.get(&node) {
            return leaf;
        }
        let leaf = self.graph.add(Node::Derived(self.derived.len() as u32));
        self.derived.push(node);
        self.known.insert(node, leaf);
        leaf
    }
}
