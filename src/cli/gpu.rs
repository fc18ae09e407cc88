//! What the command tells of graphics processors and of the kernels made for them.

use synfire::engine::gpu::{adapters, hardware, planned, total};
use synfire::plan::Plan;
use synfire::plan::schedule::{Machine, Settings};
use synfire::wgsl;

use super::{Failure, grouped, say};

/// The part of `doctor` about GPUs.
///
/// **Errors** an adapter that answers wrong, or not at all.
pub fn report() -> Result<(), Failure> {
    let found = adapters();
    let hardware = found.iter().any(|adapter| !adapter.software);
    say(match (found.is_empty(), hardware) {
        (true, _) => "\nengine gpu: no adapter",
        (_, true) => "\nengine gpu: ready",
        (_, false) => {
            "\nengine gpu: only a software adapter, taken where a GPU is asked for (--engine gpu, --adapter); the cpu engine is faster"
        }
    });
    let mut wrong = Vec::new();
    for adapter in &found {
        let kind = if adapter.software { "software, runs on the processor" } else { "hardware" };
        say(format_args!("  {} ({}, {kind})", adapter.name, adapter.backend));
        say(format_args!("    driver          {}", adapter.driver));
        say(format_args!("    one buffer      up to {} MiB", grouped(adapter.buffer_bytes >> 20)));
        say(format_args!("    one binding     up to {} MiB", grouped(adapter.binding_bytes >> 20)));
        wrong.extend(super::answers::asked(adapter));
    }
    if !hardware {
        say("\nto install:");
        say("  a GPU of this machine needs its Vulkan driver (Linux, Windows) or nothing more (macOS)");
    }
    if found.is_empty() && cfg!(target_os = "linux") {
        say("  Debian, Ubuntu:  apt-get install libvulkan1 mesa-vulkan-drivers   (AMD, Intel, and a software adapter)");
        say("  Fedora:          dnf install vulkan-loader mesa-vulkan-drivers");
        say("  Arch:            pacman -S vulkan-icd-loader vulkan-swrast");
    }
    super::answers::outcome(&wrong)
}

/// The adapter that `explain` is about, and what it is called.
pub fn machine(part: Option<&str>) -> Result<(Machine, String), Failure> {
    let chosen = match part {
        None => hardware(),
        Some(part) => {
            let found = adapters();
            let wanted = part.to_lowercase();
            let named = found.iter().find(|a| a.name.to_lowercase().contains(&wanted));
            if named.is_none() {
                let names: Vec<&str> = found.iter().map(|a| a.name.as_str()).collect();
                let names = if names.is_empty() { "none".to_string() } else { names.join(", ") };
                return Err(Failure {
                    code: 1,
                    message: format!("error: no GPU adapter with `{part}` in its name; found: {names}"),
                });
            }
            named.cloned()
        }
    };
    Ok(match chosen {
        Some(adapter) => (adapter.machine, adapter.name.clone()),
        None => (Machine::WEB, "any GPU, within what every browser allows".to_string()),
    })
}

/// The part of `explain` about memory on the device.
pub fn memory(plan: &Plan, machine: &Machine, settings: &Settings) -> String {
    let layout = match wgsl::lay_out(plan, machine, settings) {
        Ok(layout) => layout,
        Err(error) => return format!("no memory planned: {error}"),
    };
    let mut out = String::from("\nBuffers on the device\n");
    for p in planned(&layout).iter().filter(|p| p.bytes > 16) {
        let copies = if p.copies > 1 { format!(" (of {})", p.copies) } else { String::new() };
        out.push_str(&format!("  {:<12} {:>16} bytes{copies}\n", p.buffer, grouped(p.bytes)));
    }
    out.push_str(&format!("  {:<12} {:>16} bytes\n", "all", grouped(total(&layout))));
    out
}

/// The part of `explain` about kernels.
pub fn kernels(plan: &Plan, machine: &Machine, settings: &Settings) -> Result<String, Failure> {
    wgsl::show(plan, machine, settings).map_err(|error| Failure { code: 1, message: format!("error[E100]: {error}") })
}
