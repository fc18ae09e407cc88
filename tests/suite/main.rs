//! Everything but conformance: the command line, the walls of the house, what is said to people who wrote something wrong.

mod architecture;
mod bad_files;
mod bench;
mod bundles;
mod celegans;
mod changes;
mod chunks;
mod cli;
mod controllers;
mod determinism;
mod disk;
mod ensemble;
mod events;
mod exchange;
mod explored;
mod faults;
mod fits;
mod graded;
mod hashes;
mod injection;
mod intervals;
mod junctions;
mod kernels;
mod language;
mod learning;
mod leg;
mod measures;
mod modulators;
mod moving_dot;
mod mutations;
mod nest;
mod papers;
mod parts;
mod pattern;
mod plots;
mod presets;
mod probes;
mod procedural;
mod published;
mod report;
mod schema;
mod shared_synapses;
mod signals;
mod sinks;
mod sns;
mod sonata;
mod space;
mod stimuli;
mod sweeps;
mod synapse_states;
mod ten_million;
mod toolbox;
mod totals;
mod traps;
mod varied;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use synfire::diagnostic::Source;
use synfire::model::{self, ModelSet};
use synfire::network::{self, Network};

/// The folder of the project.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn examples() -> PathBuf {
    root().join("examples/networks")
}

/// Reads and checks a network as the command does: what is wrong with it, or nothing.
fn what_is_wrong(network: &Network, folder: &Path) -> Option<String> {
    let mut models = model::library::all().unwrap();
    let own = match model::check::read(&Source { name: format!("equations of {}", network.name), text: network.equations.clone() })
    {
        Ok(own) => own,
        Err(_) if network.equations.trim().is_empty() => ModelSet::default(),
        Err(report) => return Some(network.placed_equations(report).to_string()),
    };
    models.neurons.extend(own.neurons);
    models.synapses.extend(own.synapses);
    network::check(network, &models, folder).err().map(|report| report.to_string())
}

/// A folder with `net.toml`.
fn with_network(toml: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("net.toml"), toml).unwrap();
    folder
}

/// The names in a folder, in order.
fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Runs the command in a folder, to its end.
fn synfire(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_synfire")).args(arguments).current_dir(folder).output().unwrap()
}

/// All that a command has printed.
fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
