//! Synapses with states of their own in snapshots: their states, and the spikes that they wait for.

use super::edge::Edges;
use super::{CpuEngine, Real};
use crate::engine::{Fault, Snapshot};

impl<T: Real> CpuEngine<T> {
    /// A state of gathered synapses as [`Snapshot::edge_states`] has it.
    pub(super) fn edge_state(&self, gathered: usize, state: usize) -> Vec<f64> {
        self.edge_column(gathered, state).into_iter().map(Real::to_f64).collect()
    }

    /// A state of gathered synapses, a number per synapse in the order of their connectivity, instance after instance.
    pub fn edge_column(&self, gathered: usize, state: usize) -> Vec<T> {
        let edges = self.plan.gathered[gathered].edges.count() as usize;
        let mut out = vec![T::ZERO; edges * self.plan.instances as usize];
        for worker in self.workers() {
            let out = &mut out[worker.instance as usize * edges..][..edges];
            worker.edges.iter().for_each(|own| own.each_state(&self.plan, gathered, state, |edge, x| out[edge] = x));
        }
        out
    }

    /// What synapses that events change keep, as [`Snapshot::edge_states`] has it.
    pub(super) fn learned_states(&self, number: usize) -> Vec<Vec<f64>> {
        let learning = &self.plan.learning[number];
        let edges = learning.edges.count() as usize;
        let count = learning.rule.states.len() + usize::from(learning.rule.timed);
        let mut out = vec![vec![0.0; edges * self.plan.instances as usize]; count];
        for worker in self.workers() {
            let first = worker.instance as usize * edges;
            let own = worker.learned.iter().filter(|own| own.share.number == number);
            own.for_each(|own| own.tell(self.step, &mut |state, edge, x| out[state][first + edge] = x));
        }
        out
    }

    /// See [`Snapshot::trails`].
    pub(super) fn trails(&self) -> Vec<Vec<f64>> {
        let places = self.plan.trailed().len();
        let column = |place: usize| {
            let back = 1..=self.plan.longest_trail();
            // every worker of an instance has all rows
            let each = back.flat_map(|back| self.workers().step_by(self.per_instance).map(move |w| (back, w)));
            // before the step that comes next lies the one before it
            each.flat_map(|(back, w)| w.trail.back(&w.parts, place, self.step, back).iter().map(|x| x.to_f64())).collect()
        };
        (0..places).map(column).collect()
    }

    /// See [`Snapshot::spike_history`].
    pub(super) fn spike_history(&self) -> Vec<(u64, u32)> {
        let mut out = Vec::new();
        for back in (1..=self.plan.history).rev() {
            // every worker of an instance knows all its spikes
            for worker in self.workers().step_by(self.per_instance) {
                let first = worker.instance * self.plan.rows;
                let rows = worker.history.rows(self.step, back);
                out.extend(rows.into_iter().map(|row| (self.step - u64::from(back) + 1, first + row)));
            }
        }
        out
    }

    pub(super) fn restore_edges(&mut self, snapshot: &Snapshot) -> Result<(), Fault> {
        let (rows, history) = (self.plan.rows, self.plan.history);
        let plan = self.plan.clone();
        // by place in the plan: the states that are given
        let mut given: Vec<&[Vec<f64>]> = vec![&[]; plan.gathered.len()];
        plan.stateful().zip(&snapshot.edge_states).for_each(|(g, states)| given[g] = states);
        let edges: Vec<usize> = plan.gathered.iter().map(|g| g.edges.count() as usize).collect();
        let told = |group: &Vec<Vec<f64>>| group.iter().map(Vec::len).collect::<Vec<_>>();
        let counts: Vec<Vec<usize>> = snapshot.edge_states.iter().map(told).collect();
        let wanted = |g: usize| vec![edges[g] * plan.instances as usize; plan.gathered[g].rule.states.len()];
        let learned = |number: usize| {
            let of = &plan.learning[number];
            vec![of.edges.count() as usize * plan.instances as usize; of.rule.states.len() + usize::from(of.rule.timed)]
        };
        let wanted = plan.stateful().map(wanted).chain((0..plan.learning.len()).map(learned));
        if !counts.iter().cloned().eq(wanted) {
            return Err(Fault::Bug { what: format!("numbers of synapses of another network: {counts:?}") });
        }
        for worker in self.workers_mut() {
            let instance = worker.instance as usize;
            let at = |g: usize, state: usize, edge: usize| given[g][state][instance * edges[g] + edge];
            let holds = |own: &Edges<T>| {
                let states = plan.gathered[own.share.members[0]].rule.states.len();
                (0..states).all(|state| own.can_hold(&plan, state, |g, edge| at(g, state, edge)))
            };
            if !worker.edges.iter().all(holds) {
                worker.unfold(&plan)?;
            }
            for own in &mut worker.edges {
                for g in own.share.members.clone() {
                    (0..given[g].len()).for_each(|state| own.set_state(&plan, g, state, |edge| at(g, state, edge)));
                }
            }
            Edges::settle(&mut worker.edges, &plan, worker.instance);
            let learned = &snapshot.edge_states[plan.stateful().count()..];
            worker.learned.iter_mut().for_each(|own| own.restore(&plan, instance, &learned[own.share.number], snapshot.step));
            worker.trail.restore(snapshot, instance, plan.longest_trail());
            worker.history.forget();
            let base = worker.instance * rows;
            for (time, row) in &snapshot.spike_history {
                let kept = *time <= snapshot.step && time + u64::from(history) > snapshot.step;
                if let (true, Some(row)) = (kept && *time > 0, row.checked_sub(base).filter(|row| *row < rows)) {
                    worker.history.keep(time - 1, &[row]);
                }
            }
        }
        Ok(())
    }
}
