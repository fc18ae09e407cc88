//! n synapses in all.
//!
//! With multapses each synapse chooses its source, all as likely, and then its target among those possible, all as likely: synapse k
//! draws the source by word k mod 4 of counter (row k div 4, step 2^47), what is drawn anew by the steps behind. How many synapses
//! each source has follows by counting; who they go to is drawn by the words of the source's row from step 0 on, as where the number
//! is fixed. So a row can be drawn again alone, and the law is that of n pairs drawn with replacement.
//!
//! Without multapses a pair is a number (source · possible targets + target), so that numbers in order are rows in order, and the
//! pairs are the first n different ones of a sequence, pair k by counter k: any choice of n pairs has the same probability. Where n
//! is more than half of all, the pairs left out are drawn. No row of these follows from its number alone.

use std::sync::Arc;

use super::by_row::{self, ByRow, RowLaw};
use super::choice::chosen;
use super::rule::{Made, Pairs, Rule};
use super::starts::Starts;
use super::{
    CHUNK, Connector, ConnectorError, Ends, Expected, Rows, Seeded, grow, impossible, reserved, row_starts, skip, sum_up, zeros,
};
use crate::diagnostic::Diagnostic;
use crate::random::{self, SIDE};
use crate::threads;

rule! {
    /// `n` synapses in all.
    FixedTotal {
        /// Synapses of the projection.
        n: u64 = "n = 100",
        /// Neuron k may meet itself, within one population; yes if not given.
        #[serde(default = "yes")]
        autapses: bool = "autapses = false",
        /// A pair may be joined more than once; yes if not given.
        #[serde(default = "yes")]
        multapses: bool = "multapses = false",
    }
}

impl Connector {
    /// `n` synapses in all, drawn with replacement.
    pub fn total(n: u64) -> Connector {
        Connector::FixedTotal { n, autapses: true, multapses: true }
    }
}

impl Rule for FixedTotal<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Made(self)
    }
}

impl Made for FixedTotal<'_> {
    fn check(&self, ends: Ends) -> Result<(), Diagnostic> {
        let FixedTotal { n: &n, autapses: &autapses, multapses: &multapses } = *self;
        let pairs = u64::from(ends.sources) * u64::from(ends.choices(autapses));
        if n > 0 && (pairs == 0 || (!multapses && n > pairs)) {
            return Err(impossible(format!("{n} synapses in all, but there are {pairs} pairs")).value_of("n"));
        }
        Ok(())
    }

    fn expected(&self, _: Ends) -> Expected {
        let FixedTotal { n: &n, multapses: &multapses, .. } = *self;
        Expected { synapses: n, drawing: if multapses { 0 } else { 32 } }
    }

    fn rows(&self, given: Seeded) -> Result<Rows, ConnectorError> {
        let FixedTotal { n: &n, autapses: &autapses, multapses: &multapses } = *self;
        if multapses {
            given.room.check(u128::from(n), 0)?;
            return by_row::rows(self, given);
        }
        let choices = given.ends.choices(autapses);
        let all = u64::from(given.ends.sources) * u64::from(choices);
        self.possible(all)?;
        // beside the targets: the pairs with their place in the sequence, at most 1.4 times as many, and the room in which they are
        // sorted
        given.room.check(u128::from(n), 32)?;
        let pairs = if n <= all / 2 {
            distinct(given, n, all)?
        } else {
            let mut left_out = distinct(given, all - n, all)?.into_iter().peekable();
            let mut pairs = reserved(n)?;
            pairs.extend((0..all).filter(|k| left_out.next_if_eq(k).is_none()));
            pairs
        };
        let width = u64::from(choices.max(1));
        let source = |pair: u64| (pair / width) as u32;
        let target = |pair: &u64| skip((pair % width) as u32, given.ends.apart(autapses).then_some(source(*pair)));
        let row_start = row_starts(given.ends.sources, pairs.iter().map(|p| source(*p)))?;
        let mut targets: Vec<u32> = zeros(n)?;
        threads::pieces(
            &mut targets,
            CHUNK,
            || (),
            |(), piece, targets| {
                targets.iter_mut().zip(&pairs[piece * CHUNK..]).for_each(|(place, pair)| *place = target(pair));
            },
        );
        Ok(Rows { row_start, target: targets, order: None })
    }

    fn by_row(&self) -> Option<&dyn ByRow> {
        self.multapses.then_some(self)
    }
}

impl FixedTotal<'_> {
    /// Are there so many? `all`: pairs.
    fn possible(&self, all: u64) -> Result<(), ConnectorError> {
        let possible = if *self.multapses && all > 0 { LARGEST } else { all };
        if *self.n <= possible {
            return Ok(());
        }
        let (rule, row, n, distinct) = ("fixed total", "projection", *self.n, all > 0 && !*self.multapses);
        Err(ConnectorError::Impossible { rule, row, n, possible, distinct })
    }
}

/// Synapses of one projection at most.
const LARGEST: u64 = 1 << 40;

/// Where sources are drawn, beyond the words of their rows.
const SOURCES: u64 = 1 << 47;

/// Pieces that are counted side by side at most.
const PIECES: u64 = 16;

impl ByRow for FixedTotal<'_> {
    fn starts(&self, given: Seeded) -> Result<Starts, ConnectorError> {
        let (n, sources) = (*self.n, given.ends.sources);
        self.possible(u64::from(sources) * u64::from(given.ends.choices(*self.autapses)))?;
        let piece = n.div_ceil((n / u64::from(sources.max(1 << 20))).clamp(1, PIECES)).next_multiple_of(4).max(4);
        let counts = threads::map(n.div_ceil(piece) as usize, |k| {
            let first = k as u64 * piece;
            let mut counts: Vec<u64> = zeros(sources.into())?;
            count_sources(given, first, n.min(first + piece), &mut counts);
            Ok::<_, ConnectorError>(counts)
        });
        let mut starts: Vec<u64> = zeros(u64::from(sources) + 1)?;
        for counts in counts {
            starts[1..].iter_mut().zip(counts?).for_each(|(sum, count)| *sum += count);
        }
        sum_up(&mut starts);
        Ok(Starts::listed(starts))
    }

    fn law(&self, given: Seeded) -> Arc<dyn RowLaw> {
        chosen(given, *self.autapses, *self.multapses)
    }

    fn is_even(&self) -> bool {
        false
    }
}

/// Counts the sources of the synapses from `first`, a multiple of four, up to `end`.
fn count_sources(given: Seeded, first: u64, end: u64, counts: &mut [u64]) {
    let (arch, sources) = (random::widest(), given.ends.sources);
    let mut at = first;
    while at < end {
        // four synapses each; a turn of 2^32 in midst of them has another step
        let block = at / 4;
        let side = (SIDE as u64).min((end - at).div_ceil(4)).min((1 << 32) - (block & u64::from(u32::MAX)));
        let step = SOURCES + ((block >> 32) << 32);
        let words = given.key.rows(arch, given.tag, (block as u32)..=(block as u32).saturating_add(side as u32 - 1), step, 0);
        for lane in 0..side as usize {
            let own = words.map(|w| w[lane]);
            let products = own.map(|word| u64::from(word) * u64::from(sources));
            let here = (end - at).min(4) as usize;
            if products.iter().all(|product| *product as u32 >= sources) {
                products[..here].iter().for_each(|product| counts[(product >> 32) as usize] += 1);
            } else {
                let mut draws = given.key.draws_from(given.tag, (block as u32).wrapping_add(lane as u32), step, own);
                (0..here).for_each(|_| counts[draws.below(sources) as usize] += 1);
            }
            at += here as u64;
        }
    }
}

/// The pairs of the sequence from `first` on. Pair k: counters with row k mod 2^32, steps from (k div 2^32)·2^32 on.
fn drawn<T>(given: Seeded, first: u64, all: u64, out: &mut [T], of: impl Fn(u64, u64) -> T) {
    let arch = random::widest();
    for (side, out) in (first..).step_by(SIDE).zip(out.chunks_mut(SIDE)) {
        let step = (side >> 32) << 32;
        let rows = (side..side + out.len() as u64).map(|k| k as u32);
        // a turn of 2^32 in midst of it has another step
        let turns = (side as u32).checked_add(SIDE as u32).is_none();
        let words = if turns { None } else { Some(given.key.rows(arch, given.tag, rows, step, 0)) };
        for (lane, (k, place)) in (side..).zip(out).enumerate() {
            let row = k as u32;
            let mut draws = match &words {
                Some(words) => given.key.draws_from(given.tag, row, step, words.map(|w| w[lane])),
                None => given.key.draws(given.tag, row, (k >> 32) << 32),
            };
            *place = of(k, draws.below_u64(all));
        }
    }
}

/// The first `n` different pairs of the sequence, ascending; `n` is at most half of `all`.
fn distinct(given: Seeded, n: u64, all: u64) -> Result<Vec<u64>, ConnectorError> {
    let n = n as usize;
    // (pair, place in the sequence)
    let mut drawn: Vec<(u64, u64)> = Vec::new();
    let mut next = 0;
    while drawn.len() < n {
        // each new draw is new with at least probability 1/2
        let more = (n - drawn.len()) as u64;
        let more = more + more / 16 + 16;
        let known = drawn.len();
        grow(&mut drawn, more)?;
        threads::pieces(
            &mut drawn[known..],
            CHUNK,
            || (),
            |(), piece, drawn| {
                self::drawn(given, next + piece as u64 * CHUNK as u64, all, drawn, |k, pair| (pair, k));
            },
        );
        next += more;
        threads::sort(&mut drawn);
        drawn.dedup_by_key(|(pair, _)| *pair);
    }
    if drawn.len() > n {
        let mut places = reserved(drawn.len() as u64)?;
        places.extend(drawn.iter().map(|(_, k)| *k));
        let (_, first_too_many, _) = places.select_nth_unstable(n);
        let end = *first_too_many;
        drawn.retain(|(_, k)| *k < end);
    }
    let mut pairs = reserved(drawn.len() as u64)?;
    pairs.extend(drawn.into_iter().map(|(pair, _)| pair));
    Ok(pairs)
}
