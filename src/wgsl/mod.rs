//! Plan to shader text: kernels in WGSL, validated by naga, ordinals for names.
//!
//! In: [`Plan`]. Out: [`Kernels`], one update per group and one delivery, and for `explain` the same under the equations
//! they come from ([`show`]). Pure: no device. Not here: buffers, pipelines, schedules (`engine::gpu`).
//!
//! Two-pass schedule: per window an update of every group, then one delivery of all routes.

use crate::plan::Plan;

pub mod expr;
pub mod join;
pub mod layout;
pub mod names;
pub mod routes;
mod support;
mod update;
mod validate;

pub use layout::Layout;
pub use support::unsupported;
pub use validate::Kernel;

/// The kernels of a plan.
#[derive(Clone, Debug)]
pub struct Kernels {
    pub layout: Layout,
    /// By group.
    pub updates: Vec<Kernel>,
    /// `None`: the plan has no synapses.
    pub deliver: Option<Kernel>,
}

impl Kernels {
    pub fn iter(&self) -> impl Iterator<Item = &Kernel> {
        self.updates.iter().chain(&self.deliver)
    }
}

/// Why a plan has no kernels.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WgslError {
    #[error("a bug in synfire: the kernel `{kernel}` is no valid WGSL: {message}")]
    Invalid { kernel: String, message: String },
    #[error("a bug in synfire: a step reads {0}, which no row has")]
    Leaf(String),
    #[error("a bug in synfire: the route `{route}` ends at a port that the plan says is unused")]
    UnusedPort { route: String },
    #[error("a bug in synfire: a delay of {delay} steps in `{route}` does not fit a ring of {slots} slots")]
    Delay { route: String, delay: u64, slots: u32 },
    #[error(
        "`{route}`: delays up to {delay} steps onto {targets} neurons do not fit into one word of 32 bits\n  help: use one delay for all synapses, shorter delays, or the CPU engine"
    )]
    EdgeWord { route: String, delay: u64, targets: u64 },
    #[error(
        "`{route}`: a neuron with {edges} synapses needs more than {turns} turns of a loop in a kernel\n  help: use the CPU engine"
    )]
    LoopTurns { route: String, edges: u64, turns: u64 },
    #[error("the buffer `{buffer}` needs {words} words, and an index has 32 bits\n  help: use the CPU engine")]
    TooManyWords { buffer: &'static str, words: u64 },
    #[error("the GPU engine cannot run this yet:\n  {}", .0.join("\n  "))]
    Unsupported(Vec<String>),
}

/// The kernels of a plan.
///
/// **Errors** what [`unsupported`] says; numbers that pass what an index or a loop can hold.
pub fn emit(plan: &Plan) -> Result<Kernels, WgslError> {
    let reasons = unsupported(plan);
    if !reasons.is_empty() {
        return Err(WgslError::Unsupported(reasons));
    }
    let layout = Layout::new(plan)?;
    let updates = emit_updates(plan, &layout)?;
    let deliver = (!layout.work.is_empty())
        .then(|| validate::validate(names::DELIVER.to_owned(), "deliver", join::deliver(&layout)))
        .transpose()?;
    Ok(Kernels { layout, updates, deliver })
}

/// The updates alone, after a layout has changed.
pub fn emit_updates(plan: &Plan, layout: &Layout) -> Result<Vec<Kernel>, WgslError> {
    let kernel = |group| {
        let entry = update::update(plan, layout, group)?;
        validate::validate(names::update(group), "update", join::update(layout, group, &entry))
    };
    (0..plan.groups.len()).map(kernel).collect()
}

/// The kernels for reading: each under its model's equations, with the words behind its ordinals.
pub fn show(plan: &Plan) -> Result<String, WgslError> {
    let kernels = emit(plan)?;
    let mut out = String::new();
    let comment = |out: &mut String, text: &str| {
        for line in text.lines() {
            out.push_str(format!("// {line}").trim_end());
            out.push('\n');
        }
    };
    for (number, (group, kernel)) in plan.groups.iter().zip(&kernels.updates).enumerate() {
        comment(&mut out, &format!("{}: {} ({} rows), {}", kernel.name(), group.label, group.rows, group.rule.method));
        comment(&mut out, &crate::model::print::print(&group.model.ast));
        for (k, state) in group.rule.states.iter().enumerate() {
            comment(&mut out, &format!("{} = {}", names::state(k), state.name.trim()));
        }
        for (k, port) in (0u32..).zip(&group.rule.ports) {
            comment(&mut out, &format!("{} = arrivals at {}", names::arrived(k), port.name));
        }
        for (k, input) in (0u32..).zip(&group.rule.inputs) {
            comment(&mut out, &format!("{} = {}", names::held(k), input.name));
        }
        for (k, place) in (0u32..).zip(&kernels.layout.groups[number].params) {
            if let (Some(_), Some(param)) = (place, group.model.params.get(k as usize)) {
                comment(&mut out, &format!("{} = {}", names::param(k), param.name));
            }
        }
        out.push_str(&update::update(plan, &kernels.layout, number)?);
        out.push('\n');
    }
    if let Some(deliver) = &kernels.deliver {
        comment(&mut out, &format!("{}: {} routes in {} work items", deliver.name(), plan.routes.len(), kernels.layout.work.len()));
        out.push_str(join::DELIVER);
    }
    Ok(out)
}
