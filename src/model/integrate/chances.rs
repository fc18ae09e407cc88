//! `rand() < p` where nothing else reads the number: only whether it lies below is drawn, which costs less where p is small.
//!
//! In: a rule whose draws are numbers. Out: the same with [`Node::Chance`] in place of such comparisons, and the numbers that are
//! left counted anew. Not here: the law of either draw (`random`).

use std::collections::HashMap;

use crate::model::rule::{Binary, CHANCES_MAX, Graph, LinearSystem, Node, NodeId, Rule, Undefined, replace};

/// Which draws of a graph are compared with something, and read by nothing else: the draw of each such comparison.
fn compared(graph: &Graph) -> HashMap<NodeId, u32> {
    let draw = |id: NodeId| match graph.node(id) {
        Node::Uniform(draw) => Some(draw),
        _ => None,
    };
    let mut readers: HashMap<u32, Vec<NodeId>> = HashMap::new();
    for (k, node) in graph.nodes().iter().enumerate() {
        Graph::operands(*node).filter_map(draw).for_each(|draw| readers.entry(draw).or_default().push(NodeId(k as u32)));
    }
    let alone = readers.into_iter().filter_map(|(draw, readers)| match readers[..] {
        [one] => Some((one, draw)),
        _ => None,
    });
    alone
        .filter(|(one, draw)| matches!(graph.node(*one), Node::Binary(Binary::Less, a, _) if graph.node(a) == Node::Uniform(*draw)))
        .collect()
}

/// Rewrites the comparisons.
pub(super) fn named(rule: Rule) -> Rule {
    let old = &rule.graph;
    let roots =
        rule.next.iter().chain(&rule.tested).chain(&rule.spike).chain(&rule.derived).chain(&rule.initial).chain(&rule.countdown);
    // a draw that is a root itself is a number
    let kept: Vec<Node> = roots.map(|root| old.node(*root)).collect();
    let mut compared = compared(old);
    compared.retain(|_, draw| !kept.contains(&Node::Uniform(*draw)));
    let mut draws: Vec<u32> = compared.values().copied().collect();
    draws.sort_unstable();
    draws.truncate(CHANCES_MAX as usize);
    if draws.is_empty() {
        return rule;
    }
    let mut graph = Graph::default();
    let mut made: Vec<NodeId> = Vec::with_capacity(old.nodes().len());
    for (k, node) in old.nodes().iter().enumerate() {
        let place = |draw: u32| draws.binary_search(&draw);
        let new = match (*node, compared.get(&NodeId(k as u32))) {
            (Node::Binary(_, _, p), Some(draw)) if place(*draw).is_ok() => {
                Node::Chance(place(*draw).unwrap_or_default() as u32, made[p.0 as usize])
            }
            (Node::Uniform(draw), _) => Node::Uniform(draw - place(draw).unwrap_or_else(|before| before) as u32),
            (node, _) => replace(node, |o| made[o.0 as usize]),
        };
        made.push(graph.add(new));
    }
    let at = |id: &NodeId| made[id.0 as usize];
    let all = |list: &[NodeId]| list.iter().map(at).collect::<Vec<NodeId>>();
    let chances = draws.len() as u32;
    Rule {
        derived: all(&rule.derived),
        initial: all(&rule.initial),
        next: all(&rule.next),
        tested: all(&rule.tested),
        spike: rule.spike.as_ref().map(at),
        countdown: rule.countdown.as_ref().map(at),
        undefined: rule.undefined.map(|u| Undefined { node: at(&u.node), ..u }),
        systems: rule.systems.iter().map(|s| LinearSystem { size: s.size, matrix: all(&s.matrix) }).collect(),
        chances,
        uniforms: rule.uniforms - chances,
        graph,
        ..rule
    }
}
