//! Synapses that the device draws: which of a plan, and the words by which it does.
//!
//! In: plan and layout. Out: [`Draws`]: by part of a route whether it is drawn where it is kept, and the words of the kernels for each
//! page that has such parts; [`again`]: the words of what is drawn again for each spike. What is kept on this side, or follows from
//! more than whole numbers, is written from here (`contents`). Not here: pipelines (`drawer`), kernels (`wgsl::drawn`), laws as words
//! (`wgsl::layout`).

use super::words::put;
use crate::plan::{Plan, normal_table};
use crate::wgsl::Layout;
use crate::wgsl::drawn::{DRAWERS, ENTRIES, JOBS};
use crate::wgsl::layout::{BLOCKS, Destination, JOB_WORDS, Job, Laws, RouteLayout, Targets};

/// What the device draws where it is kept.
#[derive(Clone, Debug, Default)]
pub struct Draws {
    /// By part of a route.
    pub routes: Vec<bool>,
    pub pages: Vec<PageDraws>,
}

/// What it draws of a page.
#[derive(Clone, Debug)]
pub struct PageDraws {
    pub page: usize,
    /// `tables` of the kernels.
    pub words: Vec<u32>,
    /// Parts of routes.
    pub jobs: u32,
    /// Workgroups of each kernel for the largest part.
    pub groups: [u32; ENTRIES.len()],
}

impl Draws {
    /// What a device can draw of a plan.
    pub fn new(plan: &Plan, layout: &Layout) -> Draws {
        let jobs = layout.routes.iter().map(|place| {
            let job = Job::new(plan, place.route, place.sources.clone(), place.scaled).filter(|_| !place.again)?;
            let groups = groups(layout, place, &job)?;
            Some((job, groups))
        });
        let jobs: Vec<Option<(Job, Groups)>> = jobs.collect();
        let mut draws = Draws { routes: jobs.iter().map(Option::is_some).collect(), pages: Vec::new() };
        for page in 0..layout.pages.len() {
            let of_page = jobs.iter().zip(&layout.routes).zip(&mut draws.routes).filter(|((_, place), _)| place.page == page);
            let mut made: Vec<(&Job, &RouteLayout)> = Vec::new();
            let mut groups = [0; ENTRIES.len()];
            for ((job, place), drawn) in of_page {
                // what a dispatch cannot count is written from here
                *drawn = *drawn && made.len() < BLOCKS as usize;
                if let Some((job, own)) = job.as_ref().filter(|_| *drawn) {
                    made.push((job, place));
                    groups.iter_mut().zip(own).for_each(|(most, own)| *most = (*own).max(*most));
                }
            }
            if made.is_empty() {
                continue;
            }
            let mut words: Vec<u32> = normal_table().iter().map(|z| *z as u32).collect();
            words.resize((JOBS + JOB_WORDS * made.len() as u32) as usize, 0);
            let mut laws = Laws::behind(words);
            for (at, (job, place)) in (JOBS..).step_by(JOB_WORDS as usize).zip(&made) {
                let record = job.words(destination(layout, place), &mut laws);
                (at..).zip(record).for_each(|(at, word)| put(&mut laws.words, at, word));
            }
            if laws.words.len() as u64 > layout.page_words {
                // more laws than a kernel sees at once: all of the page is written from here
                let of_page = layout.routes.iter().zip(&mut draws.routes).filter(|(place, _)| place.page == page);
                of_page.for_each(|(_, drawn)| *drawn = false);
                continue;
            }
            draws.pages.push(PageDraws { page, words: laws.words, jobs: made.len() as u32, groups });
        }
        draws
    }
}

/// The page of what is drawn again for each spike: records, then laws.
pub fn again(plan: &Plan, layout: &Layout) -> Vec<u32> {
    let places: Vec<&RouteLayout> = layout.routes.iter().filter(|place| place.again).collect();
    let mut laws = Laws::behind(vec![0; JOB_WORDS as usize * places.len()]);
    for place in places {
        let job = Job::new(plan, place.route, place.sources.clone(), place.scaled);
        if let Some(record) = job.map(|job| job.words(Destination::default(), &mut laws)) {
            (place.edges..).zip(record).for_each(|(at, word)| put(&mut laws.words, at, word));
        }
    }
    laws.words
}

type Groups = [u32; ENTRIES.len()];

/// Workgroups of each kernel; `None`: the device does not draw it.
fn groups(layout: &Layout, place: &RouteLayout, job: &Job) -> Option<Groups> {
    let (rows, drawers) = (u64::from(place.sources.end - place.sources.start), u64::from(DRAWERS));
    let (trials, chosen) = match job.targets() {
        Targets::Trials => (rows.div_ceil(drawers), 0),
        Targets::Chosen => (0, rows),
        Targets::Everybody | Targets::Itself => (0, 0),
    };
    if job.row_turns(job.longest, drawers) > layout.turns {
        return None;
    }
    let blocks = place.pivots.map_or(0, |_| rows);
    // over two dimensions a dispatch counts nearly as far as a word does
    let counted = |n: u64| u32::try_from(n).ok().filter(|_| n <= u64::from(BLOCKS) * u64::from(BLOCKS));
    Some([counted(trials)?, counted(chosen)?, counted(rows.checked_mul(job.pieces())?)?, counted(blocks)?])
}

fn destination(layout: &Layout, place: &RouteLayout) -> Destination {
    let RouteLayout { row_start, edges, weights, target_bits, .. } = *place;
    let pivots = place.pivots.map(|p| [p.table, p.blocks, p.first_block, layout.shape.workgroup, place.first_target]);
    Destination { row_start, edges, weights, target_bits, pivots }
}
