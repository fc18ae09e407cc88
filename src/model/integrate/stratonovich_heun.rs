//! Heun for white noise in the sense of Stratonovich: drift and factors of the noise as the mean of both ends, the far one at a
//! point found by Euler-Maruyama. Strong order 1 where the noises commute, such as one noise; 1/2 else.
//! **Source** Rümelin (1982), SIAM Journal on Numerical Analysis 19:604; Kloeden and Platen (1992), section 12.2.

use super::euler_maruyama::{draw, stepped};
use super::exact_linear::Exact;
use super::linear::Split;
use super::{Builder, Environment};

pub(crate) fn advance(builder: &mut Builder<'_>, split: &Split, exact: &Exact, start: &Environment, environment: &mut Environment) {
    let mut end = builder.later(start, 1.0);
    for (state, value) in exact.states_at_end(builder, start) {
        end.states[state as usize] = value;
    }
    for equation in &split.others {
        end.states[equation.state as usize] = stepped(builder, equation, start);
    }
    let (half, half_root) = (builder.dt / 2.0, builder.dt.sqrt() / 2.0);
    for equation in &split.others {
        let k = equation.state as usize;
        let (near, far) = (builder.rate(equation, start), builder.rate(equation, &end));
        let drift = builder.graph.plus(near, far);
        let mut value = builder.move_by(start.states[k], half, drift);
        for &(noise, factor) in &equation.noise {
            let (near, far) = (builder.instantiate(factor, start), builder.instantiate(factor, &end));
            let both = builder.graph.plus(near, far);
            let both = builder.unless_held(equation, both);
            let normal = draw(builder, noise);
            let kick = builder.graph.times(both, normal);
            value = builder.move_by(value, half_root, kick);
        }
        environment.states[k] = value;
    }
}
