//! The rule of a synapse that learns: its lines, what stands between two events in closed form, what is stepped.

use super::undefined::poisoned;
use crate::model::home::{Home, is_stepped};
use crate::model::rule::{EndState, EventRule, Graph, Lag, Node, NodeId, Occasion, Pass, Read, StateColumn, Unary, closed_form};
use crate::model::{BoundSynapse, DelayPlace, EndValue, Event, EventStatement, SynapseModel, Trigger};

/// Builds the rule. `homes`: where each state is kept; `given`: which modulators are read from somewhere, others are what the text says;
/// `intervals`: by line, the steps between two runs of one at an interval. **Units** dt in ms.
pub fn event_rule(synapse: &BoundSynapse, homes: &[Home], given: &[bool], intervals: &[u64], dt: f64) -> EventRule {
    let model = &synapse.model;
    let kept: Vec<u32> = (0u32..).zip(homes).filter(|(_, h)| **h == Home::Synapse).map(|(k, _)| k).collect();
    let (graph, reads, rates) = (Graph::default(), Vec::new(), Vec::new());
    let mut builder = Builder { synapse, model, homes, given, intervals, dt, graph, kept, reads, rates };
    builder.rates = (0..model.states.len()).map(|k| builder.rate(k)).collect();
    let passes = builder.flow().into_iter().chain(builder.passes()).collect();
    let kept = builder.kept.clone();
    let initial = kept.iter().map(|k| builder.initial(*k)).collect();
    let ranges = kept.iter().map(|k| builder.range(*k)).collect();
    let now = (0u32..).zip(&kept).map(|(place, k)| builder.now(*k, place, Read::Elapsed)).collect();
    let states = kept.iter().map(|k| &model.states[*k as usize]);
    let states = states.map(|s| StateColumn { name: s.name.clone(), dimension: s.dimension }).collect();
    let timed = kept.iter().any(|k| builder.rates[*k as usize].is_some());
    EventRule { states, initial, ranges, now, passes, timed, delay: model.delay, kept, graph: builder.graph, reads: builder.reads }
}

struct Builder<'a> {
    synapse: &'a BoundSynapse,
    model: &'a SynapseModel,
    homes: &'a [Home],
    given: &'a [bool],
    /// By line; of those at an interval.
    intervals: &'a [u64],
    dt: f64,
    graph: Graph,
    kept: Vec<u32>,
    reads: Vec<Read>,
    /// By state: factor of itself and the rest, in the rule's graph; `None`: it stands still between events, or is stepped.
    rates: Vec<Option<[NodeId; 2]>>,
}

impl Builder<'_> {
    /// What an equation is, as a factor of its own state and a rest, if it has a closed form.
    fn rate(&mut self, k: usize) -> Option<[NodeId; 2]> {
        let equation = self.model.states[k].equation.as_ref()?;
        let (graph, parts) = closed_form(&self.model.graph, equation.rate, k as u32)?;
        let dt = self.dt;
        let mut leaf = |to: &mut Graph, node: Node| if node == Node::Dt { to.constant(dt) } else { to.add(node) };
        Some(parts.map(|part| self.graph.copy_of(&graph, part, &mut leaf)))
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
    fn now(&mut self, k: u32, place: u32, elapsed: Read) -> NodeId {
        let state = self.graph.add(Node::State(place));
        if self.rates[k as usize].is_none() {
            return state;
        }
        let elapsed = self.read(elapsed);
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

    /// The place of a state among those that synapses keep.
    fn place_of(&self, k: u32) -> u32 {
        self.kept.iter().position(|own| *own == k).unwrap_or(0) as u32
    }

    /// How many lines run on spikes of an end.
    fn lines(&self, post: bool, events: &[Event]) -> u32 {
        events.iter().filter(|e| e.trigger.is_of(post)).count() as u32
    }

    /// A step of what has no closed form, before all else in the step: from how everything is at its start.
    fn flow(&mut self) -> Option<Pass> {
        let model = self.model;
        let stepped: Vec<u32> = (0u32..model.states.len() as u32).filter(|k| is_stepped(model, *k as usize)).collect();
        if stepped.is_empty() {
            return None;
        }
        let mut values = Vec::new();
        for k in 0..model.states.len() as u32 {
            let range = self.range(k);
            values.push(match self.homes[k as usize].end() {
                Some(end) => {
                    let lag = if self.behind(end) { Lag::DelayBefore } else { Lag::Before };
                    let version = self.lines(end, &model.events);
                    let read = self.read(Read::End { post: end, value: EndState::Trace { state: k, version }, lag });
                    self.graph.within(read, range)
                }
                None => self.now(k, self.place_of(k), Read::ElapsedBefore),
            });
        }
        let mut next: Vec<(u32, NodeId)> = Vec::new();
        for k in stepped {
            let Some(equation) = &model.states[k as usize].equation else { continue };
            let rate = self.instantiate(equation.rate, &values, true);
            let dt = self.graph.constant(self.dt);
            let change = self.graph.times(dt, rate);
            let moved = self.graph.plus(values[k as usize], change);
            let range = self.range(k);
            next.push((self.place_of(k), self.graph.within(moved, range)));
        }
        // where nothing else comes before the neurons are updated, nothing has to: what is read are values of the start
        let early = model.delay == DelayPlace::Axonal;
        Some(self.checked(Pass { occasion: Occasion::Step, early, totals: Vec::new(), next, sends: Vec::new(), touches: false }))
    }

    /// Is an end a delay away from the synapse?
    fn behind(&self, post: bool) -> bool {
        post == (self.model.delay == DelayPlace::Dendritic)
    }

    fn passes(&mut self) -> Vec<Pass> {
        let events = &self.model.events;
        let first_post = events.iter().position(|e| e.trigger.is_post()).unwrap_or(events.len());
        let occasion = |k: usize| match events[k].trigger {
            Trigger::Pre => Occasion::Pre,
            Trigger::Post => Occasion::Post,
            Trigger::Every(_) => Occasion::Every(self.intervals[k]),
        };
        let mut out = Vec::new();
        let mut from = 0;
        while from < events.len() {
            let first = occasion(from);
            // sums are taken after the lines above have run
            let joins = |k: &usize| occasion(*k) == first && self.sums(&events[*k]).is_empty();
            let to = from + 1 + (from + 1..events.len()).take_while(joins).count();
            let early = self.model.delay == DelayPlace::Axonal && from < first_post;
            let pass = self.pass(first, from, to, early);
            if !pass.next.is_empty() || !pass.sends.is_empty() {
                out.push(pass);
            }
            from = to;
        }
        out
    }

    /// The sums that a line reads, by number.
    fn sums(&self, event: &Event) -> Vec<u32> {
        let values = event.statements.iter().filter_map(|statement| match statement {
            EventStatement::Assign(a) => Some(a.value),
            EventStatement::Send(_) => None,
        });
        let mut out: Vec<u32> = values
            .flat_map(|value| self.model.graph.leaves(value))
            .filter_map(|leaf| if let Node::Arrived(total) = leaf { Some(total) } else { None })
            .collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    fn pass(&mut self, occasion: Occasion, from: usize, to: usize, early: bool) -> Pass {
        let model = self.model;
        let (mut values, mut sends) = (Vec::new(), Vec::new());
        for k in 0..model.states.len() as u32 {
            let x = match self.homes[k as usize].end() {
                Some(end) => {
                    let (all, before) = (self.lines(end, &model.events), self.lines(end, &model.events[..from]));
                    let ahead = early && end;
                    let lag = match self.behind(end) {
                        true => Lag::Delay,
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
                None => self.now(k, self.place_of(k), Read::Elapsed),
            };
            let range = self.range(k);
            values.push(if self.homes[k as usize] == Home::Synapse { x } else { self.graph.within(x, range) });
        }
        let mut totals: Vec<(u32, NodeId)> = Vec::new();
        for total in model.events[from..to].iter().flat_map(|event| self.sums(event)).collect::<Vec<u32>>() {
            totals.push((total, self.instantiate(model.totals[total as usize], &values, early)));
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
        let next = (0..written.len()).filter(writes).map(|k| (self.place_of(k as u32), values[k])).collect();
        self.checked(Pass { occasion, early, totals, next, sends, touches })
    }

    /// What follows from comparisons with NaN becomes NaN, in all that a pass works out.
    fn checked(&mut self, mut pass: Pass) -> Pass {
        let mut roots: Vec<NodeId> = pass.roots().collect();
        poisoned(&mut self.graph, &mut roots);
        let places = pass.totals.iter_mut().chain(&mut pass.next).chain(&mut pass.sends);
        places.zip(roots).for_each(|((_, root), made)| *root = made);
        pass
    }

    fn instantiate(&mut self, root: NodeId, values: &[NodeId], early: bool) -> NodeId {
        let (synapse, dt) = (self.synapse, self.dt);
        let lag = if early { Lag::Before } else { Lag::Now };
        let mut asked = Vec::new();
        let below = self.model.graph.leaves(root);
        for leaf in below {
            if let Node::Arrived(total) = leaf {
                asked.push((leaf, self.read(Read::Total(total))));
            }
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
            Node::End(_) | Node::Held(_) | Node::Arrived(_) => {
                asked.iter().find(|(leaf, _)| *leaf == node).map_or_else(|| to.add(node), |(_, read)| *read)
            }
            node => to.add(node),
        };
        self.graph.copy_of(&self.model.graph, root, &mut leaf)
    }
}
