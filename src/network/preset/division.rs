//! Division: one number by another.

use super::Cells;
use super::design::{DesignError, modulation_conductance, transmission_conductance, transmission_error};
use crate::network::Network;

/// Neurons `numerator` and `denominator` that feed `quotient`: gain·u_n/(1 + (1/ratio - 1)·u_d/R).
///
/// The denominator opens a conductance with its reversal at rest, which draws no current of its own and divides what flows. With
/// Q = s_n/(1 + (1/ratio - 1) s_d) the quotient is at γ E Q/(1 + γ Q): the number that is meant, taken through a transmission. So it
/// is off by at most the error of that, see [`Division::error`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Division {
    /// What the output is of what comes in, without a unit.
    pub gain: f64,
    /// What is left of the numerator where the denominator is R: above 0, at most 1.
    pub ratio: f64,
    /// Of the numerator's synapse, above rest, mV.
    pub excitatory: f64,
    /// All its neurons.
    pub cells: Cells,
}

impl Default for Division {
    /// Gain 1, ratio 0.1, a reversal potential of 300 mV.
    fn default() -> Division {
        Division { gain: 1.0, ratio: 0.1, excitatory: 300.0, cells: Cells::default() }
    }
}

setters! {
    Division {
        gain: f64,
        ratio: f64,
        excitatory: f64,
        cells: Cells,
    }
}

impl Division {
    /// The neurons and their synapses.
    ///
    /// **Errors** a ratio that is not above 0 and at most 1, a gain beyond the reversal potential.
    pub fn network(&self) -> Result<Network, DesignError> {
        self.cells.check()?;
        let transmission = transmission_conductance(self.gain, self.excitatory, self.cells.range, self.cells.conductance)?;
        let modulation = modulation_conductance(self.ratio, self.cells.conductance)?;
        let mut net = Network::new("division");
        for name in ["numerator", "denominator", "quotient"] {
            self.cells.add(&mut net, name);
        }
        self.cells.join(&mut net, "numerator", "quotient", transmission, self.excitatory);
        self.cells.join(&mut net, "denominator", "quotient", modulation, 0.0);
        Ok(net)
    }

    /// The quotient that is meant, above rest, mV.
    pub fn quotient(&self, numerator: f64, denominator: f64) -> f64 {
        self.gain * numerator / (1.0 + (1.0 / self.ratio - 1.0) * denominator / self.cells.range)
    }

    /// How far it is off at most, mV.
    ///
    /// **Errors** as [`Division::network`].
    pub fn error(&self) -> Result<f64, DesignError> {
        transmission_error(self.gain, self.excitatory, self.cells.range)
    }
}
