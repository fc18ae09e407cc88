//! Cells of NEST and PyNN: ready models spike where NEST's do, and cells with receptors of several shapes are a text.

use synfire::analysis;
use synfire::network::{Connector, Network};
use synfire::recording::{Recording, SpikeTrain};
use synfire::{Choice, Options, Precision};

/// Lines of a table of `tests/reference/nest`, without the header.
fn table(name: &str) -> Vec<Vec<f64>> {
    let text = std::fs::read_to_string(super::root().join("tests/reference/nest").join(name)).expect("a table");
    text.lines().skip(1).map(|line| line.split(',').map(|x| x.parse().expect("a number")).collect()).collect()
}

fn engines() -> [Options; 3] {
    let cpu = |precision| Options::default().engine(Choice::Cpu).precision(precision);
    [cpu(Precision::F64), cpu(Precision::F32), Options::default().engine(Choice::Adapter("llvmpipe".into()))]
}

fn run(net: &Network, options: &Options, ms: f64) -> Recording {
    let mut simulation = net.compile(options).unwrap_or_else(|error| panic!("{error}"));
    simulation.run(ms).unwrap_or_else(|error| panic!("{error}"));
    simulation.take_recording()
}

fn train<'a>(recording: &'a Recording, population: &str) -> &'a SpikeTrain {
    recording.spikes.iter().find(|train| train.population == population).expect("it is recorded")
}

/// The example has all levels of one cell: 228 spikes, each in NEST's step.
#[test]
fn glif_cells_spike_as_those_of_nest() {
    let mut net = Network::load(super::examples().join("glif.toml")).unwrap_or_else(|report| panic!("{report}"));
    net.probes.retain(|probe| probe.record == "spikes");
    let expected = table("glif.csv");
    for options in engines() {
        let recording = run(&net, &options, 2000.0);
        for level in 1..=5 {
            let theirs: Vec<u64> = expected.iter().filter(|row| row[0] == f64::from(level)).map(|row| row[1] as u64).collect();
            assert!(theirs.len() > 30);
            assert_eq!(train(&recording, &format!("level{level}")).step, theirs, "level {level}");
        }
    }
}

/// IF_cond_exp_gsfa_grr of PyNN is iaf_cond_exp_sfa_rr of NEST, whose defaults ours are.
#[test]
fn potassium_that_spikes_open_makes_nests_spikes() {
    let steps = |a: u64, m: u64, below: u64| (100..19800u64).filter(move |n| (n * n + a * n) % m < below);
    let times = |steps: &mut dyn Iterator<Item = u64>| steps.map(|n| n as f64 * 0.1).collect::<Vec<_>>();
    let mut net = Network::new("sfa_rr");
    net.population("sources", "spike_times", 2).spike_times(vec![times(&mut steps(7, 389, 68)), times(&mut steps(11, 401, 16))]);
    net.population("cell", "lif_cond_exp_sfa_rr", 1).method("rk4");
    for (source, port, weight) in [(0, "g_exc", "12 nS"), (1, "g_inh", "8 nS")] {
        let pair = Connector::List { source: vec![source], target: vec![0] };
        net.project("sources", "cell", port, pair).weight(weight).delay("1 ms").named(port);
    }
    net.probe("cell", "spikes");
    let theirs: Vec<u64> = table("sfa_rr.csv").iter().map(|row| row[0] as u64).collect();
    assert_eq!(theirs.len(), 106);
    for options in engines() {
        assert_eq!(train(&run(&net, &options, 2000.0), "cell").step, theirs);
    }
}

/// Intervals of cells that spike at random, without and with what spikes leave, beside five seeds of NEST with as many cells.
#[test]
fn random_thresholds_give_nests_intervals() {
    let seeds = table("gif.csv");
    let with: [&[(&str, &str)]; 2] = [
        &[("i_e", "130 pA")],
        &[
            ("i_e", "200 pA"),
            ("a_1", "20 pA"),
            ("a_2", "-5 pA"),
            ("a_3", "6 pA"),
            ("b_1", "4 mV"),
            ("b_2", "2 mV"),
            ("b_3", "1 mV"),
        ],
    ];
    for (case, own) in (0..).zip(with) {
        let mut net = Network::new("gif");
        net.seed(1);
        let cells = net.population("cells", "gif_cond_exp", 2000);
        cells.parameter("v_t", "-40 mV").parameter("delta_v", "2 mV").parameter("lambda_0", "10 Hz");
        for (name, value) in own {
            cells.parameter(*name, *value);
        }
        net.probe("cells", "spikes");
        let recording = run(&net, &engines()[1], 1000.0);
        let spikes = train(&recording, "cells");
        let mut pairs: Vec<(u32, u64)> = spikes.neuron.iter().copied().zip(spikes.step.iter().copied()).collect();
        pairs.sort_unstable();
        let mut gaps: Vec<f64> =
            pairs.windows(2).filter(|w| w[0].0 == w[1].0).map(|w| (w[1].1 - w[0].1) as f64 * recording.dt).collect();
        gaps.sort_by(f64::total_cmp);
        let mean = analysis::mean(&gaps);
        let sd = (gaps.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / gaps.len() as f64).sqrt();
        let part = |p: f64| gaps[(p * (gaps.len() - 1) as f64).round() as usize];
        let ours = [spikes.step.len() as f64 / 2000.0, mean, sd / mean, part(0.1), part(0.5), part(0.9)];
        for (k, found) in ours.into_iter().enumerate() {
            let theirs: Vec<f64> = seeds.iter().filter(|row| row[0] == f64::from(case)).map(|row| row[k + 2]).collect();
            let middle = analysis::mean(&theirs);
            // five standard deviations of these seeds, which lie within 0.2 % (rates, means) and 0.5 % (the others) of their mean
            let most = middle * if k < 2 { 0.01 } else { 0.025 };
            println!("case {case}, {k}: {found:.4} beside {theirs:?}");
            assert!((found - middle).abs() < most, "case {case}, {k}: {found} beside {theirs:?}");
        }
    }
}

/// As the page on one's own models has it.
const RECEPTORS: &str = "
    neuron three_receptors
      param c_m = 200 pF, g_leak = 10 nS, e_leak = -70 mV, v_th = -50 mV, t_ref = 2 ms
      param tau_ampa = 2 ms, tau_slow = 10 ms, rise_gaba = 0.5 ms, tau_gaba = 5 ms
      state v = e_leak, g_ampa = 0 nS, g_slow = 0 nS, x_slow = 0 nS/ms, g_gaba = 0 nS, x_gaba = 0 nS/ms
      input ampa -> g_ampa
      input slow -> x_slow*exp(1)/tau_slow
      input gaba -> x_gaba*exp(1/exprel(-log(tau_gaba/rise_gaba)))/tau_gaba
      dv/dt      = (g_leak*(e_leak - v) + (g_ampa + g_slow)*(0 mV - v) + g_gaba*(-80 mV - v))/c_m (unless refractory)
      dg_ampa/dt = -g_ampa/tau_ampa
      dg_slow/dt = x_slow - g_slow/tau_slow
      dx_slow/dt = -x_slow/tau_slow
      dg_gaba/dt = x_gaba - g_gaba/tau_gaba
      dx_gaba/dt = -x_gaba/rise_gaba
      threshold v >= v_th
      reset v = e_leak
      refractory t_ref
";

/// PointNeuron(LIF, CondExp, CondAlpha, CondBeta): three receptors of three shapes in one text, each as its closed form.
#[test]
fn receptors_of_three_shapes_are_a_text() {
    let mut net = Network::new("receptors");
    net.equations(RECEPTORS);
    net.population("source", "spike_times", 1).spike_times(vec![vec![1.0]]);
    net.population("cell", "three_receptors", 1);
    for (port, weight) in [("ampa", "2 nS"), ("slow", "3 nS"), ("gaba", "4 nS")] {
        net.project("source", "cell", port, Connector::AllToAll).weight(weight).delay("1 ms").named(port);
        net.probe("cell", format!("g_{port}"));
    }
    let alpha = |t: f64, tau: f64| t / tau * (1.0 - t / tau).exp();
    let (rise, fall) = (0.5f64, 5.0f64);
    let peak = (rise * fall / (fall - rise)) * (fall / rise).ln();
    let beta = |t: f64| ((-t / fall).exp() - (-t / rise).exp()) / ((-peak / fall).exp() - (-peak / rise).exp());
    for options in engines() {
        let recording = run(&net, &options, 30.0);
        for (step, k) in (1..).zip(0..300usize) {
            // the spike of step 10 arrives at the end of step 20
            let t = f64::from(step) * 0.1 - 2.0;
            let expected = if t < -1e-9 { [0.0; 3] } else { [2.0 * (-t / 2.0).exp(), 3.0 * alpha(t, 10.0), 4.0 * beta(t)] };
            for (trace, expected) in recording.traces.iter().zip(expected) {
                let found = trace.values[k];
                assert!((found - expected).abs() < 2e-5 * 4.0, "{} at {t} ms: {found}, {expected}", trace.variable);
            }
        }
    }
}
