//! Displacements and distances in a space whose axes may close.
//!
//! In: positions, lengths of periodic axes. Out: the displacement from a source to a target, and bounds of it for all targets in a
//! box. **Units** internal.

use glam::DVec3;

/// A micrometre: internally lengths are counted in 10 um.
pub const UM: f64 = 0.1;

/// How far it is from a source to a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Of axes that close.
    pub period: [Option<f64>; 3],
    /// Does this axis count?
    pub counts: [bool; 3],
}

impl Default for Metric {
    fn default() -> Metric {
        Metric { period: [None; 3], counts: [true; 3] }
    }
}

/// A box of positions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The smallest coordinates.
    pub low: DVec3,
    /// The largest.
    pub high: DVec3,
}

impl Bounds {
    /// The smallest box around positions; of none an empty one.
    pub fn around(positions: impl IntoIterator<Item = DVec3>) -> Bounds {
        let none = Bounds { low: DVec3::INFINITY, high: DVec3::NEG_INFINITY };
        positions.into_iter().fold(none, |b, p| Bounds { low: b.low.min(p), high: b.high.max(p) })
    }

    /// The smallest box around two.
    pub fn with(self, other: Bounds) -> Bounds {
        Bounds { low: self.low.min(other.low), high: self.high.max(other.high) }
    }
}

impl Metric {
    /// From a source to a target, along each axis that counts; along a periodic one the shorter way round, from -period/2
    /// (included) to period/2.
    #[inline]
    pub fn displacement(&self, from: DVec3, to: DVec3) -> DVec3 {
        let straight = to - from;
        let along = |axis: usize| match (self.counts[axis], self.period[axis]) {
            (false, _) => 0.0,
            (true, None) => straight[axis],
            (true, Some(period)) => wrapped(straight[axis], period),
        };
        DVec3::new(along(0), along(1), along(2))
    }

    /// Between two positions.
    #[inline]
    pub fn distance(&self, from: DVec3, to: DVec3) -> f64 {
        length(self.displacement(from, to))
    }

    /// The least and the largest displacement along each axis from a source to any place in a box.
    #[inline]
    pub fn displacements(&self, from: Bounds, to: Bounds) -> Bounds {
        let (mut low, mut high) = (DVec3::ZERO, DVec3::ZERO);
        for axis in 0..3 {
            if !self.counts[axis] {
                continue;
            }
            let (a, b) = (to.low[axis] - from.high[axis], to.high[axis] - from.low[axis]);
            (low[axis], high[axis]) = match self.period[axis] {
                None => (a, b),
                Some(period) => {
                    let half = 0.5 * period;
                    let turns = libm::floor((a + half) / period);
                    let (a, b) = (a - turns * period, b - turns * period);
                    // the way round changes inside of it; rounding is given a little room
                    if b > half * (1.0 - 1e-12) || a < -half * (1.0 - 1e-12) { (-half, half) } else { (a, b) }
                }
            };
        }
        Bounds { low, high }
    }
}

/// The length of a displacement. One order of sums everywhere, so that it has the same bits.
#[inline]
pub fn length(displacement: DVec3) -> f64 {
    let DVec3 { x, y, z } = displacement;
    libm::sqrt(x * x + y * y + z * z)
}

/// The shorter way round.
#[inline]
fn wrapped(straight: f64, period: f64) -> f64 {
    let half = 0.5 * period;
    if (-half..half).contains(&straight) {
        return straight;
    }
    straight - libm::floor((straight + half) / period) * period
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Key;

    #[test]
    fn the_shorter_way_round() {
        let torus = Metric { period: [Some(10.0), Some(4.0), None], counts: [true; 3] };
        let from = DVec3::new(9.0, 1.0, 0.0);
        assert_eq!(torus.displacement(from, DVec3::new(1.0, 1.0, 7.0)), DVec3::new(2.0, 0.0, 7.0));
        assert_eq!(torus.displacement(from, DVec3::new(-21.0, 3.5, 0.0)), DVec3::new(0.0, -1.5, 0.0));
        assert_eq!(torus.distance(from, DVec3::new(2.0, 1.0, 4.0)), 5.0);
        let flat = Metric { counts: [true, true, false], ..Metric::default() };
        assert_eq!(flat.distance(from, DVec3::new(6.0, 5.0, 99.0)), 5.0);
        // half the way round is the same from both sides, and no further than that
        assert_eq!(torus.displacement(DVec3::ZERO, DVec3::new(5.0, 2.0, 0.0)), DVec3::new(-5.0, -2.0, 0.0));
    }

    #[test]
    fn bounds_hold_for_every_place_in_a_box() {
        let key = Key { seed: 1 };
        let mut draws = key.draws(1, 1, 0);
        let torus = Metric { period: [Some(3.0), None, Some(5.0)], counts: [true, true, true] };
        for _ in 0..3000 {
            let mut point = |scale: f64| DVec3::new(draws.uniform(), draws.uniform(), draws.uniform()) * scale;
            let (corner, size, from) = (point(3.0), point(1.5), point(3.0));
            let to = corner + size * point(1.0);
            let bounds = torus.displacements(Bounds { low: from, high: from }, Bounds { low: corner, high: corner + size });
            let straight = torus.displacement(from, to);
            assert!((0..3).all(|k| bounds.low[k] <= straight[k] + 1e-12 && straight[k] - 1e-12 <= bounds.high[k]), "{from} {to}");
        }
    }
}
