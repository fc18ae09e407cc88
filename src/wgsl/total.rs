//! Sums over sources that all targets share, as functions: rows of sources, sums of blocks of them, what a target makes of these.
//!
//! In: a bundle of a plan that has such a sum ([`Total`](crate::plan::Total)), and its layout. Out: a function that steps a source
//! and leaves its numbers, one that sums the numbers of a block, one that a target's thread calls; and the kernel of the first two in
//! schedules of windows, which goes before the rows. Each block is summed in the order of its sources, then targets sum the blocks in
//! theirs: the bits are the same in every schedule, batch and run. Where a neuron does not hear itself, its target sums the block
//! that it stands in anew, without it.

use super::expr::{Statements, literal};
use super::gathered::Strand;
use super::layout::{Layout, SynapsePlace, TotalPlace};
use super::text::{Text, begin, halt};
use super::{WgslError, names, place};
use crate::model::rule::Node;
use crate::plan::{Plan, Total};

/// Bundles whose targets share a sum.
pub fn all<'a>(plan: &'a Plan, layout: &'a Layout) -> impl Iterator<Item = (Strand<'a>, &'a TotalPlace)> {
    let strands = (0..layout.bundles.len()).map(move |number| Strand::new(plan, layout, number));
    strands.filter_map(|strand| Some((strand, strand.total()?)))
}

/// The kernel's own text, for schedules of windows.
pub fn windowed(plan: &Plan, layout: &Layout) -> Result<String, WgslError> {
    let mut out = String::new();
    for (strand, at) in all(plan, layout) {
        out.push_str(&strand.functions(at)?);
    }
    let mut text = Text(out);
    text.line(0, "// One workgroup per block of sources, one thread per source; then one per block.");
    begin(&mut text, names::TOTAL, &format!("{}", Total::BLOCK));
    text.line(1, "let number = block.y * blocks.x + block.x;");
    text.line(1, "let instance = block.z;");
    text.line(1, &format!("if (number >= {}u) {{", layout.total_blocks()));
    text.line(2, "return;");
    text.line(1, "}");
    halt(&mut text);
    text.line(1, "let time = bitcast<f32>(inputs[window.place * RECORD]);");
    text.line(1, "var finite = true;");
    text.line(1, "var row = 0u;");
    for (strand, at) in all(plan, layout) {
        let (first, count) = (at.first_block, strand.sources());
        text.line(1, &format!("if (number >= {first}u && number < {}u) {{", first + at.blocks));
        text.line(2, &format!("let at = (number - {first}u) * {}u + lane;", Total::BLOCK));
        text.line(2, &format!("if (at < {count}u) {{"));
        text.line(3, &format!("finite = {}(instance, at, window.slot & 1u, window.past, time);", names::sources(strand.number())));
        text.line(2, "}");
        text.line(2, &format!("row = {} + {}u;", names::base(strand.target()), strand.first_target()));
        text.line(1, "}");
    }
    text.line(1, "if (!finite) {");
    text.line(2, &format!("report(instance, row, {}u);", place::SYNAPSES));
    text.line(1, "}");
    text.line(1, "storageBarrier();");
    text.line(1, "workgroupBarrier();");
    for (strand, at) in all(plan, layout) {
        let first = at.first_block;
        text.line(1, &format!("if (lane == 0u && number >= {first}u && number < {}u) {{", first + at.blocks));
        text.line(2, &format!("{}(instance, number - {first}u);", names::sums(strand.number())));
        text.line(1, "}");
    }
    text.line(0, "}");
    Ok(text.0)
}

/// The same before the rows of a resident network, all of whose sources one workgroup has.
pub fn resident(text: &mut Text, plan: &Plan, layout: &Layout) {
    if all(plan, layout).next().is_none() {
        return;
    }
    for (strand, _) in all(plan, layout) {
        text.line(2, &format!("for (var at = lane; at < {}u; at += WORKGROUP) {{", strand.sources()));
        let call = format!("{}(instance, at, slot & 1u, past, bitcast<f32>(inputs[record]))", names::sources(strand.number()));
        text.line(3, &format!("if (!{call}) {{"));
        let row = format!("{} + {}u", names::base(strand.target()), strand.first_target());
        text.line(4, &format!("report(instance, {row}, {}u);", place::SYNAPSES));
        text.line(3, "}");
        text.line(2, "}");
    }
    text.line(2, "storageBarrier();");
    text.line(2, "workgroupBarrier();");
    for (strand, at) in all(plan, layout) {
        text.line(2, &format!("for (var at = lane; at < {}u; at += WORKGROUP) {{", at.blocks));
        text.line(3, &format!("{}(instance, at);", names::sums(strand.number())));
        text.line(2, "}");
    }
    text.line(2, "storageBarrier();");
    text.line(2, "workgroupBarrier();");
}

impl Strand<'_> {
    /// Where the numbers of a term stand: of sources, of blocks.
    fn number_of(&self, at: &TotalPlace, term: usize) -> String {
        format!("{}u + instance * {}u", at.numbers[term], self.sources())
    }

    fn sum_of(at: &TotalPlace, term: usize) -> String {
        format!("{}u + instance * {}u", at.sums[term], at.blocks)
    }

    /// Parameters of the synapses, one number each.
    fn shared_params(&self) -> Vec<String> {
        let params = (0u32..).zip(self.params()).filter_map(|(k, p)| match p {
            Some(SynapsePlace::Shared(p)) => Some(format!("let {} = params[{}u{}];", names::param(k), p.first, p.offset(1, "0u"))),
            _ => None,
        });
        params.collect()
    }

    /// A source's step, and the sum of a block.
    pub fn functions(&self, at: &TotalPlace) -> Result<String, WgslError> {
        let (total, next) = (&at.total, self.next());
        let roots: Vec<_> = total.terms.iter().chain(next).copied().collect();
        let statements = Statements::with(&total.graph, &roots, &|node| self.leaf(node))?;
        let mut text = Text(String::new());
        text.line(0, "// A source: its states, and its numbers in the sums. Are they finite?");
        let head = "instance: u32, at: u32, parity: u32, past: u32, time: f32";
        text.line(0, &format!("fn {}({head}) -> bool {{", names::sources(self.number())));
        text.line(1, &format!("let source = at + {}u;", self.first_source() + total.sources.start));
        text.lines(1, &self.shared_params());
        text.lines(1, &self.reads()?);
        let seat = |k: usize| format!("state[{}u + instance * {}u + at]", self.state_places()[k], self.sources());
        for k in 0..next.len() {
            text.line(1, &format!("let {} = {};", names::state(k), seat(k)));
        }
        text.lines(1, &statements.lines);
        text.line(1, "var finite = true;");
        for (k, term) in total.terms.iter().enumerate() {
            text.line(1, &format!("state[{} + at] = {};", self.number_of(at, k), statements.number(*term)));
        }
        for (k, next) in next.iter().enumerate().filter(|(k, next)| total.graph.node(**next) != Node::State(*k as u32)) {
            text.line(1, &format!("let m{k} = {};", statements.number(*next)));
            text.line(1, &format!("{} = m{k};", seat(k)));
            text.line(1, &format!("finite = finite && is_finite(m{k});"));
        }
        text.line(1, "return finite;");
        text.line(0, "}");
        text.line(0, "");
        text.line(0, "// The sums of a block of sources.");
        text.line(0, &format!("fn {}(instance: u32, block: u32) {{", names::sums(self.number())));
        text.line(1, &format!("let end = min((block + 1u) * {}u, {}u);", Total::BLOCK, self.sources()));
        for k in 0..total.terms.len() {
            text.line(1, &format!("var sum{k} = 0.0f;"));
        }
        text.line(1, &format!("for (var at = block * {}u; at < end; at++) {{", Total::BLOCK));
        for k in 0..total.terms.len() {
            text.line(2, &format!("sum{k} = (sum{k} + state[{} + at]);", self.number_of(at, k)));
        }
        text.line(1, "}");
        for k in 0..total.terms.len() {
            text.line(1, &format!("state[{} + block] = sum{k};", Self::sum_of(at, k)));
        }
        text.line(0, "}");
        text.line(0, "");
        Ok(text.0)
    }

    /// What a target makes of the sums.
    pub fn made_of_sums(&self, at: &TotalPlace, head: &str) -> Result<String, WgslError> {
        let total = &at.total;
        let (graph, roots) = total.products();
        let leaf = |node: Node| match node {
            Node::Arrived(k) => Some(format!("total{}", k.saturating_sub(1))),
            node => self.leaf(node),
        };
        let statements = Statements::with(&graph, &roots, &leaf)?;
        let terms = 0..total.terms.len();
        let mut text = Text(String::new());
        text.line(0, &format!("fn {head} {{"));
        text.lines(1, &self.shared_params());
        terms.clone().for_each(|k| text.line(1, &format!("var total{k} = 0.0f;")));
        if total.others {
            // the place of the target among the sources; large where it is none
            text.line(1, &format!("let own = target_row + {}u - {}u;", total.targets.start, total.sources.start));
        }
        text.line(1, &format!("for (var block = 0u; block < {}u; block++) {{", at.blocks));
        let whole = |text: &mut Text, depth: usize, k: usize| {
            text.line(depth, &format!("total{k} = (total{k} + state[{} + block]);", Self::sum_of(at, k)));
        };
        if total.others {
            text.line(2, &format!("if (block == own / {}u) {{", Total::BLOCK));
            text.line(3, &format!("let end = min((block + 1u) * {}u, {}u);", Total::BLOCK, self.sources()));
            terms.clone().for_each(|k| text.line(3, &format!("var part{k} = 0.0f;")));
            text.line(3, &format!("for (var at = block * {}u; at < end; at++) {{", Total::BLOCK));
            text.line(4, "if (at != own) {");
            terms.clone().for_each(|k| text.line(5, &format!("part{k} = (part{k} + state[{} + at]);", self.number_of(at, k))));
            text.line(4, "}");
            text.line(3, "}");
            terms.clone().for_each(|k| text.line(3, &format!("total{k} = (total{k} + part{k});")));
            text.line(2, "} else {");
            terms.clone().for_each(|k| whole(&mut text, 3, k));
            text.line(2, "}");
        } else {
            terms.for_each(|k| whole(&mut text, 2, k));
        }
        text.line(1, "}");
        text.lines(1, &statements.lines);
        match &roots[..] {
            // a product that feeds a sum is an fma
            [root] => text.line(1, &format!("return {};", statements.sum_with("0.0f", *root))),
            roots => {
                text.line(1, &format!("var sums: array<f32, {}>;", roots.len()));
                for (k, root) in roots.iter().enumerate() {
                    text.line(1, &format!("sums[{k}] = {};", statements.sum_with("0.0f", *root)));
                }
                text.line(1, "return sums;");
            }
        }
        text.line(0, "}");
        Ok(text.0)
    }

    /// How a leaf is called.
    fn leaf(&self, node: Node) -> Option<String> {
        match node {
            Node::Param(k) => Some(names::param(k)),
            Node::End(k) => Some(names::edge_value(k as usize)),
            Node::State(k) => Some(names::state(k as usize)),
            Node::Arrived(_) => Some(names::arrived(0)),
            Node::Time => Some(names::TIME.to_owned()),
            Node::Dt => Some(literal(self.plan().dt as f32)),
            _ => None,
        }
    }
}
