//! How many synapses a connector's law makes, what each takes, and how long delays get, without drawing any.

use super::gathered::GatheredRules;
use super::{Edges, PROJECTION, Terms, WEIGHT, copied};
use crate::model::home::homes;
use crate::model::integrate::event_rule;
use crate::model::rule::{Node, Read};
use crate::network::EdgeStorage;
use crate::network::checked::{CheckedProjection, CheckedSynapse, EdgeValue};
use crate::network::connector::{self, Expected, apart, is_by_row};

/// What the connector of a projection makes.
pub(super) fn made(projection: &CheckedProjection, sources: u32, targets: u32) -> Expected {
    connector::expected(&projection.connector, projection.ends(sources, targets))
}

/// The synapses of a projection that is not drawn: the expected number, and where it is drawn too, six deviations more. `trail`: steps
/// for which neurons keep what synapses read of them.
pub(super) fn expected(
    projection: &CheckedProjection,
    [sources, targets]: [u32; 2],
    dt: f64,
    trail: u64,
    rules: &mut GatheredRules,
    terms: Terms,
    storage: EdgeStorage,
) -> Edges {
    // beside what stays: lists as they are given and ordered, draws as they are made
    let made = made(projection, sources, targets);
    let (count, mut drawing) = (made.synapses, made.drawing);
    let varies = |value: &EdgeValue| !matches!(value, EdgeValue::Shared(_));
    let redrawn = storage == EdgeStorage::Procedural;
    let list = |value: &EdgeValue| matches!(value, EdgeValue::List(_));
    let listed = |value: &EdgeValue| match value {
        EdgeValue::Except(others, _) if list(others) => 8,
        value if list(value) => 8,
        _ => 0,
    };
    let delay = varies(&projection.delay) && !redrawn;
    let mut each = if redrawn { 0 } else { 4 };
    if delay {
        // a column of them is made before they join the targets
        drawing = drawing.max(4);
        each += if apart(targets.into(), projection.delay.longest() as u64) { 2 } else { 0 };
    }
    drawing += listed(&projection.delay);
    let starts = if redrawn && projection.rows.is_none() && is_by_row(&projection.connector) == Some(false) { 0 } else { 8 };
    let mut fixed = starts * (u64::from(sources) + 1) + PROJECTION;
    match &projection.synapse {
        CheckedSynapse::Static { weight, .. } => {
            let drawn_again = matches!(weight, EdgeValue::Draw(_)) && storage.draws(1);
            each += if varies(weight) && !drawn_again { WEIGHT } else { 0 } + copied(count, terms);
            drawing += listed(weight);
        }
        CheckedSynapse::Model { synapse, params } => {
            let model = &synapse.model;
            let own = params.iter().filter(|p| varies(p)).count() as u64;
            drawing += params.iter().map(listed).sum::<u64>();
            for addition in &model.on_pre {
                // a number per synapse where anything that the weight follows from differs
                let leaf = |n: Node| match n {
                    Node::Param(k) => params.get(k as usize).is_some_and(varies),
                    Node::End(_) => true,
                    _ => false,
                };
                each += if model.graph.any_leaf(addition.value, leaf) { WEIGHT } else { 0 } + copied(count, terms);
            }
            if !model.on_pre.is_empty() && !synapse.is_gathered() {
                each += 4 * own;
            }
            if synapse.is_by_events() {
                let homes = homes(model, |k| matches!(params.get(k as usize), Some(EdgeValue::Shared(_))));
                let given: Vec<bool> = projection.modulators.iter().map(Option::is_some).collect();
                // how often a line runs changes nothing of what is kept for it
                let rule = event_rule(synapse, &homes, &given, &vec![1; model.events.len()], dt);
                // what no neuron keeps for all of its synapses, and the time of the last event where something moves between
                // two, as they are and as they were before a batch; the order of targets
                let states = rule.states.len() as u64;
                let kept = terms.number * states + if rule.timed { 4 } else { 0 };
                // numbers to begin with, where parameters differ
                let values = own + if own > 0 { states } else { 0 };
                let by_target = if rule.passes.iter().any(|p| p.is_post()) { 8 } else { 0 };
                each = 4 + if delay { 2 + 4 } else { 0 } + 4 * values + by_target + 2 * kept * terms.instances;
                let rows = |read: &Read| match read {
                    Read::Elapsed | Read::ElapsedBefore | Read::Total(_) => 0,
                    Read::End { post: false, .. } => u64::from(sources),
                    Read::End { post: true, .. } | Read::Modulator { .. } => u64::from(targets),
                };
                let read = rule.reads.iter().map(rows).sum::<u64>();
                fixed += 8 * u64::from(sources) + 4 * u64::from(targets) + 2 * read * trail * terms.number * terms.instances;
            } else if synapse.is_gathered() {
                let held = rules.held(synapse, dt, params.iter().map(varies).collect(), delay, terms);
                let edges = held.edges(String::new(), count, each, sources, targets);
                (each, fixed, drawing) = (edges.each, edges.fixed, drawing.max(edges.drawing));
            }
        }
    }
    if projection.back.is_some() {
        // the same synapses once more, by their other ends
        (each, fixed) = (2 * each, 2 * fixed + 8 * (u64::from(targets) + 1));
    }
    Edges { name: projection.name.clone(), count, each, fixed, drawing }
}

/// Steps for which neurons keep what synapses that events change read of them, at most: the longest delay, and a window.
pub(super) fn trail(projections: &[CheckedProjection]) -> u64 {
    let learn = |p: &&CheckedProjection| matches!(&p.synapse, CheckedSynapse::Model { synapse, .. } if synapse.is_by_events());
    let steps = projections.iter().filter(learn).map(|p| p.delay.longest() as u64).max().unwrap_or(0);
    steps + steps.min(64) + 1
}
