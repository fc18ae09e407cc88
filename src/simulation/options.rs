//! How a network is compiled: engine, numbers, threads, room.
//!
//! In: what a user wants otherwise. Out: [`Options`], read all over `simulation`. Not here: what is done with them (`choose`, `room`).

use std::path::PathBuf;

use crate::engine::{Precision, gpu};
use crate::network::EdgeStorage;
use crate::plan::schedule::Settings;

/// Which engine runs a network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// A hardware GPU that can run the network, else the CPU engine; the simulation says which and why.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// A GPU, hardware before software.
    Gpu,
    /// The adapter whose name holds this text; software adapters too.
    Adapter(String),
}

/// How a network is compiled: the default, and a setter for what shall be otherwise.
///
/// **Example**
/// ```
/// use synfire::{Choice, Options, Precision};
///
/// let options = Options::default().engine(Choice::Cpu).precision(Precision::F64).threads(2);
/// assert_eq!(options.threads, Some(2));
/// ```
///
/// There may be more of them in time, so a struct literal does not compile:
/// ```compile_fail,E0639
/// let options = synfire::Options { engine: synfire::Choice::Cpu, ..Default::default() };
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Which engine runs it.
    pub engine: Choice,
    /// The numbers that the CPU engine computes with.
    pub precision: Precision,
    /// Most threads of the CPU engine; `None`: as many as there are cores. Results do not depend on it.
    pub threads: Option<usize>,
    /// Least rows per thread of the CPU engine. Results do not depend on it.
    pub rows_per_thread: Option<usize>,
    /// Where files that the network names are found; they must lie below it.
    pub folder: PathBuf,
    /// Most bytes for the network's values, edges, states, rings and recordings, of the host and of a device each; `None`: what
    /// the machine gives.
    pub memory_budget: Option<u64>,
    /// How the synapses of those projections are kept that can be so, and of which the description says nothing; `None`: in memory as
    /// far as the budget allows. Spikes do not depend on it.
    pub connectivity: Option<EdgeStorage>,
    /// The recording of so long a run, held in memory, must fit beside the network, or it is not compiled; `None`: looked at when a
    /// run begins, and not at all where its sinks hold none.
    /// **Units** ms.
    pub recorded: Option<f64>,
    /// Most steps of a batch. Results do not depend on it.
    pub batch: Option<u32>,
    /// How the GPU engine goes about it. Spikes do not depend on it.
    pub schedule: Settings,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            engine: Choice::Auto,
            precision: Precision::F32,
            threads: None,
            rows_per_thread: None,
            folder: PathBuf::from("."),
            memory_budget: None,
            connectivity: None,
            recorded: None,
            batch: None,
            schedule: Settings::default(),
        }
    }
}

setters! {
    Options {
        engine: Choice,
        precision: Precision,
        threads: impl Into<Option<usize>>,
        rows_per_thread: impl Into<Option<usize>>,
        folder: impl Into<PathBuf>,
        memory_budget: impl Into<Option<u64>>,
        connectivity: impl Into<Option<EdgeStorage>>,
        recorded: impl Into<Option<f64>>,
        batch: impl Into<Option<u32>>,
        schedule: impl Into<Settings>,
    }
}

impl Options {
    /// Is it known before it is tried that the CPU engine runs a plan?
    pub(super) fn on_cpu(&self) -> bool {
        match self.engine {
            Choice::Cpu => true,
            Choice::Auto => self.precision == Precision::F64 || gpu::hardware().is_none(),
            Choice::Gpu | Choice::Adapter(_) => false,
        }
    }

    /// Will synapses be drawn on a device, as far as it can?
    pub(super) fn on_device(&self) -> bool {
        let hardware = || match &self.engine {
            Choice::Adapter(name) => gpu::is_hardware(&gpu::AdapterChoice::Named(name.clone())),
            _ => gpu::is_hardware(&gpu::AdapterChoice::Best),
        };
        !self.on_cpu() && self.schedule.draw_on_device.unwrap_or_else(hardware)
    }
}
