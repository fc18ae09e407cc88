//! What a worker goes back to after a batch that went wrong: its backup.

use super::after::After;
use super::edge::Edges;
use super::history::History;
use super::late::Late;
use super::learn::Learned;
use super::part::Part;
use super::real::Real;
use super::trail::Trail;

/// States, rings and spikes that edges wait for, of a worker at one time.
pub struct Backup<T: Real> {
    states: Vec<Vec<Vec<T>>>,
    rings: Vec<Vec<Vec<T::Sum>>>,
    after: Vec<After<T::Sum>>,
    /// By place in the worker's list of edges: states by source and by edge.
    edges: Vec<[Vec<Vec<T>>; 2]>,
    history: History,
    /// By place in the worker's list of synapses that events change: states, times of the last events.
    learned: Vec<(Vec<Vec<T>>, Vec<u32>)>,
    trail: Trail<T>,
    late: Late,
}

impl<T: Real> Default for Backup<T> {
    fn default() -> Self {
        Backup {
            states: Vec::new(),
            rings: Vec::new(),
            after: Vec::new(),
            edges: Vec::new(),
            history: History::default(),
            learned: Vec::new(),
            trail: Trail::default(),
            late: Late::default(),
        }
    }
}

impl<T: Real> Backup<T> {
    pub fn save(
        &mut self,
        parts: &[Part<T>],
        edges: &[Edges<T>],
        history: &History,
        learned: &[Learned<T>],
        trail: &Trail<T>,
        late: &Late,
    ) {
        self.states.resize_with(parts.len(), Vec::new);
        self.rings.resize_with(parts.len(), Vec::new);
        self.after.resize_with(parts.len(), After::default);
        for (g, part) in parts.iter().enumerate() {
            self.states[g].clone_from(&part.columns.states);
            self.rings[g].clone_from(&part.rings);
            self.after[g].copy_from(&part.after);
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
        self.late.clone_from(late);
    }

    /// Spikes that had been delivered in part.
    pub fn late(&self) -> &Late {
        &self.late
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
            part.after.copy_from(&self.after[g]);
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
