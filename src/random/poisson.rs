//! Poisson counts from tables of whole numbers: the same bits on every engine, as `shaders/random.wgsl` and
//! `shaders/poisson.wgsl` draw them.
//!
//! Means up to [`POISSON_TABLE_MAX`] have a threshold per count. A larger mean has a threshold per *bin* of equal width, and
//! inside a bin a straight line: a second word gives a place in the bin, every one as likely, and that place is mirrored or not
//! with a probability that is itself a straight line. A law that is smooth over a bin is met to second order in its width.

/// The largest mean of a [`PoissonTable`], events a step: counts stay below 2^31.
pub const POISSON_MEAN_MAX: f64 = 1_073_741_824.0;

/// The largest mean with a threshold per count; above it counts share bins.
pub const POISSON_TABLE_MAX: f64 = 1e4;

/// So many thresholds are sooner all looked at, many words side by side, than searched word by word.
const FEW: usize = 64;

/// Bins of a wide law, at most.
const BINS: u64 = 512;

/// A wide law reaches this many standard deviations to both sides; beyond lie less than 1e-9 of it.
const REACH: f64 = 6.5;

/// Poisson counts of one mean, drawn by a search in a table of whole numbers.
///
/// Probabilities are right to 2^-33 up to [`POISSON_TABLE_MAX`]; above it the total variation from the true law (half the sum of
/// the absolute differences of all probabilities) is below 2e-5, and mean and standard deviation are right to 1e-6 of the
/// standard deviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoissonTable {
    /// The smallest count that can be drawn.
    pub first: u32,
    /// P(count < first + (i + 1)·width) in units of 2^-32, rounded; ascending.
    pub thresholds: Vec<u32>,
    /// Counts in a bin; 1: a threshold per count.
    pub width: u32,
    /// By bin (one more than thresholds), in units of 2^-32: how fast the probability that a place is kept grows with twice
    /// the place. Empty where the width is 1.
    pub slopes: Vec<i32>,
}

/// A mean for which there is no table.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("mean of a Poisson count: expected a number from 0 to 2^30 = {POISSON_MEAN_MAX} events a step, found {0}")]
pub struct PoissonError(pub f64);

impl PoissonTable {
    /// **Errors** a mean that is no number, negative, or above [`POISSON_MEAN_MAX`].
    pub fn new(mean: f64) -> Result<PoissonTable, PoissonError> {
        if !(0.0..=POISSON_MEAN_MAX).contains(&mean) {
            return Err(PoissonError(mean));
        }
        Ok(if mean > POISSON_TABLE_MAX { PoissonTable::wide(mean) } else { PoissonTable::narrow(mean) })
    }

    /// A threshold per count.
    fn narrow(mean: f64) -> PoissonTable {
        // the probabilities relative to that of the mode, by their ratios: no logarithm, no factorial, nothing overflows
        let mode = mean as usize;
        let mut relative = vec![0.0; mode];
        relative.push(1.0);
        for k in (0..mode).rev() {
            relative[k] = relative[k + 1] * (k + 1) as f64 / mean;
        }
        while let Some(&last) = relative.last().filter(|p| **p > 1e-20) {
            relative.push(last * mean / relative.len() as f64);
        }
        let total: f64 = relative.iter().sum();
        let mut table = PoissonTable { first: 0, thresholds: Vec::new(), width: 1, slopes: Vec::new() };
        let mut sum = 0.0;
        for p in relative {
            sum += p;
            let threshold = (sum / total * 4_294_967_296.0).round();
            if threshold >= 4_294_967_296.0 {
                break;
            }
            if threshold == 0.0 {
                table.first += 1;
                continue;
            }
            table.thresholds.push(threshold as u32);
            if threshold as u32 == u32::MAX {
                break;
            }
        }
        table
    }

    /// A threshold and a slope per bin.
    fn wide(mean: f64) -> PoissonTable {
        let reach = REACH * mean.sqrt();
        let (first, last) = ((mean - reach).floor() as u64, (mean + reach).ceil() as u64);
        let width = (last + 1 - first).div_ceil(BINS);
        let bins = (last + 1 - first).div_ceil(width);
        // the probabilities relative to that of the mode, by their ratios
        let mut relative = vec![0.0; (bins * width) as usize];
        let mode = (mean as u64 - first) as usize;
        relative[mode] = 1.0;
        for k in (0..mode).rev() {
            relative[k] = relative[k + 1] * (first + k as u64 + 1) as f64 / mean;
        }
        for k in mode + 1..relative.len() {
            relative[k] = relative[k - 1] * mean / (first + k as u64) as f64;
        }
        let bins: Vec<(f64, f64)> = relative.chunks_exact(width as usize).map(moments).collect();
        let total: f64 = bins.iter().map(|(mass, _)| mass).sum();
        let sums = bins.iter().scan(0.0, |sum, (mass, _)| {
            *sum += mass;
            Some(*sum)
        });
        // a float that is too large becomes the largest whole number; the last bin takes what is left
        let thresholds = sums.take(bins.len() - 1).map(|sum| (sum / total * 4_294_967_296.0).round() as u32).collect();
        // the line that has the mean of the bin: the squares of 1 - w, 3 - w, ..., w - 1 add up to w (w² - 1)/3
        let w = width as f64;
        let limit = (2_147_483_647.0 / (w - 1.0)).floor();
        let slope = |mean: f64| (mean * 4_294_967_296.0 * 1.5 / (w * w - 1.0)).round().clamp(-limit, limit) as i32;
        let slopes = bins.iter().map(|(mass, moment)| slope(if *mass > 0.0 { moment / mass } else { 0.0 })).collect();
        PoissonTable { first: first as u32, thresholds, width: width as u32, slopes }
    }

    /// Does a count take two words?
    pub fn is_wide(&self) -> bool {
        self.width > 1
    }

    /// The bin that a word stands for.
    #[inline(always)]
    fn bin(&self, word: u32) -> u32 {
        self.thresholds.partition_point(|t| *t <= word) as u32
    }

    /// The count that a word stands for, or the first of the bin that it stands for.
    #[inline]
    pub fn count(&self, word: u32) -> u32 {
        self.first + self.bin(word) * self.width
    }

    /// The count that a word stands for, of a law that is not wide.
    #[inline(always)]
    pub fn narrow_count(&self, word: u32) -> u32 {
        self.first + self.bin(word)
    }

    /// The counts that words stand for, of a law that is not wide: the same as one by one. A few thresholds are held against all
    /// words side by side, which takes no branch and no look-up.
    #[inline(always)]
    pub fn narrow_counts<const N: usize>(&self, words: &[u32; N]) -> [u32; N] {
        if self.thresholds.len() > FEW {
            return words.map(|word| self.narrow_count(word));
        }
        let mut counts = [self.first; N];
        for threshold in &self.thresholds {
            counts.iter_mut().zip(words).for_each(|(count, word)| *count += u32::from(threshold <= word));
        }
        counts
    }

    /// The count that two words stand for; where the law is not wide, the second is not looked at.
    #[inline]
    pub fn count_of(&self, word: u32, second: u32) -> u32 {
        let bin = self.bin(word);
        let place = self.slopes.get(bin as usize).map_or(0, |slope| place(second, self.width, *slope));
        self.first + bin * self.width + place
    }
}

/// A place in a bin: the high word of word·width, kept where the low word, which is as good as a number of its own, is below a
/// threshold that is a straight line in the place, and mirrored elsewhere.
#[inline]
fn place(word: u32, width: u32, slope: i32) -> u32 {
    let product = u64::from(word) * u64::from(width);
    let (place, rest) = ((product >> 32) as u32, product as u32);
    if rest < kept_below(place, width, slope) { place } else { width - 1 - place }
}

/// 2^31 + slope·(2·place + 1 - width): from 1 to 2^32 - 1, as the slope is bounded.
#[inline]
fn kept_below(place: u32, width: u32, slope: i32) -> u32 {
    0x8000_0000u32.wrapping_add((slope as u32).wrapping_mul((2 * place + 1).wrapping_sub(width)))
}

/// The sum of the probabilities of a bin, and that of their products with 2·place + 1 - width.
fn moments(bin: &[f64]) -> (f64, f64) {
    let width = bin.len() as f64;
    let moment = |(place, p): (usize, &f64)| p * (2.0 * place as f64 + 1.0 - width);
    (bin.iter().sum(), bin.iter().enumerate().map(moment).sum())
}

#[cfg(test)]
mod test {
    use super::*;

    /// ln(k!) - (k ln k - k + ln(2 pi k)/2), by Stirling's series: good to 1e-20 for k above 1000.
    fn remainder(k: f64) -> f64 {
        (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / (k * k)) / (k * k)) / k
    }

    /// k ln(k/mean) + mean - k without cancellation, by the series of the logarithm in v = (k - mean)/(k + mean).
    fn deviance(k: f64, mean: f64) -> f64 {
        let v = (k - mean) / (k + mean);
        let mut sum = (k - mean) * v;
        let mut power = 2.0 * k * v;
        for j in 1..40 {
            power *= v * v;
            sum += power / f64::from(2 * j + 1);
        }
        sum
    }

    /// The Poisson law itself; **source** Loader (2000), Fast and accurate computation of binomial probabilities.
    fn probability(k: u64, mean: f64) -> f64 {
        let k = k as f64;
        libm::exp(-remainder(k) - deviance(k, mean)) / (2.0 * std::f64::consts::PI * k).sqrt()
    }

    /// How many of the 2^32 second words give each place of a bin.
    fn words_by_place(width: u32, slope: i32) -> Vec<u64> {
        let mut out = vec![0; width as usize];
        let below = |x: u64| x.div_ceil(u64::from(width));
        for place in 0..width {
            let begin = u64::from(place) << 32;
            let kept = below(begin + u64::from(kept_below(place, width, slope))) - below(begin);
            out[place as usize] += kept;
            out[(width - 1 - place) as usize] += below(begin + (1 << 32)) - below(begin) - kept;
        }
        out
    }

    /// Half the sum of absolute differences from the true law, worked out for every count from the table's whole numbers.
    fn variation(table: &PoissonTable, mean: f64) -> (f64, f64, f64) {
        let two32 = 4_294_967_296.0;
        let (mut differences, mut covered, mut average, mut square) = (0.0, 0.0, 0.0, 0.0);
        let mut before = 0u64;
        for bin in 0..=table.thresholds.len() {
            let until = table.thresholds.get(bin).map_or(1 << 32, |t| u64::from(*t));
            let mass = (until - before) as f64 / two32;
            before = until;
            let places = if table.is_wide() { words_by_place(table.width, table.slopes[bin]) } else { vec![1 << 32] };
            for (place, words) in places.into_iter().enumerate() {
                let count = u64::from(table.first) + bin as u64 * u64::from(table.width) + place as u64;
                let (found, law) = (mass * words as f64 / two32, probability(count, mean));
                differences += (found - law).abs();
                covered += law;
                average += found * (count as f64 - mean);
                square += found * (count as f64 - mean).powi(2);
            }
        }
        // what the true law has where the table has nothing
        ((differences + (1.0 - covered).max(0.0)) / 2.0, average / mean.sqrt(), square / mean)
    }

    #[test]
    fn total_variation_is_below_1e_4() {
        for mean in [9_999.5, 10_000.0, 10_000.5, 12_345.678, 20_000.0, 65_536.0, 1e5, 3.3e6, 1e8, 987_654_321.0, POISSON_MEAN_MAX]
        {
            let table = PoissonTable::new(mean).unwrap();
            assert_eq!(table.is_wide(), mean > POISSON_TABLE_MAX);
            let (distance, mean_error, variance) = variation(&table, mean);
            println!("{mean}: width {}, variation {distance:e}, mean off {mean_error:e} sd, variance {variance}", table.width);
            assert!(distance < 2e-5, "{mean}: total variation {distance:e}");
            assert!(mean_error.abs() < 1e-6 && (variance - 1.0).abs() < 2e-6, "{mean}: {mean_error:e}, {variance}");
        }
        // the measure sees a law that is a little off: 1e-3 of a standard deviation is a distance of 4e-4
        let table = PoissonTable::new(1e6 + 1.0).unwrap();
        assert!((3e-4..5e-4).contains(&variation(&table, 1e6).0));
    }

    #[test]
    fn counts_side_by_side_are_those_one_by_one() {
        for mean in [0.0, 1e-6, 0.128, 2.0, 20.0, 40.0, 500.0, 1e4] {
            let table = PoissonTable::new(mean).unwrap();
            let borders = table.thresholds.iter().flat_map(|t| [t.wrapping_sub(1), *t, t.wrapping_add(1)]);
            let words: Vec<u32> = borders.chain([0, u32::MAX]).chain((0..1000).map(|k| k * 4_294_967)).collect();
            for words in words.as_chunks::<16>().0 {
                assert_eq!(table.narrow_counts(words), words.map(|w| table.narrow_count(w)), "{mean}");
            }
        }
    }

    #[test]
    fn every_place_of_a_bin_can_be_drawn_and_none_beyond() {
        for mean in [10_001.0, 5e7, POISSON_MEAN_MAX] {
            let table = PoissonTable::new(mean).unwrap();
            assert_eq!(table.slopes.len(), table.thresholds.len() + 1);
            assert!(table.thresholds.windows(2).all(|w| w[0] <= w[1]));
            let largest = table.first + table.slopes.len() as u32 * table.width - 1;
            assert!(largest < 1 << 31);
            for word in [0, 1, 1 << 31, u32::MAX] {
                for second in [0, 1, 12_345, 1 << 31, u32::MAX] {
                    let count = table.count_of(word, second);
                    assert!((table.count(word)..table.count(word) + table.width).contains(&count) && count <= largest);
                }
            }
        }
    }
}
