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

/// How many units one weight unit has, made ready to turn weights in single precision into whole numbers as they are delivered.
#[derive(Clone, Copy, Debug)]
pub struct Units {
    scale: f64,
    /// The same in single precision, where a product with it is exact.
    single: Option<f32>,
}

impl Units {
    /// Of a scale.
    pub fn new(scale: f64) -> Units {
        let single = scale as f32;
        let power_of_two = single.is_normal() && single.to_bits() & 0x7f_ffff == 0 && f64::from(single) == scale;
        Units { scale, single: power_of_two.then_some(single) }
    }

    /// A number in double precision as a whole number.
    pub fn of_value(self, value: f64) -> i32 {
        quantise(value, self.scale)
    }

    /// The weights as whole numbers, to the bit those of [`quantise`].
    #[inline(always)]
    pub fn of_weights(self, weights: &[f32], out: &mut [i32]) {
        let each = out.iter_mut().zip(weights);
        match self.single {
            // a product below the least normal number becomes 0 either way
            Some(scale) if weights.iter().fold(0, |most, w| most.max((w * scale).to_bits() & 0x7fff_ffff)) < LARGE.to_bits() => {
                each.for_each(|(x, w)| *x = rounded(w * scale));
            }
            // the largest number below 1/2, added away from 0 and what follows the point cut off, rounds half away from 0: with 1/2
            // itself 0.49999997 would come to 1
            Some(scale) => each.for_each(|(x, w)| {
                let units = w * scale;
                *x = (units + BELOW_HALF.copysign(units)) as i32;
            }),
            None => each.for_each(|(x, w)| *x = quantise(f64::from(*w), self.scale)),
        }
    }
}

const BELOW_HALF: f32 = 0.5 - f32::EPSILON / 4.0;

/// 2^31 less what a rounding may add: smaller numbers have a whole number of 32 bits.
const LARGE: f32 = 0x7fff_ff80_u32 as f32;

/// The whole number next to a number below [`LARGE`], half away from 0: the cast of above, which compilers make one by one.
#[inline(always)]
fn rounded(units: f32) -> i32 {
    // 1.5 * 2^52: what is added to it is rounded, half to even, and stands in the last 32 bits of the sum
    const MAGIC: f64 = 6_755_399_441_055_744.0;
    let units = f64::from(units);
    let even = (units + MAGIC) - MAGIC;
    let off = units - even;
    let more = if (off == 0.5) & (units > 0.0) { 1.0 } else { 0.0 };
    let less = if (off == -0.5) & (units < 0.0) { 1.0 } else { 0.0 };
    ((even + more - less) + MAGIC).to_bits() as i32
}

/// The weight that all edges of a route share, in fixed-point units of its port.
pub fn quantised_shared(plan: &Plan, route: usize) -> Option<i32> {
    let route = &plan.routes[route];
    route.weight.shared().map(|w| quantise(w, scale_of(plan, route)))
}

/// Units in one weight unit, at the port where a route ends.
pub fn scale_of(plan: &Plan, route: &Route) -> f64 {
    plan.group_of(route.target).ports[route.port as usize].scale
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
        EdgeColumn::PerEdge(_) | EdgeColumn::Drawn(_) => {
            let mut sums = vec![(0.0f64, 0.0f64); route.edges.targets() as usize];
            let mut lost = 0;
            route.edges.each_with(&route.weight, 0..route.edges.count(), |t, w| {
                let (roundings, weights) = &mut sums[t as usize];
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
    fn weights_are_rounded_as_they_are_delivered_as_one_by_one() {
        let check = |scale: f64, weights: &[f32]| {
            // together, where large ones decide how small ones are rounded, and each by itself
            for together in [weights.len(), 1] {
                for weights in weights.chunks(together) {
                    let mut found = vec![0; weights.len()];
                    Units::new(scale).of_weights(weights, &mut found);
                    let wrong = weights.iter().zip(&found).find(|(w, x)| **x != quantise(f64::from(**w), scale));
                    assert!(wrong.is_none(), "{scale:e}: {wrong:?}");
                }
            }
        };
        // halves, and their neighbours in single precision
        let mut halves = vec![0.0f32, -0.0, f32::MIN_POSITIVE, 1e-45, 0.25];
        for whole in [0u32, 1, 2, 3, 1 << 10, (1 << 22) - 1, 1 << 22, (1 << 23) - 1, (1 << 23) + 1, (1 << 24) - 1, 1 << 30] {
            let half = whole as f32 + 0.5;
            let own = [half, half.next_down(), half.next_up(), whole as f32, (whole as f32).next_down(), (whole as f32).next_up()];
            halves.extend(own.iter().flat_map(|x| [*x, -x]));
        }
        for power in [-127, -126, -3, 0, 1, 20, 126] {
            let scale = 2f64.powi(power);
            let weights: Vec<f32> = halves.iter().map(|units| (f64::from(*units) / scale) as f32).collect();
            check(scale, &weights);
        }
        // all mantissas around the point, in strides that share no factor with a power of two
        for exponent in 120..160u32 {
            let weights: Vec<f32> = (0..1 << 23).step_by(997).map(|m: u32| f32::from_bits(exponent << 23 | m)).collect();
            check(1.0, &weights);
            check(0.5, &weights);
            check(3.7, &weights);
        }
        assert!(Units::new(3.0).single.is_none() && Units::new(2f64.powi(-127)).single.is_none());
        assert!(Units::new(2f64.powi(-126)).single.is_some() && Units::new(2f64.powi(126)).single.is_some());
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
