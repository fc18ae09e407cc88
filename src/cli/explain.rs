//! `synfire explain`: the plan of a network as a table that a person can read.

use clap::Args;
use synfire::Options;
use synfire::plan::schedule::Settings;

use super::{Described, Failure, say};

#[derive(Args)]
pub struct Explain {
    #[command(flatten)]
    described: Described,
    /// Print the generated kernels too, each beneath its equations
    #[arg(long)]
    kernels: bool,
}

impl Explain {
    pub fn run(&self) -> Result<(), Failure> {
        let network = self.described.network()?;
        let plan = network.plan(&Options { folder: self.described.folder(), ..Options::default() })?;
        say(synfire::plan::explain::table(&plan).trim_end());
        if self.kernels {
            say(super::gpu::kernels(&plan, &Settings::default())?.trim_end());
        }
        Ok(())
    }
}
