//! Values that some rows have instead of what the others have.

use super::Checker;
use super::values::{Edges, read};
use crate::diagnostic::Diagnostic;
use crate::model::NeuronModel;
use crate::model::rule::Node;
use crate::network::checked::{Column, EdgeValue, RowSet};
use crate::network::value::Distribution;
use crate::network::{Exception, Value, Which};
use crate::units::Dimension;

/// What the others have (nothing: what holds if no value is given), and the exceptions.
pub(super) fn exceptions(value: &Value) -> Option<(Option<&Value>, &[Exception])> {
    let Value::Distribution(d) = value else { return None };
    match d.as_ref() {
        Distribution::Except { value, rows } => Some((value.as_ref(), rows)),
        _ => None,
    }
}

/// Who a waveform is for: its rows, and the number of the stimulus, which keys its draws.
#[derive(Clone, Copy)]
pub(super) struct Receivers<'r> {
    pub stimulus: u32,
    pub count: u32,
    pub rows: &'r RowSet,
}

/// Some rows have a value, and the others what they have if nothing is given.
pub(super) fn partial(value: &Value) -> bool {
    exceptions(value).is_some_and(|(others, _)| others.is_none())
}

/// What a model gives a state of a row at the start. `None`: it does not follow from parameters and states that do.
fn start(
    model: &NeuronModel,
    params: &[Option<Column>],
    given: &[Option<Column>],
    state: usize,
    row: usize,
    depth: usize,
) -> Option<f64> {
    if let Some(column) = given.get(state)? {
        return Some(column.get(row));
    }
    // states that follow from each other in a circle are refused where the rule is made
    let deeper = depth.checked_sub(1)?;
    let leaf = |leaf: Node| match leaf {
        Node::Param(k) => Some(params.get(k as usize)?.as_ref()?.get(row)),
        Node::State(k) => start(model, params, given, k as usize, row, deeper),
        _ => None,
    };
    // which of the leaves has no value is not asked: whoever reads the message gives a value for the others
    model.graph.evaluate_with(model.states.get(state)?.initial, &mut { leaf }).ok()
}

impl Checker<'_> {
    /// The column that a model gives a state at the start, where none is given.
    pub(super) fn own_start(
        &mut self,
        part: &str,
        model: &NeuronModel,
        params: &[Option<Column>],
        given: &[Option<Column>],
        state: usize,
        size: u32,
    ) -> Option<Column> {
        let name = &model.states.get(state)?.name;
        self.hold(part, name, u64::from(size))?;
        let before = self.diagnostics.len();
        let list = (0..size as usize).map(|row| start(model, params, given, state, row, model.states.len()));
        let column = list.collect::<Option<Vec<f64>>>().map(Column::PerRow);
        // parameters that are wrong have been said
        if column.is_none() && before == 0 {
            let message =
                format!("{part}: `{name}` has a value for some neurons, and what the model gives the others is not known");
            self.say(Diagnostic::new("E072", message).value_of(name).help("give a `value` for the others"));
        }
        column
    }

    /// The column with the exceptions in it; `place` finds a neuron among its rows.
    #[allow(clippy::too_many_arguments, reason = "what is checked, and how its rows are counted")]
    pub(super) fn excepted(
        &mut self,
        part: &str,
        what: &str,
        base: Column,
        exceptions: &[Exception],
        dimension: Dimension,
        rows: u32,
        place: &dyn Fn(u64) -> Option<usize>,
    ) -> Option<Column> {
        self.hold(part, what, u64::from(rows))?;
        let mut list = match base {
            Column::Shared(x) => vec![x; rows as usize],
            Column::PerRow(list) => list,
        };
        for exception in exceptions {
            let Which::Rows(spans) = &exception.at else {
                let message = format!("{part}: `{what}`: `{}` names synapses, and neurons have it", exception.at);
                self.say(Diagnostic::new("E072", message).help("write the numbers of the neurons alone"));
                return None;
            };
            // before the span is gone through: it may be long
            if place(spans.last()).is_none_or(|row| row >= list.len()) {
                self.say(Diagnostic::new("E072", format!("{part}: `{what}`: there is no neuron {} here", spans.last())));
                return None;
            }
            let numbers = self.numbers_of(part, what, exception, spans.count(), dimension)?;
            for (k, neuron) in spans.iter().enumerate() {
                let Some(row) = place(neuron).filter(|row| *row < list.len()) else {
                    self.say(Diagnostic::new("E072", format!("{part}: `{what}`: there is no neuron {neuron} here")));
                    return None;
                };
                list[row] = numbers[if numbers.len() > 1 { k } else { 0 }];
            }
        }
        Some(Column::PerRow(list))
    }

    /// The same for all neurons of a population.
    pub(super) fn excepted_neurons(
        &mut self,
        part: &str,
        what: &str,
        base: Column,
        exceptions: &[Exception],
        dimension: Dimension,
        size: u32,
    ) -> Option<Column> {
        self.excepted(part, what, base, exceptions, dimension, size, &|neuron| usize::try_from(neuron).ok())
    }

    /// One number, or one for each row of an exception.
    fn numbers_of(&mut self, part: &str, what: &str, exception: &Exception, rows: u64, dimension: Dimension) -> Option<Vec<f64>> {
        let named = format!("{what}[{}]", exception.at);
        match &exception.value {
            Value::List(list) if list.len() as u64 == rows && !matches!(exception.at, Which::Pairs(..)) => {
                self.list(part, &named, list, dimension)
            }
            Value::List(list) if matches!(exception.at, Which::Pairs(..)) => {
                let message = format!("{part}: `{named}` is one value for all synapses between these neurons, got {}", list.len());
                self.say(Diagnostic::new("E033", message).help("name the synapses by their numbers to give each its own"));
                None
            }
            Value::Distribution(d) if let Distribution::Numbers { of, unit } = d.as_ref() => {
                if of.len() as u64 != rows || matches!(exception.at, Which::Pairs(..)) {
                    self.say(Diagnostic::new("E033", format!("{part}: `{named}` has {} numbers for {rows} rows", of.len())));
                    return None;
                }
                self.in_unit(part, &named, of, unit.as_deref(), dimension)
            }
            Value::List(list) => {
                self.say(Diagnostic::new("E033", format!("{part}: `{named}` is a list of {} for {rows} rows", list.len())));
                None
            }
            value => self.accept(read(&self.names, part, &named, value, dimension)).map(|x| vec![x]),
        }
    }

    /// A value of edges with exceptions; which edges there are is known when they are drawn.
    pub(super) fn edges_excepted(
        &mut self,
        part: &str,
        what: &str,
        base: EdgeValue,
        exceptions: &[Exception],
        dimension: Dimension,
    ) -> Option<EdgeValue> {
        let mut own = Vec::with_capacity(exceptions.len());
        for exception in exceptions {
            let rows = match &exception.at {
                Which::Rows(spans) => spans.count(),
                _ => 1,
            };
            own.push((exception.at.clone(), self.numbers_of(part, what, exception, rows, dimension)?));
        }
        Some(EdgeValue::Except(Box::new(base), own))
    }

    /// The same from a value of the description: the others have `value`, or what is said to be missing.
    pub(super) fn edge_value_excepted(
        &mut self,
        part: &str,
        what: &str,
        (value, exceptions): (Option<&Value>, &[Exception]),
        dimension: Dimension,
        edges: &Edges,
    ) -> Option<EdgeValue> {
        let Some(value) = value else {
            let message = format!("{part}: `{what}` is given for some synapses, and has no value for the others");
            self.say(Diagnostic::new("E027", message).help("give it one for all first"));
            return None;
        };
        let base = self.edge_value(part, what, value, dimension, edges)?;
        self.edges_excepted(part, what, base, exceptions, dimension)
    }

    /// A column over the rows of a stimulus; exceptions name neurons of the target.
    pub(super) fn receivers_excepted(
        &mut self,
        part: &str,
        what: &str,
        (value, exceptions): (Option<&Value>, &[Exception]),
        dimension: Dimension,
        to: Receivers<'_>,
        stream: u32,
    ) -> Option<Column> {
        let value = self.given(part, what, value)?;
        let base = self.column(part, what, value, dimension, to.count, stream)?;
        self.excepted(part, what, base, exceptions, dimension, to.count, &|neuron| to.rows.place(neuron))
    }

    /// What the others have must be said.
    pub(super) fn given<'v>(&mut self, part: &str, what: &str, value: Option<&'v Value>) -> Option<&'v Value> {
        if value.is_none() {
            let message = format!("{part}: `{what}` is given for some neurons, and has no value for the others");
            self.say(Diagnostic::new("E027", message).help("give it one for all first"));
        }
        value
    }
}
