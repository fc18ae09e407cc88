//! Rows of a population: a range, or a list.

/// Rows of a population.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowSet {
    /// From the first up to, not including, the last.
    Range(std::ops::Range<u32>),
    /// Ascending, without repeats.
    List(Vec<u32>),
}

impl RowSet {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        match self {
            RowSet::Range(r) => r.len(),
            RowSet::List(l) => l.len(),
        }
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of a row among these.
    pub fn place(&self, row: u64) -> Option<usize> {
        let row = u32::try_from(row).ok()?;
        match self {
            RowSet::Range(r) => r.contains(&row).then(|| (row - r.start) as usize),
            RowSet::List(l) => l.binary_search(&row).ok(),
        }
    }

    /// The rows, ascending.
    pub fn iter(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        match self {
            RowSet::Range(r) => Box::new(r.clone()),
            RowSet::List(l) => Box::new(l.iter().copied()),
        }
    }
}
