//! Everything but conformance: the command line, the walls of the house, what is said to people who wrote something wrong.

mod architecture;
mod bad_files;
mod celegans;
mod cli;
mod controllers;
mod determinism;
mod ensemble;
mod exchange;
mod faults;
mod graded;
mod hashes;
mod injection;
mod kernels;
mod leg;
mod mutations;
mod presets;
mod shared_synapses;
mod signals;
mod sns;
mod synapse_states;
mod toolbox;

use std::path::{Path, PathBuf};

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
    let mut models = model::library::all();
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
