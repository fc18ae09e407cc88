//! Arrays of numbers as NumPy writes them: npy (a matrix: a column per column) and npz (an array per column).
//!
//! The header is read here and not by npyz, which panics where the product of a shape overflows and allocates what a header
//! claims; the crate zip opens the archive.

use std::io::Cursor;
use std::path::Path;

use super::{TableColumn, TableError, unpack};

type Columns = Vec<(String, TableColumn)>;

pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// A 2-D array (columns `source`, `target`, `column_2`, ...) or a 1-D array (`value`).
pub(super) fn matrix(path: &Path, bytes: &[u8]) -> Result<Columns, TableError> {
    let array = Array::read(bytes).map_err(|e| e.at(path, ""))?;
    let [rows, columns] = match array.shape[..] {
        [rows] => [rows, 1],
        [rows, columns] => [rows, columns],
        _ => {
            let found = format!("{} dimensions", array.shape.len());
            return Err(Broken { expected: "an array with a row per line and a column per value", found }.at(path, ""));
        }
    };
    let name = |column: usize| match (array.shape.len(), column) {
        (1, _) => "value".into(),
        (_, 0) => "source".into(),
        (_, 1) => "target".into(),
        _ => format!("column_{column}"),
    };
    let cell = |row, column| array.get(if array.by_column { column * rows + row } else { row * columns + column });
    // an array without bytes (no rows) may claim any number of columns
    let columns = if rows == 0 { columns.min(2) } else { columns };
    Ok((0..columns).map(|c| (name(c), TableColumn::Numbers((0..rows).map(|r| cell(r, c)).collect()))).collect())
}

/// 1-D arrays of one length, in the order of the archive.
pub(super) fn archive(path: &Path, bytes: Vec<u8>, limit: u64) -> Result<Columns, TableError> {
    let read = |error: String| TableError::Read { path: path.into(), error };
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| read(e.to_string()))?;
    let mut columns: Columns = Vec::new();
    let mut left = limit;
    for k in 0..zip.len() {
        let file = zip.by_index(k).map_err(|e| read(e.to_string()))?;
        let name = file.name().map_err(|e| read(e.to_string()))?;
        let Some(name) = name.strip_suffix(".npy").map(str::to_owned) else { continue };
        let bytes = unpack(path, file, left)?;
        left -= bytes.len() as u64;
        let broken = |e: Broken| e.at(path, &name);
        let array = Array::read(&bytes).map_err(broken)?;
        let [rows] = array.shape[..] else {
            let found = format!("{} dimensions", array.shape.len());
            return Err(broken(Broken { expected: "arrays of one dimension, one per column", found }));
        };
        if let Some((first, column)) = columns.first().filter(|(_, column)| column.len() != rows) {
            let found = format!("{} numbers in `{first}` and {rows} here", column.len());
            return Err(broken(Broken { expected: "arrays of one length", found }));
        }
        columns.push((name, TableColumn::Numbers((0..rows).map(|r| array.get(r)).collect())));
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
    shape: Vec<usize>,
    /// Fortran order.
    by_column: bool,
    kind: u8,
    width: usize,
    big_endian: bool,
    data: &'a [u8],
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
        let header = str::from_utf8(header).map_err(|_| broken("a header that is no text"))?;
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
        let shape = shape.collect::<Result<Vec<_>, _>>().map_err(|_| broken("a shape that is no list of numbers"))?;
        let by_column = after("fortran_order")?.starts_with("True");

        let claimed = shape.iter().try_fold(width, |bytes, n| bytes.checked_mul(*n));
        if claimed.is_none_or(|claimed| claimed > data.len()) {
            let found = format!("{} bytes", data.len());
            return Err(Broken { expected: "as many numbers as the shape says", found });
        }
        Ok(Array { shape, by_column, kind, width, big_endian: order == b'>', data })
    }

    fn get(&self, k: usize) -> f64 {
        let mut bytes = [0; 8];
        let cell = &self.data[k * self.width..(k + 1) * self.width];
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
