//! Two neurons that a gap junction joins, one projection that acts both ways.
//!
//! The potentials at both ends are held over a step, so the junction is of first order whatever the method: what is seen of it
//! must halve with dt. It is the same current at both ends in every step, so the sum of two equal passive cells does not know of it.

use synfire::network::{Connector, Network};
use synfire::recording::Recording;

use super::{Case, Stimulus, check, lateness, spike_steps};
use crate::case::{quantities, quantity};
use crate::engines::{ALL, Refused, Which};
use crate::lines::Verdict;

/// The pair of a case.
pub fn pair(case: &Case, dt: f64, method: Option<&str>) -> Network {
    let ours = case.names();
    let junction = ours.junction.as_ref().unwrap_or_else(|| panic!("{}: no junction", case.name));
    let mut net = case.network(2, dt, method);
    let drawn = |name: &str| case.params.get(name).copied().unwrap_or(0.0);
    // without spikelets there is nothing that a delay could be of
    let silent = drawn("V_spikelet") == 0.0;
    let model = if silent && junction.model == "gap_junction_spikelet" { "gap_junction" } else { &junction.model };
    let projection = net.project_by("cell", "cell", model, Connector::AllToAll).both_ways();
    for (name, (own, unit)) in junction.params.iter().filter(|(name, _)| !silent || *name != "V_spikelet") {
        projection.parameter(own, quantity(case.number(name), unit));
    }
    if !silent {
        projection.delay(quantity(case.number("delay"), "ms"));
    }
    net
}

/// Lateness of the spikes of both cells and errors of their potentials.
struct Run {
    times: [Vec<f64>; 2],
    /// By cell and sample, mV; from the first sample behind the start on.
    errors: [Vec<f64>; 2],
}

impl Run {
    fn of(case: &Case, which: Which, dt: f64, method: Option<&str>) -> Result<Run, Refused> {
        let mut net = pair(case, dt, method);
        case.probe_trace(&mut net);
        let recording = which.run(&net, (case.duration / dt).round() as u64)?;
        Ok(Run::judged(case, &recording, dt))
    }

    fn judged(case: &Case, recording: &Recording, dt: f64) -> Run {
        let times = [0, 1].map(|k| spike_steps(recording, k).iter().map(|s| *s as f64 * dt).collect());
        let ours = case.ours(recording, "v");
        let errors = [0, 1].map(|k| {
            let theirs = &case.neurons[k].trace.vars["v"][1..];
            ours.values.chunks(2).zip(theirs).map(|(pair, v)| pair[k] - v).collect()
        });
        Run { times, errors }
    }
}

/// By cell and spike: how many spikes of the pair come before, of which each hands its lateness on through the junction.
fn before(case: &Case) -> [Vec<usize>; 2] {
    let count = |t: f64| case.neurons.iter().flat_map(|n| &n.spike_times).filter(|s| **s < t - 1e-9).count();
    [0, 1].map(|k| case.neurons[k].spike_times.iter().map(|t| count(*t)).collect())
}

/// The pair at three steps, each half the last.
///
/// Spikes on the grid are late by up to a step, which a reset or a junction hands on (README: (k + 1) dt for spike k), and early by
/// as much where a junction held over the step pulls too late. Where arrivals decide there is nothing to hand on. Potentials are
/// looked at where no spike is near: of cells with a reset before the first spike of either, else 1 ms from all of them.
fn halved(
    case: &Case,
    which: Which,
    steps: [f64; 3],
    method: Option<&str>,
    rounding: &dyn Fn(f64) -> Result<f64, Refused>,
) -> Judged {
    let resets = case.params.contains_key("V_reset");
    let until = case.neurons.iter().flat_map(|n| n.spike_times.first()).copied().fold(f64::INFINITY, f64::min);
    let before = before(case);
    let (mut errors, mut wrong, mut last, mut spikes) = (Vec::new(), Vec::new(), 0.0f64, 0);
    for dt in steps {
        let run = Run::of(case, which, dt, method)?;
        last = 0.0;
        for (k, before) in before.iter().enumerate() {
            let sharp = !case.arrivals.is_empty();
            let allowed = |spike: usize| if sharp { 1e-6 } else { (before[spike] + 1) as f64 * dt + 1e-6 };
            match lateness(&run.times[k], &case.neurons[k].spike_times, allowed, allowed) {
                Ok(late) => last = last.max(late.abs()),
                Err(why) => wrong.push(format!("dt {dt}: cell {k}: {why}")),
            }
        }
        let near = |t: f64| {
            let all = || case.neurons.iter().flat_map(|n| &n.spike_times).chain(run.times.iter().flatten());
            if resets { t >= until } else { all().any(|s| (t - s).abs() <= 1.0) }
        };
        let samples = &case.neurons[0].trace;
        let time = |j: usize| samples.t0 + (j + 1) as f64 * samples.dt;
        let far = |errors: &Vec<f64>| -> Vec<f64> {
            errors.iter().enumerate().map(|(j, e)| if near(time(j)) { 0.0 } else { e.abs() }).collect()
        };
        let worst = run.errors.iter().flat_map(far).fold(0.0, super::linear::nan_or_max);
        if which != Which::F64 && !(worst <= rounding(dt)?) {
            wrong.push(format!("dt {dt}: v is off by {worst:.1e} mV, rounding explains {:.1e}", rounding(dt)?));
        }
        errors.push(worst);
        spikes = run.times.iter().map(Vec::len).sum();
    }
    // first order is half; 0.65 leaves room for the next term. Nothing smaller than what the file holds can be seen
    if which == Which::F64 {
        let grown = |pair: &[f64]| !(pair[1] <= (0.65 * pair[0]).max(1e-6));
        wrong.extend(
            errors.windows(2).filter(|p| grown(p)).map(|p| format!("v: error {:.1e} mV, at twice the step {:.1e}", p[1], p[0])),
        );
    }
    let worst = format!("late {last:.1e} ms, v {:.0e} {:.0e} {:.0e} mV", errors[0], errors[1], errors[2]);
    Ok((spikes, worst, if wrong.is_empty() { Verdict::Pass } else { Verdict::Fail(wrong.join("; ")) }))
}

type Judged = Result<(usize, String, Verdict), Refused>;

/// The worst error of a pair in f64, far from spikes.
fn in_f64(case: &Case, dt: f64, method: Option<&str>, current: f64) -> Result<f64, Refused> {
    let mut net = pair(case, dt, method);
    net.populations[0].parameter("i_e", case.current(current));
    case.probe_trace(&mut net);
    let recording = Which::F64.run(&net, (case.duration / dt).round() as u64)?;
    let run = Run::judged(case, &recording, dt);
    let samples = &case.neurons[0].trace;
    let near = |j: usize| {
        let t = samples.t0 + (j + 1) as f64 * samples.dt;
        case.neurons.iter().flat_map(|n| &n.spike_times).chain(run.times.iter().flatten()).any(|s| (t - s).abs() <= 1.0)
    };
    let far = run.errors.iter().flat_map(|list| list.iter().enumerate().filter(|(j, _)| !near(*j)).map(|(_, e)| e.abs()));
    Ok(far.fold(0.0, super::linear::nan_or_max))
}

fn joined(case: &Case, model: &str) -> bool {
    case.model == model && !case.name.contains("zero_delay")
}

#[test]
fn gap_junctions_of_integrate_and_fire_neurons() {
    check(
        |case| joined(case, "gap_lif_pair"),
        &ALL,
        |case, which| {
            // multiples of these are all samples and delays
            let steps = if case.name == "gap_lif_passive" { [0.05, 0.025, 0.0125] } else { [0.1, 0.05, 0.025] };
            // what rounds is what rounds in a cell alone; the junction's pull only shortens how long it is felt
            let rounding = |dt: f64| {
                let mut net = pair(case, dt, None);
                case.probe_trace(&mut net);
                let recording = Which::F64.run(&net, (case.duration / dt).round() as u64)?;
                let until = case.neurons.iter().flat_map(|n| n.spike_times.first()).copied().fold(f64::INFINITY, f64::min);
                let samples = &case.neurons[0].trace;
                let early = Run::judged(case, &recording, dt).errors.into_iter().flat_map(|list| {
                    let time = move |j: usize| samples.t0 + (j + 1) as f64 * samples.dt;
                    list.into_iter().enumerate().filter(move |(j, _)| time(*j) < until).map(|(_, e)| e.abs())
                });
                Ok(early.fold(0.0, super::linear::nan_or_max) + super::linear::tolerance(case, dt, Which::F32))
            };
            halved(case, which, steps, None, &rounding)
        },
    );
}

#[test]
fn gap_junctions_of_squid_axons() {
    check(
        |case| joined(case, "gap_hh_pair"),
        &ALL,
        |case, which| {
            // what rounding to f32 can do is what a current of that size does (see `ode`), which is run in f64, both ways
            let rounding = |dt: f64| {
                let current = 8.0 * case.number("C_m") * 2f64.powi(-18) / dt;
                let method = Some("rk4");
                Ok(in_f64(case, dt, method, current)?.max(in_f64(case, dt, method, -current)?).max(in_f64(case, dt, method, 0.0)?))
            };
            halved(case, which, [0.05, 0.025, 0.0125], Some("rk4"), &rounding)
        },
    );
}

/// Sum and difference of two passive cells, each against its closed form: the continuous one for the sum, which no junction
/// touches; for the difference that of a current held over each step, which tends to the file's as dt to 0.
#[test]
fn passive_pair_to_rounding() {
    check(
        |case| case.name == "gap_lif_passive",
        &ALL,
        |case, which| {
            let (g_l, g, e) = (case.number("g_L"), case.number("g_gap"), case.number("E_L"));
            let amplitude = |k: usize| match &case.stimulus[k] {
                Stimulus::CurrentStep { amp, .. } => *amp,
                _ => panic!("{}: stimulus {k}", case.name),
            };
            let (i, j) = (amplitude(0), amplitude(1));
            let v0: Vec<f64> = case.neurons.iter().map(|n| n.trace.vars["v"][0]).collect();
            let (mut worst, mut wrong, mut runs) = (0.0f64, Vec::new(), Vec::new());
            // the limit is looked at in f64 alone: what rounding adds in f32 grows with the number of steps
            let steps = if which == Which::F64 { 4 } else { 3 };
            for dt in [0.05, 0.025, 0.0125, 0.00625].into_iter().take(steps) {
                let mut net = pair(case, dt, None);
                case.probe_trace(&mut net);
                let recording = which.run(&net, (case.duration / dt).round() as u64)?;
                let ours = case.ours(&recording, "v").values.clone();
                let p = (-dt * g_l / case.number("C_m")).exp();
                let (sum, difference) = (2.0 * e + (i + j) / g_l, (i - j) / (g_l + 2.0 * g));
                let q = p - (1.0 - p) * 2.0 * g / g_l;
                let every = (case.neurons[0].trace.dt / dt).round();
                // README: rounding alone, in f32 1e-5 of it
                let allowed = match which {
                    Which::F64 => 2.0 * (super::linear::tolerance(case, dt, which) - 0.5e-7) + 1e-12,
                    _ => 1e-5 * (v0[0] + v0[1]).abs(),
                };
                for (k, pair) in ours.chunks(2).enumerate() {
                    let n = (k + 1) as f64 * every;
                    let s = sum + p.powf(n) * (v0[0] + v0[1] - sum);
                    let d = difference + q.powf(n) * (v0[0] - v0[1] - difference);
                    let error = (pair[0] + pair[1] - s).abs().max((pair[0] - pair[1] - d).abs());
                    worst = worst.max(error);
                    if !(error <= allowed) && wrong.is_empty() {
                        wrong.push(format!("dt {dt}: sample {k} is off by {error:.1e} mV, allowed {allowed:.1e}"));
                    }
                }
                runs.push(ours);
            }
            // errors in dt, dt^2 and dt^3 taken out, what is left is the file's, to its last digit
            let limit = |k: usize| {
                let first = |a: usize| 2.0 * runs[a + 1][k] - runs[a][k];
                let second = |a: usize| (4.0 * first(a + 1) - first(a)) / 3.0;
                (8.0 * second(1) - second(0)) / 7.0
            };
            let reference = |k: usize| case.neurons[k % 2].trace.vars["v"][k / 2 + 1];
            let mut off = 0.0;
            if which == Which::F64 {
                off = (0..runs[0].len()).map(|k| (limit(k) - reference(k)).abs()).fold(0.0, super::linear::nan_or_max);
                if !(off <= 0.6e-7) {
                    wrong.push(format!("the limit of small steps is off by {off:.1e} mV"));
                }
            }
            let verdict = if wrong.is_empty() { Verdict::Pass } else { Verdict::Fail(wrong.join("; ")) };
            Ok((0, format!("modes {worst:.0e} mV, limit {off:.0e} mV"), verdict))
        },
    );
}

/// The two passive cells as one neuron of two potentials, whose equations are solved together: the file's numbers at any step.
const BOTH: &str = "
    neuron both
      param c_m = 250 pF, g_leak = 12.5 nS, e_leak = -65 mV, g = 5 nS, i = 0 pA, j = 0 pA
      state v = e_leak, u = e_leak
      dv/dt = (g_leak*(e_leak - v) + i + g*(u - v))/c_m
      du/dt = (g_leak*(e_leak - u) + j + g*(v - u))/c_m
";

#[test]
fn passive_pair_as_one_neuron() {
    check(
        |case| case.name == "gap_lif_passive",
        &ALL,
        |case, which| {
            let (mut worst, mut wrong) = (0.0f64, Vec::new());
            let start = |k: usize| quantity(case.neurons[k].trace.vars["v"][0], "mV");
            let amplitude = |k: usize| match &case.stimulus[k] {
                Stimulus::CurrentStep { amp, .. } => quantity(*amp, "pA"),
                _ => panic!("{}: stimulus {k}", case.name),
            };
            for dt in [0.25, 0.05] {
                let mut net = Network::new(&case.name);
                net.dt(quantity(dt, "ms")).equations(BOTH);
                let both = net.population("cell", "both", 1);
                both.initial("v", start(0)).initial("u", start(1)).parameter("i", amplitude(0)).parameter("j", amplitude(1));
                for (own, name, unit) in
                    [("c_m", "C_m", "pF"), ("g_leak", "g_L", "nS"), ("e_leak", "E_L", "mV"), ("g", "g_gap", "nS")]
                {
                    both.parameter(own, quantity(case.number(name), unit));
                }
                ["v", "u"].iter().for_each(|state| {
                    net.probe("cell", *state).every(quantity(case.neurons[0].trace.dt, "ms"));
                });
                let recording = which.run(&net, (case.duration / dt).round() as u64)?;
                // README: rounding alone, in f32 1e-5 of it
                let size = case.neurons.iter().map(|n| n.trace.vars["v"][0].abs()).fold(0.0, f64::max);
                let allowed = if which == Which::F64 { 0.6e-7 } else { 1e-5 * size };
                for (trace, neuron) in recording.traces.iter().zip(&case.neurons) {
                    let reference = &neuron.trace.vars["v"][1..];
                    assert_eq!(trace.values.len(), reference.len(), "{}", case.name);
                    let errors = trace.values.iter().zip(reference).map(|(ours, theirs)| (ours - theirs).abs());
                    worst = errors.fold(worst, super::linear::nan_or_max);
                }
                if !(worst <= allowed) {
                    wrong.push(format!("dt {dt}: off by {worst:.1e} mV, allowed {allowed:.1e}"));
                }
            }
            Ok((0, format!("v {worst:.0e} mV"), if wrong.is_empty() { Verdict::Pass } else { Verdict::Fail(wrong.join("; ")) }))
        },
    );
}

/// A delay is at least a step: a spikelet without one is refused, in words, and not faked.
#[test]
fn spikelets_without_delay_are_refused() {
    check(
        |case| case.model == "gap_lif_pair" && case.name.contains("zero_delay"),
        &ALL,
        |case, which| {
            let verdict = match which.compile(&pair(case, 0.1, None)) {
                Err(Refused::Failed(why)) if why.contains("delay 0 ms is shorter than one step of 0.1 ms") => Verdict::Pass,
                Err(refused) => refused.verdict(),
                Ok(_) => Verdict::Fail("it was taken".into()),
            };
            Ok((0, "refused".into(), verdict))
        },
    );
}

/// Cells that keep what current they were given.
const METERED: &str = "
    neuron metered
      param c_m = 200 pF, tau_m = 20 ms, e_leak = -65 mV, v_th = -50 mV, i_e = 0 pA
      state v = e_leak, i = 0 pA
      input delta -> v (lost while refractory)
      input i_stim : pA
      dv/dt = (e_leak - v)/tau_m + (i_e + i_stim)/c_m (unless refractory)
      threshold v >= v_th
      reset v = e_leak
      refractory 2 ms
      step
        i = i_stim
        integrate
        receive
        spike
";

/// The current of a junction is the same at both ends, to the bit, in every step: of a pair, where each cell hears one junction. Of
/// more cells, whose sums are rounded, all currents together are 0 as far as that goes.
#[test]
fn currents_are_equal_and_opposite_in_every_step() {
    for which in ALL {
        for cells in [2, 12] {
            let mut net = Network::new("metered");
            net.seed(3);
            net.equations(METERED);
            let drive = quantities((0..cells).map(|k| 190.0 + 23.0 * k as f64), "pA");
            net.population("cell", "metered", cells).parameter("i_e", drive);
            let g = synfire::network::value::uniform("1 nS", "6 nS");
            let junctions = net
                .project_by(
                    "cell",
                    "cell",
                    "gap_junction_spikelet",
                    if cells == 2 { Connector::AllToAll } else { Connector::probability(0.8) },
                )
                .both_ways();
            junctions.parameter("g", g).parameter("spikelet", "0.7 mV").delay("0.5 ms");
            net.probe("cell", "i");
            net.probe("cell", "spikes");
            let recording = match which.run(&net, 1000) {
                Err(Refused::NotAllowed(_)) => continue,
                run => run.unwrap_or_else(|refused| panic!("{}: {refused:?}", which.name())),
            };
            let spikes = recording.spikes[0].pairs().count();
            let trace = &recording.traces[0].values;
            let moved = trace.iter().filter(|i| i.abs() > 0.1).count();
            assert!(spikes >= 3 && moved > trace.len() / 2, "{}: {spikes} spikes, {moved} currents", which.name());
            for (step, now) in trace.chunks(cells as usize).enumerate() {
                let (sum, size) = now.iter().fold((0.0, 0.0), |(sum, size), i| (sum + i, size + i.abs()));
                if cells == 2 {
                    assert_eq!(now[0], -now[1], "{}: step {step}", which.name());
                }
                // a sum of 11 terms is rounded 11 times, each by half a unit of what has been added up; each term once more
                let unit = if which == Which::F64 { 2f64.powi(-53) } else { 2f64.powi(-24) };
                let terms = now.len() as f64;
                let largest = 6.0 * 15.0 * terms;
                assert!(sum.abs() <= terms * terms * unit * (size + largest), "{}: step {step}: {sum} of {size}", which.name());
            }
        }
    }
}
