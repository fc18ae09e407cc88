use crate::network::{Connector, Network, Value};

const CHAIN: &str = r#"
name = "chain"
constants = { last = 3, w = "45 pA" }

[block.cell]
model = "lif_psc_alpha"
size = 100
parameters = { c_m = "250 pF", tau_m = "10 ms" }

[block.slow]
parameters = { tau_m = "20 ms", t_ref = "1 ms" }

[[population]]
name = "group{k}"
use = "cell"
repeat = { k = "0..3" }
parameters = { i_e = "{200 + 10*k} pA" }

[[population]]
name = "readout"
use = ["cell", "slow"]
size = 1
parameters = { t_ref = "3 ms" }

[[projection]]
repeat = { k = "0..2" }
source = "group{k}"
target = "group{k + 1}"
port = "i_exc"
connector = { rule = "fixed_probability", p = "{0.1*(k + 1)}" }
weight = "w"
delay = "{5*last} ms"

[[projection]]
name = "out"
source = ["group0", "group2"]
target = ["readout", "group1"]
port = "i_exc"
connector = { rule = "all_to_all" }
weight = "1 pA"

[[probe]]
population = ["group0", "readout"]
record = ["spikes", "v"]
"#;

fn read(text: &str) -> Network {
    Network::from_toml(text, "net.toml").unwrap_or_else(|report| panic!("{report}"))
}

#[test]
fn everything_is_written_out() {
    let net = read(CHAIN);
    let names: Vec<&str> = net.populations.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["group0", "group1", "group2", "readout"]);
    let second = &net.populations[1];
    assert_eq!((second.size, second.model.as_str()), (Some(100), "lif_psc_alpha"));
    let of = |k: usize, name: &str| net.populations[k].parameters.get(name).cloned();
    assert_eq!((of(1, "i_e"), of(1, "c_m"), of(1, "tau_m")), (Some("210 pA".into()), Some("250 pF".into()), Some("10 ms".into())));
    // the later block over the earlier, the part over both, entry by entry
    assert_eq!(net.populations[3].size, Some(1));
    assert_eq!((of(3, "tau_m"), of(3, "t_ref"), of(3, "c_m")), (Some("20 ms".into()), Some("3 ms".into()), Some("250 pF".into())));
    let ends: Vec<(&str, &str, &str)> =
        net.projections.iter().map(|p| (p.name.as_str(), p.source.as_str(), p.target.as_str())).collect();
    let expected = [
        ("", "group0", "group1"),
        ("", "group1", "group2"),
        ("out group0 -> readout", "group0", "readout"),
        ("out group0 -> group1", "group0", "group1"),
        ("out group2 -> readout", "group2", "readout"),
        ("out group2 -> group1", "group2", "group1"),
    ];
    assert_eq!(ends, expected);
    assert_eq!(net.projections[1].connector, crate::network::Connector::FixedProbability { p: 0.2, autapses: true });
    assert_eq!((net.projections[1].weight.clone(), net.projections[1].delay.clone()), (Some("w".into()), Some("15 ms".into())));
    let probes: Vec<(&str, &str)> = net.probes.iter().map(|p| (p.population.as_str(), p.record.as_str())).collect();
    assert_eq!(probes, [("group0", "spikes"), ("group0", "v"), ("readout", "spikes"), ("readout", "v")]);
}

#[test]
fn what_was_written_out_is_read_back_the_same() {
    let net = read(CHAIN);
    assert_eq!(read(&net.to_toml().unwrap()), net);
    assert_eq!(Network::from_json(&net.to_json().unwrap(), "net.json").unwrap(), net);
    // JSON says it in the same words
    let table: toml::Table = CHAIN.parse().unwrap();
    let json = serde_json::to_string(&table).unwrap();
    assert_eq!(Network::from_json(&json, "net.json").unwrap(), net);
}

#[test]
fn texts_and_several_indices_are_filled_in() {
    let net = read(
        r#"
[[population]]
name = "{side}_{j}"
repeat = { j = [1, 4], side = ["left", "right"] }
model = "lif"
shape = ["{j}", 2]
parameters = { v_th = { uniform = ["-{50 + j} mV", "-{j/2} mV"] }, g = "{j}" }
"#,
    );
    let names: Vec<&str> = net.populations.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["left_1", "right_1", "left_4", "right_4"]);
    assert_eq!(net.populations[2].shape, [4, 2]);
    assert_eq!(net.populations[3].parameters["v_th"], crate::network::value::uniform("-54 mV", "-2 mV").into());
    assert_eq!(net.populations[3].parameters["g"], Value::Number(4.0));
}

#[test]
fn an_index_says_which_block_and_what_stands_in_it() {
    let net = read(
        r#"
constants = { f = 0.25 }
population = [{ name = "{c}", repeat = { c = ["a", "b"] }, model = "lif", size = "{8*f}" }]
projection = [
  { source = ["a", "b"], target = "b", use = "{r}", repeat = { r = ["fast", "slow"], w = [3] } },
  { source = "b", target = "a", use = "fast", weight = "1 nS" },
]
[block.fast]
port = "g_exc"
weight = "{w}*2 nS"
connector = { rule = "all_to_all" }
[block.slow]
synapse = "nmda"
parameters = { g_max = "{w}*5 nS" }
connector = { rule = "all_to_all" }
"#,
    );
    assert_eq!(net.populations[1].size, Some(2));
    let of = |k: usize| (net.projections[k].source.as_str(), net.projections[k].weight.clone(), net.projections[k].synapse.clone());
    assert_eq!(of(1), ("b", Some("3*2 nS".into()), None));
    assert_eq!(of(2), ("a", None, Some("nmda".into())));
    assert_eq!(net.projections[3].parameters["g_max"], "3*5 nS".into());
    assert_eq!(of(4).1, Some("1 nS".into()));
    assert_eq!(net.projections.len(), 5);
}

/// What is wrong with the chain once something is replaced.
fn said(from: &str, to: &str) -> String {
    assert!(CHAIN.contains(from));
    let report = match Network::from_toml(&CHAIN.replacen(from, to, 1), "net.toml") {
        Err(report) => report,
        Ok(net) => {
            let models = crate::model::library::all().unwrap();
            crate::network::check(&net, &models, std::path::Path::new(".")).expect_err("nothing is wrong")
        }
    };
    report.to_string()
}

#[test]
fn what_is_wrong_is_shown_where_it_stands() {
    let of = |from: &str, to: &str, expected: &str, place: &str| {
        let said = said(from, to);
        assert!(said.starts_with(expected), "{said}");
        assert!(said.contains(&format!("net.toml, line {place}")), "{said}");
    };
    of("use = \"cell\"", "use = \"call\"", "error[E087]: no block `call`; there are `cell`, `slow`", "15, column 7");
    assert!(said("use = \"cell\"", "use = \"call\"").contains("help: did you mean `cell`?"));
    of("name = \"group{k}\"", "name = \"group\"", "error[E087]: `group` would be the name of 3 parts", "14, column 8");
    assert!(said("name = \"group{k}\"", "name = \"group\"").contains("help: write the index into it: `name = \"group{k}\"`"));
    of("k = \"0..3\"", "k = \"0-3\"", "error[E087]: `k`: `0-3` names no row", "16, column 16");
    of("{k + 1}", "{j + 1}", "error[E087]: in `j + 1`: unknown name `j`", "28, column 10");
    of("\"group{k}\"\ntarget", "\"group{k\"\ntarget", "error[E087]: in \"group{k\" a `{` has no `}` behind it", "27, column 10");
    of("[\"group0\", \"group2\"]", "[\"group0\", \"group0\"]", "error[E087]: `source` names \"group0\" twice", "36, column 10");
    of("[\"group0\", \"group2\"]", "[]", "error[E087]: `source` is a list of none", "36, column 10");
    // what is wrong with the plain form, and with what it means: a parameter of a block is shown in the block
    of("size = 100", "size = -100", "error[E044]: expected a whole number from 0 on, found `-100`", "7, column 8");
    of(
        "c_m = \"250 pF\"",
        "c_m = \"250 mV\"",
        "error[E030]: population group0: `c_m` is a capacitance (pF), got 250 mV (voltage)",
        "8, column 22",
    );
    of(
        "i_e = \"{200 + 10*k} pA\"",
        "i_e = \"{200 + 10*k} pF\"",
        "error[E030]: population group0: `i_e` is a current (pA), got 200 pF",
        "17, column 22",
    );
    of(
        "t_ref = \"3 ms\"",
        "t_raf = \"3 ms\"",
        "error[E026]: population readout: `lif_psc_alpha` has no parameter `t_raf`",
        "23, column 16",
    );
    of(
        "port = \"i_exc\"\nconnector = { rule = \"all",
        "prt = \"i_exc\"\nconnector = { rule = \"all",
        "error[E042]: unknown key `prt`",
        "38, column 1",
    );
    of("[block.slow]", "[block.slow]\nuse = \"slow\"", "error[E087]: block `slow` uses itself", "11, column 7");
    let twice = said("name = \"readout\"", "name = \"group1\"");
    assert!(twice.contains("error[E022]: population group1: there is another population of this name"), "{twice}");
}

#[test]
fn junctions_channels_presets_and_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("parts")).unwrap();
    std::fs::write(
        at("parts/cell.toml"),
        "constants = { c = \"6 nF\" }\n[[population]]\nname = \"a\"\nmodel = \"non_spiking\"\nsize = 2\nparameters.c_m = \"c\"\n\
         initial.v = { column = { file = \"v.csv\", column = \"v\", unit = \"mV\" } }\n",
    )
    .unwrap();
    std::fs::write(at("parts/v.csv"), "v\n1.5\n2.5\n").unwrap();
    let text = r#"
name = "whole"
[[population]]
name = "cell"
model = "gated_cell"
size = 1
[population.parameters]
g_1 = "1 uS"
e_1 = "110 mV"
k_1a = 1
s_1a = "0.05 1/mV"
e_1a = "20 mV"
[[population]]
name = "other"
model = "non_spiking"
size = 1
[[gated]]
name = "gated_cell"
channels = [{ gates = [{ pace = "instantaneous", power = 3 }] }]
[[electrical]]
source = "cell"
target = "other"
connector = { rule = "one_to_one" }
conductance = "0.1 uS"
[[preset]]
kind = "addition"
as = "sum_*"
gains = [1, 0.5, -0.5]
[[include]]
repeat = { side = ["left", "right"] }
file = "parts/cell.toml"
as = "{side}_*"
set = { "a.g_leak" = "2 uS" }
"#;
    std::fs::write(at("whole.toml"), text).unwrap();
    let net = Network::load(at("whole.toml")).unwrap_or_else(|report| panic!("{report}"));
    let models = crate::model::check::read(&crate::diagnostic::Source { name: "own".into(), text: net.equations.clone() }).unwrap();
    assert!(models.neurons.contains_key("gated_cell"));
    let names: Vec<&str> = net.populations.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names[..2], ["cell", "other"]);
    assert!(names.contains(&"left_a") && names.contains(&"right_a") && names.iter().any(|n| n.starts_with("sum_")), "{names:?}");
    let ends = |k: usize| (net.projections[k].source.as_str(), net.projections[k].target.as_str());
    assert_eq!((ends(0), ends(1)), (("cell", "other"), ("other", "cell")));
    let right = net.populations.iter().find(|p| p.name == "right_a").unwrap();
    assert_eq!(right.parameters["g_leak"], "2 uS".into());
    let all = crate::model::library::all().unwrap();
    let mut all = all;
    all.neurons.extend(models.neurons);
    let checked = crate::network::check(&net, &all, folder.path()).unwrap_or_else(|report| panic!("{report}"));
    let right = checked.populations.iter().find(|p| p.name == "right_a").unwrap();
    assert_eq!(right.initial[0], Some(crate::network::checked::Column::PerRow(vec![1.5, 2.5])));
    // written out it is whole in itself
    assert_eq!(Network::from_toml(&net.to_toml().unwrap(), "net.toml").unwrap(), net);

    let said = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        std::fs::write(at("wrong.toml"), text.replacen(from, to, 1)).unwrap();
        match Network::load(at("wrong.toml")) {
            Err(report) => report.to_string(),
            Ok(net) => crate::network::check(&net, &all, folder.path()).expect_err("nothing is wrong").to_string(),
        }
    };
    let of = |from: &str, to: &str, expected: &str, place: &str| {
        let said = said(from, to);
        assert!(said.starts_with(expected) && said.contains(place), "{said}");
    };
    of(
        "\"parts/cell.toml\"",
        "\"../cell.toml\"",
        "error[E088]: `../cell.toml` does not lie below the folder",
        "wrong.toml, line 31",
    );
    of("\"parts/cell.toml\"", "\"wrong.toml\"", "error[E088]: `wrong.toml` includes itself", "wrong.toml, line 31");
    of("\"parts/cell.toml\"", "\"parts/none.toml\"", "error[E088]: `parts/none.toml` cannot be read", "wrong.toml, line 31");
    of("a.g_leak", "b.g_leak", "error[E046]: `b.g_leak`: nothing of that name", "wrong.toml, line 33");
    of("\"{side}_*\"", "\"{side}\"", "error[E049]: `left` has no `*`", "wrong.toml, line");
    of(
        "name = \"gated_cell\"",
        "name = \"gated cell\"",
        "error[E088]: `gated cell` cannot be the name of a model",
        "wrong.toml, line 18",
    );
    of("kind = \"addition\"", "kind = \"additon\"", "error[E042]: unknown word `additon`", "wrong.toml, line 26");
    of(
        "gains = [1, 0.5, -0.5]",
        "ratio = 0.5",
        "error[E088]: the preset `addition` has no `ratio`; it has `gains`",
        "wrong.toml, line 28",
    );
    of(
        "conductance = \"0.1 uS\"",
        "conductance = \"0.1 mV\"",
        "error[E030]: `cell -> other`: `g` is a conductance",
        "wrong.toml, line 24",
    );
    of("rule = \"one_to_one\"", "rule = \"fixed_probability\", p = 0.1", "error[", "wrong.toml, line 20");
    let alone = Network::from_toml(text, "net.toml").unwrap_err().to_string();
    assert!(alone.starts_with("error[E088]: other files are read beside a file, and this is a text alone"), "{alone}");
}

/// Sizes, numbers of connectors and repetitions follow from constants.
const SCALED: &str = r#"
name = "scaled"

[constants]
N = 10
c = 0.1
C_E = "c*4*N"
groups = "N/5"

[block.cell]
model = "lif_psc_exp"
size = "4*N"

[[population]]
name = "E"
use = "cell"

[[population]]
name = "g{k}"
use = "cell"
size = "N"
repeat = { k = "0..groups + 1" }
positions = { rule = "grid", spacing = "25 um", counts = ["N/2", 2] }

[[projection]]
source = "E"
target = "g0"
port = "i_exc"
connector = { rule = "fixed_indegree", n = "C_E" }
weight = "1 pA"
delay = "1 ms"

[[projection]]
source = "E"
target = "g1"
port = "i_exc"
connector = { rule = "fixed_probability", p = "C_E/(4*N)" }
weight = "1 pA"
delay = "1 ms"
"#;

#[test]
fn numbers_follow_from_constants() {
    let net = read(SCALED);
    assert_eq!(net.populations.len(), 4);
    assert_eq!((net.populations[0].size, net.populations[1].size), (Some(40), Some(10)));
    assert_eq!(net.projections[0].connector, Connector::indegree(4));
    assert_eq!(net.projections[1].connector, Connector::probability(0.1));
    assert_eq!(serde_json::to_value(&net.populations[1].positions).unwrap()["counts"], serde_json::json!([5, 2]));
    // what is written back is plain
    assert_eq!(Network::from_toml(&net.to_toml().unwrap(), "back").unwrap(), net);
    let json = serde_json::to_string(&toml::from_str::<serde_json::Value>(SCALED).unwrap()).unwrap();
    assert_eq!(Network::from_json(&json, "net.json").unwrap(), net);
    // a constant that has become numbers is not changed behind them, whether it is named there or followed from
    for name in ["N", "c", "C_E", "groups"] {
        let said = read(SCALED).set(&format!("constants.{name}"), "1").unwrap_err().to_string();
        assert!(said.contains("followed from it when it was read"), "{said}");
    }
    let mut free = read(&SCALED.replace("[block", "free = 1\n[block"));
    free.set("constants.free", "2").unwrap();
}

#[test]
fn numbers_that_do_not_follow_are_said_with_their_value() {
    let said = |from: &str, to: &str| {
        assert!(SCALED.contains(from));
        Network::from_toml(&SCALED.replacen(from, to, 1), "net.toml").expect_err("nothing is wrong").to_string()
    };
    for (from, to, parts) in [
        ("\"4*N\"", "\"4.04*N\"", &["a whole number belongs here, and `4.04*N` is 40.4", "round(4.04*N)", "net.toml, line 12"][..]),
        ("\"C_E\" }", "\"C_e\" }", &["unknown name `C_e`", "did you mean `C_E`?", "line 29"]),
        ("\"C_E\" }", "\"-C_E\" }", &["a whole number from 0 on belongs here, and `-C_E` is -4"]),
        ("\"C_E\" }", "\"2*ms\" }", &["the unit `ms` stands without a number"]),
        ("\"C_E\" }", "\"7\" }", &["found the text \"7\"", "write `n = 7`, without quotes"]),
        ("groups + 1\"", "groups + 0.5\"", &["`groups + 0.5` is 2.5, and no whole number from 0 on"]),
        ("groups + 1\"", "grups\"", &["unknown name `grups`"]),
        ("\"C_E/(4*N)\"", "\"C_E*(1 ms)\"", &["expected", "ms"]),
    ] {
        let said = said(from, to);
        for part in parts {
            assert!(said.contains(part), "no `{part}` in\n{said}");
        }
    }
    // rounding is not held against anybody
    let near = read(&SCALED.replacen("c*4*N", "0.07*100", 1));
    assert_eq!(near.projections[0].connector, Connector::indegree(7));
}

#[test]
fn indices_that_go_together_make_a_part_for_each_line() {
    let file = |repeat: &str| {
        let part = "model = \"lif_psc_exp\"\nsize = \"{w}\"\nparameters.i_e = \"{w*k} pA\"";
        format!("name = \"net\"\n[[population]]\nname = \"{{side}}{{k}}\"\n{part}\nrepeat = {repeat}\n")
    };
    let network =
        Network::from_toml(&file("{ k = \"1..3\", \"side, w\" = [[\"left\", 10], [\"right\", 20]] }"), "net.toml").unwrap();
    let found: Vec<(&str, Option<u64>)> = network.populations.iter().map(|p| (p.name.as_str(), p.size)).collect();
    assert_eq!(found, [("left1", Some(10)), ("right1", Some(20)), ("left2", Some(10)), ("right2", Some(20))]);
    assert_eq!(network.populations[3].parameters["i_e"], Value::Text("40 pA".into()));
    for (repeat, said) in [
        ("{ k = [1], \"side, w\" = [[\"left\", 10, 3]] }", "`side,w` takes a list of lists of 2 numbers and texts"),
        ("{ k = [1], \"side, w\" = [\"left\", \"right\"] }", "`side,w` takes a list of lists of 2"),
        ("{ k = [1], \"side, w\" = [] }", "takes 0 values"),
        ("{ k = [1], \"side, 2w\" = [[\"left\", 1]] }", "`2w` cannot be an index"),
    ] {
        let error = Network::from_toml(&file(repeat), "net.toml").unwrap_err().to_string();
        assert!(error.contains("error[E087]") && error.contains(said) && error.contains("net.toml, line 7"), "{error}");
    }
}
