//! A matrix of numbers, a synapse where it is not 0. Nothing is drawn.

use serde::{Deserialize, Serialize};

use super::Connector;
use super::entry::Entry;
use super::grid::{self, Laid};
use super::rule::{Desk, Listed, Listing, Numbers, Pairs, Rule};
use crate::diagnostic::Diagnostic;
use crate::network::Value;
use crate::network::field::Kind;

rule! {
    /// A synapse where the matrix is not 0; its value is the weight in `unit`s, times `weight` if given.
    Matrix {
        /// 0: no synapse.
        rows: Vec<Vec<f64>> = "rows = [[0, 1], [2, 0]]",
        /// Which end the rows are: `rows[source][target]`, or `rows[target][source]`.
        #[serde(default, skip_serializing_if = "End::is_source")]
        by: End = "by = \"target\"",
        /// Of the numbers, as weights.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String> = "unit = \"nS\"",
    }
}

/// An end of a synapse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Where a spike comes from.
    #[default]
    Source,
    /// Where it arrives.
    Target,
}

impl End {
    pub(super) fn is_source(&self) -> bool {
        *self == End::Source
    }
}

impl Entry for End {
    const KIND: Kind = Kind::Word(&["source", "target"]);
}

impl Connector {
    /// A synapse where `rows[target][source]` is not 0.
    pub fn matrix(rows: impl Into<Vec<Vec<f64>>>) -> Connector {
        Connector::Matrix { rows: rows.into(), by: End::Target, unit: None }
    }
}

impl Rule for Matrix<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Listed(self)
    }

    fn numbers(&self) -> Option<Numbers<'_>> {
        Some(Numbers { rows: self.rows, unit: self.unit.as_deref() })
    }

    fn turned(&self, _value: &Value) -> Result<Connector, (&'static str, &'static str)> {
        let by = if *self.by == End::Source { End::Target } else { End::Source };
        Ok(Connector::Matrix { rows: self.rows.clone(), by, unit: self.unit.clone() })
    }
}

impl Listed for Matrix<'_> {
    fn list(&self, desk: &mut dyn Desk) -> Option<Listing> {
        let (rows, by) = (self.rows, *self.by);
        let ends = desk.ends();
        let (down, right) = (("sources", ends.sources), ("targets", ends.targets));
        let (down, right) = if by == End::Source { (down, right) } else { (right, down) };
        let wrong = |text: String| Diagnostic::new("E062", text).value_of("rows");
        let transposed = |d: Diagnostic| {
            let other = if by == End::Source { "target" } else { "source" };
            let fits = rows.len() as u64 == u64::from(right.1) && rows.iter().all(|row| row.len() as u64 == u64::from(down.1));
            if fits { d.help(format!("if a row is a {other}, write `by = \"{other}\"`")) } else { d }
        };
        if rows.len() as u64 != u64::from(down.1) {
            desk.say(transposed(wrong(format!("the matrix has {} rows for {} {}", rows.len(), down.1, down.0))));
            return None;
        }
        if let Some((i, row)) = rows.iter().enumerate().find(|(_, row)| row.len() as u64 != u64::from(right.1)) {
            let message = format!("row {i} of the matrix has {} numbers for {} {}", row.len(), right.1, right.0);
            desk.say(transposed(wrong(message)).value_of(&format!("rows[{i}]")));
            return None;
        }
        grid::numbers(desk, "the matrix", "rows", rows)?;
        grid::listing(desk, rows, lay(rows, by))
    }
}

/// The pairs of a matrix whose rows are of one length.
pub(super) fn lay(rows: &[Vec<f64>], by: End) -> Laid {
    let mut laid = Laid::default();
    let mut place = 0;
    for (row, numbers) in (0u32..).zip(rows) {
        for (column, number) in (0u32..).zip(numbers) {
            if *number != 0.0 {
                let (source, target) = if by == End::Source { (row, column) } else { (column, row) };
                laid.source.push(source);
                laid.target.push(target);
                laid.place.push(place);
            }
            place += 1;
        }
    }
    laid
}
