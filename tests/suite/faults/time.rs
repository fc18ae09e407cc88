//! Counts of steps are whole numbers, time stays exact in long runs, Poisson counts have no end.

use std::io::Read;

use synfire::Network;
use synfire::analysis::RateHistogram;
use synfire::random::{Key, PoissonTable, Stream};
use synfire::recording::npz;

use super::{ENGINES, compiled, fault};

/// By sample, then neuron: the first trace of a run.
fn traced(network: &Network, engine: (&str, synfire::Precision), steps: u64) -> Vec<f64> {
    let mut simulation = compiled(network, engine).unwrap();
    simulation.run_steps(steps).unwrap();
    simulation.recording().traces[0].values.clone()
}

#[test]
fn poisson_counts_of_large_means_are_drawn() {
    let network = fault("poisson_mean");
    for engine in ENGINES {
        let counts = traced(&network, engine, 100);
        // 100 neurons, each the sum of 100 draws of mean 20,000: six standard errors
        let last = &counts[counts.len() - 100..];
        let mean = last.iter().sum::<f64>() / 100.0;
        assert!((mean - 2e6).abs() < 6.0 * 2e6f64.sqrt() / 10.0, "{engine:?}: {mean}");
        let variance = last.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 99.0;
        assert!((1e6..3.5e6).contains(&variance), "{engine:?}: {variance}");
    }
}

/// Means from 0 to 2^30 events a step, side by side; `q` is the count of the step.
const MIXED: &str = r#"
name = "mixed"
dt = "1 ms"
duration = "9 ms"
seed = 11
equations = """
neuron counter
  state q = 0
  input q
  step
    q = 0
    receive
"""
[[population]]
name = "p"
model = "counter"
size = 6
[[stimulus]]
target = "p"
input = "q"
waveform = { kind = "poisson", rate = ["0 Hz", "3 kHz", "9999 kHz", "10001 kHz", "7e8 Hz", "1073741824 kHz"], weight = "1" }
[[probe]]
population = "p"
record = "q"
"#;

#[test]
fn the_last_bin_of_a_rate_has_its_own_width() {
    let network = fault("last_bin");
    for engine in ENGINES {
        let mut simulation = compiled(&network, engine).unwrap();
        simulation.run(10.0).unwrap();
        let (recording, dt) = (simulation.recording(), 0.1);
        let rate = &recording.rates[0];
        assert_eq!(rate.count, [3, 3, 3, 1]);
        assert!(rate.hz(dt).all(|hz| (hz - 1000.0).abs() < 1e-9), "{:?}", rate.hz(dt).collect::<Vec<_>>());
        let histogram = RateHistogram::from((rate, dt));
        assert_eq!((histogram.start, histogram.end), (0.0, 10.0));
        assert!(histogram.hz.iter().all(|hz| (hz - 1000.0).abs() < 1e-9));
        // what the archive says, and what it gives back
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("traces.npz");
        npz::write_traces(recording, &path).unwrap();
        assert_eq!(npz::read_traces(&path).unwrap().rates, recording.rates);
        let middles = numbers(&path, "p_rate_time_ms.npy");
        assert!(middles.iter().zip([1.5, 4.5, 7.5, 9.5]).all(|(found, right)| (found - right).abs() < 1e-9), "{middles:?}");
        assert!(numbers(&path, "p_rate_hz.npy").iter().all(|hz| (hz - 1000.0).abs() < 1e-9));
    }
}

/// The last four numbers of an array of an archive that is not compressed or is: a vector of four f64.
fn numbers(path: &std::path::Path, name: &str) -> Vec<f64> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut bytes = Vec::new();
    archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
    let numbers = bytes[bytes.len() - 32..].chunks_exact(8);
    numbers.map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect()
}

#[test]
fn poisson_counts_are_the_same_bits_on_every_engine() {
    let means = [0.0, 3.0, 9999.0, 10_001.0, 7e5, 1_073_741_824.0];
    let laws = means.map(|mean| PoissonTable::new(mean).unwrap());
    let tag = Stream::Stimulus { stimulus: 0 }.tag().unwrap();
    let count = |step: u64, row: usize| {
        let word = |block: u32| Key { seed: 11 }.block(tag, row as u32, step / 4, block)[step as usize % 4];
        laws[row].count_of(word(0), word(1))
    };
    let expected: Vec<u32> = (0..9).flat_map(|step| (0..6).map(move |row| (step, row))).map(|(s, r)| count(s, r)).collect();
    // steps whose random words stand in one block differ, and the largest counts need more than the 24 bits of an f32
    assert!(expected[5] != expected[11] && expected.iter().any(|n| *n > 1 << 24 && *n % 64 != 0), "{expected:?}");
    let network = Network::from_toml(MIXED, "mixed.toml").unwrap();
    for engine in ENGINES {
        let exact = engine.1 == synfire::Precision::F64;
        let expected: Vec<f64> = expected.iter().map(|n| if exact { f64::from(*n) } else { f64::from(*n as f32) }).collect();
        assert_eq!(traced(&network, engine, 9), expected, "{engine:?}");
    }
}

#[test]
fn a_mean_that_cannot_be_counted_is_refused_where_it_stands() {
    let text = MIXED.replace("1073741824 kHz", "1073741825 kHz");
    let said = compiled(&Network::from_toml(&text, "mixed.toml").unwrap(), ENGINES[0]).err().unwrap().to_string();
    assert!(said.contains("stimulus p.q: `rate`: 1073741825 events a step"), "{said}");
    assert!(said.contains("at most 2^30 = 1073741824"), "{said}");
}
