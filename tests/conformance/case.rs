//! Where cases lie, and what is common to reading them.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use synfire::network::Value;

/// All cases of a schema (such as `net-det/1`): ours, then those of `SYNFIRE_CASES`. The flag says that a case is ours.
pub fn all<T: DeserializeOwned>(schema: &str) -> Vec<(T, bool)> {
    // a binary that was carried to another machine is told where they lie
    let carried = std::env::var_os("SYNFIRE_REFERENCE").map(PathBuf::from);
    let ours = carried.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference"));
    let others = std::env::var_os("SYNFIRE_CASES").map(|list| std::env::split_paths(&list).collect::<Vec<_>>());
    let mut out = Vec::new();
    for (folder, is_ours) in [(ours, true)].into_iter().chain(others.into_iter().flatten().map(|f| (f, false))) {
        let mut files = Vec::new();
        json_below(&folder, &mut files);
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            let head: Head = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            if head.schema.as_deref() == Some(schema) {
                match serde_json::from_str(&text) {
                    Ok(case) => out.push((case, is_ours)),
                    // cases of features that are still to come may have other fields
                    Err(e) if !is_ours => crate::lines::say(&format!("{}: not yet: {e}", file.display())),
                    Err(e) => panic!("{}: {e}", file.display()),
                }
            }
        }
    }
    out
}

#[derive(serde::Deserialize)]
struct Head {
    schema: Option<String>,
}

fn json_below(folder: &Path, out: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            json_below(&path, out);
        } else if path.extension().is_some_and(|x| x == "json") {
            out.push(path);
        }
    }
}

/// A number with its unit; Rust writes the fewest digits that give the number back.
pub fn quantity(x: f64, unit: &str) -> Value {
    if unit.is_empty() { Value::Number(x) } else { Value::Text(format!("{x} {unit}")) }
}

/// A list of them.
pub fn quantities(list: impl IntoIterator<Item = f64>, unit: &str) -> Value {
    Value::List(list.into_iter().map(|x| quantity(x, unit)).collect())
}

/// One value where all are the same, which is kept as it is; a list is kept in single precision.
pub fn shared(list: impl IntoIterator<Item = f64>, unit: &str) -> Value {
    let list: Vec<f64> = list.into_iter().collect();
    match list.first() {
        Some(first) if list.iter().all(|x| x == first) => quantity(*first, unit),
        _ => quantities(list, unit),
    }
}
