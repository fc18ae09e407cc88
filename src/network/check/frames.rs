//! Images and movies as spikes of sources, and as samples of a stimulus.

use super::except::Receivers;
use super::stimuli::Entry;
use super::values::{population_stream, read};
use super::words::holds;
use super::{Checker, short};
use crate::diagnostic::Diagnostic;
use crate::network::checked::{CheckedWaveform, Column};
use crate::network::frames::{self, Frames};
use crate::random::Key;
use crate::units::Dimension;

/// The place of the spikes of frames among the streams of a population, which is that of sources that spike once.
const SPIKES: u32 = 1023;
/// Events a step of a source that can send one: beyond it, one in twenty is lost.
const MOST_EVENTS: f64 = 0.1;

/// How bright neurons are, frame after frame.
struct Seen {
    columns: u64,
    rows: u64,
    grey: Vec<f32>,
}

impl Seen {
    fn frames(&self) -> std::slice::ChunksExact<'_, f32> {
        // at least one pixel
        self.grey.chunks_exact((self.columns * self.rows) as usize)
    }
}

/// What a white pixel is.
enum Code {
    /// Of a Poisson source. **Units** 1/ms, of white and of black.
    Rate(f64, f64),
    /// After a frame begins, one spike. **Units** ms, of white and of what is all but black.
    Latency(f64, f64),
}

impl Checker<'_> {
    /// The steps at which each neuron of a population of this shape spikes, ascending.
    pub(super) fn frames(&mut self, part: &str, place: u32, given: &Frames, shape: &[u32]) -> Option<Vec<Vec<u64>>> {
        let interval = self.array_interval(part, &given.interval);
        let offset = given.offset.as_ref().map_or(Some(0.0), |value| self.scalar(part, "offset", value, Dimension::TIME));
        let seen = self.seen(part, given)?;
        let own: Vec<u64> = shape.iter().map(|n| u64::from(*n)).collect();
        self.a_neuron_each(part, given, &seen, &own)?;
        let (interval, offset) = (interval?, offset?);
        let code = self.code(part, given, interval * self.dt)?;
        if !(0.0..=1e12).contains(&offset) {
            let d = Diagnostic::new("E052", format!("{part}: `offset` is a time from 0 ms on, got {offset} ms"));
            self.say(d.value_of("offset"));
            return None;
        }
        let frames = seen.frames().len();
        // a time that steps reach
        let last = offset / self.dt + frames as f64 * interval;
        if last >= 9e15 {
            let message =
                format!("{part}: {frames} frames of {} ms are longer than steps can be counted", short(interval * self.dt));
            self.say(Diagnostic::new("E052", message).value_of("interval"));
            return None;
        }
        let dt = self.dt;
        let begins = move |k: usize| (offset / dt + k as f64 * interval).round() as u64;
        let count = (seen.columns * seen.rows) as usize;
        let (out, twice) = match code {
            Code::Rate(white, black) => (self.by_rate(part, place, &seen, white, black, begins)?, 0),
            Code::Latency(white, black) => {
                self.hold(part, "spike_times.frames", seen.grey.len() as u64)?;
                let mut out = vec![Vec::new(); count];
                for (k, frame) in seen.frames().enumerate() {
                    let start = offset + k as f64 * interval * self.dt;
                    for (steps, grey) in out.iter_mut().zip(frame).filter(|(_, grey)| **grey > 0.0) {
                        let ms = start + white + (black - white) * (1.0 - f64::from(*grey));
                        // the first spike that can be is at the end of the first step
                        steps.push(((ms / self.dt).round() as u64).max(1));
                    }
                }
                let mut twice = 0;
                for steps in &mut out {
                    steps.sort_unstable();
                    twice += steps.len();
                    steps.dedup();
                    twice -= steps.len();
                }
                (out, twice)
            }
        };
        let (shown, end) = (given.file.display(), begins(frames) as f64 * self.dt);
        if twice > 0 {
            let message =
                format!("{twice} spikes of `{shown}` are in a step in which their neuron spikes already, and are one with it");
            self.remarks.alone("file", "events", part, message);
        }
        if let Some(duration) = self.end.filter(|duration| *duration < end - 0.5 * self.dt) {
            let message = format!("the {frames} frames of `{shown}` end at {} ms, the run at {} ms", short(end), short(duration));
            self.remarks.alone("file", "events", part, message);
        }
        Some(out)
    }

    /// Spikes of Poisson sources, several events of a step being one.
    fn by_rate(
        &mut self,
        part: &str,
        place: u32,
        seen: &Seen,
        white: f64,
        black: f64,
        begins: impl Fn(usize) -> u64,
    ) -> Option<Vec<Vec<u64>>> {
        let dt = self.dt;
        let most = white.max(black) * dt;
        if most > MOST_EVENTS {
            let lost = short((100.0 * (1.0 + libm::expm1(-most) / most)).round());
            let message = format!("up to {} events a step, of which a source sends one: up to {lost} % are lost", short(most));
            self.remarks.at("white", "events", part, message);
        }
        let mean = |grey: &f32| (black + (white - black) * f64::from(*grey)).max(0.0) * dt;
        let mut expected = 0.0;
        for (k, frame) in seen.frames().enumerate() {
            let steps = (begins(k + 1) - begins(k)) as f64;
            expected += frame.iter().map(|grey| -libm::expm1(-mean(grey)) * steps).sum::<f64>();
        }
        // above it by six deviations
        self.hold(part, "spike_times.frames", (expected + 6.0 * expected.sqrt()) as u64 + seen.columns * seen.rows)?;
        let (key, tag) = (Key { seed: self.seed }, population_stream(place, SPIKES));
        let mut out = Vec::with_capacity((seen.columns * seen.rows) as usize);
        for neuron in 0..(seen.columns * seen.rows) as u32 {
            let (mut draws, mut steps) = (key.draws(tag, neuron, 0), Vec::new());
            for (k, frame) in seen.frames().enumerate() {
                let mean = frame.get(neuron as usize).map_or(0.0, mean);
                if mean <= 0.0 {
                    continue;
                }
                // the first spike that can be is at the end of the first step
                let (mut step, end) = (begins(k) + 1, begins(k + 1));
                loop {
                    // steps without an event have a probability of exp(-mean) each
                    let empty = libm::log(1.0 - draws.uniform()) / -mean;
                    // a float that is too large becomes the largest whole number
                    step = step.saturating_add(empty as u64);
                    if step > end {
                        break;
                    }
                    steps.push(step);
                    step += 1;
                }
            }
            out.push(steps);
        }
        Some(out)
    }

    /// Rates or times of white and black.
    fn code(&mut self, part: &str, given: &Frames, interval: f64) -> Option<Code> {
        let time = read(&self.names, part, "white", &given.white, Dimension::TIME);
        let wrong = |key: &str, text: String| Diagnostic::new("E052", format!("{part}: {text}")).value_of(key);
        let Ok(white) = time else {
            let rate = read(&self.names, part, "white", &given.white, Dimension::RATE);
            if rate.is_err() {
                let message = format!("`white` is a rate (Hz) or a time (ms), got {}", given.white);
                self.say(wrong("white", message).help("write for example `white = \"100 Hz\"`, or `white = \"2 ms\"`"));
                return None;
            }
            let white = self.accept(rate)?;
            let black = given.black.as_ref().map_or(Some(0.0), |value| self.scalar(part, "black", value, Dimension::RATE))?;
            for (key, rate, value) in [("white", white, Some(&given.white)), ("black", black, given.black.as_ref())] {
                if let Some(value) = value.filter(|_| !(rate >= 0.0 && holds(rate))) {
                    self.say(wrong(key, format!("`{key}` is a rate from 0 Hz on, got {value}")));
                    return None;
                }
            }
            return Some(Code::Rate(white, black));
        };
        let black = given.black.as_ref().map_or(Some(interval), |value| self.scalar(part, "black", value, Dimension::TIME))?;
        for (key, time) in [("white", white), ("black", black)] {
            if !(0.0..=interval * (1.0 + 1e-9)).contains(&time) {
                let message = format!("`{key}` is a time within a frame, 0 to {} ms, got {} ms", short(interval), short(time));
                self.say(wrong(key, message));
                return None;
            }
        }
        Some(Code::Latency(white, black))
    }

    /// A waveform as bright as frames are.
    pub(super) fn frames_of_stimulus(
        &mut self,
        part: &str,
        given: &Frames,
        entry: Entry,
        shape: &[u32],
        to: Receivers<'_>,
    ) -> Option<CheckedWaveform> {
        let interval = self.array_interval(part, &given.interval);
        let white = self.scalar(part, "white", &given.white, entry.dimension);
        let black = given.black.as_ref().map_or(Some(0.0), |value| self.scalar(part, "black", value, entry.dimension));
        if given.offset.is_some() {
            let d = Diagnostic::new("E071", format!("{part}: the frames of a stimulus begin where it begins"));
            self.say(d.key_of("offset").help("write `start` beside `waveform`"));
            return None;
        }
        let seen = self.seen(part, given)?;
        let whole = shape.iter().product::<u32>() == to.count;
        let own = if whole { shape.iter().map(|n| u64::from(*n)).collect() } else { vec![u64::from(to.count)] };
        self.a_neuron_each(part, given, &seen, &own)?;
        let (interval, white, black) = (interval?, white?, black?);
        for (key, level) in [("white", white), ("black", black)] {
            if !holds(level) {
                self.say(Diagnostic::new("E032", format!("{part}: `{key}` must be finite")).value_of(key));
                return None;
            }
        }
        self.hold(part, "frames", seen.grey.len() as u64)?;
        let level = |grey: &f32| black + (white - black) * f64::from(*grey);
        let samples = seen.frames().map(|frame| Column::PerRow(frame.iter().map(level).collect())).collect();
        Some(CheckedWaveform::Array { input: entry.place, samples, interval })
    }

    /// The part of the frames that is asked for, by neuron.
    fn seen(&mut self, part: &str, given: &Frames) -> Option<Seen> {
        let wrong = |key: &str, text: String| Diagnostic::new("E052", format!("{part}: {text}")).value_of(key);
        let bin = given.bin.unwrap_or(1);
        if !(1..=65_536).contains(&bin) {
            self.say(wrong("bin", format!("`bin` is a number of pixels from 1 to 65536, got {bin}")));
            return None;
        }
        let full = self.inside(part, &given.file);
        let full = self.accept(full)?;
        self.event_files.insert(given.file.clone());
        let movie = frames::read(&full).map_err(|e| self.unread(part, &given.file, &full, &e.to_string()));
        let movie = self.accept(movie)?;
        let sides = [u64::from(movie.columns), u64::from(movie.rows)];
        let [left, top, columns, rows] = match given.crop[..] {
            [] => [0, 0, sides[0], sides[1]],
            [x, y, columns, rows] if columns > 0 && rows > 0 => {
                if x.saturating_add(columns) > sides[0] || y.saturating_add(rows) > sides[1] {
                    let (shown, [w, h]) = (given.file.display(), sides);
                    self.say(wrong("crop", format!("`{shown}` has {w} columns and {h} rows of pixels, `crop` goes beyond")));
                    return None;
                }
                [x, y, columns, rows]
            }
            _ => {
                let message = format!("`crop` is the column and the row of a pixel, columns and rows, got {:?}", given.crop);
                self.say(wrong("crop", message).help("write for example `crop = [0, 0, 32, 32]`"));
                return None;
            }
        };
        let (wide, high) = (columns.div_ceil(bin), rows.div_ceil(bin));
        let mut grey = Vec::with_capacity(movie.frames() * (wide * high) as usize);
        for frame in movie.grey.chunks_exact(movie.pixels()) {
            for (row, column) in (0..high).flat_map(|row| (0..wide).map(move |column| (row, column))) {
                let (mut sum, mut count) = (0.0, 0u32);
                for y in row * bin..((row + 1) * bin).min(rows) {
                    for x in column * bin..((column + 1) * bin).min(columns) {
                        sum += f64::from(frame[((top + y) * sides[0] + left + x) as usize]);
                        count += 1;
                    }
                }
                grey.push((sum / f64::from(count)) as f32);
            }
        }
        Some(Seen { columns: wide, rows: high, grey })
    }

    /// Is there a neuron for each pixel?
    fn a_neuron_each(&mut self, part: &str, given: &Frames, seen: &Seen, own: &[u64]) -> Option<()> {
        let along = [seen.rows, seen.columns];
        if own == along || (own.len() == 1 && own[0] == seen.rows * seen.columns) {
            return Some(());
        }
        let shown = given.file.display();
        let message = format!(
            "{part}: `{shown}` makes a sheet of {} rows and {} columns of neurons, and there is another shape, {own:?}",
            along[0], along[1]
        );
        self.say(Diagnostic::new("E052", message).value_of("file").help(format!("write `shape = {along:?}`")));
        None
    }
}
