//! What synapses that targets gather take on the host: what the plan keeps of them, and the rows of the engine on the processor.
//!
//! What is the same for all synapses of a source is a row per source (`reach`); what is left is a row per synapse. A program reads
//! columns: a number in each row of each instance, and for all instances where it comes from.

use std::sync::Arc;

use super::{Edges, PROJECTION, Terms};
use crate::model::integrate::edge_rule;
use crate::model::rule::{EdgeRule, Graph, Node, NodeId};
use crate::model::{BoundSynapse, End};
use crate::plan::reach::{Split, Steady, leaf_of, steady_leaf};

/// What rows take, asked for many projections of few kinds.
#[derive(Default)]
pub(super) struct GatheredRows {
    /// Of the last kind.
    last: Option<(*const EdgeRule, Vec<bool>, bool, Held)>,
}

impl GatheredRows {
    /// `varies`: by parameter, does it differ from synapse to synapse? `delays`: has each a delay of its own?
    pub fn held(&mut self, rule: &EdgeRule, ends: &[End], varies: Vec<bool>, delays: bool, terms: Terms) -> Held {
        match &self.last {
            Some((known, v, d, held)) if (*known, v, *d) == (std::ptr::from_ref(rule), &varies, delays) => *held,
            _ => {
                let held = Gathered { rule, ends, varies: &varies, delays }.held(terms);
                self.last = Some((rule, varies, delays, held));
                held
            }
        }
    }
}

/// The same for projections that are not planned.
#[derive(Default)]
pub(super) struct GatheredRules {
    /// Of the last synapse model; `None`: no method serves it, which the plan will say.
    last: Option<(Arc<BoundSynapse>, Option<EdgeRule>)>,
    rows: GatheredRows,
}

impl GatheredRules {
    /// As [`GatheredRows::held`]. `dt`: ms.
    pub fn held(&mut self, synapse: &Arc<BoundSynapse>, dt: f64, varies: Vec<bool>, delays: bool, terms: Terms) -> Held {
        if !self.last.as_ref().is_some_and(|(known, _)| Arc::ptr_eq(known, synapse)) {
            self.last = Some((synapse.clone(), edge_rule(&synapse.model, dt).ok()));
            self.rows = GatheredRows::default();
        }
        match &self.last {
            Some((synapse, Some(rule))) => self.rows.held(rule, &synapse.ends, varies, delays, terms),
            _ => Held::default(),
        }
    }
}

/// What is known of them without drawing one.
struct Gathered<'a> {
    rule: &'a EdgeRule,
    ends: &'a [End],
    varies: &'a [bool],
    delays: bool,
}

/// Bytes of each synapse and of each source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    pub synapse: u64,
    pub source: u64,
}

impl Held {
    /// Of so many synapses whose targets (and delays) take so many bytes each.
    pub fn edges(self, name: String, count: u64, connected: u64, sources: u32, targets: u32) -> Edges {
        let (sources, targets) = (u64::from(sources), u64::from(targets));
        let each = connected + self.synapse;
        // where rows start, both ways; sources; the lanes of targets; who stands beside each other
        let fixed = 8 * (sources + 1) + 8 * (targets + 1) + self.source * sources + 8 * targets + count / 4 + PROJECTION;
        Edges { name, count, each, fixed, drawing: SORTING }
    }
}

/// While they are sorted by target: source and number of each, and who stands where.
const SORTING: u64 = 16;

/// The view by target: source and number.
const BY_TARGET: u64 = 12;

/// Rows of one kind.
#[derive(Default)]
struct Rows {
    /// Bytes for all instances.
    once: u64,
    /// Numbers in each instance.
    numbers: u64,
}

impl Gathered<'_> {
    /// Beside the target, which the connectivity has.
    fn held(&self, terms: Terms) -> Held {
        let (rule, states) = (self.rule, self.rule.states.len());
        let varies = |k: usize| self.varies.get(k).copied().unwrap_or(false);
        let delays = self.delays && rule.reads_arrivals();
        let begins = self.begins();
        let foldable: Vec<bool> = begins.iter().map(|own| !own).collect();
        let split = Split::new(&rule.graph, &rule.next, &rule.graded, &foldable, &|node| leaf_of(node, self.ends, &varies, delays));
        let roots = |graph: &Graph, next: &[NodeId], kept: bool, results: &[NodeId]| -> Vec<NodeId> {
            let changed = |k: &usize| split.folded[*k] == kept && graph.node(next[*k]) != Node::State(*k as u32);
            (0..states).filter(changed).map(|k| next[k]).chain(results.iter().copied()).collect()
        };
        let folded = split.folded.iter().filter(|f| **f).count() as u64;
        let mut source = self.program(&rule.graph, &roots(&rule.graph, &rule.next, true, &split.shared), terms);
        // its row; states as they are and as they were before a batch, results
        source.once += 4;
        source.numbers += 2 * folded + split.shared.len() as u64;
        let mut synapse = match &split.own {
            None => Rows::default(),
            Some(own) => self.program(&own.graph, &roots(&own.graph, &own.next, false, &own.results), terms),
        };
        // the place of its source; its number and its delay
        synapse.once += 4 + if split.own.is_some() { 4 + if delays { 2 } else { 0 } } else { 0 };
        synapse.numbers += 2 * (states as u64 - folded);
        let bytes = |rows: Rows| rows.once + rows.numbers * terms.number * terms.instances;
        // values and initial values in the plan, states of the first snapshot in double precision
        let planned = 4 * (0..self.varies.len()).filter(|k| varies(*k)).count() + 4 * begins.iter().filter(|own| **own).count();
        Held { synapse: BY_TARGET + planned as u64 + bytes(synapse) + 8 * states as u64 * terms.instances, source: bytes(source) }
    }

    /// By state: does it begin with a number per synapse?
    fn begins(&self) -> Vec<bool> {
        let mut out = vec![false; self.rule.states.len()];
        for k in &self.rule.initial_order {
            let own = |node: Node| match node {
                Node::Param(k) => self.varies.get(k as usize).copied().unwrap_or(false),
                Node::State(k) => out[k as usize],
                _ => false,
            };
            out[*k as usize] = self.rule.graph.any_leaf(self.rule.initial[*k as usize], own);
        }
        out
    }

    /// The columns that a program reads, and what it has worked out once.
    fn program(&self, graph: &Graph, roots: &[NodeId], terms: Terms) -> Rows {
        let varies = |k: usize| self.varies.get(k).copied().unwrap_or(false);
        let steady = Steady::new(graph, roots, &|node| steady_leaf(node, self.ends, &varies));
        let mut rows = Rows::default();
        let mut columns = |graph: &Graph, roots: &[NodeId], each: u64| {
            for leaf in leaves(graph, roots) {
                match leaf {
                    // rows of the end
                    Node::End(_) => (rows.once, rows.numbers) = (rows.once + 4, rows.numbers + each),
                    // the plan's own numbers
                    Node::Param(k) if varies(k as usize) => {
                        (rows.once, rows.numbers) = (rows.once + terms.number, rows.numbers + each);
                    }
                    Node::Derived(_) => rows.numbers += each,
                    _ => {}
                }
            }
        };
        match &steady {
            None => columns(graph, roots, 1),
            Some(steady) => {
                columns(&steady.graph, &steady.roots, 1);
                columns(graph, &steady.once, 0);
            }
        }
        rows
    }
}

fn leaves(graph: &Graph, roots: &[NodeId]) -> Vec<Node> {
    let mut out = Vec::new();
    for leaf in roots.iter().flat_map(|root| graph.leaves(*root)) {
        if !out.contains(&leaf) {
            out.push(leaf);
        }
    }
    out
}
