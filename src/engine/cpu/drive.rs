//! Inputs from outside: the values that continuous inputs hold over a step. Not here: Poisson events at ports (`background`).

use std::sync::Arc;

use pulp::Arch;

use super::real::Terms;
use crate::plan::{Column, Drive, Plan, Wave, sample_at};
use crate::random::{Key, SIDE, normal};

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
    /// Do rows and places follow each other without a gap?
    dense: bool,
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
            let drive = |(number, d)| {
                let rows: Vec<(u32, u32, u32)> = if shared { Vec::new() } else { local(d) };
                let dense = rows.windows(2).all(|pair| (pair[0].0 + 1, pair[0].1 + 1) == (pair[1].0, pair[1].1));
                LocalDrive { number, rows, dense }
            };
            let drives = here.map(drive).collect();
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
    /// `bounded`: do the numbers of the engine know the terms of sums?
    pub fn new(plan: &Plan, instance: u32, held: &Arc<HeldShare>, bounded: bool) -> HeldInputs {
        let rows = |wanted: bool| if wanted { vec![0.0; held.rows] } else { Vec::new() };
        let terms = |i: &InputShare| vec![Terms::default(); if i.graded && bounded { held.rows } else { 0 }];
        let factors: Vec<f64> = (0..plan.drives.len()).map(|d| plan.drive_factor(instance, d)).collect();
        let level = |(k, drive): (usize, &Drive)| {
            let wave = Wave::Constant(Column::Shared(plan.own_level(instance, k)?));
            Some(Drive { wave, ..drive.clone() })
        };
        let own: Vec<Option<Drive>> = plan.drives.iter().enumerate().map(level).collect();
        HeldInputs {
            values: held.inputs.iter().map(|i| rows(!i.shared)).collect(),
            graded: held.inputs.iter().map(|i| rows(i.graded)).collect(),
            graded_terms: held.inputs.iter().map(terms).collect(),
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
        if !graded.is_empty() && !held.of(&self.own, input).any(|(_, d)| d.is_on(step)) {
            return Some(graded);
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
                if let (true, Some((row, place, _))) = (local.dense, local.rows.first()) {
                    let given = &external[first + *place as usize..][..local.rows.len()];
                    values[*row as usize..].iter_mut().zip(given).for_each(|(x, given)| *x += given * scale * factor);
                    continue;
                }
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
