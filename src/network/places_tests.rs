//! Keys and values are found where they stand.

use super::*;

const TOML: &str = r#"name = "net"
[[population]]
name = "a"
parameters.tau = "20 ms"

[[population]]
name = "b"
initial = { v = [1, 2, 3] }

[population.parameters]
c_m = "1 pF"

[[projection]]
connector = { rule = "matrix", rows = [[1, 2], [3, 4]] }
"#;
const JSON: &str = r#"{"name": "net", "population": [{"name": "a", "parameters": {"tau": "20 \"ms\""}},
 {"name": "b", "initial": {"v": [1, 2, 3]}, "parameters": {"c_m": "1 pF"}}],
 "projection": [{"connector": {"rule": "matrix", "rows": [[1, 2], [3, 4]]}}]}"#;

fn text_of(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

fn found(places: &Places<'_>, text: &'static str, path: &str) -> (usize, &'static str, &'static str) {
    let found = places.find(&KeyPath::read(path)).unwrap();
    (found.keys, text_of(text, found.key), text_of(text, found.value))
}

#[test]
fn toml_is_found_by_its_keys() {
    let places = Places::of_toml(TOML).unwrap();
    let at = |path| found(&places, TOML, path);
    assert_eq!(at("name"), (1, "name", "\"net\""));
    assert_eq!(at("population[0].parameters.tau"), (4, "tau", "\"20 ms\""));
    assert_eq!(at("population[1].initial.v[2]"), (5, "3", "3"));
    assert_eq!(at("population[1].parameters.c_m"), (4, "c_m", "\"1 pF\""));
    assert_eq!(at("projection[0].connector.rows[1][0]"), (6, "3", "3"));
    // what is missing: the section
    assert_eq!(at("population[1].size"), (2, "[[population]]", "[[population]]"));
    assert_eq!(at("population[0].parameters.c_m"), (3, "parameters", "parameters"));
    assert_eq!(at("population[1].parameters.tau"), (3, "parameters", "[population.parameters]"));
    assert!(places.find(&KeyPath::read("stimulus[0]")).is_none());
}

#[test]
fn both_give_one_tree() {
    assert_eq!(
        Places::of_toml("a = [1, -2.5, {b = 'c'}]\nd = true").unwrap().tree(),
        Places::of_json(r#"{"a": [1, -2.5, {"b": "c"}], "d": true}"#).tree()
    );
}

#[test]
fn json_is_found_by_its_keys() {
    let places = Places::of_json(JSON);
    let at = |path| found(&places, JSON, path);
    assert_eq!(at("name"), (1, "\"name\"", "\"net\""));
    assert_eq!(at("population[0].parameters.tau"), (4, "\"tau\"", r#""20 \"ms\"""#));
    assert_eq!(at("population[1].initial.v[2]"), (5, "3", "3"));
    assert_eq!(at("population[1].parameters.c_m"), (4, "\"c_m\"", "\"1 pF\""));
    assert_eq!(at("projection[0].connector.rows[1]"), (5, "[", "[3, 4]"));
    assert_eq!(at("population[1].size").0, 2);
    assert!(places.find(&KeyPath::read("stimulus[0]")).is_none());
}
