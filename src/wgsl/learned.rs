//! Passes over synapses that events change: what spikes of one end do to them, as a kernel each.
//!
//! In: a pass of a plan and its layout. Out: its entry point. A workgroup takes up to 32 neurons whose bits stand in one word, and
//! each that spiked down its row of synapses, a lane per synapse; so a synapse is met once in a pass, and nobody else writes it.
//! What it sends is added to the ring in whole numbers, so that their order does not matter. Not here: the order of passes
//! (`engine::gpu::pipelines`).

use super::expr::{Statements, literal};
use super::layout::{LearnedLayout, Layout, PassLayout, SynapsePlace, TargetPlace};
use super::{WgslError, names, place};
use crate::model::EndValue;
use crate::model::rule::{Lag, Node, NodeId, Pass};
use crate::plan::{EndColumn, Learning, Plan, Stream, fixed_point};

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

    /// The entry point.
    pub fn entry(&self) -> Result<String, WgslError> {
        let rule = &self.learning.rule;
        let roots: Vec<NodeId> = self.pass.next.iter().chain(&self.pass.sends).map(|(_, root)| *root).collect();
        let statements = Statements::with(&rule.graph, &roots, &leaf)?;
        let mut out = String::new();
        let mut line = |depth: usize, text: &str| out.push_str(&format!("{}{text}\n", "    ".repeat(depth)));
        let end = if self.pass.post { "targets" } else { "sources" };
        line(0, &format!("// One workgroup per work item: what spikes of up to 32 {end} do to their synapses, a lane per synapse."));
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
        line(1, "let record = window.place * RECORD;");
        self.spikes().iter().for_each(|text| line(1, text));
        self.constants()?.iter().for_each(|text| line(1, text));
        line(1, "var bits = (sent >> (first & 31u)) & chosen;");
        line(1, "while (bits != 0u) {");
        line(2, "let row = first + firstTrailingBit(bits);");
        line(2, "bits &= bits - 1u;");
        self.synapses()?.iter().for_each(|text| line(2, text));
        self.met(&statements)?.iter().for_each(|text| line(3, text));
        line(2, "}");
        line(1, "}");
        line(0, "}");
        Ok(out)
    }

    /// Neurons whose spikes are asked for, before the first row of their population.
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

    /// The bits of the word in any step that the pass looks back to.
    fn spikes(&self) -> Vec<String> {
        match (self.delayed(), self.learning.edges.shared_delay()) {
            (false, _) => vec!["let sent = sent_at(instance, past, first / 32u);".into()],
            (true, Some(delay)) => vec![format!("let sent = sent_at(instance, past - {delay}u, first / 32u);")],
            (true, None) => {
                let (least, most) = self.learning.edges.delays();
                vec![
                    "var sent = 0u;".into(),
                    format!("for (var back = {least}u; back <= {most}u; back++) {{"),
                    "    sent |= sent_at(instance, past - back, first / 32u);".into(),
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

    /// The loop over the row of a neuron, and which synapse a turn is about.
    fn synapses(&self) -> Result<Vec<String>, WgslError> {
        let of_neuron = format!("row - {}u", self.first_row(self.pass.post));
        let head = |starts: u32, neuron: &str| {
            vec![
                format!("let {neuron} = {of_neuron};"),
                format!("let end = tables[{starts}u + {neuron} + 1u];"),
                format!(
                    "for (var at = tables[{starts}u + {neuron}] + part * WORKGROUP + lane; at < end; at += parts * WORKGROUP) {{"
                ),
            ]
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
        let lagged = reads.filter(|(k, _)| self.reads(Node::Held(*k))).filter_map(|(_, r)| *r).any(read);
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
            out.push(format!("arrive(window.slot + 1u{ahead}, instance, {channel}, {units});"));
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
                    let tag = tag.map_err(|_| WgslError::Leaf(format!("a stream of draw {k}")))?;
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

    /// Reads a state of an end, or the time since the last event.
    fn read(&self, k: u32) -> Result<String, WgslError> {
        let name = names::held(k);
        let Some(read) = self.learning.reads[k as usize] else {
            let Some(touched) = self.place.touched else { return Err(WgslError::Leaf("the time of a last event".into())) };
            let last = format!("bitcast<u32>(atomicLoad(&ring[{touched}u + {}]))", self.own());
            let (low, high, power) = parts(self.plan.dt);
            return Ok(format!("let {name} = duration(inputs[record + 1u] + 1u - {last}, {low}u, {high}u, {power});"));
        };
        let group = self.groups()[usize::from(read.post)];
        let trail = self.layout.trails.iter().find(|t| (t.group, t.column) == (group, read.column));
        let trail = trail.ok_or_else(|| WgslError::Leaf(format!("what `{}` reads of neurons", self.learning.name)))?;
        let step = match read.lag {
            Lag::Now => "past".to_owned(),
            Lag::Before => "past - 1u".to_owned(),
            Lag::Delay => format!("past - {}", self.delay()),
        };
        let row = self.row_of(read.post);
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
