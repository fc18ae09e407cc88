//! The schema of network files: what it accepts and what it refuses.

use std::fs;

use serde_json::{Value, json};
use synfire::network::Network;

/// What a value has that a schema does not allow. Only the words that the schema of network files uses are understood.
fn refused(value: &Value, schema: &Value, root: &Value) -> Option<String> {
    let inside = |value, schema| refused(value, schema, root);
    for (word, said) in schema.as_object().unwrap() {
        let complaint = match word.as_str() {
            "$schema" | "title" | "description" | "definitions" | "additionalProperties" => None,
            "$ref" => inside(value, root.pointer(said.as_str().unwrap().strip_prefix('#').unwrap()).unwrap()),
            "type" => {
                let of = |one: &Value| match one.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "number" => value.is_number(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "boolean" => value.is_boolean(),
                    other => panic!("`{other}` is not understood here"),
                };
                let right = said.as_array().map_or_else(|| of(said), |types| types.iter().any(of));
                (!right).then(|| format!("{value} is no {said}"))
            }
            "enum" => (!said.as_array().unwrap().contains(value)).then(|| format!("{value} is not among {said}")),
            "const" => (value != said).then(|| format!("{value} is not {said}")),
            "pattern" => {
                assert_eq!(said, "[A-Za-z_*/+({]");
                let expression = |text: &str| text.contains(|c: char| c.is_ascii_alphabetic() || "_*/+({".contains(c));
                value.as_str().filter(|text| !expression(text)).map(|text| format!("{text} is no expression"))
            }
            "minimum" => value.as_f64().filter(|v| *v < said.as_f64().unwrap()).map(|v| format!("{v} is too small")),
            "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
                let many = match value {
                    Value::Array(list) => Some(list.len()),
                    Value::Object(map) => Some(map.len()),
                    _ => None,
                };
                let least = word.starts_with("min");
                let bound = said.as_u64().unwrap() as usize;
                many.filter(|&many| if least { many < bound } else { many > bound }).map(|many| format!("{many} of {word} {bound}"))
            }
            "items" => value.as_array().and_then(|list| list.iter().find_map(|item| inside(item, said))),
            "required" => {
                let missing = |key: &&Value| value.is_object() && value.get(key.as_str().unwrap()).is_none();
                said.as_array().unwrap().iter().find(missing).map(|key| format!("{key} is missing"))
            }
            "properties" => {
                let known = said.as_object().unwrap();
                let own = known.iter().find_map(|(key, schema)| inside(value.get(key)?, schema));
                own.or_else(|| extra(value, schema, known))
            }
            "anyOf" | "oneOf" => {
                let right = said.as_array().unwrap().iter().filter(|schema| inside(value, schema).is_none()).count();
                let enough = if word == "oneOf" { right == 1 } else { right > 0 };
                (!enough).then(|| format!("{value} is {right} of what it may be"))
            }
            other => panic!("`{other}` is not understood here"),
        };
        if complaint.is_some() {
            return complaint;
        }
    }
    // a table of any names
    let more = schema.get("additionalProperties").filter(|more| more.is_object() && schema.get("properties").is_none())?;
    value.as_object()?.values().find_map(|item| inside(item, more))
}

fn extra(value: &Value, schema: &Value, known: &serde_json::Map<String, Value>) -> Option<String> {
    if schema.get("additionalProperties") != Some(&json!(false)) {
        return None;
    }
    value.as_object()?.keys().find(|key| !known.contains_key(*key)).map(|key| format!("{key} does not belong"))
}

fn of_toml(text: &str) -> Value {
    toml::from_str(text).unwrap()
}

#[test]
fn it_accepts_every_example_and_these_name_it() {
    let schema = synfire::network::schema();
    let mut seen = 0;
    for entry in fs::read_dir(super::examples()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(refused(&of_toml(&text), &schema, &schema), None, "{}", path.display());
        assert!(text.starts_with("#:schema network.schema.json\n"), "{} names no schema in its first line", path.display());
        seen += 1;
    }
    assert!(seen >= 7, "{seen}");
    // and what is written back, in both formats
    let network = Network::load(super::examples().join("larva.toml")).unwrap();
    assert_eq!(refused(&of_toml(&network.to_toml().unwrap()), &schema, &schema), None);
    assert_eq!(refused(&serde_json::from_str(&network.to_json().unwrap()).unwrap(), &schema, &schema), None);
}

/// Every bad file whose fault is one of form (E042 to E044 while it is read) is refused; `--nocapture` lists them.
#[test]
fn it_refuses_every_file_of_a_wrong_form() {
    let schema = synfire::network::schema();
    let mut listed = Vec::new();
    for name in super::bad_files::NETWORK_FILES {
        for (title, text) in super::bad_files::cases(name) {
            let Err(report) = Network::from_toml(&text, "net.toml") else { continue };
            if !report.diagnostics.iter().all(|d| ["E042", "E043", "E044"].contains(&d.code)) {
                continue;
            }
            let complaint = refused(&of_toml(&text), &schema, &schema);
            assert!(complaint.is_some(), "{name}: `{title}` is accepted, of which is said\n{report}");
            listed.push(format!("{name}: {title}: {}", complaint.unwrap_or_default()));
        }
        let base = super::bad_files::base(name);
        assert_eq!(refused(&of_toml(&base), &schema, &schema), None, "{name}");
    }
    println!("{}", listed.join("\n"));
    assert!(listed.len() >= 20, "{} files", listed.len());
}
