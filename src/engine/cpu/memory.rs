//! What a worker goes back to after a batch that went wrong.

use super::past::Past;
use super::real::Real;
use super::worker::Worker;

/// States, rings and spikes that edges wait for, of a worker at one time.
pub struct Memory<T: Real> {
    states: Vec<Vec<Vec<T>>>,
    rings: Vec<Vec<Vec<T::Sum>>>,
    /// By place in the worker's list of edges: states by source and by edge.
    edges: Vec<[Vec<Vec<T>>; 2]>,
    past: Past,
}

impl<T: Real> Default for Memory<T> {
    fn default() -> Self {
        Memory { states: Vec::new(), rings: Vec::new(), edges: Vec::new(), past: Past::default() }
    }
}

impl<T: Real> Memory<T> {
    pub fn save(&mut self, worker: &Worker<T>) {
        self.states.resize_with(worker.parts.len(), Vec::new);
        self.rings.resize_with(worker.parts.len(), Vec::new);
        for (g, part) in worker.parts.iter().enumerate() {
            self.states[g].clone_from(&part.columns.states);
            self.rings[g].clone_from(&part.rings);
        }
        self.edges.resize_with(worker.edges.len(), Default::default);
        for (kept, edges) in self.edges.iter_mut().zip(&worker.edges) {
            kept.iter_mut().zip(edges.states()).for_each(|(kept, states)| kept.clone_from(states));
        }
        self.past.copy_from(&worker.past);
    }

    pub fn load(&self, worker: &mut Worker<T>) {
        for (g, part) in worker.parts.iter_mut().enumerate() {
            part.columns.states.clone_from(&self.states[g]);
            part.rings.clone_from(&self.rings[g]);
        }
        for (kept, edges) in self.edges.iter().zip(&mut worker.edges) {
            kept.iter().zip(edges.states_mut()).for_each(|(kept, states)| states.clone_from(kept));
        }
        worker.past.copy_from(&self.past);
        worker.samples.iter_mut().for_each(Vec::clear);
    }
}
