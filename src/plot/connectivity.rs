//! Who is joined to whom in a whole network: a matrix of all populations.
//!
//! In: a [`Wiring`]. Out: a [`Figure`]. Not here: the values of one projection, which [`weights`](fn@super::weights) draws.

use super::cells::{Bar, Cells, shade};
use super::frame::{Frame, Hang, Heading, text_width};
use super::layout::{self, Axis, Panel, plain};
use super::{Figure, PlotError, Size};
use crate::recording::Wiring;
use std::fmt::Write as _;

/// Cells along a side, about: each population has at least one.
const CELLS: usize = 160;
const BAR: i32 = 12;
/// A name needs so many pixels of its band.
const LEADING: f64 = 13.0;

/// Draws who is joined to whom: rows are sources, columns targets, population after population, and a cell is the number of synapses over
/// the number of pairs, of all projections together.
///
/// **Errors** no neuron, a size out of bounds.
pub fn connectivity(wiring: &Wiring, title: Option<&str>, size: impl Into<Size>) -> Result<Figure, PlotError> {
    let size = size.into().checked()?;
    let width = size.width;
    let neurons: u64 = wiring.populations.iter().map(|(_, size)| u64::from(*size)).sum();
    if neurons == 0 {
        return Err(PlotError::NoSynapses);
    }
    let grid = Grid::of(wiring, neurons);
    let most = grid.share.iter().copied().fold(0.0f64, f64::max);
    let range = Axis { low: 0.0, high: if most > 0.0 { most } else { 1.0 } };
    let ticks = range.ticks(5);
    let mut frame = Frame::new(width);
    let names: Vec<String> = wiring.populations.iter().map(|(name, _)| plain(name, 18)).collect();
    frame.fit_left(names.iter().cloned());
    let told = "synapses per pair";
    let longest = names.iter().map(|name| text_width(name, 12.0)).max().unwrap_or(0);
    let bar = ticks.iter().map(|(_, label)| text_width(label, 12.0)).max().unwrap_or(0) + BAR + 24;
    // what the colours mean stands above the bar, and may begin to the left of it
    let bar = bar.max(text_width(told, 12.0) / 2 + 12);
    let heading = Heading::of(title, width);
    let top = heading.height() + 14;
    let below = longest + 34;
    let side = (width as i32 - frame.left - 14 - bar).max(100);
    let side = side.min(size.panel(side, top + below)?);
    // in the middle of what is left
    frame.left += (width as i32 - frame.left - 14 - bar - side) / 2;
    let panel = Panel { left: frame.left, right: frame.left + side, top, bottom: top + side };
    let height = (panel.bottom + below).max(size.height.unwrap_or(0) as i32);
    let all = Axis { low: 0.0, high: neurons as f64 };
    let mut layers = String::new();
    let x = |cell: usize| panel.x(all, grid.starts[cell]);
    let y = |cell: usize| f64::from(panel.top) + grid.starts[cell] / neurons as f64 * f64::from(side);
    let count = grid.starts.len() - 1;
    let mut cells = Cells::new(shade);
    for row in 0..count {
        let shares = grid.share[row * count..][..count].iter().map(|share| (*share > 0.0).then(|| share / range.high));
        cells.row([y(row), y(row + 1)], x, shares);
    }
    cells.write(&mut layers);
    let bounds: Vec<f64> = grid.bounds.iter().map(|&n| n as f64 / neurons as f64 * f64::from(side)).collect();
    let mut lines = String::new();
    for at in &bounds {
        let (across, down) = (f64::from(panel.left) + at, f64::from(panel.top) + at);
        let _ = write!(lines, "M{across:.1} {}V{}M{} {down:.1}H{}", panel.top, panel.bottom, panel.left, panel.right);
    }
    let _ = write!(layers, "<path fill=\"none\" stroke=\"#999\" stroke-width=\".6\" d=\"{lines}\"/>");
    let scale = Bar {
        panel: Panel { left: panel.right + 14, right: panel.right + 14 + BAR, top: panel.top, bottom: panel.bottom },
        ticks: ticks.into_iter().map(|(value, label)| (value / range.high, label)).collect(),
        colours: shade,
    };
    let synapses: usize = wiring.projections.iter().map(|one| one.synapses.values.len()).sum();
    scale.paths(&mut layers);
    let body = frame.draw(height as u32, |pen| {
        scale.labels(pen)?;
        let wide = text_width(told, 12.0);
        pen.text(told, (width as i32 - 6 - wide, panel.top - 10), Hang::Left)?;
        pen.name("source", &panel)?;
        let mut free = f64::NEG_INFINITY;
        for (pair, name) in bounds.windows(2).zip(&names) {
            let middle = (pair[0] + pair[1]) / 2.0;
            // where bands are narrow some stay without a name, and none lies over another
            if middle - free < LEADING {
                continue;
            }
            free = middle;
            pen.text(name, (panel.left - 6, panel.top + middle.round() as i32), Hang::Right)?;
            pen.upward(name, (panel.left + middle.round() as i32, panel.bottom + 6 + text_width(name, 12.0) / 2))?;
        }
        let below = format!("target ({} synapses)", layout::grouped(synapses as u64));
        pen.text(&below, ((panel.left + panel.right) / 2, panel.bottom + longest + 14), Hang::Below)?;
        pen.heading(&heading)
    })?;
    Ok(Figure { svg: super::page(width, height, &layers, &body) })
}

struct Grid {
    /// The first neuron of each cell, counted over all populations; then their number.
    starts: Vec<f64>,
    /// The first neuron of each population; then their number.
    bounds: Vec<u64>,
    /// Synapses per pair, row by row.
    share: Vec<f64>,
}

impl Grid {
    fn of(wiring: &Wiring, neurons: u64) -> Grid {
        let (mut starts, mut bounds, mut first) = (Vec::new(), vec![0], 0u64);
        // of each population its first cell, and neurons to a cell
        let mut places = Vec::new();
        for (_, size) in &wiring.populations {
            let size = u64::from(*size);
            let cells = (size * CELLS as u64).div_ceil(neurons).clamp(1, size.max(1));
            let per = size.div_ceil(cells).max(1);
            places.push((starts.len(), per));
            starts.extend((0..size.div_ceil(per)).map(|cell| (first + cell * per) as f64));
            first += size;
            bounds.push(first);
        }
        starts.push(neurons as f64);
        let count = starts.len() - 1;
        let mut share = vec![0.0; count * count];
        for one in &wiring.projections {
            let ((row, down), (column, across)) = (places[one.source], places[one.target]);
            one.synapses.each(|source, target, _| {
                let (i, j) = (row + (u64::from(source) / down) as usize, column + (u64::from(target) / across) as usize);
                share[i * count + j] += 1.0;
            });
        }
        for i in 0..count {
            for j in 0..count {
                share[i * count + j] /= (starts[i + 1] - starts[i]) * (starts[j + 1] - starts[j]);
            }
        }
        Grid { starts, bounds, share }
    }
}
