//! One worker's rows in one instance: states, rings, inputs held, and the steps that change them.

use std::sync::Arc;

use pulp::Arch;

use super::backup::Backup;
use super::deliver::{OwnRoutes, Room};
use super::edge::{EdgeShare, Edges};
use super::ends::Exports;
use super::history::History;
use super::late::Late;
use super::learn::{Learned, Now};
use super::part::{Part, PartShare};
use super::real::Real;
use super::run::Run;
use super::share::{Programs, Share};
use super::trail::Trail;
use crate::engine::Broken;
use crate::model::rule::NoValue;
use crate::plan::{Plan, Tap};

/// A range of rows of every group in one instance.
pub struct Worker<T: Real> {
    pub instance: u32,
    share: Arc<Share<T>>,
    /// By group; a part may be empty.
    pub parts: Vec<Part<T>>,
    /// By tap: samples of this worker's rows.
    pub samples: Vec<Vec<T>>,
    pub edges: Vec<Edges<T>>,
    pub learned: Vec<Learned<T>>,
    /// What synapses that events change read of neurons; kept by every worker of the instance.
    pub trail: Trail<T>,
    /// Spikes of the instance that its edges may still wait for; kept by every worker of the instance.
    pub history: History,
    /// What routes carry in this instance alone.
    routes: OwnRoutes<T>,
    /// Spikes that have been delivered in part.
    late: Late,
    room: Room,
    /// State before the running batch.
    backup: Backup<T>,
    /// Spikes of the running batch, of a worker that runs alone: (step that they end, row in the space of all groups).
    pub log: Vec<(u64, u32)>,
    /// The first state of a synapse that was not finite within the running batch.
    pub broken_synapse: Option<Broken>,
    /// Was a state not finite, within the running batch or at its end?
    pub broken: bool,
}

/// What a task lends to the workers that it runs, one after the other.
pub struct Scratch<T: Real> {
    registers: Vec<Vec<T>>,
    /// Rows that spiked: by step of the window, then group; rows in the space of all groups.
    pub spikes: Vec<Vec<Vec<u32>>>,
    /// Those of one step, of all groups.
    pub gathered: Vec<u32>,
}

impl<T: Real> Scratch<T> {
    pub fn new(plan: &Plan) -> Scratch<T> {
        let spikes = vec![vec![Vec::new(); plan.groups.len()]; plan.window as usize];
        Scratch { registers: Vec::new(), spikes, gathered: Vec::new() }
    }
}

impl<T: Real> Worker<T> {
    /// **Errors** as [`Worker::take_parameters`].
    pub fn new(plan: &Plan, instance: u32, share: &Arc<Share<T>>, programs: &Programs) -> Result<Worker<T>, NoValue> {
        let part = |p: &Arc<PartShare<T>>| Part::new(plan, instance, p, programs.of(plan, instance, p.group));
        let mut edges = share.edges.iter().map(|e| Edges::new(plan, instance, e)).collect::<Result<Vec<_>, _>>()?;
        Edges::settle(&mut edges, plan, instance);
        let parts: Vec<Part<T>> = share.parts.iter().map(part).collect();
        Ok(Worker {
            instance,
            late: Late::new(&parts, &share.incoming),
            parts,
            samples: vec![Vec::new(); plan.taps.len()],
            edges,
            learned: share.learned.iter().map(|l| Learned::new(plan, instance, l)).collect::<Result<_, _>>()?,
            trail: Trail::new(plan, |group, column, row| {
                T::from_f64(plan.columns(instance, group).initial[column as usize].get(row))
            }),
            history: History::new(plan),
            routes: OwnRoutes::new(plan, instance),
            room: Room::default(),
            backup: Backup::default(),
            log: Vec::new(),
            broken_synapse: None,
            broken: false,
            share: share.clone(),
        })
    }

    pub fn rows_of_tap(&self, tap: usize) -> usize {
        self.share.tapped[tap].len()
    }

    /// Takes over parameters and derived numbers of a group that changed in the plan.
    ///
    /// **Errors** a parameter that is not the same for all synapses, where a program has one number.
    pub fn take_parameters(&mut self, plan: &Plan, group: usize) -> Result<(), NoValue> {
        self.parts[group].take_parameters(plan.columns(self.instance, group));
        self.edges.iter_mut().try_for_each(|e| e.take_parameters(plan, self.instance))?;
        Edges::settle(&mut self.edges, plan, self.instance);
        self.learned.iter_mut().try_for_each(|l| l.take_parameters(plan, self.instance))
    }

    /// Advances the rows through a window. `fresh`: what inputs hold may be of another time than the step before.
    #[allow(clippy::too_many_arguments, reason = "a step, what it reads, and where it works")]
    pub fn update(
        &mut self,
        arch: Arch,
        plan: &Plan,
        step: u64,
        window: u32,
        fresh: bool,
        external: &[f64],
        scratch: &mut Scratch<T>,
    ) {
        let inputs = plan.external_inputs();
        let external = &external[self.instance as usize * inputs..][..inputs];
        let mut done = 0;
        while done < window as usize {
            let now = step + done as u64;
            let steps = if self.is_looked_at(plan, now, window as usize - done) { 1 } else { window as usize - done };
            for part in &mut self.parts {
                let spikes = &mut scratch.spikes[done..];
                part.update(arch, (now, steps), fresh && done == 0, external, &mut scratch.registers, spikes);
            }
            self.trail.follow(&mut self.parts, now);
            for (t, tap) in plan.taps.iter().enumerate() {
                let Tap::State { population, column, times, .. } = tap else { continue };
                if times.is_due(now + 1) {
                    let column = &self.parts[plan.place(*population).group].columns.states[*column as usize];
                    self.samples[t].extend(self.share.tapped[t].iter().map(|r| column[*r as usize]));
                }
            }
            done += steps;
        }
    }

    /// Are states read between some steps?
    fn is_looked_at(&self, plan: &Plan, step: u64, steps: usize) -> bool {
        let is_due =
            |tap: &Tap| matches!(tap, Tap::State { times, .. } if (step + 1..=step + steps as u64).any(|time| times.is_due(time)));
        !self.trail.places().is_empty() || plan.taps.iter().any(is_due)
    }

    /// Adds what the spikes of one step (rows ascending) send to this worker's rows, keeps them for edges that wait, and runs what
    /// they do to synapses.
    pub fn deliver(&mut self, run: &Run<'_>, step: u64, spikes: &[u32]) {
        let plan = run.plan;
        self.history.take(step, spikes);
        let Worker { share, routes, late, parts, room, .. } = self;
        let (now, arrivals) = ((run.arch, plan), &share.incoming[..]);
        late.go_on(now, step, arrivals, routes, parts);
        // emitted at the end of the step
        let emitted = step + 1;
        if !spikes.is_empty() {
            arrivals.iter().for_each(|incoming| incoming.deliver(now, routes, emitted, spikes, parts, room));
            late.take(now, arrivals, (emitted, spikes), routes, parts);
        }
        self.learn(run, step, false);
    }

    /// Must every step be delivered, whether anything spikes in it or not?
    pub fn waits(&self) -> bool {
        self.history.is_used() || !self.learned.is_empty() || self.late.waits(&self.parts)
    }

    /// Adds all that is under way to the rings.
    pub fn settle(&mut self, arch: Arch, plan: &Plan) {
        let Worker { share, routes, late, parts, .. } = self;
        late.settle((arch, plan), &share.incoming, routes, parts);
    }

    /// Nothing is under way at a step where arrivals wait: what is, is set from now on.
    pub fn clear(&mut self, plan: &Plan, step: u64) {
        self.late.forget(plan, step, &mut self.parts);
    }

    /// Runs what spikes do to synapses before a step advances anything, or after it.
    pub fn learn(&mut self, run: &Run<'_>, step: u64, early: bool) {
        let (history, trail, instance) = (&self.history, &self.trail, self.instance);
        let (arch, plan, inputs) = (run.arch, run.plan, run.plan.external_inputs());
        let external = &run.external[instance as usize * inputs..][..inputs];
        let now = Now { arch, plan, instance, step, history, trail, external };
        for learned in &mut self.learned {
            if !learned.step(&now, early, &mut self.parts) && self.broken_synapse.is_none() {
                self.broken_synapse = learned.first_broken(plan);
            }
        }
    }

    /// Steps synapses with states of their own, and sums graded ones into the continuous inputs, from the states at the start
    /// of the step.
    pub fn couple(&mut self, arch: Arch, plan: &Plan, step: u64, exports: &Exports<T>, scratch: &mut Scratch<T>) {
        for part in &mut self.parts {
            part.held.clear_graded();
        }
        for k in 0..self.edges.len() {
            let (before, rest) = self.edges.split_at_mut(k);
            let edges = &mut rest[0];
            let finite = edges.step(before, arch, exports, &self.history, step, &mut self.parts, &mut scratch.registers);
            if !finite && self.broken_synapse.is_none() {
                self.broken_synapse = edges.first_broken(plan);
            }
        }
    }

    /// Keeps the states of edges one by one, whatever they have in common: for states that do not have it. They are those at the start.
    ///
    /// **Errors** as [`EdgeShare::all`].
    pub fn unfold(&mut self, plan: &Plan) -> Result<(), NoValue> {
        let shares = EdgeShare::all(plan, &self.share.parts, false)?;
        self.edges = shares.iter().map(|e| Edges::new(plan, self.instance, e)).collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Keeps the state before a batch.
    pub fn save(&mut self) {
        self.backup.save(&self.parts, &self.edges, &self.history, &self.learned, &self.trail, &self.late);
        self.log.clear();
        self.forget();
    }

    /// Nothing has been found yet.
    fn forget(&mut self) {
        self.parts.iter_mut().for_each(|part| part.broken = None);
        (self.broken_synapse, self.broken) = (None, false);
    }

    /// Back to the state before the batch.
    pub fn recover(&mut self) {
        let Worker { parts, edges, history, learned, trail, late, .. } = self;
        self.backup.load(parts, edges, history, learned, trail);
        late.clone_from(self.backup.late());
        self.samples.iter_mut().for_each(Vec::clear);
        self.log.clear();
        self.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;
    use crate::engine::cpu::{CpuEngine, CpuOptions};
    use crate::network::value::uniform;
    use crate::network::{Connector, Network, Waveform};
    use crate::simulation::Options;

    /// Rows of several sheets, and what falls across their borders: events from outside at some rows for some time, of one law and of
    /// many; listed spikes; two models.
    fn plan(probed: bool) -> Arc<Plan> {
        let mut net = Network::new("some");
        net.dt("0.1 ms").seed(5);
        let cells = net.population("a", "lif_psc_exp", 36_700);
        cells.parameter("i_e", uniform("100 pA", "370 pA")).initial("v", uniform("-70 mV", "-55 mV"));
        net.population("b", "lif_cond_exp", 17_000).parameter("i_e", uniform("100 pA", "260 pA"));
        net.stimulate("a", "i_exc", Waveform::poisson("4 kHz", "30 pA")).rows(1000..35_400).from("3 ms").until("20 ms");
        net.stimulate("b", "g_exc", Waveform::poisson(uniform("1 kHz", "3 kHz"), "1 nS"));
        for (source, target, port, weight) in
            [("a", "a", "i_inh", "-40 pA"), ("a", "b", "g_exc", "2 nS"), ("b", "a", "i_exc", "30 pA")]
        {
            net.project(source, target, port, Connector::indegree(20)).weight(weight).delay("0.7 ms");
        }
        if probed {
            net.probe("b", "v").rows(16_350..16_400).every("0.5 ms");
        }
        Arc::new(net.plan(&Options::default()).unwrap_or_else(|e| panic!("{e}")))
    }

    fn same<T: Real>(probed: bool) {
        let plan = plan(probed);
        assert_eq!(plan.window, 7);
        let run = |threads: usize, batches: &[u32]| {
            let options = CpuOptions { threads, rows_per_worker: if threads == 1 { 0 } else { 64 } };
            let mut engine = CpuEngine::<T>::new(plan.clone(), options).unwrap();
            let (mut spikes, mut samples) = (Vec::new(), Vec::new());
            for batch in batches.iter().map(|steps| engine.advance(*steps).unwrap()) {
                spikes.extend(batch.spikes);
                samples.extend(batch.samples.concat());
            }
            (spikes, samples, engine.snapshot().unwrap())
        };
        // a step at a time no row goes before another
        let expected = run(1, &[1; 120]);
        assert!(expected.0.len() > 2000 && expected.1.is_empty() != probed, "{} {}", expected.0.len(), expected.1.len());
        for threads in [1, 2] {
            for batches in [&[120][..], &[7, 1, 2, 110]] {
                assert!(run(threads, batches) == expected, "{threads} threads, {batches:?}, {probed}");
            }
        }
    }

    #[test]
    fn rows_that_go_through_a_window_before_others_come_to_the_same() {
        for probed in [false, true] {
            same::<f32>(probed);
            same::<f64>(probed);
        }
    }
}
