//! `synfire explain`: the plan of a network as a table that a person can read.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use synfire::plot::PlotError;
use synfire::recording::file::write_whole;
use synfire::simulation::timed::Timed;
use synfire::{Error, Network, Options};

use super::memory::{Budget, streams};
use super::run::duration_of;
use super::scheduled::Scheduled;
use super::{Described, Failure, grouped, say};

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
    /// Draw its boxes and arrows: .svg, .png, or .dot for Graphviz
    #[arg(long, value_name = "FILE")]
    diagram: Option<PathBuf>,
    #[command(flatten)]
    budget: Budget,
    #[command(flatten)]
    scheduled: Scheduled,
}

impl Explain {
    pub fn run(&self) -> Result<(), Failure> {
        let network = self.described.network()?;
        if let Some(path) = &self.diagram {
            // first, so that a network that cannot be planned can be looked at
            draw(&network, path)?;
        }
        let duration = duration_of(&network, &self.described.folder())?;
        let (folder, memory_budget) = (self.described.folder(), self.budget.bytes());
        let options = Options::default().folder(folder).memory_budget(memory_budget).connectivity(self.budget.connectivity());
        let drawing = network.memory(&options)?.drawing;
        let plan = match network.plan(&options.clone().recorded(duration)) {
            Ok(plan) => plan,
            Err(Error::Plan(error)) => {
                // what does not fit without recordings too is refused as a whole
                let Some((streamed, plan)) = streams(&error).zip(network.plan(&options).ok()) else {
                    return Err(Error::Plan(error).into());
                };
                say(format_args!("remark: {streamed}"));
                plan
            }
            Err(error) => return Err(error.into()),
        };
        let steps = (duration / plan.dt()).round() as u64;
        say(synfire::plan::explain::table_of(&plan, steps).trim_end());
        if drawing > 0 {
            say(format_args!("  while synapses are drawn, up to {} bytes more", grouped(drawing)));
        }
        let signals = synfire::plan::explain::signals(&network);
        if !signals.is_empty() {
            say(signals.trim_end());
        }
        let (machine, adapter) = super::gpu::machine(self.adapter.as_deref())?;
        let settings = self.scheduled.settings();
        say(format_args!("\n{}", synfire::plan::explain::schedules(&plan, &machine, &settings, &adapter).trim_end()));
        say(super::gpu::memory(&plan, &machine, &settings).trim_end());
        if self.kernels {
            say(
                "\nKernels (above each the text of its model; the defaults there are the model's, the values in use stand in the tables above)",
            );
            say(format_args!("\n{}", super::gpu::kernels(&plan, &machine, &settings)?.trim_end()));
        }
        // a measurement that fails is no reason to say nothing of the rest
        match Timed::of(plan, &options) {
            Ok(timed) => say(format_args!("\n{timed}")),
            Err(error) => say(format_args!("\nremark: the time of a step on this processor was not measured: {error}")),
        }
        Ok(())
    }
}

fn draw(network: &Network, path: &Path) -> Result<(), Failure> {
    let diagram = network.diagram();
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("dot")) {
        return Ok(write_whole(path, |out| out.write_all(diagram.to_dot().as_bytes()))?);
    }
    synfire::plot::diagram(&diagram).and_then(|figure| figure.save(path)).map_err(|e| match e {
        PlotError::File(e) => Failure::from(e),
        PlotError::Extension { .. } => Failure::input(format!("error: {e}\n  help: or as `.dot`, for Graphviz")),
        PlotError::Size { .. } if !path.extension().is_some_and(|e| e.eq_ignore_ascii_case("svg")) => {
            let help = "as `.svg` it may have any size, as `.dot` Graphviz lays it out";
            Failure::input(format!("error: the diagram: {e}\n  help: {help}"))
        }
        e => Failure::input(format!("error: the diagram: {e}")),
    })
}
