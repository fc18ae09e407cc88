//! The commands that explore: what `sweep` and `fit` leave, how they go on after a kill, what they do not mix.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

const NET: &str = r#"
name = "cells"
dt = "0.1 ms"
duration = "50 ms"
seed = 3

[[population]]
name = "exc"
model = "lif_psc_exp"
size = 40
parameters = { i_e = "380 pA" }
initial.v = { uniform = ["-70 mV", "-55 mV"] }

[[projection]]
source = "exc"
target = "exc"
port = "i_exc"
connector = { rule = "fixed_probability", p = 0.2 }
weight = "20 pA"
delay = "1.5 ms"

[[stimulus]]
name = "noise"
target = "exc"
input = "i_exc"
waveform = { kind = "poisson", rate = "1 kHz", weight = "30 pA" }

[[probe]]
population = "exc"
record = "spikes"
"#;

fn here() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("net.toml"), NET).unwrap();
    folder
}

fn synfire(folder: &Path, arguments: &[&str]) -> Output {
    super::synfire(folder, arguments)
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = synfire(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = synfire(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const SWEPT: [&str; 10] = [
    "sweep",
    "net.toml",
    "--set",
    "exc.i_e=370 pA..400 pA:4",
    "--set",
    "exc -> exc.weight=10 pA, 40 pA",
    "--repeat",
    "2",
    "--engine",
    "cpu",
];

fn table(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("table.csv")).unwrap()
}

#[test]
fn a_sweep_leaves_a_table_and_pictures() {
    let folder = here();
    let said = done(folder.path(), &SWEPT);
    assert!(said.contains("cells: 16 points, 2 networks to build; side by side: `exc.i_e`, `exc -> exc.weight`"), "{said}");
    let out = folder.path().join("sweep/cells");
    let text = String::from_utf8(table(&out)).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 17);
    assert!(
        lines[0].starts_with("point,repeat,exc.i_e (pA),exc -> exc.weight (pA),exc.rate_mean_hz,exc.rate_sd_hz,"),
        "{}",
        lines[0]
    );
    assert!(lines[4].starts_with("3,1,370,40,"), "{}", lines[4]);
    let mut files: Vec<String> = fs::read_dir(&out).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    let expected = [
        "exc.cv_mean.png",
        "exc.cv_mean.svg",
        "exc.rate_mean_hz.png",
        "exc.rate_mean_hz.svg",
        "sweep.json",
        "table.csv",
        "table.npz",
    ];
    assert_eq!(files, expected);
    // a point by itself is what the table says of it
    let said = done(folder.path(), &["sweep", "sweep/cells", "--point", "3"]);
    assert!(said.contains("--set") && said.contains("--seed 4"), "{said}");
    let measured = done(folder.path(), &["analyse", "sweep/cells/point-3", "--measures", "rate", "--format", "csv"]);
    let rate = |line: &str, k: usize| line.split(',').nth(k).unwrap().parse::<f64>().unwrap();
    let header: Vec<&str> = measured.lines().next().unwrap().split(',').collect();
    let column = header.iter().position(|name| *name == "rate_mean_hz").unwrap();
    assert_eq!(rate(lines[4], 4).to_bits(), rate(measured.lines().nth(1).unwrap(), column).to_bits());
    // as a page, which loads nothing
    done(folder.path(), &["report", "sweep/cells"]);
    let page = fs::read_to_string(folder.path().join("sweep/cells.report.html")).unwrap();
    assert!(page.contains("exc.rate_mean_hz") && page.contains("<svg") && page.contains("default-src 'none'"));
    // what is there is not written over
    assert!(refused(folder.path(), &SWEPT).contains("holds an older sweep"));
    // gone on with when it is whole, it runs nothing, leaves the same table, and draws what is not there
    let (kept, curve) = (table(&out), out.join("exc.rate_mean_hz.svg"));
    fs::remove_file(&curve).unwrap();
    let said = done(folder.path(), &[&SWEPT[..], &["--resume"]].concat());
    assert!(said.contains("16 of 16 points are there already") && table(&out) == kept && curve.exists(), "{said}");
    fs::write(folder.path().join("sweep/mine.txt"), "x").unwrap();
    let mine = [&SWEPT[..], &["--out", "sweep", "--force"]].concat();
    assert!(refused(folder.path(), &mine).contains("holds what is not a sweep's"));
    let before = table(&out);
    done(folder.path(), &[&SWEPT[..], &["--force", "--no-picture", "--quiet", "--batch", "1"]].concat());
    assert_eq!(table(&out), before);
}

/// Killed at any moment, and gone on with until it is whole, it leaves the table that it would have left.
#[test]
fn a_sweep_that_is_killed_goes_on() {
    let folder = here();
    let swept = |more: &[&str]| -> Vec<String> {
        let axes =
            ["--set", "exc.i_e=370 pA..400 pA:20", "--set", "exc.size=40, 50, 60", "--set", "stimulus noise.rate=1 kHz, 2 kHz"];
        let more = [&["sweep", "net.toml"][..], &axes, &["--engine", "cpu", "--batch", "4", "--no-picture"], more].concat();
        more.iter().map(ToString::to_string).collect()
    };
    let run = |arguments: &[String]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_synfire"));
        command.args(arguments).current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let began = Instant::now();
    assert!(run(&swept(&["--out", "whole"])).wait().unwrap().success());
    // a machine that is fast is killed as early as one that is slow
    let took = began.elapsed();
    let whole = table(&folder.path().join("whole"));
    let part = folder.path().join("part");
    let (mut kills, mut state) = (0, 7u64);
    loop {
        let first = !part.join("sweep.json").exists();
        let more: &[&str] = if first && !part.exists() { &["--out", "part"] } else { &["--out", "part", "--resume"] };
        let mut child = run(&swept(more));
        // a linear congruence is random enough
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(took.mul_f64(0.1 + 0.7 * (state >> 33) as f64 / f64::from(u32::MAX >> 1)));
        if kills < 20 && child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
            // a line that was cut off is no line
            if kills % 3 == 0 && part.join("points.csv").exists() {
                let mut text = fs::read(part.join("points.csv")).unwrap();
                text.truncate(text.len().saturating_sub(5));
                fs::write(part.join("points.csv"), text).unwrap();
            }
            // before the record there is nothing to go on with
            if part.exists() && !part.join("sweep.json").exists() {
                fs::remove_dir_all(&part).unwrap();
            }
            continue;
        }
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "after {kills} kills: {}", String::from_utf8_lossy(&output.stderr));
        break;
    }
    assert!(kills > 0);
    assert!(table(&part) == whole);
}

#[test]
fn a_sweep_goes_on_with_its_own_alone() {
    let folder = here();
    done(folder.path(), &[&SWEPT[..], &["--no-picture", "--quiet"]].concat());
    let out = folder.path().join("sweep/cells");
    // as if it had been cut off
    fs::rename(out.join("table.csv"), out.join("points.csv")).unwrap();
    let with = |more: &[&str]| refused(folder.path(), &[&SWEPT[..], &["--resume"], more].concat());
    assert!(with(&["--precision", "f64"]).contains("engine, precision, duration, window or bins are others"));
    assert!(with(&["--measure", "rate"]).contains("other measures were taken"));
    assert!(with(&["--set", "exc.tau_m=9 ms"]).contains("the network is another one"));
    let other = ["sweep", "net.toml", "--set", "exc.i_e=370 pA..400 pA:5", "--engine", "cpu", "--resume"];
    assert!(refused(folder.path(), &other).contains("its points are others"));
    done(folder.path(), &[&SWEPT[..], &["--resume", "--no-picture"]].concat());
}

#[test]
fn designs_and_lists_are_swept() {
    let folder = here();
    fs::write(folder.path().join("list.csv"), "exc.i_e,exc -> exc.connector.p\n370 pA,0.1\n0.4 nA,0.3\n").unwrap();
    done(folder.path(), &["sweep", "net.toml", "--list", "list.csv", "--engine", "cpu", "--out", "listed"]);
    let text = String::from_utf8(table(&folder.path().join("listed"))).unwrap();
    assert!(text.contains("\n0,0,370,0.1,") && text.contains("\n1,0,400,0.3,"), "{text}");
    let drawn = ["--set", "exc.i_e=300 pA..400 pA", "--set", "exc.tau_m=9 ms..11 ms", "--engine", "cpu", "--latin", "9"];
    done(folder.path(), &[&["sweep", "net.toml", "--out", "latin"][..], &drawn].concat());
    assert_eq!(String::from_utf8(table(&folder.path().join("latin"))).unwrap().lines().count(), 10);
    // values that change together are one column
    let tied =
        ["sweep", "net.toml", "--set", "exc -> exc.weight,stimulus noise.weight=10 pA, 40 pA", "--engine", "cpu", "--out", "tied"];
    done(folder.path(), &tied);
    let text = String::from_utf8(table(&folder.path().join("tied"))).unwrap();
    assert!(text.starts_with("point,repeat,\"exc -> exc.weight,stimulus noise.weight (pA)\",exc.rate_mean_hz,"), "{text}");
    assert!(text.contains("\n0,0,10,") && text.contains("\n1,0,40,"), "{text}");
    let said = done(folder.path(), &["sweep", "tied", "--point", "1"]);
    assert!(said.contains(r#""exc -> exc.weight=40 pA" --set "stimulus noise.weight=40 pA""#), "{said}");
    fs::write(folder.path().join("list.csv"), "\"exc -> exc.weight,stimulus noise.weight\"\n10 pA\n40 pA\n").unwrap();
    done(folder.path(), &["sweep", "net.toml", "--list", "list.csv", "--engine", "cpu", "--out", "tied_list"]);
    assert_eq!(String::from_utf8(table(&folder.path().join("tied_list"))).unwrap(), text);
    // and of a single run
    let one = ["run", "net.toml", "--set", "exc -> exc.weight, stimulus noise.weight = 40 pA", "--engine", "cpu", "--out", "one"];
    done(folder.path(), &[&one[..], &["--no-picture"]].concat());
    let spikes = |run: &str| fs::read(folder.path().join(run).join("spikes.npz")).unwrap();
    assert_eq!(spikes("one"), spikes("tied/point-1"));
    for (arguments, expected) in [
        (&["run", "net.toml", "--set", "exc.i_e,exc.tau_n=1 pA"][..], "has no parameter `tau_n`"),
        (&["sweep", "net.toml"], "nothing is swept"),
        (&["sweep", "net.toml", "--set", "exc.i_e,exc.i_e=1 pA, 2 pA"], "`exc.i_e` is swept twice"),
        (&["sweep", "net.toml", "--set", "exc.i_e=1 pA..2 pA"], "is a range without a number of values"),
        (&["sweep", "net.toml", "--set", "exc.i_f=1 pA, 2 pA"], "has no parameter `i_f`"),
        (&["sweep", "net.toml", "--list", "net.toml"], "error"),
        (&["sweep", "latin", "--point", "12"], "the points of this sweep are 0 to 8"),
        (&["sweep", "."], "is a folder without `sweep.json`"),
        (&["sweep", "net.toml", "--set", "exc.i_e=1 pA, 2 pA", "--window", "30 ms..90 ms"], "is no window"),
        (&["fit", "net.toml", "--free", "exc.i_e=1 pA", "--target", "exc.rate=5 Hz"], "is no free value"),
        (&["fit", "net.toml", "--free", "exc.i_e=1 pA..9 pA", "--target", "exc.rat=5 Hz"], "did you mean `rate`?"),
        (&["fit", "net.toml", "--free", "exc.i_e=1 pA..9 pA", "--target", "exc.rate=5 Hz", "--tolerance", "x"], "expected a share"),
    ] {
        let said = refused(folder.path(), arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}

#[test]
fn a_fit_leaves_its_log_and_the_command_of_the_best() {
    let folder = here();
    let fit = [
        "fit",
        "net.toml",
        "--free",
        "exc.i_e=0 pA..600 pA",
        "--free",
        "stimulus noise.rate=500 Hz..4 kHz:log",
        "--target",
        "exc.rate=30 Hz",
        "--duration",
        "300 ms",
        "--engine",
        "cpu",
    ];
    let said = done(folder.path(), &fit);
    assert!(said.contains("exc.rate: ") && said.contains("synfire run net.toml --set \"exc.i_e="), "{said}");
    let out = folder.path().join("fit/cells");
    let log = fs::read_to_string(out.join("log.csv")).unwrap();
    assert!(log.starts_with("point,restart,generation,exc.i_e (pA),stimulus noise.rate (Hz),exc.rate,off,cost,fault\n"), "{log}");
    for file in ["fit.json", "progress.png", "points.svg"] {
        assert!(out.join(file).exists(), "{file}");
    }
    // cut off in the middle of its first generation, it goes on to the same end
    let lines: Vec<&str> = log.split_inclusive('\n').collect();
    fs::write(out.join("log.csv"), lines[..4].concat() + "4,0,0,1").unwrap();
    done(folder.path(), &[&fit[..], &["--resume"]].concat());
    assert_eq!(fs::read_to_string(out.join("log.csv")).unwrap(), log);
    // cut off in its heading, it begins anew
    fs::write(out.join("log.csv"), "point,rest").unwrap();
    done(folder.path(), &[&fit[..], &["--resume"]].concat());
    assert_eq!(fs::read_to_string(out.join("log.csv")).unwrap(), log);
    assert!(refused(folder.path(), &fit).contains("holds an older fit"));
    let other = [&fit[..], &["--resume", "--target", "exc.cv=0.5"]].concat();
    assert!(refused(folder.path(), &other).contains("its free values or targets are others"));
    // what cannot be reached ends with code 1, and says what was nearest
    let never =
        ["fit", "net.toml", "--free", "exc.i_e=0 pA..1 pA", "--target", "exc.rate=900 Hz", "--most", "16", "--out", "never"];
    let output = synfire(folder.path(), &never);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && said.contains("were not reached within 5 %"), "{said}");
}
