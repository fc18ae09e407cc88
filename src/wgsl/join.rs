//! Pieces of plain WGSL joined to modules; no preprocessor.
//!
//! In: a layout's prelude, files of `shaders/`, an entry point. Out: the text of a module.

use std::fmt::Write as _;

use super::layout::{Layout, PassLayout};
use crate::plan::schedule::Schedule;

/// Elementary functions.
pub const FUNCTIONS: &str = include_str!("../../shaders/functions.wgsl");
/// Random numbers by counter.
pub const RANDOM: &str = include_str!("../../shaders/random.wgsl");
/// What a row does besides arithmetic.
pub const ROW: &str = include_str!("../../shaders/row.wgsl");
/// What probes keep.
pub const SAMPLE: &str = include_str!("../../shaders/sample.wgsl");
/// Poisson counts of large means.
pub const POISSON: &str = include_str!("../../shaders/poisson.wgsl");
/// The ring in memory.
pub const RING: &str = include_str!("../../shaders/ring.wgsl");
/// The ring in workgroup memory.
pub const SLAB: &str = include_str!("../../shaders/slab.wgsl");
/// Spikes that synapses with states wait for.
pub const HISTORY: &str = include_str!("../../shaders/history.wgsl");
/// Routes and synapses.
pub const ROUTE: &str = include_str!("../../shaders/route.wgsl");
/// Spikes listed for those who deliver them.
pub const SENT: &str = include_str!("../../shaders/sent.wgsl");
/// Their delivery.
pub const DELIVER_SENT: &str = include_str!("../../shaders/deliver_sent.wgsl");
/// A list of spikes.
pub const LIST: &str = include_str!("../../shaders/list.wgsl");
/// The spikes of a block of rows.
pub const BITS: &str = include_str!("../../shaders/bits.wgsl");
/// Poisson events of rates that change.
pub const THIN: &str = include_str!("../../shaders/thin.wgsl");
/// A block takes its spikes.
pub const GATHER: &str = include_str!("../../shaders/gather.wgsl");
/// A network in a workgroup.
pub const RESIDENT: &str = include_str!("../../shaders/resident.wgsl");
/// What passes over synapses read and send.
pub const LEARN: &str = include_str!("../../shaders/learn.wgsl");
/// Double precision in whole numbers.
pub const DOUBLE: &str = include_str!("../../shaders/double.wgsl");
/// How synapses are drawn.
pub const LAW: &str = include_str!("../../shaders/law.wgsl");
/// Rows drawn with replacement.
pub const CHOOSE: &str = include_str!("../../shaders/choose.wgsl");
/// Synapses drawn again for each spike.
pub const REDRAW: &str = include_str!("../../shaders/redraw.wgsl");
/// Synapses drawn where they stand.
pub const DRAW: &str = include_str!("../../shaders/draw.wgsl");
/// Delivery.
pub const DELIVER: &str = include_str!("../../shaders/deliver.wgsl");

/// The module that advances rows; `entry` is what the models make.
pub fn rows(layout: &Layout, entry: &str) -> String {
    let mut head = layout.prelude();
    (0..layout.groups.len()).for_each(|g| head.push_str(&layout.group_constants(g)));
    let wide = layout.groups.iter().flat_map(|g| &g.backgrounds).any(|b| b.wide);
    let mut row = vec![FUNCTIONS, RANDOM, ROW];
    row.extend((!layout.taps.is_empty()).then_some(SAMPLE));
    row.extend(wide.then_some(POISSON));
    let moving = layout.groups.iter().flat_map(|g| &g.backgrounds).any(|b| b.moves.is_some());
    row.extend(moving.then_some(THIN));
    row.extend((!layout.passes.is_empty() && layout.shape.schedule != Schedule::TwoPass).then_some(LEARN));
    match layout.shape.schedule {
        Schedule::Resident => {
            let ring = if layout.shape.ring_shared { SLAB } else { RING };
            join(&[&[&head, ring, HISTORY], &row[..], &[ROUTE, LIST, RESIDENT, entry]].concat())
        }
        Schedule::Fused => {
            let sums = layout.shape.sum_slots * layout.shape.ports * layout.shape.workgroup;
            let _ = writeln!(head, "const SUMS: u32 = {}u;", sums.max(1));
            join(&[&[&head, RING, HISTORY], &row[..], &[ROUTE, LIST, SENT, BITS, GATHER, entry]].concat())
        }
        Schedule::TwoPass => join(&[&[&head, RING, HISTORY], &row[..], &[SENT, BITS, entry]].concat()),
    }
}

/// The module that does work items of a delivery.
pub fn deliver(layout: &Layout, work: &std::ops::Range<u32>) -> String {
    let mut head = layout.prelude();
    if layout.sent.is_some() {
        return join(&[&head, RING, ROUTE, SENT, DELIVER_SENT]);
    }
    let first = layout.places.work + work.start * super::layout::WORK_WORDS;
    let _ = writeln!(head, "const WORK_ITEMS: u32 = {}u;\nconst WORK_PLACE: u32 = {first}u;", work.end - work.start);
    join(&[&head, RING, ROUTE, DELIVER])
}

/// The module of a pass over synapses; `groups`: whose rows it reads; `entry` is what their model makes.
pub fn learn(layout: &Layout, pass: &PassLayout, groups: &[usize], entry: &str) -> String {
    let mut head = layout.prelude();
    groups.iter().for_each(|group| head.push_str(&layout.group_constants(*group)));
    let first = layout.places.visits + pass.work.start * super::layout::WORK_WORDS;
    let items = pass.work.end - pass.work.start;
    let _ = writeln!(head, "const WORK_ITEMS: u32 = {items}u;\nconst WORK_PLACE: u32 = {first}u;");
    join(&[&head, RING, HISTORY, FUNCTIONS, RANDOM, ROW, LEARN, entry])
}

/// The module of sums that all targets share; `groups`: whose rows it reads.
pub fn total(layout: &Layout, groups: &[usize], entry: &str) -> String {
    let mut head = layout.prelude();
    groups.iter().for_each(|group| head.push_str(&layout.group_constants(*group)));
    join(&[&head, RING, HISTORY, FUNCTIONS, RANDOM, ROW, entry])
}

pub fn join(pieces: &[&str]) -> String {
    pieces.join("\n")
}
