//! The folder of a sweep: its record, the table that grows while it runs, the table at its end.
//!
//! `sweep.json` says what was asked for. `points.csv` grows by a batch at a time, each confirmed by the disk before the next one
//! runs; of a line that was cut off nothing is believed. `table.csv` and `table.npz` are written whole when all points are there, in
//! the order of the points, and `points.csv` goes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use synfire::recording::file::write_whole;
use synfire::recording::npz::write_columns;
use synfire::sweep::{Design, Point, Row, Sweep as Runs};

use super::super::Failure;
use super::super::growing::{Growing, text};
use super::super::measuring::About;

const RECORD: &str = "sweep.json";
const POINTS: &str = "points.csv";
const TABLE: &str = "table.csv";
const ARRAYS: &str = "table.npz";

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Record {
    version: String,
    /// Of the first point's network, tables included.
    network_hash: String,
    about: About,
    swept: Vec<Swept>,
    points: usize,
    /// Of all values of all points, so that a sweep goes on with its own.
    points_hash: String,
    measures: Vec<String>,
    /// As it was called.
    command: Vec<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Swept {
    address: String,
    /// Of the numbers in the table; `null`: they are texts.
    unit: Option<String>,
}

/// A sweep on the disk.
pub struct Folder {
    path: PathBuf,
    growing: Growing,
    /// Names of the columns, once they are known.
    header: Option<Vec<String>>,
    heads: Vec<String>,
    units: Vec<Option<String>>,
    rows: BTreeMap<usize, Row>,
    done: BTreeSet<usize>,
    points: BTreeMap<usize, Point>,
}

/// All points, in order.
pub struct Table {
    pub rows: Vec<Row>,
    /// Keys of what was measured.
    pub keys: Vec<String>,
}

impl Table {
    pub fn faults(&self) -> usize {
        self.rows.iter().filter(|row| row.fault.is_some()).count()
    }
}

impl Folder {
    /// **Errors** a folder that holds something else, another sweep, or one that another process writes.
    pub fn open(path: &Path, about: About, runs: &Runs, points: &[Point], resume: bool, force: bool) -> Result<Folder, Failure> {
        let swept: Vec<Swept> = (0..runs.axes().len()).map(|k| swept(runs, points, k)).collect();
        let record = Record {
            version: env!("CARGO_PKG_VERSION").into(),
            network_hash: runs.hash(&points[0])?,
            about,
            points: points.len(),
            points_hash: points_hash(points),
            measures: runs.measured().iter().map(ToString::to_string).collect(),
            command: std::env::args().collect(),
            swept,
        };
        may_be_used(path, &record, resume, force)?;
        if resume && is_whole(path) {
            // nothing is left to run; its table is written once more, and what a kill kept from being drawn is drawn
            fs::rename(path.join(TABLE), path.join(POINTS)).map_err(|e| Failure::write(path, &e))?;
        }
        let growing = Growing::open(path, POINTS, "sweep", !resume)?;
        if !resume {
            for old in [TABLE, ARRAYS] {
                remove(&path.join(old))?;
            }
        }
        if !(resume && path.join(RECORD).exists()) {
            let text = serde_json::to_vec_pretty(&record).map_err(|e| Failure::disk(format!("error: {e}")))?;
            write_whole(path.join(RECORD), |out| out.write_all(&text))?;
        }
        let heads = runs.axes().iter().zip(&record.swept).map(|(axis, swept)| match swept.unit.as_deref() {
            None | Some("") => axis.name(),
            Some(unit) => format!("{} ({unit})", axis.name()),
        });
        let mut folder = Folder {
            heads: heads.collect(),
            units: record.swept.iter().map(|swept| swept.unit.clone()).collect(),
            path: path.to_path_buf(),
            growing,
            header: None,
            rows: BTreeMap::new(),
            done: BTreeSet::new(),
            points: points.iter().map(|point| (point.number, point.clone())).collect(),
        };
        folder.read_back()?;
        Ok(folder)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn done(&self) -> &BTreeSet<usize> {
        &self.done
    }

    /// What is there when it is over.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Reads the rows of a sweep that goes on.
    fn read_back(&mut self) -> Result<(), Failure> {
        let text = self.growing.lines()?;
        let (header, rows) = parsed(self.growing.place(), &text, 2 + self.heads.len())?;
        self.header = header;
        for row in rows {
            self.done.insert(row.point);
            self.rows.insert(row.point, row);
        }
        Ok(())
    }

    /// Adds a batch, confirmed by the disk.
    pub fn add(&mut self, rows: &[Row]) -> Result<(), Failure> {
        let mut lines = Vec::new();
        // a batch whose points all failed does not know what is measured
        if self.header.is_none() {
            let Some(first) = rows.iter().find(|row| row.fault.is_none()) else {
                rows.iter().for_each(|row| drop(self.rows.insert(row.point, row.clone())));
                return Ok(());
            };
            let header = self.header_of(&first.numbers.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>());
            lines.push(header.clone());
            self.header = Some(header);
            // what waited for it
            lines.extend(self.rows.values().map(|row| self.cells(row)));
        }
        for row in rows {
            lines.push(self.cells(row));
            self.rows.insert(row.point, row.clone());
        }
        self.growing.add(&lines)
    }

    fn header_of(&self, keys: &[String]) -> Vec<String> {
        let before = ["point".to_string(), "repeat".into()];
        before.iter().chain(&self.heads).chain(keys).cloned().chain(["fault".into()]).collect()
    }

    /// Keys of what is measured.
    fn keys(&self) -> Vec<String> {
        let before = 2 + self.heads.len();
        self.header.as_ref().map_or_else(Vec::new, |header| header[before..header.len() - 1].to_vec())
    }

    fn cells(&self, row: &Row) -> Vec<String> {
        let point = self.points.get(&row.point);
        let mut out = vec![row.point.to_string(), point.map_or(String::new(), |p| p.repeat.to_string())];
        let values = point.map_or(&[][..], |p| &p.values[..]);
        out.extend(values.iter().zip(&self.units).map(|(text, unit)| number_text(text, unit.as_deref())));
        let told = |x: f64| if x.is_nan() { String::new() } else { x.to_string() };
        out.extend(self.keys().iter().map(|key| row.number(key).map_or(String::new(), told)));
        out.push(row.fault.clone().unwrap_or_default());
        out
    }

    /// Writes the table in the order of its points.
    ///
    /// **Errors** the disk: what grew is there still.
    pub fn finish(&mut self, points: &[Point]) -> Result<Table, Failure> {
        let rows: Vec<Row> = points.iter().filter_map(|point| self.rows.get(&point.number).cloned()).collect();
        let keys = self.keys();
        let header = self.header.clone().unwrap_or_else(|| self.header_of(&keys));
        let lines: Vec<Vec<String>> = std::iter::once(header).chain(rows.iter().map(|row| self.cells(row))).collect();
        let text = text(&lines)?;
        write_whole(self.path.join(TABLE), |out| out.write_all(&text))?;
        let mut columns: Vec<(String, Vec<f64>)> = vec![("point".into(), rows.iter().map(|row| row.point as f64).collect())];
        columns.push(("repeat".into(), points.iter().map(|point| f64::from(point.repeat)).collect()));
        for (k, (head, unit)) in self.heads.iter().zip(&self.units).enumerate() {
            // of texts which of the distinct ones it is, in the order in which they come
            let mut seen: Vec<&str> = Vec::new();
            let column = points.iter().map(|point| match unit {
                Some(unit) => number_text(&point.values[k], Some(unit)).parse().unwrap_or(f64::NAN),
                None => {
                    let text = point.values[k].as_str();
                    let place = seen.iter().position(|known| *known == text);
                    place.unwrap_or_else(|| {
                        seen.push(text);
                        seen.len() - 1
                    }) as f64
                }
            });
            columns.push((head.clone(), column.collect()));
        }
        for key in &keys {
            columns.push((key.clone(), rows.iter().map(|row| row.number(key).unwrap_or(f64::NAN)).collect()));
        }
        write_columns(&self.path.join(ARRAYS), &columns)?;
        remove(self.growing.place())?;
        Ok(Table { rows, keys })
    }
}

/// The names of the columns, and a row for each line below; `before`: columns that are not measured.
fn parsed(place: &Path, text: &[u8], before: usize) -> Result<(Option<Vec<String>>, Vec<Row>), Failure> {
    let wrong = |what: String| Failure::input(format!("error: `{}`: {what}\n  help: start anew with --force", place.display()));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let (mut header, mut rows) = (None::<Vec<String>>, Vec::new());
    for (number, line) in reader.records().enumerate() {
        let line = line.map_err(|e| wrong(e.to_string()))?;
        let cells: Vec<&str> = line.iter().collect();
        let Some(header) = &header else {
            header = Some(cells.iter().map(ToString::to_string).collect());
            continue;
        };
        if cells.len() != header.len() || cells.len() < before + 1 {
            return Err(wrong(format!("line {} has {} cells, expected {}", number + 1, cells.len(), header.len())));
        }
        let point: usize = cells[0].parse().map_err(|e| wrong(format!("line {}: {e}", number + 1)))?;
        let fault = Some(cells[cells.len() - 1].to_string()).filter(|fault| !fault.is_empty());
        let keys = &header[before..header.len() - 1];
        let number_of = |cell: &str| if cell.is_empty() { Ok(f64::NAN) } else { cell.parse::<f64>() };
        let mut numbers = Vec::with_capacity(keys.len());
        for (key, cell) in keys.iter().zip(&cells[before..]) {
            numbers.push((key.clone(), number_of(cell).map_err(|e| wrong(format!("line {}: {e}", number + 1)))?));
        }
        if fault.is_some() {
            numbers.clear();
        }
        rows.push(Row { point, numbers, fault });
    }
    Ok((header, rows))
}

/// The table of a sweep that is whole.
///
/// **Errors** a folder without one.
pub fn read(folder: &Path, axes: usize) -> Result<Table, Failure> {
    let place = folder.join(TABLE);
    let text = fs::read(&place).map_err(|e| {
        Failure::input(format!("error: `{}`: {e}\n  help: a sweep that was cut off goes on with --resume", place.display()))
    })?;
    let before = 2 + axes;
    let (header, rows) = parsed(&place, &text, before)?;
    let keys = header.map_or_else(Vec::new, |header| header[before..header.len() - 1].to_vec());
    Ok(Table { rows, keys })
}

/// A quantity as a number of the column's unit; other texts as they are.
fn number_text(text: &str, unit: Option<&str>) -> String {
    let number = unit.and_then(|unit| synfire::sweep::in_unit_of(text, unit));
    number.map_or_else(|| text.to_string(), |number| number.to_string())
}

fn swept(runs: &Runs, points: &[Point], k: usize) -> Swept {
    let axis = &runs.axes()[k];
    let texts: Vec<String> = points.iter().map(|point| point.values[k].clone()).collect();
    Swept { address: axis.name(), unit: axis.numbers(&texts).map(|(_, unit)| unit) }
}

fn remove(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::write(path, &error)),
        _ => Ok(()),
    }
}

fn points_hash(points: &[Point]) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for point in points {
        hash.update(format!("{}\u{0}{}\n", point.values.join("\u{1}"), point.repeat));
    }
    format!("{:x}", hash.finalize())
}

fn recorded(path: &Path) -> Option<Record> {
    serde_json::from_slice(&fs::read(path.join(RECORD)).ok()?).ok()
}

/// How a sweep was called.
///
/// **Errors** a folder that is none of a sweep.
pub fn command(path: &Path) -> Result<Vec<String>, Failure> {
    let help = "name a network file, or the folder that `synfire sweep` wrote";
    let none = || Failure::input(format!("error: `{}` is a folder without `{RECORD}`\n  help: {help}", path.display()));
    Ok(recorded(path).ok_or_else(none)?.command)
}

/// Does a folder hold the table of all points?
fn is_whole(path: &Path) -> bool {
    path.join(TABLE).exists() && !path.join(POINTS).exists()
}

fn may_be_used(path: &Path, record: &Record, resume: bool, force: bool) -> Result<(), Failure> {
    let refused = |why: String, help: &str| Failure::input(format!("error: `{}` {why}\n  help: {help}", path.display()));
    if path.exists() && !path.is_dir() {
        return Err(refused("is a file".into(), "name a folder with --out"));
    }
    let empty = fs::read_dir(path).map_or(true, |mut entries| entries.next().is_none());
    if empty {
        return Ok(());
    }
    let Some(known) = recorded(path) else {
        return Err(refused("holds what is not a sweep's".into(), "choose another folder with --out"));
    };
    if force {
        return Ok(());
    }
    if !resume {
        let (what, help) = match is_whole(path) {
            true => ("holds an older sweep", "choose another folder with --out, or replace it with --force"),
            false => ("holds a sweep that was cut off", "go on with it (--resume), or replace it (--force)"),
        };
        return Err(refused(what.into(), help));
    }
    let other = match (known.network_hash != record.network_hash, known.about == record.about) {
        // the network that is compared is that of the first point
        _ if known.points_hash != record.points_hash || known.swept != record.swept => Some("its points are others"),
        (true, _) => Some("the network is another one"),
        (false, false) => Some("engine, precision, duration, window or bins are others"),
        _ if known.measures != record.measures => Some("other measures were taken"),
        _ if known.version != record.version => Some("another version of synfire made it"),
        _ => None,
    };
    match other {
        Some(why) => Err(refused(
            format!("cannot be gone on with: {why}"),
            "ask for the same as before, or choose another folder with --out",
        )),
        None => Ok(()),
    }
}

/// The points of a table: its first line names what each column changes.
pub fn list(file: &Path) -> Result<Design, Failure> {
    let wrong = |what: String| {
        let help = "a CSV table such as: exc.g_leak,exc -> exc.weight, and below it: 8 nS,4 nS";
        Failure::input(format!("error: `{}`: {what}\n  help: {help}", file.display()))
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(file).map_err(|e| wrong(e.to_string()))?;
    let addresses: Vec<String> = reader.headers().map_err(|e| wrong(e.to_string()))?.iter().map(ToString::to_string).collect();
    if addresses.iter().any(String::is_empty) {
        return Err(wrong("its first line names what each column changes".into()));
    }
    let mut rows = Vec::new();
    for line in reader.records() {
        rows.push(line.map_err(|e| wrong(e.to_string()))?.iter().map(ToString::to_string).collect());
    }
    if rows.is_empty() {
        return Err(wrong("it has no point".into()));
    }
    Ok(Design::List { addresses, rows })
}
