//! Values that follow from the number of the row: evenly between two, by a step, over and over, a block for each.

use super::Checker;
use super::words::is_value;
use crate::diagnostic::Diagnostic;
use crate::network::checked::{Draw, Law};
use crate::network::value::{Distribution, Outside, Value};
use crate::units::Dimension;

/// A law without bounds of its own.
pub(super) fn unbounded(law: Law) -> Draw {
    Draw { law, min: f64::NEG_INFINITY, max: f64::INFINITY, outside: Outside::Redraw, grid: None }
}

impl Checker<'_> {
    /// What a count of 1 is: 1 where a pure number is expected, else it must be given.
    pub(super) fn times_of(&mut self, part: &str, what: &str, times: Option<&Value>, dimension: Dimension) -> Option<f64> {
        match times {
            Some(times) => self.scalar(part, what, times, dimension),
            None if dimension.is_none() => Some(1.0),
            None => {
                let unit = super::words::unit_text(dimension);
                let d = Diagnostic::new("E030", format!("{part}: a count is a pure number, and `{what}` is missing"));
                self.say(d.value_of(what).help(format!("write what it is multiplied by, for example `times = \"1 {unit}\"`")));
                None
            }
        }
    }

    /// A number for each of so many rows; `of` is what they are called.
    pub(super) fn spread(
        &mut self,
        part: &str,
        what: &str,
        given: &Distribution,
        dimension: Dimension,
        count: u64,
        of: &str,
    ) -> Option<Vec<f64>> {
        let named = format!("{what}.{}", given.keyword());
        let of_another = |found: String| {
            let message = format!("{part}: `{named}` {found} for {count} {of}");
            Diagnostic::new("E033", message).value_of(&named)
        };
        self.hold(part, what, count)?;
        let mut out = self.room(part, what, count)?;
        match given {
            Distribution::Linspace(a, b) => {
                let (a, b) = (self.scalar(part, &named, a, dimension), self.scalar(part, &named, b, dimension));
                let (first, last) = (a?, b?);
                let gaps = count.saturating_sub(1).max(1);
                // each from its own number, so that no error adds up; the last one as it was written
                out.extend((0..count).map(|k| match k == gaps && count > 1 {
                    true => last,
                    false => first + (last - first) * (k as f64 / gaps as f64),
                }));
            }
            Distribution::Range(a, b, c) => {
                let [a, b, c] = [a, b, c].map(|value| self.scalar(part, &named, value, dimension));
                let (start, stop, step) = (a?, b?, c?);
                // a stop that is met but for rounding is not passed
                let steps = ((stop - start) / step - 1e-9).ceil();
                if !(steps.is_finite() && steps >= 0.0) {
                    self.say(Diagnostic::new("E034", format!("{part}: `{named}`: this step never leads there")).value_of(&named));
                    return None;
                }
                if steps != count as f64 {
                    self.say(of_another(format!("has {steps} values")).help("change the step, or use `linspace`"));
                    return None;
                }
                out.extend((0..count).map(|k| start + step * k as f64));
            }
            Distribution::Repeat(list) | Distribution::Each(list) => {
                let values = self.list(part, &named, list, dimension)?;
                let length = values.len() as u64;
                let blocks = matches!(given, Distribution::Each(_));
                if length == 0 || length > count || (blocks && !count.is_multiple_of(length)) {
                    let d = of_another(format!("has {length} values"));
                    self.say(if blocks { d.help("each value is for as many rows as the others") } else { d });
                    return None;
                }
                let block = count / length;
                out.extend((0..count).map(|k| values[(if blocks { k / block } else { k % length }) as usize]));
            }
            _ => return None,
        }
        if let Some(bad) = out.iter().find(|x| !is_value(dimension, **x)) {
            let message = format!("{part}: `{named}` must be finite, and comes out as {bad}");
            self.say(Diagnostic::new("E032", message).value_of(&named));
            return None;
        }
        Some(out)
    }
}
