//! `synfire explain`: the plan of a network as a table that a person can read.

use clap::Args;
use synfire::Options;

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
        say(table(&plan));
        if self.kernels {
            say(super::gpu::kernels(&plan).trim_end());
        }
        Ok(())
    }
}

/// Stands in until `plan::explain` is there.
fn table(plan: &synfire::plan::Plan) -> String {
    let line = |g: &synfire::plan::Group| format!("  {}: {} rows, model {}, method {}", g.label, g.rows, g.model.ast.name.text, g.rule.method);
    let groups: Vec<String> = plan.groups.iter().map(line).collect();
    format!("{}\n{}", plan.name, groups.join("\n"))
}
