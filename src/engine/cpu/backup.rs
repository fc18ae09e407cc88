//! What a worker goes back to after a batch that went wrong: its backup.

use super::edge::Edges;
use super::history::History;
use super::learn::Learned;
use super::part::Part;
use super::real::Real;
use super::trail::Trail;

/// States, rings and spikes that edges wait for, of a worker at one time.
pub struct Backup<T: Real> {
    states: Vec<Vec<Vec<T>>>,
    rings: Vec<Vec<Vec<T::Sum>>>,
    /// By place in the worker's list of edges: states by source and by edge.
    edges: Vec<[Vec<Vec<T>>; 2]>,
    history: History,
    /// By place in the worker's list of synapses that events change: states, times of the last events.
    learned: Vec<(Vec<Vec<T>>, Vec<u32>)>,
    trail: Trail<T>,
}

impl<T: Real> Default for Backup<T> {
    fn default() -> Self {
        Backup {
            states: Vec::new(),
            rings: Vec::new(),
            edges: Vec::new(),
            history: History::default(),
            learned: Vec::new(),
            trail: Trail::default(),
        }
    }
}

impl<T: Real> Backup<T> {
    pub fn save(&mut self, parts: &[Part<T>], edges: &[Edges<T>], history: &History, learned: &[Learned<T>], trail: &Trail<T>) {
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
        self.learned.resize_with(learned.len(), Default::default);
        for ((states, touched), own) in self.learned.iter_mut().zip(learned) {
            states.clone_from(&own.states);
            touched.clone_from(&own.touched);
        }
        self.trail.clone_from(trail);
    }

    pub fn load(
        &self,
        parts: &mut [Part<T>],
        edges: &mut [Edges<T>],
        history: &mut History,
        learned: &mut [Learned<T>],
        trail: &mut Trail<T>,
    ) {
        for (g, part) in parts.iter_mut().enumerate() {
            part.columns.states.clone_from(&self.states[g]);
            part.rings.clone_from(&self.rings[g]);
        }
        for (kept, edges) in self.edges.iter().zip(edges) {
            kept.iter().zip(edges.states_mut()).for_each(|(kept, states)| states.clone_from(kept));
        }
        history.copy_from(&self.history);
        for ((states, touched), own) in self.learned.iter().zip(learned) {
            own.states.clone_from(states);
            own.touched.clone_from(touched);
        }
        trail.clone_from(&self.trail);
    }
}
