//! `synfire sweep`: a network over ranges of its values, a table of measures, pictures of it.
//!
//! In: a network file, ranges. Out: a folder with one table (CSV and npz), pictures and a record; while it runs, a table that grows
//! batch by batch, so that a sweep that ended goes on where it was. Not here: which points there are and what runs together
//! (`synfire::sweep`).

mod page;
mod pictures;
mod table;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, Parser as _};
use synfire::analysis::Measure;
use synfire::network::Network;
use synfire::plot::page::Page;
use synfire::sweep::{Axis, Design, Point, Said, Sweep as Runs, Values};

use super::machine::Machine;
use super::measuring::{About, Kept, Measuring};
use super::signals::Signals;
use super::{Cli, Described, Failure, Verb, complain, counted, grouped, say, seconds};
use table::Folder;

#[derive(Args)]
pub struct Sweep {
    #[command(flatten)]
    described: Described,
    /// What is measured of each point: rate, cv, cv2, lv, lvr, fano, correlation, synchrony, spectrum; `synfire analyse --help` defines them
    #[arg(long, visible_alias = "measures", value_delimiter = ',', value_name = "LIST", default_value = "rate,cv")]
    measure: Vec<Measure>,
    /// Draw so many points from the ranges, each value by itself; --seed says which
    #[arg(long, value_name = "POINTS", conflicts_with_all = ["latin", "list"])]
    random: Option<usize>,
    /// The same as a Latin hypercube: each range in as many parts as there are points, each met once
    #[arg(long, value_name = "POINTS", conflicts_with = "list")]
    latin: Option<usize>,
    /// These points: a CSV table whose first line names what each column changes
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    #[command(flatten)]
    measuring: Measuring,
    #[command(flatten)]
    machine: Machine,
    /// The most points that run at once, and that are lost where it is cut off [default: 64, on a GPU 1024, as far as memory holds them]
    #[arg(long, value_name = "POINTS", value_parser = clap::value_parser!(u32).range(1..))]
    batch: Option<u32>,
    #[command(flatten)]
    kept: Kept,
    /// Run this point of the table alone, as `synfire run` does, with its raster, into DIR/point-N; the file may be the folder of the sweep
    #[arg(long, value_name = "N")]
    point: Option<usize>,
    /// Say what would run together, and run nothing
    #[arg(long)]
    dry_run: bool,
}

impl Sweep {
    pub fn run(self, signals: &Signals) -> Result<(), Failure> {
        if self.described.file.is_dir() {
            return self.of_folder(signals);
        }
        let (runs, about) = self.runs()?;
        let points = runs.points()?;
        let folder = self.kept.folder("sweep", &about.network);
        if let Some(number) = self.point {
            return self.one(&runs, &points, number, &folder, signals);
        }
        let arranged = runs.check()?;
        if !self.kept.quiet {
            say(format_args!("{}: {arranged}", about.network));
        }
        if self.dry_run {
            return Ok(());
        }
        signals.heed();
        let heard = signals.clone();
        let runs = runs.until(move || heard.came().is_some());
        let mut folder = Folder::open(&folder, about, &runs, &points, self.kept.resume, self.kept.force)?;
        let done = folder.done().clone();
        if !self.kept.quiet && !done.is_empty() {
            let all = grouped(points.len() as u64);
            say(format_args!("{} of {all} points are there already", grouped(done.len() as u64)));
        }
        self.all(&runs, &points, &done, &mut folder, signals)?;
        let table = folder.finish(&points)?;
        if !self.kept.no_picture {
            let drawn = pictures::draw(&runs, &points, &table, folder.path(), &self.measure);
            drawn.into_iter().for_each(|remark| complain(format_args!("remark: {remark}")));
        }
        if !self.kept.quiet {
            let faults = table.faults();
            if faults > 0 {
                complain(format_args!("remark: {} failed; the column `fault` says why", counted(faults as u64, "point")));
            }
            say(format_args!("written to {}: {}", folder.path().display(), folder.files().join(", ")));
        }
        Ok(())
    }

    /// Runs what is not done, and tells how far it is.
    fn all(
        &self,
        runs: &Runs,
        points: &[Point],
        done: &BTreeSet<usize>,
        folder: &mut Folder,
        signals: &Signals,
    ) -> Result<(), Failure> {
        let (began, mut new, mut told) = (Instant::now(), 0usize, Instant::now());
        let mut unwritten = None;
        let left = points.len() - done.len();
        runs.run(done, &mut |said| {
            let Said::Rows(rows) = said else { return ControlFlow::Continue(()) };
            new += rows.len();
            if let Err(failure) = folder.add(&rows) {
                unwritten = Some(failure);
                return ControlFlow::Break(());
            }
            if !self.kept.quiet && (told.elapsed().as_secs() >= 10 || new == left) {
                told = Instant::now();
                let s = began.elapsed().as_secs_f64();
                let (all, rate) = (grouped(left as u64), new as f64 / s.max(1e-9));
                let rest = seconds((left - new) as f64 / rate.max(1e-9));
                complain(format_args!("{} of {all} points, {rate:.3} a second, {rest} left", grouped(new as u64)));
            }
            if signals.came().is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if let Some(failure) = unwritten {
            return Err(failure);
        }
        if let Some(signal) = signals.came().filter(|_| new < left) {
            let message = format!(
                "stopped by {}: {} of {} points are in `{}`\n  help: `--resume` goes on with it",
                signal.name,
                grouped((done.len() + new) as u64),
                grouped(points.len() as u64),
                folder.path().display()
            );
            return Err(Failure { code: signal.code(), message });
        }
        Ok(())
    }

    /// The command that made a folder, once more.
    fn of_folder(self, signals: &Signals) -> Result<(), Failure> {
        let folder = self.described.file.clone();
        let mut again = again(&folder)?;
        again.kept.out = Some(folder);
        again.point = self.point;
        (again.kept.resume, again.kept.force, again.kept.quiet) = (self.point.is_none(), false, self.kept.quiet);
        again.run(signals)
    }

    /// What is swept, and what the record says of it.
    fn runs(&self) -> Result<(Runs, About), Failure> {
        let (mut runs, about, axes) = self.measuring.sweep(&self.described, &self.machine)?;
        let plain = Network::load(&self.described.file).map_err(Failure::input)?;
        let seed = self.described.seed.as_deref().and_then(|seed| seed.parse().ok()).or(plain.seed).unwrap_or(0);
        let design = match (self.random, self.latin, &self.list) {
            (Some(points), ..) => Design::Random { points, seed },
            (_, Some(points), _) => Design::Latin { points, seed },
            (_, _, Some(file)) if axes.is_empty() => table::list(file)?,
            (_, _, Some(_)) => {
                return Err(Failure::input("error: --list has all that changes from point to point, so --set has one value each"));
            }
            _ => Design::Grid,
        };
        if axes.is_empty() && self.list.is_none() && self.measuring.repeat == 1 {
            let help =
                "give ranges or lists: --set \"exc.g_leak=8 nS..12 nS:25\" --set \"exc -> exc.weight=2 nS, 4 nS\", or --repeat";
            return Err(Failure::input(format!("error: nothing is swept\n  help: {help}")));
        }
        for axis in axes {
            runs = runs.over(axis)?;
        }
        let mut measures = self.measure.clone();
        let mut seen = Vec::new();
        measures.retain(|measure| {
            !seen.contains(measure) && {
                seen.push(*measure);
                true
            }
        });
        runs = runs.design(design)?.measures(measures);
        if let Some(batch) = self.batch {
            runs = runs.batch(batch as usize);
        }
        Ok((runs, about))
    }

    /// One point as a run of its own.
    fn one(&self, runs: &Runs, points: &[Point], number: usize, folder: &Path, signals: &Signals) -> Result<(), Failure> {
        let Some(point) = points.get(number) else {
            let last = points.len() - 1;
            return Err(Failure::input(format!(
                "error: there is no point {number}\n  help: the points of this sweep are 0 to {last}"
            )));
        };
        let plain = Network::load(&self.described.file).map_err(Failure::input)?;
        let set = |(address, value): (&str, &str)| format!("{address}={value}");
        let mut sets = Vec::new();
        for text in &self.described.set {
            let axis = Axis::parse(text, &plain)?;
            let Values::List(list) = &axis.values else { continue };
            if list.len() == 1 {
                sets.extend(axis.changes(&list[0]).map(set));
            }
        }
        sets.extend(runs.axes().iter().zip(&point.values).flat_map(|(axis, value)| axis.changes(value).map(set)));
        let seeded = point.repeat > 0 || self.described.seed.is_some();
        if point.repeat > 0 {
            sets.retain(|set| !set.starts_with("seed="));
        }
        let mut words: Vec<String> = vec!["synfire".into(), "run".into(), self.described.file.display().to_string()];
        let mut option = |name: &str, value: String| words.extend([name.to_string(), value]);
        sets.into_iter().for_each(|set| option("--set", set));
        self.described.dt.iter().for_each(|dt| option("--dt", dt.clone()));
        if seeded {
            option("--seed", runs.network(point)?.seed.unwrap_or(0).to_string());
        }
        self.measuring.duration.iter().for_each(|duration| option("--duration", duration.clone()));
        option("--out", folder.join(format!("point-{number}")).display().to_string());
        words.extend(self.machine.words());
        words.push("--force".into());
        let Verb::Run(run) = Cli::try_parse_from(&words).map_err(|e| Failure::input(e.to_string()))?.verb else {
            return Err(Failure::input("error: the point is no run"));
        };
        if !self.kept.quiet {
            let quoted = words.iter().map(|word| if word.contains([' ', '>', '"']) { format!("{word:?}") } else { word.clone() });
            say(quoted.collect::<Vec<_>>().join(" "));
        }
        run.run(signals)
    }
}

/// The command that made a folder, as it is read again.
fn again(folder: &Path) -> Result<Box<Sweep>, Failure> {
    let command = table::command(folder)?;
    let wrong = |e: clap::Error| Failure::input(format!("error: the record of `{}` is not of this version: {e}", folder.display()));
    match Cli::try_parse_from(command).map_err(wrong)?.verb {
        Verb::Sweep(again) if !again.described.file.is_dir() => Ok(again),
        Verb::Sweep(_) => Err(Failure::input("error: the record of the sweep names a folder, not a network file")),
        _ => Err(Failure::input(format!("error: `{}` is not the folder of a sweep", folder.display()))),
    }
}

/// The page of a sweep that is whole; `None`: it is not the folder of a sweep.
///
/// **Errors** a sweep that was cut off, a network file that is no longer there.
pub fn page_of(folder: &Path) -> Result<Option<Page>, Failure> {
    let Ok(command) = table::command(folder) else { return Ok(None) };
    let sweep = again(folder)?;
    let (runs, about) = sweep.runs()?;
    let points = runs.points()?;
    let rows = table::read(folder, runs.axes().len())?;
    Ok(Some(page::page(&runs, &about, &points, &rows, &sweep.measure, &command)))
}
