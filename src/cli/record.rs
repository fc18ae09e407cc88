//! `record.json`: what ran, on what, and how long it took. With it and the network file a run can be repeated.

use serde::Serialize;
use synfire::{Network, Simulation};

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
    pub duration_ms: f64,
    pub populations: Vec<PopulationRecord>,
    pub edges: u64,
    pub counters: Counters,
    pub remarks: Vec<String>,
    pub timings: Timings,
    /// As it was called.
    pub command: Vec<String>,
    /// The network as it ran, changes of the command line included.
    pub description: Network,
}

#[derive(Serialize)]
pub struct PopulationRecord {
    pub name: String,
    pub size: u32,
    /// Spikes per second and recorded neuron; `null`: spikes were not recorded.
    pub rate_hz: Option<f64>,
}

#[derive(Serialize)]
pub struct Counters {
    pub steps: u64,
    pub spikes: u64,
    pub dropped: u64,
}

#[derive(Serialize)]
pub struct Timings {
    pub build_s: f64,
    pub first_step_s: f64,
    pub run_s: f64,
    /// Spikes and traces.
    pub write_s: f64,
    pub picture_s: f64,
}

impl Record {
    pub fn new(simulation: &Simulation, network: &Network, name: &str, steps: u64, write_s: f64, picture_s: f64) -> Record {
        let (plan, identity, times) = (simulation.plan(), simulation.identity(), simulation.timings());
        let rates = mean_rates(simulation);
        let populations = plan.populations.iter().zip(rates);
        Record {
            version: env!("CARGO_PKG_VERSION"),
            network: name.to_string(),
            network_hash: plan.network_hash.clone(),
            seed: plan.seed,
            engine: identity.engine,
            adapter: identity.adapter,
            driver: identity.driver,
            why: simulation.choice_reason().to_string(),
            precision: identity.precision,
            threads: identity.threads,
            dt_ms: plan.dt,
            duration_ms: steps as f64 * plan.dt,
            populations: populations.map(|(p, rate_hz)| PopulationRecord { name: p.name.clone(), size: p.size, rate_hz }).collect(),
            edges: plan.edges(),
            // an engine that loses a spike stops the run instead
            counters: Counters { steps, spikes: simulation.spike_count(), dropped: 0 },
            remarks: plan.remarks.clone(),
            timings: Timings { build_s: times.build_s, first_step_s: times.first_step_s, run_s: times.run_s, write_s, picture_s },
            command: std::env::args_os().map(|a| a.to_string_lossy().into_owned()).collect(),
            description: network.clone(),
        }
    }
}

/// By population: the mean rate of its recorded neurons, in Hz.
pub fn mean_rates(simulation: &Simulation) -> Vec<Option<f64>> {
    let recording = simulation.recording();
    let seconds = recording.steps as f64 * recording.dt / 1e3;
    let rate = |name: &str| {
        let train = recording.spikes.iter().find(|train| train.population == name)?;
        let neurons = train.rows.as_ref().map_or(train.size as usize, Vec::len);
        (neurons > 0 && seconds > 0.0).then(|| train.step.len() as f64 / neurons as f64 / seconds)
    };
    simulation.plan().populations.iter().map(|p| rate(&p.name)).collect()
}
