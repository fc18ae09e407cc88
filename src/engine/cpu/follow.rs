//! The reference of verification in lockstep: one step from the state of another engine, with that engine's spikes sent.

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
        let own = self.integrate(&plan, 1);
        let mut followed = Followed::default();
        let mut sent_by_copy = Vec::with_capacity(own.len());
        for (copy, (mut windows, workers)) in (0u32..).zip(own.into_iter().zip(&mut self.copies)) {
            let base = copy * plan.rows;
            followed.spikes.extend(windows.pop().unwrap_or_default().iter().map(|row| base + row));
            let undecided = workers.iter_mut().flat_map(|w| &mut w.parts).flat_map(|part| part.undecided.drain(..));
            followed.undecided.extend(undecided.map(|row| base + row));
            let (from, to) = (sent.partition_point(|s| *s < base), sent.partition_point(|s| *s < base + plan.rows));
            sent_by_copy.push(vec![sent[from..to].iter().map(|row| row - base).collect()]);
        }
        followed.undecided.sort_unstable();
        self.send(&plan, &sent_by_copy);
        self.step += 1;
        Ok(followed)
    }

    /// A state column of a group, a number per row, with its bounds after [`CpuEngine::follow`].
    pub fn bounds(&self, group: usize, column: usize) -> Vec<Bounded> {
        self.workers_of(group).flat_map(|part| part.columns.states[column].iter().copied()).collect()
    }
}
