//! Which states stay infinite or NaN once they are, and which can be finite again within a batch.
//!
//! What has become infinite or NaN mostly stays so: x + h·f(x), x·exp(-h/tau). It is enough to look at such a state when a
//! batch ends. Looked at in every step is what can come back (y = 1/x), and in rows that spike what a reset overwrites.

use super::operation::{Checks, Operand};
use super::roots::OwnedRoots;
use crate::model::rule::{Binary, Graph, Node, NodeId, Unary};

/// The nodes of [`Checks`].
#[derive(Default)]
pub struct Nodes {
    watched: Vec<u16>,
    every: Vec<NodeId>,
    tested: Vec<(u16, NodeId)>,
    undefined: Option<NodeId>,
}

impl Nodes {
    /// Of a rule: the states that are looked at, with their values at the spike test where those are kept nowhere, and all
    /// states after the step.
    pub fn new(graph: &Graph, roots: &OwnedRoots) -> Nodes {
        let OwnedRoots { watched, next, spike, undefined, .. } = roots;
        let mut nodes =
            Nodes { undefined: *undefined, watched: watched.iter().map(|(k, _)| *k as u16).collect(), ..Nodes::default() };
        for (k, tested) in watched {
            let after = next[*k];
            let Some(before) = *tested else {
                nodes.every.extend((!keeps(graph, after, *k)).then_some(after));
                continue;
            };
            nodes.tested.push((*k as u16, before));
            // in a row without a spike the two are the same, and in one with a spike the first is looked at
            let reset = |node: Node| matches!(node, Node::Select { condition, otherwise, .. } if Some(condition) == *spike && otherwise == before);
            if !reset(graph.node(after)) || !keeps(graph, before, *k) {
                nodes.every.push(before);
                nodes.every.extend((!keeps(graph, after, *k)).then_some(after));
            }
        }
        nodes
    }

    pub fn all(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.every.iter().copied().chain(self.tested.iter().map(|(_, node)| *node)).chain(self.undefined)
    }

    /// The same where the nodes lie, in the order of [`Nodes::all`].
    pub fn placed(self, operands: &[Operand]) -> Checks {
        let (every, tested) = operands.split_at(self.every.len());
        let tested = self.tested.iter().zip(tested).map(|((state, _), operand)| (*state, *operand)).collect();
        let undefined = self.undefined.and(operands.last().copied());
        Checks { watched: self.watched, every: every.to_vec(), tested, undefined }
    }
}

/// Is this surely not finite where a state was not? Whole numbers that nothing reaches have been folded before.
pub fn keeps(graph: &Graph, root: NodeId, state: usize) -> bool {
    let mut kept: Vec<bool> = Vec::with_capacity(root.0 as usize + 1);
    for node in &graph.nodes[..=root.0 as usize] {
        let at = |id: NodeId| kept[id.0 as usize];
        kept.push(match *node {
            Node::State(k) => k as usize == state,
            Node::Constant(bits) => !f64::from_bits(bits).is_finite(),
            // infinity less infinity and 0 times infinity are NaN
            Node::Binary(Binary::Add | Binary::Subtract | Binary::Multiply, a, b) => at(a) || at(b),
            Node::Binary(Binary::Divide, a, _) => at(a),
            Node::Unary(Unary::Negate | Unary::Abs | Unary::Floor | Unary::Ceil | Unary::Sqrt | Unary::Log, x) => at(x),
            Node::Unary(Unary::Sin | Unary::Cos | Unary::Tan, x) => at(x),
            Node::Select { then, otherwise, .. } => at(then) && at(otherwise),
            _ => false,
        });
    }
    kept[root.0 as usize]
}
