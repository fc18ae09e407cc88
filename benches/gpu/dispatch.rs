//! E1: how long a small dispatch takes that needs what the one before it wrote.

use std::fmt::Write as _;

use crate::device::{AS_THE_ENGINE, Device};
use crate::{Arguments, Outcome, Section};

pub fn measure(device: &Device, arguments: &Arguments) -> Outcome<Section> {
    let mut section = Section::new("E1: dispatches that depend on each other", &["read-write buffers", "workgroups", "µs each"]);
    let (dispatches, grids) = if arguments.small { (40, [1, 4, 16]) } else { (4000, [1, 132, 1024]) };
    let most = grids[2];
    let mut smallest = None;
    // that of the engine first
    for count in [4, 1, 2, 8usize] {
        let buffers: Vec<_> = (0..count).map(|_| device.buffer(u64::from(most) * 64 * 4)).collect();
        let mut text = String::new();
        for k in 0..count {
            let _ = writeln!(text, "@group(0) @binding({k}) var<storage, read_write> b{k}: array<u32>;");
        }
        text.push_str("@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {\n");
        for k in 0..count {
            let _ = writeln!(text, "b{k}[id.x] = b{k}[id.x] * 3u + 1u;");
        }
        text.push_str("}\n");
        let kernel = device.kernel(&text, &buffers.iter().collect::<Vec<_>>(), AS_THE_ENGINE);
        for grid in grids {
            if arguments.late() {
                break;
            }
            let us = 1e6 * device.time(&kernel, dispatches, grid)?;
            if grid == 1 && count == 4 {
                smallest = Some(us);
            }
            section.row([count.to_string(), grid.to_string(), format!("{us:.2}")]);
        }
    }
    if let Some(us) = smallest {
        section.constants.push(("dispatch_us", us, "four read-write buffers, one workgroup".into()));
    }
    // the engine's kernels write four buffers
    section.gate("a small dispatch that depends on the one before, four buffers, µs", smallest, 3.0);
    Ok(section)
}
