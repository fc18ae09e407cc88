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

impl EdgeValue {
    /// Are any of them drawn?
    pub fn drawn(&self) -> bool {
        match self {
            EdgeValue::Draw(_) => true,
            EdgeValue::Except(others, _) => others.drawn(),
            EdgeValue::Shared(_) | EdgeValue::List(_) | EdgeValue::Pair(_) => false,
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
    /// One of a list.
    Choice {
        /// The numbers to choose from.
        of: Vec<f64>,
        /// The chance of this number or one before it, for each of them; the last is 1.
        cumulative: Vec<f64>,
    },
}
