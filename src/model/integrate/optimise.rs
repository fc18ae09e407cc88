//! What depends on parameters alone is computed once: such parts of the graph become derived numbers.

use std::collections::HashMap;

use crate::model::rule::{Binary, Graph, Node, NodeId, Rule};

/// Rewrites a rule so that step nodes name derived numbers; division by one becomes a product with its inverse.
pub(super) fn hoist(rule: Rule) -> Rule {
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
        steady,
        graph: Graph::default(),
        derived: Vec::new(),
        made: HashMap::new(),
        copied: HashMap::new(),
        known: HashMap::new(),
    };
    let next = rule.next.iter().map(|n| hoisting.step(*n)).collect();
    let spike = rule.spike.map(|n| hoisting.step(n));
    let initial = rule.initial.iter().map(|n| hoisting.copy(*n)).collect();
    let systems = rule
        .systems
        .iter()
        .map(|s| crate::model::rule::LinearSystem { size: s.size, matrix: s.matrix.iter().map(|n| hoisting.copy(*n)).collect() })
        .collect();
    let Hoisting { graph, derived, .. } = hoisting;
    Rule { graph, derived, next, spike, initial, systems, ..rule }
}

struct Hoisting<'a> {
    old: &'a Graph,
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
            } else {
                let replaced = replace(node, |o| self.made[&o]);
                self.graph.add(replaced)
            };
            self.made.insert(i, new);
        }
        self.made[&root]
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

/// A node with other operands.
pub(crate) fn replace(node: Node, new: impl Fn(NodeId) -> NodeId) -> Node {
    match node {
        Node::Unary(operator, x) => Node::Unary(operator, new(x)),
        Node::Binary(operator, a, b) => Node::Binary(operator, new(a), new(b)),
        Node::Select { condition, then, otherwise } => {
            Node::Select { condition: new(condition), then: new(then), otherwise: new(otherwise) }
        }
        leaf => leaf,
    }
}
