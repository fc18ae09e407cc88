//! Synapses that targets gather: their rule, their initial values, which of them wait for spikes, and how long.

use std::sync::Arc;

use super::error::of_part;
use super::{Connectivity, EdgeColumn, Gathered, Plan, PlanError, PopulationId};
use crate::model::integrate::{delayed_column, edge_rule};
use crate::model::rule::{EdgeRule, Graph, NoValue, Node, NodeId};
use crate::model::{BoundSynapse, End, EndValue};
use crate::network::checked::CheckedProjection;

impl Plan {
    /// Adds the synapses of a projection that its targets gather.
    pub(super) fn gather(
        &mut self,
        projection: &CheckedProjection,
        synapse: &Arc<BoundSynapse>,
        edges: &Arc<Connectivity>,
        params: Vec<EdgeColumn>,
    ) -> Result<(), PlanError> {
        let rule = self.edge_rule_of(projection, synapse)?;
        let initial = initial(&rule, edges.count() as usize, &|k| params[k].clone()).map_err(of_part(&projection.name))?;
        if let Some((k, value)) = initial.iter().enumerate().find_map(|(k, column)| Some((k, unusable(column)?))) {
            let state = rule.states[k].name.clone();
            return Err(PlanError::SynapseState { projection: projection.name.clone(), state, value });
        }
        self.gathered.push(Gathered {
            name: projection.name.clone(),
            source: projection.source,
            target: projection.target,
            synapse: synapse.clone(),
            rule,
            edges: edges.clone(),
            params,
            initial,
        });
        Ok(())
    }

    /// The synapse as it reads its source: late, where the projection has a delay for it.
    pub(super) fn late(&self, projection: &CheckedProjection, synapse: &Arc<BoundSynapse>) -> Result<Arc<BoundSynapse>, PlanError> {
        if projection.late == 0 {
            return Ok(synapse.clone());
        }
        let group = self.group_of(projection.source);
        let column = |end: &End| match end.value {
            EndValue::State(state) if !end.post => {
                let name = delayed_column(&group.model, state, projection.late).name;
                let column = group.rule.states.iter().position(|known| known.name == name);
                let what = "what its source keeps of earlier steps".into();
                let column = column.ok_or_else(|| PlanError::Missing { projection: projection.name.clone(), what })?;
                Ok(End { post: false, value: EndValue::State(column as u32) })
            }
            _ => Ok(*end),
        };
        let ends = synapse.ends.iter().map(column).collect::<Result<_, PlanError>>()?;
        Ok(Arc::new(BoundSynapse { ends, ..BoundSynapse::clone(synapse) }))
    }

    /// The rule of a synapse model: one for all projections that share it.
    fn edge_rule_of(&self, projection: &CheckedProjection, synapse: &Arc<BoundSynapse>) -> Result<Arc<EdgeRule>, PlanError> {
        if let Some(known) = self.gathered.iter().rev().find(|g| Arc::ptr_eq(&g.synapse, synapse)) {
            return Ok(known.rule.clone());
        }
        let rule = edge_rule(&synapse.model, self.dt);
        rule.map(Arc::new).map_err(|error| PlanError::SynapseMethod { projection: projection.name.clone(), error })
    }

    /// Initial values of gathered synapses where an instance gives some of their parameters other numbers.
    pub(super) fn initial_with(&self, gathered: usize, own: &[Option<f64>]) -> Result<Vec<EdgeColumn>, PlanError> {
        let group = &self.gathered[gathered];
        let param = |k: usize| own.get(k).copied().flatten().map_or_else(|| group.params[k].clone(), EdgeColumn::Shared);
        initial(&group.rule, group.edges.count() as usize, &param).map_err(of_part(&group.name))
    }

    /// Rows of the populations whose spikes edges wait for, in the space of all groups: ascending, none twice.
    pub fn awaited(&self) -> Vec<std::ops::Range<u32>> {
        let waiting = self.gathered.iter().filter(|g| g.waits()).map(|g| g.source);
        let asked = self.learning.iter().flat_map(|l| l.asks()).map(|(population, _)| population);
        let rows = |id: PopulationId| self.first_row(id)..self.first_row(id) + self.place(id).size;
        let mut out: Vec<std::ops::Range<u32>> = waiting.chain(asked).map(rows).collect();
        out.sort_unstable_by_key(|r| r.start);
        out.dedup();
        out
    }

    /// Steps whose spikes must be kept: the largest delay of the edges that wait for spikes.
    pub(super) fn longest_wait(&self) -> u32 {
        let waiting = self.gathered.iter().filter(|g| g.waits()).map(|e| e.edges.delays().1);
        waiting.chain(self.learning.iter().flat_map(|l| l.asks()).map(|(_, delay)| delay)).max().unwrap_or(0)
    }
}

impl Gathered {
    /// Does an edge keep anything from step to step?
    pub fn has_states(&self) -> bool {
        !self.rule.states.is_empty()
    }

    /// Does a step ask whether spikes arrive?
    pub fn waits(&self) -> bool {
        self.rule.reads_arrivals() && !self.edges.is_empty()
    }

    /// Inputs that an edge feeds; of synapses with states a row stands for all.
    pub fn lines(&self) -> u64 {
        if self.has_states() { 1 } else { self.rule.graded.len() as u64 }
    }

    /// The leaves that its rule reads.
    pub fn leaves(&self) -> Vec<Node> {
        let mut all = Vec::new();
        for root in self.rule.next.iter().chain(&self.rule.graded) {
            for leaf in self.rule.graph.leaves(*root) {
                if !all.contains(&leaf) {
                    all.push(leaf);
                }
            }
        }
        all
    }

    /// What the rule reads of the two ends: by place in [`BoundSynapse::ends`].
    pub fn ends(&self) -> impl Iterator<Item = (u32, End)> + '_ {
        self.leaves().into_iter().filter_map(|leaf| match leaf {
            Node::End(k) => Some((k, self.synapse.ends[k as usize])),
            _ => None,
        })
    }
}

/// A value that no engine can hold.
fn unusable(column: &EdgeColumn) -> Option<f64> {
    let bad = |x: f64| !(x as f32).is_finite();
    match column {
        EdgeColumn::Shared(x) => Some(*x).filter(|x| bad(*x)),
        EdgeColumn::PerEdge(list) => list.iter().map(|x| f64::from(*x)).find(|x| bad(*x)),
        // looked at when they were drawn
        EdgeColumn::Drawn(_) => None,
    }
}

fn initial(rule: &EdgeRule, edges: usize, param: &dyn Fn(usize) -> EdgeColumn) -> Result<Vec<EdgeColumn>, NoValue> {
    let mut out: Vec<Option<EdgeColumn>> = vec![None; rule.states.len()];
    for k in &rule.initial_order {
        out[*k as usize] = Some(column(&rule.graph, rule.initial[*k as usize], edges, param, &out)?);
    }
    out.into_iter().zip(0..).map(|(column, k)| column.ok_or(NoValue(Node::State(k)))).collect()
}

/// The values of a node of parameters, of so many edges.
pub(super) fn column_of(
    graph: &Graph,
    node: NodeId,
    edges: usize,
    param: &dyn Fn(usize) -> EdgeColumn,
) -> Result<EdgeColumn, NoValue> {
    column(graph, node, edges, param, &[])
}

fn column(
    graph: &Graph,
    node: NodeId,
    edges: usize,
    param: &dyn Fn(usize) -> EdgeColumn,
    states: &[Option<EdgeColumn>],
) -> Result<EdgeColumn, NoValue> {
    let value = |leaf: Node| match leaf {
        Node::Param(k) => Some(param(k as usize)),
        Node::State(k) => states.get(k as usize)?.clone(),
        _ => None,
    };
    let leaves = graph.leaves(node).into_iter().map(|leaf| value(leaf).map(|column| (leaf, column)).ok_or(NoValue(leaf)));
    let leaves: Vec<(Node, EdgeColumn)> = leaves.collect::<Result<_, _>>()?;
    let at = |edge: usize| {
        let known = |leaf: Node| leaves.iter().find(|(known, _)| *known == leaf).map(|(_, column)| column.get(edge));
        graph.evaluate_with(node, &mut { known })
    };
    Ok(if leaves.iter().any(|(_, column)| !column.is_shared()) {
        EdgeColumn::per_edge((0..edges).map(|edge| at(edge).map(|x| x as f32)).collect::<Result<_, _>>()?)
    } else {
        EdgeColumn::Shared(at(0)?)
    })
}
