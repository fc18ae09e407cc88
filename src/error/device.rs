//! What a machine refuses or fails at.

use crate::engine::Fault;
use crate::engine::gpu::GpuError;
use crate::plan::Limit;
use crate::recording::NoRoom;
use crate::threads::ThreadError;

/// Why a machine does not run a network: what it cannot do, what there is too little of, how it failed.
///
/// **Example** the limit that was passed, if it is one:
/// ```
/// # fn told(error: &synfire::Error) {
/// if let synfire::Error::Device(error) = error
///     && let Some(passed) = error.limit()
/// {
///     println!("{} needs {} {}; what would fit: {}", passed.part, passed.need, passed.unit, passed.remedy);
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// The GPU engine: no adapter, a limit of one, what the kernels do not do yet, a device that failed.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// The system gives no threads.
    #[error(transparent)]
    Threads(#[from] ThreadError),
    /// The machine gives no memory for a recording.
    #[error(transparent)]
    Recording(#[from] NoRoom),
    /// A device that failed between two runs.
    #[error(transparent)]
    Failed(#[from] Fault),
}

impl DeviceError {
    /// What is too much of what; `None`: no limit was passed.
    pub fn limit(&self) -> Option<Limit> {
        match self {
            DeviceError::Gpu(error) => error.limit(),
            DeviceError::Threads(error) => Some(Limit {
                part: "the CPU engine".to_owned(),
                unit: "threads",
                need: error.threads as u64,
                limit: None,
                remedy: "one thread",
            }),
            DeviceError::Recording(error) => Some(error.limit()),
            DeviceError::Failed(_) => None,
        }
    }
}
