//! What is wrong with synapses that learn, once numbers and both ends are known.

use std::path::Path;

use super::*;
use crate::diagnostic::Source;
use crate::network::{Connector, Network, Projection};

const MODELS: &str = "
neuron lif
  state v = 0 mV, g_exc = 0 nS
  input g_exc
  threshold v >= 1 mV
  reset v = -60 mV

neuron silent
  state v = 0 mV, g_exc = 0 nS
  input g_exc
  dv/dt = -v/(10 ms)

synapse pair
  param w_max = 1 nS, w_min = 0 nS, w_0 = 0.5 nS, a = 0.01, tau = 20 ms, rest = 0
  state w = w_0 (from w_min to w_max), x = 0 (from 0 to 10), y = x
  dx/dt = (rest - x)/tau
  dy/dt = -y/tau
  on_pre  w -= a*w_max*y; g_exc += w
  on_post w += a*w_max*x; y += 1
  on_pre  x += 1

synapse dendritic
  param w = 1 nS, tau = 20 ms
  state x = 0 (from 0 to 1)
  dx/dt = x/tau
  on_pre x = 1; g_exc += w*x

synapse divides
  param w = 1 nS, a = 1
  state x = 0 (from 0 to 1)
  on_pre x = 1/a; g_exc += w*x
";

const MODULATED: &str = "
neuron cloud
  state d = 0 nM, v = 0 mV
  input release : nM/ms
  dd/dt = release

synapse modulated
  param w_max = 1 nS, a = 0.01/(1 nM)
  state w = w_max (from 0 nS to w_max)
  modulator dopamine : nM
  on_pre g_exc += w
  on_post w += a*w_max*dopamine

synapse tonic
  param w_max = 1 nS, a = 0.01/(1 nM), level = 2 nM
  state w = w_max (from 0 nS to w_max)
  modulator dopamine = level
  on_pre g_exc += w
  on_post w += a*w_max*dopamine
";

fn net(synapse: &str, change: impl FnOnce(&mut Projection)) -> Network {
    let mut net = Network::new("net");
    net.population("a", "lif", 3);
    net.population("b", "lif", 2);
    net.population("quiet", "silent", 2);
    change(net.project_by("a", "b", synapse, Connector::AllToAll).delay("1 ms"));
    net
}

fn looked_at(net: &Network) -> Result<CheckedNetwork, String> {
    let models = crate::model::check::read(&Source { name: "models".into(), text: format!("{MODELS}{MODULATED}") });
    let models = models.unwrap_or_else(|report| panic!("{report}"));
    check(net, &models, Path::new(".")).map_err(|report| report.to_string().replace("\n  --> net", ""))
}

#[track_caller]
fn wrong(synapse: &str, change: impl FnOnce(&mut Projection)) -> String {
    looked_at(&net(synapse, change)).expect_err("nothing is wrong")
}

#[test]
fn ranges_hold_in_numbers() {
    assert!(looked_at(&net("pair", |_| {})).is_ok());
    let given = |pairs: &'static [(&str, &str)]| {
        wrong("pair", |p| {
            for (name, value) in pairs {
                p.parameter(*name, *value);
            }
        })
    };
    assert_eq!(given(&[("w_0", "2 nS")]), "error[E038]: `a -> b`: `w` starts at 2 nS, and its range says at most 1 nS");
    assert_eq!(given(&[("w_min", "0.7 nS")]), "error[E038]: `a -> b`: `w` starts at 0.5 nS, and its range says at least 0.7 nS");
    assert_eq!(given(&[("w_min", "2 nS"), ("w_0", "1 nS")]), "error[E038]: `a -> b`: `w`: its range is empty, from 2 nS to 1 nS");
    assert_eq!(given(&[("rest", "11")]), "error[E038]: `a -> b`: `x` goes to 11 between spikes, and its range says at most 10");
    assert_eq!(given(&[("rest", "-1")]), "error[E038]: `a -> b`: `x` goes to -1 between spikes, and its range says at least 0");
    let ends = net("pair", |p| {
        p.parameter("w_0", "1 nS").parameter("rest", 10.0);
    });
    assert!(looked_at(&ends).is_ok(), "both ends belong to a range");
    let of_one = wrong("pair", |p| {
        let all: Vec<f64> = (0..6).map(|k| 0.4 * f64::from(k)).collect();
        p.parameter("w_0", crate::network::value::Value::List(all.iter().map(|x| format!("{x} nS").into()).collect()));
    });
    assert!(of_one.contains("`w` of synapse 3 starts at 1.2 nS") || of_one.contains("E035"), "{of_one}");
    assert_eq!(
        wrong("dendritic", |_| {}),
        "error[E038]: `a -> b`: `x` grows between spikes without end: its equation never brings it back"
    );
    assert_eq!(
        wrong("divides", |p| {
            p.parameter("a", 0.0);
        }),
        "error[E037]: `a -> b`: `a` = 0: the model divides by it"
    );
}

/// The sign of an arrow is that of the range of what is sent, and of what its port does.
#[test]
fn learned_weights_have_a_sign_in_diagrams() {
    let head = |synapse: &str, key: &str, value: &str| {
        let mut net = Network::new("net");
        net.population("p", "lif_cond_exp", 2);
        net.project_by("p", "p", synapse, Connector::AllToAll).parameter(key, value);
        net.diagram().arrows[0].head
    };
    use crate::network::Head;
    assert_eq!(head("stdp_pair", "w_max", "2 nS"), Head::Excitatory);
    assert_eq!(head("tm2", "w", "2 nS"), Head::Excitatory);
    // from 0 nS at the start
    assert_eq!(head("vogels_2011", "eta", "0.02 nS"), Head::Inhibitory);
}

#[test]
fn ends_that_never_spike_and_states_given_as_parameters() {
    assert_eq!(
        wrong("pair", |p| p.target = "quiet".into()),
        "error[E067]: `a -> quiet`: the model of `quiet` has no threshold, so its `on_post` lines will never run\n  help: leave the `on_post` lines out"
    );
    assert!(
        wrong("pair", |p| p.source = "quiet".into())
            .starts_with("error[E067]: `quiet -> b`: the model of `quiet` has no threshold, so no spike")
    );
    let said = wrong("pair", |p| {
        p.parameter("w", "0.3 nS");
    });
    assert!(said.starts_with("error[E026]: `a -> b`: `pair` has no parameter `w`; there are "), "{said}");
    assert!(said.ends_with("help: `w` is a state; let it start from a parameter: `state w = w_0`"), "{said}");
    // a delay has an effect
    let checked = looked_at(&net("pair", |_| {})).unwrap_or_else(|report| panic!("{report}"));
    assert!(checked.remarks.is_empty());
}

#[test]
fn modulators_come_from_somewhere_that_fits() {
    let of = |synapse: &str, source: Option<&str>| {
        let mut net = net(synapse, |p| {
            if let Some(source) = source {
                p.modulator("dopamine", source);
            }
        });
        net.population("vta", "cloud", 1);
        net.population("each", "cloud", 2);
        net.population("many", "cloud", 4);
        net.input("reward", "vta", "release", "1 nM/ms");
        net
    };
    let said = |synapse: &str, source: &str| looked_at(&of(synapse, Some(source))).expect_err("nothing is wrong");
    let fits = |synapse: &str, source: Option<&str>| {
        let checked = looked_at(&of(synapse, source)).unwrap_or_else(|report| panic!("{report}"));
        checked.projections[0].modulators.clone()
    };
    use crate::network::checked::ModulatorSource::State;
    let state = |population: u32, each: bool| [Some(State { population: PopulationId(population), state: 0, each })];
    assert_eq!(fits("modulated", Some("vta.d")), state(3, false));
    assert_eq!(fits("modulated", Some("each.d")), state(4, true));
    assert_eq!(fits("tonic", None), [None], "what the model says");
    assert_eq!(
        looked_at(&of("modulated", None)).expect_err("nothing is wrong"),
        "error[E068]: `a -> b`: the modulator `dopamine` of `modulated` has no source\n  help: name a state of a population or an input: `modulators = { dopamine = \"vta.d\" }`"
    );
    assert_eq!(
        said("modulated", "many.d"),
        "error[E068]: `a -> b`: the modulator `dopamine`: `many.d` has 4 neurons, and there are 2 targets\n  help: one serves all synapses; as many as targets serve each target's own"
    );
    assert_eq!(
        said("modulated", "vta.v"),
        "error[E068]: `a -> b`: the modulator `dopamine` is a concentration (uM), and `vta.v` a voltage (mV)"
    );
    assert_eq!(said("modulated", "vta.e"), "error[E068]: `a -> b`: `dopamine`: `vta` has no state `e`; there are `d`, `v`");
    assert_eq!(
        said("modulated", "vtb.d"),
        "error[E068]: `a -> b`: `dopamine`: nothing of the name `vtb.d`\n  help: did you mean `vta`?"
    );
    assert!(said("modulated", "reward").contains("is a concentration (uM), and `reward` a "), "{}", said("modulated", "reward"));
    assert_eq!(
        wrong("pair", |p| {
            p.modulator("dopamine", "b.v");
        }),
        "error[E068]: `a -> b`: `pair` has no modulator `dopamine`; there is none"
    );
    let port = wrong("pair", |p| {
        p.modulator("dopamine", "b.v").weight("1 nS");
        (p.synapse, p.port) = (None, Some("g_exc".into()));
    });
    assert_eq!(port, "error[E068]: `a -> b`: `dopamine`: modulators belong to a synapse model, with a port there is only `weight`");
}
