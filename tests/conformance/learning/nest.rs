//! NEST's plastic synapses: the weight that goes with each spike, in networks in which everything is listed.

use std::collections::BTreeMap;

use serde::Deserialize;
use synfire::network::{Connector, Network};

use super::oracle::{End, Event, Handler, On, Place, Synapse, add};
use super::rules::{self, Rule};
use crate::case::{self, quantities, shared};
use crate::engines::{ALL, Refused, Which};
use crate::lines::{Line, Lines, Verdict};
use crate::net_det::{Case, Drive, Part};

/// `plastic` of a case.
#[derive(Clone, Deserialize)]
pub struct Plastic {
    pub kind: String,
    pub source_kind: String,
    pub params: BTreeMap<String, f64>,
    pub connections: Connections,
}

#[derive(Clone, Deserialize)]
pub struct Connections {
    pub source: Vec<u32>,
    pub target: Vec<u32>,
    pub weight: Vec<f64>,
    pub delay_steps: Vec<u64>,
    /// By name, what each synapse has of its own besides.
    #[serde(flatten)]
    pub own: BTreeMap<String, Vec<f64>>,
}

#[derive(Clone, Deserialize)]
pub struct WeightEvents {
    pub n_all: usize,
    pub synapses_kept: Vec<usize>,
    pub step: Vec<u64>,
    pub synapse: Vec<usize>,
    pub weight: Vec<f64>,
}

/// The README's limits of weights, pA.
pub fn tolerance(which: Which) -> f64 {
    if which == Which::F64 { 1e-9 } else { 1e-3 }
}

/// Cases with plastic synapses.
pub fn cases() -> Vec<Case> {
    case::all::<Case>("net-det/1").into_iter().map(|(case, _)| case).filter(|case| case.plastic.is_some()).collect()
}

impl Case {
    fn events(&self) -> &WeightEvents {
        self.expected.weight_events.as_ref().unwrap_or_else(|| panic!("{}: no weights", self.name))
    }
}

impl Plastic {
    pub fn rule(&self) -> Rule {
        match (self.kind.as_str(), self.params.get("mu_plus")) {
            ("stdp", Some(0.0)) => rules::additive(),
            ("stdp", Some(1.0)) => rules::multiplicative(),
            ("stdp_pl", _) => rules::power_law(),
            ("tm2", _) => rules::tm2(),
            ("tm", _) => rules::tm(),
            other => panic!("{other:?}"),
        }
    }

    /// The number of a parameter of ours for a synapse, in the units of the file.
    fn number(&self, name: &str, synapse: usize) -> f64 {
        match name {
            "w_0" | "w" => self.connections.weight[synapse],
            // what bounds the power law, which has no bound of its own: far above
            "w_max" => self.params.get("Wmax").copied().unwrap_or(1000.0),
            "u_rest" => 0.0,
            _ => (self.params.get(name).copied())
                .or_else(|| Some(self.connections.own.get(name)?[synapse]))
                .unwrap_or_else(|| panic!("{}: {name}", self.kind)),
        }
    }

    /// Projections of ours, by pair of populations, and the synapses of the file in each, in the order in which we keep them.
    pub fn projections(&self, sources: &[Part], targets: &[Part]) -> Vec<(String, [usize; 2], Vec<usize>)> {
        let links = &self.connections;
        let pairs = (0..sources.len()).flat_map(|s| (0..targets.len()).map(move |t| [s, t]));
        let of = |[s, t]: [usize; 2]| {
            let (source, target) = (&sources[s], &targets[t]);
            let holds = |k: &usize| source.holds(links.source[*k]) && target.holds(links.target[*k]);
            let mut synapses: Vec<usize> = (0..links.source.len()).filter(holds).collect();
            synapses.sort_by_key(|&k| (links.source[k], links.target[k]));
            (format!("{} -> {} plastic", source.name, target.name), [s, t], synapses)
        };
        pairs.map(of).filter(|(_, _, synapses)| !synapses.is_empty()).collect()
    }

    /// Adds the synapses to a network of the case, as a text of ours.
    pub fn project(&self, net: &mut Network, dt: f64, [port, unit]: [&str; 2], sources: &[Part], targets: &[Part]) {
        let (rule, links) = (self.rule(), &self.connections);
        net.equations(&rule.model(port, unit, Place::Dendritic));
        for (name, [s, t], synapses) in self.projections(sources, targets) {
            let local = |list: &[u32], part: &Part| synapses.iter().map(|&k| u64::from(list[k] - part.first)).collect();
            let connector =
                Connector::List { source: local(&links.source, &sources[s]), target: local(&links.target, &targets[t]) };
            let projection = net.project_by(&sources[s].name, &targets[t].name, rule.name, connector);
            projection.delay(quantities(synapses.iter().map(|&k| links.delay_steps[k] as f64 * dt), "ms")).named(name);
            for (parameter, of) in rule.parameters {
                // u is U at once where it does not facilitate: a time constant that leaves nothing after one step
                let number = |k: &usize| match self.number(parameter, *k) {
                    0.0 if *of == "ms" => 1e-4 * dt,
                    number => number,
                };
                let unit = if *of == "PORT" { unit } else { of };
                projection.parameter(*parameter, shared(synapses.iter().map(number), unit));
            }
        }
    }

    pub fn numbers(&self, synapse: usize) -> Vec<f64> {
        self.rule().parameters.iter().map(|(name, _)| self.number(name, synapse)).collect()
    }
}

/// What the oracle says of each synapse, fed with NEST's spikes.
fn told(case: &Case, change: &dyn Fn(Synapse) -> Synapse) -> Vec<Vec<Event>> {
    let plastic = case.plastic.as_ref().expect("plastic synapses");
    let mut spikes = vec![Vec::new(); case.n_neurons as usize];
    case.spikes().iter().for_each(|&(step, neuron)| spikes[neuron as usize].push(step));
    let sources = if plastic.source_kind == "input" { &case.inputs.spike_steps } else { &spikes };
    let links = &plastic.connections;
    let run = |k: usize| {
        let synapse = change((plastic.rule().synapse)(&plastic.numbers(k), Place::Dendritic));
        let (source, target) = (&sources[links.source[k] as usize], &spikes[links.target[k] as usize]);
        synapse.events(case.dt_ms, source, target, links.delay_steps[k])
    };
    (0..links.source.len()).map(run).collect()
}

/// The worst error of what was sent with a spike, pA; infinite where a spike sent nothing.
fn worst(case: &Case, told: &[Vec<Event>]) -> f64 {
    let sent = |synapse: usize, step: u64| {
        let event = told[synapse].iter().find(|e| e.moment == step)?;
        event.sent.map(|[weight, _]| weight)
    };
    let WeightEvents { step, synapse, weight, .. } = case.events();
    let of_events = (0..step.len()).map(|k| sent(synapse[k], step[k]).map_or(f64::INFINITY, |w| (w - weight[k]).abs()));
    // the last weight is the one last sent
    let last = |events: &Vec<Event>| events.iter().rev().find_map(|e| e.sent.map(|[weight, _]| weight));
    let of_last = (case.expected.final_weight.iter().zip(told)).map(|(w, events)| last(events).map_or(0.0, |v| (v - w).abs()));
    of_events.chain(of_last).fold(0.0, |worst, error| if error <= worst { worst } else { error })
}

/// Our weights as they go with each spike that the file lists, and with the last of every synapse. Every so many moments of these
/// are looked at. The worst error, pA.
fn ours(case: &Case, which: Which, network: &Network, every: usize) -> Result<f64, Refused> {
    let failed = |e: synfire::Error| Refused::Failed(e.to_string());
    let plastic = case.plastic.as_ref().expect("plastic synapses");
    let mut simulation = which.compile(network)?;
    let inputs = [Part { name: "inputs".into(), first: 0, size: case.inputs.n }];
    let sources = if plastic.source_kind == "input" { &inputs[..] } else { &case.populations };
    let projections = plastic.projections(sources, &case.populations);
    let WeightEvents { step, synapse, weight, .. } = case.events();
    let mut asked: Vec<(u64, usize, f64)> = (0..step.len()).map(|k| (step[k], synapse[k], weight[k])).collect();
    // the final weight is the one last sent
    let told = told(case, &|synapse| synapse);
    let last = |k: usize| told[k].iter().rev().find(|e| e.sent.is_some()).map(|e| e.moment);
    asked.extend((case.expected.final_weight.iter().enumerate()).filter_map(|(k, w)| Some((last(k)?, k, *w))));
    asked.sort_by_key(|(step, ..)| *step);
    let mut worst = 0.0f64;
    for moment in asked.chunk_by(|a, b| a.0 == b.0).step_by(every) {
        simulation.run_steps(moment[0].0 - simulation.time_steps()).map_err(failed)?;
        // the weight itself, or the part of it that was released
        let state = if plastic.kind.starts_with("stdp") { "w" } else { "r" };
        for (name, _, synapses) in &projections {
            let values = simulation.synapse_state(name, state).map_err(failed)?;
            for &(_, k, expected) in moment {
                let Some(place) = synapses.iter().position(|s| *s == k) else { continue };
                let factor = if state == "w" { 1.0 } else { plastic.connections.weight[k] };
                let error = (values[place] * factor - expected).abs();
                if !(error <= worst) {
                    worst = error;
                }
            }
        }
    }
    Ok(worst)
}

#[test]
fn weights_go_with_spikes_as_nests_do() {
    let mut lines = Lines::default();
    for case in cases() {
        for which in ALL {
            // states come from a device whole, a moment at a time
            let every = if matches!(which, Which::Gpu(_)) { 60 } else { 1 };
            let mut line = Line {
                case: case.name.clone(),
                engine: which.name().into(),
                spikes: 0,
                ties: 0,
                worst: String::new(),
                verdict: Verdict::Pass,
            };
            match ours(&case, which, &case.network(Drive::Own), every) {
                Err(refused) => line.verdict = Verdict::Fail(format!("{refused:?}")),
                Ok(worst) => {
                    line.worst = format!("weight {worst:.1e} pA (allowed {:.0e})", tolerance(which));
                    if !(worst <= tolerance(which)) {
                        line.verdict = Verdict::Fail(line.worst.clone());
                    }
                }
            }
            lines.add(line);
        }
    }
    lines.finish();
}

/// A probe at the spikes of the sources keeps what NEST's `weight_recorder` does, of every spike.
#[test]
fn a_probe_at_spikes_keeps_what_nest_sends() {
    for case in cases() {
        let plastic = case.plastic.as_ref().expect("plastic synapses");
        let inputs = [Part { name: "inputs".into(), first: 0, size: case.inputs.n }];
        let sources = if plastic.source_kind == "input" { &inputs[..] } else { &case.populations };
        let projections = plastic.projections(sources, &case.populations);
        let state = if plastic.kind.starts_with("stdp") { "w" } else { "r" };
        let mut network = case.network(Drive::Own);
        for (name, ..) in &projections {
            network.probe_synapses(name, state).at_source_spikes();
        }
        let mut simulation = Which::F64.compile(&network).unwrap_or_else(|e| panic!("{}: {e:?}", case.name));
        let WeightEvents { n_all, step, synapse, weight, .. } = case.events();
        let last = step.iter().max().copied().unwrap_or(0);
        simulation.run_steps(last).unwrap_or_else(|e| panic!("{}: {e}", case.name));
        let recorded = &simulation.recording().at_spikes;
        let all: usize = recorded.iter().map(|own| own.step.len()).sum();
        assert!(all <= *n_all && all > 0, "{}: {all} of {n_all}", case.name);
        for ((step, k), expected) in step.iter().zip(synapse).zip(weight) {
            let of = projections.iter().zip(recorded);
            let found = of.filter_map(|((_, _, synapses), own)| {
                let place = synapses.iter().position(|s| s == k)? as u32;
                let at = (0..own.step.len()).find(|e| own.step[*e] == *step && own.synapse[*e] == place)?;
                Some(own.value[at])
            });
            let found: Vec<f64> = found.collect();
            let factor = if state == "w" { 1.0 } else { plastic.connections.weight[*k] };
            let [value] = found[..] else { panic!("{}: {} values of synapse {k} at step {step}", case.name, found.len()) };
            let error = (value * factor - expected).abs();
            assert!(error <= tolerance(Which::F64), "{}: synapse {k}, step {step}: off by {error:e} pA", case.name);
        }
    }
}

/// What the engines are held to is held to NEST itself.
#[test]
fn the_oracle_sends_nests_weights() {
    let mut seen = 0;
    for case in cases() {
        let told = told(&case, &|synapse| synapse);
        let sent: usize = told.iter().flatten().filter(|e| e.sent.is_some()).count();
        assert_eq!(sent, case.events().n_all, "{}", case.name);
        assert!(case.events().synapse.iter().all(|k| case.events().synapses_kept.contains(k)), "{}", case.name);
        let worst = worst(&case, &told);
        assert!(worst <= tolerance(Which::F64), "{}: {worst:e} pA", case.name);
        seen += 1;
    }
    assert!(seen >= 6, "{seen} cases");
}

/// The data tell each fault of an order or a delay from the rule.
#[test]
fn the_weights_of_nest_tell_faults() {
    type Fault = (&'static str, fn(Synapse) -> Synapse);
    let faults: [Fault; 6] = [
        ("handlers swapped", |s| {
            let swapped = |on| match on {
                On::Spike(End::Pre) => On::Spike(End::Post),
                On::Spike(End::Post) => On::Spike(End::Pre),
                on => on,
            };
            let lines = s.lines.into_iter().map(|l| Handler { on: swapped(l.on), ..l });
            Synapse { lines: lines.collect(), ..s }
        }),
        ("depression first", |mut s| {
            s.lines.swap(0, 1);
            s
        }),
        ("the trace of the target with the spike itself", |mut s| {
            s.lines.rotate_right(1);
            s
        }),
        ("delay on the wrong side", |s| Synapse { place: Place::Axonal, ..s }),
        ("sent before the change", |mut s| {
            s.lines[1].statements.swap(0, 1);
            s
        }),
        ("a trace decayed once too often", |mut s| {
            s.lines[2].statements = vec![add(2, |_| (-0.1f64 / 20.0).exp())];
            s
        }),
    ];
    let cases = cases();
    let case = cases.iter().find(|case| case.name == "stdp_additive_input").expect("the case");
    for (fault, change) in faults {
        let worst = worst(case, &told(case, &change));
        assert!(worst > 1e3 * tolerance(Which::F64), "{fault}: {worst:e} pA");
    }
}
