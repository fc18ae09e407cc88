//! `synfire bench`: that what it says is what a run says, never how fast; the microcircuit against what is published of it.

use std::fs;

use serde_json::Value as Json;
use synfire::network::value::Value;
use synfire::network::{Change, Connector, Network};
use synfire::{Choice, Options};

use super::{examples, files, synfire, with_network, words};

/// A ring of driven cells onto some others: how many synapses a spike reaches depends on whose it is.
const NET: &str = r#"
name = "net"
duration = "50 ms"
seed = 3
[constants]
N = 20
[[population]]
name = "a"
model = "lif_psc_exp"
size = "N"
parameters.i_e = "600 pA"
initial.v = { uniform = ["-70 mV", "-60 mV"] }
[[population]]
name = "b"
model = "lif_psc_exp"
size = 7
parameters.i_e = "700 pA"
[[projection]]
source = "a"
target = "b"
port = "i_exc"
connector = { rule = "all_to_all" }
weight = "30 pA"
[[projection]]
source = "b"
target = "a"
port = "i_inh"
connector = { rule = "list", source = [0, 0, 3], target = [1, 2, 2] }
weight = "-3 pA"
[[probe]]
population = ["a", "b"]
record = "spikes"
[[probe]]
population = "a"
record = "v"
"#;

fn bench(folder: &std::path::Path, arguments: &[&str]) -> Json {
    let done = synfire(folder, &[&["bench"], arguments, &["--json", "--engine", "cpu"]].concat());
    assert!(done.status.success(), "{}", words(&done));
    serde_json::from_slice(&done.stdout).unwrap()
}

#[test]
fn a_line_says_what_the_record_of_a_run_says() {
    let folder = with_network(NET);
    let run = synfire(folder.path(), &["run", "net.toml", "--engine", "cpu", "--threads", "1", "--no-picture", "--out", "r"]);
    assert!(run.status.success(), "{}", words(&run));
    let record: Json = serde_json::from_str(&fs::read_to_string(folder.path().join("r/record.json")).unwrap()).unwrap();
    for (more, precision, threads) in
        [(&["--threads", "1"][..], "f32", 1), (&["--threads", "2", "--precision", "f64"][..], "f64", 2)]
    {
        let line =
            bench(folder.path(), &[&["net.toml", "--repeat", "2", "--out", "lines.json", "--commit", "c0ffee"], more].concat());
        for (key, of) in [
            ("spikes", &record["counters"]["spikes"]),
            ("synapses", &record["edges"]),
            ("seed", &record["seed"]),
            ("adapter", &record["adapter"]),
            ("duration_ms", &record["duration_ms"]),
        ] {
            assert!(line[key] == *of || precision == "f64" && key == "spikes", "{key}: {} and {of}", line[key]);
        }
        assert_eq!(
            (line["n"].as_u64(), line["precision"].as_str(), line["instances"].as_u64()),
            (Some(27), Some(precision), Some(1))
        );
        assert!(line["threads"].as_u64().is_some_and(|own| (1..=threads).contains(&own)), "{line}");
        let (spikes, seconds) = (line["spikes"].as_f64().unwrap(), line["duration_ms"].as_f64().unwrap() / 1e3);
        assert!((line["rate_hz"].as_f64().unwrap() - spikes / 27.0 / seconds).abs() < 1e-9 && spikes > 40.0);
        assert_eq!((line["commit"].as_str(), line["write_s"].is_null(), line["repeats"].as_u64()), (Some("c0ffee"), true, Some(2)));
        for time in ["build_s", "first_step_s", "sim_s_per_bio_s", "sim_least", "sim_most"] {
            assert!(line[time].as_f64().is_some_and(|s| s > 0.0), "{time}: {line}");
        }
    }
    let lines = fs::read_to_string(folder.path().join("lines.json")).unwrap();
    assert_eq!(lines.lines().filter(|line| serde_json::from_str::<Json>(line).is_ok()).count(), 2);
}

/// An event is a synapse that a spike of its source reaches.
#[test]
fn events_are_those_of_the_cells_that_spiked() {
    let folder = with_network(NET);
    let line = bench(folder.path(), &["net.toml", "--repeat", "1", "--set", "constants.N=30"]);
    let number = |key: &str| line[key].as_f64().unwrap();
    let found = number("events_per_s") * (number("first_step_s") + number("sim_s_per_bio_s") * (number("duration_ms") - 0.1) / 1e3);
    let network = Network::load_changed(folder.path().join("net.toml"), &[Change::new("constants.N", "30")]).unwrap();
    let mut simulation = network.compile(&Options::default().engine(Choice::Cpu)).unwrap();
    simulation.run(50.0).unwrap();
    let [a, b] = &simulation.recording().spikes[..] else { panic!("two trains") };
    let of_b = b.neuron.iter().map(|neuron| [2, 0, 0, 1, 0, 0, 0][*neuron as usize]).sum::<u64>();
    let expected = 7 * a.neuron.len() as u64 + of_b;
    assert!(of_b > 3 && (found - expected as f64).abs() < 1e-6 * expected as f64, "{found} and {expected}");
    assert_eq!(line["n"].as_u64(), Some(37));
}

#[test]
fn sizes_are_a_table_lines_and_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let bench = |arguments: &[&str]| synfire(folder.path(), &[&["bench"], arguments].concat());
    let sizes = [
        "sns",
        "--sizes",
        "400,100",
        "--duration",
        "5 ms",
        "--repeat",
        "1",
        "--threads",
        "1",
        "--engine",
        "cpu",
        "--out",
        "s.json",
    ];
    let done = bench(&sizes);
    let said = words(&done);
    assert!(done.status.success() && said.contains("ns a cell and step") && said.contains("s.html"), "{said}");
    assert_eq!(files(folder.path()), ["s.html", "s.json", "s.png"]);
    let text = fs::read_to_string(folder.path().join("s.json")).unwrap();
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |key: &str| lines.iter().map(|line| line[key].as_u64().unwrap()).collect::<Vec<u64>>();
    // all to all among floor(sqrt(N)), each of which is looked at in each of 50 steps
    assert_eq!((of("n"), of("synapses"), of("spikes")), (vec![400, 100], vec![400, 100], vec![0, 0]));
    let html = fs::read_to_string(folder.path().join("s.html")).unwrap();
    assert!(html.contains("cost against size") && html.matches("<svg").count() >= 4, "{}", html.len());
}

#[test]
fn instances_procedural_synapses_and_records_are_measured_too() {
    let folder = with_network(NET);
    let alone = bench(folder.path(), &["net.toml", "--repeat", "1"]);
    let both = bench(folder.path(), &["net.toml", "--repeat", "1", "--instances", "3"]);
    assert_eq!((both["instances"].as_u64(), both["n"].as_u64()), (Some(3), Some(27)));
    assert!(both["spikes"].as_u64() > alone["spikes"].as_u64().map(|n| 2 * n));
    // drawn again for each spike, a network does the same
    let again = bench(folder.path(), &["net.toml", "--repeat", "1", "--connectivity", "procedural"]);
    assert_eq!((again["spikes"].as_u64(), again["events_per_s"].as_f64() > Some(0.0)), (alone["spikes"].as_u64(), true));
    assert_eq!((alone["connectivity"].as_str(), again["connectivity"].as_str()), (Some("stored"), Some("procedural, stored")));
    let recorded = bench(folder.path(), &["net.toml", "--repeat", "1", "--record", "."]);
    assert!(recorded["write_s"].as_f64().is_some_and(|s| s > 0.0) && recorded["spikes"] == alone["spikes"], "{recorded}");
    assert_eq!(files(folder.path()), ["net.toml"]);
}

#[test]
fn names_are_listed_and_what_is_none_is_refused() {
    let folder = with_network(NET);
    let bench = |arguments: &[&str]| synfire(folder.path(), &[&["bench"], arguments].concat());
    let list = words(&bench(&[]));
    for name in ["coba", "cuba", "brunel", "sparse", "pd14", "hpc", "song", "balance", "sns", "ensemble"] {
        assert!(list.contains(&format!("\n  {name} ")), "{name}: {list}");
    }
    for (arguments, part) in [
        (&["cobra"][..], "did you mean `coba`?"),
        (&["nothing"], "`synfire bench` lists them"),
        (&["song", "--n", "500"], "`song` has one size"),
        (&["coba", "--n", "10"], "too few for `coba`"),
        (&["coba", "--scale", "-1"], "expected a number above 0"),
        (&["net.toml", "--scale", "2"], "scale"),
        (&["net.toml", "--set", "a.size"], "has no `=`"),
        (&["net.toml", "--validate"], "nothing is published of `net`"),
        (&["pd14", "--validate", "--duration", "1 s"], "are too short"),
        (&["net.toml", "--duration", "0 s"], "longer than 0"),
    ] {
        let done = bench(arguments);
        assert!(done.status.code() == Some(2) && words(&done).contains(part), "{arguments:?}: {}", words(&done));
    }
}

/// The microcircuit at a scale.
fn microcircuit(scale: &str) -> Network {
    Network::load_changed(examples().join("microcircuit.toml"), &[Change::new("constants.scale", scale)]).unwrap()
}

/// Synapses by projection, as the file has them.
fn totals(network: &Network) -> Vec<u64> {
    let total = |connector: &Connector| {
        if let Connector::FixedTotal { n, autapses: true, multapses: true } = connector { *n } else { panic!("{connector:?}") }
    };
    network.projections.iter().map(|p| total(&p.connector)).collect()
}

/// Potjans and Diesmann (2014): 77,169 cells, 298,880,968 synapses (as NumPy has them); at a tenth the numbers that NEST's network of
/// `tests/reference/networks` has, from halfway to the even one.
#[test]
fn the_microcircuit_has_the_published_numbers_at_any_scale() {
    let sizes = |network: &Network| network.populations.iter().map(|p| p.size.unwrap()).collect::<Vec<u64>>();
    let (full, tenth) = (microcircuit("1"), microcircuit("0.1"));
    assert_eq!(sizes(&full), [20_683, 5834, 21_915, 5479, 4850, 1065, 14_395, 2948]);
    assert_eq!(sizes(&tenth), [2068, 583, 2192, 548, 485, 106, 1440, 295]);
    assert_eq!((totals(&full).len(), totals(&full).iter().sum::<u64>()), (55, 298_880_968));
    assert_eq!(totals(&tenth).iter().sum::<u64>(), 2_988_807);
}

/// What the file says that cells hear at the published rates is what its synapses, sizes and the rates make of it, and the currents that make
/// up for the missing ones at a tenth are those of NEST's network (to the digit that they are told to).
#[test]
fn the_microcircuits_currents_follow_from_its_synapses() {
    let rates = [0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829];
    let full = microcircuit("1");
    let place = |name: &str| full.populations.iter().position(|p| p.name == name).unwrap();
    let mut heard = [[0.0f64; 2]; 8];
    for (projection, n) in full.projections.iter().zip(totals(&full)) {
        let (s, t) = (place(&projection.source), place(&projection.target));
        let doubled = if (s, t) == (2, 0) { 2.0 } else { 1.0 };
        heard[t][s % 2] += doubled * n as f64 / full.populations[t].size.unwrap() as f64 * rates[s];
    }
    let told = [29.0, 112.4, 113.0, 115.0, 125.4, 151.7, 43.8, 153.7];
    let outside = [1600.0, 1500.0, 2100.0, 1900.0, 2000.0, 1900.0, 2900.0, 2100.0];
    let tenth = microcircuit("0.1");
    let mut small = tenth.clone();
    // the currents do not depend on how many synapses are drawn
    small.projections.clear();
    let simulation = small.compile(&Options::default().engine(Choice::Cpu)).unwrap();
    let plan = simulation.plan();
    for (k, [exc, inh]) in heard.into_iter().enumerate() {
        let made = 0.5e-3 * 87.808_493_529 * (1.0 - 0.1f64.sqrt()) * (exc - 4.0 * inh + 8.0 * outside[k]);
        let population = plan.population(&tenth.populations[k].name).unwrap();
        let (group, row) = (plan.group_of(population), plan.place(population).first_row);
        let parameter = group.model.params().iter().position(|p| p.name == "i_e").unwrap();
        let own = group.params[parameter].get(row as usize);
        // the file rounds what is heard to a hundredth of a spike a second
        assert!((own - made).abs() < 2e-3 && (own - told[k]).abs() <= 0.051, "{k}: {own} pA, {made}, {}", told[k]);
    }
    assert!(matches!(&tenth.populations[0].parameters["i_e"], Value::Text(_)));
}

/// One second behind half a second, at a tenth: rates, CVs and correlations of all eight populations beside ten seeds of NEST.
#[test]
fn the_microcircuit_at_a_tenth_does_what_nest_does() {
    let folder = tempfile::tempdir().unwrap();
    let done = synfire(folder.path(), &["bench", "pd14", "--validate", "--duration", "1.5 s", "--engine", "cpu"]);
    let said = words(&done);
    assert!(
        done.status.success() && said.contains("7,717 neurons, 2,988,807 synapses") && said.contains("all 24 numbers lie within"),
        "{said}"
    );
    // stronger inhibition is another network
    let other = synfire(
        folder.path(),
        &["bench", "pd14", "--validate", "--duration", "1.5 s", "--engine", "cpu", "--set", "constants.g=4.5"],
    );
    assert!(other.status.code() == Some(1) && words(&other).contains("OUTSIDE"), "{}", words(&other));
}
