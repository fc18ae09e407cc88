//! Axes, ticks and letters, drawn by plotters.
//!
//! In: positions in whole pixels. Out: elements of SVG. The letters are measured and, in PNG, drawn with the font that is
//! built in; an SVG names it first and leaves the viewer others to fall back on.

use super::PlotError;
use super::layout::{Axis, Colour, Panel};
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

    /// Makes room for the texts at the right of the panels.
    pub fn fit_right(&mut self, texts: impl Iterator<Item = String>) {
        let widest = texts.map(|text| text_width(&text, SMALL)).max();
        self.right = self.width as i32 - widest.map_or(20, |widest| widest + 20);
    }

    /// Makes room for the numbers at the left of the panels.
    pub fn fit_left(&mut self, texts: impl Iterator<Item = String>) {
        let widest = texts.map(|text| text_width(&text, SMALL)).max().unwrap_or(0);
        self.left = (NAME_AT + 14 + widest + TICK + 4).max(60);
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

    /// Read from below to above, around a place.
    pub fn upward(&self, text: &str, at: (i32, i32)) -> Result<(), PlotError> {
        self.text(text, at, Hang::Upward)
    }

    pub fn coloured(&self, text: &str, at: (i32, i32), colour: Colour) -> Result<(), PlotError> {
        let (r, g, b) = colour.rgb();
        self.write(text, at, Hang::Left, SMALL, RGBColor(r, g, b))
    }

    pub fn title(&self, text: &str) -> Result<(), PlotError> {
        let middle = self.root.dim_in_pixel().0 as i32 / 2;
        self.write(text, (middle, 18), Hang::Middle, 15.0, BLACK)
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
        for (value, label) in value_ticks(axis) {
            self.tick(panel, panel.y(axis, value).round() as i32, &label)?;
        }
        self.name(name, panel)
    }

    /// Ticks, numbers and name below a panel.
    pub fn axis_below(&self, panel: &Panel, axis: Axis, name: &str) -> Result<(), PlotError> {
        for (value, label) in axis.ticks(((panel.right - panel.left) / 70).max(2) as usize) {
            let x = panel.x(axis, value).round() as i32;
            self.line((x, panel.bottom), (x, panel.bottom + TICK))?;
            self.text(&label, (x, panel.bottom + TICK + 4), Hang::Below)?;
        }
        self.write(name, ((panel.left + panel.right) / 2, panel.bottom + 26), Hang::Below, LARGE, BLACK)
    }

    /// Ticks below every panel, numbers and name below the last.
    pub fn time_axis(&self, panels: &[Panel], span: Axis) -> Result<(), PlotError> {
        let Some(last) = panels.last() else { return Ok(()) };
        // beyond two seconds thousands of milliseconds read badly
        let (unit, scale) = if span.range() > 2000.0 { ("s", 1e-3) } else { ("ms", 1.0) };
        let shown = Axis { low: span.low * scale, high: span.high * scale };
        for (value, label) in shown.ticks(((last.right - last.left) / 70).max(2) as usize) {
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
