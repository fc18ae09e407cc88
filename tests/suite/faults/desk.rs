//! What was computed can be had: pictures that fail, faults, folders that hold something, full disks. Signals: `kills`.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Output};

use synfire::recording::npz;

use super::super::{files, synfire, with_network, words};
use super::{ENGINES, compiled, fault};

/// Twenty neurons that fire; `v` of one is kept. Neurons `e` are recorded, `i` are not.
const SMALL: &str = r#"
name = "small"
duration = "20 ms"
[[population]]
name = "e"
model = "lif_psc_exp"
size = 20
[[population]]
name = "i"
model = "lif_psc_exp"
size = 7
[[stimulus]]
target = "e"
input = "i_stim"
waveform = { kind = "constant", amplitude = "900 pA" }
[[stimulus]]
target = "i"
input = "i_stim"
waveform = { kind = "constant", amplitude = "900 pA" }
[[probe]]
population = "e"
record = "spikes"
rows = { range = [0, 5] }
[[probe]]
population = "e"
record = "v"
rows = { list = [0] }
"#;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let command = [&["run", "net.toml", "--engine", "cpu"], arguments].concat();
    synfire(folder, &command)
}

fn record(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(folder.join("record.json")).unwrap()).unwrap()
}

#[test]
fn many_probes_write_their_data_and_the_picture_says_what_it_leaves_out() {
    let folder = with_network(&fs::read_to_string(super::folder().join("many_probes.toml")).unwrap());
    let output = run(folder.path(), &["--out", "out"]);
    assert!(output.status.success(), "{}", words(&output));
    let out = folder.path().join("out");
    assert_eq!(files(&out), ["picture.png", "picture.svg", "record.json", "spikes.npz", "traces.npz"]);
    assert_eq!(npz::read(&out).unwrap().traces.len(), 217);
    assert!(fs::read_to_string(out.join("picture.svg")).unwrap().contains("177 more traces are not drawn"));
}

#[test]
fn a_picture_that_cannot_be_drawn_is_a_remark() {
    let part = |k: usize| {
        format!(
            "[[population]]\nname = \"p{k}\"\nmodel = \"lif_psc_exp\"\nsize = 1\n[[probe]]\npopulation = \"p{k}\"\nrecord = \"spikes\"\n"
        )
    };
    let toml: String = (0..1600).map(part).collect();
    let folder = with_network(&format!("duration = \"1 ms\"\n{toml}"));
    let output = run(folder.path(), &["--out", "out"]);
    assert!(output.status.success(), "{}", words(&output));
    assert!(words(&output).contains("remark: no picture, or not all of it: "), "{}", words(&output));
    let out = folder.path().join("out");
    assert_eq!(npz::read(&out).unwrap().spikes.len(), 1600);
    assert!(record(&out)["remarks"].to_string().contains("no picture"), "{}", record(&out)["remarks"]);
}

#[test]
fn no_picture_is_drawn_where_none_is_wanted() {
    let folder = with_network(SMALL);
    assert!(run(folder.path(), &["--no-picture"]).status.success());
    let out = folder.path().join("run/small");
    assert_eq!(files(&out), ["record.json", "spikes.npz", "traces.npz"]);
    assert_eq!(files(&folder.path().join("run")), ["small"], "neither draft nor lock is left");
    assert_eq!((&record(&out)["stopped_at"], &record(&out)["timings"]["picture_s"]), (&().into(), &().into()));
}

#[test]
fn what_was_recorded_of_the_spikes_is_said() {
    let folder = with_network(SMALL);
    let output = run(folder.path(), &["--no-picture", "--duration", "100 ms"]);
    let out = folder.path().join("run/small");
    let record = record(&out);
    let kept = npz::read(&out).unwrap().spikes[0].step.len() as u64;
    let all = record["counters"]["spikes"].as_u64().unwrap();
    assert!(kept > 0 && all == 27 * kept / 5, "{kept} of {all}");
    let said = words(&output);
    let rate = kept as f64 / 5.0 / 0.1;
    let expected =
        format!("{all} spikes, {kept} of them recorded; mean rates: e {rate:.2} spikes/s (5 of 20 neurons); not recorded: i\n");
    assert!(said.contains(&expected), "{said}");
    let populations = &record["populations"];
    assert_eq!((&populations[0]["recorded_neurons"], &populations[0]["recorded_spikes"]), (&5.into(), &kept.into()));
    assert_eq!((&populations[1]["recorded_spikes"], &populations[1]["rate_hz"]), (&().into(), &().into()));
}

#[test]
fn nothing_but_a_run_is_replaced() {
    let folder = with_network(SMALL);
    let out = folder.path().join("out");
    let refused = |arguments: &[&str], said: &str| {
        let before = files(folder.path());
        let output = run(folder.path(), &[&["--quiet"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", words(&output));
        assert!(words(&output).contains(said), "{arguments:?}: {}", words(&output));
        assert_eq!(files(folder.path()), before);
    };
    // a picture of somebody, without a record
    fs::create_dir(&out).unwrap();
    fs::write(out.join("picture.png"), "mine").unwrap();
    for force in [&["--out", "out"][..], &["--out", "out", "--force"]] {
        refused(force, "`out` holds what is not a run's: picture.png");
    }
    assert_eq!(fs::read(out.join("picture.png")).unwrap(), b"mine");
    // an empty folder is taken
    fs::remove_file(out.join("picture.png")).unwrap();
    assert!(run(folder.path(), &["--out", "out"]).status.success());
    refused(&["--out", "out"], "holds an older run");
    // somebody's file among those of a run
    fs::write(out.join("notes.txt"), "mine").unwrap();
    for force in [&["--out", "out"][..], &["--out", "out", "--force"]] {
        refused(force, "`out` holds what is not a run's: notes.txt");
    }
    fs::remove_file(out.join("notes.txt")).unwrap();
    assert!(run(folder.path(), &["--out", "out", "--force"]).status.success());
    refused(&["--out", "."], "holds what is not a run's: ");
    refused(&["--out", "/", "--force"], "`/` ");
    assert_eq!(files(folder.path()), ["net.toml", "out"]);
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_stays() {
    let folder = with_network(SMALL);
    fs::create_dir(folder.path().join("real")).unwrap();
    std::os::unix::fs::symlink("real", folder.path().join("link")).unwrap();
    std::os::unix::fs::symlink("none", folder.path().join("dangling")).unwrap();
    assert!(run(folder.path(), &["--out", "link", "--no-picture"]).status.success());
    assert!(fs::symlink_metadata(folder.path().join("link")).unwrap().is_symlink());
    assert_eq!(files(&folder.path().join("real")), ["record.json", "spikes.npz", "traces.npz"]);
    let output = run(folder.path(), &["--out", "dangling"]);
    assert!(output.status.code() == Some(2) && words(&output).contains("leads nowhere"), "{}", words(&output));
    assert_eq!(files(folder.path()), ["dangling", "link", "net.toml", "real"]);
}

/// A limit of file size is what a full disk is: an error of a write, wherever it comes.
#[cfg(unix)]
#[test]
fn a_disk_without_room_leaves_the_old_run_and_a_draft_that_is_named() {
    let folder = with_network(SMALL);
    assert!(run(folder.path(), &["--out", "out", "--no-picture", "--seed", "77"]).status.success());
    let old = fs::read(folder.path().join("out/spikes.npz")).unwrap();
    let mut ends = Vec::new();
    for blocks in [0, 1, 2, 3, 4, 5, 6, 8, 12, 400] {
        let script =
            format!("ulimit -f {blocks}; exec \"$0\" run net.toml --engine cpu --out out --force --no-picture --seed {blocks}");
        let output =
            Command::new("sh").args(["-c", &script, env!("CARGO_BIN_EXE_synfire")]).current_dir(folder.path()).output().unwrap();
        let said = words(&output);
        ends.push(output.status.code());
        assert!(!said.contains("ZipWriter") && !said.contains("panicked"), "{blocks}: {said}");
        let drafts: Vec<_> = files(folder.path()).into_iter().filter(|name| name.starts_with(".out.part-")).collect();
        match output.status.code() {
            Some(5) => {
                assert!(said.contains("error: cannot write `") && said.contains("help: make room"), "{blocks}: {said}");
                assert_eq!(record(&folder.path().join("out"))["seed"], 77);
                assert_eq!(fs::read(folder.path().join("out/spikes.npz")).unwrap(), old);
                for draft in &drafts {
                    let whole = files(&folder.path().join(draft));
                    assert!(said.contains(&format!("`{draft}` holds, each whole: ")), "{blocks}: {said}");
                    assert!(whole.iter().all(|name| said.contains(name.as_str())), "{blocks}: {whole:?}, {said}");
                    if whole.contains(&"spikes.npz".into()) {
                        npz::read_spikes(folder.path().join(draft).join("spikes.npz")).unwrap();
                    }
                    // so that the next round finds its own
                    fs::remove_dir_all(folder.path().join(draft)).unwrap();
                }
                assert!(!drafts.is_empty() || said.contains("nothing is left"), "{blocks}: {said}");
            }
            Some(0) => assert_eq!((record(&folder.path().join("out"))["seed"].as_u64(), drafts.len()), (Some(blocks), 0)),
            other => panic!("{blocks}: {other:?}, {said}"),
        }
    }
    assert!(ends.contains(&Some(5)) && ends.last() == Some(&Some(0)), "{ends:?}");
}

#[test]
fn the_first_step_is_reported_and_can_be_the_last() {
    for engine in ENGINES {
        let mut simulation = compiled(&fault("many_probes"), engine).unwrap();
        let mut reports = Vec::new();
        let done = simulation.run_with(10.0, &mut |progress| {
            reports.push((progress.step, progress.steps));
            ControlFlow::Break(())
        });
        assert_eq!((done.unwrap(), reports, simulation.recording().steps), (1, vec![(1, 100)], 1), "{engine:?}");
    }
}
