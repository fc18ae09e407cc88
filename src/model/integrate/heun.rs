//! Heun: the mean of the slopes at both ends, the far one at a point found by Euler. Second order.

use super::exact_linear::Exact;
use super::linear::Split;
use super::{Builder, Environment};

pub(crate) fn advance(builder: &mut Builder<'_>, split: &Split, exact: &Exact, start: &Environment, environment: &mut Environment) {
    let mut end = builder.later(start, 1.0);
    for (state, value) in exact.states_at_end(builder, start) {
        end.states[state as usize] = value;
    }
    let first: Vec<_> = split.others.iter().map(|e| builder.rate(e, start)).collect();
    for (equation, slope) in split.others.iter().zip(&first) {
        let k = equation.state as usize;
        end.states[k] = builder.move_by(start.states[k], builder.dt, *slope);
    }
    for (equation, slope) in split.others.iter().zip(first) {
        let k = equation.state as usize;
        let second = builder.rate(equation, &end);
        let sum = builder.graph.plus(slope, second);
        environment.states[k] = builder.move_by(start.states[k], builder.dt / 2.0, sum);
    }
}
