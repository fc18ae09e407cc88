//! Third factors from outside: inputs as each step has them, neurons that other workers have, what is refused, what is said of them.

use synfire::network::{Connector, Head, Network, Variant};
use synfire::plan::schedule::{Schedule, Settings};
use synfire::{Choice, Error, Options, Precision, Simulation};

/// Units of a change that neither end explains: it is silent, and watches. The first line runs before a step, the second after it.
const WATCHER: &str = "
    neuron relay
      state x = 0 pA
      input i : pA
      step
        x = i

    synapse watcher
      modulator d : pA
      state early = 0 pA (from -1000 pA to 1000 pA), late = 0 pA (from -1000 pA to 1000 pA)
      on_pre early += d
      on_post late += d
";

const STEPS: usize = 60;
/// Moments of spikes, and the delay, in steps of 0.125 ms.
const SOURCES: [&[usize]; 2] = [&[3, 10, 11, 30], &[7, 40]];
const TARGETS: [&[usize]; 3] = [&[5, 6, 31], &[12, 20], &[2, 58]];
const DELAY: usize = 4;

fn failed<T>(error: Error) -> T {
    panic!("{error}")
}

fn engines() -> Vec<(&'static str, Options)> {
    let adapter = std::env::var("SYNFIRE_ADAPTER").unwrap_or_else(|_| "llvmpipe".to_string());
    let cpu = |precision| Options::default().engine(Choice::Cpu).precision(precision).threads(2).rows_per_thread(2);
    let gpu = |s| Options::default().engine(Choice::Adapter(adapter.clone())).schedule(Settings::default().schedule(s));
    let mut all = vec![("cpu f64", cpu(Precision::F64)), ("cpu f32", cpu(Precision::F32))];
    all.extend(Schedule::ALL.map(|s| (s.name(), gpu(s))));
    all
}

fn network(source: &str) -> Network {
    let mut net = Network::new("watched");
    net.dt("0.125 ms").equations(WATCHER);
    let ms = |trains: &[&[usize]]| trains.iter().map(|train| train.iter().map(|m| *m as f64 * 0.125).collect()).collect();
    net.population("sources", "spike_times", 2).spike_times(ms(&SOURCES));
    net.population("targets", "spike_times", 3).spike_times(ms(&TARGETS));
    net.population("one", "relay", 1);
    net.population("row", "relay", 3);
    net.input("all", "one", "i", "1 pA");
    net.input("each", "row", "i", "2 pA").per_neuron().offset("1 pA");
    net.project_by("sources", "targets", "watcher", Connector::AllToAll).delay("0.5 ms").named("s").modulator("d", source);
    net
}

/// Numbers of a step: one, then three. Small whole numbers, so that sums are exact.
fn given(step: usize, instance: usize) -> [f64; 4] {
    let x = |k: usize| ((7 * step + 3 * k + 5 * instance) % 11) as f64 - 4.0;
    [x(0), x(1), x(2), x(3)]
}

/// By synapse: what the lines before steps and those after them have added up. `value`: in a step, of a target.
fn expected(value: impl Fn(usize, usize) -> f64) -> [Vec<f64>; 2] {
    let each = |of: &dyn Fn(usize, usize) -> f64| {
        (0..SOURCES.len()).flat_map(|s| (0..TARGETS.len()).map(move |t| (s, t))).map(|(s, t)| of(s, t)).collect()
    };
    // the spike of moment m is that of step m - 1, and arrives in the step so many later
    let arrives = |m: &usize| m - 1 + DELAY;
    let early = |s: usize, t: usize| SOURCES[s].iter().map(arrives).filter(|step| *step < STEPS).map(|step| value(step, t)).sum();
    let late = |_: usize, t: usize| TARGETS[t].iter().map(|m| value(m - 1, t)).sum();
    [each(&early), each(&late)]
}

fn found(simulation: &mut Simulation) -> [Vec<f64>; 2] {
    ["early", "late"].map(|state| simulation.synapse_state("s", state).unwrap_or_else(failed))
}

/// In one call and step by step; with other inputs in every step.
#[test]
fn an_input_is_read_as_the_step_has_it() {
    let all = expected(|step, _| given(step, 0)[0]);
    let each = expected(|step, target| 1.0 + 2.0 * given(step, 0)[1 + target]);
    for (source, expected) in [("all", all), ("each", each)] {
        for (name, options) in engines() {
            let mut simulation = network(source).compile(&options).unwrap_or_else(failed);
            let inputs: Vec<f64> = (0..STEPS).flat_map(|step| given(step, 0)).collect();
            simulation.run_inputs(&inputs).unwrap_or_else(failed);
            assert_eq!(found(&mut simulation), expected, "{source} on {name}, in one call");
            simulation.reset().unwrap_or_else(failed);
            inputs.chunks(4).for_each(|step| drop(simulation.step_outputs(step).unwrap_or_else(failed)));
            assert_eq!(found(&mut simulation), expected, "{source} on {name}, step by step");
            // held where nobody gives another
            simulation.reset().unwrap_or_else(failed);
            simulation.set_input("all", &[3.0]).unwrap_or_else(failed);
            simulation.set_input("each", &[1.0; 3]).unwrap_or_else(failed);
            simulation.run_steps(STEPS as u64).unwrap_or_else(failed);
            assert_eq!(found(&mut simulation), self::expected(|_, _| 3.0), "{source} on {name}, held");
        }
    }
}

/// A state of a neuron lags where a line runs before the step: there it is what the step before left.
#[test]
fn a_state_is_read_as_it_is_when_the_line_runs() {
    for (name, options) in engines() {
        for source in ["one.x", "row.x"] {
            let value = |step: usize, target: usize| match source {
                "one.x" => given(step, 0)[0],
                _ => 1.0 + 2.0 * given(step, 0)[1 + target],
            };
            let [early, _] = expected(|step, target| value(step - 1, target));
            let [_, late] = expected(value);
            let mut simulation = network(source).compile(&options).unwrap_or_else(failed);
            let inputs: Vec<f64> = (0..STEPS).flat_map(|step| given(step, 0)).collect();
            simulation.run_inputs(&inputs).unwrap_or_else(failed);
            assert_eq!(found(&mut simulation), [early, late], "{source} on {name}");
        }
    }
}

#[test]
fn each_instance_of_an_ensemble_reads_its_own() {
    for (name, options) in engines() {
        for source in ["all", "one.x", "each", "row.x"] {
            // what an instance does to its stimulus, its synapses read too
            let variants = [Variant::new(), Variant::new().stimulus("all", 2.0), Variant::new().stimulus("each", 0.5)];
            let mut simulation = network(source).compile_ensemble(&variants, &options).unwrap_or_else(failed);
            let inputs: Vec<f64> = (0..STEPS).flat_map(|step| (0..3).flat_map(move |i| given(step, i))).collect();
            simulation.run_inputs(&inputs).unwrap_or_else(failed);
            let value = |instance: usize, step: usize, target: usize| match source {
                "all" | "one.x" => given(step, instance)[0] * [1.0, 2.0, 1.0][instance],
                _ => (1.0 + 2.0 * given(step, instance)[1 + target]) * [1.0, 1.0, 0.5][instance],
            };
            let lag = usize::from(source.ends_with(".x"));
            let early = (0..3).flat_map(|k| expected(|step, target| value(k, step - lag, target))[0].clone());
            let late = (0..3).flat_map(|k| expected(|step, target| value(k, step, target))[1].clone());
            assert_eq!(found(&mut simulation), [early.collect::<Vec<_>>(), late.collect()], "{source} on {name}");
        }
    }
}

/// What a projection says goes through files, addresses and networks within networks, and is drawn and told.
#[test]
fn sources_of_modulators_are_written_set_renamed_drawn_and_told() {
    let net = network("one.x");
    let text = net.to_toml().unwrap_or_else(|report| panic!("{report}"));
    assert!(text.contains("d = \"one.x\""), "{text}");
    let again = Network::from_toml(&text, "again").unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(again.projections, net.projections);
    let json = Network::from_json(&net.to_json().unwrap_or_else(|report| panic!("{report}")), "again");
    assert_eq!(json.unwrap_or_else(|report| panic!("{report}")).projections, net.projections);

    let mut other = net.clone();
    other.set("s.modulators.d", "each").unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(other.projections[0].modulators["d"], "each");

    // but not while it runs, and not in one instance alone
    let mut simulation = net.compile(&engines()[0].1).unwrap_or_else(failed);
    let said = simulation.set("s.modulators.d", "each").unwrap_err().to_string();
    assert!(said.contains("`s.modulators.d` cannot change while the network runs: what synapses read"), "{said}");
    let said = net.compile_ensemble(&[Variant::new().set("s.modulators.d", "each")], &engines()[0].1).err();
    assert!(said.is_some_and(|said| said.to_string().contains("is the same in all instances of an ensemble")));

    let mut whole = Network::new("whole");
    whole.include(&net, "left_*").unwrap_or_else(|report| panic!("{report}"));
    whole.include(&other, "right_*").unwrap_or_else(|report| panic!("{report}"));
    let sources: Vec<&str> = whole.projections.iter().map(|p| p.modulators["d"].as_str()).collect();
    assert_eq!(sources, ["left_one.x", "right_each"]);
    whole.compile(&engines()[0].1).unwrap_or_else(failed);

    for (net, from) in [(&net, "one"), (&other, "each")] {
        let diagram = net.diagram();
        let arrow = diagram.arrows.iter().find(|arrow| arrow.head == Head::ThirdFactor).expect("an arrow");
        let ends = [arrow.from, arrow.to].map(|k| diagram.items[k].name.as_str());
        assert_eq!((ends, arrow.label.as_str()), ([from, "targets"], "d"));
        assert!(diagram.to_dot().contains("style=dashed"));
        let picture = synfire::plot::diagram(&diagram).unwrap_or_else(|e| panic!("{e}"));
        assert!(picture.svg.contains("stroke-dasharray") && picture.svg.contains("third factor of learning"));
    }

    let told = |net: &Network| synfire::plan::explain::table(&net.plan(&Options::default()).unwrap_or_else(failed));
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&told(&net)).contains("s d `x` of `one` all"), "{}", told(&net));
    assert!(words(&told(&other)).contains("s d the input `each` each target its own"), "{}", told(&other));
}

/// Izhikevich (2007): what a spike sets free is cleared with 0.2 s, beside it stands what the tonic source holds.
#[test]
fn a_neuromodulator_is_released_and_cleared() {
    let mut net = Network::new("dopamine");
    net.dt("1 ms");
    net.population("vta", "spike_times", 1).spike_times(vec![vec![10.0]]);
    net.population("cloud", "neuromodulator", 2);
    net.project("vta", "cloud", "release", Connector::AllToAll).weight("0.5 uM").delay("1 ms");
    net.input("flow", "cloud", "flow", "0.01 uM/ms").rows(1..2);
    net.output("d", "cloud", "d");
    for (name, options) in engines() {
        let mut simulation = net.compile(&options).unwrap_or_else(failed);
        simulation.set_input("flow", &[1.0]).unwrap_or_else(failed);
        simulation.run_steps(211).unwrap_or_else(failed);
        let d = simulation.outputs().unwrap_or_else(failed);
        let released = 0.002 + 0.5 * (-1.0f64).exp();
        let expected = [released, released + 2.0 * (1.0 - (-211.0f64 / 200.0).exp())];
        for (found, expected) in d.iter().zip(expected) {
            assert!((found - expected).abs() < if name == "cpu f64" { 1e-12 } else { 1e-5 }, "{name}: {found} for {expected}");
        }
    }
}
