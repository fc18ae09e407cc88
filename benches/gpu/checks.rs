//! E6: what the checks of indices and loops cost, and zeroed workgroup memory: a step of a network in one workgroup, by hand.

use crate::device::{Care, Device};
use crate::{Arguments, Outcome, Section};

/// Steps of a dispatch.
const STEPS: u32 = 64;

/// 1024 neurons of 256 threads; a sixteenth of them sends to 64 others in each step.
const STEP: &str = "
@group(0) @binding(0) var<storage, read_write> state: array<f32>;
@group(0) @binding(1) var<storage, read_write> edges: array<u32>;
var<workgroup> arrived: array<atomic<i32>, 1024>;
var<workgroup> padding: array<u32, 2048>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
    padding[lane] = lane;
    for (var k = 0u; k < 4u; k += 1u) {
        atomicStore(&arrived[lane + 256u * k], 0);
    }
    workgroupBarrier();
    for (var step = 0u; step < STEPS; step += 1u) {
        for (var k = 0u; k < 64u; k += 1u) {
            let source = (k * 16u + step) % 1024u;
            if (lane < 64u) {
                atomicAdd(&arrived[edges[source * 64u + lane] % 1024u], 3);
            }
        }
        workgroupBarrier();
        for (var k = 0u; k < 4u; k += 1u) {
            let row = lane + 256u * k;
            let input = f32(atomicExchange(&arrived[row], 0));
            state[row] = fma(state[row], 0.99, 0.001 * input + 1e-9 * f32(padding[lane]));
        }
        workgroupBarrier();
    }
}
";

pub fn measure(device: &Device, arguments: &Arguments) -> Outcome<Section> {
    let title = "E6: checks, and zeroed workgroup memory";
    let mut section = Section::new(title, &["checks of indices and loops", "zeroed", "workgroups", "µs per step"]);
    let text = STEP.replace("STEPS", &format!("{STEPS}u"));
    let (state, edges) = (device.buffer(1024 * 4), device.buffer(1024 * 64 * 4));
    let targets: Vec<u32> = (0..65_536u32).map(|k| k.wrapping_mul(2_654_435_761) >> 7).collect();
    device.queue.write_buffer(&edges, 0, bytemuck::cast_slice(&targets));
    let grids: &[u32] = if arguments.small { &[1] } else { &[1, 132] };
    for care in [(true, true), (true, false), (false, true), (false, false)].map(|(checks, zeroed)| Care { checks, zeroed }) {
        let kernel = device.kernel(&text, &[&state, &edges], care);
        for grid in grids {
            if arguments.late() {
                break;
            }
            let us = 1e6 * device.time(&kernel, if arguments.small { 4 } else { 200 }, *grid)? / f64::from(STEPS);
            let word = |on: bool| if on { "on" } else { "off" }.to_string();
            section.row([word(care.checks), word(care.zeroed), grid.to_string(), format!("{us:.3}")]);
        }
    }
    Ok(section)
}
