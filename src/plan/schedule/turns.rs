//! Turns of loops that a thread takes, and how many lanes share a row of synapses.
//!
//! In: a plan, the threads of a workgroup. Out: numbers of turns, at most, if everything spikes: an adapter may cut loops that are longer
//! ([`Machine::turns`](super::Machine::turns)). Not here: passes of synapses that events change (`passes`).

use std::collections::HashMap;

use super::{LIST, Obstacle, Schedule, Weigh};
use crate::plan::{Connectivity, Plan, PopulationId, Route};

/// Turns that a thread spends on the words of spikes that its workgroup lists, and how many lists there are, at most.
pub(super) fn listing(words: u64, workgroup: u32) -> (u64, u64) {
    // four words to a thread make fewer
    let chunks = words.div_ceil(workgroup.into());
    // a list without room for the words of a thread has fewer free places than these have bits
    let lists = chunks + (words * 32).div_ceil(u64::from(LIST - 4 * 32));
    (chunks * 33 + lists, lists)
}

/// Lanes that take a row of so many edges together: a power of two, at most `most`.
pub fn lanes(edges: u64, rows: u64, most: u32) -> u32 {
    let mean = edges.div_ceil(rows.max(1)).max(1);
    (mean as u32).next_power_of_two().min(most).max(1)
}

/// Lanes that take a row of synapses together, where a workgroup takes the spikes of all routes: half of what a row has on the
/// mean, since each takes two synapses in a turn.
pub fn common_lanes(plan: &Plan, schedule: Schedule, workgroup: u32) -> u32 {
    let (mut edges, mut rows) = (0, 0);
    for route in plan.delivered() {
        let parts = if schedule == Schedule::Fused { blocks_of(plan, route.target, workgroup) } else { 1 };
        edges += route.edges.count();
        rows += u64::from(route.edges.sources()) * parts;
    }
    lanes(edges.div_ceil(2), rows, workgroup.min(32))
}

/// Blocks that the rows of a population touch.
pub(super) fn blocks_of(plan: &Plan, population: PopulationId, workgroup: u32) -> u64 {
    let place = plan.place(population);
    let last = place.first_row + place.size.max(1) - 1;
    u64::from(last / workgroup - place.first_row / workgroup + 1)
}

impl Weigh<'_> {
    /// The longest window, halved from `longest` on, whose turns are allowed.
    pub(super) fn fitting(&self, longest: u32, turns: impl Fn(u64) -> u64) -> Result<u32, Obstacle> {
        let mut window = longest.max(1);
        loop {
            let need = turns(u64::from(window));
            if need <= self.machine.turns() {
                return Ok(window);
            }
            if window == 1 {
                return Err(Obstacle::Turns { need, limit: self.machine.turns() });
            }
            window /= 2;
        }
    }

    /// Turns that a thread spends on the spikes of a step, if everything spikes: words, lists, rows of synapses. `longest`: the
    /// longest row of a route, or the longest part of one that ends in a block.
    pub(super) fn spike_turns(&self, schedule: Schedule, workgroup: u32, longest: impl Fn(&Route) -> u64) -> u64 {
        let words = self.sizes.rows.div_ceil(32).div_ceil(workgroup.into());
        let lanes = u64::from(common_lanes(self.plan, schedule, workgroup));
        let (mut listed, mut longest_of_all) = (0, 0);
        for route in self.plan.delivered() {
            listed += u64::from(route.edges.sources());
            // each lane takes two synapses in a turn
            longest_of_all = longest_of_all.max(1 + longest(route).div_ceil(2 * lanes));
        }
        let (looks, taken) = self.routes_of_a_workgroup(schedule, workgroup);
        // a list without room for the spikes of a word down a route has fewer free places than these are
        let lists = listed.div_ceil(u64::from(LIST - 32)) + 1;
        // a list takes whole rounds of its workgroup
        let rounds = (listed * lanes).div_ceil(workgroup.into()) + lists;
        words * (2 + looks + 32 * taken) + lists * 2 + rounds * longest_of_all
    }

    /// Routes that a workgroup looks at for a word of spikes, and those of them that one source is a source of, at most.
    fn routes_of_a_workgroup(&self, schedule: Schedule, workgroup: u32) -> (u64, u64) {
        let (mut looks, mut taken) = (HashMap::new(), HashMap::new());
        for route in self.plan.delivered() {
            let place = self.plan.place(route.target);
            let blocks = match schedule {
                Schedule::Fused => place.first_row / workgroup..=(place.first_row + place.size.max(1) - 1) / workgroup,
                _ => 0..=0,
            };
            for block in blocks {
                let at = if schedule == Schedule::Fused { (place.group, block) } else { (0, 0) };
                *looks.entry(at).or_insert(0) += 1;
                *taken.entry((at, route.source)).or_insert(0) += 1;
            }
        }
        (looks.into_values().max().unwrap_or(0), taken.into_values().max().unwrap_or(0))
    }

    /// The longest row of a route.
    pub(super) fn longest_row(route: &Route) -> u64 {
        route.edges.longest_row()
    }

    /// The longest part of a row that ends in one block.
    pub(super) fn longest_segment(&self, edges: &Connectivity, target: PopulationId, workgroup: u32) -> u64 {
        if !self.machine.software {
            return 1;
        }
        let first = self.plan.place(target).first_row;
        let mut most = 0;
        edges.rows(|_, row| {
            let (mut block, mut length) = (u32::MAX, 0);
            for target in row.targets() {
                let own = (first + target) / workgroup;
                length = if own == block { length + 1 } else { 1 };
                (block, most) = (own, most.max(length));
            }
        });
        most
    }
}
