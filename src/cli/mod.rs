//! The command line: words to calls of the library, and what they give to the terminal.
//!
//! In: arguments. Out: text on standard output, progress and complaints on standard error, a folder of files, and an exit
//! code: 0 done, 1 the run or the device failed, 2 the input is wrong, 5 a file could not be written, 128 and the signal's
//! number where one ended it. Not here: anything that a program could not do through the library as well.

mod analyse;
mod answers;
mod bench;
mod check;
mod convert;
mod doctor;
mod explain;
mod fit;
mod folder;
mod format;
mod given;
mod gpu;
mod growing;
mod guide;
mod import;
mod inputs;
mod kept;
mod machine;
mod measuring;
mod memory;
mod models;
mod new;
mod plot;
mod progress;
mod record;
mod replot;
mod report;
mod results;
mod run;
mod scan;
mod scheduled;
mod schema;
mod signals;
mod sweep;
mod tables;
mod tally;
mod timed;

use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use synfire::diagnostic::printable;
use synfire::network::{Address, Change};
use synfire::plan::{Plan, Wave};
use synfire::recording::file::FileError;
use synfire::{Error, Network};

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 the run or the device failed; 2 the input is wrong; 5 a file could not be written;
129, 130, 143 ended by SIGHUP, Ctrl-C, SIGTERM. What a run computed until then is written.";

/// Describe a network of neurons, run it on a GPU or on the processor, see its spikes.
#[derive(Parser)]
#[command(name = "synfire", version, about, long_about = None, arg_required_else_help = true, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
    /// Let the graphics stack print what it has to say
    #[arg(long, global = true)]
    verbose: bool,
}

#[derive(Subcommand)]
enum Verb {
    /// Run a network file and save spikes, traces, a record and a picture
    Run(run::Run),
    /// Say everything that is wrong with a network file; with --lockstep verify an engine on it
    Check(check::Check),
    /// Print the plan of a network: methods, memory, delays, how spikes travel
    Explain(explain::Explain),
    /// Measure a run from its folder: rates, CV, CV2, LV, Fano factor, correlation, synchrony, spectrum of each population
    #[command(visible_alias = "analyze")]
    Analyse(analyse::Analyse),
    /// Run a network over ranges of its values, side by side: a table of measures and pictures of it; goes on where it was cut off
    Sweep(Box<sweep::Sweep>),
    /// Find values with which measures are what they shall be: CMA-ES, a generation side by side; goes on where it was cut off
    Fit(Box<fit::Fit>),
    /// Draw pictures of a run from its folder, without running it again
    Plot(plot::Plot),
    /// A run, or two runs compared, as one page of HTML: figures, measures, parameters; it loads nothing from anywhere
    Report(report::Report),
    /// Time standard networks at any size: seconds to build and per model second, events a second, memory; as a table, lines of JSON, pictures
    Bench(Box<bench::Bench>),
    /// Time building, running and writing the network of OpSNN over neurons and model time, and fit a law to it
    Scan(scan::Scan),
    /// Write the data of a run in other forms: npz, csv, nest, gdf, sonata
    Convert(convert::Convert),
    /// Make a network file of a network that is written otherwise: sonata
    Import(import::Import),
    /// List the ready models; of one show its ports, parameters, defaults, units, source and equations
    Models(models::Models),
    /// Write a network file to start from, with comments, that runs
    New(new::New),
    /// List the pages of the guide; print one: every key of a file, the language, stimuli, runs, coming from NEST, ...
    Guide(guide::Guide),
    /// Print the JSON Schema of network files, by which editors complete and check their keys
    Schema(schema::Schema),
    /// Show which engines this machine has, ask its GPUs questions with known answers, and say what to install
    Doctor,
}

/// A network file, and what is different this time.
#[derive(Args)]
pub struct Described {
    /// Network file, .toml or .json
    file: PathBuf,
    /// Change a value, once for each --set: constants.NAME, POPULATION.PARAMETER, POPULATION[3].PARAMETER, block.NAME.KEY,
    /// PROJECTION.weight, PROJECTION.connector.p, STIMULUS.rate, "group{k}.KEY" for all that the file repeats, ...; several with commas between get one value
    #[arg(long = "set", value_name = "NAME.KEY=VALUE")]
    set: Vec<String>,
    /// The step, such as "0.1 ms"
    #[arg(long)]
    dt: Option<String>,
    /// The seed of everything drawn, a whole number from 0 on
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<String>,
}

impl Described {
    /// The network, changed as asked for.
    fn network(&self) -> Result<Network, Failure> {
        self.is_ours()?;
        let of_options = [("dt", &self.dt), ("seed", &self.seed)].into_iter().filter_map(|(key, value)| {
            let value = value.as_deref()?;
            Some(Change::new(key, value).asked(&format!("--{key} \"{value}\"")))
        });
        let mut changes: Vec<Change> = of_options.collect();
        if self.set.is_empty() {
            return Network::load_changed(&self.file, &changes).map_err(Failure::input);
        }
        // a name may hold a `=` or a comma too: then the first sign that stands behind an address
        let unsure = |change: &String| {
            change.matches('=').count() > 1 || change.split_once('=').is_some_and(|(address, _)| address.contains(','))
        };
        let plain = self.set.iter().any(unsure).then(|| Network::load(&self.file));
        let network = plain.transpose().map_err(Failure::input)?.unwrap_or_default();
        for change in &self.set {
            let mut signs = change.match_indices('=').map(|(place, _)| place);
            let behind = |place: &usize| Address::tied(&change[..*place], &network).is_some();
            let Some(place) = signs.clone().find(behind).or_else(|| signs.next()) else {
                let help = "write it as NAME.KEY=VALUE, such as --set \"exc.v_th=-49 mV\"";
                return Err(Failure::input(format!("error: `--set {change}` has no `=`\n  help: {help}")));
            };
            let addresses = Address::parted(&change[..place], &network);
            changes.extend(addresses.iter().map(|address| Change::new(address, &change[place + 1..])));
        }
        Network::load_changed(&self.file, &changes).map_err(Failure::input)
    }

    /// **Errors** a file of another format that has a name like ours.
    fn is_ours(&self) -> Result<(), Failure> {
        let json = self.file.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
        // what cannot be read is told by who reads it
        let text = if json { std::fs::read_to_string(&self.file).unwrap_or_default() } else { String::new() };
        let keys: std::collections::BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).unwrap_or_default();
        if keys.contains_key("networks") || (keys.contains_key("run") && keys.contains_key("manifest")) {
            let file = self.file.display();
            let help = format!("synfire import sonata {file} --out DIR, then synfire run DIR/network.toml");
            return Err(Failure::input(format!(
                "error: `{file}` is a configuration of SONATA, and no network file\n  help: {help}"
            )));
        }
        Ok(())
    }

    /// Where the tables that it names lie.
    fn folder(&self) -> PathBuf {
        match self.file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
            _ => PathBuf::from("."),
        }
    }

    /// What to call it where the network has no name.
    fn stem(&self) -> String {
        self.file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// What is told before the process ends, and with which code.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// Whoever wrote the file or the command has to act.
    fn input(message: impl Display) -> Failure {
        Failure { code: 2, message: message.to_string() }
    }

    /// Whoever owns the disk has to act.
    fn disk(message: impl Display) -> Failure {
        Failure { code: 5, message: message.to_string() }
    }

    fn write(path: &Path, error: &std::io::Error) -> Failure {
        Failure::disk(format!("error: cannot write `{}`: {error}", path.display()))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let code = match error {
            Error::Model(_) | Error::Network(_) | Error::Plan(_) | Error::Call(_) => 2,
            Error::File { .. } | Error::Sink { .. } => 5,
            _ => 1,
        };
        Failure { code, message: error.to_string() }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Failure {
        Failure::disk(format!("error: {error}"))
    }
}

/// Reads the arguments and does what they say.
pub fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| misunderstood(&error));
    let signals = signals::Signals::listen();
    synfire::engine::gpu::hush(!cli.verbose);
    let outcome = match cli.verb {
        Verb::Run(run) => run.run(&signals),
        Verb::Check(check) => check.run(),
        Verb::Explain(explain) => explain.run(),
        Verb::Analyse(analyse) => analyse.run(),
        Verb::Sweep(sweep) => sweep.run(&signals),
        Verb::Fit(fit) => fit.run(&signals),
        Verb::Plot(plot) => plot.run(),
        Verb::Report(report) => report.run(),
        Verb::Bench(bench) => bench.run(&signals),
        Verb::Scan(scan) => scan.run(&signals),
        Verb::Convert(convert) => convert.run(),
        Verb::Import(import) => import.run(),
        Verb::Models(models) => models.run(),
        Verb::New(new) => new.run(),
        Verb::Guide(guide) => guide.run(),
        Verb::Schema(schema) => schema.run(),
        Verb::Doctor => doctor::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { code, message }) => {
            complain(message);
            ExitCode::from(code)
        }
    }
}

/// Says what is wrong with the arguments, and ends the process.
fn misunderstood(error: &clap::Error) -> ! {
    let extra = error.get(clap::error::ContextKind::InvalidArg).map(ToString::to_string);
    let unexpected = error.kind() == clap::error::ErrorKind::UnknownArgument;
    let listed = std::env::args().any(|argument| argument == "--set" || argument.starts_with("--set="));
    if let Some(extra) = extra.filter(|extra| unexpected && listed && extra.contains('=') && !extra.starts_with('-')) {
        complain(format_args!("error: `{extra}` stands alone\n  help: each change has its own: --set a=1 --set \"{extra}\""));
        std::process::exit(2)
    }
    error.exit()
}

/// A line for the reader, safe for a terminal whatever it quotes. Whoever closes the pipe (`| head`) has read enough.
fn say(line: impl Display) {
    let _ = writeln!(std::io::stdout().lock(), "{}", printable(&line.to_string()));
}

/// A line that does not belong to the result, as safe.
fn complain(line: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{}", printable(&line.to_string()));
}

/// The inputs of a network, which a program would set and this command does not.
fn unset_inputs(plan: &Plan) -> Option<String> {
    let external = plan.drives().iter().filter(|d| matches!(d.wave, Wave::External { .. }));
    let names: Vec<String> = external.map(|d| format!("`{}`", d.name)).collect();
    let shown = names.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
    let more = if names.len() > 8 { format!(" and {} more", names.len() - 8) } else { String::new() };
    match names.len() {
        0 => None,
        1 => Some(format!("the input {shown} is never set: it is 0 in every step")),
        _ => Some(format!("the inputs {shown}{more} are never set: they are 0 in every step")),
    }
}

/// What is said of a network whose run leaves counts of spikes, and nothing to look at.
const NOTHING_RECORDED: &str = "nothing is recorded: there is no probe, so a run leaves only how many spikes there were; a `[[probe]]` \
    with `population = \"exc\"` and `record = \"spikes\"` keeps them";

/// 1234567 as 1,234,567.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 neuron`, `2 neurons`
fn counted(number: u64, one: &str) -> String {
    format!("{} {one}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A time as people say it: `12.5 ms`, `1.2 s`, `3 min 20 s`.
fn seconds(s: f64) -> String {
    if s < 0.1 {
        format!("{:.1} ms", s * 1e3)
    } else if s < 100.0 {
        format!("{s:.2} s")
    } else if s < 7200.0 {
        format!("{} min {:02} s", (s / 60.0) as u64, (s % 60.0) as u64)
    } else {
        format!("{} h {:02} min", (s / 3600.0) as u64, (s % 3600.0 / 60.0) as u64)
    }
}
