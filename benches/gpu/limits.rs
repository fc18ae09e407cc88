//! E8, E9 and E13: buffers as large as an adapter allows, how long a dispatch may take, and how long a network takes to be ready.

use std::time::Instant;

use synfire::{Choice, Network, Options};

use crate::device::{AS_THE_ENGINE, Device, read_from};
use crate::{Arguments, Outcome, Section};

/// Writes a word near the end of a buffer, and one at its beginning.
const ENDS: &str = "
@group(0) @binding(0) var<storage, read_write> words: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let last = arrayLength(&words) - 1u;
    words[select(id.x, last - (id.x - 32u), id.x >= 32u)] = id.x + 1u;
}
";

/// E8.
pub fn sizes(device: &Device, arguments: &Arguments) -> Outcome<Section> {
    let mut section = Section::new("E8: large buffers", &["bytes of each", "buffers", "first and last word written"]);
    let whole = device.device.limits().max_storage_buffer_binding_size.min(device.device.limits().max_buffer_size) & !255;
    let sizes: &[(u64, usize)] = if arguments.small { &[(1 << 20, 2)] } else { &[(1 << 30, 1), (whole, 1), (whole, 4)] };
    for (bytes, count) in sizes {
        if arguments.late() {
            break;
        }
        let buffers: Vec<_> = (0..*count).map(|_| device.buffer(*bytes)).collect();
        let mut right = true;
        for buffer in &buffers {
            device.pass(&device.kernel(ENDS, &[buffer], AS_THE_ENGINE), 1, 1)?;
            right &= read_from(device, buffer, 0, 4)?[0] == 1 && read_from(device, buffer, bytes - 4, 4)?[0] == 33;
        }
        section.row([bytes.to_string(), count.to_string(), if right { "yes" } else { "NO" }.into()]);
        section
            .gates
            .push((format!("{count} buffers of {bytes} bytes"), if right { Ok("seen whole".into()) } else { Err("not".into()) }));
    }
    Ok(section)
}

/// One thread counts.
const COUNT: &str = "
@group(0) @binding(0) var<storage, read_write> words: array<u32>;
@compute @workgroup_size(1)
fn main() {
    var x = words[0];
    for (var k = 0u; k < TURNS; k += 1u) {
        x = x * 1664525u + (x >> 7u) + 1013904223u;
    }
    words[0] = x;
    words[1] += 1u;
}
";

/// E9.
pub fn longest(device: &Device, arguments: &Arguments) -> Outcome<Section> {
    let mut section = Section::new("E9: long dispatches", &["turns", "seconds", "came to its end"]);
    let turns: &[u32] = if arguments.small { &[1 << 12] } else { &[1 << 22, 1 << 25, 1 << 27, 1 << 28] };
    for turns in turns {
        if arguments.late() {
            break;
        }
        let memory = device.buffer(16);
        let kernel = device.kernel(&COUNT.replace("TURNS", &format!("{turns}u")), &[&memory], AS_THE_ENGINE);
        let seconds = device.pass(&kernel, 1, 1)?;
        let ended = read_from(device, &memory, 4, 4)?[0] == 1;
        section.row([turns.to_string(), format!("{seconds:.3}"), if ended { "yes" } else { "NO" }.into()]);
        if !ended {
            break;
        }
    }
    Ok(section)
}

/// E13.
pub fn ready(device: &Device, arguments: &Arguments) -> Outcome<Section> {
    let head = ["models", "time", "ready after s", "first step s"];
    let mut section = Section::new("E13: until a network is ready", &head);
    for models in if arguments.small { vec![1, 3] } else { vec![1, 10, 50] } {
        for time in ["first", "second"] {
            if arguments.late() {
                break;
            }
            // each model is one of its own, so that each has its own lines in the kernel
            let network = different(models);
            let began = Instant::now();
            let mut simulation = network.compile(&Options::default().engine(Choice::Adapter(device.info.name.clone())))?;
            let ready = began.elapsed().as_secs_f64();
            simulation.run_steps(1)?;
            let first = began.elapsed().as_secs_f64() - ready;
            section.row([models.to_string(), time.into(), format!("{ready:.3}"), format!("{first:.3}")]);
        }
    }
    Ok(section)
}

fn different(models: u32) -> Network {
    let mut net = Network::new("different");
    net.dt("0.1 ms");
    let text: String = (0..models)
        .map(|k| format!("neuron m{k}\n  param tau = {} ms\n  state v = 1 mV\n  dv/dt = -v/tau + {k} mV/ms*exp(-v/({} mV))\n  threshold v >= 900 mV\n  reset v = 0 mV\n", 5 + k, 3 + k))
        .collect();
    net.equations(&text);
    for k in 0..models {
        net.population(format!("p{k}"), format!("m{k}"), 64);
    }
    net
}
