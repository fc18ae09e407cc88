//! The data that a run left, whichever form they are in: what every command that looks at a finished run reads.
//!
//! In: the folder of a run, or a file of chunks. Out: a recording. Not here: other forms of it (`convert`), what the record says (`replot`).

use std::path::{Path, PathBuf};

use synfire::recording::file::FileError;
use synfire::recording::native::{self, Stored};
use synfire::recording::{Recording, npz};

use super::format::PART;
use super::{Failure, complain};

pub enum Kept {
    /// Read a piece at a time.
    Chunks(Box<Stored>),
    /// In a folder.
    Archives(PathBuf),
}

impl Kept {
    /// Chunks where there are some. What they lack is said.
    ///
    /// **Errors** there is neither; chunks of which no step is complete.
    pub fn open(run: &Path) -> Result<Kept, Failure> {
        let Some(path) = chunks_of(run) else { return Ok(Kept::Archives(run.to_path_buf())) };
        let stored = Stored::open(&path).map_err(unreadable)?;
        if let Some(cut) = stored.cut() {
            if stored.steps() == 0 {
                return Err(Failure::input(format!("error: no step is complete in `{}`: it is {cut}", path.display())));
            }
            complain(format_args!("remark: `{}` is {cut}", path.display()));
        }
        Ok(Kept::Chunks(Box::new(stored)))
    }

    /// All of it in memory.
    ///
    /// **Errors** a file that is damaged; an ensemble.
    pub fn recording(&self) -> Result<Recording, Failure> {
        match self {
            Kept::Chunks(stored) if stored.header().instances > 1 => {
                let instances = stored.header().instances;
                Err(Failure::input(format!("error: it holds an ensemble of {instances}, and this is of one network")))
            }
            Kept::Chunks(stored) => stored.recording(0).map_err(unreadable),
            Kept::Archives(folder) => npz::read(folder).map_err(unreadable),
        }
    }

    /// As much as is looked at: of long chunks a part, of which spikes and rows of states are left out.
    ///
    /// **Errors** as [`Kept::recording`].
    pub fn shown(&self) -> Result<Recording, Failure> {
        match self {
            Kept::Chunks(stored) if stored.header().instances == 1 => stored.part(0, PART).map_err(unreadable),
            _ => self.recording(),
        }
    }
}

/// The chunks of a run, whole, or as a run that was killed left them; `None`: it has none.
pub fn chunks_of(run: &Path) -> Option<PathBuf> {
    if run.is_file() {
        return Some(run.to_path_buf());
    }
    let whole = run.join(native::FILE);
    let part = run.join(format!("{}.part", native::FILE));
    [whole, part].into_iter().find(|path| path.is_file())
}

pub fn unreadable(error: FileError) -> Failure {
    let help = "name the folder of a run, as `synfire run` says it at its end, or a file of chunks";
    Failure::input(format!("error: {error}\n  help: {help}"))
}
