//! How a part of a route is drawn, in words that kernels follow (`shaders/law.wgsl`).
//!
//! In: the recipes of a route's targets, delays and weights. Out: a [`Job`]: a record of [`JOB_WORDS`], laws behind all records, loop
//! turns. Not here: where synapses stand (`routes`), who draws when (`wgsl::drawn`).

use std::collections::HashMap;
use std::ops::Range;

use super::NONE;
use crate::plan::{Plan, RowRecipe, TargetRecipe, ValueRecipe, fixed_point};

/// Words of a part of a route.
pub const JOB_WORDS: u32 = 22;
/// Synapses of a row whose values one workgroup draws.
pub const PIECE: u32 = 1024;

/// Numbers of a row that stand in workgroup memory at once, at most: 16 KiB hold them and what else stands there.
pub const ROW_ROOM: u32 = 3584;
/// Of rows that come number by number so many at a time.
pub const SOME_ROOM: u32 = 512;

/// Who the targets of a source are, as kernels count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Targets {
    Everybody,
    Itself,
    Trials,
    Chosen,
}

/// A route, as far as all of its parts are drawn alike.
#[derive(Debug)]
pub struct Job {
    row: RowRecipe,
    delay: Option<Steps>,
    weight: Option<Weights>,
}

#[derive(Debug)]
struct Steps {
    of: ValueRecipe,
    least: u32,
    /// From which places on there is one more.
    more: Vec<u64>,
}

#[derive(Debug)]
struct Weights {
    of: ValueRecipe,
    /// Units in one weight unit, a power of two; `None`: words are numbers of single precision.
    scale: Option<f64>,
}

/// Some sources of a route, and where what is drawn of them goes; 0 where it goes nowhere.
#[derive(Clone, Debug, Default)]
pub struct Destination {
    pub sources: Range<u32>,
    /// Workgroups for each row where values are drawn.
    pub pieces: u32,
    /// Row starts, in `tables`.
    pub row_start: u32,
    /// The first synapse, and the first weight where each has its own.
    pub edges: u32,
    pub weights: Option<u32>,
    pub target_bits: u32,
    /// The table of pivots, blocks that targets touch, the first of them, rows of a block, row of the first target.
    pub pivots: Option<[u32; 5]>,
}

impl Job {
    /// Of a route by number; `scaled`: its weights are made whole by each instance. `None`: it cannot be drawn so.
    pub fn new(plan: &Plan, number: usize, scaled: bool) -> Option<Job> {
        let route = &plan.routes[number];
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
        let weight = match route.weight.is_shared() {
            true => None,
            false => {
                let of = edges.value_recipe(&route.weight).filter(ValueRecipe::are_plain)?;
                let scale = fixed_point::scale_of(plan, route);
                let whole = scale.is_normal() && scale.to_bits() << 12 == 0;
                let scale = if scaled { None } else { Some(scale).filter(|_| whole).map(Some)? };
                Some(Weights { of, scale })
            }
        };
        // one key serves all words of a part
        let keys: Vec<_> = delay.iter().map(|d| d.of.key).chain(weight.iter().map(|w| w.of.key)).collect();
        let draws_rows = matches!(row.targets, TargetRecipe::Trials(_) | TargetRecipe::Chosen);
        row.key = if draws_rows { row.key } else { keys.first().copied().unwrap_or(row.key) };
        keys.iter().all(|key| *key == row.key).then_some(Job { row, delay, weight })
    }

    /// Who the targets are.
    pub fn targets(&self) -> Targets {
        match self.row.targets {
            TargetRecipe::Everybody => Targets::Everybody,
            TargetRecipe::Itself => Targets::Itself,
            TargetRecipe::Chosen => Targets::Chosen,
            TargetRecipe::Trials(_) => Targets::Trials,
        }
    }

    /// Is anything drawn from the normal law?
    pub fn draws_normal(&self) -> bool {
        let values = self.delay.iter().map(|d| &d.of).chain(self.weight.iter().map(|w| &w.of));
        values.into_iter().any(|of| !of.uniform)
    }

    /// Workgroups for each row of so many synapses where values are drawn; 0: there is nothing to do but for the rows themselves.
    pub fn pieces(&self, longest: u64) -> u64 {
        let rows_alone = self.delay.is_none() && self.weight.is_none();
        match self.targets() {
            Targets::Trials | Targets::Chosen if rows_alone => 0,
            _ => longest.div_ceil(PIECE.into()),
        }
    }

    /// The loop turns of one of so many threads for the targets of a source that has so many, at most.
    pub fn row_turns(&self, synapses: u64, threads: u64) -> u64 {
        match self.targets() {
            // a search among 512 thresholds for each, by one thread; bits that are put out are rare
            Targets::Trials => 16 * synapses + 256,
            Targets::Chosen => {
                let whole = synapses.next_power_of_two();
                let passes = u64::from(whole.ilog2());
                let sort = passes * (passes + 1) / 2 * (2 + whole / 2 / threads);
                // the row twice at most, the second time by one thread
                5 * (1 + synapses / 4 / threads) + 2 * synapses + sort + 2 * passes + synapses / threads + 256
            }
            Targets::Everybody | Targets::Itself => 0,
        }
    }

    /// The same for their delays and weights.
    pub fn value_turns(&self, synapses: u64, threads: u64) -> u64 {
        let tries = |of: &ValueRecipe| (16.0 / of.share()).ceil() as u64;
        let delay = self.delay.as_ref().map_or(0, |d| 16 + tries(&d.of));
        let weight = self.weight.as_ref().map_or(0, |w| tries(&w.of));
        synapses.div_ceil(threads) * (1 + delay + weight)
    }

    /// Its record; its laws are added to those of others.
    pub fn words(&self, to: &Destination, laws: &mut Laws) -> [u32; JOB_WORDS as usize] {
        let row = &self.row;
        let [key_low, key_high] = row.key.words();
        let law = match &row.targets {
            TargetRecipe::Trials(law) => laws.place(law.clone()),
            TargetRecipe::Everybody | TargetRecipe::Itself | TargetRecipe::Chosen => 0,
        };
        let delay = self.delay.as_ref().map_or(NONE, |delay| {
            let thresholds = laws.place(delay.more.iter().flat_map(|place| pair(*place)).collect());
            laws.place(head(&delay.of).chain([delay.least, thresholds, delay.more.len() as u32]).collect())
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
            laws.place(head(of).chain([power]).chain(inside).chain(bounds).chain(line).collect())
        });
        let [pivots, blocks, first_block, workgroup, first_target] = to.pivots.unwrap_or([NONE, 0, 0, 0, 0]);
        [
            self.targets() as u32,
            key_low,
            key_high,
            row.tag,
            row.choices,
            row.apart.into(),
            // rows before the rule's first are empty
            to.sources.start.wrapping_sub(row.first_source),
            to.sources.end - to.sources.start,
            row.first_target,
            to.row_start,
            to.edges,
            to.weights.unwrap_or(NONE),
            law,
            delay,
            weight,
            to.target_bits,
            to.pieces,
            pivots,
            blocks,
            first_block * workgroup,
            workgroup,
            first_target,
        ]
    }
}

/// Words behind records: each law once, however many draw by it.
#[derive(Debug)]
pub struct Laws {
    /// With what stands before them.
    pub words: Vec<u32>,
    known: HashMap<Vec<u32>, u32>,
}

impl Laws {
    /// Behind these words.
    pub fn behind(words: Vec<u32>) -> Laws {
        Laws { words, known: HashMap::new() }
    }

    /// The first word of a law.
    fn place(&mut self, law: Vec<u32>) -> u32 {
        let next = self.words.len() as u32;
        if let Some(place) = self.known.get(&law) {
            return *place;
        }
        self.words.extend(&law);
        self.known.insert(law, next);
        next
    }
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
