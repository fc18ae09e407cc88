//! Integrate-and-fire neurons with currents: integrated exactly, so the grid's spikes and potentials are known.

use serde::Deserialize;

use super::{Case, check, lateness, spike_steps};
use crate::case::quantity;
use crate::engines::{ALL, Which};
use crate::lines::Verdict;

/// The same model with spikes restricted to a grid.
#[derive(Clone, Deserialize)]
pub struct Grid {
    dt: f64,
    spike_steps: Vec<u64>,
    v_every: u64,
    v: Vec<f64>,
}

/// How far V may be off, mV: half a unit of the seventh digit that is stored, and the rounding of our own.
///
/// Each step adds to V and rounds to half a unit in the last place of a number below 128 mV (2^-18 in f32, 2^-47 in f64);
/// the sum decays with the membrane's time constant, so tau/dt of them are the worst. The coefficients, inputs and synaptic
/// currents that are added are rounded too: see `net_det::bound`, whose factor is the same.
pub(super) fn tolerance(case: &Case, dt: f64, which: Which) -> f64 {
    let half_unit = if which == Which::F64 { 2f64.powi(-47) } else { 2f64.powi(-18) };
    0.5e-7 + 1.3 * case.number("C_m") / case.number("g_L") / dt * half_unit
}

#[test]
fn linear_neurons() {
    check(
        |case| case.grid.is_some(),
        &ALL,
        |case, which| {
            let Some(grid) = &case.grid else { unreachable!() };
            let mut net = case.network(1, grid.dt, None);
            net.probe("cell", "v").every(quantity(grid.dt * grid.v_every as f64, "ms"));
            let recording = which.run(&net, (case.duration / grid.dt).round() as u64)?;
            let steps = spike_steps(&recording, 0);
            let verdict = |error: f64| {
                if steps != grid.spike_steps {
                    return Verdict::Fail(format!("spikes at steps {steps:?}, the reference {:?}", grid.spike_steps));
                }
                // sample k of the file is that of step k*v_every; ours begin behind the first step
                let ours = case.ours(&recording, "v");
                if ours.values.len() + 1 != grid.v.len() || ours.first_step != grid.v_every {
                    return Verdict::Fail(format!("{} samples from step {}", ours.values.len(), ours.first_step));
                }
                let allowed = tolerance(case, grid.dt, which);
                if !(error <= allowed) {
                    return Verdict::Fail(format!("v is off by {error:.1e} mV, allowed {allowed:.1e}"));
                }
                // a spike on the grid is late by up to a step, and the reset hands the lateness on
                let times: Vec<f64> = steps.iter().map(|s| *s as f64 * grid.dt).collect();
                match lateness(&times, &case.neurons[0].spike_times, |_| 1e-6, |k| (k + 1) as f64 * grid.dt + 1e-6) {
                    Ok(_) => Verdict::Pass,
                    Err(why) => Verdict::Fail(why),
                }
            };
            let ours = &case.ours(&recording, "v").values;
            let error = ours.iter().zip(&grid.v[1..]).map(|(a, b)| (a - b).abs()).fold(0.0, nan_or_max);
            Ok((steps.len(), format!("v {error:.1e} mV (allowed {:.0e})", tolerance(case, grid.dt, which)), verdict(error)))
        },
    );
}

/// The larger; NaN if either is.
pub fn nan_or_max(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}
