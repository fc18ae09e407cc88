//! Plan to shader text: kernels in WGSL, validated by naga, ordinals for names.
//!
//! In: [`Plan`] and the shape of a schedule. Out: [`Kernels`]: one that advances the rows of all groups (and, in the fused and
//! the resident schedule, takes their spikes), one delivery per page in the two-pass schedule; and for `explain` the same
//! under the equations they come from ([`show`]). Pure: no device. Not here: buffers, pipelines (`engine::gpu`).

use crate::plan::Plan;
use crate::plan::schedule::{self, Machine, Schedule, Settings};

mod body;
mod entry;
pub mod expr;
mod gathered;
pub mod join;
pub mod layout;
pub mod names;
pub mod place;
mod stimuli;
mod support;
mod validate;

pub use layout::Layout;
pub use support::unsupported;
pub use validate::Kernel;

/// The kernels of a plan.
#[derive(Clone, Debug)]
pub struct Kernels {
    pub layout: Layout,
    /// Advances the rows.
    pub rows: Kernel,
    /// By page of synapses; empty but in the two-pass schedule.
    pub deliveries: Vec<Kernel>,
}

impl Kernels {
    pub fn iter(&self) -> impl Iterator<Item = &Kernel> {
        std::iter::once(&self.rows).chain(&self.deliveries)
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
    #[error("{0}")]
    Schedule(String),
    #[error(
        "the synapses need {pages} pages of one binding each, and the schedule {schedule} takes one\n  help: use the schedule two-pass"
    )]
    Pages { schedule: &'static str, pages: usize },
    #[error(
        "`{route}`: a neuron with {edges} synapses needs more than the {limit} bytes that a kernel sees at once\n  help: use the CPU engine"
    )]
    RowPage { route: String, edges: u64, limit: u64 },
    #[error(
        "graded synapses need {need} bytes, and a kernel sees {limit} of one buffer\n  help: fewer graded synapses, values that all of a projection share, or the CPU engine"
    )]
    GradedPage { need: u64, limit: u64 },
    #[error("the GPU engine cannot run this yet:\n  {}", .0.join("\n  "))]
    Unsupported(Vec<String>),
}

/// The kernels of a plan, for an adapter.
///
/// **Errors** what [`unsupported`] says; a schedule that was asked for and cannot be taken; numbers that pass what an index or
/// a loop can hold.
pub fn emit(plan: &Plan, machine: &Machine, settings: &Settings) -> Result<Kernels, WgslError> {
    let reasons = unsupported(plan);
    if !reasons.is_empty() {
        return Err(WgslError::Unsupported(reasons));
    }
    let layout = lay_out(plan, machine, settings)?;
    let rows = emit_rows(plan, &layout)?;
    let delivered = (0..layout.pages.len()).filter(|p| !layout.pages[*p].work.is_empty());
    let deliveries = delivered
        .map(|page| validate::validate(names::deliver(page), names::DELIVER, join::deliver(&layout, page), &layout))
        .collect::<Result<_, _>>()?;
    Ok(Kernels { layout, rows, deliveries })
}

/// Where everything stands, for an adapter.
///
/// **Errors** a schedule that was asked for and cannot be taken; numbers that pass what an index or a loop can hold.
pub fn lay_out(plan: &Plan, machine: &Machine, settings: &Settings) -> Result<Layout, WgslError> {
    let shape = schedule::choose(plan, machine, settings).map_err(WgslError::Schedule)?;
    let mut layout = Layout::new(plan, shape, machine)?;
    if let Some(batch) = settings.batch {
        layout.batch = layout.batch.min(batch.max(1));
    }
    Ok(layout)
}

/// The kernel of the rows alone, after a layout has changed.
pub fn emit_rows(plan: &Plan, layout: &Layout) -> Result<Kernel, WgslError> {
    let name = match layout.shape.schedule {
        Schedule::Resident => names::RESIDENT,
        Schedule::Fused => names::FUSED,
        Schedule::TwoPass => names::UPDATE,
    };
    validate::validate(name.to_owned(), name, join::rows(layout, &entry::entry(plan, layout)?), layout)
}

/// The kernels for reading: each group's function under its model's equations, with the words behind its ordinals.
pub fn show(plan: &Plan, machine: &Machine, settings: &Settings) -> Result<String, WgslError> {
    let kernels = emit(plan, machine, settings)?;
    let layout = &kernels.layout;
    let mut out = String::new();
    let comment = |out: &mut String, text: &str| {
        for line in text.lines() {
            out.push_str(format!("// {line}").trim_end());
            out.push('\n');
        }
    };
    let shape = layout.shape;
    comment(
        &mut out,
        &format!(
            "schedule {}: kernel `{}`, workgroups of {} threads, up to {} steps in a dispatch",
            shape.schedule.name(),
            kernels.rows.name(),
            shape.workgroup,
            shape.window
        ),
    );
    for (number, group) in plan.groups.iter().enumerate() {
        comment(&mut out, &format!("{}: {} ({} rows), {}", names::advance(number), group.label, group.rows, group.rule.method));
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
        for (k, place) in (0u32..).zip(&layout.groups[number].params) {
            if let (Some(_), Some(param)) = (place, group.model.params.get(k as usize)) {
                comment(&mut out, &format!("{} = {}", names::param(k), param.name));
            }
        }
        if shape.schedule != Schedule::Resident {
            let rule = plan.clocked(number);
            let body = body::Body::new(plan, layout, number, &rule)?;
            out.push_str(&entry::advance(layout, &body));
        }
        out.push('\n');
    }
    for (k, place) in layout.bundles.iter().enumerate() {
        let first = place.first(plan);
        let members: Vec<&str> = place.bundle.members(plan).map(|g| g.name.as_str()).collect();
        let method = if first.has_states() { format!(", {}", first.rule.method) } else { String::new() };
        comment(&mut out, &format!("{}: {}{method}", names::bundle(k), members.join(", ")));
        comment(&mut out, &crate::model::print::print(&first.synapse.model.ast));
        out.push_str(&gathered::Strand::new(plan, layout, k).function()?);
        out.push('\n');
    }
    match shape.schedule {
        Schedule::TwoPass if !kernels.deliveries.is_empty() => {
            let items = layout.work.len();
            comment(
                &mut out,
                &format!("{}: {} routes in {items} work items, {} page(s)", names::DELIVER, plan.routes.len(), layout.pages.len()),
            );
            out.push_str(join::DELIVER);
        }
        Schedule::Fused => out.push_str(join::GATHER),
        Schedule::Resident => {
            // its loop holds the rows of all groups; graded synapses stand above
            out.push_str(&entry::resident_entry(plan, layout)?);
            out.push('\n');
            out.push_str(join::RESIDENT);
        }
        Schedule::TwoPass => {}
    }
    Ok(out)
}
