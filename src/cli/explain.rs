//! `synfire explain`: the plan of a network as a table that a person can read.

use clap::Args;
use synfire::Options;

use super::scheduled::Scheduled;
use super::{Described, Failure, say};

#[derive(Args)]
pub struct Explain {
    #[command(flatten)]
    described: Described,
    /// Print the generated kernels too, each beneath its equations
    #[arg(long)]
    kernels: bool,
    /// For a GPU by a part of its name [default: the best of this machine, else what every browser allows]
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    #[command(flatten)]
    scheduled: Scheduled,
}

impl Explain {
    pub fn run(&self) -> Result<(), Failure> {
        let network = self.described.network()?;
        let plan = network.plan(&Options { folder: self.described.folder(), ..Options::default() })?;
        say(synfire::plan::explain::table(&plan).trim_end());
        let (machine, adapter) = super::gpu::machine(self.adapter.as_deref())?;
        let settings = self.scheduled.settings();
        say(format_args!("\n{}", synfire::plan::explain::schedules(&plan, &machine, &settings, &adapter).trim_end()));
        say(super::gpu::memory(&plan, &machine, &settings).trim_end());
        if self.kernels {
            say(format_args!("\n{}", super::gpu::kernels(&plan, &machine, &settings)?.trim_end()));
        }
        Ok(())
    }
}
