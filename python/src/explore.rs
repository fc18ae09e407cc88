//! Sweeps and fits.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use synfire::fit::{Evaluation, Fit};
use synfire::sweep::{Design, Said, Sweep};

use crate::error;
use crate::network::{Listener, Network};
use crate::{recording, running};

/// A sweep by its keys: `axes` (texts), `design` (grid, random, latin), `points`, `seed`, `repeat`, `measures`, `duration`, `window`,
/// `bin`, `batch`, `options`.
fn described(py: Python<'_>, network: &Network, keys: &Bound<'_, PyDict>) -> PyResult<Sweep> {
    let raised = |e| error::raised(py, e);
    let mut sweep = Sweep::new(network.net.clone());
    let get = |key: &str| keys.get_item(key);
    for axis in get("axes")?.map(|all| all.extract::<Vec<String>>()).transpose()?.unwrap_or_default() {
        sweep = sweep.axis(&axis).map_err(raised)?;
    }
    let points = get("points")?.map(|n| n.extract::<usize>()).transpose()?.unwrap_or(0);
    let seed = get("seed")?.map(|n| n.extract::<u64>()).transpose()?.unwrap_or(1);
    let design = match get("design")?.map(|d| d.extract::<String>()).transpose()?.unwrap_or_default().as_str() {
        "" | "grid" => Design::Grid,
        "random" => Design::Random { points, seed },
        "latin" => Design::Latin { points, seed },
        other => return Err(error::call(py, &format!("there is no design `{other}`; there are grid, random, latin"))),
    };
    sweep = sweep.design(design).map_err(raised)?;
    for (key, value) in keys {
        sweep = match key.extract::<String>()?.as_str() {
            "axes" | "design" | "points" | "seed" => sweep,
            "repeat" => sweep.repeat(value.extract()?),
            "measures" => sweep.measures(recording::measures(py, &value.extract::<Vec<String>>()?)?),
            "duration" => sweep.duration(value.extract()?),
            "window" => {
                let (from, to) = value.extract::<(f64, f64)>()?;
                sweep.window(from, to)
            }
            "bin" => sweep.bin_ms(value.extract()?),
            "batch" => sweep.batch(value.extract()?),
            "options" => {
                let options = running::options(value.cast::<PyDict>().map_err(PyErr::from)?)?.folder(&network.folder);
                running::alone(py, &options)?;
                sweep.options(options)
            }
            other => return Err(error::call(py, &format!("a sweep has no key `{other}`"))),
        };
    }
    Ok(sweep)
}

/// The points of a sweep: what runs together, names of the axes, and for each point its values and the seed's repetition.
#[pyfunction]
pub fn sweep_points(
    py: Python<'_>,
    network: PyRef<'_, Network>,
    keys: &Bound<'_, PyDict>,
) -> PyResult<(String, Vec<String>, Vec<(Vec<String>, u32)>)> {
    let sweep = described(py, &network, keys)?;
    let arrangement = sweep.check().map_err(|e| error::raised(py, e))?.to_string();
    let points = sweep.points().map_err(|e| error::raised(py, e))?;
    let axes = sweep.axes().iter().map(|axis| axis.name()).collect();
    Ok((arrangement, axes, points.into_iter().map(|p| (p.values, p.repeat)).collect()))
}

/// Runs a sweep: of each point its number, its measures, and why there are none. `report(points done)` is called after each batch.
#[pyfunction]
pub fn sweep(
    py: Python<'_>,
    network: PyRef<'_, Network>,
    keys: &Bound<'_, PyDict>,
    report: Option<Py<PyAny>>,
) -> PyResult<(Vec<(usize, Vec<(String, f64)>, Option<String>)>, Option<PyErrHeld>)> {
    let sweep = described(py, &network, keys)?;
    drop(network);
    let mut listener = Listener { report, raised: None };
    let (mut rows, total) = (Vec::new(), sweep.points().map_err(|e| error::raised(py, e))?.len() as u64);
    let ran = py.detach(|| {
        sweep.run(&BTreeSet::new(), &mut |said| {
            if let Said::Rows(new) = said {
                rows.extend(new);
            }
            listener.hear((rows.len() as u64, total, 0))
        })
    });
    ran.map_err(|e| error::raised(py, e))?;
    rows.sort_by_key(|row| row.point);
    let rows = rows.into_iter().map(|row| (row.point, row.numbers, row.fault)).collect();
    Ok((rows, listener.raised.map(|raised| raised.into_value(py).into_any())))
}

/// An exception that is raised once what was computed is safe.
type PyErrHeld = Py<PyAny>;

fn told(own: &Evaluation) -> (usize, u32, u32, Vec<String>, Vec<f64>, f64, Option<String>) {
    (own.number, own.restart, own.generation, own.values.clone(), own.measured.clone(), own.off, own.fault.clone())
}

/// Looks for values by CMA-ES: whether the targets were reached, the best point, all points, and what ended it early.
#[pyfunction]
pub fn fit<'py>(
    py: Python<'py>,
    network: PyRef<'_, Network>,
    keys: &Bound<'_, PyDict>,
    free: Vec<String>,
    targets: Vec<String>,
    search: (u64, Option<usize>, u32, usize, f64),
    report: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let raised = |e| error::raised(py, e);
    let sweep = described(py, &network, keys)?;
    drop(network);
    let mut fit = Fit::new(sweep);
    for text in &free {
        fit = fit.free(text).map_err(raised)?;
    }
    for text in &targets {
        fit = fit.target(text).map_err(raised)?;
    }
    let (seed, population, restarts, most, tolerance) = search;
    fit = fit.seed(seed).restarts(restarts).most(most).tolerance(tolerance);
    if let Some(points) = population {
        fit = fit.population(points);
    }
    let mut listener = Listener { report, raised: None };
    let mut all = Vec::new();
    let found = py.detach(|| {
        fit.run(&[], &mut |own| {
            all.extend(own.iter().map(told));
            match own.is_empty() {
                true => ControlFlow::Continue(()),
                false => listener.hear((all.len() as u64, most as u64, 0)),
            }
        })
    });
    let found = found.map_err(raised)?;
    let out = PyDict::new(py);
    out.set_item("reached", found.reached)?;
    out.set_item("best", found.best.as_ref().map(told))?;
    out.set_item("evaluations", all)?;
    out.set_item("raised", listener.raised.map(|raised| raised.into_value(py).into_any()))?;
    Ok(out)
}
