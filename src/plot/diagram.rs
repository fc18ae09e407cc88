//! The picture of a network: boxes in layers from inputs to outputs, arrows between them.
//!
//! In: [`Diagram`]. Out: [`Figure`]. Layers after Sugiyama, Tagawa and Toda (1981) IEEE Trans. Syst. Man Cybern. 11:109: circles are
//! opened, boxes get layers, arrows that pass a layer get a place in it, places are ordered and then pulled towards their
//! neighbours. Not here: what the boxes are (`network::diagram`).

use std::fmt::Write;

use super::{Figure, PlotError, frame, layout::plain};
use crate::network::{Diagram, Head, Item, Shape};

mod heads;
mod labels;
mod layers;
mod matrix;
use labels::Taken;
use layers::{Layers, Place};

/// Pixels.
const MARGIN: f64 = 24.0;
const TITLE: f64 = 30.0;
const LEGEND: f64 = 30.0;
/// Between two layers.
const BETWEEN: f64 = 76.0;
/// Between two boxes of a layer.
const APART: f64 = 22.0;
const LETTERS: f64 = 13.0;
/// How far the back of a sheet of neurons stands off, and a row's.
const DEPTH: f64 = 8.0;
const INK: &str = "#222";

/// Larger pictures of boxes and arrows no page can hold.
const LARGEST: f64 = 2600.0;

/// Draws the boxes and arrows of a network; of one whose boxes would fill more than a page, a table of who sends to whom, with the same heads.
///
/// A label lies beside its arrow and crosses nothing; where there is no room for it, a number does, which is explained below.
///
/// **Errors** a network without a single box, or with more than 2000.
pub fn diagram(diagram: &Diagram) -> Result<Figure, PlotError> {
    let count = diagram.items.len();
    if !(1..=2000).contains(&count) {
        return Err(PlotError::Size { what: format!("of a network has 1 to 2000 boxes, found {count}") });
    }
    let sizes: Vec<(f64, f64)> = diagram.items.iter().map(size_of).collect();
    let layers = Layers::new(diagram, &sizes);
    let title = if diagram.name.is_empty() { 0.0 } else { TITLE };
    if layers.width.max(layers.height) > LARGEST && !diagram.arrows.is_empty() {
        let (mut body, width, height) = matrix::matrix(diagram, title);
        if title > 0.0 {
            write_text(&mut body, &plain(&diagram.name, 80), (width / 2.0, MARGIN), 15.0, "middle");
        }
        return Ok(page(&body, width.ceil(), height.ceil()));
    }
    let shift = (MARGIN, MARGIN + title);
    let mut body = String::new();
    let mut curves = Vec::new();
    for (number, arrow) in diagram.arrows.iter().enumerate() {
        let path: Vec<(f64, f64)> = layers.paths[number].iter().map(|(x, y)| (x + shift.0, y + shift.1)).collect();
        heads::draw(&mut body, arrow, &path, arrow.from == arrow.to);
        curves.push(heads::samples(arrow, &path, arrow.from == arrow.to));
    }
    let boxes = layers.boxes.iter().map(|place| Place { x: place.x + shift.0, y: place.y + shift.1, ..*place });
    let mut taken = Taken::new(boxes, &curves);
    let room = (layers.width + 2.0 * MARGIN, layers.height + shift.1 + MARGIN / 2.0);
    let mut notes = Vec::new();
    for (arrow, curve) in diagram.arrows.iter().zip(&curves).filter(|(arrow, _)| !arrow.label.is_empty()) {
        if let Some(label) = taken.write(&mut body, &plain(&arrow.label, 30), curve, room) {
            let number = format!("{}", notes.len() + 1);
            // a number finds room nearly everywhere; where it does not, the names of the ends say which arrow is meant
            let ends = format!("{} to {}", diagram.items[arrow.from].name, diagram.items[arrow.to].name);
            let ends = if taken.write(&mut body, &number, curve, room).is_some() {
                format!(" ({})", plain(&ends, 50))
            } else {
                String::new()
            };
            notes.push(format!("{number}: {label}{ends}"));
        }
    }
    for (item, place) in diagram.items.iter().zip(&layers.boxes) {
        draw_box(&mut body, item, Place { x: place.x + shift.0, y: place.y + shift.1, ..*place });
    }
    let used: Vec<Head> =
        heads::LEGEND.iter().map(|(head, _)| *head).filter(|h| diagram.arrows.iter().any(|a| a.head == *h)).collect();
    let bottom = layers.height + shift.1 + MARGIN;
    let legend_width = heads::legend(&mut body, &used, MARGIN, bottom);
    let width = (layers.width + 2.0 * MARGIN).max(legend_width + 2.0 * MARGIN).max(160.0).ceil();
    let below = bottom + if used.is_empty() { 0.0 } else { LEGEND };
    for (k, note) in notes.iter().enumerate() {
        write_text(&mut body, note, (MARGIN, below + 14.0 * k as f64), 10.0, "start");
    }
    let noted = notes.iter().map(|note| f64::from(frame::text_width(note, 10.0)) + 2.0 * MARGIN).fold(width, f64::max).ceil();
    let (width, height) = (noted, (below + 14.0 * notes.len() as f64).ceil());
    if title > 0.0 {
        write_text(&mut body, &plain(&diagram.name, 80), (width / 2.0, MARGIN), 15.0, "middle");
    }
    Ok(page(&body, width, height))
}

fn page(body: &str, width: f64, height: f64) -> Figure {
    let families = frame::FAMILIES;
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" {families}>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n{body}</svg>\n"
    );
    Figure { svg }
}

/// Name, then note.
fn lines(item: &Item) -> Vec<String> {
    let mut lines = vec![plain(&item.name, 28)];
    if !item.note.is_empty() {
        lines.push(plain(&item.note, 28));
    }
    lines
}

/// The room that a box takes.
fn size_of(item: &Item) -> (f64, f64) {
    let lines = lines(item);
    let widest = lines.iter().map(|line| f64::from(frame::text_width(line, LETTERS))).fold(0.0, f64::max);
    let high = 17.0 * lines.len() as f64;
    match item.shape {
        Shape::Neuron => (widest * 1.2 + 26.0, high + 20.0),
        Shape::Row => (widest + 24.0, high + 14.0),
        Shape::Sheet => (widest + 24.0 + DEPTH, high + 14.0 + DEPTH),
        Shape::Input | Shape::Output => (widest + 38.0, high + 12.0),
        Shape::Spikes => (widest + 52.0, high + 26.0),
    }
}

fn draw_box(out: &mut String, item: &Item, place: Place) {
    let Place { x, y, width: w, height: h } = place;
    let fill = if item.colour.is_empty() { "#fff" } else { item.colour.as_str() };
    let fill: String = fill.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '#').collect();
    let style = format!("fill=\"{fill}\" stroke=\"{INK}\"");
    let (left, right, top, bottom) = (x - w / 2.0, x + w / 2.0, y - h / 2.0, y + h / 2.0);
    let (mut cx, mut cy) = (x, y);
    let _ = match item.shape {
        Shape::Neuron => {
            writeln!(out, "<ellipse cx=\"{x:.1}\" cy=\"{y:.1}\" rx=\"{:.1}\" ry=\"{:.1}\" {style}/>", w / 2.0, h / 2.0)
        }
        Shape::Row => writeln!(out, "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"9\" {style}/>"),
        Shape::Sheet => {
            (cx, cy) = (x - DEPTH / 2.0, y + DEPTH / 2.0);
            let (r, t) = (right - DEPTH, top + DEPTH);
            writeln!(
                out,
                "<path d=\"M{left:.1} {t:.1}L{:.1} {top:.1}H{right:.1}V{:.1}L{r:.1} {bottom:.1}H{left:.1}ZM{left:.1} {t:.1}H{r:.1}V{bottom:.1}M{r:.1} {t:.1}L{right:.1} {top:.1}\" {style}/>",
                left + DEPTH,
                bottom - DEPTH
            )
        }
        // a house whose roof points where numbers flow
        Shape::Input | Shape::Output => {
            cx = x - 5.0;
            let wall = right - 14.0;
            writeln!(out, "<path d=\"M{left:.1} {top:.1}H{wall:.1}L{right:.1} {y:.1}L{wall:.1} {bottom:.1}H{left:.1}Z\" {style}/>")
        }
        Shape::Spikes => {
            cx = x - w / 8.0;
            writeln!(out, "<path d=\"M{left:.1} {top:.1}L{right:.1} {y:.1}L{left:.1} {bottom:.1}Z\" {style}/>")
        }
    };
    let lines = lines(item);
    cy -= 8.5 * (lines.len() - 1) as f64;
    for (k, line) in lines.iter().enumerate() {
        let size = if k == 0 { LETTERS } else { 11.0 };
        write_text(out, line, (cx, cy + 17.0 * k as f64), size, "middle");
    }
}

/// `at`: the middle of its height. A white edge keeps it readable on any colour.
fn write_text(out: &mut String, text: &str, at: (f64, f64), size: f64, anchor: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (x, y) = (at.0, at.1 + size * 0.35);
    let halo = "stroke=\"#fff\" stroke-width=\"2.5\" stroke-linejoin=\"round\" paint-order=\"stroke\"";
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"{INK}\" {halo}>{text}</text>"
    );
}

#[cfg(test)]
#[path = "diagram_tests.rs"]
mod tests;
