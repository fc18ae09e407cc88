//! Where a run went wrong, in the words of whoever described the network.
//!
//! A state must be finite at the spike test and after every step. What is named is the first step in which one is not; in it
//! the first instance, then the first row in the space of all groups (of a synapse: the row of its target), then the first
//! [`Place`]. So the same is named by every engine, with every length of a batch. Not here: how an engine finds it.

use crate::plan::{Group, Plan};

/// Where a run went wrong. An engine is left at the state before the batch, a simulation at that of the last good step.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// `instance` where there are several.
    #[error("{variable} of {population}[{neuron}] became {value} at step {step}{}", of(.instance))]
    NotFinite {
        /// `None`: there is one.
        instance: Option<u32>,
        /// Its population.
        population: String,
        /// Its number within the population.
        neuron: u32,
        /// The state.
        variable: String,
        /// What it became.
        value: f64,
        /// At the end of which step.
        step: u64,
    },
    /// A state of a synapse: its number among those of the projection, the neurons that it joins.
    #[error("{variable} of synapse {synapse} of {projection} ({source_neuron} to {target_neuron}) became {value} at step {step}{}", of(.instance))]
    SynapseNotFinite {
        /// `None`: there is one.
        instance: Option<u32>,
        /// Its projection.
        projection: String,
        /// Its number among those of the projection.
        synapse: u64,
        /// By number within the source population.
        source_neuron: u32,
        /// By number within the target population.
        target_neuron: u32,
        /// The state.
        variable: String,
        /// What it became.
        value: f64,
        /// At the end of which step.
        step: u64,
    },
    /// A comparison with NaN (0/0, infinity less infinity, the logarithm or root of a number below 0), whose outcome differs
    /// between devices. `part`: where it stands in the model, such as `threshold`.
    #[error("a comparison in the {part} of {population}[{neuron}] met NaN at step {step}{}", of(.instance))]
    Undefined {
        /// `None`: there is one.
        instance: Option<u32>,
        /// Its population.
        population: String,
        /// Its number within the population.
        neuron: u32,
        /// Where the comparison stands in the model, such as `threshold`.
        part: String,
        /// In which step.
        step: u64,
    },
    /// The state is that after the batch whose spikes were the last that fit.
    #[error(
        "{spikes} spikes are recorded, and with as many again as last the recording needs {need} bytes of the {left} that it may take"
    )]
    Memory {
        /// Spikes that are recorded.
        spikes: u64,
        /// Bytes with as many again as came last.
        need: u64,
        /// Bytes that the recording may take.
        left: u64,
    },
    /// The same where no budget was given: the machine has no more.
    #[error("{spikes} spikes are recorded, and the {need} bytes that as many again as last need are more than this machine gives")]
    NoMemory {
        /// Spikes that are recorded.
        spikes: u64,
        /// Bytes with as many again as came last.
        need: u64,
    },
    /// The device failed; the state is that before the batch.
    #[error("the device failed: {message}")]
    Device {
        /// What it said.
        message: String,
        /// The step that the batch began at.
        step: u64,
    },
    /// Ours: what cannot be by how plans are made.
    #[error("a fault of synfire: {what}")]
    Bug {
        /// What it is.
        what: String,
    },
}

fn of(instance: &Option<u32>) -> String {
    instance.map_or_else(String::new, |k| format!(" in instance {k}"))
}

impl Fault {
    /// The step at whose end it happened; the one before is the last good one. `None`: no step went wrong, the machine did.
    pub fn step(&self) -> Option<u64> {
        match self {
            Fault::NotFinite { step, .. } | Fault::SynapseNotFinite { step, .. } | Fault::Undefined { step, .. } => Some(*step),
            Fault::Memory { .. } | Fault::NoMemory { .. } | Fault::Device { .. } | Fault::Bug { .. } => None,
        }
    }

    /// Names what an engine found at the end of a step.
    pub(crate) fn found(plan: &Plan, instance: u32, broken: Broken, step: u64) -> Fault {
        let instance = (plan.instances > 1).then_some(instance);
        let Broken { row, place, value } = broken;
        match place {
            Place::Synapse { group, edge, state } => {
                let edges = &plan.gathered[group];
                let (projection, variable) = (edges.name.clone(), edges.rule.states[state].name.clone());
                let source_neuron = edges.edges.source_of(edge);
                let target_neuron = edges.edges.target_of(edge);
                Fault::SynapseNotFinite { instance, projection, synapse: edge, source_neuron, target_neuron, variable, value, step }
            }
            Place::Learned { learning, edge, state } => {
                let of = &plan.learning[learning];
                let (projection, variable) = (of.name.clone(), of.rule.states[state].name.clone());
                let (source_neuron, target_neuron) = (of.edges.source_of(edge), of.edges.target_of(edge));
                Fault::SynapseNotFinite { instance, projection, synapse: edge, source_neuron, target_neuron, variable, value, step }
            }
            Place::State { column, .. } => {
                let (population, neuron) = neuron_at(plan, row);
                let variable = group_at(plan, row).map_or_else(String::new, |g| g.rule.states[column].name.trim().to_owned());
                Fault::NotFinite { instance, population, neuron, variable, value, step }
            }
            Place::Comparison => {
                let (population, neuron) = neuron_at(plan, row);
                let undefined = group_at(plan, row).and_then(|g| g.rule.undefined);
                let part = undefined.map_or_else(String::new, |u| u.part.to_string());
                Fault::Undefined { instance, population, neuron, part, step }
            }
        }
    }
}

fn neuron_at(plan: &Plan, row: u32) -> (String, u32) {
    plan.neuron_at(row).map_or((String::new(), row), |(id, neuron)| (plan.place(id).name.clone(), neuron))
}

fn group_at(plan: &Plan, row: u32) -> Option<&Group> {
    plan.groups.iter().rfind(|g| g.base <= row)
}

/// What of a row is not finite; the first one is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// A state of a synapse that ends in the row: its edge group, its place in the connectivity.
    Synapse { group: usize, edge: u64, state: usize },
    /// The same of synapses that events change, by place in [`Plan::learning`].
    Learned { learning: usize, edge: u64, state: usize },
    /// A comparison of the row met NaN.
    Comparison,
    /// A state of the row, after the step or (which comes first) at the spike test.
    State { column: usize, after: bool },
}

/// A number that is not finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Broken {
    /// In the space of all groups.
    pub row: u32,
    pub place: Place,
    pub value: f64,
}

impl Broken {
    /// The one that is named.
    pub fn first(self, other: Broken) -> Broken {
        if (other.row, other.place) < (self.row, self.place) { other } else { self }
    }
}

/// The one that is named of two that may be.
pub(crate) fn first(a: Option<Broken>, b: Option<Broken>) -> Option<Broken> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.first(b)),
        (a, b) => a.or(b),
    }
}
