//! A value as a person gives it: a quantity, one per neuron or synapse, drawn from a distribution, or a column of a file.
//!
//! In: Rust values (`"-65 mV"`, `uniform("-60 mV", "-50 mV")`), or the value of a key in a network file. Out: [`Value`].
//! Not here: what the value means (`network::check`), which knows the dimension that is expected.

use std::fmt;
use std::path::PathBuf;

use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use super::which::Which;

mod from;

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

/// The numbers of the projection's own `matrix` or `pattern` as values, in this unit.
pub fn of_connector(unit: impl Into<String>) -> Distribution {
    Distribution::Column { file: None, column: "value".into(), unit: Some(unit.into()) }
}

/// A number for each place of the projection's own `matrix` or `pattern`, in the same rows, in this unit.
pub fn matrix(rows: impl Into<Vec<Vec<f64>>>, unit: impl Into<String>) -> Distribution {
    Distribution::Matrix { rows: rows.into(), unit: Some(unit.into()) }
}

impl Distribution {
    /// The smallest value that may be drawn (normal and lognormal; the others have their own bounds).
    #[must_use]
    pub fn min(mut self, bound: impl Into<Value>) -> Distribution {
        if let Distribution::Normal { min, .. } | Distribution::Lognormal { min, .. } = &mut self {
            *min = Some(bound.into());
        }
        self
    }

    /// The largest value that may be drawn (normal and lognormal).
    #[must_use]
    pub fn max(mut self, bound: impl Into<Value>) -> Distribution {
        if let Distribution::Normal { max, .. } | Distribution::Lognormal { max, .. } = &mut self {
            *max = Some(bound.into());
        }
        self
    }

    /// Draws outside the bounds are set to the nearest bound instead of drawn again.
    #[must_use]
    pub fn clip(mut self) -> Distribution {
        if let Distribution::Normal { outside, .. } | Distribution::Lognormal { outside, .. } = &mut self {
            *outside = Outside::Clip;
        }
        self
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
            Value::Distribution(d) => write!(f, "a {} distribution", d.keyword()),
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
            Distribution::Choice { of, .. } => of.iter().collect(),
            Distribution::Column { .. } | Distribution::Matrix { .. } => Vec::new(),
            Distribution::Except { value, rows } => value.iter().chain(rows.iter().map(|row| &row.value)).collect(),
        }
    }

    /// Its key in a file.
    pub fn keyword(&self) -> &'static str {
        match self {
            Distribution::Uniform(..) => "uniform",
            Distribution::Normal { .. } => "normal",
            Distribution::Lognormal { .. } => "lognormal",
            Distribution::Choice { .. } => "choice",
            Distribution::Column { .. } => "column",
            Distribution::Matrix { .. } => "matrix",
            Distribution::Except { .. } => "except",
        }
    }
}

const KEYWORDS: &[&str] = &["uniform", "normal", "lognormal", "choice", "column", "matrix", "except"];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NormalTable {
    mean: Value,
    sd: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max: Option<Value>,
    #[serde(default, skip_serializing_if = "is_redraw")]
    outside: Outside,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LognormalTable {
    median: Value,
    sigma: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max: Option<Value>,
    #[serde(default, skip_serializing_if = "is_redraw")]
    outside: Outside,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoiceTable {
    of: Vec<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    probability: Vec<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnTable {
    column: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MatrixTable {
    rows: Vec<Vec<f64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExceptTable {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    rows: Vec<Exception>,
}

fn is_redraw(outside: &Outside) -> bool {
    *outside == Outside::Redraw
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            // JSON has no word for these
            Value::Number(x) if !x.is_finite() => s.serialize_str(&x.to_string()),
            Value::Number(x) => s.serialize_f64(*x),
            Value::Text(text) => s.serialize_str(text),
            Value::List(list) => s.collect_seq(list),
            Value::Distribution(d) => d.serialize(s),
        }
    }
}

impl Serialize for Distribution {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(Some(1))?;
        let key = self.keyword();
        match self.clone() {
            Distribution::Uniform(low, high) => map.serialize_entry(key, &[low, high])?,
            Distribution::Normal { mean, sd, min, max, outside } => {
                map.serialize_entry(key, &NormalTable { mean, sd, min, max, outside })?;
            }
            Distribution::Lognormal { median, sigma, min, max, outside } => {
                map.serialize_entry(key, &LognormalTable { median, sigma, min, max, outside })?;
            }
            Distribution::Choice { of, probability } => map.serialize_entry(key, &ChoiceTable { of, probability })?,
            Distribution::Column { file, column, unit } => map.serialize_entry(key, &ColumnTable { column, file, unit })?,
            Distribution::Matrix { rows, unit } => map.serialize_entry(key, &MatrixTable { rows, unit })?,
            Distribution::Except { value, rows } => map.serialize_entry(key, &ExceptTable { value, rows })?,
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a text such as \"-65 mV\", a list, or a distribution such as { uniform = [0, 1] }")
    }

    fn visit_f64<E: de::Error>(self, x: f64) -> Result<Value, E> {
        Ok(Value::Number(x))
    }

    fn visit_i64<E: de::Error>(self, x: i64) -> Result<Value, E> {
        Ok(Value::Number(x as f64))
    }

    fn visit_u64<E: de::Error>(self, x: u64) -> Result<Value, E> {
        Ok(Value::Number(x as f64))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(match text {
            "inf" => Value::Number(f64::INFINITY),
            "-inf" => Value::Number(f64::NEG_INFINITY),
            "NaN" => Value::Number(f64::NAN),
            _ => Value::Text(text.to_string()),
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        // the size hint is not to be trusted with memory
        let mut list = Vec::with_capacity(items.size_hint().unwrap_or(0).min(1024));
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let Some(key) = map.next_key::<String>()? else {
            return Err(de::Error::custom(format!("an empty table is no value, expected one key of {}", listed())));
        };
        let value = match key.as_str() {
            "uniform" => {
                // not a pair: TOML would let a third number pass unread
                let bounds: Vec<Value> = map.next_value()?;
                match <[Value; 2]>::try_from(bounds) {
                    Ok([low, high]) => Distribution::Uniform(low, high),
                    Err(other) => {
                        let message = format!("a distribution has two bounds if it is uniform, found {}", other.len());
                        return Err(de::Error::custom(message));
                    }
                }
            }
            "normal" => {
                let NormalTable { mean, sd, min, max, outside } = map.next_value()?;
                Distribution::Normal { mean, sd, min, max, outside }
            }
            "lognormal" => {
                let LognormalTable { median, sigma, min, max, outside } = map.next_value()?;
                Distribution::Lognormal { median, sigma, min, max, outside }
            }
            "choice" => {
                let ChoiceTable { of, probability } = map.next_value()?;
                Distribution::Choice { of, probability }
            }
            "column" => {
                let ColumnTable { column, file, unit } = map.next_value()?;
                Distribution::Column { file, column, unit }
            }
            "matrix" => {
                let MatrixTable { rows, unit } = map.next_value()?;
                Distribution::Matrix { rows, unit }
            }
            "except" => {
                let ExceptTable { value, rows } = map.next_value()?;
                Distribution::Except { value, rows }
            }
            date if date.starts_with("$__toml") => return Err(de::Error::custom("a date is no value")),
            other => return Err(de::Error::unknown_field(other, KEYWORDS)),
        };
        match map.next_key::<String>()? {
            None => Ok(value.into()),
            Some(second) => Err(de::Error::custom(format!("a distribution has one key, found `{key}` and `{second}`"))),
        }
    }
}

fn listed() -> String {
    KEYWORDS.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Quantity;

    fn json(text: &str) -> Result<Value, String> {
        serde_json::from_str(text).map_err(|e| e.to_string())
    }

    #[test]
    fn every_kind_reads_and_writes_back() {
        let all: Vec<Value> = vec![
            5.into(),
            "-65 mV".into(),
            Value::Number(f64::INFINITY),
            vec![1.0, 2.5].into(),
            uniform("-60 mV", "-50 mV").into(),
            normal("1.5 ms", "0.75 ms").min("0.1 ms").clip().into(),
            lognormal("1 nS", 0.5).max("9 nS").into(),
            choice(["1 mV", "2 mV"], [0.25, 0.75]).into(),
            Distribution::Column { file: Some("w.csv".into()), column: "w".into(), unit: Some("nS".into()) }.into(),
            matrix([vec![1.0, 2.0], vec![0.0, 3.5]], "mV").into(),
        ];
        for value in all {
            let text = serde_json::to_string(&value).unwrap();
            assert_eq!(json(&text).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn what_is_no_value_is_said() {
        assert_eq!(
            json(r#"{"unifrom": [0, 1]}"#).unwrap_err(),
            "unknown field `unifrom`, expected one of `uniform`, `normal`, `lognormal`, `choice`, `column`, `matrix`, `except` at line 1 column 10"
        );
        assert!(json(r#"{"normal": {"mean": 1, "std": 2}}"#).unwrap_err().contains("unknown field `std`"));
        assert!(json(r#"{"uniform": [1, 2], "normal": 3}"#).unwrap_err().contains("a distribution has one key"));
        assert!(json(r#"{"uniform": [1, 2, 3]}"#).is_err());
        assert!(json("{}").is_err());
        assert!(json("true").unwrap_err().contains("expected a number, a text such as"));
    }

    #[test]
    fn quantities_become_texts_that_give_them_back() {
        use crate::units::{Dimension, constants::*};
        let long = Quantity { value: 1e-3, dimension: Dimension::LENGTH };
        let odd = Quantity { value: 2.5e-300, dimension: Dimension::VOLTAGE.times(Dimension::NOISE) };
        for quantity in [-65.0 * MV, 0.1 * US, 0.1 * NA, 1.0 / 3.0 * HZ, 1e300 * MS, long, odd, -0.0 * MS] {
            let Value::Text(text) = Value::from(quantity) else { panic!("{quantity:?}") };
            assert_eq!(Quantity::parse(&text).unwrap(), quantity, "{text}");
        }
        assert_eq!(Value::from(-65.0 * MV), Value::from("-65 mV"));
        assert_eq!(Value::from(vec![1.0 * NA]), Value::List(vec!["1000 pA".into()]));
    }
}
