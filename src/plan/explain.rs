//! A plan as tables that a person can read: what is merged, which method, how spikes travel, what memory is taken.

use std::fmt::Write;

use super::memory::{Kind, Memory, Terms, bytes_plain as grouped};
use super::schedule::{self, Machine, Settings};
use super::{Column, EdgeColumn, Plan, Tap, Wave, fixed_point};
use crate::model::rule::Node;

/// The plan in words and numbers. Nothing has been allocated on an engine yet.
pub fn table(plan: &Plan) -> String {
    table_of(plan, 0)
}

/// The same with the memory that recording so many steps takes.
pub fn table_of(plan: &Plan, steps: u64) -> String {
    let mut out = String::new();
    let name = if plan.name.is_empty() { "network" } else { &plan.name };
    let neurons: u64 = plan.populations.iter().map(|p| u64::from(p.size)).sum();
    line(
        &mut out,
        format!(
            "{name}: {neurons} neurons in {} populations, {} synapses, dt {} ms, seed {}",
            plan.populations.len(),
            grouped(plan.edges()),
            plan.dt,
            plan.seed
        ),
    );
    line(
        &mut out,
        format!(
            "window {} {} (steps that run before spikes are exchanged: the smallest delay), delay ring of {} slots, {} instance(s)",
            plan.window,
            if plan.window == 1 { "step" } else { "steps" },
            plan.slots,
            plan.instances
        ),
    );
    groups(plan, &mut out);
    ports(plan, &mut out);
    routes(plan, &mut out);
    stepped(plan, &mut out);
    inputs(plan, &mut out);
    memory(plan, steps, &mut out);
    if !plan.remarks.is_empty() {
        line(&mut out, "\nRemarks".into());
        plan.remarks.iter().for_each(|r| line(&mut out, format!("  - {r}")));
    }
    out
}

/// How the plan can run on a GPU: what each schedule would do, and which is taken.
pub fn schedules(plan: &Plan, machine: &Machine, settings: &Settings, adapter: &str) -> String {
    let mut out = String::new();
    line(&mut out, format!("Schedules on a GPU ({adapter})"));
    let chosen = schedule::choose(plan, machine, settings).ok().map(|s| s.schedule);
    let mut rows =
        vec![row(&["schedule", "threads", "steps a dispatch", "dispatches", "barriers", "bytes a step", "expected us a step"])];
    let mut refused = Vec::new();
    for a in schedule::assess(plan, machine, settings) {
        let name = a.schedule.name();
        match a.shape {
            Ok(shape) => rows.push(vec![
                if Some(a.schedule) == chosen { format!("{name} (taken)") } else { name.to_string() },
                shape.workgroup.to_string(),
                shape.window.to_string(),
                a.dispatches_per_window.to_string(),
                a.barriers_per_window.to_string(),
                grouped(a.bytes_per_step),
                format!("{:.1}", a.expected),
            ]),
            Err(why) => refused.push(format!("  {name}: not possible: {why}")),
        }
    }
    aligned(&mut out, &rows);
    refused.into_iter().for_each(|text| line(&mut out, text));
    if rows.len() > 1 {
        line(
            &mut out,
            "  dispatches and barriers are those of one window; times are a guess for a large GPU that orders the schedules".into(),
        );
    }
    out
}

fn line(out: &mut String, text: String) {
    let _ = writeln!(out, "{text}");
}

/// Columns aligned: the first to the left, the others to the right.
fn aligned(out: &mut String, rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |k: usize| rows.iter().filter_map(|r| r.get(k)).map(|c| c.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let mut text = String::from(" ");
        for (k, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[k] - cell.chars().count());
            let _ = if k == 0 { write!(text, " {cell}{pad}") } else { write!(text, "  {pad}{cell}") };
        }
        line(out, text.trim_end().to_string());
    }
}

/// Seven digits, so that what is small is not told as 0.
pub(super) fn number(x: f64) -> String {
    let rounded: f64 = format!("{x:.6e}").parse().unwrap_or(x);
    if rounded == 0.0 || (1e-4..1e9).contains(&rounded.abs()) { format!("{rounded}") } else { format!("{rounded:e}") }
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|c| c.to_string()).collect()
}

fn groups(plan: &Plan, out: &mut String) {
    line(out, "\nGroups (populations that share a rule are advanced as one)".into());
    for (g, group) in plan.groups.iter().enumerate() {
        let members: Vec<String> =
            plan.populations.iter().filter(|p| p.group == g).map(|p| format!("{} {}", p.name, p.size)).collect();
        line(out, format!("  {}: {} ({})", g, group.model.ast.name.text, members.join(", ")));
        line(out, format!("     method: {}", group.rule.method));
        let per_row: Vec<&str> = group
            .model
            .params
            .iter()
            .zip(&group.params)
            .filter(|(_, c)| matches!(c, Column::PerRow(_)))
            .map(|(p, _)| p.name.as_str())
            .collect();
        let per_row = if per_row.is_empty() { "none".to_string() } else { per_row.join(", ") };
        let arithmetic =
            group.rule.next.iter().chain(&group.rule.spike).fold(vec![false; group.rule.graph.nodes.len()], |mut all, root| {
                all.iter_mut().zip(group.rule.graph.needed(*root)).for_each(|(a, n)| *a |= n);
                all
            });
        let operations = group
            .rule
            .graph
            .nodes
            .iter()
            .zip(arithmetic)
            .filter(|(node, needed)| *needed && matches!(node, Node::Unary(..) | Node::Binary(..) | Node::Select { .. }))
            .count();
        line(
            out,
            format!(
                "     {} states, {} operations a step, {} derived numbers, parameters per neuron: {per_row}",
                group.rule.states.len(),
                operations,
                group.rule.derived.len()
            ),
        );
    }
}

fn ports(plan: &Plan, out: &mut String) {
    let mut rows = vec![row(&["port", "largest sum in a slot", "fixed-point step", "channel", "largest rounding", "slot"])];
    for (g, group) in plan.groups.iter().enumerate() {
        for (p, (port, place)) in group.rule.ports.iter().zip(&group.ports).enumerate().filter(|(_, (_, place))| place.used) {
            let unit = port.dimension.unit();
            let has_fine = group.rule.ports.iter().any(|other| other.fine_of == Some(p as u32));
            let channel = match (port.fine_of, has_fine) {
                (Some(_), _) => "2 of 2",
                (None, true) => "1 of 2",
                (None, false) => "1 of 1",
            };
            let here = plan.routes.iter().filter(|r| plan.place(r.target).group == g && r.port as usize == p);
            let rounding = here.map(|r| fixed_point::rounding(r, place.scale).relative).fold(0.0, f64::max);
            rows.push(vec![
                format!("{g}.{}", port.name),
                format!("{} {unit}", number(place.bound)),
                format!("{:.2e} {unit}", 1.0 / place.scale),
                channel.into(),
                format!("{rounding:.0e}"),
                if port.at_start { "at start".into() } else { "on arrival".into() },
            ]);
        }
    }
    if rows.len() > 1 {
        line(
            out,
            "\nPorts (in single precision and on a GPU arrivals are summed as whole numbers that cannot overflow; rounding: of the"
                .into(),
        );
        line(out, "weights of a projection onto one neuron, by their sum; a second channel of finer scale takes weights that one cannot hold)".into());
        aligned(out, &rows);
    }
}

fn span(column: &EdgeColumn) -> String {
    match column {
        EdgeColumn::Shared(x) => format!("{x}"),
        EdgeColumn::PerEdge(list) => {
            let (low, high) = list.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), x| (l.min(*x), h.max(*x)));
            if list.is_empty() { "-".into() } else { format!("{low} to {high}") }
        }
    }
}

fn routes(plan: &Plan, out: &mut String) {
    if !plan.routes.is_empty() {
        line(out, "\nSpikes (rows by source, one ring per port)".into());
        let mut rows = vec![row(&["projection", "port", "synapses", "weight", "delay (steps)"])];
        for route in &plan.routes {
            let port = &plan.group_of(route.target).rule.ports[route.port as usize];
            rows.push(vec![
                route.name.clone(),
                port.name.clone(),
                grouped(route.edges.target.len() as u64),
                format!("{} {}", span(&route.weight), port.dimension.unit()),
                span(&route.delay),
            ]);
        }
        aligned(out, &rows);
    }
    if !plan.couplings.is_empty() {
        line(out, "\nGraded synapses (gathered by target in every step)".into());
        let mut rows = vec![row(&["projection", "input", "synapses", "storage on a GPU"])];
        for c in &plan.couplings {
            let input = &plan.group_of(c.target).rule.inputs[c.input as usize].name;
            let synapses = grouped(c.edges.target.len() as u64);
            rows.push(vec![c.name.clone(), input.clone(), synapses, c.storage().name().into()]);
        }
        aligned(out, &rows);
    }
}

/// Synapses with states of their own.
fn stepped(plan: &Plan, out: &mut String) {
    if plan.edge_groups.is_empty() {
        return;
    }
    line(out, "\nSynapses with states of their own (stepped and gathered by target in every step)".into());
    let mut rows = vec![row(&["projection", "input", "synapses", "states", "method", "delay (steps)"])];
    for e in &plan.edge_groups {
        let inputs = &plan.group_of(e.target).rule.inputs;
        let names = |list: &mut dyn Iterator<Item = &str>| list.collect::<Vec<_>>().join(", ");
        rows.push(vec![
            e.name.clone(),
            names(&mut e.inputs.iter().map(|i| inputs[*i as usize].name.as_str())),
            grouped(e.edges.target.len() as u64),
            names(&mut e.rule.states.iter().map(|s| s.name.as_str())),
            e.rule.method.clone(),
            if e.rule.reads_arrivals() { span(&e.delay) } else { "-".into() },
        ]);
    }
    aligned(out, &rows);
}

fn inputs(plan: &Plan, out: &mut String) {
    let mut rows = vec![row(&["stimulus", "kind", "neurons", "from step", "to step"])];
    let time = |s: u64| if s == u64::MAX { "end".to_string() } else { s.to_string() };
    for d in &plan.drives {
        let kind = match d.wave {
            Wave::Constant(_) => "constant",
            Wave::Steps { .. } => "steps",
            Wave::Sine { .. } => "sine",
            Wave::Noise { .. } => "noise",
            Wave::Array { .. } => "array",
            Wave::External { .. } => "external",
        };
        rows.push(vec![d.name.clone(), kind.into(), d.rows.len().to_string(), time(d.start), time(d.stop)]);
    }
    for b in &plan.backgrounds {
        rows.push(vec![b.name.clone(), "poisson".into(), b.rows.len().to_string(), time(b.start), time(b.stop)]);
    }
    if rows.len() > 1 {
        line(out, "\nStimuli".into());
        aligned(out, &rows);
    }
    let mut rows = vec![row(&["population", "recorded", "neurons", "every (steps)"])];
    for tap in &plan.taps {
        let (population, what, count, every) = match tap {
            Tap::Spikes { population, rows } => (population, "spikes".to_string(), rows.len(), 1),
            Tap::Rate { population, rows, bin } => (population, "rate".to_string(), rows.len(), *bin),
            Tap::State { population, column, rows, every } => {
                let name = plan.group_of(*population).rule.states[*column as usize].name.clone();
                (population, name, rows.len(), *every)
            }
        };
        rows.push(vec![plan.place(*population).name.clone(), what, count.to_string(), every.to_string()]);
    }
    if rows.len() > 1 {
        line(out, "\nProbes".into());
        aligned(out, &rows);
    }
}

fn memory(plan: &Plan, steps: u64, out: &mut String) {
    let terms = |number: u64| Terms { number, instances: plan.instances.into(), steps };
    let (single, double) = (Memory::of(plan, terms(4)), Memory::of(plan, terms(8)));
    line(out, "\nMemory of the host (plan, engine on the processor, its state before a batch, recordings)".into());
    let mut rows = vec![row(&["part", "bytes in single precision", "in double precision"])];
    let mut add = |name: String, bytes: &dyn Fn(&Memory) -> u64| {
        if bytes(&single) > 0 {
            rows.push(vec![name, grouped(bytes(&single)), grouped(bytes(&double))]);
        }
    };
    add("synapses".into(), &|m| m.of_kind(Kind::Synapses));
    add("states and values of neurons".into(), &|m| m.of_kind(Kind::Neurons));
    add("delay rings".into(), &|m| m.of_kind(Kind::Rings));
    let time = steps as f64 * plan.dt;
    add(format!("recordings of {time} ms"), &|m| m.of_kind(Kind::Recording));
    add("all".into(), &Memory::bytes);
    aligned(out, &rows);
    if plan.taps.iter().any(|t| matches!(t, Tap::Spikes { .. })) {
        line(out, "  spikes are kept as they come, 12 bytes each".into());
    }
}
