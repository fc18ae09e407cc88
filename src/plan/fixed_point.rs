//! Weights as whole numbers: the scale of a port is chosen so that no sum can overflow.
//!
//! A synapse adds at most once to a slot, since a neuron spikes at most once a step. So no sum in a slot can pass the
//! sum of absolute weights onto its row, and a scale that keeps that below 2^31 is proven free of overflow.
//! Sums of whole numbers do not depend on their order, so results repeat to the bit on every engine.

use super::{EdgeColumn, Plan};

/// The largest power of two that keeps `bound` below 2^31, at most 2^24 units in the largest weight's place.
pub fn scale(bound: f64) -> f64 {
    if bound <= 0.0 || !bound.is_finite() {
        return 1.0;
    }
    // one bit is kept back for the rounding of each weight to a whole number
    let room = (2f64.powi(30) / bound).log2().floor();
    2f64.powi(room.clamp(-100.0, 40.0) as i32)
}

/// A weight in fixed-point units.
pub fn quantise(weight: f64, scale: f64) -> i32 {
    (weight * scale).round() as i32
}

/// The weights of a route in fixed-point units of its port.
pub fn quantised(plan: &Plan, route: usize) -> Quantised {
    let route = &plan.routes[route];
    let scale = plan.group_of(route.target).ports[route.port as usize].scale;
    match &route.weight {
        EdgeColumn::Shared(w) => Quantised::Shared(quantise(*w, scale)),
        EdgeColumn::PerEdge(list) => Quantised::PerEdge(list.iter().map(|w| quantise(f64::from(*w), scale)).collect()),
    }
}

/// The weight that all edges of a route share, in fixed-point units of its port.
pub fn quantised_shared(plan: &Plan, route: usize) -> Option<i32> {
    let route = &plan.routes[route];
    match route.weight {
        EdgeColumn::Shared(w) => Some(quantise(w, plan.group_of(route.target).ports[route.port as usize].scale)),
        EdgeColumn::PerEdge(_) => None,
    }
}

/// Whole-number weights of a route.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantised {
    Shared(i32),
    PerEdge(Vec<i32>),
}

/// Sums of absolute weights per row of a group's port, over all routes that end there: the bound of each row.
pub(super) fn bounds(plan: &Plan, group: usize, port: usize) -> f64 {
    let mut sums = vec![0.0f64; plan.groups[group].rows as usize];
    for route in &plan.routes {
        let place = plan.place(route.target);
        if place.group != group || route.port as usize != port {
            continue;
        }
        let first = place.first_row as usize;
        match &route.weight {
            EdgeColumn::Shared(w) => route.edges.target.iter().for_each(|t| sums[first + *t as usize] += w.abs()),
            EdgeColumn::PerEdge(list) => {
                route.edges.target.iter().zip(list.iter()).for_each(|(t, w)| sums[first + *t as usize] += f64::from(w.abs()));
            }
        }
    }
    sums.into_iter().fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sum_can_overflow() {
        for bound in [1e-6, 0.5, 1.0, 80.0 * 67.0, 1.2e6, 3e9] {
            let s = scale(bound);
            assert!(bound * s <= 2f64.powi(30) && (bound * s > 2f64.powi(29) || s == 2f64.powi(40)), "{bound} {s}");
            assert_eq!(s.log2().fract(), 0.0);
        }
        // weights that are multiples of 1/64 stay exact up to a sum of 2^24
        assert_eq!(f64::from(quantise(6.015_625, scale(2f64.powi(23)))) / scale(2f64.powi(23)), 6.015_625);
    }
}
