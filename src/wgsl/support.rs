//! What the kernels cannot do, in the user's words.

use crate::model::rule::Node;
use crate::plan::Plan;

/// Why a plan cannot run as kernels; empty if it can.
pub fn unsupported(plan: &Plan) -> Vec<String> {
    let mut reasons = Vec::new();
    for group in &plan.groups {
        let rule = &group.rule;
        let reads = |leaf: fn(Node) -> bool| rule.next.iter().chain(&rule.spike).any(|root| rule.graph.any_leaf(*root, leaf));
        if reads(|n| matches!(n, Node::Noise(_) | Node::Dt | Node::End(_) | Node::Propagator { .. })) {
            reasons.push(format!("`{}`: its step reads what only a synapse or the host has", group.label));
        }
    }
    reasons.extend(plan.edge_groups.iter().map(|e| format!("`{}`: its synapses have states of their own", e.name)));
    if plan.instances > super::layout::BLOCKS {
        reasons.push(format!("{} instances: at most {} fit in one dispatch", plan.instances, super::layout::BLOCKS));
    }
    reasons
}
