//! Transmission: the target's number is the source's, times a gain.

use super::design::{DesignError, transmission_conductance, transmission_error};
use super::{Cells, text};
use crate::network::{Connector, Network, Projection};

/// A synapse that takes a number from neuron to neuron. Source and target may rest at different potentials.
///
/// Off by at most [`Transmission::error`], which falls as the reversal potential rises.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Transmission {
    /// Negative: the target's potential falls below rest.
    pub gain: f64,
    /// Above the target's rest, mV; below it for a negative gain.
    pub reversal: f64,
    /// Rest and range of the source.
    pub source: Cells,
    /// Rest and leak of the target.
    pub target: Cells,
}

impl Default for Transmission {
    /// Gain 1, reversal 300 mV above rest.
    fn default() -> Transmission {
        Transmission { gain: 1.0, reversal: 300.0, source: Cells::default(), target: Cells::default() }
    }
}

setters! {
    Transmission {
        gain: f64,
        reversal: f64,
        source: Cells,
        target: Cells,
    }
}

impl Transmission {
    /// Two neurons, `source` and `target`.
    ///
    /// **Errors** numbers that cannot be, see [`transmission_conductance`].
    pub fn network(&self) -> Result<Network, DesignError> {
        self.source.check()?;
        self.target.check()?;
        let mut net = Network::new("transmission");
        self.source.add(&mut net, "source");
        self.target.add(&mut net, "target");
        self.join(&mut net, "source", "target")?;
        Ok(net)
    }

    /// The synapse alone, between populations of a network that are there already; from a population each target gets the mean of
    /// all sources.
    ///
    /// **Errors** as [`Transmission::network`].
    pub fn join<'n>(&self, net: &'n mut Network, source: &str, target: &str) -> Result<&'n mut Projection, DesignError> {
        let g = transmission_conductance(self.gain, self.reversal, self.source.range, self.target.conductance)?;
        let synapse = net.project_by(source, target, "graded_synapse", Connector::AllToAll).normalise("g_max");
        synapse.parameter("g_max", text(g, "uS")).parameter("e_rev", text(self.target.rest + self.reversal, "mV"));
        synapse.parameter("e_lo", text(self.source.rest, "mV"));
        Ok(synapse.parameter("e_hi", text(self.source.rest + self.source.range, "mV")))
    }

    /// How far it is off at most, mV.
    ///
    /// **Errors** as [`Transmission::network`].
    pub fn error(&self) -> Result<f64, DesignError> {
        transmission_error(self.gain, self.reversal, self.source.range)
    }
}
