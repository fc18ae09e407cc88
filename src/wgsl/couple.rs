//! Graded synapses as functions: the sum over the edges that end in a target, gathered by its thread.
//!
//! In: a coupling of a plan and its layout. Out: the function, and the statements that call it. The states of the sources are
//! read where the step before left them, so that the order of threads does not matter; the sum runs over edges by source.

use super::body::offset;
use super::couplings::{self, EdgePlace, EdgeStorage, EndValue};
use super::expr::Statements;
use super::layout::Layout;
use super::stimuli::above;
use super::{WgslError, names};
use crate::model::rule::Node;
use crate::plan::{Coupling, Plan};

/// The ends of the target that the function is given, by place in the model's ends.
fn given(plan: &Plan, coupling: &Coupling) -> Vec<(u32, EndValue)> {
    let leaves = couplings::leaves(coupling);
    let ends = leaves.into_iter().filter_map(|leaf| match leaf {
        Node::End(k) => {
            couplings::end(plan, &coupling.model, (coupling.source, coupling.target), k).filter(|e| e.0).map(|e| (k, e.2))
        }
        _ => None,
    });
    ends.collect()
}

/// The statements that add a coupling's sum for the row to `sum`.
pub fn call(plan: &Plan, number: usize, sum: &str) -> Vec<String> {
    let coupling = &plan.couplings[number];
    let target = plan.place(coupling.target);
    let mut arguments = vec!["instance".to_owned(), above("row", target.first_row), "slot & 1u".to_owned()];
    arguments.push(names::TIME.to_owned());
    for (_, value) in given(plan, coupling) {
        arguments.push(match value {
            EndValue::State(k) => names::state(k),
            EndValue::Param(k) => names::param(k as u32),
        });
    }
    let call = format!("{}({})", names::couple(number), arguments.join(", "));
    let whole = target.first_row == 0 && target.size == plan.groups[target.group].rows;
    if whole {
        return vec![format!("{sum} = ({sum} + {call});")];
    }
    vec![format!("if (row - {}u < {}u) {{", target.first_row, target.size), format!("    {sum} = ({sum} + {call});"), "}".into()]
}

/// The function of a coupling.
pub fn function(plan: &Plan, layout: &Layout, number: usize) -> Result<String, WgslError> {
    let (coupling, place) = (&plan.couplings[number], &layout.couplings[number]);
    let value = match coupling.model.graded.get(coupling.addition) {
        Some(addition) => addition.value,
        None => return Err(WgslError::Leaf("a graded line that is not there".into())),
    };
    let leaf = |node: Node| match node {
        Node::Param(k) => Some(names::param(k)),
        Node::End(k) => Some(names::edge_value(k as usize)),
        Node::Time => Some(names::TIME.to_owned()),
        Node::Dt => Some(super::expr::literal(plan.dt as f32)),
        _ => None,
    };
    let statements = Statements::with(&coupling.model.graph, &[value], &leaf)?;
    let mut parameters = String::from("instance: u32, target_row: u32, parity: u32, time: f32");
    let given = given(plan, coupling);
    given.iter().for_each(|(k, _)| parameters.push_str(&format!(", {}: f32", names::edge_value(*k as usize))));
    let mut out = format!("fn {}({parameters}) -> f32 {{\n", names::couple(number));
    let mut line = |depth: usize, text: String| out.push_str(&format!("{}{text}\n", "    ".repeat(depth)));
    for (k, p) in (0u32..).zip(&place.params) {
        if let Some(EdgePlace::Shared(p)) = p {
            line(1, format!("let {} = params[{}u{}];", names::param(k), p.first, offset(*p, 1, "0u")));
        }
    }
    line(1, "var sum = 0.0f;".into());
    let source = plan.place(coupling.source);
    let shift = if source.first_row == 0 { String::new() } else { format!(" + {}u", source.first_row) };
    let reads_source = couplings::leaves(coupling).iter().any(|l| match l {
        Node::End(k) => couplings::end(plan, &coupling.model, (coupling.source, coupling.target), *k).is_some_and(|e| !e.0),
        _ => false,
    });
    match place.edges {
        EdgeStorage::Csr { starts, sources } => {
            line(1, format!("let end = tables[{starts}u + target_row + 1u];"));
            line(1, format!("for (var edge = tables[{starts}u + target_row]; edge < end; edge++) {{"));
            if reads_source {
                line(2, format!("let source = synapses[{sources}u + edge]{shift};"));
            }
        }
        EdgeStorage::Dense { joined } => {
            let (sources, targets) = (coupling.edges.sources(), coupling.edges.targets());
            line(1, format!("for (var k = 0u; k < {sources}u; k++) {{"));
            if let Some(first) = joined {
                line(2, format!("if ((synapses[{first}u + (k >> 5u) * {targets}u + target_row] & (1u << (k & 31u))) == 0u) {{"));
                line(3, "continue;".into());
                line(2, "}".into());
            }
            if place.params.iter().flatten().any(|p| matches!(p, EdgePlace::PerEdge(_))) {
                line(2, format!("let edge = k * {targets}u + target_row;"));
            }
            if reads_source {
                line(2, format!("let source = k{shift};"));
            }
        }
    }
    for (k, p) in (0u32..).zip(&place.params) {
        if let Some(EdgePlace::PerEdge(first)) = p {
            line(2, format!("let {} = bitcast<f32>(synapses[{first}u + edge]);", names::param(k)));
        }
    }
    for leaf in couplings::leaves(coupling) {
        let Node::End(k) = leaf else { continue };
        let Some((false, group, value)) = couplings::end(plan, &coupling.model, (coupling.source, coupling.target), k) else {
            continue;
        };
        line(2, source_value(layout, k, group, value)?);
    }
    statements.lines.iter().for_each(|text| line(2, text.clone()));
    // a product that feeds a sum is an fma
    line(2, format!("sum = {};", statements.sum_with("sum", value)));
    line(1, "}".into());
    line(1, "return sum;".into());
    out.push_str("}\n");
    Ok(out)
}

/// Reads a state or parameter of the source of an edge.
pub fn source_value(layout: &Layout, end: u32, group: usize, value: EndValue) -> Result<String, WgslError> {
    let name = names::edge_value(end as usize);
    Ok(match value {
        EndValue::State(column) => {
            let (place, span) = (names::export_place(group, column), names::span(group));
            format!("let {name} = state[{place} + (parity * INSTANCES + instance) * {span} + source];")
        }
        EndValue::Param(column) => {
            let Some(p) = layout.groups[group].params.get(column).copied().flatten() else {
                return Err(WgslError::Leaf(format!("a parameter {column} of group {group}")));
            };
            let rows = layout.groups[group].rows;
            format!("let {name} = params[{}{}];", names::param_place(group, column as u32), offset(p, rows, "source"))
        }
    })
}
