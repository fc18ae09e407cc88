//! A sum over sources that all targets share is worked out once: it is the sum that each target would find, but for its order.

use synfire::network::value::{Value, choice, uniform};
use synfire::network::{Connector, Network, Rows};
use synfire::plan::schedule::{Schedule, Settings};
use synfire::{Choice, Options, Precision, Simulation};

fn compiled(net: &Network, precision: Precision, threads: usize) -> Simulation {
    let options = Options::default().engine(Choice::Cpu).precision(precision).threads(threads).rows_per_thread(32);
    net.compile(&options).unwrap_or_else(|e| panic!("{e}"))
}

/// Who is joined, and which rows.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Joined {
    All,
    Others,
    Some,
}

/// A population that excites itself and another one through synapses of a model; `own`: a number of its own for every synapse, the
/// same one.
fn net(model: &str, joined: Joined, own: bool) -> Network {
    let mut net = Network::new("totals");
    net.dt("0.1 ms").seed(3).equations(
        "
        synapse product
          param g_max = 0.15 nS, e = 0 mV, width = 20 mV
          graded i_stim += -(post.v - e)/(1 + exp(-post.v/width))*g_max*(1 + tanh(pre.v/width))
    ",
    );
    for (name, size) in [("a", 70), ("b", 45)] {
        let cells = net.population(name, "lif_cond_exp", size);
        cells.parameter("i_e", uniform("200 pA", "900 pA")).parameter("c_m", uniform("150 pF", "250 pF"));
        cells.initial("v", uniform("-70 mV", "-50 mV"));
    }
    // numbers of synapses are rounded to single precision; this is one that stays
    let weight = if model == "exponential_conductance" { "w" } else { "g_max" };
    let g = |text: &str| if own { Value::from(choice([text], [1.0])) } else { Value::from(text) };
    for (source, target) in [("a", "a"), ("a", "b"), ("b", "a")] {
        let connector = if joined == Joined::Others && source == target { Connector::AllToOthers } else { Connector::AllToAll };
        let synapse = net.project_by(source, target, model, connector);
        synapse.parameter(weight, g("0.0625 nS"));
        if model != "product" {
            synapse.delay("0.7 ms");
        }
        if joined == Joined::Some {
            synapse.source_rows = Some(Rows::Range(3, 40));
            synapse.target_rows = Some(Rows::Range(11, 43));
        }
    }
    net
}

fn totals(simulation: &Simulation) -> usize {
    let plan = simulation.plan();
    plan.bundles().iter().filter(|bundle| bundle.total(plan).is_some()).count()
}

fn numbers(simulation: &mut Simulation) -> Vec<f64> {
    let snapshot = simulation.snapshot().unwrap_or_else(|e| panic!("{e}"));
    snapshot.states.iter().chain(&snapshot.edge_states).flatten().flatten().copied().collect()
}

const MODELS: [&str; 5] = ["nmda", "ampa", "gaba_b", "exponential_conductance", "product"];

#[test]
fn the_shared_sum_is_that_of_each_target() {
    for model in MODELS {
        for joined in [Joined::All, Joined::Others, Joined::Some] {
            let (mut own, mut shared) =
                (compiled(&net(model, joined, true), Precision::F64, 1), compiled(&net(model, joined, false), Precision::F64, 1));
            assert_eq!((totals(&own), totals(&shared)), (0, 3), "{model}, {joined:?}");
            for simulation in [&mut own, &mut shared] {
                simulation.run(30.0).unwrap_or_else(|e| panic!("{e}"));
            }
            assert!(own.spike_count() > 40 && own.spike_count() == shared.spike_count(), "{model}: {}", own.spike_count());
            for (x, y) in numbers(&mut own).into_iter().zip(numbers(&mut shared)) {
                assert!((x - y).abs() <= 1e-12 * x.abs().max(1.0), "{model}, {joined:?}: {x} and {y}");
            }
        }
    }
}

/// One step from one state in single precision.
#[test]
fn in_single_precision_it_differs_by_its_roundings() {
    for model in MODELS {
        for joined in [Joined::All, Joined::Others] {
            let (mut own, mut shared) =
                (compiled(&net(model, joined, true), Precision::F32, 1), compiled(&net(model, joined, false), Precision::F32, 1));
            for _ in 0..8 {
                own.run(3.0).unwrap_or_else(|e| panic!("{e}"));
                let snapshot = own.snapshot().unwrap_or_else(|e| panic!("{e}"));
                shared.restore(&snapshot).unwrap_or_else(|e| panic!("{e}"));
                for simulation in [&mut own, &mut shared] {
                    simulation.run(0.1).unwrap_or_else(|e| panic!("{e}"));
                }
                // a synapse passes at most 0.0625 nS, of gaba_b and those that count spikes a few times that, over at most 100 mV. A term
                // and its target's factor have at most 12 roundings of 2^-24 each way; sums are double. Of the 115 synapses of a
                // target each is off by as much at most; 0.1 ms over 150 pF makes mV of pA; and v itself is rounded a few times
                let current = 115.0 * (4.0 * 0.0625) * 100.0 * 24.0 * 2f64.powi(-24);
                let bound = current * 0.1 / 150.0 + 16.0 * 70.0 * 2f64.powi(-24);
                for (x, y) in numbers(&mut own).into_iter().zip(numbers(&mut shared)) {
                    assert!((x - y).abs() <= bound, "{model}, {joined:?}: {x} and {y}, {bound}");
                }
            }
        }
    }
}

#[test]
fn threads_do_not_matter() {
    for precision in [Precision::F32, Precision::F64] {
        for joined in [Joined::All, Joined::Others, Joined::Some] {
            let run = |threads: usize| {
                let mut simulation = compiled(&net("nmda", joined, false), precision, threads);
                simulation.run(10.0).unwrap_or_else(|e| panic!("{e}"));
                numbers(&mut simulation)
            };
            assert!(run(1) == run(3), "{precision:?}, {joined:?}");
        }
    }
}

/// Only one neuron transmits: it hears nothing, to the bit, since its own term is left out and not taken away.
#[test]
fn a_neuron_that_does_not_hear_itself_hears_nothing_of_itself() {
    let mut net = Network::new("alone");
    net.dt("0.1 ms");
    net.equations(
        "
        synapse cubed
          param g = 1 nS
          graded i_stim += g*(1 + post.v/(1 mV))**2*pre.v**3/(1 mV)**2
    ",
    );
    let potentials: Vec<String> = (0..40).map(|k| if k == 17 { "-61.7 mV".into() } else { "0 mV".into() }).collect();
    let cells = net.population("a", "lif_psc_delta", 40);
    cells.parameter("e_leak", "0 mV").parameter("v_th", "1 V").initial("v", potentials);
    net.project_by("a", "a", "cubed", Connector::AllToOthers);
    for precision in [Precision::F32, Precision::F64] {
        let mut simulation = compiled(&net, precision, 1);
        assert_eq!(totals(&simulation), 1);
        simulation.run(0.1).unwrap_or_else(|e| panic!("{e}"));
        let coupled = simulation.state("a", "v").unwrap_or_else(|e| panic!("{e}"));
        let mut without = net.clone();
        without.projections.clear();
        let mut simulation = compiled(&without, precision, 1);
        simulation.run(0.1).unwrap_or_else(|e| panic!("{e}"));
        let alone = simulation.state("a", "v").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(coupled[17], alone[17]);
        assert!(coupled[16] != alone[16]);
    }
}

#[test]
fn what_cancels_or_differs_is_summed_by_each_target() {
    let found = |model: &str, connector: Connector, change: &dyn Fn(&mut Network)| {
        let mut net = net("nmda", Joined::All, false);
        net.projections.clear();
        let projection = net.project_by("a", "b", model, connector);
        if model == "gap_junction" {
            projection.parameter("g", "1 nS");
        }
        change(&mut net);
        totals(&compiled(&net, Precision::F32, 1))
    };
    assert_eq!(found("nmda", Connector::AllToAll, &|_| {}), 1);
    assert_eq!(found("gap_junction", Connector::AllToAll, &|_| {}), 0);
    assert_eq!(found("nmda", Connector::indegree(40), &|_| {}), 0);
    assert_eq!(
        found("nmda", Connector::AllToAll, &|net| {
            net.projections[0].delay(uniform("1 ms", "2 ms"));
        }),
        0
    );
    assert_eq!(
        found("nmda", Connector::AllToAll, &|net| {
            net.projections[0].parameter("tau_rise", uniform("1 ms", "2 ms"));
        }),
        0
    );
}

#[test]
fn it_is_explained() {
    let simulation = compiled(&net("nmda", Joined::Others, false), Precision::F32, 1);
    let text = synfire::plan::explain::table(simulation.plan());
    let line = text.lines().find(|line| line.trim_start().starts_with("a -> a")).expect("it is listed");
    assert!(line.trim_end().ends_with(" once"), "{line}");
    assert!(text.contains("worked out once for all targets"), "{text}");
}

/// A snapshot in which synapses of a source differ is taken, and each goes its own way.
#[test]
fn a_snapshot_may_tell_synapses_apart() {
    let (mut own, mut shared) = (
        compiled(&net("nmda", Joined::All, true), Precision::F64, 1),
        compiled(&net("nmda", Joined::All, false), Precision::F64, 1),
    );
    own.run(20.0).unwrap_or_else(|e| panic!("{e}"));
    let mut snapshot = own.snapshot().unwrap_or_else(|e| panic!("{e}"));
    let open = snapshot.edge_states[0][1].iter().position(|s| *s > 0.0).expect("a synapse is open");
    snapshot.edge_states[0][1][open] /= 2.0;
    for simulation in [&mut own, &mut shared] {
        simulation.restore(&snapshot).unwrap_or_else(|e| panic!("{e}"));
        simulation.run(5.0).unwrap_or_else(|e| panic!("{e}"));
    }
    assert!(numbers(&mut own) == numbers(&mut shared));
}

fn on_gpu(net: &Network, settings: Settings, batch: u32) -> Simulation {
    let adapter = std::env::var("SYNFIRE_ADAPTER").unwrap_or_else(|_| "llvmpipe".to_string());
    let options = Options::default().engine(Choice::Adapter(adapter)).schedule(settings).batch(batch);
    net.compile(&options).unwrap_or_else(|e| panic!("{e}"))
}

/// Each schedule and size of workgroups, batches, a second run: the same bits. The reference in double precision follows within
/// bounds.
#[test]
fn a_gpu_shares_the_sum_in_every_schedule() {
    for (model, joined) in [("nmda", Joined::Others), ("product", Joined::All), ("gaba_b", Joined::Some)] {
        let net = net(model, joined, false);
        let mut first: Option<Vec<f64>> = None;
        for schedule in Schedule::ALL {
            for (workgroup, batch) in [(64, 100), (32, 7), (64, 100)] {
                let settings = Settings::from(schedule).workgroup(workgroup);
                let mut simulation = on_gpu(&net, settings, batch);
                simulation.run(8.0).unwrap_or_else(|e| panic!("{e}"));
                let found = numbers(&mut simulation);
                assert!(simulation.spike_count() > 4, "{model}: {}", simulation.spike_count());
                let expected = first.get_or_insert_with(|| found.clone());
                assert!(*expected == found, "{model}, {}, {workgroup}, {batch}", schedule.name());
            }
            let mut simulation = on_gpu(&net, Settings::from(schedule), 100);
            let verification = simulation.verify(60, None).unwrap_or_else(|e| panic!("{e}"));
            assert!(verification.agrees(), "{model}, {}: {verification}", schedule.name());
        }
    }
}

/// What a GPU keeps by source it keeps by synapse where a snapshot asks for it.
#[test]
fn a_gpu_takes_a_snapshot_that_tells_synapses_apart() {
    let net = net("nmda", Joined::All, false);
    for schedule in Schedule::ALL {
        let mut gpu = on_gpu(&net, schedule.into(), 50);
        gpu.run(6.0).unwrap_or_else(|e| panic!("{e}"));
        let same = gpu.snapshot().unwrap_or_else(|e| panic!("{e}"));
        gpu.restore(&same).unwrap_or_else(|e| panic!("{e}"));
        assert!(gpu.snapshot().unwrap_or_else(|e| panic!("{e}")) == same);
        let mut apart = same.clone();
        let open = apart.edge_states[0][1].iter().position(|s| *s > 0.0).expect("a synapse is open");
        apart.edge_states[0][1][open] /= 2.0;
        gpu.restore(&apart).unwrap_or_else(|e| panic!("{e}"));
        assert!(gpu.snapshot().unwrap_or_else(|e| panic!("{e}")) == apart, "{}", schedule.name());
        let mut cpu = compiled(&net, Precision::F64, 1);
        cpu.restore(&apart).unwrap_or_else(|e| panic!("{e}"));
        for simulation in [&mut gpu, &mut cpu] {
            simulation.run(0.5).unwrap_or_else(|e| panic!("{e}"));
        }
        for (x, y) in numbers(&mut gpu).into_iter().zip(numbers(&mut cpu)) {
            // five steps in single precision of states up to 70, of currents up to some 10^4 pA over 150 pF
            assert!((x - y).abs() < 1e-3, "{x} and {y}");
        }
    }
}
