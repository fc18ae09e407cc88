//! `synfire run`: from a file to a folder with spikes, traces, a record and a picture.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use synfire::plot::{FigureOptions, PlotError, figure};
use synfire::recording::{file::write_whole, npz};
use synfire::units::{Dimension, Quantity};
use synfire::{Choice, Network, Options, Precision, Simulation};

use super::folder::{RECORD, RunFolder};
use super::memory::Budget;
use super::progress::Reporter;
use super::record::{Record, mean_rates};
use super::scheduled::Scheduled;
use super::{Described, Failure, complain, counted, say, seconds, unset_inputs};

#[derive(Args)]
pub struct Run {
    #[command(flatten)]
    described: Described,
    /// How long to run, such as "1 s" or 250ms [default: what the file says, else 1 s]
    #[arg(long)]
    duration: Option<String>,
    /// auto: a hardware GPU that can run the network, else the processor
    #[arg(long, value_enum, default_value_t = EngineName::Auto)]
    engine: EngineName,
    /// A GPU by a part of its name, software adapters too (see `synfire doctor`)
    #[arg(long, value_name = "NAME", conflicts_with = "engine")]
    adapter: Option<String>,
    /// What the processor computes with
    #[arg(long, value_enum, default_value_t = PrecisionName::F32)]
    precision: PrecisionName,
    /// Threads of the processor; results do not depend on it [default: all cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    #[command(flatten)]
    budget: Budget,
    #[command(flatten)]
    scheduled: Scheduled,
    /// Folder for the results [default: run/NAME]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write over an older run
    #[arg(long)]
    force: bool,
    /// Print nothing but errors
    #[arg(long)]
    quiet: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum EngineName {
    Auto,
    Gpu,
    Cpu,
}

#[derive(Clone, Copy, ValueEnum)]
enum PrecisionName {
    F32,
    F64,
}

impl Run {
    pub fn run(&self) -> Result<(), Failure> {
        let mut network = self.described.network()?;
        if let Some(duration) = &self.duration {
            network.set("duration", duration).map_err(Failure::input)?;
        }
        let duration = duration_of(&network)?;
        let name = if network.name.is_empty() { self.described.stem() } else { network.name.clone() };
        let path = self.out.clone().unwrap_or_else(|| PathBuf::from("run").join(file_name(&name)));
        let folder = RunFolder::open(&path, self.force)?;

        let mut simulation = network.compile(&self.options(duration))?;
        self.say_what_runs(&name, &simulation);
        let dt = simulation.plan().dt;
        let mut reporter = Reporter::new(self.quiet, (duration / dt).round() as u64);
        let outcome = simulation.run_with(duration, &mut |progress| {
            reporter.report(progress, dt);
            ControlFlow::Continue(())
        });
        reporter.finish();
        let steps = outcome?;

        let write_s = write_recording(&simulation, &folder)?;
        let picture_s = draw(&simulation, &name, &folder)?;
        let record = Record::new(&simulation, &network, &name, steps, write_s, picture_s);
        let text = serde_json::to_string_pretty(&record).map_err(|e| Failure::disk(format!("error: the record: {e}")))?;
        write_whole(folder.draft(RECORD), |out| writeln!(out, "{text}"))?;
        let written = folder.publish()?;
        self.say_what_came(&simulation, steps);
        if !self.quiet {
            say(format_args!("written to {}: {}", path.display(), written.join(", ")));
        }
        Ok(())
    }

    fn options(&self, duration: f64) -> Options {
        let engine = match (&self.adapter, self.engine) {
            (Some(name), _) => Choice::Adapter(name.clone()),
            (None, EngineName::Auto) => Choice::Auto,
            (None, EngineName::Gpu) => Choice::Gpu,
            (None, EngineName::Cpu) => Choice::Cpu,
        };
        let precision = match self.precision {
            PrecisionName::F32 => Precision::F32,
            PrecisionName::F64 => Precision::F64,
        };
        let threads = self.threads.map(usize::from);
        let schedule = self.scheduled.settings();
        let (memory_budget, recorded) = (self.budget.bytes(), Some(duration));
        let folder = self.described.folder();
        Options { engine, precision, threads, schedule, folder, memory_budget, recorded, ..Options::default() }
    }

    fn say_what_runs(&self, name: &str, simulation: &Simulation) {
        let (plan, identity) = (simulation.plan(), simulation.identity());
        if self.quiet {
            return;
        }
        let neurons = plan.populations.iter().map(|p| u64::from(p.size)).sum();
        say(format_args!(
            "{name}: {} in {}, {}, dt {} ms, seed {}",
            counted(neurons, "neuron"),
            counted(plan.populations.len() as u64, "population"),
            counted(plan.edges(), "synapse"),
            plan.dt,
            plan.seed
        ));
        let threads =
            if identity.threads > 0 { format!(", {}", counted(identity.threads as u64, "thread")) } else { String::new() };
        say(format_args!(
            "engine: {} on {}, {}{threads} ({})",
            identity.engine,
            identity.adapter,
            identity.precision,
            simulation.choice_reason()
        ));
        for remark in plan.remarks.iter().chain(&unset_inputs(plan)) {
            complain(format_args!("remark: {remark}"));
        }
    }

    fn say_what_came(&self, simulation: &Simulation, steps: u64) {
        if self.quiet {
            return;
        }
        let (plan, times) = (simulation.plan(), simulation.timings());
        let (model, wall) = (steps as f64 * plan.dt / 1e3, times.first_step_s + times.run_s);
        let factor = if wall > 0.0 { format!(", {:.3} times real time", wall / model.max(1e-12)) } else { String::new() };
        say(format_args!("{} of model time in {} (built in {}){factor}", seconds(model), seconds(wall), seconds(times.build_s)));
        let rates = plan.populations.iter().zip(mean_rates(simulation));
        let rates: Vec<String> = rates.filter_map(|(p, rate)| Some(format!("{} {:.2} spikes/s", p.name, rate?))).collect();
        let rates = if rates.is_empty() { String::new() } else { format!("; mean rates: {}", rates.join(", ")) };
        say(format_args!("{}{rates}", counted(simulation.spike_count(), "spike")));
    }
}

/// ms
pub fn duration_of(network: &Network) -> Result<f64, Failure> {
    let Some(value) = &network.duration else { return Ok(1000.0) };
    // `compile` says what is wrong with a value that is no time
    let time = Quantity::parse(&value.to_string()).ok().filter(|q| q.dimension == Dimension::TIME && q.value > 0.0);
    time.map(|q| q.value).ok_or_else(|| {
        let help = "write a time longer than 0, such as \"1 s\"";
        Failure::input(format!("error: duration: expected a time, got `{value}`\n  help: {help}"))
    })
}

/// A name that every file system takes and that leads nowhere else.
fn file_name(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "-_. ".contains(c) { c } else { '_' };
    let name: String = name.chars().take(80).map(plain).collect();
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() { "network".into() } else { name.into() }
}

fn write_recording(simulation: &Simulation, folder: &RunFolder) -> Result<f64, Failure> {
    let began = Instant::now();
    let recording = simulation.recording();
    npz::write_spikes(recording, folder.draft("spikes.npz"))?;
    if !(recording.traces.is_empty() && recording.rates.is_empty()) {
        npz::write_traces(recording, folder.draft("traces.npz"))?;
    }
    Ok(began.elapsed().as_secs_f64())
}

fn draw(simulation: &Simulation, name: &str, folder: &RunFolder) -> Result<f64, Failure> {
    let began = Instant::now();
    let mut options = FigureOptions::default();
    options.title = Some(name.to_string());
    let figure = match figure(simulation.recording(), &options) {
        Ok(figure) => figure,
        // nothing recorded, nothing to draw
        Err(PlotError::Nothing | PlotError::NoTime { .. }) => return Ok(0.0),
        Err(error) => return Err(picture_failed(error)),
    };
    for file in ["picture.svg", "picture.png"] {
        figure.save(folder.draft(file)).map_err(picture_failed)?;
    }
    Ok(began.elapsed().as_secs_f64())
}

fn picture_failed(error: PlotError) -> Failure {
    match error {
        PlotError::File(error) => error.into(),
        error => Failure { code: 1, message: format!("error: the picture: {error}") },
    }
}
