//! synfire
pub mod analysis;
pub mod compare;
pub mod diagnostic;
pub mod model;
pub mod network;
<<<<<<< HEAD
pub mod random;
pub mod plot;
=======
pub mod plot;
pub mod random;
>>>>>>> record
pub mod recording;
pub mod units;
pub mod plan;
pub mod engine;
