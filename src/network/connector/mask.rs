//! An array of booleans, a synapse where it is true. Nothing is drawn.

use std::path::PathBuf;

use super::rule::{Desk, Listed, Listing, Pairs, Rule};
use super::table::TableColumn;
use super::{Connector, End};
use crate::diagnostic::Diagnostic;
use crate::network::Value;

rule! {
    /// A synapse where an array of booleans is true, as it stands here or in a file of NumPy.
    Mask {
        /// `true`: a synapse.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        rows: Vec<Vec<bool>> = "rows = [[true, false], [false, true]]",
        /// An array of two dimensions instead of `rows`: a synapse where it is not 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<PathBuf> = "path = \"mask.npy\"",
        /// Which end the rows are: `rows[source][target]`, or `rows[target][source]`.
        #[serde(default, skip_serializing_if = "End::is_source")]
        by: End = "by = \"target\"",
    }
}

impl Connector {
    /// A synapse where `rows[source][target]` is true.
    #[doc(alias = "ArrayConnector")]
    pub fn mask(rows: impl Into<Vec<Vec<bool>>>) -> Connector {
        Connector::Mask { rows: rows.into(), path: None, by: End::Source }
    }
}

impl Rule for Mask<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Listed(self)
    }

    fn turned(&self, _value: &Value) -> Result<Connector, (&'static str, &'static str)> {
        let by = if *self.by == End::Source { End::Target } else { End::Source };
        Ok(Connector::Mask { rows: self.rows.clone(), path: self.path.clone(), by })
    }
}

impl Listed for Mask<'_> {
    fn list(&self, desk: &mut dyn Desk) -> Option<Listing> {
        let ends = desk.ends();
        let by_source = *self.by == End::Source;
        let (down, right) = if by_source { (ends.sources, ends.targets) } else { (ends.targets, ends.sources) };
        let mut listing = Listing::default();
        let mut join = |row: u32, column: u32| {
            let (source, target) = if by_source { (row, column) } else { (column, row) };
            listing.source.push(source);
            listing.target.push(target);
        };
        let wrong = |text: String, key: &str| Diagnostic::new("E062", text).value_of(key);
        match self.path {
            Some(path) => {
                if !self.rows.is_empty() {
                    desk.say(wrong("`rows` and `path` are both given".into(), "path").help("keep one of them"));
                    return None;
                }
                let table = desk.table(path)?;
                if table.rows as u64 != u64::from(down) {
                    desk.say(wrong(format!("the array has {} rows for {down} neurons", table.rows), "path"));
                    return None;
                }
                desk.hold(u64::from(down) * u64::from(right))?;
                // the columns of an array have the names that readers of tables give them
                let names = table.names(right as usize + 1);
                if names.len() != right as usize {
                    desk.say(wrong(format!("the array has {} columns or more for {right} neurons", names.len()), "path"));
                    return None;
                }
                let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
                let mut columns = Vec::with_capacity(names.len());
                for name in &names {
                    match table.find(name) {
                        Ok(Some(TableColumn::Numbers(numbers))) => columns.push(numbers),
                        _ => {
                            desk.say(wrong(format!("column `{name}` of the array holds no numbers"), "path"));
                            return None;
                        }
                    }
                }
                for row in 0..down {
                    for (column, numbers) in (0..right).zip(&columns) {
                        if numbers[row as usize] != 0.0 {
                            join(row, column);
                        }
                    }
                }
            }
            None => {
                let length = self.rows.iter().find(|row| row.len() as u64 != u64::from(right));
                if self.rows.len() as u64 != u64::from(down) || length.is_some() {
                    let found = length.map_or(right as usize, Vec::len);
                    let message = format!("the array is {} x {found}, expected {down} x {right}", self.rows.len());
                    desk.say(wrong(message, "rows"));
                    return None;
                }
                desk.hold(u64::from(down) * u64::from(right))?;
                for (row, flags) in (0..down).zip(self.rows) {
                    (0..right).zip(flags).filter(|(_, flag)| **flag).for_each(|(column, _)| join(row, column));
                }
            }
        }
        Some(listing)
    }
}
