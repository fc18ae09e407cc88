//! Which engine runs a plan: the one asked for, or the one that fits, and why.

use std::sync::Arc;

use super::{Choice, Options, Precision};
use crate::engine::cpu::CpuEngine;
use crate::engine::{Engine, Fault, gpu};
use crate::error::Error;
use crate::plan::{Plan, Route};
use crate::threads::Threads;

/// The engine that was asked for, or the one that fits, and why.
pub(super) fn choose(plan: &Arc<Plan>, options: &Options, threads: &Threads) -> Result<(Box<dyn Engine>, String), Error> {
    let cpu = |reason: String| -> Result<(Box<dyn Engine>, String), Error> {
        let settings = super::room::settings(options);
        let engine: Result<Box<dyn Engine>, Fault> = match options.precision {
            Precision::F32 => CpuEngine::<f32>::within(plan.clone(), settings, threads).map(|engine| Box::new(engine) as _),
            Precision::F64 => CpuEngine::<f64>::within(plan.clone(), settings, threads).map(|engine| Box::new(engine) as _),
        };
        Ok((engine.map_err(super::device)?, reason))
    };
    let on_gpu = |choice: gpu::AdapterChoice, reason: String| -> Result<(Box<dyn Engine>, String), Error> {
        let engine = gpu::GpuEngine::new_within(plan, &choice, &options.schedule, options.memory_budget)?;
        // what is procedural by name says so itself
        let short = engine.draws_again() && plan.routes().iter().any(Route::is_drawn_by_device);
        let told = if short { "; its memory does not hold all synapses, which it draws again for each spike" } else { "" };
        Ok((Box::new(engine), format!("{reason}{told}")))
    };
    // looked for only where a GPU may be wanted
    let missing = if options.engine == Choice::Cpu { Vec::new() } else { gpu::unsupported(plan) };
    match &options.engine {
        Choice::Cpu => cpu("asked for".into()),
        Choice::Gpu | Choice::Adapter(_) if options.precision == Precision::F64 => Err(Error::Call(
            "a GPU computes in f32, and f64 was asked for\n  help: choose the CPU engine (`--engine cpu`), or f32".into(),
        )),
        Choice::Gpu | Choice::Adapter(_) if !missing.is_empty() => Err(gpu::GpuError::from(missing).into()),
        Choice::Gpu => on_gpu(gpu::AdapterChoice::Best, "asked for".into()),
        Choice::Adapter(name) => on_gpu(gpu::AdapterChoice::Named(name.clone()), "asked for by name".into()),
        Choice::Auto if options.precision == Precision::F64 => cpu("a GPU computes in f32, and f64 was asked for".into()),
        Choice::Auto => {
            let hardware = gpu::hardware();
            match hardware {
                None => cpu("there is no hardware GPU".into()),
                Some(adapter) if !missing.is_empty() => {
                    let reasons: Vec<String> = missing.iter().map(ToString::to_string).collect();
                    cpu(format!("{} cannot run this network yet: {}", adapter.name, reasons.join("; ")))
                }
                Some(adapter) => on_gpu(gpu::AdapterChoice::Best, "a hardware GPU is there".into())
                    .or_else(|e| cpu(format!("{} failed: {e}", adapter.name))),
            }
        }
    }
}
