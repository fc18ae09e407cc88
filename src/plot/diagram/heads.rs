//! Arrows: a smooth line through its places, and what stands at its ends.

use std::fmt::Write;

use super::{INK, frame, write_text};
use crate::network::{Arrow, Head};

/// What the picture explains below itself, in this order.
pub const LEGEND: [(Head, &str); 7] = [
    (Head::Excitatory, "excitatory"),
    (Head::Inhibitory, "inhibitory"),
    (Head::Modulatory, "modulatory"),
    (Head::Mixed, "both, by synapse"),
    (Head::Electrical, "electrical"),
    (Head::Rectified, "rectified electrical"),
    (Head::ThirdFactor, "third factor of learning"),
];

/// Pixels that a head takes of its line.
fn length(head: Head) -> f64 {
    match head {
        Head::Excitatory => 10.0,
        Head::Inhibitory | Head::Modulatory => 8.0,
        Head::Mixed => 18.0,
        Head::Electrical | Head::Rectified => 12.0,
        Head::Plain | Head::ThirdFactor => 0.0,
    }
}

/// Points along the line that [`draw`] draws.
pub fn samples(arrow: &Arrow, path: &[(f64, f64)], itself: bool) -> Vec<(f64, f64)> {
    let (Some(&start), Some(&end)) = (path.first(), path.last()) else { return Vec::new() };
    let along = |[a, b, c, d]: [(f64, f64); 4]| {
        (0..=16).map(move |k| {
            let t = f64::from(k) / 16.0;
            let (u, v) = (1.0 - t, t);
            let part = |a: f64, b: f64, c: f64, d: f64| u * u * u * a + 3.0 * u * u * v * b + 3.0 * u * v * v * c + v * v * v * d;
            (part(a.0, b.0, c.0, d.0), part(a.1, b.1, c.1, d.1))
        })
    };
    if itself {
        let (across, up, back) = (end.0 - start.0, 26.0, length(arrow.head));
        let (left, right) = ((start.0 - 0.2 * across, start.1 - up), (end.0 + 0.2 * across, end.1 - up));
        return along([start, left, right, (end.0, end.1 - back)]).collect();
    }
    let mut out = Vec::new();
    for pair in path.windows(2) {
        let (a, d) = (pair[0], pair[1]);
        let middle = (a.0 + d.0) / 2.0;
        out.extend(along([a, (middle, a.1), (middle, d.1), d]));
    }
    out
}

/// The arrow along a path whose ends lie flat (that of a loop: above its box).
pub fn draw(out: &mut String, arrow: &Arrow, path: &[(f64, f64)], itself: bool) {
    let (Some(&start), Some(&end)) = (path.first(), path.last()) else { return };
    if itself {
        let (across, up) = (end.0 - start.0, 26.0);
        let back = length(arrow.head);
        let _ = writeln!(
            out,
            "<path d=\"M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}\" fill=\"none\" stroke=\"{INK}\"{}/>",
            start.0,
            start.1,
            start.0 - 0.2 * across,
            start.1 - up,
            end.0 + 0.2 * across,
            end.1 - up,
            end.0,
            end.1 - back,
            dashes(arrow.head)
        );
        head(out, arrow.head, end, (0.0, 1.0));
        return;
    }
    // forward arrows leave to the right and arrive from the left
    let way = if path[1].0 >= start.0 { 1.0 } else { -1.0 };
    let tail = if matches!(arrow.head, Head::Electrical | Head::Rectified) { 12.0 } else { 0.0 };
    let mut points = path.to_vec();
    points[0].0 += way * tail;
    if let Some(last) = points.last_mut() {
        last.0 -= way * length(arrow.head);
    }
    let mut d = format!("M{:.1} {:.1}", points[0].0, points[0].1);
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let middle = (x0 + x1) / 2.0;
        let _ = write!(d, "C{middle:.1} {y0:.1} {middle:.1} {y1:.1} {x1:.1} {y1:.1}");
    }
    let _ = writeln!(out, "<path d=\"{d}\" fill=\"none\" stroke=\"{INK}\"{}/>", dashes(arrow.head));
    head(out, arrow.head, end, (way, 0.0));
    match arrow.head {
        Head::Electrical => diamond(out, start, (-way, 0.0), INK),
        Head::Rectified => diamond(out, start, (-way, 0.0), "#fff"),
        _ => {}
    }
}

/// What makes a line a dashed one.
fn dashes(head: Head) -> &'static str {
    if head == Head::ThirdFactor { " stroke-dasharray=\"5 3\"" } else { "" }
}

/// What stands at the end of a line that comes along `(dx, dy)`; its tip is `at`.
fn head(out: &mut String, head: Head, at: (f64, f64), (dx, dy): (f64, f64)) {
    match head {
        Head::Excitatory => triangle(out, at, (dx, dy)),
        Head::Inhibitory => disc(out, (at.0 - 4.0 * dx, at.1 - 4.0 * dy), INK),
        Head::Modulatory => disc(out, (at.0 - 4.0 * dx, at.1 - 4.0 * dy), "#fff"),
        Head::Mixed => {
            triangle(out, (at.0 - 8.0 * dx, at.1 - 8.0 * dy), (dx, dy));
            disc(out, (at.0 - 4.0 * dx, at.1 - 4.0 * dy), INK);
        }
        Head::Electrical | Head::Rectified => diamond(out, at, (dx, dy), INK),
        Head::Plain | Head::ThirdFactor => {
            let back = (at.0 - 7.0 * dx, at.1 - 7.0 * dy);
            let _ = writeln!(
                out,
                "<path d=\"M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}\" fill=\"none\" stroke=\"{INK}\"/>",
                back.0 - 4.0 * dy,
                back.1 - 4.0 * dx,
                at.0,
                at.1,
                back.0 + 4.0 * dy,
                back.1 + 4.0 * dx
            );
        }
    }
}

fn triangle(out: &mut String, (x, y): (f64, f64), (dx, dy): (f64, f64)) {
    let back = (x - 10.0 * dx, y - 10.0 * dy);
    let (ax, ay, bx, by) = (back.0 - 4.5 * dy, back.1 - 4.5 * dx, back.0 + 4.5 * dy, back.1 + 4.5 * dx);
    let _ = writeln!(out, "<path d=\"M{x:.1} {y:.1}L{ax:.1} {ay:.1}L{bx:.1} {by:.1}Z\" fill=\"{INK}\"/>");
}

fn disc(out: &mut String, (x, y): (f64, f64), fill: &str) {
    let _ = writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{fill}\" stroke=\"{INK}\"/>");
}

fn diamond(out: &mut String, (x, y): (f64, f64), (dx, dy): (f64, f64), fill: &str) {
    let (mx, my) = (x - 6.0 * dx, y - 6.0 * dy);
    let (ax, ay, bx, by) = (mx - 4.0 * dy, my - 4.0 * dx, mx + 4.0 * dy, my + 4.0 * dx);
    let (ex, ey) = (x - 12.0 * dx, y - 12.0 * dy);
    let _ = writeln!(
        out,
        "<path d=\"M{x:.1} {y:.1}L{ax:.1} {ay:.1}L{ex:.1} {ey:.1}L{bx:.1} {by:.1}Z\" fill=\"{fill}\" stroke=\"{INK}\"/>"
    );
}

/// The heads that occur, named; gives the width.
pub fn legend(out: &mut String, used: &[Head], left: f64, y: f64) -> f64 {
    let mut x = left;
    for (kind, name) in LEGEND.iter().filter(|(kind, _)| used.contains(kind)) {
        let arrow = Arrow { from: 0, to: 1, head: *kind, label: String::new() };
        draw(out, &arrow, &[(x, y), (x + 34.0, y)], false);
        write_text(out, name, (x + 41.0, y), 11.0, "start");
        x += 41.0 + f64::from(frame::text_width(name, 11.0)) + 20.0;
    }
    (x - left - 20.0).max(0.0)
}
