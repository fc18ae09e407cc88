//! Networks of SNS-Toolbox, built as its user would build them here, against the numbers that it computed.
//!
//! In: `tests/reference/sns` (README there). What is held to the numbers is the description: ready models, synapses by matrix and
//! kernel, shares of all-to-all synapses, junctions, inputs and outputs.

use serde_json::Value as Json;
use synfire::network::{Connector, Network, value};
use synfire::{Choice, Options, Precision, Simulation};

/// Numbers that stand once for a projection are exact, and the oracle's file holds twelve digits of up to 200 mV.
const EXACT: f64 = 1e-8;
/// Values per synapse are rounded to f32: each conductance and potential is off by up to 2^-24 of itself, and the current that
/// a potential of up to 200 mV drives through conductances of a few times the leak by as much of these 200 mV, a few times.
const PER_SYNAPSE: f64 = 5e-5;

#[test]
fn networks_without_spikes_give_the_numbers_of_sns_toolbox() {
    for (case, bound) in [
        ("01_single_nonspiking_step", EXACT),
        ("02_nonspiking_synapses", EXACT),
        ("03_leak_conductance_quirk", EXACT),
        ("07_electrical_and_rectified", EXACT),
        ("08_pattern_2d", PER_SYNAPSE),
        ("09_matrix_connection", PER_SYNAPSE),
        ("13_arithmetic_presets", EXACT),
        ("14_differentiator_integrator", EXACT),
        ("16_nested_shaped_populations", PER_SYNAPSE),
    ] {
        let json = read(case);
        let worst = replay(&network(&json), &json, Precision::F64);
        println!("{case}: {worst:.1e} mV of {bound:.0e}");
        assert!(worst <= bound, "{case}: off by {worst} mV, {bound} is allowed");
        // an engine that drops a synapse is off by millivolts
        let mut broken = network(&json);
        if broken.projections.pop().is_some() {
            assert!(replay(&broken, &json, Precision::F64) > 1e3 * bound, "{case}: the last projection does nothing");
        }
    }
}

#[test]
fn single_precision_is_within_what_rounding_gave_the_oracle() {
    for case in ["02_nonspiking_synapses", "09_matrix_connection", "13_arithmetic_presets", "16_nested_shaped_populations"] {
        let json = read(case);
        let bound = json["tolerance"]["f32_abs_mV"].as_f64().expect("a bound");
        let worst = replay(&network(&json), &json, Precision::F32);
        assert!(worst <= bound, "{case}: off by {worst} mV, {bound} is allowed");
    }
}

/// The reference as text: what the tool calls a name is ours too.
fn read(case: &str) -> Json {
    let path = super::root().join(format!("tests/reference/sns/{case}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{case}: {e}"))
}

fn network(json: &Json) -> Network {
    let mut net = Network::new(json["case"].as_str().expect("a name"));
    net.dt(format!("{} ms", number(&json["dt_ms"])));
    for part in list(&json["network"]["populations"]) {
        let neuron = &part["neuron"];
        let shape: Vec<u64> = list(&part["shape"]).iter().map(|n| n.as_u64().expect("a size")).collect();
        let (c, g) = (number(&neuron["capacitance_nF"]), number(&neuron["leak_conductance_uS"]));
        let population = net.population(text(&part["name"]), "non_spiking", 1).shape(shape);
        // the quirk `membrane_rate_is_dt_gm_over_cm`
        population.parameter("c_m", format!("{:e} nF", c / g));
        population.parameter("g_leak", format!("{g} uS")).parameter("e_leak", quantity(&neuron["rest_mV"], "mV"));
        population.parameter("i_e", quantity(&neuron["bias_nA"], "nA"));
        let initial = &part["initial_mV"];
        match initial.as_array() {
            Some(all) => population.initial("v", all.iter().map(|x| quantity(x, "mV")).collect::<Vec<_>>()),
            None => population.initial("v", quantity(initial, "mV")),
        };
    }
    for part in list(&json["network"]["connections"]) {
        connect(&mut net, part);
    }
    for part in list(&json["network"]["inputs"]) {
        let input = net.input(text(&part["name"]), text(&part["destination"]), "i_stim", "1 nA");
        if part["size"] != 1 {
            input.per_neuron();
        }
    }
    for part in list(&json["network"]["outputs"]) {
        net.output(text(&part["name"]), text(&part["source"]), "v");
    }
    net
}

const GRADED: [(&str, &str, &str); 4] =
    [("g_max", "g_max_uS", "uS"), ("e_rev", "e_rev_mV", "mV"), ("e_lo", "e_lo_mV", "mV"), ("e_hi", "e_hi_mV", "mV")];

fn connect(net: &mut Network, part: &Json) {
    let (source, target) = (text(&part["source"]), text(&part["destination"]));
    let sources = net.populations.iter().find(|p| p.name == source).map(|p| p.shape.iter().product::<u64>());
    let grid = |key: &str| -> Vec<Vec<f64>> { list(&part[key]).iter().map(|row| list(row).iter().map(number).collect()).collect() };
    match text(&part["type"]) {
        "nonspiking_synapse" => {
            let projection = net.project_by(source, target, "graded_synapse", Connector::AllToAll).normalise("g_max");
            for (name, key, unit) in GRADED {
                projection.parameter(name, quantity(&part[key], unit));
            }
        }
        kind @ ("nonspiking_matrix" | "nonspiking_pattern") => {
            let rows = grid("g_max_uS");
            let connector = if kind == "nonspiking_matrix" { Connector::matrix(rows) } else { Connector::pattern(rows) };
            let projection = net.project_by(source, target, "graded_synapse", connector);
            projection.parameter("g_max", value::of_connector("uS"));
            for (name, key, unit) in &GRADED[1..] {
                projection.parameter(*name, value::matrix(grid(key), *unit));
            }
        }
        kind => {
            // both ways the conductance is divided by the number of sources
            let g = number(&part["g_uS"]) / sources.expect("a source") as f64;
            let outcome = match kind {
                "electrical" => net.electrical(source, target, Connector::AllToAll, format!("{g:e} uS")),
                "electrical_rectified" => net.rectified(source, target, Connector::AllToAll, format!("{g:e} uS")),
                other => panic!("{other}"),
            };
            outcome.unwrap_or_else(|report| panic!("{report}"));
        }
    }
}

/// The worst deviation of any output at any recorded step, mV.
fn replay(network: &Network, json: &Json, precision: Precision) -> f64 {
    let options = Options::default().engine(Choice::Cpu).precision(precision).threads(1);
    let mut simulation: Simulation = network.compile(&options).unwrap_or_else(|e| panic!("{e}"));
    let inputs = list(&json["input"]["rle"]).iter().flat_map(|run| {
        let row: Vec<f64> = list(&run[1]).iter().map(number).collect();
        std::iter::repeat_n(row, run[0].as_u64().expect("a count") as usize)
    });
    let inputs: Vec<Vec<f64>> = inputs.collect();
    let steps: Vec<usize> = list(&json["expected"]["steps"]).iter().map(|s| s.as_u64().expect("a step") as usize).collect();
    let mut expected = steps.iter().zip(list(&json["expected"]["outputs"]));
    let mut next = expected.next();
    let mut worst = 0.0f64;
    for step in 0..json["n_steps"].as_u64().expect("a count") as usize {
        let input = inputs.get(step).map_or(&[][..], Vec::as_slice);
        let outputs = simulation.step_outputs(input).unwrap_or_else(|e| panic!("{e}"));
        if let Some((_, row)) = next.filter(|(recorded, _)| **recorded == step) {
            assert_eq!(outputs.len(), list(row).len());
            worst = outputs.iter().zip(list(row)).fold(worst, |w, (x, y)| w.max((x - number(y)).abs()));
            next = expected.next();
        }
    }
    assert!(next.is_none(), "every recorded step was looked at");
    worst
}

fn list(json: &Json) -> &[Json] {
    json.as_array().unwrap_or_else(|| panic!("a list, found {json}"))
}

fn number(json: &Json) -> f64 {
    json.as_f64().unwrap_or_else(|| panic!("a number, found {json}"))
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_else(|| panic!("a text, found {json}"))
}

fn quantity(json: &Json, unit: &str) -> String {
    format!("{:e} {unit}", number(json))
}
