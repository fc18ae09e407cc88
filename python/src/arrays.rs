//! Columns of a recording as arrays of numpy, which look at the same memory.

use numpy::ndarray::{ArrayView, Dimension, IntoDimension};
use numpy::{Element, PyArray, PyArrayMethods};
use pyo3::prelude::*;

use crate::recording::Recording;

/// A column of the recording that `owner` holds, as an array that cannot be written to and keeps `owner` alive.
#[allow(unsafe_code)]
pub fn shared<'py, T: Element, D: Dimension>(
    owner: &Bound<'py, Recording>,
    column: &[T],
    shape: impl IntoDimension<Dim = D>,
) -> PyResult<Bound<'py, PyArray<T, D>>> {
    let view = ArrayView::from_shape(shape.into_dimension(), column)
        .map_err(|e| crate::error::bug(owner.py(), &format!("a column has another shape: {e}")))?;
    // SAFETY: `column` lies in the `Arc<Recording>` of `owner`, a frozen class that never lets go of it; the array keeps `owner` alive as
    // its base. Nobody writes there: whoever appends to a recording that is shared appends to a copy (`Arc::make_mut`), and the array is
    // made read-only before anyone has it.
    let array = unsafe { PyArray::borrow_from_array(&view, owner.clone().into_any()) };
    array.readwrite().make_nonwriteable();
    Ok(array)
}
