//! The kernel that advances the rows of a group: a thread per row, a loop over the steps of a window.
//!
//! In: a group of a plan and its layout. Out: the text of the entry point `update`. The state stays in variables over the
//! window; arrivals are taken from the ring, spikes are sent as bits. Order of a step: ARCHITECTURE.md section 2, worked into
//! the rule. Not here: arithmetic (`expr`), offsets (`layout`), what a row does besides (`shaders/row.wgsl`).

use super::expr::Statements;
use super::layout::{ColumnPlace, Layout};
use super::{WgslError, names};
use crate::model::rule::{Node, NodeId};
use crate::plan::{Group, Plan};

/// The entry point.
pub fn update(plan: &Plan, layout: &Layout, group: usize) -> Result<String, WgslError> {
    let rule = &plan.groups[group].rule;
    let roots: Vec<NodeId> = rule.next.iter().chain(&rule.spike).copied().collect();
    let writer =
        Writer { plan, layout, number: group, group: &plan.groups[group], statements: Statements::new(&rule.graph, &roots)? };
    Ok(writer.write())
}

struct Writer<'a> {
    plan: &'a Plan,
    layout: &'a Layout,
    number: usize,
    group: &'a Group,
    statements: Statements<'a>,
}

impl Writer<'_> {
    fn write(&self) -> String {
        let mut out = String::from(
            "// One thread per row: advances it by the steps of a window.

@compute @workgroup_size(64)
fn update(
    @builtin(workgroup_id) block: vec3<u32>,
    @builtin(num_workgroups) blocks: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let row = (block.y * blocks.x + block.x) * WORKGROUP + lane;
    let instance = block.z;
    if (row >= ROWS || stopped()) {
        return;
    }
    let seat = instance * SPAN + row;
",
        );
        let mut lines = |depth: usize, list: Vec<String>| {
            for line in list {
                out.push_str(&"    ".repeat(depth));
                out.push_str(&line);
                out.push('\n');
            }
        };
        lines(1, self.states());
        lines(1, self.columns());
        lines(1, vec!["var finite = true;".into(), "for (var k = 0u; k < window.steps; k++) {".into()]);
        lines(2, self.leaves());
        lines(2, self.statements.lines.clone());
        lines(2, self.step_end());
        lines(1, vec!["}".into()]);
        lines(1, self.write_back());
        out.push_str("}\n");
        out
    }

    fn states(&self) -> Vec<String> {
        let rule = &self.group.rule;
        (0..rule.states.len()).map(|k| format!("var {} = state[{} + seat];", names::state(k), names::state_place(k))).collect()
    }

    /// What does not change over the window: parameters, derived numbers, units, factors.
    fn columns(&self) -> Vec<String> {
        let places = &self.layout.groups[self.number];
        let column = |name: String, place_name: String, place: ColumnPlace| {
            let row = if place.per_row { " + row" } else { "" };
            format!("let {name} = params[{place_name}{row}];")
        };
        let mut out = Vec::new();
        for (k, place) in (0u32..).zip(&places.params) {
            out.extend(place.map(|p| column(names::param(k), names::param_place(k), p)));
        }
        for (k, place) in (0u32..).zip(&places.derived) {
            out.extend(place.map(|p| column(names::derived(k), names::derived_place(k), p)));
        }
        for (k, _) in self.ports() {
            out.push(format!("let {} = params[{}];", names::unit(k), names::unit_place(k)));
        }
        for (input, drives) in places.inputs.iter().enumerate() {
            if self.reads(Node::Held(input as u32)) {
                for drive in drives.iter().filter(|d| d.factor.is_some()) {
                    out.push(format!("let {} = params[{} + row];", names::factor(drive.drive), names::factor_place(drive.drive)));
                }
            }
        }
        out
    }

    /// Ports at which something can arrive, whether the step reads it or not.
    fn ports(&self) -> impl Iterator<Item = (u32, bool)> {
        let rule = &self.group.rule;
        let used = (0u32..).zip(&self.layout.groups[self.number].ports).filter(|(_, p)| p.is_some());
        used.map(|(k, _)| (k, rule.ports.get(k as usize).is_some_and(|p| p.at_start)))
    }

    fn reads(&self, leaf: Node) -> bool {
        self.statements.reads(|node| node == leaf)
    }

    /// What a step begins with: time, arrivals, inputs, the list of spikes.
    fn leaves(&self) -> Vec<String> {
        let places = &self.layout.groups[self.number];
        let mut out = vec!["let place = window.place + k;".to_owned(), "let record = place * RECORD;".to_owned()];
        if self.reads(Node::Time) {
            out.push(format!("let {} = bitcast<f32>(inputs[record]);", names::TIME));
        }
        for (k, at_start) in self.ports() {
            // the slot of the step is that of the time at which it starts; what arrives at its end stands in the next
            let slot = if at_start { "window.slot + k" } else { "window.slot + k + 1u" };
            let taken = format!("take({slot}, instance, {} + row)", names::channel(k));
            if self.reads(Node::Arrived(k)) {
                out.push(format!("let {} = {taken} * {};", names::arrived(k), names::unit(k)));
            } else {
                // read or not, the slot must be empty for those to come
                out.push(format!("_ = {taken};"));
            }
        }
        for (k, port) in (0u32..).zip(&places.ports) {
            if port.is_none() && self.reads(Node::Arrived(k)) {
                out.push(format!("let {} = 0.0f;", names::arrived(k)));
            }
        }
        for (input, drives) in (0u32..).zip(&places.inputs) {
            if !self.reads(Node::Held(input)) {
                continue;
            }
            let name = names::held(input);
            out.push(format!("var {name} = 0.0f;"));
            for drive in drives {
                let level = format!("bitcast<f32>(inputs[record + {}])", names::level_place(drive.drive));
                out.push(match drive.factor {
                    // the factor or the level is 0 or 1, so that no rounding depends on how this is done
                    Some(_) => format!("{name} = fma({}, {level}, {name});", names::factor(drive.drive)),
                    None => format!("{name} = ({name} + {level});"),
                });
            }
        }
        if self.reads(Node::Listed) {
            out.push(format!("let {} = is_listed(record + LISTED, row);", names::LISTED));
        }
        out
    }

    /// What a step ends with: the new state, the spike, samples.
    fn step_end(&self) -> Vec<String> {
        let rule = &self.group.rule;
        let mut out = Vec::new();
        if let Some(spike) = rule.spike {
            out.push(format!("if ({}) {{", self.statements.truth(spike)));
            out.push("    send(place, instance, BASE + row);".to_owned());
            out.push("}".to_owned());
        }
        // a value that is another state's is copied first: all states change at once
        let moved = |k: usize| matches!(rule.graph.node(rule.next[k]), Node::State(j) if j as usize != k);
        let kept = |k: usize| rule.graph.node(rule.next[k]) == Node::State(k as u32);
        for k in (0..rule.next.len()).filter(|k| moved(*k)) {
            out.push(format!("let m{k} = {};", self.statements.number(rule.next[k])));
        }
        for k in (0..rule.next.len()).filter(|k| !kept(*k)) {
            let value = if moved(k) { format!("m{k}") } else { self.statements.number(rule.next[k]) };
            out.push(format!("{} = {value};", names::state(k)));
            out.push(format!("finite = finite && is_finite({});", names::state(k)));
        }
        for tap in self.layout.taps.iter().filter(|t| t.group == self.number) {
            let column = match tap.column_of_row {
                Some(place) => format!("tables[{place}u + row]"),
                None => format!("row - {}u", tap.first_row),
            };
            let due = format!("inputs[record + {}u]", tap.due);
            let value = names::state(tap.column as usize);
            out.push(format!("sample({due}, {}u, {}u, instance, {column}, {value});", tap.place, tap.rows));
        }
        out
    }

    fn write_back(&self) -> Vec<String> {
        let rule = &self.group.rule;
        debug_assert_eq!(self.plan.groups.len(), self.layout.groups.len());
        let mut out: Vec<String> =
            (0..rule.states.len()).map(|k| format!("state[{} + seat] = {};", names::state_place(k), names::state(k))).collect();
        out.push("if (!finite) {".to_owned());
        out.push("    report(instance, BASE + row);".to_owned());
        out.push("}".to_owned());
        out
    }
}
