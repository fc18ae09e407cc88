//! `synfire convert`: the data of a run in other forms, a piece at a time.
//!
//! In: the folder of a run, or a file of chunks. Out: files. Not here: the forms (`synfire::recording`, a file each).

use std::path::{Path, PathBuf};

use clap::Args;
use synfire::recording::csv::CsvSpikes;
use synfire::recording::file::FileError;
use synfire::recording::native::Stored;
use synfire::recording::nest::NestSpikes;
use synfire::recording::sink::{Committed, Ended, Header, How, Sink, SinkError, Spikes, TapHeader};
use synfire::recording::{Recording, SpikeTrain, native, nest, npz};

use super::format::Format;
use super::{Failure, complain, say};

#[derive(Args)]
pub struct Convert {
    /// The folder of a run, such as run/NAME, or a file of chunks, also one that a killed run left as .part
    run: PathBuf,
    /// npz: everything; csv, nest: spikes
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LIST", required = true)]
    format: Vec<Format>,
    /// Folder for the files [default: that of the run]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace files that are there
    #[arg(long)]
    force: bool,
}

impl Convert {
    pub fn run(&self) -> Result<(), Failure> {
        let folder = match &self.out {
            Some(out) => out.clone(),
            None if self.run.is_dir() => self.run.clone(),
            None => self.run.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf(),
        };
        if self.format.contains(&Format::Chunks) {
            let help = "--format npz, csv, nest, or several with commas between";
            return Err(Failure::input(format!("error: chunks are what a run writes, nothing is made into them\n  help: {help}")));
        }
        let there = |format: &Format| format.files().iter().map(|name| folder.join(name)).find(|path| path.exists());
        if let Some(path) = self.format.iter().find_map(there).filter(|_| !self.force) {
            let help = "--out DIR for another folder, or --force to replace it";
            return Err(Failure::input(format!("error: `{}` is there already\n  help: {help}", path.display())));
        }
        std::fs::create_dir_all(&folder).map_err(|e| Failure::write(&folder, &e))?;
        match chunks_of(&self.run) {
            Some(path) => self.write_chunks(&path, &folder)?,
            None => self.write_archives(&folder)?,
        }
        let written = self.format.iter().flat_map(|format| format.files()).filter(|name| folder.join(name).exists());
        say(format_args!("written to {}: {}", folder.display(), written.copied().collect::<Vec<_>>().join(", ")));
        Ok(())
    }

    fn write_chunks(&self, path: &Path, folder: &Path) -> Result<(), Failure> {
        let stored = Stored::open(path).map_err(unreadable)?;
        if let Some(cut) = stored.cut() {
            if stored.steps() == 0 {
                return Err(Failure::input(format!("error: no step is complete in `{}`: it is {cut}", path.display())));
            }
            complain(format_args!("remark: `{}` is {cut}", path.display()));
        }
        for format in &self.format {
            match format {
                Format::Npz => npz::write_stored(&stored, folder)?,
                Format::Csv => stored.hand_over(&mut CsvSpikes::new(folder.join(format.files()[0]))).map_err(failed)?,
                Format::Nest => stored.hand_over(&mut NestSpikes::new(folder.join(format.files()[0]))).map_err(failed)?,
                Format::Chunks => {}
            }
        }
        Ok(())
    }

    fn write_archives(&self, folder: &Path) -> Result<(), Failure> {
        let recording = npz::read(&self.run).map_err(unreadable)?;
        for format in &self.format {
            match format {
                Format::Npz => npz::write(&recording, folder)?,
                Format::Csv => in_order_of_time(&recording, &mut CsvSpikes::new(folder.join(format.files()[0]))).map_err(failed)?,
                Format::Nest => nest::write_spikes(&recording, folder.join(format.files()[0]))?,
                Format::Chunks => {}
            }
        }
        Ok(())
    }
}

/// Spikes into a sink as a run would hand them over, so that the lines stand as they do from chunks.
fn in_order_of_time(recording: &Recording, sink: &mut dyn Sink) -> Result<(), SinkError> {
    let mut header = Header::default();
    (header.dt, header.first_step, header.steps, header.instances) = (recording.dt, recording.first_step, recording.steps, 1);
    let tap = |train: &SpikeTrain| TapHeader::Spikes { population: train.population.clone(), size: train.size, rows: None };
    header.taps = recording.spikes.iter().map(tap).collect();
    let all = recording.spikes.iter().map(|train| Spikes { steps: train.step.clone(), neurons: train.neuron.clone() });
    let spikes: Vec<Spikes> = all.collect();
    sink.begin(&header)?;
    // of steps that are counted here only spikes have any
    let steps = u32::try_from(recording.steps).unwrap_or(u32::MAX);
    sink.batch(&Committed::new(&header, recording.first_step, steps, &spikes, &[]))?;
    sink.end(&Ended::new(recording.steps, How::Whole, &[]))
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

fn unreadable(error: FileError) -> Failure {
    let help = "name the folder of a run, as `synfire run` says it at its end, or a file of chunks";
    Failure::input(format!("error: {error}\n  help: {help}"))
}

fn failed(error: SinkError) -> Failure {
    Failure::disk(format!("error: {error}"))
}
