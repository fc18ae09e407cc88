//! What a program is asked for, and the graph with its constants worked in.

use crate::model::rule::{Graph, NodeId, replace};

/// What of a rule varies from row to row.
pub struct Shape<'a> {
    pub param_varies: &'a [bool],
    pub derived_varies: &'a [bool],
    pub held_varies: &'a [bool],
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

/// The same, put together anew: what became a constant since the graph was made is folded.
pub fn folded(graph: &Graph, roots: &Roots<'_>) -> (Graph, OwnedRoots) {
    let mut out = Graph::default();
    let mut made: Vec<NodeId> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        made.push(out.add(replace(*node, |o| made[o.0 as usize])));
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
