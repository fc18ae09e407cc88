//! Synapses that learn.
//!
//! [`oracle`]: one synapse, event by event in f64, apart from everything in the crate. [`rules`]: each rule for the oracle, and as a
//! text of ours ([`longer`]: more of them, [`chance`]: with draws, [`intervals`]: at an interval and stepped, [`ready`]: the ready models). [`nest`]: the cases of `net-det/1` with
//! plastic synapses; first the oracle is held to NEST's weights, then we. [`pairs`]: the cases of `snn-reference/1` of one synapse.
//! [`trains`]: rules on random spike trains: [`every`] of them on every engine, [`faults`] that are caught, and [`schedules`] that give
//! the same bits. [`published`]: a number of a paper for each ready model.

mod chance;
mod every;
mod faults;
mod intervals;
mod longer;
pub mod nest;
mod oracle;
mod pairs;
mod published;
mod ready;
mod rules;
mod schedules;
mod trains;
