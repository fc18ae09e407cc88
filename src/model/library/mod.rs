//! The ready models: one text file each in the equation language, each citing its source. None is privileged.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::{ModelSet, NeuronModel, SynapseModel, check};
use crate::diagnostic::Source;

mod gated;
mod words;
pub use gated::{Channel, Gate, Pace, gated};
pub use words::meant;

macro_rules! texts {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!($name, ".txt")))),*] };
}

/// Name and text of every ready neuron model.
pub const TEXTS: &[(&str, &str)] = texts![
    "lif_psc_delta",
    "lif_psc_exp",
    "lif_psc_alpha",
    "lif_cond_exp",
    "lif_cond_alpha",
    "adex",
    "exp_if",
    "izhikevich",
    "izhikevich_2003",
    "hodgkin_huxley",
    "traub_miles",
    "morris_lecar",
    "poisson_source",
    "spike_times",
    "regular_source",
    "spiking_adaptive",
    "persistent_sodium",
    "non_spiking",
];

/// Name and text of every ready synapse model.
pub const SYNAPSE_TEXTS: &[(&str, &str)] =
    texts!["graded_synapse", "electrical_synapse", "rectified_synapse", "rectified_return", "spiking_synapse"];

/// The ready neuron models, checked.
pub fn models() -> &'static BTreeMap<String, Arc<NeuronModel>> {
    static MODELS: OnceLock<BTreeMap<String, Arc<NeuronModel>>> = OnceLock::new();
    MODELS.get_or_init(|| {
        // a text of ours that is wrong is missing here, and a test says which
        TEXTS.iter().filter_map(|(name, text)| read(name, text).ok()).flat_map(|set| set.neurons).collect()
    })
}

/// The ready synapse models, checked; names at their two ends are settled where they are used.
pub fn synapses() -> &'static BTreeMap<String, Arc<SynapseModel>> {
    static SYNAPSES: OnceLock<BTreeMap<String, Arc<SynapseModel>>> = OnceLock::new();
    SYNAPSES.get_or_init(|| {
        SYNAPSE_TEXTS.iter().filter_map(|(name, text)| read(name, text).ok()).flat_map(|set| set.synapses).collect()
    })
}

/// All ready models.
pub fn all() -> ModelSet {
    ModelSet { neurons: models().clone(), synapses: synapses().clone() }
}

fn read(name: &str, text: &str) -> Result<ModelSet, crate::diagnostic::Report> {
    check::read(&Source { name: format!("model {name}"), text: text.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::integrate::rule;

    #[test]
    fn every_ready_model_is_right_and_has_a_rule() {
        for (name, text) in TEXTS {
            let set = read(name, text).unwrap_or_else(|report| panic!("{report}"));
            let model = &set.neurons[*name];
            let driven = vec![true; model.inputs.len()];
            let rule = rule(model, None, 0.1, &driven).unwrap_or_else(|e| panic!("{name}: {e}"));
            println!("{name}: {} ({} nodes, {} derived)", rule.method, rule.graph.nodes.len(), rule.derived.len());
        }
        assert_eq!(models().len(), TEXTS.len());
    }

    #[test]
    fn every_ready_synapse_is_right_and_fits_a_ready_neuron() {
        let cell = &models()["non_spiking"];
        for (name, text) in SYNAPSE_TEXTS {
            let set = read(name, text).unwrap_or_else(|report| panic!("{report}"));
            check::bind(&set.synapses[*name], cell, cell).unwrap_or_else(|report| panic!("{report}"));
        }
        assert_eq!(synapses().len(), SYNAPSE_TEXTS.len());
    }
}
