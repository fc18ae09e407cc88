#![doc = include_str!("../README.md")]
//!
//! # The house
//!
//! ```text
//! equations ─parse─▶ Ast ─check─▶ Model ──┐
//!                                         ├─▶ Network ─check─▶ CheckedNetwork ─plan─▶ Plan ─┬─emit─▶ Kernels ─▶ GPU engine ─┐
//! connectors · stimuli · probes ──────────┘                                                 └───────────────▶ CPU engine ─┤
//!                                                                                                                         ▼
//!                        plot ◀─ analysis ◀─ Recording ◀─────────── batches of windows of steps ◀──────────────── Simulation
//! ```
//!
//! Each arrow is one function, each box one type; a box can only be made by its arrow. Everything left of the engines is pure.
//! Engines know five things: state, ports, rules, connectivity, taps; no model is privileged.
//!
//! | floor | what stands there |
//! | --- | --- |
//! | [`units`], [`random`], [`diagnostic`] | quantities, counter-based random numbers, what is wrong and where |
//! | [`model`] | the equation language, methods of integration, ready models |
//! | [`network`] | the description, its files, its check, connectors |
//! | [`plan`] | groups, layout, delays, fixed-point scales, memory |
//! | [`wgsl`] | from a plan to validated shaders |
//! | [`engine`] | the CPU engine and the GPU engine |
//! | [`recording`], [`compare`], [`analysis`], [`plot`] | what a run leaves |
//! | [`simulation`] | all of it together |

#[macro_use]
mod closed;
#[macro_use]
mod setters;

pub mod analysis;
pub mod compare;
pub mod diagnostic;
pub mod engine;
pub mod error;
pub mod fit;
pub mod guide;
pub mod model;
pub mod network;
pub mod plan;
pub mod plot;
pub mod random;
pub mod recording;
pub mod simulation;
pub mod sweep;
pub mod threads;
pub mod units;
pub mod wgsl;
mod whole;

pub use error::Error;
pub use network::{Network, Variant};
pub use simulation::{Choice, Options, Precision, Progress, Simulation, Timings};
