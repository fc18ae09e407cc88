//! `synfire run`: from a file to a folder with spikes, traces, a record and a picture.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::Args;
use synfire::analysis::Measure;
use synfire::engine::Fault;
use synfire::recording::sink::{Header, SinkError};
use synfire::recording::sonata::Origin;
use synfire::recording::{Recording, Synapses};
use synfire::simulation::check_whole;
use synfire::units::{Dimension, Quantity};
use synfire::{Error, Network, Options, Simulation};

use super::analyse::have_what_was_asked_for;
use super::folder::RunFolder;
use super::format::{Data, Format, Output, left_out};
use super::machine::Machine;
use super::memory::streams;
use super::progress::Reporter;
use super::record::{Stopped, in_words};
use super::results::Results;
use super::signals::{Signal, Signals, before_the_first_step};
use super::tables::Tables;
use super::{Described, Failure, NOTHING_RECORDED, complain, counted, grouped, inputs, say, seconds, unset_inputs};

#[derive(Args)]
pub struct Run {
    #[command(flatten)]
    described: Described,
    /// How long to run, such as "1 s" or 250ms [default: what the file says, else 1 s]
    #[arg(long)]
    duration: Option<String>,
    #[command(flatten)]
    machine: Machine,
    /// Folder for the results [default: run/NAME]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace an older run, once the new one is whole; nothing but a run is ever replaced
    #[arg(long)]
    force: bool,
    /// Draw a state of synapses too, before and after: its distribution and its matrix
    #[arg(long, value_name = "PROJECTION.STATE")]
    weights: Option<String>,
    /// Numbers for the inputs that the network declares: a table (.npy, or CSV with a line of names) with a row for each step and a
    /// column for each number, in the order declared
    #[arg(long, value_name = "FILE")]
    inputs: Option<PathBuf>,
    /// Write what is recorded to the disk while the run goes on, and hold none of it in memory [default: where memory does not
    /// hold it]
    #[arg(long)]
    stream: bool,
    /// Keep the file that is written so, recording.chunks, beside those made of it; implies --stream
    #[arg(long)]
    keep_chunks: bool,
    /// What to write, with commas between; `chunks` is --keep-chunks. `synfire plot` and `analyse` read npz or chunks
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LIST", default_value = "npz")]
    format: Vec<Format>,
    /// Measures to print once the run is over, as `synfire analyse` does [default: all are in the record, and none is printed]
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    measures: Vec<Measure>,
    /// Measure nothing
    #[arg(long, conflicts_with = "measures")]
    no_measures: bool,
    /// Draw no picture
    #[arg(long)]
    no_picture: bool,
    /// Print nothing but errors
    #[arg(long)]
    quiet: bool,
}

impl Run {
    pub fn run(&self, signals: &Signals) -> Result<(), Failure> {
        let mut network = self.described.network()?;
        if let Some(duration) = &self.duration {
            network.set_by("duration", duration, &format!("--duration \"{duration}\"")).map_err(Failure::input)?;
        }
        let duration = duration_of(&network, &self.described.folder())?;
        // what the record tells is the description as it was given
        let described = network.clone();
        if let Some(path) = &self.inputs {
            let dt = dt_of(&network, &self.described.folder())?;
            inputs::feed(&mut network, path, (duration / dt).round() as u64)?;
        }
        inputs::watch(&mut network);
        let name = if network.name.is_empty() { self.described.stem() } else { network.name.clone() };
        let path = self.out.clone().unwrap_or_else(|| PathBuf::from("run").join(file_name(&name)));
        signals.heed();
        let folder = RunFolder::open(&path, self.force)?;
        if !self.quiet {
            folder.found.iter().for_each(|found| complain(format_args!("remark: {found}")));
        }
        let preparing = signals.undo_on_signal(folder.undo());
        let (mut simulation, streamed) = self.compiled(&network, duration)?;
        drop(preparing);
        let before = self.weights(&mut simulation)?;
        self.say_what_runs(&name, &simulation);

        let (dt, steps) = (simulation.plan().dt(), (duration / simulation.plan().dt()).round() as u64);
        let mut reporter = Reporter::new(self.quiet, steps);
        let formats = self.formats();
        let mut output = if streamed {
            Output::streamed(folder.drafts(), &formats, self.machine.budget.bytes())
        } else {
            Output::held(folder.drafts(), &formats)
        };
        let outcome = match signals.came() {
            Some(_) => Ok(0),
            None => simulation.run_into_with(duration, &mut [output.sink()], &mut |progress| {
                reporter.report(progress, dt);
                if signals.came().is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }),
        };
        reporter.finish();
        let (outcome, mut failed) = match outcome {
            Err(Error::Sink { failed, done, fault, .. }) => (fault.map_or(Ok(done), |fault| Err(*fault)), failed),
            outcome => (outcome, Vec::new()),
        };
        let mut data = output.data(origin(&simulation), !(self.no_picture && self.no_measures));
        failed.append(&mut data.failed);
        if let Some(left) = left_out(&self.formats(), &data.recording).filter(|_| !self.quiet) {
            complain(format_args!("remark: {left}"));
        }
        let end = self.ended(&data.recording, outcome, &failed, steps, signals)?;

        let mut results = Results::new(&simulation, &data, &described, &name, &folder, end.stopped.clone());
        if let Err(unwritten) = results.write(failed) {
            // what stopped the run is told too, before what became of its data
            end.failure.into_iter().for_each(|failure| complain(failure.message));
            return Err(unwritten);
        }
        let hurried = || signals.came().is_some_and(Signal::hurries);
        let measured = if self.no_measures || hurried() { None } else { results.measure(&self.measures) };
        if !self.no_picture && !hurried() {
            let weights = before.into_iter().chain(self.weights(&mut simulation)?).collect::<Vec<_>>();
            results.draw(&weights).into_iter().for_each(|remark| complain(format_args!("remark: {remark}")));
        }
        results.finish().into_iter().for_each(|remark| complain(format_args!("remark: {remark}")));
        self.say_what_came(&simulation, &data, &results, measured.as_ref());
        // the run is whole, and is told before what it does not hold
        let lacking = match self.measures.is_empty() || hurried() {
            true => Ok(()),
            false => have_what_was_asked_for(&self.measures, measured.as_ref().map_or(&[], |tables| &tables.tables[..])),
        };
        let written = self.publish(folder, &path, end.stopped.is_some())?;
        match (end.failure, signals.came()) {
            (Some(failure), _) => Err(Failure { message: format!("{}\n{written}", failure.message), ..failure }),
            (None, Some(signal)) => {
                let why = format!("{} came after the last step: the run is whole", signal.name);
                Err(Failure { code: signal.code(), message: format!("{why}\n{written}") })
            }
            (None, None) => {
                if !self.quiet {
                    say(written);
                }
                lacking
            }
        }
    }

    /// The simulation, and whether what it records is streamed: because that was asked for, or since memory does not hold it.
    ///
    /// **Errors** the network; one that does not fit without what it records.
    fn compiled(&self, network: &Network, duration: f64) -> Result<(Simulation, bool), Failure> {
        let asked = self.stream || self.formats().contains(&Format::Chunks);
        let refused = match network.compile(&self.options((!asked).then_some(duration))) {
            Ok(simulation) => return Ok((simulation, asked)),
            Err(Error::Plan(error)) if !asked => error,
            Err(error) => return Err(error.into()),
        };
        let Some(streamed) = streams(&refused) else { return Err(Error::Plan(refused).into()) };
        // what does not fit without recordings too is refused as a whole
        let Ok(simulation) = network.compile(&self.options(None)) else { return Err(Error::Plan(refused).into()) };
        if !self.quiet {
            complain(format_args!("remark: {streamed}"));
        }
        Ok((simulation, true))
    }

    /// What is written, each once.
    fn formats(&self) -> Vec<Format> {
        let chunks = self.keep_chunks.then_some(Format::Chunks);
        let mut formats: Vec<Format> = Vec::new();
        for format in self.format.iter().copied().chain(chunks) {
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        formats
    }

    /// How the run came to its end.
    ///
    /// **Errors** nothing was computed.
    fn ended(
        &self,
        recording: &Recording,
        outcome: Result<u64, Error>,
        failed: &[SinkError],
        steps: u64,
        signals: &Signals,
    ) -> Result<End, Failure> {
        let step = recording.first_step + recording.steps;
        let time_ms = step as f64 * recording.dt;
        let (failure, reason) = match (outcome, signals.came()) {
            (Err(error), _) => {
                let reason = error.to_string();
                let full = matches!(&error, Error::Run { fault: Fault::Memory { .. } | Fault::NoMemory { .. }, .. });
                let mut failure = Failure::from(error);
                if full {
                    failure.message += "\n  help: `--stream` writes what is recorded to the disk while the run goes on";
                }
                (failure, reason)
            }
            (Ok(done), Some(signal)) if done < steps => {
                let message = format!("stopped by {} at step {} of {}, {time_ms} ms", signal.name, grouped(step), grouped(steps));
                (Failure { code: signal.code(), message }, signal.name.to_string())
            }
            // the error of the data is told with what became of them
            (Ok(done), _) if done > 0 => {
                let reason = failed.first().filter(|_| done < steps).map(SinkError::to_string);
                return Ok(End { stopped: reason.map(|reason| Stopped { step, time_ms, reason }), failure: None });
            }
            (Ok(_), _) => {
                let failed: Vec<String> = failed.iter().map(|error| format!("error: {error}")).collect();
                (Failure::disk(failed.join("\n")), String::new())
            }
        };
        match signals.came() {
            _ if recording.steps > 0 => Ok(End { stopped: Some(Stopped { step, time_ms, reason }), failure: Some(failure) }),
            Some(signal) => Err(before_the_first_step(signal)),
            None => Err(failure),
        }
    }

    /// Gives the results their place, and says where they are.
    fn publish(&self, folder: RunFolder, path: &Path, stopped: bool) -> Result<String, Failure> {
        if stopped && folder.replaces() {
            let kept = folder.kept().unwrap_or_default();
            return Ok(format!("the older run in `{}` is not replaced by one that did not reach its end: {kept}", path.display()));
        }
        let published = folder.publish()?;
        if let Some(remark) = published.remark {
            complain(format_args!("remark: {remark}"));
        }
        Ok(format!("written to {}: {}", path.display(), published.files.join(", ")))
    }

    /// The synapses that are to be drawn, as they are now.
    fn weights(&self, simulation: &mut Simulation) -> Result<Option<Synapses>, Failure> {
        let Some(named) = self.weights.as_deref().filter(|_| !self.no_picture) else { return Ok(None) };
        // names of projections may hold points, those of states do not
        let Some((projection, state)) = named.rsplit_once('.') else {
            let help = "write the projection and a state of its synapses, such as `--weights \"inh -> exc.w\"`";
            return Err(Failure::input(format!("error: --weights \"{named}\": expected PROJECTION.STATE\n  help: {help}")));
        };
        Ok(Some(simulation.synapses(projection, state, 0)?))
    }

    /// Of a run that holds what it records of so many ms.
    fn options(&self, recorded: Option<f64>) -> Options {
        self.machine.options(self.described.folder()).recorded(recorded)
    }

    fn say_what_runs(&self, name: &str, simulation: &Simulation) {
        let (plan, identity) = (simulation.plan(), simulation.identity());
        if self.quiet {
            return;
        }
        let neurons = plan.populations().iter().map(|p| u64::from(p.size)).sum();
        say(format_args!(
            "{name}: {} in {}, {}, dt {} ms, seed {}",
            counted(neurons, "neuron"),
            counted(plan.populations().len() as u64, "population"),
            counted(plan.synapses(), "synapse"),
            plan.dt(),
            plan.seed()
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
        for remark in plan.remarks().iter().chain(&unset_inputs(plan)) {
            complain(format_args!("remark: {remark}"));
        }
        if plan.taps().is_empty() {
            complain(format_args!("remark: {NOTHING_RECORDED}"));
        }
        if identity.software && self.machine.adapter.is_none() {
            let words = "is a software adapter, the only one here: it runs on the processor, where `--engine cpu` is faster";
            complain(format_args!("remark: {} {words}", identity.adapter));
        }
    }

    fn say_what_came(&self, simulation: &Simulation, data: &Data, results: &Results, measured: Option<&Tables>) {
        if self.quiet {
            return;
        }
        let (plan, times) = (simulation.plan(), simulation.timings());
        let (model, wall) = (data.recording.steps as f64 * plan.dt() / 1e3, times.first_step_s + times.run_s);
        let factor = if wall > 0.0 { format!(", {:.3} times real time", wall / model.max(1e-12)) } else { String::new() };
        say(format_args!("{} of model time in {}{factor}", seconds(model), seconds(wall)));
        say(in_words(simulation, data));
        if let Some(tables) = measured.filter(|_| !self.measures.is_empty()) {
            say(tables.text());
        }
        say(results.times());
    }
}

/// Which network the files are of.
fn origin(simulation: &Simulation) -> Origin {
    Origin::of(&Header::new(simulation.plan(), 0, 0))
}

/// The end of a run: what the record says of it, and what the command ends with.
struct End {
    stopped: Option<Stopped>,
    failure: Option<Failure>,
}

/// ms
pub fn duration_of(network: &Network, folder: &Path) -> Result<f64, Failure> {
    let Some(value) = &network.duration else { return Ok(1000.0) };
    let time = Quantity::parse(&value.to_string()).ok().filter(|q| q.dimension == Dimension::TIME && q.value > 0.0);
    if let Some(time) = time {
        return Ok(time.value);
    }
    // all that is wrong, with its place; of a duration of 0 the check has nothing to say
    check_whole(network, &[], folder, None)?;
    let help = "write a time longer than 0, such as \"1 s\"";
    Err(Failure::input(format!("error: duration: expected a time, got `{value}`\n  help: {help}")))
}

/// ms
fn dt_of(network: &Network, folder: &Path) -> Result<f64, Failure> {
    Ok(check_whole(network, &[], folder, None)?.0.dt())
}

/// A name that every file system takes and that leads nowhere else.
pub fn file_name(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "-_. ".contains(c) { c } else { '_' };
    // a name beside it is 24 bytes longer, and 255 is the most
    let mut bytes = 0;
    let short = |c: &char| {
        bytes += c.len_utf8();
        bytes <= 200
    };
    let name: String = name.chars().take(80).take_while(short).map(plain).collect();
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() { "network".into() } else { name.into() }
}
