//! What the command tells of graphics processors and of the kernels made for them.

use synfire::engine::gpu::adapters;
use synfire::plan::Plan;
use synfire::plan::schedule::{Machine, Settings};
use synfire::wgsl;

use super::{Failure, grouped, say};

/// The part of `doctor` about GPUs.
pub fn report() {
    let found = adapters();
    let hardware = found.iter().any(|adapter| !adapter.software);
    say(match (found.is_empty(), hardware) {
        (true, _) => "\nengine gpu: no adapter",
        (_, true) => "\nengine gpu: ready",
        (_, false) => "\nengine gpu: only a software adapter, taken when asked for by name (--adapter); the cpu engine is faster",
    });
    for adapter in &found {
        let kind = if adapter.software { "software, runs on the processor" } else { "hardware" };
        say(format_args!("  {} ({}, {kind})", adapter.name, adapter.backend));
        say(format_args!("    driver          {}", adapter.driver));
        say(format_args!("    one buffer      up to {} MiB", grouped(adapter.buffer_bytes >> 20)));
        say(format_args!("    one binding     up to {} MiB", grouped(adapter.binding_bytes >> 20)));
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
}

/// The part of `explain` about kernels.
pub fn kernels(plan: &Plan, settings: &Settings) -> Result<String, Failure> {
    wgsl::show(plan, &Machine::WEB, settings).map_err(|error| Failure { code: 1, message: format!("error[E100]: {error}") })
}
