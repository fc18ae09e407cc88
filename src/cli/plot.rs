//! `synfire plot`: pictures of a run from what it left, without running it again.
//!
//! In: the folder of a run. Out: a file beside it. Not here: what a picture looks like (`synfire::plot`), what is read for those that need
//! the network too (`replot`).

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use synfire::plot::{Figure, FigureOptions, PlotError, Size, figure, pixels_of_cm};
use synfire::recording::file::write_whole;
use synfire::recording::{Recording, SpikeTrain};

use super::replot::{Asked, Run, refused, told};
use super::{Failure, complain, given, say};

#[derive(Args)]
pub struct Plot {
    /// The folder of a run, such as run/NAME
    run: PathBuf,
    /// What to draw: raster, rates, traces share a picture; each of the others is one of its own
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LIST")]
    panels: Vec<Panel>,
    /// From when to when, such as "100 ms..250 ms", "1 s.."; "50 ms..50 ms" for one frame [default: all]
    #[arg(long, value_name = "FROM..TO")]
    window: Option<String>,
    /// Bins of the rates, such as "5 ms" [default: those of the probe of a rate, else by the width of the picture]
    #[arg(long)]
    bin: Option<String>,
    /// Neurons in rasters and traces, such as 0..10,17; rates are of all that were recorded [default: all, and in traces the first five]
    #[arg(long)]
    rows: Option<String>,
    /// One population, or a projection of `weights`; of traces also POPULATION.STATE
    #[arg(long, value_name = "NAME")]
    of: Option<String>,
    /// Each row of a trace in a panel of its own
    #[arg(long)]
    apart: bool,
    /// What stands on the x axis of `curve`: POPULATION.PARAMETER, or the name of a constant stimulus
    #[arg(long, value_name = "NAME")]
    x: Option<String>,
    /// Draws on the map of `positions` whom this neuron reaches, such as exc:12
    #[arg(long, value_name = "POPULATION:NEURON")]
    cell: Option<String>,
    /// svg, png, or gif for `animation`, of which png and svg are one frame [default: by --out, else png]
    #[arg(long, value_enum)]
    format: Option<PictureFormat>,
    /// Letters of an .svg as outlines, so that it looks alike everywhere, without fonts
    #[arg(long)]
    outlines: bool,
    /// Pixels at scale 1, of which a .png has twice as many; or for print, "8.5 cm", "17 cm": letters of 7.5 points, an .svg in true size,
    /// a .png of 300 to the inch [default: 900]
    #[arg(long, value_name = "PIXELS|LENGTH")]
    width: Option<String>,
    /// From top to bottom, as --width [default: as it fits what is drawn]
    #[arg(long, value_name = "PIXELS|LENGTH")]
    height: Option<String>,
    /// Above the picture [default: the network's name, and what --set changed]
    #[arg(long)]
    title: Option<String>,
    /// Where the tables lie that the network names, for `connectivity`, `weights`, `phase` and `curve` [default: .]
    #[arg(long, value_name = "DIR", default_value = ".")]
    tables: PathBuf,
    /// Where to write it [default: RUN.WHAT.png beside the run]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Panel {
    /// A mark for each spike
    Raster,
    /// Rates of populations over time
    Rates,
    /// States over time
    Traces,
    /// Two variables against each other, with nullclines
    Phase,
    /// A state of a sheet or row of neurons as a moving picture
    Animation,
    /// Who is joined to whom, of all populations
    Connectivity,
    /// Where neurons are
    Positions,
    /// Weights of one projection as a distribution and a matrix, before the first step
    Weights,
    /// The rate of each neuron over a parameter or stimulus of its own (an f-I curve)
    Curve,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PictureFormat {
    Svg,
    Png,
    Gif,
}

impl Plot {
    pub fn run(&self) -> Result<(), Failure> {
        let run = Run::read(&self.run)?;
        let whole = given::recorded(&self.run)?;
        let (size, print) = self.size()?;
        let chosen = self.chosen(&whole)?;
        let rows = self.rows(&chosen)?;
        let asked = Asked {
            title: self.title.clone().unwrap_or_else(|| run.title.clone()),
            run,
            recording: rows.as_deref().map_or_else(|| chosen.clone(), |rows| chosen.of_rows(rows)),
            window: self.window(&whole)?,
            of: self.of.as_deref(),
            x: self.x.as_deref(),
            size,
            tables: &self.tables,
        };
        if self.cell.is_some() && !self.panels.contains(&Panel::Positions) {
            return Err(Failure::input("error: --cell is drawn on a map\n  help: add --panels positions"));
        }
        let alone = |panel: &&Panel| !matches!(panel, Panel::Raster | Panel::Rates | Panel::Traces);
        let shared: Vec<Panel> = self.panels.iter().copied().filter(|panel| !alone(&panel)).collect();
        let pictures = self.panels.iter().filter(alone).count() + usize::from(!shared.is_empty() || self.panels.is_empty());
        if pictures > 1 && self.out.is_some() {
            let help = "leave out --out, and each gets a name of its own, or ask for one picture";
            return Err(Failure::input(format!("error: --out names one file for {pictures} pictures\n  help: {help}")));
        }
        if !shared.is_empty() || self.panels.is_empty() {
            let name = shared.iter().map(|panel| named(*panel)).collect::<Vec<_>>().join("-");
            let figure = self.over_time(&asked, &chosen, rows, &shared)?;
            self.write(&figure, print, if name.is_empty() { "picture" } else { &name })?;
        }
        for panel in self.panels.iter().filter(alone) {
            let (figure, what) = match panel {
                Panel::Animation if self.moves() => {
                    self.animated(&asked)?;
                    continue;
                }
                Panel::Animation => (asked.frame()?, "frame"),
                Panel::Phase => (asked.phase()?, "phase"),
                Panel::Connectivity => (asked.connectivity()?, "connectivity"),
                Panel::Positions => (asked.positions(self.cell.as_deref())?, "positions"),
                Panel::Weights => (asked.weights()?, "weights"),
                _ => (asked.curve()?, "curve"),
            };
            self.write(&figure, print, what)?;
        }
        Ok(())
    }

    /// Is it a .gif that is asked for?
    fn moves(&self) -> bool {
        let still = |extension: &std::ffi::OsStr| extension == "png" || extension == "svg";
        match self.format {
            Some(format) => format == PictureFormat::Gif,
            None => !self.out.as_deref().and_then(Path::extension).is_some_and(still),
        }
    }

    /// Pixels, and for print the centimetres of the width.
    fn size(&self) -> Result<(Size, Option<f64>), Failure> {
        let width = self.width.as_deref().map(|text| extent(text, "--width")).transpose()?.unwrap_or(Extent::Pixels(900));
        let height = self.height.as_deref().map(|text| extent(text, "--height")).transpose()?;
        match (width, height) {
            (Extent::Pixels(width), None) => Ok((Size::from(width), None)),
            (Extent::Pixels(width), Some(Extent::Pixels(height))) => Ok((Size::from((width, height)), None)),
            (Extent::Cm(width), height) => {
                let height = height.map(|height| match height {
                    Extent::Cm(cm) => Ok(pixels_of_cm(cm)),
                    Extent::Pixels(_) => Err(mixed()),
                });
                Ok((Size::from((pixels_of_cm(width), height.transpose()?)), Some(width)))
            }
            (Extent::Pixels(_), Some(Extent::Cm(_))) => Err(mixed()),
        }
    }

    /// Raster, rates and traces over one time axis; the rates are of all neurons, whichever rows are shown.
    fn over_time(&self, asked: &Asked, recording: &Recording, rows: Option<Vec<u32>>, panels: &[Panel]) -> Result<Figure, Failure> {
        let holds = |panel: Panel| panels.is_empty() || panels.contains(&panel);
        if let Some(panel) = panels.iter().find(|panel| !recorded(recording, **panel)) {
            let (name, help) = (named(*panel), there_is(recording));
            return Err(Failure::input(format!("error: nothing was recorded for `{name}`\n  help: {help}")));
        }
        if asked.window.0 >= asked.window.1 {
            let help = "--window FROM..TO with TO after FROM; one time alone is a frame of --panels animation";
            return Err(Failure::input(format!("error: the window has no length\n  help: {help}")));
        }
        let bin = self.bin.as_deref().map(|text| given::time(text, "--bin")).transpose()?;
        let mut options = FigureOptions::default()
            .title(&asked.title)
            .width(asked.size.width)
            .height(asked.size.height)
            .marks(asked.run.stimulus_windows())
            .heard(asked.run.spike_windows())
            .from_ms(asked.window.0)
            .to_ms(asked.window.1)
            .rate_bin_ms(bin)
            .raster(holds(Panel::Raster))
            .rates(holds(Panel::Rates))
            .traces(holds(Panel::Traces))
            .apart(self.apart);
        if let Some(rows) = rows {
            options = options.max_rows(40).rows(rows);
        }
        figure(recording, &options).map_err(|error| match error {
            PlotError::Nothing => {
                let help = format!("{}; rates of fewer than ten neurons are drawn with --bin", there_is(recording));
                Failure::input(format!("error: there is nothing to draw of what is asked for\n  help: {help}"))
            }
            error => refused(error),
        })
    }

    /// From when to when, in ms, within the run.
    fn window(&self, whole: &Recording) -> Result<(f64, f64), Failure> {
        let run = (whole.first_step as f64 * whole.dt, (whole.first_step + whole.steps) as f64 * whole.dt);
        let Some(text) = &self.window else { return Ok(run) };
        let (from, to) = given::span(text, (0.0, run.1))?;
        // of a time that was written and one that was counted
        let dust = 1e-6 * whole.dt;
        if from < run.0 - dust || from.max(to) > run.1 + dust {
            let what = if from > run.1 || to < run.0 { "lies outside of" } else { "goes beyond" };
            let lasts = format!("it was recorded from {} to {} ms", told(run.0), told(run.1));
            return Err(Failure::input(format!("error: --window \"{text}\" {what} the run\n  help: {lasts}")));
        }
        if from > to {
            return Err(Failure::input(format!("error: --window \"{text}\" ends before it begins")));
        }
        Ok((from, to))
    }

    /// What is asked for of a recording: one population or trace, some rows.
    fn chosen(&self, whole: &Recording) -> Result<Recording, Failure> {
        let mut out = whole.clone();
        // a projection that `weights` draws names no part of a recording
        let drawn = self.panels.contains(&Panel::Weights);
        if let Some(of) = self.of.as_deref().filter(|_| !drawn) {
            let is = |population: &str, state: &str| of == population || of == format!("{population}.{state}");
            // the spikes of a trace stand above it
            let traced = |population: &str| whole.traces.iter().any(|t| t.population == population && is(population, &t.variable));
            out.spikes.retain(|train| of == train.population || traced(&train.population));
            out.rates.retain(|rate| of == rate.population);
            out.traces.retain(|trace| is(&trace.population, &trace.variable));
            out.summaries.retain(|one| is(&one.projection, &one.variable));
            out.at_spikes.retain(|one| is(&one.projection, &one.variable));
            let left = out.spikes.len() + out.rates.len() + out.traces.len() + out.summaries.len() + out.at_spikes.len();
            if left == 0 {
                let known = whole.spikes.iter().map(|t| t.population.clone());
                let known = known.chain(whole.rates.iter().map(|r| r.population.clone()));
                let mut known: Vec<String> =
                    known.chain(whole.traces.iter().map(|t| format!("{}.{}", t.population, t.variable))).collect();
                known.dedup();
                let help = format!("recorded were {}", known.join(", "));
                return Err(Failure::input(format!("error: nothing of `{of}` was recorded\n  help: {help}")));
            }
        }
        Ok(out)
    }

    /// The rows that are asked for. What is not there is said.
    fn rows(&self, recording: &Recording) -> Result<Option<Vec<u32>>, Failure> {
        let Some(text) = &self.rows else { return Ok(None) };
        let spans = given::rows(text)?;
        let traced = recording.traces.iter().flat_map(|trace| trace.rows.iter().copied());
        let known: HashSet<u32> = recording.spikes.iter().flat_map(SpikeTrain::recorded).chain(traced.clone()).collect();
        let most = recording.spikes.iter().map(|train| train.size).chain(traced.map(|row| row + 1)).max().unwrap_or(0);
        // every row is below the largest population, which bounds what is counted here
        let beyond = spans.last() >= u64::from(most);
        let rows: Vec<u32> = spans.iter().map_while(|row| u32::try_from(row).ok()).take(most as usize).collect();
        let missing: Vec<u32> = rows.iter().copied().filter(|row| !known.contains(row)).collect();
        if beyond || missing.len() == rows.len() {
            let why = if beyond { "goes beyond all that was recorded" } else { "names no row that was recorded" };
            let help = format!("there are {}", rows_there(recording).join("; "));
            return Err(Failure::input(format!("error: --rows \"{text}\" {why}\n  help: {help}")));
        }
        if let Some((first, last)) = missing.first().zip(missing.last()) {
            complain(format_args!("remark: {} of the rows, from {first} to {last}, were not recorded", missing.len()));
        }
        Ok(Some(rows))
    }

    fn animated(&self, asked: &Asked) -> Result<(), Failure> {
        let path = self.out.clone().unwrap_or_else(|| self.beside("animation", "gif"));
        let sized = self.width.is_some() || self.height.is_some();
        let (bytes, told) = asked.animation(sized.then_some(asked.size))?;
        write_whole(&path, |out| out.write_all(&bytes))?;
        say(format_args!("written to {}: {told}", path.display()));
        Ok(())
    }

    fn write(&self, figure: &Figure, print: Option<f64>, what: &str) -> Result<(), Failure> {
        let extension = match self.format {
            Some(PictureFormat::Gif) => {
                return Err(Failure::input("error: only `animation` is a .gif\n  help: --format svg or png"));
            }
            Some(PictureFormat::Svg) => "svg",
            Some(PictureFormat::Png) | None => "png",
        };
        let path = match &self.out {
            // what is asked for by --format is written, whatever the name is
            Some(out) if self.format.is_some() && out.extension().is_none_or(|e| e != extension) => {
                let mut name = out.clone().into_os_string();
                name.push(format!(".{extension}"));
                PathBuf::from(name)
            }
            Some(out) => out.clone(),
            None => self.beside(what, if self.outlines && self.format.is_none() { "svg" } else { extension }),
        };
        let outlined = if self.outlines { Some(figure.outlined().map_err(refused)?) } else { None };
        let figure = outlined.as_ref().unwrap_or(figure);
        print.map_or_else(|| figure.clone(), |cm| figure.printed(cm)).save(&path).map_err(refused)?;
        say(format_args!("written to {}", path.display()));
        Ok(())
    }

    /// A name beside the run: in its folder it would be somebody else's file.
    fn beside(&self, what: &str, extension: &str) -> PathBuf {
        let name = self.run.file_name().map_or_else(|| "run".into(), |name| name.to_string_lossy().into_owned());
        self.run.with_file_name(format!("{name}.{what}.{extension}"))
    }
}

fn named(panel: Panel) -> String {
    panel.to_possible_value().map_or_else(String::new, |value| value.get_name().to_string())
}

/// A length of a picture.
enum Extent {
    Pixels(u32),
    Cm(f64),
}

fn extent(text: &str, what: &str) -> Result<Extent, Failure> {
    let text = text.trim();
    let length = |unit: &str, cm: f64| text.strip_suffix(unit).and_then(|n| n.trim().parse::<f64>().ok()).map(|n| n * cm);
    if let Ok(pixels) = text.parse() {
        return Ok(Extent::Pixels(pixels));
    }
    match length("cm", 1.0).or_else(|| length("mm", 0.1)).or_else(|| length("in", 2.54)) {
        Some(cm) if cm.is_finite() && cm > 0.0 => Ok(Extent::Cm(cm)),
        _ => {
            let help = format!("write for example {what} 900, or {what} \"8.5 cm\" for print (cm, mm, in)");
            Err(Failure::input(format!("error: {what} \"{text}\": expected pixels or a length\n  help: {help}")))
        }
    }
}

fn mixed() -> Failure {
    Failure::input("error: --width and --height are both in pixels, or both lengths\n  help: --width \"8.5 cm\" --height \"6 cm\"")
}

/// Was there anything recorded for a panel?
fn recorded(recording: &Recording, panel: Panel) -> bool {
    match panel {
        Panel::Raster => !recording.spikes.is_empty(),
        Panel::Rates => !(recording.spikes.is_empty() && recording.rates.is_empty()),
        _ => recording.traces.len() + recording.summaries.len() + recording.at_spikes.len() > 0,
    }
}

/// What was recorded, in words.
fn there_is(recording: &Recording) -> String {
    let mut parts = Vec::new();
    let mut add = |what: &str, names: &mut dyn Iterator<Item = String>| {
        let mut names: Vec<String> = names.collect();
        names.dedup();
        if !names.is_empty() {
            parts.push(format!("{what} of {}", names.join(", ")));
        }
    };
    add("spikes", &mut recording.spikes.iter().map(|train| train.population.clone()));
    add("rates", &mut recording.rates.iter().map(|rate| rate.population.clone()));
    add("traces", &mut recording.traces.iter().map(|trace| format!("{}.{}", trace.population, trace.variable)));
    let kept = recording.summaries.iter().map(|one| format!("{}.{}", one.projection, one.variable));
    let at_spikes = recording.at_spikes.iter().map(|one| format!("{}.{}", one.projection, one.variable));
    add("values", &mut kept.chain(at_spikes));
    format!("recorded were {}", if parts.is_empty() { "no spikes, rates or traces".to_string() } else { parts.join("; ") })
}

/// The rows of each train and trace, in words.
fn rows_there(recording: &Recording) -> Vec<String> {
    let told = |name: String, rows: &[u32], size: Option<u32>| match (rows, size) {
        ([], _) => format!("no row of {name}"),
        (rows, Some(size)) if rows.len() == size as usize => format!("0..{size} of {name}"),
        ([first, .., last], _) => format!("{} rows of {name}, from {first} to {last}", rows.len()),
        ([row], _) => format!("{row} of {name}"),
    };
    let trains = recording.spikes.iter().map(|train| told(train.population.clone(), &train.recorded(), Some(train.size)));
    let traces = recording.traces.iter().map(|trace| told(format!("{}.{}", trace.population, trace.variable), &trace.rows, None));
    trains.chain(traces).collect()
}
