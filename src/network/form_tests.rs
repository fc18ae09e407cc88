//! The table of keys says what the types say.

use serde::de::DeserializeOwned;

use super::*;
use crate::network::space::PERIODIC;
use crate::network::{
    Connector, Input, Network, Output, Population, Positions, Probe, Projection, Rows, Space, SpikeTimes, Stimulus, Value, Waveform,
};

/// The keys or words that serde names when it meets one that it does not know.
fn known_to_serde<T: DeserializeOwned>(text: &str) -> Vec<String> {
    let Err(error) = serde_json::from_str::<T>(text) else { panic!("{text} was read") };
    let said = error.to_string();
    assert!(said.contains("unknown "), "{text}: {said}");
    let mut names: Vec<String> = said.split('`').skip(3).step_by(2).map(str::to_string).collect();
    names.sort();
    names
}

/// Those of plain descriptions: what is said in short is written out before the types see it.
fn keys(fields: &[Field]) -> Vec<String> {
    let joined = ["gated", "electrical", "preset", "include"];
    let plain = |f: &&Field| f.key != "use" && !joined.contains(&f.key) && !matches!(f.kind, Kind::Repeat | Kind::Blocks);
    let mut keys: Vec<String> = fields.iter().filter(plain).map(|f| f.key.to_string()).collect();
    keys.sort();
    keys
}

#[test]
fn every_key_of_the_types_is_in_the_table() {
    let none = "{\"zzz\": 0}";
    assert_eq!(keys(NETWORK), known_to_serde::<Network>(none));
    assert_eq!(keys(POPULATION), known_to_serde::<Population>(none));
    assert_eq!(keys(PROJECTION), known_to_serde::<Projection>(none));
    assert_eq!(keys(STIMULUS), known_to_serde::<Stimulus>(none));
    assert_eq!(keys(PROBE), known_to_serde::<Probe>(none));
    assert_eq!(keys(INPUT), known_to_serde::<Input>(none));
    assert_eq!(keys(OUTPUT), known_to_serde::<Output>(none));
    assert_eq!(keys(SPIKE_TIMES), known_to_serde::<SpikeTimes>(none));
    assert_eq!(keys(ROW_SETS), known_to_serde::<Rows>(none));
    assert_eq!(keys(WHERE), known_to_serde::<Rows>("{\"where\": {\"zzz\": 0}}"));
    assert_eq!(keys(SPACE), known_to_serde::<Space>(none));
    assert_eq!(keys(PERIODIC), known_to_serde::<Space>("{\"periodic\": {\"zzz\": 0}}"));
    assert_eq!(keys(DISTRIBUTIONS), known_to_serde::<Value>(none));
    for field in DISTRIBUTIONS {
        if let Table(fields) = field.kind {
            assert_eq!(keys(fields), known_to_serde::<Value>(&format!("{{\"{}\": {none}}}", field.key)), "{}", field.key);
        }
    }
}

#[test]
fn every_rule_of_the_types_is_in_the_table() {
    fn check<T: DeserializeOwned>(tag: &str, rules: &[(&str, &[Field])]) {
        let mut words: Vec<String> = rules.iter().map(|(word, _)| word.to_string()).collect();
        words.sort();
        assert_eq!(words, known_to_serde::<T>(&format!("{{\"{tag}\": \"zzz\"}}")));
        for (word, fields) in rules {
            let known = known_to_serde::<T>(&format!("{{\"{tag}\": \"{word}\", \"zzz\": 0}}"));
            assert_eq!(keys(fields), known, "{word}");
        }
    }
    check::<Connector>("rule", RULES);
    check::<Waveform>("kind", WAVEFORMS);
    check::<Positions>("rule", PLACES);
}

/// What can be left out of a section without an error of the reader's is not needed, and the other way round.
#[test]
fn what_is_needed_is_what_the_types_need() {
    fn check<T: DeserializeOwned>(fields: &[Field], whole: &str) {
        let whole: Map<String, Tree> = serde_json::from_str(whole).unwrap();
        for field in fields {
            let mut part = whole.clone();
            part.remove(field.key);
            let read = serde_json::from_value::<T>(Tree::Object(part));
            let missing = read.err().is_some_and(|e| e.to_string().contains("missing field"));
            assert_eq!(missing, field.needed, "{}", field.key);
        }
    }
    check::<Population>(POPULATION, r#"{"name": "a", "model": "m"}"#);
    check::<Projection>(PROJECTION, r#"{"source": "a", "target": "b", "connector": {"rule": "all_to_all"}}"#);
    check::<Stimulus>(STIMULUS, r#"{"target": "a", "input": "i", "waveform": {"kind": "external"}}"#);
    check::<Probe>(PROBE, r#"{"population": "a", "record": "v"}"#);
    check::<Input>(INPUT, r#"{"target": "a", "input": "i", "scale": 1}"#);
    check::<Output>(OUTPUT, r#"{"population": "a", "record": "v"}"#);
}

/// And so it is with each rule of a connector; what is written for example can be read.
#[test]
fn rules_need_what_their_variants_need() {
    fn check<T: DeserializeOwned>(rules: &[(&str, &[Field])]) {
        for (rule, fields) in rules {
            let read = |left_out: &str| {
                let text: Vec<&str> = fields.iter().filter(|f| f.key != left_out).map(|f| f.example).collect();
                toml::from_str::<T>(&format!("rule = \"{rule}\"\n{}", text.join("\n")))
            };
            read("").unwrap_or_else(|e| panic!("{rule}: {e}"));
            for field in *fields {
                let missing = read(field.key).err().is_some_and(|e| e.to_string().contains("missing field"));
                assert_eq!(missing, field.needed, "{rule}: {}", field.key);
            }
        }
    }
    check::<Connector>(RULES);
    check::<Positions>(PLACES);
}

#[test]
fn what_is_right_has_nothing_wrong() {
    let text = r#"
        dt = 0.1
        [[population]]
        name = "a"
        model = "m"
        shape = [2, 3]
        initial.v = { normal = { mean = "1 mV", sd = 2, outside = "clip" } }
        parameters = { x = [1, "2 ms", { uniform = [0, inf] }] }
        spike_times = { lists = [[1, 2.5], []] }
        [[projection]]
        source = "a"
        target = "a"
        connector = { rule = "pattern", kernel = [[1]], anchor = [0, 0], edges = "wrap" }
        [[probe]]
        population = "a"
        record = "v"
        rows = { where = { file = "f", column = "c", equals = "e" } }
    "#;
    let places = crate::network::places::Places::of_toml(text).unwrap();
    let said = wrong(&places.tree(), "a date");
    assert!(said.is_empty(), "{said:?}");
    Network::from_toml(text, "net").unwrap_or_else(|report| panic!("{report}"));
}
