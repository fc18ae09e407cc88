//! Errors as exceptions of Python, with the same text; the classes stand in `synfire/errors.py`.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyModule;
use synfire::Error;
use synfire::diagnostic::Report;
use synfire::plot::PlotError;
use synfire::recording::file::FileError;

/// What messages call by its name at the command or in Rust, and what it is called in Python.
const IN_PYTHON: &[(&str, &str)] = &[
    ("`--engine cpu`", "`engine=\"cpu\"`"),
    ("`--memory`", "`memory=`, in bytes"),
    ("`--set` of the command", "`changes=` of it"),
    ("`Network::load_changed`", "`sf.Network.load(path, changes)`"),
    ("`Network::load`", "`sf.Network.load`"),
    ("`Network::set`", "`net.set`"),
    ("`Network::compile_ensemble`", "`net.compile(variants=...)`"),
    ("`Variant::seed`", "the key `seed` of the variant"),
    ("`Variant::stimulus`", "the address of its level"),
    ("run `synfire doctor`", "look at `sf.adapters()`"),
    ("`run_steps` runs it without", "`sim.run_steps` runs it without"),
];

/// An exception of this class, with this text.
pub fn of_class(py: Python<'_>, class: &str, text: &str) -> PyErr {
    let text = IN_PYTHON.iter().fold(text.to_string(), |text, (there, here)| text.replace(there, here));
    let text = text.as_str();
    static ERRORS: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let made = ERRORS
        .get_or_try_init(py, || PyModule::import(py, "synfire.errors").map(Bound::unbind))
        .and_then(|module| module.bind(py).getattr(class))
        .and_then(|class| class.call1((text,)));
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => PyRuntimeError::new_err(format!("{text}\n(and its class `{class}` is not there: {error})")),
    }
}

/// The exception of an error of the library, which has its code and, of a run, its step and time.
pub fn raised(py: Python<'_>, error: Error) -> PyErr {
    let class = match &error {
        Error::Model(_) => "ModelError",
        Error::Network(_) => "NetworkError",
        Error::Plan(_) => "PlanError",
        Error::Device(_) => "DeviceError",
        Error::Run { .. } => "RunError",
        Error::Call(_) => "CallError",
        Error::File { .. } => "FileError",
        Error::Sink { .. } => "SinkError",
        _ => "BugError",
    };
    let exception = of_class(py, class, &error.to_string());
    let noted = match &error {
        Error::Run { last_good, time, .. } => {
            let value = exception.value(py);
            value.setattr("step", *last_good).and_then(|()| value.setattr("time", *time))
        }
        Error::Model(report) | Error::Network(report) => {
            let codes: Vec<&str> = report.diagnostics.iter().map(|d| d.code).collect();
            exception.value(py).setattr("codes", codes)
        }
        _ => Ok(()),
    };
    noted.map_or_else(|e| e, |()| exception)
}

/// Something wrong in a description.
pub fn reported(py: Python<'_>, report: Report) -> PyErr {
    raised(py, Error::Network(report))
}

/// A call that is no use, and what would be right.
pub fn call(py: Python<'_>, text: &str) -> PyErr {
    raised(py, Error::Call(text.to_string()))
}

/// Ours to mend.
pub fn bug(py: Python<'_>, text: &str) -> PyErr {
    raised(py, Error::Bug(text.to_string()))
}

/// A picture that cannot be.
pub fn plot(py: Python<'_>, error: PlotError) -> PyErr {
    match error {
        PlotError::File(error) => file(py, error),
        PlotError::Drawing(text) => bug(py, &text),
        error => call(py, &error.to_string()),
    }
}

/// A file that cannot be read or written.
pub fn file(py: Python<'_>, error: FileError) -> PyErr {
    raised(py, error.into())
}
