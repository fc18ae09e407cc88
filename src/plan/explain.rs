//! A plan as tables that a person can read: what is merged, which method, how spikes travel, what memory is taken.

use std::fmt::Write;

use super::bytes::bytes_plain as grouped;
use super::memory::{Kind, Memory, Terms};
use super::schedule::{self, Machine, Settings};
use super::{Column, Connectivity, EdgeColumn, EdgeStorage, Gathered, Plan, Route, Tap, Total, fixed_point};
use crate::model::rule::{Graph, Node};
use crate::network::{self, Network, Rows};
use crate::units::Dimension;

mod learning;
mod outside;

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
            grouped(plan.synapses()),
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
    graded(plan, &mut out);
    stepped(plan, &mut out);
    learning::learning(plan, &mut out);
    outside::inputs(plan, &mut out);
    memory(plan, steps, &mut out);
    if !plan.remarks.is_empty() {
        line(&mut out, "\nRemarks".into());
        plan.remarks.iter().for_each(|r| line(&mut out, format!("  - {r}")));
    }
    out
}

/// The inputs and outputs of a network as a table; empty if it has none.
pub fn signals(network: &Network) -> String {
    let rows_of = |rows: &Option<Rows>| match rows {
        None => "all".into(),
        Some(Rows::Range(from, to)) => format!("{from} to {}", to.saturating_sub(1)),
        Some(Rows::List(list)) => format!("{} of them", list.len()),
        Some(Rows::Where { column, equals, .. }) => format!("where {column} is {equals}"),
    };
    let named = |name: &String, of: &str, what: &str| if name.is_empty() { format!("{of}.{what}") } else { name.clone() };
    let told = |value: Option<&network::Value>, otherwise: &str| value.map_or_else(|| otherwise.to_string(), |v| v.to_string());
    let mut rows = vec![row(&["signal", "kind", "population", "variable", "neurons", "1 stands for", "0 stands for"])];
    for i in &network.inputs {
        let (scale, offset) = (i.scale.to_string(), told(i.offset.as_ref(), "0"));
        let kind = if i.per_neuron { "input, a number each" } else { "input, one number" };
        let name = named(&i.name, &i.target, &i.input);
        rows.push(vec![name, kind.into(), i.target.clone(), i.input.clone(), rows_of(&i.rows), scale, offset]);
    }
    for o in &network.outputs {
        let scale = told(o.scale.as_ref(), if o.record == "spikes" { "a spike" } else { "1 of its unit" });
        let (name, offset) = (named(&o.name, &o.population, &o.record), told(o.offset.as_ref(), "0"));
        rows.push(vec![name, "output".into(), o.population.clone(), o.record.clone(), rows_of(&o.rows), scale, offset]);
    }
    let mut out = String::new();
    if rows.len() > 1 {
        line(&mut out, "\nInputs and outputs".into());
        aligned(&mut out, &rows);
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
                "     {} states, {} operations a step, {} derived numbers",
                group.rule.states.len(),
                operations,
                group.rule.derived.len()
            ),
        );
        values(plan, g, out);
    }
}

/// The numbers that a group has: what its populations share, then what each has of its own.
fn values(plan: &Plan, number: usize, out: &mut String) {
    let group = &plan.groups[number];
    let params = group.model.params.iter().zip(&group.params).map(|(p, c)| (p.name.as_str(), p.dimension, c));
    let states = group.rule.states.iter().zip(&group.initial).filter(|(s, _)| !s.name.starts_with(' '));
    let initial = states.map(|(s, c)| (s.name.as_str(), s.dimension, c));
    let (params, initial): (Vec<Named<'_>>, Vec<Named<'_>>) = (params.collect(), initial.collect());
    let told = |of: &[Named<'_>], rows: Option<std::ops::Range<usize>>| {
        let chosen = of.iter().filter(|(_, _, c)| matches!(c, Column::PerRow(_)) == rows.is_some());
        let one = |(name, dimension, column): &Named<'_>| {
            let rows = rows.clone().unwrap_or(0..1).map(|row| column.get(row));
            let (low, high) = rows.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
            format!("{name} {}", quantity(low, high, *dimension))
        };
        chosen.map(one).collect::<Vec<_>>().join(", ")
    };
    let both = |rows: Option<std::ops::Range<usize>>| {
        let (params, initial) = (told(&params, rows.clone()), told(&initial, rows));
        let initial = if initial.is_empty() { initial } else { format!("at the start {initial}") };
        [params, initial].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ")
    };
    let mut say = |who: &str, text: String| {
        if !text.is_empty() {
            line(out, format!("     {who}: {text}"));
        }
    };
    say("values", both(None));
    let members = plan.populations.iter().filter(|p| p.group == number);
    for place in members.clone().take(MEMBERS) {
        let first = place.first_row as usize;
        say(&place.name, both(Some(first..first + place.size as usize)));
    }
    let own = [&params, &initial].into_iter().flatten().any(|(_, _, c)| matches!(c, Column::PerRow(_)));
    if own && members.clone().count() > MEMBERS {
        say("...", format!("{} more populations with values of their own", members.count() - MEMBERS));
    }
}

/// Populations of a group whose own values are printed.
const MEMBERS: usize = 20;

/// Name, dimension, numbers.
type Named<'a> = (&'a str, Dimension, &'a Column);

/// `-60 to -50 mV`
fn quantity(low: f64, high: f64, dimension: Dimension) -> String {
    let unit = if dimension.is_none() { String::new() } else { format!(" {}", dimension.unit()) };
    if low >= high { format!("{}{unit}", number(low)) } else { format!("{} to {}{unit}", number(low), number(high)) }
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
                if rounding == 0.0 { "0".into() } else { format!("{rounding:.0e}") },
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

fn span(column: &EdgeColumn, dimension: Dimension) -> String {
    match (column, column.span()) {
        (EdgeColumn::Shared(x), _) => quantity(*x, *x, dimension),
        (_, None) => "-".into(),
        (_, Some((low, high))) => quantity(short(low as f32), short(high as f32), dimension),
    }
}

/// The delays of edges, in steps.
fn delays(edges: &Connectivity) -> String {
    let (least, largest) = edges.delays();
    let apart = edges.shared_delay().is_none();
    if apart && edges.is_empty() { "-".into() } else { quantity(least.into(), largest.into(), Dimension::NONE) }
}

/// As a person would write it: 0.1, not 0.10000000149.
fn short(x: f32) -> f64 {
    x.to_string().parse().unwrap_or(f64::from(x))
}

fn routes(plan: &Plan, out: &mut String) {
    if !plan.routes.is_empty() {
        line(out, "\nSpikes (rows by source, one ring per port)".into());
        let mut rows = vec![row(&["projection", "port", "synapses", "weight", "delay (steps)"])];
        // told where anything is drawn again, or by a device
        let again = plan.routes.iter().any(|route| route.storage() != EdgeStorage::Stored);
        let by_device = plan.routes.iter().any(Route::is_drawn_by_device);
        let told = again || by_device;
        if told {
            rows[0].extend(row(&["connectivity", "bytes a synapse"]));
        }
        for route in &plan.routes {
            let port = &plan.group_of(route.target).rule.ports[route.port as usize];
            rows.push(vec![
                route.name.clone(),
                port.name.clone(),
                grouped(route.edges.count()),
                match route.learned {
                    Some(_) => format!("at most {}", span(&route.weight, port.dimension)),
                    None => span(&route.weight, port.dimension),
                },
                delays(&route.edges),
            ]);
            if told {
                let kept = route.edges.bytes_each() + if matches!(route.weight, EdgeColumn::PerEdge(_)) { 4 } else { 0 };
                let storage = if route.is_drawn_by_device() { "on the device" } else { route.storage().name() };
                rows.last_mut().into_iter().for_each(|row| row.extend([storage.into(), kept.to_string()]));
            }
        }
        aligned(out, &rows);
        if by_device {
            line(out, "  what is on the device is drawn there, and nothing of it is kept beside it".into());
        }
        if again {
            line(out, "  what is procedural is drawn again for each spike, the same to the bit as if it were stored".into());
        }
    }
}

/// Graded synapses without states of their own.
fn graded(plan: &Plan, out: &mut String) {
    let mut rows = vec![row(&["projection", "inputs", "synapses", "operations", "storage on a GPU", "parameters", "summed"])];
    let totals = totals(plan);
    for (g, total) in plan.gathered.iter().zip(&totals).filter(|(g, _)| !g.has_states()) {
        rows.push(vec![
            g.name.clone(),
            inputs_of(plan, g),
            grouped(g.edges.count()),
            operations(g, total.as_ref()),
            if total.is_some() { "none".into() } else { g.storage().name().into() },
            edge_values(g),
            summed(total.as_ref()),
        ]);
    }
    if rows.len() > 1 {
        line(
            out,
            "\nGraded synapses (gathered by target in every step; operations: what each synapse works out for itself, the rest is"
                .into(),
        );
        line(out, "worked out once for a source or for all)".into());
        aligned(out, &rows);
        once(totals.iter().zip(&plan.gathered).any(|(total, g)| total.is_some() && !g.has_states()), out);
    }
}

/// By projection that is gathered: the sum that all its targets share.
fn totals(plan: &Plan) -> Vec<Option<Total>> {
    let mut out = vec![None; plan.gathered.len()];
    for bundle in plan.bundles().iter().filter(|bundle| bundle.is_single()) {
        out[bundle.members[0]] = bundle.total(plan);
    }
    out
}

fn summed(total: Option<&Total>) -> String {
    if total.is_some() { "once" } else { "by target" }.into()
}

/// What `once` means, where it stands.
fn once(stands: bool, out: &mut String) {
    if stands {
        line(
            out,
            "  once: the sum over the sources is worked out once for all targets; operations are those of a target with it".into(),
        );
    }
}

/// What is left for each synapse, or for each target where all share their sum.
fn operations(gathered: &Gathered, total: Option<&Total>) -> String {
    let of_target = |total: &Total| {
        let factors = total.onto.nodes.iter().filter(|n| Graph::operands(**n).next().is_some()).count();
        // the product with the sum
        factors + total.flows.iter().filter(|flow| flow.factor.is_some()).count()
    };
    total.map_or_else(|| own_operations(gathered), of_target).to_string()
}

fn inputs_of(plan: &Plan, gathered: &Gathered) -> String {
    let inputs = &plan.group_of(gathered.target).rule.inputs;
    gathered.synapse.inputs.iter().map(|i| inputs[*i as usize].name.as_str()).collect::<Vec<_>>().join(", ")
}

/// What each synapse works out for itself, since it follows from its target, from numbers or states of its own.
fn own_operations(gathered: &Gathered) -> usize {
    let Gathered { rule, params, synapse, .. } = gathered;
    let graph = &rule.graph;
    let mut own = vec![false; graph.nodes.len()];
    let mut needed = vec![false; graph.nodes.len()];
    for root in rule.next.iter().chain(&rule.graded) {
        needed.iter_mut().zip(graph.needed(*root)).for_each(|(all, n)| *all |= n);
    }
    let mut count = 0;
    for (k, node) in graph.nodes.iter().enumerate() {
        own[k] = match node {
            Node::Param(p) => matches!(params.get(*p as usize), Some(EdgeColumn::PerEdge(_) | EdgeColumn::Drawn(_))),
            Node::End(e) => synapse.ends[*e as usize].post,
            Node::State(_) | Node::Arrived(_) => true,
            node => Graph::operands(*node).any(|operand| own[operand.0 as usize]),
        };
        count += usize::from(own[k] && needed[k] && Graph::operands(*node).next().is_some());
    }
    count
}

/// `g_max 1000 nS, e_rev -40 mV`
fn edge_values(gathered: &Gathered) -> String {
    let params = gathered.synapse.model.params.iter().zip(&gathered.params);
    let text = params.map(|(p, column)| format!("{} {}", p.name, span(column, p.dimension))).collect::<Vec<_>>().join(", ");
    if text.is_empty() { "-".into() } else { text }
}

/// Synapses with states of their own.
fn stepped(plan: &Plan, out: &mut String) {
    let mut rows =
        vec![row(&["projection", "inputs", "synapses", "states", "operations", "delay (steps)", "method", "parameters", "summed"])];
    let totals = totals(plan);
    for (g, total) in plan.gathered.iter().zip(&totals).filter(|(g, _)| g.has_states()) {
        rows.push(vec![
            g.name.clone(),
            inputs_of(plan, g),
            grouped(g.edges.count()),
            g.rule.states.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(", "),
            operations(g, total.as_ref()),
            if g.rule.reads_arrivals() { delays(&g.edges) } else { "-".into() },
            g.rule.method.clone(),
            edge_values(g),
            summed(total.as_ref()),
        ]);
    }
    if rows.len() > 1 {
        line(out, "\nSynapses with states of their own (stepped and gathered by target in every step)".into());
        aligned(out, &rows);
        once(totals.iter().zip(&plan.gathered).any(|(total, g)| total.is_some() && g.has_states()), out);
    }
}

fn memory(plan: &Plan, steps: u64, out: &mut String) {
    let terms = |number: u64| Terms::default().number(number).instances(plan.instances.into()).steps(steps);
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
    add("samples of a batch on their way into them, up to".into(), &|m| m.batch);
    add("synapses that are looked at together for a sample".into(), &|m| m.looking);
    add("all".into(), &Memory::bytes);
    aligned(out, &rows);
    if plan.taps.iter().any(|t| matches!(t, Tap::Spikes { .. })) {
        line(out, "  spikes are kept as they come, 12 bytes each".into());
    }
    if plan.taps.iter().any(|t| matches!(t, Tap::AtSpikes { .. })) {
        line(out, "  values at spikes are kept as they come, 20 bytes each".into());
    }
}
