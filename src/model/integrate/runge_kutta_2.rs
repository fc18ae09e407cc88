//! Runge-Kutta 2: the slope in the middle of the step, at a point found by Euler. Second order.

use super::exact_linear::Exact;
use super::linear::Split;
use super::{Builder, Environment};

pub(crate) fn advance(builder: &mut Builder<'_>, split: &Split, exact: &Exact, start: &Environment, environment: &mut Environment) {
    let mut middle = builder.later(start, 0.5);
    for (state, value) in exact.states_at_half(builder, start) {
        middle.states[state as usize] = value;
    }
    for equation in &split.others {
        let k = equation.state as usize;
        let slope = builder.rate(equation, start);
        middle.states[k] = builder.move_by(start.states[k], builder.dt / 2.0, slope);
    }
    for equation in &split.others {
        let k = equation.state as usize;
        let slope = builder.rate(equation, &middle);
        environment.states[k] = builder.move_by(start.states[k], builder.dt, slope);
    }
}
