//! synfire
pub mod analysis;
pub mod compare;
pub mod diagnostic;
pub mod engine;
pub mod error;
pub mod model;
pub mod network;
pub mod plan;
pub mod plot;
pub mod random;
pub mod recording;
pub mod simulation;
pub mod units;

pub use error::Error;
pub use network::Network;
pub use simulation::{Choice, Options, Precision, Progress, Simulation, Timings};
