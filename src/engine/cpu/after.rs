//! Ports where arrivals wait (`late`): which they are, how many slots their rings have, how long the pieces of rows are, and what arrives
//! after the times of those.

use std::collections::{HashMap, HashSet};

use super::real::Real;
use crate::plan::{Connectivity, Plan};

/// Steps whose arrivals are added together. With fewer of them pieces are short, with more of them a ring leaves the cache.
pub const AHEAD: u64 = 4;

/// A port of a group.
type End = (usize, u32);

/// The ports whose arrivals wait: all that reaches them has delays in the words of rows that are by delay.
pub fn ends<T: Real>(plan: &Plan) -> HashSet<End> {
    if !T::WHOLE_SUMS || T::BOUNDED || slots(plan) >= u64::from(plan.slots) {
        return HashSet::new();
    }
    let mut ends: HashMap<End, bool> = HashMap::new();
    for route in plan.routes.iter().filter(|route| !route.edges.is_empty()) {
        // edges are numbered in 32 bits, and so are sums
        let sums = u64::from(plan.group_of(route.target).rows) * u64::from(plan.slots);
        let fits = route.edges.count().max(sums) < u64::from(u32::MAX);
        let fits = fits && route.learned.is_none() && route.edges.is_by_delay();
        *ends.entry((plan.place(route.target).group, route.port)).or_insert(true) &= fits;
    }
    ends.into_iter().filter(|(_, late)| *late).map(|(end, _)| end).collect()
}

/// Slots of a ring whose arrivals wait: the steps of a window are advanced before their spikes are delivered, and the last of them reads
/// what arrives at its end.
pub fn slots(plan: &Plan) -> u64 {
    (u64::from(plan.window) + 2 + AHEAD).next_power_of_two()
}

/// About how many edges of a row are added together, by steps between the spike and the time before which they arrive.
#[derive(Debug, Default)]
pub struct Pieces(Vec<u32>);

impl Pieces {
    /// By some of the rows.
    pub fn of(edges: &Connectivity) -> Pieces {
        const ROWS: u32 = 64;
        let largest = edges.delays().1;
        let (words, bits) = (edges.kept_words(), edges.target_bits());
        let mut before = vec![0; largest as usize + 2];
        let rows = (0..edges.sources()).step_by((edges.sources() / ROWS).max(1) as usize);
        let looked_at = rows.len().max(1) as u32;
        for row in rows.map(|row| edges.span(row)) {
            words[row.start as usize..row.end as usize].iter().for_each(|word| before[(word >> bits) as usize + 1] += 1);
        }
        for delay in 1..before.len() {
            before[delay] += before[delay - 1];
        }
        let piece = |time: usize| (before[time] - before[time.saturating_sub(AHEAD as usize)]) / looked_at;
        Pieces((0..before.len()).map(piece).collect())
    }

    /// Of a row whose spike was emitted so many steps before the time.
    pub fn expected(&self, steps: u32) -> usize {
        self.0.get(steps as usize).or(self.0.last()).map_or(0, |edges| *edges as usize)
    }
}

/// Sums of arrivals that are not in rings yet since no row brings them any more: as a snapshot has them.
#[derive(Clone, Debug, Default)]
pub struct After<S> {
    /// Rings hold all that arrives before this time.
    pub until: u64,
    /// There are none from this time on.
    pub end: u64,
    /// By port, then slot of the plan and row; empty: nothing.
    pub sums: Vec<Vec<S>>,
}

impl<S: Copy + Default> After<S> {
    pub fn copy_from(&mut self, other: &After<S>) {
        (self.until, self.end) = (other.until, other.end);
        self.sums.clone_from(&other.sums);
    }

    /// Do rings hold what arrives at this time?
    pub fn is_before(&self, time: u64) -> bool {
        time < self.until
    }

    /// The sums of a port.
    pub fn of(&self, port: usize) -> &[S] {
        self.sums.get(port).map_or(&[], |sums| sums)
    }

    /// The same to be changed, so many of each port, in so many slots.
    pub fn make(&mut self, port: usize, cells: usize, slots: u64) -> &mut [S] {
        self.end = self.until + slots;
        self.sums.resize_with(self.sums.len().max(port + 1), Vec::new);
        self.sums[port].resize(cells, S::default());
        &mut self.sums[port]
    }
}
