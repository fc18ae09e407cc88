//! E2: sums by atomics, of i32 and where the adapter can of f32: spread over memory, all in few words, in workgroup memory.

use crate::device::{AS_THE_ENGINE, Device};
use crate::{Arguments, Outcome, Section};

/// Adds of one thread.
const TURNS: u32 = 64;

pub fn measure(device: &Device, arguments: &Arguments) -> Outcome<Section> {
    let mut section = Section::new("E2: sums by atomics", &["numbers", "where", "words", "adds per µs"]);
    let (groups, dispatches) = if arguments.small { (16, 2) } else { (132 * 16, 20) };
    let spread: [u64; 2] = if arguments.small { [1 << 12, 1 << 16] } else { [5 << 20, 20 << 20] };
    let kinds: &[&str] = if device.float_atomics { &["i32", "f32"] } else { &["i32"] };
    for kind in kinds {
        for words in [spread[0], 1, 32, spread[1]] {
            if arguments.late() {
                break;
            }
            let text = in_storage(kind, words);
            let memory = device.buffer(words.max(4) * 4);
            let seconds = device.time(&device.kernel(&text, &[&memory], AS_THE_ENGINE), dispatches, groups)?;
            let rate = f64::from(groups * 256 * TURNS) / seconds / 1e6;
            section.row([kind.to_string(), "storage".into(), words.to_string(), format!("{rate:.0}")]);
            if words == spread[0] && *kind == "i32" {
                section.constants.push(("adds_per_us", rate, format!("spread over {words} words of memory")));
            }
        }
    }
    // WGSL has no sums of f32 by atomics in workgroup memory
    for words in [1, 1024u64] {
        let memory = device.buffer(u64::from(groups) * 4);
        let seconds = device.time(&device.kernel(&in_workgroup(words), &[&memory], AS_THE_ENGINE), dispatches, groups)?;
        let rate = f64::from(groups * 256 * TURNS) / seconds / 1e6;
        section.row(["i32".into(), "workgroup".into(), words.to_string(), format!("{rate:.0}")]);
    }
    Ok(section)
}

/// A place without a pattern, another in each turn.
const PLACE: &str = "fn place(id: u32, k: u32) -> u32 { return ((id * 747796405u + k * 2891336453u) >> 3u); }\n";

fn in_storage(kind: &str, words: u64) -> String {
    format!(
        "@group(0) @binding(0) var<storage, read_write> sums: array<atomic<{kind}>>;\n{PLACE}\
         @compute @workgroup_size(256) fn main(@builtin(global_invocation_id) id: vec3<u32>) {{\n\
         for (var k = 0u; k < {TURNS}u; k += 1u) {{ atomicAdd(&sums[place(id.x, k) % {words}u], {kind}(k)); }}\n}}\n"
    )
}

fn in_workgroup(words: u64) -> String {
    format!(
        "@group(0) @binding(0) var<storage, read_write> out: array<i32>;\nvar<workgroup> sums: array<atomic<i32>, {words}>;\n{PLACE}\
         @compute @workgroup_size(256) fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3<u32>) {{\n\
         for (var k = 0u; k < {TURNS}u; k += 1u) {{ atomicAdd(&sums[place(lane, k) % {words}u], i32(k)); }}\n\
         workgroupBarrier();\nif (lane == 0u) {{ out[group.x] = atomicLoad(&sums[0]); }}\n}}\n"
    )
}
