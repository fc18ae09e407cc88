//! What of a stimulus follows time by an expression, and rates of events that change.
//!
//! An expression is looked at in every step of the run, or of ten seconds where the description has no duration: a level or a rate
//! that is no number, a rate below 0, or one too large to draw, is refused there.

use super::Checker;
use super::except::Receivers;
use super::names::{Meant, RowValues, Unread};
use super::stimuli::{Entry, column_values};
use super::words::{described, holds, quantity};
use crate::diagnostic::Diagnostic;
use crate::network::Value;
use crate::network::checked::{CheckedWaveform, Column, Course};
use crate::network::course::{ALL, Formula, threshold};
use crate::random::POISSON_TABLE_MAX;
use crate::units::{Dimension, Quantity};

/// Looked at where the description does not say how long it runs, ms.
const LOOKED_AT: f64 = 10_000.0;
/// No more steps than these are looked at.
const MOST_LOOKED_AT: u64 = 1 << 21;

impl Checker<'_> {
    /// A value that follows time. `Some(None)`: it does not.
    pub(super) fn formula(&mut self, part: &str, what: &str, value: &Value, of: Dimension) -> Option<Option<Formula>> {
        let Value::Text(text) = value else { return Some(None) };
        let mut names = self.names.clone();
        names.add("t", Dimension::TIME, RowValues::Wrong);
        let before = format!("{part}: `{what}`: ");
        let expression = match names.read(text) {
            Ok(Meant::Expression(expression)) if names.used(&expression).any(|name| name == "t") => expression,
            // said where values are read
            Ok(_) | Err(Unread::Unit(_)) => return Some(None),
            Err(Unread::Expression(e)) => {
                self.say(e.diagnostic(&before).value_of(what));
                return None;
            }
        };
        if expression.is_condition() || expression.dimension() != of {
            let found = if expression.is_condition() { "a condition".into() } else { described(expression.dimension()) };
            let message = format!("{part}: `{what}` is a {}, and `{text}` is {}", described(of), with_article(&found));
            self.say(Diagnostic::new("E084", message).value_of(what));
            return None;
        }
        match names.moving(&expression, "t") {
            Ok((values, place)) => Some(Some(Formula::new(text, expression, values, place))),
            Err(Some(name)) => {
                let message =
                    format!("{part}: `{what}` is one value for all neurons, and `{name}` in `{text}` is each neuron's own");
                self.say(Diagnostic::new("E035", message).value_of(what));
                None
            }
            Err(None) => None,
        }
    }

    /// An expression as a waveform.
    pub(super) fn expression(&mut self, part: &str, text: &str, entry: Entry, to: Receivers<'_>) -> Option<CheckedWaveform> {
        let value = Value::Text(text.to_owned());
        let (amplitude, offset) = (Column::Shared(1.0), Column::Shared(0.0));
        let Some(formula) = self.formula(part, "value", &value, entry.dimension)? else {
            // the same all the time, which is no fault
            let amplitude = self.receiver_column(part, "value", &value, entry.dimension, to, 0)?;
            return Some(CheckedWaveform::Constant { input: entry.place, amplitude });
        };
        if let Some((t, x)) = self.first_wrong(&formula, holds) {
            let message = format!("{part}: `value`: `{text}` is {x} at {t} ms");
            self.say(Diagnostic::new("E032", message).value_of("value"));
            return None;
        }
        Some(CheckedWaveform::Course { input: entry.place, amplitude, course: Course::Formula(formula), offset })
    }

    /// The first of the steps that are looked at in which a formula has a value that cannot be.
    fn first_wrong(&self, formula: &Formula, right: impl Fn(f64) -> bool) -> Option<(f64, f64)> {
        let duration = self.network.duration.as_ref().and_then(|value| match value {
            Value::Text(text) => Quantity::parse(text).ok().filter(|q| q.dimension == Dimension::TIME).map(|q| q.value),
            _ => None,
        });
        let steps = (duration.unwrap_or(LOOKED_AT) / self.dt).clamp(1.0, MOST_LOOKED_AT as f64) as u64;
        (0..steps).map(|step| step as f64 * self.dt).map(|t| (t, formula.at(t))).find(|(_, x)| !right(*x))
    }

    /// Events a step, by row, of rates that stay as they are.
    pub(super) fn steady_mean(&mut self, part: &str, rate: &Value, factor: f64, to: Receivers<'_>) -> Option<Column> {
        let rate = self.receiver_column(part, "rate", rate, Dimension::RATE, to, 0)?;
        self.not_negative(part, "rate", Dimension::RATE, &rate)?;
        let mean = match rate {
            Column::Shared(x) => Column::Shared(x * factor),
            Column::PerRow(list) => Column::PerRow(list.into_iter().map(|x| x * factor).collect()),
        };
        let mean = self.finite(part, "rate", mean)?;
        self.countable(part, &mean)?;
        Some(mean)
    }

    /// The largest number of events a step that a rate of an expression may have.
    pub(super) fn moving_mean(&mut self, part: &str, rate: &Formula, factor: f64) -> Option<Column> {
        let most = std::cell::Cell::new(0.0f64);
        let right = |x: f64| {
            most.set(most.get().max(x * factor));
            x >= 0.0 && x * factor <= POISSON_TABLE_MAX
        };
        let Some((t, x)) = self.first_wrong(rate, right) else {
            return Some(Column::Shared(most.get()));
        };
        let found = quantity(x, Dimension::RATE);
        let text = rate.text();
        let (message, help) = if x < 0.0 {
            (format!("{part}: `rate`: `{text}` is {found} at {t} ms, below 0"), format!("write `max(0 Hz, {text})`"))
        } else {
            let most = quantity(POISSON_TABLE_MAX / factor, Dimension::RATE);
            let message = format!("{part}: `rate`: `{text}` is {found} at {t} ms; a rate that changes is at most {most} here");
            (message, "put more into `weight` and less into `rate`, or use `noise`".into())
        };
        self.say(Diagnostic::new("E071", message).value_of("rate").help(help));
        None
    }

    /// Of each row the largest number of events a step, and by sample, by row the threshold below its law.
    pub(super) fn sampled_means(
        &mut self,
        part: &str,
        samples: Vec<Column>,
        factor: f64,
        to: Receivers<'_>,
    ) -> Option<(Column, Vec<Vec<u32>>)> {
        for (k, sample) in samples.iter().enumerate() {
            let right = |x: &f64| *x >= 0.0 && *x * factor <= POISSON_TABLE_MAX;
            if let Some(x) = column_values(sample).iter().find(|x| !right(x)) {
                let found = quantity(*x, Dimension::RATE);
                let most = quantity(POISSON_TABLE_MAX / factor, Dimension::RATE);
                let message = format!("{part}: sample {k} is {found}; a rate that changes is from 0 to {most} here");
                self.say(Diagnostic::new("E071", message).help("put more into `weight` and less into the rate, or use `noise`"));
                return None;
            }
        }
        let width = if samples.iter().any(|s| matches!(s, Column::PerRow(_))) { to.count as usize } else { 1 };
        let largest: Vec<f64> = (0..width).map(|row| samples.iter().map(|s| s.get(row)).fold(0.0, f64::max)).collect();
        let share = |x: f64, most: f64| if x == most { ALL } else { threshold(x / most) };
        let thresholds = samples.iter().map(|s| (0..width).map(|row| share(s.get(row), largest[row])).collect()).collect();
        let mean = match &largest[..] {
            [one] if width == 1 => Column::Shared(one * factor),
            list => Column::PerRow(list.iter().map(|x| x * factor).collect()),
        };
        Some((mean, thresholds))
    }
}

fn with_article(what: &str) -> String {
    if what.starts_with("a ") { what.to_owned() } else { format!("a {what}") }
}
