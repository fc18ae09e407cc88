//! The network file `celegans.toml`: its tables are the published ones, its step is stable, a touch spreads, engines agree.

use std::collections::BTreeMap;

use synfire::network::{Network, Value, Variant};
use synfire::{Choice, Options, Precision, Simulation};

/// mV
const REST: f64 = -35.0;

fn table(name: &str) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(super::examples().join("celegans").join(name)).expect("a table");
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_string).collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    lines.map(|line| header.iter().cloned().zip(line).collect()).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> u64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

/// Rows and contacts of a table of links.
fn counted(name: &str) -> (usize, u64) {
    let rows = table(name);
    (rows.len(), rows.iter().map(|row| number(row, "contacts")).sum())
}

/// The numbers of the source, counted there by other means (`celegans/README.md`).
#[test]
fn the_tables_hold_what_was_published() {
    let neurons = table("neurons.csv");
    let muscles = table("muscles.csv");
    assert_eq!((neurons.len(), muscles.len()), (302, 95));
    assert_eq!(counted("chemical.csv"), (3638, 20_589));
    assert_eq!(counted("neuromuscular.csv"), (924, 5377));
    for (name, rows, contacts, pairs) in [("junctions.csv", 2168, 8642, 1093), ("muscle_junctions.csv", 192, 2854, 96)] {
        let table = table(name);
        let both: Vec<u64> = table.iter().flat_map(|row| [&row["a_to_b"], &row["b_to_a"]]).flat_map(|x| x.parse()).collect();
        assert_eq!((both.len(), both.iter().sum(), table.len()), (rows, contacts, pairs), "{name}");
        for row in &table {
            let larger = [&row["a_to_b"], &row["b_to_a"]].into_iter().flat_map(|x| x.parse::<u64>()).max();
            assert_eq!(larger, Some(number(row, "contacts")), "{name}: {row:?}");
        }
    }
    let itself = |name: &str, a: &str, b: &str| table(name).iter().filter(|row| row[a] == row[b]).count();
    assert_eq!(itself("chemical.csv", "pre", "post") + itself("junctions.csv", "a", "b"), 47);
    // 300 of 302 have links
    let mut linked = vec![false; neurons.len()];
    for (name, ends) in [("chemical.csv", ["pre", "post"]), ("junctions.csv", ["a", "b"])] {
        table(name).iter().for_each(|row| ends.iter().for_each(|end| linked[number(row, end) as usize] = true));
    }
    let lone: Vec<&str> =
        neurons.iter().zip(&linked).filter(|(_, linked)| !**linked).map(|(row, _)| row["name"].as_str()).collect();
    assert_eq!(lone, ["CANL", "CANR"]);
    // every name once, signs as the file says
    let names: std::collections::BTreeSet<&String> = neurons.iter().map(|row| &row["name"]).collect();
    assert_eq!(names.len(), 302);
    assert!(neurons.iter().all(|row| (row["sign"] == "-1") == row["transmitters"].contains("GABA")));
    assert_eq!(neurons.iter().filter(|row| row["sign"] == "-1").count(), 26);
    // and the plan has them all: junctions from both ends
    let plan = network().plan(&options(Precision::F64)).unwrap_or_else(|e| panic!("{e}"));
    let edges: u64 = plan.gathered().iter().map(|g| g.edges.count()).sum();
    assert_eq!(edges, 3638 + 924 + 2 * 1093 + 2 * 96);
}

/// Explicit Euler does not overshoot where dt times the largest total conductance stays below the capacitance.
#[test]
fn the_step_is_stable() {
    let mut contacts = vec![0u64; 302];
    table("chemical.csv").iter().for_each(|row| contacts[number(row, "post") as usize] += number(row, "contacts"));
    for row in table("junctions.csv") {
        ["a", "b"].iter().for_each(|end| contacts[number(&row, end) as usize] += number(&row, "contacts"));
    }
    let (most, place) = contacts.iter().zip(0..).max().expect("a neuron");
    assert_eq!(table("neurons.csv")[place as usize]["name"], "AVAR");
    let largest = 1.0 + 0.005 * *most as f64; // nS
    assert!((largest - 5.5).abs() < 0.05, "{largest} nS");
    assert!((2.0 / (0.5 * largest / 20.0)).round() == 14.0, "the file says a fourteenth of the bound of 2");
}

fn options(precision: Precision) -> Options {
    Options::default().engine(Choice::Cpu).precision(precision).folder(super::examples())
}

/// The file, with both touches from 10 ms to 110 ms.
fn network() -> Network {
    let mut net = Network::load(super::examples().join("celegans.toml")).unwrap_or_else(|e| panic!("{e}"));
    for stimulus in &mut net.stimuli {
        (stimulus.start, stimulus.stop) = (Some(Value::from("10 ms")), Some(Value::from("110 ms")));
    }
    net
}

const TOUCHES: [&str; 2] = ["anterior touch", "posterior touch"];

/// Only this touch, or none.
fn only(touch: Option<&str>) -> Variant {
    TOUCHES.iter().filter(|name| touch != Some(**name)).fold(Variant::new(), |variant, name| variant.stimulus(*name, 0.0))
}

/// Mean depolarisation of a class of neurons, a number per ms.
fn course(simulation: &Simulation, instance: usize, class: &str) -> Vec<f64> {
    let cells: Vec<usize> = (0..302).zip(table("neurons.csv")).filter(|(_, row)| row["class"] == class).map(|(k, _)| k).collect();
    let trace = &simulation.recordings()[instance].traces[0];
    trace.values.chunks(302).map(|v| cells.iter().map(|k| v[*k] - REST).sum::<f64>() / cells.len() as f64).collect()
}

#[test]
fn a_touch_spreads_and_fades() {
    let stronger = |variant: Variant| {
        ["chemical", "neuromuscular", "junctions", "junctions back", "muscle junctions", "muscle junctions back"]
            .iter()
            .fold(variant, |variant, name| variant.set(format!("{name}.g"), "10 pS"))
    };
    let variants = [only(Some(TOUCHES[0])), only(Some(TOUCHES[1])), only(None), stronger(only(Some(TOUCHES[0])))];
    let mut simulation = network().compile_ensemble(&variants, &options(Precision::F64)).unwrap_or_else(|e| panic!("{e}"));
    simulation.run(500.0).unwrap_or_else(|e| panic!("{e}"));
    let highest = |instance: usize, class: &str| course(&simulation, instance, class).into_iter().fold(0.0, f64::max);
    for (touch, touched, untouched) in [(0, ["ALM", "AVM"], ["PLM", "PLM"]), (1, ["PLM", "PLM"], ["ALM", "AVM"])] {
        for class in touched {
            assert!(highest(touch, class) > 10.0, "{class} is touched");
        }
        for class in untouched {
            assert!(highest(touch, class) < 1.0, "{class} is not: {}", highest(touch, class));
        }
        for class in ["AVA", "AVB", "AVD", "PVC"] {
            let peak = highest(touch, class);
            println!("{}: {class} up to {peak:.2} mV", TOUCHES[touch]);
            assert!(peak > 0.1, "{}: {class} {peak}", TOUCHES[touch]);
        }
        let muscles = &simulation.recordings()[touch].traces[1];
        let most = muscles.values.iter().fold(0.0, |most: f64, v| most.max(v - REST));
        assert!(most > 0.05, "muscles: {most}");
    }
    // the first sample at which a class has risen by a quarter of a millivolt, ms
    let onset = |class: &str| course(&simulation, 0, class).iter().position(|v| *v > 0.25).expect("it rises");
    println!("onsets: AVD {} ms, AVA {} ms", onset("AVD"), onset("AVA"));
    assert!(onset("AVD") <= onset("AVA"));
    // untouched, nothing moves: at rest nothing is released, and no junction has a difference to carry. What is left is rounding:
    // 1000 steps of a few roundings of 35 mV (4e-15 mV each)
    let still = &simulation.recordings()[2];
    assert!(still.traces.iter().flat_map(|t| &t.values).all(|v| (v - REST).abs() < 1e-10));
    // the remark of the file about 5 pS and 10 pS
    let left = |instance: usize| course(&simulation, instance, "AVA").pop().expect("a sample") / highest(instance, "AVA");
    println!("390 ms after the touch AVA is at {:.2} of its peak, at 10 pS at {:.2}", left(0), left(3));
    assert!(left(0) < 0.1 && left(3) > 0.9);
}

/// Step by step from the same state, within bounds that follow from the roundings of each operation.
#[test]
fn engines_agree() {
    let adapter = std::env::var("SYNFIRE_ADAPTER").unwrap_or_else(|_| "llvmpipe".to_string());
    for engine in [Choice::Cpu, Choice::Adapter(adapter)] {
        let options = options(Precision::F32).engine(engine);
        let mut simulation = network().compile(&options).unwrap_or_else(|e| panic!("{e}"));
        // into the touch, when potentials differ
        simulation.run(15.0).unwrap_or_else(|e| panic!("{e}"));
        let verification = simulation.verify(100, None).unwrap_or_else(|e| panic!("{e}"));
        println!("{}: {:?}", simulation.identity().engine, verification.worst_of_all());
        assert!(verification.agrees(), "{verification}");
        assert!(simulation.state("neurons", "v").expect("v").iter().any(|v| v - REST > 10.0));
    }
}
