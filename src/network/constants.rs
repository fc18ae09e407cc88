//! Constants of a network in the values that use them, for those who read a description without checking it.

use std::borrow::Cow;

use super::expression::Expression;
use super::{Network, Value};
use crate::units::{Dimension, Quantity};

impl Network {
    /// The description with numbers in place of expressions that follow from constants alone. What is wrong stays as it is: `check`
    /// says it.
    pub(super) fn without_constants(&self) -> Cow<'_, Network> {
        let known = settled(self);
        let plain = |value: &Value| value_of(value, &known).map(Value::from);
        let values = |list: &mut dyn Iterator<Item = &mut Value>| {
            for value in list {
                if let Some(settled) = plain(value) {
                    *value = settled;
                }
            }
        };
        let texts = |value: &Value| matches!(value, Value::Text(text) if Quantity::parse(text).is_err());
        let used = self.populations.iter().any(|p| p.parameters.values().any(texts))
            || self.projections.iter().any(|p| p.weight.iter().chain(p.parameters.values()).any(texts));
        if !used {
            return Cow::Borrowed(self);
        }
        let mut network = self.clone();
        network.populations.iter_mut().for_each(|p| values(&mut p.parameters.values_mut()));
        network.projections.iter_mut().for_each(|p| values(&mut p.weight.iter_mut().chain(p.parameters.values_mut())));
        Cow::Owned(network)
    }
}

/// Constants that have a value, in the order in which they get it.
fn settled(network: &Network) -> Vec<(String, Quantity)> {
    let mut known: Vec<(String, Quantity)> = Vec::new();
    let mut open: Vec<(&String, &Value)> = network.constants.iter().collect();
    loop {
        let before = open.len();
        open.retain(|(name, value)| match value_of(value, &known) {
            Some(found) => {
                known.push((name.to_string(), found));
                false
            }
            None => true,
        });
        if open.len() == before {
            return known;
        }
    }
}

fn value_of(value: &Value, known: &[(String, Quantity)]) -> Option<Quantity> {
    let text = match value {
        Value::Number(x) => return Some(Quantity::number(*x)),
        Value::Text(text) => text,
        Value::List(_) | Value::Distribution(_) => return None,
    };
    if let Ok(quantity) = Quantity::parse(text) {
        return Some(quantity);
    }
    let names: Vec<(&str, Dimension)> = known.iter().map(|(name, found)| (name.as_str(), found.dimension)).collect();
    let read = Expression::read(text, &names).ok().filter(|read| !read.is_condition())?;
    let values: Vec<f64> = known.iter().map(|(_, found)| found.value).collect();
    Some(Quantity { value: read.evaluate(&values), dimension: read.dimension() })
}
