//! Draws of laws that take more than one number to draw: gamma, Poisson, binomial, von Mises.
//!
//! In: parameters, and blocks of random words by number, as many as it takes. Out: a number; the same for the same blocks, on every
//! machine (`libm`). Not here: bounds (`draw`), counts drawn while a network runs (`random::poisson`).

use crate::random;

/// A block of random words by number.
pub(super) type Blocks<'b> = dyn Fn(u32) -> [u32; 4] + 'b;

/// So often a proposal may be rejected; the least likely one is taken with more than a half, so that 2^-200 is never met.
const TRIES: u32 = 200;

/// Two uniform numbers of a block, both above 0 and below 1 or 1.
fn pair(words: [u32; 4]) -> (f64, f64) {
    // 2^-53 of what is above 0: a logarithm of it is finite
    let open = |x: f64| x + f64::EPSILON / 4.0;
    (open(random::uniform_f64(words[0], words[1])), open(random::uniform_f64(words[2], words[3])))
}

/// exp(1) of mean 1.
pub(super) fn exponential(words: [u32; 4]) -> f64 {
    -libm::log(pair(words).0)
}

/// A gamma law of scale 1. **Source** Marsaglia and Tsang (2000) ACM TOMS 26:363; below shape 1 by their section 6.
pub(super) fn gamma(shape: f64, blocks: &Blocks<'_>) -> f64 {
    if shape < 1.0 {
        let (u, _) = pair(blocks(2 * TRIES + 2));
        return gamma(shape + 1.0, blocks) * libm::pow(u, 1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    for k in 0..TRIES {
        // a block for the normal number, one for the test
        let words = blocks(2 * k);
        let x = f64::from(random::normal(words[0], words[1]));
        let v = 1.0 + c * x;
        if v <= 0.0 {
            continue;
        }
        let v = v * v * v;
        let (u, _) = pair(blocks(2 * k + 1));
        if libm::log(u) < 0.5 * x * x + d * (1.0 - v + libm::log(v)) {
            return d * v;
        }
    }
    // never met
    d
}

/// A Poisson count. **Source** below a mean of 30 by inversion; above by Hörmann (1993) Insurance: Mathematics and Economics 12:39, PTRS.
pub(super) fn poisson(mean: f64, blocks: &Blocks<'_>) -> f64 {
    if mean < 30.0 {
        let u = random::uniform_f64(blocks(0)[0], blocks(0)[1]);
        return inverse(u, libm::exp(-mean), |k| mean / k);
    }
    let b = 0.931 + 2.53 * mean.sqrt();
    let a = -0.059 + 0.024_83 * b;
    let alpha = 1.1239 + 1.1328 / (b - 3.4);
    let v_r = 0.9277 - 3.6224 / (b - 2.0);
    for k in 0..TRIES {
        let (u, v) = pair(blocks(k));
        let u = u - 0.5;
        let us = 0.5 - u.abs();
        let n = ((2.0 * a / us + b) * u + mean + 0.43).floor();
        if us >= 0.07 && v <= v_r {
            return n;
        }
        if n < 0.0 || (us < 0.013 && v > us) {
            continue;
        }
        if libm::log(v * alpha / (a / (us * us) + b)) <= n * libm::log(mean) - mean - libm::lgamma(n + 1.0) {
            return n;
        }
    }
    mean.round()
}

/// How many of `n` independent trials of probability `p` succeed. **Source** below ten expected by inversion; above by Hörmann (1993)
/// J. Stat. Comput. Simul. 46:101, BTRS.
pub(super) fn binomial(n: f64, p: f64, blocks: &Blocks<'_>) -> f64 {
    if p > 0.5 {
        return n - binomial(n, 1.0 - p, blocks);
    }
    if p <= 0.0 || n <= 0.0 {
        return 0.0;
    }
    let (q, odds) = (1.0 - p, p / (1.0 - p));
    if n * p < 10.0 {
        let u = random::uniform_f64(blocks(0)[0], blocks(0)[1]);
        return inverse(u, libm::exp(n * libm::log1p(-p)), |k| (n - k + 1.0) / k * odds).min(n);
    }
    let spread = (n * p * q).sqrt();
    let b = 1.15 + 2.53 * spread;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let c = n * p + 0.5;
    let v_r = 0.92 - 4.2 / b;
    let alpha = (2.83 + 5.1 / b) * spread;
    let m = ((n + 1.0) * p).floor();
    let h = libm::lgamma(m + 1.0) + libm::lgamma(n - m + 1.0);
    for k in 0..TRIES {
        let (u, v) = pair(blocks(k));
        let u = u - 0.5;
        let us = 0.5 - u.abs();
        let x = ((2.0 * a / us + b) * u + c).floor();
        if us >= 0.07 && v <= v_r && (0.0..=n).contains(&x) {
            return x;
        }
        if !(0.0..=n).contains(&x) {
            continue;
        }
        let v = libm::log(v * alpha / (a / (us * us) + b));
        if v <= h - libm::lgamma(x + 1.0) - libm::lgamma(n - x + 1.0) + (x - m) * libm::log(odds) {
            return x;
        }
    }
    m
}

/// The first count whose cumulated probability is above `u`; `ratio` of count k is P(k)/P(k - 1).
fn inverse(u: f64, first: f64, ratio: impl Fn(f64) -> f64) -> f64 {
    let (mut k, mut p, mut sum) = (0.0, first, first);
    // what rounding leaves of the last probability lies below 1e-15
    while u >= sum && k < 1000.0 {
        k += 1.0;
        p *= ratio(k);
        sum += p;
        if p < 1e-18 && sum > 0.5 {
            break;
        }
    }
    k
}

/// An angle from -pi to pi around 0. **Source** Best and Fisher (1979) J. R. Stat. Soc. C 28:152.
pub(super) fn von_mises(kappa: f64, blocks: &Blocks<'_>) -> f64 {
    use std::f64::consts::PI;
    if kappa < 1e-8 {
        return PI * (2.0 * pair(blocks(0)).0 - 1.0);
    }
    let tau = 1.0 + (1.0 + 4.0 * kappa * kappa).sqrt();
    let rho = (tau - (2.0 * tau).sqrt()) / (2.0 * kappa);
    // for small kappa the difference above is lost in rounding: rho is kappa to first order
    let r = if kappa < 1e-5 { 1.0 / kappa + kappa } else { (1.0 + rho * rho) / (2.0 * rho) };
    for k in 0..TRIES {
        let (u, v) = pair(blocks(2 * k));
        let z = libm::cos(PI * u);
        let f = (1.0 + r * z) / (r + z);
        let c = kappa * (r - f);
        if c * (2.0 - c) > v || libm::log(c / v) + 1.0 >= c {
            let angle = libm::acos(f.clamp(-1.0, 1.0));
            return if pair(blocks(2 * k + 1)).0 < 0.5 { -angle } else { angle };
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Key;

    /// Draws of a law, one per row.
    fn drawn(count: u32, law: impl Fn(&Blocks<'_>) -> f64) -> Vec<f64> {
        let key = Key { seed: 7 };
        (0..count).map(|row| law(&|block| key.block(3, row, 0, block))).collect()
    }

    /// The largest distance between the drawn and the true distribution function; 1.95/sqrt(n) is passed once in a thousand.
    fn distance(mut found: Vec<f64>, law: impl Fn(f64) -> f64) -> f64 {
        found.sort_by(f64::total_cmp);
        let n = found.len() as f64;
        let gap = |(k, x): (usize, &f64)| (law(*x) - k as f64 / n).abs().max((law(*x) - (k + 1) as f64 / n).abs());
        found.iter().enumerate().map(gap).fold(0.0, f64::max)
    }

    /// The distribution function by Simpson's rule from the density.
    fn integrated(low: f64, density: impl Fn(f64) -> f64) -> impl Fn(f64) -> f64 {
        move |x| {
            let (n, mut sum) = (400, 0.0);
            let h = (x - low) / f64::from(n);
            for k in 0..n {
                let a = low + f64::from(k) * h;
                sum += h / 6.0 * (density(a) + 4.0 * density(a + h / 2.0) + density(a + h));
            }
            sum
        }
    }

    const COUNT: u32 = 20_000;
    const FAR: f64 = 1.95 / 141.4;

    #[test]
    fn continuous_laws_pass_kolmogorov_and_smirnov() {
        assert!(distance(drawn(COUNT, |blocks| exponential(blocks(0))), |x| 1.0 - libm::exp(-x)) < FAR);
        for shape in [1.0, 2.5, 40.0] {
            let scale = libm::lgamma(shape);
            let law = integrated(0.0, |x| {
                if x > 0.0 { libm::exp((shape - 1.0) * libm::log(x) - x - scale) } else { f64::from(shape == 1.0) }
            });
            assert!(distance(drawn(COUNT, |blocks| gamma(shape, blocks)), law) < FAR, "gamma of shape {shape}");
        }
        // of shape 1/2 it is half the square of a normal number
        let law = |x: f64| libm::erf(x.sqrt());
        assert!(distance(drawn(COUNT, |blocks| gamma(0.5, blocks)), law) < FAR);
        for kappa in [0.0, 1e-6, 0.7, 4.0, 60.0] {
            let norm = integrated(-std::f64::consts::PI, |x| libm::exp(kappa * (libm::cos(x) - 1.0)))(std::f64::consts::PI);
            let law = integrated(-std::f64::consts::PI, |x| libm::exp(kappa * (libm::cos(x) - 1.0)) / norm);
            assert!(distance(drawn(COUNT, |blocks| von_mises(kappa, blocks)), law) < FAR, "von Mises of {kappa}");
        }
        // the test sees what it is for
        assert!(distance(drawn(COUNT, |blocks| 1.03 * exponential(blocks(0))), |x| 1.0 - libm::exp(-x)) > FAR);
    }

    /// Chi squared of counts against their probabilities, over its degrees of freedom; cells of fewer than ten are put together.
    fn surprise(found: &[f64], most: usize, probability: impl Fn(f64) -> f64) -> f64 {
        let n = found.len() as f64;
        let (mut sum, mut cells, mut expected, mut counted) = (0.0, 0.0, 0.0, 0.0);
        for k in 0..=most {
            expected += n * probability(k as f64);
            counted += found.iter().filter(|x| **x == k as f64).count() as f64;
            if expected >= 10.0 {
                sum += (counted - expected) * (counted - expected) / expected;
                (cells, expected, counted) = (cells + 1.0, 0.0, 0.0);
            }
        }
        (sum - (cells - 1.0)) / (2.0f64 * (cells - 1.0)).sqrt()
    }

    #[test]
    fn counts_have_their_probabilities() {
        for mean in [0.3, 7.0, 29.9, 30.1, 400.0] {
            let p = |k: f64| libm::exp(k * libm::log(mean) - mean - libm::lgamma(k + 1.0));
            let found = drawn(COUNT, |blocks| poisson(mean, blocks));
            assert!(surprise(&found, 600, p) < 4.0, "Poisson of {mean}: {}", surprise(&found, 600, p));
        }
        for (n, p) in [(5.0, 0.3), (40.0, 0.9), (60.0, 0.2), (1000.0, 0.5), (10_000.0, 0.03)] {
            let choose = |k: f64| libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
            let law = |k: f64| if k > n { 0.0 } else { libm::exp(choose(k) + k * libm::log(p) + (n - k) * libm::log(1.0 - p)) };
            let found = drawn(COUNT, |blocks| binomial(n, p, blocks));
            assert!(surprise(&found, 700, law) < 4.0, "binomial of {n}, {p}: {}", surprise(&found, 700, law));
        }
        let found = drawn(COUNT, |blocks| poisson(7.2, blocks));
        let p = |k: f64| libm::exp(k * libm::log(7.0) - 7.0 - libm::lgamma(k + 1.0));
        assert!(surprise(&found, 600, p) > 4.0, "the test sees what it is for");
    }
}
