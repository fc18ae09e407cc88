//! Pictures of a sweep: what was measured over one value or two.

use std::path::Path;

use synfire::analysis::Measure;
use synfire::plot::{Figure, Place, PlotError, Scale, landscape};
use synfire::sweep::{Axis, Design, Point, Sweep as Runs};

use super::table::Table;

/// So many pictures are drawn.
const MOST: usize = 24;
/// More values of an axis than these are numbers on it, not steps.
const STEPS: usize = 400;

/// Draws each measure of each population into a folder; gives what could not be drawn.
pub fn draw(runs: &Runs, points: &[Point], table: &Table, folder: &Path, measures: &[Measure]) -> Vec<String> {
    let mut remarks = Vec::new();
    let all = keys(table, measures).len();
    if all > MOST {
        remarks.push(format!("pictures are of the first {MOST} of {all} measures"));
    }
    for (key, picture) in figures(runs, points, table, measures, 900) {
        let drawn = picture.and_then(|figure| {
            let file: String = key.chars().map(|c| if c.is_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
            figure.save(folder.join(format!("{file}.svg")))?;
            figure.save(folder.join(format!("{file}.png")))
        });
        if let Err(error) = drawn {
            remarks.push(format!("no picture of {key}: {error}"));
        }
    }
    remarks
}

/// The first number of each measure of each population.
fn keys<'t>(table: &'t Table, measures: &[Measure]) -> Vec<&'t String> {
    let wanted = |key: &&String| {
        let plain = key.rsplit_once('.').map_or(key.as_str(), |(_, plain)| plain);
        measures.iter().map(|m| m.key()).any(|known| plain == known || known.ends_with('_') && plain.starts_with(known))
    };
    table.keys.iter().filter(wanted).collect()
}

/// A picture of each, so many pixels wide.
pub fn figures(
    runs: &Runs,
    points: &[Point],
    table: &Table,
    measures: &[Measure],
    width: u32,
) -> Vec<(String, Result<Figure, PlotError>)> {
    let axes = runs.axes();
    let (Some(x), y) = (axes.first(), axes.get(1)) else { return Vec::new() };
    let grid = *runs.designed() == Design::Grid;
    let (across, places_x) = scale(x, 0, points, grid);
    let up = y.map(|y| scale(y, 1, points, grid));
    let others: Vec<String> = axes.iter().skip(2).map(Axis::name).collect();
    let picture = |key: &String| {
        let places: Vec<Place> = table
            .rows
            .iter()
            .zip(&places_x)
            .enumerate()
            .map(|(k, (row, x))| Place {
                x: *x,
                y: up.as_ref().map_or(0.0, |(_, places)| places[k]),
                value: row.number(key).unwrap_or(f64::NAN),
            })
            .collect();
        let title = match others.is_empty() {
            true => key.clone(),
            false => format!("{key}, mean over {}", others.join(", ")),
        };
        let name = key.rsplit_once('.').map_or(key.as_str(), |(_, plain)| plain);
        landscape(&places, &across, up.as_ref().map(|(scale, _)| scale), &printed(name), Some(&title), width)
    };
    keys(table, measures).into_iter().take(MOST).map(|key| (key.clone(), picture(key))).collect()
}

/// `rate_mean_hz` as `rate mean (Hz)`.
fn printed(key: &str) -> String {
    match key.strip_suffix("_hz") {
        Some(key) => format!("{} (Hz)", key.replace('_', " ")),
        None => key.replace('_', " "),
    }
}

/// An axis of a picture, and where each point stands on it.
fn scale(axis: &Axis, number: usize, points: &[Point], grid: bool) -> (Scale, Vec<f64>) {
    let texts: Vec<String> = points.iter().map(|point| point.values[number].clone()).collect();
    let numbers = axis.numbers(&texts);
    let name = match &numbers {
        Some((_, unit)) if !unit.is_empty() => format!("{} ({unit})", axis.name()),
        _ => axis.name(),
    };
    let mut distinct: Vec<&String> = Vec::new();
    texts.iter().for_each(|text| {
        if !distinct.contains(&text) && distinct.len() <= STEPS {
            distinct.push(text)
        }
    });
    match numbers {
        Some((numbers, _)) if !grid || distinct.len() > STEPS => (Scale { name, steps: Vec::new() }, numbers),
        numbers => {
            let place = |text: &String| distinct.iter().position(|known| *known == text).map_or(f64::NAN, |k| k as f64);
            let label = |text: &&String| {
                let k = texts.iter().position(|known| known == *text).unwrap_or(0);
                numbers.as_ref().map_or_else(|| (*text).clone(), |(numbers, _)| numbers[k].to_string())
            };
            (Scale { name, steps: distinct.iter().map(label).collect() }, texts.iter().map(place).collect())
        }
    }
}
