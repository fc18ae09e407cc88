//! A value as a person gives it: a quantity, one per neuron or synapse, drawn from a distribution, or a column of a file.

use std::path::PathBuf;

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
    Normal { mean: Value, sd: Value, min: Option<Value>, max: Option<Value>, outside: Outside },
    /// exp of a normal: `median` = exp(mean of the logarithm), `sigma` = sd of the logarithm.
    Lognormal { median: Value, sigma: f64, min: Option<Value>, max: Option<Value>, outside: Outside },
    /// One of `of`, with these probabilities.
    Choice { of: Vec<Value>, probability: Vec<f64> },
    /// A column of the projection's own table (connector `file`), or of another; times `unit`.
    Column { file: Option<PathBuf>, column: String, unit: Option<String> },
}

/// What is done with a draw outside the bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outside {
    /// Set to the nearest bound.
    Clip,
    /// Drawn again.
    #[default]
    Redraw,
}

// placeholders of the contract, replaced by real reading and writing
impl serde::Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_unit()
    }
}
impl<'de> serde::Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom("not yet"))
    }
}
