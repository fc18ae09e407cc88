//! Synapses that events change, as tables: what they keep, what is kept once per neuron, what a spike does and costs.

use super::{aligned, delays, grouped, line, row};
use crate::model::DelayPlace;
use crate::model::home::Home;
use crate::model::rule::Graph;
use crate::plan::memory::learned_bytes;
use crate::plan::{EndColumn, Learning, Plan, Reading, Whose};

pub(super) fn learning(plan: &Plan, out: &mut String) {
    if plan.learning.is_empty() {
        return;
    }
    line(out, "\nSynapses that events change (touched when an end spikes, by nothing else)".into());
    let head =
        ["projection", "synapses", "each keeps", "the source keeps", "the target keeps", "delay (steps)", "bytes of a synapse"];
    let mut rows = vec![row(&head)];
    for l in &plan.learning {
        rows.push(vec![
            l.name.clone(),
            grouped(l.edges.count()),
            kept(l, Home::Synapse),
            kept(l, Home::Source),
            kept(l, Home::Target),
            format!("{} {}", delays(&l.edges), place(l.rule.delay)),
            learned_bytes(l, 4).each.to_string(),
        ]);
    }
    aligned(out, &rows);
    let mut rows = vec![row(&["projection", "a spike of", "runs", "touches", "writes", "sends to", "operations"])];
    for l in &plan.learning {
        for pass in &l.rule.passes {
            let (end, sizes) = if pass.post { ("its target", l.edges.targets()) } else { ("its source", l.edges.sources()) };
            let model = &l.synapse.model;
            let names = |list: Vec<String>| if list.is_empty() { "-".into() } else { list.join(", ") };
            let when = match (pass.early, l.rule.delayed(pass)) {
                (true, _) => "where it arrives, before the step",
                (false, true) => "after the delay",
                (false, false) => "at once",
            };
            let mean = l.edges.count() as f64 / f64::from(sizes.max(1));
            rows.push(vec![
                l.name.clone(),
                end.into(),
                when.into(),
                format!("{mean:.0} synapses"),
                names(pass.next.iter().map(|(k, _)| l.rule.states[*k as usize].name.clone()).collect()),
                names(pass.sends.iter().map(|(k, _)| model.on_pre[*k as usize].port.clone()).collect()),
                operations(&l.rule.graph, pass.next.iter().chain(&pass.sends).map(|(_, root)| *root)).to_string(),
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
