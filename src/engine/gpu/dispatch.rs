//! A kernel as a pipeline, a buffer that it sees, and so many workgroups of it.

use super::device::{GpuDevice, GpuError};
use crate::wgsl::Kernel;
use crate::wgsl::layout::BLOCKS;

/// A buffer that a kernel sees.
pub fn storage(binding: u32, read_only: bool) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Storage { read_only },
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        count: None,
    }
}

/// So many workgroups, over two dimensions where one cannot count them.
pub fn dispatch(pass: &mut wgpu::ComputePass<'_>, blocks: u32, instances: u32) {
    if blocks == 0 {
        return;
    }
    let across = blocks.min(BLOCKS);
    pass.dispatch_workgroups(across, blocks.div_ceil(across), instances);
}

pub async fn pipeline(
    device: &GpuDevice,
    layout: &wgpu::PipelineLayout,
    kernel: &Kernel,
) -> Result<wgpu::ComputePipeline, GpuError> {
    let during = format!("compiled the kernel `{}`", kernel.name());
    let made = device.scoped(&during, |d, _| {
        let source = wgpu::ShaderSource::Wgsl(kernel.source().into());
        let module = d.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some(kernel.name()), source });
        d.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(kernel.name()),
            layout: Some(layout),
            module: &module,
            entry_point: Some(kernel.entry()),
            // every kernel writes its workgroup memory before it reads it
            compilation_options: wgpu::PipelineCompilationOptions { zero_initialize_workgroup_memory: false, ..Default::default() },
            cache: None,
        })
    });
    made.await
}
