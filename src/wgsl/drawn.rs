//! The kernels that draw synapses: where they stand, once, before a network runs, or again for each spike.
//!
//! In: nothing but how they are checked. Out: [`Kernel`]s, in the order in which they run; they see `synapses` (a page of it), `places`
//! (the `tables` of the plan: where rows start, pivots), and `tables`, words of their own: the table of the normal law, from [`JOBS`]
//! on a record per part of a route, then laws. The one that draws again ([`redraw`]) sees what a delivery sees, with records and laws in
//! place of `synapses`. Not here: those words (`engine::gpu`, `layout`).

use std::fmt::Write as _;
use std::ops::Range;

use super::join::{CHOOSE, DOUBLE, DRAW, LAW, RANDOM, REDRAW, RING, ROUTE, join};
use super::layout::{JOB_WORDS, NONE, PIECE, Targets, WORK_WORDS};
use super::validate::{Kernel, validate};
use super::{Layout, WgslError, names};
use crate::plan::{NORMAL_CELLS, TRIES};

/// The first word behind the table of the normal law.
pub const JOBS: u32 = (32 * NORMAL_CELLS as u32 + 1).next_multiple_of(4);
/// Threads of a workgroup.
pub const DRAWERS: u32 = 64;
/// Entry points, in the order in which they run.
pub const ENTRIES: [&str; 4] = ["draw_trials", "draw_chosen", "draw_values", "draw_pivots"];

/// The kernel of an entry.
pub fn kernel(layout: &Layout, entry: &'static str) -> Result<Kernel, WgslError> {
    let mut head = String::from("// What draws synapses, as src/wgsl/drawn.rs says.\n");
    constants(&mut head, &[("NONE", NONE), ("DRAWERS", DRAWERS), ("NORMAL_TABLE", 0), ("JOBS", JOBS)]);
    for (binding, (access, name)) in [("read_write", "synapses"), ("read_write", "places"), ("read", "tables")].iter().enumerate() {
        let _ = writeln!(head, "@group(0) @binding({binding}) var<storage, {access}> {name}: array<u32>;");
    }
    validate(entry.to_string(), entry, join(&[&head, RANDOM, DOUBLE, LAW, CHOOSE, DRAW]), layout)
}

/// The kernel that draws the rows of spikes again and delivers them; `work`: its items.
pub fn redraw(layout: &Layout, work: &Range<u32>) -> Result<Kernel, WgslError> {
    let mut head = layout.prelude();
    let first = layout.places.work + work.start * WORK_WORDS;
    let items = [("WORK_ITEMS", work.end - work.start), ("WORK_PLACE", first)];
    constants(&mut head, &[("DRAWERS", layout.shape.workgroup), ("ROOM", layout.places.row_room), items[0], items[1]]);
    let source = join(&[&head, RING, RANDOM, DOUBLE, ROUTE, LAW, CHOOSE, REDRAW]);
    validate(names::REDRAW.to_owned(), names::REDRAW, source, layout)
}

/// Those of a module, and those of all that draw.
fn constants(head: &mut String, own: &[(&str, u32)]) {
    let all = [
        ("JOB_WORDS", JOB_WORDS),
        ("PIECE", PIECE),
        ("TRIES", TRIES),
        ("EVERYBODY", Targets::Everybody as u32),
        ("ITSELF", Targets::Itself as u32),
        ("TRIALS", Targets::Trials as u32),
        ("CHOSEN", Targets::Chosen as u32),
    ];
    for (name, value) in own.iter().chain(&all) {
        let _ = writeln!(head, "const {name}: u32 = {value}u;");
    }
}
