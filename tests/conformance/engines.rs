//! The three engines that every case runs on.

use std::path::PathBuf;

use synfire::network::Network;
use synfire::recording::Recording;
use synfire::simulation::{Choice, Options, Precision, Simulation};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    F64,
    F32,
    Gpu,
}

pub const ALL: [Which; 3] = [Which::F64, Which::F32, Which::Gpu];

/// Why there is no recording.
#[derive(Clone, Debug)]
pub enum Refused {
    /// The engine cannot run such a network.
    NotYet(String),
    Failed(String),
}

impl Which {
    pub fn name(self) -> &'static str {
        match self {
            Which::F64 => "cpu f64",
            Which::F32 => "cpu f32",
            Which::Gpu => "gpu",
        }
    }

    pub fn options(self) -> Options {
        let adapter = || std::env::var("SYNFIRE_ADAPTER").unwrap_or_else(|_| "llvmpipe".to_string());
        let (engine, precision) = match self {
            Which::F64 => (Choice::Cpu, Precision::F64),
            Which::F32 => (Choice::Cpu, Precision::F32),
            Which::Gpu => (Choice::Adapter(adapter()), Precision::F32),
        };
        // the tests run side by side already
        Options { engine, precision, threads: Some(1), folder: PathBuf::from("."), ..Options::default() }
    }

    /// A compiled network. Only the GPU engine may refuse one, and for what the network asks, not for want of an adapter.
    pub fn compile(self, network: &Network) -> Result<Simulation, Refused> {
        network.compile(&self.options()).map_err(|e| {
            let why = e.to_string();
            match why.split_once("cannot run this network yet: ") {
                Some((_, reasons)) if self == Which::Gpu => Refused::NotYet(reasons.lines().next().unwrap_or_default().to_string()),
                _ => Refused::Failed(why),
            }
        })
    }

    /// What a network records in so many steps.
    pub fn run(self, network: &Network, steps: u64) -> Result<Recording, Refused> {
        let mut simulation = self.compile(network)?;
        simulation.run_steps(steps).map_err(|e| Refused::Failed(e.to_string()))?;
        Ok(simulation.recording().clone())
    }
}
