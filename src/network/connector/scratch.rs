//! What drawing a row needs beside the row: a sort of numbers that are spread evenly, and a set of them.

/// What drawing a row needs beside the row, kept from row to row so that nothing is allocated for a row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    /// A set of numbers below `u32::MAX`.
    slots: Vec<u32>,
    /// By cell: where the next number goes.
    next: Vec<u32>,
    /// Numbers by cell.
    cells: Vec<u32>,
}

/// Rows up to this are sorted by comparing alone.
const SHORT: usize = 48;

impl Scratch {
    /// Sorts numbers that are spread evenly below `choices`: into as many cells as there are numbers, then within cells.
    pub fn sort(&mut self, row: &mut [u32], choices: u32) {
        if row.len() <= SHORT {
            return row.sort_unstable();
        }
        let cells = row.len().next_power_of_two() / 2;
        // below 2^64: a number is below `choices`
        let scale = ((cells as u64) << 32) / u64::from(choices.max(1));
        let cell = |x: u32| ((u64::from(x) * scale) >> 32) as usize;
        self.next.clear();
        self.next.resize(cells + 1, 0);
        row.iter().for_each(|x| self.next[cell(*x) + 1] += 1);
        let mut sum = 0;
        for next in &mut self.next {
            sum += *next;
            *next = sum;
        }
        self.cells.clear();
        self.cells.resize(row.len(), 0);
        for x in row.iter() {
            let next = &mut self.next[cell(*x)];
            self.cells[*next as usize] = *x;
            *next += 1;
        }
        row.copy_from_slice(&self.cells);
        // what stands too far behind is in the same cell as what it passes
        for k in 1..row.len() {
            let x = row[k];
            let mut at = k;
            while at > 0 && row[at - 1] > x {
                row[at] = row[at - 1];
                at -= 1;
            }
            row[at] = x;
        }
    }

    /// Empties the set and makes room for `n` numbers, at most half full.
    pub fn clear(&mut self, n: usize) {
        self.slots.clear();
        self.slots.resize((2 * n).next_power_of_two().max(2), u32::MAX);
    }

    /// Whether the number is new.
    pub fn insert(&mut self, x: u32) -> bool {
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
