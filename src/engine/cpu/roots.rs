//! What a program is asked for, and the graph without what nothing reaches.

use crate::model::rule::{Binary, Graph, Node, NodeId};

/// What of a rule varies from row to row.
pub struct Shape<'a> {
    pub param_varies: &'a [bool],
    pub derived_varies: &'a [bool],
    pub held_varies: &'a [bool],
    pub port_used: &'a [bool],
}

/// Roots of a program.
pub struct Roots<'a> {
    pub next: &'a [NodeId],
    /// States that must be finite; their values at the spike test, where those are kept nowhere.
    pub watched: &'a [(usize, Option<NodeId>)],
    pub spike: Option<NodeId>,
    /// Not 0 where a comparison met NaN.
    pub undefined: Option<NodeId>,
    /// Plain results (programs of synapses).
    pub results: &'a [NodeId],
}

/// The same of another graph.
pub struct OwnedRoots {
    pub next: Vec<NodeId>,
    pub watched: Vec<(usize, Option<NodeId>)>,
    pub spike: Option<NodeId>,
    pub undefined: Option<NodeId>,
    pub results: Vec<NodeId>,
}

/// The same with ports that nothing reaches as 0, so that they cost nothing.
pub fn specialise(graph: &Graph, roots: &Roots<'_>, shape: &Shape<'_>) -> (Graph, OwnedRoots) {
    let mut out = Graph::default();
    let mut made: Vec<NodeId> = Vec::with_capacity(graph.nodes.len());
    // 0 only because nothing arrives: a product with it is 0 too, unlike one with a 0 that a user wrote (0·infinity)
    let mut unused: Vec<bool> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let get = |o: NodeId| made[o.0 as usize];
        let nothing = match *node {
            Node::Arrived(p) => !shape.port_used.get(p as usize).copied().unwrap_or(false),
            Node::Binary(Binary::Multiply, a, b) => unused[a.0 as usize] || unused[b.0 as usize],
            _ => false,
        };
        unused.push(nothing);
        let new = match *node {
            _ if nothing => Node::Constant(0f64.to_bits()),
            Node::Unary(operator, x) => Node::Unary(operator, get(x)),
            Node::Binary(operator, a, b) => Node::Binary(operator, get(a), get(b)),
            Node::Select { condition, then, otherwise } => {
                Node::Select { condition: get(condition), then: get(then), otherwise: get(otherwise) }
            }
            leaf => leaf,
        };
        made.push(out.add(new));
    }
    let get = |o: &NodeId| made[o.0 as usize];
    let roots = OwnedRoots {
        next: roots.next.iter().map(get).collect(),
        watched: roots.watched.iter().map(|(k, tested)| (*k, tested.as_ref().map(get))).collect(),
        spike: roots.spike.as_ref().map(get),
        undefined: roots.undefined.as_ref().map(get),
        results: roots.results.iter().map(get).collect(),
    };
    (out, roots)
}
