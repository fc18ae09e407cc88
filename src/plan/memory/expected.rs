//! How many synapses a connector's law makes, what each takes, and how long delays get, without drawing any.

use super::gathered::GatheredRules;
use super::{Edges, PROJECTION, Terms, WEIGHT, copied};
use crate::model::home::homes;
use crate::model::integrate::event_rule;
use crate::model::rule::{Node, Read};
use crate::network::checked::{CheckedProjection, CheckedSynapse, Draw, EdgeValue};
use crate::network::connector::{self, Expected, apart};

/// More steps than this no delay may have; ring slots are counted with it where a law has no end.
const LONGEST_DELAY: f64 = 65_535.0;

/// What the connector of a projection makes.
pub(super) fn made(projection: &CheckedProjection, sources: u32, targets: u32) -> Expected {
    connector::expected(&projection.connector, projection.ends(sources, targets))
}

/// The synapses of a projection that is not drawn: the expected number, and where it is drawn too, six deviations more. `trail`: steps
/// for which neurons keep what synapses read of them.
pub(super) fn expected(
    projection: &CheckedProjection,
    sources: u32,
    targets: u32,
    dt: f64,
    trail: u64,
    rules: &mut GatheredRules,
    terms: Terms,
) -> Edges {
    // beside what stays: lists as they are given and ordered, draws as they are made
    let made = made(projection, sources, targets);
    let (count, mut drawing) = (made.synapses, made.drawing);
    let varies = |value: &EdgeValue| !matches!(value, EdgeValue::Shared(_));
    let list = |value: &EdgeValue| matches!(value, EdgeValue::List(_));
    let listed = |value: &EdgeValue| match value {
        EdgeValue::Except(others, _) if list(others) => 8,
        value if list(value) => 8,
        _ => 0,
    };
    let delay = varies(&projection.delay);
    let mut each = 4;
    if delay {
        // a column of them is made before they join the targets
        drawing = drawing.max(4);
        each += if apart(targets.into(), longest(&projection.delay) as u64) { 2 } else { 0 };
    }
    drawing += listed(&projection.delay);
    let mut fixed = 8 * (u64::from(sources) + 1) + PROJECTION;
    match &projection.synapse {
        CheckedSynapse::Static { weight, .. } => {
            each += if varies(weight) { WEIGHT } else { 0 } + copied(count, terms);
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
    let steps = projections.iter().filter(learn).map(|p| longest(&p.delay) as u64).max().unwrap_or(0);
    steps + steps.min(64) + 1
}

/// The longest delay, in steps.
pub(super) fn longest(delay: &EdgeValue) -> f64 {
    let steps = match delay {
        EdgeValue::Shared(d) => *d,
        EdgeValue::List(list) => list.iter().copied().fold(1.0, f64::max),
        EdgeValue::Draw(draw) => upper(draw) / draw.grid.unwrap_or(1.0),
        EdgeValue::Pair(law) => law.bounds.1 / law.grid.unwrap_or(1.0),
        EdgeValue::Except(others, own) => own.iter().flat_map(|(_, steps)| steps).copied().fold(longest(others), f64::max),
    };
    if steps.is_finite() { steps.round().clamp(1.0, LONGEST_DELAY) } else { LONGEST_DELAY }
}

/// A bound of what is drawn: normal draws stay within seven deviations.
fn upper(draw: &Draw) -> f64 {
    draw.law.upper().min(draw.max)
}
