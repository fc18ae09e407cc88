//! Variants that are right: what an instance has of its own, in internal units.

use super::{Column, PopulationId};

closed! {
    /// What one instance of an ensemble has of its own.
    #[derive(Clone, Debug)]
    pub struct CheckedVariant {
        /// As it was given, or its number.
        label: String => [&str],
        /// Its own; `None`: that of the network.
        seed: Option<u64> => [Option<u64>],
        /// Ascending.
        populations: Vec<OwnValues> => [&[OwnValues]],
        /// By projection, ascending: numbers for parameters of its graded synapse model, by place.
        synapses: Vec<(u32, Vec<Option<f64>>)> => [&[(u32, Vec<Option<f64>>)]],
        /// By projection, ascending: what all its synapses have.
        projections: Vec<(u32, OwnEdges)> => [&[(u32, OwnEdges)]],
        /// By stimulus, ascending.
        stimuli: Vec<(u32, OwnStimulus)> => [&[(u32, OwnStimulus)]],
        /// Factors that are not 1 on what arrives: population, port by place in its model.
        port_factors: Vec<(PopulationId, u32, f64)> => [&[(PopulationId, u32, f64)]],
        /// Factors that are not 1 on the level of stimuli.
        stimulus_factors: Vec<(u32, f64)> => [&[(u32, f64)]],
    }
}

/// What all synapses of a projection have in one instance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OwnEdges {
    /// Internal units; `None`: as in the network.
    pub weight: Option<f64>,
    /// In steps; `None`: as in the network.
    pub delay: Option<u32>,
}

/// What a stimulus is in one instance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OwnStimulus {
    /// Poisson events.
    Poisson {
        /// Events a step.
        mean: f64,
        /// What an event adds. **Units** internal.
        weight: f64,
    },
    /// A constant. **Units** internal.
    Level(f64),
}

/// All parameters and initial values of a population in one instance.
#[derive(Clone, Debug)]
pub struct OwnValues {
    /// Whose values they are.
    pub population: PopulationId,
    /// As [`params`](super::CheckedPopulation::params).
    pub params: Vec<Column>,
    /// As [`initial`](super::CheckedPopulation::initial).
    pub initial: Vec<Option<Column>>,
}
