//! How a network is run: options, processes, adapters.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use synfire::{Choice, Options, Precision};

use crate::error;

/// How often this process is a child of one that had imported the package.
static FORKS: AtomicU64 = AtomicU64::new(0);
/// A GPU was looked for, in this process or one that it is a child of.
static DEVICE: AtomicBool = AtomicBool::new(false);

/// Which of the processes this is.
pub fn process() -> u64 {
    FORKS.load(Ordering::Relaxed)
}

/// Called in a child, after a fork.
#[pyfunction]
pub fn forked() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}

/// Options by their names.
pub fn options(keys: &Bound<'_, PyDict>) -> PyResult<Options> {
    let mut options = Options::default();
    for (key, value) in keys {
        let key: String = key.extract()?;
        options = match key.as_str() {
            "engine" => options.engine(match value.extract::<String>()?.as_str() {
                "auto" => Choice::Auto,
                "cpu" => Choice::Cpu,
                "gpu" => Choice::Gpu,
                name => Choice::Adapter(name.to_string()),
            }),
            "precision" => options.precision(match value.extract::<String>()?.as_str() {
                "f32" | "float32" => Precision::F32,
                "f64" | "float64" => Precision::F64,
                other => return Err(PyValueError::new_err(format!("precision: expected \"f32\" or \"f64\", found \"{other}\""))),
            }),
            "threads" => options.threads(value.extract::<Option<usize>>()?),
            "memory" => options.memory_budget(value.extract::<Option<u64>>()?),
            "batch" => options.batch(value.extract::<Option<u32>>()?),
            other => return Err(PyValueError::new_err(format!("there is no option `{other}`"))),
        };
    }
    Ok(options)
}

/// Refuses a GPU where one was opened before a fork: its driver does not live on in the child.
pub fn alone(py: Python<'_>, options: &Options) -> PyResult<()> {
    if options.engine == Choice::Cpu {
        return Ok(());
    }
    if process() > 0 && DEVICE.load(Ordering::Relaxed) {
        let message = "a GPU that the parent process has opened cannot be used in a forked child\n  help: start processes by \
                       `multiprocessing.get_context(\"spawn\")`, or use `engine=\"cpu\"` here";
        return Err(error::of_class(py, "DeviceError", message));
    }
    DEVICE.store(true, Ordering::Relaxed);
    Ok(())
}

/// The adapters of this machine: name, kind, driver, whether it is a program on the processor.
#[pyfunction]
pub fn adapters(py: Python<'_>) -> PyResult<Vec<(String, String, String, bool)>> {
    alone(py, &Options::default())?;
    let found = py.detach(synfire::engine::gpu::adapters);
    Ok(found.into_iter().map(|a| (a.name, a.backend, a.driver, a.software)).collect())
}
