//! The ready models: one text file each in the equation language, each citing its source. None is privileged.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::{ModelSet, NeuronModel, SynapseModel, check};
use crate::diagnostic::{Report, Source};

mod gated;
mod modes;
mod onto;
mod words;
pub use gated::{Channel, Gate, Pace, gated};
pub use modes::{IZHIKEVICH_MODES, Mode};
pub use onto::{OntoError, onto};
pub use words::meant;

macro_rules! texts {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!($name, ".txt")))),*] };
}

/// Name and text of every ready neuron model.
pub const TEXTS: &[(&str, &str)] = texts![
    "lif_psc_delta",
    "lif_psc_exp",
    "lif_psc_alpha",
    "lif_psc_beta",
    "lif_cond_exp",
    "lif_cond_alpha",
    "lif_cond_beta",
    "lif_cond_exp_adaptive",
    "lif_cond_exp_sfa_rr",
    "gif_cond_exp",
    "alif",
    "glif",
    "mihalas_niebur",
    "adex",
    "exp_if",
    "qif",
    "izhikevich",
    "izhikevich_2003",
    "izhikevich_2004",
    "izhikevich_2007",
    "fitzhugh_nagumo",
    "hindmarsh_rose",
    "hodgkin_huxley",
    "traub_miles",
    "wang_buzsaki",
    "pinsky_rinzel",
    "morris_lecar",
    "poisson_source",
    "refractory_poisson_source",
    "inhomogeneous_poisson_source",
    "gamma_source",
    "spike_times",
    "regular_source",
    "spiking_adaptive",
    "persistent_sodium",
    "non_spiking",
    "neuromodulator",
];

/// Name and text of every ready synapse model.
pub const SYNAPSE_TEXTS: &[(&str, &str)] = texts![
    "graded_synapse",
    "electrical_synapse",
    "rectified_synapse",
    "rectified_return",
    "spiking_synapse",
    "stdp_pair",
    "stdp_nearest",
    "stdp_multiplicative",
    "stdp_guetig",
    "stdp_power_law",
    "stdp_triplet",
    "stdp_triplet_full",
    "vogels_2011",
    "stdp_reward",
    "stdp_normalised",
    "homeostatic_scaling",
    "clopath_2010",
    "graupner_brunel_2012",
    "tm2",
    "tm",
    "tm_stochastic",
    "tm_multiquantal",
    "gap_junction",
    "gap_junction_density",
    "gap_junction_spikelet",
    "nmda",
    "voltage_jump",
    "exponential_current",
    "exponential_conductance",
    "alpha_current",
    "alpha_conductance",
    "difference_current",
    "difference_conductance",
    "ampa",
    "gaba_a",
    "ampa_kinetic",
    "gaba_a_kinetic",
    "gaba_b",
    "gaba_b_desensitising",
];

/// The ready neuron models, checked.
///
/// **Errors** as [`all`].
pub fn models() -> Result<&'static BTreeMap<String, Arc<NeuronModel>>, Report> {
    Ok(&ready()?.neurons)
}

/// The ready synapse models, checked; names at their two ends are settled where they are used.
///
/// **Errors** as [`all`].
pub fn synapses() -> Result<&'static BTreeMap<String, Arc<SynapseModel>>, Report> {
    Ok(&ready()?.synapses)
}

/// All ready models.
///
/// **Errors** what is wrong with a text of ours; that nothing is, a test holds.
pub fn all() -> Result<ModelSet, Report> {
    ready().cloned()
}

/// Read once.
fn ready() -> Result<&'static ModelSet, Report> {
    static READY: OnceLock<Result<ModelSet, Report>> = OnceLock::new();
    READY.get_or_init(|| of_texts(TEXTS.iter().chain(SYNAPSE_TEXTS))).as_ref().map_err(Report::clone)
}

fn of_texts<'a>(texts: impl Iterator<Item = &'a (&'a str, &'a str)>) -> Result<ModelSet, Report> {
    let mut all = ModelSet::default();
    for (name, text) in texts {
        let set = read(name, text)?;
        all.neurons.extend(set.neurons);
        all.synapses.extend(set.synapses);
    }
    Ok(all)
}

fn read(name: &str, text: &str) -> Result<ModelSet, Report> {
    check::read(&Source { name: format!("model {name}"), text: text.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::integrate::rule;

    #[test]
    fn a_text_that_is_wrong_is_an_error_and_no_missing_model() {
        let wrong = ("broken", "neuron broken\n  state v = 0 mV\n  dv/dt = -w/tau\n");
        let texts = [TEXTS[0], wrong, TEXTS[1]];
        assert!(of_texts(texts.iter()).unwrap_err().to_string().contains("model broken"));
        assert_eq!(all().unwrap().neurons.len() + all().unwrap().synapses.len(), TEXTS.len() + SYNAPSE_TEXTS.len());
    }

    #[test]
    fn every_ready_model_is_right_and_has_a_rule() {
        for (name, text) in TEXTS {
            let set = read(name, text).unwrap_or_else(|report| panic!("{report}"));
            let model = &set.neurons[*name];
            let driven = vec![true; model.inputs.len()];
            let rule = rule(model, None, 0.1, &driven).unwrap_or_else(|e| panic!("{name}: {e}"));
            println!("{name}: {} ({} nodes, {} derived)", rule.method, rule.graph.nodes.len(), rule.derived.len());
        }
        assert_eq!(models().unwrap().len(), TEXTS.len());
    }

    #[test]
    fn every_ready_synapse_is_right_and_fits_a_ready_neuron() {
        let cells = models().unwrap();
        for (name, text) in SYNAPSE_TEXTS {
            let set = read(name, text).unwrap_or_else(|report| panic!("{report}"));
            let refused: Vec<String> =
                cells.values().filter_map(|cell| Some(check::bind(&set.synapses[*name], cell, cell).err()?.to_string())).collect();
            assert!(refused.len() < cells.len(), "{name} fits no ready neuron: {}", refused.join("\n"));
            assert!(text.contains("# Source: "), "{name}");
        }
        assert_eq!(synapses().unwrap().len(), SYNAPSE_TEXTS.len());
    }
}
