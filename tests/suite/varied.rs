//! Weights, delays, rates and levels of instances: each gives to the bit what the network with that value gives, on every engine.

use synfire::network::value::{normal, uniform};
use synfire::network::{Connector, Network, Variant, Waveform};
use synfire::plan::schedule::{Schedule, Settings};
use synfire::recording::Recording;
use synfire::{Choice, Options, Precision, Simulation};

/// 150 neurons: one port where weights of one projection meet weights that differ from synapse to synapse, small routes that a
/// processor walks together, one delay for all and delays that differ, events of small and of large rates.
fn network() -> Network {
    let mut net = Network::new("varied");
    net.dt("0.1 ms").seed(5);
    net.population("exc", "lif_psc_exp", 100).parameter("i_e", "300 pA").initial("v", uniform("-70 mV", "-55 mV"));
    net.population("inh", "lif_psc_exp", 30).parameter("i_e", "300 pA").initial("v", uniform("-70 mV", "-55 mV"));
    net.population("slow", "lif_cond_exp", 20);
    for target in ["exc", "inh"] {
        net.project("exc", target, "i_exc", Connector::probability(0.1)).weight("60 pA").delay("1.2 ms");
        net.project("inh", target, "i_inh", Connector::indegree(5)).weight("-120 pA").delay(uniform("1 ms", "3 ms"));
    }
    // beside one weight for all at the same port
    net.project("slow", "exc", "i_exc", Connector::indegree(4)).weight(normal("30 pA", "3 pA")).delay("2 ms").named("drawn");
    net.project("exc", "slow", "g_exc", Connector::indegree(10)).weight("4 nS").delay("1 ms");
    net.stimulate("exc", "i_exc", Waveform::poisson("2 kHz", "30 pA")).named("noise");
    net.stimulate("slow", "g_exc", Waveform::poisson("500 Hz", "2 nS")).named("few").rows(3..15);
    net.stimulate("exc", "i_stim", Waveform::constant("50 pA")).named("push").from("5 ms").until("25 ms");
    net.stimulate("inh", "i_stim", Waveform::constant("20 pA")).named("some").rows([1, 7, 9]);
    for population in ["exc", "inh", "slow"] {
        net.probe(population, "spikes");
    }
    net.probe("exc", "v").rows(0..6).every("0.5 ms");
    net.probe("exc", "i_exc").rows(0..4);
    net.probe("slow", "g_exc").rows(0..5);
    net
}

/// What instance k changes.
fn values(k: usize) -> Vec<(&'static str, String)> {
    let x = k as f64;
    match k % 8 {
        0 => vec![("exc -> exc.weight", format!("{} pA", 35.0 + 9.1 * x))],
        1 => vec![("exc -> exc.delay", format!("{:.1} ms", 0.5 + 0.1 * x)), ("exc -> inh.delay", "2.4 ms".into())],
        // the smallest window and the largest ring of all
        2 => vec![("exc -> slow.delay", if k > 8 { "0.1 ms".into() } else { "6.1 ms".into() }), ("slow.tau_exc", "4 ms".into())],
        3 => vec![("stimulus noise.rate", format!("{} kHz", 1.0 + x)), ("stimulus noise.weight", format!("{} pA", 12.0 + x))],
        // so many that a count takes two words
        4 => vec![("stimulus noise.rate", "300000 kHz".into()), ("stimulus noise.weight", "0.0001 pA".into())],
        5 => {
            vec![("stimulus push.amplitude", format!("{} pA", 77.7 + x)), ("stimulus some.amplitude", format!("{} pA", -31.3 * x))]
        }
        6 => vec![("inh -> exc.weight", format!("{} pA", -3.0 - 20.3 * x)), ("exc -> slow.weight", "7.3 nS".into())],
        _ => vec![("stimulus few.sources", "7".into()), ("exc -> exc.weight", "0 pA".into()), ("exc.i_e", "320 pA".into())],
    }
}

fn variant(k: usize) -> Variant {
    values(k).into_iter().fold(Variant::new(), |variant, (key, text)| variant.set(key, text))
}

fn changed(k: usize) -> Network {
    let mut net = network();
    for (key, text) in values(k) {
        net.set(key, &text).unwrap_or_else(|e| panic!("{key}: {e}"));
    }
    net
}

fn machines() -> Vec<(&'static str, Options)> {
    let cpu = |precision, threads| Options::default().engine(Choice::Cpu).precision(precision).threads(threads).rows_per_thread(64);
    let adapter = std::env::var("SYNFIRE_ADAPTER").unwrap_or_else(|_| "llvmpipe".to_string());
    let gpu = |schedule: Schedule| {
        let options = Options::default().engine(Choice::Adapter(adapter.clone()));
        (schedule.name(), options.schedule(Settings::default().schedule(schedule)))
    };
    let mut out = vec![
        ("f32, 1 thread", cpu(Precision::F32, 1)),
        ("f32, 3 threads", cpu(Precision::F32, 3)),
        ("f64, 1 thread", cpu(Precision::F64, 1)),
        ("f64, 3 threads", cpu(Precision::F64, 3)),
    ];
    out.extend(Schedule::ALL.into_iter().map(gpu));
    out
}

/// By probe: (step, neuron).
type Spikes = Vec<Vec<(u64, u32)>>;

/// Spikes and the bits of traces.
fn told(recording: &Recording) -> (Spikes, Vec<Vec<u64>>) {
    let spikes = recording.spikes.iter().map(|t| t.step.iter().copied().zip(t.neuron.iter().copied()).collect()).collect();
    let traces = recording.traces.iter().map(|t| t.values.iter().map(|x| x.to_bits()).collect()).collect();
    (spikes, traces)
}

fn run(simulation: &mut Simulation, ms: f64) -> Vec<Recording> {
    simulation.run(ms).unwrap_or_else(|e| panic!("{e}"));
    simulation.take_recordings()
}

const INSTANCES: usize = 16;

fn expect_alone(name: &str, options: &Options, found: &[Recording], first: usize) {
    for (k, recording) in (first..).zip(found) {
        let mut alone = changed(k).compile(options).unwrap_or_else(|e| panic!("{name}, {k}: {e}"));
        let expected = run(&mut alone, 40.0);
        assert!(told(recording) == told(&expected[0]), "{name}: instance {k}, {:?}", values(k));
    }
}

#[test]
fn weights_delays_rates_and_levels_are_those_of_the_network_alone() {
    let net = network();
    let variants: Vec<Variant> = (0..INSTANCES).map(variant).collect();
    for (name, options) in machines() {
        let mut simulation = net.compile_ensemble(&variants, &options).unwrap_or_else(|e| panic!("{name}: {e}"));
        let found = run(&mut simulation, 40.0);
        // they are different networks
        let spikes: Vec<_> = found.iter().map(|r| told(r).0).collect();
        let distinct = spikes.iter().enumerate().filter(|(k, own)| !spikes[..*k].contains(own)).count();
        assert!(distinct >= 10, "{name}: {distinct}");
        expect_alone(name, &options, &found, 0);
    }
}

#[test]
fn other_generations_are_those_of_their_networks() {
    let net = network();
    let usual = Variant::new();
    for (name, options) in machines() {
        let mut simulation = net.compile_ensemble(&[usual.clone(), usual.clone()], &options).unwrap();
        let first = run(&mut simulation, 40.0);
        assert!(told(&first[0]) == told(&first[1]), "{name}");
        // kernels are compiled anew for nearly each of them
        let on_gpu = matches!(options.engine, Choice::Adapter(_));
        for k in if on_gpu { vec![2, 3] } else { vec![0, 2, 10, 3, 6] } {
            simulation.set_variants(&[variant(k), variant(k + 1)]).unwrap_or_else(|e| panic!("{name}: {e}"));
            let found = run(&mut simulation, 40.0);
            expect_alone(name, &options, &found, k);
        }
        simulation.set_variants(&[usual.clone(), usual.clone()]).unwrap();
        assert!(told(&run(&mut simulation, 40.0)[1]) == told(&first[0]), "{name}");
    }
}

#[test]
fn a_state_is_kept_and_taken_up_with_the_scales_of_instances() {
    let net = network();
    let variants: Vec<Variant> = [0, 6, 8, 3].into_iter().map(variant).collect();
    for (name, options) in machines() {
        let mut simulation = net.compile_ensemble(&variants, &options).unwrap();
        simulation.run(15.0).unwrap();
        let state = simulation.snapshot().unwrap();
        let on = run(&mut simulation, 10.0);
        simulation.restore(&state).unwrap();
        simulation.clear_recording();
        let again = run(&mut simulation, 10.0);
        let after = |recordings: &[Recording]| -> Vec<Spikes> {
            let late =
                |all: Vec<Vec<(u64, u32)>>| all.iter().map(|l| l.iter().copied().filter(|(s, _)| *s > 150).collect()).collect();
            recordings.iter().map(|r| late(told(r).0)).collect()
        };
        assert!(after(&on) == after(&again), "{name}");
        assert!(after(&on).iter().flatten().map(Vec::len).sum::<usize>() > 20, "{name}");
    }
}

#[test]
fn what_instances_cannot_have_is_said() {
    let net = network();
    let options = Options::default().engine(Choice::Cpu);
    let said = |variant: Variant| match net.compile_ensemble(&[Variant::new(), variant], &options) {
        Ok(_) => String::new(),
        Err(e) => e.to_string(),
    };
    for (key, value, expected) in [
        ("drawn.weight", "3 pA", "variant 1: `drawn`: `weight` cannot differ between instances: each synapse has its own"),
        ("inh -> exc.delay", "1 ms", "variant 1: `inh -> exc`: `delay` cannot differ between instances: each synapse has its own"),
        ("exc -> exc.weight", "3 mV", "variant 1: `exc -> exc`: `weight` is a current (pA), got 3 mV"),
        ("exc -> exc.delay", "0.01 ms", "variant 1: `exc -> exc`: delay 0.01 ms is shorter than one step of 0.1 ms"),
        ("stimulus noise.rate", "-3 Hz", "variant 1: stimulus noise: "),
        ("stimulus noise.amplitude", "3 pA", "variant 1: stimulus noise: `stimulus noise.amplitude`: this stimulus has "),
        ("stimulus push.start", "3 ms", "variant 1: `stimulus push.start` is the same in all instances"),
        // beside weights of 30 pA a sum would need a second scale
        ("exc -> exc.weight", "1e9 pA", "cannot differ between instances: weights that are so different need sums of two scales"),
    ] {
        let said = said(Variant::new().set(key, value));
        assert!(said.contains(expected), "{key}: {said}");
    }
    let law = said(Variant::new().set("exc -> exc.weight", uniform("1 pA", "2 pA")));
    assert!(law.contains("`weight` of an instance is one value for all synapses"), "{law}");
}
