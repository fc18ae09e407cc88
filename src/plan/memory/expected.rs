//! How many synapses a connector's law makes, what each takes, and how long delays get, without drawing any.

use super::{Edges, Gathered, PROJECTION, Terms, route_bytes};
use crate::model::rule::Node;
use crate::network::checked::{CheckedConnector, CheckedProjection, CheckedSynapse, Draw, EdgeValue, Law};

/// More steps than this no delay may have; ring slots are counted with it where a law has no end.
const LONGEST_DELAY: f64 = 65_535.0;

/// The synapses of a projection that is not drawn: the expected number, and where it is drawn too, six deviations more.
pub(super) fn expected(projection: &CheckedProjection, sources: u64, targets: u64, terms: Terms) -> Edges {
    let same = projection.source == projection.target;
    // beside what stays: lists as they are given and ordered, draws as they are made
    let (count, mut drawing) = match &projection.connector {
        CheckedConnector::AllToAll => (sources.saturating_mul(targets), 0),
        CheckedConnector::OneToOne => (sources, 0),
        CheckedConnector::FixedProbability { p, autapses } => {
            let pairs = sources as f64 * targets.saturating_sub(u64::from(same && !autapses)) as f64;
            let mean = pairs * p;
            ((mean + 6.0 * (mean * (1.0 - p)).max(0.0).sqrt()).min(pairs) as u64, 8)
        }
        CheckedConnector::FixedIndegree { n, .. } => (targets.saturating_mul(u64::from(*n)), 4),
        CheckedConnector::FixedOutdegree { n, .. } => (sources.saturating_mul(u64::from(*n)), 0),
        CheckedConnector::FixedTotal { n, multapses: true, .. } => (*n, 8),
        CheckedConnector::FixedTotal { n, multapses: false, .. } => (*n, 32),
        CheckedConnector::List { source, .. } => (source.len() as u64, 16),
    };
    let mut each = 4;
    let varies = |value: &EdgeValue| !matches!(value, EdgeValue::Shared(_));
    let list = |value: &EdgeValue| matches!(value, EdgeValue::List(_));
    let listed = |value: &EdgeValue| match value {
        EdgeValue::Except(others, _) if list(others) => 8,
        value if list(value) => 8,
        _ => 0,
    };
    let delay = varies(&projection.delay);
    drawing += listed(&projection.delay);
    match &projection.synapse {
        CheckedSynapse::Static { weight, .. } => {
            each += route_bytes(varies(weight), delay, true, terms);
            drawing += listed(weight);
        }
        CheckedSynapse::Model { synapse, params } => {
            let model = &synapse.model;
            let own = params.iter().filter(|p| varies(p)).count() as u64;
            drawing += params.iter().map(listed).sum::<u64>();
            for (k, addition) in model.on_pre.iter().enumerate() {
                // a number per synapse where anything that the weight follows from differs
                let leaf = |n: Node| match n {
                    Node::Param(k) => params.get(k as usize).is_some_and(varies),
                    Node::End(_) => true,
                    _ => false,
                };
                each += route_bytes(model.graph.any_leaf(addition.value, leaf), delay, k == 0, terms);
            }
            if !model.on_pre.is_empty() {
                each += 4 * own;
            }
            if !model.graded.is_empty() || !model.states.is_empty() {
                let gathered = Gathered { params: own, states: model.states.len() as u64, delay };
                each = each.max(gathered.bytes(!model.ends.is_empty(), terms));
            }
        }
    }
    Edges { name: projection.name.clone(), count, each, fixed: 8 * (sources + 1) + PROJECTION, drawing }
}

/// The longest delay, in steps.
pub(super) fn longest(delay: &EdgeValue) -> f64 {
    let steps = match delay {
        EdgeValue::Shared(d) => *d,
        EdgeValue::List(list) => list.iter().copied().fold(1.0, f64::max),
        EdgeValue::Draw(draw) => upper(draw) / draw.grid.unwrap_or(1.0),
        EdgeValue::Except(others, own) => own.iter().flat_map(|(_, steps)| steps).copied().fold(longest(others), f64::max),
    };
    if steps.is_finite() { steps.round().clamp(1.0, LONGEST_DELAY) } else { LONGEST_DELAY }
}

/// A bound of what is drawn: normal draws stay within seven deviations.
fn upper(draw: &Draw) -> f64 {
    let law = match &draw.law {
        Law::Uniform { low, high } => low.max(*high),
        Law::Normal { mean, sd } => mean + 7.0 * sd.abs(),
        Law::Lognormal { median, sigma } => median * (7.0 * sigma.abs()).exp(),
        Law::Choice { of, .. } => of.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    };
    law.min(draw.max)
}
