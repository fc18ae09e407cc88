//! The one way to a plan: group, derive, connect, place.

use std::sync::{Arc, OnceLock};

use super::PlanError;
use super::error::of_part;
use super::group::{driven, extras, groups, place, started};
use super::learning::{self, Prepared};
use super::memory::{Memory, Terms, counted_rows};
use super::{Column, Connectivity, EdgeColumn, EdgeStorage, Plan, Route, derive_group, edge_storage, junction};
use crate::model::rule::{NoValue, Node};
use crate::model::{BoundSynapse, EndValue};
use crate::network::check::allowed;
use crate::network::checked::{CheckedNetwork, CheckedProjection, CheckedSynapse, EdgeValue};
use crate::network::connector;
use crate::threads;

/// What a plan may use.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PlanOptions {
    /// Copies of the network.
    pub instances: u32,
    /// Bytes that the network may take, edges and recording included; `None`: not limited here.
    pub budget: Option<u64>,
    /// Bytes of a number of the engine: 4 or 8.
    pub number: u64,
    /// Steps whose recording must fit beside the network.
    pub steps: u64,
    /// How the synapses of those projections are kept that can be so, and of which the description says nothing; `None`: in memory as
    /// far as the budget allows.
    pub connectivity: Option<EdgeStorage>,
    /// The engine keeps synapses on a device and draws there what it can: of those nothing is kept beside it, if nothing else is said.
    pub on_device: bool,
}

impl Default for PlanOptions {
    fn default() -> Self {
        PlanOptions { instances: 1, budget: None, number: 4, steps: 0, connectivity: None, on_device: false }
    }
}

setters! {
    PlanOptions {
        instances: u32,
        budget: impl Into<Option<u64>>,
        number: u64,
        steps: u64,
        connectivity: impl Into<Option<EdgeStorage>>,
        on_device: bool,
    }
}

impl PlanOptions {
    fn terms(&self) -> Terms {
        let terms = Terms::default().number(self.number).instances(self.instances.max(1).into()).steps(self.steps);
        terms.budget(self.budget).connectivity(self.connectivity).on_device(self.on_device)
    }
}

/// Adds the edges of a projection, by place, to a plan.
pub(super) type Connect<'a> =
    dyn FnMut(&mut Plan, usize, &CheckedProjection, Option<&Prepared>, EdgeStorage) -> Result<(), PlanError> + 'a;

impl Plan {
    /// Plans a network.
    ///
    /// **Errors** a method that cannot serve a model, edges that cannot be drawn or would not fit the budget.
    pub fn new(network: &CheckedNetwork, options: &PlanOptions) -> Result<Plan, PlanError> {
        Plan::connected(network, options, &mut |plan, k, projection, prepared, storage| {
            plan.connect(k as u32, projection, prepared, network.seed, options.budget, storage)
        })
    }

    /// The same with other edges: `connect` adds those of a projection.
    pub(super) fn connected(network: &CheckedNetwork, options: &PlanOptions, connect: &mut Connect<'_>) -> Result<Plan, PlanError> {
        let (described, prepared) = learning::prepared(network)?;
        let driven = driven(network);
        let extras = extras(network);
        let (mut groups, populations) = groups(network, &described, &driven, &extras)?;
        let rows = place(&mut groups)?;
        let instances = options.instances.max(1);
        counted_rows(rows, instances.into())?;
        let storage = Memory::fitting(network, &groups, &populations, options.terms())?;
        Memory::forecast(network, &groups, &populations, options.terms(), &storage)?.within(options.budget)?;
        threads::each(&mut groups, |g| derive_group(g, network.dt)).into_iter().collect::<Result<(), _>>()?;
        for (number, group) in groups.iter().enumerate() {
            started(number, group, &group.initial, &populations)?;
        }
        let mut plan = Plan {
            name: network.name.clone(),
            dt: network.dt,
            seed: network.seed,
            network_hash: network.hash.clone(),
            instances,
            variants: Vec::new(),
            populations,
            groups,
            routes: Vec::new(),
            gathered: Vec::new(),
            learning: Vec::new(),
            drives: Vec::new(),
            backgrounds: Vec::new(),
            taps: Vec::new(),
            window: 1,
            slots: 2,
            history: 0,
            rows,
            apart: false,
            remarks: network.remarks.iter().map(ToString::to_string).collect(),
        };
        let mut remarks: Vec<&String> = plan.groups.iter().filter_map(|g| g.rule.remark.as_ref()).collect();
        remarks.sort();
        remarks.dedup();
        let remarks: Vec<String> = remarks.into_iter().cloned().collect();
        plan.remarks.extend(remarks);
        plan.remarks.extend(edge_storage::remark(network, &storage, options.terms().asked()));
        for (k, projection) in network.projections.iter().enumerate() {
            let first = plan.routes.len();
            connect(&mut plan, k, projection, prepared[k].as_ref(), storage[k])?;
            let again = edge_storage::is_kept_nowhere(network, projection, storage[k], options.terms().asked());
            plan.routes[first..].iter_mut().for_each(|route| route.again = again);
        }
        plan.stimulate(network, &extras)?;
        plan.taps = network.probes.iter().map(|p| plan.tap(network, p)).collect::<Result<_, _>>()?;
        plan.remarks.extend(super::clock::remarks(&plan, network.duration));
        plan.time_windows();
        plan.scale_ports()?;
        // what was drawn may be more than the law let expect
        Memory::of(&plan, options.terms()).within(options.budget)?;
        Ok(plan)
    }

    /// Bytes of states (of neurons and synapses), parameters per neuron and rings, of all instances.
    pub fn row_bytes(&self) -> u64 {
        let per_row = |columns: &[Column]| columns.iter().filter(|c| matches!(c, Column::PerRow(_))).count() as u64;
        let group = |instance: u32, number: usize| {
            let (g, own) = (&self.groups[number], self.columns(instance, number));
            let rings = g.ports.iter().filter(|p| p.used).count() as u64 * u64::from(self.slots);
            let columns = per_row(own.params) + per_row(own.derived);
            u64::from(g.rows) * 4 * (rings + columns + 2 * g.rule.states.len() as u64)
        };
        let rows = |instance: u32| (0..self.groups.len()).map(|g| group(instance, g)).sum::<u64>();
        let stepped = self.gathered.iter().map(|e| 8 * e.edges.count() * e.rule.states.len() as u64);
        let kept = (stepped.sum::<u64>() + u64::from(self.history) * u64::from(self.rows) / 8) * u64::from(self.instances);
        kept + if self.variants.is_empty() { rows(0) * u64::from(self.instances) } else { (0..self.instances).map(rows).sum() }
    }

    pub(super) fn connect(
        &mut self,
        index: u32,
        projection: &CheckedProjection,
        prepared: Option<&Prepared>,
        seed: u64,
        budget: Option<u64>,
        storage: EdgeStorage,
    ) -> Result<(), PlanError> {
        let (sources, targets) = (self.place(projection.source).size, self.place(projection.target).size);
        let ends = projection.ends(sources, targets);
        let mut values: Vec<EdgeValue> = vec![projection.delay.clone()];
        match &projection.synapse {
            CheckedSynapse::Static { weight, .. } => values.push(weight.clone()),
            CheckedSynapse::Model { params, .. } => values.extend(params.iter().cloned()),
        }
        let refused = |error| PlanError::Connector { projection: projection.name.clone(), error };
        let counted = super::part::counted(projection, &values).map_err(refused)?;
        let built = connector::build_as(&projection.connector, ends, &counted, seed, index, budget, storage);
        let (mut edges, columns) = built.map_err(|error| refused(super::part::named(projection, error)))?;
        if let Some([from, to]) = projection.rows.as_deref() {
            edges = edges.placed((sources, &mut from.iter()), (targets, &mut to.iter())).map_err(refused)?;
        }
        let Some(back) = &projection.back else { return self.join(projection, prepared, &values, edges, columns) };
        let (edges, columns) = match ends.same_population {
            true => junction::once(&projection.connector, edges, columns).map_err(|pair| pair.of(projection))?,
            false => (edges, columns),
        };
        let turned = junction::turned(&edges, &columns);
        self.join(projection, None, &values, edges, columns)?;
        let (edges, columns) = turned;
        let way = CheckedProjection {
            name: format!("{} (back)", projection.name),
            source: projection.target,
            target: projection.source,
            rows: None,
            connector: projection.connector.clone(),
            delay: EdgeValue::Shared(1.0),
            synapse: CheckedSynapse::Model { synapse: back.clone(), params: Vec::new() },
            back: None,
            late: 0,
            storage: None,
            modulators: Vec::new(),
        };
        self.join(&way, None, &values, edges, columns)
    }

    /// Adds the synapses of one way of a projection. `columns`: delays in steps, then the weight or the parameters.
    fn join(
        &mut self,
        projection: &CheckedProjection,
        prepared: Option<&Prepared>,
        values: &[EdgeValue],
        edges: Connectivity,
        columns: Vec<EdgeColumn>,
    ) -> Result<(), PlanError> {
        let drawn = values.iter().skip(1).any(|value| value.drawn());
        let refused = |error| PlanError::Connector { projection: projection.name.clone(), error };
        let mut columns = columns.into_iter();
        let missing = |what: String| PlanError::Missing { projection: projection.name.clone(), what };
        let delay = columns.next().ok_or_else(|| missing("the column of delays".into()))?;
        let edges = Arc::new(edges.delayed(&delay).map_err(refused)?);
        let route = |port: u32, weight: EdgeColumn, name: String, drawn: bool| Route {
            name,
            source: projection.source,
            target: projection.target,
            port,
            edges: edges.clone(),
            weight,
            drawn,
            learned: None,
            again: false,
        };
        match &projection.synapse {
            CheckedSynapse::Static { port, .. } => {
                let weight = columns.next().ok_or_else(|| missing("the column of weights".into()))?;
                self.routes.push(route(*port, weight, projection.name.clone(), drawn));
            }
            CheckedSynapse::Model { synapse, .. } => {
                let model = &synapse.model;
                let params: Vec<EdgeColumn> = columns.map(EdgeColumn::kept).collect::<Result<_, _>>().map_err(refused)?;
                // what is given was looked at with the description
                if values.iter().any(|v| matches!(v, EdgeValue::Draw(_) | EdgeValue::Pair(_) | EdgeValue::Except(..)))
                    && let Some(refused) = allowed::of_edges(model, &params).into_iter().next()
                {
                    let (projection, why) = (projection.name.clone(), refused.text);
                    return Err(match drawn {
                        true => PlanError::Parameter { projection, why },
                        false => PlanError::Exception { projection, why },
                    });
                }
                if let Some(prepared) = prepared {
                    return self.learn(projection, synapse, &edges, params, prepared);
                }
                for (addition, port) in model.on_pre.iter().zip(&synapse.ports) {
                    let weight = self.folded(projection, synapse, addition.value, &params, &edges)?;
                    // parameters of neurons may be drawn too
                    let drawn = drawn || matches!(weight, EdgeColumn::PerEdge(_)) && !model.ends.is_empty();
                    self.routes.push(route(*port, weight, format!("{} ({})", projection.name, addition.port), drawn));
                }
                if synapse.is_gathered() {
                    self.gather(projection, &self.late(projection, synapse)?, &edges, params)?;
                }
            }
        }
        Ok(())
    }

    /// What a spike adds, as one number per edge: parameters of the synapse and of both ends worked in.
    fn folded(
        &self,
        projection: &CheckedProjection,
        synapse: &BoundSynapse,
        value: crate::model::rule::NodeId,
        params: &[EdgeColumn],
        edges: &Connectivity,
    ) -> Result<EdgeColumn, PlanError> {
        let model = &synapse.model;
        // by place in the ends: is it the target's, its column, its first row; no place for a state
        let mut ends: Vec<Option<(bool, &Column, usize)>> = vec![None; synapse.ends.len()];
        let leaves = model.graph.leaves(value);
        for leaf in &leaves {
            let k = match leaf {
                Node::End(k) => *k as usize,
                Node::Param(_) | Node::Dt => continue,
                _ => {
                    let synapse = model.ast.name.text.clone();
                    return Err(PlanError::FoldingTime { projection: projection.name.clone(), synapse });
                }
            };
            let end = synapse.ends[k];
            let id = if end.post { projection.target } else { projection.source };
            match end.value {
                EndValue::Param(p) => {
                    let column = &self.group_of(id).params[p as usize];
                    ends[k] = Some((end.post, column, self.place(id).first_row as usize));
                }
                EndValue::State(_) => {
                    return Err(PlanError::Folding {
                        projection: projection.name.clone(),
                        synapse: model.ast.name.text.clone(),
                        end: if end.post { "post" } else { "pre" },
                        name: model.ends[k].name.clone(),
                    });
                }
            }
        }
        let at = |edge: usize, pre: usize, post: usize| {
            model.graph.evaluate_with(value, &mut |node| match node {
                Node::Param(k) => match &params[k as usize] {
                    EdgeColumn::Shared(x) => Some(*x),
                    column => Some(column.get(edge)),
                },
                Node::End(k) => {
                    let (is_post, column, first) = ends[k as usize]?;
                    Some(column.get(first + if is_post { post } else { pre }))
                }
                Node::Dt => Some(self.dt),
                _ => None,
            })
        };
        let varies = leaves.iter().any(|leaf| match leaf {
            Node::Param(k) => !params[*k as usize].is_shared(),
            Node::End(k) => matches!(ends[*k as usize], Some((_, Column::PerRow(_), _))),
            _ => false,
        });
        let refuse = |edge: usize, value: f64| PlanError::Weight { projection: projection.name.clone(), edge, value };
        if !varies {
            let weight = at(0, 0, 0).map_err(of_part(&projection.name))?;
            return if (weight as f32).is_finite() { Ok(EdgeColumn::Shared(weight)) } else { Err(refuse(0, weight)) };
        }
        let mut list: Vec<f32> = Vec::new();
        let count = edges.count() as usize;
        list.try_reserve_exact(count).map_err(|_no_room| PlanError::NoMemory { bytes: 4 * count as u64 })?;
        list.resize(count, 0.0);
        const PIECE: usize = 8192;
        let wrong: OnceLock<NoValue> = OnceLock::new();
        threads::pieces(
            &mut list,
            PIECE,
            || (),
            |(), piece, weights| {
                let first = (piece * PIECE) as u64;
                let mut weights = weights.iter_mut();
                edges.each(first..first + weights.len() as u64, |edge, pre, post| {
                    let Some(weight) = weights.next() else { return };
                    match at(edge as usize, pre as usize, post as usize) {
                        Ok(value) => *weight = value as f32,
                        Err(leaf) => drop(wrong.set(leaf)),
                    }
                });
            },
        );
        if let Some(leaf) = wrong.into_inner() {
            return Err(of_part(&projection.name)(leaf));
        }
        match list.iter().position(|w| !w.is_finite()) {
            Some(edge) => Err(refuse(edge, f64::from(list[edge]))),
            None => Ok(EdgeColumn::per_edge(list)),
        }
    }

    /// The window is the smallest delay of any instance, the ring holds the largest.
    pub(super) fn time_windows(&mut self) {
        let (mut least, mut most) = (u32::MAX, 1);
        for (number, _) in self.routes.iter().enumerate().filter(|(_, route)| !route.edges.is_empty()) {
            let (low, high) = self.delays(number);
            (least, most) = (least.min(low), most.max(high));
        }
        // without spikes between neurons nothing bounds the window but the latency of a batch
        self.window = if self.gathers() || self.learns_early() { 1 } else { least.clamp(1, 64) };
        self.slots = (most + 2).next_power_of_two();
        self.history = self.longest_wait();
    }
}
