//! `synfire doctor`: what this machine can run networks on, whether its adapters answer right, and what to install.

use std::fs;

use super::{Failure, say};

pub fn run() -> Result<(), Failure> {
    say(format_args!("synfire {}", env!("CARGO_PKG_VERSION")));
    say("\nengine cpu: ready");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    say(format_args!("  processor        {}", processor()));
    say(format_args!("  cores            {cores}"));
    say(format_args!("  instruction set  {}", instruction_set()));
    super::gpu::report()
}

/// The model name, where the system tells it.
pub fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = info.lines().find(|line| line.starts_with("model name") || line.starts_with("Hardware"));
    let name = line.and_then(|line| line.split_once(':')).map(|(_, name)| name.trim().to_string());
    name.unwrap_or_else(|| format!("{} (its name is not told by the system)", std::env::consts::ARCH))
}

/// What the CPU engine will use.
pub fn instruction_set() -> &'static str {
    match pulp::Arch::new() {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        pulp::Arch::V4(_) => "AVX-512",
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        pulp::Arch::V3(_) => "AVX2 and FMA",
        #[cfg(target_arch = "aarch64")]
        pulp::Arch::Neon(_) => "NEON",
        _ => "the least of this architecture",
    }
}
