//! Axes, ticks and letters, drawn by plotters.
//!
//! In: positions in whole pixels. Out: elements of SVG. The letters are measured and, in PNG, drawn with the font that is
//! built in; an SVG names it first and leaves the viewer others to fall back on.

use super::PlotError;
use super::layout::{Axis, Colour, Panel, plain};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::sync::OnceLock;

/// The letters of the pictures: Ubuntu Light, under the Ubuntu Font Licence.
pub const FONT: &[u8] = epaint_default_fonts::UBUNTU_LIGHT;
pub const FAMILIES: &str = "font-family=\"Ubuntu, DejaVu Sans, sans-serif\"";

/// Pixels from the left edge of the picture to the axis names, and from the tick numbers to the axis.
const NAME_AT: i32 = 14;
const TICK: i32 = 4;
const SMALL: f64 = 12.0;
const LARGE: f64 = 13.0;

/// Below this many pixels a picture is a column of a page: margins are small, and names stand above their panel, not beside it.
const NARROW: u32 = 600;
/// Pixels from one line of names above a panel to the next, and between two names.
const KEY_LEADING: i32 = 14;
const KEY_GAP: i32 = 12;

/// A name, and the colour that it explains.
pub type Key = (String, Option<Colour>);

/// The title, in as many lines as it needs.
pub struct Heading {
    lines: Vec<String>,
    size: f64,
}

/// Lines of a title, and pixels from one to the next.
const MOST_LINES: usize = 3;
const TITLE_LEADING: i32 = 18;

impl Heading {
    pub fn of(title: Option<&str>, width: u32) -> Heading {
        let size = if width < NARROW { LARGE } else { 15.0 };
        let room = width as i32 - 16;
        let mut lines: Vec<String> = Vec::new();
        for word in title.map(|title| plain(title, 240)).iter().flat_map(|title| title.split_whitespace()) {
            let longer = lines.last().map(|line| format!("{line} {word}")).filter(|line| text_width(line, size) <= room);
            match (longer, lines.len()) {
                (Some(line), count) => lines[count - 1] = line,
                (None, MOST_LINES) => {
                    lines[MOST_LINES - 1].push_str(" \u{2026}");
                    break;
                }
                (None, _) => lines.push(word.to_owned()),
            }
        }
        // a word wider than the picture
        for line in &mut lines {
            while text_width(line, size) > room && line.chars().count() > 1 {
                let shorter = line.chars().count() - 2;
                *line = line.chars().take(shorter).chain(['\u{2026}']).collect();
            }
        }
        Heading { lines, size }
    }

    /// Pixels above the first panel.
    pub fn height(&self) -> i32 {
        if self.lines.is_empty() { 14 } else { 20 + TITLE_LEADING * self.lines.len() as i32 }
    }
}

/// Names in lines as wide as a panel: where each begins, from the left.
pub fn in_lines(keys: &[Key], width: i32) -> Vec<Vec<(i32, Key)>> {
    let mut lines: Vec<Vec<(i32, Key)>> = Vec::new();
    let mut free = 0;
    for key in keys {
        let own = text_width(&key.0, SMALL);
        match lines.last_mut() {
            Some(line) if free + own <= width => line.push((free, key.clone())),
            _ => {
                lines.push(vec![(0, key.clone())]);
                free = 0;
            }
        }
        free += own + KEY_GAP;
    }
    lines
}

/// Pixels that lines of names take above a panel.
pub fn lines_height(lines: usize) -> i32 {
    if lines == 0 { 0 } else { KEY_LEADING * lines as i32 + 2 }
}

/// The edges that all panels share.
pub struct Frame {
    width: u32,
    pub left: i32,
    pub right: i32,
}

impl Frame {
    pub fn new(width: u32) -> Frame {
        Frame { width, left: 60, right: width as i32 - 20 }
    }

    /// Whether these names stand beside the panels: where they leave most of the width to what is drawn; and the edge at the right.
    pub fn fit_names(&mut self, names: impl Iterator<Item = String>, always: i32, insists: bool) -> bool {
        let widest = names.map(|name| text_width(&name, SMALL)).max().map_or(0, |widest| widest + 20);
        let share = if insists || self.width >= NARROW { 0.25 } else { 0.14 };
        let beside = f64::from(widest) <= share * f64::from(self.width);
        self.right = self.width as i32 - if beside { widest } else { 0 }.max(always).max(20);
        beside
    }

    /// Makes room for the numbers at the left of the panels.
    pub fn fit_left(&mut self, texts: impl Iterator<Item = String>) {
        let widest = texts.map(|text| text_width(&text, SMALL)).max().unwrap_or(0);
        let least = if self.width < NARROW { 44 } else { 60 };
        self.left = (NAME_AT + 14 + widest + TICK + 4).max(least);
    }

    /// What is drawn, as SVG elements without their root.
    pub fn draw(&self, height: u32, draw: impl FnOnce(&Pen) -> Result<(), PlotError>) -> Result<String, PlotError> {
        register_font();
        let mut svg = String::new();
        {
            let root = SVGBackend::with_string(&mut svg, (self.width, height)).into_drawing_area();
            let pen = Pen { root };
            draw(&pen)?;
            pen.root.present().map_err(drawing)?;
        }
        let start = svg.find("<svg").and_then(|at| Some(at + svg[at..].find('>')? + 1));
        let end = svg.rfind("</svg>");
        let body = start.zip(end).and_then(|(start, end)| svg.get(start..end));
        let body = body.ok_or_else(|| PlotError::Drawing("plotters wrote no svg element".into()))?;
        Ok(body.trim_start().replace("font-family=\"sans-serif\"", FAMILIES))
    }
}

/// Draws on one picture.
pub struct Pen<'s> {
    root: DrawingArea<SVGBackend<'s>, Shift>,
}

/// Where a text hangs.
#[derive(Clone, Copy)]
pub enum Hang {
    /// Its left end, middle height.
    Left,
    /// Its right end, middle height.
    Right,
    /// Its middle.
    Middle,
    /// The middle of its top.
    Below,
    /// Read from below to above, around its middle.
    Upward,
}

impl Pen<'_> {
    pub fn line(&self, from: (i32, i32), to: (i32, i32)) -> Result<(), PlotError> {
        self.root.draw(&PathElement::new(vec![from, to], BLACK.stroke_width(1))).map_err(drawing)
    }

    pub fn text(&self, text: &str, at: (i32, i32), hang: Hang) -> Result<(), PlotError> {
        self.write(text, at, hang, SMALL, RGBColor(0x22, 0x22, 0x22))
    }

    /// Around a place on a bar, with white behind it.
    pub fn on_a_bar(&self, text: &str, at: (i32, i32)) -> Result<(), PlotError> {
        let half = text_width(text, SMALL) / 2 + 3;
        let corners = [(at.0 - half, at.1 - 6), (at.0 + half, at.1 + 6)];
        self.root.draw(&Rectangle::new(corners, WHITE.filled())).map_err(drawing)?;
        self.text(text, at, Hang::Middle)
    }

    /// Read from below to above, around a place.
    pub fn upward(&self, text: &str, at: (i32, i32)) -> Result<(), PlotError> {
        self.text(text, at, Hang::Upward)
    }

    pub fn coloured(&self, text: &str, at: (i32, i32), colour: Colour) -> Result<(), PlotError> {
        let (r, g, b) = colour.rgb();
        self.write(text, at, Hang::Left, SMALL, RGBColor(r, g, b))
    }

    pub fn heading(&self, heading: &Heading) -> Result<(), PlotError> {
        let middle = self.root.dim_in_pixel().0 as i32 / 2;
        for (n, line) in (0..).zip(&heading.lines) {
            self.write(line, (middle, 18 + TITLE_LEADING * n), Hang::Middle, heading.size, BLACK)?;
        }
        Ok(())
    }

    /// Lines of names above a panel.
    pub fn names_above(&self, panel: &Panel, lines: &[Vec<(i32, Key)>]) -> Result<(), PlotError> {
        for (n, line) in (0..).zip(lines.iter().rev()) {
            for (x, (text, colour)) in line {
                let place = (panel.left + 4 + x, panel.top - 9 - KEY_LEADING * n);
                match colour {
                    Some(colour) => self.coloured(text, place, *colour)?,
                    None => self.text(text, place, Hang::Left)?,
                }
            }
        }
        Ok(())
    }

    /// The left and the lower edge of a panel.
    pub fn edges(&self, panel: &Panel) -> Result<(), PlotError> {
        self.line((panel.left, panel.top), (panel.left, panel.bottom))?;
        self.line((panel.left, panel.bottom), (panel.right, panel.bottom))
    }

    /// The name of a vertical axis.
    pub fn name(&self, text: &str, panel: &Panel) -> Result<(), PlotError> {
        self.write(text, (NAME_AT, (panel.top + panel.bottom) / 2), Hang::Upward, LARGE, BLACK)
    }

    /// A tick at a height, with its number.
    pub fn tick(&self, panel: &Panel, y: i32, label: &str) -> Result<(), PlotError> {
        self.line((panel.left - TICK, y), (panel.left, y))?;
        self.text(label, (panel.left - TICK - 3, y), Hang::Right)
    }

    /// Edges, ticks and name of an axis of values.
    pub fn value_axis(&self, panel: &Panel, axis: Axis, name: &str) -> Result<(), PlotError> {
        self.edges(panel)?;
        // as many as a low panel has room for
        let most = ((panel.bottom - panel.top) / 20).clamp(1, 5) as usize;
        for (value, label) in axis.ticks(most) {
            self.tick(panel, panel.y(axis, value).round() as i32, &label)?;
        }
        self.name(name, panel)
    }

    /// Ticks, numbers and name below a panel.
    pub fn axis_below(&self, panel: &Panel, axis: Axis, name: &str) -> Result<(), PlotError> {
        for (value, label) in axis.ticks(((panel.right - panel.left) / 55).max(2) as usize) {
            let x = panel.x(axis, value).round() as i32;
            self.line((x, panel.bottom), (x, panel.bottom + TICK))?;
            self.text(&label, (x, panel.bottom + TICK + 4), Hang::Below)?;
        }
        self.name_below(panel, name)
    }

    /// The name of a horizontal axis.
    pub fn name_below(&self, panel: &Panel, name: &str) -> Result<(), PlotError> {
        self.write(name, ((panel.left + panel.right) / 2, panel.bottom + 26), Hang::Below, LARGE, BLACK)
    }

    /// Ticks below every panel, numbers and name below the last.
    pub fn time_axis(&self, panels: &[Panel], span: Axis) -> Result<(), PlotError> {
        let Some(last) = panels.last() else { return Ok(()) };
        // beyond two seconds thousands of milliseconds read badly
        let (unit, scale) = if span.range() > 2000.0 { ("s", 1e-3) } else { ("ms", 1.0) };
        let shown = Axis { low: span.low * scale, high: span.high * scale };
        for (value, label) in shown.ticks(((last.right - last.left) / 55).max(2) as usize) {
            for panel in panels {
                let x = panel.x(shown, value).round() as i32;
                self.line((x, panel.bottom), (x, panel.bottom + TICK))?;
            }
            self.text(&label, (last.x(shown, value).round() as i32, last.bottom + TICK + 4), Hang::Below)?;
        }
        let middle = ((last.left + last.right) / 2, last.bottom + 26);
        self.write(&format!("time ({unit})"), middle, Hang::Below, LARGE, BLACK)
    }

    fn write(&self, text: &str, at: (i32, i32), hang: Hang, size: f64, colour: RGBColor) -> Result<(), PlotError> {
        let (h, v) = match hang {
            Hang::Left => (HPos::Left, VPos::Center),
            Hang::Right => (HPos::Right, VPos::Center),
            Hang::Middle | Hang::Upward => (HPos::Center, VPos::Center),
            Hang::Below => (HPos::Center, VPos::Top),
        };
        let turn = if matches!(hang, Hang::Upward) { FontTransform::Rotate270 } else { FontTransform::None };
        let style = font(size).transform(turn).color(&colour).pos(Pos::new(h, v));
        self.root.draw_text(text, &style, at).map_err(drawing)
    }
}

/// The ticks of an axis of values: as many as a panel of a hundred pixels can carry.
pub fn value_ticks(axis: Axis) -> Vec<(f64, String)> {
    axis.ticks(5)
}

/// plotters divides sizes by 1.24 before it writes them.
fn font(size: f64) -> FontDesc<'static> {
    FontDesc::new(FontFamily::SansSerif, size * 1.24, FontStyle::Normal)
}

/// Pixels, with some for viewers that use another font.
pub fn text_width(text: &str, size: f64) -> i32 {
    register_font();
    // without a measure, an ample guess: no letter but a few is wider than it is high
    let guess = (text.chars().count() as f64 * size * 0.7) as i32;
    font(size).box_size(text).map_or(guess, |(width, _)| width as i32)
}

fn register_font() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // fails only if the bytes are no font; a test draws with them
        let _ = plotters::style::register_font("sans-serif", FontStyle::Normal, FONT);
    });
}

fn drawing<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> PlotError {
    PlotError::Drawing(error.to_string())
}
