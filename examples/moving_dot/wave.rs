//! A dot that moves over a sheet of visual cortex: the movie that goes in, and by how much cells ahead of the dot rise before it comes.
//!
//! After the model of travelling waves in the history of the OpSNN repository, which sets out from Benvenuti et al. (2020), bioRxiv
//! 2020.03.26.010017: what horizontal connections carry ahead of a moving object anticipates it. The network is
//! examples/networks/moving_dot.toml, the movie moving_dot.gif beside it.

use std::borrow::Cow;

use gif::{Encoder, Frame, Repeat};
use synfire::network::Network;
use synfire::{Choice, Error, Options};

/// Neurons and pixels along a side, 1 mm apart; the sheet closes.
pub const SIDE: usize = 30;
/// Frames of the movie, and how long each is, ms.
pub const FRAMES: usize = 100;
pub const INTERVAL: usize = 10;
/// The dot is there in these frames, and runs along this row once around the sheet: half a pixel a frame, 0.05 m/s.
pub const SEEN: std::ops::Range<usize> = 20..80;
pub const ROW: f64 = 14.5;
/// Of the Gaussian, pixels.
const SIGMA: f64 = 1.5;
/// What a potential rises by where it is said to have risen, mV.
const RISE: f64 = 2.0;
/// Before and after the dot, ms.
const BEFORE: usize = 200;
const AFTER: usize = 60;

/// How bright the pixels of a frame are, 0 to 1, row after row.
pub fn frame(k: usize) -> Vec<f64> {
    let x = (k as f64 - SEEN.start as f64 + 0.5) * SIDE as f64 / SEEN.len() as f64;
    let around = |d: f64| d.abs().min(SIDE as f64 - d.abs());
    let bright = |p: usize| {
        let (dx, dy) = (around((p % SIDE) as f64 - x), (p / SIDE) as f64 - ROW);
        (-(dx * dx + dy * dy) / (2.0 * SIGMA * SIGMA)).exp()
    };
    (0..SIDE * SIDE).map(|p| if SEEN.contains(&k) { bright(p) } else { 0.0 }).collect()
}

/// The movie as GIF, 64 greys.
pub fn movie() -> Result<Vec<u8>, gif::EncodingError> {
    let palette: Vec<u8> = (0..64u8).flat_map(|k| [(f64::from(k) * 255.0 / 63.0).round() as u8; 3]).collect();
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, SIDE as u16, SIDE as u16, &palette)?;
    encoder.set_repeat(Repeat::Infinite)?;
    for k in 0..FRAMES {
        let pixels: Vec<u8> = frame(k).into_iter().map(|x| (x * 63.0).round() as u8).collect();
        let (width, height) = (SIDE as u16, SIDE as u16);
        encoder.write_frame(&Frame { width, height, delay: 1, buffer: Cow::Owned(pixels), ..Frame::default() })?;
    }
    drop(encoder);
    Ok(bytes)
}

/// The network of the file with this seed, with or without horizontal connections among its excitatory cells.
pub fn changed(network: &Network, seed: u64, horizontal: bool) -> Network {
    let mut network = network.clone();
    network.seed = Some(seed);
    if !horizontal {
        network.projections.retain(|projection| projection.name != "horizontal");
    }
    network
}

/// Potentials of the excitatory sheet after each ms, row after row of the sheet.
pub fn potentials(network: &Network, folder: &std::path::Path) -> Result<Vec<f64>, Error> {
    let mut simulation = network.compile(&Options::default().engine(Choice::Cpu).folder(folder))?;
    simulation.run((FRAMES * INTERVAL) as f64)?;
    let trace = simulation.recording().traces.iter().find(|trace| trace.population == "exc");
    Ok(trace.map(|trace| trace.values.clone()).unwrap_or_default())
}

/// The mean potential above that of the dark screen, by ms from `BEFORE` before the dot's middle is there: of the three rows along the way of the
/// dot, in all columns that it comes to after so long. `first_row`: of the sheet in the movie.
pub fn aligned(potentials: &[f64], rows: usize, first_row: usize) -> Vec<f64> {
    let at = |ms: usize, row: usize, column: usize| potentials[(ms * rows + row) * SIDE + column];
    let own = [ROW.floor() as usize - first_row, ROW.ceil() as usize - first_row];
    let arrives = |column: usize| (SEEN.start + column * SEEN.len() / SIDE) * INTERVAL;
    let columns =
        || (0..SIDE).filter(|column| (SEEN.start * INTERVAL + BEFORE..=SEEN.end * INTERVAL - AFTER).contains(&arrives(*column)));
    let places: Vec<(usize, usize)> = columns().flat_map(|column| own.map(|row| (row, column))).collect();
    let dark = SEEN.start * INTERVAL / 2..SEEN.start * INTERVAL;
    let count = places.len() as f64;
    let mean = |of: &dyn Fn(usize, usize) -> f64| places.iter().map(|(row, column)| of(*row, *column)).sum::<f64>() / count;
    let below = dark.clone().map(|ms| mean(&|row, column| at(ms, row, column))).sum::<f64>() / dark.len() as f64;
    (0..BEFORE + AFTER).map(|k| mean(&|row, column| at(arrives(column) + k - BEFORE, row, column)) - below).collect()
}

/// How long before the dot's middle the mean potential of 10 ms has risen for good until then, ms; `None`: never.
pub fn rises(aligned: &[f64]) -> Option<f64> {
    let smooth: Vec<f64> = aligned.windows(10).map(|part| part.iter().sum::<f64>() / 10.0).collect();
    let first = smooth.iter().position(|x| *x >= RISE)?;
    // the middle of the window
    Some(BEFORE as f64 - (first as f64 + 4.5))
}

/// Mean and standard deviation.
pub fn spread(list: &[f64]) -> (f64, f64) {
    let n = list.len() as f64;
    let mean = list.iter().sum::<f64>() / n;
    (mean, (list.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
}
