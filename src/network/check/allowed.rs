//! What values parameters may have: one function for every way in, a file, a variant, a program that changes them.
//!
//! Looked at are the ranges that the model declares (`param rate = 10 Hz (from 0 Hz)`), refractory times, which are finite and
//! not negative, and what the model divides by ([`super::divisors`]). User models get the same as the ready ones.

use super::values::{described, holds, unit_text};
use super::{Checker, divisors, short};
use crate::diagnostic::Diagnostic;
use crate::model::rule::{Graph, Node, NodeId};
use crate::model::{Bound, NeuronModel, Param, Refractory, SynapseModel};
use crate::network::checked::{Column, EdgeValue};
use crate::network::connector::EdgeColumn;
use crate::units::Dimension;

/// A value that a parameter cannot have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub code: &'static str,
    /// The parameter that shows it: the last of several, which is the likeliest to have been given.
    pub key: String,
    pub text: String,
}

/// Says of a parameter, by place, whether it is to be looked at.
pub(super) type Changed<'a> = &'a dyn Fn(u32) -> bool;

/// Parameters of a model, row by row.
pub(super) struct Given<'a> {
    /// What a row is: `neuron`, `synapse`.
    pub one: &'static str,
    pub graph: &'a Graph,
    pub params: &'a [Param],
    /// The value of a parameter in a row; NaN: not known yet.
    pub at: &'a dyn Fn(u32, usize) -> f64,
    /// Rows that a parameter tells apart; 1: it is the same in all.
    pub rows: &'a dyn Fn(u32) -> usize,
    /// Which parameters are to be looked at: a variant is asked about what it changes alone, since there are thousands.
    /// `None`: all.
    pub changed: Option<Changed<'a>>,
    /// The values have been rounded to f32, so bounds are rounded likewise.
    pub narrow: bool,
}

impl Checker<'_> {
    pub(super) fn allowed_in_neurons(
        &mut self,
        part: &str,
        model: &NeuronModel,
        params: &[Column],
        changed: Option<Changed<'_>>,
    ) -> Option<()> {
        self.refuse(part, of_neurons(model, params, changed))
    }

    pub(super) fn allowed_in_synapses(&mut self, part: &str, model: &SynapseModel, params: &[EdgeValue]) -> Option<()> {
        self.refuse(part, of_synapses(model, params))
    }

    fn refuse(&mut self, part: &str, refused: Vec<Refused>) -> Option<()> {
        let none = refused.is_empty();
        refused.into_iter().for_each(|r| self.say(Diagnostic::new(r.code, format!("{part}: {}", r.text)).value_of(&r.key)));
        none.then_some(())
    }
}

/// Everything that is wrong with the parameters of neurons.
fn of_neurons(model: &NeuronModel, params: &[Column], changed: Option<Changed<'_>>) -> Vec<Refused> {
    let at = |k: u32, row: usize| params.get(k as usize).map_or(f64::NAN, |column| column.get(row));
    let rows = |k: u32| match params.get(k as usize) {
        Some(Column::PerRow(list)) => list.len(),
        _ => 1,
    };
    let given = Given { one: "neuron", graph: &model.graph, params: &model.params, at: &at, rows: &rows, changed, narrow: false };
    let mut out = ranges(&given);
    out.extend(refractory(&given, model));
    out.extend(divisors::of_neurons(&given, model));
    out
}

/// Everything that is wrong with the parameters of synapses. What is drawn is looked at when it is drawn: [`of_edges`].
pub(crate) fn of_synapses(model: &SynapseModel, params: &[EdgeValue]) -> Vec<Refused> {
    let at = |k: u32, edge: usize| params.get(k as usize).map_or(f64::NAN, |value| value.known(edge));
    let rows = |k: u32| params.get(k as usize).map_or(1, EdgeValue::count);
    of_rows(model, &at, &rows, false)
}

/// The same for the columns of edges that have been drawn.
pub(crate) fn of_edges(model: &SynapseModel, params: &[EdgeColumn]) -> Vec<Refused> {
    let at = |k: u32, edge: usize| match params.get(k as usize) {
        Some(EdgeColumn::Shared(x)) => *x,
        Some(EdgeColumn::PerEdge(list)) => list.get(edge).map_or(f64::NAN, |x| f64::from(*x)),
        None => f64::NAN,
    };
    let rows = |k: u32| match params.get(k as usize) {
        Some(EdgeColumn::PerEdge(list)) => list.len(),
        _ => 1,
    };
    of_rows(model, &at, &rows, true)
}

fn of_rows(model: &SynapseModel, at: &dyn Fn(u32, usize) -> f64, rows: &dyn Fn(u32) -> usize, narrow: bool) -> Vec<Refused> {
    let given = Given { one: "synapse", graph: &model.graph, params: &model.params, at, rows, changed: None, narrow };
    let mut out = ranges(&given);
    out.extend(divisors::of_synapses(&given, model));
    out
}

/// Can a parameter have this value, whatever the model says? Finite, also where engines count in f32; a time may be infinite.
pub(super) fn is_value(dimension: Dimension, x: f64) -> bool {
    holds(x) || (x == f64::INFINITY && dimension == Dimension::TIME)
}

/// Values outside of the range that the model declares.
fn ranges(given: &Given<'_>) -> Vec<Refused> {
    let mut out = Vec::new();
    for (k, param) in (0u32..).zip(given.params) {
        let ends = [(param.range.low, true), (param.range.high, false)];
        let Some((row, bound, low)) = ends.iter().find_map(|(bound, low)| {
            let bound = (*bound)?;
            let others = places(given.graph, bound.value);
            if !given.asked(&[k]) && !given.asked(&others) {
                return None;
            }
            let count = given.count(&[k]).max(given.count(&others));
            Some((given.beyond(k, bound, *low, count)?, bound, *low))
        }) else {
            continue;
        };
        let limit = given.quantity(given.evaluate(bound.value, row), param.dimension);
        let must = match (low, bound.within) {
            (true, true) => format!("it must be at least {limit}"),
            (true, false) => format!("it must be larger than {limit}"),
            (false, true) => format!("it must be at most {limit}"),
            (false, false) => format!("it must be smaller than {limit}"),
        };
        let text = format!("{}{}: {must}", given.named(k, row), given.place(given.count(&[k]), row));
        out.push(Refused { code: "E038", key: param.name.clone(), text });
    }
    out
}

/// A refractory time is counted in steps.
fn refractory(given: &Given<'_>, model: &NeuronModel) -> Option<Refused> {
    let Some(Refractory::Time(time)) = model.refractory else { return None };
    let places = places(given.graph, time);
    if !given.asked(&places) {
        return None;
    }
    let count = given.count(&places);
    let good = |row: usize| {
        let time = given.evaluate(time, row);
        time.is_nan() || (time >= 0.0 && holds(time))
    };
    let row = (0..count).find(|row| !good(*row))?;
    let names = given.names(&places, row);
    let names = if names.is_empty() { given.quantity(given.evaluate(time, row), Dimension::TIME) } else { names };
    let text = format!("{names}{}: a refractory time must be finite and not negative", given.place(count, row));
    Some(Refused { code: "E038", key: given.last(&places), text })
}

/// Parameters that a node follows from.
pub(super) fn places(graph: &Graph, node: NodeId) -> Vec<u32> {
    graph.leaves(node).into_iter().filter_map(place).collect()
}

pub(super) fn place(leaf: Node) -> Option<u32> {
    match leaf {
        Node::Param(k) => Some(k),
        _ => None,
    }
}

impl Given<'_> {
    /// Is any of these parameters to be looked at?
    pub fn asked(&self, places: &[u32]) -> bool {
        self.changed.is_none_or(|changed| places.iter().any(|k| changed(*k)))
    }

    /// Rows that these parameters tell apart.
    pub fn count(&self, places: &[u32]) -> usize {
        places.iter().map(|k| (self.rows)(*k)).max().unwrap_or(1)
    }

    pub fn evaluate(&self, node: NodeId, row: usize) -> f64 {
        match self.graph.node(node) {
            Node::Param(k) => (self.at)(k, row),
            _ => self.graph.evaluate(node, &|k| (self.at)(k, row)),
        }
    }

    /// The first row whose value lies beyond a bound.
    fn beyond(&self, k: u32, bound: Bound, low: bool, count: usize) -> Option<usize> {
        // worked out once where it is the same for all rows: columns are long
        let shared = (self.count(&places(self.graph, bound.value)) <= 1).then(|| self.evaluate(bound.value, 0));
        let is_beyond = |row: &usize| {
            let (x, limit) = ((self.at)(k, *row), shared.unwrap_or_else(|| self.evaluate(bound.value, *row)));
            let limit = if self.narrow { f64::from(limit as f32) } else { limit };
            let over = if low { limit - x } else { x - limit };
            x != limit && over > 0.0 || x == limit && !bound.within
        };
        (0..count).find(is_beyond)
    }

    /// `` `tau` = -3 ms ``
    fn named(&self, k: u32, row: usize) -> String {
        let param = &self.params[k as usize];
        format!("`{}` = {}", param.name, self.quantity((self.at)(k, row), param.dimension))
    }

    /// `` `e_hi` = 3 mV and `e_lo` = 3 mV ``
    pub fn names(&self, places: &[u32], row: usize) -> String {
        places.iter().map(|k| self.named(*k, row)).collect::<Vec<_>>().join(" and ")
    }

    /// Which row is meant, where there are several.
    pub fn place(&self, count: usize, row: usize) -> String {
        if count > 1 { format!(" of {} {row}", self.one) } else { String::new() }
    }

    /// The name of the last of these parameters.
    pub fn last(&self, places: &[u32]) -> String {
        places.last().map_or(String::new(), |k| self.params[*k as usize].name.clone())
    }

    pub fn described(&self, k: u32) -> String {
        described(self.params[k as usize].dimension)
    }

    fn quantity(&self, x: f64, dimension: Dimension) -> String {
        format!("{} {}", short(x), if dimension.is_none() { String::new() } else { unit_text(dimension) }).trim_end().to_string()
    }
}
