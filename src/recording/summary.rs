//! What probes of synapses keep beside each value: means, sums and histograms of many, values at spikes.

use crate::plan::Reduction;

/// Samples of what a state is over the synapses of a projection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Of which projection, or population.
    pub projection: String,
    /// The state.
    pub variable: String,
    /// The unit that the values count, such as `nS`.
    pub unit: String,
    /// Is it a population, whose neurons are meant, and no projection?
    pub of_neurons: bool,
    /// Synapses of the projection or neurons of the population, chosen or not.
    pub size: u32,
    /// The chosen ones, by source, then target; `None`: all.
    pub rows: Option<Vec<u32>>,
    /// What is kept of each sample.
    pub reduction: Reduction,
    /// Step of the first sample.
    pub first_step: u64,
    /// Steps from sample to sample.
    pub every: u64,
    /// Sample by sample, as many numbers as [`Reduction::width`] says: the mean and the standard deviation; the sum; how many values
    /// are in each bin, below the first, above the last.
    pub values: Vec<f64>,
}

impl Summary {
    /// Whole samples held.
    pub fn samples(&self) -> usize {
        self.values.len() / self.reduction.width()
    }

    /// The numbers of a sample; `None`: there is no such sample.
    pub fn sample(&self, k: usize) -> Option<&[f64]> {
        self.values.chunks_exact(self.reduction.width()).nth(k)
    }

    /// One number of each sample, by place.
    pub fn column(&self, place: usize) -> impl ExactSizeIterator<Item = f64> + '_ {
        self.values.chunks_exact(self.reduction.width()).map(move |sample| sample.get(place).copied().unwrap_or(f64::NAN))
    }

    /// Step of a sample: its time is that times dt.
    pub fn step(&self, k: usize) -> u64 {
        self.first_step.saturating_add(self.every.saturating_mul(k as u64))
    }

    /// Where bins of a histogram begin, and where the last one ends; empty: it is none.
    pub fn edges(&self) -> &[f64] {
        if let Reduction::Histogram { edges } = &self.reduction { edges } else { &[] }
    }

    /// Values in each bin of a sample; empty: it is no histogram, or there is no such sample.
    pub fn counts(&self, k: usize) -> &[f64] {
        let bins = self.edges().len().saturating_sub(1);
        self.sample(k).and_then(|sample| sample.get(..bins)).unwrap_or(&[])
    }

    /// Values below the first bin and above the last one of a sample.
    pub fn beyond(&self, k: usize) -> [f64; 2] {
        match (self.edges().len(), self.sample(k)) {
            (0, _) | (_, None) => [0.0; 2],
            (edges, Some(sample)) => [sample[edges - 1], sample[edges]],
        }
    }
}

/// A state of synapses at the spikes of their sources, by step, then synapse.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AtSpikes {
    /// Of which projection.
    pub projection: String,
    /// The state.
    pub variable: String,
    /// The unit that the values count, such as `nS`.
    pub unit: String,
    /// Synapses of the projection, chosen or not.
    pub size: u32,
    /// The chosen ones, by source, then target; `None`: all.
    pub rows: Option<Vec<u32>>,
    /// When the spike was at the synapse: time is that times dt.
    pub step: Vec<u64>,
    /// The synapse, by source, then target.
    pub synapse: Vec<u32>,
    /// The state at the end of the step.
    pub value: Vec<f64>,
}
