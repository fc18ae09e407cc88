//! Graded synapses: what flows in every step, from the states at its start, against plain arithmetic.

use synfire::network::value::uniform;
use synfire::network::{Connector, Network};
use synfire::plan::schedule::{Schedule, Settings};
use synfire::plan::storage::Storage;
use synfire::{Choice, Options, Precision};

/// A cell that leaks to 0.
const RATE: &str = "
    neuron rate
      param tau = 20 ms
      state x = 0
      input drive : kHz
      dx/dt = -x/tau + drive
";

/// Two cells with different time constants, coupled both ways by a conductance: dv_i/dt = -v_i/tau_i + g (v_j - v_i).
#[test]
fn a_pair_follows_its_equations() {
    let mut net = Network::new("pair");
    net.dt("0.1 ms");
    net.equations(
        "
        neuron cell
          param tau = 10 ms
          state v = 0 mV
          input drive : mV/ms
          dv/dt = -v/tau + drive
          method euler
        synapse gap
          param g = 0.05 kHz
          graded drive += g*(pre.v - post.v)
    ",
    );
    net.population("a", "cell", 1).initial("v", "20 mV");
    net.population("b", "cell", 1).parameter("tau", "25 ms").initial("v", "-5 mV");
    net.project_by("a", "b", "gap", Connector::AllToAll);
    net.project_by("b", "a", "gap", Connector::AllToAll).parameter("g", "0.1 kHz");
    for precision in [Precision::F64, Precision::F32] {
        let options = Options::default().engine(Choice::Cpu).precision(precision);
        let mut simulation = net.compile(&options).unwrap_or_else(|e| panic!("{e}"));
        let (mut a, mut b) = (20.0f64, -5.0f64);
        let exact = |v: f64, tau: f64, drive: f64| {
            // a linear equation is advanced exactly or by Euler as the plan says; both follow from its own text
            v + 0.1 * (-v / tau + drive)
        };
        let linear = |v: f64, tau: f64, drive: f64| {
            let decay = (-0.1 / tau).exp();
            v * decay + drive * tau * (1.0 - decay)
        };
        let euler = simulation.plan().groups()[0].rule.method().starts_with("Euler")
            && !simulation.plan().groups()[0].rule.method().contains("exact");
        for _ in 0..500 {
            let (to_b, to_a) = (0.05 * (a - b), 0.1 * (b - a));
            let step = |v, tau, drive| if euler { exact(v, tau, drive) } else { linear(v, tau, drive) };
            (a, b) = (step(a, 10.0, to_a), step(b, 25.0, to_b));
            simulation.run_steps(1).unwrap_or_else(|e| panic!("{e}"));
        }
        // f32: 500 roundings of half a unit in the last place of 20 mV (1e-6 mV each)
        let bound = if precision == Precision::F64 { 1e-12 } else { 5e-4 };
        let (x, y) = (simulation.state("a", "v").expect("v")[0], simulation.state("b", "v").expect("v")[0]);
        assert!((x - a).abs() < bound && (y - b).abs() < bound, "{precision:?}: {x} {a}, {y} {b}");
    }
}

/// Many sources onto many targets, split over threads: the sum of each target does not depend on the split.
#[test]
fn sums_do_not_depend_on_threads() {
    let mut net = Network::new("sheet");
    net.equations(RATE).equations(
        "
        synapse soft
          param w = 0.01 kHz
          graded drive += w*tanh(pre.x - 0.5*post.x)
    ",
    );
    net.population("cells", "rate", 600).initial("x", uniform(-1.0, 1.0));
    net.project_by("cells", "cells", "soft", Connector::probability(0.1))
        .parameter("w", synfire::network::value::normal("0 Hz", "20 Hz"));
    let run = |threads| {
        let options = Options::default().engine(Choice::Cpu).threads(threads).rows_per_thread(64);
        let mut simulation = net.compile(&options).unwrap_or_else(|e| panic!("{e}"));
        simulation.run(20.0).unwrap_or_else(|e| panic!("{e}"));
        simulation.state("cells", "x").expect("x").iter().map(|x| x.to_bits()).collect::<Vec<_>>()
    };
    let one = run(1);
    assert!(one.iter().any(|x| *x != one[0]));
    assert_eq!(run(2), one);
    assert_eq!(run(4), one);
}

/// Time in a graded expression is that of the start of the step.
#[test]
fn time_passes_in_graded_expressions() {
    let mut net = Network::new("clock");
    net.dt("0.5 ms");
    net.equations(
        "
        neuron cell
          state x = 0
          input drive : kHz
          dx/dt = drive
        synapse ramp
          graded drive += t/(1 ms)*(1 kHz)
    ",
    );
    net.population("cell", "cell", 1);
    net.project_by("cell", "cell", "ramp", Connector::OneToOne);
    let options = Options::default().engine(Choice::Cpu).precision(Precision::F64);
    let mut simulation = net.compile(&options).unwrap_or_else(|e| panic!("{e}"));
    simulation.run_steps(10).unwrap_or_else(|e| panic!("{e}"));
    // the sum of t·dt at t = 0, 0.5, ..., 4.5 ms
    let x = simulation.state("cell", "x").expect("x")[0];
    assert!((x - 0.5 * (0..10).map(|k| 0.5 * f64::from(k)).sum::<f64>()).abs() < 1e-12, "{x}");
}

/// Half of all pairs joined and more are kept as a matrix on a GPU, fewer as lists; both are gathered by the target, in the
/// order of the sources: lockstep with the CPU engine, and the same bits under every schedule.
#[test]
fn lists_and_matrices_gather_the_same() {
    let mut stored = Vec::new();
    for (probability, differ) in [(0.3, true), (0.7, false), (0.8, true), (1.0, false), (1.0, true)] {
        let mut net = Network::new("two layers");
        net.equations(RATE).equations(
            "
            synapse soft
              param w = 0.01 kHz
              param shift = 0.5
              graded drive += w*tanh(pre.x - shift*post.x)
        ",
        );
        net.population("below", "rate", 45).initial("x", uniform(-1.0, 1.0));
        net.population("above", "rate", 70).initial("x", uniform(-1.0, 1.0));
        let connector = if probability < 1.0 { Connector::probability(probability) } else { Connector::AllToAll };
        for (source, target) in [("below", "above"), ("above", "below")] {
            let projection = net.project_by(source, target, "soft", connector.clone());
            if differ {
                projection.parameter("w", uniform("-20 Hz", "20 Hz")).parameter("shift", uniform(0.2, 0.8));
            }
        }
        let mut bits = Vec::new();
        for schedule in Schedule::ALL {
            let adapter = std::env::var("SYNFIRE_ADAPTER").unwrap_or_else(|_| "llvmpipe".to_string());
            let settings = Settings::default().schedule(schedule);
            let options = Options::default().engine(Choice::Adapter(adapter)).schedule(settings);
            let mut simulation = net.compile(&options).unwrap_or_else(|e| panic!("{e}"));
            stored.push(simulation.plan().gathered()[0].storage());
            let verified = simulation.verify(20, None).unwrap_or_else(|e| panic!("{e}"));
            assert!(verified.agrees(), "{probability} {differ} {}: {:?}", schedule.name(), verified.worst_of_all());
            let values = simulation.state("above", "x").unwrap_or_else(|e| panic!("{e}"));
            assert!(values.iter().any(|x| *x != values[0]));
            bits.push(values.iter().map(|x| x.to_bits()).collect::<Vec<_>>());
        }
        assert!(bits[0] == bits[1] && bits[1] == bits[2], "{probability} {differ}");
    }
    let (some, all) = (Storage::Dense { complete: false }, Storage::Dense { complete: true });
    assert_eq!(stored, [Storage::Csr, some, some, all, all].map(|s| [s; 3]).concat());
}

/// Pairs that are joined twice have no place in a matrix.
#[test]
fn a_pair_that_is_joined_twice_is_kept_in_a_list() {
    let mut net = Network::new("twice");
    net.population("a", "non_spiking", 2);
    let listed = |pairs: &[(u64, u64)]| {
        let (source, target) = pairs.iter().copied().unzip();
        Connector::List { source, target }
    };
    let storage = |net: &Network| net.plan(&Options::default()).unwrap_or_else(|e| panic!("{e}")).gathered()[0].storage();
    let (mut once, mut twice) = (net.clone(), net);
    once.project_by("a", "a", "graded_synapse", listed(&[(0, 0), (0, 1), (1, 1)]));
    twice.project_by("a", "a", "graded_synapse", listed(&[(0, 0), (0, 1), (0, 1), (1, 1)]));
    assert_eq!(storage(&once), Storage::Dense { complete: false });
    assert_eq!(storage(&twice), Storage::Csr);
}
