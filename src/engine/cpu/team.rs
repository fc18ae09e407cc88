//! What one task runs: some instances whole, or some rows of one instance.
//!
//! An instance that is whole in one team needs nobody else: it runs through a batch at once, its state in the cache.
//! Instances whose rows several teams own meet twice a window, to exchange spikes.

use rayon::prelude::*;

use super::ends::{self, Exports};
use super::real::Real;
use super::run::Run;
use super::worker::{Scratch, Worker};
use crate::engine::{Batch, Broken};
use crate::plan::Plan;

/// Workers that run one after the other.
pub struct Team<T: Real> {
    pub workers: Vec<Worker<T>>,
    pub scratch: Scratch<T>,
}

/// Runs a closure on every team (or what holds one), in parallel if there is a pool and more than one: waking a thread for the only one
/// costs more than a step of few rows.
pub fn each<X: Send>(pool: Option<&rayon::ThreadPool>, teams: &mut [X], run: impl Fn(&mut X) + Send + Sync) {
    match pool.filter(|_| teams.len() > 1) {
        None => teams.iter_mut().for_each(run),
        Some(pool) => pool.install(|| teams.par_iter_mut().for_each(run)),
    }
}

/// The same where it may fail.
pub fn try_each<T: Real, E: Send>(
    pool: Option<&rayon::ThreadPool>,
    teams: &mut [Team<T>],
    run: impl Fn(&mut Team<T>) -> Result<(), E> + Send + Sync,
) -> Result<(), E> {
    match pool {
        None => teams.iter_mut().try_for_each(run),
        Some(pool) => pool.install(|| teams.par_iter_mut().try_for_each(run)),
    }
}

impl<T: Real> Team<T> {
    pub fn new(plan: &Plan, workers: Vec<Worker<T>>) -> Team<T> {
        Team { workers, scratch: Scratch::new(plan) }
    }

    /// Runs a batch of whole instances, from the state before it, which is kept.
    pub fn run(&mut self, run: &Run<'_>, first: u64, steps: u32) {
        for worker in &mut self.workers {
            worker.save();
            worker.advance(run, first, 0, steps, &mut self.scratch);
            worker.broken = worker.is_broken(run.plan);
        }
    }

    /// One step of whole instances, from the state in which they are, sending these spikes (rows ascending, by instance) in
    /// place of their own. Gives the own ones and those that rounding may decide, by instance.
    pub fn follow(&mut self, run: &Run<'_>, step: u64, sent: &dyn Fn(u32) -> Vec<u32>) -> Vec<(u32, Vec<u32>, Vec<u32>)> {
        let mut out = Vec::new();
        for worker in &mut self.workers {
            worker.integrate(run, step, 1, true, &mut self.scratch);
            let mut own = Vec::new();
            self.scratch.spikes[0].iter_mut().for_each(|group| own.append(group));
            let undecided = worker.parts.iter_mut().flat_map(|part| part.undecided.drain(..)).collect();
            worker.deliver(run, step, &sent(worker.instance));
            out.push((worker.instance, own, undecided));
        }
        out
    }

    /// The first step in which a broken instance holds a state that is not finite, the instance, and the state. What has run
    /// serves no more.
    pub fn breaks(&mut self, run: &Run<'_>, first: u64, steps: u32) -> Option<(u32, u32, Broken)> {
        let mut found: Option<(u32, u32, Broken)> = None;
        for worker in self.workers.iter_mut().filter(|w| w.broken) {
            worker.recover();
            let most = found.map_or(steps, |(step, ..)| step);
            for step in 0..most {
                worker.advance(run, first, step, 1, &mut self.scratch);
                let Some(broken) = worker.first_broken(run.plan) else { continue };
                // an instance before it that breaks in the same step comes first
                if found.is_none_or(|(earliest, ..)| step + 1 < earliest) {
                    found = Some((step + 1, worker.instance, broken));
                }
                break;
            }
        }
        found
    }
}

impl<T: Real> Worker<T> {
    /// Advances the rows of an instance that is whole here through a window; its spikes stay in the scratch. `fresh`: the first
    /// window since something else may have changed.
    fn integrate(&mut self, run: &Run<'_>, step: u64, window: u32, fresh: bool, scratch: &mut Scratch<T>) {
        if run.plan.gathers() {
            // it has all rows itself
            self.couple(run.arch, run.plan, step, &Vec::new(), scratch);
        }
        self.learn(run, step, true);
        self.update(run.arch, run.plan, step, window, fresh, run.external, scratch);
    }

    /// Advances an instance that is whole here by some steps of a batch.
    fn advance(&mut self, run: &Run<'_>, first: u64, from: u32, steps: u32, scratch: &mut Scratch<T>) {
        let mut done = from;
        while done < from + steps {
            let window = (from + steps - done).min(run.plan.window);
            self.go(run, first + u64::from(done), window, done == from, scratch);
            done += window;
        }
    }

    /// Advances an instance that is whole here through a window.
    fn go(&mut self, run: &Run<'_>, step: u64, window: u32, fresh: bool, scratch: &mut Scratch<T>) {
        self.integrate(run, step, window, fresh, scratch);
        for k in 0..window as usize {
            let mut rows = std::mem::take(&mut scratch.gathered);
            scratch.spikes[k].iter_mut().for_each(|group| rows.append(group));
            self.arrive(run, step + k as u64, &rows, true);
            rows.clear();
            scratch.gathered = rows;
        }
    }

    /// Advances an instance that is whole here by a step for each input vector, and lets somebody look after each.
    pub fn exchange<'a>(
        &mut self,
        run: &Run<'_>,
        first: u64,
        inputs: impl Iterator<Item = &'a [f64]>,
        scratch: &mut Scratch<T>,
        look: &mut impl FnMut(&Worker<T>),
    ) {
        for (step, external) in (first..).zip(inputs) {
            self.go(&Run { external, ..*run }, step, 1, step == first, scratch);
            look(self);
        }
    }

    /// What the spikes of a step do in the rows of this worker, which logs them or leaves that to another.
    pub fn arrive(&mut self, run: &Run<'_>, step: u64, rows: &[u32], logs: bool) {
        if logs {
            self.log.extend(rows.iter().map(|row| (step + 1, *row)));
        }
        if !rows.is_empty() || self.waits() {
            self.deliver(run, step, rows);
        }
    }
}

/// The spikes that workers logged in a batch, by step, then instance and row; of an instance one worker has all.
pub fn gathered<T: Real>(plan: &Plan, teams: &mut [Team<T>], batch: &mut Batch) {
    if plan.instances == 1
        && let Some(worker) = teams.first_mut().and_then(|team| team.workers.first_mut())
    {
        // in order already
        batch.spikes = std::mem::take(&mut worker.log);
        return;
    }
    let logs = || teams.iter().flat_map(|t| &t.workers).map(|w| (w.instance * plan.rows, &w.log));
    // a counting sort: where each step begins
    let mut next = vec![0usize; batch.steps as usize + 1];
    let after = |step: &u64| (step - batch.first) as usize;
    logs().for_each(|(_, log)| log.iter().for_each(|(step, _)| next[after(step)] += 1));
    for k in 1..next.len() {
        next[k] += next[k - 1];
    }
    let mut spikes = vec![(0, 0); next.last().copied().unwrap_or(0)];
    for (first, log) in logs() {
        for (step, row) in log {
            let place = &mut next[after(step) - 1];
            spikes[*place] = (*step, first + row);
            *place += 1;
        }
    }
    batch.spikes = spikes;
}

/// Uses the memory of a batch that has been read for the spikes of the next.
pub fn take_back<T: Real>(plan: &Plan, teams: &mut [Team<T>], mut batch: Batch) {
    if plan.instances == 1
        && let Some(worker) = teams.first_mut().and_then(|team| team.workers.first_mut())
        && worker.log.capacity() < batch.spikes.capacity()
    {
        batch.spikes.clear();
        worker.log = batch.spikes;
    }
}

/// Advances one window of instances whose rows several teams of one worker own. Gives the spikes: by instance, then step.
pub fn window<T: Real>(
    pool: Option<&rayon::ThreadPool>,
    teams: &mut [Team<T>],
    run: &Run<'_>,
    step: u64,
    window: u32,
) -> Vec<Vec<Vec<u32>>> {
    let (plan, arch) = (run.plan, run.arch);
    let instances = plan.instances as usize;
    let per_instance = teams.len() / instances;
    if plan.gathers() {
        let export = |teams: &[Team<T>]| {
            let mut out: Exports<T> = Vec::new();
            let parts = teams.iter().flat_map(|t| &t.workers).map(|w| &w.parts[..]);
            ends::export(run.exported, parts, &mut out);
            out
        };
        let exports: Vec<Exports<T>> = teams.chunks(per_instance).map(export).collect();
        each(pool, teams, |Team { workers, scratch }| {
            workers.iter_mut().for_each(|w| w.couple(arch, plan, step, &exports[w.instance as usize], scratch));
        });
    }
    each(pool, teams, |Team { workers, scratch }| {
        for worker in workers {
            worker.learn(run, step, true);
            worker.update(arch, plan, step, window, true, run.external, scratch);
        }
    });
    trails(pool, teams, step, window, per_instance);
    let mut spikes = vec![vec![Vec::new(); window as usize]; instances];
    for (teams, spikes) in teams.chunks_mut(per_instance).zip(&mut spikes) {
        for (k, all) in spikes.iter_mut().enumerate() {
            for group in 0..plan.groups.len() {
                teams.iter_mut().for_each(|t| all.append(&mut t.scratch.spikes[k][group]));
            }
        }
    }
    let waits = teams.iter().flat_map(|t| &t.workers).any(Worker::waits);
    if waits || !plan.routes.is_empty() && spikes.iter().flatten().any(|s| !s.is_empty()) {
        each(pool, teams, |Team { workers, .. }| {
            for worker in workers {
                for (k, rows) in spikes[worker.instance as usize].iter().enumerate() {
                    // what a step brings may wait for the next
                    if waits || !rows.is_empty() || worker.waits() {
                        worker.deliver(run, step + k as u64, rows);
                    }
                }
            }
        });
    }
    spikes
}

/// What synapses read of neurons, after the steps of a window: every worker of an instance takes the rows of the others.
fn trails<T: Real>(pool: Option<&rayon::ThreadPool>, teams: &mut [Team<T>], step: u64, window: u32, per_instance: usize) {
    let places = teams.first().and_then(|t| t.workers.first()).map_or(0, |w| w.trail.places().len());
    if places == 0 || per_instance == 1 {
        return;
    }
    let rows = |worker: &Worker<T>, place: usize, k: u64| -> Vec<T> {
        let part = &worker.parts[worker.trail.places()[place].0].share;
        worker.trail.back(&worker.parts, place, step + k, 0)[part.first as usize..][..part.rows].to_vec()
    };
    let all = |teams: &[Team<T>]| {
        let steps = (0..u64::from(window)).flat_map(|k| (0..places).map(move |place| (k, place)));
        let each = steps.map(|(k, place)| teams.iter().flat_map(|t| &t.workers).flat_map(|w| rows(w, place, k)).collect());
        each.collect::<Vec<Vec<T>>>()
    };
    let known: Vec<Vec<Vec<T>>> = teams.chunks(per_instance).map(all).collect();
    each(pool, teams, |Team { workers, .. }| {
        for worker in workers {
            for (number, rows) in known[worker.instance as usize].iter().enumerate() {
                worker.trail.after(number % places, step + (number / places) as u64).copy_from_slice(rows);
            }
        }
    });
}
