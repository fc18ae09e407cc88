//! The formats that the data of a run can be written in: a name for their files, and the sinks that make them.
//!
//! In: a folder. Out: what a run goes into, and afterwards what is kept of it for the record and the picture. Not here: where the data of
//! a run that is over are found (`convert`).

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::ValueEnum;
use synfire::recording::csv::{self, CsvSpikes};
use synfire::recording::file::{FileError, waited_s};
use synfire::recording::native::{self, Chunks, Stored};
use synfire::recording::nest::{self, NestSpikes};
use synfire::recording::npz::{self, Npz};
use synfire::recording::sink::{SinkError, TapHeader};
use synfire::recording::sonata::{self, Origin};
use synfire::recording::{Recording, Sink};

use super::tally::Tally;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Everything, for NumPy
    Npz,
    /// Spikes: population,neuron,time_ms
    Csv,
    /// Spikes as NEST's ASCII recorder writes them (.dat)
    Nest,
    /// The same without a line of names (.gdf), for Neo's NestIO
    Gdf,
    /// Spikes, traces and positions as HDF5
    Sonata,
    /// Everything, as a run writes what memory does not hold
    Chunks,
}

impl Format {
    /// The files that it makes, or may make, of such a recording.
    pub fn files(self, recording: &Recording) -> Vec<String> {
        match self {
            Format::Sonata => sonata::files(recording),
            _ => self.fixed().iter().map(|name| name.to_string()).collect(),
        }
    }

    /// Where a file of this name stands among those that formats make; `None`: none makes it.
    pub fn place(name: &str) -> Option<usize> {
        let all = [Format::Npz, Format::Csv, Format::Nest, Format::Gdf, Format::Chunks]
            .into_iter()
            .flat_map(|format| format.fixed())
            .copied();
        let fixed: Vec<&str> = all.collect();
        fixed.iter().position(|other| *other == name).or_else(|| sonata::is_file(name).then_some(fixed.len()))
    }

    /// Files whose names do not depend on what is recorded.
    fn fixed(self) -> &'static [&'static str] {
        match self {
            Format::Npz => &npz::FILES,
            Format::Csv => &["spikes.csv"],
            Format::Nest => &["spikes.dat"],
            Format::Gdf => &["spikes.gdf"],
            Format::Chunks => &[native::FILE],
            Format::Sonata => &[sonata::SPIKES],
        }
    }

    /// Is it of more than spikes?
    pub fn holds_states(self) -> bool {
        matches!(self, Format::Npz | Format::Sonata | Format::Chunks)
    }

    /// Writes data of a run into a folder. Chunks are what a run itself writes: nothing is made into them.
    ///
    /// **Errors** files that could not be written, or chunks that could not be read; other files of the format are whole.
    pub fn write(self, data: &Source, folder: &Path) -> Result<(), SinkError> {
        let path = folder.join(self.fixed()[0]);
        match (self, data) {
            (Format::Npz, Source::Chunks(stored)) => npz::write_stored(stored, folder)?,
            (Format::Npz, Source::Memory(recording, _)) => npz::write(recording, folder)?,
            (Format::Csv, Source::Chunks(stored)) => stored.hand_over(&mut CsvSpikes::new(path))?,
            (Format::Csv, Source::Memory(recording, _)) => csv::write_spikes_in_time(recording, path)?,
            (Format::Nest, Source::Chunks(stored)) => stored.hand_over(&mut NestSpikes::new(path))?,
            (Format::Nest, Source::Memory(recording, _)) => nest::write_spikes(recording, path)?,
            (Format::Gdf, Source::Chunks(stored)) => stored.hand_over(&mut NestSpikes::gdf(path))?,
            (Format::Gdf, Source::Memory(recording, _)) => nest::write_gdf(recording, path)?,
            (Format::Sonata, Source::Chunks(stored)) => sonata::write_stored(stored, folder).map_err(SinkError::Files)?,
            (Format::Sonata, Source::Memory(recording, origin)) => {
                sonata::write(recording, origin, folder).map_err(SinkError::Files)?;
            }
            (Format::Chunks, _) => {}
        }
        Ok(())
    }
}

/// What of a recording is in no file of these formats, as a sentence; `None`: nothing.
pub fn left_out(formats: &[Format], recording: &Recording) -> Option<String> {
    let has = |format| formats.contains(&format);
    if has(Format::Npz) || has(Format::Chunks) {
        return None;
    }
    let mut left = sonata::left_out(recording);
    if !has(Format::Sonata) {
        let traces = recording.traces.iter().filter(|trace| !trace.synapses);
        left.extend(traces.map(|trace| format!("{} of {}", trace.variable, trace.population)));
    }
    let one = if left.len() > 1 { "npz and chunks hold them" } else { "npz and chunks hold it" };
    (!left.is_empty()).then(|| format!("{} is in none of the files: {one}", left.join(", ")))
}

/// The data of a run that is over, wherever they are.
pub enum Source<'r> {
    Chunks(&'r Stored),
    Memory(&'r Recording, Origin),
}

/// Bytes of the part of a long recording that is read back for the picture: so many, or an eighth of the budget of memory.
pub const PART: u64 = 32 << 20;

/// The data of a run on their way into a folder.
pub enum Output {
    /// Held in memory, written as archives at the end, then in these other formats.
    Archived(Npz, PathBuf, Vec<Format>),
    /// Held in memory, and written in these formats, of which archives are none.
    Held(Recording, PathBuf, Vec<Format>),
    /// Written while the run goes on, and in these formats afterwards.
    Streamed { chunks: Chunks, folder: PathBuf, formats: Vec<Format>, most: u64 },
}

/// What became of the data of a run.
#[derive(Default)]
pub struct Data {
    /// The whole, or of a long one the part that is drawn.
    pub recording: Recording,
    /// What of it is whole, where not all is.
    pub whole: Option<Recording>,
    pub tallies: Vec<Tally>,
    /// Files that could not be written, beside what the run knows of.
    pub failed: Vec<SinkError>,
    /// Seconds that were spent on files after the run, and then until the disk confirmed them.
    pub after_s: f64,
    pub sync_s: f64,
    /// Seconds in which of chunks a part was read back, for measures and pictures.
    pub read_s: f64,
    /// Seconds that another thread wrote chunks while the run went on, and the bytes of their file.
    pub chunks: Option<(f64, u64)>,
}

impl Output {
    pub fn held(folder: &Path, formats: &[Format]) -> Output {
        let others = formats.iter().copied().filter(|format| *format != Format::Npz).collect();
        match formats.contains(&Format::Npz) {
            true => Output::Archived(Npz::new(folder), folder.to_path_buf(), others),
            false => Output::Held(Recording::default(), folder.to_path_buf(), others),
        }
    }

    /// In chunks, which stay after the others are made of them where they are one of the formats.
    pub fn streamed(folder: &Path, formats: &[Format], budget: Option<u64>) -> Output {
        let most = budget.map_or(PART, |budget| PART.min(budget / 8));
        let (chunks, folder) = (Chunks::new(folder.join(native::FILE)), folder.to_path_buf());
        Output::Streamed { chunks, folder, formats: formats.to_vec(), most }
    }

    pub fn sink(&mut self) -> &mut dyn Sink {
        match self {
            Output::Archived(npz, ..) => npz,
            Output::Held(recording, ..) => recording,
            Output::Streamed { chunks, .. } => chunks,
        }
    }

    /// What is there once the run is over, of which all is written now that is not yet. Numbers of chunks are read back only if they are
    /// looked at.
    pub fn data(self, origin: Origin, looked_at: bool) -> Data {
        let (began, waited) = (Instant::now(), waited_s());
        let mut data = match self {
            Output::Archived(npz, folder, formats) => held(npz.into_recording(), &folder, &formats, origin),
            Output::Held(recording, folder, formats) => held(recording, &folder, &formats, origin),
            Output::Streamed { chunks, folder, formats, most } => {
                let most = looked_at.then_some(most);
                let path = folder.join(native::FILE);
                let part = folder.join(format!("{}.part", native::FILE));
                // a run whose disk failed left a part, one without a step nothing
                let data = match (path.is_file(), part.is_file()) {
                    (true, _) => archived(&path, &folder, &formats, most),
                    (false, true) => read_back(&part, most).map(|(_, data)| data),
                    (false, false) => Ok(Data::default()),
                };
                let data = data.unwrap_or_else(|error| Data { failed: vec![error.into()], ..Data::default() });
                Data { chunks: Some((chunks.busy_s(), chunks.bytes())), ..data }
            }
        };
        data.sync_s = waited_s() - waited;
        data.after_s = began.elapsed().as_secs_f64() - data.sync_s - data.read_s;
        data
    }
}

/// Formats of what is in memory; of no step at all there is nothing to write.
fn held(recording: Recording, folder: &Path, formats: &[Format], origin: Origin) -> Data {
    let source = Source::Memory(&recording, origin);
    let formats = if recording.steps > 0 { formats } else { &[] };
    let failed: Vec<SinkError> = formats.iter().filter_map(|format| format.write(&source, folder).err()).collect();
    let tallies = Tally::of(&recording);
    Data { failed, recording, tallies, ..Data::default() }
}

/// Formats of a file of chunks, which goes when they are whole.
fn archived(path: &Path, folder: &Path, formats: &[Format], most: Option<u64>) -> Result<Data, FileError> {
    let (stored, mut data) = read_back(path, most)?;
    let source = Source::Chunks(&stored);
    data.failed.extend(formats.iter().filter_map(|format| format.write(&source, folder).err()));
    if data.failed.is_empty()
        && !formats.contains(&Format::Chunks)
        && let Err(source) = std::fs::remove_file(path)
    {
        data.failed.push(FileError::Write { path: path.to_path_buf(), source }.into());
    }
    Ok(data)
}

/// `most`: bytes of the numbers that are read back; `None`: none of them, only what they are called.
fn read_back(path: &Path, most: Option<u64>) -> Result<(Stored, Data), FileError> {
    let stored = Stored::open(path)?;
    let began = Instant::now();
    let recording = most.map_or_else(|| stored.counted(0), |most| stored.part(0, most))?;
    let whole = most.filter(|most| stored.bytes(0) > *most).map(|_| whole(&stored, &recording));
    let read_s = most.map_or(0.0, |_| began.elapsed().as_secs_f64());
    let tallies = Tally::of_stored(&stored)?;
    Ok((stored, Data { recording, whole, tallies, read_s, ..Data::default() }))
}

/// The trains of a part that miss no spike.
fn whole(stored: &Stored, part: &Recording) -> Recording {
    let taps = stored.header().taps.iter().enumerate().filter(|(_, tap)| matches!(tap, TapHeader::Spikes { .. }));
    let counts = taps.map(|(tap, _)| stored.count(0, tap));
    let spikes = part.spikes.iter().zip(counts).filter(|(train, count)| train.step.len() as u64 == *count);
    let spikes = spikes.map(|(train, _)| train.clone()).collect();
    Recording { dt: part.dt, first_step: part.first_step, steps: part.steps, spikes, ..Recording::default() }
}
