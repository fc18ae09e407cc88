//! synfire
pub mod diagnostic;
pub mod model;
pub mod network;
pub mod random;
pub mod recording;
pub mod units;
pub mod plan;
pub mod engine;
pub mod wgsl;
