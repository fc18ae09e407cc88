//! The classical Runge-Kutta method of fourth order. **Source** Kutta (1901), Zeitschrift für Mathematik und Physik 46:435.
//!
//! States that decay by themselves enter each slope at its own time, exactly: so one step gives NEST's spikes in the
//! conductance cases of the reference data.

use super::exact_linear::Exact;
use super::linear::Split;
use super::{Builder, Environment};
use crate::model::rule::NodeId;

pub(crate) fn advance(builder: &mut Builder<'_>, split: &Split, exact: &Exact, start: &Environment, environment: &mut Environment) {
    let h = builder.dt;
    let mut middle = builder.later(start, 0.5);
    for (state, value) in exact.states_at_half(builder, start) {
        middle.states[state as usize] = value;
    }
    let mut end = builder.later(start, 1.0);
    for (state, value) in exact.states_at_end(builder, start) {
        end.states[state as usize] = value;
    }
    let slopes =
        |builder: &mut Builder<'_>, at: &Environment| -> Vec<NodeId> { split.others.iter().map(|e| builder.rate(e, at)).collect() };
    let go = |builder: &mut Builder<'_>, point: &mut Environment, by: f64, slopes: &[NodeId]| {
        for (equation, slope) in split.others.iter().zip(slopes) {
            let k = equation.state as usize;
            point.states[k] = builder.move_by(start.states[k], by, *slope);
        }
    };
    let first = slopes(builder, start);
    go(builder, &mut middle, h / 2.0, &first);
    let second = slopes(builder, &middle);
    go(builder, &mut middle, h / 2.0, &second);
    let third = slopes(builder, &middle);
    go(builder, &mut end, h, &third);
    let fourth = slopes(builder, &end);
    let two = builder.graph.constant(2.0);
    for (i, equation) in split.others.iter().enumerate() {
        let k = equation.state as usize;
        let inner = builder.graph.plus(second[i], third[i]);
        let inner = builder.graph.times(two, inner);
        let outer = builder.graph.plus(first[i], fourth[i]);
        let sum = builder.graph.plus(outer, inner);
        environment.states[k] = builder.move_by(start.states[k], h / 6.0, sum);
    }
}
