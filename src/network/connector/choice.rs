//! Some of m numbers, with or without repeats: what fixed in- and outdegree share.

use super::{impossible, skip};
use crate::diagnostic::Diagnostic;
use crate::random::Draws;

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

/// Fills a row with numbers below `choices` (never `own`), ascending.
///
/// With repeats every place is drawn alone; without, any choice of so many numbers is as likely as any other, and the row
/// must be no longer than `choices`.
///
/// **Source** Bentley and Floyd (1987), A sample of brilliance.
pub(super) fn choose(draws: &mut Draws, row: &mut [u32], choices: u32, own: Option<u32>, repeats: bool, seen: &mut Seen) {
    if repeats {
        row.iter_mut().for_each(|x| *x = skip(draws.below(choices), own));
    } else {
        seen.clear(row.len());
        for (last, x) in (choices - row.len() as u32..choices).zip(row.iter_mut()) {
            let k = draws.below(last + 1);
            // `last` has not been possible before, so it cannot have been seen
            let new = if seen.insert(k) { k } else { last };
            if new == last {
                seen.insert(last);
            }
            *x = skip(new, own);
        }
    }
    row.sort_unstable();
}

/// A set of numbers below `u32::MAX`, kept from row to row so that nothing is allocated for a row.
#[derive(Default)]
pub(super) struct Seen {
    slots: Vec<u32>,
}

impl Seen {
    /// Empties it and makes room for `n` numbers, at most half full.
    fn clear(&mut self, n: usize) {
        self.slots.clear();
        self.slots.resize((2 * n).next_power_of_two().max(2), u32::MAX);
    }

    /// Whether the number is new.
    fn insert(&mut self, x: u32) -> bool {
        let mask = self.slots.len() - 1;
        let mut k = (u64::from(x).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & mask;
        while self.slots[k] != u32::MAX {
            if self.slots[k] == x {
                return false;
            }
            k = (k + 1) & mask;
        }
        self.slots[k] = x;
        true
    }
}
