//! Periods, rheobases and bifurcations that can be written down.

use super::{Cell, ENGINES, root};
use crate::engines::Which;
use crate::neurons::lateness;

/// What f32 may take a spike's time off, ms: near a bifurcation a potential of 50 mV creeps by 3e-3 mV in a step, of which its
/// rounding, 2e-6 mV, is a thousandth, and intervals are up to 70 ms long.
fn rounding(which: Which) -> f64 {
    if which == Which::F64 { 1e-3 } else { 0.05 }
}

/// From v_reset to v_peak it takes c_m/(k√D)·(arctan((v_peak - m)/√D) - arctan((v_reset - m)/√D)), with m between rest and v_c and
/// D = I/k - ((v_c - v_rest)/2)²; no spike where D < 0.
#[test]
fn the_period_of_the_quadratic_neuron() {
    let cell = |i: &'static str| -> [(&str, &str); 1] { [("i_e", i)] };
    for which in ENGINES {
        for (text, i) in [("80 pA", 80.0), ("100 pA", 100.0), ("300 pA", 300.0)] {
            let root = (i / 0.7 - 100.0f64).sqrt();
            let period = 100.0 / (0.7 * root) * (((30.0 + 50.0) / root).atan() - ((-70.0 + 50.0) / root).atan());
            let qif = Cell { model: "qif", dt: 0.01, method: Some("rk4"), parameters: &cell(text) };
            let times = qif.times(which, 5.5 * period, |cell| {
                cell.initial("v", "-70 mV");
            });
            let expected: Vec<f64> = (1..=5).map(|k| k as f64 * period).collect();
            let allowed = |k: usize| (k + 1) as f64 * rounding(which);
            // found on the grid, each after the one before
            let late = lateness(&times, &expected, allowed, |k| (k + 1) as f64 * 0.01 + allowed(k));
            late.unwrap_or_else(|why| panic!("{text} on {}: {why}", which.name()));
        }
        // the rheobase is 0.7·20²/4 = 70 pA
        let below = Cell { model: "qif", dt: 0.05, method: None, parameters: &cell("69.9 pA") };
        assert_eq!(below.steps(which, 1000.0, |_| {}), [0; 0], "{}", which.name());
    }
}

/// With b < 0 rest vanishes in a saddle-node at (k(v_t - v_rest) + b)²/(4k) = 12²/2.8 = 51.4 pA; intervals grow as u rises.
#[test]
fn the_rheobase_of_the_quadratic_neuron_with_adaptation() {
    for which in ENGINES {
        let spikes = |i: &str| {
            let cell = Cell { model: "izhikevich_2007", dt: 0.05, method: None, parameters: &[("i_e", i)] };
            cell.times(which, 1500.0, |_| {})
        };
        assert!(spikes("51 pA").is_empty() && !spikes("52 pA").is_empty(), "{}", which.name());
        let times = spikes("100 pA");
        let intervals: Vec<f64> = times.windows(2).map(|w| w[1] - w[0]).collect();
        assert!(intervals.len() > 5 && intervals[intervals.len() - 1] > 1.02 * intervals[0], "{intervals:?}");
    }
}

/// Regimes of table 1. Steady is the potential 20 ms·I/C above rest, the threshold a/b times that above -50 mV.
#[test]
fn regimes_of_mihalas_and_niebur() {
    for which in ENGINES {
        let steps = |parameters: &[(&str, &str)], v: f64, theta: f64| {
            let cell = Cell { model: "mihalas_niebur", dt: 0.1, method: None, parameters };
            cell.steps(which, 1000.0, |cell| {
                cell.initial("v", format!("{v} mV")).initial("theta", format!("{theta} mV"));
            })
        };
        let rest = |parameters: &[(&str, &str)]| steps(parameters, -70.0, -50.0);
        let a = ("a", "5 Hz");
        // A, tonic: 20 ms·ln 3 = 21.97 ms from rest to the threshold, and again from the reset
        let tonic: Vec<u64> = (1..=45).map(|k| 220 * k).collect();
        assert_eq!(rest(&[("i_e", "150 pA")]), tonic, "{}", which.name());
        // B, class 1: I/C = 1 V/s reaches the threshold
        assert!(rest(&[("i_e", "99.9 pA")]).is_empty());
        assert!(!rest(&[("i_e", "100.1 pA")]).is_empty());
        // C, adaptation: the threshold rises from spike to spike
        let adapting = rest(&[a, ("i_e", "210 pA")]);
        assert!(adapting.len() > 3 && adapting[1] - adapting[0] < adapting[3] - adapting[2], "{adapting:?}");
        // D, phasic: spikes at the onset, and none any more, since the threshold follows to 10 ms·I/C above -50 mV
        let phasic = rest(&[a, ("i_e", "150 pA")]);
        assert!(!phasic.is_empty() && phasic.iter().all(|step| *step < 3000), "{phasic:?}");
        // H, class 2: from where a current of 1.99 V/s rests, one above 2 V/s makes spikes, and that one none
        let settled = |i: &str| steps(&[a, ("i_e", i)], -30.2, -30.1).len();
        assert!(settled("199 pA") == 0 && settled("202 pA") > 3, "{}", which.name());
        // G, rebound: rest under -3.5 V/s is at -140 mV with the threshold at -85 mV; once let go it is overtaken, once
        assert_eq!(steps(&[a], -140.0, -85.0).len(), 1, "{}", which.name());
        // K, spikes under hyperpolarisation: with a/b = 3 the threshold passes below the potential
        let under = [("a", "30 Hz"), ("i_e", "-100 pA")];
        assert!(rest(&under).len() > 1 && rest(&under[1..]).is_empty());
        // M and N, bursts: the current of a spike, 10 V/s for 5 ms, brings the next; the slow one ends them
        let bursts = |i: &str| {
            let all = rest(&[a, ("a_1", "1000 pA"), ("a_2", "-60 pA"), ("i_e", i)]);
            let gaps = all.windows(2).filter(|w| w[1] - w[0] > 200).count();
            (all.len(), gaps + 1)
        };
        let ((tonic, many), (phasic, one)) = (bursts("200 pA"), bursts("150 pA"));
        assert!(many > 3 && tonic > 3 * many, "{tonic} spikes in {many} bursts on {}", which.name());
        assert!(one == 1 && phasic > 2, "{phasic} spikes in {one} bursts on {}", which.name());
    }
}

/// The interval T at which a threshold that jumps by beta, and has decayed since, is met: from rest, to which a spike takes the
/// potential, R·I·(1 - exp(-T/tau_m)) = v_th + beta/(exp(T/tau_a) - 1).
#[test]
fn the_interval_of_a_neuron_whose_threshold_jumps() {
    let interval = root(1.0, 200.0, |t: f64| 40.0 * (1.0 - (-t / 20.0).exp()) - 10.0 - 1.8 / ((t / 200.0).exp() - 1.0));
    for which in ENGINES {
        let cell = Cell { model: "alif", dt: 0.05, method: None, parameters: &[("i_e", "400 pA")] };
        let times = cell.times(which, 3000.0, |_| {});
        // ten time constants after the start; a spike on the grid is late by half a step on average
        let late: Vec<f64> = times.into_iter().filter(|t| *t > 2000.0).collect();
        let found = (late[late.len() - 1] - late[0]) / (late.len() - 1) as f64;
        assert!((found - interval).abs() < 0.05, "{found} ms, {interval} ms on {}", which.name());
    }
}

/// With a = 0 a spike leaves w = b/(1 - exp(-T/tau_w)), and the potential is a sum of exponentials.
#[test]
fn the_interval_of_adex_without_its_exponential() {
    let (tau, tau_w, start) = (281.0 / 30.0, 144.0, 0.0);
    let v = |t: f64| {
        let w = 80.5 / (1.0 - (-t / tau_w).exp());
        let (slow, fast) = ((-t / tau_w).exp(), (-t / tau).exp());
        start * fast + 1000.0 / 30.0 * (1.0 - fast) - w / 281.0 * (slow - fast) / (1.0 / tau - 1.0 / tau_w)
    };
    let interval = root(1.0, 200.0, |t| v(t) - (70.6 - 50.4));
    for which in ENGINES {
        let parameters = [("i_e", "1 nA"), ("a", "0 nS")];
        let cell = Cell { model: "lif_cond_exp_adaptive", dt: 0.01, method: None, parameters: &parameters };
        let times = cell.times(which, 2000.0, |_| {});
        let found = times[times.len() - 1] - times[times.len() - 2];
        assert!((-0.01..=0.02).contains(&(found - interval)), "{found} ms, {interval} ms on {}", which.name());
    }
}

/// The intervals of `adex` go to those of the model without (its threshold lies delta_t·ln(I/(g_leak·delta_t)) higher); it refuses 0.
#[test]
fn adex_goes_to_the_model_without_its_exponential() {
    let last = |model: &str, parameters: &[(&str, &str)]| {
        let cell = Cell { model, dt: 0.005, method: None, parameters };
        let times = cell.times(Which::F64, 1500.0, |_| {});
        times[times.len() - 1] - times[times.len() - 2]
    };
    let drive = ("i_e", "1 nA");
    let sharp = last("lif_cond_exp_adaptive", &[drive]);
    let off = ["0.8 mV", "0.4 mV", "0.2 mV"].map(|delta_t| (last("adex", &[drive, ("delta_t", delta_t)]) - sharp).abs());
    assert!(off[2] < off[1] && off[1] < off[0] && off[2] < 0.05 * sharp, "{off:?} of {sharp} ms");
    let zero = Cell { model: "adex", dt: 0.1, method: None, parameters: &[("delta_t", "0 mV")] };
    let refused = Which::F64.compile(&zero.network(|_| {})).err().expect("a division by 0");
    assert!(format!("{refused:?}").contains("delta_t"), "{refused:?}");
}

/// The fixed point loses its stability where 1 - v² = b·phi, at ±√0.936: currents 0.3313 and 1.4187.
#[test]
fn fitzhugh_and_nagumo_oscillate_between_two_currents() {
    let v: f64 = 0.936f64.sqrt();
    let current = |v: f64| v.powi(3) / 3.0 - v + (v + 0.7) / 0.8;
    let [low, high] = [current(-v), current(v)];
    assert!((low - 0.3313).abs() < 1e-4 && (high - 1.4187).abs() < 1e-4, "{low} {high}");
    for which in ENGINES {
        // from near the fixed point, which small oscillations leave or go to
        let late = |i: f64, near: f64| {
            let text = i.to_string();
            let cell = Cell { model: "fitzhugh_nagumo", dt: 0.05, method: None, parameters: &[("i_e", &text)] };
            let start = root(-3.0, 3.0, |v| current(v) - i);
            let times = cell.times(which, 4000.0, |cell| {
                cell.initial("v", start + near).initial("w", (start + 0.7) / 0.8);
            });
            times.iter().filter(|t| **t > 3000.0).count()
        };
        assert_eq!([late(low - 0.01, 1e-3), late(high + 0.01, 1e-3)], [0, 0], "{}", which.name());
        assert!(late(low + 0.01, 1e-3) > 10 && late(high - 0.01, 1e-3) > 10, "{}", which.name());
    }
}

/// Firing starts where the steady current against potential has its maximum, near 0.16 uA/cm2.
#[test]
fn the_threshold_current_of_wang_and_buzsaki() {
    let steady = |v: f64| {
        let (am, bm) = (0.1 * (v + 35.0) / (1.0 - (-0.1 * (v + 35.0)).exp()), 4.0 * (-(v + 60.0) / 18.0).exp());
        let (ah, bh) = (0.07 * (-(v + 58.0) / 20.0).exp(), 1.0 / (1.0 + (-0.1 * (v + 28.0)).exp()));
        let (an, bn) = (0.01 * (v + 34.0) / (1.0 - (-0.1 * (v + 34.0)).exp()), 0.125 * (-(v + 44.0) / 80.0).exp());
        let sodium = 35.0 * (am / (am + bm)).powi(3) * ah / (ah + bh) * (v - 55.0);
        0.1 * (v + 65.0) + sodium + 9.0 * (an / (an + bn)).powi(4) * (v + 90.0)
    };
    let threshold = (0..15_000).map(|k| steady(-65.0 + 1e-3 * f64::from(k))).fold(f64::MIN, f64::max);
    assert!((threshold - 0.16).abs() < 0.005, "{threshold}");
    for which in ENGINES {
        let late = |i: f64| {
            let text = format!("{i} uA/cm**2");
            let cell = Cell { model: "wang_buzsaki", dt: 0.05, method: None, parameters: &[("i_e", &text)] };
            cell.times(which, 1500.0, |_| {}).iter().filter(|t| **t > 500.0).count()
        };
        let spikes = [late(0.98 * threshold), late(1.02 * threshold)];
        // class 1: just above, at a low rate
        assert!(spikes[0] == 0 && (1..15).contains(&spikes[1]), "{spikes:?} on {}", which.name());
    }
}
