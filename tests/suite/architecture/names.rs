//! One name of a type leads to one type, wherever a reader stands: in no file do two types of one name meet.
//!
//! A file sees the types that it defines, those that it imports, and those that it names by a path.

use std::collections::{BTreeMap, BTreeSet};

use super::circles::{Modules, read_path};
use super::sources;

/// Its types are called like what the check makes of them, and written `ast::NAME` where both are seen.
const SYNTAX: &str = "model/ast.rs";

#[test]
fn no_two_types_of_one_name_meet() {
    let met = meetings(&sources());
    assert!(met.is_empty(), "{}", met.join("\n"));
}

#[test]
fn planted_meetings_are_found() {
    let met = |files: &[(&str, &str)]| {
        let files: Vec<(String, String)> = files.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
        meetings(&files)
    };
    let (door, other) = (("a/mod.rs", "mod b; mod c;\npub use c::Thing;"), ("a/c.rs", "pub struct Thing;"));
    let said = ["a/b.rs: `Thing` of a/b.rs and of a/c.rs"];
    assert_eq!(met(&[door, other, ("a/b.rs", "use super::c;\nstruct Thing(c::Thing);")]), said);
    assert_eq!(met(&[door, other, ("a/b.rs", "enum Thing { A(super::Thing) }")]), said);
    assert!(met(&[door, other, ("a/b.rs", "struct Thing;")]).is_empty());
    assert!(met(&[door, other, ("a/b.rs", "use super::Thing;\nfn f(x: super::c::Thing) {}")]).is_empty());
    // another name makes it clear
    assert!(met(&[door, other, ("a/b.rs", "use super::Thing as Other;\nstruct Thing;")]).is_empty());
}

/// Files in which two types of one name meet.
fn meetings(files: &[(String, String)]) -> Vec<String> {
    let modules = Modules::read(files);
    let defined: BTreeMap<&str, BTreeSet<String>> =
        modules.files.values().map(|(file, text)| (file.as_str(), types(text))).collect();
    let mut found = Vec::new();
    for (module, (file, text)) in &modules.files {
        let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for name in &defined[file.as_str()] {
            seen.entry(name.clone()).or_default().insert(file.clone());
        }
        for (path, known_as) in paths(text) {
            // what an associated item belongs to is the type before it
            let end = path.iter().position(|part| part.starts_with(char::is_uppercase)).map_or(path.len(), |k| k + 1);
            let Some(name) = path[..end].last().filter(|name| name.starts_with(char::is_uppercase)) else { continue };
            let renamed = end == path.len() && known_as != *name;
            let first = path[0].as_str();
            let path = match modules.imports[file].get(first) {
                Some(import) if end > 1 => [import, &path[1..end]].concat(),
                _ => path[..end].to_vec(),
            };
            let Some(home) = modules.file_of(module, &path, 0).filter(|_| !renamed) else { continue };
            if defined.get(home.as_str()).is_some_and(|types| types.contains(name)) {
                seen.entry(name.clone()).or_default().insert(home);
            }
        }
        seen.values_mut().for_each(|homes| homes.retain(|home| home != SYNTAX));
        for (name, homes) in seen.iter().filter(|(_, homes)| homes.len() > 1) {
            let homes: Vec<&str> = homes.iter().map(String::as_str).collect();
            found.push(format!("{file}: `{name}` of {}", homes.join(" and of ")));
        }
    }
    found
}

/// The types that a file defines, those within functions and implementations left out.
fn types(text: &str) -> BTreeSet<String> {
    let item = |line: &str| {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        let kind = words.find(|word| !matches!(*word, "pub" | "crate" | "super" | "in"))?;
        let name = words.next()?;
        (matches!(kind, "struct" | "enum" | "trait" | "type" | "union") && name.starts_with(char::is_uppercase))
            .then(|| name.to_string())
    };
    text.lines().filter(|line| !line.starts_with(' ')).filter_map(item).collect()
}

/// Every path of two parts or more, each with the name that its end has here.
fn paths(text: &str) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut at = 0;
    while let Some(sign) = text[at..].find("::").map(|k| at + k) {
        let start = text[..sign].rfind(|c: char| !word(c)).map_or(0, |k| k + text[k..].chars().next().map_or(1, char::len_utf8));
        at = sign + 2;
        if start < sign && !text[..start].ends_with("::") && !text[..start].ends_with('$') {
            let rest = read_path(&text[start..], Vec::new(), &mut found);
            at = at.max(text.len() - rest.len());
        }
    }
    found
}
