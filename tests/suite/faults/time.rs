//! Counts of steps are whole numbers, time stays exact in long runs, Poisson counts have no end.

use std::io::Read;

use synfire::analysis::RateHistogram;
use synfire::random::{Key, PoissonTable, Stream};
use synfire::recording::npz;
use synfire::{Network, Precision, Simulation, Variant};

use super::{ENGINES, compiled, fault, options};

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

/// Spikes of the first recorded population.
fn spikes(simulation: &Simulation) -> Vec<(u64, u32)> {
    simulation.recording().spikes[0].pairs().collect()
}

#[test]
fn a_source_starts_after_more_steps_than_single_precision_counts() {
    let network = fault("late_source");
    // all of it in single precision; the others go on from where that has come to just before the first part of 2^20 steps ends,
    // before each spike, and after the last
    let mut whole = compiled(&network, ENGINES[0]).unwrap();
    let (mut gpu, mut double) = (compiled(&network, ENGINES[2]).unwrap(), compiled(&network, ENGINES[1]).unwrap());
    let mut found = Vec::new();
    for (until, expected) in [(77_055, None), (19_999_990, Some(20_000_000)), (20_099_990, Some(20_100_000)), (20_100_000, None)] {
        whole.run_steps(until - whole.time_steps()).unwrap();
        found = spikes(&whole);
        let snapshot = whole.snapshot().unwrap();
        let mut states = Vec::new();
        for other in [&mut gpu, &mut double] {
            other.restore(&snapshot).unwrap();
            other.run_steps(20).unwrap();
            assert_eq!(spikes(other), expected.map(|step| (step, 0)).into_iter().collect::<Vec<_>>(), "from step {until}");
            states.push(other.snapshot().unwrap().states);
        }
        assert_eq!(states[0], states[1]);
    }
    assert_eq!(found, [(20_000_000, 0), (20_100_000, 0)]);
}

#[test]
fn periods_off_the_grid_keep_to_the_nearest_step() {
    // periods of 3 1/3, 2.5, 0.4 and 2^24 + 2 steps; a start between two steps
    let text = r#"
name = "periods"
dt = "0.3 ms"
duration = "30 ms"
[[population]]
name = "p"
model = "regular_source"
size = 4
parameters = { period = ["1 ms", "0.75 ms", "0.12 ms", "5033165.4 ms"], start = ["1 ms", "0 ms", "0.6 ms", "1.2 ms"] }
[[probe]]
population = "p"
record = "spikes"
"#;
    let network = Network::from_toml(text, "periods.toml").unwrap();
    let of = |all: &[(u64, u32)], neuron: u32| all.iter().filter(|s| s.1 == neuron).map(|s| s.0).collect::<Vec<_>>();
    for engine in ENGINES {
        let mut simulation = compiled(&network, engine).unwrap();
        simulation.run_steps(100).unwrap();
        let all = spikes(&simulation);
        let thirds: Vec<u64> = (1..=30).map(|k| (f64::from(k) / 0.3).round() as u64).filter(|s| *s <= 100).collect();
        assert_eq!(of(&all, 0), thirds, "{engine:?}");
        // the first is due at step 0, which no step ends at; halves go up
        let halves: Vec<u64> = (0..=40).map(|k| ((2.5 * f64::from(k) + 0.5).floor() as u64).max(1)).filter(|s| *s <= 100).collect();
        assert_eq!(of(&all, 1), halves, "{engine:?}");
        // more than one a step cannot be
        assert_eq!(of(&all, 2), (2..=100).collect::<Vec<_>>(), "{engine:?}");
        assert_eq!(of(&all, 3), [4], "{engine:?}");
    }
}

/// A population of windows: saturated sources, each with a start and a stop of its own.
fn windows(dt: f64, windows: &[(u64, u64)], shared: bool) -> Network {
    let list = |of: &dyn Fn(&(u64, u64)) -> u64| {
        let times: Vec<String> = windows.iter().map(|w| format!("\"{} ms\"", round(of(w) as f64 * dt))).collect();
        if shared { times[0].clone() } else { format!("[{}]", times.join(", ")) }
    };
    let text = format!(
        "name = \"windows\"\ndt = \"{dt} ms\"\nduration = \"1 s\"\n[[population]]\nname = \"p\"\nmodel = \"poisson_source\"\nsize = {}\n\
         parameters = {{ rate = \"1e9 Hz\", start = {}, stop = {} }}\n[[probe]]\npopulation = \"p\"\nrecord = \"spikes\"\n",
        windows.len(),
        list(&|w| w.0),
        list(&|w| w.1)
    );
    Network::from_toml(&text, "windows.toml").unwrap()
}

/// As a user writes it.
fn round(x: f64) -> f64 {
    format!("{x:.9}").parse().unwrap()
}

#[test]
fn windows_of_time_are_windows_of_steps() {
    let network = fault("window_f64");
    for engine in ENGINES {
        let mut simulation = compiled(&network, engine).unwrap();
        simulation.run_steps(10).unwrap();
        assert_eq!(spikes(&simulation), (2..=6).map(|step| (step, 0)).collect::<Vec<_>>(), "{engine:?}");
    }
    // by row: every window of five steps that begins within 400 steps, at steps that binary fractions do not hold
    for dt in [0.1, 0.3, 0.025, 0.07] {
        let all: Vec<(u64, u64)> = (0..400).map(|n| (n, n + 5)).collect();
        for engine in ENGINES {
            let mut simulation = compiled(&windows(dt, &all, false), engine).unwrap();
            simulation.run_steps(406).unwrap();
            let mut found = spikes(&simulation);
            found.sort_unstable_by_key(|s| (s.1, s.0));
            // on in steps n to n + 4, which end at n + 1 to n + 5
            let right: Vec<(u64, u32)> = (0..400).flat_map(|n| (1..=5).map(move |k| (u64::from(n) + k, n))).collect();
            assert!(found == right, "{dt} {engine:?}");
        }
    }
    // shared by all rows: worked out on the host
    for n in (0..400).step_by(13) {
        let network = windows(0.3, &[(n, n + 5)], true);
        for engine in [ENGINES[0], ENGINES[1]] {
            let mut simulation = compiled(&network, engine).unwrap();
            simulation.run_steps(n + 10).unwrap();
            assert_eq!(spikes(&simulation), (1..=5).map(|k| (n + k, 0)).collect::<Vec<_>>(), "{n} {engine:?}");
        }
    }
}

#[test]
fn windows_open_after_more_steps_than_single_precision_counts() {
    // beyond 2^24 and beyond 2^32 steps, and on both sides of a multiple of 2^24
    for first in [(1u64 << 24) + 1, (1 << 25) - 2, (1 << 32) + 7, 3 * (1 << 40)] {
        for (list, shared) in [(vec![(first, first + 3), (first + 1, first + 3)], false), (vec![(first, first + 3)], true)] {
            let network = windows(0.1, &list, shared);
            for engine in ENGINES {
                let mut simulation = compiled(&network, engine).unwrap();
                let mut snapshot = simulation.snapshot().unwrap();
                snapshot.step = first - 2;
                simulation.restore(&snapshot).unwrap();
                simulation.run_steps(8).unwrap();
                let mut right = vec![(first + 1, 0), (first + 2, 0), (first + 3, 0)];
                if !shared {
                    right = vec![(first + 1, 0), (first + 2, 0), (first + 2, 1), (first + 3, 0), (first + 3, 1)];
                }
                assert_eq!(spikes(&simulation), right, "{first} {engine:?}");
            }
        }
    }
}

#[test]
fn what_depends_on_time_alone_is_right_after_hours() {
    let network = fault("phase_of_time");
    let right = |step: u64| libm::sin(std::f64::consts::TAU * ((step % 100) as f64 / 100.0));
    for engine in ENGINES {
        let mut simulation = compiled(&network, engine).unwrap();
        // from the start to 300 s on the processor; a GPU, and ten hours, from where they come to
        if engine.0 == "cpu" {
            simulation.run(300_000.0).unwrap();
            let trace = &simulation.recording().traces[0];
            let last = *trace.values.last().unwrap();
            // a sample at the end of step n - 1 holds what its start gave
            let step = trace.first_step + (trace.samples() as u64 - 1) * trace.every - 1;
            assert!(step > 2_999_800 && (last - right(step)).abs() < 1e-6, "{engine:?}: {last}");
        }
        for first in [2_999_900, 360_000_000, 360_000_000_000] {
            let mut snapshot = simulation.snapshot().unwrap();
            snapshot.step = first;
            simulation.restore(&snapshot).unwrap();
            simulation.run_steps(97 * 3).unwrap();
            let trace = &simulation.recording().traces[0];
            for (k, found) in trace.values.iter().enumerate() {
                let step = trace.first_step + k as u64 * trace.every - 1;
                // f64: 2^-53 of the phase; f32: one rounding
                let bound = if engine.1 == Precision::F64 { 0.0 } else { 6e-8 } + 1e-15 * step as f64;
                assert!((found - right(step)).abs() < bound + 1e-12, "{engine:?} step {step}: {found}, {}", right(step));
            }
        }
    }
}

#[test]
fn instances_keep_clocks_of_their_own() {
    let text = r#"
name = "waves"
dt = "0.1 ms"
duration = "1 s"
equations = """
neuron wave
  param period = 10 ms
  state v = 0 mV
  step
    v = sin(2*pi*t/period)*(1 mV)
"""
[[population]]
name = "p"
model = "wave"
size = 3
[[probe]]
population = "p"
record = "v"
"#;
    let network = Network::from_toml(text, "waves.toml").unwrap();
    let variants: Vec<Variant> = ["10 ms", "40 ms"].iter().map(|period| Variant::new().set("p.period", *period)).collect();
    for engine in ENGINES {
        let mut simulation = network.compile_ensemble(&variants, &options(engine.0, engine.1)).unwrap();
        simulation.run_steps(300).unwrap();
        for (instance, period) in [(0, 100), (1, 400)] {
            let values = &simulation.recording_of(instance).unwrap().traces[0].values;
            for (k, found) in values.iter().enumerate() {
                let right = libm::sin(std::f64::consts::TAU * (k / 3 % period) as f64 / period as f64);
                assert!((found - right).abs() < 1e-7, "{engine:?} instance {instance} sample {k}: {found}, {right}");
            }
        }
        // a new period for all of them
        simulation.set_parameter("p", "period", "20 ms").unwrap();
        simulation.run_steps(26).unwrap();
        let right = libm::sin(std::f64::consts::TAU * 325.0 / 200.0);
        let last = simulation.state("p", "v").unwrap();
        assert!(last.iter().all(|v| (v - right).abs() < 1e-7), "{engine:?}: {last:?}");
    }
}

/// A neuron that spikes whenever it may.
const EAGER: &str = r#"
name = "eager"
dt = "0.1 ms"
duration = "1 s"
equations = """
neuron eager
  param t_ref = 1 ms
  state v = 1
  threshold v > 0
  reset v = 1
  refractory t_ref
"""
[[population]]
name = "p"
model = "eager"
size = 2
parameters = { t_ref = ["1677722.1 ms", "3 ms"] }
[[probe]]
population = "p"
record = "spikes"
"#;

#[test]
fn refractory_periods_longer_than_single_precision_counts_end() {
    let network = Network::from_toml(EAGER, "eager.toml").unwrap();
    let steps = (1 << 24) + 5;
    let mut cpu = compiled(&network, ENGINES[0]).unwrap();
    let mut gpu = compiled(&network, ENGINES[2]).unwrap();
    let mut double = compiled(&network, ENGINES[1]).unwrap();
    // the second part of 2^24 steps is opened, then the end
    for (until, expected) in [(0, Some(1)), (4, None), (steps - 10, Some(steps + 2))] {
        let mut snapshot = cpu.snapshot().unwrap();
        if until < 10 {
            cpu.run_steps(until - cpu.time_steps()).unwrap();
            snapshot = cpu.snapshot().unwrap();
        } else {
            // what 2^24 steps would leave: eleven of the rest, and no part
            snapshot.step = until;
            let columns = cpu.plan().groups()[0].rule.states().iter().position(|s| s.name == " refractory").unwrap();
            (snapshot.states[0][columns][0], snapshot.states[0][columns + 1][0]) = (11.0, 0.0);
        }
        let mut states = Vec::new();
        for other in [&mut gpu, &mut double] {
            other.restore(&snapshot).unwrap();
            other.run_steps(20).unwrap();
            let spiked: Vec<u64> = spikes(other).into_iter().filter(|s| s.1 == 0).map(|s| s.0).collect();
            assert_eq!(spiked, expected.into_iter().collect::<Vec<_>>(), "from step {until}");
            states.push(other.snapshot().unwrap().states);
        }
        assert_eq!(states[0], states[1]);
    }
    // in an ensemble, and while it runs, the network's own columns count
    let short = Network::from_toml(&EAGER.replace("1677722.1 ms", "5 ms"), "eager.toml").unwrap();
    let mut simulation = compiled(&short, ENGINES[0]).unwrap();
    let said = simulation.set_parameter("p", "t_ref", "1677722.1 ms").err().unwrap().to_string();
    assert!(said.contains("refractory for 16777221 steps"), "{said}");
    simulation.set_parameter("p", "t_ref", "1677721.6 ms").unwrap();
    let long = Variant::new().set("p.t_ref", "2000 s");
    let said = short.compile_ensemble(&[long], &options("cpu", Precision::F32)).err().unwrap().to_string();
    assert!(said.contains("20000000 steps"), "{said}");
}

#[test]
fn time_beside_numbers_that_differ_is_remarked_upon() {
    let text = |phase: &str, duration: &str| {
        format!(
            "name = \"w\"\ndt = \"0.1 ms\"\nduration = \"{duration}\"\nequations = \"\"\"\nneuron wave\n  param phase = 0\n  state v = 0\n  step\n    \
             v = sin(2*pi*t/(10 ms) + phase)\n\"\"\"\n[[population]]\nname = \"p\"\nmodel = \"wave\"\nsize = 2\nparameters = {{ phase = {phase} }}\n"
        )
    };
    let remarks = |phase: &str, duration: &str| {
        let network = Network::from_toml(&text(phase, duration), "w.toml").unwrap();
        let all = compiled(&network, ENGINES[0]).unwrap().plan().remarks().to_vec();
        all.into_iter().filter(|remark| remark.contains("`t` stands in the text")).collect::<Vec<_>>()
    };
    let said = remarks("[0, 1]", "300 s");
    // half a unit in the last place of 300 s in f32 is 0.0156 ms; the bound is 300 s times 2^-24
    assert!(said.len() == 1 && said[0].starts_with("p: ") && said[0].contains("1.79e-2 ms after 300000 ms"), "{said:?}");
    assert!(remarks("[0, 1]", "1 s").is_empty() && remarks("0", "300 s").is_empty());
}
