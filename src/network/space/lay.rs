//! Rules of positions in numbers: sites of grids, places that are drawn.
//!
//! In: numbers in internal units; for what is drawn the stream of the population. Out: a position for each neuron. What is drawn is
//! keyed by neuron, so that a neuron is where it is whatever the others are; only a random order of sites draws one after another.

use glam::DVec3;

use super::Order;
use crate::random::{Key, uniform_f64};

/// Positions along x.
pub(in crate::network) fn line(count: u32, spacing: f64, origin: DVec3) -> Vec<DVec3> {
    (0..count).map(|k| origin + DVec3::X * (f64::from(k) * spacing)).collect()
}

/// The sites of a grid, by neuron. `counts`: along x, y, z.
pub(in crate::network) fn grid(counts: [u32; 3], spacing: DVec3, origin: DVec3, order: Order, key: Key, tag: u32) -> Vec<DVec3> {
    let at = |site: [u32; 3]| origin + spacing * DVec3::from_array(site.map(f64::from));
    let [nx, ny, nz] = counts;
    let by_rows = |k: u32| [k % nx, k / nx % ny, k / nx / ny];
    let all = 0..nx * ny * nz;
    match order {
        Order::Rows => all.map(|k| at(by_rows(k))).collect(),
        Order::Columns => all.map(|k| at([k / nz / ny, k / nz % ny, k % nz])).collect(),
        Order::Pixels => {
            let turned = |[x, y, z]: [u32; 3]| [x, ny - 1 - y, z];
            all.map(|k| at(turned(by_rows(k)))).collect()
        }
        Order::Random => {
            let mut sites: Vec<u32> = all.collect();
            let mut draws = key.draws(tag, 0, 0);
            for last in (1..sites.len()).rev() {
                sites.swap(last, draws.below(last as u32 + 1) as usize);
            }
            sites.into_iter().map(|k| at(by_rows(k))).collect()
        }
    }
}

/// Three numbers in [0, 1) for a neuron.
fn uniform(key: Key, tag: u32, neuron: u32) -> DVec3 {
    let ([a, b, c, d], [e, f, ..]) = (key.block(tag, neuron, 0, 0), key.block(tag, neuron, 1, 0));
    DVec3::new(uniform_f64(a, b), uniform_f64(c, d), uniform_f64(e, f))
}

/// Anywhere in a box, every place as likely.
pub(in crate::network) fn in_box(count: u32, size: DVec3, origin: DVec3, key: Key, tag: u32) -> Vec<DVec3> {
    (0..count).map(|k| origin + size * uniform(key, tag, k)).collect()
}

/// Anywhere in a disc: the square of the radius and the angle are even.
pub(in crate::network) fn in_disc(count: u32, radius: f64, centre: DVec3, key: Key, tag: u32) -> Vec<DVec3> {
    let place = |k| {
        let u = uniform(key, tag, k);
        let (sine, cosine) = libm::sincos(std::f64::consts::TAU * u.y);
        centre + DVec3::new(cosine, sine, 0.0) * (radius * libm::sqrt(u.x))
    };
    (0..count).map(place).collect()
}

/// Anywhere in a ball: the cube of the radius, the height on the sphere and the angle are even.
pub(in crate::network) fn in_ball(count: u32, radius: f64, centre: DVec3, key: Key, tag: u32) -> Vec<DVec3> {
    let place = |k| {
        let u = uniform(key, tag, k);
        let (sine, cosine) = libm::sincos(std::f64::consts::TAU * u.y);
        let height = 2.0 * u.z - 1.0;
        let around = libm::sqrt((1.0 - height * height).max(0.0));
        centre + DVec3::new(cosine * around, sine * around, height) * (radius * libm::cbrt(u.x))
    };
    (0..count).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key { seed: 5 };

    /// The largest distance between the distribution of a sample and a law; 1.95/sqrt(n) is passed by chance once in a thousand.
    fn ks(sample: impl Iterator<Item = f64>, law: impl Fn(f64) -> f64) -> f64 {
        let mut sample: Vec<f64> = sample.collect();
        sample.sort_by(f64::total_cmp);
        let n = sample.len() as f64;
        let off = |(k, x): (usize, &f64)| (law(*x) - k as f64 / n).abs().max((law(*x) - (k + 1) as f64 / n).abs());
        sample.iter().enumerate().map(off).fold(0.0, f64::max) * n.sqrt()
    }

    #[test]
    fn sites_stand_in_the_order_that_is_asked_for() {
        let (step, origin) = (DVec3::new(1.0, 10.0, 100.0), DVec3::new(0.5, 0.0, 0.0));
        let at = |order, counts| grid(counts, step, origin, order, KEY, 3);
        let xy = |list: &[DVec3]| list.iter().map(|p| (p.x - 0.5, p.y)).collect::<Vec<_>>();
        let rows = at(Order::Rows, [3, 2, 1]);
        assert_eq!(xy(&rows), [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (0.0, 10.0), (1.0, 10.0), (2.0, 10.0)]);
        let columns = at(Order::Columns, [3, 2, 1]);
        assert_eq!(xy(&columns), [(0.0, 0.0), (0.0, 10.0), (1.0, 0.0), (1.0, 10.0), (2.0, 0.0), (2.0, 10.0)]);
        let pixels = at(Order::Pixels, [3, 2, 1]);
        assert_eq!(xy(&pixels), [(0.0, 10.0), (1.0, 10.0), (2.0, 10.0), (0.0, 0.0), (1.0, 0.0), (2.0, 0.0)]);
        assert_eq!(at(Order::Rows, [2, 2, 3])[4], DVec3::new(0.5, 0.0, 100.0));
        assert_eq!(at(Order::Columns, [2, 2, 3])[4], DVec3::new(0.5, 10.0, 100.0));
        // all sites once, in another order
        let mut random = at(Order::Random, [20, 20, 1]);
        let rows = at(Order::Rows, [20, 20, 1]);
        assert_ne!(random, rows);
        random.sort_by(|a, b| (a.y, a.x).partial_cmp(&(b.y, b.x)).unwrap());
        assert_eq!(random, rows);
    }

    #[test]
    fn places_that_are_drawn_follow_their_laws() {
        let n = 4000;
        let there = DVec3::new(3.0, -2.0, 1.0);
        let even = in_box(n, DVec3::new(2.0, 4.0, 8.0), there, KEY, 1);
        for (of, size) in [(0, 2.0), (1, 4.0), (2, 8.0)] {
            assert!(ks(even.iter().map(|p| p[of]), |x| (x - there[of]) / size) < 1.95, "axis {of}");
        }
        let disc = in_disc(n, 2.0, there, KEY, 1);
        assert!(disc.iter().all(|p| p.z == 1.0));
        assert!(ks(disc.iter().map(|p| p.distance(there)), |r| (r / 2.0).powi(2)) < 1.95);
        let angle = |p: &DVec3| (p.y - there.y).atan2(p.x - there.x) / std::f64::consts::TAU + 0.5;
        assert!(ks(disc.iter().map(angle), |a| a) < 1.95);
        let ball = in_ball(n, 2.0, there, KEY, 1);
        assert!(ks(ball.iter().map(|p| p.distance(there)), |r| (r / 2.0).powi(3)) < 1.95);
        // along any axis a ball has the law of its slices
        let slice = |u: f64| 0.25 * (2.0 + 3.0 * u - u.powi(3));
        for axis in 0..3 {
            assert!(ks(ball.iter().map(|p| (p[axis] - there[axis]) / 2.0), slice) < 1.95, "axis {axis}");
        }
        // a neuron does not move where there are others
        assert_eq!(in_ball(10, 2.0, there, KEY, 1), ball[..10]);
    }
}
