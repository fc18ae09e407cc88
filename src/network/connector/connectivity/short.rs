//! Edges in two bytes each: targets that 16 bits hold, where all have one delay.
//!
//! What an engine reads of a memory that its threads share is half as much. Not here: for which edges that pays (`plan`).

use super::{Connectivity, Words};

impl Connectivity {
    /// Keeps targets in two bytes, if they fit and all edges have one delay. `false`: nothing has changed.
    pub(crate) fn shorten(&mut self) -> bool {
        let fits = self.targets <= 1 << u16::BITS && self.shared_delay().is_some();
        match &self.words {
            Words::Stored(words) if fits => {
                self.words = Words::Short(words.iter().map(|word| *word as u16).collect());
                true
            }
            _ => false,
        }
    }

    /// The targets of all edges, by number, where two bytes hold each.
    pub(crate) fn short_words(&self) -> Option<&[u16]> {
        match &self.words {
            Words::Short(words) => Some(words),
            _ => None,
        }
    }
}
