//! Runs that are stopped: what was computed is written, and a folder is the whole old run, the whole new one, or a draft.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use synfire::recording::npz;

use super::super::{files, words};

const NETWORK: &str = r#"
name = "net"
[[population]]
name = "e"
model = "lif_psc_exp"
size = 50
[[stimulus]]
target = "e"
input = "i_stim"
waveform = { kind = "constant", amplitude = "900 pA" }
[[probe]]
population = "e"
record = "spikes"
[[probe]]
population = "e"
record = "v"
"#;

/// Longer than any test waits.
const LONG: &str = "1e7 s";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("net.toml"), NETWORK.replace("[[probe]]\npopulation = \"e\"\nrecord = \"v\"\n", "")).unwrap();
    fs::write(folder.path().join("traced.toml"), NETWORK).unwrap();
    folder
}

/// A run that ends with the test that started it, whichever way that goes.
struct Running(Option<Child>);

impl Running {
    fn id(&self) -> u32 {
        self.0.as_ref().unwrap().id()
    }

    fn kill(mut self) {
        let mut child = self.0.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn wait_with_output(mut self) -> std::io::Result<Output> {
        self.0.take().unwrap().wait_with_output()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            // it may have come to its end already
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn start(folder: &Path, arguments: &[&str]) -> Running {
    let mut command = match ignored(2) || ignored(1) {
        // a shell that starts jobs in the background has them ignore Ctrl-C
        true => {
            let mut env = Command::new("env");
            env.args(["--default-signal=INT,HUP", env!("CARGO_BIN_EXE_synfire")]);
            env
        }
        false => Command::new(env!("CARGO_BIN_EXE_synfire")),
    };
    command.arg("run").args(arguments).args(["--engine", "cpu"]).current_dir(folder);
    Running(Some(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()))
}

fn ignored(signal: u32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("0");
    u64::from_str_radix(mask.trim(), 16).unwrap() >> (signal - 1) & 1 == 1
}

fn send(signal: &str, process: u32) {
    // it may have come to its end already
    let _ = Command::new("sh").args(["-c", &format!("kill -{signal} {process} 2>/dev/null")]).status().unwrap();
}

fn starting(folder: &Path, start: &str) -> Vec<PathBuf> {
    files(folder).into_iter().filter(|name| name.starts_with(start)).map(|name| folder.join(name)).collect()
}

/// Waits until the run has its draft and computes.
fn computing(folder: &Path) {
    let began = Instant::now();
    while starting(folder, ".out.part-").is_empty() {
        assert!(began.elapsed() < Duration::from_secs(60), "no draft: {:?}", files(folder));
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(300));
}

/// The seed of a run of which record, spikes and traces belong together.
fn seed_of_whole(folder: &Path) -> u64 {
    let record: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("record.json")).unwrap()).unwrap();
    let recording = npz::read(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    assert_eq!(record["counters"]["steps"], recording.steps);
    assert_eq!(record["counters"]["spikes"], recording.spikes[0].step.len());
    for trace in &recording.traces {
        assert_eq!(trace.samples() as u64, recording.steps / trace.every);
    }
    record["seed"].as_u64().unwrap()
}

#[test]
fn the_first_signal_ends_a_run_at_a_step() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let folder = folder();
        let child = start(folder.path(), &["net.toml", "--duration", LONG, "--out", "out", "--seed", "3"]);
        computing(folder.path());
        let sent = Instant::now();
        send(signal, child.id());
        let output = child.wait_with_output().unwrap();
        let said = words(&output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        // a second where the machine has nothing else to do
        assert!(sent.elapsed() < Duration::from_secs(20), "{:?}", sent.elapsed());
        assert!(said.contains(&format!("stopped by SIG{signal} at step")) && said.contains("written to out"), "{said}");
        let out = folder.path().join("out");
        assert_eq!(seed_of_whole(&out), 3);
        let record: serde_json::Value = serde_json::from_slice(&fs::read(out.join("record.json")).unwrap()).unwrap();
        assert_eq!(record["stopped_at"]["reason"], format!("SIG{signal}"));
        assert_eq!(record["stopped_at"]["step"], record["counters"]["steps"]);
        // who presses Ctrl-C looks at the picture
        assert_eq!(out.join("picture.png").exists(), signal == "INT");
        assert_eq!(files(folder.path()), ["net.toml", "out", "traced.toml"]);
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = folder();
    let child = start(folder.path(), &["net.toml", "--duration", LONG, "--out", "out"]);
    computing(folder.path());
    send("TERM", child.id());
    send("TERM", child.id());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(143), "{}", words(&output));
}

#[test]
fn a_signal_while_edges_are_drawn_leaves_nothing() {
    let folder = folder();
    let edges = "[[projection]]\nsource = \"e\"\ntarget = \"e\"\nport = \"i_exc\"\nconnector = { rule = \"fixed_probability\", p = 0.9 }\n\
        weight = { normal = [\"20 pA\", \"2 pA\"] }\ndelay = { uniform = [\"1 ms\", \"3 ms\"] }\n";
    let untraced = fs::read_to_string(folder.path().join("net.toml")).unwrap();
    fs::write(folder.path().join("net.toml"), untraced.replace("size = 50", "size = 3000") + edges).unwrap();
    let child = start(folder.path(), &["net.toml", "--duration", LONG, "--out", "deep/out"]);
    let began = Instant::now();
    while starting(folder.path(), "deep").is_empty() && began.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_millis(30));
    send("TERM", child.id());
    let output = child.wait_with_output().unwrap();
    let said = words(&output);
    assert_eq!(output.status.code(), Some(143), "{said}");
    if said.contains("before the first step") {
        assert_eq!(files(folder.path()), ["net.toml", "traced.toml"]);
    } else {
        // a quick machine had drawn them already
        assert!(folder.path().join("deep/out/record.json").exists(), "{said}");
    }
}

/// Process 1 of a container has no default for a signal.
#[cfg(target_os = "linux")]
#[test]
fn process_1_is_stopped_too() {
    let user = if fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0) { "-fp" } else { "-Urfp" };
    let allowed =
        Command::new("unshare").args([user, "--kill-child", "--mount-proc", "true"]).output().is_ok_and(|o| o.status.success());
    if !allowed {
        println!("no processes of its own may be had here");
        return;
    }
    let folder = folder();
    let arguments = ["net.toml", "--duration", LONG, "--out", "out", "--engine", "cpu"];
    let unshare = Command::new("unshare")
        .args([user, "--kill-child", "--mount-proc", env!("CARGO_BIN_EXE_synfire"), "run"])
        .args(arguments)
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let unshare = Running(Some(unshare));
    computing(folder.path());
    let children = format!("/proc/{0}/task/{0}/children", unshare.id());
    let inner: u32 = fs::read_to_string(children).unwrap().trim().parse().unwrap();
    send("TERM", inner);
    let output = unshare.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(143), "{}", words(&output));
    seed_of_whole(&folder.path().join("out"));
}

#[test]
fn two_runs_do_not_share_a_folder() {
    let folder = folder();
    let first = start(folder.path(), &["net.toml", "--duration", LONG, "--out", "out", "--seed", "1"]);
    computing(folder.path());
    for more in [&["--out", "out"][..], &["--out", "./out", "--force"]] {
        let second = start(folder.path(), &[&["net.toml", "--duration", "1 ms"], more].concat()).wait_with_output().unwrap();
        assert_eq!(second.status.code(), Some(2), "{}", words(&second));
        assert!(words(&second).contains("is being written by another run"), "{}", words(&second));
    }
    send("TERM", first.id());
    first.wait_with_output().unwrap();
    assert_eq!(seed_of_whole(&folder.path().join("out")), 1);
}

#[test]
fn a_lock_dies_with_its_process_and_what_it_left_is_named() {
    let folder = folder();
    let killed = start(folder.path(), &["net.toml", "--duration", LONG, "--out", "out"]);
    computing(folder.path());
    killed.kill();
    let left = starting(folder.path(), ".out.part-");
    assert_eq!(left.len(), 1);
    let run = |seed: &str, more: &[&str]| {
        let all = [&["net.toml", "--duration", "5 ms", "--out", "out", "--no-picture", "--seed", seed], more].concat();
        start(folder.path(), &all).wait_with_output().unwrap()
    };
    let next = run("1", &[]);
    assert!(next.status.success(), "{}", words(&next));
    let name = left[0].file_name().unwrap().to_str().unwrap();
    assert!(
        words(&next).contains(&format!("{name}` is a run that did not get its place, and holds nothing whole")),
        "{}",
        words(&next)
    );
    // as a kill between the two renames leaves it: the old run aside, the new one whole in its draft
    let (draft, old) = (folder.path().join(".out.part-0123"), folder.path().join(".out.old-4567"));
    fs::rename(folder.path().join("out"), &old).unwrap();
    assert!(run("2", &[]).status.success());
    fs::rename(folder.path().join("out"), &draft).unwrap();
    let next = run("3", &[]);
    let said = words(&next);
    assert!(next.status.success(), "{said}");
    assert!(said.contains(".out.part-0123` is a run that did not get its place, and holds spikes.npz, record.json"), "{said}");
    assert!(said.contains(".out.old-4567` is an older run that was to be replaced, and holds spikes.npz, record.json"), "{said}");
    assert_eq!([&old, &draft, &folder.path().join("out")].map(|f| seed_of_whole(f)), [1, 2, 3], "nothing was removed");
}

/// A whole run is not given up for a part of one.
#[test]
fn a_run_that_was_stopped_replaces_no_older_one() {
    let folder = folder();
    let first =
        start(folder.path(), &["net.toml", "--duration", "5 ms", "--out", "out", "--seed", "1"]).wait_with_output().unwrap();
    assert!(first.status.success());
    let second = start(folder.path(), &["net.toml", "--duration", LONG, "--out", "out", "--seed", "2", "--force"]);
    computing(folder.path());
    send("INT", second.id());
    let output = second.wait_with_output().unwrap();
    let said = words(&output);
    assert_eq!(output.status.code(), Some(130), "{said}");
    let drafts = starting(folder.path(), ".out.part-");
    assert_eq!((seed_of_whole(&folder.path().join("out")), seed_of_whole(&drafts[0])), (1, 2));
    assert!(said.contains("is not replaced") && said.contains(drafts[0].file_name().unwrap().to_str().unwrap()), "{said}");
}

/// SplitMix64: moments that are others in each run of the tests, and printed.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[test]
fn twenty_kills_at_any_moment_leave_whole_runs_or_drafts() {
    let folder = folder();
    let out = folder.path().join("out");
    let run = |seed: u64| {
        let seed = seed.to_string();
        start(folder.path(), &["traced.toml", "--duration", "1 s", "--out", "out", "--force", "--no-picture", "--seed", &seed])
    };
    let began = Instant::now();
    assert!(run(1000).wait_with_output().unwrap().status.success());
    let whole = began.elapsed();
    let mut state = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    println!("moments from seed {state}, a run takes {whole:?}");
    let mut stopped = 0;
    for kill in 0..20u64 {
        let old = seed_of_whole(&out);
        let child = run(kill);
        std::thread::sleep(whole.mul_f64((next(&mut state) % 1000) as f64 / 1000.0));
        let signal = if kill % 2 == 0 { "TERM" } else { "KILL" };
        send(signal, child.id());
        let output = child.wait_with_output().unwrap();
        let said = format!("kill {kill}, {signal}: {:?}, {}", output.status.code(), words(&output));
        let aside = starting(folder.path(), ".out.old-");
        let drafts = starting(folder.path(), ".out.part-");
        if !out.exists() {
            // between two renames: both are whole
            assert!(signal == "KILL" && aside.len() == 1 && drafts.len() == 1, "{said}");
            assert_eq!((seed_of_whole(&aside[0]), seed_of_whole(&drafts[0])), (old, kill), "{said}");
            fs::rename(&aside[0], &out).unwrap();
        }
        let here = seed_of_whole(&out);
        assert!(here == old || here == kill, "{said}");
        // whatever has a name in a draft is whole
        for draft in &drafts {
            for name in files(draft).iter().filter(|name| !name.starts_with('.')) {
                match name.as_str() {
                    "spikes.npz" => drop(npz::read_spikes(draft.join(name)).unwrap()),
                    "traces.npz" => drop(npz::read_traces(draft.join(name)).unwrap()),
                    _ => assert_eq!(seed_of_whole(draft), kill, "{said}"),
                }
            }
        }
        if signal == "TERM" && output.status.code() == Some(143) && !said.contains("before the first step") && !said.ends_with(", ")
        {
            // what was computed is there
            let kept = if here == kill { &out } else { &drafts[0] };
            assert_eq!(seed_of_whole(kept), kill, "{said}");
            stopped += 1;
        }
        // what a folder holds whose record is gone was being removed after the new one had its place
        for left in drafts.iter().chain(&aside).filter(|left| left.exists()) {
            assert!(left.join("record.json").exists() || here == kill || drafts.contains(left), "{said}");
            fs::remove_dir_all(left).unwrap();
        }
    }
    println!("{stopped} stopped at a step");
}
