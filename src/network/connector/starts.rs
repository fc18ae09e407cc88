//! Where the rows of a projection start: listed, or by arithmetic where all rows are as long.
//!
//! In: numbers of edges by row. Out: the first edge of a row, the row of an edge. Not here: the edges.

use std::sync::Arc;

/// Starts of rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Starts {
    /// All rows are as long; nothing is kept.
    Even { rows: u32, length: u64 },
    /// One for each row, and where the last one ends.
    Listed(Arc<Vec<u64>>),
}

impl Starts {
    pub fn listed(starts: Vec<u64>) -> Starts {
        Starts::Listed(Arc::new(starts))
    }

    /// How many rows there are.
    pub fn rows(&self) -> u32 {
        match self {
            Starts::Even { rows, .. } => *rows,
            Starts::Listed(starts) => starts.len().saturating_sub(1) as u32,
        }
    }

    /// How many edges there are.
    pub fn count(&self) -> u64 {
        match self {
            Starts::Even { rows, length } => u64::from(*rows) * length,
            Starts::Listed(starts) => starts.last().copied().unwrap_or(0),
        }
    }

    /// Number of the first edge of a row; of the row behind the last: how many there are.
    #[inline]
    pub fn first(&self, row: u32) -> u64 {
        match self {
            Starts::Even { length, .. } => u64::from(row) * length,
            Starts::Listed(starts) => starts[row as usize],
        }
    }

    /// The row of an edge.
    pub fn row_of(&self, edge: u64) -> u32 {
        match self {
            Starts::Even { length, .. } => (edge / (*length).max(1)) as u32,
            Starts::Listed(starts) => starts.partition_point(|start| *start <= edge).saturating_sub(1) as u32,
        }
    }

    /// How many rows have all of their edges among the first so many.
    pub fn rows_before(&self, edges: u64) -> u32 {
        match self {
            Starts::Even { rows, length } => edges.checked_div(*length).map_or(*rows, |n| n.min((*rows).into()) as u32),
            Starts::Listed(starts) => starts.partition_point(|start| *start <= edges).saturating_sub(1) as u32,
        }
    }

    /// The most edges of a row.
    pub fn longest(&self) -> u64 {
        match self {
            Starts::Even { rows: 0, .. } => 0,
            Starts::Even { length, .. } => *length,
            Starts::Listed(starts) => starts.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(0),
        }
    }

    /// Bytes that they take.
    pub fn bytes(&self) -> u64 {
        match self {
            Starts::Even { .. } => 0,
            Starts::Listed(starts) => 8 * starts.len() as u64,
        }
    }
}
