//! When something from outside was on: a bar for each span of time, above the panels.

use super::PlotError;
use super::frame::{Hang, Key, Pen, text_width};
use super::layout::{Axis, Panel, plain};
use super::part::Part;
use std::fmt::Write;

/// Pixels of a row of bars.
const ROW: i32 = 14;
/// Rows.
const MOST: usize = 5;

/// From when to when, in ms.
type Times = Vec<(f64, f64)>;
/// A name, and when it was on.
pub type Mark = (String, Times);

pub struct Marks {
    rows: Vec<Mark>,
    more: usize,
}

impl Marks {
    /// Of those that are on within the span.
    pub fn plan(marks: &[Mark], span: Axis) -> Option<Marks> {
        let inside = |(name, times): &Mark| {
            let times: Vec<_> = times.iter().copied().filter(|(from, to)| *from < span.high && *to > span.low).collect();
            (!times.is_empty()).then(|| (plain(name, 22), times))
        };
        let mut found: Vec<(Vec<String>, Times)> = Vec::new();
        for (name, times) in marks.iter().filter_map(inside) {
            // what is on at the same times is one bar with all the names, each once
            match found.iter_mut().find(|(_, known)| *known == times) {
                Some((names, _)) if names.contains(&name) => {}
                Some((names, _)) => names.push(name),
                None => found.push((vec![name], times)),
            }
        }
        let more = found.len().saturating_sub(MOST);
        let rows: Vec<Mark> = found.into_iter().take(MOST).map(|(names, times)| (plain(&names.join(", "), 44), times)).collect();
        (!rows.is_empty()).then_some(Marks { rows, more })
    }

    fn middle(panel: &Panel, row: usize) -> i32 {
        panel.top + ROW * row as i32 + ROW / 2
    }
}

impl Part for Marks {
    fn height(&self, _beside: bool, _width: u32) -> i32 {
        ROW * self.rows.len() as i32
    }

    fn labels(&self) -> Vec<String> {
        Vec::new()
    }

    fn key(&self) -> Vec<Key> {
        Vec::new()
    }

    fn notes(&self) -> Vec<String> {
        if self.more > 0 { vec![format!("{} more were on at other times", self.more)] } else { Vec::new() }
    }

    fn paths(&self, layer: &mut String, panel: &Panel, span: Axis) {
        for (row, (_, times)) in self.rows.iter().enumerate() {
            let mut path = String::new();
            for (from, to) in times {
                let (left, right) = (panel.x(span, from.max(span.low)), panel.x(span, to.min(span.high)));
                let _ = write!(path, "M{left:.1} {}H{right:.1}", Marks::middle(panel, row));
            }
            let _ = write!(layer, "<path fill=\"none\" stroke=\"#999\" stroke-width=\"5\" d=\"{path}\"/>");
        }
    }

    /// Each name stands where there is room: behind its last bar, before its first, or on it.
    fn axes(&self, pen: &Pen, panel: &Panel, span: Axis, _beside: bool) -> Result<(), PlotError> {
        for (row, (name, times)) in self.rows.iter().enumerate() {
            let ends = times.iter().fold((f64::MAX, f64::MIN), |(low, high), (from, to)| (low.min(*from), high.max(*to)));
            let [left, right] = [ends.0.max(span.low), ends.1.min(span.high)].map(|time| panel.x(span, time).round() as i32);
            let (wide, y) = (text_width(name, 12.0) + 8, Marks::middle(panel, row));
            if right + wide <= panel.right {
                pen.text(name, (right + 6, y), Hang::Left)?;
            } else if left - wide >= panel.left {
                pen.text(name, (left - 6, y), Hang::Right)?;
            } else {
                pen.on_a_bar(name, ((left + right) / 2, y))?;
            }
        }
        Ok(())
    }

    fn is_timed(&self) -> bool {
        false
    }
}
