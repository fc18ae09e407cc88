//! Ports that nothing reaches: a constant 0 in the rule of a group, for every engine alike; and so is the question whether a
//! derived number is none, where the host knows that it is one.
//!
//! In: a rule, which ports are used, which derived numbers are numbers. Out: [`Roots`], the same without them. A product with what never arrives is 0, whatever
//! stands beside it: a gain may be infinite, and 0 times infinity would be no number. A 0 that a user wrote is another matter.
//! Nothing of it is worked out in a step.

use crate::model::rule::{Binary, Graph, Node, NodeId, Rule, Unary, replace};

/// A graph, and what an engine asks of it.
pub(super) struct Roots {
    pub graph: Graph,
    pub next: Vec<NodeId>,
    pub spike: Option<NodeId>,
    /// States that must be finite; their values at the spike test where those are kept nowhere.
    pub watched: Vec<(usize, Option<NodeId>)>,
    pub undefined: Option<NodeId>,
}

impl Roots {
    /// Those of a rule; `used`: does anything reach a port? `number`: is a derived number one, in all rows?
    pub fn of(rule: &Rule, used: &dyn Fn(u32) -> bool, number: &dyn Fn(u32) -> bool) -> Roots {
        let all = Roots {
            graph: rule.graph.clone(),
            next: rule.next.clone(),
            spike: rule.spike,
            watched: rule.watched().map(|k| (k, rule.overwritten(k))).collect(),
            undefined: rule.undefined.map(|u| u.node),
        };
        let silent = |node: &Node| matches!(*node, Node::Arrived(port) if !used(port));
        let sure = |node: &Node| match *node {
            Node::Unary(Unary::NotANumber, x) => matches!(rule.graph.node(x), Node::Derived(k) if number(k)),
            _ => false,
        };
        if !all.graph.nodes.iter().any(|node| silent(node) || sure(node)) {
            return all;
        }
        let mut graph = Graph::default();
        let mut made: Vec<NodeId> = Vec::with_capacity(rule.graph.nodes.len());
        let mut nothing: Vec<bool> = Vec::with_capacity(rule.graph.nodes.len());
        for node in &rule.graph.nodes {
            let none = match *node {
                Node::Binary(Binary::Multiply, a, b) => nothing[a.0 as usize] || nothing[b.0 as usize],
                node => silent(&node),
            };
            nothing.push(none);
            let new = if none || sure(node) { Node::Constant(0f64.to_bits()) } else { replace(*node, |o| made[o.0 as usize]) };
            made.push(graph.add(new));
        }
        let at = |id: NodeId| made[id.0 as usize];
        let undefined = all.undefined.map(at).filter(|node| graph.as_constant(*node) != Some(0.0));
        Roots {
            graph,
            next: all.next.into_iter().map(at).collect(),
            spike: all.spike.map(at),
            watched: all.watched.into_iter().map(|(k, tested)| (k, tested.map(at))).collect(),
            undefined,
        }
    }
}
