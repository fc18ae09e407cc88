//! Passes over synapses that events change: what spikes of one end do to them, as a kernel each.
//!
//! In: a pass of a plan and its layout. Out: its entry point in the schedule two-pass, its function in the others. Each neuron that
//! spiked goes down its row of synapses (in the fused schedule those that end in the block), a lane per synapse; so a synapse is met
//! once in a pass, and nobody else writes it. What it sends is added to the ring in whole numbers, so that their order does not
//! matter. Not here: the order of passes (`entry`, `engine::gpu::pipelines`).

use super::expr::{Statements, literal};
use super::layout::{Layout, LearnedLayout, PassLayout, SynapsePlace, TargetPlace, Term};
use super::{WgslError, names, place};
use crate::model::EndValue;
use crate::model::rule::{Lag, Node, NodeId, Pass};
use crate::plan::schedule::{Schedule, lanes};
use crate::plan::{EndColumn, Learning, Plan, PopulationId, Reading, RowSet, Stream, Whose, fixed_point};

/// The name of a kernel.
pub fn name(place: &PassLayout) -> String {
    format!("{}_{}_{}", names::LEARN, place.learning, place.pass)
}

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
        let end = if self.pass.post { "targets" } else { "sources" };
        line(
            0,
            &format!("// One workgroup per work item: what spikes of up to 32 {end} do to their synapses, a lane per synapse."),
        );
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
        line(1, "let chosen = 0xffffffffu >> (32u - tables[work + 2u]);");
        line(1, "let part = tables[work + 3u] & 0xffffu;");
        line(1, "let parts = tables[work + 3u] >> 16u;");
        line(1, "let past = window.past;");
        line(1, "let slot = window.slot;");
        line(1, "let record = window.place * RECORD;");
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
        line(0, &format!("// What spikes of {} do to their synapses.", if self.pass.post { "targets" } else { "sources" }));
        let block = if fused { ", first_row: u32" } else { "" };
        line(0, &format!("fn {}(lane: u32, instance: u32, past: u32, slot: u32, record: u32{block}) {{", name(self.at)));
        let size = self.plan.place(self.end()).size;
        let row = self.first_row(self.pass.post);
        match (self.pass.post, fused) {
            (true, true) => {
                line(1, &format!("let begin = ({} + first_row) / 32u;", names::base(self.groups()[1])));
                line(1, "let stop = min(begin + WORKGROUP / 32u, SPIKE_WORDS);");
            }
            _ => {
                line(1, &format!("let begin = {}u;", row / 32));
                line(1, &format!("let stop = {}u;", (row + size).div_ceil(32)));
            }
        }
        if let (false, Some(place)) = (self.pass.post, self.place.pivots) {
            line(1, &format!("let column = first_row / WORKGROUP - {}u;", place.first_block));
            line(1, &format!("if (column >= {}u) {{", place.blocks));
            line(2, "return;");
            line(1, "}");
        }
        self.constants()?.iter().for_each(|text| line(1, text));
        line(1, "for (var chunk = begin; chunk < stop; chunk += CHUNK) {");
        line(2, "list_clear(lane);");
        line(2, "workgroupBarrier();");
        line(2, "for (var word = chunk + lane; word < min(chunk + CHUNK, stop); word += WORKGROUP) {");
        self.spikes("word").iter().for_each(|text| line(3, text));
        line(3, "list_word(sent, word * 32u, 0u);");
        line(2, "}");
        line(2, "let count = list_length(lane);");
        line(2, "if (count == 0u) {");
        line(3, "continue;");
        line(2, "}");
        let lanes = self.lanes();
        line(2, &format!("for (var number = lane / {lanes}u; number < count; number += WORKGROUP / {lanes}u) {{"));
        line(3, "let row = listed_spikes[number];");
        self.synapses(Some(size))?.iter().for_each(|text| line(3, text));
        self.met(&self.statements()?)?.iter().for_each(|text| line(4, text));
        line(3, "}");
        line(2, "}");
        line(2, "workgroupBarrier();");
        line(1, "}");
        line(1, "storageBarrier();");
        line(1, "workgroupBarrier();");
        line(0, "}");
        Ok(out)
    }

    /// Lanes that take a row together.
    fn lanes(&self) -> u32 {
        let (edges, most) = (&self.learning.edges, self.layout.shape.workgroup.min(32));
        let rows = if self.pass.post { u64::from(edges.targets()) } else { u64::from(edges.sources()) };
        let blocks = self.place.pivots.filter(|_| !self.pass.post).map_or(1, |p| u64::from(p.blocks));
        lanes(edges.count(), rows * blocks, most)
    }

    /// The population whose spikes are asked for.
    fn end(&self) -> PopulationId {
        if self.pass.post { self.learning.target } else { self.learning.source }
    }

    fn statements(&self) -> Result<Statements<'a>, WgslError> {
        let roots: Vec<NodeId> = self.pass.next.iter().chain(&self.pass.sends).map(|(_, root)| *root).collect();
        Statements::with(&self.learning.rule.graph, &roots, &leaf)
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
        let of_neuron = format!("row - {}u", self.first_row(self.pass.post));
        let lanes = self.lanes();
        let head = |starts: u32, neuron: &str| {
            let mut out = vec![format!("let {neuron} = {of_neuron};")];
            if let Some(size) = size {
                out.extend([format!("if ({neuron} >= {size}u) {{"), "    continue;".into(), "}".into()]);
            }
            let first = match self.place.pivots.filter(|_| !self.pass.post) {
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
        let mut out;
        if self.pass.post {
            let Some(TargetPlace { starts, synapses, sources }) = self.place.by_target else {
                return Err(WgslError::Leaf("synapses by target".into()));
            };
            out = head(starts, "post");
            out.push(format!("    let synapse = synapses[{synapses}u + at];"));
            out.extend(sources.map(|sources| format!("    let pre = synapses[{sources}u + at];")));
            if self.asks_for_delay() {
                out.push(format!("    let delay = synapses[{words}u + synapse] >> {bits}u;"));
            }
        } else {
            out = head(self.place.starts, "pre");
            out.push("    let synapse = at;".into());
            if bits < 32 {
                out.push(format!("    let word = synapses[{words}u + synapse];"));
                out.push(format!("    let post = word & {}u;", (1u64 << bits) - 1));
                out.push(format!("    let delay = word >> {bits}u;"));
            } else {
                out.push(format!("    let post = synapses[{words}u + synapse];"));
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
        let read = |read: EndColumn| read.lag == Lag::Delay;
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
        let mut out = self.values()?;
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

    /// What the lines read of a synapse and its ends.
    fn values(&self) -> Result<Vec<String>, WgslError> {
        let mut out = Vec::new();
        let own = self.own();
        for leaf in super::layout::leaves(self.learning, self.pass) {
            match leaf {
                Node::State(k) => {
                    let first = self.place.states[k as usize];
                    out.push(format!("let {} = state[{first}u + {own}];", names::state(k as usize)));
                }
                Node::Param(k) => {
                    if let Some(SynapsePlace::Each { first, per_instance }) = self.place.params[k as usize] {
                        let place = if per_instance { &own } else { "synapse" };
                        out.push(format!("let {} = bitcast<f32>(synapses[{first}u + {place}]);", names::param(k)));
                    }
                }
                Node::End(k) => out.push(self.parameter(k)?),
                Node::Held(k) => out.push(self.read(k)?),
                Node::Uniform(k) => {
                    let tag = Stream::Synapse { projection: self.at.learning as u32, place: k }.tag();
                    let tag = tag.map_err(|error| WgslError::Leaf(format!("a stream of draw {k} ({error})")))?;
                    let step = "vec2<u32>(inputs[record + 1u], inputs[record + 2u])";
                    let block = format!("random_block(key_of(instance), {tag}u, synapse, {step}, 0u)");
                    out.push(format!("let {} = random_uniform({block}.x);", names::uniform(k)));
                }
                // constants are written where they stand; others have no name, and the statements have refused them
                _ => {}
            }
        }
        Ok(out)
    }

    /// Reads a parameter of an end.
    fn parameter(&self, end: u32) -> Result<String, WgslError> {
        let of = self.learning.synapse.ends[end as usize];
        let group = self.groups()[usize::from(of.post)];
        let missing = || WgslError::Leaf(format!("a parameter of end {end} of `{}`", self.learning.name));
        let EndValue::Param(column) = of.value else { return Err(missing()) };
        let places = &self.layout.groups[group];
        let place = places.params.get(column as usize).copied().flatten().ok_or_else(missing)?;
        let row = self.row_of(of.post);
        let value = format!("params[{}{}]", names::param_place(group, column), place.offset(places.rows, &row));
        Ok(format!("let {} = {value};", names::edge_value(end as usize)))
    }

    /// The row of an end in its group.
    fn row_of(&self, post: bool) -> String {
        let (id, neuron) = if post { (self.learning.target, "post") } else { (self.learning.source, "pre") };
        format!("({}u + {neuron})", self.plan.place(id).first_row)
    }

    /// What a program gives in the step, which stands among the parameters of the group that it flows into.
    fn input(&self, drive: usize, each: bool) -> Result<String, WgslError> {
        let missing = || WgslError::Leaf(format!("an input that `{}` reads", self.learning.name));
        let of = &self.plan.drives[drive];
        let terms = self.layout.groups[of.group].inputs.iter().flatten();
        let found = terms.filter(|term| term.drive() == drive).find_map(|term| match term {
            Term::Level { factor: Some(factor), scale, .. } => Some((*factor, *scale)),
            _ => None,
        });
        let (factor, scale) = found.ok_or_else(missing)?;
        let rows = self.layout.groups[of.group].rows;
        let row = match (&of.rows, each) {
            (RowSet::Range(range), true) => format!("({}u + post)", range.start),
            (RowSet::List(_), true) => return Err(missing()),
            (rows, false) => format!("{}u", rows.iter().next().ok_or_else(missing)?),
        };
        let value = format!("params[{}u{}]", factor.first, factor.offset(rows, &row));
        let scale = scale.map(|scale| format!(" * params[{}u{}]", scale.first, scale.offset(rows, "0u")));
        Ok(value + &scale.unwrap_or_default())
    }

    /// Reads a state of an end, or the time since the last event.
    fn read(&self, k: u32) -> Result<String, WgslError> {
        let name = names::held(k);
        let read = match self.learning.reads[k as usize] {
            Reading::Neuron(read) => read,
            Reading::Input { drive, each } => return Ok(format!("let {name} = {};", self.input(drive, each)?)),
            Reading::Synapse => {
                let Some(touched) = self.place.touched else { return Err(WgslError::Leaf("the time of a last event".into())) };
                let last = format!("bitcast<u32>(atomicLoad(&ring[{touched}u + {}]))", self.own());
                let (low, high, power) = parts(self.plan.dt);
                return Ok(format!("let {name} = duration(inputs[record + 1u] + 1u - {last}, {low}u, {high}u, {power});"));
            }
        };
        let group = self.plan.place(self.learning.population(read.of)).group;
        let trail = self.layout.trails.iter().find(|t| (t.group, t.column) == (group, read.column));
        let trail = trail.ok_or_else(|| WgslError::Leaf(format!("what `{}` reads of neurons", self.learning.name)))?;
        let step = match read.lag {
            Lag::Now => "past".to_owned(),
            Lag::Before => "past - 1u".to_owned(),
            Lag::Delay => format!("past - {}", self.delay()),
        };
        let row = match read.of {
            Whose::Source | Whose::Target => self.row_of(read.of == Whose::Target),
            Whose::Third { population, each: true } => format!("({}u + post)", self.plan.place(population).first_row),
            Whose::Third { population, each: false } => format!("{}u", self.plan.place(population).first_row),
        };
        Ok(format!("let {name} = state_after({}u, {}, instance, {step}, {row});", trail.first, names::span(group)))
    }
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

/// A duration as whole number of 53 bits (low and high word) times a power of two.
fn parts(dt: f64) -> (u32, u32, i32) {
    let bits = dt.to_bits();
    let mantissa = bits & ((1 << 52) - 1) | 1 << 52;
    (mantissa as u32, (mantissa >> 32) as u32, ((bits >> 52) & 0x7ff) as i32 - 1023 - 52)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_duration_is_put_together_from_its_parts() {
        for dt in [0.1, 1.0, 0.025, 1.0 / 3.0, 2.5] {
            let (low, high, power) = super::parts(dt);
            assert_eq!((f64::from(high) * 2f64.powi(32) + f64::from(low)) * 2f64.powi(power), dt);
        }
    }
}
