//! Gathered synapses as functions: those that end in a target, summed and stepped by its thread.
//!
//! In: a bundle of a plan and its layout. Out: the function, and the statements that call it. The states of sources are read where
//! the step before left them, so that the order of threads does not matter; what [`Gathered`](crate::plan::Gathered) says of the
//! order holds. Of synapses with states a last number tells whether one became not finite.

use super::expr::Statements;
use super::layout::{BundleLayout, Joined, Layout, NEXT, SynapsePlace, TotalPlace};
use super::stimuli::above;
use super::{WgslError, names};
use crate::model::EndValue;
use crate::model::rule::{Node, NodeId};
use crate::plan::{Gathered, Plan};

/// A bundle and where it stands.
#[derive(Clone, Copy)]
pub struct Strand<'a> {
    plan: &'a Plan,
    layout: &'a Layout,
    number: usize,
    place: &'a BundleLayout,
    /// What all its members have in common.
    first: &'a Gathered,
}

impl<'a> Strand<'a> {
    pub fn new(plan: &'a Plan, layout: &'a Layout, number: usize) -> Strand<'a> {
        let place = &layout.bundles[number];
        Strand { plan, layout, number, place, first: place.first(plan) }
    }

    /// Those whose targets stand in a group.
    pub fn onto(plan: &'a Plan, layout: &'a Layout, group: usize) -> impl Iterator<Item = Strand<'a>> {
        let all = (0..layout.bundles.len()).map(move |number| Strand::new(plan, layout, number));
        all.filter(move |strand| strand.target() == group)
    }

    /// Groups.
    pub fn source(&self) -> usize {
        self.plan.place(self.first.source).group
    }

    pub fn target(&self) -> usize {
        self.plan.place(self.first.target).group
    }

    /// By line, the input that it feeds.
    pub fn inputs(&self) -> &'a [u32] {
        &self.first.synapse.inputs
    }

    /// Are there states that the target's thread steps?
    pub fn has_states(&self) -> bool {
        self.first.has_states() && self.place.total.is_none()
    }

    /// The sum that all targets share.
    pub fn total(&self) -> Option<&'a TotalPlace> {
        self.place.total.as_ref()
    }

    /// Its place among all bundles.
    pub fn number(&self) -> usize {
        self.number
    }

    pub fn plan(&self) -> &'a Plan {
        self.plan
    }

    /// Row of the target's group.
    pub fn first_target(&self) -> u32 {
        self.place.first_target
    }

    /// First row of the source population in its group.
    pub fn first_source(&self) -> u32 {
        self.plan.place(self.first.source).first_row
    }

    /// Sources, where all targets share a sum.
    pub fn sources(&self) -> u32 {
        self.place.count
    }

    pub fn next(&self) -> &'a [NodeId] {
        &self.first.rule.next
    }

    pub fn params(&self) -> &'a [Option<SynapsePlace>] {
        &self.place.params
    }

    pub fn state_places(&self) -> &'a [u32] {
        &self.place.states
    }

    /// Do synapses of several projections stand in a row?
    fn several(&self) -> bool {
        matches!(self.place.joined, Joined::Csr { several: true, .. })
    }

    /// Numbers that the function gives: what flows by line, and whether a state became not finite.
    fn results(&self) -> usize {
        self.inputs().len() + usize::from(self.has_states())
    }

    /// The values of the target that the function is given, by place in the model's ends.
    fn given(&self) -> impl Iterator<Item = (u32, EndValue)> + 'a {
        self.first.ends().filter(|(_, end)| end.post).map(|(k, end)| (k, end.value))
    }

    /// The statements that add what flows to the sums of the row's inputs, and step the synapses.
    pub fn call(&self) -> Vec<String> {
        let first_target = self.place.first_target;
        let mut arguments = vec!["instance".to_owned(), above("row", first_target), "slot & 1u".to_owned()];
        arguments.push(names::TIME.to_owned());
        if self.has_states() {
            arguments.push("past".to_owned());
        }
        arguments.extend(self.given().map(|(_, value)| match value {
            EndValue::State(k) => names::state(k as usize),
            EndValue::Param(k) => names::param(k),
        }));
        // the sums of several projections go on from those before
        let several = self.several();
        if several {
            arguments.extend(self.inputs().iter().map(|input| names::gathered(*input)));
        }
        let call = format!("{}({})", names::bundle(self.number), arguments.join(", "));
        let add = |input: u32, flow: &str| match (names::gathered(input), several) {
            (sum, true) => format!("{sum} = {flow};"),
            (sum, false) => format!("{sum} = ({sum} + {flow});"),
        };
        let whole = first_target == 0 && self.place.targets == self.plan.groups[self.target()].rows;
        let within = |lines: Vec<String>| {
            if whole {
                return lines;
            }
            let head = format!("if ({} < {}u) {{", above("row", first_target), self.place.targets);
            std::iter::once(head).chain(lines.iter().map(|line| format!("    {line}"))).chain(["}".to_owned()]).collect()
        };
        if self.results() == 1 && !self.has_states() {
            return within(vec![add(self.inputs()[0], &call)]);
        }
        let name = names::flow(self.number);
        let mut lines = vec![format!("{name} = {call};")];
        lines.extend(self.inputs().iter().enumerate().map(|(k, input)| add(*input, &format!("{name}[{k}]"))));
        let mut out = vec![format!("var {name}: array<f32, {}>;", self.results())];
        out.extend(within(lines));
        if self.has_states() {
            out.push(format!("gathered = gathered && ({name}[{}] == 0.0f);", self.results() - 1));
            out.push("finite = finite && gathered;".to_owned());
        }
        out
    }

    /// The function.
    pub fn function(&self) -> Result<String, WgslError> {
        let (rule, count) = (&self.first.rule, self.results());
        let leaf = |node: Node| match node {
            Node::Param(k) => Some(names::param(k)),
            Node::End(k) => Some(names::edge_value(k as usize)),
            Node::State(k) => Some(names::state(k as usize)),
            Node::Arrived(_) => Some(names::arrived(0)),
            Node::Time => Some(names::TIME.to_owned()),
            Node::Dt => Some(super::expr::literal(self.plan.dt as f32)),
            _ => None,
        };
        let roots: Vec<NodeId> = rule.graded.iter().chain(&rule.next).copied().collect();
        let statements = Statements::with(&rule.graph, &roots, &leaf)?;
        let mut parameters = String::from("instance: u32, target_row: u32, parity: u32, time: f32");
        if self.has_states() {
            parameters.push_str(", past: u32");
        }
        self.given().for_each(|(k, _)| parameters.push_str(&format!(", {}: f32", names::edge_value(k as usize))));
        let single = count == 1 && !self.has_states();
        let result = if single { "f32".to_owned() } else { format!("array<f32, {count}>") };
        if let Some(at) = self.total() {
            return self.made_of_sums(at, &format!("{}({parameters}) -> {result}", names::bundle(self.number)));
        }
        let sum = |k: usize| if single { "sum".to_owned() } else { format!("sums[{k}]") };
        // of several projections each is summed first
        let several = self.several();
        let lines = self.inputs().len();
        if several {
            (0..lines).for_each(|k| parameters.push_str(&format!(", g{k}: f32")));
        }
        let part = |k: usize| if several { format!("part{k}") } else { sum(k) };
        let close = || (0..lines).map(|k| format!("{0} = ({0} + {1});", sum(k), part(k))).collect::<Vec<_>>();
        let mut out = format!("fn {}({parameters}) -> {result} {{\n", names::bundle(self.number));
        let mut line = |depth: usize, text: String| out.push_str(&format!("{}{text}\n", "    ".repeat(depth)));
        for (k, p) in (0u32..).zip(&self.place.params) {
            if let Some(SynapsePlace::Shared(p)) = p {
                line(1, format!("let {} = params[{}u{}];", names::param(k), p.first, p.offset(1, "0u")));
            }
        }
        line(1, if single { "var sum = 0.0f;".to_owned() } else { format!("var sums: {result};") });
        if several {
            (0..lines).for_each(|k| line(1, format!("{} = g{k};", sum(k))));
            (0..lines).for_each(|k| line(1, format!("var {} = 0.0f;", part(k))));
        }
        self.head().into_iter().for_each(|(depth, text)| line(depth, text));
        if several {
            line(2, format!("if (word >= {NEXT}u) {{"));
            close().into_iter().for_each(|text| line(3, text));
            (0..lines).for_each(|k| line(3, format!("{} = 0.0f;", part(k))));
            line(2, "}".into());
        }
        for text in self.reads()? {
            line(2, text);
        }
        let seat = |k: usize| format!("state[{}u + instance * {}u + edge]", self.place.states[k], self.place.count);
        for k in 0..rule.states.len() {
            line(2, format!("let {} = {};", names::state(k), seat(k)));
        }
        statements.lines.iter().for_each(|text| line(2, text.clone()));
        for (k, value) in rule.graded.iter().enumerate() {
            // a product that feeds a sum is an fma
            line(2, format!("{} = {};", part(k), statements.sum_with(&part(k), *value)));
        }
        for (k, next) in rule.next.iter().enumerate().filter(|(k, next)| rule.graph.node(**next) != Node::State(*k as u32)) {
            line(2, format!("let m{k} = {};", statements.number(*next)));
            line(2, format!("{} = m{k};", seat(k)));
            line(2, format!("{0} = select(1.0f, {0}, is_finite(m{k}));", sum(count - 1)));
        }
        line(1, "}".into());
        if several {
            close().into_iter().for_each(|text| line(1, text));
        }
        line(1, if single { "return sum;" } else { "return sums;" }.into());
        out.push_str("}\n");
        Ok(out)
    }

    /// The loop over the synapses of a target, and which one a turn is about: lines with their depth.
    fn head(&self) -> Vec<(usize, String)> {
        let reads_source = self.first.ends().any(|(_, end)| !end.post) || self.first.rule.reads_arrivals();
        let mut out = Vec::new();
        match self.place.joined {
            Joined::Csr { starts, sources, several } => {
                out.push((1, format!("let end = tables[{starts}u + target_row + 1u];")));
                out.push((1, format!("for (var edge = tables[{starts}u + target_row]; edge < end; edge++) {{")));
                if several {
                    out.push((2, format!("let word = synapses[{sources}u + edge];")));
                    out.push((2, format!("let source = word & {}u;", NEXT - 1)));
                } else if reads_source {
                    out.push((2, format!("let source = synapses[{sources}u + edge];")));
                }
            }
            Joined::Dense { pairs, sources } => {
                let targets = self.place.targets;
                out.push((1, format!("for (var k = 0u; k < {sources}u; k++) {{")));
                if let Some(first) = pairs {
                    let word = format!("synapses[{first}u + (k >> 5u) * {targets}u + target_row]");
                    out.push((2, format!("if (({word} & (1u << (k & 31u))) == 0u) {{")));
                    out.push((3, "continue;".into()));
                    out.push((2, "}".into()));
                }
                if self.place.params.iter().flatten().any(|p| matches!(p, SynapsePlace::Each { .. })) {
                    out.push((2, format!("let edge = k * {targets}u + target_row;")));
                }
                if reads_source {
                    let first = self.plan.place(self.first.source).first_row;
                    let shift = if first == 0 { String::new() } else { format!(" + {first}u") };
                    out.push((2, format!("let source = k{shift};")));
                }
            }
        }
        out
    }

    /// What a synapse reads: whether a spike arrives, values of its own, of its source.
    pub fn reads(&self) -> Result<Vec<String>, WgslError> {
        let mut out = Vec::new();
        if self.first.rule.reads_arrivals() {
            let delay = match (self.place.bundle.delay(self.plan), self.place.delays) {
                (Some(delay), _) => format!("{delay}u"),
                (None, Some(first)) => format!("synapses[{first}u + edge]"),
                (None, None) => return Err(WgslError::Leaf("a delay of each synapse".into())),
            };
            let row = format!("{} + source", names::base(self.source()));
            out.push(format!("let {} = spiked(instance, past - {delay}, {row});", names::arrived(0)));
        }
        for (k, p) in (0u32..).zip(&self.place.params) {
            if let Some(SynapsePlace::Each { first, per_instance }) = p {
                let own = if *per_instance { format!(" + instance * {}u", self.place.count) } else { String::new() };
                out.push(format!("let {} = bitcast<f32>(synapses[{first}u{own} + edge]);", names::param(k)));
            }
        }
        for (k, end) in self.first.ends().filter(|(_, end)| !end.post) {
            out.push(self.source_value(k, end.value)?);
        }
        Ok(out)
    }

    /// Reads a state or parameter of the source of a synapse.
    fn source_value(&self, end: u32, value: EndValue) -> Result<String, WgslError> {
        let (name, group) = (names::edge_value(end as usize), self.source());
        Ok(match value {
            EndValue::State(column) => {
                let (place, span) = (names::export_place(group, column as usize), names::span(group));
                format!("let {name} = state[{place} + (parity * INSTANCES + instance) * {span} + source];")
            }
            EndValue::Param(column) => {
                let places = &self.layout.groups[group];
                let Some(p) = places.params.get(column as usize).copied().flatten() else {
                    return Err(WgslError::Leaf(format!("a parameter {column} of group {group}")));
                };
                format!("let {name} = params[{}{}];", names::param_place(group, column), p.offset(places.rows, "source"))
            }
        })
    }
}
