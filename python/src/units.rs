//! Units and quantities by their texts.

use pyo3::prelude::*;
use synfire::units::{Quantity, Unit};

use crate::error;

/// Exponents of a dimension, counted in halves.
type Halves = (i8, i8, i8, i8, i8);

/// A unit by its text: twice the exponents of its dimension in (time, voltage, current, length, amount), and how many internal units
/// (ms, mV, pA, 10 um, and what follows from them) it is.
#[pyfunction]
pub fn unit(py: Python<'_>, text: &str) -> PyResult<(Halves, f64)> {
    let unit = Unit::parse(text).map_err(|e| error::call(py, &format!("`{text}` is no unit: {e}")))?;
    Ok((unit.dimension.halves().into(), unit.scale))
}

/// A quantity by its text: its number in internal units, and twice the exponents of its dimension.
#[pyfunction]
pub fn quantity(py: Python<'_>, text: &str) -> PyResult<(f64, Halves)> {
    let quantity = Quantity::parse(text).map_err(|e| error::call(py, &format!("`{text}` is no quantity: {e}")))?;
    Ok((quantity.value, quantity.dimension.halves().into()))
}

/// The internal unit of a unit's dimension, such as `nS` for `uS`.
#[pyfunction]
pub fn unit_of(py: Python<'_>, text: &str) -> PyResult<String> {
    let unit = Unit::parse(text).map_err(|e| error::call(py, &format!("`{text}` is no unit: {e}")))?;
    Ok(unit.dimension.unit())
}
