//! Where synapses stand, and how delivery is shared out among workgroups.
//!
//! In: the routes of a plan. Out: [`RouteLayout`]s and [`WorkItem`]s of a [`Layout`]. An item is what one workgroup does in
//! a window: up to 32 sources whose bits stand in one word, or, where rows are so long that a loop would pass
//! [`TURNS`], a part of one row. Not here: the words themselves (`engine::gpu::contents`).

use super::WgslError;
use super::layout::{Layout, TURNS, WINDOW_STEPS, WORKGROUP, word};
use crate::plan::{EdgeColumn, Plan, Route};

/// Where the synapses of a route stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteLayout {
    /// First of its words in `tables`.
    pub record: u32,
    /// Row starts, in `tables`: edges from the first of the route on.
    pub row_start: u32,
    /// A word per edge in `synapses`: target row, and the delay above it where delays differ.
    pub edges: u32,
    /// A word per edge in `synapses`, where weights differ.
    pub weights: Option<u32>,
    /// Bits of the target in an edge's word; 32 where all delays are one.
    pub target_bits: u32,
    /// Row of the target's first neuron in a slot of the ring.
    pub channel: u32,
    /// Row of the source's first neuron in the space of all groups.
    pub first_source: u32,
}

/// What one workgroup delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkItem {
    pub route: u32,
    /// First source, in the space of all groups; all stand in one word of spike bits.
    pub first: u32,
    pub count: u32,
    /// This part of every row, of so many.
    pub part: u32,
    pub parts: u32,
}

/// Steps that may run before spikes must be exchanged.
pub(super) fn window(plan: &Plan) -> u32 {
    let delays = plan.routes.iter().map(|r| delay_range(r).0);
    let least = delays.min().unwrap_or(u64::MAX).min(u64::from(plan.window.max(1)));
    least.clamp(1, u64::from(WINDOW_STEPS)) as u32
}

/// The smallest and the largest delay, steps.
fn delay_range(route: &Route) -> (u64, u64) {
    match &route.delay {
        EdgeColumn::Shared(d) => (*d as u64, *d as u64),
        EdgeColumn::PerEdge(list) => {
            let least = list.iter().copied().fold(f32::INFINITY, f32::min);
            let largest = list.iter().copied().fold(1.0, f32::max);
            (if least.is_finite() { least as u64 } else { 1 }, largest as u64)
        }
    }
}

pub(super) fn place(plan: &Plan, layout: &mut Layout) -> Result<(), WgslError> {
    let (mut synapses, mut tables) = (0u64, 0u64);
    for route in &plan.routes {
        let (least, largest) = delay_range(route);
        if least < 1 || largest >= u64::from(layout.slots) || !layout.slots.is_power_of_two() {
            return Err(WgslError::Delay {
                route: route.name.clone(),
                delay: if least < 1 { least } else { largest },
                slots: layout.slots,
            });
        }
        let edges = route.edges.target.len() as u64;
        let size = u64::from(plan.place(route.target).size);
        let target_bits = match route.delay {
            EdgeColumn::Shared(_) => 32,
            EdgeColumn::PerEdge(_) => bits(size.saturating_sub(1)),
        };
        if target_bits < 32 && target_bits + bits(largest) > 32 {
            return Err(WgslError::EdgeWord { route: route.name.clone(), delay: largest, targets: size });
        }
        let place = plan.place(route.target);
        let Some(port) = layout.groups.get(place.group).and_then(|g| g.ports.get(route.port as usize).copied().flatten()) else {
            return Err(WgslError::UnusedPort { route: route.name.clone() });
        };
        let record = word(tables, "tables")?;
        tables += u64::from(super::layout::ROUTE_WORDS);
        let row_start = word(tables, "tables")?;
        tables += u64::from(route.edges.sources) + 1;
        let first_edge = word(synapses, "synapses")?;
        synapses += edges;
        let weights = match route.weight {
            EdgeColumn::Shared(_) => None,
            EdgeColumn::PerEdge(_) => {
                let first = word(synapses, "synapses")?;
                synapses += edges;
                Some(first)
            }
        };
        layout.routes.push(RouteLayout {
            record,
            row_start,
            edges: first_edge,
            weights,
            target_bits,
            channel: port.channel + place.first_row,
            first_source: plan.first_row(route.source),
        });
        share_out(route, layout)?;
    }
    word(synapses, "synapses")?;
    layout.words.synapses = synapses;
    layout.words.tables = tables;
    Ok(())
}

/// Bits that hold a number.
fn bits(number: u64) -> u32 {
    64 - number.leading_zeros()
}

/// Work items of the route placed last.
fn share_out(route: &Route, layout: &mut Layout) -> Result<(), WgslError> {
    let number = layout.routes.len() as u32 - 1;
    let first_row = layout.routes[number as usize].first_source;
    // turns of the outer loop are spent even where nothing spikes
    let room = TURNS / u64::from(layout.window) - 1;
    let mut open: Option<(WorkItem, u64)> = None;
    for source in 0..route.edges.sources {
        let length = route.edges.row_start[source as usize + 1] - route.edges.row_start[source as usize];
        if length == 0 {
            continue;
        }
        let row = first_row + source;
        let cost = 1 + length.div_ceil(u64::from(WORKGROUP));
        if cost > room {
            layout.work.extend(open.take().map(|o| o.0));
            // each part takes one turn for the source besides those of its edges
            let lanes = u64::from(WORKGROUP) * (room - 1).max(1);
            let parts = u32::try_from(length.div_ceil(lanes)).ok().filter(|p| *p <= 0xffff && room > 1);
            let Some(parts) = parts else {
                return Err(WgslError::LoopTurns { route: route.name.clone(), edges: length, turns: TURNS });
            };
            layout.work.extend((0..parts).map(|part| WorkItem { route: number, first: row, count: 1, part, parts }));
            continue;
        }
        match &mut open {
            Some((item, spent)) if item.first / 32 == row / 32 && *spent + cost <= room => {
                item.count = row - item.first + 1;
                *spent += cost;
            }
            _ => {
                let item = WorkItem { route: number, first: row, count: 1, part: 0, parts: 1 };
                layout.work.extend(open.replace((item, cost)).map(|o| o.0));
            }
        }
    }
    layout.work.extend(open.map(|o| o.0));
    Ok(())
}
