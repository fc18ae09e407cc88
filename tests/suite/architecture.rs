//! The walls of the house: who may know whom (ARCHITECTURE.md section 4), and what no file of ours holds.
//!
//! Read is the text: `use crate::...` and every `crate::name`. Test modules (files named `test*`, and what stands after
//! `#[cfg(test)]`) may use everything.

mod circles;
mod names;

use std::fs;
use std::path::{Path, PathBuf};

/// A module, by its folder or file below `src`, and what it may use; itself always. The longest name that fits counts.
const FLOORS: &[(&str, &[&str])] = &[
    ("units", &[]),
    ("random", &[]),
    ("diagnostic", &[]),
    ("threads", &[]),
    ("whole", &[]),
    ("setters", &[]),
    ("closed", &[]),
    ("model", &["units", "diagnostic"]),
    ("network", &["model", "units", "random", "diagnostic", "threads", "whole"]),
    ("plan", &["network", "model", "units", "random", "threads"]),
    ("wgsl", &["plan", "model"]),
    ("recording", &["plan", "units", "whole"]),
    ("engine", &["plan", "recording"]),
    ("engine/cpu", &["engine", "plan", "model", "random", "threads"]),
    ("engine/gpu", &["engine", "plan", "wgsl"]),
    ("compare", &["recording", "units"]),
    ("analysis", &["recording", "units"]),
    ("plot", &["analysis", "recording", "network"]),
];

/// Those that may use everything.
const ROOF: &[&str] = &["simulation", "error", "lib", "main", "cli", "guide", "sweep", "fit"];

/// A file past so many lines is an alarm.
const LONGEST: usize = 500;

#[test]
fn every_module_keeps_to_its_floor() {
    let mut crossed = Vec::new();
    for (name, text) in sources() {
        let module = module_of(&name);
        if ROOF.contains(&module.as_str()) {
            continue;
        }
        let Some((_, allowed)) = floor(&module) else {
            crossed.push(format!("{name}: `{module}` stands on no floor"));
            continue;
        };
        let inside = module.split('/').next().unwrap();
        for used in uses(&text) {
            let top = used.split('/').next().unwrap();
            let fine = match module.as_str() {
                // the two engines do not know each other; each may use the trait
                "engine/cpu" | "engine/gpu" if top == "engine" => {
                    !used.starts_with("engine/cpu") && !used.starts_with("engine/gpu") || used.starts_with(&module)
                }
                _ => top == inside || allowed.contains(&top),
            };
            if !fine {
                crossed.push(format!("{name}: `{module}` uses `{}`", used.replace('/', "::")));
            }
        }
    }
    assert!(crossed.is_empty(), "{}", crossed.join("\n"));
}

#[test]
fn wgpu_and_naga_have_one_home_each() {
    for (name, text) in sources() {
        let named = |word: &str| code(&text).lines().any(|line| holds_word(line, word));
        assert!(!named("wgpu") || name.starts_with("engine/gpu"), "{name} names wgpu");
        assert!(!named("naga") || name == "wgsl/validate.rs", "{name} names naga");
    }
}

#[test]
fn no_unsafe_code_and_no_panic_that_a_user_could_reach() {
    const BANNED: &[&str] = &["unsafe ", "panic!", ".unwrap()", ".expect(", "todo!", "unimplemented!", "unreachable!"];
    let mut found = Vec::new();
    for (name, text) in sources() {
        for (number, line) in code(&text).lines().enumerate() {
            for word in BANNED.iter().filter(|word| line.contains(**word)) {
                found.push(format!("src/{name}, line {}: `{word}`: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A file of tests that no other names is never compiled, and nobody is told.
#[test]
fn every_file_of_tests_is_compiled() {
    let mut lost = Vec::new();
    for folder in ["tests/suite", "tests/conformance"] {
        let mut found = Vec::new();
        collect(&super::root().join(folder), &mut found);
        let texts: Vec<String> = found.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        for path in found.iter().filter(|path| path.file_name().is_some_and(|name| name != "main.rs" && name != "mod.rs")) {
            let named = format!("mod {};", path.file_stem().unwrap().to_string_lossy());
            if !texts.iter().any(|text| text.lines().any(|line| line.ends_with(&named))) {
                lost.push(path.display().to_string());
            }
        }
    }
    assert!(lost.is_empty(), "named by no `mod`:\n{}", lost.join("\n"));
}

#[test]
fn no_file_is_long() {
    let long: Vec<String> = all_files()
        .into_iter()
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(name, lines)| format!("src/{name}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "past {LONGEST} lines:\n{}", long.join("\n"));
}

/// The checks above find what they are for.
#[test]
fn planted_faults_are_found() {
    assert_eq!(uses("use crate::{engine::cpu::CpuEngine, wgsl};"), ["engine/cpu/CpuEngine", "wgsl"]);
    assert_eq!(uses("let x = crate::simulation::Options::default();"), ["simulation/Options/default"]);
    assert_eq!(uses("// crate::simulation\n/// [`crate::plot`]\nuse crate::units::{Unit, self};"), ["units/Unit", "units/self"]);
    assert_eq!(module_of("engine/gpu/device.rs"), "engine/gpu");
    assert!(!floor("units").unwrap().1.contains(&"model"));
    assert!(code("let a = \"panic!\"; // panic!\nb.unwrap();\n#[cfg(test)]\nmod tests { c.unwrap(); }").contains("b.unwrap()"));
    assert!(!code("a;\n#[cfg(test)]\nmod tests {\n  c.unwrap();\n}\n").contains("unwrap"));
    assert!(code("#[cfg(test)]\nmod tests;\nb.unwrap();").contains("unwrap"));
}

fn floor(module: &str) -> Option<&'static (&'static str, &'static [&'static str])> {
    FLOORS.iter().filter(|(name, _)| module == *name || module.starts_with(&format!("{name}/"))).max_by_key(|(name, _)| name.len())
}

/// The floor that a file belongs to: `engine/cpu`, `engine/gpu`, else its first folder or its own name.
fn module_of(name: &str) -> String {
    let stem = name.trim_end_matches(".rs");
    match stem.split('/').collect::<Vec<_>>()[..] {
        ["engine", part @ ("cpu" | "gpu"), ..] => format!("engine/{part}"),
        [first, ..] => first.into(),
        [] => String::new(),
    }
}

/// Every path behind `crate::`, braces written out, without comments.
fn uses(text: &str) -> Vec<String> {
    let code = code(text);
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        expand(&code[at + "crate::".len()..], String::new(), &mut found);
    }
    found
}

/// Reads one path (or a list of them in braces) and gives what is left behind it.
fn expand<'a>(rest: &'a str, head: String, found: &mut Vec<String>) -> &'a str {
    let rest = rest.trim_start();
    if let Some(mut list) = rest.strip_prefix('{') {
        loop {
            list = list.trim_start().trim_start_matches(',').trim_start();
            if let Some(after) = list.strip_prefix('}') {
                return after;
            }
            if list.is_empty() {
                return list;
            }
            let after = expand(list, head.clone(), found);
            // something that is no path: the list is not one of imports
            list = if after.len() == list.len() { "" } else { after };
        }
    }
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let path = if head.is_empty() { rest[..end].to_string() } else { format!("{head}/{}", &rest[..end]) };
    match rest[end..].strip_prefix("::") {
        Some(more) if more.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '{') => expand(more, path, found),
        _ => {
            found.push(path);
            rest[end..].trim_start().strip_prefix("as ").map_or(&rest[end..], |alias| {
                &alias[alias.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(alias.len())..]
            })
        }
    }
}

/// The text without comments, strings and test modules; lines stay where they are.
fn code(text: &str) -> String {
    let mut out = String::new();
    let (mut test, mut depth): (Option<i32>, i32) = (None, 0);
    let mut pending = false;
    for line in text.lines() {
        let line = without_strings(line);
        let opened = line.matches('{').count() as i32 - line.matches('}').count() as i32;
        if test.is_none() && line.trim() == "#[cfg(test)]" {
            pending = true;
        } else if pending && !line.trim_start().starts_with("#[") {
            // `mod tests;` is in a file of its own, a block ends where its brace does
            pending = false;
            if line.contains('{') {
                test = Some(depth);
            } else {
                out.push('\n');
                depth += opened;
                continue;
            }
        }
        if test.is_none() && !pending {
            out.push_str(&line);
        }
        out.push('\n');
        depth += opened;
        if test.is_some_and(|start| depth <= start) {
            test = None;
        }
    }
    out
}

/// A line without what stands in quotes or behind `//`.
fn without_strings(line: &str) -> String {
    let mut out = String::new();
    let mut chars = line.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' if quoted => drop(chars.next()),
            '"' => quoted = !quoted,
            // a character such as '"' or '{', not a lifetime
            '\'' if !quoted => {
                let mut ahead = chars.clone();
                let first = ahead.next();
                let width = if first == Some('\\') { 3 } else { 2 };
                if chars.clone().nth(width - 1) == Some('\'') {
                    chars.nth(width - 1);
                }
            }
            '/' if !quoted && chars.peek() == Some(&'/') => break,
            _ if !quoted => out.push(c),
            _ => {}
        }
    }
    out
}

fn holds_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|part| part == word)
}

/// Files of `src` that are not tests: name below `src`, text.
fn sources() -> Vec<(String, String)> {
    let test = |name: &str| name.split(['/', '_', '.']).any(|part| part == "test" || part == "tests");
    let mut files = all_files();
    files.retain(|(name, _)| !test(name));
    assert!(files.len() > 50, "the sources were not found");
    files
}

fn all_files() -> Vec<(String, String)> {
    let src = super::root().join("src");
    let mut found = Vec::new();
    collect(&src, &mut found);
    found.sort();
    let name = |path: &Path| path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
    found.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}
