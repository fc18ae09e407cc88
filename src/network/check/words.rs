//! Words for what is expected and what there is: dimensions, units, lists of names; and which numbers an engine holds.

use super::short;
use crate::units::{Dimension, Unit};

/// Finite, also where engines count in f32.
pub(super) fn holds(x: f64) -> bool {
    x.abs() <= f64::from(f32::MAX)
}

/// Can a parameter have this value, whatever the model says? Finite, also where engines count in f32; a time may be infinite.
pub(super) fn is_value(dimension: Dimension, x: f64) -> bool {
    holds(x) || (x == f64::INFINITY && dimension == Dimension::TIME)
}

/// `capacitance (pF)`
pub(super) fn described(dimension: Dimension) -> String {
    match name(dimension) {
        Some(name) if dimension.is_none() => name.to_string(),
        Some(name) => format!("{name} ({})", unit_text(dimension)),
        None => format!("quantity in {}", unit_text(dimension)),
    }
}

/// `voltage`
pub(super) fn kind(dimension: Dimension) -> String {
    match name(dimension) {
        Some(name) if dimension.is_none() => format!("a {name}"),
        Some(name) => name.to_string(),
        None => unit_text(dimension),
    }
}

fn name(dimension: Dimension) -> Option<&'static str> {
    let names = [
        (Dimension::NONE, "number without a unit"),
        (Dimension::TIME, "time"),
        (Dimension::VOLTAGE, "voltage"),
        (Dimension::CURRENT, "current"),
        (Dimension::CONDUCTANCE, "conductance"),
        (Dimension::CAPACITANCE, "capacitance"),
        (Dimension::VOLTAGE.per(Dimension::CURRENT), "resistance"),
        (Dimension::RATE, "rate"),
        (Dimension::LENGTH, "length"),
        (Dimension::AMOUNT, "amount of substance"),
        (Dimension::CURRENT.times(Dimension::TIME), "charge"),
        (Dimension::AMOUNT.per(Dimension::LENGTH).per(Dimension::LENGTH).per(Dimension::LENGTH), "concentration"),
    ];
    names.iter().find(|(d, _)| *d == dimension).map(|(_, name)| *name)
}

/// As people write it; internally lengths count in 10 µm.
pub(super) fn unit_text(dimension: Dimension) -> String {
    dimension.unit().replace("10um", "um")
}

/// `-60 mV`, `0.5`
pub(super) fn quantity(x: f64, dimension: Dimension) -> String {
    if dimension.is_none() {
        return short(x).to_string();
    }
    // lengths are counted in 10 um, which no one writes
    let unit = unit_text(dimension);
    let scale = Unit::parse(&unit).map_or(1.0, |unit| unit.scale);
    format!("{} {unit}", short(if scale == 1.0 { x } else { x / scale }))
}

/// `` `a`, `b` and 3 more ``
pub(super) fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 16;
    let shown = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN { format!("{shown} and {} more", names.len() - SHOWN) } else { shown }
}

/// ``is none``, `` is `a` ``, `` are `a`, `b` ``
pub(super) fn there_are(names: &[&str]) -> String {
    match names.len() {
        0 => "is none".into(),
        1 => format!("is {}", listed(names)),
        _ => format!("are {}", listed(names)),
    }
}
