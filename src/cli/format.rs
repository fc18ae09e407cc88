//! The formats that the data of a run can be written in: a name for their files, and the sinks that make them.
//!
//! In: a folder. Out: what a run goes into, and afterwards what is kept of it for the record and the picture. Not here: other formats of
//! a run that is over (`convert`).

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::ValueEnum;
use synfire::recording::file::FileError;
use synfire::recording::native::{self, Chunks, Stored};
use synfire::recording::npz::{self, Npz};
use synfire::recording::sink::SinkError;
use synfire::recording::{Recording, Sink};

use super::tally::Tally;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Everything, for NumPy
    Npz,
    /// Spikes: population,neuron,time_ms
    Csv,
    /// Spikes as NEST's ASCII recorder writes them
    Nest,
    /// Everything, as a run writes what memory does not hold
    Chunks,
}

impl Format {
    pub const ALL: [Format; 4] = [Format::Npz, Format::Csv, Format::Nest, Format::Chunks];

    /// The files that it may make.
    pub fn files(self) -> &'static [&'static str] {
        match self {
            Format::Npz => &npz::FILES,
            Format::Csv => &["spikes.csv"],
            Format::Nest => &["spikes.dat"],
            Format::Chunks => &[native::FILE],
        }
    }
}

/// Bytes of the part of a long recording that is read back for the picture: so many, or an eighth of the budget of memory.
const PART: u64 = 32 << 20;

/// The data of a run on their way into a folder.
pub enum Output {
    /// Held in memory, and written at the end.
    Held(Npz),
    /// Written while the run goes on.
    Streamed { chunks: Chunks, folder: PathBuf, keep: bool, most: u64 },
}

/// What became of the data of a run.
pub struct Data {
    /// The whole, or of a long one the part that is drawn.
    pub recording: Recording,
    pub tallies: Vec<Tally>,
    /// Files that could not be written, beside what the run knows of.
    pub failed: Vec<SinkError>,
    /// Seconds that were spent on files after the run, and until the disk confirmed the chunks.
    pub after_s: f64,
    pub sync_s: Option<f64>,
}

impl Output {
    pub fn held(folder: &Path) -> Output {
        Output::Held(Npz::new(folder))
    }

    /// In chunks, which stay after the archives are made of them where they are to be kept.
    pub fn streamed(folder: &Path, keep: bool, budget: Option<u64>) -> Output {
        let most = budget.map_or(PART, |budget| PART.min(budget / 8));
        Output::Streamed { chunks: Chunks::new(folder.join(native::FILE)), folder: folder.to_path_buf(), keep, most }
    }

    pub fn sink(&mut self) -> &mut dyn Sink {
        match self {
            Output::Held(npz) => npz,
            Output::Streamed { chunks, .. } => chunks,
        }
    }

    /// What is there once the run is over; of chunks the archives are made now.
    pub fn data(self) -> Data {
        let began = Instant::now();
        match self {
            Output::Held(npz) => {
                let recording = npz.into_recording();
                let tallies = Tally::of(&recording);
                Data { recording, tallies, failed: Vec::new(), after_s: 0.0, sync_s: None }
            }
            Output::Streamed { chunks, folder, keep, most } => {
                let path = folder.join(native::FILE);
                let sync_s = Some(chunks.sync_s());
                let part = folder.join(format!("{}.part", native::FILE));
                // a run whose disk failed left a part, one without a step nothing
                let mut data = match (path.is_file(), part.is_file()) {
                    (true, _) => archived(&path, &folder, keep, most),
                    (false, true) => read_back(&part, most).map(|(_, data)| data),
                    (false, false) => Ok(Data::none()),
                }
                .unwrap_or_else(|error| Data { failed: vec![error.into()], ..Data::none() });
                (data.after_s, data.sync_s) = (began.elapsed().as_secs_f64(), sync_s);
                data
            }
        }
    }
}

impl Data {
    fn none() -> Data {
        Data { recording: Recording::default(), tallies: Vec::new(), failed: Vec::new(), after_s: 0.0, sync_s: None }
    }
}

/// Archives of a file of chunks, which goes when they are whole.
fn archived(path: &Path, folder: &Path, keep: bool, most: u64) -> Result<Data, FileError> {
    let (stored, mut data) = read_back(path, most)?;
    if let Err(error) = npz::write_stored(&stored, folder) {
        data.failed.push(error.into());
    } else if !keep && let Err(source) = std::fs::remove_file(path) {
        data.failed.push(FileError::Write { path: path.to_path_buf(), source }.into());
    }
    Ok(data)
}

fn read_back(path: &Path, most: u64) -> Result<(Stored, Data), FileError> {
    let stored = Stored::open(path)?;
    let recording = stored.part(0, most)?;
    let tallies = Tally::of_stored(&stored)?;
    Ok((stored, Data { recording, tallies, ..Data::none() }))
}
