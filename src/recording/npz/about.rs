//! The array `about` of an archive, as JSON.

use crate::recording::Recording;

/// What arrays of numbers cannot say.
#[derive(Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct About {
    #[serde(skip)]
    pub dt: f64,
    #[serde(skip)]
    pub first_step: u64,
    #[serde(skip)]
    pub steps: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spikes: Vec<AboutSpikes>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub traces: Vec<AboutTrace>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<AboutRate>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub summaries: Vec<AboutSummary>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub at_spikes: Vec<AboutAtSpikes>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub positions: Vec<AboutPositions>,
}

impl About {
    pub fn of(recording: &Recording) -> About {
        About { dt: recording.dt, first_step: recording.first_step, steps: recording.steps, ..About::default() }
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
pub struct AboutSpikes {
    pub array: String,
    pub population: String,
    pub size: u32,
}

#[derive(serde::Serialize, serde::Deserialize)]
pub struct AboutPositions {
    pub array: String,
    pub population: String,
}

#[derive(serde::Serialize, serde::Deserialize)]
pub struct AboutTrace {
    pub array: String,
    pub population: String,
    /// Of a projection of this name; no key: it is a population.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub synapses: bool,
    pub variable: String,
    pub unit: String,
    pub first_step: u64,
    pub every: u64,
}

#[derive(serde::Serialize, serde::Deserialize)]
pub struct AboutRate {
    pub array: String,
    pub population: String,
    pub neurons: u32,
    pub first_step: u64,
    pub bin: u64,
}

#[derive(serde::Serialize, serde::Deserialize)]
pub struct AboutSummary {
    pub array: String,
    pub projection: String,
    pub variable: String,
    pub unit: String,
    /// The word of a description.
    pub reduce: String,
    /// Files of before have none of neurons.
    #[serde(default)]
    pub of_neurons: bool,
    pub size: u32,
    pub first_step: u64,
    pub every: u64,
}

#[derive(serde::Serialize, serde::Deserialize)]
pub struct AboutAtSpikes {
    pub array: String,
    pub projection: String,
    pub variable: String,
    pub unit: String,
    pub size: u32,
}
