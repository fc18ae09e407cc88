//! Many steps in one batch, each with inputs of its own: the state before it is kept once, and between steps nothing is gathered.
//!
//! In: input vectors, watches. Out: [`Exchanged`]. Instances whose rows several workers share take a step at a time
//! (`engine::exchange`), and so does again what came to a state that is not finite.

use std::ops::Range;

use super::real::Real;
use super::run::Run;
use super::team::{self, Team};
use super::worker::Worker;
use super::{CpuEngine, Engine, work};
use crate::engine::Batch;
use crate::engine::exchange::{Exchanged, Watch, stepwise};

/// Rows of a column that a worker looks at after each step.
struct Look {
    instance: u32,
    /// Place among the watches.
    number: usize,
    group: usize,
    column: usize,
    /// Of the instance.
    rows: Range<usize>,
}

impl<T: Real> CpuEngine<T> {
    /// The steps in one batch; if one fails, all of them again, a step at a time.
    pub(super) fn exchanged(&mut self, steps: u32, inputs: &[f64], watches: &[Watch]) -> Exchanged {
        if self.per_instance > 1 || steps < 2 {
            return stepwise(self, steps, inputs, watches);
        }
        let (plan, first) = (self.plan.clone(), self.step);
        let look = |(number, watch): (usize, &Watch)| {
            let rows = (plan.groups[watch.group].rows as usize).max(1);
            let instance = watch.rows.start / rows;
            let inside = watch.rows.start - instance * rows..watch.rows.end - instance * rows;
            Look { instance: instance as u32, number, group: watch.group, column: watch.column, rows: inside }
        };
        let looks: Vec<Look> = watches.iter().enumerate().map(look).collect();
        let run = Run { arch: self.arch, plan: &plan, exported: &self.exported, external: &self.external };
        let pool = work::pool(&self.pool, self.threads, self.work, steps);
        let mut all = Exchanged::new(first, watches.len());
        let task = |team| (team, vec![Vec::new(); watches.len()]);
        let mut tasks: Vec<(&mut Team<T>, Vec<Vec<f64>>)> = self.teams.iter_mut().map(task).collect();
        team::each(pool, &mut tasks, |(Team { workers, scratch }, seen)| {
            for worker in workers {
                worker.save();
                worker.exchange(&run, first, vectors(inputs, steps, run.external), scratch, &mut |worker| {
                    for look in looks.iter().filter(|look| look.instance == worker.instance) {
                        let column = &worker.parts[look.group].columns.states[look.column];
                        let rows = column.get(look.rows.clone()).unwrap_or_default();
                        seen[look.number].extend(rows.iter().map(|x| x.to_f64()));
                    }
                });
                worker.broken = worker.is_broken(run.plan);
            }
        });
        // each is seen by the team of its instance alone
        for (_, seen) in tasks {
            all.watched.iter_mut().zip(seen).filter(|(_, seen)| !seen.is_empty()).for_each(|(all, seen)| *all = seen);
        }
        if self.workers().any(|worker| worker.broken) {
            self.workers_mut().for_each(Worker::recover);
            return stepwise(self, steps, inputs, watches);
        }
        all.batch = Batch { first, steps, ..Batch::default() };
        team::gathered(&plan, &mut self.teams, &mut all.batch);
        all.batch.samples = plan.taps.iter().enumerate().map(|(k, tap)| self.samples(k, tap)).collect();
        self.step += u64::from(steps);
        if let Some(last) = vectors(inputs, steps, &[]).last() {
            self.set_external(last);
        }
        all
    }
}

/// The input vector of each step; `held`: where none are given.
fn vectors<'a>(inputs: &'a [f64], steps: u32, held: &'a [f64]) -> impl Iterator<Item = &'a [f64]> {
    let width = inputs.len() / steps.max(1) as usize;
    (0..steps as usize).map(move |step| if width > 0 { &inputs[step * width..][..width] } else { held })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cpu::CpuOptions;
    use crate::network::{Connector, Network, Variant};
    use crate::simulation::Options;

    /// Nine instances; each has two inputs.
    fn engine(threads: usize) -> CpuEngine<f64> {
        let mut net = Network::new("some");
        net.population("a", "spiking_adaptive", 3).parameter("theta_inc", "1 mV");
        net.population("b", "non_spiking", 2);
        net.project_by("a", "b", "spiking_synapse", Connector::AllToAll).parameter("increment", "0.1 uS").delay("0.4 ms");
        net.input("light", "a", "i_stim", "1 nA").rows(0..2).per_neuron();
        net.probe("b", "v").every("0.2 ms");
        let variants: Vec<Variant> = (0..9).map(|k| Variant::new().set("a.c_m", format!("{} nF", 3 + k))).collect();
        let plan = net.plan_ensemble(&variants, &Options::default()).unwrap_or_else(|e| panic!("{e}"));
        let mut engine = CpuEngine::new(plan.into(), CpuOptions { threads, rows_per_worker: 1 }).unwrap();
        // as if it were worth it
        engine.work = 1e9;
        engine
    }

    #[test]
    fn one_batch_is_what_single_steps_are() {
        let numbers = |step: usize, k: usize| 6.0 * (0.3 * (18 * step + k) as f64).sin();
        let mut inputs: Vec<f64> = (0..120 * 18).map(|k| 9000.0 + 1000.0 * numbers(k / 18, k % 18)).collect();
        let watch = |k: usize| Watch { group: k % 2, column: 0, rows: [3 * (k / 2)..3 * (k / 2) + 2, k..k + 1][k % 2].clone() };
        let watches: Vec<Watch> = (0..18).map(watch).collect();
        for broken in [false, true] {
            if broken {
                // in one instance, in the second batch
                inputs[70 * 18 + 15] = f64::INFINITY;
            }
            let run = |threads: usize, single: bool| {
                let mut engine = engine(threads);
                assert_eq!((engine.per_instance, engine.teams.len() > 1), (1, true));
                let mut all = Exchanged::new(0, watches.len());
                for part in [&inputs[..20 * 18], &inputs[20 * 18..]] {
                    let steps = part.len() as u32 / 18;
                    all.append(match single {
                        true => stepwise(&mut engine, steps, part, &watches),
                        false => engine.exchange(steps, part, &watches),
                    });
                }
                let states = engine.snapshot().unwrap();
                (all, states, engine.external.clone())
            };
            let expected = run(1, true);
            assert_eq!((expected.0.batch.steps, expected.0.fault.is_some()), if broken { (70, true) } else { (120, false) });
            let spikes = expected.0.batch.spikes.len();
            assert!(spikes > 30 && expected.0.watched.iter().all(|seen| !seen.is_empty()), "{spikes}");
            for threads in [1, 3] {
                assert!(run(threads, false) == expected, "{threads} threads, broken {broken}");
            }
        }
    }
}
