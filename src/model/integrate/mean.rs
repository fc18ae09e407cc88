//! What flows over a step reads a state that decays by its mean over that step.
//!
//! A state with ds/dt = a s + b, a and b steady over the step, goes along s + (a s + b) t exprel(a t). Its mean over a step h is
//! s exprel(a h) where b is 0, else s + h (a s + b) psi(a h), psi(x) = (exp(x) - 1 - x)/x^2. To hold the value at the start instead
//! lets the charge h/(1 - exp(-h/tau)) flow where tau flows, h/(2 tau) of it too much.
//!
//! Not for what another state of the synapse moves, and not under `method euler`, which holds everything at the start of the step.

use super::linear::Split;
use super::{Builder, Environment};
use crate::model::Method;
use crate::model::rule::{Binary, Node, NodeId, Unary, affine};

/// Below it psi is taken from its series, 1/2 + x/6, whose next term is x^2/24: less than half a unit of f32.
const SMALL: f64 = 1e-3;

/// The states at the start of the step, those that decay by their mean over it.
pub(super) fn over_the_step(builder: &mut Builder<'_>, split: &Split, start: &Environment) -> Environment {
    let mut out = start.clone();
    if split.method == Method::Euler {
        return out;
    }
    for equation in &split.others {
        let own = equation.state;
        let Some(parts) = affine(&mut builder.source, equation.rate, |n| (n == Node::State(own)).then_some(own)) else { continue };
        let Some(factor) = parts.factors.get(&own).copied() else { continue };
        let model = builder.model;
        let moves = |n: Node| match n {
            Node::State(k) => model.states[k as usize].equation.is_some(),
            Node::Time | Node::Noise(_) => true,
            _ => false,
        };
        if builder.source.any_leaf(factor, moves) || builder.source.any_leaf(parts.rest, moves) {
            continue;
        }
        let state = start.states[own as usize];
        let (a, h) = (builder.instantiate(factor, start), builder.graph.constant(builder.dt));
        let x = builder.graph.times(a, h);
        let relative = builder.graph.unary(Unary::Exprel, x);
        let zero = builder.source.constant(0.0);
        out.states[own as usize] = if parts.rest == zero {
            builder.graph.times(state, relative)
        } else {
            let slope = builder.instantiate(equation.rate, start);
            let straight = builder.graph.times(h, slope);
            let psi = psi(builder, x, relative);
            let moved = builder.graph.times(straight, psi);
            builder.graph.plus(state, moved)
        };
    }
    out
}

/// (exprel(x) - 1)/x
fn psi(builder: &mut Builder<'_>, x: NodeId, relative: NodeId) -> NodeId {
    let graph = &mut builder.graph;
    let [one, half, sixth, small] = [1.0, 0.5, 1.0 / 6.0, SMALL].map(|c| graph.constant(c));
    let size = graph.unary(Unary::Abs, x);
    let near = graph.binary(Binary::Less, size, small);
    let linear = graph.times(x, sixth);
    let series = graph.plus(half, linear);
    let more = graph.binary(Binary::Subtract, relative, one);
    // the branch that is not taken must not divide by 0
    let divisor = graph.select(near, one, x);
    let quotient = graph.over(more, divisor);
    graph.select(near, series, quotient)
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Source;
    use crate::model::check;
    use crate::model::integrate::edge_rule;
    use crate::model::rule::Node;

    /// What flows of this state in the first step.
    fn flows(text: &str, state: f64, dt: f64) -> f64 {
        let text = format!("synapse s\n  param tau = 3 ms, rest = 0.25 nS, rate = 0 kHz\n  state g = 0 nS\n{text}");
        let set = check::read(&Source { name: "s".into(), text }).unwrap_or_else(|report| panic!("{report}"));
        let rule = edge_rule(&set.synapses["s"], dt).unwrap_or_else(|e| panic!("{e}"));
        let leaf = |node: Node| match node {
            Node::Param(0) => Some(3.0),
            Node::Param(1) => Some(0.25),
            Node::Param(2) | Node::Arrived(_) => Some(0.0),
            Node::State(0) => Some(state),
            _ => None,
        };
        rule.graph.evaluate_with(rule.graded[0], &mut { leaf }).unwrap_or_else(|e| panic!("{e:?}"))
    }

    /// The mean of a function over a step, by Simpson's rule in a thousand parts.
    fn mean(f: impl Fn(f64) -> f64, dt: f64) -> f64 {
        let at = |k: usize| f(dt * k as f64 / 1000.0);
        let inner: f64 = (1..1000).map(|k| if k % 2 == 1 { 4.0 * at(k) } else { 2.0 * at(k) }).sum();
        (at(0) + inner + at(1000)) / 3000.0
    }

    #[test]
    fn a_decay_flows_with_its_mean() {
        for dt in [1e-4, 0.1, 1.0, 20.0] {
            let ours = flows("  dg/dt = -g/tau\n  on_pre g += 1 nS\n  graded i_stim += g*(1 mV)\n", 2.0, dt);
            let expected = 2.0 * (1.0 - (-dt / 3.0f64).exp()) / (dt / 3.0);
            assert!((ours / expected - 1.0).abs() < 1e-11, "dt {dt}: {ours}, {expected}");
        }
        // what was too much: dt/2tau to first order
        assert!(
            (2.0 / flows("  dg/dt = -g/tau\n  on_pre g += 1 nS\n  graded i_stim += g*(1 mV)\n", 2.0, 0.1) - 1.0168).abs() < 1e-4
        );
    }

    #[test]
    fn so_does_what_returns_to_a_value_that_is_not_0() {
        for dt in [1e-4, 0.1, 1.0, 20.0] {
            let ours = flows("  dg/dt = (rest - g)/tau\n  on_pre g += 1 nS\n  graded i_stim += g*(1 mV)\n", 2.0, dt);
            let expected = mean(|t| 0.25 + 1.75 * (-t / 3.0f64).exp(), dt);
            assert!((ours / expected - 1.0).abs() < 1e-7, "dt {dt}: {ours}, {expected}");
            // a rate of 0 is a straight line
            let straight = flows("  dg/dt = rest/tau - rate*g\n  on_pre g += 1 nS\n  graded i_stim += g*(1 mV)\n", 2.0, dt);
            assert!((straight / (2.0 + dt * 0.25 / 6.0) - 1.0).abs() < 1e-12, "dt {dt}: {straight}");
        }
    }

    #[test]
    fn an_order_of_its_own_a_state_that_others_move_and_euler_are_left_alone() {
        let own =
            "  dg/dt = -g/tau\n  on_pre g += 1 nS\n  graded i_stim += g*(1 mV)\n  step\n    graded\n    integrate\n    receive\n";
        let euler = "  dg/dt = -g/tau\n  on_pre g += 1 nS\n  graded i_stim += g*(1 mV)\n  method euler\n";
        let moved =
            "  state h = 0 nS/ms\n  dg/dt = h - g/tau\n  dh/dt = -h/tau\n  on_pre h += 1 nS/ms\n  graded i_stim += g*(1 mV)\n";
        let nothing = "  state h = 0 nS\n  on_pre g += 1 nS\n  graded i_stim += g*(1 mV)\n";
        for text in [own, euler, moved, nothing] {
            assert_eq!(flows(text, 2.0, 0.1), 2.0, "{text}");
        }
    }
}
