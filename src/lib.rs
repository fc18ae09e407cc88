//! synfire
pub mod diagnostic;
pub mod model;
pub mod network;
#[path = "random_stub.rs"]
pub mod random;
pub mod recording;
pub mod units;
