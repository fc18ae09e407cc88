//! Models that are held against an integration of the paper's equations, which stand here once more: RK4 with steps a fourth to a tenth as long.

use super::{Cell, ENGINES};
use crate::engines::Which;
use crate::neurons::lateness;

/// Times at which the first state comes to `level` from below, ms.
fn integrated<const N: usize>(
    start: [f64; N],
    dt: f64,
    duration: f64,
    level: f64,
    rate: impl Fn([f64; N]) -> [f64; N],
) -> Vec<f64> {
    let add = |x: [f64; N], k: [f64; N], h: f64| std::array::from_fn(|i| x[i] + h * k[i]);
    let (mut x, mut times) = (start, Vec::new());
    for step in 0..(duration / dt).round() as u64 {
        let k1 = rate(x);
        let k2 = rate(add(x, k1, 0.5 * dt));
        let k3 = rate(add(x, k2, 0.5 * dt));
        let k4 = rate(add(x, k3, dt));
        let next: [f64; N] = std::array::from_fn(|i| x[i] + dt / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]));
        if x[0] < level && next[0] >= level {
            times.push((step as f64 + (level - x[0]) / (next[0] - x[0])) * dt);
        }
        x = next;
    }
    times
}

/// The model's spikes are those times: on the grid, late by up to a step. In single precision within `single` of an interval
/// at each spike.
fn agrees(cell: &Cell, initial: &[(&str, f64, &str)], duration: f64, expected: &[f64], single: f64) {
    for which in ENGINES {
        let times = cell.times(which, duration, |cell| {
            for (name, value, unit) in initial {
                cell.initial(*name, crate::case::quantity(*value, unit));
            }
        });
        let allowed = |k: usize| if which == Which::F64 { 1e-2 } else { 1e-2 + single * (k + 1) as f64 };
        let late = lateness(&times, expected, allowed, |k| cell.dt + allowed(k));
        late.unwrap_or_else(|why| panic!("{} on {}: {why}", cell.model, which.name()));
    }
}

/// How many spikes stand in each group that pauses of more than `pause` ms part.
fn bursts(times: &[f64], pause: f64) -> Vec<usize> {
    let mut out = vec![1];
    for pair in times.windows(2) {
        if pair[1] - pair[0] > pause { out.push(1) } else { *out.last_mut().expect("a group") += 1 }
    }
    out
}

/// In their first second, and that the current 2 gives bursts again and again.
#[test]
fn hindmarsh_and_rose_burst() {
    let solved = |i: f64, duration: f64| {
        integrated([-1.6, -11.8, 0.0], 0.002, duration, 1.0, |[x, y, z]| {
            [y - x.powi(3) + 3.0 * x * x - z + i, 1.0 - 5.0 * x * x - y, 0.001 * (4.0 * (x + 1.6) - z)]
        })
    };
    for (text, i) in [("1", 1.0), ("2", 2.0)] {
        let expected = solved(i, 1000.0);
        let cell = Cell { model: "hindmarsh_rose", dt: 0.02, method: Some("rk4"), parameters: &[("i_e", text)] };
        agrees(&cell, &[], 1000.0, &expected, 0.01);
    }
    let groups = bursts(&solved(2.0, 4000.0), 50.0);
    assert!(groups.len() > 5 && groups[2..].iter().all(|n| *n > 3), "{groups:?}");
}

/// The period of the limit cycle at the current 0.5, at which the model is usually shown.
#[test]
fn the_period_of_fitzhugh_and_nagumo() {
    let expected =
        integrated([-1.0, -0.5], 0.005, 1000.0, 1.0, |[v, w]| [v - v.powi(3) / 3.0 - w + 0.5, 0.08 * (v + 0.7 - 0.8 * w)]);
    let cell = Cell { model: "fitzhugh_nagumo", dt: 0.05, method: Some("rk4"), parameters: &[("i_e", "0.5")] };
    agrees(&cell, &[("v", -1.0, ""), ("w", -0.5, "")], 1000.0, &expected, 1e-3);
}

#[test]
fn spikes_of_wang_and_buzsaki() {
    for (text, i) in [("0.5 uA/cm**2", 0.5), ("1 uA/cm**2", 1.0), ("5 uA/cm**2", 5.0)] {
        let rates = |v: f64| {
            let h = (0.07 * (-(v + 58.0) / 20.0).exp(), 1.0 / (1.0 + (-0.1 * (v + 28.0)).exp()));
            let n = (0.01 * (v + 34.0) / (1.0 - (-0.1 * (v + 34.0)).exp()), 0.125 * (-(v + 44.0) / 80.0).exp());
            (h, n)
        };
        let ((ah, bh), (an, bn)) = rates(-64.0);
        let expected = integrated([-64.0, ah / (ah + bh), an / (an + bn)], 0.002, 500.0, 0.0, |[v, h, n]| {
            let (am, bm) = (0.1 * (v + 35.0) / (1.0 - (-0.1 * (v + 35.0)).exp()), 4.0 * (-(v + 60.0) / 18.0).exp());
            let ((ah, bh), (an, bn)) = rates(v);
            let sodium = 35.0 * (am / (am + bm)).powi(3) * h * (v - 55.0);
            let membrane = i - sodium - 9.0 * n.powi(4) * (v + 90.0) - 0.1 * (v + 65.0);
            [membrane, 5.0 * (ah * (1.0 - h) - bh * h), 5.0 * (an * (1.0 - n) - bn * n)]
        });
        let cell = Cell { model: "wang_buzsaki", dt: 0.02, method: Some("rk4"), parameters: &[("i_e", text)] };
        agrees(&cell, &[], 500.0, &expected, 1e-3);
    }
}

/// As the paper has it, a weak current into the soma gives bursts, a strong one single spikes at a higher rate.
#[test]
fn pinsky_and_rinzel_burst_and_spike() {
    let linoid = |x: f64, y: f64| if x.abs() < 1e-9 { y } else { x / ((x / y).exp() - 1.0) };
    let solved = |i: f64, duration: f64| {
        let start = [-4.6, -4.5, 0.999, 0.001, 0.009, 0.007, 0.01, 0.2];
        integrated(start, 0.005, duration, 30.0, |[vs, vd, h, n, s, c, q, ca]| {
            let (am, bm) = (0.32 * linoid(13.1 - vs, 4.0), 0.28 * linoid(vs - 40.1, 5.0));
            let (an, bn) = (0.016 * linoid(35.1 - vs, 5.0), 0.25 * (0.5 - 0.025 * vs).exp());
            let (ah, bh) = (0.128 * ((17.0 - vs) / 18.0).exp(), 4.0 / (1.0 + ((40.0 - vs) / 5.0).exp()));
            let (a_s, bs) = (1.6 / (1.0 + (-0.072 * (vd - 65.0)).exp()), 0.02 * linoid(vd - 51.1, 5.0));
            let (ac, bc) = if vd <= 50.0 {
                let ac = ((vd - 10.0) / 11.0 - (vd - 6.5) / 27.0).exp() / 18.975;
                (ac, 2.0 * ((6.5 - vd) / 27.0).exp() - ac)
            } else {
                (2.0 * ((6.5 - vd) / 27.0).exp(), 0.0)
            };
            let aq = (0.00002 * ca).min(0.01);
            let i_ca = 10.0 * s * s * (vd - 140.0);
            let soma = -0.1 * vs - 30.0 * (am / (am + bm)).powi(2) * h * (vs - 120.0) - 15.0 * n * (vs + 15.0);
            let dendrite = -0.1 * vd - i_ca - 0.8 * q * (vd + 15.0) - 15.0 * c * (ca / 250.0).min(1.0) * (vd + 15.0);
            [
                (soma + 2.1 / 0.5 * (vd - vs) + i / 0.5) / 3.0,
                (dendrite + 2.1 / 0.5 * (vs - vd)) / 3.0,
                ah * (1.0 - h) - bh * h,
                an * (1.0 - n) - bn * n,
                a_s * (1.0 - s) - bs * s,
                ac * (1.0 - c) - bc * c,
                aq * (1.0 - q) - 0.001 * q,
                -0.13 * i_ca - 0.075 * ca,
            ]
        })
    };
    // the first half second under the strong current is chaotic: a step of 0.02 ms has other spikes than one of 0.005 ms after 100 ms
    for (text, i, duration) in [("0.75 uA/cm**2", 0.75, 600.0), ("2.5 uA/cm**2", 2.5, 60.0)] {
        let cell = Cell { model: "pinsky_rinzel", dt: 0.02, method: Some("rk4"), parameters: &[("i_e", text)] };
        agrees(&cell, &[], duration, &solved(i, duration), 0.02);
    }
    let (weak, strong) = (solved(0.75, 2000.0), solved(2.5, 2000.0));
    let (weak, strong) = (bursts(&weak, 30.0), (bursts(&strong[strong.len() / 2..], 7.0), strong.len()));
    assert!(weak.iter().filter(|n| **n > 1).count() * 2 > weak.len(), "{weak:?}");
    assert!(strong.0.iter().all(|n| *n == 1) && strong.1 > 60, "{strong:?}");
}
