//! SNS-Toolbox: eighteen small networks of non-spiking, spiking and gated neurons, run there step by step.
//!
//! In: schema `sns-reference/1` (`tests/reference/sns/README.md`), the `flat` section, neuron by neuron and synapse by synapse
//! ([`build`]). Every output row, checkpoint, threshold and final value is compared, and every spike, within the tolerance
//! that the file carries. [`controls`] holds mistakes that must not pass.
//!
//! The capacitance is the file's `effective_capacitance_nF`: the toolbox steps the potential by dt·g/c where the published
//! equation has dt/c. A delay of k steps there is k + 1 here, since its synapses act on the step that ends when a spike arrives.

use std::collections::BTreeMap;

use serde::Deserialize;
use synfire::simulation::Simulation;

use crate::case;
use crate::engines::{ALL, Refused, Which};
use crate::lines::{Line, Lines, Verdict};

mod build;
mod controls;

use build::{Built, Input, Texts, build};

#[derive(Clone, Deserialize)]
#[allow(non_snake_case, reason = "the names of the schema")]
pub struct Case {
    pub case: String,
    pub dt_ms: f64,
    pub n_steps: u64,
    pub flat: Flat,
    pub input: RunLength,
    pub expected: Expected,
    pub tolerance: Tolerance,
}

#[derive(Clone, Deserialize)]
pub struct Flat {
    pub n_neurons: usize,
    /// Arrays over the neurons; what only spiking neurons have is null for the others.
    pub neurons: BTreeMap<String, Vec<serde_json::Value>>,
    pub channels: BTreeMap<String, Vec<f64>>,
    pub synapses: BTreeMap<String, BTreeMap<String, Vec<f64>>>,
    pub input_map: Vec<[usize; 2]>,
    pub output_map: Vec<Output>,
}

#[derive(Clone, Deserialize)]
pub struct Output {
    pub neuron: usize,
    pub kind: String,
}

#[derive(Clone, Deserialize)]
pub struct RunLength {
    pub rle: Vec<(usize, Vec<f64>)>,
}

#[derive(Clone, Deserialize)]
#[allow(non_snake_case, reason = "the names of the schema")]
pub struct Expected {
    pub steps: Vec<u64>,
    pub outputs: Vec<Vec<f64>>,
    #[serde(default)]
    pub theta_mV: Option<Vec<Vec<Option<f64>>>>,
    pub spike_events: Vec<(u64, usize)>,
    pub checkpoints: Vec<Checkpoint>,
    #[serde(rename = "final")]
    pub last: Final,
}

#[derive(Clone, Deserialize)]
#[allow(non_snake_case, reason = "the names of the schema")]
pub struct Checkpoint {
    pub step: u64,
    pub v_mV: Vec<f64>,
}

#[derive(Clone, Deserialize)]
#[allow(non_snake_case, reason = "the names of the schema")]
pub struct Final {
    pub v_mV: Vec<f64>,
    #[serde(default)]
    pub theta_mV: Option<Vec<Option<f64>>>,
    #[serde(default)]
    pub b_gate: Vec<f64>,
    #[serde(default)]
    pub c_gate: Vec<f64>,
}

#[derive(Clone, Deserialize)]
#[allow(non_snake_case, reason = "the names of the schema")]
pub struct Tolerance {
    pub f64_abs_mV: f64,
    pub f32_abs_mV: f64,
    pub f32_spikes: String,
}

/// A number that is off, and by how much.
#[derive(Clone, Debug, Default)]
pub struct Off {
    pub by: f64,
    pub what: String,
}

/// What a run gave, with neurons numbered as in the file.
pub struct Run {
    pub spikes: Vec<(u64, usize)>,
    pub worst: Off,
    /// Numbers compared.
    pub compared: usize,
}

pub fn named(name: &str) -> Case {
    let all: Vec<(Case, bool)> = case::all("sns-reference/1");
    all.into_iter().map(|(case, _)| case).find(|c| c.case == name).unwrap_or_else(|| panic!("no case {name}"))
}

/// Runs a case whole.
pub fn run(case: &Case, which: Which, texts: &Texts) -> Result<Run, Refused> {
    let built = build(case, which == Which::F64, Input::Array, texts);
    let mut simulation = which.compile(&built.network)?;
    simulation.run_steps(case.n_steps).map_err(|e| Refused::Failed(e.to_string()))?;
    Ok(compare(case, &built, &mut simulation))
}

/// Everything that the file tells, against what was recorded.
pub fn compare(case: &Case, built: &Built, simulation: &mut Simulation) -> Run {
    let recording = simulation.recording().clone();
    let mut spikes: Vec<(u64, usize)> = Vec::new();
    for train in &recording.spikes {
        let neurons = built.neurons(&train.population);
        // a spike of step k carries the time at its end
        spikes.extend(train.pairs().map(|(step, n)| (step - 1, neurons[n as usize])));
    }
    spikes.sort_unstable();
    let traced = |variable: &str, neuron: usize, step: u64| {
        let (population, place) = built.place(neuron);
        let trace = recording.traces.iter().find(|t| t.population == population && t.variable == variable)?;
        let sample = (step + 1).checked_sub(trace.first_step)? / trace.every;
        trace.values.get(sample as usize * trace.rows.len() + place).copied()
    };
    let mut run = Run { spikes, worst: Off::default(), compared: 0 };
    let mut check = |found: Option<f64>, expected: f64, what: &dyn Fn() -> String| {
        let by = found.map_or(f64::INFINITY, |x| (x - expected).abs());
        run.compared += 1;
        if !(by <= run.worst.by) {
            run.worst = Off { by, what: what() };
        }
    };
    let outputs = case.expected.steps.iter().zip(&case.expected.outputs);
    for (step, row) in outputs {
        for (output, expected) in case.flat.output_map.iter().zip(row).filter(|(o, _)| o.kind == "v") {
            check(traced("v", output.neuron, *step), *expected, &|| format!("v[{}] at {step}", output.neuron));
        }
    }
    let thresholds = case.expected.theta_mV.iter().flatten().zip(&case.expected.steps);
    for (row, step) in thresholds {
        for (neuron, expected) in row.iter().enumerate().filter_map(|(k, x)| Some((k, (*x)?))) {
            check(traced("theta", neuron, *step), expected, &|| format!("theta[{neuron}] at {step}"));
        }
    }
    for Checkpoint { step, v_mV } in &case.expected.checkpoints {
        for (neuron, expected) in v_mV.iter().enumerate() {
            check(traced("v", neuron, *step), *expected, &|| format!("v[{neuron}] at {step}"));
        }
    }
    let mut now = |state: &str, neuron: usize| {
        let (population, place) = built.place(neuron);
        Some(simulation.state(&population, state).ok()?[place])
    };
    let last = &case.expected.last;
    for (neuron, expected) in last.v_mV.iter().enumerate() {
        check(now("v", neuron), *expected, &|| format!("v[{neuron}] at the end"));
    }
    for (neuron, expected) in last.theta_mV.iter().flatten().enumerate().filter_map(|(k, x)| Some((k, (*x)?))) {
        check(now("theta", neuron), expected, &|| format!("theta[{neuron}] at the end"));
    }
    for (gate, list) in [("b", &last.b_gate), ("c", &last.c_gate)] {
        for (channel, expected) in list.iter().enumerate() {
            let (neuron, place) = built.channels[channel];
            check(now(&format!("x_{}{gate}", place + 1), neuron), *expected, &|| format!("gate {gate} of channel {channel}"));
        }
    }
    run
}

/// Does a run agree with the file?
pub fn verdict(case: &Case, which: Which, run: &Run) -> Verdict {
    let allowed = if which == Which::F64 { case.tolerance.f64_abs_mV } else { case.tolerance.f32_abs_mV };
    let expected: Vec<(u64, usize)> = case.expected.spike_events.clone();
    // every case so far asks for the same spikes in single precision, or has none
    assert!(["exact", "none"].contains(&case.tolerance.f32_spikes.as_str()), "{}", case.tolerance.f32_spikes);
    if run.compared == 0 {
        return Verdict::Fail("nothing was compared".into());
    }
    if run.spikes != expected {
        let differs = |(step, _): &&(u64, usize)| {
            let of = |list: &[(u64, usize)]| list.iter().filter(|s| s.0 == *step).copied().collect::<Vec<_>>();
            of(&run.spikes) != of(&expected)
        };
        let mut all: Vec<&(u64, usize)> = run.spikes.iter().chain(&expected).collect();
        all.sort_unstable();
        let first = all.into_iter().find(differs).copied().unwrap_or_default();
        return Verdict::Fail(format!("spikes differ first at step {} (neuron {})", first.0, first.1));
    }
    if !(run.worst.by <= allowed) {
        return Verdict::Fail(format!("{} is off by {:.1e}, allowed {allowed:.1e}", run.worst.what, run.worst.by));
    }
    Verdict::Pass
}

pub fn line(name: &str, case: &Case, which: Which, outcome: Result<Run, Refused>) -> Line {
    let allowed = if which == Which::F64 { case.tolerance.f64_abs_mV } else { case.tolerance.f32_abs_mV };
    let (spikes, worst, verdict) = match outcome {
        Ok(run) => {
            let worst = format!("{:.1e} of {allowed:.0e} mV, {}", run.worst.by, run.worst.what);
            (run.spikes.len(), worst, verdict(case, which, &run))
        }
        Err(refused) => (0, String::new(), refused.verdict()),
    };
    Line { case: name.into(), engine: which.name().into(), spikes, ties: 0, worst, verdict }
}

#[test]
fn every_network_runs_as_in_sns_toolbox() {
    let mut lines = Lines::default();
    let cases: Vec<(Case, bool)> = case::all("sns-reference/1");
    assert!(cases.iter().filter(|(_, ours)| *ours).count() >= 18);
    for (case, _) in &cases {
        for which in ALL {
            lines.add(line(&case.case, case, which, run(case, which, &Texts::default())));
        }
    }
    lines.finish();
}

/// Inputs given step by step are those of a listed course.
#[test]
fn sns_inputs_may_come_with_each_step() {
    let case = named("06_spiking_synapse_delay");
    let built = build(&case, true, Input::External, &Texts::default());
    let mut simulation = Which::F64.compile(&built.network).unwrap_or_else(|e| panic!("{e:?}"));
    for row in case.input.rle.iter().flat_map(|(repeat, row)| std::iter::repeat_n(row, *repeat)) {
        simulation.step(&built.input(&case, row)).unwrap_or_else(|e| panic!("{e}"));
    }
    let stepped = compare(&case, &built, &mut simulation);
    assert_eq!(verdict(&case, Which::F64, &stepped), Verdict::Pass);
    assert!(!stepped.spikes.is_empty());
}
