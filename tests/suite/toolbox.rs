//! What is broken or silently wrong in SNS-Toolbox 1.5 works here: each with plain arithmetic, or with the same network said in
//! another way.

use synfire::model::library::{Channel, Gate, gated};
use synfire::network::preset::{Cells, Differentiator, SpikingTransmission, Subtraction};
use synfire::network::{Border, Connector, Network, value};
use synfire::plan::schedule::{Schedule, Settings};
use synfire::{Choice, Options, Precision, Simulation};

fn exact() -> Options {
    Options::default().engine(Choice::Cpu).precision(Precision::F64).threads(1)
}

fn compiled(net: &Network) -> Simulation {
    net.compile(&exact()).unwrap_or_else(|e| panic!("{e}"))
}

/// Every engine whose arithmetic is single precision.
fn engines() -> Vec<Options> {
    let adapter = std::env::var("SYNFIRE_ADAPTER").unwrap_or_else(|_| "llvmpipe".to_string());
    let gpu = Schedule::ALL.map(|schedule| {
        let schedule = Settings::default().schedule(schedule);
        Options::default().engine(Choice::Adapter(adapter.clone())).schedule(schedule)
    });
    let cpu = exact().precision(Precision::F32);
    std::iter::once(cpu).chain(gpu).collect()
}

fn potentials(simulation: &mut Simulation, population: &str) -> Vec<f64> {
    simulation.state(population, "v").unwrap_or_else(|e| panic!("{e}"))
}

/// A spiking synapse of a test: source, target, g_max, e_rev, tau (uS, mV, ms), delay in steps.
type Synapse = (usize, usize, f64, f64, f64, usize);

const DT: f64 = 0.125;

/// Potentials of leaky cells (5 nF, 1 uS, rest 0) after some steps, by plain loops.
fn by_hand(synapses: &[Synapse], spikes: &[Vec<usize>], cells: usize, steps: usize) -> Vec<f64> {
    let (mut v, mut g) = (vec![0.0; cells], vec![0.0; synapses.len()]);
    for n in 0..steps {
        let old = v.clone();
        let mut current = vec![0.0; cells];
        for (g, (source, target, g_max, e_rev, tau, delay)) in g.iter_mut().zip(synapses) {
            if n >= *delay && spikes[*source].contains(&(n - delay)) {
                *g += f64::min(*g_max, g_max - *g);
            }
            *g *= 1.0 - DT / tau;
            current[*target] += *g * (e_rev - old[*target]);
        }
        for ((v, old), current) in v.iter_mut().zip(&old).zip(&current) {
            *v = old + DT * (current - old) / 5.0;
        }
    }
    v
}

/// Cells whose spikes are given, in steps, and cells that rest at 0.
fn spiking(spikes: &[Vec<usize>], shape: &[u64]) -> Network {
    let mut net = Network::new("spikes");
    net.dt(format!("{DT} ms"));
    let times = spikes.iter().map(|s| s.iter().map(|n| (*n as f64 + 1.0) * DT).collect()).collect();
    net.population("from", "spike_times", spikes.len() as u64).spike_times(times);
    net.population("to", "non_spiking", 1).shape(shape.to_vec());
    net
}

fn close(found: &[f64], expected: &[f64]) {
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-10 * b.abs().max(1.0);
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(near), "{found:?} {expected:?}");
    assert!(expected.iter().any(|x| *x != 0.0));
}

/// Matrices of spiking synapses, with delays of their own: a KeyError there. All numbers are exact in single precision.
#[test]
fn a_matrix_of_spiking_synapses() {
    let spikes = vec![vec![3, 4, 20], vec![9], vec![2, 30]];
    let synapses: &[Synapse] = &[
        (0, 0, 0.5, 194.0, 1.0, 1),
        (0, 1, 0.25, -60.0, 2.0, 4),
        (1, 1, 1.0, 194.0, 0.5, 2),
        (2, 0, 2.0, -40.0, 4.0, 7),
        (2, 1, 0.125, 100.0, 1.0, 1),
    ];
    let mut net = spiking(&spikes, &[2]);
    // rows by target: `[[of 0 from 0, 1, 2], [of 1 from 0, 1, 2]]`
    let rows = |of: &dyn Fn(&Synapse) -> f64| {
        let at = |t: usize, s: usize| synapses.iter().find(|x| (x.0, x.1) == (s, t)).map_or(0.0, of);
        (0..2).map(|t| (0..3).map(|s| at(t, s)).collect()).collect::<Vec<Vec<f64>>>()
    };
    let delays: Vec<String> = synapses.iter().map(|x| format!("{} ms", x.5 as f64 * DT)).collect();
    net.project_by("from", "to", "spiking_synapse", Connector::matrix(rows(&|x| x.2)))
        .parameter("g_max", value::of_connector("uS"))
        .parameter("e_rev", value::matrix(rows(&|x| x.3), "mV"))
        .parameter("tau", value::matrix(rows(&|x| x.4), "ms"))
        .delay(value::matrix(rows(&|x| x.5 as f64 * DT), "ms"));
    let mut simulation = compiled(&net);
    assert_eq!(simulation.plan().edges(), delays.len() as u64);
    for steps in [3, 5, 12, 40] {
        simulation.reset().unwrap_or_else(|e| panic!("{e}"));
        simulation.run_steps(steps).unwrap_or_else(|e| panic!("{e}"));
        let expected = by_hand(synapses, &spikes, 2, steps as usize);
        if steps > 3 {
            close(&potentials(&mut simulation, "to"), &expected);
        }
    }
}

/// Patterns of spiking synapses on a population of one size: two errors there.
#[test]
fn a_pattern_of_spiking_synapses_on_a_row() {
    let spikes = vec![vec![1], vec![5, 6], vec![], vec![2], vec![8, 30]];
    let mut net = spiking(&spikes, &[5]);
    net.project_by("from", "to", "spiking_synapse", Connector::pattern([vec![0.25, 1.0, 0.5]]))
        .parameter("g_max", value::of_connector("uS"))
        .parameter("e_rev", value::matrix([vec![-40.0, 100.0, 194.0]], "mV"))
        .delay(format!("{} ms", 2.0 * DT));
    let mut synapses: Vec<Synapse> = Vec::new();
    for target in 0..5_usize {
        for (k, (g, e)) in [(0.25, -40.0), (1.0, 100.0), (0.5, 194.0)].into_iter().enumerate() {
            if let Some(source) = (target + k).checked_sub(1).filter(|s| *s < 5) {
                synapses.push((source, target, g, e, 1.0, 2));
            }
        }
    }
    let mut simulation = compiled(&net);
    simulation.run_steps(40).unwrap_or_else(|e| panic!("{e}"));
    close(&potentials(&mut simulation, "to"), &by_hand(&synapses, &spikes, 5, 40));
}

/// Kernels on one size, of even sizes, of one element: errors there, or all joined to all. Each is the matrix that is written out.
#[test]
fn kernels_of_every_size_are_the_matrices_that_they_mean() {
    let run = |shape: &[u64], connector: Connector, of: &dyn Fn(&mut Network)| {
        let mut net = Network::new("layers");
        net.population("a", "non_spiking", 1).shape(shape.to_vec());
        net.population("b", "non_spiking", 1).shape(shape.to_vec());
        net.project_by("a", "b", "graded_synapse", connector).parameter("g_max", value::of_connector("uS"));
        net.input("x", "a", "i_stim", "1 nA").per_neuron();
        net.output("y", "b", "v");
        of(&mut net);
        let mut simulation = compiled(&net);
        let count = shape.iter().product::<u64>() as usize;
        let light: Vec<f64> = (0..count).map(|k| 3.0 + 2.0 * k as f64).collect();
        let seen = simulation.run_inputs(&light.repeat(200)).unwrap_or_else(|e| panic!("{e}"));
        assert!(seen.iter().any(|v| *v > 1.0));
        seen[199 * count..].to_vec()
    };
    // kernel, anchor (which element stands over the target), shape
    type Case = (&'static [&'static [f64]], [u64; 2], &'static [u64]);
    let cases: [Case; 6] = [
        (&[&[0.25, 1.0, 0.5]], [0, 1], &[6]),
        (&[&[0.25, 0.5]], [0, 0], &[6]),
        (&[&[0.5]], [0, 0], &[6]),
        (&[&[0.25, 0.5], &[1.0, 0.125]], [0, 0], &[3, 4]),
        (&[&[0.25, 0.5, 0.125, 1.0]], [0, 1], &[2, 5]),
        (&[&[0.75]], [0, 0], &[3, 2]),
    ];
    for (kernel, [above, left], shape) in cases {
        let [height, width] = if let [width] = shape { [1, *width as i64] } else { [shape[0] as i64, shape[1] as i64] };
        let count = (height * width) as usize;
        let mut rows = vec![vec![0.0; count]; count];
        for (target, row) in rows.iter_mut().enumerate() {
            let (r, c) = (target as i64 / width, target as i64 % width);
            for (a, line) in (0i64..).zip(kernel) {
                for (b, g) in (0i64..).zip(*line) {
                    let (sr, sc) = (r + a - above as i64, c + b - left as i64);
                    if (0..height).contains(&sr) && (0..width).contains(&sc) {
                        row[(sr * width + sc) as usize] = *g;
                    }
                }
            }
        }
        let kernel: Vec<Vec<f64>> = kernel.iter().map(|line| line.to_vec()).collect();
        let pattern = run(shape, Connector::pattern(kernel.clone()).border(Border::Drop), &|_| ());
        assert_eq!(pattern, run(shape, Connector::matrix(rows), &|_| ()), "{kernel:?} on {shape:?}");
    }
}

/// Neurons with one, two and three channels in one network: counted twice there, or an error.
#[test]
fn cells_with_different_numbers_of_channels_stand_in_one_network() {
    let channel = || Channel { gates: vec![Gate::instantaneous(1.0), Gate::dynamic(2.0), Gate::constant(1.0)], rectified: false };
    let add = |net: &mut Network, count: usize| {
        let name = format!("cell{count}");
        net.equations(&gated(&name, &vec![channel(); count]));
        let cell = net.population(&name, &name, 1).parameter("i_e", "5 nA");
        for c in 1..=count {
            cell.parameter(format!("g_{c}"), format!("0.{c} uS")).parameter(format!("e_{c}"), "110 mV");
            for gate in ["a", "b", "c"] {
                let slope = if gate == "b" { "-0.05 1/mV" } else { "0.05 1/mV" };
                cell.parameter(format!("k_{c}{gate}"), 1.0).parameter(format!("s_{c}{gate}"), slope);
                cell.parameter(format!("e_{c}{gate}"), "15 mV");
            }
            cell.parameter(format!("tau_{c}b"), "30 ms").parameter(format!("tau_{c}c"), "10 ms");
        }
    };
    let end = |counts: &[usize]| {
        let mut net = Network::new("channels");
        counts.iter().for_each(|count| add(&mut net, *count));
        let mut simulation = compiled(&net);
        simulation.run(20.0).unwrap_or_else(|e| panic!("{e}"));
        counts.iter().map(|count| potentials(&mut simulation, &format!("cell{count}"))[0]).collect::<Vec<f64>>()
    };
    let together = end(&[1, 2, 3]);
    assert_eq!(together, [end(&[1]), end(&[2]), end(&[3])].concat());
    assert!(together[0] > 5.1 && together[1] > together[0] + 0.1 && together[2] > together[1] + 0.1, "{together:?}");
}

/// A gate with a constant time constant follows its steady state as an exponential does.
#[test]
fn a_gate_may_have_a_constant_time_constant() {
    let mut net = Network::new("gate");
    net.equations(&gated("cell", &[Channel { gates: vec![Gate::constant(1.0)], rectified: false }]));
    // held at 0 mV by a leak that nothing moves: the channel reverses there
    let cell = net.population("cell", "cell", 1);
    cell.parameter("g_1", "1 uS").parameter("e_1", "0 mV").parameter("k_1a", 1.0).parameter("s_1a", "0.05 1/mV");
    cell.parameter("e_1a", "0 mV").parameter("tau_1a", "10 ms").initial("x_1a", 0.0);
    let mut simulation = compiled(&net);
    simulation.run(7.0).unwrap_or_else(|e| panic!("{e}"));
    let gate = simulation.state("cell", "x_1a").unwrap_or_else(|e| panic!("{e}"))[0];
    let expected = 0.5 * (1.0 - (1.0 - 0.1_f64 / 10.0).powi(70));
    assert!((gate - expected).abs() < 1e-12, "{gate} {expected}");
}

/// Connections on one pair: the later replaces the earlier there, and graded and spiking synapses share a reversal potential.
#[test]
fn connections_on_one_pair_add_up() {
    let spikes = vec![vec![4, 11]];
    let mut net = spiking(&spikes, &[1]);
    net.population("graded", "non_spiking", 1).parameter("i_e", "100 nA").initial("v", "100 mV");
    // fully active: 100 mV is far above 20
    for (g, e) in [("0.5 uS", "40 mV"), ("0.25 uS", "-80 mV")] {
        net.project_by("graded", "to", "graded_synapse", Connector::AllToAll).parameter("g_max", g).parameter("e_rev", e);
    }
    for (g, e) in [("1 uS", "194 mV"), ("0.5 uS", "-60 mV")] {
        net.project_by("from", "to", "spiking_synapse", Connector::AllToAll)
            .parameter("g_max", g)
            .parameter("e_rev", e)
            .delay("0.125 ms");
    }
    let mut simulation = compiled(&net);
    simulation.run_steps(30).unwrap_or_else(|e| panic!("{e}"));
    let (mut v, mut g) = (0.0, [0.0, 0.0]);
    for n in 0..30 {
        let mut current = 0.5 * (40.0 - v) + 0.25 * (-80.0 - v);
        for (g, (most, e)) in g.iter_mut().zip([(1.0, 194.0), (0.5, -60.0)]) {
            if n > 0 && spikes[0].contains(&(n - 1)) {
                *g = most;
            }
            *g *= 1.0 - DT;
            current += *g * (e - v);
        }
        v += DT * (current - v) / 5.0;
    }
    close(&potentials(&mut simulation, "to"), &[v]);
}

/// `copy` raises there.
#[test]
fn a_copy_is_a_network_of_its_own() {
    let mut net = Network::new("one");
    net.population("a", "non_spiking", 2).initial("v", "3 mV");
    net.project_by("a", "a", "graded_synapse", Connector::AllToAll).named("loop");
    net.input("x", "a", "i_stim", "1 nA");
    net.output("y", "a", "v");
    let mut copy = net.clone();
    copy.populations[0].parameter("c_m", "1 nF");
    let run = |net: &Network| compiled(net).run_inputs(&[2.0; 20]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(run(&net), run(&net.clone()));
    assert_ne!(run(&net), run(&copy));
    assert!(net.populations[0].parameters.is_empty() && copy.projections[0].name == "loop");
}

/// `reset` keeps conductances, delayed spikes and last spikes there.
#[test]
fn a_reset_forgets_conductances_and_spikes_under_way() {
    let mut net = Network::new("reset");
    net.population("a", "spiking_adaptive", 3).parameter("i_e", "20 nA").parameter("theta_inc", "1 mV");
    net.population("b", "non_spiking", 2);
    net.project_by("a", "b", "spiking_synapse", Connector::AllToAll).parameter("tau", "8 ms").delay("1.3 ms");
    net.output("spikes", "a", "spikes");
    net.output("v", "b", "v");
    for options in engines() {
        let mut simulation = net.compile(&options).unwrap_or_else(|e| panic!("{e}"));
        let mut run = || {
            let step = |_| simulation.step_outputs(&[]).unwrap_or_else(|e| panic!("{e}"));
            let seen: Vec<f64> = (0..63).flat_map(step).collect();
            let left = simulation.synapse_state("a -> b", "g").unwrap_or_else(|e| panic!("{e}"));
            assert!(left.iter().any(|g| *g > 0.0));
            simulation.reset().unwrap_or_else(|e| panic!("{e}"));
            assert!(simulation.synapse_state("a -> b", "g").unwrap_or_else(|e| panic!("{e}")).iter().all(|g| *g == 0.0));
            assert_eq!(simulation.outputs().unwrap_or_else(|e| panic!("{e}")), [0.0; 5]);
            seen
        };
        let first = run();
        assert!(first == run(), "{:?}", options.engine);
    }
}

/// Three sizes are cut to two there, without a word.
#[test]
fn shapes_have_up_to_three_sizes() {
    let mut net = Network::new("block");
    net.population("block", "non_spiking", 1).shape([2, 3, 4]);
    assert_eq!(compiled(&net).plan().populations()[0].size, 24);
    let mut pattern = net.clone();
    pattern.project_by("block", "block", "graded_synapse", Connector::pattern([vec![1.0]]));
    let said = pattern.compile(&exact()).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(said.contains("E062") && said.contains("block"), "{said}");
    net.populations[0].shape([2, 3, 4, 5]);
    let said = net.compile(&exact()).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(said.contains("population block") && said.contains("shape"), "{said}");
}

/// The conductance is divided by the number of sources there, the increment is not.
#[test]
fn a_share_of_a_spiking_synapse_is_one_of_its_increment_too() {
    let end = |sources: usize| {
        let mut net = spiking(&vec![vec![2, 9]; sources], &[1]);
        net.project_by("from", "to", "spiking_synapse", Connector::AllToAll).normalise("g_max").delay("0.125 ms");
        let mut simulation = compiled(&net);
        simulation.run_steps(16).unwrap_or_else(|e| panic!("{e}"));
        potentials(&mut simulation, "to")
    };
    close(&end(4), &end(1));
}

/// Junctions within a population: twice there on one backend, once on the others.
#[test]
fn junctions_within_a_population_conduct_once() {
    let mut net = Network::new("pair");
    net.population("a", "non_spiking", 2).initial("v", vec!["8 mV", "0 mV"]);
    net.electrical("a", "a", Connector::AllToAll, "0.5 uS").unwrap_or_else(|e| panic!("{e}"));
    let mut simulation = compiled(&net);
    simulation.run_steps(1).unwrap_or_else(|e| panic!("{e}"));
    // 0.1 ms over 5 nF: -8 nA of leak and 0.5 uS times 8 mV
    close(&potentials(&mut simulation, "a"), &[8.0 + 0.02 * (-8.0 - 4.0), 0.02 * 4.0]);
}

/// A KeyError there. At the highest rate the mean potential is gain·R, and half of it is half as many spikes, nearly.
#[test]
fn spikes_transmit_a_number() {
    for (gain, reversal, rest) in [(1.0, 194.0, -60.0), (0.5, 100.0, 0.0), (-1.0, -80.0, 10.0)] {
        let cells = Cells::default().capacitance(200.0).rest(rest);
        let law = SpikingTransmission::default().gain(gain).reversal(reversal).target(cells);
        let mean = |rate: f64| {
            let mut net = Network::new("rate");
            net.population("from", "regular_source", 1).parameter("period", format!("{} ms", 1000.0 / rate));
            net.population("to", "non_spiking", 1).parameter("c_m", "200 nF").parameter("e_leak", format!("{rest} mV"));
            law.join(&mut net, "from", "to").unwrap_or_else(|e| panic!("{e}"));
            net.output("y", "to", "v");
            let mut simulation = compiled(&net);
            simulation.run(2500.0).unwrap_or_else(|e| panic!("{e}"));
            let one_period =
                (0..(10_000.0 / rate) as usize).map(|_| simulation.step_outputs(&[]).map(|v| v[0]).unwrap_or(f64::NAN));
            let (sum, count) = one_period.fold((0.0, 0), |(sum, count), v| (sum + v, count + 1));
            sum / f64::from(count) - rest
        };
        // 200 nF against conductances below 2 uS: the ripple, and with it what the mean of a product differs from the product of
        // means, is a thousandth
        assert!((mean(200.0) - 20.0 * gain).abs() < 0.02 * (20.0 * gain).abs(), "{gain}: {}", mean(200.0));
        let g: f64 = 20.0 * gain / (reversal - 20.0 * gain);
        let half = 0.5 * g * reversal / (1.0 + 0.5 * g);
        assert!((mean(100.0) - half).abs() < 0.03 * half.abs(), "{gain}: {} {half}", mean(100.0));
        assert!(mean(1.0).abs() < 0.2);
    }
    let fast = SpikingTransmission::default().frequency(20_000.0);
    let said = fast.join(&mut Network::new("x"), "a", "b").unwrap_err().to_string();
    assert_eq!(said, "frequency: expected a number from 0 to 10000, found 20000");
}

/// Presets count from rest: the same function at another resting potential.
#[test]
fn subtraction_and_differentiation_at_another_rest() {
    let at = |rest: f64, network: &dyn Fn(Cells) -> Network, names: [&str; 3]| {
        let cells = Cells::default().rest(rest);
        let mut net = network(cells);
        for name in &names[..2] {
            if net.populations.iter().any(|p| p.name == *name) {
                net.input(*name, *name, "i_stim", "1 nA");
            }
        }
        net.output("y", names[2], "v");
        let width = net.inputs.len();
        let mut simulation = compiled(&net);
        let numbers: Vec<f64> = (0..300).flat_map(|k| [0.05 * f64::from(k), 4.0].into_iter().take(width)).collect();
        let seen = simulation.run_inputs(&numbers).unwrap_or_else(|e| panic!("{e}"));
        seen.into_iter().map(|v| v - rest).collect::<Vec<f64>>()
    };
    let subtraction = |cells| Subtraction::default().cells(cells).network().unwrap_or_else(|e| panic!("{e}"));
    let differentiator = |cells| Differentiator::default().cells(cells).network().unwrap_or_else(|e| panic!("{e}"));
    for (network, names) in
        [(&subtraction as &dyn Fn(Cells) -> Network, ["plus", "minus", "difference"]), (&differentiator, ["input", "", "rate"])]
    {
        let (zero, low) = (at(0.0, network, names), at(-60.0, network, names));
        let near = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-9;
        assert!(zero.iter().zip(&low).all(near) && zero.iter().any(|v| *v > 0.5), "{names:?}");
    }
}
