//! What a worker goes back to after a batch that went wrong.

use super::real::Real;
use super::worker::Worker;

/// States and rings of a worker at one time.
pub struct Memory<T: Real> {
    states: Vec<Vec<Vec<T>>>,
    rings: Vec<Vec<Vec<T::Sum>>>,
}

impl<T: Real> Default for Memory<T> {
    fn default() -> Self {
        Memory { states: Vec::new(), rings: Vec::new() }
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
    }

    pub fn load(&self, worker: &mut Worker<T>) {
        for (g, part) in worker.parts.iter_mut().enumerate() {
            part.columns.states.clone_from(&self.states[g]);
            part.rings.clone_from(&self.rings[g]);
        }
        worker.samples.iter_mut().for_each(Vec::clear);
    }
}
