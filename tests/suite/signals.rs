//! Inputs and outputs: order, scale, sums, broadcast; and what is said to who gives the wrong ones.

use synfire::network::{Border, Connector, Network, Variant, value};
use synfire::{Choice, Options, Precision, Simulation};

fn options() -> Options {
    Options::default().engine(Choice::Cpu).precision(Precision::F64).threads(1)
}

fn compiled(net: &Network) -> Simulation {
    net.compile(&options()).unwrap_or_else(|e| panic!("{e}"))
}

/// Integrators without a leak: after one step of 1 ms, v is the current in nA times 1 ms over 1 nF.
fn counters() -> Network {
    let mut net = Network::new("counters");
    net.dt("1 ms");
    net.population("one", "non_spiking", 1);
    net.population("row", "non_spiking", 4);
    for cell in &mut net.populations {
        cell.parameter("g_leak", "0 uS").parameter("c_m", "1 nF");
    }
    net
}

#[test]
fn inputs_are_scaled_broadcast_and_added_in_their_order() {
    let mut net = counters();
    net.input("all", "row", "i_stim", "2 nA");
    net.input("each", "row", "i_stim", "1 nA").per_neuron();
    net.input("some", "row", "i_stim", "10 nA").rows([1, 3]).per_neuron().offset("100 nA");
    net.input("one", "one", "i_stim", "-1 nA");
    net.output("row", "row", "v");
    net.output("half", "one", "v").scale("2 mV").offset("1 mV");
    net.output("last", "row", "v").rows(3..4);
    let mut simulation = compiled(&net);
    let widths: Vec<(&str, usize)> = simulation.input_channels().iter().map(|c| (c.name.as_str(), c.numbers.len())).collect();
    assert_eq!(widths, [("all", 1), ("each", 4), ("some", 2), ("one", 1)]);
    assert_eq!(simulation.output_channels()[1].numbers, 4..5);
    let out = simulation.step_outputs(&[3.0, 0.1, 0.2, 0.3, 0.4, 1.0, 2.0, 5.0]).unwrap_or_else(|e| panic!("{e}"));
    let expected = [6.1, 116.2, 6.3, 126.4, (-5.0 - 1.0) / 2.0, 126.4];
    assert!(out.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12) && out.len() == 6, "{out:?}");
    // by name, kept until set again; an input that was never set is at its offset
    simulation.reset().unwrap_or_else(|e| panic!("{e}"));
    simulation.set_input("each", &[1.0, 2.0, 3.0, 4.0]).unwrap_or_else(|e| panic!("{e}"));
    simulation.run_steps(2).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(simulation.output("row").unwrap_or_else(|e| panic!("{e}")), [2.0, 204.0, 6.0, 208.0]);
}

#[test]
fn spikes_are_read_in_the_step_in_which_they_fall() {
    let mut net = Network::new("clock");
    net.population("clock", "spike_times", 2).spike_times(vec![vec![0.3, 0.4], vec![0.4]]);
    net.output("spikes", "clock", "spikes");
    let mut simulation = compiled(&net);
    let mut rows = Vec::new();
    for _ in 0..5 {
        rows.push(simulation.step_outputs(&[]).unwrap_or_else(|e| panic!("{e}")));
    }
    assert_eq!(rows, [[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]);
    // in a batch of many steps it is the last that counts
    simulation.reset().unwrap_or_else(|e| panic!("{e}"));
    simulation.run_steps(4).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(simulation.outputs().unwrap_or_else(|e| panic!("{e}")), [1.0, 1.0]);
}

#[test]
fn an_ensemble_takes_and_gives_instance_after_instance() {
    let mut net = counters();
    net.input("x", "one", "i_stim", "1 nA");
    net.output("y", "one", "v");
    let variants = [Variant::new(), Variant::new().set("one.c_m", "2 nF"), Variant::new().set("one.initial.v", "7 mV")];
    let mut simulation = net.compile_ensemble(&variants, &options()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(simulation.step_outputs(&[1.0, 2.0, 3.0]).unwrap_or_else(|e| panic!("{e}")), [1.0, 1.0, 10.0]);
    let said = simulation.step_outputs(&[1.0]).unwrap_err().to_string();
    assert_eq!(said, "error[E210]: 1 numbers were given, the inputs take 1 for each of 3 instances; there is `x` (1)");
}

#[test]
fn wrong_numbers_and_names_are_said() {
    let mut net = counters();
    net.input("all", "row", "i_stim", "1 nA");
    net.input("each", "row", "i_stim", "1 nA").per_neuron();
    net.output("row", "row", "v");
    net.output("one", "one", "v");
    let mut simulation = compiled(&net);
    let said = |outcome: Result<Vec<f64>, synfire::Error>| outcome.unwrap_err().to_string();
    assert_eq!(
        said(simulation.step_outputs(&[1.0, 2.0])),
        "error[E210]: 2 numbers were given, the inputs take 5; there are `all` (1), `each` (4)"
    );
    assert_eq!(
        said(simulation.step_outputs(&[1.0, 2.0, f64::NAN, 0.0, 0.0])),
        "error[E210]: input `each`: number 2 of the vector is NaN"
    );
    assert_eq!(
        said(simulation.output("rows")),
        "error[E210]: there is no output `rows`; there are `row` (4), `one` (1)\n  help: did you mean `row`?"
    );
    let said = |outcome: Result<(), synfire::Error>| outcome.unwrap_err().to_string();
    assert_eq!(
        said(simulation.set_input("eech", &[0.0; 4])),
        "error[E210]: there is no input `eech`; there are `all` (1), `each` (4)\n  help: did you mean `each`?"
    );
    assert_eq!(said(simulation.set_input("each", &[0.0; 3])), "error[E210]: input `each` takes 4 numbers, and 3 were given");
    assert_eq!(said(simulation.set_input("all", &[f64::INFINITY])), "error[E210]: input `all` cannot be inf");
    // nothing of all that has moved it
    assert_eq!(simulation.time_steps(), 0);
    let mut none = compiled(&counters());
    assert!(none.step_outputs(&[]).unwrap_or_else(|e| panic!("{e}")).is_empty());
    assert!(none.output("y").unwrap_err().to_string().ends_with("there is no output `y`; there are none"));
}

/// Shares of all-to-all synapses, and the share of a variant.
#[test]
fn a_normalised_conductance_is_divided_among_the_sources() {
    let mut net = Network::new("mean");
    net.population("many", "non_spiking", 8).parameter("i_e", "40 nA");
    net.population("few", "non_spiking", 3);
    net.project_by("many", "few", "graded_synapse", Connector::AllToAll).parameter("g_max", "2 uS").normalise("g_max").named("p");
    net.output("y", "few", "v").rows([0]);
    let plain = [Variant::new(), Variant::new().set("p.g_max", "1 uS")];
    let mut simulation = net.compile_ensemble(&plain, &options()).unwrap_or_else(|e| panic!("{e}"));
    simulation.run(500.0).unwrap_or_else(|e| panic!("{e}"));
    let y = simulation.outputs().unwrap_or_else(|e| panic!("{e}"));
    // all are fully active: g 40/(1 + g)
    assert!((y[0] - 80.0 / 3.0).abs() < 1e-9 && (y[1] - 20.0).abs() < 1e-9, "{y:?}");
}

/// What a file of a network holds of inputs, outputs, colours, kernels, matrices and shares is what was described.
#[test]
fn a_file_holds_inputs_outputs_kernels_and_matrices() {
    let mut net = Network::new("round trip");
    net.population("retina", "non_spiking", 1).shape([3, 4]).colour("gold");
    net.population("lamina", "non_spiking", 1).shape([3, 4]);
    net.population("row", "non_spiking", 2);
    net.project_by(
        "retina",
        "lamina",
        "graded_synapse",
        Connector::pattern([vec![0.1, 0.2], vec![0.3, 0.4]]).border(Border::Wrap).anchor(1, 0),
    )
    .parameter("g_max", value::of_connector("uS"))
    .parameter("e_rev", value::matrix([vec![40.0, -40.0], vec![0.0, 10.0]], "mV"));
    net.project_by("row", "row", "graded_synapse", Connector::matrix([vec![0.0, 0.5], vec![0.25, 0.0]]))
        .parameter("g_max", value::of_connector("uS"));
    net.project_by("lamina", "row", "graded_synapse", Connector::AllToAll).normalise("g_max").named("share");
    net.input("light", "retina", "i_stim", "1 nA").per_neuron().offset("2 nA");
    net.input("some", "row", "i_stim", "3 nA").rows([1]);
    net.output("v", "row", "v").scale("2 mV").offset("-1 mV").rows(0..1);
    let (toml, json) = (net.to_toml().unwrap_or_else(|e| panic!("{e}")), net.to_json().unwrap_or_else(|e| panic!("{e}")));
    let from_toml = Network::from_toml(&toml, "toml").unwrap_or_else(|e| panic!("{e}"));
    let from_json = Network::from_json(&json, "json").unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((&from_toml, &from_json), (&net, &net));
    let numbers: Vec<f64> = (0..130).map(|k| f64::from(k % 7)).collect();
    let seen = compiled(&net).run_inputs(&numbers).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(compiled(&from_toml).run_inputs(&numbers).unwrap_or_else(|e| panic!("{e}")), seen);
    assert!(seen.len() == 10 && seen[9] != seen[0]);
}
