//! Synapses that learn, as tables: what they keep, what is kept once per neuron, when they are touched, what that costs.

use super::{aligned, delays, grouped, line, row};
use crate::model::DelayPlace;
use crate::model::home::Home;
use crate::model::rule::{Graph, Occasion, Pass};
use crate::plan::memory::learned_bytes;
use crate::plan::{EndColumn, Learning, Plan, Reading, Whose};

pub(super) fn learning(plan: &Plan, out: &mut String) {
    if plan.learning.is_empty() {
        return;
    }
    line(
        out,
        "\nSynapses that learn (touched when an end spikes, at an interval, or in every step where an equation has no closed form)"
            .into(),
    );
    let head = [
        "projection",
        "kind",
        "synapses",
        "each keeps",
        "the source keeps",
        "the target keeps",
        "delay (steps)",
        "bytes of a synapse",
    ];
    let mut rows = vec![row(&head)];
    for l in &plan.learning {
        rows.push(vec![
            l.name.clone(),
            l.kind(),
            grouped(l.edges.count()),
            kept(l, Home::Synapse),
            kept(l, Home::Source),
            kept(l, Home::Target),
            format!("{} {}", delays(&l.edges), place(l.rule.delay)),
            learned_bytes(l, 4).each.to_string(),
        ]);
    }
    aligned(out, &rows);
    let mut rows = vec![row(&["projection", "on", "runs", "touches", "writes", "sends to", "operations"])];
    for l in &plan.learning {
        for pass in &l.rule.passes {
            let model = &l.synapse.model;
            let names = |list: Vec<String>| if list.is_empty() { "-".into() } else { list.join(", ") };
            let when = match (pass.occasion, pass.early) {
                (Occasion::Step, _) => "before all else in the step",
                (Occasion::Every(_), true) => "before the step",
                (Occasion::Every(_), false) => "after the step",
                (_, true) => "where it arrives, before the step",
                (_, false) if l.rule.delayed(pass) => "after the delay",
                (_, false) => "at once",
            };
            rows.push(vec![
                l.name.clone(),
                occasion(pass, plan.dt),
                when.into(),
                touches(l, pass),
                names(pass.next.iter().map(|(k, _)| l.rule.states[*k as usize].name.clone()).collect()),
                names(pass.sends.iter().map(|(k, _)| model.on_pre[*k as usize].port.clone()).collect()),
                operations(&l.rule.graph, pass.roots()).to_string(),
            ]);
        }
    }
    aligned(out, &rows);
    modulators(plan, out);
}

/// Third factors: where each is read.
fn modulators(plan: &Plan, out: &mut String) {
    let mut rows = vec![row(&["projection", "modulator", "is", "for"])];
    for l in &plan.learning {
        for (modulator, source) in l.synapse.model.modulators.iter().zip(&l.modulators) {
            let (what, each) = match source {
                None => ("what the model says".to_owned(), false),
                Some(Reading::Input { drive, each }) => (format!("the input `{}`", plan.drives[*drive].name), *each),
                Some(Reading::Neuron(EndColumn { of, column, .. })) => {
                    let id = l.population(*of);
                    let state = &plan.group_of(id).rule.states[*column as usize].name;
                    let each = matches!(of, Whose::Third { each: true, .. });
                    (format!("`{state}` of `{}`", plan.populations[id.0 as usize].name), each)
                }
                Some(Reading::Synapse) => continue,
            };
            rows.push(vec![l.name.clone(), modulator.name.clone(), what, if each { "each target its own" } else { "all" }.into()]);
        }
    }
    if rows.len() > 1 {
        aligned(out, &rows);
    }
}

/// What a pass runs on.
fn occasion(pass: &Pass, dt: f64) -> String {
    match pass.occasion {
        Occasion::Pre => "a spike of its source".into(),
        Occasion::Post => "a spike of its target".into(),
        Occasion::Every(steps) => format!("every {} ms", rounded(steps as f64 * dt)),
        Occasion::Step => "every step".into(),
    }
}

/// Without what rounding leaves behind the decimals of a step.
fn rounded(ms: f64) -> f64 {
    (ms * 1e9).round() / 1e9
}

/// How many synapses a pass touches.
fn touches(learning: &Learning, pass: &Pass) -> String {
    let sizes = match pass.occasion {
        Occasion::Pre => learning.edges.sources(),
        Occasion::Post => learning.edges.targets(),
        Occasion::Every(_) | Occasion::Step => return format!("all {}", grouped(learning.edges.count())),
    };
    format!("{:.0} synapses", learning.edges.count() as f64 / f64::from(sizes.max(1)))
}

impl Learning {
    /// How its synapses change, in a word or two: by events, at an interval, stepped.
    pub fn kind(&self) -> String {
        let any = |of: &dyn Fn(&Pass) -> bool| self.rule.passes.iter().any(of);
        let mut kinds = Vec::new();
        if any(&|pass| pass.occasion.interval().is_none()) || self.homes.iter().any(|home| *home != Home::Synapse) {
            kinds.push("by events");
        }
        if any(&|pass| matches!(pass.occasion, Occasion::Every(_))) {
            kinds.push("at an interval");
        }
        if any(&|pass| pass.occasion == Occasion::Step) {
            kinds.push("stepped");
        }
        kinds.join(", ")
    }
}

/// Names of states with a home.
fn kept(learning: &Learning, home: Home) -> String {
    let here = learning.synapse.model.states.iter().zip(&learning.homes).filter(|(_, h)| **h == home);
    let names: Vec<&str> = here.map(|(state, _)| state.name.as_str()).collect();
    if names.is_empty() { "-".into() } else { names.join(", ") }
}

fn place(delay: DelayPlace) -> &'static str {
    match delay {
        DelayPlace::Axonal => "before the synapse",
        DelayPlace::Dendritic => "behind it",
    }
}

/// What a synapse that is touched works out.
fn operations(graph: &Graph, roots: impl Iterator<Item = crate::model::rule::NodeId>) -> usize {
    let mut needed = vec![false; graph.nodes().len()];
    for root in roots {
        needed.iter_mut().zip(graph.needed(root)).for_each(|(all, n)| *all |= n);
    }
    graph.nodes().iter().zip(needed).filter(|(node, needed)| *needed && Graph::operands(**node).next().is_some()).count()
}
