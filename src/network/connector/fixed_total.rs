//! n synapses in all. A pair is a number (source · possible targets + target), so that numbers in order are rows in order.
//!
//! With multapses, pair k is drawn by counter k. Without, the pairs are the first n different ones of that same sequence,
//! which is any choice of n pairs with the same probability; where n is more than half of all, the pairs left out are drawn.

use super::rule::{Made, Pairs, Rule};
use super::{CHUNK, Connector, ConnectorError, Ends, Expected, Rows, Seeded, grow, impossible, reserved, row_starts, skip, zeros};
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
        Expected { synapses: n, drawing: if multapses { 8 } else { 32 } }
    }

    fn rows(&self, given: Seeded) -> Result<Rows, ConnectorError> {
        let FixedTotal { n: &n, autapses: &autapses, multapses: &multapses } = *self;
        let choices = given.ends.choices(autapses);
        let all = u64::from(given.ends.sources) * u64::from(choices);
        let possible = if multapses && all > 0 { u64::MAX } else { all };
        if n > possible {
            let rule = "fixed total";
            return Err(ConnectorError::Impossible { rule, row: "projection", n, possible, distinct: all > 0 });
        }
        // beside the targets: with multapses the pairs, without them also their place in the sequence, at most 1.4 times as many,
        // and the room in which they are sorted
        given.room.check(u128::from(n), if multapses { 8 } else { 32 })?;
        let pairs = match () {
            () if multapses => {
                let mut pairs: Vec<u64> = zeros(n)?;
                threads::pieces(
                    &mut pairs,
                    CHUNK,
                    || (),
                    |(), piece, pairs| {
                        drawn(given, piece as u64 * CHUNK as u64, all, pairs, |_, pair| pair);
                    },
                );
                threads::sort(&mut pairs);
                pairs
            }
            () if n <= all / 2 => distinct(given, n, all)?,
            () => {
                let mut left_out = distinct(given, all - n, all)?.into_iter().peekable();
                let mut pairs = reserved(n)?;
                pairs.extend((0..all).filter(|k| left_out.next_if_eq(k).is_none()));
                pairs
            }
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
