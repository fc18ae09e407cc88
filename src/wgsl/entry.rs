//! The entry points: the loops around the step of every group.
//!
//! In: plan and layout. Out: text. Windowed schedules (fused, two-pass) give a block of rows to a workgroup, a thread per row,
//! for the steps of a window; the resident schedule gives it an instance, a thread per row and round of rows, for many steps.
//! The state stands in variables meanwhile, where a thread of the resident schedule has few numbers of it. Not here: what a row does in a step (`body`).

use super::body::Body;
use super::gathered::Strand;
use super::layout::Layout;
use super::learned::{self, Lines};
use super::text::{Text, begin, halt};
use super::{WgslError, names, total};
use crate::plan::schedule::Schedule;
use crate::plan::{Clocked, Plan};

/// Numbers that all rows share, which a thread of the resident schedule keeps at most.
const SHARED: usize = 24;

/// Everything of the module that depends on models: the functions of groups and graded synapses, then the entry point.
pub fn entry(plan: &Plan, layout: &Layout) -> Result<String, WgslError> {
    let mut out = String::new();
    for k in 0..layout.bundles.len() {
        out.push_str(&Strand::new(plan, layout, k).function()?);
        out.push('\n');
    }
    if layout.shape.schedule != Schedule::TwoPass {
        for at in &layout.passes {
            out.push_str(&Lines::new(plan, layout, at).function()?);
            out.push('\n');
        }
    }
    let rules: Vec<Clocked> = (0..plan.groups.len()).map(|g| plan.clocked(g)).collect();
    let bodies = rules.iter().enumerate().map(|(g, rule)| Body::new(plan, layout, g, rule));
    let bodies: Vec<Body> = bodies.collect::<Result<_, _>>()?;
    if layout.shape.schedule == Schedule::Resident {
        for (strand, at) in total::all(plan, layout) {
            out.push_str(&strand.functions(at)?);
        }
        out.push_str(&resident(plan, layout, &bodies));
        return Ok(out);
    }
    for body in &bodies {
        out.push_str(&advance(layout, body));
        out.push('\n');
    }
    out.push_str(&windowed(plan, layout));
    Ok(out)
}

/// The entry point of the resident schedule alone.
pub fn resident_entry(plan: &Plan, layout: &Layout) -> Result<String, WgslError> {
    let rules: Vec<Clocked> = (0..plan.groups.len()).map(|g| plan.clocked(g)).collect();
    let bodies = rules.iter().enumerate().map(|(g, rule)| Body::new(plan, layout, g, rule));
    let bodies: Vec<Body> = bodies.collect::<Result<_, _>>()?;
    Ok(resident(plan, layout, &bodies))
}

/// The function of a group of a windowed schedule.
pub fn advance(layout: &Layout, body: &Body) -> String {
    let (g, mut text) = (body.number, Text(String::new()));
    text.line(0, "// One thread per row: advances it by the steps of a window.");
    text.line(0, &format!("fn {}(first_row: u32, lane: u32, instance: u32) {{", names::advance(g)));
    text.line(1, "let row = first_row + lane;");
    text.line(1, &format!("if (row >= {}) {{", names::rows(g)));
    text.line(2, "return;");
    text.line(1, "}");
    if layout.shape.sum_slots > 0 {
        for (k, port) in (0u32..).zip(&layout.groups[g].ports) {
            if let Some(port) = port {
                text.line(1, &format!("sums_flush(lane, instance, {}u, {} + row);", port.number, names::channel(g, k)));
            }
        }
    }
    for k in 0..body.columns() {
        text.line(1, &format!("var {} = {};", names::state(k), body.seat(k)));
    }
    text.lines(1, &body.constants());
    text.lines(1, &body.marks());
    text.lines(1, &body.kept());
    text.line(1, "for (var k = 0u; k < window.steps; k++) {");
    text.line(2, "let place = window.place + k;");
    text.line(2, "let slot = window.slot + k;");
    text.line(2, "let record = place * RECORD;");
    text.line(2, "let past = window.past + k;");
    text.lines(2, &body.leaves());
    text.lines(2, body.arithmetic());
    text.lines(2, &body.step_end());
    text.line(1, "}");
    for k in 0..body.columns() {
        text.line(1, &format!("{} = {};", body.seat(k), names::state(k)));
    }
    text.lines(1, &body.report());
    text.line(0, "}");
    text.0
}

fn windowed(plan: &Plan, layout: &Layout) -> String {
    let fused = layout.shape.schedule == Schedule::Fused;
    let mut text = Text(String::new());
    text.line(0, "// One workgroup per block of rows of a group.");
    begin(&mut text, if fused { names::FUSED } else { names::UPDATE }, "WORKGROUP");
    text.line(1, "let number = block.y * blocks.x + block.x;");
    text.line(1, "let instance = block.z;");
    text.line(1, "if (number >= BLOCKS) {");
    text.line(2, "return;");
    text.line(1, "}");
    halt(&mut text);
    text.line(1, "// the group of the block, its rows and its words of spike bits");
    let mut start = 0;
    for (g, group) in layout.groups.iter().enumerate() {
        let assign = [
            format!("group = {g}u;"),
            format!("first_row = (number - {start}u) * WORKGROUP;"),
            format!("base = {};", names::base(g)),
            format!("words = {} / 32u;", names::span(g)),
        ];
        if g == 0 {
            assign.iter().for_each(|a| text.line(1, &format!("var {a}")));
        } else {
            text.line(1, &format!("if (number >= {start}u) {{"));
            assign.iter().for_each(|a| text.line(2, a));
            text.line(1, "}");
        }
        start += group.span.div_ceil(layout.shape.workgroup);
    }
    text.line(1, "bits_clear(lane);");
    if layout.sent.is_some() {
        text.line(1, "if (number == 0u && lane == 0u) {");
        text.line(2, "begin_next(instance);");
        text.line(1, "}");
    }
    if fused && !layout.routes.is_empty() {
        text.line(1, "sums_clear(lane);");
        text.line(1, "list_clear(lane);");
        text.line(1, "workgroupBarrier();");
        text.line(1, "gather(number, lane, instance, first_row);");
    }
    // arrivals in memory are seen by all threads of the block
    if fused && !layout.routes.is_empty() && (layout.shape.sum_slots == 0 || !layout.passes.is_empty()) {
        text.line(1, "storageBarrier();");
    }
    text.line(1, "workgroupBarrier();");
    if fused && !layout.passes.is_empty() {
        text.line(1, "// what is left of the step before, then what comes before this one");
        let after = "window.past - 1u, window.slot - 1u, (window.place - 1u) * RECORD";
        let before = "window.past, window.slot, window.place * RECORD";
        for (early, condition, step) in [(false, "window.before > 0u", after), (true, "window.steps > 0u", before)] {
            for at in layout.passes.iter().filter(|at| at.early == early) {
                let group = Lines::new(plan, layout, at).groups()[1];
                text.line(1, &format!("if ({condition} && group == {group}u) {{"));
                text.line(2, &format!("{}(lane, instance, {step}, first_row);", learned::name(at)));
                text.line(1, "}");
            }
        }
    }
    text.line(1, "switch (group) {");
    for g in 0..layout.groups.len() {
        text.line(2, &format!("case {g}u: {{"));
        text.line(3, &format!("{}(first_row, lane, instance);", names::advance(g)));
        text.line(2, "}");
    }
    text.line(2, "default: {");
    text.line(2, "}");
    text.line(1, "}");
    text.line(1, "workgroupBarrier();");
    text.line(1, "bits_write(lane, instance, (base + first_row) / 32u, words - first_row / 32u);");
    text.line(0, "}");
    text.0
}

fn resident(plan: &Plan, layout: &Layout, bodies: &[Body]) -> String {
    let workgroup = layout.shape.workgroup;
    let chunks = |g: usize| layout.groups[g].rows.div_ceil(workgroup).max(1);
    let kept = |g: usize, k: usize, round: u32| format!("kept_{g}_{k}_{round}");
    let mut text = Text(String::new());
    text.line(0, "// One workgroup per instance: a thread has every WORKGROUP-th row of each group over the steps of a dispatch.");
    begin(&mut text, names::RESIDENT, "WORKGROUP");
    text.line(1, "let instance = block.y * blocks.x + block.x;");
    text.line(1, "if (instance >= INSTANCES) {");
    text.line(2, "return;");
    text.line(1, "}");
    halt(&mut text);
    for body in bodies.iter().filter(|_| layout.shape.kept) {
        let g = body.number;
        for (k, round) in (0..body.columns()).flat_map(|k| (0..chunks(g)).map(move |round| (k, round))) {
            text.line(1, &format!("var {} = 0.0f;", kept(g, k, round)));
        }
        each_round(&mut text, 1, g, chunks(g), &|text, depth, round| {
            for k in 0..body.columns() {
                text.line(depth, &format!("{} = {};", kept(g, k, round), body.seat(k)));
            }
        });
    }
    if layout.shape.ring_shared {
        text.line(1, "slab_load(lane, instance);");
    }
    bodies.iter().for_each(|body| text.lines(1, &body.kept()));
    // what all rows share is read once, where it is few numbers
    let (shared, rest): (Vec<_>, Vec<_>) = bodies.iter().map(Body::shared_constants).unzip();
    let hoisted = layout.shape.kept && shared.iter().map(Vec::len).sum::<usize>() <= SHARED;
    if hoisted {
        shared.iter().for_each(|lines| text.lines(1, lines));
    }
    text.line(1, "for (var k = 0u; k < window.steps; k++) {");
    text.line(2, "let place = window.place + k;");
    text.line(2, "let slot = window.slot + k;");
    text.line(2, "let record = place * RECORD;");
    text.line(2, "let past = window.past + k;");
    text.line(2, "bits_clear(lane);");
    text.line(2, "workgroupBarrier();");
    touched(&mut text, layout, true);
    total::resident(&mut text, plan, layout);
    for (body, rest) in bodies.iter().zip(&rest) {
        let g = body.number;
        // in variables of the thread, or where it stands in memory
        let step = |text: &mut Text, depth: usize, place: &dyn Fn(usize) -> String| {
            for k in 0..body.columns() {
                text.line(depth, &format!("var {} = {};", names::state(k), place(k)));
            }
            text.lines(depth, &if hoisted { rest.clone() } else { body.constants() });
            text.lines(depth, &body.marks());
            text.lines(depth, &body.leaves());
            text.lines(depth, body.arithmetic());
            text.lines(depth, &body.step_end());
            for k in 0..body.columns() {
                text.line(depth, &format!("{} = {};", place(k), names::state(k)));
            }
            text.lines(depth, &body.report());
        };
        match layout.shape.kept {
            true => each_round(&mut text, 2, g, chunks(g), &|text, depth, round| step(text, depth, &|k| kept(g, k, round))),
            false => rows_of(&mut text, 2, g, chunks(g), &|text, depth| step(text, depth, &|k| body.seat(k))),
        }
    }
    if !layout.routes.is_empty() {
        text.line(2, "list_clear(lane);");
    }
    text.line(2, "workgroupBarrier();");
    text.line(2, "bits_write(lane, instance, place, past);");
    if !layout.routes.is_empty() {
        text.line(2, "scatter(lane, instance, slot);");
    }
    // arrivals, and states that synapses read, are seen by all threads in the next step
    let in_memory = !layout.shape.ring_shared || !layout.bundles.is_empty() || !layout.passes.is_empty();
    if in_memory {
        text.line(2, "storageBarrier();");
    }
    text.line(2, "workgroupBarrier();");
    touched(&mut text, layout, false);
    text.line(1, "}");
    if layout.shape.ring_shared {
        text.line(1, "slab_store(lane, instance);");
    }
    for body in bodies.iter().filter(|_| layout.shape.kept) {
        let g = body.number;
        each_round(&mut text, 1, g, chunks(g), &|text, depth, round| {
            for k in 0..body.columns() {
                text.line(depth, &format!("{} = {};", body.seat(k), kept(g, k, round)));
            }
        });
    }
    text.line(0, "}");
    text.0
}

/// What spikes do to synapses before the step of a resident network, or after it.
fn touched(text: &mut Text, layout: &Layout, early: bool) {
    for at in layout.passes.iter().filter(|at| at.early == early) {
        text.line(2, &format!("{}(lane, instance, past, slot, record);", learned::name(at)));
    }
}

/// The rows of a group that a thread has, each with lines of its own.
fn each_round(text: &mut Text, depth: usize, group: usize, rounds: u32, inside: &dyn Fn(&mut Text, usize, u32)) {
    for round in 0..rounds {
        text.line(depth, &format!("if ({round}u * WORKGROUP + lane < {}) {{", names::rows(group)));
        text.line(depth + 1, &format!("let row = {round}u * WORKGROUP + lane;"));
        inside(text, depth + 1, round);
        text.line(depth, "}");
    }
}

/// A loop over the rows of a group that a thread has.
fn rows_of(text: &mut Text, depth: usize, group: usize, rounds: u32, inside: &dyn Fn(&mut Text, usize)) {
    text.line(depth, &format!("for (var round = 0u; round < {rounds}u; round++) {{"));
    text.line(depth + 1, "let row = round * WORKGROUP + lane;");
    text.line(depth + 1, &format!("if (row < {}) {{", names::rows(group)));
    inside(text, depth + 2);
    text.line(depth + 1, "}");
    text.line(depth, "}");
}
