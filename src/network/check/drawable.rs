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
        _ => {}
    }
    // nine standard deviations: a draw beyond has probability 1e-19
    let largest = match draw.law {
        Law::Normal { mean, sd } => mean.abs() + 9.0 * sd,
        Law::Lognormal { median, sigma } => median.abs() * libm::exp(9.0 * sigma),
        _ => 0.0,
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
        Law::Uniform { .. } | Law::Choice { .. } => 1.0,
    }
}
