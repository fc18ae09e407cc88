//! Two runs compared: equal, a tie at threshold, or different, and where first.
//!
//! In: spikes or traces of ours and of a reference. Out: a comparison that lists every difference and an [`Outcome`].
//! Not here: statistics of random networks (`analysis`).
//!
//! Two engines that add the same numbers in another order may part where a neuron passes within rounding of its
//! threshold: a *tie*. It is named and counted, never passed over in silence; how near is near enough is the caller's to
//! derive. Everything else is a difference, also what cannot be compared: a missing value, NaN, a silent network.

mod spikes;
mod traces;

pub use spikes::{Difference, SpikeComparison, Tie, compare_spikes};
pub use traces::{TraceComparison, compare_traces};

use std::fmt;

/// What a comparison came to.
#[must_use = "a comparison that nobody looks at passes everything"]
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The same in everything, within the tolerance given.
    Equal,
    /// Some neurons part, each at a spike where ours came within the bound of its threshold.
    Tie {
        /// Neurons whose first difference is a tie.
        neurons: usize,
    },
    /// Different, and what is most worth knowing about it.
    Different {
        /// What differs, and where.
        what: String,
    },
    /// Both sides are empty. Not equal: an engine that does nothing would pass. See [`Outcome::is_equal_or_nothing`].
    NothingToCompare,
}

impl Outcome {
    /// Whether there was something, and it was the same.
    pub fn is_equal(&self) -> bool {
        matches!(self, Outcome::Equal)
    }

    /// Whether there was something, and it was the same but for ties.
    pub fn is_equal_or_tie(&self) -> bool {
        matches!(self, Outcome::Equal | Outcome::Tie { .. })
    }

    /// Where silence is the expected result.
    pub fn is_equal_or_nothing(&self) -> bool {
        matches!(self, Outcome::Equal | Outcome::NothingToCompare)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Equal => write!(f, "equal"),
            Outcome::Tie { neurons: 1 } => write!(f, "a tie at threshold of 1 neuron"),
            Outcome::Tie { neurons } => write!(f, "ties at threshold of {neurons} neurons"),
            Outcome::Different { what } => write!(f, "different: {what}"),
            Outcome::NothingToCompare => write!(f, "nothing to compare"),
        }
    }
}
