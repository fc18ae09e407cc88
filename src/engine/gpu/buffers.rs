//! The buffers of a plan on a device: sizes checked before anything is made, written before they are read.
//!
//! In: layout and contents. Out: [`Buffers`], with the bind group that every kernel shares. Not here: what the words mean
//! (`wgsl::layout`).

use std::sync::{Arc, Mutex};

use super::device::{GpuDevice, GpuError};
use crate::wgsl::Layout;
use crate::wgsl::layout::Words;

/// Bytes from window block to window block: the alignment that every device allows.
pub const WINDOW_STRIDE: u32 = 256;
/// Bytes of a window block.
const WINDOW_BYTES: u64 = 16;
/// What memory holds that nobody has written: not a number as f32, no likely index as u32.
const POISON: u32 = 0x7fa5_a5a5;
/// Bytes handed to the queue at once.
const PIECE: usize = 32 << 20;

/// Memory of a plan on a device.
pub struct Buffers {
    pub state: wgpu::Buffer,
    pub ring: wgpu::Buffer,
    pub spikes: wgpu::Buffer,
    pub samples: wgpu::Buffer,
    params: wgpu::Buffer,
    pub inputs: wgpu::Buffer,
    synapses: wgpu::Buffer,
    tables: wgpu::Buffer,
    pub windows: wgpu::Buffer,
    /// State and ring before the batch.
    saved: (wgpu::Buffer, wgpu::Buffer),
    /// What is read back passes through here.
    staging: wgpu::Buffer,
    pub bind_layout: wgpu::BindGroupLayout,
    pub bind_group: wgpu::BindGroup,
}

/// What buffers begin with.
pub struct Contents {
    pub state: Vec<f32>,
    pub params: Vec<f32>,
    pub synapses: Vec<u32>,
    pub tables: Vec<u32>,
}

/// A buffer that is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    pub buffer: &'static str,
    pub bytes: u64,
    /// What to do if there is no room.
    pub remedy: &'static str,
}

/// Bytes of each buffer, for `explain` and for the check before allocation.
pub fn planned(layout: &Layout) -> Vec<Planned> {
    let Words { state, ring, spikes, samples, params, inputs, synapses, tables } = layout.words;
    let fewer = "fewer neurons or instances, or the CPU engine";
    let shorter = "fewer or shorter delays, fewer neurons, or the CPU engine";
    let record = "fewer neurons, or record fewer of them";
    let list = [
        ("state", state, fewer),
        ("ring", ring, shorter),
        ("spikes", spikes, record),
        ("samples", samples, record),
        ("params", params, fewer),
        ("inputs", inputs, fewer),
        ("synapses", synapses, "fewer synapses, one weight or delay for all of a projection, or the CPU engine"),
        ("tables", tables, fewer),
        ("saved state", state, fewer),
        ("saved ring", ring, shorter),
    ];
    list.into_iter().map(|(buffer, words, remedy)| Planned { buffer, bytes: words.max(4) * 4, remedy }).collect()
}

/// **Errors** the first buffer that passes what the device allows.
pub fn check(device: &GpuDevice, layout: &Layout) -> Result<(), GpuError> {
    let limit = device.largest();
    match planned(layout).into_iter().find(|p| p.bytes > limit) {
        Some(Planned { buffer, bytes: need, remedy }) => {
            Err(GpuError::TooLarge { buffer, need, limit, adapter: device.adapter.name.clone(), remedy })
        }
        None => Ok(()),
    }
}

impl Buffers {
    /// After [`check`].
    pub async fn new(device: &GpuDevice, layout: &Layout, contents: &Contents) -> Result<Buffers, GpuError> {
        let w = &layout.words;
        let state = create(device, "state", w.state).await?;
        let ring = create(device, "ring", w.ring).await?;
        let spikes = create(device, "spikes", w.spikes).await?;
        let samples = create(device, "samples", w.samples).await?;
        let params = create(device, "params", w.params).await?;
        let inputs = create(device, "inputs", w.inputs).await?;
        let synapses = create(device, "synapses", w.synapses).await?;
        let tables = create(device, "tables", w.tables).await?;
        let saved = (create(device, "saved state", w.state).await?, create(device, "saved ring", w.ring).await?);
        let uniform = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let windows = device.scoped("made the buffer `windows`", |d, _| {
            let size = u64::from(WINDOW_STRIDE) * u64::from(layout.batch);
            d.create_buffer(&wgpu::BufferDescriptor { label: Some("windows"), size, usage: uniform, mapped_at_creation: false })
        });
        let windows = windows.await?;
        let staging = staging(device, w.spikes + w.samples).await?;
        let bind_layout = bind_layout(device).await?;
        let list = [&state, &ring, &spikes, &samples, &params, &inputs, &synapses, &tables];
        let bind_group = bind_group(device, &bind_layout, list, &windows).await?;
        let buffers = Buffers {
            state,
            ring,
            spikes,
            samples,
            params,
            inputs,
            synapses,
            tables,
            windows,
            saved,
            staging,
            bind_layout,
            bind_group,
        };
        for unwritten in [&buffers.state, &buffers.spikes, &buffers.samples, &buffers.inputs, &buffers.saved.0, &buffers.saved.1] {
            write(device, unwritten, 0, &vec![POISON; (unwritten.size() / 4) as usize]).await?;
        }
        write(device, &buffers.ring, 0, &vec![0u32; (buffers.ring.size() / 4) as usize]).await?;
        write(device, &buffers.state, 0, &contents.state).await?;
        write(device, &buffers.params, 0, &contents.params).await?;
        write(device, &buffers.synapses, 0, &contents.synapses).await?;
        write(device, &buffers.tables, 0, &contents.tables).await?;
        Ok(buffers)
    }

    /// New parameters; the buffer is made anew if they need another size.
    pub async fn set_params(&mut self, device: &GpuDevice, params: &[f32]) -> Result<(), GpuError> {
        if bytes_of(params.len() as u64) != self.params.size() {
            self.params = create(device, "params", params.len() as u64).await?;
            let list =
                [&self.state, &self.ring, &self.spikes, &self.samples, &self.params, &self.inputs, &self.synapses, &self.tables];
            self.bind_group = bind_group(device, &self.bind_layout, list, &self.windows).await?;
        }
        write(device, &self.params, 0, params).await
    }

    /// Keeps state and ring.
    pub async fn save(&self, device: &GpuDevice) -> Result<(), GpuError> {
        self.copy(device, [(&self.state, &self.saved.0), (&self.ring, &self.saved.1)]).await
    }

    /// State and ring as they were kept.
    pub async fn restore(&self, device: &GpuDevice) -> Result<(), GpuError> {
        self.copy(device, [(&self.saved.0, &self.state), (&self.saved.1, &self.ring)]).await
    }

    async fn copy(&self, device: &GpuDevice, pairs: [(&wgpu::Buffer, &wgpu::Buffer); 2]) -> Result<(), GpuError> {
        let copied = device.scoped("copied the state", |d, queue| {
            let mut encoder = d.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("save") });
            pairs.iter().for_each(|(from, to)| encoder.copy_buffer_to_buffer(from, 0, to, 0, from.size()));
            queue.submit([encoder.finish()]);
        });
        copied.await
    }

    /// Reads words of several buffers, one after the other: (buffer, first word, words).
    pub async fn read(&mut self, device: &GpuDevice, parts: &[(Part, u64, u64)]) -> Result<Vec<u32>, GpuError> {
        let words: u64 = parts.iter().map(|p| p.2).sum();
        if words == 0 {
            return Ok(Vec::new());
        }
        if self.staging.size() < words * 4 {
            self.staging = staging(device, words).await?;
        }
        let outcome: Arc<Mutex<Option<Mapped>>> = Arc::default();
        let told = outcome.clone();
        let asked = device.scoped("read back", |d, queue| {
            let mut encoder = d.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("read") });
            let mut at = 0;
            for (part, first, words) in parts.iter().filter(|p| p.2 > 0) {
                encoder.copy_buffer_to_buffer(self.buffer(*part), first * 4, &self.staging, at, words * 4);
                at += words * 4;
            }
            queue.submit([encoder.finish()]);
            self.staging.map_async(wgpu::MapMode::Read, 0..words * 4, move |result| {
                if let Ok(mut told) = told.lock() {
                    *told = Some(result);
                }
            });
        });
        asked.await?;
        device.wait("read back")?;
        match outcome.lock().ok().and_then(|mut o| o.take()) {
            Some(Ok(())) => {}
            Some(Err(e)) => return Err(GpuError::device("read back", e)),
            None => return Err(GpuError::device("read back", "no answer")),
        }
        let view = self.staging.get_mapped_range(0..words * 4).map_err(|e| GpuError::device("read back", e))?;
        // by chunks, since mapped memory need not be aligned as words are
        let out = view.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        drop(view);
        self.staging.unmap();
        Ok(out)
    }

    /// Writes words from a word on.
    pub async fn write<T: bytemuck::NoUninit>(
        &self,
        device: &GpuDevice,
        part: Part,
        first: u64,
        words: &[T],
    ) -> Result<(), GpuError> {
        write(device, self.buffer(part), first * 4, words).await
    }

    fn buffer(&self, part: Part) -> &wgpu::Buffer {
        match part {
            Part::State => &self.state,
            Part::Ring => &self.ring,
            Part::Spikes => &self.spikes,
            Part::Samples => &self.samples,
            Part::Inputs => &self.inputs,
            Part::Windows => &self.windows,
        }
    }
}

/// A buffer that is read or written while running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    State,
    Ring,
    Spikes,
    Samples,
    Inputs,
    Windows,
}

/// What mapping a buffer gave.
type Mapped = Result<(), wgpu::BufferAsyncError>;

/// No buffer is empty, so that every binding is valid.
fn bytes_of(words: u64) -> u64 {
    words.max(4) * 4
}

async fn create(device: &GpuDevice, label: &'static str, words: u64) -> Result<wgpu::Buffer, GpuError> {
    let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
    let during = format!("made the buffer `{label}` of {} bytes", bytes_of(words));
    let made = device.scoped(&during, |d, _| {
        d.create_buffer(&wgpu::BufferDescriptor { label: Some(label), size: bytes_of(words), usage, mapped_at_creation: false })
    });
    made.await
}

async fn staging(device: &GpuDevice, words: u64) -> Result<wgpu::Buffer, GpuError> {
    let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
    let made = device.scoped("made the buffer for reading back", |d, _| {
        d.create_buffer(&wgpu::BufferDescriptor { label: Some("staging"), size: bytes_of(words), usage, mapped_at_creation: false })
    });
    made.await
}

async fn write<T: bytemuck::NoUninit>(device: &GpuDevice, buffer: &wgpu::Buffer, offset: u64, words: &[T]) -> Result<(), GpuError> {
    let mut at = offset;
    for piece in bytemuck::cast_slice::<T, u8>(words).chunks(PIECE) {
        device.scoped("wrote a buffer", |_, queue| queue.write_buffer(buffer, at, piece)).await?;
        at += piece.len() as u64;
    }
    Ok(())
}

async fn bind_layout(device: &GpuDevice) -> Result<wgpu::BindGroupLayout, GpuError> {
    let entry = |binding: u32, ty: wgpu::BufferBindingType| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty,
            has_dynamic_offset: ty == wgpu::BufferBindingType::Uniform,
            min_binding_size: (ty == wgpu::BufferBindingType::Uniform).then_some(std::num::NonZeroU64::new(WINDOW_BYTES)).flatten(),
        },
        count: None,
    };
    // four that are written, four that are read, as in wgsl::layout
    let mut entries: Vec<_> = (0..8).map(|k| entry(k, wgpu::BufferBindingType::Storage { read_only: k >= 4 })).collect();
    entries.push(entry(8, wgpu::BufferBindingType::Uniform));
    let made = device.scoped("made the bind group layout", |d, _| {
        d.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some("plan"), entries: &entries })
    });
    made.await
}

async fn bind_group(
    device: &GpuDevice,
    layout: &wgpu::BindGroupLayout,
    storage: [&wgpu::Buffer; 8],
    windows: &wgpu::Buffer,
) -> Result<wgpu::BindGroup, GpuError> {
    let mut entries: Vec<_> = (0..8)
        .zip(storage)
        .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
        .collect();
    let block = wgpu::BufferBinding { buffer: windows, offset: 0, size: std::num::NonZeroU64::new(WINDOW_BYTES) };
    entries.push(wgpu::BindGroupEntry { binding: 8, resource: wgpu::BindingResource::Buffer(block) });
    let made = device.scoped("made the bind group", |d, _| {
        d.create_bind_group(&wgpu::BindGroupDescriptor { label: Some("plan"), layout, entries: &entries })
    });
    made.await
}
