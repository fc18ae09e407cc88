//! Where synapses that carry spikes stand, and how delivery is shared out among workgroups.
//!
//! In: the routes of a plan. Out: [`RouteLayout`]s, [`Page`]s, [`WorkItem`]s and [`Block`]s of a [`Layout`]. A page is what
//! a kernel sees of the synapses at once; a route that passes its end is cut between two sources. In the two-pass schedule a
//! work item is what one workgroup does in a window: up to 32 sources whose bits stand in one word, or, where rows are so
//! long that a loop would pass the turns that are allowed, a part of one row. In the fused schedule a block finds its part of
//! a row by pivots: rows are sorted by target. Not here: the words themselves (`engine::gpu::contents`).

use std::ops::Range;

use super::drawn::{Destination, JOB_WORDS, Job, Laws, ROW_ROOM, SOME_ROOM, Targets};
use super::{BLOCK_ROUTE_WORDS, Layout, ROUTE_WORDS, WORK_WORDS, WgslError, sent, take, word};
use crate::plan::schedule::{self, Machine, Schedule};
use crate::plan::{Plan, Route, normal_table};

/// Where the synapses of a route, or of some of its sources, stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteLayout {
    /// Place in the plan.
    pub route: usize,
    /// Sources of the route.
    pub sources: Range<u32>,
    /// First of its words in `tables`.
    pub record: u32,
    pub page: usize,
    /// Row starts, in `tables`: edges from the first of this part on.
    pub row_start: u32,
    /// A word per edge in `synapses`: target row, and the delay above it where delays differ.
    pub edges: u32,
    /// A word per edge in `synapses`, where weights differ.
    pub weights: Option<u32>,
    /// These are numbers that each instance makes whole ones of, since it has a scale of its own.
    pub scaled: bool,
    /// Bits of the target in an edge's word; 32 where all delays are one.
    pub target_bits: u32,
    /// Row of the target's first neuron in a slot of the ring.
    pub channel: u32,
    /// The first of the sources in the space of all groups.
    pub first_source: u32,
    /// Row of the target's first neuron in its group.
    pub first_target: u32,
    /// Number of the port among the used ones of its group.
    pub port: u32,
    /// By source and block: first edge, in `tables`; fused schedule.
    pub pivots: Option<Pivots>,
    /// Its synapses are kept nowhere: [`RouteLayout::edges`] is the place of the record by which they are drawn for each spike.
    pub again: bool,
}

/// The table of pivots of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pivots {
    pub table: u32,
    /// First block that the targets touch, counted in the group.
    pub first_block: u32,
    /// Blocks that they touch; a row of the table has one entry more.
    pub blocks: u32,
}

/// What a kernel sees of the synapses at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub words: u64,
    /// Its work items.
    pub work: Range<u32>,
    /// What it holds are records and laws of routes that are drawn again.
    pub again: bool,
}

/// Rows that one workgroup advances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    pub group: usize,
    /// First row in its group.
    pub first_row: u32,
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

/// Turns of one work item at most: longer rows are shared among workgroups.
const ITEM_TURNS: u64 = 1 << 14;

pub(super) fn place(plan: &Plan, layout: &mut Layout, machine: &Machine) -> Result<(), WgslError> {
    let workgroup = layout.shape.workgroup;
    if layout.shape.schedule == Schedule::Fused {
        for (group, g) in plan.groups.iter().enumerate() {
            let firsts = (0..g.rows.next_multiple_of(64)).step_by(workgroup as usize);
            layout.blocks.extend(firsts.map(|first_row| Block { group, first_row }));
        }
    }
    // what is drawn again for each spike
    let mut again = Vec::new();
    // what learns is sent by the passes that change it
    for (number, route) in plan.routes.iter().enumerate().filter(|(_, route)| route.learned.is_none()) {
        cut(plan, layout, number, route, &mut again)?;
    }
    let pages = layout.pages.len();
    if pages <= machine.pages as usize {
        layout.seen = pages.max(1) as u32;
    } else if layout.shape.schedule != Schedule::TwoPass {
        return Err(WgslError::Pages { schedule: layout.shape.schedule.name(), pages, limit: machine.pages });
    }
    // all records one after the other, so that a kernel can walk them
    let words = u64::from(ROUTE_WORDS) * layout.routes.len() as u64;
    // instances that have weights or delays of their own have records of their own
    let (copies, own) = if plan.varied_ports().is_empty() { (1, 0) } else { (u64::from(layout.instances), words) };
    let first = take(&mut layout.words.tables, words * copies, "tables")?;
    layout.places.own_records = word(own, "tables")?;
    for (k, route) in (0u32..).zip(&mut layout.routes) {
        route.record = first + k * ROUTE_WORDS;
    }
    match layout.shape.schedule {
        Schedule::TwoPass => {
            for page in 0..layout.pages.len() {
                let from = layout.work.len() as u32;
                for k in 0..layout.routes.len() {
                    if layout.routes[k].page == page && !layout.routes[k].again {
                        share_out(plan, layout, k)?;
                    }
                }
                layout.pages[page].work = from..layout.work.len() as u32;
            }
            sent::place(plan, layout)?;
            draw_again(plan, layout, &again)?;
            let words = u64::from(WORK_WORDS) * layout.work.len() as u64;
            layout.places.work = take(&mut layout.words.tables, words, "tables")?;
        }
        Schedule::Fused => {
            let blocks = layout.blocks.len() as u64;
            layout.places.block_starts = take(&mut layout.words.tables, blocks + 1, "tables")?;
            let entries: u64 = layout.routes.iter().filter_map(|r| r.pivots).map(|p| u64::from(p.blocks)).sum();
            layout.places.block_routes = take(&mut layout.words.tables, u64::from(BLOCK_ROUTE_WORDS) * entries, "tables")?;
            sent::place(plan, layout)?;
        }
        Schedule::Resident => {}
    }
    layout.words.synapses = layout.pages.iter().map(|p| p.words).max().unwrap_or(0);
    Ok(())
}

/// Cuts a route into parts that fit their pages.
fn cut(plan: &Plan, layout: &mut Layout, number: usize, route: &Route, again: &mut Vec<Redrawn>) -> Result<(), WgslError> {
    let (least, largest) = plan.delays(number);
    let empty = route.edges.is_empty();
    if !empty && (least < 1 || largest >= layout.slots || !layout.slots.is_power_of_two()) {
        let delay = if least < 1 { least } else { largest };
        return Err(WgslError::Delay { route: route.name.clone(), delay: u64::from(delay), slots: layout.slots });
    }
    let target = plan.place(route.target);
    if route.edges.own_delays().is_some() {
        return Err(WgslError::EdgeWord { route: route.name.clone(), delay: u64::from(largest), targets: u64::from(target.size) });
    }
    let Some(port) = layout.groups.get(target.group).and_then(|g| g.ports.get(route.port as usize).copied().flatten()) else {
        return if empty { Ok(()) } else { Err(WgslError::UnusedPort { route: route.name.clone() }) };
    };
    let per_edge = 1 + u64::from(!route.weight.is_shared());
    let edges = &route.edges;
    let mut part = RouteLayout {
        route: number,
        sources: 0..edges.sources(),
        record: 0,
        page: 0,
        row_start: 0,
        edges: 0,
        weights: None,
        scaled: per_edge == 2 && scaled(plan, route),
        target_bits: edges.target_bits(),
        channel: port.channel + target.first_row,
        first_source: plan.first_row(route.source),
        first_target: target.first_row,
        port: port.number,
        pivots: None,
        again: false,
    };
    if let Some((job, longest)) = redrawn(plan, layout, &part) {
        part.edges = JOB_WORDS * again.len() as u32;
        part.row_start = take(&mut layout.words.tables, u64::from(edges.sources()) + 1, "tables")?;
        again.push(Redrawn { place: layout.routes.len(), job, longest });
        layout.routes.push(RouteLayout { again: true, ..part });
        return Ok(());
    }
    let mut first = 0;
    while first < edges.sources() {
        let begin = edges.first(first);
        let Some(page) = layout.pages.last() else { break };
        // two words are kept free: no page is filled to the last word, so that an index beside it is still inside
        let room = layout.page_words.saturating_sub(page.words + 2) / per_edge;
        let last = edges.rows_before(begin + room);
        if last <= first {
            if page.words == 0 {
                let edges = edges.first(first + 1) - begin;
                return Err(WgslError::RowPage { route: route.name.clone(), edges, limit: layout.page_words * 4 });
            }
            layout.pages.push(Page { words: 0, work: 0..0, again: false });
            continue;
        }
        let count = edges.first(last) - begin;
        let page_number = layout.pages.len() - 1;
        let mut words = layout.pages[page_number].words;
        let place = take(&mut words, count, "synapses")?;
        let weights = if per_edge == 2 { Some(take(&mut words, count, "synapses")?) } else { None };
        layout.pages[page_number].words = words;
        let row_start = take(&mut layout.words.tables, u64::from(last - first) + 1, "tables")?;
        let pivots = pivots(layout, target.first_row, target.size, last - first)?;
        layout.routes.push(RouteLayout {
            sources: first..last,
            page: page_number,
            row_start,
            edges: place,
            weights,
            first_source: part.first_source + first,
            pivots,
            ..part.clone()
        });
        first = last;
    }
    Ok(())
}

/// A route that is drawn again for each spike.
struct Redrawn {
    /// In the layout.
    place: usize,
    job: Job,
    /// Synapses of the source that has most.
    longest: u64,
}

/// How a route is drawn again for each spike, if it is to be and can be: a work item takes a source at least; and its longest row.
fn redrawn(plan: &Plan, layout: &Layout, part: &RouteLayout) -> Option<(Job, u64)> {
    let route = &plan.routes[part.route];
    if !layout.shape.again || !route.again || route.edges.is_empty() {
        return None;
    }
    let (job, longest) = (Job::new(plan, part.route, part.scaled)?, route.edges.longest_row());
    let fits = job.targets() != Targets::Chosen || longest <= ROW_ROOM.into();
    (fits && spike_turns(layout, &job, longest) <= window_turns(layout)).then_some((job, longest))
}

/// Loop turns of a thread for a spike of a source with so many synapses.
fn spike_turns(layout: &Layout, job: &Job, synapses: u64) -> u64 {
    let threads = u64::from(layout.shape.workgroup);
    2 + synapses / u64::from(SOME_ROOM) + job.row_turns(synapses, threads) + job.value_turns(synapses, threads)
}

/// Loop turns of a thread for what comes in a step of a window.
fn window_turns(layout: &Layout) -> u64 {
    // turns of the outer loop are spent even where nothing spikes
    layout.turns / u64::from(layout.shape.window) - 1
}

/// The page of what is drawn again, with its work items: those of routes come one after the other.
fn draw_again(plan: &Plan, layout: &mut Layout, redrawn: &[Redrawn]) -> Result<(), WgslError> {
    if redrawn.is_empty() {
        return Ok(());
    }
    if layout.places.normal == 0 && redrawn.iter().any(|r| r.job.draws_normal()) {
        layout.places.normal = take(&mut layout.words.tables, normal_table().len() as u64, "tables")?;
    }
    let room_of = |r: &Redrawn| match r.job.targets() {
        Targets::Chosen => r.longest as u32,
        Targets::Trials => SOME_ROOM,
        Targets::Everybody | Targets::Itself => 1,
    };
    layout.places.row_room = redrawn.iter().map(room_of).max().unwrap_or(1);
    let (from, page) = (layout.work.len() as u32, layout.pages.len());
    let mut laws = Laws::behind(vec![0; JOB_WORDS as usize * redrawn.len()]);
    let room = window_turns(layout);
    for Redrawn { place: number, job, .. } in redrawn {
        let place = &layout.routes[*number];
        job.words(&Destination::default(), &mut laws);
        let edges = &plan.routes[place.route].edges;
        let rows = place.sources.clone().map(|source| (place.first_source + source, edges.first(source + 1) - edges.first(source)));
        let cost = |length| spike_turns(layout, job, length);
        let made = items(rows, *number as u32, room, &cost, |_| None);
        let refused = |edges| WgslError::LoopTurns { route: plan.routes[place.route].name.clone(), edges, turns: layout.turns };
        layout.work.extend(made.map_err(refused)?);
        layout.routes[*number].page = page;
    }
    layout.pages.push(Page { words: laws.words.len() as u64, work: from..layout.work.len() as u32, again: true });
    Ok(())
}

impl Layout {
    /// Are delays, and what routes have in each instance of a plan, within what was laid out for the one before?
    pub fn holds_routes(&self, before: &Plan, plan: &Plan) -> bool {
        let (shape, (least, largest)) = (&self.shape, schedule::delays(plan));
        let windows = plan.slots() == before.slots() && plan.window() == before.window() && least.max(1) == shape.least_delay;
        let sums = shape.sum_slots == 0 || shape.window + largest.saturating_sub(least) <= shape.sum_slots;
        let own = |place: &RouteLayout| place.weights.is_some() || place.again;
        let held = |place: &RouteLayout| !own(place) || place.scaled || !scaled(plan, &plan.routes()[place.route]);
        let records = self.places.own_records > 0 || plan.varied_ports().is_empty();
        windows && sums && records && self.routes.iter().all(held)
    }
}

/// Has any instance a scale of its own where a route ends?
fn scaled(plan: &Plan, route: &Route) -> bool {
    let (group, port) = (plan.place(route.target).group, route.port as usize);
    plan.variants.iter().any(|v| v.ports.get(group).and_then(|ports| ports.get(port)?.as_ref()).is_some())
}

/// The pivots of so many sources onto these rows, in the fused schedule.
pub(super) fn pivots(layout: &mut Layout, first_row: u32, size: u32, sources: u32) -> Result<Option<Pivots>, WgslError> {
    if layout.shape.schedule != Schedule::Fused {
        return Ok(None);
    }
    let workgroup = layout.shape.workgroup;
    let first_block = first_row / workgroup;
    let blocks = (first_row + size.max(1) - 1) / workgroup - first_block + 1;
    let table = take(&mut layout.words.tables, u64::from(sources) * u64::from(blocks + 1), "tables")?;
    Ok(Some(Pivots { table, first_block, blocks }))
}

/// Work items of a part of a route.
fn share_out(plan: &Plan, layout: &mut Layout, number: usize) -> Result<(), WgslError> {
    let place = &layout.routes[number];
    let route = &plan.routes[place.route];
    let (room, workgroup) = (window_turns(layout), u64::from(layout.shape.workgroup));
    let lengths = place.sources.clone().map(|source| route.edges.first(source + 1) - route.edges.first(source));
    let made = rows_of((place.first_source..).zip(lengths), number as u32, room, workgroup);
    let refused = |edges| WgslError::LoopTurns { route: route.name.clone(), edges, turns: layout.turns };
    let made = made.map_err(refused)?;
    layout.work.extend(made);
    word(layout.work.len() as u64, "tables")?;
    Ok(())
}

/// Work items of rows, each with the number of its synapses, that take no more turns than there is room for.
///
/// **Errors** the synapses of a row that is too long.
pub(super) fn rows_of(rows: impl Iterator<Item = (u32, u64)>, route: u32, room: u64, workgroup: u64) -> Result<Vec<WorkItem>, u64> {
    let room = room.min(ITEM_TURNS);
    items(rows, route, room, &|length| 1 + length.div_ceil(workgroup), |length| {
        // each part takes one turn for the row besides those of its synapses
        let lanes = workgroup * room.saturating_sub(1).max(1);
        u32::try_from(length.div_ceil(lanes)).ok().filter(|parts| *parts <= 0xffff && room > 1)
    })
}

/// The same where a row takes turns by its length, and one that takes too many is shared among so many items, or among none.
fn items(
    rows: impl Iterator<Item = (u32, u64)>,
    route: u32,
    room: u64,
    turns: &dyn Fn(u64) -> u64,
    parts: impl Fn(u64) -> Option<u32>,
) -> Result<Vec<WorkItem>, u64> {
    let mut out = Vec::new();
    let mut open: Option<(WorkItem, u64)> = None;
    for (row, length) in rows.filter(|(_, length)| *length > 0) {
        let cost = turns(length);
        if cost > room {
            out.extend(open.take().map(|o| o.0));
            let parts = parts(length).ok_or(length)?;
            out.extend((0..parts).map(|part| WorkItem { route, first: row, count: 1, part, parts }));
            continue;
        }
        match &mut open {
            Some((item, spent)) if item.first / 32 == row / 32 && *spent + cost <= room => {
                item.count = row - item.first + 1;
                *spent += cost;
            }
            _ => {
                let item = WorkItem { route, first: row, count: 1, part: 0, parts: 1 };
                out.extend(open.replace((item, cost)).map(|o| o.0));
            }
        }
    }
    out.extend(open.map(|o| o.0));
    Ok(out)
}
