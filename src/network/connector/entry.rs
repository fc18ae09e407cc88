//! The types that fields of a rule have: what stands in a file for each, and whether an address can name it.

use std::path::PathBuf;

use crate::network::Value;
use crate::network::field::{GRID, Kind, WHOLES};
use crate::network::slot::Slot;

/// A field of a rule.
pub(super) trait Entry {
    /// What stands behind its key.
    const KIND: Kind;

    /// The place that an address can name; none for what is not set by one.
    fn slot(&mut self) -> Option<Slot<'_>> {
        None
    }
}

impl Entry for f64 {
    const KIND: Kind = Kind::Number;

    fn slot(&mut self) -> Option<Slot<'_>> {
        Some(Slot::Number(self))
    }
}

impl Entry for u64 {
    const KIND: Kind = Kind::Whole;

    fn slot(&mut self) -> Option<Slot<'_>> {
        Some(Slot::Whole(self))
    }
}

impl Entry for bool {
    const KIND: Kind = Kind::Flag;

    fn slot(&mut self) -> Option<Slot<'_>> {
        Some(Slot::Flag(self))
    }
}

impl Entry for Option<String> {
    const KIND: Kind = Kind::Text;

    fn slot(&mut self) -> Option<Slot<'_>> {
        Some(Slot::MaybeWord(self))
    }
}

impl Entry for Value {
    const KIND: Kind = Kind::Value;

    fn slot(&mut self) -> Option<Slot<'_>> {
        Some(Slot::One(self))
    }
}

impl Entry for Option<Value> {
    const KIND: Kind = Kind::Value;

    fn slot(&mut self) -> Option<Slot<'_>> {
        Some(Slot::Maybe(self))
    }
}

impl Entry for String {
    const KIND: Kind = Kind::Text;

    fn slot(&mut self) -> Option<Slot<'_>> {
        Some(Slot::Word(self))
    }
}

impl Entry for Option<PathBuf> {
    const KIND: Kind = Kind::Text;
}

impl Entry for Vec<Vec<bool>> {
    const KIND: Kind = Kind::List(&Kind::List(&Kind::Flag));
}

impl Entry for Vec<u64> {
    const KIND: Kind = WHOLES;
}

impl Entry for Vec<Vec<f64>> {
    const KIND: Kind = GRID;
}

impl Entry for Option<[u64; 2]> {
    const KIND: Kind = Kind::Pair;
}

impl Entry for PathBuf {
    const KIND: Kind = Kind::Text;
}
