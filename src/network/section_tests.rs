//! Sections by their keys: what a file makes of them, refused with their way, and nothing half added.

use serde_json::json;

use super::*;

fn add(net: &mut Network, section: &str, part: Tree) -> Result<(), String> {
    net.add(section, part.clone(), || part, None).map_err(|report| report.to_string())
}

#[test]
fn a_network_by_its_sections_is_that_of_the_file() {
    let text = r#"
name = "two"
constants = { n = 5 }

[[population]]
name = "exc"
model = "lif_cond_exp"
size = "2*n"
initial = { v = { numbers = { of = [-60.5, -61.25, -60, -60, -60, -60, -60, -60, -60, -60], unit = "mV" } } }

[[projection]]
source = "exc"
target = "exc"
port = "g_exc"
connector = { rule = "list", source = [0, 1], target = [1, 0] }
weight = "1 nS"

[[probe]]
population = "exc"
record = ["spikes", "v"]

[[electrical]]
source = "exc"
target = "exc"
connector = { rule = "list", source = [0], target = [1] }
conductance = "1 nS"
"#;
    let file = Network::from_toml(text, "two.toml").unwrap();
    let v = json!({ "numbers": { "of": [-60.5, -61.25, -60, -60, -60, -60, -60, -60, -60, -60], "unit": "mV" } });
    let pair = |source: Tree, target: Tree| json!({ "rule": "list", "source": source, "target": target });
    let mut net = Network::from_tree(json!({ "name": "two", "constants": { "n": 5 } }), "two", None).unwrap();
    add(&mut net, "population", json!({ "name": "exc", "model": "lif_cond_exp", "size": "2*n", "initial": { "v": v } })).unwrap();
    let ends = json!({ "source": "exc", "target": "exc", "port": "g_exc", "connector": pair(json!([0, 1]), json!([1, 0])), "weight": "1 nS" });
    add(&mut net, "projection", ends).unwrap();
    add(&mut net, "probe", json!({ "population": "exc", "record": ["spikes", "v"] })).unwrap();
    let junction = json!({ "source": "exc", "target": "exc", "connector": pair(json!([0]), json!([1])), "conductance": "1 nS" });
    add(&mut net, "electrical", junction).unwrap();
    assert_eq!(net, file);
    assert_eq!(net.to_toml().unwrap(), file.to_toml().unwrap());
}

#[test]
fn what_is_wrong_is_told_with_its_way_and_nothing_is_added() {
    let mut net = Network::new("none");
    let told = add(&mut net, "population", json!({ "name": "exc", "modle": "lif", "size": 3 })).unwrap_err();
    assert!(told.starts_with("error[E042]: unknown key `modle`, expected one of"), "{told}");
    assert!(told.contains("--> population `exc`: population[0].modle\n  help: did you mean `model`?"), "{told}");
    let law = json!({ "v_th": { "normal": { "mean": "1 mV", "sdd": "1 mV" } } });
    let told = add(&mut net, "population", json!({ "name": "exc", "model": "lif", "size": 3, "parameters": law })).unwrap_err();
    assert!(told.contains("parameters.v_th.normal"), "{told}");
    let told = add(&mut net, "popluation", json!({ "name": "exc" })).unwrap_err();
    assert!(told.contains("did you mean `population`?"), "{told}");
    let told = add(&mut net, "include", json!({ "file": "other.toml", "as": "*" })).unwrap_err();
    assert!(told.contains("other files are read beside a file"), "{told}");
    assert_eq!(net, Network::new("none"));
}
