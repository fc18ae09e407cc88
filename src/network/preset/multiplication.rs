//! Multiplication: the product of two numbers.

use super::design::{DesignError, positive, transmission_conductance, transmission_error};
use super::{Cells, text};
use crate::network::Network;

/// Neurons `a`, `b`, `inverse` and `product`: u_a·u_b/R.
///
/// A tonic current R·G lifts `inverse` to R. Neuron b pulls it down with conductance g and a reversal R·G/g below rest, so that it
/// is at rest where b is at R: x = U/R = (1 - s_b)/(1 + h s_b) with h = g/G. It divides what a sends to the product, with the same
/// conductance and its reversal at rest: 1 + h x = (1 + h)/(1 + h s_b). The product is then at γ E P/(1 + γ P) with
/// P = s_a (1 + h s_b)/(1 + h) = s_a (s_b + (1 - s_b)/(1 + h)): the product that is meant, a leak of at most R/(1 + h) where b is 0,
/// and all that taken through a transmission; see [`Multiplication::error`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Multiplication {
    /// Of a's synapse, above rest, mV.
    pub excitatory: f64,
    /// Of the two inhibitory synapses, uS: larger is truer, and needs a smaller step (see [`super::design::longest_step`]).
    pub inhibition: f64,
    /// All its neurons.
    pub cells: Cells,
}

impl Default for Multiplication {
    /// A reversal potential of 300 mV, 40 uS.
    fn default() -> Multiplication {
        Multiplication { excitatory: 300.0, inhibition: 40.0, cells: Cells::default() }
    }
}

setters! {
    Multiplication {
        excitatory: f64,
        inhibition: f64,
        cells: Cells,
    }
}

impl Multiplication {
    /// The neurons and their synapses.
    ///
    /// **Errors** a conductance that is not larger than 0, a reversal potential within the range.
    pub fn network(&self) -> Result<Network, DesignError> {
        self.cells.check()?;
        positive("inhibition", self.inhibition)?;
        let Cells { conductance, range, .. } = self.cells;
        let g = transmission_conductance(1.0, self.excitatory, range, conductance)?;
        let mut net = Network::new("multiplication");
        for name in ["a", "b", "product"] {
            self.cells.add(&mut net, name);
        }
        self.cells.add(&mut net, "inverse").parameter("i_e", text(range * conductance, "nA"));
        self.cells.join(&mut net, "a", "product", g, self.excitatory);
        self.cells.join(&mut net, "b", "inverse", self.inhibition, -range * conductance / self.inhibition);
        self.cells.join(&mut net, "inverse", "product", self.inhibition, 0.0);
        Ok(net)
    }

    /// The product that is meant, above rest, mV.
    pub fn product(&self, a: f64, b: f64) -> f64 {
        a * b / self.cells.range
    }

    /// How far it is off at most, mV; never below the product.
    ///
    /// **Errors** as [`Multiplication::network`].
    pub fn error(&self) -> Result<f64, DesignError> {
        let leak = self.cells.range / (1.0 + self.inhibition / self.cells.conductance);
        Ok(transmission_error(1.0, self.excitatory, self.cells.range)? + leak)
    }
}
