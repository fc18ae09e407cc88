//! Recordings in chunks: to the bit what a run into memory records, on every engine, of every kind of probe, however it is cut.

use synfire::network::{Connector, Network, Positions, Reduce, Variant};
use synfire::recording::native::{Chunks, Content, Stored};
use synfire::recording::{Recording, Sink, npz};
use synfire::{Choice, Options, Precision};

const ENGINES: [(&str, Precision); 3] = [("cpu", Precision::F32), ("cpu", Precision::F64), ("gpu", Precision::F32)];

fn options((engine, precision): (&str, Precision), batch: Option<u32>) -> Options {
    let engine = if engine == "gpu" { Choice::Adapter("llvmpipe".into()) } else { Choice::Cpu };
    Options::default().engine(engine).precision(precision).batch(batch)
}

/// Every kind of probe, and neurons that are somewhere.
fn network() -> Network {
    let mut net = Network::new("all probes");
    net.dt("0.1 ms").seed(5);
    net.population("in", "poisson_source", 20).parameter("rate", "150 Hz");
    net.population("cell", "lif_cond_exp", 12).positions(Positions::line("10 um"));
    net.project_by("in", "cell", "stdp_pair", Connector::AllToAll).delay("1 ms").named("s");
    net.probe("cell", "spikes");
    net.probe("cell", "v").rows(0..5).every("0.3 ms");
    net.probe("in", "rate").every("1.1 ms");
    net.probe("cell", "v").reduce(Reduce::Mean).every("0.5 ms");
    net.probe_synapses("s", "w").rows(0..7).every("0.7 ms");
    net.probe_synapses("s", "w").histogram(10).every("2 ms");
    net.probe_synapses("s", "w").rows(3..90).at_source_spikes();
    net.probe("in", "spikes").rows(2..9);
    net
}

#[test]
fn every_probe_on_every_engine_is_that_of_a_run_into_memory() {
    let net = network();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.chunks");
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("kept")).unwrap();
    std::fs::create_dir(at("stored")).unwrap();
    for engine in ENGINES {
        for batch in [Some(1), Some(7), None] {
            let mut simulation = net.compile(&options(engine, batch)).unwrap_or_else(|e| panic!("{e}"));
            let (mut chunks, mut kept) = (Chunks::new(&path), Recording::default());
            simulation.run_into(40.0, &mut [&mut chunks, &mut kept]).unwrap_or_else(|e| panic!("{e}"));
            let stored = Stored::open(&path).unwrap();
            assert_eq!((stored.cut(), stored.how(), stored.steps()), (None, Some(("whole", None)), 400));
            assert_eq!(stored.recording(0).unwrap(), kept, "{engine:?}, batches of {batch:?}");
            assert!(!kept.spikes[1].step.is_empty() && !kept.at_spikes[0].value.is_empty() && kept.positions.len() == 1);
            assert_eq!(stored.header().network_hash, simulation.plan().network_hash());
            // the archives are those of the recording, byte for byte
            for (name, done) in [("kept", npz::write(&kept, at("kept"))), ("stored", npz::write_stored(&stored, at("stored")))] {
                done.unwrap_or_else(|e| panic!("{name}: {e}"));
            }
            for file in npz::FILES {
                assert!(std::fs::read(at("kept").join(file)).unwrap() == std::fs::read(at("stored").join(file)).unwrap(), "{file}");
            }
        }
    }
}

/// Two runs one after the other, each into a file of its own, are the one that was not cut.
#[test]
fn a_run_in_pieces_is_the_whole() {
    let mut net = network();
    net.probes.retain(|probe| probe.record != "rate");
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let compiled = || net.compile(&options(ENGINES[0], None)).unwrap_or_else(|e| panic!("{e}"));
    compiled().run_into(40.0, &mut [&mut Chunks::new(at("whole"))]).unwrap();
    let mut simulation = compiled();
    for (name, ms) in [("first", 13.7), ("second", 26.3)] {
        simulation.run_into(ms, &mut [&mut Chunks::new(at(name))]).unwrap();
    }
    let read = |name: &str| Stored::open(at(name)).and_then(|stored| stored.recording(0)).unwrap();
    let (whole, mut joined, second) = (read("whole"), read("first"), read("second"));
    assert_eq!((second.first_step, second.steps), (137, 263));
    joined.steps += second.steps;
    for (one, more) in joined.spikes.iter_mut().zip(second.spikes) {
        one.step.extend(more.step);
        one.neuron.extend(more.neuron);
    }
    joined.traces.iter_mut().zip(second.traces).for_each(|(one, more)| one.values.extend(more.values));
    joined.summaries.iter_mut().zip(second.summaries).for_each(|(one, more)| one.values.extend(more.values));
    for (one, more) in joined.at_spikes.iter_mut().zip(second.at_spikes) {
        one.step.extend(more.step);
        one.synapse.extend(more.synapse);
        one.value.extend(more.value);
    }
    assert_eq!(joined, whole);
}

#[test]
fn instances_are_told_apart() {
    let net = network();
    let variants: Vec<Variant> = (0..3).map(|k| Variant::new().set("in.rate", format!("{} Hz", 50 + 100 * k))).collect();
    let mut simulation = net.compile_ensemble(&variants, &options(ENGINES[0], Some(13))).unwrap_or_else(|e| panic!("{e}"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.chunks");
    let (mut chunks, mut kept) = (Chunks::new(&path), Vec::<Recording>::new());
    let mut sinks: [&mut dyn Sink; 2] = [&mut chunks, &mut kept];
    simulation.run_into(30.0, &mut sinks).unwrap();
    let stored = Stored::open(&path).unwrap();
    let found: Vec<Recording> = (0..3).map(|instance| stored.recording(instance).unwrap()).collect();
    assert_eq!(found, kept);
    assert!(found[0].spikes[1] != found[2].spikes[1]);
}

/// A fault in the network leaves everything before it, and why.
#[test]
fn a_fault_ends_the_file_with_its_reason() {
    let mut net = Network::new("explodes");
    net.equations = "neuron grower\n  state x = 1 mV\n  dx/dt = x/(0.05 ms)\n  method euler\n".into();
    net.population("cell", "grower", 1);
    net.probe("cell", "x");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.chunks");
    let mut simulation = net.compile(&options(ENGINES[1], None)).unwrap();
    let mut kept = Recording::default();
    let error = simulation.run_into(1000.0, &mut [&mut Chunks::new(&path), &mut kept]).unwrap_err().to_string();
    let stored = Stored::open(&path).unwrap();
    let Some(("failed", Some(why))) = stored.how() else { panic!("{:?}", stored.how()) };
    assert!(error.contains("became") && why.contains("became"), "{why}");
    assert_eq!(stored.recording(0).unwrap(), kept);
    let samples = stored.pieces(0, 0).map(|piece| match piece.unwrap().content {
        Content::Samples(values) => values.len() as u64,
        other => panic!("{other:?}"),
    });
    assert_eq!(samples.sum::<u64>(), stored.steps());
}

/// The command: what it records of 20,000 potentials with so little memory is what it records with much.
mod command {
    use std::path::Path;
    use std::process::{Child, Command, Stdio};

    use ::synfire::recording::npz;

    use crate::{files, synfire, with_network, words};

    /// Neurons that fire at other times than each other, one of them shown.
    fn text(size: usize, rows: &str) -> String {
        format!(
            r#"
name = "wide"
dt = "0.1 ms"
seed = 3
[[population]]
name = "cell"
model = "lif_psc_exp"
size = {size}
initial.v = {{ uniform = ["-70 mV", "-50 mV"] }}
[[stimulus]]
target = "cell"
input = "i_stim"
waveform = {{ kind = "constant", amplitude = "600 pA" }}
[[probe]]
population = "cell"
record = "spikes"
[[probe]]
population = "cell"
record = "rate"
every = "2 ms"
[[probe]]
population = "cell"
record = "v"
{rows}
"#
        )
    }

    fn begun(folder: &Path, arguments: &[&str]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_synfire"));
        command.args(arguments).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().unwrap_or_else(|e| panic!("{e}"))
    }

    /// The most memory that a run had, in bytes, as the system tells while it lives.
    fn peak(folder: &Path, arguments: &[&str]) -> u64 {
        let mut child = begun(folder, arguments);
        let mut most = 0;
        loop {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            most = most.max(kilobytes.unwrap_or(0) << 10);
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success(), "{}", words(&child.wait_with_output().unwrap()));
                return most;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    #[test]
    fn what_memory_does_not_hold_is_streamed_and_equal() {
        let folder = with_network(&text(20_000, ""));
        let run = ["run", "net.toml", "--engine", "cpu", "--threads", "1", "--no-picture"];
        let with = |more: &[&'static str]| [&run[..], more].concat();
        // 160 MB of potentials
        let little = peak(folder.path(), &with(&["--duration", "100 ms", "--memory", "64M", "--out", "little"]));
        let (base, much) = if cfg!(target_os = "linux") {
            let base = peak(folder.path(), &with(&["--duration", "1 ms", "--out", "base"]));
            (base, peak(folder.path(), &with(&["--duration", "100 ms", "--out", "much"])))
        } else {
            (0, peak(folder.path(), &with(&["--duration", "100 ms", "--out", "much"])))
        };
        let all = files(&folder.path().join("much"));
        assert_eq!(all, ["record.json", "spikes.npz", "traces.npz"]);
        assert_eq!(files(&folder.path().join("little")), all);
        for file in &all[1..] {
            let read = |name: &str| std::fs::read(folder.path().join(name).join(file)).unwrap();
            assert!(read("little") == read("much"), "{file}");
        }
        let rates = |name: &str| {
            let text = std::fs::read_to_string(folder.path().join(name).join("record.json")).unwrap();
            let record: serde_json::Value = serde_json::from_str(&text).unwrap();
            record["populations"].clone()
        };
        assert!(rates("little")[0]["recorded_spikes"].as_u64() > Some(10_000));
        assert_eq!(rates("little"), rates("much"));
        if cfg!(target_os = "linux") {
            println!("peak of a step {base}, streamed {little}, held {much}");
            assert!(little < base + (64 << 20), "{little} bytes where {base} are those of a short run");
            assert!(much > 160_000_000 && little < much / 2, "{little} {much}");
        }
    }

    #[test]
    fn it_is_said_and_drawn_and_kept_when_asked_for() {
        let folder = with_network(&text(2000, "every = \"0.2 ms\""));
        let run = |more: &[&str]| {
            let all = [&["run", "net.toml", "--engine", "cpu", "--duration", "400 ms"][..], more].concat();
            let done = synfire(folder.path(), &all);
            (done.status.code(), words(&done))
        };
        // 32 MB of potentials
        let (code, said) = run(&["--memory", "30M", "--out", "a"]);
        assert!(code == Some(0) && said.contains("goes to the disk while the run goes on"), "{said}");
        assert!(said.contains("mean rates: cell"), "{said}");
        let drawn = ["picture.png", "picture.svg", "record.json", "spikes.npz", "traces.npz"];
        assert_eq!(files(&folder.path().join("a")), drawn);
        let (code, said) = run(&["--keep-chunks", "--out", "b"]);
        assert!(code == Some(0) && !said.contains("goes to the disk"), "{said}");
        assert_eq!(files(&folder.path().join("b")), [&drawn[..2], &["record.json", "recording.chunks"], &drawn[3..]].concat());
        let (code, said) = run(&["--stream", "--out", "c"]);
        assert!(code == Some(0), "{said}");
        for file in ["spikes.npz", "traces.npz"] {
            let read = |name: &str| std::fs::read(folder.path().join(name).join(file)).unwrap();
            assert!(read("a") == read("b") && read("b") == read("c"), "{file}");
        }
        // what does not fit without recordings either is refused as before
        let (code, said) = run(&["--memory", "100k", "--out", "d"]);
        assert!(code == Some(2) && said.contains("--memory"), "{said}");
        // other forms, from chunks and from archives alike
        for name in ["b", "c"] {
            let done = synfire(folder.path(), &["convert", name, "--format", "nest,csv,gdf,sonata"]);
            assert!(done.status.success() && words(&done).contains("spikes.dat"), "{}", words(&done));
        }
        let (code, said) = run(&["--format", "sonata,gdf", "--no-picture", "--out", "h"]);
        assert!(code == Some(0), "{said}");
        assert_eq!(files(&folder.path().join("h")), ["record.json", "report_v.h5", "spikes.gdf", "spikes.h5"]);
        for file in ["report_v.h5", "spikes.gdf", "spikes.h5"] {
            let read = |name: &str| std::fs::read(folder.path().join(name).join(file)).unwrap();
            assert!(read("b") == read("c") && read("b") == read("h"), "{file}");
        }
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(read("b/spikes.dat") == read("c/spikes.dat") && read("b/spikes.dat").lines().count() > 1000);
        assert!(read("b/spikes.csv") == read("c/spikes.csv"));
        let done = synfire(folder.path(), &["convert", "b", "--format", "npz"]);
        assert!(done.status.code() == Some(2) && words(&done).contains("is there already"), "{}", words(&done));
        let done = synfire(folder.path(), &["convert", "b/recording.chunks", "--format", "npz", "--out", "new"]);
        assert!(done.status.success(), "{}", words(&done));
        assert_eq!(
            std::fs::read(folder.path().join("new/traces.npz")).unwrap(),
            std::fs::read(folder.path().join("a/traces.npz")).unwrap()
        );
    }

    /// A disk that takes the chunks and not the archives, or not all of the chunks: what is complete is named, and can be read.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_leaves_what_is_complete() {
        let folder = with_network(&text(500, ""));
        let convert = |left: &str, to: &str| synfire(folder.path(), &["convert", left, "--format", "npz", "--out", to]);
        // 4 MB of chunks, 8 MB of archives; in units of 1,024 bytes
        for (most, name, complete) in [("5000", "archives", true), ("2000", "chunks", false)] {
            let run = format!(
                "ulimit -f {most}; exec {} run net.toml --engine cpu --duration '200 ms' --stream --no-picture --out {name}",
                env!("CARGO_BIN_EXE_synfire")
            );
            let done = Command::new("bash").args(["-c", &run]).current_dir(folder.path()).output().unwrap();
            let said = words(&done);
            assert!(done.status.code() == Some(5) && said.contains("os error 27") && said.contains("synfire convert"), "{said}");
            let entries = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
            let left = entries.into_iter().find(|left| left.starts_with(&format!(".{name}.part-"))).expect("a draft");
            let done = convert(&left, name);
            if complete {
                assert!(done.status.success() && npz::read(folder.path().join(name)).unwrap().steps == 2000, "{}", words(&done));
            } else {
                // all of it was in one chunk, if it took less than a second
                let said = words(&done);
                assert!(said.contains("no step is complete") || done.status.success() && said.contains("cut off"), "{said}");
            }
        }
    }

    /// A run that is killed leaves everything up to its last second.
    #[cfg(unix)]
    #[test]
    fn what_a_killed_run_recorded_can_be_read() {
        let folder = with_network(&text(2000, ""));
        let mut child =
            begun(folder.path(), &["run", "net.toml", "--engine", "cpu", "--duration", "1000 s", "--stream", "--out", "killed"]);
        let part = || {
            let entries = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
            entries.map(|path| path.join("recording.chunks.part")).find(|path| path.is_file())
        };
        // three groups of chunks of 4 MiB, of which the last may be cut off
        for _ in 0..6000 {
            if part().is_some_and(|path| path.metadata().is_ok_and(|about| about.len() > 14_000_000)) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let left = part().expect("a part").parent().unwrap().to_path_buf();
        let done = synfire(folder.path(), &["convert", left.to_str().unwrap(), "--format", "npz", "--out", "saved"]);
        assert!(done.status.success() && words(&done).contains("cut off"), "{}", words(&done));
        let saved = npz::read(folder.path().join("saved")).unwrap();
        assert!(saved.steps > 1000);
        let duration = format!("{} ms", saved.steps as f64 * saved.dt);
        let done = synfire(folder.path(), &["run", "net.toml", "--engine", "cpu", "--duration", &duration, "--out", "again"]);
        assert!(done.status.success(), "{}", words(&done));
        assert!(npz::read(folder.path().join("again")).unwrap() == saved);
        // the next run to this place names it
        let done = synfire(folder.path(), &["run", "net.toml", "--engine", "cpu", "--duration", "1 ms", "--out", "killed"]);
        let said = words(&done);
        assert!(said.contains("recording.chunks.part") && said.contains("synfire convert"), "{said}");
    }
}
