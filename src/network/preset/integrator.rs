//! Integration: a number that rises as long as a current flows, and stays when it stops.

use super::design::{DesignError, integrator_capacitance, integrator_conductance, integrator_partner, integrator_rate, within};
use super::{Cells, text};
use crate::network::Network;

/// Neurons `integral` and `partner` that inhibit each other; a current into `integral` moves them along their line of rest.
///
/// The difference of their numbers rises by I/C, exactly; the number of `integral` by about half of that, `gain`·I, more on its way
/// up and less near 0 as [`Integrator::rate`] says. They start on their line, at `start`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Integrator {
    /// mV per ms and nA.
    pub gain: f64,
    /// Of both synapses, below rest, mV (a negative number): further below is more even.
    pub reversal: f64,
    /// The number at the start, from 0 to R, mV above rest.
    pub start: f64,
    /// The capacitance follows from the gain.
    pub cells: Cells,
}

impl Default for Integrator {
    /// Gain 0.1 mV/(ms nA), a reversal potential of -40 mV, started at 0.
    fn default() -> Integrator {
        Integrator { gain: 0.1, reversal: -40.0, start: 0.0, cells: Cells::default() }
    }
}

setters! {
    Integrator {
        gain: f64,
        reversal: f64,
        start: f64,
        cells: Cells,
    }
}

impl Integrator {
    /// The two neurons and their synapses.
    ///
    /// **Errors** a gain that is not larger than 0, a reversal that is not below rest, a start outside of the range.
    pub fn network(&self) -> Result<Network, DesignError> {
        let Cells { conductance, range, rest, .. } = self.cells;
        let cells = Cells { capacitance: integrator_capacitance(self.gain)?, ..self.cells };
        cells.check()?;
        within("start", self.start, 0.0, range)?;
        let g = integrator_conductance(self.reversal, range, conductance)?;
        let mut net = Network::new("integrator");
        for (name, number) in [("integral", self.start), ("partner", self.partner(self.start))] {
            let cell = cells.add(&mut net, name);
            cell.parameter("i_e", text(range * conductance, "nA")).initial("v", text(rest + number, "mV"));
        }
        cells.join(&mut net, "integral", "partner", g, self.reversal);
        cells.join(&mut net, "partner", "integral", g, self.reversal);
        Ok(net)
    }

    /// The number of `partner` where `integral` rests at `number`.
    pub fn partner(&self, number: f64) -> f64 {
        integrator_partner(number, self.reversal, self.cells.range)
    }

    /// How fast `integral` rises where it is at `number`, mV per ms and nA.
    pub fn rate(&self, number: f64) -> f64 {
        integrator_rate(0.5 / self.gain, number, self.reversal, self.cells.range)
    }
}
