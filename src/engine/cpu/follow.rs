//! The reference of verification in lockstep: one step from the state of another engine, with that engine's spikes sent.

use super::run::Run;
use super::{Bounded, CpuEngine, Engine};
use crate::engine::{Fault, Snapshot};

/// What the reference has to say of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// Rows that spike, ascending, in the space of all groups, instance after instance.
    pub spikes: Vec<u32>,
    /// Rows whose spike test comes so near that rounding may decide it, ascending.
    pub undecided: Vec<u32>,
}

impl CpuEngine<Bounded> {
    /// One step from a snapshot, delivering the spikes (rows ascending) that the engine under test sent in place of its own.
    ///
    /// So that where a spike is a tie at threshold, what is under way after the step can still be compared. A state that is
    /// not finite is no fault here: it agrees with nothing.
    ///
    /// **Errors** as [`Engine::restore`].
    pub fn follow(&mut self, state: &Snapshot, sent: &[u32]) -> Result<Followed, Fault> {
        self.restore(state)?;
        let plan = self.plan.clone();
        let run = Run { arch: self.arch, plan: &plan, exported: &self.exported, external: &self.external };
        let of = |instance: u32| {
            let base = instance * plan.rows;
            let (from, to) = (sent.partition_point(|s| *s < base), sent.partition_point(|s| *s < base + plan.rows));
            sent[from..to].iter().map(|row| row - base).collect()
        };
        let mut followed = Followed::default();
        for team in &mut self.teams {
            for (instance, own, undecided) in team.follow(&run, self.step, &of) {
                let base = instance * plan.rows;
                followed.spikes.extend(own.iter().map(|row| base + row));
                followed.undecided.extend(undecided.iter().map(|row| base + row));
            }
        }
        followed.spikes.sort_unstable();
        followed.undecided.sort_unstable();
        self.step += 1;
        Ok(followed)
    }

    /// A state of synapses that events change, in the order of their connectivity, instance after instance, with its bounds.
    pub fn learned_bounds(&self, number: usize, state: usize) -> Vec<Bounded> {
        let edges = self.plan.learning[number].edges.count() as usize;
        let mut out = vec![Bounded::default(); edges * self.plan.instances as usize];
        for worker in self.workers() {
            let first = worker.instance as usize * edges;
            let own = worker.learned.iter().filter(|own| own.share.number == number);
            own.for_each(|own| own.each(|k, edge| out[first + edge as usize] = own.states[state][k]));
        }
        out
    }

    /// When the last event of each was, in steps, if that is kept.
    pub fn last_events(&self, number: usize) -> Option<Vec<f64>> {
        let rule = &self.plan.learning[number].rule;
        if rule.timed { self.learned_states(number).pop() } else { None }
    }

    /// By how many units the sums under way to a port may differ, as [`CpuEngine::under_way`] has them.
    pub fn open_units(&self, group: usize, port: usize) -> Vec<u32> {
        let mut out = Vec::new();
        for time in (0..u64::from(self.plan.slots)).map(|s| self.step + s) {
            self.workers().for_each(|w| w.parts[group].slot_open(port, time, &mut out));
        }
        out
    }

    /// A state column of a group, a number per row, with its bounds after [`CpuEngine::follow`].
    pub fn bounds(&self, group: usize, column: usize) -> Vec<Bounded> {
        self.workers().flat_map(|w| w.parts[group].columns.states[column].iter().copied()).collect()
    }
}
