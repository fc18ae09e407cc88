//! What a node is computed from, found at the cost of what is met, not of what the graph holds.

use std::collections::HashSet;

use super::{Graph, NodeId};

impl Graph {
    /// The nodes that a node is computed from, itself included, operands before their users. Those that are `known`, and what
    /// stands below them alone, are left out.
    pub fn below(&self, root: NodeId, known: impl Fn(NodeId) -> bool) -> Vec<NodeId> {
        let mut out = Vec::new();
        if !known(root) {
            self.visit_new(root, known, |id| {
                out.push(id);
                true
            });
        }
        // operands stand before their users
        out.sort_unstable();
        out
    }

    /// Calls back for every node that a node is computed from, once each, until the answer is `false`.
    pub(super) fn visit(&self, root: NodeId, each: impl FnMut(NodeId) -> bool) {
        self.visit_new(root, |_| false, each);
    }

    /// The same but for what is known. Costs what it meets, not what the graph holds.
    fn visit_new(&self, root: NodeId, known: impl Fn(NodeId) -> bool, mut each: impl FnMut(NodeId) -> bool) {
        if root.0 as usize >= self.nodes.len() {
            return;
        }
        let mut seen = Seen::up_to(root);
        let mut open = vec![root];
        seen.insert(root);
        while let Some(id) = open.pop() {
            if !each(id) {
                return;
            }
            open.extend(Graph::operands(self.node(id)).filter(|o| !known(*o) && seen.insert(*o)));
        }
    }
}

/// Nodes that have been met: bits of a word for a small graph, a set where the graph may be far larger than what is met.
enum Seen {
    Few(Vec<u64>),
    Many(HashSet<NodeId>),
}

impl Seen {
    /// For nodes up to this one.
    fn up_to(root: NodeId) -> Seen {
        let words = root.0 as usize / 64 + 1;
        if words <= 64 { Seen::Few(vec![0; words]) } else { Seen::Many(HashSet::new()) }
    }

    /// Whether the node is new. Operands stand before their users, so none lies behind the first.
    fn insert(&mut self, id: NodeId) -> bool {
        match self {
            Seen::Few(words) => {
                let (word, bit) = (id.0 as usize / 64, 1u64 << (id.0 % 64));
                let new = words[word] & bit == 0;
                words[word] |= bit;
                new
            }
            Seen::Many(set) => set.insert(id),
        }
    }
}
