//! Where the numbers stand that lines of synapses read besides their own: states of neurons at either end or at neither, inputs.
//!
//! In: the source of a modulator. Out: [`Reading`]s. Not here: when a line reads them (`model::rule`).

use super::PopulationId;
use crate::model::rule::Lag;
use crate::network::checked::{CheckedNetwork, CheckedWaveform, ModulatorSource};

/// Where a number stands that the lines of a synapse read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reading {
    /// With the synapse itself: the rule says what it is.
    Synapse,
    /// A state of a neuron.
    Neuron(EndColumn),
    /// What a program gives in this step.
    Input {
        /// By place in [`Plan::drives`](super::Plan::drives).
        drive: usize,
        /// Each target has its own, else all have the first.
        each: bool,
    },
}

impl Reading {
    /// The state of a neuron that it is.
    pub fn neuron(self) -> Option<EndColumn> {
        match self {
            Reading::Neuron(column) => Some(column),
            Reading::Synapse | Reading::Input { .. } => None,
        }
    }
}

/// Whose state a synapse reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    /// The source's.
    Source,
    /// The target's.
    Target,
    /// That of a neuron at neither end.
    Third {
        /// Its population.
        population: PopulationId,
        /// The neuron has the target's number, else it is the first.
        each: bool,
    },
}

impl Whose {
    /// An end.
    pub fn end(post: bool) -> Whose {
        if post { Whose::Target } else { Whose::Source }
    }
}

/// A state of a neuron.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EndColumn {
    /// Whose it is.
    pub of: Whose,
    /// By place in the states of the rule of its group.
    pub column: u32,
    /// As it was when.
    pub lag: Lag,
}

/// Where a modulator stands, as of the step that a line runs in.
pub(super) fn of(network: &CheckedNetwork, source: ModulatorSource) -> Reading {
    match source {
        ModulatorSource::State { population, state, each } => {
            Reading::Neuron(EndColumn { of: Whose::Third { population, each }, column: state, lag: Lag::Now })
        }
        ModulatorSource::Input { input, each } => {
            let stimulus = network.inputs[input as usize].stimulus as usize;
            // all but backgrounds are drives, in their order
            let drives = network.stimuli[..stimulus].iter().filter(|s| !matches!(s.waveform, CheckedWaveform::Poisson { .. }));
            Reading::Input { drive: drives.count(), each }
        }
    }
}
