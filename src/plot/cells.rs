//! Cells of colour: a matrix, a density over time, and the bar that says what the colours mean.

use super::PlotError;
use super::frame::{Hang, Pen};
use super::layout::Panel;
use std::fmt::Write as _;

/// Shades that are told apart.
const SHADES: usize = 64;

/// From nothing to all: white, blue, nearly black. Dark is much, on paper too.
pub fn shade(share: f64) -> [u8; 3] {
    const POINTS: [[f64; 3]; 4] = [[238.0, 244.0, 250.0], [107.0, 174.0, 214.0], [0.0, 90.0, 160.0], [8.0, 20.0, 60.0]];
    let at = share.clamp(0.0, 1.0) * 3.0;
    let first = (at as usize).min(2);
    let part = at - first as f64;
    [0, 1, 2].map(|c| (POINTS[first][c] * (1.0 - part) + POINTS[first + 1][c] * part).round() as u8)
}

/// Rectangles of one picture, by shade, so that each colour is said once.
pub struct Cells {
    colours: fn(f64) -> [u8; 3],
    paths: Vec<String>,
}

impl Cells {
    pub fn new(colours: fn(f64) -> [u8; 3]) -> Cells {
        Cells { colours, paths: vec![String::new(); SHADES] }
    }

    /// A row of cells between two heights: where each begins and where the last one ends, and each one's share; `None`: it stays
    /// white.
    pub fn row(&mut self, [top, bottom]: [f64; 2], at: impl Fn(usize) -> f64, shares: impl Iterator<Item = Option<f64>>) {
        let level = |share: f64| ((share.clamp(0.0, 1.0) * SHADES as f64) as usize).min(SHADES - 1);
        let mut run: Option<(usize, usize)> = None;
        let mut end = 0;
        for (k, share) in shares.map(|share| share.filter(|x| x.is_finite()).map(level)).enumerate() {
            match run {
                Some((_, known)) if share == Some(known) => {}
                _ => {
                    self.close(run, k, [top, bottom], &at);
                    run = share.map(|level| (k, level));
                }
            }
            end = k + 1;
        }
        self.close(run, end, [top, bottom], &at);
    }

    fn close(&mut self, run: Option<(usize, usize)>, end: usize, [top, bottom]: [f64; 2], at: &impl Fn(usize) -> f64) {
        let Some((from, level)) = run else { return };
        let _ = write!(self.paths[level], "M{:.1} {top:.1}H{:.1}V{bottom:.1}H{:.1}z", at(from), at(end), at(from));
    }

    pub fn write(self, layer: &mut String) {
        // cells touch each other: edges that are smoothed would leave seams
        layer.push_str("<g shape-rendering=\"crispEdges\">");
        for (level, path) in self.paths.iter().enumerate().filter(|(_, path)| !path.is_empty()) {
            let [r, g, b] = (self.colours)((level as f64 + 0.5) / SHADES as f64);
            let _ = write!(layer, "<path fill=\"#{r:02x}{g:02x}{b:02x}\" d=\"{path}\"/>");
        }
        layer.push_str("</g>");
    }
}

/// A bar of colours, lowest below; `ticks`: share and label.
pub struct Bar {
    pub panel: Panel,
    pub ticks: Vec<(f64, String)>,
    pub colours: fn(f64) -> [u8; 3],
}

impl Bar {
    pub fn paths(&self, layer: &mut String) {
        let Panel { left, right, top, bottom } = self.panel;
        let mut cells = Cells::new(self.colours);
        let height = f64::from(bottom - top) / SHADES as f64;
        for k in 0..SHADES {
            let low = f64::from(bottom) - height * k as f64;
            let ends = [f64::from(left), f64::from(right)];
            cells.row([low - height, low], |k| ends[k], [Some((k as f64 + 0.5) / SHADES as f64)].into_iter());
        }
        cells.write(layer);
    }

    pub fn labels(&self, pen: &Pen) -> Result<(), PlotError> {
        let Panel { right, top, bottom, .. } = self.panel;
        for (share, label) in &self.ticks {
            let y = (f64::from(bottom) - share * f64::from(bottom - top)).round() as i32;
            pen.line((right, y), (right + 3, y))?;
            pen.text(label, (right + 6, y), Hang::Left)?;
        }
        Ok(())
    }
}
