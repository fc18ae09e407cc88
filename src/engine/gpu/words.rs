//! Words at their places in a buffer, as all that fills one writes them.

use std::ops::Range;

use crate::plan::{Connectivity, RowBuffer};
use crate::wgsl::Layout;
use crate::wgsl::layout::{ColumnPlace, Pivots};

/// Fills the column of an instance.
pub fn fill(out: &mut [f32], place: ColumnPlace, instance: u32, rows: u32, value: impl Fn(usize) -> f64) {
    let first = place.of_instance(instance, rows);
    (0..if place.per_row { rows } else { 1 }).for_each(|row| put(out, first + row, value(row as usize) as f32));
}

/// Out of range can only be a fault of the layout: it is left out rather than a panic, and the tests would see it.
pub fn put<T>(out: &mut [T], place: u32, value: T) {
    if let Some(word) = out.get_mut(place as usize) {
        *word = value;
    }
}

/// By source, then block: its first edge whose target stands in this block or behind it, counted from that of the first source.
pub fn pivot_words(
    layout: &Layout,
    pivots: Pivots,
    edges: &Connectivity,
    sources: Range<u32>,
    first_target: u32,
    list: &mut dyn FnMut(u32, &mut dyn Iterator<Item = u32>),
) {
    let (begin, mut at) = (edges.first(sources.start), pivots.table);
    let mut buffer = RowBuffer::default();
    for source in sources {
        let row = edges.row(source, &mut buffer);
        for block in 0..=pivots.blocks {
            let border = ((pivots.first_block + block) * layout.shape.workgroup).saturating_sub(first_target);
            let inside = if block == pivots.blocks { row.len() } else { row.before(border) };
            list(at, &mut std::iter::once((row.first - begin) as u32 + inside as u32));
            at += 1;
        }
    }
}
