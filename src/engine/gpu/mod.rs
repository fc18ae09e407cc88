//! The GPU engine: wgpu lives here and nowhere else.
//!
//! In: [`Plan`], a [`Choice`] of adapter. Out: [`GpuEngine`], which keeps the contract of [`Engine`]. Schedule: two-pass
//! (`pipelines`); many windows per submission, nothing read back inside a batch. A batch is a transaction: state and ring are
//! copied on the device before it, and copied back on a fault. Not here: arithmetic of models (`wgsl`), other engines.

use std::sync::Arc;

use super::{Batch, Engine, Fault, Identity, Snapshot};
use crate::plan::Plan;
use crate::wgsl::layout::{FAULT_ROW, FAULT_WINDOW, HEADER, NONE};
use crate::wgsl::{self, Kernels, Layout};

mod buffers;
mod contents;
mod device;
mod pipelines;
mod portable;
mod records;
#[cfg(test)]
mod tests;

pub use buffers::{Planned, planned};
pub use device::{Adapter, Choice, GpuError};
pub use wgsl::unsupported;

use buffers::{Buffers, Contents, Part, WINDOW_STRIDE};
use device::GpuDevice;
use pipelines::Pipelines;
use records::{Span, Window};

/// The adapters of this machine, the best first.
pub fn adapters() -> Vec<Adapter> {
    pollster::block_on(device::adapters())
}

/// Runs a plan on a GPU.
pub struct GpuEngine {
    plan: Plan,
    layout: Layout,
    device: GpuDevice,
    buffers: Buffers,
    pipelines: Pipelines,
    step: u64,
    /// The input vector of external stimuli.
    external: Vec<f64>,
}

/// What a part of a batch left.
struct Piece {
    /// Ordinal of the first window with a state that is not finite, and the first row.
    fault: Option<(u32, u32)>,
    spikes: Vec<u32>,
    samples: Vec<u32>,
}

impl GpuEngine {
    /// Opens an adapter, compiles the kernels, fills the buffers. Waits; [`GpuEngine::open`] does not.
    pub fn new(plan: &Plan, choice: &Choice) -> Result<GpuEngine, GpuError> {
        pollster::block_on(Self::open(plan, choice))
    }

    /// As [`GpuEngine::new`].
    pub async fn open(plan: &Plan, choice: &Choice) -> Result<GpuEngine, GpuError> {
        // everything that needs no device is checked before one is opened
        let kernels: Kernels = wgsl::emit(plan)?;
        let device = GpuDevice::open(choice).await?;
        let external = vec![0.0; plan.external_inputs()];
        let layout = &kernels.layout;
        buffers::check(&device, layout)?;
        let contents = Contents {
            state: portable::initial(plan, layout),
            params: contents::params(plan, layout, &external),
            synapses: contents::synapses(plan, layout),
            tables: contents::tables(plan, layout),
        };
        let buffers = Buffers::new(&device, layout, &contents).await?;
        let pipelines = Pipelines::new(&device, &kernels, &buffers).await?;
        let mut plan = plan.clone();
        // synapses are on the device now: their weights and delays are not kept twice
        plan.routes.iter_mut().for_each(|r| {
            r.edges = Arc::default();
            r.weight = crate::plan::EdgeColumn::Shared(0.0);
            r.delay = crate::plan::EdgeColumn::Shared(1.0);
        });
        Ok(GpuEngine { plan, layout: kernels.layout, device, buffers, pipelines, step: 0, external })
    }

    /// Dispatches per window, and steps per window.
    pub fn schedule(&self) -> (usize, u32) {
        (self.pipelines.dispatches(), self.layout.window)
    }

    async fn run(&mut self, steps: u32) -> Result<Batch, Fault> {
        let first = self.step;
        match self.attempt(first, steps).await {
            Ok(Ok(batch)) => {
                self.step = first + u64::from(steps);
                Ok(batch)
            }
            Ok(Err(place)) => {
                let fault = self.find(first, place).await;
                let restored = self.buffers.restore(&self.device).await;
                Err(fault.and_then(|f| restored.map(|()| f)).unwrap_or_else(|e| self.failed(e)))
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    /// The batch, or how many of its steps were clean before the part in which a state was not finite.
    async fn attempt(&mut self, first: u64, steps: u32) -> Result<Result<Batch, Span>, GpuError> {
        self.buffers.save(&self.device).await?;
        let mut batch = Batch { first, steps, spikes: Vec::new(), samples: vec![Vec::new(); self.plan.taps.len()] };
        let mut done = 0;
        while done < steps {
            let span = Span { first: first + u64::from(done), steps: (steps - done).min(self.layout.batch) };
            let piece = self.piece(span, self.layout.window).await?;
            if piece.fault.is_some() {
                return Ok(Err(span));
            }
            portable::spikes(&self.layout, self.plan.rows, span, &piece.spikes, &mut batch.spikes);
            portable::samples(&self.layout, span, &piece.samples, &mut batch.samples);
            done += span.steps;
        }
        Ok(Ok(batch))
    }

    /// Runs up to as many steps as there is room for, and reads once.
    async fn piece(&mut self, span: Span, longest: u32) -> Result<Piece, GpuError> {
        let layout = &self.layout;
        let windows: Vec<Window> = records::windows(span, longest, layout.slots);
        let records = records::records(&self.plan, layout, span);
        let blocks: Vec<u32> = windows.iter().flat_map(|w| w.iter().copied().chain([0; WINDOW_STRIDE as usize / 4 - 4])).collect();
        let mut header = vec![0; HEADER as usize];
        header[FAULT_WINDOW as usize] = NONE;
        header[FAULT_ROW as usize] = NONE;
        let bits = u64::from(layout.spike_place(span.steps) - HEADER);
        let device = &self.device;
        self.buffers.write(device, Part::Inputs, 0, &records).await?;
        self.buffers.write(device, Part::Windows, 0, &blocks).await?;
        self.buffers.write(device, Part::Spikes, 0, &header).await?;
        let cleared = device.scoped("cleared the spikes", |d, queue| {
            let mut encoder = d.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("clear") });
            if bits > 0 {
                encoder.clear_buffer(&self.buffers.spikes, u64::from(HEADER) * 4, Some(bits * 4));
            }
            queue.submit([encoder.finish()]);
        });
        cleared.await?;
        self.pipelines.submit(device, &self.buffers, layout, &windows).await?;
        let header_words = u64::from(HEADER);
        let mut parts = vec![(Part::Spikes, 0, header_words + bits)];
        parts.extend(portable::sampled(layout, span).map(|(first, words)| (Part::Samples, first, words)));
        let mut words = self.buffers.read(device, &parts).await?;
        let samples = words.split_off((header_words + bits) as usize);
        let fault = (words[FAULT_WINDOW as usize] != NONE).then(|| (words[FAULT_WINDOW as usize], words[FAULT_ROW as usize]));
        let spikes = words.split_off(HEADER as usize);
        Ok(Piece { fault, spikes, samples })
    }

    /// Runs the batch again, the part that went wrong in windows of one step, and names what was not finite first.
    async fn find(&mut self, first: u64, place: Span) -> Result<Fault, GpuError> {
        self.buffers.restore(&self.device).await?;
        let mut at = first;
        while at < place.first {
            let span = Span { first: at, steps: (place.first - at).min(u64::from(self.layout.batch)) as u32 };
            self.piece(span, self.layout.window).await?;
            at += u64::from(span.steps);
        }
        let Some((ordinal, row)) = self.piece(place, 1).await?.fault else {
            return Err(GpuError::device("ran a batch again", "a state that was not finite did not come again"));
        };
        let (instance, row) = (row / (self.layout.spike_words * 32), row % (self.layout.spike_words * 32));
        let step = place.first + u64::from(ordinal) + 1;
        let group = self.layout.groups.iter().position(|g| (g.base..g.base + g.rows).contains(&row));
        let (Some(group), Some((population, neuron))) = (group, self.plan.neuron_at(row)) else {
            return Err(GpuError::device("ran a batch", format!("row {row} has a state that is not finite, and is no neuron")));
        };
        let column_rows = self.plan.groups[group].rows as usize;
        let seat = instance as usize * column_rows + (row - self.layout.groups[group].base) as usize;
        for (column, state) in self.plan.groups[group].rule.clone().states.iter().enumerate() {
            let value = self.column(group, column).await?.get(seat).copied().unwrap_or(0.0);
            if !value.is_finite() {
                let population = self.plan.place(population).name.clone();
                let instance = (self.layout.instances > 1).then_some(instance);
                return Ok(Fault::NotFinite { instance, population, neuron, variable: state.name.trim().to_owned(), value, step });
            }
        }
        Err(GpuError::device("ran a batch", format!("row {row} was reported as not finite, and is")))
    }

    /// A state column, a number per row, instance after instance.
    async fn column(&mut self, group: usize, column: usize) -> Result<Vec<f64>, GpuError> {
        let (place, span, rows) = {
            let g = &self.layout.groups[group];
            (self.layout.state_place(group, column), g.span, g.rows)
        };
        let words = u64::from(span) * u64::from(self.layout.instances);
        let words = self.buffers.read(&self.device, &[(Part::State, u64::from(place), words)]).await?;
        Ok(portable::unpad(&words, span, rows).map(|w| f64::from(f32::from_bits(w))).collect())
    }

    async fn write_column(&mut self, group: usize, column: usize, values: &[f64]) -> Result<(), GpuError> {
        let g = &self.layout.groups[group];
        let padded: Vec<f32> = portable::pad(values, g.rows, g.span).map(|x| x as f32).collect();
        let place = u64::from(self.layout.state_place(group, column));
        self.buffers.write(&self.device, Part::State, place, &padded).await
    }

    async fn take_parameters(&mut self, plan: &Plan, group: usize) -> Result<(), GpuError> {
        if let (Some(to), Some(from)) = (self.plan.groups.get_mut(group), plan.groups.get(group)) {
            to.params.clone_from(&from.params);
            to.derived.clone_from(&from.derived);
        }
        let mut layout = self.layout.clone();
        layout.place_groups(&self.plan)?;
        if layout.groups != self.layout.groups {
            let updates = wgsl::emit_updates(&self.plan, &layout)?;
            self.pipelines.set_updates(&self.device, &updates).await?;
            self.layout = layout;
        }
        self.upload_params().await
    }

    async fn upload_params(&mut self) -> Result<(), GpuError> {
        let params = contents::params(&self.plan, &self.layout, &self.external);
        self.buffers.set_params(&self.device, &params).await
    }

    async fn take_snapshot(&mut self) -> Result<Snapshot, GpuError> {
        let mut states = Vec::new();
        for group in 0..self.plan.groups.len() {
            let mut columns = Vec::new();
            for column in 0..self.layout.groups[group].columns {
                columns.push(self.column(group, column).await?);
            }
            states.push(columns);
        }
        let ring = self.buffers.read(&self.device, &[(Part::Ring, 0, self.layout.words.ring)]).await?;
        Ok(Snapshot { step: self.step, states, rings: portable::rings(&self.plan, &self.layout, self.step, &ring) })
    }

    async fn put_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), GpuError> {
        for (group, columns) in snapshot.states.iter().enumerate().take(self.plan.groups.len()) {
            for (column, values) in columns.iter().enumerate().take(self.layout.groups[group].columns) {
                self.write_column(group, column, values).await?;
            }
        }
        let ring = portable::ring_words(&self.plan, &self.layout, snapshot);
        self.buffers.write(&self.device, Part::Ring, 0, &ring).await?;
        self.step = snapshot.step;
        Ok(())
    }

    fn failed(&self, error: GpuError) -> Fault {
        Fault::Device { message: error.to_string(), step: self.step }
    }
}

impl Engine for GpuEngine {
    fn identity(&self) -> Identity {
        Identity {
            engine: "gpu".to_owned(),
            adapter: self.device.adapter.name.clone(),
            driver: format!("{} ({})", self.device.adapter.driver, self.device.adapter.backend),
            precision: "f32".to_owned(),
            threads: 0,
        }
    }

    fn step(&self) -> u64 {
        self.step
    }

    fn advance(&mut self, steps: u32) -> Result<Batch, Fault> {
        pollster::block_on(self.run(steps))
    }

    fn state(&mut self, group: usize, column: usize) -> Result<Vec<f64>, Fault> {
        pollster::block_on(self.column(group, column)).map_err(|e| self.failed(e))
    }

    fn set_state(&mut self, group: usize, column: usize, values: &[f64]) -> Result<(), Fault> {
        pollster::block_on(self.write_column(group, column, values)).map_err(|e| self.failed(e))
    }

    fn set_parameters(&mut self, plan: &Plan, group: usize) -> Result<(), Fault> {
        pollster::block_on(self.take_parameters(plan, group)).map_err(|e| self.failed(e))
    }

    fn set_external(&mut self, values: &[f64]) {
        self.external.iter_mut().zip(values).for_each(|(to, from)| *to = *from);
        // a failure here comes back from the next batch, which finds the device in trouble
        let _ = pollster::block_on(self.upload_params());
    }

    fn snapshot(&mut self) -> Result<Snapshot, Fault> {
        pollster::block_on(self.take_snapshot()).map_err(|e| self.failed(e))
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), Fault> {
        pollster::block_on(self.put_snapshot(snapshot)).map_err(|e| self.failed(e))
    }
}
