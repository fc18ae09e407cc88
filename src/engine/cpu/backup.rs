//! What a worker goes back to after a batch that went wrong: its backup.

use super::edge::Edges;
use super::history::History;
use super::part::Part;
use super::real::Real;

/// States, rings and spikes that edges wait for, of a worker at one time.
pub struct Backup<T: Real> {
    states: Vec<Vec<Vec<T>>>,
    rings: Vec<Vec<Vec<T::Sum>>>,
    /// By place in the worker's list of edges: states by source and by edge.
    edges: Vec<[Vec<Vec<T>>; 2]>,
    history: History,
}

impl<T: Real> Default for Backup<T> {
    fn default() -> Self {
        Backup { states: Vec::new(), rings: Vec::new(), edges: Vec::new(), history: History::default() }
    }
}

impl<T: Real> Backup<T> {
    pub fn save(&mut self, parts: &[Part<T>], edges: &[Edges<T>], history: &History) {
        self.states.resize_with(parts.len(), Vec::new);
        self.rings.resize_with(parts.len(), Vec::new);
        for (g, part) in parts.iter().enumerate() {
            self.states[g].clone_from(&part.columns.states);
            self.rings[g].clone_from(&part.rings);
        }
        self.edges.resize_with(edges.len(), Default::default);
        for (kept, edges) in self.edges.iter_mut().zip(edges) {
            kept.iter_mut().zip(edges.states()).for_each(|(kept, states)| kept.clone_from(states));
        }
        self.history.copy_from(history);
    }

    pub fn load(&self, parts: &mut [Part<T>], edges: &mut [Edges<T>], history: &mut History) {
        for (g, part) in parts.iter_mut().enumerate() {
            part.columns.states.clone_from(&self.states[g]);
            part.rings.clone_from(&self.rings[g]);
        }
        for (kept, edges) in self.edges.iter().zip(edges) {
            kept.iter().zip(edges.states_mut()).for_each(|(kept, states)| states.clone_from(kept));
        }
        history.copy_from(&self.history);
    }
}
