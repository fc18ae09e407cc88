//! One measurement: a network built and run several times, and what came of it as a line of JSON.
//!
//! In: a description, a machine, how often. Out: [`Line`]. Not here: which networks there are (`named`), how a run is timed
//! (`timed`), pictures (`sizes`).

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use synfire::network::Variant;
use synfire::plan::memory::{Kind, Memory, Terms};
use synfire::plan::{PopulationId, Tap};
use synfire::simulation::models_of;
use synfire::{Network, Options, Precision, Simulation};

use super::named::Chosen;
use crate::cli::signals::Signals;
use crate::cli::timed::{Counts, Stages, archived, counted};
use crate::cli::{Failure, counted as number_of, doctor, grouped, memory, seconds};

/// What was measured. Times are medians over repeats.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    pub benchmark: String,
    pub network: String,
    /// Neurons of an instance.
    pub n: u64,
    pub synapses: u64,
    pub instances: u64,
    pub engine: String,
    pub adapter: String,
    /// Of the processor, that the CPU engine uses; a GPU: its driver.
    pub instruction_set: String,
    /// 0: a GPU.
    pub threads: usize,
    pub precision: String,
    /// How synapses were kept: stored, procedural_weights, procedural, or several of these.
    pub connectivity: String,
    pub dt_ms: f64,
    pub duration_ms: f64,
    pub seed: u64,
    pub repeats: u32,
    /// Checking, drawing synapses, planning, laying out the engine.
    pub build_s: f64,
    pub first_step_s: f64,
    /// Wall clock of the steps after the first, over their model time.
    pub sim_s_per_bio_s: f64,
    pub sim_least: f64,
    pub sim_most: f64,
    /// Spikes and states into files, and until the disk confirmed them; `null`: nothing was recorded.
    pub write_s: Option<f64>,
    pub sync_s: Option<f64>,
    pub spikes: u64,
    /// Spikes a second and neuron.
    pub rate_hz: f64,
    /// The most that the process held, all repeats together; `null`: the system does not tell.
    pub peak_bytes: Option<u64>,
    /// What the plan holds of synapses, over their number; `null`: there are none.
    pub bytes_per_synapse: Option<f64>,
    /// What it holds of neurons and of what is under way to them.
    pub neuron_bytes: u64,
    /// Synapses that spikes arrived at, and graded ones in each step, over the wall clock of all steps.
    pub events_per_s: f64,
    /// As `--set` had them.
    pub changes: Vec<String>,
    pub version: String,
    pub commit: Option<String>,
    /// UTC.
    pub date: String,
    pub processor: String,
    pub cores: usize,
}

/// How it is measured.
pub struct How<'a> {
    pub options: Options,
    pub duration_ms: f64,
    pub repeats: u32,
    pub instances: u32,
    /// Where archives are written, if they are.
    pub archive: Option<&'a Path>,
    pub changes: &'a [String],
    pub commit: Option<&'a str>,
}

/// The network with its spikes recorded and nothing else: of every population that can spike.
///
/// **Errors** equations that are wrong.
pub fn quiet(network: &Network) -> Result<Network, Failure> {
    let models = models_of(network)?;
    let spikes = |model: &str| models.neurons.get(model).is_some_and(|model| model.threshold().is_some());
    let names: Vec<String> = network.populations.iter().filter(|p| spikes(&p.model)).map(|p| p.name.clone()).collect();
    let mut quiet = network.clone();
    quiet.probes.clear();
    names.iter().for_each(|name| {
        quiet.probe(name, "spikes");
    });
    Ok(quiet)
}

/// Builds and runs a network so often.
///
/// **Errors** a network or a machine that cannot; a signal; repeats that differ, which no network may.
pub fn measured(chosen: &Chosen, terms: &How, signals: &Signals) -> Result<Line, Failure> {
    let network = if terms.archive.is_some() { chosen.network.clone() } else { quiet(&chosen.network)? };
    let mut all: Vec<Stages> = Vec::new();
    let mut first: Option<(Line, u64)> = None;
    for _ in 0..terms.repeats {
        let mut simulation = compiled(&network, terms)?;
        let (stages, events) = match terms.archive {
            Some(folder) => (archived(&mut simulation, terms.duration_ms, folder, signals)?, None),
            None => {
                let (stages, counts) = counted(&mut simulation, terms.duration_ms, signals)?;
                (stages, Some(events(&simulation, &counts)))
            }
        };
        all.push(stages);
        let spikes = simulation.spike_counts().iter().sum::<u64>();
        match &first {
            None => first = Some((line(chosen, terms, &simulation, spikes), events.unwrap_or(0))),
            Some((line, _)) if line.spikes != spikes => {
                let message = format!("error: `{}` gave {} spikes, then {spikes}, from one seed", chosen.name, line.spikes);
                return Err(Failure {
                    code: 1,
                    message: format!("{message}\n  help: this is a fault of synfire; please report it"),
                });
            }
            Some(_) => {}
        }
    }
    let Some((mut line, events)) = first else {
        return Err(Failure::input("error: --repeat: a network that is not run cannot be timed\n  help: 1 or more"));
    };
    let of = |stage: fn(&Stages) -> f64| median(all.iter().map(stage).collect());
    let model_s = (line.duration_ms - line.dt_ms) / 1e3;
    let steps: Vec<f64> = all.iter().map(|stages| stages.run_s / model_s).collect();
    (line.build_s, line.first_step_s) = (of(|s| s.build_s), of(|s| s.first_step_s));
    line.sim_least = steps.iter().copied().fold(f64::INFINITY, f64::min);
    line.sim_most = steps.iter().copied().fold(0.0, f64::max);
    line.sim_s_per_bio_s = median(steps);
    if terms.archive.is_some() {
        (line.write_s, line.sync_s) = (Some(of(|s| s.write_s)), Some(of(|s| s.sync_s)));
    }
    line.events_per_s = events as f64 / of(|s| s.first_step_s + s.run_s);
    line.peak_bytes = memory::peak();
    Ok(line)
}

fn compiled(network: &Network, terms: &How) -> Result<Simulation, Failure> {
    if terms.instances == 1 {
        return Ok(network.compile(&terms.options)?);
    }
    let seeds = |k| Variant::new().seed(u64::from(k) + 1);
    let variants: Vec<Variant> = (0..terms.instances).map(seeds).collect();
    Ok(network.compile_ensemble(&variants, &terms.options)?)
}

/// Synapses at which something arrived.
fn events(simulation: &Simulation, counts: &Counts) -> u64 {
    let (plan, instances) = (simulation.plan(), simulation.instances() as u64);
    let spiking: Vec<Option<PopulationId>> = plan.taps().iter().map(spikes_of).collect();
    let mut seen = HashSet::new();
    let routes = plan.routes().iter().map(|route| (route.source, &route.edges));
    let mut sum = 0;
    for (source, edges) in routes.chain(plan.learning().iter().map(|l| (l.source, &l.edges))) {
        // a projection onto two ports is two routes
        if !seen.insert(std::sync::Arc::as_ptr(edges)) {
            continue;
        }
        let Some(tap) = spiking.iter().position(|of| *of == Some(source)) else { continue };
        let reached = |(row, count): (u32, &u64)| {
            let span = edges.span(row);
            count * (span.end - span.start)
        };
        sum += (0..).zip(counts.of(tap)).map(reached).sum::<u64>();
    }
    let graded: u64 = plan.gathered().iter().map(|gathered| gathered.edges.count()).sum();
    sum + graded * simulation.time_steps() * instances
}

/// The population whose spikes a tap takes.
fn spikes_of(tap: &Tap) -> Option<PopulationId> {
    if let Tap::Spikes { population, .. } = tap { Some(*population) } else { None }
}

/// With all that does not depend on times.
fn line(chosen: &Chosen, terms: &How, simulation: &Simulation, spikes: u64) -> Line {
    let (plan, identity, instances) = (simulation.plan(), simulation.identity(), simulation.instances() as u64);
    let n: u64 = plan.populations().iter().map(|p| u64::from(p.size)).sum();
    let number = if identity.precision == Precision::F64 { 8 } else { 4 };
    let memory = Memory::of(plan, Terms::default().number(number).instances(instances));
    let synapses = plan.synapses();
    let storages: BTreeSet<&str> = plan.routes().iter().map(|route| route.storage().name()).collect();
    let duration_ms = simulation.time_steps() as f64 * plan.dt();
    Line {
        benchmark: chosen.name.clone(),
        network: if chosen.network.name.is_empty() { chosen.name.clone() } else { chosen.network.name.clone() },
        n,
        synapses,
        instances,
        engine: identity.engine.to_string(),
        adapter: identity.adapter,
        instruction_set: if identity.threads > 0 { doctor::instruction_set().into() } else { identity.driver },
        threads: identity.threads,
        precision: identity.precision.to_string(),
        connectivity: storages.into_iter().collect::<Vec<_>>().join(", "),
        dt_ms: plan.dt(),
        duration_ms,
        seed: plan.seed(),
        repeats: terms.repeats,
        build_s: 0.0,
        first_step_s: 0.0,
        sim_s_per_bio_s: 0.0,
        sim_least: 0.0,
        sim_most: 0.0,
        write_s: None,
        sync_s: None,
        spikes,
        rate_hz: spikes as f64 / (n * instances) as f64 / (duration_ms / 1e3),
        peak_bytes: None,
        bytes_per_synapse: (synapses > 0).then(|| memory.of_kind(Kind::Synapses) as f64 / synapses as f64),
        neuron_bytes: memory.of_kind(Kind::Neurons) + memory.of_kind(Kind::Rings),
        events_per_s: 0.0,
        changes: terms.changes.to_vec(),
        version: env!("CARGO_PKG_VERSION").into(),
        commit: terms.commit.map(str::to_string),
        date: date(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())),
        processor: doctor::processor(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// `2026-11-29 18:00` of seconds since 1970 (the civil calendar of Hinnant's `chrono` paper).
fn date(seconds: u64) -> String {
    let (days, minutes) = (seconds / 86_400, seconds % 86_400 / 60);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02} {:02}:{:02}", minutes / 60, minutes % 60)
}

impl Line {
    /// For the reader.
    pub fn in_words(&self) -> String {
        let instances = if self.instances == 1 { String::new() } else { format!(", {} instances", grouped(self.instances)) };
        let threads = if self.threads > 0 { format!(", {}", number_of(self.threads as u64, "thread")) } else { String::new() };
        let (n, synapses) = (number_of(self.n, "neuron"), number_of(self.synapses, "synapse"));
        let mut out = format!("{}: {n}, {synapses}{instances}, {} ms\n", self.benchmark, self.duration_ms);
        out += &format!("on {}: {} ({}), {}{threads}\n", self.engine, self.adapter, self.instruction_set, self.precision);
        let spread = match self.repeats {
            1 => String::new(),
            times => format!(" ({} to {}, {times} runs)", short(self.sim_least), short(self.sim_most)),
        };
        let steps = format!("{} s per second of the model{spread}", short(self.sim_s_per_bio_s));
        out += &format!("built in {}, first step {}, {steps}\n", seconds(self.build_s), seconds(self.first_step_s));
        if let Some((write, sync)) = self.write_s.zip(self.sync_s) {
            out += &format!("written in {}, and {} until the disk confirmed it\n", seconds(write), seconds(sync));
        }
        out += &format!("{}, {:.3} spikes/s", number_of(self.spikes, "spike"), self.rate_hz);
        if self.events_per_s > 0.0 {
            out += &format!(", {} million events a second", short(self.events_per_s / 1e6));
        }
        let peak = self.peak_bytes.map(|bytes| format!("{} MB at most", grouped(bytes / 1_000_000)));
        let how =
            if matches!(self.connectivity.as_str(), "" | "stored") { String::new() } else { format!(" ({})", self.connectivity) };
        let each = self.bytes_per_synapse.map(|bytes| format!("{bytes:.2} bytes a synapse{how}"));
        let memory: Vec<String> = peak.into_iter().chain(each).collect();
        if memory.is_empty() { out } else { out + "\n" + &memory.join(", ") }
    }

    /// What is held of neurons, and of what is under way to them.
    pub fn state_bytes(&self) -> u64 {
        self.neuron_bytes
    }

    /// ns of a step, for each neuron.
    pub fn ns_per_neuron_step(&self) -> f64 {
        self.sim_s_per_bio_s * self.dt_ms * 1e6 / (self.n * self.instances) as f64
    }
}

/// Three digits that count.
pub fn short(value: f64) -> String {
    match value {
        x if x >= 100.0 => format!("{x:.0}"),
        x if x >= 10.0 => format!("{x:.1}"),
        x if x >= 1.0 => format!("{x:.2}"),
        x if x >= 0.1 => format!("{x:.3}"),
        x if x >= 0.01 => format!("{x:.4}"),
        x => format!("{x:.3e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00"),
            (951_782_400, "2000-02-29 00:00"),
            (1_796_000_000, "2026-11-30 00:53"),
            (4_102_444_740, "2099-12-31 23:59"),
        ] {
            assert_eq!(date(seconds), text);
        }
    }

    #[test]
    fn a_median_is_one_of_the_values() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert!(median(Vec::new()).is_nan());
    }
}
