//! Some of m numbers, with or without repeats: what fixed in- and outdegree and a fixed total share.

use std::sync::Arc;

use super::by_row::RowLaw;
use super::recipe::{RowRecipe, TargetRecipe};
use super::scratch::Scratch;
use super::{Seeded, impossible, skip};
use crate::diagnostic::Diagnostic;
use crate::random::{Draws, Key};

/// Whether each neuron can have `n` of so many others (`of`: sources or targets).
pub(super) fn degree(n: u64, there: u32, of: &str, multapses: bool) -> Result<(), Diagnostic> {
    let wrong = |text: String| Err(impossible(text).value_of("n"));
    if n > 0 && there == 0 {
        return wrong(format!("{n} {of} each, but there are none"));
    }
    if !multapses && n > u64::from(there) {
        let different = wrong(format!("{n} different {of} each, but there are {there}"));
        return different.map_err(|d: Diagnostic| d.help("write multapses = true to draw with replacement"));
    }
    if n > u64::from(u32::MAX) { wrong(format!("{n} {of} each are too many")) } else { Ok(()) }
}

/// As many targets as the row is long, by the words of the row from step 0 on.
#[derive(Debug)]
struct Chosen {
    key: Key,
    tag: u32,
    choices: u32,
    /// No source chooses itself.
    apart: bool,
    repeats: bool,
}

/// Rows of so many targets, all choices as likely.
pub(super) fn chosen(given: Seeded, autapses: bool, multapses: bool) -> Arc<dyn RowLaw> {
    let (apart, choices) = (given.ends.apart(autapses), given.ends.choices(autapses));
    Arc::new(Chosen { key: given.key, tag: given.tag, choices, apart, repeats: multapses })
}

impl RowLaw for Chosen {
    fn fill(&self, source: u32, row: &mut [u32], scratch: &mut Scratch) {
        let own = self.apart.then_some(source);
        choose(&mut self.key.draws(self.tag, source, 0), row, self.choices, own, self.repeats, scratch);
    }

    fn recipe(&self) -> Option<RowRecipe> {
        let (key, tag, choices, apart) = (self.key, self.tag, self.choices, self.apart);
        self.repeats.then(|| RowRecipe { key, tag, choices, apart, ..RowRecipe::of(TargetRecipe::Chosen) })
    }
}

/// Fills a row with numbers below `choices` (never `own`), ascending.
///
/// With repeats every place is drawn alone; without, any choice of so many numbers is as likely as any other, and the row
/// must be no longer than `choices`.
///
/// **Source** Bentley and Floyd (1987), A sample of brilliance.
pub(super) fn choose(draws: &mut Draws, row: &mut [u32], choices: u32, own: Option<u32>, repeats: bool, scratch: &mut Scratch) {
    if repeats {
        draws.below_each(choices, row);
        scratch.sort(row, choices);
    } else {
        scratch.clear(row.len());
        for (last, x) in (choices - row.len() as u32..choices).zip(row.iter_mut()) {
            let k = draws.below(last + 1);
            // `last` has not been possible before, so it cannot have been seen
            let new = if scratch.insert(k) { k } else { last };
            if new == last {
                scratch.insert(last);
            }
            *x = new;
        }
        row.sort_unstable();
    }
    // keeps the order
    if own.is_some() {
        row.iter_mut().for_each(|x| *x = skip(*x, own));
    }
}
