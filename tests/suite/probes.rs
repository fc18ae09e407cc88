//! Probes of synapses that keep a mean, a sum or a histogram, or values at spikes: the same numbers on every engine and for any
//! number of threads as follow from each value.

use synfire::network::{Connector, Network, Reduce, Reduction, Value, Variant};
use synfire::plot::{FigureOptions, PlotError, WeightOptions, figure, weights};
use synfire::recording::{Recording, Summary, npz};
use synfire::{Choice, Error, Options, Precision, Simulation};

const PAIR: &str = "
    synapse pair
      param w_max = 1 nS, a_plus = 0.01, a_minus = 0.0105, tau_plus = 20 ms, tau_minus = 20 ms, tau_c = 50 ms
      state w = 0.5 nS (from 0 nS to w_max)
      state x = 0, y = 0, c = 0
      dx/dt = -x/tau_plus
      dy/dt = -y/tau_minus
      dc/dt = -c/tau_c
      on_pre w -= a_minus*w_max*y; c -= y; g_exc += w
      on_post w += a_plus*w_max*x + 0.001 nS*c; c += x; y += 1
      on_pre x += 1
";

/// Two hundred trains onto thirty cells; `more` adds probes.
fn network(more: impl FnOnce(&mut Network)) -> Network {
    let mut net = Network::new("probed");
    net.dt("0.1 ms").seed(5);
    net.equations(PAIR);
    net.population("in", "poisson_source", 200).parameter("rate", "30 Hz");
    net.population("cell", "lif_cond_exp", 70);
    net.project_by("in", "cell", "pair", Connector::probability(0.3)).delay("1 ms").named("s");
    net.probe_synapses("s", "w").every("5 ms");
    net.probe_synapses("s", "c").rows(10..500).every("5 ms");
    net.probe_synapses("s", "x").every("5 ms");
    more(&mut net);
    net
}

fn reduced(net: &mut Network) {
    net.probe_synapses("s", "w").reduce(Reduce::Mean).every("5 ms");
    net.probe_synapses("s", "w").histogram(20).every("5 ms");
    net.probe_synapses("s", "c").rows(10..500).reduce(Reduce::Sum).every("5 ms");
    net.probe_synapses("s", "c").rows(10..500).edges([-0.5, 0.0, 0.25, 1.0]).every("5 ms");
    net.probe_synapses("s", "x").reduce(Reduce::Mean).every("5 ms");
}

fn machines() -> Vec<(&'static str, Options)> {
    let cpu = |precision, threads| Options::default().engine(Choice::Cpu).precision(precision).threads(threads).rows_per_thread(32);
    vec![
        ("f32, 1 thread", cpu(Precision::F32, 1)),
        ("f32, 3 threads", cpu(Precision::F32, 3)),
        ("f64, 1 thread", cpu(Precision::F64, 1)),
        ("f64, 3 threads", cpu(Precision::F64, 3)),
        ("GPU", Options::default().engine(Choice::Adapter("llvmpipe".into()))),
    ]
}

fn failed<T>(error: Error) -> T {
    panic!("{error}")
}

fn run(net: &Network, options: &Options, ms: f64) -> Recording {
    let mut simulation = net.compile(options).unwrap_or_else(failed);
    simulation.run(ms).unwrap_or_else(failed);
    simulation.take_recording()
}

/// What follows from each value, sample by sample.
fn follows(recording: &Recording) -> Vec<Vec<f64>> {
    let [w, c, x] = &recording.traces[..] else { panic!("{} traces", recording.traces.len()) };
    let of = |trace: &synfire::recording::Trace, kept: &dyn Fn(&[f64]) -> Vec<f64>| {
        trace.values.chunks(trace.rows.len()).flat_map(kept).collect::<Vec<f64>>()
    };
    let mean = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let square = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / values.len() as f64;
        vec![mean, square.sqrt()]
    };
    let bins = |values: &[f64]| {
        let mut counts = vec![0.0; 22];
        // what lies as near to an edge as single precision tells is on it
        values.iter().for_each(|w| counts[((w * 20.0 * (1.0 + 2.4e-7)) as usize).min(19)] += 1.0);
        counts
    };
    let edges = |values: &[f64]| {
        let mut counts = vec![0.0; 5];
        for c in values {
            let place = if *c < -0.5 {
                3
            } else if *c < 0.0 {
                0
            } else if *c < 0.25 {
                1
            } else if *c <= 1.0 {
                2
            } else {
                4
            };
            counts[place] += 1.0;
        }
        counts
    };
    vec![of(w, &mean), of(w, &bins), of(c, &|values| vec![values.iter().sum()]), of(c, &edges), of(x, &mean)]
}

#[test]
fn what_is_kept_together_follows_from_each_value_on_every_engine() {
    let net = network(reduced);
    let mut by_precision: Vec<(String, Vec<Summary>)> = Vec::new();
    for (name, options) in machines() {
        let recording = run(&net, &options, 100.0);
        assert_eq!(recording.summaries.len(), 5, "{name}");
        for (summary, expected) in recording.summaries.iter().zip(follows(&recording)) {
            let what = format!("{name}: {} of {}", summary.reduction.word(), summary.variable);
            assert_eq!(summary.samples(), 20, "{what}");
            assert_eq!(summary.values.len(), expected.len(), "{what}");
            for (found, expected) in summary.values.iter().zip(&expected) {
                // 500 additions of numbers of the size of 1, each rounded once
                assert!((found - expected).abs() <= 1e-12, "{what}: {found}, expected {expected}");
            }
        }
        let [mean, histogram, sum, edges, _] = &recording.summaries[..] else { panic!("five") };
        assert_eq!((mean.rows.as_ref(), mean.unit.as_str(), mean.size > 3000), (None, "nS", true));
        assert_eq!(sum.rows.as_ref().map(|rows| (rows[0], rows.len())), Some((10, 490)), "{name}");
        assert_eq!(histogram.edges().len(), 21);
        assert_eq!((histogram.edges()[0], histogram.edges()[20], histogram.edges()[10]), (0.0, 1.0, 0.5));
        assert_eq!(histogram.counts(19).iter().sum::<f64>(), f64::from(mean.size), "{name}: every synapse is in one bin");
        assert!(histogram.counts(19).iter().filter(|n| **n > 0.0).count() > 2, "{name}: weights have moved");
        assert!(edges.beyond(19) != [0.0, 0.0], "{name}: what lies beyond the edges is counted");
        // the same bits for any number of threads
        let kind = name.split(',').next().unwrap_or_default();
        match by_precision.iter().find(|(known, _)| known == kind) {
            Some((_, known)) => assert!(*known == recording.summaries, "{name}"),
            None => by_precision.push((kind.into(), recording.summaries)),
        }
    }
}

/// A run through a snapshot gives what a run at once gives, and what is recorded comes back from its file.
#[test]
fn samples_go_on_through_a_snapshot_and_into_files() {
    let net = network(reduced);
    for (name, options) in machines().into_iter().skip(1).step_by(3) {
        let whole = run(&net, &options, 60.0);
        let mut simulation = net.compile(&options).unwrap_or_else(failed);
        simulation.run(33.0).unwrap_or_else(failed);
        let middle = simulation.snapshot().unwrap_or_else(failed);
        let mut other = net.compile(&options).unwrap_or_else(failed);
        other.restore(&middle).unwrap_or_else(failed);
        other.run(27.0).unwrap_or_else(failed);
        for (part, all) in other.recording().summaries.iter().zip(&whole.summaries) {
            assert_eq!(part.first_step, 350, "{name}");
            let width = all.reduction.width();
            assert_eq!(part.values[..], all.values[6 * width..], "{name}: {} of {}", all.reduction.word(), all.variable);
        }
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        npz::write(&whole, folder.path()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(npz::read(folder.path()).unwrap_or_else(|e| panic!("{e}")), whole, "{name}");
    }
}

/// Each instance has a summary of its own; bins over the range of a state hold the ranges of all.
#[test]
fn each_instance_is_summed_up_alone() {
    let net = network(reduced);
    let variant = |seed: u64, a_plus: &str| Variant::new().seed(seed).set("s.a_plus", a_plus);
    let variants = [variant(5, "0.01"), variant(6, "0.02")];
    for (name, options) in [machines().swap_remove(1), machines().swap_remove(4)] {
        let mut simulation = net.compile_ensemble(&variants, &options).unwrap_or_else(failed);
        simulation.run(40.0).unwrap_or_else(failed);
        let together = simulation.take_recordings();
        for (instance, variant) in variants.iter().enumerate() {
            let mut alone: Simulation = net.compile_ensemble(std::slice::from_ref(variant), &options).unwrap_or_else(failed);
            alone.run(40.0).unwrap_or_else(failed);
            assert!(together[instance] == *alone.recording(), "{name}, instance {instance}");
        }
        assert!(together[0].summaries != together[1].summaries, "{name}");
    }
}

/// Files hold what a program says, and the other way round.
#[test]
fn a_file_says_what_is_kept() {
    let net = network(|net| {
        reduced(net);
        net.probe_synapses("s", "w").histogram(10).edges(["0.2 nS", "600 pS"]);
    });
    let text = net.to_toml().unwrap_or_else(|e| panic!("{e}"));
    for line in ["reduce = \"mean\"", "reduce = \"sum\"", "reduce = \"histogram\"", "bins = 20", "edges = [-0.5, 0.0, 0.25, 1.0]"] {
        assert!(text.lines().any(|l| l == line), "{line} in\n{text}");
    }
    assert_eq!(Network::from_toml(&text, "net.toml").unwrap_or_else(|e| panic!("{e}")).probes, net.probes);
    let plan = net.plan(&Options::default()).unwrap_or_else(failed);
    let told = synfire::plan::explain::table(&plan);
    for line in
        ["mean of w", "20 bins of w from 0 to 1 nS", "sum of c", "3 bins of c from -0.5 to 1", "10 bins of w from 0.2 to 0.6 nS"]
    {
        assert!(told.contains(line), "{line} in\n{told}");
    }
    assert_eq!(Reduction::bins(0.2, 0.6, 10).width(), 12);
}

/// A sample of many synapses takes the memory of what is kept of it, not of each value.
#[test]
fn memory_is_counted_by_what_is_kept() {
    let options = Options::default().engine(Choice::Cpu).recorded(1000.0);
    let recorded = |net: &Network| net.memory(&options).unwrap_or_else(failed).of_kind(synfire::plan::memory::Kind::Recording);
    let (plain, with) = (network(|_| {}), network(reduced));
    // 200 samples of 2, 22, 1, 5 and 2 numbers
    assert_eq!(recorded(&with) - recorded(&plain), 200 * 8 * (2 + 22 + 1 + 5 + 2));
    let simulation = with.compile(&options).unwrap_or_else(failed);
    let terms = synfire::plan::memory::Terms::default().steps(10_000);
    let drawn = synfire::plan::memory::Memory::of(simulation.plan(), terms);
    let before = synfire::plan::memory::Memory::of(plain.compile(&options).unwrap_or_else(failed).plan(), terms);
    let of = |m: &synfire::plan::memory::Memory| m.of_kind(synfire::plan::memory::Kind::Recording);
    assert_eq!(of(&drawn) - of(&before), 200 * 8 * (2 + 22 + 1 + 5 + 2));
    assert!(drawn.looking > 0);
}

/// The cells' own spikes, the weights at those of their sources, and each value after each step, which says what the former must be.
fn at_spikes(place: &str, delay: impl Into<Value>) -> Network {
    let mut net = Network::new("at spikes");
    net.dt("0.1 ms").seed(5);
    net.equations(&PAIR.replace("state w", &format!("delay {place}\n      state w")));
    net.population("in", "poisson_source", 20).parameter("rate", "100 Hz");
    net.population("cell", "lif_cond_exp", 4);
    let (source, target) = (0..80).map(|k| (k / 4, k % 4)).unzip();
    net.project_by("in", "cell", "pair", Connector::List { source, target }).delay(delay).named("s");
    net.probe("in", "spikes");
    net.probe_synapses("s", "w");
    net.probe_synapses("s", "w").at_source_spikes();
    net.probe_synapses("s", "c").rows(3..50).at_source_spikes();
    net
}

/// What the spikes and the values after each step say: step, synapse, value.
fn expected(recording: &Recording, delays: &[u64], axonal: bool, from: u64) -> Vec<(u64, u32, f64)> {
    let (train, w) = (&recording.spikes[0], &recording.traces[0]);
    let mut out = Vec::new();
    for (step, source) in train.pairs() {
        for target in 0..4 {
            let synapse = source * 4 + target;
            let at = step + if axonal { delays[synapse as usize] } else { 0 };
            if at > from && at <= recording.first_step + recording.steps {
                out.push((at, synapse, w.values[(at - w.first_step) as usize * 80 + synapse as usize]));
            }
        }
    }
    out.sort_by_key(|(at, synapse, _)| (*at, *synapse));
    out
}

fn found(recording: &Recording) -> Vec<(u64, u32, f64)> {
    let own = &recording.at_spikes[0];
    (0..own.step.len()).map(|k| (own.step[k], own.synapse[k], own.value[k])).collect()
}

/// Where the delay lies before the synapse a value is that of the spike's arrival, else that of the spike itself.
#[test]
fn values_at_spikes_are_those_after_the_step_in_which_the_spike_is_there() {
    let steps: Vec<u64> = (0..80).map(|k| 1 + k % 17).collect();
    let delays: Vec<f64> = steps.iter().map(|d| *d as f64 * 0.1).collect();
    for (name, options) in machines() {
        let ms = if name == "GPU" { 20.0 } else { 60.0 };
        for place in ["axonal", "dendritic"] {
            let net = at_spikes(place, Value::List(delays.iter().map(|d| format!("{d} ms").into()).collect()));
            let whole = run(&net, &options, ms);
            let expected = |from| expected(&whole, &steps, place == "axonal", from);
            assert!(found(&whole).len() > 100, "{name}, {place}");
            assert!(found(&whole) == expected(0), "{name}, {place}");
            let c = &whole.at_spikes[1];
            assert_eq!((c.rows.as_ref().map(Vec::len), c.size), (Some(47), 80));
            assert!(c.synapse.iter().all(|k| (3..50).contains(k)) && !c.synapse.is_empty());
            // spikes on their way are not lost in a snapshot
            let mut simulation = net.compile(&options).unwrap_or_else(failed);
            simulation.run(11.3).unwrap_or_else(failed);
            let middle = simulation.snapshot().unwrap_or_else(failed);
            let mut other = net.compile(&options).unwrap_or_else(failed);
            other.restore(&middle).unwrap_or_else(failed);
            other.run(ms - 11.3).unwrap_or_else(failed);
            assert!(found(other.recording()) == expected(113), "{name}, {place}: through a snapshot");
            let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
            npz::write(&whole, folder.path()).unwrap_or_else(|e| panic!("{e}"));
            assert!(npz::read(folder.path()).unwrap_or_else(|e| panic!("{e}")) == whole, "{name}, {place}: files");
        }
    }
}

/// Values at spikes are of their own instance.
#[test]
fn each_instance_has_its_own_values_at_spikes() {
    let net = at_spikes("axonal", "0.7 ms");
    let variants = [Variant::new().seed(5), Variant::new().seed(6)];
    let options = machines().swap_remove(1).1;
    let mut together = net.compile_ensemble(&variants, &options).unwrap_or_else(failed);
    together.run(30.0).unwrap_or_else(failed);
    for (instance, variant) in variants.iter().enumerate() {
        let mut alone = net.compile_ensemble(std::slice::from_ref(variant), &options).unwrap_or_else(failed);
        alone.run(30.0).unwrap_or_else(failed);
        assert!(found(alone.recording()).len() > 50);
        assert!(*together.recordings()[instance] == *alone.recording(), "instance {instance}");
    }
}

/// Pictures say what they show: names, units, how many synapses, what is binned, what lies beyond the bins.
#[test]
fn pictures_of_synapses_say_what_they_show() {
    let net = network(reduced);
    let mut simulation = net.compile(&machines().swap_remove(0).1).unwrap_or_else(failed);
    let before = simulation.synapses("s", "w", 0).unwrap_or_else(failed);
    simulation.run(50.0).unwrap_or_else(failed);
    let after = simulation.synapses("s", "w", 0).unwrap_or_else(failed);
    let (mut count, mut sum) = (0, 0.0);
    after.each(|source, target, w| {
        assert!(source < 200 && target < 70);
        (count, sum) = (count + 1, sum + w);
    });
    assert_eq!((count, after.size(), after.time), (after.values.len(), [200, 70], 50.0));
    assert_eq!(sum, after.values.iter().sum::<f64>());
    let drawn = |options: WeightOptions| weights(&[before.clone(), after.clone()], &options).unwrap_or_else(|e| panic!("{e}")).svg;
    let svg = drawn(WeightOptions::default().title("what is learned"));
    let all = format!("{},{:03} synapses", count / 1000, count % 1000);
    for text in ["what is learned", "synapses (%)", "w (nS)", "source", "target", "at 0 ms: all 0.5 nS", "at 50 ms", &all] {
        assert!(svg.contains(text), "no `{text}`");
    }
    assert!(!svg.contains("a cell is the mean"), "each cell is one pair");
    let binned = drawn(WeightOptions::default().max_cells(50));
    assert!(binned.contains("a cell is the mean of the synapses from 4 neurons to 2"));
    assert!(!drawn(WeightOptions::default().matrix(false)).contains("source"));
    assert!(matches!(weights(&[], &WeightOptions::default()), Err(PlotError::NoSynapses)));
    assert!(simulation.synapses("s", "w", 1).is_err_and(|e| e.to_string().contains("no instance 1; the last is 0")));
    // what probes have kept together, over time
    let svg = figure(simulation.recording(), &FigureOptions::default()).unwrap_or_else(|e| panic!("{e}")).svg;
    for text in ["mean ± sd", "sum of c", "% in a bin", "490 synapses", "below", &all] {
        assert!(svg.contains(text), "no `{text}`");
    }
    let at_spikes = run(&at_spikes("axonal", "1 ms"), &machines().swap_remove(0).1, 30.0);
    let svg = figure(&at_spikes, &FigureOptions::default()).unwrap_or_else(|e| panic!("{e}")).svg;
    assert!(svg.contains("at source spikes") && svg.contains("synapse 3"));
}

/// The command draws synapses where it is asked to, and says what it was asked for wrongly before it runs.
#[test]
fn the_command_draws_synapses() {
    let folder = super::with_network(&network(reduced).to_toml().unwrap_or_else(|e| panic!("{e}")));
    let run = |weights: &str, more: &[&str]| {
        let arguments = ["run", "net.toml", "--engine", "cpu", "--duration", "10 ms", "--quiet", "--force", "--weights", weights];
        let command = std::process::Command::new(env!("CARGO_BIN_EXE_synfire"))
            .args(arguments.iter().chain(more))
            .current_dir(folder.path())
            .output();
        command.unwrap_or_else(|e| panic!("{e}"))
    };
    let done = run("s.w", &[]);
    assert!(done.status.success(), "{}", super::words(&done));
    let files = super::files(&folder.path().join("run/probed"));
    assert!(["weights.png", "weights.svg"].iter().all(|name| files.iter().any(|f| f == name)), "{files:?}");
    let record = std::fs::read_to_string(folder.path().join("run/probed/record.json")).unwrap_or_else(|e| panic!("{e}"));
    let record: serde_json::Value = serde_json::from_str(&record).unwrap_or_else(|e| panic!("{e}"));
    let learning = &record["learning"][0];
    for (key, value) in [("projection", "s"), ("model", "pair")] {
        assert_eq!(learning[key], value);
    }
    assert_eq!(learning["synapses"], record["edges"]);
    for (key, states) in [("by_synapse", vec!["w", "c"]), ("by_source", vec!["x"]), ("by_target", vec!["y"])] {
        assert_eq!(learning[key], serde_json::json!(states), "{key}");
    }
    for (given, said) in [("s", "expected PROJECTION.STATE"), ("t.w", "no projection `t`"), ("s.v", "it has w, x, y, c")] {
        let refused = run(given, &[]);
        assert_eq!(refused.status.code(), Some(2), "{given}");
        assert!(super::words(&refused).contains(said), "{}", super::words(&refused));
    }
}
