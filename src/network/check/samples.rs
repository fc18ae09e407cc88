//! Samples of a stimulus, in the description or in a file.

use std::path::Path;

use super::Checker;
use super::except::Receivers;
use super::words::holds;
use crate::diagnostic::Diagnostic;
use crate::network::checked::Column;
use crate::units::{Unit, scaled};

impl Checker<'_> {
    /// A column for each sample: of `values`, or of the rows of `file`, one of which is given.
    pub(super) fn samples(
        &mut self,
        part: &str,
        values: &[Vec<f64>],
        file: Option<&Path>,
        unit: Unit,
        to: Receivers<'_>,
    ) -> Option<Vec<Column>> {
        let (rows, whose) = match (values, file) {
            (_, None) => (Rows::Listed(values), "values".to_owned()),
            ([], Some(file)) => {
                let table = self.table(part, file)?;
                let read = table.all_numbers().map_err(|e| Diagnostic::new("E081", format!("{part}: {e}")).value_of("file"));
                let (width, all) = self.accept(read)?;
                (Rows::Read(width, all), file.display().to_string())
            }
            (_, Some(_)) => {
                let message = format!("{part}: samples stand in `values` and in `file`");
                self.say(Diagnostic::new("E071", message).key_of("file").help("leave one of the two out"));
                return None;
            }
        };
        let key = |k: usize| if file.is_some() { "file".to_owned() } else { format!("values[{k}]") };
        let called = |k: usize| if file.is_some() { format!("row {k} of `{whose}`") } else { format!("values[{k}]") };
        let mut out = Vec::new();
        for (k, row) in rows.all().enumerate() {
            self.hold(part, "values", row.len() as u64)?;
            if let Some(x) = row.iter().find(|x| !holds(scaled(**x, unit.scale))) {
                self.say(Diagnostic::new("E032", format!("{part}: {} holds {x}", called(k))).value_of(&key(k)));
                return None;
            }
            out.push(match row {
                [x] => Column::Shared(scaled(*x, unit.scale)),
                list if list.len() as u64 == u64::from(to.count) => {
                    Column::PerRow(list.iter().map(|&x| scaled(x, unit.scale)).collect())
                }
                list => {
                    let message = format!(
                        "{part}: {} has {} numbers for {} neurons, one for all or one each is expected",
                        called(k),
                        list.len(),
                        to.count
                    );
                    self.say(Diagnostic::new("E071", message).value_of(&key(k)));
                    return None;
                }
            });
        }
        if out.is_empty() {
            let message = format!("{part}: there is no sample");
            let help = "write `values = [[1], [2]]`, a list for each sample, or `file = \"current.npy\"`, a row for each";
            self.say(Diagnostic::new("E071", message).help(help));
            return None;
        }
        Some(out)
    }
}

/// Samples as they were given.
enum Rows<'v> {
    Listed(&'v [Vec<f64>]),
    /// So many numbers in a row, row by row.
    Read(usize, Vec<f64>),
}

impl Rows<'_> {
    fn all(&self) -> Box<dyn Iterator<Item = &[f64]> + '_> {
        match self {
            Rows::Listed(list) => Box::new(list.iter().map(Vec::as_slice)),
            Rows::Read(width, all) => Box::new(all.chunks((*width).max(1))),
        }
    }
}
