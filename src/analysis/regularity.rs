//! What each neuron does: how often and how regularly it fires.

use super::{Window, by_neuron, mean};
use crate::recording::SpikeTrain;

/// Spikes per second of each recorded neuron, the silent ones with 0.
///
/// **Units**: `dt` in ms, rates in Hz. **Shape**: as the recorded neurons.
pub fn rates(train: &SpikeTrain, window: Window, dt: f64) -> Vec<f64> {
    let seconds = window.steps() as f64 * dt * 1e-3;
    by_neuron(train, window).iter().map(|steps| steps.len() as f64 / seconds).collect()
}

/// The intervals between the spikes of each recorded neuron.
///
/// **Units**: steps. **Shape**: as the recorded neurons; one less than the neuron's spikes.
#[doc(alias = "isi")]
pub fn intervals(train: &SpikeTrain, window: Window) -> Vec<Vec<u64>> {
    let gaps = |steps: &Vec<u64>| steps.windows(2).map(|pair| pair[1] - pair[0]).collect();
    by_neuron(train, window).iter().map(gaps).collect()
}

/// Coefficient of variation of the intervals, sd (1/n) over mean, of each neuron with at least three spikes.
///
/// 0 is a clock, 1 a Poisson process. **Shape**: the neurons with fewer spikes are left out.
pub fn cvs(train: &SpikeTrain, window: Window) -> Vec<f64> {
    intervals(train, window).iter().filter(|gaps| gaps.len() >= 2).map(|gaps| cv(gaps)).collect()
}

/// Coefficient of variation of intervals, sd (1/n) over mean.
///
/// 0 is a clock, 1 a Poisson process. NaN of fewer than two intervals.
pub fn cv(intervals: &[u64]) -> f64 {
    let mut moments = Moments::default();
    intervals.iter().for_each(|gap| moments.count(*gap));
    moments.cv(intervals.len() as u64)
}

/// CV2: how unlike neighbouring intervals are, the mean of 2 |b - a| / (a + b).
///
/// A slow change of the rate, which makes [`cv`] large, leaves it as it is: 0 is a clock, 1 a Poisson process. NaN of fewer than
/// two intervals.
///
/// **Source**: Holt, Softky, Koch and Douglas (1996), J. Neurophysiol. 75:1806.
pub fn cv2(intervals: &[u64]) -> f64 {
    2.0 * of_neighbours(intervals, cv2_of)
}

fn cv2_of(a: f64, b: f64) -> f64 {
    (b - a).abs() / (a + b)
}

/// Local variation LV, the mean of 3 ((b - a) / (a + b))² over neighbouring intervals.
///
/// 0 is a clock, 1 a Poisson process, above 1 bursts. NaN of fewer than two intervals.
///
/// **Source**: Shinomoto, Shima and Tanji (2003), Neural Comput. 15:2823.
pub fn lv(intervals: &[u64]) -> f64 {
    3.0 * of_neighbours(intervals, lv_of)
}

fn lv_of(a: f64, b: f64) -> f64 {
    ((b - a) / (a + b)).powi(2)
}

/// Local variation revised for refractoriness, the mean of 3 (1 - 4ab/(a + b)²)(1 + 4R/(a + b)).
///
/// **Units**: `refractory`, R, in steps as the intervals (5 ms in the source). NaN of fewer than two intervals.
///
/// **Source**: Shinomoto et al. (2009), PLoS Comput. Biol. 5:e1000433, equation 3.
pub fn lvr(intervals: &[u64], refractory: f64) -> f64 {
    3.0 * of_neighbours(intervals, |a, b| lvr_of(a, b, refractory))
}

fn lvr_of(a: f64, b: f64, refractory: f64) -> f64 {
    let both = a + b;
    (1.0 - 4.0 * a * b / (both * both)) * (1.0 + 4.0 * refractory / both)
}

/// The mean of something over neighbouring intervals; NaN where there are none.
fn of_neighbours(intervals: &[u64], something: impl Fn(f64, f64) -> f64) -> f64 {
    let each: Vec<f64> = intervals.windows(2).map(|pair| something(pair[0] as f64, pair[1] as f64)).collect();
    mean(&each)
}

/// ms, as the authors of LvR have it.
pub(super) const REFRACTORY_MS: f64 = 5.0;

/// What the spikes of one neuron amount to: enough for its rate and the regularity of its intervals, however many there are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moments {
    spikes: u64,
    /// The step of the last spike, and the interval before it.
    last: u64,
    gap: u64,
    /// Of intervals, in steps, and of their squares: whole numbers, so that what is added first does not matter.
    sum: u128,
    squares: u128,
    /// Of neighbouring intervals, as [`cv2`], [`lv`] and [`lvr`] add them up.
    cv2: f64,
    lv: f64,
    lvr: f64,
}

impl Moments {
    /// Takes the next spike; `refractory` as in [`lvr`].
    pub fn add(&mut self, step: u64, refractory: f64) {
        if self.spikes > 0 {
            let gap = step.saturating_sub(self.last);
            if self.spikes > 1 {
                let (a, b) = (self.gap as f64, gap as f64);
                self.cv2 += cv2_of(a, b);
                self.lv += lv_of(a, b);
                self.lvr += lvr_of(a, b, refractory);
            }
            self.count(gap);
            self.gap = gap;
        }
        self.spikes += 1;
        self.last = step;
    }

    fn count(&mut self, gap: u64) {
        let gap = u128::from(gap);
        self.sum = self.sum.saturating_add(gap);
        self.squares = self.squares.saturating_add(gap * gap);
    }

    pub fn spikes(&self) -> u64 {
        self.spikes
    }

    /// Has it two intervals at least, of which regularity is one?
    pub fn is_regular_or_not(&self) -> bool {
        self.spikes > 2
    }

    /// Of the intervals as [`cv`], [`cv2`], [`lv`] and [`lvr`] give them.
    pub fn regularity(&self) -> [f64; 4] {
        let pairs = self.spikes.saturating_sub(2) as f64;
        [self.cv(self.spikes.saturating_sub(1)), 2.0 * (self.cv2 / pairs), 3.0 * (self.lv / pairs), 3.0 * (self.lvr / pairs)]
    }

    /// sd (1/n) over mean of so many intervals: √(n Σx² - (Σx)²) / Σx, in whole numbers up to the root.
    fn cv(&self, intervals: u64) -> f64 {
        if intervals < 2 {
            return f64::NAN;
        }
        let spread = u128::from(intervals).checked_mul(self.squares).zip(self.sum.checked_mul(self.sum));
        let root = match spread {
            Some((squares, square)) => (squares.saturating_sub(square) as f64).sqrt(),
            // of times beyond 10^18 steps
            None => (intervals as f64 * self.squares as f64 - (self.sum as f64).powi(2)).max(0.0).sqrt(),
        };
        root / self.sum as f64
    }
}
