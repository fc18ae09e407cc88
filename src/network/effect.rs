//! What a spike at a port does to a neuron: nearer to its threshold, or further off.
//!
//! In: a model with the values of a population. Out: [`Effect`], from the model's own equations: a small arrival, followed for a
//! millisecond from the initial values, beside the same without it. Not here: pictures (`diagram`).

use std::collections::BTreeMap;

use crate::model::rule::{Binary, Node, NodeId, Unary};
use crate::model::{Action, NeuronModel};
use crate::units::Dimension;

/// Of a small positive weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nearer to the threshold.
    Up,
    /// Further off.
    Down,
    /// Neither where the neuron rests; it holds it there.
    Still,
}

/// ms; far below the time constants of synapses.
const STEP: f64 = 0.02;
const STEPS: usize = 50;
/// Of the weight unit: so small that what it does is in proportion.
const SMALL: f64 = 1e-6;
/// mV above rest, where what does nothing at rest is looked at.
const ABOVE: f64 = 10.0;

/// `None`: it cannot be told. `params` and `initial` are numbers that the population gives.
pub(super) fn effect(
    model: &NeuronModel,
    params: &BTreeMap<String, f64>,
    initial: &BTreeMap<String, f64>,
    port: &str,
) -> Option<Effect> {
    let port = model.ports.iter().position(|p| p.name == port)?;
    let cell = Cell { model, params: numbers(model, params) };
    let rest = cell.start(initial);
    let at_rest = cell.difference(&rest, port)?;
    let mut above = rest.clone();
    let is_potential = |k: usize| model.states[k].dimension == Dimension::VOLTAGE && model.states[k].equation.is_some();
    above.iter_mut().enumerate().filter(|(k, _)| is_potential(*k)).for_each(|(_, x)| *x = x.map(|x| x + ABOVE));
    let above = cell.difference(&above, port);
    // what the potential moves by meanwhile is little beside ABOVE
    let little = above.is_some_and(|above| at_rest.abs() < 0.05 * above.abs());
    match at_rest {
        _ if little => Some(Effect::Still),
        x if x > 0.0 => Some(Effect::Up),
        x if x < 0.0 => Some(Effect::Down),
        _ => None,
    }
}

/// A value for each parameter: the given one, else its default; `None` where there is none.
fn numbers(model: &NeuronModel, given: &BTreeMap<String, f64>) -> Vec<Option<f64>> {
    let mut out: Vec<Option<f64>> = Vec::with_capacity(model.params.len());
    for param in &model.params {
        let default = |node: NodeId| model.graph.evaluate(node, &|k| out.get(k as usize).copied().flatten());
        let value = given.get(&param.name).copied().or_else(|| default(param.default?));
        out.push(value);
    }
    out
}

/// By state; `None`: not known.
type States = Vec<Option<f64>>;

struct Cell<'a> {
    model: &'a NeuronModel,
    params: Vec<Option<f64>>,
}

impl Cell<'_> {
    fn start(&self, given: &BTreeMap<String, f64>) -> States {
        let mut states = vec![None; self.model.states.len()];
        for (k, state) in self.model.states.iter().enumerate() {
            states[k] = given.get(&state.name).copied().or_else(|| self.value(state.initial, &states));
        }
        states
    }

    /// By how much an arrival moves what the threshold compares, by its size.
    fn difference(&self, start: &[Option<f64>], port: usize) -> Option<f64> {
        let (with, without) = (self.run(start.to_vec(), Some(port)), self.run(start.to_vec(), None));
        let (with, without) = (self.margin(&with, port)?, self.margin(&without, port)?);
        let moved = with - without;
        let rounding = 1e-14 * without.abs();
        moved.is_finite().then_some(if moved.abs() <= rounding { 0.0 } else { moved / SMALL })
    }

    /// The states a millisecond later, the threshold never tested.
    fn run(&self, mut states: States, port: Option<usize>) -> States {
        if let Some(port) = port.map(|k| &self.model.ports[k]) {
            let scale = port.scale.map_or(Some(1.0), |scale| self.value(scale, &states));
            let into = &mut states[port.into as usize];
            *into = into.zip(scale).map(|(x, scale)| x + SMALL * scale);
        }
        for _ in 0..STEPS {
            for action in &self.model.step {
                match action {
                    Action::Integrate => {
                        let rate = |e: &crate::model::Equation| self.value(e.rate, &states);
                        let of = |s: &crate::model::State| s.equation.as_ref().map_or(Some(0.0), rate);
                        let rates: Vec<Option<f64>> = self.model.states.iter().map(of).collect();
                        let advance =
                            |(x, rate): (&mut Option<f64>, Option<f64>)| *x = x.zip(rate).map(|(x, rate)| x + STEP * rate);
                        states.iter_mut().zip(rates).for_each(advance);
                    }
                    Action::Assign(a) => states[a.state as usize] = self.value(a.value, &states),
                    Action::Receive | Action::Spike | Action::Graded => {}
                }
            }
        }
        states
    }

    /// How far the state is past the threshold; of a model without one, or with one that is drawn (whose chance may be flat at rest),
    /// the potential, or else what the port adds to.
    fn margin(&self, states: &[Option<f64>], port: usize) -> Option<f64> {
        let drawn = |node: &NodeId| self.model.graph.any_leaf(*node, |n| matches!(n, Node::Uniform(_) | Node::Normal(_)));
        let mut node = match self.model.threshold.filter(|node| !drawn(node)) {
            Some(node) => node,
            None => {
                let potential = |s: &crate::model::State| s.dimension == Dimension::VOLTAGE;
                let first = self.model.states.iter().position(potential);
                return states[first.unwrap_or(self.model.ports[port].into as usize)];
            }
        };
        let mut sign = 1.0;
        loop {
            node =
                match self.model.graph.node(node) {
                    Node::Binary(Binary::Less | Binary::LessEqual, a, b) => {
                        return Some(sign * (self.value(b, states)? - self.value(a, states)?));
                    }
                    Node::Unary(Unary::Not, x) => {
                        sign = -sign;
                        x
                    }
                    // the side that looks at the state
                    Node::Binary(Binary::And | Binary::Or, a, b) => {
                        if self.model.graph.any_leaf(a, |n| matches!(n, Node::State(_))) { a } else { b }
                    }
                    _ => return None,
                };
        }
    }

    /// `None`: on what is not known.
    fn value(&self, node: NodeId, states: &[Option<f64>]) -> Option<f64> {
        let leaf = |leaf| match leaf {
            Node::Param(k) => self.params.get(k as usize).copied().flatten(),
            Node::State(k) => states.get(k as usize).copied().flatten(),
            Node::Dt => Some(STEP),
            // no input, no noise, at time 0
            _ => Some(0.0),
        };
        self.model.graph.evaluate_with(node, &mut { leaf }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use crate::model::{check, library};

    fn of(model: &NeuronModel, port: &str, initial: &[(&str, f64)]) -> Option<Effect> {
        let initial = initial.iter().map(|(name, x)| (name.to_string(), *x)).collect();
        effect(model, &BTreeMap::new(), &initial, port)
    }

    #[test]
    fn ports_of_ready_models() {
        let models = library::all().unwrap().neurons;
        for (name, model) in &models {
            for port in &model.ports {
                // what an inhibitory port of currents takes has the sign of its weight
                let down = port.name.contains("inh") && port.dimension != Dimension::CURRENT;
                let expected = if down { Effect::Down } else { Effect::Up };
                assert_eq!(of(model, &port.name, &[]), Some(expected), "{name}.{}", port.name);
            }
        }
    }

    #[test]
    fn what_the_equations_say_counts_and_no_name() {
        let text = "
            neuron cell
              param e_a = -70 mV, e_b = -60 mV
              state v = -60 mV, a = 0 nS, b = 0 nS, chain = 0 nS, far = 0
              input exc -> chain
              input shunt -> b
              input minus -> v*(-1)
              input away -> far
              dv/dt = (-60 mV - v)/(20 ms) + a*(e_a - v)/(200 pF) + b*(e_b - v)/(200 pF)
              da/dt = (chain - a)/(2 ms)
              dchain/dt = -chain/(5 ms)
              db/dt = -b/(5 ms)
              threshold not (v < -50 mV) and far < 5
              reset v = -60 mV
        ";
        let models = check::read(&Source { name: "cell".into(), text: text.into() }).unwrap_or_else(|e| panic!("{e}"));
        let cell = &models.neurons["cell"];
        assert_eq!(of(cell, "exc", &[]), Some(Effect::Down), "through a chain of states");
        assert_eq!(of(cell, "exc", &[("v", -80.0)]), Some(Effect::Up), "below its reversal");
        assert_eq!(of(cell, "shunt", &[]), Some(Effect::Still));
        assert_eq!(of(cell, "minus", &[]), Some(Effect::Down));
        assert_eq!(of(cell, "away", &[]), None);
        assert_eq!(of(cell, "none", &[]), None);
    }
}
