//! One worker's share: a range of rows of every group, with its states, rings, inputs and incoming edges.

use std::sync::Arc;

use pulp::Arch;

use super::block::{self, Columns, Source};
use super::couple::Couple;
use super::deliver::Incoming;
use super::drive::{Backgrounds, HeldInputs};
use super::operation::{ColumnSource, Program, Scalar};
use super::program::{Roots, Shape, lower};
use super::real::Real;
use crate::plan::{Column, Group, Plan, Tap};
use crate::random::{Key, Stream, normal, uniform_f32};

/// A range of rows of every group.
pub struct Worker<T: Real> {
    /// By group; a part may be empty.
    pub parts: Vec<Part<T>>,
    /// Rows that spiked: by step of the window, then group; rows in the space of all groups.
    pub spikes: Vec<Vec<Vec<u32>>>,
    /// By tap: samples of this worker's rows.
    pub samples: Vec<Vec<T>>,
    incoming: Vec<Incoming<T>>,
    couples: Vec<Couple<T>>,
    /// By tap: rows of the part that it samples.
    tapped: Vec<Vec<u32>>,
}

/// Rows of one group.
pub struct Part<T: Real> {
    /// First row within the group.
    pub first: u32,
    pub rows: usize,
    /// First row of the group in the space of all groups.
    base: u32,
    pub columns: Columns<T>,
    program: Arc<Program>,
    /// By port: sums by slot, then row; empty where nothing arrives.
    pub rings: Vec<Vec<T::Sum>>,
    slots: u64,
    ports: Vec<PortRead<T>>,
    pub held: HeldInputs,
    backgrounds: Backgrounds<T>,
    /// Listed spikes of these rows: (step, row of the part).
    listed: Vec<(u64, u32)>,
    draws: Draws,
    /// Rows (in the space of all groups) whose spike test rounding may decide; only numbers with bounds know.
    pub undecided: Vec<u32>,
}

#[derive(Clone, Copy)]
struct PortRead<T> {
    /// Slots ahead of the step at which it reads.
    ahead: u64,
    /// Weight units in one ring unit, and back.
    unit: T,
    scale: f64,
}

/// Random draws of rows while running.
struct Draws {
    key: Key,
    /// First row of the part, number of rows, stream, neuron number of the first row.
    segments: Vec<(u32, u32, u32, u32)>,
    /// Words before the first normal draw: normals take two words and never straddle a block of four.
    uniforms: u32,
}

impl<T: Real> Worker<T> {
    pub fn new(plan: &Plan, instance: u32, worker: usize, workers: usize) -> Worker<T> {
        let seed = plan.seed.wrapping_add(u64::from(instance));
        let parts: Vec<Part<T>> = (0..plan.groups.len()).map(|g| Part::new(plan, g, seed, worker, workers)).collect();
        let tapped = plan
            .taps
            .iter()
            .map(|tap| match tap {
                Tap::State { population, rows, .. } => {
                    let place = plan.place(*population);
                    let part = &parts[place.group];
                    rows.iter()
                        .filter_map(|r| (r + place.first_row).checked_sub(part.first).filter(|r| (*r as usize) < part.rows))
                        .collect()
                }
                _ => Vec::new(),
            })
            .collect();
        let incoming = (0..plan.routes.len()).filter_map(|r| Incoming::new(plan, r, &parts)).collect();
        let couples = plan.couplings.iter().filter_map(|c| Couple::new(plan, c, &parts)).collect();
        Worker {
            spikes: vec![vec![Vec::new(); parts.len()]; plan.window as usize],
            samples: vec![Vec::new(); plan.taps.len()],
            parts,
            incoming,
            couples,
            tapped,
        }
    }

    pub fn rows_of_tap(&self, tap: usize) -> usize {
        self.tapped[tap].len()
    }

    /// Advances the rows through a window.
    pub fn update(&mut self, arch: Arch, plan: &Plan, step: u64, window: u32, external: &[f64]) {
        for k in 0..window as usize {
            let now = step + k as u64;
            for (g, part) in self.parts.iter_mut().enumerate() {
                part.update(arch, now, k == 0, external, &mut self.spikes[k][g]);
            }
            for (t, tap) in plan.taps.iter().enumerate() {
                let Tap::State { population, column, every, .. } = tap else { continue };
                if (now + 1).is_multiple_of(*every) {
                    let column = &self.parts[plan.place(*population).group].columns.states[*column as usize];
                    self.samples[t].extend(self.tapped[t].iter().map(|r| column[*r as usize]));
                }
            }
        }
    }

    /// Adds what the spikes of a window send to this worker's rows.
    pub fn deliver(&mut self, plan: &Plan, step: u64, spikes: &[Vec<u32>]) {
        for (k, spikes) in spikes.iter().enumerate() {
            if spikes.is_empty() {
                continue;
            }
            // emitted at the end of step `step + k`
            let emitted = step + k as u64 + 1;
            for incoming in &self.incoming {
                incoming.deliver(plan, emitted, spikes, &mut self.parts);
            }
        }
    }

    /// Sums graded synapses into the continuous inputs, from the states at the start of the step.
    pub fn couple(&mut self, arch: Arch, step: u64, exports: &[Vec<Vec<T>>]) {
        for part in &mut self.parts {
            part.held.clear_graded();
        }
        for couple in &mut self.couples {
            couple.sum(arch, exports, step, &mut self.parts);
        }
    }

    pub fn not_finite(&self) -> Option<(usize, u32, usize, f64)> {
        for (g, part) in self.parts.iter().enumerate() {
            for (c, column) in part.columns.states.iter().enumerate() {
                // 0·x is 0 for finite numbers alone; a sum over the column is one plain loop
                let total = column.iter().fold(T::ZERO, |sum, x| sum + *x * T::ZERO);
                if total != T::ZERO
                    && let Some(row) = column.iter().position(|x| !x.to_f64().is_finite())
                {
                    return Some((g, part.first + row as u32, c, column[row].to_f64()));
                }
            }
        }
        None
    }
}

impl<T: Real> Part<T> {
    fn new(plan: &Plan, g: usize, seed: u64, worker: usize, workers: usize) -> Part<T> {
        let group = &plan.groups[g];
        let share = (group.rows as usize).div_ceil(workers).next_multiple_of(64);
        let first = (worker * share).min(group.rows as usize);
        let rows = share.min(group.rows as usize - first);
        let held = HeldInputs::new(plan, g, first, rows, seed);
        let program = Arc::new(program(group, &held));
        let part_of = |c: &Column| -> Vec<T> { (first..first + rows).map(|r| T::from_f64(c.get(r))).collect() };
        let states: Vec<Vec<T>> = group.initial.iter().map(part_of).collect();
        let mut next = vec![Vec::new(); states.len()];
        for k in &program.changed {
            next[*k as usize] = vec![T::ZERO; rows];
        }
        let columns = Columns {
            states,
            next,
            read_only: vec![vec![T::ZERO; rows]; program.columns.len()],
            scalars: vec![T::ZERO; program.scalars.len()],
            registers: vec![vec![T::ZERO; T::BLOCK]; program.registers],
        };
        let rings =
            group.ports.iter().map(|p| if p.used { vec![T::Sum::default(); rows * plan.slots as usize] } else { Vec::new() });
        let ports = group.rule.ports.iter().zip(&group.ports);
        let ports =
            ports.map(|(p, q)| PortRead { ahead: u64::from(!p.at_start), unit: T::from_f64(1.0 / q.scale), scale: q.scale });
        let inside = |row: &u32| (first..first + rows).contains(&(*row as usize));
        let listed = group.listed.iter().filter(|(_, r)| inside(r)).map(|(s, r)| (*s, r - first as u32)).collect();
        let mut part = Part {
            first: first as u32,
            rows,
            base: group.base,
            columns,
            rings: rings.collect(),
            slots: u64::from(plan.slots),
            ports: ports.collect(),
            held,
            backgrounds: Backgrounds::new(plan, g, first, rows, seed),
            listed,
            draws: Draws::new(plan, g, first as u32, rows as u32, seed),
            undecided: Vec::new(),
            program,
        };
        part.take_parameters(group);
        part
    }

    /// Fills scalars and columns from the plan's parameters and derived numbers.
    pub fn take_parameters(&mut self, group: &Group) {
        let value = |s: &Scalar| match s {
            Scalar::Constant(bits) => f64::from_bits(*bits),
            Scalar::Param(k) => group.params[*k as usize].get(0),
            Scalar::Derived(k) => group.derived[*k as usize].get(0),
            Scalar::Held(_) | Scalar::Time => 0.0,
        };
        let program = self.program.clone();
        self.columns.scalars = program.scalars.iter().map(|s| T::from_f64(value(s))).collect();
        let first = self.first as usize;
        for (column, source) in self.columns.read_only.iter_mut().zip(&program.columns) {
            let given = match source {
                ColumnSource::Param(k) => &group.params[*k as usize],
                ColumnSource::Derived(k) => &group.derived[*k as usize],
                ColumnSource::Held(_) | ColumnSource::End(_) => continue,
            };
            column.iter_mut().enumerate().for_each(|(r, x)| *x = T::from_f64(given.get(first + r)));
        }
    }

    /// One step of these rows.
    fn update(&mut self, arch: Arch, step: u64, fresh: bool, external: &[f64], spikes: &mut Vec<u32>) {
        self.undecided.clear();
        if self.rows == 0 {
            return;
        }
        let program = self.program.clone();
        let dt = self.held.dt();
        for (k, scalar) in program.scalars.iter().enumerate() {
            match scalar {
                Scalar::Time => self.columns.scalars[k] = T::from_f64(step as f64 * dt),
                Scalar::Held(i) => {
                    if let Some(x) = self.held.shared(*i, step, fresh, external) {
                        self.columns.scalars[k] = T::from_f64(x);
                        if T::BOUNDED {
                            let terms = self.held.terms(*i, step, external);
                            self.columns.scalars[k] = T::from_f64(x).summed(&terms.first().copied().unwrap_or_default());
                        }
                    }
                }
                _ => {}
            }
        }
        for (k, source) in program.columns.iter().enumerate() {
            if let ColumnSource::Held(i) = source
                && let Some(values) = self.held.column(*i, step, fresh, external)
            {
                self.columns.read_only[k].iter_mut().zip(values).for_each(|(x, v)| *x = T::from_f64(*v));
                if T::BOUNDED {
                    let terms = self.held.terms(*i, step, external);
                    self.columns.read_only[k].iter_mut().zip(&terms).for_each(|(x, t)| *x = x.summed(t));
                }
            }
        }
        self.backgrounds.draw(step);
        let from = self.listed.partition_point(|(s, _)| *s <= step);
        let to = self.listed.partition_point(|(s, _)| *s <= step + 1);
        let source = Inputs {
            rings: &self.rings,
            ports: &self.ports,
            rows: self.rows,
            slots: self.slots,
            step,
            backgrounds: &self.backgrounds,
            listed: &self.listed[from..to],
            draws: &self.draws,
        };
        for first in (0..self.rows).step_by(T::BLOCK) {
            let rows = T::BLOCK.min(self.rows - first);
            block::run(arch, &mut self.columns, &program, &source, first, rows);
            if let Some(spike) = program.spike {
                self.columns.rows_where(spike, first, rows, self.base + self.first, spikes);
                if T::BOUNDED {
                    self.columns.rows_undecided(spike, first, rows, self.base + self.first, &mut self.undecided);
                }
            }
        }
        for k in &program.changed {
            let k = *k as usize;
            std::mem::swap(&mut self.columns.states[k], &mut self.columns.next[k]);
        }
        // what has been read makes room for what arrives a turn of the ring later
        for (ring, port) in self.rings.iter_mut().zip(&self.ports) {
            if !ring.is_empty() {
                let slot = ((step + port.ahead) % self.slots) as usize;
                ring[slot * self.rows..(slot + 1) * self.rows].fill(T::Sum::default());
            }
        }
    }

    /// What is under way to a port for a time, in weight units.
    pub fn slot(&self, port: usize, time: u64) -> Vec<f64> {
        let ring = &self.rings[port];
        if ring.is_empty() {
            return vec![0.0; self.rows];
        }
        let slot = (time % self.slots) as usize;
        let scale = self.ports[port].scale;
        ring[slot * self.rows..(slot + 1) * self.rows].iter().map(|s| T::sum_to_f64(*s, scale)).collect()
    }

    pub fn set_slot<'a>(&mut self, port: usize, time: u64, values: &mut impl Iterator<Item = &'a f64>) {
        let slot = (time % self.slots) as usize;
        let (scale, rows) = (self.ports[port].scale, self.rows);
        if self.rings[port].is_empty() {
            values.take(rows).for_each(drop);
            return;
        }
        let cells = self.rings[port][slot * rows..(slot + 1) * rows].iter_mut();
        cells.zip(values.take(rows)).for_each(|(cell, x)| *cell = T::to_sum(*x, scale));
    }
}

/// The program of a group's rule.
fn program(group: &Group, held: &HeldInputs) -> Program {
    let varies = |columns: &[Column]| columns.iter().map(|c| matches!(c, Column::PerRow(_))).collect::<Vec<_>>();
    let shape = Shape {
        param_varies: &varies(&group.params),
        derived_varies: &varies(&group.derived),
        held_varies: &held.varies(),
        port_used: &group.ports.iter().map(|p| p.used).collect::<Vec<_>>(),
    };
    let rule = &group.rule;
    lower(&rule.graph, &Roots { next: &rule.next, spike: rule.spike, result: None }, &shape)
}

/// What the operations of a step read besides columns.
struct Inputs<'a, T: Real> {
    rings: &'a [Vec<T::Sum>],
    ports: &'a [PortRead<T>],
    rows: usize,
    slots: u64,
    step: u64,
    backgrounds: &'a Backgrounds<T>,
    listed: &'a [(u64, u32)],
    draws: &'a Draws,
}

impl<T: Real> Source<T> for Inputs<'_, T> {
    #[inline(always)]
    fn arrived(&self, port: usize, first: usize, out: &mut [T]) {
        let read = &self.ports[port];
        let slot = ((self.step + read.ahead) % self.slots) as usize;
        let from = slot * self.rows + first;
        let sums = &self.rings[port][from..from + out.len()];
        out.iter_mut().zip(sums).for_each(|(x, s)| *x = T::from_sum(*s, read.unit));
        self.backgrounds.add(port, first, out);
    }

    fn uniform(&self, draw: u32, first: usize, out: &mut [T]) {
        self.draws.each(first, out, |key, tag, neuron| {
            let words = key.block(tag, neuron, self.step, draw / 4);
            T::from_f64(f64::from(uniform_f32(words[draw as usize % 4])))
        });
    }

    fn normal(&self, draw: u32, first: usize, out: &mut [T]) {
        let word = self.draws.uniforms + 2 * draw;
        self.draws.each(first, out, |key, tag, neuron| {
            let words = key.block(tag, neuron, self.step, word / 4);
            let k = word as usize % 4;
            T::from_f64(f64::from(normal(words[k], words[k + 1])))
        });
    }

    fn listed(&self, first: usize, out: &mut [T]) {
        out.fill(T::ZERO);
        for (_, row) in self.listed {
            if let Some(cell) = (*row as usize).checked_sub(first).and_then(|r| out.get_mut(r)) {
                *cell = T::ONE;
            }
        }
    }
}

impl Draws {
    fn new(plan: &Plan, g: usize, first: u32, rows: u32, seed: u64) -> Draws {
        let mut segments = Vec::new();
        for (k, place) in plan.populations.iter().enumerate().filter(|(_, p)| p.group == g) {
            let start = place.first_row.max(first);
            let end = (place.first_row + place.size).min(first + rows);
            if start < end {
                let tag = Stream::Run { population: k as u32, place: 0 }.tag().unwrap_or(u32::MAX);
                segments.push((start - first, end - start, tag, start - place.first_row));
            }
        }
        Draws { key: Key { seed }, segments, uniforms: plan.groups[g].rule.uniforms.next_multiple_of(2) }
    }

    fn each<T>(&self, first: usize, out: &mut [T], draw: impl Fn(Key, u32, u32) -> T) {
        let end = (first + out.len()) as u32;
        for (start, count, tag, neuron) in &self.segments {
            for row in (*start).max(first as u32)..(start + count).min(end) {
                out[row as usize - first] = draw(self.key, *tag, neuron + row - start);
            }
        }
    }
}

/// States and rings of a worker at one time.
#[derive(Clone)]
pub struct Memory<T: Real> {
    states: Vec<Vec<Vec<T>>>,
    rings: Vec<Vec<Vec<T::Sum>>>,
}

impl<T: Real> Default for Memory<T> {
    fn default() -> Self {
        Memory { states: Vec::new(), rings: Vec::new() }
    }
}

impl<T: Real> Memory<T> {
    pub fn save(&mut self, worker: &Worker<T>) {
        self.states.resize_with(worker.parts.len(), Vec::new);
        self.rings.resize_with(worker.parts.len(), Vec::new);
        for (g, part) in worker.parts.iter().enumerate() {
            self.states[g].clone_from(&part.columns.states);
            self.rings[g].clone_from(&part.rings);
        }
    }

    pub fn load(&self, worker: &mut Worker<T>) {
        for (g, part) in worker.parts.iter_mut().enumerate() {
            part.columns.states.clone_from(&self.states[g]);
            part.rings.clone_from(&self.rings[g]);
        }
        worker.samples.iter_mut().for_each(Vec::clear);
    }
}
