//! States of neurons as they were after the last steps: synapses that events change read them behind their delay, and those of
//! rows that other workers have.

use super::real::Real;
use crate::engine::Snapshot;
use crate::plan::Plan;

/// The columns that synapses read, of all rows of one instance.
#[derive(Clone, Default)]
pub struct Trail<T> {
    /// Group and column, ascending.
    places: Vec<(usize, u32)>,
    /// Rows of the group of each.
    rows: Vec<usize>,
    slots: u64,
    /// By place: rows after rows, slot by slot.
    values: Vec<Vec<T>>,
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
    }

    /// Before the first step all is as it begins.
    pub fn new(plan: &Plan, first: impl Fn(usize, u32, usize) -> T) -> Trail<T> {
        let places = plan.trailed();
        // what is read may be of the first step of a window, as long ago as the longest delay
        let slots = u64::from(plan.longest_trail()) + u64::from(plan.window) + 1;
        let rows: Vec<usize> = places.iter().map(|(group, _)| plan.groups[*group].rows as usize).collect();
        let column = |((group, column), rows): (&(usize, u32), &usize)| {
            let once: Vec<T> = (0..*rows).map(|row| first(*group, *column, row)).collect();
            once.repeat(slots as usize)
        };
        let values = places.iter().zip(&rows).map(column).collect();
        Trail { places, rows, slots, values }
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
        let rows = self.rows[place];
        let slot = (step % self.slots) as usize;
        &mut self.values[place][slot * rows..(slot + 1) * rows]
    }

    /// The rows of a column as they were after the step so many steps before.
    pub fn back(&self, place: usize, step: u64, steps: u32) -> &[T] {
        let rows = self.rows[place];
        // before the first step stands what all begins with
        let slot = ((step + self.slots - u64::from(steps) % self.slots) % self.slots) as usize;
        &self.values[place][slot * rows..(slot + 1) * rows]
    }
}
