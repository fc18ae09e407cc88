//! Some of the rows of a part, as an address names them: `3`, `0..10,17`, `0..3 -> 7`.
//!
//! In: a text. Out: [`Which`], and the same text again. Not here: how many rows there are (`check`, `connector`).

use std::fmt;
use std::ops::Range;

use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};

/// Which rows of a part: neurons of a population, synapses of a projection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// All rows.
    #[default]
    All,
    /// `3`, `0..10,17`: neurons, or synapses by source, then target.
    Rows(Spans),
    /// `0..3 -> 7`: all synapses from these neurons to those.
    Pairs(Spans, Spans),
}

/// Row numbers in the order in which they are named, none twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spans(Vec<Range<u64>>);

/// Why a text names no rows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WhichError {
    /// Neither a number nor a span.
    #[error("`{item}` names no row; rows are `3`, `0..10` (10 not included), `0..10,17`")]
    NoRow {
        /// The part that is neither.
        item: String,
    },
    /// A span without a row.
    #[error("rows from {from} up to, not including, {to} are none")]
    Empty {
        /// Its first row.
        from: u64,
        /// The row after its last.
        to: u64,
    },
    /// Two spans share a row.
    #[error("row {row} is named twice")]
    Twice {
        /// The first such row.
        row: u64,
    },
}

impl Which {
    /// Reads what stands between the brackets of an address.
    ///
    /// **Errors** what is no row, a span that holds none, a row named twice.
    pub fn parse(text: &str) -> Result<Which, WhichError> {
        match text.split_once("->") {
            Some((sources, targets)) => Ok(Which::Pairs(Spans::parse(sources)?, Spans::parse(targets)?)),
            None => Spans::parse(text).map(Which::Rows),
        }
    }

    /// Are all rows that `other` names among these?
    pub(super) fn covers(&self, other: &Which) -> bool {
        match (self, other) {
            (Which::All, _) => true,
            (Which::Rows(a), Which::Rows(b)) => a.covers(b),
            (Which::Pairs(a, b), Which::Pairs(c, d)) => a.covers(c) && b.covers(d),
            _ => false,
        }
    }
}

impl Spans {
    /// Reads `3`, `0..10`, `0..10,17`.
    ///
    /// **Errors** as [`Which::parse`].
    pub fn parse(text: &str) -> Result<Spans, WhichError> {
        let mut spans: Vec<Range<u64>> = Vec::new();
        for item in text.split(',').map(str::trim) {
            let number = |text: &str| {
                let digits = Some(text.trim()).filter(|t| t.bytes().all(|b| b.is_ascii_digit()));
                digits.and_then(|t| t.parse::<u64>().ok()).filter(|n| *n < u64::MAX)
            };
            let span = match item.split_once("..") {
                Some((from, to)) => number(from).zip(number(to)),
                None => number(item).map(|n| (n, n + 1)),
            };
            let Some((from, to)) = span else {
                return Err(WhichError::NoRow { item: item.to_owned() });
            };
            if from >= to {
                return Err(WhichError::Empty { from, to });
            }
            spans.push(from..to);
        }
        let mut sorted = spans.clone();
        sorted.sort_by_key(|s| s.start);
        match sorted.windows(2).find(|pair| pair[1].start < pair[0].end) {
            Some(pair) => Err(WhichError::Twice { row: pair[1].start }),
            None => Ok(Spans(spans)),
        }
    }

    /// The rows, as they were named.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().cloned().flatten()
    }

    /// Is this row among them?
    pub fn holds(&self, row: u64) -> bool {
        self.0.iter().any(|span| span.contains(&row))
    }

    /// How many rows they are.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|s| s.end - s.start).fold(0, u64::saturating_add)
    }

    /// The largest row.
    pub fn last(&self) -> u64 {
        self.0.iter().map(|s| s.end - 1).max().unwrap_or(0)
    }

    /// The same rows by other numbers, one span each. `Err`: a row that has none.
    pub(crate) fn renumbered(&self, number: impl Fn(u64) -> Option<u64>) -> Result<Spans, u64> {
        self.iter().map(|row| number(row).map(|n| n..n + 1).ok_or(row)).collect::<Result<_, _>>().map(Spans)
    }

    fn covers(&self, other: &Spans) -> bool {
        other.0.iter().all(|s| self.0.iter().any(|own| own.start <= s.start && s.end <= own.end))
    }
}

impl From<Range<u64>> for Spans {
    fn from(range: Range<u64>) -> Spans {
        Spans(vec![range])
    }
}

impl fmt::Display for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, span) in self.0.iter().enumerate() {
            let comma = if k > 0 { "," } else { "" };
            match span.end - span.start {
                1 => write!(f, "{comma}{}", span.start)?,
                _ => write!(f, "{comma}{}..{}", span.start, span.end)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Which {
    /// What stands between the brackets; nothing for all.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Which::All => Ok(()),
            Which::Rows(rows) => rows.fmt(f),
            Which::Pairs(sources, targets) => write!(f, "{sources} -> {targets}"),
        }
    }
}

impl Serialize for Which {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Which {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Which::parse(&String::deserialize(d)?).map_err(de::Error::custom)
    }
}
