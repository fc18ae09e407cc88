//! One way to name a part of a network: `--set`, parameters changed while running.

use proptest::prelude::*;
use synfire::engine::Snapshot;
use synfire::network::value::uniform;
use synfire::network::{Address, Connector, Kind, Stimulus, Value, Variant, Waveform};
use synfire::plan::Column;
use synfire::{Network, Options, Simulation};

use super::{ENGINES, compiled};

/// A network with a part of every kind; two projections, two stimuli and two inputs without a name.
fn every_part() -> Network {
    let mut net = Network::new("every part");
    net.population("exc", "lif_psc_exp", 10).parameter("i_e", "400 pA");
    net.population("L2.3e[1]", "lif_psc_exp", 4);
    net.project("exc", "exc", "i_exc", Connector::probability(0.5)).weight("20 pA").delay("1 ms").named("loop");
    net.project("exc", "L2.3e[1]", "i_exc", Connector::AllToAll).weight("20 pA");
    net.project("exc", "L2.3e[1]", "i_inh", Connector::FixedIndegree { n: 3, autapses: true, multapses: true }).weight("-20 pA");
    for amplitude in ["1 pA", "2 pA"] {
        net.stimuli.push(Stimulus {
            target: "exc".into(),
            input: "i_stim".into(),
            waveform: Waveform::Constant { amplitude: amplitude.into() },
            ..Stimulus::default()
        });
    }
    net.stimuli.push(Stimulus {
        name: "noise".into(),
        target: "exc".into(),
        input: "i_exc".into(),
        waveform: Waveform::Poisson { rate: "1 Hz".into(), weight: "1 pA".into(), sources: 1 },
        ..Stimulus::default()
    });
    net.input("arm", "exc", "i_stim", "1 pA");
    net.input("", "exc", "i_stim", "1 pA");
    net.output("arm.v", "exc", "v");
    net.probe("exc", "v");
    net
}

#[test]
fn every_kind_of_part_is_set_by_its_address() {
    let mut net = every_part();
    for (key, text) in [
        ("exc.size", "12"),
        ("population exc.parameters.tau_m", "11 ms"),
        ("L2.3e[1].i_e", "300 pA"),
        ("loop.connector.p", "0.25"),
        ("exc -> L2.3e[1].weight", "21 pA"),
        ("exc -> L2.3e[1] #2.weight", "-22 pA"),
        ("exc -> L2.3e[1] #2.connector.n", "2"),
        ("exc -> L2.3e[1] #2.connector.multapses", "false"),
        ("stimulus exc.i_stim.amplitude", "3 pA"),
        ("exc.i_stim #2.stop", "5 ms"),
        ("stimulus 1.amplitude", "4 pA"),
        ("noise.rate", "5 Hz"),
        ("noise.sources", "7"),
        ("input arm.scale", "6 pA"),
        ("input exc.i_stim.offset", "7 pA"),
        ("arm.v.scale", "8 mV"),
        ("probe exc.v.every", "9 ms"),
    ] {
        net.set(key, text).unwrap_or_else(|report| panic!("{key}: {report}"));
    }
    assert_eq!(net.populations[0].size, Some(12));
    assert_eq!(net.populations[0].parameters["tau_m"], "11 ms".into());
    assert_eq!(net.populations[1].parameters["i_e"], "300 pA".into());
    assert_eq!(net.projections[0].connector, Connector::probability(0.25));
    assert_eq!(net.projections[1].weight, Some("21 pA".into()));
    assert_eq!(net.projections[2].weight, Some("-22 pA".into()));
    assert_eq!(net.projections[2].connector, Connector::FixedIndegree { n: 2, autapses: true, multapses: false });
    let amplitude = |k: usize| match &net.stimuli[k].waveform {
        Waveform::Constant { amplitude } => amplitude.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((amplitude(0), amplitude(1), net.stimuli[1].stop.clone()), ("3 pA".into(), "4 pA".into(), Some("5 ms".into())));
    assert_eq!(net.stimuli[2].waveform, Waveform::Poisson { rate: "5 Hz".into(), weight: "1 pA".into(), sources: 7 });
    assert_eq!((net.inputs[0].scale.clone(), net.inputs[1].offset.clone()), ("6 pA".into(), Some("7 pA".into())));
    assert_eq!((net.outputs[0].scale.clone(), net.probes[0].every.clone()), (Some("8 mV".into()), Some("9 ms".into())));
    net.compile(&Options::default()).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn one_row_a_list_or_all() {
    let mut net = every_part();
    for (key, text) in [
        ("exc[3].i_e", "410 pA"),
        ("exc[0..2,9].tau_m", "[\"8 ms\", \"9 ms\", \"11 ms\"]"),
        ("exc[5].initial.v", "-60 mV"),
        ("stimulus noise[1,2].rate", "3 Hz"),
        ("exc -> L2.3e[1][0..2].weight", "30 pA"),
        ("exc -> L2.3e[1][9 -> 1..4].weight", "40 pA"),
        ("exc -> L2.3e[1][9 -> 3].weight", "50 pA"),
    ] {
        net.set(key, text).unwrap_or_else(|report| panic!("{key}: {report}"));
    }
    let read = Network::from_toml(&net.to_toml().unwrap(), "again").unwrap();
    assert_eq!(read, net);
    let plan = net.plan(&Options::default()).unwrap_or_else(|e| panic!("{e}"));
    let group = plan.group_of(plan.population("exc").unwrap());
    let column = |name: &str| {
        let k = group.model.params().iter().position(|p| p.name == name).unwrap();
        (0..10).map(|row| group.params[k].get(row)).collect::<Vec<f64>>()
    };
    assert_eq!(column("i_e"), [400.0, 400.0, 400.0, 410.0, 400.0, 400.0, 400.0, 400.0, 400.0, 400.0]);
    assert_eq!(column("tau_m"), [8.0, 9.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 11.0]);
    assert!(
        matches!(&group.given_initial[0], Some(Column::PerRow(v)) if v[5] == -60.0 && v[4] == -70.0),
        "the others start at rest"
    );
    let background = &plan.backgrounds()[0];
    assert_eq!(background.laws.len(), 2);
    assert_eq!(background.mean_of_row, [0, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
    let route = plan.routes().iter().find(|r| r.name == "exc -> L2.3e[1]").unwrap();
    let weights: Vec<f64> = (0..40).map(|edge| route.weight.get(edge)).collect();
    let mut wanted = vec![20.0; 40];
    wanted[..2].fill(30.0);
    wanted[37..39].fill(40.0);
    wanted[39] = 50.0;
    assert_eq!(weights, wanted);
    // set again, nothing piles up
    let before = net.clone();
    for _ in 0..3 {
        net.set("exc[3].i_e", "410 pA").unwrap();
    }
    assert_eq!(net, before);
    net.set("exc.i_e", "1 pA").unwrap();
    assert_eq!(net.populations[0].parameters["i_e"], "1 pA".into());
}

#[test]
fn a_name_that_fits_two_parts_is_an_error_that_lists_them() {
    let mut net = every_part();
    net.stimuli[2].name = "loop".into();
    let said = net.set("loop.weight", "1 pA").unwrap_err().to_string();
    assert!(said.starts_with("error[E054]: `loop.weight` may be of 2 parts: projection `loop`, stimulus `loop`"), "{said}");
    assert!(said.contains("help: write `projection loop.weight` or `stimulus loop.weight`"), "{said}");
    net.set("stimulus loop.weight", "1 pA").unwrap();
    net.set("projection loop.weight", "2 pA").unwrap();
    assert_eq!(net.projections[0].weight, Some("2 pA".into()));
}

#[test]
fn what_cannot_be_named_is_said() {
    let net = every_part();
    let said = |key: &str, text: &str| net.clone().set(key, text).unwrap_err().to_string().replace("\n  --> every part", "");
    for (key, wanted) in [
        ("exc -> L2.3e[1] #3.weight", "did you mean `exc -> L2.3e[1]`?"),
        ("nose.rate", "did you mean `stimulus noise`?"),
        (
            "noise.rat",
            "error[E046]: `stimulus noise.rat`: this stimulus has `start`, `stop`, `rate`, `weight`, `sources`, not `rat`\n  help: did you mean `rate`?",
        ),
        ("loop.connector.n", "error[E046]: `loop.connector.n`: this projection has `p`, `autapses`, not `n`"),
        ("exc[10..3].i_e", "error[E053]: `exc[10..3].i_e`: rows from 10 up to, not including, 3 are none"),
        ("exc[-1].i_e", "error[E053]: `exc[-1].i_e`: `-1` names no row; rows are `3`, `0..10` (10 not included), `0..10,17`"),
        ("exc[1,0..2].i_e", "row 1 is named twice"),
        ("exc[1.i_e", "there is no `]` behind the rows"),
        ("exc[1 -> 2].i_e", "neurons are named by their numbers alone"),
        ("exc[1].size", "`size` is one value for the whole population\n  help: write `exc.size`"),
        ("loop[3].connector.p", "`p` is one value for the whole projection"),
        ("noise", "help: did you mean `stimulus noise`?"),
    ] {
        let said = said(key, "0.5");
        assert!(said.contains(wanted), "{key}: {said}");
    }
    let checked = |key: &str, text: &str| {
        let mut net = net.clone();
        net.set(key, text).unwrap_or_else(|report| panic!("{key}: {report}"));
        net.compile(&Options::default()).err().map(|e| e.to_string()).unwrap_or_default()
    };
    for (key, text, wanted) in [
        ("exc[10].i_e", "1 pA", "population exc: `i_e`: there is no neuron 10"),
        ("exc[0..2].i_e", "[\"1 pA\"]", "population exc: `i_e[0..2]` is a list of 1 for 2 rows"),
        ("exc[2].i_e", "1 mV", "population exc: `i_e[2]` is a current (pA), got 1 mV (voltage)"),
        ("exc[2].tau_m", "0 ms", "`tau_m` = 0 ms of neuron 2: a time (ms) must be larger than 0"),
        ("exc[10].initial.v", "-60 mV", "population exc: `v`: there is no neuron 10"),
        ("exc -> L2.3e[1][40].weight", "1 pA", "`40` names synapse 40, and the last is 39"),
        ("exc -> L2.3e[1][3 -> 4].weight", "1 pA", "`3 -> 4`: there is no synapse from neuron 3 to neuron 4"),
        ("stimulus noise[10].rate", "1 Hz", "stimulus noise: `rate`: there is no neuron 10"),
        ("stimulus noise[1].rate", "-1 Hz", "stimulus noise: `rate` must not be negative, got -0.001 kHz"),
    ] {
        let said = checked(key, text);
        assert!(said.contains(wanted), "{key}: {said}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever the names: what an address prints is read back as itself, or is said to fit several parts, of which it is one.
    #[test]
    fn addresses_print_and_read_back(
        names in prop::collection::vec(r"[ab.\[\]# 0-2>-]{1,6}", 6),
        rows in r"|\[[0-4]\]|\[[0-3],7\.\.9\]|\[1 -> [2-4]\]",
        field in "[a-c]{1,3}(\\.[a-c])?",
    ) {
        let names: Vec<&str> = names.iter().map(|n| n.trim()).collect();
        prop_assume!(names.iter().all(|n| !n.is_empty()));
        let mut net = Network::new("names");
        net.population(names[0], "lif", 3);
        net.population(names[1], "lif", 3);
        net.project(names[0], names[1], "g", Connector::AllToAll);
        net.project(names[0], names[1], "g", Connector::AllToAll);
        net.project(names[0], names[1], "g", Connector::AllToAll).named(names[2]);
        net.stimuli.push(Stimulus { name: names[3].into(), target: names[0].into(), ..Stimulus::default() });
        net.input(names[4], names[0], "i", "1 pA");
        net.output(names[5], names[0], "v");
        for kind in [Kind::Population, Kind::Projection, Kind::Stimulus, Kind::Input, Kind::Output] {
            for name in kind.names(&net) {
                let text = format!("{} {name}{rows}.{field}", kind.word());
                match Address::parse(&text, &net) {
                    Ok(address) => {
                        match Address::parse(&address.to_string(), &net) {
                            Ok(again) => prop_assert_eq!(again, address),
                            Err(d) => {
                                prop_assert_eq!(d.code, "E054");
                                prop_assert!(d.message.contains(&format!("{} `{}`", address.kind.word(), address.name)), "{}", d.message);
                            }
                        }
                    }
                    Err(d) => prop_assert_eq!(d.code, "E054", "{}: {}", text, d.message),
                }
            }
        }
    }

    /// No text makes it panic.
    #[test]
    fn any_text_is_an_address_or_an_error(text in r"(exc|L2\.3e\[1\]|loop|stimulus|input|probe|->| |\.|\[|\]|#2|[0-9]|v|,){0,9}") {
        let mut net = every_part();
        let _ = net.set(&text, "1");
    }
}

/// Populations that are one group, spikes under way, noise and Poisson events, graded synapses, synapses with states.
fn running() -> Network {
    let mut net = Network::new("running");
    net.dt("0.1 ms").seed(5);
    net.equations("synapse folded\n  param w = 0.05\n  on_pre i_exc += w*post.c_m*(1 mV)/(1 ms)\n");
    for (name, current) in [("a", "600 pA"), ("b", "380 pA"), ("c", "0 pA")] {
        net.population(name, "lif_psc_exp", 6).parameter("i_e", current).initial("v", uniform("-70 mV", "-55 mV"));
    }
    net.population("cell", "non_spiking", 3).initial("v", Value::List(vec!["1 mV".into(), "7 mV".into(), "15 mV".into()]));
    net.population("other", "non_spiking", 3);
    net.project("a", "b", "i_exc", Connector::probability(0.5)).weight("40 pA").delay("2.5 ms");
    net.project("a", "b", "i_exc", Connector::AllToAll).weight("30 pA").delay("1 ms");
    net.project("b", "a", "i_inh", Connector::indegree(2)).weight("-30 pA").delay("1.5 ms");
    net.project_by("a", "c", "folded", Connector::AllToAll).delay("1 ms");
    net.project_by("cell", "other", "graded_synapse", Connector::AllToAll);
    net.project_by("other", "cell", "electrical_synapse", Connector::OneToOne).parameter("g", "0.1 uS");
    net.project_by("a", "other", "spiking_synapse", Connector::probability(0.7)).parameter("g_max", "0.2 uS").delay("1 ms");
    net.stimulate("c", "i_stim", Waveform::noise("350 pA", "200 pA")).named("noise");
    net.stimulate("c", "i_exc", Waveform::poisson("500 Hz", "20 pA")).named("events");
    net.stimulate("cell", "i_stim", Waveform::constant("3 nA")).named("push");
    let sine = Waveform::Sine { amplitude: "2 nA".into(), frequency: "50 Hz".into(), phase: 0.3, offset: None };
    net.stimulate("cell", "i_stim", sine).named("wave");
    let steps = Waveform::Steps { times: vec!["1 ms".into(), "25 ms".into()], amplitudes: vec!["1 nA".into(), "4 nA".into()] };
    net.stimulate("other", "i_stim", steps).named("stairs");
    net.stimulate("other", "i_stim", Waveform::constant("1 nA")).named("late").from("30 ms");
    for name in ["a", "b", "c"] {
        net.probe(name, "spikes");
    }
    net
}

/// The whole state, but for what it says of the description.
fn state(simulation: &mut Simulation) -> Snapshot {
    let mut state = simulation.snapshot().expect("a snapshot");
    state.outside.origin = None;
    state
}

fn run(simulation: &mut Simulation, steps: u64) {
    simulation.run_steps(steps).unwrap_or_else(|e| panic!("{e}"));
}

/// What is set while running is to the bit what a network gives that was described so, from the same state.
fn set_is_described(changes: &[(&str, Value)], engines: &[(&str, synfire::Precision)]) {
    let net = running();
    for &engine in engines {
        let mut simulation = compiled(&net, engine).unwrap_or_else(|e| panic!("{e}"));
        run(&mut simulation, 200);
        let before = simulation.snapshot().expect("a snapshot");
        assert!(before.rings[0][0].iter().any(|x| *x != 0.0), "spikes are under way");
        let mut unchanged = compiled(&net, engine).unwrap_or_else(|e| panic!("{e}"));
        unchanged.restore(&before).expect("it fits");
        run(&mut unchanged, 200);
        let without = unchanged.snapshot().expect("a snapshot");
        for (address, value) in changes {
            simulation.set(address, value.clone()).unwrap_or_else(|e| panic!("{address}: {e}"));
        }
        assert_eq!(simulation.time_steps(), 200);
        let mut described = net.clone();
        for (address, value) in changes {
            let address = Address::parse(address, &net).unwrap_or_else(|d| panic!("{}", d.message));
            described.put(&address, value.clone()).unwrap_or_else(|e| panic!("{e}"));
        }
        let mut fresh = compiled(&described, engine).unwrap_or_else(|e| panic!("{e}"));
        fresh.restore(&before).expect("it fits");
        run(&mut simulation, 200);
        run(&mut fresh, 200);
        let (set, wanted) = (state(&mut simulation), state(&mut fresh));
        let what = format!("{changes:?} on {engine:?}");
        assert_eq!(set.states, wanted.states, "{what}");
        assert_eq!(set.rings, wanted.rings, "{what}");
        assert_eq!(set.edge_states, wanted.edge_states, "{what}");
        assert_eq!(set.outside, wanted.outside, "{what}");
        assert!(set.states != without.states || set.edge_states != without.edge_states, "nothing changed: {what}");
        // what was recorded before is there
        assert!(simulation.recording().spikes[0].step.iter().any(|step| *step <= 200), "{what}");
    }
}

fn list(values: &[&str]) -> Value {
    Value::List(values.iter().map(|v| Value::from(*v)).collect())
}

#[test]
fn one_neuron_of_a_merged_population_is_set_while_running() {
    for changes in [
        &[("b.i_e", Value::from("430 pA"))][..],
        &[("a[3].v_th", "-60 mV".into())],
        &[("b[0..2,5].i_e", list(&["400 pA", "450 pA", "500 pA"])), ("c.tau_m", "15 ms".into()), ("b.v_th", "-56 mV".into())],
        // what spikes add was worked out from it
        &[("c[1].c_m", "100 pF".into())],
        // read by synapses that are gathered
        &[("cell[1].g_leak", "2 uS".into()), ("other.c_m", "8 nF".into())],
    ] {
        set_is_described(changes, &ENGINES);
    }
}

#[test]
fn synapses_are_set_while_running() {
    for changes in [
        &[("a -> b.weight", Value::from("55 pA")), ("a -> b #2.weight", "3 pA".into())][..],
        &[("b -> a[0,3].weight", list(&["-1 pA", "-90 pA"]))],
        &[("a -> c.w", 0.2.into())],
        &[("cell -> other[1 -> 0..3].g_max", "0.3 uS".into()), ("other -> cell.g", "0.5 uS".into())],
        &[("cell -> other[2,4].e_rev", "-40 mV".into()), ("cell -> other.g_max", "0.5 uS".into())],
        &[("a -> other[3].tau", "4 ms".into())],
        &[("a -> other[0..3].tau", "4 ms".into()), ("a -> other.tau", "3 ms".into())],
    ] {
        set_is_described(changes, &ENGINES);
    }
}

#[test]
fn stimuli_are_set_while_running() {
    for changes in [
        &[("noise.mean", Value::from("400 pA")), ("noise[2].sd", "300 pA".into())][..],
        &[("events.rate", "2000 Hz".into()), ("events.weight", "25 pA".into())],
        &[("push[1].amplitude", "5 nA".into()), ("wave.frequency", "80 Hz".into()), ("late.start", "22 ms".into())],
        &[("stairs.amplitudes", list(&["1 nA", "6 nA"])), ("push.stop", "25 ms".into())],
    ] {
        set_is_described(changes, &ENGINES);
    }
}

#[test]
fn what_cannot_be_set_is_said_and_all_is_as_it_was() {
    let net = running();
    let mut simulation = compiled(&net, ENGINES[0]).unwrap_or_else(|e| panic!("{e}"));
    run(&mut simulation, 50);
    let before = simulation.snapshot().expect("a snapshot");
    for (address, value, wanted) in [
        ("a.v_tx", "1 mV", "did you mean `v_th`?"),
        ("a.tau_m", "0 ms", "a time (ms) must be larger than 0"),
        ("a.tau_m", "10 mV", "`tau_m` is a time (ms), got 10 mV"),
        ("a[6].v_th", "-50 mV", "there is no neuron 6"),
        ("a.v_th", "1e39 mV", "larger than single precision holds"),
        ("a -> b #3.weight", "1 pA", "did you mean `a -> b #2`?"),
        ("a -> b[36].weight", "1 pA", "names synapse 36, and the last is"),
        ("a -> b #2[36].weight", "1 pA", "`36` names synapse 36, and the last is 35"),
        ("events.rate", "-5 Hz", "must not be negative"),
        ("events.rat", "5 Hz", "did you mean `rate`?"),
        ("a.initial.v", "-60 mV", "`a.initial.v` cannot change while the network runs: it is the state before the first step"),
        ("a.size", "7", "cannot change while the network runs: states are laid out for it"),
        ("a -> b.delay", "2 ms", "cannot change while the network runs"),
        ("a -> b.connector.p", "0.2", "cannot change while the network runs: synapses have been drawn"),
        ("seed", "3", "cannot change while the network runs"),
    ] {
        let said = simulation.set(address, value).unwrap_err().to_string();
        assert!(said.contains(wanted), "{address}: {said}");
    }
    assert!(simulation.set_parameter("d", "v_th", "1 mV").unwrap_err().to_string().contains("there is no population `d`"));
    assert_eq!(simulation.snapshot().expect("a snapshot"), before);
    let mut fresh = compiled(&net, ENGINES[0]).unwrap_or_else(|e| panic!("{e}"));
    run(&mut fresh, 150);
    run(&mut simulation, 100);
    assert_eq!(state(&mut simulation), state(&mut fresh));
}

/// In an ensemble all instances get the value; those that had one of their own for it, too.
#[test]
fn all_instances_get_a_value() {
    let net = running();
    let own = |current: &str| Variant::new().set("b.i_e", current).set("cell -> other.g_max", "0.7 uS");
    let variants = [own("300 pA"), own("390 pA"), Variant::new()];
    for (engine, precision) in ENGINES {
        let options = super::options(engine, precision);
        let ensemble =
            |net: &Network, variants: &[Variant]| net.compile_ensemble(variants, &options).unwrap_or_else(|e| panic!("{e}"));
        let mut simulation = ensemble(&net, &variants);
        run(&mut simulation, 100);
        let before = simulation.snapshot().expect("a snapshot");
        for (address, value) in
            [("b[1].i_e", "500 pA"), ("cell -> other.g_max", "0.4 uS"), ("a.v_th", "-56 mV"), ("noise.mean", "1 pA")]
        {
            simulation.set(address, value).unwrap_or_else(|e| panic!("{address}: {e}"));
        }
        let mut described = net.clone();
        for (key, text) in [("b[1].i_e", "500 pA"), ("cell -> other.g_max", "0.4 uS"), ("a.v_th", "-56 mV"), ("noise.mean", "1 pA")]
        {
            described.set(key, text).unwrap();
        }
        let with = |current: &str| {
            let mut all = vec![Value::from(current); 6];
            all[1] = "500 pA".into();
            Variant::new().set("b.i_e", Value::List(all))
        };
        let mut fresh = ensemble(&described, &[with("300 pA"), with("390 pA"), Variant::new()]);
        fresh.restore(&before).expect("it fits");
        run(&mut simulation, 100);
        run(&mut fresh, 100);
        assert_eq!(state(&mut simulation), state(&mut fresh), "{engine} {precision:?}");
        // other variants: the network is as it was compiled
        simulation.set_variants(&variants).unwrap_or_else(|e| panic!("{e}"));
        let mut again = ensemble(&net, &variants);
        run(&mut simulation, 100);
        run(&mut again, 100);
        assert_eq!(state(&mut simulation), state(&mut again), "{engine} {precision:?}");
    }
}

/// The command names values in the same way; a name may hold a `=`.
#[test]
fn the_command_takes_addresses() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut net = every_part();
    net.duration("2 ms");
    net.populations[1].name = "a=b".into();
    net.projections.truncate(1);
    let path = folder.path().join("net.toml");
    net.save(&path).unwrap_or_else(|report| panic!("{report}"));
    let explain = |changes: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_synfire"));
        command.arg("explain").arg(&path);
        command.args(changes.iter().flat_map(|change| ["--set", change]));
        let out = command.output().expect("it runs");
        String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr)
    };
    let said = explain(&["loop.connector.p=1", "a=b.size=7", "noise.start=1 ms", "exc[3].i_e=1 pA", "input arm.scale=2 pA"]);
    assert!(said.contains("a=b 7") && said.contains("100 synapses") && said.contains("i_e 1 to 400 pA"), "{said}");
    let said = explain(&["nose.start=1 ms"]);
    assert!(said.contains("did you mean `stimulus noise`?"), "{said}");
}

/// Weights that become 0, much smaller or much larger leave what is under way as it is; what cannot be summed is said.
#[test]
fn what_is_under_way_stays_when_weights_change() {
    let weights = ["a -> b.weight", "a -> b #2.weight", "a -> c.w"];
    for engine in ENGINES {
        for value in ["0 pA", "1e-3 pA", "300 pA"] {
            let mut simulation = compiled(&running(), engine).unwrap_or_else(|e| panic!("{e}"));
            run(&mut simulation, 200);
            let before = state(&mut simulation);
            for address in &weights[..2] {
                simulation.set(address, value).unwrap_or_else(|e| panic!("{address}: {e}"));
            }
            simulation
                .set(weights[2], value.trim_end_matches(" pA").parse::<f64>().expect("a number"))
                .unwrap_or_else(|e| panic!("{e}"));
            let after = state(&mut simulation);
            assert_eq!(before.states, after.states);
            let largest = before.rings[0][0].iter().fold(0.0f64, |most, x| most.max(x.abs()));
            assert!(largest > 10.0);
            for (x, y) in before.rings[0][0].iter().zip(&after.rings[0][0]) {
                assert!((x - y).abs() <= 1e-4 * largest, "{value} on {engine:?}: {x} {y}");
            }
            run(&mut simulation, 50);
        }
        let mut simulation = compiled(&running(), engine).unwrap_or_else(|e| panic!("{e}"));
        run(&mut simulation, 200);
        let before = state(&mut simulation);
        let outcome = weights[..2].iter().try_for_each(|address| simulation.set(address, "1e-9 pA"));
        let outcome = outcome.and_then(|()| simulation.set(weights[2], 1e-9));
        match outcome {
            Ok(()) => assert_eq!(engine.1, synfire::Precision::F64),
            Err(error) => {
                assert!(error.to_string().contains("cannot change now: what is under way to `i_exc` of "), "{error}");
                assert_eq!(state(&mut simulation).states, before.states);
                run(&mut simulation, 50);
            }
        }
    }
}

/// The others keep what the model gives them, which may follow from their parameters and other states.
#[test]
fn one_neuron_may_start_elsewhere() {
    let text = "neuron n\n  param v_rest = -60 mV\n  state v = v_rest, w = v + 1 mV\n  dw/dt = -w/(1 s)\n";
    let network = || {
        let mut net = Network::new("starts");
        net.equations(text);
        net.population("p", "n", 3).parameter("v_rest", Value::List(["-60 mV", "-50 mV", "-40 mV"].map(Value::from).to_vec()));
        net
    };
    let start = |net: &Network| {
        let mut simulation = net.compile(&super::options("cpu", synfire::Precision::F64)).unwrap_or_else(|e| panic!("{e}"));
        (simulation.state("p", "v").unwrap(), simulation.state("p", "w").unwrap())
    };
    let mut net = network();
    net.set("p[1].initial.v", "7 mV").unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(start(&net), (vec![-60.0, 7.0, -40.0], vec![-59.0, 8.0, -39.0]));
    net.set("p[0,2].initial.w", "0 mV").unwrap();
    assert_eq!(start(&net), (vec![-60.0, 7.0, -40.0], vec![0.0, 8.0, 0.0]));
    let variants = [Variant::new().set("p[2].initial.v", "1 mV")];
    let mut ensemble =
        network().compile_ensemble(&variants, &super::options("cpu", synfire::Precision::F64)).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(ensemble.state("p", "v").unwrap(), [-60.0, -50.0, 1.0]);
}

/// A value that the plan refuses names its part, as the file does.
#[test]
fn what_a_running_network_cannot_plan_names_the_part() {
    let mut net = Network::new("planned");
    net.equations("neuron n\n  param scale = 1\n  state x = exp(scale)\n  dx/dt = -x/(1 ms)\n");
    net.population("p", "n", 2);
    let mut simulation = net.compile(&super::options("cpu", synfire::Precision::F32)).unwrap();
    let said = simulation.set("p.scale", "1000").unwrap_err().to_string();
    assert!(said.contains("population p: the initial value of `x` comes out as inf"), "{said}");
    let text = "[[population]]\nname = \"p\"\nmodel = \"n\"\nsize = 2\nparameters = { scale = 1 }\n";
    let text = format!("equations = \"neuron n\\n  param scale = 1\\n  state x = exp(scale)\\n  dx/dt = -x/(1 ms)\\n\"\n{text}");
    let net = Network::from_toml(&text, "net.toml").unwrap_or_else(|e| panic!("{e}"));
    let mut simulation = net.compile(&super::options("cpu", synfire::Precision::F32)).unwrap();
    let said = simulation.set("p.scale", "1000").unwrap_err().to_string();
    assert!(said.contains("error[E090]: population p: the initial value of `x`") && said.contains("net.toml, line 2"), "{said}");
}
