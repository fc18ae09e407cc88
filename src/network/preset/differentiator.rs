//! Differentiation: how fast a number rises.

use super::Cells;
use super::design::{DesignError, cancelling_conductance, capacitance_of, slow_time_constant, transmission_conductance};
use crate::network::Network;

/// Neurons `input`, `fast`, `slow` and `rate`: the number of `rate` is R/slew times the slope of the input's, once the slow neuron
/// follows (after a few times its time constant).
///
/// A neuron of time constant τ follows a ramp τ late. The fast and the slow one follow the same ramp, and `rate` takes the difference:
/// slope·(τ_slow - τ_fast), where τ_slow - τ_fast = R/slew. Open synapses shorten both time constants, by up to γ/(1 + γ) of them.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Differentiator {
    /// The slope that makes `rate` R, mV/ms.
    pub slew: f64,
    /// Time constant of the input, the fast neuron and the rate, ms.
    pub fast: f64,
    /// Above rest, mV; the inhibitory one lies as far below it.
    pub reversal: f64,
    /// The capacitances follow from the time constants.
    pub cells: Cells,
}

impl Default for Differentiator {
    /// 1 mV/ms, 1 ms, reversal potentials of 300 mV.
    fn default() -> Differentiator {
        Differentiator { slew: 1.0, fast: 1.0, reversal: 300.0, cells: Cells::default() }
    }
}

setters! {
    Differentiator {
        slew: f64,
        fast: f64,
        reversal: f64,
        cells: Cells,
    }
}

impl Differentiator {
    /// The neurons and their synapses.
    ///
    /// **Errors** a slew or a time constant that is not larger than 0, a reversal potential within the range.
    pub fn network(&self) -> Result<Network, DesignError> {
        let Cells { conductance, range, .. } = self.cells;
        let slow = slow_time_constant(self.fast, self.slew, range)?;
        let cells = |time_constant| Cells { capacitance: capacitance_of(time_constant, conductance), ..self.cells };
        let (fast, slow) = (cells(self.fast), cells(slow));
        fast.check()?;
        slow.check()?;
        let plus = transmission_conductance(1.0, self.reversal, range, conductance)?;
        let minus = cancelling_conductance(plus, self.reversal, -self.reversal)?;
        let mut net = Network::new("differentiator");
        for (name, cell) in [("input", fast), ("fast", fast), ("slow", slow), ("rate", fast)] {
            cell.add(&mut net, name);
        }
        fast.join(&mut net, "input", "fast", plus, self.reversal);
        fast.join(&mut net, "input", "slow", plus, self.reversal);
        fast.join(&mut net, "fast", "rate", plus, self.reversal);
        fast.join(&mut net, "slow", "rate", minus, -self.reversal);
        Ok(net)
    }

    /// The number of `rate` that is meant, mV, at a slope of the input's number in mV/ms.
    pub fn rate(&self, slope: f64) -> f64 {
        slope * self.cells.range / self.slew
    }
}
