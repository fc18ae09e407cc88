//! What the kernels cannot do, in the user's words.

use super::layout::BLOCKS;
use crate::model::rule::Node;
use crate::plan::Plan;

/// Something that a network asks for and the kernels do not do yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// A step that reads what no row of neurons has.
    #[error("`{populations}`: its step reads what only a synapse or the host has")]
    Step {
        /// The populations whose step it is.
        populations: String,
    },
    /// More copies of a network than one dispatch can hold.
    #[error("{instances} instances: at most {most} fit in one dispatch")]
    Instances {
        /// Copies that were asked for.
        instances: u32,
        /// Copies that fit.
        most: u32,
    },
}

/// Why a plan cannot run as kernels; empty if it can.
pub fn unsupported(plan: &Plan) -> Vec<Unsupported> {
    let mut reasons = Vec::new();
    for group in &plan.groups {
        let rule = &group.rule;
        let reads = |leaf: fn(Node) -> bool| rule.next.iter().chain(&rule.spike).any(|root| rule.graph.any_leaf(*root, leaf));
        if reads(|n| matches!(n, Node::Noise(_) | Node::Dt | Node::End(_) | Node::Propagator { .. })) {
            reasons.push(Unsupported::Step { populations: group.label.clone() });
        }
    }
    if plan.instances > BLOCKS {
        reasons.push(Unsupported::Instances { instances: plan.instances, most: BLOCKS });
    }
    reasons
}
