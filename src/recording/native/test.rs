//! Files of chunks: what comes back of them whole, cut off, damaged and lying; and every call of the disk that fails.

use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use super::layout::{FOOT, HEAD, Head, Kind, START, foot, u64_at};
use super::*;
use crate::plan::{Reduction, Sampling};
use crate::recording::sink::{How, Spikes, TapHeader};
use crate::recording::{Recording, Sites};
use crate::whole::tests::{fail_behind, failing_behind};

const ORIGIN: u64 = 17;

fn header(instances: usize, taps: Vec<TapHeader>) -> Header {
    let um = (0..5).map(|k| [f64::from(k) * 0.1, 1.0 / 3.0, -0.0]).collect();
    Header {
        network: "a \"b\"".into(),
        network_hash: "00ff".into(),
        seed: u64::MAX,
        dt: 0.1 + 0.2,
        first_step: ORIGIN,
        steps: 100,
        instances,
        taps,
        positions: vec![Sites { population: "p".into(), um: std::sync::Arc::new(um) }],
    }
}

/// Every kind of tap.
fn taps() -> Vec<TapHeader> {
    let (of, variable, unit) = ("p".to_string(), "v".to_string(), "mV".to_string());
    let times = |first, every, end| Sampling { first, every, end };
    let edges = vec![-0.1 - 0.2, 0.0, 1.0 / 3.0];
    vec![
        TapHeader::State {
            population: of.clone(),
            variable: variable.clone(),
            unit: unit.clone(),
            rows: vec![0, 2, 4],
            times: times(2, 3, u64::MAX),
        },
        TapHeader::Spikes { population: of.clone(), size: 5, rows: Some(vec![1, 2, 3]) },
        TapHeader::Rate { population: of.clone(), neurons: 5, bin: 7 },
        TapHeader::AtSpikes { projection: of.clone(), variable: variable.clone(), unit: unit.clone(), size: 5, rows: None },
        TapHeader::Reduced {
            projection: of.clone(),
            variable: variable.clone(),
            unit: unit.clone(),
            of_neurons: true,
            size: 5,
            rows: None,
            times: times(30, 1, 90),
            reduction: Reduction::Histogram { edges },
        },
        TapHeader::Synapses { projection: of.clone(), variable, unit, rows: vec![], times: times(1, 1, u64::MAX) },
        TapHeader::Spikes { population: of, size: 2, rows: None },
    ]
}

/// What a batch holds: its first step, its steps, spikes and samples of every tap.
struct Made(u64, u32, Vec<Spikes>, Vec<Vec<f64>>);

/// Batches of these lengths; of numbers in single precision, or some that are not.
fn batches(header: &Header, lengths: &[u32], single: bool) -> Vec<Made> {
    let mut first = header.first_step;
    let mut draw = {
        let mut x = 12345u64;
        move || {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            x >> 33
        }
    };
    let made = lengths.iter().map(|length| {
        let (mut spikes, mut samples) = (Vec::new(), Vec::new());
        let steps = first + 1..=first + u64::from(*length);
        for tap in (0..header.instances).flat_map(|_| &header.taps) {
            let mut number = || draw() as f64 * if single { 0.25 } else { 0.1 } - 1e8;
            let (mut own, mut values) = (Spikes::default(), Vec::new());
            match tap {
                TapHeader::Spikes { size, .. } | TapHeader::AtSpikes { size, .. } => {
                    for step in steps.clone().filter(|step| step % 3 == 0) {
                        for neuron in 0..*size {
                            let value = number();
                            if value.to_bits().count_ones().is_multiple_of(2) {
                                own.steps.push(step);
                                own.neurons.push(neuron);
                                if matches!(tap, TapHeader::AtSpikes { .. }) {
                                    values.push(if single { f64::from(value as f32) } else { value });
                                }
                            }
                        }
                    }
                }
                TapHeader::Rate { .. } => {
                    own.steps = steps.clone().filter(|step| step % 4 != 0).collect();
                    own.neurons = vec![0; own.steps.len()];
                }
                TapHeader::State { times, .. } | TapHeader::Synapses { times, .. } | TapHeader::Reduced { times, .. } => {
                    let numbers = (times.until(*steps.end()) - times.until(first)) * u64::from(gather::width(tap));
                    values = (0..numbers).map(|_| if single { f64::from(number() as f32) } else { number() }).collect();
                }
            }
            spikes.push(own);
            samples.push(values);
        }
        let made = Made(first, *length, spikes, samples);
        first = *steps.end();
        made
    });
    made.collect()
}

fn feed(sink: &mut dyn Sink, header: &Header, batches: &[Made]) -> Result<(), SinkError> {
    sink.begin(header)?;
    for Made(first, steps, spikes, samples) in batches {
        sink.batch(&Committed::new(header, *first, *steps, spikes, samples))?;
    }
    let steps = batches.iter().map(|made| u64::from(made.1)).sum();
    sink.end(&Ended::new(steps, How::Whole, &["so it is".to_string()]))
}

fn kept(header: &Header, batches: &[Made]) -> Vec<Recording> {
    let mut kept = Vec::<Recording>::new();
    feed(&mut kept, header, batches).unwrap();
    kept
}

/// On this thread, a group for so many bytes.
fn inline(path: &Path, full: usize) -> Chunks {
    let mut sink = Chunks::new(path);
    (sink.inline, sink.full) = (true, full);
    sink
}

/// On a thread of its own, a group for so many bytes, and what the thread does first.
fn threaded(path: &Path, full: usize, first: fn()) -> Chunks {
    let mut sink = Chunks::new(path);
    (sink.full, sink.first) = (full, Some(first));
    sink
}

fn recordings(stored: &Stored) -> Result<Vec<Recording>, FileError> {
    (0..stored.header().instances).map(|instance| stored.recording(instance)).collect()
}

const LENGTHS: [&[u32]; 4] = [&[100], &[1, 30, 30, 30, 9], &[1; 100], &[13, 7, 7, 3, 70]];

#[test]
fn what_comes_back_is_the_recording_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.chunks");
    for (instances, single, lengths, full) in [(1, true, 0, 1 << 20), (1, false, 1, 1), (3, true, 2, 300), (2, false, 3, 1000)] {
        let header = header(instances, taps());
        let batches = batches(&header, LENGTHS[lengths], single);
        let expected = kept(&header, &batches);
        assert!(expected.iter().all(|r| !r.at_spikes[0].value.is_empty() && r.rates[0].count.len() == 15));
        for inline in [true, false] {
            let mut sink = threaded(&path, full, || ());
            sink.inline = inline;
            feed(&mut sink, &header, &batches).unwrap();
            assert_eq!(sink.bytes(), std::fs::metadata(&path).unwrap().len());
            let stored = Stored::open(&path).unwrap();
            assert_eq!((stored.header(), stored.steps(), stored.how()), (&header, 100, Some(("whole", None))));
            assert_eq!((stored.cut(), stored.remarks()), (None, &["so it is".to_string()][..]));
            let found = recordings(&stored).unwrap();
            assert_eq!(found, expected, "{instances} {single} {full} {inline}");
            // == takes 0 for -0
            let bits = |r: &Recording| r.traces[0].values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert!(found.iter().map(bits).eq(expected.iter().map(bits)));
            let singles = stored.kinds().filter(|kind| matches!(kind, Kind::Samples32 | Kind::AtSpikes32)).count();
            assert_eq!(singles > 0, single);
            assert!(stored.recording(instances).is_err());
            let mut again = Vec::<Recording>::new();
            stored.hand_over(&mut again).unwrap();
            assert_eq!(again, expected);
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Numbers that single precision does not hold make the chunk one of double precision, with those before them.
#[test]
fn precision_is_never_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.chunks");
    let times = Sampling { first: 1, every: 1, end: u64::MAX };
    let tap = TapHeader::State { population: "p".into(), variable: "v".into(), unit: "1".into(), rows: vec![0], times };
    let header = header(1, vec![tap]);
    let values = [0.5, -0.0, f64::INFINITY, 0.1, 1e300, f64::MIN_POSITIVE, f64::from(f32::MIN_POSITIVE) / 2.0];
    let one = |(k, x): (usize, &f64)| Made(ORIGIN + k as u64, 1, vec![Spikes::default()], vec![vec![*x]]);
    let batches: Vec<Made> = values.iter().enumerate().map(one).collect();
    feed(&mut inline(&path, 1 << 20), &header, &batches).unwrap();
    let found = Stored::open(&path).unwrap().recording(0).unwrap();
    assert!(found.traces[0].values.iter().map(|x| x.to_bits()).eq(values.iter().map(|x| x.to_bits())));
}

#[test]
fn a_file_that_ends_anywhere_gives_what_was_complete() {
    let folder = tempfile::tempdir().unwrap();
    let (path, short) = (folder.path().join("a.chunks"), folder.path().join("b.chunks"));
    let header = header(2, taps());
    let batches = batches(&header, LENGTHS[3], true);
    feed(&mut inline(&path, 600), &header, &batches).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let (mut most, mut told) = (0, 0);
    let mut expected = kept(&header, &[]);
    let mut file = std::fs::File::create(&short).unwrap();
    for end in 0..whole.len() {
        if end > 0 {
            file.write_all(&whole[end - 1..end]).unwrap();
        }
        let stored = match Stored::open(&short) {
            Ok(stored) => stored,
            // before anything was computed
            Err(error) => {
                assert!(most == 0 && error.to_string().contains("byte "), "{end}: {error}");
                continue;
            }
        };
        assert!(stored.steps() >= most, "{end}");
        if stored.steps() > most {
            most = stored.steps();
            let complete = batches.iter().take_while(|made| made.0 + u64::from(made.1) <= ORIGIN + most).count();
            expected = kept(&header, &batches[..complete]);
        }
        assert_eq!(recordings(&stored).unwrap(), expected, "{end}: {most} steps");
        match stored.cut() {
            Some(cut) => {
                assert_eq!(cut.step, ORIGIN + most);
                assert!(cut.to_string().starts_with("cut off: the file ends"), "{cut}");
                told += 1;
            }
            // the index and what follows can be made again
            None => assert!(most == 100 && stored.how().is_some()),
        }
    }
    assert!(most == 100 && told > 1000);
}

#[test]
fn every_byte_that_is_wrong_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("a.chunks"), folder.path().join("b.chunks"));
    let header = header(1, taps());
    let batches = batches(&header, &[40, 60], true);
    feed(&mut inline(&path, 1), &header, &batches).unwrap();
    let expected = kept(&header, &batches);
    let whole = std::fs::read(&path).unwrap();
    let (mut same, mut wrong, mut cut) = (0, 0, 0);
    std::fs::write(&other, &whole).unwrap();
    let file = std::fs::File::options().write(true).open(&other).unwrap();
    let put = |place: usize, byte: u8| {
        (&file).seek(SeekFrom::Start(place as u64)).unwrap();
        (&file).write_all(&[byte]).unwrap();
    };
    for (place, bits) in (0..whole.len()).flat_map(|place| [(place, 0x55), (place, 0x80)]) {
        if place > 0 {
            put(place - 1, whole[place - 1]);
        }
        put(place, whole[place] ^ bits);
        let read = Stored::open(&other).and_then(|stored| Ok((recordings(&stored)?, stored)));
        match read {
            Err(error) => {
                assert!(error.to_string().contains("byte "), "{error}");
                wrong += 1;
            }
            Ok((_, stored)) if stored.cut().is_some() => cut += 1,
            Ok((found, _)) => {
                assert_eq!(found, expected, "byte {place}");
                same += 1;
            }
        }
    }
    // what makes the same numbers is damage of the index and the foot, which are made again, and of marks that the index repeats
    let index = u64_at(&whole, whole.len() - FOOT) as usize;
    let own = whole.len() - index + 3 * HEAD;
    assert_eq!((same, wrong, cut), (2 * own, 2 * (whole.len() - own), 0));
}

#[test]
fn every_call_of_the_disk_that_fails_is_told_and_nothing_complete_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.chunks");
    let header = header(1, taps());
    let batches = batches(&header, LENGTHS[1], false);
    let expected = kept(&header, &batches);
    std::fs::write(&path, "old").unwrap();
    let mut left = 0;
    for calls in 0.. {
        let (outcome, met) = failing_behind(calls, || feed(&mut inline(&path, 1), &header, &batches));
        assert_eq!(outcome.is_err(), met, "call {calls}: {outcome:?}");
        let Err(error) = outcome else {
            assert!(calls > 8 && left > 4, "{calls} calls, {left} files");
            break;
        };
        assert!(error.to_string().contains("os error 5"), "call {calls}: {error}");
        let part = Growing::beside(&path);
        if !part.exists() {
            // before the first step, or only the disk's word is missing
            assert!(std::fs::read(&path).unwrap() == b"old" || error.to_string().contains("has its name"), "call {calls}");
            continue;
        }
        assert_eq!(std::fs::read(&path).unwrap(), b"old", "call {calls}");
        let stored = Stored::open(&part).unwrap();
        let complete = batches.iter().take_while(|made| made.0 + u64::from(made.1) <= ORIGIN + stored.steps()).count();
        assert_eq!(recordings(&stored).unwrap()[0].traces, kept(&header, &batches[..complete]).pop().unwrap_or_default().traces);
        left += 1;
        std::fs::remove_file(&part).unwrap();
    }
    assert_eq!(recordings(&Stored::open(&path).unwrap()).unwrap(), expected);
}

#[test]
fn an_error_of_the_thread_reaches_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.chunks");
    let header = header(1, taps());
    let batches = batches(&header, LENGTHS[2], true);
    let mut sink = threaded(&path, 1, || fail_behind(3));
    let error = feed(&mut sink, &header, &batches).unwrap_err().to_string();
    assert!(error.contains("os error 5") && error.contains("what is complete in it can be read"), "{error}");
    let stored = Stored::open(Growing::beside(&path)).unwrap();
    assert!(stored.steps() > 0 && stored.steps() < 100 && stored.cut().is_some());
    assert!(!path.exists());
    // it is not overwritten
    let error = feed(&mut Chunks::new(&path), &header, &batches).unwrap_err().to_string();
    assert!(error.contains("a.chunks.part") && error.contains("move it elsewhere"), "{error}");
    // a fault of ours is none of the disk, and told too
    std::fs::remove_file(Growing::beside(&path)).unwrap();
    let mut sink = threaded(&path, 1, || panic!("planted"));
    let error = feed(&mut sink, &header, &batches).unwrap_err().to_string();
    assert!(error.contains("a fault of ours"), "{error}");
}

#[test]
fn after_no_step_there_is_no_file_and_a_dropped_run_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.chunks");
    let header = header(1, taps());
    feed(&mut Chunks::new(&path), &header, &[]).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let batches = batches(&header, &[50, 50], true);
    let mut sink = threaded(&path, 1, || ());
    sink.begin(&header).unwrap();
    let Made(first, steps, spikes, samples) = &batches[0];
    sink.batch(&Committed::new(&header, *first, *steps, spikes, samples)).unwrap();
    drop(sink);
    let stored = Stored::open(Growing::beside(&path)).unwrap();
    assert_eq!((stored.steps(), stored.how()), (50, None));
    assert_eq!(stored.recording(0).unwrap().spikes, kept(&header, &batches[..1])[0].spikes);
}

/// A file with its first chunk, or a head, made anew, sums and all.
fn lied(whole: &[u8], about: impl FnOnce(&mut serde_json::Value), head: impl Fn(&mut Head)) -> Vec<u8> {
    let (mut at, mut out) = (START as usize, whole[..START as usize].to_vec());
    let mut about = Some(about);
    let index = u64_at(whole, whole.len() - FOOT) as usize;
    while at < index {
        let mut one = Head::from_bytes(&whole[at..at + HEAD]).unwrap();
        let end = at + HEAD + one.bytes as usize;
        let mut columns = whole[at + HEAD..end].to_vec();
        at = end;
        if let Some(about) = about.take() {
            let mut json = serde_json::from_slice(&columns).unwrap();
            about(&mut json);
            columns = serde_json::to_vec(&json).unwrap();
            one.bytes = columns.len() as u64;
        }
        one.sum = crc32fast::hash(&columns);
        head(&mut one);
        out.extend(one.to_bytes());
        out.extend(columns);
    }
    out
}

#[test]
fn foreign_and_lying_files_are_errors_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("a.chunks"), folder.path().join("b.chunks"));
    let header = header(1, taps());
    feed(&mut inline(&path, 1), &header, &batches(&header, &[40, 60], true)).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let said = |bytes: &[u8]| {
        std::fs::write(&other, bytes).unwrap();
        let read = Stored::open(&other).and_then(|stored| match stored.cut() {
            Some(cut) => Err(FileError::content(&other, cut.to_string())),
            None => stored.recording(0),
        });
        read.err().map_or_else(String::new, |e| e.to_string())
    };
    let fine = lied(&whole, |_| {}, |_| {});
    assert_eq!(said(&fine), "");
    for (bytes, expected) in [
        (b"".to_vec(), "byte 0: it is no recording in chunks"),
        (b"PK\x03\x04 something else".to_vec(), "byte 0: it is no recording in chunks"),
        ([&whole[..12], &[2, 0, 0, 0], &whole[16..]].concat(), "byte 12: version 2 of the form"),
        // a foot that points elsewhere is no foot
        ([&fine[..], &foot(u64::MAX)].concat(), ""),
        ([&fine[..], &foot(16)].concat(), ""),
    ] {
        let said = said(&bytes);
        assert!(said.contains(expected) && said.is_empty() == expected.is_empty(), "{said}");
    }
    type Change = fn(&mut serde_json::Value);
    let changes: [(Change, &str); 10] = [
        (|about| about["dt_ms"] = "0".into(), "byte 16: `dt_ms` is 0"),
        (|about| about["dt_ms"] = "soon".into(), "byte 16: expected a number, found `soon`"),
        (|about| about["instances"] = u64::MAX.into(), "byte 16: 18446744073709551615 instances"),
        (|about| about["instances"] = 0.into(), "byte 16: 0 instances"),
        (|about| about["instances"] = 2.into(), "is missing"),
        (|about| about["first_step"] = u64::MAX.into(), "behind step 18446744073709551615"),
        (|about| about["taps"][0]["times"]["every"] = 0.into(), "samples every 0 steps"),
        (|about| about["taps"][0]["times"]["every"] = 1.into(), "does not fit what is recorded of `p`"),
        (|about| about["taps"][1]["size"] = 2.into(), "a spike of number 4 of `p`, which has 2"),
        (|about| about["positions"][0]["neurons"] = 6.into(), "5 positions of 6 neurons of `p`"),
    ];
    for (change, expected) in changes {
        let said = said(&lied(&whole, change, |_| {}));
        assert!(said.contains(expected) && said.contains("byte "), "{expected}: {said}");
    }
    type Other = fn(&mut Head);
    let heads: [(Other, &str); 5] = [
        (|head| head.bytes = if head.kind == Kind::Spikes { u64::MAX } else { head.bytes }, "the file ends amid a chunk of"),
        (|head| head.place += u32::from(head.kind == Kind::Counts), "does not fit what is recorded"),
        (|head| head.place = if head.kind == Kind::Counts { 99 } else { head.place }, "a chunk of no tap"),
        (|head| head.first += u64::from(head.kind == Kind::Counts), "is missing"),
        (|head| head.steps *= if head.kind == Kind::Complete { 1 << 40 } else { 1 }, "is missing"),
    ];
    for (change, expected) in heads {
        let said = said(&lied(&whole, |_| {}, change));
        assert!(said.contains(expected) && said.contains("byte "), "{expected}: {said}");
    }
}
