//! What a row of a group does in one step, as statements: what it reads, its rule, what it leaves.
//!
//! In: a group of a plan and its layout. Out: lines that stand in the loop over steps of every schedule, between "state in
//! variables" and "state back to memory". Order of a step: ARCHITECTURE.md section 2, worked into the rule. Expected to be in
//! scope: `row`, `instance`, `place` (step of the batch), `slot` (of that step), `record`. Not here: arithmetic (`expr`),
//! stimuli (`stimuli`), offsets (`layout`), the loops (`windowed`, `resident`).

use super::expr::Statements;
use super::gathered::Strand;
use super::layout::{BackgroundPlace, ColumnPlace, GroupLayout, Layout};
use super::{WgslError, names, place, stimuli};
use crate::model::rule::{Node, NodeId, Rule};
use crate::plan::schedule::Schedule;
use crate::plan::{Clocked, Deal, Group, OwnWords, Plan};

/// Backgrounds whose drawn words a thread keeps at the most: five numbers each.
const KEPT_RUNS: usize = 2;

/// The step of a group's row.
pub struct Body<'a> {
    plan: &'a Plan,
    layout: &'a Layout,
    pub number: usize,
    group: &'a Group,
    rule: &'a Clocked,
    statements: Statements<'a>,
}

impl<'a> Body<'a> {
    /// `rule`: that of the group, with its clocks.
    pub fn new(plan: &'a Plan, layout: &'a Layout, number: usize, rule: &'a Clocked) -> Result<Body<'a>, WgslError> {
        let group = &plan.groups[number];
        let looked_at = rule.watched.iter().filter_map(|(_, tested)| *tested).chain(rule.undefined);
        let roots: Vec<NodeId> = rule.next.iter().chain(&rule.spike).copied().chain(looked_at).collect();
        Ok(Body { plan, layout, number, group, rule, statements: Statements::new(&rule.graph, &roots)? })
    }

    fn rule(&self) -> &Rule {
        &self.group.rule
    }

    fn places(&self) -> &GroupLayout {
        &self.layout.groups[self.number]
    }

    fn reads(&self, leaf: Node) -> bool {
        self.statements.reads(|node| node == leaf)
    }

    /// State columns.
    pub fn columns(&self) -> usize {
        self.rule().states.len()
    }

    /// Where a state of the row stands in memory.
    pub fn seat(&self, k: usize) -> String {
        format!("state[{} + instance * {} + row]", names::state_place(self.number, k), names::span(self.number))
    }

    /// States whose value at the spike test is kept nowhere, and that value.
    fn overwritten(&self) -> impl Iterator<Item = (usize, NodeId)> {
        self.rule.watched.iter().filter_map(|(k, tested)| Some((*k, (*tested)?)))
    }

    /// What the steps of a window leave for [`Body::report`].
    pub fn marks(&self) -> Vec<String> {
        let mut out = vec!["var finite = true;".to_owned()];
        if self.steps_synapses() {
            out.push("var gathered = true;".to_owned());
        }
        if self.rule.undefined.is_some() {
            out.push("var undefined = false;".to_owned());
        }
        out.extend(self.overwritten().map(|(k, _)| format!("var {} = 0.0f;", names::tested(k))));
        out
    }

    /// What is told if something was not finite: the row, and the first place in it; after a single step the one that is named.
    pub fn report(&self) -> Vec<String> {
        let mut out = vec!["if (!finite) {".to_owned(), format!("    var place = {}u;", place::SYNAPSES)];
        let mut states = Vec::new();
        for (k, tested) in &self.rule.watched {
            let k = *k;
            if tested.is_some() {
                let name = names::tested(k);
                states.push((format!("is_finite({name})"), format!("{}u + kind_of({name})", place::tested(k))));
            }
            states.push((format!("is_finite({})", names::state(k)), format!("{}u", place::after(k))));
        }
        out.extend(states.iter().rev().map(|(fine, code)| format!("    place = select({code}, place, {fine});")));
        if self.rule.undefined.is_some() {
            out.push(format!("    place = select(place, {}u, undefined);", place::COMPARISON));
        }
        if self.steps_synapses() {
            out.push(format!("    place = select({}u, place, gathered);", place::SYNAPSES));
        }
        out.push(format!("    report(instance, {} + row, place);", names::base(self.number)));
        out.push("}".to_owned());
        out
    }

    /// What does not change over the window: parameters, derived numbers, units, weights.
    pub fn constants(&self) -> Vec<String> {
        self.constant_columns().iter().map(|(name, value, _)| format!("let {name} = {value};")).collect()
    }

    /// The same in two parts: what all rows of an instance share, before the steps, and the rest, which takes that up.
    pub fn shared_constants(&self) -> (Vec<String>, Vec<String>) {
        let columns = self.constant_columns();
        let own = |name: &str| format!("g{}_{name}", self.number);
        let shared = columns.iter().filter(|c| !c.2).map(|(name, value, _)| format!("let {} = {value};", own(name)));
        let rest = columns.iter().map(|(name, value, per_row)| match per_row {
            true => format!("let {name} = {value};"),
            false => format!("let {name} = {};", own(name)),
        });
        (shared.collect(), rest.collect())
    }

    /// Name, value, and whether each row has its own.
    fn constant_columns(&self) -> Vec<(String, String, bool)> {
        let places = self.places();
        let column = |name: String, first: String, place: ColumnPlace| {
            (name, format!("params[{first}{}]", place.offset(places.rows, "row")), place.per_row)
        };
        let mut out = Vec::new();
        for (k, place) in (0u32..).zip(&places.params) {
            out.extend(place.map(|p| column(names::param(k), names::param_place(self.number, k), p)));
        }
        for (k, place) in (0u32..).zip(&places.derived) {
            out.extend(place.map(|p| column(names::derived(k), names::derived_place(self.number, k), p)));
        }
        for (k, _) in self.ports() {
            if let Some(port) = places.ports[k as usize] {
                out.push(column(names::unit(k), names::unit_place(self.number, k), port.unit));
            }
        }
        out
    }

    /// Ports at which something can arrive, whether the step reads it or not; and whether they are read at its start.
    fn ports(&self) -> impl Iterator<Item = (u32, bool)> {
        let used = (0u32..).zip(&self.places().ports).filter(|(_, p)| p.is_some());
        used.map(|(k, _)| (k, self.rule().ports.get(k as usize).is_some_and(|p| p.at_start)))
    }

    /// What a step begins with: time, arrivals, inputs, draws, the list of spikes.
    pub fn leaves(&self) -> Vec<String> {
        let mut out = Vec::new();
        if self.reads(Node::Time) || self.strands().next().is_some() {
            out.push(format!("let {} = bitcast<f32>(inputs[record]);", names::TIME));
        }
        self.steps(&mut out);
        self.arrivals(&mut out);
        self.gathered(&mut out);
        for input in 0..self.places().inputs.len() {
            if self.reads(Node::Held(input as u32)) {
                self.held(input, &mut out);
            }
        }
        self.draws(&mut out);
        if self.reads(Node::Listed) {
            let list = names::listed_place(self.number);
            out.push(format!("let {} = is_listed(record + {list}, row);", names::LISTED));
        }
        out
    }

    /// The number of the step, and what the host worked out for it.
    fn steps(&self, out: &mut Vec<String>) {
        // 24 bits each: exact, whatever the device's rounding
        if self.reads(Node::StepHigh) {
            let high = "(inputs[record + 1u] >> 24u) | (inputs[record + 2u] << 8u)";
            out.push(format!("let {} = f32(({high}) & 0xffffffu);", names::STEP_HIGH));
        }
        if self.reads(Node::StepLow) {
            out.push(format!("let {} = f32(inputs[record + 1u] & 0xffffffu);", names::STEP_LOW));
        }
        let Some(place) = self.places().clock else { return };
        for k in 0..self.rule.clock.len() as u32 {
            let word = match place.per_instance {
                true => format!("{}u + instance", place.first + k * self.layout.instances),
                false => format!("{}u", place.first + k),
            };
            out.push(format!("let {} = bitcast<f32>(inputs[record + {word}]);", names::clock(k)));
        }
    }

    fn arrivals(&self, out: &mut Vec<String>) {
        for (k, at_start) in self.ports() {
            // the slot of the step is that of the time at which it starts; what arrives at its end stands in the next
            let slot = if at_start { "slot" } else { "slot + 1u" };
            let taken = format!("take({slot}, instance, {} + row)", names::channel(self.number, k));
            if !self.reads(Node::Arrived(k)) {
                // read or not, the slot must be empty for those to come
                out.push(format!("_ = {taken};"));
                continue;
            }
            let name = names::arrived(k);
            let runs = self.runs(k);
            let keyword = if runs.is_empty() { "let" } else { "var" };
            out.push(format!("{keyword} {name} = {taken} * {};", names::unit(k)));
            for run in runs {
                out.extend(stimuli::background(self.plan, &run, self.keeps_words(), &name));
            }
        }
    }

    /// Poisson backgrounds of a port that the step reads, those together that one draw serves.
    fn runs(&self, port: u32) -> Vec<Vec<&BackgroundPlace>> {
        stimuli::runs(self.places().backgrounds.iter().filter(|b| b.port == port))
    }

    /// Does a thread keep words that are drawn for four steps at once? It has one row, and steps enough.
    fn keeps_words(&self) -> bool {
        let shape = self.layout.shape;
        let one_row = shape.schedule != Schedule::Resident || self.places().rows <= shape.workgroup;
        let read = (0u32..).zip(&self.places().ports).filter(|(k, _)| self.reads(Node::Arrived(*k)));
        one_row && shape.window >= 4 && read.map(|(k, _)| self.runs(k).len()).sum::<usize>() <= KEPT_RUNS
    }

    /// What a thread keeps of its row over the steps of a dispatch besides its state.
    pub fn kept(&self) -> Vec<String> {
        let read = (0u32..).zip(&self.places().ports).filter(|(k, _)| self.reads(Node::Arrived(*k)));
        let runs = read.filter(|_| self.keeps_words()).flat_map(|(k, _)| self.runs(k));
        runs.flat_map(|run| stimuli::kept_words(&run)).collect()
    }

    /// Bundles of synapses whose targets stand here.
    fn strands(&self) -> impl Iterator<Item = Strand<'a>> + '_ {
        Strand::onto(self.plan, self.layout, self.number)
    }

    /// Does a row step synapses with states of their own?
    fn steps_synapses(&self) -> bool {
        self.strands().any(|strand| strand.has_states())
    }

    /// What gathered synapses add to inputs, all of them at the start of the step.
    fn gathered(&self, out: &mut Vec<String>) {
        let read = |input: &u32| self.reads(Node::Held(*input));
        // states are stepped whether anything reads what flows or not
        let called: Vec<Strand> = self.strands().filter(|s| s.has_states() || s.inputs().iter().any(read)).collect();
        let mut inputs: Vec<u32> = called.iter().flat_map(|strand| strand.inputs()).copied().collect();
        inputs.sort_unstable();
        inputs.dedup();
        out.extend(inputs.iter().map(|input| format!("var {} = 0.0f;", names::gathered(*input))));
        called.iter().for_each(|strand| out.extend(strand.call()));
    }

    /// What an input holds: stimuli, then gathered synapses.
    fn held(&self, input: usize, out: &mut Vec<String>) {
        let name = names::held(input as u32);
        out.push(format!("var {name} = 0.0f;"));
        for term in &self.places().inputs[input] {
            out.extend(stimuli::term(term, self.places().rows, &name));
        }
        let gathered = self.strands().any(|strand| strand.inputs().contains(&(input as u32)));
        if gathered {
            out.push(format!("{name} = ({name} + {});", names::gathered(input as u32)));
        }
    }

    /// Random numbers of the row's own equations.
    fn draws(&self, out: &mut Vec<String>) {
        let Some(segments) = self.places().segments else { return };
        let rule = self.rule();
        let deal = Deal::new(rule.uniforms, rule.normals);
        let mut values = Vec::new();
        let mut blocks = Vec::new();
        for draw in (0..rule.uniforms).filter(|d| self.reads(Node::Uniform(*d))) {
            let place = deal.uniform(draw);
            blocks.push(place.block);
            values.push(format!("let {} = random_uniform({});", names::uniform(draw), own_word(place, 0)));
        }
        for draw in (0..rule.normals).filter(|d| self.reads(Node::Normal(*d))) {
            let place = deal.normal(draw);
            blocks.push(place.block);
            let words = format!("{}, {}", own_word(place, 0), own_word(place, 1));
            values.push(format!("let {} = random_normal({words});", names::normal(draw)));
        }
        if blocks.is_empty() && !self.statements.reads(|node| matches!(node, Node::Chance(..))) {
            return;
        }
        blocks.sort_unstable();
        blocks.dedup();
        out.push(format!("let segment = segment_of({}u, {}u, row);", segments.table, segments.count));
        out.push("let key = vec2<u32>(tables[KEYS + 2u * instance], tables[KEYS + 2u * instance + 1u]);".into());
        out.push("let count = vec2<u32>(inputs[record + 1u], inputs[record + 2u]);".into());
        out.push("let neuron = row - tables[segment];".into());
        for block in blocks {
            let words = names::random(block);
            let (row, own) = match deal.rows {
                4 => ("neuron / 4u", Some("random_of_four")),
                2 => ("neuron / 2u", Some("random_of_two")),
                _ => ("neuron", None),
            };
            let drawn = format!("random_block(key, tables[segment + 1u], {row}, count, {block}u)");
            let drawn = own.map_or(drawn.clone(), |own| format!("{own}({drawn}, neuron)"));
            out.push(format!("let {words} = {drawn};"));
        }
        out.extend(values);
    }

    /// The rule.
    pub fn arithmetic(&self) -> &[String] {
        &self.statements.lines
    }

    /// What a step ends with: the new state, the spike, samples, what synapses read.
    pub fn step_end(&self) -> Vec<String> {
        let rule = self.rule;
        let mut out = Vec::new();
        if let Some(undefined) = rule.undefined {
            out.push(format!("undefined = undefined || {};", self.statements.truth(undefined)));
            out.push("finite = finite && !undefined;".to_owned());
        }
        for (k, value) in self.overwritten() {
            out.push(format!("{} = {};", names::tested(k), self.statements.number(value)));
            out.push(format!("finite = finite && is_finite({});", names::tested(k)));
        }
        if let Some(spike) = rule.spike {
            out.push(format!("if ({}) {{", self.statements.truth(spike)));
            out.push(format!("    send(k, {} + row, lane);", names::base(self.number)));
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
            if rule.watched.iter().any(|(j, _)| *j == k) {
                out.push(format!("finite = finite && is_finite({});", names::state(k)));
            }
        }
        for (k, export) in self.places().exports.iter().enumerate() {
            if export.is_some() {
                let (place, span) = (names::export_place(self.number, k), names::span(self.number));
                let at = format!("{place} + (((slot + 1u) & 1u) * INSTANCES + instance) * {span} + row");
                out.push(format!("state[{at}] = {};", names::state(k)));
            }
        }
        for trail in self.layout.trails.iter().filter(|t| t.group == self.number) {
            let at =
                format!("{}u + ((past & TRAIL_MASK) * INSTANCES + instance) * {} + row", trail.first, names::span(self.number));
            out.push(format!("state[{at}] = {};", names::state(trail.column as usize)));
        }
        for tap in self.layout.taps.iter().filter(|t| t.group == self.number) {
            let column = stimuli::place_of(&tap.member);
            let due = format!("inputs[record + {}u]", tap.due);
            let value = names::state(tap.column as usize);
            out.push(format!("sample({due}, {}u, {}u, instance, {column}, {value});", tap.place, tap.rows));
        }
        out
    }
}

/// A word of a row among those of its block that are its own: one number, two, or four.
fn own_word(place: OwnWords, further: u32) -> String {
    let words = names::random(place.block);
    if place.rows == 4 { words } else { format!("{words}[{}]", place.word + further) }
}
