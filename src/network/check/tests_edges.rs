//! What is wrong with projections, each said in full; and what comes out when nothing is.

use std::path::Path;

use super::tests::{checked, models, remarks, wrong, wrong_in};
use super::*;
use crate::network::checked::{CheckedConnector, CheckedSynapse, Column, EdgeValue, Law};
use crate::network::value::{Distribution, normal, numbers, uniform};
use crate::network::{Connector, Network, Projection, Value};

/// `a` (2 x lif) to `b` (3 x lif), weight 1 nS, changed.
fn net(connector: Connector, change: impl FnOnce(&mut Projection)) -> Network {
    let mut net = Network::new("net");
    net.population("a", "lif", 2);
    net.population("b", "lif", 3);
    net.population("graded", "rate", 3);
    change(net.project("a", "b", "g_exc", connector).weight("1 nS"));
    net
}

fn all(change: impl FnOnce(&mut Projection)) -> Network {
    net(Connector::AllToAll, change)
}

fn weight(net: &Network) -> EdgeValue {
    match &checked(net).projections[0].synapse {
        CheckedSynapse::Static { port: 0, weight } => weight.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn weights_and_delays_come_out_in_internal_units_and_steps() {
    let out = checked(&all(|p| {
        p.weight("6 uS").delay("1.5 ms");
    }));
    assert_eq!(out.projections[0].name, "a -> b");
    assert_eq!(out.projections[0].delay, EdgeValue::Shared(15.0));
    assert!(out.remarks.is_empty());
    assert_eq!(
        weight(&all(|p| {
            p.weight("6 uS");
        })),
        EdgeValue::Shared(6000.0)
    );
    let out = checked(&all(|p| {
        p.delay("1.23 ms");
    }));
    assert_eq!(out.projections[0].delay, EdgeValue::Shared(12.0));
    assert_eq!(remarks(&out), ["`a -> b`: delay 1.23 ms is not a multiple of dt; it is 1.2 ms"]);
    assert_eq!(checked(&all(|_| {})).projections[0].delay, EdgeValue::Shared(1.0));

    let out = checked(&all(|p| {
        p.delay(normal("1.5 ms", "0.75 ms"));
    }));
    let EdgeValue::Draw(draw) = &out.projections[0].delay else { panic!() };
    assert_eq!((draw.min, draw.max, draw.grid), (0.1, 6553.5, Some(0.1)));
    let rounded = "`a -> b`: drawn delays are rounded to the nearest step of 0.1 ms";
    assert_eq!(remarks(&out), ["`a -> b`: delays below one step of 0.1 ms are drawn again", rounded]);
    let draws: Vec<f64> =
        (0..100).map(|k| crate::network::draw::draw(draw, crate::random::Key { seed: 1 }, 1, k, 0).unwrap()).collect();
    assert!(draws.iter().all(|d| d.fract() == 0.0 && *d >= 1.0));
}

#[test]
fn lists_matrices_and_tables() {
    let list = Connector::List { source: vec![0, 1], target: vec![2, 0] };
    let given = net(list, |p| {
        p.weight(["1 nS", "2 nS"]).delay(["1 ms", "0.26 ms"]);
    });
    let out = checked(&given);
    assert_eq!(out.projections[0].connector, CheckedConnector::List { source: vec![0, 1], target: vec![2, 0] });
    assert_eq!(out.projections[0].delay, EdgeValue::List(vec![10.0, 3.0]));
    assert_eq!(weight(&given), EdgeValue::List(vec![1.0, 2.0]));

    let rows = vec![vec![0.0, 2.0, 0.0], vec![-1.0, 0.0, 3.0]];
    let matrix = |unit: Option<&str>| Connector::Matrix {
        rows: rows.clone(),
        by: crate::network::End::Source,
        unit: unit.map(String::from),
    };
    let given = net(matrix(None), |p| {
        p.weight("2 nS");
    });
    assert_eq!(weight(&given), EdgeValue::List(vec![4.0, -2.0, 6.0]));
    let expected = CheckedConnector::List { source: vec![0, 1, 1], target: vec![1, 0, 2] };
    assert_eq!(checked(&given).projections[0].connector, expected);
    assert_eq!(weight(&net(matrix(Some("uS")), |p| p.weight = None)), EdgeValue::List(vec![2000.0, -1000.0, 3000.0]));
    let missing = net(matrix(None), |p| p.weight = None);
    assert_eq!(
        wrong(&missing),
        "error[E030]: `a -> b`: the port takes a conductance (nS), the matrix holds numbers in 1\n  help: write its unit: `unit = \"nS\"`"
    );
    let given = net(matrix(None), |p| {
        p.synapse = Some("plain".into());
        (p.port, p.weight) = (None, None);
        p.parameter("w", Distribution::Column { file: None, column: "value".into(), unit: Some("nS".into()) });
    });
    let CheckedSynapse::Model { params, .. } = &checked(&given).projections[0].synapse else { panic!() };
    assert_eq!(params, &[EdgeValue::List(vec![2.0, -1.0, 3.0]), EdgeValue::List(vec![4.0, -2.0, 6.0])]);

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("c.csv"), "source,target,w\n0,2,1.5\n1,0,2.5\n").unwrap();
    let file = |source: &str| Connector::File { path: "c.csv".into(), source_column: Some(source.into()), target_column: None };
    let column = || Value::from(Distribution::Column { file: None, column: "w".into(), unit: Some("nS".into()) });
    let out = check(
        &net(file("source"), |p| {
            p.weight(column());
        }),
        &models(),
        folder.path(),
    )
    .unwrap();
    let CheckedSynapse::Static { weight, .. } = &out.projections[0].synapse else { panic!() };
    assert_eq!(weight, &EdgeValue::List(vec![1.5, 2.5]));
    let swapped = net(file("target"), |p| {
        p.weight(column());
    });
    assert_eq!(wrong_in(&swapped, folder.path()), "error[E064]: `a -> b`: c.csv, line 2: column `target` is 2, neurons are 0 to 1");
}

#[test]
fn each_mistake_of_a_connector() {
    let cases: Vec<(Connector, &str)> = vec![
        (Connector::OneToOne, "error[E062]: `a -> b`: one to one needs populations of one size, there are 2 sources and 3 targets"),
        (Connector::probability(1.5), "error[E062]: `a -> b`: a probability is a number from 0 to 1, got 1.5"),
        (Connector::probability(f64::NAN), "error[E062]: `a -> b`: a probability is a number from 0 to 1, got NaN"),
        (
            Connector::FixedIndegree { n: 3, autapses: true, multapses: false },
            "error[E062]: `a -> b`: 3 different sources each, but there are 2\n  help: write multapses = true to draw with replacement",
        ),
        (Connector::outdegree(1 << 32), "error[E062]: `a -> b`: 4294967296 targets each are too many"),
        (
            Connector::FixedTotal { n: 7, autapses: true, multapses: false },
            "error[E062]: `a -> b`: 7 synapses in all, but there are 6 pairs",
        ),
        (Connector::List { source: vec![0, 2], target: vec![0, 1] }, "error[E064]: `a -> b`: source[1] is 2, neurons are 0 to 1"),
        (
            Connector::List { source: vec![0], target: vec![] },
            "error[E062]: `a -> b`: 1 sources and 0 targets are listed\n  help: synapse k joins source[k] to target[k]",
        ),
        (
            Connector::Matrix { rows: vec![vec![1.0; 3], vec![1.0; 2]], by: Default::default(), unit: None },
            "error[E062]: `a -> b`: row 1 of the matrix has 2 numbers for 3 targets",
        ),
        (
            Connector::Matrix { rows: vec![vec![1.0; 3], vec![f64::NAN; 3]], by: Default::default(), unit: None },
            "error[E032]: `a -> b`: row 1, column 0 of the matrix is NaN",
        ),
    ];
    for (connector, expected) in cases {
        assert_eq!(wrong(&net(connector, |_| {})), expected);
    }
    let mut itself = Network::new("net");
    itself.population("a", "lif", 1);
    let alone = Connector::FixedIndegree { n: 1, autapses: false, multapses: true };
    itself.project("a", "a", "g_exc", alone).weight("1 nS");
    assert_eq!(wrong(&itself), "error[E062]: `a -> a`: 1 sources each, but there are none");
}

#[test]
fn each_mistake_of_a_projection() {
    let cases: Vec<(Network, &str)> = vec![
        (
            all(|p| {
                p.delay("0.05 ms");
            }),
            "error[E024]: `a -> b`: delay 0.05 ms is shorter than one step of 0.1 ms\n  help: use at least 0.1 ms, or a smaller dt",
        ),
        (
            all(|p| {
                p.delay("10 s");
            }),
            "error[E024]: `a -> b`: delay 10000 ms is longer than 65535 steps of 0.1 ms\n  help: use at most 6553.5 ms, or a larger dt",
        ),
        (
            all(|p| {
                p.delay(uniform("0 ms", "1 ms"));
            }),
            "error[E024]: `a -> b`: delay 0 ms is shorter than one step of 0.1 ms\n  help: use at least 0.1 ms, or a smaller dt",
        ),
        (all(|p| p.target = "c".into()), "error[E060]: `a -> c`: target: no population `c`; there are `a`, `b`, `graded`"),
        (
            all(|p| p.port = Some("g_ex".into())),
            "error[E061]: `a -> b`: `b` has no port `g_ex`; there is `g_exc`\n  help: did you mean `g_exc`?",
        ),
        (
            all(|p| p.port = Some("i_ext".into())),
            "error[E061]: `a -> b`: `b` has no port `i_ext`; there is `g_exc`\n  help: `i_ext` is a continuous input: stimuli and graded synapses drive it, spikes arrive at ports",
        ),
        (all(|p| p.port = None), "error[E061]: `a -> b`: a `port` of the target is missing; the target has `g_exc`"),
        (all(|p| p.weight = None), "error[E063]: `a -> b`: the weight is missing\n  help: port `g_exc` takes a conductance (nS)"),
        (
            all(|p| {
                p.weight("1 pA");
            }),
            "error[E030]: `a -> b`: `weight` is a conductance (nS), got 1 pA (current)",
        ),
        (
            all(|p| {
                p.weight(Value::Number(f64::NAN));
            }),
            "error[E030]: `a -> b`: `weight` is a conductance (nS), got NaN (a number without a unit)",
        ),
        (
            all(|p| {
                p.weight("inf nS");
            }),
            "error[E032]: `a -> b`: `weight` must be finite, got inf nS",
        ),
        (
            all(|p| {
                p.weight(["1 nS", "2 nS"]);
            }),
            "error[E035]: `a -> b`: `weight` is a list, but this connector draws how many synapses there are\n  help: use a distribution, or a connector `list`, `matrix` or `file`",
        ),
        (
            net(Connector::List { source: vec![0], target: vec![0] }, |p| {
                p.weight(["1 nS", "2 nS"]);
            }),
            "error[E033]: `a -> b`: `weight` is a list of 2 for 1 synapses",
        ),
        (
            all(|p| {
                p.parameter("w", "1 nS");
            }),
            "error[E026]: `a -> b`: `w`: parameters belong to a synapse model, with a port there is only `weight`",
        ),
        (
            all(|p| p.synapse = Some("plain".into())),
            "error[E065]: `a -> b`: `port` and `synapse` are both given\n  help: a synapse model names its ports itself: keep one of them",
        ),
        (
            all(|p| p.source = "graded".into()),
            "error[E067]: `graded -> b`: the model of `graded` has no threshold, so no spike will ever arrive\n  help: use a synapse model with a `graded` function of the source's state",
        ),
    ];
    for (net, expected) in cases {
        assert_eq!(wrong(&net), expected);
    }
}

#[test]
fn synapse_models() {
    let by = |synapse: &str, change: &dyn Fn(&mut Projection)| {
        all(|p| {
            (p.port, p.weight, p.synapse) = (None, None, Some(synapse.into()));
            change(p);
        })
    };
    let out = checked(&by("gap", &|p| {
        p.parameter("g", uniform("1 nS", "2 nS")).delay("1 ms");
    }));
    let CheckedSynapse::Model { params, .. } = &out.projections[0].synapse else { panic!() };
    let EdgeValue::Draw(draw) = &params[0] else { panic!() };
    assert_eq!(draw.law, Law::Uniform { low: 1.0, high: 2.0 });
    // what it reads of its source is that of ten steps ago
    assert_eq!((remarks(&out), out.projections[0].late), (Vec::<String>::new(), 10));

    let cases: Vec<(Network, &str)> = vec![
        (
            by("plan", &|_| {}),
            "error[E065]: `a -> b`: no synapse model `plan`; there are `gap`, `plain`\n  help: did you mean `plain`?",
        ),
        (by("lif", &|_| {}), "error[E065]: `a -> b`: `lif` is a neuron model, a synapse model is expected"),
        (
            by("plain", &|_| {}),
            "error[E027]: `a -> b`: `w` of `plain` has no value\n  help: it is a conductance (nS): give it under `parameters`",
        ),
        (
            by("plain", &|p| {
                p.parameter("w", "1 nS").parameter("wt", 1);
            }),
            "error[E026]: `a -> b`: `plain` has no parameter `wt`; there are `w`, `top`",
        ),
        (
            by("plain", &|p| {
                p.parameter("w", "1 nS").weight("1 nS");
            }),
            "error[E063]: `a -> b`: with a synapse model there is no `weight`\n  help: `plain` has the parameters `w`, `top`",
        ),
        (
            by("plain", &|p| {
                p.parameter("w", uniform("1 nS", "2 nS"));
            }),
            "error[E027]: `a -> b`: the default of `top` follows from `w`, which is drawn per synapse\n  help: give `top` a value of its own",
        ),
        (
            by("plain", &|p| {
                p.parameter("w", "1 nS");
                p.target = "graded".into();
            }),
            "error[E066]: `a -> graded`: `plain` adds to the port `g_exc`, which `graded` does not have; there is none",
        ),
    ];
    for (net, expected) in cases {
        assert_eq!(wrong(&net), expected);
    }

    let mut set = models();
    let mut far = (*set.synapses["gap"]).clone();
    far.ends[1].name = "g_exx".into();
    far.graded[0].dimension = Some(Dimension::VOLTAGE);
    set.synapses.insert("gap".into(), Arc::new(far));
    let net = by("gap", &|p| {
        p.parameter("g", "1 nS");
    });
    let report = check(&net, &set, Path::new(".")).unwrap_err().to_string();
    assert_eq!(
        report.replace("\n  --> net", ""),
        "error[E066]: `a -> b`: `gap` adds a voltage (mV) to `i_ext` of `b`, which is a current (pA)\n\n\
         error[E066]: `a -> b`: `gap` reads `post.g_exx`, `b` has `v`, `g_exc`, `c_m`, `g_leak`, `tau_m`, `v_th`\n  help: did you mean `g_exc`?"
    );
}

#[test]
fn names_are_given_once() {
    let mut net = all(|p| {
        p.named("ab");
    });
    net.project("a", "b", "g_exc", Connector::OneToOne).weight("1 nS").named("ab");
    assert!(wrong(&net).starts_with("error[E022]: projection ab: there is another projection of this name"));
    let mut net = all(|_| {});
    net.project("a", "b", "g_exc", Connector::AllToAll).weight("2 nS");
    let names: Vec<String> = checked(&net).projections.into_iter().map(|p| p.name).collect();
    assert_eq!(names, ["a -> b", "a -> b #2"]);
}

#[test]
fn numbers_in_one_unit_are_the_values_of_rows_and_synapses() {
    let list = || Connector::List { source: vec![0, 1], target: vec![2, 0] };
    let own = |of: Vec<f64>, unit: &str| {
        net(list(), |p| {
            p.weight(numbers(of, unit));
        })
    };
    assert_eq!(weight(&own(vec![1.0, -0.5], "uS")), EdgeValue::List(vec![1000.0, -500.0]));
    let told = |net: &Network| wrong(net);
    assert_eq!(told(&own(vec![1.0], "nS")), "error[E033]: `a -> b`: `weight` has 1 numbers for 2 synapses");
    assert_eq!(told(&own(vec![1.0, f64::NAN], "nS")), "error[E032]: `a -> b`: `weight`: number 1 is NaN, which is no value here");
    assert_eq!(told(&own(vec![1.0, 2.0], "mV")), "error[E030]: `a -> b`: `weight` is a conductance (nS), its numbers are in `mV`");
    let bare = Distribution::Numbers { of: vec![1.0, 2.0], unit: None };
    assert_eq!(
        told(&net(list(), |p| {
            p.weight(bare);
        })),
        "error[E030]: `a -> b`: `weight` is a conductance (nS), its numbers have no unit\n  help: write their unit: `unit = \"nS\"`"
    );
    assert_eq!(
        told(&net(Connector::probability(0.5), |p| {
            p.weight(numbers([1.0], "nS"));
        })),
        "error[E035]: `a -> b`: `weight` is numbers, but this connector draws how many synapses there are\n  help: use a distribution, or \
         a connector `list`, `matrix` or `file`"
    );
    let mut cells = Network::new("net");
    cells.population("a", "lif", 2).parameter("v_th", numbers([-50.0, -0.049], "V")).initial("v", numbers([-60.0, -61.0], "mV"));
    let out = checked(&cells);
    assert_eq!(out.populations[0].initial[0], Some(Column::PerRow(vec![-60.0, -61.0])));
    cells.populations[0].initial("v", numbers([-60.0], "mV"));
    assert_eq!(told(&cells), "error[E033]: population a: `v` has 1 numbers for 2 neurons");
}
