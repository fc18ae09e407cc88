//! Stands in for `table` until that is merged: plain CSV with a header, numbers or texts.

use std::path::Path;

/// Named columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub columns: Vec<(String, TableColumn)>,
    pub rows: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TableColumn {
    Numbers(Vec<f64>),
    Texts(Vec<String>),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TableError(pub String);

pub fn read_table(path: &Path) -> Result<Table, TableError> {
    let mut reader = csv::Reader::from_path(path).map_err(|e| TableError(e.to_string()))?;
    let names: Vec<String> =
        reader.headers().map_err(|e| TableError(e.to_string()))?.iter().map(|h| h.trim().to_string()).collect();
    let mut texts = vec![Vec::new(); names.len()];
    let mut rows = 0;
    for record in reader.records() {
        let record = record.map_err(|e| TableError(e.to_string()))?;
        for (column, field) in texts.iter_mut().zip(record.iter()) {
            column.push(field.trim().to_string());
        }
        rows += 1;
    }
    let columns = texts.into_iter().map(|list| {
        let numbers: Option<Vec<f64>> = list.iter().map(|t| t.parse().ok()).collect();
        numbers.map_or(TableColumn::Texts(list), TableColumn::Numbers)
    });
    Ok(Table { columns: names.into_iter().zip(columns).collect(), rows })
}
