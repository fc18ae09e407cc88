//! What a run leaves: spikes as one table per population, states as one matrix per probe, appended in order.
//!
//! In: batches read back from an engine (by `simulation`). Out: arrays for analysis, pictures and files. Not here:
//! which rows and how often (`network::Probe`), measures (`analysis`).
//!
//! What a run gives goes into a [`Sink`] while it goes on: a [`Recording`] in memory, a file, whatever a program makes of it.
//! Files, one per format: [`npz`] (everything, for NumPy), [`csv`] (spikes, for everyone), [`nest`] (spikes, as NEST's
//! ASCII recorder writes them), [`sonata`] (spikes and traces, as HDF5), [`native`] (everything, in chunks while the run goes on: it may be longer than memory).
//! [`mod@file`] writes each of the others whole or not at all.

use std::sync::Arc;

pub mod csv;
mod decimal;
#[cfg(test)]
mod faults_test;
pub mod file;
mod hdf5;
mod lines;
mod memory;
pub mod native;
pub mod nest;
pub mod npz;
mod rows;
pub mod sink;
pub mod sonata;
mod source;
mod summary;
mod synapses;
mod wiring;

pub use crate::plan::Reduction;
pub use sink::{NoRoom, Sink};
pub use summary::{AtSpikes, Summary};
pub use synapses::Synapses;
pub use wiring::{Joined, Wiring};

/// Everything recorded since the last `reset` or `clear`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// ms
    pub dt: f64,
    /// The step at which recording began: what is recorded lies after it (time = step·dt).
    pub first_step: u64,
    /// Steps recorded.
    pub steps: u64,
    /// A table for each probe of spikes.
    pub spikes: Vec<SpikeTrain>,
    /// A matrix for each probe of a state.
    pub traces: Vec<Trace>,
    /// Counts for each probe of a rate.
    pub rates: Vec<Rate>,
    /// A table for each probe that keeps a mean, a sum or a histogram.
    pub summaries: Vec<Summary>,
    /// A table for each probe of synapses at the spikes of their sources.
    pub at_spikes: Vec<AtSpikes>,
    /// Where the neurons of each population are that has positions, recorded or not.
    pub positions: Vec<Sites>,
}

/// Where the neurons of a population are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sites {
    /// Of which population.
    pub population: String,
    /// x, y and z of each neuron. **Units** um.
    pub um: Arc<Vec<[f64; 3]>>,
}

/// The spikes of the recorded neurons of a population, sorted by step, then neuron.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpikeTrain {
    /// Whose spikes they are.
    pub population: String,
    /// Neurons in the population (recorded or not).
    pub size: u32,
    /// Rows that were recorded; `None`: all.
    pub rows: Option<Vec<u32>>,
    /// Time of spike k is `step[k]·dt`.
    pub step: Vec<u64>,
    /// Number within the population.
    pub neuron: Vec<u32>,
}

#[cfg(test)]
impl SpikeTrain {
    /// Spikes that fill the buffers of every format of files more than once.
    fn long() -> SpikeTrain {
        let step = (0..30_000).collect();
        SpikeTrain { population: "long".into(), size: 2, step, neuron: vec![1; 30_000], ..SpikeTrain::default() }
    }
}

/// Samples of one state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// Of which population, or of the synapses of which projection.
    pub population: String,
    /// Is it of synapses?
    pub synapses: bool,
    /// The state.
    pub variable: String,
    /// The unit that the values count, such as `mV`.
    pub unit: String,
    /// The neurons, by number within the population; the synapses, by source, then target.
    pub rows: Vec<u32>,
    /// Step of the first sample.
    pub first_step: u64,
    /// Steps from sample to sample.
    pub every: u64,
    /// Sample by sample, a number per row: `values[sample·rows + row]`.
    pub values: Vec<f64>,
}

/// Spikes of the recorded neurons of a population, counted in bins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rate {
    /// Of which population.
    pub population: String,
    /// Neurons counted.
    pub neurons: u32,
    /// Bin k holds steps `first_step + k·bin` up to, not at, `first_step + (k + 1)·bin`; the last ends where recording does.
    pub first_step: u64,
    /// Steps.
    pub bin: u64,
    /// Steps counted: where it is no multiple of `bin`, the last bin is narrower than the others.
    pub steps: u64,
    /// Spikes in each bin.
    pub count: Vec<u64>,
}

impl SpikeTrain {
    /// The numbers of the recorded neurons, in the order of the record.
    pub fn recorded(&self) -> Vec<u32> {
        self.rows.clone().unwrap_or_else(|| (0..self.size).collect())
    }

    /// What these neurons did.
    #[must_use]
    pub fn of_rows(&self, holds: impl Fn(u32) -> bool) -> SpikeTrain {
        let rows = self.recorded().into_iter().filter(|row| holds(*row)).collect();
        let (step, neuron) = self.pairs().filter(|(_, neuron)| holds(*neuron)).unzip();
        SpikeTrain { population: self.population.clone(), size: self.size, rows: Some(rows), step, neuron }
    }

    /// The spikes as (step, neuron).
    ///
    /// **Shape**: as many as the shorter of `step` and `neuron`, which are equally long in every record of ours.
    pub fn pairs(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        self.step.iter().copied().zip(self.neuron.iter().copied())
    }
}

impl Rate {
    /// The span of each bin, in steps from the start of the first (0, bin, 2·bin, ...); the last may be narrower.
    pub fn spans(&self) -> impl ExactSizeIterator<Item = std::ops::Range<u64>> + '_ {
        let bin = self.bin.max(1);
        let end = move |k: u64| bin.saturating_mul(k + 1).min(self.steps);
        (0..self.count.len()).map(move |k| bin.saturating_mul(k as u64)..end(k as u64))
    }

    /// Spikes per second and neuron in each bin, over the bin's own width; 0 where no neuron or no step was counted.
    ///
    /// **Units**: `dt` in ms, the result in Hz.
    pub fn hz(&self, dt: f64) -> impl ExactSizeIterator<Item = f64> + '_ {
        let neurons = f64::from(self.neurons.max(1));
        self.spans().zip(&self.count).map(move |(span, count)| {
            let width = span.end.saturating_sub(span.start).max(1) as f64 * dt;
            *count as f64 * 1e3 / (width * neurons)
        })
    }
}

impl Trace {
    /// The samples of these rows.
    #[must_use]
    pub fn of_rows(&self, holds: impl Fn(u32) -> bool) -> Trace {
        let places: Vec<usize> = (0..self.rows.len()).filter(|place| holds(self.rows[*place])).collect();
        let whole = self.values.chunks_exact(self.rows.len().max(1));
        let values = whole.flat_map(|sample| places.iter().map(|place| sample[*place])).collect();
        let rows = places.iter().map(|place| self.rows[*place]).collect();
        Trace {
            population: self.population.clone(),
            synapses: self.synapses,
            variable: self.variable.clone(),
            unit: self.unit.clone(),
            rows,
            first_step: self.first_step,
            every: self.every,
            values,
        }
    }

    /// Whole samples held. A trace of no rows has none.
    pub fn samples(&self) -> usize {
        self.values.len().checked_div(self.rows.len()).unwrap_or(0)
    }
}
