//! Rows that are drawn again whenever they are read: what a procedural projection keeps in place of its edges.
//!
//! In: a rule each of whose rows follows from its number alone ([`ByRow`]). Out: [`Redrawn`], which writes a row into the reader's
//! buffer, the same to the bit each time, on any thread. Not here: what each rule draws (its file), delays and weights (`drawn`).

use std::fmt::Debug;
use std::sync::Arc;

use super::recipe::{RowRecipe, TargetRecipe};
use super::scratch::Scratch;
use super::starts::Starts;
use super::{ConnectorError, Ends, Rows, Seeded, reserved, skip, zeros};
use crate::threads;

/// A rule each of whose rows can be drawn alone.
pub(crate) trait ByRow {
    /// Where its rows start.
    fn starts(&self, given: Seeded) -> Result<Starts, ConnectorError>;

    /// What draws a row.
    fn law(&self, given: Seeded) -> Arc<dyn RowLaw>;

    /// Do starts of rows follow by arithmetic, so that nothing at all is kept?
    fn is_even(&self) -> bool {
        true
    }

    /// Can its rows be written down as a [`RowRecipe`]?
    fn has_recipe(&self) -> bool {
        true
    }
}

/// What draws a row.
pub(crate) trait RowLaw: Debug + Send + Sync {
    /// Writes the targets of a source, ascending; `row` has the length that the row has.
    fn fill(&self, source: u32, row: &mut [u32], scratch: &mut Scratch);

    /// The same as numbers; `None`: it cannot be written down so.
    fn recipe(&self) -> Option<RowRecipe> {
        None
    }
}

/// The rows of a rule, none of them kept.
#[derive(Clone, Debug)]
pub(crate) struct Redrawn {
    law: Arc<dyn RowLaw>,
    /// By the numbers of the rule's own sources, which may be some of a larger population.
    sources: Places,
    targets: Places,
}

/// Which neurons of a population a rule counts as 0, 1, ...
#[derive(Clone, Debug)]
enum Places {
    /// All that stand behind so many.
    Behind(u32),
    /// These, ascending.
    Listed(Arc<Vec<u32>>),
}

impl Places {
    fn of(list: Vec<u32>) -> Places {
        let first = list.first().copied().unwrap_or(0);
        let neighbours = list.iter().zip(first..).all(|(row, place)| *row == place);
        if neighbours { Places::Behind(first) } else { Places::Listed(Arc::new(list)) }
    }

    /// The number that the rule gives a neuron.
    fn place(&self, row: u32) -> u32 {
        match self {
            Places::Behind(first) => row.saturating_sub(*first),
            Places::Listed(list) => list.partition_point(|known| *known < row) as u32,
        }
    }

    fn rename(&self, row: &mut [u32]) {
        match self {
            Places::Behind(0) => {}
            Places::Behind(first) => row.iter_mut().for_each(|target| *target += first),
            Places::Listed(list) => row.iter_mut().for_each(|target| *target = list.get(*target as usize).copied().unwrap_or(0)),
        }
    }
}

impl Redrawn {
    pub fn new(law: Arc<dyn RowLaw>) -> Redrawn {
        Redrawn { law, sources: Places::Behind(0), targets: Places::Behind(0) }
    }

    /// The same between these neurons of larger populations.
    pub fn placed(self, sources: Vec<u32>, targets: Vec<u32>) -> Redrawn {
        Redrawn { law: self.law, sources: Places::of(sources), targets: Places::of(targets) }
    }

    /// The same as numbers; `None`: it cannot be written down so.
    pub fn recipe(&self) -> Option<RowRecipe> {
        match (&self.sources, &self.targets) {
            (Places::Behind(first_source), Places::Behind(first_target)) => {
                Some(RowRecipe { first_source: *first_source, first_target: *first_target, ..self.law.recipe()? })
            }
            _ => None,
        }
    }

    /// Writes the targets of a source, ascending.
    #[inline]
    pub fn fill(&self, source: u32, row: &mut [u32], scratch: &mut Scratch) {
        if !row.is_empty() {
            self.law.fill(self.sources.place(source), row, scratch);
            self.targets.rename(row);
        }
    }
}

/// Edges that a thread draws at a time, at least.
const BLOCK: u64 = 1 << 16;

/// All rows of a rule, kept.
pub(super) fn rows(rule: &dyn ByRow, given: Seeded) -> Result<Rows, ConnectorError> {
    let (starts, law) = (rule.starts(given)?, rule.law(given));
    given.room.check(u128::from(starts.count()), 0)?;
    let mut target: Vec<u32> = zeros(starts.count())?;
    let mut rest = &mut target[..];
    let (mut blocks, mut from) = (Vec::new(), 0);
    while from < starts.rows() {
        let to = starts.rows_before(starts.first(from) + BLOCK).clamp(from + 1, starts.rows());
        let (block, after) = rest.split_at_mut((starts.first(to) - starts.first(from)) as usize);
        blocks.push((from..to, block));
        (rest, from) = (after, to);
    }
    threads::consume(blocks, |(sources, block)| {
        let (mut rest, mut scratch) = (block, Scratch::default());
        for source in sources {
            let (row, after) = rest.split_at_mut((starts.first(source + 1) - starts.first(source)) as usize);
            law.fill(source, row, &mut scratch);
            rest = after;
        }
    });
    let mut row_start = reserved(u64::from(starts.rows()) + 1)?;
    row_start.extend((0..=starts.rows()).map(|row| starts.first(row)));
    Ok(Rows { row_start, target, order: None })
}

/// Rows of one length.
pub(super) fn even(ends: Ends, length: u64) -> Starts {
    Starts::Even { rows: ends.sources, length }
}

/// Every target, or every one but the source itself.
#[derive(Debug)]
pub(super) struct Everybody {
    /// No source is joined to itself.
    pub apart: bool,
}

impl RowLaw for Everybody {
    fn fill(&self, source: u32, row: &mut [u32], _: &mut Scratch) {
        let own = self.apart.then_some(source);
        row.iter_mut().zip(0..).for_each(|(target, k)| *target = skip(k, own));
    }

    fn recipe(&self) -> Option<RowRecipe> {
        Some(RowRecipe { apart: self.apart, ..RowRecipe::of(TargetRecipe::Everybody) })
    }
}
