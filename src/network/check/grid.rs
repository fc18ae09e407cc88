//! Synapses laid out in rows: matrices, kernels, values in the same rows; and values shared among the sources of a target.

use std::sync::Arc;

use super::Checker;
use super::connectors::{Joined, Wiring, listed_wiring};
use super::values::{Edges, Grid};
use super::words::{described, holds, there_are, unit_text};
use crate::diagnostic::Diagnostic;
use crate::network::checked::EdgeValue;
use crate::network::connector::matrix::{self, Laid};
use crate::network::connector::pattern;
use crate::network::connector::table::Table;
use crate::network::{Border, Connector, End, Projection};
use crate::units::{Dimension, scaled};

impl Checker<'_> {
    pub(super) fn matrix(&mut self, part: &str, rows: &[Vec<f64>], by: End, ends: Joined) -> Option<Wiring> {
        let (down, right) = (("sources", ends.sources), ("targets", ends.targets));
        let (down, right) = if by == End::Source { (down, right) } else { (right, down) };
        let wrong = |text: String| Diagnostic::new("E062", format!("{part}: {text}")).value_of("rows");
        let transposed = |d: Diagnostic| {
            let other = if by == End::Source { "target" } else { "source" };
            let fits = rows.len() as u64 == u64::from(right.1) && rows.iter().all(|row| row.len() as u64 == u64::from(down.1));
            if fits { d.help(format!("if a row is a {other}, write `by = \"{other}\"`")) } else { d }
        };
        if rows.len() as u64 != u64::from(down.1) {
            self.say(transposed(wrong(format!("the matrix has {} rows for {} {}", rows.len(), down.1, down.0))));
            return None;
        }
        if let Some((i, row)) = rows.iter().enumerate().find(|(_, row)| row.len() as u64 != u64::from(right.1)) {
            self.say(
                transposed(wrong(format!("row {i} of the matrix has {} numbers for {} {}", row.len(), right.1, right.0)))
                    .value_of(&format!("rows[{i}]")),
            );
            return None;
        }
        self.numbers_of_grid(part, "the matrix", "rows", rows)?;
        self.laid(part, rows, matrix::lay(rows, by))
    }

    pub(super) fn pattern(
        &mut self,
        part: &str,
        kernel: &[Vec<f64>],
        border: Border,
        anchor: Option<[u64; 2]>,
        ends: Joined,
    ) -> Option<Wiring> {
        let wrong = |text: String| Diagnostic::new("E062", format!("{part}: {text}")).value_of("kernel");
        let shape = |checker: &Self, id: crate::network::checked::PopulationId| checker.known(id).map(|k| k.shape.clone());
        let (source, target) = (shape(self, ends.of.0)?, shape(self, ends.of.1)?);
        if source != target {
            let message = format!("a pattern needs populations of one shape, there are {} and {}", times(&source), times(&target));
            self.say(wrong(message));
            return None;
        }
        let columns = kernel.first().map_or(0, Vec::len);
        let shape = match source[..] {
            [n] => [1, n],
            [rows, columns] => [rows, columns],
            _ => {
                self.say(wrong(format!("a pattern lies over populations of one or two sizes, this shape is {}", times(&source))));
                return None;
            }
        };
        if columns == 0 || kernel.iter().any(|row| row.len() != columns) {
            let lengths: Vec<String> = kernel.iter().take(8).map(|row| row.len().to_string()).collect();
            let message = format!("the rows of the kernel must be of one length, not 0; they are [{}]", lengths.join(", "));
            self.say(wrong(message));
            return None;
        }
        if source.len() == 1 && kernel.len() != 1 {
            let d = wrong(format!("a kernel over a population of one size has one row, this one has {}", kernel.len()));
            self.say(d.help("write `kernel = [[...]]`"));
            return None;
        }
        let anchor = anchor.unwrap_or([pattern::middle(kernel.len()), pattern::middle(columns)]);
        if anchor[0] >= kernel.len() as u64 || anchor[1] >= columns as u64 {
            let message = format!(
                "the anchor [{}, {}] is no element of a kernel of {} x {columns} (counted from 0)",
                anchor[0],
                anchor[1],
                kernel.len()
            );
            self.say(wrong(message).value_of("anchor"));
            return None;
        }
        self.numbers_of_grid(part, "the kernel", "kernel", kernel)?;
        let elements = kernel.iter().flatten().filter(|x| **x != 0.0).count() as u64;
        self.hold(part, "connector", u64::from(ends.targets).saturating_mul(elements).saturating_mul(3))?;
        self.laid(part, kernel, pattern::lay(kernel, shape, anchor, border))
    }

    fn numbers_of_grid(&mut self, part: &str, what: &str, key: &str, rows: &[Vec<f64>]) -> Option<()> {
        self.hold(part, "connector", rows.iter().map(|row| row.len() as u64).sum())?;
        for (i, row) in rows.iter().enumerate() {
            if let Some(j) = row.iter().position(|x| !x.is_finite()) {
                let message = format!("{part}: row {i}, column {j} of {what} is {}", row[j]);
                self.say(Diagnostic::new("E032", message).value_of(&format!("{key}[{i}][{j}]")));
                return None;
            }
        }
        Some(())
    }

    fn laid(&mut self, part: &str, rows: &[Vec<f64>], laid: Laid) -> Option<Wiring> {
        self.hold(part, "connector", laid.place.len() as u64)?;
        let columns = rows.first().map_or(0, Vec::len);
        let values: Vec<f64> = laid.place.iter().map(|k| rows[*k as usize / columns][*k as usize % columns]).collect();
        let table = Table::of_numbers("value", values.clone());
        let mut wiring = listed_wiring(laid.source, laid.target, Some(Arc::new(table)), Some(values));
        wiring.edges.grid = Some(Grid { rows: rows.len(), columns, place: laid.place });
        Some(wiring)
    }

    /// A value per synapse from numbers in the rows of the connector.
    pub(super) fn grid_values(
        &mut self,
        part: &str,
        what: &str,
        rows: &[Vec<f64>],
        unit: Option<&str>,
        dimension: Dimension,
        edges: &Edges,
    ) -> Option<Vec<f64>> {
        let Some(grid) = &edges.grid else {
            let message = format!("{part}: `{what}`: this connector has no rows that values could stand in");
            self.say(Diagnostic::new("E035", message).value_of(what).help("use a connector `matrix` or `pattern`"));
            return None;
        };
        let unit = self.unit(part, what, unit)?;
        if unit.dimension != dimension {
            let found = unit.dimension.told().replace("a pure number", "without a unit");
            let d = Diagnostic::new("E030", format!("{part}: `{what}` is a {}, its numbers are {found}", described(dimension)))
                .value_of(what);
            self.say(d.help(format!("write its unit: `unit = \"{}\"`", unit_text(dimension))));
            return None;
        }
        if rows.len() != grid.rows || rows.iter().any(|row| row.len() != grid.columns) {
            let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
            let message = format!(
                "{part}: `{what}` has {} rows of up to {longest} numbers, the connector {} of {}",
                rows.len(),
                grid.rows,
                grid.columns
            );
            self.say(Diagnostic::new("E033", message).value_of(what));
            return None;
        }
        self.hold(part, what, grid.place.len() as u64)?;
        let mut out = Vec::with_capacity(grid.place.len());
        for k in &grid.place {
            let (i, j) = (*k as usize / grid.columns, *k as usize % grid.columns);
            let x = scaled(rows[i][j], unit.scale);
            if !holds(x) {
                let d = Diagnostic::new("E032", format!("{part}: `{what}`: row {i}, column {j} is {}", rows[i][j]));
                self.say(d.value_of(&format!("{what}.matrix.rows[{i}][{j}]")));
                return None;
            }
            out.push(x);
        }
        Some(out)
    }

    /// Does `normalise` name something that can be divided?
    pub(super) fn normalisable(&mut self, part: &str, given: &Projection) {
        let Some(name) = &given.normalise else { return };
        if given.connector != Connector::AllToAll {
            let message = format!("{part}: `normalise` divides by the number of sources, which is for the connector `all_to_all`");
            self.say(Diagnostic::new("E062", message).key_of("normalise"));
        }
        let names: Vec<&str> = match &given.synapse {
            None => vec!["weight"],
            Some(model) => {
                let Some(model) = self.models.synapses.get(model) else { return };
                model.params.iter().map(|p| p.name.as_str()).collect()
            }
        };
        if !names.contains(&name.as_str()) {
            let d = Diagnostic::new("E026", format!("{part}: normalise: there is no `{name}`; there {}", there_are(&names)));
            self.say(d.value_of("normalise").did_you_mean(crate::units::nearest(name, names.iter().copied())));
        }
    }

    /// The share of one synapse in a value that the projection normalises, and any other value as it is.
    pub(super) fn share(&mut self, part: &str, given: &Projection, name: &str, value: EdgeValue) -> Option<EdgeValue> {
        let sources = self.share_of(given, name);
        match value {
            value if sources == 1.0 => Some(value),
            EdgeValue::Shared(x) => Some(EdgeValue::Shared(x / sources)),
            EdgeValue::List(_) | EdgeValue::Draw(_) | EdgeValue::Except(..) => {
                self.say(
                    Diagnostic::new("E035", format!("{part}: `{name}` is normalised, so it is one value for all synapses"))
                        .value_of(name),
                );
                None
            }
        }
    }

    /// By how many sources a value of this name is divided.
    pub(super) fn share_of(&self, given: &Projection, name: &str) -> f64 {
        let normalised = given.normalise.as_deref() == Some(name);
        let sources = self.places.get(given.source.as_str()).and_then(|id| self.size_of(*id));
        sources.filter(|_| normalised).map_or(1.0, f64::from)
    }
}

/// `4 x 5`
fn times(shape: &[u32]) -> String {
    shape.iter().map(u32::to_string).collect::<Vec<_>>().join(" x ")
}
