//! `synfire fit`: values of a network that make it do what was asked for.
//!
//! In: a network file, free values, targets. Out: a folder with every point that was tried, the best of them as the command that runs
//! it, pictures. A fit that was cut off goes on from its log. Not here: the search (`synfire::fit`).

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use clap::Args;
use serde::Serialize;
use synfire::fit::{Evaluation, Fit as Search, Found};
use synfire::plot::{Place, PlotError, Scale, landscape};
use synfire::recording::file::write_whole;
use synfire::sweep::Values;

use super::growing::Growing;
use super::machine::Machine;
use super::measuring::{Kept, Measuring};
use super::signals::Signals;
use super::{Described, Failure, complain, counted, say, seconds};

const LOG: &str = "log.csv";
const RESULT: &str = "fit.json";

#[derive(Args)]
pub struct Fit {
    #[command(flatten)]
    described: Described,
    /// A value that may change between bounds, once for each: "exc -> exc.weight=1 nS..10 nS", with :log behind it to be searched by ratios
    #[arg(long, value_name = "NAME.KEY=LOW..HIGH", required = true)]
    free: Vec<String>,
    /// What a measure shall be, once for each: "exc.rate=5 Hz", exc.cv=0.9; `synfire analyse --help` defines measures
    #[arg(long, value_name = "POPULATION.MEASURE=VALUE", required = true)]
    target: Vec<String>,
    /// How near all targets must be, relative to them
    #[arg(long, value_name = "SHARE", default_value = "5 %")]
    tolerance: String,
    /// The most points that are tried
    #[arg(long, value_name = "POINTS", default_value_t = 2000)]
    most: usize,
    /// Points of a generation, which run side by side [default: 4 + 3 ln(n) of n free values, 8 at least]
    #[arg(long, value_name = "POINTS", value_parser = clap::value_parser!(u32).range(4..))]
    points: Option<u32>,
    /// How often the search begins anew where it is stuck, each time with twice the points
    #[arg(long, value_name = "TIMES", default_value_t = 4)]
    restarts: u32,
    /// The seed of the search, where it starts and steps; the network has its own (--seed)
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    search_seed: u64,
    #[command(flatten)]
    measuring: Measuring,
    #[command(flatten)]
    machine: Machine,
    #[command(flatten)]
    kept: Kept,
}

/// What is written beside the log.
#[derive(Serialize)]
struct Record {
    version: &'static str,
    network: String,
    reached: bool,
    evaluations: usize,
    tolerance: f64,
    /// By target: what was asked for, and what the best point has.
    targets: Vec<(String, f64, f64)>,
    /// By free value.
    best: Vec<(String, String)>,
    /// The largest relative distance from a target.
    off: f64,
    /// How the best point is run.
    run: String,
    /// As the fit was called.
    command: Vec<String>,
}

impl Fit {
    pub fn run(&self, signals: &Signals) -> Result<(), Failure> {
        let (search, name) = self.search()?;
        let folder = self.kept.folder("fit", &name);
        let mut log = Log::open(&folder, &search, self.kept.resume, self.kept.force)?;
        signals.heed();
        let (began, mut new, mut told) = (Instant::now(), 0usize, Instant::now());
        let before = std::mem::take(&mut log.known);
        if !self.kept.quiet && !before.is_empty() {
            say(format_args!("{} are in the log", counted(before.len() as u64, "point")));
        }
        let (mut all, mut unwritten) = (before.clone(), None);
        let found = search.run(&before, &mut |generation| {
            all.extend_from_slice(generation);
            new += generation.len();
            if let Err(failure) = log.add(generation) {
                unwritten = Some(failure);
                return ControlFlow::Break(());
            }
            if !self.kept.quiet && told.elapsed().as_secs() >= 10 {
                told = Instant::now();
                let s = began.elapsed().as_secs_f64();
                complain(format_args!(
                    "{}, {:.2} a second; best: {}",
                    counted(all.len() as u64, "point"),
                    new as f64 / s,
                    told_best(&all)
                ));
            }
            if signals.came().is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if let Some(failure) = unwritten {
            return Err(failure);
        }
        if let Some(signal) = signals.came().filter(|_| !found.reached) {
            let message = format!(
                "stopped by {}: {} are in `{}`\n  help: `--resume` goes on with it",
                signal.name,
                counted(all.len() as u64, "point"),
                folder.display()
            );
            return Err(Failure { code: signal.code(), message });
        }
        let run = found.best.as_ref().map_or(String::new(), |best| self.command(&search, best));
        self.write(&folder, &name, &search, &found, run.clone())?;
        if !self.kept.no_picture {
            for remark in pictures(&folder, &search, &all) {
                complain(format_args!("remark: {remark}"));
            }
        }
        self.say_what_came(&search, &found, &run, began.elapsed().as_secs_f64());
        match found.reached {
            true => Ok(()),
            false => Err(Failure {
                code: 1,
                message: format!(
                    "the targets were not reached within {} of each in {}\n  help: widen the bounds, free other values, allow more points (--most), or start elsewhere (--search-seed)",
                    share(search.within()),
                    counted(found.evaluations as u64, "point")
                ),
            }),
        }
    }

    fn search(&self) -> Result<(Search, String), Failure> {
        let (sweep, about, ranges) = self.measuring.sweep(&self.described, &self.machine)?;
        if let Some(axis) = ranges.first() {
            let help = "what the search may change is given by --free; --set has one value";
            return Err(Failure::input(format!("error: --set has several values for `{}`\n  help: {help}", axis.name())));
        }
        let mut search = Search::new(sweep).seed(self.search_seed).restarts(self.restarts).most(self.most).tolerance(self.near()?);
        if let Some(points) = self.points {
            search = search.population(points as usize);
        }
        for text in &self.free {
            search = search.free(text)?;
        }
        for text in &self.target {
            search = search.target(text)?;
        }
        Ok((search, about.network))
    }

    fn near(&self) -> Result<f64, Failure> {
        let text = self.tolerance.trim();
        let number = match text.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().map(|x| x / 100.0),
            None => text.parse(),
        };
        number.ok().filter(|x| *x > 0.0 && x.is_finite()).ok_or_else(|| {
            Failure::input(format!("error: --tolerance \"{text}\": expected a share above 0\n  help: such as \"5 %\" or 0.05"))
        })
    }

    /// The command that runs a point.
    fn command(&self, search: &Search, best: &Evaluation) -> String {
        let mut words = vec!["synfire run".to_string(), self.described.file.display().to_string()];
        let sets = self.described.set.iter().cloned();
        let own = search.axes().iter().zip(&best.values).flat_map(|(axis, value)| axis.changes(value));
        let own = own.map(|(address, value)| format!("{address}={value}"));
        words.extend(sets.chain(own).map(|set| format!("--set {set:?}")));
        let options = [("--dt", &self.described.dt), ("--seed", &self.described.seed), ("--duration", &self.measuring.duration)];
        words.extend(options.into_iter().filter_map(|(name, value)| Some(format!("{name} {:?}", value.as_deref()?))));
        words.join(" ")
    }

    fn write(&self, folder: &Path, name: &str, search: &Search, found: &Found, run: String) -> Result<(), Failure> {
        let best = found.best.as_ref();
        let targets = search.targets().iter().enumerate();
        let measured = |k: usize| best.map_or(f64::NAN, |best| best.measured[k]);
        let record = Record {
            version: env!("CARGO_PKG_VERSION"),
            network: name.to_string(),
            reached: found.reached,
            evaluations: found.evaluations,
            tolerance: search.within(),
            targets: targets.map(|(k, target)| (target.name.clone(), target.value, measured(k))).collect(),
            best: best.map_or(Vec::new(), |best| {
                search.axes().iter().zip(&best.values).map(|(axis, value)| (axis.name(), value.clone())).collect()
            }),
            off: best.map_or(f64::NAN, |best| best.off),
            run,
            command: std::env::args().collect(),
        };
        let text = serde_json::to_vec_pretty(&record).map_err(|e| Failure::disk(format!("error: {e}")))?;
        Ok(write_whole(folder.join(RESULT), |out| out.write_all(&text))?)
    }

    fn say_what_came(&self, search: &Search, found: &Found, run: &str, s: f64) {
        if self.kept.quiet {
            return;
        }
        say(format_args!("{} tried in {}", counted(found.evaluations as u64, "point"), seconds(s)));
        let Some(best) = &found.best else { return };
        for (target, x) in search.targets().iter().zip(&best.measured) {
            say(format_args!("  {}: {x:.6} of {}", target.name, target.value));
        }
        for (axis, value) in search.axes().iter().zip(&best.values) {
            say(format_args!("  {} = {value}", axis.name()));
        }
        say(run);
    }
}

fn share(x: f64) -> String {
    format!("{} %", (x * 1e6).round() / 1e4)
}

fn told_best(all: &[Evaluation]) -> String {
    let best = all.iter().map(|own| own.off).fold(f64::INFINITY, f64::min);
    if best.is_finite() { format!("{:.2} % off", 100.0 * best) } else { "nothing that can be measured".into() }
}

/// How near the best was as points were tried, and where they lay.
fn pictures(folder: &Path, search: &Search, all: &[Evaluation]) -> Vec<String> {
    let mut remarks = Vec::new();
    let mut draw = |name: &str, picture: Result<synfire::plot::Figure, PlotError>| {
        let saved = picture.and_then(|figure| {
            figure.save(folder.join(format!("{name}.svg")))?;
            figure.save(folder.join(format!("{name}.png")))
        });
        if let Err(error) = saved {
            remarks.push(format!("no picture `{name}`: {error}"));
        }
    };
    let numbers = |name: &str| Scale { name: name.into(), steps: Vec::new() };
    // of more than that it does not matter how much more it is
    let percent = |off: f64| if off.is_finite() { (100.0 * off).min(100.0) } else { 100.0 };
    let mut best = f64::INFINITY;
    let near: Vec<Place> = all
        .iter()
        .map(|own| {
            best = best.min(own.off);
            Place { x: own.number as f64, y: 0.0, value: percent(best) }
        })
        .collect();
    let asked: Vec<String> = search.targets().iter().map(|target| format!("{} = {}", target.name, target.value)).collect();
    let title = format!("the best point so far: {}", asked.join(", "));
    draw("progress", landscape(&near, &numbers("points tried"), None, "largest distance from a target (%)", Some(&title), 900));
    let column = |k: usize| -> Option<(Scale, Vec<f64>)> {
        let axis = search.axes().get(k)?;
        let texts: Vec<String> = all.iter().map(|own| own.values[k].clone()).collect();
        let (values, unit) = axis.numbers(&texts)?;
        let log = matches!(axis.values, Values::Range { log: true, .. });
        let name = if unit.is_empty() { axis.name() } else { format!("{} ({unit})", axis.name()) };
        Some(match log {
            true => (numbers(&format!("log10 of {name}")), values.iter().map(|x| x.abs().log10()).collect()),
            false => (numbers(&name), values),
        })
    };
    if let (Some((x, xs)), Some((y, ys))) = (column(0), column(1)) {
        let places: Vec<Place> =
            all.iter().zip(xs.iter().zip(&ys)).map(|(own, (x, y))| Place { x: *x, y: *y, value: percent(own.off) }).collect();
        let title = format!("points that were tried: {}", asked.join(", "));
        draw("points", landscape(&places, &x, Some(&y), "distance (%)", Some(&title), 900));
    }
    remarks
}

/// Every point that was tried, in a file that grows.
struct Log {
    table: Growing,
    units: Vec<String>,
    known: Vec<Evaluation>,
}

impl Log {
    fn open(folder: &Path, search: &Search, resume: bool, force: bool) -> Result<Log, Failure> {
        let refused = |why: &str, help: &str| Failure::input(format!("error: `{}` {why}\n  help: {help}", folder.display()));
        let place = folder.join(LOG);
        if folder.exists() && !folder.is_dir() {
            return Err(refused("is a file", "name a folder with --out"));
        }
        let empty = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
        if !empty && !place.is_file() {
            return Err(refused("holds what is not a fit's", "choose another folder with --out"));
        }
        if !empty && !resume && !force {
            return Err(refused(
                "holds an older fit",
                "go on with it (--resume), replace it (--force), or choose another folder with --out",
            ));
        }
        let table = Growing::open(folder, LOG, "fit", !resume)?;
        let unit = |values: &Values| match values {
            Values::Range { unit, .. } => unit.clone(),
            Values::List(_) => String::new(),
        };
        let units: Vec<String> = search.axes().iter().map(|axis| unit(&axis.values)).collect();
        let mut log = Log { table, units, known: Vec::new() };
        let text = log.table.lines()?;
        match text.is_empty() {
            true => log.table.add(&[log.header(search)])?,
            false => log.read_back(&text, search)?,
        }
        Ok(log)
    }

    fn header(&self, search: &Search) -> Vec<String> {
        let free = search.axes().iter().zip(&self.units).map(|(axis, unit)| match unit.is_empty() {
            true => axis.name(),
            false => format!("{} ({unit})", axis.name()),
        });
        let first = ["point", "restart", "generation"].map(String::from).into_iter();
        let measured = search.targets().iter().map(|target| target.name.clone());
        first.chain(free).chain(measured).chain(["off", "cost", "fault"].map(String::from)).collect()
    }

    /// Whole generations; what was cut off behind them is taken away.
    fn read_back(&mut self, text: &[u8], search: &Search) -> Result<(), Failure> {
        let wrong = |what: String| {
            let help =
                "the log of another fit cannot be gone on with: choose another folder with --out, or start anew with --force";
            Failure::input(format!("error: `{}`: {what}\n  help: {help}", self.table.place().display()))
        };
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
        let (free, targets) = (search.axes().len(), search.targets().len());
        let mut lines = reader.records();
        let Some(head) = lines.next() else { return Ok(()) };
        let head: Vec<String> = head.map_err(|e| wrong(e.to_string()))?.iter().map(ToString::to_string).collect();
        if head != self.header(search) {
            return Err(wrong("its free values or targets are others".into()));
        }
        let mut ends: Vec<u64> = Vec::new();
        for line in lines {
            let line = line.map_err(|e| wrong(e.to_string()))?;
            let place = line.position().map_or(0, csv::Position::line);
            let number = |k: usize| -> Result<f64, Failure> {
                let cell = line.get(k).unwrap_or_default();
                let read = if cell.is_empty() { Ok(f64::NAN) } else { cell.parse() };
                read.map_err(|e: std::num::ParseFloatError| wrong(format!("line {place}: `{cell}`: {e}")))
            };
            let value = |k: usize| {
                let cell = line.get(3 + k).unwrap_or_default();
                if self.units[k].is_empty() { cell.to_string() } else { format!("{cell} {}", self.units[k]) }
            };
            let fault = line.get(3 + free + targets + 2).filter(|text| !text.is_empty()).map(String::from);
            self.known.push(Evaluation {
                number: number(0)? as usize,
                restart: number(1)? as u32,
                generation: number(2)? as u32,
                values: (0..free).map(value).collect(),
                measured: (0..targets).map(|k| number(3 + free + k)).collect::<Result<_, _>>()?,
                off: number(3 + free + targets)?,
                cost: number(3 + free + targets + 1)?,
                fault,
            });
            ends.push(line.position().map_or(0, csv::Position::byte));
        }
        // a generation is written at once, and may be cut off
        let lambda = |restart: u32| search.lambda() << restart.min(10);
        let mut kept = 0;
        while let Some(first) = self.known.get(kept) {
            let size = lambda(first.restart);
            if kept + size > self.known.len() {
                break;
            }
            kept += size;
        }
        let end = ends.get(kept).copied().unwrap_or(text.len() as u64);
        self.known.truncate(kept);
        self.table.cut(end)
    }

    fn add(&mut self, generation: &[Evaluation]) -> Result<(), Failure> {
        let told = |x: f64| if x.is_nan() { String::new() } else { x.to_string() };
        let bare = |text: &String, unit: &String| text.strip_suffix(unit.as_str()).unwrap_or(text).trim().to_string();
        let line = |own: &Evaluation| {
            let mut out = vec![own.number.to_string(), own.restart.to_string(), own.generation.to_string()];
            out.extend(own.values.iter().zip(&self.units).map(|(text, unit)| bare(text, unit)));
            out.extend(own.measured.iter().map(|x| told(*x)));
            out.extend([told(own.off), told(own.cost), own.fault.clone().unwrap_or_default()]);
            out
        };
        self.table.add(&generation.iter().map(line).collect::<Vec<_>>())
    }
}
