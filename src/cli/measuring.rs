//! Points of a sweep or a fit: how long each runs, what of it is measured, how often, as arguments of both.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};
use synfire::network::{Change, Network};
use synfire::sweep::{Axis, Origin, Sweep, Values};

use super::machine::Machine;
use super::{Described, Failure, given};

#[derive(Args)]
pub struct Measuring {
    /// Run each point so often, each time with the next seed
    #[arg(long, value_name = "TIMES", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: u32,
    /// How long each point runs, such as "1 s" [default: what the file says, else 1 s]
    #[arg(long)]
    pub duration: Option<String>,
    /// From when to when is measured, such as "200 ms..1 s", "200 ms.." [default: all of the run]
    #[arg(long, value_name = "FROM..TO")]
    window: Option<String>,
    /// Bins of `fano` and `correlation`
    #[arg(long, value_name = "TIME", default_value = "2 ms")]
    bin: String,
}

/// What numbers of a sweep depend on beside its points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    pub network: String,
    /// Engine and precision that were asked for.
    pub machine: String,
    pub duration_ms: f64,
    pub window_ms: Option<(f64, f64)>,
    pub bin_ms: f64,
}

/// Where the results go, and what is said and drawn of them.
#[derive(Args)]
pub struct Kept {
    /// Folder for the results [default: sweep/NAME, fit/NAME]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Go on with what was cut off, in the same folder
    #[arg(long, conflicts_with = "force")]
    pub resume: bool,
    /// Replace what is there; nothing but what this command wrote is ever replaced
    #[arg(long)]
    pub force: bool,
    /// Draw no picture
    #[arg(long)]
    pub no_picture: bool,
    /// Print nothing but errors
    #[arg(long)]
    pub quiet: bool,
}

impl Kept {
    /// The folder of this command for a network.
    pub fn folder(&self, command: &str, network: &str) -> PathBuf {
        self.out.clone().unwrap_or_else(|| PathBuf::from(command).join(super::run::file_name(network)))
    }
}

impl Measuring {
    /// The network as it was described, with what `--set` gives one value; and the ranges that it gives.
    pub fn sweep(&self, described: &Described, machine: &Machine) -> Result<(Sweep, About, Vec<Axis>), Failure> {
        let mut network = Network::load(&described.file).map_err(Failure::input)?;
        let of_options = [("dt", &described.dt), ("seed", &described.seed)].into_iter().filter_map(|(key, value)| {
            let value = value.as_deref()?;
            Some(Change::new(key, value).asked(&format!("--{key} \"{value}\"")))
        });
        let mut changes: Vec<Change> = of_options.collect();
        let mut axes = Vec::new();
        for text in &described.set {
            let axis = Axis::parse(text, &network)?;
            match &axis.values {
                // one value for all points
                Values::List(list) if list.len() == 1 => {
                    changes.extend(axis.changes(&list[0]).map(|(address, value)| Change::new(address, value)));
                }
                _ => axes.push(axis),
            }
        }
        if let Some(duration) = &self.duration {
            network.set_by("duration", duration, &format!("--duration \"{duration}\"")).map_err(Failure::input)?;
        }
        let folder = described.folder();
        let duration_ms = super::run::duration_of(&network, &folder)?;
        let window_ms = self.window.as_deref().map(|text| given::span(text, (0.0, duration_ms))).transpose()?;
        let mut sweep = Sweep::of(Origin::File { path: described.file.clone(), changes });
        if let Some((from, to)) = window_ms {
            if !(from < to && to <= duration_ms * (1.0 + 1e-12)) {
                let help = format!("a part of the run, which ends at {duration_ms} ms");
                return Err(Failure::input(format!("error: --window {from} ms..{to} ms is no window\n  help: {help}")));
            }
            sweep = sweep.window(from, to);
        }
        let bin_ms = given::time(&self.bin, "--bin")?;
        let sweep = sweep.repeat(self.repeat).duration(duration_ms).bin_ms(bin_ms).options(machine.options(folder));
        let name = if network.name.is_empty() { described.stem() } else { network.name.clone() };
        Ok((sweep, About { network: name, machine: machine.told(), duration_ms, window_ms, bin_ms }, axes))
    }
}
