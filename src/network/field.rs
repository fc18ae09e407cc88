//! The keys of a description: what may stand behind each, and how it is written.
//!
//! Not here: which keys there are, which `form` says, and each connector of its own.

/// What may stand behind a key.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Whole,
    Number,
    Flag,
    /// A quantity, a list of them, or a distribution.
    Value,
    Word(&'static [&'static str]),
    List(&'static Kind),
    /// Two whole numbers.
    Pair,
    /// Any keys, with values.
    Values,
    /// Any keys, with texts.
    Texts,
    Table(&'static [Field]),
    /// A table with one of these keys.
    One(&'static [Field]),
    /// A table whose other keys depend on a word.
    Ruled(&'static str, &'static [(&'static str, &'static [Field])]),
    /// A text, or a list of texts where each stands for a part of its own.
    Names,
    /// Indices and their values: what is said in short is written out before the form is looked at.
    Repeat,
    /// Named tables of the keys of parts.
    Blocks,
    /// `[[name]]`, as often as wanted.
    Sections(&'static [Field]),
}

/// A key, whether it must be there, and how it is written.
pub(super) struct Field {
    pub key: &'static str,
    pub kind: Kind,
    pub needed: bool,
    pub example: &'static str,
    /// What it means, where that is said beside it; else `meaning` says it.
    pub about: &'static str,
}

pub(super) const fn need(key: &'static str, kind: Kind, example: &'static str) -> Field {
    Field { key, kind, needed: true, example, about: "" }
}

pub(super) const fn may(key: &'static str, kind: Kind, example: &'static str) -> Field {
    Field { key, kind, needed: false, example, about: "" }
}

pub(super) const NUMBERS: Kind = Kind::List(&Kind::Number);
pub(super) const WHOLES: Kind = Kind::List(&Kind::Whole);
pub(super) const GRID: Kind = Kind::List(&NUMBERS);
pub(super) const USE: Field = Field {
    about: "Blocks whose keys it has too: the later over the earlier, its own over both, parameters one by one.",
    ..may("use", Kind::Names, "use = \"cell\", for the keys of [block.cell]")
};
pub(super) const REPEAT: Field = Field {
    about: "A part for each value of an index, with the index in braces in its texts; of several indices every combination.",
    ..may("repeat", Kind::Repeat, "repeat = { k = \"0..10\" }, for ten parts with {k} or {k + 1} in their texts")
};
pub(super) const UNIT: Field = may("unit", Kind::Text, "unit = \"nS\"");
