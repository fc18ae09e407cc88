//! No two files of a folder know each other, nor do several in a ring.
//!
//! Looked at is each folder for itself: its files, each with the folder of its own name, are the nodes, and what one takes from
//! another by a path (`crate::`, `super::`, `self::`, through re-exports to where it is defined) is an arrow. The file that a
//! folder is named after (or its `mod.rs`) is its door: it shows what the others give and holds what they share, and is no node.

use std::collections::{BTreeMap, BTreeSet};

use super::{code, sources};

#[test]
fn no_files_of_a_folder_form_a_circle() {
    let found = circles(&sources());
    let text: Vec<String> = found.iter().map(Circle::words).collect();
    assert!(text.is_empty(), "{}", text.join("\n"));
}

#[test]
fn planted_circles_are_found() {
    let house = |files: &[(&str, &str)]| {
        let files: Vec<(String, String)> = files.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
        circles(&files).iter().map(|c| format!("{}: {}", c.folder, c.nodes.join(" "))).collect::<Vec<_>>()
    };
    let door = ("a/mod.rs", "mod b; mod c; mod d;\npub use c::Thing;\npub struct Shared;");
    assert_eq!(house(&[door, ("a/b.rs", "use super::c::Thing;"), ("a/c.rs", "use super::b;\npub struct Thing;")]), ["a: b c"]);
    // what the door shows is where it is defined; what it holds itself ties nothing
    assert_eq!(house(&[door, ("a/b.rs", "use super::Thing;"), ("a/c.rs", "use crate::a::b::{X, Y};")]), ["a: b c"]);
    assert!(house(&[door, ("a/b.rs", "use super::{Shared, Thing};"), ("a/c.rs", "use super::Shared;")]).is_empty());
    // a ring of three, one of them by a path in the code and one in a folder of its own
    let ring = [
        door,
        ("a/b.rs", "fn f() { super::c::g(); }"),
        ("a/c.rs", "use crate::a::d::Deep as Other;"),
        ("a/d.rs", "mod e; pub use e::Deep;"),
        ("a/d/e.rs", "use super::super::b;\npub struct Deep;"),
    ];
    assert_eq!(house(&ring), ["a: b c d"]);
    assert!(house(&ring[..4]).is_empty());
    // tests and words in comments or strings tie nothing
    let tests = "// super::b\n#[cfg(test)]\nmod tests {\n    use super::super::b::*;\n}\n";
    assert!(house(&[door, ("a/b.rs", "use super::c;\nfn f() { let t = \"crate::a\"; }"), ("a/c.rs", tests)]).is_empty());
    // folders know each other as files do, under the roof too
    let folders = [("a/mod.rs", ""), ("b.rs", "use crate::a::x;"), ("a/x.rs", "use crate::b;"), ("lib.rs", "mod a; mod b;")];
    assert_eq!(house(&folders), [": a b"]);
}

/// Files that know each other in a ring.
struct Circle {
    /// Below `src`.
    folder: String,
    nodes: Vec<String>,
    /// File, file, names.
    arrows: Vec<(String, String, Vec<String>)>,
}

impl Circle {
    fn words(&self) -> String {
        let arrows = self.arrows.iter().map(|(from, to, names)| format!("\n  {from} takes {} from {to}", names.join(", ")));
        format!("a circle in src/{}: {}{}", self.folder, self.nodes.join(", "), arrows.collect::<String>())
    }
}

type Arrows = BTreeMap<(String, String), BTreeSet<String>>;

fn circles(files: &[(String, String)]) -> Vec<Circle> {
    let arrows = Modules::read(files).arrows();
    let parents = |name: &str| name.match_indices('/').map(|(end, _)| name[..end].to_string()).collect::<Vec<_>>();
    let folders: BTreeSet<String> = files.iter().flat_map(|(name, _)| parents(name)).chain([String::new()]).collect();
    folders.iter().flat_map(|folder| circles_of(folder, &arrows)).collect()
}

/// The circles among the nodes of one folder.
fn circles_of(folder: &str, arrows: &Arrows) -> Vec<Circle> {
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in arrows.keys() {
        if let (Some(from), Some(to)) = (node(folder, from), node(folder, to)) {
            known.entry(from).or_default().insert(to);
        }
    }
    let mut done = BTreeSet::new();
    let mut found = Vec::new();
    for start in known.keys() {
        if done.contains(start) {
            continue;
        }
        let ring: Vec<&str> =
            reached(&known, start).into_iter().filter(|to| to != start && reached(&known, to).contains(start)).collect();
        if ring.is_empty() {
            continue;
        }
        let mut nodes: Vec<&str> = ring.into_iter().chain([*start]).collect();
        nodes.sort_unstable();
        done.extend(nodes.iter().copied());
        let tied = arrows.iter().filter(|((a, b), _)| match (node(folder, a), node(folder, b)) {
            (Some(a), Some(b)) => a != b && nodes.contains(&a) && nodes.contains(&b),
            _ => false,
        });
        found.push(Circle {
            folder: folder.to_string(),
            nodes: nodes.iter().map(|node| node.to_string()).collect(),
            arrows: tied.map(|((a, b), names)| (a.clone(), b.clone(), names.iter().cloned().collect())).collect(),
        });
    }
    found
}

/// What a node knows, and what that knows, and so on.
fn reached<'a>(known: &BTreeMap<&'a str, BTreeSet<&'a str>>, start: &'a str) -> BTreeSet<&'a str> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![start]);
    while let Some(at) = next.pop() {
        next.extend(known.get(at).into_iter().flatten().filter(|to| seen.insert(**to)));
    }
    seen
}

/// The node of a folder that a file belongs to: its name without the ending, or the folder that it stands in.
fn node<'a>(folder: &str, file: &'a str) -> Option<&'a str> {
    let below = if folder.is_empty() { file } else { file.strip_prefix(folder)?.strip_prefix('/')? };
    let name = below.split('/').next()?.trim_end_matches(".rs");
    (!matches!(name, "mod" | "lib")).then_some(name)
}

/// Files by their path of modules, and what each has imported.
pub(super) struct Modules {
    pub files: BTreeMap<Vec<String>, (String, String)>,
    /// By file: name to path.
    pub imports: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

impl Modules {
    pub fn read(files: &[(String, String)]) -> Modules {
        let mut modules = Modules { files: BTreeMap::new(), imports: BTreeMap::new() };
        for (name, text) in files {
            let text = code(text);
            let mut imports = BTreeMap::new();
            for (at, _) in
                text.match_indices("use ").filter(|(at, _)| !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
            {
                let mut found = Vec::new();
                read_path(&text[at + 4..], Vec::new(), &mut found);
                imports.extend(found.into_iter().map(|(path, name)| (name, path)));
            }
            modules.imports.insert(name.clone(), imports);
            modules.files.insert(path_of(name), (name.clone(), text));
        }
        modules
    }

    fn arrows(&self) -> Arrows {
        let mut arrows = Arrows::new();
        for (module, (file, text)) in &self.files {
            for root in ["crate::", "super::", "self::"] {
                let starts = text.match_indices(root).map(|(at, _)| at);
                for at in starts.filter(|at| !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')) {
                    let mut found = Vec::new();
                    read_path(&text[at..], Vec::new(), &mut found);
                    for (path, name) in found {
                        let to = self.file_of(module, &path, 0);
                        if let Some(to) = to.filter(|to| to != file) {
                            arrows.entry((file.clone(), to)).or_default().insert(name);
                        }
                    }
                }
            }
        }
        arrows
    }

    /// The file in which what a path names is defined, seen from a module.
    pub fn file_of(&self, module: &[String], path: &[String], depth: usize) -> Option<String> {
        let mut at = module.to_vec();
        for name in path {
            match name.as_str() {
                "crate" => at.clear(),
                "super" => drop(at.pop()),
                "self" | "*" => {}
                name => {
                    at.push(name.to_string());
                    if self.files.contains_key(&at) {
                        continue;
                    }
                    at.pop();
                    let here = &self.files.get(&at)?.0;
                    // what a file has imported is defined elsewhere
                    let Some(path) = self.imports[here].get(name).filter(|_| depth < 9) else { return Some(here.clone()) };
                    let rooted = matches!(path[0].as_str(), "crate" | "super" | "self");
                    let child = self.files.contains_key(&[&at[..], &path[..1]].concat());
                    let there = if rooted || child { self.file_of(&at, path, depth + 1) } else { None };
                    return there.or_else(|| Some(here.clone()));
                }
            }
        }
        self.files.get(&at).map(|(file, _)| file.clone())
    }
}

fn path_of(file: &str) -> Vec<String> {
    let mut path: Vec<String> = file.trim_end_matches(".rs").split('/').map(String::from).collect();
    if matches!(path.last().map(String::as_str), Some("mod" | "lib")) {
        path.pop();
    }
    path
}

/// Reads a path, or a tree of them in braces: each with the name that it has here. Gives what is left behind it.
pub(super) fn read_path<'a>(rest: &'a str, head: Vec<String>, found: &mut Vec<(Vec<String>, String)>) -> &'a str {
    let rest = rest.trim_start();
    if let Some(mut list) = rest.strip_prefix('{') {
        loop {
            list = list.trim_start().trim_start_matches(',').trim_start();
            if let Some(after) = list.strip_prefix('}') {
                return after;
            }
            let after = read_path(list, head.clone(), found);
            // something that is no path: the list is not one of imports
            if after.len() == list.len() {
                return "";
            }
            list = after;
        }
    }
    let word = |text: &'a str| text.split_at(text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len()));
    let (name, after) = if let Some(after) = rest.strip_prefix('*') { ("*", after) } else { word(rest) };
    if name.is_empty() {
        return rest;
    }
    let path = [head, vec![name.to_string()]].concat();
    match after.strip_prefix("::") {
        Some(more) if more.starts_with(|c: char| c.is_alphanumeric() || "_{*".contains(c)) => read_path(more, path, found),
        _ => match after.trim_start().strip_prefix("as ") {
            Some(alias) => {
                let (alias, after) = word(alias);
                found.push((path, alias.to_string()));
                after
            }
            None => {
                let name = if name == "self" { path[path.len().saturating_sub(2)].clone() } else { name.to_string() };
                found.push((path, name));
                after
            }
        },
    }
}
