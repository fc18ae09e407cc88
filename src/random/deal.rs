//! Who draws which word: the blocks of a population whose equations draw, and the numbers of many rows side by side.
//!
//! In: how many uniform and normal numbers a row draws in a step ([`Deal::new`]). Out: the row of the counter and the words of
//! each draw ([`Deal`]), and the numbers of neighbouring rows ([`Key::uniforms`], [`Key::normals`]). Not here: noise of stimuli
//! and synapses, whose draws have blocks of their own.
//!
//! # The deal
//!
//! A uniform number takes a word, a normal one two; normal numbers stand behind the uniform ones and never across two blocks. Rows
//! that take one word share a block among four, rows that take two among two: row r has the words from (r mod n)·4/n on of the
//! block of row r div n. Rows that take more have blocks of their own, 0, 1, ...

use pulp::{Arch, NullaryFnOnce};

use super::threefry::{Many, SIDE, rounds};
use super::{Key, NORMAL_CELLS, counter, normal_between, normal_table, uniform_f32};

/// How the words of blocks are dealt to the rows of a population.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deal {
    /// Rows that share a block: 4, 2 or 1.
    pub rows: u32,
    /// Words before the first normal number of a row.
    uniforms: u32,
}

/// Where a draw of a row stands among the words of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnWords {
    /// Rows that share the block: row r reads the block of row r div `rows`.
    pub rows: u32,
    /// The block.
    pub block: u32,
    /// The first word of the first of the rows; those of the next stand 4/`rows` words further.
    pub word: u32,
}

impl Deal {
    /// Of rows that draw so many numbers in a step.
    pub fn new(uniforms: u32, normals: u32) -> Deal {
        let words = if normals == 0 { uniforms } else { uniforms.next_multiple_of(2) + 2 * normals };
        let rows = match words {
            0 | 1 => 4,
            2 => 2,
            _ => 1,
        };
        Deal { rows, uniforms: uniforms.next_multiple_of(2) }
    }

    /// Where the uniform number of this place among the uniform ones stands.
    pub fn uniform(self, draw: u32) -> OwnWords {
        self.place(draw)
    }

    /// Where the normal number of this place among the normal ones stands.
    pub fn normal(self, draw: u32) -> OwnWords {
        self.place(self.uniforms + 2 * draw)
    }

    fn place(self, word: u32) -> OwnWords {
        OwnWords { rows: self.rows, block: word / 4, word: word % 4 }
    }
}

impl OwnWords {
    /// The row of the counter of a row's block, and the row's first word in it.
    pub fn of(self, row: u32) -> (u32, usize) {
        (row / self.rows, (row % self.rows * (4 / self.rows) + self.word) as usize)
    }
}

/// The number that words stand for.
trait Law: Copy {
    fn number(self, word0: u32, word1: u32) -> f32;
}

#[derive(Clone, Copy)]
struct Uniform;

#[derive(Clone, Copy)]
struct Normal(&'static [i32; 32 * NORMAL_CELLS + 1]);

impl Law for Uniform {
    #[inline(always)]
    fn number(self, word0: u32, _: u32) -> f32 {
        uniform_f32(word0)
    }
}

impl Law for Normal {
    #[inline(always)]
    fn number(self, word0: u32, word1: u32) -> f32 {
        normal_between(self.0, word0, word1)
    }
}

impl Key {
    /// A uniform number for each of the neighbouring rows from `first` on, as [`super::uniform_f32`] makes it.
    pub fn uniforms<T: From<f32>>(self, arch: Arch, tag: u32, place: OwnWords, first: u32, step: u64, out: &mut [T]) {
        self.dealt(arch, tag, place, first, step, Uniform, out);
    }

    /// A normal number for each of the neighbouring rows from `first` on, as [`super::normal`] makes it.
    pub fn normals<T: From<f32>>(self, arch: Arch, tag: u32, place: OwnWords, first: u32, step: u64, out: &mut [T]) {
        self.dealt(arch, tag, place, first, step, Normal(normal_table()), out);
    }

    #[expect(clippy::too_many_arguments, reason = "private, the two callers above name what it takes")]
    fn dealt<T: From<f32>, L: Law>(self, arch: Arch, tag: u32, place: OwnWords, first: u32, step: u64, law: L, out: &mut [T]) {
        let words = counter(tag, 0, step, place.block);
        let (key, at) = (self.key(), place.word as usize);
        match place.rows {
            4 => arch.dispatch(Dealt::<T, L, 4> { words, key, at: 0, first, law, out }),
            2 => arch.dispatch(Dealt::<T, L, 2> { words, key, at: at.min(1), first, law, out }),
            _ => arch.dispatch(Dealt::<T, L, 1> { words, key, at: at.min(3), first, law, out }),
        }
    }
}

/// Numbers of neighbouring rows, `ROWS` to a block.
struct Dealt<'a, T, L, const ROWS: usize> {
    /// The counter of row 0.
    words: [u32; 4],
    key: [u32; 4],
    /// The first word of the first of the rows that share a block.
    at: usize,
    first: u32,
    law: L,
    out: &'a mut [T],
}

impl<T: From<f32>, L: Law, const ROWS: usize> NullaryFnOnce for Dealt<'_, T, L, ROWS> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Dealt { words: counter, key, at, first, law, out } = self;
        let stride = 4 / ROWS;
        let mut block = first / ROWS as u32;
        // rows of the first block that are not asked for
        let mut skip = first as usize % ROWS;
        let mut left = out;
        let mut words = Many::default();
        while !left.is_empty() {
            draw(counter, block, key, &mut words);
            let (now, later) = left.split_at_mut((SIDE * ROWS - skip).min(left.len()));
            if now.len() == SIDE * ROWS {
                // so many are one plain loop
                let (blocks, _) = now.as_chunks_mut::<ROWS>();
                for (k, rows) in blocks.iter_mut().enumerate() {
                    for (row, x) in rows.iter_mut().enumerate() {
                        let word = row * stride + at;
                        *x = T::from(law.number(words[word][k], words[(word + 1) % 4][k]));
                    }
                }
            } else {
                for (row, x) in (skip..).zip(now) {
                    let (k, word) = (row / ROWS, row % ROWS * stride + at);
                    *x = T::from(law.number(words[word][k], words[(word + 1) % 4][k]));
                }
            }
            left = later;
            skip = 0;
            block = block.wrapping_add(SIDE as u32);
        }
    }
}

/// The blocks of neighbouring rows of the counter.
#[inline(always)]
fn draw(counter: [u32; 4], first: u32, key: [u32; 4], out: &mut Many) {
    // lies nowhere until it is done, so that it can stay in registers
    let mut words: Many = counter.map(|w| [w; SIDE]);
    (0..SIDE).for_each(|k| words[0][k] = first.wrapping_add(k as u32));
    rounds(&mut words, key);
    *out = words;
}
