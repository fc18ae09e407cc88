//! Synapses that the device draws where it keeps them: which of a plan, and the words by which it does.
//!
//! In: plan and layout. Out: [`Draws`]: by part of a route whether it is drawn there, and the words of the kernels for each page that has
//! such parts. What is kept on this side, or follows from more than whole numbers, is written from here (`contents`). Not here:
//! pipelines (`drawer`), the kernels (`wgsl::drawn`).

use super::words::put;
use crate::plan::{Plan, RowRecipe, TargetRecipe, ValueRecipe, fixed_point, normal_table};
use crate::wgsl::Layout;
use crate::wgsl::drawn::{DRAWERS, ENTRIES, JOB_WORDS, JOBS, PIECE, Targets};
use crate::wgsl::layout::{BLOCKS, NONE, RouteLayout};

/// What the device draws.
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

/// A part of a route.
struct Job {
    row: RowRecipe,
    delay: Option<Steps>,
    weight: Option<Weights>,
    groups: [u32; ENTRIES.len()],
    /// Workgroups for each row where values are drawn.
    pieces: u32,
}

struct Steps {
    of: ValueRecipe,
    least: u32,
    /// From which places on there is one more.
    more: Vec<u64>,
}

struct Weights {
    of: ValueRecipe,
    /// Units in one weight unit, a power of two; `None`: words are numbers of single precision.
    scale: Option<f64>,
}

impl Draws {
    /// What a device can draw of a plan.
    pub fn new(plan: &Plan, layout: &Layout) -> Draws {
        let jobs: Vec<Option<Job>> = layout.routes.iter().map(|place| Job::new(plan, layout, place)).collect();
        let mut draws = Draws { routes: jobs.iter().map(Option::is_some).collect(), pages: Vec::new() };
        for page in 0..layout.pages.len() {
            let of_page = jobs.iter().zip(&layout.routes).zip(&mut draws.routes).filter(|((_, place), _)| place.page == page);
            let mut made: Vec<(&Job, &RouteLayout)> = Vec::new();
            for ((job, place), drawn) in of_page {
                // what a dispatch cannot count is written from here
                *drawn = *drawn && made.len() < BLOCKS as usize;
                made.extend(job.as_ref().filter(|_| *drawn).map(|job| (job, place)));
            }
            if made.is_empty() {
                continue;
            }
            let mut words: Vec<u32> = normal_table().iter().map(|z| *z as u32).collect();
            words.resize((JOBS + JOB_WORDS * made.len() as u32) as usize, 0);
            let mut groups = [0; ENTRIES.len()];
            for (at, (job, place)) in (JOBS..).step_by(JOB_WORDS as usize).zip(&made) {
                let record = job.words(layout, place, &mut words);
                (at..).zip(record).for_each(|(at, word)| put(&mut words, at, word));
                groups.iter_mut().zip(job.groups).for_each(|(most, own)| *most = own.max(*most));
            }
            draws.pages.push(PageDraws { page, words, jobs: made.len() as u32, groups });
        }
        draws
    }
}

impl Job {
    fn new(plan: &Plan, layout: &Layout, place: &RouteLayout) -> Option<Job> {
        let route = &plan.routes[place.route];
        let edges = &route.edges;
        let mut row = edges.recipe()?;
        let delay = match edges.shared_delay() {
            Some(_) => None,
            None => {
                let of = edges.delay_recipe()?;
                let (least, more) = of.steps()?;
                Some(Steps { of, least, more })
            }
        };
        let weight = match place.weights {
            None => None,
            Some(_) => {
                let of = edges.value_recipe(&route.weight).filter(ValueRecipe::are_plain)?;
                let scale = fixed_point::scale_of(plan, route);
                let whole = scale.is_normal() && scale.to_bits() << 12 == 0;
                let scale = if place.scaled { None } else { Some(scale).filter(|_| whole).map(Some)? };
                Some(Weights { of, scale })
            }
        };
        // one key serves all words of a part
        let keys: Vec<_> = delay.iter().map(|d| d.of.key).chain(weight.iter().map(|w| w.of.key)).collect();
        let draws_rows = matches!(row.targets, TargetRecipe::Trials(_) | TargetRecipe::Chosen);
        row.key = if draws_rows { row.key } else { keys.first().copied().unwrap_or(row.key) };
        if keys.iter().any(|key| *key != row.key) {
            return None;
        }
        let rows = u64::from(place.sources.end - place.sources.start);
        let longest = place.sources.clone().map(|k| edges.first(k + 1) - edges.first(k)).max().unwrap_or(0);
        let pieces = if draws_rows && delay.is_none() && weight.is_none() { 0 } else { longest.div_ceil(PIECE.into()) };
        let (trials, chosen) = match row.targets {
            TargetRecipe::Trials(_) => (rows.div_ceil(DRAWERS.into()), 0),
            TargetRecipe::Chosen => (0, rows),
            TargetRecipe::Everybody | TargetRecipe::Itself => (0, 0),
        };
        let blocks = place.pivots.map_or(0, |_| rows);
        let groups = [trials, chosen, rows * pieces, blocks].map(|n| u32::try_from(n).ok());
        if turns(&row.targets, longest) > layout.turns || groups.iter().flatten().count() < groups.len() {
            return None;
        }
        // over two dimensions a dispatch counts nearly as far as a word does
        let groups = groups.map(|n| n.unwrap_or(0));
        let counted = groups.iter().all(|n| u64::from(*n) <= u64::from(BLOCKS) * u64::from(BLOCKS));
        counted.then_some(Job { row, delay, weight, groups, pieces: pieces as u32 })
    }

    /// Its record; laws are added to the words.
    fn words(&self, layout: &Layout, place: &RouteLayout, words: &mut Vec<u32>) -> [u32; 22] {
        let row = &self.row;
        let [key_low, key_high] = row.key.words();
        let (targets, law) = match &row.targets {
            TargetRecipe::Everybody => (Targets::Everybody, 0),
            TargetRecipe::Itself => (Targets::Itself, 0),
            TargetRecipe::Chosen => (Targets::Chosen, 0),
            TargetRecipe::Trials(law) => (Targets::Trials, added(words, law.iter().copied())),
        };
        let delay = self.delay.as_ref().map_or(NONE, |delay| {
            let thresholds = added(words, delay.more.iter().flat_map(|place| pair(*place)));
            added(words, head(&delay.of).chain([delay.least, thresholds, delay.more.len() as u32]))
        });
        let weight = self.weight.as_ref().map_or(NONE, |weight| {
            let of = &weight.of;
            let word = |x: f64| match weight.scale {
                Some(scale) => fixed_point::quantise(f64::from(x as f32), scale) as u32,
                None => (x as f32).to_bits(),
            };
            let power = weight.scale.map_or(NONE, |scale| power_of(scale) as u32);
            let inside = pair(of.inside.0).into_iter().chain(pair(of.inside.1));
            let bounds = [word(of.clipped.0), word(of.clipped.1)];
            let line = double(of.offset).into_iter().chain(double(of.factor));
            added(words, head(of).chain([power]).chain(inside).chain(bounds).chain(line))
        });
        let pivots = place.pivots;
        [
            targets as u32,
            key_low,
            key_high,
            row.tag,
            row.choices,
            row.apart.into(),
            // rows before the rule's first are empty
            place.sources.start.wrapping_sub(row.first_source),
            place.sources.end - place.sources.start,
            row.first_target,
            place.row_start,
            place.edges,
            place.weights.unwrap_or(NONE),
            law,
            delay,
            weight,
            place.target_bits,
            self.pieces,
            pivots.map_or(NONE, |p| p.table),
            pivots.map_or(0, |p| p.blocks),
            pivots.map_or(0, |p| p.first_block * layout.shape.workgroup),
            layout.shape.workgroup,
            place.first_target,
        ]
    }
}

/// The loop turns of one thread at most.
fn turns(targets: &TargetRecipe, longest: u64) -> u64 {
    match targets {
        // a search among 512 thresholds for each; bits that are put out are rare
        TargetRecipe::Trials(_) => 16 * longest + 256,
        TargetRecipe::Chosen => {
            let threads = u64::from(DRAWERS);
            let passes = u64::from(longest.next_power_of_two().ilog2());
            let sort = passes * (passes + 1) / 2 * (2 + longest.next_power_of_two() / 2 / threads);
            // the row twice at most, the second time by one thread
            5 * (1 + longest / 4 / threads) + 2 * longest + sort + 2 * passes + longest / threads + 256
        }
        TargetRecipe::Everybody | TargetRecipe::Itself => 0,
    }
}

/// Words behind all others; the place of the first.
fn added(words: &mut Vec<u32>, more: impl IntoIterator<Item = u32>) -> u32 {
    let first = words.len() as u32;
    words.extend(more);
    first
}

/// What delays and weights begin with.
fn head(of: &ValueRecipe) -> impl Iterator<Item = u32> {
    let places = pair(of.accepted.0).into_iter().chain(pair(of.accepted.1));
    [of.uniform.into(), of.tag].into_iter().chain(places)
}

/// High word, low word.
fn pair(x: u64) -> [u32; 2] {
    [(x >> 32) as u32, x as u32]
}

/// Exponent of a power of two.
fn power_of(x: f64) -> i32 {
    (x.to_bits() >> 52 & 0x7ff) as i32 - 1023
}

/// Sign, exponent and 53 bits of a number that is 0 or normal.
fn double(x: f64) -> [u32; 4] {
    if x == 0.0 {
        return [0; 4];
    }
    let bits = x.to_bits() & ((1 << 52) - 1) | 1 << 52;
    [x.is_sign_negative().into(), (power_of(x) - 52) as u32, (bits >> 32) as u32, bits as u32]
}
