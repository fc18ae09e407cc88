//! Variants of a network: the same network many times over, each time with some other numbers.
//!
//! In: builder calls. Out: [`Variant`]s, which `check` settles together with the network. Nothing is checked here. Not here:
//! how instances run (`plan`, `engine`), how they are compiled ([`Network::compile_ensemble`](super::Network)).

use super::set::changed;
use super::{Address, Value, Which};

/// What one instance of an ensemble has of its own. Everything else is as the network says.
///
/// ```
/// use synfire::network::Variant;
/// let variants: Vec<Variant> = (0..100)
///     .map(|k| Variant::new().seed(k).set("exc.v_th", format!("{} mV", -50.0 + 0.01 * k as f64)).weight_scale(0.9))
///     .collect();
/// assert_eq!(variants[3].seed, Some(3));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[doc(alias = "sweep", alias = "batch")]
pub struct Variant {
    /// What a user calls it.
    pub label: String,
    /// Seed of what is drawn while it runs.
    pub seed: Option<u64>,
    /// Values by name, such as `exc.v_th`; of two of one name the last holds.
    pub values: Vec<(String, Value)>,
    /// Factors on what arrives: population, port, factor; of two of one place the last holds.
    pub weights: Vec<(String, String, f64)>,
    /// Factor on what arrives at all ports, besides `weights`.
    pub weight_scale: Option<f64>,
    /// Factors on the level of stimuli: name, factor; of two of one name the last holds.
    pub stimuli: Vec<(String, f64)>,
}

impl Variant {
    /// The network as it is.
    pub fn new() -> Variant {
        Variant::default()
    }

    /// Gives it a name, for plots and tables.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Variant {
        self.label = label.into();
        self
    }

    /// The seed of everything drawn while it runs: noise, Poisson events, random spikes. Edges, and values drawn when the
    /// network is described, are those of the network's seed in all instances.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Variant {
        self.seed = Some(seed);
        self
    }

    /// Changes a parameter (`POPULATION.PARAMETER`) or an initial value (`POPULATION.initial.STATE`): one quantity for all, or a
    /// list with one per neuron; or a parameter of a synapse model (`PROJECTION.PARAMETER`), a weight or a delay that all
    /// synapses share (`PROJECTION.weight`, `PROJECTION.delay`), the rate, weight or number of sources of Poisson events, or the
    /// level of a constant stimulus (`STIMULUS.rate`, `.weight`, `.sources`, `.amplitude`). The instance then gives to the bit
    /// what the network with that value gives.
    #[must_use]
    pub fn set(mut self, key: impl Into<String>, value: impl Into<Value>) -> Variant {
        self.values.push((key.into(), value.into()));
        self
    }

    /// What it is once a value of the network has been set for all instances: a value of its own for the same is gone, or has the
    /// exception too. `same`: does a key name the same value?
    pub(crate) fn with(&self, address: &Address, value: &Value, same: &mut dyn FnMut(&str) -> bool) -> Variant {
        let mut out = Variant { values: Vec::new(), ..self.clone() };
        for (key, own) in &self.values {
            match &address.which {
                _ if !same(key) => out.values.push((key.clone(), own.clone())),
                Which::All => {}
                which => out.values.push((key.clone(), changed(Some(own.clone()), which, value.clone()))),
            }
        }
        out
    }

    /// A factor on everything that arrives at a port of a population: spikes of all its projections, and Poisson events.
    #[must_use]
    pub fn weights(mut self, population: impl Into<String>, port: impl Into<String>, factor: f64) -> Variant {
        self.weights.push((population.into(), port.into(), factor));
        self
    }

    /// A factor on everything that arrives at any port. Factors of single ports ([`Variant::weights`]) multiply it.
    #[must_use]
    pub fn weight_scale(mut self, factor: f64) -> Variant {
        self.weight_scale = Some(factor);
        self
    }

    /// A factor on the level of a stimulus on a continuous input, by its name (`TARGET.INPUT` if it was given none).
    #[must_use]
    pub fn stimulus(mut self, name: impl Into<String>, factor: f64) -> Variant {
        self.stimuli.push((name.into(), factor));
        self
    }
}
