//! A text table: a header, then a line per row. `#` starts a comment line, empty lines are passed over.

use std::collections::HashSet;
use std::path::Path;

use csv::StringRecord;

use super::{TableColumn, TableError, number};

type Columns = Vec<(String, TableColumn)>;

/// The columns, and the line of each row.
pub(super) fn read(path: &Path, bytes: Vec<u8>) -> Result<(Columns, Vec<u64>), TableError> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|b| **b == b'\n').count() as u64;
        row_error(path, line, "text in UTF-8", "other bytes")
    })?;
    let text = text.trim_start_matches('\u{feff}');
    let separator = separator(text);

    let mut names: Option<StringRecord> = None;
    let mut numbers: Vec<Option<Vec<f64>>> = Vec::new();
    let mut lines = Vec::new();
    each_record(path, text, separator, |line, record| {
        let Some(names) = &names else {
            numbers.resize(record.len(), Some(Vec::new()));
            names = Some(header(path, line, record)?);
            return Ok(());
        };
        if record.len() != names.len() {
            let (expected, found) = (format!("{} cells, as in the header", names.len()), record.len().to_string());
            return Err(row_error(path, line, &expected, &found));
        }
        lines.push(line);
        for (column, cell) in numbers.iter_mut().zip(record) {
            match number(cell) {
                Some(x) => column.iter_mut().for_each(|list| list.push(x)),
                // read as texts in the second pass
                None => *column = None,
            }
        }
        Ok(())
    })?;
    let Some(names) = names else {
        let (expected, found) = ("a header that names the columns".into(), "an empty file".into());
        return Err(TableError::File { path: path.into(), expected, found });
    };

    let mut columns: Vec<TableColumn> =
        numbers.into_iter().map(|list| list.map_or(TableColumn::Texts(Vec::new()), TableColumn::Numbers)).collect();
    if columns.iter().any(|column| matches!(column, TableColumn::Texts(_))) {
        let mut header = true;
        each_record(path, text, separator, |_, record| {
            if std::mem::take(&mut header) {
                return Ok(());
            }
            for (column, cell) in columns.iter_mut().zip(record) {
                if let TableColumn::Texts(list) = column {
                    list.push(cell.to_owned());
                }
            }
            Ok(())
        })?;
    }
    Ok((names.iter().map(str::to_owned).zip(columns).collect(), lines))
}

/// What separates cells: the most frequent of comma, semicolon and tab in the header, spaces if it has none of them.
fn separator(text: &str) -> u8 {
    let header = text.lines().find(|l| !l.trim().is_empty() && !l.starts_with('#')).unwrap_or_default();
    let count = |c: u8| header.bytes().filter(|b| *b == c).count();
    let best = b",;\t".iter().copied().max_by_key(|c| (count(*c), *c == b',')).unwrap_or(b',');
    if count(best) == 0 && header.trim().contains(' ') { b' ' } else { best }
}

fn header(path: &Path, line: u64, record: &StringRecord) -> Result<StringRecord, TableError> {
    if record.iter().all(|cell| number(cell).is_some()) {
        let found = record.iter().take(4).collect::<Vec<_>>().join(", ");
        return Err(row_error(path, line, "a header that names the columns", &format!("numbers ({found})")));
    }
    let mut seen = HashSet::new();
    if let Some(name) = record.iter().find(|name| !seen.insert(*name)) {
        return Err(row_error(path, line, "names that differ", &format!("`{name}` twice")));
    }
    Ok(record.clone())
}

fn each_record(
    path: &Path,
    text: &str,
    separator: u8,
    mut each: impl FnMut(u64, &StringRecord) -> Result<(), TableError>,
) -> Result<(), TableError> {
    if separator == b' ' {
        let lines = (1..).zip(text.lines()).filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#'));
        // runs of spaces count as one, which the crate does not offer
        return lines.into_iter().try_for_each(|(n, l)| each(n, &l.split_whitespace().collect::<Vec<_>>().into()));
    }
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.delimiter(separator).has_headers(false).flexible(true).comment(Some(b'#')).trim(csv::Trim::All);
    let mut reader = reader.from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    // an error of the crate is about bytes or lengths, both settled here; kept for what a later version may refuse
    while reader.read_record(&mut record).map_err(|e| TableError::Read { path: path.into(), error: e.to_string() })? {
        // the crate's position is that before the empty lines and comments that it passed over
        let (line, byte) = record.position().map_or((0, 0), |p| (p.line(), p.byte() as usize));
        let before = text.get(byte..).unwrap_or_default().lines();
        let line = line + before.take_while(|l| l.is_empty() || l.starts_with('#')).count() as u64;
        each(line, &record)?;
    }
    Ok(())
}

fn row_error(path: &Path, line: u64, expected: &str, found: &str) -> TableError {
    TableError::Row { path: path.into(), place: format!("line {line}"), expected: expected.into(), found: found.into() }
}
