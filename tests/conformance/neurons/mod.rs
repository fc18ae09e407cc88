//! Single neurons against closed forms and ODE solutions.
//!
//! In: schema `snn-reference/1` (`tests/reference/neurons/README.md`). [`linear`]: integrate-and-fire neurons that are
//! integrated exactly. [`ode`]: everything that is not. [`izhikevich`]: the published fixed-step schemes. [`regimes`]:
//! the squid axon against current. [`noise`]: rates under white noise. [`pairs`]: gap junctions. [`nmda`]: receptors with magnesium
//! block. [`receptors`]: all others. [`complaints`]: what the authors of NumpyBrain found wrong in other simulators.

mod complaints;
mod izhikevich;
mod linear;
mod nmda;
mod noise;
mod ode;
mod pairs;
mod receptors;
mod regimes;

use std::collections::BTreeMap;

use serde::Deserialize;
use synfire::network::{Connector, Network, Value, Waveform};
use synfire::recording::{Recording, Trace};

use crate::case::{self, quantities, quantity};
use crate::engines::{Refused, Which};
use crate::lines::{Line, Lines, Verdict};

#[derive(Clone, Deserialize)]
pub struct Case {
    pub name: String,
    pub model: String,
    /// `None`: we have no such model yet, or a test knows it by heart.
    #[serde(default)]
    pub synfire: Option<Ours>,
    #[serde(deserialize_with = "numbers")]
    pub params: BTreeMap<String, f64>,
    pub initial: BTreeMap<String, serde_json::Value>,
    pub stimulus: Vec<Stimulus>,
    pub duration: f64,
    pub neurons: Vec<Neuron>,
    #[serde(default)]
    pub grid: Option<linear::Grid>,
    #[serde(default)]
    pub scheme: Option<izhikevich::Published>,
    #[serde(default)]
    pub scheme_fine: Option<izhikevich::Fine>,
    #[serde(default)]
    pub table: Vec<serde_json::Value>,
    /// ms; where arrivals decide alone
    #[serde(default)]
    pub arrivals: Vec<f64>,
    #[serde(default)]
    pub mg_block_table: Vec<nmda::Row>,
}

#[derive(Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Stimulus {
    CurrentStep {
        t_on: f64,
        t_off: f64,
        amp: f64,
        #[serde(default)]
        neuron: Option<u64>,
    },
    SpikeTrain {
        times: Vec<f64>,
        delay: f64,
        weight: f64,
        receptor: String,
        #[serde(default)]
        neuron: Option<u64>,
    },
    #[serde(other)]
    Other,
}

#[derive(Clone, Deserialize)]
pub struct Neuron {
    /// None of a synapse.
    #[serde(default)]
    pub spike_times: Vec<f64>,
    pub trace: Samples,
}

#[derive(Clone, Deserialize)]
pub struct Samples {
    pub t0: f64,
    pub dt: f64,
    pub vars: BTreeMap<String, Vec<f64>>,
}

/// Those that are one number: pairs have two of what they start from, which `initial` says too.
fn numbers<'de, D: serde::Deserializer<'de>>(d: D) -> Result<BTreeMap<String, f64>, D::Error> {
    let all = BTreeMap::<String, serde_json::Value>::deserialize(d)?;
    Ok(all.into_iter().filter_map(|(name, value)| Some((name, value.as_f64()?))).collect())
}

/// A name and a unit of ours.
type Named = (String, String);

/// How we name and measure what a case names; the file says it, so that a new model is a new file.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ours {
    model: String,
    /// The unit of currents.
    current: String,
    /// By receptor: a port, and the unit of its weights.
    #[serde(default)]
    ports: BTreeMap<String, Named>,
    /// Those that are parameters of ours (initial values are none).
    params: BTreeMap<String, Named>,
    /// Parameters of ours that are one of the case over another, and their unit.
    #[serde(default)]
    quotients: BTreeMap<String, (String, String, String)>,
    states: BTreeMap<String, Named>,
    /// What joins a pair: a synapse model and its parameters.
    #[serde(default)]
    pub junction: Option<Joined>,
    /// What spikes arrive at, where it is a synapse model.
    #[serde(default)]
    pub receptor: Option<Joined>,
    /// How it is held against RK4, if it is.
    #[serde(default)]
    pub rk4: Option<ode::Settings>,
}

/// A synapse model of ours.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joined {
    pub model: String,
    pub params: BTreeMap<String, Named>,
}

impl Case {
    pub fn number(&self, name: &str) -> f64 {
        *self.params.get(name).unwrap_or_else(|| panic!("{}: no parameter {name}", self.name))
    }

    fn names(&self) -> &Ours {
        self.synfire.as_ref().unwrap_or_else(|| panic!("{}: {}", self.name, self.model))
    }

    fn state(&self, name: &str) -> &Named {
        self.names().states.get(name).unwrap_or_else(|| panic!("{}: no state {name}", self.name))
    }

    /// A current (or current density) of the model's unit.
    pub fn current(&self, x: f64) -> Value {
        quantity(x, &self.names().current)
    }

    /// A network of so many such neurons, driven as the case says and recording spikes.
    pub fn network(&self, size: u64, dt: f64, method: Option<&str>) -> Network {
        let ours = self.names();
        let mut net = Network::new(&self.name);
        net.dt(quantity(dt, "ms")).seed(1);
        let population = net.population("cell", &ours.model, size);
        for (name, (own, unit)) in &ours.params {
            population.parameter(own, quantity(self.number(name), unit));
        }
        for (own, (over, under, unit)) in &ours.quotients {
            population.parameter(own, quantity(self.number(over) / self.number(under), unit));
        }
        // of a synapse model: those of the file are where they start
        let of_cell = self.initial.iter().filter(|(name, _)| ours.receptor.is_none() || ours.states.contains_key(*name));
        for (name, value) in of_cell {
            let (name, unit) = self.state(name);
            let number = |value: &serde_json::Value| value.as_f64().unwrap_or_else(|| panic!("{}: initial {name}", self.name));
            match value.as_array() {
                Some(list) => population.initial(name, quantities(list.iter().map(number), unit)),
                None => population.initial(name, quantity(number(value), unit)),
            };
        }
        if let Some(method) = method {
            population.method(method);
        }
        for (k, stimulus) in self.stimulus.iter().enumerate() {
            match stimulus {
                Stimulus::CurrentStep { t_on, t_off, amp, neuron } => {
                    let stimulus = net.stimulate("cell", "i_stim", Waveform::constant(self.current(*amp)));
                    stimulus.from(quantity(*t_on, "ms")).until(quantity(*t_off, "ms"));
                    if let Some(neuron) = neuron {
                        stimulus.rows(*neuron..*neuron + 1);
                    }
                }
                Stimulus::SpikeTrain { times, delay, weight, receptor, neuron } => {
                    let source = format!("train {k}");
                    // what has no delay is sent a step before
                    let sent = |t: f64| if *delay == 0.0 { t - dt } else { t };
                    net.population(&source, "spike_times", 1).spike_times(vec![times.iter().map(|t| sent(*t)).collect()]);
                    let one = neuron.map_or(Connector::AllToAll, |n| Connector::List { source: vec![0], target: vec![n] });
                    let delay = quantity(delay.max(dt), "ms");
                    if let Some(own) = &ours.receptor {
                        let projection = net.project_by(&source, "cell", &own.model, one).delay(delay).named("receptors");
                        for (name, (own, unit)) in &own.params {
                            projection.parameter(own, quantity(self.number(name), unit));
                        }
                        continue;
                    }
                    let (port, unit) = ours.ports.get(receptor).unwrap_or_else(|| panic!("{}: no port {receptor}", self.name));
                    net.project(&source, "cell", port, one).weight(quantity(*weight, unit)).delay(delay);
                }
                Stimulus::Other => {}
            }
        }
        net.probe("cell", "spikes");
        net
    }

    /// Records the states of the file's trace, at its samples.
    pub fn probe_trace(&self, net: &mut Network) {
        let samples = &self.neurons[0].trace;
        for name in samples.vars.keys() {
            net.probe("cell", &self.state(name).0).every(quantity(samples.dt, "ms"));
        }
    }

    /// What we recorded of a state of the file: one value per sample of the file, the first missing (it is the initial
    /// value, which no step ends with).
    pub fn ours<'r>(&self, recording: &'r Recording, name: &str) -> &'r Trace {
        let (name, _) = self.state(name);
        recording.traces.iter().find(|t| t.variable == *name).unwrap_or_else(|| panic!("{}: {name} not recorded", self.name))
    }
}

/// A case by its name.
pub fn named(name: &str) -> Case {
    let mut all = case::all::<Case>("snn-reference/1").into_iter().map(|(case, _)| case);
    all.find(|case| case.name == name).unwrap_or_else(|| panic!("no case {name}"))
}

/// Steps of the spikes of one neuron.
pub fn spike_steps(recording: &Recording, neuron: u32) -> Vec<u64> {
    let of = |t: &&synfire::recording::SpikeTrain| t.population == "cell";
    let train = recording.spikes.iter().find(of).unwrap_or_else(|| panic!("spikes of `cell` were not recorded"));
    train.pairs().filter(|(_, n)| *n == neuron).map(|(step, _)| step).collect()
}

/// How much later our spikes are, as many as the reference's and each within -`early(k)` to `late(k)`.
///
/// Gives the largest lateness in absolute value, ms.
pub fn lateness(ours: &[f64], reference: &[f64], early: impl Fn(usize) -> f64, late: impl Fn(usize) -> f64) -> Result<f64, String> {
    if ours.len() != reference.len() {
        return Err(format!("{} spikes, the reference has {}: {ours:.3?} and {reference:.3?}", ours.len(), reference.len()));
    }
    let mut worst: f64 = 0.0;
    for (k, (a, b)) in ours.iter().zip(reference).enumerate() {
        let error = a - b;
        worst = if error.abs() > worst.abs() { error } else { worst };
        let (from, to) = (-early(k), late(k));
        if !(from..=to).contains(&error) {
            let what = format!("spike {k} at {a:.5} ms, the reference at {b:.5} ms");
            return Err(format!("{what}: late by {error:.2e} ms, allowed {from:.2e} to {to:.2e}"));
        }
    }
    Ok(worst)
}

/// Runs every chosen case on every engine through `judge`, which gives spikes, the worst error in words, and the verdict.
fn check(
    chosen: impl Fn(&Case) -> bool,
    engines: &[Which],
    mut judge: impl FnMut(&Case, Which) -> Result<(usize, String, Verdict), Refused>,
) {
    let mut lines = Lines::default();
    for (case, _) in case::all::<Case>("snn-reference/1").iter().filter(|(case, _)| chosen(case)) {
        for &which in engines {
            let (spikes, worst, verdict) = judge(case, which).unwrap_or_else(|refused| (0, String::new(), refused.verdict()));
            lines.add(Line { case: case.name.clone(), engine: which.name().into(), spikes, ties: 0, worst, verdict });
        }
    }
    lines.finish();
}

/// Cases of models that are not written yet are named, not passed over.
#[test]
fn models_without_a_test() {
    let mut lines = Lines::default();
    for (case, ours) in case::all::<Case>("snn-reference/1") {
        // by heart: `noise`, and `learning::pairs`
        let elsewhere = ["lif_white_noise", "stdp_pair", "tsodyks_markram"].contains(&case.model.as_str());
        let known = case.synfire.is_some() || elsewhere;
        let why = format!("model {}", case.model);
        let verdict = match (known, ours) {
            (true, _) => continue,
            (false, true) => Verdict::Fail(why),
            (false, false) => Verdict::NotYet(why),
        };
        lines.add(Line { case: case.name, engine: "all".into(), spikes: 0, ties: 0, worst: String::new(), verdict });
    }
    // nothing to say is right here
    lines.finish_even_if_empty();
}
