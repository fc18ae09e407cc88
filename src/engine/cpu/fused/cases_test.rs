//! The programs that loops are made for: of the models' neurons, and of synapses that are summed in every step.

use std::fmt::Write;
use std::sync::Arc;

use super::super::operation::Program;
use super::super::{CpuEngine, CpuOptions};
use super::{form, sources};
use crate::network::value::uniform;
use crate::network::{Connector, Network};
use crate::simulation::Options;

/// What a loop is made for.
pub struct Case {
    model: &'static str,
    /// "": its own.
    method: &'static str,
    /// Spikes arrive here, with this weight.
    ports: &'static [(&'static str, &'static str)],
    /// Parameters that differ from row to row, from one value to another.
    varied: &'static [(&'static str, &'static str, &'static str)],
    /// A current, the same for all rows or one for each, is injected here.
    held: &'static [(&'static str, &'static str)],
}

const CURRENTS: &[(&str, &str)] = &[("i_exc", "10 pA"), ("i_inh", "-40 pA")];
const CONDUCTANCES: &[(&str, &str)] = &[("g_exc", "1 nS"), ("g_inh", "4 nS")];
const DELTA: &[(&str, &str)] = &[("delta", "0.1 mV")];
const I_E: &[(&str, &str, &str)] = &[("i_e", "0 pA", "500 pA")];
const I_STIM: &[(&str, &str)] = &[("i_stim", "200 pA")];

const GRADED: &[(&str, &str)] = &[("g_syn", "1 uS"), ("i_syn", "1 nA"), ("i_stim", "1 nA")];
const BIAS: &[(&str, &str, &str)] = &[("i_e", "0 nA", "10 nA")];

const fn case(model: &'static str, method: &'static str, ports: &'static [(&'static str, &'static str)]) -> Case {
    Case { model, method, ports, varied: &[], held: &[] }
}

pub const CASES: [Case; 26] = [
    case("lif_psc_exp", "", CURRENTS),
    Case { varied: I_E, ..case("lif_psc_exp", "", CURRENTS) },
    Case { held: I_STIM, ..case("lif_psc_exp", "", CURRENTS) },
    case("lif_psc_exp", "", &[("i_exc", "10 pA")]),
    case("lif_psc_alpha", "", CURRENTS),
    Case { varied: I_E, ..case("lif_psc_alpha", "", CURRENTS) },
    case("lif_psc_delta", "", DELTA),
    Case { varied: I_E, ..case("lif_psc_delta", "", DELTA) },
    case("lif_cond_exp", "", CONDUCTANCES),
    case("lif_cond_exp", "exponential_euler", CONDUCTANCES),
    Case { varied: I_E, ..case("lif_cond_exp", "exponential_euler", CONDUCTANCES) },
    case("lif_cond_exp", "euler", CONDUCTANCES),
    case("lif_cond_alpha", "", CONDUCTANCES),
    case("izhikevich", "", &[("delta", "1 mV")]),
    case("adex", "", CONDUCTANCES),
    case("traub_miles", "", CONDUCTANCES),
    case("non_spiking", "", &[]),
    Case { held: &[("i_stim", "1 nA")], ..case("non_spiking", "", &[]) },
    Case { held: &[("g_syn", "1 uS"), ("i_syn", "1 nA")], ..case("non_spiking", "", &[]) },
    Case { held: GRADED, ..case("non_spiking", "", &[]) },
    Case { varied: BIAS, held: GRADED, ..case("non_spiking", "", &[]) },
    case("spiking_adaptive", "", &[]),
    Case { held: &[("i_stim", "1 nA")], ..case("spiking_adaptive", "", &[]) },
    Case { held: &[("g_syn", "1 uS"), ("i_syn", "1 nA")], ..case("spiking_adaptive", "", &[]) },
    Case { held: GRADED, ..case("spiking_adaptive", "", &[]) },
    Case { varied: BIAS, held: GRADED, ..case("spiking_adaptive", "", &[]) },
];

/// Synapses that loops are made for: of their sources, and of each synapse where they differ.
struct Synapses {
    model: &'static str,
    /// Parameters that differ from synapse to synapse, from one value to another.
    varied: &'static [(&'static str, &'static str, &'static str)],
    delays: bool,
}

const G_MAX: (&str, &str, &str) = ("g_max", "0.1 uS", "0.3 uS");
const E_REV: (&str, &str, &str) = ("e_rev", "-60 mV", "40 mV");

const fn synapses(model: &'static str, varied: &'static [(&'static str, &'static str, &'static str)]) -> Synapses {
    Synapses { model, varied, delays: false }
}

const SYNAPSES: [Synapses; 13] = [
    synapses("graded_synapse", &[]),
    synapses("graded_synapse", &[G_MAX]),
    synapses("graded_synapse", &[E_REV]),
    synapses("graded_synapse", &[G_MAX, E_REV]),
    synapses("graded_synapse", &[G_MAX, E_REV, ("e_lo", "-5 mV", "0 mV"), ("e_hi", "10 mV", "20 mV")]),
    synapses("rectified_synapse", &[]),
    synapses("rectified_synapse", &[("g", "0.1 uS", "0.3 uS")]),
    synapses("spiking_synapse", &[]),
    synapses("spiking_synapse", &[G_MAX]),
    synapses("spiking_synapse", &[E_REV]),
    synapses("spiking_synapse", &[G_MAX, E_REV]),
    synapses("spiking_synapse", &[G_MAX, E_REV, ("tau", "1 ms", "3 ms"), ("increment", "0.05 uS", "0.1 uS")]),
    Synapses { delays: true, ..synapses("spiking_synapse", &[]) },
];

impl Synapses {
    fn name(&self) -> String {
        let varied = self.varied.iter().map(|(name, ..)| *name).chain(self.delays.then_some("delays"));
        std::iter::once(self.model).chain(varied).collect::<Vec<_>>().join("_")
    }

    /// The programs that the engine makes of them.
    fn programs(&self) -> Vec<(String, Arc<Program>)> {
        let mut net = Network::new("case");
        let source = if self.model == "spiking_synapse" { "spiking_adaptive" } else { "non_spiking" };
        net.population("a", source, 40);
        net.population("b", "non_spiking", 40);
        let projection = net.project_by("a", "b", self.model, Connector::indegree(10));
        match self.model {
            "spiking_synapse" => drop(projection.parameters.insert("increment".into(), "0.05 uS".into())),
            "rectified_synapse" => drop(projection.parameters.insert("g".into(), "0.1 uS".into())),
            _ => {}
        }
        for (name, low, high) in self.varied {
            projection.parameter(*name, uniform(*low, *high));
        }
        if self.delays {
            projection.delay(uniform("0.1 ms", "1 ms"));
        }
        let plan = Arc::new(net.plan(&Options::default()).unwrap_or_else(|e| panic!("{}: {e}", self.name())));
        let engine = CpuEngine::<f64>::new(plan, CpuOptions::default()).unwrap();
        let edges = engine.workers().next().unwrap().edges.iter().flat_map(|edges| edges.share.programs());
        let names = ["sources of ", "each "].map(|which| format!("{which}{}", self.name()));
        names.into_iter().zip(edges.map(|program| Arc::new(program.clone()))).collect()
    }
}

impl Case {
    fn name(&self) -> String {
        let varied = self.varied.iter().map(|(name, ..)| *name);
        let words = [self.model, self.method].into_iter().chain(varied).chain(self.held.iter().map(|(name, _)| *name));
        let ports = if self.ports.len() == 1 && self.model == "lif_psc_exp" { "_one_port" } else { "" };
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_") + ports
    }

    /// The program that the engine makes of a population of this kind.
    pub fn program(&self) -> Arc<Program> {
        let mut text =
            format!("name = \"case\"\ndt = \"0.1 ms\"\n[[population]]\nname = \"p\"\nmodel = \"{}\"\nsize = 40\n", self.model);
        if !self.method.is_empty() {
            writeln!(text, "method = \"{}\"", self.method).unwrap();
        }
        for (name, low, high) in self.varied {
            writeln!(text, "parameters.{name} = {{ uniform = [\"{low}\", \"{high}\"] }}").unwrap();
        }
        for (port, weight) in self.ports {
            let connector = "connector = { rule = \"all_to_all\" }\ndelay = \"1 ms\"";
            writeln!(text, "[[projection]]\nsource = \"p\"\ntarget = \"p\"\nport = \"{port}\"\nweight = \"{weight}\"\n{connector}")
                .unwrap();
        }
        for (input, level) in self.held {
            let (low, high) = (format!("-{level}"), level);
            writeln!(text, "[[stimulus]]\ntarget = \"p\"\ninput = \"{input}\"").unwrap();
            // graded synapses and currents of robots differ from neuron to neuron
            let each = self.ports.is_empty();
            let level = if each { format!("{{ uniform = [\"{low}\", \"{high}\"] }}") } else { format!("\"{level}\"") };
            writeln!(text, "waveform = {{ kind = \"constant\", amplitude = {level} }}").unwrap();
        }
        let network = Network::from_toml(&text, "case.toml").unwrap_or_else(|e| panic!("{text}{e}"));
        let plan = Arc::new(network.plan(&Options::default()).unwrap_or_else(|e| panic!("{text}{e}")));
        let engine = CpuEngine::<f64>::new(plan, CpuOptions::default()).unwrap();
        engine.workers().next().unwrap().parts[0].program.clone()
    }
}

/// The loops of all cases, a program once: name, program.
pub fn all() -> Vec<(String, Arc<Program>)> {
    let mut out: Vec<(String, Arc<Program>)> = Vec::new();
    let neurons = CASES.iter().map(|case| (case.name(), case.program()));
    for (name, program) in neurons.chain(SYNAPSES.iter().flat_map(Synapses::programs)) {
        if sources(&program).is_some() && out.iter().all(|(_, known)| form(known) != form(&program)) {
            out.push((name, program));
        }
    }
    out
}
