//! Images and movies as spikes and as samples.

use std::path::Path;

use super::tests::{models, wrong_in};
use super::*;
use crate::network::checked::{CheckedWaveform, Column};
use crate::network::{Frames, Network, Waveform};

/// Two frames of 2 by 3: a ramp, and white all over.
const PIXELS: [u8; 12] = [0, 51, 102, 153, 204, 255, 255, 255, 255, 255, 255, 255];

fn write(folder: &Path, name: &str, shape: [usize; 3], pixels: &[u8]) {
    let [frames, rows, columns] = shape;
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({frames}, {rows}, {columns}), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(pixels);
    std::fs::write(folder.join(name), bytes).unwrap();
}

fn net(shape: &[u64], frames: Frames) -> Network {
    let mut net = Network::new("frames");
    net.dt("0.1 ms").duration("40 ms").population("in", "listed", 0).shape(shape).spike_frames(frames);
    net
}

fn steps(folder: &Path, shape: &[u64], frames: Frames) -> Vec<Vec<u64>> {
    let checked = check(&net(shape, frames), &models(), folder).unwrap_or_else(|report| panic!("{report}"));
    checked.populations[0].spike_steps.clone().unwrap()
}

#[test]
fn brighter_pixels_spike_earlier() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "a.npy", [2, 2, 3], &PIXELS);
    let latency = || Frames::new("a.npy", "20 ms", "2 ms");
    // 2 ms + (black - 2 ms)·(1 - grey); black does not spike
    let seen = steps(folder, &[2, 3], latency().black("12 ms"));
    assert_eq!(seen, [vec![220], vec![100, 220], vec![80, 220], vec![60, 220], vec![40, 220], vec![20, 220]]);
    // black comes near the end of the frame if it is not said
    let seen = steps(folder, &[2, 3], latency().offset("1 ms"));
    assert_eq!(seen[1], [(1.0f64 / 0.1 + 20.0 + 180.0 * 0.8) as u64, 230]);
    // two by two pixels: (0 + 51 + 153 + 204)/4 = 102, (102 + 255)/2 = 178.5
    let seen = steps(folder, &[1, 2], latency().black("12 ms").bin(2));
    assert_eq!(seen, [vec![80, 220], vec![50, 220]]);
    let seen = steps(folder, &[1, 2], latency().black("12 ms").crop(1, 1, 2, 1));
    assert_eq!(seen, [vec![40, 220], vec![20, 220]]);
}

/// Rates of 400 pixels of one brightness: counts are those of Poisson sources that spike once a step, and stay with their neuron.
#[test]
fn brighter_pixels_spike_more_often() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let frame = |grey: u8| vec![grey; 400];
    write(folder, "b.npy", [3, 20, 20], &[frame(0), frame(51), frame(255)].concat());
    let rates = || Frames::new("b.npy", "50 ms", "200 Hz").black("20 Hz");
    let seen = steps(folder, &[20, 20], rates());
    // 400 neurons, 500 steps of a probability of 1 - exp(-rate·dt) each: 20 Hz, 56 Hz, 200 Hz
    for (from, rate) in [(0u64, 20.0f64), (500, 56.0), (1000, 200.0)] {
        let p = 1.0 - (-rate * 1e-4).exp();
        let (mean, sd) = (200_000.0 * p, (200_000.0 * p * (1.0 - p)).sqrt());
        let count = seen.iter().flatten().filter(|step| (from + 1..=from + 500).contains(*step)).count() as f64;
        assert!((count - mean).abs() < 4.0 * sd, "{rate} Hz: {count}, expected {mean} with {sd}");
        // all steps of a frame alike: the mean step of the spikes
        let sum: u64 = seen.iter().flatten().filter(|step| (from + 1..=from + 500).contains(*step)).map(|step| step - from).sum();
        assert!((sum as f64 / count - 250.5).abs() < 4.0 * 144.3 / count.sqrt(), "{rate} Hz");
    }
    // ascending, once a step, and the same again
    assert!(
        seen.iter()
            .all(|steps| steps.windows(2).all(|pair| pair[0] < pair[1]) && steps.iter().all(|step| (1..=1500).contains(step)))
    );
    assert_eq!(steps(folder, &[20, 20], rates()), seen);
    // neuron 0 has the same spikes whatever the others are
    write(folder, "c.npy", [3, 1, 1], &[0, 51, 255]);
    assert_eq!(steps(folder, &[1, 1], Frames { file: "c.npy".into(), ..rates() })[0], seen[0]);
    let checked = check(&net(&[20, 20], rates()), &models(), folder).unwrap();
    let said: Vec<String> = checked.remarks.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["population in: the 3 frames of `b.npy` end at 150 ms, the run at 40 ms"]);
    assert_ne!(steps(folder, &[20, 20], rates().offset("10 ms"))[0].first(), None);
}

#[test]
fn a_stimulus_follows_frames() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "a.npy", [2, 2, 3], &PIXELS);
    let mut net = Network::new("current");
    net.population("exc", "lif", 0).shape([2, 3]);
    net.stimulate("exc", "i_ext", Waveform::frames(Frames::new("a.npy", "20 ms", "200 pA").black("50 pA")));
    let checked = check(&net, &models(), folder).unwrap_or_else(|report| panic!("{report}"));
    let CheckedWaveform::Array { samples, interval, .. } = &checked.stimuli[0].waveform else { panic!("no samples") };
    let near = |column: &Column, expected: [f64; 6]| (0..6).all(|k| (column.get(k) - expected[k]).abs() < 1e-4);
    assert_eq!((samples.len(), *interval), (2, 200.0));
    assert!(near(&samples[0], [50.0, 80.0, 110.0, 140.0, 170.0, 200.0]) && near(&samples[1], [200.0; 6]));
}

#[test]
fn what_cannot_be_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "a.npy", [2, 2, 3], &PIXELS);
    let rate = || Frames::new("a.npy", "20 ms", "200 Hz");
    for (shape, frames, expected) in [
        (
            &[3, 2][..],
            rate(),
            "E052]: population in: `a.npy` makes a sheet of 2 rows and 3 columns of neurons, and there is another shape, [3, 2]\n  help: write `shape = [2, 3]`",
        ),
        (
            &[2, 3],
            Frames::new("a.npy", "20 ms", "200 mV"),
            "E052]: population in: `white` is a rate (Hz) or a time (ms), got 200 mV",
        ),
        (
            &[2, 3],
            Frames::new("a.npy", "20 ms", "25 ms"),
            "E052]: population in: `white` is a time within a frame, 0 to 20 ms, got 25 ms",
        ),
        (&[2, 3], rate().black("-1 Hz"), "E052]: population in: `black` is a rate from 0 Hz on, got -1 Hz"),
        (&[2, 3], rate().black("1 ms"), "E030]: population in: `black` is a rate"),
        (&[2, 3], rate().bin(0), "E052]: population in: `bin` is a number of pixels from 1 to 65536, got 0"),
        (&[2, 3], rate().crop(0, 0, 4, 1), "E052]: population in: `a.npy` has 3 columns and 2 rows of pixels, `crop` goes beyond"),
        (&[2, 3], rate().offset("-1 ms"), "E052]: population in: `offset` is a time from 0 ms on, got -1 ms"),
        (
            &[2, 3],
            Frames::new("a.npy", "0.01 ms", "200 Hz"),
            "E076]: population in: interval 0.01 ms is shorter than one step of 0.1 ms",
        ),
        (&[2, 3], Frames::new("a.npy", "1e20 ms", "200 Hz"), "population in: "),
        (&[2, 3], Frames::new("a.npy", "1e12 ms", "200 Hz"), "E036]: population in: `spike_times.frames` needs "),
        (&[2, 3], Frames::new("b.npy", "20 ms", "200 Hz"), "E081]: population in: `b.npy` cannot be read: "),
    ] {
        let said = wrong_in(&net(shape, frames), folder);
        assert!(said.contains(expected), "{expected}\n{said}");
    }
}
