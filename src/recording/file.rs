//! A file is written whole or not at all.
//!
//! In: a path and a closure that writes. Out: the file under its name, or the old one untouched. Not here: formats
//! (one file each beside this one).

use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use crate::whole;
pub use crate::whole::{Disk, random, sync_folder, waited_s};
pub(super) use crate::whole::{Draft, Growing};

/// Why a file of recordings could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The system would not write it.
    #[error("cannot write `{}`: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system would not read it.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file could be read, but does not hold what was expected.
    #[error("`{}`: {message}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What was found, what was expected.
        message: String,
    },
}

impl FileError {
    pub(crate) fn write(path: &Path, source: io::Error) -> FileError {
        FileError::Write { path: path.to_owned(), source }
    }

    pub(crate) fn read(path: &Path, source: impl Into<io::Error>) -> FileError {
        FileError::Read { path: path.to_owned(), source: source.into() }
    }

    pub(crate) fn content(path: &Path, message: impl Into<String>) -> FileError {
        FileError::Content { path: path.to_owned(), message: message.into() }
    }
}

/// Writes a file under a random name in the same folder, flushes it to the disk, then gives it its name.
///
/// So a reader sees the old file or the new one, never a part, and a full disk leaves the old one. A link is followed. No
/// folder is made.
///
/// **Errors**: what the closure or the file system says (nothing is left then); a folder that is not there; a name that
/// something else than a file has, such as a device.
pub fn write_whole(path: impl AsRef<Path>, write: impl FnOnce(&mut BufWriter<Disk>) -> io::Result<()>) -> Result<(), FileError> {
    let path = path.as_ref();
    whole::write(path, write).map_err(|error| FileError::write(path, error))
}
