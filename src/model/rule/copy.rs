//! Nodes with other operands, and what stands below a node copied into another graph.

use super::{Binary, Graph, Node, NodeId};

/// A node with other operands.
pub fn replace(node: Node, new: impl Fn(NodeId) -> NodeId) -> Node {
    match node {
        Node::Unary(operator, x) => Node::Unary(operator, new(x)),
        Node::Binary(operator, a, b) => Node::Binary(operator, new(a), new(b)),
        Node::Chance(draw, p) => Node::Chance(draw, new(p)),
        Node::Select { condition, then, otherwise } => {
            Node::Select { condition: new(condition), then: new(then), otherwise: new(otherwise) }
        }
        leaf => leaf,
    }
}

impl Graph {
    /// Copies what stands below a node of another graph; `leaf` gives what stands for a leaf of it here.
    pub(crate) fn copy_of(&mut self, from: &Graph, root: NodeId, leaf: &mut dyn FnMut(&mut Graph, Node) -> NodeId) -> NodeId {
        let below = from.below(root, |_| false);
        let mut made: Vec<NodeId> = Vec::with_capacity(below.len());
        // operands stand among what is below, before their users, the root itself last
        let place = |id: NodeId| below.partition_point(|known| *known < id);
        for id in &below {
            let node = from.node(*id);
            let new =
                if Graph::operands(node).next().is_none() { leaf(self, node) } else { self.add(replace(node, |o| made[place(o)])) };
            made.push(new);
        }
        made[place(root)]
    }

    /// A value kept between two ends, as far as they are given.
    pub(crate) fn within(&mut self, value: NodeId, [low, high]: [Option<NodeId>; 2]) -> NodeId {
        let value = low.map_or(value, |low| self.binary(Binary::Max, value, low));
        high.map_or(value, |high| self.binary(Binary::Min, value, high))
    }
}
