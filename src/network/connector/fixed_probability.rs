//! Each pair with the same probability, independently.
//!
//! A row jumps from hit to hit: the number of misses before a hit is geometric, so a row costs a draw per synapse and not per
//! pair, and the law is that of the single trials. The draw ([`Geometric`]) is made of whole numbers alone: a shader can draw
//! the same rows again.

use std::sync::Arc;

use super::by_row::{ByRow, RowLaw};
use super::recipe::{RowRecipe, TargetRecipe};
use super::rule::{Made, Pairs, Rule};
use super::scratch::Scratch;
use super::starts::Starts;
use super::{Connector, ConnectorError, Ends, Expected, Rows, Seeded, impossible, skip, sum_up, zeros};
use crate::diagnostic::Diagnostic;
use crate::random::{Geometric, Key};
use crate::threads;

rule! {
    /// Each pair with probability `p`, independently.
    FixedProbability {
        /// From 0 to 1.
        p: f64 = "p = 0.1",
        /// Neuron k may meet itself, within one population; yes if not given.
        #[serde(default = "yes")]
        autapses: bool = "autapses = false",
    }
}

impl Connector {
    /// Each pair with probability `p`, a neuron with itself too.
    pub fn probability(p: f64) -> Connector {
        Connector::FixedProbability { p, autapses: true }
    }
}

impl Rule for FixedProbability<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Made(self)
    }
}

impl Made for FixedProbability<'_> {
    fn check(&self, _: Ends) -> Result<(), Diagnostic> {
        let FixedProbability { p: &p, .. } = *self;
        if (0.0..=1.0).contains(&p) {
            return Ok(());
        }
        Err(impossible(format!("a probability is a number from 0 to 1, got {p}")).value_of("p"))
    }

    fn expected(&self, ends: Ends) -> Expected {
        let FixedProbability { p: &p, autapses: &autapses } = *self;
        let pairs = f64::from(ends.sources) * f64::from(ends.choices(autapses));
        let mean = pairs * p;
        // six deviations more than the mean
        Expected { synapses: (mean + 6.0 * (mean * (1.0 - p)).max(0.0).sqrt()).min(pairs) as u64, drawing: 8 }
    }

    fn rows(&self, given: Seeded) -> Result<Rows, ConnectorError> {
        let FixedProbability { p: &p, autapses: &autapses } = *self;
        let trials = Trials::new(given, p, autapses)?;
        let choices = given.ends.choices(autapses);
        let mean_row = p * f64::from(choices);
        // once in blocks, once in one piece
        given.room.check((mean_row * f64::from(given.ends.sources)) as u128, 4)?;

        let block = (65_536.0 / (mean_row + 1.0)).ceil().min(4096.0) as u32;
        let count = given.ends.sources.div_ceil(block) as usize;
        let blocks: Vec<(Vec<u64>, Vec<u32>)> = threads::map(count, |k| {
            let (mut lengths, mut targets) = (Vec::new(), Vec::new());
            for source in k as u32 * block..((k as u32 + 1).saturating_mul(block)).min(given.ends.sources) {
                let before = targets.len();
                trials.hits(source, |target| targets.push(target));
                lengths.push((targets.len() - before) as u64);
            }
            (lengths, targets)
        });

        let edges = blocks.iter().map(|b| b.1.len() as u64).sum();
        given.room.check(u128::from(edges), 4)?;
        let mut target = zeros(edges)?;
        let mut row_start = zeros(u64::from(given.ends.sources) + 1)?;
        let (mut edge, mut next) = (0, 1);
        for (lengths, targets) in blocks {
            row_start[next..next + lengths.len()].copy_from_slice(&lengths);
            target[edge..edge + targets.len()].copy_from_slice(&targets);
            (edge, next) = (edge + targets.len(), next + lengths.len());
        }
        sum_up(&mut row_start);
        Ok(Rows { row_start, target, order: None })
    }

    fn by_row(&self) -> Option<&dyn ByRow> {
        Some(self)
    }
}

impl ByRow for FixedProbability<'_> {
    fn starts(&self, given: Seeded) -> Result<Starts, ConnectorError> {
        let trials = Trials::new(given, *self.p, *self.autapses)?;
        let mut row_start: Vec<u64> = zeros(u64::from(given.ends.sources) + 1)?;
        threads::pieces(
            &mut row_start[1..],
            ROWS,
            || (),
            |(), piece, lengths| {
                for (source, length) in ((piece * ROWS) as u32..).zip(lengths) {
                    trials.hits(source, |_| *length += 1);
                }
            },
        );
        sum_up(&mut row_start);
        Ok(Starts::listed(row_start))
    }

    fn law(&self, given: Seeded) -> Arc<dyn RowLaw> {
        // starts come first, and know what is no probability
        Arc::new(Trials::of(given, self.p.clamp(0.0, 1.0), *self.autapses))
    }

    fn is_even(&self) -> bool {
        false
    }
}

/// Rows that a thread counts in one go.
const ROWS: usize = 64;

/// A trial for each pair.
#[derive(Debug)]
struct Trials {
    key: Key,
    tag: u32,
    p: f64,
    law: Geometric,
    choices: u32,
    /// No source meets itself.
    apart: bool,
}

impl Trials {
    fn new(given: Seeded, p: f64, autapses: bool) -> Result<Trials, ConnectorError> {
        if (0.0..=1.0).contains(&p) { Ok(Trials::of(given, p, autapses)) } else { Err(ConnectorError::Probability(p)) }
    }

    fn of(given: Seeded, p: f64, autapses: bool) -> Trials {
        let (choices, apart) = (given.ends.choices(autapses), given.ends.apart(autapses));
        Trials { key: given.key, tag: given.tag, p, law: Geometric::new(p), choices, apart }
    }

    /// The targets of one source, ascending.
    #[inline]
    fn hits(&self, source: u32, mut hit: impl FnMut(u32)) {
        let own = self.apart.then_some(source);
        if self.p == 0.0 {
            return;
        }
        if self.p == 1.0 {
            return (0..self.choices).for_each(|k| hit(skip(k, own)));
        }
        let mut draws = self.key.draws(self.tag, source, 0);
        let mut next = 0;
        while let Some(misses) = self.law.misses(&mut draws, self.choices - next) {
            hit(skip(next + misses, own));
            next += misses + 1;
        }
    }
}

impl RowLaw for Trials {
    fn fill(&self, source: u32, row: &mut [u32], _: &mut Scratch) {
        let mut places = row.iter_mut();
        self.hits(source, |target| places.by_ref().take(1).for_each(|place| *place = target));
    }

    fn recipe(&self) -> Option<RowRecipe> {
        // of a probability of 0 there are no rows, of 1 nothing is drawn
        let targets = if self.p == 1.0 { TargetRecipe::Everybody } else { TargetRecipe::Trials(self.law.words()) };
        let (key, tag, choices, apart) = (self.key, self.tag, self.choices, self.apart);
        Some(RowRecipe { key, tag, choices, apart, ..RowRecipe::of(targets) })
    }
}

#[cfg(test)]
mod test {
    use super::super::{Ends, Room};
    use super::*;
    use crate::random::Stream;

    fn hits(p: f64, source: u32, choices: u32) -> Vec<u32> {
        let ends = Ends { sources: source + 1, targets: choices, same_population: false };
        let tag = Stream::Edges { projection: 0 }.tag().unwrap();
        let given = Seeded { ends, room: Room { ends, columns: 0, budget: None }, key: Key { seed: 8 }, tag };
        let mut out = Vec::new();
        Trials::of(given, p, true).hits(source, |k| out.push(k));
        out
    }

    #[test]
    fn rows_of_all_lengths_and_probabilities() {
        // 1e-9 of 2^32 - 1 are 4.3 a row; all numbers below are four standard errors
        let rows = 4000u32;
        let all: Vec<Vec<u32>> = (0..rows).map(|source| hits(1e-9, source, u32::MAX)).collect();
        assert!(all.iter().all(|row| row.is_sorted_by(|a, b| a < b) && row.iter().all(|k| *k < u32::MAX)));
        let (count, expected) = (all.iter().map(Vec::len).sum::<usize>() as f64, f64::from(rows) * 1e-9 * f64::from(u32::MAX));
        assert!((count - expected).abs() < 4.0 * expected.sqrt(), "{count} {expected}");
        let variance = all.iter().map(|row| (row.len() as f64 - expected / f64::from(rows)).powi(2)).sum::<f64>() / expected;
        assert!((variance - 1.0).abs() < 4.0 * (2.0 / f64::from(rows) + 1.0 / expected).sqrt(), "{variance}");
        let place = all.iter().flatten().map(|k| f64::from(*k) / f64::from(u32::MAX)).sum::<f64>() / count;
        assert!((place - 0.5).abs() < 4.0 / (12.0 * count).sqrt(), "{place}");
        for bit in 0..32 {
            let ones = all.iter().flatten().filter(|k| **k >> bit & 1 == 1).count() as f64 / count;
            assert!((ones - 0.5).abs() < 4.5 * 0.5 / count.sqrt(), "bit {bit}: {ones}");
        }
        // and what is missed where nearly all are hit
        let missed: usize = (0..3).map(|source| 1_000_000 - hits(1.0 - 1e-5, source, 1_000_000).len()).sum();
        assert!((missed as f64 - 30.0).abs() < 4.0 * 30f64.sqrt(), "{missed}");
        assert!(1_000_000 - hits(1.0 - 1e-9, 0, 1_000_000).len() <= 1);
    }

    #[test]
    fn a_row_is_the_same_alone() {
        let rule = crate::network::Connector::FixedProbability { p: 0.03, autapses: true };
        let rule = super::super::CheckedConnector::Rule(rule);
        let ends = Ends { sources: 300, targets: 500, same_population: false };
        let all = super::super::build(&rule, ends, &[], 8, 0, None).unwrap().0;
        for source in [0, 17, 299] {
            let mut row = Vec::new();
            all.rows(|s, targets| {
                if s == source {
                    row.extend(targets.targets())
                }
            });
            assert_eq!(row, hits(0.03, source, 500));
        }
    }
}
