//! Neurons whose equations have no closed solution, by RK4 at three steps, each half the last.
//!
//! **Spike times.** A threshold that is tested on the grid finds a crossing late by 0 to dt. Without a reset that is all;
//! a reset hands the lateness on, so that spike k may be late by (k + 1)·dt, times what the model makes of it
//! ([`handed_on`]). RK4's own error is small beside it ([`early`]). The bound halves with dt: holding it at three steps is
//! first order.
//!
//! **Traces.** Where no spike is near (1 ms) and none has been, with a reset, the error of RK4 itself is seen. It must
//! shrink as dt^4 until it meets what the reference can show ([`FLOOR`]), which also says that the limit is the reference.
//!
//! **f32** rounds V in each step by at most half a unit in its last place, which is the same as a current of at most
//! c_m·(half a unit)/dt that comes and goes. A gate is rounded too: n, near 0.7, may stay off by 2^-25 tau_n/dt, which moves
//! the squid's potassium current by g_k 4 n^3 (v - e_k) times that, thirty times V's own at -40 mV if every step rounds
//! to one side, as it does where nothing moves any more. Eight times V's own is allowed (`hh_squid_200_block`, at rest at
//! -40.8 mV, takes two). What such a current does if it stays is the bound: the case runs again in f64 with it, both ways,
//! and a trace or a spike may be off by as much as these two are from the reference ([`Rounding`]).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Deserialize;
use synfire::network::Value;

use super::{Case, check, lateness, spike_steps};
use crate::engines::{ALL, Refused, Which};
use crate::lines::Verdict;

/// How a model is run.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The largest step, ms.
    step: f64,
    /// A spike changes the state.
    resets: bool,
}

fn settings(case: &Case) -> Option<Settings> {
    case.synfire.as_ref()?.rk4
}

/// What becomes of a lateness of one step by the next spike, in steps.
///
/// A neuron that is reset to the same state some time later spikes as much later: 1. **AdEx**: in the upstroke v grows as
/// the logarithm of the time that is left, so the last step before the peak is never small for RK4, which can miss one
/// more: 2. **Izhikevich**: while v is late u goes on, at a(b v_peak - u), and where the next spike waits for u to fall it
/// falls at a(b v_wait - u), v_wait = -62.5 mV being the vertex of the parabola. So a lateness becomes
/// 1 + (b v_peak - u)/|b v_wait - u| of itself; u is read from the reference at the spikes.
fn handed_on(case: &Case) -> f64 {
    match case.model.as_str() {
        "adex" => 2.0,
        "izhikevich" => {
            let (b, peak) = (case.number("b"), case.number("v_peak"));
            let neuron = &case.neurons[0];
            let u = &neuron.trace.vars["u"];
            let before = neuron.spike_times.iter().map(|t| u[((t - neuron.trace.t0) / neuron.trace.dt).floor() as usize]);
            before.map(|u| 1.0 + (b * peak - u) / (b * -62.5 - u).abs()).fold(1.0, f64::max)
        }
        _ => 1.0,
    }
}

/// What the reference can show: it is stored to 1e-7, and its two solvers differ by up to 6e-7 mV.
const FLOOR: f64 = 1e-6;

/// How much earlier than the crossing a spike may be, ms: README's table has RK4 within 1e-4 ms at dt 0.05, in f32 too.
fn early(dt: f64) -> f64 {
    2e-4 * (dt / 0.05).max(0.5)
}

/// One run beside the reference.
struct Run {
    /// ms
    times: Vec<f64>,
    /// The error of each sample where RK4 alone is seen (0 elsewhere), mV.
    errors: Vec<f64>,
}

impl Run {
    fn of(case: &Case, which: Which, dt: f64, current: Option<Value>) -> Result<Run, Refused> {
        let resets = settings(case).is_some_and(|s| s.resets);
        let mut net = case.network(1, dt, Some("rk4"));
        if let Some(current) = current {
            net.populations[0].parameter("i_e", current);
        }
        case.probe_trace(&mut net);
        let recording = which.run(&net, (case.duration / dt).round() as u64)?;
        let times: Vec<f64> = spike_steps(&recording, 0).iter().map(|s| *s as f64 * dt).collect();
        let reference = &case.neurons[0];
        let until = reference.spike_times.first().copied().filter(|_| resets).unwrap_or(f64::INFINITY);
        let near = |t: f64| reference.spike_times.iter().chain(&times).any(|s| (t - s).abs() <= 1.0) || t >= until;
        let ours = case.ours(&recording, "v");
        let theirs = &reference.trace.vars["v"][1..];
        if ours.values.len() != theirs.len() {
            return Err(Refused::Failed(format!("{} samples of v, the reference has {}", ours.values.len(), theirs.len())));
        }
        let time = |k: usize| reference.trace.t0 + (k + 1) as f64 * reference.trace.dt;
        let error = |(k, (a, b)): (usize, (&f64, &f64))| if near(time(k)) { 0.0 } else { (a - b).abs() };
        let errors = ours.values.iter().zip(theirs).enumerate().map(error).collect();
        Ok(Run { times, errors })
    }

    /// The largest error of the trace.
    fn worst(&self) -> f64 {
        self.errors.iter().copied().fold(0.0, super::linear::nan_or_max)
    }
}

/// How far rounding to f32 may carry a case: see the top. Nothing for f64.
#[derive(Default)]
struct Rounding {
    /// By sample, mV.
    errors: Vec<f64>,
    /// By spike, ms.
    early: Vec<f64>,
    late: Vec<f64>,
}

impl Rounding {
    fn of(case: &Case, dt: f64) -> Result<Rounding, Refused> {
        let half_unit = 2f64.powi(-18);
        // per area where the model is; Izhikevich's equations have a capacitance of 1
        let current = 8.0 * case.params.get("C_m").copied().unwrap_or(1.0) * half_unit / dt;
        let mut out = Rounding::default();
        for current in [current, -current] {
            let run = Run::of(case, Which::F64, dt, Some(case.current(current)))?;
            widen(&mut out.errors, run.errors.into_iter());
            let late = || run.times.iter().zip(&case.neurons[0].spike_times).map(|(a, b)| a - b);
            widen(&mut out.late, late());
            widen(&mut out.early, late().map(|x| -x));
        }
        // rounding goes on, so what the current did at any time since the last spike it may do again: the worst that any
        // course of a bounded current does is the total variation of what a constant one does. 5 ms ahead, too, because
        // the deviation swings through 0 with the neuron's own oscillation
        let samples = &case.neurons[0].trace;
        let time = |k: usize| samples.t0 + (k + 1) as f64 * samples.dt;
        let last = |t: f64| case.neurons[0].spike_times.iter().copied().filter(|s| *s <= t).fold(samples.t0, f64::max);
        let wide = |k: usize| {
            let around = (0..out.errors.len()).filter(|&j| last(time(k)) <= time(j) && time(j) <= time(k) + 5.0);
            around.map(|j| out.errors[j]).fold(FLOOR, f64::max)
        };
        out.errors = (0..out.errors.len()).map(wide).collect();
        Ok(out)
    }
}

/// The larger of each.
fn widen(list: &mut Vec<f64>, other: impl Iterator<Item = f64>) {
    for (k, x) in other.enumerate() {
        if k == list.len() {
            list.push(0.0);
        }
        list[k] = list[k].max(x);
    }
}

#[test]
fn ode_neurons_without_a_reset() {
    ode_neurons(false);
}

#[test]
fn ode_neurons_with_a_reset() {
    ode_neurons(true);
}

fn ode_neurons(with_reset: bool) {
    // the same for every engine in single precision
    let mut roundings: HashMap<(String, u64), Rounding> = HashMap::new();
    let exact = Rounding::default();
    check(
        |case| settings(case).is_some_and(|s| s.resets == with_reset),
        &ALL,
        |case, which| {
            let Some(Settings { step: dt, resets }) = settings(case) else { unreachable!() };
            let reference = &case.neurons[0];
            let (mut errors, mut wrong, mut last, mut spikes) = (Vec::new(), Vec::new(), 0.0, 0);
            for dt in [dt, dt / 2.0, dt / 4.0] {
                let run = Run::of(case, which, dt, None)?;
                let rounding = match roundings.entry((case.name.clone(), dt.to_bits())) {
                    _ if which == Which::F64 => &exact,
                    Entry::Occupied(known) => &*known.into_mut(),
                    Entry::Vacant(none) => none.insert(Rounding::of(case, dt)?),
                };
                let more = |list: &[f64], k: usize| list.get(k).copied().unwrap_or(0.0);
                let handed_on = if resets { handed_on(case) } else { 0.0 };
                let late = |k: usize| {
                    let each = if resets { (k + 1) as f64 * handed_on } else { 1.0 };
                    (each * dt).max(more(&rounding.late, k)) + early(dt)
                };
                match lateness(&run.times, &reference.spike_times, |k| more(&rounding.early, k) + early(dt), late) {
                    Ok(late) => last = late,
                    Err(why) => wrong.push(format!("dt {dt}: {why}")),
                }
                if which != Which::F64
                    && let Some(k) = run.errors.iter().zip(&rounding.errors).position(|(e, b)| !(e <= b))
                {
                    let (t, e, b) = ((k + 1) as f64 * reference.trace.dt, run.errors[k], rounding.errors[k]);
                    wrong.push(format!("dt {dt}: v is off by {e:.1e} mV at {t:.1} ms, rounding explains {b:.1e}"));
                }
                errors.push(run.worst());
                spikes = run.times.len();
            }
            if which == Which::F64 {
                wrong.extend(errors.windows(2).filter_map(|pair| shrunk(pair[0], pair[1])));
            }
            let worst = format!("late {last:.1e} ms, v {:.0e} {:.0e} {:.0e} mV", errors[0], errors[1], errors[2]);
            let verdict = if wrong.is_empty() { Verdict::Pass } else { Verdict::Fail(wrong.join("; ")) };
            Ok((spikes, worst, verdict))
        },
    );
}

/// Fourth order is a sixteenth for half the step; a tenth leaves room for the next term.
fn shrunk(coarse: f64, fine: f64) -> Option<String> {
    let allowed = FLOOR.max(coarse / 10.0);
    let wrong = || format!("v: error {fine:.1e} mV, at twice the step {coarse:.1e}, allowed {allowed:.1e}");
    (!(fine <= allowed)).then(wrong)
}
