//! The folder of a run: all files of it or none, and never over an older run unasked.
//!
//! Files are written into a folder beside them, `.part-PID`, then given their names; `record.json` last, so a folder with
//! a record is whole. Files that are not ours stay as they are.

use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;

/// Everything that a run may leave, the record last.
pub const FILES: [&str; 5] = ["spikes.npz", "traces.npz", "picture.svg", "picture.png", RECORD];
pub const RECORD: &str = "record.json";

pub struct RunFolder {
    path: PathBuf,
    draft: PathBuf,
    /// Folders that were not there, the outermost first.
    made: Vec<PathBuf>,
}

impl RunFolder {
    /// Makes the folder before the run, so that hours are not spent on what cannot be saved.
    ///
    /// **Errors** an older run is there and `force` is not given; the disk.
    pub fn open(path: &Path, force: bool) -> Result<RunFolder, Failure> {
        let shown = path.display();
        if path.exists() && !path.is_dir() {
            return Err(Failure::input(format!("error: `{shown}` is a file\n  help: name a folder with --out")));
        }
        let old = FILES.iter().find(|name| path.join(name).exists());
        if let Some(old) = old.filter(|_| !force) {
            let help = "choose another folder with --out, or write over it with --force";
            return Err(Failure::input(format!("error: `{shown}` holds an older run ({old})\n  help: {help}")));
        }
        let mut made: Vec<PathBuf> =
            path.ancestors().filter(|a| !a.as_os_str().is_empty()).take_while(|a| !a.exists()).map(Path::to_path_buf).collect();
        made.reverse();
        let draft = path.join(format!(".part-{}", std::process::id()));
        let folder = RunFolder { path: path.to_path_buf(), draft, made };
        fs::create_dir_all(&folder.draft).map_err(|e| Failure::write(path, &e))?;
        Ok(folder)
    }

    /// Where to write a file now.
    pub fn draft(&self, name: &str) -> PathBuf {
        self.draft.join(name)
    }

    /// Gives the written files their names; names of ours that were not written are removed.
    pub fn publish(mut self) -> Result<Vec<&'static str>, Failure> {
        let mut written = Vec::new();
        // without its record the older run is no longer one
        let record = self.path.join(RECORD);
        if record.exists() {
            fs::remove_file(&record).map_err(|e| Failure::write(&record, &e))?;
        }
        for name in FILES {
            let (from, to) = (self.draft(name), self.path.join(name));
            if from.exists() {
                fs::rename(&from, &to).map_err(|e| Failure::write(&to, &e))?;
                written.push(name);
            } else if to.exists() {
                fs::remove_file(&to).map_err(|e| Failure::write(&to, &e))?;
            }
        }
        self.made.clear();
        Ok(written)
    }
}

impl Drop for RunFolder {
    /// What is not published leaves nothing. A folder that cannot be removed is told by the first error already.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.draft);
        for folder in self.made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}
