//! Synapses with states of their own as functions: the edges that end in a target, stepped and summed by its thread.
//!
//! In: an edge group of a plan and its layout. Out: the function, and the statement that calls it. Its last number is not 0 if a
//! state became not finite. What [`EdgeGroup`] says of the order holds; sums run over edges by source.

use super::body::offset;
use super::couplings::{self, EdgePlace, EndValue};
use super::expr::Statements;
use super::layout::Layout;
use super::stimuli::above;
use super::{WgslError, edge_groups, names};
use crate::model::rule::{Node, NodeId};
use crate::plan::{EdgeColumn, EdgeGroup, Plan};

/// The ends of the target that the function is given, by place in the model's ends.
fn given(plan: &Plan, group: &EdgeGroup) -> Vec<(u32, EndValue)> {
    let ends = edge_groups::leaves(group).into_iter().filter_map(|leaf| match leaf {
        Node::End(k) => couplings::end(plan, &group.model, (group.source, group.target), k).filter(|e| e.0).map(|e| (k, e.2)),
        _ => None,
    });
    ends.collect()
}

/// The statements that step the edges of the row and keep what they gave.
pub fn call(plan: &Plan, number: usize) -> Vec<String> {
    let group = &plan.edge_groups[number];
    let target = plan.place(group.target);
    let mut arguments = vec!["instance".to_owned(), above("row", target.first_row), "slot & 1u".to_owned()];
    arguments.push(names::TIME.to_owned());
    arguments.push("past".to_owned());
    for (_, value) in given(plan, group) {
        arguments.push(match value {
            EndValue::State(k) => names::state(k),
            EndValue::Param(k) => names::param(k as u32),
        });
    }
    let name = names::flow(number);
    let count = group.inputs.len() + 1;
    let call = format!("{name} = {}({});", names::edges(number), arguments.join(", "));
    let mut out = vec![format!("var {name}: array<f32, {count}>;")];
    if target.first_row == 0 && target.size == plan.groups[target.group].rows {
        out.push(call);
    } else {
        out.push(format!("if ({} < {}u) {{", above("row", target.first_row), target.size));
        out.push(format!("    {call}"));
        out.push("}".to_owned());
    }
    out.push(format!("gathered = gathered && ({name}[{}] == 0.0f);", count - 1));
    out.push("finite = finite && gathered;".to_owned());
    out
}

/// The function of an edge group.
pub fn function(plan: &Plan, layout: &Layout, number: usize) -> Result<String, WgslError> {
    let (group, place) = (&plan.edge_groups[number], &layout.edge_groups[number]);
    let rule = &group.rule;
    let leaf = |node: Node| match node {
        Node::Param(k) => Some(names::param(k)),
        Node::End(k) => Some(names::edge_value(k as usize)),
        Node::State(k) => Some(names::state(k as usize)),
        Node::Arrived(_) => Some(names::arrived(0)),
        Node::Time => Some(names::TIME.to_owned()),
        Node::Dt => Some(super::expr::literal(plan.dt as f32)),
        _ => None,
    };
    let roots: Vec<NodeId> = rule.graded.iter().chain(&rule.next).copied().collect();
    let statements = Statements::with(&rule.graph, &roots, &leaf)?;
    let leaves = edge_groups::leaves(group);
    let count = group.inputs.len() + 1;
    let mut parameters = String::from("instance: u32, target_row: u32, parity: u32, time: f32, past: u32");
    given(plan, group).iter().for_each(|(k, _)| parameters.push_str(&format!(", {}: f32", names::edge_value(*k as usize))));
    let mut out = format!("fn {}({parameters}) -> array<f32, {count}> {{\n", names::edges(number));
    let mut line = |depth: usize, text: String| out.push_str(&format!("{}{text}\n", "    ".repeat(depth)));
    for (k, p) in (0u32..).zip(&place.params) {
        if let Some(EdgePlace::Shared(p)) = p {
            line(1, format!("let {} = params[{}u{}];", names::param(k), p.first, offset(*p, 1, "0u")));
        }
    }
    line(1, format!("var sums: array<f32, {count}>;"));
    line(1, format!("let end = tables[{}u + target_row + 1u];", place.starts));
    line(1, format!("for (var edge = tables[{}u + target_row]; edge < end; edge++) {{", place.starts));
    let source = plan.place(group.source);
    let shift = if source.first_row == 0 { String::new() } else { format!(" + {}u", source.first_row) };
    line(2, format!("let source = synapses[{}u + edge]{shift};", place.sources));
    if leaves.iter().any(|l| matches!(l, Node::Arrived(_))) {
        let delay = match (&group.delay, place.delays) {
            (_, Some(first)) => format!("synapses[{first}u + edge]"),
            (EdgeColumn::Shared(d), None) => format!("{}u", *d as u32),
            (EdgeColumn::PerEdge(_), None) => "1u".to_owned(),
        };
        let row = format!("{} + source", names::base(source.group));
        line(2, format!("let {} = spiked(instance, past - {delay}, {row});", names::arrived(0)));
    }
    for (k, p) in (0u32..).zip(&place.params) {
        if let Some(EdgePlace::PerEdge(first)) = p {
            line(2, format!("let {} = bitcast<f32>(synapses[{first}u + edge]);", names::param(k)));
        }
    }
    for leaf in &leaves {
        let Node::End(k) = leaf else { continue };
        let Some((false, g, value)) = couplings::end(plan, &group.model, (group.source, group.target), *k) else { continue };
        line(2, super::couple::source_value(layout, *k, g, value)?);
    }
    let seat = |k: usize| format!("state[{}u + instance * {}u + edge]", place.states[k], place.edges);
    for k in 0..rule.states.len() {
        line(2, format!("let {} = {};", names::state(k), seat(k)));
    }
    statements.lines.iter().for_each(|text| line(2, text.clone()));
    for (k, value) in rule.graded.iter().enumerate() {
        // a product that feeds a sum is an fma
        line(2, format!("sums[{k}] = {};", statements.sum_with(&format!("sums[{k}]"), *value)));
    }
    for (k, next) in rule.next.iter().enumerate().filter(|(k, next)| rule.graph.node(**next) != Node::State(*k as u32)) {
        line(2, format!("let m{k} = {};", statements.number(*next)));
        line(2, format!("{} = m{k};", seat(k)));
        line(2, format!("sums[{}] = select(1.0f, sums[{}], is_finite(m{k}));", count - 1, count - 1));
    }
    line(1, "}".into());
    line(1, "return sums;".into());
    out.push_str("}\n");
    Ok(out)
}
