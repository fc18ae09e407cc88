//! What is wrong with populations, stimuli and probes, each said in full; and what comes out when nothing is.

use std::path::Path;

use super::*;
use crate::diagnostic::Source;
use crate::network::checked::{CheckedWaveform, Column, Record, RowSet, Sampling};
use crate::network::value::{Distribution, choice, lognormal, normal, uniform};
use crate::network::{Network, SpikeTimes, Waveform};

const MODELS: &str = "
neuron lif
  param c_m = 200 pF, g_leak = 10 nS, tau_m = c_m/g_leak, v_th = -50 mV
  state v = 0 mV, g_exc = 0 nS
  input g_exc
  input i_ext : pA
  i_syn = 0 pA
  threshold v >= v_th
  reset v = -60 mV

neuron strict
  param c_m = 200 pF, g_leak = 10 nS, tau_m = c_m/g_leak, v_th : mV
  state v = 0 mV, g_exc = 0 nS
  input g_exc
  input i_ext : pA
  threshold v >= v_th
  reset v = -60 mV

neuron listed
  threshold listed()

neuron rate
  state v = 0 mV
  dv/dt = -v/(10 ms)
  input i_ext : pA

synapse plain
  param w : nS, top = 2*w
  on_pre g_exc += w

synapse gap
  param g : nS
  graded i_ext += g*(pre.v - post.v)
";

/// `lif` (tau_m = c_m/g_leak, port g_exc, input i_ext), `listed`, `rate` (never spikes), `strict` (v_th must be given);
/// synapses `plain` (port g_exc) and `gap` (graded, reads v at both ends).
pub(super) fn models() -> ModelSet {
    let source = Source { name: "models".into(), text: MODELS.into() };
    crate::model::check::read(&source).unwrap_or_else(|report| panic!("{report}"))
}

pub(super) fn checked(net: &Network) -> CheckedNetwork {
    check(net, &models(), Path::new(".")).unwrap_or_else(|report| panic!("{report}"))
}

pub(super) fn remarks(network: &CheckedNetwork) -> Vec<String> {
    network.remarks.iter().map(ToString::to_string).collect()
}

/// All that is wrong, without the line that names the network.
pub(super) fn wrong(net: &Network) -> String {
    wrong_in(net, Path::new("."))
}

pub(super) fn wrong_in(net: &Network, folder: &Path) -> String {
    let report = check(net, &models(), folder).expect_err("nothing is wrong");
    report.to_string().replace("\n  --> net", "")
}

fn net() -> Network {
    Network::new("net")
}

/// A network of one population `exc` of three, changed.
pub(super) fn one(change: impl FnOnce(&mut crate::network::Population)) -> Network {
    let mut net = net();
    change(net.population("exc", "lif", 3));
    net
}

#[test]
fn defaults_follow_from_parameters() {
    let net = one(|p| {
        p.parameter("c_m", ["100 pF", "0.2 nF", "300 pF"]).parameter("v_th", "-49 mV").initial("v", "-0.06 V");
    });
    let out = checked(&net);
    assert_eq!(out.dt, 0.1);
    let p = &out.populations[0];
    assert_eq!(p.params[0], Column::PerRow(vec![100.0, 200.0, 300.0]));
    assert_eq!(p.params[1], Column::Shared(10.0));
    assert_eq!(p.params[2], Column::PerRow(vec![10.0, 20.0, 30.0]));
    assert_eq!(p.params[3], Column::Shared(-49.0));
    assert_eq!(p.initial, [Some(Column::Shared(-60.0)), None]);
    assert_eq!((p.size, p.shape.as_slice(), p.method), (3, &[3][..], None));
    assert_eq!(out.hash.len(), 64);
    assert_eq!(out.hash, checked(&net.clone()).hash);
    let mut other = net.clone();
    other.seed(1);
    assert_ne!(out.hash, checked(&other).hash);
}

#[test]
fn draws_keep_their_bounds_and_depend_on_the_seed_alone() {
    let mut net = net();
    net.population("a", "lif", 1000)
        .initial("v", uniform("-60 mV", "-50 mV"))
        .parameter("c_m", normal("200 pF", "50 pF").min("150 pF").max("250 pF"))
        .parameter("g_leak", lognormal("10 nS", 0.5).clip())
        .parameter("v_th", choice(["-50 mV", "-40 mV"], [0.25, 0.75]));
    let first = checked(&net);
    let p = &first.populations[0];
    let Some(Column::PerRow(v)) = &p.initial[0] else { panic!() };
    assert!(v.iter().all(|x| (-60.0..-50.0).contains(x)));
    let Column::PerRow(c) = &p.params[0] else { panic!() };
    assert!(c.iter().all(|x| (150.0..=250.0).contains(x)));
    let Column::PerRow(th) = &p.params[3] else { panic!() };
    // binomial, 1000 draws with p = 0.25: sd 13.7, five of them
    let low = th.iter().filter(|x| **x == -50.0).count();
    assert!((180..=320).contains(&low), "{low}");
    assert_eq!(checked(&net).populations[0].params, p.params);
    net.seed(5);
    assert_ne!(checked(&net).populations[0].params, p.params);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let mut net = net();
    net.dt("0.1 mV").population("exc", "lfi", 0);
    net.population("exc", "plain", 1).shape([1, 2]);
    net.probe("inh", "spikes");
    assert_eq!(
        wrong(&net),
        "error[E030]: network: `dt` is a time (ms), got 0.1 mV (voltage)\n\n\
         error[E022]: population exc: there is another population of this name\n\n\
         error[E025]: population exc: no neuron model `lfi`; there are `lif`, `listed`, `rate`, `strict`\n  \
         help: did you mean `lif`?\n\n\
         error[E023]: population exc: at least one neuron is needed\n\n\
         error[E025]: population exc: `plain` is a synapse model, a neuron model is expected\n  \
         help: synapse models are named by projections: `synapse`\n\n\
         error[E060]: probe inh.spikes: no population `inh`; there is `exc`"
    );
}

#[test]
fn each_mistake_of_a_network_or_population() {
    let dt = |value: crate::network::Value| {
        let mut net = net();
        net.dt(value);
        wrong(&net)
    };
    assert_eq!(
        dt(0.1.into()),
        "error[E030]: network: `dt` is a time (ms), got 0.1 (a number without a unit)\n  help: write for example `0.1 ms`"
    );
    assert_eq!(dt("-1 ms".into()), "error[E020]: network: dt is a time longer than 0 ms, got -1 ms");
    assert_eq!(dt("inf ms".into()), "error[E020]: network: dt is a time longer than 0 ms, got inf ms");
    assert_eq!(dt("1e-9 ms".into()), "error[E020]: network: dt 1e-9 ms is shorter than 1e-6 ms, the shortest step");
    assert_eq!(dt([1.0].into()), "error[E035]: network: `dt` is one value, got a list of 1");

    let cases: Vec<(Network, &str)> = vec![
        (
            one(|p| {
                p.parameter("c_m", "-65 mV");
            }),
            "error[E030]: population exc: `c_m` is a capacitance (pF), got -65 mV (voltage)",
        ),
        (
            one(|p| {
                p.parameter("v_tg", "-50 mV");
            }),
            "error[E026]: population exc: `lif` has no parameter `v_tg`; it has `c_m`, `g_leak`, `tau_m`, `v_th`\n  help: did you mean `v_th`?",
        ),
        (
            one(|p| {
                p.parameter("v", "-50 mV");
            }),
            "error[E026]: population exc: `lif` has no parameter `v`; it has `c_m`, `g_leak`, `tau_m`, `v_th`\n  help: `v` is a state: set it under `initial`",
        ),
        (
            one(|p| {
                p.initial("c_m", "1 pF");
            }),
            "error[E029]: population exc: `lif` has no state `c_m`; it has `v`, `g_exc`\n  help: `c_m` is a parameter: set it under `parameters`",
        ),
        (
            one(|p| {
                p.model = "strict".into();
            }),
            "error[E027]: population exc: `v_th` of `strict` has no value\n  help: give a value in mV under `parameters`",
        ),
        (
            one(|p| {
                p.method("rk5");
            }),
            "error[E028]: population exc: no method `rk5`; there are `exact`, `exponential_euler`, `euler`, `heun`, `rk2`, `ralston`, `rk3`, `rk4`, `rk4_38`, `euler_maruyama`, `milstein`, `heun_stratonovich`, `milstein_stratonovich`\n  help: did you mean `rk2`?",
        ),
        (
            one(|p| {
                p.parameter("v_th", ["-50 mV", "-51 mV"]);
            }),
            "error[E033]: population exc: `v_th` is a list of 2 for 3 neurons",
        ),
        (
            one(|p| {
                p.parameter("v_th", ["-50 mV", "-51 mV", "3 pA"]);
            }),
            "error[E030]: population exc: `v_th[2]` is a voltage (mV), got 3 pA (current)",
        ),
        (
            one(|p| {
                p.parameter("v_th", "-50 Mv");
            }),
            "error[E031]: population exc: `v_th`: unknown unit `Mv`; did you mean `mV`?",
        ),
        (
            one(|p| {
                p.parameter("v_th", "inf mV");
            }),
            "error[E032]: population exc: `v_th` must be finite, got inf mV",
        ),
        (
            one(|p| {
                p.parameter("v_th", "1e39 mV");
            }),
            "error[E032]: population exc: `v_th` is larger than single precision holds, got 1e39 mV",
        ),
        (
            one(|p| {
                p.parameter("c_m", lognormal("1e38 pF", 3.0));
            }),
            "error[E034]: population exc: `c_m`: draws may be larger than single precision holds",
        ),
        (
            one(|p| {
                p.parameter("g_leak", "0 nS");
                p.parameter("c_m", "0 pF");
            }),
            "error[E032]: population exc: the default of `tau_m` comes out as NaN, which is not finite\n  help: give it a value, or change the parameters that it follows from",
        ),
        (
            one(|p| {
                p.parameter("v_th", uniform("-50 mV", "-60 mV"));
            }),
            "error[E034]: population exc: `v_th`: uniform from -50 mV to -60 mV: the first must not be larger",
        ),
        (
            one(|p| {
                p.parameter("v_th", normal("-50 mV", "-1 mV"));
            }),
            "error[E034]: population exc: `v_th`: the sd of a normal must not be negative, got -1 mV",
        ),
        (
            one(|p| {
                p.parameter("v_th", normal("-50 mV", "1 ms"));
            }),
            "error[E030]: population exc: `v_th.normal.sd` is a voltage (mV), got 1 ms (time)",
        ),
        (
            one(|p| {
                p.parameter("v_th", normal("-50 mV", "1 mV").min("0 mV").max("-1 mV"));
            }),
            "error[E034]: population exc: `v_th`: the bounds 0 mV and -1 mV are in the wrong order",
        ),
        (
            one(|p| {
                p.parameter("v_th", normal("-50 mV", "1 mV").min("-45 mV"));
            }),
            "error[E034]: population exc: `v_th`: only 2.9e-7 of the draws are within the bounds\n  help: widen the bounds, or write outside = \"clip\"",
        ),
        (
            one(|p| {
                p.parameter("v_th", choice(["-50 mV", "-40 mV"], [0.5, 0.4]));
            }),
            "error[E034]: population exc: `v_th`: the probabilities add up to 0.9, not to 1",
        ),
        (
            one(|p| {
                p.parameter("v_th", Distribution::Column { file: None, column: "x".into(), unit: None });
            }),
            "error[E035]: population exc: `v_th`: only a projection has a table of its own\n  help: name the `file` of the column",
        ),
        (
            one(|p| {
                p.size = None;
            }),
            "error[E023]: population exc: a size or a shape is missing",
        ),
        (
            one(|p| {
                p.size = Some(1 << 32);
            }),
            "error[E023]: population exc: more than 2147483647 neurons",
        ),
        (
            one(|p| {
                p.shape([u64::MAX, 9]);
            }),
            "error[E023]: population exc: more than 2147483647 neurons",
        ),
        (
            one(|p| {
                p.size = Some((1 << 31) - 1);
                p.initial("v", uniform("1 mV", "2 mV"));
            }),
            "error[E036]: population exc: `v` needs 2147483647 numbers, more than the 536870912 that a network may hold\n  help: give one value for all",
        ),
        (
            one(|p| {
                p.name = "a\nb".into();
            }),
            "error[E022]: population 0: the name has a character that does not print",
        ),
        (
            one(|p| {
                p.spike_times(vec![]);
            }),
            "error[E050]: population exc: `lif` spikes by itself, `spike_times` has no meaning for it\n  help: use the model `spike_times`",
        ),
    ];
    for (net, expected) in cases {
        assert_eq!(wrong(&net), expected);
    }
}

#[test]
fn listed_spikes() {
    let lists = |lists: Vec<Vec<f64>>| {
        one(|p| {
            p.model = "listed".into();
            p.spike_times = Some(SpikeTimes::Lists(lists));
        })
    };
    let out = checked(&lists(vec![vec![5.0, 0.1], vec![], vec![1.23]]));
    assert_eq!(out.populations[0].spike_steps, Some(vec![vec![1, 50], vec![], vec![12]]));
    assert_eq!(remarks(&out), ["population exc: 1 spike times were moved to the nearest step, by up to 0.03 ms"]);
    assert_eq!(wrong(&lists(vec![vec![]])), "error[E033]: population exc: 1 lists of spike times for 3 neurons");
    assert_eq!(
        wrong(&lists(vec![vec![], vec![0.0], vec![]])),
        "error[E051]: population exc: spike of neuron 1 at 0 ms: the first that can be is at 0.1 ms, the end of the first step"
    );
    assert_eq!(
        wrong(&lists(vec![vec![f64::NAN], vec![], vec![]])),
        "error[E051]: population exc: spike of neuron 0 at NaN ms: this is no time that steps reach"
    );
    assert_eq!(
        wrong(&lists(vec![vec![2.0, 2.01], vec![], vec![]])),
        "error[E051]: population exc: neuron 0 has two spikes in the step that ends at 2 ms\n  help: a neuron spikes once in a step: take one out, or use a smaller dt"
    );
    assert!(wrong(&one(|p| p.model = "listed".into())).starts_with(
        "error[E050]: population exc: the model `listed` spikes when a list says so, and the key `spike_times` is missing"
    ));
}

#[test]
fn stimuli_come_out_in_steps_and_internal_units() {
    let mut net = one(|_| {});
    net.stimulate("exc", "i_ext", Waveform::constant(["1 nA", "2 nA"])).rows(1..3).from("1 ms").until("2 ms");
    net.stimulate("exc", "g_exc", Waveform::Poisson { rate: "10 Hz".into(), weight: "1 nS".into(), sources: 100 });
    let steps = Waveform::Steps { times: vec!["1 ms".into(), "2.04 ms".into()], amplitudes: vec!["1 pA".into(), "2 pA".into()] };
    net.stimulate("exc", "i_ext", steps);
    let out = checked(&net);
    let s = &out.stimuli[0];
    assert_eq!((s.on.all(), &s.rows), (&[(10, 20)][..], &RowSet::Range(1..3)));
    assert_eq!(s.waveform, CheckedWaveform::Constant { input: 0, amplitude: Column::PerRow(vec![1000.0, 2000.0]) });
    let CheckedWaveform::Poisson { port: 0, mean: Column::Shared(mean), .. } = out.stimuli[1].waveform else { panic!() };
    assert!((mean - 0.1).abs() < 1e-15);
    assert_eq!(out.stimuli[2].name, "exc.i_ext #2");
    assert_eq!(out.stimuli[2].waveform, CheckedWaveform::Steps { input: 0, steps: vec![10, 20], amplitudes: vec![1.0, 2.0] });
    assert_eq!(remarks(&out), ["stimulus exc.i_ext #2: times[1] 2.04 ms is not a multiple of dt; it is 2 ms"]);
}

#[test]
fn each_mistake_of_a_stimulus() {
    let with = |input: &str, waveform, change: &dyn Fn(&mut crate::network::Stimulus)| {
        let mut net = one(|_| {});
        change(net.stimulate("exc", input, waveform));
        wrong(&net)
    };
    let constant = || Waveform::constant("1 pA");
    let same = |_: &mut crate::network::Stimulus| {};
    assert_eq!(
        with("i_ex", constant(), &same),
        "error[E070]: stimulus exc.i_ex: `exc` has no input `i_ex`; there is `i_ext`\n  help: did you mean `i_ext`?"
    );
    assert_eq!(
        with("g_exc", constant(), &same),
        "error[E070]: stimulus exc.g_exc: `g_exc` is a port, where spikes arrive; `constant` drives a continuous input\n  help: use one of `i_ext`, or `poisson`"
    );
    assert_eq!(
        with("i_ext", Waveform::poisson("1 Hz", "1 nS"), &same),
        "error[E070]: stimulus exc.i_ext: `i_ext` is a continuous input, the events of `poisson` arrive at a port\n  help: use one of `g_exc`"
    );
    assert_eq!(
        with("g_exc", Waveform::poisson("-1 Hz", "1 nS"), &same),
        "error[E071]: stimulus exc.g_exc: `rate` must not be negative, got -0.001 kHz"
    );
    assert_eq!(
        with("i_ext", constant(), &|s| {
            s.from("2 ms").until("1 ms");
        }),
        "error[E073]: stimulus exc.i_ext: it stops at 1 ms, but starts at 2 ms"
    );
    assert_eq!(
        with("i_ext", constant(), &|s| {
            s.rows(0..4);
        }),
        "error[E072]: stimulus exc.i_ext: rows 0 to 3 of a population whose last neuron is 2"
    );
    assert_eq!(
        with("i_ext", constant(), &|s| {
            s.rows([2, 1]);
        }),
        "error[E072]: stimulus exc.i_ext: rows must ascend, 1 stands behind 2\n  help: sort the rows and name each once"
    );
    assert_eq!(
        with("i_ext", Waveform::Steps { times: vec!["1 ms".into()], amplitudes: vec![] }, &same),
        "error[E071]: stimulus exc.i_ext: 1 times and 0 amplitudes\n  help: amplitudes[k] holds from times[k] on"
    );
    assert_eq!(
        with(
            "i_ext",
            Waveform::Array { values: vec![vec![1.0, 2.0]], file: None, interval: "1 ms".into(), unit: Some("nA".into()) },
            &same
        ),
        "error[E071]: stimulus exc.i_ext: values[0] has 2 numbers for 3 neurons, one for all or one each is expected"
    );
    assert_eq!(
        with("i_ext", Waveform::External { unit: Some("mV".into()) }, &same),
        "error[E030]: stimulus exc.i_ext: the input takes a current (pA), the numbers are in mV\n  help: write its unit: `unit = \"pA\"`"
    );
}

#[test]
fn probes() {
    let mut net = one(|_| {});
    net.probe("exc", "spikes").rows(0..2);
    net.probe("exc", "rate");
    net.probe("exc", "v").every("1 ms");
    let out = checked(&net);
    let records: Vec<_> = out.probes.iter().map(|p| p.record.clone()).collect();
    assert_eq!(
        records,
        [
            Record::Spikes { first: 0, end: u64::MAX },
            Record::Rate { bin: 10 },
            Record::State { state: 0, times: Sampling::every(10), reduce: None },
        ]
    );
    let with = |record: &str, every: Option<&str>| {
        let mut net = one(|_| {});
        net.population("graded", "rate", 1);
        let (population, record) = record.split_once('.').unwrap();
        let probe = net.probe(population, record);
        if let Some(every) = every {
            probe.every(every);
        }
        wrong(&net)
    };
    assert_eq!(
        with("exc.spike", None),
        "error[E075]: probe exc.spike: nothing of the name `spike` to record; there are `v`, `g_exc`, `i_syn`, `i_ext`, `spikes`, `rate`\n  help: did you mean `spikes`?"
    );
    assert_eq!(
        with("exc.v_th", None),
        "error[E075]: probe exc.v_th: nothing of the name `v_th` to record; there are `v`, `g_exc`, `i_syn`, `i_ext`, `spikes`, `rate`\n  help: `v_th` is a parameter, it does not change"
    );
    assert_eq!(
        with("graded.spikes", None),
        "error[E075]: probe graded.spikes: the model of `graded` has no threshold, it never spikes"
    );
    assert_eq!(with("exc.v", Some("0.01 ms")), "error[E076]: probe exc.v: every 0.01 ms is shorter than one step of 0.1 ms");
    assert_eq!(
        with("exc.spikes", Some("1 ms")),
        "error[E076]: probe exc.spikes: every spike is recorded, `every` has no meaning here\n  help: for counts in bins record `rate`"
    );
}
