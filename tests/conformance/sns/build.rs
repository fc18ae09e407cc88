//! The `flat` section of a case as a network of ours: a population for each kind of neuron, listed synapses.

use std::collections::BTreeMap;

use synfire::model::library::{self, Channel, Gate, gated};
use synfire::network::{Connector, Network, Waveform};

use super::Case;
use crate::case::{quantities, quantity};

/// How the input rows reach the network.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// As a stimulus that lists them.
    Array,
    /// From outside, with every step.
    External,
}

/// The models, and what a control changes in them.
#[derive(Clone)]
pub struct Texts {
    pub spiking: String,
    pub synapse: String,
    /// What becomes of the text of gated neurons.
    pub gated: fn(String) -> String,
    /// Steps of ours for a delay of 0 there.
    pub delay: f64,
}

impl Default for Texts {
    fn default() -> Self {
        let text = |list: &[(&str, &str)], name: &str| {
            list.iter().find(|(n, _)| *n == name).map(|(_, text)| text.to_string()).unwrap_or_else(|| panic!("no model {name}"))
        };
        Texts {
            spiking: text(library::TEXTS, "spiking_adaptive"),
            synapse: text(library::SYNAPSE_TEXTS, "spiking_synapse"),
            gated: |text| text,
            delay: 1.0,
        }
    }
}

/// The kinds that need no state: as the ready models have them.
const PLAIN: &str = "
neuron non_spiking
  param c_m = 5 nF, g_leak = 1 uS, e_leak = 0 mV, i_e = 0 nA
  state v = e_leak
  input g_syn : uS
  input i_syn : nA
  input i_stim : nA
  dv/dt = (g_leak*(e_leak - v) + i_e + i_syn - g_syn*v + i_stim)/c_m
  method euler
synapse graded_synapse
  param g_max : uS
  param e_rev : mV
  param e_lo : mV
  param e_hi : mV
  g = g_max*clip((pre.v - e_lo)/(e_hi - e_lo), 0, 1)
  graded g_syn += g
  graded i_syn += g*e_rev
synapse electrical_synapse
  param g : uS
  graded g_syn += g
  graded i_syn += g*pre.v
synapse rectified_synapse
  param g : uS
  graded i_syn += g*max(pre.v - post.v, 0)
synapse rectified_return
  param g : uS
  graded i_syn += g*min(pre.v - post.v, 0)
";

/// A case as a network, and where its neurons went.
pub struct Built {
    pub network: Network,
    /// Name and neurons of each population.
    populations: Vec<(String, Vec<usize>)>,
    /// By channel: its neuron, and which of the neuron's channels it is.
    pub channels: Vec<(usize, usize)>,
}

impl Built {
    pub fn neurons(&self, population: &str) -> &[usize] {
        self.populations.iter().find(|(name, _)| name == population).map_or(&[], |(_, list)| list)
    }

    /// Population and place of a neuron.
    pub fn place(&self, neuron: usize) -> (String, usize) {
        let found = self.populations.iter().find_map(|(name, list)| Some((name, list.iter().position(|n| *n == neuron)?)));
        found.map(|(name, place)| (name.clone(), place)).unwrap_or_else(|| panic!("no neuron {neuron}"))
    }

    /// The input vector of one row of the file.
    pub fn input(&self, case: &Case, row: &[f64]) -> Vec<f64> {
        self.populations.iter().flat_map(|(_, neurons)| currents(case, neurons, row)).collect()
    }
}

/// What reaches these neurons of an input row, nA.
fn currents(case: &Case, neurons: &[usize], row: &[f64]) -> Vec<f64> {
    let map = &case.flat.input_map;
    let of = |neuron: &usize| map.iter().filter(|[n, _]| n == neuron).map(|[_, channel]| row[*channel]).sum();
    neurons.iter().map(of).collect()
}

/// `exact`: synapses of the same parameters become a projection of their own, whose parameters are numbers of 64 bits;
/// a number per synapse is one of 32.
pub fn build(case: &Case, exact: bool, input: Input, texts: &Texts) -> Built {
    let flat = &case.flat;
    let mut network = Network::new(&case.case);
    network.dt(quantity(case.dt_ms, "ms")).seed(1);
    network.equations(PLAIN).equations(&texts.spiking).equations(&texts.synapse);
    let owners: Vec<usize> = flat.channels["neuron"].iter().map(|n| *n as usize).collect();
    let channels = (0..owners.len()).map(|k| (owners[k], (0..k).filter(|j| owners[*j] == owners[k]).count())).collect();
    let mut built = Built { network, populations: Vec::new(), channels };
    // neurons of one structure make a population: the powers of their gates, channel by channel
    let mut kinds: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for neuron in 0..flat.n_neurons {
        let own = (0..owners.len()).filter(|k| owners[*k] == neuron);
        let mut kind: Vec<String> =
            own.map(|k| ["a", "b", "c"].map(|z| flat.channels[&format!("{z}_power")][k].to_string()).join(" ")).collect();
        if flat.neurons["spiking"][neuron].as_bool() == Some(true) {
            kind.push("spiking".into());
        }
        kinds.entry(kind).or_default().push(neuron);
    }
    for (kind, neurons) in kinds {
        add_population(case, &mut built, &kind, neurons, input, texts);
    }
    join(case, &mut built, exact, texts);
    built
}

fn add_population(case: &Case, built: &mut Built, kind: &[String], neurons: Vec<usize>, input: Input, texts: &Texts) {
    let flat = &case.flat;
    let net = &mut built.network;
    let name = format!("p{}", built.populations.len());
    let spiking = kind.iter().any(|k| k == "spiking");
    let model = match kind.len() {
        0 => "non_spiking".to_string(),
        _ if spiking => "spiking_adaptive".to_string(),
        _ => {
            let powers = |k: &String| k.split(' ').map(|x| x.parse().unwrap_or(f64::NAN)).collect::<Vec<f64>>();
            let channel = |k: &String| {
                let p = powers(k);
                Channel { gates: vec![Gate::instantaneous(p[0]), Gate::dynamic(p[1]), Gate::dynamic(p[2])], rectified: false }
            };
            let model = format!("gated_{name}");
            let text = gated(&model, &kind.iter().map(channel).collect::<Vec<_>>());
            net.equations(&(texts.gated)(text));
            model
        }
    };
    let population = net.population(&name, &model, neurons.len() as u64);
    let column = |key: &str| neurons.iter().map(|n| flat.neurons[key][*n].as_f64().unwrap_or(0.0)).collect::<Vec<_>>();
    let mut given = vec![
        ("c_m", "effective_capacitance_nF", "nF"),
        ("g_leak", "leak_conductance_uS", "uS"),
        ("e_leak", "rest_mV", "mV"),
        ("i_e", "bias_nA", "nA"),
    ];
    if spiking {
        given.extend([
            ("v_reset", "reset_mV", "mV"),
            ("tau_theta", "threshold_tau_ms", "ms"),
            ("theta_0", "threshold_initial_mV", "mV"),
            ("m", "threshold_proportionality", ""),
            ("leak", "threshold_leak_rate", ""),
            ("theta_inc", "threshold_increment_mV", "mV"),
            ("theta_floor", "threshold_floor_mV", "mV"),
        ]);
    }
    for (ours, theirs, unit) in given {
        population.parameter(ours, quantities(column(theirs), unit));
    }
    population.initial("v", quantities(column("v0_mV"), "mV"));
    for place in 0..if spiking { 0 } else { kind.len() } {
        let of =
            |neuron: &usize| built.channels.iter().position(|c| *c == (*neuron, place)).unwrap_or_else(|| panic!("no channel"));
        let rows: Vec<usize> = neurons.iter().map(of).collect();
        let column = |key: &str, unit: &str| quantities(rows.iter().map(|k| flat.channels[key][*k]), unit);
        let c = place + 1;
        population.parameter(format!("g_{c}"), column("g", "uS")).parameter(format!("e_{c}"), column("e", "mV"));
        for z in ["a", "b", "c"] {
            population.parameter(format!("k_{c}{z}"), column(&format!("{z}_k"), ""));
            population.parameter(format!("s_{c}{z}"), column(&format!("{z}_slope"), "1/mV"));
            population.parameter(format!("e_{c}{z}"), column(&format!("{z}_e"), "mV"));
            if z != "a" {
                population.parameter(format!("tau_{c}{z}"), column(&format!("{z}_tau_max"), "ms"));
                population.initial(format!("x_{c}{z}"), column(&format!("{z}0"), ""));
            }
        }
    }
    let unit = Some("nA".to_string());
    let rows = case.input.rle.iter().flat_map(|(repeat, row)| std::iter::repeat_n(row, *repeat));
    match input {
        Input::External => drop(net.stimulate(&name, "i_stim", Waveform::External { unit })),
        Input::Array => {
            let values: Vec<Vec<f64>> = rows.map(|row| currents(case, &neurons, row)).collect();
            if values.iter().flatten().any(|x| *x != 0.0) {
                net.stimulate(&name, "i_stim", Waveform::Array { values, file: None, interval: quantity(case.dt_ms, "ms"), unit });
            }
        }
    }
    net.probe(&name, "v");
    if spiking {
        net.probe(&name, "theta");
        net.probe(&name, "spikes");
    }
    built.populations.push((name, neurons));
}

/// Synapses of one kind.
struct Kind {
    list: &'static str,
    model: &'static str,
    source: &'static str,
    target: &'static str,
    /// Ours, theirs, unit.
    params: &'static [(&'static str, &'static str, &'static str)],
}

const KINDS: &[Kind] = &[
    Kind {
        list: "nonspiking",
        model: "graded_synapse",
        source: "src",
        target: "dst",
        params: &[("g_max", "g_max_uS", "uS"), ("e_rev", "e_rev_mV", "mV"), ("e_lo", "e_lo_mV", "mV"), ("e_hi", "e_hi_mV", "mV")],
    },
    Kind {
        list: "spiking",
        model: "spiking_synapse",
        source: "src",
        target: "dst",
        params: &[
            ("g_max", "g_max_uS", "uS"),
            ("e_rev", "e_rev_mV", "mV"),
            ("tau", "tau_ms", "ms"),
            ("increment", "increment_uS", "uS"),
        ],
    },
    Kind { list: "electrical", model: "electrical_synapse", source: "a", target: "b", params: &[("g", "g_uS", "uS")] },
    Kind { list: "electrical", model: "electrical_synapse", source: "b", target: "a", params: &[("g", "g_uS", "uS")] },
    Kind { list: "rectified", model: "rectified_synapse", source: "src", target: "dst", params: &[("g", "g_uS", "uS")] },
    Kind { list: "rectified", model: "rectified_return", source: "dst", target: "src", params: &[("g", "g_uS", "uS")] },
];

/// Source, target, and the bits of the parameters where they part projections.
type Ends = (String, String, Vec<u64>);

/// A projection for each kind of synapse and pair of populations, and where it matters for each set of parameters.
fn join(case: &Case, built: &mut Built, exact: bool, texts: &Texts) {
    for kind in KINDS {
        let list = &case.flat.synapses[kind.list];
        let mut groups: BTreeMap<Ends, Vec<(usize, u64, u64)>> = BTreeMap::new();
        for (k, (source, target)) in list[kind.source].iter().zip(&list[kind.target]).enumerate() {
            let (source, i) = built.place(*source as usize);
            let (target, j) = built.place(*target as usize);
            let bits = kind.params.iter().map(|(_, theirs, _)| list[*theirs][k].to_bits());
            let parted = if exact { bits.collect() } else { Vec::new() };
            groups.entry((source, target, parted)).or_default().push((k, i as u64, j as u64));
        }
        for ((source, target, parted), edges) in groups {
            let connector =
                Connector::List { source: edges.iter().map(|e| e.1).collect(), target: edges.iter().map(|e| e.2).collect() };
            let projection = built.network.project_by(source, target, kind.model, connector);
            for (p, (ours, theirs, unit)) in kind.params.iter().enumerate() {
                projection.parameter(
                    *ours,
                    match parted.get(p) {
                        Some(bits) => quantity(f64::from_bits(*bits), unit),
                        None => quantities(edges.iter().map(|e| list[*theirs][e.0]), unit),
                    },
                );
            }
            if let Some(delays) = list.get("delay_steps") {
                projection.delay(quantities(edges.iter().map(|e| (delays[e.0] + texts.delay) * case.dt_ms), "ms"));
            }
        }
    }
}
