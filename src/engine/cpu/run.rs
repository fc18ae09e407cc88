//! What the workers of all instances are lent while they run.

use pulp::Arch;

use crate::plan::Plan;

/// What all teams read while a batch runs.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    pub arch: Arch,
    pub plan: &'a Plan,
    /// By group, then state: is it read by an edge?
    pub exported: &'a [Vec<bool>],
    /// Input vectors, instance after instance.
    pub external: &'a [f64],
}
