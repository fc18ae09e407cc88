//! Numbers that are said as expressions of constants: `size = "4*N"`, `n = "C_E"`, `p = "C_E/N"`, `repeat = { k = "0..groups" }`.
//!
//! In: a description without shorthand, and its constants. Out: the same with numbers where such texts stood, and which constants
//! they follow from. Not here: values with units, which stay expressions (`check`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Number, Value as Tree};

use crate::diagnostic::{Diagnostic, Key, KeyPath};
use crate::network::Value;
use crate::network::constants::settled;
use crate::network::expression::Expression;
use crate::network::field::{Field, Kind};
use crate::network::form::NETWORK;
use crate::network::form_values::DISTRIBUTIONS;
use crate::units::{Dimension, Quantity};

/// A whole number is meant by what is so near to one: `0.07*100` is 7.000000000000001.
const NEAR: f64 = 1e-9;

/// Constants with their values, and what was asked of them.
pub(super) struct Constants {
    known: Vec<(String, Quantity)>,
    /// Those that each follows from.
    texts: BTreeMap<String, String>,
    /// Those that numbers followed from, and so cannot be changed behind them.
    pub used: BTreeSet<String>,
}

impl Constants {
    pub fn of(top: &Map<String, Tree>) -> Constants {
        let table = top.get("constants").cloned().unwrap_or(Tree::Null);
        let values: BTreeMap<String, Value> = serde_json::from_value(table).unwrap_or_default();
        let text = |(name, value): (&String, &Value)| match value {
            Value::Text(text) => Some((name.clone(), text.clone())),
            _ => None,
        };
        Constants { known: settled(&values), texts: values.iter().filter_map(text).collect(), used: BTreeSet::new() }
    }

    /// Those that are pure numbers.
    pub fn numbers(&self) -> Vec<(String, f64)> {
        let pure = self.known.iter().filter(|(_, quantity)| quantity.dimension.is_none());
        pure.map(|(name, quantity)| (name.clone(), quantity.value)).collect()
    }

    /// The value of a pure number, and the constants that it follows from are noted.
    pub fn value(&mut self, text: &str) -> Result<f64, (String, Option<String>)> {
        let names: Vec<(&str, Dimension)> = self.known.iter().map(|(name, q)| (name.as_str(), q.dimension)).collect();
        let read = Expression::number(text, &names, Dimension::NONE).map_err(|error| {
            // which constants there are says more than that nothing is like it
            let near = error.help.filter(|help| !error.message.contains("unknown name") || help.starts_with("did you mean `"));
            (error.message, near)
        })?;
        let values: Vec<f64> = self.known.iter().map(|(_, q)| q.value).collect();
        let value = read.evaluate(&values);
        let used: Vec<String> = read.uses().iter().map(|k| self.known[*k as usize].0.clone()).collect();
        self.note(used);
        if value.is_finite() { Ok(value) } else { Err((format!("`{text}` is {value}, which is no number"), None)) }
    }

    /// Notes constants, and those that they follow from.
    pub fn note(&mut self, mut open: Vec<String>) {
        while let Some(name) = open.pop() {
            let words = self.texts.get(&name).map(|text| words(text)).unwrap_or_default();
            if self.used.insert(name) {
                open.extend(words.into_iter().filter(|word| self.known.iter().any(|(known, _)| known == word)));
            }
        }
    }

    /// A whole number from 0 on.
    pub fn whole(&mut self, text: &str) -> Result<u64, (String, Option<String>)> {
        let value = self.value(text)?;
        let whole = value.round();
        if (value - whole).abs() > NEAR * value.abs().max(1.0) {
            let help = format!("`round({text})`, `floor({text})` and `ceil({text})` are whole");
            return Err((format!("a whole number belongs here, and `{text}` is {value}"), Some(help)));
        }
        if !(0.0..=9_007_199_254_740_992.0).contains(&whole) {
            return Err((format!("a whole number from 0 on belongs here, and `{text}` is {whole}"), None));
        }
        Ok(whole as u64)
    }
}

/// The words of a text that may be names.
fn words(text: &str) -> Vec<String> {
    let letters = |c: char| c.is_alphanumeric() || c == '_';
    text.split(|c: char| !letters(c)).filter(|word| word.starts_with(|c: char| !c.is_ascii_digit())).map(str::to_string).collect()
}

/// Is it an expression, and no number that should stand without quotes?
fn is_expression(text: &str) -> bool {
    text.contains(|c: char| c.is_alphabetic() || "_*/+({".contains(c)) && text.trim().parse::<f64>().is_err()
}

/// Does an expression stand anywhere where a number belongs?
pub(super) fn any(tree: &Tree) -> bool {
    let mut found = false;
    let mut tree = tree.clone();
    each(&mut tree, &mut KeyPath::default(), &mut |_, _, _, _| {
        found = true;
        None
    });
    found
}

/// Puts numbers in the places of such expressions; what is wrong, by its way.
pub(super) fn settle(tree: &mut Tree, constants: &mut Constants) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    each(tree, &mut KeyPath::default(), &mut |key, text, whole, way| {
        let number = match whole {
            true => constants.whole(text).map(Number::from),
            false => constants.value(text).and_then(|x| Number::from_f64(x).ok_or((String::new(), None))),
        };
        match number {
            Ok(number) => Some(Tree::Number(number)),
            Err((message, help)) => {
                let mut d = Diagnostic::new("E083", format!("`{key}`: {message}"));
                (d.path, d.help) = (way.clone(), help.or_else(|| none_of(constants)));
                wrong.push(d);
                // what is wrong has been said, whatever stands there
                Some(Tree::from(1))
            }
        }
    });
    wrong
}

fn none_of(constants: &Constants) -> Option<String> {
    let names: Vec<String> = constants.known.iter().take(12).map(|(name, _)| format!("`{name}`")).collect();
    let there = if names.is_empty() { "there are none".to_string() } else { format!("here {}", names.join(", ")) };
    Some(format!("a number, or an expression of constants ({there})"))
}

/// What to put there, from the key, the text, whether the number is whole, and the way to it.
type Look<'l> = dyn FnMut(&str, &str, bool, &KeyPath) -> Option<Tree> + 'l;

/// Every expression that stands where the form has a number.
fn each(tree: &mut Tree, way: &mut KeyPath, look: &mut Look<'_>) {
    if let Tree::Object(map) = tree {
        table(map, NETWORK, way, look);
    }
}

fn table(map: &mut Map<String, Tree>, fields: &'static [Field], way: &mut KeyPath, look: &mut Look<'_>) {
    for (key, value) in map.iter_mut() {
        let Some(field) = fields.iter().find(|field| field.key == key) else { continue };
        way.0.push(Key::Name(key.clone()));
        inside(field.key, value, &field.kind, way, look);
        way.0.pop();
    }
}

fn inside(key: &'static str, value: &mut Tree, kind: &'static Kind, way: &mut KeyPath, look: &mut Look<'_>) {
    match (kind, value) {
        (Kind::Whole | Kind::Number, value @ Tree::String(_)) => {
            let text = value.as_str().unwrap_or_default().to_string();
            if is_expression(&text)
                && let Some(number) = look(key, text.trim(), matches!(kind, Kind::Whole), way)
            {
                *value = number;
            }
        }
        (Kind::Pair, Tree::Array(list)) => of_list(key, list, &Kind::Whole, way, look),
        (Kind::List(kind), Tree::Array(list)) => of_list(key, list, kind, way, look),
        (Kind::Sections(fields), Tree::Array(list)) => {
            for (k, item) in list.iter_mut().enumerate() {
                way.0.push(Key::Index(k));
                if let Tree::Object(map) = item {
                    table(map, fields, way, look);
                }
                way.0.pop();
            }
        }
        (Kind::Table(fields) | Kind::One(fields), Tree::Object(map)) => table(map, fields, way, look),
        (Kind::Ruled(word, rules), Tree::Object(map)) => {
            let rule = map.get(*word).and_then(Tree::as_str);
            let fields = rules.iter().find(|(name, _)| Some(*name) == rule).map(|(_, fields)| *fields);
            table(map, fields.unwrap_or_default(), way, look);
        }
        // laws have numbers without a unit too
        (Kind::Value, Tree::Object(map)) => table(map, DISTRIBUTIONS, way, look),
        (Kind::Value, Tree::Array(list)) => of_list(key, list, &Kind::Value, way, look),
        (Kind::Values, Tree::Object(map)) => {
            for (name, item) in map.iter_mut() {
                way.0.push(Key::Name(name.clone()));
                inside(key, item, &Kind::Value, way, look);
                way.0.pop();
            }
        }
        _ => {}
    }
}

fn of_list(key: &'static str, list: &mut [Tree], kind: &'static Kind, way: &mut KeyPath, look: &mut Look<'_>) {
    for (k, item) in list.iter_mut().enumerate() {
        // long lists are of numbers
        if !item.is_number() {
            way.0.push(Key::Index(k));
            inside(key, item, kind, way, look);
            way.0.pop();
        }
    }
}
