//! What a run leaves beside its data: the record and the picture. The one place that writes them.
//!
//! In: a simulation that ran, to its end or not, and what became of its data. Out: files in the draft of its folder. Not here:
//! where the folder is (`folder`), the data (`format`).

use std::io::Write;
use std::time::Instant;

use synfire::plot::{FigureOptions, PlotError, PositionOptions, WeightOptions, figure, positions, weights};
use synfire::recording::file::{FileError, write_whole};
use synfire::recording::sink::SinkError;
use synfire::recording::{Recording, Synapses};
use synfire::{Network, Simulation};

use super::Failure;
use super::convert::chunks_of;
use super::folder::{RECORD, RunFolder};
use super::format::Data;
use super::record::{Record, Stopped, titled};

pub struct Results<'a> {
    recording: &'a Recording,
    folder: &'a RunFolder,
    name: &'a str,
    record: Record,
}

impl<'a> Results<'a> {
    pub fn new(
        simulation: &Simulation,
        data: &'a Data,
        network: &Network,
        name: &'a str,
        folder: &'a RunFolder,
        stopped: Option<Stopped>,
    ) -> Results<'a> {
        let record = Record::new(simulation, data, network, name, stopped);
        Results { recording: &data.recording, folder, name, record }
    }

    /// Writes the record, behind data of which some may have failed.
    ///
    /// **Errors** a file that could not be written, of the data too; those that could are whole, and named.
    pub fn write(&mut self, failed: Vec<SinkError>) -> Result<(), Failure> {
        let each = |error: SinkError| match error {
            SinkError::Files(files) => files.iter().map(FileError::to_string).collect(),
            error => vec![error.to_string()],
        };
        let mut failed: Vec<String> = failed.into_iter().flat_map(each).collect();
        self.record.remarks.extend(failed.iter().map(|error| format!("this run is not whole: {error}")));
        match self.write_record() {
            Err(Unwritten::File(error)) => failed.push(error.to_string()),
            Err(Unwritten::Text(error)) => return Err(Failure::disk(format!("error: the record: {error}"))),
            Ok(()) => {}
        }
        if failed.is_empty() {
            return Ok(());
        }
        let failed: Vec<String> = failed.iter().map(|error| format!("error: {error}")).collect();
        let kept = self.folder.kept().unwrap_or_else(|| "nothing could be written, and nothing is left".into());
        let help = match chunks_of(self.folder.drafts()) {
            Some(path) => {
                format!("make room; what is complete is in `{}`, of which `synfire convert` makes archives", path.display())
            }
            None => "make room, or choose another disk with --out; the run must be done again for what is missing".into(),
        };
        Err(Failure::disk(format!("{}\n  {kept}\n  help: {help}", failed.join("\n"))))
    }

    /// Draws the picture, and the synapses that were asked for. Gives what there is to say where there is none: the data do not
    /// depend on it.
    pub fn draw(&mut self, synapses: &[Synapses]) -> Option<String> {
        let began = Instant::now();
        let network = &self.record.description;
        let options = FigureOptions::default().title(self.title()).marks(network.stimulus_windows()).heard(network.spike_windows());
        let drawn = figure(self.recording, &options).and_then(|figure| {
            figure.save(self.folder.draft("picture.svg"))?;
            figure.save(self.folder.draft("picture.png"))
        });
        let nothing = synapses.is_empty() && self.recording.positions.is_empty();
        let remark = match drawn {
            Ok(()) => None,
            // nothing recorded, nothing to draw
            Err(PlotError::Nothing | PlotError::NoTime { .. }) if nothing => return None,
            Err(PlotError::Nothing | PlotError::NoTime { .. }) => None,
            Err(error) => Some(format!("no picture, or not all of it: {error}")),
        };
        let synapses = self.draw_weights(synapses).err().map(|error| format!("no picture of synapses, or not all of it: {error}"));
        let map = self.draw_positions().err().map(|error| format!("no picture of positions, or not all of it: {error}"));
        let remark = remark.or(synapses).or(map);
        self.record.timings.picture_s = Some(began.elapsed().as_secs_f64());
        self.record.remarks.extend(remark.clone());
        // the record is there already: without this it lacks a time and a remark
        match self.write_record() {
            Ok(()) => remark,
            Err(_) => Some(format!("{}; the record does not tell of the picture", remark.unwrap_or_default())),
        }
    }

    /// The network, and what `--set` changed of it.
    fn title(&self) -> String {
        titled(self.name, &self.record.command)
    }

    fn draw_positions(&self) -> Result<(), PlotError> {
        if self.recording.positions.is_empty() {
            return Ok(());
        }
        let figure = positions(self.recording, &PositionOptions::default().title(format!("{}: positions", self.title())))?;
        figure.save(self.folder.draft("positions.svg"))?;
        figure.save(self.folder.draft("positions.png"))
    }

    fn draw_weights(&self, synapses: &[Synapses]) -> Result<(), PlotError> {
        let Some(of) = synapses.first() else { return Ok(()) };
        let title = format!("{}: {} of {}", self.title(), of.variable, of.projection);
        let figure = weights(synapses, &WeightOptions::default().title(title))?;
        figure.save(self.folder.draft("weights.svg"))?;
        figure.save(self.folder.draft("weights.png"))
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
