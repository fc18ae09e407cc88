//! What the kernels cannot do yet, in the user's words.

use crate::model::rule::Node;
use crate::plan::{Column, Plan, Wave};

/// Why a plan cannot run as kernels; empty if it can.
pub fn unsupported(plan: &Plan) -> Vec<String> {
    let mut reasons = Vec::new();
    for group in &plan.groups {
        let rule = &group.rule;
        let reads = |leaf: fn(Node) -> bool| rule.next.iter().chain(&rule.spike).any(|root| rule.graph.any_leaf(*root, leaf));
        if reads(|n| matches!(n, Node::Uniform(_) | Node::Normal(_) | Node::Noise(_))) {
            reasons.push(format!("`{}`: its equations draw random numbers in every step (noise, uniform or normal)", group.label));
        }
        if reads(|n| matches!(n, Node::Dt | Node::End(_) | Node::Propagator { .. })) {
            reasons.push(format!("`{}`: its step reads what only a synapse or the host has", group.label));
        }
    }
    if plan.instances > super::layout::BLOCKS {
        reasons.push(format!("{} instances: at most {} fit in one dispatch", plan.instances, super::layout::BLOCKS));
    }
    if !plan.variants.is_empty() {
        reasons.push("an ensemble of variants".to_string());
    }
    if plan.variants.iter().any(|v| !v.population_factors.is_empty()) {
        reasons.push("an ensemble whose weight factors differ between populations of one group".to_string());
    }
    for coupling in &plan.couplings {
        reasons.push(format!("`{}`: graded or electrical synapses", coupling.name));
    }
    for background in &plan.backgrounds {
        reasons.push(format!("`{}`: Poisson background", background.name));
    }
    for drive in &plan.drives {
        let what = match &drive.wave {
            Wave::Noise { .. } => "a noise stimulus",
            Wave::Sine { amplitude: Column::PerRow(_), .. } => "a sine stimulus with an amplitude per neuron",
            Wave::Array { samples, .. } if samples.iter().any(|s| matches!(s, Column::PerRow(_))) => {
                "an array stimulus with samples per neuron"
            }
            _ => continue,
        };
        reasons.push(format!("`{}`: {what}", drive.name));
    }
    reasons
}
