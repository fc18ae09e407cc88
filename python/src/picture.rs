//! The pictures of the command, as SVG and PNG.

use std::io::Write;
use std::path::PathBuf;

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use synfire::plot::gif::Sheet;
use synfire::plot::{Curve, Drawn, Figure, FigureOptions, PositionOptions};
use synfire::recording::Recording;
use synfire::recording::file::write_whole;

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

/// Where the neurons of a recording are.
pub fn of_positions(py: Python<'_>, recording: &Recording, title: Option<String>, width: u32) -> PyResult<String> {
    let mut options = PositionOptions::default().width(width);
    if let Some(title) = title {
        options = options.title(title);
    }
    synfire::plot::positions(recording, &options).map(|figure| figure.svg).map_err(|e| error::plot(py, e))
}

/// Frames of a sheet of neurons as an animated GIF: `values[(frame*height + row)*width + column]`.
#[pyfunction]
pub fn animation<'py>(
    py: Python<'py>,
    values: PyReadonlyArray1<'_, f64>,
    size: (usize, usize),
    range: (f64, f64),
    label: String,
    times: (f64, f64),
    delay: u16,
) -> PyResult<Bound<'py, PyBytes>> {
    let sheet = Sheet::of(size.0, size.1).delay(delay).low(range.0).high(range.1).label(label).first_ms(times.0).every_ms(times.1);
    let Ok(values) = values.as_slice() else { return Err(error::call(py, "`values` is an array with gaps")) };
    let bytes = py.detach(|| sheet.gif(values)).map_err(|e| error::plot(py, e))?;
    Ok(PyBytes::new(py, &bytes))
}

/// Writes a file: the whole new one, or the old one stays.
#[pyfunction]
pub fn write(py: Python<'_>, path: PathBuf, bytes: &[u8]) -> PyResult<()> {
    let written = py.detach(|| write_whole(&path, |out| out.write_all(bytes)));
    written.map_err(|e| error::file(py, e))
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
