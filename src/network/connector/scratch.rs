//! What drawing a row needs beside the row: a sort of its numbers, and a set of them.

/// What drawing a row needs beside the row, kept from row to row so that nothing is allocated for a row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    /// A set of numbers below `u32::MAX`.
    slots: Vec<u32>,
    /// By digit: where the next number goes.
    next: Vec<u32>,
    /// Numbers, sorted by some of their digits.
    sorted: Vec<u32>,
}

/// Bits of a digit at most: its counts stay in the first cache.
const DIGIT: u32 = 11;

impl Scratch {
    /// Sorts numbers below `choices`: by digits, the lowest first, which no branch depends on.
    pub fn sort(&mut self, row: &mut [u32], choices: u32) {
        let bits = u32::BITS - choices.saturating_sub(1).leading_zeros();
        let digits = bits.div_ceil(DIGIT).max(1);
        let width = bits.div_ceil(digits);
        // counting costs more than it saves
        if row.len() < 1 << width.saturating_sub(2) {
            return row.sort_unstable();
        }
        self.sorted.clear();
        self.sorted.resize(row.len(), 0);
        for digit in 0..digits {
            let of = |x: u32| (x >> (digit * width)) as usize & ((1 << width) - 1);
            self.next.clear();
            self.next.resize((1 << width) + 1, 0);
            row.iter().for_each(|x| self.next[of(*x) + 1] += 1);
            let mut sum = 0;
            for next in &mut self.next {
                sum += *next;
                *next = sum;
            }
            for x in row.iter() {
                let next = &mut self.next[of(*x)];
                self.sorted[*next as usize] = *x;
                *next += 1;
            }
            row.copy_from_slice(&self.sorted);
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

#[cfg(test)]
mod test {
    use super::Scratch;
    use crate::random::Key;

    #[test]
    fn rows_are_sorted() {
        let mut scratch = Scratch::default();
        for choices in [1, 2, 3, 130, 2048, 2049, 20_000, 1 << 20, 1 << 22, (1 << 22) + 1, u32::MAX] {
            for length in [0usize, 1, 2, 63, 64, 500, 1025, 5000] {
                let mut row = vec![0; length];
                Key { seed: 3 }.draws(1, length as u32, 0).below_each(choices, &mut row);
                let mut sorted = row.clone();
                sorted.sort_unstable();
                scratch.sort(&mut row, choices);
                assert!(row == sorted, "{length} numbers below {choices}");
            }
        }
    }

    /// The largest numbers that there are in each place of a digit.
    #[test]
    fn ends_of_the_range() {
        let mut row: Vec<u32> = (0..3000).map(|k| (u32::MAX - 1) >> (k % 32)).collect();
        Scratch::default().sort(&mut row, u32::MAX);
        assert!(row.is_sorted());
    }
}
