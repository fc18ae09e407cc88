//! Arrays of numbers as NumPy writes them: npy (a matrix: a column per column) and npz (an array per column).
//!
//! The header is read here and not by npyz, which panics where the product of a shape overflows and allocates what a header
//! claims; the crate zip opens the archive.

use std::io::Cursor;
use std::path::Path;

use super::{TableColumn, TableError, unpack};

type Columns = Vec<(String, TableColumn)>;

pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// A 2-D array (columns `source`, `target`, `column_2`, ...) or a 1-D array (`value`), as its bytes stand.
#[derive(Debug)]
pub(super) struct Grid {
    pub rows: usize,
    pub columns: usize,
    /// Does it have two dimensions?
    flat: bool,
    bytes: Vec<u8>,
    place: Place,
}

impl Grid {
    pub fn read(path: &Path, bytes: Vec<u8>) -> Result<Grid, TableError> {
        let array = Array::read(&bytes).map_err(|e| e.at(path, ""))?;
        let [rows, columns] = match array.place.shape[..] {
            [rows] => [rows, 1],
            [rows, columns] => [rows, columns],
            _ => {
                let found = format!("{} dimensions", array.place.shape.len());
                return Err(Broken { expected: "an array with a row per line and a column per value", found }.at(path, ""));
            }
        };
        // an array without bytes (no rows) may claim any number of columns
        let columns = if rows == 0 { columns.min(2) } else { columns };
        let place = array.place;
        Ok(Grid { rows, columns, flat: place.shape.len() == 1, bytes, place })
    }

    /// The number of the column of this name.
    pub fn number(&self, name: &str) -> Option<usize> {
        let number = match name {
            "value" | "source" => 0,
            "target" => 1,
            name => name.strip_prefix("column_")?.parse().ok()?,
        };
        // `column_2` is a name, `column_02` and `column_0` are not
        (number < self.columns && self.name(number) == name).then_some(number)
    }

    pub fn name(&self, column: usize) -> String {
        match (self.flat, column) {
            (true, _) => "value".into(),
            (_, 0) => "source".into(),
            (_, 1) => "target".into(),
            _ => format!("column_{column}"),
        }
    }

    /// Every number, row by row.
    pub fn each(&self, mut call: impl FnMut(f64)) {
        let data = &self.bytes[self.place.start..];
        for row in 0..self.rows {
            for column in 0..self.columns {
                let cell = if self.place.by_column { column * self.rows + row } else { row * self.columns + column };
                call(self.place.get(data, cell));
            }
        }
    }

    /// The numbers of a column, or the bytes that there is no room for.
    pub fn column(&self, column: usize) -> Result<TableColumn, usize> {
        let mut numbers = Vec::new();
        numbers.try_reserve_exact(self.rows).map_err(|_no_room| self.rows.saturating_mul(8))?;
        let data = &self.bytes[self.place.start..];
        let by_column = self.place.by_column;
        let cell = |row| if by_column { column * self.rows + row } else { row * self.columns + column };
        numbers.extend((0..self.rows).map(|row| self.place.get(data, cell(row))));
        Ok(TableColumn::Numbers(numbers))
    }
}

/// An array of two axes or three, the last running fastest; whole numbers without a sign as parts of the largest that they may be.
pub(super) fn cube(path: &Path, bytes: &[u8]) -> Result<([usize; 3], Vec<f64>), TableError> {
    let array = Array::read(bytes).map_err(|e| e.at(path, ""))?;
    let wrong = |expected, found: String| Err(Broken { expected, found }.at(path, ""));
    let shape = match array.place.shape[..] {
        [rows, columns] => [1, rows, columns],
        [frames, rows, columns] => [frames, rows, columns],
        _ => return wrong("two axes or three", format!("{} axes", array.place.shape.len())),
    };
    if shape.contains(&0) {
        return wrong("frames with pixels", format!("{:?}", array.place.shape));
    }
    let largest = match (array.place.kind, array.place.width) {
        (b'f', _) | (b'b', _) => 1.0,
        (b'u', width) => ((1u128 << (8 * width)) - 1) as f64,
        _ => return wrong("floats, booleans, or whole numbers without a sign", "numbers with a sign".into()),
    };
    let [frames, rows, columns] = shape;
    // as many as there are bytes for
    let count = frames * rows * columns;
    let mut numbers = Vec::new();
    numbers.try_reserve_exact(count).map_err(|_no_room| TableError::Read {
        path: path.into(),
        error: format!("it needs {} bytes, more than this machine gives", count.saturating_mul(8)),
    })?;
    for k in 0..count {
        let (frame, row, column) = (k / (rows * columns), k / columns % rows, k % columns);
        let cell = if array.place.by_column { (column * rows + row) * frames + frame } else { k };
        numbers.push(array.place.get(array.data, cell) / largest);
    }
    Ok((shape, numbers))
}

/// 1-D arrays of one length, in the order of the archive: all of them, or those of these names.
pub(super) fn archive(path: &Path, bytes: Vec<u8>, limit: u64, asked: Option<&[&str]>) -> Result<Columns, TableError> {
    let read = |error: String| TableError::Read { path: path.into(), error };
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| read(e.to_string()))?;
    let mut columns: Columns = Vec::new();
    let mut left = limit;
    let mut others = Vec::new();
    for k in 0..zip.len() {
        let file = zip.by_index(k).map_err(|e| read(e.to_string()))?;
        let name = file.name().map_err(|e| read(e.to_string()))?;
        let Some(name) = name.strip_suffix(".npy").map(str::to_owned) else { continue };
        if asked.is_some_and(|names| !names.contains(&name.as_str())) {
            others.push(name);
            continue;
        }
        let bytes = unpack(path, file, left)?;
        left -= bytes.len() as u64;
        let broken = |e: Broken| e.at(path, &name);
        let array = Array::read(&bytes).map_err(broken)?;
        let [rows] = array.place.shape[..] else {
            let found = format!("{} dimensions", array.place.shape.len());
            return Err(broken(Broken { expected: "arrays of one dimension, one per column", found }));
        };
        if let Some((first, column)) = columns.first().filter(|(_, column)| column.len() != rows) {
            let found = format!("{} numbers in `{first}` and {rows} here", column.len());
            return Err(broken(Broken { expected: "arrays of one length", found }));
        }
        columns.push((name, TableColumn::Numbers((0..rows).map(|r| array.place.get(array.data, r)).collect())));
    }
    if let Some(lacking) = asked.and_then(|names| names.iter().find(|name| !columns.iter().any(|(own, _)| own == *name))) {
        let found = others.iter().take(super::MOST_NAMES).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
        return Err(TableError::Column { path: path.into(), column: lacking.to_string(), found });
    }
    Ok(columns)
}

/// What is wrong within an array.
struct Broken {
    expected: &'static str,
    found: String,
}

impl Broken {
    fn at(self, path: &Path, array: &str) -> TableError {
        let found = if array.is_empty() { self.found } else { format!("{} (array `{array}`)", self.found) };
        TableError::File { path: path.into(), expected: self.expected.into(), found }
    }
}

/// Numbers in a row of bytes whose length has been held against the shape.
struct Array<'a> {
    place: Place,
    data: &'a [u8],
}

/// Where the numbers of an array stand, and how they are written.
#[derive(Debug)]
struct Place {
    shape: Vec<usize>,
    /// Fortran order.
    by_column: bool,
    kind: u8,
    width: usize,
    big_endian: bool,
    /// The first byte of the first number in the file.
    start: usize,
}

impl<'a> Array<'a> {
    fn read(bytes: &'a [u8]) -> Result<Array<'a>, Broken> {
        let broken = |found: &str| Broken { expected: "an array of NumPy", found: found.into() };
        let cut = || broken("a header that is cut off");
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| broken("other bytes"))?;
        let (header, data) = match rest {
            [1, _, a, b, rest @ ..] => rest.split_at_checked(u16::from_le_bytes([*a, *b]).into()),
            [2 | 3, _, a, b, c, d, rest @ ..] => rest.split_at_checked(u32::from_le_bytes([*a, *b, *c, *d]) as usize),
            _ => None,
        }
        .ok_or_else(cut)?;
        let header = str::from_utf8(header).map_err(|_no_text| broken("a header that is no text"))?;
        let after = |key: &str| header.split_once(&format!("'{key}':")).map(|(_, rest)| rest.trim_start()).ok_or_else(cut);

        let dtype = after("descr")?.strip_prefix('\'').and_then(|rest| rest.split_once('\'')).map(|(dtype, _)| dtype);
        let unknown = || Broken {
            expected: "whole numbers, floats (f4, f8) or booleans",
            found: dtype.map_or("a structured array".into(), |dtype| format!("type `{dtype}`")),
        };
        let (order, kind, width) = match dtype.unwrap_or_default().as_bytes() {
            [order @ (b'<' | b'>' | b'|' | b'='), kind, width @ b'1'..=b'8'] => (*order, *kind, usize::from(width - b'0')),
            _ => return Err(unknown()),
        };
        if !matches!((kind, width), (b'i' | b'u', 1 | 2 | 4 | 8) | (b'f', 4 | 8) | (b'b', 1)) {
            return Err(unknown());
        }
        let shape = after("shape")?.strip_prefix('(').and_then(|rest| rest.split_once(')')).ok_or_else(cut)?.0;
        let shape = shape.split(',').map(str::trim).filter(|n| !n.is_empty()).map(str::parse::<usize>);
        let shape = shape.collect::<Result<Vec<_>, _>>().map_err(|_no_number| broken("a shape that is no list of numbers"))?;
        let by_column = after("fortran_order")?.starts_with("True");

        let claimed = shape.iter().try_fold(width, |bytes, n| bytes.checked_mul(*n));
        if claimed.is_none_or(|claimed| claimed > data.len()) {
            let found = format!("{} bytes", data.len());
            return Err(Broken { expected: "as many numbers as the shape says", found });
        }
        let start = bytes.len() - data.len();
        Ok(Array { place: Place { shape, by_column, kind, width, big_endian: order == b'>', start }, data })
    }
}

impl Place {
    fn get(&self, data: &[u8], k: usize) -> f64 {
        let mut bytes = [0; 8];
        let cell = &data[k * self.width..(k + 1) * self.width];
        bytes[..self.width].copy_from_slice(cell);
        if self.big_endian {
            bytes[..self.width].reverse();
        }
        let word = u64::from_le_bytes(bytes);
        match (self.kind, self.width) {
            (b'f', 4) => f32::from_bits(word as u32).into(),
            (b'f', _) => f64::from_bits(word),
            // the sign is carried down from the top of a word
            (b'i', width) => (((word << (64 - 8 * width)) as i64) >> (64 - 8 * width)) as f64,
            _ => word as f64,
        }
    }
}
