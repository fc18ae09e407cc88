//! Where every number stands: the one place of offsets, for Rust and for WGSL.
//!
//! In: [`Plan`]. Out: [`Layout`], which engines fill buffers by, and which prints itself as WGSL constants ([`Layout::prelude`]).
//! Not here: the numbers themselves (`engine::gpu::contents`), limits of a device (`engine::gpu::buffers`).
//!
//! Everything is words of 32 bits. `[x][y]` below: y runs fastest.
//!
//! | buffer | holds |
//! | --- | --- |
//! | state | by group and column: `[instance][span]` f32, span = rows up to a multiple of 64 |
//! | ring | `[slot][instance][channel row]` i32; a channel is the span of one port |
//! | spikes | a header ([`HEADER`] words of status), then bits: `[step of the batch][instance][row/32]` |
//! | samples | by tap: `[sample][instance][row of the tap]` f32 |
//! | params | parameters, derived numbers, units of ports, factors of drives: one word, or one per row |
//! | inputs | a record per step of the batch: time, levels of drives, numbers of samples due, bits of listed spikes |
//! | synapses | by route: target and delay in a word per edge, then a weight per edge where they differ |
//! | tables | routes, row starts, work items of delivery, columns of taps |

use std::fmt::Write as _;

use super::routes::{self, RouteLayout, WorkItem};
use super::{WgslError, names};
use crate::model::rule::{Graph, Node};
use crate::plan::{Column, Group, Plan, RowSet, Tap, Wave};

/// Threads of a workgroup.
pub const WORKGROUP: u32 = 64;
/// Words of status before the spike bits.
pub const HEADER: u32 = 16;
/// Word of the header: ordinal of the first window in which a state was not finite, [`NONE`] if all are.
pub const FAULT_WINDOW: u32 = 0;
/// Word of the header: the first row, in the space of all groups and instances, that was not finite.
pub const FAULT_ROW: u32 = 1;
/// No such place.
pub const NONE: u32 = u32::MAX;
/// Loop turns of one invocation: llvmpipe cuts at 65,535, without a word.
pub const TURNS: u64 = 32_768;
/// Steps in a window at most: what a dispatch may take in time, and a part of [`TURNS`].
pub const WINDOW_STEPS: u32 = 1024;
/// Steps in a batch at most.
const BATCH_STEPS: u32 = 1024;
/// Words of spike bits, input records or samples in a batch, where a shorter batch can keep below: 64 MiB.
const BATCH_WORDS: u64 = 1 << 24;
/// Workgroups in one dimension of a dispatch, on every device.
pub const BLOCKS: u32 = 65_535;
/// Words of a work item.
pub const WORK_WORDS: u32 = 4;
/// Words that describe a route.
pub const ROUTE_WORDS: u32 = 8;

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    pub instances: u32,
    /// Slots of the ring, a power of two.
    pub slots: u32,
    /// Words of spike bits of one step and instance.
    pub spike_words: u32,
    /// Rows of all channels: a slot of one instance.
    pub channel_rows: u32,
    /// Words of a record of `inputs`.
    pub record: u32,
    /// Steps that a dispatch may advance.
    pub window: u32,
    /// Steps for which spikes, inputs and samples have room.
    pub batch: u32,
    pub groups: Vec<GroupLayout>,
    pub taps: Vec<TapLayout>,
    pub routes: Vec<RouteLayout>,
    pub work: Vec<WorkItem>,
    /// First word of the work items in `tables`.
    pub work_place: u32,
    pub words: Words,
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
    pub synapses: u64,
    pub tables: u64,
}

/// Where the rows of a group stand.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupLayout {
    pub rows: u32,
    /// First row in the space of all groups.
    pub base: u32,
    /// Rows up to a multiple of [`WORKGROUP`].
    pub span: u32,
    /// First word of the first state column.
    pub state: u32,
    pub columns: usize,
    /// Parameters that the step reads.
    pub params: Vec<Option<ColumnPlace>>,
    pub derived: Vec<Option<ColumnPlace>>,
    pub ports: Vec<Option<PortPlace>>,
    /// Drives on each continuous input, in the order of the plan.
    pub inputs: Vec<Vec<DrivePlace>>,
    /// First word of its listed spikes in a record.
    pub listed: Option<u32>,
}

/// A column of `params`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnPlace {
    pub first: u32,
    /// A word per row, else one for all.
    pub per_row: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortPlace {
    /// First row of its channel.
    pub channel: u32,
    /// Its unit, in `params`.
    pub unit: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrivePlace {
    /// Place in the plan.
    pub drive: usize,
    /// Word of a record that holds its level.
    pub level: u32,
    /// What a row multiplies the level by; `None`: 1 for every row of the group.
    pub factor: Option<u32>,
}

/// A probe of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapLayout {
    /// Place in the plan.
    pub tap: usize,
    pub group: usize,
    pub column: u32,
    /// First row of the group that is sampled, where they are one range.
    pub first_row: u32,
    pub rows: u32,
    /// Place in `tables` of the sample's column for each row of the group; `None`: one range.
    pub column_of_row: Option<u32>,
    pub every: u64,
    /// Word of a record that holds the number of the sample due, or [`NONE`].
    pub due: u32,
    /// First word in `samples`.
    pub place: u32,
    /// Samples for which there is room.
    pub room: u32,
}

impl Layout {
    /// **Errors** more words in a buffer than an index can name; a delay that has no slot; rows too long for a loop.
    pub fn new(plan: &Plan) -> Result<Layout, WgslError> {
        let instances = plan.instances.max(1);
        let mut layout = Layout {
            instances,
            slots: plan.slots.max(2),
            spike_words: plan.rows.div_ceil(32),
            channel_rows: 0,
            record: 0,
            window: routes::window(plan),
            batch: BATCH_STEPS,
            groups: Vec::new(),
            taps: Vec::new(),
            routes: Vec::new(),
            work: Vec::new(),
            work_place: 0,
            words: Words::default(),
        };
        layout.place_groups(plan)?;
        routes::place(plan, &mut layout)?;
        layout.place_taps(plan)?;
        layout.work_place = word(layout.words.tables, "tables")?;
        layout.words.tables += u64::from(WORK_WORDS) * layout.work.len() as u64;
        let w = &layout.words;
        for (buffer, words) in [("state", w.state), ("ring", w.ring), ("spikes", w.spikes), ("samples", w.samples)] {
            word(words, buffer)?;
        }
        for (buffer, words) in [("params", w.params), ("inputs", w.inputs), ("synapses", w.synapses), ("tables", w.tables)] {
            word(words, buffer)?;
        }
        Ok(layout)
    }

    /// Places the groups anew: after parameters have changed from one for all to one per row.
    pub fn place_groups(&mut self, plan: &Plan) -> Result<(), WgslError> {
        let (mut state, mut params, mut channel_rows) = (0u64, 0u64, 0u64);
        // word 0 of a record is the time, then a level per drive
        let mut record = 1 + plan.drives.len() as u64;
        self.groups.clear();
        for (number, group) in plan.groups.iter().enumerate() {
            let span = u64::from(group.rows.next_multiple_of(WORKGROUP));
            let used = Used::of(group);
            let columns = |list: &[Column], used: &[bool], params: &mut u64| -> Result<Vec<Option<ColumnPlace>>, WgslError> {
                list.iter()
                    .zip(used)
                    .map(|(column, used)| used.then(|| column_place(column, group.rows, params)).transpose())
                    .collect()
            };
            let mut placed = GroupLayout {
                rows: group.rows,
                base: group.base,
                span: word(span, "state")?,
                state: word(state, "state")?,
                columns: group.rule.states.len(),
                params: columns(&group.params, &used.params, &mut params)?,
                derived: columns(&group.derived, &used.derived, &mut params)?,
                ports: Vec::new(),
                inputs: vec![Vec::new(); group.rule.inputs.len()],
                listed: None,
            };
            state += span * u64::from(self.instances) * group.rule.states.len() as u64;
            for port in &group.ports {
                placed.ports.push(if port.used {
                    let place = PortPlace { channel: word(channel_rows, "ring")?, unit: word(params, "params")? };
                    channel_rows += span;
                    params += 1;
                    Some(place)
                } else {
                    None
                });
            }
            for (k, drive) in plan.drives.iter().enumerate().filter(|(_, d)| d.group == number) {
                let whole = drive.rows == RowSet::Range(0..group.rows);
                let uniform = whole && !matches!(drive.wave, Wave::Constant(Column::PerRow(_)) | Wave::External { .. });
                let factor = if uniform { None } else { Some(word(params, "params")?) };
                params += if uniform { 0 } else { u64::from(group.rows) };
                if let Some(terms) = placed.inputs.get_mut(drive.input as usize) {
                    terms.push(DrivePlace { drive: k, level: 1 + k as u32, factor });
                }
            }
            if used.listed {
                placed.listed = Some(word(record, "inputs")?);
                record += span / 32;
            }
            self.groups.push(placed);
        }
        // samples due, one word per probe of a state
        for tap in &mut self.taps {
            tap.due = word(record, "inputs")?;
            record += 1;
        }
        self.channel_rows = word(channel_rows, "ring")?;
        self.record = word(record, "inputs")?;
        self.words.state = state;
        self.words.params = params;
        self.words.ring = u64::from(self.slots) * u64::from(self.instances) * channel_rows;
        Ok(())
    }

    fn place_taps(&mut self, plan: &Plan) -> Result<(), WgslError> {
        for (tap, probe) in plan.taps.iter().enumerate() {
            let Tap::State { population, column, rows, every } = probe else { continue };
            let place = plan.place(*population);
            let (first, column_of_row) = match rows {
                RowSet::Range(range) => (place.first_row + range.start, None),
                RowSet::List(_) => (0, Some(word(self.words.tables, "tables")?)),
            };
            if column_of_row.is_some() {
                self.words.tables += u64::from(plan.groups[place.group].rows);
            }
            self.taps.push(TapLayout {
                tap,
                group: place.group,
                column: *column,
                first_row: first,
                rows: rows.len() as u32,
                column_of_row,
                every: (*every).max(1),
                due: word(u64::from(self.record), "inputs")?,
                place: 0,
                room: 0,
            });
            self.record += 1;
        }
        let per_step = u64::from(self.spike_words) * u64::from(self.instances);
        // the longest batch whose records stay below BATCH_WORDS; one step always runs
        loop {
            let batch = u64::from(self.batch);
            let mut samples = 0u64;
            for tap in &mut self.taps {
                tap.place = word(samples, "samples")?;
                tap.room = batch.div_ceil(tap.every) as u32;
                samples += u64::from(tap.room) * u64::from(self.instances) * u64::from(tap.rows);
            }
            self.words.samples = samples;
            self.words.spikes = u64::from(HEADER) + batch * per_step;
            self.words.inputs = batch * u64::from(self.record);
            let largest = samples.max(self.words.spikes).max(self.words.inputs);
            if largest <= BATCH_WORDS || self.batch == 1 {
                return Ok(());
            }
            self.batch /= 2;
        }
    }

    /// First word of a state column.
    pub fn state_place(&self, group: usize, column: usize) -> u32 {
        let g = &self.groups[group];
        g.state + column as u32 * self.instances * g.span
    }

    /// First word of the spike bits of a step of the batch.
    pub fn spike_place(&self, step_of_batch: u32) -> u32 {
        HEADER + step_of_batch * self.instances * self.spike_words
    }

    /// Constants, bindings and places, as every module begins. `shaders/stub.wgsl` is this for the smallest network.
    pub fn prelude(&self) -> String {
        let mut out = String::from("// Where everything stands, as src/wgsl/layout.rs says.\n");
        for (name, value) in [
            ("WORKGROUP", WORKGROUP),
            ("INSTANCES", self.instances),
            ("SLOT_MASK", self.slots - 1),
            ("CHANNEL_ROWS", self.channel_rows),
            ("SPIKE_WORDS", self.spike_words),
            ("HEADER", HEADER),
            ("FAULT_WINDOW", FAULT_WINDOW),
            ("FAULT_ROW", FAULT_ROW),
            ("RECORD", self.record),
            ("NONE", NONE),
            ("WORK_ITEMS", self.work.len() as u32),
            ("WORK_PLACE", self.work_place),
            ("WORK_WORDS", WORK_WORDS),
            ("ROUTE_WORDS", ROUTE_WORDS),
            ("INSTANCE_ROWS", self.spike_words * 32),
        ] {
            let _ = writeln!(out, "const {name}: u32 = {value}u;");
        }
        out.push_str(BINDINGS);
        out
    }

    /// Constants of one group's module.
    pub fn group_constants(&self, group: usize) -> String {
        let g = &self.groups[group];
        let mut out = String::from("// Where the rows of this group stand.\n");
        let mut constant = |name: String, value: u32| {
            let _ = writeln!(out, "const {name}: u32 = {value}u;");
        };
        constant("ROWS".into(), g.rows);
        constant("SPAN".into(), g.span);
        constant("BASE".into(), g.base);
        (0..g.columns).for_each(|k| constant(names::state_place(k), self.state_place(group, k)));
        for (k, place) in g.params.iter().enumerate() {
            place.iter().for_each(|p| constant(names::param_place(k as u32), p.first));
        }
        for (k, place) in g.derived.iter().enumerate() {
            place.iter().for_each(|p| constant(names::derived_place(k as u32), p.first));
        }
        for (k, port) in g.ports.iter().enumerate() {
            if let Some(port) = port {
                constant(names::channel(k as u32), port.channel);
                constant(names::unit_place(k as u32), port.unit);
            }
        }
        for drive in g.inputs.iter().flatten() {
            constant(names::level_place(drive.drive), drive.level);
            drive.factor.iter().for_each(|f| constant(names::factor_place(drive.drive), *f));
        }
        g.listed.iter().for_each(|l| constant("LISTED".into(), *l));
        out
    }
}

/// What the shaders bind, and how an index is made; ROADMAP.md issue 3 adds to it, within eight storage buffers.
const BINDINGS: &str = "
struct Window {
    // number of this window within the batch, from 0
    ordinal: u32,
    // its first step within the batch
    place: u32,
    // slot of its first step
    slot: u32,
    steps: u32,
}

@group(0) @binding(0) var<storage, read_write> state: array<f32>;
@group(0) @binding(1) var<storage, read_write> ring: array<atomic<i32>>;
@group(0) @binding(2) var<storage, read_write> spikes: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read_write> samples: array<f32>;
@group(0) @binding(4) var<storage, read> params: array<f32>;
@group(0) @binding(5) var<storage, read> inputs: array<u32>;
@group(0) @binding(6) var<storage, read> synapses: array<u32>;
@group(0) @binding(7) var<storage, read> tables: array<u32>;
@group(0) @binding(8) var<uniform> window: Window;

fn ring_place(slot: u32, instance: u32, channel_row: u32) -> u32 {
    return ((slot & SLOT_MASK) * INSTANCES + instance) * CHANNEL_ROWS + channel_row;
}

// row: in the space of all groups
fn spike_place(place: u32, instance: u32, row: u32) -> u32 {
    return HEADER + (place * INSTANCES + instance) * SPIKE_WORDS + row / 32u;
}

// a window before this one went wrong: the state is left as it was then
fn stopped() -> bool {
    return atomicLoad(&spikes[FAULT_WINDOW]) < window.ordinal;
}
";

/// Which leaves the step of a group reads.
struct Used {
    params: Vec<bool>,
    derived: Vec<bool>,
    listed: bool,
}

impl Used {
    fn of(group: &Group) -> Used {
        let rule = &group.rule;
        let mut used = Used { params: vec![false; group.params.len()], derived: vec![false; group.derived.len()], listed: false };
        let mut wanted = vec![false; rule.graph.nodes.len()];
        rule.next.iter().chain(&rule.spike).for_each(|n| wanted[n.0 as usize] = true);
        for i in (0..wanted.len()).rev().filter(|i| *i < rule.graph.nodes.len()) {
            if !wanted[i] {
                continue;
            }
            let node = rule.graph.nodes[i];
            Graph::operands(node).for_each(|o| wanted[o.0 as usize] = true);
            match node {
                Node::Param(k) => used.params[k as usize] = true,
                Node::Derived(k) => used.derived[k as usize] = true,
                Node::Listed => used.listed = true,
                _ => {}
            }
        }
        used
    }
}

fn column_place(column: &Column, rows: u32, params: &mut u64) -> Result<ColumnPlace, WgslError> {
    let per_row = matches!(column, Column::PerRow(_));
    let place = ColumnPlace { first: word(*params, "params")?, per_row };
    *params += if per_row { u64::from(rows) } else { 1 };
    Ok(place)
}

/// An index of a word.
pub(super) fn word(place: u64, buffer: &'static str) -> Result<u32, WgslError> {
    u32::try_from(place).ok().filter(|p| *p < NONE).ok_or(WgslError::TooManyWords { buffer, words: place })
}
