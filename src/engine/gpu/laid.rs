//! A plan laid out on a device: buffers filled, kernels compiled, and what of the plan is still needed beside them.
//!
//! In: plan, device, [`Kernels`]. Out: [`Buffers`], [`Pipelines`], plans without what stands on the device. Not here: running.

use std::sync::Arc;

use super::buffers::{self, Buffers, Contents};
use super::device::{GpuDevice, GpuError};
use super::drawn::Draws;
use super::pipelines::Pipelines;
use super::{contents, portable};
use crate::plan::Plan;
use crate::plan::schedule::Settings;
use crate::wgsl::layout::BundleLayout;
use crate::wgsl::{self, Kernels, Layout};

/// The kernels of a plan; where the device does not hold its synapses, those are drawn again for each spike that can be so, and the plan
/// that says it comes with them.
pub fn within(
    plan: &Plan,
    device: &GpuDevice,
    settings: &Settings,
    budget: Option<u64>,
) -> Result<(Kernels, Option<Plan>), GpuError> {
    let kernels = wgsl::emit(plan, &device.adapter.machine, settings)?;
    let (true, Err(_)) = (device.draws, buffers::check(device, &kernels.layout, budget)) else { return Ok((kernels, None)) };
    let Some(again) = plan.drawn_again() else { return Ok((kernels, None)) };
    // a schedule that was asked for keeps them
    let kernels = wgsl::emit(&again, &device.adapter.machine, settings)?;
    Ok((kernels, Some(again)))
}

/// Fills buffers and compiles kernels.
pub async fn laid_out(
    plan: &Plan,
    device: &GpuDevice,
    kernels: &Kernels,
    external: &[f64],
    budget: Option<u64>,
) -> Result<(Buffers, Pipelines), GpuError> {
    let layout = &kernels.layout;
    buffers::check(device, layout, budget)?;
    let draws = if device.draws { Draws::new(plan, layout) } else { Draws::default() };
    let contents = Contents {
        state: portable::initial(plan, layout),
        params: contents::params(plan, layout, external)?,
        pages: (0..layout.pages.len()).map(|page| contents::page(plan, layout, page, &draws.routes)).collect(),
        tables: contents::tables(plan, layout, &draws.routes),
        draws,
    };
    let buffers = Buffers::new(device, layout, &contents).await?;
    let pipelines = Pipelines::new(device, kernels, &buffers.bind_layout).await?;
    Ok((buffers, pipelines))
}

/// The plan as it is, where sources hold the states of their synapses.
pub fn with_synapses(plan: &Plan, layout: &Layout) -> Option<Box<Plan>> {
    let held = |bundle: &BundleLayout| bundle.total.is_some() && !bundle.states.is_empty();
    layout.bundles.iter().any(held).then(|| Box::new(plan.clone()))
}

/// Synapses are on the device: their weights and delays are not kept twice.
pub fn without_synapses(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    plan.routes.iter_mut().for_each(|r| {
        r.edges = Arc::default();
        r.weight = crate::plan::EdgeColumn::Shared(0.0);
    });
    plan
}
