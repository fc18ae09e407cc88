//! The formats that the data of a run can be written in: a name for its files, and the sink that makes them.

use std::path::Path;

use synfire::recording::npz::{self, Npz};
use synfire::recording::{Recording, Sink};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Npz,
}

impl Format {
    pub const ALL: [Format; 1] = [Format::Npz];

    /// The files that it may make.
    pub fn files(self) -> &'static [&'static str] {
        match self {
            Format::Npz => &npz::FILES,
        }
    }

    fn sink(self, folder: &Path) -> Box<dyn Sink> {
        match self {
            Format::Npz => Box::new(Npz::new(folder)),
        }
    }
}

/// The data of a run on their way into a folder, and what of them is kept for the record and the picture.
pub struct Output {
    files: Box<dyn Sink>,
    /// Where the format itself holds nothing.
    kept: Recording,
}

impl Output {
    pub fn new(format: Format, folder: &Path) -> Output {
        Output { files: format.sink(folder), kept: Recording::default() }
    }

    /// All that the run is to go into.
    pub fn sinks(&mut self) -> Vec<&mut dyn Sink> {
        let held = self.files.held().is_some();
        let mut sinks: Vec<&mut dyn Sink> = vec![&mut *self.files];
        if !held {
            sinks.push(&mut self.kept);
        }
        sinks
    }

    /// What was recorded.
    pub fn recording(&self) -> &Recording {
        self.files.held().and_then(|held| held.first()).unwrap_or(&self.kept)
    }
}
