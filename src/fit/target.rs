//! What a measure of a population shall be.
//!
//! In: a text such as `exc.rate=5 Hz`. Out: [`Target`], which finds its number in a row. Not here: the measures (`analysis`).

use crate::analysis::Measure;
use crate::sweep::{Row, in_unit_of};

/// A number that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// As it was written, without its value.
    pub name: String,
    /// Whose number it is.
    pub measure: Measure,
    /// What it shall be. **Units** those of the measure (Hz).
    pub value: f64,
    population: String,
    /// The key of a number, where it was named in full.
    key: Option<String>,
}

impl Target {
    /// Reads `POPULATION.MEASURE=VALUE`: the first number of a measure (`exc.rate=5 Hz` is the mean rate), or one by its full name
    /// (`exc.rate_sd_hz=2 Hz`).
    ///
    /// **Errors** a text without `=`, a name without a population, a measure that there is not, a value of another unit, infinite, or 0.
    pub fn parse(text: &str) -> Result<Target, String> {
        let help = "write POPULATION.MEASURE=VALUE, such as \"exc.rate=5 Hz\" or \"exc.cv=0.9\"";
        let (name, value) = text.rsplit_once('=').ok_or_else(|| format!("`{text}` has no `=`\n  help: {help}"))?;
        let (name, value) = (name.trim(), value.trim());
        let (population, what) = name.rsplit_once('.').ok_or_else(|| format!("`{name}` names no population\n  help: {help}"))?;
        let (measure, key) = match what.parse::<Measure>() {
            Ok(measure) => (measure, None),
            Err(error) => {
                let known = Measure::ALL.into_iter().find(|m| what.starts_with(&format!("{}_", m.name())));
                let counts = matches!(what, "spikes" | "active").then_some(Measure::Rate);
                (known.or(counts).ok_or_else(|| format!("`{name}`: {error}"))?, Some(what.to_string()))
            }
        };
        let hertz = match &key {
            None => matches!(measure, Measure::Rate | Measure::Spectrum),
            Some(key) => key.ends_with("_hz"),
        };
        let number = match hertz {
            true => in_unit_of(value, "Hz").or_else(|| value.parse().ok()),
            false => value.parse().ok(),
        };
        let wrong = || {
            let unit = if hertz { "a rate, such as 5 Hz" } else { "a pure number" };
            format!("`{name}`: expected {unit}, got `{value}`")
        };
        let value = number.filter(|x: &f64| x.is_finite()).ok_or_else(wrong)?;
        if value == 0.0 {
            return Err(format!("`{name}`: a target of 0 has no relative distance\n  help: ask for a small number"));
        }
        Ok(Target { name: name.to_string(), measure, value, population: population.trim().to_string(), key })
    }

    /// Its number in a row.
    ///
    /// **Errors** a population that was not recorded, a measure that needs something else.
    pub fn of(&self, row: &Row) -> Result<f64, String> {
        let begins = format!("{}.", self.population);
        let fits = |key: &str| match (&self.key, key.strip_prefix(&begins)) {
            (Some(own), Some(key)) => own == key,
            (None, Some(key)) => key == self.measure.name() || key.starts_with(&format!("{}_", self.measure.name())),
            (_, None) => false,
        };
        row.numbers.iter().find(|(key, _)| fits(key)).map(|(_, x)| *x).ok_or_else(|| {
            let known: Vec<&str> = row.numbers.iter().map(|(key, _)| key.as_str()).collect();
            let known = if known.is_empty() { "nothing".into() } else { format!("`{}`", known.join("`, `")) };
            let help = "a population is measured by the spikes, or the states, that a probe records of it";
            format!("the target `{}` was not measured; there is {known}\n  help: {help}", self.name)
        })
    }

    /// How far a number is from it, relative to it.
    pub fn off(&self, x: f64) -> f64 {
        (x - self.value) / self.value.abs()
    }
}
