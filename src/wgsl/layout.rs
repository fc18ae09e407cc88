//! Where every number stands: the one place of offsets, for Rust and for WGSL.
//!
//! In: [`Plan`] and the [`Shape`] of a schedule. Out: [`Layout`], which engines fill buffers by, and which prints itself as
//! WGSL constants ([`Layout::prelude`]). Not here: the numbers themselves (`engine::gpu::contents`), limits of a device
//! (`engine::gpu::buffers`).
//!
//! Everything is words of 32 bits. `[x][y]` below: y runs fastest.
//!
//! | buffer | holds |
//! | --- | --- |
//! | state | by group and column: `[instance][span]` f32, span = rows up to a multiple of 64; then what gathered synapses read: `[parity of the step][instance][span]`; states of synapses: `[instance][synapse]`; what those that learn read of neurons: `[slot][instance][span]` |
//! | ring | `[instance][slot][channel row]` i32; a channel is the span of one port; then spikes that synapses wait for: `[instance][slot][row/32]`; times of the last events of synapses: `[instance][synapse]` |
//! | spikes | a header ([`HEADER`] words of status), then bits: `[step of the batch][instance][row/32]`; spikes listed one by one ([`Sent`]) |
//! | samples | by tap: `[sample][instance][row of the tap]` f32 |
//! | params | parameters, derived numbers, units of ports, factors of drives: one word, or one per row, per instance, or both |
//! | inputs | a record per step of the batch: time, step, levels of drives, numbers of samples due, bits of listed spikes |
//! | synapses | pages, each: gathered synapses by target; those that learn by source and by target; by route: target and delay in a word per edge, a weight per edge where they differ |
//! | tables | routes, row starts, work items, blocks, columns of taps, tables of random laws |

use super::{WgslError, place};
use crate::plan::schedule::{self, Machine, Schedule, Shape};
use crate::plan::{Plan, RowSet};

mod column;
mod drawn;
mod drives;
mod gathered;
mod groups;
mod learned;
mod prelude;
mod routes;
mod sent;
mod taps;

pub use column::ColumnPlace;
pub use drawn::{Destination, JOB_WORDS, Job, Laws, PIECE, Targets};
pub use drives::{BackgroundPlace, LAW_WORDS, MovesPlace, Term, differs, law_words};
pub use gathered::{BundleLayout, Joined, NEXT, SynapsePlace, TotalPlace};
pub use groups::GroupLayout;
pub use learned::{LearnedLayout, PassLayout, TargetPlace, TrailLayout, leaves, leaves_of};
pub use routes::{Block, Page, Pivots, RouteLayout, WorkItem};
pub use sent::Sent;
pub use taps::TapLayout;

/// Words of status before the spike bits.
pub const HEADER: u32 = 16;
/// Word of the header: ordinal of the first dispatch in which a state was not finite, [`NONE`] if all are.
pub const FAULT_WINDOW: u32 = 0;
/// Word of the header: the first row, in the space of all groups and instances, with a number that was not finite, times
/// [`Layout::fault_places`], and the first place in it.
pub const FAULT_ROW: u32 = 1;
/// No such place.
pub const NONE: u32 = u32::MAX;
/// Steps in a batch at most.
const BATCH_STEPS: u32 = 1024;
/// Words of spike bits, input records or samples in a batch, where a shorter batch can keep below: 64 MiB.
const BATCH_WORDS: u64 = 1 << 24;
/// Workgroups in one dimension of a dispatch, on every device.
pub const BLOCKS: u32 = 65_535;
/// Buffers that a kernel sees, with one page of synapses.
pub const BUFFERS: u32 = 8;
/// Pages of synapses that a kernel sees at once at most: 8 GiB where a binding has two.
pub const PAGES: u32 = 4;
/// Words of a work item.
pub const WORK_WORDS: u32 = 4;
/// Words of a route among those that end in a block: its record, its column of pivots, its first source, sources.
pub const BLOCK_ROUTE_WORDS: u32 = 4;
/// Words that describe a route.
pub const ROUTE_WORDS: u32 = 16;
/// Words that tell a dispatch which steps are its own: ordinal, place, slot, steps, steps before.
pub const WINDOW_WORDS: u32 = 8;
/// Bytes of them.
pub const WINDOW_BYTES: u64 = WINDOW_WORDS as u64 * 4;
/// The binding of the window where it is a uniform block; pages of synapses but the first come after it.
pub const WINDOW_BINDING: u32 = 8;
/// Words of a record before the levels of drives: time, low and high word of the step.
pub const RECORD_HEAD: u32 = 3;

closed! {
    /// Where everything stands.
    ///
    /// [`lay_out`](super::lay_out) alone makes one, and nobody changes it:
    /// ```compile_fail,E0616
    /// fn changed(it: &mut synfire::wgsl::Layout) {
    ///     it.instances = 2;
    /// }
    /// ```
    #[derive(Clone, Debug, PartialEq)]
    pub struct Layout {
        /// Of the schedule.
        shape: Shape => [Shape],
        /// The window is told by immediates, else by a uniform block.
        immediates: bool => [bool],
        /// Words that a kernel sees of one buffer.
        page_words: u64 => [u64],
        /// Pages of synapses that a kernel sees at once: all, or one where there are more than an adapter lets it see.
        seen: u32 => [u32],
        /// Lanes that take a row of synapses together, where a workgroup takes spikes of all routes.
        lanes: u32 => [u32],
        /// Loop turns that one invocation may take.
        turns: u64 => [u64],
        /// Copies of the network.
        instances: u32 => [u32],
        /// Slots of the ring, a power of two.
        slots: u32 => [u32],
        /// Words of spike bits of one step and instance.
        spike_words: u32 => [u32],
        /// Rows of all channels: a slot of one instance.
        channel_rows: u32 => [u32],
        /// Words of a record of `inputs`.
        record: u32 => [u32],
        /// Steps for which spikes, inputs and samples have room.
        batch: u32 => [u32],
        /// By group of the plan.
        groups: Vec<GroupLayout> => [&[GroupLayout]],
        /// By tap of the plan.
        taps: Vec<TapLayout> => [&[TapLayout]],
        /// Gathered synapses.
        bundles: Vec<BundleLayout> => [&[BundleLayout]],
        /// Slots of the spikes that synapses wait for, a power of two; 0 if none does.
        history: u32 => [u32],
        /// Slots of what synapses read of neurons, a power of two that is no larger; 0 if none does.
        trail_slots: u32 => [u32],
        /// What synapses that events change read of neurons.
        trails: Vec<TrailLayout> => [&[TrailLayout]],
        /// Synapses that events change, by place in the plan.
        learned: Vec<LearnedLayout> => [&[LearnedLayout]],
        /// What spikes do to them, in the order of a step.
        passes: Vec<PassLayout> => [&[PassLayout]],
        /// What passes do, item by item.
        visits: Vec<WorkItem> => [&[WorkItem]],
        /// By route of the plan.
        routes: Vec<RouteLayout> => [&[RouteLayout]],
        /// Where spikes are listed for those who deliver them, if they are.
        sent: Option<Sent> => [&Option<Sent>],
        /// Parts of the synapses that a kernel sees at once.
        pages: Vec<Page> => [&[Page]],
        /// What deliveries do, item by item.
        work: Vec<WorkItem> => [&[WorkItem]],
        /// Rows that one workgroup advances, in the fused schedule.
        blocks: Vec<Block> => [&[Block]],
        /// First words of lists.
        places: Places => [&Places],
        /// Sizes of the buffers.
        words: Words => [&Words],
    }
}

/// First words of lists in `tables`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Words of the records of all routes, which each instance has for itself where they differ; 0: one record serves all.
    pub own_records: u32,
    pub work: u32,
    pub visits: u32,
    /// By block, where its part of the next begins; one more at the end.
    pub block_starts: u32,
    /// By block, the routes that reach it: record, column of its place among the pivots, first source, sources.
    pub block_routes: u32,
    /// Two words of a random key per instance.
    pub keys: u32,
    /// Quantiles of the normal law; 0 where nothing is drawn from it.
    pub normal: u32,
    /// Numbers of a row that is drawn again which stand in workgroup memory at once; no place in `tables`.
    pub row_room: u32,
}

/// Sizes of the buffers, words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    pub state: u64,
    pub ring: u64,
    pub spikes: u64,
    pub samples: u64,
    pub params: u64,
    pub inputs: u64,
    /// Of the largest page.
    pub synapses: u64,
    pub tables: u64,
}

/// Which rows of a group something is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Member {
    /// From this row on, so many.
    Range { first: u32, count: u32 },
    /// Its place for each row of the group stands in `tables`, [`NONE`] for others.
    Listed { table: u32 },
}

impl Member {
    /// A set of rows of a group, `shift` rows behind those of the set; takes room in `tables` if it is a list.
    fn new(rows: &RowSet, shift: u32, group_rows: u32, tables: &mut u64) -> Result<Member, WgslError> {
        Ok(match rows {
            RowSet::Range(range) => Member::Range { first: shift + range.start, count: range.end - range.start },
            RowSet::List(_) => Member::Listed { table: take(tables, u64::from(group_rows), "tables")? },
        })
    }
}

impl Layout {
    /// **Errors** more words in a buffer than an index can name; a delay that has no slot; rows too long for a loop.
    pub fn new(plan: &Plan, shape: Shape, machine: &Machine) -> Result<Layout, WgslError> {
        // in the fused schedule a block writes a step while others still look back from the one before
        let ahead = if shape.schedule == Schedule::Fused && !plan.learning.is_empty() { 2 } else { 1 };
        let mut layout = Layout {
            shape,
            immediates: machine.immediates,
            page_words: machine.binding_bytes / 4,
            seen: 1,
            lanes: schedule::common_lanes(plan, shape.schedule, shape.workgroup),
            turns: machine.turns(),
            instances: plan.instances.max(1),
            slots: plan.slots.max(2),
            spike_words: plan.rows.div_ceil(32),
            channel_rows: 0,
            record: 0,
            batch: BATCH_STEPS,
            groups: Vec::new(),
            taps: Vec::new(),
            bundles: Vec::new(),
            history: learned::longest_wait(plan).map_or(0, |steps| (steps + ahead).next_power_of_two()),
            trail_slots: if plan.learning.is_empty() { 0 } else { (plan.longest_trail() + ahead).next_power_of_two() },
            trails: Vec::new(),
            learned: Vec::new(),
            passes: Vec::new(),
            visits: Vec::new(),
            routes: Vec::new(),
            sent: None,
            pages: Vec::new(),
            work: Vec::new(),
            blocks: Vec::new(),
            places: Places::default(),
            words: Words::default(),
        };
        layout.place_groups(plan)?;
        gathered::place(plan, &mut layout)?;
        learned::place(plan, &mut layout)?;
        routes::place(plan, &mut layout, machine)?;
        layout.place_taps(plan)?;
        if let Some(sent) = &mut layout.sent {
            sent.place_lists(&mut layout.words.spikes, layout.instances)?;
        }
        let w = &layout.words;
        for (buffer, words) in [("state", w.state), ("ring", w.ring), ("spikes", w.spikes), ("samples", w.samples)] {
            word(words, buffer)?;
        }
        for (buffer, words) in [("params", w.params), ("inputs", w.inputs), ("synapses", w.synapses), ("tables", w.tables)] {
            word(words, buffer)?;
        }
        Ok(layout)
    }

    /// Places of a row that may be told to be not finite; 1 where a word does not hold them beside so many rows.
    pub fn fault_places(&self) -> u32 {
        let places = place::count(self.groups.iter().map(|g| g.columns).max().unwrap_or(0));
        let rows = u64::from(self.instances) * u64::from(self.spike_words) * 32;
        if rows * u64::from(places) < u64::from(NONE) { places } else { 1 }
    }

    /// First word of a state column.
    pub fn state_place(&self, group: usize, column: usize) -> u32 {
        let g = &self.groups[group];
        g.state + column as u32 * self.instances * g.span
    }

    /// First words of the two copies of a column that graded synapses read, if any does.
    pub fn export_places(&self, group: usize, column: usize) -> Option<[u32; 2]> {
        let g = self.groups.get(group)?;
        let first = g.exports.get(column).copied().flatten()?;
        Some([first, first + self.instances * g.span])
    }

    /// First word, in `ring`, of the spikes of a slot that edges wait for.
    pub fn history_place(&self, instance: u32, slot: u32) -> u32 {
        self.instances * self.slots * self.channel_rows + (instance * self.history + slot) * self.spike_words
    }

    /// First word of the spike bits of a step of the batch.
    pub fn spike_place(&self, step_of_batch: u32) -> u32 {
        HEADER + step_of_batch * self.instances * self.spike_words
    }

    /// Deliveries of a window: a page, and work items. One where a kernel sees all pages, else one by page that has any; one for what is
    /// drawn again.
    pub fn delivered(&self) -> Vec<(usize, std::ops::Range<u32>)> {
        // those of pages that are drawn again come last
        let pages = || self.pages.iter().enumerate().map(|(page, p)| (page, p.work.clone()));
        let again = || pages().filter(|(page, _)| self.pages[*page].again);
        let stored = again().next().map_or(self.work.len() as u32, |(_, work)| work.start);
        let mut list: Vec<(usize, std::ops::Range<u32>)> = match (&self.sent, self.seen) {
            (Some(sent), _) => vec![(0, 0..sent.groups)],
            (None, 1) => pages().filter(|(page, _)| !self.pages[*page].again).collect(),
            (None, _) => vec![(0, 0..stored)],
        };
        list.extend(again());
        list.retain(|(_, work)| !work.is_empty());
        list
    }

    /// The binding of a page of synapses.
    pub fn page_name(&self, page: usize) -> String {
        if self.seen > 1 && page > 0 { format!("synapses_{page}") } else { "synapses".to_owned() }
    }

    /// Workgroups of sums that targets share, for one instance: blocks of sources.
    pub fn total_blocks(&self) -> u32 {
        self.bundles.iter().filter_map(|b| b.total.as_ref()).map(|at| at.blocks).sum()
    }

    /// Workgroups of an update, for one instance.
    pub fn update_blocks(&self) -> u32 {
        self.groups.iter().map(|g| g.span.div_ceil(self.shape.workgroup)).sum()
    }
}

/// An index of a word.
pub(super) fn word(place: u64, buffer: &'static str) -> Result<u32, WgslError> {
    u32::try_from(place).ok().filter(|p| *p < NONE).ok_or(WgslError::TooManyWords { buffer, words: place })
}

/// Takes room in a buffer; gives its first word.
pub(super) fn take(words: &mut u64, count: u64, buffer: &'static str) -> Result<u32, WgslError> {
    let first = word(*words, buffer)?;
    *words += count;
    Ok(first)
}

#[cfg(test)]
mod tests;
