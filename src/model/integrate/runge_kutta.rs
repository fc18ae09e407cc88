//! Explicit Runge-Kutta methods by their tables: slopes at points of the step, each found from the slopes before it.
//!
//! **Source** Kutta (1901), Zeitschrift für Mathematik und Physik 46:435 (third order; the 3/8 rule); Ralston (1962), Mathematics of
//! Computation 16:431. Methods whose points are other than the middle and the end take the states that decay by themselves, too
//! ([`Method::takes_all`](crate::model::Method)).

use super::exact_linear::Exact;
use super::linear::Split;
use super::{Builder, Environment};
use crate::model::rule::NodeId;

/// A method.
pub(super) struct Table {
    /// Of each slope but the first: its time in steps, and how much of each slope before it leads there.
    points: &'static [(f64, &'static [f64])],
    /// Of each slope in the whole step.
    weights: &'static [f64],
}

pub(super) const RALSTON: Table = Table { points: &[(2.0 / 3.0, &[2.0 / 3.0])], weights: &[0.25, 0.75] };

pub(super) const KUTTA_3: Table =
    Table { points: &[(0.5, &[0.5]), (1.0, &[-1.0, 2.0])], weights: &[1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0] };

pub(super) const KUTTA_38: Table = Table {
    points: &[(1.0 / 3.0, &[1.0 / 3.0]), (2.0 / 3.0, &[-1.0 / 3.0, 1.0]), (1.0, &[1.0, -1.0, 1.0])],
    weights: &[0.125, 0.375, 0.375, 0.125],
};

pub(super) fn advance(
    builder: &mut Builder<'_>,
    split: &Split,
    exact: &Exact,
    start: &Environment,
    environment: &mut Environment,
    table: &Table,
) {
    let rates = |builder: &mut Builder<'_>, at: &Environment| -> Vec<NodeId> {
        split.others.iter().map(|equation| builder.rate(equation, at)).collect()
    };
    let mut slopes = vec![rates(builder, start)];
    for (time, shares) in table.points {
        let mut point = builder.later(start, *time);
        let known = if *time == 1.0 { exact.states_at_end(builder, start) } else { exact.states_at_half(builder, start) };
        for (state, value) in known {
            point.states[state as usize] = value;
        }
        led(builder, split, start, &slopes, shares, &mut point);
        slopes.push(rates(builder, &point));
    }
    led(builder, split, start, &slopes, table.weights, environment);
}

/// Moves every state by its share of each slope over a step.
fn led(
    builder: &mut Builder<'_>,
    split: &Split,
    start: &Environment,
    slopes: &[Vec<NodeId>],
    shares: &[f64],
    to: &mut Environment,
) {
    for (i, equation) in split.others.iter().enumerate() {
        let k = equation.state as usize;
        let mut value = start.states[k];
        for (slope, share) in slopes.iter().zip(shares) {
            value = builder.move_by(value, share * builder.dt, slope[i]);
        }
        to.states[k] = value;
    }
}
