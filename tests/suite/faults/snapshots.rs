//! What a verification leaves behind, snapshots and files of another network, numbers that an engine cannot hold.

use synfire::engine::Snapshot;
use synfire::network::{Connector, Network};
use synfire::{Precision, Simulation};

use super::{ENGINES, compiled, options};

const CPU: (&str, Precision) = ENGINES[0];
const F32: [(&str, Precision); 2] = [ENGINES[0], ENGINES[2]];

/// A ring of spiking cells that a program drives, with a spike output.
fn driven() -> Network {
    let mut net = Network::new("driven");
    net.population("p", "lif_psc_exp", 4).parameter("i_e", "300 pA");
    net.project("p", "p", "i_exc", Connector::AllToAll).weight("20 pA").delay("1 ms");
    net.input("push", "p", "i_stim", "1 pA");
    net.input("pull", "p", "i_stim", "-1 pA");
    net.output("spikes", "p", "spikes");
    net.output("v", "p", "v");
    net
}

#[test]
fn a_verification_leaves_inputs_outputs_and_counts_as_a_run_does() {
    for engine in F32 {
        let make = || compiled(&driven(), engine).unwrap();
        let (mut run, mut verified) = (make(), make());
        for simulation in [&mut run, &mut verified] {
            simulation.set_input("push", &[400.0]).unwrap();
            simulation.run(10.0).unwrap();
        }
        // to the very step of a spike, so that the output of spikes has something to show
        let mut steps = 0;
        while run.output("spikes").unwrap() == [0.0; 4] {
            run.run_steps(1).unwrap();
            steps += 1;
        }
        let report = verified.verify(steps, None).unwrap();
        assert!(report.agrees(), "{report}");
        let same = |a: &mut Simulation, b: &mut Simulation| {
            assert_eq!(a.outputs().unwrap(), b.outputs().unwrap(), "{engine:?}");
            assert_eq!(a.spike_count(), b.spike_count(), "{engine:?}");
            assert_eq!(a.snapshot().unwrap(), b.snapshot().unwrap(), "{engine:?}");
        };
        same(&mut run, &mut verified);
        assert_eq!(verified.output("spikes").unwrap(), [1.0; 4], "{engine:?}");
        // an input of the verification alone is gone behind it, and setting another does not bring it back
        let strong = vec![900.0; 8];
        let _ = verified.verify(30, Some(&strong)).unwrap();
        let state = verified.snapshot().unwrap();
        assert_eq!(state.outside.inputs, run.snapshot().unwrap().outside.inputs, "{engine:?}");
        let mut other = make();
        other.restore(&state).unwrap();
        // before any input is set: setting one hands all of them over again
        for simulation in [&mut verified, &mut other] {
            simulation.run(20.0).unwrap();
        }
        same(&mut verified, &mut other);
        for simulation in [&mut verified, &mut other] {
            simulation.set_input("pull", &[10.0]).unwrap();
            simulation.run(20.0).unwrap();
        }
        same(&mut verified, &mut other);
    }
}

#[test]
fn a_fault_in_a_verification_leaves_the_counts_of_the_steps_before_it() {
    let mut net = Network::new("fault");
    net.equations("neuron burst\n  state v = 0, x = 1\n  threshold v < 1\n  reset v = 0\n  step\n    x = x*100\n    spike");
    net.population("p", "burst", 3);
    for engine in F32 {
        let mut simulation = compiled(&net, engine).unwrap();
        let error = simulation.verify(100, None).unwrap_err();
        let steps = simulation.time_steps();
        assert!(steps > 10, "{error}");
        assert_eq!(simulation.spike_count(), 3 * steps, "{engine:?}");
        let state = simulation.snapshot().unwrap();
        let mut other = compiled(&net, engine).unwrap();
        other.restore(&state).unwrap();
        assert_eq!(other.spike_count(), 3 * steps, "{engine:?}");
    }
}

/// A state goes where a file may stand, and nowhere else.
#[cfg(unix)]
#[test]
fn a_state_replaces_no_device_and_makes_no_folder() {
    let mut simulation = compiled(&driven(), CPU).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    assert!(simulation.save_state(missing.join("state.npz")).is_err() && !missing.exists());
    // no device of this machine, which an older way of writing would have replaced
    let socket = folder.path().join("socket");
    let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let error = simulation.save_state(&socket).unwrap_err().to_string();
    assert!(error.contains("no regular file"), "{error}");
}

/// A cell with so many ports.
fn ports(count: usize) -> Network {
    let names: Vec<String> = (0..count).map(|k| format!("g{k}")).collect();
    let mut net = Network::new("ports");
    let lines: String = names.iter().map(|n| format!("  input {n} -> v\n")).collect();
    net.equations(&format!(
        "neuron cell\n  state v = 0 mV\n{lines}  dv/dt = (20 mV - v)/(10 ms)\n  threshold v >= 15 mV\n  reset v = 0 mV\n"
    ));
    net.population("p", "cell", 3);
    for name in &names {
        net.project("p", "p", name.as_str(), Connector::AllToAll).weight("0.1 mV").delay("1 ms");
    }
    net
}

type Spoil<'a> = &'a dyn Fn(&mut Snapshot);

#[test]
fn a_snapshot_of_another_network_is_refused_in_words() {
    let with = |change: &dyn Fn(&mut Network)| {
        let mut net = ports(1);
        change(&mut net);
        net
    };
    let others = [
        (ports(2), "populations: p x 3 (v; ports g0, g1) in the snapshot, p x 3 (v; ports g0) here"),
        (ports(0), "populations: p x 3 (v) in the snapshot, p x 3 (v; ports g0) here"),
        (with(&|n| n.dt = Some("0.2 ms".into())), "dt: 0.2 ms in the snapshot, 0.1 ms here"),
        (with(&|n| n.projections[0].delay = Some("2 ms".into())), "delays: up to 31 steps in the snapshot, up to 15 steps here"),
        (with(&|n| n.populations[0].size = Some(4)), "populations: p x 4 (v; ports g0) in the snapshot, p x 3 (v; ports g0) here"),
    ];
    for engine in ENGINES {
        let mut here = compiled(&ports(1), engine).unwrap();
        here.run(30.0).unwrap();
        let before = here.snapshot().unwrap();
        for (other, words) in &others {
            let mut there = compiled(other, CPU).unwrap();
            there.run(30.0).unwrap();
            let mut snapshot = there.snapshot().unwrap();
            let text = here.restore(&snapshot).unwrap_err().to_string();
            assert!(text.contains(words), "{engine:?}: {text}");
            // where it does not say what it is of, its sizes do (a dt has none)
            snapshot.outside.origin = None;
            if !words.starts_with("dt") {
                let text = here.restore(&snapshot).unwrap_err().to_string();
                assert!(text.contains("this snapshot is of another network"), "{engine:?}: {words}: {text}");
            }
        }
        let spoiled: [(&str, Spoil); 8] = [
            ("`v` of p is NaN", &|s| s.states[0][0][1] = f64::NAN),
            ("what is under way to `g0` of p is inf", &|s| s.rings[0][0] = vec![f64::INFINITY; 3]),
            ("beyond 9007199254740992", &|s| s.step = u64::MAX - 3),
            ("a spike of row 1000000", &|s| s.spike_history.push((s.step, 1_000_000))),
            ("a spike at step", &|s| s.spike_history.push((s.step + 1, 0))),
            ("a spike of row 1000000", &|s| s.outside.last_spikes = vec![1_000_000]),
            ("counts of spikes", &|s| s.outside.spike_counts = vec![0; 2]),
            ("inputs", &|s| s.outside.inputs = vec![0.0]),
        ];
        for (words, spoil) in spoiled {
            let mut snapshot = before.clone();
            spoil(&mut snapshot);
            let text = here.restore(&snapshot).unwrap_err().to_string();
            assert!(text.contains(words), "{engine:?}: {text}");
        }
        // nothing of it was taken, and what fits is
        assert_eq!(here.snapshot().unwrap(), before, "{engine:?}");
        here.restore(&before).unwrap();
        let mut stronger = ports(1);
        stronger.projections[0].weight = Some("0.2 mV".into());
        stronger.seed = Some(9);
        let mut stronger = compiled(&stronger, engine).unwrap();
        stronger.restore(&before).unwrap_or_else(|e| panic!("{engine:?}: {e}"));
        assert_eq!(stronger.time_steps(), 300);
    }
}

#[test]
fn a_file_of_another_network_says_populations_first_and_knows_ports() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.npz");
    let mut wide = ports(2);
    wide.projections[0].delay = Some("3 ms".into());
    compiled(&wide, CPU).unwrap().save_state(&file).unwrap();
    for engine in ENGINES {
        let text = compiled(&ports(1), engine).unwrap().load_state(&file).unwrap_err().to_string();
        let words = "a state of another network: populations: p x 3 (v; ports g0, g1) in the file, p x 3 (v; ports g0) here";
        assert!(text.contains(words), "{engine:?}: {text}");
    }
    let mut other = ports(2);
    other.populations[0].size = Some(5);
    let text = compiled(&other, CPU).unwrap().load_state(&file).unwrap_err().to_string();
    assert!(text.contains("populations: p x 3"), "{text}");
    // an f32 engine does not take what only f64 holds
    let mut net = ports(1);
    net.populations[0].model = "bare".into();
    net.equations("neuron bare\n  state v = 0 mV\n  input g0 -> v\n  threshold v < 0 mV and v > 0 mV\n  reset v = 0 mV");
    let mut wide = compiled(&net, ENGINES[1]).unwrap();
    wide.set_state("p", "v", &[1e39, 0.0, 1.0]).unwrap();
    wide.save_state(&file).unwrap();
    wide.load_state(&file).unwrap();
    for engine in F32 {
        let mut narrow = compiled(&net, engine).unwrap();
        let text = narrow.load_state(&file).unwrap_err().to_string();
        assert!(
            text.contains("`v` of p is 1000000000000000000000000000000000000000, which is no number that this engine holds"),
            "{text}"
        );
    }
}

#[test]
fn what_an_engine_cannot_hold_is_refused() {
    for engine in ENGINES {
        let mut simulation = compiled(&driven(), engine).unwrap();
        let narrow = engine.1 == Precision::F32;
        let given = |outcome: Result<(), synfire::Error>, what: &str| {
            assert_eq!(outcome.is_err(), narrow, "{engine:?}: {what}");
            if let Err(error) = outcome {
                assert!(matches!(error, synfire::Error::Call(_)), "{engine:?}: {what}: {error}");
            }
        };
        given(simulation.set_state("p", "v", &[1e39, 0.0, 0.0, 0.0]), "a state");
        simulation.reset().unwrap();
        given(simulation.set_input("push", &[1e300]), "an input");
        simulation.reset().unwrap();
        given(simulation.step_outputs(&[1e300, 0.0]).map(|_| ()), "the inputs of a step");
        simulation.reset().unwrap();
        given(simulation.run_inputs(&[0.0, 0.0, 1e300, 0.0]).map(|_| ()), "the inputs of steps");
        simulation.reset().unwrap();
        given(simulation.step(&[1e300; 8]), "an input vector");
        simulation.reset().unwrap();
        for bad in [f64::NAN, f64::INFINITY] {
            assert!(simulation.set_input("push", &[bad]).is_err());
            assert!(simulation.step_outputs(&[0.0, bad]).is_err());
            assert!(simulation.set_state("p", "v", &[bad; 4]).is_err());
        }
        // and nothing of it stays
        simulation.run(5.0).unwrap();
    }
    // the scale counts
    let mut net = driven();
    net.inputs[0].scale = "1e30 pA".into();
    let mut simulation = compiled(&net, CPU).unwrap();
    assert!(simulation.set_input("push", &[1e20]).is_err());
    simulation.set_input("push", &[1e-28]).unwrap();
    simulation.run(1.0).unwrap();
}

#[test]
fn what_is_under_way_must_fit_the_weights_of_the_network() {
    let with = |weight: &str| {
        let mut net = ports(1);
        net.projections[0].weight = Some(weight.into());
        net
    };
    let mut strong = compiled(&with("5 V"), CPU).unwrap();
    while strong.spike_count() == 0 {
        strong.run_steps(1).unwrap();
    }
    let snapshot = strong.snapshot().unwrap();
    assert!(snapshot.rings[0][0].iter().any(|x| *x > 1e4));
    for engine in ENGINES {
        // sums of whole numbers that hold microvolts have no room for it; f64 has
        let outcome = compiled(&with("1 uV"), engine).unwrap().restore(&snapshot);
        match outcome {
            Ok(()) => assert_eq!(engine.1, Precision::F64),
            Err(error) => {
                assert_eq!(engine.1, Precision::F32, "{error}");
                assert!(error.to_string().contains("is more than can arrive there by the weights of this network"), "{error}");
            }
        }
        compiled(&with("10 V"), engine).unwrap().restore(&snapshot).unwrap_or_else(|e| panic!("{engine:?}: {e}"));
    }
}

/// Rows behind the last neuron of a population are there for the engines alone.
#[test]
fn a_spike_where_no_neuron_stands_is_refused() {
    let mut simulation = compiled(&ports(1), CPU).unwrap();
    let snapshot = simulation.snapshot().unwrap();
    assert!(simulation.plan().rows() > 3);
    let spoiled: [Spoil; 2] = [&|s| s.outside.last_spikes = vec![3], &|s| s.spike_history = vec![(0, 3)]];
    for spoil in spoiled {
        let mut other = snapshot.clone();
        spoil(&mut other);
        let said = simulation.restore(&other).unwrap_err().to_string();
        assert!(said.contains("a spike of row 3, where no neuron stands"), "{said}");
    }
    simulation.restore(&snapshot).unwrap();
}

/// Weights that are far apart take a second channel: a state from before it is taken up, with nothing under way in it.
#[test]
fn a_snapshot_without_a_second_channel_is_taken_up() {
    let with = |weight: &str| {
        let mut net = ports(1);
        net.population("q", "cell", 3);
        net.project("q", "p", "g0", Connector::AllToAll).weight(weight).delay("1 ms");
        net
    };
    let (one, two) = (with("0.1 mV"), with("1e-12 mV"));
    let channels = |net: &Network| net.plan(&options("cpu", Precision::F32)).unwrap().groups()[0].ports.len();
    assert_eq!((channels(&one), channels(&two)), (1, 2));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.npz");
    for engine in ENGINES {
        let mut before = compiled(&one, engine).unwrap();
        while before.spike_count() == 0 {
            before.run_steps(1).unwrap();
        }
        let snapshot = before.snapshot().unwrap();
        let run = |mut simulation: Simulation, take: &dyn Fn(&mut Simulation)| {
            take(&mut simulation);
            simulation.run(30.0).unwrap();
            simulation.state("p", "v").unwrap()
        };
        let taken = run(compiled(&two, engine).unwrap(), &|s| s.restore(&snapshot).unwrap_or_else(|e| panic!("{engine:?}: {e}")));
        before.save_state(&file).unwrap();
        let loaded = run(compiled(&two, engine).unwrap(), &|s| s.load_state(&file).unwrap_or_else(|e| panic!("{engine:?}: {e}")));
        assert_eq!(taken, loaded, "{engine:?}");
        // what is under way in a second channel has nowhere to go where there is none
        let mut later = compiled(&two, engine).unwrap();
        let snapshot = later.snapshot().unwrap();
        let outcome = compiled(&one, engine).unwrap().restore(&snapshot);
        assert!(outcome.is_err(), "{engine:?}");
    }
}
