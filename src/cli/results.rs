//! What a run leaves, written in this order: spikes, traces, the record, a picture. The one place that writes it.
//!
//! In: a simulation that ran, to its end or not. Out: files in the draft of its folder. Not here: where the folder is
//! (`folder`), formats (`recording`).

use std::io::Write;
use std::time::Instant;

use synfire::plot::{FigureOptions, PlotError, figure};
use synfire::recording::file::{FileError, write_whole};
use synfire::recording::npz;
use synfire::{Network, Simulation};

use super::Failure;
use super::folder::{RECORD, RunFolder};
use super::record::{Record, Stopped};

pub struct Results<'a> {
    simulation: &'a Simulation,
    folder: &'a RunFolder,
    name: &'a str,
    record: Record,
}

impl<'a> Results<'a> {
    pub fn new(
        simulation: &'a Simulation,
        network: &Network,
        name: &'a str,
        folder: &'a RunFolder,
        stopped: Option<Stopped>,
    ) -> Results<'a> {
        Results { simulation, folder, name, record: Record::new(simulation, network, name, stopped) }
    }

    /// Writes the data and the record.
    ///
    /// **Errors** a file that could not be written; those that could are whole, and named.
    pub fn write(&mut self) -> Result<(), Failure> {
        let began = Instant::now();
        let (recording, folder) = (self.simulation.recording(), self.folder);
        let mut failed = Vec::new();
        // a disk that has no room for the traces may have some for the spikes
        failed.extend(npz::write_spikes(recording, folder.draft("spikes.npz")).err());
        if !(recording.traces.is_empty() && recording.rates.is_empty()) {
            failed.extend(npz::write_traces(recording, folder.draft("traces.npz")).err());
        }
        self.record.timings.write_s = began.elapsed().as_secs_f64();
        self.record.remarks.extend(failed.iter().map(|error| format!("this run is not whole: {error}")));
        match self.write_record() {
            Err(Unwritten::File(error)) => failed.push(error),
            Err(Unwritten::Text(error)) => return Err(Failure::disk(format!("error: the record: {error}"))),
            Ok(()) => {}
        }
        if failed.is_empty() {
            return Ok(());
        }
        let failed: Vec<String> = failed.iter().map(|error| format!("error: {error}")).collect();
        let kept = self.folder.kept().unwrap_or_else(|| "nothing could be written, and nothing is left".into());
        let help = "make room, or choose another disk with --out; the run must be done again for what is missing";
        Err(Failure::disk(format!("{}\n  {kept}\n  help: {help}", failed.join("\n"))))
    }

    /// Draws the picture. Gives what there is to say where there is none: the data do not depend on it.
    pub fn draw(&mut self) -> Option<String> {
        let began = Instant::now();
        let options = FigureOptions::default().title(self.name);
        let drawn = figure(self.simulation.recording(), &options).and_then(|figure| {
            figure.save(self.folder.draft("picture.svg"))?;
            figure.save(self.folder.draft("picture.png"))
        });
        let remark = match drawn {
            Ok(()) => None,
            // nothing recorded, nothing to draw
            Err(PlotError::Nothing | PlotError::NoTime { .. }) => return None,
            Err(error) => Some(format!("no picture, or not all of it: {error}")),
        };
        self.record.timings.picture_s = Some(began.elapsed().as_secs_f64());
        self.record.remarks.extend(remark.clone());
        // the record is there already: without this it lacks a time and a remark
        match self.write_record() {
            Ok(()) => remark,
            Err(_) => Some(format!("{}; the record does not tell of the picture", remark.unwrap_or_default())),
        }
    }

    fn write_record(&self) -> Result<(), Unwritten> {
        let text = serde_json::to_string_pretty(&self.record).map_err(Unwritten::Text)?;
        write_whole(self.folder.draft(RECORD), |out| writeln!(out, "{text}")).map_err(Unwritten::File)
    }
}

enum Unwritten {
    Text(serde_json::Error),
    File(FileError),
}
