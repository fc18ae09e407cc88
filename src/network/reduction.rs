//! What is kept of a sample of many values, instead of each: a mean, a sum, a histogram.
//!
//! In: values, one after the other. Out: a few numbers, which depend on the values and their order alone. Not here: of what, and
//! how often ([`Probe`](super::Probe)).

/// What is kept of a sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Reduction {
    /// Two numbers: the mean, and the standard deviation (over the number of values, not one less).
    #[default]
    Mean,
    /// The sum.
    Sum,
    /// How many values lie in each bin, then how many below the first and how many above the last.
    Histogram {
        /// Where each bin begins, ascending, and where the last one ends. **Units** internal. A bin holds the edge that it begins
        /// with, the last one also that which it ends with; what lies as near to an edge as single precision tells is on it.
        edges: Vec<f64>,
    },
}

/// Values so much below an edge, as a share of it, are on it: four roundings of single precision.
const ON_THE_EDGE: f64 = 2.4e-7;

impl Reduction {
    /// The word of a description.
    pub fn word(&self) -> &'static str {
        match self {
            Reduction::Mean => "mean",
            Reduction::Sum => "sum",
            Reduction::Histogram { .. } => "histogram",
        }
    }

    /// Numbers of a sample.
    pub fn width(&self) -> usize {
        match self {
            Reduction::Mean => 2,
            Reduction::Sum => 1,
            // bins, and the two sides
            Reduction::Histogram { edges } => edges.len() + 1,
        }
    }

    /// Bins of one width.
    pub fn bins(low: f64, high: f64, count: u64) -> Reduction {
        // each edge from its own number, so that no error adds up
        let at = |k: u64| if k == count { high } else { low + (high - low) * (k as f64 / count as f64) };
        Reduction::Histogram { edges: (0..=count).map(at).collect() }
    }
}

/// A sample under way.
#[derive(Clone, Debug)]
pub struct Reducing<'r> {
    of: &'r Reduction,
    count: u64,
    /// The mean so far; of a sum: its rounding errors.
    first: f64,
    /// The sum of squared distances from the mean so far; the sum.
    second: f64,
    /// By edge: the least number that is on it or above.
    least: Vec<f64>,
    /// The largest number in the last bin.
    most: f64,
    counts: Vec<u64>,
}

impl<'r> Reducing<'r> {
    /// Of no value yet.
    pub fn new(of: &'r Reduction) -> Reducing<'r> {
        let edges = if let Reduction::Histogram { edges } = of { &edges[..] } else { &[] };
        let least = edges.iter().map(|edge| edge - ON_THE_EDGE * edge.abs()).collect();
        let most = edges.last().map_or(0.0, |edge| edge + ON_THE_EDGE * edge.abs());
        Reducing { of, count: 0, first: 0.0, second: 0.0, least, most, counts: vec![0; edges.len() + 1] }
    }

    /// One value more.
    pub fn push(&mut self, x: f64) {
        match self.of {
            Reduction::Mean => {
                // Welford 1962
                self.count += 1;
                let from = x - self.first;
                self.first += from / self.count as f64;
                self.second += from * (x - self.first);
            }
            Reduction::Sum => {
                // Neumaier 1974
                let sum = self.second + x;
                self.first += if self.second.abs() >= x.abs() { (self.second - sum) + x } else { (x - sum) + self.second };
                self.second = sum;
            }
            Reduction::Histogram { .. } => {
                let bins = self.least.len().saturating_sub(1);
                let place = match self.least.partition_point(|least| *least <= x) {
                    0 => bins,
                    k if k <= bins => k - 1,
                    _ if x <= self.most && bins > 0 => bins - 1,
                    _ => bins + 1,
                };
                self.counts[place] += 1;
            }
        }
    }

    /// The numbers of the sample. The mean of no value is NaN.
    pub fn finish(self, out: &mut Vec<f64>) {
        match self.of {
            Reduction::Mean if self.count == 0 => out.extend([f64::NAN, f64::NAN]),
            Reduction::Mean => out.extend([self.first, (self.second / self.count as f64).max(0.0).sqrt()]),
            Reduction::Sum => out.push(self.second + self.first),
            Reduction::Histogram { .. } => out.extend(self.counts.iter().map(|n| *n as f64)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reduced(of: &Reduction, values: &[f64]) -> Vec<f64> {
        let (mut reducing, mut out) = (Reducing::new(of), Vec::new());
        values.iter().for_each(|x| reducing.push(*x));
        reducing.finish(&mut out);
        assert_eq!(out.len(), of.width());
        out
    }

    #[test]
    fn means_and_sums_keep_what_plain_sums_lose() {
        assert_eq!(reduced(&Reduction::Mean, &[1.0, 2.0, 3.0, 4.0]), [2.5, 1.25f64.sqrt()]);
        // a mean far from 0: squares of the values have no digits left for their distances
        let far: Vec<f64> = [1.0, 2.0, 3.0, 4.0].iter().map(|x| x + 1e9).collect();
        assert_eq!(reduced(&Reduction::Mean, &far), [1e9 + 2.5, 1.25f64.sqrt()]);
        assert_eq!(reduced(&Reduction::Mean, &[0.3; 7]), [0.3, 0.0]);
        assert_eq!(reduced(&Reduction::Sum, &[1e16, 1.0, -1e16]), [1.0]);
        assert_eq!(reduced(&Reduction::Sum, &[]), [0.0]);
        assert!(reduced(&Reduction::Mean, &[]).iter().all(|x| x.is_nan()));
    }

    #[test]
    fn every_value_is_in_one_bin_or_beyond_them() {
        let thirds = Reduction::Histogram { edges: vec![0.0, 0.1, 0.7, 1.0] };
        // edges belong to the bin that they begin, the last one to the last
        assert_eq!(reduced(&thirds, &[0.0, 0.05, 0.1, 0.7, 0.9, 1.0, -0.1, 1.1, 5.0]), [2.0, 1.0, 3.0, 1.0, 2.0]);
        // single precision has the nearest numbers that it can hold, here below and above
        let narrow: Vec<f64> = [0.1f32, 0.7, 1.0].iter().map(|x| f64::from(*x)).collect();
        assert!(narrow[0] > 0.1 && narrow[1] < 0.7);
        assert_eq!(reduced(&thirds, &narrow), [0.0, 1.0, 2.0, 0.0, 0.0]);
        assert_eq!(Reduction::bins(0.0, 0.3, 3), Reduction::Histogram { edges: vec![0.0, 0.3 / 3.0, 0.3 * (2.0 / 3.0), 0.3] });
        let bins = Reduction::bins(0.0, 0.3, 3);
        assert_eq!(reduced(&bins, &[0.1, 0.2, 0.3, f64::from(0.3f32)]), [0.0, 1.0, 3.0, 0.0, 0.0]);
    }
}
