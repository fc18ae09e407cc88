//! One number of a distribution, by counter.
//!
//! In: a [`Draw`] (internal units), the stream, the row and the place that it is for. Out: a number within the bounds, on the
//! grid. Not here: reading distributions (`network::value`), draws while the network runs (engines).

use super::checked::{Draw, Law};
use super::value::Outside;
use crate::random::{self, Key};

/// How often a draw outside the bounds is repeated.
pub const TRIES: u32 = 1000;

/// Why there is no number.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DrawError {
    #[error("none of {TRIES} draws fell within {min} to {max}; help: widen the bounds, or let `outside` be `clip`")]
    Bounds { min: f64, max: f64 },
    #[error("drew {0}, which is too large for a number of 32 bits")]
    NotFinite(f64),
}

/// The number of `row` at `place` (below 2^48) of the stream with this tag; try k of a draw takes block k of the counter.
pub fn draw(draw: &Draw, key: Key, tag: u32, row: u32, place: u64) -> Result<f64, DrawError> {
    let mut x = f64::NAN;
    let inside = |x: f64| draw.min <= x && x <= draw.max;
    for block in 0..TRIES {
        x = sample(&draw.law, key.block(tag, row, place, block));
        if inside(x) {
            break;
        }
        if draw.outside == Outside::Clip {
            // max, then min: no panic where the bounds are crossed
            x = x.min(draw.max).max(draw.min);
            break;
        }
        x = f64::NAN;
    }
    if x.is_nan() {
        return Err(DrawError::Bounds { min: draw.min, max: draw.max });
    }
    let x = draw.grid.map_or(x, |grid| (x / grid).round().max(1.0));
    if (x as f32).is_finite() { Ok(x) } else { Err(DrawError::NotFinite(x)) }
}

fn sample(law: &Law, words: [u32; 4]) -> f64 {
    let uniform = || random::uniform_f64(words[0], words[1]);
    let normal = || f64::from(random::normal(words[0], words[1]));
    match law {
        Law::Uniform { low, high } => low + (high - low) * uniform(),
        Law::Normal { mean, sd } => mean + sd * normal(),
        Law::Lognormal { median, sigma } => median * libm::exp(sigma * normal()),
        Law::Choice { of, cumulative } => {
            // the last sum may miss 1 by a rounding, so the draw is measured against it
            let u = uniform() * cumulative.last().copied().unwrap_or(1.0);
            let k = cumulative.partition_point(|c| *c <= u);
            of.get(k).or(of.last()).copied().unwrap_or(f64::NAN)
        }
    }
}
