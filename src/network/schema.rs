//! The form of a network file as a JSON Schema, by which editors complete keys and mark what does not belong.
//!
//! In: the one table of keys (`form`). Out: a schema. Not here: what the values mean, which `check` says; a file of the right form
//! may still be wrong.

use serde_json::{Map, Value as Tree, json};

use super::field::{Field, Kind};
use super::form::NETWORK;
use super::form_values::DISTRIBUTIONS;
use super::meaning::{meaning, meaning_of_rule};

/// The JSON Schema (draft 07) of network files, TOML and JSON alike.
///
/// In a TOML file the line `#:schema network.schema.json` leads an editor to it. It accepts what has the form of a network file: the
/// keys, and the kind of value behind each.
///
/// ```
/// let schema = synfire::network::schema();
/// assert_eq!(schema["properties"]["dt"]["$ref"], "#/definitions/value");
/// ```
pub fn schema() -> Tree {
    let mut schema = table("the file", NETWORK);
    let more = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "network file of synfire",
        "definitions": { "whole": filled("integer"), "number": filled("number"), "value": value(), "distribution": one("a distribution", DISTRIBUTIONS) },
    });
    if let (Tree::Object(schema), Tree::Object(more)) = (&mut schema, more) {
        schema.extend(more);
    }
    schema
}

/// A number, an expression of constants, or the `{...}` of a part that is repeated.
fn filled(number: &str) -> Tree {
    let mut one = json!({ "type": number });
    if number == "integer" {
        one["minimum"] = json!(0);
    }
    json!({ "anyOf": [one, { "type": "string", "pattern": "[A-Za-z_*/+({]" }] })
}

fn value() -> Tree {
    json!({ "anyOf": [
        { "type": ["string", "number"] },
        { "type": "array", "items": { "$ref": "#/definitions/value" } },
        { "$ref": "#/definitions/distribution" },
    ] })
}

/// `of`: the table in which the key stands.
fn kind(of: &str, key: &str, kind: &Kind) -> Tree {
    match kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Whole => json!({ "$ref": "#/definitions/whole" }),
        Kind::Number => json!({ "$ref": "#/definitions/number" }),
        Kind::Names => json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] }),
        Kind::Repeat => {
            let one = json!({ "type": ["string", "number"] });
            let together = json!({ "type": "array", "items": one });
            let values = json!([{ "type": "string" }, { "type": "array", "items": one }, { "type": "array", "items": together }]);
            json!({ "type": "object", "additionalProperties": { "anyOf": values } })
        }
        Kind::Blocks => json!({ "type": "object", "additionalProperties": { "type": "object" } }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Value => json!({ "$ref": "#/definitions/value" }),
        Kind::Word(words) => json!({ "enum": words }),
        Kind::List(Kind::Table(fields)) => json!({ "type": "array", "items": table(&format!("{of} {key}"), fields) }),
        Kind::List(inner) => json!({ "type": "array", "items": self::kind(of, key, inner) }),
        Kind::Pair => json!({ "type": "array", "items": self::kind(of, key, &Kind::Whole), "minItems": 2, "maxItems": 2 }),
        Kind::Values => json!({ "type": "object", "additionalProperties": { "$ref": "#/definitions/value" } }),
        Kind::Texts => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Kind::Table(fields) => table(key, fields),
        Kind::One(fields) => one(key, fields),
        Kind::Ruled(word, rules) => ruled(key, word, rules),
        Kind::Sections(fields) => json!({ "type": "array", "items": table(key, fields) }),
    }
}

fn table(of: &str, fields: &[Field]) -> Tree {
    let needed: Vec<&str> = fields.iter().filter(|f| f.needed).map(|f| f.key).collect();
    let mut table = json!({ "type": "object", "additionalProperties": false, "properties": properties(of, fields) });
    // what is needed may stand in a block
    let blocks = fields.iter().any(|f| f.key == "use");
    if !needed.is_empty() && blocks {
        table["anyOf"] = json!([{ "required": needed }, { "required": ["use"] }]);
    } else if !needed.is_empty() {
        table["required"] = json!(needed);
    }
    table
}

/// One of the keys, and no more.
fn one(of: &str, fields: &[Field]) -> Tree {
    json!({
        "type": "object", "additionalProperties": false, "properties": properties(of, fields),
        "minProperties": 1, "maxProperties": 1,
    })
}

/// A table for each word.
fn ruled(of: &str, word: &str, rules: &[(&str, &[Field])]) -> Tree {
    let each = rules.iter().map(|(rule, fields)| {
        let mut each = table(&format!("{of} {rule}"), fields);
        each["properties"][word] = json!({ "const": rule });
        if let Some(about) = meaning_of_rule(of, rule) {
            each["description"] = json!(about);
        }
        let needed = fields.iter().filter(|f| f.needed).map(|f| f.key);
        each["required"] = json!(std::iter::once(word).chain(needed).collect::<Vec<_>>());
        each
    });
    json!({ "type": "object", "oneOf": each.collect::<Vec<_>>() })
}

fn properties(of: &str, fields: &[Field]) -> Map<String, Tree> {
    let described = |field: &Field| {
        let mut one = kind(of, field.key, &field.kind);
        // `form` says the same of it
        if field.key == "uniform" {
            (one["minItems"], one["maxItems"]) = (json!(2), json!(2));
        }
        let about = if field.about.is_empty() { meaning(of, field.key).unwrap_or_default() } else { field.about.trim() };
        let example = if field.example.is_empty() { String::new() } else { format!("\n\n{}", field.example) };
        if let (Tree::Object(one), false) = (&mut one, about.is_empty() && example.is_empty()) {
            one.insert("description".into(), json!(format!("{about}{example}").trim()));
        }
        (field.key.to_string(), one)
    };
    fields.iter().map(described).collect()
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
