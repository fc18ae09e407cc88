//! Poisson events at ports: how many of them each row has in a step, and what they add.
//!
//! In: backgrounds of a [`Plan`]. Out: weight times events, row by row. Not here: continuous inputs (`drive`).

use std::ops::Range;
use std::sync::Arc;

use pulp::{Arch, NullaryFnOnce};

use super::real::Real;
use crate::plan::{ALL, Column, Moves, Plan, Windows};
use crate::random::{Key, PoissonTable, SIDE};

/// Poisson events at one port of a part, in any instance.
pub struct BackgroundShare<T> {
    /// Place among the plan's backgrounds.
    number: usize,
    port: usize,
    on: Windows,
    /// Of an instance that has none of its own.
    laws: Arc<[PoissonTable]>,
    /// How the rate changes.
    moves: Option<Moves>,
    /// ms
    dt: f64,
    tag: u32,
    rows: Vec<BackgroundRow>,
    /// The first row where all others follow it one by one, so that no row must be looked up.
    run: Option<usize>,
    /// By row, of an instance without a factor.
    weights: Arc<Vec<T>>,
}

struct BackgroundRow {
    row: u32,
    /// Place among the rows of the background.
    place: u32,
    neuron: u32,
    /// Place among the laws.
    law: u32,
}

impl<T: Real> BackgroundShare<T> {
    pub fn new(plan: &Plan, number: usize, first: usize, rows: usize) -> BackgroundShare<T> {
        let b = &plan.backgrounds[number];
        let place = plan.place(b.population);
        let all = b.rows.iter().enumerate();
        let inside = all.filter(|(_, r)| (first..first + rows).contains(&(*r as usize)));
        let row = |(k, r): (usize, u32)| BackgroundRow {
            row: r - first as u32,
            place: k as u32,
            neuron: r - place.first_row,
            // empty: all rows have the one mean
            law: if b.mean_of_row.is_empty() { 0 } else { b.mean_of_row[k] },
        };
        let rows: Vec<BackgroundRow> = inside.map(row).collect();
        let from = rows.first().map_or(0, |r| r.row);
        BackgroundShare {
            number,
            run: rows.iter().zip(from..).all(|(r, k)| r.row == k).then_some(from as usize),
            port: b.port as usize,
            on: b.on.clone(),
            laws: b.laws.clone(),
            moves: b.moves.clone(),
            dt: plan.dt,
            tag: b.stream,
            weights: Arc::new(weights(&b.weight, &rows, 1.0)),
            rows,
        }
    }
}

fn weights<T: Real>(weight: &Column, rows: &[BackgroundRow], factor: f64) -> Vec<T> {
    rows.iter().map(|r| T::from_f64(weight.get(r.place as usize) * factor)).collect()
}

/// Poisson events at the ports of a part in one instance.
pub struct Backgrounds<T: Real> {
    share: Arc<[BackgroundShare<T>]>,
    list: Vec<LocalBackground<T>>,
    key: Key,
}

struct LocalBackground<T> {
    weights: Arc<Vec<T>>,
    laws: Arc<[PoissonTable]>,
    /// Some mean is so large that a count takes two words.
    wide: bool,
    /// Weight times events of the rows in this step; all 0 while it is off.
    now: Vec<T>,
    /// Four steps share one block of random words: by word of it, then row.
    words: [Vec<u32>; 4],
    /// The second words of counts, from the next block; empty where no law is wide.
    seconds: [Vec<u32>; 4],
    /// Of which block they are, by sheet of rows.
    drawn: Vec<Option<u64>>,
    on: bool,
}

impl<T: Real> Backgrounds<T> {
    pub fn new(plan: &Plan, instance: u32, share: &Arc<[BackgroundShare<T>]>) -> Backgrounds<T> {
        let local = |b: &BackgroundShare<T>| {
            let factor = plan.population_factor(instance, plan.backgrounds[b.number].population, b.port);
            let (laws, weight) = plan.background(instance, b.number);
            let usual = factor == 1.0 && Arc::ptr_eq(laws, &b.laws);
            let wide = laws.iter().any(PoissonTable::is_wide);
            LocalBackground {
                weights: if usual { b.weights.clone() } else { Arc::new(weights(weight, &b.rows, factor)) },
                laws: laws.clone(),
                wide,
                now: vec![T::ZERO; b.rows.len()],
                words: std::array::from_fn(|_| vec![0; b.rows.len()]),
                seconds: std::array::from_fn(|_| vec![0; if wide { b.rows.len() } else { 0 }]),
                drawn: Vec::new(),
                on: false,
            }
        };
        let list = share.iter().map(local).collect();
        Backgrounds { share: share.clone(), list, key: Key { seed: plan.seed_of(instance) } }
    }

    /// Draws the events of a step at the rows of a sheet, which are the same whenever it has this number.
    pub fn draw(&mut self, arch: Arch, step: u64, (sheet, rows): (usize, Range<usize>)) {
        for (b, share) in self.list.iter_mut().zip(self.share.iter()) {
            b.on = share.on.is_on(step);
            if !b.on {
                continue;
            }
            let inside = share.places(&rows);
            if inside.is_empty() {
                continue;
            }
            let (block, lane) = (step / 4, step as usize % 4);
            b.drawn.resize(b.drawn.len().max(sheet + 1), None);
            if b.drawn[sheet] != Some(block) {
                share.words(arch, self.key, (block, 0), inside.clone(), &mut b.words);
                if b.wide {
                    share.words(arch, self.key, (block, 1), inside.clone(), &mut b.seconds);
                }
                b.drawn[sheet] = Some(block);
            }
            let (words, weights) = (&b.words[lane][inside.clone()], &b.weights[inside.clone()]);
            let (now, rows) = (&mut b.now[inside.clone()], &share.rows[inside.clone()]);
            if let Some(moves) = &share.moves {
                share.moving((moves, self.key, step), rows, words, weights, now);
            } else if b.wide {
                let words = words.iter().zip(&b.seconds[lane][inside]);
                for (((now, (word, second)), row), weight) in now.iter_mut().zip(words).zip(rows).zip(weights) {
                    let events = b.laws[row.law as usize].count_of(*word, *second);
                    *now = *weight * T::from_f64(f64::from(events));
                }
            } else if let [law] = &b.laws[..] {
                // the usual case: one law for all rows
                arch.dispatch(Events { law, words, weights, now });
            } else {
                for (((now, word), weight), row) in now.iter_mut().zip(words).zip(weights).zip(rows) {
                    let events = b.laws[row.law as usize].narrow_count(*word);
                    *now = *weight * T::from_f64(f64::from(events));
                }
            }
        }
    }

    /// Adds the events of a port to what else arrived at these rows.
    #[inline(always)]
    pub fn add(&self, port: usize, first: usize, out: &mut [T]) {
        let all = self.list.iter().zip(self.share.iter());
        for (b, share) in all.filter(|(b, share)| b.on && share.port == port) {
            if let Some(run) = share.run {
                let (from, to) = (run.max(first), (run + b.now.len()).min(first + out.len()));
                if from < to {
                    let cells = out[from - first..to - first].iter_mut();
                    cells.zip(&b.now[from - run..to - run]).for_each(|(cell, now)| *cell = *cell + *now);
                }
                continue;
            }
            let from = share.rows.partition_point(|r| (r.row as usize) < first);
            for (row, now) in share.rows[from..].iter().zip(&b.now[from..]) {
                let Some(cell) = out.get_mut(row.row as usize - first) else { break };
                *cell = *cell + *now;
            }
        }
    }
}

impl<T: Real> BackgroundShare<T> {
    /// Weights times the events of a rate that changes: of those of a larger rate each stays where a word of its own says so.
    fn moving(&self, (moves, key, step): (&Moves, Key, u64), rows: &[BackgroundRow], words: &[u32], weights: &[T], now: &mut [T]) {
        let together = moves.together(step, self.dt);
        let thresholds = moves.thresholds(self.on.since(step)).unwrap_or(&[0]);
        for (((now, word), weight), row) in now.iter_mut().zip(words).zip(weights).zip(rows) {
            let (law, threshold) = match (together, thresholds) {
                (Some(shared), _) => shared,
                (None, [shared]) => (row.law as usize, *shared),
                (None, list) => (row.law as usize, list[row.place as usize]),
            };
            let events = self.laws[law].narrow_count(*word);
            let kept = kept(key, self.tag, row.neuron, step, events, threshold);
            *now = *weight * T::from_f64(f64::from(kept));
        }
    }
}

/// How many of so many events stay: four share a block, behind the two that counts take.
fn kept(key: Key, tag: u32, neuron: u32, step: u64, events: u32, threshold: u32) -> u32 {
    if threshold == ALL || events == 0 {
        return events;
    }
    let of_block = |block: u32| {
        let here = (events - 4 * block).min(4) as usize;
        key.block(tag, neuron, step, 2 + block)[..here].iter().filter(|word| **word < threshold).count() as u32
    };
    (0..events.div_ceil(4)).map(of_block).sum()
}

impl<T> BackgroundShare<T> {
    /// Places among its rows of those that lie within some rows of the part.
    fn places(&self, rows: &Range<usize>) -> Range<usize> {
        let before = |row: usize| match self.run {
            Some(first) => row.clamp(first, first + self.rows.len()) - first,
            None => self.rows.partition_point(|r| (r.row as usize) < row),
        };
        before(rows.start)..before(rows.end)
    }

    /// The words of some rows in a block.
    fn words(&self, arch: Arch, key: Key, (quarter, block): (u64, u32), inside: Range<usize>, out: &mut [Vec<u32>; 4]) {
        for (k, side) in self.rows[inside.clone()].chunks(SIDE).enumerate() {
            // rows in a row are neurons in a row
            let of = |k: usize| if self.run.is_some() { side[0].neuron + k as u32 } else { side[k].neuron };
            let found = key.rows(arch, self.tag, (0..side.len()).map(of), quarter, block);
            for (out, found) in out.iter_mut().zip(&found) {
                let place = &mut out[inside.start + k * SIDE..][..side.len()];
                match place.first_chunk_mut::<SIDE>() {
                    Some(all) => *all = *found,
                    None => place.copy_from_slice(&found[..side.len()]),
                }
            }
        }
    }
}

/// Rows whose words are held against the thresholds of a law together: measured, 16 and 32 are slower.
const SIDE_BY_LAW: usize = 64;

/// Weights times counts of one law, many rows side by side.
struct Events<'a, T> {
    law: &'a PoissonTable,
    words: &'a [u32],
    weights: &'a [T],
    now: &'a mut [T],
}

impl<T: Real> NullaryFnOnce for Events<'_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Events { law, words, weights, now } = self;
        let (sides, rest) = words.as_chunks::<SIDE_BY_LAW>();
        let (all_weights, rest_weights) = weights.as_chunks::<SIDE_BY_LAW>();
        let (all_now, rest_now) = now.as_chunks_mut::<SIDE_BY_LAW>();
        for ((words, weights), now) in sides.iter().zip(all_weights).zip(all_now) {
            let events = law.narrow_counts(words);
            for k in 0..SIDE_BY_LAW {
                // counts stay below 2^31, and no instruction set before AVX-512 turns numbers without a sign into floats
                now[k] = weights[k] * T::from_f64(f64::from(events[k] as i32));
            }
        }
        for ((word, weight), now) in rest.iter().zip(rest_weights).zip(rest_now) {
            *now = *weight * T::from_f64(f64::from(law.narrow_count(*word)));
        }
    }
}
