//! Firing rates under white noise, against Siegert's formula with a threshold that is tested every dt.
//!
//! The reference updates exactly: v <- mu + (v - mu) E + sigma sqrt(1 - E^2) N, E = exp(-dt/tau). Euler-Maruyama of
//! dv/dt = (mu - v)/tau' + s xi is v <- v + (mu - v) dt/tau' + s sqrt(dt) N: the same with tau' = dt/(1 - E) and
//! s = sigma sqrt((1 - E^2)/dt). With these two numbers nothing is left of the method's bias (a variance of
//! 1/(1 - dt/(2 tau)) and a time constant of 1 - dt/(2 tau)), and the noise's scaling with dt is what is tested.

use serde::Deserialize;
use synfire::network::Network;

use super::check;
use crate::case::{quantities, quantity};
use crate::engines::ALL;
use crate::lines::Verdict;

#[derive(Deserialize)]
struct Row {
    mu: f64,
    sigma: f64,
    rate_hz_sampled: Vec<Sampled>,
}

#[derive(Deserialize)]
struct Sampled {
    dt: f64,
    rate_hz: f64,
}

const MODEL: &str = "
neuron noisy
  param tau = 20 ms, mu = -60 mV, s = 1 mV, v_th = -50 mV, v_reset = -65 mV, t_ref = 2 ms
  state v = v_reset
  dv/dt = (mu - v)/tau + s/sqrt(1 ms)*xi (unless refractory)
  threshold v >= v_th
  reset v = v_reset
  refractory t_ref
";

/// Neurons of each row, and how long each is counted, ms.
const NEURONS: usize = 100;
const COUNTED: f64 = 4000.0;
/// Left out at the beginning, ms: ten membrane time constants.
const WARM_UP: f64 = 200.0;

#[test]
fn rates_under_white_noise() {
    check(
        |case| case.model == "lif_white_noise",
        &ALL,
        |case, which| {
            let rows: Vec<Row> =
                case.table.iter().map(|row| serde_json::from_value(row.clone()).expect("a row of the table")).collect();
            let (mut spikes, mut worst, mut wrong) = (0, 0.0f64, Vec::new());
            for (k, dt) in rows[0].rate_hz_sampled.iter().map(|s| s.dt).enumerate() {
                let keep = (-dt / case.number("tau_m")).exp();
                let each = |f: &dyn Fn(&Row) -> f64| -> Vec<f64> {
                    rows.iter().flat_map(|row| std::iter::repeat_n(f(row), NEURONS)).collect()
                };
                let mut net = Network::new(&case.name);
                net.dt(quantity(dt, "ms")).seed(20 + k as u64).equations(MODEL);
                net.population("cell", "noisy", (rows.len() * NEURONS) as u64)
                    .method("euler_maruyama")
                    .parameter("tau", quantity(dt / (1.0 - keep), "ms"))
                    .parameter("mu", quantities(each(&|r| r.mu), "mV"))
                    .parameter("s", quantities(each(&|r| r.sigma * ((1.0 - keep * keep) / dt).sqrt()), "mV"))
                    .parameter("v_th", quantity(case.number("V_th"), "mV"))
                    .parameter("v_reset", quantity(case.number("V_reset"), "mV"))
                    .parameter("t_ref", quantity(case.number("t_ref"), "ms"));
                net.probe("cell", "spikes");
                let recording = which.run(&net, ((WARM_UP + COUNTED) / dt).round() as u64)?;
                let after = (WARM_UP / dt).round() as u64;
                let mut count = vec![0usize; rows.len()];
                recording.spikes[0].pairs().filter(|(s, _)| *s > after).for_each(|(_, n)| count[n as usize / NEURONS] += 1);
                for (row, count) in rows.iter().zip(count) {
                    spikes += count;
                    let expected = row.rate_hz_sampled[k].rate_hz * NEURONS as f64 * COUNTED * 1e-3;
                    // intervals of this neuron vary less than those of a Poisson process, whose count has this error; the
                    // formula is good to 1 %; one spike more where hardly any is expected
                    let error = (count as f64 - expected).abs();
                    let unit = expected.max(1.0).sqrt();
                    worst = worst.max((error - 0.01 * expected).max(0.0) / unit);
                    if error > 4.0 * unit + 0.01 * expected {
                        wrong.push(format!("mu {} sigma {} dt {dt}: {count} spikes, {expected:.0} expected", row.mu, row.sigma));
                    }
                }
            }
            let verdict = if wrong.is_empty() { Verdict::Pass } else { Verdict::Fail(wrong.join("; ")) };
            Ok((spikes, format!("rate {worst:.1} standard errors (allowed 4)"), verdict))
        },
    );
}
