//! `synfire plot`: pictures of a run from what it left, without running it again.
//!
//! In: the folder of a run. Out: a file beside it. Not here: what a picture looks like (`synfire::plot`), what is read for those that need
//! the network too (`replot`).

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use synfire::plot::{Figure, FigureOptions, figure};
use synfire::recording::file::write_whole;
use synfire::recording::{Recording, SpikeTrain, Trace, npz};
use synfire::units::{Dimension, Quantity};

use super::replot::{Asked, Run, refused};
use super::{Failure, say};

#[derive(Args)]
pub struct Plot {
    /// The folder of a run, such as run/NAME
    run: PathBuf,
    /// What to draw: raster, rates, traces share a picture; each of the others is one of its own
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LIST")]
    panels: Vec<Panel>,
    /// From when to when, such as "100 ms..250 ms", "1 s.." [default: all]
    #[arg(long, value_name = "FROM..TO")]
    window: Option<String>,
    /// Bins of the rates, such as "5 ms" [default: those of the probe of a rate, else by the width of the picture]
    #[arg(long)]
    bin: Option<String>,
    /// Neurons, such as 0..10,17 [default: all in rasters, the first five in traces]
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
    /// svg, png, or gif for `animation` [default: by --out, else png]
    #[arg(long, value_enum)]
    format: Option<PictureFormat>,
    /// Letters of an .svg as outlines, so that it looks alike everywhere, without fonts
    #[arg(long)]
    outlines: bool,
    /// Pixels of the width at scale 1; a .png has twice as many
    #[arg(long, default_value_t = 900)]
    width: u32,
    /// Above the picture [default: the network's name]
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
        let whole = npz::read(&self.run).map_err(|e| {
            let help = "name the folder of a run, as `synfire run` says it at its end";
            Failure::input(format!("error: {e}\n  help: {help}"))
        })?;
        let recording = self.chosen(&whole)?;
        let end = (whole.first_step + whole.steps) as f64 * whole.dt;
        let window = self.window.as_deref().map_or(Ok((whole.first_step as f64 * whole.dt, end)), |text| span(text, end))?;
        let title = self.title.clone().unwrap_or_else(|| run.name.clone());
        let asked = Asked {
            run,
            recording,
            window,
            of: self.of.as_deref(),
            x: self.x.as_deref(),
            title,
            width: self.width,
            tables: &self.tables,
        };
        let alone = |panel: &&Panel| !matches!(panel, Panel::Raster | Panel::Rates | Panel::Traces);
        let shared: Vec<Panel> = self.panels.iter().copied().filter(|panel| !alone(&panel)).collect();
        let pictures = self.panels.iter().filter(alone).count() + usize::from(!shared.is_empty() || self.panels.is_empty());
        if pictures > 1 && self.out.is_some() {
            let help = "leave out --out, and each gets a name of its own, or ask for one picture";
            return Err(Failure::input(format!("error: --out names one file for {pictures} pictures\n  help: {help}")));
        }
        if !shared.is_empty() || self.panels.is_empty() {
            let name = shared.iter().map(|panel| named(*panel)).collect::<Vec<_>>().join("-");
            self.write(&self.over_time(&asked, &shared)?, if name.is_empty() { "picture" } else { &name })?;
        }
        for panel in self.panels.iter().filter(alone) {
            match panel {
                Panel::Animation => self.animated(&asked)?,
                Panel::Phase => self.write(&asked.phase()?, "phase")?,
                Panel::Connectivity => self.write(&asked.connectivity()?, "connectivity")?,
                Panel::Positions => self.write(&asked.positions()?, "positions")?,
                Panel::Weights => self.write(&asked.weights()?, "weights")?,
                _ => self.write(&asked.curve()?, "curve")?,
            }
        }
        Ok(())
    }

    /// Raster, rates and traces over one time axis.
    fn over_time(&self, asked: &Asked, panels: &[Panel]) -> Result<Figure, Failure> {
        let holds = |panel: Panel| panels.is_empty() || panels.contains(&panel);
        let bin = self.bin.as_deref().map(|text| time(text, "--bin")).transpose()?;
        let mut options = FigureOptions::default()
            .title(&asked.title)
            .width(self.width)
            .from_ms(asked.window.0)
            .to_ms(asked.window.1)
            .rate_bin_ms(bin)
            .raster(holds(Panel::Raster))
            .rates(holds(Panel::Rates))
            .traces(holds(Panel::Traces))
            .apart(self.apart);
        if self.rows.is_some() {
            options = options.max_rows(40);
        }
        figure(&asked.recording, &options).map_err(refused)
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
        let Some(text) = &self.rows else { return Ok(out) };
        let spans = synfire::network::Spans::parse(text).map_err(|e| {
            let help = "numbers and ranges with commas between, such as 0..10,17";
            Failure::input(format!("error: --rows \"{text}\": {e}\n  help: {help}"))
        })?;
        // no neuron has a larger number
        let wanted: std::collections::HashSet<u32> = spans.iter().map_while(|row| u32::try_from(row).ok()).take(1 << 24).collect();
        let holds = |row: &u32| wanted.contains(row);
        out.spikes.iter_mut().for_each(|train| keep_spikes(train, &holds));
        out.traces.iter_mut().for_each(|trace| keep_rows(trace, &holds));
        out.traces.retain(|trace| !trace.rows.is_empty());
        Ok(out)
    }

    fn animated(&self, asked: &Asked) -> Result<(), Failure> {
        if self.format.is_some_and(|format| format != PictureFormat::Gif) {
            return Err(Failure::input("error: a moving picture is a .gif\n  help: leave out --format, or --format gif"));
        }
        let path = self.out.clone().unwrap_or_else(|| self.beside("animation", "gif"));
        let (bytes, told) = asked.animation()?;
        write_whole(&path, |out| out.write_all(&bytes))?;
        say(format_args!("written to {}: {told}", path.display()));
        Ok(())
    }

    fn write(&self, figure: &Figure, what: &str) -> Result<(), Failure> {
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
        outlined.as_ref().unwrap_or(figure).save(&path).map_err(refused)?;
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

/// ms
fn time(text: &str, what: &str) -> Result<f64, Failure> {
    match Quantity::parse(text) {
        Ok(time) if time.dimension == Dimension::TIME && time.value >= 0.0 => Ok(time.value),
        _ => Err(Failure::input(format!("error: {what} \"{text}\": expected a time\n  help: write for example \"5 ms\""))),
    }
}

/// From and to, in ms.
fn span(text: &str, end: f64) -> Result<(f64, f64), Failure> {
    let wrong = || {
        let help = "write for example --window \"100 ms..250 ms\", or \"1 s..\"";
        Failure::input(format!("error: --window \"{text}\": expected two times with `..` between\n  help: {help}"))
    };
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let part = |text: &str, otherwise: f64| if text.trim().is_empty() { Ok(otherwise) } else { time(text.trim(), "--window") };
    Ok((part(from, 0.0)?, part(to, end)?))
}

fn keep_spikes(train: &mut SpikeTrain, holds: &dyn Fn(&u32) -> bool) {
    let rows: Vec<u32> = train.recorded().into_iter().filter(holds).collect();
    let (step, neuron) = train.pairs().filter(|(_, neuron)| holds(neuron)).unzip();
    (train.step, train.neuron, train.rows) = (step, neuron, Some(rows));
}

fn keep_rows(trace: &mut Trace, holds: &dyn Fn(&u32) -> bool) {
    let width = trace.rows.len().max(1);
    let places: Vec<usize> = (0..trace.rows.len()).filter(|&place| holds(&trace.rows[place])).collect();
    trace.values = trace.values.chunks_exact(width).flat_map(|sample| places.iter().map(|&place| sample[place])).collect();
    trace.rows = places.iter().map(|&place| trace.rows[place]).collect();
}
