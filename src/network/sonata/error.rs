//! What is wrong with a circuit, and where.

use std::fmt;
use std::path::{Path, PathBuf};

/// A file of a circuit that cannot be read as a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SonataError {
    /// The file.
    pub file: PathBuf,
    /// Where in it: a dataset, a key, a line; empty: the file as a whole.
    pub place: String,
    /// What was found, and what was expected.
    pub message: String,
    /// What to do, where that is known.
    pub help: Option<String>,
}

impl fmt::Display for SonataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.file.display())?;
        if !self.place.is_empty() {
            write!(f, ", `{}`", self.place)?;
        }
        write!(f, ": {}", self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "\n  help: {help}"))
    }
}

impl std::error::Error for SonataError {}

impl SonataError {
    pub(super) fn new(file: &Path, place: impl Into<String>, message: impl Into<String>) -> SonataError {
        SonataError { file: file.into(), place: place.into(), message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> SonataError {
        self.help = Some(help.into());
        self
    }
}
