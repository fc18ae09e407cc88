//! The page of keys: every key of a network file, from the one table that reads it.

use std::fmt::Write;

use super::field::{Field, Kind};
use super::form::NETWORK;
use super::form_values::DISTRIBUTIONS;
use super::meaning::{INTRODUCTION, meaning, meaning_of_rule};

/// Every key that a network file may have, as Markdown: the page [`crate::guide::network_file`].
pub fn keys() -> String {
    let mut page = Page { text: INTRODUCTION.to_string(), told: Vec::new() };
    page.table("## The file", "the file", NETWORK, &[]);
    page.table("## A distribution", "a distribution", DISTRIBUTIONS, &[]);
    page.text
}

struct Page {
    text: String,
    /// Headings that stand there already: one table may stand behind several keys.
    told: Vec<String>,
}

impl Page {
    /// `of`: the table's own name, by which its keys have their meaning; `before`: rows of words that lead here.
    fn table(&mut self, heading: &str, of: &str, fields: &[Field], before: &[(String, String)]) {
        if self.told.iter().any(|told| told == heading) {
            return;
        }
        self.told.push(heading.to_string());
        let mut rows = String::new();
        for (word, about) in before {
            let _ = writeln!(rows, "| `{word}` | | | {about} |");
        }
        for field in fields {
            let about = if field.about.is_empty() { meaning(of, field.key).unwrap_or_default() } else { field.about.trim() };
            let needed = if field.needed { "yes" } else { "" };
            let example = if field.example.is_empty() { String::new() } else { format!("; {}", code(field.example)) };
            let _ = writeln!(rows, "| `{}` | {needed} | {}{example} | {} |", field.key, takes(field), cell(about));
        }
        if !rows.is_empty() {
            let _ = writeln!(
                self.text,
                "\n{heading}\n\n| key | needed | takes | means |\n| --- | --- | --- | --- |\n{}",
                rows.trim_end()
            );
        }
        for field in fields {
            self.inside(of, field.key, &field.kind);
        }
    }

    /// The tables that stand behind a key.
    fn inside(&mut self, of: &str, key: &str, kind: &Kind) {
        match kind {
            Kind::Sections(fields) => self.table(&format!("## `[[{key}]]`"), key, fields, &[]),
            Kind::Table(fields) | Kind::One(fields) => self.table(&format!("### `{key}`"), key, fields, &[]),
            // of many: `rows` of `except` are not the `rows` of a probe
            Kind::List(Kind::Table(fields)) => self.table(&format!("### `{of}`, `{key}`"), &format!("{of} {key}"), fields, &[]),
            Kind::List(inner) => self.inside(of, key, inner),
            Kind::Ruled(word, rules) => {
                let heading = format!("### `{key}`");
                let words = rules.iter().map(|(rule, _)| {
                    let about = meaning_of_rule(key, rule).unwrap_or_default();
                    (format!("{word} = \"{rule}\""), cell(&about))
                });
                self.table(&heading, key, &[], &words.collect::<Vec<_>>());
                for (rule, fields) in rules.iter().filter(|(_, fields)| !fields.is_empty()) {
                    self.table(&format!("#### `{key}`, `{word} = \"{rule}\"`"), &format!("{key} {rule}"), fields, &[]);
                }
            }
            _ => {}
        }
    }
}

/// An example as code; words behind it stay words.
fn code(example: &str) -> String {
    let (mut depth, mut quoted, mut end) = (0, false, example.len());
    for (place, letter) in example.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '[' | '{' if !quoted => depth += 1,
            ']' | '}' if !quoted => depth -= 1,
            ',' | ':' if !quoted && depth == 0 => {
                end = place;
                break;
            }
            _ => {}
        }
    }
    // a `|` would end the cell
    format!("`{}`{}", example[..end].replace('|', "\\|"), cell(&example[end..]))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// What stands behind a key, in words.
fn takes(field: &Field) -> String {
    fn of(key: &str, kind: &Kind) -> String {
        match kind {
            Kind::Text => "a text".into(),
            Kind::Names => "a text, or a list of texts: a part for each".into(),
            Kind::Repeat => "a table of indices: a range of numbers, or a list".into(),
            Kind::Blocks => "tables by name".into(),
            Kind::Whole => "a whole number, or an expression of constants".into(),
            Kind::Number => "a number, or an expression of constants".into(),
            Kind::Flag => "true or false".into(),
            Kind::Value => "a value".into(),
            Kind::Word(words) => words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(" or "),
            Kind::Pair => "two whole numbers".into(),
            Kind::List(Kind::Table(_)) => "a list of tables, see below".into(),
            Kind::List(Kind::Whole) => "a list of whole numbers".into(),
            Kind::List(Kind::Number) => "a list of numbers".into(),
            Kind::List(Kind::List(Kind::Number)) => "a list of lists of numbers".into(),
            Kind::List(inner) => format!("a list of {}", plural(&of(key, inner))),
            Kind::Values => "a table of values by name".into(),
            Kind::Texts => "a table of texts by name".into(),
            Kind::Table(_) => format!("a table, see `{key}` below"),
            Kind::One(_) => format!("one of the keys of `{key}` below"),
            Kind::Ruled(word, _) => format!("a table that `{word}` rules, see `{key}` below"),
            Kind::Sections(_) => format!("sections `[[{key}]]`, as many as wanted"),
        }
    }
    of(field.key, &field.kind)
}

fn plural(one: &str) -> String {
    match one.strip_prefix("a ") {
        Some(list) if list.starts_with("list of") => format!("lists{}", &list[4..]),
        Some(one) => format!("{one}s"),
        None => one.to_string(),
    }
}
