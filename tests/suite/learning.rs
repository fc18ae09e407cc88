//! Synapses that events change, from outside: what a program reads and sets, what is refused, what `explain` says.

use synfire::network::value::uniform;
use synfire::network::{Connector, Network, Variant};
use synfire::plan::Plan;
use synfire::plan::memory::{Kind, Memory, Terms};
use synfire::{Choice, Options, Precision, Simulation};

const PAIR: &str = "
    synapse pair
      param w_max = 1 nS, a_plus = 0.01, a_minus = 0.0105, tau_plus = 20 ms, tau_minus = 20 ms
      state w = 0.5 nS (from 0 nS to w_max)
      state x = 0, y = 0
      dx/dt = -x/tau_plus
      dy/dt = -y/tau_minus
      on_pre w -= a_minus*w_max*y; g_exc += w
      on_post w += a_plus*w_max*x; y += 1
      on_pre x += 1
";

/// Two trains onto two cells that a second train makes spike.
fn network(delay: &str) -> Network {
    let mut net = Network::new("learning");
    net.dt("0.1 ms");
    net.equations(PAIR);
    net.population("in", "spike_times", 2).spike_times(vec![vec![10.0, 40.0], vec![30.0]]);
    net.population("kick", "spike_times", 1).spike_times(vec![vec![14.9, 29.9]]);
    net.population("cell", "lif_cond_exp", 2);
    net.project_by("in", "cell", "pair", Connector::AllToAll).delay(delay).named("s");
    net.project("kick", "cell", "g_exc", Connector::AllToAll).weight("2000 nS").delay("0.1 ms");
    net
}

fn compiled(net: &Network, precision: Precision) -> Simulation {
    let options = Options::default().engine(Choice::Cpu).precision(precision);
    net.compile(&options).unwrap_or_else(|e| panic!("{e}"))
}

fn planned(net: &Network) -> Plan {
    net.plan(&Options::default()).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn weights_and_traces_are_read_as_they_are_now_and_weights_are_set_within_their_range() {
    let mut simulation = compiled(&network("1 ms"), Precision::F64);
    simulation.run(50.0).unwrap_or_else(|e| panic!("{e}"));
    let w = simulation.synapse_state("s", "w").unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(w.len(), 4);
    assert!(w.iter().all(|w| *w != 0.5), "{w:?}");
    // the trace of the source at 50 ms: spikes of 10 ms and 40 ms, and of 30 ms
    let x = simulation.synapse_state("s", "x").unwrap_or_else(|e| panic!("{e}"));
    let decayed = |times: &[f64]| times.iter().map(|t| (-(50.0 - t) / 20.0f64).exp()).sum::<f64>();
    for (found, expected) in x.iter().zip([decayed(&[10.0, 40.0]), decayed(&[10.0, 40.0]), decayed(&[30.0]), decayed(&[30.0])]) {
        assert!((found - expected).abs() < 1e-12, "{x:?}");
    }
    simulation.set_synapse_state("s", "w", &[0.25, 1.0, 0.0, 0.75]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(simulation.synapse_state("s", "w").unwrap_or_else(|e| panic!("{e}")), [0.25, 1.0, 0.0, 0.75]);
    let refused = |values: &[f64], simulation: &mut Simulation| {
        simulation.set_synapse_state("s", "w", values).err().map_or_else(String::new, |e| e.to_string())
    };
    assert!(refused(&[0.25, 1.01, 0.0, 0.75], &mut simulation).contains("s[1] cannot be 1.01: its range is from 0 to 1"));
    assert!(refused(&[0.25, f64::NAN, 0.0, 0.75], &mut simulation).contains("s[1] cannot be NaN"));
    assert!(refused(&[0.25], &mut simulation).contains("`s` has 4 synapses, and 1 values were given"));
    let trace = simulation.set_synapse_state("s", "x", &[0.0; 4]).err().map_or_else(String::new, |e| e.to_string());
    assert!(trace.contains("kept once per neuron"), "{trace}");
    let unknown = simulation.synapse_state("s", "z").err().map_or_else(String::new, |e| e.to_string());
    assert!(unknown.contains("it has w, x, y"), "{unknown}");
    assert_eq!(simulation.synapse_state("s", "w").unwrap_or_else(|e| panic!("{e}")), [0.25, 1.0, 0.0, 0.75]);
}

/// Between events a state goes by its closed form, and setting one of a synapse's states leaves the others where they are.
#[test]
fn a_state_that_decays_is_read_now_and_goes_on_from_there() {
    let mut net = network("1 ms");
    net.equations(
        "
        synapse eligible
          param tau = 100 ms, k = 0.1 nS
          state w = 0.5 nS (from 0 nS to 1 nS), c = 0
          dc/dt = -c/tau
          on_pre g_exc += w; c += 1
          on_post c += 0.5; w += k*c
    ",
    );
    net.project_by("in", "cell", "eligible", Connector::AllToAll).delay("0.1 ms").named("e");
    let mut simulation = compiled(&net, Precision::F64);
    simulation.run(12.0).unwrap_or_else(|e| panic!("{e}"));
    let c = simulation.synapse_state("e", "c").unwrap_or_else(|e| panic!("{e}"));
    let expected = (-(12.0 - 10.1) / 100.0f64).exp();
    assert!((c[0] - expected).abs() < 1e-12 && c[2] == 0.0, "{c:?}");
    simulation.set_synapse_state("e", "w", &[0.1; 4]).unwrap_or_else(|e| panic!("{e}"));
    let again = simulation.synapse_state("e", "c").unwrap_or_else(|e| panic!("{e}"));
    assert!(c.iter().zip(&again).all(|(a, b)| (a - b).abs() < 1e-15), "{c:?} {again:?}");
    simulation.run(1.0).unwrap_or_else(|e| panic!("{e}"));
    let later = simulation.synapse_state("e", "c").unwrap_or_else(|e| panic!("{e}"));
    assert!((later[0] - (-(13.0 - 10.1) / 100.0f64).exp()).abs() < 1e-12, "{later:?}");
    simulation.reset().unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(simulation.synapse_state("e", "w").unwrap_or_else(|e| panic!("{e}")), [0.5; 4]);
}

/// Learning stops where its rates are 0, and nothing else changes.
#[test]
fn learning_is_switched_off_by_a_parameter_while_a_network_runs() {
    let mut simulation = compiled(&network("1 ms"), Precision::F32);
    simulation.run(20.0).unwrap_or_else(|e| panic!("{e}"));
    let before = simulation.synapse_state("s", "w").unwrap_or_else(|e| panic!("{e}"));
    simulation.set("s.a_plus", "0").unwrap_or_else(|e| panic!("{e}"));
    simulation.set("s.a_minus", "0").unwrap_or_else(|e| panic!("{e}"));
    simulation.run(30.0).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(simulation.synapse_state("s", "w").unwrap_or_else(|e| panic!("{e}")), before);
    simulation.set("s.a_plus", "0.01").unwrap_or_else(|e| panic!("{e}"));
    let plan = planned(&network("1 ms"));
    assert_eq!(plan.window(), 1, "a spike that arrives changes what it sends: no step may run ahead");
}

/// A probe takes chosen synapses, or all, after every so many steps, whatever the length of batches.
#[test]
fn states_of_synapses_are_recorded() {
    let mut net = network("1 ms");
    net.probe_synapses("s", "w").rows([1, 3]).every("0.5 ms");
    net.probe_synapses("s", "x").every("10 ms");
    let mut simulation = compiled(&net, Precision::F64);
    simulation.run(50.0).unwrap_or_else(|e| panic!("{e}"));
    let recorded = simulation.take_recording();
    let [w, x] = &recorded.traces[..] else { panic!("{} traces", recorded.traces.len()) };
    assert_eq!((&w.population[..], &w.variable[..], &w.unit[..], &w.rows[..], w.every), ("s", "w", "nS", &[1, 3][..], 5));
    assert_eq!((w.samples(), x.samples(), x.rows.len()), (100, 5, 4));
    let mut alone = compiled(&network("1 ms"), Precision::F64);
    for sample in 0..100 {
        alone.run_steps(5).unwrap_or_else(|e| panic!("{e}"));
        let all = alone.synapse_state("s", "w").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(w.values[2 * sample..2 * sample + 2], [all[1], all[3]], "sample {sample}");
    }
    assert_eq!(x.values[16..], alone.synapse_state("s", "x").unwrap_or_else(|e| panic!("{e}")));
    let refused = |change: &dyn Fn(&mut Network)| {
        let mut net = network("1 ms");
        change(&mut net);
        net.compile(&Options::default().engine(Choice::Cpu)).err().map_or_else(String::new, |e| e.to_string())
    };
    let beyond = refused(&|net| {
        net.probe_synapses("s", "w").rows([1, 4]);
    });
    assert!(beyond.contains("synapse 4 of 4; the last is 3"), "{beyond}");
    let unknown = refused(&|net| {
        net.probe_synapses("s", "v");
    });
    assert!(unknown.contains("have no state `v`; there are `w`, `x`, `y`"), "{unknown}");
    let nowhere = refused(&|net| {
        net.probe_synapses("t", "w");
    });
    assert!(nowhere.contains("no projection `t`"), "{nowhere}");
    let neither = refused(&|net| {
        net.probe("", "w");
    });
    assert!(neither.contains("neither a population nor a projection"), "{neither}");
}

/// A line that runs before a step reads its target as it is then, also where a program has just set it.
#[test]
fn what_a_program_sets_is_what_synapses_read() {
    let mut net = network("1 ms");
    net.equations(
        "
        synapse looking
          state seen = 0 mV
          delay axonal
          on_pre seen = post.v
    ",
    );
    net.project_by("in", "cell", "looking", Connector::AllToAll).delay("1 ms").named("l");
    let mut simulation = compiled(&net, Precision::F64);
    // the spike of 10 ms is at the synapse at 11 ms, in the step that begins at 10.9 ms
    simulation.run_steps(109).unwrap_or_else(|e| panic!("{e}"));
    simulation.set_state("cell", "v", &[-57.0, -58.0]).unwrap_or_else(|e| panic!("{e}"));
    simulation.run_steps(1).unwrap_or_else(|e| panic!("{e}"));
    let seen = simulation.synapse_state("l", "seen").unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(seen, [-57.0, -58.0, 0.0, 0.0]);
}

/// A trace that a neuron keeps and that becomes infinite is a fault with its name, as any state is.
#[test]
fn a_trace_that_is_not_finite_is_named() {
    let mut net = network("1 ms");
    net.equations(
        "
        synapse endless
          state w = 0.5 nS (from 0 nS to 1 nS), n = 0, q = 0
          on_pre n = 2*n + 1; q = 1/(3 - n); g_exc += w
          on_post w += 0.001 nS*q
    ",
    );
    net.project_by("in", "cell", "endless", Connector::AllToAll).delay("1 ms").named("e");
    let mut simulation = compiled(&net, Precision::F32);
    // the first source spikes for the second time at 40 ms
    let told = simulation.run(60.0).err().map_or_else(String::new, |e| e.to_string());
    assert!(told.contains("in[0]") && told.contains("q of e (of the source)"), "{told}");
    assert_eq!(simulation.time_steps(), 399, "the state before the step that went wrong");
}

/// What an ensemble's own weights take is known before anything is drawn or run.
#[test]
fn an_ensemble_whose_weights_do_not_fit_is_refused_before_it_runs() {
    let mut net = Network::new("many weights");
    net.population("in", "poisson_source", 2000).parameter("rate", "5 Hz");
    net.population("cell", "lif_cond_exp", 500);
    net.project_by("in", "cell", "stdp_pair", Connector::AllToAll).delay("1 ms").named("a million");
    let variants: Vec<Variant> = (0..200).map(|seed| Variant::new().seed(seed)).collect();
    let began = std::time::Instant::now();
    let refused = |budget: u64, variants: &[Variant]| {
        let options = Options::default().engine(Choice::Cpu).memory_budget(budget);
        net.compile_ensemble(variants, &options).err().map(|e| e.to_string())
    };
    // one network fits; two hundred have each a weight of their own for a million synapses, and its copy: 1.6 GB
    assert_eq!(refused(100 << 20, &variants[..1]), None);
    let told = refused(100 << 20, &variants).unwrap_or_default();
    assert!(told.contains("synapses of `a million` 1,") && told.contains("help: "), "{told}");
    assert!(told.contains("the network needs 1,"), "{told}");
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

/// What synapses take is known before they are drawn, traces that neurons keep for them left aside.
#[test]
fn memory_of_synapses_is_known_before_they_are_drawn() {
    let mut net = Network::new("counted");
    net.equations(PAIR);
    net.population("in", "poisson_source", 1000).parameter("rate", "5 Hz");
    net.population("cell", "lif_cond_exp", 200);
    net.project_by("in", "cell", "pair", Connector::indegree(500)).delay("1 ms").named("traces apart");
    net.project_by("in", "cell", "tm2", Connector::indegree(500)).delay(uniform("1 ms", "3 ms")).named("by source");
    net.project_by("in", "cell", "tm2", Connector::indegree(500)).parameter("w", uniform("1 nS", "2 nS")).named("own weights");
    let options = Options::default().engine(Choice::Cpu);
    let of =
        |memory: &Memory, name: &str| memory.parts.iter().find(|p| p.kind == Kind::Synapses && p.name == name).map(|p| p.bytes);
    let (known, held) = (net.memory(&options).unwrap_or_else(|e| panic!("{e}")), Memory::of(&planned(&net), Terms::default()));
    for name in ["traces apart", "by source", "own weights"] {
        let (known, held) = (of(&known, name).unwrap_or_default() as f64, of(&held, name).unwrap_or_default() as f64);
        // how long neurons keep what is read of them is known as a bound alone, twice the longest delay
        assert!(held <= 1.02 * known && known <= 1.6 * held && held > 0.0, "{name}: {known} bytes expected, {held} held");
    }
}

/// Diagrams name the rule beside the projection.
#[test]
fn a_diagram_names_what_learns() {
    let mut net = network("1 ms");
    net.project_by("in", "cell", "tm2", Connector::AllToAll);
    let labels: Vec<String> = net.diagram().arrows.iter().map(|arrow| arrow.label.clone()).collect();
    assert_eq!(labels, ["s: pair", "", "tm2"]);
    assert!(net.diagram().to_dot().contains("label=\"s: pair\""));
}

#[test]
fn what_learns_is_explained() {
    let plan = planned(&network("1 ms"));
    let text = synfire::plan::explain::table(&plan);
    let part = text.split("Synapses that learn").nth(1).unwrap_or_default();
    let part: Vec<&str> = part.lines().skip(1).take(7).collect();
    insta_like(
        &part.join("\n"),
        &[
            "projection  kind       synapses  each keeps  the source keeps  the target keeps  delay (steps)           bytes of a synapse",
            "s           by events  4         w           x                 y                 10 before the synapse   16",
        ],
    );
    assert!(text.contains("at most 1 nS"), "{text}");
}

/// An eligibility trace costs its number and the time of the last event: 8 bytes a synapse.
#[test]
fn an_eligibility_trace_costs_eight_bytes() {
    let mut net = network("1 ms");
    net.equations(
        "
        synapse eligible
          param w_max = 1 nS, a_plus = 0.01, a_minus = 0.0105, tau_plus = 20 ms, tau_minus = 20 ms, tau_c = 1 s
          state w = 0.5 nS (from 0 nS to w_max), c = 0
          state x = 0, y = 0
          modulator d = 0
          dx/dt = -x/tau_plus
          dy/dt = -y/tau_minus
          dc/dt = -c/tau_c
          on_pre w += w_max*c*d; c -= a_minus*y; g_exc += w
          on_post w += w_max*c*d; c += a_plus*x; y += 1
          on_pre x += 1
    ",
    );
    net.project_by("in", "cell", "eligible", Connector::AllToAll).delay("1 ms").named("e");
    let text = synfire::plan::explain::table(&planned(&net));
    insta_like(
        &text,
        &[
            "s by events 4 w x y 10 before the synapse 16",
            "e by events 4 w, c x y 10 before the synapse 24",
            "e d what the model says all",
        ],
    );
}

/// Each line stands in the text, spaces apart.
fn insta_like(text: &str, lines: &[&str]) {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let all: Vec<String> = text.lines().map(words).collect();
    for line in lines {
        assert!(all.contains(&words(line)), "`{line}` in\n{text}");
    }
}
