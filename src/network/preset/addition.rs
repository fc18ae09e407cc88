//! Addition: the sum of numbers, each times a gain of its own.

use super::Cells;
use super::design::{DesignError, transmission_conductance};
use crate::network::Network;

/// Neurons `source_0`, `source_1`, ... that feed one neuron `sum`; negative gains subtract.
///
/// U = Σ γ_i s_i E_i/(1 + Γ) with γ_i = g_i/G and Γ = Σ γ_i s_i, where Σ γ_i s_i E_i/(1 + γ_i) is meant. So it is off by at most
/// Σ |k_i| u_i |γ_i - Γ|/(1 + Γ), see [`Addition::error`]: synapses that are open at once shunt each other.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Addition {
    /// One per source.
    pub gains: Vec<f64>,
    /// Of synapses with positive gains, above rest, mV.
    pub excitatory: f64,
    /// Of synapses with negative gains, below rest, mV (a negative number).
    pub inhibitory: f64,
    /// All its neurons.
    pub cells: Cells,
}

impl Default for Addition {
    fn default() -> Addition {
        Addition::of([1.0, 1.0])
    }
}

setters! {
    Addition {
        gains: impl Into<Vec<f64>>,
        excitatory: f64,
        inhibitory: f64,
        cells: Cells,
    }
}

impl Addition {
    /// A sum with these gains; reversal potentials of 300 and -300 mV.
    pub fn of(gains: impl Into<Vec<f64>>) -> Addition {
        Addition { gains: gains.into(), excitatory: 300.0, inhibitory: -300.0, cells: Cells::default() }
    }

    /// The neurons and their synapses.
    ///
    /// **Errors** no gain; a gain that is beyond its reversal potential.
    pub fn network(&self) -> Result<Network, DesignError> {
        self.cells.check()?;
        if self.gains.is_empty() {
            return Err(DesignError::NoInputs);
        }
        let mut net = Network::new("addition");
        self.cells.add(&mut net, "sum");
        for (k, (conductance, reversal)) in self.synapses()?.into_iter().enumerate() {
            let source = format!("source_{k}");
            self.cells.add(&mut net, &source);
            self.cells.join(&mut net, &source, "sum", conductance, reversal);
        }
        Ok(net)
    }

    /// How far it is off at most with these numbers at its sources, mV.
    ///
    /// **Errors** as [`Addition::network`].
    pub fn error(&self, numbers: &[f64]) -> Result<f64, DesignError> {
        let ratios: Vec<f64> = self.synapses()?.iter().map(|(g, _)| g / self.cells.conductance).collect();
        let open: f64 = ratios.iter().zip(numbers).map(|(ratio, u)| ratio * u / self.cells.range).sum();
        let part = |((gain, ratio), u): ((&f64, &f64), &f64)| gain.abs() * u * (ratio - open).abs() / (1.0 + open);
        Ok(self.gains.iter().zip(&ratios).zip(numbers).map(part).sum())
    }

    /// Conductance and reversal of each synapse.
    fn synapses(&self) -> Result<Vec<(f64, f64)>, DesignError> {
        let one = |gain: &f64| {
            let reversal = if *gain < 0.0 { self.inhibitory } else { self.excitatory };
            Ok((transmission_conductance(*gain, reversal, self.cells.range, self.cells.conductance)?, reversal))
        };
        self.gains.iter().map(one).collect()
    }
}
