//! Synapses that learn: what of them is kept where, and what may arrive at a port.
//!
//! In: checked projections by events. Out: populations with the traces that their synapses keep ([`Prepared`]), and a [`Learning`]
//! for each projection, its ports as routes whose weight is the largest that may be sent. Not here: order within a step
//! (`model::integrate`), what runs it (`engine`).

use std::borrow::Cow;
use std::sync::Arc;

use super::error::of_part;
use super::interval::Interval;
use super::reading::{self, EndColumn, Reading, Whose};
use super::{Connectivity, EdgeColumn, Plan, PlanError, PopulationId, Route};
use crate::model::home::{Home, homes};
use crate::model::integrate::event_rule;
use crate::model::rule::{EndState, EventRule, Lag, Node, NodeId, Read};
use crate::model::traced::{TraceColumns, Traces, traced};
use crate::model::{BoundSynapse, EndValue, NeuronModel, SynapseModel, Trigger};
use crate::network::checked::{CheckedNetwork, CheckedPopulation, CheckedProjection, CheckedSynapse, EdgeValue};

/// Synapses of one projection that events alone change.
///
/// What a step does is said on the page [`step`](crate::guide::step); [`EventRule`] has the lines.
#[derive(Clone, Debug)]
pub struct Learning {
    /// Of the projection.
    pub name: String,
    /// The population of the sources.
    pub source: PopulationId,
    /// The population of the targets.
    pub target: PopulationId,
    /// Bound to the models of the two ends.
    pub synapse: Arc<BoundSynapse>,
    /// What spikes do to a synapse.
    pub rule: Arc<EventRule>,
    /// Who is joined to whom, and the delays.
    pub edges: Arc<Connectivity>,
    /// By place in the model's parameters.
    pub params: Vec<EdgeColumn>,
    /// By place in [`EventRule::states`]: before the first step.
    pub initial: Vec<EdgeColumn>,
    /// By place in [`EventRule::reads`]: where it stands.
    pub reads: Vec<Reading>,
    /// By place in [`SynapseModel::modulators`](crate::model::SynapseModel): where it is read as of the step that a line runs in;
    /// `None`: what the model says.
    pub modulators: Vec<Option<Reading>>,
    /// By state of the model: where it is kept.
    pub homes: Vec<Home>,
    /// By state of the model: its column among the states of the group of its end, where a neuron keeps it.
    pub traces: Vec<Option<u32>>,
    /// Parameters that traces have worked in: no instance may have others.
    pub settled: Vec<bool>,
    /// By place in [`SynapseModel::on_pre`](crate::model::SynapseModel): its route.
    pub routes: Vec<usize>,
}

/// What is settled of a projection before rows are.
#[derive(Clone)]
pub(super) struct Prepared {
    homes: Vec<Home>,
    rule: Arc<EventRule>,
    /// Of source and target.
    columns: [TraceColumns; 2],
    settled: Vec<bool>,
    /// By place in the modulators of the model: where each is read, as of the step that the lines run in.
    modulators: Vec<Option<Reading>>,
}

/// Populations with the traces that they keep, and what is settled of each projection.
type AllPrepared<'a> = (Cow<'a, [CheckedPopulation]>, Vec<Option<Prepared>>);

/// An end of a projection: its number, and whether it is the target's.
type ProjectionEnd = (usize, bool);

/// What traces make of a network's populations, and what of each projection is settled.
pub(super) fn prepared(network: &CheckedNetwork) -> Result<AllPrepared<'_>, PlanError> {
    let mut all: Vec<Option<Prepared>> = Vec::with_capacity(network.projections.len());
    for projection in &network.projections {
        all.push(match &projection.synapse {
            CheckedSynapse::Model { synapse, params } if synapse.is_by_events() => {
                Some(Prepared::new(network, projection, synapse, params)?)
            }
            _ => None,
        });
    }
    if all.iter().all(Option::is_none) {
        return Ok((Cow::Borrowed(&network.populations), all));
    }
    let mut populations = network.populations.clone();
    for (k, population) in populations.iter_mut().enumerate() {
        let id = PopulationId(k as u32);
        let mut ends: Vec<ProjectionEnd> = Vec::new();
        for (number, projection) in network.projections.iter().enumerate().filter(|(n, _)| all[*n].is_some()) {
            ends.extend(
                [(projection.source == id, false), (projection.target == id, true)].iter().filter(|e| e.0).map(|e| (number, e.1)),
            );
        }
        let keeps = |(number, post): &(usize, bool)| all[*number].as_ref().is_some_and(|p| p.keeps(*post));
        ends.retain(keeps);
        if ends.is_empty() {
            continue;
        }
        let (model, places) = with_traces(network, population, &all, &ends);
        // an end belongs to one population
        for ((number, post), columns) in ends.iter().zip(places) {
            if let Some(prepared) = &mut all[*number] {
                prepared.columns[usize::from(*post)] = columns;
            }
        }
        population.initial.resize(model.states.len(), None);
        population.model = model;
    }
    Ok((Cow::Owned(populations), all))
}

fn with_traces(
    network: &CheckedNetwork,
    population: &CheckedPopulation,
    all: &[Option<Prepared>],
    ends: &[ProjectionEnd],
) -> (Arc<NeuronModel>, Vec<TraceColumns>) {
    let mut traces = Vec::new();
    for (number, post) in ends {
        let projection = &network.projections[*number];
        if let (CheckedSynapse::Model { synapse, params }, Some(prepared)) = (&projection.synapse, &all[*number]) {
            traces.push(Traces {
                label: &projection.name,
                synapse: &synapse.model,
                homes: &prepared.homes,
                post: *post,
                params: params.iter().map(|value| if let EdgeValue::Shared(x) = value { Some(*x) } else { None }).collect(),
                versions: prepared.versions(&synapse.model, *post),
            });
        }
    }
    let (model, places) = traced(&population.model, &traces);
    (Arc::new(model), places)
}

impl Prepared {
    fn new(
        network: &CheckedNetwork,
        projection: &CheckedProjection,
        synapse: &Arc<BoundSynapse>,
        params: &[EdgeValue],
    ) -> Result<Prepared, PlanError> {
        let model = &synapse.model;
        let homes = homes(model, |k| matches!(params.get(k as usize), Some(EdgeValue::Shared(_))));
        let modulators: Vec<Option<Reading>> =
            projection.modulators.iter().map(|source| source.map(|source| reading::of(network, source))).collect();
        let given: Vec<bool> = modulators.iter().map(Option::is_some).collect();
        let mut settled = vec![false; model.params.len()];
        let intervals = intervals(&projection.name, model, params, network.dt, &mut settled)?;
        let rule = event_rule(synapse, &homes, &given, &intervals, network.dt);
        for (k, (state, home)) in model.states.iter().zip(&homes).enumerate().filter(|(_, (_, home))| **home != Home::Synapse) {
            let mut roots: Vec<NodeId> = vec![state.initial];
            roots.extend(state.equation.iter().map(|e| e.rate));
            roots.extend(state.range.low.iter().chain(&state.range.high).map(|b| b.value));
            roots.extend(model.events.iter().filter(|e| home.end().is_some_and(|end| e.trigger.is_of(end))).flat_map(|e| {
                e.statements.iter().filter_map(|s| match s {
                    crate::model::EventStatement::Assign(a) if a.state as usize == k => Some(a.value),
                    _ => None,
                })
            }));
            for leaf in roots.into_iter().flat_map(|root| model.graph.leaves(root)) {
                if let Node::Param(k) = leaf {
                    settled[k as usize] = true;
                }
            }
        }
        Ok(Prepared { homes, rule: Arc::new(rule), columns: Default::default(), settled, modulators })
    }

    /// Does an end keep a state?
    fn keeps(&self, post: bool) -> bool {
        self.homes.iter().any(|home| home.end() == Some(post))
    }

    /// Values of traces that are read before all lines of their end have run.
    fn versions(&self, model: &crate::model::SynapseModel, end: bool) -> Vec<(u32, u32)> {
        let lines = model.events.iter().filter(|e| e.trigger.is_of(end)).count() as u32;
        let reads = self.rule.reads.iter().filter_map(|read| match read {
            Read::End { post, value: EndState::Trace { state, version }, .. } if *post == end && *version < lines => {
                Some((*state, *version))
            }
            _ => None,
        });
        let mut out: Vec<(u32, u32)> = reads.collect();
        out.sort_unstable();
        out.dedup();
        out
    }
}

/// By line: the steps between two runs of one at an interval, else 0. Parameters in such a time are settled.
fn intervals(name: &str, model: &SynapseModel, params: &[EdgeValue], dt: f64, settled: &mut [bool]) -> Result<Vec<u64>, PlanError> {
    let mut out = Vec::with_capacity(model.events.len());
    for event in &model.events {
        let Trigger::Every(time) = event.trigger else {
            out.push(0);
            continue;
        };
        for leaf in model.graph.leaves(time) {
            let Node::Param(k) = leaf else { continue };
            settled[k as usize] = true;
            if !matches!(params.get(k as usize), Some(EdgeValue::Shared(_))) {
                let parameter = model.params[k as usize].name.clone();
                return Err(PlanError::IntervalOfEach { projection: name.to_owned(), parameter });
            }
        }
        let mut leaf = |node| match node {
            Node::Dt => Some(dt),
            Node::Param(k) => {
                params.get(k as usize).and_then(|value| if let EdgeValue::Shared(x) = value { Some(*x) } else { None })
            }
            _ => None,
        };
        let interval = model.graph.evaluate_with(time, &mut leaf).map_err(of_part(name))?;
        let steps = (interval / dt).round();
        // a time within a millionth of a step of a step is that step
        if !((1.0..=MOST_STEPS).contains(&steps) && (interval / dt - steps).abs() <= 1e-6) {
            let low = (interval / dt).floor().max(0.0);
            let told = |steps: f64| (steps * dt * 1e9).round() / 1e9;
            let near = [told(low), told(low + 1.0)];
            return Err(PlanError::Interval { projection: name.to_owned(), interval, dt, near });
        }
        out.push(steps as u64);
    }
    Ok(out)
}

/// Steps of an interval at most: all engines count that far.
const MOST_STEPS: f64 = (1u64 << 31) as f64;

impl Plan {
    /// Adds the synapses of a projection that events alone change.
    pub(super) fn learn(
        &mut self,
        projection: &CheckedProjection,
        synapse: &Arc<BoundSynapse>,
        edges: &Arc<Connectivity>,
        params: Vec<EdgeColumn>,
        prepared: &Prepared,
    ) -> Result<(), PlanError> {
        let count = edges.count();
        if count >= u64::from(u32::MAX) {
            return Err(PlanError::Synapses { projection: projection.name.clone(), synapses: count });
        }
        let (rule, model) = (prepared.rule.clone(), &synapse.model);
        let lines = |end: bool| model.events.iter().filter(|e| e.trigger.is_of(end)).count() as u32;
        let place = |post: bool, state: u32, version: u32| prepared.columns[usize::from(post)].get(&(state, version)).copied();
        let missing = |what: String| PlanError::Missing { projection: projection.name.clone(), what };
        let mut reads = Vec::with_capacity(rule.reads.len());
        for read in &rule.reads {
            reads.push(match *read {
                Read::Elapsed | Read::ElapsedBefore | Read::Total(_) => Reading::Synapse,
                Read::End { post, value: EndState::Own(column), lag } => {
                    Reading::Neuron(EndColumn { of: Whose::end(post), column, lag })
                }
                Read::End { post, value: EndState::Trace { state, version }, lag } => {
                    let column = place(post, state, version);
                    let column = column.ok_or_else(|| missing(format!("a trace of `{}`", model.states[state as usize].name)))?;
                    Reading::Neuron(EndColumn { of: Whose::end(post), column, lag })
                }
                Read::Modulator { place, lag } => match prepared.modulators.get(place as usize).copied().flatten() {
                    Some(Reading::Neuron(column)) => Reading::Neuron(EndColumn { lag, ..column }),
                    Some(reading) => reading,
                    None => return Err(missing(format!("the modulator `{}`", model.modulators[place as usize].name))),
                },
            });
        }
        let traces = (0u32..).zip(&prepared.homes).map(|(k, home)| place(home.end()?, k, lines(home.end()?))).collect();
        let initial = self.first_of_learned(&projection.name, &rule, count as usize, &|k| params[k].clone())?;
        let number = self.learning.len();
        let mut learning = Learning {
            name: projection.name.clone(),
            source: projection.source,
            target: projection.target,
            synapse: synapse.clone(),
            rule,
            edges: edges.clone(),
            params,
            initial,
            reads,
            modulators: prepared.modulators.clone(),
            homes: prepared.homes.clone(),
            traces,
            settled: prepared.settled.clone(),
            routes: Vec::new(),
        };
        for (k, port) in synapse.ports.iter().enumerate() {
            let bound = self.bound_of(&learning, k as u32)?;
            learning.routes.push(self.routes.len());
            self.routes.push(Route {
                name: format!("{} ({})", projection.name, model.on_pre[k].port),
                source: projection.source,
                target: projection.target,
                port: *port,
                edges: edges.clone(),
                weight: EdgeColumn::Shared(bound),
                drawn: true,
                learned: Some(number),
                again: false,
            });
        }
        self.learning.push(learning);
        Ok(())
    }

    /// States of synapses before the first step.
    fn first_of_learned(
        &self,
        name: &str,
        rule: &EventRule,
        count: usize,
        param: &dyn Fn(usize) -> EdgeColumn,
    ) -> Result<Vec<EdgeColumn>, PlanError> {
        let mut out: Vec<EdgeColumn> = Vec::with_capacity(rule.states.len());
        for (k, root) in rule.initial.iter().enumerate() {
            let column = super::gathered::column_of(&rule.graph, *root, count, param).map_err(of_part(name))?;
            let at = |node: Option<NodeId>| {
                node.map(|node| super::gathered::column_of(&rule.graph, node, count, param)).transpose().map_err(of_part(name))
            };
            let (low, high) = (at(rule.ranges[k][0])?, at(rule.ranges[k][1])?);
            let each = match &column {
                EdgeColumn::Shared(_) if [&low, &high].iter().all(|c| !matches!(c, Some(EdgeColumn::PerEdge(_)))) => count.min(1),
                _ => count,
            };
            for edge in 0..each {
                let x = column.get(edge);
                let state = rule.states[k].name.clone();
                if !(x as f32).is_finite() {
                    return Err(PlanError::SynapseState { projection: name.to_owned(), state, value: x });
                }
                let outside =
                    |end: &Option<EdgeColumn>, sign: f64| end.as_ref().is_some_and(|end| (x - end.get(edge)) * sign < 0.0);
                if outside(&low, 1.0) || outside(&high, -1.0) {
                    let told = |end: &Option<EdgeColumn>| end.as_ref().map(|end| end.get(edge));
                    return Err(PlanError::OutOfRange {
                        projection: name.to_owned(),
                        state,
                        value: x,
                        low: told(&low),
                        high: told(&high),
                    });
                }
            }
            out.push(column);
        }
        Ok(out)
    }

    /// Initial values where an instance gives some of the parameters other numbers.
    pub(super) fn learned_with(&self, learning: usize, own: &[Option<f64>]) -> Result<Vec<EdgeColumn>, PlanError> {
        let of = &self.learning[learning];
        let param = |k: usize| own.get(k).copied().flatten().map_or_else(|| of.params[k].clone(), EdgeColumn::Shared);
        self.first_of_learned(&of.name, &of.rule, of.edges.count() as usize, &param)
    }

    /// The largest absolute value that a synapse may send.
    fn bound_of(&self, learning: &Learning, send: u32) -> Result<f64, PlanError> {
        let rule = &learning.rule;
        let mut bound = 0.0f64;
        let of_range = |graph: &crate::model::rule::Graph, ends: [Option<NodeId>; 2], leaf: &dyn Fn(Node) -> Interval| {
            let end = |node: Option<NodeId>| node.map(|node| Interval::of(graph, node, leaf));
            Interval::between(end(ends[0]), end(ends[1]))
        };
        let params = |node: Node| match node {
            Node::Param(k) => Interval::of_column(&learning.params[k as usize]),
            _ => Interval::ALL,
        };
        let leaf = |node: Node| match node {
            Node::State(k) => of_range(&rule.graph, rule.ranges[k as usize], &params),
            Node::End(k) => {
                let end = learning.synapse.ends[k as usize];
                let id = if end.post { learning.target } else { learning.source };
                match end.value {
                    EndValue::Param(p) => {
                        let (place, given) = (self.place(id), &self.group_of(id).params[p as usize]);
                        Interval::over((0..place.size).map(|row| given.get((place.first_row + row) as usize)))
                    }
                    EndValue::State(_) => Interval::ALL,
                }
            }
            Node::Uniform(_) => Interval { low: 0.0, high: 1.0 },
            node => params(node),
        };
        for (_, value) in rule.passes.iter().flat_map(|p| &p.sends).filter(|(k, _)| *k == send) {
            bound = bound.max(Interval::of(&rule.graph, *value, &leaf).size());
        }
        if bound.is_finite() && (bound as f32).is_finite() {
            return Ok(bound);
        }
        let port = learning.synapse.model.on_pre[send as usize].port.clone();
        let state = learning.synapse.model.states.iter().find(|s| s.range.low.is_none() || s.range.high.is_none());
        let state = state.map_or_else(String::new, |s| s.name.clone());
        Err(PlanError::Unbounded { projection: learning.name.clone(), port, state })
    }

    /// States of neurons that synapses read as they were some steps ago or before others know them: group, column.
    pub fn trailed(&self) -> Vec<(usize, u32)> {
        let mut out: Vec<(usize, u32)> = self.learning.iter().flat_map(|l| l.columns(self)).collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Steps back for which these are kept.
    pub fn longest_trail(&self) -> u32 {
        let lag = |l: &Learning| {
            let reads = l.reads.iter().filter_map(|read| read.neuron()).map(|read| match read.lag {
                Lag::Now => 0,
                Lag::Before => 1,
                Lag::Delay => l.edges.delays().1,
                Lag::DelayBefore => l.edges.delays().1 + 1,
            });
            reads.max().unwrap_or(0)
        };
        self.learning.iter().map(lag).max().unwrap_or(0)
    }

    /// Does a line run before a step, so that no step may be advanced before the spikes of the one before are known?
    pub(super) fn learns_early(&self) -> bool {
        self.learning.iter().any(|l| l.rule.passes.iter().any(|pass| pass.early))
    }
}

impl Learning {
    /// Group and column of each state of a neuron that it reads.
    fn columns<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = (usize, u32)> + 'a {
        let neurons = self.reads.iter().filter_map(|read| read.neuron());
        neurons.map(move |read| (plan.place(self.population(read.of)).group, read.column))
    }

    /// The population of those whose state is read.
    pub fn population(&self, of: Whose) -> PopulationId {
        match of {
            Whose::Source => self.source,
            Whose::Target => self.target,
            Whose::Third { population, .. } => population,
        }
    }

    /// The population whose spikes a kind of line asks for, and the steps for which they are remembered.
    pub(super) fn asks(&self) -> impl Iterator<Item = (PopulationId, u32)> + '_ {
        let of_spikes = self.rule.passes.iter().filter(|pass| pass.occasion.interval().is_none());
        of_spikes.map(|pass| {
            let delay = if self.rule.delayed(pass) { self.edges.delays().1 } else { 0 };
            (if pass.is_post() { self.target } else { self.source }, delay)
        })
    }
}
