//! The layout as WGSL: constants, bindings, how an index is made. Every module begins with it.

use std::fmt::Write as _;

use super::{
    BLOCK_ROUTE_WORDS, FAULT_ROW, FAULT_WINDOW, HEADER, Layout, NONE, ROUTE_WORDS, RouteLayout, WINDOW_BINDING, WORK_WORDS,
};
use crate::plan::schedule::LIST;
use crate::wgsl::names;

impl Layout {
    /// Constants, bindings and places, as every module begins. `shaders/stub.wgsl` is this for the smallest network.
    pub fn prelude(&self) -> String {
        let mut out = String::from("// Where everything stands, as src/wgsl/layout.rs says.\n");
        let sent = self.sent.clone().unwrap_or_default();
        for (name, value) in [
            ("WORKGROUP", self.shape.workgroup),
            ("INSTANCES", self.instances),
            ("SLOTS", self.slots),
            ("CHANNEL_ROWS", self.channel_rows),
            ("SPIKE_WORDS", self.spike_words),
            ("HEADER", HEADER),
            ("FAULT_WINDOW", FAULT_WINDOW),
            ("FAULT_ROW", FAULT_ROW),
            ("FAULT_PLACES", self.fault_places()),
            ("RECORD", self.record),
            ("NONE", NONE),
            ("LIST", LIST),
            ("GATHER_WORDS", self.gather_words()),
            ("LANES", self.lanes),
            ("WORK_WORDS", WORK_WORDS),
            ("ROUTE_WORDS", ROUTE_WORDS),
            ("BLOCK_ROUTE_WORDS", BLOCK_ROUTE_WORDS),
            ("ROUTES", self.routes.len() as u32),
            ("SHARED", Kind::Shared as u32),
            ("OWN", Kind::Own as u32),
            ("EITHER", Kind::Either as u32),
            ("DELAYS", Kind::of(self.stored_routes().map(|r| r.target_bits < 32)) as u32),
            ("WEIGHTS", Kind::of(self.stored_routes().map(|r| r.weights.is_some())) as u32),
            ("SCALES", Kind::of(self.routes.iter().filter(|r| r.weights.is_some()).map(|r| r.scaled)) as u32),
            ("OWN_RECORDS", self.places.own_records),
            ("ROUTE_PLACE", self.routes.first().map_or(0, |r| r.record)),
            ("BLOCKS", self.update_blocks()),
            ("BLOCK_STARTS", self.places.block_starts),
            ("BLOCK_ROUTES", self.places.block_routes),
            ("BLOCK_BITS", (self.shape.window * self.shape.workgroup / 32).max(1)),
            ("SUM_SLOTS", self.shape.sum_slots),
            ("PORTS", self.shape.ports.max(1)),
            ("LEAST_DELAY", self.shape.least_delay),
            ("KEYS", self.places.keys),
            ("NORMAL_TABLE", self.places.normal),
            ("HISTORY", self.history_place(0, 0)),
            ("HISTORY_SLOTS", self.history),
            ("HISTORY_MASK", self.history.max(1) - 1),
            ("TRAIL_MASK", self.trail_slots.max(1) - 1),
            ("SENT_COUNTS", sent.counts),
            ("SENT_LISTS", sent.lists),
            ("SENT_ROOM", sent.room),
            ("SENT_SETS", sent.sets),
            ("SENT_ROUTES", sent.most),
            ("SENT_PARTS", sent.parts),
            ("SENT_GROUPS", sent.groups),
        ] {
            let _ = writeln!(out, "const {name}: u32 = {value}u;");
        }
        let _ = writeln!(out, "const LISTED: bool = {};", self.sent.is_some());
        out.push_str(WINDOW);
        // a buffer that is not written needs no barrier
        let samples = if self.taps.is_empty() { "read" } else { "read_write" };
        out.push_str(&BINDINGS.replace("SAMPLES", samples));
        self.declare_pages(&mut out);
        out.push_str(if self.immediates { "var<immediate> window: Window;\n" } else { UNIFORM });
        out.push_str(PLACES);
        out
    }

    /// Those whose synapses stand in pages.
    fn stored_routes(&self) -> impl Iterator<Item = &RouteLayout> {
        self.routes.iter().filter(|route| !route.again)
    }

    /// The pages of synapses after the first, and a word of any of them.
    fn declare_pages(&self, out: &mut String) {
        for page in 1..self.seen {
            let name = self.page_name(page as usize);
            let _ = writeln!(out, "@group(0) @binding({}) var<storage, read> {name}: array<u32>;", WINDOW_BINDING + page);
        }
        out.push_str("\nfn synapse_word(page: u32, at: u32) -> u32 {\n");
        for page in 1..self.seen {
            let name = self.page_name(page as usize);
            let _ = writeln!(out, "    if (page == {page}u) {{\n        return {name}[at];\n    }}");
        }
        out.push_str("    return synapses[at];\n}\n\n");
    }

    /// Words of spikes that a thread takes at once: where there are many more than threads it does not wait for each by itself.
    fn gather_words(&self) -> u32 {
        if self.shape.window * self.spike_words > 2 * self.shape.workgroup { 4 } else { 1 }
    }

    /// Constants of one group.
    pub fn group_constants(&self, group: usize) -> String {
        let g = &self.groups[group];
        let mut out = format!("// Where the rows of group {group} stand.\n");
        let mut constant = |name: String, value: u32| {
            let _ = writeln!(out, "const {name}: u32 = {value}u;");
        };
        constant(names::rows(group), g.rows);
        constant(names::span(group), g.span);
        constant(names::base(group), g.base);
        (0..g.columns).for_each(|k| constant(names::state_place(group, k), self.state_place(group, k)));
        for (k, place) in g.exports.iter().enumerate() {
            place.iter().for_each(|p| constant(names::export_place(group, k), *p));
        }
        for (k, place) in g.params.iter().enumerate() {
            place.iter().for_each(|p| constant(names::param_place(group, k as u32), p.first));
        }
        for (k, place) in g.derived.iter().enumerate() {
            place.iter().for_each(|p| constant(names::derived_place(group, k as u32), p.first));
        }
        for (k, port) in g.ports.iter().enumerate() {
            if let Some(port) = port {
                constant(names::channel(group, k as u32), port.channel);
                constant(names::unit_place(group, k as u32), port.unit.first);
            }
        }
        g.listed.iter().for_each(|l| constant(names::listed_place(group), *l));
        out
    }
}

/// What all routes have in common: one number for the synapses of each, one for every synapse, or some the one and some the other.
#[derive(Clone, Copy)]
enum Kind {
    Shared,
    Own,
    Either,
}

impl Kind {
    /// `own`: of each route.
    fn of(own: impl Iterator<Item = bool>) -> Kind {
        let (own, shared): (Vec<bool>, Vec<bool>) = own.partition(|own| *own);
        match (own.is_empty(), shared.is_empty()) {
            (true, _) => Kind::Shared,
            (_, true) => Kind::Own,
            _ => Kind::Either,
        }
    }
}

const WINDOW: &str = "
struct Window {
    // number of this dispatch within the batch, from 0
    ordinal: u32,
    // its first step within the part of the batch that is in the buffers
    place: u32,
    // slot of its first step
    slot: u32,
    steps: u32,
    // steps of the dispatch before whose spikes have not been delivered
    before: u32,
    // number of its first step among those whose spikes, and states of neurons, are kept for synapses
    past: u32,
    // number of this dispatch, of which lists of spikes take turns by
    turn: u32,
    spare: u32,
}
";

const BINDINGS: &str = "
@group(0) @binding(0) var<storage, read_write> state: array<f32>;
@group(0) @binding(1) var<storage, read_write> ring: array<atomic<i32>>;
@group(0) @binding(2) var<storage, read_write> spikes: array<atomic<u32>>;
@group(0) @binding(3) var<storage, SAMPLES> samples: array<f32>;
@group(0) @binding(4) var<storage, read> params: array<f32>;
@group(0) @binding(5) var<storage, read> inputs: array<u32>;
@group(0) @binding(6) var<storage, read> synapses: array<u32>;
@group(0) @binding(7) var<storage, read> tables: array<u32>;
";

const UNIFORM: &str = "@group(0) @binding(8) var<uniform> window: Window;\n";

const PLACES: &str = "
fn ring_place(slot: u32, instance: u32, channel_row: u32) -> u32 {
    return (instance * SLOTS + (slot & (SLOTS - 1u))) * CHANNEL_ROWS + channel_row;
}

// word: of the bits of all rows
fn spike_place(place: u32, instance: u32, word: u32) -> u32 {
    return HEADER + (place * INSTANCES + instance) * SPIKE_WORDS + word;
}

// a dispatch before this one went wrong: the state is left as it was then
fn stopped() -> bool {
    return atomicLoad(&spikes[FAULT_WINDOW]) < window.ordinal;
}
";
