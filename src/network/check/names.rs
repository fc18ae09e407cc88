//! What expressions in values may name: constants of the network; of a population its parameters, the index `i` and the size `n`.
//!
//! In: names with their dimensions and numbers. Out: what a text means: a quantity, one number, a number for each row. Not here:
//! expressions themselves (`network::expression`), which dimension is expected (`values`).

use std::sync::Arc;

use glam::DVec3;

use super::Checker;
use super::words::{described, unit_text};
use crate::diagnostic::Diagnostic;
use crate::model::rule::Node;
use crate::model::{NeuronModel, Param};
use crate::network::checked::Column;
use crate::network::expression::{Expression, ExpressionError, Scratch, Values};
use crate::network::{Population, Value};
use crate::units::{Dimension, Quantity, Unit, UnitError};

/// Names that mean something in some values, and can be no constants: of rows, pairs and times.
const TAKEN: [&str; 14] = ["i", "j", "n", "k", "x", "y", "z", "d", "dx", "dy", "dz", "t", "dt", "pi"];

/// The numbers of one name.
#[derive(Clone, Debug)]
pub(super) enum RowValues {
    One(f64),
    Rows(Arc<[f64]>),
    /// 0, 1, 2, ...
    Index,
    /// It is wrong, and that has been said.
    Wrong,
}

#[derive(Clone, Debug)]
struct Named {
    name: String,
    dimension: Dimension,
    values: RowValues,
}

/// Names in the order in which they were given; of two with one name the first holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    list: Vec<Named>,
}

/// What a text means.
pub(super) enum Meant {
    Quantity(Quantity),
    Expression(Expression),
}

/// Why a text means nothing.
pub(super) enum Unread {
    Unit(UnitError),
    Expression(ExpressionError),
}

impl Names {
    /// Adds a name, if it is not there.
    pub fn add(&mut self, name: &str, dimension: Dimension, values: RowValues) {
        if self.list.iter().all(|known| known.name != name) {
            self.list.push(Named { name: name.to_string(), dimension, values });
        }
    }

    /// Gives a name that is there its numbers.
    pub fn settle(&mut self, name: &str, column: Option<&Column>) {
        if let Some(known) = self.list.iter_mut().find(|known| known.name == name) {
            known.values = match column {
                None => RowValues::Wrong,
                Some(Column::Shared(x)) => RowValues::One(*x),
                Some(Column::PerRow(list)) => RowValues::Rows(list.as_slice().into()),
            };
        }
    }

    /// Adds the positions of rows, where they are somewhere.
    pub fn place(&mut self, positions: Option<&Vec<DVec3>>) {
        let Some(positions) = positions else { return };
        for (axis, name) in ["x", "y", "z"].into_iter().enumerate() {
            self.add(name, Dimension::LENGTH, RowValues::Rows(positions.iter().map(|at| at[axis]).collect()));
        }
    }

    /// Names that stand for one number: constants.
    pub fn constants(&self) -> impl Iterator<Item = (&str, Dimension, f64)> {
        let one = |named: &Named| if let RowValues::One(x) = named.values { Some(x) } else { None };
        self.list.iter().filter_map(move |named| Some((named.name.as_str(), named.dimension, one(named)?)))
    }

    fn dimensions(&self) -> Vec<(&str, Dimension)> {
        self.list.iter().map(|named| (named.name.as_str(), named.dimension)).collect()
    }

    /// A quantity, or else an expression of these names.
    pub fn read(&self, text: &str) -> Result<Meant, Unread> {
        let unit = match Quantity::parse(text) {
            Ok(quantity) => return Ok(Meant::Quantity(quantity)),
            Err(unit) => unit,
        };
        match Expression::read(text, &self.dimensions()) {
            Ok(read) => Ok(Meant::Expression(read)),
            Err(_) if !self.is_arithmetic(text) => Err(Unread::Unit(unit)),
            Err(error) if error.message == format!("in `{0}`: unknown name `{0}`", text.trim()) => {
                let help = error.help.filter(|help| help.starts_with("did you mean"));
                let known: Vec<String> = self.list.iter().take(12).map(|named| format!("`{}`", named.name)).collect();
                let names = if known.is_empty() { String::new() } else { format!("; names here are {}", known.join(", ")) };
                let help =
                    help.unwrap_or_else(|| format!("a value is a number with a unit, such as `20 ms`, or an expression{names}"));
                Err(Unread::Expression(ExpressionError {
                    message: format!("unknown name `{}`", text.trim()),
                    help: Some(help),
                    ..error
                }))
            }
            Err(error) => Err(Unread::Expression(error)),
        }
    }

    /// Was an expression meant, and not a number with its unit?
    fn is_arithmetic(&self, text: &str) -> bool {
        let text = text.trim();
        let inner = text.strip_prefix(['-', '+']).unwrap_or(text);
        // a name alone, or a product with a number
        let letters = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let name = inner.starts_with(|c: char| c.is_alphabetic() || c == '_') && inner.chars().all(letters);
        let behind = inner.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').trim_start();
        if name || (behind.len() < inner.len() && behind.starts_with(['*', '/']) && !behind.starts_with("**")) {
            return true;
        }
        let words = || inner.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
        let number = inner.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        let named = words().any(|word| self.list.iter().any(|known| known.name == word));
        let sum = inner.char_indices().any(|(at, c)| {
            // the sign of a power of ten or of a unit is none of a sum
            matches!(c, '+' | '-') && !inner[..at].ends_with(['e', 'E', '*', '^', '/'])
        });
        let one_unit = number && words().filter(|word| !word.is_empty()).nth(2).is_none();
        named
            || inner.contains(['(', '<', '>', '='])
            || sum
            || (number && inner.contains(['*', '/']) && !one_unit)
            || (!number && inner.contains(['*', '/']))
    }

    /// The names that an expression uses.
    pub fn used<'n>(&'n self, expression: &'n Expression) -> impl Iterator<Item = &'n str> {
        expression.uses().iter().filter_map(|k| self.list.get(*k as usize)).map(|named| named.name.as_str())
    }

    /// The value of an expression that is the same for all rows. `Err`: a name that differs from row to row, or none if one is wrong.
    pub fn one(&self, expression: &Expression) -> Result<f64, Option<String>> {
        let mut values = vec![f64::NAN; self.list.len()];
        for k in expression.uses() {
            let Some(named) = self.list.get(*k as usize) else { return Err(None) };
            values[*k as usize] = match named.values {
                RowValues::One(x) => x,
                RowValues::Wrong => return Err(None),
                RowValues::Rows(_) | RowValues::Index => return Err(Some(named.name.clone())),
            };
        }
        Ok(expression.evaluate(&values))
    }

    /// The numbers of all names of an expression in which one of them moves, and its place. `Err`: as of [`Names::one`].
    pub fn moving(&self, expression: &Expression, moving: &str) -> Result<(Vec<f64>, usize), Option<String>> {
        let mut values = vec![f64::NAN; self.list.len()];
        let place = self.list.iter().position(|named| named.name == moving).ok_or(None)?;
        for k in expression.uses().iter().filter(|k| **k as usize != place) {
            let Some(named) = self.list.get(*k as usize) else { return Err(None) };
            values[*k as usize] = match named.values {
                RowValues::One(x) => x,
                RowValues::Wrong => return Err(None),
                RowValues::Rows(_) | RowValues::Index => return Err(Some(named.name.clone())),
            };
        }
        Ok((values, place))
    }

    /// The values of an expression for so many rows, into a list with room for them. `None`: a name is wrong, and that has been said.
    pub fn rows(&self, expression: &Expression, rows: u32, out: &mut Vec<f64>) -> Option<()> {
        let index: Vec<f64> = match expression.uses().iter().any(|k| matches!(self.list[*k as usize].values, RowValues::Index)) {
            true => (0..rows).map(f64::from).collect(),
            false => Vec::new(),
        };
        let values: Vec<Values<'_>> = (self.list.iter().zip(0u32..))
            .map(|(named, k)| match &named.values {
                _ if !expression.uses().contains(&k) => Some(Values::One(f64::NAN)),
                RowValues::One(x) => Some(Values::One(*x)),
                RowValues::Rows(list) => Some(Values::Rows(list)),
                RowValues::Index => Some(Values::Rows(&index)),
                RowValues::Wrong => None,
            })
            .collect::<Option<_>>()?;
        out.resize(rows as usize, 0.0);
        expression.fill(&values, out, &mut Scratch::default());
        Some(())
    }
}

fn no_quantity(part: &str, what: &str, error: &UnitError, dimension: Option<Dimension>) -> Diagnostic {
    let d = Diagnostic::new("E031", format!("{part}: `{what}`: {error}")).value_of(what);
    match (error, dimension) {
        (UnitError::Unknown { nearest: None, .. }, Some(dimension)) => {
            d.help(format!("it is a {}, counted for example in `{}`", described(dimension), unit_text(dimension)))
        }
        (UnitError::Comma { text }, _) => d.help(format!("write `{}`", text.replacen(',', ".", 1))),
        _ => d,
    }
}

/// One value: a number, a quantity, or an expression that is the same for all rows. `dimension`: what is expected, for the message.
pub(super) fn quantity_of(
    names: &Names,
    part: &str,
    what: &str,
    value: &Value,
    dimension: Option<Dimension>,
) -> Result<Quantity, Diagnostic> {
    let text = match value {
        Value::Number(x) => return Ok(Quantity::number(*x)),
        Value::Text(text) => text,
        Value::List(_) | Value::Distribution(_) => {
            return Err(Diagnostic::new("E035", format!("{part}: `{what}` is one value, got {value}")).value_of(what));
        }
    };
    let before = format!("{part}: `{what}`: ");
    let expression = match names.read(text) {
        Ok(Meant::Quantity(quantity)) => return Ok(quantity),
        Ok(Meant::Expression(expression)) => expression,
        Err(Unread::Unit(e)) => return Err(no_quantity(part, what, &e, dimension)),
        Err(Unread::Expression(e)) => return Err(e.diagnostic(&before).value_of(what)),
    };
    if expression.is_condition() {
        let message = format!("{before}a number belongs here, and `{value}` is a condition");
        return Err(Diagnostic::new("E084", message).value_of(what).help("`int(condition)` is 1 or 0"));
    }
    match names.one(&expression) {
        Ok(value) => Ok(Quantity { value, dimension: expression.dimension() }),
        Err(Some(name)) => {
            let message = format!("{part}: `{what}` is one value, and `{name}` in `{value}` differs from neuron to neuron");
            Err(Diagnostic::new("E035", message).value_of(what))
        }
        Err(None) => Err(Diagnostic::new(SAID, String::new())),
    }
}

/// The code of what has been said elsewhere: it is not said again.
pub(super) const SAID: &str = "said";

impl Checker<'_> {
    /// Looks at values that may use these names.
    pub(super) fn naming<T>(&mut self, names: Names, look: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.names, names);
        let seen = look(self);
        self.names = outer;
        seen
    }

    /// Constants of the network, each once those that it follows from are known.
    pub(super) fn constants(&mut self) {
        let given = &self.network.constants;
        self.label = "network".into();
        for name in given.keys() {
            if let Some(why) = unfit(name) {
                self.say(
                    Diagnostic::new("E022", format!("network: constant `{name}`: {why}")).key_of(&format!("constants.{name}")),
                );
            }
        }
        let mut names = Names::default();
        // what each is counted in is not known before those that it follows from are
        let mut open: Vec<(&String, &Value)> = given.iter().filter(|(name, _)| unfit(name).is_none()).collect();
        while !open.is_empty() {
            let waiting: Vec<&str> = open.iter().map(|(name, _)| name.as_str()).collect();
            let ready = open.iter().position(|(_, value)| follows(value, &waiting).is_empty());
            let Some(place) = ready else {
                let mut way = vec![open[0].0.as_str()];
                // everyone waits for someone, so this comes back to where it has been
                let again = loop {
                    let last = way[way.len() - 1];
                    let value = open.iter().find(|(name, _)| name.as_str() == last).map(|(_, value)| *value);
                    let next = value.and_then(|value| follows(value, &waiting).into_iter().next());
                    let Some(next) = next else { break 0 };
                    match way.iter().position(|known| *known == next) {
                        Some(first) => break first,
                        None => way.push(next),
                    }
                };
                let circle = circle(&way[again..]);
                let key = format!("constants.{}", way[again]);
                self.say(
                    Diagnostic::new("E083", format!("network: constant `{}` follows from itself: {circle}", way[again]))
                        .value_of(&key),
                );
                return;
            };
            let (name, value) = open.swap_remove(place);
            let key = format!("constants.{name}");
            let read = quantity_of(&names, "network", &key, value, None);
            let found = match read {
                Ok(found) if found.value.is_finite() => Some(found),
                Ok(found) => {
                    let message = format!("network: constant `{name}` must be finite, got {}", found.value);
                    self.say(Diagnostic::new("E032", message).value_of(&key));
                    None
                }
                Err(d) => {
                    self.accept::<()>(Err(d));
                    None
                }
            };
            match found {
                Some(found) => names.add(name, found.dimension, RowValues::One(found.value)),
                None => names.add(name, Dimension::UNKNOWN, RowValues::Wrong),
            }
        }
        self.names = names;
    }

    /// The names of a row of a population: parameters (in `own`, with their dimensions), `i` and `n`, constants.
    pub(super) fn row_names<'m>(&self, own: impl Iterator<Item = (&'m str, Dimension)>, size: Option<u32>) -> Names {
        let mut names = Names::default();
        for (name, dimension) in own {
            names.add(name, dimension, RowValues::Wrong);
        }
        names.add("i", Dimension::NONE, RowValues::Index);
        names.add("n", Dimension::NONE, size.map_or(RowValues::Wrong, |n| RowValues::One(f64::from(n))));
        for constant in &self.names.list {
            names.add(&constant.name, constant.dimension, constant.values.clone());
        }
        names
    }

    /// Parameters of a population by place, each behind those that it follows from: by its expression, or by the model's default. The
    /// order of the model where nothing else is said. What goes round in a circle is said, and left out with what follows from it.
    pub(super) fn order_of_params(&mut self, part: &str, given: &Population, model: &NeuronModel, names: &Names) -> Vec<usize> {
        let count = model.params.len();
        let follows: Vec<Vec<usize>> = model.params.iter().map(|param| self.sources_of(given, model, names, param)).collect();
        let (mut order, mut done) = (Vec::with_capacity(count), vec![false; count]);
        while let Some(k) = (0..count).find(|k| !done[*k] && follows[*k].iter().all(|of| done[*of])) {
            done[k] = true;
            order.push(k);
        }
        let Some(first) = done.iter().position(|done| !done) else { return order };
        // each of those that are left waits for one that is left
        let mut way = vec![first];
        let again = loop {
            let next = follows[way[way.len() - 1]].iter().copied().find(|of| !done[*of]).unwrap_or(first);
            match way.iter().position(|known| *known == next) {
                Some(again) => break again,
                None => way.push(next),
            }
        };
        let circled: Vec<&str> = way[again..].iter().map(|k| model.params[*k].name.as_str()).collect();
        let message = format!("{part}: `{}` follows from itself: {}", circled[0], circle(&circled));
        self.say(Diagnostic::new("E083", message).value_of(circled[0]).help("give one of them a value of its own"));
        order
    }

    /// The parameters that one follows from, by place.
    pub(super) fn sources_of(&self, given: &Population, model: &NeuronModel, names: &Names, param: &Param) -> Vec<usize> {
        let mut out = Vec::new();
        let value = given.parameters.get(&param.name);
        if value.is_none_or(Value::is_partial)
            && let Some(node) = param.default
        {
            out.extend(model.graph.leaves(node).into_iter().filter_map(|leaf| match leaf {
                Node::Param(k) => Some(k as usize),
                _ => None,
            }));
        }
        let names = self.own_name(names, &param.name);
        let place = |name: &str| model.params.iter().position(|p| p.name == name);
        if let Some(value) = value {
            texts(value, &mut |text| {
                if let Ok(Meant::Expression(read)) = names.read(text) {
                    // a constant of this name is meant where it is the name of the parameter itself
                    let constant = |name: &str| name == param.name && self.names.list.iter().any(|known| known.name == name);
                    out.extend(names.used(&read).filter(|name| !constant(name)).filter_map(place));
                }
            });
        }
        out
    }

    /// A name that means the constant, whatever else has this name: a parameter is not what it follows from itself.
    pub(super) fn own_name(&self, names: &Names, name: &str) -> Names {
        let mut names = names.clone();
        if let Some(constant) = self.names.list.iter().find(|known| known.name == name) {
            names.list.retain(|known| known.name != name);
            names.list.push(constant.clone());
        }
        names
    }
}

/// Is there a text in it that is no plain quantity?
pub(super) fn is_expressive(value: &Value) -> bool {
    let mut found = false;
    texts(value, &mut |text| found |= Quantity::parse(text).is_err());
    found
}

/// Every text of a value that may be an expression.
fn texts<'v>(value: &'v Value, each: &mut dyn FnMut(&'v str)) {
    match value {
        Value::Number(_) => {}
        Value::Text(text) => each(text),
        Value::List(list) => list.iter().for_each(|value| texts(value, each)),
        Value::Distribution(d) => d.values().into_iter().for_each(|value| texts(value, each)),
    }
}

/// `` `a` from `b`, `b` from `a` ``
pub(super) fn circle(way: &[&str]) -> String {
    let next = way.iter().cycle().skip(1);
    way.iter().zip(next).map(|(a, b)| format!("`{a}` from `{b}`")).collect::<Vec<_>>().join(", ")
}

/// Which of the names a value follows from, as words of its text.
fn follows<'n>(value: &Value, names: &[&'n str]) -> Vec<&'n str> {
    let Value::Text(text) = value else { return Vec::new() };
    if Quantity::parse(text).is_ok() {
        return Vec::new();
    }
    let words: Vec<&str> = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    names.iter().copied().filter(|name| words.contains(name)).collect()
}

/// Why a constant cannot have this name, if so.
fn unfit(name: &str) -> Option<String> {
    let letters = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !letters {
        return Some("a name has letters, digits and `_`, and begins with a letter".into());
    }
    if TAKEN.contains(&name) || crate::model::grammar::is_reserved(name) {
        return Some("the name has a meaning of its own in values".into());
    }
    Unit::symbol(name).map(|_| "the name is a unit".to_string())
}
