//! synfire
pub mod analysis;
pub mod compare;
pub mod diagnostic;
pub mod engine;
pub mod model;
pub mod network;
pub mod plan;
pub mod plot;
pub mod random;
pub mod recording;
pub mod units;
pub mod wgsl;
