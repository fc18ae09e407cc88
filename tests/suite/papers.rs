//! Networks out of papers as files: the figures that their simulations gave elsewhere.

use synfire::network::value::normal;
use synfire::network::{Connector, Network};
use synfire::recording::Recording;
use synfire::{Choice, Options, Precision};

fn example(name: &str) -> Network {
    Network::load(super::examples().join(name)).unwrap_or_else(|report| panic!("{report}"))
}

fn run(net: &Network, ms: f64) -> Recording {
    let options = Options::default().engine(Choice::Cpu).precision(Precision::F64);
    let mut simulation = net.compile(&options).unwrap_or_else(|error| panic!("{error}"));
    simulation.run(ms).unwrap_or_else(|error| panic!("{error}"));
    simulation.take_recording()
}

/// Steps and neurons of all spikes of a population, in order.
fn spikes(recording: &Recording, population: &str) -> Vec<(u64, u32)> {
    let train = recording.spikes.iter().find(|train| train.population == population).expect("it is recorded");
    train.step.iter().copied().zip(train.neuron.iter().copied()).collect()
}

/// Diesmann, Gewaltig and Aertsen (1999): each of 1,000 cells spikes once, and the packet gets sharp.
#[test]
fn a_packet_travels_along_the_synfire_chain() {
    let net = example("synfire_chain.toml");
    assert_eq!((net.populations.len(), net.projections.len()), (11, 10));
    let recording = run(&net, 130.0);
    let mut before: Option<(f64, f64)> = None;
    for k in 1..=10 {
        let found = spikes(&recording, &format!("group{k}"));
        let mut cells: Vec<u32> = found.iter().map(|(_, cell)| *cell).collect();
        cells.sort_unstable();
        assert_eq!(cells, (0..100).collect::<Vec<_>>(), "group {k}: each cell once");
        let times: Vec<f64> = found.iter().map(|(step, _)| *step as f64 * 0.1).collect();
        let mean = times.iter().sum::<f64>() / 100.0;
        let sd = (times.iter().map(|t| (t - mean) * (t - mean)).sum::<f64>() / 100.0).sqrt();
        if let Some((last, wide)) = before {
            // the delay, and the time that the alpha current takes
            assert!((5.0..6.5).contains(&(mean - last)), "group {k}: {}", mean - last);
            assert!(sd < wide + 0.05, "group {k}: {sd} after {wide}");
        } else {
            assert!(sd < 1.0, "sharper than what came in");
        }
        before = Some((mean, sd));
    }
    assert!(before.is_some_and(|(_, sd)| sd < 0.2), "{before:?}");
}

/// Each of its 1,000 spikes is NEST's, in step and cell, from the same packet (group 0 of the table), in f64 and in f32.
#[test]
fn spikes_of_the_synfire_chain_are_those_of_nest() {
    let text = std::fs::read_to_string(super::root().join("tests/reference/papers/synfire_chain.csv")).expect("a table");
    let lines: Vec<Vec<u64>> =
        text.lines().skip(1).map(|line| line.split(',').map(|x| x.parse().expect("a number")).collect()).collect();
    let of = |group: u64| -> Vec<(u64, u32)> {
        let mut found: Vec<(u64, u32)> = lines.iter().filter(|row| row[0] == group).map(|row| (row[1], row[2] as u32)).collect();
        found.sort_unstable();
        found
    };
    let mut net = example("synfire_chain.toml");
    net.probe("packet", "spikes");
    for precision in [Precision::F64, Precision::F32] {
        let options = Options::default().engine(Choice::Cpu).precision(precision);
        let mut simulation = net.compile(&options).unwrap_or_else(|error| panic!("{error}"));
        simulation.run(130.0).unwrap_or_else(|error| panic!("{error}"));
        let recording = simulation.take_recording();
        for group in 0..=10 {
            let name = if group == 0 { "packet".to_string() } else { format!("group{group}") };
            let mut ours = spikes(&recording, &name);
            ours.sort_unstable();
            assert_eq!(ours.len(), 100);
            assert_eq!(ours, of(group), "{name}, {precision:?}");
        }
    }
}

/// The same by loops in Rust: the file says nothing else, and the seed draws the same packet.
#[test]
fn the_chain_written_in_rust_is_the_same_network() {
    let mut net = Network::new("synfire_chain");
    net.dt("0.1 ms").seed(1).constant("w", "45.6 pA");
    net.population("packet", "spike_times", 100).spikes_once(normal("50 ms", "1 ms"));
    for k in 1..11 {
        let group = net.population(format!("group{k}"), "lif_psc_alpha", 100);
        let parameters = [
            ("c_m", "250 pF"),
            ("tau_m", "10 ms"),
            ("e_leak", "-70 mV"),
            ("v_reset", "-70 mV"),
            ("v_th", "-55 mV"),
            ("t_ref", "1 ms"),
            ("tau_exc", "0.325 ms"),
            ("i_e", "215 pA"),
        ];
        for (name, value) in parameters {
            group.parameter(name, value);
        }
        group.initial("v", synfire::network::value::linspace("-63.4 mV", "-59.4 mV"));
    }
    net.project("packet", "group1", "i_exc", Connector::AllToAll).weight("w").delay("5 ms");
    for k in 1..10 {
        net.project(format!("group{k}"), format!("group{}", k + 1), "i_exc", Connector::AllToAll).weight("w").delay("5 ms");
    }
    for k in 1..11 {
        net.probe(format!("group{k}"), "spikes");
    }
    let file = example("synfire_chain.toml");
    net.description = file.description.clone();
    net.duration = file.duration.clone();
    assert_eq!(net, file);
}

/// Wang (2002): 28 projections in short, each with its weight.
#[test]
fn a_decision_has_the_projections_of_the_paper() {
    let net = example("decision.toml");
    assert_eq!((net.populations.len(), net.projections.len()), (4, 28));
    let sizes: Vec<Option<u64>> = net.populations.iter().map(|p| p.size).collect();
    assert_eq!(sizes, [Some(240), Some(240), Some(1120), Some(400)]);
    let plan = net.plan(&Options::default()).unwrap_or_else(|error| panic!("{error}"));
    let weights = |source: &str, target: &str| -> Vec<f64> {
        let name = format!("{source} -> {target}");
        plan.routes().iter().filter(|route| route.name == name).map(|route| route.weight.get(0)).collect()
    };
    let minus = 1.0 - 0.15 * 0.7 / 0.85;
    let near =
        |found: Vec<f64>, expected: f64| assert!(found.len() == 1 && (found[0] - expected).abs() < 1e-6, "{found:?}, {expected}");
    near(weights("pool1", "pool1"), 1.7 * 0.05);
    near(weights("pool2", "pool1"), minus * 0.05);
    near(weights("rest", "pool2"), minus * 0.05);
    near(weights("pool2", "rest"), 0.05);
    near(weights("rest", "inh"), 0.04);
    near(weights("inh", "pool1"), 1.3);
    near(weights("inh", "inh"), 1.0);
}

/// The pool with more input wins, fires as in another simulation of 12 seeds (winner 17.4 with a standard deviation of 2.0, loser 4.1,
/// inhibitory 12.65 spikes/s; of a C program 17.9 and 1.8, 4.5, 12.65), and holds its rate when the evidence has gone.
#[test]
fn a_decision_is_made_at_the_published_rates() {
    let mut sums = [0.0; 3];
    let seeds = [1, 2, 3];
    for seed in seeds {
        let mut net = example("decision.toml");
        net.seed(seed);
        let options = Options::default().engine(Choice::Cpu).threads(1);
        let mut simulation = net.compile(&options).unwrap_or_else(|error| panic!("{error}"));
        simulation.run(2000.0).unwrap_or_else(|error| panic!("{error}"));
        let recording = simulation.take_recording();
        // of the last second, in spikes/s
        let rate = |population: &str, cells: f64| {
            let late = spikes(&recording, population).iter().filter(|(step, _)| *step > 10_000).count();
            late as f64 / cells
        };
        let (a, b) = (rate("pool1", 240.0), rate("pool2", 240.0));
        assert!(a.max(b) > 2.0 * a.min(b), "seed {seed}: {a} and {b} spikes/s, no decision");
        for (sum, rate) in sums.iter_mut().zip([a.max(b), a.min(b), rate("inh", 400.0)]) {
            *sum += rate / seeds.len() as f64;
        }
    }
    let [winner, loser, inhibitory] = sums;
    // three standard deviations of a difference of means of 3 and of 12 seeds
    let bound = |sd: f64| 3.0 * sd * (1.0f64 / 3.0 + 1.0 / 12.0).sqrt();
    assert!((winner - 17.4).abs() < bound(2.0), "winner: {winner} spikes/s");
    assert!((loser - 4.1).abs() < bound(1.5), "loser: {loser} spikes/s");
    assert!((inhibitory - 12.65).abs() < bound(0.5), "inhibitory: {inhibitory} spikes/s");
}

/// Brette et al. (2007), benchmark 3: the file in short is, to the bit, the four projections of the paper.
#[test]
fn the_third_benchmark_is_the_one_of_the_paper() {
    let net = example("hh_4000.toml");
    let ends: Vec<(&str, &str, Option<&str>)> =
        net.projections.iter().map(|p| (p.source.as_str(), p.target.as_str(), p.port.as_deref())).collect();
    let expected = [("exc", "exc", "g_exc"), ("exc", "inh", "g_exc"), ("inh", "exc", "g_inh"), ("inh", "inh", "g_inh")]
        .map(|(s, t, p)| (s, t, Some(p)));
    assert_eq!(ends, expected);
    let recording = run(&net, 100.0);
    let rate = spikes(&recording, "exc").len() as f64 / 3200.0 / 0.1;
    println!("{rate}");
    assert!((5.0..80.0).contains(&rate), "{rate}");
}
