//! `synfire bench`: standard networks timed at any size, as a table or lines of JSON, with pictures of cost against size.
//!
//! In: the name of a benchmark or a network file, a size, a machine. Out: what was measured, on the screen and in a file that grows a line
//! for each. Not here: other simulators (`benches/peers`), single functions (`benches`).

mod measured;
mod named;
mod sizes;
mod validate;

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use synfire::analysis::Window;
use synfire::network::{Change, Value};
use synfire::recording::Recording;

use self::measured::{How, Line, measured};
use self::named::{Chosen, Wanted};
use super::machine::Machine;
use super::signals::Signals;
use super::timed::recorded;
use super::{Failure, say};

#[derive(Args)]
pub struct Bench {
    /// Which, or a network file; without one: lists them
    name: Option<String>,
    /// Neurons; of a file its constant N
    #[arg(long, value_name = "NEURONS", value_parser = clap::value_parser!(u32).range(1..))]
    n: Option<u32>,
    /// Share of the benchmark's full size; of a file its constant `scale`
    #[arg(long, conflicts_with = "n", allow_negative_numbers = true)]
    scale: Option<f64>,
    /// Several sizes in neurons, with commas between, a process each; with --out pictures of cost against size too
    #[arg(long, value_name = "LIST", value_delimiter = ',', conflicts_with_all = ["n", "scale", "validate"],
        value_parser = clap::value_parser!(u32).range(1..))]
    sizes: Vec<u32>,
    /// How long each run is, such as "1 s" [default: what the file says, else 1 s]
    #[arg(long)]
    duration: Option<String>,
    /// Runs, of which the median counts
    #[arg(long, value_name = "TIMES", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Instances side by side, each with a seed of its own [default: what the benchmark has: 1, of `ensemble` 64]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    instances: Option<u32>,
    /// Record what the file's probes ask for and write archives into a folder that goes again, on this disk [default: spikes are counted,
    /// and nothing is written]
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    /// Change a value, as `synfire run` does
    #[arg(long = "set", value_name = "NAME.KEY=VALUE")]
    set: Vec<String>,
    /// The seed of everything drawn
    #[arg(long)]
    seed: Option<u64>,
    #[command(flatten)]
    machine: Machine,
    /// Print a line of JSON
    #[arg(long)]
    json: bool,
    /// Add a line of JSON to this file; of several sizes, pictures beside it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// What the line calls the commit of this program
    #[arg(long)]
    commit: Option<String>,
    /// Run once and hold rates, CV and correlation of each population to what is published (pd14)
    #[arg(long)]
    validate: bool,
}

impl Bench {
    pub fn run(&self, signals: &Signals) -> Result<(), Failure> {
        let Some(name) = &self.name else { return list() };
        signals.heed();
        if !self.sizes.is_empty() {
            return sizes::run(name, &self.sizes, self.out.as_deref(), self.json, signals);
        }
        let mut chosen = self.chosen(name)?;
        if let Some(duration) = &self.duration {
            let asked = format!("--duration \"{duration}\"");
            chosen.network.set_by("duration", duration, &asked).map_err(Failure::input)?;
        }
        if self.validate {
            return self.validated(&chosen, signals);
        }
        let duration_ms = super::run::duration_of(&chosen.network, &chosen.folder)?;
        let how = How {
            options: self.machine.options(chosen.folder.clone()),
            duration_ms,
            repeats: self.repeat,
            instances: self.instances.unwrap_or(chosen.instances),
            archive: self.record.as_deref(),
            changes: &self.set,
            commit: self.commit.as_deref(),
        };
        let line = measured(&chosen, &how, signals)?;
        if let Some(path) = &self.out {
            add(path, &line)?;
        }
        if self.json {
            say(as_json(&line)?)
        } else {
            say(line.in_words())
        }
        Ok(())
    }

    fn chosen(&self, name: &str) -> Result<Chosen, Failure> {
        if let Some(scale) = self.scale.filter(|scale| !(scale.is_finite() && *scale > 0.0)) {
            return Err(Failure::input(format!("error: --scale {scale}: expected a number above 0\n  help: such as 0.1")));
        }
        let seed = self.seed.map(|seed| seed.to_string());
        let mut changes: Vec<Change> = Vec::new();
        changes.extend(seed.iter().map(|seed| Change::new("seed", seed).asked(&format!("--seed {seed}"))));
        for change in &self.set {
            let Some((key, value)) = change.split_once('=') else {
                let help = "write it as NAME.KEY=VALUE, such as --set \"exc.v_th=-49 mV\"";
                return Err(Failure::input(format!("error: `--set {change}` has no `=`\n  help: {help}")));
            };
            changes.push(Change::new(key, value));
        }
        named::chosen(name, Wanted { neurons: self.n.map(u64::from), scale: self.scale }, &changes)
    }

    /// **Errors** numbers that are not as published.
    fn validated(&self, chosen: &Chosen, signals: &Signals) -> Result<(), Failure> {
        let network = validate::prepared(&chosen.name, &chosen.network)?;
        let duration_ms = match self.duration {
            Some(_) => super::run::duration_of(&network, &chosen.folder)?,
            None => validate::DROPPED + 5000.0,
        };
        validate::long_enough(duration_ms)?;
        let constant = |name: &str| match network.constants.get(name) {
            Some(Value::Number(x)) => Some(*x),
            Some(Value::Text(text)) => text.parse().ok(),
            _ => None,
        };
        // with other inputs than its scale has it is another network
        let own = !matches!(network.constants.get("inputs"), Some(Value::Text(text)) if text == "scale");
        let scale = constant("scale").filter(|_| !own).unwrap_or(f64::NAN);
        let poisson = constant("poisson") != Some(0.0);
        let options = self.machine.options(chosen.folder.clone()).recorded(Some(duration_ms));
        let mut simulation = network.compile(&options)?;
        let window = Window::from_ms(validate::DROPPED, duration_ms, simulation.plan().dt());
        let mut recording = Recording::default();
        let stages = recorded(&mut simulation, duration_ms, &mut recording, signals)?;
        let all = validate::compared(&recording, scale, poisson, window);
        say(format_args!(
            "{}: scale {scale}, {} neurons, {} synapses, built in {}, {} of the model in {}",
            chosen.name,
            super::grouped(simulation.plan().populations().iter().map(|p| u64::from(p.size)).sum()),
            super::grouped(simulation.plan().synapses()),
            super::seconds(stages.build_s),
            super::seconds(duration_ms / 1e3),
            super::seconds(stages.first_step_s + stages.run_s),
        ));
        validate::told(&all, scale)
    }
}

/// Names, one a line.
fn list() -> Result<(), Failure> {
    say("synfire bench NAME, with --n, --scale or --sizes, --engine, --threads, --precision, --json");
    for named in named::ALL {
        say(format_args!("  {:<9} {} ({}; {})", named.name, named.what, named.file, named.sizes()));
    }
    Ok(())
}

fn as_json(line: &Line) -> Result<String, Failure> {
    serde_json::to_string(line).map_err(|e| Failure { code: 1, message: format!("error: the result cannot be written: {e}") })
}

/// Adds a line to a file.
fn add(path: &std::path::Path, line: &Line) -> Result<(), Failure> {
    let text = as_json(line)?;
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| writeln!(file, "{text}")).map_err(|e| Failure::write(path, &e))
}
