//! Each pair with a probability of its own, independently, without a look at every pair.
//!
//! Targets stand in a tree of boxes. For each source, nodes are gone through from the root: over a node the probability lies between
//! two numbers ([`PairValue::interval`]). Where it is 0 the node is left out; where its largest number is not much above the least, or
//! hardly any target is expected in it, the targets are **candidates** with that largest number as their probability, and a
//! candidate is taken with the ratio of its own probability to it (thinning); else the children are looked at. So a row costs some
//! draws for each of its synapses, and the logarithm of how many targets there are; nothing is cut off.
//!
//! # The law
//!
//! Source i draws words `Draws(tag, row i, step 0)`, in the order of the tree. The number of targets from one candidate to the next
//! is geometric: a standard exponential number -ln(1 - u) is used up by -ln(1 - p) for each target that is passed, across nodes.
//! Then one number u decides: target j is joined if u·p < p(i, j). So pairs are independent, each with p(i, j) to a relative 1e-12.
//! The row can be drawn again alone, and depends on no thread.
//!
//! Where bounds leave open whether probabilities lie within 0 and 1, every target of a leaf is looked at: one that does not is an error.
//!
//! **Source** Lewis and Shedler (1979), Simulation of nonhomogeneous Poisson processes by thinning.

use std::sync::{Arc, Mutex, PoisonError};

use super::rule::{Kept, Made};
use super::{ConnectorError, Ends, Expected, Rows, Seeded, sum_up, zeros};
use crate::diagnostic::Diagnostic;
use crate::network::pair::{Geometry, PairValue, Ranges, Room, lengths};
use crate::network::space::metric::Bounds;
use crate::network::space::tree::Tree;
use crate::random::Draws;
use crate::threads;

/// Over a node, the largest probability is at most so many times the least; else its children are looked at.
const LOOSE: f64 = 1.5;
/// Or at most so many candidates are expected in it.
const FEW: f64 = 0.25;

/// A probability of pairs.
#[derive(Debug)]
pub(in crate::network) struct Law {
    pub probability: PairValue,
    /// Beyond this distance nobody is joined.
    pub cutoff: Option<(f64, Arc<Geometry>)>,
    /// May neuron k meet itself?
    pub autapses: bool,
    /// May two neurons be joined both ways?
    pub mutual: bool,
    tree: Tree,
    ranges: Ranges,
}

/// A target that may be joined: if its probability is above the threshold.
#[derive(Default)]
struct Candidates {
    targets: Vec<u32>,
    thresholds: Vec<f64>,
    probabilities: Vec<f64>,
    stack: Vec<u32>,
    room: Room,
}

impl Law {
    pub fn new(probability: PairValue, cutoff: Option<(f64, Arc<Geometry>)>, autapses: bool, mutual: bool, targets: u32) -> Law {
        let geometry = cutoff.as_ref().map(|(_, g)| g).or(probability.geometry.as_ref());
        let tree = Tree::new(targets, geometry.map(|g| g.target.as_slice()));
        let ranges = probability.ranges(&tree);
        Law { probability, cutoff, autapses, mutual, tree, ranges }
    }

    /// Where the probability lies over a node.
    fn over(&self, source: u32, node: usize, room: &mut Room) -> (f64, f64) {
        if let Some((cutoff, g)) = &self.cutoff {
            let from = g.source[source as usize];
            let moved = g.metric.displacements(Bounds { low: from, high: from }, self.tree.nodes[node].bounds);
            let (least, most) = lengths(&moved);
            if least > *cutoff {
                return (0.0, 0.0);
            }
            let (low, high) = self.probability.interval(source, &self.tree, node, &self.ranges, room);
            return if most <= *cutoff { (low, high) } else { (low.min(0.0), high) };
        }
        self.probability.interval(source, &self.tree, node, &self.ranges, room)
    }

    /// Calls with the stretches of targets that are candidates alike: first, count, largest probability; `None`: each must be
    /// looked at.
    fn walk(&self, source: u32, found: &mut Candidates, mut call: impl FnMut(&mut Candidates, &[u32], Option<f64>)) {
        if self.tree.nodes.is_empty() {
            return;
        }
        found.stack.push(0);
        while let Some(node) = found.stack.pop() {
            let cell = &self.tree.nodes[node as usize];
            let (low, high) = self.over(source, node as usize, &mut found.room);
            if low == 0.0 && high == 0.0 {
                continue;
            }
            let sure = low >= 0.0 && high <= 1.0;
            let alike = sure && (high <= LOOSE * low || high * f64::from(cell.count) <= FEW);
            if alike || cell.right == 0 {
                // a little above, for the rounding of bounds
                let most = sure.then(|| (high * (1.0 + 1e-12)).min(1.0));
                let neurons = self.tree.neurons(cell);
                call(found, neurons, most);
            } else {
                found.stack.extend([cell.right, node + 1]);
            }
        }
    }

    /// The targets of a source, ascending.
    ///
    /// **Errors** a probability that is none: the target, and what it is.
    fn row(&self, given: Seeded, source: u32, found: &mut Candidates, out: &mut Vec<u32>) -> Result<(), (u32, f64)> {
        let mut draws = given.key.draws(given.tag, source, 0);
        let mut left = exponential(&mut draws);
        found.targets.clear();
        found.thresholds.clear();
        self.walk(source, found, |found, neurons, most| {
            let Some(most) = most.filter(|most| *most < 1.0) else {
                for target in neurons {
                    found.targets.push(*target);
                    found.thresholds.push(draws.uniform());
                }
                return;
            };
            let rate = -libm::log1p(-most);
            let (mut place, count) = (0usize, neurons.len());
            loop {
                let passed = left / rate;
                if passed >= (count - place) as f64 {
                    left -= (count - place) as f64 * rate;
                    return;
                }
                place += passed as usize;
                found.targets.push(neurons[place]);
                found.thresholds.push(most * draws.uniform());
                left = exponential(&mut draws);
                place += 1;
            }
        });
        let Candidates { targets, thresholds, probabilities, room, .. } = found;
        probabilities.resize(targets.len(), 0.0);
        self.probability.fill(source, targets, probabilities, room);
        let apart = given.ends.apart(self.autapses);
        let from = out.len();
        for ((target, threshold), p) in targets.iter().zip(&*thresholds).zip(&*probabilities) {
            let possible = (0.0..=1.0).contains(p);
            if (threshold < p || !possible) && !(apart && *target == source) && self.within(source, *target) {
                if !possible {
                    return Err((*target, *p));
                }
                out.push(*target);
            }
        }
        out[from..].sort_unstable();
        Ok(())
    }

    fn within(&self, source: u32, target: u32) -> bool {
        match &self.cutoff {
            Some((cutoff, g)) => g.metric.distance(g.source[source as usize], g.target[target as usize]) <= *cutoff,
            None => true,
        }
    }
}

/// A standard exponential number.
fn exponential(draws: &mut Draws) -> f64 {
    -libm::log(1.0 - draws.uniform())
}

impl Kept for Law {
    fn pairwise(&self) -> bool {
        true
    }
}

impl Made for Law {
    fn check(&self, _: Ends) -> Result<(), Diagnostic> {
        Ok(())
    }

    /// By some sources, whose candidates are added up: more than are joined, and not much more.
    fn expected(&self, ends: Ends) -> Expected {
        const ASKED: u32 = 64;
        let (mut found, mut sum) = (Candidates::default(), 0.0);
        let asked = ends.sources.min(ASKED);
        for k in 0..asked {
            let source = (u64::from(k) * u64::from(ends.sources) / u64::from(asked)) as u32;
            self.walk(source, &mut found, |_, neurons, most| sum += most.unwrap_or(1.0) * neurons.len() as f64);
        }
        let mean = if asked > 0 { sum / f64::from(asked) * f64::from(ends.sources) } else { 0.0 };
        let pairs = f64::from(ends.sources) * f64::from(ends.targets);
        Expected { synapses: (mean + 6.0 * mean.sqrt()).min(pairs) as u64, drawing: 8 }
    }

    fn rows(&self, given: Seeded) -> Result<Rows, ConnectorError> {
        const BLOCK: u32 = 64;
        given.room.check(u128::from(self.expected(given.ends).synapses / 2), 4)?;
        let sources = given.ends.sources;
        let wrong: Mutex<Option<(u32, u32, f64)>> = Mutex::new(None);
        let blocks: Vec<(Vec<u64>, Vec<u32>)> = threads::map(sources.div_ceil(BLOCK) as usize, |k| {
            let (mut lengths, mut targets, mut found) = (Vec::new(), Vec::new(), Candidates::default());
            for source in k as u32 * BLOCK..((k as u32 + 1).saturating_mul(BLOCK)).min(sources) {
                let before = targets.len();
                if let Err((target, p)) = self.row(given, source, &mut found, &mut targets) {
                    // the first by place, not by time
                    let mut first = wrong.lock().unwrap_or_else(PoisonError::into_inner);
                    if first.as_ref().is_none_or(|(earliest, ..)| source < *earliest) {
                        *first = Some((source, target, p));
                    }
                    break;
                }
                lengths.push((targets.len() - before) as u64);
            }
            (lengths, targets)
        });
        if let Some((from, to, found)) = wrong.into_inner().unwrap_or_else(PoisonError::into_inner) {
            let text = self.probability.text.clone();
            return Err(ConnectorError::PairProbability { text, source_neuron: from, target_neuron: to, found });
        }
        let edges = blocks.iter().map(|b| b.1.len() as u64).sum();
        given.room.check(u128::from(edges), 4)?;
        let mut target = zeros(edges)?;
        let mut row_start = zeros(u64::from(sources) + 1)?;
        let (mut edge, mut next) = (0, 1);
        for (lengths, targets) in blocks {
            row_start[next..next + lengths.len()].copy_from_slice(&lengths);
            target[edge..edge + targets.len()].copy_from_slice(&targets);
            (edge, next) = (edge + targets.len(), next + lengths.len());
        }
        sum_up(&mut row_start);
        let rows = Rows { row_start, target, order: None };
        if self.mutual || !given.ends.same_population { Ok(rows) } else { super::mutual::one_way(given, rows) }
    }
}
