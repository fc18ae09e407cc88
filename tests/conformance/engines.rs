//! The engines that every case runs on: the CPU engine in both precisions, the GPU engine under each schedule.

use std::path::PathBuf;

use synfire::Error;
use synfire::engine::gpu::GpuError;
use synfire::error::DeviceError;
use synfire::network::{Network, Variant};
use synfire::plan::schedule::{Schedule, Settings};
use synfire::recording::Recording;
use synfire::simulation::{Choice, Options, Precision, Simulation};
use synfire::wgsl::WgslError;

use crate::lines::Verdict;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    F64,
    F32,
    Gpu(Schedule),
}

pub const ALL: [Which; 5] =
    [Which::F64, Which::F32, Which::Gpu(Schedule::Resident), Which::Gpu(Schedule::Fused), Which::Gpu(Schedule::TwoPass)];

/// Why there is no recording.
#[derive(Clone, Debug)]
pub enum Refused {
    /// The engine cannot run such a network.
    NotYet(String),
    /// This schedule cannot be taken for the network.
    NotAllowed(String),
    Failed(String),
}

impl Which {
    pub fn name(self) -> &'static str {
        match self {
            Which::F64 => "cpu f64",
            Which::F32 => "cpu f32",
            Which::Gpu(Schedule::Resident) => "gpu res.",
            Which::Gpu(Schedule::Fused) => "gpu fused",
            Which::Gpu(Schedule::TwoPass) => "gpu 2-pass",
        }
    }

    pub fn options(self) -> Options {
        let adapter = || std::env::var("SYNFIRE_ADAPTER").unwrap_or_else(|_| "llvmpipe".to_string());
        let (engine, precision) = match self {
            Which::F64 => (Choice::Cpu, Precision::F64),
            Which::F32 => (Choice::Cpu, Precision::F32),
            Which::Gpu(_) => (Choice::Adapter(adapter()), Precision::F32),
        };
        let schedule = match self {
            Which::Gpu(schedule) => Settings::default().schedule(schedule),
            _ => Settings::default(),
        };
        // the tests run side by side already
        Options::default().engine(engine).precision(precision).threads(1).folder(PathBuf::from(".")).schedule(schedule)
    }

    /// A compiled network. Only the GPU engine may refuse one, and for what the network asks, not for want of an adapter.
    pub fn compile(self, network: &Network) -> Result<Simulation, Refused> {
        network.compile(&self.options()).map_err(Refused::from)
    }

    /// Variants of a network, side by side.
    pub fn compile_ensemble(self, network: &Network, variants: &[Variant]) -> Result<Simulation, Refused> {
        network.compile_ensemble(variants, &self.options()).map_err(Refused::from)
    }

    /// What a network records in so many steps.
    pub fn run(self, network: &Network, steps: u64) -> Result<Recording, Refused> {
        let mut simulation = self.compile(network)?;
        simulation.run_steps(steps).map_err(|e| Refused::Failed(e.to_string()))?;
        Ok(simulation.recording().clone())
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        match error {
            Error::Device(DeviceError::Gpu(GpuError::Kernel(WgslError::Unsupported(reasons)))) => {
                Refused::NotYet(reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
            }
            Error::Device(DeviceError::Gpu(GpuError::Kernel(WgslError::Schedule(error)))) => {
                Refused::NotAllowed(error.refused.iter().map(|(_, why)| why.to_string()).collect::<Vec<_>>().join("; "))
            }
            error => Refused::Failed(error.to_string()),
        }
    }
}

impl Refused {
    pub fn verdict(self) -> Verdict {
        match self {
            Refused::NotYet(why) => Verdict::NotYet(why),
            Refused::NotAllowed(why) => Verdict::NotAllowed(why),
            Refused::Failed(why) => Verdict::Fail(why),
        }
    }
}
