//! Bad network files, equations and overrides, each with its whole message, side by side in `bad/*.txt`.
//!
//! A file begins with a base in which nothing is wrong; a case is a title, the lines that differ from the base, and what
//! is said. `UPDATE=1 cargo test` writes what is said now: read it as someone who has to mend the file with it.

use std::path::Path;

use synfire::diagnostic::Source;
use synfire::network::Network;

const CASE: &str = "=== ";
const SAID: &str = "--- said\n";

/// Those that are whole network files.
pub const NETWORK_FILES: [&str; 8] = ["file", "populations", "events", "projections", "inputs", "probes", "sns", "space"];

#[test]
fn network_files() {
    for name in NETWORK_FILES {
        compare(name, |text| match Network::from_toml(text, "net.toml") {
            Ok(network) => super::what_is_wrong(&network, &super::examples()),
            Err(report) => Some(report.to_string()),
        });
    }
}

#[test]
fn equations() {
    compare("equations", |text| {
        let source = Source { name: "equations".into(), text: text.into() };
        synfire::model::check::read(&source).err().map(|report| report.to_string())
    });
}

#[test]
fn there_are_at_least_eighty() {
    let folder = super::root().join("tests/suite/bad");
    let texts = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let texts: Vec<String> = texts.collect();
    let cases: usize = texts.iter().map(|text| text.matches("\n=== ").count()).sum();
    assert!(cases >= 80, "{cases}");
    assert!(texts.iter().all(|text| !text.contains("\nnothing: ")), "a case that has become right is no case");
}

#[test]
fn every_error_names_its_line() {
    for name in ["file", "populations", "events", "projections", "inputs", "probes", "sns", "space", "equations"] {
        let path = super::root().join("tests/suite/bad").join(format!("{name}.txt"));
        let text = std::fs::read_to_string(path).unwrap();
        for case in text.split("\n=== ").skip(1) {
            let (input, said) = case.split_once(SAID).unwrap();
            for error in said.trim().split("\n\n") {
                assert!(error.contains(", line ") && error.contains(", column "), "{name}: {input}\n{error}");
            }
        }
    }
}

fn compare(name: &str, said: impl Fn(&str) -> Option<String>) {
    let path = super::root().join("tests/suite/bad").join(format!("{name}.txt"));
    let file = std::fs::read_to_string(&path).unwrap();
    let mut parts = file.split("\n=== ");
    let base = parts.next().unwrap().split_once('\n').unwrap().1;
    assert_eq!(said(base), None, "{name}: the base itself is wrong");
    let mut now = file.split("\n=== ").next().unwrap().to_string();
    for case in parts {
        let (input, _) = case.split_once(SAID).unwrap_or((case, ""));
        let input = input.trim_end();
        let (title, changes) = input.split_once('\n').unwrap();
        let text = changed(base, changes, title);
        let said = said(&text).unwrap_or_else(|| format!("nothing: {title} is accepted"));
        now.push_str(&format!("\n{CASE}{input}\n{SAID}{said}\n"));
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    first_difference(&path, &file, &now);
}

fn stored(name: &str) -> String {
    std::fs::read_to_string(super::root().join("tests/suite/bad").join(format!("{name}.txt"))).unwrap()
}

/// In which nothing is wrong.
pub fn base(name: &str) -> String {
    stored(name).split("\n=== ").next().unwrap().split_once('\n').unwrap().1.to_string()
}

/// Title and text of each case.
pub fn cases(name: &str) -> Vec<(String, String)> {
    let (file, base) = (stored(name), base(name));
    let case = |case: &str| {
        let (input, _) = case.split_once(SAID).unwrap_or((case, ""));
        let (title, changes) = input.trim_end().split_once('\n').unwrap();
        (title.to_string(), changed(&base, changes, title))
    };
    file.split("\n=== ").skip(1).map(case).collect()
}

/// The base with `- line` taken out and `+ line` put in its place (or at the end).
fn changed(base: &str, changes: &str, title: &str) -> String {
    let mut lines: Vec<&str> = base.lines().collect();
    let mut place = lines.len();
    for change in changes.lines() {
        match change.split_at(2) {
            ("- ", line) => {
                place = lines.iter().position(|l| *l == line).unwrap_or_else(|| panic!("{title}: no line `{line}`"));
                lines.remove(place);
            }
            ("+ ", line) => {
                lines.insert(place, line);
                place += 1;
            }
            _ => panic!("{title}: `{change}` is no change"),
        }
    }
    lines.join("\n") + "\n"
}

fn first_difference(path: &Path, file: &str, now: &str) {
    if file == now || std::env::var_os("UPDATE").is_some() {
        return;
    }
    let (number, (expected, found)) = file.lines().zip(now.lines()).enumerate().find(|(_, (a, b))| a != b).unwrap_or_default();
    panic!("{}, line {}:\nexpected {expected}\nfound    {found}\nUPDATE=1 writes it; then read it", path.display(), number + 1);
}
