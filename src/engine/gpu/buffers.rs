//! The buffers of a plan on a device: sizes checked before anything is made, written before they are read.
//!
//! In: layout and contents. Out: [`Buffers`], with a bind group per page and set. What a batch leaves (spikes, samples) stands in
//! two [`Set`]s, so that one is read back while the next part of the batch fills the other. Synapses are written, or drawn on the device
//! (`drawer`). Not here: what the words mean
//! (`wgsl::layout`).

use super::device::{GpuDevice, GpuError};
use super::drawer::Drawer;
use super::drawn::Draws;
use super::transfer::{create, write};
use crate::wgsl::Layout;
use crate::wgsl::layout::{WINDOW_BINDING, WINDOW_BYTES, Words};

/// Bytes from window block to window block: the alignment that every device allows.
pub const WINDOW_STRIDE: u32 = 256;
/// What memory holds that nobody has written: not a number as f32, no likely index as u32.
pub const POISON: u32 = 0x7fa5_a5a5;
/// Parts of a batch that may be under way.
pub const SETS: usize = 2;

/// Memory of a plan on a device.
pub struct Buffers {
    pub state: wgpu::Buffer,
    pub ring: wgpu::Buffer,
    pub params: wgpu::Buffer,
    pub pages: Vec<wgpu::Buffer>,
    pub tables: wgpu::Buffer,
    /// State and ring before the batch.
    backup: (wgpu::Buffer, wgpu::Buffer),
    pub sets: Vec<Set>,
    pub bind_layout: wgpu::BindGroupLayout,
    /// Pages that a kernel sees at once.
    seen: usize,
    /// The last page holds what is drawn again for each spike.
    again: bool,
    drawer: Option<Drawer>,
    /// By part of a route: its synapses are drawn on the device.
    pub drawn: Vec<bool>,
}

/// What one part of a batch reads and leaves.
pub struct Set {
    pub spikes: wgpu::Buffer,
    pub samples: wgpu::Buffer,
    pub inputs: wgpu::Buffer,
    /// Blocks that say which steps a dispatch advances, where immediates cannot.
    pub windows: Option<wgpu::Buffer>,
    /// What is read back passes through here.
    pub staging: wgpu::Buffer,
    /// By page; one where a kernel sees all pages.
    pub bind_groups: Vec<wgpu::BindGroup>,
}

/// What buffers begin with.
pub struct Contents {
    pub state: Vec<f32>,
    pub params: Vec<f32>,
    /// `None`: all of a page is drawn.
    pub pages: Vec<Option<Vec<u32>>>,
    pub tables: Vec<u32>,
    pub draws: Draws,
}

/// A buffer that is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Its name.
    pub buffer: &'static str,
    /// Of one.
    pub bytes: u64,
    /// How many there are of it.
    pub copies: u64,
    /// A kernel sees it whole.
    pub bound: bool,
    /// What to do if there is no room.
    pub remedy: &'static str,
}

/// Bytes of each buffer, for `explain` and for the check before allocation.
pub fn planned(layout: &Layout) -> Vec<Planned> {
    let Words { state, ring, spikes, samples, params, inputs, synapses, tables } = layout.words;
    let fewer = "fewer neurons or instances, or the CPU engine";
    let shorter = "fewer or shorter delays, fewer neurons, or the CPU engine";
    let record = "fewer neurons, or record fewer of them";
    let sets = SETS as u64;
    let list = [
        ("state", state, 1, true, fewer),
        ("ring", ring, 1, true, shorter),
        ("spikes", spikes, sets, true, record),
        ("samples", samples, sets, true, record),
        ("params", params, 1, true, fewer),
        ("inputs", inputs, sets, true, fewer),
        (
            "synapses",
            synapses,
            layout.pages.len() as u64,
            true,
            "fewer synapses, one weight or delay for all of a projection, or the CPU engine",
        ),
        ("tables", tables, 1, true, fewer),
        ("state backup", state, 1, false, fewer),
        ("ring backup", ring, 1, false, shorter),
        ("staging", staged(layout), sets, false, record),
    ];
    let planned = |(buffer, words, copies, bound, remedy): (_, u64, _, _, _)| Planned {
        buffer,
        bytes: words.max(4) * 4,
        copies,
        bound,
        remedy,
    };
    list.into_iter().map(planned).collect()
}

/// Words that a part of a batch sends back at most.
fn staged(layout: &Layout) -> u64 {
    u64::from(layout.spike_place(layout.batch)) + layout.words.samples
}

/// Bytes of all buffers.
pub fn total(layout: &Layout) -> u64 {
    let pages: u64 = layout.pages.iter().map(|p| p.words.max(4) * 4).sum();
    let others = planned(layout).into_iter().filter(|p| p.buffer != "synapses");
    pages + others.map(|p| p.bytes * p.copies).sum::<u64>()
}

/// **Errors** the first buffer that passes what the device allows, or all of them together if they pass the budget.
pub fn check(device: &GpuDevice, layout: &Layout, budget: Option<u64>) -> Result<(), GpuError> {
    let whole = device.largest();
    let adapter = device.adapter.name.clone();
    for Planned { buffer, bytes, bound, remedy, .. } in planned(layout) {
        let limit = if bound { whole } else { device.adapter.buffer_bytes };
        if bytes > limit {
            return Err(GpuError::TooLarge { buffer, need: bytes, limit, adapter, remedy });
        }
    }
    match budget {
        Some(limit) if total(layout) > limit => Err(GpuError::Budget { need: total(layout), limit, adapter }),
        _ => Ok(()),
    }
}

impl Buffers {
    /// After [`check`].
    pub async fn new(device: &GpuDevice, layout: &Layout, contents: &Contents) -> Result<Buffers, GpuError> {
        let w = &layout.words;
        let mut pages = Vec::new();
        for page in &layout.pages {
            pages.push(create(device, "synapses", page.words).await?);
        }
        let mut sets = Vec::new();
        for _ in 0..SETS {
            sets.push(Set {
                spikes: create(device, "spikes", w.spikes).await?,
                samples: create(device, "samples", w.samples).await?,
                inputs: create(device, "inputs", w.inputs).await?,
                windows: match layout.immediates {
                    true => None,
                    false => Some(windows(device, layout).await?),
                },
                staging: super::transfer::staging(device, staged(layout)).await?,
                bind_groups: Vec::new(),
            });
        }
        let mut buffers = Buffers {
            state: create(device, "state", w.state).await?,
            ring: create(device, "ring", w.ring).await?,
            params: create(device, "params", w.params).await?,
            pages,
            tables: create(device, "tables", w.tables).await?,
            backup: (create(device, "state backup", w.state).await?, create(device, "ring backup", w.ring).await?),
            sets,
            bind_layout: bind_layout(device, layout).await?,
            seen: layout.seen as usize,
            again: layout.pages.iter().any(|page| page.again),
            drawer: None,
            drawn: contents.draws.routes.clone(),
        };
        buffers.bind(device).await?;
        let of_sets = buffers.sets.iter().flat_map(|s| [&s.spikes, &s.samples, &s.inputs]);
        for unwritten in of_sets.chain([&buffers.state, &buffers.backup.0, &buffers.backup.1]) {
            write(device, unwritten, 0, &vec![POISON; (unwritten.size() / 4) as usize]).await?;
        }
        write(device, &buffers.ring, 0, &vec![0u32; (buffers.ring.size() / 4) as usize]).await?;
        write(device, &buffers.state, 0, &contents.state).await?;
        write(device, &buffers.params, 0, &contents.params).await?;
        write(device, &buffers.tables, 0, &contents.tables).await?;
        for (buffer, words) in buffers.pages.iter().zip(&contents.pages) {
            if let Some(words) = words {
                write(device, buffer, 0, words).await?;
            }
        }
        buffers.drawer = Drawer::new(device, layout, &contents.draws, &buffers.pages, &buffers.tables).await?;
        if let Some(drawer) = &buffers.drawer {
            drawer.draw(device).await?;
        }
        Ok(buffers)
    }

    /// Makes the bind groups.
    async fn bind(&mut self, device: &GpuDevice) -> Result<(), GpuError> {
        let mut all = Vec::new();
        for set in &self.sets {
            let mut groups = Vec::new();
            let stored = self.pages.len() - usize::from(self.again);
            let (stored, again) = self.pages.split_at(stored);
            // what is drawn again is bound wherever a page may be
            let again: Vec<Vec<&wgpu::Buffer>> = again.iter().map(|page| vec![page; self.seen]).collect();
            for pages in stored.chunks(self.seen).map(|pages| pages.iter().collect()).chain(again) {
                let Some((page, others)) = pages.split_first() else { continue };
                let list = [&self.state, &self.ring, &set.spikes, &set.samples, &self.params, &set.inputs, page, &self.tables];
                groups.push(bind_group(device, &self.bind_layout, list, set.windows.as_ref(), others).await?);
            }
            all.push(groups);
        }
        self.sets.iter_mut().zip(all).for_each(|(set, groups)| set.bind_groups = groups);
        Ok(())
    }

    /// New parameters; the buffer is made anew if they need another size.
    pub async fn set_params(&mut self, device: &GpuDevice, params: &[f32]) -> Result<(), GpuError> {
        if super::transfer::bytes_of(params.len() as u64) != self.params.size() {
            self.params = create(device, "params", params.len() as u64).await?;
            self.bind(device).await?;
        }
        write(device, &self.params, 0, params).await
    }

    /// The state before the first step, nothing under way, and tables of the same size.
    pub async fn begin(&self, device: &GpuDevice, state: &[f32], tables: &[u32]) -> Result<(), GpuError> {
        write(device, &self.ring, 0, &vec![0u32; (self.ring.size() / 4) as usize]).await?;
        write(device, &self.state, 0, state).await?;
        write(device, &self.tables, 0, tables).await?;
        match &self.drawer {
            Some(drawer) => drawer.pivots(device).await,
            None => Ok(()),
        }
    }

    /// Some words of the parameters.
    pub async fn put_params(&self, device: &GpuDevice, first: u32, values: &[f32]) -> Result<(), GpuError> {
        write(device, &self.params, u64::from(first) * 4, values).await
    }

    /// Keeps state and ring.
    pub async fn save(&self, device: &GpuDevice) -> Result<(), GpuError> {
        self.copy(device, [(&self.state, &self.backup.0), (&self.ring, &self.backup.1)]).await
    }

    /// State and ring as they were kept.
    pub async fn restore(&self, device: &GpuDevice) -> Result<(), GpuError> {
        self.copy(device, [(&self.backup.0, &self.state), (&self.backup.1, &self.ring)]).await
    }

    async fn copy(&self, device: &GpuDevice, pairs: [(&wgpu::Buffer, &wgpu::Buffer); 2]) -> Result<(), GpuError> {
        let copied = device.scoped("copied the state", |d, queue| {
            let mut encoder = d.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("save") });
            pairs.iter().for_each(|(from, to)| encoder.copy_buffer_to_buffer(from, 0, to, 0, from.size()));
            queue.submit([encoder.finish()]);
        });
        copied.await
    }
}

async fn windows(device: &GpuDevice, layout: &Layout) -> Result<wgpu::Buffer, GpuError> {
    let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
    let made = device.scoped("made the buffer `windows`", |d, _| {
        // a block more than steps: the last one delivers
        let size = u64::from(WINDOW_STRIDE) * (u64::from(layout.batch) + 1);
        d.create_buffer(&wgpu::BufferDescriptor { label: Some("windows"), size, usage, mapped_at_creation: false })
    });
    made.await
}

async fn bind_layout(device: &GpuDevice, layout: &Layout) -> Result<wgpu::BindGroupLayout, GpuError> {
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
    // three that are written, samples where there are any, four that are read, as in wgsl::layout
    let read_only = |k| k >= 4 || (k == 3 && layout.taps.is_empty());
    let mut entries: Vec<_> = (0..8).map(|k| entry(k, wgpu::BufferBindingType::Storage { read_only: read_only(k) })).collect();
    if !layout.immediates {
        entries.push(entry(WINDOW_BINDING, wgpu::BufferBindingType::Uniform));
    }
    entries.extend((1..layout.seen).map(|page| entry(WINDOW_BINDING + page, wgpu::BufferBindingType::Storage { read_only: true })));
    let made = device.scoped("made the bind group layout", |d, _| {
        d.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some("plan"), entries: &entries })
    });
    made.await
}

async fn bind_group(
    device: &GpuDevice,
    layout: &wgpu::BindGroupLayout,
    storage: [&wgpu::Buffer; 8],
    windows: Option<&wgpu::Buffer>,
    pages: &[&wgpu::Buffer],
) -> Result<wgpu::BindGroup, GpuError> {
    let mut entries: Vec<_> = (0..8)
        .zip(storage)
        .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
        .collect();
    if let Some(buffer) = windows {
        let block = wgpu::BufferBinding { buffer, offset: 0, size: std::num::NonZeroU64::new(WINDOW_BYTES) };
        entries.push(wgpu::BindGroupEntry { binding: WINDOW_BINDING, resource: wgpu::BindingResource::Buffer(block) });
    }
    let others = (WINDOW_BINDING + 1..).zip(pages);
    entries.extend(others.map(|(binding, page)| wgpu::BindGroupEntry { binding, resource: page.as_entire_binding() }));
    let made = device.scoped("made the bind group", |d, _| {
        d.create_bind_group(&wgpu::BindGroupDescriptor { label: Some("plan"), layout, entries: &entries })
    });
    made.await
}
