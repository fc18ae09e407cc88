//! Synapses with states of their own in snapshots: their states, and the spikes that they wait for.

use super::edge::{Edges, Kind};
use super::{CpuEngine, Real};
use crate::engine::{Fault, Snapshot};
use crate::plan::EdgeGroup;

impl<T: Real> CpuEngine<T> {
    /// A state of an edge group as [`Snapshot::edge_states`] has it.
    pub(super) fn edge_state(&self, group: usize, state: usize) -> Vec<f64> {
        self.edge_column(group, state).into_iter().map(Real::to_f64).collect()
    }

    /// A state of an edge group, a number per edge in the order of its connectivity, instance after instance.
    pub fn edge_column(&self, group: usize, state: usize) -> Vec<T> {
        let edges = self.plan.edge_groups[group].edges.count() as usize;
        let mut out = vec![T::ZERO; edges * self.plan.instances as usize];
        for worker in self.workers() {
            let out = &mut out[worker.instance as usize * edges..][..edges];
            for own in worker.edges.iter().filter(|e| e.share.kind == Kind::EdgeGroup(group)) {
                own.each_state(&self.plan, state, |edge, x| out[edge] = x);
            }
        }
        out
    }

    /// See [`Snapshot::past_spikes`].
    pub(super) fn past_spikes(&self) -> Vec<(u64, u32)> {
        let mut out = Vec::new();
        for back in (1..=self.plan.history).rev() {
            // every worker of an instance knows all its spikes
            for worker in self.workers().step_by(self.per_instance) {
                let first = worker.instance * self.plan.rows;
                let rows = worker.past.rows(self.step, back);
                out.extend(rows.into_iter().map(|row| (self.step - u64::from(back) + 1, first + row)));
            }
        }
        out
    }

    pub(super) fn restore_edges(&mut self, snapshot: &Snapshot) -> Result<(), Fault> {
        let (rows, history) = (self.plan.rows, self.plan.history);
        let edges: Vec<usize> = self.plan.edge_groups.iter().map(|e| e.edges.count() as usize).collect();
        let plan = self.plan.clone();
        let told = |group: &Vec<Vec<f64>>| group.iter().map(Vec::len).collect::<Vec<_>>();
        let counts: Vec<Vec<usize>> = snapshot.edge_states.iter().map(told).collect();
        let wanted = |(group, edges): (&EdgeGroup, &usize)| vec![edges * plan.instances as usize; group.rule.states.len()];
        if !counts.iter().cloned().eq(plan.edge_groups.iter().zip(&edges).map(wanted)) {
            return Err(Fault::Bug { what: format!("numbers of synapses of another network: {counts:?}") });
        }
        let given = |number: usize| snapshot.edge_states[number].iter().enumerate();
        for worker in self.workers_mut() {
            let instance = worker.instance as usize;
            let holds = |own: &Edges<T>| match own.share.kind {
                Kind::Coupling(_) => true,
                Kind::EdgeGroup(e) => given(e).all(|(s, list)| own.can_hold(&plan, s, |edge| list[instance * edges[e] + edge])),
            };
            if !worker.edges.iter().all(holds) {
                worker.unfold(&plan)?;
            }
            for own in &mut worker.edges {
                let Kind::EdgeGroup(e) = own.share.kind else { continue };
                given(e).for_each(|(s, list)| own.set_state(&plan, s, |edge| list[instance * edges[e] + edge]));
            }
            worker.past.forget();
            let base = worker.instance * rows;
            for (time, row) in &snapshot.past_spikes {
                let kept = *time <= snapshot.step && time + u64::from(history) > snapshot.step;
                if let (true, Some(row)) = (kept && *time > 0, row.checked_sub(base).filter(|row| *row < rows)) {
                    worker.past.keep(time - 1, &[row]);
                }
            }
        }
        Ok(())
    }
}
