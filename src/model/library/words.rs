//! What other simulators call our models.

/// Their name in small letters, and ours.
const WORDS: &[(&str, &str)] = &[
    // NEST
    ("iaf_psc_exp", "lif_psc_exp"),
    ("iaf_psc_alpha", "lif_psc_alpha"),
    ("iaf_psc_delta", "lif_psc_delta"),
    ("iaf_cond_exp", "lif_cond_exp"),
    ("iaf_cond_exp_sfa_rr", "lif_cond_exp_sfa_rr"),
    ("glif_psc", "glif"),
    ("iaf_cond_alpha", "lif_cond_alpha"),
    ("iaf_cond_beta", "lif_cond_beta"),
    ("aeif_cond_exp", "adex"),
    ("aeif_cond_alpha", "adex"),
    ("aeif_psc_exp", "adex"),
    ("hh_psc_alpha", "hodgkin_huxley"),
    ("hh_cond_exp_traub", "traub_miles"),
    ("poisson_generator", "poisson_source"),
    ("inhomogeneous_poisson_generator", "inhomogeneous_poisson_source"),
    ("sinusoidal_poisson_generator", "inhomogeneous_poisson_source"),
    ("ppd_sup_generator", "refractory_poisson_source"),
    ("gamma_sup_generator", "gamma_source"),
    ("spike_generator", "spike_times"),
    ("stdp_synapse", "stdp_guetig"),
    ("stdp_pl_synapse_hom", "stdp_power_law"),
    ("stdp_nn_symm_synapse", "stdp_nearest"),
    ("stdp_triplet_synapse", "stdp_triplet_full"),
    ("vogels_sprekeler_synapse", "vogels_2011"),
    ("clopath_synapse", "clopath_2010"),
    ("stdp_dopamine_synapse", "stdp_reward"),
    ("tsodyks_synapse", "tm"),
    ("tsodyks2_synapse", "tm2"),
    ("quantal_stp_synapse", "tm_multiquantal"),
    // PyNN
    ("if_curr_exp", "lif_psc_exp"),
    ("if_curr_alpha", "lif_psc_alpha"),
    ("if_curr_delta", "lif_psc_delta"),
    ("if_cond_exp", "lif_cond_exp"),
    ("if_cond_alpha", "lif_cond_alpha"),
    ("if_cond_exp_gsfa_grr", "lif_cond_exp_sfa_rr"),
    ("eif_cond_exp_isfa_ista", "adex"),
    ("eif_cond_alpha_isfa_ista", "adex"),
    ("hh_cond_exp", "traub_miles"),
    ("spikesourcepoisson", "poisson_source"),
    ("spikesourcepoissonrefractory", "refractory_poisson_source"),
    ("spikesourcegamma", "gamma_source"),
    ("spikesourceinhpoisson", "inhomogeneous_poisson_source"),
    ("spikesourcearray", "spike_times"),
    ("stdpmechanism", "stdp_pair"),
    ("tsodyksmarkramsynapse", "tm"),
    // Brian2
    ("poissongroup", "poisson_source"),
    ("spikegeneratorgroup", "spike_times"),
    // SNS-Toolbox
    ("nonspikingneuron", "non_spiking"),
    ("nonspikingneuronwithpersistentsodiumchannel", "persistent_sodium"),
    ("spikingneuron", "spiking_adaptive"),
    ("nonspikingsynapse", "graded_synapse"),
    ("nonspikingpatternconnection", "graded_synapse"),
    ("nonspikingmatrixconnection", "graded_synapse"),
    ("spikingsynapse", "spiking_synapse"),
    ("spikingpatternconnection", "spiking_synapse"),
    ("spikingmatrixconnection", "spiking_synapse"),
    ("electricalsynapse", "electrical_synapse"),
    // BrainPy
    ("quaif", "qif"),
    ("adquaif", "izhikevich_2007"),
    ("gif", "mihalas_niebur"),
    ("hindmarshrose", "hindmarsh_rose"),
    ("fhn", "fitzhugh_nagumo"),
    ("wangbuzsaki", "wang_buzsaki"),
    ("pinskyrinzel", "pinsky_rinzel"),
    ("alifbellec2020", "alif"),
    // what everyone says
    ("stdp", "stdp_pair"),
    ("triplet", "stdp_triplet"),
    ("tsodyks_markram", "tm2"),
    ("stochastic_release", "tm_stochastic"),
    ("multiquantal", "tm_multiquantal"),
    ("lif", "lif_psc_exp"),
    ("leaky_integrate_and_fire", "lif_psc_exp"),
    ("eif", "exp_if"),
    ("aeif", "adex"),
    ("hh", "hodgkin_huxley"),
    ("poisson", "poisson_source"),
    ("spike_source", "spike_times"),
];

/// The model of ours that another simulator's name means; families (`iaf_psc_exp_htum`) by how they begin.
pub fn meant(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let exact = WORDS.iter().find(|(theirs, _)| *theirs == name);
    let family = || WORDS.iter().filter(|(theirs, _)| theirs.contains('_')).find(|(theirs, _)| name.starts_with(theirs));
    exact.or_else(family).map(|(_, ours)| *ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_names_a_ready_model() {
        let all = super::super::all().unwrap();
        for (theirs, ours) in WORDS {
            assert!(all.neurons.contains_key(*ours) || all.synapses.contains_key(*ours), "{theirs}: {ours}");
            assert!(!all.neurons.contains_key(*theirs) && !all.synapses.contains_key(*theirs), "{theirs} is ours");
        }
        assert_eq!(meant("IF_cond_exp"), Some("lif_cond_exp"));
        assert_eq!(meant("iaf_psc_exp_htum"), Some("lif_psc_exp"));
        assert_eq!(meant("NonSpikingSynapse"), Some("graded_synapse"));
        assert_eq!(meant("lif_psc_xep"), None);
    }
}
