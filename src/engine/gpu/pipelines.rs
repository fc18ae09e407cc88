//! Kernels as pipelines, and the dispatches of a part of a batch, schedule by schedule.
//!
//! In: [`Kernels`], windows. Out: commands. Resident and fused: one dispatch per window. Two-pass: what spikes do to synapses before
//! a step, an update of all rows, a delivery (per page, where there are more than a kernel sees), what spikes do to
//! synapses after it. Each dispatch sees what the one before it wrote. Not here: buffers, reading back.

use super::buffers::{Set, WINDOW_STRIDE};
use super::device::{GpuDevice, GpuError};
use super::dispatch::{dispatch, pipeline};
use super::records::Block;
use crate::plan::schedule::Schedule;
use crate::wgsl::layout::WINDOW_BYTES;
use crate::wgsl::{Kernel, Kernels, Layout};

/// Pipelines of a plan.
pub struct Pipelines {
    layout: wgpu::PipelineLayout,
    rows: wgpu::ComputePipeline,
    /// With the page that each delivers, or the first of all, and its work items.
    deliveries: Vec<(usize, u32, wgpu::ComputePipeline)>,
    /// Sums that all targets share.
    totals: Option<wgpu::ComputePipeline>,
    /// In the order of a step.
    passes: Vec<wgpu::ComputePipeline>,
}

impl Pipelines {
    pub async fn new(device: &GpuDevice, kernels: &Kernels, bind: &wgpu::BindGroupLayout) -> Result<Pipelines, GpuError> {
        let layout = device.scoped("made the pipeline layout", |d, _| {
            d.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some("plan"),
                bind_group_layouts: &[Some(bind)],
                immediate_size: if kernels.layout.immediates { WINDOW_BYTES as u32 } else { 0 },
            })
        });
        let layout = layout.await?;
        let mut deliveries = Vec::new();
        for ((page, work), kernel) in kernels.layout.delivered().into_iter().zip(&kernels.deliveries) {
            deliveries.push((page, work.end - work.start, pipeline(device, &layout, kernel).await?));
        }
        let rows = pipeline(device, &layout, &kernels.rows).await?;
        let mut made = Pipelines { layout, rows, deliveries, totals: None, passes: Vec::new() };
        made.set_totals(device, &kernels.totals).await?;
        made.set_passes(device, &kernels.passes).await?;
        Ok(made)
    }

    /// Takes another kernel of the rows.
    pub async fn set_rows(&mut self, device: &GpuDevice, kernel: &Kernel) -> Result<(), GpuError> {
        self.rows = pipeline(device, &self.layout, kernel).await?;
        Ok(())
    }

    /// Takes another kernel of sums that all targets share.
    pub async fn set_totals(&mut self, device: &GpuDevice, kernel: &Option<Kernel>) -> Result<(), GpuError> {
        self.totals = match kernel {
            Some(kernel) => Some(pipeline(device, &self.layout, kernel).await?),
            None => None,
        };
        Ok(())
    }

    /// Takes other kernels of what spikes do to synapses.
    pub async fn set_passes(&mut self, device: &GpuDevice, kernels: &[Kernel]) -> Result<(), GpuError> {
        let mut passes = Vec::new();
        for kernel in kernels {
            passes.push(pipeline(device, &self.layout, kernel).await?);
        }
        self.passes = passes;
        Ok(())
    }

    /// Dispatches of one window.
    pub fn dispatches(&self) -> usize {
        1 + usize::from(self.totals.is_some()) + self.deliveries.len() + self.passes.len()
    }

    /// Encodes the windows, as blocks of the set's uniform buffer from `first` on, or as immediates.
    pub fn encode(&self, encoder: &mut wgpu::CommandEncoder, set: &Set, layout: &Layout, first: u32, windows: &[Block]) {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label: Some("batch"), timestamp_writes: None });
        pass.set_pipeline(&self.rows);
        if let Some(group) = set.bind_groups.first().filter(|_| layout.immediates) {
            pass.set_bind_group(0, group, &[]);
        }
        for (block, window) in (first..).zip(windows) {
            let tell = |pass: &mut wgpu::ComputePass<'_>, page: usize| {
                // all pages have one where a kernel sees all, but for what is drawn again
                let again = layout.pages.get(page).is_some_and(|page| page.again);
                let page = if layout.seen > 1 { usize::from(again) } else { page };
                let Some(group) = set.bind_groups.get(page) else { return };
                if !layout.immediates {
                    pass.set_bind_group(0, group, &[block * WINDOW_STRIDE]);
                } else if set.bind_groups.len() > 1 {
                    pass.set_bind_group(0, group, &[]);
                }
            };
            self.learn(&mut pass, layout, window, true, &tell);
            // a window without steps only delivers what is left
            if let Some(totals) = self.totals.as_ref().filter(|_| advances(window)) {
                pass.set_pipeline(totals);
                tell(&mut pass, 0);
                if layout.immediates {
                    pass.set_immediates(0, window);
                }
                dispatch(&mut pass, layout.total_blocks(), layout.instances);
            }
            if self.dispatches() > 1 {
                pass.set_pipeline(&self.rows);
            }
            tell(&mut pass, 0);
            if layout.immediates {
                pass.set_immediates(0, window);
            }
            match layout.shape.schedule {
                Schedule::Resident => dispatch(&mut pass, layout.instances, 1),
                _ => dispatch(&mut pass, layout.update_blocks(), layout.instances),
            }
            for (page, work, pipeline) in &self.deliveries {
                pass.set_pipeline(pipeline);
                tell(&mut pass, *page);
                if layout.immediates {
                    pass.set_immediates(0, window);
                }
                dispatch(&mut pass, *work, layout.instances);
            }
            self.learn(&mut pass, layout, window, false, &tell);
        }
    }

    /// Encodes what spikes do to synapses, before the step or after it; `tell`: the window, and which page is seen.
    fn learn(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        layout: &Layout,
        window: &Block,
        early: bool,
        tell: &dyn Fn(&mut wgpu::ComputePass<'_>, usize),
    ) {
        for (place, pipeline) in layout.passes.iter().zip(&self.passes).filter(|(place, _)| place.early == early) {
            pass.set_pipeline(pipeline);
            tell(pass, layout.learned[place.learning].page);
            if layout.immediates {
                pass.set_immediates(0, window);
            }
            dispatch(pass, place.work.end - place.work.start, layout.instances);
        }
    }
}

/// Has a window any steps?
fn advances(window: &Block) -> bool {
    window[12..16].iter().any(|byte| *byte != 0)
}
