//! Weights as whole numbers: the scale of a channel is chosen so that no sum can overflow.
//!
//! A synapse adds at most once to a slot, since a neuron spikes at most once a step. So no sum in a slot can pass the
//! sum of absolute weights onto its row, and a scale that keeps that below 2^31 is proven free of overflow.
//! Sums of whole numbers do not depend on their order, so results repeat to the bit on every engine.
//!
//! Not here: which routes share a channel (`channel`).

use super::{EdgeColumn, Plan, Route};

/// The sum of the roundings of a projection onto a neuron is at most this part of the sum of its absolute weights.
pub const TOLERANCE: f64 = 1e-4;

/// The most units that a sum may reach: one bit is kept back for the rounding of each weight to a whole number.
const ROOM: f64 = (1u64 << 30) as f64;

/// The largest power of two that keeps `bound` within 2^30 units. Its inverse is a normal number in single precision, which is
/// what sums are multiplied by: from 2^-126 to 2^127.
pub fn scale(bound: f64) -> f64 {
    if bound <= 0.0 || !bound.is_finite() {
        return 1.0;
    }
    let room = (ROOM / bound).log2().floor();
    2f64.powi(room.clamp(-127.0, 126.0) as i32)
}

/// Can a sum of this many weight units be held at a scale?
pub fn holds(bound: f64, scale: f64) -> bool {
    bound * scale <= ROOM
}

/// A scale at which weights that are whole multiples of the least of them are exact, `bound` units or less in all; `None` if they
/// are not.
pub fn common(weights: &[f64], bound: f64) -> Option<f64> {
    let least = weights.iter().map(|w| w.abs()).filter(|w| *w > 0.0).reduce(f64::min)?;
    let whole = |w: &f64| {
        let times = w.abs() / least;
        (times - times.round()).abs() <= 1e-12 * times
    };
    let units = (ROOM * (least / bound)).floor();
    let scale = units / least;
    let normal = ((1.0 / scale) as f32).is_normal() && scale.is_normal();
    (units >= 1.0 && normal && weights.iter().all(whole)).then_some(scale)
}

/// A weight in fixed-point units.
pub fn quantise(weight: f64, scale: f64) -> i32 {
    (weight * scale).round() as i32
}

/// The weights of a route in fixed-point units of its port.
pub fn quantised(plan: &Plan, route: usize) -> Quantised {
    let route = &plan.routes[route];
    let scale = scale_of(plan, route);
    match &route.weight {
        EdgeColumn::Shared(w) => Quantised::Shared(quantise(*w, scale)),
        EdgeColumn::PerEdge(list) => Quantised::PerEdge(list.iter().map(|w| quantise(f64::from(*w), scale)).collect()),
    }
}

/// The weight that all edges of a route share, in fixed-point units of its port.
pub fn quantised_shared(plan: &Plan, route: usize) -> Option<i32> {
    let route = &plan.routes[route];
    match route.weight {
        EdgeColumn::Shared(w) => Some(quantise(w, scale_of(plan, route))),
        EdgeColumn::PerEdge(_) => None,
    }
}

/// Units in one weight unit, at the port where a route ends.
pub fn scale_of(plan: &Plan, route: &Route) -> f64 {
    plan.group_of(route.target).ports[route.port as usize].scale
}

/// Whole-number weights of a route.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantised {
    /// One for all edges.
    Shared(i32),
    /// By edge.
    PerEdge(Vec<i32>),
}

/// What whole numbers make of the weights of a route.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rounding {
    /// The sum of the roundings by the sum of absolute weights, of the target where that is largest.
    pub relative: f64,
    /// Weights that are not 0 and become 0.
    pub lost: u64,
}

/// What a scale makes of the weights of a route, by looking at each.
pub fn rounding(route: &Route, scale: f64) -> Rounding {
    let off = |w: f64| (w - f64::from(quantise(w, scale)) / scale).abs();
    let is_lost = |w: f64| w != 0.0 && quantise(w, scale) == 0;
    match &route.weight {
        _ if route.edges.is_empty() => Rounding::default(),
        EdgeColumn::Shared(0.0) => Rounding::default(),
        EdgeColumn::Shared(w) => Rounding { relative: off(*w) / w.abs(), lost: if is_lost(*w) { route.edges.count() } else { 0 } },
        EdgeColumn::PerEdge(list) => {
            let mut sums = vec![(0.0f64, 0.0f64); route.edges.targets() as usize];
            let mut lost = 0;
            let mut list = list.iter();
            route.edges.each_target(0..route.edges.count(), |t| {
                let (w, (roundings, weights)) = (list.next().map_or(0.0, |w| f64::from(*w)), &mut sums[t as usize]);
                *roundings += off(w);
                *weights += w.abs();
                lost += u64::from(is_lost(w));
            });
            let relative = sums.iter().filter(|(_, weights)| *weights > 0.0).map(|(roundings, weights)| roundings / weights);
            Rounding { relative: relative.fold(0.0, f64::max), lost }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sum_can_overflow() {
        for bound in [1e-37, 1e-30, 1e-6, 0.5, 1.0, 80.0 * 67.0, 1.2e6, 3e9, 1e20, 1e30, 3.4e38, 3.4e41] {
            let s = scale(bound);
            assert!(holds(bound, s) && (bound * s > 2f64.powi(29) || s == 2f64.powi(126)), "{bound} {s}");
            assert_eq!(s.log2().fract(), 0.0);
            assert!(((1.0 / s) as f32).is_normal());
        }
        // weights that are multiples of 1/64 stay exact up to a sum of 2^24
        assert_eq!(f64::from(quantise(6.015_625, scale(2f64.powi(23)))) / scale(2f64.powi(23)), 6.015_625);
    }

    #[test]
    fn multiples_of_the_least_weight_are_exact() {
        let weights = [0.1, -0.5, 0.0, 0.1];
        let bound = 3e5;
        let s = common(&weights, bound).unwrap();
        assert!(holds(bound, s) && bound * s > 0.99 * 2f64.powi(30));
        for w in weights {
            assert!((f64::from(quantise(w, s)) / s - w).abs() <= 1e-15 * w.abs(), "{w}");
        }
        assert_eq!(common(&[0.1, 0.15], bound), None);
        assert_eq!(common(&[0.0], bound), None);
        // more synapses than units
        assert_eq!(common(&[1.0], 2f64.powi(31)), None);
    }
}
