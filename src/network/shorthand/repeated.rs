//! Indices of a part that is repeated, and all values that they take together.

use serde_json::{Map, Value as Tree};

use crate::diagnostic::{Diagnostic, KeyPath};
use crate::network::which::Spans;
use crate::units::Quantity;

/// An index with one of its values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Binding {
    pub name: String,
    pub value: Bound,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Bound {
    Number(f64),
    Text(String),
}

/// Every combination of the values of the indices, the last one the fastest; `most`: how many parts there may be.
pub(super) fn rounds(repeat: &Tree, way: &KeyPath, most: usize) -> Result<Vec<Vec<Binding>>, Diagnostic> {
    let wrong = |key: &str, message: String| {
        let path = way.then(&KeyPath::read(key));
        let d = Diagnostic { path, ..Diagnostic::new("E087", message) };
        d.help("write for example `repeat = { k = \"0..10\" }` for 0 to 9, or `{ side = [\"left\", \"right\"] }`")
    };
    let Tree::Object(indices) = repeat else { return Err(wrong("", "`repeat` is a table of indices and their values".into())) };
    if indices.is_empty() {
        return Err(wrong("", "`repeat` has no index".into()));
    }
    let mut out: Vec<Vec<Binding>> = vec![Vec::new()];
    for (name, values) in indices {
        let letters = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !crate::model::grammar::is_reserved(name);
        if !letters {
            return Err(wrong(
                name,
                format!("`{name}` cannot be an index: it has letters, digits and `_`, and begins with a letter"),
            ));
        }
        let values: Vec<Bound> = match values {
            Tree::String(text) => match Spans::parse(text) {
                Ok(spans) if (spans.count() as u128) * (out.len() as u128) > most as u128 => {
                    return Err(wrong(name, format!("`{name}` takes {} values, which is too many", spans.count())));
                }
                Ok(spans) => spans.iter().map(|n| Bound::Number(n as f64)).collect(),
                Err(error) => return Err(wrong(name, format!("`{name}`: {error}"))),
            },
            Tree::Array(list) => list
                .iter()
                .map(|value| match value {
                    Tree::Number(n) => n.as_f64().map(Bound::Number),
                    Tree::String(text) => Some(Bound::Text(text.clone())),
                    _ => None,
                })
                .collect::<Option<_>>()
                .ok_or_else(|| wrong(name, format!("`{name}` takes numbers and texts")))?,
            _ => return Err(wrong(name, format!("`{name}` takes values such as \"0..10\", or a list"))),
        };
        if values.is_empty() || out.len() * values.len() > most {
            return Err(wrong(name, format!("`{name}` takes {} values, which makes no parts or too many", values.len())));
        }
        let with = |round: &Vec<Binding>, value: &Bound| {
            let binding = Binding { name: name.clone(), value: value.clone() };
            round.iter().cloned().chain([binding]).collect()
        };
        out = out.iter().flat_map(|round| values.iter().map(|value| with(round, value))).collect();
    }
    Ok(out)
}

/// Constants of the description that are plain numbers: texts of repeated parts may use them beside the indices.
pub(super) fn numbers(top: &Map<String, Tree>) -> Vec<(String, f64)> {
    let constants = top.get("constants").and_then(Tree::as_object);
    let number = |value: &Tree| match value {
        Tree::Number(n) => n.as_f64(),
        Tree::String(text) => Quantity::parse(text).ok().filter(|q| q.dimension.is_none()).map(|q| q.value),
        _ => None,
    };
    constants.into_iter().flatten().filter_map(|(name, value)| Some((name.clone(), number(value)?))).collect()
}
