//! The table of keys, their meanings, the page and the schema hold together.

use std::fs;
use std::path::Path;

use super::super::field::{Field, Kind};
use super::super::form::NETWORK;
use super::super::form_values::DISTRIBUTIONS;
use super::super::keys::keys;
use super::super::meaning::{MEANINGS, meaning, meaning_of_rule};
use super::schema;

/// Every key with the table in which it stands.
fn told(of: &str, fields: &[Field], into: &mut Vec<(String, String, bool)>) {
    for field in fields {
        let own = (of.to_string(), field.key.to_string(), !field.about.is_empty());
        if into.contains(&own) {
            continue;
        }
        into.push(own);
        inside(of, field.key, &field.kind, into);
    }
}

fn inside(of: &str, key: &str, kind: &Kind, into: &mut Vec<(String, String, bool)>) {
    match kind {
        Kind::Table(fields) | Kind::One(fields) | Kind::Sections(fields) => told(key, fields, into),
        Kind::List(Kind::Table(fields)) => told(&format!("{of} {key}"), fields, into),
        Kind::List(inner) => inside(of, key, inner, into),
        Kind::Ruled(_, rules) => {
            for (rule, fields) in *rules {
                into.push((key.to_string(), rule.to_string(), meaning_of_rule(key, rule).is_some()));
                told(&format!("{key} {rule}"), fields, into);
            }
        }
        _ => {}
    }
}

#[test]
fn every_key_has_its_meaning_and_every_meaning_its_key() {
    let mut all = Vec::new();
    told("the file", NETWORK, &mut all);
    told("a distribution", DISTRIBUTIONS, &mut all);
    let dumb: Vec<_> = all.iter().filter(|(of, key, about)| !about && meaning(of, key).is_none()).collect();
    assert!(dumb.is_empty(), "what do they mean? write a line for each into src/network/meaning.rs: {dumb:?}");
    let keyless = MEANINGS.iter().filter(|(of, key, _)| {
        !all.iter()
            .any(|(table, own, _)| own == key && (table == of || table.split_once(' ').is_some_and(|(first, _)| first == *of)))
    });
    let keyless: Vec<_> = keyless.collect();
    assert!(keyless.is_empty(), "keys that no file has: {keyless:?}");
}

#[test]
fn the_file_on_the_page_is_right() {
    let page = keys();
    let text = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let network = crate::Network::from_toml(text, "page").unwrap();
    let models = crate::model::library::all().unwrap();
    super::super::check(&network, &models, Path::new(".")).unwrap();
}

/// `SYNFIRE_UPDATE=1` writes them.
#[test]
fn the_page_and_the_schema_of_the_examples_are_generated() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    for (path, text) in [("src/guide/network_file.md", keys()), ("examples/networks/network.schema.json", schema)] {
        let path = root.join(path);
        if std::env::var_os("SYNFIRE_UPDATE").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let there = fs::read_to_string(&path).unwrap_or_default();
        let line = there.lines().zip(text.lines()).position(|(a, b)| a != b).map(|line| line + 1);
        assert!(there == text, "{} is not what the keys say (line {line:?}); SYNFIRE_UPDATE=1 writes it", path.display());
    }
}
