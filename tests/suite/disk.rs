//! What is on the disk after a run: what was asked for, and nothing else. A graphics driver may keep a cache of its own.

use std::path::Path;
use std::process::Command;

use synfire::network::{Connector, Network};
use synfire::{Choice, Options};

/// A network in which something learns and everything is probed.
fn network() -> Network {
    let mut net = Network::new("quiet");
    net.duration("20 ms").seed(3);
    net.population("in", "poisson_source", 30).parameter("rate", "100 Hz");
    net.population("cell", "lif_cond_exp", 20);
    net.project_by("in", "cell", "stdp_pair", Connector::AllToAll).delay("1 ms").named("s");
    net.probe("cell", "spikes");
    net.probe("cell", "v").rows(0..2).every("1 ms");
    net.probe_synapses("s", "w").histogram(10).every("5 ms");
    net
}

/// All files beneath a folder, as ways from it, in order.
fn beneath(folder: &Path) -> Vec<String> {
    let mut out = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap_or_else(|e| panic!("{e}")) {
            let path = entry.unwrap_or_else(|e| panic!("{e}")).path();
            let way = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
            // an empty folder is something too
            if path.is_dir() && std::fs::read_dir(&path).is_ok_and(|mut inside| inside.next().is_some()) {
                folders.push(path);
            } else {
                out.push(way);
            }
        }
    }
    out.sort();
    out
}

/// Runs a program in an empty folder, with every place where programs keep things empty: what is there after it.
fn left(program: &str, arguments: &[&str], driver: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let place = |name: &str| folder.path().join(name);
    for name in ["here", "home", "cache", "config", "data", "state", "runtime", "tmp"] {
        std::fs::create_dir(place(name)).unwrap_or_else(|e| panic!("{e}"));
    }
    let text = network().to_toml().unwrap_or_else(|e| panic!("{e}"));
    std::fs::write(place("net.toml"), text).unwrap_or_else(|e| panic!("{e}"));
    let output = Command::new(program)
        .args(arguments)
        .current_dir(place("here"))
        .env("HOME", place("home"))
        .env("XDG_CACHE_HOME", place("cache"))
        .env("XDG_CONFIG_HOME", place("config"))
        .env("XDG_DATA_HOME", place("data"))
        .env("XDG_STATE_HOME", place("state"))
        .env("XDG_RUNTIME_DIR", place("runtime"))
        .env("TMPDIR", place("tmp"))
        .envs(driver.iter().copied())
        .output()
        .unwrap_or_else(|e| panic!("{e}"));
    assert!(output.status.success(), "{}", super::words(&output));
    let empty = ["home", "cache", "config", "data", "state", "runtime", "tmp", "here"];
    beneath(folder.path()).into_iter().filter(|way| way != "net.toml" && !empty.contains(&way.as_str())).collect()
}

const COMMAND: &str = env!("CARGO_BIN_EXE_synfire");

const ASKED: [&str; 7] = [
    "here/run/quiet/picture.png",
    "here/run/quiet/picture.svg",
    "here/run/quiet/record.json",
    "here/run/quiet/spikes.npz",
    "here/run/quiet/traces.npz",
    "here/run/quiet/weights.png",
    "here/run/quiet/weights.svg",
];

/// The switch of Mesa's drivers, which the guide names.
const NO_CACHE: (&str, &str) = ("MESA_SHADER_CACHE_DISABLE", "true");

#[test]
fn the_command_leaves_what_was_asked_for() {
    assert_eq!(left(COMMAND, &["run", "../net.toml", "--engine", "cpu", "--weights", "s.w"], &[]), ASKED);
    assert_eq!(left(COMMAND, &["run", "../net.toml", "--engine", "cpu", "--no-picture"], &[]), ASKED[2..5]);
    for verb in ["check", "explain"] {
        assert_eq!(left(COMMAND, &[verb, "../net.toml"], &[]), [""; 0], "{verb}");
    }
}

#[test]
fn the_command_on_a_gpu_leaves_what_was_asked_for() {
    let on_gpu = ["run", "../net.toml", "--adapter", "llvmpipe", "--weights", "s.w"];
    assert_eq!(left(COMMAND, &on_gpu, &[NO_CACHE]), ASKED);
    // with its cache: nothing else beside the driver's own
    let found = left(COMMAND, &on_gpu, &[]);
    let (cached, ours): (Vec<String>, Vec<String>) = found.into_iter().partition(|way| way.contains("mesa_shader_cache"));
    assert_eq!(ours, ASKED);
    assert!(cached.iter().all(|way| way.starts_with("cache/mesa_shader_cache")), "{cached:?}");
}

/// The library, in a process of its own.
#[test]
fn the_library_leaves_nothing() {
    let this = std::env::current_exe().unwrap_or_else(|e| panic!("{e}"));
    for engine in ["cpu", "llvmpipe"] {
        let arguments = ["--exact", "disk::a_run_of_the_library", "--ignored"];
        let found = left(&this.to_string_lossy(), &arguments, &[NO_CACHE, ("SYNFIRE_TEST_ENGINE", engine)]);
        assert_eq!(found, [""; 0], "{engine}");
    }
}

#[test]
#[ignore = "run by `the_library_leaves_nothing`, in a folder of its own"]
fn a_run_of_the_library() {
    let engine = match std::env::var("SYNFIRE_TEST_ENGINE").as_deref() {
        Ok("llvmpipe") => Choice::Adapter("llvmpipe".into()),
        _ => Choice::Cpu,
    };
    let mut simulation = network().compile(&Options::default().engine(engine)).unwrap_or_else(|e| panic!("{e}"));
    simulation.run(20.0).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(simulation.recording().summaries[0].samples(), 4);
}
