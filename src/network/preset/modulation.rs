//! Modulation: a number scaled down by another.

use super::Cells;
use super::design::{DesignError, modulation_conductance};
use crate::network::Network;

/// A neuron `modulator` that divides the number of `target`, whatever current holds it: u/(1 + (1/ratio - 1)·u_m/R), exactly.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Modulation {
    /// What is left of the target's number where the modulator is at R: above 0, at most 1.
    pub ratio: f64,
    /// All its neurons.
    pub cells: Cells,
}

impl Default for Modulation {
    /// Ratio 0.1.
    fn default() -> Modulation {
        Modulation { ratio: 0.1, cells: Cells::default() }
    }
}

setters! {
    Modulation {
        ratio: f64,
        cells: Cells,
    }
}

impl Modulation {
    /// The two neurons and their synapse.
    ///
    /// **Errors** a ratio that is not above 0 and at most 1.
    pub fn network(&self) -> Result<Network, DesignError> {
        self.cells.check()?;
        let g = modulation_conductance(self.ratio, self.cells.conductance)?;
        let mut net = Network::new("modulation");
        self.cells.add(&mut net, "modulator");
        self.cells.add(&mut net, "target");
        self.cells.join(&mut net, "modulator", "target", g, 0.0);
        Ok(net)
    }

    /// The number that is meant, above rest, mV, where the target alone would be at `number`.
    pub fn modulated(&self, number: f64, modulator: f64) -> f64 {
        number / (1.0 + (1.0 / self.ratio - 1.0) * modulator / self.cells.range)
    }
}
