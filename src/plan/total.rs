//! Sums over sources that all targets share: found once, whatever the number of targets.
//!
//! In: a bundle of a plan. Out: [`Total`], where there is one. Where every source is joined to every target, nothing differs from
//! synapse to synapse, and what flows is a product of what follows from the source and of what follows from the target, the sum
//! over the sources is the target's factor times one number: a step costs a row per source and a row per target, not a row per
//! synapse. NMDA receptors that open by their source's spikes and are blocked by their target's potential are of this kind.
//!
//! What flows must be one product: of a sum such as g·(v_pre - v_post) the two parts could be summed apart, but they cancel, and
//! single precision would be left with what rounding makes of them. Where no neuron hears itself, each target's own term is left
//! out of the sum, never taken away from it, for the same reason.

use super::{Bundle, Connectivity, Plan, RowBuffer};
use crate::model::End;
use crate::model::rule::{Binary, Graph, Node, NodeId, Unary};

/// Projections with fewer synapses are summed synapse by synapse: nothing is gained there.
const WORTH: u64 = 64;

/// A sum over sources that the targets of a projection share.
#[derive(Clone, Debug)]
pub struct Total {
    /// Neurons of the source population that have synapses, ascending.
    pub sources: Vec<u32>,
    /// Neurons of the target population that have synapses, ascending.
    pub targets: Vec<u32>,
    /// A neuron does not hear the source of its own number.
    pub others: bool,
    /// Nodes of the rule, at the places that they have there, and behind them products that sources work out.
    pub graph: Graph,
    /// What is summed over the sources: nodes of [`Total::graph`].
    pub terms: Vec<NodeId>,
    /// What a target makes of the sums: `Arrived(k + 1)` stands for the sum of the k-th term; other leaves are those of the rule.
    pub onto: Graph,
    /// What flows, in the order of the rule: nodes of [`Total::onto`].
    pub results: Vec<NodeId>,
}

impl Total {
    /// The sum that flows as it is, by number of the term; `None`: the target has a factor.
    pub fn bare(&self, result: usize) -> Option<usize> {
        match self.onto.node(self.results[result]) {
            Node::Arrived(k) => (k as usize).checked_sub(1),
            _ => None,
        }
    }

    /// Do all sums flow as they are?
    pub fn is_bare(&self) -> bool {
        (0..self.results.len()).all(|k| self.bare(k).is_some())
    }
}

impl Bundle {
    /// The sum over the sources that all targets share, if there is one.
    pub fn total(&self, plan: &Plan) -> Option<Total> {
        let first = self.first(plan);
        let rule = &first.rule;
        let shared = |k: usize| self.shared(plan, k);
        if !self.is_single() || first.edges.count() <= WORTH || rule.graded.is_empty() {
            return None;
        }
        if rule.reads_arrivals() && self.delay(plan).is_none() || (0..rule.states.len()).any(|k| !self.begins_alike(plan, k)) {
            return None;
        }
        let split = Factored::new(&rule.graph, &rule.graded, &rule.next, &first.synapse.ends, &shared)?;
        let (sources, targets, others) = complete(&first.edges)?;
        let Factored { graph, terms, onto, results } = split;
        Some(Total { sources, targets, others, graph, terms, onto, results })
    }
}

/// Sources, targets, and whether each source leaves out the target of its own number, where all are joined that way.
fn complete(edges: &Connectivity) -> Option<(Vec<u32>, Vec<u32>, bool)> {
    if edges.is_all_to_all() {
        return Some(((0..edges.sources()).collect(), (0..edges.targets()).collect(), false));
    }
    let sources: Vec<u32> = (0..edges.sources()).filter(|s| !edges.span(*s).is_empty()).collect();
    let [first, second, ..] = sources[..] else { return None };
    let mut buffer = RowBuffer::default();
    let mut targets: Vec<u32> = edges.row(first, &mut buffer).targets().collect();
    // of two rows that leave out one each, both together leave out none
    targets.extend(edges.row(second, &mut buffer).targets());
    targets.sort_unstable();
    targets.dedup();
    let missing = |source: u32| targets.binary_search(&source).is_ok();
    let others = edges.count() < sources.len() as u64 * targets.len() as u64;
    let same = |source: &u32| {
        let row = edges.row(*source, &mut buffer);
        let left = targets.iter().filter(|t| !others || **t != *source);
        let length = targets.len() - usize::from(others && missing(*source));
        row.len() == length && row.targets().eq(left.copied())
    };
    sources.iter().all(same).then_some((sources.clone(), targets.clone(), others))
}

/// From which end a node follows.
#[derive(Clone, Copy, Default)]
struct Follows {
    source: bool,
    target: bool,
}

/// A rule whose results are products of what follows from the source and of what follows from the target.
struct Factored {
    graph: Graph,
    terms: Vec<NodeId>,
    onto: Graph,
    results: Vec<NodeId>,
}

/// A product: of the source's, of the target's, over the target's.
#[derive(Clone, Copy, Default)]
struct Product {
    source: Option<NodeId>,
    target: Option<NodeId>,
    over: Option<NodeId>,
}

impl Factored {
    /// `None`: some result is no such product, or a state is not the source's.
    fn new(graph: &Graph, results: &[NodeId], next: &[NodeId], ends: &[End], shared: &dyn Fn(usize) -> bool) -> Option<Factored> {
        let mut follows: Vec<Follows> = Vec::with_capacity(graph.nodes.len());
        for node in &graph.nodes {
            let below = Graph::operands(*node).map(|o| follows[o.0 as usize]);
            let both = |a: Follows, b: Follows| Follows { source: a.source || b.source, target: a.target || b.target };
            follows.push(match *node {
                Node::End(k) => Follows { source: !ends[k as usize].post, target: ends[k as usize].post },
                Node::State(_) | Node::Arrived(_) => Follows { source: true, target: false },
                // a number of each synapse follows from both
                Node::Param(k) if !shared(k as usize) => Follows { source: true, target: true },
                _ => below.fold(Follows::default(), both),
            });
        }
        if next.iter().any(|n| follows[n.0 as usize].target) {
            return None;
        }
        let mut made = Made { graph: graph.clone(), follows };
        let products = results.iter().map(|r| made.product(*r)).collect::<Option<Vec<Product>>>()?;
        let (mut terms, mut onto, mut out) = (Vec::new(), Graph::default(), Vec::new());
        let copied = |onto: &mut Graph, node: NodeId| onto.copy_of(&made.graph, node, &mut |graph, leaf| graph.add(leaf));
        for product in products {
            let term = product.source?;
            let number = terms.iter().position(|t| *t == term).unwrap_or_else(|| {
                terms.push(term);
                terms.len() - 1
            });
            let mut flows = onto.add(Node::Arrived(number as u32 + 1));
            if let Some(target) = product.target {
                let target = copied(&mut onto, target);
                flows = onto.times(flows, target);
            }
            if let Some(over) = product.over {
                let over = copied(&mut onto, over);
                flows = onto.over(flows, over);
            }
            out.push(flows);
        }
        Some(Factored { graph: made.graph, terms, onto, results: out })
    }
}

/// A graph to which products are added.
struct Made {
    graph: Graph,
    /// Of the nodes that it began with.
    follows: Vec<Follows>,
}

impl Made {
    /// `None`: it is none.
    fn product(&mut self, id: NodeId) -> Option<Product> {
        match self.follows[id.0 as usize] {
            Follows { target: false, source } => return Some(self.constant_or(source, id)),
            Follows { source: false, .. } => return Some(Product { target: Some(id), ..Product::default() }),
            _ => {}
        }
        match self.graph.node(id) {
            Node::Binary(Binary::Multiply, a, b) => {
                let (a, b) = (self.product(a)?, self.product(b)?);
                Some(Product {
                    source: self.times(a.source, b.source),
                    target: self.times(a.target, b.target),
                    over: self.times(a.over, b.over),
                })
            }
            Node::Binary(Binary::Divide, a, b) => {
                let (a, b) = (self.product(a)?, self.product(b)?);
                let source = match (a.source, b.source) {
                    (Some(x), Some(y)) => Some(self.graph.over(x, y)),
                    (None, Some(y)) => {
                        let one = self.graph.constant(1.0);
                        Some(self.graph.over(one, y))
                    }
                    (x, None) => x,
                };
                Some(Product { source, target: self.times(a.target, b.over), over: self.times(a.over, b.target) })
            }
            Node::Unary(Unary::Negate, x) => {
                let x = self.product(x)?;
                let source = x.source.map(|s| self.graph.unary(Unary::Negate, s));
                Some(Product { source, ..x })
            }
            _ => None,
        }
    }

    /// What follows from no end goes with what follows from the target.
    fn constant_or(&self, source: bool, id: NodeId) -> Product {
        if source { Product { source: Some(id), ..Product::default() } } else { Product { target: Some(id), ..Product::default() } }
    }

    fn times(&mut self, a: Option<NodeId>, b: Option<NodeId>) -> Option<NodeId> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.graph.times(a, b)),
            (a, b) => a.or(b),
        }
    }
}
