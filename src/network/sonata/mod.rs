//! Circuits in the SONATA format (Allen Institute, Blue Brain): nodes, edges, types, inputs and reports, read as a network of ours.
//!
//! In: `simulation_config.json`, and what it names. Out: a [`Circuit`]: a network and the tables that it names, which are written beside
//! each other. Then the network runs like any other. Not here: spikes and reports that a run writes (`recording::sonata`).
//!
//! | of SONATA | here |
//! | --- | --- |
//! | nodes of a population of one `model_template` | a population of the same name; of several a population each, `POP_MODEL` |
//! | `model_type` `virtual` | model `spike_times`, with the spikes of inputs of type `spikes` |
//! | `nest:iaf_psc_alpha`, `_exp`, `_delta`, `nest:iaf_cond_exp`, `_alpha` | `lif_psc_alpha` and so on, with NEST's defaults |
//! | `nest:glif_psc` | equations of their own, with a port for each `receptor_type` |
//! | `nrn:IntFire1` | equations of their own; `tau` and `refrac` are in seconds, as bmtk reads them |
//! | `dynamics_params`: a file, or a group in the arrays | parameters, one value or a column |
//! | edges of a population | a projection for each port that they reach; a table with a line per edge |
//! | `syn_weight` · `nsyns` · `sign`, of the edge or its type | the weight; those below 0 of NEST's cells reach the inhibitory port |
//! | `delay` in ms; 1 ms if not given, as in NEST and NEURON | the delay, at least a step |
//! | inputs `spikes`, `current_clamp` | spike times, a stimulus |
//! | reports of a membrane, a multimeter | probes |
//!
//! Accepted beyond the letter of the standard, as files in use have it: `spikes/gids` without a population, `indicies`,
//! `node_id_to_range` (no index is needed), missing `magic`, types separated by spaces, a `node_set` that is the name of a population,
//! group numbers with a fraction of 0. Cells with morphologies, functions of weights and plastic synapses are errors.
//!
//! **Source**: SONATA developer guide (github.com/AllenInstitute/sonata); bmtk 1.1 for what it leaves open.

mod cells;
mod config;
mod edges;
mod elements;
mod error;
mod hdf5;
mod inputs;
mod nodes;
pub(super) mod spikes;

use std::io::Write;
use std::path::Path;

pub use error::SonataError;

use super::Network;
use crate::whole;
use config::Both;
use nodes::Nodes;

/// A circuit as a network, and what stands beside it.
#[derive(Clone, Debug)]
pub struct Circuit {
    /// The network. Its tables are named as if they were beside it.
    pub network: Network,
    /// Tables that it names, as CSV: name, text.
    pub tables: Vec<(String, String)>,
    /// What was taken otherwise than it was written, a sentence each.
    pub remarks: Vec<String>,
}

/// Reads a circuit by its `simulation_config.json`, or a `config.json` that names that and the circuit's.
///
/// **Errors** files that are missing, broken, foreign or lying, and which dataset or key; models that there are not here.
pub fn read(config: impl AsRef<Path>) -> Result<Circuit, SonataError> {
    let both = Both::read(config.as_ref())?;
    let mut circuit = Circuit { network: Network::new(name_of(config.as_ref())), tables: Vec::new(), remarks: Vec::new() };
    let run = both.simulation.table("run")?;
    let of_run = |key: &str| both.simulation.number_of(&run, key, "run.");
    let Some(stop) = of_run("tstop")?.filter(|ms| *ms > 0.0) else {
        return Err(both.simulation.wrong("run.tstop", "expected how long to run, in ms"));
    };
    if let Some(start) = of_run("tstart")?.filter(|ms| *ms != 0.0) {
        return Err(both.simulation.wrong("run.tstart", format!("expected 0, found {start}: a run begins at 0 ms")));
    }
    let dt = of_run("dt")?.unwrap_or(0.1);
    if dt <= 0.0 {
        return Err(both.simulation.wrong("run.dt", format!("expected a step in ms above 0, found {dt}")));
    }
    circuit.network.dt(format!("{dt} ms")).duration(format!("{stop} ms"));
    let mut nodes = Nodes::read(&both)?;
    inputs::spikes(&both, &mut nodes, &mut circuit)?;
    nodes.populate(&both, &mut circuit)?;
    edges::project(&both, &nodes, dt, &mut circuit)?;
    inputs::currents(&both, &nodes, &mut circuit)?;
    inputs::reports(&both, &nodes, &mut circuit)?;
    Ok(circuit)
}

impl Circuit {
    /// Writes the network as TOML, and its tables beside it, each whole or not at all; the network last.
    ///
    /// **Errors** what the system says, with the name of the file.
    pub fn save(&self, path: impl AsRef<Path>) -> std::io::Result<()> {
        let path = path.as_ref();
        let named = |path: &Path, e: std::io::Error| std::io::Error::new(e.kind(), format!("`{}`: {e}", path.display()));
        for (name, text) in &self.tables {
            let table = path.with_file_name(name);
            whole::write(&table, |out| out.write_all(text.as_bytes())).map_err(|e| named(&table, e))?;
        }
        let text = self.network.to_toml().map_err(|report| std::io::Error::other(report.to_string()))?;
        whole::write(path, |out| out.write_all(text.as_bytes())).map_err(|e| named(path, e))
    }

    /// Keeps a table under a name that no other has, and gives it.
    fn table(&mut self, name: &str, text: String) -> String {
        let plain = |c: char| if c.is_alphanumeric() || "-_".contains(c) { c } else { '_' };
        let stem: String = name.chars().map(plain).collect();
        let numbered = (1..).map(|n| if n == 1 { format!("{stem}.csv") } else { format!("{stem}_{n}.csv") });
        let taken = |name: &String| self.tables.iter().any(|(other, _)| other.to_lowercase() == name.to_lowercase());
        let name: String = numbered.filter(|name| !taken(name)).take(1).collect();
        self.tables.push((name.clone(), text));
        name
    }
}

/// The folder of a configuration is what a circuit is called.
fn name_of(config: &Path) -> String {
    let whole = std::fs::canonicalize(config).unwrap_or_else(|_| config.to_path_buf());
    whole.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned()
}

/// A number with its unit.
fn quantity(number: f64, unit: &str) -> super::Value {
    if unit.is_empty() { number.into() } else { format!("{number} {unit}").into() }
}

#[cfg(all(test, feature = "hdf5"))]
mod test;
