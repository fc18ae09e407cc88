//! Synapses that the device draws: which of a plan, and the words by which it does.
//!
//! In: plan and layout. Out: [`Draws`]: by part of a route whether it is drawn where it is kept, and the words of the kernels,
//! submission by submission; [`again`]: the words of what is drawn again for each spike. What is kept on this side, or follows from
//! more than whole numbers, is written from here (`contents`). Not here: pipelines (`drawer`), kernels (`wgsl::drawn`), laws as words
//! (`wgsl::layout`).

use std::ops::Range;
use std::rc::Rc;

use super::words::put;
use crate::plan::{Plan, normal_table};
use crate::wgsl::Layout;
use crate::wgsl::drawn::{DRAWERS, ENTRIES, JOBS};
use crate::wgsl::layout::{BLOCKS, Destination, JOB_WORDS, Job, Laws, Pivots, RouteLayout, Targets};

/// What the device draws where it is kept.
#[derive(Clone, Debug, Default)]
pub struct Draws {
    /// By part of a route.
    pub routes: Vec<bool>,
    /// One after the other.
    pub submissions: Vec<Submission>,
}

/// Some synapses of a page: so many that no device takes long, since systems end what does.
#[derive(Clone, Debug)]
pub struct Submission {
    pub page: usize,
    /// `tables` of the kernels.
    pub words: Vec<u32>,
    /// Records.
    pub jobs: u32,
    /// Workgroups of each kernel for the record that has most.
    pub groups: Groups,
}

/// Workgroups of each kernel.
type Groups = [u32; ENTRIES.len()];

/// Synapses of a submission, or a little more; in tests few, so that routes are parted.
const AT_ONCE: u64 = if cfg!(test) { 2000 } else { 1 << 24 };

impl Draws {
    /// What a device can draw of a plan.
    pub fn new(plan: &Plan, layout: &Layout) -> Draws {
        let mut draws = Draws { routes: Vec::new(), submissions: Vec::new() };
        let (mut open, mut synapses): (Vec<Record>, u64) = (Vec::new(), 0);
        for place in &layout.routes {
            let records = Record::all(plan, layout, place);
            draws.routes.push(records.is_some());
            for record in records.into_iter().flatten() {
                let full = synapses >= AT_ONCE || open.len() >= BLOCKS as usize;
                if full || open.first().is_some_and(|first| first.page != record.page) {
                    draws.submissions.push(Submission::new(&open));
                    open.clear();
                    synapses = 0;
                }
                synapses += record.synapses;
                open.push(record);
            }
        }
        if !open.is_empty() {
            draws.submissions.push(Submission::new(&open));
        }
        if draws.submissions.iter().any(|s| s.words.len() as u64 > layout.page_words) {
            // more laws than a kernel sees at once: all is written from here
            return Draws { routes: vec![false; layout.routes.len()], submissions: Vec::new() };
        }
        draws
    }
}

impl Submission {
    fn new(records: &[Record]) -> Submission {
        let mut words: Vec<u32> = normal_table().iter().map(|z| *z as u32).collect();
        words.resize((JOBS + JOB_WORDS * records.len() as u32) as usize, 0);
        let (mut laws, mut groups) = (Laws::behind(words), [0; ENTRIES.len()]);
        for (at, record) in (JOBS..).step_by(JOB_WORDS as usize).zip(records) {
            let job = record.job.words(&record.to, &mut laws);
            (at..).zip(job).for_each(|(at, word)| put(&mut laws.words, at, word));
            groups.iter_mut().zip(record.groups).for_each(|(most, own): (&mut u32, u32)| *most = own.max(*most));
        }
        let page = records.first().map_or(0, |record| record.page);
        Submission { page, words: laws.words, jobs: records.len() as u32, groups }
    }
}

/// Some sources of a part of a route.
struct Record {
    job: Rc<Job>,
    to: Destination,
    groups: Groups,
    page: usize,
    synapses: u64,
}

impl Record {
    /// All sources of a part of a route; `None`: the device does not draw them.
    fn all(plan: &Plan, layout: &Layout, place: &RouteLayout) -> Option<Vec<Record>> {
        if place.again {
            return None;
        }
        let (job, edges) = (Rc::new(Job::new(plan, place.route, place.scaled)?), &plan.routes[place.route].edges);
        let (mut records, mut from) = (Vec::new(), place.sources.start);
        while from < place.sources.end {
            let to = edges.rows_before(edges.first(from) + AT_ONCE).max(from + 1).min(place.sources.end);
            let longest = (from..to).map(|source| edges.first(source + 1) - edges.first(source)).max().unwrap_or(0);
            records.push(Record {
                groups: groups(layout, place, u64::from(to - from), longest, &job)?,
                to: destination(layout, place, from..to, job.pieces(longest) as u32),
                job: job.clone(),
                page: place.page,
                synapses: edges.first(to) - edges.first(from),
            });
            from = to;
        }
        Some(records)
    }
}

/// The page of what is drawn again for each spike: records, then laws.
pub fn again(plan: &Plan, layout: &Layout) -> Vec<u32> {
    let places: Vec<&RouteLayout> = layout.routes.iter().filter(|place| place.again).collect();
    let mut laws = Laws::behind(vec![0; JOB_WORDS as usize * places.len()]);
    for place in places {
        let (job, to) =
            (Job::new(plan, place.route, place.scaled), Destination { sources: place.sources.clone(), ..Destination::default() });
        if let Some(record) = job.map(|job| job.words(&to, &mut laws)) {
            (place.edges..).zip(record).for_each(|(at, word)| put(&mut laws.words, at, word));
        }
    }
    laws.words
}

/// Workgroups of each kernel for so many rows, of at most so many synapses; `None`: the device does not draw them.
fn groups(layout: &Layout, place: &RouteLayout, rows: u64, longest: u64, job: &Job) -> Option<Groups> {
    let drawers = u64::from(DRAWERS);
    let (trials, chosen) = match job.targets() {
        Targets::Trials => (rows.div_ceil(drawers), 0),
        Targets::Chosen => (0, rows),
        Targets::Everybody | Targets::Itself => (0, 0),
    };
    if job.row_turns(longest, drawers) > layout.turns {
        return None;
    }
    let blocks = place.pivots.map_or(0, |_| rows);
    // over two dimensions a dispatch counts nearly as far as a word does
    let counted = |n: u64| u32::try_from(n).ok().filter(|_| n <= u64::from(BLOCKS) * u64::from(BLOCKS));
    Some([counted(trials)?, counted(chosen)?, counted(rows.checked_mul(job.pieces(longest))?)?, counted(blocks)?])
}

/// Of some sources of a part.
fn destination(layout: &Layout, place: &RouteLayout, sources: Range<u32>, pieces: u32) -> Destination {
    let from = sources.start - place.sources.start;
    let RouteLayout { row_start, edges, weights, target_bits, .. } = *place;
    let table = |p: Pivots| p.table + from * (p.blocks + 1);
    let pivots = place.pivots.map(|p| [table(p), p.blocks, p.first_block, layout.shape.workgroup, place.first_target]);
    Destination { sources, pieces, row_start: row_start + from, edges, weights, target_bits, pivots }
}
