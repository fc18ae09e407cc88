//! Places of a description that an address can name. Not here: what is put into them (`set`).

use super::Value;

/// A place of the description that an address can name.
pub(super) enum Slot<'a> {
    /// One value for all rows.
    One(&'a mut Value),
    Maybe(&'a mut Option<Value>),
    /// A value that rows may have of their own.
    PerRow(&'a mut Value),
    MaybePerRow(&'a mut Option<Value>),
    Values(&'a mut Vec<Value>),
    Whole(&'a mut u64),
    MaybeWhole(&'a mut Option<u64>),
    Wholes(&'a mut Vec<u64>),
    Number(&'a mut f64),
    Flag(&'a mut bool),
    Word(&'a mut String),
    MaybeWord(&'a mut Option<String>),
}
