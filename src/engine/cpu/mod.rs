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

use super::exchange::{Exchanged, Watch};
use super::{Backend, Batch, Broken, Engine, Fault, Identity, Outside, Snapshot};
use crate::model::EndValue;
use crate::model::rule::NoValue;
use crate::plan::{Plan, Tap};
use crate::threads::{self, Threads};

mod after;
mod background;
mod backup;
mod block;
mod bounded;
mod bundle;
mod deliver;
mod drive;
mod edge;
mod ends;
mod exchange;
mod finite;
mod follow;
mod fused;
mod gate;
mod history;
mod lanes;
mod lasting;
mod late;
mod learn;
mod operation;
mod part;
mod power;
mod program;
mod real;
mod roots;
mod run;
mod share;
mod snapshot;
mod team;
mod together;
mod trail;
mod work;
mod worker;

pub(crate) use bounded::Bounded;
pub(crate) use follow::Followed;
use real::Real;
use run::Run;
use share::{Programs, Share};
use team::Team;
use together::Pace;
use worker::Worker;

/// How the engine uses its machine. The results do not depend on it.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct CpuOptions {
    /// Most threads used; 0: as many as there are cores.
    pub threads: usize,
    /// A further worker must have at least so many rows; 0: as many as make a window worth the meeting.
    pub rows_per_worker: usize,
}

setters! {
    CpuOptions {
        threads: usize,
        rows_per_worker: usize,
    }
}

/// Runs a plan on the processor.
pub struct CpuEngine<T: Real> {
    plan: Arc<Plan>,
    arch: Arch,
    /// Their workers, one after the other, are those of the instances in order.
    teams: Vec<Team<T>>,
    /// How well their threads get on with each other.
    pace: Pace,
    /// Workers that share the rows of one instance.
    per_instance: usize,
    /// What these have in common in all instances.
    shares: Vec<Arc<Share<T>>>,
    programs: Programs,
    /// For the making of workers and, where more than one thread pays, for their steps.
    pool: Threads,
    threads: usize,
    /// About so many nanoseconds of work has a step of all instances.
    work: f64,
    step: u64,
    /// Input vectors, instance after instance.
    external: Vec<f64>,
    exported: Vec<Vec<bool>>,
}

/// Tasks for each thread: instances differ in their spikes, and who is done early takes another.
const TASKS_PER_THREAD: usize = 8;

impl<T: Real> CpuEngine<T> {
    /// Lays out a plan.
    ///
    /// **Errors** if the threads cannot be started.
    pub fn new(plan: Arc<Plan>, options: CpuOptions) -> Result<CpuEngine<T>, Fault> {
        let threads = work::useful(&plan, &options).min(threads::most(Some(options.threads)));
        let pool = Threads::new(threads).map_err(|e| Fault::Device { message: e.to_string(), step: 0 })?;
        CpuEngine::within(plan, options, &pool)
    }

    /// The same with threads that have been started.
    ///
    /// **Errors** a rule that reads what none of its rows has.
    pub fn within(plan: Arc<Plan>, options: CpuOptions, pool: &Threads) -> Result<CpuEngine<T>, Fault> {
        let threads = work::useful(&plan, &options).min(pool.count());
        let instances = plan.instances as usize;
        let per_instance = threads.div_ceil(instances).max(1);
        let pool = pool.clone();
        let shares = pool.run(|| Share::<T>::all(&plan, per_instance))?;
        let external = vec![0.0; plan.external_inputs() * instances];
        let exported = ends::exported(&plan);
        let (arch, programs, teams) = (Arch::new(), Programs::default(), Vec::new());
        let work = work::of_step(&plan) * f64::from(plan.instances);
        let mut engine = CpuEngine {
            plan,
            arch,
            teams,
            pace: Pace::default(),
            per_instance,
            shares,
            programs,
            pool,
            threads,
            work,
            step: 0,
            external,
            exported,
        };
        engine.settle()?;
        Ok(engine)
    }

    /// Makes the workers, at the state before the first step.
    fn settle(&mut self) -> Result<(), Fault> {
        let (plan, per_instance, shares) = (&self.plan, self.per_instance, &self.shares);
        self.programs.add(plan, &shares[0])?;
        let programs = &self.programs;
        let instances = plan.instances as usize;
        let workers = instances * per_instance;
        let size = if per_instance > 1 { 1 } else { instances.div_ceil(self.threads * TASKS_PER_THREAD).max(1) };
        let team = |first: usize| {
            let worker = |k: usize| Worker::new(plan, (k / per_instance) as u32, &shares[k % per_instance], programs);
            let workers = (first..workers.min(first + size)).map(worker).collect::<Result<_, _>>()?;
            Ok::<_, NoValue>(Team::new(plan, workers))
        };
        let teams = self.pool.run(|| threads::map(workers.div_ceil(size), |t| team(t * size)));
        self.teams = teams.into_iter().collect::<Result<_, _>>()?;
        self.step = 0;
        Ok(())
    }

    fn workers(&self) -> impl Iterator<Item = &Worker<T>> {
        self.teams.iter().flat_map(|t| &t.workers)
    }

    fn workers_mut(&mut self) -> impl Iterator<Item = &mut Worker<T>> {
        self.teams.iter_mut().flat_map(|t| &mut t.workers)
    }

    /// Advances some steps, and says whether all states are finite.
    fn steps(&mut self, steps: u32, batch: &mut Batch) -> bool {
        let plan = self.plan.clone();
        let run = Run { arch: self.arch, plan: &plan, exported: &self.exported, external: &self.external };
        let (pool, first) = (work::pool(&self.pool, self.threads, self.work, steps), self.step);
        if self.per_instance == 1 {
            team::each(pool, &mut self.teams, |t| t.run(&run, first, steps));
            team::gathered(&plan, &mut self.teams, batch);
            self.step += u64::from(steps);
            return !self.workers().any(|w| w.broken);
        }
        team::each(pool, &mut self.teams, |t| t.workers.iter_mut().for_each(Worker::save));
        if pool.is_some() && steps / plan.window >= work::WINDOWS && !work::meets_twice(&plan) {
            together::batch(&mut self.teams, &run, first, steps, &mut self.pace);
            team::gathered(&plan, &mut self.teams, batch);
            self.step += u64::from(steps);
        } else {
            self.windows(steps, batch);
        }
        !self.workers().any(|w| w.is_broken(&plan))
    }

    /// Advances instances whose rows are shared among workers.
    fn windows(&mut self, steps: u32, batch: &mut Batch) {
        let plan = self.plan.clone();
        let run = Run { arch: self.arch, plan: &plan, exported: &self.exported, external: &self.external };
        let mut left = steps;
        while left > 0 {
            let window = left.min(plan.window);
            let pool = work::pool(&self.pool, self.threads, self.work, window);
            let spikes = team::window(pool, &mut self.teams, &run, self.step, window);
            for k in 0..window as usize {
                for (first, spikes) in (0u32..).map(|i| i * plan.rows).zip(&spikes) {
                    batch.spikes.extend(spikes[k].iter().map(|row| (self.step + k as u64 + 1, first + row)));
                }
            }
            self.step += u64::from(window);
            left -= window;
        }
    }

    /// Finds the step at which the batch went wrong, by going through it again one step at a time; then the state is that
    /// before the batch.
    fn locate(&mut self, first: u64, steps: u32) -> Fault {
        let plan = self.plan.clone();
        let mut found: Option<(u32, u32, Broken)> = None;
        if self.per_instance == 1 {
            let run = Run { arch: self.arch, plan: &plan, exported: &self.exported, external: &self.external };
            for team in &mut self.teams {
                let Some((step, instance, broken)) = team.breaks(&run, first, steps) else { continue };
                if found.as_ref().is_none_or(|(earliest, ..)| step < *earliest) {
                    found = Some((step, instance, broken));
                }
            }
        } else {
            self.recover(first);
            for step in 1..=steps {
                self.windows(1, &mut Batch::default());
                for worker in self.workers() {
                    let Some(broken) = worker.first_broken(&plan) else { continue };
                    found = match found {
                        Some((_, instance, known)) if instance == worker.instance => Some((step, instance, known.first(broken))),
                        Some(known) => Some(known),
                        None => Some((step, worker.instance, broken)),
                    };
                }
                if found.is_some() {
                    break;
                }
            }
        }
        self.recover(first);
        match found {
            Some((step, instance, broken)) => Fault::found(&plan, instance, broken, first + u64::from(step)),
            None => Fault::Device { message: "a state that was not finite was not found again".into(), step: first },
        }
    }

    /// What is under way to a port, in weight units, as [`Snapshot::rings`] has it.
    pub fn under_way(&self, group: usize, port: usize) -> Vec<f64> {
        let mut out = Vec::new();
        for time in (0..u64::from(self.plan.slots)).map(|s| self.step + s) {
            self.workers().for_each(|w| w.parts[group].slot(port, time, &mut out));
        }
        out
    }

    /// Are those parameters of a group what they are here that tell apart the targets of synapses?
    fn same_classes(&self, plan: &Plan, group: usize) -> bool {
        let onto = plan.gathered.iter().filter(|g| plan.place(g.target).group == group);
        let mut read = onto.flat_map(|g| g.ends()).filter_map(|(_, end)| match end.value {
            EndValue::Param(k) if end.post => Some(k as usize),
            _ => None,
        });
        let same = |i: u32, k: usize| plan.columns(i, group).params[k] == self.plan.columns(i, group).params[k];
        read.all(|k| (0..plan.instances).all(|i| same(i, k)))
    }

    fn recover(&mut self, step: u64) {
        self.workers_mut().for_each(Worker::recover);
        self.step = step;
    }
}

impl<T: Real> Engine for CpuEngine<T> {
    fn identity(&self) -> Identity {
        Identity {
            engine: Backend::Cpu,
            adapter: processor(),
            driver: format!("{:?}", self.arch).split('(').next().unwrap_or_default().to_lowercase(),
            precision: T::PRECISION,
            threads: self.threads,
            software: false,
        }
    }

    fn step(&self) -> u64 {
        self.step
    }

    fn advance(&mut self, steps: u32) -> Result<Batch, Fault> {
        let first = self.step;
        let mut batch = Batch { first, steps, ..Batch::default() };
        if !self.steps(steps, &mut batch) {
            return Err(self.locate(first, steps));
        }
        let plan = self.plan.clone();
        batch.samples = plan.taps.iter().enumerate().map(|(k, tap)| self.samples(k, tap)).collect();
        Ok(batch)
    }

    fn exchange(&mut self, steps: u32, inputs: &[f64], watches: &[Watch]) -> Exchanged {
        self.exchanged(steps, inputs, watches)
    }

    fn take_back(&mut self, batch: Batch) {
        team::take_back(&self.plan, &mut self.teams, batch);
    }

    fn state(&mut self, group: usize, column: usize) -> Result<Vec<f64>, Fault> {
        Ok(self.workers().flat_map(|w| w.parts[group].columns.states[column].iter().map(|x| x.to_f64())).collect())
    }

    fn state_rows(&self, group: usize, column: usize, rows: &mut dyn Iterator<Item = usize>, out: &mut [f64]) -> bool {
        let mut columns = self.workers().map(|w| &w.parts[group].columns.states[column]);
        let (Some(column), None) = (columns.next(), columns.next()) else { return false };
        out.iter_mut().zip(rows).for_each(|(x, row)| *x = column[row].to_f64());
        true
    }

    fn instances(&self) -> u32 {
        self.plan.instances
    }

    fn kept(&mut self, place: usize, synapses: &[u32]) -> Result<Vec<Vec<f64>>, Fault> {
        let plan = self.plan.clone();
        let stateful: Vec<usize> = plan.stateful().collect();
        let Some(number) = place.checked_sub(stateful.len()) else {
            let columns = 0..plan.gathered[stateful[place]].rule.states.len();
            let edges = plan.gathered[stateful[place]].edges.count() as usize;
            let chosen = |state: usize| {
                let all = self.edge_state(stateful[place], state);
                all.chunks(edges.max(1)).flat_map(|own| synapses.iter().map(|k| own[*k as usize])).collect()
            };
            return Ok(columns.map(chosen).collect());
        };
        let rule = &plan.learning[number].rule;
        let count = rule.states.len() + usize::from(rule.timed);
        let mut out = vec![vec![0.0; synapses.len() * plan.instances as usize]; count];
        for worker in self.workers() {
            let first = worker.instance as usize * synapses.len();
            let own = worker.learned.iter().filter(|own| own.share.number == number);
            own.for_each(|own| own.tell_of(self.step, synapses, &mut |state, k, x| out[state][first + k] = x));
        }
        Ok(out)
    }

    fn set_state(&mut self, group: usize, column: usize, values: &[f64]) -> Result<(), Fault> {
        let rows: usize = self.workers().map(|w| w.parts[group].columns.states[column].len()).sum();
        if rows != values.len() {
            return Err(Fault::Bug { what: format!("{} numbers for a state of {rows} rows", values.len()) });
        }
        let mut values = values.iter();
        for worker in self.workers_mut() {
            worker.trail.keep(&worker.parts);
            let cells = worker.parts[group].columns.states[column].iter_mut();
            cells.zip(&mut values).for_each(|(cell, x)| *cell = T::from_f64(*x));
        }
        Ok(())
    }

    fn set_variants(&mut self, plan: &Arc<Plan>) -> Result<bool, Fault> {
        // routes are walked one by one where an instance has weights of its own
        let moved = plan.varied_ports() != self.plan.varied_ports() || plan.slots != self.plan.slots;
        self.plan = plan.clone();
        // whether a number is the same for the projections of a bundle follows from what instances give them
        if moved || plan.bundles().iter().any(|bundle| !bundle.is_single()) {
            self.shares = Share::<T>::all(plan, self.per_instance)?;
        }
        self.settle()?;
        Ok(true)
    }

    fn set_parameters(&mut self, plan: &Arc<Plan>, group: usize) -> Result<(), Fault> {
        let alike =
            (0..plan.instances).all(|i| share::pattern(plan.columns(i, group)) == share::pattern(self.plan.columns(i, group)));
        let same_classes = self.same_classes(plan, group);
        if !alike || !same_classes {
            // other numbers vary from row to row: another program
            let state = self.snapshot()?;
            self.plan = plan.clone();
            if !same_classes {
                self.shares = Share::<T>::all(plan, self.per_instance)?;
            }
            self.settle()?;
            return self.restore(&state);
        }
        self.plan = plan.clone();
        let pool = if self.threads > 1 { self.pool.pool() } else { None };
        team::try_each(pool, &mut self.teams, |t| t.workers.iter_mut().try_for_each(|w| w.take_parameters(plan, group)))?;
        Ok(())
    }

    fn set_values(&mut self, plan: &Arc<Plan>, state: &Snapshot) -> Result<bool, Fault> {
        self.plan = plan.clone();
        self.shares = Share::<T>::all(plan, self.per_instance)?;
        // which numbers vary from row to row may have changed
        self.programs = Programs::default();
        self.settle()?;
        self.restore(state)?;
        Ok(true)
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
        let arch = self.arch;
        self.workers_mut().for_each(|worker| worker.settle(arch, &plan));
        let ports = |g: usize| 0..plan.groups[g].ports.len();
        let rings = (0..plan.groups.len()).map(|g| ports(g).map(|p| self.under_way(g, p)).collect()).collect();
        let of = |g: usize| (0..plan.gathered[g].rule.states.len()).map(|state| self.edge_state(g, state)).collect();
        let learned = (0..plan.learning.len()).map(|number| self.learned_states(number));
        let edge_states = plan.stateful().map(of).chain(learned).collect();
        Ok(Snapshot {
            step: self.step,
            states,
            rings,
            edge_states,
            spike_history: self.spike_history(),
            trails: self.trails(),
            outside: Outside::default(),
        })
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), Fault> {
        self.step = snapshot.step;
        let plan = self.plan.clone();
        self.workers_mut().for_each(|worker| worker.clear(&plan, snapshot.step));
        for (g, columns) in snapshot.states.iter().enumerate() {
            for (c, values) in columns.iter().enumerate() {
                self.set_state(g, c, values)?;
            }
        }
        let slots = u64::from(self.plan.slots);
        for (g, ports) in snapshot.rings.iter().enumerate() {
            for (p, values) in ports.iter().enumerate() {
                let mut values = values.iter();
                for s in 0..slots {
                    self.workers_mut().for_each(|w| w.parts[g].set_slot(p, snapshot.step + s, &mut values));
                }
            }
        }
        self.restore_edges(snapshot)
    }
}

impl<T: Real> CpuEngine<T> {
    /// Samples of a tap since the last call: sample by sample, instance by instance, row by row.
    fn samples(&mut self, k: usize, tap: &Tap) -> Vec<f64> {
        if !matches!(tap, Tap::State { .. }) {
            return Vec::new();
        }
        let counts: Vec<usize> = self.workers().map(|w| w.rows_of_tap(k)).collect();
        let taken: Vec<Vec<T>> = self.workers_mut().map(|w| std::mem::take(&mut w.samples[k])).collect();
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
