//! Functional subnetworks: networks of a few non-spiking neurons that add, subtract, multiply, divide, modulate, integrate and
//! differentiate, and the design rules behind them.
//!
//! In: what to compute, in which range, with which reversal potentials. Out: a [`Network`] to run or to
//! [`include`](Network::include) under names of its own, or a [`DesignError`] that names the part that cannot be. One file per
//! preset; the rules stand in [`design`]. Not here: inputs and outputs, which the user adds.
//!
//! A neuron stands for a number by how far its potential lies above rest: U = v - rest, from 0 to R. Its steady state under
//! synapses i with activation s_i (0 to 1), conductance g_i and reversal E_i above rest, and a current I, is
//!
//! ```text
//! U = (Σ g_i s_i E_i + I)/(G + Σ g_i s_i)
//! ```
//!
//! The conductances below the line make every such network only nearly what it is named after. Large reversal potentials make
//! them small; each preset says how far off it is.
//!
//! **Units** everywhere here: mV, uS, nA, nF, ms, which fit together.
//!
//! **Source** Szczecinski, Hunt and Quinn (2017) Front. Neurorobot. 11:37.

mod addition;
pub mod design;
mod differentiator;
mod division;
mod integrator;
mod modulation;
mod multiplication;
mod spiking_transmission;
mod subtraction;
mod transmission;

pub use addition::Addition;
pub use design::DesignError;
pub use differentiator::Differentiator;
pub use division::Division;
pub use integrator::Integrator;
pub use modulation::Modulation;
pub use multiplication::Multiplication;
pub use spiking_transmission::SpikingTransmission;
pub use subtraction::Subtraction;
pub use transmission::Transmission;

use super::{Connector, Network, Population, Projection};

/// The neurons of a preset, and the range in which they stand for numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Cells {
    /// nF
    pub capacitance: f64,
    /// Of the leak, uS.
    pub conductance: f64,
    /// mV
    pub rest: f64,
    /// R: how far above rest the largest number lies, mV.
    pub range: f64,
}

impl Default for Cells {
    /// 5 nF, 1 uS, rest at 0 mV, a range of 20 mV: those of SNS-Toolbox.
    fn default() -> Cells {
        Cells { capacitance: 5.0, conductance: 1.0, rest: 0.0, range: 20.0 }
    }
}

setters! {
    Cells {
        capacitance: f64,
        conductance: f64,
        rest: f64,
        range: f64,
    }
}

impl Cells {
    /// Cells at another resting potential, mV.
    pub fn at_rest(rest: f64) -> Cells {
        Cells { rest, ..Cells::default() }
    }

    /// Are all of these numbers possible?
    fn check(&self) -> Result<(), DesignError> {
        design::positive("capacitance", self.capacitance)?;
        design::positive("conductance", self.conductance)?;
        design::positive("range", self.range)?;
        design::finite("rest", self.rest)
    }

    /// One neuron of this kind.
    fn add<'n>(&self, net: &'n mut Network, name: &str) -> &'n mut Population {
        let cell = net.population(name, "non_spiking", 1);
        cell.parameter("c_m", text(self.capacitance, "nF"));
        cell.parameter("g_leak", text(self.conductance, "uS"));
        cell.parameter("e_leak", text(self.rest, "mV"));
        cell
    }

    /// A synapse that is active over the range, from cell to cell; `reversal` above rest.
    fn join<'n>(&self, net: &'n mut Network, source: &str, target: &str, g_max: f64, reversal: f64) -> &'n mut Projection {
        let synapse = net.project_by(source, target, "graded_synapse", Connector::OneToOne);
        synapse.parameter("g_max", text(g_max, "uS")).parameter("e_rev", text(self.rest + reversal, "mV"));
        synapse.parameter("e_lo", text(self.rest, "mV")).parameter("e_hi", text(self.rest + self.range, "mV"));
        synapse
    }
}

/// With as many digits as it has.
fn text(x: f64, unit: &str) -> String {
    if x == 0.0 || (1e-4..1e7).contains(&x.abs()) { format!("{x} {unit}") } else { format!("{x:e} {unit}") }
}
