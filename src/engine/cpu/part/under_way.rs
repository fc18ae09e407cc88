//! What is under way to the rows of a part, read and set by time.
//!
//! Out: sums in weight units, slot by slot, for a snapshot. In: those of one. Of a port where arrivals wait a ring holds the next times alone;
//! the others are in what comes after it (`late`).

use super::{Part, PortShare};
use crate::engine::cpu::real::Real;

impl<T: Real> Part<T> {
    /// What is under way to a port for a time, by row; empty: nothing.
    fn sums(&self, port: usize, time: u64) -> &[T::Sum] {
        let PortShare { is_late, slots, .. } = self.share.ports[port];
        let (ring, slots) = match is_late && !self.after.is_before(time) {
            true => (self.after.of(port), self.share.slots),
            false => (&self.rings[port][..], slots),
        };
        let slot = (time % slots) as usize * self.share.rows;
        ring.get(slot..slot + self.share.rows).unwrap_or_default()
    }

    /// Appends what is under way to a port for a time, in weight units.
    pub fn slot(&self, port: usize, time: u64, out: &mut Vec<f64>) {
        let (end, scale) = (out.len() + self.share.rows, self.scales[port]);
        out.extend(self.sums(port, time).iter().map(|s| T::sum_to_f64(*s, scale)));
        out.resize(end, 0.0);
    }

    /// Appends by how many units it may differ.
    pub fn slot_open(&self, port: usize, time: u64, out: &mut Vec<u32>) {
        let end = out.len() + self.share.rows;
        out.extend(self.sums(port, time).iter().map(|s| T::sum_open(*s)));
        out.resize(end, 0);
    }

    /// Sets what is under way; nothing where the values end.
    pub fn set_slot<'a>(&mut self, port: usize, time: u64, values: &mut impl Iterator<Item = &'a f64>) {
        let PortShare { is_late, slots, .. } = self.share.ports[port];
        let (scale, rows) = (self.scales[port], self.share.rows);
        if self.rings[port].is_empty() {
            values.take(rows).for_each(drop);
            return;
        }
        let (ring, slots) = match is_late && !self.after.is_before(time) {
            true => (self.after.make(port, rows * self.share.slots as usize, self.share.slots), self.share.slots),
            false => (&mut self.rings[port][..], slots),
        };
        let slot = (time % slots) as usize * rows;
        for cell in &mut ring[slot..slot + rows] {
            *cell = values.next().map_or(T::Sum::default(), |x| T::to_sum(*x, scale));
        }
    }
}
