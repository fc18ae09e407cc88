//! Can this be drawn? Probabilities that add up, bounds that leave something.

use super::short;
use super::words::{holds, quantity};
use crate::diagnostic::Diagnostic;
use crate::network::checked::{Draw, Law};
use crate::network::value::Outside;
use crate::units::Dimension;

/// A truncated distribution that keeps less than this is refused; a thousand misses in a row (0.95^1000 = 5e-23) then never happen.
const LEAST_KEPT: f64 = 0.05;

pub(super) fn cumulative(part: &str, what: &str, count: usize, probability: &[f64]) -> Result<Vec<f64>, Diagnostic> {
    let wrong = |text: String| Err(Diagnostic::new("E034", format!("{part}: `{what}`: {text}")).value_of(what));
    if count == 0 {
        return wrong("nothing to choose from".into());
    }
    let even = vec![1.0 / count as f64; count];
    let probability = if probability.is_empty() { &even } else { probability };
    if probability.len() != count {
        return wrong(format!("{} probabilities for {count} values", probability.len()));
    }
    if let Some(bad) = probability.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return wrong(format!("{bad} is no probability"));
    }
    let total: f64 = probability.iter().sum();
    if (total - 1.0).abs() > 1e-6 {
        return wrong(format!("the probabilities add up to {}, not to 1", short(total)));
    }
    let mut sum = 0.0;
    let mut out: Vec<f64> = probability
        .iter()
        .map(|p| {
            sum += p / total;
            sum
        })
        .collect();
    // a draw is below 1, so that the last value with a probability takes what rounding left
    if let Some(last) = probability.iter().rposition(|p| *p > 0.0) {
        out[last..].fill(1.0);
    }
    Ok(out)
}

/// Can this be drawn?
pub(super) fn possible(part: &str, what: &str, draw: &Draw, dimension: Dimension) -> Result<(), Diagnostic> {
    let wrong = |text: String| Err(Diagnostic::new("E034", format!("{part}: `{what}`: {text}")).value_of(what));
    let of = |x: f64| quantity(x, dimension);
    match draw.law {
        Law::Uniform { low, high } if low > high => {
            return wrong(format!("uniform from {} to {}: the first must not be larger", of(low), of(high)));
        }
        Law::Uniform { low, high } if !(high - low).is_finite() => {
            return wrong(format!("uniform from {} to {} is too wide", of(low), of(high)));
        }
        Law::Normal { sd, .. } if sd < 0.0 => {
            return wrong(format!("the sd of a normal must not be negative, got {}", of(sd)));
        }
        Law::Lognormal { median, .. } if median <= 0.0 => {
            return wrong(format!("the median of a lognormal must be larger than 0, got {}", of(median)));
        }
        Law::Lognormal { sigma, .. } if !(0.0..=30.0).contains(&sigma) => {
            return wrong(format!("the sigma of a lognormal is a number from 0 to 30, got {sigma}"));
        }
        Law::Gamma { shape, .. } if !(shape > 0.0 && shape <= 1e9) => {
            return wrong(format!("the shape of a gamma law is a number above 0, up to 1e9, got {}", short(shape)));
        }
        Law::Poisson { mean, .. } if !(0.0..=MOST_COUNTED).contains(&mean) => {
            return wrong(format!("the mean of a Poisson count is a number from 0 to {MOST_COUNTED:e}, got {}", short(mean)));
        }
        Law::Binomial { n, .. } if n.fract() != 0.0 || !(0.0..=MOST_COUNTED).contains(&n) => {
            return wrong(format!("the `n` of a binomial law is a whole number from 0 to {MOST_COUNTED:e}, got {}", short(n)));
        }
        Law::Binomial { p, .. } if !(0.0..=1.0).contains(&p) => {
            return wrong(format!("the `p` of a binomial law is a probability from 0 to 1, got {}", short(p)));
        }
        Law::Integers { low, count } if low.fract() != 0.0 || count.fract() != 0.0 => {
            return wrong(format!("randint from {low} to {} takes whole numbers", short(low + count)));
        }
        Law::Integers { low, count } if count < 1.0 => {
            return wrong(format!("randint from {low} up to, not including, {} are none", short(low + count)));
        }
        Law::Integers { low, count } if count > 4_294_967_296.0 || low.abs() > 9.0e15 => {
            return wrong(format!("randint from {low} takes {count} numbers, more than 2^32, or too large ones"));
        }
        Law::VonMises { kappa, .. } if !(0.0..=1e9).contains(&kappa) => {
            return wrong(format!("the kappa of a von Mises law is a number from 0 to 1e9, got {}", short(kappa)));
        }
        _ => {}
    }
    // nine standard deviations: a draw beyond has probability 1e-19
    let largest = match draw.law {
        Law::Normal { mean, sd } => mean.abs() + 9.0 * sd,
        Law::Lognormal { median, sigma } => median.abs() * libm::exp(9.0 * sigma),
        Law::Uniform { .. } | Law::Choice { .. } => 0.0,
        Law::Gamma { shape, scale } => scale.abs() * (shape + 9.0 * shape.sqrt() + 40.0),
        Law::Exponential { mean } => 40.0 * mean.abs(),
        Law::Poisson { mean, times } => times.abs() * (mean + 9.0 * mean.sqrt() + 20.0),
        Law::Binomial { n, times, .. } => times.abs() * n,
        Law::Integers { low, count } => low.abs() + count,
        Law::VonMises { mean, .. } => mean.abs() + 4.0,
    };
    if !holds(largest.min(draw.max.abs().max(draw.min.abs()))) {
        return wrong("draws may be larger than single precision holds".into());
    }
    if draw.min > draw.max {
        return wrong(format!("the bounds {} and {} are in the wrong order", of(draw.min), of(draw.max)));
    }
    let kept = kept(draw);
    if draw.outside == Outside::Redraw && kept < LEAST_KEPT {
        let d = Diagnostic::new(
            "E034",
            format!(
                "{part}: `{what}`: {} of the draws are within the bounds",
                if kept > 0.0 { format!("only {kept:.1e}") } else { "none".into() }
            ),
        );
        return Err(d.value_of(what).help("widen the bounds, or write outside = \"clip\""));
    }
    Ok(())
}

/// The part of the draws that are within the bounds.
fn kept(draw: &Draw) -> f64 {
    let below = |z: f64| 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
    let inside = |x: f64| if (draw.min..=draw.max).contains(&x) { 1.0 } else { 0.0 };
    match draw.law {
        Law::Normal { mean, sd: 0.0 } => inside(mean),
        Law::Normal { mean, sd } => below((draw.max - mean) / sd) - below((draw.min - mean) / sd),
        Law::Lognormal { median, sigma } if sigma == 0.0 || median == 0.0 => inside(median),
        Law::Lognormal { median, sigma } => {
            let (min, max) = if median > 0.0 { (draw.min, draw.max) } else { (-draw.max, -draw.min) };
            let z = |x: f64| if x <= 0.0 { f64::NEG_INFINITY } else { libm::log(x / median.abs()) / sigma };
            below(z(max)) - below(z(min))
        }
        // a negative scale is a law on the other side of 0
        Law::Gamma { shape, scale } => between(draw, scale, &|x| gamma_below(shape, x)),
        Law::Exponential { mean } => between(draw, mean, &|x| if x > 0.0 { -libm::expm1(-x) } else { 0.0 }),
        Law::Poisson { mean, times } => {
            let chance = |k: f64| libm::exp(if mean > 0.0 { k * libm::log(mean) } else { 0.0 } - mean - libm::lgamma(k + 1.0));
            counted(draw, times, mean, mean.sqrt(), f64::INFINITY, &|k| if mean > 0.0 { chance(k) } else { f64::from(k == 0.0) })
        }
        Law::Binomial { n, p, times } => {
            let ways = |k: f64| libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
            let chance = |k: f64| libm::exp(ways(k) + k * libm::log(p) + (n - k) * libm::log1p(-p));
            let certain = |k: f64| f64::from(k == n * p);
            let sd = (n * p * (1.0 - p)).sqrt();
            counted(draw, times, n * p, sd, n, &|k| if p > 0.0 && p < 1.0 { chance(k) } else { certain(k) })
        }
        Law::Uniform { .. } | Law::Choice { .. } | Law::Integers { .. } | Law::VonMises { .. } => 1.0,
    }
}

/// The largest mean of a count.
const MOST_COUNTED: f64 = 1e9;

/// The part within the bounds of a law over positive numbers, times a scale.
fn between(draw: &Draw, scale: f64, below: &dyn Fn(f64) -> f64) -> f64 {
    if scale == 0.0 {
        return f64::from((draw.min..=draw.max).contains(&0.0));
    }
    let (a, b) = (draw.min / scale, draw.max / scale);
    below(a.max(b)) - below(a.min(b))
}

/// The same of counts, summed over those that are within ten deviations of the mean.
fn counted(draw: &Draw, times: f64, mean: f64, sd: f64, most: f64, chance: &dyn Fn(f64) -> f64) -> f64 {
    if draw.min == f64::NEG_INFINITY && draw.max == f64::INFINITY {
        return 1.0;
    }
    let (low, high) = ((mean - 10.0 * sd - 30.0).floor().max(0.0), (mean + 10.0 * sd + 30.0).ceil().min(most));
    let (mut k, mut sum) = (low, 0.0);
    while k <= high {
        if (draw.min..=draw.max).contains(&(times * k)) {
            sum += chance(k);
        }
        k += 1.0;
    }
    sum
}

/// The distribution function of a gamma law of scale 1: a series below its mean, a continued fraction above.
fn gamma_below(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x == f64::INFINITY {
        return 1.0;
    }
    let front = libm::exp(shape * libm::log(x) - x - libm::lgamma(shape));
    if x < shape + 1.0 {
        let (mut term, mut sum, mut k) = (1.0 / shape, 1.0 / shape, shape);
        while term > sum * 1e-12 {
            k += 1.0;
            term *= x / k;
            sum += term;
        }
        return (front * sum).min(1.0);
    }
    // Lentz
    let mut b = x + 1.0 - shape;
    let (mut c, mut d) = (1e300, 1.0 / b);
    let mut h = d;
    for k in 1..100_000 {
        let k = f64::from(k);
        let a = -k * (k - shape);
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        h *= c * d;
        if (c * d - 1.0).abs() < 1e-12 {
            break;
        }
    }
    (1.0 - front * h).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_of_a_gamma_law_below_a_number() {
        // of shape 1 it is exponential, of shape 1/2 half the square of a normal number
        for x in [0.1f64, 1.0, 3.0, 20.0] {
            assert!((gamma_below(1.0, x) - (1.0 - libm::exp(-x))).abs() < 1e-10, "{x}");
            assert!((gamma_below(0.5, x) - libm::erf(x.sqrt())).abs() < 1e-10, "{x}");
        }
        assert_eq!((gamma_below(3.0, -1.0), gamma_below(3.0, f64::INFINITY)), (0.0, 1.0));
        let draw = |law, min, max| Draw { law, min, max, outside: Outside::Redraw, grid: None };
        // 1 - e^-3·(1 + 3) of a Poisson count of mean 3 is 2 or more
        let part = kept(&draw(Law::Poisson { mean: 3.0, times: 0.5 }, 0.9, f64::INFINITY));
        assert!((part - (1.0 - 4.0 * libm::exp(-3.0))).abs() < 1e-12, "{part}");
        let part = kept(&draw(Law::Binomial { n: 4.0, p: 0.5, times: 1.0 }, 0.0, 1.0));
        assert!((part - 5.0 / 16.0).abs() < 1e-12, "{part}");
    }
}
