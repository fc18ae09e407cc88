//! Synapses with states of their own: the order of their step, their methods, and what is common to all that engines keep.

use synfire::network::value::uniform;
use synfire::network::{Connector, Network, Variant};
use synfire::{Choice, Options, Precision, Simulation};

fn cpu(precision: Precision) -> Options {
    Options::default().engine(Choice::Cpu).precision(precision)
}

fn compiled(net: &Network, options: &Options) -> Simulation {
    net.compile(options).unwrap_or_else(|e| panic!("{e}"))
}

/// A source that spikes at the end of steps 10 and 14 of 0.1 ms, and a target that sums up what flows.
fn pair(synapse: &str, delay: &str) -> Network {
    let mut net = Network::new("pair");
    net.dt("0.1 ms");
    net.equations(
        "
        neuron sum
          state x = 0
          input drive : kHz
          dx/dt = drive
          method euler
    ",
    );
    net.equations(synapse);
    net.population("source", "spike_times", 1).spike_times(vec![vec![1.0, 1.4]]);
    net.population("target", "sum", 1);
    net.project_by("source", "target", "s", Connector::AllToAll).delay(delay).named("s");
    net
}

/// What has flowed in each step, in kHz.
fn flow(net: &Network, steps: usize) -> Vec<f64> {
    let mut simulation = compiled(net, &cpu(Precision::F64));
    let mut before = 0.0;
    let mut out = Vec::new();
    for _ in 0..steps {
        simulation.run_steps(1).unwrap_or_else(|e| panic!("{e}"));
        let x = simulation.state("target", "x").expect("x")[0];
        out.push((x - before) / 0.1);
        before = x;
    }
    out
}

#[track_caller]
fn close(found: &[f64], expected: &[f64]) {
    let off = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(found.len() == expected.len() && off < 1e-12, "{found:?}\n{expected:?}");
}

const DECAY: &str = "
    synapse s
      param tau = 2 ms
      state g = 0
      dg/dt = -g/tau
      on_pre g += 1
      graded drive += g*(1 kHz)
    ";

/// A spike at 1.0 ms with a delay of 3 steps arrives at 1.3 ms, the end of step 12. In the default order it acts there, and
/// what it adds flows from step 13 on, undecayed: as an arrival at a port does. What flows over a step is its mean: the integral of
/// exp(-t/2 ms) over the step.
#[test]
fn by_default_a_spike_acts_at_the_end_of_the_step() {
    let found = flow(&pair(DECAY, "0.3 ms"), 20);
    let mean = (1.0 - (-0.05f64).exp()) / 0.05;
    let (mut g, mut expected) = (0.0f64, Vec::new());
    for step in 0..20 {
        expected.push(g * mean);
        g *= (-0.1f64 / 2.0).exp();
        g += f64::from(step == 12 || step == 16);
    }
    close(&found, &expected);
    assert!(found[12] == 0.0 && (found[13] - mean).abs() < 1e-12);
    // all that a spike lets flow is its time constant: 2 spikes, 2 ms, 1 kHz
    let all: f64 = flow(&pair(DECAY, "0.3 ms"), 600).iter().sum::<f64>() * 0.1;
    assert!((all - 4.0).abs() < 1e-11, "{all}");
    let text = DECAY.replace("on_pre", "method euler\n      on_pre");
    let found = flow(&pair(&text, "0.3 ms"), 20);
    assert!((found[14] - 0.95).abs() < 1e-12, "{found:?}");
    let text = DECAY.replace("on_pre", "method exact\n      on_pre");
    close(&flow(&pair(&text, "0.3 ms"), 20), &expected);
}

/// In an order of its own a model has what it says: the value at the start, in the order that comes by itself too. The state that is
/// read is the state in any case.
#[test]
fn a_stated_order_flows_as_it_stands() {
    let text = DECAY.replace("on_pre", "step\n        graded\n        integrate\n        receive\n      on_pre");
    let found = flow(&pair(&text, "0.3 ms"), 20);
    assert!(found[12] == 0.0 && found[13] == 1.0, "{found:?}");
    for text in [DECAY, &text] {
        let mut simulation = compiled(&pair(text, "0.3 ms"), &cpu(Precision::F64));
        simulation.run_steps(13).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(simulation.synapse_state("s", "g").expect("g"), [1.0]);
    }
}

/// With `receive` first a spike acts on the step that ends when it arrives; what stands before it is not changed by it.
#[test]
fn a_step_block_states_another_order() {
    let order = |lines: &str| DECAY.replace("on_pre", &format!("step\n{lines}\n      on_pre"));
    let first = flow(&pair(&order("        receive\n        integrate\n        graded"), "0.3 ms"), 20);
    assert!(first[11] == 0.0 && (first[12] - (-0.05f64).exp()).abs() < 1e-12, "{first:?}");
    let between = flow(&pair(&order("        integrate\n        receive\n        graded"), "0.3 ms"), 20);
    assert!(between[11] == 0.0 && between[12] == 1.0, "{between:?}");
    let doubled = flow(&pair(&order("        receive\n        integrate\n        g = 2*g\n        graded"), "0.3 ms"), 20);
    assert!((doubled[12] - 2.0 * first[12]).abs() < 1e-12);
}

/// The same conductance kept in the target or in the synapse gives the same, to rounding.
#[test]
fn a_state_of_the_synapse_is_what_folding_would_give() {
    let mut net = Network::new("both");
    net.dt("0.1 ms").seed(5);
    net.equations(
        "
        neuron folded
          state x = 0, g = 0
          input g
          step
            x = x + (2 ms)*(1 - exp(-dt/(2 ms)))*g*(1 kHz)
            g = g*exp(-dt/(2 ms))
            receive
        neuron kept
          state x = 0
          input drive : kHz
          dx/dt = drive
          method euler
    ",
    );
    net.equations(DECAY);
    net.population("source", "poisson_source", 40).parameter("rate", "50 Hz");
    net.population("one", "folded", 10);
    net.population("two", "kept", 10);
    // the same edges: drawn once as a list
    let edges: Vec<(u64, u64)> = (0..400).filter(|k| k % 7 < 3).map(|k| (k % 40, k / 40)).collect();
    let list = Connector::List { source: edges.iter().map(|e| e.0).collect(), target: edges.iter().map(|e| e.1).collect() };
    let delays: Vec<String> = (0..edges.len()).map(|k| format!("{} ms", 0.1 * (1 + k % 9) as f64)).collect();
    let delays = synfire::network::Value::List(delays.into_iter().map(Into::into).collect());
    net.project("source", "one", "g", list.clone()).weight(1.0).delay(delays.clone());
    net.project_by("source", "two", "s", list).delay(delays);
    let mut simulation = compiled(&net, &cpu(Precision::F64));
    simulation.run(200.0).unwrap_or_else(|e| panic!("{e}"));
    let (one, two) = (simulation.state("one", "x").expect("x"), simulation.state("two", "x").expect("x"));
    assert!(one.iter().all(|x| *x > 10.0), "{one:?}");
    // 2000 roundings of sums of up to 40 terms, each 1e-16 of at most 1e3
    assert!(one.iter().zip(&two).all(|(a, b)| (a - b).abs() < 1e-9), "{one:?}\n{two:?}");
}

/// Two populations, capped conductances with delays and time constants of their own, read at both ends.
fn sheet() -> Network {
    let mut net = Network::new("sheet");
    net.dt("0.1 ms").seed(3);
    net.equations(
        "
        synapse capped
          param g_max = 40 nS, e_rev = 20 mV, tau = 3 ms, gain = 0.2
          state g = 0 nS, used = gain/2
          dg/dt = -g/tau
          dused/dt = (gain - used)/(50 ms) + 0.001*(pre.v - post.v)/(1 mV)/(50 ms)
          on_pre g += min(used*g_max, g_max - g); used *= 0.8
          graded g_syn += g
          graded i_syn += g*e_rev
    ",
    );
    for name in ["a", "b"] {
        let cell = net.population(name, "spiking_adaptive", 150).parameter("i_e", "1.2 nA");
        cell.parameter("c_m", "0.5 nF").parameter("g_leak", "0.1 uS").initial("v", uniform("0 mV", "1 mV"));
        cell.parameter("theta_inc", "1 mV").parameter("tau_theta", "20 ms");
        net.probe(name, "spikes");
    }
    for (source, target) in [("a", "b"), ("b", "a"), ("a", "a")] {
        net.project_by(source, target, "capped", Connector::probability(0.1))
            .parameter("tau", uniform("2 ms", "6 ms"))
            .delay(uniform("0.1 ms", "5 ms"))
            .named(format!("{source} -> {target}"));
    }
    net.project_by("b", "b", "capped", Connector::indegree(5)).delay("1.5 ms").named("b -> b");
    net
}

/// All that can be known of a state.
fn bits(simulation: &mut Simulation) -> Vec<u64> {
    let snapshot = simulation.snapshot().unwrap_or_else(|e| panic!("{e}"));
    let edges = snapshot.edge_states.iter().flatten().flatten();
    let states = snapshot.states.iter().flatten().flatten();
    let past = snapshot.spike_history.iter().flat_map(|(step, row)| [*step, u64::from(*row)]);
    edges.chain(states).map(|x| x.to_bits()).chain(past).collect()
}

#[test]
fn results_do_not_depend_on_threads_or_batches() {
    for precision in [Precision::F32, Precision::F64] {
        let run = |threads, batch| {
            let options = cpu(precision).threads(threads).rows_per_thread(64).batch(batch);
            let mut simulation = compiled(&sheet(), &options);
            simulation.run(60.0).unwrap_or_else(|e| panic!("{e}"));
            assert!(simulation.spike_count() > 300, "{}", simulation.spike_count());
            bits(&mut simulation)
        };
        let one = run(1, None);
        assert!(run(4, None) == one, "4 threads");
        assert!(run(1, Some(7)) == one && run(3, Some(13)) == one, "batches");
    }
}

#[test]
fn a_snapshot_holds_states_of_synapses_and_spikes_under_way() {
    for threads in [1, 3] {
        let options = cpu(Precision::F32).threads(threads).rows_per_thread(64);
        let mut simulation = compiled(&sheet(), &options);
        simulation.run(30.0).unwrap_or_else(|e| panic!("{e}"));
        let snapshot = simulation.snapshot().unwrap_or_else(|e| panic!("{e}"));
        assert!(!snapshot.spike_history.is_empty() && snapshot.spike_history.is_sorted());
        // the longest delay is 50 steps
        assert!(snapshot.spike_history.iter().all(|(step, _)| (251..=300).contains(step)), "{:?}", snapshot.spike_history);
        simulation.run(20.0).unwrap_or_else(|e| panic!("{e}"));
        let there = bits(&mut simulation);
        simulation.restore(&snapshot).unwrap_or_else(|e| panic!("{e}"));
        assert!(simulation.snapshot().unwrap_or_else(|e| panic!("{e}")) == snapshot);
        simulation.run(20.0).unwrap_or_else(|e| panic!("{e}"));
        assert!(bits(&mut simulation) == there);
        // what is under way matters
        let mut without = snapshot.clone();
        without.spike_history.clear();
        simulation.restore(&without).unwrap_or_else(|e| panic!("{e}"));
        simulation.run(20.0).unwrap_or_else(|e| panic!("{e}"));
        assert!(bits(&mut simulation) != there);
        simulation.reset().unwrap_or_else(|e| panic!("{e}"));
        simulation.run(50.0).unwrap_or_else(|e| panic!("{e}"));
        assert!(bits(&mut simulation) == there);
    }
}

#[test]
fn each_instance_has_synapses_of_its_own() {
    let variants: Vec<Variant> = (0..5)
        .map(|k| {
            let variant = Variant::new().set("a.i_e", format!("{} nA", 1.0 + 0.1 * f64::from(k)));
            if k % 2 == 0 { variant } else { variant.set("a -> b.gain", 0.1 * f64::from(k)).set("b -> b.tau", "5 ms") }
        })
        .collect();
    let ensemble = |variants: &[Variant], threads| {
        let options = cpu(Precision::F32).threads(threads).rows_per_thread(64);
        let mut simulation = sheet().compile_ensemble(variants, &options).unwrap_or_else(|e| panic!("{e}"));
        simulation.run(40.0).unwrap_or_else(|e| panic!("{e}"));
        simulation
    };
    let gain = |simulation: &mut Simulation, k: usize| {
        let used = simulation.synapse_state("a -> b", "used").expect("used");
        let edges = used.len() / simulation.instances();
        used[k * edges..(k + 1) * edges].to_vec()
    };
    for threads in [1, 8] {
        let mut together = ensemble(&variants, threads);
        for (k, variant) in variants.iter().enumerate() {
            let mut alone = ensemble(std::slice::from_ref(variant), 1);
            assert_eq!(gain(&mut together, k), gain(&mut alone, 0), "instance {k}");
            let v = alone.state("b", "v").expect("v");
            assert_eq!(together.state_of(k, "b", "v").expect("v"), v, "instance {k}");
        }
        assert_ne!(gain(&mut together, 0), gain(&mut together, 1));
    }
}

#[test]
fn lockstep_compares_states_of_synapses() {
    let mut simulation = compiled(&sheet(), &cpu(Precision::F32));
    let verification = simulation.verify(300, None).unwrap_or_else(|e| panic!("{e}"));
    assert!(verification.agrees() && verification.spikes > 100, "{verification}");
    let found = |projection: &str, state: &str| {
        verification.worst.iter().find(|d| d.population == projection && d.variable == state).map(|d| d.ratio)
    };
    for projection in ["a -> b", "b -> a", "a -> a", "b -> b"] {
        for state in ["g", "used"] {
            // rounding shows, and stays within what is derived
            assert!(found(projection, state).is_some_and(|ratio| ratio > 0.0 && ratio <= 1.0), "{projection} {state}");
        }
    }
}

/// A synapse with dynamics of its own needs no spikes.
#[test]
fn a_graded_synapse_may_be_slow() {
    let mut net = Network::new("slow");
    net.dt("0.1 ms");
    net.equations(
        "
        neuron held
          param level = 3 mV
          state v = level
          input drive : mV/ms
          dv/dt = drive
          method euler
        synapse slow
          param tau = 10 ms
          state s = 0 mV
          ds/dt = (pre.v - s)/tau
          graded drive += s/(1 ms)*0
          graded drive += 0*post.v/(1 ms)
    ",
    );
    net.population("a", "held", 1);
    net.population("b", "held", 1);
    net.project_by("a", "b", "slow", Connector::OneToOne).named("slow");
    let mut simulation = compiled(&net, &cpu(Precision::F64));
    assert_eq!(simulation.plan().history(), 0);
    simulation.run(10.0).unwrap_or_else(|e| panic!("{e}"));
    let s = simulation.synapse_state("slow", "s").expect("s")[0];
    assert!((s - 3.0 * (1.0 - (-1.0f64).exp())).abs() < 1e-12, "{s}");
    assert!(simulation.synapse_state("slow", "x").unwrap_err().to_string().contains("it has s"));
    assert!(simulation.synapse_state("fast", "s").unwrap_err().to_string().contains("slow"));
}
