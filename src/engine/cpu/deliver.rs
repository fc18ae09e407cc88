//! Spikes to rings: each worker walks the rows of all spikes, but only the part of a row that ends in its own range.

use std::sync::Arc;

use super::part::{Part, PartShare};
use super::real::Real;
use crate::plan::{Connectivity, EdgeColumn, Plan, RowBuffer};

/// The edges of one route that end in the rows of a share.
pub struct Incoming<T: Real> {
    /// Rows of the source population in the space of all groups.
    first_source: u32,
    sources: u32,
    group: usize,
    port: usize,
    /// Row of the part of target 0 (may be before the part).
    offset: i64,
    edges: Arc<Connectivity>,
    /// Which of the edges of each source end in the part; empty: all do.
    pivots: Vec<(usize, usize)>,
    sums: Arc<Sums<T>>,
}

/// Weights of a route as rings take them, the same for all workers.
pub struct Sums<T: Real> {
    weight: Weights<T>,
}

enum Weights<T: Real> {
    Shared(T::Sum),
    PerEdge(Vec<T::Sum>),
}

impl<T: Real> Sums<T> {
    pub fn new(plan: &Plan, route: usize) -> Sums<T> {
        let route = &plan.routes[route];
        let scale = plan.group_of(route.target).ports[route.port as usize].scale;
        Sums {
            weight: match &route.weight {
                EdgeColumn::Shared(w) => Weights::Shared(T::to_sum(*w, scale)),
                EdgeColumn::PerEdge(list) => Weights::PerEdge(list.iter().map(|w| T::to_sum(f64::from(*w), scale)).collect()),
            },
        }
    }
}

impl<T: Real> Incoming<T> {
    pub fn new(plan: &Plan, route: usize, parts: &[Arc<PartShare<T>>], sums: &Arc<Sums<T>>) -> Option<Incoming<T>> {
        let route = &plan.routes[route];
        let place = plan.place(route.target);
        let part = &parts[place.group];
        let offset = i64::from(place.first_row) - i64::from(part.first);
        // targets of the population that lie in the part
        let low = (-offset).clamp(0, i64::from(place.size)) as u32;
        let high = (part.rows as i64 - offset).clamp(0, i64::from(place.size)) as u32;
        if low >= high || route.edges.is_empty() {
            return None;
        }
        let whole = low == 0 && high == place.size;
        let pivots = if whole {
            Vec::new()
        } else {
            let mut pivots = Vec::with_capacity(route.edges.sources() as usize);
            route.edges.rows(|_, row| pivots.push((row.before(low), row.before(high))));
            pivots
        };
        Some(Incoming {
            first_source: plan.first_row(route.source),
            sources: plan.place(route.source).size,
            group: place.group,
            port: route.port as usize,
            offset,
            edges: route.edges.clone(),
            pivots,
            sums: sums.clone(),
        })
    }

    /// Adds the weights of these spikes (rows ascending), emitted at one time.
    pub fn deliver(&self, plan: &Plan, emitted: u64, spikes: &[u32], parts: &mut [Part<T>], buffer: &mut RowBuffer) {
        let from = spikes.partition_point(|s| *s < self.first_source);
        let to = spikes.partition_point(|s| *s < self.first_source + self.sources);
        let part = &mut parts[self.group];
        let (rows, slots) = (part.share.rows, u64::from(plan.slots));
        let ring = &mut part.rings[self.port];
        let (edges, bits) = (&*self.edges, self.edges.target_bits());
        let at = |target: u32| (i64::from(target) + self.offset) as usize;
        for spike in &spikes[from..to] {
            let source = spike - self.first_source;
            let row = edges.row(source, buffer);
            let (start, end) = self.pivots.get(source as usize).copied().unwrap_or((0, row.words.len()));
            let words = &row.words[start..end];
            let first = row.first as usize;
            let (start, end) = (first + start, first + end);
            if let Some(d) = edges.shared_delay() {
                let slot = ((emitted + u64::from(d)) % slots) as usize;
                let ring = &mut ring[slot * rows..(slot + 1) * rows];
                match &self.sums.weight {
                    Weights::Shared(w) => words.iter().for_each(|t| ring[at(*t)] = T::add_sum(ring[at(*t)], *w)),
                    Weights::PerEdge(list) => {
                        words.iter().zip(&list[start..end]).for_each(|(t, w)| ring[at(*t)] = T::add_sum(ring[at(*t)], *w));
                    }
                }
                continue;
            }
            let mut add = |k: usize, target: u32, delay: u32| {
                let slot = ((emitted + u64::from(delay)) % slots) as usize;
                let cell = &mut ring[slot * rows + at(target)];
                let weight = match &self.sums.weight {
                    Weights::Shared(w) => *w,
                    Weights::PerEdge(list) => list[start + k],
                };
                *cell = T::add_sum(*cell, weight);
            };
            match edges.own_delays() {
                Some(delays) => {
                    let both = words.iter().zip(&delays[start..end]).enumerate();
                    both.for_each(|(k, (target, delay))| add(k, *target, u32::from(*delay)));
                }
                None => {
                    let mask = (1 << bits) - 1;
                    words.iter().enumerate().for_each(|(k, word)| add(k, word & mask, word >> bits));
                }
            }
        }
    }
}
