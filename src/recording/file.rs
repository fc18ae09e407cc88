//! A file is written whole or not at all.
//!
//! In: a path and a closure that writes. Out: the file under its name, or the old one untouched. Not here: formats
//! (one file each beside this one).

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Why a file of recordings could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    #[error("cannot write `{}`: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot read `{}`: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// The file could be read, but does not hold what was expected.
    #[error("`{}`: {message}", path.display())]
    Content { path: PathBuf, message: String },
}

impl FileError {
    pub(crate) fn read(path: &Path, source: impl Into<io::Error>) -> FileError {
        FileError::Read { path: path.to_owned(), source: source.into() }
    }

    pub(crate) fn content(path: &Path, message: impl Into<String>) -> FileError {
        FileError::Content { path: path.to_owned(), message: message.into() }
    }
}

/// Writes a file under a temporary name in the same folder, flushes it to the disk, then gives it its name.
///
/// So a reader sees the old file or the new one, never a part, and a full disk leaves the old one. The folder is made
/// if it is missing.
///
/// **Errors**: what the closure or the file system says; the temporary file is removed.
pub fn write_whole(path: impl AsRef<Path>, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), FileError> {
    let path = path.as_ref();
    let attempt = || {
        let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no file name"))?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder)?;
        let temporary = folder.join(temporary_name(name));
        let done = write_flushed(&temporary, write).and_then(|()| fs::rename(&temporary, path));
        if done.is_err() {
            // the first error is the one to tell; a file that was never made cannot be removed either
            let _ = fs::remove_file(&temporary);
        }
        done?;
        sync_folder(folder);
        Ok(())
    };
    attempt().map_err(|source| FileError::Write { path: path.to_owned(), source })
}

fn write_flushed(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let file = File::options().write(true).read(true).create_new(true).open(path)?;
    let mut out = BufWriter::with_capacity(1 << 16, file);
    write(&mut out)?;
    out.flush()?;
    out.get_ref().sync_all()
}

/// Unlike any other of this process (the counter) or of another (its number).
fn temporary_name(name: &std::ffi::OsStr) -> std::ffi::OsString {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}-{count}.tmp", std::process::id()));
    temporary
}

/// Makes the new name durable where folders can be flushed (Unix); elsewhere the rename alone has to do.
fn sync_folder(folder: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = folder;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/a.txt");
        write_whole(&path, |out| out.write_all(b"old")).unwrap();
        let failed = write_whole(&path, |out| {
            out.write_all(b"new")?;
            Err(io::Error::other("disk full"))
        });
        assert!(matches!(failed, Err(FileError::Write { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        assert!(write_whole(folder.path().join(".."), |_| Ok(())).is_err());
    }
}
