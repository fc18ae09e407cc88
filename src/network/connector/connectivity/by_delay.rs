//! Rows in the order of their delays: what a spike brings at one time stands together.
//!
//! In: edges whose words hold target and delay, a value of each. Out: the same edges, every row by delay and then by target, so that an
//! engine can walk a row piece by piece when each piece is due; and back again. Not here: for which edges that pays (`plan`).

use std::mem;
use std::sync::OnceLock;

use super::{Connectivity, Delay, Words};

impl Connectivity {
    /// Do the edges of each row stand in the order of their delays, and in that of their targets where those are the same?
    pub fn is_by_delay(&self) -> bool {
        matches!(self.delay, Delay::InWord { by_delay: true, .. })
    }

    /// Puts the edges of each row in the order of their delays, and their values (none, or one for each) with them: they are numbered
    /// anew. `false`: nothing has changed, since words do not hold delays, or edges stand so already.
    pub(crate) fn order_by_delay(&mut self, values: &mut [f32]) -> bool {
        let Delay::InWord { target_bits: bits, least, largest, by_delay: false } = self.delay else { return false };
        let places = (largest - least) as usize + 1;
        self.sort_rows(values, places, |word| (word >> bits).saturating_sub(least) as usize);
        self.delay = Delay::InWord { target_bits: bits, least, largest, by_delay: true };
        true
    }

    /// The same edges by target again, and their values; those that join the same two stand in the order of their delays.
    pub(crate) fn by_target_again(&self, values: &[f32]) -> (Connectivity, Vec<f32>) {
        let (mut edges, mut values) = (self.clone(), values.to_vec());
        let Delay::InWord { target_bits, least, largest, by_delay: true } = self.delay else { return (edges, values) };
        let (mask, mut row) = (super::mask(target_bits), Vec::new());
        if let Words::Stored(words) = &mut edges.words {
            for source in 0..self.sources() {
                let span = self.first(source) as usize..self.first(source + 1) as usize;
                row.clear();
                row.extend(span.clone().map(|edge| (words[edge], values.get(edge).copied())));
                row.sort_by_key(|(word, _)| word & mask);
                for ((word, value), edge) in row.iter().zip(span) {
                    words[edge] = *word;
                    values.get_mut(edge).into_iter().zip(value).for_each(|(cell, value)| *cell = *value);
                }
            }
        }
        (edges.by_target, edges.delay) = (OnceLock::new(), Delay::InWord { target_bits, least, largest, by_delay: false });
        (edges, values)
    }

    /// The words of all edges, by number; nothing where they are not kept.
    pub(crate) fn kept_words(&self) -> &[u32] {
        match &self.words {
            Words::Stored(words) => words,
            Words::Short(_) | Words::AllToAll | Words::Redrawn(_) => &[],
        }
    }

    /// Sorts each row, stable, by a place below `places`.
    fn sort_rows(&mut self, values: &mut [f32], places: usize, place_of: impl Fn(u32) -> usize) {
        let Connectivity { starts, words: Words::Stored(words), .. } = self else { return };
        let (mut words, mut values) = (&mut words[..], values);
        let mut next = vec![0usize; places + 1];
        let (mut old_words, mut old_values): (Vec<u32>, Vec<f32>) = (Vec::new(), Vec::new());
        for source in 0..starts.rows() {
            let count = (starts.first(source + 1) - starts.first(source)) as usize;
            let (row, rest) = mem::take(&mut words).split_at_mut(count);
            words = rest;
            let valued = count.min(values.len());
            let (own, rest) = mem::take(&mut values).split_at_mut(valued);
            values = rest;
            next.fill(0);
            row.iter().for_each(|word| next[place_of(*word) + 1] += 1);
            for k in 1..next.len() {
                next[k] += next[k - 1];
            }
            old_words.clear();
            old_words.extend_from_slice(row);
            old_values.clear();
            old_values.extend_from_slice(own);
            for (k, word) in old_words.iter().enumerate() {
                let place = &mut next[place_of(*word)];
                row[*place] = *word;
                if let (Some(cell), Some(value)) = (own.get_mut(*place), old_values.get(k)) {
                    *cell = *value;
                }
                *place += 1;
            }
        }
        self.by_target = OnceLock::new();
    }
}
