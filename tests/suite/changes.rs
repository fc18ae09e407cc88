//! What `--set` reaches, and what is said where it reaches nothing.

use super::{synfire, with_network, words};

const CHAIN: &str = r#"
name = "chain"
duration = "20 ms"
space = { periodic = { x = "1 mm", y = "1 mm" } }

[constants]
N = 5
g = 2

[block.cell]
model = "lif_psc_alpha"
size = "N"
parameters = { i_e = "0 pA", v_th = { normal = { mean = "-50 mV", sd = "1 mV" } } }

[[population]]
name = "packet"
model = "spike_times"
size = "2*N"
spike_times = { once = { normal = { mean = "10 ms", sd = "1 ms" } } }

[[population]]
name = "group{k}"
use = "cell"
repeat = { k = "0..3" }

[[population]]
name = "sheet"
model = "lif_psc_alpha"
shape = [2, 2]
positions = { rule = "grid", spacing = "25 um" }

[[projection]]
source = "group{k}"
target = "group{k+1}"
repeat = { k = "0..2" }
port = "i_exc"
connector = { rule = "all_to_all" }
weight = "g*10 pA"
delay = "1 ms"

[[probe]]
population = ["packet", "group0"]
record = "spikes"
"#;

/// What the run of a changed network is, from its record.
fn ran(changes: &[&str]) -> serde_json::Value {
    let folder = with_network(CHAIN);
    let mut arguments = vec!["run", "net.toml", "--engine", "cpu", "--no-picture", "--quiet"];
    changes.iter().for_each(|change| arguments.extend(["--set", change]));
    let output = synfire(folder.path(), &arguments);
    assert!(output.status.success(), "{changes:?}: {}", words(&output));
    let record: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("run/chain/record.json")).unwrap()).unwrap();
    let network: synfire::Network = serde_json::from_value(record["description"].clone()).unwrap();
    assert_eq!(synfire::Network::from_toml(&network.to_toml().unwrap(), "back").unwrap(), network);
    record["description"].clone()
}

fn said(arguments: &[&str]) -> String {
    let folder = with_network(CHAIN);
    let output = synfire(folder.path(), &[&["check", "net.toml"], arguments].concat());
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", words(&output));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn what_a_file_says_once_is_changed_once() {
    let plain = ran(&[]);
    let sizes = |record: &serde_json::Value| {
        record["population"].as_array().unwrap().iter().map(|p| p["size"].as_u64().unwrap_or(0)).collect::<Vec<u64>>()
    };
    assert_eq!(sizes(&plain), [10, 5, 5, 5, 0]);
    assert_eq!(sizes(&ran(&["constants.N=20"])), [40, 20, 20, 20, 0]);
    assert_eq!(sizes(&ran(&["group{k}.size=7"])), [10, 7, 7, 7, 0]);
    assert_eq!(sizes(&ran(&["block.cell.size=8", "group1.size=9"])), [10, 8, 9, 8, 0]);
    // what is said of one goes over what is said of all, in whatever order
    assert_eq!(sizes(&ran(&["group1.size=9", "constants.N=6"])), [12, 6, 9, 6, 0]);
    let cell = ran(&["block.cell.parameters.i_e=200 pA", "group{k}.tau_m=5 ms", "constants.g=4"]);
    for group in [1, 2, 3] {
        assert_eq!(cell["population"][group]["parameters"]["i_e"], "200 pA");
        assert_eq!(cell["population"][group]["parameters"]["tau_m"], "5 ms");
    }
    assert_eq!(cell["constants"]["g"], 4.0);
    let weight = ran(&["group{k} -> group{k+1}.weight=5 pA"]);
    assert_eq!([&weight["projection"][0]["weight"], &weight["projection"][1]["weight"]], ["5 pA", "5 pA"]);
}

#[test]
fn numbers_inside_values_are_changed() {
    let inside = ran(&[
        "packet.spike_times.once.normal.sd=3 ms",
        "sheet.positions.spacing=50 um",
        "space.periodic.x=2 mm",
        "group1.v_th.normal.sd=2 mV",
    ]);
    let population = |k: usize| &inside["population"][k];
    assert_eq!(population(0)["spike_times"]["once"]["normal"]["sd"], "3 ms");
    assert_eq!(population(0)["spike_times"]["once"]["normal"]["mean"], "10 ms");
    assert_eq!(population(4)["positions"]["spacing"], "50 um");
    assert_eq!((&inside["space"]["periodic"]["x"], &inside["space"]["periodic"]["y"]), (&"2 mm".into(), &"1 mm".into()));
    assert_eq!(population(2)["parameters"]["v_th"]["normal"]["sd"], "2 mV");
    assert_eq!(population(1)["parameters"]["v_th"]["normal"]["sd"], "1 mV");
}

#[test]
fn what_leads_nowhere_points_at_the_command() {
    for (change, parts) in [
        ("g=4", &["`constants.NAME` for `N`, `g`", "did you mean `constants.g`?"][..]),
        ("h=4", &["nothing of that name"]),
        ("block.cel.size=3", &["no block `cel`", "did you mean `cell`?", "--> --set \"block.cel.size=3\""]),
        ("block.cell.sise=3", &["unknown key `sise`", "did you mean `size`?", "--> --set \"block.cell.sise=3\""]),
        ("group{k}.size=2.5", &["expected a whole number from 0 on, found `2.5`", "--> --set \"group{k}.size=2.5\""]),
        ("block.cell.parameters.i_e=2 nS", &["`i_e` is a current", "--> --set \"block.cell.parameters.i_e=2 nS\""]),
        ("group1.nonsense=3", &["has no parameter `nonsense`", "--> --set \"group1.nonsense=3\""]),
        ("packet.spike_times.onse.normal=3", &["there is `once`, not `onse`", "did you mean `once`?"]),
        ("sheet.positions.spacin=3 um", &["cannot be 3 um", "unknown field `spacin`"]),
        ("packet.foo.bar=3", &["there is no `foo` with something inside"]),
        ("group1[2].v_th.normal.sd=1 mV", &["one for all rows"]),
    ] {
        let said = said(&["--set", change]);
        for part in parts {
            assert!(said.contains(part), "{change}: no `{part}` in\n{said}");
        }
        assert!(!said.contains("net.toml, line"), "{change}: {said}");
    }
    let pair = said(&["--set", "constants.N=3", "constants.g=4"]);
    assert!(pair.contains("each change has its own: --set a=1 --set \"constants.g=4\""), "{pair}");
    let seed = said(&["--seed", "-1"]);
    assert!(seed.contains("`seed`: expected a whole number, got `-1`") && seed.contains("help: from 0 to"), "{seed}");
}

/// Remarks of a file: twins that a repetition makes, nothing recorded.
#[test]
fn what_a_repetition_makes_twice_is_remarked() {
    let remarks = |text: &str| {
        let folder = with_network(text);
        let output = synfire(folder.path(), &["check", "net.toml"]);
        assert!(output.status.success(), "{}", words(&output));
        words(&output)
    };
    let plain = remarks(CHAIN);
    assert!(!plain.contains("the same") && !plain.contains("nothing is recorded"), "{plain}");
    let probes = CHAIN.replace("[\"packet\", \"group0\"]", "[\"packet\", \"group{k}\"]\nrepeat = { k = \"0..3\" }");
    let said = remarks(&probes);
    assert!(
        said.contains("probe packet.spikes: the same is recorded by a probe before it") && said.contains("(1 more like it"),
        "{said}"
    );
    let twins =
        CHAIN.replace("target = \"group{k+1}\"", "target = \"group1\"").replace("source = \"group{k}\"", "source = \"group0\"");
    assert!(remarks(&twins).contains("a `repeat` made the same projection before it"), "{}", remarks(&twins));
    let silent = CHAIN.split("[[probe]]").next().unwrap();
    assert!(remarks(silent).contains("nothing is recorded: there is no probe"), "{}", remarks(silent));
    let folder = with_network(silent);
    let run = synfire(folder.path(), &["run", "net.toml", "--engine", "cpu"]);
    assert!(words(&run).contains("remark: nothing is recorded"), "{}", words(&run));
}

#[test]
fn a_software_adapter_is_named_where_a_gpu_was_asked_for() {
    if !synfire::engine::gpu::adapters().iter().all(|adapter| adapter.software) {
        return;
    }
    let folder = with_network(CHAIN);
    let run = synfire(folder.path(), &["run", "net.toml", "--engine", "gpu", "--no-picture"]);
    assert!(run.status.success(), "{}", words(&run));
    assert!(words(&run).contains("is a software adapter"), "{}", words(&run));
}

#[test]
fn the_guide_comes_with_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let list = words(&synfire(folder.path(), &["guide"]));
    assert!(list.contains("network_file") && list.contains("coming_from_nest_and_pynn"), "{list}");
    let page = words(&synfire(folder.path(), &["guide", "arrays"]));
    assert!(page.contains("neo.SpikeTrain") && !page.contains("](crate::"), "{page}");
    assert!(words(&synfire(folder.path(), &["guide", "array"])).contains("did you mean `arrays`?"));
    let new = words(&synfire(folder.path(), &["new", "my net"]));
    assert!(new.contains("next: synfire run 'my net.toml'") || cfg!(windows), "{new}");
}
