//! A published number of each ready model of a synapse that learns, worked out apart from the engines.
//!
//! | model | paper | number |
//! | --- | --- | --- |
//! | `stdp_pair` | Song, Miller and Abbott (2000), equation 1, figure 2 | [`windows`]: the window; [`equilibria`]: weights part to both bounds |
//! | `stdp_pair`, `stdp_nearest` | Kempter, Gerstner and van Hemmen (1999); Izhikevich and Desai (2003) | [`equilibria`]: drift between independent Poisson trains; the rate of the target at which nearest neighbours turn from depression to potentiation |
//! | `stdp_triplet`, `stdp_triplet_full` | Pfister and Gerstner (2006), table 4 | [`windows`]: the frequency curve of visual cortex |
//! | `vogels_2011` | Vogels et al. (2011) | [`windows`]: the window; [`balance`]: a cell settles at α/(2τ) |
//! | `stdp_reward` | Izhikevich (2007) | [`reward`]: a pair and dopamine 1 to 3 s later: ∫c d dt = c₀ d₀ e^(-t/τ_c)/(1/τ_c + 1/τ_d) |
//! | `stdp_multiplicative` | Rubin, Lee and Sompolinsky (2001) | [`equilibria`]: one weight, whatever the rates |
//! | `stdp_guetig` | Gütig, Aharonov, Rotter and Sompolinsky (2003) | [`equilibria`]: w = 1/(1 + α^(1/μ)); two humps at μ = 0, one at μ = 1 |
//! | `stdp_power_law` | Morrison, Aertsen and Diesmann (2007) | [`equilibria`]: w = w_ref (τ₊/(α τ₋))^(1/(1-μ)) |
//! | `tm2`, `tm` | Tsodyks, Pawelzik and Markram (1998); Tsodyks, Uziel and Markram (2000) | [`releases`]: stationary responses, limiting and peak frequency, paired pulses |
//! | `tm_stochastic`, `tm_multiquantal` | Fuhrmann et al. (2002); Loebel et al. (2009) | [`releases`]: N p q and N p (1 - p) q², failures, the covariance of two responses |

mod balance;
mod equilibria;
mod releases;
mod reward;
mod windows;

use synfire::model::library;
use synfire::network::{Connector, Network};
use synfire::simulation::Simulation;

use crate::case::quantity;
use crate::engines::Which;

/// A cell with the ports of the ready models, which spikes where it is kicked and keeps what arrives for a step.
const KICKED: &str = "
    neuron kicked
      param tau = 0.0001 ms
      state v = 0, g_exc = 0 nS, g_inh = 0 nS
      input kick -> v
      input g_exc, g_inh
      dg_exc/dt = -g_exc/tau
      dg_inh/dt = -g_inh/tau
      threshold v > 0.5
      reset v = 0
    ";

/// One that spikes by itself as a Poisson process does.
const FREE: &str = "
    neuron free
      param rate = 10 Hz, tau = 0.0001 ms
      state g_exc = 0 nS
      input g_exc
      dg_exc/dt = -g_exc/tau
      threshold rand() < 1 - exp(-rate*dt)
    ";

/// Spikes of both ends of a synapse, ms, as they are there.
struct Pairing {
    pre: Vec<f64>,
    post: Vec<f64>,
}

/// A synapse of a model for each pairing.
struct Protocol<'a> {
    model: &'a str,
    /// Equations of the model, if it is none of the ready ones.
    text: &'a str,
    parameters: &'a [(&'a str, &'a str)],
    dt: f64,
    pairings: &'a [Pairing],
}

impl Protocol<'_> {
    /// The weights at the end, nS.
    fn weights(&self, which: Which) -> Vec<f64> {
        let &Protocol { model, text, parameters, dt, pairings } = self;
        let dendritic = text.contains("delay dendritic") || ready(model).contains("delay dendritic");
        let mut net = Network::new(model);
        net.dt(quantity(dt, "ms")).equations(KICKED).equations(text);
        // a delay of one step lies before the synapse or behind it: the other end spikes a step later. One more comes from the kick.
        let later = |train: &[f64], steps: f64| train.iter().map(|t| t + steps * dt).collect::<Vec<_>>();
        let [sources, kicks] = if dendritic { [2.0, 0.0] } else { [1.0, 1.0] };
        let n = pairings.len() as u64;
        net.population("pre", "spike_times", n).spike_times(pairings.iter().map(|p| later(&p.pre, sources)).collect());
        net.population("kicks", "spike_times", n).spike_times(pairings.iter().map(|p| later(&p.post, kicks)).collect());
        net.population("post", "kicked", n);
        net.project("kicks", "post", "kick", Connector::OneToOne).weight(1.0).delay(quantity(dt, "ms"));
        let projection = net.project_by("pre", "post", model, Connector::OneToOne).delay(quantity(dt, "ms")).named("synapses");
        parameters.iter().for_each(|(name, value)| {
            projection.parameter(*name, *value);
        });
        let last = pairings.iter().flat_map(|p| p.pre.iter().chain(&p.post)).copied().fold(0.0, f64::max);
        let mut simulation = compiled(&net, which);
        simulation.run(last + 4.0 * dt).unwrap_or_else(|e| panic!("{model}: {e}"));
        simulation.synapse_state("synapses", "w").unwrap_or_else(|e| panic!("{model}: {e}"))
    }
}

/// The text of a ready model, none of another.
fn ready(model: &str) -> &'static str {
    library::SYNAPSE_TEXTS.iter().find(|(name, _)| *name == model).map_or("", |(_, text)| text)
}

fn compiled(net: &Network, which: Which) -> Simulation {
    which.compile(net).unwrap_or_else(|e| panic!("{} on {}: {e:?}", net.name, which.name()))
}

/// Found numbers are the expected ones within `bound`.
fn agree(what: &str, found: &[f64], expected: &[f64], bound: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (k, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= bound, "{what}, {k}: {found} where {expected} is published (within {bound:.1e})");
    }
}

/// Mean and standard error.
fn mean(sample: &[f64]) -> [f64; 2] {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let variance = sample.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    [mean, (variance / n).sqrt()]
}
