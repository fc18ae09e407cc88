//! A value of every edge, settled but not drawn: internal units, one number, one each, or a law. Not here: drawing (`draw`).

use std::sync::Arc;

use super::pair::PairValue;
use super::value::Outside;
use super::which::Which;

/// A value of every edge of a projection.
#[derive(Clone, Debug, PartialEq)]
pub enum EdgeValue {
    /// One number for all synapses.
    Shared(f64),
    /// One per synapse in the order of the list (list, matrix, file), or one per source (one to one).
    List(Vec<f64>),
    /// Drawn per synapse.
    Draw(Draw),
    /// By an expression of the pair that it joins.
    Pair(OfPair),
    /// Some synapses have numbers of their own: one for all that are named, or one each; of two for one the last holds.
    Except(Box<EdgeValue>, Vec<(Which, Vec<f64>)>),
}

/// More steps than this no delay may have; ring slots are counted with it where a law has no end.
const LONGEST_DELAY: f64 = 65_535.0;

impl EdgeValue {
    /// Does chance or an expression say what each is? Then one that comes near to 0 is as good as 0.
    pub fn drawn(&self) -> bool {
        match self {
            EdgeValue::Draw(_) | EdgeValue::Pair(_) => true,
            EdgeValue::Except(others, _) => others.drawn(),
            EdgeValue::Shared(_) | EdgeValue::List(_) => false,
        }
    }

    /// The number of a synapse; `None` where it is drawn, or there is none.
    pub(crate) fn known(&self, edge: usize) -> Option<f64> {
        match self {
            EdgeValue::Shared(x) => Some(*x),
            EdgeValue::List(list) => list.get(edge).copied(),
            EdgeValue::Draw(_) | EdgeValue::Pair(_) | EdgeValue::Except(..) => None,
        }
    }

    /// The longest delay, of delays in steps: normal draws stay within seven deviations.
    pub(crate) fn longest(&self) -> f64 {
        let steps = match self {
            EdgeValue::Shared(d) => *d,
            EdgeValue::List(list) => list.iter().copied().fold(1.0, f64::max),
            EdgeValue::Draw(draw) => draw.law.upper().min(draw.max) / draw.grid.unwrap_or(1.0),
            EdgeValue::Pair(law) => law.bounds.1 / law.grid.unwrap_or(1.0),
            EdgeValue::Except(others, own) => own.iter().flat_map(|(_, steps)| steps).copied().fold(others.longest(), f64::max),
        };
        if steps.is_finite() { steps.round().clamp(1.0, LONGEST_DELAY) } else { LONGEST_DELAY }
    }

    /// How many numbers there are to look at.
    pub(crate) fn count(&self) -> usize {
        match self {
            EdgeValue::List(list) => list.len(),
            _ => 1,
        }
    }
}

/// A number of a pair of neurons, in internal units.
#[derive(Clone, Debug, PartialEq)]
pub struct OfPair {
    /// The expression.
    pub value: Arc<PairValue>,
    /// It is divided by this and rounded to the nearest whole number, from 1 to 65,535 (delays: dt).
    pub grid: Option<f64>,
    /// No pair has less or more than this (before the grid).
    pub bounds: (f64, f64),
}

/// A distribution in internal units.
#[derive(Clone, Debug, PartialEq)]
pub struct Draw {
    /// What is drawn.
    pub law: Law,
    /// No draw is below this.
    pub min: f64,
    /// No draw is above this.
    pub max: f64,
    /// What becomes of a draw beyond these bounds.
    pub outside: Outside,
    /// The draw is divided by this and rounded to the nearest whole number, at least 1 (delays: dt).
    pub grid: Option<f64>,
}

impl Law {
    /// Has it no largest value of its own that a delay must be held against?
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self, Law::Uniform { .. } | Law::Choice { .. } | Law::Integers { .. } | Law::VonMises { .. })
    }

    /// What no draw is far beyond: a larger one has a chance of about 1e-12.
    pub(crate) fn upper(&self) -> f64 {
        match self {
            Law::Uniform { low, high } => low.max(*high),
            Law::Normal { mean, sd } => mean + 7.0 * sd.abs(),
            Law::Lognormal { median, sigma } => median * libm::exp(7.0 * sigma.abs()),
            Law::Gamma { shape, scale } => scale * (shape + 7.0 * shape.sqrt() + 30.0),
            Law::Exponential { mean } => 30.0 * mean,
            Law::Poisson { mean, times } => times * (mean + 7.0 * mean.sqrt() + 15.0),
            Law::Binomial { n, times, .. } => (times * n).max(0.0),
            Law::Integers { low, count } => low + count - 1.0,
            Law::VonMises { mean, .. } => mean + std::f64::consts::PI,
            Law::Choice { of, .. } => of.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

/// A law of chance, in internal units.
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// Every number of a span with the same chance.
    Uniform {
        /// The span starts here.
        low: f64,
        /// The span ends before this.
        high: f64,
    },
    /// A normal law.
    Normal {
        /// Its mean.
        mean: f64,
        /// Its standard deviation.
        sd: f64,
    },
    /// exp(ln(median) + sigma·N(0, 1)); the median is larger than 0.
    Lognormal {
        /// Its median.
        median: f64,
        /// The standard deviation of the logarithm.
        sigma: f64,
    },
    /// A gamma law.
    Gamma {
        /// Larger than 0.
        shape: f64,
        /// What a draw of scale 1 is multiplied by.
        scale: f64,
    },
    /// An exponential law.
    Exponential {
        /// Its mean.
        mean: f64,
    },
    /// A Poisson count, times a number.
    Poisson {
        /// Of the count.
        mean: f64,
        /// What a count of 1 is.
        times: f64,
    },
    /// A binomial count, times a number.
    Binomial {
        /// Trials, a whole number.
        n: f64,
        /// The chance of each.
        p: f64,
        /// What a count of 1 is.
        times: f64,
    },
    /// Every whole number of a span with the same chance.
    Integers {
        /// The first.
        low: f64,
        /// How many there are.
        count: f64,
    },
    /// An angle around a mean.
    VonMises {
        /// The most likely.
        mean: f64,
        /// Its concentration.
        kappa: f64,
    },
    /// One of a list.
    Choice {
        /// The numbers to choose from.
        of: Vec<f64>,
        /// The chance of this number or one before it, for each of them; the last is 1.
        cumulative: Vec<f64>,
    },
}
