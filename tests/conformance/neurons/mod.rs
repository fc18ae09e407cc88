//! Single neurons against closed forms and ODE solutions.
//!
//! In: schema `snn-reference/1` (`tests/reference/neurons/README.md`). [`linear`]: integrate-and-fire neurons that are
//! integrated exactly. [`ode`]: everything that is not. [`izhikevich`]: the published fixed-step schemes. [`regimes`]:
//! the squid axon against current. [`noise`]: rates under white noise.

mod izhikevich;
mod linear;
mod noise;
mod ode;
mod regimes;

use std::collections::BTreeMap;

use serde::Deserialize;
use synfire::network::{Connector, Network, Value, Waveform};
use synfire::recording::{Recording, Trace};

use crate::case::{self, quantity};
use crate::engines::{Refused, Which};
use crate::lines::{Line, Lines, Verdict};

#[derive(Clone, Deserialize)]
pub struct Case {
    pub name: String,
    pub model: String,
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
}

#[derive(Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Stimulus {
    CurrentStep {
        t_on: f64,
        t_off: f64,
        amp: f64,
    },
    SpikeTrain {
        times: Vec<f64>,
        delay: f64,
        weight: f64,
        receptor: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Clone, Deserialize)]
pub struct Neuron {
    pub spike_times: Vec<f64>,
    pub trace: Samples,
}

#[derive(Clone, Deserialize)]
pub struct Samples {
    pub t0: f64,
    pub dt: f64,
    pub vars: BTreeMap<String, Vec<f64>>,
}

/// The model of ours, the unit of its currents, and its ports with the unit of their weights.
struct Names {
    model: &'static str,
    current: &'static str,
    ports: Option<([&'static str; 2], &'static str)>,
}

fn names(model: &str) -> Option<Names> {
    let density = "uA/cm**2";
    let (model, current, ports) = match model {
        "lif" | "lif_delta" => ("lif_psc_delta", "pA", Some((["delta", "delta"], "mV"))),
        "lif_exp" => ("lif_psc_exp", "pA", Some((["i_exc", "i_inh"], "pA"))),
        "lif_alpha" => ("lif_psc_alpha", "pA", Some((["i_exc", "i_inh"], "pA"))),
        "lif_cond_exp" => ("lif_cond_exp", "pA", Some((["g_exc", "g_inh"], "nS"))),
        "adex" => ("adex", "pA", None),
        "izhikevich" => ("izhikevich", "mV/ms", None),
        "hh_squid" | "hh_squid_fi" => ("hodgkin_huxley", density, None),
        "traub_miles" => ("traub_miles", "pA", Some((["g_exc", "g_inh"], "nS"))),
        "morris_lecar" => ("morris_lecar", density, None),
        _ => return None,
    };
    Some(Names { model, current, ports })
}

/// Our name and unit of a parameter; `None`: it is not one of the model (initial values).
fn parameter(model: &str, name: &str) -> Option<(&'static str, &'static str)> {
    let density = matches!(model, "hodgkin_huxley" | "morris_lecar");
    let conductance = if density { "mS/cm**2" } else { "nS" };
    Some(match (name, model) {
        ("C_m", _) => ("c_m", if density { "uF/cm**2" } else { "pF" }),
        ("g_L", _) => ("g_leak", conductance),
        ("g_Na", _) => ("g_na", conductance),
        ("g_K", _) => ("g_k", conductance),
        ("g_Ca", _) => ("g_ca", conductance),
        ("E_L", _) => ("e_leak", "mV"),
        ("E_Na", _) => ("e_na", "mV"),
        ("E_K", _) => ("e_k", "mV"),
        ("E_Ca", _) => ("e_ca", "mV"),
        ("E_ex", _) => ("e_exc", "mV"),
        ("E_in", _) => ("e_inh", "mV"),
        ("V_th", _) => ("v_th", "mV"),
        ("V_reset", _) => ("v_reset", "mV"),
        ("V_T", _) => ("v_t", "mV"),
        ("V_peak" | "v_peak", _) => ("v_peak", "mV"),
        ("V_detect", _) => ("v_detect", "mV"),
        ("Delta_T", _) => ("delta_t", "mV"),
        ("V1", _) => ("v_1", "mV"),
        ("V2", _) => ("v_2", "mV"),
        ("V3", _) => ("v_3", "mV"),
        ("V4", _) => ("v_4", "mV"),
        ("phi", _) => ("phi", "kHz"),
        ("t_ref", _) => ("t_ref", "ms"),
        ("tau_ex", _) => ("tau_exc", "ms"),
        ("tau_in", _) => ("tau_inh", "ms"),
        ("tau_w", _) => ("tau_w", "ms"),
        ("a", "izhikevich") => ("a", "kHz"),
        ("b", "izhikevich") => ("b", "kHz"),
        ("c", "izhikevich") => ("c", "mV"),
        ("d", "izhikevich") => ("d", "mV/ms"),
        ("a", "adex") => ("a", "nS"),
        ("b", "adex") => ("b", "pA"),
        _ => return None,
    })
}

/// Our name and unit of a state.
fn state(model: &str, name: &str) -> (&'static str, &'static str) {
    match (name, model) {
        ("v", _) => ("v", "mV"),
        ("u", _) => ("u", "mV/ms"),
        ("w", "adex") => ("w", "pA"),
        ("w", _) => ("w", ""),
        ("m", _) => ("m", ""),
        ("h", _) => ("h", ""),
        ("n", _) => ("n", ""),
        ("g_ex", _) => ("g_exc", "nS"),
        ("g_in", _) => ("g_inh", "nS"),
        ("i_ex", _) => ("i_exc", "pA"),
        ("i_in", _) => ("i_inh", "pA"),
        _ => panic!("no state {name} in {model}"),
    }
}

impl Case {
    pub fn number(&self, name: &str) -> f64 {
        *self.params.get(name).unwrap_or_else(|| panic!("{}: no parameter {name}", self.name))
    }

    /// A current (or current density) of the model's unit.
    pub fn current(&self, x: f64) -> Value {
        quantity(x, names(&self.model).map_or("", |n| n.current))
    }

    /// A network of so many such neurons, driven as the case says and recording spikes.
    pub fn network(&self, size: u64, dt: f64, method: Option<&str>) -> Network {
        let names = names(&self.model).unwrap_or_else(|| panic!("{}: {}", self.name, self.model));
        let mut net = Network::new(&self.name);
        net.dt(quantity(dt, "ms")).seed(1);
        let population = net.population("cell", names.model, size);
        for (name, value) in &self.params {
            if let Some((name, unit)) = parameter(names.model, name) {
                // the integrate-and-fire neurons with currents are written with their time constant
                if name == "g_leak" && names.model.starts_with("lif_psc") {
                    population.parameter("tau_m", quantity(self.number("C_m") / value, "ms"));
                } else {
                    population.parameter(name, quantity(*value, unit));
                }
            }
        }
        for (name, value) in &self.initial {
            let (name, unit) = state(names.model, name);
            let value = value.as_f64().unwrap_or_else(|| panic!("{}: initial {name}", self.name));
            population.initial(name, quantity(value, unit));
        }
        if let Some(method) = method {
            population.method(method);
        }
        for (k, stimulus) in self.stimulus.iter().enumerate() {
            match stimulus {
                Stimulus::CurrentStep { t_on, t_off, amp } => {
                    net.stimulate("cell", "i_stim", Waveform::constant(quantity(*amp, names.current)))
                        .from(quantity(*t_on, "ms"))
                        .until(quantity(*t_off, "ms"));
                }
                Stimulus::SpikeTrain { times, delay, weight, receptor } => {
                    let (ports, unit) = names.ports.unwrap_or_else(|| panic!("{}: no ports", self.name));
                    let port = ports[usize::from(receptor == "in")];
                    let source = format!("train {k}");
                    net.population(&source, "spike_times", 1).spike_times(vec![times.clone()]);
                    net.project(&source, "cell", port, Connector::AllToAll)
                        .weight(quantity(*weight, unit))
                        .delay(quantity(*delay, "ms"));
                }
                Stimulus::Other => {}
            }
        }
        net.probe("cell", "spikes");
        net
    }

    /// Records the states of the file's trace, at its samples.
    pub fn probe_trace(&self, net: &mut Network) {
        let model = names(&self.model).map_or("", |n| n.model);
        let samples = &self.neurons[0].trace;
        for name in samples.vars.keys() {
            net.probe("cell", state(model, name).0).every(quantity(samples.dt, "ms"));
        }
    }

    /// What we recorded of a state of the file: one value per sample of the file, the first missing (it is the initial
    /// value, which no step ends with).
    pub fn ours<'r>(&self, recording: &'r Recording, name: &str) -> &'r Trace {
        let model = names(&self.model).map_or("", |n| n.model);
        let name = state(model, name).0;
        recording.traces.iter().find(|t| t.variable == name).unwrap_or_else(|| panic!("{}: {name} not recorded", self.name))
    }
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
        let known = names(&case.model).is_some() || case.model == "lif_white_noise";
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
