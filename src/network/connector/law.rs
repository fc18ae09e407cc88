//! Each pair with a probability of its own, independently, without a look at every pair.
//!
//! Sources and targets stand in trees of boxes. For each box of a few sources, nodes of the targets are gone through from the root:
//! between the two the probability lies between two numbers ([`PairValue::interval`]). Where it is 0 the node is left out; where its
//! largest number is not much above the least, or hardly any target is expected in it, the targets are **candidates** with that
//! largest number as their probability, and a candidate is taken with the ratio of its own probability to it (thinning); else the
//! children are looked at. So a row costs some draws for each of its synapses, and nothing is cut off.
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

use glam::DVec3;

use super::rule::{Kept, Made};
use super::{ConnectorError, Ends, Expected, Rows, Seeded, sum_up, zeros};
use crate::diagnostic::Diagnostic;
use crate::network::pair::{Geometry, PairValue, Ranges, Room, Side, lengths};
use crate::network::space::tree::Tree;
use crate::random::Draws;
use crate::threads;

/// Over a node, the largest probability is at most so many times the least; else its children are looked at.
const LOOSE: f64 = 1.5;
/// Or at most so many candidates are expected in it for each source.
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
    sources: End,
    targets: End,
}

/// The neurons of one end.
#[derive(Debug)]
struct End {
    tree: Tree,
    ranges: Ranges,
}

impl End {
    fn new(count: u32, positions: Option<&[DVec3]>, probability: &PairValue, post: bool) -> End {
        let tree = Tree::new(count, positions);
        let ranges = probability.ranges(&tree, post);
        End { tree, ranges }
    }

    fn side(&self, node: usize) -> Side<'_> {
        Side { node, cell: &self.tree.nodes[node], ranges: &self.ranges }
    }
}

/// Targets that are alike to some sources: where they stand in the order of the tree, and the largest probability of any; none:
/// each must be looked at.
#[derive(Clone, Copy)]
struct Stretch {
    first: u32,
    count: u32,
    most: Option<f64>,
}

/// A target that may be joined: if its probability is above the threshold.
#[derive(Default)]
struct Candidates {
    targets: Vec<u32>,
    thresholds: Vec<f64>,
    probabilities: Vec<f64>,
    stack: Vec<u32>,
    stretches: Vec<Stretch>,
    room: Room,
}

impl Law {
    pub fn new(probability: PairValue, cutoff: Option<(f64, Arc<Geometry>)>, autapses: bool, mutual: bool, ends: Ends) -> Law {
        let geometry = cutoff.as_ref().map(|(_, g)| g).or(probability.geometry.as_ref());
        let sources = End::new(ends.sources, geometry.map(|g| g.source.as_slice()), &probability, false);
        let targets = End::new(ends.targets, geometry.map(|g| g.target.as_slice()), &probability, true);
        Law { probability, cutoff, autapses, mutual, sources, targets }
    }

    /// Where the probability lies between two nodes.
    fn over(&self, from: Side<'_>, to: Side<'_>, room: &mut Room) -> (f64, f64) {
        let Some((cutoff, g)) = &self.cutoff else { return self.probability.interval(from, to, room) };
        let (least, most) = lengths(&g.metric.displacements(from.cell.bounds, to.cell.bounds));
        if least > *cutoff {
            return (0.0, 0.0);
        }
        let (low, high) = self.probability.interval(from, to, room);
        if most <= *cutoff { (low, high) } else { (low.min(0.0), high) }
    }

    /// The stretches of targets that may be joined with the sources in a node.
    fn walk(&self, node: usize, found: &mut Candidates) {
        found.stretches.clear();
        if self.targets.tree.nodes.is_empty() {
            return;
        }
        let from = self.sources.side(node);
        found.stack.push(0);
        while let Some(node) = found.stack.pop() {
            let to = self.targets.side(node as usize);
            let cell = to.cell;
            let (low, high) = self.over(from, to, &mut found.room);
            if low == 0.0 && high == 0.0 {
                continue;
            }
            let sure = low >= 0.0 && high <= 1.0;
            let alike = sure && (high <= LOOSE * low || high * f64::from(cell.count) <= FEW);
            if alike || cell.right == 0 {
                // a little above, for the rounding of bounds
                let most = sure.then(|| (high * (1.0 + 1e-12)).min(1.0));
                found.stretches.push(Stretch { first: cell.first, count: cell.count, most });
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
        let Candidates { targets, thresholds, probabilities, stretches, room, .. } = found;
        for Stretch { first, count, most } in &*stretches {
            let neurons = &self.targets.tree.order[*first as usize..(*first + *count) as usize];
            let Some(most) = most.filter(|most| *most < 1.0) else {
                for target in neurons {
                    targets.push(*target);
                    thresholds.push(draws.uniform());
                }
                continue;
            };
            let rate = -libm::log1p(-most);
            let mut place = 0;
            loop {
                let (passed, rest) = (left / rate, neurons.len() - place);
                if passed >= rest as f64 {
                    left -= rest as f64 * rate;
                    break;
                }
                place += passed as usize;
                targets.push(neurons[place]);
                thresholds.push(most * draws.uniform());
                left = exponential(&mut draws);
                place += 1;
            }
        }
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

    /// By some boxes of sources, whose candidates are added up: more than are joined, and not much more.
    fn expected(&self, ends: Ends) -> Expected {
        const ASKED: usize = 64;
        let leaves = self.sources.tree.leaves();
        let (mut found, mut sum, mut sources) = (Candidates::default(), 0.0, 0.0);
        let asked = leaves.len().min(ASKED);
        for k in 0..asked {
            let node = leaves[k * leaves.len() / asked];
            self.walk(node, &mut found);
            sum += found.stretches.iter().map(|s| s.most.unwrap_or(1.0) * f64::from(s.count)).sum::<f64>();
            sources += 1.0;
        }
        let mean = if asked > 0 { sum / sources * f64::from(ends.sources) } else { 0.0 };
        let pairs = f64::from(ends.sources) * f64::from(ends.targets);
        Expected { synapses: (mean + 6.0 * mean.sqrt()).min(pairs) as u64, drawing: 8 }
    }

    fn rows(&self, given: Seeded) -> Result<Rows, ConnectorError> {
        let sources = given.ends.sources;
        let (tree, leaves) = (&self.sources.tree, self.sources.tree.leaves());
        let wrong: Mutex<Option<(u32, u32, f64)>> = Mutex::new(None);
        let blocks: Vec<(Vec<u32>, Vec<u32>)> = threads::map(leaves.len(), |k| {
            let (mut lengths, mut targets, mut found) = (Vec::new(), Vec::new(), Candidates::default());
            self.walk(leaves[k], &mut found);
            for source in tree.neurons(&tree.nodes[leaves[k]]) {
                let before = targets.len();
                if let Err((target, p)) = self.row(given, *source, &mut found, &mut targets) {
                    // the first by number, not by time
                    let mut first = wrong.lock().unwrap_or_else(PoisonError::into_inner);
                    if first.as_ref().is_none_or(|(earliest, ..)| source < earliest) {
                        *first = Some((*source, target, p));
                    }
                }
                lengths.push((targets.len() - before) as u32);
            }
            (lengths, targets)
        });
        if let Some((from, to, found)) = wrong.into_inner().unwrap_or_else(PoisonError::into_inner) {
            let text = self.probability.text.clone();
            return Err(ConnectorError::PairProbability { text, source_neuron: from, target_neuron: to, found });
        }
        let edges = blocks.iter().map(|b| b.1.len() as u64).sum();
        given.room.check(u128::from(edges), 4)?;
        // rows come in the order of the tree
        let mut row_start = zeros(u64::from(sources) + 1)?;
        for (leaf, (lengths, _)) in leaves.iter().zip(&blocks) {
            for (source, length) in tree.neurons(&tree.nodes[*leaf]).iter().zip(lengths) {
                row_start[*source as usize + 1] = u64::from(*length);
            }
        }
        sum_up(&mut row_start);
        let mut target = zeros(edges)?;
        for (leaf, (lengths, targets)) in leaves.iter().zip(blocks) {
            let mut at = 0;
            for (source, length) in tree.neurons(&tree.nodes[*leaf]).iter().zip(lengths) {
                let (to, count) = (row_start[*source as usize] as usize, length as usize);
                target[to..to + count].copy_from_slice(&targets[at..at + count]);
                at += count;
            }
        }
        let rows = Rows { row_start, target, order: None };
        if self.mutual || !given.ends.same_population { Ok(rows) } else { super::mutual::one_way(given, rows) }
    }
}
