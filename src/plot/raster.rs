//! The raster: a mark for each spike, a row for each neuron, a band for each population, the first at the bottom.

use super::PlotError;
use super::frame::{Hang, Key, Pen};
use super::layout::{Axis, Colour, Panel, plain, round_down, round_up};
use super::part::Part;
use crate::analysis::Window;
use crate::recording::{Recording, SpikeTrain};
use std::collections::HashMap;
use std::fmt::Write;

/// Pixels between bands, and the least height of a band: its name must fit.
const SEAM: f64 = 4.0;
const LEAST: f64 = 15.0;
/// Tenths of a pixel are the unit of the marks.
const FINE: f64 = 10.0;

pub struct Raster {
    bands: Vec<Band>,
    /// Every k-th neuron is shown.
    every: usize,
    spikes: usize,
    /// ms
    dt: f64,
}

struct Band {
    name: String,
    colour: Colour,
    /// Every neuron was recorded, so that place and number are one.
    all: bool,
    /// The number of each neuron shown, from below.
    rows: Vec<u32>,
    /// The steps of its spikes.
    steps: Vec<Vec<u64>>,
}

impl Band {
    /// Places among the rows and their numbers, for a band so many pixels high.
    fn ticks(&self, height: f64, every: usize) -> Vec<(f64, u64)> {
        let last = self.rows.len().saturating_sub(1) as f64;
        let most = (height / 32.0).max(1.0);
        let step = round_up((every as f64 * self.rows.len() as f64 / most).max(1.0));
        // one number besides 0 says how many there are
        let step = if step <= last * every as f64 { step } else { round_down((last * every as f64).max(1.0)) };
        // where there is no room for two it is the one
        let first = usize::from(height < 28.0 && last > 0.0);
        // the row nearest to each round number; with every k-th neuron shown it may lie between two
        let places = (first..).map(|n| n as f64 * step / every as f64).take_while(|&place| place <= last + 0.5);
        places.filter_map(|place| Some((place, self.number(place, every)?))).collect()
    }

    /// The number at a place among the rows, counted from below.
    fn number(&self, place: f64, every: usize) -> Option<u64> {
        if self.all {
            Some((place * every as f64).round() as u64)
        } else {
            self.rows.get(place.round() as usize).map(|&n| n.into())
        }
    }
}

impl Raster {
    pub fn plan(recording: &Recording, window: Window, max_marks: usize, dt: f64) -> Raster {
        let inside = |train: &SpikeTrain| train.step.iter().filter(|&&step| window.holds(step)).count();
        let spikes: usize = recording.spikes.iter().map(inside).sum();
        let largest = recording.spikes.iter().map(recorded).max().unwrap_or(0);
        let mut every = 1;
        // the loud may sit among the shown: thin out until they fit, or one of each population is left
        loop {
            let drawn: usize = recording.spikes.iter().map(|train| shown(train, window, every)).sum();
            if drawn <= max_marks.max(1) || every >= largest {
                break;
            }
            every = (every + 1).max((every as f64 * drawn as f64 / max_marks.max(1) as f64) as usize);
        }
        // a population of which no row is shown has no band
        let bands = recording.spikes.iter().enumerate().filter(|(_, train)| !train.rows.as_ref().is_some_and(Vec::is_empty));
        let bands = bands.map(|(n, train)| band(n, train, window, every)).collect();
        Raster { bands, every, spikes, dt }
    }
}

impl Part for Raster {
    fn height(&self, _beside: bool, width: u32) -> i32 {
        let rows: usize = self.bands.iter().map(|band| band.rows.len()).sum();
        let seams = SEAM * self.bands.len().saturating_sub(1) as f64;
        let wanted = (18.0 * rows as f64).clamp(46.0, (0.62 * f64::from(width)).clamp(150.0, 300.0));
        (wanted.max((LEAST + 3.0) * self.bands.len() as f64) + seams) as i32
    }

    fn key(&self) -> Vec<Key> {
        self.bands.iter().map(|band| (band.name.clone(), Some(band.colour))).collect()
    }

    fn labels(&self) -> Vec<String> {
        self.bands.iter().filter_map(|band| Some(band.rows.last()?.to_string())).collect()
    }

    /// The marks: a path per population.
    fn paths(&self, layer: &mut String, panel: &Panel, span: Axis) {
        for (band, (bottom, top)) in self.bands.iter().zip(self.heights(panel)) {
            if band.steps.iter().all(Vec::is_empty) {
                continue;
            }
            let pitch = (bottom - top) / band.rows.len().max(1) as f64;
            // squares where rows are dense, bars where a neuron has a line of its own
            let (width, height) = ((0.8 * pitch).clamp(1.2, 1.6), (0.7 * pitch).clamp(1.2, 14.0));
            let dash = (width * FINE).round() as i64;
            let _ = write!(
                layer,
                "<path transform=\"scale(.1)\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" d=\"",
                band.colour.hex(),
                (height * FINE).round()
            );
            for (row, steps) in band.steps.iter().enumerate() {
                let y = ((bottom - (row as f64 + 0.5) * pitch) * FINE).round() as i64;
                let mut pen = None;
                for &step in steps {
                    let x = (panel.x(span, step as f64 * self.dt) * FINE).round() as i64 - dash / 2;
                    let _ = match pen {
                        None => write!(layer, "M{x} {y}h{dash}"),
                        // a mark that hides another to a twentieth of its width adds nothing
                        Some(end) if x + dash - end <= dash / 20 => continue,
                        Some(end) => write!(layer, "m{} 0h{dash}", x - end),
                    };
                    pen = Some(x + dash);
                }
            }
            layer.push_str("\"/>");
        }
    }

    fn axes(&self, pen: &Pen, panel: &Panel, _span: Axis, beside: bool) -> Result<(), PlotError> {
        pen.edges(panel)?;
        // upward from the bottom: a number stands only where it leaves room for the one below
        let mut free = i32::MAX;
        for (band, (bottom, top)) in self.bands.iter().zip(self.heights(panel)) {
            let pitch = (bottom - top) / band.rows.len().max(1) as f64;
            for (place, neuron) in band.ticks(bottom - top, self.every) {
                let y = (bottom - (place + 0.5) * pitch).round() as i32;
                if y <= free {
                    pen.tick(panel, y, &neuron.to_string())?;
                    free = y.saturating_sub(14);
                }
            }
            if !beside {
                continue;
            }
            pen.coloured(&band.name, (panel.right + 8, ((bottom + top) / 2.0).round() as i32), band.colour)?;
        }
        if self.spikes == 0 {
            let middle = ((panel.left + panel.right) / 2, (panel.top + panel.bottom) / 2);
            pen.text("no spikes", middle, Hang::Middle)?;
        }
        let room = panel.bottom - panel.top;
        match self.every {
            1 => pen.name("neuron", panel),
            k if room > 170 => pen.name(&format!("neuron (every {} shown)", ordinal(k)), panel),
            k => pen.name(&format!("every {}", ordinal(k)), panel),
        }
    }
}

impl Raster {
    /// The lower and the upper edge of each band, from the first.
    fn heights(&self, panel: &Panel) -> Vec<(f64, f64)> {
        let seams = SEAM * self.bands.len().saturating_sub(1) as f64;
        let room = f64::from(panel.bottom - panel.top) - seams;
        let rows: Vec<f64> = self.bands.iter().map(|band| band.rows.len().max(1) as f64).collect();
        let mut bottom = f64::from(panel.bottom);
        let place = |height: f64| {
            let edges = (bottom, bottom - height);
            bottom -= height + SEAM;
            edges
        };
        shares(&rows, room).into_iter().map(place).collect()
    }
}

/// Heights in proportion, but none below the least: what the small lack, the others give.
fn shares(rows: &[f64], room: f64) -> Vec<f64> {
    let least = LEAST.min(room / rows.len().max(1) as f64);
    let mut small = vec![false; rows.len()];
    loop {
        let fixed = least * small.iter().filter(|&&small| small).count() as f64;
        let sum: f64 = rows.iter().zip(&small).filter(|&(_, &small)| !small).map(|(rows, _)| rows).sum();
        let height = |rows: f64| rows / sum * (room - fixed);
        let found = (0..rows.len()).filter(|&n| !small[n] && height(rows[n]) < least).collect::<Vec<_>>();
        if found.is_empty() {
            return rows.iter().zip(&small).map(|(&rows, &small)| if small { least } else { height(rows) }).collect();
        }
        found.into_iter().for_each(|n| small[n] = true);
    }
}

fn recorded(train: &SpikeTrain) -> usize {
    train.rows.as_ref().map_or(train.size as usize, Vec::len)
}

/// Spikes of the neurons that are left.
fn shown(train: &SpikeTrain, window: Window, every: usize) -> usize {
    let places = places(train);
    let kept = |neuron: u32| match &places {
        None => (neuron as usize).is_multiple_of(every),
        Some(places) => places.get(&neuron).is_some_and(|place| place.is_multiple_of(every)),
    };
    train.pairs().filter(|&(step, neuron)| window.holds(step) && kept(neuron)).count()
}

fn places(train: &SpikeTrain) -> Option<HashMap<u32, usize>> {
    Some(train.rows.as_ref()?.iter().copied().zip(0..).collect())
}

fn band(number: usize, train: &SpikeTrain, window: Window, every: usize) -> Band {
    let rows: Vec<u32> = match &train.rows {
        Some(rows) => rows.iter().copied().step_by(every).collect(),
        None => (0..train.size).step_by(every).collect(),
    };
    let places = places(train);
    let mut steps = vec![Vec::new(); rows.len()];
    for (step, neuron) in train.pairs().filter(|&(step, _)| window.holds(step)) {
        let place = places.as_ref().map_or(Some(neuron as usize), |places| places.get(&neuron).copied());
        let row = place.filter(|place| place.is_multiple_of(every)).and_then(|place| steps.get_mut(place / every));
        if let Some(row) = row {
            row.push(step);
        }
    }
    steps.iter_mut().for_each(|steps| steps.sort_unstable());
    Band { name: plain(&train.population, 22), colour: Colour(number), all: train.rows.is_none(), rows, steps }
}

fn ordinal(k: usize) -> String {
    let ending = match (k % 10, k % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{k}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_fill_the_room_and_keep_their_least() {
        let heights = shares(&[3200.0, 800.0, 1.0], 300.0);
        assert!((heights.iter().sum::<f64>() - 300.0).abs() < 1e-9);
        assert_eq!(heights[2], LEAST);
        assert!((heights[0] / heights[1] - 4.0).abs() < 1e-9);
        assert_eq!(shares(&[1.0; 100], 100.0), [1.0; 100]);
        assert!(shares(&[], 100.0).is_empty());
    }

    #[test]
    fn a_low_band_has_a_number_that_says_how_many() {
        let ticks = |rows: u32, height: f64, every: usize| {
            let rows = (0..rows).step_by(every).collect();
            let band = Band { name: String::new(), colour: Colour(0), all: true, rows, steps: vec![] };
            band.ticks(height, every).into_iter().map(|(_, number)| number).collect::<Vec<u64>>()
        };
        assert_eq!(ticks(100, 25.0, 1), [50]);
        assert_eq!(ticks(100, 40.0, 1), [0, 50]);
        assert_eq!(ticks(500, 50.0, 1), [0, 200, 400]);
        assert_eq!(ticks(2000, 40.0, 4), [0, 1000]);
        assert_eq!(ticks(1, 20.0, 1), [0]);
        assert_eq!(ticks(2, 20.0, 1), [1]);
        assert_eq!(ticks(2000, 240.0, 1), [0, 500, 1000, 1500]);
    }

    #[test]
    fn ordinals() {
        assert_eq!([1, 2, 3, 4, 11, 12, 22, 113].map(ordinal), ["1st", "2nd", "3rd", "4th", "11th", "12th", "22nd", "113th"]);
    }
}
