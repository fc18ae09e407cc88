//! synfire
pub mod analysis;
pub mod compare;
pub mod diagnostic;
pub mod model;
pub mod network;
pub mod plot;
pub mod random;
pub mod recording;
pub mod units;
pub mod plan;
pub mod engine;
