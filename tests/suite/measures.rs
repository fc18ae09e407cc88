//! Measures of spike trains against what Elephant says of the same trains (`tests/reference/measures`).

use serde_json::Value;
use synfire::analysis::{self, Window};
use synfire::recording::{Recording, SpikeTrain, Trace};

struct Stored {
    data: Value,
    steps: Vec<Vec<u64>>,
    train: SpikeTrain,
    window: Window,
    dt: f64,
}

fn stored() -> Stored {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/measures/elephant.json");
    let data: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let steps: Vec<Vec<u64>> = serde_json::from_value(data["trains"].clone()).unwrap();
    let mut pairs: Vec<(u64, u32)> = steps.iter().zip(0..).flat_map(|(train, n)| train.iter().map(move |&s| (s, n))).collect();
    pairs.sort_unstable();
    let (step, neuron) = pairs.into_iter().unzip();
    let train = SpikeTrain { population: "stored".into(), size: steps.len() as u32, rows: None, step, neuron };
    let window = Window { after: data["after"].as_u64().unwrap(), last: data["last"].as_u64().unwrap() };
    let dt = data["dt_ms"].as_f64().unwrap();
    Stored { data, steps, train, window, dt }
}

/// `null` is NaN.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(list) => list.iter().flat_map(numbers).collect(),
        Value::Null => vec![f64::NAN],
        other => vec![other.as_f64().unwrap()],
    }
}

/// 1e-9 of values near 1 or above, as asked for; both sides are sums of at most a few thousand doubles, whose rounding is a
/// thousand times less.
#[track_caller]
fn near(what: &str, ours: &[f64], theirs: &Value) {
    let theirs = numbers(theirs);
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (k, (a, b)) in ours.iter().zip(&theirs).enumerate() {
        let equal = a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-9 * b.abs().max(1.0);
        assert!(equal, "{what}: number {k} is {a}, Elephant has {b}");
    }
}

fn pair(case: &Value) -> (usize, usize) {
    (case["pair"][0].as_u64().unwrap() as usize, case["pair"][1].as_u64().unwrap() as usize)
}

#[test]
fn measures_of_single_trains_are_elephants() {
    let Stored { data, train, window, dt, .. } = stored();
    let theirs = &data["measures"];
    near("rates", &analysis::rates(&train, window, dt), &theirs["rate_hz"]);
    let gaps = analysis::intervals(&train, window);
    let each = |measure: &dyn Fn(&[u64]) -> f64| gaps.iter().map(|gaps| measure(gaps)).collect::<Vec<f64>>();
    near("cv", &each(&analysis::cv), &theirs["cv"]);
    near("cv2", &each(&analysis::cv2), &theirs["cv2"]);
    near("lv", &each(&analysis::lv), &theirs["lv"]);
    near("lvr", &each(&|gaps| analysis::lvr(gaps, 5.0 / dt)), &theirs["lvr_5_ms"]);
    near("lvr", &each(&|gaps| analysis::lvr(gaps, 2.0 / dt)), &theirs["lvr_2_ms"]);
    near("fano", &[analysis::fano(&analysis::spike_counts(&train, window))], &theirs["fano"]);
    let own = &theirs["population_rate_hz"];
    let rate = analysis::population_rate(&train, window, own["bin_steps"].as_u64().unwrap(), dt);
    near("population rate", &rate.hz, &own["values"]);
}

#[test]
fn measures_of_pairs_are_elephants() {
    let Stored { data, steps, train, window, .. } = stored();
    let theirs = &data["measures"];
    for case in theirs["correlation_matrix"].as_array().unwrap() {
        let matrix = analysis::correlation_matrix(&train, window, case["bin_steps"].as_u64().unwrap());
        near("correlation matrix", &matrix, &case["values"]);
    }
    for case in theirs["correlogram"].as_array().unwrap() {
        let (i, j) = pair(case);
        let ours = analysis::correlogram(&steps[i], &steps[j], window, case["bin_steps"].as_u64().unwrap(), 30);
        assert_eq!(serde_json::json!(ours.lags), case["lags"]);
        near("correlogram", &ours.counts.iter().map(|&c| c as f64).collect::<Vec<f64>>(), &case["counts"]);
        near("its coefficients", &ours.coefficients, &case["coefficients"]);
    }
    let tiling = theirs["tiling"].as_array().unwrap();
    assert_eq!(tiling.len(), 90);
    for case in tiling {
        let (i, j) = pair(case);
        let ours = analysis::spike_time_tiling(&steps[i], &steps[j], window, case["reach_steps"].as_u64().unwrap());
        near(&format!("tiling of {i} and {j}"), &[ours], &case["value"]);
    }
}

#[test]
fn distances_of_trains_are_elephants() {
    let Stored { data, steps, dt, .. } = stored();
    let theirs = &data["measures"];
    let all = |measure: &dyn Fn(&[u64], &[u64]) -> f64| {
        let pairs = steps.iter().flat_map(|a| steps.iter().map(move |b| (a, b)));
        pairs.map(|(a, b)| measure(a, b)).collect::<Vec<f64>>()
    };
    for case in theirs["van_rossum"].as_array().unwrap() {
        let tau = case["tau_ms"].as_f64().unwrap() / dt;
        near("van Rossum", &all(&|a, b| analysis::van_rossum(a, b, tau)), &case["values"]);
    }
    for case in theirs["victor_purpura"].as_array().unwrap() {
        let cost = case["cost_per_ms"].as_f64().unwrap() * dt;
        near("Victor-Purpura", &all(&|a, b| analysis::victor_purpura(a, b, cost)), &case["values"]);
    }
}

fn trace(data: &Value) -> Trace {
    let values = numbers(&data["trace"]["samples"]);
    Trace {
        population: "v".into(),
        variable: "v".into(),
        unit: "mV".into(),
        rows: vec![0, 1, 2],
        every: 1,
        values,
        ..Trace::default()
    }
}

#[test]
fn synchrony_is_golombs() {
    let data = stored().data;
    near("chi squared", &[analysis::chi_squared(&trace(&data))], &data["measures"]["chi_squared"]);
}

#[test]
fn spectra_are_elephants() {
    let data = stored().data;
    let trace = trace(&data);
    let first: Vec<f64> = trace.values.iter().step_by(3).copied().collect();
    let cases = data["measures"]["welch"].as_array().unwrap();
    assert_eq!(cases.len(), 4);
    for case in cases {
        let spectrum = analysis::welch(&first, 0.5, case["segment"].as_u64().unwrap() as usize);
        near("frequencies", &spectrum.hz, &case["hz"]);
        near("densities", &spectrum.density, &case["density"]);
        // the integral is the variance, up to what the windows leave out
        let power = spectrum.density.iter().sum::<f64>() * spectrum.hz[1];
        assert!((power / analysis::sd(&first).powi(2) - 1.0).abs() < 0.2, "{power}");
    }
    assert_eq!(analysis::welch(&[], 0.5, 10), analysis::Spectrum::default());
    assert_eq!(analysis::welch(&[1.0, 2.0], 0.0, 2).hz, Vec::<f64>::new());
    assert_eq!(analysis::welch(&[1.0, 2.0, 4.0], 1.0, 100).hz.len(), 2);
}

/// The table of the command is made of the same numbers, in text, CSV and JSON.
#[test]
fn a_run_is_measured_by_the_command() {
    let Stored { data, train, window, dt, .. } = stored();
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    std::fs::create_dir(&run).unwrap();
    std::fs::write(run.join("record.json"), r#"{ "network": "stored" }"#).unwrap();
    let other = SpikeTrain { population: "quiet one".into(), size: 3, rows: None, step: vec![40], neuron: vec![2] };
    let mut trace = trace(&data);
    // beside the population's spikes, every 5 steps
    (trace.population, trace.every, trace.first_step) = ("stored".into(), 5, 5);
    let recording = Recording { dt, steps: window.last, spikes: vec![train, other], traces: vec![trace], ..Recording::default() };
    synfire::recording::npz::write(&recording, &run).unwrap();
    let span = format!("{} ms..", window.after as f64 * dt);
    let said = |arguments: &[&str]| {
        let output = super::synfire(folder.path(), &[&["analyse", "run", "--window", &span], arguments].concat());
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, out, _) = said(&["--format", "json"]);
    assert_eq!(code, Some(0));
    let json: Value = serde_json::from_str(&out).unwrap();
    assert!(json["definitions"]["cv2"].as_str().unwrap().contains("Holt"), "{json}");
    let table = &json["populations"][0];
    let theirs = &data["measures"];
    let mean = |key: &str| {
        let all: Vec<f64> = numbers(&theirs[key]).into_iter().filter(|value| !value.is_nan()).collect();
        Value::from(analysis::mean(&all))
    };
    for (ours, key) in
        [("rate_mean_hz", "rate_hz"), ("cv_mean", "cv"), ("cv2_mean", "cv2"), ("lv_mean", "lv"), ("lvr_mean", "lvr_5_ms")]
    {
        near(ours, &[table[ours].as_f64().unwrap()], &mean(key));
    }
    assert_eq!(json["populations"][1]["cv_mean"], Value::Null);
    assert!(table["synchrony_v"].as_f64().is_some_and(|chi| chi > 0.0), "{table}");

    let (_, csv, _) = said(&["--format", "csv", "--measures", "rate,cv"]);
    let lines: Vec<&str> = csv.lines().collect();
    let head = "population,neurons,from_ms,to_ms,rate_mean_hz,rate_sd_hz,spikes,active,cv_mean,cv_sd,cv_neurons";
    assert_eq!((lines.len(), lines[0]), (3, head));
    assert_eq!(lines[1].split(',').nth(4).unwrap().parse::<f64>().unwrap(), table["rate_mean_hz"].as_f64().unwrap());
    assert!(lines[2].starts_with("quiet one,3,") && lines[2].ends_with(",,,0"), "{csv}");

    let (_, text, _) = said(&["--populations", "quiet one"]);
    assert!(text.contains("quiet one: 3 neurons") && text.contains("cv           - (no neuron has three spikes)"), "{text}");
    let (_, rows, remark) = said(&["--rows", "5..7", "--measures", "rate"]);
    assert!(rows.contains("stored: 2 neurons") && remark.contains("of quiet one no neuron of --rows"), "{rows}{remark}");

    for (arguments, part) in [
        (&["--measures", "cv3"][..], "did you mean `cv"),
        (&["--populations", "stord"][..], "did you mean `stored`? recorded were stored, quiet one"),
        (&["--populations", "quiet one", "--measures", "synchrony"][..], "needs states of two neurons or more"),
        (&["--rows", "500..600"][..], "`quiet one` has 3"),
        (&["--bin", "1 mV"][..], "expected a time"),
        (&["--bin", "100 s"][..], "is no bin of this window"),
    ] {
        let (code, _, error) = said(arguments);
        assert_eq!(code, Some(2), "{arguments:?}");
        assert!(error.contains(part), "{arguments:?}: {error}");
    }
    let late = super::synfire(folder.path(), &["analyse", "run", "--window", "100 s..200 s"]);
    assert!(super::words(&late).contains("recorded was from 0 ms to"), "{}", super::words(&late));
    let nothing = super::synfire(folder.path(), &["analyse", "nowhere"]);
    assert!(super::words(&nothing).contains("name the folder of a run"), "{}", super::words(&nothing));
}

/// What has no spikes, no bins or no time has measures that say so and none that panics.
#[test]
fn empty_trains_have_no_numbers() {
    let empty = SpikeTrain { population: "none".into(), ..SpikeTrain::default() };
    let silent = SpikeTrain { size: 2, ..empty.clone() };
    for window in [Window { after: 0, last: 0 }, Window { after: 5, last: 1 }, Window { after: 0, last: 10 }] {
        assert!(analysis::correlation_matrix(&empty, window, 3).is_empty());
        assert!(analysis::correlation_matrix(&silent, window, 0).iter().all(|value| value.is_nan()));
        assert_eq!(analysis::spike_counts(&silent, window), [0, 0]);
        let none = analysis::correlogram(&[], &[4], window, 0, 2);
        assert_eq!(none.counts, [0; 5]);
        assert!(none.coefficients.iter().all(|value| value.is_nan()));
        assert!(analysis::spike_time_tiling(&[4], &[], window, 2).is_nan());
    }
    assert!([analysis::cv(&[]), analysis::cv2(&[3]), analysis::lv(&[]), analysis::lvr(&[1], 2.0)].iter().all(|v| v.is_nan()));
    assert_eq!(analysis::van_rossum(&[], &[], 10.0), 0.0);
    assert_eq!(analysis::van_rossum(&[], &[7], 10.0), 1.0);
    assert!(analysis::van_rossum(&[1], &[7], 0.0).is_nan());
    assert_eq!(analysis::victor_purpura(&[], &[7, 9], 10.0), 2.0);
    assert!(analysis::victor_purpura(&[1], &[7], f64::NAN).is_nan());
    assert!(analysis::chi_squared(&Trace::default()).is_nan());
}
