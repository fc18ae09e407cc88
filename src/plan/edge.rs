//! Synapses with states of their own: their initial values, which of them wait for spikes, and how long.

use std::sync::Arc;

use super::error::of_part;
use super::{Connectivity, EdgeColumn, EdgeGroup, Plan, PlanError};
use crate::model::SynapseModel;
use crate::model::integrate::edge_rule;
use crate::model::rule::{EdgeRule, NoValue, Node, NodeId};
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
        let initial = initial(&rule, edges.count() as usize, &|k| params[k].clone()).map_err(of_part(&projection.name))?;
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
    pub(super) fn initial_with(&self, group: usize, own: &[Option<f64>]) -> Result<Vec<EdgeColumn>, PlanError> {
        let group = &self.edge_groups[group];
        let param = |k: usize| own.get(k).copied().flatten().map_or_else(|| group.params[k].clone(), EdgeColumn::Shared);
        initial(&group.rule, group.edges.count() as usize, &param).map_err(of_part(&group.name))
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

fn initial(rule: &EdgeRule, edges: usize, param: &dyn Fn(usize) -> EdgeColumn) -> Result<Vec<EdgeColumn>, NoValue> {
    let mut out: Vec<Option<EdgeColumn>> = vec![None; rule.states.len()];
    for k in &rule.initial_order {
        out[*k as usize] = Some(column(rule, rule.initial[*k as usize], edges, param, &out)?);
    }
    out.into_iter().zip(0..).map(|(column, k)| column.ok_or(NoValue(Node::State(k)))).collect()
}

fn column(
    rule: &EdgeRule,
    node: NodeId,
    edges: usize,
    param: &dyn Fn(usize) -> EdgeColumn,
    states: &[Option<EdgeColumn>],
) -> Result<EdgeColumn, NoValue> {
    let value = |leaf: Node| match leaf {
        Node::Param(k) => Some(param(k as usize)),
        Node::State(k) => states[k as usize].clone(),
        _ => None,
    };
    let leaves = rule.graph.leaves(node).into_iter().map(|leaf| value(leaf).map(|column| (leaf, column)).ok_or(NoValue(leaf)));
    let leaves: Vec<(Node, EdgeColumn)> = leaves.collect::<Result<_, _>>()?;
    let at = |edge: usize| {
        let known = |leaf: Node| leaves.iter().find(|(known, _)| *known == leaf).map(|(_, column)| column.get(edge));
        rule.graph.evaluate_with(node, &mut { known })
    };
    Ok(if leaves.iter().any(|(_, column)| matches!(column, EdgeColumn::PerEdge(_))) {
        EdgeColumn::per_edge((0..edges).map(|edge| at(edge).map(|x| x as f32)).collect::<Result<_, _>>()?)
    } else {
        EdgeColumn::Shared(at(0)?)
    })
}
