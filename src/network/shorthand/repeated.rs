//! Indices of a part that is repeated, and all values that they take together.

use serde_json::Value as Tree;

use crate::diagnostic::{Diagnostic, KeyPath};
use crate::network::expression::Expression;
use crate::network::which::Spans;
use crate::units::Dimension;

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

/// Every combination of the values of the indices, the last one the fastest; `most`: how many parts there may be; `numbers`: what the
/// ends of a range may name, and `used` what they name.
pub(super) fn rounds(
    repeat: &Tree,
    way: &KeyPath,
    most: usize,
    numbers: &[(String, f64)],
    used: &mut Vec<String>,
) -> Result<Vec<Vec<Binding>>, Diagnostic> {
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
        if name.contains(',') {
            out = together(out, name, values, most).map_err(|why| wrong(name, why))?;
            continue;
        }
        if !is_index(name) {
            return Err(wrong(
                name,
                format!("`{name}` cannot be an index: it has letters, digits and `_`, and begins with a letter"),
            ));
        }
        let values: Vec<Bound> = match values {
            Tree::String(text) => match Spans::parse(&plain(text, numbers, used).map_err(|why| wrong(name, why))?) {
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

/// Has it letters that an index may have?
fn is_index(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !crate::model::grammar::is_reserved(name)
}

/// Several indices that go together, `"a, b" = [["x", 1], ["y", 2]]`, with every round that there is.
fn together(rounds: Vec<Vec<Binding>>, names: &str, values: &Tree, most: usize) -> Result<Vec<Vec<Binding>>, String> {
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    if let Some(name) = names.iter().find(|name| !is_index(name)) {
        return Err(format!("`{name}` cannot be an index: it has letters, digits and `_`, and begins with a letter"));
    }
    let each = |values: &Tree| -> Option<Vec<Binding>> {
        let Tree::Array(list) = values else { return None };
        let bound = |(name, value): (&&str, &Tree)| match value {
            Tree::Number(n) => Some(Binding { name: name.to_string(), value: Bound::Number(n.as_f64()?) }),
            Tree::String(text) => Some(Binding { name: name.to_string(), value: Bound::Text(text.clone()) }),
            _ => None,
        };
        (list.len() == names.len()).then(|| names.iter().zip(list).map(bound).collect())?
    };
    let lines: Option<Vec<Vec<Binding>>> = match values {
        Tree::Array(lines) => lines.iter().map(each).collect(),
        _ => None,
    };
    let count = names.len();
    let lines = lines.ok_or_else(|| format!("`{}` takes a list of lists of {count} numbers and texts", names.join(",")))?;
    if lines.is_empty() || rounds.len().saturating_mul(lines.len()) > most {
        return Err(format!("`{}` takes {} values, which makes no parts or too many", names.join(","), lines.len()));
    }
    let with = |round: &Vec<Binding>, line: &Vec<Binding>| round.iter().chain(line).cloned().collect();
    Ok(rounds.iter().flat_map(|round| lines.iter().map(move |line| with(round, line))).collect())
}

/// A range with numbers for the expressions of constants at its ends: `0..groups`, `1..2*n + 1`.
fn plain(text: &str, numbers: &[(String, f64)], used: &mut Vec<String>) -> Result<String, String> {
    if !text.contains(|c: char| c.is_alphabetic() || c == '_') {
        return Ok(text.to_string());
    }
    let names: Vec<(&str, Dimension)> = numbers.iter().map(|(name, _)| (name.as_str(), Dimension::NONE)).collect();
    let values: Vec<f64> = numbers.iter().map(|(_, x)| *x).collect();
    let mut number = |text: &str| {
        let read = Expression::number(text.trim(), &names, Dimension::NONE).map_err(|error| error.message)?;
        used.extend(read.uses().iter().map(|k| numbers[*k as usize].0.clone()));
        let (x, whole) = (read.evaluate(&values), read.evaluate(&values).round());
        let near = (x - whole).abs() <= 1e-9 * x.abs().max(1.0) && whole >= 0.0;
        if near { Ok(whole.to_string()) } else { Err(format!("`{}` is {x}, and no whole number from 0 on", text.trim())) }
    };
    let mut spans = Vec::new();
    for item in parts(text) {
        let ends: Result<Vec<String>, String> = item.splitn(2, "..").map(&mut number).collect();
        spans.push(ends?.join(".."));
    }
    Ok(spans.join(","))
}

/// At the commas that stand in no brackets.
fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut from, mut out) = (0usize, 0, Vec::new());
    for (place, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                out.push(&text[from..place]);
                from = place + 1;
            }
            _ => {}
        }
    }
    out.push(&text[from..]);
    out
}
