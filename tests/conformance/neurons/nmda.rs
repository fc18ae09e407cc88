//! NMDA receptors: their kinetics, and the magnesium block the right way round.
//!
//! What flows is held over a step: first order in the potential. The kinetics go by RK4, and nothing of the target acts on them.

use serde::Deserialize;
use synfire::network::{Connector, Network};

use super::{Case, check};
use crate::case::{quantities, quantity};
use crate::engines::{ALL, Refused, Which};
use crate::lines::Verdict;

/// Of one channel that is open: the current that flows out.
#[derive(Clone, Deserialize)]
pub struct Row {
    pub v: f64,
    #[serde(rename = "current_per_open_pA")]
    pub current_per_open: f64,
}

/// The cell with its receptors; a threshold that it never meets.
fn network(case: &Case, dt: f64) -> Network {
    let mut net = case.network(1, dt, None);
    net.populations[0].parameter("v_th", "1000 mV");
    net
}

/// What the file can show (`ode::FLOOR`).
const FLOOR: f64 = 1e-6;

/// The largest errors of v (mV), x and s.
fn errors(case: &Case, which: Which, dt: f64) -> Result<[f64; 3], Refused> {
    let mut net = network(case, dt);
    net.probe("cell", "v").every(quantity(case.neurons[0].trace.dt, "ms"));
    let mut simulation = which.compile(&net)?;
    let failed = |e: synfire::Error| Refused::Failed(e.to_string());
    let vars = &case.neurons[0].trace.vars;
    let (mut out, every) = ([0.0f64; 3], 5);
    let steps = (every as f64 * case.neurons[0].trace.dt / dt).round() as u64;
    for k in (every..vars["s"].len()).step_by(every) {
        simulation.run_steps(steps).map_err(failed)?;
        for (error, name) in out[1..].iter_mut().zip(["x", "s"]) {
            let ours = simulation.synapse_state("receptors", name).map_err(failed)?[0];
            *error = super::linear::nan_or_max(*error, (ours - vars[name][k]).abs());
        }
    }
    let v = &simulation.recording().traces[0].values;
    out[0] = v.iter().zip(&vars["v"][1..]).map(|(a, b)| (a - b).abs()).fold(0.0, super::linear::nan_or_max);
    Ok(out)
}

/// What single precision adds, of v (mV), x and s: half a unit of each step, for as many steps as it is remembered. A spike raises x
/// above 1, s stays below.
fn rounding(case: &Case, dt: f64) -> [f64; 3] {
    let kept = |tau: f64, half_unit: f64| 1.3 * tau / dt * half_unit;
    let (x, s) = (kept(case.number("tau_rise"), 2f64.powi(-24)), kept(case.number("tau_decay"), 2f64.powi(-25)));
    // s flows: up to g_max s times the driving force, which the leak carries away, and as much again where v is off
    let flow = case.number("g_max") * (case.number("E_syn") - case.number("E_L")).abs() / case.number("g_L");
    [super::linear::tolerance(case, dt, Which::F32) + flow * s, x, s]
}

#[test]
fn nmda_with_magnesium_block() {
    check(
        |case| case.model == "nmda_mg",
        &ALL,
        |case, which| {
            let steps = [0.1, 0.05, 0.025];
            let found: Vec<[f64; 3]> = steps.iter().map(|dt| errors(case, which, *dt)).collect::<Result<_, _>>()?;
            let mut wrong = Vec::new();
            let names = ["v", "x", "s"];
            if which == Which::F64 {
                for pair in found.windows(2) {
                    // v of first order, the kinetics of fourth: a sixteenth, and room for the next term
                    for (k, part) in [0.6, 0.1, 0.1].into_iter().enumerate() {
                        let allowed = FLOOR.max(part * pair[0][k]);
                        if !(pair[1][k] <= allowed) {
                            wrong.push(format!("{}: error {:.1e}, at twice the step {:.1e}", names[k], pair[1][k], pair[0][k]));
                        }
                    }
                }
            } else {
                for (dt, found) in steps.iter().zip(&found) {
                    let (exact, more) = (errors(case, Which::F64, *dt)?, rounding(case, *dt));
                    for k in 0..3 {
                        if !(found[k] <= exact[k] + more[k]) {
                            wrong.push(format!(
                                "dt {dt}: {} is off by {:.1e}, in f64 by {:.1e}, and rounding explains {:.1e}",
                                names[k], found[k], exact[k], more[k]
                            ));
                        }
                    }
                }
            }
            let [a, b, c] = [found[0], found[1], found[2]];
            let worst = format!("v {:.0e} {:.0e} {:.0e} mV, s {:.0e}", a[0], b[0], c[0], c[2]);
            Ok((0, worst, if wrong.is_empty() { Verdict::Pass } else { Verdict::Fail(wrong.join("; ")) }))
        },
    );
}

/// Cells that stand still and keep what current they were given.
pub const CLAMPED: &str = "
    neuron clamped
      state v = -65 mV, i = 0 pA
      input i_stim : pA
      step
        i = i_stim
";

/// The current of an open channel at each potential of the table, as a part of what the table has: the worst error of any row.
pub fn table_error(case: &Case, which: Which, model: &str, equations: &str) -> Result<f64, Refused> {
    let rows = &case.mg_block_table;
    let mut net = Network::new("clamped");
    net.dt("0.1 ms").equations(&format!("{CLAMPED}{equations}"));
    let cells = net.population("cell", "clamped", rows.len() as u64);
    cells.initial("v", quantities(rows.iter().map(|row| row.v), "mV"));
    net.population("source", "spike_times", 1).spike_times(vec![vec![1.0]]);
    let own = case.names().receptor.as_ref().unwrap_or_else(|| panic!("{}: no receptor", case.name));
    let receptors = net.project_by("source", "cell", model, Connector::AllToAll).delay("1 ms").named("receptors");
    for (name, (own, unit)) in &own.params {
        receptors.parameter(own, quantity(case.number(name), unit));
    }
    let mut simulation = which.compile(&net)?;
    let failed = |e: synfire::Error| Refused::Failed(e.to_string());
    simulation.run_steps(60).map_err(failed)?;
    let open = simulation.synapse_state("receptors", "s").map_err(failed)?;
    // the sources are one: so is what is open
    if !(open.iter().all(|s| *s == open[0]) && open[0] > 0.1) {
        return Err(Refused::Failed(format!("open fractions {open:?}")));
    }
    simulation.run_steps(1).map_err(failed)?;
    let currents = simulation.state("cell", "i").map_err(failed)?;
    // the table counts outward currents as positive
    let error = |(row, i): (&Row, &f64)| {
        let wanted = -row.current_per_open * open[0];
        if wanted == 0.0 { i.abs() } else { (i / wanted - 1.0).abs() }
    };
    Ok(rows.iter().zip(&currents).map(error).fold(0.0, super::linear::nan_or_max))
}

/// What the README allows: rounding, in f32 1e-5. The table is stored to 1e-8 pA, of 2 pA at least.
pub fn table_allowed(which: Which) -> f64 {
    if which == Which::F64 { 1e-8 } else { 1e-5 }
}

#[test]
fn magnesium_block_by_potential() {
    check(
        |case| case.model == "nmda_mg",
        &ALL,
        |case, which| {
            let error = table_error(case, which, "nmda", "")?;
            let allowed = table_allowed(which);
            let verdict = if error <= allowed { Verdict::Pass } else { Verdict::Fail(format!("off by {error:.1e} of it")) };
            Ok((0, format!("{error:.0e} of the current (allowed {allowed:.0e})"), verdict))
        },
    );
}

/// Jahr and Stevens (1990): half of the channels are blocked where mg exp(-0.062 v/mV) is 3.57 mM, at -20.5 mV in 1 mM.
#[test]
fn half_of_the_channels_are_blocked_at_minus_20_mv() {
    let v = (1.0f64 / 3.57).ln() / 0.062;
    assert!((v + 20.5).abs() < 0.05, "{v}");
    for which in ALL {
        let mut net = Network::new("half");
        net.equations(CLAMPED);
        net.population("cell", "clamped", 1).initial("v", quantity(v, "mV"));
        net.population("source", "spike_times", 1).spike_times(vec![vec![1.0]]);
        for (name, mg) in [("blocked", "1 mM"), ("free", "0 mM")] {
            net.population(name, "clamped", 1).initial("v", quantity(v, "mV"));
            net.project_by("source", name, "nmda", Connector::AllToAll).parameter("mg", mg);
        }
        let mut simulation = match which.compile(&net) {
            Err(Refused::NotAllowed(_)) => continue,
            compiled => compiled.unwrap_or_else(|refused| panic!("{refused:?}")),
        };
        simulation.run_steps(100).unwrap_or_else(|e| panic!("{e}"));
        let [blocked, free] = ["blocked", "free"].map(|name| simulation.state(name, "i").unwrap_or_else(|e| panic!("{e}"))[0]);
        assert!(free > 0.1 && (blocked / free - 0.5).abs() < 1e-5, "{}: {blocked} of {free} pA", which.name());
    }
}
