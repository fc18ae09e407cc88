//! Synapses with states of their own: their initial values, which of them wait for spikes, and how long.

use std::sync::Arc;

use super::{Connectivity, EdgeColumn, EdgeGroup, Plan, PlanError};
use crate::model::SynapseModel;
use crate::model::integrate::edge_rule;
use crate::model::rule::{EdgeRule, Node, NodeId};
use crate::network::checked::CheckedProjection;

impl Plan {
    /// Adds the edge group of a projection whose synapses have states.
    pub(super) fn add_edge_group(
        &mut self,
        projection: &CheckedProjection,
        model: &Arc<SynapseModel>,
        edges: &Arc<Connectivity>,
        delay: &EdgeColumn,
        params: Vec<EdgeColumn>,
    ) -> Result<(), PlanError> {
        let rule =
            edge_rule(model, self.dt).map_err(|error| PlanError::SynapseMethod { projection: projection.name.clone(), error })?;
        let inputs = &self.group_of(projection.target).model.inputs;
        let input = |port: &str| match inputs.iter().position(|i| i.name == port) {
            Some(input) => Ok(input as u32),
            None => {
                Err(PlanError::Missing { projection: projection.name.clone(), what: format!("the input `{port}` of its target") })
            }
        };
        let initial = initial(&rule, edges.count() as usize, &|k| params[k].clone());
        if let Some((k, value)) = initial.iter().enumerate().find_map(|(k, column)| Some((k, unusable(column)?))) {
            let state = rule.states[k].name.clone();
            return Err(PlanError::SynapseState { projection: projection.name.clone(), state, value });
        }
        self.edge_groups.push(EdgeGroup {
            name: projection.name.clone(),
            source: projection.source,
            target: projection.target,
            inputs: model.graded.iter().map(|g| input(&g.port)).collect::<Result<_, _>>()?,
            model: model.clone(),
            rule: Arc::new(rule),
            edges: edges.clone(),
            delay: delay.clone(),
            params,
            initial,
        });
        Ok(())
    }

    /// Initial values of an edge group where an instance gives some of its parameters other numbers.
    pub(super) fn initial_with(&self, group: usize, own: &[Option<f64>]) -> Vec<EdgeColumn> {
        let group = &self.edge_groups[group];
        let param = |k: usize| own.get(k).copied().flatten().map_or_else(|| group.params[k].clone(), EdgeColumn::Shared);
        initial(&group.rule, group.edges.count() as usize, &param)
    }

    /// Rows of the populations whose spikes edges wait for, in the space of all groups: ascending, none twice.
    pub fn awaited(&self) -> Vec<std::ops::Range<u32>> {
        let waiting = self.edge_groups.iter().filter(|e| e.rule.reads_arrivals() && !e.edges.is_empty());
        let rows = |e: &EdgeGroup| self.first_row(e.source)..self.first_row(e.source) + self.place(e.source).size;
        let mut out: Vec<std::ops::Range<u32>> = waiting.map(rows).collect();
        out.sort_unstable_by_key(|r| r.start);
        out.dedup();
        out
    }

    /// Steps whose spikes must be kept: the largest delay of the edges that wait for spikes.
    pub(super) fn longest_wait(&self) -> u32 {
        let waiting = self.edge_groups.iter().filter(|e| e.rule.reads_arrivals() && !e.edges.is_empty());
        waiting.map(|e| e.edges.delays().1).max().unwrap_or(0)
    }
}

/// A value that no engine can hold.
fn unusable(column: &EdgeColumn) -> Option<f64> {
    let bad = |x: f64| !(x as f32).is_finite();
    match column {
        EdgeColumn::Shared(x) => Some(*x).filter(|x| bad(*x)),
        EdgeColumn::PerEdge(list) => list.iter().map(|x| f64::from(*x)).find(|x| bad(*x)),
    }
}

fn initial(rule: &EdgeRule, edges: usize, param: &dyn Fn(usize) -> EdgeColumn) -> Vec<EdgeColumn> {
    let mut out: Vec<EdgeColumn> = vec![EdgeColumn::Shared(0.0); rule.states.len()];
    for k in &rule.initial_order {
        out[*k as usize] = column(rule, rule.initial[*k as usize], edges, param, &out);
    }
    out
}

fn column(rule: &EdgeRule, node: NodeId, edges: usize, param: &dyn Fn(usize) -> EdgeColumn, states: &[EdgeColumn]) -> EdgeColumn {
    let leaves: Vec<(Node, EdgeColumn)> = (rule.graph.leaves(node).into_iter())
        .filter_map(|leaf| match leaf {
            Node::Param(k) => Some((leaf, param(k as usize))),
            Node::State(k) => Some((leaf, states[k as usize].clone())),
            _ => None,
        })
        .collect();
    let at = |edge: usize| {
        rule.graph.evaluate_with(node, &mut |leaf| {
            leaves.iter().find(|(known, _)| *known == leaf).map_or(f64::NAN, |(_, column)| column.get(edge))
        })
    };
    if leaves.iter().any(|(_, column)| matches!(column, EdgeColumn::PerEdge(_))) {
        EdgeColumn::per_edge((0..edges).map(|edge| at(edge) as f32).collect())
    } else {
        EdgeColumn::Shared(at(0))
    }
}
