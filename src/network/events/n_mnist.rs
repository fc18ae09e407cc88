//! N-MNIST and its like: 40 bits an event, in order of time.
//!
//! | bits | |
//! | --- | --- |
//! | 39 to 32 | column |
//! | 31 to 24 | row, from the top; 240: no event, the clock has run over, later times are 2^13 µs later |
//! | 23 | 1: brighter |
//! | 22 to 0 | time in µs |
//!
//! **Source**: G. Orchard, A. Jayawant, G. K. Cohen, N. Thakor, Front. Neurosci. 9:437 (2015), and the reader published with its data.

use super::{Asked, Events, byte_error};
use crate::network::connector::table::TableError;

/// The row of a record that says that the clock has run over.
const OVER: u8 = 240;
/// By how much, µs.
const RANGE: u64 = 1 << 13;

pub(super) fn read(bytes: Vec<u8>, asked: &Asked<'_>) -> Result<Events, TableError> {
    let records = bytes.chunks_exact(5);
    if !records.remainder().is_empty() {
        let left = records.remainder().len();
        let found = format!("{left} bytes at the end");
        return Err(byte_error(asked.path, bytes.len() - left, "events of 5 bytes each", found));
    }
    let mut events = Events::of_pixels(1e3);
    let mut over = 0;
    for (k, record) in records.enumerate() {
        let &[x, y, high, middle, low] = record else { continue };
        if y == OVER {
            over += RANGE;
            continue;
        }
        if let Some([columns, rows]) = asked.within
            && (u32::from(x) >= columns || u32::from(y) >= rows)
        {
            let expected = format!("a pixel of a sheet of {columns} columns and {rows} rows");
            return Err(byte_error(asked.path, 5 * k, expected, format!("column {x}, row {y}")));
        }
        let time = u64::from(u32::from_be_bytes([0, high & 0x7f, middle, low])) + over;
        events.pixel(x.into(), y.into(), high & 0x80 != 0, time as f64);
    }
    Ok(events)
}
