//! Arithmetic in values: constants, parameters of the same population, index and size.

use super::tests::{checked, models, one, wrong};
use super::*;
use crate::network::checked::{CheckedSynapse, CheckedWaveform, Column, EdgeValue};
use crate::network::value::{Distribution, normal, uniform};
use crate::network::{Connector, Network, Value, Variant, Waveform};

/// `exc` of three neurons: c_m, g_leak, tau_m, v_th.
fn params(set: impl FnOnce(&mut crate::network::Population)) -> Vec<Column> {
    checked(&one(set)).populations[0].params.clone()
}

#[test]
fn every_value_is_worked_out() {
    let mut net = Network::new("sums");
    net.constant("g", 5.0).constant("J", "0.2 nS").constant("tau", "2*tau_0").constant("tau_0", "5 ms");
    net.dt("0.2 ms/2").duration("10*tau");
    net.population("exc", "lif", 4).parameter("c_m", "tau*10 nS").initial("v", "-65 mV + 15 mV*i/n");
    net.project("exc", "exc", "g_exc", Connector::AllToAll).weight("g*J").delay("1 ms + tau_0/10");
    net.stimulate("exc", "i_ext", Waveform::constant("2*(100 pA - 50 pA)")).from("tau").until("tau + 1 s");
    net.stimulate("exc", "g_exc", Waveform::poisson("2*10 Hz", "J/2"));
    net.probe("exc", "v").every("4*0.1 ms");
    let out = checked(&net);
    assert_eq!((out.dt, out.duration), (0.1, Some(100.0)));
    assert_eq!(out.populations[0].params[0], Column::Shared(100.0));
    assert_eq!(out.populations[0].initial[0], Some(Column::PerRow(vec![-65.0, -61.25, -57.5, -53.75])));
    let CheckedSynapse::Static { weight, .. } = &out.projections[0].synapse else { panic!() };
    assert_eq!(*weight, EdgeValue::Shared(1.0));
    assert_eq!(out.projections[0].delay, EdgeValue::Shared(15.0));
    assert_eq!(out.stimuli[0].on.all(), [(100, 10_100)]);
    let CheckedWaveform::Constant { amplitude, .. } = &out.stimuli[0].waveform else { panic!() };
    assert_eq!(*amplitude, Column::Shared(100.0));
    let CheckedWaveform::Poisson { mean, weight, .. } = &out.stimuli[1].waveform else { panic!() };
    assert_eq!((mean, weight), (&Column::Shared(0.02 * 0.1), &Column::Shared(0.1)));
    // what is written in a file and read back says the same
    let read = Network::from_toml(&net.to_toml().unwrap(), "net.toml").unwrap();
    assert_eq!(read, net);
    assert_eq!(Network::from_json(&net.to_json().unwrap(), "net.json").unwrap(), net);
    assert_eq!(checked(&read).hash, out.hash);
}

#[test]
fn parameters_follow_from_each_other_in_any_order() {
    // c_m stands before g_leak in the model, and follows from it here; tau_m = c_m/g_leak by the model
    let out = params(|p| {
        p.parameter("c_m", "g_leak*(15 ms)").parameter("g_leak", "8 nS if i == 1 else 4 nS");
    });
    assert_eq!(out[0], Column::PerRow(vec![60.0, 120.0, 60.0]));
    assert_eq!(out[1], Column::PerRow(vec![4.0, 8.0, 4.0]));
    assert_eq!(out[2], Column::PerRow(vec![15.0, 15.0, 15.0]));
    // of what is drawn, by the same numbers as without
    let law = uniform("100 pF", "200 pF");
    let drawn = params(|p| {
        p.parameter("c_m", law.clone());
    });
    let half = params(|p| {
        p.parameter("c_m", law).parameter("g_leak", "c_m/(20 ms)");
    });
    assert_eq!(half[0], drawn[0]);
    assert!((0..3).all(|k| half[1].get(k) == drawn[0].get(k) / 20.0));
    // laws may name them too
    let named = params(|p| {
        p.parameter("c_m", normal("2*g_leak*(10 ms)", "0*g_leak*(1 ms)")).parameter("g_leak", "5 nS");
    });
    assert_eq!(named[0], Column::PerRow(vec![100.0; 3]));
    // a parameter that has the name of a constant and names it means the constant
    let mut net = one(|p| {
        p.parameter("c_m", "2*c_m").parameter("g_leak", "c_m/(40 ms)");
    });
    net.constant("c_m", "50 pF");
    let out = checked(&net).populations[0].params.clone();
    assert_eq!((&out[0], &out[1]), (&Column::Shared(100.0), &Column::Shared(2.5)));
}

#[test]
fn what_a_variant_gives_is_followed() {
    let mut net = one(|p| {
        p.parameter("c_m", "g_leak*(15 ms)").initial("v", "-60 mV - 1 mV*c_m/(1 pF)");
    });
    net.constant("g", 3.0);
    let variants = [Variant::new().set("exc.g_leak", "2 nS"), Variant::new().set("exc[1].g_leak", "g*1 nS")];
    let (base, out) = check_ensemble(&net, &variants, &models(), Path::new(".")).unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(base.populations[0].params[0], Column::Shared(150.0));
    let own = &out[0].populations[0];
    assert_eq!((&own.params[0], &own.initial[0]), (&Column::Shared(30.0), &Some(Column::Shared(-90.0))));
    let own = &out[1].populations[0];
    assert_eq!(own.params[1], Column::PerRow(vec![10.0, 3.0, 10.0]));
    assert_eq!(own.params[0], Column::PerRow(vec![150.0, 45.0, 150.0]));
    assert_eq!(own.params[2], Column::PerRow(vec![15.0; 3]));
}

#[test]
fn constants_are_set_by_name() {
    let mut net = one(|p| {
        p.parameter("c_m", "g*10 pF");
    });
    net.constant("g", 3.0);
    net.set("constants.g", "4").unwrap();
    assert_eq!(checked(&net).populations[0].params[0], Column::Shared(40.0));
    let said = net.set("constants.h", "4").unwrap_err().to_string();
    assert!(said.starts_with("error[E046]: `constants.h`: the network has no constant `h`; it has `g`"), "{said}");
}

#[test]
fn what_is_wrong_is_said() {
    let of = |name: &str, value: &str| {
        wrong(&one(|p| {
            p.parameter(name, value);
        }))
    };
    assert_eq!(of("c_m", "2*10 Hz"), "error[E030]: population exc: `c_m` is a capacitance (pF), got 2*10 Hz (rate)");
    assert_eq!(of("c_m", "g_leak*i"), "error[E030]: population exc: `c_m` is a capacitance (pF), got g_leak*i (conductance)");
    assert_eq!(
        of("c_m", "g_leek*(2 ms)"),
        "error[E083]: population exc: `c_m`: in `g_leek*(2 ms)`: unknown name `g_leek`\n  help: did you mean `g_leak`?"
    );
    assert_eq!(
        of("c_m", "100 pF + 2"),
        "error[E084]: population exc: `c_m`: in `100 pF + 2`: the two sides of `+` differ in dimension: pF and a pure number\n  help: give `2` its unit: `2 pF`"
    );
    assert_eq!(of("c_m", "100 pF/i"), "error[E032]: population exc: `c_m` must be finite, and `100 pF/i` is inf for neuron 0");
    assert_eq!(
        of("c_m", "tau_m*g_leak"),
        "error[E083]: population exc: `c_m` follows from itself: `c_m` from `tau_m`, `tau_m` from `c_m`\n  help: give one of them a value of its own"
    );
    assert_eq!(
        of("c_m", "2*c_m"),
        "error[E083]: population exc: `c_m` follows from itself: `c_m` from `c_m`\n  help: give one of them a value of its own"
    );
    let law = one(|p| {
        p.parameter("c_m", normal("100 pF*i", "1 pF"));
    });
    assert_eq!(
        wrong(&law),
        "error[E035]: population exc: `c_m.normal.mean` is one value, and `i` in `100 pF*i` differs from neuron to neuron"
    );
    // units that are wrong are said as ever
    assert_eq!(of("c_m", "5 pf"), "error[E031]: population exc: `c_m`: unknown unit `pf`; did you mean `pF`?");
    let mut net = one(|_| ());
    net.constant("a", "2*b").constant("b", "c + 1").constant("c", "a/2").constant("i", 3.0).constant("mV", 3.0);
    assert_eq!(
        wrong(&net),
        "error[E022]: network: constant `i`: the name has a meaning of its own in values\n\n\
         error[E022]: network: constant `mV`: the name is a unit\n\n\
         error[E083]: network: constant `a` follows from itself: `a` from `b`, `b` from `c`, `c` from `a`"
    );
    let mut net = one(|_| ());
    net.constant("a", Value::List(vec![1.0.into()])).constant("b", Value::from(Distribution::Uniform(1.into(), 2.into())));
    net.constant("c", "1/0").constant("late", "a + 1");
    assert_eq!(
        wrong(&net),
        "error[E035]: network: `constants.a` is one value, got a list of 1\n\n\
         error[E032]: network: constant `c` must be finite, got inf\n\n\
         error[E035]: network: `constants.b` is one value, got a uniform distribution"
    );
}

#[test]
fn lists_that_follow_from_the_row() {
    use crate::network::value::{each, linspace, range, repeat};
    let of = |value: Distribution| {
        checked(&one(|p| {
            p.parameter("v_th", value);
        }))
        .populations[0]
            .params[3]
            .clone()
    };
    assert_eq!(of(linspace("-60 mV", "-50 mV")), Column::PerRow(vec![-60.0, -55.0, -50.0]));
    assert_eq!(of(range("-60 mV", "-54 mV", "2 mV")), Column::PerRow(vec![-60.0, -58.0, -56.0]));
    assert_eq!(of(range("-60 mV", "-59.7 mV", "0.1 mV")), Column::PerRow(vec![-60.0, -60.0 + 0.1, -60.0 + 0.1 * 2.0]));
    assert_eq!(of(repeat(["-60 mV", "-50 mV"])), Column::PerRow(vec![-60.0, -50.0, -60.0]));
    assert_eq!(of(each(["-60 mV", "-50 mV", "2*(-20 mV)"])), Column::PerRow(vec![-60.0, -50.0, -40.0]));
    let said = |value: Distribution| {
        wrong(&one(|p| {
            p.parameter("v_th", value);
        }))
    };
    assert_eq!(
        said(range("-60 mV", "-50 mV", "2 mV")),
        "error[E033]: population exc: `v_th.range` has 5 values for 3 neurons\n  help: change the step, or use `linspace`"
    );
    assert_eq!(said(range("-60 mV", "-50 mV", "-2 mV")), "error[E034]: population exc: `v_th.range`: this step never leads there");
    assert_eq!(
        said(each(["-60 mV", "-50 mV"])),
        "error[E033]: population exc: `v_th.each` has 2 values for 3 neurons\n  help: each value is for as many rows as the others"
    );
    assert_eq!(
        said(linspace("-60 mV", "3 nS")),
        "error[E030]: population exc: `v_th.linspace` is a voltage (mV), got 3 nS (conductance)"
    );
    let mut net = one(|_| ());
    net.project("exc", "exc", "g_exc", Connector::OneToOne).weight(linspace("1 nS", "3 nS"));
    let CheckedSynapse::Static { weight, .. } = &checked(&net).projections[0].synapse else { panic!() };
    assert_eq!(*weight, EdgeValue::List(vec![1.0, 2.0, 3.0]));
    net.projections[0].connector = Connector::probability(0.5);
    assert!(wrong(&net).contains("`weight` is a `linspace`, but this connector draws how many synapses there are"));
}

#[test]
fn laws_with_impossible_numbers_are_refused() {
    use crate::network::value::{binomial, exponential, gamma, poisson, randint, von_mises};
    let said = |value: Distribution| {
        wrong(&one(|p| {
            p.parameter("c_m", value);
        }))
    };
    assert_eq!(
        said(gamma(0.0, "1 pF")),
        "error[E034]: population exc: `c_m`: the shape of a gamma law is a number above 0, up to 1e9, got 0"
    );
    assert_eq!(
        said(poisson(3.0)),
        "error[E030]: population exc: a count is a pure number, and `c_m.poisson.times` is missing\n  help: write what it is multiplied by, for example `times = \"1 pF\"`"
    );
    assert_eq!(
        said(binomial(2.5, 0.5).times("1 pF")),
        "error[E034]: population exc: `c_m`: the `n` of a binomial law is a whole number from 0 to 1e9, got 2.5"
    );
    assert!(said(randint("1 pF", "5 pF")).contains("`c_m` is a capacitance (pF), and randint draws pure numbers"));
    assert!(said(von_mises("1 pF", 2.0)).contains("an angle is a pure number"));
    assert_eq!(
        said(exponential("10 pF").min("100 pF")),
        "error[E034]: population exc: `c_m`: only 4.5e-5 of the draws are within the bounds\n  help: widen the bounds, or write outside = \"clip\""
    );
    // the same draws whatever else is drawn, within their bounds
    let out = params(|p| {
        p.parameter("c_m", gamma(2.0, "50 pF").min("60 pF").max("90 pF"));
    });
    assert!((0..3).all(|k| (60.0..=90.0).contains(&out[0].get(k))));
}

#[test]
fn a_spike_of_each_source() {
    let mut net = Network::new("packet");
    net.constant("late", "5 ms");
    net.population("sources", "listed", 4).spikes_once("late + 1 ms*i");
    assert_eq!(checked(&net).populations[0].spike_steps, Some(vec![vec![50], vec![60], vec![70], vec![80]]));
    net.populations[0].spikes_once(normal("50 ms", "1 ms"));
    let steps = checked(&net).populations[0].spike_steps.clone().unwrap();
    assert!(steps.iter().all(|list| list.len() == 1 && (450..550).contains(&list[0])));
    net.populations[0].spikes_once("3 mV");
    assert!(wrong(&net).contains("`spike_times.once` is a time (ms), got 3 mV (voltage)"));
    let text = net.to_toml().unwrap();
    assert_eq!(Network::from_toml(&text, "net.toml").unwrap(), net);
}
