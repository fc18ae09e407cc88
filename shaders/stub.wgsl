// What the plan declares before a shader of this folder, in its smallest form, so that each file is valid with this and what
// it calls. Printed by src/wgsl/layout/prelude.rs and src/wgsl/join.rs.
const WORKGROUP: u32 = 64u;
const INSTANCES: u32 = 1u;
const SLOTS: u32 = 2u;
const CHANNEL_ROWS: u32 = 64u;
const SPIKE_WORDS: u32 = 2u;
const HEADER: u32 = 16u;
const FAULT_WINDOW: u32 = 0u;
const FAULT_ROW: u32 = 1u;
const FAULT_PLACES: u32 = 6u;
const RECORD: u32 = 3u;
const NONE: u32 = 4294967295u;
const LIST: u32 = 512u;
const GATHER_WORDS: u32 = 4u;
const LANES: u32 = 32u;
const WORK_WORDS: u32 = 4u;
const ROUTE_WORDS: u32 = 16u;
const BLOCK_ROUTE_WORDS: u32 = 4u;
const ROUTES: u32 = 1u;
const SHARED: u32 = 0u;
const OWN: u32 = 1u;
const EITHER: u32 = 2u;
const DELAYS: u32 = 2u;
const WEIGHTS: u32 = 2u;
const SCALES: u32 = 2u;
const OWN_RECORDS: u32 = 0u;
const ROUTE_PLACE: u32 = 0u;
const BLOCKS: u32 = 1u;
const BLOCK_STARTS: u32 = 0u;
const BLOCK_ROUTES: u32 = 0u;
const BLOCK_BITS: u32 = 2u;
const SUM_SLOTS: u32 = 1u;
const PORTS: u32 = 1u;
const LEAST_DELAY: u32 = 1u;
const KEYS: u32 = 0u;
const NORMAL_TABLE: u32 = 0u;
const HISTORY: u32 = 0u;
const HISTORY_SLOTS: u32 = 1u;
const HISTORY_MASK: u32 = 0u;
const TRAIL_MASK: u32 = 0u;
const SENT_COUNTS: u32 = 0u;
const SENT_LISTS: u32 = 0u;
const SENT_ROOM: u32 = 0u;
const SENT_SETS: u32 = 0u;
const SENT_ROUTES: u32 = 1u;
const SENT_PARTS: u32 = 1u;
const SENT_GROUPS: u32 = 1u;
const LISTED: bool = true;
const WORK_ITEMS: u32 = 1u;
const WORK_PLACE: u32 = 0u;
const SUMS: u32 = 64u;

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

@group(0) @binding(0) var<storage, read_write> state: array<f32>;
@group(0) @binding(1) var<storage, read_write> ring: array<atomic<i32>>;
@group(0) @binding(2) var<storage, read_write> spikes: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read_write> samples: array<f32>;
@group(0) @binding(4) var<storage, read> params: array<f32>;
@group(0) @binding(5) var<storage, read> inputs: array<u32>;
@group(0) @binding(6) var<storage, read> synapses: array<u32>;
@group(0) @binding(7) var<storage, read> tables: array<u32>;
@group(0) @binding(8) var<uniform> window: Window;

fn synapse_word(page: u32, at: u32) -> u32 {
    return synapses[at];
}

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
