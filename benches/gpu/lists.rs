//! E7 and E11: work that is known on the device alone (indirect dispatches against too many workgroups), and how spikes are put
//! out (bits by atomics, bits by ballots, a list).

use crate::device::{AS_THE_ENGINE, Device};
use crate::{Arguments, Outcome, Section};

/// Workgroups beyond those that have work leave at once.
const LEAVE: &str = "
@group(0) @binding(0) var<storage, read_write> words: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3<u32>) {
    if (group.x >= 132u) {
        return;
    }
    let at = group.x * 64u + lane;
    words[at] = words[at] * 3u + 1u;
}
";

/// E7.
pub fn indirect(device: &Device, arguments: &Arguments) -> Outcome<Section> {
    let mut section = Section::new("E7: workgroups that have no work", &["dispatched", "workgroups", "µs each"]);
    let memory = device.buffer(132 * 64 * 4);
    let kernel = device.kernel(LEAVE, &[&memory], AS_THE_ENGINE);
    let times = if arguments.small { 20 } else { 1000 };
    for grid in [132, 1024, 4096, 16_384, 65_535] {
        if arguments.late() {
            break;
        }
        let us = 1e6 * device.time(&kernel, if grid > 4096 { times / 4 } else { times }, grid)?;
        section.row(["all".into(), grid.to_string(), format!("{us:.2}")]);
    }
    let us = 1e6 * device.time_indirect(&kernel, times, 132)?;
    section.row(["as a buffer says".into(), "132".into(), format!("{us:.2}")]);
    Ok(section)
}

const HEAD: &str = "
@group(0) @binding(0) var<storage, read_write> out: array<atomic<u32>>;
@group(0) @binding(1) var<storage, read_write> numbers: array<u32>;
var<workgroup> bits: array<atomic<u32>, 8>;
var<workgroup> count: atomic<u32>;
var<workgroup> first: u32;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(global_invocation_id) id: vec3<u32>) {
    let number = numbers[id.x] * 747796405u + 2891336453u;
    numbers[id.x] = number;
    let spike = (number >> 8u) % 1000u < RATE;
";

/// A word of bits per 32 threads, gathered by atomics in workgroup memory, as the engine does it.
const BITS: &str = "
    if (lane < 8u) {
        atomicStore(&bits[lane], 0u);
    }
    workgroupBarrier();
    if (spike) {
        atomicOr(&bits[lane / 32u], 1u << (lane & 31u));
    }
    workgroupBarrier();
    if (lane < 8u) {
        atomicStore(&out[id.x / 256u * 8u + lane], atomicLoad(&bits[lane]));
    }
}
";

/// A place in one list per spike.
const LIST: &str = "
    if (spike) {
        out[atomicAdd(&out[0], 1u) % 65536u + 1u] = id.x;
    }
}
";

/// A place in one list per workgroup that has spikes.
const BLOCKS: &str = "
    if (lane == 0u) {
        atomicStore(&count, 0u);
    }
    workgroupBarrier();
    var own = 0u;
    if (spike) {
        own = atomicAdd(&count, 1u);
    }
    workgroupBarrier();
    if (lane == 0u) {
        let all = atomicLoad(&count);
        if (all > 0u) {
            first = atomicAdd(&out[0], all);
        }
    }
    workgroupBarrier();
    if (spike) {
        atomicStore(&out[(first + own) % 65536u + 1u], id.x);
    }
}
";

/// E11.
pub fn spikes(device: &Device, arguments: &Arguments) -> Outcome<Section> {
    let mut section = Section::new("E11: spikes of 262,144 rows", &["put out as", "spikes in a thousand rows", "µs"]);
    let groups = if arguments.small { 4 } else { 1024 };
    let list = LIST.replace(
        "out[atomicAdd(&out[0], 1u) % 65536u + 1u] = id.x;",
        "atomicStore(&out[atomicAdd(&out[0], 1u) % 65536u + 1u], id.x);",
    );
    for rate in [0, 1, 20] {
        for (name, text) in [("bits", BITS), ("a list, by spike", list.as_str()), ("a list, by workgroup", BLOCKS)] {
            if arguments.late() {
                break;
            }
            let (out, numbers) = (device.buffer(65_540 * 4), device.buffer(262_144 * 4));
            let seeds: Vec<u32> = (0..262_144u32).map(|k| k.wrapping_mul(2_654_435_761)).collect();
            device.queue.write_buffer(&numbers, 0, bytemuck::cast_slice(&seeds));
            let source = format!("{}{text}", HEAD.replace("RATE", &format!("{rate}u")));
            let kernel = device.kernel(&source, &[&out, &numbers], AS_THE_ENGINE);
            let us = 1e6 * device.time(&kernel, if arguments.small { 4 } else { 500 }, groups)?;
            section.row([name.into(), rate.to_string(), format!("{us:.2}")]);
        }
    }
    Ok(section)
}
