//! 30,000 random mutations of network files, equations and synapse models end in a network or in a message, never in a panic.
//!
//! Changed are bytes, words, numbers and lines; what is read is checked, and what is right and small is planned too.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use synfire::diagnostic::Source;
use synfire::network::{Connector, Network};
use synfire::random::{Draws, Key};
use synfire::{Options, model};

const FILES: usize = 10_000;
const EQUATIONS: usize = 10_000;

/// What files are made of, and what has broken readers before.
const WORDS: &[&str] = &[
    "-1",
    "0",
    "1e308",
    "inf",
    "nan",
    "-0.0",
    "5000000000",
    "18446744073709551616",
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    "=",
    "==",
    "\n",
    "\u{0}",
    "é",
    "τ",
    "\u{202e}",
    "🧠",
    "mV",
    "ms",
    "nS",
    "exc",
    "size",
    "shape",
    "uniform",
    "normal",
    "rule",
    "fixed_total",
    "file",
    "column",
    "neuron x\n",
    "synapse y\n",
    "state",
    "param",
    "dv/dt",
    "xi",
    "rand()",
    "exp(",
    "**",
    "if",
    "else",
    "pre.v",
    "post.v",
    "/0",
    "threshold",
    "reset",
    "refractory",
    "method rk4\n",
    "step\n",
    "spike",
    "receive",
    "%",
    "#",
    "on_post ",
    "delay dendritic\n",
    "(from 0 to 1)",
];

/// Larger networks are right, but slow to plan twenty thousand times.
const PLANNED_NEURONS: u64 = 2000;

#[test]
fn network_files() {
    let folder = super::examples();
    let mut texts: Vec<String> = toml_files().map(|path| fs::read_to_string(path).unwrap()).collect();
    // many small parts in one file
    let base = fs::read_to_string(super::root().join("tests/suite/bad/file.txt")).unwrap();
    texts.push(base.split("\n=== ").next().unwrap().split_once('\n').unwrap().1.to_string());
    let mut right = 0;
    for turn in 0..FILES {
        let text = mutated(&texts[turn % texts.len()], turn);
        survives(turn, &text, || {
            let Ok(network) = Network::from_toml(&text, "net.toml") else { return };
            let neurons: u64 = network.populations.iter().map(|p| p.size.unwrap_or(PLANNED_NEURONS)).fold(0, u64::saturating_add);
            if super::what_is_wrong(&network, &folder).is_none() {
                right += 1;
                if neurons < PLANNED_NEURONS {
                    let options = Options::default().folder(folder.clone()).memory_budget(100 << 20);
                    let _ = network.plan(&options);
                }
            }
        });
    }
    println!("{right} of {FILES} mutated files are networks");
    assert!(right > FILES / 100, "mutations that are all refused at the door test nothing behind it: {right}");
}

#[test]
fn equations() {
    let texts = model::library::TEXTS;
    let mut right = 0;
    for turn in 0..EQUATIONS {
        let text = mutated(texts[turn % texts.len()].1, FILES + turn);
        survives(turn, &text, || {
            let source = Source { name: "equations".into(), text: text.clone() };
            match model::check::read(&source) {
                Ok(models) => {
                    right += 1;
                    for model in models.neurons.values() {
                        let _ = model::integrate::rule(model, None, 0.1, &vec![true; model.inputs().len()]);
                    }
                }
                Err(report) => assert!(!report.to_string().is_empty()),
            }
        });
    }
    println!("{right} of {EQUATIONS} mutated texts are models");
    assert!(right > EQUATIONS / 100, "{right}");
}

/// Whatever a synapse model says, it is refused or can be planned.
#[test]
fn synapses() {
    let texts = model::library::SYNAPSE_TEXTS;
    let mut right = 0;
    for turn in 0..EQUATIONS {
        let text = mutated(texts[turn % texts.len()].1, FILES + EQUATIONS + turn);
        survives(turn, &text, || {
            let source = Source { name: "equations".into(), text: text.clone() };
            let Ok(models) = model::check::read(&source) else { return };
            let Some(name) = models.synapses.keys().next() else { return };
            let mut network = Network::new("two");
            network.equations(&text).population("p", "lif_cond_exp", 2);
            network.project_by("p", "p", name, Connector::AllToAll).delay("0.2 ms");
            if super::what_is_wrong(&network, &super::examples()).is_none() {
                right += 1;
                let _ = network.plan(&Options::default());
            }
        });
    }
    println!("{right} of {EQUATIONS} mutated texts are synapses that fit");
    assert!(right > EQUATIONS / 100, "{right}");
}

fn survives(turn: usize, text: &str, run: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(run)).is_err() {
        panic!("mutation {turn} panicked:\n{text}");
    }
}

fn toml_files() -> impl Iterator<Item = std::path::PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(super::examples()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    // these read tables, of a megabyte, and of a hundred thousand bytes in six files: thousands of times is too often
    paths.retain(|path| !path.ends_with("larva.toml") && !path.ends_with("celegans.toml"));
    paths.sort();
    paths.into_iter()
}

/// One to four changes.
fn mutated(text: &str, turn: usize) -> String {
    let mut draws = Key { seed: 20_000 }.draws(0, turn as u32, 0);
    let mut text = text.to_string();
    for _ in 0..=draws.below(4) {
        text = changed(&text, &mut draws);
    }
    text
}

fn changed(text: &str, draws: &mut Draws) -> String {
    let words: Vec<&str> = text.split_inclusive([' ', '\n', ',', '(', '"', '=']).collect();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    if lines.is_empty() {
        return "neuron a".into();
    }
    let word = WORDS[draws.below(WORDS.len() as u32) as usize];
    let mut pick = |n: usize| draws.below(n as u32) as usize;
    match pick(7) {
        // a byte that is another
        0 => {
            let mut bytes = text.as_bytes().to_vec();
            let at = pick(bytes.len());
            bytes[at] = pick(256) as u8;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        // a word that is another, or one of ours twice
        1 => replaced(&words, pick(words.len()), word),
        2 => {
            let other = words[pick(words.len())];
            replaced(&words, pick(words.len()), other)
        }
        3 => replaced(&words, pick(words.len()), ""),
        // a line that is missing, twice, or elsewhere
        4 => replaced(&lines, pick(lines.len()), ""),
        5 => {
            let line = lines[pick(lines.len())];
            let at = pick(lines.len());
            replaced(&lines, at, &format!("{}{line}", lines[at]))
        }
        // the file ends early
        _ => text.chars().take(pick(text.len())).collect(),
    }
}

fn replaced(parts: &[&str], at: usize, by: &str) -> String {
    parts.iter().enumerate().map(|(k, part)| if k == at { by } else { part }).collect()
}
