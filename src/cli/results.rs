//! What a run leaves beside its data: the record and the picture. The one place that writes them.
//!
//! In: a simulation that ran, to its end or not, and what became of its data. Out: files in the draft of its folder. Not here:
//! where the folder is (`folder`), the data (`format`).

use std::io::Write;
use std::time::Instant;

use synfire::analysis::{Measure, Terms};
use synfire::plot::{FigureOptions, PlotError, PositionOptions, WeightOptions, figure, positions, weights};
use synfire::recording::file::{FileError, write_whole};
use synfire::recording::sink::SinkError;
use synfire::recording::{Recording, Synapses};
use synfire::{Network, Simulation};

use super::Failure;
use super::folder::{RECORD, RunFolder};
use super::format::Data;
use super::kept::chunks_of;
use super::record::{Record, Stopped, titled};
use super::tables::Tables;

pub struct Results<'a> {
    recording: &'a Recording,
    /// What can be measured.
    whole: &'a Recording,
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
        Results { recording: &data.recording, whole: data.whole.as_ref().unwrap_or(&data.recording), folder, name, record }
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
            Err(error) => return Err(Failure::disk(format!("error: {error}"))),
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

    /// Measures what was recorded, for the record and the screen; `None`: there is nothing of neurons. Of a run that memory does not hold
    /// only what is whole can be measured now.
    pub fn measure(&mut self, asked: &[Measure]) -> Option<Tables> {
        let began = Instant::now();
        let measures = if asked.is_empty() { &Measure::ALL[..] } else { asked };
        let tables = Tables::of(self.name, self.whole, Terms::default().measures(measures));
        if tables.tables.is_empty() {
            return None;
        }
        self.record.measures = tables.populations();
        self.record.timings.analyse_s = Some(began.elapsed().as_secs_f64());
        Some(tables)
    }

    /// How long each stage took, in words.
    pub fn times(&self) -> String {
        self.record.timings.in_words()
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
        remark
    }

    /// Writes the record once more, with what was measured and drawn.
    pub fn finish(&mut self) -> Option<String> {
        if self.record.timings.picture_s.is_none() && self.record.timings.analyse_s.is_none() {
            return None;
        }
        // the record is there already
        let error = self.write_record().err()?;
        Some(format!("the record does not tell of measures and pictures: {error}"))
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

#[derive(Debug, thiserror::Error)]
enum Unwritten {
    #[error("the record: {0}")]
    Text(serde_json::Error),
    #[error("{0}")]
    File(FileError),
}
