//! What is written is read by another's reader, and every call of the disk that fails is told.

use super::*;
use crate::recording::{Rate, Sites, SpikeTrain};
use crate::whole::tests::each_call_fails;

fn train(population: &str, rows: Option<Vec<u32>>, step: Vec<u64>, neuron: Vec<u32>) -> SpikeTrain {
    SpikeTrain { population: population.into(), size: 100, rows, step, neuron }
}

fn trace(population: &str, variable: &str, rows: Vec<u32>, values: Vec<f64>) -> Trace {
    let (population, variable, unit) = (population.into(), variable.into(), "mV".into());
    Trace { population, synapses: false, variable, unit, rows, first_step: 15, every: 5, values }
}

fn recording() -> Recording {
    Recording {
        dt: 0.1,
        first_step: 10,
        steps: 1000,
        spikes: vec![
            train("exc 1", None, vec![11, 11, 900], vec![0, 99, 3]),
            train("a/b", Some(vec![5, 2]), vec![], vec![]),
            train("a%2Fb", None, vec![12], vec![1]),
        ],
        traces: vec![
            trace("a", "v", vec![3, 1], vec![-65.0, -64.5, -65.5, 0.1 + 0.2]),
            trace("b", "v", vec![7], vec![-65.0, -64.5]),
            trace("a", "v", vec![0], vec![1.0, 2.0]),
            trace("a", "V", vec![0], vec![]),
            trace("b", "x/y", vec![], vec![]),
        ],
        rates: vec![Rate { population: "a".into(), ..Rate::default() }],
        positions: vec![Sites { population: "p".into(), um: std::sync::Arc::new(vec![[0.5, -1.0, 0.0], [1e6, 2.0, 1.0 / 3.0]]) }],
        ..Recording::default()
    }
}

#[test]
fn files_are_named_by_what_is_in_them() {
    let expected = ["spikes.h5", "report_v.h5", "report_v_2.h5", "report_V_3.h5", "report_x%2Fy.h5", "nodes.h5"];
    assert_eq!(files(&recording()), expected);
    assert!(expected.iter().all(|name| is_file(name)) && !is_file("report_.h5") && !is_file("other.h5"));
    assert_eq!(left_out(&recording()), ["the rate of a"]);
}

#[test]
fn every_call_of_the_disk_that_fails_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut long = recording();
    long.spikes.push(SpikeTrain::long());
    let spikes = |path: &Path| write_spikes(&long, &Origin::default(), path).map_err(|e| e.to_string());
    assert!(each_call_fails(&folder.path().join("spikes.h5"), &spikes) > 10);
    let report = &reports(&long)[0];
    let traces = |path: &Path| write_report(&long, &Origin::default(), report, path).map_err(|e| e.to_string());
    assert!(each_call_fails(&folder.path().join("report.h5"), &traces) > 3);
    let nodes = |path: &Path| write_nodes(&long, &Origin::default(), path).map_err(|e| e.to_string());
    assert!(each_call_fails(&folder.path().join("nodes.h5"), &nodes) > 3);
}

#[cfg(feature = "hdf5")]
#[test]
fn others_read_what_was_recorded() {
    use hdf5_pure::{DType, File};
    let folder = tempfile::tempdir().unwrap();
    let origin = Origin { network: Some("é".into()), network_hash: None, seed: Some(u64::MAX) };
    write(&recording(), &origin, folder.path()).unwrap();
    let open = |name: &str| File::open(folder.path().join(name)).unwrap();

    let spikes = open("spikes.h5");
    let said = spikes.root().attrs().unwrap();
    assert_eq!(said["magic"].as_u64(), Some(0x0A7A));
    assert_eq!((said["version"].to_u64s(), said["seed"].as_u64()), (Some(vec![0, 1]), Some(u64::MAX)));
    assert_eq!((said["network"].as_str(), said["dt_ms"].as_f64()), (Some("é"), Some(0.1)));
    assert!(!said.contains_key("network_hash"));
    let group = spikes.group("spikes/exc 1").unwrap();
    assert_eq!(group.dataset("timestamps").unwrap().read_f64().unwrap(), [11.0 * 0.1, 11.0 * 0.1, 90.0]);
    assert_eq!(group.dataset("timestamps").unwrap().attrs().unwrap()["units"].as_str(), Some("ms"));
    assert_eq!(group.dataset("node_ids").unwrap().read_u64().unwrap(), [0, 99, 3]);
    let mut names = spikes.group("spikes").unwrap().groups().unwrap();
    names.sort();
    assert_eq!(names, ["a%2Fb", "a%2Fb_2", "exc 1"]);
    let escaped = spikes.group("spikes/a%2Fb").unwrap();
    assert_eq!(escaped.attrs().unwrap()["name"].as_str(), Some("a/b"));
    assert_eq!(escaped.dataset("recorded_node_ids").unwrap().read_u64().unwrap(), [5, 2]);
    assert!(escaped.dataset("timestamps").unwrap().read_f64().unwrap().is_empty());

    let report = open("report_v.h5");
    // one of the samples is no number of single precision
    let a = report.dataset("report/a/data").unwrap();
    assert_eq!((a.dtype().unwrap(), a.shape().unwrap()), (DType::F64, vec![2, 2]));
    assert_eq!(a.read_f64().unwrap(), [-65.0, -64.5, -65.5, 0.1 + 0.2]);
    let b = report.dataset("report/b/data").unwrap();
    assert_eq!((b.dtype().unwrap(), b.read_f32().unwrap()), (DType::F32, vec![-65.0, -64.5]));
    let mapping = report.group("report/a/mapping").unwrap();
    assert_eq!(mapping.dataset("node_ids").unwrap().read_u64().unwrap(), [3, 1]);
    assert_eq!(mapping.dataset("index_pointers").unwrap().read_u64().unwrap(), [0, 1, 2]);
    assert_eq!(mapping.dataset("time").unwrap().read_f64().unwrap(), [1.5, 2.5, 0.5]);

    assert_eq!(open("nodes.h5").dataset("nodes/p/0/z").unwrap().read_f64().unwrap(), [0.0, 1.0 / 3.0]);
}
