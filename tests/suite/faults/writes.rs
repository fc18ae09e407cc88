//! Disks that take no more at any length of any file, and processes that are killed while they write: a clean error, what is complete
//! can be read, and nothing that was there is overwritten.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use synfire::recording::Recording;
use synfire::recording::native::Stored;
use synfire::recording::{csv, npz};

use super::super::{files, words};

/// So many neurons, of which all or some potentials are recorded.
fn network(size: usize, rows: &str) -> String {
    format!(
        r#"
name = "net"
[[population]]
name = "e"
model = "lif_psc_exp"
size = {size}
initial.v = {{ uniform = ["-70 mV", "-50 mV"] }}
[[stimulus]]
target = "e"
input = "i_stim"
waveform = {{ kind = "constant", amplitude = "900 pA" }}
[[probe]]
population = "e"
record = "spikes"
[[probe]]
population = "e"
record = "v"
{rows}
"#
    )
}

fn drafts(folder: &Path) -> Vec<PathBuf> {
    files(folder).into_iter().filter(|name| name.starts_with(".out.part-")).map(|name| folder.join(name)).collect()
}

/// The recording of a file of chunks, whole or not; `None`: it was cut off before anything was to be recorded.
fn stored(path: &Path) -> Option<Recording> {
    match Stored::open(path) {
        Ok(stored) => Some(stored.recording(0).unwrap_or_else(|e| panic!("{e}"))),
        // less than the chunk that tells what is recorded
        Err(error) => {
            assert!(error.to_string().contains("byte "), "{error}");
            None
        }
    }
}

/// As a whole run was up to the step that a part reaches.
fn up_to(whole: &Recording, steps: u64) -> Recording {
    let mut part = whole.clone();
    part.steps = steps;
    let spikes = part.spikes[0].step.partition_point(|step| *step <= steps);
    part.spikes[0].step.truncate(spikes);
    part.spikes[0].neuron.truncate(spikes);
    let wide = part.traces[0].rows.len();
    part.traces[0].values.truncate(steps as usize * wide);
    part
}

/// A limit of file size is a disk that is full at that byte of each file: every form, the record and the pictures, which are the longest here, are
/// tried with every length up to one that suffices.
#[test]
fn no_more_room_at_any_length() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    fs::write(place("net.toml"), network(30, "rows = { list = [0, 7] }")).unwrap();
    let run = |limit: Option<u64>, out: &str, more: &str| -> Output {
        let limited = limit.map_or_else(String::new, |most| format!("ulimit -f {most}; "));
        let command = format!(
            "{limited}exec '{}' run net.toml --engine cpu --duration '20 ms' --format npz,csv,nest --out {out} {more}",
            env!("CARGO_BIN_EXE_synfire")
        );
        Command::new("bash").args(["-c", &command]).current_dir(folder.path()).output().unwrap()
    };
    for (streamed, stream) in [(false, ""), (true, "--keep-chunks")] {
        let older = run(None, "out", &format!("--force --seed 7 {stream}"));
        assert!(older.status.success(), "{}", words(&older));
        let names = files(&place("out"));
        let bytes = || names.iter().map(|name| fs::read(place("out").join(name)).unwrap()).collect::<Vec<_>>();
        let before = bytes();
        let whole = npz::read(place("out")).unwrap();
        let (mut refused, mut remarked) = (0, 0);
        for most in 0.. {
            // in KiB; every one at first, where a file ends in each
            let most: u64 = if most < 12 { most } else { 12 << ((most - 12) / 2) };
            let done = run(Some(most), "out", &format!("--force --seed 7 {stream}"));
            let said = format!("{most} KiB, {stream}: {:?}, {}", done.status.code(), words(&done));
            if done.status.success() {
                // the same run in the place of the older; pictures are no data
                assert!(npz::read(place("out")).unwrap() == whole, "{said}");
                assert!(drafts(folder.path()).is_empty(), "{said}");
                if files(&place("out")) == names && !said.contains("remark") {
                    break;
                }
                remarked += 1;
                assert!(said.contains("no picture") || said.contains("does not tell"), "{said}");
                assert!(run(None, "out", &format!("--force --seed 7 {stream}")).status.success());
                continue;
            }
            refused += 1;
            assert_eq!(done.status.code(), Some(5), "{said}");
            assert!(said.contains("error: cannot write") && said.contains("os error 27"), "{said}");
            // where something is left it is said what to do
            assert!(said.contains("help: ") || drafts(folder.path()).is_empty(), "{said}");
            assert!(!said.contains("panicked"), "{said}");
            // the older run is as it was, and what has its name in a draft is whole
            assert_eq!(files(&place("out")), names, "{said}");
            assert!(
                names
                    .iter()
                    .zip(&before)
                    .all(|(name, was)| !name.ends_with("z") || fs::read(place("out").join(name)).unwrap() == *was)
            );
            for draft in drafts(folder.path()) {
                for name in files(&draft) {
                    let path = draft.join(&name);
                    match name.as_str() {
                        "spikes.npz" => assert!(npz::read_spikes(&path).unwrap().spikes == whole.spikes, "{said}"),
                        "traces.npz" => assert!(npz::read_traces(&path).unwrap().traces == whole.traces, "{said}"),
                        "spikes.csv" => assert_eq!(csv::read_spikes(&path, 0.1).unwrap()[0].step, whole.spikes[0].step, "{said}"),
                        "spikes.dat" => assert!(fs::read(&path).unwrap() == fs::read(place("out").join("spikes.dat")).unwrap()),
                        "recording.chunks" => assert!(stored(&path).unwrap() == whole, "{said}"),
                        "recording.chunks.part" => {
                            let part = stored(&path).unwrap_or_else(|| up_to(&whole, 0));
                            assert!(part == up_to(&whole, part.steps), "{said}");
                        }
                        "record.json" => {
                            let record: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
                            assert!(record["remarks"].to_string().contains("this run is not whole"), "{said}");
                        }
                        _ => panic!("{name} in a draft: {said}"),
                    }
                }
                fs::remove_dir_all(draft).unwrap();
            }
        }
        assert!(refused > 5 && remarked > 0, "{refused} refused, {remarked} without a picture, streamed {streamed}");
        fs::remove_dir_all(place("out")).unwrap();
    }
}

/// SplitMix64: moments that are others in each run of the tests, and printed.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A run that writes while it goes on, killed at any moment: what is complete is, to the bit, the beginning of the whole run, and older
/// runs and what others left stay as they are.
#[test]
fn twenty_kills_of_a_run_that_streams() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    fs::write(place("net.toml"), network(2000, "")).unwrap();
    let start = || {
        Command::new(env!("CARGO_BIN_EXE_synfire"))
            .args(["run", "net.toml", "--engine", "cpu", "--duration", "250 ms", "--keep-chunks", "--no-picture", "--no-measures"])
            .args(["--force", "--out", "out"])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let began = Instant::now();
    let first = start().wait_with_output().unwrap();
    assert!(first.status.success(), "{}", words(&first));
    let takes = began.elapsed();
    // 20 MB: five groups of chunks
    let whole = stored(&place("out/recording.chunks")).unwrap();
    assert!(whole == npz::read(place("out")).unwrap() && whole.spikes[0].step.len() > 2000);
    let mut state = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    println!("moments from seed {state}, a run takes {takes:?}");
    let (mut parts, mut some) = (0, 0);
    for kill in 0..20 {
        let mut child = start();
        std::thread::sleep(takes.mul_f64((next(&mut state) % 1000) as f64 / 1000.0) + Duration::from_millis(1));
        child.kill().unwrap();
        child.wait().unwrap();
        let aside: Vec<PathBuf> =
            files(folder.path()).into_iter().filter(|name| name.starts_with(".out.old-")).map(|name| place(&name)).collect();
        if !place("out").exists() {
            fs::rename(&aside[0], place("out")).unwrap();
        } else if let Some(aside) = aside.first() {
            fs::remove_dir_all(aside).unwrap();
        }
        // the older run, or the new one, which is the same
        assert!(stored(&place("out/recording.chunks")).unwrap() == whole, "kill {kill}");
        for draft in drafts(folder.path()) {
            let (part, named) = (draft.join("recording.chunks.part"), draft.join("recording.chunks"));
            assert!(!(part.exists() && named.exists()), "kill {kill}");
            if named.exists() {
                assert!(stored(&named).unwrap() == whole, "kill {kill}");
            } else if let Some(found) = part.exists().then(|| stored(&part)).flatten() {
                assert!(found == up_to(&whole, found.steps), "kill {kill}: {} steps", found.steps);
                (parts, some) = (parts + 1, some + usize::from(found.steps > 0));
            }
            fs::remove_dir_all(draft).unwrap();
        }
    }
    println!("{parts} parts, {some} of them with steps");
    assert!(parts > 0, "no kill came while it wrote");
}
