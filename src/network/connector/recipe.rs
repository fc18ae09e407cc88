//! How synapses are drawn, as numbers alone, so that an engine can draw them where it keeps them, the same to the bit.
//!
//! In: laws of rows and of values. Out: a [`RowRecipe`], a [`ValueRecipe`]; `None` where a law needs more than whole numbers, sums and
//! products (logarithms differ between devices). Not here: drawing by them (`engine`).

use crate::network::edge_value::{Draw, EdgeValue, Law};
use crate::network::value::Outside;
use crate::random::{Key, NORMAL_UNIT};

/// How the targets of sources are drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct RowRecipe {
    /// Who they are.
    pub targets: TargetRecipe,
    /// Of the words of a row, where any are drawn.
    pub key: Key,
    /// Of their stream.
    pub tag: u32,
    /// Targets that there are to choose from.
    pub choices: u32,
    /// No source chooses itself: the targets are those of other numbers, counted without it.
    pub apart: bool,
    /// The neuron that the rule counts as source 0.
    pub first_source: u32,
    /// The neuron that the rule counts as target 0.
    pub first_target: u32,
}

/// Who the targets of a source are.
#[derive(Clone, Debug, PartialEq)]
pub enum TargetRecipe {
    /// As many as the row is long, from the first on.
    Everybody,
    /// The one of the source's number.
    Itself,
    /// From hit to hit, by the words of [`Geometric::words`](crate::random::Geometric::words).
    Trials(Vec<u32>),
    /// As many numbers below the choices as the row is long ([`Draws::below`](crate::random::Draws::below)), in ascending order.
    Chosen,
}

impl RowRecipe {
    /// Targets of which nothing is drawn.
    pub(super) fn of(targets: TargetRecipe) -> RowRecipe {
        let (key, tag, choices, apart, first_source, first_target) = (Key { seed: 0 }, 0, 0, false, 0, 0);
        RowRecipe { targets, key, tag, choices, apart, first_source, first_target }
    }
}

/// How values of synapses are drawn: offset + factor · x, where x is a number of the law. Numbers have places in order: those of the
/// uniform law the 53 bits of [`uniform_f64`](crate::random::uniform_f64), those of the normal law 2^31 and the units of
/// [`normal`](crate::random::normal).
#[derive(Clone, Debug, PartialEq)]
pub struct ValueRecipe {
    /// x is uniform from 0 to 1, else standard normal.
    pub uniform: bool,
    /// Of the words.
    pub key: Key,
    /// Of their stream.
    pub tag: u32,
    /// A draw of another place is drawn anew.
    pub accepted: (u64, u64),
    /// A draw of another place has the first or the second of `clipped`.
    pub inside: (u64, u64),
    /// The bounds.
    pub clipped: (f64, f64),
    pub offset: f64,
    pub factor: f64,
    /// What whole numbers of steps are made of.
    grid: Option<f64>,
}

/// Whole numbers of steps at most: each is a threshold to look at.
const STEPS: f64 = 4096.0;

impl ValueRecipe {
    /// Of a law that is one of these; never downwards with the places.
    pub(super) fn new(draw: &Draw, key: Key, tag: u32) -> Option<ValueRecipe> {
        let (uniform, offset, factor) = match draw.law {
            Law::Uniform { low, high } => (true, low, high - low),
            Law::Normal { mean, sd } => (false, mean, sd),
            _ => return None,
        };
        let usual = |x: f64| x == 0.0 || (1e-200..1e200).contains(&x.abs());
        if !usual(offset) || !usual(factor) || factor < 0.0 {
            return None;
        }
        let (grid, clipped) = (draw.grid, (draw.min, draw.max));
        let all = if uniform { (0, (1 << 53) - 1) } else { (MIDDLE - (1 << 24), MIDDLE + (1 << 24)) };
        let mut recipe = ValueRecipe { uniform, key, tag, accepted: all, inside: all, clipped, offset, factor, grid };
        let first = recipe.first(|x| draw.min <= x);
        let last = recipe.first(|x| draw.max < x).checked_sub(1)?;
        let within = (first <= last).then_some((first, last))?;
        match draw.outside {
            Outside::Clip => recipe.inside = within,
            _ => recipe.accepted = within,
        }
        Some(recipe)
    }

    /// What is drawn at a place, before bounds.
    fn at(&self, place: u64) -> f64 {
        let x = match self.uniform {
            true => place as f64 * (1.0 / 9_007_199_254_740_992.0),
            false => f64::from((place as i64 - MIDDLE as i64) as f32 * NORMAL_UNIT),
        };
        self.offset + self.factor * x
    }

    /// The first place for which something holds that, once it does, holds for all behind it; one more than the last: for none.
    fn first(&self, holds: impl Fn(f64) -> bool) -> u64 {
        let (mut low, mut high) = (self.accepted.0, self.accepted.1 + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if holds(self.at(middle)) { high = middle } else { low = middle + 1 }
        }
        low
    }

    /// How many of the draws are accepted.
    pub fn share(&self) -> f64 {
        let (first, last) = self.accepted;
        if self.uniform {
            return (last - first + 1) as f64 / (1u64 << 53) as f64;
        }
        let below = |place: u64| {
            0.5 * libm::erfc((MIDDLE as f64 - place as f64) * f64::from(NORMAL_UNIT) * std::f64::consts::FRAC_1_SQRT_2)
        };
        (below(last) - below(first)).max(1e-9)
    }

    /// The least number of steps, and the places from which on there is one more, each time; `None`: these are no steps, or too many.
    pub fn steps(&self) -> Option<(u32, Vec<u64>)> {
        let grid = self.grid?;
        let steps = |x: f64| (x.min(self.clipped.1).max(self.clipped.0) / grid).round().max(1.0);
        let (least, most) = (steps(self.at(self.accepted.0)), steps(self.at(self.accepted.1)));
        if !(1.0..=STEPS).contains(&most) {
            return None;
        }
        let more = (least as u32 + 1..=most as u32).map(|n| self.first(|x| steps(x) >= f64::from(n)));
        Some((least as u32, more.collect()))
    }

    /// Are these numbers as they are, and none of them so small that single precision has another kind for it?
    pub fn are_plain(&self) -> bool {
        let small = |x: f64| x != 0.0 && x.abs() < f64::from(f32::MIN_POSITIVE) * 2.0;
        let ends = [self.at(self.inside.0.max(self.accepted.0)), self.at(self.inside.1.min(self.accepted.1))];
        // where they pass 0, a product is hardly ever that small; what lies next to 0 is looked at
        let crossing = self.first(|x| x >= 0.0);
        let near = [crossing.saturating_sub(1), crossing, crossing + 1].map(|place| self.at(place));
        self.grid.is_none() && !ends.into_iter().chain(near).chain([self.clipped.0, self.clipped.1]).any(small)
    }
}

/// The place of 0 in the normal law.
const MIDDLE: u64 = 1 << 31;

/// Could values of these be drawn by recipes, or are they one number?
pub(super) fn is_plain(value: &EdgeValue) -> bool {
    match value {
        EdgeValue::Shared(_) => true,
        EdgeValue::Draw(draw) => ValueRecipe::new(draw, Key { seed: 0 }, 0).is_some_and(|r| r.steps().is_some() || r.are_plain()),
        _ => false,
    }
}
