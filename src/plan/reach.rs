//! What of a synapse's rule is the same for many synapses: for all, for those of a source, for those onto a class of targets; and
//! what follows from parameters alone.
//!
//! In: the graph of a rule, and how far each of its leaves reaches. Out: [`Split`], [`Steady`]. Synapses that share their parameters
//! and read nothing of their targets do the same arithmetic for every target: it is done once per source. Where all that is read of
//! targets are parameters, targets with the same ones hear the same: it is done for one of them. What follows from parameters does
//! not change from step to step: it is done before the first. The numbers are those that each synapse alone would find, to the bit:
//! every node is computed by the same operation from the same operands.

use super::{Bundle, Plan};
use crate::model::rule::{Graph, Node, NodeId, replace};
use crate::model::{End, EndValue};

/// For whom a number is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// All synapses.
    All,
    /// All synapses of a source.
    Source,
    /// All synapses of a source onto a class of targets: those whose parameters are the same, as far as the rule reads them.
    Class,
    /// One synapse.
    Own,
}

/// What is known of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// For whom it is the same.
    pub reach: Reach,
    /// Is it the same in every step?
    pub fixed: bool,
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
    /// Its nodes.
    pub graph: Graph,
    /// By state; a folded one stands for itself.
    pub next: Vec<NodeId>,
    /// What flows to the target, in the order asked for.
    pub results: Vec<NodeId>,
    /// Is all of it the same for the targets of a class?
    pub by_class: bool,
}

/// What of a graph follows from parameters that vary is worked out once.
pub struct Steady {
    /// The rest: `Derived(k)` stands for the k-th of [`Steady::once`].
    pub graph: Graph,
    /// What was asked for, in the order asked for.
    pub roots: Vec<NodeId>,
    /// Nodes of the graph before.
    pub once: Vec<NodeId>,
}

impl Bundle {
    /// What a leaf of the rule is, that is no state.
    pub fn leaf(&self, plan: &Plan, node: Node) -> Leaf {
        let varies = |k: usize| !self.shared(plan, k);
        leaf_of(node, &self.first(plan).synapse.ends, &varies, self.delay(plan).is_none())
    }

    /// Rows of the target's group with the same key are of one class, in every instance.
    pub fn class_of(&self, plan: &Plan, row: usize) -> Vec<u64> {
        let first = self.first(plan);
        let group = plan.place(first.target).group;
        let params = first.ends().filter_map(|(_, end)| match end.value {
            EndValue::Param(k) if end.post => Some(k as usize),
            _ => None,
        });
        let params: Vec<usize> = params.collect();
        let instances = (0..plan.instances).filter(|i| *i == 0 || plan.differs(*i, group));
        instances.flat_map(|i| params.iter().map(move |k| plan.columns(i, group).params[*k].get(row).to_bits())).collect()
    }
}

/// What a leaf is that is no state. `varies`: does a parameter differ from synapse to synapse? `delays`: has each a delay of its own?
pub fn leaf_of(node: Node, ends: &[End], varies: &dyn Fn(usize) -> bool, delays: bool) -> Leaf {
    let leaf = |reach: Reach, fixed: bool| Leaf { reach, fixed };
    match node {
        Node::Param(k) if varies(k as usize) => leaf(Reach::Own, true),
        Node::Param(_) | Node::Constant(_) | Node::Dt => leaf(Reach::All, true),
        Node::End(k) => match ends[k as usize] {
            end if !end.post => leaf(Reach::Source, matches!(end.value, EndValue::Param(_))),
            end if matches!(end.value, EndValue::Param(_)) => leaf(Reach::Class, true),
            _ => leaf(Reach::Own, false),
        },
        Node::Arrived(_) if delays => leaf(Reach::Own, false),
        Node::Arrived(_) => leaf(Reach::Source, false),
        _ => leaf(Reach::All, false),
    }
}

/// Does a leaf vary from row to row, is it the same in every step?
pub fn steady_leaf(node: Node, ends: &[End], varies: &dyn Fn(usize) -> bool) -> (bool, bool) {
    match node {
        Node::Param(k) => (varies(k as usize), true),
        Node::Constant(_) | Node::Dt => (false, true),
        Node::End(k) => (true, matches!(ends[k as usize].value, EndValue::Param(_))),
        Node::Time => (false, false),
        _ => (true, false),
    }
}

/// What is known of every node, states included.
fn known(graph: &Graph, folded: &[bool], leaf: &dyn Fn(Node) -> Leaf) -> Vec<Leaf> {
    let mut out: Vec<Leaf> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let mut below = Graph::operands(*node).map(|o| out[o.0 as usize]);
        let both = |a: Leaf, b: Leaf| Leaf { reach: a.reach.max(b.reach), fixed: a.fixed && b.fixed };
        let of = match *node {
            Node::State(k) if folded[k as usize] => Leaf { reach: Reach::Source, fixed: false },
            Node::State(_) => Leaf { reach: Reach::Own, fixed: false },
            node => below.next().map_or_else(|| leaf(node), |first| below.fold(first, both)),
        };
        out.push(of);
    }
    out
}

impl Split {
    /// `leaf`: what a leaf is that is no state; `foldable`: states that start the same for all synapses of a source.
    pub fn new(graph: &Graph, next: &[NodeId], results: &[NodeId], foldable: &[bool], leaf: &dyn Fn(Node) -> Leaf) -> Split {
        let mut folded = foldable.to_vec();
        let mut of = known(graph, &folded, leaf);
        // a state stays the same for all synapses of a source only as long as what it becomes is
        while let Some(k) = (0..folded.len()).find(|k| folded[*k] && of[next[*k].0 as usize].reach > Reach::Source) {
            folded[k] = false;
            of = known(graph, &folded, leaf);
        }
        let at = |id: NodeId| of[id.0 as usize];
        let own_roots = || results.iter().chain(next.iter().zip(&folded).filter(|(_, folded)| !**folded).map(|(n, _)| n));
        if results.iter().all(|r| at(*r).reach <= Reach::Source) && folded.iter().all(|f| *f) {
            return Split { folded, shared: results.to_vec(), own: None };
        }
        // what a source would work out for a number that is worked out once is worked out with it
        let shares =
            |user: Option<Leaf>, id: NodeId| at(id).reach == Reach::Source && !user.is_some_and(|u| u.fixed && at(id).fixed);
        let mut shared_wanted = vec![false; graph.nodes.len()];
        let mut own_wanted = shared_wanted.clone();
        let mut want = |user: Option<Leaf>, id: NodeId, own: &mut [bool]| {
            let list = if shares(user, id) { &mut shared_wanted[..] } else { own };
            list[id.0 as usize] = true;
        };
        own_roots().for_each(|root| want(None, *root, &mut own_wanted));
        for k in (0..graph.nodes.len()).rev() {
            if own_wanted[k] {
                Graph::operands(graph.nodes[k]).for_each(|o| want(Some(of[k]), o, &mut own_wanted));
            }
        }
        let (mut out, mut shared) = (Graph::default(), Vec::new());
        let mut made = vec![NodeId(0); graph.nodes.len()];
        let mut made_shared = made.clone();
        for k in 0..graph.nodes.len() {
            if own_wanted[k] {
                let get = |o: NodeId| if shares(Some(of[k]), o) { made_shared[o.0 as usize] } else { made[o.0 as usize] };
                made[k] = out.add(replace(graph.nodes[k], get));
            }
            if shared_wanted[k] {
                shared.push(NodeId(k as u32));
                made_shared[k] = out.add(Node::Arrived(shared.len() as u32));
            }
        }
        let by_class = folded.iter().all(|f| *f) && results.iter().all(|r| at(*r).reach <= Reach::Class);
        let root = |id: NodeId| if shares(None, id) { made_shared[id.0 as usize] } else { made[id.0 as usize] };
        let results = results.iter().map(|r| root(*r)).collect();
        let next: Vec<Option<NodeId>> = next.iter().zip(&folded).map(|(n, folded)| (!folded).then(|| root(*n))).collect();
        let next = (0u32..).zip(next).map(|(k, n)| n.unwrap_or_else(|| out.add(Node::State(k)))).collect();
        Split { folded, shared, own: Some(Own { graph: out, next, results, by_class }) }
    }
}

impl Steady {
    /// `None`: nothing is worked out from parameters that vary. Of a leaf: does it vary, is it the same in every step?
    pub fn new(graph: &Graph, roots: &[NodeId], leaf: &dyn Fn(Node) -> (bool, bool)) -> Option<Steady> {
        let mut of: Vec<(bool, bool)> = Vec::with_capacity(graph.nodes.len());
        for node in &graph.nodes {
            let mut below = Graph::operands(*node).map(|o| of[o.0 as usize]);
            let both = |a: (bool, bool), b: (bool, bool)| (a.0 || b.0, a.1 && b.1);
            let own = below.next().map_or_else(|| leaf(*node), |first| below.fold(first, both));
            of.push(own);
        }
        let settled = |k: usize| of[k] == (true, true) && Graph::operands(graph.nodes[k]).next().is_some();
        let mut wanted = vec![false; graph.nodes.len()];
        roots.iter().for_each(|root| wanted[root.0 as usize] = true);
        for k in (0..wanted.len()).rev().filter(|k| !settled(*k)) {
            if wanted[k] {
                Graph::operands(graph.nodes[k]).for_each(|o| wanted[o.0 as usize] = true);
            }
        }
        let (mut out, mut once) = (Graph::default(), Vec::new());
        let mut made = vec![NodeId(0); wanted.len()];
        for k in (0..wanted.len()).filter(|k| wanted[*k]) {
            made[k] = if settled(k) {
                once.push(NodeId(k as u32));
                out.add(Node::Derived(once.len() as u32 - 1))
            } else {
                out.add(replace(graph.nodes[k], |o| made[o.0 as usize]))
            };
        }
        let roots = roots.iter().map(|root| made[root.0 as usize]).collect();
        (!once.is_empty()).then_some(Steady { graph: out, roots, once })
    }
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

    fn leaf(own: bool) -> impl Fn(Node) -> Leaf {
        move |node| match node {
            Node::Param(0) if own => Leaf { reach: Reach::Own, fixed: true },
            Node::End(_) => Leaf { reach: Reach::Source, fixed: false },
            _ => Leaf { reach: Reach::All, fixed: true },
        }
    }

    /// (w if pre.kind == post.kind else 0)·pre.v: kinds are parameters.
    #[test]
    fn a_weight_by_kinds_is_for_classes_and_worked_out_once() {
        let mut graph = Graph::default();
        let (pre, post, v) = (graph.add(Node::End(0)), graph.add(Node::End(1)), graph.add(Node::End(2)));
        let (w, zero) = (graph.add(Node::Param(0)), graph.constant(0.0));
        let same = graph.binary(crate::model::rule::Binary::Equal, pre, post);
        let weight = graph.select(same, w, zero);
        let root = graph.times(weight, v);
        let leaf = |node| match node {
            Node::End(0) => Leaf { reach: Reach::Source, fixed: true },
            Node::End(1) => Leaf { reach: Reach::Class, fixed: true },
            Node::End(_) => Leaf { reach: Reach::Source, fixed: false },
            _ => Leaf { reach: Reach::All, fixed: true },
        };
        let split = Split::new(&graph, &[], &[root], &[], &leaf);
        let own = split.own.unwrap();
        assert!(own.by_class);
        assert_eq!(split.shared, [v], "the kind of the source is read where the weight is worked out");
        let varies = |node| match node {
            Node::End(_) => (true, true),
            Node::Arrived(_) => (true, false),
            _ => (false, true),
        };
        let steady = Steady::new(&own.graph, &own.results, &varies).unwrap();
        assert_eq!(steady.once.len(), 1);
        assert_eq!(steady.graph.nodes.len(), 3, "weight, potential, product: {:?}", steady.graph.nodes);
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
        let leaf = |node| Leaf { reach: if node == Node::Param(0) { Reach::Own } else { Reach::All }, fixed: true };
        assert_eq!(Split::new(&graph, &next, &[x], &[true, true], &leaf).folded, [false, false]);
        let next = [graph.plus(x, own), y];
        assert_eq!(Split::new(&graph, &next, &[x], &[true, true], &leaf).folded, [false, true]);
    }
}
