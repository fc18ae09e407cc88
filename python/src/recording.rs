//! What a run recorded: columns as arrays that look at the same memory.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use synfire::analysis::{Measure, Terms, Window, measured};
use synfire::recording::{self, csv, nest, npz, sonata};

use crate::arrays::shared;
use crate::error;

/// Everything recorded; `synfire.Recording` is what Python sees.
#[pyclass(frozen, module = "synfire._core")]
pub struct Recording {
    pub inner: Arc<recording::Recording>,
}

#[pymethods]
impl Recording {
    /// dt in ms, the first step, steps.
    fn about(&self) -> (f64, u64, u64) {
        (self.inner.dt, self.inner.first_step, self.inner.steps)
    }

    /// How many tables of spikes, traces, rates, summaries, values at spikes, populations with positions there are.
    fn counts(&self) -> [usize; 6] {
        let r = &self.inner;
        [r.spikes.len(), r.traces.len(), r.rates.len(), r.summaries.len(), r.at_spikes.len(), r.positions.len()]
    }

    fn spikes<'py>(slf: &Bound<'py, Self>, k: usize) -> PyResult<Bound<'py, PyDict>> {
        let (py, own) = (slf.py(), &slf.get().inner.spikes[k]);
        let told = PyDict::new(py);
        told.set_item("population", &own.population)?;
        told.set_item("size", own.size)?;
        match &own.rows {
            Some(rows) => told.set_item("rows", shared(slf, rows, rows.len())?)?,
            None => told.set_item("rows", py.None())?,
        }
        told.set_item("step", shared(slf, &own.step, own.step.len())?)?;
        told.set_item("neuron", shared(slf, &own.neuron, own.neuron.len())?)?;
        Ok(told)
    }

    fn traces<'py>(slf: &Bound<'py, Self>, k: usize) -> PyResult<Bound<'py, PyDict>> {
        let own = &slf.get().inner.traces[k];
        let told = PyDict::new(slf.py());
        told.set_item("population", &own.population)?;
        told.set_item("synapses", own.synapses)?;
        told.set_item("variable", &own.variable)?;
        told.set_item("unit", &own.unit)?;
        told.set_item("rows", shared(slf, &own.rows, own.rows.len())?)?;
        told.set_item("first_step", own.first_step)?;
        told.set_item("every", own.every)?;
        let samples = own.samples();
        told.set_item("values", shared(slf, &own.values[..samples * own.rows.len()], (samples, own.rows.len()))?)?;
        Ok(told)
    }

    fn rates<'py>(slf: &Bound<'py, Self>, k: usize) -> PyResult<Bound<'py, PyDict>> {
        let own = &slf.get().inner.rates[k];
        let told = PyDict::new(slf.py());
        told.set_item("population", &own.population)?;
        told.set_item("neurons", own.neurons)?;
        told.set_item("first_step", own.first_step)?;
        told.set_item("bin", own.bin)?;
        told.set_item("steps", own.steps)?;
        told.set_item("count", shared(slf, &own.count, own.count.len())?)?;
        told.set_item("hz", own.hz(slf.get().inner.dt).collect::<Vec<f64>>())?;
        Ok(told)
    }

    fn summaries<'py>(slf: &Bound<'py, Self>, k: usize) -> PyResult<Bound<'py, PyDict>> {
        let own = &slf.get().inner.summaries[k];
        let told = PyDict::new(slf.py());
        told.set_item("of", &own.projection)?;
        told.set_item("variable", &own.variable)?;
        told.set_item("unit", &own.unit)?;
        told.set_item("of_neurons", own.of_neurons)?;
        told.set_item("reduction", format!("{:?}", own.reduction).split([' ', '{']).next().unwrap_or_default().to_lowercase())?;
        told.set_item("first_step", own.first_step)?;
        told.set_item("every", own.every)?;
        told.set_item("edges", own.edges().to_vec())?;
        let (samples, width) = (own.samples(), own.reduction.width());
        told.set_item("values", shared(slf, &own.values[..samples * width], (samples, width))?)?;
        Ok(told)
    }

    fn at_spikes<'py>(slf: &Bound<'py, Self>, k: usize) -> PyResult<Bound<'py, PyDict>> {
        let own = &slf.get().inner.at_spikes[k];
        let told = PyDict::new(slf.py());
        told.set_item("projection", &own.projection)?;
        told.set_item("variable", &own.variable)?;
        told.set_item("unit", &own.unit)?;
        told.set_item("step", shared(slf, &own.step, own.step.len())?)?;
        told.set_item("synapse", shared(slf, &own.synapse, own.synapse.len())?)?;
        told.set_item("values", shared(slf, &own.value, own.value.len())?)?;
        Ok(told)
    }

    fn positions<'py>(slf: &Bound<'py, Self>, k: usize) -> PyResult<(String, Bound<'py, numpy::PyArray2<f64>>)> {
        let own = &slf.get().inner.positions[k];
        Ok((own.population.clone(), shared(slf, own.um.as_flattened(), (own.um.len(), 3))?))
    }

    /// Measures of every population: name, neurons, numbers as (key, unit, value).
    fn measures(
        &self,
        py: Python<'_>,
        measures: Option<Vec<String>>,
        window: Option<(f64, f64)>,
        bin: f64,
    ) -> PyResult<Vec<(String, usize, Vec<(String, String, f64)>)>> {
        let mut terms = Terms::default().bin_ms(bin);
        if let Some(names) = measures {
            terms = terms.measures(self::measures(py, &names)?);
        }
        if let Some((from, to)) = window {
            terms = terms.window(Window::from_ms(from, to, self.inner.dt));
        }
        let told = py.detach(|| measured(&self.inner, &terms));
        let of = |m: synfire::analysis::Measured| {
            let numbers = m.numbers.into_iter().map(|n| (n.key, n.unit.to_string(), n.value)).collect();
            (m.population, m.neurons, numbers)
        };
        Ok(told.into_iter().map(of).collect())
    }

    /// Writes it into a folder in these forms.
    fn save(&self, py: Python<'_>, folder: PathBuf, formats: Vec<String>) -> PyResult<()> {
        let wrong = formats.iter().find(|f| !["npz", "csv", "nest", "gdf", "sonata"].contains(&f.as_str()));
        if let Some(other) = wrong {
            return Err(error::call(py, &format!("there is no format `{other}`; there are npz, csv, nest, gdf, sonata")));
        }
        let made = std::fs::create_dir_all(&folder);
        made.map_err(|e| {
            error::raised(py, synfire::Error::File { path: folder.clone(), message: format!("cannot be made: {e}") })
        })?;
        for format in formats {
            let written = py.detach(|| match format.as_str() {
                "npz" => npz::write(&self.inner, &folder).map_err(|e| vec![e]),
                "csv" => csv::write_spikes(&self.inner, folder.join("spikes.csv")).map_err(|e| vec![e]),
                "nest" => nest::write_spikes(&self.inner, folder.join("spikes.dat")).map_err(|e| vec![e]),
                "gdf" => nest::write_gdf(&self.inner, folder.join("spikes.gdf")).map_err(|e| vec![e]),
                _ => sonata::write(&self.inner, &sonata::Origin::default(), &folder),
            });
            if let Err(failed) = written {
                let all: Vec<String> = failed.iter().map(ToString::to_string).collect();
                return Err(error::of_class(py, "FileError", &format!("error[E220]: {}", all.join("; "))));
            }
        }
        Ok(())
    }

    /// Where neurons are, as SVG.
    fn positions_figure(&self, py: Python<'_>, title: Option<String>, width: u32) -> PyResult<String> {
        crate::picture::of_positions(py, &self.inner, title, width)
    }

    /// A picture as SVG.
    fn figure(&self, py: Python<'_>, options: &Bound<'_, PyDict>) -> PyResult<String> {
        crate::picture::of_recording(py, &self.inner, options)
    }
}

/// Measures by their names.
pub fn measures(py: Python<'_>, names: &[String]) -> PyResult<Vec<Measure>> {
    names.iter().map(|name| Measure::from_str(name).map_err(|e| error::call(py, &e.to_string()))).collect()
}

/// What was written into a folder as npz.
#[pyfunction]
pub fn read(py: Python<'_>, folder: PathBuf) -> PyResult<Recording> {
    let read = py.detach(|| npz::read(&folder)).map_err(|e| error::file(py, e))?;
    Ok(Recording { inner: Arc::new(read) })
}
