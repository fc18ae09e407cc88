//! Steps with inputs of their own in one call, and running states in files: the same numbers as one step after the other, on every
//! engine.

use std::path::Path;

use synfire::engine::Fault;
use synfire::network::{Connector, Network, Variant, value::uniform};
use synfire::plan::schedule::{Schedule, Settings};
use synfire::{Choice, Error, Options, Precision, Simulation};

fn gpu(schedule: Schedule) -> Options {
    let adapter = std::env::var("SYNFIRE_ADAPTER").unwrap_or_else(|_| "llvmpipe".to_string());
    let schedule = Settings::default().schedule(schedule);
    Options::default().engine(Choice::Adapter(adapter)).schedule(schedule)
}

fn cpu(precision: Precision) -> Options {
    Options::default().engine(Choice::Cpu).precision(precision).threads(1)
}

fn engines() -> Vec<(&'static str, Options)> {
    let mut all = vec![("cpu f64", cpu(Precision::F64)), ("cpu f32", cpu(Precision::F32))];
    all.extend(Schedule::ALL.map(|s| (s.name(), gpu(s))));
    all
}

fn compiled(net: &Network, options: &Options) -> Simulation {
    net.compile(options).unwrap_or_else(|e| panic!("{e}"))
}

/// Graded cells that drive spiking ones, which answer through synapses with states and delays.
fn loop_of_cells() -> Network {
    let mut net = Network::new("loop");
    net.population("sense", "non_spiking", 5);
    net.population("act", "spiking_adaptive", 3).parameter("theta_inc", "2 mV");
    net.project_by("sense", "act", "graded_synapse", Connector::AllToAll).parameter("g_max", uniform("0.2 uS", "0.6 uS"));
    net.project_by("act", "sense", "spiking_synapse", Connector::AllToAll)
        .parameter("g_max", "0.3 uS")
        .parameter("e_rev", "-40 mV")
        .delay(uniform("0.2 ms", "1.5 ms"));
    net.input("light", "sense", "i_stim", "1 nA").per_neuron();
    net.input("arousal", "act", "i_stim", "2 nA").rows(1..3);
    net.output("potentials", "sense", "v").rows([0, 2, 4]).scale("2 mV");
    net.output("muscles", "act", "spikes");
    net.output("threshold", "act", "theta").rows(2..3).offset("1 mV");
    net.probe("sense", "v");
    net
}

/// Six numbers a step, that never repeat.
fn inputs(steps: usize, instances: usize) -> Vec<f64> {
    let numbers = (0..steps * 6 * instances).map(|k| 12.0 + 10.0 * (0.37 * k as f64).sin());
    numbers.collect()
}

#[test]
fn many_steps_with_inputs_are_as_many_single_steps() {
    let net = loop_of_cells();
    let given = inputs(300, 1);
    for (name, options) in engines() {
        let mut single = compiled(&net, &options);
        let mut expected = Vec::new();
        for step in given.chunks(6) {
            expected.extend(single.step_outputs(step).unwrap_or_else(|e| panic!("{name}: {e}")));
        }
        let mut at_once = compiled(&net, &options);
        let mut seen = at_once.run_inputs(&given[..6 * 41]).unwrap_or_else(|e| panic!("{name}: {e}"));
        let before = at_once.counters();
        seen.extend(at_once.run_inputs(&given[6 * 41..]).unwrap_or_else(|e| panic!("{name}: {e}")));
        assert_eq!(seen.len(), 300 * 7, "{name}");
        let differ = seen.iter().zip(&expected).position(|(a, b)| a != b);
        assert!(differ.is_none(), "{name}: number {differ:?}");
        assert!(seen.chunks(7).any(|step| step[3..6].contains(&1.0)), "{name}: nothing spiked");
        let same = |a: &mut Simulation, b: &mut Simulation| {
            a.snapshot().unwrap_or_else(|e| panic!("{e}")) == b.snapshot().unwrap_or_else(|e| panic!("{e}"))
                && a.recording().spikes == b.recording().spikes
                && a.recording().traces == b.recording().traces
        };
        assert!(same(&mut single, &mut at_once), "{name}: states or recordings");
        // on a GPU many steps go out together
        let after = at_once.counters();
        if name.starts_with("cpu") {
            continue;
        }
        let (steps, submissions) = (after.steps - before.steps, after.submissions - before.submissions);
        assert!(steps == 259 && submissions * 20 <= steps, "{name}: {submissions} submissions for {steps} steps");
    }
}

#[test]
fn instances_take_inputs_of_their_own() {
    let net = loop_of_cells();
    let variants = [Variant::new(), Variant::new().set("sense.c_m", "3 nF"), Variant::new().set("act.theta_inc", "0.5 mV")];
    let given = inputs(60, 3);
    for (name, options) in engines() {
        let mut all = net.compile_ensemble(&variants, &options).unwrap_or_else(|e| panic!("{e}"));
        let seen = all.run_inputs(&given).unwrap_or_else(|e| panic!("{name}: {e}"));
        for (k, variant) in variants.iter().enumerate() {
            let mut alone = net.compile_ensemble(std::slice::from_ref(variant), &options).unwrap_or_else(|e| panic!("{e}"));
            for (step, outputs) in given.chunks(18).zip(seen.chunks(21)) {
                let own = alone.step_outputs(&step[6 * k..][..6]).unwrap_or_else(|e| panic!("{e}"));
                assert_eq!(own, outputs[7 * k..][..7], "{name}, instance {k}");
            }
        }
    }
}

/// Outputs of a population per neuron, in any order: neighbours are looked at together, and each number stands where it is declared.
#[test]
fn outputs_stand_where_they_are_declared() {
    let mut net = Network::new("by hand");
    for k in 0..7 {
        net.population(format!("n{k}"), "spiking_adaptive", 1 + k % 3).parameter("theta_inc", "1 mV");
    }
    net.project_by("n1", "n2", "graded_synapse", Connector::AllToAll).parameter("g_max", "0.3 uS");
    net.input("light", "n0", "i_stim", "1 nA");
    net.input("touch", "n5", "i_stim", "2 nA").per_neuron();
    for (name, of, what) in [("a", 3, "v"), ("b", 4, "v"), ("c", 2, "v"), ("d", 0, "spikes"), ("e", 1, "theta"), ("f", 2, "theta")]
    {
        net.output(name, format!("n{of}"), what);
    }
    net.output("g", "n5", "v").rows([0, 2]).scale("3 mV");
    net.output("h", "n6", "v").offset("1 mV");
    net.output("i", "n5", "spikes");
    let variants = [Variant::new(), Variant::new().set("n0.c_m", "3 nF"), Variant::new().set("n5.theta_inc", "0.5 mV")];
    let given: Vec<f64> = (0..3 * 4 * 80).map(|k| 6.0 + 5.0 * (0.7 * k as f64).sin()).collect();
    for (name, options) in engines() {
        let run = |single: bool| {
            let mut all = net.compile_ensemble(&variants, &options).unwrap_or_else(|e| panic!("{e}"));
            let mut step = |inputs: &[f64]| match single {
                true => all.step_outputs(inputs).unwrap_or_else(|e| panic!("{name}: {e}")),
                false => all.run_inputs(inputs).unwrap_or_else(|e| panic!("{name}: {e}")),
            };
            given.chunks(if single { 12 } else { given.len() }).flat_map(&mut step).collect::<Vec<f64>>()
        };
        let (expected, seen) = (run(true), run(false));
        let differ = seen.iter().zip(&expected).position(|(a, b)| a != b);
        assert!(differ.is_none() && seen.len() == expected.len(), "{name}: number {differ:?}");
        let width = seen.len() / (3 * 80);
        // a, b, c: 1, 2, 3; d: 1; e, f: 2, 3; g: 2; h: 1; i: 3
        assert_eq!(width, 18);
        let spiked = |numbers: std::ops::Range<usize>| seen.chunks(width).any(|one| one[numbers.clone()].contains(&1.0));
        assert!(spiked(6..7) && spiked(15..18), "{name}: nothing spiked");
    }
}

#[test]
fn what_cannot_be_run_is_said_and_what_was_done_before_a_fault_stays() {
    let net = loop_of_cells();
    let mut simulation = compiled(&net, &cpu(Precision::F32));
    let mut said = |numbers: &[f64]| simulation.run_inputs(numbers).unwrap_err().to_string();
    assert_eq!(
        said(&[1.0; 13]),
        "error[E210]: 13 numbers were given, and the inputs of a step are 6; there are `light` (5), `arousal` (1)"
    );
    assert_eq!(said(&[1.0, 1.0, f64::NAN, 1.0, 1.0, 1.0]), "error[E210]: input `light`: number 2 of the vector is NaN");
    assert_eq!(simulation.time_steps(), 0);
    let mut without = Network::new("none");
    without.population("a", "non_spiking", 1);
    let said = compiled(&without, &cpu(Precision::F32)).run_inputs(&[]).unwrap_err().to_string();
    assert_eq!(said, "error[E210]: the network declares no inputs; `run_steps` runs it without");
    // a number that f32 does not hold in the unit of its input, 1 nA = 1000 pA
    let mut given = inputs(60, 1);
    given[30 * 6] = 3e38;
    assert!(simulation.run_inputs(&given).unwrap_err().to_string().contains("input `light`: number 0 of the vector is 3"));
    // a potential that leaves the numbers in step 30 (counted from 0): two inputs that f32 holds, and their sum not
    let mut net = net;
    net.input("glare", "sense", "i_stim", "1 nA");
    let mut given: Vec<f64> = inputs(60, 1).chunks(6).flat_map(|step| [step, &[0.0]].concat()).collect();
    (given[30 * 7], given[30 * 7 + 6]) = (3e35, 3e35);
    for (name, options) in engines().into_iter().filter(|(name, _)| *name != "cpu f64") {
        let (mut single, mut at_once) = (compiled(&net, &options), compiled(&net, &options));
        for step in given.chunks(7).take(30) {
            single.step_outputs(step).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        match at_once.run_inputs(&given) {
            Err(Error::Run { fault: Fault::NotFinite { population, neuron: 0, step: 31, .. }, last_good: 30, .. }) => {
                assert_eq!(population, "sense");
            }
            other => panic!("{name}: {other:?}"),
        }
        assert_eq!(at_once.time_steps(), 30, "{name}");
        assert!(at_once.recording().traces == single.recording().traces, "{name}");
        assert!(at_once.state("sense", "v").unwrap() == single.state("sense", "v").unwrap(), "{name}");
    }
}

#[test]
fn a_state_in_a_file_is_gone_on_from_on_any_engine() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.npz");
    let net = loop_of_cells();
    let given = inputs(200, 1);
    for (name, options) in engines() {
        let mut first = compiled(&net, &options);
        first.run_inputs(&given[..600]).unwrap_or_else(|e| panic!("{e}"));
        // until spikes are under way that synapses wait for
        let mut split = 600;
        while first.snapshot().unwrap_or_else(|e| panic!("{e}")).spike_history.is_empty() {
            first.step_outputs(&given[split..split + 6]).unwrap_or_else(|e| panic!("{e}"));
            split += 6;
        }
        first.save_state(&path).unwrap_or_else(|e| panic!("{e}"));
        let saved = first.snapshot().unwrap_or_else(|e| panic!("{e}"));
        assert!(saved.outside.inputs.iter().any(|x| *x != 0.0) && saved.outside.spike_counts[0] > 0);
        let expected = first.run_inputs(&given[split..]).unwrap_or_else(|e| panic!("{e}"));
        let mut second = compiled(&net, &options);
        second.load_state(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(second.snapshot().unwrap_or_else(|e| panic!("{e}")) == saved, "{name}: what was read");
        assert_eq!(second.time_steps(), split as u64 / 6);
        let seen = second.run_inputs(&given[split..]).unwrap_or_else(|e| panic!("{e}"));
        assert!(seen == expected, "{name}: what came after");
        assert_eq!(second.spike_count(), first.spike_count(), "{name}");
    }
    // saved by the last GPU schedule, read by the CPU
    let mut other = compiled(&net, &cpu(Precision::F32));
    other.load_state(&path).unwrap_or_else(|e| panic!("{e}"));
    assert!(other.time_steps() >= 100);
    other.run_inputs(&given[..600]).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn a_state_that_does_not_fit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.npz");
    let mut first = compiled(&loop_of_cells(), &cpu(Precision::F32));
    first.run_inputs(&inputs(10, 1)).unwrap_or_else(|e| panic!("{e}"));
    first.save_state(&path).unwrap_or_else(|e| panic!("{e}"));
    let said = |change: &dyn Fn(&mut Network), path: &Path| {
        let mut net = loop_of_cells();
        change(&mut net);
        let mut simulation = compiled(&net, &cpu(Precision::F32));
        let error = simulation.load_state(path).unwrap_err().to_string();
        assert_eq!(simulation.time_steps(), 0);
        error.replace(&folder.path().display().to_string(), "")
    };
    let other = "error[E220]: /state.npz: a state of another network: ";
    let dt = said(&|net| _ = net.dt("0.05 ms"), &path);
    assert_eq!(dt, format!("{other}dt: 0.1 ms in the file, 0.05 ms here"));
    let size = said(&|net| net.populations[0].size = Some(6), &path);
    assert_eq!(size, format!("{other}populations: sense x 5 (v) in the file, sense x 6 (v) here"));
    let delays = said(&|net| net.projections[1].delay = Some("3 ms".into()), &path);
    assert!(delays.starts_with(&format!("{other}delays: up to ")), "{delays}");
    assert!(said(&|_| (), &folder.path().join("none.npz")).starts_with("error[E220]: /none.npz: cannot be read: "));
    let bytes = std::fs::read(&path).unwrap();
    for (part, what) in [(0, "nothing"), (bytes.len() / 2, "half"), (bytes.len() - 1, "all but a byte")] {
        std::fs::write(folder.path().join("part.npz"), &bytes[..part]).unwrap();
        let error = said(&|_| (), &folder.path().join("part.npz"));
        assert!(error.starts_with("error[E220]: /part.npz"), "{what}: {error}");
    }
}
