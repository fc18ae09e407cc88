//! Events of files as spikes of populations: which neuron, which step, and what is said of all others.

use std::path::Path;

use super::tests::{models, wrong_in};
use super::*;
use crate::network::{EventFile, Network, Polarity};

/// x, y, on, µs: N-MNIST's bytes.
const EVENTS: [[u32; 4]; 7] =
    [[0, 0, 1, 20], [3, 0, 1, 1_000], [2, 1, 0, 1_040], [5, 3, 1, 900], [3, 0, 1, 1_030], [3, 0, 0, 2_000], [0, 3, 0, 50_000]];

fn write(folder: &Path) {
    let record = |[x, y, on, t]: &[u32; 4]| [*x as u8, *y as u8, (on << 7 | t >> 16) as u8, (t >> 8) as u8, *t as u8];
    std::fs::write(folder.join("a.bin"), EVENTS.iter().flat_map(record).collect::<Vec<u8>>()).unwrap();
}

fn net(shape: &[u64], events: EventFile) -> Network {
    let mut net = Network::new("events");
    net.dt("0.1 ms").duration("10 ms").population("in", "listed", 0).shape(shape).spike_events(events);
    net
}

/// Neurons and their steps, and what is said.
fn seen(folder: &Path, shape: &[u64], events: EventFile) -> (Vec<(usize, Vec<u64>)>, Vec<String>) {
    let checked = check(&net(shape, events), &models(), folder).unwrap_or_else(|report| panic!("{report}"));
    let steps = checked.populations[0].spike_steps.as_ref().unwrap();
    let some = steps.iter().enumerate().filter(|(_, steps)| !steps.is_empty()).map(|(k, steps)| (k, steps.clone()));
    (some.collect(), checked.remarks.iter().map(ToString::to_string).collect())
}

#[test]
fn pixels_become_neurons_and_times_steps() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder);
    let (spikes, said) = seen(folder, &[4, 6], EventFile::new("a.bin"));
    // row 0: columns 0 and 3; row 1: column 2; row 3: columns 0 and 5
    assert_eq!(spikes, [(0, vec![1]), (3, vec![10, 20]), (8, vec![10]), (18, vec![500]), (23, vec![9])]);
    assert_eq!(
        said,
        [
            "population in: 3 spike times of `a.bin` were moved to the nearest step, by up to 0.08 ms",
            "population in: `a.bin`: 6 spikes of 7 events; 1 are of a neuron that spikes in that step already and are one with it, \
             1 come before the one that stands before them in the file, all are sorted, 1 come after the end of the run, 10 ms",
        ]
    );
    let (on, _) = seen(folder, &[4, 6], EventFile::new("a.bin").polarity(Polarity::On));
    assert_eq!(on, [(0, vec![1]), (3, vec![10]), (23, vec![9])]);
    let (off, said) = seen(folder, &[4, 6], EventFile::new("a.bin").polarity(Polarity::Off));
    assert_eq!(off, [(3, vec![20]), (8, vec![10]), (18, vec![500])]);
    assert!(said[1].contains("3 spikes of 7 events; 4 have the other polarity"), "{said:?}");
    let (both, _) = seen(folder, &[2, 4, 6], EventFile::new("a.bin").polarity(Polarity::Sheets));
    let darker = off.iter().map(|(k, steps)| (k + 24, steps.clone()));
    assert_eq!(both, on.into_iter().chain(darker).collect::<Vec<_>>());
}

#[test]
fn space_and_time_are_scaled() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder);
    // columns 0 to 5 and rows 0 to 3 by fours: the last column of neurons has two columns of pixels
    let (binned, _) = seen(folder, &[1, 2], EventFile::new("a.bin").bin(4).crop(0, 0, 6, 4));
    assert_eq!(binned, [(0, vec![1, 10, 20, 500]), (1, vec![9])]);
    let (cut, said) = seen(folder, &[2, 2], EventFile::new("a.bin").crop(2, 0, 2, 2));
    assert_eq!(cut, [(1, vec![10, 20]), (2, vec![10])]);
    assert!(said[1].contains("3 are of pixels or neurons that are left out"), "{said:?}");
    let part = EventFile::new("a.bin").start("0.9 ms").stop("2 ms").scale(2.0).offset("5 ms");
    let (part, said) = seen(folder, &[4, 6], part);
    // (1.0 - 0.9)·2 + 5 = 5.2, (1.03 - 0.9)·2 + 5 = 5.26, (1.04 - 0.9)·2 + 5 = 5.28
    assert_eq!(part, [(3, vec![52, 53]), (8, vec![53]), (23, vec![50])]);
    assert!(said.iter().any(|text| text.contains("3 are outside of `start` and `stop`")), "{said:?}");
    let (early, said) = seen(folder, &[4, 6], EventFile::new("a.bin").offset("-1 ms"));
    assert_eq!(early, [(3, vec![1, 10]), (8, vec![1]), (18, vec![490])]);
    assert!(said[1].contains("2 come before the run begins and are left out"), "{said:?}");
}

#[test]
fn lists_of_spikes_are_events_too() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("a.dat"), "# NEST\nsender\ttime_ms\n5\t0.300\n4\t0.200\n9\t1\n").unwrap();
    let (spikes, said) = seen(folder, &[3], EventFile::new("a.dat").first(4));
    assert_eq!(spikes, [(0, vec![2]), (1, vec![3])]);
    assert!(said[0].contains("1 are of pixels or neurons that are left out, 1 come before the one"), "{said:?}");
    let said = wrong_in(&net(&[3], EventFile::new("a.dat")), folder);
    assert!(
        said.starts_with("error[E064]: population in: `a.dat`: spike 0 is of neuron 5, expected 1 to 3\n  help: `first` "),
        "{said}"
    );
    // the short form takes any format
    let mut short = net(&[9], EventFile::default());
    short.populations[0].spike_file("a.dat");
    let checked = check(&short, &models(), folder).unwrap();
    let steps = checked.populations[0].spike_steps.as_ref().unwrap();
    assert_eq!((&steps[3], &steps[4], &steps[8]), (&vec![2], &vec![3], &vec![10]));
    std::fs::write(folder.join("a.dat"), "sender time_ms\n5\t0.300\n4\t0.200\n9\t1.1\n").unwrap();
    assert_ne!(check(&short, &models(), folder).unwrap().hash, checked.hash, "the bytes of the file are part of the hash");
}

#[test]
fn what_cannot_be_is_said_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder);
    std::fs::write(folder.join("a.csv"), "neuron,time_ms\n0,1\n").unwrap();
    std::fs::write(folder.join("p.csv"), "x,y,time_ms\n0,1,1\n").unwrap();
    std::fs::write(folder.join("cut.bin"), [1, 2, 3]).unwrap();
    let a = || EventFile::new("a.bin");
    for (shape, events, expected) in [
        (
            &[3, 6][..],
            a(),
            "E081]: population in: `a.bin`, byte 15: expected a pixel of a sheet of 6 columns and 3 rows, found column 5, row 3",
        ),
        (
            &[24],
            a(),
            "E052]: population in: `a.bin` does not say how many pixels a row has\n  help: give the population `shape = [rows, columns]`",
        ),
        (
            &[2, 3],
            a().crop(0, 0, 6, 2),
            "E052]: population in: `a.bin` makes a sheet of 2 rows and 6 columns of neurons and the population has another shape, [2, 3]\n  help: write `shape = [2, 6]`",
        ),
        (
            &[4, 6],
            a().polarity(Polarity::Sheets),
            "twice, and the population has another shape, [4, 6]\n  help: write `shape = [2, 4, 6]`",
        ),
        (&[4, 6], a().bin(0), "E052]: population in: `bin` is a number of pixels from 1 to 65536, got 0"),
        (
            &[4, 6],
            EventFile { crop: vec![1, 2], ..a() },
            "E052]: population in: `crop` is the column and the row of a pixel, columns and rows, got [1, 2]",
        ),
        (&[4, 6], a().scale(0.0), "E052]: population in: `scale` is a number above 0, got 0"),
        (&[4, 6], a().start("2 ms").stop("1 ms"), "E052]: population in: it starts at 2 ms and stops at 1 ms"),
        (&[4, 6], a().start("2 mV"), "E030]: population in: `start` is a time"),
        (&[4, 6], a().first(1), "E052]: population in: `a.bin` has events of pixels, `first` is for lists of spikes"),
        (
            &[4, 6],
            a().start("1 s"),
            "E052]: population in: `a.bin`: none of its 7 events is a spike: 7 are outside of `start` and `stop`",
        ),
        (&[1], EventFile::new("a.csv").bin(2), "E052]: population in: `a.csv` lists spikes of neurons, `bin` is for pixels"),
        (
            &[2, 1],
            EventFile::new("p.csv").polarity(Polarity::On),
            "E052]: population in: `p.csv` does not say which pixels became brighter",
        ),
        (
            &[2, 2],
            EventFile::new("cut.bin"),
            "E081]: population in: `cut.bin`, byte 0: expected events of 5 bytes each, found 3 bytes at the end",
        ),
        (&[2, 2], EventFile::new("../a.bin"), "E080]: population in: `../a.bin` does not lie below the folder of the network file"),
        (&[2, 2], EventFile::new("none.bin"), "E081]: population in: `none.bin` cannot be read: "),
    ] {
        let said = wrong_in(&net(shape, events), folder);
        assert!(said.contains(expected), "{expected}\n{said}");
    }
}
