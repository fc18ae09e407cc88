//! Spikes to rings: each worker walks the rows of all spikes, but only the part of a row that ends in its own range.

use std::sync::Arc;

use super::real::Real;
use super::share::PartShare;
use super::worker::Part;
use crate::plan::{Connectivity, EdgeColumn, Plan};

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
    /// First and last edge of each row that ends in the part; empty: the whole row does.
    pivots: Vec<(u64, u64)>,
    sums: Arc<Sums<T>>,
}

/// Weights and delays of a route as rings take them, the same for all workers.
pub struct Sums<T: Real> {
    weight: Weights<T>,
    delay: Delays,
}

enum Weights<T: Real> {
    Shared(T::Sum),
    PerEdge(Vec<T::Sum>),
}

/// In steps.
enum Delays {
    Shared(u32),
    PerEdge(Vec<u16>),
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
            delay: match &route.delay {
                EdgeColumn::Shared(d) => Delays::Shared(*d as u32),
                EdgeColumn::PerEdge(list) => Delays::PerEdge(list.iter().map(|d| *d as u16).collect()),
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
        if low >= high || route.edges.target.is_empty() {
            return None;
        }
        let whole = low == 0 && high == place.size;
        let pivots = if whole {
            Vec::new()
        } else {
            let row = |k: usize| {
                let (start, end) = (route.edges.row_start[k], route.edges.row_start[k + 1]);
                let targets = &route.edges.target[start as usize..end as usize];
                let from = targets.partition_point(|t| *t < low) as u64;
                let to = targets.partition_point(|t| *t < high) as u64;
                (start + from, start + to)
            };
            (0..route.edges.sources as usize).map(row).collect()
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
    pub fn deliver(&self, plan: &Plan, emitted: u64, spikes: &[u32], parts: &mut [Part<T>]) {
        let from = spikes.partition_point(|s| *s < self.first_source);
        let to = spikes.partition_point(|s| *s < self.first_source + self.sources);
        let part = &mut parts[self.group];
        let (rows, slots) = (part.share.rows, u64::from(plan.slots));
        let ring = &mut part.rings[self.port];
        for spike in &spikes[from..to] {
            let source = (spike - self.first_source) as usize;
            let (start, end) = match self.pivots.get(source) {
                Some((start, end)) => (*start as usize, *end as usize),
                None => (self.edges.row_start[source] as usize, self.edges.row_start[source + 1] as usize),
            };
            let targets = &self.edges.target[start..end];
            match &self.sums.delay {
                Delays::Shared(d) => {
                    let slot = ((emitted + u64::from(*d)) % slots) as usize;
                    let ring = &mut ring[slot * rows..(slot + 1) * rows];
                    let at = |t: u32| (i64::from(t) + self.offset) as usize;
                    match &self.sums.weight {
                        Weights::Shared(w) => targets.iter().for_each(|t| ring[at(*t)] = T::add_sum(ring[at(*t)], *w)),
                        Weights::PerEdge(list) => {
                            targets.iter().zip(&list[start..end]).for_each(|(t, w)| ring[at(*t)] = T::add_sum(ring[at(*t)], *w));
                        }
                    }
                }
                Delays::PerEdge(delays) => {
                    for (k, (t, d)) in targets.iter().zip(&delays[start..end]).enumerate() {
                        let slot = ((emitted + u64::from(*d)) % slots) as usize;
                        let cell = &mut ring[slot * rows + (i64::from(*t) + self.offset) as usize];
                        let weight = match &self.sums.weight {
                            Weights::Shared(w) => *w,
                            Weights::PerEdge(list) => list[start + k],
                        };
                        *cell = T::add_sum(*cell, weight);
                    }
                }
            }
        }
    }
}
