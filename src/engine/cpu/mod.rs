//! The CPU engine: the reference, and the engine of machines without a GPU; generic over f32 and f64,
//! and over f64 with bounds of what f32 may make of it, the reference of verification in lockstep.
//!
//! In: a [`Plan`]. Out: batches of spikes and samples. Rows are shared among workers, each owning a range of every group:
//! its states, its delay rings, the edges that end in it. A worker sums what arrives at a row in the order of steps, routes
//! and sources, whatever the number of workers: results do not depend on it.
//!
//! Independent of the emitter of shaders: it evaluates the rules itself (`program`, `block`).

use std::sync::Arc;

use pulp::Arch;
use rayon::prelude::*;

use super::{Batch, Engine, Fault, Identity, Snapshot};
use crate::plan::{EdgeColumn, Plan, Tap};

mod block;
mod bounded;
mod couple;
mod deliver;
mod drive;
mod follow;
mod operation;
mod program;
mod real;
mod worker;

pub use bounded::Bounded;
pub use follow::Followed;
pub use real::Real;
use worker::Worker;

/// How the engine uses its machine. The results do not depend on it.
#[derive(Clone, Copy, Debug)]
pub struct CpuOptions {
    /// Most threads used; 0: as many as there are cores.
    pub threads: usize,
    /// A further worker must have at least so many rows: below that, meeting twice a window costs more than it gains.
    pub rows_per_worker: usize,
}

impl Default for CpuOptions {
    fn default() -> Self {
        CpuOptions { threads: 0, rows_per_worker: 8192 }
    }
}

/// Runs a plan on the processor.
pub struct CpuEngine<T: Real> {
    plan: Arc<Plan>,
    arch: Arch,
    /// Workers of each instance.
    copies: Vec<Vec<Worker<T>>>,
    pool: Option<rayon::ThreadPool>,
    threads: usize,
    step: u64,
    external: Vec<f64>,
    /// State before the running batch.
    backup: Vec<Vec<worker::Memory<T>>>,
}

impl<T: Real> CpuEngine<T> {
    /// Lays out a plan.
    ///
    /// **Errors** if the threads cannot be started.
    pub fn new(plan: Arc<Plan>, options: CpuOptions) -> Result<CpuEngine<T>, Fault> {
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        let most = if options.threads == 0 { cores } else { options.threads };
        let rows = plan.rows as usize * plan.instances as usize;
        let useful = (rows / options.rows_per_worker.max(1)).max(1);
        let threads = most.min(useful);
        let per_copy = threads.div_ceil(plan.instances as usize).max(1);
        let copies = (0..plan.instances)
            .map(|instance| (0..per_copy).map(|w| Worker::new(&plan, instance, w, per_copy)).collect())
            .collect();
        let pool = match threads {
            1 => None,
            n => Some(
                rayon::ThreadPoolBuilder::new()
                    .num_threads(n)
                    .build()
                    .map_err(|e| Fault::Device { message: format!("cannot start {n} threads: {e}"), step: 0 })?,
            ),
        };
        let external = vec![0.0; plan.external_inputs()];
        Ok(CpuEngine { plan, arch: Arch::new(), copies, pool, threads, step: 0, external, backup: Vec::new() })
    }

    /// Runs a closure on every worker, in parallel if there is a pool.
    fn each(pool: &Option<rayon::ThreadPool>, copies: &mut [Vec<Worker<T>>], run: impl Fn(usize, &mut Worker<T>) + Sync) {
        match pool {
            None => copies.iter_mut().enumerate().for_each(|(i, c)| c.iter_mut().for_each(|w| run(i, w))),
            Some(pool) => pool.install(|| {
                copies.par_iter_mut().enumerate().for_each(|(i, c)| c.par_iter_mut().for_each(|w| run(i, w)));
            }),
        }
    }

    /// Advances some steps and collects what they gave.
    fn windows(&mut self, steps: u32, batch: &mut Batch) {
        let plan = self.plan.clone();
        let mut left = steps;
        while left > 0 {
            let window = left.min(plan.window);
            let step = self.step;
            let spikes = self.integrate(&plan, window);
            self.send(&plan, &spikes);
            for k in 0..window as usize {
                for (copy, spikes) in spikes.iter().enumerate() {
                    let first = copy as u32 * plan.rows;
                    batch.spikes.extend(spikes[k].iter().map(|row| (step + k as u64 + 1, first + row)));
                }
            }
            self.step += u64::from(window);
            left -= window;
        }
    }

    /// Advances all rows through a window and gives what spiked: by copy, then step. Time and rings stay.
    fn integrate(&mut self, plan: &Plan, window: u32) -> Vec<Vec<Vec<u32>>> {
        let (step, arch, external) = (self.step, self.arch, &self.external);
        if !plan.couplings.is_empty() {
            let exports: Vec<_> = self.copies.iter().map(|c| couple::exports(plan, c)).collect();
            Self::each(&self.pool, &mut self.copies, |copy, w| w.couple(arch, step, &exports[copy]));
        }
        Self::each(&self.pool, &mut self.copies, |_, w| w.update(arch, plan, step, window, external));
        self.copies.iter_mut().map(|c| gathered(plan, c, window)).collect()
    }

    /// Adds what the spikes of a window send to the rings.
    fn send(&mut self, plan: &Plan, spikes: &[Vec<Vec<u32>>]) {
        let step = self.step;
        if !plan.routes.is_empty() && spikes.iter().flatten().any(|s| !s.is_empty()) {
            Self::each(&self.pool, &mut self.copies, |copy, w| w.deliver(plan, step, &spikes[copy]));
        }
    }

    fn save(&mut self) {
        self.backup.resize_with(self.copies.len(), Vec::new);
        for (saved, copy) in self.backup.iter_mut().zip(&self.copies) {
            saved.resize_with(copy.len(), worker::Memory::default);
            saved.iter_mut().zip(copy).for_each(|(m, w)| m.save(w));
        }
    }

    fn recover(&mut self, step: u64) {
        for (saved, copy) in self.backup.iter().zip(&mut self.copies) {
            saved.iter().zip(copy).for_each(|(m, w)| m.load(w));
        }
        self.step = step;
    }

    /// The first state that is not finite: group, row, column, value.
    fn broken(&self) -> Option<(usize, u32, usize, f64)> {
        self.copies.iter().flatten().find_map(Worker::not_finite)
    }

    /// Finds the step at which the batch went wrong, by going through it again one step at a time.
    fn locate(&mut self, steps: u32) -> Fault {
        let start = self.step;
        let mut found = self.broken();
        for _ in 0..steps {
            self.windows(1, &mut Batch::default());
            found = self.broken();
            if found.is_some() {
                break;
            }
        }
        let (at, plan) = (self.step, self.plan.clone());
        self.recover(start);
        let (group, row, column, value) = found.unwrap_or_default();
        let row = plan.groups[group].base + row;
        let (population, neuron) = plan.neuron_at(row).map_or((String::new(), row), |(id, n)| (plan.place(id).name.clone(), n));
        let variable = plan.groups[group].rule.states[column].name.trim().to_string();
        Fault::NotFinite { population, neuron, variable, value, step: at }
    }

    /// What is under way to a port, in weight units, as [`Snapshot::rings`] has it.
    pub fn under_way(&self, group: usize, port: usize) -> Vec<f64> {
        let times = (0..u64::from(self.plan.slots)).map(|s| self.step + s);
        times.flat_map(|time| self.workers_of(group).flat_map(move |part| part.slot(port, time))).collect()
    }

    fn workers_of(&self, group: usize) -> impl Iterator<Item = &worker::Part<T>> {
        self.copies.iter().flatten().map(move |w| &w.parts[group])
    }
}

/// The spikes of a copy, step by step, rows ascending.
fn gathered<T: Real>(plan: &Plan, workers: &mut [Worker<T>], window: u32) -> Vec<Vec<u32>> {
    let mut out = vec![Vec::new(); window as usize];
    for (k, all) in out.iter_mut().enumerate() {
        for group in 0..plan.groups.len() {
            for worker in workers.iter_mut() {
                all.append(&mut worker.spikes[k][group]);
            }
        }
    }
    out
}

impl<T: Real> Engine for CpuEngine<T> {
    fn identity(&self) -> Identity {
        Identity {
            engine: "cpu".into(),
            adapter: processor(),
            driver: format!("{:?}", self.arch).split('(').next().unwrap_or_default().to_lowercase(),
            precision: T::NAME.into(),
            threads: self.threads,
        }
    }

    fn step(&self) -> u64 {
        self.step
    }

    fn advance(&mut self, steps: u32) -> Result<Batch, Fault> {
        let first = self.step;
        self.save();
        let mut batch = Batch { first, steps, ..Batch::default() };
        self.windows(steps, &mut batch);
        if self.broken().is_some() {
            self.recover(first);
            return Err(self.locate(steps));
        }
        let plan = self.plan.clone();
        batch.samples = plan.taps.iter().enumerate().map(|(k, tap)| self.samples(k, tap)).collect();
        Ok(batch)
    }

    fn state(&mut self, group: usize, column: usize) -> Result<Vec<f64>, Fault> {
        Ok(self.workers_of(group).flat_map(|p| p.columns.states[column].iter().map(|x| x.to_f64())).collect())
    }

    fn set_state(&mut self, group: usize, column: usize, values: &[f64]) -> Result<(), Fault> {
        let mut values = values.iter();
        for worker in self.copies.iter_mut().flatten() {
            let cells = worker.parts[group].columns.states[column].iter_mut();
            cells.zip(&mut values).for_each(|(cell, x)| *cell = T::from_f64(*x));
        }
        Ok(())
    }

    fn set_parameters(&mut self, plan: &Plan, group: usize) -> Result<(), Fault> {
        let mut changed = (*self.plan).clone();
        changed.groups[group].params = plan.groups[group].params.clone();
        changed.groups[group].derived = plan.groups[group].derived.clone();
        self.plan = Arc::new(changed);
        for worker in self.copies.iter_mut().flatten() {
            worker.parts[group].take_parameters(&self.plan.groups[group]);
        }
        Ok(())
    }

    fn set_external(&mut self, values: &[f64]) {
        for (cell, x) in self.external.iter_mut().zip(values) {
            *cell = *x;
        }
    }

    fn snapshot(&mut self) -> Result<Snapshot, Fault> {
        let plan = self.plan.clone();
        let states = (0..plan.groups.len())
            .map(|g| (0..plan.groups[g].rule.states.len()).map(|c| self.state(g, c)).collect())
            .collect::<Result<_, _>>()?;
        let ports = |g: usize| 0..plan.groups[g].ports.len();
        let rings = (0..plan.groups.len()).map(|g| ports(g).map(|p| self.under_way(g, p)).collect()).collect();
        Ok(Snapshot { step: self.step, states, rings })
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), Fault> {
        self.step = snapshot.step;
        for (g, columns) in snapshot.states.iter().enumerate() {
            for (c, values) in columns.iter().enumerate() {
                self.set_state(g, c, values)?;
            }
        }
        for (g, ports) in snapshot.rings.iter().enumerate() {
            for (p, values) in ports.iter().enumerate() {
                let mut values = values.iter();
                for s in 0..u64::from(self.plan.slots) {
                    for worker in self.copies.iter_mut().flatten() {
                        worker.parts[g].set_slot(p, snapshot.step + s, &mut values);
                    }
                }
            }
        }
        Ok(())
    }
}

impl<T: Real> CpuEngine<T> {
    /// Samples of a tap since the last call: sample by sample, instance by instance, row by row.
    fn samples(&mut self, k: usize, tap: &Tap) -> Vec<f64> {
        if !matches!(tap, Tap::State { .. }) {
            return Vec::new();
        }
        let counts: Vec<usize> = self.copies.iter().flatten().map(|w| w.rows_of_tap(k)).collect();
        let taken: Vec<Vec<T>> = self.copies.iter_mut().flatten().map(|w| std::mem::take(&mut w.samples[k])).collect();
        let samples = taken.iter().zip(&counts).filter(|(_, n)| **n > 0).map(|(list, n)| list.len() / n).max().unwrap_or(0);
        let mut out = Vec::with_capacity(taken.iter().map(Vec::len).sum());
        for s in 0..samples {
            for (list, n) in taken.iter().zip(&counts) {
                out.extend(list[s * n..(s + 1) * n].iter().map(|x| x.to_f64()));
            }
        }
        out
    }
}

/// The processor's name, where the system tells it.
fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|l| l.strip_prefix("model name").and_then(|l| l.split_once(':')));
    name.map_or_else(|| std::env::consts::ARCH.to_string(), |(_, n)| n.trim().to_string())
}

/// A column of delays as whole steps.
fn delays(column: &EdgeColumn) -> deliver::Delays {
    match column {
        EdgeColumn::Shared(d) => deliver::Delays::Shared(*d as u32),
        EdgeColumn::PerEdge(list) => deliver::Delays::PerEdge(list.iter().map(|d| *d as u16).collect()),
    }
}
