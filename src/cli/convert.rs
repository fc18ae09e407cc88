//! `synfire convert`: the data of a run in other forms, a piece at a time.
//!
//! In: the folder of a run, or a file of chunks. Out: files. Not here: the forms (`synfire::recording`, a file each).

use std::path::{Path, PathBuf};

use clap::Args;
use synfire::recording::sonata::Origin;
use synfire::recording::{Recording, npz};

use super::folder::RECORD;
use super::format::{Format, Source, left_out};
use super::kept::{Kept, unreadable};
use super::{Failure, complain, say};

#[derive(Args)]
pub struct Convert {
    /// The folder of a run, such as run/NAME, or a file of chunks, also one that a killed run left as .part
    run: PathBuf,
    /// npz: everything; csv, nest, gdf: spikes; sonata: spikes, traces and positions
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
            let help = "--format npz, csv, nest, gdf, sonata, or several with commas between";
            return Err(Failure::input(format!("error: chunks are what a run writes, nothing is made into them\n  help: {help}")));
        }
        match Kept::open(&self.run)? {
            Kept::Chunks(stored) => {
                // an ensemble is refused by the formats themselves
                let frame = stored.counted(0).map_err(unreadable)?;
                self.write(&Source::Chunks(&stored), &frame, &folder)
            }
            Kept::Archives(run) => {
                let states = self.format.iter().any(|format| format.holds_states());
                // of spikes alone they alone are read
                let recording = if states { npz::read(&run) } else { npz::read_spikes(run.join(npz::FILES[0])) };
                let recording = recording.map_err(unreadable)?;
                self.write(&Source::Memory(&recording, origin(&run)?), &recording, &folder)
            }
        }
    }

    /// `recording` is what the data are called, with or without their numbers.
    fn write(&self, data: &Source, recording: &Recording, folder: &Path) -> Result<(), Failure> {
        let names: Vec<String> = self.format.iter().flat_map(|format| format.files(recording)).collect();
        if let Some(path) = names.iter().map(|name| folder.join(name)).find(|path| path.exists()).filter(|_| !self.force) {
            let help = "--out DIR for another folder, or --force to replace it";
            return Err(Failure::input(format!("error: `{}` is there already\n  help: {help}", path.display())));
        }
        std::fs::create_dir_all(folder).map_err(|e| Failure::write(folder, &e))?;
        for format in &self.format {
            format.write(data, folder).map_err(|error| Failure::disk(format!("error: {error}")))?;
        }
        // of the others everybody knows that they hold spikes alone
        if let Some(left) = left_out(&self.format, recording).filter(|_| self.format.contains(&Format::Sonata)) {
            complain(format_args!("remark: {left}"));
        }
        let written: Vec<String> = names.into_iter().filter(|name| folder.join(name).exists()).collect();
        say(format_args!("written to {}: {}", folder.display(), written.join(", ")));
        Ok(())
    }
}

/// Which network the archives of a folder are of, as the record beside them says.
fn origin(folder: &Path) -> Result<Origin, Failure> {
    let path = folder.join(RECORD);
    if !path.is_file() {
        return Ok(Origin::default());
    }
    let wrong = |error: &dyn std::fmt::Display| {
        let help = "put it right, or move it away: the files then do not say which network they are of";
        Failure::input(format!("error: `{}`: {error}\n  help: {help}", path.display()))
    };
    let text = std::fs::read(&path).map_err(|error| wrong(&error))?;
    serde_json::from_slice::<Origin>(&text).map_err(|error| wrong(&error))
}
