// What the plan declares before a shader of this folder, in its smallest form, so that each file is valid with this one alone.
// Printed by src/wgsl/layout.rs, but for the two tables at the end, which wait for random draws on the device.
const WORKGROUP: u32 = 64u;
const INSTANCES: u32 = 1u;
const SLOT_MASK: u32 = 1u;
const CHANNEL_ROWS: u32 = 64u;
const SPIKE_WORDS: u32 = 2u;
const HEADER: u32 = 16u;
const FAULT_WINDOW: u32 = 0u;
const FAULT_ROW: u32 = 1u;
const RECORD: u32 = 1u;
const NONE: u32 = 4294967295u;
const WORK_ITEMS: u32 = 1u;
const WORK_PLACE: u32 = 0u;
const WORK_WORDS: u32 = 4u;
const ROUTE_WORDS: u32 = 8u;
const INSTANCE_ROWS: u32 = 64u;

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

@group(0) @binding(9) var<storage, read> normal_table: array<i32>;
@group(0) @binding(10) var<storage, read> poisson_thresholds: array<u32>;
