//! Geometric numbers from tables of whole numbers: how many misses come before a hit of probability p. Words, comparisons and
//! shifts of 32 bits alone, so that any engine can draw the same.
//!
//! With q = 1 - p and a power of two S = 2^s such that p·S is at most 1/64 (S = 1 where p is larger), a geometric number is
//! H·S + L with H and L independent: H is geometric with ratio R = q^S, and L < S has P(L = l) in proportion to q^l.
//!
//! - H counts the thresholds 1 - R, 1 - R², ... that a uniform number reaches. After the last of them ([`ENTRIES`]) it starts
//!   anew from there, which a geometric law allows.
//! - The bits of L are independent of each other. Bit j is 1 with probability r/(1 + r), r = q^(2^j): a fair bit that is put out
//!   with probability (1 - r)/(1 + r). All of them come from one word, whose other bits begin the number that says which is put
//!   out first; in one of 128 draws or fewer there is one.
//!
//! A uniform number has 64 bits; what follows its first word is drawn only where that leaves open which thresholds it reaches.
//!
//! # How near the law is
//!
//! A threshold of H is worked out to 2^-90 and rounded to a multiple of 2^-64, so each of at most 513 probabilities is off by
//! 2^-64 at most, and their total variation (half the sum of absolute differences) by 2^-55, times 1.02 turns. Those of L are
//! sums of at most 31 terms in f64, below 1/128 in all: each sum is off by at most 2^-7·70·2^-53 < 2^-53, a probability by twice
//! that, and 32 of them by a total variation of 2^-48. So **a draw is within a total variation of 2^-47** of the law whose p is
//! the f64 that was given (2^-54 where p is above 1/128), and n draws within n times that.

use super::Draws;

/// Thresholds of H at most.
pub const ENTRIES: usize = 512;

/// So many bits of a word lead to the thresholds among which it lies.
const GUIDED: u32 = 12;

/// The largest p·S.
const COARSE: f64 = 1.0 / 64.0;

/// 1 in numbers of 127 bits after the point.
const ONE: u128 = 1 << 127;

/// The law of the number of misses before a hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Geometric {
    /// Bits of L.
    bits: u32,
    /// 1 - R^k, k from 1.
    coarse: Thresholds,
    /// The next threshold of H would be 1: there is nothing beyond.
    ends: bool,
    /// From the highest bit of L down: the probability that it or one above is put out.
    first_out: Vec<u64>,
    /// By bit of L: the probability that it is put out.
    out: Vec<u64>,
}

impl Geometric {
    /// The law of a hit of probability `p`; one outside 0 to 1 counts as the nearer of the two.
    pub fn new(p: f64) -> Geometric {
        let p = p.clamp(0.0, 1.0);
        let mut bits = 0;
        while bits < 31 && libm::ldexp(p, bits as i32 + 1) <= COARSE {
            bits += 1;
        }
        // exact for any p above 2^-74
        let mut ratio = ONE - libm::ldexp(p, 127) as u128;
        let mut out = Vec::new();
        for _ in 0..bits {
            let miss = (ONE - ratio) as f64 / ONE as f64;
            out.push(miss / (2.0 - miss));
            ratio = times(ratio, ratio);
        }
        let (mut coarse, mut power, mut ends) = (Vec::new(), ONE, false);
        while coarse.len() < ENTRIES && !ends {
            power = times(power, ratio);
            match u64::try_from((ONE - power + (1 << 62)) >> 63) {
                Ok(threshold) => coarse.push(threshold),
                Err(_) => ends = true,
            }
        }
        let mut some = 0.0;
        let first_out = out.iter().rev().map(|x| {
            some += x * (1.0 - some);
            in_64_bits(some)
        });
        let first_out = first_out.collect();
        Geometric { bits, coarse: Thresholds::new(coarse), ends, first_out, out: out.into_iter().map(in_64_bits).collect() }
    }

    /// How many misses come before the next hit, if they are fewer than `below`.
    #[inline]
    pub fn misses(&self, draws: &mut Draws, below: u32) -> Option<u32> {
        let mut coarse = 0u64;
        loop {
            let more = self.coarse.reached(draws);
            coarse += more as u64;
            if coarse << self.bits >= u64::from(below) {
                return None;
            }
            if more < self.coarse.high.len() || self.ends {
                break;
            }
        }
        let fine = if self.bits == 0 { 0 } else { self.fine(draws) };
        // both below 2^32
        let misses = (coarse << self.bits) + u64::from(fine);
        (misses < u64::from(below)).then_some(misses as u32)
    }

    /// The law in words, for a shader that draws the same: bits of L, 1 where there is nothing beyond the last threshold, how many
    /// thresholds there are; their high words, then their low words; from the highest bit of L down the probability (high word, low
    /// word) that it or one above is put out; by bit of L that of being put out.
    pub fn words(&self) -> Vec<u32> {
        let mut words = vec![self.bits, u32::from(self.ends), self.coarse.high.len() as u32];
        words.extend(&self.coarse.high);
        words.extend(&self.coarse.low);
        words.extend(self.first_out.iter().chain(&self.out).flat_map(|x| [(x >> 32) as u32, *x as u32]));
        words
    }

    #[inline]
    fn fine(&self, draws: &mut Draws) -> u32 {
        let word = draws.word();
        let (fine, rest) = (word >> (32 - self.bits), word << self.bits);
        let some = self.first_out.last().map_or(0, |t| t >> 32);
        if u64::from(rest) > some { fine } else { self.put_out(fine, rest, draws) }
    }

    /// The bits where the rest of their word may mean that some are put out.
    #[cold]
    fn put_out(&self, mut fine: u32, rest: u32, draws: &mut Draws) -> u32 {
        let mut number = || u64::from(draws.word()) << 32 | u64::from(draws.word());
        let which = u64::from(rest) << 32 | number() >> (32 - self.bits);
        let first = self.first_out.partition_point(|t| *t <= which);
        if first < self.out.len() {
            let bit = self.out.len() - 1 - first;
            fine &= !(1 << bit);
            for (below, out) in self.out[..bit].iter().enumerate() {
                fine &= !(u32::from(number() < *out) << below);
            }
        }
        fine
    }
}

/// Ascending thresholds of 64 bits for a uniform number.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Thresholds {
    high: Vec<u32>,
    low: Vec<u32>,
    /// By the first [`GUIDED`] bits of a word, and one more: how many high words are below any that begins with them.
    guide: Vec<u16>,
}

impl Thresholds {
    fn new(all: Vec<u64>) -> Thresholds {
        let high: Vec<u32> = all.iter().map(|t| (t >> 32) as u32).collect();
        let below = |first: u64| high.partition_point(|t| u64::from(*t) < first << (32 - GUIDED)) as u16;
        let guide = (0..=1 << GUIDED).map(below).collect();
        Thresholds { low: all.iter().map(|t| *t as u32).collect(), high, guide }
    }

    /// How many a uniform number reaches.
    #[inline]
    fn reached(&self, draws: &mut Draws) -> usize {
        let word = draws.word();
        let cell = (word >> (32 - GUIDED)) as usize;
        let (from, to) = (self.guide[cell] as usize, self.guide[cell + 1] as usize);
        let next = |k: usize| self.high.get(k).copied().unwrap_or(u32::MAX);
        // hardly a cell has more than one; without one the next lies in another cell, above the word
        let reached = match to - from {
            0 | 1 => from + usize::from(next(from) < word),
            _ => from + self.high[from..to].partition_point(|t| *t < word),
        };
        if next(reached) == word && reached < self.high.len() { self.to_the_end(word, reached, draws) } else { reached }
    }

    /// The same where the first word does not decide.
    #[cold]
    fn to_the_end(&self, word: u32, from: usize, draws: &mut Draws) -> usize {
        let second = draws.word();
        let undecided = self.high[from..].iter().zip(&self.low[from..]).take_while(|(high, low)| **high == word && **low <= second);
        from + undecided.count()
    }
}

/// The product of two numbers up to 1, of 127 bits after the point, rounded down.
fn times(a: u128, b: u128) -> u128 {
    const HALF: u128 = u64::MAX as u128;
    let ([a1, a0], [b1, b0]) = ([a >> 64, a & HALF], [b >> 64, b & HALF]);
    // the high words are at most 2^63, so nothing overflows
    ((a1 * b1) << 1) + ((a1 * b0 + a0 * b1 + ((a0 * b0) >> 64)) >> 63)
}

/// A number below 1 in units of 2^-64.
fn in_64_bits(x: f64) -> u64 {
    libm::round(libm::ldexp(x, 64)) as u64
}

#[cfg(test)]
mod test {
    use super::*;
    use crate::random::Key;

    const PROBABILITIES: [f64; 12] = [1e-9, 1e-6, 1e-4, 0.003, 1.0 / 128.0, 1.0 / 64.0, 0.02, 0.1, 0.5, 0.9, 0.999, 1.0 - 1e-9];

    fn thresholds(t: &Thresholds) -> Vec<u64> {
        t.high.iter().zip(&t.low).map(|(h, l)| u64::from(*h) << 32 | u64::from(*l)).collect()
    }

    /// 1 - (1 - p)^n, to a few units of the last place.
    fn some_hit(p: f64, n: f64) -> f64 {
        -libm::expm1(n * libm::log1p(-p))
    }

    #[test]
    fn products_are_those_of_long_numbers() {
        assert_eq!((times(ONE, ONE), times(ONE / 2, ONE / 2), times(ONE, 12_345)), (ONE, ONE / 4, 12_345));
        // (1 - 2^-127)^2 = 1 - 2^-126 + 2^-254, and (2^-63)^2 = 2^-126
        assert_eq!((times(ONE - 1, ONE - 1), times(1 << 64, 1 << 64)), (ONE - 2, 2));
        assert_eq!(times((1 << 126) + (1 << 63) + 5, 3 << 125), (3 << 124) + (3 << 61) + 3);
    }

    #[test]
    fn thresholds_are_those_of_the_law() {
        for p in PROBABILITIES {
            let law = Geometric::new(p);
            let size = libm::ldexp(1.0, law.bits as i32);
            assert!(p * size <= COARSE || law.bits == 0, "{p}");
            assert!(p * size > COARSE / 2.0, "{p}");
            for (k, threshold) in thresholds(&law.coarse).into_iter().enumerate() {
                let expected = some_hit(p, size * (k + 1) as f64);
                // f64 knows it to some 2^-50; near 1, where little is left, what is left is looked at
                let (found, left) = (threshold as f64 / 2f64.powi(64), (u64::MAX - threshold) as f64 / 2f64.powi(64));
                assert!((found / expected - 1.0).abs() < 1e-13, "{p} {k}: {found} {expected}");
                let expected_left = libm::exp(size * (k + 1) as f64 * libm::log1p(-p));
                // p and 1 - p are exact in f64 where both are above 1e-9; a remainder is known to 2^-64 and some 1e-13
                assert!((left - expected_left).abs() < 1e-12 * expected_left + 2e-19, "{p} {k}: {left} {expected_left}");
            }
            assert_eq!(law.ends, law.coarse.high.len() < ENTRIES, "{p}");
        }
    }

    /// Every value of L by the product over its bits, against the law; the first to be put out against the same.
    #[test]
    fn low_bits_are_those_of_the_law() {
        for p in [1.0 / 128.0, 0.003, 1e-4, 1e-5] {
            let law = Geometric::new(p);
            let size = 1u32 << law.bits;
            let out: Vec<f64> = law.out.iter().map(|x| *x as f64 / 2f64.powi(64)).collect();
            let mut differences = 0.0;
            for l in 0..size {
                let bit = |j: usize| if l >> j & 1 == 1 { 0.5 * (1.0 - out[j]) } else { 0.5 * (1.0 + out[j]) };
                let found: f64 = (0..out.len()).map(bit).product();
                let expected = libm::exp(f64::from(l) * libm::log1p(-p)) * p / some_hit(p, f64::from(size));
                differences += (found - expected).abs();
            }
            assert!(differences / 2.0 < 1e-13, "{p}: {differences}");
            let mut none = 1.0;
            for (first, x) in law.first_out.iter().zip(out.iter().rev()) {
                none *= 1.0 - x;
                assert!((*first as f64 / 2f64.powi(64) - (1.0 - none)).abs() < 1e-15);
            }
            assert!(1.0 - none < 1.0 / 128.0, "{none}");
        }
    }

    #[test]
    fn draws_follow_the_law() {
        for p in PROBABILITIES {
            let law = Geometric::new(p);
            let mut draws = Key { seed: 3 }.draws(1, 2, 0);
            let n = 50_000;
            let mut sample: Vec<u32> = (0..n).map(|_| law.misses(&mut draws, u32::MAX).unwrap_or(u32::MAX)).collect();
            sample.sort_unstable();
            // of a law in steps the distance is taken where it steps; 1.95/sqrt(n): passed by chance once in a thousand seeds
            let mut worst = 0f64;
            for (k, pair) in sample.windows(2).enumerate().filter(|(_, pair)| pair[0] < pair[1]) {
                worst = worst.max(((k + 1) as f64 / f64::from(n) - some_hit(p, f64::from(pair[0]) + 1.0)).abs());
            }
            assert!(worst < 1.95 / f64::from(n).sqrt(), "{p}: {worst}");
            // beyond 2^32 - 1 lies 1.4 % of the law of 1e-9, and nothing of the others
            let beyond = sample.iter().filter(|x| **x == u32::MAX).count() as f64 / f64::from(n);
            let expected = libm::exp(f64::from(u32::MAX) * libm::log1p(-p));
            assert!((beyond - expected).abs() < 4.0 * (expected / f64::from(n)).sqrt() + 1e-9, "{p}: {beyond}");
        }
    }

    /// The mean of all three parts of the law of a p that takes them all, and of bits one by one.
    #[test]
    fn bits_of_small_probabilities_are_fair_but_for_what_is_put_out() {
        let law = Geometric::new(1e-6);
        let mut draws = Key { seed: 4 }.draws(1, 2, 0);
        let n = 200_000;
        let mut ones = vec![0.0; law.bits as usize];
        for _ in 0..n {
            let fine = law.fine(&mut draws);
            ones.iter_mut().enumerate().for_each(|(j, c)| *c += f64::from(fine >> j & 1));
        }
        for (j, ones) in ones.into_iter().enumerate() {
            let r = libm::exp(libm::ldexp(1.0, j as i32) * libm::log1p(-1e-6));
            let expected = f64::from(n) * r / (1.0 + r);
            assert!((ones - expected).abs() < 4.5 * (f64::from(n) / 4.0).sqrt(), "bit {j}: {ones} {expected}");
        }
    }

    #[test]
    fn ends_of_the_range() {
        let mut draws = Key { seed: 5 }.draws(1, 2, 0);
        for p in [0.0, f64::MIN_POSITIVE, 1e-300] {
            assert_eq!(Geometric::new(p).misses(&mut draws, u32::MAX), None, "{p}");
        }
        assert_eq!((0..100).map(|_| Geometric::new(1.0).misses(&mut draws, 1)).max(), Some(Some(0)));
        assert_eq!(Geometric::new(1.0).misses(&mut draws, 0), None);
        assert!((0..1000).filter_map(|_| Geometric::new(0.3).misses(&mut draws, 2)).all(|m| m < 2));
    }
}
