//! From a model to the rule of its step: a method for the differential equations, worked into the order of the step.
//!
//! In: [`NeuronModel`], the method asked for, dt. Out: [`Rule`]. One method per file. Closed linear systems of
//! states (conductances and currents that decay by themselves) are advanced exactly inside every method, and enter
//! the others at the times at which those look; a state that the threshold tests, or that a continuous input drives, goes by
//! the method asked for. Not here: numbers of parameters (`plan`), evaluation (`engine`).

use std::sync::Arc;

use super::rule::{Binary, COUNTED, Graph, Input, LinearSystem, Node, NodeId, Port, Rule, STEP_PART, StateColumn, replace};
use super::{Action, Method, NeuronModel, Refractory};
use crate::units::Dimension;
use steps::Countdown;

mod chances;
mod edge;
mod error;
mod euler;
mod euler_maruyama;
mod event;
mod exact_linear;
mod exponential_euler;
mod extras;
mod heun;
mod linear;
mod mean;
mod milstein;
mod optimise;
pub mod propagator;
mod runge_kutta;
mod runge_kutta_2;
mod runge_kutta_4;
pub(crate) mod stability;
mod steps;
mod stratonovich_heun;
mod undefined;

pub use edge::edge_rule;
pub use error::MethodError;
pub use event::event_rule;
pub use extras::{Extras, Hidden, Process, Watched, delayed_column};

/// A state that is advanced by the method of the model.
pub(crate) struct Advance {
    /// Place among the states.
    pub state: u32,
    /// Drift, in the model's graph.
    pub rate: NodeId,
    /// Noise symbol and its factor, in the model's graph.
    pub noise: Vec<(u32, NodeId)>,
    pub unless_refractory: bool,
}

/// Values that stand for the leaves of the model's graph.
#[derive(Clone)]
pub(crate) struct Environment {
    pub states: Vec<NodeId>,
    pub time: NodeId,
}

/// The rule under construction.
pub(crate) struct Builder<'a> {
    pub model: &'a NeuronModel,
    /// The model's graph, with what decompositions added to it.
    pub source: Graph,
    pub graph: Graph,
    pub systems: Vec<LinearSystem>,
    pub dt: f64,
    /// Not 0 while the row is refractory.
    pub held: Option<NodeId>,
    /// Continuous inputs that something drives; the others are 0.
    pub driven: &'a [bool],
    pub normals: u32,
    /// Refractory periods may last longer than one f32 counts.
    pub long: bool,
    /// States at the spike test, before any reset.
    pub tested: Vec<NodeId>,
    /// What there is beside the model's text.
    pub extras: &'a Extras,
    beside: extras::Beside,
}

/// Builds the rule of a model.
///
/// `driven` says which continuous inputs anything drives: the others are 0 and cost nothing. **Units** dt in ms.
///
/// **Errors** a method that cannot serve the model's equations.
pub fn rule(model: &Arc<NeuronModel>, method: Option<Method>, dt: f64, driven: &[bool]) -> Result<Rule, MethodError> {
    rule_with(model, method, dt, driven, &Extras::default())
}

/// As [`rule`], with what its rows have beside the text of the model.
///
/// **Errors** a method that cannot serve the model's equations.
pub fn rule_with(
    model: &Arc<NeuronModel>,
    method: Option<Method>,
    dt: f64,
    driven: &[bool],
    extras: &Extras,
) -> Result<Rule, MethodError> {
    let short = rule_counting(model, method, dt, driven, extras, false)?;
    // a number that the host does not know before the run may be any
    let known = |id: NodeId| matches!(short.graph.node(id), Node::Constant(_) | Node::Param(_) | Node::Derived(_));
    if short.countdown.is_none_or(known) { Ok(short) } else { rule_counting(model, method, dt, driven, extras, true) }
}

/// As [`rule_with`]; `long`: refractory periods are counted in two columns, up to 2^48 steps.
///
/// **Errors** a method that cannot serve the model's equations.
pub fn rule_counting(
    model: &Arc<NeuronModel>,
    method: Option<Method>,
    dt: f64,
    driven: &[bool],
    extras: &Extras,
    long: bool,
) -> Result<Rule, MethodError> {
    let method = method.or(model.method);
    let split = linear::split(model, method)?;
    let source = split.graph.clone();
    let (graph, systems, normals) = (Graph::default(), Vec::new(), model.normals);
    let (tested, beside) = (Vec::new(), extras::Beside::default());
    Builder { model, source, graph, systems, dt, held: None, driven, normals, long, tested, extras, beside }.build(split)
}

/// Engines name states, and numbers that rows share or read, by 16 bits; one place is kept for each node that may become one.
const MOST_NUMBERS: usize = 65_000;

fn sized(model: &NeuronModel, rule: Rule) -> Result<Rule, MethodError> {
    let mut own = Vec::with_capacity(rule.graph.nodes.len());
    for node in &rule.graph.nodes {
        let of_row = Graph::operands(*node).any(|o| own[o.0 as usize]);
        let drawn = matches!(
            node,
            Node::State(_) | Node::Arrived(_) | Node::Uniform(_) | Node::Normal(_) | Node::Chance(..) | Node::Listed
        );
        own.push(of_row || drawn);
    }
    let numbers = own.iter().filter(|own| !**own).count() + rule.states.len();
    if numbers > MOST_NUMBERS {
        let (model, states) = (model.ast.name.text.clone(), rule.states.len());
        return Err(MethodError::TooLarge { model, states, numbers, most: MOST_NUMBERS });
    }
    Ok(rule)
}

impl Builder<'_> {
    fn build(mut self, split: linear::Split) -> Result<Rule, MethodError> {
        let model = self.model;
        let mut columns: Vec<StateColumn> =
            model.states.iter().map(|s| StateColumn { name: s.name.clone(), dimension: s.dimension }).collect();
        let mut environment = Environment {
            states: (0..columns.len()).map(|k| self.graph.add(Node::State(k as u32))).collect(),
            time: self.graph.add(Node::Time),
        };
        let spikes = model.step.iter().any(|a| matches!(a, Action::Spike));
        let mut hidden = |builder: &mut Self, name: &str| {
            columns.push(StateColumn { name: format!(" {name}"), dimension: Dimension::NONE });
            let k = columns.len() - 1;
            (k, builder.graph.add(Node::State(k as u32)))
        };
        let countdown = (spikes && model.refractory.is_some()).then(|| hidden(&mut self, COUNTED[0]));
        let armed = (spikes && model.rearm.is_some()).then(|| hidden(&mut self, COUNTED[2]));
        let more = (self.long && countdown.is_some() && matches!(model.refractory, Some(Refractory::Time(_))))
            .then(|| hidden(&mut self, COUNTED[1]));
        let countdown = countdown.map(|(k, column)| Countdown { k, column, more });
        self.held = countdown.as_ref().map(|countdown| self.held_from(countdown, &environment));

        let receive_first =
            model.step.iter().position(|a| *a == Action::Receive) < model.step.iter().position(|a| *a == Action::Integrate);
        let ports: Vec<Port> = model
            .ports
            .iter()
            .map(|p| Port { name: p.name.clone(), dimension: p.dimension, at_start: p.at_start || receive_first, fine_of: None })
            .collect();
        let mut hidden_next = self.begin_extras(&mut columns, &mut environment);
        self.receive(&mut environment, |k| model.ports[k].at_start);
        let (mut spike, mut steps) = (None, None);
        for action in &model.step {
            match action {
                Action::Receive => self.receive(&mut environment, |k| !model.ports[k].at_start),
                Action::Integrate => self.integrate(&split, &mut environment)?,
                Action::Assign(a) => environment.states[a.state as usize] = self.instantiate(a.value, &environment),
                Action::Spike => (spike, steps) = self.spike(&mut environment, countdown.as_ref(), armed, &mut hidden_next),
                // stands in synapse models alone
                Action::Graded => {}
            }
        }
        self.hold(&mut environment);
        hidden_next.extend(self.end_extras(&mut columns, &environment));
        let mut next = environment.states.clone();
        let mut tested = if spike.is_some() { std::mem::take(&mut self.tested) } else { next.clone() };
        for (k, column) in columns.iter().enumerate().skip(next.len()) {
            debug_assert!(column.name.starts_with(' '));
            let value = hidden_next.iter().find(|(j, _)| *j == k).map(|(_, v)| *v);
            let value = value.unwrap_or_else(|| self.graph.add(Node::State(k as u32)));
            next.push(value);
            tested.push(value);
        }
        let (initial, initial_order) = self.initial(columns.len(), armed.map(|a| a.0))?;
        let rule = Rule {
            graph: self.graph,
            states: columns,
            ports,
            inputs: model.inputs.iter().cloned().chain(self.extras.inputs(model)).collect(),
            systems: self.systems,
            derived: Vec::new(),
            initial,
            initial_order,
            next,
            tested,
            spike,
            countdown: steps,
            undefined: None,
            uniforms: model.uniforms,
            chances: 0,
            normals: self.normals,
            method: split.explanation,
            remark: split.remark,
        };
        let mut rule = optimise::hoist(rule, self.dt);
        rule.undefined = undefined::of_rule(&mut rule);
        sized(model, chances::named(rule))
    }

    /// The refractory flag at the start of the step.
    fn held_from(&mut self, countdown: &Countdown, environment: &Environment) -> NodeId {
        match &self.model.refractory {
            Some(Refractory::While(condition)) => {
                let condition = self.instantiate(*condition, environment);
                self.graph.binary(Binary::And, countdown.column, condition)
            }
            _ => {
                let zero = self.graph.constant(0.0);
                let some = self.graph.binary(Binary::Less, zero, countdown.column);
                match countdown.more {
                    Some((_, more)) => {
                        let many = self.graph.binary(Binary::Less, zero, more);
                        self.graph.binary(Binary::Or, some, many)
                    }
                    None => some,
                }
            }
        }
    }

    /// Adds what has arrived at the chosen ports.
    fn receive(&mut self, environment: &mut Environment, chosen: impl Fn(usize) -> bool) {
        for (k, port) in self.model.ports.iter().enumerate() {
            if !chosen(k) {
                continue;
            }
            let mut value = self.graph.add(Node::Arrived(k as u32));
            if let Some(scale) = port.scale {
                let scale = self.instantiate(scale, environment);
                value = self.graph.times(value, scale);
            }
            if let (true, Some(held)) = (port.lost_while_refractory, self.held) {
                let zero = self.graph.constant(0.0);
                value = self.graph.select(held, zero, value);
            }
            let into = port.into as usize;
            environment.states[into] = self.graph.plus(environment.states[into], value);
        }
    }

    /// Tests the threshold, resets, starts the refractory period. Gives the test, and the steps that one column counts.
    fn spike(
        &mut self,
        environment: &mut Environment,
        countdown: Option<&Countdown>,
        armed: Option<(usize, NodeId)>,
        hidden_next: &mut Vec<(usize, NodeId)>,
    ) -> (Option<NodeId>, Option<NodeId>) {
        let model = self.model;
        let Some(threshold) = model.threshold else { return (None, None) };
        let mut test = self.instantiate(threshold, environment);
        if let Some(held) = self.held {
            let zero = self.graph.constant(0.0);
            test = self.graph.select(held, zero, test);
        }
        if let Some((_, armed)) = armed {
            test = self.graph.binary(Binary::And, test, armed);
        }
        // a neuron whose potential is held does not spike
        test = self.unless_clamped(test);
        if let (Some((k, old)), Some(condition)) = (armed, model.rearm) {
            let condition = self.instantiate(condition, environment);
            let one = self.graph.constant(1.0);
            let zero = self.graph.constant(0.0);
            let rearmed = self.graph.select(condition, one, old);
            hidden_next.push((k, self.graph.select(test, zero, rearmed)));
        }
        self.tested.clone_from(&environment.states);
        // statements see what those before them have set
        let mut after = environment.clone();
        for statement in &model.reset {
            after.states[statement.state as usize] = self.instantiate(statement.value, &after);
        }
        for (value, new) in environment.states.iter_mut().zip(after.states) {
            *value = self.graph.select(test, new, *value);
        }
        let mut counted = None;
        if let Some(countdown) = countdown {
            let next = match (&model.refractory, countdown.more) {
                (Some(Refractory::Time(time)), None) => {
                    let steps = self.steps(*time, environment);
                    counted = Some(steps);
                    self.count_down(countdown, test, steps)
                }
                (Some(Refractory::Time(time)), Some((k, _))) => {
                    let steps = self.steps(*time, environment);
                    let (low, high) = self.count_down_long(countdown, test, steps);
                    hidden_next.push((k, high));
                    low
                }
                _ => {
                    let one = self.graph.constant(1.0);
                    let held = self.held.unwrap_or(countdown.column);
                    self.graph.select(test, one, held)
                }
            };
            hidden_next.push((countdown.k, next));
        }
        (Some(test), counted)
    }

    fn integrate(&mut self, split: &linear::Split, environment: &mut Environment) -> Result<(), MethodError> {
        let exact = exact_linear::Exact::new(self, split, environment);
        let start = environment.clone();
        let end = exact.states_at_end(self, &start);
        match split.method {
            Method::Exact => {}
            Method::ExponentialEuler => exponential_euler::advance(self, split, &exact, &start, environment),
            Method::Euler => euler::advance(self, split, &start, environment),
            Method::Heun => heun::advance(self, split, &exact, &start, environment),
            Method::RungeKutta2 => runge_kutta_2::advance(self, split, &exact, &start, environment),
            Method::Ralston => runge_kutta::advance(self, split, &exact, &start, environment, &runge_kutta::RALSTON),
            Method::RungeKutta3 => runge_kutta::advance(self, split, &exact, &start, environment, &runge_kutta::KUTTA_3),
            Method::RungeKutta38 => runge_kutta::advance(self, split, &exact, &start, environment, &runge_kutta::KUTTA_38),
            Method::RungeKutta4 => runge_kutta_4::advance(self, split, &exact, &start, environment),
            Method::EulerMaruyama => euler_maruyama::advance(self, split, &start, environment),
            Method::Milstein => milstein::advance(self, split, &start, environment, true)?,
            Method::StratonovichMilstein => milstein::advance(self, split, &start, environment, false)?,
            Method::StratonovichHeun => stratonovich_heun::advance(self, split, &exact, &start, environment),
        }
        for (state, value) in end {
            environment.states[state as usize] = value;
        }
        Ok(())
    }

    /// A node of the model's graph with its leaves replaced.
    pub(crate) fn instantiate(&mut self, root: NodeId, environment: &Environment) -> NodeId {
        let below = self.source.below(root, |_| false);
        let mut made: Vec<NodeId> = Vec::with_capacity(below.len());
        // operands stand among what is below, before their users, the root itself last
        let place = |id: NodeId| below.partition_point(|known| *known < id);
        for id in &below {
            let get = |o: NodeId| made[place(o)];
            let node = match self.source.node(*id) {
                Node::State(k) => {
                    made.push(environment.states[k as usize]);
                    continue;
                }
                Node::Time => {
                    made.push(environment.time);
                    continue;
                }
                Node::Dt => Node::Constant(self.dt.to_bits()),
                Node::Held(k) => {
                    made.push(self.input(k));
                    continue;
                }
                node => replace(node, get),
            };
            made.push(self.graph.add(node));
        }
        made[place(root)]
    }

    /// A rate at some point of the step; 0 while the equation is held.
    pub(crate) fn rate(&mut self, advance: &Advance, environment: &Environment) -> NodeId {
        let rate = self.instantiate(advance.rate, environment);
        self.unless_held(advance, rate)
    }

    /// 0 while the equation is held, or the state by a stimulus.
    pub(crate) fn unless_held(&mut self, advance: &Advance, value: NodeId) -> NodeId {
        match self.stays(advance.state, advance.unless_refractory) {
            Some(stays) => {
                let zero = self.graph.constant(0.0);
                self.graph.select(stays, zero, value)
            }
            None => value,
        }
    }

    /// `x + factor·slope`
    pub(crate) fn move_by(&mut self, x: NodeId, factor: f64, slope: NodeId) -> NodeId {
        let factor = self.graph.constant(factor);
        let change = self.graph.times(factor, slope);
        self.graph.plus(x, change)
    }

    /// The environment `fraction` of a step later.
    pub(crate) fn later(&mut self, environment: &Environment, fraction: f64) -> Environment {
        let mut out = environment.clone();
        let shift = self.graph.constant(self.dt * fraction);
        out.time = self.graph.plus(out.time, shift);
        out
    }

    /// Initial values, hidden columns too: not refractory; armed where the model says so.
    fn initial(&mut self, columns: usize, armed: Option<usize>) -> Result<(Vec<NodeId>, Vec<u32>), MethodError> {
        let model = self.model;
        let environment = Environment {
            states: (0..columns).map(|k| self.graph.add(Node::State(k as u32))).collect(),
            time: self.graph.constant(0.0),
        };
        let mut initial: Vec<NodeId> = model.states.iter().map(|s| self.instantiate(s.initial, &environment)).collect();
        let mut order = super::check::order_of_initials(&model.graph, &model.states).map_err(|state| {
            let (model, state) = (model.ast.name.text.clone(), model.states[state].name.clone());
            MethodError::InitialCircle { model, state }
        })?;
        for k in initial.len()..columns {
            let value = match (armed, model.rearm) {
                (Some(a), Some(condition)) if a == k => self.instantiate(condition, &environment),
                _ if self.kept_from(k).is_some() => {
                    let state = self.kept_from(k).unwrap_or_default();
                    self.graph.add(Node::State(state))
                }
                _ => self.graph.constant(0.0),
            };
            initial.push(value);
            order.push(k as u32);
        }
        Ok((initial, order))
    }
}
