//! How values stand in files: numbers, texts, lists, and tables of one key.

use std::fmt;
use std::path::PathBuf;

use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use super::{Distribution, Exception, Outside, Value};

const KEYWORDS: &[&str] = &[
    "uniform",
    "normal",
    "lognormal",
    "gamma",
    "exponential",
    "poisson",
    "binomial",
    "randint",
    "von_mises",
    "linspace",
    "range",
    "repeat",
    "each",
    "choice",
    "column",
    "matrix",
    "numbers",
    "except",
];

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
struct GammaTable {
    shape: Value,
    scale: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max: Option<Value>,
    #[serde(default, skip_serializing_if = "is_redraw")]
    outside: Outside,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExponentialTable {
    mean: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max: Option<Value>,
    #[serde(default, skip_serializing_if = "is_redraw")]
    outside: Outside,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PoissonTable {
    mean: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BinomialTable {
    n: Value,
    p: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct VonMisesTable {
    mean: Value,
    kappa: Value,
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
struct NumbersTable {
    of: Vec<f64>,
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
            Distribution::Gamma { shape, scale, min, max, outside } => {
                map.serialize_entry(key, &GammaTable { shape, scale, min, max, outside })?;
            }
            Distribution::Exponential { mean, min, max, outside } => {
                map.serialize_entry(key, &ExponentialTable { mean, min, max, outside })?;
            }
            Distribution::Poisson { mean, times } => map.serialize_entry(key, &PoissonTable { mean, times })?,
            Distribution::Binomial { n, p, times } => map.serialize_entry(key, &BinomialTable { n, p, times })?,
            Distribution::VonMises { mean, kappa } => map.serialize_entry(key, &VonMisesTable { mean, kappa })?,
            Distribution::Randint(a, b) | Distribution::Linspace(a, b) => map.serialize_entry(key, &[a, b])?,
            Distribution::Range(a, b, c) => map.serialize_entry(key, &[a, b, c])?,
            Distribution::Repeat(of) | Distribution::Each(of) => map.serialize_entry(key, &of)?,
            Distribution::Choice { of, probability } => map.serialize_entry(key, &ChoiceTable { of, probability })?,
            Distribution::Column { file, column, unit } => map.serialize_entry(key, &ColumnTable { column, file, unit })?,
            Distribution::Matrix { rows, unit } => map.serialize_entry(key, &MatrixTable { rows, unit })?,
            Distribution::Numbers { of, unit } => map.serialize_entry(key, &NumbersTable { of, unit })?,
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
            "gamma" => {
                let GammaTable { shape, scale, min, max, outside } = map.next_value()?;
                Distribution::Gamma { shape, scale, min, max, outside }
            }
            "exponential" => {
                let ExponentialTable { mean, min, max, outside } = map.next_value()?;
                Distribution::Exponential { mean, min, max, outside }
            }
            "poisson" => {
                let PoissonTable { mean, times } = map.next_value()?;
                Distribution::Poisson { mean, times }
            }
            "binomial" => {
                let BinomialTable { n, p, times } = map.next_value()?;
                Distribution::Binomial { n, p, times }
            }
            "von_mises" => {
                let VonMisesTable { mean, kappa } = map.next_value()?;
                Distribution::VonMises { mean, kappa }
            }
            word @ ("randint" | "linspace") => {
                let [a, b] = counted(map.next_value()?, |n| format!("`{word}` has two values, found {n}"))?;
                if word == "randint" { Distribution::Randint(a, b) } else { Distribution::Linspace(a, b) }
            }
            "range" => {
                let said = |n| format!("`range` has a first value, one that it ends before, and a step: three, found {n}");
                let [a, b, c] = counted(map.next_value()?, said)?;
                Distribution::Range(a, b, c)
            }
            "repeat" => Distribution::Repeat(map.next_value()?),
            "each" => Distribution::Each(map.next_value()?),
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
            "numbers" => {
                let NumbersTable { of, unit } = map.next_value()?;
                Distribution::Numbers { of, unit }
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

/// So many values, or an error.
fn counted<const N: usize, E: de::Error>(list: Vec<Value>, said: impl Fn(usize) -> String) -> Result<[Value; N], E> {
    <[Value; N]>::try_from(list).map_err(|other| E::custom(said(other.len())))
}

fn listed() -> String {
    KEYWORDS.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ")
}
