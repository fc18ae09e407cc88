//! Kernels as pipelines, and the dispatches of a batch: the two-pass schedule.
//!
//! In: [`Kernels`], windows. Out: command buffers. Per window an update of every group, then one delivery of all routes; each
//! dispatch sees what the one before it wrote. Not here: buffers, reading back. Other schedules stand beside this one.

use super::buffers::{Buffers, WINDOW_STRIDE};
use super::device::{GpuDevice, GpuError};
use super::records::Window;
use crate::wgsl::layout::{BLOCKS, WORKGROUP};
use crate::wgsl::{Kernel, Kernels, Layout};

/// Dispatches in one submission at most.
const DISPATCHES: usize = 2048;

/// Pipelines of a plan.
pub struct Pipelines {
    layout: wgpu::PipelineLayout,
    updates: Vec<wgpu::ComputePipeline>,
    deliver: Option<wgpu::ComputePipeline>,
}

impl Pipelines {
    pub async fn new(device: &GpuDevice, kernels: &Kernels, buffers: &Buffers) -> Result<Pipelines, GpuError> {
        let layout = device.scoped("made the pipeline layout", |d, _| {
            d.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some("plan"),
                bind_group_layouts: &[Some(&buffers.bind_layout)],
                immediate_size: 0,
            })
        });
        let layout = layout.await?;
        let deliver = match &kernels.deliver {
            Some(kernel) => Some(pipeline(device, &layout, kernel).await?),
            None => None,
        };
        let mut pipelines = Pipelines { layout, updates: Vec::new(), deliver };
        pipelines.set_updates(device, &kernels.updates).await?;
        Ok(pipelines)
    }

    /// Takes other updates.
    pub async fn set_updates(&mut self, device: &GpuDevice, kernels: &[Kernel]) -> Result<(), GpuError> {
        let mut updates = Vec::with_capacity(kernels.len());
        for kernel in kernels {
            updates.push(pipeline(device, &self.layout, kernel).await?);
        }
        self.updates = updates;
        Ok(())
    }

    /// Dispatches of one window.
    pub fn dispatches(&self) -> usize {
        self.updates.len() + usize::from(self.deliver.is_some())
    }

    /// Sends the windows to the queue, in as few submissions as [`DISPATCHES`] allows.
    pub async fn submit(&self, device: &GpuDevice, buffers: &Buffers, layout: &Layout, windows: &[Window]) -> Result<(), GpuError> {
        let together = (DISPATCHES / self.dispatches().max(1)).max(1);
        for windows in windows.chunks(together) {
            let sent = device.scoped("ran a batch", |d, queue| {
                let mut encoder = d.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("batch") });
                {
                    let mut pass =
                        encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label: Some("batch"), timestamp_writes: None });
                    windows.iter().for_each(|w| self.window(&mut pass, buffers, layout, w));
                }
                queue.submit([encoder.finish()]);
            });
            sent.await?;
        }
        Ok(())
    }

    fn window(&self, pass: &mut wgpu::ComputePass<'_>, buffers: &Buffers, layout: &Layout, window: &Window) {
        pass.set_bind_group(0, &buffers.bind_group, &[window[0] * WINDOW_STRIDE]);
        for (pipeline, group) in self.updates.iter().zip(&layout.groups) {
            dispatch(pass, pipeline, group.rows.div_ceil(WORKGROUP), layout.instances);
        }
        if let Some(pipeline) = &self.deliver {
            dispatch(pass, pipeline, layout.work.len() as u32, layout.instances);
        }
    }
}

/// So many workgroups, over two dimensions where one cannot count them.
fn dispatch(pass: &mut wgpu::ComputePass<'_>, pipeline: &wgpu::ComputePipeline, blocks: u32, instances: u32) {
    if blocks == 0 {
        return;
    }
    let across = blocks.min(BLOCKS);
    pass.set_pipeline(pipeline);
    pass.dispatch_workgroups(across, blocks.div_ceil(across), instances);
}

async fn pipeline(device: &GpuDevice, layout: &wgpu::PipelineLayout, kernel: &Kernel) -> Result<wgpu::ComputePipeline, GpuError> {
    let during = format!("compiled the kernel `{}`", kernel.name());
    let made = device.scoped(&during, |d, _| {
        let source = wgpu::ShaderSource::Wgsl(kernel.source().into());
        let module = d.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some(kernel.name()), source });
        d.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(kernel.name()),
            layout: Some(layout),
            module: &module,
            entry_point: Some(kernel.entry()),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        })
    });
    made.await
}
