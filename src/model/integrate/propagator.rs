//! exp(A h) - 1 and the integral of exp(A s) ds, in f64.
//!
//! By scaling and squaring of a Taylor series, kept without the unit matrix so that small elements keep all their digits.
//! No time constant is divided by the difference of two, so equal time constants are no special case.
//! **Source** Moler and Van Loan (2003), SIAM Review 45:3, method 3.

/// The two matrices for x' = A x + b over a time h: x(h) = x + (first) x + (second) b. Row-major, n·n.
pub fn propagators(matrix: &[f64], n: usize, h: f64) -> (Vec<f64>, Vec<f64>) {
    // [[A, 1], [0, 0]]·h: its exponential holds both
    let m = 2 * n;
    let mut wide = vec![0.0; m * m];
    for i in 0..n {
        for j in 0..n {
            wide[i * m + j] = matrix[i * n + j] * h;
        }
        wide[i * m + n + i] = h;
    }
    let norm = (0..m).map(|i| wide[i * m..(i + 1) * m].iter().map(|x| x.abs()).sum::<f64>()).fold(0.0, f64::max);
    let halvings = if norm.is_finite() { (norm / 0.25).max(1.0).log2().ceil().min(1000.0) as i32 } else { 0 };
    let scale = 0.5f64.powi(halvings);
    let small: Vec<f64> = wide.iter().map(|x| x * scale).collect();
    // exp(S) - 1 = S (1 + S/2 (1 + S/3 (...))); with |S| <= 1/4 the term of order 16 is below 1e-23
    let mut series = vec![0.0; m * m];
    for k in (2..=16).rev() {
        for i in 0..m {
            series[i * m + i] += 1.0;
        }
        series = product(&small, &series, m).iter().map(|x| x / f64::from(k)).collect();
    }
    for i in 0..m {
        series[i * m + i] += 1.0;
    }
    let mut grown = product(&small, &series, m);
    for _ in 0..halvings {
        // (1 + E)^2 - 1 = 2 E + E^2
        let square = product(&grown, &grown, m);
        grown.iter_mut().zip(square).for_each(|(e, s)| *e = 2.0 * *e + s);
    }
    let part = |offset: usize| (0..n * n).map(|k| grown[(k / n) * m + offset + k % n]).collect();
    (part(0), part(n))
}

/// Of two matrices, row-major, n·n.
pub(crate) fn product(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    let mut out = vec![0.0; n * n];
    for i in 0..n {
        for k in 0..n {
            let x = a[i * n + k];
            if x != 0.0 {
                for j in 0..n {
                    out[i * n + j] += x * b[k * n + j];
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::propagators;

    #[test]
    fn a_decay_is_exact_to_rounding() {
        for (a, h) in [(-0.05f64, 0.1f64), (-1e-9, 0.1), (-3.0, 0.1), (0.0, 0.1), (-40.0, 2.0)] {
            let (p, q) = propagators(&[a], 1, h);
            let (exact_p, exact_q) = ((a * h).exp_m1(), if a == 0.0 { h } else { (a * h).exp_m1() / a });
            assert!((p[0] - exact_p).abs() <= 4e-16 * exact_p.abs().max(1e-300) * 4.0, "{a} {h}: {} {exact_p}", p[0]);
            assert!((q[0] - exact_q).abs() <= 2e-15 * exact_q.abs(), "{a} {h}: {} {exact_q}", q[0]);
        }
    }

    #[test]
    fn equal_time_constants_are_no_special_case() {
        // v' = -v/tau + i, i' = -i/tau: v(h) = (v + i h) exp(-h/tau)
        let (tau, h) = (10.0f64, 0.1f64);
        let (p, _) = propagators(&[-1.0 / tau, 1.0, 0.0, -1.0 / tau], 2, h);
        let exact = h * (-h / tau).exp();
        assert!((p[1] - exact).abs() < 1e-16 && p[2] == 0.0, "{p:?} {exact}");
        // and nearly equal ones agree with the closed form
        let (a, b) = (1.0 / 10.0, 1.0 / 9.999_999);
        let (p, _) = propagators(&[-a, 1.0, 0.0, -b], 2, h);
        assert!((p[1] - exact).abs() < 1e-10);
    }
}
