//! A value as a person gives it: a quantity, one per neuron or synapse, drawn from a distribution, or a column of a file.
//!
//! In: Rust values (`"-65 mV"`, `uniform("-60 mV", "-50 mV")`), or the value of a key in a network file. Out: [`Value`].
//! Not here: what the value means (`network::check`), which knows the dimension that is expected.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::which::Which;

mod from;
mod written;

/// Not yet resolved: texts keep the letters that were written, so that a network file reads and writes back the same.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A pure number.
    Number(f64),
    /// `-65 mV`
    Text(String),
    /// One per row.
    List(Vec<Value>),
    /// Drawn per row.
    Distribution(Box<Distribution>),
}

/// In a file: a table with one key, `{ uniform = ["-60 mV", "-50 mV"] }`.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// From the first (included) to the second (excluded).
    Uniform(Value, Value),
    /// `{ normal = { mean = "1.5 ms", sd = "0.75 ms", min = "0.1 ms", max = "5 ms", outside = "redraw" } }`
    Normal {
        /// Its mean.
        mean: Value,
        /// Its standard deviation.
        sd: Value,
        /// No draw is below this.
        min: Option<Value>,
        /// No draw is above this.
        max: Option<Value>,
        /// What becomes of a draw beyond these bounds.
        outside: Outside,
    },
    /// exp of a normal: `median` = exp(mean of the logarithm), `sigma` = sd of the logarithm.
    Lognormal {
        /// Its median.
        median: Value,
        /// The standard deviation of the logarithm.
        sigma: f64,
        /// No draw is below this.
        min: Option<Value>,
        /// No draw is above this.
        max: Option<Value>,
        /// What becomes of a draw beyond these bounds.
        outside: Outside,
    },
    /// `{ gamma = { shape = 2, scale = "5 ms" } }`, of mean shape·scale.
    Gamma {
        /// A pure number larger than 0; 1 is an exponential law.
        shape: Value,
        /// What a draw of scale 1 is multiplied by.
        scale: Value,
        /// No draw is below this.
        min: Option<Value>,
        /// No draw is above this.
        max: Option<Value>,
        /// What becomes of a draw beyond these bounds.
        outside: Outside,
    },
    /// `{ exponential = { mean = "10 ms" } }`
    Exponential {
        /// Its mean, which is its standard deviation too.
        mean: Value,
        /// No draw is below this.
        min: Option<Value>,
        /// No draw is above this.
        max: Option<Value>,
        /// What becomes of a draw beyond these bounds.
        outside: Outside,
    },
    /// `{ poisson = { mean = 3.5 } }`: a whole number.
    Poisson {
        /// A pure number from 0 on.
        mean: Value,
        /// What the whole number is multiplied by; 1 if not given.
        times: Option<Value>,
    },
    /// `{ binomial = { n = 10, p = 0.3 } }`: how many of `n` trials succeed.
    Binomial {
        /// A whole number from 0 on.
        n: Value,
        /// The chance of each.
        p: Value,
        /// What the whole number is multiplied by; 1 if not given.
        times: Option<Value>,
    },
    /// `{ randint = [0, 10] }`: a whole number from the first (included) to the second (excluded), as in numpy.
    Randint(Value, Value),
    /// `{ von_mises = { mean = 0, kappa = 2 } }`: an angle in radians, from mean - pi to mean + pi.
    VonMises {
        /// The most likely angle.
        mean: Value,
        /// Its concentration: about one over the variance where it is large, 0 for every angle alike.
        kappa: Value,
    },
    /// `{ linspace = ["-63 mV", "-59 mV"] }`: from the first value in the first row to the second in the last, evenly.
    Linspace(Value, Value),
    /// `{ range = ["0 pA", "100 pA", "10 pA"] }`: from the first up to, not including, the second, by the third; as many as there
    /// are rows.
    Range(Value, Value, Value),
    /// `{ repeat = ["1 mV", "2 mV"] }`: one after the other, over and over.
    Repeat(Vec<Value>),
    /// `{ each = ["1 mV", "2 mV"] }`: the first value for the first half of the rows, the second for the second; a block for each.
    Each(Vec<Value>),
    /// One of `of`, with these probabilities (all the same if none are given).
    Choice {
        /// The numbers to choose from.
        of: Vec<Value>,
        /// Of each; even if not given.
        probability: Vec<f64>,
    },
    /// A column of the projection's own table (connector `file`; `value` of a `matrix`), or of another; times `unit`.
    Column {
        /// The table; that of the connector if not given.
        file: Option<PathBuf>,
        /// One of its columns.
        column: String,
        /// Of its numbers.
        unit: Option<String>,
    },
    /// A number for each place of the projection's own `matrix` or `pattern`, in the same rows; times `unit`.
    Matrix {
        /// In the rows of the connector.
        rows: Vec<Vec<f64>>,
        /// Of the numbers.
        unit: Option<String>,
    },
    /// `{ numbers = { of = [1.5, 2], unit = "nS" } }`: one number for each row in one unit, as a program has them in an array.
    #[doc(alias = "array")]
    Numbers {
        /// In the order of rows.
        of: Vec<f64>,
        /// Of the numbers; pure numbers if not given.
        unit: Option<String>,
    },
    /// `{ except = { value = "-50 mV", rows = [{ at = "0..3,7", value = "-49 mV" }] } }`: some rows have another value than the
    /// others; of two for one row the last holds. Without `value` the others have what they have if nothing is given.
    Except {
        /// What all others have.
        value: Option<Value>,
        /// Which have what instead.
        rows: Vec<Exception>,
    },
}

/// A value that some rows have instead of what the others have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Never all of them.
    pub at: Which,
    /// One for all of these rows, or a list with one for each, in their order.
    pub value: Value,
}

/// What is done with a draw outside the bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outside {
    /// Set to the nearest bound.
    Clip,
    /// Drawn again.
    #[default]
    Redraw,
}

/// Drawn per row, from `low` (included) to `high` (excluded).
pub fn uniform(low: impl Into<Value>, high: impl Into<Value>) -> Distribution {
    Distribution::Uniform(low.into(), high.into())
}

/// Drawn per row; bounds by [`Distribution::min`] and [`Distribution::max`].
#[doc(alias = "gaussian")]
pub fn normal(mean: impl Into<Value>, sd: impl Into<Value>) -> Distribution {
    Distribution::Normal { mean: mean.into(), sd: sd.into(), min: None, max: None, outside: Outside::Redraw }
}

/// exp of a normal, drawn per row: `sigma` is the standard deviation of the logarithm.
pub fn lognormal(median: impl Into<Value>, sigma: f64) -> Distribution {
    Distribution::Lognormal { median: median.into(), sigma, min: None, max: None, outside: Outside::Redraw }
}

/// One of some values, drawn per row with these probabilities.
pub fn choice<V: Into<Value>>(of: impl IntoIterator<Item = V>, probability: impl IntoIterator<Item = f64>) -> Distribution {
    Distribution::Choice { of: of.into_iter().map(Into::into).collect(), probability: probability.into_iter().collect() }
}

/// Drawn per row, of mean shape·scale; bounds by [`Distribution::min`] and [`Distribution::max`].
pub fn gamma(shape: impl Into<Value>, scale: impl Into<Value>) -> Distribution {
    Distribution::Gamma { shape: shape.into(), scale: scale.into(), min: None, max: None, outside: Outside::Redraw }
}

/// Drawn per row; bounds by [`Distribution::min`] and [`Distribution::max`].
pub fn exponential(mean: impl Into<Value>) -> Distribution {
    Distribution::Exponential { mean: mean.into(), min: None, max: None, outside: Outside::Redraw }
}

/// A whole number, drawn per row.
pub fn poisson(mean: impl Into<Value>) -> Distribution {
    Distribution::Poisson { mean: mean.into(), times: None }
}

/// How many of `n` trials succeed, drawn per row.
pub fn binomial(n: impl Into<Value>, p: impl Into<Value>) -> Distribution {
    Distribution::Binomial { n: n.into(), p: p.into(), times: None }
}

/// A whole number from the first to the one before the second, drawn per row.
#[doc(alias = "uniform_int", alias = "integers")]
pub fn randint(low: impl Into<Value>, high: impl Into<Value>) -> Distribution {
    Distribution::Randint(low.into(), high.into())
}

/// An angle in radians around a mean, drawn per row.
pub fn von_mises(mean: impl Into<Value>, kappa: impl Into<Value>) -> Distribution {
    Distribution::VonMises { mean: mean.into(), kappa: kappa.into() }
}

/// From one value in the first row to the other in the last, evenly.
pub fn linspace(first: impl Into<Value>, last: impl Into<Value>) -> Distribution {
    Distribution::Linspace(first.into(), last.into())
}

/// From `start` up to, not including, `stop`, as many as there are rows.
#[doc(alias = "arange")]
pub fn range(start: impl Into<Value>, stop: impl Into<Value>, step: impl Into<Value>) -> Distribution {
    Distribution::Range(start.into(), stop.into(), step.into())
}

/// One value after the other, over and over.
#[doc(alias = "tile")]
pub fn repeat<V: Into<Value>>(of: impl IntoIterator<Item = V>) -> Distribution {
    Distribution::Repeat(of.into_iter().map(Into::into).collect())
}

/// A block of rows for each value.
pub fn each<V: Into<Value>>(of: impl IntoIterator<Item = V>) -> Distribution {
    Distribution::Each(of.into_iter().map(Into::into).collect())
}

/// The numbers of the projection's own `matrix` or `pattern` as values, in this unit.
pub fn of_connector(unit: impl Into<String>) -> Distribution {
    Distribution::Column { file: None, column: "value".into(), unit: Some(unit.into()) }
}

/// A number for each place of the projection's own `matrix` or `pattern`, in the same rows, in this unit.
pub fn matrix(rows: impl Into<Vec<Vec<f64>>>, unit: impl Into<String>) -> Distribution {
    Distribution::Matrix { rows: rows.into(), unit: Some(unit.into()) }
}

/// One number for each row, all in this unit: `numbers([1.0, 2.5], "nS")`. Shape: as many as there are rows.
pub fn numbers(of: impl Into<Vec<f64>>, unit: impl Into<String>) -> Distribution {
    Distribution::Numbers { of: of.into(), unit: Some(unit.into()) }
}

impl Distribution {
    /// What the whole number of a Poisson or binomial law is multiplied by, such as `0.5 nS`.
    #[must_use]
    pub fn times(mut self, factor: impl Into<Value>) -> Distribution {
        if let Distribution::Poisson { times, .. } | Distribution::Binomial { times, .. } = &mut self {
            *times = Some(factor.into());
        }
        self
    }

    /// The smallest value that may be drawn (normal, lognormal, gamma and exponential; the others have their own bounds).
    #[must_use]
    pub fn min(mut self, bound: impl Into<Value>) -> Distribution {
        if let Distribution::Normal { min, .. }
        | Distribution::Lognormal { min, .. }
        | Distribution::Gamma { min, .. }
        | Distribution::Exponential { min, .. } = &mut self
        {
            *min = Some(bound.into());
        }
        self
    }

    /// The largest value that may be drawn (normal, lognormal, gamma and exponential).
    #[must_use]
    pub fn max(mut self, bound: impl Into<Value>) -> Distribution {
        if let Distribution::Normal { max, .. }
        | Distribution::Lognormal { max, .. }
        | Distribution::Gamma { max, .. }
        | Distribution::Exponential { max, .. } = &mut self
        {
            *max = Some(bound.into());
        }
        self
    }

    /// Draws outside the bounds are set to the nearest bound instead of drawn again.
    #[must_use]
    pub fn clip(mut self) -> Distribution {
        if let Distribution::Normal { outside, .. }
        | Distribution::Lognormal { outside, .. }
        | Distribution::Gamma { outside, .. }
        | Distribution::Exponential { outside, .. } = &mut self
        {
            *outside = Outside::Clip;
        }
        self
    }
}

impl Value {
    /// Some rows have a value, and the others what they have if nothing is given.
    pub(super) fn is_partial(&self) -> bool {
        matches!(self, Value::Distribution(d) if matches!(d.as_ref(), Distribution::Except { value: None, .. }))
    }
}

impl Default for Value {
    fn default() -> Self {
        Value::Number(0.0)
    }
}

impl fmt::Display for Value {
    /// As in messages: long lists are cut.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(x) => write!(f, "{x}"),
            Value::Text(text) => {
                let short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
                f.write_str(&short)
            }
            Value::List(list) => write!(f, "a list of {}", list.len()),
            Value::Distribution(d) => match d.keyword() {
                word @ ("linspace" | "range" | "repeat" | "each") => write!(f, "a `{word}`"),
                word => write!(f, "a {} distribution", word.replace('_', " ")),
            },
        }
    }
}

impl Distribution {
    /// The values that it is described by.
    pub(super) fn values(&self) -> Vec<&Value> {
        match self {
            Distribution::Uniform(low, high) => vec![low, high],
            Distribution::Normal { mean, sd, min, max, .. } => [mean, sd].into_iter().chain(min).chain(max).collect(),
            Distribution::Lognormal { median, min, max, .. } => [median].into_iter().chain(min).chain(max).collect(),
            Distribution::Gamma { shape, scale, min, max, .. } => [shape, scale].into_iter().chain(min).chain(max).collect(),
            Distribution::Exponential { mean, min, max, .. } => [mean].into_iter().chain(min).chain(max).collect(),
            Distribution::Poisson { mean, times } => [mean].into_iter().chain(times).collect(),
            Distribution::Binomial { n, p, times } => [n, p].into_iter().chain(times).collect(),
            Distribution::Randint(a, b) | Distribution::Linspace(a, b) => vec![a, b],
            Distribution::VonMises { mean, kappa } => vec![mean, kappa],
            Distribution::Range(a, b, c) => vec![a, b, c],
            Distribution::Choice { of, .. } | Distribution::Repeat(of) | Distribution::Each(of) => of.iter().collect(),
            Distribution::Column { .. } | Distribution::Matrix { .. } | Distribution::Numbers { .. } => Vec::new(),
            Distribution::Except { value, rows } => value.iter().chain(rows.iter().map(|row| &row.value)).collect(),
        }
    }

    /// Does it stand for a list, whose length must be known?
    pub(super) fn follows_rows(&self) -> bool {
        matches!(self.keyword(), "column" | "matrix" | "numbers" | "except" | "linspace" | "range" | "repeat" | "each")
    }

    /// Its key in a file.
    pub fn keyword(&self) -> &'static str {
        match self {
            Distribution::Uniform(..) => "uniform",
            Distribution::Normal { .. } => "normal",
            Distribution::Lognormal { .. } => "lognormal",
            Distribution::Gamma { .. } => "gamma",
            Distribution::Exponential { .. } => "exponential",
            Distribution::Poisson { .. } => "poisson",
            Distribution::Binomial { .. } => "binomial",
            Distribution::Randint(..) => "randint",
            Distribution::VonMises { .. } => "von_mises",
            Distribution::Linspace(..) => "linspace",
            Distribution::Range(..) => "range",
            Distribution::Repeat(_) => "repeat",
            Distribution::Each(_) => "each",
            Distribution::Choice { .. } => "choice",
            Distribution::Column { .. } => "column",
            Distribution::Matrix { .. } => "matrix",
            Distribution::Numbers { .. } => "numbers",
            Distribution::Except { .. } => "except",
        }
    }
}

#[cfg(test)]
mod tests;
