//! Inputs from outside: the values that continuous inputs hold over a step, and Poisson events at ports.

use std::sync::Arc;

use pulp::{Arch, NullaryFnOnce};

use super::real::{Real, Terms};
use crate::plan::{ALL, Column, Drive, Moves, Plan, Wave, Windows, sample_at};
use crate::random::{Key, PoissonTable, SIDE, normal};

/// How the continuous inputs of a part are driven, in any instance.
pub struct HeldShare {
    inputs: Vec<InputShare>,
    /// All of the plan.
    drives: Arc<[Drive]>,
    /// ms
    dt: f64,
    rows: usize,
}

struct InputShare {
    drives: Vec<LocalDrive>,
    /// One number serves all rows.
    shared: bool,
    graded: bool,
}

struct LocalDrive {
    /// Place among the plan's drives.
    number: usize,
    /// (row of the part, place among the drive's rows, neuron number)
    rows: Vec<(u32, u32, u32)>,
}

/// The continuous inputs of a part in one instance.
pub struct HeldInputs {
    share: Arc<HeldShare>,
    /// By input, then row; empty where one number serves all rows.
    values: Vec<Vec<f64>>,
    /// By input, then row: sums of graded synapses for this step; empty if there are none.
    graded: Vec<Vec<f64>>,
    /// The terms of those sums, where the engine's numbers know them.
    graded_terms: Vec<Vec<Terms>>,
    /// By drive of the plan; empty: 1.
    factors: Vec<f64>,
    /// By drive of the plan: those that are of this instance alone; empty: none.
    own: Vec<Option<Drive>>,
    key: Key,
}

impl HeldShare {
    pub fn new(plan: &Plan, group: usize, first: usize, rows: usize, drives: &Arc<[Drive]>) -> HeldShare {
        let g = &plan.groups[group];
        let input = |k: usize| {
            let graded = plan.hears(group, k);
            let here = plan.drives.iter().enumerate().filter(|(_, d)| d.group == group && d.input as usize == k);
            let shared = !graded && here.clone().all(|(_, d)| d.rows.len() == g.rows as usize && same_for_all(&d.wave));
            let local = |d: &Drive| {
                let place = plan.place(d.population);
                let all = d.rows.iter().enumerate();
                let inside = all.filter(|(_, r)| (first..first + rows).contains(&(*r as usize)));
                inside.map(|(k, r)| (r - first as u32, k as u32, r - place.first_row)).collect()
            };
            let drives = here.map(|(number, d)| LocalDrive { number, rows: if shared { Vec::new() } else { local(d) } }).collect();
            InputShare { drives, shared, graded }
        };
        HeldShare { inputs: (0..g.rule.inputs.len()).map(input).collect(), drives: drives.clone(), dt: plan.dt, rows }
    }

    /// By input: does it vary from row to row?
    pub fn varies(&self) -> Vec<bool> {
        self.inputs.iter().map(|i| !i.shared).collect()
    }

    /// The drives of an input; `own`: those of the instance, by drive of the plan.
    fn of<'a>(&'a self, own: &'a [Option<Drive>], input: u32) -> impl Iterator<Item = (&'a LocalDrive, &'a Drive)> {
        let drive = |local: &LocalDrive| own.get(local.number).and_then(Option::as_ref);
        self.inputs[input as usize].drives.iter().map(move |local| (local, drive(local).unwrap_or(&self.drives[local.number])))
    }
}

impl HeldInputs {
    pub fn new(plan: &Plan, instance: u32, held: &Arc<HeldShare>) -> HeldInputs {
        let rows = |wanted: bool| if wanted { vec![0.0; held.rows] } else { Vec::new() };
        let factors: Vec<f64> = (0..plan.drives.len()).map(|d| plan.drive_factor(instance, d)).collect();
        let level = |(k, drive): (usize, &Drive)| {
            let wave = Wave::Constant(Column::Shared(plan.own_level(instance, k)?));
            Some(Drive { wave, ..drive.clone() })
        };
        let own: Vec<Option<Drive>> = plan.drives.iter().enumerate().map(level).collect();
        HeldInputs {
            values: held.inputs.iter().map(|i| rows(!i.shared)).collect(),
            graded: held.inputs.iter().map(|i| rows(i.graded)).collect(),
            graded_terms: held.inputs.iter().map(|i| vec![Terms::default(); if i.graded { held.rows } else { 0 }]).collect(),
            factors: if factors.iter().all(|f| *f == 1.0) { Vec::new() } else { factors },
            own: if own.iter().all(Option::is_none) { Vec::new() } else { own },
            key: Key { seed: plan.seed_of(instance) },
            share: held.clone(),
        }
    }

    pub fn dt(&self) -> f64 {
        self.share.dt
    }

    /// The value of an input that all rows share, if it may have changed.
    pub fn shared(&self, input: u32, step: u64, fresh: bool, external: &[f64]) -> Option<f64> {
        let held = &self.share;
        let stale = fresh || held.of(&self.own, input).any(|(_, d)| changes(d, step));
        let level = |(local, d): (&LocalDrive, &Drive)| match d.is_on(step) {
            true => level(d, 0, 0, step, held.dt, self.key, external) * factor(&self.factors, local),
            false => 0.0,
        };
        stale.then(|| held.of(&self.own, input).map(level).sum())
    }

    /// The values of an input that varies by row, if they may have changed.
    pub fn column(&mut self, arch: Arch, input: u32, step: u64, fresh: bool, external: &[f64]) -> Option<&[f64]> {
        let held = &self.share;
        let (values, graded) = (&mut self.values[input as usize], &self.graded[input as usize]);
        if !(fresh || !graded.is_empty() || held.of(&self.own, input).any(|(_, d)| changes(d, step))) {
            return None;
        }
        values.fill(0.0);
        for (local, drive) in held.of(&self.own, input).filter(|(_, d)| d.is_on(step)) {
            let factor = factor(&self.factors, local);
            if let Wave::Noise { mean, sd, interval } = &drive.wave {
                let interval = drive.interval(step, *interval);
                for side in local.rows.chunks(SIDE) {
                    let words = self.key.rows(arch, drive.stream, side.iter().map(|(.., neuron)| *neuron), interval, 0);
                    for (k, (row, place, _)) in side.iter().enumerate() {
                        values[*row as usize] += noise(mean, sd, *place, words[0][k], words[1][k]) * factor;
                    }
                }
                continue;
            }
            if let Wave::External { first, scale } = drive.wave {
                // in every step: no look at what the wave is for each row
                for (row, place, _) in &local.rows {
                    values[*row as usize] += external[first + *place as usize] * scale * factor;
                }
                continue;
            }
            if same_for_all(&drive.wave) {
                let all = level(drive, 0, 0, step, held.dt, self.key, external) * factor;
                local.rows.iter().for_each(|(row, ..)| values[*row as usize] += all);
                continue;
            }
            for (row, place, neuron) in &local.rows {
                values[*row as usize] += level(drive, *place, *neuron, step, held.dt, self.key, external) * factor;
            }
        }
        values.iter_mut().zip(graded).for_each(|(x, g)| *x += g);
        Some(values)
    }

    pub fn clear_graded(&mut self) {
        self.graded.iter_mut().for_each(|g| g.fill(0.0));
        self.graded_terms.iter_mut().for_each(|t| t.fill(Terms::default()));
    }

    /// Where graded synapses of an input are summed, and their terms.
    pub fn graded(&mut self, input: u32) -> (&mut [f64], &mut [Terms]) {
        (&mut self.graded[input as usize], &mut self.graded_terms[input as usize])
    }

    /// The terms of the values of an input: one for all rows where they share their value, else one per row.
    pub fn terms(&self, input: u32, step: u64, external: &[f64]) -> Vec<Terms> {
        let (held, k) = (&self.share, input as usize);
        let graded = &self.graded_terms[k];
        let mut terms = if graded.is_empty() { vec![Terms::default(); self.values[k].len().max(1)] } else { graded.clone() };
        for (local, drive) in held.of(&self.own, input).filter(|(_, d)| d.is_on(step)) {
            let factor = factor(&self.factors, local).abs();
            let mut count = |row: u32, place: u32, neuron: u32| {
                if let Some(terms) = terms.get_mut(row as usize) {
                    terms.magnitude += factor * size(drive, place, neuron, step, held.dt, self.key, external);
                    // the product with the instance's factor is one rounding more
                    terms.count += 1 + u32::from(factor != 1.0);
                }
            };
            if held.inputs[k].shared {
                count(0, 0, 0);
            }
            local.rows.iter().for_each(|(row, place, neuron)| count(*row, *place, *neuron));
        }
        terms
    }
}

/// The sum of the absolute values that a level is added up from, where it is made on a device.
fn size(drive: &Drive, place: u32, neuron: u32, step: u64, dt: f64, key: Key, external: &[f64]) -> f64 {
    let whole = level(drive, place, neuron, step, dt, key, external);
    let part = match &drive.wave {
        Wave::Course { offset, .. } => offset.get(place as usize),
        Wave::Noise { mean, .. } => mean.get(place as usize),
        _ => 0.0,
    };
    part.abs() + (whole - part).abs()
}

fn factor(factors: &[f64], local: &LocalDrive) -> f64 {
    factors.get(local.number).copied().unwrap_or(1.0)
}

/// Is the value of all rows the same at all times?
fn same_for_all(wave: &Wave) -> bool {
    let shared = |c: &Column| matches!(c, Column::Shared(_));
    match wave {
        Wave::Constant(amplitude) => shared(amplitude),
        Wave::Steps { .. } => true,
        Wave::Course { amplitude, offset, .. } => shared(amplitude) && shared(offset),
        Wave::Array { samples, .. } => samples.iter().all(shared),
        Wave::Noise { .. } | Wave::External { .. } => false,
    }
}

/// May the value differ from that of the step before?
fn changes(drive: &Drive, step: u64) -> bool {
    if drive.on.turns(step) {
        return true;
    }
    drive.is_on(step)
        && match &drive.wave {
            Wave::Constant(_) => false,
            Wave::Steps { steps, .. } => steps.binary_search(&step).is_ok(),
            Wave::Noise { interval, .. } => (step - drive.on.first()).is_multiple_of(*interval),
            Wave::Array { interval, .. } => {
                let since = drive.on.since(step);
                since == 0 || sample_at(since, *interval) != sample_at(since - 1, *interval)
            }
            Wave::Course { course, .. } => course.changes(drive.on.since(step)),
            Wave::External { .. } => true,
        }
}

/// The level of a drive in a step in which it is on.
fn level(drive: &Drive, place: u32, neuron: u32, step: u64, dt: f64, key: Key, external: &[f64]) -> f64 {
    let place = place as usize;
    drive.level(step, dt, &|column| column.get(place), &|wave| match wave {
        Wave::Noise { mean, sd, interval } => {
            let words = key.block(drive.stream, neuron, drive.interval(step, *interval), 0);
            noise(mean, sd, place as u32, words[0], words[1])
        }
        Wave::External { first, scale } => external[first + place] * scale,
        // the others follow from time
        _ => 0.0,
    })
}

/// A level of noise, from two words.
fn noise(mean: &Column, sd: &Column, place: u32, word0: u32, word1: u32) -> f64 {
    mean.get(place as usize) + sd.get(place as usize) * f64::from(normal(word0, word1))
}

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
    block: Option<u64>,
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
                block: None,
                on: false,
            }
        };
        let list = share.iter().map(local).collect();
        Backgrounds { share: share.clone(), list, key: Key { seed: plan.seed_of(instance) } }
    }

    /// Draws the events of a step.
    pub fn draw(&mut self, arch: Arch, step: u64) {
        for (b, share) in self.list.iter_mut().zip(self.share.iter()) {
            b.on = share.on.is_on(step);
            if !b.on {
                continue;
            }
            if b.block != Some(step / 4) {
                b.block = Some(step / 4);
                share.words(arch, self.key, step / 4, 0, &mut b.words);
                if b.wide {
                    share.words(arch, self.key, step / 4, 1, &mut b.seconds);
                }
            }
            let lane = step as usize % 4;
            let words = &b.words[lane];
            if let Some(moves) = &share.moves {
                share.moving(moves, self.key, step, words, &b.weights, &mut b.now);
            } else if b.wide {
                let words = words.iter().zip(&b.seconds[lane]);
                for (((now, (word, second)), row), weight) in b.now.iter_mut().zip(words).zip(&share.rows).zip(b.weights.iter()) {
                    let events = b.laws[row.law as usize].count_of(*word, *second);
                    *now = *weight * T::from_f64(f64::from(events));
                }
            } else if let [law] = &b.laws[..] {
                // the usual case: one law for all rows
                arch.dispatch(Events { law, words, weights: &b.weights, now: &mut b.now });
            } else {
                for (((now, word), weight), row) in b.now.iter_mut().zip(words).zip(b.weights.iter()).zip(&share.rows) {
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
    fn moving(&self, moves: &Moves, key: Key, step: u64, words: &[u32], weights: &[T], now: &mut [T]) {
        let together = moves.together(step, self.dt);
        let thresholds = moves.thresholds(self.on.since(step)).unwrap_or(&[0]);
        for (((now, word), weight), row) in now.iter_mut().zip(words).zip(weights).zip(&self.rows) {
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
    /// The words of all rows in a block.
    fn words(&self, arch: Arch, key: Key, quarter: u64, block: u32, out: &mut [Vec<u32>; 4]) {
        for (k, side) in self.rows.chunks(SIDE).enumerate() {
            // rows in a row are neurons in a row
            let of = |k: usize| if self.run.is_some() { side[0].neuron + k as u32 } else { side[k].neuron };
            let found = key.rows(arch, self.tag, (0..side.len()).map(of), quarter, block);
            for (out, found) in out.iter_mut().zip(&found) {
                let place = &mut out[k * SIDE..][..side.len()];
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
