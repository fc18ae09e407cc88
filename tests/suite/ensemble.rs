//! Ensembles: instance k gives to the bit what its variant gives alone, on every engine, with any number of threads.

use synfire::network::value::{normal, uniform};
use synfire::network::{Connector, Network, Variant, Waveform};
use synfire::plan::schedule::{Schedule, Settings};
use synfire::recording::Recording;
use synfire::{Choice, Error, Options, Precision, Simulation};

/// How a network may be run. A GPU is one more row.
fn machines() -> Vec<(&'static str, Options)> {
    // so few rows that every thread gets some
    let cpu = |precision, threads| Options::default().engine(Choice::Cpu).precision(precision).threads(threads).rows_per_thread(64);
    vec![
        ("f32, 1 thread", cpu(Precision::F32, 1)),
        ("f32, 4 threads", cpu(Precision::F32, 4)),
        ("f64, 1 thread", cpu(Precision::F64, 1)),
        ("f64, 4 threads", cpu(Precision::F64, 4)),
    ]
}

/// The GPU engine under each schedule.
fn gpus() -> Vec<(&'static str, Options)> {
    let adapter = std::env::var("SYNFIRE_ADAPTER").unwrap_or_else(|_| "llvmpipe".to_string());
    let with = |schedule: Schedule| {
        Options::default().engine(Choice::Adapter(adapter.clone())).schedule(Settings::default().schedule(schedule))
    };
    Schedule::ALL.iter().map(|s| (s.name(), with(*s))).collect()
}

fn cpu() -> Options {
    Options::default().engine(Choice::Cpu)
}

/// 200 neurons: two populations of one group, one of another, delays of 1 to 3 ms, Poisson events, noise.
fn network() -> Network {
    let mut net = Network::new("ensemble");
    net.dt("0.1 ms").seed(12);
    net.population("exc", "lif_psc_exp", 140).parameter("i_e", "300 pA").initial("v", uniform("-70 mV", "-55 mV"));
    net.population("inh", "lif_psc_exp", 40).parameter("i_e", "300 pA").initial("v", uniform("-70 mV", "-55 mV"));
    net.population("slow", "lif_cond_exp", 20).parameter("g_leak", normal("10 nS", "1 nS").min("5 nS"));
    for target in ["exc", "inh"] {
        net.project("exc", target, "i_exc", Connector::probability(0.1)).weight("60 pA").delay(uniform("1 ms", "3 ms"));
        net.project("inh", target, "i_inh", Connector::indegree(5)).weight(normal("-120 pA", "10 pA")).delay("1.2 ms");
        net.stimulate(target, "i_exc", Waveform::poisson("2 kHz", "30 pA"));
    }
    net.project("exc", "slow", "g_exc", Connector::indegree(10)).weight("4 nS").delay("1 ms");
    net.stimulate("exc", "i_stim", Waveform::noise("40 pA", "60 pA")).named("noise");
    net.stimulate("inh", "i_stim", Waveform::constant("50 pA")).named("push").from("10 ms").until("30 ms");
    for population in ["exc", "inh", "slow"] {
        net.probe(population, "spikes");
    }
    net.probe("exc", "v").rows(3..5).every("0.5 ms");
    net.probe("slow", "g_exc").rows(0..1);
    net.probe("inh", "rate").rows([1, 7, 39]);
    net
}

/// Changes of values alone, as `Network::set` takes them too.
fn values(k: u64) -> Vec<(&'static str, String)> {
    let x = (k % 97) as f64 / 97.0;
    match k % 6 {
        0 => vec![("exc.v_th", format!("{} mV", -55.0 + x)), ("inh.v_th", format!("{} mV", -55.0 + x))],
        1 => vec![("exc.tau_m", format!("{} ms", 9.0 + 2.0 * x))],
        2 => vec![("slow.c_m", format!("{} pF", 180.0 + 30.0 * x)), ("inh.initial.v", "-66 mV".into())],
        3 => {
            let list: Vec<String> = (0..40).map(|n| format!("\"{} mV\"", -55.0 + x * f64::from(n) / 40.0)).collect();
            vec![("inh.v_th", format!("[{}]", list.join(", "))), ("slow.t_ref", "3 ms".into())]
        }
        4 => vec![("exc.i_e", format!("{} pA", 280.0 + 40.0 * x)), ("inh.i_e", format!("{} pA", 280.0 + 40.0 * x))],
        _ => vec![("slow.initial.v", format!("{} mV", -60.0 + 5.0 * x))],
    }
}

fn variant(k: u64) -> Variant {
    let mut variant = values(k).into_iter().fold(Variant::new().label(format!("number {k}")), |variant, (key, text)| {
        let list = text.strip_prefix('[').and_then(|l| l.strip_suffix(']'));
        match list {
            Some(list) => variant.set(key, list.split(", ").map(|x| x.trim_matches('"').to_string()).collect::<Vec<_>>()),
            None => variant.set(key, text),
        }
    });
    if plain(k) {
        return variant;
    }
    variant = variant.seed(1000 + k).weight_scale(0.8 + 0.001 * (k % 400) as f64);
    if k.is_multiple_of(3) {
        // of one population of a group, and of all of one
        variant = variant.weights("exc", "i_exc", 1.1).weights("slow", "g_exc", 0.9);
    }
    if k.is_multiple_of(2) {
        variant = variant.stimulus("noise", 0.5 + 0.01 * (k % 50) as f64).stimulus("push", 2.0);
    }
    variant
}

/// Every fifth variant changes values alone.
fn plain(k: u64) -> bool {
    k.is_multiple_of(5)
}

type Outcome = (Recording, Vec<Vec<u64>>);

const STATES: [(&str, &str); 5] = [("exc", "v"), ("exc", "i_exc"), ("inh", "v"), ("slow", "v"), ("slow", "g_exc")];

/// The recording and the bits of the final states of each instance.
fn run(mut simulation: Simulation, duration: f64) -> Vec<Outcome> {
    outcomes(&mut simulation, duration)
}

fn outcomes(simulation: &mut Simulation, duration: f64) -> Vec<Outcome> {
    simulation.run(duration).unwrap_or_else(|e| panic!("{e}"));
    let counts = simulation.spike_counts().to_vec();
    let instances = simulation.instances();
    let states: Vec<Vec<f64>> = STATES.iter().map(|(p, s)| simulation.state(p, s).expect("a state")).collect();
    let recordings = simulation.take_recordings();
    for (recording, count) in recordings.iter().zip(counts) {
        assert_eq!(recording.spikes.iter().map(|t| t.step.len() as u64).sum::<u64>(), count);
    }
    let of = |k: usize| {
        let bits = |all: &Vec<f64>| {
            let size = all.len() / instances;
            all[k * size..(k + 1) * size].iter().map(|x| x.to_bits()).collect()
        };
        states.iter().map(bits).collect()
    };
    recordings.into_iter().enumerate().map(|(k, recording)| (recording, of(k))).collect()
}

fn ensemble(net: &Network, variants: &[Variant], options: &Options) -> Simulation {
    net.compile_ensemble(variants, options).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn each_instance_gives_what_it_gives_alone() {
    const INSTANCES: u64 = 1000;
    let net = network();
    let variants: Vec<Variant> = (0..INSTANCES).map(variant).collect();
    for precision in [Precision::F32, Precision::F64] {
        let alone = Options::default().engine(Choice::Cpu).precision(precision).threads(1);
        let alone: Vec<Outcome> =
            variants.iter().flat_map(|v| run(ensemble(&net, std::slice::from_ref(v), &alone), 20.0)).collect();
        for (name, options) in machines().into_iter().filter(|(_, o)| o.precision == precision) {
            let together = run(ensemble(&net, &variants, &options), 20.0);
            assert_eq!(together.len(), variants.len());
            for (k, (one, other)) in together.iter().zip(&alone).enumerate() {
                assert!(one == other, "{name}: instance {k} differs from the variant alone");
            }
        }
        let spikes: usize = alone.iter().flat_map(|(r, _)| &r.spikes).map(|t| t.step.len()).sum();
        assert!(spikes > 100_000, "silent networks prove nothing: {spikes} spikes");
        // hardly two are alike, or nothing was changed
        let distinct = (1..alone.len()).filter(|k| alone[*k].1 != alone[k - 1].1).count();
        assert!(distinct > 990, "{distinct}");
    }
}

/// One after the other as a variant alone. So many are compiled for themselves as `every` says; the others take the place of
/// one that is compiled, which [`a_change_of_values_gives_what_the_changed_network_gives`] and the first kind hold to be the same.
fn alone_on_a_gpu(schedule: Schedule, numbers: std::ops::Range<u64>, every: usize) {
    let net = network();
    let variants: Vec<Variant> = numbers.map(variant).collect();
    let (name, options) = gpus().into_iter().find(|(name, _)| *name == schedule.name()).expect("a schedule");
    let together = run(ensemble(&net, &variants, &options), 10.0);
    let mut reused = ensemble(&net, &variants[..1], &options);
    let mut compared = 0;
    for (k, one) in together.iter().enumerate() {
        let alone = std::slice::from_ref(&variants[k]);
        let other = if k % every == 0 {
            run(ensemble(&net, alone, &options), 10.0)
        } else if schedule == Schedule::Resident {
            reused.set_variants(alone).unwrap_or_else(|e| panic!("{e}"));
            outcomes(&mut reused, 10.0)
        } else {
            continue;
        };
        assert!(*one == other[0], "{name}: instance {k} differs from the variant alone");
        compared += 1;
    }
    let spikes: usize = together.iter().flat_map(|(r, _)| &r.spikes).map(|t| t.step.len()).sum();
    println!("{name}: {compared} of {} instances compared, {spikes} spikes", together.len());
    assert!(spikes > 50 * variants.len(), "silent networks prove nothing: {spikes} spikes");
}

/// All of them under the schedule for which ensembles are made.
#[test]
fn each_instance_gives_on_a_gpu_what_it_gives_there_alone() {
    alone_on_a_gpu(Schedule::Resident, 0..1000, 8);
}

/// Some of them under the others.
#[test]
fn instances_give_under_other_schedules_what_they_give_there_alone() {
    for schedule in [Schedule::Fused, Schedule::TwoPass] {
        alone_on_a_gpu(schedule, 0..1000, 12);
    }
}

#[test]
fn a_change_of_values_gives_what_the_changed_network_gives() {
    let net = network();
    for (name, options) in machines().into_iter().chain(gpus()) {
        let numbers: Vec<u64> = (0..60).filter(|k| plain(*k)).collect();
        let variants: Vec<Variant> = numbers.iter().map(|k| variant(*k)).collect();
        let together = run(ensemble(&net, &variants, &options), 50.0);
        for (k, one) in numbers.into_iter().zip(together) {
            let mut changed = net.clone();
            for (key, text) in values(k) {
                changed.set(key, &text).unwrap_or_else(|e| panic!("{e}"));
            }
            let other = run(changed.compile(&options).unwrap_or_else(|e| panic!("{e}")), 50.0);
            assert!(one == other[0], "{name}: variant {k} differs from the network that is changed so");
        }
    }
}

/// Fewer instances than threads: the rows of each are shared among workers.
#[test]
fn instances_may_be_shared_among_threads() {
    let (net, variants) = (network(), [variant(6), variant(9)]);
    for (name, options) in machines() {
        let together = run(ensemble(&net, &variants, &options), 60.0);
        let batches = run(ensemble(&net, &variants, &options.clone().batch(7)), 60.0);
        for (k, one) in variants.iter().enumerate() {
            let other = run(ensemble(&net, std::slice::from_ref(one), &options), 60.0);
            assert!(together[k] == other[0] && batches[k] == other[0], "{name}: instance {k}");
        }
    }
}

#[test]
fn a_reset_and_a_snapshot_hold_all_instances() {
    let variants: Vec<Variant> = (0..7).map(variant).collect();
    for (name, options) in machines().into_iter().chain(gpus()) {
        let mut simulation = ensemble(&network(), &variants, &options);
        simulation.run(30.0).expect("it runs");
        let (first, counts) = (simulation.recordings().to_vec(), simulation.spike_counts().to_vec());
        simulation.reset().expect("it resets");
        for piece in [0.1, 9.9, 20.0] {
            simulation.run(piece).expect("it runs");
        }
        assert!(simulation.recordings() == first && simulation.spike_counts() == counts, "{name}");
        assert_eq!(simulation.recording(), &*first[0]);
        assert_eq!(simulation.recording_of(6), Some(&*first[6]));
        assert_eq!(simulation.recording_of(7), None);
        let middle = simulation.snapshot().expect("a snapshot");
        simulation.run(10.0).expect("it runs");
        let v = simulation.state("exc", "v").expect("a state");
        simulation.restore(&middle).expect("it goes back");
        simulation.run(10.0).expect("it runs");
        assert_eq!(simulation.state("exc", "v").expect("a state"), v, "{name}");
        assert_eq!(simulation.state_of(2, "exc", "v").expect("a state"), v[280..420], "{name}");
        let mut other = ensemble(&network(), &variants[..6], &options);
        assert!(other.restore(&middle).is_err(), "a snapshot of seven instances does not fit six");
    }
}

/// A cell that follows its input, another coupled to it by a conductance.
fn graded() -> Network {
    let mut net = Network::new("graded");
    net.dt("0.1 ms");
    net.equations(
        "
        neuron cell
          param tau = 10 ms
          state v = 0 mV
          input drive : mV/ms
          dv/dt = -v/tau + drive
        synapse gap
          param g = 0.05 kHz, twice = 2*g
          graded drive += twice*pre.tau/post.tau*(pre.v - post.v)
    ",
    );
    net.population("a", "cell", 3);
    net.population("b", "cell", 2).parameter("tau", "25 ms");
    net.project_by("a", "b", "gap", Connector::AllToAll);
    net.project_by("b", "a", "gap", Connector::AllToAll).named("back").parameter("g", "0.1 kHz");
    net.stimulate("a", "drive", Waveform::External { unit: Some("mV/ms".into()) }).named("in");
    net
}

#[test]
fn graded_synapses_and_inputs_belong_to_the_instance() {
    let variants: Vec<Variant> = (0..9)
        .map(|k| {
            let variant = Variant::new().set("a -> b.g", format!("{} kHz", 0.01 * f64::from(k))).stimulus("in", f64::from(k));
            if k % 2 == 0 { variant.set("a.tau", format!("{} ms", 5 + k)) } else { variant.set("back.twice", "0.3 kHz") }
        })
        .collect();
    for (name, options) in machines() {
        let mut together = ensemble(&graded(), &variants, &options);
        let mut alone: Vec<Simulation> = variants.iter().map(|v| ensemble(&graded(), std::slice::from_ref(v), &options)).collect();
        for step in 0..200 {
            let input: Vec<f64> = (0..27).map(|k| f64::from(step % 7) + f64::from(k)).collect();
            together.step(&input).unwrap_or_else(|e| panic!("{e}"));
            for (k, one) in alone.iter_mut().enumerate() {
                one.step(&input[3 * k..3 * k + 3]).unwrap_or_else(|e| panic!("{e}"));
            }
        }
        let mut b = Vec::new();
        for (k, one) in alone.iter_mut().enumerate() {
            for population in ["a", "b"] {
                let state = one.state(population, "v").expect("v");
                assert_eq!(together.state_of(k, population, "v").expect("v"), state, "{name}: {population} of instance {k}");
                b.extend((population == "b").then_some(state[0]));
            }
        }
        assert_eq!(b[0], 0.0, "no input, nothing moves");
        assert!(b[1..].iter().all(|x| x.abs() > 1.0), "{b:?}");
        let wrong = together.step(&[0.0; 3]).unwrap_err().to_string();
        assert_eq!(wrong, "error[E210]: the input vector has 3 numbers, the network takes 27");
    }
    // a changed value, its default too: as the network changed so
    let mut changed = graded();
    changed.set("a -> b.g", "0.03 kHz").and_then(|()| changed.set("a.tau", "8 ms")).unwrap_or_else(|e| panic!("{e}"));
    let variant = Variant::new().set("a -> b.g", "0.03 kHz").set("a.tau", "8 ms");
    let mut one = changed.compile(&cpu()).unwrap_or_else(|e| panic!("{e}"));
    let mut other = ensemble(&graded(), &[variant], &cpu());
    for _ in 0..100 {
        one.step(&[1.0, 2.0, 3.0]).and_then(|()| other.step(&[1.0, 2.0, 3.0])).unwrap_or_else(|e| panic!("{e}"));
    }
    assert_eq!(one.state("b", "v").expect("v"), other.state("b", "v").expect("v"));
}

#[test]
fn a_factor_scales_what_arrives() {
    let mut net = Network::new("one");
    net.population("source", "spike_times", 1).spike_times(vec![vec![1.0]]);
    net.population("cell", "lif_psc_delta", 1);
    net.population("other", "lif_psc_delta", 1);
    for target in ["cell", "other"] {
        net.project("source", target, "v_in", Connector::AllToAll).weight("4 mV").delay("1 ms");
    }
    let port = synfire::model::library::models().unwrap()["lif_psc_delta"].ports()[0].name.clone();
    net.projections.iter_mut().for_each(|p| p.port = Some(port.clone()));
    for (name, options) in machines() {
        let variants = [
            Variant::new(),
            Variant::new().weight_scale(0.5),
            Variant::new().weights("cell", &*port, 0.25),
            Variant::new().weight_scale(2.0).weights("other", &*port, -0.5),
        ];
        let mut simulation = ensemble(&net, &variants, &options);
        let before = simulation.state("cell", "v").expect("v")[0];
        simulation.run(2.0).expect("it runs");
        for (population, factors) in [("cell", [1.0, 0.5, 0.25, 2.0]), ("other", [1.0, 0.5, 1.0, -1.0])] {
            for (v, factor) in simulation.state(population, "v").expect("v").iter().zip(factors) {
                assert!((v - before - 4.0 * factor).abs() < 1e-5, "{name}: {population} {v} {factor}");
            }
        }
    }
}

#[test]
fn states_and_parameters_of_all_instances_can_be_set() {
    let variants: Vec<Variant> = (0..3).map(|k| Variant::new().set("cell.v_th", format!("{} mV", -50 + k))).collect();
    let mut net = Network::new("set");
    net.population("cell", "lif_cond_exp", 2);
    let mut simulation = ensemble(&net, &variants, &cpu());
    let values: Vec<f64> = (0..6).map(|k| -70.0 + f64::from(k)).collect();
    simulation.set_state("cell", "v", &values).expect("it is set");
    assert_eq!(simulation.state("cell", "v").expect("v"), values);
    assert_eq!(simulation.state_of(2, "cell", "v").expect("v"), [-66.0, -65.0]);
    let said = |outcome: Result<(), Error>| outcome.unwrap_err().to_string();
    assert_eq!(
        said(simulation.set_state("cell", "v", &[0.0; 2])),
        "error[E210]: `cell` has 2 neurons in each of 3 instances, and 2 values were given"
    );
    assert_eq!(
        said(simulation.set_state("cell", "v", &[0.0, 0.0, 0.0, f64::NAN, 0.0, 0.0])),
        "error[E210]: `v` of cell[1] in instance 1 cannot be NaN"
    );
    assert!(simulation.state_of(3, "cell", "v").is_err());
    // above every threshold: all spike
    simulation.set_parameter("cell", "v_th", "-71 mV").expect("it is set");
    simulation.run_steps(1).expect("it runs");
    assert_eq!(simulation.spike_counts(), [2, 2, 2]);
}

#[test]
fn a_fault_names_the_instance_and_leaves_the_step_before() {
    let mut net = Network::new("fault");
    net.equations(
        "
        neuron grower
          param rate = 0 kHz
          state x = 1
          dx/dt = rate*x*x
          method euler
    ",
    );
    net.population("one", "grower", 70);
    net.probe("one", "x").rows(0..1);
    let variants: Vec<Variant> = (0..40u32)
        .map(|k| match k {
            17 => Variant::new().set("one.rate", "30 kHz"),
            // earlier in time, later in place
            23 => Variant::new().set("one.rate", (0..70).map(|n| if n == 5 { "90 kHz" } else { "0 kHz" }).collect::<Vec<_>>()),
            _ => Variant::new(),
        })
        .collect();
    for (name, options) in machines() {
        let mut simulation = ensemble(&net, &variants, &options);
        simulation.run_steps(1).expect("one step is fine");
        let error = simulation.run_steps(100).unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("error[E200]: x of one[5] became inf at step ") && text.contains(" in instance 23\n"),
            "{name}: {text}"
        );
        let Error::Run { fault, last_good, .. } = error else { panic!("{name}: {text}") };
        assert_eq!((fault.step(), simulation.time_steps()), (Some(last_good + 1), last_good), "{name}");
        let mut good = ensemble(&net, &variants, &options);
        good.run_steps(last_good).expect("these steps are fine");
        assert_eq!(simulation.state("one", "x").expect("x"), good.state("one", "x").expect("x"), "{name}");
        assert_eq!(simulation.recordings()[23].traces[0].values.len() as u64, last_good);
    }
}

#[test]
fn what_is_wrong_with_a_variant_is_said() {
    let mut net = network();
    net.equations(
        "
        synapse fitted
          param w = 1 pA
          on_pre i_exc += w*post.tau_m/(10 ms)
    ",
    );
    net.project_by("exc", "inh", "fitted", Connector::OneToOne).named("fitted");
    net.projections.last_mut().expect("it was added").connector = Connector::List { source: vec![0], target: vec![0] };
    let said = |variant: Variant| match net.compile_ensemble(&[Variant::new(), variant], &cpu()) {
        Ok(_) => "nothing".to_string(),
        Err(error) => error.to_string().replace("\n  --> ensemble", ""),
    };
    for (variant, message) in [
        (
            Variant::new().set("exo.v_th", "-50 mV"),
            "error[E046]: variant 1: `exo.v_th`: nothing of that name; there are `dt`, `duration`, `seed`, and `NAME.key` for `exc`, `inh`, `slow`, `exc -> exc`, `inh -> exc`, `exc -> inh`, `inh -> inh`, `exc -> slow`, `fitted`, `stimulus exc.i_exc`, `stimulus inh.i_exc`, `stimulus noise` and 1 more\n  help: did you mean `exc`?",
        ),
        (
            Variant::new().label("a").set("exc.v_thh", "-50 mV"),
            "error[E026]: variant 1 (a): population exc: `lif_psc_exp` has no parameter `v_thh`; it has `c_m`, `tau_m`, `e_leak`, `v_th`, `v_reset`, `t_ref`, `i_e`, `tau_exc`, `tau_inh`\n  help: did you mean `v_th`?",
        ),
        (
            Variant::new().set("exc.v_th", "3 ms"),
            "error[E030]: variant 1: population exc: `v_th` is a voltage (mV), got 3 ms (time)",
        ),
        (
            Variant::new().set("inh.v_th", vec!["1 mV"; 3]),
            "error[E033]: variant 1: population inh: `v_th` is a list of 3 for 40 neurons",
        ),
        (
            Variant::new().set("inh.v_th", f64::NAN),
            "error[E030]: variant 1: population inh: `v_th` is a voltage (mV), got NaN (a number without a unit)",
        ),
        (
            Variant::new().set("inh.tau_m", "12 ms"),
            "error[E056]: variant 1: population inh: `tau_m` cannot differ between instances: the weights of `fitted`, which all instances share, were worked out from it\n  help: scale what arrives with `weights`, or compile a network for each value",
        ),
        (
            Variant::new().set("fitted.w", "2 pA"),
            "error[E056]: variant 1: `fitted`: `w` cannot differ between instances: the weights that spikes add, which all instances share, were worked out from it",
        ),
        (
            Variant::new().set("exc -> inh[0 -> 1].weight", "2 pA"),
            "error[E056]: variant 1: `exc -> inh[0 -> 1].weight` is the same in all instances of an ensemble\n  help: scale what arrives with `weights` or `weight_scale`",
        ),
        (Variant::new().set("exc.size", 3), "error[E056]: variant 1: `exc.size` is the same in all instances of an ensemble"),
        (Variant::new().set("seed", 3), "error[E056]: variant 1: the seed is no quantity\n  help: use `Variant::seed`"),
        (
            Variant::new().stimulus("nose", 2.0),
            "error[E055]: variant 1: no stimulus `nose`; there are `exc.i_exc`, `inh.i_exc`, `noise`, `push`\n  help: did you mean `noise`?",
        ),
        (
            Variant::new().stimulus("exc.i_exc", 2.0),
            "error[E056]: variant 1: stimulus exc.i_exc: Poisson events have no level\n  help: set their `rate` or `weight`",
        ),
        (
            Variant::new().weights("exc", "i_ex", 2.0),
            "error[E061]: variant 1: weights: `exc` has no port `i_ex`; there are `i_exc`, `i_inh`\n  help: did you mean `i_exc`?",
        ),
        (
            Variant::new().weight_scale(f64::INFINITY),
            "error[E057]: variant 1: the factor of `weight_scale` must be finite, got inf",
        ),
    ] {
        assert_eq!(said(variant), message);
    }
    // `tau_m` of the other end is read by nobody
    assert_eq!(said(Variant::new().set("exc.tau_m", "12 ms")), "nothing");
    let many = net.compile_ensemble(&vec![Variant::new().set("exc.x", 1); 1000], &cpu()).err().expect("it is wrong").to_string();
    assert_eq!(many.matches("error[E026]").count(), 1, "thousands of problems are not listed one by one");
    assert!(many.ends_with("the same 999 times more: variant 1, variant 2, variant 3 and 996 more"), "{many}");
    let none = net.compile_ensemble(&[], &cpu()).err().expect("it is wrong").to_string();
    assert_eq!(none, "error[E210]: an ensemble has at least one variant, and none was given");
}
