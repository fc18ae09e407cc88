//! Times of stimuli: windows, intervals, and courses that follow from the time since a window began.

use super::except::Receivers;
use super::stimuli::Entry;
use super::values::read;
use super::{Checker, on_grid};
use crate::diagnostic::Diagnostic;
use crate::network::checked::{CheckedWaveform, Column, Course, Windows};
use crate::network::{Stimulus, Value, Waveform};
use crate::units::Dimension;

/// One time, or the times of a list, and what each is called.
fn listed<'v>(what: &str, value: &'v Value) -> Vec<(String, &'v Value)> {
    match value {
        Value::List(list) => list.iter().enumerate().map(|(k, value)| (format!("{what}[{k}]"), value)).collect(),
        one => vec![(what.to_owned(), one)],
    }
}

impl Checker<'_> {
    pub(super) fn on_times(&mut self, part: &str, given: &Stimulus) -> Option<Windows> {
        let starts: Option<Vec<u64>> = match &given.start {
            Some(value) => self.each_time(part, listed("start", value), false),
            None => Some(vec![0]),
        };
        let stops: Option<Vec<u64>> = match &given.stop {
            Some(value) => self.each_time(part, listed("stop", value), true),
            None => Some(vec![u64::MAX]),
        };
        let (starts, stops) = (starts?, stops?);
        if starts.len() != stops.len() {
            let message = format!("{part}: it starts {} and stops {}", times(starts.len()), times(stops.len()));
            let help = "write as many times in `start` as in `stop`; the last of `stop` may be `\"inf ms\"`";
            self.say(Diagnostic::new("E073", message).value_of("stop").help(help));
            return None;
        }
        let of = |steps: u64| super::short(steps as f64 * self.dt);
        let key = |what: &str, k: usize| if starts.len() > 1 { format!("{what}[{k}]") } else { what.to_owned() };
        for (k, (start, stop)) in starts.iter().zip(&stops).enumerate() {
            if stop <= start {
                let message = format!("{part}: it stops at {} ms, but starts at {} ms", of(*stop), of(*start));
                self.say(Diagnostic::new("E073", message).value_of(&key("stop", k)));
                return None;
            }
            if let Some(before) = k.checked_sub(1).map(|k| stops[k]).filter(|before| before > start) {
                let until = if before == u64::MAX { "never stops before".into() } else { format!("is on until {} ms", of(before)) };
                let message = format!("{part}: it starts again at {} ms, and {until}", of(*start));
                let help = "windows ascend, and none begins before the one before it ends";
                self.say(Diagnostic::new("E073", message).value_of(&key("start", k)).help(help));
                return None;
            }
        }
        let windows = Windows::new(starts.into_iter().zip(stops).collect::<Vec<_>>());
        if windows.is_none() {
            self.say(Diagnostic::new("E073", format!("{part}: it is never on, `start` is empty")).value_of("start"));
        }
        windows
    }

    /// Steps of times; `endless`: one of them may be infinite.
    fn each_time(&mut self, part: &str, list: Vec<(String, &Value)>, endless: bool) -> Option<Vec<u64>> {
        let mut out = Vec::with_capacity(list.len());
        for (what, value) in list {
            let ms = self.accept(read(&self.names, part, &what, value, Dimension::TIME));
            out.push(match ms {
                Some(ms) if ms == f64::INFINITY && endless => Some(u64::MAX),
                Some(ms) if ms == f64::INFINITY => {
                    self.say(Diagnostic::new("E032", format!("{part}: `{what}` must be finite, got {value}")).value_of(&what));
                    None
                }
                Some(ms) => self.steps(part, &what, ms, "E073"),
                None => None,
            });
        }
        out.into_iter().collect()
    }

    /// A waveform that follows from time: `offset + amplitude·course`.
    pub(super) fn course(&mut self, part: &str, given: &Waveform, entry: Entry, to: Receivers<'_>) -> Option<CheckedWaveform> {
        let Entry { place: input, dimension } = entry;
        let (amplitude, course, offset) = match given {
            Waveform::Sine { amplitude, frequency, phase, offset } => {
                let amplitude = self.receiver_column(part, "amplitude", amplitude, dimension, to, 0);
                let frequency = self.scalar(part, "frequency", frequency, Dimension::RATE);
                let offset = self.offset(part, "offset", offset.as_ref(), entry, to);
                if !phase.is_finite() {
                    self.say(Diagnostic::new("E032", format!("{part}: `phase` must be finite, got {phase}")).value_of("phase"));
                    return None;
                }
                let frequency = frequency?;
                self.not_negative(part, "frequency", Dimension::RATE, &Column::Shared(frequency))?;
                (amplitude?, Course::Sine { frequency, phase: *phase }, offset?)
            }
            Waveform::Ramp { from, to: end, over } => {
                let from = self.offset(part, "from", from.as_ref(), entry, to);
                let end = self.receiver_column(part, "to", end, dimension, to, 0);
                let over = self.time_of_a_step(part, "over", over);
                let (from, end) = (from?, end?);
                let rise = match (&from, &end) {
                    (Column::Shared(from), Column::Shared(to)) => Column::Shared(to - from),
                    (from, end) => Column::PerRow((0..to.count as usize).map(|k| end.get(k) - from.get(k)).collect()),
                };
                (rise, Course::Ramp { steps: over? / self.dt }, from)
            }
            Waveform::Pulses { amplitude, width, interval, count, offset } => {
                let amplitude = self.receiver_column(part, "amplitude", amplitude, dimension, to, 0);
                let offset = self.offset(part, "offset", offset.as_ref(), entry, to);
                let given = self.time_of_a_step(part, "width", width);
                let steps = given.and_then(|ms| self.steps(part, "width", ms, "E076"));
                let interval = match interval {
                    Some(value) => self.array_interval(part, value),
                    None => Some(f64::INFINITY),
                };
                let (width, interval) = (steps?, interval?);
                if width as f64 > interval.round() {
                    let (long, each) = (super::short(width as f64 * self.dt), super::short(interval * self.dt));
                    let message = format!("{part}: a pulse lasts {long} ms, and the next one begins after {each} ms");
                    let help = "make `width` no longer than `interval`; pulses that add up are two stimuli";
                    self.say(Diagnostic::new("E071", message).value_of("width").help(help));
                    return None;
                }
                if *count == Some(0) {
                    self.say(Diagnostic::new("E071", format!("{part}: `count` is 0: there is no pulse")).value_of("count"));
                    return None;
                }
                if interval.is_infinite() && count.is_some_and(|count| count > 1) {
                    let message = format!("{part}: {} pulses without a time from one to the next", count.unwrap_or(0));
                    self.say(Diagnostic::new("E071", message).value_of("count").help("give their `interval`"));
                    return None;
                }
                // one pulse, and the next never
                let count = if interval.is_finite() { count.unwrap_or(u64::MAX) } else { 1 };
                (amplitude?, Course::Pulses { interval: interval.min(f64::MAX), width, count }, offset?)
            }
            // the others are no courses
            _ => return None,
        };
        Some(CheckedWaveform::Course { input, amplitude, course, offset })
    }

    /// What is added to a course; 0 if not given.
    fn offset(&mut self, part: &str, what: &str, value: Option<&Value>, entry: Entry, to: Receivers<'_>) -> Option<Column> {
        value.map_or(Some(Column::Shared(0.0)), |value| self.receiver_column(part, what, value, entry.dimension, to, 1))
    }

    /// A finite time of one step at least, ms.
    fn time_of_a_step(&mut self, part: &str, what: &str, value: &Value) -> Option<f64> {
        let ms = self.scalar(part, what, value, Dimension::TIME)?;
        self.longer_than_a_step(part, what, ms)?;
        Some(ms)
    }

    pub(super) fn interval(&mut self, part: &str, value: &Value) -> Option<u64> {
        let ms = self.scalar(part, "interval", value, Dimension::TIME)?;
        self.longer_than_a_step(part, "interval", ms)?;
        self.steps(part, "interval", ms, "E076")
    }

    /// In steps. Off the grid samples begin at the nearest steps, so that they take the time that was given for all of them.
    pub(super) fn array_interval(&mut self, part: &str, value: &Value) -> Option<f64> {
        let ms = self.scalar(part, "interval", value, Dimension::TIME)?;
        let steps = self.longer_than_a_step(part, "interval", ms)?;
        match on_grid(ms, self.dt) {
            Some((whole, true)) => Some(whole as f64),
            Some((_, false)) => {
                let message = format!("interval {ms} ms is not a multiple of dt; each sample begins at the nearest step");
                self.remarks.at("interval", "interval of samples", part, message);
                Some(steps)
            }
            None => {
                let message = format!("{part}: interval {ms} ms is no time that steps of {} ms reach", self.dt);
                self.say(Diagnostic::new("E076", message).value_of("interval"));
                None
            }
        }
    }

    fn longer_than_a_step(&mut self, part: &str, what: &str, ms: f64) -> Option<f64> {
        let steps = ms / self.dt;
        if steps < 1.0 - 1e-6 {
            let message = format!("{part}: {what} {ms} ms is shorter than one step of {} ms", self.dt);
            self.say(Diagnostic::new("E076", message).value_of(what));
            return None;
        }
        Some(steps)
    }
}

fn times(count: usize) -> String {
    match count {
        1 => "once".into(),
        n => format!("{n} times"),
    }
}
