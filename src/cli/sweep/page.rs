//! A sweep as one page: what was swept, what was measured, its pictures.
//!
//! In: the folder of a sweep that is whole. Out: a page. Not here: how pages look (`synfire::plot::page`).

use synfire::analysis::Measure;
use synfire::plot::page::{Page, Section, Table};
use synfire::sweep::{Axis, Point, Sweep as Runs};

use super::super::counted;
use super::super::measuring::About;
use super::pictures;
use super::table::Table as Rows;

/// Pixels of figures on wide screens, and on narrow ones.
const WIDE: u32 = 900;
const NARROW: u32 = 360;

/// `rows`: the table; `command`: how it was made.
pub fn page(runs: &Runs, about: &About, points: &[Point], rows: &Rows, measures: &[Measure], command: &[String]) -> Page {
    let names: Vec<String> = runs.axes().iter().map(Axis::name).collect();
    let lead = format!(
        "{}, each {} ms of the network `{}` on {}, over {}.",
        counted(points.len() as u64, "point"),
        about.duration_ms,
        about.network,
        about.machine,
        if names.is_empty() { "seeds".into() } else { format!("`{}`", names.join("`, `")) }
    );
    let mut swept = Table::new(["value", "from", "to", "distinct values"]);
    for (k, name) in names.iter().enumerate() {
        let mut distinct: Vec<&str> = Vec::new();
        points.iter().map(|point| point.values[k].as_str()).for_each(|text| {
            if !distinct.contains(&text) {
                distinct.push(text);
            }
        });
        let ends = [distinct.first(), distinct.last()].map(|end| end.map_or("", |text| *text).to_string());
        let [from, to] = ends;
        swept = swept.row([(*name).to_string(), from, to, distinct.len().to_string()]);
    }
    let swept = swept.caption("What changes from point to point, in the order of the table.");
    let mut page = Page::new(format!("Sweep of {}", about.network)).lead(lead);
    page = page.section(Section::new("What was swept").table(swept)).section(summary(rows));
    let (wide, narrow) =
        (pictures::figures(runs, points, rows, measures, WIDE), pictures::figures(runs, points, rows, measures, NARROW));
    for ((key, wide), (_, narrow)) in wide.into_iter().zip(narrow) {
        // what cannot be said at any point has no picture
        let Ok(wide) = wide else { continue };
        let caption = match names.len() {
            0 | 1 => format!("{key} of each point; the line joins means of what has one place."),
            2 => format!("{key}: a cell is the mean over repetitions; white, it cannot be said."),
            _ => format!("{key}: a cell is the mean over repetitions and over {}.", names[2..].join(", ")),
        };
        page = page.section(Section::new(key).figure(&wide, narrow.as_ref().ok(), caption));
    }
    let quoted = command.iter().map(|word| if word.contains(' ') { format!("{word:?}") } else { word.clone() });
    page.section(Section::new("How it was made").listing("command", quoted.collect::<Vec<_>>().join(" ")))
}

/// The least, the mean and the largest of each number, and at which points.
fn summary(rows: &Rows) -> Section {
    // four digits that count; whole numbers as they are
    let number = |x: f64| match x {
        _ if x == x.round() && x.abs() < 1e9 => format!("{x:.0}"),
        _ => format!("{x:.digits$}", digits = (3.0 - x.abs().log10().floor()).clamp(0.0, 8.0) as usize),
    };
    let mut table = Table::new(["number", "points", "least", "at", "mean", "largest", "at"]);
    for key in &rows.keys {
        let mut known: Vec<(usize, f64)> =
            rows.rows.iter().filter_map(|row| Some((row.point, row.number(key)?))).filter(|(_, x)| x.is_finite()).collect();
        known.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (Some(least), Some(largest)) = (known.first(), known.last()) else { continue };
        let mean = known.iter().map(|(_, x)| x).sum::<f64>() / known.len() as f64;
        let cells = [number(least.1), least.0.to_string(), number(mean), number(largest.1), largest.0.to_string()];
        table = table.row([key.clone(), known.len().to_string()].into_iter().chain(cells));
    }
    let faults = rows.faults();
    let section = Section::new("What was measured")
        .table(table.caption("Of the points at which it can be said; `at` is the number of a point, as the table has it."));
    if faults > 0 {
        section.text(format!("{} failed; the column `fault` of the table says why.", counted(faults as u64, "point")))
    } else {
        section
    }
}
