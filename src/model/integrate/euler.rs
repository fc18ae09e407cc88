//! Euler: x(t + h) = x + h f(x), all from the state at the start of the step. First order.

use super::linear::Split;
use super::{Builder, Environment};

pub(crate) fn advance(builder: &mut Builder<'_>, split: &Split, start: &Environment, environment: &mut Environment) {
    for equation in &split.others {
        let k = equation.state as usize;
        let slope = builder.rate(equation, start);
        environment.states[k] = builder.move_by(start.states[k], builder.dt, slope);
    }
}
