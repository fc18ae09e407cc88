//! What can go wrong, one variant per person who must act.

use std::path::PathBuf;

use crate::diagnostic::Report;
use crate::engine::Fault;
use crate::engine::gpu::GpuError;
use crate::network::preset::DesignError;
use crate::plan::PlanError;
use crate::recording::file::FileError;
use crate::recording::sink::SinkError;
use crate::threads::ThreadError;

mod device;

pub use device::DeviceError;

/// Everything that the library's calls can fail with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The author of a model text: every problem, with excerpts.
    #[error("{0}")]
    Model(Report),
    /// The author of a network: every problem, with the part that has it.
    #[error("{0}")]
    Network(Report),
    /// The author of a network: what only shows when edges are drawn and methods chosen.
    #[error("error[E090]: {0}")]
    Plan(#[from] PlanError),
    /// Whoever chose the machine: no such adapter, too little memory, a limit of the device.
    #[error("error[E190]: {0}")]
    Device(#[from] DeviceError),
    /// The experimenter: the run stopped; state and recording are those of the last good step, `last_good`.
    #[error("error[E200]: {fault}\n  the state is that of step {last_good}, {time} ms\n  help: {help}")]
    Run {
        /// What went wrong, and where.
        fault: Fault,
        /// The step of the state.
        last_good: u64,
        /// Its time, ms.
        time: f64,
        /// What to do.
        help: &'static str,
    },
    /// The caller: a name, a length or a time that the simulation does not have.
    #[error("error[E210]: {0}")]
    Call(String),
    /// A file that cannot be read or written.
    #[error("error[E220]: {path}: {message}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        message: String,
    },
    /// Whoever keeps what is recorded: a sink failed, and the run stopped after the steps that it could not take. `done`: steps of
    /// this run; the state is that of step `last_good`; `fault`: what else the run met.
    #[error("{}error[E221]: {}\n  the state is that of step {last_good}, {time} ms", before(fault), lost(failed))]
    Sink {
        /// What went wrong, by sink.
        failed: Vec<SinkError>,
        /// Steps of this run.
        done: u64,
        /// The step of the state.
        last_good: u64,
        /// Its time, ms.
        time: f64,
        /// What else the run met.
        fault: Option<Box<Error>>,
    },
    /// Ours: please send the text and the network.
    #[error("error[E999]: a fault of synfire: {0}\n  help: please report it with the network file")]
    Bug(String),
}

/// The fault that a run met, a line before that of its sinks.
fn before(fault: &Option<Box<Error>>) -> String {
    fault.as_ref().map_or_else(String::new, |fault| format!("{fault}\n"))
}

fn lost(failed: &[SinkError]) -> String {
    let all: Vec<String> = failed.iter().map(SinkError::to_string).collect();
    format!("what was recorded could not be taken: {}", all.join("; "))
}

/// What a network that is being put together cannot take: clashes of names, junctions that cannot be.
impl From<Report> for Error {
    fn from(report: Report) -> Error {
        Error::Network(report)
    }
}

impl From<GpuError> for Error {
    fn from(error: GpuError) -> Error {
        Error::Device(error.into())
    }
}

impl From<ThreadError> for Error {
    fn from(error: ThreadError) -> Error {
        Error::Device(error.into())
    }
}

impl From<DesignError> for Error {
    fn from(error: DesignError) -> Error {
        Error::Call(error.to_string())
    }
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Error {
        match error {
            FileError::Write { path, source } => Error::File { path, message: format!("cannot be written: {source}") },
            FileError::Read { path, source } => Error::File { path, message: format!("cannot be read: {source}") },
            FileError::Content { path, message } => Error::File { path, message },
        }
    }
}
