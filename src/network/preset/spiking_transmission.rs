//! Transmission by spikes: a rate of spikes becomes a number.

use super::design::{DesignError, spiking_conductance};
use super::{Cells, text};
use crate::network::{Connector, Network, Projection};

/// A spiking synapse that takes a rate to a number: regular spikes at `frequency` lift the target to gain·R on average, no spikes
/// leave it at rest. Between them the number rises with the rate, in proportion as long as spikes lie far apart
/// (1/rate well above tau).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SpikingTransmission {
    /// Negative: the target's potential falls below rest.
    pub gain: f64,
    /// Above the target's rest, mV; below it for a negative gain.
    pub reversal: f64,
    /// The highest rate, Hz.
    pub frequency: f64,
    /// With which the conductance decays, ms.
    pub tau: f64,
    /// dt of the network, ms.
    pub step: f64,
    /// Rest, leak and range of the target.
    pub target: Cells,
}

impl Default for SpikingTransmission {
    /// Gain 1, reversal 194 mV above rest, up to 200 Hz, tau 1 ms, dt 0.1 ms.
    fn default() -> SpikingTransmission {
        let target = Cells::default();
        SpikingTransmission { gain: 1.0, reversal: 194.0, frequency: 200.0, tau: 1.0, step: 0.1, target }
    }
}

setters! {
    SpikingTransmission {
        gain: f64,
        reversal: f64,
        frequency: f64,
        tau: f64,
        step: f64,
        target: Cells,
    }
}

impl SpikingTransmission {
    /// The synapse, between populations of a network that are there already; from a population each target gets the mean of all
    /// sources.
    ///
    /// **Errors** numbers that cannot be, see [`spiking_conductance`].
    pub fn join<'n>(&self, net: &'n mut Network, source: &str, target: &str) -> Result<&'n mut Projection, DesignError> {
        self.target.check()?;
        let mean = super::design::transmission_conductance(self.gain, self.reversal, self.target.range, self.target.conductance)?;
        let g = spiking_conductance(mean, self.frequency, self.tau, self.step)?;
        let synapse = net.project_by(source, target, "spiking_synapse", Connector::AllToAll).normalise("g_max");
        synapse.parameter("g_max", text(g, "uS")).parameter("tau", text(self.tau, "ms"));
        Ok(synapse.parameter("e_rev", text(self.target.rest + self.reversal, "mV")))
    }
}
