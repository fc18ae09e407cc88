//! What values parameters may have: one function for every way in, a file, a variant, a program that changes them.
//!
//! Looked at are the ranges that the model declares (`param rate = 10 Hz (from 0 Hz)`), refractory times, which are finite and
//! not negative, what the model divides by ([`super::divisors`]), and what states of synapses are kept within ([`super::kept`]). User models get the same as the ready ones.

pub(crate) use super::given::Refused;
use super::given::{Changed, Given, places};
use super::words::holds;
use super::{Checker, divisors, kept};
use crate::diagnostic::Diagnostic;
use crate::model::{NeuronModel, Refractory, SynapseModel};
use crate::network::checked::{Column, EdgeValue};
use crate::network::connector::EdgeColumn;
use crate::units::Dimension;

impl Checker<'_> {
    pub(super) fn allowed_in_neurons(
        &mut self,
        part: &str,
        model: &NeuronModel,
        params: &[Column],
        changed: Option<Changed<'_>>,
    ) -> Option<()> {
        let known = self.diagnostics.len();
        let right = self.refuse(part, of_neurons(model, params, changed));
        if model.ast.name.text == "adex" {
            // the limit of its equations has a text of its own
            let limit = "without the exponential upstroke it is the model `lif_cond_exp_adaptive`";
            let divided = self.diagnostics[known..].iter_mut().filter(|d| d.code == "E037" && d.message.contains("`delta_t`"));
            divided.for_each(|d| d.help = Some(limit.into()));
        }
        right
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
    let at = |k: u32, row: usize| params.get(k as usize).map(|column| column.get(row));
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
    let at = |k: u32, edge: usize| params.get(k as usize)?.known(edge);
    let rows = |k: u32| params.get(k as usize).map_or(1, EdgeValue::count);
    of_rows(model, &at, &rows, false)
}

/// The same for the columns of edges that have been drawn.
pub(crate) fn of_edges(model: &SynapseModel, params: &[EdgeColumn]) -> Vec<Refused> {
    let at = |k: u32, edge: usize| match params.get(k as usize)? {
        EdgeColumn::Shared(x) => Some(*x),
        EdgeColumn::PerEdge(list) => list.get(edge).map(|x| f64::from(*x)),
        EdgeColumn::Drawn(column) => ((edge as u64) < column.count()).then(|| f64::from(column.get(edge as u64))),
    };
    let rows = |k: u32| match params.get(k as usize) {
        Some(EdgeColumn::PerEdge(list)) => list.len(),
        Some(EdgeColumn::Drawn(column)) => column.count() as usize,
        _ => 1,
    };
    of_rows(model, &at, &rows, true)
}

fn of_rows(
    model: &SynapseModel,
    at: &dyn Fn(u32, usize) -> Option<f64>,
    rows: &dyn Fn(u32) -> usize,
    narrow: bool,
) -> Vec<Refused> {
    let given = Given { one: "synapse", graph: &model.graph, params: &model.params, at, rows, changed: None, narrow };
    let mut out = ranges(&given);
    out.extend(divisors::of_synapses(&given, model));
    // what is divided by 0 goes nowhere
    if out.is_empty() {
        out.extend(kept::of_states(&given, model));
    }
    out
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
        let Some(limit) = given.evaluate(bound.value, row) else { continue };
        let limit = given.quantity(limit, param.dimension);
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
    let bad = |row: usize| given.evaluate(time, row).filter(|time| !(*time >= 0.0 && holds(*time)));
    let (row, time) = (0..count).find_map(|row| Some((row, bad(row)?)))?;
    let names = given.names(&places, row);
    let names = if names.is_empty() { given.quantity(time, Dimension::TIME) } else { names };
    let text = format!("{names}{}: a refractory time must be finite and not negative", given.place(count, row));
    Some(Refused { code: "E038", key: given.last(&places), text })
}
