//! Projections that join parts of populations: the connector counts the neurons that it joins, people count those of the population.
//!
//! In: values with exceptions for pairs of neurons, or an error about a pair. Out: the same in the other numbers. Not here: which
//! neurons are joined (`network::check`), where edges end (`connector`).

use std::borrow::Cow;

use crate::network::Which;
use crate::network::checked::{CheckedProjection, EdgeValue, RowSet};
use crate::network::connector::ConnectorError;

/// Values as the connector counts neurons.
///
/// **Errors** an exception for a neuron that the projection does not join.
pub(super) fn counted<'v>(projection: &CheckedProjection, values: &'v [EdgeValue]) -> Result<Cow<'v, [EdgeValue]>, ConnectorError> {
    let Some(rows) = projection.rows.as_deref().filter(|_| values.iter().any(names_pairs)) else {
        return Ok(Cow::Borrowed(values));
    };
    values.iter().map(|value| of(value, rows)).collect::<Result<Vec<_>, _>>().map(Cow::Owned)
}

fn names_pairs(value: &EdgeValue) -> bool {
    matches!(value, EdgeValue::Except(_, own) if own.iter().any(|(which, _)| matches!(which, Which::Pairs(..))))
}

fn of(value: &EdgeValue, [from, to]: &[RowSet; 2]) -> Result<EdgeValue, ConnectorError> {
    let EdgeValue::Except(others, own) = value else { return Ok(value.clone()) };
    let place = |rows: &RowSet, row: u64| rows.place(row).map(|place| place as u64);
    let mut counted = Vec::with_capacity(own.len());
    for (which, numbers) in own {
        let which = match which {
            Which::Pairs(a, b) => {
                let none = |s: u64, t: u64| ConnectorError::NoPair { which: which.clone(), source_neuron: s, target_neuron: t };
                let sources = a.renumbered(|row| place(from, row)).map_err(|row| none(row, b.iter().next().unwrap_or(0)))?;
                let targets = b.renumbered(|row| place(to, row)).map_err(|row| none(a.iter().next().unwrap_or(0), row))?;
                Which::Pairs(sources, targets)
            }
            other => other.clone(),
        };
        counted.push((which, numbers.clone()));
    }
    Ok(EdgeValue::Except(others.clone(), counted))
}

/// An error about a pair, by the numbers of its neurons in their populations.
pub(super) fn named(projection: &CheckedProjection, error: ConnectorError) -> ConnectorError {
    match (projection.rows.as_deref(), error) {
        (Some([from, to]), ConnectorError::NoPair { which, source_neuron, target_neuron }) => {
            let number = |rows: &RowSet, place: u64| rows.iter().nth(place as usize).map_or(place, u64::from);
            let which = match which {
                Which::Pairs(a, b) => {
                    let of = |rows: &RowSet, spans: &crate::network::Spans| spans.renumbered(|row| Some(number(rows, row)));
                    of(from, &a).and_then(|a| Ok(Which::Pairs(a, of(to, &b)?))).unwrap_or(Which::All)
                }
                other => other,
            };
            let (source_neuron, target_neuron) = (number(from, source_neuron), number(to, target_neuron));
            ConnectorError::NoPair { which, source_neuron, target_neuron }
        }
        (_, error) => error,
    }
}
