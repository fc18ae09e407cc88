//! Passes over synapses that learn: what spikes of one end do to them, or what happens to all of them, as a kernel each.
//!
//! In: a pass of a plan and its layout. Out: its entry point in the schedule two-pass, its function in the others. Each neuron that
//! spiked goes down its row of synapses (in the fused schedule those that end in the block), a lane per synapse; so a synapse is met
//! once in a pass, and nobody else writes it. A pass over all synapses is one in which everything has spiked; one that adds up over
//! the synapses of a target gives each target a lane, which goes down its row twice. What it sends is added to the ring in whole numbers, so that their order does not
//! matter. Not here: the order of passes (`entry`, `engine::gpu::pipelines`).

use super::expr::{Statements, literal};
use super::layout::{Layout, LearnedLayout, PassLayout, SynapsePlace, TargetPlace};
use super::{WgslError, names, place};
use crate::model::rule::{Lag, Node, NodeId, Occasion, Pass};
use crate::plan::schedule::{Schedule, lanes};
use crate::plan::{EndColumn, Learning, Plan, PopulationId, fixed_point};

/// The name of a kernel.
pub fn name(place: &PassLayout) -> String {
    format!("{}_{}_{}", names::LEARN, place.learning, place.pass)
}

mod leaves;

/// A pass and where its synapses stand.
pub struct Lines<'a> {
    plan: &'a Plan,
    layout: &'a Layout,
    at: &'a PassLayout,
    learning: &'a Learning,
    pass: &'a Pass,
    place: &'a LearnedLayout,
}

impl<'a> Lines<'a> {
    pub fn new(plan: &'a Plan, layout: &'a Layout, at: &'a PassLayout) -> Lines<'a> {
        let learning = &plan.learning[at.learning];
        Lines { plan, layout, at, learning, pass: &learning.rule.passes[at.pass], place: &layout.learned[at.learning] }
    }

    /// Groups of source and target.
    pub fn groups(&self) -> [usize; 2] {
        [self.learning.source, self.learning.target].map(|id| self.plan.place(id).group)
    }

    /// Those, and groups of other neurons that the lines read, once each.
    pub fn all_groups(&self) -> Vec<usize> {
        let reads = (0u32..).zip(&self.learning.reads).filter(|(k, _)| self.reads(Node::Held(*k)));
        let others = reads.filter_map(|(_, read)| Some(self.plan.place(self.learning.population(read.neuron()?.of)).group));
        let mut out: Vec<usize> = Vec::new();
        self.groups().into_iter().chain(others).for_each(|group| {
            if !out.contains(&group) {
                out.push(group);
            }
        });
        out
    }

    /// The entry point.
    pub fn entry(&self) -> Result<String, WgslError> {
        let statements = self.statements()?;
        let mut out = String::new();
        let mut line = |depth: usize, text: &str| out.push_str(&format!("{}{text}\n", "    ".repeat(depth)));
        let what = self.told("up to 32 ");
        let lanes = if self.pass.has_totals() { "a lane per target" } else { "a lane per synapse" };
        line(0, &format!("// One workgroup per work item: w{}, {lanes}.", &what[1..]));
        line(0, "@compute @workgroup_size(WORKGROUP)");
        line(0, &format!("fn {}(", names::LEARN));
        line(1, "@builtin(workgroup_id) block: vec3<u32>,");
        line(1, "@builtin(num_workgroups) blocks: vec3<u32>,");
        line(1, "@builtin(local_invocation_index) lane: u32,");
        line(0, ") {");
        line(1, "let item = block.y * blocks.x + block.x;");
        line(1, "let instance = block.z;");
        line(1, "if (item >= WORK_ITEMS || stopped()) {");
        line(2, "return;");
        line(1, "}");
        line(1, "let work = WORK_PLACE + item * WORK_WORDS;");
        line(1, "let first = tables[work + 1u];");
        let step = ["let past = window.past;", "let slot = window.slot;", "let record = window.place * RECORD;"];
        if self.pass.has_totals() {
            step.iter().for_each(|text| line(1, text));
            self.due().iter().for_each(|text| line(1, text));
            line(1, "if (lane >= tables[work + 2u]) {");
            line(2, "return;");
            line(1, "}");
            line(1, "let post = first + lane;");
            self.constants()?.iter().for_each(|text| line(1, text));
            self.summed()?.iter().for_each(|text| line(1, text));
            line(0, "}");
            return Ok(out);
        }
        line(1, "let chosen = 0xffffffffu >> (32u - tables[work + 2u]);");
        line(1, "let part = tables[work + 3u] & 0xffffu;");
        line(1, "let parts = tables[work + 3u] >> 16u;");
        step.iter().for_each(|text| line(1, text));
        self.due().iter().for_each(|text| line(1, text));
        self.spikes("first / 32u").iter().for_each(|text| line(1, text));
        self.constants()?.iter().for_each(|text| line(1, text));
        line(1, "var bits = (sent >> (first & 31u)) & chosen;");
        line(1, "while (bits != 0u) {");
        line(2, "let row = first + firstTrailingBit(bits);");
        line(2, "bits &= bits - 1u;");
        self.synapses(None)?.iter().for_each(|text| line(2, text));
        self.met(&statements)?.iter().for_each(|text| line(3, text));
        line(2, "}");
        line(1, "}");
        line(0, "}");
        Ok(out)
    }

    /// The function of a pass in schedules of one dispatch: the threads of a workgroup list the spikes and share them. Every thread
    /// must come here; what was written before the pass and in it is seen by all behind it.
    pub fn function(&self) -> Result<String, WgslError> {
        let fused = self.layout.shape.schedule == Schedule::Fused;
        let mut out = String::new();
        let mut line = |depth: usize, text: &str| out.push_str(&format!("{}{text}\n", "    ".repeat(depth)));
        line(0, &format!("// {}.", self.told("")));
        let block = if fused { ", first_row: u32" } else { "" };
        line(0, &format!("fn {}(lane: u32, instance: u32, past: u32, slot: u32, record: u32{block}) {{", name(self.at)));
        let size = self.plan.place(self.end()).size;
        self.due().iter().for_each(|text| line(1, text));
        if self.pass.has_totals() {
            self.constants()?.iter().for_each(|text| line(1, text));
            let (first, size) = (self.plan.place(self.learning.target).first_row, self.plan.place(self.learning.target).size);
            if fused {
                line(1, &format!("let post = first_row + lane - {first}u;"));
                line(1, &format!("if (post < {size}u) {{"));
            } else {
                line(1, &format!("for (var post = lane; post < {size}u; post += WORKGROUP) {{"));
            }
            self.summed()?.iter().for_each(|text| line(2, text));
            line(1, "}");
            line(1, "storageBarrier();");
            line(1, "workgroupBarrier();");
            line(0, "}");
            return Ok(out);
        }
        let row = self.first_row(self.pass.is_post());
        match (self.pass.is_post(), fused) {
            (true, true) => {
                line(1, &format!("let begin = ({} + first_row) / 32u;", names::base(self.groups()[1])));
                line(1, "let stop = min(begin + WORKGROUP / 32u, SPIKE_WORDS);");
            }
            _ => {
                line(1, &format!("let begin = {}u;", row / 32));
                line(1, &format!("let stop = {}u;", (row + size).div_ceil(32)));
            }
        }
        if let (false, Some(place)) = (self.pass.is_post(), self.place.pivots) {
            line(1, &format!("let column = first_row / WORKGROUP - {}u;", place.first_block));
            line(1, &format!("if (column >= {}u) {{", place.blocks));
            line(2, "return;");
            line(1, "}");
        }
        self.constants()?.iter().for_each(|text| line(1, text));
        line(1, "list_clear(lane);");
        line(1, "workgroupBarrier();");
        for text in ["var turn = 0u;", "var left = 0u;", "var wanted = 0u;"] {
            line(1, text);
        }
        line(1, "for (var chunk = begin; chunk < stop; chunk += list_stride(WORKGROUP, wanted)) {");
        line(2, "let word = chunk + lane;");
        line(2, "if (wanted <= LIST && word < stop) {");
        self.spikes("word").iter().for_each(|text| line(3, text));
        line(3, "left = sent;");
        line(2, "}");
        line(2, "left = list_word(left, word * 32u, turn);");
        line(2, "wanted = list_wanted(lane, turn);");
        line(2, "if (wanted == 0u) {");
        line(3, "continue;");
        line(2, "}");
        line(2, "let count = list_length(wanted, turn);");
        let lanes = self.lanes();
        line(2, &format!("for (var number = lane / {lanes}u; number < count; number += WORKGROUP / {lanes}u) {{"));
        line(3, "let row = listed_spikes[number];");
        self.synapses(Some(size))?.iter().for_each(|text| line(3, text));
        self.met(&self.statements()?)?.iter().for_each(|text| line(4, text));
        line(3, "}");
        line(2, "}");
        line(2, "turn = 1u - turn;");
        line(2, "workgroupBarrier();");
        line(1, "}");
        line(1, "storageBarrier();");
        line(1, "workgroupBarrier();");
        line(0, "}");
        Ok(out)
    }

    /// What the kernel does, in words; `some`: how many neurons a work item is about.
    fn told(&self, some: &str) -> String {
        match self.pass.occasion {
            Occasion::Pre => format!("What spikes of {some}sources do to their synapses"),
            Occasion::Post => format!("What spikes of {some}targets do to their synapses"),
            Occasion::Step => "What a step makes of the equations of all synapses".into(),
            Occasion::Every(steps) if self.pass.has_totals() => {
                format!("What happens to all synapses every {steps} steps, with sums over those of each target")
            }
            Occasion::Every(steps) => format!("What happens to all synapses every {steps} steps"),
        }
    }

    /// Leaves where the pass does not run in this step.
    fn due(&self) -> Vec<String> {
        match self.place.due.get(self.at.pass).copied().flatten() {
            Some(due) => vec![format!("if (inputs[record + {due}u] == 0u) {{"), "    return;".into(), "}".into()],
            None => Vec::new(),
        }
    }

    /// Both turns over the synapses of the target `post`: the sums, in the order of sources; then the lines.
    fn summed(&self) -> Result<Vec<String>, WgslError> {
        let terms: Vec<NodeId> = self.pass.totals.iter().map(|(_, root)| *root).collect();
        let statements = Statements::with(&self.learning.rule.graph, &terms, &leaf)?;
        let mut out: Vec<String> = self.pass.totals.iter().map(|(k, _)| format!("var {} = 0.0f;", total(*k))).collect();
        let turn = |inside: Vec<String>, out: &mut Vec<String>| -> Result<(), WgslError> {
            out.extend(self.of_target()?);
            out.extend(inside.iter().map(|text| format!("    {text}")));
            out.push("}".into());
            Ok(())
        };
        let mut inside = self.values(terms.iter().copied())?;
        inside.extend(statements.lines.iter().cloned());
        inside.extend(self.pass.totals.iter().map(|(k, root)| {
            let sum = total(*k);
            format!("{sum} = {};", statements.sum_with(&sum, *root))
        }));
        turn(inside, &mut out)?;
        turn(self.met(&self.statements()?)?, &mut out)?;
        Ok(out)
    }

    /// The loop over the synapses of the target `post`.
    fn of_target(&self) -> Result<Vec<String>, WgslError> {
        let Some(TargetPlace { starts, .. }) = self.place.by_target else {
            return Err(WgslError::Leaf("synapses by target".into()));
        };
        let mut out = vec![format!("for (var at = tables[{starts}u + post]; at < tables[{starts}u + post + 1u]; at++) {{")];
        out.extend(self.seen_from_target()?);
        Ok(out)
    }

    /// Which synapse stands at a place of the order of targets.
    fn seen_from_target(&self) -> Result<Vec<String>, WgslError> {
        let Some(TargetPlace { synapses, sources, .. }) = self.place.by_target else {
            return Err(WgslError::Leaf("synapses by target".into()));
        };
        let page = self.layout.page_name(self.place.page);
        let mut out = vec![format!("    let synapse = {page}[{synapses}u + at];")];
        out.extend(sources.map(|sources| format!("    let pre = {page}[{sources}u + at];")));
        if self.asks_for_delay() {
            let (words, bits) = (self.place.words, self.learning.edges.target_bits());
            out.push(format!("    let delay = {page}[{words}u + synapse] >> {bits}u;"));
        }
        Ok(out)
    }

    /// Lanes that take a row together.
    fn lanes(&self) -> u32 {
        let (edges, most) = (&self.learning.edges, self.layout.shape.workgroup.min(32));
        let rows = if self.pass.is_post() { u64::from(edges.targets()) } else { u64::from(edges.sources()) };
        let blocks = self.place.pivots.filter(|_| !self.pass.is_post()).map_or(1, |p| u64::from(p.blocks));
        lanes(edges.count(), rows * blocks, most)
    }

    /// The population whose spikes are asked for.
    fn end(&self) -> PopulationId {
        if self.pass.is_post() { self.learning.target } else { self.learning.source }
    }

    fn statements(&self) -> Result<Statements<'a>, WgslError> {
        let roots: Vec<NodeId> = self.written().collect();
        Statements::with(&self.learning.rule.graph, &roots, &leaf)
    }

    /// What the lines write and send.
    fn written(&self) -> impl Iterator<Item = NodeId> + 'a {
        self.pass.next.iter().chain(&self.pass.sends).map(|(_, root)| *root)
    }

    /// The first row of an end, of all rows.
    fn first_row(&self, post: bool) -> u32 {
        self.plan.first_row(if post { self.learning.target } else { self.learning.source })
    }

    /// Does the pass run on spikes of as many steps before as a synapse's delay has?
    fn delayed(&self) -> bool {
        self.learning.rule.delayed(self.pass)
    }

    /// Are there synapses in a row at which a spike has not arrived yet, or is no more?
    fn waits(&self) -> bool {
        self.delayed() && self.learning.edges.shared_delay().is_none()
    }

    /// The bits of a word in any step that the pass looks back to.
    fn spikes(&self, word: &str) -> Vec<String> {
        match (self.delayed(), self.learning.edges.shared_delay()) {
            _ if self.pass.occasion.interval().is_some() => vec!["let sent = 0xffffffffu;".into()],
            (false, _) => vec![format!("let sent = sent_at(instance, past, {word});")],
            (true, Some(delay)) => vec![format!("let sent = sent_at(instance, past - {delay}u, {word});")],
            (true, None) => {
                let (least, most) = self.learning.edges.delays();
                vec![
                    "var sent = 0u;".into(),
                    format!("for (var back = {least}u; back <= {most}u; back++) {{"),
                    format!("    sent |= sent_at(instance, past - back, {word});"),
                    "}".into(),
                ]
            }
        }
    }

    /// Numbers that all synapses share.
    fn constants(&self) -> Result<Vec<String>, WgslError> {
        let mut out = Vec::new();
        for (k, at) in (0u32..).zip(&self.place.params) {
            if let (Some(SynapsePlace::Shared(p)), true) = (at, self.reads(Node::Param(k))) {
                out.push(format!("let {} = params[{}u{}];", names::param(k), p.first, p.offset(1, "0u")));
            }
        }
        Ok(out)
    }

    fn reads(&self, leaf: Node) -> bool {
        super::layout::leaves(self.learning, self.pass).contains(&leaf)
    }

    /// The loop over the row of a neuron, and which synapse a turn is about. `size`: neurons of the population, where the row may be of
    /// another; a workgroup then takes all spikes.
    fn synapses(&self, size: Option<u32>) -> Result<Vec<String>, WgslError> {
        let of_neuron = format!("row - {}u", self.first_row(self.pass.is_post()));
        let lanes = self.lanes();
        let head = |starts: u32, neuron: &str| {
            let mut out = vec![format!("let {neuron} = {of_neuron};")];
            if let Some(size) = size {
                out.extend([format!("if ({neuron} >= {size}u) {{"), "    continue;".into(), "}".into()]);
            }
            let first = match self.place.pivots.filter(|_| !self.pass.is_post()) {
                Some(pivots) => format!("{}u + {neuron} * {}u + column", pivots.table, pivots.blocks + 1),
                None => format!("{starts}u + {neuron}"),
            };
            out.push(format!("let end = tables[{first} + 1u];"));
            out.push(match size {
                Some(_) => format!("for (var at = tables[{first}] + lane % {lanes}u; at < end; at += {lanes}u) {{"),
                None => {
                    format!("for (var at = tables[{first}] + part * WORKGROUP + lane; at < end; at += parts * WORKGROUP) {{")
                }
            });
            out
        };
        let (words, bits) = (self.place.words, self.learning.edges.target_bits());
        let page = self.layout.page_name(self.place.page);
        let mut out;
        if self.pass.is_post() {
            let Some(TargetPlace { starts, .. }) = self.place.by_target else {
                return Err(WgslError::Leaf("synapses by target".into()));
            };
            out = head(starts, "post");
            out.extend(self.seen_from_target()?);
        } else {
            out = head(self.place.starts, "pre");
            out.push("    let synapse = at;".into());
            if bits < 32 {
                out.push(format!("    let word = {page}[{words}u + synapse];"));
                out.push(format!("    let post = word & {}u;", (1u64 << bits) - 1));
                out.push(format!("    let delay = word >> {bits}u;"));
            } else {
                out.push(format!("    let post = {page}[{words}u + synapse];"));
            }
        }
        if self.waits() {
            out.push("    if (spiked(instance, past - delay, row) == 0.0f) {".into());
            out.push("        continue;".into());
            out.push("    }".into());
        }
        Ok(out)
    }

    /// Does a pass ask for the delay of each synapse?
    fn asks_for_delay(&self) -> bool {
        let read = |read: EndColumn| matches!(read.lag, Lag::Delay | Lag::DelayBefore);
        let reads = (0u32..).zip(&self.learning.reads);
        let lagged = reads.filter(|(k, _)| self.reads(Node::Held(*k))).filter_map(|(_, r)| r.neuron()).any(read);
        let apart = self.learning.edges.shared_delay().is_none();
        apart && (lagged || self.delayed() || !self.pass.sends.is_empty())
    }

    /// The delay of a synapse, in words of the kernel.
    fn delay(&self) -> String {
        self.learning.edges.shared_delay().map_or_else(|| "delay".to_owned(), |delay| format!("{delay}u"))
    }

    /// Its place in columns that each instance has of its own.
    fn own(&self) -> String {
        format!("instance * {}u + synapse", self.place.count)
    }

    /// What happens to a synapse.
    fn met(&self, statements: &Statements) -> Result<Vec<String>, WgslError> {
        let mut out = self.values(self.written())?;
        out.extend(statements.lines.iter().cloned());
        let state = |k: u32| format!("state[{}u + {}]", self.place.states[k as usize], self.own());
        for (k, root) in &self.pass.next {
            out.push(format!("let m{k} = {};", statements.number(*root)));
            out.push(format!("{} = m{k};", state(*k)));
        }
        if let (true, Some(touched)) = (self.pass.touches, self.place.touched) {
            out.push(format!("atomicStore(&ring[{touched}u + {}], bitcast<i32>(inputs[record + 1u] + 1u));", self.own()));
        }
        let target = self.groups()[1];
        let in_group = self.plan.place(self.learning.target).first_row;
        for (k, root) in &self.pass.sends {
            let route = &self.plan.routes[self.learning.routes[*k as usize]];
            let scale = fixed_point::scale_of(self.plan, route) as f32;
            if f64::from(scale) != fixed_point::scale_of(self.plan, route) || scale.to_bits() & 0x7f_ffff != 0 {
                return Err(WgslError::Leaf(format!("a scale of `{}` that is a power of two", route.name)));
            }
            let ahead = if self.delayed() { String::new() } else { format!(" + {}", self.delay()) };
            let channel = format!("{} + {in_group}u + post", names::channel(target, route.port));
            let units = format!("units_of({}, {})", statements.number(*root), literal(scale));
            out.push(format!("arrive(slot + 1u{ahead}, instance, {channel}, {units});"));
        }
        if !self.pass.next.is_empty() {
            let finite: Vec<String> = self.pass.next.iter().map(|(k, _)| format!("is_finite(m{k})")).collect();
            out.push(format!("if (!({})) {{", finite.join(" && ")));
            out.push(format!("    report(instance, {}u + post, {}u);", self.first_row(true), place::SYNAPSES));
            out.push("}".into());
        }
        Ok(out)
    }
}

/// A sum over the synapses of a target.
fn total(number: u32) -> String {
    format!("total_{number}")
}

/// What a leaf is called.
fn leaf(node: Node) -> Option<String> {
    Some(match node {
        Node::Param(k) => names::param(k),
        Node::End(k) => names::edge_value(k as usize),
        Node::State(k) => names::state(k as usize),
        Node::Held(k) => names::held(k),
        Node::Uniform(k) => names::uniform(k),
        _ => return None,
    })
}
