//! Verification in lockstep: every ready model and the reference networks, within bounds that are derived and not chosen.
//!
//! In: networks in which everything moves (currents that differ from neuron to neuron, spikes at every port). Out: a line per
//! case with the worst deviation as a part of its bound. It must not pass 1; nor may it be so small that the bound says
//! nothing. The planted faults stand in `lockstep_controls`.

use synfire::model::library;
use synfire::network::{Connector, Network, Value, Waveform, value::uniform};
use synfire::plan::schedule::Schedule;
use synfire::simulation::Verification;

use crate::case::{quantities, quantity};
use crate::engines::{Refused, Which};
use crate::lines::{Line, Lines, Verdict};
use crate::net_det::{self, Drive};

/// The engines in single precision.
const TESTED: [Which; 4] = [Which::F32, Which::Gpu(Schedule::Resident), Which::Gpu(Schedule::Fused), Which::Gpu(Schedule::TwoPass)];

/// What a model is driven with.
struct Driven {
    model: &'static str,
    method: Option<&'static str>,
    /// ms
    dt: f64,
    /// Unit of `i_stim`, and the least and largest current; the neurons lie between them.
    current: (&'static str, f64, f64),
    /// Port, least and largest weight.
    ports: &'static [(&'static str, &'static str, &'static str)],
    /// Those that make everything move, where the defaults do not.
    parameters: &'static [(&'static str, &'static str)],
    /// The worst deviation of each state must be at least this part of its bound.
    tight: f64,
}

/// A step is a few sums and products: half a unit is lost where a whole one is allowed, in one grouping where all are.
const LINEAR: f64 = 0.05;
/// Every stage of a method, and every function on the way, is allowed its worst; they do not come together.
const NONLINEAR: f64 = 0.02;

const PSC: &[(&str, &str, &str)] = &[("i_exc", "20 pA", "200 pA"), ("i_inh", "-200 pA", "-20 pA")];
const COND: &[(&str, &str, &str)] = &[("g_exc", "0.5 nS", "6 nS"), ("g_inh", "1 nS", "10 nS")];

const JUMPS: &[(&str, &str, &str)] = &[("delta", "-1 mV", "2 mV")];

const MODELS: &[Driven] = &[
    driven("lif_psc_delta", ("pA", 300.0, 900.0), &[("delta", "-1 mV", "2 mV")], LINEAR),
    driven("lif_psc_exp", ("pA", 300.0, 900.0), PSC, LINEAR),
    driven("lif_psc_alpha", ("pA", 300.0, 900.0), PSC, LINEAR),
    driven("lif_psc_beta", ("pA", 300.0, 900.0), PSC, LINEAR),
    driven("lif_cond_exp", ("pA", 50.0, 300.0), COND, NONLINEAR),
    driven("lif_cond_alpha", ("pA", 100.0, 800.0), COND, NONLINEAR),
    driven("lif_cond_beta", ("pA", 100.0, 800.0), COND, NONLINEAR),
    driven("adex", ("pA", 500.0, 1200.0), COND, NONLINEAR),
    driven("exp_if", ("pA", 100.0, 600.0), PSC, NONLINEAR),
    driven("izhikevich", ("mV/ms", 4.0, 20.0), &[("delta", "-1 mV", "2 mV")], NONLINEAR),
    Driven { dt: 1.0, ..driven("izhikevich_2003", ("", 4.0, 20.0), &[("delta", "-1", "2")], NONLINEAR) },
    driven("hodgkin_huxley", ("uA/cm**2", 5.0, 25.0), &[], NONLINEAR),
    driven("traub_miles", ("pA", 100.0, 700.0), COND, NONLINEAR),
    driven("morris_lecar", ("uA/cm**2", 90.0, 160.0), &[], NONLINEAR),
    driven("wang_buzsaki", ("uA/cm**2", 0.5, 10.0), &[], NONLINEAR),
    driven("pinsky_rinzel", ("uA/cm**2", 5.0, 50.0), &[], NONLINEAR),
    driven("fitzhugh_nagumo", ("", 0.4, 1.3), &[], NONLINEAR),
    driven("hindmarsh_rose", ("", 1.5, 3.5), &[], NONLINEAR),
    driven("qif", ("pA", 200.0, 900.0), JUMPS, NONLINEAR),
    driven("izhikevich_2007", ("pA", 200.0, 900.0), JUMPS, NONLINEAR),
    Driven { dt: 0.25, ..driven("izhikevich_2004", ("", 4.0, 20.0), &[("delta", "-1", "2")], NONLINEAR) },
    Driven {
        parameters: &[("a", "5 Hz"), ("a_1", "1000 pA"), ("a_2", "-60 pA")],
        ..driven("mihalas_niebur", ("pA", 150.0, 300.0), JUMPS, NONLINEAR)
    },
    driven("alif", ("pA", 150.0, 900.0), JUMPS, LINEAR),
    driven("lif_cond_exp_adaptive", ("pA", 700.0, 1500.0), COND, NONLINEAR),
    driven("lif_cond_exp_sfa_rr", ("pA", 400.0, 1500.0), COND, NONLINEAR),
    Driven {
        parameters: &[
            ("v_t", "-45 mV"),
            ("delta_v", "2 mV"),
            ("lambda_0", "10 Hz"),
            ("a_1", "20 pA"),
            ("a_2", "-5 pA"),
            ("a_3", "6 pA"),
            ("b_1", "4 mV"),
            ("b_2", "2 mV"),
            ("b_3", "1 mV"),
        ],
        ..driven("gif_cond_exp", ("pA", 80.0, 300.0), COND, NONLINEAR)
    },
    Driven {
        parameters: &[
            ("f_v", "0.4"),
            ("v_add", "4 mV"),
            ("a_s", "2 mV"),
            ("a_1", "-70 pA"),
            ("a_2", "-450 pA"),
            ("a_v", "0.0092 kHz"),
        ],
        ..driven("glif", ("pA", 80.0, 300.0), PSC, LINEAR)
    },
    driven("spiking_adaptive", ("nA", 1.5, 12.0), &[], NONLINEAR),
    Driven { method: Some("rk4"), ..driven("lif_cond_exp", ("pA", 50.0, 300.0), COND, NONLINEAR) },
    Driven { method: Some("euler"), ..driven("lif_cond_exp", ("pA", 50.0, 300.0), COND, NONLINEAR) },
    Driven { method: Some("heun"), dt: 0.025, ..driven("adex", ("pA", 500.0, 1200.0), COND, NONLINEAR) },
    Driven { method: Some("rk4"), dt: 0.025, ..driven("hodgkin_huxley", ("uA/cm**2", 5.0, 25.0), &[], NONLINEAR) },
];

/// Those that never spike.
const SILENT: &[Driven] =
    &[driven("non_spiking", ("nA", -5.0, 20.0), &[], LINEAR), driven("persistent_sodium", ("nA", -5.0, 20.0), &[], NONLINEAR)];

const fn driven(
    model: &'static str,
    current: (&'static str, f64, f64),
    ports: &'static [(&'static str, &'static str, &'static str)],
    tight: f64,
) -> Driven {
    Driven { model, method: None, dt: 0.1, current, ports, parameters: &[], tight }
}

const CELLS: u64 = 40;
const STEPS: u64 = 600;

impl Driven {
    fn name(&self) -> String {
        self.method.map_or(self.model.to_string(), |method| format!("{} {method}", self.model))
    }

    fn network(&self) -> Network {
        let mut net = Network::new(self.model);
        net.dt(quantity(self.dt, "ms")).seed(3);
        let cells = net.population("cells", self.model, CELLS);
        if let Some(method) = self.method {
            cells.method(method);
        }
        for (name, value) in self.parameters {
            cells.parameter(*name, *value);
        }
        let (unit, low, high) = self.current;
        let amplitude = (0..CELLS).map(|k| low + (high - low) * k as f64 / (CELLS - 1) as f64);
        net.stimulate("cells", "i_stim", Waveform::Constant { amplitude: quantities(amplitude, unit) });
        let wave = Waveform::Sine {
            amplitude: quantity(0.1 * low, unit),
            frequency: "37 Hz".into(),
            phase: 0.5,
            offset: Some(quantity(0.05 * low, unit)),
        };
        net.stimulate("cells", "i_stim", wave).from("5 ms");
        early(&mut net, self.dt);
        for (port, low, high) in self.ports {
            for source in ["early", "cells"] {
                net.project(source, "cells", *port, Connector::probability(0.15))
                    .weight(uniform(*low, *high))
                    .delay(uniform(quantity(self.dt, "ms"), quantity(20.0 * self.dt, "ms")))
                    .named(format!("{source} {port}"));
            }
        }
        net
    }
}

/// Sources that spike in no rhythm, all the time.
fn early(net: &mut Network, dt: f64) {
    let times = |k: u64| (1..STEPS).filter(|n| (n * n + 7 * k * n).is_multiple_of(11 + k)).map(|n| n as f64 * dt).collect();
    net.population("early", "spike_times", 10).spike_times((0..10).map(times).collect());
}

/// A network on an engine, verified.
fn verify(network: &Network, which: Which, steps: u64, input: Option<&[f64]>) -> Result<Verification, Refused> {
    let mut simulation = which.compile(network)?;
    simulation.verify(steps, input).map_err(|e| Refused::Failed(e.to_string()))
}

/// The line of a case. `tight`: the least part of its bound that the worst state must come to.
fn line(case: &str, network: &Network, which: Which, (steps, input): (u64, Option<&[f64]>), spikes: bool, tight: f64) -> Line {
    let mut line = Line {
        case: format!("lockstep: {case}"),
        engine: which.name().into(),
        spikes: 0,
        ties: 0,
        worst: String::new(),
        verdict: Verdict::Pass,
    };
    match verify(network, which, steps, input) {
        Err(refused) => line.verdict = refused.verdict(),
        Ok(verification) => {
            line.spikes = verification.spikes as usize;
            line.ties = verification.ties as usize;
            // where nothing is off, there was nothing to round
            let mut moved: Vec<_> = verification.worst.iter().filter(|d| d.ratio > 0.0).collect();
            moved.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
            line.worst = match (moved.first(), moved.last()) {
                (Some(a), Some(b)) => format!("{} {:.3} to {} {:.3} of the bound", a.variable, a.ratio, b.variable, b.ratio),
                _ => "nothing is off".into(),
            };
            if !verification.agrees() {
                line.verdict = Verdict::Fail(verification.to_string());
            } else if spikes && verification.spikes < 10 {
                line.verdict = Verdict::Fail("a network that is silent verifies little".into());
            } else if let Some(wide) = moved.first().filter(|d| d.ratio < tight) {
                line.verdict = Verdict::Fail(format!("a bound of {:.0e} {} is so wide that it says little", wide.bound, wide.unit));
            }
        }
    }
    line
}

#[test]
fn every_ready_model() {
    let elsewhere = [
        "poisson_source",
        "inhomogeneous_poisson_source",
        "refractory_poisson_source",
        "gamma_source",
        "spike_times",
        "regular_source",
        "neuromodulator",
    ];
    for (name, _) in library::TEXTS {
        assert!(elsewhere.contains(name) || MODELS.iter().chain(SILENT).any(|m| m.model == *name), "{name} is not verified");
    }
    let mut lines = Lines::default();
    for driven in MODELS {
        for which in TESTED {
            lines.add(line(&driven.name(), &driven.network(), which, (STEPS, None), true, driven.tight));
        }
    }
    for driven in SILENT {
        for which in TESTED {
            lines.add(line(&driven.name(), &driven.network(), which, (STEPS, None), false, driven.tight));
        }
    }
    lines.finish();
}

/// Neurons without spikes, joined by every ready synapse.
#[test]
fn graded_cells() {
    let mut net = Network::new("graded");
    net.seed(7);
    for name in ["a", "b"] {
        net.population(name, "non_spiking", 12).parameter("i_e", uniform("-5 nA", "25 nA")).initial("v", uniform("0 mV", "20 mV"));
    }
    let graded = |net: &mut Network, source: &str, target: &str, e_rev: &str| {
        let some = Connector::FixedProbability { p: 0.4, autapses: true };
        net.project_by(source, target, "graded_synapse", some)
            .parameter("g_max", uniform("0.1 uS", "1 uS"))
            .parameter("e_rev", e_rev);
    };
    graded(&mut net, "a", "b", "100 mV");
    graded(&mut net, "b", "a", "-40 mV");
    graded(&mut net, "b", "b", "0 mV");
    net.electrical("a", "a", Connector::AllToAll, "0.02 uS").unwrap_or_else(|report| panic!("{report}"));
    net.rectified("a", "b", Connector::OneToOne, "0.5 uS").unwrap_or_else(|report| panic!("{report}"));
    let mut lines = Lines::default();
    for which in TESTED {
        // sums of dozens of terms, each of which is allowed its worst
        lines.add(line("graded cells", &net, which, (STEPS, None), false, 0.0));
    }
    lines.finish();
}

/// Receptors of all kinds, with a delay that they share (kept by source) and with delays of their own (kept by synapse), and junctions.
#[test]
fn receptors() {
    let mut net = Network::new("receptors");
    net.seed(9);
    let cells = net.population("cells", "lif_psc_delta", 12);
    cells.parameter("i_e", uniform("300 pA", "500 pA")).initial("v", uniform("-70 mV", "-55 mV"));
    early(&mut net, 0.1);
    let known = ["graded_synapse", "electrical_synapse", "rectified_synapse", "rectified_return", "spiking_synapse"];
    let all = library::synapses().unwrap_or_else(|report| panic!("{report}"));
    for (name, _) in library::SYNAPSE_TEXTS.iter().filter(|(name, _)| !known.contains(name) && all[*name].events().is_empty()) {
        match *name {
            "gap_junction_density" => {
                net.population("axons", "hodgkin_huxley", 4).parameter("i_e", uniform("5 uA/cm**2", "20 uA/cm**2"));
                net.project_by("axons", "axons", *name, Connector::AllToAll).both_ways().parameter("g", "0.1 mS/cm**2");
            }
            "gap_junction" | "gap_junction_spikelet" => {
                let junctions = net.project_by("cells", "cells", *name, Connector::probability(0.5)).both_ways();
                junctions.parameter("g", uniform("0.5 nS", "2 nS")).named(*name);
            }
            _ => {
                net.project_by("early", "cells", *name, Connector::probability(0.3))
                    .delay("0.7 ms")
                    .named(format!("{name} shared"));
                let own = net.project_by("cells", "cells", *name, Connector::probability(0.2));
                own.delay(uniform("0.1 ms", "2 ms")).named(format!("{name} own"));
            }
        }
    }
    let mut lines = Lines::default();
    for which in TESTED {
        lines.add(line("receptors", &net, which, (STEPS, None), true, 0.0));
    }
    lines.finish();
}

#[test]
fn sources() {
    let mut net = Network::new("sources");
    net.seed(5);
    net.population("random", "poisson_source", 50).parameter("rate", uniform("50 Hz", "500 Hz"));
    net.population("target", "lif_psc_exp", 20);
    net.project("random", "target", "i_exc", Connector::probability(0.3)).weight("40 pA").delay("1 ms");
    let mut clocks = Network::new("clocks");
    clocks.population("clock", "regular_source", 50).parameter("period", uniform("2 ms", "9 ms")).parameter("start", "1 ms");
    early(&mut clocks, 0.1);
    let mut lines = Lines::default();
    for which in TESTED {
        lines.add(line("poisson_source", &net, which, (STEPS, None), true, LINEAR));
        // nothing but counting, which is exact
        lines.add(line("clocks", &clocks, which, (STEPS, None), true, 0.0));
    }
    lines.finish();
}

/// Everything that reaches a neuron otherwise than by a spike.
#[test]
fn inputs() {
    let cells = |name: &str| {
        let mut net = Network::new(name);
        net.seed(11);
        net.population("cells", "lif_psc_exp", 30).parameter("i_e", uniform("200 pA", "600 pA"));
        net
    };
    let list = |low: f64, high: f64| quantities((0..30).map(|k| low + (high - low) * f64::from(k) / 29.0), "pA");
    let sine = Waveform::Sine { amplitude: list(50.0, 300.0), frequency: "80 Hz".into(), phase: 0.1, offset: Some("20 pA".into()) };
    let array = Waveform::Array {
        values: (0..40).map(|k| (0..30).map(|n| f64::from((7 * k + 13 * n) % 50) * 0.3).collect()).collect(),
        file: None,
        interval: "1 ms".into(),
        unit: Some("pA".into()),
    };
    let steps = Waveform::Steps { times: vec!["1 ms".into(), "20 ms".into()], amplitudes: vec!["300.1 pA".into(), "77 pA".into()] };
    let ramp = Waveform::Ramp { from: Some(list(-20.0, 200.0)), to: list(50.0, 500.0), over: "30.07 ms".into() };
    let cases: [(&str, &str, Waveform); 9] = [
        ("ramp per neuron", "i_stim", ramp),
        ("pulses", "i_stim", Waveform::pulses("900 pA", "2 ms", "7 ms")),
        ("noise with a memory", "i_stim", Waveform::ornstein_uhlenbeck("200 pA", list(50.0, 150.0), "5 ms")),
        ("noise", "i_stim", Waveform::noise("100 pA", "200 pA")),
        ("sine per neuron", "i_stim", sine),
        ("array", "i_stim", array),
        ("steps", "i_stim", steps),
        ("external", "i_stim", Waveform::External { unit: Some("pA".into()) }),
        ("poisson", "i_exc", Waveform::poisson("3 kHz", "30.3 pA")),
    ];
    let vector: Vec<f64> = (0..30).map(|k| 0.37 * f64::from(k)).collect();
    let mut lines = Lines::default();
    for (name, input, waveform) in cases {
        let mut net = cells(name);
        net.stimulate("cells", input, waveform);
        let vector = (name == "external").then_some(&vector[..]);
        for which in TESTED {
            lines.add(line(name, &net, which, (STEPS, vector), true, LINEAR));
        }
    }
    lines.finish();
}

/// Functions that no ready model has, and graded synapses.
#[test]
fn functions_and_graded_synapses() {
    let mut functions = Network::new("functions");
    functions.equations(
        "
        neuron odd
          param p = 1.3
          state x = 0.4, y = 0.7, z = 0.2
          dx/dt = (-x + 1.5*sin(3*y + t/(1 ms)) + 0.3*cos(5*x) - tan(0.3*z))/(1 ms)
          dy/dt = (-2*y + log(1 + y**2) - sqrt(abs(y) + 1) + (1 + x**2)**p/3 - floor(3*x)/3)/(3 ms)
          dz/dt = (-3*z + tanh(x - y) + sign(x) - exp(z/3) + min(x, y)*max(x, z))/(1 ms)
          threshold x > 0.9
          reset x = -x; y = 0.3*y; z = 0.2
        ",
    );
    functions.population("odd", "odd", 50).parameter("p", uniform(0.2, 1.2)).initial("x", uniform(-1.0, 1.0));
    let mut graded = Network::new("graded");
    graded.equations(
        "
        neuron rate
          param tau = 20 ms
          state x = 0
          input drive : kHz
          dx/dt = -x/tau + drive
        synapse soft
          param w = 0.01 kHz
          graded drive += w*tanh(pre.x - 0.5*post.x)
        ",
    );
    graded.population("cells", "rate", 100).initial("x", uniform(-1.0, 1.0));
    let weight = Value::from(synfire::network::value::normal("0 Hz", "20 Hz"));
    graded.project_by("cells", "cells", "soft", Connector::probability(0.1)).parameter("w", weight);
    let mut lines = Lines::default();
    for which in TESTED {
        lines.add(line("functions", &functions, which, (STEPS, None), true, NONLINEAR));
        lines.add(line("graded", &graded, which, (200, None), false, NONLINEAR));
    }
    lines.finish();
}

#[test]
fn reference_networks() {
    let mut lines = Lines::default();
    for (name, tight) in
        [("psc_exp_200", LINEAR), ("psc_delta_200", LINEAR), ("psc_alpha_200", LINEAR), ("cond_exp_200", NONLINEAR)]
            .into_iter()
            .chain(["stdp_additive_input", "stdp_powerlaw_rec", "tm2_rec", "tm_input"].map(|name| (name, NONLINEAR)))
    {
        let network = net_det::named(name).network(Drive::Own);
        for which in TESTED {
            lines.add(line(name, &network, which, (STEPS, None), true, tight));
        }
    }
    lines.finish();
}
