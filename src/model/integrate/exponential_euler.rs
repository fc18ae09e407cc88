//! Exponential Euler: each equation, linear in its own state, is solved exactly with everything else held.
//!
//! States are advanced one after the other and see the new values of those before them, the state that the threshold
//! tests last; states that decay by themselves enter at the middle of the step. So gates and membrane are staggered:
//! second order for Hodgkin-Huxley from rest (measured 2.02), first where gates start off their equilibrium.
//! **Source** Rush and Larsen (1978), IEEE Transactions on Biomedical Engineering 25:389; MacGregor (1987).

use super::exact_linear::Exact;
use super::linear::Split;
use super::{Builder, Environment};
use crate::model::rule::{Node, Unary, affine};

pub(crate) fn advance(builder: &mut Builder<'_>, split: &Split, exact: &Exact, start: &Environment, environment: &mut Environment) {
    let mut seen = start.clone();
    for (state, value) in exact.states_at_half(builder, start) {
        seen.states[state as usize] = value;
    }
    let h = builder.graph.constant(builder.dt);
    for equation in &split.others {
        let k = equation.state;
        let slope = builder.instantiate(equation.rate, &seen);
        let straight = builder.graph.times(h, slope);
        let parts = affine(&mut builder.source, equation.rate, |n| (n == Node::State(k)).then_some(k));
        let change = match parts.and_then(|p| p.factors.get(&k).copied()) {
            Some(factor) => {
                let a = builder.instantiate(factor, &seen);
                let x = builder.graph.times(a, h);
                let relative = builder.graph.unary(Unary::Exprel, x);
                builder.graph.times(relative, straight)
            }
            None => straight,
        };
        let old = start.states[k as usize];
        let mut new = builder.graph.plus(old, change);
        if let Some(stays) = builder.stays(k, equation.unless_refractory) {
            new = builder.graph.select(stays, old, new);
        }
        seen.states[k as usize] = new;
        environment.states[k as usize] = new;
    }
}
