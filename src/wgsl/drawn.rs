//! The kernels that draw synapses where they stand, once, before a network runs.
//!
//! In: nothing but how they are checked. Out: [`Kernel`]s, in the order in which they run; they see `synapses` (a page of it), `places`
//! (the `tables` of the plan: where rows start, pivots), and `tables`, words of their own: the table of the normal law, from [`JOBS`]
//! on [`JOB_WORDS`] per part of a route, then laws. Not here: those words (`engine::gpu`).

use std::fmt::Write as _;

use super::join::{DOUBLE, DRAW, RANDOM, join};
use super::layout::NONE;
use super::validate::{Kernel, validate};
use super::{Layout, WgslError};
use crate::plan::TRIES;

/// The first word behind the table of the normal law.
pub const JOBS: u32 = 2052;
/// Words of a part of a route.
pub const JOB_WORDS: u32 = 22;
/// Threads of a workgroup.
pub const DRAWERS: u32 = 64;
/// Synapses of a row whose values one workgroup draws.
pub const PIECE: u32 = 1024;
/// Who the targets of a source are, as kernels count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Targets {
    Everybody,
    Itself,
    Trials,
    Chosen,
}

/// Entry points, in the order in which they run.
pub const ENTRIES: [&str; 4] = ["draw_trials", "draw_chosen", "draw_values", "draw_pivots"];

/// The kernels.
pub fn kernels(layout: &Layout) -> Result<Vec<Kernel>, WgslError> {
    let mut head = String::from("// What draws synapses, as src/wgsl/drawn.rs says.\n");
    for (name, value) in [
        ("NONE", NONE),
        ("JOB_WORDS", JOB_WORDS),
        ("DRAWERS", DRAWERS),
        ("PIECE", PIECE),
        ("TRIES", TRIES),
        ("EVERYBODY", Targets::Everybody as u32),
        ("ITSELF", Targets::Itself as u32),
        ("TRIALS", Targets::Trials as u32),
        ("CHOSEN", Targets::Chosen as u32),
        ("NORMAL_TABLE", 0),
        ("JOBS", JOBS),
    ] {
        let _ = writeln!(head, "const {name}: u32 = {value}u;");
    }
    for (binding, (access, name)) in [("read_write", "synapses"), ("read_write", "places"), ("read", "tables")].iter().enumerate() {
        let _ = writeln!(head, "@group(0) @binding({binding}) var<storage, {access}> {name}: array<u32>;");
    }
    let source = join(&[&head, RANDOM, DOUBLE, DRAW]);
    ENTRIES.into_iter().map(|entry| validate(entry.to_string(), entry, source.clone(), layout)).collect()
}
