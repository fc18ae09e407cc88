//! Neurons whose equations have no closed solution, by RK4 at three steps, each half the last.
//!
//! **Spike times.** A threshold that is tested on the grid finds a crossing late by 0 to dt. Without a reset that is all;
//! a reset hands the lateness on, so spike k of such a model may be late by (k + 1)·dt ([`Settings::resets`]). RK4's own
//! error is small beside it ([`early`]). The bound halves with dt, so that holding it at three steps is first order.
//!
//! **Traces.** Where no spike is near (1 ms) and none has been, with a reset, the error of RK4 itself is seen. It must
//! shrink as dt^4 until it meets what the reference can show ([`FLOOR`]), which also says that the limit is the reference.
//! In f32 rounding adds to it.

use super::{Case, check, lateness, spike_steps};
use crate::engines::{Refused, Which};
use crate::lines::Verdict;

/// How a model is run.
struct Settings {
    /// The largest step, ms.
    dt: f64,
    /// A spike changes the state.
    resets: bool,
}

fn settings(model: &str) -> Option<Settings> {
    let (dt, resets) = match model {
        // inside RK4's stability: the membrane's rate reaches 36 + 120 per ms in the squid axon for a moment, where
        // 2.8/156 = 0.018 ms would be safe for sure; README's table finds 0.05 enough and 0.1 too much
        "hh_squid" => (0.05, false),
        // 100 per ms at most, a fifth of it in a spike
        "traub_miles" => (0.05, false),
        "morris_lecar" => (0.1, false),
        "lif_cond_exp" => (0.1, true),
        "adex" => (0.02, true),
        "izhikevich" => (0.02, true),
        _ => return None,
    };
    Some(Settings { dt, resets })
}

/// What the reference can show: it is stored to 1e-7, and its two solvers differ by up to 6e-7 mV.
const FLOOR: f64 = 1e-6;

/// How much earlier than the crossing a spike may be, ms: README's table has RK4 within 1e-4 ms at dt 0.05, in f32 too.
fn early(dt: f64) -> f64 {
    2e-4 * (dt / 0.05).max(0.5)
}

/// One run compared: spikes, worst lateness, worst trace error where RK4 alone is seen.
struct Compared {
    spikes: usize,
    late: f64,
    trace: f64,
}

fn compare(case: &Case, which: Which, dt: f64, resets: bool) -> Result<Result<Compared, String>, Refused> {
    let mut net = case.network(1, dt, Some("rk4"));
    case.probe_trace(&mut net);
    let recording = which.run(&net, (case.duration / dt).round() as u64)?;
    let times: Vec<f64> = spike_steps(&recording, 0).iter().map(|s| *s as f64 * dt).collect();
    let reference = &case.neurons[0];
    let late = |k: usize| if resets { (k + 1) as f64 * dt } else { dt } + early(dt);
    let late = match lateness(&times, &reference.spike_times, early(dt), late) {
        Ok(late) => late,
        Err(why) => return Ok(Err(format!("dt {dt}: {why}"))),
    };
    let until = if resets { reference.spike_times.first().copied().unwrap_or(f64::INFINITY) } else { f64::INFINITY };
    let near = |t: f64| reference.spike_times.iter().chain(&times).any(|s| (t - s).abs() <= 1.0) || t >= until;
    let ours = case.ours(&recording, "v");
    let theirs = &reference.trace.vars["v"][1..];
    if ours.values.len() != theirs.len() {
        return Ok(Err(format!("{} samples of v, the reference has {}", ours.values.len(), theirs.len())));
    }
    let mut trace: f64 = 0.0;
    for (k, (a, b)) in ours.values.iter().zip(theirs).enumerate() {
        if !near(reference.trace.t0 + (k + 1) as f64 * reference.trace.dt) {
            trace = super::linear::nan_or_max(trace, (a - b).abs());
        }
    }
    Ok(Ok(Compared { spikes: times.len(), late, trace }))
}

#[test]
fn ode_neurons() {
    check(
        |case| settings(&case.model).is_some(),
        &[Which::F64, Which::F32, Which::Gpu],
        |case, which| {
            let Some(Settings { dt, resets }) = settings(&case.model) else { unreachable!() };
            let mut found = Vec::new();
            for dt in [dt, dt / 2.0, dt / 4.0] {
                match compare(case, which, dt, resets)? {
                    Ok(compared) => found.push(compared),
                    Err(why) => return Ok((0, String::new(), Verdict::Fail(why))),
                }
            }
            let [a, b, c] = &found[..] else { unreachable!() };
            let worst = format!("late {:.1e} ms, v {:.0e} {:.0e} {:.0e} mV", c.late, a.trace, b.trace, c.trace);
            Ok((c.spikes, worst, verdict(which, [a, b, c])))
        },
    );
}

fn verdict(which: Which, [a, b, c]: [&Compared; 3]) -> Verdict {
    // f32: V is rounded to 2^-18 mV in each step, and the phase of a spike, which decides most of the error, remembers
    // all of them; README's table has f32 within 1e-4 ms, and V moves by less than 20 mV/ms where no spike is near
    let floor = if which == Which::F64 { FLOOR } else { 2e-3 };
    for (coarse, fine) in [(a, b), (b, c)] {
        // fourth order is a sixteenth; a tenth leaves room for the next term
        let allowed = floor.max(coarse.trace / 10.0);
        if !(fine.trace <= allowed) {
            let why = format!("v: error {:.1e} mV, at twice the step {:.1e}, allowed {allowed:.1e}", fine.trace, coarse.trace);
            return Verdict::Fail(why);
        }
    }
    Verdict::Pass
}
