//! How the power of a trace or a rate is spread over frequencies.

use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

/// Power over frequency.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spectrum {
    /// From 0 to half the sampling rate.
    pub hz: Vec<f64>,
    /// In the square of the unit of the values, per Hz.
    pub density: Vec<f64>,
}

/// Power spectral density by Welch's method: segments that overlap by half, each less its mean, under a Hann window, and the mean of their
/// periodograms; of one side, so that its integral is the variance.
///
/// Of a trace: the values of a row; of a population: `welch(&rate.hz, rate.bin, segment)` of its
/// [`RateHistogram`](super::RateHistogram).
///
/// **Units**: `interval` from value to value in ms, `segment` in values; the result in Hz and the square of the values' unit per Hz.
/// **Shape**: segment/2 + 1 frequencies, 1000/(segment · interval) Hz apart. A segment longer than the values is as long as they are; none
/// of fewer than two values, or where `interval` is no time. Values that are no numbers give NaN.
///
/// **Source**: Welch (1967), IEEE Trans. Audio Electroacoust. 15:70.
#[doc(alias = "power spectrum", alias = "psd")]
pub fn welch(values: &[f64], interval: f64, segment: usize) -> Spectrum {
    let n = segment.min(values.len());
    if n < 2 || !(interval > 0.0 && interval.is_finite()) {
        return Spectrum::default();
    }
    let rate = 1e3 / interval;
    let window: Vec<f64> = (0..n).map(|k| 0.5 - 0.5 * libm::cos(std::f64::consts::TAU * k as f64 / n as f64)).collect();
    let fft = FftPlanner::<f64>::new().plan_fft_forward(n);
    let half = n / 2 + 1;
    let mut density = vec![0.0; half];
    let starts: Vec<usize> = (0..=values.len() - n).step_by(n - n / 2).collect();
    for &start in &starts {
        let part = &values[start..start + n];
        let mean = super::mean(part);
        let mut line: Vec<Complex<f64>> = part.iter().zip(&window).map(|(x, w)| Complex::new((x - mean) * w, 0.0)).collect();
        fft.process(&mut line);
        density.iter_mut().zip(&line).for_each(|(sum, value)| *sum += value.norm_sqr());
    }
    let scale = 1.0 / (rate * window.iter().map(|w| w * w).sum::<f64>() * starts.len() as f64);
    for (k, value) in density.iter_mut().enumerate() {
        // what lies at negative frequencies; 0 and half the sampling rate have no other side
        let sides = if k == 0 || 2 * k == n { 1.0 } else { 2.0 };
        *value *= sides * scale;
    }
    Spectrum { hz: (0..half).map(|k| k as f64 * rate / n as f64).collect(), density }
}
