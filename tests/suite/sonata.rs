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

/// Spikes that a run wrote are those of sources in another, whatever format they are in.
#[test]
fn spikes_of_a_run_are_sources_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let text = |spikes: &str| {
        format!(
            "name = \"again\"\nduration = \"50 ms\"\n[[population]]\nname = \"b c\"\nmodel = \"spike_times\"\nsize = 5\n\
             spike_times = {spikes}\n[[population]]\nname = \"d\"\nmodel = \"spike_times\"\nsize = 2\n\
             spike_times = {{ lists = [[3.5], []] }}\n[[probe]]\npopulation = [\"b c\", \"d\"]\nrecord = \"spikes\"\n"
        )
    };
    let run = |out: &str, spikes: &str| {
        std::fs::write(folder.path().join("net.toml"), text(spikes)).unwrap();
        let arguments =
            ["run", "net.toml", "--engine", "cpu", "--no-picture", "--format", "npz,csv,nest,gdf,sonata", "--force", "--out", out];
        let done = synfire(folder.path(), &arguments);
        assert!(done.status.success(), "{spikes}: {}", words(&done));
        std::fs::read_to_string(folder.path().join(out).join("spikes.csv")).unwrap()
    };
    let first = run("a", "{ lists = [[1.5, 20.0], [], [0.3], [49.9], [20.0]] }");
    assert_eq!(first.lines().count(), 7);
    for (file, more) in
        [("spikes.h5", ""), ("spikes.npz", ""), ("spikes.csv", ""), ("spikes.dat", "first = 1, "), ("spikes.gdf", "first = 1, ")]
    {
        let again = run("b", &format!("{{ events = {{ file = \"a/{file}\", {more}population = \"b c\" }} }}"));
        assert_eq!(again, first, "{file}");
    }
    // what is wrong is said with the file and the dataset
    std::fs::write(folder.path().join("net.toml"), text("{ events = { file = \"a/spikes.h5\", population = \"x\" } }")).unwrap();
    let done = synfire(folder.path(), &["check", "net.toml"]);
    let said = words(&done);
    assert!(done.status.code() == Some(2) && said.contains("a/spikes.h5") && said.contains("expected spikes of `x`"), "{said}");
}
