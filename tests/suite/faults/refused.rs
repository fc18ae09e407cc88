//! Numbers that make no sense are refused, numbers that are rounded are remarked.

use std::fs;
use std::process::Command;

use synfire::engine::gpu::GpuError;
use synfire::error::DeviceError;
use synfire::network::value::normal;
use synfire::network::{Connector, Network, Value, Variant, Waveform};
use synfire::plan::schedule::{Obstacle, Schedule, Settings};
use synfire::wgsl::WgslError;
use synfire::{Choice, Error, Options, Precision};

use super::{ENGINES, compiled, fault, folder, options};

const CPU: (&str, Precision) = ENGINES[0];

/// A user's model with a range of its own, and a refractory time that follows from two parameters.
const OWN: &str = "
  neuron own
    param gain = 1 (from 0 below 2), wait = 2 ms, share = 0.5, tau = 10 ms
    state v = 0 mV
    dv/dt = (gain*20 mV - v)/tau (unless refractory)
    threshold v >= 15 mV
    reset v = 0 mV
    refractory wait*share
";

fn one(model: &str, parameters: &[(&str, &str)]) -> Network {
    let mut net = Network::new("one");
    net.equations(OWN);
    let population = net.population("p", model, 2);
    for (name, value) in parameters {
        population.parameter(*name, *value);
    }
    net
}

fn remarks(net: &Network) -> Vec<String> {
    net.plan(&options("cpu", Precision::F32)).unwrap_or_else(|e| panic!("{e}")).remarks().to_vec()
}

/// What every way in must refuse, and with which words.
const REFUSED: [(&str, &str, &str, &str); 17] = [
    ("poisson_source", "rate", "-5 Hz", "`rate` = -0.005 kHz: it must be at least 0 kHz"),
    ("poisson_source", "start", "-1 ms", "`start` = -1 ms: it must be at least 0 ms"),
    ("regular_source", "period", "0 ms", "`period` = 0 ms: it must be larger than 0 ms"),
    ("regular_source", "start", "-3 ms", "`start` = -3 ms: it must be at least 0 ms"),
    ("lif_psc_exp", "t_ref", "-3 ms", "`t_ref` = -3 ms: a refractory time must be finite and not negative"),
    ("lif_psc_exp", "t_ref", "inf ms", "`t_ref` = inf ms: a refractory time must be finite and not negative"),
    ("lif_psc_exp", "t_ref", "1e300 ms", ""),
    ("lif_psc_exp", "v_th", "1e39 mV", ""),
    ("lif_psc_exp", "v_th", "nan mV", ""),
    ("lif_psc_exp", "c_m", "0 pF", "`c_m` = 0 pF: a capacitance (pF) must be larger than 0"),
    ("lif_cond_exp", "tau_exc", "-1 ms", "`tau_exc` = -1 ms: a time (ms) must be larger than 0"),
    ("morris_lecar", "phi", "-1 Hz", "`phi` = -0.001 kHz: it must be at least 0 kHz"),
    ("own", "gain", "-0.5", "`gain` = -0.5: it must be at least 0"),
    ("own", "gain", "2", "`gain` = 2: it must be smaller than 2"),
    ("own", "wait", "-2 ms", "`wait` = -2 ms and `share` = 0.5: a refractory time must be finite and not negative"),
    ("own", "share", "-1", "`wait` = 2 ms and `share` = -1: a refractory time must be finite and not negative"),
    ("own", "tau", "0 ms", "`tau` = 0 ms: a time (ms) must be larger than 0"),
];

#[test]
fn a_file_a_variant_and_a_running_network_refuse_the_same() {
    for (model, parameter, value, words) in REFUSED {
        let say = |error: Error| {
            let text = error.to_string();
            assert!(text.contains(words), "{model}.{parameter} = {value}: {text}");
        };
        let given = one(model, &[(parameter, value)]);
        say(compiled(&given, CPU).err().unwrap_or_else(|| panic!("a file may say {model}.{parameter} = {value}")));

        let net = one(model, &[]);
        let variant = Variant::new().set(format!("p.{parameter}"), value);
        let ensemble = net.compile_ensemble(&[variant], &options("cpu", Precision::F32));
        say(ensemble.err().unwrap_or_else(|| panic!("a variant may say {model}.{parameter} = {value}")));

        let mut simulation = compiled(&net, CPU).unwrap();
        let changed = simulation.set_parameter("p", parameter, value);
        say(changed.expect_err(&format!("a program may say {model}.{parameter} = {value}")));
        simulation.run(1.0).unwrap();
    }
}

#[test]
fn one_bad_row_is_named() {
    let mut net = one("own", &[]);
    net.populations[0].parameters.insert("gain".into(), vec![1.0, -1.0].into());
    let text = compiled(&net, CPU).err().unwrap().to_string();
    assert!(text.contains("`gain` = -1 of neuron 1: it must be at least 0"), "{text}");
    // and everything that is wrong is said at once
    let text = compiled(&one("lif_psc_exp", &[("c_m", "-200 pF"), ("tau_exc", "0 ms"), ("t_ref", "-1 ms")]), CPU).err().unwrap();
    let text = text.to_string();
    assert!(["`c_m` = -200 pF", "`tau_exc` = 0 ms", "`t_ref` = -1 ms"].iter().all(|w| text.contains(w)), "{text}");
}

#[test]
fn what_the_file_takes_a_program_may_set() {
    for engine in ENGINES {
        let mut simulation = compiled(&one("poisson_source", &[("rate", "1e7 Hz")]), engine).unwrap();
        simulation.set_parameter("p", "stop", "1 ms").unwrap();
        simulation.run(2.0).unwrap();
        assert_eq!(simulation.spike_count(), 20, "{engine:?}");
        simulation.set_parameter("p", "stop", "inf ms").unwrap();
        simulation.run(1.0).unwrap();
        assert_eq!(simulation.spike_count(), 40, "{engine:?}");
    }
}

#[test]
fn drawn_parameters_of_synapses_are_looked_at_too() {
    let mut net = Network::new("drawn");
    net.population("p", "non_spiking", 20);
    net.equations(
        "synapse leaky\n  param tau = 5 ms, w = 1 nA (from 0 nA)\n  state s = 0 nA\n  ds/dt = (w - s)/tau\n  graded i_syn += s",
    );
    for (parameter, value, words) in [
        ("tau", normal("1 ms", "1 ms"), "a time (ms) must be larger than 0"),
        ("w", normal("0 nA", "1 nA"), "it must be at least 0"),
    ] {
        let mut net = net.clone();
        net.project_by("p", "p", "leaky", Connector::AllToAll).parameter(parameter, value);
        let text = compiled(&net, CPU).err().unwrap_or_else(|| panic!("{parameter} may be anything")).to_string();
        assert!(text.contains(words) && text.contains("of synapse"), "{text}");
    }
    let mut net = net.clone();
    net.project_by("p", "p", "leaky", Connector::AllToAll).parameter("tau", normal("1 ms", "1 ms").min("0.5 ms"));
    compiled(&net, CPU).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn a_lognormal_has_a_positive_median() {
    let mut net = one("lif_psc_exp", &[]);
    net.populations[0].parameters.insert("i_e".into(), synfire::network::value::lognormal("-2 pA", 0.5).into());
    let text = compiled(&net, CPU).err().unwrap().to_string();
    assert!(text.contains("the median of a lognormal must be larger than 0"), "{text}");
}

#[test]
fn a_gpu_does_not_compute_in_f64() {
    for engine in [Choice::Gpu, Choice::Adapter("llvmpipe".into())] {
        let asked = Options::default().engine(engine).precision(Precision::F64);
        let text = one("own", &[]).compile(&asked).err().unwrap().to_string();
        assert!(text.contains("a GPU computes in f32, and f64 was asked for"), "{text}");
    }
}

/// What is too much of what can be asked for, and is not to be read out of a text.
#[test]
fn a_limit_that_is_passed_is_a_value() {
    let mut net = Network::new("wide");
    net.population("p", "lif_psc_exp", 9000);
    let refused = |options: &Options| match net.compile(options) {
        Err(Error::Device(error)) => error,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("{options:?} is taken"),
    };
    let gpu = options("gpu", Precision::F32);
    let resident = refused(&gpu.clone().schedule(Schedule::Resident));
    let passed = resident.limit().unwrap();
    assert_eq!((passed.part.as_str(), passed.unit, passed.limit), ("schedule resident", "rows", Some(8192)));
    assert!(resident.to_string().contains(&format!("{} rows, and one workgroup goes through 8192", passed.need)), "{resident}");
    let odd = refused(&gpu.clone().schedule(Settings::default().schedule(Schedule::Fused).workgroup(48)));
    let DeviceError::Gpu(GpuError::Kernel(WgslError::Schedule(error))) = &odd else { panic!("{odd:?}") };
    assert_eq!(error.refused, [(Schedule::Fused, Obstacle::WorkgroupSize { wanted: 48 })]);
    assert_eq!(odd.limit(), None);
    let none = refused(&Options::default().engine(Choice::Adapter("no such".into())));
    assert!(matches!(&none, DeviceError::Gpu(GpuError::NoAdapter { wanted: Some(name), .. }) if name == "no such"), "{none:?}");
}

#[test]
fn a_refractory_time_below_a_step_is_said_and_a_negative_one_refused() {
    let mut net = fault("refractory_below_step");
    for engine in ENGINES {
        let text = compiled(&net, engine).err().unwrap().to_string();
        assert!(text.contains("`t_ref` = -3 ms: a refractory time must be finite and not negative"), "{text}");
    }
    net.set("p.t_ref", "0.04 ms").unwrap();
    let never = "population p: `t_ref` = 0.04 ms is less than half a step of 0.1 ms: the neuron is never refractory (--set \"p.t_ref=0.04 ms\")";
    assert_eq!(remarks(&net), [never]);
    net.set("p.t_ref", "[\"1.96 ms\", \"0 ms\"]").unwrap();
    let text = "population p: `t_ref` = 1.96 ms of neuron 0 is not a multiple of dt; it is 2 ms (--set ";
    assert!(remarks(&net).len() == 1 && remarks(&net)[0].starts_with(text), "{:?}", remarks(&net));
    net.set("p.t_ref", "2 ms").unwrap();
    assert_eq!(remarks(&net), [""; 0]);
}

#[test]
fn remarks_of_one_sort_are_one_with_a_count() {
    let mut net = Network::new("many");
    for k in 0..7 {
        net.population(format!("p{k}"), "lif_psc_exp", 1).parameter("t_ref", format!("{} ms", 2.03 + k as f64));
    }
    assert_eq!(
        remarks(&net),
        ["population p0: `t_ref` = 2.03 ms is not a multiple of dt; it is 2 ms (6 more like it: population p1, population p2, \
          population p3, population p4, ...)"]
    );
}

#[test]
fn a_bound_on_drawn_delays_is_held_after_rounding() {
    let delays = |net: &Network| -> Vec<u32> {
        let plan = net.plan(&options("cpu", Precision::F32)).unwrap_or_else(|e| panic!("{e}"));
        let edges = &plan.routes()[0].edges;
        (0..edges.count()).map(|k| edges.delay_of(k)).collect()
    };
    let mut net = fault("half_step_bound");
    let drawn = delays(&net);
    // redrawn below half a step, then rounded: every delay from one step on, the first with the weight of its whole bin
    let (mean, sd) = (0.75, 0.375);
    let below = |x: f64| 0.5 * libm::erfc((mean - x) / (sd * std::f64::consts::SQRT_2));
    let share = (below(0.15) - below(0.05)) / (1.0 - below(0.05));
    let first = drawn.iter().filter(|d| **d == 1).count() as f64;
    let expected = share * drawn.len() as f64;
    // five standard deviations of a binomial
    assert!((first - expected).abs() < 5.0 * expected.sqrt(), "{first} of {expected:.1}");
    assert!(drawn.iter().all(|d| *d >= 1));
    let text = "`p -> p`: drawn delays are rounded to the nearest step of 0.1 ms (half_step_bound.toml, line 15)";
    assert_eq!(remarks(&net), [text]);
    for engine in ENGINES {
        compiled(&net, engine).unwrap().run(10.0).unwrap();
    }
    net.projections[0].delay = Some(normal("0.75 ms", "0.1 ms").min("0.72 ms").max("0.96 ms").into());
    assert!(delays(&net).iter().all(|d| (8..=9).contains(d)));
    net.projections[0].delay = Some(normal("0.75 ms", "0.3 ms").min("0.72 ms").max("0.96 ms").clip().into());
    let clipped = delays(&net);
    assert_eq!((clipped.iter().min(), clipped.iter().max()), (Some(&8), Some(&9)));
    net.projections[0].delay = Some(normal("0.75 ms", "0.3 ms").min("0.72 ms").max("0.78 ms").into());
    let text = compiled(&net, CPU).err().unwrap().to_string();
    assert!(text.contains("no whole number of steps of 0.1 ms lies from 0.72 ms to 0.78 ms"), "{text}");
    net.projections[0].delay = Some(normal("0.75 ms", "0.3 ms").min("0.04 ms").into());
    assert!(compiled(&net, CPU).is_err());
}

#[test]
fn an_array_takes_the_time_that_was_given() {
    let mut net = Network::new("array");
    net.equations("neuron echo\n  state x = 0\n  input drive : 1\n  step\n    x = drive");
    net.population("p", "echo", 1);
    let values: Vec<Vec<f64>> = (1..=8).map(|k| vec![f64::from(k)]).collect();
    net.stimulate("p", "drive", Waveform::Array { values, file: None, interval: "0.25 ms".into(), unit: None }).from("0.5 ms");
    net.probe("p", "x");
    // sample k begins 0.25 k ms after the start, at the nearest step, and the last ends after 2 ms
    let mut expected = vec![0.0; 30];
    for (step, x) in expected.iter_mut().enumerate().skip(5) {
        let last = (0..8u32).rev().find(|k| (2.5 * f64::from(*k)).round() as usize <= step - 5);
        *x = if step < 25 { f64::from(last.unwrap() + 1) } else { 0.0 };
    }
    assert_eq!(expected[5..13], [1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 3.0]);
    for engine in ENGINES {
        let mut simulation = compiled(&net, engine).unwrap();
        simulation.run(3.0).unwrap();
        let seen = &simulation.recording().traces[0].values;
        assert_eq!(seen[seen.len() - 30..], expected, "{engine:?}");
    }
    let text = "stimulus p.drive: interval 0.25 ms is not a multiple of dt; each sample begins at the nearest step";
    assert_eq!(remarks(&net), [text]);
}

#[test]
fn what_is_seldom_meant_is_said() {
    let only = |net: &Network, words: &str| {
        let all = remarks(net);
        assert!(all.len() == 1 && all[0].contains(words), "{words}: {all:?}");
    };
    only(
        &one("lif_psc_exp", &[("v_reset", "-50 mV")]),
        "population p: the reset leaves it where it spikes (`v_th` = -55 mV and `v_reset` = -50 mV)",
    );
    only(&one("izhikevich", &[("c", "30 mV")]), "the reset leaves it where it spikes");
    only(&one("poisson_source", &[("rate", "2 kHz")]), "it spikes with probability 0.18 in a step of 0.1 ms, and once at most");
    let mut net = one("non_spiking", &[]);
    net.dt = Some("15 ms".into());
    only(
        &net,
        "`v`: a step of 15 ms is 3 times its time constant of 5 ms, and method `euler` lets it grow beyond 2; use dt below 10 ms",
    );
    net.populations[0].method = Some("exponential_euler".into());
    assert_eq!(remarks(&net), [""; 0]);
    let mut net = Network::new("steps of synapses");
    net.dt = Some("0.5 ms".into());
    net.population("p", "spiking_adaptive", 2);
    net.project_by("p", "p", "spiking_synapse", Connector::AllToAll).parameter("tau", "0.2 ms");
    only(
        &net,
        "`p -> p`: `g`: a step of 0.5 ms is 2.5 times its time constant of 0.2 ms, and the statement of its step lets it grow",
    );
    let mut net = one("lif_cond_exp", &[]);
    net.project("p", "p", "g_inh", Connector::AllToAll).weight("-2 nS");
    net.stimulate("p", "g_exc", Waveform::Poisson { rate: "1 Hz".into(), weight: "-1 nS".into(), sources: 1 });
    only(&net, "`p -> p`: weights at `g_inh`, a conductance (nS), may be negative");
    net.projections[0].weight = Some(normal("2 nS", "0.1 nS").into());
    only(&net, "stimulus p.g_exc: the weight of its events, a conductance (nS), is negative");
    let mut net = one("own", &[]);
    net.duration = Some("20.04 ms".into());
    only(&net, "network: duration 20.04 ms is not a multiple of dt; it is 20 ms");
    net.duration = Some("0.04 ms".into());
    only(&net, "network: duration 0.04 ms is less than half a step");
    // and of what is in order, nothing
    for model in ["lif_psc_exp", "lif_cond_exp", "adex", "izhikevich", "hodgkin_huxley", "spiking_adaptive", "non_spiking", "own"] {
        assert_eq!(remarks(&one(model, &[])), [""; 0], "{model}");
    }
}

#[test]
fn what_a_variant_rounds_is_said() {
    let variants = ["2 ms", "2.04 ms"].map(|t| Variant::new().set("p.t_ref", t));
    let plan = one("lif_psc_exp", &[]).plan_ensemble(&variants, &options("cpu", Precision::F32)).unwrap();
    assert_eq!(plan.remarks(), ["variant 1: population p: `t_ref` = 2.04 ms is not a multiple of dt; it is 2 ms"]);
}

/// Other variants have remarks of their own, and those of the network stay.
#[test]
fn what_other_variants_round_is_said_in_their_place() {
    let mut net = one("lif_psc_exp", &[("v_reset", "-50 mV")]);
    net.population("q", "lif_psc_exp", 1);
    let of = |times: [&str; 2]| times.map(|t| Variant::new().set("q.t_ref", t));
    let mut simulation = net.compile_ensemble(&of(["2 ms", "2.04 ms"]), &options("cpu", Precision::F32)).unwrap();
    let said = |simulation: &synfire::Simulation| simulation.remarks().map(str::to_string).collect::<Vec<_>>();
    let first = said(&simulation);
    assert!(first.len() == 2 && first[0].contains("the reset leaves it where it spikes"), "{first:?}");
    assert_eq!(first[1], "variant 1: population q: `t_ref` = 2.04 ms is not a multiple of dt; it is 2 ms");
    simulation.set_variants(&of(["3.03 ms", "2 ms"])).unwrap();
    let other = "variant 0: population q: `t_ref` = 3.03 ms is not a multiple of dt; it is 3 ms".to_string();
    assert_eq!(said(&simulation), [first[0].clone(), other]);
    simulation.set_variants(&of(["3 ms", "2 ms"])).unwrap();
    assert_eq!(said(&simulation), [first[0].clone()]);
}

/// Two that are slow alone and fast together, as cells with a strong junction are.
#[test]
fn a_step_is_held_against_what_states_do_together() {
    let model = "
      neuron pair
        param k = 10 Hz
        state x = 1, y = 0
        dx/dt = -x/(10 ms) + k*(y - x)
        dy/dt = -y/(10 ms) + k*(x - y)
        method rk4
        threshold x > 2 or y > 2
        reset x = 0";
    let mut net = Network::new("pair");
    net.equations(model);
    net.population("p", "pair", 2).parameter("k", "15000 Hz");
    let all = remarks(&net);
    // the difference of the two decays at 0.1 + 2·15 per ms, each alone at 15.1
    let words = "population p: `x`, `y`: a step of 0.1 ms is 3.01 times the shortest time constant that they have together, \
                 0.0332 ms, and method `rk4` lets them grow beyond 2; use dt below 0.0664 ms, or method `exact`";
    assert!(all.len() == 1 && all[0].contains(words), "{all:?}");
    net.populations[0].parameters.insert("k".into(), "9900 Hz".into());
    assert_eq!(remarks(&net), [""; 0]);
}

#[test]
fn a_run_that_is_rounded_is_said_once() {
    let mut net = one("own", &[]);
    let mut simulation = compiled(&net, CPU).unwrap();
    simulation.run(1.0).unwrap();
    assert_eq!(simulation.remarks().count(), 0);
    simulation.run(20.04).unwrap();
    simulation.run(20.04).unwrap();
    let said = "duration 20.04 ms is not a multiple of dt; it is 20 ms";
    assert_eq!(simulation.remarks().collect::<Vec<_>>(), [said]);
    assert_eq!(simulation.time_steps(), 410);
    net.duration = Some("20.04 ms".into());
    let mut simulation = compiled(&net, CPU).unwrap();
    simulation.run(20.04).unwrap();
    assert_eq!(simulation.remarks().collect::<Vec<_>>(), [format!("network: {said}")]);
}

/// What a model makes of its parameters before the first step.
#[test]
fn an_initial_value_that_is_not_finite_is_refused_by_name() {
    let model = "
      neuron n
        param scale = 1, far = inf ms
        state x = exp(scale*scale), y = 0, until = far
        dx/dt = -x/(10 ms)";
    let mut net = Network::new("initial");
    net.equations(model);
    net.population("quiet", "n", 1);
    net.population("p", "n", 3).parameter("scale", Value::List([1.0, 40.0, 3.0].map(Value::Number).to_vec()));
    for engine in ENGINES {
        let said = compiled(&net, engine).map(|_| ()).unwrap_err().to_string();
        let words = "population p: the initial value of `x` of neuron 1 comes out as inf; it must be a finite number below 3.4e38";
        assert!(said.contains(words), "{said}");
        // a state that no step changes may be infinite, as a parameter may
        let mut good = net.clone();
        good.populations[1].parameters.clear();
        let mut simulation = compiled(&good, engine).unwrap_or_else(|e| panic!("{engine:?}: {e}"));
        simulation.run(1.0).unwrap_or_else(|e| panic!("{engine:?}: {e}"));
        let variant = [Variant::new().set("quiet.scale", "40")];
        let said = good.compile_ensemble(&variant, &options(engine.0, engine.1)).map(|_| ()).unwrap_err().to_string();
        assert!(said.contains("population quiet: the initial value of `x` of neuron 0 comes out as inf"), "{said}");
    }
}

#[test]
fn a_run_of_no_step_is_refused() {
    let mut simulation = compiled(&one("own", &[]), CPU).unwrap();
    let text = simulation.run(0.04).unwrap_err().to_string();
    assert!(text.contains("a run of 0.04 ms is no step"), "{text}");
    assert!(simulation.run(f64::NAN).is_err() && simulation.run(-1.0).is_err());
    simulation.run(0.0).unwrap();
    simulation.run(0.06).unwrap();
    assert_eq!(simulation.time_steps(), 1);
}

#[test]
fn inputs_that_nobody_sets_are_said() {
    let here = tempfile::tempdir().unwrap();
    let mut net = Network::new("asked");
    net.duration = Some("1 ms".into());
    net.population("cell", "non_spiking", 1);
    net.input("push", "cell", "i_stim", "1 nA");
    let file = here.path().join("net.toml");
    fs::write(&file, net.to_toml().unwrap()).unwrap();
    let out = here.path().join("out");
    let runs = [
        vec!["run", "net.toml", "--engine", "cpu", "--out", out.to_str().unwrap()],
        vec!["check", "net.toml", "--lockstep", "--engine", "cpu", "--steps", "2"],
    ];
    for arguments in runs {
        let output = Command::new(env!("CARGO_BIN_EXE_synfire")).args(&arguments).current_dir(here.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert!(said.contains("remark: the input `push` is never set: it is 0 in every step"), "{arguments:?}: {said}");
    }
    // a duration that is no number
    let file = folder().join("window_f64.toml");
    for duration in ["nan ms", "inf ms", "-1 ms", "soon"] {
        let arguments = ["run", file.to_str().unwrap(), "--engine", "cpu", "--duration", duration];
        let output = Command::new(env!("CARGO_BIN_EXE_synfire")).args(arguments).current_dir(here.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{duration}");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_synfire"))
        .args(["run", file.to_str().unwrap(), "--adapter", "llvmpipe", "--precision", "f64"])
        .current_dir(here.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("a GPU computes in f32, and f64 was asked for"));
}

#[test]
fn persistent_sodium_is_the_toolbox_s() {
    let cell = one("persistent_sodium", &[]);
    let given = one("persistent_sodium", &[("g_na", "1.0485070729908987 uS")]);
    let of = |net: &Network| compiled(net, CPU).unwrap().plan().groups()[0].params.clone();
    assert_eq!(of(&cell), of(&given));
}
