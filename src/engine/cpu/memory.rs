//! What a worker goes back to after a batch that went wrong.

use super::past::Past;
use super::real::Real;
use super::worker::Worker;

/// States, rings and spikes that edges wait for, of a worker at one time.
pub struct Memory<T: Real> {
    states: Vec<Vec<Vec<T>>>,
    rings: Vec<Vec<Vec<T::Sum>>>,
    /// By place in the worker's list of edges.
    edges: Vec<Vec<Vec<T>>>,
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
        self.edges.resize_with(worker.edges.len(), Vec::new);
        self.edges.iter_mut().zip(&worker.edges).for_each(|(kept, edges)| kept.clone_from(&edges.columns.states));
        self.past.clone_from(&worker.past);
    }

    pub fn load(&self, worker: &mut Worker<T>) {
        for (g, part) in worker.parts.iter_mut().enumerate() {
            part.columns.states.clone_from(&self.states[g]);
            part.rings.clone_from(&self.rings[g]);
        }
        self.edges.iter().zip(&mut worker.edges).for_each(|(kept, edges)| edges.columns.states.clone_from(kept));
        worker.past.clone_from(&self.past);
        worker.samples.iter_mut().for_each(Vec::clear);
    }
}
