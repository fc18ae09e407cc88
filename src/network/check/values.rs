//! Values: quantities with the dimension that is expected, lists of the right length, distributions that can be drawn.
//!
//! In: a [`Value`], what it is for, its dimension. Out: a number, a [`Column`] (drawn here, keyed by seed, stream and
//! row), or an [`EdgeValue`] (drawn with the edges).

use std::sync::Arc;

use super::Checker;
use super::names::{Meant, Names, quantity_of};
use super::words::{described, holds, is_value, kind, unit_text};
use crate::diagnostic::Diagnostic;
use crate::network::checked::{Column, EdgeValue};
use crate::network::connector::Grid;
use crate::network::connector::table::Table;
use crate::network::draw::draw as draw_one;
use crate::network::value::{Distribution, Value};
use crate::random::Key;
use crate::units::{COMMON, Dimension, Quantity, Unit, scaled};

/// The most numbers that are held per row or drawn, all columns together: 4 GiB.
const MOST_HELD: u64 = 1 << 29;
/// Bytes of each: as described here, and as planned.
const HELD_BYTES: u64 = 16;

/// Streams of the draws made here; the highest bit is set, so that streams of edges and of noise stay apart.
pub(super) fn population_stream(population: u32, place: u32) -> u32 {
    0b110 << 29 | (population & 0x7_FFFF) << 10 | (place & 0x3FF)
}

pub(super) fn stimulus_stream(stimulus: u32, place: u32) -> u32 {
    0b111 << 29 | (stimulus & 0x7_FFFF) << 10 | (place & 0x3FF)
}

/// Where values of edges can come from.
#[derive(Default)]
pub(super) struct Edges {
    /// How long a list of values must be, if that is known before drawing, and what it counts.
    pub count: Option<(u64, &'static str)>,
    /// The projection's own table.
    pub table: Option<Arc<Table>>,
    /// Where the synapses stand in the projection's own matrix or kernel.
    pub grid: Option<Grid>,
}

/// One value, of this dimension. Finite, but that a time may be infinite.
pub(super) fn read(names: &Names, part: &str, what: &str, value: &Value, dimension: Dimension) -> Result<f64, Diagnostic> {
    let quantity = quantity_of(names, part, what, value, Some(dimension))?;
    if quantity.dimension != dimension {
        return Err(of_another(part, what, value, quantity, dimension));
    }
    possible_value(part, what, value, dimension, quantity.value)
}

/// A value of another dimension than is expected.
fn of_another(part: &str, what: &str, value: &Value, quantity: Quantity, dimension: Dimension) -> Diagnostic {
    let message = format!("{part}: `{what}` is a {}, got {value} ({})", described(dimension), kind(quantity.dimension));
    let d = Diagnostic::new("E030", message).value_of(what);
    let number = match value {
        Value::Number(x) => Some(*x),
        Value::Text(text) => text.trim().parse().ok(),
        _ => None,
    };
    if let Some(x) = number.filter(|x: &f64| quantity.dimension.is_none() && x.is_finite()) {
        return d.help(format!("write for example `{x} {}`", unit_text(dimension)));
    }
    // `2 ns` for `2 nS`: the letters are right, their case is not
    let written = value.to_string();
    let unit = written.trim_start_matches(|c: char| !c.is_alphabetic());
    let meant = COMMON.iter().find(|u| u.eq_ignore_ascii_case(unit) && Unit::parse(u).is_ok_and(|u| u.dimension == dimension));
    d.did_you_mean(meant.copied())
}

/// A number that an engine holds.
fn possible_value(part: &str, what: &str, value: &Value, dimension: Dimension, x: f64) -> Result<f64, Diagnostic> {
    if is_value(dimension, x) {
        Ok(x)
    } else if x.is_finite() {
        Err(Diagnostic::new("E032", format!("{part}: `{what}` is larger than single precision holds, got {value}")).value_of(what))
    } else {
        Err(Diagnostic::new("E032", format!("{part}: `{what}` must be finite, got {value}")).value_of(what))
    }
}

/// One finite value.
pub(super) fn read_finite(names: &Names, part: &str, what: &str, value: &Value, dimension: Dimension) -> Result<f64, Diagnostic> {
    let x = read(names, part, what, value, dimension)?;
    if x.is_finite() {
        Ok(x)
    } else {
        Err(Diagnostic::new("E032", format!("{part}: `{what}` must be finite, got {value}")).value_of(what))
    }
}

impl Checker<'_> {
    /// One finite value; what is wrong is noted.
    pub(super) fn scalar(&mut self, part: &str, what: &str, value: &Value, dimension: Dimension) -> Option<f64> {
        self.accept(read_finite(&self.names, part, what, value, dimension))
    }

    /// A list of values, the first bad one named.
    pub(super) fn list(&mut self, part: &str, what: &str, list: &[Value], dimension: Dimension) -> Option<Vec<f64>> {
        self.hold(part, what, list.len() as u64)?;
        let mut out = Vec::with_capacity(list.len());
        for (k, value) in list.iter().enumerate() {
            // formatted only when it is needed: lists are long
            match read(&self.names, part, what, value, dimension) {
                Ok(x) => out.push(x),
                Err(_) => {
                    let outcome = read(&self.names, part, &format!("{what}[{k}]"), value, dimension);
                    self.accept(outcome)?;
                }
            }
        }
        Some(out)
    }

    /// Room for so many more numbers, or an error.
    pub(super) fn hold(&mut self, part: &str, what: &str, count: u64) -> Option<()> {
        self.held = self.held.saturating_add(count);
        let bytes = self.held.saturating_mul(HELD_BYTES);
        if let Some(budget) = self.budget.filter(|budget| bytes > *budget) {
            let message = format!(
                "{part}: `{what}` needs {count} numbers; with those before it they take {bytes} bytes, and the network may use {budget} bytes"
            );
            self.say(
                Diagnostic::new("E036", message)
                    .value_of(what)
                    .help("give one value for all, make it smaller, or allow more with `--memory`"),
            );
            return None;
        }
        if self.held <= MOST_HELD {
            return Some(());
        }
        let message = format!("{part}: `{what}` needs {count} numbers, more than the {MOST_HELD} that a network may hold");
        self.say(Diagnostic::new("E036", message).value_of(what).help("give one value for all"));
        None
    }

    /// An empty list with room for so many numbers.
    pub(super) fn room(&mut self, part: &str, what: &str, count: u64) -> Option<Vec<f64>> {
        let mut list = Vec::new();
        if usize::try_from(count).is_ok_and(|n| list.try_reserve_exact(n).is_ok()) {
            return Some(list);
        }
        let bytes = count.saturating_mul(8);
        let message = format!("{part}: `{what}` needs {bytes} bytes, more than this machine gives");
        self.say(Diagnostic::new("E036", message).value_of(what).help("give one value for all, or make it smaller"));
        None
    }

    /// A value per row, or one for all.
    pub(super) fn column(
        &mut self,
        part: &str,
        what: &str,
        value: &Value,
        dimension: Dimension,
        rows: u32,
        stream: u32,
    ) -> Option<Column> {
        match value {
            Value::Number(_) => self.accept(read(&self.names, part, what, value, dimension)).map(Column::Shared),
            Value::Text(text) => self.text_column(part, what, value, text, dimension, rows),
            Value::List(list) => {
                if list.len() as u64 != u64::from(rows) {
                    let message = format!("{part}: `{what}` is a list of {} for {rows} neurons", list.len());
                    self.say(Diagnostic::new("E033", message).value_of(what));
                    return None;
                }
                self.list(part, what, list, dimension).map(Column::PerRow)
            }
            Value::Distribution(d) if let Distribution::Numbers { of, unit } = d.as_ref() => {
                if of.len() as u64 != u64::from(rows) {
                    let message = format!("{part}: `{what}` has {} numbers for {rows} neurons", of.len());
                    self.say(Diagnostic::new("E033", message).value_of(what));
                    return None;
                }
                self.in_unit(part, what, of, unit.as_deref(), dimension).map(Column::PerRow)
            }
            Value::Distribution(d) => match d.as_ref() {
                Distribution::Matrix { .. } => {
                    let message = format!("{part}: `{what}`: only a projection by `matrix` or `pattern` has values in rows");
                    self.say(
                        Diagnostic::new("E035", message)
                            .value_of(what)
                            .help("give one value for all, or a list with one per neuron"),
                    );
                    None
                }
                Distribution::Except { value, rows: exceptions } => {
                    let value = self.given(part, what, value.as_ref())?;
                    let base = self.column(part, what, value, dimension, rows, stream)?;
                    self.excepted_neurons(part, what, base, exceptions, dimension, rows)
                }
                Distribution::Column { file: None, .. } => {
                    let message = format!("{part}: `{what}`: only a projection has a table of its own");
                    self.say(Diagnostic::new("E035", message).value_of(what).help("name the `file` of the column"));
                    None
                }
                Distribution::Column { file: Some(file), column, unit } => {
                    let table = self.in_column(what, |c| c.table(part, file))?;
                    let list = self.table_values(part, what, &table, column, unit.as_deref(), dimension)?;
                    if list.len() as u64 != u64::from(rows) {
                        let message = format!("{part}: `{what}`: column `{column}` has {} lines for {rows} neurons", list.len());
                        self.say(Diagnostic::new("E033", message).value_of(what));
                        return None;
                    }
                    Some(Column::PerRow(list))
                }
                Distribution::Linspace(..) | Distribution::Range(..) | Distribution::Repeat(_) | Distribution::Each(_) => {
                    self.spread(part, what, d, dimension, u64::from(rows), "neurons").map(Column::PerRow)
                }
                law => {
                    let draw = self.draw(part, what, law, dimension)?;
                    self.hold(part, what, u64::from(rows))?;
                    let key = Key { seed: self.seed };
                    let mut drawn = self.room(part, what, u64::from(rows))?;
                    for row in 0..rows {
                        let one = draw_one(&draw, key, stream, row, 0);
                        let wrong = |e| Diagnostic::new("E034", format!("{part}: `{what}`: {e}")).value_of(what);
                        drawn.push(self.accept(one.map_err(wrong))?);
                    }
                    Some(Column::PerRow(drawn))
                }
            },
        }
    }

    /// A text that stands for all rows: one quantity, or an expression, which may differ from row to row.
    fn text_column(
        &mut self,
        part: &str,
        what: &str,
        value: &Value,
        text: &str,
        dimension: Dimension,
        rows: u32,
    ) -> Option<Column> {
        let expression = match self.names.read(text) {
            Ok(Meant::Expression(e)) if !e.is_condition() && matches!(self.names.one(&e), Err(Some(_))) => e,
            _ => return self.accept(read(&self.names, part, what, value, dimension)).map(Column::Shared),
        };
        if expression.dimension() != dimension {
            let quantity = Quantity { value: f64::NAN, dimension: expression.dimension() };
            self.say(of_another(part, what, value, quantity, dimension));
            return None;
        }
        self.hold(part, what, u64::from(rows))?;
        let mut list = self.room(part, what, u64::from(rows))?;
        self.names.rows(&expression, rows, &mut list)?;
        if let Some(row) = list.iter().position(|x| !is_value(dimension, *x)) {
            let message = format!("{part}: `{what}` must be finite, and `{value}` is {} for neuron {row}", list[row]);
            self.say(Diagnostic::new("E032", message).value_of(what));
            return None;
        }
        Some(Column::PerRow(list))
    }

    /// A value per edge, or one for all, or how to draw it.
    pub(super) fn edge_value(
        &mut self,
        part: &str,
        what: &str,
        value: &Value,
        dimension: Dimension,
        edges: &Edges,
    ) -> Option<EdgeValue> {
        let list = match value {
            Value::Text(text) => return self.pair_or_one(part, what, value, text, dimension),
            Value::Number(_) => {
                return self.accept(read(&self.names, part, what, value, dimension)).map(EdgeValue::Shared);
            }
            Value::List(list) => {
                let Some((count, of)) = edges.count else {
                    let message = format!("{part}: `{what}` is a list, but this connector draws how many synapses there are");
                    self.say(
                        Diagnostic::new("E035", message)
                            .value_of(what)
                            .help("use a distribution, or a connector `list`, `matrix` or `file`"),
                    );
                    return None;
                };
                if list.len() as u64 != count {
                    let message = format!("{part}: `{what}` is a list of {} for {count} {of}", list.len());
                    self.say(Diagnostic::new("E033", message).value_of(what));
                    return None;
                }
                self.list(part, what, list, dimension)?
            }
            Value::Distribution(d) => match d.as_ref() {
                Distribution::Column { file, column, unit } => {
                    let table = match file {
                        Some(file) => self.in_column(what, |c| c.table(part, file))?,
                        None => edges.table.clone().or_else(|| {
                            let message = format!("{part}: `{what}`: this connector has no table of its own");
                            self.say(Diagnostic::new("E035", message).value_of(what).help("name the `file` of the column"));
                            None
                        })?,
                    };
                    let list = self.table_values(part, what, &table, column, unit.as_deref(), dimension)?;
                    let wanted = edges.count.map(|(n, _)| n);
                    if wanted != Some(list.len() as u64) {
                        let synapses = wanted.map_or("a number of synapses that is drawn".into(), |n| format!("{n} synapses"));
                        let message = format!("{part}: `{what}`: column `{column}` has {} lines for {synapses}", list.len());
                        self.say(Diagnostic::new("E033", message).value_of(what));
                        return None;
                    }
                    list
                }
                Distribution::Numbers { of, unit } => {
                    if let Some((count, name)) = edges.count.filter(|(count, _)| *count != of.len() as u64) {
                        let message = format!("{part}: `{what}` has {} numbers for {count} {name}", of.len());
                        self.say(Diagnostic::new("E033", message).value_of(what));
                        return None;
                    }
                    if edges.count.is_none() {
                        let message = format!("{part}: `{what}` is numbers, but this connector draws how many synapses there are");
                        let help = "use a distribution, or a connector `list`, `matrix` or `file`";
                        self.say(Diagnostic::new("E035", message).value_of(what).help(help));
                        return None;
                    }
                    self.in_unit(part, what, of, unit.as_deref(), dimension)?
                }
                Distribution::Except { value, rows } => {
                    return self.edge_value_excepted(part, what, (value.as_ref(), rows), dimension, edges);
                }
                Distribution::Matrix { rows, unit } => {
                    return self.grid_values(part, what, rows, unit.as_deref(), dimension, edges).map(EdgeValue::List);
                }
                Distribution::Linspace(..) | Distribution::Range(..) | Distribution::Repeat(_) | Distribution::Each(_) => {
                    let Some((count, of)) = edges.count else {
                        let message = format!("{part}: `{what}` is {value}, but this connector draws how many synapses there are");
                        let help = "use a distribution, or a connector whose synapses are known";
                        self.say(Diagnostic::new("E035", message).value_of(what).help(help));
                        return None;
                    };
                    self.spread(part, what, d, dimension, count, of)?
                }
                law => return self.draw(part, what, law, dimension).map(EdgeValue::Draw),
            },
        };
        Some(EdgeValue::List(list))
    }

    /// A column of a table in internal units; the first number that is not finite is named.
    fn table_values(
        &mut self,
        part: &str,
        what: &str,
        table: &Table,
        column: &str,
        unit: Option<&str>,
        dimension: Dimension,
    ) -> Option<Vec<f64>> {
        let unit = self.unit(part, what, unit)?;
        if unit.dimension != dimension {
            let message =
                format!("{part}: `{what}` is a {}, column `{column}` holds {}", described(dimension), kind(unit.dimension));
            let d = Diagnostic::new("E030", message).value_of(what);
            let bare = unit.dimension.is_none();
            self.say(if bare { d.help(format!("write its unit: `unit = \"{}\"`", unit_text(dimension))) } else { d });
            return None;
        }
        let numbers = self.in_column(what, |c| c.numbers(part, table, column))?;
        self.hold(part, what, numbers.len() as u64)?;
        if let Some(line) = numbers.iter().position(|x| !holds(scaled(*x, unit.scale))) {
            let message = format!("{part}: `{what}`: {}: column `{column}` is {}", table.place(line), numbers[line]);
            self.say(Diagnostic::new("E032", message).value_of(what));
            return None;
        }
        Some(numbers.iter().map(|&x| scaled(x, unit.scale)).collect())
    }

    /// Numbers of one unit in internal units; the first that cannot be is named.
    pub(super) fn in_unit(
        &mut self,
        part: &str,
        what: &str,
        of: &[f64],
        unit: Option<&str>,
        dimension: Dimension,
    ) -> Option<Vec<f64>> {
        let text = unit.map_or_else(|| "have no unit".to_string(), |text| format!("are in `{text}`"));
        let unit = self.unit(part, what, unit)?;
        if unit.dimension != dimension {
            let message = format!("{part}: `{what}` is a {}, its numbers {text}", described(dimension));
            let d = Diagnostic::new("E030", message).value_of(what);
            let bare = unit.dimension.is_none();
            self.say(if bare { d.help(format!("write their unit: `unit = \"{}\"`", unit_text(dimension))) } else { d });
            return None;
        }
        self.hold(part, what, of.len() as u64)?;
        if let Some(row) = of.iter().position(|x| !is_value(dimension, scaled(*x, unit.scale))) {
            let message = format!("{part}: `{what}`: number {row} is {}, which is no value here", of[row]);
            self.say(Diagnostic::new("E032", message).value_of(what));
            return None;
        }
        Some(of.iter().map(|&x| scaled(x, unit.scale)).collect())
    }

    /// What is said is about a key of a column.
    fn in_column<T>(&mut self, what: &str, look: impl FnOnce(&mut Self) -> T) -> T {
        self.within(what, |c| c.within("column", look))
    }

    /// A unit by name; a pure number if none is given.
    pub(super) fn unit(&mut self, part: &str, what: &str, unit: Option<&str>) -> Option<Unit> {
        let Some(text) = unit else { return Some(Unit::ONE) };
        self.accept(Unit::parse(text).map_err(|e| Diagnostic::new("E031", format!("{part}: `{what}`: {e}")).value_of(what)))
    }
}
