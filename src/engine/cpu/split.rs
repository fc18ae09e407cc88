//! What of a synapse's rule is the same for all synapses of a source, and what is each synapse's own.
//!
//! In: the graph of a rule, and how far each of its leaves reaches. Out: [`Split`]. Synapses that share their parameters and
//! read nothing of their targets do the same arithmetic for every target: it is done once per source. The numbers are those
//! that each synapse alone would find, to the bit: every node is computed by the same operation from the same operands.

use crate::model::rule::{Graph, Node, NodeId};

/// For whom a number is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// All synapses.
    All,
    /// All synapses of a source.
    Source,
    /// One synapse.
    Own,
}

/// A rule in two parts.
pub struct Split {
    /// By state: does a row per source hold it?
    pub folded: Vec<bool>,
    /// Nodes of the whole graph that sources compute and synapses read; without an own part: the results.
    pub shared: Vec<NodeId>,
    /// What synapses compute; `None`: nothing.
    pub own: Option<Own>,
}

/// The own part: `Arrived(k + 1)` stands for the k-th shared node; other leaves are those of the whole graph.
pub struct Own {
    pub graph: Graph,
    /// By state; a folded one stands for itself.
    pub next: Vec<NodeId>,
    pub results: Vec<NodeId>,
}

impl Split {
    /// `leaf`: the reach of a leaf that is no state; `foldable`: states that start the same for all synapses of a source.
    pub fn new(graph: &Graph, next: &[NodeId], results: &[NodeId], foldable: &[bool], leaf: &dyn Fn(Node) -> Reach) -> Split {
        let mut folded = foldable.to_vec();
        let mut reach = reaches(graph, &folded, leaf);
        // a state stays the same for all synapses of a source only as long as what it becomes is
        while let Some(k) = (0..folded.len()).find(|k| folded[*k] && reach[next[*k].0 as usize] == Reach::Own) {
            folded[k] = false;
            reach = reaches(graph, &folded, leaf);
        }
        let own_roots = || results.iter().chain(next.iter().zip(&folded).filter(|(_, folded)| !**folded).map(|(n, _)| n));
        if results.iter().all(|r| reach[r.0 as usize] < Reach::Own) && folded.iter().all(|f| *f) {
            return Split { folded, shared: results.to_vec(), own: None };
        }
        let mut wanted = vec![false; graph.nodes.len()];
        own_roots().for_each(|root| wanted[root.0 as usize] = true);
        for k in (0..wanted.len()).rev() {
            if wanted[k] && reach[k] != Reach::Source {
                Graph::operands(graph.nodes[k]).for_each(|o| wanted[o.0 as usize] = true);
            }
        }
        let (mut out, mut shared) = (Graph::default(), Vec::new());
        let mut made = vec![NodeId(0); wanted.len()];
        for k in (0..wanted.len()).filter(|k| wanted[*k]) {
            let get = |o: NodeId| made[o.0 as usize];
            let node = match graph.nodes[k] {
                _ if reach[k] == Reach::Source => {
                    shared.push(NodeId(k as u32));
                    Node::Arrived(shared.len() as u32)
                }
                Node::Unary(operator, x) => Node::Unary(operator, get(x)),
                Node::Binary(operator, a, b) => Node::Binary(operator, get(a), get(b)),
                Node::Select { condition, then, otherwise } => {
                    Node::Select { condition: get(condition), then: get(then), otherwise: get(otherwise) }
                }
                leaf => leaf,
            };
            made[k] = out.add(node);
        }
        let state = |out: &mut Graph, k: usize| out.add(Node::State(k as u32));
        let next = (0..next.len()).map(|k| if folded[k] { state(&mut out, k) } else { made[next[k].0 as usize] }).collect();
        let results = results.iter().map(|r| made[r.0 as usize]).collect();
        Split { folded, shared, own: Some(Own { graph: out, next, results }) }
    }
}

fn reaches(graph: &Graph, folded: &[bool], leaf: &dyn Fn(Node) -> Reach) -> Vec<Reach> {
    let mut out: Vec<Reach> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let below = Graph::operands(*node).map(|o| out[o.0 as usize]).max();
        out.push(match *node {
            Node::State(k) if folded[k as usize] => Reach::Source,
            Node::State(_) => Reach::Own,
            node => below.unwrap_or_else(|| leaf(node)),
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// g + (pre - lo) where g is a parameter and pre a state of the source.
    fn graph() -> (Graph, NodeId) {
        let mut graph = Graph::default();
        let (g, pre, low) = (graph.add(Node::Param(0)), graph.add(Node::End(0)), graph.add(Node::Param(1)));
        let above = graph.minus(pre, low);
        let root = graph.plus(g, above);
        (graph, root)
    }

    fn leaf(own: bool) -> impl Fn(Node) -> Reach {
        move |node| match node {
            Node::Param(0) if own => Reach::Own,
            Node::End(_) => Reach::Source,
            _ => Reach::All,
        }
    }

    #[test]
    fn what_no_synapse_changes_is_done_once_per_source() {
        let (graph, root) = graph();
        let split = Split::new(&graph, &[], &[root], &[], &leaf(false));
        assert!(split.own.is_none());
        assert_eq!(split.shared, [root]);
    }

    #[test]
    fn a_parameter_of_ones_own_leaves_the_rest_shared() {
        let (graph, root) = graph();
        let split = Split::new(&graph, &[], &[root], &[], &leaf(true));
        let own = split.own.unwrap();
        assert_eq!(split.shared.iter().map(|n| graph.node(*n)).collect::<Vec<_>>(), [graph.nodes[3]]);
        assert_eq!(own.graph.nodes.len(), 3, "parameter, shared number, sum: {:?}", own.graph.nodes);
        assert!(matches!(own.graph.node(own.results[0]), Node::Binary(..)));
    }

    #[test]
    fn a_state_that_becomes_ones_own_takes_others_with_it() {
        let mut graph = Graph::default();
        let (x, y, own) = (graph.add(Node::State(0)), graph.add(Node::State(1)), graph.add(Node::Param(0)));
        let next = [graph.plus(x, y), graph.plus(y, own)];
        let leaf = |node| if node == Node::Param(0) { Reach::Own } else { Reach::All };
        assert_eq!(Split::new(&graph, &next, &[x], &[true, true], &leaf).folded, [false, false]);
        let next = [graph.plus(x, own), y];
        assert_eq!(Split::new(&graph, &next, &[x], &[true, true], &leaf).folded, [false, true]);
    }
}
