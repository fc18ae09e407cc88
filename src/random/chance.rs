//! Rare events of many rows: does a row's draw in [0, 1) lie below its probability? Where that is small, words are drawn for 32
//! rows at once, and further ones only for the few that may have it.
//!
//! In: stream, rows, step, place of the draw, probability. Out: yes or no ([`Key::chance`]), or the rows that have it
//! ([`Key::chances`]). Not here: draws whose number itself is used ([`super::Deal`]).
//!
//! # The law
//!
//! The probability p is taken in single precision. From 1/64 on a row has it if its own word, of a block that four rows share,
//! is a [`uniform_f32`] below p. Below 1/64 p has a class c, 6 to 12: the largest with p < 2^-c. A row has it if it is a *candidate* of
//! its class, which has probability 2^-c, and its own word's number is below p·2^c.
//!
//! Candidates of a class are found along the 32 rows of a group (rows 0 to 31, 32 to 63, ...): a word says how many rows come
//! before the first candidate, the next word how many between it and the second, and so on, until the group is passed. Most groups
//! take one word. A word w stands for as many rows as there are k with w < 2^32·(1 - 2^-c)^k, worked out in whole numbers, each from
//! the one before ([`levels`]): that makes a candidate's probability wrong by 2^-21 of itself at most.
//!
//! What one row does in one step depends on its number, its probability and the step alone, so that probabilities may differ
//! from row to row and from step to step; rows of one class in one group share words, each used by one row only, rows of
//! different classes share none.
//!
//! # The blocks
//!
//! Of draw d, numbered from [`FIRST_BLOCK`] + 64·d: c - 6 for the first two words of two groups (row of the counter: the group's
//! number div 2; words 0 and 1, or 2 and 3), 7 for the rows' own words (row of the counter: row div 4), 8·(c - 5) + n for further
//! four words of a group (row of the counter: the group's number).

use pulp::{Arch, NullaryFnOnce};

use super::threefry::{Many, rounds};
use super::{Key, OwnWords, counter, uniform_f32};

/// Rows that share words.
pub const GROUP: u32 = 32;
/// From this probability on rows have words of their own.
const FREQUENT: f32 = 1.0 / 64.0;
/// Classes of probability.
const CLASSES: [u32; 2] = [6, 12];
/// Blocks of draws of this kind stand behind all others of a stream.
const FIRST_BLOCK: u32 = 0x8000;
/// Of one draw.
const BLOCKS: u32 = 64;
/// Among the blocks of a draw.
const OWN: u32 = 7;
/// So many draws of this kind a row may have.
pub const CHANCES_MAX: u32 = (0x1_0000 - FIRST_BLOCK) / BLOCKS;
/// Blocks that are drawn side by side.
const SIDE: usize = 16;

/// The whole numbers with which a word is compared, by class: 2^32·(1 - 2^-c)^k for k from 1.
const LEVELS: [[u32; GROUP as usize]; 7] = {
    let mut all = [[0; GROUP as usize]; 7];
    let mut class = CLASSES[0];
    while class <= CLASSES[1] {
        all[(class - CLASSES[0]) as usize] = levels(class);
        class += 1;
    }
    all
};

/// Of one class: each is the one before less 2^-c of it, rounded to the nearest.
const fn levels(class: u32) -> [u32; GROUP as usize] {
    let mut level = (1u32 << (32 - class)).wrapping_neg();
    let mut out = [0; GROUP as usize];
    let mut k = 0;
    while k < out.len() {
        out[k] = level;
        level -= (level + (1 << (class - 1))) >> class;
        k += 1;
    }
    out
}

/// How a probability is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Not above 0, or no number.
    Never,
    /// Among candidates of this class.
    Rare(u32),
    /// From the row's own word alone.
    Frequent,
}

impl Class {
    #[inline(always)]
    fn of(p: f32) -> Class {
        if p >= FREQUENT {
            Class::Frequent
        } else if p > 0.0 {
            Class::Rare(126u32.saturating_sub(p.to_bits() >> 23).min(CLASSES[1]))
        } else {
            Class::Never
        }
    }
}

/// What a row's own number is compared with, where it is a candidate of the class.
#[inline(always)]
fn part(p: f32, class: u32) -> f32 {
    p * (1u32 << class) as f32
}

/// How many rows a word stands for.
#[inline(always)]
fn gap(word: u32, class: u32) -> u32 {
    LEVELS[(class - CLASSES[0]) as usize].iter().map(|level| u32::from(word < *level)).sum()
}

/// A number that is a probability, or an answer: 0 or 1.
pub trait Probability: Copy + From<f32> {
    /// In single precision.
    fn single(self) -> f32;
}

impl Probability for f32 {
    #[inline(always)]
    fn single(self) -> f32 {
        self
    }
}

impl Probability for f64 {
    #[inline(always)]
    fn single(self) -> f32 {
        self as f32
    }
}

/// One draw of the rows of a population in one step.
#[derive(Clone, Copy, Debug)]
pub struct Chance {
    key: Key,
    tag: u32,
    step: u64,
    /// Its first block.
    block: u32,
}

impl Key {
    /// The draw of this place among those of its kind (below [`CHANCES_MAX`]), in one step.
    pub fn chance(self, tag: u32, draw: u32, step: u64) -> Chance {
        Chance { key: self, tag, step, block: FIRST_BLOCK + BLOCKS * (draw % CHANCES_MAX) }
    }
}

impl Chance {
    /// Does this row have it?
    pub fn of(self, row: u32, p: f32) -> bool {
        match Class::of(p) {
            Class::Never => false,
            Class::Frequent => self.number(row) < p,
            Class::Rare(class) => {
                let group = row / GROUP;
                let words = self.key.block(self.tag, group / 2, self.step, self.block + class - CLASSES[0]);
                let mut found = false;
                self.candidates(group, class, first_two(words, group), |candidate| found |= candidate == row);
                found && self.number(row) < part(p, class)
            }
        }
    }

    /// Are two probabilities drawn in one way, so that a row which has it by the smaller has it by the larger?
    pub fn alike(p: f32, q: f32) -> bool {
        Class::of(p) == Class::of(q)
    }

    /// Calls back for those of the neighbouring rows `first..first + rows` that have it, all by one probability, in order.
    pub fn each(self, arch: Arch, first: u32, rows: u32, p: f32, mut hit: impl FnMut(u32)) {
        match Class::of(p) {
            Class::Never => {}
            Class::Frequent => {
                let mut mask = [0f32; 256];
                for from in (first..first + rows).step_by(mask.len()) {
                    let mask = &mut mask[..256.min((first + rows - from) as usize)];
                    self.frequent(arch, from, All(p), mask);
                    (from..).zip(mask).filter(|(_, x)| **x != 0.0).for_each(|(row, _)| hit(row));
                }
            }
            Class::Rare(class) => {
                let part = part(p, class);
                self.rare(arch, first, rows, class, |row| {
                    if self.number(row) < part {
                        hit(row);
                    }
                });
            }
        }
    }

    /// 1 for those of the neighbouring rows from `first` on that have it, all by one probability, 0 for the others.
    pub fn mask<T: Probability>(self, arch: Arch, first: u32, p: T, out: &mut [T]) {
        if Class::of(p.single()) == Class::Frequent {
            return self.frequent(arch, first, All(p), out);
        }
        out.fill(T::from(0.0));
        self.each(arch, first, out.len() as u32, p.single(), |row| out[(row - first) as usize] = T::from(1.0));
    }

    /// As [`Chance::mask`], each row by a probability of its own.
    pub fn mask_by<T: Probability>(self, arch: Arch, first: u32, p: &[T], out: &mut [T]) {
        let classes = arch.dispatch(Classes(p));
        if classes & 1 == 1 {
            self.frequent(arch, first, &p[..out.len()], out);
        } else {
            out.fill(T::from(0.0));
        }
        for class in (CLASSES[0]..=CLASSES[1]).filter(|class| classes >> class & 1 == 1) {
            self.rare(arch, first, out.len() as u32, class, |row| {
                let at = (row - first) as usize;
                let p = p[at].single();
                if Class::of(p) == Class::Rare(class) && self.number(row) < part(p, class) {
                    out[at] = T::from(1.0);
                }
            });
        }
    }

    /// A row's own number.
    #[inline]
    fn number(self, row: u32) -> f32 {
        let words = self.key.block(self.tag, row / 4, self.step, self.block + OWN);
        uniform_f32(words[row as usize % 4])
    }

    /// By the own numbers of neighbouring rows.
    fn frequent<T: Probability>(self, arch: Arch, first: u32, p: impl Of<T>, out: &mut [T]) {
        let place = OwnWords { rows: 4, block: self.block + OWN, word: 0 };
        self.key.uniforms(arch, self.tag, place, first, self.step, out);
        arch.dispatch(Frequent(out, p));
    }

    /// The candidates of a class among neighbouring rows, in order.
    #[inline]
    fn rare(self, arch: Arch, first: u32, rows: u32, class: u32, mut each: impl FnMut(u32)) {
        if rows == 0 {
            return;
        }
        let end = first + rows;
        let words = counter(self.tag, 0, self.step, self.block + class - CLASSES[0]);
        let level = LEVELS[(class - CLASSES[0]) as usize][GROUP as usize - 1];
        let mut out = [[0; SIDE]; 4];
        for pair in (first / GROUP / 2..=(end - 1) / GROUP / 2).step_by(SIDE) {
            let mut some = arch.dispatch(Pairs { words, key: self.key.key(), first: pair, level, out: &mut out });
            while some != 0 {
                let k = some.trailing_zeros();
                some &= some - 1;
                for half in 0..2 {
                    let words = [out[2 * half][k as usize], out[2 * half + 1][k as usize]];
                    self.candidates(2 * (pair + k) + half as u32, class, words, |row| {
                        if (first..end).contains(&row) {
                            each(row);
                        }
                    });
                }
            }
        }
    }

    /// The candidates of a group, in order.
    #[inline]
    fn candidates(self, group: u32, class: u32, [word, second]: [u32; 2], mut each: impl FnMut(u32)) {
        let mut at = gap(word, class);
        if at >= GROUP {
            return;
        }
        each(group * GROUP + at);
        at += 1 + gap(second, class);
        let (mut further, mut words) = (0u32, [0; 4]);
        while at < GROUP {
            each(group * GROUP + at);
            if further % 4 == 0 {
                let block = self.block + 8 * (class + 1 - CLASSES[0]) + further / 4;
                words = self.key.block(self.tag, group, self.step, block);
            }
            at += 1 + gap(words[further as usize % 4], class);
            further += 1;
        }
    }
}

/// Those of two groups' words that are this one's.
fn first_two(words: [u32; 4], group: u32) -> [u32; 2] {
    if group.is_multiple_of(2) { [words[0], words[1]] } else { [words[2], words[3]] }
}

/// The first words of pairs of groups side by side, and in bits which of the pairs have a candidate.
struct Pairs<'a> {
    /// The counter of row 0.
    words: [u32; 4],
    key: [u32; 4],
    first: u32,
    /// A group has none where its first word lies below.
    level: u32,
    out: &'a mut Many<SIDE>,
}

impl NullaryFnOnce for Pairs<'_> {
    type Output = u32;

    // plain loops: what stands in a closure would not be compiled for the instruction set at hand
    #[inline(always)]
    #[expect(clippy::needless_range_loop, reason = "several lists are walked together")]
    fn call(self) -> u32 {
        let Pairs { words, key, first, level, out } = self;
        let mut all = [[words[0]; SIDE], [words[1]; SIDE], [words[2]; SIDE], [words[3]; SIDE]];
        for k in 0..SIDE {
            all[0][k] = first.wrapping_add(k as u32);
        }
        rounds(&mut all, key);
        let mut some = 0;
        for k in 0..SIDE {
            some |= u32::from((all[0][k] >= level) | (all[2][k] >= level)) << k;
        }
        if some != 0 {
            *out = all;
        }
        some
    }
}

/// Which classes there are among probabilities: a bit for each, bit 0 for those from 1/64 on.
struct Classes<'a, T>(&'a [T]);

impl<T: Probability> NullaryFnOnce for Classes<'_, T> {
    type Output = u32;

    #[inline(always)]
    fn call(self) -> u32 {
        let mut classes = 0;
        for p in self.0 {
            let p = p.single();
            let class = 126u32.wrapping_sub(p.to_bits() >> 23);
            let class = if class > CLASSES[1] { CLASSES[1] } else { class };
            let bit = if p >= FREQUENT { 1 } else { 1 << class };
            classes |= if p > 0.0 { bit } else { 0 };
        }
        classes
    }
}

/// Whether own numbers, in place of which the answer comes, lie below probabilities from 1/64 on.
struct Frequent<'a, T, P>(&'a mut [T], P);

/// The probability of a row.
trait Of<T>: Copy {
    fn of(&self, row: usize) -> T;
}

#[derive(Clone, Copy)]
struct All<T>(T);

impl<T: Probability> Of<T> for All<T> {
    #[inline(always)]
    fn of(&self, _: usize) -> T {
        self.0
    }
}

impl<T: Probability> Of<T> for &[T] {
    #[inline(always)]
    fn of(&self, row: usize) -> T {
        self[row]
    }
}

impl<T: Probability, P: Of<T>> NullaryFnOnce for Frequent<'_, T, P> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Frequent(out, p) = self;
        for (row, x) in out.iter_mut().enumerate() {
            let p = p.of(row).single();
            *x = T::from(if (p >= FREQUENT) & (x.single() < p) { 1.0 } else { 0.0 });
        }
    }
}

#[cfg(test)]
#[path = "chance_test.rs"]
mod test;
