//! Tables that people bring: edges, spike times, properties of neurons.
//!
//! In: a file, recognised by its first bytes: CSV with a header (comma, semicolon, tab or spaces), the same gzipped, npy, npz.
//! Out: [`Table`], named columns of numbers or texts, with errors that name file, line, column and what was expected. Not
//! here: what the columns mean (`network::check`).

use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

mod csv;
mod npy;

/// Named columns of one length.
#[derive(Debug)]
pub struct Table {
    /// Lines without the header.
    pub rows: usize,
    held: Held,
    path: PathBuf,
    /// The line of each row in a text file.
    lines: Vec<u64>,
}

/// What a table keeps.
#[derive(Debug)]
enum Held {
    Columns(Vec<(String, TableColumn)>),
    /// A matrix as it stands in its file, which may have millions of columns: those that are asked for are read out of it.
    Grid(npy::Grid, OnceLock<Box<Known>>),
}

/// A column that was asked for, and the next one.
#[derive(Debug)]
struct Known {
    number: usize,
    column: TableColumn,
    next: OnceLock<Box<Known>>,
}

impl Table {
    /// One column of numbers that stands in no file.
    pub(crate) fn of_numbers(name: &str, numbers: Vec<f64>) -> Table {
        let rows = numbers.len();
        let held = Held::Columns(vec![(name.to_string(), TableColumn::Numbers(numbers))]);
        Table { rows, held, path: PathBuf::new(), lines: Vec::new() }
    }
}

/// Numbers if every cell is one that an f64 holds (finite, whole numbers up to 2^53), else the texts as they stand.
#[derive(Clone, Debug, PartialEq)]
pub enum TableColumn {
    /// All of them are numbers.
    Numbers(Vec<f64>),
    /// Some are not.
    Texts(Vec<String>),
}

/// So many names of columns stand in a message.
pub const MOST_NAMES: usize = 20;

/// What is wrong with a table, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The system would not read it.
    #[error("{}: cannot be read: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: String,
    },
    /// It is no such table.
    #[error("{}: expected {expected}, found {found}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// `place`: `line 3` of a text, `row 1` of an array.
    #[error("{}, {place}: expected {expected}, found {found}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// `line 3` of a text, `row 1` of an array.
        place: String,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A cell that is none.
    #[error("{}, {place}, column `{column}`: expected {expected}, found {found}", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// `line 3` of a text, `row 1` of an array.
        place: String,
        /// Its column.
        column: String,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Bytes that are no such thing.
    #[error("{}, byte {byte}: expected {expected}, found {found}", path.display())]
    Byte {
        /// The file.
        path: PathBuf,
        /// From 0.
        byte: u64,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A column that there is not.
    #[error("{}: expected a column `{column}`, found {found}", path.display())]
    Column {
        /// The file.
        path: PathBuf,
        /// Its name.
        column: String,
        /// Those that there are.
        found: String,
    },
}

/// Reads a table.
///
/// **Errors** a file that is none of the kinds above, is broken, or unpacks to more than 64 MiB per MiB.
pub fn read_table(path: &Path) -> Result<Table, TableError> {
    let read = |error: std::io::Error| TableError::Read { path: path.into(), error: error.to_string() };
    read_table_of(path, std::fs::read(path).map_err(read)?)
}

/// So many bytes may be unpacked from these.
fn limit_of(bytes: &[u8]) -> u64 {
    (bytes.len() as u64).max(1 << 20) * 64
}

/// Reads these arrays of an .npz, whatever else is in it.
///
/// **Errors** as [`read_table`], and an array that there is not.
pub fn read_arrays(path: &Path, bytes: Vec<u8>, names: &[&str]) -> Result<Table, TableError> {
    let limit = limit_of(&bytes);
    let columns = npy::archive(path, bytes, limit, Some(names))?;
    let rows = columns.first().map_or(0, |(_, column)| column.len());
    Ok(Table { rows, held: Held::Columns(columns), path: path.into(), lines: Vec::new() })
}

/// Reads an .npy of frames, rows and columns, or of rows and columns: its sizes, and its numbers.
///
/// **Errors** another array, broken bytes.
pub fn read_cube(path: &Path, bytes: Vec<u8>) -> Result<([usize; 3], Vec<f64>), TableError> {
    npy::cube(path, &bytes)
}

/// Reads a table whose bytes are known.
///
/// **Errors** as [`read_table`].
pub fn read_table_of(path: &Path, mut bytes: Vec<u8>) -> Result<Table, TableError> {
    let limit = limit_of(&bytes);
    if bytes.starts_with(&[0x1f, 0x8b]) {
        bytes = unpack(path, flate2::read::MultiGzDecoder::new(&bytes[..]), limit)?;
    }
    if bytes.starts_with(npy::MAGIC) {
        let grid = npy::Grid::read(path, bytes)?;
        return Ok(Table { rows: grid.rows, held: Held::Grid(grid, OnceLock::new()), path: path.into(), lines: Vec::new() });
    }
    let (columns, lines) =
        if bytes.starts_with(b"PK") { (npy::archive(path, bytes, limit, None)?, Vec::new()) } else { csv::read(path, bytes)? };
    let rows = columns.first().map_or(0, |(_, column)| column.len());
    Ok(Table { rows, held: Held::Columns(columns), path: path.into(), lines })
}

impl Table {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Result<&TableColumn, TableError> {
        self.find(name)?.ok_or_else(|| {
            let found = self.names(MOST_NAMES).iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
            TableError::Column { path: self.path.clone(), column: name.into(), found }
        })
    }

    /// The column of this name, if there is one.
    ///
    /// **Errors** a column that memory does not hold.
    pub fn find(&self, name: &str) -> Result<Option<&TableColumn>, TableError> {
        let (grid, mut next) = match &self.held {
            Held::Columns(list) => return Ok(list.iter().find(|(n, _)| n == name).map(|(_, column)| column)),
            Held::Grid(grid, first) => (grid, first),
        };
        let Some(number) = grid.number(name) else { return Ok(None) };
        loop {
            let known = match next.get() {
                Some(known) => known,
                None => {
                    let column = grid.column(number).map_err(|bytes| TableError::Read {
                        path: self.path.clone(),
                        error: format!("column `{name}` needs {bytes} bytes, more than this machine gives"),
                    })?;
                    // who comes first is read; another may stand there by now, then the search goes on behind it
                    next.get_or_init(|| Box::new(Known { number, column, next: OnceLock::new() }))
                }
            };
            if known.number == number {
                return Ok(Some(&known.column));
            }
            next = &known.next;
        }
    }

    /// The names of the first so many columns.
    pub fn names(&self, most: usize) -> Vec<Cow<'_, str>> {
        match &self.held {
            Held::Columns(list) => list.iter().take(most).map(|(name, _)| Cow::Borrowed(name.as_str())).collect(),
            Held::Grid(grid, _) => (0..grid.columns.min(most)).map(|k| grid.name(k).into()).collect(),
        }
    }

    /// A column of numbers; the error names the first cell that is none.
    pub fn numbers(&self, name: &str) -> Result<&[f64], TableError> {
        match self.column(name)? {
            TableColumn::Numbers(numbers) => Ok(numbers),
            TableColumn::Texts(texts) => {
                let row = texts.iter().position(|t| number(t).is_none()).unwrap_or(0);
                let found = texts.get(row).filter(|t| !t.is_empty()).map_or("nothing".into(), |t| format!("`{t}`"));
                Err(self.cell(name, row, "a finite number, if whole at most 2^53", found))
            }
        }
    }

    /// A column of row numbers, each below `size`.
    pub fn indices(&self, name: &str, size: u32) -> Result<Vec<u32>, TableError> {
        let numbers = self.numbers(name)?;
        let fits = |x: &f64| (0.0..f64::from(size)).contains(x) && x.fract() == 0.0;
        match numbers.iter().position(|x| !fits(x)) {
            None => Ok(numbers.iter().map(|x| *x as u32).collect()),
            Some(row) => {
                let expected = format!("a whole number from 0 to below {size}");
                Err(self.cell(name, row, &expected, numbers[row].to_string()))
            }
        }
    }

    /// All numbers, row by row, and how many a row has; the error names the first cell that is none.
    pub fn all_numbers(&self) -> Result<(usize, Vec<f64>), TableError> {
        let no_room = |columns: usize| TableError::Read {
            path: self.path.clone(),
            error: format!("it needs {} bytes, more than this machine gives", self.rows.saturating_mul(columns).saturating_mul(8)),
        };
        let mut all = Vec::new();
        match &self.held {
            Held::Grid(grid, _) => {
                let columns = grid.columns;
                all.try_reserve_exact(self.rows * columns).map_err(|_no_room| no_room(columns))?;
                grid.each(|x| all.push(x));
                Ok((columns, all))
            }
            Held::Columns(list) => {
                let columns = list.iter().map(|(name, _)| self.numbers(name)).collect::<Result<Vec<_>, _>>()?;
                all.try_reserve_exact(self.rows * columns.len()).map_err(|_no_room| no_room(columns.len()))?;
                (0..self.rows).for_each(|row| all.extend(columns.iter().map(|column| column[row])));
                Ok((columns.len(), all))
            }
        }
    }

    /// A column as texts; numbers in their shortest form.
    pub fn texts(&self, name: &str) -> Result<Cow<'_, [String]>, TableError> {
        Ok(match self.column(name)? {
            TableColumn::Texts(texts) => Cow::Borrowed(texts),
            TableColumn::Numbers(numbers) => Cow::Owned(numbers.iter().map(f64::to_string).collect()),
        })
    }

    /// The file and the row of it: `edges.csv, line 3`, `weights.npy, row 2` (from 0).
    pub fn place(&self, row: usize) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let place = self.lines.get(row).map_or(format!("row {row}"), |line| format!("line {line}"));
        if name.is_empty() { place } else { format!("{name}, {place}") }
    }

    /// The file, for messages.
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The first cell of a column of texts that is no number.
    pub fn first_text<'t>(&self, texts: &'t [String]) -> Option<(usize, &'t str)> {
        texts.iter().enumerate().find(|(_, text)| number(text).is_none()).map(|(row, text)| (row, text.as_str()))
    }

    /// It is no such table.
    pub(crate) fn wrong(&self, expected: &str, found: String) -> TableError {
        TableError::File { path: self.path.clone(), expected: expected.into(), found }
    }

    /// A cell that is none.
    pub(crate) fn cell(&self, column: &str, row: usize, expected: &str, found: String) -> TableError {
        let place = self.lines.get(row).map_or(format!("row {row}"), |line| format!("line {line}"));
        TableError::Cell { path: self.path.clone(), place, column: column.into(), expected: expected.into(), found }
    }
}

impl TableColumn {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        match self {
            TableColumn::Numbers(list) => list.len(),
            TableColumn::Texts(list) => list.len(),
        }
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The number that a cell holds, if an f64 holds it without loss of a digit of a whole number.
fn number(cell: &str) -> Option<f64> {
    let x: f64 = cell.parse().ok().filter(|x: &f64| x.is_finite())?;
    let whole = cell.trim_start_matches(['-', '+']).bytes().all(|b| b.is_ascii_digit());
    (!whole || x.abs() <= 9_007_199_254_740_992.0).then_some(x)
}

/// All that a reader gives, up to a limit in bytes.
fn unpack(path: &Path, reader: impl Read, limit: u64) -> Result<Vec<u8>, TableError> {
    let mut bytes = Vec::new();
    let read = reader.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|error| TableError::Read { path: path.into(), error: error.to_string() })?;
    if bytes.len() as u64 > limit {
        let expected = "at most 64 MiB unpacked per MiB of file".into();
        return Err(TableError::File { path: path.into(), expected, found: "more".into() });
    }
    Ok(bytes)
}

#[cfg(test)]
mod test;
