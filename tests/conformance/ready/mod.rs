//! Ready models of single neurons and of sources that no reference file holds.
//!
//! [`closed`]: what can be written down: periods, rheobases, bifurcations. [`direct`]: models that are held against an integration of
//! the paper's equations, written here once more. [`modes`]: Izhikevich's twenty kinds of cells. [`sources`]: laws of intervals and rates.

mod closed;
mod direct;
mod modes;
mod sources;

use synfire::network::{Network, Population};
use synfire::plan::schedule::Schedule;

use crate::case::quantity;
use crate::engines::{Refused, Which};
use crate::neurons::spike_steps;

/// One schedule of the GPU engine: the others run the same rule of the neuron.
const ENGINES: [Which; 3] = [Which::F64, Which::F32, Which::Gpu(Schedule::Resident)];

/// A neuron of a ready model, alone.
struct Cell<'a> {
    model: &'a str,
    /// ms
    dt: f64,
    method: Option<&'a str>,
    parameters: &'a [(&'a str, &'a str)],
}

impl Cell<'_> {
    fn network(&self, more: impl Fn(&mut Population)) -> Network {
        let mut net = Network::new(self.model);
        net.dt(quantity(self.dt, "ms")).seed(1);
        let cell = net.population("cell", self.model, 1);
        for (name, value) in self.parameters {
            cell.parameter(*name, *value);
        }
        if let Some(method) = self.method {
            cell.method(method);
        }
        more(cell);
        net.probe("cell", "spikes");
        net
    }

    /// Steps of its spikes within so many ms.
    fn steps(&self, which: Which, duration: f64, more: impl Fn(&mut Population)) -> Vec<u64> {
        let recording = which.run(&self.network(more), (duration / self.dt).round() as u64);
        spike_steps(&recording.unwrap_or_else(|refused| failed(self.model, which, refused)), 0)
    }

    /// The times of its spikes within so many ms.
    fn times(&self, which: Which, duration: f64, more: impl Fn(&mut Population)) -> Vec<f64> {
        self.steps(which, duration, more).iter().map(|s| *s as f64 * self.dt).collect()
    }
}

fn failed(model: &str, which: Which, refused: Refused) -> ! {
    panic!("{model} on {}: {refused:?}", which.name())
}

/// Where `f` is 0 between `low` and `high`, at which it has different signs.
fn root(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    assert!(f(low) * f(high) < 0.0, "no change of sign from {low} to {high}");
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if f(middle) * f(low) > 0.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}
