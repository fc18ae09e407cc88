//! Rows of one group: what they are in any instance, and their states, rings and inputs held in one.
//!
//! In: a range of rows of a [`Plan`]. Out: [`Part`], which a step advances. Not here: what arrives from other rows (`deliver`,
//! `edge`), which parts a worker has (`worker`).

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use pulp::{Arch, NullaryFnOnce};

use super::after::{self, After};
use super::background::{BackgroundShare, Backgrounds};
use super::block::{self, Argument, Source, Table};
use super::drive::{HeldInputs, HeldShare};
use super::fused;
use super::operation::{ColumnSource, Program, Scalar};
use super::real::Real;
use crate::engine::Broken;
use crate::model::rule::{CHANCES_MAX, STEP_PART};
use crate::plan::{self, Drive, PlacedPopulation, Plan, Ticking};
use crate::random::{Deal, Key};

mod sheets;
mod under_way;

const _: () = assert!(CHANCES_MAX <= crate::random::CHANCES_MAX, "draws would meet");

/// Rows of one group, in any instance.
pub struct PartShare<T: Real> {
    pub group: usize,
    /// First row within the group.
    pub first: u32,
    pub rows: usize,
    /// First row of the group in the space of all groups.
    pub base: u32,
    pub slots: u64,
    pub ports: Vec<PortShare>,
    /// Listed spikes of these rows: (step, row of the part).
    pub listed: Vec<(u64, u32)>,
    pub draws: Draws,
    pub held: Arc<HeldShare>,
    pub backgrounds: Arc<[BackgroundShare<T>]>,
}

#[derive(Clone, Copy)]
pub struct PortShare {
    /// Slots ahead of the step at which it reads.
    pub ahead: u64,
    /// Ring units in one weight unit, in an instance that has no weights of its own there.
    pub scale: f64,
    pub used: bool,
    /// Does what arrives here wait until it is due (`late`)?
    pub is_late: bool,
    /// Of its ring.
    pub slots: u64,
}

/// Random draws of rows while running.
pub struct Draws {
    /// First row of the part, number of rows, stream, neuron number of the first row.
    pub segments: Vec<(u32, u32, u32, u32)>,
    /// Which words a row draws.
    pub deal: Deal,
}

/// Rows of one group in one instance.
pub struct Part<T: Real> {
    pub share: Arc<PartShare<T>>,
    pub columns: Table<T>,
    pub program: Arc<Program>,
    /// By port: sums by slot, then row; empty where nothing arrives.
    pub rings: Vec<Vec<T::Sum>>,
    /// What arrives at ports that are late after the times that their rings hold.
    pub after: After<T::Sum>,
    /// By port: ring units in one weight unit.
    scales: Vec<f64>,
    /// By port.
    units: Vec<Vec<Unit<T>>>,
    pub held: HeldInputs,
    backgrounds: Backgrounds<T>,
    key: Key,
    /// Rows (in the space of all groups) whose spike test rounding may decide; only numbers with bounds know.
    pub undecided: Vec<u32>,
    /// What depends on time and shared numbers alone.
    ticking: Ticking,
    /// The first state that was not finite within the running batch, as far as it is looked at there.
    pub broken: Option<Broken>,
}

/// What a ring's sums mean in some rows.
#[derive(Clone, Copy)]
struct Unit<T> {
    /// Rows of the part.
    first: usize,
    end: usize,
    /// Weight units in one ring unit, the port's factor included.
    unit: T,
    /// The factor where a ring sums weights themselves and reads no unit.
    factor: T,
}

impl<T: Real> PartShare<T> {
    /// `late`: the ports where arrivals wait.
    pub fn new(
        plan: &Plan,
        g: usize,
        (worker, workers): (usize, usize),
        drives: &Arc<[Drive]>,
        late: &HashSet<(usize, u32)>,
    ) -> PartShare<T> {
        let group = &plan.groups[g];
        let share = (group.rows as usize).div_ceil(workers).next_multiple_of(64);
        let first = (worker * share).min(group.rows as usize);
        let rows = share.min(group.rows as usize - first);
        let port = |(number, (p, q)): (u32, (&crate::model::rule::Port, &plan::PortPlan))| {
            let is_late = late.contains(&(g, number));
            let slots = if is_late { after::slots(plan) } else { u64::from(plan.slots) };
            PortShare { ahead: u64::from(!p.at_start), scale: q.scale, used: q.used, is_late, slots }
        };
        let ports = (0..).zip(group.rule.ports.iter().zip(&group.ports)).map(port);
        let backgrounds = (0..plan.backgrounds.len()).filter(|b| plan.backgrounds[*b].group == g);
        let inside = |row: &u32| (first..first + rows).contains(&(*row as usize));
        PartShare {
            group: g,
            first: first as u32,
            rows,
            base: group.base,
            slots: u64::from(plan.slots),
            ports: ports.collect(),
            listed: group.listed.iter().filter(|(_, r)| inside(r)).map(|(s, r)| (*s, r - first as u32)).collect(),
            draws: Draws::new(plan, g, first as u32, rows as u32),
            held: Arc::new(HeldShare::new(plan, g, first, rows, drives)),
            backgrounds: backgrounds.map(|b| BackgroundShare::new(plan, b, first, rows)).collect(),
        }
    }
}

impl<T: Real> PartShare<T> {
    /// The row of the part of a population's neuron 0 (may be before the part), and its neurons that lie in the part.
    pub fn targets(&self, place: &PlacedPopulation) -> (i64, Range<u32>) {
        let offset = i64::from(place.first_row) - i64::from(self.first);
        let within = |row: i64| row.clamp(0, i64::from(place.size)) as u32;
        (offset, within(-offset)..within(self.rows as i64 - offset))
    }
}

impl Draws {
    fn new(plan: &Plan, g: usize, first: u32, rows: u32) -> Draws {
        let mut segments = Vec::new();
        for place in plan.populations.iter().filter(|p| p.group == g) {
            let start = place.first_row.max(first);
            let end = (place.first_row + place.size).min(first + rows);
            if start < end {
                segments.push((start - first, end - start, place.stream, start - place.first_row));
            }
        }
        let rule = &plan.groups[g].rule;
        Draws { segments, deal: Deal::new(rule.uniforms, rule.normals) }
    }
}

/// Lends registers to columns: they hold nothing from block to block, so that one set serves all workers of a task.
pub fn lend<T: Real>(columns: &mut Table<T>, registers: &mut Vec<Vec<T>>, needed: usize, rows: usize) {
    if registers.len() < needed {
        registers.resize_with(needed, Vec::new);
    }
    registers[..needed].iter_mut().filter(|list| list.len() < rows).for_each(|list| list.resize(rows, T::ZERO));
    std::mem::swap(&mut columns.registers, registers);
}

impl<T: Real> Part<T> {
    pub fn new(plan: &Plan, instance: u32, share: &Arc<PartShare<T>>, program: Arc<Program>) -> Part<T> {
        let given = plan.columns(instance, share.group);
        let (first, rows) = (share.first as usize, share.rows);
        let part_of = |c: &plan::Column| -> Vec<T> { (first..first + rows).map(|r| T::from_f64(c.get(r))).collect() };
        let states: Vec<Vec<T>> = given.initial.iter().map(part_of).collect();
        let mut next = vec![Vec::new(); states.len()];
        for k in &program.changed {
            next[*k as usize] = vec![T::ZERO; rows];
        }
        let columns = Table {
            states,
            next,
            read_only: vec![vec![T::ZERO; rows]; program.columns.len()],
            scalars: vec![T::ZERO; program.scalars.len()],
            registers: Vec::new(),
        };
        let cells = |port: &PortShare| if port.used { rows * port.slots as usize } else { 0 };
        let ring = |port: &PortShare| vec![T::Sum::default(); cells(port)];
        let mut part = Part {
            columns,
            program,
            rings: share.ports.iter().map(ring).collect(),
            after: After::default(),
            scales: (0..share.ports.len()).map(|p| plan.port(instance, share.group, p).scale).collect(),
            units: (0..share.ports.len()).map(|p| units(plan, instance, share, p)).collect(),
            held: HeldInputs::new(plan, instance, &share.held, T::BOUNDED),
            backgrounds: Backgrounds::new(plan, instance, &share.backgrounds),
            key: Key { seed: plan.seed_of(instance) },
            undecided: Vec::new(),
            ticking: Ticking::default(),
            broken: None,
            share: share.clone(),
        };
        part.take_parameters(given);
        part
    }

    /// Fills scalars and columns from parameters and derived numbers.
    pub fn take_parameters(&mut self, given: plan::Columns<'_>) {
        let value = |s: &Scalar| match s {
            Scalar::Constant(bits) => f64::from_bits(*bits),
            Scalar::Param(k) => given.params[*k as usize].get(0),
            Scalar::Derived(k) => given.derived[*k as usize].get(0),
            Scalar::Held(_) | Scalar::Time | Scalar::StepHigh | Scalar::StepLow | Scalar::Clock(_) | Scalar::Computed(_) => 0.0,
        };
        self.ticking = self.program.clock.of(given);
        self.columns.scalars = self.program.scalars.iter().map(|s| T::from_f64(value(s))).collect();
        block::compute(&mut self.columns.scalars, &self.program.fixed);
        let first = self.share.first as usize;
        for (column, source) in self.columns.read_only.iter_mut().zip(&self.program.columns) {
            let given = match source {
                ColumnSource::Param(k) => &given.params[*k as usize],
                ColumnSource::Derived(k) => &given.derived[*k as usize],
                ColumnSource::Held(_) | ColumnSource::End(_) => continue,
            };
            column.iter_mut().enumerate().for_each(|(r, x)| *x = T::from_f64(given.get(first + r)));
        }
    }

    /// One step of a sheet: its number, its rows.
    #[expect(clippy::too_many_arguments, reason = "a step, what it reads, and where it works")]
    fn advance(
        &mut self,
        arch: Arch,
        step: u64,
        fresh: bool,
        external: &[f64],
        (sheet, inside): (usize, Range<usize>),
        registers: &mut Vec<Vec<T>>,
        spikes: &mut Vec<u32>,
    ) {
        let (share, program) = (&*self.share, &*self.program);
        let dt = self.held.dt();
        self.ticking.tick(step, dt);
        for k in program.live.iter().map(|k| usize::from(*k)) {
            match &program.scalars[k] {
                Scalar::Time => self.columns.scalars[k] = T::from_f64(step as f64 * dt),
                Scalar::StepHigh => self.columns.scalars[k] = T::from_f64((step / STEP_PART) as f64),
                Scalar::StepLow => self.columns.scalars[k] = T::from_f64((step % STEP_PART) as f64),
                Scalar::Clock(j) => self.columns.scalars[k] = T::from_f64(self.ticking.number(*j as usize)),
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
        block::compute(&mut self.columns.scalars, &program.moving);
        for (k, source) in program.columns.iter().enumerate() {
            if let ColumnSource::Held(i) = source
                && let Some(values) = self.held.column(arch, *i, step, fresh, external)
            {
                self.columns.read_only[k].iter_mut().zip(values).for_each(|(x, v)| *x = T::from_f64(*v));
                if T::BOUNDED {
                    let terms = self.held.terms(*i, step, external);
                    self.columns.read_only[k].iter_mut().zip(&terms).for_each(|(x, t)| *x = x.summed(t));
                }
            }
        }
        self.backgrounds.draw(arch, step, (sheet, inside.clone()));
        let from = share.listed.partition_point(|(s, _)| *s <= step);
        let to = share.listed.partition_point(|(s, _)| *s <= step + 1);
        let inputs = Inputs {
            arch,
            share,
            // filled block by block, since what has been read of them is cleared
            rings: &[],
            units: &self.units,
            step,
            backgrounds: &self.backgrounds,
            listed: &share.listed[from..to],
            key: self.key,
        };
        if let Some(rare) = &program.rare
            && !T::BOUNDED
            && rare.defined(&self.columns.scalars)
        {
            if let Some(p) = rare.probability(&self.columns.scalars) {
                inputs.rare(rare.draw, p, spikes);
            }
            return;
        }
        let block = program.rows_at_once::<T>();
        lend(&mut self.columns, registers, program.needed(), block);
        let base = share.base + share.first;
        for first in inside.clone().step_by(block) {
            let rows = block.min(inside.end - first);
            let source = Inputs { rings: &self.rings, ..inputs };
            let finite = fused::run(arch, &mut self.columns, program, &source, first, rows);
            // what has been read makes room for what arrives a turn of the ring later, while it is in the first-level cache
            for (ring, port) in self.rings.iter_mut().zip(&share.ports).filter(|(ring, _)| !ring.is_empty()) {
                let slot = ((step + port.ahead) % port.slots) as usize * share.rows + first;
                arch.dispatch(Clear(&mut ring[slot..slot + rows]));
            }
            let known = spikes.len();
            if let Some(spike) = program.spike {
                self.columns.rows_where(arch, spike, first, rows, base, spikes);
                if T::BOUNDED {
                    self.columns.rows_undecided(spike, first, rows, base, &mut self.undecided);
                }
            }
            if !T::BOUNDED && self.broken.is_none() {
                self.broken = self.columns.lost(program, finite, first, rows, base, &spikes[known..]);
            }
        }
        std::mem::swap(&mut self.columns.registers, registers);
        self.turn();
    }
}

/// Makes sums nothing, in the widest stores that there are.
struct Clear<'a, S>(&'a mut [S]);

impl<S: Copy + Default> NullaryFnOnce for Clear<'_, S> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.0.fill(S::default());
    }
}

/// What the sums of a port mean, rows of one factor after the other: `factor / scale`, rounded once.
fn units<T: Real>(plan: &Plan, instance: u32, share: &PartShare<T>, port: usize) -> Vec<Unit<T>> {
    let scale = plan.port(instance, share.group, port).scale;
    // a ring of whole numbers counts parts of a weight, another sums weights and reads no unit
    let whole = T::sum_to_f64(T::to_sum(1.0, 2.0), 1.0) != 1.0;
    let unit = |first: usize, end: usize, factor: f64| Unit {
        first,
        end,
        unit: T::from_f64(factor / scale),
        factor: if whole { T::ONE } else { T::from_f64(factor) },
    };
    let members = plan.populations.iter().zip(0..).filter(|(p, _)| p.group == share.group);
    let mut out: Vec<Unit<T>> = Vec::new();
    let mut last = None;
    for (place, id) in members {
        let first = place.first_row.saturating_sub(share.first).min(share.rows as u32) as usize;
        let end = (place.first_row + place.size).saturating_sub(share.first).min(share.rows as u32) as usize;
        let factor = plan.population_factor(instance, plan::PopulationId(id), port);
        match out.last_mut() {
            Some(run) if last == Some(factor) => run.end = end,
            _ => out.push(unit(first, end, factor)),
        }
        last = Some(factor);
    }
    out
}

/// What the operations of a step read besides columns.
struct Inputs<'a, T: Real> {
    arch: Arch,
    share: &'a PartShare<T>,
    rings: &'a [Vec<T::Sum>],
    units: &'a [Vec<Unit<T>>],
    step: u64,
    backgrounds: &'a Backgrounds<T>,
    listed: &'a [(u64, u32)],
    key: Key,
}

impl<T: Real> Source<T> for Inputs<'_, T> {
    #[inline(always)]
    fn arrived(&self, port: usize, first: usize, out: &mut [T]) {
        let PortShare { ahead, slots, .. } = self.share.ports[port];
        let slot = ((self.step + ahead) % slots) as usize;
        let sums = &self.rings[port][slot * self.share.rows..];
        for unit in &self.units[port] {
            let (from, to) = (unit.first.max(first), unit.end.min(first + out.len()));
            if from >= to {
                continue;
            }
            let out = &mut out[from - first..to - first];
            out.iter_mut().zip(&sums[from..to]).for_each(|(x, s)| *x = T::from_sum(*s, unit.unit));
            if unit.factor != T::ONE {
                out.iter_mut().for_each(|x| *x = *x * unit.factor);
            }
        }
        self.backgrounds.add(port, first, out);
    }

    fn uniform(&self, draw: u32, first: usize, out: &mut [T]) {
        let place = self.share.draws.deal.uniform(draw);
        self.each(first, out, |tag, neuron, out| self.key.uniforms(self.arch, tag, place, neuron, self.step, out));
    }

    fn chance(&self, draw: u32, p: Argument<'_, T>, first: usize, out: &mut [T]) {
        let (key, step, arch) = (self.key, self.step, self.arch);
        let mut passed = 0;
        self.each(first, out, |tag, neuron, out| {
            let chance = key.chance(tag, draw, step);
            let own = passed..passed + out.len();
            passed = own.end;
            if T::BOUNDED {
                let p = |row: usize| match p {
                    Argument::All(p) => p,
                    Argument::Each(p) => p[own.start + row],
                };
                out.iter_mut().zip(neuron..).enumerate().for_each(|(k, (x, row))| *x = p(k).drawn(chance, row));
                return;
            }
            match p {
                Argument::All(p) => chance.mask(arch, neuron, p, out),
                Argument::Each(p) => chance.mask_by(arch, neuron, &p[own], out),
            }
        });
    }

    fn normal(&self, draw: u32, first: usize, out: &mut [T]) {
        let place = self.share.draws.deal.normal(draw);
        self.each(first, out, |tag, neuron, out| self.key.normals(self.arch, tag, place, neuron, self.step, out));
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

impl<T: Real> Inputs<'_, T> {
    /// Adds the rows (in the space of all groups) that have a draw, all by one probability.
    fn rare(&self, draw: u32, p: T, spikes: &mut Vec<u32>) {
        let base = self.share.base + self.share.first;
        for (start, count, tag, neuron) in &self.share.draws.segments {
            let chance = self.key.chance(*tag, draw, self.step);
            chance.each(self.arch, *neuron, *count, p.single(), |row| spikes.push(base + start + row - neuron));
        }
    }

    /// The rows of each population: its tag, the first of its neurons among them, the rows.
    fn each(&self, first: usize, out: &mut [T], mut draw: impl FnMut(u32, u32, &mut [T])) {
        let end = (first + out.len()) as u32;
        for (start, count, tag, neuron) in &self.share.draws.segments {
            let (from, to) = ((*start).max(first as u32), (start + count).min(end));
            if from < to {
                draw(*tag, neuron + from - start, &mut out[from as usize - first..to as usize - first]);
            }
        }
    }
}
