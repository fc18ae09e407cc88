//! Laws of the sources: intervals, and rates that change.

use synfire::network::{Network, Waveform};

use super::{ENGINES, failed};
use crate::case::quantity;
use crate::engines::Which;

/// ms
const DT: f64 = 0.1;

/// Steps of the spikes of each of `size` sources.
fn trains(which: Which, model: &str, size: u64, steps: u64, more: impl Fn(&mut Network)) -> Vec<Vec<u64>> {
    let mut net = Network::new(model);
    net.dt(quantity(DT, "ms")).seed(11);
    net.population("cell", model, size);
    more(&mut net);
    net.probe("cell", "spikes");
    let recording = which.run(&net, steps).unwrap_or_else(|refused| failed(model, which, refused));
    let mut out = vec![Vec::new(); size as usize];
    recording.spikes[0].pairs().for_each(|(step, neuron)| out[neuron as usize].push(step));
    out
}

/// The first `count` intervals of each source after its first spike: as many of each, so that long ones are not left out.
fn intervals(trains: &[Vec<u64>], count: usize) -> Vec<f64> {
    let of = |train: &Vec<u64>| {
        assert!(train.len() > count, "{} spikes", train.len());
        train.windows(2).take(count).map(|w| (w[1] - w[0]) as f64).collect::<Vec<_>>()
    };
    trains.iter().flat_map(of).collect()
}

/// Mean and variance of intervals, in steps, are those within five standard errors of the mean, and 5 %.
fn have(what: &str, intervals: &[f64], mean: f64, variance: f64) {
    let n = intervals.len() as f64;
    let found = intervals.iter().sum::<f64>() / n;
    let spread = intervals.iter().map(|x| (x - found).powi(2)).sum::<f64>() / (n - 1.0);
    assert!((found - mean).abs() < 5.0 * (variance / n).sqrt(), "{what}: mean {found}, not {mean}");
    assert!((spread / variance - 1.0).abs() < 0.05, "{what}: variance {spread}, not {variance}");
}

/// Each step holds an event with p = 1 - exp(-4·50 Hz·0.1 ms): an interval is the sum of four geometric ones.
#[test]
fn intervals_of_the_gamma_source() {
    let p = 1.0 - (-4.0f64 * 0.05 * DT).exp();
    for which in ENGINES {
        let trains = trains(which, "gamma_source", 200, 50_000, |net| {
            net.populations[0].parameter("rate", "50 Hz").parameter("shape", 4);
        });
        let what = format!("gamma on {}", which.name());
        have(&what, &intervals(&trains, 200), 4.0 / p, 4.0 * (1.0 - p) / (p * p));
    }
}

/// 50 steps of nothing, then p = 1 - exp(-h·0.1 ms) with h = 100 Hz/(1 - 0.5).
#[test]
fn intervals_of_the_source_with_dead_time() {
    let p = 1.0 - (-0.2f64 * DT).exp();
    for which in ENGINES {
        let trains = trains(which, "refractory_poisson_source", 200, 30_000, |net| {
            net.populations[0].parameter("rate", "100 Hz").parameter("t_ref", "5 ms");
        });
        let intervals = intervals(&trains, 200);
        let what = format!("dead time on {}", which.name());
        assert_eq!(intervals.iter().copied().fold(f64::MAX, f64::min), 51.0, "{what}");
        have(&what, &intervals, 50.0 + 1.0 / p, (1.0 - p) / (p * p));
    }
}

/// Spikes in each twentieth of a period are a Poisson process's, whether the sine is the model's or driven in.
#[test]
fn the_rate_of_the_inhomogeneous_source() {
    let rate = |t: f64| (0.05 + 0.08 * (std::f64::consts::TAU * 5e-3 * t).sin()).max(0.0);
    for which in ENGINES {
        for driven in [false, true] {
            let trains = trains(which, "inhomogeneous_poisson_source", 500, 20_000, |net| {
                net.populations[0].parameter("rate", "50 Hz");
                if driven {
                    let (amplitude, frequency) = (quantity(80.0, "Hz"), quantity(5.0, "Hz"));
                    net.stimulate("cell", "rate_stim", Waveform::Sine { amplitude, frequency, phase: 0.0, offset: None });
                } else {
                    net.populations[0].parameter("amplitude", "80 Hz").parameter("frequency", "5 Hz");
                }
            });
            let mut counts = [0.0; 20];
            trains.iter().flatten().for_each(|step| counts[(step % 2000) as usize / 100] += 1.0);
            for (bin, count) in counts.iter().enumerate() {
                let chance = |k: usize| 1.0 - (-rate((bin * 100 + k) as f64 * DT) * DT).exp();
                let expected = 500.0 * 10.0 * (0..100).map(chance).sum::<f64>();
                // which end of a step a spike counts for moves a step of a hundred
                let allowed = 5.0 * f64::sqrt(expected) + 5.0 + 0.02 * expected;
                let what = format!("driven {driven} on {}: bin {bin}", which.name());
                assert!((count - expected).abs() < allowed, "{what}: {count}, expected {expected}");
            }
        }
    }
}
