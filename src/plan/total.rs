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

use std::ops::Range;

use super::{Bundle, Connectivity, Plan, RowBuffer};
use crate::model::End;
use crate::model::rule::{Binary, Graph, Node, NodeId, Unary};

/// Projections with fewer synapses are summed synapse by synapse: nothing is gained there.
const WORTH: u64 = 64;

/// A sum over sources that the targets of a projection share.
#[derive(Clone, Debug, PartialEq)]
pub struct Total {
    /// Neurons of the source population that have synapses.
    pub sources: Range<u32>,
    /// Neurons of the target population that have synapses.
    pub targets: Range<u32>,
    /// A neuron does not hear the source of its own number.
    pub others: bool,
    /// Nodes of the rule, at the places that they have there, and behind them products that sources work out.
    pub graph: Graph,
    /// What is summed over the sources: nodes of [`Total::graph`].
    pub terms: Vec<NodeId>,
    /// What sums are multiplied by; leaves are those of the rule.
    pub onto: Graph,
    /// What flows, in the order of the rule.
    pub flows: Vec<Flow>,
}

/// A sum times a number that all share times the target's factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Place in [`Total::terms`].
    pub term: usize,
    /// What follows from no end: a node of [`Total::onto`]; `None`: 1.
    pub scale: Option<NodeId>,
    /// What follows from the target; `None`: the sum flows as it is.
    pub factor: Option<NodeId>,
}

impl Total {
    /// Sources that a GPU sums first: one workgroup's threads.
    pub const BLOCK: u32 = 64;

    /// Blocks of sources.
    pub fn blocks(&self) -> u32 {
        (self.sources.end - self.sources.start).div_ceil(Total::BLOCK)
    }

    /// What flows, as nodes of one graph: `Arrived(k + 1)` stands for the sum of the k-th term.
    pub fn products(&self) -> (Graph, Vec<NodeId>) {
        let mut graph = self.onto.clone();
        let mut product = |flow: &Flow| {
            let sum = graph.add(Node::Arrived(flow.term as u32 + 1));
            let scaled = flow.scale.map_or(sum, |scale| graph.times(sum, scale));
            flow.factor.map_or(scaled, |factor| graph.times(scaled, factor))
        };
        let flows = self.flows.iter().map(&mut product).collect();
        (graph, flows)
    }

    /// Do all sums flow as they are?
    pub fn is_bare(&self) -> bool {
        self.flows.iter().all(|flow| flow.factor.is_none())
    }

    /// Numbers of the parameters that some nodes follow from, of the sources' graph or of the targets'.
    pub fn params<'a>(graph: &'a Graph, nodes: impl Iterator<Item = NodeId> + 'a) -> impl Iterator<Item = usize> + 'a {
        nodes.flat_map(|node| graph.leaves(node)).filter_map(|leaf| match leaf {
            Node::Param(k) => Some(k as usize),
            _ => None,
        })
    }
}

impl Bundle {
    /// The sum over the sources that all targets share, if there is one.
    pub fn total(&self, plan: &Plan) -> Option<Total> {
        let first = self.first(plan);
        let rule = &first.rule;
        let shared = |k: usize| self.shared(plan, k);
        if plan.apart && first.has_states() || !self.is_single() || first.edges.count() <= WORTH || rule.graded.is_empty() {
            return None;
        }
        if rule.reads_arrivals() && self.delay(plan).is_none() || (0..rule.states.len()).any(|k| !self.begins_alike(plan, k)) {
            return None;
        }
        let split = Factored::new(&rule.graph, &rule.graded, &rule.next, &first.synapse.ends, &shared)?;
        let (sources, targets, others) = complete(&first.edges)?;
        let Factored { graph, terms, onto, flows } = split;
        Some(Total { sources, targets, others, graph, terms, onto, flows })
    }
}

/// Sources, targets, and whether each source leaves out the target of its own number, where all are joined that way.
fn complete(edges: &Connectivity) -> Option<(Range<u32>, Range<u32>, bool)> {
    let all = (0..edges.sources(), 0..edges.targets(), false);
    if edges.is_all_to_all() {
        return Some(all);
    }
    let has = |source: &u32| !edges.span(*source).is_empty();
    let first = all.0.clone().find(has)?;
    let sources = first..all.0.clone().rfind(has)? + 1;
    let mut buffer = RowBuffer::default();
    let mut ends = |source: u32| {
        let row = edges.row(source, &mut buffer);
        row.targets().next().zip(row.targets().last())
    };
    // of two rows that leave out one each, both together leave out none
    let ((low, high), (other_low, other_high)) = (ends(first)?, ends(sources.end - 1)?);
    let targets = low.min(other_low)..high.max(other_high) + 1;
    let others = edges.count() < sources.len() as u64 * targets.len() as u64;
    let same = |source: u32| edges.row(source, &mut buffer).targets().eq(targets.clone().filter(|t| !others || *t != source));
    sources.clone().all(same).then(|| (sources.clone(), targets.clone(), others))
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
    flows: Vec<Flow>,
}

/// A product: of what follows from no end, from the source, from the target.
#[derive(Clone, Copy, Default)]
struct Product {
    scale: Option<NodeId>,
    source: Option<NodeId>,
    target: Option<NodeId>,
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
        let products = results.iter().map(|r| made.flow(*r)).collect::<Option<Vec<Product>>>()?;
        let (mut terms, mut onto, mut flows) = (Vec::new(), Graph::default(), Vec::new());
        let mut copied = |node: NodeId| onto.copy_of(&made.graph, node, &mut |graph, leaf| graph.add(leaf));
        for Product { scale, source, target } in products {
            let source = source?;
            let term = terms.iter().position(|t| *t == source).unwrap_or_else(|| {
                terms.push(source);
                terms.len() - 1
            });
            flows.push(Flow { term, scale: scale.map(&mut copied), factor: target.map(&mut copied) });
        }
        Some(Factored { graph: made.graph, terms, onto, flows })
    }
}

/// A graph to which products are added.
struct Made {
    graph: Graph,
    /// Of the nodes that it began with.
    follows: Vec<Follows>,
}

impl Made {
    /// What flows. Of what follows from the source alone nothing is taken out: its sum flows as it is.
    fn flow(&mut self, id: NodeId) -> Option<Product> {
        match self.follows[id.0 as usize] {
            Follows { source: true, target: false } => Some(Product { source: Some(id), ..Product::default() }),
            _ => self.product(id),
        }
    }

    /// `None`: it is none.
    fn product(&mut self, id: NodeId) -> Option<Product> {
        let none = Product::default();
        match (self.follows[id.0 as usize], self.graph.node(id)) {
            (Follows { source: false, target: false }, _) => Some(Product { scale: Some(id), ..none }),
            (_, Node::Binary(Binary::Multiply, a, b)) => {
                let (a, b) = (self.product(a)?, self.product(b)?);
                Some(Product {
                    scale: self.times(a.scale, b.scale),
                    source: self.times(a.source, b.source),
                    target: self.times(a.target, b.target),
                })
            }
            (_, Node::Binary(Binary::Divide, a, b)) => {
                let (a, b) = (self.product(a)?, self.product(b)?);
                Some(Product {
                    scale: self.over(a.scale, b.scale),
                    source: self.over(a.source, b.source),
                    target: self.over(a.target, b.target),
                })
            }
            (_, Node::Unary(Unary::Negate, x)) => {
                let x = self.product(x)?;
                let minus = self.graph.constant(-1.0);
                Some(Product { scale: self.times(x.scale, Some(minus)), ..x })
            }
            (Follows { target: false, .. }, _) => Some(Product { source: Some(id), ..none }),
            (Follows { source: false, .. }, _) => Some(Product { target: Some(id), ..none }),
            _ => None,
        }
    }

    fn times(&mut self, a: Option<NodeId>, b: Option<NodeId>) -> Option<NodeId> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.graph.times(a, b)),
            (a, b) => a.or(b),
        }
    }

    fn over(&mut self, a: Option<NodeId>, b: Option<NodeId>) -> Option<NodeId> {
        let Some(b) = b else { return a };
        let a = a.unwrap_or_else(|| self.graph.constant(1.0));
        Some(self.graph.over(a, b))
    }
}
