//! A change of a description by name, and who asked for it. Not here: what it changes (`set`, `shorthand`).

/// One change by name: see [`Network::load_changed`](super::Network::load_changed).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) asked: String,
}

impl Change {
    /// A value by its name ([`crate::guide::addresses`]), as `--set "KEY=VALUE"` has it.
    pub fn new(key: &str, value: &str) -> Change {
        Change { key: key.trim().into(), value: value.trim().into(), asked: format!("--set \"{}={}\"", key.trim(), value.trim()) }
    }

    /// What messages call it, such as `--dt "0.05 ms"`.
    #[must_use]
    pub fn asked(mut self, asked: &str) -> Change {
        self.asked = asked.into();
        self
    }
}
