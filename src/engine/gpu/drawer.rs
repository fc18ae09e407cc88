//! Draws synapses on the device, before a network runs and when its tables are written anew.
//!
//! In: [`Draws`], the buffers of the plan. Out: commands. Not here: what is drawn (`drawn`), the kernels (`wgsl::drawn`).

use super::device::{GpuDevice, GpuError};
use super::dispatch::{dispatch, pipeline, storage};
use super::drawn::{Draws, Submission};
use super::transfer::{create, write};
use crate::wgsl::Layout;
use crate::wgsl::drawn::{ENTRIES, kernel};

/// What draws the synapses of a plan.
pub struct Drawer {
    /// By entry; `None`: nothing of the plan needs it.
    pipelines: Vec<Option<wgpu::ComputePipeline>>,
    submissions: Vec<(wgpu::BindGroup, Submission)>,
}

/// The kernel that only writes down where blocks of targets begin.
const PIVOTS: usize = ENTRIES.len() - 1;

impl Drawer {
    /// `None`: nothing is drawn.
    pub async fn new(
        device: &GpuDevice,
        layout: &Layout,
        draws: &Draws,
        synapses: &[wgpu::Buffer],
        places: &wgpu::Buffer,
    ) -> Result<Option<Drawer>, GpuError> {
        if draws.submissions.is_empty() {
            return Ok(None);
        }
        let entries = [storage(0, false), storage(1, false), storage(2, true)];
        let made = device.scoped("made the bindings of what draws synapses", |d, _| {
            let bind = d.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some("draw"), entries: &entries });
            let pipelines = d.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some("draw"),
                bind_group_layouts: &[Some(&bind)],
                immediate_size: 0,
            });
            (bind, pipelines)
        });
        let (bind, of_pipelines) = made.await?;
        let mut pipelines = Vec::new();
        for (number, entry) in ENTRIES.into_iter().enumerate() {
            let needed = draws.submissions.iter().any(|some| some.groups[number] > 0);
            pipelines.push(if needed { Some(pipeline(device, &of_pipelines, &kernel(layout, entry)?).await?) } else { None });
        }
        let mut submissions = Vec::new();
        for some in &draws.submissions {
            let Some(synapses) = synapses.get(some.page) else { continue };
            let tables = create(device, "drawing", some.words.len() as u64).await?;
            write(device, &tables, 0, &some.words).await?;
            let entries: Vec<_> = (0..)
                .zip([synapses, places, &tables])
                .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
                .collect();
            let group = device.scoped("made the bindings of what draws synapses", |d, _| {
                d.create_bind_group(&wgpu::BindGroupDescriptor { label: Some("draw"), layout: &bind, entries: &entries })
            });
            // what it is drawn by is on the device
            submissions.push((group.await?, Submission { words: Vec::new(), ..some.clone() }));
        }
        Ok(Some(Drawer { pipelines, submissions }))
    }

    /// All of it; rows start where the tables say.
    pub async fn draw(&self, device: &GpuDevice) -> Result<(), GpuError> {
        self.run(device, 0).await
    }

    /// Where blocks of targets begin, in tables that were written anew.
    pub async fn pivots(&self, device: &GpuDevice) -> Result<(), GpuError> {
        self.run(device, PIVOTS).await
    }

    async fn run(&self, device: &GpuDevice, from: usize) -> Result<(), GpuError> {
        for (group, some) in &self.submissions {
            let kernels = || self.pipelines.iter().zip(some.groups).skip(from).filter(|(_, groups)| *groups > 0);
            if kernels().next().is_none() {
                continue;
            }
            let drawn = device.scoped("drew the synapses", |d, queue| {
                let mut encoder = d.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("draw") });
                let mut pass =
                    encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label: Some("draw"), timestamp_writes: None });
                pass.set_bind_group(0, group, &[]);
                for (pipeline, groups) in kernels() {
                    if let Some(pipeline) = pipeline {
                        pass.set_pipeline(pipeline);
                        dispatch(&mut pass, groups, some.jobs);
                    }
                }
                drop(pass);
                queue.submit([encoder.finish()]);
            });
            drawn.await?;
        }
        Ok(())
    }
}
