//! A disk that fails at each of its calls in turn, under every writer of recordings: each failure is told, an older file stays whole, and
//! nothing else is left. (Chunks, of which what is complete stays, are tried beside themselves.)

use std::path::Path;
use std::sync::Arc;

use super::native::{Chunks, Stored};
use super::sink::{Committed, Ended, Header, How, Sink, Spikes, TapHeader};
use super::{Rate, Recording, Sites, SpikeTrain, Trace, csv, nest, npz};
use crate::plan::Sampling;
use crate::whole::tests::each_call_fails;

/// Steps and neurons that fill the buffers of every form more than once.
fn header() -> (Header, [Spikes; 3], [Vec<f64>; 3]) {
    let times = Sampling { first: 1, end: u64::MAX, every: 1 };
    let taps = vec![
        TapHeader::Spikes { population: "e".into(), size: 3, rows: None },
        TapHeader::State { population: "e".into(), variable: "v".into(), unit: "mV".into(), rows: vec![0, 2], times },
        TapHeader::Rate { population: "e".into(), neurons: 3, bin: 10 },
    ];
    let spikes = Spikes { steps: (1..=30_000).collect(), neurons: (0..30_000).map(|k| k % 3).collect() };
    let samples = (0..60_000).map(|k| f64::from(k) * 0.1).collect();
    let positions = vec![Sites { population: "e".into(), um: Arc::new(vec![[1.0, 2.0, 3.0]; 3]) }];
    let header = Header { dt: 0.1, steps: 30_000, instances: 1, taps, positions, ..Header::default() };
    (header, [spikes.clone(), Spikes::default(), spikes], [Vec::new(), samples, Vec::new()])
}

/// A run of two batches into a sink.
fn feed(sink: &mut dyn Sink) -> Result<(), String> {
    let (header, spikes, samples) = header();
    let half = |second: bool| {
        let part = |k: usize, steps: usize| if second { steps / 2..steps } else { 0..steps / 2 }.map(move |place| (k, place));
        let own = (0..3).map(|k| {
            let chosen = part(k, spikes[k].steps.len()).map(|(k, place)| (spikes[k].steps[place], spikes[k].neurons[place]));
            let (steps, neurons) = chosen.unzip();
            Spikes { steps, neurons }
        });
        let values = (0..3).map(|k| part(k, samples[k].len()).map(|(k, place)| samples[k][place]).collect());
        (own.collect::<Vec<_>>(), values.collect::<Vec<_>>())
    };
    let said = |e: super::sink::SinkError| e.to_string();
    sink.begin(&header).map_err(said)?;
    for (second, first) in [(false, 0), (true, 15_000)] {
        let (spikes, samples) = half(second);
        sink.batch(&Committed::new(&header, first, 15_000, &spikes, &samples)).map_err(said)?;
    }
    sink.end(&Ended::new(30_000, How::Whole, &[])).map_err(said)
}

fn recording() -> Recording {
    let mut recording = Recording::default();
    feed(&mut recording).unwrap();
    assert_eq!((recording.spikes[0].step.len(), recording.traces[0].samples()), (30_000, 30_000));
    recording
}

#[test]
fn under_every_sink() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    assert!(each_call_fails(&at("spikes.csv"), &|path: &Path| feed(&mut csv::CsvSpikes::new(path))) > 6);
    assert!(each_call_fails(&at("spikes.dat"), &|path: &Path| feed(&mut nest::NestSpikes::new(path))) > 6);
    // of several files each that can be written is: the others stay as they were
    let mut expected = Vec::new();
    for name in npz::FILES {
        let own = tempfile::tempdir().unwrap();
        let write = |path: &Path| feed(&mut npz::Npz::new(path.parent().unwrap()));
        let calls = each_call_fails_in_a_folder(&own.path().join(name), &write);
        expected.push(calls);
    }
    assert!(expected.iter().all(|calls| *calls == expected[0] && *calls > 20), "{expected:?}");
}

/// As [`each_call_fails`], where other files of the folder may be written.
fn each_call_fails_in_a_folder(path: &Path, write: &dyn Fn(&Path) -> Result<(), String>) -> u32 {
    use crate::whole::tests::failing_behind;
    write(path).unwrap();
    let whole = std::fs::read(path).unwrap();
    let count = || std::fs::read_dir(path.parent().unwrap()).unwrap().count();
    let names = count();
    for calls in 0.. {
        let (outcome, met) = failing_behind(calls, || write(path));
        assert_eq!(
            (outcome.is_err(), std::fs::read(path).unwrap() == whole, count()),
            (met, true, names),
            "call {calls}: {outcome:?}"
        );
        let Err(error) = outcome else { return calls };
        assert!(error.contains("os error 5"), "call {calls}: {error}");
    }
    0
}

#[test]
fn under_every_table() {
    let folder = tempfile::tempdir().unwrap();
    let recording = recording();
    let at = |name: &str| folder.path().join(name);
    type Write = fn(&Recording, &Path) -> Result<(), super::file::FileError>;
    let all: [(&str, Write); 5] = [
        ("spikes.npz", |recording, path| npz::write_spikes(recording, path)),
        ("traces.npz", |recording, path| npz::write_traces(recording, path)),
        ("positions.npz", |recording, path| npz::write_positions(recording, path)),
        ("spikes.csv", |recording, path| csv::write_spikes(recording, path)),
        ("spikes.dat", |recording, path| nest::write_spikes(recording, path)),
    ];
    for (name, write) in all {
        let calls = each_call_fails(&at(name), &|path: &Path| write(&recording, path).map_err(|e| e.to_string()));
        assert!(calls > 4, "{name}: {calls}");
    }
}

#[test]
fn under_every_form_that_chunks_are_made_into() {
    let folder = tempfile::tempdir().unwrap();
    let chunks = folder.path().join("a.chunks");
    feed(&mut Chunks::new(&chunks)).unwrap();
    let stored = Stored::open(&chunks).unwrap();
    assert_eq!(stored.recording(0).unwrap(), recording());
    let at = |name: &str| folder.path().join(name);
    let said = |e: super::sink::SinkError| e.to_string();
    let csv = |path: &Path| stored.hand_over(&mut csv::CsvSpikes::new(path)).map_err(said);
    assert!(each_call_fails(&at("spikes.csv"), &csv) > 6);
    let nest = |path: &Path| stored.hand_over(&mut nest::NestSpikes::new(path)).map_err(said);
    assert!(each_call_fails(&at("spikes.dat"), &nest) > 6);
    let own = tempfile::tempdir().unwrap();
    let npz = |path: &Path| npz::write_stored(&stored, path.parent().unwrap()).map_err(|e| e.to_string());
    for name in npz::FILES {
        assert!(each_call_fails_in_a_folder(&own.path().join(name), &npz) > 20, "{name}");
    }
    // from chunks as from memory
    feed(&mut npz::Npz::new(folder.path())).unwrap();
    for name in npz::FILES {
        assert!(std::fs::read(at(name)).unwrap() == std::fs::read(own.path().join(name)).unwrap(), "{name}");
    }
    drop(stored);
    assert!(Stored::open(&chunks).unwrap().cut().is_none(), "what is read is not written");
}

/// Every length at which a file may have been cut off, of each form that is read back: an error, or what is there.
#[test]
fn what_is_cut_off_anywhere_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let train = SpikeTrain { population: "e".into(), size: 3, step: vec![1, 5, 9], neuron: vec![0, 2, 1], rows: None };
    let trace = Trace {
        population: "e".into(),
        variable: "v".into(),
        unit: "mV".into(),
        rows: vec![0],
        first_step: 1,
        every: 1,
        values: (0..10).map(f64::from).collect(),
        ..Trace::default()
    };
    let rate = Rate { population: "e".into(), neurons: 3, first_step: 1, bin: 5, steps: 10, count: vec![2, 1] };
    let positions = vec![Sites { population: "e".into(), um: Arc::new(vec![[1.0, 2.0, 3.0]; 3]) }];
    let small = Recording {
        dt: 0.1,
        steps: 10,
        spikes: vec![train],
        traces: vec![trace],
        rates: vec![rate],
        positions,
        ..Recording::default()
    };
    npz::write(&small, folder.path()).unwrap();
    let mut lengths = 0;
    for name in npz::FILES {
        let path = folder.path().join(name);
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let error = npz::read(folder.path()).unwrap_err().to_string();
            assert!(error.contains(name), "{name} cut at {length}: {error}");
            lengths += 1;
        }
        std::fs::write(&path, &whole).unwrap();
    }
    assert!(lengths > 2000 && npz::read(folder.path()).unwrap() == small);
}
