//! A table that grows on the disk while a command works: lines of CSV, each confirmed before the next ones are worked for.
//!
//! In: lines. Out: a file that one process at a time writes, and its whole lines when a command goes on with it. Not here: what stands in
//! them (`sweep`, `fit`).

use std::fs::{self, File};
use std::io::{Error, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::Failure;

/// A table that grows.
pub struct Growing {
    place: PathBuf,
    file: File,
}

impl Growing {
    /// The table of this name in a folder, which is made; anew, or with what is there. No other process may write it meanwhile.
    ///
    /// **Errors** the system; another process that writes it, whose command is called so.
    pub fn open(folder: &Path, name: &str, command: &str, anew: bool) -> Result<Growing, Failure> {
        fs::create_dir_all(folder).map_err(|e| Failure::write(folder, &e))?;
        let place = folder.join(name);
        let file = File::options().create(true).read(true).append(true).open(&place).map_err(|e| Failure::write(&place, &e))?;
        if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
            let what = format!("error: `{}` is being written by another {command}", folder.display());
            return Err(Failure::input(format!("{what}\n  help: wait for it, or choose another folder with --out")));
        }
        let table = Growing { place, file };
        if anew {
            table.cut(0)?;
        }
        Ok(table)
    }

    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Its whole lines; what was cut off behind the last of them is taken away.
    pub fn lines(&mut self) -> Result<Vec<u8>, Failure> {
        let mut text = Vec::new();
        let read = self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.read_to_end(&mut text));
        read.map_err(|e| self.failed(&e))?;
        text.truncate(text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1));
        self.cut(text.len() as u64)?;
        Ok(text)
    }

    /// Takes away what is behind so many bytes.
    pub fn cut(&self, bytes: u64) -> Result<(), Failure> {
        self.file.set_len(bytes).map_err(|e| self.failed(&e))
    }

    /// Adds lines, confirmed by the disk.
    pub fn add(&mut self, lines: &[Vec<String>]) -> Result<(), Failure> {
        let text = text(lines)?;
        let added = self.file.write_all(&text).and_then(|()| self.file.sync_data());
        added.map_err(|e| self.failed(&e))
    }

    fn failed(&self, error: &Error) -> Failure {
        Failure::write(&self.place, error)
    }
}

/// Lines as CSV.
pub fn text(lines: &[Vec<String>]) -> Result<Vec<u8>, Failure> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let written = lines.iter().try_for_each(|line| writer.write_record(line));
    written.map_err(|e| Failure::disk(format!("error: {e}")))?;
    writer.into_inner().map_err(|e| Failure::disk(format!("error: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_cut_off_goes_and_one_process_writes() {
        let folder = tempfile::tempdir().unwrap();
        let line = |cells: &[&str]| cells.iter().map(|cell| cell.to_string()).collect::<Vec<_>>();
        let mut table = Growing::open(folder.path(), "t.csv", "sweep", false).unwrap();
        table.add(&[line(&["a", "b, c"]), line(&["1", "2"])]).unwrap();
        let other = Growing::open(folder.path(), "t.csv", "sweep", false).err().unwrap();
        assert!(other.message.contains("is being written by another sweep\n  help: "), "{}", other.message);
        let place = table.place().to_path_buf();
        drop(table);
        for half in ["", "3,", "3,\"4"] {
            fs::OpenOptions::new().append(true).open(&place).unwrap().write_all(half.as_bytes()).unwrap();
            let mut table = Growing::open(folder.path(), "t.csv", "sweep", false).unwrap();
            assert_eq!(table.lines().unwrap(), b"a,\"b, c\"\n1,2\n", "{half}");
        }
        let mut table = Growing::open(folder.path(), "t.csv", "sweep", true).unwrap();
        // of a heading that was cut off nothing stays
        fs::write(&place, "a,").unwrap();
        assert_eq!(table.lines().unwrap(), b"");
        table.add(&[line(&["x"])]).unwrap();
        assert_eq!(fs::read_to_string(&place).unwrap(), "x\n");
    }
}
