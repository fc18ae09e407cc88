//! The compiled part of the package `synfire` for Python: `synfire._core`.
//!
//! A thin door: it turns Python's values into the keys of a description, calls the public API, and hands arrays over without a copy.
//! What Python sees (keyword arguments, docstrings, types) stands in `python/synfire`, in Python.

mod arrays;
mod error;
mod explore;
mod network;
mod node;
mod picture;
mod recording;
mod running;
mod simulation;
mod units;

use pyo3::prelude::*;

/// Describes networks of neurons, runs them on any GPU or the processor, reads what they did.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<network::Network>()?;
    module.add_class::<simulation::Simulation>()?;
    module.add_class::<simulation::Snapshot>()?;
    module.add_class::<recording::Recording>()?;
    for function in [
        wrap_pyfunction!(units::unit, module)?,
        wrap_pyfunction!(units::quantity, module)?,
        wrap_pyfunction!(units::unit_of, module)?,
        wrap_pyfunction!(network::models, module)?,
        wrap_pyfunction!(network::model_text, module)?,
        wrap_pyfunction!(running::forked, module)?,
        wrap_pyfunction!(running::adapters, module)?,
        wrap_pyfunction!(recording::read, module)?,
        wrap_pyfunction!(picture::png, module)?,
        wrap_pyfunction!(picture::write, module)?,
        wrap_pyfunction!(picture::curves, module)?,
        wrap_pyfunction!(picture::animation, module)?,
        wrap_pyfunction!(explore::sweep_points, module)?,
        wrap_pyfunction!(explore::sweep, module)?,
        wrap_pyfunction!(explore::fit, module)?,
    ] {
        module.add_function(function)?;
    }
    Ok(())
}
