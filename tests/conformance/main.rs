//! Conformance: every reference case on every engine, one line each.
//!
//! In: the JSON files below `tests/reference`, and below each folder that the environment variable `SYNFIRE_CASES` lists
//! (as `PATH` does). Out: a line per case and engine with spikes, ties, the worst error and the verdict; a test fails
//! with all that failed in it. A verdict `not yet` names what the engine said when it refused the network.
//!
//! | module | what it holds the simulator to |
//! | --- | --- |
//! | [`net_det`] | NEST's spikes, step for step, in networks whose every synapse is listed |
//! | [`neurons`] | closed forms and ODE solutions of single neurons |
//! | [`net_stat`] | rates, regularity, correlation and synchrony of random networks |
//! | [`sns`] | SNS-Toolbox's potentials, thresholds, gates and spikes, step for step |
//! | [`learning`] | the weights of synapses that learn, as they go with each spike |
//! | [`ready`] | ready models of neurons and sources: closed forms, published behaviour, direct integration |
//! | [`order`] | the order of convergence that each method of integration claims |
//! | [`lockstep`] | every engine in single precision, step by step, within what rounding explains |
//! | [`controls`] | planted faults: the same comparisons must catch them, and say where |
//!
//! `SYNFIRE_REFERENCE` names another place of `tests/reference`, for a binary that runs on a machine without the sources.
//!
//! The adapter of the GPU engine is the software one, unless `SYNFIRE_ADAPTER` names another.

#![allow(clippy::neg_cmp_op_on_partial_ord, reason = "`!(error <= bound)`: a NaN must count as a failure")]

mod case;
mod controls;
mod engines;
mod learning;
mod lines;
mod lockstep;
mod lockstep_controls;
mod net_det;
mod net_stat;
mod neurons;
mod order;
mod ready;
mod sns;
