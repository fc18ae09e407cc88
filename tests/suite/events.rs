//! Events of files through a whole run: what the file says is what the sources do.

use std::collections::BTreeSet;

use synfire::{Choice, Network, Options};

use super::{examples, synfire, words};

/// A bar of three columns, rows 7 to 26, moves to the right by a column every 5 ms: column, row, brighter, µs. Each pixel is up to
/// 4 ms late, by a hash, at times that lie nearer to one step of 0.1 ms than to the next.
fn moving_bar() -> Vec<(u8, u8, bool, u32)> {
    let mut events = Vec::new();
    for column in 0..31u32 {
        for row in 7..27u32 {
            for (on, at) in [(true, column + 3), (false, column)] {
                let mixed = (at * 131 + row * 31 + u32::from(on)).wrapping_mul(0x9e37_79b1) >> 16;
                events.push((at as u8, row as u8, on, column * 5_000 + mixed % 40 * 100 + 30));
            }
        }
    }
    events.sort_by_key(|event| event.3);
    events
}

/// `SYNFIRE_UPDATE=1` writes it.
#[test]
fn the_file_of_the_example_is_made_here() {
    let mut bytes = Vec::new();
    for (x, y, on, time) in moving_bar() {
        let [_, high, middle, low] = time.to_be_bytes();
        bytes.extend([x, y, high | u8::from(on) << 7, middle, low]);
    }
    let path = examples().join("moving_bar.bin");
    if std::env::var_os("SYNFIRE_UPDATE").is_some() {
        std::fs::write(&path, &bytes).unwrap();
    }
    assert!(std::fs::read(&path).is_ok_and(|there| there == bytes), "SYNFIRE_UPDATE=1 writes it");
}

#[test]
fn sources_spike_as_the_file_says() {
    let network = Network::load(examples().join("moving_bar.toml")).unwrap_or_else(|report| panic!("{report}"));
    let mut simulation = network.compile(&Options::default().engine(Choice::Cpu).folder(examples())).unwrap();
    simulation.run(180.0).unwrap();
    let recording = simulation.recording();
    for (on, name) in [(true, "on"), (false, "off")] {
        let events = moving_bar().into_iter().filter(|event| event.2 == on);
        // squares of two by two pixels, a step of 0.1 ms, 10 ms later, one spike of a neuron in a step
        let spike = |(x, y, _, time): (u8, u8, bool, u32)| {
            ((f64::from(time) / 100.0).round() as u64 + 100, u32::from(y / 2) * 17 + u32::from(x / 2))
        };
        let expected: BTreeSet<(u64, u32)> = events.map(spike).collect();
        let train = recording.spikes.iter().find(|train| train.population == name).unwrap();
        let seen: BTreeSet<(u64, u32)> = train.pairs().collect();
        assert_eq!(seen, expected, "{name}");
        assert!(expected.len() > 500);
    }
    let cells = recording.spikes.iter().find(|train| train.population == "cells").unwrap();
    assert!(cells.step.len() > 200, "{}", cells.step.len());
}

#[test]
fn the_command_says_what_becomes_of_events() {
    let said = words(&synfire(&examples(), &["check", "moving_bar.toml", "--set", "off.spike_times.events.stop=50 ms"]));
    assert!(said.contains("remark: population on: ") && said.contains("spike times of `moving_bar.bin` were moved"), "{said}");
    assert!(said.contains("of 1240 events; 620 have the other polarity"), "{said}");
    assert!(said.contains("are outside of `start` and `stop`"), "{said}");
    assert!(said.contains("moving_bar.toml:"), "{said}");
}
