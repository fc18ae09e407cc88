//! Networks in which everything is listed: the spikes must be NEST's, step for step.
//!
//! In: schema `net-det/1` (`tests/reference/networks/deterministic/README.md`). Each population of the file becomes one
//! of ours, so that several share a rule; weights go to the port that their sign chooses; inputs are a population of
//! model `spike_times`.
//!
//! **A tie** is a spike that one side has and the other lacks where the potential came so near the threshold that
//! rounding decides ([`bound`]). It is named and counted. Whatever follows from it in the network says nothing, so the
//! case then runs again with every recurrent synapse driven by the reference's spikes ([`Drive::Reference`]): each
//! neuron is judged alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use synfire::compare::{Outcome, SpikeComparison, TraceComparison, compare_spikes, compare_traces};
use synfire::network::{Connector, Network};
use synfire::recording::{Recording, Trace};

use crate::case::{self, quantities, quantity};
use crate::engines::{ALL, Refused, Which};
use crate::learning::nest::{Plastic, WeightEvents};
use crate::lines::{Line, Lines, Verdict, say};

#[derive(Clone, Deserialize)]
pub struct Case {
    pub name: String,
    pub dt_ms: f64,
    pub n_steps: u64,
    pub n_neurons: u32,
    pub populations: Vec<Part>,
    pub neuron_model: String,
    pub neuron_params: BTreeMap<String, f64>,
    pub per_neuron: PerNeuron,
    pub inputs: Inputs,
    pub connections: Links,
    pub input_connections: Links,
    #[serde(default)]
    pub plastic: Option<Plastic>,
    /// Stiff sheets: judge the spikes only.
    #[serde(default)]
    pub sheet: Option<serde_json::Value>,
    pub expected: Expected,
}

#[derive(Clone, Deserialize)]
pub struct Part {
    pub name: String,
    pub first: u32,
    pub size: u32,
}

#[derive(Clone, Deserialize)]
#[allow(non_snake_case, reason = "the names of the schema")]
pub struct PerNeuron {
    pub V_init: Vec<f64>,
    pub I_e: Vec<f64>,
}

#[derive(Clone, Deserialize)]
pub struct Inputs {
    pub n: u32,
    pub spike_steps: Vec<Vec<u64>>,
}

#[derive(Clone, Default, Deserialize)]
pub struct Links {
    pub source: Vec<u32>,
    pub target: Vec<u32>,
    pub weight: Vec<f64>,
    pub delay_steps: Vec<u64>,
}

#[derive(Clone, Deserialize)]
pub struct Expected {
    pub spike_step: Vec<u64>,
    pub spike_neuron: Vec<u32>,
    pub v_trace: VTrace,
    /// What went with spikes, where synapses are plastic.
    #[serde(default)]
    pub weight_events: Option<WeightEvents>,
    #[serde(default)]
    pub final_weight: Vec<f64>,
}

#[derive(Clone, Deserialize)]
#[allow(non_snake_case, reason = "the names of the schema")]
pub struct VTrace {
    pub first_step: u64,
    pub neurons: Vec<u32>,
    pub v_mV: Vec<Vec<f64>>,
}

/// What drives the recurrent synapses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Drive {
    /// The network's own spikes.
    Own,
    /// The reference's spikes, from a list.
    Reference,
}

/// What NEST's names are here: model, ports, unit of weights, parameters.
struct Names {
    model: &'static str,
    /// Excitatory, inhibitory.
    ports: [&'static str; 2],
    unit: &'static str,
    method: Option<&'static str>,
}

fn names(model: &str) -> Option<Names> {
    let (model, ports, unit, method) = match model {
        "iaf_psc_delta" => ("lif_psc_delta", ["delta", "delta"], "mV", None),
        "iaf_psc_exp" => ("lif_psc_exp", ["i_exc", "i_inh"], "pA", None),
        "iaf_psc_alpha" => ("lif_psc_alpha", ["i_exc", "i_inh"], "pA", None),
        // one RK4 step with exactly decaying conductances gives NEST's spikes, exponential Euler does not
        "iaf_cond_exp" => ("lif_cond_exp", ["g_exc", "g_inh"], "nS", Some("rk4")),
        _ => return None,
    };
    Some(Names { model, ports, unit, method })
}

const PARAMETERS: [(&str, &str, &str); 11] = [
    ("C_m", "c_m", "pF"),
    ("g_L", "g_leak", "nS"),
    ("tau_m", "tau_m", "ms"),
    ("tau_syn_ex", "tau_exc", "ms"),
    ("tau_syn_in", "tau_inh", "ms"),
    ("t_ref", "t_ref", "ms"),
    ("E_L", "e_leak", "mV"),
    ("V_th", "v_th", "mV"),
    ("V_reset", "v_reset", "mV"),
    ("E_ex", "e_exc", "mV"),
    ("E_in", "e_inh", "mV"),
];

impl Case {
    pub fn spikes(&self) -> Vec<(u64, u32)> {
        self.expected.spike_step.iter().copied().zip(self.expected.spike_neuron.iter().copied()).collect()
    }

    pub fn is_conductance(&self) -> bool {
        self.neuron_model == "iaf_cond_exp"
    }

    /// The case as a network of ours, recording spikes and V of every neuron in every step.
    pub fn network(&self, drive: Drive) -> Network {
        let names = names(&self.neuron_model).unwrap_or_else(|| panic!("{}: {}", self.name, self.neuron_model));
        let mut net = Network::new(&self.name);
        net.dt(quantity(self.dt_ms, "ms")).seed(1);
        for part in &self.populations {
            let rows = part.first as usize..(part.first + part.size) as usize;
            let population = net.population(&part.name, names.model, u64::from(part.size));
            population.initial("v", quantities(self.per_neuron.V_init[rows.clone()].iter().copied(), "mV"));
            population.parameter("i_e", quantities(self.per_neuron.I_e[rows].iter().copied(), "pA"));
            for (name, value) in &self.neuron_params {
                let parameter = PARAMETERS.iter().find(|p| p.0 == name);
                let (_, name, unit) = parameter.unwrap_or_else(|| panic!("{}: parameter {name}", self.name));
                population.parameter(*name, quantity(*value, unit));
            }
            if let Some(method) = names.method {
                population.method(method);
            }
            net.probe(&part.name, "spikes");
            net.probe(&part.name, "v");
        }
        if self.inputs.n > 0 {
            self.listed(&mut net, "inputs", &self.inputs.spike_steps);
        }
        let inputs = vec![Part { name: "inputs".into(), first: 0, size: self.inputs.n }];
        self.project(&mut net, &names, &inputs, &self.input_connections);
        let neurons = match drive {
            Drive::Own => self.populations.clone(),
            Drive::Reference => {
                let mut steps = vec![Vec::new(); self.n_neurons as usize];
                self.spikes().iter().for_each(|&(step, neuron)| steps[neuron as usize].push(step));
                self.listed(&mut net, "reference", &steps);
                vec![Part { name: "reference".into(), first: 0, size: self.n_neurons }]
            }
        };
        self.project(&mut net, &names, &neurons, &self.connections);
        if let Some(plastic) = &self.plastic {
            let sources = if plastic.source_kind == "input" { &inputs } else { &neurons[..] };
            plastic.project(&mut net, self.dt_ms, [names.ports[0], names.unit], sources, &self.populations);
        }
        net
    }

    fn listed(&self, net: &mut Network, name: &str, steps: &[Vec<u64>]) {
        let times = steps.iter().map(|list| list.iter().map(|s| *s as f64 * self.dt_ms).collect()).collect();
        net.population(name, "spike_times", steps.len() as u64).spike_times(times);
    }

    /// A projection for each pair of populations and each sign of the weight.
    fn project(&self, net: &mut Network, names: &Names, sources: &[Part], links: &Links) {
        for source in sources {
            for target in &self.populations {
                for (port, negative) in [(names.ports[0], false), (names.ports[1], true)] {
                    let chosen: Vec<usize> = (0..links.source.len())
                        .filter(|&k| (links.weight[k] < 0.0) == negative)
                        .filter(|&k| source.holds(links.source[k]) && target.holds(links.target[k]))
                        .collect();
                    if chosen.is_empty() {
                        continue;
                    }
                    let local = |list: &[u32], part: &Part| chosen.iter().map(|&k| u64::from(list[k] - part.first)).collect();
                    let connector = Connector::List { source: local(&links.source, source), target: local(&links.target, target) };
                    let sign = if self.is_conductance() && negative { -1.0 } else { 1.0 };
                    net.project(&source.name, &target.name, port, connector)
                        .weight(quantities(chosen.iter().map(|&k| sign * links.weight[k]), names.unit))
                        .delay(quantities(chosen.iter().map(|&k| links.delay_steps[k] as f64 * self.dt_ms), "ms"))
                        .named(format!("{} -> {} {}", source.name, target.name, if negative { "inh" } else { "exc" }));
                }
            }
        }
    }

    /// The reference's potential, where it was written down.
    fn reference_trace(&self) -> Trace {
        let VTrace { first_step, neurons, v_mV } = &self.expected.v_trace;
        let samples = v_mV.first().map_or(0, Vec::len);
        let values = (0..samples).flat_map(|s| v_mV.iter().map(move |v| v[s])).collect();
        trace(neurons.clone(), *first_step, values)
    }
}

impl Part {
    pub fn holds(&self, neuron: u32) -> bool {
        (self.first..self.first + self.size).contains(&neuron)
    }
}

fn trace(rows: Vec<u32>, first_step: u64, values: Vec<f64>) -> Trace {
    Trace { population: "all".into(), synapses: false, variable: "v".into(), unit: "mV".into(), rows, first_step, every: 1, values }
}

/// What a run gave, with neurons numbered as in the file.
pub struct Run {
    pub spikes: Vec<(u64, u32)>,
    traces: Vec<(Part, Trace)>,
}

impl Run {
    pub fn of(case: &Case, recording: &Recording) -> Run {
        let (mut spikes, mut traces) = (Vec::new(), Vec::new());
        for part in &case.populations {
            let mine = recording.spikes.iter().filter(|train| train.population == part.name);
            mine.for_each(|train| spikes.extend(train.pairs().map(|(step, neuron)| (step, neuron + part.first))));
            let mine = recording.traces.iter().filter(|t| t.population == part.name && t.variable == "v");
            traces.extend(mine.map(|t| (part.clone(), t.clone())));
        }
        spikes.sort_unstable();
        Run { spikes, traces }
    }

    /// mV, after the reset.
    pub fn v(&self, neuron: u32, step: u64) -> Option<f64> {
        let (part, trace) = self.traces.iter().find(|(part, _)| part.holds(neuron))?;
        let sample = step.checked_sub(trace.first_step)? / trace.every;
        let row = trace.rows.iter().position(|&r| r + part.first == neuron)?;
        trace.values.get(sample as usize * trace.rows.len() + row).copied()
    }

    fn like(&self, reference: &Trace) -> Trace {
        let steps = (0..reference.samples() as u64).map(|s| reference.first_step + s);
        let values = steps.flat_map(|s| reference.rows.iter().map(move |&n| self.v(n, s).unwrap_or(f64::NAN)));
        trace(reference.rows.clone(), reference.first_step, values.collect())
    }
}

/// How near to the threshold rounding alone decides, mV.
///
/// A step adds to V and rounds once, to half a unit in the last place of numbers below 128 (2^-18 in f32, 2^-47 in f64).
/// An error decays with the membrane's time constant, so the sum over all steps is at most tau/dt of them. The parts that
/// are added are rounded too: coefficients times V, 70 mV·dt/tau to 4·2^-24 of it (4 % of the first), and the synaptic
/// current, itself below 2048 pA and rounded to 2^-14 pA in each of tau_syn/dt <= 40 steps, which is 1e-4 mV at most where
/// the first is 4e-4 mV (25 %). Together 1.3 times the first; conductances shorten the time constant.
pub fn bound(case: &Case, which: Which) -> f64 {
    let p = |name: &str| case.neuron_params.get(name).copied();
    let tau = p("tau_m").or_else(|| Some(p("C_m")? / p("g_L")?)).unwrap_or(f64::NAN);
    let half_unit = if which == Which::F64 { 2f64.powi(-47) } else { 2f64.powi(-18) };
    1.3 * tau / case.dt_ms * half_unit
}

/// The README's limits of V, mV: f32 rounds; NEST integrates `iaf_cond_exp` with a tolerance of 1e-3.
fn tolerance(case: &Case, which: Which) -> f64 {
    match (which, case.is_conductance()) {
        (Which::F64, false) => 1e-9,
        (Which::F64, true) => 1e-4,
        _ => 2e-3,
    }
}

/// What the comparison of a run with the file says.
pub struct Judgement {
    pub spikes: SpikeComparison,
    /// `None` where V is not judged.
    pub v: Option<TraceComparison>,
}

impl Judgement {
    /// The first outcome that is no pass.
    pub fn outcome(&self) -> Outcome {
        match (&self.spikes.outcome, &self.v) {
            (Outcome::Equal, Some(v)) => v.outcome.clone(),
            (other, _) => other.clone(),
        }
    }
}

/// Compares a run with the file. `quiet` is a run of the same neurons that follows the reference: where a spike of ours
/// is one too many, it tells how near the threshold the neuron was that the reference left below.
pub fn judge(case: &Case, which: Which, run: &Run, quiet: Option<&Run>) -> Judgement {
    let own: BTreeSet<(u64, u32)> = run.spikes.iter().copied().collect();
    let threshold = case.neuron_params["V_th"];
    let distance = |neuron, step| {
        let v = if own.contains(&(step, neuron)) { quiet?.v(neuron, step)? } else { run.v(neuron, step)? };
        Some(v - threshold)
    };
    let spikes = compare_spikes(&run.spikes, &case.spikes(), distance, bound(case, which));
    let v = case.sheet.is_none().then(|| {
        let reference = case.reference_trace();
        compare_traces(&run.like(&reference), &reference, tolerance(case, which))
    });
    Judgement { spikes, v }
}

/// Runs a network in place of the case's.
pub fn simulate(case: &Case, which: Which, network: &Network) -> Result<Run, Refused> {
    Ok(Run::of(case, &which.run(network, case.n_steps)?))
}

/// A case on an engine, run as the networks that `build` makes of it.
pub fn line(case: &Case, which: Which, build: &dyn Fn(Drive) -> Network) -> Line {
    let mut line = Line {
        case: case.name.clone(),
        engine: which.name().into(),
        spikes: 0,
        ties: 0,
        worst: String::new(),
        verdict: Verdict::Pass,
    };
    match judged(case, which, build, &mut line) {
        Ok(verdict) => line.verdict = verdict,
        Err(refused) => line.verdict = refused.verdict(),
    }
    line
}

fn judged(case: &Case, which: Which, build: &dyn Fn(Drive) -> Network, line: &mut Line) -> Result<Verdict, Refused> {
    let run = simulate(case, which, &build(Drive::Own))?;
    line.spikes = run.spikes.len();
    let mut judgement = judge(case, which, &run, None);
    if judgement.spikes.first.is_some() {
        // each neuron alone, with the reference's spikes delivered in place of its own
        let quiet = simulate(case, Which::F64, &case.network(Drive::Reference))?;
        let first = judge(case, which, &run, Some(&quiet));
        let alone = simulate(case, which, &build(Drive::Reference))?;
        judgement = judge(case, which, &alone, Some(&quiet));
        line.ties = judgement.spikes.ties.len().max(usize::from(first.spikes.begins_with_tie()));
        let named: BTreeSet<String> = (first.spikes.ties.iter().chain(&judgement.spikes.ties))
            .map(|t| format!("tie of neuron {} at step {}: {:.1e} mV", t.difference.neuron, t.difference.step, t.distance))
            .collect();
        let named = named.into_iter().collect::<Vec<_>>().join(", ");
        if !first.spikes.begins_with_tie() {
            return Ok(Verdict::Fail(format!("{}; {named}", first.spikes.outcome)));
        }
        say(&format!("{}: {named}", case.name));
    }
    if let Some(v) = &judgement.v {
        line.worst = format!("v {:.1e} mV (allowed {:.0e})", v.worst, tolerance(case, which));
        if !v.outcome.is_equal() {
            // a neuron that tied is off until its next reset; its trace is not judged
            let tied = |n: u32| judgement.spikes.ties.iter().any(|t| t.difference.neuron == n);
            if !v.first.is_some_and(|(_, neuron)| tied(neuron)) {
                return Ok(Verdict::Fail(v.outcome.to_string()));
            }
        }
    }
    match judgement.spikes.outcome {
        Outcome::Equal | Outcome::Tie { .. } => Ok(Verdict::Pass),
        other => Ok(Verdict::Fail(other.to_string())),
    }
}

/// Networks that every engine runs: a `not yet` is a failure.
const ON_EVERY_ENGINE: [&str; 13] = [
    "stdp_additive_input",
    "stdp_multiplicative_rec",
    "stdp_powerlaw_rec",
    "tm2_input",
    "tm2_rec",
    "tm_input",
    "psc_exp_200",
    "psc_alpha_200",
    "psc_delta_200",
    "psc_exp_120_multapse",
    "single_psc_exp",
    "single_psc_alpha",
    "single_psc_delta",
];

fn check(chosen: impl Fn(&Case) -> bool) {
    let mut lines = Lines::default();
    for (case, _) in case::all::<Case>("net-det/1").iter().filter(|(case, _)| chosen(case)) {
        for which in ALL {
            let mut line = line(case, which, &|drive| case.network(drive));
            if let (Verdict::NotYet(why), true) = (&line.verdict, ON_EVERY_ENGINE.contains(&case.name.as_str())) {
                line.verdict = Verdict::Fail(format!("this engine must run it, and refused: {why}"));
            }
            lines.add(line);
        }
    }
    lines.finish();
}

/// Our case of this name.
pub fn named(name: &str) -> Case {
    let cases = case::all::<Case>("net-det/1");
    cases.into_iter().find(|(case, ours)| *ours && case.name == name).unwrap_or_else(|| panic!("no case {name}")).0
}

#[test]
fn current_based_networks() {
    check(|case| !case.is_conductance());
}

#[test]
fn conductance_based_networks() {
    check(|case| case.is_conductance() && case.sheet.is_none());
}

#[test]
fn waves_on_a_sheet() {
    check(|case| case.is_conductance() && case.sheet.is_some());
}
