//! Synapses that share their parameters are computed once per source, and targets that hear the same sources share a sum: the
//! bits are those that each synapse alone finds.

use synfire::network::value::{Value, choice, uniform};
use synfire::network::{Connector, Network, Variant};
use synfire::plan::reach::Split;
use synfire::{Choice, Options, Precision, Simulation};

fn compiled(net: &Network, precision: Precision, threads: usize) -> Simulation {
    let options = Options::default().engine(Choice::Cpu).precision(precision).threads(threads).rows_per_thread(32);
    net.compile(&options).unwrap_or_else(|e| panic!("{e}"))
}

/// Two populations that drive a third through five projections; `own`: a conductance of its own for every synapse, the same one.
fn net(own: bool) -> Network {
    let mut net = Network::new("shared");
    net.dt("0.1 ms").seed(5);
    for (name, size) in [("a", 60), ("b", 23), ("c", 75)] {
        let cells = net.population(name, "spiking_adaptive", size).parameter("i_e", uniform("2 nA", "9 nA"));
        cells
            .parameter("m", -0.2)
            .parameter("theta_inc", "1 mV")
            .parameter("v_reset", "-3 mV")
            .initial("v", uniform("0 mV", "1 mV"));
    }
    // numbers of synapses are rounded to single precision; this is one that stays
    let g = |nano_siemens: u32| {
        let text = format!("{nano_siemens} nS");
        if own { Value::from(choice([text.as_str()], [1.0])) } else { Value::from(text) }
    };
    net.project_by("b", "c", "graded_synapse", Connector::indegree(3)).parameter("g_max", g(8)).named("some");
    net.project_by("a", "c", "graded_synapse", Connector::AllToAll).parameter("g_max", g(3)).named("all");
    let spiking = |net: &mut Network, source: &str, connector: Connector, most: u32, delay: Value, name: &str| {
        // a default cannot follow a value that is drawn
        let synapse = net.project_by(source, "c", "spiking_synapse", connector);
        synapse.parameter("g_max", g(most)).parameter("increment", g(most)).delay(delay).named(name);
    };
    spiking(&mut net, "a", Connector::AllToAll, 2, "0.1 ms".into(), "spikes");
    spiking(&mut net, "c", Connector::probability(0.3), 5, "1.1 ms".into(), "own");
    spiking(&mut net, "b", Connector::probability(0.5), 7, uniform("0.1 ms", "2 ms").into(), "late");
    net
}

fn run(simulation: &mut Simulation, ms: f64) -> Vec<u64> {
    simulation.run(ms).unwrap_or_else(|e| panic!("{e}"));
    let snapshot = simulation.snapshot().unwrap_or_else(|e| panic!("{e}"));
    let numbers = snapshot.states.iter().chain(&snapshot.edge_states).flatten().flatten();
    numbers.map(|x| x.to_bits()).chain([simulation.spike_count()]).collect()
}

#[test]
fn what_is_shared_is_what_each_synapse_finds() {
    for precision in [Precision::F32, Precision::F64] {
        let mut own = compiled(&net(true), precision, 1);
        let expected = run(&mut own, 60.0);
        assert!(own.spike_count() > 2000, "{}", own.spike_count());
        for threads in [1, 3] {
            let mut shared = compiled(&net(false), precision, threads);
            assert!(run(&mut shared, 60.0) == expected, "{precision:?}, {threads} threads");
        }
    }
}

#[test]
fn a_snapshot_may_tell_synapses_of_a_source_apart() {
    for threads in [1, 3] {
        let (mut own, mut shared) = (compiled(&net(true), Precision::F32, threads), compiled(&net(false), Precision::F32, threads));
        run(&mut own, 10.0);
        let same = run(&mut shared, 10.0);
        let mut snapshot = shared.snapshot().unwrap_or_else(|e| panic!("{e}"));
        let open = snapshot.edge_states[0][0].iter().position(|g| *g > 0.0).expect("a synapse is open");
        snapshot.edge_states[0][0][open] /= 2.0;
        for simulation in [&mut own, &mut shared] {
            simulation.restore(&snapshot).unwrap_or_else(|e| panic!("{e}"));
            // but for the name of the network that it was taken of
            let mut taken = simulation.snapshot().unwrap_or_else(|e| panic!("{e}"));
            taken.outside.origin.clone_from(&snapshot.outside.origin);
            assert!(taken == snapshot);
        }
        let expected = run(&mut own, 1.0);
        assert!(run(&mut shared, 1.0) == expected, "{threads} threads");
        assert!(run(&mut shared, 20.0) == run(&mut own, 20.0), "{threads} threads, later");
        // without the change it is as before, and goes on otherwise; spikes are counted anew
        shared.reset().unwrap_or_else(|e| panic!("{e}"));
        assert!(run(&mut shared, 10.0)[..same.len() - 1] == same[..same.len() - 1]);
        assert!(run(&mut shared, 1.0)[..same.len() - 1] != expected[..same.len() - 1]);
    }
}

#[test]
fn each_instance_shares_its_own() {
    let other = Variant::new().set("spikes.g_max", "9 nS").set("spikes.increment", "9 nS").set("all.g_max", "1 nS");
    let variants = [Variant::new(), other];
    let options = Options::default().engine(Choice::Cpu).threads(1);
    let mut both = net(false).compile_ensemble(&variants, &options).unwrap_or_else(|e| panic!("{e}"));
    both.run(20.0).unwrap_or_else(|e| panic!("{e}"));
    for (instance, variant) in variants.iter().enumerate() {
        let one = net(false).compile_ensemble(std::slice::from_ref(variant), &options);
        let mut one = one.unwrap_or_else(|e| panic!("{e}"));
        one.run(20.0).unwrap_or_else(|e| panic!("{e}"));
        let (found, expected) = (both.state_of(instance, "c", "v"), one.state("c", "v"));
        assert_eq!(found.unwrap_or_else(|e| panic!("{e}")), expected.unwrap_or_else(|e| panic!("{e}")));
    }
    assert!(both.spike_counts()[0] != both.spike_counts()[1]);
}

/// Neurons of five kinds, each synapse's weight by those of its two ends; `own`: a weight of its own for every synapse, the same.
fn by_kind(own: bool) -> Network {
    let mut net = Network::new("by kind");
    net.dt("0.1 ms").seed(9).equations(
        "
        neuron rate
          param tau = 20 ms, kind = 0
          state x = 0
          input drive : kHz
          dx/dt = -x/tau + drive
        synapse by_kind
          param w = 0.01 kHz
          graded drive += (w if pre.kind == post.kind else -0.25*w)*(1 + post.kind)*tanh(pre.x)
    ",
    );
    let kinds: Vec<f64> = (0..90).map(|k| f64::from(k * 7 % 5)).collect();
    net.population("a", "rate", 90).parameter("kind", kinds).initial("x", uniform(-1.0, 1.0));
    net.population("b", "rate", 40).parameter("kind", 3.0).initial("x", uniform(-1.0, 1.0));
    for (source, target) in [("a", "a"), ("b", "a"), ("a", "b")] {
        let projection = net.project_by(source, target, "by_kind", Connector::AllToAll);
        projection.parameter("w", if own { Value::from(choice(["0.0078125 kHz"], [1.0])) } else { "0.0078125 kHz".into() });
    }
    net
}

#[test]
fn targets_of_a_class_share_a_sum() {
    for precision in [Precision::F32, Precision::F64] {
        for threads in [1, 3] {
            let (mut own, mut shared) =
                (compiled(&by_kind(true), precision, threads), compiled(&by_kind(false), precision, threads));
            assert!(run(&mut own, 10.0) == run(&mut shared, 10.0), "{precision:?}, {threads} threads");
            // other classes from now on
            for simulation in [&mut own, &mut shared] {
                simulation.set("a[4].kind", 17.0).unwrap_or_else(|e| panic!("{e}"));
            }
            assert!(run(&mut own, 10.0) == run(&mut shared, 10.0), "{precision:?}, {threads} threads, later");
        }
    }
    let variants = [Variant::new(), Variant::new().set("b.kind", 2.0), Variant::new().set("a.kind", 1.0)];
    let options = Options::default().engine(Choice::Cpu).threads(1);
    let ensemble = |own: bool| {
        let mut all = by_kind(own).compile_ensemble(&variants, &options).unwrap_or_else(|e| panic!("{e}"));
        all.run(10.0).unwrap_or_else(|e| panic!("{e}"));
        (0..3).flat_map(|k| all.state_of(k, "a", "x").unwrap_or_else(|e| panic!("{e}"))).map(f64::to_bits).collect::<Vec<_>>()
    };
    assert!(ensemble(true) == ensemble(false));
}

/// What transmitter and its receptors do depends on the source alone: all synapses of a source share it where they share their
/// parameters and their delay, as NMDA receptors that saturate must.
#[test]
fn receptors_of_a_source_share_their_states() {
    for (model, states) in [("nmda", 2), ("ampa", 1), ("ampa_kinetic", 2), ("gaba_b", 3), ("gaba_b_desensitising", 4)] {
        for drawn in [false, true] {
            let mut net = Network::new("receptors");
            net.population("a", "lif_psc_delta", 20);
            net.population("b", "lif_psc_delta", 30);
            let receptors = net.project_by("a", "b", model, Connector::probability(0.5));
            receptors.delay(if drawn { Value::from(uniform("0.5 ms", "2 ms")) } else { "1 ms".into() });
            let simulation = compiled(&net, Precision::F64, 1);
            let plan = simulation.plan();
            let bundle = &plan.bundles()[0];
            let rule = &plan.gathered()[0].rule;
            let leaf = |node| bundle.leaf(plan, node);
            let split = Split::new(rule.graph(), rule.next(), rule.graded(), &vec![true; states], &leaf);
            assert_eq!(split.folded, vec![!drawn; states], "{model}");
        }
    }
}
