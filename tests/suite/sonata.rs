//! The command with circuits in the SONATA format: read, run, written again.

#![cfg(feature = "hdf5")]

use std::path::Path;

use crate::{files, synfire, words};

fn reference() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/sonata/glif/simulation_config.json").display().to_string()
}

#[test]
fn a_circuit_becomes_a_network_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let done = synfire(folder.path(), arguments);
        (done.status.code(), words(&done))
    };
    let (code, said) = run(&["import", "sonata", &reference()]);
    assert!(code == Some(0) && said.contains("26 neurons in 2 populations, 2 projections"), "{said}");
    let tables =
        ["cells_nodes.csv", "input_spikes.csv", "input_to_cells_input_cells_s_1.csv", "input_to_cells_input_cells_s_3.csv"];
    assert_eq!(files(&folder.path().join("glif")), [&tables[..], &["network.toml"]].concat());
    // what is there stays
    let (code, said) = run(&["import", "sonata", &reference()]);
    assert!(code == Some(2) && said.contains("is there already") && said.contains("--force"), "{said}");
    let (code, said) = run(&["run", "glif/network.toml", "--engine", "cpu", "--no-picture", "--format", "sonata", "--out", "a"]);
    assert!(code == Some(0) && said.contains("spikes"), "{said}");
    assert_eq!(files(&folder.path().join("a")), ["record.json", "report_v.h5", "spikes.h5"]);
    // its configuration is no network file, and which command takes it is said
    let (code, said) = run(&["run", &reference()]);
    assert!(code == Some(2) && said.contains("a configuration of SONATA") && said.contains("synfire import sonata"), "{said}");
    let (code, said) = run(&["import", "sonata", "nowhere.json"]);
    assert!(code == Some(2) && said.contains("`nowhere.json`: it cannot be read"), "{said}");
}
