//! Small routes as one set of rows: a population for each neuron, joined one by one, costs what one population with a matrix costs.
//!
//! In: routes onto one port of a group, in order. Out: their edges as rows, route after route and source after source, so that each
//! sum has the order that it has route by route. Values are copied: there are few. Not here: routes of many edges (`deliver`), which
//! are walked one by one, each with the spikes of its own sources.

use super::part::{Part, PartShare};
use super::real::Real;
use crate::plan::{Plan, RowBuffer};

/// Edges of several routes onto one port of a group, as far as they end in the rows of a share.
pub struct RouteBundle<T: Real> {
    group: usize,
    port: usize,
    /// Who has edges here, in the space of all groups, ascending.
    sources: Vec<u32>,
    /// The rows of source k are `rows[first[k]..first[k + 1]]`.
    first: Vec<u32>,
    rows: Vec<u32>,
    /// Row k is `edges[start[k]..start[k + 1]]`; rows are numbered by route, then source.
    start: Vec<u32>,
    edges: Vec<Edge<T::Sum>>,
}

struct Edge<S> {
    /// Of the part.
    row: u32,
    /// In steps.
    delay: u32,
    /// What it adds.
    sum: S,
}

impl<T: Real> RouteBundle<T> {
    /// `None`: no edge of these routes ends in the share.
    pub fn new(plan: &Plan, routes: &[usize], part: &PartShare<T>) -> Option<RouteBundle<T>> {
        let port = plan.routes[*routes.first()?].port as usize;
        let scale = part.ports[port].scale;
        let (mut rows, mut start, mut edges) = (Vec::new(), vec![0], Vec::new());
        let mut buffer = RowBuffer::default();
        for route in routes.iter().map(|r| &plan.routes[*r]) {
            let (first_source, first_row) = (plan.first_row(route.source), plan.place(route.target).first_row);
            let shared = |w: f64| T::to_sum(w, scale);
            for source in 0..route.edges.sources() {
                let row = route.edges.row(source, &mut buffer);
                let before = edges.len();
                for (edge, target) in row.edges().zip(row.targets()) {
                    let Some(inside) = (first_row + target).checked_sub(part.first).filter(|r| (*r as usize) < part.rows) else {
                        continue;
                    };
                    let sum = shared(route.weight.get(edge as usize));
                    edges.push(Edge { row: inside, delay: route.edges.delay_of(edge), sum });
                }
                if edges.len() > before {
                    rows.push((first_source + source, start.len() as u32 - 1));
                    start.push(edges.len() as u32);
                }
            }
        }
        rows.sort_unstable();
        let mut sources: Vec<u32> = rows.iter().map(|(source, _)| *source).collect();
        sources.dedup();
        let first = sources.iter().map(|s| rows.partition_point(|(source, _)| source < s) as u32);
        let first = first.chain([rows.len() as u32]).collect();
        let rows: Vec<u32> = rows.into_iter().map(|(_, row)| row).collect();
        (!edges.is_empty()).then_some(RouteBundle { group: part.group, port, sources, first, rows, start, edges })
    }

    /// Adds the weights of these spikes (rows ascending), emitted at one time. `marks`: room for a bit per row.
    pub fn deliver(&self, plan: &Plan, emitted: u64, spikes: &[u32], parts: &mut [Part<T>], marks: &mut Vec<u64>) {
        let (Some(least), Some(largest)) = (self.sources.first(), self.sources.last()) else { return };
        let from = spikes.partition_point(|s| s < least);
        let to = spikes.partition_point(|s| s <= largest);
        marks.clear();
        marks.resize(self.start.len().div_ceil(64), 0);
        let mut known = 0;
        for spike in &spikes[from..to] {
            match self.sources[known..].binary_search(spike) {
                Ok(more) => {
                    known += more;
                    let rows = &self.rows[self.first[known] as usize..self.first[known + 1] as usize];
                    rows.iter().for_each(|row| marks[*row as usize / 64] |= 1 << (row % 64));
                }
                Err(more) => known += more,
            }
        }
        let part = &mut parts[self.group];
        // a ring has a power of two of slots
        let (width, last) = (part.share.rows, u64::from(plan.slots - 1));
        let ring = &mut part.rings[self.port];
        for (word, mut bits) in marks.iter().copied().enumerate().filter(|(_, bits)| *bits != 0) {
            while bits != 0 {
                let row = 64 * word + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                for edge in &self.edges[self.start[row] as usize..self.start[row + 1] as usize] {
                    let slot = ((emitted + u64::from(edge.delay)) & last) as usize;
                    let cell = &mut ring[slot * width + edge.row as usize];
                    *cell = T::add_sum(*cell, edge.sum);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::cpu::deliver::{Arrivals, Incoming, OwnRoutes, Room};
    use crate::engine::cpu::{CpuEngine, CpuOptions};
    use crate::network::value::uniform;
    use crate::network::{Connector, Network, Value};
    use crate::simulation::Options;

    /// Populations of one to three neurons, everyone joined to everyone twice, and one route of many edges between the others.
    fn plan() -> Arc<Plan> {
        let mut net = Network::new("small");
        net.dt("0.1 ms");
        let names: Vec<String> = (0..30).map(|k| format!("p{k}")).collect();
        for (k, name) in names.iter().enumerate() {
            net.population(name, "lif_psc_exp", 1 + k as u64 % 3);
        }
        net.population("many", "lif_psc_exp", 120);
        for round in 0..2 {
            for (k, source) in names.iter().enumerate() {
                for target in names.iter().skip(k % 4).step_by(3) {
                    let port = if k % 5 == 0 { "i_inh" } else { "i_exc" };
                    let weight: Value = if k % 2 == 0 { "3.7 pA".into() } else { uniform("-1 pA", "20 pA").into() };
                    let projection = net.project(source, target, port, Connector::AllToAll);
                    projection.weight(weight).named(format!("{source} {target} {round}"));
                    projection.delay(if k % 3 == 0 { uniform("0.1 ms", "2 ms").into() } else { Value::from("0.4 ms") });
                }
            }
            let weight = uniform("0 pA", "9 pA");
            net.project("many", "many", "i_exc", Connector::AllToAll).weight(weight).named(format!("many {round}"));
            net.project("p2", "many", "i_exc", Connector::AllToAll).weight("1.3 pA").named(format!("few {round}"));
        }
        Arc::new(net.plan(&Options::default()).unwrap_or_else(|e| panic!("{e}")))
    }

    fn same<T: Real>(plan: &Arc<Plan>, rows_per_worker: usize, bits: impl Fn(T::Sum) -> u64) {
        let options = CpuOptions { threads: 2, rows_per_worker };
        let make = || CpuEngine::<T>::new(plan.clone(), options).unwrap();
        let (mut together, mut apart) = (make(), make());
        assert_eq!(together.shares.len(), if rows_per_worker < 64 { 2 } else { 1 });
        for share in 0..together.shares.len() {
            let shares = together.shares[share].parts.clone();
            let all = Arrivals::<T>::all(plan, &shares);
            let each = (0..plan.routes.len()).filter_map(|r| Incoming::<T>::new(plan, r, &shares));
            let each: Vec<Arrivals<T>> = each.map(Arrivals::Route).collect();
            // small populations stand before the others
            assert!(share > 0 || each.len() > 100 && all.len() < 10, "{} {}", each.len(), all.len());
            let mut room = Room::default();
            for (step, stride) in [(1u64, 1usize), (2, 2), (3, 7), (17, 3), (18, 200)] {
                let spikes: Vec<u32> = (0..plan.rows).skip(stride / 2).step_by(stride).collect();
                for (engine, arrivals) in [(&mut together, &all), (&mut apart, &each)] {
                    let worker = engine.workers_mut().nth(share).unwrap();
                    let own = OwnRoutes::new(plan, 0);
                    arrivals
                        .iter()
                        .for_each(|a| a.deliver((pulp::Arch::new(), plan), &own, step, &spikes, &mut worker.parts, &mut room));
                }
            }
            let rings = |engine: &mut CpuEngine<T>| {
                let worker = engine.workers_mut().nth(share).unwrap();
                let rings = worker.parts.iter().flat_map(|p| &p.rings).flatten();
                rings.map(|x| bits(*x)).collect::<Vec<u64>>()
            };
            let (found, expected) = (rings(&mut together), rings(&mut apart));
            assert!(expected.iter().filter(|x| **x != 0).count() > 40);
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn small_routes_together_bring_what_they_bring_one_by_one() {
        let plan = plan();
        for rows in [20, 8192] {
            same::<f64>(&plan, rows, f64::to_bits);
            same::<f32>(&plan, rows, |x| x as u64);
        }
    }
}
