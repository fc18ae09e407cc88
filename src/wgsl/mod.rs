//! Plan to shader text: kernels in WGSL, validated by naga, ordinals for names.
//!
//! In: [`Plan`] and the shape of a schedule. Out: [`Kernels`]: one that advances the rows of all groups (and, in the fused and
//! the resident schedule, takes their spikes), one delivery in the two-pass schedule, or one per page where there are more than a kernel sees; and for `explain` the same
//! under the equations they come from ([`show`]). Pure: no device. Not here: buffers, pipelines (`engine::gpu`).

use crate::plan::schedule::{self, Machine, Schedule, ScheduleError, Settings};
use crate::plan::{Limit, Plan};

mod body;
pub(crate) mod drawn;
mod entry;
pub(crate) mod expr;
mod gathered;
pub(crate) mod join;
pub(crate) mod layout;
mod learned;
pub(crate) mod names;
pub(crate) mod place;
mod stimuli;
mod support;
mod text;
mod total;
mod validate;

pub use layout::Layout;
pub use support::{Unsupported, unsupported};
pub use validate::Kernel;

closed! {
    /// The kernels of a plan.
    #[derive(Clone, Debug)]
    pub struct Kernels {
        /// Where everything stands.
        layout: Layout => [&Layout],
        /// Advances the rows.
        rows: Kernel => [&Kernel],
        /// One, or by page of synapses; empty but in the two-pass schedule.
        deliveries: Vec<Kernel> => [&[Kernel]],
        /// Sums that all targets share, where there are any; `None` in the resident schedule.
        totals: Option<Kernel> => [&Option<Kernel>],
        /// By pass of the layout: what spikes do to synapses; empty but in the two-pass schedule.
        passes: Vec<Kernel> => [&[Kernel]],
    }
}

impl Kernels {
    /// All of them, that of the rows first.
    pub fn iter(&self) -> impl Iterator<Item = &Kernel> {
        std::iter::once(&self.rows).chain(&self.totals).chain(&self.deliveries).chain(&self.passes)
    }
}

/// Why a plan has no kernels.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WgslError {
    /// A kernel that naga refuses.
    #[error("a bug in synfire: the kernel `{kernel}` is no valid WGSL: {message}")]
    Invalid {
        /// Its name.
        kernel: String,
        /// What naga says.
        message: String,
    },
    /// A step that reads what no row has.
    #[error("a bug in synfire: a step reads {0}, which no row has")]
    Leaf(String),
    /// A route onto a port that the plan says is unused.
    #[error("a bug in synfire: the route `{route}` ends at a port that the plan says is unused")]
    UnusedPort {
        /// The projection.
        route: String,
    },
    /// A delay longer than the ring.
    #[error("a bug in synfire: a delay of {delay} steps in `{route}` does not fit a ring of {slots} slots")]
    Delay {
        /// The projection.
        route: String,
        /// The delay, in steps.
        delay: u64,
        /// Slots of the ring.
        slots: u32,
    },
    /// Delays and targets that do not fit one word together.
    #[error(
        "`{route}`: delays up to {delay} steps onto {targets} neurons do not fit into one word of 32 bits\n  help: use one delay for all synapses, shorter delays, or the CPU engine"
    )]
    EdgeWord {
        /// The projection.
        route: String,
        /// The largest delay, in steps.
        delay: u64,
        /// Neurons of the target.
        targets: u64,
    },
    /// A neuron with more synapses than a loop takes turns.
    #[error(
        "`{route}`: a neuron with {edges} synapses needs more than {turns} turns of a loop in a kernel\n  help: use the CPU engine"
    )]
    LoopTurns {
        /// The projection.
        route: String,
        /// Synapses of the neuron.
        edges: u64,
        /// Turns that a loop may take.
        turns: u64,
    },
    /// A buffer with more words than an index names.
    #[error("the buffer `{buffer}` needs {words} words, and an index has 32 bits\n  help: use the CPU engine")]
    TooManyWords {
        /// Its name.
        buffer: &'static str,
        /// Its words.
        words: u64,
    },
    /// The schedule that was asked for, or none at all, can be taken.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// Synapses of more pages than a kernel sees at once, for a schedule that has to see all.
    #[error(
        "the synapses need {pages} pages of one binding each, and a kernel of the schedule {schedule} sees {limit} on this adapter\n  help: use the schedule two-pass"
    )]
    Pages {
        /// The schedule.
        schedule: &'static str,
        /// Pages of the synapses.
        pages: usize,
        /// Pages that a kernel sees at once.
        limit: u32,
    },
    /// A neuron whose synapses fill more than a page.
    #[error(
        "`{route}`: a neuron with {edges} synapses needs more than the {limit} bytes that a kernel sees at once\n  help: use the CPU engine"
    )]
    RowPage {
        /// The projection.
        route: String,
        /// Synapses of the neuron.
        edges: u64,
        /// Bytes of a page.
        limit: u64,
    },
    /// Graded synapses of more than one page.
    #[error(
        "graded synapses need {need} bytes, and a kernel sees {limit} of one buffer\n  help: fewer graded synapses, values that all of a projection share, or the CPU engine"
    )]
    GradedPage {
        /// Their bytes.
        need: u64,
        /// Bytes of a page.
        limit: u64,
    },
    /// Synapses of one projection that learn and pass a page.
    #[error(
        "`{projection}`: its synapses, which learn, need {need} bytes, and a kernel sees {limit} of one buffer\n  help: part it into several projections, or use the CPU engine"
    )]
    LearnedPage {
        /// The projection.
        projection: String,
        /// Bytes of who is joined to whom, both ways, and of what differs from one synapse to the next.
        need: u64,
        /// Bytes of a page.
        limit: u64,
    },
    /// What the kernels do not do yet.
    #[error(
        "the GPU engine cannot run this network yet: {}\n  help: use `--engine cpu`",
        .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    Unsupported(Vec<Unsupported>),
}

impl WgslError {
    /// What is too much of what, where it is that.
    pub fn limit(&self) -> Option<Limit> {
        let cpu = "the CPU engine";
        let (part, unit, need, limit, remedy) = match self {
            WgslError::LoopTurns { route, edges, turns } => {
                (format!("`{route}`"), "turns of a loop for the synapses of a neuron", *edges, *turns, cpu)
            }
            WgslError::TooManyWords { buffer, words } => (format!("the buffer `{buffer}`"), "words", *words, 1 << 32, cpu),
            WgslError::Pages { pages, limit, .. } => {
                ("the synapses".to_owned(), "pages", *pages as u64, u64::from(*limit), "the schedule two-pass")
            }
            WgslError::RowPage { route, edges, limit } => {
                (format!("`{route}`"), "bytes for the synapses of a neuron", edges.saturating_mul(4), *limit, cpu)
            }
            WgslError::GradedPage { need, limit } => {
                ("graded synapses".to_owned(), "bytes", *need, *limit, "fewer graded synapses, or the CPU engine")
            }
            WgslError::LearnedPage { projection, need, limit } => (
                format!("`{projection}`"),
                "bytes for synapses that learn",
                *need,
                *limit,
                "several projections, or the CPU engine",
            ),
            WgslError::Schedule(error) => return error.limit(),
            _ => return None,
        };
        Some(Limit { part, unit, need, limit: Some(limit), remedy })
    }
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
    let delivered = layout.delivered().into_iter();
    let deliveries = delivered
        .map(|(page, work)| match layout.pages[page].again {
            true => drawn::redraw(&layout, &work),
            false => validate::validate(names::deliver(page), names::DELIVER, join::deliver(&layout, &work), &layout),
        })
        .collect::<Result<_, _>>()?;
    let passes = emit_passes(plan, &layout)?;
    let totals = emit_totals(plan, &layout)?;
    Ok(Kernels { layout, rows, deliveries, totals, passes })
}

/// Where everything stands, for an adapter.
///
/// **Errors** a schedule that was asked for and cannot be taken; numbers that pass what an index or a loop can hold.
pub fn lay_out(plan: &Plan, machine: &Machine, settings: &Settings) -> Result<Layout, WgslError> {
    let shape = schedule::choose(plan, machine, settings)?;
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

/// The kernel of sums that all targets share alone, after a layout has changed.
pub fn emit_totals(plan: &Plan, layout: &Layout) -> Result<Option<Kernel>, WgslError> {
    if layout.total_blocks() == 0 || layout.shape.schedule == Schedule::Resident {
        return Ok(None);
    }
    let mut groups: Vec<usize> = total::all(plan, layout).flat_map(|(strand, _)| [strand.source(), strand.target()]).collect();
    groups.sort_unstable();
    groups.dedup();
    let source = join::total(layout, &groups, &total::windowed(plan, layout)?);
    validate::validate(names::TOTAL.to_owned(), names::TOTAL, source, layout).map(Some)
}

/// The kernels of passes over synapses alone, after a layout has changed.
pub fn emit_passes(plan: &Plan, layout: &Layout) -> Result<Vec<Kernel>, WgslError> {
    let pass = |at| {
        let lines = learned::Lines::new(plan, layout, at);
        validate::validate(learned::name(at), names::LEARN, join::learn(layout, at, &lines.all_groups(), &lines.entry()?), layout)
    };
    // other schedules have them as functions
    layout.passes.iter().filter(|_| layout.shape.schedule == Schedule::TwoPass).map(pass).collect()
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
        let strand = gathered::Strand::new(plan, layout, k);
        if let Some(at) = strand.total() {
            out.push_str(&strand.functions(at)?);
        }
        out.push_str(&strand.function()?);
        out.push('\n');
    }
    for at in &layout.passes {
        let learning = &plan.learning[at.learning];
        let when = if at.early { "before neurons are advanced" } else { "after neurons were advanced" };
        comment(&mut out, &format!("{}: {}, {when}", learned::name(at), learning.name));
        comment(&mut out, &crate::model::print::print(&learning.synapse.model.ast));
        learning.rule.states.iter().enumerate().for_each(|(k, s)| comment(&mut out, &format!("{} = {}", names::state(k), s.name)));
        let lines = learned::Lines::new(plan, layout, at);
        out.push_str(&if shape.schedule == Schedule::TwoPass { lines.entry()? } else { lines.function()? });
        out.push('\n');
    }
    match shape.schedule {
        Schedule::TwoPass if !kernels.deliveries.is_empty() => {
            let shared = match &layout.sent {
                Some(sent) => format!("spikes as they are listed, {} workgroups", sent.groups),
                None => format!("{} work items", layout.work.len()),
            };
            let again = layout.routes.iter().filter(|place| place.again).count();
            let pages = layout.pages.iter().filter(|page| !page.again).count();
            let routes = plan.delivered().count() - again;
            comment(&mut out, &format!("{}: {routes} routes in {shared}, {pages} page(s)", names::DELIVER));
            out.push_str(if layout.sent.is_some() { join::DELIVER_SENT } else { join::DELIVER });
            if again > 0 {
                comment(&mut out, &format!("{}: {again} routes, whose synapses are drawn again for each spike", names::REDRAW));
                out.push_str(join::REDRAW);
            }
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
