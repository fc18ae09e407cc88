//! What a network needs is known before its first step, and the first step comes soon.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use synfire::engine::Fault;
use synfire::network::{Connector, EdgeStorage, Network, Variant};
use synfire::plan::memory::{Kind, Memory, Terms};
use synfire::recording::sink::{Committed, Ended, Header, SinkError};
use synfire::recording::{Recording, Sink};
use synfire::{Choice, Error, Options, Precision};

use super::{fault, options};

const CPU: (&str, Precision) = ("cpu", Precision::F32);
const BUDGET: u64 = 200 << 20;

fn cells(size: u64) -> Network {
    let mut net = Network::new("cells");
    net.population("exc", "lif_psc_exp", size).parameter("i_e", "400 pA");
    net
}

fn wired(sources: u32, targets: u32, connector: &str, delay: &str, weight: &str) -> Network {
    let text = format!(
        r#"
        name = "wired"
        [[population]]
        name = "a"
        model = "lif_psc_exp"
        size = {sources}
        [[population]]
        name = "b"
        model = "lif_psc_exp"
        size = {targets}
        [[projection]]
        source = "a"
        target = "b"
        port = "i_exc"
        connector = {connector}
        weight = {weight}
        delay = {delay}
        "#
    );
    Network::from_toml(&text, "wired").unwrap_or_else(|report| panic!("{report}"))
}

/// Networks that 200 MiB do not hold, and what takes the most.
fn too_large() -> Vec<(Network, &'static str)> {
    let mut recorded = cells(1000);
    recorded.probe("exc", "v");
    recorded.duration = Some("100 s".into());
    let mut drawn = cells(200_000_000);
    drawn.populations[0].initial.insert("v".into(), toml_value("{ uniform = [\"-70 mV\", \"-55 mV\"] }"));
    let total = "{ rule = \"fixed_total\", n = 2000000000 }";
    let probability = "{ rule = \"fixed_probability\", p = 0.5 }";
    let indegree = "{ rule = \"fixed_indegree\", n = 10000 }";
    let outdegree = "{ rule = \"fixed_outdegree\", n = 9000, multapses = true }";
    let all = "{ rule = \"all_to_all\" }";
    let one = "{ rule = \"one_to_one\" }";
    let millisecond = "\"1 ms\"";
    let weight = "\"10 pA\"";
    let drawn_weight = "{ normal = { mean = \"10 pA\", sd = \"1 pA\" } }";
    let drawn_delay = "{ lognormal = { median = \"2 ms\", sigma = 1.5 } }";
    vec![
        (recorded, "the recording of exc.v"),
        (wired(1000, 1000, total, millisecond, weight), "synapses of `a -> b`"),
        (wired(100_000, 100_000, all, millisecond, weight), "synapses of `a -> b`"),
        (wired(50_000, 50_000, probability, millisecond, weight), "synapses of `a -> b`"),
        (wired(20_000, 100_000, indegree, millisecond, weight), "synapses of `a -> b`"),
        (wired(100_000, 20_000, outdegree, millisecond, weight), "synapses of `a -> b`"),
        (wired(5200, 5200, all, millisecond, drawn_weight), "synapses of `a -> b`"),
        (cells(2_000_000_000), "states and values of exc"),
        (cells(20_000_000), "states and values of exc"),
        (drawn, "`v` needs 200000000 numbers"),
        (wired(100_000, 100_000, one, "\"6 s\"", weight), "delay rings of"),
        (wired(10_000, 10_000, one, drawn_delay, weight), "delay rings of"),
    ]
}

fn toml_value(text: &str) -> synfire::network::Value {
    let net: Network = Network::from_toml(
        &format!("[[population]]\nname = \"x\"\nmodel = \"lif_psc_exp\"\nsize = 1\ninitial = {{ v = {text} }}"),
        "value",
    )
    .unwrap_or_else(|report| panic!("{report}"));
    net.populations[0].initial["v"].clone()
}

/// Two seconds in a release build; far more here, on machines that are shared, only against hanging.
const SOON: Duration = Duration::from_secs(60);

#[test]
fn what_does_not_fit_is_refused_with_bytes() {
    for (network, what) in too_large() {
        let began = Instant::now();
        let recorded = network.duration.as_ref().map(|_| 100_000.0);
        // synapses that are kept: some of these networks fit where they are drawn again
        let options = options(CPU.0, CPU.1).memory_budget(BUDGET).recorded(recorded).connectivity(EdgeStorage::Stored);
        let error = network.compile(&options).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("bytes") && error.contains("--memory") && error.contains(what), "{what}: {error}");
        // before an edge is drawn, too
        let planned = network.memory(&options).and_then(|memory| memory.within(Some(BUDGET)).map_err(Error::from));
        assert!(planned.is_err(), "{what}");
        assert!(began.elapsed() < SOON, "{what} took {:?}", began.elapsed());
    }
}

#[test]
fn instances_that_do_not_fit_are_refused() {
    let net = cells(10_000);
    let variants: Vec<Variant> = (0..2000).map(|k| Variant::new().set("exc.i_e", format!("{} pA", 300 + k % 9))).collect();
    let options = options(CPU.0, CPU.1).memory_budget(BUDGET);
    let error = net.compile_ensemble(&variants, &options).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("states and values of exc") && error.contains("bytes"), "{error}");
    // more rows than can be counted, whatever the memory
    let many: Vec<Variant> = vec![Variant::new(); 500_000];
    let error = net.compile_ensemble(&many, &options.memory_budget(None)).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("rows"), "{error}");
}

#[test]
fn a_synapse_with_a_weight_and_a_delay_takes_eight_bytes() {
    let weight = "{ uniform = [\"10 pA\", \"20 pA\"] }";
    let delay = "{ uniform = [\"0.1 ms\", \"3 ms\"] }";
    let outdegree = "{ rule = \"fixed_outdegree\", n = 100 }";
    let each = |memory: &Memory, synapses: f64| memory.of_kind(Kind::Synapses) as f64 / synapses;
    let large = wired(1_000_000, 1_000_000, outdegree, delay, weight);
    let small = wired(20_000, 20_000, outdegree, delay, weight);
    for precision in [Precision::F32, Precision::F64] {
        let options = options(CPU.0, precision);
        let planned = large.memory(&options).unwrap();
        // and while they are drawn never twice as much
        assert!((8.0..8.5).contains(&each(&planned, 1e8)) && planned.drawing <= 850_000_000, "{planned:?}");
        let plan = small.plan(&options).unwrap_or_else(|e| panic!("{e}"));
        let terms = Terms::default().number(if precision == Precision::F32 { 4 } else { 8 });
        let made = Memory::of(&plan, terms);
        assert_eq!(made.of_kind(Kind::Synapses), small.memory(&options).unwrap().of_kind(Kind::Synapses));
        assert!((8.0..8.5).contains(&each(&made, plan.edges() as f64)), "{made:?}");
    }
}

#[test]
fn what_fits_is_not_refused() {
    let mut net = wired(1000, 1000, "{ rule = \"fixed_probability\", p = 0.1 }", "\"1.5 ms\"", "\"10 pA\"");
    net.probe("b", "v");
    let options = options(CPU.0, CPU.1).memory_budget(64 << 20).recorded(100.0);
    let mut simulation = net.compile(&options).unwrap_or_else(|e| panic!("{e}"));
    simulation.run(100.0).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(simulation.recording().traces[0].samples(), 1000);
    // a run whose recording does not fit any more is refused before its first step, and nothing is lost
    let error = simulation.run(1e6).unwrap_err().to_string();
    assert!(error.contains("the recording of b.v") && error.contains("steps would fit"), "{error}");
    assert_eq!((simulation.time_steps(), simulation.recording().traces[0].samples()), (1000, 1000));
}

#[test]
fn spikes_end_a_run_well_when_their_room_is_full() {
    let mut net = Network::new("busy");
    net.population("exc", "lif_psc_exp", 500).parameter("i_e", "20 nA").parameter("t_ref", "0.1 ms");
    net.probe("exc", "spikes");
    let need = net.memory(&options(CPU.0, CPU.1)).unwrap().bytes();
    let options = options(CPU.0, CPU.1).memory_budget(need + (1 << 20)).batch(50);
    let mut simulation = net.compile(&options).unwrap();
    let Err(Error::Run { fault: Fault::Memory { spikes, .. }, last_good, .. }) = simulation.run(60_000.0) else {
        panic!("no end of room")
    };
    let recording = simulation.recording();
    assert!(last_good > 0 && last_good == simulation.time_steps() && recording.steps == last_good);
    assert_eq!(recording.spikes[0].step.len() as u64, spikes);
    assert!(spikes > 10_000 && spikes * 12 <= 1 << 20, "{spikes} spikes");
    // and the same run without a limit begins the same
    let mut free = net.compile(&super::options(CPU.0, CPU.1)).unwrap();
    free.run_steps(last_good).unwrap();
    assert_eq!(free.recording().spikes, recording.spikes);
}

/// Notes how long the longest batch is.
#[derive(Default)]
struct Longest {
    steps: u64,
}

impl Sink for Longest {
    fn begin(&mut self, _: &Header) -> Result<(), SinkError> {
        Ok(())
    }

    fn batch(&mut self, batch: &Committed<'_>) -> Result<(), SinkError> {
        self.steps = self.steps.max(batch.steps().count() as u64);
        Ok(())
    }

    fn end(&mut self, _: &Ended) -> Result<(), SinkError> {
        Ok(())
    }
}

#[test]
fn samples_on_their_way_into_a_recording_are_counted() {
    let mut net = cells(1000);
    net.probe("exc", "v");
    let options = |budget: Option<u64>| options(CPU.0, CPU.1).memory_budget(budget).recorded(100.0).batch(20_000);
    let memory = net.memory(&options(None)).unwrap();
    // 1000 steps of 1000 neurons: four bytes in the engine, eight as they are handed over
    assert_eq!(memory.batch, 12_000_000);
    let without = memory.bytes() - memory.batch;
    assert_eq!(without, [Kind::Neurons, Kind::Rings, Kind::Recording].iter().map(|kind| memory.of_kind(*kind)).sum::<u64>());
    // in double precision, and once more sorted by instance
    let plan = net.plan(&options(None)).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(Memory::of(&plan, Terms::default().number(8).instances(3).steps(1000)).batch, 72_000_000);
    // a batch takes a sixteenth of what is left beside the recording, 250,000 bytes, however long it may be
    let mut simulation = net.compile(&options(Some(without + 4_000_000))).unwrap_or_else(|e| panic!("{e}"));
    let (mut kept, mut longest) = (Recording::default(), Longest::default());
    simulation.run_into(100.0, &mut [&mut kept, &mut longest]).unwrap_or_else(|e| panic!("{e}"));
    assert!((10..25).contains(&longest.steps), "{} steps", longest.steps);
    // and that of one step has to fit
    let error = net.compile(&options(Some(without + 11_000))).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains(&format!("needs {}", synfire::plan::memory::bytes(without + 12_000))), "{error}");
}

#[test]
fn the_command_says_what_memory_does_not_hold() {
    let folder = tempfile::tempdir().unwrap();
    let mut net = cells(1000);
    net.probe("exc", "v");
    net.duration = Some("100 s".into());
    fs::write(folder.path().join("net.toml"), net.to_toml().unwrap()).unwrap();
    for verb in ["check", "explain"] {
        let out = synfire(folder.path(), &[verb, "net.toml", "--memory", "200M"]);
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        assert_eq!(out.status.code(), Some(0), "{verb}: {text}");
        assert!(text.contains("goes to the disk while the run goes on"), "{verb}: {text}");
        assert!(text.contains("would need 8,0") && text.contains(" bytes of the 209,715,200 bytes"), "{verb}: {text}");
    }
    // what does not fit without recordings either is refused
    for verb in ["check", "run", "explain"] {
        let out = synfire(folder.path(), &[verb, "net.toml", "--memory", "50k"]);
        let error = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(2), "{verb}: {error}");
        assert!(error.contains("8,000,000,000 bytes") && error.contains("51,200 bytes"), "{verb}: {error}");
    }
    let out = synfire(folder.path(), &["check", "net.toml", "--memory", "much"]);
    assert!(String::from_utf8_lossy(&out.stderr).contains("such as 200M"));
    // enough for a shorter time, and explain says what it is
    net.duration = Some("1 s".into());
    fs::write(folder.path().join("net.toml"), net.to_toml().unwrap()).unwrap();
    let out = synfire(folder.path(), &["explain", "net.toml", "--memory", "1G"]);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(text.contains("recordings of 1000 ms") && text.contains("80,000,000"), "{text}");
}

fn synfire(folder: &std::path::Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_synfire"));
    command.args(arguments).current_dir(folder).env_remove("XDG_RUNTIME_DIR").output().unwrap()
}

/// A ring of states that read each other.
fn ring(states: usize, method: &str) -> Network {
    let mut text = String::from("neuron ring\n");
    for k in 0..states {
        let _ = writeln!(text, "  state s{k} = {} mV", if k == 0 { 1 } else { 0 });
    }
    for k in 0..states {
        let _ = writeln!(text, "  ds{k}/dt = (s{} - s{k})/(5 ms)", (k + 1) % states);
    }
    if !method.is_empty() {
        let _ = writeln!(text, "  method {method}");
    }
    let mut net = Network::new("ring");
    net.equations = text;
    net.population("ring", "ring", 1);
    net
}

#[test]
fn many_coupled_states_take_another_method_and_say_so() {
    let method = |net: &Network| {
        let plan = net.plan(&options(CPU.0, CPU.1)).unwrap_or_else(|e| panic!("{e}"));
        (plan.groups()[0].rule.method().to_owned(), plan.remarks().join("\n"))
    };
    let (few, none) = method(&ring(32, ""));
    assert!(few.starts_with("exact propagators") && none.is_empty(), "{few}: {none}");
    let (many, remark) = method(&ring(33, ""));
    assert!(many.starts_with("exponential Euler"), "{many}");
    assert!(remark.contains("33 of its states") && remark.contains("method exact"), "{remark}");
    // asked for by name, whatever it costs
    for asked in ["exact", "rk4"] {
        let (name, remark) = method(&ring(80, asked));
        assert!(name.contains("asked for") && (asked == "rk4" || remark.is_empty()), "{name}: {remark}");
    }
}

#[test]
fn coupled_states_reach_their_first_step() {
    let began = Instant::now();
    for engine in super::ENGINES {
        for net in [fault("ring_of_80"), ring(200, "")] {
            let mut simulation = super::compiled(&net, engine).unwrap_or_else(|e| panic!("{e}"));
            simulation.run_steps(2).unwrap_or_else(|e| panic!("{e}"));
        }
    }
    let end = |method: &str| {
        let mut simulation = super::compiled(&ring(60, method), ("cpu", Precision::F64)).unwrap_or_else(|e| panic!("{e}"));
        simulation.run(20.0).unwrap_or_else(|e| panic!("{e}"));
        (0..60).map(|k| simulation.state("ring", &format!("s{k}")).unwrap()[0]).collect::<Vec<f64>>()
    };
    // propagators of 60 states and Runge-Kutta 4, whose error is below (h/tau)^4·t/tau = 7e-7 of the largest value, 1 mV
    let (exact, stepped, default) = (end("exact"), end("rk4"), end(""));
    for k in 0..60 {
        assert!((exact[k] - stepped[k]).abs() < 7e-7, "s{k}: {} {}", exact[k], stepped[k]);
        // and of first order: h/tau·t/tau = 0.08
        assert!((exact[k] - default[k]).abs() < 0.08, "s{k}: {} {}", exact[k], default[k]);
    }
    assert!(began.elapsed() < 10 * SOON, "{:?}", began.elapsed());
}

#[test]
fn a_state_with_more_numbers_than_engines_name_is_refused() {
    let mut text = String::from("neuron dense\n");
    for k in 0..260 {
        let _ = writeln!(text, "  state s{k} = 0 mV");
    }
    for k in 0..260 {
        let _ = writeln!(text, "  ds{k}/dt = (s{} - s{k})/(5 ms)", (k + 1) % 260);
    }
    text.push_str("  method exact\n");
    let mut net = Network::new("dense");
    net.equations = text;
    net.population("dense", "dense", 1);
    let error = net.compile(&options(CPU.0, CPU.1)).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("260 states") && error.contains("exponential_euler"), "{error}");
}

#[test]
fn ten_thousand_populations_reach_their_first_step() {
    const POPULATIONS: usize = 10_000;
    let began = Instant::now();
    let mut net = Network::new("many");
    for k in 0..POPULATIONS {
        net.population(format!("p{k}"), "non_spiking", 1);
    }
    for k in 0..4 * POPULATIONS {
        let (source, target) = (k % POPULATIONS, (k * 7 + k / POPULATIONS + 1) % POPULATIONS);
        let projection = net.project_by(format!("p{source}"), format!("p{target}"), "graded_synapse", Connector::AllToAll);
        projection.parameter("e_rev", "100 mV");
    }
    let mut simulation = net.compile(&options(CPU.0, CPU.1)).unwrap_or_else(|e| panic!("{e}"));
    simulation.run_steps(1).unwrap_or_else(|e| panic!("{e}"));
    assert!(simulation.plan().edges() >= 4 * POPULATIONS as u64);
    // five seconds in a release build
    assert!(began.elapsed() < 3 * SOON, "{:?}", began.elapsed());
}

/// Runs a command as a user who may have one process; `None`: this machine does not let us.
#[cfg(target_os = "linux")]
fn with_one_process(folder: &std::path::Path, arguments: &[&str]) -> Option<Output> {
    let binary = folder.join("synfire");
    fs::copy(env!("CARGO_BIN_EXE_synfire"), &binary).ok()?;
    let is_root = fs::metadata("/proc/self").map(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0).ok()?;
    let mut command = if is_root {
        // a number that nobody has, so that no other process counts
        let mut command = Command::new("setpriv");
        command.args(["--reuid=54321", "--regid=54321", "--clear-groups", "prlimit", "--nproc=1:1"]);
        command
    } else {
        let mut command = Command::new("prlimit");
        command.arg("--nproc=1:1");
        command
    };
    command.arg(&binary).args(arguments).current_dir(folder).output().ok()
}

#[cfg(target_os = "linux")]
#[test]
fn no_threads_to_be_had_is_an_error_in_words() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let mut net = wired(20_000, 20_000, "{ rule = \"fixed_indegree\", n = 5 }", "\"1.5 ms\"", "\"10 pA\"");
    net.duration = Some("1 ms".into());
    fs::write(folder.path().join("net.toml"), net.to_toml().unwrap()).unwrap();
    let run = |threads: &str, out: &str| {
        let arguments = ["run", "net.toml", "--engine", "cpu", "--threads", threads, "--out", out];
        with_one_process(folder.path(), &arguments)
    };
    let Some(one) = run("1", "one") else { return };
    let error = String::from_utf8_lossy(&one.stderr).into_owned();
    if error.contains("setpriv") || error.contains("prlimit") {
        eprintln!("not tried here: {error}");
        return;
    }
    // one thread is there already: none is started
    assert!(one.status.success(), "{error}");
    let two = run("2", "two").unwrap();
    let error = String::from_utf8_lossy(&two.stderr).into_owned();
    assert_eq!(two.status.code(), Some(1), "{error}");
    assert!(error.contains("cannot start 2 threads") && error.contains("--threads 1"), "{error}");
}

#[test]
fn nothing_of_the_graphics_stack_reaches_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let mut net = cells(3);
    net.duration = Some("1 ms".into());
    fs::write(folder.path().join("net.toml"), net.to_toml().unwrap()).unwrap();
    for arguments in [&["doctor"][..], &["run", "net.toml", "--adapter", "llvmpipe", "--quiet"], &["explain", "net.toml"]] {
        let out = synfire(folder.path(), arguments);
        assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
        assert_eq!(String::from_utf8_lossy(&out.stderr), "", "{arguments:?}");
    }
    // an error of ours is still told
    let out = synfire(folder.path(), &["run", "net.toml", "--adapter", "no such thing", "--out", "other"]);
    assert!(String::from_utf8_lossy(&out.stderr).contains("no such thing"));
}

#[test]
fn a_gpu_is_looked_for_where_there_may_be_one() {
    // with the processor chosen, or none to be found, nothing of it is in the way: the choice is made in no time
    let net = cells(3);
    for engine in [Choice::Cpu, Choice::Auto] {
        net.compile(&Options::default().engine(engine)).unwrap_or_else(|e| panic!("{e}"));
    }
}

/// What the budget allows and the machine does not give is an error in words, and no abort.
#[cfg(target_os = "linux")]
#[test]
fn memory_that_the_machine_does_not_give_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    // 40 million neurons: some 3 GB
    let text = "[[population]]\nname = \"p\"\nmodel = \"lif_psc_exp\"\nsize = 40000000\n";
    fs::write(folder.path().join("net.toml"), text).unwrap();
    let script = "ulimit -v 2000000; exec \"$0\" run net.toml --engine cpu --threads 1 --duration 1ms --no-picture --memory 64GiB";
    let output = Command::new("sh").args(["-c", script, env!("CARGO_BIN_EXE_synfire")]).current_dir(&folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("for the network are more than this machine gives"), "{said}");
}

/// The reference of a lockstep stands beside the engine under test.
#[test]
fn the_reference_of_a_lockstep_is_counted() {
    let net = cells(100_000);
    let memory = net.memory(&options("cpu", Precision::F32)).unwrap().bytes();
    let budget = |bytes| options("cpu", Precision::F32).memory_budget(bytes);
    let mut simulation = net.compile(&budget(2 * memory)).unwrap();
    let said = simulation.verify(1, None).unwrap_err().to_string();
    assert!(said.contains("the reference that runs beside the engine under test does not fit: the network needs"), "{said}");
    let verification = net.compile(&budget(20 * memory)).unwrap().verify(1, None).unwrap_or_else(|e| panic!("{e}"));
    assert!(verification.agrees(), "{verification}");
}
