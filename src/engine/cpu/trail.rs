//! States of neurons as they were after the last steps: synapses that events change read them behind their delay, and those of
//! rows that other workers have.

use super::part::Part;
use super::real::Real;
use crate::engine::Snapshot;
use crate::plan::Plan;

/// The columns that synapses read, of all rows of one instance.
///
/// A worker that has all rows of a group does not copy them: what a step leaves is read where the group has it, and when the next step
/// has written another column, this one changes places with the oldest here.
#[derive(Clone, Default)]
pub struct Trail<T> {
    /// Group and column, ascending.
    places: Vec<(usize, u32)>,
    /// Rows of the group of each.
    rows: Vec<usize>,
    slots: u64,
    /// By place, then slot.
    values: Vec<Vec<Vec<T>>>,
    /// The steps after which the columns of groups are what the last left of them, and do not stand here; `None`: they do.
    fresh: Option<u64>,
}

impl<T: Real> Trail<T> {
    /// Takes up what a snapshot has of an instance, as many steps back.
    pub fn restore(&mut self, snapshot: &Snapshot, instance: usize, steps: u32) {
        for (place, given) in snapshot.trails.iter().enumerate().take(self.places.len()) {
            let (rows, all) = (self.rows[place], given.len() / steps.max(1) as usize);
            for back in 1..=u64::from(steps) {
                let from = (back - 1) as usize * all + instance * rows;
                let slot = (snapshot.step + self.slots - back % self.slots) % self.slots;
                let to = self.after(place, slot).iter_mut();
                to.zip(&given[from..from + rows]).for_each(|(x, given)| *x = T::from_f64(*given));
            }
        }
        self.fresh = None;
    }

    /// Before the first step all is as it begins.
    pub fn new(plan: &Plan, first: impl Fn(usize, u32, usize) -> T) -> Trail<T> {
        let places = plan.trailed();
        // what is read may be of the first step of a window, as long ago as the longest delay
        let slots = u64::from(plan.longest_trail()) + u64::from(plan.window) + 1;
        let rows: Vec<usize> = places.iter().map(|(group, _)| plan.groups[*group].rows as usize).collect();
        let column = |((group, column), rows): (&(usize, u32), &usize)| {
            let once: Vec<T> = (0..*rows).map(|row| first(*group, *column, row)).collect();
            vec![once; slots as usize]
        };
        let values = places.iter().zip(&rows).map(column).collect();
        Trail { places, rows, slots, values, fresh: None }
    }

    /// Where a column stands here.
    pub fn place(&self, group: usize, column: u32) -> Option<usize> {
        self.places.binary_search(&(group, column)).ok()
    }

    /// Group and column of each place.
    pub fn places(&self) -> &[(usize, u32)] {
        &self.places
    }

    /// The rows of a column after a step, to be written: from the first row on.
    pub fn after(&mut self, place: usize, step: u64) -> &mut [T] {
        let slot = (step % self.slots) as usize;
        &mut self.values[place][slot]
    }

    /// The rows of a column as they were after the step so many steps before; `parts`: those of the worker.
    pub fn back<'a>(&'a self, parts: &'a [Part<T>], place: usize, step: u64, steps: u32) -> &'a [T] {
        if self.fresh.is_some_and(|done| done + u64::from(steps) == step + 1) {
            let (group, column) = self.places[place];
            return &parts[group].columns.states[column as usize];
        }
        // before the first step stands what all begins with
        let slot = ((step + self.slots - u64::from(steps) % self.slots) % self.slots) as usize;
        &self.values[place][slot]
    }

    /// Takes up what a step has left, of a worker's rows.
    pub fn follow(&mut self, parts: &mut [Part<T>], step: u64) {
        if self.places.is_empty() {
            return;
        }
        let whole = self.places.iter().zip(&self.rows).all(|((group, _), rows)| parts[*group].share.rows == *rows);
        for place in 0..self.places.len() {
            let (group, column) = self.places[place];
            let part = &mut parts[group];
            if !whole {
                let own = &mut self.after(place, step)[part.share.first as usize..][..part.share.rows];
                own.copy_from_slice(&part.columns.states[column as usize]);
            } else if self.fresh == Some(step) {
                let slot = &mut self.values[place][((step + self.slots - 1) % self.slots) as usize];
                let before = &mut part.columns.next[column as usize];
                // a step that changes nothing has no other column
                if before.is_empty() {
                    slot.copy_from_slice(&part.columns.states[column as usize]);
                } else {
                    std::mem::swap(slot, before);
                }
            }
        }
        self.fresh = whole.then_some(step + 1);
    }

    /// Keeps what the last step left, since states are about to be set.
    pub fn keep(&mut self, parts: &[Part<T>]) {
        let Some(done) = self.fresh.take() else { return };
        for (place, (group, column)) in self.places.clone().into_iter().enumerate() {
            self.after(place, done + self.slots - 1).copy_from_slice(&parts[group].columns.states[column as usize]);
        }
    }
}
