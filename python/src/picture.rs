//! The pictures of the command, as SVG and PNG.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use synfire::plot::{Curve, Drawn, Figure, FigureOptions};
use synfire::recording::Recording;

use crate::error;

/// Raster, rates and traces over one time axis.
pub fn of_recording(py: Python<'_>, recording: &Recording, keys: &Bound<'_, PyDict>) -> PyResult<String> {
    let mut options = FigureOptions::default();
    for (key, value) in keys {
        let key: String = key.extract()?;
        options = match key.as_str() {
            "title" => options.title(value.extract::<String>()?),
            "width" => options.width(value.extract()?),
            "height" => options.height(value.extract::<u32>()?),
            "rows" => options.rows(value.extract::<Vec<u32>>()?),
            "from_ms" => options.from_ms(value.extract::<f64>()?),
            "to_ms" => options.to_ms(value.extract::<f64>()?),
            "raster" => options.raster(value.extract()?),
            "rates" => options.rates(value.extract()?),
            "traces" => options.traces(value.extract()?),
            "apart" => options.apart(value.extract()?),
            "rate_bin_ms" => options.rate_bin_ms(value.extract::<f64>()?),
            "max_rows" => options.max_rows(value.extract()?),
            "max_traces" => options.max_traces(value.extract()?),
            "max_marks" => options.max_marks(value.extract()?),
            other => {
                let known = "title, width, height, rows, from_ms, to_ms, raster, rates, traces, apart, rate_bin_ms, max_rows, max_traces, max_marks";
                return Err(error::call(py, &format!("a picture has no option `{other}`; there are {known}")));
            }
        };
    }
    let drawn = py.detach(|| synfire::plot::figure(recording, &options));
    drawn.map(|figure| figure.svg).map_err(|e| error::plot(py, e))
}

/// An SVG of ours in pixels.
#[pyfunction]
pub fn png<'py>(py: Python<'py>, svg: &str, scale: f32) -> PyResult<Bound<'py, PyBytes>> {
    let figure = Figure { svg: svg.to_string() };
    let bytes = py.detach(|| figure.png(scale)).map_err(|e| error::plot(py, e))?;
    Ok(PyBytes::new(py, &bytes))
}

/// Lines or dots of (x, y) with names, over named axes.
#[pyfunction]
pub fn curves(
    py: Python<'_>,
    all: Vec<(String, Vec<(f64, f64)>, bool)>,
    x: &str,
    y: &str,
    title: Option<&str>,
    width: u32,
) -> PyResult<String> {
    let drawn: Vec<Curve> = all
        .into_iter()
        .enumerate()
        .map(|(k, (name, points, dots))| Curve::new(name, points, if dots { Drawn::Points } else { Drawn::Line }, k))
        .collect();
    let figure = py.detach(|| synfire::plot::curves(&drawn, (x, y), title, width));
    figure.map(|figure| figure.svg).map_err(|e| error::plot(py, e))
}
