//! An adapter opened by hand, and the time of dispatches on it.

use std::time::{Duration, Instant};

use crate::Outcome;

pub struct Device {
    pub info: wgpu::AdapterInfo,
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    /// f32 can be added by atomics.
    pub float_atomics: bool,
}

/// A kernel with its buffers, all read-write.
pub struct Kernel {
    pipeline: wgpu::ComputePipeline,
    group: wgpu::BindGroup,
}

/// How a kernel is made.
#[derive(Clone, Copy)]
pub struct Care {
    /// Checks of indices and loops.
    pub checks: bool,
    /// Zeroed workgroup memory.
    pub zeroed: bool,
}

pub const AS_THE_ENGINE: Care = Care { checks: true, zeroed: false };

impl Device {
    /// The first adapter whose name, driver or backend holds this; the fastest kind if it is empty.
    pub fn open(part: &str) -> Outcome<Device> {
        pollster::block_on(async {
            let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
            let mut list = instance.enumerate_adapters(wgpu::Backends::all()).await;
            list.sort_by_key(|a| match a.get_info().device_type {
                wgpu::DeviceType::DiscreteGpu => 0,
                wgpu::DeviceType::IntegratedGpu => 1,
                wgpu::DeviceType::Cpu => 3,
                _ => 2,
            });
            let part = part.to_lowercase();
            let named = |a: &wgpu::Adapter| {
                let info = a.get_info();
                format!("{} {} {} {:?}", info.name, info.driver, info.driver_info, info.backend).to_lowercase().contains(&part)
            };
            let adapter = list.into_iter().find(named).ok_or_else(|| format!("no adapter with `{part}` in its name"))?;
            let float_atomics = adapter.features().contains(wgpu::Features::SHADER_FLOAT32_ATOMIC);
            let descriptor = wgpu::DeviceDescriptor {
                label: Some("experiments"),
                required_features: adapter.features() & wgpu::Features::SHADER_FLOAT32_ATOMIC,
                required_limits: adapter.limits(),
                ..Default::default()
            };
            let (device, queue) = adapter.request_device(&descriptor).await?;
            Ok(Device { info: adapter.get_info(), device, queue, float_atomics })
        })
    }

    pub fn buffer(&self, bytes: u64) -> wgpu::Buffer {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
        self.device.create_buffer(&wgpu::BufferDescriptor { label: None, size: bytes, usage, mapped_at_creation: false })
    }

    /// The entry point `main` of a text, with these buffers at the bindings 0, 1, ...
    pub fn kernel(&self, source: &str, buffers: &[&wgpu::Buffer], care: Care) -> Kernel {
        let d = &self.device;
        let text = wgpu::ShaderModuleDescriptor { label: None, source: wgpu::ShaderSource::Wgsl(source.into()) };
        let module = if care.checks {
            d.create_shader_module(text)
        } else {
            // SAFETY: only texts of this folder come here; their indices are taken modulo the length of what they index
            // and their loops end. What the checks cost is the question of E6.
            #[expect(unsafe_code, reason = "what the checks of a shader cost is what is measured")]
            unsafe {
                d.create_shader_module_trusted(text, wgpu::ShaderRuntimeChecks::unchecked())
            }
        };
        let entry = |binding: usize| wgpu::BindGroupLayoutEntry {
            binding: binding as u32,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Storage { read_only: false },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        };
        let entries: Vec<_> = (0..buffers.len()).map(entry).collect();
        let bind = d.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries });
        let layout = d.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(&bind)],
            immediate_size: 0,
        });
        let pipeline = d.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: Some(&layout),
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions {
                zero_initialize_workgroup_memory: care.zeroed,
                ..Default::default()
            },
            cache: None,
        });
        let bound = buffers.iter().zip(0..).map(|(b, binding)| wgpu::BindGroupEntry { binding, resource: b.as_entire_binding() });
        let entries: Vec<_> = bound.collect();
        let group = d.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout: &bind, entries: &entries });
        Kernel { pipeline, group }
    }

    /// Seconds from encoding to the end of so many dispatches in one pass.
    pub fn pass(&self, kernel: &Kernel, dispatches: u32, groups: u32) -> Outcome<f64> {
        self.pass_of(kernel, |pass| (0..dispatches).for_each(|_| pass.dispatch_workgroups(groups, 1, 1)))
    }

    /// The same of anything that a pass does with a kernel.
    fn pass_of(&self, kernel: &Kernel, act: impl Fn(&mut wgpu::ComputePass<'_>)) -> Outcome<f64> {
        let began = Instant::now();
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&kernel.pipeline);
            pass.set_bind_group(0, &kernel.group, &[]);
            act(&mut pass);
        }
        self.finish(encoder)?;
        Ok(began.elapsed().as_secs_f64())
    }

    /// Submits, and waits for the end.
    pub fn finish(&self, encoder: wgpu::CommandEncoder) -> Outcome<()> {
        let submission = self.queue.submit([encoder.finish()]);
        let wait = wgpu::PollType::Wait { submission_index: Some(submission), timeout: Some(Duration::from_secs(120)) };
        self.device.poll(wait)?;
        Ok(())
    }

    /// Seconds of one dispatch: of many less those of few, so that what a submission costs is not counted. Median of five.
    pub fn time(&self, kernel: &Kernel, dispatches: u32, groups: u32) -> Outcome<f64> {
        let few = dispatches.div_ceil(4);
        self.pass(kernel, few, groups)?;
        median(5, || {
            let less = self.pass(kernel, few, groups)?;
            let more = self.pass(kernel, few + dispatches, groups)?;
            Ok((more - less) / f64::from(dispatches))
        })
    }
}

impl Device {
    /// As [`Device::time`], of dispatches whose workgroups a buffer tells.
    pub fn time_indirect(&self, kernel: &Kernel, dispatches: u32, groups: u32) -> Outcome<f64> {
        let usage = wgpu::BufferUsages::INDIRECT | wgpu::BufferUsages::COPY_DST;
        let told = self.device.create_buffer(&wgpu::BufferDescriptor { label: None, size: 12, usage, mapped_at_creation: false });
        self.queue.write_buffer(&told, 0, bytemuck::cast_slice(&[groups, 1, 1]));
        let run = |times: u32| self.pass_of(kernel, |pass| (0..times).for_each(|_| pass.dispatch_workgroups_indirect(&told, 0)));
        let few = dispatches.div_ceil(4);
        run(few)?;
        median(5, || Ok((run(few + dispatches)? - run(few)?) / f64::from(dispatches)))
    }
}

/// Words of a buffer.
pub fn read(device: &Device, from: &wgpu::Buffer) -> Outcome<Vec<u32>> {
    read_from(device, from, 0, from.size())
}

/// Words of a part of a buffer.
pub fn read_from(device: &Device, from: &wgpu::Buffer, first: u64, bytes: u64) -> Outcome<Vec<u32>> {
    let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
    let staging =
        device.device.create_buffer(&wgpu::BufferDescriptor { label: None, size: bytes, usage, mapped_at_creation: false });
    let mut encoder = device.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    encoder.copy_buffer_to_buffer(from, first, &staging, 0, bytes);
    let submission = device.queue.submit([encoder.finish()]);
    staging.map_async(wgpu::MapMode::Read, .., |_| {});
    device.device.poll(wgpu::PollType::Wait { submission_index: Some(submission), timeout: None })?;
    let words = staging.get_mapped_range(..)?.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    Ok(words)
}

pub fn median(times: usize, mut measure: impl FnMut() -> Outcome<f64>) -> Outcome<f64> {
    let mut list = (0..times).map(|_| measure()).collect::<Outcome<Vec<f64>>>()?;
    list.sort_by(f64::total_cmp);
    Ok(list[times / 2])
}
