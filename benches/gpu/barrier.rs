//! E3: a barrier of all workgroups within a dispatch, which neither WGSL nor Vulkan promises: what it costs where it works, and
//! whether what was written before it is seen after it.
//!
//! The wait is bounded: a workgroup that waits too long gives up and says so, so that nothing hangs.

use crate::device::{AS_THE_ENGINE, Device, read};
use crate::{Arguments, Outcome, Section};

/// Looks of a workgroup at the counter, in a whole dispatch, before it gives up.
const LOOKS: u32 = 1 << 24;

/// Every workgroup writes a word, waits for all, and reads that of its neighbour.
const WAIT: &str = "
@group(0) @binding(0) var<storage, read_write> arrived: array<atomic<u32>>;
@group(0) @binding(1) var<storage, read_write> words: array<atomic<u32>>;
@group(0) @binding(2) var<storage, read_write> wrong: array<atomic<u32>>;
var<workgroup> lost: u32;

@compute @workgroup_size(128)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) n: vec3<u32>) {
    var looks = 0u;
    for (var round = 1u; round <= ROUNDS; round += 1u) {
        if (lane == 0u) {
            atomicStore(&words[group.x * 32u], round);
        }
        storageBarrier();
        workgroupBarrier();
        if (lane == 0u) {
            lost = 0u;
            atomicAdd(&arrived[0], 1u);
            while (atomicLoad(&arrived[0]) < round * n.x) {
                looks += 1u;
                if (looks > LOOKS) {
                    lost = 1u;
                    break;
                }
            }
        }
        storageBarrier();
        if (workgroupUniformLoad(&lost) == 1u) {
            atomicAdd(&wrong[1], 1u);
            break;
        }
        if (lane == 0u && atomicLoad(&words[((group.x + 1u) % n.x) * 32u]) < round) {
            atomicAdd(&wrong[0], 1u);
        }
    }
}
";

pub fn measure(device: &Device, arguments: &Arguments) -> Outcome<Section> {
    let mut section =
        Section::new("E3: a barrier of all workgroups", &["workgroups", "rounds", "µs each", "words not seen", "gave up"]);
    let (few, many) = if arguments.small { (4, 8) } else { (200, 2000) };
    let grids: &[u32] = if arguments.small { &[1, 2] } else { &[1, 32, 132, 264, 528] };
    for grid in grids {
        if arguments.late() {
            break;
        }
        let words = device.buffer(u64::from(*grid) * 128);
        let wrong = device.buffer(16);
        let mut times = Vec::new();
        for rounds in [few, few, many] {
            let arrived = device.buffer(16);
            let text = WAIT.replace("ROUNDS", &format!("{rounds}u")).replace("LOOKS", &format!("{LOOKS}u"));
            let kernel = device.kernel(&text, &[&arrived, &words, &wrong], AS_THE_ENGINE);
            // words of the rounds before would hide what is not seen
            device.queue.write_buffer(&words, 0, &vec![0; *grid as usize * 128]);
            times.push(device.pass(&kernel, 1, *grid)?);
        }
        let found = read(device, &wrong)?;
        let us = 1e6 * (times[2] - times[1]) / f64::from(many - few);
        section.row([grid.to_string(), many.to_string(), format!("{us:.3}"), found[0].to_string(), found[1].to_string()]);
        if found[1] > 0 {
            break;
        }
    }
    Ok(section)
}
