//! `synfire check`: everything that is wrong with a network file, without drawing an edge; with `--lockstep` an engine is
//! verified on it.

use clap::{Args, ValueEnum};
use synfire::network;
use synfire::plan::memory::{Memory, Terms};
use synfire::simulation::check_whole;
use synfire::{Choice, Error, Options};

use super::memory::{Budget, streams};
use super::run::duration_of;
use super::scheduled::Scheduled;
use super::{Described, Failure, NOTHING_RECORDED, counted, say, unset_inputs};

#[derive(Args)]
pub struct Check {
    #[command(flatten)]
    described: Described,
    /// Run an engine beside a reference, step by step from the same state, and tell how far they part and how far they may
    #[arg(long)]
    lockstep: bool,
    /// How many steps to run
    #[arg(long, value_name = "N", default_value_t = 200, requires = "lockstep", value_parser = clap::value_parser!(u64).range(1..))]
    steps: u64,
    /// The engine under test, in single precision
    #[arg(long, value_enum, default_value_t = Tested::Gpu, requires = "lockstep")]
    engine: Tested,
    /// A GPU by a part of its name, software adapters too (see `synfire doctor`)
    #[arg(long, value_name = "NAME", conflicts_with = "engine", requires = "lockstep")]
    adapter: Option<String>,
    #[command(flatten)]
    budget: Budget,
    #[command(flatten)]
    scheduled: Scheduled,
}

#[derive(Clone, Copy, ValueEnum)]
enum Tested {
    /// The best adapter, hardware before software
    Gpu,
    Cpu,
}

impl Check {
    pub fn run(&self) -> Result<(), Failure> {
        let network = self.described.network()?;
        let budget = self.budget.bytes();
        let (checked, _) = check_whole(&network, &[], &self.described.folder(), budget)?;
        let steps = (duration_of(&network, &self.described.folder())? / checked.dt()).round() as u64;
        let terms = Terms::default().budget(budget).connectivity(self.budget.connectivity());
        let need = Memory::expected(&checked, terms.steps(steps)).map_err(Error::from)?;
        let streamed = match need.within(budget) {
            Ok(()) => None,
            // what does not fit without recordings too is refused as a whole
            Err(error) => {
                let without = Memory::expected(&checked, terms).map_err(Error::from)?.within(budget);
                Some(streams(&error).filter(|_| without.is_ok()).ok_or(Error::from(error))?)
            }
        };
        let neurons = checked.populations().iter().map(|p| u64::from(p.size)).sum();
        say(format_args!(
            "{}: nothing is wrong. {} in {}, {}, {}",
            self.described.file.display(),
            counted(neurons, "neuron"),
            counted(checked.populations().len() as u64, "population"),
            counted(checked.projections().len() as u64, "projection"),
            counted(checked.probes().len() as u64, "probe"),
        ));
        for remark in checked.remarks().iter().map(ToString::to_string).chain(streamed) {
            say(format_args!("remark: {remark}"));
        }
        if checked.probes().is_empty() && network.outputs.is_empty() {
            say(format_args!("remark: {NOTHING_RECORDED}"));
        }
        if self.lockstep { self.verify(&network) } else { Ok(()) }
    }

    /// Holds an engine to the reference on this network.
    fn verify(&self, network: &network::Network) -> Result<(), Failure> {
        let engine = match (&self.adapter, self.engine) {
            (Some(name), _) => Choice::Adapter(name.clone()),
            (None, Tested::Gpu) => Choice::Gpu,
            (None, Tested::Cpu) => Choice::Cpu,
        };
        let schedule = self.scheduled.settings();
        let (folder, memory_budget) = (self.described.folder(), self.budget.bytes());
        let options = Options::default().engine(engine).schedule(schedule).folder(folder).memory_budget(memory_budget);
        let options = options.connectivity(self.budget.connectivity());
        let mut simulation = network.compile(&options)?;
        if let Some(remark) = unset_inputs(simulation.plan()) {
            say(format_args!("remark: {remark}"));
        }
        let verification = simulation.verify(self.steps, None)?;
        say(verification.to_string().trim_end());
        if verification.agrees() {
            return Ok(());
        }
        let help = "rounding does not explain it; please report it with the network file and what `synfire doctor` prints";
        Err(Failure { code: 1, message: format!("error[E300]: the engine does not do what the network says\n  help: {help}") })
    }
}
