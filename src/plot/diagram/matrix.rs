//! The picture of a large network: a table of who sends to whom, which fits a page where boxes and arrows do not.

use std::fmt::Write;

use super::{INK, MARGIN, frame, heads, write_text};
use crate::network::{Diagram, Head};
use crate::plot::layout::plain;

/// Letters of the names.
const LETTERS: f64 = 8.0;
/// Cells along a side take about so many pixels together.
const SIDE: f64 = 960.0;

/// Rows are what arrows leave, columns what they reach, in the order of the network; inputs are the first rows, outputs the last columns.
pub fn matrix(diagram: &Diagram, title: f64) -> (String, f64, f64) {
    let rows: Vec<usize> = (0..diagram.items.len()).filter(|&k| diagram.arrows.iter().any(|arrow| arrow.from == k)).collect();
    let columns: Vec<usize> = (0..diagram.items.len()).filter(|&k| diagram.arrows.iter().any(|arrow| arrow.to == k)).collect();
    let cell = (SIDE / rows.len().max(columns.len()).max(1) as f64).clamp(2.5, 18.0);
    let named = |k: usize| {
        let item = &diagram.items[k];
        let note = if item.note.is_empty() { String::new() } else { format!(" ({})", plain(&item.note, 12)) };
        format!("{}{note}", plain(&item.name, 22))
    };
    let longest = |of: &[usize]| of.iter().map(|k| f64::from(frame::text_width(&named(*k), LETTERS))).fold(0.0, f64::max);
    let (left, top) = (MARGIN + longest(&rows) + 8.0, MARGIN + title + longest(&columns) + 8.0);
    let (right, bottom) = (left + cell * columns.len() as f64, top + cell * rows.len() as f64);
    let mut out = String::new();
    let mut grid = String::new();
    // a line for every fifth, that the eye may follow
    (0..=rows.len()).filter(|k| k % 5 == 0 || *k == rows.len()).for_each(|k| {
        let _ = write!(grid, "M{left:.1} {:.1}H{right:.1}", top + cell * k as f64);
    });
    (0..=columns.len()).filter(|k| k % 5 == 0 || *k == columns.len()).for_each(|k| {
        let _ = write!(grid, "M{:.1} {top:.1}V{bottom:.1}", left + cell * k as f64);
    });
    let _ = writeln!(out, "<path d=\"{grid}\" fill=\"none\" stroke=\"#ccc\" stroke-width=\".6\"/>");
    // where cells are lower than letters every k-th has its name
    let every = ((LETTERS + 1.0) / cell).ceil().max(1.0) as usize;
    for (row, k) in rows.iter().enumerate().step_by(every) {
        write_text(&mut out, &named(*k), (left - 5.0, top + cell * (row as f64 + 0.5)), LETTERS, "end");
    }
    for (column, k) in columns.iter().enumerate().step_by(every) {
        let x = left + cell * (column as f64 + 0.5);
        let mut text = String::new();
        write_text(&mut text, &named(*k), (0.0, 0.0), LETTERS, "start");
        let _ = writeln!(out, "<g transform=\"translate({x:.1} {:.1}) rotate(-90)\">{}</g>", top - 5.0, text.trim_end());
    }
    let mut cells: Vec<(usize, usize, Vec<Head>)> = Vec::new();
    for arrow in &diagram.arrows {
        let (Ok(row), Ok(column)) = (rows.binary_search(&arrow.from), columns.binary_search(&arrow.to)) else { continue };
        match cells.iter_mut().find(|(r, c, _)| (*r, *c) == (row, column)) {
            Some((.., known)) if known.contains(&arrow.head) => {}
            Some((.., known)) => known.push(arrow.head),
            None => cells.push((row, column, vec![arrow.head])),
        }
    }
    for (row, column, kinds) in &cells {
        let size = (0.42 * cell).min(5.0) / (kinds.len() as f64).sqrt();
        let middle = (left + cell * (*column as f64 + 0.5), top + cell * (*row as f64 + 0.5));
        for (n, head) in kinds.iter().enumerate() {
            let off = (n as f64 - (kinds.len() - 1) as f64 / 2.0) * 2.0 * size;
            mark(&mut out, *head, (middle.0 + off, middle.1), size);
        }
    }
    write_text(&mut out, "rows to columns", (left - 5.0, top - 8.0), LETTERS, "end");
    let used: Vec<Head> =
        heads::LEGEND.iter().map(|(head, _)| *head).filter(|h| diagram.arrows.iter().any(|a| a.head == *h)).collect();
    let mut x = left;
    let plain_used = diagram.arrows.iter().any(|a| a.head == Head::Plain);
    let names = heads::LEGEND.iter().filter(|(head, _)| used.contains(head)).copied();
    for (head, name) in names.chain(plain_used.then_some((Head::Plain, "input, output"))) {
        mark(&mut out, head, (x, bottom + 18.0), 5.0);
        write_text(&mut out, name, (x + 9.0, bottom + 18.0), 11.0, "start");
        x += 9.0 + f64::from(frame::text_width(name, 11.0)) + 18.0;
    }
    (out, right.max(x) + MARGIN, bottom + 18.0 + MARGIN)
}

/// What stands in a cell, or the legend.
fn mark(out: &mut String, head: Head, (x, y): (f64, f64), r: f64) {
    let disc = |x: f64, r: f64, fill: &str| {
        format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r:.1}\" fill=\"{fill}\" stroke=\"{INK}\" stroke-width=\".8\"/>")
    };
    let triangle =
        |x: f64, r: f64| format!("<path d=\"M{:.1} {:.1}V{:.1}L{:.1} {y:.1}Z\" fill=\"{INK}\"/>", x - 0.8 * r, y - r, y + r, x + r);
    let diamond = |fill: &str| {
        let d = format!("M{:.1} {y:.1}L{x:.1} {:.1}L{:.1} {y:.1}L{x:.1} {:.1}Z", x - r, y - r, x + r, y + r);
        format!("<path d=\"{d}\" fill=\"{fill}\" stroke=\"{INK}\" stroke-width=\".8\"/>")
    };
    let text = match head {
        Head::Excitatory => triangle(x, r),
        Head::Inhibitory => disc(x, 0.85 * r, INK),
        Head::Modulatory => disc(x, 0.85 * r, "#fff"),
        Head::Mixed => triangle(x - 0.5 * r, 0.6 * r) + &disc(x + 0.6 * r, 0.45 * r, INK),
        Head::Electrical => diamond(INK),
        Head::Rectified => diamond("#fff"),
        Head::ThirdFactor => {
            let d = format!(
                "M{:.1} {:.1}l{:.1} {:.1}m0 {:.1}l{:.1} {:.1}",
                x - r,
                y - r,
                2.0 * r,
                2.0 * r,
                -2.0 * r,
                -2.0 * r,
                2.0 * r
            );
            format!("<path d=\"{d}\" fill=\"none\" stroke=\"{INK}\" stroke-width=\"1.2\"/>")
        }
        Head::Plain => {
            format!("<path d=\"M{:.1} {y:.1}h{:.1}\" fill=\"none\" stroke=\"{INK}\" stroke-width=\"1.4\"/>", x - r, 2.0 * r)
        }
    };
    let _ = writeln!(out, "{text}");
}
