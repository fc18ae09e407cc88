//! `synfire import`: a network that is written otherwise, as a network file and its tables.
//!
//! In: the files of another format. Out: a folder with `network.toml`, which runs like any other. Not here: the formats
//! (`synfire::network::sonata`).

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use synfire::network::sonata;

use super::{Failure, complain, counted, say};

#[derive(Args)]
pub struct Import {
    /// What it is written in
    #[arg(value_enum)]
    format: ImportFormat,
    /// The file to begin with: of SONATA simulation_config.json, or a config.json that names it
    file: PathBuf,
    /// Folder for network.toml and the tables that it names [default: the name of the network]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace files that are there
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum ImportFormat {
    /// Circuits of the Allen Institute and Blue Brain: point neurons, spikes, currents, reports
    Sonata,
}

impl Import {
    pub fn run(&self) -> Result<(), Failure> {
        let circuit = match self.format {
            ImportFormat::Sonata => sonata::read(&self.file).map_err(|error| Failure::input(format!("error: {error}")))?,
        };
        let network = &circuit.network;
        let folder = match &self.out {
            Some(out) => out.clone(),
            None if network.name.is_empty() => return Err(Failure::input("error: the network has no name\n  help: --out DIR")),
            None => PathBuf::from(&network.name),
        };
        let path = folder.join("network.toml");
        let names = circuit.tables.iter().map(|(name, _)| folder.join(name)).chain([path.clone()]);
        if let Some(there) = names.into_iter().find(|path| path.exists()).filter(|_| !self.force) {
            let help = "--out DIR for another folder, or --force to replace it";
            return Err(Failure::input(format!("error: `{}` is there already\n  help: {help}", there.display())));
        }
        std::fs::create_dir_all(&folder).map_err(|e| Failure::write(&folder, &e))?;
        circuit.save(&path).map_err(|e| Failure::disk(format!("error: cannot write {e}")))?;
        circuit.remarks.iter().for_each(|remark| complain(format_args!("remark: {remark}")));
        let neurons = network.populations.iter().filter_map(|population| population.size).sum();
        say(format_args!(
            "{} in {}, {}: written to {} with {}",
            counted(neurons, "neuron"),
            counted(network.populations.len() as u64, "population"),
            counted(network.projections.len() as u64, "projection"),
            path.display(),
            counted(circuit.tables.len() as u64, "table")
        ));
        say(format_args!("next: synfire run {}", path.display()));
        Ok(())
    }
}
