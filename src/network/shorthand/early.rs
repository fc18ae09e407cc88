//! Changes of a text before it is written out: constants, blocks, parts by the names that they have in the text.
//!
//! In: the keys and values of a text, and changes by name (`constants.N`, `block.cell.size`, `group{k}.v_th`). Out: the changed keys
//! and values, and the way to each change. Not here: changes of parts as they are called once written out (`set`).

use serde_json::{Map, Value as Tree};

use crate::diagnostic::{Diagnostic, Key, KeyPath};
use crate::network::change::Change;
use crate::network::field::{Field, Kind};
use crate::network::form::NETWORK;
use crate::network::places::Places;
use crate::units::nearest;

/// A change that was made, and where in the text it would stand.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::network) struct Early {
    pub change: Change,
    pub way: KeyPath,
}

/// The name of a part without one of its own.
type Otherwise = fn(&Map<String, Tree>) -> Option<String>;

/// Sections whose parts may have names with an index in them, and what such a part is called where it has none of its own.
const NAMED: [(&str, Otherwise); 3] = [
    ("population", |_| None),
    ("projection", |part| Some(format!("{} -> {}", text(part, "source")?, text(part, "target")?))),
    ("stimulus", |part| Some(format!("{}.{}", text(part, "target")?, text(part, "input")?))),
];

fn text<'t>(part: &'t Map<String, Tree>, key: &str) -> Option<&'t str> {
    part.get(key).and_then(Tree::as_str)
}

/// Is it a change of the text, and not of a part as it is once written out?
pub(in crate::network) fn is_early(tree: &Tree, key: &str) -> bool {
    tree.as_object().is_some_and(|top| find(top, key).is_some())
}

/// Makes the change.
///
/// **Errors** a key that leads nowhere.
pub(in crate::network) fn change(tree: &mut Tree, change: &Change) -> Result<Early, Diagnostic> {
    let Tree::Object(top) = tree else { return Err(Diagnostic::new("E046", "the file has no keys")) };
    let Some((mut way, mut rest)) = find(top, &change.key) else {
        return Err(Diagnostic::new("E046", format!("`{}`: nothing of that name", change.key)));
    };
    if rest.is_empty() {
        return Err(Diagnostic::new("E046", format!("`{}`: a key is expected behind the name", change.key)));
    }
    let part = at(top, &way.0).and_then(Tree::as_object);
    // a bare name is that of a parameter, as in other addresses
    let section = way.0.first().and_then(|key| if let Key::Name(name) = key { Some(name.as_str()) } else { None });
    let head = rest.split('.').next().unwrap_or_default();
    let bare = match section {
        Some("block") => part.is_some_and(|part| !part.contains_key(head) && in_parameters(part, head)),
        Some("constants") => false,
        Some(section) => !fields(section).iter().any(|field| field.key == head),
        None => false,
    };
    let full = format!("parameters.{rest}");
    if bare {
        rest = &full;
    }
    let mut here = at_mut(top, &way.0);
    let keys: Vec<&str> = if section == Some("constants") { vec![rest] } else { rest.split('.').collect() };
    for (k, key) in keys.iter().enumerate() {
        let Some(Tree::Object(map)) = here else {
            let before = keys[..k].join(".");
            return Err(Diagnostic::new("E046", format!("`{}`: `{before}` is no table of keys", change.key)));
        };
        way.0.push(Key::Name((*key).to_string()));
        if k + 1 == keys.len() {
            map.insert((*key).to_string(), value(&change.value));
            return Ok(Early { change: change.clone(), way });
        }
        here = Some(map.entry(*key).or_insert_with(|| Tree::Object(Map::new())));
    }
    Err(Diagnostic::new("E046", format!("`{}`: a key is expected behind the name", change.key)))
}

fn in_parameters(block: &Map<String, Tree>, key: &str) -> bool {
    block.get("parameters").and_then(Tree::as_object).is_some_and(|table| table.contains_key(key))
}

fn fields(section: &str) -> &'static [Field] {
    let found = NETWORK.iter().find(|field| field.key == section);
    match found.map(|field| &field.kind) {
        Some(Kind::Sections(fields)) => fields,
        _ => &[],
    }
}

/// The way to the table that a key begins with, and what is left of the key.
fn find<'k>(top: &Map<String, Tree>, key: &'k str) -> Option<(KeyPath, &'k str)> {
    if let Some(name) = key.strip_prefix("constants.") {
        let known = top.get("constants").and_then(Tree::as_object).is_some_and(|table| table.contains_key(name));
        return known.then(|| (KeyPath(vec![Key::Name("constants".into())]), name));
    }
    if let Some(rest) = key.strip_prefix("block.") {
        let blocks = top.get("block").and_then(Tree::as_object)?;
        let (name, rest) = longest(blocks.keys().map(|name| (name.as_str(), name.as_str())), rest)?;
        return Some((KeyPath(vec![Key::Name("block".into()), Key::Name(name.into())]), rest));
    }
    for (section, otherwise) in NAMED {
        let bare = key.strip_prefix(section).filter(|rest| rest.starts_with(' ')).map_or(key, str::trim_start);
        let Some(parts) = top.get(section).and_then(Tree::as_array) else { continue };
        let names: Vec<(String, usize)> = parts
            .iter()
            .zip(0..)
            .filter_map(|(part, k)| {
                let part = part.as_object()?;
                let name = text(part, "name").map(str::to_string).or_else(|| otherwise(part))?;
                // others are known by what they are called once written out
                name.contains('{').then_some((name, k))
            })
            .collect();
        if let Some((place, rest)) = longest(names.iter().map(|(name, k)| (name.as_str(), *k)), bare) {
            return Some((KeyPath::part(section, place), rest));
        }
    }
    None
}

/// The longest of some names that a key begins with, and what stands behind the point after it.
fn longest<'n, 'k, T>(names: impl Iterator<Item = (&'n str, T)>, key: &'k str) -> Option<(T, &'k str)> {
    let fits = names.filter_map(|(name, what)| Some((name.len(), what, key.strip_prefix(name)?.strip_prefix('.')?)));
    fits.max_by_key(|(length, ..)| *length).map(|(_, what, rest)| (what, rest))
}

fn at<'t>(top: &'t Map<String, Tree>, way: &[Key]) -> Option<&'t Tree> {
    let (Key::Name(first), rest) = way.split_first()? else { return None };
    rest.iter().try_fold(top.get(first)?, |tree, key| match key {
        Key::Name(name) => tree.get(name),
        Key::Index(k) => tree.get(k),
    })
}

fn at_mut<'t>(top: &'t mut Map<String, Tree>, way: &[Key]) -> Option<&'t mut Tree> {
    let (Key::Name(first), rest) = way.split_first()? else { return None };
    rest.iter().try_fold(top.get_mut(first)?, |tree, key| match key {
        Key::Name(name) => tree.get_mut(name),
        Key::Index(k) => tree.get_mut(k),
    })
}

/// As it would stand behind the key in a TOML file; a bare word or quantity needs no quotes.
fn value(text: &str) -> Tree {
    let text = text.trim();
    let line = format!("value = {text}");
    let read = Places::of_toml(&line).map(|places| places.exact_tree());
    let alone = |tree: Tree| match tree {
        Tree::Object(map) if map.len() == 1 => map.into_iter().next().map(|(_, value)| value),
        _ => None,
    };
    // a date of TOML is a text here
    read.and_then(alone).filter(|value| !value.is_null()).unwrap_or_else(|| Tree::from(text))
}

/// What could have been meant by a key that leads to no block.
pub(in crate::network) fn no_block(tree: &Tree, key: &str) -> Option<Diagnostic> {
    let rest = key.strip_prefix("block.")?;
    let name = rest.split('.').next().unwrap_or(rest);
    let known: Vec<&str> = tree.get("block")?.as_object()?.keys().map(String::as_str).collect();
    let d = Diagnostic::new("E046", format!("`{key}`: no block `{name}`; there are `{}`", known.join("`, `")));
    Some(d.did_you_mean(nearest(name, known.iter().copied())))
}
