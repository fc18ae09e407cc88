//! The command, run as a person would: what it prints, which files it leaves, how it ends.

use std::fs;

use synfire::Network;

use super::{files, synfire, with_network};

/// A small network with spikes, traces and rates, quick in a build for tests.
const SMALL: &str = r#"
name = "small"
duration = "20 ms"
seed = 5
[[population]]
name = "exc"
model = "lif_psc_exp"
size = 20
[[projection]]
source = "exc"
target = "exc"
port = "i_exc"
connector = { rule = "fixed_probability", p = 0.2 }
weight = "30 pA"
delay = "1 ms"
[[stimulus]]
target = "exc"
input = "i_stim"
waveform = { kind = "constant", amplitude = "600 pA" }
[[probe]]
population = "exc"
record = "spikes"
[[probe]]
population = "exc"
record = "v"
rows = { list = [0] }
"#;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_run_leaves_spikes_traces_a_record_and_a_picture() {
    let folder = with_network(SMALL);
    let run = synfire(folder.path(), &["run", "net.toml", "--engine", "cpu", "--duration", "30ms", "--set", "exc.t_ref=3 ms"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let out = text(&run.stdout);
    for part in [
        "small: 20 neurons in 1 population",
        "seed 5",
        "engine: cpu on ",
        "30.0 ms of model time",
        "spikes/s",
        "written to run",
        "times: build ",
    ] {
        assert!(out.contains(part), "no `{part}` in\n{out}");
    }
    let run = folder.path().join("run/small");
    assert_eq!(files(&run), ["picture.png", "picture.svg", "record.json", "spikes.npz", "traces.npz"]);
    let record: serde_json::Value = serde_json::from_str(&fs::read_to_string(run.join("record.json")).unwrap()).unwrap();
    assert_eq!(record["duration_ms"], 30.0);
    assert_eq!(record["counters"]["steps"], 300);
    assert_eq!(record["counters"]["dropped"], 0);
    assert_eq!(record["populations"][0]["size"], 20);
    assert_eq!(record["description"]["population"][0]["parameters"]["t_ref"], "3 ms");
    for time in ["build_s", "first_step_s", "run_s", "write_s", "sync_s", "analyse_s", "picture_s"] {
        assert!(record["timings"][time].as_f64().unwrap() >= 0.0, "{time}");
    }
    let recording = synfire::recording::npz::read(&run).unwrap();
    assert_eq!(record["counters"]["spikes"], recording.spikes[0].step.len());
    assert!(!recording.spikes[0].step.is_empty());
    assert_eq!(recording.traces[0].samples(), 300);
    // the record alone repeats the run
    let again: Network = serde_json::from_value(record["description"].clone()).unwrap();
    let mut again = again.compile(&synfire::Options::default().engine(synfire::Choice::Cpu)).unwrap();
    again.run(30.0).unwrap();
    assert_eq!(again.recording().spikes, recording.spikes);
}

#[test]
fn a_run_is_written_in_the_forms_asked_for_and_measured() {
    let folder = with_network(SMALL);
    let run = |arguments: &[&str]| {
        let done = synfire(folder.path(), &[&["run", "net.toml", "--engine", "cpu", "--no-picture"], arguments].concat());
        assert!(done.status.success(), "{}", text(&done.stderr));
        text(&done.stdout)
    };
    let said = run(&["--out", "a", "--format", "csv,nest,csv", "--measures", "cv,rate"]);
    assert!(
        said.contains(", write ") && said.contains("until the disk confirmed it), analyse ") && !said.contains(", picture "),
        "{said}"
    );
    assert!(said.contains("\nexc: 20 neurons\n  cv  ") && said.contains("\n  rate "), "{said}");
    assert_eq!(files(&folder.path().join("a")), ["record.json", "spikes.csv", "spikes.dat"]);
    run(&["--out", "b", "--no-measures"]);
    run(&["--out", "c", "--format", "chunks"]);
    run(&["--out", "d", "--format", "npz,csv,nest,chunks"]);
    assert_eq!(files(&folder.path().join("c")), ["record.json", "recording.chunks"]);
    let all = ["record.json", "recording.chunks", "spikes.csv", "spikes.dat", "spikes.npz", "traces.npz"];
    assert_eq!(files(&folder.path().join("d")), all);
    // the same, held or streamed
    for (file, held) in [("spikes.csv", "a"), ("spikes.dat", "a"), ("spikes.npz", "b"), ("traces.npz", "b")] {
        let read = |name: &str| fs::read(folder.path().join(name).join(file)).unwrap();
        assert!(read(held) == read("d"), "{file}");
    }
    let record = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&fs::read(folder.path().join(name).join("record.json")).unwrap()).unwrap()
    };
    let (measured, unmeasured) = (record("c"), record("b"));
    assert!(unmeasured.get("measures").is_none() && unmeasured["timings"]["analyse_s"].is_null(), "{unmeasured}");
    assert!(measured["timings"]["chunk_bytes"].as_u64() > Some(1000) && unmeasured["timings"].get("beside_s").is_none());
    assert!(measured["measures"][0]["rate_mean_hz"].as_f64() > Some(1.0), "{measured}");
    // what is in the record is what is measured afterwards, of chunks and of archives
    let analysed = |name: &str| {
        let done = synfire(folder.path(), &["analyse", name, "--format", "json"]);
        assert!(done.status.success(), "{}", text(&done.stderr));
        serde_json::from_slice::<serde_json::Value>(&done.stdout).unwrap()
    };
    assert_eq!(analysed("c")["populations"], measured["measures"]);
    assert_eq!(analysed("b"), analysed("c"));
    assert_eq!(analysed("c"), analysed("c/recording.chunks"), "the file alone");
    // pictures of both are one
    for name in ["b", "c"] {
        let done = synfire(folder.path(), &["plot", name, "--format", "svg", "--title", "t"]);
        assert!(done.status.success(), "{}", text(&done.stderr));
    }
    let drawn = |name: &str| fs::read(folder.path().join(format!("{name}.picture.svg"))).unwrap();
    assert!(drawn("b") == drawn("c"));
    let nothing = synfire(folder.path(), &["run", "net.toml", "--format", "xls"]);
    assert_eq!(nothing.status.code(), Some(2));
}

#[test]
fn a_run_leaves_where_neurons_are() {
    let placed = SMALL.replace("size = 20", "shape = [4, 5]\npositions = { rule = \"grid\", spacing = \"25 um\" }");
    let folder = with_network(&placed);
    let run = synfire(folder.path(), &["run", "net.toml", "--engine", "cpu"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let run = folder.path().join("run/small");
    let left = files(&run);
    for name in ["positions.npz", "positions.png", "positions.svg"] {
        assert!(left.iter().any(|file| file == name), "{name} in {left:?}");
    }
    let recording = synfire::recording::npz::read(&run).unwrap();
    assert_eq!(recording.positions[0].population, "exc");
    assert_eq!(recording.positions[0].um[7], [50.0, 25.0, 0.0]);
    let record: serde_json::Value = serde_json::from_str(&fs::read_to_string(run.join("record.json")).unwrap()).unwrap();
    assert_eq!(record["description"]["population"][0]["positions"]["spacing"], "25 um");
    // and another run takes its place, pictures of positions too
    let again = synfire(folder.path(), &["run", "net.toml", "--engine", "cpu", "--force", "--no-picture"]);
    assert!(again.status.success(), "{}", text(&again.stderr));
    assert!(!files(&run).iter().any(|file| file.starts_with("positions.svg")));
}

#[test]
fn an_older_run_is_not_written_over_unasked() {
    let folder = with_network(SMALL);
    let run =
        |arguments: &[&str]| synfire(folder.path(), &[&["run", "net.toml", "--engine", "cpu", "--quiet"], arguments].concat());
    let first = run(&[]);
    assert!(first.status.success() && first.stdout.is_empty() && first.stderr.is_empty());
    let out = folder.path().join("run/small");
    let spikes = fs::read(out.join("spikes.npz")).unwrap();

    let second = run(&["--seed", "6"]);
    assert_eq!(second.status.code(), Some(2));
    let said = text(&second.stderr);
    assert!(said.contains("holds an older run") && said.contains("--force"), "{said}");
    assert_eq!(fs::read(out.join("spikes.npz")).unwrap(), spikes);

    fs::write(folder.path().join("net.toml"), SMALL.replace("record = \"v\"", "record = \"spikes\"")).unwrap();
    assert!(run(&["--force"]).status.success());
    assert_eq!(files(&out), ["picture.png", "picture.svg", "record.json", "spikes.npz"], "the old traces are gone");
}

#[test]
fn what_is_wrong_ends_with_code_2_and_leaves_nothing() {
    let folder = with_network(&SMALL.replace("lif_psc_exp", "lif_psc_xep"));
    for verb in ["run", "check", "explain"] {
        let output = synfire(folder.path(), &[verb, "net.toml"]);
        assert_eq!(output.status.code(), Some(2), "{verb}");
        assert!(text(&output.stderr).contains("help: did you mean `lif_psc_exp`?"), "{}", text(&output.stderr));
    }
    assert_eq!(files(folder.path()), ["net.toml"]);
    for (arguments, said) in [
        (&["run", "missing.toml"][..], "cannot be read"),
        (&["run", "net.toml", "--set", "exc.v_th"][..], "has no `=`"),
        (&["run", "net.toml", "--set", "exo.v_th=1 mV"][..], "did you mean `exc`?"),
        (&["run", "net.toml", "--duration", "soon"][..], "unknown name `soon`"),
        (&["run", "net.toml", "--duration", "5 mV"][..], "`duration` is a time (ms), got 5 mV (voltage)"),
        (&["run", "net.toml", "--threads", "0"][..], "--threads"),
        (&["rnu", "net.toml"][..], "unrecognized subcommand"),
    ] {
        let output = synfire(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(said), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[test]
fn a_run_that_fails_leaves_what_was_computed() {
    let diverging = "equations = \"\"\"\nneuron up\n  state x = 1\n  dx/dt = x**2/(1 ms)\n  threshold x < 0\n  reset x = 0\n\"\"\"\n\
        [[population]]\nname = \"a\"\nmodel = \"up\"\nsize = 2\n[[probe]]\npopulation = \"a\"\nrecord = \"spikes\"\n";
    let folder = with_network(diverging);
    let output = synfire(folder.path(), &["run", "net.toml", "--engine", "cpu", "--out", "out"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let said = text(&output.stderr);
    assert!(said.contains("x of a[0] became") && said.contains("at step") && said.contains("written to out"), "{said}");
    let record: serde_json::Value = serde_json::from_slice(&fs::read(folder.path().join("out/record.json")).unwrap()).unwrap();
    assert!(record["stopped_at"]["reason"].as_str().unwrap().contains("x of a[0] became"), "{record}");
    let recording = synfire::recording::npz::read(folder.path().join("out")).unwrap();
    assert_eq!(record["stopped_at"]["step"], recording.steps);
    assert!(recording.steps > 0);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_made_is_said_before_the_run() {
    let folder = with_network(SMALL);
    fs::write(folder.path().join("taken"), "").unwrap();
    let file = synfire(folder.path(), &["run", "net.toml", "--out", "taken"]);
    assert_eq!(file.status.code(), Some(2), "{}", text(&file.stderr));
    let below = synfire(folder.path(), &["run", "net.toml", "--out", "taken/run"]);
    assert_eq!(below.status.code(), Some(5), "{}", text(&below.stderr));
    assert!(text(&below.stderr).contains("cannot write `taken/run`"));
}

#[test]
fn check_explain_and_doctor() {
    let folder = with_network(SMALL);
    let check = synfire(folder.path(), &["check", "net.toml"]);
    assert!(check.status.success());
    assert!(text(&check.stdout).contains("nothing is wrong. 20 neurons in 1 population"), "{}", text(&check.stdout));
    let explain = synfire(folder.path(), &["explain", "net.toml"]);
    assert!(explain.status.success(), "{}", text(&explain.stderr));
    assert!(text(&explain.stdout).contains("lif_psc_exp"));
    for (file, start) in [("net.svg", &b"<svg"[..]), ("net.dot", b"digraph"), ("net.png", b"\x89PNG")] {
        let drawn = synfire(folder.path(), &["explain", "net.toml", "--diagram", file]);
        assert!(drawn.status.success(), "{}", text(&drawn.stderr));
        let bytes = std::fs::read(folder.path().join(file)).unwrap();
        assert!(bytes.starts_with(start), "{file}");
    }
    let wrong = synfire(folder.path(), &["explain", "net.toml", "--diagram", "net.gif"]);
    assert_eq!((wrong.status.code(), text(&wrong.stderr).contains(".dot")), (Some(2), true), "{}", text(&wrong.stderr));
    let kernels = synfire(folder.path(), &["explain", "net.toml", "--kernels"]);
    assert!(text(&kernels.stdout).contains("fn advance_0("), "{}", text(&kernels.stderr));
    let doctor = synfire(folder.path(), &["doctor"]);
    assert!(doctor.status.success());
    assert!(text(&doctor.stdout).contains("engine cpu: ready") && text(&doctor.stdout).contains("engine gpu: "));
    assert_eq!(files(folder.path()), ["net.dot", "net.png", "net.svg", "net.toml"]);
}

#[test]
fn an_engine_is_verified_in_lockstep() {
    let folder = with_network(SMALL);
    let run = |arguments: &[&str]| synfire(folder.path(), &[&["check", "net.toml", "--lockstep"], arguments].concat());
    for (arguments, head) in
        [(&["--engine", "cpu"][..], "engine cpu on "), (&["--adapter", "llvmpipe"][..], "engine gpu on llvmpipe")]
    {
        let check = run(&[arguments, &["--steps", "150"]].concat());
        assert!(check.status.success(), "{}{}", text(&check.stdout), text(&check.stderr));
        let out = text(&check.stdout);
        for part in [head, ": agrees with the reference, 150 steps in lockstep, ", "worst/bound", "arrivals at i_exc  pA", "  v  "]
        {
            assert!(out.contains(part), "no `{part}` in\n{out}");
        }
        assert!(!out.contains(", 0 spikes"), "{out}");
    }
    for (arguments, said) in [
        (&["check", "net.toml", "--steps", "5"][..], "--lockstep"),
        (&["check", "net.toml", "--lockstep", "--steps", "0"][..], "--steps"),
        (&["check", "net.toml", "--lockstep", "--engine", "cpu", "--adapter", "x"][..], "cannot be used with"),
    ] {
        let output = synfire(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(said), "{arguments:?}: {}", text(&output.stderr));
    }
    let nowhere = run(&["--adapter", "no such adapter"]);
    assert_eq!(nowhere.status.code(), Some(1), "{}", text(&nowhere.stderr));
}

/// A bound that is open passes for nothing: rounding alone decides what the reciprocal is of a difference that cancels.
#[test]
fn what_is_not_known_does_not_agree() {
    let open = "equations = \"\"\"\nneuron far\n  state x = 0.7\n  dx/dt = (min(1/(x/3*3 - x), 1) - x)/(1 ms)\n  method euler\n\"\"\"\n\
        [[population]]\nname = \"a\"\nmodel = \"far\"\nsize = 2\n";
    let folder = with_network(open);
    let output = synfire(folder.path(), &["check", "net.toml", "--lockstep", "--engine", "cpu", "--steps", "3"]);
    assert_eq!(output.status.code(), Some(1), "{}{}", text(&output.stdout), text(&output.stderr));
    let out = text(&output.stdout);
    assert!(out.contains("DISAGREES") && out.contains("first beyond its bound: x of a[0] at step 1"), "{out}");
    assert!(text(&output.stderr).contains("rounding does not explain it"), "{}", text(&output.stderr));
}

#[test]
fn doctor_asks_every_adapter() {
    let folder = tempfile::tempdir().unwrap();
    let doctor = synfire(folder.path(), &["doctor"]);
    let out = text(&doctor.stdout);
    assert!(doctor.status.success(), "{out}{}", text(&doctor.stderr));
    let adapters = synfire::engine::gpu::adapters();
    assert_eq!(out.matches("    known answers   9 of 9 right\n").count(), adapters.len(), "{out}");
    for adapter in &adapters {
        assert!(out.contains(&adapter.name) && out.contains("fma(a, b, c)") && out.contains("long loops"), "{out}");
    }
    assert!(!out.contains("WRONG"), "{out}");
}

#[test]
fn every_example_is_right_and_reads_back() {
    let folder = super::examples();
    let all: Vec<_> = files(&folder).into_iter().filter(|name| name.ends_with(".toml")).collect();
    assert!(all.len() >= 5);
    for name in all {
        let network = Network::load(folder.join(&name)).unwrap_or_else(|report| panic!("{report}"));
        assert_eq!(super::what_is_wrong(&network, &folder), None, "{name}");
        assert_eq!(Network::from_toml(&network.to_toml().unwrap(), &name).unwrap(), network);
    }
}

#[test]
fn a_ready_model_is_shown_with_all_that_a_file_may_say_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let list = text(&synfire(folder.path(), &["models"]).stdout);
    for (name, _) in synfire::model::library::TEXTS.iter().chain(synfire::model::library::SYNAPSE_TEXTS) {
        assert!(list.contains(&format!("  {name} ")), "{name} is not in\n{list}");
    }
    let one = text(&synfire(folder.path(), &["models", "lif_cond_exp"]).stdout);
    for part in ["Source: Meffin", "g_exc", "c_m", "200 pF", "weights are added to `g_exc`", "dv/dt", "Named expressions"] {
        assert!(one.contains(part), "no `{part}` in\n{one}");
    }
    let ranged = text(&synfire(folder.path(), &["models", "stdp_pair"]).stdout);
    assert!(ranged.contains("from 0 nS to w_max") && ranged.contains("0.5*w_max"), "{ranged}");
    let wrong = synfire(folder.path(), &["models", "iaf_cond_exp"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("did you mean `lif_cond_exp`?"), "{}", text(&wrong.stderr));
}

#[test]
fn a_new_file_runs_and_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let new = synfire(folder.path(), &["new", "fresh"]);
    assert!(new.status.success(), "{}", text(&new.stderr));
    assert_eq!(files(folder.path()), ["fresh.toml", "network.schema.json"]);
    let schema = text(&synfire(folder.path(), &["schema"]).stdout);
    assert_eq!(schema, fs::read_to_string(folder.path().join("network.schema.json")).unwrap());
    let run = synfire(folder.path(), &["run", "fresh.toml", "--engine", "cpu"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let spikes = synfire::recording::npz::read(folder.path().join("run/fresh")).unwrap().spikes;
    assert!(spikes.len() == 2 && spikes.iter().all(|train| train.step.len() > 20));
    let again = synfire(folder.path(), &["new", "fresh"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("--force"), "{}", text(&again.stderr));
    assert_eq!(synfire(folder.path(), &["new", "fresh", "--force"]).status.code(), Some(0));
    // whatever letters a name has
    assert_eq!(synfire(folder.path(), &["new", "my \"net\""]).status.code(), Some(0));
    assert_eq!(Network::load(folder.path().join("my \"net\".toml")).unwrap().name, "my \"net\"");
    assert_eq!(synfire(folder.path(), &["new", ".toml"]).status.code(), Some(2));
}
