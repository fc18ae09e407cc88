//! `record.json`: what ran, on what, and how long it took. With it and the network file a run can be repeated.

use std::collections::BTreeMap;

use serde::Serialize;
use synfire::model::home::Home;
use synfire::network::EdgeStorage;
use synfire::plan::{Learning, Plan, Tap};
use synfire::recording::Recording;
use synfire::{Network, Simulation};

use super::format::Data;
use super::tables::JsonPopulation;
use super::{counted, grouped, seconds};

#[derive(Serialize)]
pub struct Record {
    pub version: &'static str,
    pub network: String,
    /// SHA-256 of the description, tables included.
    pub network_hash: String,
    pub seed: u64,
    pub engine: String,
    pub adapter: String,
    pub driver: String,
    pub why: String,
    pub precision: String,
    pub threads: usize,
    pub dt_ms: f64,
    /// What was computed, and is in the files.
    pub duration_ms: f64,
    /// Where a run ended before its time; `null`: it did not.
    pub stopped_at: Option<Stopped>,
    pub populations: Vec<PopulationRecord>,
    pub edges: u64,
    /// Projections whose weights or synapses were drawn again for each spike, and how; no key: there were none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub connectivity: BTreeMap<String, &'static str>,
    /// Projections whose synapses events change; no key: none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub learning: Vec<LearningRecord>,
    pub counters: Counters,
    /// Of each population what `synfire analyse` tells of it; no key: nothing was measured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<JsonPopulation>,
    pub remarks: Vec<String>,
    pub timings: Timings,
    /// As it was called.
    pub command: Vec<String>,
    /// The network as it ran, changes of the command line included.
    pub description: Network,
}

/// What `--set` changed; a constant by its name alone.
fn changes(command: &[String]) -> Vec<String> {
    let mut changes = Vec::new();
    let mut words = command.iter();
    while let Some(word) = words.next() {
        let change = if word == "--set" { words.next().map(String::as_str) } else { word.strip_prefix("--set=") };
        changes.extend(change.map(|change| change.strip_prefix("constants.").unwrap_or(change).to_string()));
    }
    changes
}

/// The name of a network and what was changed of it.
pub fn titled(name: &str, command: &[String]) -> String {
    let changes = changes(command).join(", ");
    if changes.is_empty() { name.to_string() } else { format!("{name}: {changes}") }
}

#[derive(Serialize)]
pub struct PopulationRecord {
    pub name: String,
    pub size: u32,
    /// Neurons whose spikes were kept or counted; `null`: none.
    pub recorded_neurons: Option<u64>,
    /// Their spikes.
    pub recorded_spikes: Option<u64>,
    /// Spikes per second and recorded neuron; `null`: spikes were not recorded.
    pub rate_hz: Option<f64>,
}

#[derive(Serialize)]
pub struct LearningRecord {
    pub projection: String,
    /// The synapse model.
    pub model: String,
    pub synapses: u64,
    /// By events, at an interval, stepped.
    pub kind: String,
    /// States that each synapse keeps, and those that neurons keep for all of theirs.
    pub by_synapse: Vec<String>,
    pub by_source: Vec<String>,
    pub by_target: Vec<String>,
    /// Names of third factors that are read from neurons or inputs; where, the description says.
    pub modulators: Vec<String>,
}

impl LearningRecord {
    fn new(learning: &Learning) -> LearningRecord {
        let model = &learning.synapse.model();
        let with = |home: Home| {
            let states = model.states().iter().zip(&learning.homes).filter(|(_, h)| **h == home);
            states.map(|(state, _)| state.name.clone()).collect()
        };
        LearningRecord {
            projection: learning.name.clone(),
            model: model.ast().name.text.clone(),
            synapses: learning.edges.count(),
            kind: learning.kind(),
            by_synapse: with(Home::Synapse),
            by_source: with(Home::Source),
            by_target: with(Home::Target),
            modulators: model
                .modulators()
                .iter()
                .zip(&learning.modulators)
                .filter(|(_, source)| source.is_some())
                .map(|(modulator, _)| modulator.name.clone())
                .collect(),
        }
    }
}

/// The end of a run that did not reach its own.
#[derive(Clone, Serialize)]
pub struct Stopped {
    /// The last step that is in the files.
    pub step: u64,
    pub time_ms: f64,
    /// The signal that asked for it, or the fault.
    pub reason: String,
}

#[derive(Serialize)]
pub struct Counters {
    pub steps: u64,
    /// Of all neurons, recorded or not.
    pub spikes: u64,
    pub dropped: u64,
}

/// Seconds of each stage; none is counted in two of them.
#[derive(Serialize)]
pub struct Timings {
    /// Checking, drawing edges, planning, laying out the engine.
    pub build_s: f64,
    /// Simulating: the first step, and those after it.
    pub first_step_s: f64,
    pub run_s: f64,
    /// Spikes and traces on their way into files.
    pub write_s: f64,
    /// Until the disk confirmed these files.
    pub sync_s: f64,
    /// What another thread wrote of chunks while the run went on, and the bytes of their file; no key: there were none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunk_bytes: Option<u64>,
    /// Reading a part of the chunks back, for measures and pictures; no key: there were none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_s: Option<f64>,
    /// `null`: nothing was measured.
    pub analyse_s: Option<f64>,
    /// `null`: no picture was drawn.
    pub picture_s: Option<f64>,
}

impl Timings {
    /// `times: build 5.1 ms, run 66.0 ms, write 2.3 ms (and 1.2 ms until the disk confirmed it), analyse 8.0 ms, picture 60.0 ms`
    pub fn in_words(&self) -> String {
        let (run, sync) = (self.first_step_s + self.run_s, seconds(self.sync_s));
        let mut out = format!("times: build {}, run {}", seconds(self.build_s), seconds(run));
        out += &format!(", write {} (and {sync} until the disk confirmed it)", seconds(self.write_s));
        for (what, time) in [("read back", self.read_s), ("analyse", self.analyse_s), ("picture", self.picture_s)] {
            out += &time.map_or_else(String::new, |time| format!(", {what} {}", seconds(time)));
        }
        out
    }
}

impl Record {
    pub fn new(simulation: &Simulation, data: &Data, network: &Network, name: &str, stopped_at: Option<Stopped>) -> Record {
        let (plan, identity, times) = (simulation.plan(), simulation.identity(), simulation.timings());
        let steps = data.recording.steps;
        let populations = plan.populations().iter().zip(recorded(plan, data)).map(|(p, recorded)| PopulationRecord {
            name: p.name.clone(),
            size: p.size,
            recorded_neurons: recorded.as_ref().map(|r| r.neurons),
            recorded_spikes: recorded.as_ref().map(|r| r.spikes),
            rate_hz: recorded.and_then(|r| r.rate_hz),
        });
        Record {
            version: env!("CARGO_PKG_VERSION"),
            network: name.to_string(),
            network_hash: plan.network_hash().to_owned(),
            seed: plan.seed(),
            engine: identity.engine.to_string(),
            adapter: identity.adapter,
            driver: identity.driver,
            why: simulation.choice_reason().to_string(),
            precision: identity.precision.to_string(),
            threads: identity.threads,
            dt_ms: plan.dt(),
            duration_ms: steps as f64 * plan.dt(),
            stopped_at,
            populations: populations.collect(),
            edges: plan.synapses(),
            connectivity: drawn_again(plan),
            learning: plan.learning().iter().map(LearningRecord::new).collect(),
            // an engine that loses a spike stops the run instead
            counters: Counters { steps, spikes: simulation.spike_count(), dropped: 0 },
            measures: Vec::new(),
            remarks: plan.remarks().to_vec(),
            timings: Timings {
                build_s: times.build_s,
                first_step_s: times.first_step_s,
                run_s: times.run_s,
                write_s: times.record_s + data.after_s,
                sync_s: times.sync_s + data.sync_s,
                beside_s: data.chunks.map(|(beside_s, _)| beside_s),
                chunk_bytes: data.chunks.map(|(_, bytes)| bytes),
                read_s: data.chunks.map(|_| data.read_s),
                analyse_s: None,
                picture_s: None,
            },
            command: std::env::args_os().map(|a| a.to_string_lossy().into_owned()).collect(),
            description: network.clone(),
        }
    }
}

/// How synapses are kept, by projection, where they are not stored.
fn drawn_again(plan: &Plan) -> BTreeMap<String, &'static str> {
    let routes = plan.routes().iter().filter(|route| route.storage() != EdgeStorage::Stored);
    routes.map(|route| (route.name.clone(), route.storage().name())).collect()
}

/// What was recorded of the spikes of a population.
pub struct Recorded {
    pub neurons: u64,
    pub spikes: u64,
    /// Spikes per second and recorded neuron; `None`: no neuron, or no time.
    pub rate_hz: Option<f64>,
}

/// By population; `None`: none of its spikes were kept or counted.
pub fn recorded(plan: &Plan, data: &Data) -> Vec<Option<Recorded>> {
    let recording = &data.recording;
    let of = |name: &str| {
        let seconds = seconds_of(plan, recording, name);
        let kept = data.tallies.iter().find(|tally| tally.population == name).map(|tally| (tally.neurons, tally.spikes));
        let (neurons, spikes) = kept.or_else(|| {
            // counted in bins alone; the widest of several counts
            let rates = recording.rates.iter().filter(|rate| rate.population == name);
            rates.map(|rate| (u64::from(rate.neurons), rate.count.iter().sum())).max()
        })?;
        let rate_hz = (neurons > 0 && seconds > 0.0).then(|| spikes as f64 / neurons as f64 / seconds);
        Some(Recorded { neurons, spikes, rate_hz })
    };
    plan.populations().iter().map(|p| of(&p.name)).collect()
}

/// Seconds in which probes listened to a population; probes that listened at other times than each other have no rate together.
fn seconds_of(plan: &Plan, recording: &Recording, name: &str) -> f64 {
    let (from, last) = (recording.first_step + 1, recording.first_step + recording.steps);
    let mut spans = plan.taps().iter().filter_map(|tap| match tap {
        Tap::Spikes { population, first, end, .. } if plan.place(*population).name == name => Some((*first, *end)),
        _ => None,
    });
    let span = spans.next().unwrap_or((0, u64::MAX));
    let same = spans.all(|other| other == span);
    let steps = last.min(span.1.saturating_sub(1)).saturating_add(1).saturating_sub(from.max(span.0));
    if same { steps as f64 * recording.dt / 1e3 } else { 0.0 }
}

/// `404 spikes, 312 of them recorded; mean rates: exc 39.00 spikes/s; not recorded: inh`
pub fn in_words(simulation: &Simulation, data: &Data) -> String {
    let recorded = recorded(simulation.plan(), data);
    let (all, kept) = (simulation.spike_count(), recorded.iter().flatten().map(|r| r.spikes).sum::<u64>());
    let mut out = counted(all, "spike");
    if kept < all && simulation.instances() == 1 {
        out += &format!(", {} of them recorded", if kept == 0 { "none".into() } else { grouped(kept) });
    }
    let (mut rates, mut missing) = (Vec::new(), Vec::new());
    for (population, recorded) in simulation.plan().populations().iter().zip(&recorded) {
        match recorded {
            None => missing.push(population.name.as_str()),
            Some(Recorded { neurons, rate_hz: Some(rate), .. }) => {
                let size = u64::from(population.size);
                let part = if *neurons < size {
                    format!(" ({} of {})", grouped(*neurons), counted(size, "neuron"))
                } else {
                    String::new()
                };
                rates.push(format!("{} {rate:.2} spikes/s{part}", population.name));
            }
            Some(_) => {}
        }
    }
    if !rates.is_empty() {
        out += &format!("; mean rates: {}", rates.join(", "));
    }
    // where no population is recorded, "none of them" says it
    if !missing.is_empty() && !rates.is_empty() {
        out += &format!("; not recorded: {}", missing.join(", "));
    }
    out
}
