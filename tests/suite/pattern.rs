//! The example `pattern`: a neuron finds the start of a pattern that repeats in noise, in both precisions, and does not where it does
//! not learn.

#[path = "../../examples/pattern/detector.rs"]
mod detector;

use detector::{DT, Inputs, LENGTH, MODELS, SHARE, Score};
use synfire::{Choice, Options, Precision};

/// ms
const DURATION: f64 = 30_000.0;

/// The first four seconds, and the last.
fn scores(inputs: &Inputs, models: &str, precision: Precision) -> ([Score; 2], Vec<f64>) {
    let options = Options::default().engine(Choice::Cpu).precision(precision).threads(1);
    let mut simulation = inputs.network(models).compile(&options).unwrap_or_else(|e| panic!("{e}"));
    simulation.run(DURATION).unwrap_or_else(|e| panic!("{e}"));
    let spikes: Vec<f64> = simulation.recording().spikes[0].pairs().map(|(step, _)| step as f64 * DT).collect();
    let weights = simulation.synapse_state("synapses", "w").unwrap_or_else(|e| panic!("{e}"));
    ([inputs.score(&spikes, 0.0, 4000.0), inputs.score(&spikes, DURATION - 4000.0, DURATION)], weights)
}

#[test]
fn the_start_of_a_pattern_is_found() {
    let inputs = Inputs::new(5, DURATION);
    let shown = inputs.starts.len() as f64 * LENGTH / DURATION;
    assert!((shown - SHARE).abs() < 0.02 && inputs.starts.windows(2).all(|s| s[1] - s[0] > 1.5 * LENGTH), "{shown}");
    // nothing but the repetition tells the inputs of the pattern from the others
    let rate = |trains: &[Vec<f64>]| trains.iter().map(Vec::len).sum::<usize>() as f64 / trains.len() as f64;
    let [inside, outside] = [rate(&inputs.trains[..detector::IN_PATTERN]), rate(&inputs.trains[detector::IN_PATTERN..])];
    assert!((inside / outside - 1.0).abs() < 0.02, "{inside} and {outside}");

    for precision in [Precision::F32, Precision::F64] {
        let ([first, last], weights) = scores(&inputs, MODELS, precision);
        assert!(first.rate > 50.0 && first.false_alarms > 40.0, "{precision:?}: {first:?}");
        assert!(last.hits == 1.0 && last.false_alarms == 0.0 && last.latency < 10.0, "{precision:?}: {last:?}");
        // one spike in each pattern
        assert!((last.rate - 1000.0 / LENGTH * SHARE).abs() < 1.5, "{precision:?}: {last:?}");
        // inputs of the pattern are kept, among them those that spike at its start; the others are let go
        let strong = |of: &[f64]| of.iter().filter(|w| **w > 0.5).count();
        let (kept, others) = weights.split_at(detector::IN_PATTERN);
        assert!(strong(kept) > 4 * strong(others), "{precision:?}: {} and {}", strong(kept), strong(others));
        let mean = |of: &dyn Fn(f64) -> bool| {
            let first = |train: &Vec<f64>| train.first().copied().unwrap_or(LENGTH);
            let chosen: Vec<f64> =
                kept.iter().zip(&inputs.pattern).filter(|(_, train)| of(first(train))).map(|(w, _)| *w).collect();
            chosen.iter().sum::<f64>() / chosen.len() as f64
        };
        let [early, late] = [mean(&|first| first < 5.0), mean(&|first| first >= 5.0)];
        assert!(early > 3.0 * late, "{precision:?}: {early} and {late}");
    }

    let unlearned = MODELS.replace("a_plus = 0.03125", "a_plus = 0");
    assert_ne!(unlearned, MODELS);
    let ([_, last], _) = scores(&inputs, &unlearned, Precision::F32);
    assert!(last.false_alarms > 40.0, "{last:?}");
}
