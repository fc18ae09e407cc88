//! Against `tests/reference/networks/scripts/statlib.py`, run with NumPy 2.3.5 on the table below.
//!
//! The numbers: `s = neuron_stats(neuron, step*0.1, 6, 20.0, 100.0)`, `scalars(s)`, and
//! `ks(s[x], neuron_stats(neuron, step*0.1, 6, 60.0, 120.0)[x])`.

use super::*;

/// (step, neuron); neuron 5 is silent.
#[rustfmt::skip]
const TABLE: [(u64, u32); 39] = [
    (138, 0), (218, 1), (246, 0), (253, 4), (304, 3), (325, 1), (333, 0), (356, 2), (379, 4), (390, 1),
    (401, 0), (438, 1), (478, 4), (548, 0), (557, 3), (607, 3), (627, 2), (651, 1), (663, 2), (713, 0),
    (733, 3), (740, 4), (763, 1), (804, 1), (824, 0), (884, 3), (945, 2), (950, 1), (966, 0), (971, 1),
    (988, 3), (996, 0), (1003, 4), (1060, 3), (1068, 4), (1127, 0), (1166, 1), (1179, 2), (1199, 0),
];
const WINDOW: Window = Window { after: 200, last: 1000 };

fn train() -> SpikeTrain {
    let (step, neuron) = TABLE.iter().copied().unzip();
    SpikeTrain { population: "E".into(), size: 6, rows: None, step, neuron }
}

/// 1e-12: sums of at most 40 numbers near 1 lose at most 40·2^-53 relative, 5e-15; the rest is room.
fn near(ours: &[f64], numpy: &[f64]) {
    assert_eq!(ours.len(), numpy.len());
    for (a, b) in ours.iter().zip(numpy) {
        assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{ours:?} is not {numpy:?}");
    }
}

#[test]
fn measures_are_those_of_statlib() {
    let train = train();
    near(&rates(&train, WINDOW, 0.1), &[100.0, 112.5, 50.0, 75.0, 50.0, 0.0]);
    near(
        &cvs(&train, WINDOW),
        &[0.41821631829579403, 0.6335969751926636, 0.577903354929674, 0.4896111302408435, 0.43941545595848847],
    );
    near(
        &correlations(&train, WINDOW, 20, 200),
        &[
            0.029934217004462495,
            -0.16666666666666669,
            0.14002800840280108,
            0.041666666666666796,
            0.01995614466964158,
            -0.2263479546725357,
            -0.17960530202677513,
            -0.14002800840280105,
            -0.1111111111111112,
            0.09335200560186745,
        ],
    );
    let counts = population_counts(&train, WINDOW, 20);
    let expected = "1 0 2 0 0 1 2 1 1 1 1 1 0 1 0 0 0 2 0 0 1 1 1 1 0 1 2 0 1 0 1 1 0 0 1 0 0 2 2 2";
    assert_eq!(counts.iter().map(u64::to_string).collect::<Vec<_>>().join(" "), expected);
    let s = summary(&train, WINDOW, 0.1);
    near(
        &[s.rate_mean, s.rate_sd, s.silent_fraction, s.cv_mean, s.cv_sd, s.correlation_mean, s.correlation_sd, s.fano],
        &[
            64.58333333333333,
            37.09269544742678,
            0.16666666666666666,
            0.5117486469234928,
            0.08209009337544805,
            -0.04988220005344504,
            0.12234920451814624,
            0.6766129032258065,
        ],
    );
    assert_eq!(s.cv_neurons, 5);
}

#[test]
fn distances_are_those_of_statlib() {
    let (train, late) = (train(), Window { after: 600, last: 1200 });
    near(&[ks_distance(&rates(&train, WINDOW, 0.1), &rates(&train, late, 0.1))], &[0.16666666666666669]);
    near(&[ks_distance(&cvs(&train, WINDOW), &cvs(&train, late))], &[0.4]);
    let cc = |window| correlations(&train, window, 20, 200);
    near(&[ks_distance(&cc(WINDOW), &cc(late))], &[0.30000000000000004]);
    assert!(ks_distance(&[], &[1.0]).is_nan() && ks_distance(&[f64::NAN], &[1.0]).is_nan());
}

#[test]
fn a_window_is_open_on_the_left_and_closed_on_the_right() {
    let train = SpikeTrain { size: 1, step: vec![10, 11, 20, 21, 30], neuron: vec![0; 5], ..SpikeTrain::default() };
    let window = Window { after: 10, last: 30 };
    assert_eq!(population_counts(&train, window, 10), [2, 2]);
    assert_eq!(intervals(&train, window), [[9, 1, 9]]);
    assert_eq!(Window::from_ms(1.0, 3.0, 0.1), window);
    assert_eq!(population_rate(&train, Window { after: 10, last: 29 }, 10, 1.0).hz, [200.0]);
}

#[test]
fn only_recorded_neurons_count() {
    let train = SpikeTrain {
        size: 100,
        rows: Some(vec![70, 7]),
        step: vec![1, 2, 3, 4],
        neuron: vec![7, 70, 7, 99],
        ..SpikeTrain::default()
    };
    let window = Window { after: 0, last: 1000 };
    assert_eq!(rates(&train, window, 1.0), [1.0, 2.0]);
    assert_eq!(population_rate(&train, window, 500, 1.0).hz, [3.0, 0.0]);
}

#[test]
fn nothing_is_measured_without_panic() {
    for train in [SpikeTrain::default(), SpikeTrain { size: 3, step: vec![5], neuron: vec![9], ..SpikeTrain::default() }] {
        for window in [Window { after: 0, last: 0 }, Window { after: 9, last: 3 }, Window { after: 0, last: 1 }] {
            let s = summary(&train, window, 0.1);
            assert!(s.cv_mean.is_nan() && s.fano.is_nan());
            assert!(correlations(&train, window, 0, 200).is_empty());
            let _ = population_rate(&train, window, 0, 0.1);
        }
    }
}
