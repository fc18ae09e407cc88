//! Synapses as a table lists them, a line each.

use std::path::PathBuf;

use super::Connector;
use super::rule::{Desk, Listed, Listing, Pairs, Rule};
use crate::network::Value;

rule! {
    /// A table with a line per synapse: CSV (gzipped or not) with a header, or npy/npz.
    File {
        /// The table.
        path: PathBuf = "path = \"synapses.csv\"",
        /// Columns of source and target numbers, `source` and `target` if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source_column: Option<String> = "source_column = \"from\"",
        /// Column of target numbers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target_column: Option<String> = "target_column = \"to\"",
    }
}

impl Rule for File<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Listed(self)
    }

    fn turned(&self, _value: &Value) -> Result<Connector, (&'static str, &'static str)> {
        Ok(Connector::File {
            path: self.path.clone(),
            source_column: Some(self.target_column().into()),
            target_column: Some(self.source_column().into()),
        })
    }
}

impl File<'_> {
    fn source_column(&self) -> &str {
        self.source_column.as_deref().unwrap_or("source")
    }

    fn target_column(&self) -> &str {
        self.target_column.as_deref().unwrap_or("target")
    }
}

impl Listed for File<'_> {
    fn list(&self, desk: &mut dyn Desk) -> Option<Listing> {
        let table = desk.table(self.path)?;
        let ends = desk.ends();
        let source = desk.neurons("source_column", &table, self.source_column(), ends.sources);
        let target = desk.neurons("target_column", &table, self.target_column(), ends.targets);
        Some(Listing { source: source?, target: target?, table: Some(table), ..Listing::default() })
    }
}
