//! Where synapses with states of their own stand: edges by target, their values and states, spikes that they wait for.
//!
//! In: the edge groups of a plan. Out: [`EdgeGroupLayout`]s. A target's thread steps the edges that end in it, so that no state
//! is written by two. Spikes of the last steps are kept as bits behind the ring. Not here: the function itself (`edges`).

use super::WgslError;
use super::couplings::EdgePlace;
use super::layout::{ColumnPlace, Layout, take};
use crate::model::rule::Node;
use crate::plan::{EdgeColumn, EdgeGroup, Plan};

/// Where the edges of a group stand.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeGroupLayout {
    pub edges: u32,
    /// First edge of each target, in `tables`; one more at the end.
    pub starts: u32,
    /// Source of each edge, in the first page of `synapses`.
    pub sources: u32,
    /// Delay of each edge, in the first page of `synapses`, where they differ and are waited for.
    pub delays: Option<u32>,
    /// By parameter of the synapse: its place, if the rule reads it.
    pub params: Vec<Option<EdgePlace>>,
    /// By state, first word in `state`: `[instance][edge by target]`.
    pub states: Vec<u32>,
}

/// The leaves that the rule of an edge group reads.
pub fn leaves(group: &EdgeGroup) -> Vec<Node> {
    let mut all = Vec::new();
    for root in group.rule.next.iter().chain(&group.rule.graded) {
        for leaf in group.rule.graph.leaves(*root) {
            if !all.contains(&leaf) {
                all.push(leaf);
            }
        }
    }
    all
}

/// Room for parameters that are one number for all edges, and for states.
pub(super) fn place_rows(plan: &Plan, layout: &mut Layout, params: &mut u64, state: &mut u64) -> Result<(), WgslError> {
    let kept = std::mem::take(&mut layout.edge_groups);
    for (number, group) in plan.edge_groups.iter().enumerate() {
        let read = leaves(group);
        let edges = group.edges.count();
        let mut placed = kept.get(number).cloned().unwrap_or(EdgeGroupLayout {
            edges: edges as u32,
            starts: 0,
            sources: 0,
            delays: None,
            params: vec![None; group.params.len()],
            states: Vec::new(),
        });
        for (k, column) in group.params.iter().enumerate().filter(|(k, _)| read.contains(&Node::Param(*k as u32))) {
            let differs = (0..plan.instances).any(|i| plan.edge_param(i, number, k).is_some());
            placed.params[k] = match (column, placed.params[k]) {
                (EdgeColumn::PerEdge(_), Some(place)) => Some(place),
                (EdgeColumn::PerEdge(_), None) => Some(EdgePlace::PerEdge(0)),
                (EdgeColumn::Shared(_), _) => {
                    Some(EdgePlace::Shared(ColumnPlace::new(false, differs, 1, layout.instances, params)?))
                }
            };
        }
        placed.states.clear();
        for _ in &group.rule.states {
            placed.states.push(take(state, edges * u64::from(layout.instances), "state")?);
        }
        layout.edge_groups.push(placed);
    }
    Ok(())
}

/// Room for edges, in the first page, and for the spikes that they wait for.
pub(super) fn place(plan: &Plan, layout: &mut Layout, synapses: &mut u64) -> Result<(), WgslError> {
    for (number, group) in plan.edge_groups.iter().enumerate() {
        let edges = group.edges.count();
        let longest = group.edges.most_by_target();
        if longest >= layout.turns {
            return Err(WgslError::LoopTurns { route: group.name.clone(), edges: longest, turns: layout.turns });
        }
        let starts = take(&mut layout.words.tables, u64::from(group.edges.targets()) + 1, "tables")?;
        let placed = &mut layout.edge_groups[number];
        placed.starts = starts;
        placed.sources = take(synapses, edges, "synapses")?;
        if group.rule.reads_arrivals() && matches!(group.delay, EdgeColumn::PerEdge(_)) {
            placed.delays = Some(take(synapses, edges, "synapses")?);
        }
        for place in placed.params.iter_mut().flatten() {
            if let EdgePlace::PerEdge(first) = place {
                *first = take(synapses, edges, "synapses")?;
            }
        }
    }
    Ok(())
}
