//! `synfire check`: everything that is wrong with a network file, without drawing an edge.

use clap::Args;
use synfire::network;
use synfire::simulation::models_of;

use super::{Described, Failure, counted, say};

#[derive(Args)]
pub struct Check {
    #[command(flatten)]
    described: Described,
}

impl Check {
    pub fn run(&self) -> Result<(), Failure> {
        let network = self.described.network()?;
        let models = models_of(&network)?;
        let checked = network::check(&network, &models, &self.described.folder()).map_err(Failure::input)?;
        let neurons = checked.populations.iter().map(|p| u64::from(p.size)).sum();
        say(format_args!(
            "{}: nothing is wrong. {} in {}, {}, {}",
            self.described.file.display(),
            counted(neurons, "neuron"),
            counted(checked.populations.len() as u64, "population"),
            counted(checked.projections.len() as u64, "projection"),
            counted(checked.probes.len() as u64, "probe"),
        ));
        for remark in &checked.remarks {
            say(format_args!("remark: {remark}"));
        }
        Ok(())
    }
}
