//! Euler-Maruyama for white noise, in the sense of Itô: x + h f(x) + s(x) sqrt(h) N(0, 1). Strong order 1/2, 1 where s is
//! constant. **Source** Kloeden and Platen (1992), section 10.2.

use super::linear::Split;
use super::{Advance, Builder, Environment};
use crate::model::rule::{Node, NodeId};

pub(crate) fn advance(builder: &mut Builder<'_>, split: &Split, start: &Environment, environment: &mut Environment) {
    for equation in &split.others {
        environment.states[equation.state as usize] = stepped(builder, equation, start);
    }
}

/// Drift and noise of one equation, added to its state.
pub(super) fn stepped(builder: &mut Builder<'_>, equation: &Advance, start: &Environment) -> NodeId {
    let k = equation.state as usize;
    let slope = builder.rate(equation, start);
    let mut value = builder.move_by(start.states[k], builder.dt, slope);
    for &(noise, factor) in &equation.noise {
        let factor = builder.instantiate(factor, start);
        let factor = builder.unless_held(equation, factor);
        let normal = draw(builder, noise);
        let kick = builder.graph.times(factor, normal);
        value = builder.move_by(value, builder.dt.sqrt(), kick);
    }
    value
}

/// The normal draw of a noise symbol: those of `randn()` come first.
pub(super) fn draw(builder: &mut Builder<'_>, noise: u32) -> NodeId {
    let place = builder.model.normals + noise;
    builder.normals = builder.normals.max(place + 1);
    builder.graph.add(Node::Normal(place))
}
