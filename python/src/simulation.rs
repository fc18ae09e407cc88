//! A compiled network: runs, steps, states, synapses, snapshots.

use std::path::PathBuf;
use std::sync::{Mutex, TryLockError};

use numpy::{PyArray1, PyReadonlyArray1, PyReadwriteArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use synfire::plot::WeightOptions;
use synfire::recording::Wiring;

use crate::error;
use crate::network::{Listener, value_of};
use crate::node::Node;
use crate::recording::Recording;
use crate::running;

/// A compiled network; `synfire.Simulation` is what Python sees.
#[pyclass(frozen, module = "synfire._core")]
pub struct Simulation {
    inner: Mutex<Option<synfire::Simulation>>,
    /// The process that compiled it.
    process: u64,
}

/// The whole state of a simulation at one time.
#[pyclass(frozen, module = "synfire._core")]
pub struct Snapshot {
    inner: synfire::engine::Snapshot,
}

impl Simulation {
    pub fn new(inner: synfire::Simulation) -> Simulation {
        Simulation { inner: Mutex::new(Some(inner)), process: running::process() }
    }

    /// Does something with it, if it is there and nobody else has it.
    fn with<R>(&self, py: Python<'_>, call: impl FnOnce(&mut synfire::Simulation) -> PyResult<R>) -> PyResult<R> {
        if running::process() != self.process {
            let help = "compile the network in the child, or start processes by `multiprocessing.get_context(\"spawn\")`";
            return Err(error::call(
                py,
                &format!("this simulation belongs to the process that this one was forked from\n  help: {help}"),
            ));
        }
        let mut inner = match self.inner.try_lock() {
            Ok(inner) => inner,
            Err(TryLockError::WouldBlock) => {
                let help = "wait for it, or compile a simulation for each thread";
                return Err(error::call(
                    py,
                    &format!("this simulation runs just now, in another thread or further up in this one\n  help: {help}"),
                ));
            }
            Err(TryLockError::Poisoned(_)) => {
                return Err(error::call(py, "this simulation failed by a fault of synfire before\n  help: compile it anew"));
            }
        };
        match inner.as_mut() {
            Some(simulation) => call(simulation),
            None => Err(error::call(py, "this simulation is closed\n  help: compile the network again")),
        }
    }
}

#[pymethods]
impl Snapshot {
    fn __reduce__(&self) -> PyResult<()> {
        let message =
            "a snapshot cannot be pickled; help: `sim.save_state(path)` writes one to a file, `sim.load_state(path)` reads it";
        Err(pyo3::exceptions::PyTypeError::new_err(message))
    }
}

/// The numbers of a contiguous array.
fn slice<'a>(py: Python<'_>, array: &'a PyReadonlyArray1<'_, f64>, what: &str) -> PyResult<&'a [f64]> {
    array
        .as_slice()
        .map_err(|_strided| error::call(py, &format!("`{what}` is an array with gaps\n  help: use np.ascontiguousarray")))
}

#[pymethods]
impl Simulation {
    /// Runs for a time in ms, telling `report(step, steps, spikes)` after each batch; gives the steps done.
    fn run(&self, py: Python<'_>, duration: f64, report: Option<Py<PyAny>>) -> PyResult<u64> {
        self.with(py, |simulation| {
            let mut listener = Listener { report, raised: None };
            let done = py.detach(|| simulation.run_with(duration, &mut |p| listener.hear((p.step, p.steps, p.spikes))));
            let done = done.map_err(|e| error::raised(py, e))?;
            listener.raised.map_or(Ok(done), Err)
        })
    }

    /// Runs some steps without a call back.
    fn run_steps(&self, py: Python<'_>, steps: u64) -> PyResult<()> {
        self.with(py, |simulation| py.detach(|| simulation.run_steps(steps)).map_err(|e| error::raised(py, e)))
    }

    /// One step with these inputs; the outputs after it.
    fn step<'py>(&self, py: Python<'py>, x: PyReadonlyArray1<'_, f64>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        self.with(py, |simulation| {
            let y = simulation.step_outputs(slice(py, &x, "x")?).map_err(|e| error::raised(py, e))?;
            Ok(PyArray1::from_vec(py, y))
        })
    }

    /// The same into an array that is there.
    fn step_into(&self, py: Python<'_>, x: PyReadonlyArray1<'_, f64>, mut out: PyReadwriteArray1<'_, f64>) -> PyResult<()> {
        self.with(py, |simulation| {
            let width = simulation.output_channels().last().map_or(0, |c| c.numbers.end) * simulation.instances();
            let Ok(out) = out.as_slice_mut() else {
                return Err(error::call(py, "`out` is an array with gaps\n  help: use np.empty"));
            };
            if out.len() != width {
                return Err(error::call(py, &format!("`out` has {} numbers, the outputs are {width}", out.len())));
            }
            simulation.step_into(slice(py, &x, "x")?, out).map_err(|e| error::raised(py, e))
        })
    }

    /// Seconds that each of so many steps takes where no Python is between them: what `step_into` adds is told beside it.
    fn time_steps(&self, py: Python<'_>, x: PyReadonlyArray1<'_, f64>, steps: u64) -> PyResult<f64> {
        self.with(py, |simulation| {
            let width = simulation.output_channels().last().map_or(0, |c| c.numbers.end) * simulation.instances();
            let (x, mut out) = (slice(py, &x, "x")?, vec![0.0; width]);
            let began = std::time::Instant::now();
            for _ in 0..steps {
                simulation.step_into(x, &mut out).map_err(|e| error::raised(py, e))?;
            }
            Ok(began.elapsed().as_secs_f64() / steps.max(1) as f64)
        })
    }

    /// One step with the numbers of external stimuli.
    fn step_external(&self, py: Python<'_>, x: PyReadonlyArray1<'_, f64>) -> PyResult<()> {
        self.with(py, |simulation| simulation.step(slice(py, &x, "x")?).map_err(|e| error::raised(py, e)))
    }

    /// Many steps, each with inputs of its own.
    fn run_inputs<'py>(&self, py: Python<'py>, x: PyReadonlyArray1<'_, f64>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        self.with(py, |simulation| {
            let x = slice(py, &x, "X")?;
            let y = py.detach(|| simulation.run_inputs(x)).map_err(|e| error::raised(py, e))?;
            Ok(PyArray1::from_vec(py, y))
        })
    }

    /// Names of inputs and outputs, with how many numbers each has.
    fn channels(&self, py: Python<'_>) -> PyResult<[Vec<(String, usize)>; 2]> {
        self.with(py, |simulation| {
            let told = |all: &[synfire::simulation::Channel]| all.iter().map(|c| (c.name.clone(), c.numbers.len())).collect();
            Ok([told(simulation.input_channels()), told(simulation.output_channels())])
        })
    }

    fn set_input(&self, py: Python<'_>, name: &str, numbers: PyReadonlyArray1<'_, f64>) -> PyResult<()> {
        self.with(py, |simulation| simulation.set_input(name, slice(py, &numbers, name)?).map_err(|e| error::raised(py, e)))
    }

    fn outputs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        self.with(py, |simulation| Ok(PyArray1::from_vec(py, simulation.outputs().map_err(|e| error::raised(py, e))?)))
    }

    fn output<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyArray1<f64>>> {
        self.with(py, |simulation| Ok(PyArray1::from_vec(py, simulation.output(name).map_err(|e| error::raised(py, e))?)))
    }

    fn state<'py>(&self, py: Python<'py>, population: &str, state: &str) -> PyResult<Bound<'py, PyArray1<f64>>> {
        self.with(py, |simulation| {
            let values = simulation.state(population, state).map_err(|e| error::raised(py, e))?;
            Ok(PyArray1::from_vec(py, values))
        })
    }

    fn set_state(&self, py: Python<'_>, population: &str, state: &str, values: PyReadonlyArray1<'_, f64>) -> PyResult<()> {
        self.with(py, |simulation| {
            simulation.set_state(population, state, slice(py, &values, state)?).map_err(|e| error::raised(py, e))
        })
    }

    /// Populations: name, size, and states with their units.
    fn populations(&self, py: Python<'_>) -> PyResult<Vec<(String, u32, Vec<(String, String)>)>> {
        self.with(py, |simulation| {
            let plan = simulation.plan();
            let of = |p: &synfire::plan::PlacedPopulation| {
                let states = plan.groups()[p.group].model.states().iter();
                (p.name.clone(), p.size, states.map(|s| (s.name.clone(), s.dimension.unit())).collect())
            };
            Ok(plan.populations().iter().map(of).collect())
        })
    }

    /// Changes a value while it runs.
    fn set(&self, py: Python<'_>, address: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let node = Node::of(value, address)?;
        let value = value_of(py, &node, address)?;
        self.with(py, |simulation| py.detach(|| simulation.set(address, value)).map_err(|e| error::raised(py, e)))
    }

    /// A state of synapses: source, target, value, and its unit.
    fn synapses<'py>(
        &self,
        py: Python<'py>,
        projection: &str,
        state: &str,
        instance: usize,
    ) -> PyResult<(Bound<'py, PyArray1<u32>>, Bound<'py, PyArray1<u32>>, Bound<'py, PyArray1<f64>>, String)> {
        self.with(py, |simulation| {
            let found = simulation.synapses(projection, state, instance).map_err(|e| error::raised(py, e))?;
            let (source, target) = ends(&found);
            let [source, target] = [source, target].map(|list| PyArray1::from_vec(py, list));
            Ok((source, target, PyArray1::from_vec(py, found.values), found.unit))
        })
    }

    fn set_synapses(&self, py: Python<'_>, projection: &str, state: &str, values: PyReadonlyArray1<'_, f64>) -> PyResult<()> {
        self.with(py, |simulation| {
            simulation.set_synapse_state(projection, state, slice(py, &values, state)?).map_err(|e| error::raised(py, e))
        })
    }

    /// All projections as they were drawn: name, source and target population, what is told of each synapse and in which unit, and
    /// arrays of sources, targets, values and delays in ms.
    fn wiring<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.with(py, |simulation| {
            let plan = simulation.plan();
            let wiring = Wiring::of(plan);
            let name = |k: usize| wiring.populations[k].0.clone();
            let mut all = Vec::with_capacity(wiring.projections.len());
            for joined in &wiring.projections {
                let (source, target) = ends(&joined.synapses);
                let told = PyDict::new(py);
                told.set_item("projection", &joined.synapses.projection)?;
                told.set_item("source_population", name(joined.source))?;
                told.set_item("target_population", name(joined.target))?;
                told.set_item("variable", &joined.synapses.variable)?;
                told.set_item("unit", &joined.synapses.unit)?;
                told.set_item("source", PyArray1::from_vec(py, source))?;
                told.set_item("target", PyArray1::from_vec(py, target))?;
                told.set_item("values", PyArray1::from_vec(py, joined.synapses.values.clone()))?;
                let steps = (0..joined.synapses.values.len()).map(|k| joined.synapses.delay(k));
                let delays: Vec<f64> = steps.map(|steps| f64::from(steps) * plan.dt()).collect();
                told.set_item("delay", PyArray1::from_vec(py, delays))?;
                all.push(told);
            }
            Ok(all)
        })
    }

    /// Who is joined to whom, as SVG.
    fn wiring_figure(&self, py: Python<'_>, title: Option<&str>, width: u32) -> PyResult<String> {
        self.with(py, |simulation| {
            let drawn = synfire::plot::connectivity(&Wiring::of(simulation.plan()), title, width);
            drawn.map(|figure| figure.svg).map_err(|e| error::plot(py, e))
        })
    }

    /// A state of the synapses of a projection, its distribution and its matrix, as SVG.
    fn weights_figure(&self, py: Python<'_>, projection: &str, state: &str, title: Option<String>, width: u32) -> PyResult<String> {
        self.with(py, |simulation| {
            let found = simulation.synapses(projection, state, 0).map_err(|e| error::raised(py, e))?;
            let mut options = WeightOptions::default().width(width);
            if let Some(title) = title {
                options = options.title(title);
            }
            synfire::plot::weights(&[found], &options).map(|figure| figure.svg).map_err(|e| error::plot(py, e))
        })
    }

    /// What was recorded, of each instance.
    fn recordings(&self, py: Python<'_>) -> PyResult<Vec<Recording>> {
        self.with(py, |simulation| Ok(simulation.recordings().iter().map(|own| Recording { inner: own.clone() }).collect()))
    }

    fn clear_recording(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |simulation| {
            simulation.clear_recording();
            Ok(())
        })
    }

    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |simulation| simulation.reset().map_err(|e| error::raised(py, e)))
    }

    fn snapshot(&self, py: Python<'_>) -> PyResult<Snapshot> {
        self.with(py, |simulation| Ok(Snapshot { inner: simulation.snapshot().map_err(|e| error::raised(py, e))? }))
    }

    fn restore(&self, py: Python<'_>, snapshot: PyRef<'_, Snapshot>) -> PyResult<()> {
        self.with(py, |simulation| simulation.restore(&snapshot.inner).map_err(|e| error::raised(py, e)))
    }

    fn save_state(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        self.with(py, |simulation| simulation.save_state(path).map_err(|e| error::raised(py, e)))
    }

    fn load_state(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        self.with(py, |simulation| simulation.load_state(path).map_err(|e| error::raised(py, e)))
    }

    /// Runs beside the reference, step for step: whether they agree, steps, spikes, spikes that rounding may decide, and by population
    /// and variable the worst deviation: population, variable, neuron, step, found, expected, deviation by what rounding explains.
    fn verify(
        &self,
        py: Python<'_>,
        steps: u64,
    ) -> PyResult<(bool, u64, u64, u64, Vec<(String, String, u32, u64, f64, f64, f64)>)> {
        self.with(py, |simulation| {
            let found = py.detach(|| simulation.verify(steps, None)).map_err(|e| error::raised(py, e))?;
            let of = |d: &synfire::simulation::Deviation| {
                (d.population.clone(), d.variable.clone(), d.neuron, d.step, d.found, d.expected, d.ratio)
            };
            Ok((found.agrees(), found.steps, found.spikes, found.ties, found.worst.iter().map(of).collect()))
        })
    }

    /// Numbers of the moment: steps, dt in ms, spikes of each instance, instances.
    fn now(&self, py: Python<'_>) -> PyResult<(u64, f64, Vec<u64>, usize)> {
        self.with(py, |s| Ok((s.time_steps(), s.plan().dt(), s.spike_counts().to_vec(), s.instances())))
    }

    /// What it runs on, why, and what else should be known.
    fn about<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.with(py, |simulation| {
            let (identity, timings) = (simulation.identity(), simulation.timings());
            let told = PyDict::new(py);
            told.set_item("engine", identity.engine.to_string())?;
            told.set_item("adapter", identity.adapter)?;
            told.set_item("driver", identity.driver)?;
            told.set_item("precision", identity.precision.to_string())?;
            told.set_item("threads", identity.threads)?;
            told.set_item("software", identity.software)?;
            told.set_item("reason", simulation.choice_reason())?;
            told.set_item("hash", simulation.plan().network_hash())?;
            told.set_item("remarks", simulation.remarks().collect::<Vec<_>>())?;
            for (key, seconds) in [("build_s", timings.build_s), ("first_step_s", timings.first_step_s), ("run_s", timings.run_s)] {
                told.set_item(key, seconds)?;
            }
            Ok(told)
        })
    }

    /// Lets go of it.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        if running::process() != self.process {
            // its threads and its device are the parent's
            return Ok(());
        }
        match self.inner.try_lock() {
            Ok(mut inner) => {
                let gone = inner.take();
                drop(inner);
                py.detach(|| drop(gone));
                Ok(())
            }
            Err(TryLockError::Poisoned(_)) => Ok(()),
            Err(TryLockError::WouldBlock) => {
                Err(error::call(py, "this simulation runs just now and cannot be closed\n  help: wait for it"))
            }
        }
    }

    #[getter]
    fn closed(&self) -> bool {
        self.inner.try_lock().is_ok_and(|inner| inner.is_none())
    }
}

fn ends(synapses: &synfire::recording::Synapses) -> (Vec<u32>, Vec<u32>) {
    let (mut sources, mut targets) = (Vec::with_capacity(synapses.values.len()), Vec::with_capacity(synapses.values.len()));
    synapses.each(|source, target, _| {
        sources.push(source);
        targets.push(target);
    });
    (sources, targets)
}
