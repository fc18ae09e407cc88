//! A device and its queue: which adapters there are, one chosen and opened, failures as values.
//!
//! In: a [`AdapterChoice`]. Out: [`GpuDevice`]. wgpu panics on an error that nobody asks for: everything here and in the folder
//! runs within [`GpuDevice::scoped`], and what is reported outside of a scope is kept and given back by
//! [`GpuDevice::trouble`]. Not here: buffers, kernels.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::hush;
use crate::plan::Limit;
use crate::plan::schedule::{Machine, Settings};
use crate::wgsl::layout::{self, BUFFERS, PAGES, WINDOW_BYTES};
use crate::wgsl::{Unsupported, WgslError};

/// Threads that kernels make use of.
const THREADS: u32 = 1024;
/// How long one batch may take before the device is given up.
const PATIENCE: Duration = Duration::from_secs(600);

/// Which adapter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AdapterChoice {
    /// The fastest kind that there is; a software adapter last.
    #[default]
    Best,
    /// The first whose name, driver or backend contains this.
    Named(String),
}

/// An adapter of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// As the driver tells it.
    pub name: String,
    /// Driver and its version.
    pub driver: String,
    /// `Vulkan`, `Metal`, `Dx12`, ...
    pub backend: String,
    /// Runs on the processor.
    pub software: bool,
    /// Bytes that a kernel can see of one buffer.
    pub binding_bytes: u64,
    /// Bytes of one buffer.
    pub buffer_bytes: u64,
    /// What kernels may use.
    pub machine: Machine,
}

/// Why the GPU engine could not start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GpuError {
    /// No adapter, or none of this name.
    #[error("no GPU adapter{}; found: {}", .wanted.as_ref().map(|w| format!(" with `{w}` in its name")).unwrap_or_default(), if .found.is_empty() { "none".to_owned() } else { .found.join(", ") })]
    NoAdapter {
        /// Part of the name that was asked for.
        wanted: Option<String>,
        /// Names of those that there are.
        found: Vec<String>,
    },
    /// An adapter that allows less than every kernel needs.
    #[error("the adapter {adapter} allows {found} {what}, and the kernels need {need}")]
    Adapter {
        /// Its name.
        adapter: String,
        /// What there is too little of.
        what: &'static str,
        /// How much it allows.
        found: u64,
        /// How much the kernels need.
        need: u64,
    },
    /// A buffer larger than the adapter allows.
    #[error("the buffer `{buffer}` needs {need} bytes, and {adapter} allows {limit}\n  help: {remedy}")]
    TooLarge {
        /// Its name.
        buffer: &'static str,
        /// Its bytes.
        need: u64,
        /// Bytes that a buffer may have.
        limit: u64,
        /// The name of the adapter.
        adapter: String,
        /// What would fit.
        remedy: &'static str,
    },
    /// All buffers together pass the memory budget.
    #[error(
        "the network needs {need} bytes on {adapter}, and may use {limit}\n  help: make it smaller, or raise the memory budget"
    )]
    Budget {
        /// Their bytes.
        need: u64,
        /// Bytes of the budget.
        limit: u64,
        /// The name of the adapter.
        adapter: String,
    },
    /// There are no kernels for the network.
    #[error(transparent)]
    Kernel(#[from] WgslError),
    /// The device refused or failed at something.
    #[error("the device failed while it {during}: {message}")]
    Device {
        /// What it was doing, as in "while it ran a batch".
        during: String,
        /// What the driver said.
        message: String,
    },
}

impl From<Vec<Unsupported>> for GpuError {
    fn from(reasons: Vec<Unsupported>) -> GpuError {
        GpuError::Kernel(WgslError::Unsupported(reasons))
    }
}

impl GpuError {
    /// What is too much of what; `None`: no limit was passed.
    pub fn limit(&self) -> Option<Limit> {
        let (part, unit, need, limit, remedy) = match self {
            GpuError::Adapter { what, found, need, .. } => {
                ("the kernels".to_owned(), *what, *need, *found, "another adapter, or the CPU engine")
            }
            GpuError::TooLarge { buffer, need, limit, remedy, .. } => {
                (format!("the buffer `{buffer}`"), "bytes", *need, *limit, *remedy)
            }
            GpuError::Budget { need, limit, .. } => {
                ("the network".to_owned(), "bytes", *need, *limit, "a smaller network, or a larger budget")
            }
            GpuError::Kernel(error) => return error.limit(),
            GpuError::NoAdapter { .. } | GpuError::Device { .. } => return None,
        };
        Some(Limit { part, unit, need, limit: Some(limit), remedy })
    }

    pub(super) fn device(during: &str, message: impl ToString) -> GpuError {
        GpuError::Device { during: during.to_owned(), message: message.to_string() }
    }
}

/// The adapters of this machine, the best first.
pub async fn adapters() -> Vec<Adapter> {
    found().await.iter().map(describe).collect()
}

/// Is what would be chosen no software?
pub async fn is_hardware(choice: &AdapterChoice) -> bool {
    may_have_hardware() && among(&found().await, choice).is_some_and(|adapter| !describe(adapter).software)
}

fn among<'a>(list: &'a [wgpu::Adapter], choice: &AdapterChoice) -> Option<&'a wgpu::Adapter> {
    match choice {
        AdapterChoice::Best => list.first(),
        AdapterChoice::Named(part) => {
            let part = part.to_lowercase();
            list.iter().find(|a| {
                let a = describe(a);
                format!("{} {} {}", a.name, a.driver, a.backend).to_lowercase().contains(&part)
            })
        }
    }
}

/// Can there be hardware at all? A system that has a device file for every GPU tells without loading a driver, which takes a
/// second where there are many; any other may have one.
pub fn may_have_hardware() -> bool {
    const NAMES: [&str; 8] = ["nvidia", "nvhost", "nvgpu", "dxg", "kgsl", "mali", "pvr", "kfd"];
    if !cfg!(target_os = "linux") {
        return true;
    }
    let holds = |folder: &str, names: &[&str]| match std::fs::read_dir(folder) {
        Ok(entries) => entries.flatten().any(|e| names.iter().any(|n| e.file_name().to_string_lossy().starts_with(n))),
        // who cannot look does not know
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    };
    holds("/dev/dri", &["render", "card"]) || holds("/dev", &NAMES)
}

/// The one instance of a process: drivers are loaded once, which takes longer than to open a device. A process that was forked
/// from one that had it needs another.
static INSTANCE: Mutex<Option<(u32, wgpu::Instance)>> = Mutex::new(None);

async fn found() -> Vec<wgpu::Adapter> {
    let mut list = hush::quietly(|| {
        let mut kept = INSTANCE.lock().unwrap_or_else(PoisonError::into_inner);
        let process = std::process::id();
        if kept.as_ref().is_none_or(|(of, _)| *of != process) {
            let fresh = (process, wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle()));
            // what another process has is not ours to close
            std::mem::forget(kept.replace(fresh));
        }
        let all = kept.as_ref().map(|(_, instance)| instance.enumerate_adapters(wgpu::Backends::all()));
        all.map(pollster::block_on).unwrap_or_default()
    });
    list.sort_by_key(|a| match a.get_info().device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu | wgpu::DeviceType::Other => 2,
        wgpu::DeviceType::Cpu => 3,
    });
    list
}

fn describe(adapter: &wgpu::Adapter) -> Adapter {
    let (info, limits) = (adapter.get_info(), adapter.limits());
    let software = info.device_type == wgpu::DeviceType::Cpu;
    let machine = Machine {
        software,
        threads: limits.max_compute_invocations_per_workgroup.min(limits.max_compute_workgroup_size_x).min(THREADS),
        shared_bytes: limits.max_compute_workgroup_storage_size,
        binding_bytes: limits.max_storage_buffer_binding_size.min(limits.max_buffer_size),
        pages: limits.max_storage_buffers_per_shader_stage.saturating_sub(BUFFERS - 1).clamp(1, PAGES),
        immediates: adapter.features().contains(wgpu::Features::IMMEDIATES) && u64::from(limits.max_immediate_size) >= WINDOW_BYTES,
    };
    Adapter {
        name: info.name,
        driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
        backend: format!("{:?}", info.backend),
        software,
        machine,
        binding_bytes: limits.max_storage_buffer_binding_size,
        buffer_bytes: limits.max_buffer_size,
    }
}

/// An open device.
pub struct GpuDevice {
    pub adapter: Adapter,
    /// Synapses are drawn on it as far as it can; a software adapter takes longer for that than the host.
    pub draws: bool,
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    /// The first failure that no scope caught.
    trouble: Arc<Mutex<Option<String>>>,
    /// Calls of wgpu that may still succeed: tests make one of them fail.
    #[cfg(test)]
    pub(super) calls_left: std::sync::atomic::AtomicI64,
}

impl GpuDevice {
    /// Opens the adapter of choice with web limits, widened only in the sizes of buffers.
    pub async fn open(choice: &AdapterChoice) -> Result<GpuDevice, GpuError> {
        let list = found().await;
        let Some(chosen) = among(&list, choice) else {
            let wanted = if let AdapterChoice::Named(part) = choice { Some(part.clone()) } else { None };
            return Err(GpuError::NoAdapter { wanted, found: list.iter().map(|a| describe(a).name).collect() });
        };
        let adapter = describe(chosen);
        let limits = limits(&adapter, &chosen.limits())?;
        let required_features = if adapter.machine.immediates { wgpu::Features::IMMEDIATES } else { wgpu::Features::empty() };
        let descriptor =
            wgpu::DeviceDescriptor { label: Some("synfire"), required_limits: limits, required_features, ..Default::default() };
        let opened = chosen.request_device(&descriptor).await;
        let (device, queue) = opened.map_err(|e| GpuError::device("opened", e))?;
        let trouble = Arc::new(Mutex::new(None));
        let keep = |trouble: &Arc<Mutex<Option<String>>>, message: String| {
            if let Ok(mut first) = trouble.lock() {
                first.get_or_insert(message);
            }
        };
        let uncaptured = trouble.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| keep(&uncaptured, error.to_string())));
        let lost = trouble.clone();
        device.set_device_lost_callback(move |reason, message| {
            if reason != wgpu::DeviceLostReason::Destroyed {
                keep(&lost, format!("the device was lost: {message}"));
            }
        });
        Ok(GpuDevice {
            draws: Settings::default().draws(adapter.software),
            adapter,
            device,
            queue,
            trouble,
            #[cfg(test)]
            calls_left: i64::MAX.into(),
        })
    }

    /// Does something with the device; what it refuses comes back as an error.
    pub(super) async fn scoped<T>(&self, during: &str, act: impl FnOnce(&wgpu::Device, &wgpu::Queue) -> T) -> Result<T, GpuError> {
        self.planted(during)?;
        // guards close in the opposite order; the futures are waited for once all are closed
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let internal = self.device.push_error_scope(wgpu::ErrorFilter::Internal);
        let validation = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let value = act(&self.device, &self.queue);
        let closed = (validation.pop(), internal.pop(), memory.pop());
        match [closed.0.await, closed.1.await, closed.2.await].into_iter().flatten().next() {
            Some(error) => Err(GpuError::device(during, error)),
            None => self.trouble(during).map(|()| value),
        }
    }

    /// A failure that a test has planted.
    #[cfg(test)]
    pub(super) fn planted(&self, during: &str) -> Result<(), GpuError> {
        match self.calls_left.fetch_sub(1, std::sync::atomic::Ordering::Relaxed) {
            0 => Err(GpuError::device(during, "a planted failure")),
            _ => Ok(()),
        }
    }

    #[cfg(not(test))]
    #[inline(always)]
    pub(super) fn planted(&self, _: &str) -> Result<(), GpuError> {
        Ok(())
    }

    /// The first failure that came outside of a scope, such as a lost device.
    pub(super) fn trouble(&self, during: &str) -> Result<(), GpuError> {
        // who panicked while it held the lock has said what it had to say
        match self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            Some(message) => Err(GpuError::device(during, message)),
            None => Ok(()),
        }
    }

    /// Waits until a buffer that is being read can be read: the one place that blocks.
    pub(super) fn wait(&self, during: &str, submission: wgpu::SubmissionIndex) -> Result<(), GpuError> {
        self.planted(during)?;
        let wait = wgpu::PollType::Wait { submission_index: Some(submission), timeout: Some(PATIENCE) };
        self.device.poll(wait).map_err(|e| GpuError::device(during, e))?;
        self.trouble(during)
    }

    /// Bytes of a buffer that a kernel sees whole.
    pub(super) fn largest(&self) -> u64 {
        let limits = self.device.limits();
        limits.max_storage_buffer_binding_size.min(limits.max_buffer_size)
    }
}

/// What the kernels use, and not more, so that what runs here runs wherever this much is allowed.
fn limits(adapter: &Adapter, of: &wgpu::Limits) -> Result<wgpu::Limits, GpuError> {
    let mut limits = wgpu::Limits::downlevel_defaults();
    let needs = [
        ("storage buffers", u64::from(of.max_storage_buffers_per_shader_stage), u64::from(BUFFERS)),
        ("threads in a workgroup", u64::from(of.max_compute_invocations_per_workgroup), 64),
        ("workgroups in a dimension", u64::from(of.max_compute_workgroups_per_dimension), u64::from(layout::BLOCKS)),
    ];
    for (what, found, need) in needs {
        if found < need {
            return Err(GpuError::Adapter { adapter: adapter.name.clone(), what, found, need });
        }
    }
    limits.max_storage_buffers_per_shader_stage = BUFFERS - 1 + adapter.machine.pages;
    limits.max_compute_invocations_per_workgroup = adapter.machine.threads;
    limits.max_compute_workgroup_size_x = adapter.machine.threads;
    limits.max_compute_workgroup_storage_size = adapter.machine.shared_bytes;
    limits.max_immediate_size = if adapter.machine.immediates { WINDOW_BYTES as u32 } else { 0 };
    limits.max_compute_workgroups_per_dimension = layout::BLOCKS;
    limits.max_storage_buffer_binding_size = of.max_storage_buffer_binding_size;
    limits.max_buffer_size = of.max_buffer_size;
    limits.max_texture_dimension_1d = limits.max_texture_dimension_1d.min(of.max_texture_dimension_1d);
    limits.max_texture_dimension_2d = limits.max_texture_dimension_2d.min(of.max_texture_dimension_2d);
    limits.max_texture_dimension_3d = limits.max_texture_dimension_3d.min(of.max_texture_dimension_3d);
    Ok(limits)
}
