//! `synfire report`: a run, or two runs beside each other, as one page of HTML that needs nothing else.
//!
//! In: the folders of runs. Out: a file. Not here: what a page looks like (`synfire::plot::page`), measures (`analyse`).

mod differences;
mod parts;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;
use synfire::analysis::{Terms, Window, population_rate, welch};
use synfire::plot::page::{Page, Section, Table};
use synfire::plot::{Curve, Drawn, Figure, FigureOptions, PlotError, PositionOptions, curves, diagram, figure, positions};
use synfire::recording::Recording;

use super::kept::Kept;
use super::replot::{Run, refused};
use super::sweep;
use super::tables::Tables;
use super::{Failure, complain, say};

#[derive(Args)]
pub struct Report {
    /// The folder of a run, such as run/NAME, or a file of chunks; or of a sweep
    run: PathBuf,
    /// A second run, to be compared with it
    other: Option<PathBuf>,
    /// Where to write it [default: RUN.report.html beside the run]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Pixels of figures on wide screens, on narrow ones, and of two beside each other.
const WIDE: u32 = 900;
const NARROW: u32 = 360;
const HALF: u32 = 440;

/// A run as it is told.
struct Told {
    run: Run,
    /// What tells it from the other.
    label: String,
    recording: Recording,
    measures: Vec<parts::Measures>,
}

impl Report {
    pub fn run(&self) -> Result<(), Failure> {
        let page = match (sweep::page_of(&self.run)?, &self.other) {
            (Some(page), None) => page,
            (Some(_), Some(_)) => {
                return Err(Failure::input(
                    "error: a sweep is told by itself\n  help: two runs are compared, such as two of its points",
                ));
            }
            (None, None) => Told::read(&self.run)?.page()?,
            (None, Some(other)) => {
                let first = Told::read(&self.run)?;
                let mut second = Told::read(other)?;
                if second.label == first.label {
                    second.label += " (2)";
                }
                compared(&first, &second)?
            }
        };
        let path = self.out.clone().unwrap_or_else(|| {
            let name = self.run.file_name().map_or_else(|| "run".into(), |name| name.to_string_lossy().into_owned());
            self.run.with_file_name(format!("{name}.report.html"))
        });
        page.save(&path).map_err(refused)?;
        say(format_args!("written to {}", path.display()));
        Ok(())
    }
}

impl Told {
    fn read(folder: &Path) -> Result<Told, Failure> {
        let run = Run::read(folder)?;
        let recording = Kept::open(folder)?.shown()?;
        let mut measures = parts::measures(&run.record["measures"]);
        if measures.is_empty() {
            // of a run that was not measured; a part of a long one is not measured here either
            let tables = Tables::of(&run.name, &recording, Terms::default());
            let again = serde_json::to_value(tables.populations()).map_err(|e| Failure::input(format!("error: {e}")))?;
            measures = parts::measures(&again);
        }
        let label = folder.file_name().map_or_else(|| run.name.clone(), |name| name.to_string_lossy().into_owned());
        Ok(Told { run, label, recording, measures })
    }

    /// Raster, rates and traces.
    fn over_time(&self, width: u32, title: Option<&str>) -> Result<Option<Figure>, Failure> {
        let mut options =
            FigureOptions::default().width(width).marks(self.run.stimulus_windows()).heard(self.run.spike_windows()).max_traces(8);
        options.title = title.map(str::to_string);
        drawn(figure(&self.recording, &options))
    }

    /// Power over frequency of the rates of populations.
    fn spectra(&self, width: u32) -> Result<Option<Figure>, Failure> {
        let (window, dt) = (Window::whole(&self.recording), self.recording.dt);
        let bin = ((1.0 / dt).round() as u64).max(1);
        let of = |(n, train): (usize, &synfire::recording::SpikeTrain)| {
            let rate = population_rate(train, window, bin, dt);
            if rate.hz.len() < 64 || train.step.is_empty() {
                return None;
            }
            let spectrum = welch(&rate.hz, rate.bin, (rate.hz.len() / 2).min(1024));
            // the mean stands at 0; frequencies above are of single spikes
            let shown = spectrum.hz.iter().zip(&spectrum.density).skip(1).filter(|(hz, _)| **hz <= 250.0);
            let points: Vec<(f64, f64)> = shown.map(|(hz, power)| (*hz, *power)).collect();
            Some(Curve::new(&train.population, points, Drawn::Line, n))
        };
        let all: Vec<Curve> = self.recording.spikes.iter().enumerate().filter_map(of).take(8).collect();
        drawn(curves(&all, ("frequency (Hz)", "power (Hz\u{b2}/Hz)"), None, width))
    }

    fn map(&self, width: u32) -> Result<Option<Figure>, Failure> {
        match self.recording.positions.is_empty() {
            true => Ok(None),
            false => drawn(positions(&self.recording, &PositionOptions::default().width(width))),
        }
    }

    /// Of one run.
    fn page(&self) -> Result<Page, Failure> {
        let record = &self.run.record;
        let mut page = Page::new(&self.run.title).lead(parts::lead(record));
        page = page.section(parts::summary(record)).section(both(
            "Activity",
            &|width| self.over_time(width, None),
            &self.what_is_seen(),
        )?);
        page = page.section(parts::measured(&self.measures));
        let caption = "Power of each population's rate (bins of 1 ms, Welch's method) over the frequency: a peak is a rhythm, a flat line is none. \
            The mean rate, at 0 Hz, is left out.";
        page = page.section(both("Rhythms", &|width| self.spectra(width), caption)?);
        if let Some(network) = self.run.description() {
            let boxes = diagram(&network.diagram());
            if let Some(boxes) = drawn(boxes)? {
                let caption = "Boxes are populations with their neurons, arrows are projections; a pointed head excites, a round one inhibits.";
                page = page.section(Section::new("Network").figure(&boxes, None, caption));
            }
        }
        page = page.section(parts::populations(record)).section(parts::projections(&record["description"]));
        let caption = "Where the neurons of each population are, in \u{b5}m.";
        page = page.section(both("Positions", &|width| self.map(width), caption)?);
        page = page.section(parts::times(&[("", record)])).section(parts::remarks(record));
        Ok(page.section(parts::description(record)))
    }

    /// What stands in the figure over time.
    fn what_is_seen(&self) -> String {
        let mut out = Vec::new();
        if !self.recording.spikes.is_empty() {
            out.push("Above, each mark is a spike, each row a neuron, each band a population.".to_string());
            out.push("Below, spikes per second and neuron of each population.".into());
        }
        if !self.recording.traces.is_empty() {
            out.push("Then the states that were probed, in their units, of the neurons that the legend names.".into());
        }
        out.push("All over one time axis, in ms.".into());
        out.join(" ")
    }
}

/// A figure in two widths under a heading; an empty section where there is nothing to draw.
fn both(title: &str, draw: &dyn Fn(u32) -> Result<Option<Figure>, Failure>, caption: &str) -> Result<Section, Failure> {
    let section = Section::new(title);
    Ok(match (draw(WIDE)?, draw(NARROW)?) {
        (Some(wide), narrow) => section.figure(&wide, narrow.as_ref(), caption),
        _ => section,
    })
}

/// `None`: there is nothing to draw. What cannot be drawn is said, and left out.
fn drawn(figure: Result<Figure, PlotError>) -> Result<Option<Figure>, Failure> {
    match figure {
        Ok(figure) => Ok(Some(figure)),
        Err(PlotError::Nothing | PlotError::NoTime { .. }) => Ok(None),
        Err(error @ PlotError::File(_)) => Err(refused(error)),
        Err(error) => {
            complain(format_args!("remark: a figure is left out: {error}"));
            Ok(None)
        }
    }
}

/// Of two runs.
fn compared(a: &Told, b: &Told) -> Result<Page, Failure> {
    let records = [(a.label.as_str(), &a.run.record), (b.label.as_str(), &b.run.record)];
    let mut page = Page::new(format!("{} and {}", a.label, b.label));
    page = page.lead(format!("{}: {}. {}: {}.", a.label, parts::in_short(records[0].1), b.label, parts::in_short(records[1].1)));
    let (rows, same) = differences::of(records[0].1, records[1].1);
    let heads = ["what", a.label.as_str(), b.label.as_str()];
    let table = rows.into_iter().fold(Table::new(heads), |table, row| table.row(row));
    let word = if same == 1 { "value is" } else { "values are" };
    let words = format!("{same} {word} the same in both. A value that one run does not give stands as -.");
    page = page.section(Section::new("What is different").table(table).text(words));
    if let (Some(left), Some(right)) = (a.over_time(HALF, Some(&a.label))?, b.over_time(HALF, Some(&b.label))?) {
        let seen = [(&left, format!("{}. {}", a.label, a.what_is_seen())), (&right, format!("{}, the same.", b.label))];
        page = page.section(Section::new("Activity").beside(seen));
    }
    page = page.section(parts::measured_beside([(&a.label, &a.measures), (&b.label, &b.measures)]));
    if let (Some(left), Some(right)) = (a.spectra(HALF)?, b.spectra(HALF)?) {
        let caption = "Power of each population's rate over the frequency.";
        let seen = [(&left, format!("{}. {caption}", a.label)), (&right, format!("{}, the same.", b.label))];
        page = page.section(Section::new("Rhythms").beside(seen));
    }
    page = page.section(parts::times(&records));
    Ok(page.section(parts::remarks(&both_remarks(&records))))
}

/// Remarks of both runs, as of one.
fn both_remarks(records: &[(&str, &Value)]) -> Value {
    let remarks = records.iter().flat_map(|(label, record)| {
        let all = record["remarks"].as_array().map_or(&[][..], Vec::as_slice);
        all.iter().filter_map(Value::as_str).map(move |remark| Value::from(format!("{label}: {remark}")))
    });
    serde_json::json!({ "remarks": remarks.collect::<Vec<Value>>() })
}
