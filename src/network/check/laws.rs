//! Distributions: their numbers in internal units, and whether they can be drawn.

use super::Checker;
use super::drawable::{cumulative, possible};
use super::spread::unbounded;
use super::words::described;
use crate::diagnostic::Diagnostic;
use crate::network::checked::{Draw, Law};
use crate::network::value::{Distribution, Outside, Value};
use crate::units::Dimension;

impl Checker<'_> {
    /// A distribution whose numbers are possible, in internal units.
    pub(super) fn draw(&mut self, part: &str, what: &str, distribution: &Distribution, dimension: Dimension) -> Option<Draw> {
        let keyword = distribution.keyword();
        let named = |key: &str| format!("{what}.{keyword}.{key}");
        let bound = |checker: &mut Self, key: &str, value: &Option<Value>, otherwise: f64| match value {
            Some(value) => checker.scalar(part, &named(key), value, dimension),
            None => Some(otherwise),
        };
        let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
        let draw = match distribution {
            Distribution::Uniform(a, b) => {
                let (a, b) = (self.scalar(part, &named("low"), a, dimension), self.scalar(part, &named("high"), b, dimension));
                Draw { law: Law::Uniform { low: a?, high: b? }, min: low, max: high, outside: Outside::Clip, grid: None }
            }
            Distribution::Normal { mean, sd, min, max, outside } => {
                let (mean, sd) =
                    (self.scalar(part, &named("mean"), mean, dimension), self.scalar(part, &named("sd"), sd, dimension));
                let (min, max) = (bound(self, "min", min, low), bound(self, "max", max, high));
                Draw { law: Law::Normal { mean: mean?, sd: sd? }, min: min?, max: max?, outside: *outside, grid: None }
            }
            Distribution::Lognormal { median, sigma, min, max, outside } => {
                let median = self.scalar(part, &named("median"), median, dimension);
                let (min, max) = (bound(self, "min", min, low), bound(self, "max", max, high));
                let law = Law::Lognormal { median: median?, sigma: *sigma };
                Draw { law, min: min?, max: max?, outside: *outside, grid: None }
            }
            Distribution::Gamma { shape, scale, min, max, outside } => {
                let shape = self.scalar(part, &named("shape"), shape, Dimension::NONE);
                let scale = self.scalar(part, &named("scale"), scale, dimension);
                let (min, max) = (bound(self, "min", min, low), bound(self, "max", max, high));
                Draw { law: Law::Gamma { shape: shape?, scale: scale? }, min: min?, max: max?, outside: *outside, grid: None }
            }
            Distribution::Exponential { mean, min, max, outside } => {
                let mean = self.scalar(part, &named("mean"), mean, dimension);
                let (min, max) = (bound(self, "min", min, low), bound(self, "max", max, high));
                Draw { law: Law::Exponential { mean: mean? }, min: min?, max: max?, outside: *outside, grid: None }
            }
            Distribution::Poisson { mean, times } => {
                let mean = self.scalar(part, &named("mean"), mean, Dimension::NONE);
                let times = self.times_of(part, &named("times"), times.as_ref(), dimension);
                unbounded(Law::Poisson { mean: mean?, times: times? })
            }
            Distribution::Binomial { n, p, times } => {
                let n = self.scalar(part, &named("n"), n, Dimension::NONE);
                let p = self.scalar(part, &named("p"), p, Dimension::NONE);
                let times = self.times_of(part, &named("times"), times.as_ref(), dimension);
                unbounded(Law::Binomial { n: n?, p: p?, times: times? })
            }
            Distribution::Randint(a, b) => {
                let (a, b) = (self.scalar(part, &named("low"), a, dimension), self.scalar(part, &named("high"), b, dimension));
                let (low, high) = (a?, b?);
                if !dimension.is_none() {
                    let message = format!("{part}: `{what}` is a {}, and randint draws pure numbers", described(dimension));
                    let help = "use `choice` or `uniform`, or a `poisson` or `binomial` law with `times`";
                    self.say(Diagnostic::new("E035", message).value_of(what).help(help));
                    return None;
                }
                unbounded(Law::Integers { low, count: high - low })
            }
            Distribution::VonMises { mean, kappa } => {
                let mean = self.scalar(part, &named("mean"), mean, dimension);
                let kappa = self.scalar(part, &named("kappa"), kappa, Dimension::NONE);
                if !dimension.is_none() {
                    let message = format!("{part}: `{what}` is a {}, and an angle is a pure number", described(dimension));
                    self.say(Diagnostic::new("E035", message).value_of(what));
                    return None;
                }
                unbounded(Law::VonMises { mean: mean?, kappa: kappa? })
            }
            Distribution::Choice { of, probability } => {
                let of = self.list(part, &named("of"), of, dimension)?;
                let cumulative = self.accept(cumulative(part, what, of.len(), probability))?;
                Draw { law: Law::Choice { of, cumulative }, min: low, max: high, outside: Outside::Clip, grid: None }
            }
            Distribution::Column { .. }
            | Distribution::Matrix { .. }
            | Distribution::Numbers { .. }
            | Distribution::Except { .. }
            | Distribution::Linspace(..)
            | Distribution::Range(..)
            | Distribution::Repeat(_)
            | Distribution::Each(_) => return None,
        };
        self.accept(possible(part, what, &draw, dimension))?;
        Some(draw)
    }
}
