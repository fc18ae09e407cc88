//! One number of a distribution, by counter.
//!
//! In: a [`Draw`] (internal units), the stream, the row and the place that it is for. Out: a number within the bounds, on the
//! grid. Not here: reading distributions (`network::value`), draws while the network runs (engines).

mod law;

use super::edge_value::{Draw, Law};
use super::value::Outside;
use crate::random::{self, Key};

/// How often a draw outside the bounds is repeated.
pub const TRIES: u32 = 1000;

/// Why there is no number.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DrawError {
    /// No draw lies within the bounds.
    #[error("none of {TRIES} draws fell within {min} to {max}; help: widen the bounds, or let `outside` be `clip`")]
    Bounds {
        /// The lower one.
        min: f64,
        /// The upper one.
        max: f64,
    },
    /// A draw that single precision does not hold.
    #[error("drew {0}, which is too large for a number of 32 bits")]
    NotFinite(f64),
}

/// The number of `row` at `place` (below 2^48) of the stream with this tag; try k of a draw takes block k of the counter.
pub fn draw(draw: &Draw, key: Key, tag: u32, row: u32, place: u64) -> Result<f64, DrawError> {
    draw_from(draw, key, tag, row, place, key.block(tag, row, place, 0))
}

/// The same where the words of block 0 are known.
pub fn draw_from(draw: &Draw, key: Key, tag: u32, row: u32, place: u64, first: [u32; 4]) -> Result<f64, DrawError> {
    let drawn = (0..TRIES).find_map(|block| {
        // block k of a try is block k·TRIES of the next ones: no two tries share any
        let blocks = |k: u32| match k * TRIES + block {
            0 => first,
            block => key.block(tag, row, place, block),
        };
        let x = sample(&draw.law, &blocks)?;
        match draw.min <= x && x <= draw.max {
            true => Some(x),
            // max, then min: no panic where the bounds are crossed
            false => (draw.outside == Outside::Clip).then(|| x.min(draw.max).max(draw.min)),
        }
    });
    let x = drawn.ok_or(DrawError::Bounds { min: draw.min, max: draw.max })?;
    let x = draw.grid.map_or(x, |grid| (x / grid).round().max(1.0));
    if (x as f32).is_finite() { Ok(x) } else { Err(DrawError::NotFinite(x)) }
}

/// `None`: there is nothing to choose from.
fn sample(law: &Law, blocks: &law::Blocks<'_>) -> Option<f64> {
    let words = blocks(0);
    let uniform = || random::uniform_f64(words[0], words[1]);
    let normal = || f64::from(random::normal(words[0], words[1]));
    Some(match law {
        Law::Uniform { low, high } => low + (high - low) * uniform(),
        Law::Normal { mean, sd } => mean + sd * normal(),
        Law::Lognormal { median, sigma } => median * libm::exp(sigma * normal()),
        Law::Gamma { shape, scale } => scale * law::gamma(*shape, blocks),
        Law::Exponential { mean } => mean * law::exponential(words),
        Law::Poisson { mean, times } => times * law::poisson(*mean, blocks),
        Law::Binomial { n, p, times } => times * law::binomial(*n, *p, blocks),
        // below 2^32 numbers, so that none is likelier than another by more than 2^-21
        Law::Integers { low, count } => low + (uniform() * count).floor().min(count - 1.0),
        Law::VonMises { mean, kappa } => mean + law::von_mises(*kappa, blocks),
        Law::Choice { of, cumulative } => {
            // the last sum may miss 1 by a rounding, so the draw is measured against it
            let u = uniform() * cumulative.last().copied().unwrap_or(1.0);
            let k = cumulative.partition_point(|c| *c <= u);
            *of.get(k).or(of.last())?
        }
    })
}
