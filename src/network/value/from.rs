//! What may stand where a value is asked for: numbers, texts, quantities, laws, lists.

use super::{Distribution, Value};
use crate::units::{Quantity, Unit};

impl From<f64> for Value {
    fn from(x: f64) -> Value {
        Value::Number(x)
    }
}

impl From<i32> for Value {
    fn from(x: i32) -> Value {
        Value::Number(f64::from(x))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_string())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<Quantity> for Value {
    /// In the internal unit, with the fewest digits that give the number back.
    fn from(quantity: Quantity) -> Value {
        if quantity.dimension.is_none() {
            return Value::Number(quantity.value);
        }
        // internally lengths count in 10 µm, which no one writes
        let unit = quantity.dimension.unit().replace("10um", "um");
        let scale = Unit::parse(&unit).map_or(1.0, |u| u.scale);
        let value = if scale == 1.0 { quantity.value } else { quantity.value / scale };
        let plain = value == 0.0 || (1e-5..1e16).contains(&value.abs());
        Value::Text(if plain { format!("{value} {unit}") } else { format!("{value:e} {unit}") })
    }
}

impl From<Distribution> for Value {
    fn from(distribution: Distribution) -> Value {
        Value::Distribution(Box::new(distribution))
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(list: Vec<T>) -> Value {
        Value::List(list.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(list: [T; N]) -> Value {
        Value::List(list.into_iter().map(Into::into).collect())
    }
}
