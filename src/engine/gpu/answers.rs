//! Does an adapter compute what kernels rely on? Small kernels whose answers are known, run on the adapter itself.
//!
//! In: a [`AdapterChoice`]. Out: an [`Answer`] per question: right, wrong with the first word that differs, or told, where adapters
//! may differ and nothing here depends on it. One submission, one read-back. The questions stand in [`questions`].
//! Not here: whether a plan's kernels are right (`tests/conformance`).

use super::device::{Adapter, AdapterChoice, GpuDevice, GpuError};
use super::dispatch::storage;
use super::transfer;
use questions::{Expected, Question};

mod questions;

/// What an adapter made of one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What was asked, such as `barriers`.
    pub name: &'static str,
    /// What became of it.
    pub outcome: Outcome,
}

/// What an adapter answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// As every adapter must.
    Right,
    /// Networks would run wrong: what was expected and what was found.
    Wrong(String),
    /// Adapters may differ in this.
    Told(String),
}

impl Adapter {
    /// The choice that takes this adapter and no other (of two equal cards the first).
    pub fn choice(&self) -> AdapterChoice {
        AdapterChoice::Named(format!("{} {} {}", self.name, self.driver, self.backend))
    }
}

/// Asks an adapter all questions.
///
/// **Errors** no such adapter, or one that cannot be opened or fails; a wrong answer is none.
pub fn answers(choice: &AdapterChoice) -> Result<Vec<Answer>, GpuError> {
    pollster::block_on(async {
        let device = GpuDevice::open(choice).await?;
        ask(&device, &questions::all()).await
    })
}

/// A question on the device.
struct Asked {
    pipeline: wgpu::ComputePipeline,
    group: wgpu::BindGroup,
    found: wgpu::Buffer,
}

async fn ask(device: &GpuDevice, questions: &[Question]) -> Result<Vec<Answer>, GpuError> {
    let bind = bindings(device).await?;
    let mut asked = Vec::new();
    for question in questions {
        asked.push(put(device, &bind, question).await?);
    }
    let words = |q: &Question| q.expected.words() as u64;
    let parts: Vec<_> = asked.iter().zip(questions).map(|(a, q)| (&a.found, 0, words(q))).collect();
    let staging = transfer::staging(device, questions.iter().map(words).sum()).await?;
    let pending = transfer::ask(device, &staging, &parts, |encoder| {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label: Some("answers"), timestamp_writes: None });
        for (asked, question) in asked.iter().zip(questions) {
            pass.set_pipeline(&asked.pipeline);
            pass.set_bind_group(0, &asked.group, &[]);
            (0..question.dispatches).for_each(|_| pass.dispatch_workgroups(question.groups, 1, 1));
        }
    });
    let found = transfer::receive(device, &staging, pending.await?)?;
    let mut rest = found.as_slice();
    let judged = questions.iter().map(|question| {
        let (own, after) = rest.split_at(question.expected.words().min(rest.len()));
        rest = after;
        Answer { name: question.name, outcome: question.expected.judge(own, device.adapter.software) }
    });
    Ok(judged.collect())
}

/// What is given, and what is found.
async fn bindings(device: &GpuDevice) -> Result<wgpu::BindGroupLayout, GpuError> {
    let entries = [storage(0, true), storage(1, false)];
    let made = device.scoped("made the bindings of the answers", |d, _| {
        d.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some("answers"), entries: &entries })
    });
    made.await
}

async fn put(device: &GpuDevice, bind: &wgpu::BindGroupLayout, question: &Question) -> Result<Asked, GpuError> {
    let given = transfer::create(device, "given", question.given.len() as u64).await?;
    transfer::write(device, &given, 0, &question.given).await?;
    let found = transfer::create(device, "found", (question.expected.words() as u64).max(question.room)).await?;
    let during = format!("compiled the kernel `{}`", question.entry);
    let asked = device.scoped(&during, |d, _| {
        let source = wgpu::ShaderSource::Wgsl(question.source.concat().into());
        let module = d.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some(question.entry), source });
        let layout = d.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("answers"),
            bind_group_layouts: &[Some(bind)],
            immediate_size: 0,
        });
        let pipeline = d.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(question.entry),
            layout: Some(&layout),
            module: &module,
            entry_point: Some(question.entry),
            compilation_options: wgpu::PipelineCompilationOptions { zero_initialize_workgroup_memory: false, ..Default::default() },
            cache: None,
        });
        // the kernels ask the length of what is given: it is bound without the room that empty buffers get
        let size = std::num::NonZeroU64::new(question.given.len() as u64 * 4);
        let given = wgpu::BufferBinding { buffer: &given, offset: 0, size };
        let entries = [
            wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Buffer(given) },
            wgpu::BindGroupEntry { binding: 1, resource: found.as_entire_binding() },
        ];
        let group =
            d.create_bind_group(&wgpu::BindGroupDescriptor { label: Some(question.entry), layout: bind, entries: &entries });
        (pipeline, group)
    });
    let (pipeline, group) = asked.await?;
    Ok(Asked { pipeline, group, found })
}

impl Expected {
    /// Words that the answer takes.
    fn words(&self) -> usize {
        match self {
            Expected::Words(words) => words.len(),
            Expected::Near(list) => list.len(),
            Expected::Either { words, .. } => *words,
        }
    }

    fn judge(&self, found: &[u32], software: bool) -> Outcome {
        match self {
            Expected::Words(words) => match words.iter().zip(found).position(|(a, b)| a != b) {
                _ if words.len() != found.len() => Outcome::Wrong(format!("{} words of {} came back", found.len(), words.len())),
                Some(k) => Outcome::Wrong(format!("word {k}: expected {:#010x}, found {:#010x}", words[k], found[k])),
                None => Outcome::Right,
            },
            Expected::Near(list) => {
                // a NaN is not near
                let near = |(exact, bound): &(f64, f64), x: &u32| (f64::from(f32::from_bits(*x)) - exact).abs() <= *bound;
                match list.iter().zip(found).position(|(expected, x)| !near(expected, x)) {
                    _ if list.len() != found.len() => Outcome::Wrong(format!("{} words of {} came back", found.len(), list.len())),
                    Some(k) => {
                        let ((exact, bound), x) = (list[k], f32::from_bits(found[k]));
                        Outcome::Wrong(format!("number {k}: expected {exact:e} within {bound:e}, found {x:e}"))
                    }
                    None => Outcome::Right,
                }
            }
            Expected::Either { tell, .. } => tell(found, software),
        }
    }
}

#[cfg(test)]
mod tests;
