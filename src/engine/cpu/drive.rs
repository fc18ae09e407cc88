//! Inputs from outside: the values that continuous inputs hold over a step, and Poisson events at ports.

use super::real::{Real, Terms};
use crate::plan::{Background, Column, Drive, Plan, Wave};
use crate::random::{Key, PoissonTable, normal};

/// The continuous inputs of a part.
pub struct HeldInputs {
    inputs: Vec<HeldInput>,
    /// ms
    dt: f64,
    key: Key,
}

struct HeldInput {
    drives: Vec<LocalDrive>,
    /// One number serves all rows.
    shared: bool,
    values: Vec<f64>,
    /// Sums of graded synapses for this step; empty if there are none.
    graded: Vec<f64>,
    /// The terms of those sums, where the engine's numbers know them.
    graded_terms: Vec<Terms>,
}

struct LocalDrive {
    drive: Drive,
    /// (row of the part, place among the drive's rows, neuron number)
    rows: Vec<(u32, u32, u32)>,
}

impl HeldInputs {
    pub fn new(plan: &Plan, group: usize, first: usize, rows: usize, seed: u64) -> HeldInputs {
        let g = &plan.groups[group];
        let graded = |k: usize| plan.couplings.iter().any(|c| plan.place(c.target).group == group && c.input as usize == k);
        let inputs = (0..g.rule.inputs.len())
            .map(|k| {
                let here: Vec<&Drive> = plan.drives.iter().filter(|d| d.group == group && d.input as usize == k).collect();
                let shared = !graded(k) && here.iter().all(|d| d.rows.len() == g.rows as usize && same_for_all(&d.wave));
                let local = |d: &Drive| {
                    let place = plan.place(d.population);
                    let all = d.rows.iter().enumerate();
                    let inside = all.filter(|(_, r)| (first..first + rows).contains(&(*r as usize)));
                    inside.map(|(k, r)| (r - first as u32, k as u32, r - place.first_row)).collect()
                };
                HeldInput {
                    drives: here
                        .iter()
                        .map(|d| LocalDrive { drive: (*d).clone(), rows: if shared { Vec::new() } else { local(d) } })
                        .collect(),
                    shared,
                    values: if shared { Vec::new() } else { vec![0.0; rows] },
                    graded: if graded(k) { vec![0.0; rows] } else { Vec::new() },
                    graded_terms: if graded(k) { vec![Terms::default(); rows] } else { Vec::new() },
                }
            })
            .collect();
        HeldInputs { inputs, dt: plan.dt, key: Key { seed } }
    }

    pub fn dt(&self) -> f64 {
        self.dt
    }

    /// By input: does it vary from row to row?
    pub fn varies(&self) -> Vec<bool> {
        self.inputs.iter().map(|i| !i.shared).collect()
    }

    /// The value of an input that all rows share, if it may have changed.
    pub fn shared(&self, input: u32, step: u64, fresh: bool, external: &[f64]) -> Option<f64> {
        let input = &self.inputs[input as usize];
        let stale = fresh || input.drives.iter().any(|d| changes(&d.drive, step));
        stale.then(|| input.drives.iter().map(|d| amplitude(&d.drive, 0, 0, step, self.dt, self.key, external)).sum())
    }

    /// The values of an input that varies by row, if they may have changed.
    pub fn column(&mut self, input: u32, step: u64, fresh: bool, external: &[f64]) -> Option<&[f64]> {
        let (dt, key) = (self.dt, self.key);
        let input = &mut self.inputs[input as usize];
        let graded = !input.graded.is_empty();
        if !(fresh || graded || input.drives.iter().any(|d| changes(&d.drive, step))) {
            return None;
        }
        input.values.fill(0.0);
        for local in &input.drives {
            if !active(&local.drive, step) {
                continue;
            }
            for (row, place, neuron) in &local.rows {
                input.values[*row as usize] += amplitude(&local.drive, *place, *neuron, step, dt, key, external);
            }
        }
        if graded {
            input.values.iter_mut().zip(&input.graded).for_each(|(x, g)| *x += g);
        }
        Some(&input.values)
    }

    pub fn clear_graded(&mut self) {
        for input in &mut self.inputs {
            input.graded.fill(0.0);
            input.graded_terms.fill(Terms::default());
        }
    }

    /// Where graded synapses of an input are summed, and their terms.
    pub fn graded(&mut self, input: u32) -> (&mut [f64], &mut [Terms]) {
        let input = &mut self.inputs[input as usize];
        (&mut input.graded, &mut input.graded_terms)
    }

    /// The terms of the values of an input: one for all rows where they share their value, else one per row.
    pub fn terms(&self, input: u32, step: u64, external: &[f64]) -> Vec<Terms> {
        let (dt, key) = (self.dt, self.key);
        let input = &self.inputs[input as usize];
        let mut terms = if input.graded_terms.is_empty() {
            vec![Terms::default(); input.values.len().max(1)]
        } else {
            input.graded_terms.clone()
        };
        for local in input.drives.iter().filter(|d| active(&d.drive, step)) {
            let mut count = |row: u32, place: u32, neuron: u32| {
                if let Some(terms) = terms.get_mut(row as usize) {
                    terms.magnitude += size(&local.drive, place, neuron, step, dt, key, external);
                    terms.count += 1;
                }
            };
            if input.shared {
                count(0, 0, 0);
            }
            local.rows.iter().for_each(|(row, place, neuron)| count(*row, *place, *neuron));
        }
        terms
    }
}

/// The sum of the absolute values that an amplitude is added up from, where it is made on a device.
fn size(drive: &Drive, place: u32, neuron: u32, step: u64, dt: f64, key: Key, external: &[f64]) -> f64 {
    let whole = amplitude(drive, place, neuron, step, dt, key, external);
    let part = match &drive.wave {
        Wave::Sine { offset, .. } => *offset,
        Wave::Noise { mean, .. } => mean.get(place as usize),
        _ => 0.0,
    };
    part.abs() + (whole - part).abs()
}

fn active(drive: &Drive, step: u64) -> bool {
    (drive.start..drive.stop).contains(&step)
}

/// Is the value of all rows the same at all times?
fn same_for_all(wave: &Wave) -> bool {
    let shared = |c: &Column| matches!(c, Column::Shared(_));
    match wave {
        Wave::Constant(amplitude) => shared(amplitude),
        Wave::Steps { .. } => true,
        Wave::Sine { amplitude, .. } => shared(amplitude),
        Wave::Array { samples, .. } => samples.iter().all(shared),
        Wave::Noise { .. } | Wave::External { .. } => false,
    }
}

/// May the value differ from that of the step before?
fn changes(drive: &Drive, step: u64) -> bool {
    if step == drive.start || step == drive.stop {
        return true;
    }
    active(drive, step)
        && match &drive.wave {
            Wave::Constant(_) => false,
            Wave::Steps { steps, .. } => steps.binary_search(&step).is_ok(),
            Wave::Noise { interval, .. } | Wave::Array { interval, .. } => (step - drive.start).is_multiple_of(*interval),
            Wave::Sine { .. } | Wave::External { .. } => true,
        }
}

fn amplitude(drive: &Drive, place: u32, neuron: u32, step: u64, dt: f64, key: Key, external: &[f64]) -> f64 {
    if !active(drive, step) {
        return 0.0;
    }
    let place = place as usize;
    match &drive.wave {
        Wave::Constant(amplitude) => amplitude.get(place),
        Wave::Steps { steps, amplitudes } => match steps.partition_point(|s| *s <= step) {
            0 => 0.0,
            k => amplitudes[k - 1],
        },
        Wave::Sine { amplitude, frequency, phase, offset } => {
            let t = (step - drive.start) as f64 * dt;
            // whole turns are taken off first, so that the phase stays exact in long runs
            let turns = frequency * t;
            offset + amplitude.get(place) * libm::sin(std::f64::consts::TAU * (turns - turns.floor()) + phase)
        }
        Wave::Noise { mean, sd, interval } => {
            let words = key.block(drive.stream, neuron, (step - drive.start) / interval, 0);
            mean.get(place) + sd.get(place) * f64::from(normal(words[0], words[1]))
        }
        Wave::Array { samples, interval } => {
            samples.get(((step - drive.start) / interval) as usize).map_or(0.0, |sample| sample.get(place))
        }
        Wave::External { first, scale } => external.get(first + place).map_or(0.0, |x| x * scale),
    }
}

/// Poisson events at the ports of a part.
pub struct Backgrounds<T> {
    list: Vec<LocalBackground<T>>,
}

struct LocalBackground<T> {
    port: usize,
    start: u64,
    stop: u64,
    tables: Vec<PoissonTable>,
    tag: u32,
    key: Key,
    rows: Vec<BackgroundRow<T>>,
    /// Weight times events of the rows in this step; all 0 while it is off.
    now: Vec<T>,
    /// Four steps share one block of random words.
    words: Vec<[u32; 4]>,
    block: Option<u64>,
    on: bool,
}

struct BackgroundRow<T> {
    row: u32,
    neuron: u32,
    table: u32,
    weight: T,
}

impl<T: Real> Backgrounds<T> {
    pub fn new(plan: &Plan, group: usize, first: usize, rows: usize, seed: u64) -> Backgrounds<T> {
        let here = plan.backgrounds.iter().filter(|b| b.group == group);
        let local = |b: &Background| -> LocalBackground<T> {
            let place = plan.place(b.population);
            let all = b.rows.iter().enumerate();
            let inside = all.filter(|(_, r)| (first..first + rows).contains(&(*r as usize)));
            let rows: Vec<BackgroundRow<T>> = inside
                .map(|(k, r)| BackgroundRow {
                    row: r - first as u32,
                    neuron: r - place.first_row,
                    table: b.mean_of_row.get(k).copied().unwrap_or(0),
                    weight: T::from_f64(b.weight.get(k)),
                })
                .collect();
            LocalBackground {
                port: b.port as usize,
                start: b.start,
                stop: b.stop,
                // means were checked to be within the tables' range
                tables: b.means.iter().filter_map(|m| PoissonTable::new(*m).ok()).collect(),
                tag: b.stream,
                key: Key { seed },
                now: vec![T::ZERO; rows.len()],
                words: vec![[0; 4]; rows.len()],
                block: None,
                on: false,
                rows,
            }
        };
        Backgrounds { list: here.map(local).collect() }
    }

    /// Draws the events of a step.
    pub fn draw(&mut self, step: u64) {
        for b in &mut self.list {
            b.on = (b.start..b.stop).contains(&step);
            if !b.on {
                continue;
            }
            if b.block != Some(step / 4) {
                b.block = Some(step / 4);
                let (key, tag) = (b.key, b.tag);
                b.words.iter_mut().zip(&b.rows).for_each(|(w, r)| *w = key.block(tag, r.neuron, step / 4, 0));
            }
            for ((now, words), row) in b.now.iter_mut().zip(&b.words).zip(&b.rows) {
                let events = b.tables.get(row.table as usize).map_or(0, |t| t.count(words[step as usize % 4]));
                *now = row.weight * T::from_f64(f64::from(events));
            }
        }
    }

    /// Adds the events of a port to what else arrived at these rows.
    pub fn add(&self, port: usize, first: usize, out: &mut [T]) {
        for b in self.list.iter().filter(|b| b.on && b.port == port) {
            let from = b.rows.partition_point(|r| (r.row as usize) < first);
            for (row, now) in b.rows[from..].iter().zip(&b.now[from..]) {
                let Some(cell) = out.get_mut(row.row as usize - first) else { break };
                *cell = *cell + *now;
            }
        }
    }
}
