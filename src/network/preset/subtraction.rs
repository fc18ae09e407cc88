//! Subtraction: the difference of two numbers, which is exactly 0 where they are equal.

use super::Cells;
use super::design::{DesignError, cancelling_conductance, transmission_conductance};
use crate::network::Network;

/// Neurons `plus` and `minus` that feed `difference`.
///
/// The inhibitory conductance makes both currents cancel at equal inputs: U = γ E (s_plus - s_minus)/(1 + γ s_plus + γ' s_minus).
/// The sign is always right; the conductances below the line make it up to [`Subtraction::error`] too large or too small.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Subtraction {
    /// What the output is of what comes in, without a unit.
    pub gain: f64,
    /// Above rest, mV.
    pub excitatory: f64,
    /// Below rest, mV (a negative number).
    pub inhibitory: f64,
    /// All its neurons.
    pub cells: Cells,
}

impl Default for Subtraction {
    /// Gain 1, reversal potentials of 300 and -300 mV.
    fn default() -> Subtraction {
        Subtraction { gain: 1.0, excitatory: 300.0, inhibitory: -300.0, cells: Cells::default() }
    }
}

setters! {
    Subtraction {
        gain: f64,
        excitatory: f64,
        inhibitory: f64,
        cells: Cells,
    }
}

impl Subtraction {
    /// The neurons and their synapses.
    ///
    /// **Errors** a gain that is not larger than 0 or beyond the reversal potential.
    pub fn network(&self) -> Result<Network, DesignError> {
        self.cells.check()?;
        let (plus, minus) = self.conductances()?;
        let mut net = Network::new("subtraction");
        for name in ["plus", "minus", "difference"] {
            self.cells.add(&mut net, name);
        }
        self.cells.join(&mut net, "plus", "difference", plus, self.excitatory);
        self.cells.join(&mut net, "minus", "difference", minus, self.inhibitory);
        Ok(net)
    }

    /// The difference as the neurons make it in the steady state, above rest, mV.
    ///
    /// **Errors** as [`Subtraction::network`].
    pub fn steady(&self, plus: f64, minus: f64) -> Result<f64, DesignError> {
        let (a, b) = self.conductances()?;
        let Cells { conductance, range, .. } = self.cells;
        Ok(a * self.excitatory * (plus - minus) / range / (conductance + (a * plus + b * minus) / range))
    }

    /// How far it is off at most, mV: the worst of a grid of 100 x 100 differences.
    ///
    /// **Errors** as [`Subtraction::network`].
    pub fn error(&self) -> Result<f64, DesignError> {
        let number = |k: u32| self.cells.range * f64::from(k) / 100.0;
        let mut worst = 0.0f64;
        for (a, b) in (0..=100).flat_map(|a| (0..=100).map(move |b| (number(a), number(b)))) {
            worst = worst.max((self.steady(a, b)? - self.gain * (a - b)).abs());
        }
        Ok(worst)
    }

    fn conductances(&self) -> Result<(f64, f64), DesignError> {
        super::design::positive("gain", self.gain)?;
        let plus = transmission_conductance(self.gain, self.excitatory, self.cells.range, self.cells.conductance)?;
        Ok((plus, cancelling_conductance(plus, self.excitatory, self.inhibitory)?))
    }
}
