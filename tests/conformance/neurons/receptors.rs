//! Ready receptors, each against its closed form, or against equations that are integrated apart from the engine; and one published
//! number of each.
//!
//! Cells that stand still at -65 mV keep what current they were given. What flows in the step that begins at t is read at t, a state
//! that decays by itself with its mean over the step.

use synfire::network::{Connector, Network};
use synfire::simulation::Simulation;

use super::nmda::CLAMPED;
use crate::case::quantity;
use crate::engines::{ALL, Refused, Which};
use crate::lines::{Line, Lines, Verdict};

/// ms
const DT: f64 = 0.1;
const V: f64 = -65.0;
/// When spikes arrive, ms; they are sent 0.5 ms before.
const ARRIVALS: [f64; 3] = [1.5, 6.0, 6.4];
const STEPS: usize = 1500;

/// What a receptor lets flow in the step that begins at a time, pA, with its ready parameters.
struct Receptor {
    model: &'static str,
    flow: Box<dyn Fn(f64) -> f64>,
    /// The longest time that it remembers, ms.
    longest: f64,
}

/// The mean over a step of what decays, as a part of its start.
fn mean(tau: f64) -> f64 {
    (1.0 - (-DT / tau).exp()) / (DT / tau)
}

/// The sum over the spikes that have arrived, by the time since then.
fn each(shape: impl Fn(f64) -> f64 + 'static) -> Box<dyn Fn(f64) -> f64> {
    Box::new(move |t| ARRIVALS.iter().filter(|a| t >= **a - 1e-9).map(|a| shape((t - a).max(0.0))).sum())
}

/// States of kinetic equations at each step of a grid, by RK4 at a fortieth of a step; `rates` is given the transmitter.
fn kinetics<const N: usize>(
    spikes: &[f64],
    steps: usize,
    (concentration, pulse): (f64, f64),
    rates: impl Fn(&[f64; N], f64) -> [f64; N],
) -> Vec<[f64; N]> {
    const PARTS: usize = 40;
    let h = DT / PARTS as f64;
    let mut y = [0.0; N];
    let mut out = Vec::with_capacity(steps);
    for step in 0..steps {
        out.push(y);
        for part in 0..PARTS {
            // pulses begin and end between parts
            let middle = (step as f64 + (part as f64 + 0.5) / PARTS as f64) * DT;
            let on = spikes.iter().any(|a| middle >= *a && middle < a + pulse);
            let transmitter = if on { concentration } else { 0.0 };
            let moved = |y: &[f64; N], k: &[f64; N], c: f64| std::array::from_fn(|i| y[i] + c * k[i]);
            let k1 = rates(&y, transmitter);
            let k2 = rates(&moved(&y, &k1, h / 2.0), transmitter);
            let k3 = rates(&moved(&y, &k2, h / 2.0), transmitter);
            let k4 = rates(&moved(&y, &k3, h), transmitter);
            y = std::array::from_fn(|i| y[i] + h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]));
        }
    }
    out
}

fn binding(alpha: f64, beta: f64) -> impl Fn(&[f64; 1], f64) -> [f64; 1] {
    move |[s], t| [alpha * t * (1.0 - s) - beta * s]
}

fn gaba_b([r, g]: &[f64; 2], t: f64) -> [f64; 2] {
    [0.09 * t * (1.0 - r) - 0.0012 * r, 0.18 * r - 0.034 * g]
}

fn desensitising([d, r, g]: &[f64; 3], t: f64) -> [f64; 3] {
    [0.017 * r - 0.0053 * d, 0.66 * t * (1.0 - r - d) - 0.02 * r + 0.0053 * d, 0.083 * r - 0.0079 * g]
}

fn opened(g: f64) -> f64 {
    g.powi(4) / (g.powi(4) + 100.0)
}

fn on_grid(values: Vec<f64>) -> Box<dyn Fn(f64) -> f64> {
    Box::new(move |t| values[(t / DT).round() as usize])
}

fn receptors() -> Vec<Receptor> {
    let alpha = |t: f64| t / 2.0 * (1.0 - t / 2.0).exp();
    // the peak of a difference lies where both fall alike
    let at = 0.5 * 5.0 / 4.5 * (5.0f64 / 0.5).ln();
    let norm = 1.0 / ((-at / 5.0).exp() - (-at / 0.5).exp());
    let difference = move |t: f64| norm * ((-t / 5.0).exp() * mean(5.0) - (-t / 0.5).exp() * mean(0.5));
    let decay = |tau: f64| move |t: f64| (-t / tau).exp() * mean(tau);
    let one = |alpha: f64, beta: f64, e: f64| {
        let s = kinetics(&ARRIVALS, STEPS, (1.0, 1.0), binding(alpha, beta));
        on_grid(s.into_iter().map(|[s]| s * (e - V)).collect())
    };
    let short = (0.5, 0.3);
    let two = kinetics(&ARRIVALS, STEPS, short, gaba_b);
    let three = kinetics(&ARRIVALS, STEPS, short, desensitising);
    let receptor = |model, longest, flow| Receptor { model, flow, longest };
    vec![
        receptor("exponential_current", 5.0, each(move |t| 50.0 * decay(5.0)(t))),
        receptor("exponential_conductance", 5.0, each(move |t| decay(5.0)(t) * -V)),
        receptor("alpha_current", 2.0, each(move |t| 50.0 * alpha(t))),
        receptor("alpha_conductance", 2.0, each(move |t| alpha(t) * -V)),
        receptor("difference_current", 5.0, each(move |t| 50.0 * difference(t))),
        receptor("difference_conductance", 5.0, each(move |t| difference(t) * -V)),
        receptor("ampa", 2.0, each(move |t| 0.1 * decay(2.0)(t) * -V)),
        receptor("gaba_a", 5.0, each(move |t| 0.1 * decay(5.0)(t) * (-70.0 - V))),
        receptor("ampa_kinetic", 1.0 / 0.19, one(1.1, 0.19, 0.0)),
        receptor("gaba_a_kinetic", 1.0 / 0.18, one(5.0, 0.18, -80.0)),
        receptor("gaba_b", 1.0 / 0.0012, on_grid(two.iter().map(|[_, g]| opened(*g) * (-95.0 - V)).collect())),
        receptor("gaba_b_desensitising", 1.0 / 0.0053, on_grid(three.iter().map(|[.., g]| opened(*g) * (-95.0 - V)).collect())),
    ]
}

/// A clamped cell for each model, and one source.
fn clamped<'m>(models: impl IntoIterator<Item = &'m str>, spikes: &[f64]) -> Network {
    let mut net = Network::new("receptors");
    net.dt(quantity(DT, "ms")).equations(CLAMPED);
    net.population("source", "spike_times", 1).spike_times(vec![spikes.iter().map(|a| a - 0.5).collect()]);
    for model in models {
        net.population(model, "clamped", 1).initial("v", quantity(V, "mV"));
        net.project_by("source", model, model, Connector::AllToAll).delay("0.5 ms").named(format!("onto {model}"));
        net.probe(model, "i");
    }
    net
}

#[test]
fn receptors_flow_as_their_equations_say() {
    let receptors = receptors();
    let net = clamped(receptors.iter().map(|r| r.model), &ARRIVALS);
    let mut lines = Lines::default();
    for which in ALL {
        let line = |case: &str, worst: String, verdict: Verdict| Line {
            case: case.into(),
            engine: which.name().into(),
            spikes: 0,
            ties: 0,
            worst,
            verdict,
        };
        let recording = match which.run(&net, STEPS as u64) {
            Err(refused) => {
                lines.add(line("receptors", String::new(), refused.verdict()));
                continue;
            }
            Ok(recording) => recording,
        };
        for (receptor, trace) in receptors.iter().zip(&recording.traces) {
            let expected: Vec<f64> = (0..STEPS).map(|k| (receptor.flow)(k as f64 * DT)).collect();
            let largest = expected.iter().fold(0.0f64, |most, x| most.max(x.abs()));
            let error = trace.values.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, super::linear::nan_or_max);
            // RK4 at these rates is right to 1e-7; single precision loses half a unit in a step for as many steps as it remembers, and
            // the fourth power of a state makes four of it
            let allowed = match which {
                Which::F64 => 1e-6,
                _ => 4.0 * 1.3 * (receptor.longest / DT).min(STEPS as f64) * 2f64.powi(-24),
            };
            let part = error / largest;
            let verdict = if part <= allowed && largest > 0.0 { Verdict::Pass } else { Verdict::Fail("off".into()) };
            lines.add(line(receptor.model, format!("{part:.1e} of the peak (allowed {allowed:.0e})"), verdict));
        }
    }
    lines.finish();
}

fn run(net: &Network, steps: u64) -> Simulation {
    let mut simulation = Which::F64.compile(net).unwrap_or_else(|refused: Refused| panic!("{refused:?}"));
    simulation.run_steps(steps).unwrap_or_else(|e| panic!("{e}"));
    simulation
}

/// Time since the arrival at 1.5 ms of the largest current, and that current.
fn peak(net: &Network, steps: u64) -> (f64, f64) {
    let simulation = run(net, steps);
    let values = simulation.recording().traces[0].values.clone();
    let largest = values.iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())).expect("samples");
    (largest.0 as f64 * DT - 1.5, *largest.1)
}

/// Rall (1967): the peak comes one time constant after the beginning. Roth and van Rossum (2009): that of a difference at
/// tau_decay tau_rise/(tau_decay - tau_rise) ln(tau_decay/tau_rise); the weight is its height.
#[test]
fn peaks_of_alpha_functions_and_differences() {
    let (time, height) = peak(&clamped(["alpha_current"], &[1.5]), 200);
    assert!((time - 2.0).abs() < 1e-9 && (height - 50.0).abs() < 1e-3, "{time} ms, {height} pA");
    let (time, height) = peak(&clamped(["difference_current"], &[1.5]), 200);
    // what flows in a step is its mean: a peak half a step earlier, and lower by the curvature, dt^2/24 of it
    assert!((time + DT / 2.0 - 1.279).abs() < 0.06 && (height - 50.0).abs() < 0.05, "{time} ms, {height} pA");
}

/// The same peaks at the ports of the neurons that keep the state themselves; equal time constants are the alpha function.
#[test]
fn folded_differences_have_their_weight_as_peak() {
    for (model, port, unit) in [("lif_psc_beta", "i_exc", "pA"), ("lif_cond_beta", "g_exc", "nS")] {
        for (rise, fall) in [("0.5 ms", 5.0), ("5 ms", 5.0)] {
            let mut net = Network::new("folded");
            net.dt("0.01 ms");
            net.population("source", "spike_times", 1).spike_times(vec![vec![1.0]]);
            let cell = net.population("cell", model, 1);
            cell.parameter("tau_rise_exc", rise).parameter("tau_exc", quantity(fall, "ms"));
            net.project("source", "cell", port, Connector::AllToAll).weight(quantity(2.0, unit)).delay("0.5 ms");
            net.probe("cell", port);
            let simulation = run(&net, 2000);
            let values = &simulation.recording().traces[0].values;
            let largest = values.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).expect("samples");
            let time = (largest.0 + 1) as f64 * 0.01 - 1.5;
            let expected = if rise == "5 ms" { 5.0 } else { 1.279 };
            assert!((largest.1 - 2.0).abs() < 1e-4 && (time - expected).abs() < 0.011, "{model}: {} at {time} ms", largest.1);
        }
    }
}

/// Destexhe, Mainen and Sejnowski (1998): a pulse of 1 mM for 1 ms brings r to r_inf (1 - exp(-(alpha + beta) 1 ms)), after which it
/// closes with 1/beta, 5.3 ms (AMPA) and 5.6 ms (GABA-A).
#[test]
fn transmitter_pulses_of_a_length_open_receptors() {
    let both: [(&str, f64, f64, f64); 2] = [("ampa_kinetic", 1.1, 0.19, 5.3), ("gaba_a_kinetic", 5.0, 0.18, 5.6)];
    for (model, alpha, beta, tau) in both {
        let mut simulation = run(&clamped([model], &[1.5]), 25);
        let mut open = || simulation.synapse_state(&format!("onto {model}"), "s").unwrap_or_else(|e| panic!("{e}"))[0];
        let first = open();
        let expected = alpha / (alpha + beta) * (1.0 - (-(alpha + beta)).exp());
        assert!((first - expected).abs() < 1e-9, "{model}: {first}, {expected}");
        let mut later = run(&clamped([model], &[1.5]), 125);
        let later = later.synapse_state(&format!("onto {model}"), "s").unwrap_or_else(|e| panic!("{e}"))[0];
        let found = 10.0 / (first / later).ln();
        assert!((found - tau).abs() < 0.05, "{model}: {found} ms");
    }
    // a length that is no multiple of the step: the same dose, so the same to the order of the step
    let mut net = clamped(["ampa_kinetic"], &[1.5]);
    net.projections[0].parameter("pulse", "0.25 ms").parameter("transmitter", "0.1 mM");
    let open = run(&net, 25).synapse_state("onto ampa_kinetic", "s").unwrap_or_else(|e| panic!("{e}"))[0];
    let k = 0.11 + 0.19f64;
    let expected = 0.11 / k * (1.0 - (-k * 0.25).exp()) * (-0.19f64 * 0.75).exp();
    assert!((open / expected - 1.0).abs() < 0.01, "{open}, {expected}");
}

/// Destexhe's kinetics of GABA-B were made to peak 100 ms after a pulse, as the currents of Otis and others (1993) do, and to answer to
/// bursts: the current of ten spikes is more than a hundred times that of one, where ten pulses that add up would give ten.
#[test]
fn gaba_b_is_slow_and_waits_for_bursts() {
    let (time, single) = peak(&clamped(["gaba_b"], &[1.5]), 3000);
    assert!((time - 100.0).abs() < 5.0, "{time} ms");
    for (model, single) in [("gaba_b", single), ("gaba_b_desensitising", peak(&clamped(["gaba_b_desensitising"], &[1.5]), 3000).1)]
    {
        let burst: Vec<f64> = (0..10).map(|k| 1.5 + 5.0 * f64::from(k)).collect();
        let (_, many) = peak(&clamped([model], &burst), 3000);
        assert!(many / single > 100.0, "{model}: {single} and {many} pA");
    }
}

/// The published constant of the G proteins' production is 83 uM/s; 8.3e-5, its value in M/s taken for one in uM/ms, opens nothing.
#[test]
fn the_constant_of_gaba_b_in_another_unit_is_caught() {
    let burst: Vec<f64> = (0..10).map(|k| 1.5 + 5.0 * f64::from(k)).collect();
    let mut net = clamped(["gaba_b_desensitising"], &burst);
    let right = peak(&net, 2000).1.abs();
    net.projections[0].parameter("k5", "8.3e-5 uM/ms");
    let wrong = peak(&net, 2000).1.abs();
    assert!(right > 1.0 && wrong < 1e-9 * right, "{right} and {wrong} pA");
}

/// A jump of the potential is the weight at the port of the target, folded: nothing is kept by synapse, and the spikes are the same.
#[test]
fn voltage_jumps_are_folded() {
    let case = super::named("lif_delta");
    for which in ALL {
        let mut net = case.network(1, 0.1, None);
        let port = net.clone();
        for projection in &mut net.projections {
            let weight = projection.weight.take().unwrap_or_else(|| panic!("no weight"));
            (projection.port, projection.synapse) = (None, Some("voltage_jump".into()));
            projection.parameter("w", weight);
        }
        let steps = (case.duration / 0.1).round() as u64;
        let (jumps, port) = match (which.run(&net, steps), which.run(&port, steps)) {
            (Err(Refused::NotAllowed(_)), _) => continue,
            (a, b) => (a.unwrap_or_else(|r| panic!("{r:?}")), b.unwrap_or_else(|r| panic!("{r:?}"))),
        };
        let of = |recording| super::spike_steps(recording, 0);
        assert!(of(&jumps).len() == 5 && of(&jumps) == of(&port), "{}", which.name());
        let plan = which.compile(&net).unwrap_or_else(|r| panic!("{r:?}"));
        assert!(plan.plan().gathered().is_empty());
    }
}
