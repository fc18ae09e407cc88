//! Random numbers that are a function of a counter: Threefry 4x32-13, the same to the bit here and in `shaders/random.wgsl`.
//!
//! In: a seed ([`Key`]), what the numbers are for ([`Stream`]), a row, a step, a block. Out: four words; from words uniform
//! numbers, normal numbers ([`normal`]), Poisson counts ([`PoissonTable`]) and geometric numbers ([`Geometric`]), the last three
//! by integer tables, because logarithms and cosines differ between devices. Not here: distributions with bounds and units (`network::draw`), state of
//! any kind: nothing is seeded, advanced or stored.
//!
//! # The counter
//!
//! key = (seed, low word; seed, high word; 0; 0), counter = (row, step mod 2^32, (step div 2^32) mod 2^16 | block·2^16, stream).
//! Two draws meet only where row, step, block and stream are the same, as long as **step < 2^48** (at 0.1 ms: 890 years) and
//! **block < 2^16** (four words each); beyond, they wrap around. The ranges of the ids in a stream are checked by
//! [`Stream::tag`].
//!
//! Rows that draw little in their equations share a block ([`Deal`]), and rare events are drawn for 32 rows at once ([`Chance`]). A Poisson count takes one word of a block that four steps share, so that an engine may keep the words and still work out any
//! step alone. Many rows, or many steps, are drawn side by side ([`Key::rows`], [`Key::places`]).
//!
//! **Source** Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.

use std::sync::OnceLock;

use pulp::Arch;

mod chance;
mod deal;
mod geometric;
mod poisson;
mod threefry;

pub use chance::{CHANCES_MAX, Chance, Probability};
pub use deal::{Deal, OwnWords};
pub use geometric::Geometric;
pub use poisson::{POISSON_MEAN_MAX, POISSON_TABLE_MAX, PoissonError, PoissonTable};
pub use threefry::{Many, ROUNDS, SIDE, threefry, threefry_many, widest};

/// The seed of a network instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Of the network, or of its instance.
    pub seed: u64,
}

impl Key {
    /// The two words of the key that a seed stands for; the other two are 0.
    pub fn words(self) -> [u32; 2] {
        [self.seed as u32, (self.seed >> 32) as u32]
    }

    fn key(self) -> [u32; 4] {
        let [low, high] = self.words();
        [low, high, 0, 0]
    }

    /// The four words of one counter; `tag` comes from [`Stream::tag`].
    #[inline]
    pub fn block(self, tag: u32, row: u32, step: u64, block: u32) -> [u32; 4] {
        threefry(counter(tag, row, step, block), self.key())
    }

    /// The blocks of up to [`SIDE`] rows, in one step; nothing of use stands beyond the rows given.
    #[inline]
    pub fn rows(self, arch: Arch, tag: u32, rows: impl IntoIterator<Item = u32>, step: u64, block: u32) -> Many {
        let mut words = counter(tag, 0, step, block).map(|c| [c; SIDE]);
        words[0].iter_mut().zip(rows).for_each(|(w, row)| *w = row);
        threefry_many(arch, &mut words, self.key());
        words
    }

    /// The blocks 0 of as many places, each a row and a step.
    #[inline]
    pub fn places<const N: usize>(self, arch: Arch, tag: u32, places: &[(u32, u64); N]) -> Many<N> {
        let mut words = [[0; N]; 4];
        for (k, (row, step)) in places.iter().enumerate() {
            let counter = counter(tag, *row, *step, 0);
            counter.iter().zip(&mut words).for_each(|(c, w)| w[k] = *c);
        }
        threefry_many(arch, &mut words, self.key());
        words
    }

    /// The blocks 0 of [`SIDE`] steps of a row, from `step` on.
    #[inline]
    pub fn steps(self, arch: Arch, tag: u32, row: u32, step: u64) -> Many {
        let mut words = counter(tag, row, step, 0).map(|c| [c; SIDE]);
        let [_, low, high, _] = &mut words;
        for (step, (low, high)) in (step..).zip(low.iter_mut().zip(high)) {
            [_, *low, *high, _] = counter(tag, row, step, 0);
        }
        threefry_many(arch, &mut words, self.key());
        words
    }

    /// As many words as one likes, for building: block 0 of the steps `step`, `step + 1`, ...
    pub fn draws(self, tag: u32, row: u32, step: u64) -> Draws {
        Draws { key: self, tag, row, step, words: [0; 4 * SIDE], next: 0, made: 0 }
    }

    /// The same where the words of the first block are known.
    #[inline]
    pub fn draws_from(self, tag: u32, row: u32, step: u64, first: [u32; 4]) -> Draws {
        let mut draws = self.draws(tag, row, step.wrapping_add(1));
        draws.words[..4].copy_from_slice(&first);
        draws.made = 4;
        draws
    }
}

/// What numbers are drawn for. Ids beyond their range are refused, because streams would meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// A parameter per neuron: population < 65,536, place < 4096.
    Parameter {
        /// By place.
        population: u32,
        /// By place in the model's parameters.
        place: u32,
    },
    /// An initial value per neuron: population < 65,536, place < 4096.
    Initial {
        /// By place.
        population: u32,
        /// By place in the model's states.
        place: u32,
    },
    /// Who is connected to whom: projection < 2^28.
    Edges {
        /// By place.
        projection: u32,
    },
    /// A value per edge: projection < 2^20, column < 256.
    EdgeValue {
        /// By place.
        projection: u32,
        /// Which value of the edges.
        column: u32,
    },
    /// Noise in the equations while running: population < 65,536, place < 4096.
    Run {
        /// By place.
        population: u32,
        /// Which draw of a step.
        place: u32,
    },
    /// A stimulus while running: stimulus < 2^28.
    Stimulus {
        /// By place.
        stimulus: u32,
    },
    /// What a synapse that events change draws (`rand()`): projection < 2^20, place < 256. Row is the number of the synapse, by source,
    /// then by target; step the one in which the line runs; the draw is [`uniform_f32`] of the first word of block 0.
    Synapse {
        /// By place among the projections whose synapses events change.
        projection: u32,
        /// Which `rand()` of the model's text, from 0.
        place: u32,
    },
}

/// An id too large for its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("random numbers for {stream:?}: expected ids below {limits:?}, because streams would meet beyond")]
pub struct StreamError {
    /// The stream that was asked for.
    pub stream: Stream,
    /// The ids must lie below these.
    pub limits: (u32, u32),
}

impl Stream {
    /// The word of the counter that stands for this stream: the kind in the top four bits, the ids below.
    pub fn tag(self) -> Result<u32, StreamError> {
        let (kind, high, low, bits_of_low) = match self {
            Stream::Parameter { population, place } => (1, population, place, 12),
            Stream::Initial { population, place } => (2, population, place, 12),
            Stream::Edges { projection } => (3, projection, 0, 0),
            Stream::EdgeValue { projection, column } => (4, projection, column, 8),
            Stream::Run { population, place } => (5, population, place, 12),
            Stream::Stimulus { stimulus } => (6, stimulus, 0, 0),
            Stream::Synapse { projection, place } => (7, projection, place, 8),
        };
        let limits = (1u32 << (28 - bits_of_low), 1u32 << bits_of_low);
        if high >= limits.0 || low >= limits.1 {
            return Err(StreamError { stream: self, limits });
        }
        Ok((kind << 28) | (high << bits_of_low) | low)
    }
}

/// The counter of a draw; the ranges are in the doc of this module.
#[inline]
pub fn counter(tag: u32, row: u32, step: u64, block: u32) -> [u32; 4] {
    [row, step as u32, ((step >> 32) as u32 & 0xffff) | (block << 16), tag]
}

/// Words one after another; see [`Key::draws`].
#[derive(Clone, Debug)]
pub struct Draws {
    key: Key,
    tag: u32,
    row: u32,
    /// Of the next words to be made.
    step: u64,
    words: [u32; 4 * SIDE],
    next: usize,
    made: usize,
}

impl Draws {
    /// The next word.
    #[inline]
    pub fn word(&mut self) -> u32 {
        if self.next == self.made {
            self.make();
        }
        self.next += 1;
        self.words[self.next - 1]
    }

    /// The next words: first those of a block, for draws that end soon, then of some, then of many.
    #[cold]
    fn make(&mut self) {
        match self.made {
            0 => self.make_some::<1>(),
            4 => self.make_some::<8>(),
            _ => self.make_some::<SIDE>(),
        }
    }

    fn make_some<const N: usize>(&mut self) {
        let places: [(u32, u64); N] = std::array::from_fn(|k| (self.row, self.step.wrapping_add(k as u64)));
        let words = self.key.places(widest(), self.tag, &places);
        for (k, block) in self.words.chunks_exact_mut(4).take(N).enumerate() {
            block.iter_mut().zip(&words).for_each(|(out, w)| *out = w[k]);
        }
        (self.next, self.made) = (0, 4 * N);
        self.step = self.step.wrapping_add(N as u64);
    }

    /// In [0, 1), 53 bits.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        uniform_f64(self.word(), self.word())
    }

    /// A whole number below `n`, every one exactly as likely; 0 if `n` is 0.
    ///
    /// **Source** Lemire (2019), Fast random integer generation in an interval.
    #[inline]
    pub fn below(&mut self, n: u32) -> u32 {
        let mut product = u64::from(self.word()) * u64::from(n);
        if (product as u32) < n {
            let surplus = n.wrapping_neg() % n;
            while (product as u32) < surplus {
                product = u64::from(self.word()) * u64::from(n);
            }
        }
        (product >> 32) as u32
    }

    /// Fills a list with [`Draws::below`], one after the other.
    pub fn below_each(&mut self, n: u32, out: &mut [u32]) {
        let mut rest = out;
        while !rest.is_empty() {
            if self.next == self.made {
                self.make();
            }
            let words = &self.words[self.next..self.made];
            let (some, after) = rest.split_at_mut(words.len().min(rest.len()));
            let mut least = u32::MAX;
            for (x, word) in some.iter_mut().zip(words) {
                let product = u64::from(*word) * u64::from(n);
                *x = (product >> 32) as u32;
                least = least.min(product as u32);
            }
            if least >= n {
                self.next += some.len();
            } else {
                // one of them may have to be drawn anew, which moves the words of those behind it
                some.iter_mut().for_each(|x| *x = self.below(n));
            }
            rest = after;
        }
    }

    /// As [`Draws::below`], for more than 32 bits.
    pub fn below_u64(&mut self, n: u64) -> u64 {
        let mut long = || (u128::from(self.word()) << 32 | u128::from(self.word())) * u128::from(n);
        let mut product = long();
        if (product as u64) < n {
            let surplus = n.wrapping_neg() % n;
            while (product as u64) < surplus {
                product = long();
            }
        }
        (product >> 64) as u64
    }
}

/// In [0, 1), 24 bits: exact in f32.
#[inline]
pub fn uniform_f32(word: u32) -> f32 {
    // with a sign: no instruction set before AVX-512 turns others into floats side by side
    (word >> 8) as i32 as f32 * (1.0 / 16_777_216.0)
}

/// In [0, 1), 53 bits: exact in f64. For building on the host.
#[inline]
pub fn uniform_f64(high: u32, low: u32) -> f64 {
    ((u64::from(high) << 21) | (u64::from(low) >> 11)) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// Cells of the normal table in each octave of the tail probability.
pub const NORMAL_CELLS: usize = 64;
/// The unit of the normal table: |z| < 6.35 stays below 24 bits, so that the conversion to f32 is exact on every device.
pub const NORMAL_UNIT: f32 = 1.0 / 2_097_152.0;

/// Quantiles of |z| in [`NORMAL_UNIT`]s at the cell borders: entry 64·k + c is where P(|Z| > z) = 2^-k·(1 - c/128).
///
/// 32 octaves, 2049 entries, worked out with libm alone: the same on every machine.
pub fn normal_table() -> &'static [i32; 32 * NORMAL_CELLS + 1] {
    static TABLE: OnceLock<Box<[i32; 32 * NORMAL_CELLS + 1]>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let (mut z, mut table) = (0.0, Box::new([0; 32 * NORMAL_CELLS + 1]));
        table.iter_mut().enumerate().for_each(|(i, entry)| *entry = quantile(&mut z, i).round() as i32);
        table
    })
}

/// The quantile of border `i` in units, from that of the border before it, which it leaves in `z`.
fn quantile(z: &mut f64, i: usize) -> f64 {
    let p = libm::ldexp(1.0 - (i % NORMAL_CELLS) as f64 / 128.0, -((i / NORMAL_CELLS) as i32));
    // Newton on a convex falling function, from the left: converges without overshooting; a border is near the last
    for _ in 0..8 {
        let slope = -std::f64::consts::SQRT_2 / libm::sqrt(std::f64::consts::PI) * libm::exp(-0.5 * *z * *z);
        *z -= (libm::erfc(*z * std::f64::consts::FRAC_1_SQRT_2) - p) / slope;
    }
    *z / f64::from(NORMAL_UNIT)
}

/// A standard normal number from two words: the sign and the octave of the tail from the first, the place in the octave
/// (64 cells, 2^14 places in each, between whose borders the quantile is a straight line) from the second.
///
/// The quantile is off by at most 2e-5; the law ends at |z| = 6.34. Exact in f32, so also the number to use in f64.
#[inline]
pub fn normal(word0: u32, word1: u32) -> f32 {
    normal_between(normal_table(), word0, word1)
}

/// The same with the table at hand.
#[inline(always)]
pub(crate) fn normal_between(table: &[i32; 32 * NORMAL_CELLS + 1], word0: u32, word1: u32) -> f32 {
    // 0 in all 31 bits is the last octave
    let octave = ((word0 << 1) | 1).leading_zeros();
    let cell = octave as usize * NORMAL_CELLS + (word1 >> 26) as usize;
    let (a, b) = (table[cell], table[cell + 1]);
    // the middle of the place: 15 bits, times b - a < 2^15
    let part = ((word1 >> 11) & 0x7ffe) | 1;
    let z = a + (((b - a) as u32 * part) >> 15) as i32;
    // the sign goes to the whole number, so that there is no -0
    (if word0 >> 31 == 1 { -z } else { z }) as f32 * NORMAL_UNIT
}

#[cfg(test)]
#[path = "random_test.rs"]
mod test;
