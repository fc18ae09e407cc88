//! The squid axon against constant current: rest, one spike, repetitive firing, depolarisation block.

use serde::Deserialize;
use synfire::network::Network;

use super::{Case, check, lateness, spike_steps};
use crate::case::{quantities, quantity};
use crate::engines::{ALL, Refused, Which};
use crate::lines::Verdict;

#[derive(Deserialize)]
#[allow(non_snake_case, reason = "the names of the schema")]
struct Row {
    I: f64,
    n_spikes: usize,
    spike_times: Vec<f64>,
    late_isi_ms: Option<f64>,
    late_v_min: f64,
    late_v_max: f64,
    regime: String,
}

/// ms. RK4 is right to 1e-4 ms in seven spikes here (README's table, 0.025).
const DT: f64 = 0.025;

#[test]
fn hodgkin_huxley_regimes() {
    check(|case| case.model == "hh_squid_fi", &ALL, |case, which| judged(case, which, &|_| {}));
}

/// The table against a network that was changed.
pub fn judged(case: &Case, which: Which, change: &dyn Fn(&mut Network)) -> Result<(usize, String, Verdict), Refused> {
    let rows: Vec<Row> = case.table.iter().map(|row| serde_json::from_value(row.clone()).expect("a row of the table")).collect();
    let mut net: Network = case.network(rows.len() as u64, DT, Some("rk4"));
    change(&mut net);
    net.populations[0].parameter("i_e", quantities(rows.iter().map(|r| r.I), "uA/cm**2"));
    net.probe("cell", "v").every(quantity(0.05, "ms"));
    let recording = which.run(&net, (case.duration / DT).round() as u64)?;
    let v = case.ours(&recording, "v");
    let (mut spikes, mut worst, mut wrong) = (0, 0.0f64, Vec::new());
    for (k, row) in rows.iter().enumerate() {
        let times: Vec<f64> = spike_steps(&recording, k as u32).iter().map(|s| *s as f64 * DT).collect();
        spikes += times.len();
        let mut say = |what: String| wrong.push(format!("{} uA/cm2: {what}", row.I));
        if times.len() != row.n_spikes {
            say(format!("{} spikes, the reference has {}", times.len(), row.n_spikes));
            continue;
        }
        // found on the grid: late by 0 to dt; the table's first five, of five decimals
        let first = &times[..row.spike_times.len()];
        match lateness(first, &row.spike_times, |_| 1e-3, |_| DT + 1e-3) {
            Ok(late) => worst = worst.max(late.abs()),
            Err(why) => say(why),
        }
        // the mean of n intervals of the last 200 ms is off by up to dt/n
        let late: Vec<f64> = times.iter().copied().filter(|t| *t > case.duration - 200.0).collect();
        if let (Some(isi), [a, .., b]) = (row.late_isi_ms, &late[..]) {
            let ours = (b - a) / (late.len() - 1) as f64;
            if (ours - isi).abs() > DT / (late.len() - 1) as f64 + 1e-3 {
                say(format!("interval {ours} ms, the reference {isi}"));
            }
        }
        let tail = v.values.chunks(rows.len()).map(|sample| sample[k]);
        let tail: Vec<f64> = tail.skip(((case.duration - 100.0) / 0.05).round() as usize - 1).collect();
        let (low, high) = tail.iter().fold((f64::MAX, f64::MIN), |(l, h), x| (l.min(*x), h.max(*x)));
        // a settled or slow end is right to the table's digits and f32's rounding, and what is left of an oscillation
        // to a tenth of a millivolt; peaks of spikes move by 10 mV in a sample of 0.05 ms, of which they see 0.3
        let allowed = if row.regime == "repetitive" { 0.5 } else { 0.02 };
        if (low - row.late_v_min).abs() > allowed || (high - row.late_v_max).abs() > allowed {
            say(format!("v from {low:.4} to {high:.4} mV, the reference {} to {}", row.late_v_min, row.late_v_max));
        }
    }
    let verdict = if wrong.is_empty() { Verdict::Pass } else { Verdict::Fail(wrong.join("; ")) };
    Ok((spikes, format!("late {worst:.1e} ms in {} currents", rows.len()), verdict))
}
