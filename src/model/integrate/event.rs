//! The rule of a synapse that events alone change: its lines, what stands between two events in closed form.

use super::undefined::poisoned;
use crate::model::home::Home;
use crate::model::rule::{EndState, EventRule, Graph, Lag, Node, NodeId, Pass, Read, StateColumn, Unary, affine};
use crate::model::{BoundSynapse, DelayPlace, EndValue, Event, EventStatement, SynapseModel};

/// A state that changes between events in a way that has no closed form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`d{state}/dt` has no closed form between two spikes\n  help: let it be linear in `{state}`, its factors parameters alone")]
pub struct NoClosedForm {
    /// Its name.
    pub state: String,
}

/// Builds the rule. `homes`: where each state is kept; `given`: which modulators are read from somewhere, others are what the text says.
/// **Units** dt in ms.
///
/// **Errors** an equation without a closed form.
pub fn event_rule(synapse: &BoundSynapse, homes: &[Home], given: &[bool], dt: f64) -> Result<EventRule, NoClosedForm> {
    let model = &synapse.model;
    let kept: Vec<u32> = (0u32..).zip(homes).filter(|(_, h)| **h == Home::Synapse).map(|(k, _)| k).collect();
    let mut builder =
        Builder { synapse, model, homes, given, dt, graph: Graph::default(), kept, reads: Vec::new(), rates: Vec::new() };
    builder.rates = (0..model.states.len()).map(|k| builder.rate(k)).collect::<Result<_, _>>()?;
    let passes = builder.passes();
    let kept = builder.kept.clone();
    let initial = kept.iter().map(|k| builder.initial(*k)).collect();
    let ranges = kept.iter().map(|k| builder.range(*k)).collect();
    let now = (0u32..).zip(&kept).map(|(place, k)| builder.now(*k, place)).collect();
    let states = kept.iter().map(|k| &model.states[*k as usize]);
    let states = states.map(|s| StateColumn { name: s.name.clone(), dimension: s.dimension }).collect();
    let timed = kept.iter().any(|k| builder.rates[*k as usize].is_some());
    Ok(EventRule {
        states,
        initial,
        ranges,
        now,
        passes,
        timed,
        delay: model.delay,
        kept,
        graph: builder.graph,
        reads: builder.reads,
    })
}

struct Builder<'a> {
    synapse: &'a BoundSynapse,
    model: &'a SynapseModel,
    homes: &'a [Home],
    given: &'a [bool],
    dt: f64,
    graph: Graph,
    kept: Vec<u32>,
    reads: Vec<Read>,
    /// By state: factor of itself and the rest, in the rule's graph.
    rates: Vec<Option<[NodeId; 2]>>,
}

impl Builder<'_> {
    /// What an equation is, as a factor of its own state and a rest.
    fn rate(&mut self, k: usize) -> Result<Option<[NodeId; 2]>, NoClosedForm> {
        let Some(equation) = &self.model.states[k].equation else { return Ok(None) };
        let refused = || NoClosedForm { state: self.model.states[k].name.clone() };
        let mut graph = self.model.graph.clone();
        let own = |node: Node| (node == Node::State(k as u32)).then_some(0);
        let sum = affine(&mut graph, equation.rate, own).ok_or_else(refused)?;
        let zero = graph.constant(0.0);
        let parts = [sum.factors.get(&0).copied().unwrap_or(zero), sum.rest];
        let plain = |n: Node| matches!(n, Node::Constant(_) | Node::Param(_) | Node::Dt) || Graph::operands(n).next().is_some();
        if parts.iter().any(|part| graph.any_leaf(*part, |n| !plain(n))) {
            return Err(refused());
        }
        let dt = self.dt;
        let mut leaf = |to: &mut Graph, node: Node| if node == Node::Dt { to.constant(dt) } else { to.add(node) };
        Ok(Some(parts.map(|part| self.graph.copy_of(&graph, part, &mut leaf))))
    }

    /// The value a time after it was `x`, by its equation.
    fn later(&mut self, k: u32, x: NodeId, time: NodeId) -> NodeId {
        let Some([factor, rest]) = self.rates[k as usize] else { return x };
        let graph = &mut self.graph;
        let exponent = graph.times(factor, time);
        if graph.as_constant(rest) == Some(0.0) {
            let decay = graph.unary(Unary::Exp, exponent);
            return graph.times(x, decay);
        }
        let product = graph.times(factor, x);
        let slope = graph.plus(product, rest);
        let mean = graph.unary(Unary::Exprel, exponent);
        let span = graph.times(time, mean);
        let change = graph.times(slope, span);
        graph.plus(x, change)
    }

    /// A state that synapses keep, by place among them, as it is now. Rounding must not carry it beyond what its model says.
    fn now(&mut self, k: u32, place: u32) -> NodeId {
        let state = self.graph.add(Node::State(place));
        if self.rates[k as usize].is_none() {
            return state;
        }
        let elapsed = self.read(Read::Elapsed);
        let now = self.later(k, state, elapsed);
        let range = self.range(k);
        self.graph.within(now, range)
    }

    /// An expression of parameters.
    fn parameters(&mut self, root: NodeId) -> NodeId {
        let (model, dt) = (self.model, self.dt);
        let mut leaf = |to: &mut Graph, node: Node| if node == Node::Dt { to.constant(dt) } else { to.add(node) };
        self.graph.copy_of(&model.graph, root, &mut leaf)
    }

    /// The value of a state before the first step; those of others that it follows from worked in. `check` has refused circles.
    fn initial(&mut self, k: u32) -> NodeId {
        let (model, dt) = (self.model, self.dt);
        let root = model.states[k as usize].initial;
        let others = model.graph.leaves(root).into_iter().filter_map(|leaf| match leaf {
            Node::State(j) => Some((j, self.initial(j))),
            _ => None,
        });
        let others: Vec<(u32, NodeId)> = others.collect();
        let mut leaf = |to: &mut Graph, node: Node| match node {
            Node::Dt => to.constant(dt),
            Node::State(j) => others.iter().find(|(k, _)| *k == j).map_or_else(|| to.add(node), |(_, value)| *value),
            node => to.add(node),
        };
        self.graph.copy_of(&model.graph, root, &mut leaf)
    }

    fn range(&mut self, k: u32) -> [Option<NodeId>; 2] {
        let range = &self.model.states[k as usize].range;
        [range.low, range.high].map(|bound| bound.map(|b| self.parameters(b.value)))
    }

    fn read(&mut self, read: Read) -> NodeId {
        let place = self.reads.iter().position(|known| *known == read).unwrap_or_else(|| {
            self.reads.push(read);
            self.reads.len() - 1
        });
        self.graph.add(Node::Held(place as u32))
    }

    fn passes(&mut self) -> Vec<Pass> {
        let events = &self.model.events;
        let first_post = events.iter().position(|e| e.post).unwrap_or(events.len());
        let mut out = Vec::new();
        let mut from = 0;
        while from < events.len() {
            let post = events[from].post;
            let to = from + events[from..].iter().take_while(|e| e.post == post).count();
            let early = self.model.delay == DelayPlace::Axonal && from < first_post;
            let pass = self.pass(from, to, early);
            if !pass.next.is_empty() || !pass.sends.is_empty() {
                out.push(pass);
            }
            from = to;
        }
        out
    }

    fn pass(&mut self, from: usize, to: usize, early: bool) -> Pass {
        let model = self.model;
        let post = model.events[from].post;
        let lines = |post: bool, events: &[Event]| events.iter().filter(|e| e.post == post).count() as u32;
        let (mut values, mut sends) = (Vec::new(), Vec::new());
        for k in 0..model.states.len() as u32 {
            let x = match self.homes[k as usize].end() {
                Some(end) => {
                    let (all, before) = (lines(end, &model.events), lines(end, &model.events[..from]));
                    let ahead = early && end;
                    let lag = match (model.delay, end) {
                        (DelayPlace::Axonal, false) | (DelayPlace::Dendritic, true) => Lag::Delay,
                        _ if ahead => Lag::Before,
                        _ => Lag::Now,
                    };
                    let version = if ahead { all } else { before };
                    let read = self.read(Read::End { post: end, value: EndState::Trace { state: k, version }, lag });
                    if ahead {
                        let dt = self.graph.constant(self.dt);
                        self.later(k, read, dt)
                    } else {
                        read
                    }
                }
                None => {
                    let place = self.kept.iter().position(|own| *own == k).unwrap_or(0) as u32;
                    self.now(k, place)
                }
            };
            let range = self.range(k);
            values.push(if self.homes[k as usize] == Home::Synapse { x } else { self.graph.within(x, range) });
        }
        let mut written = vec![false; model.states.len()];
        for statement in model.events[from..to].iter().flat_map(|e| &e.statements) {
            match statement {
                EventStatement::Assign(a) => {
                    let value = self.instantiate(a.value, &values, early);
                    let range = self.range(a.state);
                    values[a.state as usize] = self.graph.within(value, range);
                    written[a.state as usize] = true;
                }
                EventStatement::Send(k) => {
                    let value = self.instantiate(model.on_pre[*k as usize].value, &values, early);
                    sends.push((*k, value));
                }
            }
        }
        let own = |k: usize| self.homes[k] == Home::Synapse;
        let touches = (0..written.len()).any(|k| own(k) && written[k] && self.rates[k].is_some());
        // the time of an event is one for all states of a synapse
        let writes = |k: &usize| own(*k) && (written[*k] || touches && self.rates[*k].is_some());
        let next: Vec<(u32, NodeId)> = (0..written.len())
            .filter(writes)
            .map(|k| (self.kept.iter().position(|own| *own == k as u32).unwrap_or(0) as u32, values[k]))
            .collect();
        let (mut places, mut roots): (Vec<u32>, Vec<NodeId>) = next.into_iter().unzip();
        let count = roots.len();
        places.extend(sends.iter().map(|(k, _)| *k));
        roots.extend(sends.iter().map(|(_, value)| *value));
        poisoned(&mut self.graph, &mut roots);
        let mut all = places.into_iter().zip(roots);
        let next = all.by_ref().take(count).collect();
        Pass { post, early, next, sends: all.collect(), touches }
    }

    fn instantiate(&mut self, root: NodeId, values: &[NodeId], early: bool) -> NodeId {
        let (synapse, dt) = (self.synapse, self.dt);
        let lag = if early { Lag::Before } else { Lag::Now };
        let mut asked = Vec::new();
        let below = self.model.graph.leaves(root);
        for leaf in below {
            if let Node::End(k) = leaf
                && let EndValue::State(column) = synapse.ends[k as usize].value
            {
                let post = synapse.ends[k as usize].post;
                asked.push((leaf, self.read(Read::End { post, value: EndState::Own(column), lag })));
            }
            if let Node::Held(place) = leaf {
                let value = match self.model.modulators[place as usize].default {
                    Some(default) if !self.given[place as usize] => self.parameters(default),
                    _ => self.read(Read::Modulator { place, lag }),
                };
                asked.push((leaf, value));
            }
        }
        let mut leaf = |to: &mut Graph, node: Node| match node {
            Node::State(k) => values[k as usize],
            Node::Dt => to.constant(dt),
            Node::End(_) | Node::Held(_) => {
                asked.iter().find(|(leaf, _)| *leaf == node).map_or_else(|| to.add(node), |(_, read)| *read)
            }
            node => to.add(node),
        };
        self.graph.copy_of(&self.model.graph, root, &mut leaf)
    }
}
