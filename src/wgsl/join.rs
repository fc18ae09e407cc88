//! Pieces of plain WGSL joined to modules; no preprocessor.
//!
//! In: a layout's prelude, files of `shaders/`, an entry point. Out: the text of a module.

use super::layout::Layout;

/// Elementary functions.
pub const FUNCTIONS: &str = include_str!("../../shaders/functions.wgsl");
/// What an update does for its row.
pub const ROW: &str = include_str!("../../shaders/row.wgsl");
/// Delivery.
pub const DELIVER: &str = include_str!("../../shaders/deliver.wgsl");

/// A group's module.
pub fn update(layout: &Layout, group: usize, entry: &str) -> String {
    join(&[&layout.prelude(), &layout.group_constants(group), FUNCTIONS, ROW, entry])
}

/// The module of delivery.
pub fn deliver(layout: &Layout) -> String {
    join(&[&layout.prelude(), DELIVER])
}

fn join(pieces: &[&str]) -> String {
    pieces.join("\n")
}
