//! What rules of distance share: a cutoff, and kernels as expressions of the distance `d`.

use std::sync::Arc;

use super::law::Law;
use super::rule::{Desk, Kept};
use crate::diagnostic::Diagnostic;
use crate::network::Value;
use crate::network::space::metric::UM;
use crate::units::Dimension;

/// What else such a rule says.
pub(super) struct Options<'r> {
    /// Its key and what it is.
    pub cutoff: (&'r str, &'r Option<Value>),
    pub autapses: bool,
    pub mutual: bool,
}

/// The law of a probability that is written as an expression.
pub(super) fn law(desk: &mut dyn Desk, key: &str, text: &str, shown: Option<&str>, options: &Options<'_>) -> Option<Arc<dyn Kept>> {
    let probability = desk.pair(key, text, shown);
    let cutoff = match options.cutoff {
        (_, None) => Some(None),
        (key, Some(value)) => length(desk, key, value).and_then(|cutoff| Some(Some((cutoff, desk.geometry(key)?)))),
    };
    let ends = desk.ends();
    Some(Arc::new(Law::new(probability?, cutoff?, options.autapses, options.mutual, ends)))
}

/// A length above 0, internal units.
pub(super) fn length(desk: &mut dyn Desk, key: &str, value: &Value) -> Option<f64> {
    let x = desk.number(key, value, Dimension::LENGTH)?;
    if x > 0.0 {
        return Some(x);
    }
    desk.say(Diagnostic::new("E062", format!("`{key}` is a length above 0, got {value}")).value_of(key));
    None
}

/// A probability; 1 if not given.
pub(super) fn peak(desk: &mut dyn Desk, key: &str, value: Option<&Value>) -> Option<f64> {
    let Some(value) = value else { return Some(1.0) };
    let p = desk.number(key, value, Dimension::NONE)?;
    if (0.0..=1.0).contains(&p) {
        return Some(p);
    }
    desk.say(Diagnostic::new("E062", format!("a probability is a number from 0 to 1, got {p}")).value_of(key));
    None
}

/// `peak*exp(-d²/(2 sigma²))`, sigma in internal units.
pub(super) fn gaussian(peak: f64, sigma: f64) -> String {
    format!("{peak}*exp(-0.5*(d/({} um))**2)", sigma / UM)
}

/// `peak*exp(-d/length)`, the length in internal units.
pub(super) fn exponential(peak: f64, length: f64) -> String {
    format!("{peak}*exp(-d/({} um))", length / UM)
}
