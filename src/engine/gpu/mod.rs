//! The GPU engine: wgpu lives here and nowhere else.
//!
//! In: [`Plan`], a [`AdapterChoice`] of adapter, [`Settings`]. Out: [`GpuEngine`], which keeps the contract of [`Engine`]. One of three
//! schedules (`pipelines`); many windows per submission, nothing read back inside a part of a batch, one part read while the
//! next runs (`batch`). A batch is a transaction: state and ring are copied on the device before it, and copied back on a
//! fault. Not here: arithmetic of models (`wgsl`), other engines.

use std::sync::Arc;

use super::exchange::{Exchanged, Watch};
use super::{Backend, Batch, Counters, Engine, Fault, Identity, Outside, Precision, Snapshot};
use crate::plan::Plan;
use crate::plan::schedule::Settings;
use crate::wgsl::layout::{BundleLayout, SynapsePlace, TotalPlace};
use crate::wgsl::{self, Kernels, Layout};

mod answers;
mod batch;
mod buffers;
mod contents;
mod device;
mod dispatch;
mod drawer;
mod drawn;
mod exchange;
mod feed;
mod hush;
mod laid;
mod learned;
mod lost;
mod pipelines;
mod portable;
mod records;
#[cfg(test)]
mod tests;
mod transfer;
mod words;

pub use answers::{Answer, Outcome, answers};
pub use buffers::{Planned, planned, total};
pub use device::{Adapter, AdapterChoice, GpuError};
pub use hush::hush;
pub use wgsl::{Unsupported, unsupported};

use buffers::Buffers;
use device::GpuDevice;
use laid::{laid_out, with_synapses, without_synapses};
use pipelines::Pipelines;

/// The adapters of this machine, the best first.
pub fn adapters() -> Vec<Adapter> {
    pollster::block_on(device::adapters())
}

/// The best adapter that is no software; where the system shows none, it is not looked for with drivers.
pub fn hardware() -> Option<Adapter> {
    if device::may_have_hardware() { adapters().into_iter().find(|adapter| !adapter.software) } else { None }
}

/// Is the adapter of a choice a hardware GPU?
pub fn is_hardware(choice: &AdapterChoice) -> bool {
    pollster::block_on(device::is_hardware(choice))
}

/// Runs a plan on a GPU.
pub struct GpuEngine {
    plan: Plan,
    /// The plan with its synapses, where a snapshot may ask for another layout of them.
    whole: Option<Box<Plan>>,
    layout: Layout,
    device: GpuDevice,
    /// What it was opened with.
    settings: Settings,
    budget: Option<u64>,
    buffers: Buffers,
    pipelines: Pipelines,
    step: u64,
    /// The input vector of external stimuli, instance after instance.
    external: Vec<f64>,
    /// The input vector could not be written: told by the next batch.
    unwritten: Option<GpuError>,
    /// The state before the batch has been kept.
    kept: bool,
    /// Steps of a part of a batch: adapted to the time that one takes.
    part: u32,
    /// Seconds that a part should take.
    part_s: f64,
    counters: Counters,
}

impl GpuEngine {
    /// Opens an adapter, compiles the kernels, fills the buffers. Waits; [`GpuEngine::open`] does not.
    pub fn new(plan: &Plan, choice: &AdapterChoice, settings: &Settings) -> Result<GpuEngine, GpuError> {
        Self::new_within(plan, choice, settings, None)
    }

    /// As [`GpuEngine::new`], refused if all buffers together pass so many bytes.
    pub fn new_within(
        plan: &Plan,
        choice: &AdapterChoice,
        settings: &Settings,
        budget: Option<u64>,
    ) -> Result<GpuEngine, GpuError> {
        pollster::block_on(Self::open(plan, choice, settings, budget))
    }

    /// As [`GpuEngine::new`], with a limit to the bytes of all buffers.
    pub async fn open(
        plan: &Plan,
        choice: &AdapterChoice,
        settings: &Settings,
        budget: Option<u64>,
    ) -> Result<GpuEngine, GpuError> {
        let mut device = GpuDevice::open(choice).await?;
        device.draws = settings.draws(device.adapter.software);
        let (kernels, again) = laid::within(plan, &device, settings, budget)?;
        let mut engine = Self::with(again.as_ref().unwrap_or(plan), device, kernels, budget).await?;
        engine.settings = *settings;
        Ok(engine)
    }

    /// With these kernels.
    async fn with(plan: &Plan, device: GpuDevice, kernels: Kernels, budget: Option<u64>) -> Result<GpuEngine, GpuError> {
        let external = vec![0.0; plan.external_inputs() * plan.instances.max(1) as usize];
        let (buffers, pipelines) = laid_out(plan, &device, &kernels, &external, budget).await?;
        let whole = with_synapses(plan, &kernels.layout);
        let plan = without_synapses(plan);
        let part = kernels.layout.batch.min(256);
        let layout = kernels.layout;
        let counters = Counters { dispatches_per_window: pipelines.dispatches() as u32, ..Counters::default() };
        Ok(GpuEngine {
            plan,
            whole,
            layout,
            device,
            settings: Settings::default(),
            budget,
            buffers,
            pipelines,
            step: 0,
            external,
            unwritten: None,
            kept: false,
            part,
            part_s: batch::PART_SECONDS,
            counters,
        })
    }

    /// Are there synapses that the device does not keep, but draws again for each spike?
    pub fn draws_again(&self) -> bool {
        self.layout.routes.iter().any(|place| place.again)
    }

    /// How the plan is laid out.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    async fn run(&mut self, steps: u32) -> Result<Batch, Fault> {
        if let Some(error) = self.unwritten.take() {
            return Err(self.failed(error));
        }
        let first = self.step;
        match self.attempt(first, steps).await {
            Ok(Ok(batch)) => {
                self.step = first + u64::from(steps);
                Ok(batch)
            }
            Ok(Err(place)) => {
                let fault = self.find(first, &place).await;
                let restored = self.buffers.restore(&self.device).await;
                Err(fault.and_then(|f| restored.map(|()| f)).unwrap_or_else(|e| self.failed(e)))
            }
            Err(error) => {
                // what was under way is given up; if the device still answers, the state is that before the batch
                for set in &self.buffers.sets {
                    // one that is not mapped complains, into the scope
                    let _ = self.device.scoped("gave a batch up", |_, _| set.staging.unmap()).await;
                }
                // nothing was changed before the state was kept
                if self.kept {
                    let _ = self.buffers.restore(&self.device).await;
                }
                Err(self.failed(error))
            }
        }
    }

    /// The states of a bundle: by state, then member, as [`Snapshot::edge_states`] has them.
    async fn edge_columns(&mut self, bundle: usize) -> Result<Vec<Vec<Vec<f64>>>, GpuError> {
        let place = self.layout.bundles[bundle].clone();
        if let Some(at) = &place.total {
            let words = u64::from(place.count) * u64::from(self.layout.instances);
            let mut out = Vec::new();
            for first in &place.states {
                let words = self.read(|b| &b.state, u64::from(*first), words).await?;
                out.push(vec![portable::source_states(&self.plan, &place, at, &words)]);
            }
            return Ok(out);
        }
        let (rows, words) = (self.plan.rows_of(&place.bundle), u64::from(place.count) * u64::from(self.layout.instances));
        let mut out = Vec::new();
        for first in &place.states {
            let words = self.read(|b| &b.state, u64::from(*first), words).await?;
            out.push(portable::edge_states(&self.plan, &place, &rows, &words));
        }
        Ok(out)
    }

    /// A state column, a number per row, instance after instance.
    async fn column(&mut self, group: usize, column: usize) -> Result<Vec<f64>, GpuError> {
        let (place, span, rows) = {
            let g = &self.layout.groups[group];
            (self.layout.state_place(group, column), g.span, g.rows)
        };
        let words = u64::from(span) * u64::from(self.layout.instances);
        let words = self.read(|b| &b.state, u64::from(place), words).await?;
        Ok(portable::unpad(&words, span, rows).map(|w| f64::from(f32::from_bits(w))).collect())
    }

    /// Words of a buffer.
    async fn read(&mut self, of: impl Fn(&Buffers) -> &wgpu::Buffer, first: u64, words: u64) -> Result<Vec<u32>, GpuError> {
        let staging = transfer::staging(&self.device, words).await?;
        let pending = transfer::ask(&self.device, &staging, &[(of(&self.buffers), first, words)], |_| {}).await?;
        transfer::receive(&self.device, &staging, pending)
    }

    async fn write_column(&mut self, group: usize, column: usize, values: &[f64]) -> Result<(), GpuError> {
        let g = &self.layout.groups[group];
        let padded: Vec<f32> = portable::pad(values, g.rows, g.span).map(|x| x as f32).collect();
        // what graded synapses read is written too
        let exports = self.layout.export_places(group, column).into_iter().flatten();
        for place in std::iter::once(self.layout.state_place(group, column)).chain(exports) {
            transfer::write(&self.device, &self.buffers.state, u64::from(place) * 4, &padded).await?;
        }
        Ok(())
    }

    async fn take_parameters(&mut self, plan: &Plan, group: usize) -> Result<(), GpuError> {
        if let (Some(to), Some(from)) = (self.plan.groups.get_mut(group), plan.groups.get(group)) {
            to.params.clone_from(&from.params);
            to.derived.clone_from(&from.derived);
        }
        // instances may have columns of their own, in which the parameter has changed too
        self.plan.variants.clone_from(&plan.variants);
        let mut layout = self.layout.clone();
        layout.place_groups(&self.plan)?;
        if layout != self.layout {
            let rows = wgsl::emit_rows(&self.plan, &layout)?;
            let passes = wgsl::emit_passes(&self.plan, &layout)?;
            self.pipelines.set_rows(&self.device, &rows).await?;
            let totals = wgsl::emit_totals(&self.plan, &layout)?;
            self.pipelines.set_totals(&self.device, &totals).await?;
            self.pipelines.set_passes(&self.device, &passes).await?;
            self.layout = layout;
        }
        self.upload_params().await
    }

    /// Other weights, synapses or stimuli, at the same state: buffers and kernels are made anew on the same device.
    async fn take_values(&mut self, plan: &Plan, state: &Snapshot) -> Result<(), GpuError> {
        let (kernels, again) = laid::within(plan, &self.device, &self.settings, self.budget)?;
        let plan = again.as_ref().unwrap_or(plan);
        let (buffers, pipelines) = laid_out(plan, &self.device, &kernels, &self.external, self.budget).await?;
        (self.buffers, self.pipelines, self.layout) = (buffers, pipelines, kernels.layout);
        self.whole = with_synapses(plan, &self.layout);
        (self.plan, self.kept) = (without_synapses(plan), false);
        self.put_snapshot(state).await
    }

    /// Parameters, random keys and the first state of other variants. `false`: they need other kernels.
    async fn take_variants(&mut self, plan: &Plan) -> Result<bool, GpuError> {
        let mut layout = self.layout.clone();
        layout.place_groups(plan)?;
        // numbers that stand among the synapses are uploaded with them
        let own = |place: &SynapsePlace| matches!(place, SynapsePlace::Each { per_instance: true, .. });
        let of_synapses = layout.bundles.iter().flat_map(|b| &b.params).chain(layout.learned.iter().flat_map(|l| &l.params));
        if layout != self.layout || of_synapses.flatten().any(own) || !self.layout.holds_routes(&self.plan, plan) {
            return Ok(false);
        }
        for (to, from) in self.plan.groups.iter_mut().zip(&plan.groups) {
            to.params.clone_from(&from.params);
            to.derived.clone_from(&from.derived);
        }
        self.plan.variants.clone_from(&plan.variants);
        self.upload_params().await?;
        let tables = contents::tables(plan, &layout, &self.buffers.drawn);
        self.buffers.begin(&self.device, &portable::initial(plan, &layout), &tables).await?;
        self.step = 0;
        Ok(true)
    }

    async fn upload_params(&mut self) -> Result<(), GpuError> {
        let params = contents::params(&self.plan, &self.layout, &self.external)?;
        self.buffers.set_params(&self.device, &params).await
    }

    /// The columns of external stimuli alone: this stands in control loops.
    async fn upload_external(&mut self) -> Result<(), GpuError> {
        for (first, values) in contents::externals(&self.plan, &self.layout, &self.external) {
            self.buffers.put_params(&self.device, first, &values).await?;
        }
        Ok(())
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
        let ring = self.read(|b| &b.ring, 0, self.layout.words.ring).await?;
        let rings = portable::rings(&self.plan, &self.layout, self.step, &ring);
        // by place in the plan, then state
        let mut of: Vec<Vec<Vec<f64>>> = vec![Vec::new(); self.plan.gathered.len()];
        for bundle in 0..self.layout.bundles.len() {
            let members = self.layout.bundles[bundle].bundle.members.clone();
            for values in self.edge_columns(bundle).await? {
                members.iter().zip(values).for_each(|(g, values)| of[*g].push(values));
            }
        }
        let mut edge_states: Vec<Vec<Vec<f64>>> = self.plan.stateful().map(|g| std::mem::take(&mut of[g])).collect();
        let spike_history = portable::spike_history(&self.plan, &self.layout, self.step, &ring);
        for learning in 0..self.plan.learning.len() {
            edge_states.push(self.learned_states(learning, &ring).await?);
        }
        let trails = self.trails().await?;
        Ok(Snapshot { step: self.step, states, rings, edge_states, spike_history, trails, outside: Outside::default() })
    }

    /// Lays synapses out one by one where a snapshot tells those of a source apart that share their states here.
    async fn part(&mut self, snapshot: &Snapshot) -> Result<(), GpuError> {
        let mut of: Vec<&[Vec<f64>]> = vec![&[]; self.plan.gathered.len()];
        self.plan.stateful().zip(&snapshot.edge_states).for_each(|(g, states)| of[g] = states);
        let held = |place: &BundleLayout| {
            let states = |at: &TotalPlace| {
                of[place.bundle.members[0]].iter().all(|x| portable::source_words(&self.plan, place, at, x).is_some())
            };
            place.total.as_ref().is_none_or(states)
        };
        if self.layout.bundles.iter().all(held) {
            return Ok(());
        }
        let Some(mut plan) = self.whole.take() else { return Ok(()) };
        plan.apart = true;
        // parameters may have changed since
        for (to, from) in plan.groups.iter_mut().zip(&self.plan.groups) {
            to.params.clone_from(&from.params);
            to.derived.clone_from(&from.derived);
        }
        plan.variants.clone_from(&self.plan.variants);
        let kernels = wgsl::emit(&plan, &self.device.adapter.machine, &self.settings)?;
        let (buffers, pipelines) = laid_out(&plan, &self.device, &kernels, &self.external, self.budget).await?;
        (self.buffers, self.pipelines, self.layout) = (buffers, pipelines, kernels.layout);
        (self.plan, self.kept) = (without_synapses(&plan), false);
        self.counters.dispatches_per_window = self.pipelines.dispatches() as u32;
        Ok(())
    }

    async fn put_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), GpuError> {
        self.part(snapshot).await?;
        for (group, columns) in snapshot.states.iter().enumerate().take(self.plan.groups.len()) {
            for (column, values) in columns.iter().enumerate().take(self.layout.groups[group].columns) {
                self.write_column(group, column, values).await?;
            }
        }
        let mut of: Vec<&[Vec<f64>]> = vec![&[]; self.plan.gathered.len()];
        self.plan.stateful().zip(&snapshot.edge_states).for_each(|(g, states)| of[g] = states);
        for place in self.layout.bundles.iter().filter(|b| !b.states.is_empty()) {
            if let Some(at) = &place.total {
                for (k, first) in place.states.iter().enumerate() {
                    let given = of[place.bundle.members[0]].get(k).map_or(&[][..], Vec::as_slice);
                    if let Some(words) = portable::source_words(&self.plan, place, at, given) {
                        transfer::write(&self.device, &self.buffers.state, u64::from(*first) * 4, &words).await?;
                    }
                }
                continue;
            }
            let rows = self.plan.rows_of(&place.bundle);
            for (k, first) in place.states.iter().enumerate() {
                let given = place.bundle.members.iter().map(|g| of[*g].get(k).map_or(&[][..], Vec::as_slice));
                let given: Vec<&[f64]> = given.collect();
                let words = portable::edge_words(&self.plan, place, &rows, &given, self.layout.instances);
                transfer::write(&self.device, &self.buffers.state, u64::from(*first) * 4, &words).await?;
            }
        }
        let mut ring = portable::ring_words(&self.plan, &self.layout, snapshot);
        self.put_learned(snapshot, &mut ring).await?;
        transfer::write(&self.device, &self.buffers.ring, 0, &ring).await?;
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
            engine: Backend::Gpu,
            adapter: self.device.adapter.name.clone(),
            driver: format!("{} ({})", self.device.adapter.driver, self.device.adapter.backend),
            precision: Precision::F32,
            threads: 0,
            software: self.device.adapter.software,
        }
    }

    fn step(&self) -> u64 {
        self.step
    }

    fn advance(&mut self, steps: u32) -> Result<Batch, Fault> {
        pollster::block_on(self.run(steps))
    }

    fn exchange(&mut self, steps: u32, inputs: &[f64], watches: &[Watch]) -> Exchanged {
        self.exchanged(steps, inputs, watches)
    }

    fn state(&mut self, group: usize, column: usize) -> Result<Vec<f64>, Fault> {
        pollster::block_on(self.column(group, column)).map_err(|e| self.failed(e))
    }

    fn kept(&mut self, place: usize, synapses: &[u32]) -> Result<Vec<Vec<f64>>, Fault> {
        let kept = match place.checked_sub(self.plan.stateful().count()) {
            Some(learning) => pollster::block_on(self.chosen_learned(learning, synapses)),
            None => pollster::block_on(self.take_snapshot()).map(|s| super::kept_of(&s, place, synapses, self.plan.instances)),
        };
        kept.map_err(|e| self.failed(e))
    }

    fn instances(&self) -> u32 {
        self.plan.instances
    }

    fn set_state(&mut self, group: usize, column: usize, values: &[f64]) -> Result<(), Fault> {
        pollster::block_on(self.write_column(group, column, values)).map_err(|e| self.failed(e))
    }

    fn set_values(&mut self, plan: &Arc<Plan>, state: &Snapshot) -> Result<bool, Fault> {
        pollster::block_on(self.take_values(plan, state)).map(|()| true).map_err(|e| self.failed(e))
    }

    fn set_variants(&mut self, plan: &Arc<Plan>) -> Result<bool, Fault> {
        pollster::block_on(self.take_variants(plan)).map_err(|e| self.failed(e))
    }

    fn set_parameters(&mut self, plan: &Arc<Plan>, group: usize) -> Result<(), Fault> {
        pollster::block_on(self.take_parameters(plan, group)).map_err(|e| self.failed(e))
    }

    fn set_external(&mut self, values: &[f64]) {
        self.external.iter_mut().zip(values).for_each(|(to, from)| *to = *from);
        self.unwritten = pollster::block_on(self.upload_external()).err();
    }

    fn counters(&self) -> Counters {
        self.counters.clone()
    }

    fn snapshot(&mut self) -> Result<Snapshot, Fault> {
        pollster::block_on(self.take_snapshot()).map_err(|e| self.failed(e))
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), Fault> {
        pollster::block_on(self.put_snapshot(snapshot)).map_err(|e| self.failed(e))
    }
}
